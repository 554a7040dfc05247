/* tier.h - what each plan of the product photo studio may use: rows, from table 2.3 of its specification, asked before work is paid for. */
#pragma once

#include "base/err.h"
#include "price/price.h"

typedef enum TierId {
    TIER_FREE,
    TIER_STANDARD, /* pay as you go */
    TIER_PROFESSIONAL,
    TIER_PREMIUM,
    TIER_MAX_
} TierId;

extern const char *const tier_names[]; /* "free", "standard", "professional", "premium", NULL */

typedef enum TierMark {
    MARK_OURS,
    MARK_NONE,
    MARK_OWN /* none, or the customer's own */
} TierMark;

typedef struct Tier {
    const char *title;      /* "Free" */
    int64_t cutout_most_px; /* longer side of a picture without its background */
    const Price *
        prices; /* what may be bought, ended by PRICE_MAX_; without PRICE_BATCH there are no batches */
    int templates_most; /* of the library, in its order; INT_MAX for all */
    bool has_premium_templates, has_own_templates;
    int batch_most;             /* photos */
    const char *const *formats; /* of exports, NULL-ended */
    int platforms_most;         /* of one export; INT_MAX for all */
    TierMark mark;
    bool is_upscale_included;   /* a 4x upscale is a part of the plan, at its price */
    bool has_handover;          /* to sibling apps, by hand */
    bool has_transfer, has_api; /* by one click; by API keys */
    int priority; /* of its work in the queue: 1 critical to 4 low, for a single photo */
    const char *support;
    int64_t credits_a_month, rupiah_a_credit, rupiah_a_month;
} Tier;

extern const Tier tiers[TIER_MAX_];

/* By its name; TIER_MAX_ when there is none. */
TierId tier_find(const char *name);

bool tier_has_price(TierId tier, Price price);

/* FORBIDDEN, saying from which plan on it may be had. */
MUST Err *tier_check_price(TierId tier, Price price);
MUST Err *tier_check_batch(TierId tier, int64_t photos);
MUST Err *tier_check_platforms(TierId tier, int64_t platforms);
MUST Err *tier_check_handover(TierId tier);
MUST Err *tier_check_transfer(TierId tier);
MUST Err *tier_check_api(TierId tier);

/* "png", "jpeg" ("jpg"), "webp", "avif"; one that no plan has is for whoever writes it to refuse. */
MUST Err *tier_check_format(TierId tier, const char *format);

/* The n-th template of the library, from 0; or one of the customer's own. */
MUST Err *tier_check_template(TierId tier, int64_t index, bool is_premium);
MUST Err *tier_check_own_template(TierId tier);

/* Priority of work on PHOTOS photos, 1 critical to 4 low: a batch is no more than normal, one of more than ten is low, except the highest
 * plan's. Chapter 3.6. */
int tier_priority(TierId tier, int64_t photos);

/* What a month costs in which CREDITS are used: the plan's price, and what goes beyond the credits in it. */
int64_t tier_month_rupiah(TierId tier, int64_t credits);
