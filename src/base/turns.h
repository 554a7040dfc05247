/* turns.h - so many at once: who comes when all places are taken waits, but not behind a crowd.
 *
 * For work that takes much memory or a core for seconds, and that many threads may want at the same moment. Any thread.
 */
#pragma once

#include "base/cancel.h"

typedef struct Turns Turns;

/* PLACES at once, at most WAITING more in line. */
Turns *turns_new(int places, int waiting);
void turns_free(Turns *turns); /* when nobody is inside or waits */
DEFINE_AUTO(Turns, turns_free);

/* Take a place, waiting for one. RATE_LIMITED when the line is full; CANCELLED and TIMED_OUT by CANCEL, a twentieth of a second late at
 * most. Each that succeeds is followed by turns_leave. */
MUST Err *turns_enter(Turns *turns, const Cancel *cancel);
void turns_leave(Turns *turns);
