/* Asking: one vendor after the other until one has answered. */
#include <string.h>

#include "base/clock.h"
#include "vendor/core_priv.h"
#include "watch/metric.h"
#include "watch/watch.h"

/* What people wait for such a picture; vendors' own limits for slow models are higher. */
static const int64_t total_ms[] = {
    [ABILITY_GENERATE] = 180 * 1000,  [ABILITY_EDIT] = 180 * 1000,
    [ABILITY_VARIATION] = 180 * 1000, [ABILITY_CUTOUT] = 60 * 1000,
    [ABILITY_RELIGHT] = 120 * 1000,   [ABILITY_UPSCALE] = 180 * 1000,
    [ABILITY_DEPTH] = 60 * 1000,
};

int64_t ability_total_ms(Ability ability)
{
    return total_ms[ability];
}

static int64_t deadline_of(const VendorAsk *ask)
{
    return clock_ticks_ms() + (ask->total_ms ? ask->total_ms : ability_total_ms(ask->ability));
}

VendorLine line_at(Vendors *vendors, Agent *agent, const VendorAsk *ask, Arena *mem)
{
    return (VendorLine){
        .vendors = vendors,
        .agent = agent,
        .pace = &agent->pace,
        .ask = ask,
        .secret = agent->secret,
        .base_url = agent->base_url,
        .mem = mem,
        .deadline_ms = deadline_of(ask),
        .begin_by_ms = deadline_of(ask),
        .cancel = ask->cancel,
    };
}

/* The tenant's own key comes before the house's. VENDOR_MISSING without either. */
static MUST Err *key_find(VendorLine *line)
{
    const VendorJournal *journal = &line->vendors->journal;
    const char *own = NULL;

    if (line->ask->tenant_id && journal->tenant_key)
        TRY(journal->tenant_key(
            journal->context, line->ask->tenant_id, line->agent->vendor->name, line->mem, &own));
    if (own) {
        line->secret = own;
        line->pace = vendors_pace(line->vendors, own);
        return NULL;
    }
    return line->agent->has_key
               ? NULL
               : err_new(ERR_VENDOR_MISSING, "there is no key for '%s'", line->agent->vendor->name);
}

/* ---- the books ---- */

/* An alarm for each model, not for each picture. */
static void price_miss(Agent *agent, const char *model)
{
    pthread_mutex_lock(&agent->mutex);
    bool is_news = strcmp(agent->unpriced, model) != 0;
    snprintf(agent->unpriced, sizeof(agent->unpriced), "%s", model);
    pthread_mutex_unlock(&agent->mutex);
    if (is_news)
        watch(
            WATCH_WARN, "vendor.price_unknown", WATCH_TEXT("vendor", agent->vendor->name),
            WATCH_TEXT("model", model));
}

static void cost_count(VendorLine *line, VendorAnswer *answer)
{
    Agent *agent = line->agent;

    if (!answer->is_cost_known) /* it did not say what it charged */
        answer->is_cost_known =
            price_of_answer(agent->vendor, line->ask, answer, &answer->cost_micro_usd);
    if (!answer->is_cost_known)
        price_miss(agent, answer->model);
    metric_add(METRIC_VENDOR_COST_MICRO_USD_TOTAL, answer->cost_micro_usd, agent->vendor->name);
}

static void agent_count(Agent *agent, const Err *err, int64_t cost_micro_usd)
{
    pthread_mutex_lock(&agent->mutex);
    agent->asked++;
    agent->cost_micro_usd += cost_micro_usd;
    if (err && err_code(err) != ERR_CANCELLED) {
        agent->failed++;
        agent->trouble_ms = clock_now_ms();
        snprintf(agent->trouble, sizeof(agent->trouble), "%s", err_default_text(err_code(err)));
    }
    pthread_mutex_unlock(&agent->mutex);
}

/* Is the work under the ask's key to be found again? Also when it is done: who asked may die before what came of it is kept. */
static bool may_be_found(const Err *err)
{
    switch (err ? err_code(err) : ERR_VENDOR_UNSURE) {
    case ERR_VENDOR_UNSURE:
    case ERR_CANCELLED:
    case ERR_TIMED_OUT:
        return true;
    default:
        return false;
    }
}

static void journal_close(const VendorLine *line, const Err *err)
{
    const VendorJournal *journal = &line->vendors->journal;

    if (!line->has_begun || !journal->drop || !line->ask->key || may_be_found(err))
        return;
    AUTO(err_free) Err *lost =
        journal->drop(journal->context, line_key(line), line->agent->vendor->name);
    if (lost)
        watch_err("vendor.journal", lost, line->agent->vendor->name);
}

/* ---- one vendor ---- */

static GateEnd end_of(const VendorLine *line, const Err *err)
{
    if (!err)
        return GATE_ANSWERED;
    if (err_code(err) == ERR_CANCELLED || err_code(err) == ERR_TIMED_OUT)
        return GATE_NEITHER;
    return line->is_broken ? GATE_FAILED : GATE_ANSWERED;
}

