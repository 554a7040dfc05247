/* What was sold, as it is told. */
#include "base/clock.h"
#include "shop/shop_priv.h"
#include "watch/metric.h"

Err *deed_add(DbTx *tx, const Buyer *buyer, const Deed *deed)
{
    bool is_new;

    return deed_add_once(tx, buyer, deed, NULL, &is_new);
}

void deed_count(const Deed *deed)
{
    metric_add(METRIC_SHOP_SALES_TOTAL, 1, deed->action, deed->feature);
    metric_add(METRIC_SHOP_CREDITS_TOTAL, deed->credits, deed->feature);
}

typedef struct Look {
    const char *tenant_id, *door, *before;
    int64_t limit, month_ms;
    Arena *mem;
    List *deeds;
    ShopStats *stats;
} Look;

static Err *deeds_work(DbTx *tx, void *look_any)
{
    Look *look = look_any;

    return deed_rows(tx, look->tenant_id, look->before, look->limit, look->mem, look->deeds);
}

Err *deed_list(
    const Studio *studio, const char *tenant_id, const char *before, int64_t limit, Arena *mem,
    List *ret)
{
    Look look = {
        .tenant_id = tenant_id, .before = before, .limit = limit, .mem = mem, .deeds = ret};

    return db_read(studio->shelf.db, deeds_work, &look);
}

static Err *stats_work(DbTx *tx, void *look_any)
{
    Look *look = look_any;

    TRY(deed_stats(tx, look->tenant_id, look->door, look->mem, look->stats));
    TRY(ledger_spent(
        tx, look->tenant_id, look->month_ms, month_end_ms(look->month_ms),
        &look->stats->credits_used_month));
    return ledger_spent(tx, look->tenant_id, 0, INT64_MAX, &look->stats->credits_used);
}

/* Templates are counted by their ids. */
static MUST Err *
templates_name(const Studio *studio, const char *tenant_id, List *templates, Arena *mem)
{
    ShopTemplate *rows = templates->items;

    for (size_t i = 0; i < templates->count; i++) {
        bool is_gone;
        Template found;

        TRY(err_expect(
            template_get(studio, tenant_id, rows[i].id, mem, &found), ERR_NOT_FOUND, &is_gone));
        rows[i].name = is_gone ? rows[i].id : found.name;
    }
    return NULL;
}

Err *shop_stats(
    const Studio *studio, const char *tenant_id, const char *door, Arena *mem, ShopStats *ret)
{
    ShopStats stats = {0};
    Look look = {
        .tenant_id = tenant_id,
        .door = door,
        .month_ms = month_start_ms(clock_now_ms()),
        .mem = mem,
        .stats = &stats,
    };

    TRY(db_read(studio->shelf.db, stats_work, &look));
    TRY(templates_name(studio, tenant_id, &stats.templates, mem));
    if (stats.completed + stats.failed)
        stats.success_rate = (double)stats.completed / (double)(stats.completed + stats.failed);
    *ret = stats;
    return NULL;
}
