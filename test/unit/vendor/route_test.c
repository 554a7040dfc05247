/* Promises of asking several: order, fallback, when nobody else is asked, keys, turns, costs. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "call.h"
#include "vendor/core_priv.h"

#define PICTURES "{\"created\":1,\"data\":[{\"b64_json\":\"{picture}\"}]}"
#define OPENAI_SERVES \
    { \
        "POST", "/openai/*", .body = PICTURES \
    }

static const VendorAsk vase = {
    .ability = ABILITY_GENERATE, .prompt = "a vase", .compression = -1, .seed = -1};

/* ---- one after the other ---- */

/* What stability's fault leads to, with openai behind it. */
static const struct {
    OutsideRow row;
    const char *ends_as, *instead_of;
} passings[] = {
    {{.status = 500}, "no error", "stability"},
    {{.status = 402}, "no error", "stability"},
    {{.status = 401}, "no error", "stability"},
    {{.status = 404}, "no error", "stability"},
    {{.status = 413}, "no error", "stability"},
    {{.status = 429, .headers = "Retry-After: 500\r\n"}, "no error", "stability"},
    {{.status = 400}, "input_invalid", NULL},
    {{.status = 403, .body = "{\"name\":\"content_moderation\",\"errors\":[\"no\"]}"},
     "prompt_refused",
     NULL},
    {{.cut_at = -1}, "vendor_unsure", NULL},
    {{.status = 504}, "vendor_unsure", NULL},
    {{.picture = "png", .cut_at = 30}, "vendor_unsure", NULL},
};

TEST(the_next_is_asked_only_where_the_first_surely_did_nothing_and_the_ask_is_not_to_blame)
{
    for (size_t i = 0; i < COUNT(passings); i++) {
        OutsideRow rows[] = {passings[i].row, OPENAI_SERVES, {NULL}};
        rows[0].method = "POST";
        rows[0].path = "/stability/*";
        AUTO(call_end) Call call = call_begin_all("stability,openai", rows, NULL);
        const char *code = call_code(call_ask(&call, vase));

        if (strcmp(code, passings[i].ends_as) != 0)
            test_fail(__FILE__, __LINE__, "row %zu ends as %s", i, code);
        if (strcmp(code, "no error") != 0) {
            CHECK_INT(outside_count(call.outside), 1);
            continue;
        }
        CHECK_TEXT(call.answer.vendor, "openai");
        CHECK_TEXT(call.answer.instead_of, passings[i].instead_of);
        CHECK_TEXT(call.answer.model, "gpt-image-2");
    }
}

TEST(who_is_left_alone_is_passed_over_and_a_quote_says_so)
{
    static const OutsideRow rows[] = {
        {"POST", "/stability/*", .status = 500}, OPENAI_SERVES, {NULL}};
    AUTO(call_end) Call call = call_begin_all("stability,openai", rows, NULL);
    VendorQuote quote;

    CHECK_OK(vendors_quote(call.vendors, &vase, &quote));
    CHECK_TEXT(quote.vendor, "stability");
    for (int i = 0; i < 8; i++)
        CHECK_OK(call_ask(&call, vase));
    CHECK_INT(outside_count(call.outside), 5 + 8);
    CHECK_TEXT(call.answer.instead_of, "stability");
    CHECK_OK(vendors_quote(call.vendors, &vase, &quote));
    CHECK_TEXT(quote.vendor, "openai");
    CHECK_TEXT(quote.model, "gpt-image-2");
}

TEST(when_all_fail_what_may_pass_is_told)
{
    static const OutsideRow rows[] = {
        {"POST", "/stability/*", .status = 429, .headers = "Retry-After: 500\r\n"},
        {"POST", "/openai/*", .status = 401},
        {NULL}};
    AUTO(call_end) Call call = call_begin_all("stability,openai", rows, NULL);

    CHECK_TEXT(call_code(call_ask(&call, vase)), "vendor_busy");
    CHECK_INT(outside_count(call.outside), 2);
}

