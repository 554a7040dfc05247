/* Promises of src/image/resize.c. */
#include "base/dice.h"
#include "image/image.h"
#include "test.h"

static const uint8_t *pixel(const Image *image, int x, int y)
{
    return (const uint8_t *)image_row(image, y) + x * image_channels(image);
}

static Image *noise(int width, int height, int channels)
{
    Image *image = NULL;
    Dice dice = dice_seeded(7);

    CHECK_OK(image_new(width, height, channels, DEPTH_8, &image));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width * channels; x++)
            ((uint8_t *)image_row_mut(image, y))[x] = (uint8_t)dice_bits(&dice);
    return image;
}

TEST(image_resize_keeps_a_flat_colour_with_every_kernel)
{
    for (ImageKernel kernel = IMAGE_NEAREST; kernel <= IMAGE_LANCZOS3; kernel++)
        for (int side = 1; side < 200; side += 33) {
            AUTO(image_free) Image *flat = NULL;
            AUTO(image_free) Image *out = NULL;

            CHECK_OK(image_flat(61, 47, (Colour){200, 100, 3, 255}, &flat));
            CHECK_OK(image_resize(flat, side, side + 5, kernel, &out));
            CHECK_INT(image_width(out), side);
            CHECK_INT(image_height(out), side + 5);
            for (int y = 0; y < side + 5; y++)
                for (int x = 0; x < side; x++) {
                    CHECK_INT(pixel(out, x, y)[0], 200);
                    CHECK_INT(pixel(out, x, y)[2], 3);
                }
        }
}

TEST(image_resize_keeps_the_colour_of_an_alpha_edge)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(image_free) Image *out = NULL;
    int partial = 0;

    /* Red on the left; on the right nothing, over a green that must not shine through. */
    CHECK_OK(image_new(90, 30, 4, DEPTH_8, &image));
    for (int y = 0; y < 30; y++)
        for (int x = 0; x < 90; x++) {
            const uint8_t red[4] = {220, 10, 10, 255}, green[4] = {0, 255, 0, 0};

            memcpy((uint8_t *)image_row_mut(image, y) + x * 4, x < 44 ? red : green, 4);
        }
    CHECK_OK(image_resize(image, 31, 11, IMAGE_LANCZOS3, &out));
    for (int x = 0; x < 31; x++) {
        const uint8_t *p = pixel(out, x, 5);

        if (p[3] < 10)
            continue;
        partial += p[3] < 250;
        CHECK(abs(p[0] - 220) < 4 && p[1] < 14);
    }
    CHECK(partial > 0);
}

TEST(image_resize_does_not_shift_the_picture)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(image_free) Image *out = NULL;

    CHECK_OK(image_new(101, 101, 1, DEPTH_8, &image));
    for (int y = 0; y < 101; y++)
        for (int x = 0; x < 101; x++)
            ((uint8_t *)image_row_mut(image, y))[x] = (uint8_t)(x + y);
    CHECK_OK(image_resize(image, 303, 303, IMAGE_LANCZOS3, &out));
    for (int i = 20; i < 80; i++)
        CHECK_INT(pixel(out, 3 * i + 1, 3 * i + 1)[0], 2 * i);
}

TEST(image_resize_shrinks_noise_to_its_mean)
{
    AUTO(image_free) Image *image = noise(512, 512, 3);
    AUTO(image_free) Image *out = NULL;

    CHECK_OK(image_resize(image, 4, 4, IMAGE_LINEAR, &out));
    for (int i = 0; i < 16; i++)
        CHECK(abs(pixel(out, i % 4, i / 4)[1] - 127) < 4);
}

TEST(image_blur_of_a_point_is_a_gaussian_of_that_width)
{
    const double sigmas[] = {1.5, 6, 12, 40};

    for (size_t i = 0; i < COUNT(sigmas); i++) {
        AUTO(image_free) Image *image = NULL;
        AUTO(image_free) Image *out = NULL;
        double sum = 0, spread = 0;

        CHECK_OK(image_new(401, 401, 1, DEPTH_FLOAT, &image));
        for (int y = 198; y <= 202; y++)
            for (int x = 198; x <= 202; x++)
                ((float *)image_row_mut(image, y))[x] = 1;
        CHECK_OK(image_blur(image, sigmas[i], &out));
        for (int y = 0; y < 401; y++)
            for (int x = 0; x < 401; x++) {
                double v = ((const float *)image_row(out, y))[x];

                sum += v;
                spread += v * (x - 200) * (x - 200);
            }
        /* A square of five pixels has a variance of its own, (25 - 1) / 12 = 2. */
        double sigma = __builtin_sqrt(spread / sum - 2);
        if (sum < 24.5 || sum > 25.5 || sigma < sigmas[i] * 0.97 || sigma > sigmas[i] * 1.03)
            test_fail(__FILE__, __LINE__, "sigma %g gave %g, sum %g", sigmas[i], sigma, sum);
    }
}

TEST(image_blur_repeats_the_edge)
{
    AUTO(image_free) Image *flat = NULL;
    AUTO(image_free) Image *out = NULL;

    CHECK_OK(image_flat(50, 40, (Colour){90, 180, 250, 255}, &flat));
    CHECK_OK(image_blur(flat, 30, &out));
    for (int y = 0; y < 40; y++)
        for (int x = 0; x < 50; x++)
            CHECK_INT(pixel(out, x, y)[1], 180);
}
