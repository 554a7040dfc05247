/* Budgets: seen, set, and what was told of them. */
#include <math.h>

#include "door/artgen/artgen_priv.h"

#define MICRO_USD 1000000.0

static const char all[] = "organisation"; /* in addresses */

static const char *user_of(const char *user)
{
    return strcmp(user, all) == 0 ? NULL : user;
}

/* ---- what is answered ---- */

typedef struct BudgetOut {
    const char *user;
    double month_usd, used_usd;
    int64_t month_tokens, alert_percent, downgrade_percent, used_tokens, used_requests, reset_ms;
} BudgetOut;

static const Field BudgetOut_fields[] = {
    {FIELD_TEXT(BudgetOut, user), .help = "Whose it is; `organisation` for all together"},
    {FIELD_NUMBER(BudgetOut, month_usd),
     .help = "Most that may be charged in a month, in dollars; null for no limit",
     .nullable = true},
    {FIELD_INT(BudgetOut, month_tokens), .help = "Most tokens in a month; null for no limit",
     .nullable = true},
    {FIELD_INT(BudgetOut, alert_percent), .help = "Share at which an alert is raised; 0 for none",
     .unit = "%"},
    {FIELD_INT(BudgetOut, downgrade_percent),
     .help = "Share from which on quality is medium at most; 0 for never", .unit = "%"},
    {FIELD_NUMBER(BudgetOut, used_usd), .help = "What was charged this month, in dollars"},
    {FIELD_INT(BudgetOut, used_tokens), .help = "Tokens used this month"},
    {FIELD_INT(BudgetOut, used_requests), .help = "Requests answered this month"},
    {FIELD_TIME(BudgetOut, reset_ms), .name = "reset_at", .help = "When the next month begins"},
    {FIELD_END},
};

static BudgetOut out_of(const Budget *budget, const char *user)
{
    return (BudgetOut){
        .user = user,
        .month_usd =
            budget->month_micro_usd < 0 ? (double)NAN : (double)budget->month_micro_usd / MICRO_USD,
        .used_usd = (double)budget->used_micro_usd / MICRO_USD,
        .month_tokens = budget->month_tokens < 0 ? FIELD_NONE : budget->month_tokens,
        .alert_percent = budget->alert_percent,
        .downgrade_percent = budget->downgrade_percent,
        .used_tokens = budget->used_tokens,
        .used_requests = budget->used_requests,
        .reset_ms = budget->reset_ms,
    };
}

/* ---- seeing ---- */

typedef struct BudgetIn {
    const char *user;
} BudgetIn;

#define USER_HELP "A user's id, the id of a key that comes without a user, or `organisation`"
#define USER_LETTERS .max = 64, .letters = "A-Za-z0-9_-"

static const Field BudgetIn_fields[] = {
    {FIELD_TEXT(BudgetIn, user), .help = USER_HELP, USER_LETTERS},
    {FIELD_END},
};

HANDLER(budget_get, BudgetIn, BudgetOut);

const Endpoint artgen_budget_get = {
    .method = GET,
    .path = "/budgets/{user}",
    .id = "artgen_budget_get",
    .summary = "See a budget and what was used of it this month",
    .tag = "Budgets",
    .scope = "budgets:read",
    .in = SHAPE(BudgetIn),
    .out = SHAPE(BudgetOut),
    .handle = CALLS(budget_get),
};

static Err *budget_get(Call *call, const BudgetIn *in, BudgetOut *out)
{
    const char *tenant_id;
    Budget budget;

    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(budget_find(desk_of(call)->art, tenant_id, user_of(in->user), &budget));
    *out = out_of(&budget, in->user);
    return NULL;
}

/* ---- setting ---- */

typedef struct BudgetPutIn {
    const char *user;
    double month_usd;
    int64_t month_tokens, alert_percent, downgrade_percent;
} BudgetPutIn;

static const Field BudgetPutIn_fields[] = {
    {FIELD_TEXT(BudgetPutIn, user), .help = USER_HELP, USER_LETTERS},
    {FIELD_NUMBER(BudgetPutIn, month_usd),
     .help = "Most that may be charged in a month, in dollars; null or left out for no limit",
     .optional = true, .nullable = true, .max = 1e9},
    {FIELD_INT(BudgetPutIn, month_tokens),
     .help = "Most tokens in a month; null or left out for no limit", .optional = true,
     .nullable = true, .max = 1e15},
    {FIELD_INT(BudgetPutIn, alert_percent), .help = "Share at which an alert is raised; 0 for none",
     .preset = "80", .max = 100, .unit = "%"},
    {FIELD_INT(BudgetPutIn, downgrade_percent),
     .help = "Share from which on quality is medium at most; 0 for never", .preset = "90",
     .max = 100, .unit = "%"},
    {FIELD_END},
};

HANDLER(budget_put, BudgetPutIn, BudgetOut);

const Endpoint artgen_budget_put = {
    .method = PUT,
    .path = "/budgets/{user}",
    .id = "artgen_budget_put",
    .summary = "Set a budget",
    .about = "It counts at once, for what is under way too.",
    .tag = "Budgets",
    .scope = "budgets:write",
    .in = SHAPE(BudgetPutIn),
    .out = SHAPE(BudgetOut),
    .handle = CALLS(budget_put),
};

static Err *budget_put(Call *call, const BudgetPutIn *in, BudgetOut *out)
{
    const char *tenant_id;
    Budget wish = {
        .user_id = user_of(in->user),
        .month_micro_usd = isnan(in->month_usd) ? -1 : llround(in->month_usd * MICRO_USD),
        .month_tokens = in->month_tokens == FIELD_NONE ? -1 : in->month_tokens,
        .alert_percent = in->alert_percent,
        .downgrade_percent = in->downgrade_percent,
    };

    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(budget_set(desk_of(call)->art, desk_caller(call), tenant_id, &wish, &wish));
    *out = out_of(&wish, in->user);
    return NULL;
}

/* ---- alerts ---- */

typedef struct AlertsOut {
    List alerts;
} AlertsOut;

static const Field AlertsOut_fields[] = {
    {FIELD_LIST(AlertsOut, alerts, &budget_alert_shape), .help = "Newest first"},
    {FIELD_END},
};

HANDLER(alerts, ArtgenPageIn, AlertsOut);

const Endpoint artgen_alerts = {
    .method = GET,
    .path = "/budgets/alerts",
    .id = "artgen_alerts",
    .summary = "See which budgets came near their end",
    .about = "Each budget says each kind of alert once a month.",
    .tag = "Budgets",
    .scope = "budgets:read",
    .in = SHAPE(ArtgenPageIn),
    .out = SHAPE(AlertsOut),
    .handle = CALLS(alerts),
};

static Err *alerts(Call *call, const ArtgenPageIn *in, AlertsOut *out)
{
    List *rows = &out->alerts;
    const char *tenant_id;

    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(budget_alerts(
        desk_of(call)->art, tenant_id, in->before, in->limit + 1, call_arena(call), rows));
    if (rows->count > (size_t)in->limit) {
        rows->count = (size_t)in->limit;
        desk_next_page(
            call, "before", ((const BudgetAlert *)rows->items)[rows->count - 1].id, in->limit);
    }
    return NULL;
}
