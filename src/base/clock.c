/* The one tap for time. */
#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"

static _Atomic int64_t held_ms;   /* 0: the clock runs */
static _Atomic int64_t passed_ms; /* by which the ticks are ahead */

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

bool clock_pass(int64_t ms)
{
    if (!atomic_load(&held_ms))
        return false;
    atomic_fetch_add(&held_ms, ms);
    atomic_fetch_add(&passed_ms, ms);
    return true;
}

int64_t clock_ticks_ms(void)
{
    return clock_read_ms(CLOCK_MONOTONIC) + atomic_load_explicit(&passed_ms, memory_order_relaxed);
}

int64_t clock_cpu_ms(void)
{
    return clock_read_ms(CLOCK_PROCESS_CPUTIME_ID);
}

void clock_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

bool clock_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t until_ms)
{
    int64_t real_ms = MAX(until_ms - atomic_load(&passed_ms), (int64_t)0);
    struct timespec until = {real_ms / 1000, real_ms % 1000 * 1000000};

    return pthread_cond_timedwait(cond, mutex, &until) == 0;
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

/* COUNT digits at *AT, which moves past them; -1 when they are not there. */
static int digits_take(const char **at, int count)
{
    int number = 0;

    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        number = number * 10 + (**at - '0');
    }
    return number;
}

static bool mark_take(const char **at, char mark)
{
    if (**at != mark)
        return false;
    (*at)++;
    return true;
}

static bool day_take(const char **at, struct tm *day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = digits_take(at, 4);
    int month = year >= 0 && mark_take(at, '-') ? digits_take(at, 2) : -1;
    int date = month >= 0 && mark_take(at, '-') ? digits_take(at, 2) : -1;
    bool leaps = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    if (month < 1 || month > 12 || date < 1 || date > lengths[month - 1] + (month == 2 && leaps))
        return false;
    *day = (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = date};
    return true;
}

/* ".789": thousandths, further digits are dropped. */
static bool fraction_take(const char **at, int *ret_ms)
{
    int weight = 100;

    if (!mark_take(at, '.'))
        return true;
    if (**at < '0' || **at > '9')
        return false;
    for (; **at >= '0' && **at <= '9'; (*at)++, weight /= 10)
        *ret_ms += (**at - '0') * weight;
    return true;
}

static bool offset_take(const char **at, int *ret_minutes)
{
    if (mark_take(at, 'Z') || mark_take(at, 'z'))
        return true;

    int sign = **at == '-' ? -1 : 1;
    if (!mark_take(at, '+') && !mark_take(at, '-'))
        return false;
    int hours = digits_take(at, 2);
    int minutes = hours >= 0 && mark_take(at, ':') ? digits_take(at, 2) : -1;
    if (hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    return true;
}

bool clock_parse(const char *text, int64_t *ret_ms)
{
    struct tm parts;
    int ms = 0, offset_minutes = 0;

    if (!day_take(&text, &parts))
        return false;
    if (*text) {
        if (!strchr("Tt ", *text++))
            return false;
        parts.tm_hour = digits_take(&text, 2);
        parts.tm_min = parts.tm_hour >= 0 && mark_take(&text, ':') ? digits_take(&text, 2) : -1;
        parts.tm_sec = parts.tm_min >= 0 && mark_take(&text, ':') ? digits_take(&text, 2) : -1;
        if (parts.tm_hour > 23 || parts.tm_min > 59 || parts.tm_sec < 0 || parts.tm_sec > 60)
            return false;
        if (!fraction_take(&text, &ms) || !offset_take(&text, &offset_minutes) || *text)
            return false;
    }
    *ret_ms = ((int64_t)timegm(&parts) - offset_minutes * 60) * 1000 + ms;
    return true;
}
