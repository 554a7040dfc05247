/* Promises of asking: what is repeated, when, how often, and what comes of every way to go wrong. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "call.h"
#include "watch/metric.h"

#define PICTURES "{\"created\":1,\"data\":[{\"b64_json\":\"{picture}\"}]}"
#define SERVES \
    { \
        "POST", "*", .body = PICTURES \
    }

static const VendorAsk vase = {
    .ability = ABILITY_GENERATE, .prompt = "a vase", .compression = -1, .seed = -1};

/* ---- every fault ---- */

typedef struct Fault {
    const char *name;
    OutsideRow row;
    const char *ends_as; /* our code; "no error" when a repetition helps */
    int tries;           /* requests it takes */
    int waits_ms;        /* at least, and not 400 more; -1 does not look */
} Fault;

/* The first answer is the fault's; what comes after serves. */
static void fault_try(const Fault *fault)
{
    OutsideRow rows[] = {fault->row, SERVES, {NULL}};
    rows[0].method = "POST";
    rows[0].path = "*";
    rows[0].times = 1;
    AUTO(call_end) Call call = call_begin("openai", "", rows);
    VendorAsk ask = vase;

    if (fault->row.drip_ms)
        ask.total_ms = 300;
    const char *code = call_code(call_ask(&call, ask));
    if (strcmp(code, fault->ends_as) != 0)
        test_fail(__FILE__, __LINE__, "'%s' ends as %s, not %s", fault->name, code, fault->ends_as);
    if (outside_count(call.outside) != fault->tries)
        test_fail(
            __FILE__, __LINE__, "'%s' took %d requests, not %d", fault->name,
            outside_count(call.outside), fault->tries);
    int64_t waited_ms = call_waited_ms(&call);
    if (fault->waits_ms >= 0 && (waited_ms < fault->waits_ms || waited_ms >= fault->waits_ms + 400))
        test_fail(
            __FILE__, __LINE__, "'%s' waited %lld ms, not %d", fault->name, (long long)waited_ms,
            fault->waits_ms);
}

