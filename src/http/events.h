/* events.h - server-sent events: a reply that goes on, and holds no thread while nothing happens; or one that a handler makes on its way.
 *
 * The stream asks its source for what is new at the beginning, whenever it is woken, and each poll_ms; never twice at a time, always on a
 * worker. Between events a comment is sent each 15 seconds, so that proxies keep the line open and a client that left is noticed. When
 * the server stops, streams end politely: with `retry: 2000`, after which the browser comes back by itself with Last-Event-ID.
 *
 *     TRY(call_events(call, &(EventSource){.context = watch, .next = run_next, .free = run_watch_free}, &watch->events));
 *     db_ear_watch(watch->ear, run_heard, watch);          // run_heard calls events_wake(watch->events)
 */
#pragma once

#include "http/call.h"

typedef struct Events Events; /* a stream */

typedef struct Event {
    const char *id;   /* what Last-Event-ID will say after it; NULL for none */
    const char *name; /* event type; NULL is "message" */
    const char *data; /* line ends are fine */
} Event;

enum {
    EVENT_BATCH_MAX = 64
};

typedef struct EventBatch {
    Event items[EVENT_BATCH_MAX];
    size_t count;
    bool more;  /* ask again at once: there was not room for all */
    bool ended; /* nothing will follow: the stream is closed after these */
} EventBatch;

typedef struct EventSource {
    void *context;

    /* What happened after the event called LAST_ID (NULL: from the beginning). On a worker; must not wait. Texts live in MEM, which is
     * emptied before the next call. An Err ends the stream and is logged. */
    Err *(*next)(void *context, const char *last_id, Arena *mem, EventBatch *ret);
    void (*free)(
        void *
            context); /* called once, when the stream has ended; no wake may come after it returns */
    int64_t poll_ms;  /* 0: 15,000 */
    const char *
        owner; /* whose stream it is: one may have but so many at a time. It lives as long as CONTEXT; NULL counts for nobody */
} EventSource;

/* Answer CALL with the events of SOURCE, which is taken over. *RET may be woken until SOURCE's free has returned. SERVER_BUSY when
 * there are too many streams, RATE_LIMITED when its owner has too many; then SOURCE has been freed. */
MUST Err *call_events(Call *call, const EventSource *source, Events **ret);

/* Something may have happened: ask the source soon. Any thread, cheap, never waits; many wakes at once ask once. */
void events_wake(Events *events);

/* ---- from a handler that is still at work ----
 *
 * A handler of an endpoint that is patient may send events before it returns. The first begins the reply, with status 200: headers must
 * be set before, what is said about the call for the log too, and what the handler returns is no longer a body. An Err it returns then
 * is told as an event called "error" with the body that the door writes for it.
 */

/* Waits until the event before has been sent, so one of them is in memory. CANCELLED when the client has left. */
MUST Err *call_event_send(Call *call, const Event *event);

/* Has the reply begun? */
bool call_has_told(const Call *call);
