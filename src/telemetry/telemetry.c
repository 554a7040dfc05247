/* One thread that sends spans and bugs away. */
#include <ctype.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "telemetry/telemetry_priv.h"
#include "watch/watch.h"

enum {
    SPANS_MOST = 512,
    BUGS_MOST = 64, /* waiting; a storm of bugs is told by its first ones */
    BODY_BYTES_MAX = 4 << 20,
    SEND_MS = 5000,
    HEADERS_MAX = 16
};

struct Telemetry {
    TelemetrySetup setup;
    Arena *mem;
    const char *traces_url; /* NULL for none */
    NetHeader otlp_headers[HEADERS_MAX + 2], sentry_headers[3];
    SentryDsn sentry; /* url NULL for none */

    pthread_t thread;
    bool is_started;
    atomic_bool stopping;
    bool otlp_is_down, sentry_is_down; /* said once an outage */

    pthread_mutex_t mutex;
    Bug bugs[BUGS_MOST];
    int bug_count;
};

static void bug_tell(void *context, const char *event, const Err *err)
{
    Telemetry *telemetry = context;

    pthread_mutex_lock(&telemetry->mutex);
    if (telemetry->bug_count < BUGS_MOST) {
        Bug *bug = &telemetry->bugs[telemetry->bug_count++];

        snprintf(bug->event, sizeof(bug->event), "%s", event);
        snprintf(bug->code, sizeof(bug->code), "%s", err_name(err_code(err)));
        snprintf(bug->message, sizeof(bug->message), "%s", err_message(err));
        snprintf(bug->file, sizeof(bug->file), "%s", err_file(err));
        bug->line = err_line(err);
        bug->at_ms = clock_now_ms();
    }
    pthread_mutex_unlock(&telemetry->mutex);
    spans_wake();
}

/* ---- sending ---- */

typedef struct Parcel {
    const char *what, *url;
    const NetHeader *headers;
    const Buf *body;
    bool *is_down;
} Parcel;

static MUST Err *parcel_try(Telemetry *telemetry, const Parcel *parcel)
{
    AUTO(arena_free) Arena *mem = arena_new();
    NetReply reply;

    TRY(net_send(
        telemetry->setup.net,
        &(NetRequest){
            .method = "POST",
            .url = parcel->url,
            .headers = parcel->headers,
            .body = parcel->body->bytes,
            .body_bytes = (int64_t)parcel->body->size,
            .total_ms = SEND_MS,
            .retries = 2,
            .is_repeatable = true,
        },
        mem, &reply));
    return net_reply_check(&reply, parcel->what);
}

static void parcel_send(Telemetry *telemetry, const Parcel *parcel)
{
    AUTO(err_free) Err *err = parcel_try(telemetry, parcel);

    if (err && !*parcel->is_down)
        watch_err("telemetry.lost", err, parcel->what);
    *parcel->is_down = err != NULL;
}

static void spans_send(Telemetry *telemetry, const SpanDone *spans, size_t count)
{
    AUTO(value_free) Value *body = otlp_body(&telemetry->setup, spans, count);
    AUTO(buf_done) Buf text = BUF(BODY_BYTES_MAX);
    AUTO(err_free) Err *err = value_write(body, VALUE_COMPACT, &text);

    if (!err)
        parcel_send(
            telemetry, &(Parcel){
                           .what = "traces",
                           .url = telemetry->traces_url,
                           .headers = telemetry->otlp_headers,
                           .body = &text,
                           .is_down = &telemetry->otlp_is_down});
}

static void bugs_send(Telemetry *telemetry)
{
    Bug bugs[BUGS_MOST];

    pthread_mutex_lock(&telemetry->mutex);
    int count = telemetry->bug_count;
    memcpy(bugs, telemetry->bugs, sizeof(Bug) * (size_t)count);
    telemetry->bug_count = 0;
    pthread_mutex_unlock(&telemetry->mutex);

    for (int i = 0; i < count; i++) {
        AUTO(buf_done) Buf text = BUF(64 * 1024);
        AUTO(err_free) Err *err = sentry_envelope(&telemetry->setup, &bugs[i], &text);

        if (!err)
            parcel_send(
                telemetry, &(Parcel){
                               .what = "bugs",
                               .url = telemetry->sentry.url,
                               .headers = telemetry->sentry_headers,
                               .body = &text,
                               .is_down = &telemetry->sentry_is_down});
    }
}

static void *telemetry_run(void *telemetry_any)
{
    Telemetry *telemetry = telemetry_any;
    bool is_last = false;

    while (!is_last) {
        AUTO(arena_free) Arena *mem = arena_new();
        SpanDone *spans = ARENA_ARRAY(mem, SpanDone, SPANS_MOST);
        is_last = atomic_load(&telemetry->stopping);
        size_t count = spans_fetch(spans, SPANS_MOST, is_last ? 0 : telemetry->setup.batch_ms, mem);

        if (count > 0 && telemetry->traces_url)
            spans_send(telemetry, spans, count);
        if (telemetry->sentry.url)
            bugs_send(telemetry);
    }
    return NULL;
}