TEST(each_fault_ends_as_documented)
{
    static const Fault faults[] = {
        {"400",
         {.status = 400, .body = "{\"error\":{\"message\":\"no\",\"code\":\"invalid_value\"}}"},
         "input_invalid",
         1,
         0},
        {"401", {.status = 401, .body = "{}"}, "vendor_key_refused", 1, 0},
        {"402", {.status = 402, .body = "{}"}, "vendor_unpaid", 1, 0},
        {"403", {.status = 403, .body = "{}"}, "vendor_key_refused", 1, 0},
        {"404 of the model",
         {.status = 404, .body = "{\"error\":{\"code\":\"model_not_found\"}}"},
         "model_unknown",
         1,
         0},
        {"404 of the address",
         {.status = 404, .body = "nothing here", .type = "text/plain"},
         "upstream_failed",
         1,
         0},
        {"410", {.status = 410, .body = "{\"error\":{}}"}, "model_retired", 1, 0},
        {"408", {.status = 408, .body = "{}"}, "no error", 2, -1},
        {"409", {.status = 409, .body = "{}"}, "no error", 2, -1},
        {"413", {.status = 413, .body = "{}"}, "file_too_large", 1, 0},
        {"415", {.status = 415, .body = "{}"}, "input_invalid", 1, 0},
        {"422", {.status = 422, .body = "{}"}, "input_invalid", 1, 0},
        {"429 and nothing else", {.status = 429, .body = "{}"}, "no error", 2, 375},
        {"429 with seconds", {.status = 429, .headers = "Retry-After: 7\r\n"}, "no error", 2, 7000},
        {"429 with a date",
         {.status = 429, .headers = "Retry-After: Fri, 15 Jan 2027 08:00:09 GMT\r\n"},
         "no error",
         2,
         9000},
        {"429 with milliseconds",
         {.status = 429, .headers = "retry-after-ms: 1500\r\nRetry-After: 60\r\n"},
         "no error",
         2,
         1500},
        {"429 with a duration",
         {.status = 429,
          .headers = "x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 1m2.5s\r\n"},
         "no error",
         2,
         62500},
        {"429 with a moment",
         {.status = 429,
          .headers = "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1800000011\r\n"},
         "no error",
         2,
         11000},
        {"429 with a moment in words",
         {.status = 429, .headers = "x-rate-limit-reset-at-utc: 2027-01-15T08:00:05Z\r\n"},
         "no error",
         2,
         5000},
        {"429 for longer than anybody waits",
         {.status = 429, .headers = "Retry-After: 121\r\n"},
         "vendor_busy",
         1,
         0},
        {"429 that tells us not to",
         {.status = 429, .headers = "x-should-retry: false\r\nRetry-After: 1\r\n"},
         "vendor_busy",
         1,
         0},
        {"500", {.status = 500, .body = "{}"}, "upstream_failed", 1, 0},
        {"500 that tells us to",
         {.status = 500, .headers = "x-should-retry: true\r\n"},
         "no error",
         2,
         -1},
        {"502", {.status = 502, .body = "<html>"}, "upstream_failed", 1, 0},
        {"503 and nothing else", {.status = 503, .body = "{}"}, "no error", 2, 375},
        {"503 with seconds", {.status = 503, .headers = "Retry-After: 2\r\n"}, "no error", 2, 2000},
        {"504", {.status = 504, .body = "{}"}, "vendor_unsure", 1, 0},
        {"524", {.status = 524, .body = "{}"}, "vendor_unsure", 1, 0},
        {"no answer at all", {.cut_at = -1}, "vendor_unsure", 1, 0},
        {"an answer cut off", {.body = PICTURES, .cut_at = 40}, "vendor_unsure", 1, 0},
        {"a web page",
         {.body = "<html>Welcome</html>", .type = "text/html"},
         "vendor_unsure",
         1,
         0},
        {"JSON that is none", {.body = "{\"data\":[{]"}, "vendor_unsure", 1, 0},
        {"no pictures", {.body = "{\"data\":[]}"}, "vendor_unsure", 1, 0},
        {"a picture that is none",
         {.body = "{\"data\":[{\"b64_json\":\"aGVsbG8=\"}]}"},
         "vendor_unsure",
         1,
         0},
        {"a picture whose end is missing",
         {.body = "{\"data\":[{\"b64_json\":\"iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSnc\"}]}"},
         "vendor_unsure",
         1,
         0},
        {"a slow drip", {.body = PICTURES, .drip_ms = 20}, "vendor_unsure", 1, -1},
    };

    for (size_t i = 0; i < COUNT(faults); i++)
        fault_try(&faults[i]);
}

TEST(who_cannot_be_reached_did_nothing_and_is_tried_again)
{
    static const OutsideRow rows[] = {SERVES, {NULL}};
    AUTO(call_end) Call call = call_begin("openai", "", rows);

    outside_stop(TAKE(call.outside));
    call.outside = outside_start(rows); /* on another port: nobody listens at the old one */
    CHECK_TEXT(call_code(call_ask(&call, vase)), "upstream_failed");
    CHECK(call_waited_ms(&call) > 2000);
    CHECK_INT(outside_count(call.outside), 0);
}

TEST(what_keeps_saying_429_is_busy_and_says_when_to_come_again)
{
    static const OutsideRow rows[] = {
        {"POST", "*", .status = 429, .headers = "Retry-After: 30\r\n"}, {NULL}};
    AUTO(call_end) Call call = call_begin("openai", "", rows);
    AUTO(err_free) Err *err = call_ask(&call, vase);

    CHECK_TEXT(err_name(err_code(err)), "vendor_busy");
    CHECK_TEXT(
        err_text(err), "The service takes no more requests right now. Try again in 30 seconds.");
    CHECK_INT(outside_count(call.outside), 4);
    CHECK_INT(call_waited_ms(&call), 90000);

    /* The next one does not even ask before the time is there. */
    VendorAsk hurried = vase;
    hurried.total_ms = 10000;
    CHECK_TEXT(call_code(call_ask(&call, hurried)), "vendor_busy");
    CHECK_INT(outside_count(call.outside), 4);
}

