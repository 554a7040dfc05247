/* Rows of packs, and of the pictures that go into them. */
#include "base/clock.h"
#include "pack/pack_priv.h"

const char *const pack_state_names[] = {
    [PACK_PENDING] = "pending", [PACK_PROCESSING] = "processing", [PACK_COMPLETED] = "completed",
    [PACK_FAILED] = "failed",   [PACK_EXPIRED] = "expired",       NULL};

static const Field Pack_fields[] = {
    {FIELD_TEXT(Pack, id), .help = "Its id"},
    {FIELD_TEXT(Pack, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(Pack, project_id), .help = "Its project"},
    {FIELD_NAME(Pack, state, pack_state_names), .help = "How it stands"},
    {FIELD_VALUE(Pack, wish), .help = "What it is to hold"},
    {FIELD_INT(Pack, pictures), .help = "How many files it is to hold"},
    {FIELD_INT(Pack, done), .help = "How many of them are done"},
    {FIELD_INT(Pack, failed), .help = "How many of those could not be made"},
    {FIELD_INT(Pack, bytes), .help = "Size of the file"},
    {FIELD_INT(Pack, credits), .help = "What it costs"},
    {FIELD_TEXT(Pack, error), .help = "What went wrong, as a name", .optional = true},
    {FIELD_TEXT(Pack, error_text), .help = "What went wrong", .optional = true},
    {FIELD_TEXTS(Pack, warnings), .help = "What shops will miss", .optional = true},
    {FIELD_INT(Pack, created_ms), .help = "When it was wished"},
    {FIELD_INT(Pack, ended_ms), .help = "When it was there"},
    {FIELD_INT(Pack, expires_ms), .help = "When it goes"},
    {FIELD_TEXT(Pack, key), .help = "Where it is", .optional = true},
    {FIELD_TEXT(Pack, hold_id), .help = "What was set aside for it", .optional = true},
    {FIELD_TEXT(Pack, email), .help = "Who is told", .optional = true},
    {FIELD_END},
};
const Shape pack_shape = SHAPE(Pack);

#define COLUMNS \
    "id, tenant_id, project_id, state, wish, pictures, done, failed, bytes, credits, error, " \
    "error_text, warnings, created_ms, ended_ms, expires_ms, key, hold_id, email"

/* What is over is over, also before it is swept. */
static void pack_settle(Pack *pack)
{
    if (pack->state == PACK_COMPLETED && pack->expires_ms <= clock_now_ms())
        pack->state = PACK_EXPIRED;
    if (pack->state == PACK_EXPIRED)
        pack->key = NULL;
    pack->progress = pack->state == PACK_COMPLETED || pack->state == PACK_EXPIRED ? 1
                     : pack->pictures ? (double)pack->done / (double)pack->pictures
                                      : 0;
}

Err *pack_row_add(DbTx *tx, const PackRow *row)
{
    return db_run(
        tx,
        "INSERT INTO packs (id, tenant_id, project_id, state, wish, pictures, done, failed, bytes, "
        "credits, hold_id, email, created_ms, ended_ms, expires_ms) VALUES (?1, ?2, "
        "?3, 'pending', ?4, ?5, 0, 0, 0, ?6, ?7, ?8, ?9, 0, 0)",
        DB_ARGS(
            DB_TEXT(row->id), DB_TEXT(row->tenant_id), DB_TEXT(row->project_id), DB_TEXT(row->wish),
            DB_INT(row->pictures), DB_INT(row->credits), DB_TEXT(row->hold_id), DB_TEXT(row->email),
            DB_INT(clock_now_ms())),
        NULL);
}

Err *pack_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Pack *ret)
{
    Pack pack;

    TRY(db_one(
        tx, "SELECT " COLUMNS " FROM packs WHERE id = ?1 AND tenant_id = ?2",
        DB_ARGS(DB_TEXT(id), DB_TEXT(tenant_id)), &pack_shape, mem, &pack));
    pack_settle(&pack);
    *ret = pack;
    return NULL;
}

/* Ids sort by birth. */
Err *pack_rows(DbTx *tx, const PackPage *page, Arena *mem, List *ret)
{
    TRY(db_all(
        tx,
        "SELECT " COLUMNS " FROM packs WHERE tenant_id = ?1 AND (?2 = '' OR project_id = ?2) AND "
        "(?3 = '' OR id < ?3) ORDER BY id DESC LIMIT ?4",
        DB_ARGS(
            DB_TEXT(page->tenant_id), DB_TEXT(page->project_id ? page->project_id : ""),
            DB_TEXT(page->before ? page->before : ""), DB_INT(page->limit)),
        &pack_shape, mem, ret));
    for (size_t i = 0; i < ret->count; i++)
        pack_settle((Pack *)ret->items + i);
    return NULL;
}

