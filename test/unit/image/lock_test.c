/* Promises of src/image/lock.c. The figures were worked out apart from this program, from the formulas of Sharma et al. (2005) and
 * Wang et al. (2004) in double precision. */
#include <math.h>

#include "base/dice.h"
#include "image/lock.h"
#include "test.h"

enum {
    WIDTH = 48,
    HEIGHT = 36
};

static uint8_t *pixel(const Image *image, int x, int y)
{
    return (uint8_t *)(uintptr_t)image_row(image, y) + x * image_channels(image);
}

static Image *blank(int width, int height, int channels)
{
    Image *image = NULL;

    CHECK_OK(image_new(width, height, channels, DEPTH_8, &image));
    return image;
}

static Image *noise(int width, int height, int channels, uint64_t seed)
{
    Image *image = blank(width, height, channels);
    Dice dice = dice_seeded(seed);

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width * channels; x++)
            ((uint8_t *)image_row_mut(image, y))[x] = (uint8_t)dice_bits(&dice);
    return image;
}

static Image *drawn_original(void)
{
    Image *image = blank(WIDTH, HEIGHT, 3);

    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            pixel(image, x, y)[0] = (uint8_t)(x * 5 + y * 3);
            pixel(image, x, y)[1] = (uint8_t)(200 - x * 2 - y);
            pixel(image, x, y)[2] = (uint8_t)(x * y / 4 + 30);
        }
    return image;
}

/* What a model made of it: everything a little off, and blue on the right. */
static Image *drawn_over(const Image *original)
{
    Image *image = NULL;

    CHECK_OK(image_copy(original, &image));
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int off = (x * 7 + y * 13) % 31 - 15;
            int offs[] = {off, off, x > 30 ? 20 : 0};

            for (int c = 0; c < 3; c++)
                pixel(image, x, y)[c] = (uint8_t)CLAMP(pixel(image, x, y)[c] + offs[c], 0, 255);
        }
    return image;
}

/* The upper right may be drawn. */
static Image *drawn_free(void)
{
    Image *image = blank(WIDTH, HEIGHT, 1);

    for (int y = 0; y < 24; y++)
        memset(pixel(image, 20, y), 255, WIDTH - 20);
    return image;
}

TEST(protected_pixels_are_the_originals_to_the_bit)
{
    for (int original_channels = 3; original_channels <= 4; original_channels++)
        for (int drawn_channels = 3; drawn_channels <= 4; drawn_channels++) {
            AUTO(image_free) Image *original = noise(301, 203, original_channels, 1);
            AUTO(image_free) Image *drawn = noise(150, 101, drawn_channels, 2);
            AUTO(image_free) Image *free_mask = noise(301, 203, 1, 3);
            AUTO(image_free) Image *out = NULL;
            int64_t other = 0, other_where_drawn = 0;
            LockReport report;

            for (int y = 0; y < 203; y++)
                for (int x = 0; x < 301; x++)
                    *pixel(free_mask, x, y) = x < 200 ? 0 : 255;
            CHECK_OK(image_lock(original, drawn, free_mask, 3, &out, &report));
            CHECK_INT(image_channels(out), original_channels);
            for (int y = 0; y < 203; y++) {
                size_t kept = 200 * (size_t)original_channels;

                other += memcmp(pixel(out, 0, y), pixel(original, 0, y), kept) != 0;
                other_where_drawn += memcmp(
                                         pixel(out, 200, y), pixel(original, 200, y),
                                         101 * (size_t)original_channels) != 0;
            }
            CHECK_INT(other, 0);
            CHECK_INT(other_where_drawn, 203);
            CHECK_INT(report.pixels, 200 * 203);
            CHECK(report.changed > 0.9 && report.likeness < 0.2);
        }
}

TEST(what_is_free_is_drawn_and_what_is_between_is_mixed)
{
    AUTO(image_free) Image *original = NULL;
    AUTO(image_free) Image *drawn = NULL;
    AUTO(image_free) Image *free_mask = blank(3, 1, 1);
    AUTO(image_free) Image *out = NULL;

    CHECK_OK(image_flat(3, 1, (Colour){10, 20, 30, 255}, &original));
    CHECK_OK(image_flat(3, 1, (Colour){110, 220, 30, 255}, &drawn));
    memcpy(image_row_mut(free_mask, 0), (uint8_t[]){0, 51, 255}, 3);
    CHECK_OK(image_lock(original, drawn, free_mask, 1, &out, NULL));
    CHECK(memcmp(image_row(out, 0), (uint8_t[]){10, 20, 30, 30, 60, 30, 110, 220, 30}, 9) == 0);
}

