/* From words, colours or a scene's name to the options of a recipe's backdrop and place. */
#include "recipe/describe.h"

#include <stdio.h>
#include <string.h>

#include "scene/choose.h"
#include "scene/library.h"
#include "scene/scene.h"

static const Value *step_options(const Value *recipe, const char *step)
{
    const Value *steps = value_get(recipe, "steps");

    for (size_t i = 0; i < value_count(steps); i++)
        if (strcmp(value_text(value_get(value_at(steps, i), "step")), step) == 0)
            return value_at(steps, i);
    return NULL;
}

static MUST Err *option_set(Recipe *recipe, const char *step, const char *option, const char *words)
{
    bool found;

    TRY(recipe_set_option(recipe, step, option, words, &found));
    if (found)
        return NULL;
    return err_public(
        err_new(ERR_INPUT_INVALID, "a set is described to a recipe without a step '%s'", step),
        "A set cannot be described here: this recipe has no step '%s'.", step);
}

static MUST Err *place_set(Recipe *recipe, const char *option, double percent)
{
    char text[32];

    snprintf(text, sizeof text, "%.1f", CLAMP(percent, 5.0, 98.0));
    return option_set(recipe, "place", option, text);
}

/* A chosen set says itself how large and where it would like the product to stand. */
static MUST Err *frame_set(Recipe *recipe, const Value *json)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *written = recipe_write(recipe);
    const Value *place = step_options(written, "place");
    int width = (int)value_int(value_get(place, "width_px"));
    int height = (int)value_int(value_get(place, "height_px"));
    const Scene *scene;

    if (width < 1 || height < 1)
        return NULL;
    TRY(scene_read(json, mem, &scene));
    Box tall = scene_product_box(scene, width, height, 0.05);
    Box wide = scene_product_box(scene, width, height, 20);
    TRY(place_set(recipe, "fill", 100.0 * tall.height / height));
    TRY(place_set(recipe, "fill_width", 100.0 * wide.width / width));
    return place_set(recipe, "ground", 100.0 * (tall.top + tall.height) / height);
}

/* As an option takes it; in MEM. */
static const char *palette_words(const Texts *palette, Arena *mem)
{
    const char *words = "";

    for (size_t i = 0; i < palette->count; i++)
        words = arena_print(mem, "%s%s%s", words, i ? "," : "", palette->items[i]);
    return words;
}

/* The name of the scene that WRITTEN has and that is to stay; NULL when one is to be chosen. */
static const char *scene_kept(const SetWish *wish, const Value *written)
{
    const Value *backdrop = step_options(written, "backdrop");
    const char *kind = value_text(value_get(backdrop, "kind"));

    if (wish->scene)
        return wish->scene;
    if (!wish->keeps_own || !kind || strcmp(kind, "scene") != 0)
        return NULL;
    return value_text(value_get(backdrop, "scene"));
}

static bool set_is_own(const SetWish *wish, const Value *written)
{
    const char *kind = value_text(value_get(step_options(written, "backdrop"), "kind"));

    return wish->keeps_own && !wish->scene && kind && strcmp(kind, "scene") == 0;
}

Err *recipe_describe(Recipe *recipe, const SetWish *wish, Arena *mem, const char **ret_words)
{
    AUTO(value_free) Value *written = recipe_write(recipe);
    AUTO(value_free) Value *scene = NULL;
    AUTO(scene_choice_done) SceneChoice choice = {0};
    const char *name = scene_kept(wish, written);
    bool is_own = set_is_own(wish, written), has_words = wish->words && *wish->words;

    if (name)
        TRY(scene_find(name, &scene));
    TRY(scene_choose(
        &(SceneWish){
            .words = wish->words,
            .scene = scene,
            .name = name,
            .palette = wish->palette,
            .seed = wish->seed,
        },
        mem, &choice));
    if (ret_words)
        *ret_words = has_words ? scene_choice_words(choice.report, mem) : NULL;
    if (!is_own) {
        TRY(option_set(recipe, "backdrop", "scene", choice.name));
        TRY(option_set(recipe, "backdrop", "kind", "scene"));
    }
    if (wish->palette.count)
        TRY(option_set(recipe, "backdrop", "palette", palette_words(&wish->palette, mem)));
    if (has_words)
        TRY(option_set(recipe, "backdrop", "words", wish->words));
    return wish->keeps_own ? NULL : frame_set(recipe, choice.json);
}
