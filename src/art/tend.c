/* What a process left when it died, and what is forgotten. */
#include "art/art_priv.h"
#include "base/clock.h"
#include "watch/watch.h"

enum {
    AT_ONCE = 100
};

typedef struct Tend {
    const ArtLost *dead;
    Arena *mem;
    List rows;
    int64_t forgotten;
} Tend;

static Err *dead_work(DbTx *tx, void *tend_any)
{
    Tend *tend = tend_any;

    return art_rows_dead(tx, clock_now_ms(), AT_ONCE, tend->mem, &tend->rows);
}

static Err *end_work(DbTx *tx, void *tend_any)
{
    Tend *tend = tend_any;
    ArtLost lost;
    bool has_ended;

    TRY(budgets_lock(tx, tend->dead->tenant_id));
    TRY(err_expect(
        art_row_failed(tx, tend->dead->id, err_name(ERR_TIMED_OUT), tend->mem, &lost),
        ERR_NOT_FOUND, &has_ended));
    return has_ended ? NULL : art_lost_give_back(tx, &lost);
}

static Err *forget_work(DbTx *tx, void *tend_any)
{
    Tend *tend = tend_any;

    return art_rows_forget(tx, clock_now_ms(), &tend->forgotten);
}

Err *art_tend(const ArtRoom *room)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Tend tend = {.mem = mem};

    TRY(db_read(room->shelf.db, dead_work, &tend));
    for (size_t i = 0; i < tend.rows.count; i++) {
        tend.dead = (const ArtLost *)tend.rows.items + i;
        TRY(db_write(room->shelf.db, end_work, &tend));
        watch(WATCH_WARN, "art.ended", WATCH_TEXT("art", tend.dead->id));
    }
    do
        TRY(db_write(room->shelf.db, forget_work, &tend));
    while (tend.forgotten > 0);
    return NULL;
}
