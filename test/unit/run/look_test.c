/* Promises of looks: whose words count, and what they choose. */
#include "run/run_priv.h"
#include "test.h"

static const char *keywords[] = {"minimal", "clean"};
static const char *colours[] = {"#204060", "#ffffff", "#cc8844", "#000000"};
static const Brand acme = {
    .scene_prompt = "rustic wooden table",
    .style_keywords = {keywords, 2},
    .color_palette = {colours, 4},
    .mood = "calm",
};

/* The option NAME of step STEP of the recipe that WISH becomes; in MEM. */
static const char *option_of(const LookWish *wish, const char *step, const char *name, Arena *mem)
{
    AUTO(value_free) Value *look = NULL;
    AUTO(value_free) Value *written = NULL;
    AUTO(recipe_free) Recipe *recipe = NULL;
    const char *json;

    CHECK_OK(look_write(wish, mem, &json));
    CHECK_OK(value_parse(json, strlen(json), &look));
    CHECK_OK(look_compose(look, &recipe));
    written = recipe_write(recipe);
    const Value *steps = value_get(written, "steps");
    for (size_t i = 0; i < value_count(steps); i++) {
        const Value *at = value_at(steps, i);

        if (strcmp(value_text(value_get(at, "step")), step) == 0)
            return arena_text(mem, value_text(value_get(at, name)));
    }
    return NULL;
}

TEST(a_runs_own_words_come_before_the_brands_and_the_brands_style_is_added)
{
    AUTO(arena_free) Arena *mem = arena_new();
    LookWish wish = {.recipe_name = "opal", .scene_prompt = "beach at sunset", .brand = &acme};

    CHECK_TEXT(option_of(&wish, "backdrop", "words", mem), "beach at sunset, minimal, clean, calm");
    wish.scene_prompt = NULL;
    CHECK_TEXT(
        option_of(&wish, "backdrop", "words", mem), "rustic wooden table, minimal, clean, calm");
}

TEST(a_scene_that_was_named_is_taken_unless_the_run_has_words_of_its_own)
{
    AUTO(arena_free) Arena *mem = arena_new();
    LookWish wish = {.recipe_name = "opal", .scene_type = "kitchen"};

    CHECK_TEXT(option_of(&wish, "backdrop", "scene", mem), "kitchen");
    wish.brand = &acme;
    CHECK_TEXT(option_of(&wish, "backdrop", "scene", mem), "kitchen");
    wish.scene_prompt = "sandy beach in the evening";
    CHECK(strcmp(option_of(&wish, "backdrop", "scene", mem), "kitchen") != 0);
}

TEST(without_any_words_it_is_the_houses_own_set)
{
    AUTO(arena_free) Arena *mem = arena_new();
    LookWish wish = {.recipe_name = "opal"};

    CHECK_TEXT(option_of(&wish, "backdrop", "scene", mem), "warm-sweep");
    CHECK_TEXT(option_of(&wish, "backdrop", "words", mem), "");
}

TEST(pictures_are_enlarged_only_where_that_is_wished)
{
    AUTO(arena_free) Arena *mem = arena_new();
    LookWish wish = {.recipe_name = "opal", .is_upscaled = true};

    CHECK_TEXT(option_of(&wish, "upscale", "mode", mem), "faithful");
    wish.is_upscaled = false;
    CHECK(!option_of(&wish, "upscale", "mode", mem));
}

TEST(words_that_are_too_many_are_left_out_whole)
{
    AUTO(arena_free) Arena *mem = arena_new();
    char prompt[396];
    LookWish wish = {.recipe_name = "opal", .scene_prompt = prompt, .brand = &acme};

    memset(prompt, 'x', sizeof(prompt) - 1);
    memcpy(prompt, "kitchen ", 8);
    prompt[sizeof(prompt) - 1] = 0;
    CHECK_TEXT(option_of(&wish, "backdrop", "words", mem), prompt);
}

TEST(a_scene_that_is_not_there_is_refused_with_the_nearest)
{
    LookNames names = {.recipe = "opal"};
    AUTO(err_free) Err *err = look_check(&names, "kitchn");

    CHECK(err && err_code(err) == ERR_INPUT_INVALID);
    CHECK(strstr(err_text(err), "kitchen"));
    for (size_t i = 0; look_scenes[i]; i++)
        CHECK_OK(look_check(&names, look_scenes[i]));
}