static MUST Err *ask_inside(VendorLine *line, VendorAnswer *ret)
{
    VendorAnswer answer = {.seed = -1, .model = line->ask->model};

    TRY(line->agent->vendor->ask(line, line->ask, line->mem, &answer));
    answer.vendor = line->agent->vendor->name;
    if (answer.count == 0)
        return line_nonsense(line, "no picture");
    *ret = answer;
    return NULL;
}

/* LINE's ask names vendor and model. */
static MUST Err *ask_agent(VendorLine *line, VendorAnswer *ret)
{
    const VendorAsk *ask = line->ask;
    Agent *agent = line->agent;
    int64_t began_ms = clock_ticks_ms();
    AUTO(span_close) Span *span = span_open("vendor.ask", NULL);

    span_text(span, "vendor", agent->vendor->name);
    span_text(span, "model", ask->model);
    span_text(span, "ability", ability_names[ask->ability]);
    TRY(key_find(line));
    TRY(gate_enter(&agent->gate, ask->cancel, line->begin_by_ms));
    Err *err = ask_inside(line, ret);
    gate_leave(&agent->gate, end_of(line, err));

    int64_t took_ms = clock_ticks_ms() - began_ms;
    span_int(span, "tries", line->tries);
    if (err)
        span_failed(span, err);
    metric_observe(
        METRIC_VENDOR_SECONDS, took_ms, agent->vendor->name, ability_names[ask->ability]);
    journal_close(line, err);
    if (!err) {
        ret->took_ms = took_ms;
        ret->tries = line->tries;
        cost_count(line, ret);
    }
    agent_count(agent, err, err ? 0 : ret->cost_micro_usd);
    return err;
}

/* ---- one after the other ---- */

/* May somebody else be asked after ERR? Not when the ask itself is to blame, and not when the work may have been done. */
static bool leaves_others(const Err *err)
{
    switch (err_code(err)) {
    case ERR_VENDOR_MISSING:
    case ERR_VENDOR_KEY_REFUSED:
    case ERR_VENDOR_UNPAID:
    case ERR_VENDOR_BUSY:
    case ERR_MODEL_UNKNOWN:
    case ERR_MODEL_RETIRED:
    case ERR_FILE_TOO_LARGE:
    case ERR_UPSTREAM_FAILED:
    case ERR_UPSTREAM_REFUSED:
    case ERR_UPSTREAM_TIMED_OUT:
        return true;
    default:
        return false;
    }
}

/* Takes both over: of what two vendors failed with, what is worth more to who asked. */
static MUST Err *better_kept(Err *earlier, Err *later)
{
    bool keeps_earlier = earlier && (err_retry(err_code(earlier)) || !err_retry(err_code(later)));

    err_free(keeps_earlier ? later : earlier);
    return keeps_earlier ? earlier : later;
}

/* Until when the first of COUNT vendors may take to begin: whoever asked waits for all of them together, and those behind it need time, too. */
static int64_t begin_by(int64_t deadline_ms, size_t count)
{
    int64_t now_ms = clock_ticks_ms();

    return now_ms + (deadline_ms - now_ms) / (int64_t)count;
}

static MUST Err *
ask_route(Vendors *vendors, const VendorAsk *ask, Texts route, Arena *mem, VendorAnswer *ret)
{
    const int64_t deadline_ms = deadline_of(ask);
    const char *instead_of = NULL;
    Err *trouble = NULL;

    for (size_t i = 0; i < route.count; i++) {
        Agent *agent = vendors_agent(vendors, route.items[i]);
        VendorAsk one = *ask;

        one.vendor = agent->vendor->name;
        one.model = ask->model && i == 0 ? ask->model : agent_model(agent, ask->ability);
        VendorLine line = line_at(vendors, agent, &one, mem);
        line.deadline_ms = deadline_ms;
        line.begin_by_ms = begin_by(deadline_ms, route.count - i);
        Err *err = ask_agent(&line, ret);
        if (!err) {
            err_free(trouble);
            ret->instead_of = instead_of;
            return NULL;
        }
        if (!leaves_others(err)) {
            err_free(trouble);
            return err;
        }
        if (route.count > 1)
            watch_err("vendor.passed_on", err, one.vendor);
        instead_of = instead_of ? arena_print(mem, "%s, %s", instead_of, one.vendor) : one.vendor;
        trouble = better_kept(trouble, err);
    }
    return trouble;
}

Err *vendors_ask(Vendors *vendors, const VendorAsk *ask, Arena *mem, VendorAnswer *ret)
{
    const char *only[] = {ask->vendor};
    Texts route = {only, 1};

    if (vendors && !ask->vendor)
        route = vendors->routes[ask->ability];
    Agent *first = vendors && route.count ? vendors_agent(vendors, route.items[0]) : NULL;
    if (!first || !first->vendor->usual[ask->ability])
        return err_new(
            ERR_VENDOR_MISSING, "nobody is set up to %s pictures", ability_names[ask->ability]);
    return ask_route(vendors, ask, route, mem, ret);
}
