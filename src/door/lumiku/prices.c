/* The tariff as it is told: prices, discounts and plans. */
#include <limits.h>

#include "door/lumiku/lumiku_priv.h"

static const char *const mark_names[] = {
    [MARK_OURS] = "ours", [MARK_NONE] = "none", [MARK_OWN] = "own", NULL};

/* ---- prices ---- */

typedef struct PriceOut {
    const char *feature, *description;
    int64_t credits;
    int from_tier;
} PriceOut;

static const Field PriceOut_fields[] = {
    {FIELD_TEXT(PriceOut, feature), .help = "What is bought"},
    {FIELD_TEXT(PriceOut, description), .help = "The same in words"},
    {FIELD_INT(PriceOut, credits), .help = "Price, before discounts"},
    {FIELD_NAME(PriceOut, from_tier, tier_names), .name = "fromTier",
     .help = "Plan that it begins with"},
    {FIELD_END},
};
static const Shape price_out_shape = SHAPE(PriceOut);

static List prices_out(Arena *mem)
{
    PriceOut *prices = ARENA_ARRAY(mem, PriceOut, PRICE_MAX_);

    for (Price price = 0; price < PRICE_MAX_; price++) {
        TierId tier = TIER_FREE;

        while (tier < TIER_PREMIUM && !tier_has_price(tier, price))
            tier++;
        prices[price] =
            (PriceOut){price_name(price), price_words(price), price_credits(price), (int)tier};
    }
    return (List){prices, PRICE_MAX_};
}

/* ---- discounts ---- */

typedef struct VolumeOut {
    int64_t from, percent;
} VolumeOut;

static const Field VolumeOut_fields[] = {
    {FIELD_INT(VolumeOut, from), .help = "Credits used in the month"},
    {FIELD_INT(VolumeOut, percent), .help = "Off from then on", .unit = "%"},
    {FIELD_END},
};
static const Shape volume_out_shape = SHAPE(VolumeOut);

static List volumes_out(Arena *mem)
{
    VolumeOut *volumes = ARENA_ARRAY(mem, VolumeOut, PRICE_VOLUMES);

    for (size_t i = 0; i < PRICE_VOLUMES; i++) {
        const PriceVolume *volume = &price_volumes[PRICE_VOLUMES - 1 - i];

        volumes[i] = (VolumeOut){volume->from, volume->percent};
    }
    return (List){volumes, PRICE_VOLUMES};
}

/* ---- plans ---- */

typedef struct TierOut {
    const char *id, *name;
    int64_t monthly_credits, credit_price, monthly_price, month_cost;
    Texts features, formats;
    int64_t cutout_max_px, templates, batch_max, platforms;
    bool premium_templates, own_templates, one_click_integration, api_access;
    int watermark;
    int64_t priority;
    const char *support;
} TierOut;

static const Field TierOut_fields[] = {
    {FIELD_TEXT(TierOut, id), .help = "Plan"},
    {FIELD_TEXT(TierOut, name), .help = "Its name for people"},
    {FIELD_INT(TierOut, monthly_credits), .name = "monthlyCredits",
     .help = "Credits that come with a month"},
    {FIELD_INT(TierOut, credit_price), .name = "creditPrice", .help = "A credit more",
     .unit = "Rp"},
    {FIELD_INT(TierOut, monthly_price), .name = "monthlyPrice", .help = "A month", .unit = "Rp"},
    {FIELD_INT(TierOut, month_cost), .name = "monthCost",
     .help = "A month in which as many credits are used as were asked about", .unit = "Rp",
     .nullable = true, .omit = true},
    {FIELD_TEXTS(TierOut, features), .help = "What may be bought"},
    {FIELD_TEXTS(TierOut, formats), .help = "Kinds of files of exports"},
    {FIELD_INT(TierOut, cutout_max_px), .name = "cutoutMaxPx",
     .help = "Longer side of a cut-out product", .unit = "px"},
    {FIELD_INT(TierOut, templates), .help = "Templates of the library; null for all",
     .nullable = true},
    {FIELD_INT(TierOut, batch_max), .name = "batchMax", .help = "Photos in a batch; 0: no batches"},
    {FIELD_INT(TierOut, platforms), .help = "Platforms of one export; null for all",
     .nullable = true},
    {FIELD_BOOL(TierOut, premium_templates), .name = "premiumTemplates",
     .help = "Templates that are marked premium"},
    {FIELD_BOOL(TierOut, own_templates), .name = "ownTemplates", .help = "Templates of your own"},
    {FIELD_BOOL(TierOut, one_click_integration), .name = "oneClickIntegration",
     .help = "Pictures go to sibling apps by themselves"},
    {FIELD_BOOL(TierOut, api_access), .name = "apiAccess", .help = "Access by API keys"},
    {FIELD_NAME(TierOut, watermark, mark_names),
     .help = "On what is downloaded: ours, none, or your own"},
    {FIELD_INT(TierOut, priority), .help = "Of its work: 1 is done first, 4 last"},
    {FIELD_TEXT(TierOut, support), .help = "How questions are answered"},
    {FIELD_END},
};
static const Shape tier_out_shape = SHAPE(TierOut);

