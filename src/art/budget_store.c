/* Budgets, what a month has taken of them, and who was told, in the database. */
#include "art/art_priv.h"
#include "base/clock.h"

/* Money of a tenant is counted by one transaction after the other: what was read is still so when it is written. */
Err *budgets_lock(DbTx *tx, const char *tenant_id)
{
    AUTO(arena_free) Arena *mem = arena_new();

    return db_lock(tx, arena_print(mem, "budgets:%s", tenant_id));
}

static const Field BudgetState_fields[] = {
    {FIELD_TEXT(BudgetState, user_id), .help = "Who", .optional = true},
    {FIELD_INT(BudgetState, month_micro_usd), .help = "Money", .nullable = true, .optional = true},
    {FIELD_INT(BudgetState, month_tokens), .help = "Tokens"},
    {FIELD_INT(BudgetState, alert_percent), .help = "Alert"},
    {FIELD_INT(BudgetState, downgrade_percent), .help = "Downgrade"},
    {FIELD_INT(BudgetState, used_micro_usd), .help = "Used"},
    {FIELD_INT(BudgetState, used_tokens), .help = "Used"},
    {FIELD_INT(BudgetState, used_requests), .help = "Used"},
    {FIELD_INT(BudgetState, reserved_micro_usd), .help = "Reserved"},
    {FIELD_INT(BudgetState, reserved_tokens), .help = "Reserved"},
    {FIELD_END},
};
static const Shape budget_state_shape = SHAPE(BudgetState);

Err *budget_row(
    DbTx *tx, const char *tenant_id, const char *user_id, int64_t month_ms, Arena *mem,
    BudgetState *ret, bool *ret_found)
{
    TRY(db_one(
        tx,
        "SELECT t.user_id AS user_id, b.month_micro_usd AS month_micro_usd, "
        "COALESCE(b.month_tokens, -1) AS month_tokens, "
        "COALESCE(b.alert_percent, 0) AS alert_percent, "
        "COALESCE(b.downgrade_percent, 0) AS downgrade_percent, "
        "COALESCE(m.used_micro_usd, 0) AS used_micro_usd, "
        "COALESCE(m.used_tokens, 0) AS used_tokens, "
        "COALESCE(m.used_requests, 0) AS used_requests, "
        "COALESCE(m.reserved_micro_usd, 0) AS reserved_micro_usd, "
        "COALESCE(m.reserved_tokens, 0) AS reserved_tokens "
        "FROM (SELECT CAST(?1 AS TEXT) AS tenant_id, CAST(?2 AS TEXT) AS user_id) t "
        "LEFT JOIN budgets b ON b.tenant_id = t.tenant_id AND b.user_id = t.user_id "
        "LEFT JOIN budget_months m ON m.tenant_id = t.tenant_id AND m.user_id = t.user_id "
        "AND m.month_ms = ?3",
        DB_ARGS(DB_TEXT(tenant_id), DB_TEXT(user_id), DB_INT(month_ms)), &budget_state_shape, mem,
        ret));
    *ret_found = ret->month_micro_usd != FIELD_NONE;
    return NULL;
}

Err *budget_row_set(DbTx *tx, const char *tenant_id, const BudgetState *state)
{
    return db_run(
        tx,
        "INSERT INTO budgets (tenant_id, user_id, month_micro_usd, month_tokens, alert_percent, "
        "downgrade_percent, changed_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
        "ON CONFLICT (tenant_id, user_id) DO UPDATE SET "
        "month_micro_usd = excluded.month_micro_usd, month_tokens = excluded.month_tokens, "
        "alert_percent = excluded.alert_percent, downgrade_percent = excluded.downgrade_percent, "
        "changed_ms = excluded.changed_ms",
        DB_ARGS(
            DB_TEXT(tenant_id), DB_TEXT(state->user_id), DB_INT(state->month_micro_usd),
            DB_INT(state->month_tokens), DB_INT(state->alert_percent),
            DB_INT(state->downgrade_percent), DB_INT(clock_now_ms())),
        NULL);
}

