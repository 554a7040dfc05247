/* desk.h - what doors work with, and who stands before them.
 *
 * Every door has the Desk as its call_context. desk_authorise is asked by the server before a handler runs: it finds the caller by the key,
 * counts the request, holds the caller's rights against the endpoint's scope, and X-Tenant-ID against the caller's tenant.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "account/office.h"
#include "art/art.h"
#include "errand/errand.h"
#include "http/events.h"
#include "http/server.h"
#include "run/run.h"

/* How database and store were when they were last looked at; begins as WELLNESS_INIT. */
typedef struct Wellness {
    pthread_mutex_t looking;   /* held by who does */
    _Atomic int64_t looked_ms; /* of clock_ticks_ms; 0 for never */
    atomic_bool database, store;
} Wellness;

#define WELLNESS_INIT \
    { \
        .looking = PTHREAD_MUTEX_INITIALIZER \
    }

typedef struct Desk {
    const Studio *studio;
    const ArtRoom *art;
    Accounts *accounts;
    Errands *errands;
    bool has_workers;        /* in this process */
    int64_t started_ms;      /* of clock_ticks_ms */
    const char *version;     /* of the program */
    const char *metrics_key; /* "" answers this machine alone */
    bool is_private; /* reached by this machine alone: by nobody else, and through no proxy */
    const char
        *store_origin; /* of the signed addresses that are handed out: "https://bucket.example" */
    const char *page_policy; /* what pages may do: a Content-Security-Policy */
    Wellness *well;
    const atomic_bool *ready; /* false from the moment on that the server is to stop */
    void (*collect)(
        void *context); /* bring numbers that are counted elsewhere up to date (metric.h) */
    void *collect_context;
} Desk;

const Desk *desk_of(const Call *call);
const Caller *desk_caller(const Call *call); /* NULL at an endpoint without a scope */
const Rate *
desk_rate(const Call *call); /* how its bucket stands; NULL when nothing was taken of one */

/* The tenant that CALL acts for. ASKED is what the request names, or NULL; X-Tenant-ID counts too. FORBIDDEN for another's;
 * INPUT_MISSING when an admin names none; INPUT_INVALID when both name different ones. */
MUST Err *desk_tenant(const Call *call, const char *asked, const char **ret);

/* ---- people with a browser ----
 *
 * Who signed in carries the session's token in a cookie that no script can read. It counts as a key where none is shown; but a
 * browser sends it with every request to us, whoever's page it was that asked. So whatever changes something must come from a page of
 * ours: it carries `X-Requested-With`, which no page of another origin can add unless we allow it, and we do not; and an `Origin` or
 * `Sec-Fetch-Site`, where there is one, must be our own.
 */

/* FORBIDDEN unless CALL comes from a page of ours. */
MUST Err *desk_page_check(Call *call);

/* Keep TOKEN in the browser as long as the session lasts; NULL: forget it. */
void desk_cookie_set(Call *call, const char *token);

/* The token that CALL's cookie holds; NULL for none. */
const char *desk_cookie(Call *call);

/* Who stands there, at an endpoint that anybody may ask; *RET is NULL for nobody whom we know. FORBIDDEN for a change by cookie
 * that no page of ours asked for. */
MUST Err *desk_recognise(Call *call, const Caller **ret);

/* One request of an address that shows no key: RATE_LIMITED, and the headers that say so. */
MUST Err *desk_rate_address(Call *call);

/* Who acts, for the office. */
Clerk desk_clerk(const Call *call);

Err *desk_authorise(void *context, Call *call, const Endpoint *endpoint);

/* What CALL's request is called: by its caller and Idempotency-Key. For whatever accepts work. */
Once desk_once(const Call *call);

/* Was it accepted before? Then nothing is asked of it that its own work may have used up. */
MUST Err *desk_once_known(const Call *call, bool *ret);

/* Requests that come twice are answered once: see server.h. */
Err *desk_answer_find(
    void *context, Call *call, const char *request, bool *ret_found, HttpAnswer *ret);
Err *desk_answered(void *context, Call *call, const HttpAnswer *answer);

/* Answer CALL with the events of SOURCE, which is taken over (call_events), as long as the caller may: its key and rights are looked at
 * again whenever the source is asked, each 15 seconds at least, and the stream ends when they are gone. A tenant may have but so many
 * streams at a time: RATE_LIMITED. SOURCE's owner is filled in here. Every door's streams begin here. */
MUST Err *desk_events(Call *call, const EventSource *source, Events **ret);

/* "2026-11-21": the day of WALL_MS, UTC; in the call's arena. */
const char *desk_day(Call *call, int64_t wall_ms);

/* Say in a Link header where the next page is: this path with `after=ID` and the same limit. */
void desk_next_page(Call *call, const char *name, const char *id, int64_t limit);
