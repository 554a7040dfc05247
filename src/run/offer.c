/* What can be had here, and by whom. */
#include "run/offer.h"

#include <string.h>

static const Field OfferWork_fields[] = {
    {FIELD_TEXT(OfferWork, work), .help = "images, cutout, relight or upscale"},
    {FIELD_TEXTS(OfferWork, by),
     .help = "Who is asked, in order; builtin is the studio's own work, which costs nothing more"},
    {FIELD_END},
};
const Shape offer_work_shape = SHAPE(OfferWork);

static const char *const works[] = {"images", "cutout", "relight", "upscale"};

void offer_work(const Studio *studio, Arena *mem, List *ret)
{
    OfferWork *rows = ARENA_ARRAY(mem, OfferWork, COUNT(works));

    (void)studio;
    for (size_t i = 0; i < COUNT(works); i++) {
        const char **by = ARENA_ARRAY(mem, const char *, 1);

        by[0] = "builtin";
        rows[i] = (OfferWork){works[i], {by, 1}};
    }
    *ret = (List){rows, COUNT(works)};
}
