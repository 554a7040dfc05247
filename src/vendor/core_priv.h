/* core_priv.h - what the core of this room shares with itself: who is asked, when they may be, and what it costs. The vendors see
 * vendor_priv.h alone. */
#pragma once

#include <pthread.h>

#include "vendor/vendor_priv.h"
#include "watch/span.h"

/* ---- gate.c: how many at once, and leaving alone who keeps failing ---- */

typedef enum BreakerState {
    BREAKER_CLOSED,
    BREAKER_HALF_OPEN,
    BREAKER_OPEN
} BreakerState;

extern const char *const breaker_states[]; /* "closed", ... */

typedef struct GateWaiter GateWaiter;

/* One vendor's. Any thread. */
typedef struct Gate {
    const char *vendor; /* for the log and the metrics */
    int most;           /* under way, 0 for any number */
    pthread_mutex_t mutex;
    pthread_cond_t moved;
    GateWaiter *first; /* who waits, in order */
    int under_way;
    int failures;           /* in a row */
    int64_t open_for_ms;    /* the last time */
    int64_t closed_from_ms; /* of the ticks: open until then; 0 when it is closed */
    bool is_probing;        /* half open: one ask is under way to see */
} Gate;

void gate_init(Gate *gate, const char *vendor, int most);
void gate_done(Gate *gate);

typedef enum GateEnd {
    GATE_ANSWERED, /* also by a refusal: the vendor is well */
    GATE_FAILED,
    GATE_NEITHER /* cancelled: it says nothing */
} GateEnd;

/* Wait for a turn, until DEADLINE_MS of the ticks. VENDOR_BUSY when the breaker is open or there was no turn; CANCELLED. Whoever is in leaves. */
MUST Err *gate_enter(Gate *gate, const Cancel *cancel, int64_t deadline_ms);
void gate_leave(Gate *gate, GateEnd end);
int gate_waiting(Gate *gate);
BreakerState gate_state(Gate *gate, int64_t *ret_open_ms, int *ret_under_way);

/* ---- pace.c: what rate headers ask for ---- */

/* Of one key at one vendor. Any thread. */
typedef struct Pace {
    pthread_mutex_t mutex;
    int64_t from_ms;          /* of the ticks: no request before */
    int64_t limit, remaining; /* -1 when it is not known */
} Pace;

void pace_init(Pace *pace);
void pace_done(Pace *pace);
void pace_forget(Pace *pace);     /* as if it had heard nothing */
int64_t pace_wait_ms(Pace *pace); /* before the next request */
void pace_hear(Pace *pace, const LineReply *reply);
void pace_hold(Pace *pace, int64_t ms); /* no request for MS */
void pace_look(Pace *pace, int64_t *ret_limit, int64_t *ret_remaining);

/* When REPLY's headers let us come again: milliseconds, -1 when they do not say. */
int64_t pace_asked_ms(const LineReply *reply);

/* ---- price.c ---- */

/* What COUNT pictures asked for by ASK cost by MODEL's price list, before anything is known: the most it may be. False when there is
 * no price. */
bool price_expected(
    const Vendor *vendor, const char *model, const VendorAsk *ask, VendorQuote *ret);

/* By what was used, where the list has prices for that; else as expected. */
bool price_of_answer(
    const Vendor *vendor, const VendorAsk *ask, const VendorAnswer *answer, int64_t *ret_micro_usd);

/* ---- picture.c ---- */

/* What BYTES begin as; false when that is no picture we take. */
bool picture_sniff(const void *bytes, size_t size, VendorPicture *ret);

/* ---- who is asked ---- */

/* A vendor as it stands here. */
typedef struct Agent {
    const Vendor *vendor;
    const char *secret, *base_url, *model; /* model NULL: the vendor's usual ones */
    bool has_key;                          /* or needs none */
    Gate gate;
    Pace pace;
    pthread_mutex_t mutex; /* of what follows */
    int64_t asked, failed, cost_micro_usd;
    char trouble[256];
    char unpriced[128]; /* the model whose price was missed last */
    int64_t trouble_ms;
    double credits; /* -1 */
} Agent;

struct Vendors {
    Arena *mem;
    NetClient *net;
    Agent *agents; /* in the order of vendor_list */
    size_t agent_count;
    Texts routes[ABILITY_MAX_];
    const char *hook_url;
    VendorJournal journal;
    struct GuestPace *guests; /* of tenants' own keys */
    pthread_mutex_t mutex;    /* of which is whose */
    int64_t guest_turns;
};

/* The pace of a tenant's own key, kept while few enough others are used. */
Pace *vendors_pace(Vendors *vendors, const char *secret);

Agent *vendors_agent(const Vendors *vendors, const char *name); /* NULL */
const char *agent_model(const Agent *agent, Ability ability);   /* NULL: it cannot do that */

struct VendorLine {
    Vendors *vendors;
    Agent *agent;
    Pace *pace;
    const VendorAsk *ask;
    const char *secret; /* NULL sends none */
    const char *base_url;
    Arena *mem;
    int64_t deadline_ms; /* of the ticks */
    int64_t
        begin_by_ms; /* the same, as long as nothing that is billed was begun: others could still be asked */
    const Cancel *cancel;
    int tries;
    bool is_broken;   /* the last trouble was the vendor's, not of what was asked */
    bool has_begun;   /* a request that is billed was taken */
    bool last_billed; /* the last request was one that is billed */
};

/* ---- line.c ---- */

const char *line_key(const VendorLine *line); /* for the journal */

/* ---- fault.c ---- */

/* FAULT of REPLY in our own words. */
MUST Err *fault_err(const VendorLine *line, const LineReply *reply, const VendorFault *fault);

/* A line to AGENT for ASK with the house's key. */
VendorLine line_at(Vendors *vendors, Agent *agent, const VendorAsk *ask, Arena *mem);

/* How long people wait for ABILITY, all in all. */
int64_t ability_total_ms(Ability ability);