/* Both ask for a minute's patience each time; three minutes are there. */
TEST(all_vendors_together_take_no_longer_than_one_may)
{
    static const OutsideRow rows[] = {
        {"POST", "*", .status = 429, .headers = "Retry-After: 60\r\n"}, {NULL}};
    AUTO(call_end) Call call = call_begin_all("stability,openai", rows, NULL);
    VendorAsk ask = vase;

    ask.total_ms = 180 * 1000;
    CHECK_TEXT(call_code(call_ask(&call, ask)), "vendor_busy");
    CHECK(call_waited_ms(&call) >= 60 * 1000);
    CHECK(call_waited_ms(&call) <= 180 * 1000);
}

TEST(who_asks_for_more_patience_than_its_share_is_passed_over_for_the_next)
{
    static const OutsideRow rows[] = {
        {"POST", "/stability/*", .status = 429, .headers = "Retry-After: 100\r\n"},
        OPENAI_SERVES,
        {NULL}};
    AUTO(call_end) Call call = call_begin_all("stability,openai", rows, NULL);
    VendorAsk ask = vase;

    ask.total_ms = 180 * 1000;
    CHECK_OK(call_ask(&call, ask));
    CHECK_TEXT(call.answer.instead_of, "stability");
    CHECK(call_waited_ms(&call) < 1000);
}

TEST(a_model_that_is_named_is_the_first_vendors)
{
    static const OutsideRow rows[] = {{"POST", "/openai/*", .body = PICTURES}, {NULL}};
    AUTO(call_end) Call call = call_begin_all("openai,stability", rows, NULL);
    VendorAsk ask = vase;

    ask.model = "gpt-image-1-mini";
    CHECK_OK(call_ask(&call, ask));
    CHECK_TEXT(call.answer.model, "gpt-image-1-mini");
    ask.vendor = "nobody";
    CHECK_TEXT(call_code(call_ask(&call, ask)), "vendor_missing");
}

/* ---- what is set up ---- */

static const char *open_code(const VendorKey *keys, const char *vendor, Ability ability, char *text)
{
    AUTO(vendors_close) Vendors *vendors = NULL;
    VendorsSetup setup = {.keys = keys};

    setup.routes[ability] = (Texts){&vendor, 1};
    Err *err = vendors_open(&setup, &vendors);
    snprintf(text, 256, "%s", err ? err_text(err) : "");
    return call_code(err);
}

TEST(a_route_that_cannot_be_is_refused_with_the_names_there_are)
{
    static const VendorKey keys[] = {{"openai", "k"}, {NULL}};
    char text[256];

    CHECK_TEXT(open_code(keys, "openai", ABILITY_GENERATE, text), "no error");
    CHECK_TEXT(open_code(keys, "midway", ABILITY_GENERATE, text), "input_invalid");
    CHECK(strstr(text, "openai"));
    CHECK_TEXT(open_code(keys, "openai", ABILITY_UPSCALE, text), "input_invalid");
    CHECK_TEXT(open_code(keys, "stability", ABILITY_GENERATE, text), "input_invalid");
    CHECK_TEXT(text, "'stability' is set for generate but has no key. Set STABILITY_API_KEY.");
}

TEST(with_nobody_set_up_nobody_is_asked)
{
    AUTO(vendors_close) Vendors *vendors = NULL;
    AUTO(arena_free) Arena *mem = arena_new();
    VendorAnswer answer;
    VendorQuote quote;
    List states;

    CHECK_OK(vendors_open(&(VendorsSetup){.keys = NULL}, &vendors));
    CHECK(!vendors_serve(vendors, ABILITY_GENERATE));
    CHECK(!vendors_serve(NULL, ABILITY_GENERATE));
    CHECK_TEXT(call_code(vendors_ask(vendors, &vase, mem, &answer)), "vendor_missing");
    CHECK_TEXT(call_code(vendors_ask(NULL, &vase, mem, &answer)), "vendor_missing");
    CHECK_TEXT(call_code(vendors_quote(vendors, &vase, &quote)), "vendor_missing");
    vendors_states(vendors, mem, &states);
    CHECK(states.count >= 1);
    CHECK(!((const VendorState *)states.items)->has_key);
}