TEST(a_limit_that_is_used_up_is_waited_for_before_it_says_429)
{
    static const OutsideRow rows[] = {
        {"POST", "*", .body = PICTURES, .times = 1,
         .headers = "x-ratelimit-limit-requests: 5\r\nx-ratelimit-remaining-requests: 0\r\n"
                    "x-ratelimit-reset-requests: 12s\r\n"},
        {"POST", "*", .body = PICTURES,
         .headers = "x-ratelimit-limit-requests: 5\r\nx-ratelimit-remaining-requests: 4\r\n"
                    "x-ratelimit-reset-requests: 12s\r\n"},
        {NULL},
    };
    AUTO(call_end) Call call = call_begin("openai", "", rows);
    List states;

    CHECK_OK(call_ask(&call, vase));
    CHECK_INT(call_waited_ms(&call), 0);
    CHECK_OK(call_ask(&call, vase));
    CHECK(call_waited_ms(&call) >= 11900 && call_waited_ms(&call) <= 12000);
    CHECK_OK(call_ask(&call, vase));
    CHECK(call_waited_ms(&call) <= 12000);
    vendors_states(call.vendors, call.mem, &states);
    const VendorState *openai = states.items;
    CHECK_INT(openai->limit, 5);
    CHECK_INT(openai->remaining, 4);
    CHECK_INT(openai->asked, 3);
}

TEST(files_that_are_gone_are_told_and_those_that_stumble_are_fetched_again)
{
    static const OutsideRow rows[] = {
        {"POST", "*", .body = "{\"data\":[{\"url\":\"{origin}/files/{number}\"}]}"},
        {"GET", "/files/1", .status = 403},
        {"GET", "/files/3", .status = 500, .times = 1},
        {"GET", "/files/3", .picture = "png", .cut_at = 20, .times = 1},
        {"GET", "/files/3", .picture = "png"},
        {"GET", "/files/*", .body = "<html>", .type = "text/html"},
        {NULL},
    };
    AUTO(call_end) Call call = call_begin("openai", "", rows);
    AUTO(err_free) Err *gone = call_ask(&call, vase);

    CHECK_TEXT(err_name(err_code(gone)), "upstream_failed");
    CHECK_TEXT(err_text(gone), "The finished picture was no longer there to fetch. Try again.");
    CHECK_OK(call_ask(&call, vase));
    CHECK_INT(outside_count(call.outside), 6);
    CHECK_TEXT(call_code(call_ask(&call, vase)), "upstream_failed");
}

/* ---- calling off ---- */

typedef struct Caller {
    Call *call;
    Cancel *cancel;
    int64_t total_ms;
    _Atomic int64_t took_ms;
    const char *code;
} Caller;

static void *caller_ask(void *caller_any)
{
    Caller *caller = caller_any;
    AUTO(arena_free) Arena *mem = arena_new();
    VendorAsk ask = vase;
    VendorAnswer answer;
    int64_t began_ms = clock_ticks_ms();

    ask.cancel = caller->cancel;
    ask.total_ms = caller->total_ms;
    caller->code = call_code(vendors_ask(caller->call->vendors, &ask, mem, &answer));
    caller->took_ms = clock_ticks_ms() - began_ms;
    return NULL;
}

TEST(whoever_calls_off_need_not_wait)
{
    static const OutsideRow rows[] = {{"POST", "*", .body = PICTURES, .delay_ms = 3000}, {NULL}};
    AUTO(call_end) Call call = call_begin("openai", "", rows);
    Cancel cancel = CANCEL_INIT;
    Caller caller = {&call, &cancel, 0};
    pthread_t thread;

    CHECK_INT(pthread_create(&thread, NULL, caller_ask, &caller), 0);
    while (outside_count(call.outside) == 0)
        usleep(1000);
    cancel_ask(&cancel);
    pthread_join(thread, NULL);
    CHECK_TEXT(caller.code, "cancelled");
    CHECK(caller.took_ms < 2000);
}

TEST(a_picture_that_takes_longer_than_people_wait_leaves_us_unsure)
{
    static const OutsideRow rows[] = {{"POST", "*", .body = PICTURES, .delay_ms = 3000}, {NULL}};
    AUTO(call_end) Call call = call_begin("openai", "", rows);
    VendorAsk ask = vase;

    ask.total_ms = 200;
    CHECK_TEXT(call_code(call_ask(&call, ask)), "vendor_unsure");
    CHECK_INT(outside_count(call.outside), 1);
}

/* ---- the breaker ---- */

static const char *breaker_of(Call *call)
{
    List states;

    vendors_states(call->vendors, call->mem, &states);
    return ((const VendorState *)states.items)->breaker;
}

