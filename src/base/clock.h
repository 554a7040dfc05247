/* clock.h - the one tap for time. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

int64_t clock_now_ms(void);   /* wall clock, milliseconds since 1970 UTC */
int64_t clock_ticks_ms(void); /* monotonic, for durations and deadlines */
int64_t clock_cpu_ms(void);   /* processor time spent by this process, all threads */

/* For tests: the wall clock stands still at WALL_MS for all threads, until it is held elsewhere; 0 lets it go. Ticks run on. */
void clock_hold(int64_t wall_ms);

/* For tests: while the wall clock is held, it and the ticks move on by MS at once, so that nobody waits; false while it runs. */
bool clock_pass(int64_t ms);

/* A condition that is waited for by the ticks. */
void clock_cond_init(pthread_cond_t *cond);

/* Wait for COND, holding MUTEX, until the ticks say UNTIL_MS; false when they do. */
bool clock_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t until_ms);

enum {
    CLOCK_TEXT_SIZE = 25
};

/* "2026-11-21T04:05:06.789Z" */
void clock_text(int64_t wall_ms, char text[CLOCK_TEXT_SIZE]);

/* The other way: RFC 3339 with Z or an offset, "2026-11-21T06:05:06+02:00", or a day alone, "2026-11-21", which is its midnight in UTC.
 * False, and nothing is set, for anything else. */
bool clock_parse(const char *text, int64_t *ret_ms);
