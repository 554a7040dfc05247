/* Promises of choosing and tuning a set by words. */
#include "scene/choose.h"
#include "scene/library.h"
#include "scene/palette.h"
#include "scene/scene.h"
#include "scene/words.h"
#include "test.h"
#include "unit/scene/choose_phrases.h"

/* TEXT with its single quotes made double. */
static Value *json_from(const char *text, Arena *mem)
{
    char *json = arena_text(mem, text);
    Value *value = NULL;

    for (char *c = json; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    CHECK_OK(value_parse(json, strlen(json), &value));
    return value;
}

static const char *listed(const Value *list, Arena *mem)
{
    const char *text = "";

    for (size_t i = 0; i < value_count(list); i++)
        text = arena_print(mem, "%s%s%s", text, i ? "; " : "", value_text(value_at(list, i)));
    return text;
}

static void chosen(const char *words, uint64_t seed, Arena *mem, SceneChoice *ret)
{
    CHECK_OK(scene_choose(&(SceneWish){.words = words, .seed = seed}, mem, ret));
}

TEST(words_of_shop_owners_choose_the_scene_they_mean)
{
    int wrong = 0;

    for (size_t i = 0; i < COUNT(phrases); i++) {
        AUTO(arena_free) Arena *mem = arena_new();
        AUTO(scene_choice_done) SceneChoice choice = {0};
        const Phrase *phrase = &phrases[i];
        const Scene *scene;

        chosen(phrase->words, 0, mem, &choice);
        const char *tuned = listed(value_get(choice.report, "tuned"), mem);
        const char *unknown = listed(value_get(choice.report, "unknown"), mem);
        bool is_right = (!phrase->scene || strcmp(choice.name, phrase->scene) == 0) &&
                        (!phrase->tuned || strcmp(tuned, phrase->tuned) == 0) &&
                        strcmp(unknown, phrase->unknown ? phrase->unknown : "") == 0;
        if (!is_right)
            fprintf(
                stderr, "'%s': %s [%s] unknown [%s]\n", phrase->words, choice.name, tuned, unknown);
        wrong += !is_right;
        CHECK_OK(scene_read(choice.json, mem, &scene));
    }
    CHECK_INT(wrong, 0);
}

TEST(the_same_words_and_seed_give_the_same_scene)
{
    for (uint64_t seed = 0; seed < 6; seed++) {
        AUTO(arena_free) Arena *mem = arena_new();
        AUTO(scene_choice_done) SceneChoice first = {0};
        AUTO(scene_choice_done) SceneChoice second = {0};

        chosen("podium", seed, mem, &first);
        chosen("podium", seed, mem, &second);
        CHECK_TEXT(first.name, second.name);
    }
}

TEST(words_without_meaning_take_a_plain_studio_and_are_named)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_choice_done) SceneChoice choice = {0};

    chosen("zxqv blorbification", 0, mem, &choice);
    CHECK_TEXT(listed(value_get(choice.report, "unknown"), mem), "zxqv; blorbification");
    CHECK_TEXT(listed(value_get(choice.report, "tuned"), mem), "");
    CHECK(strstr(scene_choice_words(choice.report, mem), "Not understood: zxqv, blorbification."));
}

TEST(text_that_is_too_long_is_refused)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_choice_done) SceneChoice choice = {0};
    char text[WORDS_BYTES_MAX + 2];

    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    AUTO(err_free) Err *err = scene_choose(&(SceneWish){.words = text}, mem, &choice);
    CHECK(err && err_code(err) == ERR_INPUT_INVALID);
}

TEST(every_tag_of_a_built_in_scene_is_a_word_that_can_be_said)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *vocabulary = NULL;
    const Word *words;
    size_t count;

    CHECK_OK(words_read(mem, &vocabulary, &words, &count));
    for (const char *const *name = scene_names(mem); *name; name++) {
        AUTO(value_free) Value *json = NULL;
        CHECK_OK(scene_find(*name, &json));
        const Value *tags = value_get(json, "tags");

        for (size_t i = 0; i < value_count(tags); i++) {
            if (!words_find(words, count, value_text(value_at(tags, i))))
                test_fail(
                    __FILE__, __LINE__, "scene '%s' is tagged '%s', which no word means", *name,
                    value_text(value_at(tags, i)));
        }
    }
}

