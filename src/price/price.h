/* price.h - what work costs in the tariff of the product photo studio: rows (tbl/prices.def) and a few rules, nothing else.
 *
 *     one photo    the sum of its steps; three paid steps or more are a bundle: 10 % off; a whole template is a flat price instead
 *     a batch      of two photos or more with one workflow: 10, and 5 for each photo, whatever the workflow
 *     looks        several whole templates for the same photos: what they cost one after another
 *     an export    the dearest that applies of ZIP, several formats, three platforms or more; a single file is free
 *     volume       5, 10, 15 % off once 501, 2,001, 5,001 credits were used in the month
 *
 * What a discount leaves is rounded up to whole credits, each discount by itself, as the specification's bundles are (23 -> 21, 38 -> 35).
 * Pure functions: the same question, the same answer.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

typedef enum Price {
#define PRICE(name, word, credits, words) PRICE_##name,
#include "tbl/prices.def"
#undef PRICE
    PRICE_MAX_
} Price;

int64_t price_credits(Price price);
const char *price_name(Price price);  /* "cutout" */
const char *price_words(Price price); /* "Background removal" */

enum {
    PRICE_LINES_MOST = 8,
    PRICE_BATCH_LEAST = 2,
    PRICE_BUNDLE_LEAST = 3,
    PRICE_BUNDLE_PERCENT = 10,
    PRICE_PLATFORMS_LEAST = 3
};

typedef struct PriceLine {
    Price price;
    int64_t count;
} PriceLine;

/* What is to be paid for: LINES, or a batch of PHOTOS, or nothing. */
typedef struct PriceBill {
    PriceLine lines[PRICE_LINES_MOST];
    int count;
    int64_t listed;  /* credits without discounts */
    int64_t bundle;  /* credits less as a bundle */
    int64_t volume;  /* credits less for the month's volume */
    int64_t credits; /* to pay */
} PriceBill;

/* One workflow for PHOTO_COUNT photos. STEPS are the paid steps of it, COUNT of them; IS_TEMPLATE: a whole template in their place.
 * IS_PREVIEW costs nothing. USED is what the tenant has used this month so far. */
typedef struct PriceWork {
    const Price *steps;
    int count;
    int64_t photos;
    int64_t looks; /* so many whole templates, each for all photos; 0 for one */
    bool is_template;
    bool is_preview;
    int64_t used;
} PriceWork;

PriceBill price_of_work(const PriceWork *work);

PriceBill price_of_upload(int64_t photos, int64_t used);

typedef struct PriceExport {
    bool is_zip;
    int formats, platforms;
    int64_t used;
} PriceExport;

PriceBill price_of_export(const PriceExport *wish);

/* Credits used in the month from which on a share is taken off, the largest first; the last is from 0. */
typedef struct PriceVolume {
    int64_t from;
    int percent;
} PriceVolume;

enum {
    PRICE_VOLUMES = 4
};
extern const PriceVolume price_volumes[PRICE_VOLUMES];

/* Percent off once USED credits were used in the month: 0, 5, 10, 15. */
int price_volume_percent(int64_t used);
