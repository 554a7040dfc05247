/* watch.h - what the program says about itself: the one tap for the log.
 *
 * A line is an event with facts: JSON for machines, or words for a person at a terminal. Each line is written whole, by one
 * write, so lines of several threads never mix. A fact whose name speaks of a secret is written as "***". Any thread may write;
 * watch_start is called before other threads are.
 *
 *     watch(WATCH_INFO, "photo.done", WATCH_TEXT("photo", path), WATCH_INT("took_ms", took_ms));
 *
 * An Err is logged once, by whoever deals with it: rooms that pass an error on write nothing.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"

typedef enum WatchLevel {
    WATCH_DEBUG,
    WATCH_INFO,
    WATCH_WARN,
    WATCH_ERROR,
    WATCH_OFF
} WatchLevel;

extern const char *const watch_levels[];  /* NULL-ended words, in the order of WatchLevel */
extern const char *const watch_formats[]; /* "auto", "json", "text" */

typedef enum WatchFormat {
    WATCH_FORMAT_AUTO, /* text when FD is a terminal, else JSON */
    WATCH_FORMAT_JSON,
    WATCH_FORMAT_TEXT
} WatchFormat;

/* Who takes the lines instead of the file descriptor: LINE ends in a newline and a NUL. Called by one thread at a time. */
typedef void WatchSink(void *context, const char *line, size_t size);

typedef struct WatchSetup {
    WatchLevel level; /* the least to write */
    WatchFormat format;
    int fd;
} WatchSetup;

/* Until it is called, errors alone are written to standard error. */
void watch_start(WatchSetup setup);

/* Lines go to SINK until the next call; NULL gives them to the file descriptor again. */
void watch_divert(WatchSink *sink, void *context);

typedef struct WatchFact {
    const char *name;
    enum {
        WATCH_FACT_TEXT,
        WATCH_FACT_INT,
        WATCH_FACT_NUMBER
    } kind;
    const char *text;
    int64_t whole;
    double number;
} WatchFact;

#define WATCH_TEXT(name_, text_) \
    { \
        .name = (name_), .kind = WATCH_FACT_TEXT, .text = (text_) \
    }
#define WATCH_INT(name_, whole_) \
    { \
        .name = (name_), .kind = WATCH_FACT_INT, .whole = (whole_) \
    }
#define WATCH_NUMBER(name_, number_) \
    { \
        .name = (name_), .kind = WATCH_FACT_NUMBER, .number = (number_) \
    }

/* Facts that every line of this thread carries from now on, such as the request and the tenant. CONTEXT is borrowed until the next call; NULL
 * is none. Gives back the former. A span that is open (span.h) adds its ids by itself. */
typedef struct WatchContext {
    const char *request_id, *tenant_id, *run_id; /* those there are */
} WatchContext;
const WatchContext *watch_context_set(const WatchContext *context);

/* One line; at least one fact. */
#define watch(level, event, ...) \
    watch_line((level), (event), (const WatchFact[]){__VA_ARGS__, {.name = NULL}})

/* One line; FACTS end with a nameless one, NULL is none. */
void watch_line(WatchLevel level, const char *event, const WatchFact *facts);

/* A failure: its code, message, field and source line, and what SUBJECT it befell (NULL for none). Bugs are errors, the rest
 * warnings. Does not free ERR. */
void watch_err(const char *event, const Err *err, const char *subject);

/* Bugs (ERR_BUG) are told to TELL as well, for a service that collects them; on any thread, short. NULL ends it. */
void watch_bugs_tell(void (*tell)(void *context, const char *event, const Err *err), void *context);

/* Would a line of this level be written? */
bool watch_is_on(WatchLevel level);
