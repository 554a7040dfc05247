/* Rows of templates and of what people think of them. */
#include "base/clock.h"
#include "gallery/gallery_priv.h"

static const Field TemplateRow_fields[] = {
    {FIELD_TEXT(TemplateRow, id), .help = "Its id, or a built-in one's name"},
    {FIELD_TEXT(TemplateRow, tenant_id), .help = "Whose own it is", .optional = true},
    {FIELD_TEXT(TemplateRow, recipe), .help = "As JSON", .optional = true},
    {FIELD_TEXT(TemplateRow, name), .help = "What it is called"},
    {FIELD_TEXT(TemplateRow, description), .help = "What it is for"},
    {FIELD_TEXT(TemplateRow, category), .help = "studio, lifestyle, ecommerce or seasonal"},
    {FIELD_TEXT(TemplateRow, platform), .help = "Shop or network", .optional = true},
    {FIELD_TEXT(TemplateRow, aspect), .help = "Shape of the picture"},
    {FIELD_TEXTS(TemplateRow, tags), .help = "Words to find it by"},
    {FIELD_TEXT(TemplateRow, drawing), .help = "What stands for its pictures"},
    {FIELD_INT(TemplateRow, width_px), .help = "Recommended width"},
    {FIELD_INT(TemplateRow, height_px), .help = "Recommended height"},
    {FIELD_BOOL(TemplateRow, is_public), .help = "Others see it"},
    {FIELD_BOOL(TemplateRow, is_featured), .help = "It is shown first"},
    {FIELD_BOOL(TemplateRow, is_premium), .help = "It is for the upper plans"},
    {FIELD_INT(TemplateRow, used), .help = "Photos made with it"},
    {FIELD_INT(TemplateRow, rated), .help = "How many have rated it"},
    {FIELD_INT(TemplateRow, stars), .help = "All their stars together"},
    {FIELD_INT(TemplateRow, created_ms), .help = "When it was made"},
    {FIELD_INT(TemplateRow, changed_ms), .help = "When it was changed here"},
    {FIELD_END},
};
static const Shape row_shape = SHAPE(TemplateRow);

#define COLUMNS \
    "id, tenant_id, recipe, name, description, category, platform, aspect, tags, drawing, " \
    "width_px, height_px, is_public, is_featured, is_premium, used, rated, stars, created_ms, " \
    "changed_ms"

static MUST Err *row_write(DbTx *tx, const char *sql, const TemplateRow *row)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *tags;

    TRY(db_texts(&row->tags, mem, &tags));
    return db_run(
        tx, sql,
        DB_ARGS(
            DB_TEXT(row->id), DB_TEXT(row->tenant_id), DB_TEXT(row->recipe), DB_TEXT(row->name),
            DB_TEXT(row->description), DB_TEXT(row->category), DB_TEXT(row->platform),
            DB_TEXT(row->aspect), DB_TEXT(tags), DB_TEXT(row->drawing), DB_INT(row->width_px),
            DB_INT(row->height_px), DB_INT(row->is_public), DB_INT(row->is_featured),
            DB_INT(row->is_premium), DB_INT(row->created_ms), DB_INT(row->changed_ms)),
        NULL);
}

Err *template_row_add(DbTx *tx, const TemplateRow *row)
{
    return row_write(
        tx,
        "INSERT INTO templates (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "?11, ?12, ?13, ?14, ?15, 0, 0, 0, ?16, ?17) ON CONFLICT (id) DO NOTHING",
        row);
}

Err *template_row_set(DbTx *tx, const TemplateRow *row)
{
    return row_write(
        tx,
        "UPDATE templates SET tenant_id = ?2, recipe = ?3, name = ?4, description = ?5, "
        "category = ?6, platform = ?7, aspect = ?8, tags = ?9, drawing = ?10, width_px = ?11, "
        "height_px = ?12, is_public = ?13, is_featured = ?14, is_premium = ?15, "
        "created_ms = ?16, changed_ms = ?17 WHERE id = ?1",
        row);
}

Err *template_row_remove(DbTx *tx, const char *id)
{
    return db_run(tx, "DELETE FROM templates WHERE id = ?1", DB_ARGS(DB_TEXT(id)), NULL);
}

Err *template_row_find(DbTx *tx, const char *id, Arena *mem, TemplateRow *ret)
{
    return db_one(
        tx, "SELECT " COLUMNS " FROM templates WHERE id = ?1", DB_ARGS(DB_TEXT(id)), &row_shape,
        mem, ret);
}

Err *template_rows(DbTx *tx, const char *tenant_id, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT " COLUMNS " FROM templates WHERE tenant_id IS NULL OR tenant_id = ?1 ORDER BY id",
        DB_ARGS(DB_TEXT(tenant_id)), &row_shape, mem, ret);
}

Err *template_rows_count(DbTx *tx, const char *tenant_id, int64_t *ret)
{
    return db_number(
        tx,
        "SELECT count(*) FROM templates WHERE tenant_id IS NOT DISTINCT FROM ?1 AND "
        "recipe IS NOT NULL",
        DB_ARGS(DB_TEXT(tenant_id)), ret);
}

Err *template_row_used(DbTx *tx, const char *id, int64_t count, bool *ret_found)
{
    int64_t changed;

    TRY(db_run(
        tx, "UPDATE templates SET used = used + ?2 WHERE id = ?1",
        DB_ARGS(DB_TEXT(id), DB_INT(count)), &changed));
    *ret_found = changed > 0;
    return NULL;
}

/* The sums are counted anew under the template's lock: whoever changes a mark takes the old one back by it. */
Err *template_row_rate(DbTx *tx, const TemplateRating *rating)
{
    TRY(db_lock(tx, rating->template_id));
    TRY(db_run(
        tx,
        "INSERT INTO template_ratings (template_id, tenant_id, user_id, stars, at_ms) VALUES "
        "(?1, ?2, ?3, ?4, ?5) ON CONFLICT (template_id, tenant_id, user_id) DO UPDATE SET "
        "stars = excluded.stars, at_ms = excluded.at_ms",
        DB_ARGS(
            DB_TEXT(rating->template_id), DB_TEXT(rating->tenant_id), DB_TEXT(rating->user_id),
            DB_INT(rating->stars), DB_INT(clock_now_ms())),
        NULL));
    return db_run(
        tx,
        "UPDATE templates SET rated = (SELECT count(*) FROM template_ratings WHERE template_id = "
        "?1), stars = (SELECT CAST(coalesce(sum(stars), 0) AS BIGINT) FROM template_ratings WHERE "
        "template_id = ?1) WHERE id = ?1",
        DB_ARGS(DB_TEXT(rating->template_id)), NULL);
}
