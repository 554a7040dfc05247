/* Promises of src/recipe/origin.c, and of what finished pictures say of themselves. */
#include "drawn.h"
#include "recipe/origin.h"

#define BASE "http://cv.iptc.org/newscodes/digitalsourcetype/"

TEST(origin_is_raised_and_never_lowered)
{
    static const struct {
        Work work;
        const char *before, *want;
    } rows[] = {
        {WORK_NONE, NULL, NULL},
        {WORK_EDITED, NULL, BASE "humanEdits"},
        {WORK_EDITED, BASE "digitalCapture", BASE "humanEdits"},
        {WORK_NONE, BASE "digitalCapture", BASE "digitalCapture"},
        {WORK_RENDERED, "digitalCapture", BASE "compositeSynthetic"},
        {WORK_COMPOSED, BASE "trainedAlgorithmicMedia", BASE "trainedAlgorithmicMedia"},
        {WORK_REDRAWN, "digsrctype:trainedAlgorithmicMedia", "digsrctype:trainedAlgorithmicMedia"},
        {WORK_EDITED, BASE "compositeWithTrainedAlgorithmicMedia",
         BASE "compositeWithTrainedAlgorithmicMedia"},
        {WORK_REDRAWN, BASE "compositeCapture", BASE "compositeWithTrainedAlgorithmicMedia"},
        {WORK_COMPOSED, "https://example.org/none/of/iptc", "https://example.org/none/of/iptc"},
        {WORK_RENDERED, "https://example.org/none/of/iptc", BASE "compositeSynthetic"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK_TEXT(origin_word(rows[i].work, rows[i].before, ORIGIN_AUTO), rows[i].want);
}

TEST(origin_says_trained_media_to_google_only_where_a_network_has_drawn)
{
    const char *trained = BASE "trainedAlgorithmicMedia";

    CHECK_TEXT(origin_word(WORK_REDRAWN, NULL, ORIGIN_GOOGLE), trained);
    CHECK_TEXT(
        origin_word(WORK_NONE, BASE "compositeWithTrainedAlgorithmicMedia", ORIGIN_GOOGLE),
        trained);
    CHECK_TEXT(origin_word(WORK_RENDERED, NULL, ORIGIN_GOOGLE), BASE "compositeSynthetic");
    CHECK_TEXT(origin_word(WORK_COMPOSED, NULL, ORIGIN_GOOGLE), BASE "compositeCapture");
    CHECK_TEXT(origin_word(WORK_REDRAWN, trained, ORIGIN_NONE), NULL);
}

static const char marked[] =
    "{\"steps\":[{\"step\":\"place\",\"width_px\":64,\"height_px\":64},"
    "{\"step\":\"backdrop\"%s},{\"step\":\"encode\"%s}],\"name\":\"mine\"}";

static void picture_made(const char *backdrop, const char *encode, ImageTraces *ret)
{
    const RecipeContext context = {.threads = 1, .program = "Cyclorama 9.9"};
    AUTO(buf_done) Buf photo = BUF(1 << 20), recipe = BUF(4096);
    AUTO(shot_done) Shot shot = {0};

    drawn_disc_png(60, 60, 50, &photo);
    CHECK_OK(buf_print(&recipe, marked, backdrop, encode));
    drawn_perform(&photo, buf_text(&recipe), &context, &shot);
    CHECK_OK(image_inspect(shot.encoded.bytes, shot.encoded.size, NULL, ret));
}

TEST(a_picture_says_how_it_came_about_in_every_format)
{
    static const char *const formats[] = {"jpeg", "png", "webp", "avif", "tiff"};

    for (size_t i = 0; i < COUNT(formats); i++) {
        AUTO(image_traces_done) ImageTraces plain = {0}, scene = {0};
        AUTO(buf_done) Buf encode = BUF(100);

        CHECK_OK(buf_print(&encode, ",\"format\":\"%s\"", formats[i]));
        picture_made("", buf_text(&encode), &plain);
        picture_made(
            ",\"kind\":\"scene\",\"scene\":\"white-sweep\",\"quality\":\"draft\"",
            buf_text(&encode), &scene);
        CHECK_TEXT(plain.rights.source_type, BASE "compositeCapture");
        CHECK_TEXT(scene.rights.source_type, BASE "compositeSynthetic");
        CHECK_TEXT(plain.rights.program, "Cyclorama 9.9");
        CHECK_TEXT(plain.rights.recipe, "mine");
        CHECK_INT(strlen(plain.rights.key), 64);
        CHECK(strcmp(plain.rights.key, scene.rights.key) != 0);
    }
}

TEST(a_picture_says_nothing_when_asked_to)
{
    AUTO(image_traces_done) ImageTraces traces = {0}, google = {0};

    picture_made("", ",\"provenance\":\"none\"", &traces);
    CHECK_TEXT(traces.rights.source_type, NULL);
    CHECK_TEXT(traces.rights.program, NULL);
    CHECK_TEXT(traces.rights.key, NULL);
    picture_made("", ",\"provenance\":\"google\"", &google);
    CHECK_TEXT(google.rights.source_type, BASE "compositeCapture");
}

TEST(the_key_in_a_picture_is_the_one_its_recipe_has)
{
    const RecipeContext context = {.threads = 1, .program = "Cyclorama 9.9", .seed = 4};
    static const char text[] =
        "{\"name\":\"mine\",\"steps\":[{\"step\":\"place\"},{\"step\":\"encode\"}]}";
    AUTO(buf_done) Buf photo = BUF(1 << 20);
    AUTO(value_free) Value *json = NULL;
    AUTO(recipe_free) Recipe *recipe = NULL;
    AUTO(shot_done) Shot shot = {0};
    AUTO(image_traces_done) ImageTraces traces = {0};
    char key[HASH_TEXT_SIZE];

    drawn_disc_png(60, 60, 50, &photo);
    drawn_perform(&photo, text, &context, &shot);
    CHECK_OK(value_parse(text, strlen(text), &json));
    CHECK_OK(recipe_read(json, &recipe));
    hash_text(recipe_key(recipe, &context, hash_bytes(photo.bytes, photo.size)), key);
    CHECK_OK(image_inspect(shot.encoded.bytes, shot.encoded.size, NULL, &traces));
    CHECK_TEXT(traces.rights.key, key);
}
