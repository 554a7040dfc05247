/* Health, metrics, and the pages that describe the doors. */
#include "door/house/house.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "door/desk.h"
#include "door/house/house_priv.h"
#include "http/openapi.h"
#include "watch/metric.h"
#include "watch/watch.h"

typedef struct Health {
    const char *status, *version;
    bool ready;
    const char *database, *store, *workers;
} Health;

static const Field Health_fields[] = {
    {FIELD_TEXT(Health, status), .help = "ok, degraded, failing or stopping"},
    {FIELD_TEXT(Health, version), .help = "Of the program"},
    {FIELD_BOOL(Health, ready), .help = "May requests be sent here?"},
    {FIELD_TEXT(Health, database), .help = "ok, or failing"},
    {FIELD_TEXT(Health, store), .help = "ok, or failing"},
    {FIELD_TEXT(Health, workers), .help = "ok, elsewhere, or what those of this process lack"},
    {FIELD_END},
};

/* ---- looking ---- */

enum {
    LOOK_KEPT_MS =
        1000 /* whoever asks more often learns nothing new, and must not weigh on database and store */
};

static void well_look(Call *call, Wellness *well)
{
    const Desk *desk = desk_of(call);
    AUTO(err_free) Err *database = office_check(desk->accounts);
    AUTO(err_free) Err *store = shelf_check(&desk->studio->shelf, call_cancel(call));

    if (store && err_code(store) == ERR_CANCELLED)
        return; /* who asked has left: that says nothing of the store */
    if (database)
        watch_err("health.failed", database, "database");
    if (store)
        watch_err("health.failed", store, "store");
    atomic_store(&well->database, !database);
    atomic_store(&well->store, !store);
    atomic_store(&well->looked_ms, clock_ticks_ms());
}

/* How it was a moment ago. While somebody looks the others take the last answer, so that a database that hangs holds one worker; only before
 * the first answer is there anything to wait for. */
static void well_ask(Call *call)
{
    Wellness *well = desk_of(call)->well;
    int64_t looked_ms = atomic_load(&well->looked_ms);

    if (looked_ms && clock_ticks_ms() - looked_ms < LOOK_KEPT_MS)
        return;
    if (!looked_ms)
        pthread_mutex_lock(&well->looking);
    else if (pthread_mutex_trylock(&well->looking) != 0)
        return;
    if (atomic_load(&well->looked_ms) == looked_ms)
        well_look(call, well);
    pthread_mutex_unlock(&well->looking);
}

/* Is it well enough to take requests? */
static Health health_tell(Call *call)
{
    const Desk *desk = desk_of(call);
    const char *lack = desk->has_workers ? run_lack(desk->studio) : NULL;
    bool is_stopping = !atomic_load(desk->ready);

    well_ask(call);
    bool database = atomic_load(&desk->well->database), store = atomic_load(&desk->well->store);
    return (Health){
        .status = is_stopping           ? "stopping"
                  : !database || !store ? "failing"
                  : lack                ? "degraded"
                                        : "ok",
        .version = desk->version,
        .ready = !is_stopping && database && store,
        .database = database ? "ok" : "failing",
        .store = store ? "ok" : "failing",
        .workers = !desk->has_workers ? "elsewhere"
                   : lack             ? lack
                                      : "ok",
    };
}

HANDLER(health, void, Health);

static const Endpoint health_endpoint = {
    .method = GET,
    .path = "/health",
    .id = "house_health",
    .summary = "Is the server well?",
    .about = "Answers 503 with the same body when it is not ready: database or store cannot be "
             "reached, or it is to stop. Both are looked at once a second at most. `degraded` is "
             "ready: requests are taken, but workers of this process lack something, and some "
             "pictures wait for others.",
    .tag = "House",
    .also = 503,
    .out = SHAPE(Health),
    .handle = CALLS(health),
};

static const Endpoint ready_endpoint = {
    .method = GET,
    .path = "/health/ready",
    .id = "house_ready",
    .summary = "May requests be sent here? For balancers",
    .about = "Answers 503 with the same body when not.",
    .tag = "House",
    .also = 503,
    .out = SHAPE(Health),
    .handle = CALLS(health),
};

