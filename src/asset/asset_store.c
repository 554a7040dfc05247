/* Rows of assets. */
#include "asset/asset_priv.h"
#include "base/clock.h"

const char *const purpose_names[] = {
    [PURPOSE_RAW] = "raw",
    [PURPOSE_OUTPUT] = "output",
    [PURPOSE_THUMB] = "thumb",
    [PURPOSE_EXPORT] = "export",
    NULL};

static const Field Asset_fields[] = {
    {FIELD_TEXT(Asset, id), .help = "Its id"},
    {FIELD_TEXT(Asset, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(Asset, project_id), .help = "The project it belongs to"},
    {FIELD_TEXT(Asset, owner), .help = "Photo, run or export that it is of"},
    {FIELD_TEXT(Asset, key), .help = "Where its bytes are"},
    {FIELD_TEXT(Asset, sha256), .help = "What its bytes are known by"},
    {FIELD_TEXT(Asset, format), .help = "Kind of file"},
    {FIELD_NAME(Asset, purpose, purpose_names), .help = "What it is for"},
    {FIELD_INT(Asset, bytes), .help = "Size of the file"},
    {FIELD_INT(Asset, width_px), .help = "Width"},
    {FIELD_INT(Asset, height_px), .help = "Height"},
    {FIELD_INT(Asset, created_ms), .help = "When it was made"},
    {FIELD_INT(Asset, expires_ms), .help = "When it goes"},
    {FIELD_END},
};
const Shape asset_shape = SHAPE(Asset);

#define COLUMNS \
    "id, tenant_id, project_id, owner, key, sha256, format, purpose, bytes, width_px, height_px, " \
    "created_ms, expires_ms"

typedef struct IdRow {
    const char *id;
} IdRow;

static const Field IdRow_fields[] = {
    {FIELD_TEXT(IdRow, id), .help = "Its id"},
    {FIELD_END},
};
static const Shape id_shape = SHAPE(IdRow);

Err *asset_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Asset *ret)
{
    return db_one(
        tx, "SELECT " COLUMNS " FROM assets WHERE id = ?1 AND tenant_id = ?2",
        DB_ARGS(DB_TEXT(id), DB_TEXT(tenant_id)), &asset_shape, mem, ret);
}

Err *asset_add(DbTx *tx, const Asset *asset, Arena *mem, const char **ret_id)
{
    Id id = id_new("asset");
    IdRow row;

    TRY(db_one(
        tx,
        "INSERT INTO assets (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
        "?12, ?13) ON CONFLICT (key) DO UPDATE SET sha256 = excluded.sha256, format = "
        "excluded.format, bytes = excluded.bytes, width_px = excluded.width_px, height_px = "
        "excluded.height_px, created_ms = excluded.created_ms, expires_ms = excluded.expires_ms "
        "RETURNING id",
        DB_ARGS(
            DB_TEXT(id.text), DB_TEXT(asset->tenant_id), DB_TEXT(asset->project_id),
            DB_TEXT(asset->owner), DB_TEXT(asset->key), DB_TEXT(asset->sha256),
            DB_TEXT(asset->format), DB_TEXT(purpose_names[asset->purpose]), DB_INT(asset->bytes),
            DB_INT(asset->width_px), DB_INT(asset->height_px), DB_INT(clock_now_ms()),
            DB_INT(asset->expires_ms)),
        &id_shape, mem, &row));
    if (ret_id)
        *ret_id = row.id;
    return NULL;
}

Err *asset_expiry(DbTx *tx, const char *tenant_id, int64_t *ret_ms)
{
    int64_t days;

    TRY(db_number(
        tx, "SELECT retention_days FROM tenants WHERE id = ?1", DB_ARGS(DB_TEXT(tenant_id)),
        &days));
    *ret_ms = clock_now_ms() + days * DAY_MS;
    return NULL;
}

Err *asset_rows_ended(DbTx *tx, int64_t now_ms, int64_t limit, Arena *mem, List *ret)
{
    return db_all(
        tx, "SELECT " COLUMNS " FROM assets WHERE expires_ms < ?1 ORDER BY expires_ms, id LIMIT ?2",
        DB_ARGS(DB_INT(now_ms), DB_INT(limit)), &asset_shape, mem, ret);
}

Err *asset_row_put_off(DbTx *tx, const char *id, int64_t expires_ms)
{
    return db_run(
        tx, "UPDATE assets SET expires_ms = ?2 WHERE id = ?1",
        DB_ARGS(DB_TEXT(id), DB_INT(expires_ms)), NULL);
}

Err *asset_row_remove(DbTx *tx, const char *id, bool *ret)
{
    int64_t removed;

    TRY(db_run(tx, "DELETE FROM assets WHERE id = ?1", DB_ARGS(DB_TEXT(id)), &removed));
    *ret = removed > 0;
    return NULL;
}

Err *asset_forget(DbTx *tx, const char *id)
{
    return db_run(tx, "DELETE FROM assets WHERE id = ?1", DB_ARGS(DB_TEXT(id)), NULL);
}

Err *asset_forget_key(DbTx *tx, const char *key)
{
    return db_run(tx, "DELETE FROM assets WHERE key = ?1", DB_ARGS(DB_TEXT(key)), NULL);
}

Err *asset_rows_supersede(DbTx *tx, const char *owner, const char *key)
{
    return db_run(
        tx, "DELETE FROM assets WHERE owner = ?1 AND key <> ?2",
        DB_ARGS(DB_TEXT(owner), DB_TEXT(key)), NULL);
}

Err *asset_key_is_named(DbTx *tx, const char *key, int64_t since_ms, bool *ret)
{
    int64_t count;

    TRY(db_number(
        tx,
        "SELECT (SELECT COUNT(*) FROM assets WHERE key = ?1) + (SELECT COUNT(*) FROM photos WHERE "
        "key = ?1 AND state IN ('created', 'fetching') AND created_ms > ?2)",
        DB_ARGS(DB_TEXT(key), DB_INT(since_ms)), &count));
    *ret = count > 0;
    return NULL;
}