Err *pack_row_begun(DbTx *tx, const char *id, Arena *mem, Pack *ret)
{
    TRY(db_run(
        tx, "UPDATE packs SET state = 'processing' WHERE id = ?1 AND state = 'pending'",
        DB_ARGS(DB_TEXT(id)), NULL));
    return db_one(
        tx, "SELECT " COLUMNS " FROM packs WHERE id = ?1 AND state = 'processing'",
        DB_ARGS(DB_TEXT(id)), &pack_shape, mem, ret);
}

/* One that is begun again after a crash does not seem to go back. */
Err *pack_row_progress(DbTx *tx, const char *id, int64_t done, int64_t failed)
{
    return db_run(
        tx,
        "UPDATE packs SET done = ?2, failed = ?3 WHERE id = ?1 AND done < ?2 AND state = "
        "'processing'",
        DB_ARGS(DB_TEXT(id), DB_INT(done), DB_INT(failed)), NULL);
}

Err *pack_row_completed(DbTx *tx, const Pack *pack)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *warnings;

    TRY(db_texts(&pack->warnings, mem, &warnings));
    return db_run(
        tx,
        "UPDATE packs SET state = 'completed', done = pictures, failed = ?2, bytes = ?3, key = ?4, "
        "ended_ms = ?5, expires_ms = ?6, warnings = ?7 WHERE id = ?1",
        DB_ARGS(
            DB_TEXT(pack->id), DB_INT(pack->failed), DB_INT(pack->bytes), DB_TEXT(pack->key),
            DB_INT(pack->ended_ms), DB_INT(pack->expires_ms), DB_TEXT(warnings)),
        NULL);
}

Err *pack_row_failed(DbTx *tx, const Pack *pack)
{
    return db_run(
        tx,
        "UPDATE packs SET state = 'failed', error = ?2, error_text = ?3, ended_ms = ?4 WHERE id = "
        "?1",
        DB_ARGS(
            DB_TEXT(pack->id), DB_TEXT(pack->error), DB_TEXT(pack->error_text),
            DB_INT(clock_now_ms())),
        NULL);
}

Err *pack_row_again(DbTx *tx, const char *id, const char *hold_id)
{
    return db_run(
        tx,
        "UPDATE packs SET state = 'pending', done = 0, failed = 0, error = NULL, error_text = "
        "NULL, ended_ms = 0, hold_id = ?2 WHERE id = ?1 AND state = 'failed'",
        DB_ARGS(DB_TEXT(id), DB_TEXT(hold_id)), NULL);
}

Err *pack_rows_over(DbTx *tx, int64_t now_ms, int64_t limit, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT " COLUMNS " FROM packs WHERE state = 'completed' AND expires_ms <= ?1 ORDER BY "
        "expires_ms LIMIT ?2",
        DB_ARGS(DB_INT(now_ms), DB_INT(limit)), &pack_shape, mem, ret);
}

Err *pack_row_expired(DbTx *tx, const char *id)
{
    return db_run(
        tx, "UPDATE packs SET state = 'expired', key = NULL WHERE id = ?1", DB_ARGS(DB_TEXT(id)),
        NULL);
}

/* ---- pictures ---- */

static const Field PackPick_fields[] = {
    {FIELD_TEXT(PackPick, run_id), .help = "The picture"},
    {FIELD_TEXT(PackPick, photo_id), .help = "Its photo"},
    {FIELD_END},
};
static const Shape pack_pick_shape = SHAPE(PackPick);

