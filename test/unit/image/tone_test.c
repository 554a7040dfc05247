/* Promises of tones and of finding what is wrong with light, on drawn pictures. */
#include <math.h>

#include "base/dice.h"
#include "image/likeness.h"
#include "image/tone.h"
#include "test.h"

enum {
    SIDE = 192
};

/* A still life: grey wall and white table with shading, three things of strong colours, one black, one white with a highlight. */
static Image *still_life(void)
{
    static const struct {
        int x, y, r;
        uint8_t rgb[3];
    } things[] = {
        {50, 120, 26, {190, 60, 45}}, {105, 128, 24, {60, 120, 80}},  {150, 118, 22, {70, 90, 160}},
        {80, 60, 18, {24, 24, 26}},   {135, 58, 20, {240, 240, 238}},
    };
    Dice dice = dice_seeded(3);
    Image *image = NULL;

    CHECK_OK(image_new(SIDE, SIDE, 3, DEPTH_8, &image));
    for (int y = 0; y < SIDE; y++) {
        uint8_t *row = image_row_mut(image, y);

        for (int x = 0; x < SIDE; x++) {
            double ground[3], shade = 0.75 + 0.25 * x / SIDE;

            for (int c = 0; c < 3; c++)
                ground[c] = (y < 96 ? 150 : 232) * shade;
            for (size_t i = 0; i < COUNT(things); i++) {
                double away = hypot(x - things[i].x, y - things[i].y) / things[i].r;

                for (int c = 0; c < 3 && away < 1; c++)
                    ground[c] = things[i].rgb[c] * (1 - 0.55 * away * away);
                if (away < 0.15)
                    ground[0] = ground[1] = ground[2] = 252;
            }
            for (int c = 0; c < 3; c++)
                row[x * 3 + c] = (uint8_t)CLAMP(ground[c] + dice_unit(&dice) * 4 - 2, 0.0, 255.0);
        }
    }
    return image;
}

typedef struct Spoiling {
    double ev, gain[3], contrast;
} Spoiling;

static Image *spoiled(const Image *image, const Spoiling *how)
{
    Image *to = NULL;

    CHECK_OK(image_copy(image, &to));
    for (int y = 0; y < image_height(to); y++) {
        uint8_t *row = image_row_mut(to, y);

        for (int i = 0; i < image_width(to) * 3; i++) {
            double lit = (double)colour_linear(row[i]) * exp2(how->ev) * how->gain[i % 3];
            double v = (double)colour_encoded((float)lit);

            row[i] = (uint8_t)CLAMP((v - 127.5) * how->contrast + 128, 0.0, 255.0);
        }
    }
    return to;
}

static double distance(const Image *a, const Image *b)
{
    Likeness likeness;

    CHECK_OK(image_likeness(&(LikenessWish){a, b, NULL, 1}, &likeness));
    return likeness.delta_e;
}

static LightFaults faults_of(const Image *image)
{
    LightFaults faults;

    CHECK_OK(image_light_faults(image, &faults));
    return faults;
}

/* How far from GOOD the picture is that was spoiled and mended again. */
static double mended_distance(const Image *good, const Spoiling *how)
{
    AUTO(image_free) Image *bad = spoiled(good, how);
    AUTO(image_free) Image *mended = NULL;
    LightFaults faults = faults_of(bad);
    Tone tone = tone_of_faults(&faults);

    CHECK_OK(image_tone(bad, &tone, 1, &mended));
    CHECK(distance(mended, good) < distance(bad, good));
    return distance(mended, good);
}

TEST(a_good_picture_shows_no_fault)
{
    AUTO(image_free) Image *good = still_life();
    LightFaults faults = faults_of(good);

    CHECK(faults.under_ev == 0 && faults.cast_delta == 0);
    CHECK(faults.harsh == 0 && faults.flat == 0);
}

TEST(a_picture_too_dark_by_one_and_a_half_stops_is_brought_back)
{
    AUTO(image_free) Image *good = still_life();
    Spoiling how = {-1.5, {1, 1, 1}, 1};
    AUTO(image_free) Image *bad = spoiled(good, &how);

    CHECK(fabs(faults_of(bad).under_ev - 1.5) < 0.25);
    CHECK(mended_distance(good, &how) < 4);
}

