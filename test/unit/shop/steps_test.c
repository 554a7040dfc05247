/* Promises of what a recipe's steps cost, and of previews. */
#include <string.h>

#include "shop/shop_priv.h"
#include "test.h"

static Value *parsed(const char *json)
{
    Value *value = NULL;

    CHECK_OK(value_parse(json, strlen(json), &value));
    return value;
}

static Recipe *recipe_of(const char *json)
{
    AUTO(value_free) Value *value = parsed(json);
    Recipe *recipe = NULL;

    CHECK_OK(recipe_read(value, &recipe));
    return recipe;
}

#define SET "{\"step\":\"place\",\"width_px\":1200,\"height_px\":1200}"

/* Names of the prices, between blanks. */
static const char *priced(const char *steps, int complexity, Arena *mem)
{
    AUTO(recipe_free) Recipe *recipe = recipe_of(arena_print(mem, "{\"steps\":[%s]}", steps));
    Price prices[PRICE_LINES_MOST];
    const char *names = "";
    int count = 0;

    CHECK_OK(shop_steps(recipe, complexity, prices, &count));
    for (int i = 0; i < count; i++)
        names = arena_print(mem, "%s%s%s", names, i ? " " : "", price_name(prices[i]));
    return names;
}

TEST(each_step_has_the_price_of_what_it_does)
{
    static const struct {
        const char *steps, *prices;
        int complexity;
    } table[] = {
        {"{\"step\":\"cutout\"},{\"step\":\"encode\"}", "cutout", SHOP_SIMPLE},
        {"{\"step\":\"crop\"},{\"step\":\"encode\",\"format\":\"webp\"}", "", SHOP_SIMPLE},
        {SET ",{\"step\":\"backdrop\",\"kind\":\"none\"}", "", SHOP_SIMPLE},
        {SET ",{\"step\":\"backdrop\"}", "backdrop_solid", SHOP_SIMPLE},
        {SET ",{\"step\":\"backdrop\",\"kind\":\"linear\",\"colours\":[\"red\",\"white\"]}",
         "backdrop_gradient", SHOP_SIMPLE},
        {SET ",{\"step\":\"backdrop\",\"kind\":\"radial\",\"colours\":[\"red\",\"white\"]}",
         "backdrop_gradient", SHOP_SIMPLE},
        {SET ",{\"step\":\"backdrop\",\"kind\":\"scene\",\"scene\":\"kitchen\"}",
         "backdrop_template", SHOP_COMPLEX},
        {SET ",{\"step\":\"backdrop\",\"kind\":\"scene\",\"words\":\"marble table\"}",
         "backdrop_ai_simple", SHOP_SIMPLE},
        {SET ",{\"step\":\"backdrop\",\"kind\":\"scene\",\"words\":\"marble table\"}",
         "backdrop_ai_complex", SHOP_COMPLEX},
        {SET
         ",{\"step\":\"backdrop\",\"kind\":\"scene\",\"scene\":\"kitchen\",\"words\":\"green\"}",
         "backdrop_ai_simple", SHOP_SIMPLE},
        {"{\"step\":\"light\"}", "light_auto", SHOP_SIMPLE},
        {"{\"step\":\"light\",\"style\":\"none\"}", "", SHOP_SIMPLE},
        {"{\"step\":\"light\",\"style\":\"dramatic\"}", "light_preset", SHOP_SIMPLE},
        {"{\"step\":\"light\",\"style\":\"none\",\"warmth\":-3}", "light_manual", SHOP_SIMPLE},
        {"{\"step\":\"adjust\"}", "", SHOP_SIMPLE},
        {"{\"step\":\"adjust\",\"saturation\":10}", "light_manual", SHOP_SIMPLE},
        {SET ",{\"step\":\"shadow\"}", "shadow_natural", SHOP_SIMPLE},
        {SET ",{\"step\":\"shadow\",\"kind\":\"drop\"}", "shadow_drop", SHOP_SIMPLE},
        {SET ",{\"step\":\"shadow\",\"kind\":\"reflection\"}", "shadow_reflection", SHOP_SIMPLE},
        {"{\"step\":\"upscale\",\"factor\":4}", "upscale", SHOP_SIMPLE},
    };
    AUTO(arena_free) Arena *mem = arena_new();

    for (size_t i = 0; i < COUNT(table); i++)
        CHECK_TEXT(priced(table[i].steps, table[i].complexity, mem), table[i].prices);
}

TEST(a_set_that_is_drawn_finely_is_complex_whatever_is_said)
{
    AUTO(arena_free) Arena *mem = arena_new();

    CHECK_TEXT(
        priced(
            SET
            ",{\"step\":\"backdrop\",\"kind\":\"scene\",\"words\":\"cafe\",\"quality\":\"fine\"}",
            SHOP_SIMPLE, mem),
        "backdrop_ai_complex");
}

/* Workflow 3: "dramatic" and +30 of warmth are one light of 10. */
TEST(light_is_paid_for_once_at_its_dearest)
{
    AUTO(arena_free) Arena *mem = arena_new();

    CHECK_TEXT(
        priced("{\"step\":\"light\",\"style\":\"dramatic\",\"warmth\":30}", SHOP_SIMPLE, mem),
        "light_manual");
    CHECK_TEXT(
        priced(
            "{\"step\":\"light\"},{\"step\":\"adjust\",\"contrast\":5},"
            "{\"step\":\"adjust\",\"sharpen\":5}",
            SHOP_SIMPLE, mem),
        "light_manual");
}