TEST(what_is_asked_and_by_which_model_names_a_step)
{
    static const OutsideRow rows[] = {{NULL}};
    AUTO(call_end) Call one = call_begin_all("openai,stability", rows, NULL);
    AUTO(call_end) Call other = call_begin_all("stability,openai", rows, NULL);
    AUTO(hasher_free) Hasher *a = hasher_new(), *b = hasher_new(), *c = hasher_new();

    vendors_identify(one.vendors, ABILITY_GENERATE, a);
    vendors_identify(other.vendors, ABILITY_GENERATE, b);
    vendors_identify(NULL, ABILITY_GENERATE, c);
    Hash first = hasher_done(a), second = hasher_done(b), none = hasher_done(c);
    CHECK(!hash_equal(first, second));
    CHECK(!hash_equal(first, none));
}

/* ---- keys of tenants, and the journal ---- */

typedef struct Kept {
    char request[64];
    int kept, dropped;
} Kept;

static Err *
kept_find(void *context, const char *key, const char *vendor, Arena *mem, const char **ret_request)
{
    const Kept *kept = context;
    (void)key;
    (void)vendor;

    if (kept->request[0])
        *ret_request = arena_text(mem, kept->request);
    return NULL;
}

static Err *kept_keep(void *context, const char *key, const char *vendor, const char *request)
{
    Kept *kept = context;
    (void)key;
    (void)vendor;

    snprintf(kept->request, sizeof(kept->request), "%s", request);
    kept->kept++;
    return NULL;
}

static Err *kept_drop(void *context, const char *key, const char *vendor)
{
    Kept *kept = context;
    (void)key;
    (void)vendor;

    kept->request[0] = 0;
    kept->dropped++;
    return NULL;
}

static Err *own_key(
    void *context, const char *tenant_id, const char *vendor, Arena *mem, const char **ret_secret)
{
    (void)context;
    if (strcmp(tenant_id, "tnt_own") == 0 && strcmp(vendor, "openai") == 0)
        *ret_secret = arena_text(mem, "own-key");
    return NULL;
}

TEST(a_tenants_own_key_comes_first_and_its_limits_are_its_own)
{
    static const OutsideRow rows[] = {
        {"POST", "*", .body = PICTURES, .times = 1,
         .headers = "x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 12s\r\n"},
        {"POST", "*", .body = PICTURES},
        {NULL}};
    const VendorJournal journal = {.tenant_key = own_key};
    AUTO(call_end) Call call = call_begin_all("openai", rows, &journal);
    VendorAsk ask = vase;

    ask.tenant_id = "tnt_own";
    CHECK_OK(call_ask(&call, ask));
    CHECK_TEXT(outside_header(call.outside, 0, "authorization"), "Bearer own-key");
    ask.tenant_id = "tnt_other";
    CHECK_OK(call_ask(&call, ask));
    CHECK_TEXT(outside_header(call.outside, 1, "authorization"), "Bearer test-key");
    CHECK_INT(call_waited_ms(&call), 0);
    ask.tenant_id = "tnt_own";
    CHECK_OK(call_ask(&call, ask));
    CHECK(call_waited_ms(&call) > 11000);
}

/* A queue that is begun once and never ready. */
static Err *queue_ask(VendorLine *line, const VendorAsk *ask, Arena *mem, VendorAnswer *ret)
{
    const char *request = NULL;
    LineReply reply;
    (void)ask;
    (void)ret;

    TRY(line_begun(line, &request));
    if (!request) {
        TRY(line_send(
            line, &(LineRequest){.method = "POST", .path = "/begin", .is_billed = true}, &reply));
        request = arena_text_n(mem, reply.body, reply.size);
        TRY(line_begin(line, request));
    }
    for (;;) {
        TRY(line_send(line, &(LineRequest){.path = arena_print(mem, "/is/%s", request)}, &reply));
        if (reply.size == 4)
            return err_new(ERR_UPSTREAM_FAILED, "it says that it failed");
        TRY(line_wait(line, request, 5000));
    }
}