TEST(every_word_that_tunes_can_tune_every_scene)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *vocabulary = NULL;
    AUTO(value_free) Value *json = NULL;
    const Word *words;
    size_t count;

    CHECK_OK(words_read(mem, &vocabulary, &words, &count));
    CHECK_OK(scene_find("window-linen", &json));
    for (size_t w = 0; w < count; w++) {
        AUTO(value_free) Value *tuned = NULL;
        SceneTune tune;
        const Scene *scene;

        CHECK_OK(err_under(
            shape_read(&scene_tune_shape, words[w].tune, mem, &tune), "%s", words[w].value));
        tune.material = words[w].paint;
        CHECK_OK(err_under(scene_tune(json, &tune, &tuned), "%s", words[w].value));
        CHECK_OK(err_under(scene_read(tuned, mem, &scene), "%s", words[w].value));
    }
}

static const char small_set[] =
    "{'paints': [{'name': 'wall', 'colour': '#d0a0a0'}, {'name': 'disc', 'colour': '#a06060'},"
    "{'name': 'rim', 'colour': '#ffdf9a', 'metal': 1}, {'name': 'top', 'grain': 'wood',"
    " 'colour': '#553311'}],"
    "'solids': [{'kind': 'box', 'paint': 'wall', 'at': [0, 0, -2], 'size': [14, 5, 0.1]},"
    "{'kind': 'box', 'paint': 'top', 'size': [9, 0.1, 3]},"
    "{'kind': 'cylinder', 'paint': 'disc'}, {'kind': 'ring', 'paint': 'rim'}],"
    "'lamps': [{'at': [-3, 3, 2], 'target': [0, 0, 0], 'power': 0.8, 'kelvin': 5600}]}";

static Value *tuned_by(const char *tune_text, Arena *mem)
{
    AUTO(value_free) Value *set = json_from(small_set, mem);
    AUTO(value_free) Value *tune_json = json_from(tune_text, mem);
    SceneTune tune;
    Value *ret = NULL;

    CHECK_OK(shape_read(&scene_tune_shape, tune_json, mem, &tune));
    CHECK_OK(scene_tune(set, &tune, &ret));
    return ret;
}

static const char *paint_colour(const Value *set, size_t index)
{
    return value_text(value_get(value_at(value_get(set, "paints"), index), "colour"));
}

TEST(a_set_in_a_brands_colour_keeps_its_steps_its_metal_and_its_wood)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *set = tuned_by("{'palette': ['#3c78b4']}", mem);
    Colour wall, disc;

    CHECK_TEXT(paint_colour(set, 0), "#3c78b4");
    CHECK_TEXT(paint_colour(set, 2), "#ffdf9a");
    CHECK_TEXT(paint_colour(set, 3), "#553311");
    CHECK_OK(colour_parse(paint_colour(set, 0), &wall));
    CHECK_OK(colour_parse(paint_colour(set, 1), &disc));
    OkLab light = colour_oklab(wall), deep = colour_oklab(disc);
    CHECK(deep.l < light.l - 0.08 && deep.b < -0.02);
}

TEST(a_named_part_alone_takes_its_colour)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *set = tuned_by("{'wall': '#446644', 'accent': '#ccaa44'}", mem);

    CHECK_TEXT(paint_colour(set, 0), "#446644");
    CHECK_TEXT(paint_colour(set, 1), "#ccaa44");
    CHECK_TEXT(paint_colour(set, 3), "#553311");
}

TEST(warm_light_is_warmer_and_higher_light_is_higher)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *set = tuned_by("{'warmth': 60, 'lift': 10, 'fill': -50}", mem);
    const Value *lamp = value_at(value_get(set, "lamps"), 0);
    const Value *at = value_get(lamp, "at");

    CHECK(value_number(value_get(lamp, "kelvin")) < 4500);
    CHECK(value_number(value_at(at, 1)) > 3.1);
    CHECK(value_number(value_get(value_get(set, "sky"), "gain")) < 0.3);
}

TEST(no_repainted_wall_is_blacker_or_whiter_than_paint)
{
    static const char *const colours[] = {"#000000", "#ffffff", "#ff0000", "#00ff00", "#0000ff"};
    Colour anchor = {200, 180, 170, 255};

    for (size_t i = 0; i < COUNT(colours); i++) {
        Colour wanted, got;
        CHECK_OK(colour_parse(colours[i], &wanted));
        got = palette_move(anchor, anchor, wanted);
        for (int k = 0; k < 3; k++) {
            float linear = colour_linear((&got.r)[k]);
            CHECK(linear >= 0.006f && linear <= 0.91f);
        }
    }
}