static Err *health(Call *call, const void *in, Health *out)
{
    (void)in;
    *out = health_tell(call);
    if (!out->ready) {
        call_status_set(call, 503);
        call_header_set(call, "Retry-After", "1");
    }
    return NULL;
}

typedef struct Alive {
    const char *status, *version;
} Alive;

static const Field Alive_fields[] = {
    {FIELD_TEXT(Alive, status), .help = "ok"},
    {FIELD_TEXT(Alive, version), .help = "Of the program"},
    {FIELD_END},
};

HANDLER(live, void, Alive);

static const Endpoint live_endpoint = {
    .method = GET,
    .path = "/health/live",
    .id = "house_live",
    .summary = "Does the process answer at all? For supervisors",
    .tag = "House",
    .out = SHAPE(Alive),
    .handle = CALLS(live),
};

static Err *live(Call *call, const void *in, Alive *out)
{
    (void)in;
    *out = (Alive){"ok", desk_of(call)->version};
    return NULL;
}

/* ---- metrics ---- */

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* A proxy on this machine speaks for others: by its headers, or because the server is called by another name than this machine's own. */
static bool peer_is_this_machine(const Call *call)
{
    const char *peer = call_peer(call), *origin = strstr(call_origin(call), "://");

    if (call_header(call, "X-Forwarded-For") || call_header(call, "Forwarded") ||
        call_header(call, "Via") || call_header(call, "X-Real-IP"))
        return false;
    if (strcmp(peer, "local") == 0)
        return true;
    return (starts_with(peer, "127.") || strcmp(peer, "::1") == 0) && origin &&
           (starts_with(origin, "://127.") || starts_with(origin, "://localhost") ||
            starts_with(origin, "://[::1]"));
}

static bool key_is(const char *given, const char *wanted)
{
    Hash a = hash_bytes(given, strlen(given)), b = hash_bytes(wanted, strlen(wanted));

    return hash_equal(a, b); /* of hashes, so that time tells nothing of the key */
}

static MUST Err *metrics_may(const Call *call)
{
    const char *wanted = desk_of(call)->metrics_key, *given = call_key(call);

    if (*wanted ? given && key_is(given, wanted) : peer_is_this_machine(call))
        return NULL;
    return *wanted && !given
               ? err_new(ERR_UNAUTHENTICATED, "metrics asked for without a key")
               : err_public(
                     err_new(ERR_FORBIDDEN, "metrics asked for from elsewhere or with a wrong key"),
                     "Metrics are for this machine, or for who has the metrics key.");
}

enum {
    METRICS_BYTES_MAX = 4 << 20
};

HANDLER(metrics, void, void);

static const Endpoint metrics_endpoint = {
    .method = GET,
    .kind = ENDPOINT_DOWNLOAD,
    .path = "/metrics",
    .id = "house_metrics",
    .summary = "Numbers for Prometheus",
    .about = "For this machine alone, or with the metrics key as `Authorization: Bearer KEY`.",
    .tag = "House",
    .types = (const char *const[]){"text/plain", NULL},
    .errors = ERRORS(ERR_UNAUTHENTICATED, ERR_FORBIDDEN),
    .handle = CALLS(metrics),
};

static Err *metrics(Call *call, const void *in, void *out)
{
    static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER; /* what is set anew is seen whole */
    AUTO(buf_done) Buf text = BUF(METRICS_BYTES_MAX);

    (void)in;
    (void)out;
    TRY(metrics_may(call));
    pthread_mutex_lock(&reading);
    desk_of(call)->collect(desk_of(call)->collect_context);
    Err *err = metrics_write(&text);
    pthread_mutex_unlock(&reading);
    TRY(err);
    call_bytes(call, "text/plain; version=0.0.4; charset=utf-8", buf_text(&text), text.size);
    return NULL;
}

const FrontDoor house_door = {
    .name = "house",
    .title = "Cyclorama",
    .version = "1.0",
    .about = "Turns plain product photos into pictures that sell.",
    .endpoints =
        (const Endpoint *const[]){
            &health_endpoint, &live_endpoint, &ready_endpoint, &metrics_endpoint, &openapi_endpoint,
            &docs_endpoint, &docs_file_endpoint, &house_queues, &house_queue_get,
            &house_queue_pause, &house_queue_resume, &house_queue_retry, &house_dead_retry,
            &house_dead_drop, NULL},
};
