/* Users and their sessions in the database. */
#include "account/account_priv.h"
#include "account/owned_store.h"
#include "base/clock.h"

static const Field User_fields[] = {
    {FIELD_TEXT(User, id), .help = "Id"},
    {FIELD_TEXT(User, tenant_id), .help = "Tenant; none for the studio's own", .optional = true},
    {FIELD_TEXT(User, email), .help = "Address to sign in with", .format = "email"},
    {FIELD_TEXT(User, name), .help = "Name"},
    {FIELD_NAME(User, role, role_names), .help = "Role"},
    {FIELD_INT(User, created_ms), .help = "When it was made"},
    {FIELD_INT(User, seen_ms), .help = "When it was here last; 0 for never"},
    {FIELD_BOOL(User, is_disabled), .help = "Is it kept out?"},
    {FIELD_END},
};
const Shape user_shape = SHAPE(User);

#define USER_COLUMNS "id, tenant_id, email, name, role, created_ms, seen_ms, is_disabled"

static MUST Err *user_missing(const char *id)
{
    return err_public(err_new(ERR_NOT_FOUND, "no user '%s'", id), "There is no such user.");
}

Err *user_insert(DbTx *tx, const User *user, const char *password, bool *ret_new)
{
    int64_t changed;

    TRY(db_run(
        tx,
        "INSERT INTO users (" USER_COLUMNS ", password)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (email) DO NOTHING",
        DB_ARGS(
            DB_TEXT(user->id), DB_TEXT(user->tenant_id), DB_TEXT(user->email), DB_TEXT(user->name),
            DB_TEXT(role_names[user->role]), DB_INT(user->created_ms), DB_INT(user->seen_ms),
            DB_INT(user->is_disabled), DB_TEXT(password)),
        &changed));
    *ret_new = changed > 0;
    return NULL;
}

Err *user_list(
    DbTx *tx, const char *tenant_id, const char *after, int64_t limit, Arena *mem, List *ret)
{
    static const OwnedRows rows = OWNED_ROWS(USER_COLUMNS, "users", &user_shape);

    return owned_list(tx, &rows, &(OwnedPage){tenant_id, after, limit}, mem, ret);
}

Err *user_find(DbTx *tx, const char *id, Arena *mem, User *ret)
{
    bool is_missing;

    TRY(err_expect(
        db_one(
            tx, "SELECT " USER_COLUMNS " FROM users WHERE id = ?1 OR email = lower(?1)",
            DB_ARGS(DB_TEXT(id)), &user_shape, mem, ret),
        ERR_NOT_FOUND, &is_missing));
    return is_missing ? user_missing(id) : NULL;
}

Err *user_count(DbTx *tx, int64_t *ret)
{
    return db_number(tx, "SELECT COUNT(*) FROM users", DB_NO_ARGS, ret);
}

Err *user_check(DbTx *tx, const char *tenant_id, const char *id)
{
    int64_t count;

    TRY(db_number(
        tx, "SELECT COUNT(*) FROM users WHERE id = ?1 AND COALESCE(tenant_id, '') = ?2",
        DB_ARGS(DB_TEXT(id), DB_TEXT(tenant_id ? tenant_id : "")), &count));
    return count ? NULL : user_missing(id);
}

Err *user_role_update(DbTx *tx, const char *tenant_id, const char *id, int role)
{
    TRY(user_check(tx, tenant_id, id));
    TRY(db_run(
        tx, "UPDATE users SET role = ?2 WHERE id = ?1",
        DB_ARGS(DB_TEXT(id), DB_TEXT(role_names[role])), NULL));
    return db_signal(tx, CALLERS_TOPIC);
}

Err *user_name_update(DbTx *tx, const char *tenant_id, const char *id, const char *name)
{
    TRY(user_check(tx, tenant_id, id));
    return db_run(
        tx, "UPDATE users SET name = ?2 WHERE id = ?1", DB_ARGS(DB_TEXT(id), DB_TEXT(name)), NULL);
}

Err *user_disable(DbTx *tx, const char *tenant_id, const char *id, bool is_disabled)
{
    int64_t changed;

    TRY(db_run(
        tx, "UPDATE users SET is_disabled = ?3 WHERE id = ?1 AND COALESCE(tenant_id, '') = ?2",
        DB_ARGS(DB_TEXT(id), DB_TEXT(tenant_id ? tenant_id : ""), DB_INT(is_disabled)), &changed));
    if (!changed)
        return user_missing(id);
    if (is_disabled)
        TRY(session_end_all(tx, id));
    return db_signal(tx, CALLERS_TOPIC);
}

Err *user_password_update(DbTx *tx, const char *id, const char *password)
{
    int64_t changed;

    TRY(db_run(
        tx, "UPDATE users SET password = ?2 WHERE id = ?1", DB_ARGS(DB_TEXT(id), DB_TEXT(password)),
        &changed));
    return changed ? NULL : user_missing(id);
}

Err *user_identity_insert(DbTx *tx, const char *issuer, const char *subject, const char *user_id)
{
    return db_run(
        tx,
        "INSERT INTO identities (issuer, subject, user_id, created_ms) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (issuer, subject) DO NOTHING",
        DB_ARGS(DB_TEXT(issuer), DB_TEXT(subject), DB_TEXT(user_id), DB_INT(clock_now_ms())), NULL);
}

/* ---- signing in ---- */

static const Field SignIn_fields[] = {
    {FIELD_TEXT(SignIn, id), .help = "User"},
    {FIELD_TEXT(SignIn, tenant_id), .help = "Tenant", .optional = true},
    {FIELD_TEXT(SignIn, email), .help = "Address"},
    {FIELD_TEXT(SignIn, name), .help = "Name"},
    {FIELD_NAME(SignIn, role, role_names), .help = "Role"},
    {FIELD_INT(SignIn, created_ms), .help = "When it was made"},
    {FIELD_INT(SignIn, seen_ms), .help = "When it was here last"},
    {FIELD_BOOL(SignIn, is_disabled), .help = "Is it kept out?"},
    {FIELD_TEXT(SignIn, password), .help = "Hash", .optional = true},
    {FIELD_BOOL(SignIn, is_suspended), .help = "Is its tenant?"},
    {FIELD_END},
};
static const Shape sign_in_shape = SHAPE(SignIn);

Err *user_sign_in_select(DbTx *tx, const char *email, Arena *mem, SignIn *ret)
{
    return db_one(
        tx,
        "SELECT u.id AS id, u.tenant_id AS tenant_id, u.email AS email, u.name AS name,"
        " u.role AS role, u.created_ms AS created_ms, u.seen_ms AS seen_ms,"
        " u.is_disabled AS is_disabled, u.password AS password,"
        " COALESCE(t.is_suspended, 0) AS is_suspended"
        " FROM users u LEFT JOIN tenants t ON t.id = u.tenant_id WHERE u.email = ?1",
        DB_ARGS(DB_TEXT(email)), &sign_in_shape, mem, ret);
}

Err *user_seen_update(DbTx *tx, const char *id, int64_t now_ms)
{
    return db_run(
        tx, "UPDATE users SET seen_ms = ?2 WHERE id = ?1", DB_ARGS(DB_TEXT(id), DB_INT(now_ms)),
        NULL);
}
