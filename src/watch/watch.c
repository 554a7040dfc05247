/* The log: lines of facts. */
#include "watch/watch.h"

#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/value.h"
#include "watch/alert.h"
#include "watch/metric.h"
#include "watch/span.h"

enum {
    LINE_BYTES_MAX = 16 * 1024
};

const char *const watch_levels[] = {"debug", "info", "warn", "error", "off", NULL};
const char *const watch_formats[] = {"auto", "json", "text", NULL};

static struct {
    pthread_mutex_t mutex;
    WatchLevel level;
    bool is_text;
    int fd;
    WatchSink *sink;
    void *context;
    void (*tell)(void *context, const char *event, const Err *err);
    void *tell_context;
} tap = {.mutex = PTHREAD_MUTEX_INITIALIZER, .level = WATCH_ERROR, .fd = STDERR_FILENO};

static _Thread_local const WatchContext *around;

void watch_start(WatchSetup setup)
{
    pthread_mutex_lock(&tap.mutex);
    tap.level = setup.level;
    tap.fd = setup.fd;
    tap.is_text = setup.format == WATCH_FORMAT_TEXT ||
                  (setup.format == WATCH_FORMAT_AUTO && isatty(setup.fd));
    pthread_mutex_unlock(&tap.mutex);
}

void watch_divert(WatchSink *sink, void *context)
{
    pthread_mutex_lock(&tap.mutex);
    tap.sink = sink;
    tap.context = context;
    pthread_mutex_unlock(&tap.mutex);
}

const WatchContext *watch_context_set(const WatchContext *context)
{
    const WatchContext *former = around;

    around = context;
    return former;
}

void watch_bugs_tell(void (*tell)(void *context, const char *event, const Err *err), void *context)
{
    pthread_mutex_lock(&tap.mutex);
    tap.tell = tell;
    tap.tell_context = context;
    pthread_mutex_unlock(&tap.mutex);
}

bool watch_is_on(WatchLevel level)
{
    return level >= tap.level;
}

static bool fact_is_secret(const char *name)
{
    static const char *const words[] = {"secret", "password", "token", "authorization", "api_key"};

    for (size_t i = 0; i < COUNT(words); i++)
        if (strcasestr(name, words[i]))
            return true;
    return false;
}

static Value *fact_value(const WatchFact *fact)
{
    if (fact_is_secret(fact->name))
        return value_of_text("***");
    switch (fact->kind) {
    case WATCH_FACT_INT:
        return value_of_int(fact->whole);
    case WATCH_FACT_NUMBER:
        return value_of_number(fact->number);
    case WATCH_FACT_TEXT:
        break;
    }
    return value_of_text(fact->text);
}

enum {
    AROUND_FACTS = 5
};

/* What the thread is about, as facts; ended by a nameless one. HERE must outlive them. */
static void around_facts(const SpanPlace *here, WatchFact ret[AROUND_FACTS + 1])
{
    const struct {
        const char *name, *text;
    } rows[AROUND_FACTS] = {
        {"request_id", around ? around->request_id : NULL},
        {"tenant_id", around ? around->tenant_id : NULL},
        {"run_id", around ? around->run_id : NULL},
        {"trace_id", here->trace},
        {"span_id", here->span},
    };
    int count = 0;

    for (int i = 0; i < AROUND_FACTS; i++)
        if (rows[i].text && *rows[i].text)
            ret[count++] = (WatchFact)WATCH_TEXT(rows[i].name, rows[i].text);
    ret[count] = (WatchFact){.name = NULL};
}

static MUST Err *
json_add(Buf *line, const char *time, WatchLevel level, const char *event, const WatchFact *facts)
{
    AUTO(value_free) Value *object = value_object();
    const SpanPlace here = span_here();
    WatchFact also[AROUND_FACTS + 1];

    around_facts(&here, also);
    value_set(object, "time", value_of_text(time));
    value_set(object, "level", value_of_text(watch_levels[level]));
    value_set(object, "event", value_of_text(event));
    for (const WatchFact *fact = facts; fact && fact->name; fact++)
        value_set(object, fact->name, fact_value(fact));
    for (const WatchFact *fact = also; fact->name; fact++)
        if (!value_get(object, fact->name))
            value_set(object, fact->name, fact_value(fact));
    return value_write(object, VALUE_COMPACT, line);
}

/* What the line is about, without what surrounds it: people see that from the lines before.
 * "05:06:07 warn  photo.failed  photo=shoe.jpg code=image_unreadable" */
static MUST Err *
text_add(Buf *line, const char *time, WatchLevel level, const char *event, const WatchFact *facts)
{
    TRY(buf_print(line, "%.8s %-5s %s", time + 11, watch_levels[level], event));
    for (const WatchFact *fact = facts; fact && fact->name; fact++) {
        AUTO(value_free) Value *value = fact_value(fact);
        bool is_plain = value_kind(value) == VALUE_TEXT && !strpbrk(value_text(value), " \"\\\t\n");

        TRY(buf_print(line, " %s=", fact->name));
        if (is_plain)
            TRY(buf_add_text(line, value_text(value)));
        else
            TRY(value_write(value, VALUE_COMPACT, line));
    }
    return NULL;
}

static void line_write(const Buf *line)
{
    if (tap.sink)
        tap.sink(tap.context, buf_text(line), line->size);
    else
        (void)!write(tap.fd, line->bytes, line->size);
}

void watch_line(WatchLevel level, const char *event, const WatchFact *facts)
{
    char time[CLOCK_TEXT_SIZE];
    AUTO(buf_done) Buf line = BUF(LINE_BYTES_MAX);

    if (!watch_is_on(level))
        return;
    clock_text(clock_now_ms(), time);

    AUTO(err_free) Err *too_long =
        (tap.is_text ? text_add : json_add)(&line, time, level, event, facts);
    if (too_long) {
        /* A line that does not fit is still an event that happened. */
        line.size = 0;
        AUTO(err_free) Err *err = json_add(&line, time, level, event, NULL);
        if (err)
            return;
    }
    AUTO(err_free) Err *err = buf_add_text(&line, "\n");
    if (err)
        return;

    metric_add(METRIC_LOG_LINES_TOTAL, 1, watch_levels[level]);
    pthread_mutex_lock(&tap.mutex);
    line_write(&line);
    pthread_mutex_unlock(&tap.mutex);
}

static void err_say(WatchLevel level, const char *event, const Err *err, const char *subject)
{
    const char *where = err_where(err);

    watch(
        level, event, WATCH_TEXT("code", err_name(err_code(err))),
        WATCH_TEXT("message", err_message(err)), WATCH_TEXT("subject", subject),
        WATCH_TEXT("field", where), WATCH_TEXT("file", err_file(err)),
        WATCH_INT("line", err_line(err)));
}

static void collector_tell(const char *event, const Err *err)
{
    pthread_mutex_lock(&tap.mutex);
    void (*tell)(void *context, const char *event, const Err *err) = tap.tell;
    void *context = tap.tell_context;
    pthread_mutex_unlock(&tap.mutex);
    if (tell)
        tell(context, event, err);
}

void watch_err(const char *event, const Err *err, const char *subject)
{
    bool is_bug = err_code(err) == ERR_BUG;

    err_say(is_bug ? WATCH_ERROR : WATCH_WARN, event, err, subject);
    if (is_bug)
        collector_tell(event, err);
}

void watch_alert(const char *event, const Err *err, const char *subject)
{
    err_say(WATCH_WARN, event, err, subject);
    collector_tell(event, err);
}