TEST(a_colour_cast_is_named_and_taken_away)
{
    static const struct {
        Spoiling how;
        const char *name;
    } cases[] = {
        {{0, {0.8, 0.95, 1.25}, 1}, "blue"},
        {{0, {1.05, 0.95, 0.62}, 1}, "yellow"},
        {{0, {0.8, 1.02, 0.8}, 1}, "green"},
    };
    AUTO(image_free) Image *good = still_life();

    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(image_free) Image *bad = spoiled(good, &cases[i].how);

        CHECK_TEXT(faults_of(bad).cast_name, cases[i].name);
        CHECK(mended_distance(good, &cases[i].how) < 4);
    }
}

TEST(harsh_contrast_is_found_and_softened)
{
    AUTO(image_free) Image *good = still_life();
    Spoiling how = {0, {1, 1, 1}, 2.2};
    AUTO(image_free) Image *bad = spoiled(good, &how);

    CHECK(faults_of(bad).harsh > 0.1);
    CHECK(mended_distance(good, &how) < distance(bad, good));
}

/* A dark or pale thing on its sweep is meant so. */
TEST(black_and_white_products_are_left_alone)
{
    static const uint8_t grounds[] = {248, 250, 236};
    static const uint8_t things[] = {22, 245, 120};

    for (size_t i = 0; i < COUNT(grounds); i++) {
        AUTO(image_free) Image *image = NULL;

        CHECK_OK(image_flat(SIDE, SIDE, (Colour){grounds[i], grounds[i], grounds[i], 255}, &image));
        for (int y = 40; y < 150; y++) {
            uint8_t *row = image_row_mut(image, y);

            for (int x = 60 * 3; x < 130 * 3; x++)
                row[x] = (uint8_t)(things[i] - (y - 40) / 12);
        }
        LightFaults faults = faults_of(image);

        CHECK(faults.under_ev == 0 && faults.cast_delta == 0);
        CHECK(faults.harsh == 0 && faults.flat == 0);
    }
}

TEST(a_wall_of_one_colour_behind_a_white_thing_is_no_cast)
{
    AUTO(image_free) Image *image = NULL;

    CHECK_OK(image_flat(SIDE, SIDE, (Colour){150, 165, 185, 255}, &image));
    for (int y = 40; y < 150; y++)
        memset((uint8_t *)image_row_mut(image, y) + 60 * 3, 244 - (y - 40) / 8, 70 * 3);
    CHECK(faults_of(image).cast_delta == 0);
}

/* Mean luma of a grey ramp under TONE. */
static double level_of(const Tone *tone)
{
    AUTO(image_free) Image *ramp = NULL;
    AUTO(image_free) Image *toned = NULL;
    double sum = 0;

    CHECK_OK(image_new(256, 1, 3, DEPTH_8, &ramp));
    for (int i = 0; i < 256 * 3; i++)
        ((uint8_t *)image_row_mut(ramp, 0))[i] = (uint8_t)(i / 3);
    CHECK_OK(image_tone(ramp, tone, 1, &toned));
    const uint8_t *row = image_row(toned, 0);
    for (int i = 1; i < 256; i++)
        CHECK(row[i * 3] >= row[i * 3 - 3]);
    for (int i = 0; i < 256; i++)
        sum += row[i * 3];
    return sum / 256;
}

TEST(brightness_rises_evenly_and_every_curve_keeps_the_order_of_greys)
{
    double before = level_of(&(Tone){.brightness = -100});

    for (int step = -75; step <= 100; step += 25) {
        double level = level_of(&(Tone){.brightness = step});

        CHECK(level - before > 6 && level - before < 16);
        before = level;
    }
    for (int step = -100; step <= 100; step += 25)
        level_of(&(Tone){.contrast = step});
}

TEST(warmth_turns_grey_from_blue_to_orange_step_by_step)
{
    double before = -1000;

    for (int step = -100; step <= 100; step += 20) {
        AUTO(image_free) Image *grey = NULL;
        AUTO(image_free) Image *toned = NULL;
        Tone tone = {.warmth = step};

        CHECK_OK(image_flat(8, 8, (Colour){128, 128, 128, 255}, &grey));
        CHECK_OK(image_tone(grey, &tone, 1, &toned));
        const uint8_t *pixel = image_row(toned, 4);
        double warm = pixel[0] - pixel[2];

        CHECK(warm > before);
        CHECK(step == 0 ? warm == 0 : (warm > 0) == (step > 0));
        CHECK(abs(pixel[1] - 128) < 6);
        before = warm;
    }
}

