/* remedy.h - the recipe that mends what a picture breaks of a platform's rules, as far as that can be done without taking it anew. */
#pragma once

#include "base/value.h"
#include "market/market.h"

typedef struct Ailment {
    const Platform *platform;
    const Facts *facts;
    const Subject *subject;
    Listing listing;
    ImageFormat format; /* of the picture as it is */
} Ailment;

/* A recipe as JSON: comply and encode with what PLATFORM asks for. */
Value *remedy_recipe(const Ailment *ailment);
