/* Promises of src/image/image.c and src/image/shape.c. */
#include "image/image.h"
#include "test.h"

static uint8_t value(const Image *image, int x, int y, int channel)
{
    const uint8_t *row = image_row(image, y);

    return row[x * image_channels(image) + channel];
}

TEST(image_new_is_zeroed_and_aligned)
{
    AUTO(image_free) Image *image = NULL;

    CHECK_OK(image_new(33, 7, 3, DEPTH_8, &image));
    CHECK_INT(image_bytes(image), 33 * 7 * 3);
    CHECK_INT((uintptr_t)image_row(image, 0) % 64, 0);
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 33; x++)
            CHECK_INT(value(image, x, y, 2), 0);
}

TEST(image_new_refuses_more_than_65535_a_side)
{
    AUTO(image_free) Image *image = NULL;

    CHECK_ERR(
        image_new(65536, 1, 1, DEPTH_8, &image), ERR_IMAGE_TOO_LARGE,
        "a picture of 65536 x 1 pixels was asked for");
    CHECK(!image);
}

TEST(image_flat_has_alpha_only_when_the_colour_has)
{
    AUTO(image_free) Image *solid = NULL;
    AUTO(image_free) Image *glass = NULL;

    CHECK_OK(image_flat(3, 2, (Colour){1, 2, 3, 255}, &solid));
    CHECK_OK(image_flat(3, 2, (Colour){1, 2, 3, 4}, &glass));
    CHECK_INT(image_channels(solid), 3);
    CHECK_INT(value(solid, 2, 1, 1), 2);
    CHECK(image_has_alpha(glass));
    CHECK_INT(value(glass, 2, 1, 3), 4);
}

TEST(image_crop_takes_the_box_and_refuses_one_outside)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(image_free) Image *part = NULL;
    AUTO(image_free) Image *none = NULL;

    CHECK_OK(image_flat(9, 9, (Colour){9, 9, 9, 255}, &image));
    ((uint8_t *)image_row_mut(image, 4))[5 * 3] = 77;
    CHECK_OK(image_crop(image, (Box){5, 4, 2, 3}, &part));
    CHECK_INT(image_width(part), 2);
    CHECK_INT(image_height(part), 3);
    CHECK_INT(value(part, 0, 0, 0), 77);
    CHECK_ERR(
        image_crop(image, (Box){8, 0, 2, 1}, &none), ERR_BUG,
        "box 8,0 2x1 lies outside a picture of 9 x 9");
}

TEST(image_alpha_comes_off_and_goes_on_again)
{
    AUTO(image_free) Image *glass = NULL;
    AUTO(image_free) Image *rgb = NULL;
    AUTO(image_free) Image *alpha = NULL;
    AUTO(image_free) Image *again = NULL;

    CHECK_OK(image_flat(5, 4, (Colour){10, 20, 30, 40}, &glass));
    CHECK_OK(image_take_rgb(glass, &rgb));
    CHECK_OK(image_take_alpha(glass, &alpha));
    CHECK_OK(image_join_alpha(rgb, alpha, &again));
    CHECK_INT(image_bytes(again), image_bytes(glass));
    CHECK(!memcmp(image_row(again, 0), image_row(glass, 0), image_bytes(glass)));
}

TEST(image_without_alpha_is_opaque_at_every_depth)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(image_free) Image *deep = NULL;
    AUTO(image_free) Image *floats = NULL;
    AUTO(image_free) Image *alpha_16 = NULL;
    AUTO(image_free) Image *alpha_float = NULL;

    CHECK_OK(image_flat(2, 2, (Colour){1, 2, 3, 255}, &image));
    CHECK_OK(image_to_depth(image, DEPTH_16, &deep));
    CHECK_OK(image_to_depth(image, DEPTH_FLOAT, &floats));
    CHECK_OK(image_take_alpha(deep, &alpha_16));
    CHECK_OK(image_take_alpha(floats, &alpha_float));
    CHECK_INT(((const uint16_t *)image_row(alpha_16, 1))[1], 65535);
    CHECK(((const float *)image_row(alpha_float, 1))[1] == 1.0f);
}

TEST(image_depth_goes_up_and_down_without_loss)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(image_free) Image *deep = NULL;
    AUTO(image_free) Image *floats = NULL;
    AUTO(image_free) Image *again = NULL;

    CHECK_OK(image_new(256, 1, 1, DEPTH_8, &image));
    for (int x = 0; x < 256; x++)
        ((uint8_t *)image_row_mut(image, 0))[x] = (uint8_t)x;
    CHECK_OK(image_to_depth(image, DEPTH_16, &deep));
    CHECK_INT(((const uint16_t *)image_row(deep, 0))[255], 65535);
    CHECK_OK(image_to_depth(deep, DEPTH_FLOAT, &floats));
    CHECK_OK(image_to_depth(floats, DEPTH_8, &again));
    CHECK(!memcmp(image_row(again, 0), image_row(image, 0), 256));
}

TEST(image_flatten_blends_light_and_not_code_values)
{
    AUTO(image_free) Image *half = NULL;
    AUTO(image_free) Image *flat = NULL;
    const Colour white = {255, 255, 255, 255};

    CHECK_OK(image_flat(1, 1, (Colour){0, 0, 0, 128}, &half));
    CHECK_OK(image_flatten(half, white, &flat));
    CHECK_INT(image_channels(flat), 3);
    /* Half of the light of white is 188 in sRGB, where code values would give 127. */
    CHECK_INT(value(flat, 0, 0, 0), 187);
}

TEST(image_alpha_box_holds_what_is_above_the_threshold)
{
    AUTO(image_free) Image *mask = NULL;
    Box box;

    CHECK_OK(image_new(20, 10, 1, DEPTH_8, &mask));
    CHECK_OK(image_alpha_box(mask, 0, &box));
    CHECK_INT(box.width, 0);
    ((uint8_t *)image_row_mut(mask, 3))[4] = 200;
    ((uint8_t *)image_row_mut(mask, 8))[17] = 90;
    ((uint8_t *)image_row_mut(mask, 9))[19] = 5;
    CHECK_OK(image_alpha_box(mask, 10, &box));
    CHECK_INT(box.left, 4);
    CHECK_INT(box.top, 3);
    CHECK_INT(box.width, 14);
    CHECK_INT(box.height, 6);
}
