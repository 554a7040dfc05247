/* What a vendor's rate headers ask for, and keeping to it. */
#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "vendor/core_priv.h"

/* Names of one kind of limit: how many, how many are left, when there are more. */
static const char *const rate_headers[][3] = {
    {"x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"},
    {"x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"},
    {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"},
    {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"},
    {"x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset-at-utc"},
};

void pace_init(Pace *pace)
{
    *pace = (Pace){.mutex = PTHREAD_MUTEX_INITIALIZER, .limit = -1, .remaining = -1};
}

void pace_done(Pace *pace)
{
    pthread_mutex_destroy(&pace->mutex);
}

void pace_forget(Pace *pace)
{
    pthread_mutex_lock(&pace->mutex);
    pace->from_ms = 0;
    pace->limit = pace->remaining = -1;
    pthread_mutex_unlock(&pace->mutex);
}

int64_t pace_wait_ms(Pace *pace)
{
    pthread_mutex_lock(&pace->mutex);
    int64_t wait_ms = MAX(pace->from_ms - clock_ticks_ms(), (int64_t)0);
    pthread_mutex_unlock(&pace->mutex);
    return wait_ms;
}

void pace_hold(Pace *pace, int64_t ms)
{
    pthread_mutex_lock(&pace->mutex);
    pace->from_ms = MAX(pace->from_ms, clock_ticks_ms() + ms);
    pthread_mutex_unlock(&pace->mutex);
}

void pace_look(Pace *pace, int64_t *ret_limit, int64_t *ret_remaining)
{
    pthread_mutex_lock(&pace->mutex);
    *ret_limit = pace->limit;
    *ret_remaining = pace->remaining;
    pthread_mutex_unlock(&pace->mutex);
}

/* "6m0s", "1.5s", "20ms": as Go writes durations. -1 for anything else. */
static int64_t duration_ms(const char *text)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = {{"ms", 1}, {"h", 3600e3}, {"m", 60e3}, {"s", 1e3}};
    double sum = 0;

    while (*text) {
        char *end;
        double number = strtod(text, &end);
        size_t unit = 0;

        if (end == text || number < 0)
            return -1;
        while (unit < COUNT(units) && strncmp(end, units[unit].unit, strlen(units[unit].unit)) != 0)
            unit++;
        if (unit == COUNT(units))
            return -1;
        sum += number * units[unit].ms;
        text = end + strlen(units[unit].unit);
    }
    return (int64_t)MIN(sum, 1e12);
}

/* Seconds from now, a moment in seconds or milliseconds since 1970, a duration, or a date. */
static int64_t reset_ms(const char *text)
{
    static const double moment_s = 1e9, moment_ms = 1e12;
    char *end;
    double number = strtod(text, &end);
    int64_t now_ms = clock_now_ms(), then_ms;

    if (end != text && *end == 0 && number >= 0) {
        if (number < moment_s)
            return (int64_t)(number * 1000);
        then_ms = (int64_t)MIN(number < moment_ms ? number * 1000 : number, 1e15);
        return MAX(then_ms - now_ms, (int64_t)0);
    }
    if (clock_parse(text, &then_ms))
        return MAX(then_ms - now_ms, (int64_t)0);
    if (isdigit((unsigned char)*text))
        return duration_ms(text);
    return net_retry_after_ms(text, now_ms);
}

static int64_t whole_of(const LineReply *reply, const char *name)
{
    const char *text = line_header(reply, name);

    return text && isdigit((unsigned char)*text) ? strtoll(text, NULL, 10) : -1;
}

int64_t pace_asked_ms(const LineReply *reply)
{
    const char *precise = line_header(reply, "retry-after-ms");
    const char *usual = line_header(reply, "retry-after");
    int64_t wait_ms = -1;

    if (precise && isdigit((unsigned char)*precise))
        return (int64_t)strtod(precise, NULL);
    if (usual)
        wait_ms = net_retry_after_ms(usual, clock_now_ms());
    for (size_t i = 0; i < COUNT(rate_headers) && wait_ms < 0; i++) {
        const char *reset = line_header(reply, rate_headers[i][2]);
        int64_t remaining = whole_of(reply, rate_headers[i][1]);

        if (reset && remaining <= 0)
            wait_ms = reset_ms(reset);
    }
    return wait_ms;
}

void pace_hear(Pace *pace, const LineReply *reply)
{
    for (size_t i = 0; i < COUNT(rate_headers); i++) {
        int64_t limit = whole_of(reply, rate_headers[i][0]);
        int64_t remaining = whole_of(reply, rate_headers[i][1]);
        const char *reset = line_header(reply, rate_headers[i][2]);

        if (remaining == 0 && reset)
            pace_hold(pace, MAX(reset_ms(reset), (int64_t)0));
        if (remaining < 0 || i == 1) /* tokens are not requests */
            continue;
        pthread_mutex_lock(&pace->mutex);
        pace->limit = limit;
        pace->remaining = remaining;
        pthread_mutex_unlock(&pace->mutex);
    }
}
