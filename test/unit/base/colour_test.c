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
