/* Promises of the network that enlarges. It travels in the program, so they hold in every clone. */
#include <math.h>
#include <string.h>

#include "image/enlarge_priv.h"
#include "image/likeness.h"
#include "test.h"

enum {
    WIDTH = 300,
    HEIGHT = 220,
    FINE = 4 /* points a pixel and axis that edges are averaged over */
};

/* What shops show: a label with letters' strokes, a weave, round edges, a slanted one, a soft wall. */
static double scene_at(double x, double y, int channel)
{
    double far = hypot(x - 90, y - 100);
    double wall = 0.78 + 0.1 * y / HEIGHT - 0.02 * channel;

    if (far < 62) {
        double rim = far > 50 ? 0.85 : 0.35 + 0.2 * channel;

        return far < 40 && fmod(x + 2 * y, 9) < 3 ? 0.1 : rim;
    }
    if (x > 170 && x < 280 && y > 20 && y < 90)
        return fmod(x, 7) < 2.5 && fmod(y, 23) > 6 ? 0.08 : 0.95 - 0.1 * channel;
    if (x > 170 && y > 110 && x + y < 470)
        return 0.5 + 0.18 * sin(x * 1.1) * sin(y * 0.9) + 0.1 * channel;
    return x > 160 && y > 0.4 * x + 30 ? 0.25 : wall;
}

static Image *scene_draw(void)
{
    Image *image = NULL;

    CHECK_OK(image_new(WIDTH, HEIGHT, 3, DEPTH_8, &image));
    for (int y = 0; y < HEIGHT; y++)
        for (int i = 0; i < WIDTH * 3; i++) {
            double sum = 0;

            for (int at = 0; at < FINE * FINE; at++)
                sum +=
                    scene_at(i / 3 + (at % FINE + 0.5) / FINE, y + (at / FINE + 0.5) / FINE, i % 3);
            ((uint8_t *)image_row_mut(image, y))[i] =
                (uint8_t)(255 * CLAMP(sum / FINE / FINE, 0.0, 1.0) + 0.5);
        }
    return image;
}

static Image *scene_half(void)
{
    AUTO(image_free) Image *whole = scene_draw();
    Image *half = NULL;

    CHECK_OK(image_resize(whole, WIDTH / 2, HEIGHT / 2, IMAGE_LANCZOS3, &half));
    return half;
}

static bool images_equal(const Image *a, const Image *b)
{
    for (int y = 0; y < image_height(a); y++)
        if (memcmp(image_row(a, y), image_row(b, y), (size_t)image_width(a) * 3) != 0)
            return false;
    return image_width(a) == image_width(b) && image_height(a) == image_height(b);
}

static double gain_over_lanczos(const Image *whole, const Image *half, const Image *made)
{
    AUTO(image_free) Image *lanczos = NULL;
    Likeness theirs, ours;

    CHECK_OK(image_resize(half, image_width(whole), image_height(whole), IMAGE_LANCZOS3, &lanczos));
    CHECK_OK(image_likeness(&(LikenessWish){lanczos, whole, NULL, 1}, &theirs));
    CHECK_OK(image_likeness(&(LikenessWish){made, whole, NULL, 1}, &ours));
    return ours.psnr_db - theirs.psnr_db;
}

TEST(a_drawn_picture_comes_back_two_decibels_better_than_by_lanczos)
{
    AUTO(image_free) Image *whole = scene_draw();
    AUTO(image_free) Image *half = scene_half();
    AUTO(image_free) Image *made = NULL;
    AUTO(image_free) Image *held = NULL;

    CHECK_OK(image_enlarge(half, NULL, &made));
    CHECK(gain_over_lanczos(whole, half, made) > 2);
    CHECK_OK(image_faithful(made, half, &held));
    CHECK(gain_over_lanczos(whole, half, held) > 2);
}

