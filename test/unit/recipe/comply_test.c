/* Promises of src/recipe/step/comply.c and survey.c. */
#include <math.h>

#include "drawn.h"
#include "market/market.h"

static const RecipeContext alone = {.threads = 1};

/* An off-white photo, 255 - LESS, with the red disc 400 wide in 1000 x 1000. */
static void photo_draw(int less, Buf *ret)
{
    AUTO(buf_done) Buf disc = BUF(1 << 22);
    AUTO(shot_done) Shot shot = {0};
    AUTO(buf_done) Buf recipe = BUF(4096);
    int level = 255 - less;

    drawn_disc_png(1000, 1000, 400, &disc);
    CHECK_OK(buf_print(
        &recipe,
        "{\"steps\":[{\"step\":\"backdrop\",\"colours\":[\"#%02x%02x%02x\"]},{\"step\":\"encode\"}]"
        "}",
        (unsigned)level, (unsigned)level, (unsigned)level));
    drawn_perform(&disc, buf_text(&recipe), &alone, &shot);
    CHECK_OK(buf_add(ret, shot.encoded.bytes, shot.encoded.size));
}

static void facts_of(const Shot *shot, Facts *ret)
{
    AUTO(market_subject_done) Subject subject = {0};

    CHECK_OK(market_find_subject(shot->finished, NULL, &subject));
    CHECK_OK(market_measure(
        &(MarketPicture){.facts = &shot->facts, .image = shot->finished, .subject = &subject},
        ret));
}

TEST(comply_whitens_and_frames_and_leaves_the_product_alone)
{
    AUTO(buf_done) Buf photo = BUF(1 << 22);
    AUTO(shot_done) Shot shot = {0};
    Facts facts;

    photo_draw(12, &photo);
    drawn_perform(
        &photo,
        "{\"steps\":[{\"step\":\"comply\",\"whiten\":40,\"fill_least\":85},{\"step\":\"encode\"}]}",
        &alone, &shot);
    facts_of(&shot, &facts);
    CHECK(facts.of[MEASURE_BORDER_WHITE].number >= 99.9);
    CHECK(facts.of[MEASURE_GROUND_WHITE].number >= 99.9);
    CHECK(fabs(facts.of[MEASURE_FILL].number - 86) <= 1.5);

    const uint8_t *row = image_row(shot.finished, image_height(shot.finished) / 2);
    const uint8_t *middle = row + image_width(shot.finished) / 2 * 3;
    CHECK_INT(middle[0], 200);
    CHECK_INT(middle[1], 40);
    CHECK_INT(middle[2], 30);
}

TEST(comply_does_not_whiten_a_grey_wall)
{
    AUTO(buf_done) Buf photo = BUF(1 << 22);
    AUTO(shot_done) Shot shot = {0};

    photo_draw(90, &photo);
    drawn_perform(
        &photo, "{\"steps\":[{\"step\":\"comply\",\"whiten\":40},{\"step\":\"encode\"}]}", &alone,
        &shot);
    CHECK_INT(((const uint8_t *)image_row(shot.finished, 0))[0], 165);
    CHECK_INT(image_width(shot.finished), 1000);
}

TEST(comply_keeps_to_shapes_and_sizes)
{
    static const struct {
        const char *options;
        int width, height;
    } rows[] = {
        {"\"aspect_most\":0.8", 800, 1000},
        {"\"aspect_least\":1.25", 1000, 800},
        {"\"longest_most_px\":500", 500, 500},
        {"\"megapixels_most\":0.25", 500, 500},
        {"\"shortest_least_px\":1400", 1400, 1400},
        {"\"shortest_least_px\":3000", 1500, 1500},
        {"\"aspect_most\":0.8,\"longest_least_px\":1200", 960, 1200},
        {"\"fill_most\":20", 2130, 2130},
    };
    AUTO(buf_done) Buf photo = BUF(1 << 22);

    photo_draw(0, &photo);
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(buf_done) Buf recipe = BUF(4096);
        AUTO(shot_done) Shot shot = {0};

        CHECK_OK(buf_print(
            &recipe, "{\"steps\":[{\"step\":\"comply\",%s},{\"step\":\"encode\"}]}",
            rows[i].options));
        drawn_perform(&photo, buf_text(&recipe), &alone, &shot);
        if (abs(image_width(shot.finished) - rows[i].width) > rows[i].width / 30 ||
            abs(image_height(shot.finished) - rows[i].height) > rows[i].height / 30)
            test_fail(
                __FILE__, __LINE__, "%s gives %d x %d", rows[i].options, image_width(shot.finished),
                image_height(shot.finished));
    }
}

TEST(place_notes_what_a_review_wants_to_know)
{
    AUTO(buf_done) Buf photo = BUF(1 << 22);
    AUTO(shot_done) Shot shot = {0};

    drawn_disc_png(300, 200, 240, &photo); /* runs out above and below */
    drawn_perform(
        &photo,
        "{\"steps\":[{\"step\":\"place\",\"width_px\":400,\"height_px\":400,\"fill\":50},"
        "{\"step\":\"encode\"}]}",
        &alone, &shot);
    const Value *place = value_get(shot.notes, "place");
    CHECK_INT(value_count(value_get(place, "cut")), 2);
    CHECK_TEXT(value_text(value_at(value_get(place, "cut"), 0)), "top");
    CHECK(fabs(value_number(value_get(place, "fill")) - 50) <= 1);
    CHECK(fabs(value_number(value_get(place, "aspect")) - 1.2) <= 0.05);
    CHECK(fabs(value_number(value_get(place, "light")) - 87) <= 3);
}
