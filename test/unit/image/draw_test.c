/* Promises of src/image/text.c, rotate.c and fingerprint.c. */
#include "image/image.h"
#include "test.h"

static Image *card(int width, int height)
{
    Image *image = NULL;

    CHECK_OK(image_flat(width, height, (Colour){250, 250, 250, 255}, &image));
    for (int y = height / 8; y < height / 2; y++)
        for (int x = width / 8; x < width - width / 3; x++)
            memcpy((uint8_t *)image_row_mut(image, y) + x * 3, (uint8_t[]){200, 30, 40}, 3);
    return image;
}

static int distance(uint64_t a, uint64_t b)
{
    return __builtin_popcountll(a ^ b);
}

TEST(image_text_is_as_high_as_asked_whatever_the_letters)
{
    const char *const texts[] = {"ace", "Ágj", ".", "Sample & <b>"};

    for (size_t i = 0; i < COUNT(texts); i++) {
        AUTO(image_free) Image *mask = NULL;
        Box ink;

        CHECK_OK(image_text(texts[i], "sans bold", 64, &mask));
        CHECK_INT(image_height(mask), 64);
        CHECK_INT(image_channels(mask), 1);
        CHECK_OK(image_alpha_box(mask, 128, &ink));
        CHECK(ink.width > 0);
    }
}

TEST(image_text_of_longer_words_is_wider)
{
    AUTO(image_free) Image *one = NULL;
    AUTO(image_free) Image *two = NULL;

    CHECK_OK(image_text("shop", "sans", 40, &one));
    CHECK_OK(image_text("shopshop", "sans", 40, &two));
    CHECK(abs(image_width(two) - 2 * image_width(one)) <= 4);
}

TEST(image_text_refuses_what_is_not_utf8)
{
    AUTO(image_free) Image *mask = NULL;

    CHECK_ERR(
        image_text("\xff\xfe", "sans", 20, &mask), ERR_INPUT_INVALID,
        "text of 2 bytes cannot be drawn");
}

TEST(image_rotate_by_quarters_loses_nothing)
{
    AUTO(image_free) Image *image = card(31, 17);
    AUTO(image_free) Image *first = NULL;
    AUTO(image_free) Image *second = NULL;
    AUTO(image_free) Image *whole = NULL;
    AUTO(image_free) Image *rgb = NULL;

    CHECK_OK(image_rotate(image, 90, &first));
    CHECK_INT(image_width(first), 17);
    CHECK_INT(image_height(first), 31);
    CHECK_OK(image_rotate(first, -180, &second));
    CHECK_OK(image_rotate(second, 450, &whole));
    CHECK_OK(image_take_rgb(whole, &rgb));
    CHECK(!memcmp(image_row(rgb, 0), image_row(image, 0), image_bytes(image)));
}

TEST(image_rotate_turns_clockwise)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(image_free) Image *out = NULL;

    CHECK_OK(image_flat(3, 3, (Colour){0, 0, 0, 255}, &image));
    ((uint8_t *)image_row_mut(image, 0))[0] = 255; /* top left goes to top right */
    CHECK_OK(image_rotate(image, 90, &out));
    CHECK_INT(((const uint8_t *)image_row(out, 0))[2 * 4], 255);
}

TEST(image_rotate_grows_to_fit_and_is_clear_outside)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(image_free) Image *out = NULL;

    CHECK_OK(image_flat(100, 100, (Colour){10, 120, 200, 255}, &image));
    CHECK_OK(image_rotate(image, 45, &out));
    CHECK_INT(image_width(out), 142);
    const uint8_t *middle = (const uint8_t *)image_row(out, 71) + 71 * 4;
    CHECK_INT(middle[1], 120);
    CHECK_INT(middle[3], 255);
    CHECK_INT(((const uint8_t *)image_row(out, 2))[3], 0);
}

TEST(image_fingerprint_knows_a_picture_again_at_another_size)
{
    AUTO(image_free) Image *image = card(640, 480);
    AUTO(image_free) Image *small = NULL;
    AUTO(image_free) Image *turned = NULL;
    uint64_t first, again, other;

    CHECK_OK(image_resize(image, 211, 158, IMAGE_CUBIC, &small));
    CHECK_OK(image_rotate(image, 90, &turned));
    CHECK_OK(image_fingerprint(image, &first));
    CHECK_OK(image_fingerprint(small, &again));
    CHECK_OK(image_fingerprint(turned, &other));
    CHECK(distance(first, again) <= 4);
    CHECK(distance(first, other) >= 16);
}