/* ---- beginning and end ---- */

static int hex_value(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = digit ? strchr(digits, tolower((unsigned char)digit)) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* TEXT without blanks around it, %20 made a blank (OpenTelemetry: written as in W3C Baggage). NULL for what would be no header. */
static const char *word_read(const char *text, size_t length, Arena *mem)
{
    char *word = arena_take(mem, length + 1);
    size_t size = 0;

    for (size_t i = 0; i < length; i++) {
        int high = text[i] == '%' && length - i > 2 ? hex_value(text[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        char letter = low >= 0 ? (char)(high * 16 + low) : text[i];

        if ((unsigned char)letter < ' ' || letter == 0x7f)
            return NULL;
        if (size || letter != ' ')
            word[size++] = letter;
        i += low >= 0 ? 2 : 0;
    }
    while (size && word[size - 1] == ' ')
        size--;
    word[size] = '\0';
    return word;
}

/* "name=value,name=value" behind the rows that are there. */
static void headers_read(Telemetry *telemetry)
{
    const char *text = telemetry->setup.otlp_headers;
    size_t count = 0;

    telemetry->otlp_headers[count++] = (NetHeader){"content-type", "application/json"};
    while (text && *text && count <= HEADERS_MAX) {
        size_t length = strcspn(text, ","), name = strcspn(text, "=,");

        const char *words[2] = {NULL, NULL};
        if (name < length && name > 0) {
            words[0] = word_read(text, name, telemetry->mem);
            words[1] = word_read(text + name + 1, length - name - 1, telemetry->mem);
        }
        if (words[0] && *words[0] && words[1])
            telemetry->otlp_headers[count++] = (NetHeader){words[0], words[1]};
        text += length + (text[length] == ',');
    }
}

static MUST Err *addresses_read(Telemetry *telemetry)
{
    const TelemetrySetup *setup = &telemetry->setup;

    if (setup->otlp_endpoint && *setup->otlp_endpoint) {
        size_t length = strlen(setup->otlp_endpoint);

        while (length > 0 && setup->otlp_endpoint[length - 1] == '/')
            length--;
        telemetry->traces_url =
            arena_print(telemetry->mem, "%.*s/v1/traces", (int)length, setup->otlp_endpoint);
        headers_read(telemetry);
    }
    if (!setup->sentry_dsn || !*setup->sentry_dsn)
        return NULL;
    TRY(sentry_dsn_read(setup->sentry_dsn, telemetry->mem, &telemetry->sentry));
    telemetry->sentry_headers[0] = (NetHeader){"content-type", "application/x-sentry-envelope"};
    telemetry->sentry_headers[1] = (NetHeader){
        "x-sentry-auth",
        arena_print(
            telemetry->mem, "Sentry sentry_version=7, sentry_client=%s/%s, sentry_key=%s",
            setup->service, setup->version, telemetry->sentry.key)};
    return NULL;
}

static void setup_copy(Telemetry *telemetry, const TelemetrySetup *setup)
{
    Arena *mem = telemetry->mem;

    telemetry->setup = (TelemetrySetup){
        .net = setup->net,
        .otlp_endpoint = arena_text(mem, setup->otlp_endpoint),
        .otlp_headers = arena_text(mem, setup->otlp_headers),
        .sentry_dsn = arena_text(mem, setup->sentry_dsn),
        .service = arena_text(mem, setup->service),
        .version = arena_text(mem, setup->version),
        .instance = arena_text(mem, setup->instance),
        .batch_ms = setup->batch_ms ? setup->batch_ms : 2000,
    };
}

Err *telemetry_start(const TelemetrySetup *setup, Telemetry **ret)
{
    Telemetry *made = calloc(1, sizeof(*made));

    if (!made)
        abort();
    AUTO(telemetry_stop) Telemetry *telemetry = made;
    telemetry->mem = arena_new();
    pthread_mutex_init(&telemetry->mutex, NULL);
    setup_copy(telemetry, setup);
    TRY(addresses_read(telemetry));
    if (telemetry->traces_url || telemetry->sentry.url) {
        if (pthread_create(&telemetry->thread, NULL, telemetry_run, telemetry) != 0)
            return err_new(ERR_MEMORY_SPENT, "unable to start the thread that sends telemetry");
        telemetry->is_started = true;
        spans_keep(telemetry->traces_url != NULL);
        if (telemetry->sentry.url)
            watch_bugs_tell(bug_tell, telemetry);
    }
    *ret = TAKE(telemetry);
    return NULL;
}

void telemetry_stop(Telemetry *telemetry)
{
    if (!telemetry)
        return;
    if (telemetry->is_started) {
        watch_bugs_tell(NULL, NULL);
        atomic_store(&telemetry->stopping, true);
        spans_wake();
        pthread_join(telemetry->thread, NULL);
        spans_keep(false);
    }
    pthread_mutex_destroy(&telemetry->mutex);
    arena_free(telemetry->mem);
    free(telemetry);
}
