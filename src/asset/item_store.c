/* Rows of items: photos, with what their runs have made of them. */
#include "asset/asset_priv.h"
#include "asset/catalogue_priv.h"
#include "base/clock.h"

const char *const item_state_names[] = {
    [ITEM_UPLOADED] = "uploaded",
    [ITEM_PROCESSING] = "processing",
    [ITEM_PROCESSED] = "processed",
    [ITEM_FAILED] = "failed",
    NULL};

static const Field Item_fields[] = {
    {FIELD_TEXT(Item, id), .help = "Its id"},
    {FIELD_TEXT(Item, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(Item, project_id), .help = "The catalogue it is in"},
    {FIELD_TEXT(Item, filename), .help = "What the customer calls it"},
    {FIELD_TEXT(Item, format), .help = "Kind of file", .optional = true},
    {FIELD_TEXT(Item, sha256), .help = "What its bytes are known by", .optional = true},
    {FIELD_TEXT(Item, key), .help = "Where its bytes are", .optional = true},
    {FIELD_TEXT(Item, thumb_key), .help = "Where its small picture is", .optional = true},
    {FIELD_INT(Item, bytes), .help = "Size of the file"},
    {FIELD_INT(Item, width_px), .help = "Width, upright"},
    {FIELD_INT(Item, height_px), .help = "Height, upright"},
    {FIELD_TEXT(Item, product_name), .help = "What the product is called"},
    {FIELD_TEXT(Item, product_sku), .help = "What the shop knows it by"},
    {FIELD_TEXT(Item, product_price), .help = "What it costs, as it is read"},
    {FIELD_TEXTS(Item, product_tags), .help = "Words to find it by"},
    {FIELD_BOOL(Item, is_favorite), .help = "Is it liked?"},
    {FIELD_NAME(Item, state, item_state_names), .help = "How it stands"},
    {FIELD_NUMBER(Item, progress), .help = "How much is done, of 1"},
    {FIELD_TEXT(Item, run_id), .help = "Whose picture stands for it", .optional = true},
    {FIELD_TEXT(Item, picture_key), .help = "Where that is", .optional = true},
    {FIELD_TEXT(Item, picture_thumb_key), .help = "Where that is as a small one", .optional = true},
    {FIELD_TEXT(Item, cutout_key), .help = "Where it is without a background", .optional = true},
    {FIELD_INT(Item, picture_width_px), .help = "Width of its picture"},
    {FIELD_INT(Item, picture_height_px), .help = "Height of its picture"},
    {FIELD_INT(Item, variations), .help = "Pictures there are of it"},
    {FIELD_VALUE(Item, wish), .help = "What was asked for last", .optional = true},
    {FIELD_TEXT(Item, template), .help = "With which template", .optional = true},
    {FIELD_TEXT(Item, error), .help = "What went wrong, as a name", .optional = true},
    {FIELD_TEXT(Item, error_text), .help = "What went wrong", .optional = true},
    {FIELD_INT(Item, created_ms), .help = "When it came"},
    {FIELD_INT(Item, changed_ms), .help = "When it was changed last"},
    {FIELD_END},
};
const Shape item_shape = SHAPE(Item);

/* Of the photo f: a run that counts (a slide shows its picture and is none of its own), one that made a picture that is there, one that has not ended. */
#define COUNTS \
    "r.photo_id = f.id AND r.is_preview = 0 AND NOT EXISTS (SELECT 1 FROM batches s WHERE " \
    "s.id = r.batch_id AND s.kind = 'carousel')"
#define MADE COUNTS " AND r.state = 'completed' AND r.asset_id IS NOT NULL"
#define OPEN COUNTS " AND r.state NOT IN ('completed', 'failed', 'cancelled')"

/* Items as a table called i, of every photo f that HOLDS. The picture that stands for one is the selected, else the newest. */
#define ITEMS(holds) \
    " FROM (SELECT f.id AS id, f.tenant_id AS tenant_id, f.project_id AS project_id, " \
    "f.filename AS filename, f.format AS format, f.sha256 AS sha256, " \
    "CASE WHEN f.state = 'gone' THEN NULL ELSE f.key END AS key, f.thumb_key AS thumb_key, " \
    "f.bytes AS bytes, f.width_px AS width_px, f.height_px AS height_px, " \
    "f.product_name AS product_name, f.product_sku AS product_sku, " \
    "f.product_price AS product_price, f.product_tags AS product_tags, " \
    "f.is_favorite AS is_favorite, CASE WHEN EXISTS (SELECT 1 FROM runs r WHERE " OPEN ") " \
    "THEN 'processing' WHEN made.id IS NOT NULL THEN 'processed' WHEN last.state = 'failed' " \
    "THEN 'failed' ELSE 'uploaded' END AS state, " \
    "COALESCE((SELECT MAX(r.progress) FROM runs r WHERE " OPEN "), 0) AS progress, " \
    "made.id AS run_id, made.output_key AS picture_key, made.thumb_key AS picture_thumb_key, " \
    "COALESCE(made.output_width_px, 0) AS picture_width_px, " \
    "COALESCE(made.output_height_px, 0) AS picture_height_px, " \
    "(SELECT r.output_key FROM runs r JOIN batches c ON c.id = r.batch_id WHERE " MADE \
    " AND (c.kind = 'cutout' OR c.recipe LIKE '%\"cutout\"%' AND c.recipe NOT LIKE " \
    "'%\"backdrop\"%' AND c.recipe NOT LIKE '%\"shadow\"%' AND r.recipe NOT LIKE " \
    "'%\"step\":\"backdrop\"%') ORDER BY r.id DESC LIMIT 1) AS " \
    "cutout_key, " \
    "(SELECT COUNT(*) FROM runs r WHERE " MADE ") AS variations, " \
    "b.wish AS wish, b.template AS template, last.error AS error, " \
    "last.error_text AS error_text, f.created_ms AS created_ms, f.changed_ms AS changed_ms " \
    "FROM photos f JOIN projects p ON p.id = f.project_id " \
    "LEFT JOIN runs made ON made.id = COALESCE((SELECT r.id FROM runs r WHERE " MADE \
    " AND r.id = f.selected_run_id), (SELECT r.id FROM runs r WHERE " MADE \
    " ORDER BY r.id DESC LIMIT 1)) " \
    "LEFT JOIN runs last ON last.id = (SELECT r.id FROM runs r WHERE " COUNTS \
    " ORDER BY r.id DESC LIMIT 1) LEFT JOIN batches b ON b.id = last.batch_id WHERE " holds \
    ") AS i"

/* What failed before something was made is no news. */
static void item_settle(Item *item)
{
    if (item->state != ITEM_FAILED)
        item->error = item->error_text = NULL;
}

Err *item_row(DbTx *tx, const CatalogueOf *of, Arena *mem, Item *ret)
{
    TRY(db_one(
        tx, "SELECT *" ITEMS("f.id = ?1 AND f.tenant_id = ?2 AND p.door = ?3"),
        DB_ARGS(DB_TEXT(of->id), DB_TEXT(of->tenant_id), DB_TEXT(of->door)), &item_shape, mem,
        ret));
    item_settle(ret);
    return NULL;
}

/* ?1 catalogue, ?2 state or '', ?3 favourite or -1, ?4 tag or '', ?5 pattern or ''. */
#define FITTING \
    ITEMS("f.project_id = ?1") \
    " WHERE (?2 = '' OR i.state = ?2) AND (?3 < 0 OR i.is_favorite = ?3) " \
    "AND (?4 = '' OR lower(i.product_tags) LIKE lower(?4) ESCAPE '\\') " \
    "AND (?5 = '' OR lower(i.product_name) LIKE lower(?5) ESCAPE '\\' OR lower(i.product_sku) " \
    "LIKE lower(?5) ESCAPE '\\' OR lower(i.filename) LIKE lower(?5) ESCAPE '\\')"

/* A tag as it stands in the list that a row keeps. */
static MUST Err *tag_pattern(const char *tag, Arena *mem, const char **ret)
{
    AUTO(value_free) Value *list = value_list();
    AUTO(buf_done) Buf text = BUF(4096);

    value_add(list, value_of_text(tag));
    TRY(value_write(list, VALUE_COMPACT, &text));
    *ret = catalogue_pattern(arena_text_n(mem, buf_text(&text) + 1, text.size - 2), mem);
    return NULL;
}

Err *item_rows(DbTx *tx, const ItemQuery *query, Arena *mem, List *ret, int64_t *ret_total)
{
    const char *state = query->state >= 0 ? item_state_names[query->state] : "";
    const char *pattern =
        query->search && *query->search ? catalogue_pattern(query->search, mem) : "";
    const char *tag = "";

    if (query->tag && *query->tag)
        TRY(tag_pattern(query->tag, mem, &tag));
    TRY(db_number(
        tx, "SELECT COUNT(*)" FITTING,
        DB_ARGS(
            DB_TEXT(query->catalogue.id), DB_TEXT(state), DB_INT(query->favorite), DB_TEXT(tag),
            DB_TEXT(pattern)),
        ret_total));
    TRY(db_all(
        tx, "SELECT *" FITTING " AND i.id > ?6 ORDER BY i.id LIMIT ?7",
        DB_ARGS(
            DB_TEXT(query->catalogue.id), DB_TEXT(state), DB_INT(query->favorite), DB_TEXT(tag),
            DB_TEXT(pattern), DB_TEXT(query->after ? query->after : ""), DB_INT(query->limit)),
        &item_shape, mem, ret));
    for (size_t i = 0; i < ret->count; i++)
        item_settle(&((Item *)ret->items)[i]);
    return NULL;
}

/* ---- products ---- */

#define PRODUCT \
    "product_name = COALESCE(?2, product_name), product_sku = COALESCE(?3, product_sku), " \
    "product_price = COALESCE(?4, product_price), product_tags = COALESCE(?5, product_tags), " \
    "is_favorite = CASE WHEN ?6 < 0 THEN is_favorite ELSE ?6 END, changed_ms = ?7"

static MUST Err *
product_write(DbTx *tx, const char *sql, const char *id, const ProductWish *wish, int64_t *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *tags;

    TRY(db_texts(wish->tags, mem, &tags));
    return db_run(
        tx, sql,
        DB_ARGS(
            DB_TEXT(id), DB_TEXT(wish->name), DB_TEXT(wish->sku), DB_TEXT(wish->price),
            DB_TEXT(tags), DB_INT(wish->is_favorite), DB_INT(clock_now_ms())),
        ret);
}

Err *item_product_set(DbTx *tx, const char *id, const ProductWish *wish)
{
    return product_write(tx, "UPDATE photos SET " PRODUCT " WHERE id = ?1", id, wish, NULL);
}

Err *item_rows_product_set(DbTx *tx, const char *project_id, const ProductWish *wish, int64_t *ret)
{
    return product_write(
        tx, "UPDATE photos SET " PRODUCT " WHERE project_id = ?1", project_id, wish, ret);
}

/* ---- finding ---- */

typedef struct ItemId {
    const char *id;
} ItemId;

static const Field ItemId_fields[] = {
    {FIELD_TEXT(ItemId, id), .help = "Its id"},
    {FIELD_END},
};
static const Shape item_id_shape = SHAPE(ItemId);

Err *item_row_like(
    DbTx *tx, const char *project_id, const char *sha256, Arena *mem, const char **ret)
{
    List ids = {0};

    TRY(db_all(
        tx, "SELECT id FROM photos WHERE project_id = ?1 AND sha256 = ?2 ORDER BY id LIMIT 1",
        DB_ARGS(DB_TEXT(project_id), DB_TEXT(sha256)), &item_id_shape, mem, &ids));
    *ret = ids.count ? ((const ItemId *)ids.items)[0].id : NULL;
    return NULL;
}

static const Field ItemName_fields[] = {
    {FIELD_TEXT(ItemName, id), .help = "Its id"},
    {FIELD_TEXT(ItemName, filename), .help = "What the customer calls it"},
    {FIELD_TEXT(ItemName, sku), .help = "What the shop knows it by"},
    {FIELD_END},
};
static const Shape item_name_shape = SHAPE(ItemName);

Err *item_names(DbTx *tx, const char *project_id, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT id, filename, product_sku AS sku FROM photos WHERE project_id = ?1 ORDER BY id "
        "LIMIT 10000",
        DB_ARGS(DB_TEXT(project_id)), &item_name_shape, mem, ret);
}

/* ---- its bytes, and its end ---- */

Err *item_row_thumb_set(DbTx *tx, const char *id, const char *key)
{
    return db_run(
        tx, "UPDATE photos SET thumb_key = ?2 WHERE id = ?1", DB_ARGS(DB_TEXT(id), DB_TEXT(key)),
        NULL);
}

Err *item_thumb_gone(DbTx *tx, const char *id)
{
    return item_row_thumb_set(tx, id, NULL);
}

Err *item_bytes_end(DbTx *tx, const char *id)
{
    return db_run(
        tx,
        "UPDATE assets SET expires_ms = ?2 WHERE owner = ?1 OR owner IN (SELECT id FROM runs WHERE "
        "photo_id = ?1)",
        DB_ARGS(DB_TEXT(id), DB_INT(clock_now_ms())), NULL);
}

Err *item_row_remove(DbTx *tx, const char *id)
{
    return db_run(tx, "DELETE FROM photos WHERE id = ?1", DB_ARGS(DB_TEXT(id)), NULL);
}
