/* Tenants' own keys in the database: sealed, they say nothing to who reads it. */
#include "errand/errand_priv.h"

static const Field TenantKey_fields[] = {
    {FIELD_TEXT(TenantKey, vendor), .help = "Whose key it is"},
    {FIELD_TEXT(TenantKey, hint), .help = "Its last letters"},
    {FIELD_INT(TenantKey, created_ms), .help = "When it was set"},
    {FIELD_INT(TenantKey, used_ms), .help = "When it was used last; 0 for never"},
    {FIELD_END},
};
const Shape tenant_key_shape = SHAPE(TenantKey);

static const Field TenantKeyRow_fields[] = {
    {FIELD_TEXT(TenantKeyRow, sealed), .help = "The key"},
    {FIELD_INT(TenantKeyRow, used_ms), .help = "When it was used last"},
    {FIELD_END},
};
static const Shape tenant_key_row_shape = SHAPE(TenantKeyRow);

Err *tenant_key_row_put(DbTx *tx, TenantKeyName name, const char *sealed, const TenantKey *key)
{
    return db_run(
        tx,
        "INSERT INTO tenant_keys (tenant_id, vendor, sealed, hint, created_ms, used_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, 0) ON CONFLICT (tenant_id, vendor)"
        " DO UPDATE SET sealed = ?3, hint = ?4, created_ms = ?5, used_ms = 0",
        DB_ARGS(
            DB_TEXT(name.tenant_id), DB_TEXT(name.vendor), DB_TEXT(sealed), DB_TEXT(key->hint),
            DB_INT(key->created_ms)),
        NULL);
}

Err *tenant_key_row_find(DbTx *tx, TenantKeyName name, Arena *mem, TenantKeyRow *ret)
{
    return db_one(
        tx, "SELECT sealed, used_ms FROM tenant_keys WHERE tenant_id = ?1 AND vendor = ?2",
        DB_ARGS(DB_TEXT(name.tenant_id), DB_TEXT(name.vendor)), &tenant_key_row_shape, mem, ret);
}

Err *tenant_key_row_used(DbTx *tx, TenantKeyName name, int64_t now_ms)
{
    return db_run(
        tx, "UPDATE tenant_keys SET used_ms = ?3 WHERE tenant_id = ?1 AND vendor = ?2",
        DB_ARGS(DB_TEXT(name.tenant_id), DB_TEXT(name.vendor), DB_INT(now_ms)), NULL);
}

Err *tenant_key_row_drop(DbTx *tx, TenantKeyName name, bool *ret_was)
{
    int64_t changed;

    TRY(db_run(
        tx, "DELETE FROM tenant_keys WHERE tenant_id = ?1 AND vendor = ?2",
        DB_ARGS(DB_TEXT(name.tenant_id), DB_TEXT(name.vendor)), &changed));
    *ret_was = changed > 0;
    return NULL;
}

Err *tenant_key_rows(DbTx *tx, const char *tenant_id, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT vendor, hint, created_ms, used_ms FROM tenant_keys WHERE tenant_id = ?1"
        " ORDER BY vendor",
        DB_ARGS(DB_TEXT(tenant_id)), &tenant_key_shape, mem, ret);
}