/* Not one statement: PostgreSQL holds a row that is to be inserted against its checks before it sees that there is one. */
static MUST Err *month_step(DbTx *tx, const BudgetStep *step, const char *user_id)
{
    const DbArg *args = DB_ARGS(
        DB_TEXT(step->tenant_id), DB_TEXT(user_id), DB_INT(step->month_ms),
        DB_INT(step->used_micro_usd), DB_INT(step->used_tokens), DB_INT(step->used_requests),
        DB_INT(step->reserved_micro_usd), DB_INT(step->reserved_tokens));
    int64_t changed;

    TRY(db_run(
        tx,
        "UPDATE budget_months SET used_micro_usd = used_micro_usd + ?4, "
        "used_tokens = used_tokens + ?5, used_requests = used_requests + ?6, "
        "reserved_micro_usd = reserved_micro_usd + ?7, reserved_tokens = reserved_tokens + ?8 "
        "WHERE tenant_id = ?1 AND user_id = ?2 AND month_ms = ?3",
        args, &changed));
    if (changed)
        return NULL;
    return db_run(
        tx,
        "INSERT INTO budget_months (tenant_id, user_id, month_ms, used_micro_usd, used_tokens, "
        "used_requests, reserved_micro_usd, reserved_tokens) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        args, NULL);
}

Err *budget_month_step(DbTx *tx, const BudgetStep *step)
{
    TRY(month_step(tx, step, BUDGET_ALL));
    return month_step(tx, step, step->user_id);
}

static const Field BudgetShare_fields[] = {
    {FIELD_TEXT(BudgetShare, tenant_id), .help = "Tenant"},
    {FIELD_TEXT(BudgetShare, user_id), .help = "Who", .optional = true},
    {FIELD_NUMBER(BudgetShare, share), .help = "Used"},
    {FIELD_END},
};
static const Shape budget_share_shape = SHAPE(BudgetShare);

Err *budget_shares(DbTx *tx, int64_t month_ms, int64_t limit, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT tenant_id, user_id, CASE WHEN money > tokens THEN money ELSE tokens END AS share "
        "FROM (SELECT b.tenant_id AS tenant_id, b.user_id AS user_id, "
        "CASE WHEN b.month_micro_usd > 0 THEN "
        "CAST(COALESCE(m.used_micro_usd, 0) AS DOUBLE PRECISION) / b.month_micro_usd "
        "ELSE 0.0 END AS money, "
        "CASE WHEN b.month_tokens > 0 THEN "
        "CAST(COALESCE(m.used_tokens, 0) AS DOUBLE PRECISION) / b.month_tokens "
        "ELSE 0.0 END AS tokens "
        "FROM budgets b LEFT JOIN budget_months m ON m.tenant_id = b.tenant_id "
        "AND m.user_id = b.user_id AND m.month_ms = ?1) s "
        "ORDER BY share DESC, tenant_id, user_id LIMIT ?2",
        DB_ARGS(DB_INT(month_ms), DB_INT(limit)), &budget_share_shape, mem, ret);
}

/* ---- who was told ---- */

Err *budget_alert_add(
    DbTx *tx, const char *tenant_id, const BudgetAlert *alert, int64_t month_ms, bool *ret)
{
    int64_t added;

    TRY(db_run(
        tx,
        "INSERT INTO budget_alerts (id, tenant_id, user_id, month_ms, kind, percent, at_ms) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
        "ON CONFLICT (tenant_id, user_id, month_ms, kind) DO NOTHING",
        DB_ARGS(
            DB_TEXT(alert->id), DB_TEXT(tenant_id),
            DB_TEXT(alert->user_id ? alert->user_id : BUDGET_ALL), DB_INT(month_ms),
            DB_TEXT(alert->kind), DB_INT(alert->percent), DB_INT(alert->at_ms)),
        &added));
    *ret = added > 0;
    return NULL;
}

static const Field BudgetAlert_fields[] = {
    {FIELD_TEXT(BudgetAlert, id), .help = "Its id"},
    {FIELD_TEXT(BudgetAlert, user_id), .help = "Whose budget; null for the organisation's",
     .optional = true, .nullable = true},
    {FIELD_TEXT(BudgetAlert, kind),
     .help = "alert: its share was reached; downgrade: quality is medium at most from here on; "
             "spent: a request was refused"},
    {FIELD_INT(BudgetAlert, percent), .help = "Share of the budget that was used", .unit = "%"},
    {FIELD_TIME(BudgetAlert, at_ms), .name = "at", .help = "When"},
    {FIELD_END},
};
const Shape budget_alert_shape = SHAPE(BudgetAlert);

static const Field AlertKept_fields[] = {
    {FIELD_TEXT(BudgetAlert, id), .help = "Id"},
    {FIELD_TEXT(BudgetAlert, user_id), .help = "Who", .optional = true},
    {FIELD_TEXT(BudgetAlert, kind), .help = "Kind"},
    {FIELD_INT(BudgetAlert, percent), .help = "Share"},
    {FIELD_INT(BudgetAlert, at_ms), .help = "When"},
    {FIELD_END},
};
static const Shape alert_kept_shape = {"AlertKept", sizeof(BudgetAlert), AlertKept_fields};

typedef struct AlertsWork {
    const char *tenant_id, *before;
    int64_t limit;
    Arena *mem;
    List *ret;
} AlertsWork;

/* After every id of an alert. */
static const char past_all[] = "alesz";

static Err *alerts_work(DbTx *tx, void *work_any)
{
    AlertsWork *work = work_any;

    return db_all(
        tx,
        "SELECT id, NULLIF(user_id, '') AS user_id, kind, percent, at_ms FROM budget_alerts "
        "WHERE tenant_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
        DB_ARGS(
            DB_TEXT(work->tenant_id), DB_TEXT(work->before ? work->before : past_all),
            DB_INT(work->limit)),
        &alert_kept_shape, work->mem, work->ret);
}

Err *budget_alerts(
    const ArtRoom *room, const char *tenant_id, const char *before, int64_t limit, Arena *mem,
    List *ret)
{
    return db_read(room->shelf.db, alerts_work, &(AlertsWork){tenant_id, before, limit, mem, ret});
}
