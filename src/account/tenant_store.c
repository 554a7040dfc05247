/* Tenants in the database. */
#include "account/account_priv.h"

const char *const plan_names[] = {"free", "pro", "enterprise", NULL};

static const Field Tenant_fields[] = {
    {FIELD_TEXT(Tenant, id), .help = "Id"},
    {FIELD_TEXT(Tenant, name), .help = "Name"},
    {FIELD_TEXT(Tenant, email), .help = "Address to write to", .format = "email"},
    {FIELD_NAME(Tenant, plan, plan_names), .help = "Plan"},
    {FIELD_TEXT(Tenant, tier),
     .help = "Of the product photo studio; null: what the plan stands for", .nullable = true},
    {FIELD_INT(Tenant, quota), .help = "Images a month, -1 for no limit"},
    {FIELD_INT(Tenant, used), .help = "Images this month"},
    {FIELD_INT(Tenant, reset_ms), .help = "First moment of the next month"},
    {FIELD_INT(Tenant, allowance), .help = "Credits granted for this month"},
    {FIELD_INT(Tenant, retention_days), .help = "Days that pictures are kept"},
    {FIELD_INT(Tenant, requests_a_minute), .help = "Of its keys and people; 0: its plan's"},
    {FIELD_BOOL(Tenant, is_suspended), .help = "Is every request refused?"},
    {FIELD_INT(Tenant, created_ms), .help = "When it was made"},
    {FIELD_END},
};
const Shape tenant_shape = SHAPE(Tenant);

#define TENANT_COLUMNS \
    "id, name, email, plan, tier, quota, used, reset_ms, allowance, retention_days," \
    " requests_a_minute, is_suspended, created_ms"

static const Field Quota_fields[] = {
    {FIELD_INT(Quota, quota), .help = "Images a month, -1 for no limit"},
    {FIELD_INT(Quota, used), .help = "Images this month"},
    {FIELD_INT(Quota, remaining), .help = "Images left, -1 for no limit"},
    {FIELD_INT(Quota, reset_ms), .help = "First moment of the next month"},
    {FIELD_END},
};
const Shape quota_shape = SHAPE(Quota);

static MUST Err *tenant_missing(const char *id)
{
    return err_public(err_new(ERR_NOT_FOUND, "no tenant '%s'", id), "There is no such account.");
}

Err *tenant_check(DbTx *tx, const char *id)
{
    int64_t count;

    TRY(db_number(tx, "SELECT COUNT(*) FROM tenants WHERE id = ?1", DB_ARGS(DB_TEXT(id)), &count));
    return count ? NULL : tenant_missing(id);
}

Err *tenant_insert(DbTx *tx, const Tenant *tenant)
{
    return db_run(
        tx,
        "INSERT INTO tenants (" TENANT_COLUMNS ")"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        DB_ARGS(
            DB_TEXT(tenant->id), DB_TEXT(tenant->name), DB_TEXT(tenant->email),
            DB_TEXT(plan_names[tenant->plan]), DB_TEXT(tenant->tier), DB_INT(tenant->quota),
            DB_INT(tenant->used), DB_INT(tenant->reset_ms), DB_INT(tenant->allowance),
            DB_INT(tenant->retention_days), DB_INT(tenant->requests_a_minute),
            DB_INT(tenant->is_suspended), DB_INT(tenant->created_ms)),
        NULL);
}

Err *tenant_select(DbTx *tx, const char *id, Arena *mem, Tenant *ret)
{
    bool is_missing;

    TRY(err_expect(
        db_one(
            tx, "SELECT " TENANT_COLUMNS " FROM tenants WHERE id = ?1", DB_ARGS(DB_TEXT(id)),
            &tenant_shape, mem, ret),
        ERR_NOT_FOUND, &is_missing));
    return is_missing ? tenant_missing(id) : NULL;
}

Err *tenant_select_after(DbTx *tx, const char *after, int64_t limit, Arena *mem, List *ret)
{
    return db_all(
        tx, "SELECT " TENANT_COLUMNS " FROM tenants WHERE id > ?1 ORDER BY id LIMIT ?2",
        DB_ARGS(DB_TEXT(after ? after : ""), DB_INT(limit)), &tenant_shape, mem, ret);
}

#define SET(column) "UPDATE tenants SET " column " = ?2 WHERE id = ?1"

Err *tenant_update(DbTx *tx, const char *id, TenantColumn column, DbArg value)
{
    static const char *const changes[] = {
        [TENANT_NAME] = SET("name"),
        [TENANT_EMAIL] = SET("email"),
        [TENANT_PLAN] = SET("plan"),
        [TENANT_TIER] = SET("tier"),
        [TENANT_QUOTA] = SET("quota"),
        [TENANT_ALLOWANCE] = SET("allowance"),
        [TENANT_DAYS] = SET("retention_days"),
        [TENANT_RATE] = SET("requests_a_minute"),
        [TENANT_SUSPENDED] = SET("is_suspended"),
    };
    int64_t changed;

    TRY(db_run(tx, changes[column], DB_ARGS(DB_TEXT(id), value), &changed));
    return changed ? NULL : tenant_missing(id);
}

/* ---- months ---- */

Err *tenant_month_update(DbTx *tx, const Tenant *was, int64_t reset_ms, bool *ret_done)
{
    int64_t changed;

    TRY(db_run(
        tx,
        "UPDATE tenants SET used = 0, allowance = 0, reset_ms = ?2"
        " WHERE id = ?1 AND reset_ms = ?3 AND allowance = ?4",
        DB_ARGS(DB_TEXT(was->id), DB_INT(reset_ms), DB_INT(was->reset_ms), DB_INT(was->allowance)),
        &changed));
    *ret_done = changed > 0;
    return NULL;
}

Err *tenant_due(DbTx *tx, int64_t now_ms, int64_t limit, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT " TENANT_COLUMNS " FROM tenants WHERE reset_ms <= ?1 ORDER BY reset_ms LIMIT ?2",
        DB_ARGS(DB_INT(now_ms), DB_INT(limit)), &tenant_shape, mem, ret);
}

Err *tenant_used_add(
    DbTx *tx, const char *id, int64_t images, int64_t now_ms, Quota *ret, bool *ret_done)
{
    AUTO(arena_free) Arena *mem = arena_new();
    bool is_missing;

    TRY(err_expect(
        db_one(
            tx,
            "UPDATE tenants SET used = used + ?2"
            " WHERE id = ?1 AND reset_ms > ?3 AND (quota = -1 OR used + ?2 <= quota)"
            " RETURNING quota, used, reset_ms,"
            " CASE WHEN quota = -1 THEN -1 ELSE quota - used END AS remaining",
            DB_ARGS(DB_TEXT(id), DB_INT(images), DB_INT(now_ms)), &quota_shape, mem, ret),
        ERR_NOT_FOUND, &is_missing));
    *ret_done = !is_missing;
    return NULL;
}

Err *tenant_used_take(DbTx *tx, const char *id, int64_t images, int64_t reset_ms)
{
    return db_run(
        tx,
        "UPDATE tenants SET used = CASE WHEN used > ?2 THEN used - ?2 ELSE 0 END"
        " WHERE id = ?1 AND reset_ms = ?3",
        DB_ARGS(DB_TEXT(id), DB_INT(images), DB_INT(reset_ms)), NULL);
}
