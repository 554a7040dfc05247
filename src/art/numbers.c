/* What was used, for Prometheus: read from the records, so that all processes together say it. */
#include <pthread.h>

#include "art/art_priv.h"
#include "base/clock.h"
#include "watch/metric.h"
#include "watch/watch.h"

enum {
    ROWS_MOST = 100
};

static const Metric metrics[] = {
    METRIC_ART_REQUESTS_TOTAL,     METRIC_ART_FAILURES_TOTAL, METRIC_ART_PICTURES_TOTAL,
    METRIC_ART_TOKENS_TOTAL,       METRIC_ART_COST_USD_TOTAL, METRIC_ART_CREDITS_TOTAL,
    METRIC_ART_WORK_SECONDS_TOTAL,
};

static void totals_tell(const List *rows)
{
    for (size_t i = 0; i < COUNT(metrics); i++)
        metric_forget(metrics[i]);
    for (size_t i = 0; i < rows->count; i++) {
        const ArtUsage *row = &((const ArtUsage *)rows->items)[i];
        const double values[] = {
            (double)row->requests,
            (double)row->failures,
            (double)row->pictures,
            (double)row->tokens,
            (double)row->cost_micro_usd / 1e6,
            (double)row->credits,
            (double)row->took_ms / 1000,
        };

        for (size_t at = 0; at < COUNT(metrics); at++)
            metric_set(metrics[at], values[at], row->model, row->user_id, row->tenant_id);
    }
}

static void shares_tell(const List *rows)
{
    metric_forget(METRIC_BUDGET_USED_RATIO);
    for (size_t i = 0; i < rows->count; i++) {
        const BudgetShare *row = &((const BudgetShare *)rows->items)[i];

        metric_set(
            METRIC_BUDGET_USED_RATIO, row->share, *row->user_id ? row->user_id : "organisation",
            row->tenant_id);
    }
}

/* What vendors still take, of those that say it. */
static void vendors_tell(Vendors *vendors, Arena *mem)
{
    List states = {0};

    if (vendors)
        vendors_states(vendors, mem, &states);
    for (size_t i = 0; i < states.count; i++) {
        const VendorState *state = &((const VendorState *)states.items)[i];

        if (state->remaining >= 0)
            metric_set(METRIC_VENDOR_REMAINING_REQUESTS, (double)state->remaining, state->name);
    }
}

typedef struct SharesWork {
    Arena *mem;
    List *ret;
} SharesWork;

static Err *shares_work(DbTx *tx, void *work_any)
{
    SharesWork *work = work_any;

    return budget_shares(tx, month_start_ms(clock_now_ms()), ROWS_MOST, work->mem, work->ret);
}

void art_numbers_tell(const ArtRoom *room)
{
    static pthread_mutex_t telling =
        PTHREAD_MUTEX_INITIALIZER; /* who looks at the same time waits */
    AUTO(arena_free) Arena *mem = arena_new();
    List totals = {0}, shares = {0};

    vendors_tell(room->vendors, mem);
    AUTO(err_free) Err *err = art_totals(room, ROWS_MOST, mem, &totals);
    if (!err)
        err = db_read(room->shelf.db, shares_work, &(SharesWork){mem, &shares});
    if (err) {
        watch_err("metrics.part", err, "art");
        return;
    }
    pthread_mutex_lock(&telling);
    totals_tell(&totals);
    shares_tell(&shares);
    pthread_mutex_unlock(&telling);
}
