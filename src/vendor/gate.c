/* Turns at a vendor: no more at once than it allows, in order, and none while it keeps failing. */

#include "base/after.h"
#include "base/clock.h"
#include "vendor/core_priv.h"
#include "watch/metric.h"
#include "watch/watch.h"

enum {
    FAILURES_MOST = 5, /* in a row, then it is left alone */
    OPEN_FIRST_MS = 30 * 1000,
    OPEN_MOST_MS = 10 * 60 * 1000,
    LOOK_MS = 50 /* between two looks at Cancel */
};

const char *const breaker_states[] = {"closed", "half_open", "open", NULL};

struct GateWaiter {
    GateWaiter *next;
};

void gate_init(Gate *gate, const char *vendor, int most)
{
    *gate = (Gate){.vendor = vendor, .most = most, .mutex = PTHREAD_MUTEX_INITIALIZER};
    clock_cond_init(&gate->moved);
}

void gate_done(Gate *gate)
{
    pthread_cond_destroy(&gate->moved);
    pthread_mutex_destroy(&gate->mutex);
}

static BreakerState state_now(const Gate *gate)
{
    if (!gate->closed_from_ms)
        return BREAKER_CLOSED;
    return clock_ticks_ms() < gate->closed_from_ms ? BREAKER_OPEN : BREAKER_HALF_OPEN;
}

/* VENDOR_BUSY when the breaker lets nobody pass now. */
static MUST Err *breaker_check(const Gate *gate)
{
    BreakerState state = state_now(gate);
    if (state == BREAKER_CLOSED || (state == BREAKER_HALF_OPEN && !gate->is_probing))
        return NULL;

    int64_t left_s = MAX((gate->closed_from_ms - clock_ticks_ms() + 999) / 1000, (int64_t)2);
    return err_public(
        err_after(
            err_new(
                ERR_VENDOR_BUSY, "the breaker of '%s' is %s", gate->vendor, breaker_states[state]),
            left_s * 1000),
        "The service keeps failing and is left alone for now. Try again in %lld seconds.",
        (long long)left_s);
}

static void waiter_drop(Gate *gate, const GateWaiter *waiter)
{
    for (GateWaiter **at = &gate->first; *at; at = &(*at)->next)
        if (*at == waiter) {
            *at = waiter->next;
            break;
        }
}

/* With the mutex held. */
static MUST Err *turn_wait(Gate *gate, const Cancel *cancel, int64_t deadline_ms)
{
    GateWaiter self = {.next = NULL}, **last = &gate->first;

    while (*last)
        last = &(*last)->next;
    *last = &self;
    Err *err = NULL;
    while (!err && (gate->first != &self || (gate->most && gate->under_way >= gate->most))) {
        clock_cond_wait(&gate->moved, &gate->mutex, clock_ticks_ms() + LOOK_MS);
        err = cancel_check(cancel);
        if (!err && clock_ticks_ms() >= deadline_ms)
            err = err_new(ERR_VENDOR_BUSY, "no turn at '%s' in time", gate->vendor);
    }
    waiter_drop(gate, &self);
    pthread_cond_broadcast(&gate->moved);
    return err;
}

Err *gate_enter(Gate *gate, const Cancel *cancel, int64_t deadline_ms)
{
    pthread_mutex_lock(&gate->mutex);
    Err *err = breaker_check(gate);
    if (!err)
        err = turn_wait(gate, cancel, deadline_ms);
    if (!err)
        err = breaker_check(gate); /* it may have opened meanwhile */
    if (!err) {
        gate->under_way++;
        gate->is_probing |= gate->closed_from_ms != 0;
    }
    pthread_mutex_unlock(&gate->mutex);
    return err;
}

static void breaker_open(Gate *gate)
{
    gate->open_for_ms = gate->open_for_ms ? MIN(gate->open_for_ms * 2, (int64_t)OPEN_MOST_MS)
                                          : (int64_t)OPEN_FIRST_MS;
    gate->closed_from_ms = clock_ticks_ms() + gate->open_for_ms;
    metric_set(METRIC_VENDOR_BREAKER_OPEN, 1, gate->vendor);
    watch(
        WATCH_WARN, "vendor.breaker_open", WATCH_TEXT("vendor", gate->vendor),
        WATCH_INT("failures", gate->failures), WATCH_INT("for_ms", gate->open_for_ms));
}

static void breaker_close(Gate *gate)
{
    gate->closed_from_ms = gate->open_for_ms = 0;
    metric_set(METRIC_VENDOR_BREAKER_OPEN, 0, gate->vendor);
    watch(WATCH_INFO, "vendor.breaker_closed", WATCH_TEXT("vendor", gate->vendor));
}

void gate_leave(Gate *gate, GateEnd end)
{
    pthread_mutex_lock(&gate->mutex);
    BreakerState state = state_now(gate);
    gate->under_way--;
    if (end == GATE_ANSWERED) {
        gate->failures = 0;
        if (state == BREAKER_HALF_OPEN)
            breaker_close(gate);
    } else if (end == GATE_FAILED) {
        gate->failures++;
        if (state == BREAKER_HALF_OPEN ||
            (state == BREAKER_CLOSED && gate->failures >= FAILURES_MOST))
            breaker_open(gate);
    }
    if (state == BREAKER_HALF_OPEN)
        gate->is_probing = false;
    pthread_cond_broadcast(&gate->moved);
    pthread_mutex_unlock(&gate->mutex);
}

int gate_waiting(Gate *gate)
{
    int count = 0;

    pthread_mutex_lock(&gate->mutex);
    for (const GateWaiter *waiter = gate->first; waiter; waiter = waiter->next)
        count++;
    pthread_mutex_unlock(&gate->mutex);
    return count;
}

BreakerState gate_state(Gate *gate, int64_t *ret_open_ms, int *ret_under_way)
{
    pthread_mutex_lock(&gate->mutex);
    BreakerState state = state_now(gate);
    *ret_open_ms = state == BREAKER_OPEN ? gate->closed_from_ms - clock_ticks_ms() : 0;
    *ret_under_way = gate->under_way;
    pthread_mutex_unlock(&gate->mutex);
    return state;
}
