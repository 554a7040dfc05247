/* Plans: table 2.3 of the specification as rows, and the sentences that say from which plan on something may be had. */
#include "price/tier.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

const char *const tier_names[] = {"free", "standard", "professional", "premium", NULL};

enum {
    BATCH_SMALL_MOST = 10, /* photos; larger ones wait */
    PRIORITY_BATCH = 3,
    PRIORITY_LARGE = 4
};

/* Every plan has what those below it have. A gradient is bought as a plain colour is (2.2.2, A); templates bring their own backgrounds. */
#define FREE_PRICES PRICE_UPLOAD, PRICE_CUTOUT, PRICE_SHADOW_DROP, PRICE_TEMPLATE
#define STANDARD_PRICES \
    FREE_PRICES, PRICE_BACKDROP_SOLID, PRICE_BACKDROP_GRADIENT, PRICE_BACKDROP_TEMPLATE, \
        PRICE_LIGHT_AUTO, PRICE_SHADOW_NATURAL, PRICE_BATCH, PRICE_BATCH_PHOTO, PRICE_EXPORT_ZIP
#define PROFESSIONAL_PRICES \
    STANDARD_PRICES, PRICE_BACKDROP_AI_SIMPLE, PRICE_LIGHT_PRESET, PRICE_LIGHT_MANUAL, \
        PRICE_SHADOW_REFLECTION, PRICE_EXPORT_FORMATS, PRICE_EXPORT_PLATFORMS, PRICE_CAROUSEL
#define PREMIUM_PRICES PROFESSIONAL_PRICES, PRICE_BACKDROP_AI_COMPLEX, PRICE_UPSCALE

#define PRICES(...) \
    (const Price[]) \
    { \
        __VA_ARGS__, PRICE_MAX_ \
    }
#define FORMATS(...) \
    (const char *const[]) \
    { \
        __VA_ARGS__, NULL \
    }

/* Two rows of the table disagree about Professional: three platforms, but a ZIP for several platforms only above it. A ZIP is how platforms
 * are exported, so it has one for three. "50+ templates" is the whole library; marked ones need a subscription (2.2.6). */
const Tier tiers[TIER_MAX_] = {
    [TIER_FREE] =
        {
            .title = "Free",
            .cutout_most_px = 1024,
            .prices = PRICES(FREE_PRICES),
            .templates_most = 10,
            .formats = FORMATS("png"),
            .mark = MARK_OURS,
            .priority = 4,
            .support = "Community",
            .credits_a_month = 50,
            .rupiah_a_credit = 200,
        },
    [TIER_STANDARD] =
        {
            .title = "Standard",
            .cutout_most_px = 4096,
            .prices = PRICES(STANDARD_PRICES),
            .templates_most = 30,
            .batch_most = 20,
            .formats = FORMATS("png", "jpeg"),
            .platforms_most = 1,
            .mark = MARK_NONE,
            .has_handover = true,
            .priority = 3,
            .support = "E-mail within 48 hours",
            .rupiah_a_credit = 100,
        },
    [TIER_PROFESSIONAL] =
        {
            .title = "Professional",
            .cutout_most_px = 4096,
            .prices = PRICES(PROFESSIONAL_PRICES),
            .templates_most = INT_MAX,
            .has_premium_templates = true,
            .batch_most = 50,
            .formats = FORMATS("png", "jpeg", "webp"),
            .platforms_most = 3,
            .mark = MARK_NONE,
            .has_handover = true,
            .has_transfer = true,
            .priority = 2,
            .support = "E-mail within 24 hours",
            .credits_a_month = 500,
            .rupiah_a_credit = 80,
            .rupiah_a_month = 40000,
        },
    [TIER_PREMIUM] =
        {
            .title = "Premium",
            .cutout_most_px = 4096,
            .prices = PRICES(PREMIUM_PRICES),
            .templates_most = INT_MAX,
            .has_premium_templates = true,
            .has_own_templates = true,
            .batch_most = 100,
            .formats = FORMATS("png", "jpeg", "webp", "avif"),
            .platforms_most = INT_MAX,
            .mark = MARK_OWN,
            .is_upscale_included = true,
            .has_handover = true,
            .has_transfer = true,
            .has_api = true,
            .priority = 1,
            .support = "Priority, within 4 hours",
            .credits_a_month = 2000,
            .rupiah_a_credit = 60,
            .rupiah_a_month = 120000,
        },
};

/* What begins with some plan, for sentences: those that every plan has need none. */
static const char *const begins[PRICE_MAX_] = {
    [PRICE_BACKDROP_SOLID] = "Plain backgrounds begin",
    [PRICE_BACKDROP_GRADIENT] = "Gradient backgrounds begin",
    [PRICE_BACKDROP_TEMPLATE] = "Backgrounds of the library begin",
    [PRICE_BACKDROP_AI_SIMPLE] = "AI backgrounds begin",
    [PRICE_BACKDROP_AI_COMPLEX] = "Complex AI backgrounds begin",
    [PRICE_LIGHT_AUTO] = "Lighting begins",
    [PRICE_LIGHT_PRESET] = "Lighting presets begin",
    [PRICE_LIGHT_MANUAL] = "Lighting by hand begins",
    [PRICE_SHADOW_NATURAL] = "Natural shadows begin",
    [PRICE_SHADOW_REFLECTION] = "Reflections begin",
    [PRICE_UPSCALE] = "Upscaling begins",
    [PRICE_BATCH] = "Batches begin",
    [PRICE_BATCH_PHOTO] = "Batches begin",
    [PRICE_EXPORT_ZIP] = "ZIP exports begin",
    [PRICE_EXPORT_FORMATS] = "ZIP exports in several formats begin",
    [PRICE_EXPORT_PLATFORMS] = "Exports for several platforms begin",
    [PRICE_CAROUSEL] = "Carousels begin",
};

