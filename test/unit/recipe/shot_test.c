/* Promises of the shot and of the steps that need no model. */
#include "drawn.h"

static const RecipeContext alone = {.threads = 1, .seed = 1};

static const uint8_t *pixel_of(const Shot *shot, int x, int y)
{
    return (const uint8_t *)image_row(shot->finished, y) + x * image_channels(shot->finished);
}

TEST(a_product_is_placed_in_the_middle_at_the_size_asked_for)
{
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot shot = {0};

    drawn_disc_png(200, 160, 100, &png);
    drawn_perform(
        &png,
        "{\"steps\":[{\"step\":\"place\",\"width_px\":400,\"height_px\":300,\"fill\":50},"
        "{\"step\":\"backdrop\",\"kind\":\"solid\",\"colours\":[\"#0000ff\"]}]}",
        &alone, &shot);
    CHECK_INT(image_width(shot.finished), 400);
    CHECK_INT(image_height(shot.finished), 300);
    CHECK_INT(image_channels(shot.finished), 3);
    CHECK(abs(shot.box.height - 150) <= 1 && abs(shot.box.top - 75) <= 1);
    CHECK_INT(pixel_of(&shot, 200, 150)[0], 200);
    CHECK_INT(pixel_of(&shot, 5, 5)[2], 255);
    CHECK_INT(pixel_of(&shot, 5, 5)[0], 0);
}

TEST(a_product_on_the_ground_has_its_base_on_the_ground_line)
{
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot shot = {0};

    drawn_disc_png(100, 100, 80, &png);
    drawn_perform(
        &png,
        "{\"steps\":[{\"step\":\"place\",\"width_px\":200,\"height_px\":400,\"fill\":40,"
        "\"anchor\":\"ground\",\"ground\":75}]}",
        &alone, &shot);
    CHECK_INT(shot.box.top + shot.box.height, 300);
}

TEST(without_a_backdrop_the_picture_stays_transparent)
{
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot shot = {0};

    drawn_disc_png(100, 100, 80, &png);
    drawn_perform(
        &png, "{\"steps\":[{\"step\":\"place\",\"width_px\":100,\"height_px\":100}]}", &alone,
        &shot);
    CHECK_INT(pixel_of(&shot, 1, 1)[3], 0);
    CHECK_INT(pixel_of(&shot, 50, 50)[3], 255);
}

TEST(the_edge_of_a_product_never_shows_a_colour_that_neither_it_nor_its_ground_has)
{
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot shot = {0};

    drawn_disc_png(300, 300, 250, &png);
    drawn_perform(
        &png,
        "{\"steps\":[{\"step\":\"place\",\"width_px\":120,\"height_px\":120},"
        "{\"step\":\"backdrop\",\"kind\":\"solid\",\"colours\":[\"#ffffff\"]}]}",
        &alone, &shot);
    for (int y = 0; y < 120; y++)
        for (int x = 0; x < 120; x++) {
            const uint8_t *p = pixel_of(&shot, x, y);

            CHECK(p[0] >= 198 && p[1] >= 37 && p[2] >= 27);
        }
}

TEST(the_same_photo_recipe_and_seed_give_the_same_bytes_on_any_number_of_threads)
{
    static const char recipe[] =
        "{\"steps\":[{\"step\":\"place\",\"width_px\":320,\"height_px\":400,\"fill\":60},"
        "{\"step\":\"backdrop\",\"kind\":\"radial\",\"colours\":[\"#fff\",\"#88a\"]},"
        "{\"step\":\"shadow\",\"kind\":\"natural\"},{\"step\":\"light\"},"
        "{\"step\":\"adjust\",\"contrast\":20,\"sharpen\":30},"
        "{\"step\":\"encode\",\"format\":\"jpeg\"}]}";
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot one = {0}, three = {0};
    RecipeContext crew = {.threads = 3, .seed = 1};

    drawn_disc_png(200, 200, 150, &png);
    drawn_perform(&png, recipe, &alone, &one);
    drawn_perform(&png, recipe, &crew, &three);
    CHECK_INT(one.encoded.size, three.encoded.size);
    CHECK(memcmp(one.encoded.bytes, three.encoded.bytes, one.encoded.size) == 0);
}

TEST(a_file_is_made_to_fit_by_lowering_its_quality)
{
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot free_size = {0}, fitted = {0};

    drawn_disc_png(600, 600, 500, &png);
    drawn_perform(
        &png, "{\"steps\":[{\"step\":\"encode\",\"format\":\"jpeg\",\"quality\":95}]}", &alone,
        &free_size);
    CHECK(free_size.encoded.size > 12000);
    drawn_perform(
        &png,
        "{\"steps\":[{\"step\":\"encode\",\"format\":\"jpeg\",\"quality\":95,\"max_kb\":10}]}",
        &alone, &fitted);
    CHECK(fitted.encoded.size <= 10000 && fitted.encoded.size > 4000);
}

TEST(a_file_may_be_limited_in_pixels_and_stays_open)
{
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot shot = {0}, small = {0};
    AUTO(image_decoded_done) ImageDecoded file = {0};

    drawn_disc_png(300, 200, 180, &png);
    drawn_perform(
        &png, "{\"steps\":[{\"step\":\"encode\",\"longest_most_px\":150}]}", &alone, &shot);
    CHECK_INT(shot.width_px, 150);
    CHECK_INT(shot.height_px, 100);
    CHECK_OK(image_decode(shot.encoded.bytes, shot.encoded.size, NULL, NULL, &file));
    CHECK_INT(image_width(file.image), 150);
    CHECK(image_has_alpha(file.image));
    drawn_perform(
        &png, "{\"steps\":[{\"step\":\"encode\",\"longest_most_px\":1000}]}", &alone, &small);
    CHECK_INT(small.width_px, 300);
}

TEST(a_watermark_writes_only_where_it_stands)
{
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot plain = {0}, marked = {0};
    int changed_in = 0, changed_out = 0;

    drawn_disc_png(300, 300, 280, &png);
    drawn_perform(
        &png, "{\"steps\":[{\"step\":\"backdrop\",\"kind\":\"solid\",\"colours\":[\"#444\"]}]}",
        &alone, &plain);
    drawn_perform(
        &png,
        "{\"steps\":[{\"step\":\"backdrop\",\"kind\":\"solid\",\"colours\":[\"#444\"]},"
        "{\"step\":\"watermark\",\"text\":\"Shop\",\"size\":8,\"opacity\":100}]}",
        &alone, &marked);
    for (int y = 0; y < 300; y++)
        for (int x = 0; x < 300; x++)
            if (memcmp(pixel_of(&plain, x, y), pixel_of(&marked, x, y), 3) != 0)
                *(x > 150 && y > 150 ? &changed_in : &changed_out) += 1;
    CHECK(changed_in > 100);
    CHECK_INT(changed_out, 0);
}

TEST(a_placed_product_can_be_cropped_and_adjusted_with_its_picture)
{
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot shot = {0};

    drawn_disc_png(100, 100, 80, &png);
    drawn_perform(
        &png,
        "{\"steps\":[{\"step\":\"adjust\",\"contrast\":10},"
        "{\"step\":\"place\",\"width_px\":300,\"height_px\":200},"
        "{\"step\":\"backdrop\",\"colours\":[\"#224466\"]},"
        "{\"step\":\"crop\",\"aspect\":[1,1]}]}",
        &alone, &shot);
    CHECK_INT(image_width(shot.finished), 200);
    CHECK_INT(image_height(shot.finished), 200);
    CHECK_INT(pixel_of(&shot, 1, 1)[2], 0x66);
}
