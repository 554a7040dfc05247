/* Promises of laying another picture's broad light on one. */
#include <math.h>

#include "image/cast.h"
#include "test.h"

enum {
    SIDE = 160
};

/* Grey with fine stripes, brighter to the right by SLOPE. */
static Image *striped(double slope)
{
    Image *image = NULL;

    CHECK_OK(image_new(SIDE, SIDE, 3, DEPTH_8, &image));
    for (int y = 0; y < SIDE; y++) {
        uint8_t *pixel = image_row_mut(image, y);

        for (int x = 0; x < SIDE; x++)
            for (int k = 0; k < 3; k++)
                *pixel++ = (uint8_t)lround(110 + 20 * (x / 2 % 2) + slope * (x - SIDE / 2) / SIDE);
    }
    return image;
}

static double mean_of(const Image *image, int left, int right)
{
    double sum = 0;

    for (int y = 0; y < SIDE; y++) {
        const uint8_t *row = image_row(image, y);

        for (int x = left; x < right; x++)
            sum += row[3 * x];
    }
    return sum / ((double)SIDE * (right - left));
}

TEST(light_is_taken_over_and_detail_stays)
{
    AUTO(image_free) Image *own = striped(0), *lit = NULL, *blank = striped(80), *ret = NULL;
    LightCastFacts facts;

    /* The other picture has no stripes at all: only its light may be seen in the result. */
    CHECK_OK(image_blur(blank, 6, &lit));
    CHECK_OK(image_cast_light(
        &(LightCast){.image = own, .lit = lit, .limit = 50, .threads = 2}, &ret, &facts));
    CHECK(facts.share == 1);
    CHECK(mean_of(ret, 120, SIDE) > mean_of(ret, 0, 40) + 25);
    const uint8_t *row = (const uint8_t *)image_row(ret, 80) + 3 * 80;
    CHECK(abs(row[0] - row[6]) > 12); /* the stripes are there */
}

TEST(light_keeps_its_limit_and_is_the_same_on_any_number_of_threads)
{
    AUTO(image_free) Image *own = striped(0), *lit = striped(160), *one = NULL, *four = NULL;
    LightCastFacts facts;

    CHECK_OK(image_cast_light(
        &(LightCast){.image = own, .lit = lit, .limit = 2, .threads = 1}, &one, &facts));
    CHECK(facts.share < 1 && facts.mean <= 2 && facts.mean > 1);
    CHECK_OK(image_cast_light(
        &(LightCast){.image = own, .lit = lit, .limit = 2, .threads = 4}, &four, &facts));
    CHECK(memcmp(image_row(one, 0), image_row(four, 0), image_bytes(one)) == 0);
}

TEST(the_same_light_changes_nothing_much_and_alpha_stays)
{
    AUTO(image_free) Image *own = NULL, *ret = NULL;
    LightCastFacts facts;

    CHECK_OK(image_flat(64, 48, (Colour){120, 60, 30, 128}, &own));
    CHECK_OK(image_cast_light(
        &(LightCast){.image = own, .lit = own, .limit = 8, .threads = 1}, &ret, &facts));
    CHECK(memcmp(image_row(own, 0), image_row(ret, 0), image_bytes(own)) == 0);
}
