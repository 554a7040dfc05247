/* Budgets: what is set aside is never more than is left, whoever asks at the same time; who comes near the end is told, and draws at less
 * cost. */
#include <string.h>

#include "art/art_priv.h"
#include "base/clock.h"
#include "watch/metric.h"
#include "watch/watch.h"

static const Field Budget_fields[] = {
    {FIELD_TEXT(Budget, user_id), .help = "Whose it is; null for the organisation's",
     .optional = true, .nullable = true},
    {FIELD_INT(Budget, month_micro_usd),
     .help = "Most that may be charged in a month, in millionths of a dollar; -1 for no limit",
     .min = -1, .max = 1e15},
    {FIELD_INT(Budget, month_tokens), .help = "Most tokens in a month; -1 for no limit", .min = -1,
     .max = 1e15},
    {FIELD_INT(Budget, alert_percent), .help = "Share at which an alert is raised; 0 for none",
     .max = 100, .unit = "%"},
    {FIELD_INT(Budget, downgrade_percent),
     .help = "Share from which on quality is medium at most; 0 for never", .max = 100, .unit = "%"},
    {FIELD_INT(Budget, used_micro_usd), .help = "What was charged this month"},
    {FIELD_INT(Budget, used_tokens), .help = "Tokens used this month"},
    {FIELD_INT(Budget, used_requests), .help = "Requests this month"},
    {FIELD_TIME(Budget, reset_ms), .name = "reset_at", .help = "When the next month begins"},
    {FIELD_END},
};
const Shape budget_shape = SHAPE(Budget);

/* ---- one budget ---- */

static int64_t share_percent(int64_t used, int64_t limit)
{
    if (limit < 0)
        return 0;
    return limit == 0 ? 100 : (int64_t)((double)used / (double)limit * 100);
}

/* The larger of its two shares, with ALSO set aside or not. */
static int64_t state_percent(const BudgetState *state, bool with_reserved)
{
    const int64_t money = state->used_micro_usd + (with_reserved ? state->reserved_micro_usd : 0);
    const int64_t tokens = state->used_tokens + (with_reserved ? state->reserved_tokens : 0);

    return MAX(
        share_percent(money, state->month_micro_usd), share_percent(tokens, state->month_tokens));
}

static void presets_fill(const ArtPresets *presets, BudgetState *state)
{
    const ArtPresets none = {-1, -1, -1, -1, 0, 0};
    const bool is_all = strcmp(state->user_id, BUDGET_ALL) == 0;

    if (!presets)
        presets = &none;
    state->month_micro_usd = is_all ? presets->organisation_micro_usd : presets->user_micro_usd;
    state->month_tokens = is_all ? presets->organisation_tokens : presets->user_tokens;
    state->alert_percent = presets->alert_percent;
    state->downgrade_percent = presets->downgrade_percent;
}

static MUST Err *
state_read(DbTx *tx, const BudgetAsk *ask, const char *user_id, Arena *mem, BudgetState *ret)
{
    bool is_set;

    TRY(budget_row(tx, ask->tenant_id, user_id, ask->month_ms, mem, ret, &is_set));
    ret->user_id = user_id;
    if (!is_set)
        presets_fill(ask->room->presets, ret);
    return NULL;
}

/* The organisation's, and the user's. */
static MUST Err *states_read(DbTx *tx, const BudgetAsk *ask, Arena *mem, BudgetState ret[2])
{
    TRY(state_read(tx, ask, BUDGET_ALL, mem, &ret[0]));
    return state_read(tx, ask, ask->user_id, mem, &ret[1]);
}

/* ---- telling ---- */