/* vendors_open knows the list alone, so VENDOR is asked by hand. */
static Err *own_call(Call *call, const Vendor *vendor, Kept *kept)
{
    Vendors vendors = {.net = call->net, .mem = call->mem};
    Agent agent = {
        .vendor = vendor,
        .base_url = outside_url(call->outside),
        .has_key = true,
        .mutex = PTHREAD_MUTEX_INITIALIZER};
    VendorAsk ask = vase;

    vendors.agents = &agent;
    vendors.agent_count = 1;
    vendors.journal = (VendorJournal){kept, kept_find, kept_keep, kept_drop};
    gate_init(&agent.gate, vendor->name, 0);
    pace_init(&agent.pace);
    ask.key = "run_1";
    ask.vendor = vendor->name;
    Err *err = vendors_ask(&vendors, &ask, call->mem, &call->answer);
    gate_done(&agent.gate);
    pace_done(&agent.pace);
    return err;
}

static const Vendor queue = {
    .name = "queue", .auth = "Authorization: %s", .usual[ABILITY_GENERATE] = "q", .ask = queue_ask};

TEST(work_that_was_begun_is_found_again_and_not_begun_twice)
{
    static const OutsideRow rows[] = {
        {"POST", "/begin", .body = "req-{number}", .type = "text/plain"},
        {"GET", "/is/req-1", .body = "soon...", .type = "text/plain", .times = 50},
        {"GET", "/is/req-1", .body = "fail", .type = "text/plain"},
        {NULL}};
    AUTO(call_end) Call call = call_begin_all("openai", rows, NULL);
    Kept kept = {.kept = 0};

    /* It is not ready when the time is over: whether it will be paid for is not known. */
    CHECK_TEXT(call_code(own_call(&call, &queue, &kept)), "vendor_unsure");
    CHECK(call_waited_ms(&call) > 175000 && call_waited_ms(&call) < 190000);
    CHECK_TEXT(kept.request, "req-1");
    CHECK_INT(kept.dropped, 0);
    CHECK_TEXT(call_code(own_call(&call, &queue, &kept)), "upstream_failed");
    CHECK_INT(kept.kept, 1);
    CHECK_INT(kept.dropped, 1);
    for (int i = 1; i < outside_count(call.outside); i++)
        CHECK_TEXT(outside_asked(call.outside, i)->method, "GET");
}

/* Paid work under a key of its own that the vendor knows it by. */
static Err *keyed_ask(VendorLine *line, const VendorAsk *ask, Arena *mem, VendorAnswer *ret)
{
    static const NetHeader headers[] = {{"Idempotency-Key", "run_1"}, {NULL, NULL}};
    LineReply reply;
    (void)ask;
    (void)mem;

    TRY(line_send(
        line,
        &(LineRequest){.method = "POST", .path = "/make", .headers = headers, .is_billed = true},
        &reply));
    ret->count = 1;
    return line_picture(line, reply.body, reply.size, &ret->pictures[0]);
}

TEST(paid_work_under_a_key_that_the_vendor_knows_it_by_is_repeated)
{
    static const OutsideRow rows[] = {
        {"POST", "/make", .status = 500, .times = 2}, {"POST", "/make", .picture = "png"}, {NULL}};
    static const Vendor keyed = {
        .name = "keyed",
        .auth = "Authorization: %s",
        .usual[ABILITY_GENERATE] = "k",
        .ask = keyed_ask};
    AUTO(call_end) Call call = call_begin_all("openai", rows, NULL);
    Kept kept = {.kept = 0};

    CHECK_OK(own_call(&call, &keyed, &kept));
    CHECK_INT(outside_count(call.outside), 3);
    CHECK_TEXT(outside_header(call.outside, 2, "idempotency-key"), "run_1");
}

/* ---- turns ---- */

enum {
    TURNS = 6
};

typedef struct Turn {
    Gate *gate;
    Cancel *cancel;
    int number;
    const char *code;
    int *order;
    atomic_int *entered;
} Turn;

static void *turn_take(void *turn_any)
{
    Turn *turn = turn_any;
    Err *err = gate_enter(turn->gate, turn->cancel, INT64_MAX);

    if (!err)
        turn->order[atomic_fetch_add(turn->entered, 1)] = turn->number;
    turn->code = call_code(err);
    if (strcmp(turn->code, "no error") == 0)
        gate_leave(turn->gate, GATE_ANSWERED);
    return NULL;
}

