/* What was used, by model and user: summed up as it happens. */
#include "art/art_priv.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

#define SUMS "requests, failures, pictures, tokens, cost_micro_usd, credits, took_ms"
#define VALUES "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10"
#define ADDED(table_) \
    "DO UPDATE SET requests = " table_ ".requests + excluded.requests, " \
    "failures = " table_ ".failures + excluded.failures, " \
    "pictures = " table_ ".pictures + excluded.pictures, " \
    "tokens = " table_ ".tokens + excluded.tokens, " \
    "cost_micro_usd = " table_ ".cost_micro_usd + excluded.cost_micro_usd, " \
    "credits = " table_ ".credits + excluded.credits, " \
    "took_ms = " table_ ".took_ms + excluded.took_ms"

Err *art_use_add(DbTx *tx, const ArtUse *use)
{
    TRY(db_run(
        tx,
        "INSERT INTO art_totals (tenant_id, user_id, model, " SUMS ") " VALUES ") "
        "ON CONFLICT (tenant_id, user_id, model) " ADDED("art_totals"),
        DB_ARGS(
            DB_TEXT(use->tenant_id), DB_TEXT(use->user_id), DB_TEXT(use->model),
            DB_INT(use->requests), DB_INT(use->failures), DB_INT(use->pictures),
            DB_INT(use->tokens), DB_INT(use->cost_micro_usd), DB_INT(use->credits),
            DB_INT(use->took_ms)),
        NULL));
    return db_run(
        tx,
        "INSERT INTO art_days (tenant_id, user_id, model, " SUMS ", day) " VALUES ", ?11) "
        "ON CONFLICT (tenant_id, day, user_id, model) " ADDED("art_days"),
        DB_ARGS(
            DB_TEXT(use->tenant_id), DB_TEXT(use->user_id), DB_TEXT(use->model),
            DB_INT(use->requests), DB_INT(use->failures), DB_INT(use->pictures),
            DB_INT(use->tokens), DB_INT(use->cost_micro_usd), DB_INT(use->credits),
            DB_INT(use->took_ms), DB_INT(use->at_ms / DAY_MS)),
        NULL);
}

/* ---- reports ---- */

static const Field ArtUsage_fields[] = {
    {FIELD_TEXT(ArtUsage, model), .help = "Model, as asked"},
    {FIELD_TEXT(ArtUsage, user_id),
     .help = "Who asked: a user, or the key of who comes without one"},
    {FIELD_TEXT(ArtUsage, tenant_id), .help = "Organisation"},
    {FIELD_INT(ArtUsage, requests), .help = "Requests, those that failed among them"},
    {FIELD_INT(ArtUsage, failures), .help = "Requests that failed"},
    {FIELD_INT(ArtUsage, pictures), .help = "Pictures made"},
    {FIELD_INT(ArtUsage, tokens), .help = "Tokens used"},
    {FIELD_INT(ArtUsage, cost_micro_usd), .help = "What vendors took, in millionths of a dollar"},
    {FIELD_INT(ArtUsage, credits), .help = "Credits that were charged, a US cent each"},
    {FIELD_INT(ArtUsage, took_ms), .help = "How long all of them took", .unit = "ms"},
    {FIELD_END},
};
const Shape art_usage_shape = SHAPE(ArtUsage);

typedef struct UsageWork {
    const char *tenant_id;
    int64_t from_day, until_day, limit;
    Arena *mem;
    List *ret;
} UsageWork;

#define DAY_SUMS \
    "SELECT model, user_id, tenant_id, CAST(SUM(requests) AS BIGINT) AS requests, " \
    "CAST(SUM(failures) AS BIGINT) AS failures, CAST(SUM(pictures) AS BIGINT) AS pictures, " \
    "CAST(SUM(tokens) AS BIGINT) AS tokens, " \
    "CAST(SUM(cost_micro_usd) AS BIGINT) AS cost_micro_usd, " \
    "CAST(SUM(credits) AS BIGINT) AS credits, CAST(SUM(took_ms) AS BIGINT) AS took_ms "

static Err *usage_work(DbTx *tx, void *work_any)
{
    UsageWork *work = work_any;

    if (work->tenant_id)
        return db_all(
            tx,
            DAY_SUMS "FROM art_days WHERE tenant_id = ?1 AND day >= ?2 AND day < ?3 "
                     "GROUP BY model, user_id, tenant_id "
                     "ORDER BY cost_micro_usd DESC, credits DESC, model, user_id LIMIT ?4",
            DB_ARGS(
                DB_TEXT(work->tenant_id), DB_INT(work->from_day), DB_INT(work->until_day),
                DB_INT(work->limit)),
            &art_usage_shape, work->mem, work->ret);
    return db_all(
        tx,
        DAY_SUMS "FROM art_days WHERE day >= ?1 AND day < ?2 GROUP BY model, user_id, tenant_id "
                 "ORDER BY cost_micro_usd DESC, credits DESC, model, user_id LIMIT ?3",
        DB_ARGS(DB_INT(work->from_day), DB_INT(work->until_day), DB_INT(work->limit)),
        &art_usage_shape, work->mem, work->ret);
}

Err *art_usage(
    const ArtRoom *room, const char *tenant_id, int64_t from_ms, int64_t until_ms, int64_t limit,
    Arena *mem, List *ret)
{
    return db_read(
        room->shelf.db, usage_work,
        &(UsageWork){
            .tenant_id = tenant_id,
            .from_day = from_ms / DAY_MS,
            .until_day = (until_ms + DAY_MS - 1) / DAY_MS,
            .limit = limit,
            .mem = mem,
            .ret = ret,
        });
}

static Err *totals_work(DbTx *tx, void *work_any)
{
    UsageWork *work = work_any;

    return db_all(
        tx,
        "SELECT model, user_id, tenant_id, requests, failures, pictures, tokens, cost_micro_usd, "
        "credits, took_ms FROM art_totals ORDER BY cost_micro_usd DESC, credits DESC LIMIT ?1",
        DB_ARGS(DB_INT(work->limit)), &art_usage_shape, work->mem, work->ret);
}

Err *art_totals(const ArtRoom *room, int64_t limit, Arena *mem, List *ret)
{
    return db_read(
        room->shelf.db, totals_work, &(UsageWork){.limit = limit, .mem = mem, .ret = ret});
}
