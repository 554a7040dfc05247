/* Promises of what is sent to services that collect: against a small server of the test's own. */
#include <pthread.h>

#include "base/value.h"
#include "harness/peer.h"
#include "telemetry/telemetry.h"
#include "test.h"
#include "watch/span.h"
#include "watch/watch.h"

typedef struct Collector {
    pthread_mutex_t mutex;
    int refuse; /* so many first */
    char target[256], auth[512], key[512], tenant[512], bodies[4][8192];
    int taken;
} Collector;

static bool collect(void *collector_any, const PeerAsked *asked)
{
    Collector *collector = collector_any;

    pthread_mutex_lock(&collector->mutex);
    bool is_refused = collector->refuse-- > 0;
    if (!is_refused && collector->taken < (int)COUNT(collector->bodies)) {
        snprintf(collector->target, sizeof(collector->target), "%s", asked->target);
        snprintf(
            collector->auth, sizeof(collector->auth), "%s", peer_header(asked, "x-sentry-auth"));
        snprintf(collector->key, sizeof(collector->key), "%s", peer_header(asked, "authorization"));
        snprintf(collector->tenant, sizeof(collector->tenant), "%s", peer_header(asked, "x-scope"));
        snprintf(
            collector->bodies[collector->taken++], sizeof(collector->bodies[0]), "%.*s",
            (int)asked->body_bytes, asked->body ? asked->body : "");
    }
    pthread_mutex_unlock(&collector->mutex);
    return is_refused ? peer_reply(asked, "503 Service Unavailable", "Retry-After: 0\r\n", "")
                      : peer_reply(asked, "200 OK", "", "{}");
}

typedef struct Scene {
    Arena *mem;
    Collector collector;
    Peer *peer;
    NetClient *net;
    Telemetry *telemetry;
} Scene;

static void scene_open(Scene *scene, bool has_traces)
{
    const char *host;

    scene->mem = arena_new();
    pthread_mutex_init(&scene->collector.mutex, NULL);
    scene->peer = peer_start(collect, &scene->collector);
    host = arena_print(scene->mem, "127.0.0.1:%d", peer_port(scene->peer));
    CHECK_OK(net_open(&(NetSetup){0}, &scene->net));
    CHECK_OK(telemetry_start(
        &(TelemetrySetup){
            .net = scene->net,
            .otlp_headers = "Authorization=Basic%20dTpw, x-scope = shop ,broken,evil=a%0d%0ab",
            .otlp_endpoint = has_traces ? arena_print(scene->mem, "http://%s/", host) : "",
            .sentry_dsn = has_traces ? "" : arena_print(scene->mem, "http://abc123@%s/7", host),
            .service = "cyclorama",
            .version = "1.2.3",
            .instance = "test/1",
            .batch_ms = 10,
        },
        &scene->telemetry));
}

/* Stopping sends what there is. */
static void scene_stop(Scene *scene)
{
    telemetry_stop(scene->telemetry);
    net_close(scene->net);
    peer_stop(scene->peer);
}

static const Value *at(const Value *value, const char *list)
{
    return value_at(value_get(value, list), 0);
}

static void value_end(void *value)
{
    value_free(value);
}

/* The span of that name, in whichever of the batches it came: a span may be sent before the next is closed. */
static const Value *span_find(Scene *scene, const char *name)
{
    for (int i = 0; i < scene->collector.taken; i++) {
        const char *text = scene->collector.bodies[i];
        Value *body = NULL;

        CHECK(strstr(text, "secret") == NULL);
        CHECK_OK(value_parse(text, strlen(text), &body));
        arena_keep(scene->mem, value_end, body);
        const Value *spans = value_get(at(at(body, "resourceSpans"), "scopeSpans"), "spans");

        for (size_t k = 0; k < value_count(spans); k++)
            if (strcmp(value_text(value_get(value_at(spans, k), "name")), name) == 0)
                return value_at(spans, k);
    }
    test_fail(__FILE__, __LINE__, "no span '%s' was sent", name);
}