static MUST Err *alert_raise(
    DbTx *tx, const BudgetAsk *ask, const BudgetState *state, const char *kind, Arena *mem,
    BudgetNews *news)
{
    const bool is_all = strcmp(state->user_id, BUDGET_ALL) == 0;
    BudgetAlert alert = {
        .id = arena_text(mem, id_new("alert").text),
        .user_id = is_all ? NULL : state->user_id,
        .kind = kind,
        .percent = state_percent(state, strcmp(kind, "alert") != 0),
        .at_ms = clock_now_ms(),
    };
    bool is_new;

    TRY(budget_alert_add(tx, ask->tenant_id, &alert, ask->month_ms, &is_new));
    if (!is_new)
        return NULL;
    AUTO(value_free) Value *detail = value_object();
    value_set(detail, "percent", value_of_int(alert.percent));
    TRY(audit_add(
        tx, &(Audit){
                .tenant_id = ask->tenant_id,
                .action = arena_print(mem, "budget.%s", kind),
                .subject = is_all ? ask->tenant_id : state->user_id,
                .detail = detail,
            }));
    if (news->count < COUNT(news->alerts))
        news->alerts[news->count++] = alert;
    return NULL;
}

void budget_news_tell(const BudgetNews *news)
{
    for (size_t i = 0; i < news->count; i++) {
        const BudgetAlert *alert = &news->alerts[i];

        watch(
            WATCH_WARN, "budget.alert", WATCH_TEXT("kind", alert->kind),
            WATCH_TEXT("tenant_id", news->tenant_id),
            WATCH_TEXT("user_id", alert->user_id ? alert->user_id : "organisation"),
            WATCH_INT("percent", alert->percent));
        metric_add(METRIC_BUDGET_ALERTS_TOTAL, 1, alert->kind);
    }
}

/* ---- taking ---- */

Err *budgets_calm(DbTx *tx, const BudgetAsk *ask, Arena *mem, BudgetNews *news, bool *ret)
{
    BudgetState states[2];

    *ret = false;
    TRY(states_read(tx, ask, mem, states));
    for (size_t i = 0; i < COUNT(states); i++) {
        if (states[i].downgrade_percent <= 0 ||
            state_percent(&states[i], true) < states[i].downgrade_percent)
            continue;
        *ret = true;
        TRY(alert_raise(tx, ask, &states[i], "downgrade", mem, news));
    }
    return NULL;
}

static ErrCode refusal_of(const BudgetState *state, int64_t micro_usd, int64_t tokens)
{
    if (state->month_micro_usd >= 0 &&
        state->used_micro_usd + state->reserved_micro_usd + micro_usd > state->month_micro_usd)
        return ERR_BUDGET_SPENT;
    if (state->month_tokens >= 0 &&
        state->used_tokens + state->reserved_tokens + tokens > state->month_tokens)
        return ERR_TOKENS_SPENT;
    return ERR_MAX_;
}

Err *budgets_reserve(
    DbTx *tx, const BudgetAsk *ask, int64_t micro_usd, int64_t tokens, Arena *mem, BudgetNews *news,
    ErrCode *ret_refusal)
{
    BudgetState states[2];

    TRY(states_read(tx, ask, mem, states));
    for (size_t i = 0; i < COUNT(states); i++) {
        *ret_refusal = refusal_of(&states[i], micro_usd, tokens);
        if (*ret_refusal != ERR_MAX_)
            return alert_raise(tx, ask, &states[i], "spent", mem, news);
    }
    return budget_month_step(
        tx, &(BudgetStep){
                .tenant_id = ask->tenant_id,
                .user_id = ask->user_id,
                .month_ms = ask->month_ms,
                .reserved_micro_usd = micro_usd,
                .reserved_tokens = tokens,
            });
}

Err *budgets_settle(
    DbTx *tx, const BudgetAsk *ask, const BudgetStep *step, Arena *mem, BudgetNews *news)
{
    BudgetState states[2];

    TRY(budget_month_step(tx, step));
    TRY(states_read(tx, ask, mem, states));
    for (size_t i = 0; i < COUNT(states); i++)
        if (states[i].alert_percent > 0 &&
            state_percent(&states[i], false) >= states[i].alert_percent)
            TRY(alert_raise(tx, ask, &states[i], "alert", mem, news));
    return NULL;
}

