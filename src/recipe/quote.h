/* quote.h - what a recipe would cost at vendors, step by step, before anything is done. */
#pragma once

#include "recipe/recipe.h"

typedef struct QuoteStep {
    const char *step;
    const char *provider; /* who would be asked now; "builtin" for the house, which costs nothing */
    const char *model;    /* NULL for the house */
    int64_t cost_micro_usd;
    bool is_cost_known;                     /* false: this model has no price in the list */
    const char *price_as_of, *price_source; /* "2026-06-10", a web page; NULL for the house */
} QuoteStep;

extern const Shape quote_step_shape;

typedef struct QuoteWish {
    const Recipe *recipe;
    const Vendors *vendors;
    int width_px, height_px; /* of the photo; 0 for a usual one */
} QuoteWish;

/* *RET is a List of QuoteStep, one for each step of the recipe; texts live in MEM or as long as the vendors. */
MUST Err *recipe_quote(const QuoteWish *wish, Arena *mem, List *ret);

/* What all of STEPS cost together; *RET_IS_KNOWN (may be NULL) is false when one of them is not known. */
int64_t quote_sum(const List *steps, bool *ret_is_known);
