/* Promises of light laid on a product. Products, sets and light are drawn here. */
#include <math.h>

#include "scene/harmony.h"
#include "scene/scene.h"
#include "test.h"

enum {
    FRAME = 200,
    WIDE = 60,
    TALL = 90,
    LEFT = 70,
    TOP = 60,
};

typedef struct Set {
    Image *product, *backdrop, *light;
} Set;

static void set_done(Set *set)
{
    image_free(set->product);
    image_free(set->backdrop);
    image_free(set->light);
}
DEFINE_AUTO_DONE(Set, set_done);

/* A grey block with a soft rim before a warm wall; light of GAIN white cards from the left, half on the right. */
static Set set_drawn(double gain)
{
    Set set = {0};

    CHECK_OK(image_new(WIDE, TALL, 4, DEPTH_8, &set.product));
    for (int y = 0; y < TALL; y++) {
        uint8_t *row = image_row_mut(set.product, y);
        for (int x = 0; x < WIDE; x++) {
            bool is_rim = x == 0 || y == 0 || x == WIDE - 1;
            memset(row + x * 4, 110 + (x * 7 + y * 3) % 40, 3);
            row[x * 4 + 3] = is_rim ? 140 : 255;
        }
    }
    CHECK_OK(image_flat(FRAME, FRAME, (Colour){240, 180, 120, 255}, &set.backdrop));
    CHECK_OK(image_new(24, 36, 4, DEPTH_16, &set.light));
    for (int y = 0; y < 36; y++) {
        uint16_t *row = image_row_mut(set.light, y);
        for (int x = 0; x < 24; x++) {
            double here = gain * (x < 12 ? 1 : 0.5) * 65535 / SCENE_LIGHT_WHITE;
            for (int k = 0; k < 3; k++)
                row[x * 4 + k] = (uint16_t)here;
            row[x * 4 + 3] = y < 18 ? 65535 : 30000;
        }
    }
    return set;
}

static Harmony harmony_of(const Set *set, HarmonyLook look)
{
    return (Harmony){
        .product = set->product,
        .box = {LEFT, TOP, WIDE, TALL},
        .backdrop = set->backdrop,
        .light = set->light,
        .grain = 0.008,
        .look = look,
        .seed = 5,
        .threads = 2,
    };
}

static const HarmonyLook full = {
    .exposure = 1,
    .tint = 1,
    .relight = 1,
    .masks = 1,
    .occlusion = 1,
    .wrap = 1,
    .grain = 1,
    .limit = 30};

static double red_mean(const Image *image, int left, int top, int width, int height)
{
    double sum = 0;

    for (int y = top; y < top + height; y++)
        for (int x = left; x < left + width; x++)
            sum += ((const uint8_t *)image_row(image, y))[x * 4];
    return sum / (width * (double)height);
}

TEST(with_every_strength_at_nought_a_product_keeps_its_bytes)
{
    AUTO(set_done) Set set = set_drawn(0.4);
    AUTO(image_free) Image *got = NULL;
    HarmonyFacts facts;
    Harmony harmony = harmony_of(&set, (HarmonyLook){.limit = 6});

    CHECK_OK(harmony_apply(&harmony, &got, &facts));
    for (int y = 0; y < TALL; y++)
        CHECK(memcmp(image_row(got, y), image_row(set.product, y), WIDE * 4) == 0);
    CHECK(facts.mean <= 0);
}

TEST(a_limit_of_nought_leaves_nothing_of_light_but_its_grain)
{
    AUTO(set_done) Set set = set_drawn(0.4);
    AUTO(image_free) Image *got = NULL;
    HarmonyFacts facts;
    HarmonyLook look = full;

    look.limit = look.grain = 0;
    Harmony harmony = harmony_of(&set, look);
    CHECK_OK(harmony_apply(&harmony, &got, &facts));
    for (int y = 0; y < TALL; y++)
        CHECK(memcmp(image_row(got, y), image_row(set.product, y), WIDE * 4) == 0);
}

TEST(light_laid_on_a_product_falls_as_in_the_set)
{
    AUTO(set_done) Set set = set_drawn(0.9);
    AUTO(image_free) Image *got = NULL;
    HarmonyFacts facts;
    Harmony harmony = harmony_of(&set, full);

    CHECK_OK(harmony_apply(&harmony, &got, &facts));
    CHECK(red_mean(got, 10, 10, 10, 20) > red_mean(got, 40, 10, 10, 20) + 20);
    CHECK(red_mean(got, 10, 10, 10, 20) > red_mean(got, 10, 55, 10, 20) + 15);
    CHECK(red_mean(got, 20, 84, 20, 6) < red_mean(got, 20, 60, 20, 6) - 4);
    for (int y = 0; y < TALL; y++)
        for (int x = 0; x < WIDE; x++)
            CHECK(
                ((const uint8_t *)image_row(got, y))[x * 4 + 3] ==
                ((const uint8_t *)image_row(set.product, y))[x * 4 + 3]);
}

TEST(a_product_keeps_its_colours_within_the_limit)
{
    static const double limits[] = {0.5, 2, 6};

    for (size_t i = 0; i < COUNT(limits); i++) {
        AUTO(set_done) Set set = set_drawn(0.2);
        AUTO(image_free) Image *got = NULL;
        HarmonyFacts facts;
        HarmonyLook look = full;
        double sum = 0;

        look.limit = limits[i];
        look.grain = 0;
        Harmony harmony = harmony_of(&set, look);
        CHECK_OK(harmony_apply(&harmony, &got, &facts));
        for (int y = 1; y < TALL; y++)
            for (int x = 1; x < WIDE - 1; x++)
                sum += (double)colour_difference(
                    colour_lab((const uint8_t *)image_row(got, y) + x * 4),
                    colour_lab((const uint8_t *)image_row(set.product, y) + x * 4));
        CHECK(fabs(sum / ((TALL - 1) * (WIDE - 2)) - facts.mean) <= 0.15);
        CHECK(facts.mean <= limits[i] && facts.mean > limits[i] * 0.9);
        CHECK(facts.p95 >= facts.mean && facts.share < 1);
    }
}

TEST(light_is_laid_on_to_the_same_bytes_on_any_number_of_threads)
{
    AUTO(set_done) Set set = set_drawn(0.6);
    AUTO(image_free) Image *one = NULL;
    AUTO(image_free) Image *many = NULL;
    HarmonyFacts facts;
    Harmony harmony = harmony_of(&set, full);

    harmony.threads = 1;
    CHECK_OK(harmony_apply(&harmony, &one, &facts));
    harmony.threads = 5;
    CHECK_OK(harmony_apply(&harmony, &many, &facts));
    for (int y = 0; y < TALL; y++)
        CHECK(memcmp(image_row(one, y), image_row(many, y), WIDE * 4) == 0);
}

TEST(the_backdrop_shines_around_the_edge_but_not_at_the_foot)
{
    AUTO(set_done) Set set = set_drawn(0.95);
    AUTO(image_free) Image *got = NULL;
    HarmonyFacts facts;
    Harmony harmony = harmony_of(&set, (HarmonyLook){.wrap = 1, .limit = 30});

    CHECK_OK(harmony_apply(&harmony, &got, &facts));
    CHECK(red_mean(got, 1, 20, 1, 30) > red_mean(set.product, 1, 20, 1, 30) + 4);
    CHECK(fabs(red_mean(got, 30, 20, 1, 30) - red_mean(set.product, 30, 20, 1, 30)) <= 0);
    CHECK(fabs(red_mean(got, 1, 88, 58, 2) - red_mean(set.product, 1, 88, 58, 2)) <= 0.01);
}