/* ---- seen and set from outside ---- */

typedef struct BudgetWork {
    BudgetAsk ask;
    const char *user_id; /* BUDGET_ALL */
    const Caller *caller;
    const Budget *wish; /* NULL to look */
    BudgetState state;
    Arena *mem;
} BudgetWork;

static MUST Err *audit_set(DbTx *tx, const BudgetWork *work)
{
    AUTO(value_free) Value *detail = value_object();

    value_set(detail, "month_micro_usd", value_of_int(work->wish->month_micro_usd));
    value_set(detail, "month_tokens", value_of_int(work->wish->month_tokens));
    return audit_add(
        tx, &(Audit){
                .tenant_id = work->ask.tenant_id,
                .caller = work->caller,
                .action = "budget.set",
                .subject = *work->user_id ? work->user_id : work->ask.tenant_id,
                .detail = detail,
            });
}

static Err *budget_work(DbTx *tx, void *work_any)
{
    BudgetWork *work = work_any;
    const Budget *wish = work->wish;

    if (wish) {
        TRY(budgets_lock(tx, work->ask.tenant_id));
        TRY(budget_row_set(
            tx, work->ask.tenant_id,
            &(BudgetState){
                .user_id = work->user_id,
                .month_micro_usd = wish->month_micro_usd,
                .month_tokens = wish->month_tokens,
                .alert_percent = wish->alert_percent,
                .downgrade_percent = wish->downgrade_percent,
            }));
        TRY(audit_set(tx, work));
    }
    return state_read(tx, &work->ask, work->user_id, work->mem, &work->state);
}

static Budget budget_of(const BudgetWork *work, const char *user_id)
{
    const BudgetState *state = &work->state;

    return (Budget){
        .user_id = user_id,
        .month_micro_usd = state->month_micro_usd,
        .month_tokens = state->month_tokens,
        .alert_percent = state->alert_percent,
        .downgrade_percent = state->downgrade_percent,
        .used_micro_usd = state->used_micro_usd,
        .used_tokens = state->used_tokens,
        .used_requests = state->used_requests,
        .reset_ms = month_end_ms(work->ask.month_ms),
    };
}

static BudgetWork work_of(const ArtRoom *room, const char *tenant_id, const char *user_id)
{
    return (BudgetWork){
        .ask = {room, tenant_id, BUDGET_ALL, month_start_ms(clock_now_ms())},
        .user_id = user_id ? user_id : BUDGET_ALL,
    };
}

Err *budget_find(const ArtRoom *room, const char *tenant_id, const char *user_id, Budget *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    BudgetWork work = work_of(room, tenant_id, user_id);

    work.mem = mem;
    TRY(db_read(room->shelf.db, budget_work, &work));
    *ret = budget_of(&work, user_id);
    return NULL;
}

static MUST Err *number_check(const char *name, int64_t number, int64_t least, int64_t most)
{
    if (number >= least && number <= most)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "%s is %lld", name, (long long)number),
            "%s must be %lld to %lld.", name, (long long)least, (long long)most),
        "/%s", name);
}

Err *budget_set(
    const ArtRoom *room, const Caller *caller, const char *tenant_id, const Budget *wish,
    Budget *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    BudgetWork work = work_of(room, tenant_id, wish->user_id);
    const int64_t most = 1000LL * 1000 * 1000 * 1000 * 1000;

    TRY(number_check("month_micro_usd", wish->month_micro_usd, -1, most));
    TRY(number_check("month_tokens", wish->month_tokens, -1, most));
    TRY(number_check("alert_percent", wish->alert_percent, 0, 100));
    TRY(number_check("downgrade_percent", wish->downgrade_percent, 0, 100));
    work.mem = mem;
    work.wish = wish;
    work.caller = caller;
    TRY(db_write(room->shelf.db, budget_work, &work));
    *ret = budget_of(&work, wish->user_id);
    return NULL;
}