TEST(who_keeps_failing_is_left_alone_for_a_while_and_then_tried_by_one)
{
    static const OutsideRow rows[] = {{"POST", "*", .status = 500, .times = 6}, SERVES, {NULL}};
    AUTO(call_end) Call call = call_begin("openai", "", rows);

    for (int i = 0; i < 5; i++) {
        CHECK_TEXT(breaker_of(&call), "closed");
        CHECK_TEXT(call_code(call_ask(&call, vase)), "upstream_failed");
    }
    CHECK_TEXT(breaker_of(&call), "open");
    Err *err = call_ask(&call, vase);
    CHECK(strstr(err_text(err), "Try again in 30 seconds."));
    CHECK_TEXT(call_code(err), "vendor_busy");
    CHECK_INT(outside_count(call.outside), 5);

    CHECK(clock_pass(30000)); /* the probe fails: twice as long */
    CHECK_TEXT(breaker_of(&call), "half_open");
    CHECK_TEXT(call_code(call_ask(&call, vase)), "upstream_failed");
    CHECK_TEXT(breaker_of(&call), "open");
    CHECK(clock_pass(30000));
    CHECK_TEXT(call_code(call_ask(&call, vase)), "vendor_busy");
    CHECK(clock_pass(30000)); /* the next one does well */
    CHECK_OK(call_ask(&call, vase));
    CHECK_TEXT(breaker_of(&call), "closed");
    CHECK_OK(call_ask(&call, vase));
    CHECK_INT(outside_count(call.outside), 8);
}

TEST(refusals_do_not_open_the_breaker)
{
    static const OutsideRow rows[] = {
        {"POST", "*", .status = 400, .body = "{\"error\":{\"code\":\"moderation_blocked\"}}"},
        {NULL}};
    AUTO(call_end) Call call = call_begin("openai", "", rows);

    for (int i = 0; i < 10; i++)
        CHECK_TEXT(call_code(call_ask(&call, vase)), "prompt_refused");
    CHECK_TEXT(breaker_of(&call), "closed");
    CHECK_INT(outside_count(call.outside), 10);
}

TEST(while_one_probes_the_others_are_told_to_come_later)
{
    static const OutsideRow rows[] = {
        {"POST", "*", .status = 500, .times = 5},
        {"POST", "*", .body = PICTURES, .delay_ms = 300},
        {NULL}};
    AUTO(call_end) Call call = call_begin("openai", "", rows);
    Cancel cancel = CANCEL_INIT;
    Caller caller = {&call, &cancel, 0};
    pthread_t thread;

    for (int i = 0; i < 5; i++)
        CHECK_TEXT(call_code(call_ask(&call, vase)), "upstream_failed");
    CHECK(clock_pass(30000));
    CHECK_INT(pthread_create(&thread, NULL, caller_ask, &caller), 0);
    while (outside_count(call.outside) < 6)
        usleep(1000);
    CHECK_TEXT(call_code(call_ask(&call, vase)), "vendor_busy");
    pthread_join(thread, NULL);
    CHECK_TEXT(caller.code, "no error");
    CHECK_INT(outside_count(call.outside), 6);
}

/* ---- numbers ---- */

TEST(what_is_asked_is_counted)
{
    static const OutsideRow rows[] = {
        {"POST", "*", .status = 429, .headers = "Retry-After: 1\r\n", .times = 1}, SERVES, {NULL}};
    AUTO(call_end) Call call = call_begin("openai", "", rows);
    AUTO(buf_done) Buf text = BUF(1 << 20);
    VendorAsk ask = vase;
    ask.quality = "low";

    metrics_reset();
    CHECK_OK(call_ask(&call, ask));
    CHECK_OK(metrics_write(&text));
    CHECK(strstr(
        buf_text(&text),
        "cyclorama_vendor_requests_total{vendor=\"openai\",outcome=\"busy\"} 1\n"));
    CHECK(strstr(
        buf_text(&text), "cyclorama_vendor_requests_total{vendor=\"openai\",outcome=\"ok\"} 1\n"));
    CHECK(
        strstr(buf_text(&text), "cyclorama_vendor_cost_micro_usd_total{vendor=\"openai\"} 6000\n"));
    CHECK(strstr(
        buf_text(&text),
        "cyclorama_vendor_seconds_count{vendor=\"openai\",ability=\"generate\"} 1\n"));
    CHECK_INT(call.answer.tries, 2);
    CHECK(call.answer.took_ms >= 1000);
}
