/* Promises of colours and dice. */
#include <math.h>

#include "base/colour.h"
#include "base/dice.h"
#include "test.h"

TEST(a_colour_is_read_in_each_way_people_write_it)
{
    static const struct {
        const char *text;
        Colour want;
    } cases[] = {
        {"#fff", {255, 255, 255, 255}},
        {"#1a2B3c", {0x1a, 0x2b, 0x3c, 255}},
        {"#00000080", {0, 0, 0, 0x80}},
        {"White", {255, 255, 255, 255}},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        Colour got;

        CHECK_OK(colour_parse(cases[i].text, &got));
        CHECK(memcmp(&got, &cases[i].want, sizeof(got)) == 0);
    }
}

TEST(what_is_no_colour_is_refused_with_the_ways_to_write_one)
{
    static const char *const cases[] = {"", "#", "#12", "#12345", "#ggg", "rde", "#1234567"};

    for (size_t i = 0; i < COUNT(cases); i++) {
        Colour got;
        AUTO(err_free) Err *err = colour_parse(cases[i], &got);

        CHECK(err && strstr(err_text(err), "#rrggbb"));
    }
}

TEST(the_srgb_curve_goes_there_and_back)
{
    for (int i = 0; i < 256; i++)
        CHECK_INT(lroundf(colour_encoded(colour_linear((uint8_t)i))), i);
    CHECK(fabsf(colour_linear(188) - 0.5029f) < 0.001f);
}

TEST(the_difference_of_colours_is_that_of_the_published_pairs)
{
    /* Rows of the test data that Sharma, Wu and Dalal published with the formula. */
    static const struct {
        Lab a, b;
        double want;
    } rows[] = {
        {{50, 2.6772f, -79.7751f}, {50, 0, -82.7485f}, 2.0425},
        {{50, 3.1571f, -77.2803f}, {50, 0, -82.7485f}, 2.8615},
        {{50, 0, 0}, {50, -1, 2}, 2.3669},
        {{50, 2.49f, -0.001f}, {50, -2.49f, 0.0009f}, 7.1792},
        {{50, 2.49f, -0.001f}, {50, -2.49f, 0.0011f}, 7.2195},
        {{50, 2.5f, 0}, {73, 25, -18}, 27.1492},
        {{50, 2.5f, 0}, {50, 3.2592f, 0.335f}, 1},
        {{60.2574f, -34.0099f, 36.2677f}, {60.4626f, -34.1751f, 39.4387f}, 1.2644},
        {{22.7233f, 20.0904f, -46.694f}, {23.0331f, 14.973f, -42.5619f}, 2.0373},
        {{2.0776f, 0.0795f, -1.135f}, {0.9033f, -0.0636f, -0.5514f}, 0.9082},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(fabs(colour_difference(rows[i].a, rows[i].b) - rows[i].want) < 1e-3);
        CHECK(fabs(colour_difference(rows[i].b, rows[i].a) - rows[i].want) < 1e-3);
    }
}

TEST(lab_is_even_from_black_to_white_and_grey_has_no_hue)
{
    Lab white = colour_lab((const uint8_t[]){255, 255, 255});
    Lab black = colour_lab((const uint8_t[]){0, 0, 0});
    Lab red = colour_lab((const uint8_t[]){255, 0, 0});

    CHECK(fabsf(white.l - 100) < 0.01f && fabsf(white.a) < 0.02f && fabsf(white.b) < 0.02f);
    CHECK(black.l == 0);
    CHECK(fabsf(red.l - 53.24f) < 0.02f && fabsf(red.a - 80.09f) < 0.05f);
    CHECK(fabsf(red.b - 67.20f) < 0.05f);
}

TEST(dice_with_the_same_seed_throw_the_same_row)
{
    Dice a = dice_seeded(42), b = dice_seeded(42), c = dice_seeded(43);
    int different = 0;

    for (int i = 0; i < 100; i++) {
        uint64_t bits = dice_bits(&a);

        CHECK(bits == dice_bits(&b));
        different += bits != dice_bits(&c);
    }
    CHECK_INT(different, 100);
    for (int i = 0; i < 1000; i++) {
        double unit = dice_unit(&a);

        CHECK(unit >= 0 && unit < 1);
    }
}
