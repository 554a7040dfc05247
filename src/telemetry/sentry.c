/* Bugs as Sentry takes them: an envelope of one event. */
#include <string.h>

#include "base/chance.h"
#include "base/clock.h"
#include "telemetry/telemetry_priv.h"

static MUST Err *dsn_wrong(void)
{
    return err_public(
        err_new(ERR_INPUT_INVALID, "Sentry DSN cannot be read"),
        "SENTRY_DSN must look like https://KEY@sentry.example/7.");
}

Err *sentry_dsn_read(const char *dsn, Arena *mem, SentryDsn *ret)
{
    const char *host = strstr(dsn, "://");
    const char *at = host ? strchr(host, '@') : NULL;
    const char *project = at ? strrchr(at, '/') : NULL;

    if (!project || !project[1] || at == host + 3 || project == at + 1 ||
        (strncmp(dsn, "https://", 8) != 0 && strncmp(dsn, "http://", 7) != 0))
        return dsn_wrong();

    size_t key = strcspn(host + 3, ":@"); /* an old DSN has a second key behind a colon */
    ret->key = arena_text_n(mem, host + 3, key);
    ret->url = arena_print(
        mem, "%.*s://%.*s/api/%s/envelope/", (int)(host - dsn), dsn, (int)(project - at - 1),
        at + 1, project + 1);
    return NULL;
}

static void event_id(char text[33])
{
    unsigned char bytes[16];

    chance_bytes(bytes, sizeof(bytes));
    for (int i = 0; i < 16; i++)
        snprintf(text + 2 * (size_t)i, 3, "%02x", bytes[i]);
}

static Value *frames_of(const Bug *bug)
{
    Value *stack = value_object(), *frames = value_list(), *frame = value_object();

    value_set(frame, "filename", value_of_text(bug->file));
    value_set(frame, "lineno", value_of_int(bug->line));
    value_set(frame, "in_app", value_of_bool(true));
    value_add(frames, frame);
    value_set(stack, "frames", frames);
    return stack;
}

static Value *event_of(const TelemetrySetup *setup, const Bug *bug, const char *id)
{
    Value *event = value_object(), *exception = value_object(), *values = value_list();
    Value *thrown = value_object(), *tags = value_object();
    char time[CLOCK_TEXT_SIZE];

    clock_text(bug->at_ms, time);
    value_set(event, "event_id", value_of_text(id));
    value_set(event, "timestamp", value_of_text(time));
    value_set(event, "platform", value_of_text("c"));
    value_set(event, "level", value_of_text("error"));
    value_set(event, "logger", value_of_text(bug->event));
    value_set(event, "release", value_of_text(setup->version));
    value_set(event, "server_name", value_of_text(setup->instance));
    value_set(tags, "event", value_of_text(bug->event));
    value_set(event, "tags", tags);
    value_set(thrown, "type", value_of_text(bug->code));
    value_set(thrown, "value", value_of_text(bug->message));
    value_set(thrown, "stacktrace", frames_of(bug));
    value_add(values, thrown);
    value_set(exception, "values", values);
    value_set(event, "exception", exception);
    return event;
}

Err *sentry_envelope(const TelemetrySetup *setup, const Bug *bug, Buf *buf)
{
    AUTO(buf_done) Buf payload = BUF(16 * 1024);
    char id[33], time[CLOCK_TEXT_SIZE];

    event_id(id);
    clock_text(clock_now_ms(), time);
    AUTO(value_free) Value *event = event_of(setup, bug, id);
    TRY(value_write(event, VALUE_COMPACT, &payload));
    TRY(buf_print(buf, "{\"event_id\":\"%s\",\"sent_at\":\"%s\"}\n", id, time));
    TRY(buf_print(
        buf, "{\"type\":\"event\",\"content_type\":\"application/json\",\"length\":%zu}\n",
        payload.size));
    TRY(buf_add(buf, payload.bytes, payload.size));
    return buf_add_text(buf, "\n");
}
