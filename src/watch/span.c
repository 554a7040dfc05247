/* Spans: a thread's present one, and the ring of finished ones. */
#include "watch/span.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/chance.h"
#include "base/clock.h"
#include "watch/metric.h"

enum {
    RING = 4096,
    FACT_BYTES = 96
};

struct Span {
    Span *above; /* the thread's present one before this */
    const char *name;
    SpanPlace place;
    char parent[17];
    int64_t start_ms, start_ticks_ms;
    const char *failure;
    bool is_server;
    int fact_count;
    struct {
        const char *name;
        bool is_text;
        char text[FACT_BYTES];
        int64_t number;
    } facts[SPAN_FACTS_MAX];
    int64_t end_ms;
};

static _Thread_local Span *present;

static atomic_bool kept;
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t grown;
    Span *spans[RING];
    size_t first, count;
    bool is_woken;
} ring = {.mutex = PTHREAD_MUTEX_INITIALIZER, .grown = PTHREAD_COND_INITIALIZER};

static void hex_random(char *text, size_t digits)
{
    static const char letters[] = "0123456789abcdef";
    unsigned char bytes[16];

    chance_bytes(bytes, digits / 2);
    for (size_t i = 0; i < digits; i++)
        text[i] = letters[bytes[i / 2] >> (i % 2 ? 0 : 4) & 15];
    text[digits] = '\0';
}

Span *span_open(const char *name, const SpanPlace *parent)
{
    if (!atomic_load(&kept))
        return NULL;

    Span *span = calloc(1, sizeof(*span));
    if (!span)
        return NULL; /* a trace is no reason to fail */
    span->name = name;
    span->start_ms = clock_now_ms();
    span->start_ticks_ms = clock_ticks_ms();
    if (!parent && present)
        parent = &present->place;
    if (parent && *parent->trace) {
        memcpy(span->place.trace, parent->trace, sizeof(span->place.trace));
        memcpy(span->parent, parent->span, sizeof(span->parent));
    } else {
        hex_random(span->place.trace, 32);
    }
    hex_random(span->place.span, 16);
    span->above = present;
    present = span;
    return span;
}

/* Takes SPAN over. */
static void ring_add(Span *span)
{
    pthread_mutex_lock(&ring.mutex);
    bool is_full = ring.count == RING;
    if (!is_full) {
        ring.spans[(ring.first + ring.count++) % RING] = span;
        pthread_cond_signal(&ring.grown);
    }
    pthread_mutex_unlock(&ring.mutex);
    if (is_full) {
        free(span);
        metric_add(METRIC_SPANS_LOST_TOTAL, 1, NULL);
    }
}

void span_close(Span *span)
{
    if (!span)
        return;
    /* Spans end in the reverse order of their beginning; one that was left open ends with the one around it. */
    while (present && present != span) {
        Span *inner = present;

        present = inner->above;
        free(inner);
    }
    present = span->above;
    span->end_ms = span->start_ms + clock_ticks_ms() - span->start_ticks_ms;
    if (atomic_load(&kept))
        ring_add(span);
    else
        free(span);
}

void span_text(Span *span, const char *name, const char *text)
{
    if (!span || span->fact_count == SPAN_FACTS_MAX || !text)
        return;
    span->facts[span->fact_count].name = name;
    span->facts[span->fact_count].is_text = true;
    snprintf(span->facts[span->fact_count++].text, FACT_BYTES, "%s", text);
}

void span_int(Span *span, const char *name, int64_t number)
{
    if (!span || span->fact_count == SPAN_FACTS_MAX)
        return;
    span->facts[span->fact_count].name = name;
    span->facts[span->fact_count++].number = number;
}

void span_is_server(Span *span)
{
    if (span)
        span->is_server = true;
}

void span_failed(Span *span, const Err *err)
{
    if (span && err)
        span->failure = err_name(err_code(err));
}

SpanPlace span_here(void)
{
    return present ? present->place : (SpanPlace){0};
}

void span_place_text(const SpanPlace *place, char text[SPAN_TEXT_SIZE])
{
    if (*place->trace)
        snprintf(text, SPAN_TEXT_SIZE, "00-%s-%s-01", place->trace, place->span);
    else
        text[0] = '\0';
}

bool span_place_read(const char *text, SpanPlace *ret)
{
    static const char letters[] = "0123456789abcdef";
    SpanPlace place = {0};

    if (!text || strlen(text) != 55 || strncmp(text, "00-", 3) != 0 || text[35] != '-' ||
        text[52] != '-')
        return false;
    memcpy(place.trace, text + 3, 32);
    memcpy(place.span, text + 36, 16);
    if (strspn(place.trace, letters) != 32 || strspn(place.span, letters) != 16 ||
        strspn(place.trace, "0") == 32 || strspn(place.span, "0") == 16)
        return false;
    *ret = place;
    return true;
}

/* ---- for who sends them on ---- */

void spans_keep(bool keep)
{
    atomic_store(&kept, keep);
    if (keep)
        return;
    pthread_mutex_lock(&ring.mutex);
    while (ring.count > 0) {
        free(ring.spans[ring.first]);
        ring.first = (ring.first + 1) % RING;
        ring.count--;
    }
    pthread_mutex_unlock(&ring.mutex);
}

void spans_wake(void)
{
    pthread_mutex_lock(&ring.mutex);
    ring.is_woken = true;
    pthread_cond_signal(&ring.grown);
    pthread_mutex_unlock(&ring.mutex);
}

static void span_tell(const Span *span, Arena *mem, SpanDone *ret)
{
    *ret = (SpanDone){
        .name = span->name,
        .place = span->place,
        .start_us = span->start_ms * 1000,
        .end_us = span->end_ms * 1000,
        .failure = span->failure,
        .is_server = span->is_server,
        .fact_count = span->fact_count,
    };
    memcpy(ret->parent, span->parent, sizeof(ret->parent));
    for (int i = 0; i < span->fact_count; i++)
        ret->facts[i] = (SpanFact){
            .name = span->facts[i].name,
            .text = span->facts[i].is_text ? arena_text(mem, span->facts[i].text) : NULL,
            .number = span->facts[i].number,
        };
}

size_t spans_fetch(SpanDone *ret, size_t most, int64_t timeout_ms, Arena *mem)
{
    struct timespec until;
    size_t count = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(timeout_ms / 1000);
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }

    pthread_mutex_lock(&ring.mutex);
    while (ring.count == 0 && !ring.is_woken)
        if (pthread_cond_timedwait(&ring.grown, &ring.mutex, &until) != 0)
            break;
    ring.is_woken = false;
    for (; count < most && ring.count > 0; count++) {
        Span *span = ring.spans[ring.first];

        ring.first = (ring.first + 1) % RING;
        ring.count--;
        span_tell(span, mem, &ret[count]);
        free(span);
    }
    pthread_mutex_unlock(&ring.mutex);
    return count;
}
