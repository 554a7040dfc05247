/* Promises of gradients, drawn shadows and reflections. */
#include <math.h>

#include "scene/gradient.h"
#include "scene/shadow.h"
#include "test.h"

enum {
    FRAME = 200
};

/* An opaque block of 60 x 90 that stands at row 150, columns 70 to 130. */
static Image *
block_layer(double angle, double opacity, Err *(*cast_it)(const ShadowCast *, Image **))
{
    AUTO(image_free) Image *block = NULL;
    Image *layer = NULL;

    CHECK_OK(image_flat(60, 90, (Colour){10, 20, 220, 254}, &block));
    ShadowCast cast = {
        .product = block,
        .box = {70, 60, 60, 90},
        .width_px = FRAME,
        .height_px = FRAME,
        .look =
            {.opacity = opacity,
             .blur = 50,
             .angle_degrees = angle,
             .distance_px = 20,
             .length = 45,
             .colour = {30, 20, 10, 255}},
        .threads = 2,
    };
    CHECK_OK(cast_it(&cast, &layer));
    return layer;
}

static double alpha_mean(const Image *layer, int left, int top, int width, int height)
{
    double sum = 0;

    for (int y = top; y < top + height; y++)
        for (int x = left; x < left + width; x++)
            sum += ((const uint8_t *)image_row(layer, y))[x * 4 + 3];
    return sum / (width * (double)height);
}

TEST(a_natural_shadow_is_darkest_at_the_foot_and_falls_away_from_the_light)
{
    AUTO(image_free) Image *from_left = block_layer(135, 40, shadow_natural);
    AUTO(image_free) Image *from_right = block_layer(45, 40, shadow_natural);

    CHECK(alpha_mean(from_left, 80, 150, 40, 2) > alpha_mean(from_left, 80, 156, 40, 4) + 10);
    CHECK(alpha_mean(from_left, 134, 138, 24, 10) > alpha_mean(from_left, 42, 138, 24, 10) + 10);
    CHECK(alpha_mean(from_right, 42, 138, 24, 10) > alpha_mean(from_right, 134, 138, 24, 10) + 10);
    CHECK(alpha_mean(from_left, 0, 180, FRAME, 20) < 1);
}

TEST(a_shadow_without_opacity_is_not_there)
{
    AUTO(image_free) Image *natural = block_layer(135, 0, shadow_natural);
    AUTO(image_free) Image *drop = block_layer(135, 0, shadow_drop);
    AUTO(image_free) Image *mirror = block_layer(135, 0, shadow_reflection);

    CHECK(alpha_mean(natural, 0, 0, FRAME, FRAME) == 0);
    CHECK(alpha_mean(drop, 0, 0, FRAME, FRAME) == 0);
    CHECK(alpha_mean(mirror, 0, 0, FRAME, FRAME) == 0);
}

TEST(a_drop_shadow_moves_away_from_the_light)
{
    AUTO(image_free) Image *drop = block_layer(135, 40, shadow_drop);

    CHECK(alpha_mean(drop, 130, 80, 8, 60) > alpha_mean(drop, 62, 80, 8, 60) + 3);
    CHECK(alpha_mean(drop, 80, 150, 40, 6) > alpha_mean(drop, 80, 54, 40, 6) + 3);
    CHECK(fabs(alpha_mean(drop, 95, 100, 10, 10) - 0.4 * 254) < 6);
}

TEST(a_reflection_begins_at_the_foot_shows_the_product_and_fades)
{
    AUTO(image_free) Image *mirror = block_layer(135, 40, shadow_reflection);
    const uint8_t *pixel = (const uint8_t *)image_row(mirror, 160) + 100 * 4;

    CHECK(alpha_mean(mirror, 80, 152, 40, 4) > alpha_mean(mirror, 80, 170, 40, 4) + 20);
    CHECK(alpha_mean(mirror, 80, 194, 40, 4) < 2);
    CHECK(alpha_mean(mirror, 0, 0, FRAME, 100) < 1);
    CHECK(pixel[2] > pixel[0] + 80);
}

TEST(a_slow_gradient_shows_no_bands)
{
    static const GradientStop stops[] = {{{128, 128, 128, 255}, 0}, {{132, 132, 132, 255}, 1}};
    Gradient gradient = {
        .kind = GRADIENT_LINEAR, .stops = stops, .count = 2, .angle_degrees = 90, .seed = 1};
    AUTO(image_free) Image *image = NULL;
    int longest = 0;

    CHECK_OK(gradient_paint(&gradient, 1000, 40, &image));
    for (int y = 0; y < 40; y++) {
        const uint8_t *row = image_row(image, y);
        for (int x = 1, run = 1; x < 1000; x++) {
            run = row[x * 3] == row[(x - 1) * 3] ? run + 1 : 1;
            longest = MAX(longest, run);
        }
    }
    CHECK(longest < 120);
    for (int block = 0; block < 10; block++) {
        double sum = 0;
        for (int y = 0; y < 40; y++)
            for (int x = block * 100; x < block * 100 + 100; x++)
                sum += ((const uint8_t *)image_row(image, y))[x * 3];
        CHECK(fabs(sum / 4000 - (128 + 4 * (block + 0.5) / 10)) < 0.06);
    }
}

TEST(a_gradient_runs_from_corner_to_corner_and_from_its_middle)
{
    static const GradientStop stops[] = {{{255, 0, 0, 255}, 0}, {{0, 0, 255, 255}, 1}};
    Gradient gradient = {.kind = GRADIENT_LINEAR, .stops = stops, .count = 2, .angle_degrees = 180};
    AUTO(image_free) Image *down = NULL;
    AUTO(image_free) Image *round = NULL;

    CHECK_OK(gradient_paint(&gradient, 50, 80, &down));
    CHECK(((const uint8_t *)image_row(down, 0))[0] > 240);
    CHECK(((const uint8_t *)image_row(down, 79))[2] > 240);
    gradient.kind = GRADIENT_RADIAL;
    gradient.centre[0] = gradient.centre[1] = 0.5;
    gradient.radius = 0.5;
    CHECK_OK(gradient_paint(&gradient, 60, 60, &round));
    CHECK(((const uint8_t *)image_row(round, 30))[30 * 3] > 240);
    CHECK(((const uint8_t *)image_row(round, 0))[2] > 250);
}

TEST(a_gradient_between_two_colours_stays_colourful)
{
    static const GradientStop stops[] = {{{255, 210, 0, 255}, 0}, {{0, 70, 255, 255}, 1}};
    Gradient gradient = {.kind = GRADIENT_LINEAR, .stops = stops, .count = 2, .angle_degrees = 90};
    AUTO(image_free) Image *image = NULL;

    CHECK_OK(gradient_paint(&gradient, 101, 1, &image));
    const uint8_t *middle = (const uint8_t *)image_row(image, 0) + 50 * 3;
    bool is_bright = middle[0] > 140 || middle[1] > 140 || middle[2] > 140;
    CHECK(is_bright);
}

TEST(a_gradient_without_colours_is_refused)
{
    Gradient gradient = {.kind = GRADIENT_LINEAR};
    AUTO(image_free) Image *image = NULL;

    CHECK_ERR(
        gradient_paint(&gradient, 10, 10, &image), ERR_INPUT_INVALID, "a gradient of 0 colours");
}
