/* The one tap for time. */
#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static _Atomic int64_t held_ms; /* 0: the clock runs */

static int64_t clock_read_ms(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
    int64_t held = atomic_load_explicit(&held_ms, memory_order_relaxed);

    return held ? held : clock_read_ms(CLOCK_REALTIME);
}

void clock_hold(int64_t wall_ms)
{
    atomic_store(&held_ms, wall_ms);
}

int64_t clock_ticks_ms(void)
{
    return clock_read_ms(CLOCK_MONOTONIC);
}

int64_t clock_cpu_ms(void)
{
    return clock_read_ms(CLOCK_PROCESS_CPUTIME_ID);
}

void clock_text(int64_t wall_ms, char text[CLOCK_TEXT_SIZE])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;
    char date[20];

    gmtime_r(&seconds, &parts);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, CLOCK_TEXT_SIZE, "%s.%03dZ", date, (int)(wall_ms % 1000));
}
