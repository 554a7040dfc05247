/* Rows of photos. */
#include "asset/asset_priv.h"
#include "base/clock.h"

static const Field Photo_fields[] = {
    {FIELD_TEXT(Photo, id), .help = "Its id"},
    {FIELD_TEXT(Photo, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(Photo, project_id), .help = "The project it belongs to"},
    {FIELD_TEXT(Photo, filename), .help = "What the customer calls it"},
    {FIELD_TEXT(Photo, source_url), .help = "Where we fetch it", .optional = true},
    {FIELD_TEXT(Photo, product_id), .help = "The customer's product", .optional = true},
    {FIELD_TEXT(Photo, key), .help = "Where its bytes are"},
    {FIELD_NAME(Photo, state, photo_state_names), .help = "How it stands"},
    {FIELD_INT(Photo, bytes), .help = "Size of the file"},
    {FIELD_INT(Photo, width_px), .help = "Width, upright"},
    {FIELD_INT(Photo, height_px), .help = "Height, upright"},
    {FIELD_TEXT(Photo, sha256), .help = "What its bytes are known by", .optional = true},
    {FIELD_TEXT(Photo, format), .help = "Kind of file", .optional = true},
    {FIELD_INT(Photo, created_ms), .help = "When it was announced"},
    {FIELD_INT(Photo, uploaded_ms), .help = "When it arrived"},
    {FIELD_END},
};
const Shape photo_shape = SHAPE(Photo);

#define COLUMNS \
    "id, tenant_id, project_id, filename, source_url, product_id, key, state, bytes, width_px, " \
    "height_px, sha256, format, created_ms, uploaded_ms"

Err *photo_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Photo *ret)
{
    return db_one(
        tx, "SELECT " COLUMNS " FROM photos WHERE id = ?1 AND tenant_id = ?2",
        DB_ARGS(DB_TEXT(id), DB_TEXT(tenant_id)), &photo_shape, mem, ret);
}

#define SQL_ADD_EACH(each) \
    "INSERT INTO photos (" COLUMNS ") SELECT each.value ->> 'id', each.value ->> 'tenant_id', " \
    "each.value ->> 'project_id', each.value ->> 'filename', each.value ->> 'source_url', " \
    "each.value ->> 'product_id', each.value ->> 'key', 'created', 0, 0, 0, NULL, NULL, ?2, 0 " \
    "FROM " each

Err *photos_add(DbTx *tx, const List *photos)
{
    return db_run_each(
        tx, DB_EACH(tx, SQL_ADD_EACH), DB_ARGS(DB_INT(clock_now_ms())), &photo_shape, photos, NULL);
}

Err *photo_state_set(DbTx *tx, const char *id, PhotoState state)
{
    return db_run(
        tx, "UPDATE photos SET state = ?2 WHERE id = ?1",
        DB_ARGS(DB_TEXT(id), DB_TEXT(photo_state_names[state])), NULL);
}

Err *photos_fetching_set(DbTx *tx, const char *project_id)
{
    return db_run(
        tx,
        "UPDATE photos SET state = 'fetching' WHERE project_id = ?1 AND state = 'created' AND "
        "source_url IS NOT NULL",
        DB_ARGS(DB_TEXT(project_id)), NULL);
}

Err *photo_facts_set(DbTx *tx, const Photo *photo)
{
    return db_run(
        tx,
        "UPDATE photos SET state = 'uploaded', bytes = ?2, width_px = ?3, height_px = ?4, sha256 = "
        "?5, format = ?6, uploaded_ms = ?7, key = ?8 WHERE id = ?1",
        DB_ARGS(
            DB_TEXT(photo->id), DB_INT(photo->bytes), DB_INT(photo->width_px),
            DB_INT(photo->height_px), DB_TEXT(photo->sha256), DB_TEXT(photo->format),
            DB_INT(clock_now_ms()), DB_TEXT(photo->key)),
        NULL);
}