TEST(where_nothing_was_drawn_the_original_shows_through)
{
    AUTO(image_free) Image *original = NULL;
    AUTO(image_free) Image *drawn = blank(2, 1, 4);
    AUTO(image_free) Image *free_mask = blank(2, 1, 1);
    AUTO(image_free) Image *out = NULL;
    AUTO(image_free) Image *clear = NULL;
    AUTO(image_free) Image *cut = NULL;

    CHECK_OK(image_flat(2, 1, (Colour){10, 20, 30, 255}, &original));
    memcpy(image_row_mut(drawn, 0), (uint8_t[]){200, 0, 0, 0, 110, 120, 130, 51}, 8);
    memset(image_row_mut(free_mask, 0), 255, 2);
    CHECK_OK(image_lock(original, drawn, free_mask, 1, &out, NULL));
    CHECK(memcmp(image_row(out, 0), (uint8_t[]){10, 20, 30, 30, 40, 50}, 6) == 0);

    /* An original with alpha takes alpha too. */
    CHECK_OK(image_flat(2, 1, (Colour){10, 20, 30, 0}, &clear));
    CHECK_OK(image_lock(clear, drawn, free_mask, 1, &cut, NULL));
    CHECK(memcmp(image_row(cut, 0), (uint8_t[]){0, 0, 0, 0, 110, 120, 130, 51}, 8) == 0);
}

TEST(a_lock_reports_how_much_of_what_is_protected_had_changed)
{
    AUTO(image_free) Image *original = drawn_original();
    AUTO(image_free) Image *drawn = drawn_over(original);
    AUTO(image_free) Image *free_mask = drawn_free();
    AUTO(image_free) Image *out = NULL;
    LockReport report;

    CHECK_OK(image_lock(original, drawn, free_mask, 2, &out, &report));
    CHECK_INT(report.pixels, 1056);
    CHECK(fabs(report.changed - 683.0 / 1056) < 1e-9);
    CHECK(fabs(report.mean_delta_e - 3.4697926) < 1e-4);
    CHECK(fabs(report.likeness - 0.5573869) < 1e-4);
    CHECK(fabs(report.detail - 0.7278588) < 1e-4);
}

TEST(a_faithful_edit_of_fewer_pixels_is_not_taken_for_a_change)
{
    AUTO(image_free) Image *original = drawn_original();
    AUTO(image_free) Image *large = NULL;
    AUTO(image_free) Image *small = NULL;
    AUTO(image_free) Image *free_mask = blank(WIDTH * 8, HEIGHT * 8, 1);
    AUTO(image_free) Image *out = NULL;
    LockReport report;

    CHECK_OK(image_resize(original, WIDTH * 8, HEIGHT * 8, IMAGE_CUBIC, &large));
    CHECK_OK(image_resize(large, WIDTH * 3, HEIGHT * 3, IMAGE_LANCZOS3, &small));
    CHECK_OK(image_lock(large, small, free_mask, 1, &out, &report));
    CHECK(report.changed == 0 && report.mean_delta_e == 0 && report.likeness > 0.99999);
}

TEST(a_product_made_transparent_has_changed)
{
    AUTO(image_free) Image *original = drawn_original();
    AUTO(image_free) Image *drawn = NULL;
    AUTO(image_free) Image *alpha = blank(WIDTH, HEIGHT, 1);
    AUTO(image_free) Image *free_mask = drawn_free();
    AUTO(image_free) Image *out = NULL;
    LockReport report;

    CHECK_OK(image_join_alpha(original, alpha, &drawn));
    CHECK_OK(image_lock(original, drawn, free_mask, 1, &out, &report));
    CHECK(report.changed > 0.9);
}

TEST(with_nothing_protected_nothing_has_changed)
{
    AUTO(image_free) Image *original = drawn_original();
    AUTO(image_free) Image *drawn = drawn_over(original);
    AUTO(image_free) Image *free_mask = blank(WIDTH, HEIGHT, 1);
    AUTO(image_free) Image *out = NULL;
    LockReport report;

    for (int y = 0; y < HEIGHT; y++)
        memset(image_row_mut(free_mask, y), 255, WIDTH);
    CHECK_OK(image_lock(original, drawn, free_mask, 1, &out, &report));
    CHECK(report.pixels == 0 && report.changed == 0 && report.likeness == 1);
    for (int y = 0; y < HEIGHT; y++)
        CHECK(memcmp(image_row(out, y), image_row(drawn, y), WIDTH * 3) == 0);
}