static const Field PackPicture_fields[] = {
    {FIELD_TEXT(PackPicture, run_id), .help = "The picture"},
    {FIELD_TEXT(PackPicture, photo_id), .help = "Its photo"},
    {FIELD_TEXT(PackPicture, filename), .help = "What the customer calls that"},
    {FIELD_TEXT(PackPicture, scene_type), .help = "Built-in scene", .optional = true},
    {FIELD_TEXT(PackPicture, product_id), .help = "The customer's product", .optional = true},
    {FIELD_TEXT(PackPicture, title), .help = "What the variation is called", .optional = true},
    {FIELD_TEXT(PackPicture, product_name), .help = "Its name"},
    {FIELD_TEXT(PackPicture, product_sku), .help = "Its number"},
    {FIELD_TEXT(PackPicture, product_price), .help = "Its price"},
    {FIELD_VALUE(PackPicture, product_tags), .help = "Its tags"},
    {FIELD_TEXT(PackPicture, key), .help = "Where it is"},
    {FIELD_TEXT(PackPicture, format), .help = "Kind of file"},
    {FIELD_TEXT(PackPicture, sha256), .help = "Hash of its bytes"},
    {FIELD_INT(PackPicture, bytes), .help = "Size of the file"},
    {FIELD_INT(PackPicture, width_px), .help = "Width"},
    {FIELD_INT(PackPicture, height_px), .help = "Height"},
    {FIELD_INT(PackPicture, ended_ms), .help = "When it was made"},
    {FIELD_VALUE(PackPicture, recipe), .help = "What it was made by", .optional = true},
    {FIELD_VALUE(PackPicture, notes), .help = "What the steps found", .optional = true},
    {FIELD_VALUE(PackPicture, batch_wish), .help = "What was asked", .optional = true},
    {FIELD_TEXT(PackPicture, template), .help = "Template", .optional = true},
    {FIELD_END},
};
const Shape pack_picture_shape = SHAPE(PackPicture);

#define THERE(run) run ".state = 'completed' AND " run ".asset_id IS NOT NULL"

#define PICKS "SELECT r.id AS run_id, r.photo_id AS photo_id FROM runs r "
#define OF_PROJECT "r.tenant_id = ?2 AND r.project_id = ?3 AND r.is_preview = 0 AND " THERE("r")
/* The selected picture of the photo p, else its newest. */
#define STANDING \
    "r.id = COALESCE((SELECT s.id FROM runs s WHERE s.id = p.selected_run_id AND " THERE( \
        "s") "), (SELECT MAX(n.id) FROM runs n WHERE n.photo_id = p.id AND n.is_preview = 0 " \
             "AND " THERE("n") "))"
#define SQL_RUNS(among) \
    PICKS "WHERE " OF_PROJECT " AND r.id IN " among " ORDER BY r.position LIMIT ?4"
#define SQL_PHOTOS(among) \
    PICKS "JOIN photos p ON p.id = r.photo_id WHERE " OF_PROJECT " AND p.id IN " among \
          " AND " STANDING " ORDER BY p.id LIMIT ?4"
#define SQL_ALL \
    PICKS "JOIN photos p ON p.id = r.photo_id WHERE " OF_PROJECT " AND " STANDING \
          " ORDER BY p.id LIMIT ?4"

Err *pack_picks(DbTx *tx, const char *tenant_id, const PackWish *wish, Arena *mem, List *ret)
{
    const char *among;

    TRY(db_texts(wish->run_ids.count ? &wish->run_ids : &wish->photo_ids, mem, &among));
    return db_all(
        tx,
        wish->run_ids.count     ? DB_AMONG(tx, SQL_RUNS)
        : wish->photo_ids.count ? DB_AMONG(tx, SQL_PHOTOS)
                                : SQL_ALL,
        DB_ARGS(
            DB_TEXT(among), DB_TEXT(tenant_id), DB_TEXT(wish->project_id),
            DB_INT(PACK_PICTURES_MOST + 1)),
        &pack_pick_shape, mem, ret);
}

Err *pack_picture_get(
    DbTx *tx, const char *tenant_id, const char *run_id, Arena *mem, PackPicture *ret)
{
    return db_one(
        tx,
        "SELECT r.id AS run_id, r.photo_id AS photo_id, p.filename AS filename, r.scene_type AS "
        "scene_type, p.product_id AS product_id, p.product_name AS product_name, p.product_sku AS "
        "product_sku, p.product_price AS product_price, p.product_tags AS product_tags, "
        "r.output_key AS key, r.output_format AS format, r.output_bytes AS bytes, "
        "r.output_width_px AS width_px, r.output_height_px AS height_px, r.ended_ms AS ended_ms, "
        "r.title AS title, r.recipe AS recipe, r.notes AS notes, b.wish AS batch_wish, b.template "
        "AS template, "
        "a.sha256 AS "
        "sha256 FROM "
        "runs r JOIN photos p ON p.id = r.photo_id JOIN assets a ON a.id = r.asset_id LEFT JOIN "
        "batches b ON b.id = r.batch_id WHERE "
        "r.id = ?1 AND r.tenant_id = ?2 AND " THERE("r"),
        DB_ARGS(DB_TEXT(run_id), DB_TEXT(tenant_id)), &pack_picture_shape, mem, ret);
}