TEST(tiles_of_any_size_and_any_number_of_threads_give_the_same_bytes)
{
    static const int tiles[] = {1, 7, 17}, threads[] = {5, 1, 3};
    AUTO(image_free) Image *half = scene_half();
    AUTO(image_free) Image *part = NULL;
    AUTO(image_free) Image *whole = NULL;

    CHECK_OK(image_crop(half, (Box){30, 10, 23, 19}, &part));
    CHECK_OK(image_enlarge(part, &(ImageEnlarging){.tile_px = 4096, .threads = 1}, &whole));
    for (size_t i = 0; i < COUNT(tiles); i++) {
        AUTO(image_free) Image *tiled = NULL;

        CHECK_OK(image_enlarge(
            part, &(ImageEnlarging){.tile_px = tiles[i], .threads = threads[i]}, &tiled));
        CHECK(images_equal(whole, tiled));
    }
}

TEST(a_picture_of_one_colour_stays_so)
{
    static const uint8_t levels[] = {0, 1, 64, 128, 200, 254, 255};

    for (size_t i = 0; i < COUNT(levels); i++) {
        AUTO(image_free) Image *flat = NULL;
        AUTO(image_free) Image *made = NULL;

        CHECK_OK(image_flat(9, 5, (Colour){levels[i], levels[i], levels[i], 255}, &flat));
        CHECK_OK(image_enlarge(flat, NULL, &made));
        CHECK_INT(image_width(made), 18);
        CHECK_INT(image_height(made), 10);
        for (int y = 0; y < 10; y++)
            for (int x = 0; x < 18 * 3; x++)
                CHECK(abs(((const uint8_t *)image_row(made, y))[x] - levels[i]) <= 1);
    }
}

TEST(a_single_pixel_is_enlarged_too)
{
    AUTO(image_free) Image *pixel = NULL;
    AUTO(image_free) Image *made = NULL;

    CHECK_OK(image_flat(1, 1, (Colour){200, 30, 90, 255}, &pixel));
    CHECK_OK(image_enlarge(pixel, NULL, &made));
    CHECK_INT(image_width(made), 2);
    CHECK_INT(image_height(made), 2);
    CHECK(abs(((const uint8_t *)image_row(made, 1))[3] - 200) <= 4);
}

TEST(enlarging_stops_when_asked)
{
    AUTO(image_free) Image *half = scene_half();
    AUTO(image_free) Image *made = NULL;
    Cancel cancel = CANCEL_INIT;

    cancel_ask(&cancel);
    CHECK_ERR(
        image_enlarge(half, &(ImageEnlarging){.cancel = &cancel}, &made), ERR_CANCELLED,
        "work was cancelled");
    CHECK(!made);
}

static void part_watch(void *context, double part)
{
    double *last = context;

    CHECK(part > *last && part <= 1);
    *last = part;
}

TEST(progress_grows_to_the_whole)
{
    AUTO(image_free) Image *half = scene_half();
    AUTO(image_free) Image *made = NULL;
    double last = 0;
    ImageEnlarging options = {.tile_px = 40, .progress = part_watch, .context = &last};

    CHECK_OK(image_enlarge(half, &options, &made));
    CHECK(last == 1);
}

#if defined(__x86_64__)
TEST(every_processor_gives_the_same_sums)
{
    enum {
        SIDE = 11,
        INPUTS = 32,
        OUTPUTS = 32
    };
    static float from[(SIDE + 2) * (SIDE + 2) * INPUTS], weights[9 * INPUTS * OUTPUTS];
    static float bias[OUTPUTS], plain[SIDE * SIDE * OUTPUTS], wide[SIDE * SIDE * OUTPUTS];
    EnlargeLayer layer = {INPUTS, OUTPUTS, weights, bias, 0.1f};

    if (!__builtin_cpu_supports("avx2"))
        test_skip("this processor has no AVX2");
    for (size_t i = 0; i < COUNT(from); i++)
        from[i] = sinf((float)i * 0.37f);
    for (size_t i = 0; i < COUNT(weights); i++)
        weights[i] = cosf((float)i * 0.91f) * 0.1f;
    for (size_t i = 0; i < COUNT(bias); i++)
        bias[i] = sinf((float)i);
    enlarge_run_plain(&layer, from, SIDE, SIDE, plain);
    enlarge_run_avx2(&layer, from, SIDE, SIDE, wide);
    CHECK(memcmp(plain, wide, sizeof(plain)) == 0);
}
#endif
