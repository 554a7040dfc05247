/* Rows of brands. */
#include "asset/asset_priv.h"

static const Field Brand_fields[] = {
    {FIELD_TEXT(Brand, id), .help = "Its id"},
    {FIELD_TEXT(Brand, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(Brand, name), .help = "What it is called"},
    {FIELD_TEXT(Brand, scene_prompt), .help = "The set its pictures are made in, in words"},
    {FIELD_TEXTS(Brand, style_keywords), .help = "Words that are added to it"},
    {FIELD_TEXTS(Brand, color_palette), .help = "Its colours, the most important first"},
    {FIELD_TEXT(Brand, mood), .help = "modern, rustic, luxe, playful or the like"},
    {FIELD_INT(Brand, created_ms), .help = "When it was made"},
    {FIELD_INT(Brand, changed_ms), .help = "When it was changed last"},
    {FIELD_END},
};
const Shape brand_shape = SHAPE(Brand);

#define COLUMNS \
    "id, tenant_id, name, scene_prompt, style_keywords, color_palette, mood, created_ms, " \
    "changed_ms"

static MUST Err *row_write(DbTx *tx, const char *sql, const Brand *brand, int64_t *ret_changed)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *keywords, *palette;

    TRY(db_texts(&brand->style_keywords, mem, &keywords));
    TRY(db_texts(&brand->color_palette, mem, &palette));
    return db_run(
        tx, sql,
        DB_ARGS(
            DB_TEXT(brand->id), DB_TEXT(brand->tenant_id), DB_TEXT(brand->name),
            DB_TEXT(brand->scene_prompt), DB_TEXT(keywords), DB_TEXT(palette), DB_TEXT(brand->mood),
            DB_INT(brand->created_ms), DB_INT(brand->changed_ms)),
        ret_changed);
}

Err *brand_row_add(DbTx *tx, const Brand *brand)
{
    return row_write(
        tx, "INSERT INTO brands (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", brand,
        NULL);
}

Err *brand_row_set(DbTx *tx, const Brand *brand)
{
    return row_write(
        tx,
        "UPDATE brands SET name = ?3, scene_prompt = ?4, style_keywords = ?5, color_palette = ?6, "
        "mood = ?7, created_ms = ?8, changed_ms = ?9 WHERE id = ?1 AND tenant_id = ?2",
        brand, NULL);
}

Err *brand_row_remove(DbTx *tx, const char *tenant_id, const char *id)
{
    int64_t removed;

    TRY(db_run(
        tx, "DELETE FROM brands WHERE id = ?1 AND tenant_id = ?2",
        DB_ARGS(DB_TEXT(id), DB_TEXT(tenant_id)), &removed));
    return removed ? NULL : err_new(ERR_NOT_FOUND, "no brand '%s'", id);
}

Err *brand_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Brand *ret)
{
    return db_one(
        tx, "SELECT " COLUMNS " FROM brands WHERE id = ?1 AND tenant_id = ?2",
        DB_ARGS(DB_TEXT(id), DB_TEXT(tenant_id)), &brand_shape, mem, ret);
}

Err *brand_rows(
    DbTx *tx, const char *tenant_id, const char *after, int64_t limit, Arena *mem, List *ret)
{
    return db_all(
        tx, "SELECT " COLUMNS " FROM brands WHERE tenant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        DB_ARGS(DB_TEXT(tenant_id), DB_TEXT(after ? after : ""), DB_INT(limit)), &brand_shape, mem,
        ret);
}
