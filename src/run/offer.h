/* offer.h - what can be had here: who does which work, and what a picture would cost before it is made. */
#pragma once

#include "run/run.h"

/* A kind of work that others can do, and who is asked for it, in order: names of vendors, and "builtin" last where the house stands
 * in. */
typedef struct OfferWork {
    const char *work; /* "images", "cutout", "relight", "upscale" */
    Texts by;
} OfferWork;

extern const Shape offer_work_shape;

/* *RET is a List of OfferWork. */
void offer_work(const Studio *studio, Arena *mem, List *ret);