TEST(a_lock_is_the_same_on_any_number_of_threads)
{
    AUTO(image_free) Image *original = noise(400, 300, 4, 1);
    AUTO(image_free) Image *drawn = noise(200, 150, 4, 2);
    AUTO(image_free) Image *free_mask = noise(400, 300, 1, 3);
    AUTO(image_free) Image *one = NULL;
    AUTO(image_free) Image *five = NULL;
    LockReport of_one, of_five;

    for (int y = 0; y < 300; y++)
        memset(pixel(free_mask, 0, y), 0, 150);
    CHECK_OK(image_lock(original, drawn, free_mask, 1, &one, &of_one));
    CHECK_OK(image_lock(original, drawn, free_mask, 5, &five, &of_five));
    for (int y = 0; y < 300; y++)
        CHECK(memcmp(image_row(one, y), image_row(five, y), 400 * 4) == 0);
    CHECK(of_one.changed == of_five.changed && of_one.mean_delta_e == of_five.mean_delta_e);
    CHECK(of_one.likeness == of_five.likeness);
}

TEST(a_mask_of_another_size_is_refused)
{
    AUTO(image_free) Image *original = drawn_original();
    AUTO(image_free) Image *free_mask = blank(WIDTH + 1, HEIGHT, 1);
    AUTO(image_free) Image *out = NULL;

    CHECK_ERR(
        image_lock(original, original, free_mask, 1, &out, NULL), ERR_INPUT_INVALID,
        "mask of 49 x 36 for a picture of 48 x 36");
    CHECK(!out);
}

/* A smooth product with a small label, 200 x 200. */
static Image *labelled(float gain)
{
    Image *image = blank(200, 200, 3);

    for (int y = 0; y < 200; y++)
        for (int x = 0; x < 200; x++) {
            bool is_label = abs(x - 100) < 40 && abs(y - 100) < 30;
            int value = is_label ? (x / 3 % 2 ? 230 : 70) : 150 + x / 10;

            memset(
                pixel(image, x, y), (uint8_t)(colour_encoded(colour_linear((uint8_t)value) * gain)),
                3);
        }
    return image;
}

TEST(another_light_leaves_the_detail_and_another_picture_does_not)
{
    AUTO(image_free) Image *original = labelled(1);
    AUTO(image_free) Image *dim = labelled(0.3f);
    AUTO(image_free) Image *other = blank(200, 200, 3);
    AUTO(image_free) Image *free_mask = blank(200, 200, 1);
    AUTO(image_free) Image *out = NULL, *again = NULL, *same = NULL;
    LockReport report;

    for (int y = 0; y < 200; y++)
        for (int x = 0; x < 200; x++)
            memset(pixel(other, x, y), 100 + (x + y) / 4, 3);
    CHECK_OK(image_lock(original, dim, free_mask, 1, &out, &report));
    CHECK(report.detail > 0.95 && report.changed > 0.9);
    CHECK_OK(image_lock(original, other, free_mask, 1, &again, &report));
    CHECK(
        report.detail < 0.1 && report.likeness > 0.3); /* SSIM alone thinks well of smooth things */

    /* What has no detail cannot lose any. */
    CHECK_OK(image_lock(other, dim, free_mask, 1, &same, &report));
    CHECK(report.detail == 1);
}

/* ---- masks ---- */

TEST(only_what_is_wholly_transparent_may_be_drawn)
{
    AUTO(image_free) Image *mask = blank(4, 1, 4);
    AUTO(image_free) Image *out = NULL;
    AUTO(image_free) Image *solid = blank(4, 1, 3);

    for (int x = 0; x < 4; x++)
        pixel(mask, x, 0)[3] = (uint8_t[]){0, 1, 254, 255}[x];
    CHECK_OK(image_lock_mask(mask, 0, &out));
    CHECK_INT(image_channels(out), 1);
    CHECK(memcmp(image_row(out, 0), (uint8_t[]){255, 0, 0, 0}, 4) == 0);
    image_free(TAKE(out));
    CHECK_ERR(image_lock_mask(solid, 0, &out), ERR_INPUT_INVALID, "mask without alpha");
}

/* Each free pixel by the straight way: the distance to every protected one. */
TEST(a_soft_border_lies_inside_what_may_be_drawn)
{
    enum {
        SIDE = 37,
        SOFT = 5
    };
    AUTO(image_free) Image *mask = blank(SIDE, SIDE, 4);
    AUTO(image_free) Image *out = NULL;

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            pixel(mask, x, y)[3] = x + 2 * y < 30 || (x - 30) * (x - 30) + y * y < 20 ? 255 : 0;
    CHECK_OK(image_lock_mask(mask, SOFT, &out));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            double nearest = SOFT + 1;

            for (int to_y = 0; to_y < SIDE; to_y++)
                for (int to_x = 0; to_x < SIDE; to_x++)
                    if (pixel(mask, to_x, to_y)[3])
                        nearest = MIN(nearest, hypot(to_x - x, to_y - y));
            CHECK_INT(*pixel(out, x, y), lround(255 * nearest / (SOFT + 1)));
        }
}