static Texts features_of(const Tier *tier, Arena *mem)
{
    Texts names = {.items = ARENA_ARRAY(mem, const char *, PRICE_MAX_)};

    for (const Price *price = tier->prices; *price != PRICE_MAX_; price++)
        names.items[names.count++] = price_name(*price);
    return names;
}

static Texts formats_of(const Tier *tier, Arena *mem)
{
    Texts names = {0};

    while (tier->formats[names.count])
        names.count++;
    names.items = ARENA_ARRAY(mem, const char *, names.count);
    for (size_t i = 0; i < names.count; i++)
        names.items[i] = tier->formats[i];
    return names;
}

static int64_t none_if_all(int most)
{
    return most == INT_MAX ? FIELD_NONE : most;
}

static TierOut tier_out(TierId id, int64_t credits, Arena *mem)
{
    const Tier *tier = &tiers[id];

    return (TierOut){
        .id = tier_names[id],
        .name = tier->title,
        .monthly_credits = tier->credits_a_month,
        .credit_price = tier->rupiah_a_credit,
        .monthly_price = tier->rupiah_a_month,
        .month_cost = credits == FIELD_NONE ? FIELD_NONE : tier_month_rupiah(id, credits),
        .features = features_of(tier, mem),
        .formats = formats_of(tier, mem),
        .cutout_max_px = tier->cutout_most_px,
        .templates = none_if_all(tier->templates_most),
        .batch_max = tier->batch_most,
        .platforms = none_if_all(tier->platforms_most),
        .premium_templates = tier->has_premium_templates,
        .own_templates = tier->has_own_templates,
        .one_click_integration = tier->has_transfer,
        .api_access = tier->has_api,
        .watermark = tier->mark,
        .priority = tier->priority,
        .support = tier->support,
    };
}

/* ---- all of it ---- */

typedef struct PricesIn {
    int64_t credits;
} PricesIn;

static const Field PricesIn_fields[] = {
    {FIELD_INT(PricesIn, credits), .help = "Credits used in a month, to see what each plan costs",
     .optional = true, .nullable = true, .max = 1e9},
    {FIELD_END},
};

typedef struct PricesOut {
    bool success;
    List prices;
    int64_t bundle_steps, bundle_percent, batch_photos;
    List volume_discounts, tiers;
} PricesOut;

static const Field PricesOut_fields[] = {
    {FIELD_BOOL(PricesOut, success), .help = "Always true"},
    {FIELD_LIST(PricesOut, prices, &price_out_shape), .help = "What there is to buy"},
    {FIELD_INT(PricesOut, bundle_steps), .name = "bundleSteps",
     .help = "Paid steps of one photo from which on they are a bundle"},
    {FIELD_INT(PricesOut, bundle_percent), .name = "bundlePercent", .help = "Off a bundle",
     .unit = "%"},
    {FIELD_INT(PricesOut, batch_photos), .name = "batchPhotos",
     .help = "Photos from which on one workflow is a batch: batch, and batch_photo for each"},
    {FIELD_LIST(PricesOut, volume_discounts, &volume_out_shape), .name = "volumeDiscounts",
     .help = "Off everything, for what was used in the month"},
    {FIELD_LIST(PricesOut, tiers, &tier_out_shape), .help = "Plans"},
    {FIELD_END},
};

HANDLER(prices, PricesIn, PricesOut);

const Endpoint lumiku_prices = {
    .method = GET,
    .path = LUMIKU "/prices",
    .id = "lumiku_prices",
    .summary = "See all prices, discounts and plans",
    .tag = "Credits",
    .scope = "templates:read",
    .in = SHAPE(PricesIn),
    .out = SHAPE(PricesOut),
    .handle = CALLS(prices),
};

static Err *prices(Call *call, const PricesIn *in, PricesOut *out)
{
    Arena *mem = call_arena(call);
    TierOut *plans = ARENA_ARRAY(mem, TierOut, TIER_MAX_);

    for (TierId tier = TIER_FREE; tier < TIER_MAX_; tier++)
        plans[tier] = tier_out(tier, in->credits, mem);
    *out = (PricesOut){
        .success = true,
        .prices = prices_out(mem),
        .bundle_steps = PRICE_BUNDLE_LEAST,
        .bundle_percent = PRICE_BUNDLE_PERCENT,
        .batch_photos = PRICE_BATCH_LEAST,
        .volume_discounts = volumes_out(mem),
        .tiers = {plans, TIER_MAX_},
    };
    return NULL;
}