TEST(turns_come_in_order_and_who_calls_off_leaves_the_row)
{
    Gate gate;
    pthread_t threads[TURNS];
    Turn turns[TURNS];
    Cancel cancel = CANCEL_INIT;
    int order[TURNS] = {0};
    atomic_int entered = 0;

    gate_init(&gate, "openai", 1);
    CHECK_OK(gate_enter(&gate, NULL, INT64_MAX));
    for (int i = 0; i < TURNS; i++) {
        turns[i] = (Turn){&gate, i == 2 ? &cancel : NULL, i, NULL, order, &entered};
        CHECK_INT(pthread_create(&threads[i], NULL, turn_take, &turns[i]), 0);
        while (gate_waiting(&gate) <= i)
            usleep(500);
    }
    cancel_ask(&cancel);
    pthread_join(threads[2], NULL);
    CHECK_TEXT(turns[2].code, "cancelled");
    CHECK_INT(atomic_load(&entered), 0);
    gate_leave(&gate, GATE_ANSWERED);
    for (int i = 0; i < TURNS; i++)
        if (i != 2)
            pthread_join(threads[i], NULL);
    static const int wanted[] = {0, 1, 3, 4, 5};
    for (size_t i = 0; i < COUNT(wanted); i++)
        CHECK_INT(order[i], wanted[i]);

    CHECK_OK(gate_enter(&gate, NULL, INT64_MAX));
    CHECK_TEXT(call_code(gate_enter(&gate, NULL, clock_ticks_ms() + 20)), "vendor_busy");
    gate_leave(&gate, GATE_ANSWERED);
    gate_done(&gate);
}

/* ---- money ---- */

static int64_t quoted(
    Call *call, const char *model, const char *quality, int width, int height, int64_t count,
    bool *ret_known)
{
    VendorAsk ask = vase;
    VendorQuote quote;

    ask.vendor = "openai";
    ask.model = model;
    ask.quality = quality;
    ask.width_px = width;
    ask.height_px = height;
    ask.count = count;
    CHECK_OK(vendors_quote(call->vendors, &ask, &quote));
    *ret_known = quote.is_cost_known;
    CHECK(!quote.is_cost_known || (quote.price_as_of && quote.price_source));
    return quote.cost_micro_usd;
}

TEST(quotes_are_by_the_list_and_say_when_it_has_no_price)
{
    static const OutsideRow rows[] = {{NULL}};
    AUTO(call_end) Call call = call_begin_all("openai", rows, NULL);
    bool known;

    CHECK_INT(quoted(&call, "gpt-image-2", "low", 1024, 1024, 1, &known), 6000);
    CHECK_INT(quoted(&call, "gpt-image-2", "medium", 1536, 1024, 3, &known), 3 * 41000);
    CHECK_INT(quoted(&call, "gpt-image-2", "high", 2048, 2048, 1, &known), 4 * 211000);
    CHECK_INT(quoted(&call, "gpt-image-2", NULL, 0, 0, 1, &known), 211000); /* it may be high */
    CHECK_INT(quoted(&call, "gpt-image-2", "auto", 0, 0, 0, &known), 211000);
    CHECK(known);
    CHECK_INT(quoted(&call, "gpt-image-9", "low", 1024, 1024, 1, &known), 0);
    CHECK(!known);
}

TEST(what_every_vendor_is_usually_asked_can_be_quoted_with_date_and_source)
{
    AUTO(vendors_close) Vendors *vendors = NULL;

    CHECK_OK(vendors_open(&(VendorsSetup){.keys = NULL}, &vendors));
    for (size_t i = 0; vendor_list[i]; i++) {
        for (int ability = 0; ability < ABILITY_MAX_; ability++) {
            VendorAsk ask = {.ability = (Ability)ability, .vendor = vendor_list[i]->name};
            VendorQuote quote;

            if (!vendor_list[i]->usual[ability])
                continue;
            CHECK_OK(vendors_quote(vendors, &ask, &quote));
            if (!quote.is_cost_known || quote.cost_micro_usd <= 0)
                test_fail(__FILE__, __LINE__, "no price for %s of %s", quote.model, quote.vendor);
        }
        for (const PriceRow *row = vendor_list[i]->prices; row->model; row++)
            CHECK(strlen(row->as_of) == 10 && strncmp(row->source, "https://", 8) == 0);
    }
}