TEST(a_tone_of_zeros_gives_the_same_pixels)
{
    AUTO(image_free) Image *image = still_life();
    AUTO(image_free) Image *same = NULL;

    CHECK_OK(image_tone(image, &(Tone){0}, 2, &same));
    for (int y = 0; y < SIDE; y++)
        CHECK(memcmp(image_row(image, y), image_row(same, y), SIDE * 3) == 0);
}

TEST(brightness_and_contrast_keep_the_hue)
{
    static const uint8_t colours[][3] = {
        {180, 60, 40}, {40, 120, 70}, {60, 70, 170}, {200, 180, 40}};
    Tone tone = {.brightness = 25, .contrast = 30, .soften = 0.4, .clarity = 0.3, .falloff = 0.5};

    for (size_t i = 0; i < COUNT(colours); i++) {
        AUTO(image_free) Image *flat = NULL;
        AUTO(image_free) Image *toned = NULL;
        const uint8_t *c = colours[i];

        CHECK_OK(image_flat(32, 32, (Colour){c[0], c[1], c[2], 255}, &flat));
        CHECK_OK(image_tone(flat, &tone, 1, &toned));
        Lab before = colour_lab(c);
        Lab after = colour_lab((const uint8_t *)image_row(toned, 16) + 16 * 3);

        CHECK(
            fabs(
                atan2((double)before.b, (double)before.a) -
                atan2((double)after.b, (double)after.a)) < 0.12);
    }
}

TEST(a_tone_is_the_same_on_any_number_of_threads)
{
    AUTO(image_free) Image *image = still_life();
    AUTO(image_free) Image *one = NULL;
    AUTO(image_free) Image *four = NULL;
    Tone tone = {.exposure_ev = 0.4, .contrast = 20, .soften = 0.5, .clarity = 0.4, .falloff = 0.3};

    CHECK_OK(image_tone(image, &tone, 1, &one));
    CHECK_OK(image_tone(image, &tone, 4, &four));
    for (int y = 0; y < SIDE; y++)
        CHECK(memcmp(image_row(one, y), image_row(four, y), SIDE * 3) == 0);
}

/* ---- likeness ---- */

TEST(a_picture_is_wholly_like_itself)
{
    AUTO(image_free) Image *image = still_life();
    Likeness likeness;

    CHECK_OK(image_likeness(&(LikenessWish){image, image, NULL, 3}, &likeness));
    CHECK(fabs(likeness.ssim - 1) < 1e-5 && fabs(likeness.ssim_worst - 1) < 1e-4);
    CHECK(likeness.delta_e == 0 && likeness.psnr_db == 99);
    CHECK_INT(likeness.pixels, SIDE * SIDE);
}

TEST(likeness_sees_only_what_is_under_the_mask)
{
    AUTO(image_free) Image *image = still_life();
    AUTO(image_free) Image *other = NULL;
    AUTO(image_free) Image *mask = NULL;
    Likeness likeness;

    CHECK_OK(image_copy(image, &other));
    CHECK_OK(image_new(SIDE, SIDE, 1, DEPTH_8, &mask));
    for (int y = 0; y < SIDE; y++) {
        memset((uint8_t *)image_row_mut(other, y) + 100 * 3, 128, (SIDE - 100) * 3);
        memset(image_row_mut(mask, y), 255, 100);
    }
    CHECK_OK(image_likeness(&(LikenessWish){image, other, mask, 2}, &likeness));
    CHECK(fabs(likeness.ssim - 1) < 1e-4 && likeness.delta_e == 0);
    CHECK_OK(image_likeness(&(LikenessWish){image, other, NULL, 2}, &likeness));
    CHECK(likeness.ssim < 0.9 && likeness.ssim_worst < 0.3 && likeness.delta_e > 5);
}

TEST(an_empty_mask_and_two_sizes_cannot_be_compared)
{
    AUTO(image_free) Image *image = still_life();
    AUTO(image_free) Image *small = NULL;
    AUTO(image_free) Image *mask = NULL;
    Likeness likeness;

    CHECK_OK(image_resize(image, 50, 50, IMAGE_LINEAR, &small));
    CHECK_OK(image_new(SIDE, SIDE, 1, DEPTH_8, &mask));
    CHECK_ERR(
        image_likeness(&(LikenessWish){image, small, NULL, 1}, &likeness), ERR_INPUT_INVALID,
        "pictures to compare differ in size");
    CHECK_ERR(
        image_likeness(&(LikenessWish){image, image, mask, 1}, &likeness), ERR_INPUT_INVALID,
        "nothing is under the mask");
}
