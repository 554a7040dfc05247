/* The end of what is kept: assets whose time is over, and bytes that nobody names. */
#include "asset/asset_priv.h"
#include "base/clock.h"

enum {
    TIDY_AT_ONCE = 200
};

typedef struct Tidy {
    const Shelf *shelf;
    const Tidying *tidying;
    int64_t now_ms;
    Arena *mem;         /* of a page of rows */
    List *assets;       /* that are looked at */
    const Asset *asset; /* that is to leave */
    bool has_left;
    const char *key; /* that may be nobody's */
    bool is_named;
    TidySum *sum;
} Tidy;

static Err *ended_work(DbTx *tx, void *tidy_any)
{
    Tidy *tidy = tidy_any;

    return asset_rows_ended(tx, tidy->now_ms, TIDY_AT_ONCE, tidy->mem, tidy->assets);
}

static Err *leave_work(DbTx *tx, void *tidy_any)
{
    Tidy *tidy = tidy_any;
    bool is_needed = false;

    tidy->has_left = false;
    if (tidy->tidying->leave)
        TRY(tidy->tidying->leave(tidy->tidying->context, tx, tidy->asset, &is_needed));
    if (is_needed)
        return asset_row_put_off(tx, tidy->asset->id, tidy->now_ms + DAY_MS);
    return asset_row_remove(tx, tidy->asset->id, &tidy->has_left);
}

/* The row goes before the bytes: a crash between them leaves bytes that nobody names, never a row without bytes. */
static MUST Err *asset_leave(Tidy *tidy, const Asset *asset)
{
    TRY(cancel_check(tidy->tidying->cancel));
    tidy->asset = asset;
    TRY(db_write(tidy->shelf->db, leave_work, tidy));
    if (!tidy->has_left)
        return NULL;
    TRY(blob_delete(tidy->shelf->blob, asset->key, tidy->tidying->cancel));
    tidy->sum->expired++;
    tidy->sum->bytes += asset->bytes;
    return NULL;
}

static MUST Err *ended_remove(Tidy *tidy)
{
    for (bool more = true; more;) {
        AUTO(arena_free) Arena *mem = arena_new();
        List assets = {0};

        tidy->mem = mem;
        tidy->assets = &assets;
        TRY(db_read(tidy->shelf->db, ended_work, tidy));
        for (size_t i = 0; i < assets.count; i++)
            TRY(asset_leave(tidy, (const Asset *)assets.items + i));
        more = assets.count == TIDY_AT_ONCE;
    }
    return NULL;
}

static Err *named_work(DbTx *tx, void *tidy_any)
{
    Tidy *tidy = tidy_any;
    int64_t since_ms = tidy->now_ms - (int64_t)UNFINISHED_DAYS * DAY_MS;

    return asset_key_is_named(tx, tidy->key, since_ms, &tidy->is_named);
}

/* A day is longer than any work takes between its bytes and their row. */
static MUST Err *orphan_remove(Tidy *tidy, const BlobRow *row)
{
    if (row->changed_ms > tidy->now_ms - DAY_MS)
        return NULL;
    tidy->key = row->key;
    TRY(db_read(tidy->shelf->db, named_work, tidy));
    if (tidy->is_named)
        return NULL;
    TRY(blob_delete(tidy->shelf->blob, row->key, tidy->tidying->cancel));
    tidy->sum->orphans++;
    tidy->sum->bytes += row->bytes;
    return NULL;
}

static MUST Err *orphans_remove(Tidy *tidy, const char *prefix)
{
    AUTO(arena_free) Arena *kept = arena_new();
    const char *after = NULL;

    do {
        AUTO(arena_free) Arena *mem = arena_new();
        BlobQuery query = {.prefix = prefix, .after = after, .cancel = tidy->tidying->cancel};
        BlobPage page;

        TRY(blob_list(tidy->shelf->blob, &query, mem, &page));
        for (size_t i = 0; i < page.count; i++)
            TRY(orphan_remove(tidy, &page.rows[i]));
        after = arena_text(kept, page.next);
    } while (after);
    return NULL;
}

Err *asset_tidy(const Shelf *shelf, const Tidying *tidying, TidySum *ret)
{
    TidySum sum = {0};
    Tidy tidy = {.shelf = shelf, .tidying = tidying, .now_ms = clock_now_ms(), .sum = &sum};
    int64_t swept;

    TRY(ended_remove(&tidy));
    TRY(orphans_remove(&tidy, "raw/"));
    TRY(orphans_remove(&tidy, "outputs/"));
    TRY(blob_sweep(shelf->blob, DAY_MS, tidying->cancel, &swept));
    *ret = sum;
    return NULL;
}
