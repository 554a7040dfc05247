/* Keys and sessions as those who come with them: found by the hash of what they showed. */
#include "account/account_priv.h"

static const Field CallerRow_fields[] = {
    {FIELD_TEXT(CallerRow, tenant_id), .help = "Tenant", .optional = true},
    {FIELD_TEXT(CallerRow, user_id), .help = "User", .optional = true},
    {FIELD_TEXT(CallerRow, key_id), .help = "Key", .optional = true},
    {FIELD_TEXT(CallerRow, session_id), .help = "Session", .optional = true},
    {FIELD_NAME(CallerRow, role, role_names), .help = "Role of the key"},
    {FIELD_NAME(CallerRow, user_role, role_names), .help = "Role of its user"},
    {FIELD_NAME(CallerRow, plan, plan_names), .help = "Plan of its tenant"},
    {FIELD_TEXTS(CallerRow, scopes), .help = "Scopes of the key", .optional = true},
    {FIELD_INT(CallerRow, expires_ms), .help = "When it ends"},
    {FIELD_INT(CallerRow, used_ms), .help = "When it was used last"},
    {FIELD_INT(CallerRow, revoked_ms), .help = "When it was revoked"},
    {FIELD_INT(CallerRow, reset_ms), .help = "End of its tenant's month"},
    {FIELD_INT(CallerRow, requests_a_minute), .help = "Of its tenant; 0: its plan's"},
    {FIELD_BOOL(CallerRow, is_disabled), .help = "Is its user?"},
    {FIELD_BOOL(CallerRow, is_suspended), .help = "Is its tenant?"},
    {FIELD_END},
};
static const Shape caller_row_shape = SHAPE(CallerRow);

#define OF_TENANT \
    " COALESCE(t.plan, 'enterprise') AS plan, COALESCE(t.reset_ms, 0) AS reset_ms," \
    " COALESCE(t.is_suspended, 0) AS is_suspended," \
    " COALESCE(t.requests_a_minute, 0) AS requests_a_minute"

static MUST Err *row_find(DbTx *tx, const char *sql, const char *hash, Arena *mem, CallerRow *ret)
{
    bool is_missing;

    TRY(err_expect(
        db_one(tx, sql, DB_ARGS(DB_TEXT(hash)), &caller_row_shape, mem, ret), ERR_NOT_FOUND,
        &is_missing));
    return is_missing ? err_new(ERR_UNAUTHENTICATED, "an unknown key or token") : NULL;
}

Err *caller_row_by_key(DbTx *tx, const char *hash, Arena *mem, CallerRow *ret)
{
    return row_find(
        tx,
        "SELECT k.tenant_id AS tenant_id, k.user_id AS user_id, k.id AS key_id, k.role AS role,"
        " COALESCE(u.role, k.role) AS user_role, k.scopes AS scopes, k.expires_ms AS expires_ms,"
        " k.used_ms AS used_ms, k.revoked_ms AS revoked_ms,"
        " COALESCE(u.is_disabled, 0) AS is_disabled," OF_TENANT
        " FROM api_keys k LEFT JOIN users u ON u.id = k.user_id"
        " LEFT JOIN tenants t ON t.id = k.tenant_id WHERE k.hash = ?1",
        hash, mem, ret);
}

Err *caller_row_by_session(DbTx *tx, const char *hash, Arena *mem, CallerRow *ret)
{
    return row_find(
        tx,
        "SELECT u.tenant_id AS tenant_id, u.id AS user_id, s.id AS session_id, u.role AS role,"
        " u.role AS user_role, s.expires_ms AS expires_ms, s.used_ms AS used_ms, 0 AS revoked_ms,"
        " u.is_disabled AS is_disabled," OF_TENANT
        " FROM sessions s JOIN users u ON u.id = s.user_id"
        " LEFT JOIN tenants t ON t.id = u.tenant_id WHERE s.hash = ?1",
        hash, mem, ret);
}

Err *caller_row_by_identity(
    DbTx *tx, const char *issuer, const char *subject, Arena *mem, CallerRow *ret)
{
    bool is_missing;

    TRY(err_expect(
        db_one(
            tx,
            "SELECT u.tenant_id AS tenant_id, u.id AS user_id, u.role AS role,"
            " u.role AS user_role, 0 AS expires_ms, u.seen_ms AS used_ms, 0 AS revoked_ms,"
            " u.is_disabled AS is_disabled," OF_TENANT
            " FROM identities i JOIN users u ON u.id = i.user_id"
            " LEFT JOIN tenants t ON t.id = u.tenant_id WHERE i.issuer = ?1 AND i.subject = ?2",
            DB_ARGS(DB_TEXT(issuer), DB_TEXT(subject)), &caller_row_shape, mem, ret),
        ERR_NOT_FOUND, &is_missing));
    return is_missing ? err_new(ERR_UNAUTHENTICATED, "nobody's token") : NULL;
}

Err *caller_row_used(DbTx *tx, const CallerRow *row, int64_t now_ms, int64_t expires_ms)
{
    if (row->key_id)
        return db_run(
            tx, "UPDATE api_keys SET used_ms = ?2 WHERE id = ?1 AND used_ms < ?2",
            DB_ARGS(DB_TEXT(row->key_id), DB_INT(now_ms)), NULL);
    TRY(db_run(
        tx, "UPDATE users SET seen_ms = ?2 WHERE id = ?1 AND seen_ms < ?2",
        DB_ARGS(DB_TEXT(row->user_id), DB_INT(now_ms)), NULL));
    return db_run(
        tx, "UPDATE sessions SET used_ms = ?2, expires_ms = ?3 WHERE id = ?1 AND used_ms < ?2",
        DB_ARGS(DB_TEXT(row->session_id), DB_INT(now_ms), DB_INT(expires_ms)), NULL);
}
