/* Months by the calendar, UTC. */
#include <time.h>

#include "account/account_priv.h"

static struct tm month_of(int64_t at_ms)
{
    time_t seconds = (time_t)(at_ms / 1000);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    return parts;
}

static int64_t first_moment(struct tm parts, int months_on)
{
    struct tm first = {.tm_year = parts.tm_year, .tm_mon = parts.tm_mon + months_on, .tm_mday = 1};

    return (int64_t)timegm(&first) * 1000;
}

int64_t month_start_ms(int64_t at_ms)
{
    return first_moment(month_of(at_ms), 0);
}

int64_t month_end_ms(int64_t at_ms)
{
    return first_moment(month_of(at_ms), 1);
}

const char *month_name(int64_t at_ms, Arena *mem)
{
    struct tm parts = month_of(at_ms);

    return arena_print(mem, "%04d-%02d", parts.tm_year + 1900, parts.tm_mon + 1);
}
