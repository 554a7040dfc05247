/* Webhooks of vendors: whose keys they are checked against, and how old they may be. */
#include <string.h>

#include "base/clock.h"
#include "vendor/vendor_priv.h"

enum {
    KEPT_MS = 24 * 60 * 60 * 1000,
    AGAIN_MS = 60 * 1000,
    NAME_MOST = 100
};

static MUST Err *not_signed(const char *why)
{
    return err_public(
        err_new(ERR_UNAUTHENTICATED, "a webhook is refused: %s", why),
        "This webhook is not signed as it should be.");
}

Err *hook_header(const VendorHook *hook, const char *name, const char **ret)
{
    const char *value = hook->header(hook->context, name);

    if (!value || !*value)
        return not_signed("a header of its signature is missing");
    *ret = value;
    return NULL;
}

Err *hook_time_check(const char *seconds)
{
    size_t digits = strspn(seconds, "0123456789");
    int64_t said = 0;

    if (!digits || digits > 12 || seconds[digits])
        return not_signed("its time is no number");
    for (size_t i = 0; i < digits; i++)
        said = said * 10 + (seconds[i] - '0');
    int64_t apart = clock_now_ms() / 1000 - said;
    if (apart > HOOK_AGE_MOST_S || apart < -HOOK_AGE_MOST_S)
        return not_signed("it is too old or from the future");
    return NULL;
}

bool hook_request_is_sane(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t length = strspn(name, letters);

    return length > 0 && length <= NAME_MOST && !name[length];
}

/* ---- the ring ---- */

static bool any_fits(const HookTrial *trial, const HookKeys *keys)
{
    bool fits = false;

    for (size_t i = 0; i < keys->count; i++)
        fits = trial->fits(&keys->keys[i], trial->context) || fits;
    return fits;
}

/* The keys that are kept, none when they are too old or another address's; and whether they may be fetched now. */
static bool ring_look(HookRing *ring, const char *base_url, HookKeys *ret)
{
    int64_t now_ms = clock_ticks_ms();

    pthread_mutex_lock(&ring->mutex);
    if (strcmp(ring->base_url, base_url) != 0) {
        snprintf(ring->base_url, sizeof(ring->base_url), "%s", base_url);
        ring->fetched_ms = ring->tried_ms = 0;
    }
    bool is_fresh = ring->fetched_ms && now_ms - ring->fetched_ms < KEPT_MS;
    *ret = is_fresh ? ring->keys : (HookKeys){.count = 0};
    bool may_fetch = !ring->tried_ms || now_ms - ring->tried_ms >= AGAIN_MS;
    pthread_mutex_unlock(&ring->mutex);
    return may_fetch;
}

static void ring_tried(HookRing *ring)
{
    pthread_mutex_lock(&ring->mutex);
    ring->tried_ms = clock_ticks_ms();
    pthread_mutex_unlock(&ring->mutex);
}

static void ring_fill(HookRing *ring, const HookKeys *keys)
{
    pthread_mutex_lock(&ring->mutex);
    ring->keys = *keys;
    ring->fetched_ms = clock_ticks_ms();
    pthread_mutex_unlock(&ring->mutex);
}

Err *hook_try(VendorLine *line, const HookTrial *trial)
{
    HookKeys keys;
    bool may_fetch = ring_look(trial->ring, line_base_url(line), &keys);

    if (any_fits(trial, &keys))
        return NULL;
    if (!may_fetch)
        return not_signed("its signature fits no key");

    HookKeys fetched = {.count = 0};
    ring_tried(trial->ring);
    Err *err = trial->fetch(line, &fetched);
    if (err)
        return err_because(
            err_new(ERR_UPSTREAM_FAILED, "what webhooks are checked against cannot be had"), err);
    ring_fill(trial->ring, &fetched);
    return any_fits(trial, &fetched) ? NULL : not_signed("its signature fits no key");
}