TierId tier_find(const char *name)
{
    TierId tier = TIER_FREE;

    while (tier < TIER_MAX_ && strcmp(tier_names[tier], name) != 0)
        tier++;
    return tier;
}

static MUST Err *begins_with(const char *what, TierId from)
{
    return err_public(
        err_new(ERR_FORBIDDEN, "not before tier '%s': %s", tier_names[from], what),
        "%s with the %s plan.", what, tiers[from].title);
}

/* ---- what may be bought ---- */

bool tier_has_price(TierId tier, Price price)
{
    const Price *had = tiers[tier].prices;

    while (*had != PRICE_MAX_ && *had != price)
        had++;
    return *had == price;
}

Err *tier_check_price(TierId tier, Price price)
{
    TierId from = tier;

    while (from < TIER_PREMIUM && !tier_has_price(from, price))
        from++;
    return from == tier ? NULL : begins_with(begins[price], from);
}

/* ---- how many ---- */

/* "Your plan takes 20 photos in a batch. Up to 50 begin with the Professional plan." */
static MUST Err *
too_many(TierId tier, int64_t most, const char *what, TierId from, int64_t from_most)
{
    const char *title = tiers[from].title;
    Err *err = err_new(ERR_FORBIDDEN, "tier '%s' has %" PRId64 " %s", tier_names[tier], most, what);

    if (from == tier)
        return err_public(err, "There may be %" PRId64 " %s at most.", most, what);
    if (from_most == INT_MAX)
        return err_public(
            err, "Your plan takes %" PRId64 " %s. More begin with the %s plan.", most, what, title);
    return err_public(
        err, "Your plan takes %" PRId64 " %s. Up to %" PRId64 " begin with the %s plan.", most,
        what, from_most, title);
}

Err *tier_check_batch(TierId tier, int64_t photos)
{
    TierId from = tier;

    if (photos < PRICE_BATCH_LEAST)
        return NULL;
    TRY(tier_check_price(tier, PRICE_BATCH));
    if (photos <= tiers[tier].batch_most)
        return NULL;
    while (from < TIER_PREMIUM && photos > tiers[from].batch_most)
        from++;
    return too_many(
        tier, tiers[tier].batch_most, "photos in a batch", from, tiers[from].batch_most);
}

Err *tier_check_platforms(TierId tier, int64_t platforms)
{
    int64_t most = tiers[tier].platforms_most;
    TierId from = tier;

    if (platforms <= most)
        return NULL;
    while (from < TIER_PREMIUM && platforms > tiers[from].platforms_most)
        from++;
    if (!most)
        return begins_with(
            platforms == 1 ? "Exports for a platform begin" : begins[PRICE_EXPORT_PLATFORMS], from);
    return too_many(
        tier, most, most == 1 ? "platform in one export" : "platforms in one export", from,
        tiers[from].platforms_most);
}

/* ---- what there is or is not ---- */

static bool has_format(TierId tier, const char *format)
{
    const char *const *had = tiers[tier].formats;

    while (*had && strcmp(*had, format) != 0)
        had++;
    return *had != NULL;
}

Err *tier_check_format(TierId tier, const char *format)
{
    static const char *const files[][2] = {
        {"jpeg", "JPEG files begin"}, {"webp", "WebP files begin"}, {"avif", "AVIF files begin"}};
    TierId from = tier;

    if (strcmp(format, "jpg") == 0)
        format = "jpeg";
    while (from < TIER_MAX_ && !has_format(from, format))
        from++;
    if (from == tier || from == TIER_MAX_)
        return NULL;
    for (size_t i = 0; i < COUNT(files); i++)
        if (strcmp(files[i][0], format) == 0)
            return begins_with(files[i][1], from);
    return begins_with("Such files begin", from);
}

static bool has_template(TierId tier, int64_t index, bool is_premium)
{
    return index < tiers[tier].templates_most && (!is_premium || tiers[tier].has_premium_templates);
}

Err *tier_check_template(TierId tier, int64_t index, bool is_premium)
{
    TierId from = tier;

    while (from < TIER_PREMIUM && !has_template(from, index, is_premium))
        from++;
    return from == tier ? NULL : begins_with("This template begins", from);
}

Err *tier_check_own_template(TierId tier)
{
    return tiers[tier].has_own_templates ? NULL
                                         : begins_with("Templates of your own begin", TIER_PREMIUM);
}

Err *tier_check_handover(TierId tier)
{
    return tiers[tier].has_handover
               ? NULL
               : begins_with("Taking pictures to other apps begins", TIER_STANDARD);
}

Err *tier_check_transfer(TierId tier)
{
    return tiers[tier].has_transfer
               ? NULL
               : begins_with("Sending pictures to other apps begins", TIER_PROFESSIONAL);
}

Err *tier_check_api(TierId tier)
{
    return tiers[tier].has_api ? NULL : begins_with("Access by API keys begins", TIER_PREMIUM);
}

/* ---- turns and money ---- */

int tier_priority(TierId tier, int64_t photos)
{
    int priority = tiers[tier].priority;

    if (tier == TIER_PREMIUM || photos < PRICE_BATCH_LEAST)
        return priority;
    return MAX(priority, photos > BATCH_SMALL_MOST ? PRIORITY_LARGE : PRIORITY_BATCH);
}

int64_t tier_month_rupiah(TierId tier, int64_t credits)
{
    const Tier *row = &tiers[tier];

    return row->rupiah_a_month +
           MAX(credits - row->credits_a_month, (int64_t)0) * row->rupiah_a_credit;
}