TEST(spans_reach_a_collector_as_otlp_json)
{
    Scene scene = {.collector.refuse = 1};

    scene_open(&scene, true);
    Span *outer = span_open("http.request", NULL);
    span_is_server(outer);
    Span *inner = span_open("recipe.step", NULL);
    AUTO(err_free) Err *err = err_new(ERR_NOT_FOUND, "a secret of the log");
    span_int(inner, "pixels", 12);
    span_failed(inner, err);
    span_close(inner);
    span_close(outer);
    scene_stop(&scene);

    CHECK(scene.collector.taken >= 1);
    CHECK_TEXT(scene.collector.target, "/v1/traces");
    CHECK_TEXT(scene.collector.key, "Basic dTpw");
    CHECK_TEXT(scene.collector.tenant, "shop");
    const Value *first = span_find(&scene, "recipe.step");
    const Value *second = span_find(&scene, "http.request");
    CHECK_TEXT(
        value_text(value_get(first, "parentSpanId")), value_text(value_get(second, "spanId")));
    CHECK_INT(strlen(value_text(value_get(first, "traceId"))), 32);
    CHECK_INT(strlen(value_text(value_get(first, "startTimeUnixNano"))), 19);
    CHECK_TEXT(
        value_text(value_get(value_get(at(first, "attributes"), "value"), "intValue")), "12");
    CHECK_TEXT(value_text(value_get(value_get(first, "status"), "message")), "not_found");
    CHECK_INT(value_int(value_get(second, "kind")), 2);
    arena_free(scene.mem);
}

TEST(a_bug_reaches_sentry_as_an_envelope_of_one_event)
{
    Scene scene = {0};
    AUTO(value_free) Value *event = NULL;

    scene_open(&scene, false);
    AUTO(err_free) Err *bug = err_new(ERR_BUG, "a row without a name");
    AUTO(err_free) Err *common = err_new(ERR_NOT_FOUND, "nobody's fault");
    watch_start((WatchSetup){.level = WATCH_OFF, .fd = 2});
    watch_err("test.failed", common, NULL);
    watch_err("test.failed", bug, NULL);
    watch_start((WatchSetup){.level = WATCH_ERROR, .fd = 2});
    scene_stop(&scene);

    CHECK_INT(scene.collector.taken, 1);
    CHECK_TEXT(scene.collector.target, "/api/7/envelope/");
    CHECK(strstr(scene.collector.auth, "sentry_key=abc123") != NULL);
    const char *item = strchr(scene.collector.bodies[0], '\n');
    const char *payload = item ? strchr(item + 1, '\n') : NULL;
    CHECK(payload != NULL);
    size_t size = strcspn(payload + 1, "\n");
    CHECK_OK(value_parse(payload + 1, size, &event));
    const Value *thrown = at(value_get(event, "exception"), "values");
    CHECK_TEXT(value_text(value_get(thrown, "value")), "a row without a name");
    CHECK_TEXT(value_text(value_get(event, "release")), "1.2.3");
    CHECK_INT(strlen(value_text(value_get(event, "event_id"))), 32);
    arena_free(scene.mem);
}

TEST(a_dsn_that_cannot_be_read_is_refused)
{
    static const char *const wrong[] = {
        "sentry.example/7",
        "https://sentry.example/7",
        "https://@sentry.example/7",
        "https://key@sentry.example/",
        "https://key@/7",
        "ftp://key@sentry.example/7"};
    Telemetry *telemetry;

    for (size_t i = 0; i < COUNT(wrong); i++)
        CHECK_ERR(
            telemetry_start(&(TelemetrySetup){.sentry_dsn = wrong[i], .service = "c"}, &telemetry),
            ERR_INPUT_INVALID, "Sentry DSN cannot be read");
}
