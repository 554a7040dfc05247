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

typedef enum TierMark {
    MARK_OURS,
    MARK_NONE,
    MARK_OWN /* none, or the customer's own */
} TierMark;

typedef struct Tier {
    const char *name, *title; /* "free", "Free" */
    int64_t cutout_most_px;   /* longer side of a picture without its background */
    const Price *
        prices; /* what may be bought, ended by PRICE_MAX_; without PRICE_BATCH there are no batches */
    int templates_most; /* of the library, in its order; INT_MAX for all */
    bool has_premium_templates, has_own_templates;
    int batch_most;             /* photos */
    const char *const *formats; /* of exports, NULL-ended */
    int platforms_most;
    TierMark mark;
    bool is_upscale_included;   /* a 4x upscale is a part of the plan, at its price */
    bool has_transfer, has_api; /* to sibling apps by one click; by API keys */
    int priority; /* of its work in the queue: 1 critical to 4 low, for a single photo */
    int64_t credits_a_month, rupiah_a_credit, rupiah_a_month;
} Tier;

extern const Tier tiers[TIER_MAX_];

const Tier *tier_find(const char *name); /* NULL when there is none */

/* FORBIDDEN, saying from which plan on it may be had. */
MUST Err *tier_check_price(TierId tier, Price price);
MUST Err *tier_check_batch(TierId tier, int64_t photos);
MUST Err *tier_check_format(TierId tier, const char *format);
MUST Err *tier_check_platforms(TierId tier, int64_t platforms);

/* The n-th template of the library, from 0. */
MUST Err *tier_check_template(TierId tier, int index, bool is_premium);

/* Priority of work on PHOTOS photos: batches of more than ten wait behind smaller ones, except the highest plan's. Chapter 3.6. */
int tier_priority(TierId tier, int64_t photos);
