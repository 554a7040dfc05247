/* How many requests are let in: a bucket for each tenant that fills by the minute, here or in Redis. */
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "account/account_priv.h"
#include "base/clock.h"

enum {
    SETS = 1024,
    WAYS = 8
};

typedef struct Place {
    Hash who;
    RateBucket bucket;
} Place;

/* A bucket has WAYS places where it may stand; the one longest unused gives way, which is the one nearest to being full. */
struct Rates {
    pthread_mutex_t mutex;
    Place places[SETS][WAYS];
    RateRedis *redis;
};

Rate rate_of_level(int64_t level, RateLimit limit, bool is_taken)
{
    int64_t full = limit.burst * RATE_UNIT;

    return (Rate){
        .limit = limit.burst,
        .remaining = level / RATE_UNIT,
        .reset_ms = (full - level + limit.a_minute - 1) / limit.a_minute,
        .retry_after_ms = is_taken ? 0 : (RATE_UNIT - level + limit.a_minute - 1) / limit.a_minute,
    };
}

bool rate_bucket_take(RateBucket *bucket, RateLimit limit, int64_t now_ms, Rate *ret)
{
    int64_t full = limit.burst * RATE_UNIT, level = full;

    if (bucket->at_ms) {
        /* No more than fills it: what flows in during a long rest would not fit a number. */
        int64_t rest_ms = CLAMP(now_ms - bucket->at_ms, (int64_t)0, full / limit.a_minute + 1);
        level = MIN(full, bucket->level + rest_ms * limit.a_minute);
    }

    bool is_taken = level >= RATE_UNIT;
    bucket->level = level - (is_taken ? RATE_UNIT : 0);
    bucket->at_ms = MAX(now_ms, bucket->at_ms);
    *ret = rate_of_level(bucket->level, limit, is_taken);
    return is_taken;
}

Err *rates_new(const char *redis_url, Rates **ret)
{
    RateRedis *redis = NULL;

    if (redis_url && *redis_url)
        TRY(rate_redis_new(redis_url, &redis));

    Rates *rates = calloc(1, sizeof(*rates));
    if (!rates)
        abort();
    pthread_mutex_init(&rates->mutex, NULL);
    rates->redis = redis;
    *ret = rates;
    return NULL;
}

void rates_free(Rates *rates)
{
    if (!rates)
        return;
    rate_redis_free(rates->redis);
    pthread_mutex_destroy(&rates->mutex);
    free(rates);
}

static Place *place_find(Rates *rates, Hash who)
{
    Place *set = rates->places[(who.bytes[0] << 8 | who.bytes[1]) % SETS], *oldest = set;

    for (Place *place = set; place < set + WAYS; place++) {
        if (place->bucket.at_ms && hash_equal(place->who, who))
            return place;
        if (place->bucket.at_ms < oldest->bucket.at_ms)
            oldest = place;
    }
    *oldest = (Place){.who = who};
    return oldest;
}

static bool take_here(Rates *rates, const char *who, RateLimit limit, Rate *ret)
{
    Hash hash = hash_bytes(who, strlen(who));

    pthread_mutex_lock(&rates->mutex);
    Place *place = place_find(rates, hash);
    bool is_taken = rate_bucket_take(&place->bucket, limit, clock_ticks_ms() + 1, ret);
    pthread_mutex_unlock(&rates->mutex);
    return is_taken;
}

bool rates_are_spent(Rates *rates, const char *who, RateLimit limit)
{
    Hash hash = hash_bytes(who, strlen(who));
    Rate rate;

    pthread_mutex_lock(&rates->mutex);
    RateBucket bucket = place_find(rates, hash)->bucket;
    bool is_taken = rate_bucket_take(&bucket, limit, clock_ticks_ms() + 1, &rate);
    pthread_mutex_unlock(&rates->mutex);
    return !is_taken;
}

void rates_note(Rates *rates, const char *who, RateLimit limit)
{
    Rate rate;

    take_here(rates, who, limit, &rate);
}

Err *rates_take(Rates *rates, const char *who, RateLimit limit, Rate *ret)
{
    bool is_taken;

    if (!rates->redis || !rate_redis_take(rates->redis, who, limit, &is_taken, ret))
        is_taken = take_here(rates, who, limit, ret);
    return is_taken ? NULL
                    : err_new(
                          ERR_RATE_LIMITED,
                          "more than %" PRId64 " requests at once, %" PRId64 " a minute",
                          limit.burst, limit.a_minute);
}

static Rate tighter(Rate one, Rate other)
{
    return one.remaining < other.remaining ? one : other;
}

/* A bucket of REQUESTS a minute, as bursty as those of the plan. */
static RateLimit limit_of(const PlanRow *plan, int64_t requests)
{
    return (RateLimit){requests, MAX(requests * plan->burst / plan->requests_a_minute, (int64_t)1)};
}

/* What an administrator gave the tenant goes before what all have, and that before what its plan says. */
static int64_t of_tenant_a_minute(const Accounts *accounts, const Caller *caller)
{
    if (caller->requests_a_minute)
        return caller->requests_a_minute;
    if (accounts->tenant_a_minute && caller->tenant_id)
        return accounts->tenant_a_minute;
    return plan_rows[caller->plan].requests_a_minute;
}

/* A page loads dozens of pictures at once: that is no program in a hurry. What an operator set holds for people as well. */
static bool is_at_pages(const Accounts *accounts, const Caller *caller)
{
    return caller->session_id && !caller->requests_a_minute && !accounts->tenant_a_minute &&
           !accounts->user_a_minute;
}

static RateLimit limit_at_pages(const PlanRow *plan)
{
    return (RateLimit){MAX(plan->requests_a_minute, PAGES_A_MINUTE), MAX(plan->burst, PAGES_BURST)};
}

Err *rate_take(Accounts *accounts, const Caller *caller, Rate *ret)
{
    const PlanRow *plan = &plan_rows[caller->plan];

    if (is_at_pages(accounts, caller))
        return rates_take(accounts->rates, caller->session_id, limit_at_pages(plan), ret);
    const char *who = caller->tenant_id    ? caller->tenant_id
                      : caller->key_id     ? caller->key_id
                      : caller->session_id ? caller->session_id
                                           : "house";
    int64_t of_tenant = of_tenant_a_minute(accounts, caller);
    Rate user, tenant;

    if (!caller->user_id || !accounts->user_a_minute)
        return rates_take(accounts->rates, who, limit_of(plan, of_tenant), ret);

    Err *err = rates_take(
        accounts->rates, caller->user_id, limit_of(plan, accounts->user_a_minute), &user);
    *ret = user;
    if (err)
        return err;
    err = rates_take(accounts->rates, who, limit_of(plan, of_tenant), &tenant);
    *ret = err ? tenant : tighter(user, tenant);
    return err;
}

Err *rate_take_address(Accounts *accounts, const char *address, Rate *ret)
{
    static const RateLimit limit = {.a_minute = 1200, .burst = 200};
    AUTO(arena_free) Arena *mem = arena_new();

    return rates_take(accounts->rates, arena_print(mem, "address:%s", address), limit, ret);
}
