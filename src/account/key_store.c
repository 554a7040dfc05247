/* Keys in the database. */
#include "account/account_priv.h"
#include "account/owned_store.h"
#include "base/clock.h"

static const Field Key_fields[] = {
    {FIELD_TEXT(Key, id), .help = "Id"},
    {FIELD_TEXT(Key, tenant_id), .help = "Tenant; none for an admin's", .optional = true},
    {FIELD_TEXT(Key, user_id), .help = "User it is of", .optional = true},
    {FIELD_TEXT(Key, name), .help = "What it is for"},
    {FIELD_TEXT(Key, hint), .help = "Its first letters"},
    {FIELD_NAME(Key, role, role_names), .help = "Role"},
    {FIELD_TEXTS(Key, scopes), .help = "What it is limited to; nothing for all of its role"},
    {FIELD_INT(Key, created_ms), .help = "When it was made"},
    {FIELD_INT(Key, expires_ms), .help = "When it ends; 0 for never"},
    {FIELD_INT(Key, used_ms), .help = "When it was used last; 0 for never"},
    {FIELD_INT(Key, revoked_ms), .help = "When it was revoked; 0 for never"},
    {FIELD_END},
};
const Shape key_shape = SHAPE(Key);

#define KEY_COLUMNS \
    "id, tenant_id, user_id, name, hint, role, scopes, created_ms, expires_ms, used_ms, " \
    "revoked_ms"

static MUST Err *key_missing(const char *id)
{
    return err_public(err_new(ERR_NOT_FOUND, "no key '%s'", id), "There is no such key.");
}

Err *key_insert(DbTx *tx, const Key *key, const char *hash)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *scopes;

    TRY(db_texts(&key->scopes, mem, &scopes));
    return db_run(
        tx,
        "INSERT INTO api_keys (" KEY_COLUMNS ", hash)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        DB_ARGS(
            DB_TEXT(key->id), DB_TEXT(key->tenant_id), DB_TEXT(key->user_id), DB_TEXT(key->name),
            DB_TEXT(key->hint), DB_TEXT(role_names[key->role]), DB_TEXT(scopes),
            DB_INT(key->created_ms), DB_INT(key->expires_ms), DB_INT(key->used_ms),
            DB_INT(key->revoked_ms), DB_TEXT(hash)),
        NULL);
}

Err *key_list(
    DbTx *tx, const char *tenant_id, const char *after, int64_t limit, Arena *mem, List *ret)
{
    static const OwnedRows rows = OWNED_ROWS(KEY_COLUMNS, "api_keys", &key_shape);

    return owned_list(tx, &rows, &(OwnedPage){tenant_id, after, limit}, mem, ret);
}

Err *key_find(DbTx *tx, const char *id, Arena *mem, Key *ret)
{
    bool is_missing;

    TRY(err_expect(
        db_one(
            tx, "SELECT " KEY_COLUMNS " FROM api_keys WHERE id = ?1", DB_ARGS(DB_TEXT(id)),
            &key_shape, mem, ret),
        ERR_NOT_FOUND, &is_missing));
    return is_missing ? key_missing(id) : NULL;
}

Err *key_revoke(DbTx *tx, const char *tenant_id, const char *id)
{
    int64_t changed;

    TRY(db_run(
        tx,
        "UPDATE api_keys SET revoked_ms = CASE WHEN revoked_ms = 0 THEN ?3 ELSE revoked_ms END"
        " WHERE id = ?1 AND COALESCE(tenant_id, '') = ?2",
        DB_ARGS(DB_TEXT(id), DB_TEXT(tenant_id ? tenant_id : ""), DB_INT(clock_now_ms())),
        &changed));
    if (!changed)
        return key_missing(id);
    return db_signal(tx, CALLERS_TOPIC);
}

Err *key_user_check(DbTx *tx, const char *tenant_id, const char *user_id)
{
    int64_t count;

    TRY(db_number(
        tx, "SELECT COUNT(*) FROM users WHERE id = ?1 AND COALESCE(tenant_id, '') = ?2",
        DB_ARGS(DB_TEXT(user_id), DB_TEXT(tenant_id ? tenant_id : "")), &count));
    return count ? NULL : err_new(ERR_NOT_FOUND, "no user '%s'", user_id);
}

/* ---- admins' ---- */

Err *key_admin_count(DbTx *tx, int64_t *ret)
{
    return db_number(
        tx,
        "SELECT COUNT(*) FROM api_keys WHERE tenant_id IS NULL AND role = 'admin'"
        " AND revoked_ms = 0 AND (expires_ms = 0 OR expires_ms > ?1)",
        DB_ARGS(DB_INT(clock_now_ms())), ret);
}

Err *key_named_revoke(DbTx *tx, const char *name, const char *hash, int64_t *ret_count)
{
    TRY(db_run(
        tx,
        "UPDATE api_keys SET revoked_ms = ?3"
        " WHERE tenant_id IS NULL AND name = ?1 AND hash <> ?2 AND revoked_ms = 0",
        DB_ARGS(DB_TEXT(name), DB_TEXT(hash), DB_INT(clock_now_ms())), ret_count));
    return db_signal(tx, CALLERS_TOPIC);
}

Err *key_admin_revive(DbTx *tx, const char *hash, bool *ret_found)
{
    int64_t changed;

    TRY(db_run(
        tx,
        "UPDATE api_keys SET revoked_ms = 0, expires_ms = 0, scopes = '[]'"
        " WHERE hash = ?1 AND tenant_id IS NULL AND role = 'admin'",
        DB_ARGS(DB_TEXT(hash)), &changed));
    *ret_found = changed > 0;
    return NULL;
}
