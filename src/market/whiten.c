/* Whitening: a background that is nearly white becomes white, and the product and its shadow stay. */
#include "base/crew.h"
#include "market/market.h"

typedef struct Whitening {
    const Subject *subject;
    Image *picture;
    int ground[3];
} Whitening;

enum {
    STRIP_ROWS = 32,
    GRAIN_LEVELS = 4,
};

bool market_is_near_white(const Subject *subject, int levels)
{
    int darkest = MIN(subject->ground.r, subject->ground.g);

    darkest = MIN(darkest, (int)subject->ground.b);
    return levels && subject->by && darkest >= 255 - levels;
}

/* Background and shadow are lit up by what the background lacks to white, and by the grain of a white wall more, so that shadows stay
 * and run out into pure white. At the product's outline only what is as light as the background follows. */
static void pixel_whiten(const Whitening *whitening, Cover cover, uint8_t *pixel)
{
    if (cover == COVER_PRODUCT || cover == COVER_LOOSE)
        return;
    for (int c = 0; c < 3; c++) {
        int white = whitening->ground[c] - GRAIN_LEVELS;

        pixel[c] = (uint8_t)MIN((pixel[c] * 255 + white / 2) / white, 255);
    }
}

static void strip_whiten(void *whitening_any, size_t strip)
{
    const Whitening *whitening = whitening_any;
    int width = image_width(whitening->picture), height = image_height(whitening->picture);
    int first = (int)strip * STRIP_ROWS, end = MIN(first + STRIP_ROWS, height);

    for (int y = first; y < end; y++) {
        uint8_t *row = image_row_mut(whitening->picture, y);

        for (int x = 0; x < width; x++)
            pixel_whiten(
                whitening, market_cover_at(whitening->subject, x, y, width, height), row + 3 * x);
    }
}

Err *market_whiten(const Image *picture, const Subject *subject, int threads, Image **ret)
{
    AUTO(image_free) Image *white = NULL;
    Whitening whitening = {
        subject, NULL, {subject->ground.r, subject->ground.g, subject->ground.b}};

    TRY(image_copy(picture, &white));
    whitening.picture = white;
    crew_run(
        threads, (size_t)(image_height(white) + STRIP_ROWS - 1) / STRIP_ROWS, strip_whiten,
        &whitening);
    *ret = TAKE(white);
    return NULL;
}
