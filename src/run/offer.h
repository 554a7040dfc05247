/* offer.h - what can be had here: who does which work, how the vendors are, and what pictures would cost before they are made. */
#pragma once

#include "recipe/quote.h"
#include "run/run.h"

/* ---- who does it ---- */

/* A kind of work that others can do, and who is asked for it, in order: names of vendors, and "builtin" last where the house stands
 * in. */
typedef struct OfferWork {
    const char *work; /* "images", "cutout", "relight", "upscale" */
    Texts by;
} OfferWork;

extern const Shape offer_work_shape;

/* *RET is a List of OfferWork. */
void offer_work(const Studio *studio, Arena *mem, List *ret);

/* *RET is a List of VendorState; empty when nobody but the house is asked. */
void offer_vendors(const Studio *studio, Arena *mem, List *ret);

/* ---- what it costs ---- */

typedef struct OfferWish {
    const Value *recipe; /* a built-in recipe's or template's name, or a recipe; NULL for OPAL's */
    int64_t photos;      /* at least 1 */
    int64_t scene_count; /* as in PhotoWish */
    Texts scene_types;   /* as in PhotoWish */
    const char *scene_prompt; /* NULL for none */
} OfferWish;

/* Pictures that are made in one way. */
typedef struct OfferLook {
    const char *scene_type;           /* NULL when none was named */
    int64_t pictures, cost_micro_usd; /* for all of them */
    List steps;                       /* QuoteStep, of one picture */
} OfferLook;

extern const Shape offer_look_shape;

typedef struct Offer {
    int64_t pictures, credits; /* what the tenant pays; 1 credit is a US cent */
    int64_t cost_micro_usd;    /* what vendors ask for it, which the credits hold already */
    bool is_cost_known;
    List looks; /* OfferLook */
} Offer;

/* Nothing is run, held or counted. INPUT_INVALID, NOT_FOUND as project_begin and recipe_read, with the field of the wish. */
MUST Err *offer_quote(const Studio *studio, const OfferWish *wish, Arena *mem, Offer *ret);
