/* What work has cost us: events, and their sums by day. */
#include <string.h>

#include "base/clock.h"
#include "ledger/ledger.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

static MUST Err *detail_text(const Value *detail, Buf *text, const char **ret)
{
    *ret = NULL;
    if (!detail)
        return NULL;
    TRY(value_write(detail, VALUE_COMPACT, text));
    *ret = buf_text(text);
    return NULL;
}

Err *usage_add(DbTx *tx, const UsageEvent *event)
{
    AUTO(buf_done) Buf text = BUF(64 * 1024);
    const Id id = id_new("use");
    const int64_t now_ms = clock_now_ms();
    const char *detail;

    TRY(detail_text(event->detail, &text, &detail));
    TRY(db_run(
        tx,
        "INSERT INTO usage_events"
        " (id, tenant_id, project_id, run_id, kind, cost_micro_usd, detail, at_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        DB_ARGS(
            DB_TEXT(id.text), DB_TEXT(event->tenant_id), DB_TEXT(event->project_id),
            DB_TEXT(event->run_id), DB_TEXT(event->kind), DB_INT(event->cost_micro_usd),
            DB_TEXT(detail), DB_INT(now_ms)),
        NULL));
    if (event->is_ours)
        return NULL;
    return db_run(
        tx,
        "INSERT INTO usage_days (tenant_id, day, images, cost_micro_usd) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (tenant_id, day) DO UPDATE SET images = usage_days.images + excluded.images,"
        " cost_micro_usd = usage_days.cost_micro_usd + excluded.cost_micro_usd",
        DB_ARGS(
            DB_TEXT(event->tenant_id), DB_INT(now_ms / DAY_MS),
            DB_INT(strcmp(event->kind, "job_completed") == 0), DB_INT(event->cost_micro_usd)),
        NULL);
}

/* ---- by day ---- */

static const Field UsageDay_fields[] = {
    {FIELD_TEXT(UsageDay, date), .help = "Day, UTC", .format = "date"},
    {FIELD_INT(UsageDay, images), .help = "Images made"},
    {FIELD_INT(UsageDay, cost_micro_usd), .help = "What they cost, in millionths of a dollar"},
    {FIELD_END},
};
const Shape usage_day_shape = SHAPE(UsageDay);

typedef struct UsageRow {
    int64_t day, images, cost_micro_usd;
} UsageRow;

static const Field UsageRow_fields[] = {
    {FIELD_INT(UsageRow, day), .help = "Days since 1970"},
    {FIELD_INT(UsageRow, images), .help = "Images"},
    {FIELD_INT(UsageRow, cost_micro_usd), .help = "Cost"},
    {FIELD_END},
};
static const Shape usage_row_shape = SHAPE(UsageRow);

static const char *day_text(int64_t day, Arena *mem)
{
    char text[CLOCK_TEXT_SIZE];

    clock_text(day * DAY_MS, text);
    return arena_text_n(mem, text, strcspn(text, "T"));
}

Err *usage_days(
    DbTx *tx, const char *tenant_id, int64_t from_ms, int64_t until_ms, Arena *mem, List *ret)
{
    List rows;

    TRY(db_all(
        tx,
        "SELECT day, images, cost_micro_usd FROM usage_days"
        " WHERE tenant_id = ?1 AND day >= ?2 AND day < ?3 ORDER BY day LIMIT 10000",
        DB_ARGS(
            DB_TEXT(tenant_id), DB_INT(from_ms / DAY_MS), DB_INT((until_ms + DAY_MS - 1) / DAY_MS)),
        &usage_row_shape, mem, &rows));

    UsageDay *days = ARENA_ARRAY(mem, UsageDay, rows.count);
    for (size_t i = 0; i < rows.count; i++) {
        const UsageRow *row = (const UsageRow *)rows.items + i;

        days[i] = (UsageDay){day_text(row->day, mem), row->images, row->cost_micro_usd};
    }
    *ret = (List){days, rows.count};
    return NULL;
}