TEST(more_paid_steps_than_a_bill_has_lines_are_refused)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *steps = SET;
    Price prices[PRICE_LINES_MOST];
    int count;

    for (int i = 0; i <= PRICE_LINES_MOST; i++)
        steps = arena_print(mem, "%s,{\"step\":\"shadow\"}", steps);
    AUTO(recipe_free) Recipe *recipe = recipe_of(arena_print(mem, "{\"steps\":[%s]}", steps));
    AUTO(err_free) Err *err = shop_steps(recipe, SHOP_SIMPLE, prices, &count);
    CHECK(err && err_code(err) == ERR_INPUT_INVALID);
    CHECK_TEXT(err_where(err), "/steps");
}

TEST(steps_that_were_paid_just_so_are_not_paid_again)
{
    AUTO(recipe_free) Recipe *before =
        recipe_of("{\"steps\":[{\"step\":\"cutout\"},{\"step\":\"light\",\"style\":\"bright\"}]}");
    AUTO(recipe_free) Recipe *after =
        recipe_of("{\"steps\":[{\"step\":\"cutout\"},{\"step\":\"light\",\"style\":\"moody\"}," SET
                  ",{\"step\":\"backdrop\",\"colours\":[\"red\"]}]}");
    AUTO(value_free) Value *paid = recipe_write(before);
    Price prices[PRICE_LINES_MOST];
    int count;

    CHECK_OK(steps_unpaid(after, SHOP_SIMPLE, paid, prices, &count));
    CHECK_INT(count, 2);
    CHECK_INT(prices[0], PRICE_LIGHT_PRESET);
    CHECK_INT(prices[1], PRICE_BACKDROP_SOLID);
    CHECK_OK(steps_unpaid(before, SHOP_SIMPLE, paid, prices, &count));
    CHECK_INT(count, 0);
}

/* ---- previews and limits ---- */

static const Value *step_of(const Value *recipe, const char *name)
{
    const Value *steps = value_get(recipe, "steps");

    for (size_t i = 0; i < value_count(steps); i++)
        if (strcmp(value_text(value_get(value_at(steps, i), "step")), name) == 0)
            return value_at(steps, i);
    return NULL;
}

static int64_t number_of(const Value *recipe, const char *step, const char *option)
{
    return value_int(value_get(step_of(recipe, step), option));
}

TEST(a_preview_is_small_fast_and_marked)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *recipe =
        parsed("{\"steps\":[{\"step\":\"cutout\"},"
               "{\"step\":\"place\",\"width_px\":1080,\"height_px\":1350},"
               "{\"step\":\"backdrop\",\"kind\":\"scene\",\"words\":\"cafe\",\"quality\":\"fine\"},"
               "{\"step\":\"upscale\",\"factor\":4},"
               "{\"step\":\"encode\",\"format\":\"jpeg\",\"quality\":95,\"max_kb\":10}]}");
    const Value *preview = NULL;

    CHECK_OK(shop_preview_recipe(recipe, mem, &preview));
    CHECK_TEXT(value_text(value_get(step_of(preview, "cutout"), "mode")), "preview");
    CHECK_TEXT(value_text(value_get(step_of(preview, "backdrop"), "quality")), "draft");
    CHECK_TEXT(value_text(value_get(step_of(preview, "watermark"), "text")), "PREVIEW");
    CHECK_INT(number_of(preview, "place", "height_px"), 512);
    CHECK_INT(number_of(preview, "place", "width_px"), 409);
    CHECK_INT(number_of(preview, "encode", "longest_most_px"), 512);
    CHECK_INT(number_of(preview, "encode", "max_kb"), 0);
    CHECK(!step_of(preview, "upscale"));
    CHECK_TEXT(value_text(value_get(step_of(recipe, "backdrop"), "quality")), "fine");
}

TEST(a_preview_of_the_photos_own_size_is_small_too)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *recipe = parsed("{\"steps\":[{\"step\":\"cutout\"}]}");
    const Value *preview = NULL;

    CHECK_OK(shop_preview_recipe(recipe, mem, &preview));
    CHECK_INT(number_of(preview, "encode", "longest_most_px"), 512);
    CHECK_INT(value_count(value_get(preview, "steps")), 3);
}

TEST(every_template_has_a_preview)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *const *names = template_names(mem);

    for (size_t i = 0; names[i]; i++) {
        AUTO(recipe_free) Recipe *recipe = NULL;
        AUTO(value_free) Value *json = NULL;
        const Value *preview = NULL;

        CHECK_OK(recipe_find(names[i], &recipe));
        json = recipe_write(recipe);
        CHECK_OK(shop_preview_recipe(json, mem, &preview));
    }
}

TEST(a_cut_out_alone_is_limited_in_pixels)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *alone = parsed("{\"steps\":[{\"step\":\"cutout\"}]}");
    AUTO(value_free) Value *small =
        parsed("{\"steps\":[{\"step\":\"cutout\"},{\"step\":\"encode\",\"longest_most_px\":300}]}");
    AUTO(value_free) Value *white =
        parsed("{\"steps\":[{\"step\":\"cutout\"}," SET ",{\"step\":\"backdrop\"}]}");
    AUTO(value_free) Value *photo = parsed("{\"steps\":[{\"step\":\"light\"}]}");

    CHECK_INT(number_of(steps_limit_cutout(alone, 1024, mem), "encode", "longest_most_px"), 1024);
    CHECK_INT(number_of(steps_limit_cutout(small, 1024, mem), "encode", "longest_most_px"), 300);
    CHECK(steps_limit_cutout(white, 1024, mem) == white);
    CHECK(steps_limit_cutout(photo, 1024, mem) == photo);
}
