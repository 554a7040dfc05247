/* span.h - traces: what took how long within what, across threads and machines (W3C trace context, OpenTelemetry).
 *
 * While nobody fetches spans, span_open gives NULL and costs nothing; all functions take NULL. A span is a part of the thread's present
 * span, unless a parent is named; log lines of the thread carry its ids. A span belongs to the thread that opened it.
 *
 *     AUTO(span_close) Span *span = span_open("recipe.step", NULL);
 *     span_text(span, "step", step->name);
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* Where a span stands, as it travels in `traceparent` and in the payload of a job. */
typedef struct SpanPlace {
    char trace[33], span[17]; /* hexadecimal; "" for none */
} SpanPlace;

typedef struct Span Span;

/* PARENT from elsewhere; NULL for the thread's present span, or a new trace. NAME is a constant. */
Span *span_open(const char *name, const SpanPlace *parent);
void span_close(Span *span);
DEFINE_AUTO(Span, span_close);

void span_text(
    Span *span, const char *name,
    const char *text); /* NAME is a constant; TEXT is copied. At most 12 of both kinds */
void span_int(Span *span, const char *name, int64_t number);
void span_is_server(Span *span);
void span_failed(Span *span, const Err *err); /* its code, never its message */

/* The present span of this thread; "" when there is none. */
SpanPlace span_here(void);

/* "00-<trace>-<span>-01" */
enum {
    SPAN_TEXT_SIZE = 56
};
void span_place_text(const SpanPlace *place, char text[SPAN_TEXT_SIZE]);
bool span_place_read(const char *text, SpanPlace *ret); /* false for what is no traceparent */

/* ---- for who sends them on ---- */

typedef struct SpanFact {
    const char *name, *text; /* text NULL: number */
    int64_t number;
} SpanFact;

enum {
    SPAN_FACTS_MAX = 12
};

typedef struct SpanDone {
    const char *name;
    SpanPlace place;
    char parent[17];          /* "" for the root of a trace */
    bool is_server;           /* the answer to a request from elsewhere */
    int64_t start_us, end_us; /* wall clock, microseconds since 1970 */
    const char *failure;      /* name of an ErrCode, or NULL */
    SpanFact facts[SPAN_FACTS_MAX];
    int fact_count;
} SpanDone;

/* From now on spans are kept, at most 4,096, until they are fetched; more are counted and lost. */
void spans_keep(bool keep);

/* Up to MOST finished ones, oldest first; waits at most TIMEOUT_MS for the first. Texts live in MEM. */
size_t spans_fetch(SpanDone *ret, size_t most, int64_t timeout_ms, Arena *mem);

/* Wake spans_fetch, so that its thread can end. */
void spans_wake(void);
