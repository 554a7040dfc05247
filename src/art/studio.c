/* The house draws: sets from words, sets under a mask, and a product in other sets. */
#include <string.h>

#include "art/art_priv.h"
#include "base/clock.h"
#include "base/dice.h"
#include "recipe/describe.h"
#include "scene/choose.h"
#include "scene/library.h"
#include "scene/scene.h"
#include "scene/words.h"

#define ORIGIN "http://cv.iptc.org/newscodes/digitalsourcetype/"

enum {
    SIDE_PX = 1024, /* when nobody says one */
    SEED_BITS = 62  /* recipes write seeds as whole numbers with a sign */
};

/* Sets with a floor that any product can stand on, unlike each other. */
static const char *const variation_scenes[] = {
    "warm-sweep",        "living_room",    "marble-plinth", "kitchen",       "terracotta-arch",
    "concrete-studio",   "windowsill",     "leaf-podium",   "oak-table",     "blinds-afternoon",
    "travertine-blocks", "bathroom-shelf", "mint-niche",    "pastel-podium", "patio",
};

/* Another look for every request and each of its pictures. */
static uint64_t seed_of(const Drawing *drawing, int64_t index)
{
    Hash hash = hash_bytes(drawing->id, strlen(drawing->id));
    uint64_t id;

    memcpy(&id, hash.bytes, sizeof(id));
    return dice_hash(id, (uint64_t)index) >> (64 - SEED_BITS) | 1;
}

/* As many of the words as the scene room listens to, cut between two of them. */
static const char *words_cut(const char *prompt, Arena *mem)
{
    size_t length = strlen(prompt);

    if (length <= WORDS_BYTES_MAX)
        return prompt;
    length = WORDS_BYTES_MAX;
    while (length && prompt[length] != ' ')
        length--;
    for (length = length ? length : WORDS_BYTES_MAX;
         ((unsigned char)prompt[length] & 0xc0) == 0x80;)
        length--;
    return arena_text_n(mem, prompt, length);
}

static SceneQuality quality_of(const char *quality)
{
    static const char *const drafts[] = {"low", "draft"}, *const fine[] = {"high", "xhigh", "max"};

    for (size_t i = 0; quality && i < COUNT(drafts); i++)
        if (strcmp(quality, drafts[i]) == 0)
            return SCENE_DRAFT;
    for (size_t i = 0; quality && i < COUNT(fine); i++)
        if (strcmp(quality, fine[i]) == 0)
            return SCENE_FINE;
    return SCENE_NORMAL;
}

static int side(int wished_px, int original_px)
{
    return CLAMP(
        wished_px     ? wished_px
        : original_px ? original_px
                      : SIDE_PX,
        16, SCENE_SIDE_MAX_PX);
}

/* ---- an empty set ---- */

static MUST Err *set_draw(
    const Drawing *drawing, const char *words, int64_t index, int width_px, int height_px,
    Image **ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_choice_done) SceneChoice choice = {0};
    AUTO(value_free) Value *look = NULL;
    AUTO(scene_shot_done) SceneShot shot = {0};
    const uint64_t seed = seed_of(drawing, index);
    const Scene *scene;

    TRY(scene_choose(&(SceneWish){.words = words_cut(words, mem), .seed = seed}, mem, &choice));
    TRY(scene_vary(choice.json, seed, &look));
    TRY(scene_read(look, mem, &scene));
    TRY(scene_render(
        scene,
        &(SceneView){
            .width_px = width_px,
            .height_px = height_px,
            .seed = seed,
            .threads = drawing->room->threads,
            .quality = quality_of(drawing->price->quality),
            .cancel = drawing->cancel,
        },
        &shot));
    *ret = TAKE(shot.picture);
    return NULL;
}

/* ---- a product in a set ---- */

Err *art_recipe_open(const char *name, Recipe **ret)
{
    AUTO(recipe_free) Recipe *whole = NULL;
    AUTO(value_free) Value *json = NULL;
    Value *left = value_list();

    TRY(recipe_find(name, &whole));
    json = recipe_write(whole);
    const Value *steps = value_get(json, "steps");
    for (size_t i = 0; i < value_count(steps); i++) {
        const Value *step = value_at(steps, i);

        if (strcmp(value_text(value_get(step, "step")), "encode") != 0)
            value_add(left, value_ref(step));
    }
    value_set(json, "steps", left);
    return recipe_read(json, ret);
}

static MUST Err *recipe_fit(const Drawing *drawing, Recipe *recipe, Arena *mem)
{
    static const char *const qualities[] = {"draft", "normal", "fine"};
    int width = side(drawing->plan->width_px, image_width(drawing->original));
    int height = side(drawing->plan->height_px, image_height(drawing->original));
    bool found;

    TRY(recipe_set_option(recipe, "place", "width_px", arena_print(mem, "%d", width), &found));
    TRY(recipe_set_option(recipe, "place", "height_px", arena_print(mem, "%d", height), &found));
    return recipe_set_option(
        recipe, "backdrop", "quality", qualities[quality_of(drawing->price->quality)], &found);
}

static MUST Err *product_draw(const Drawing *drawing, int64_t index, Image **ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(recipe_free) Recipe *recipe = NULL;
    AUTO(shot_done) Shot shot = {0};
    const uint64_t seed = seed_of(drawing, index);
    const size_t first = (size_t)(seed_of(drawing, 0) % COUNT(variation_scenes));
    const char *words = words_cut(drawing->plan->prompt, mem);

    TRY(art_recipe_open("scene", &recipe));
    TRY(recipe_describe(
        recipe,
        &(SetWish){
            .scene =
                *words ? NULL : variation_scenes[(first + (size_t)index) % COUNT(variation_scenes)],
            .words = words,
            .seed = seed,
        },
        mem, NULL));
    TRY(recipe_fit(drawing, recipe, mem));
    TRY(shot_open(
        &shot, drawing->wish->images[0].bytes, drawing->wish->images[0].size, &image_limits_default,
        drawing->cancel));
    TRY(recipe_perform(
        recipe,
        &(RecipeContext){
            .models = drawing->room->models,
            .cache = drawing->room->cache,
            .threads = drawing->room->threads,
            .seed = seed,
            .cancel = drawing->cancel,
            .program = drawing->room->program,
        },
        &shot));
    TRY(shot_finish(&shot, drawing->room->threads));
    *ret = image_ref(shot.finished);
    return NULL;
}

/* ---- all of them ---- */

typedef enum Way {
    WAY_SET,    /* a set from words */
    WAY_MASK,   /* ... of the size of the picture that it is laid into */
    WAY_AGAIN,  /* ... from the words of a picture that was made here */
    WAY_PRODUCT /* the product of a photo in another set */
} Way;

static Way way_of(const Drawing *drawing)
{
    if (drawing->wish->kind == ART_GENERATE)
        return WAY_SET;
    if (drawing->wish->kind == ART_EDIT && drawing->free)
        return WAY_MASK;
    return drawing->before && drawing->wish->kind == ART_VARIATION ? WAY_AGAIN : WAY_PRODUCT;
}

static MUST Err *one_draw(const Drawing *drawing, Way way, int64_t index, Image **ret)
{
    const ArtPlan *plan = drawing->plan;

    TRY(cancel_check(drawing->cancel));
    if (clock_ticks_ms() > drawing->until_ms)
        return err_new(ERR_TIMED_OUT, "picture %lld was not begun in time", (long long)index);
    switch (way) {
    case WAY_SET:
        return set_draw(
            drawing, plan->prompt, index, side(plan->width_px, 0), side(plan->height_px, 0), ret);
    case WAY_AGAIN:
        return set_draw(
            drawing, drawing->before, index, side(plan->width_px, 0), side(plan->height_px, 0),
            ret);
    case WAY_MASK:
        return set_draw(
            drawing, plan->prompt, index, side(0, image_width(drawing->original)),
            side(0, image_height(drawing->original)), ret);
    case WAY_PRODUCT:
        break;
    }
    return product_draw(drawing, index, ret);
}

static MUST Err *transparent_check(const Drawing *drawing)
{
    if (!drawing->plan->background || strcmp(drawing->plan->background, "transparent") != 0)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "a transparent background of the built-in studio"),
            "The built-in studio draws whole sets: it has no transparent background. Leave "
            "background to auto."),
        "/background");
}

static const char *const way_origins[] = {
    [WAY_SET] = ORIGIN "algorithmicMedia",
    [WAY_MASK] = ORIGIN "compositeSynthetic",
    [WAY_AGAIN] = ORIGIN "algorithmicMedia",
    [WAY_PRODUCT] = ORIGIN "compositeSynthetic",
};

static const char *const way_notes[] = {
    [WAY_SET] = ("drew a set from the words; it renders rooms, tables and studio sets, not people, "
                 "animals or lettering"),
    [WAY_MASK] = "drew a set from the words where the mask is transparent",
    [WAY_AGAIN] = "drew other looks of the same words",
    [WAY_PRODUCT] = "cut the product out and put it into other sets",
};

void art_drawn_done(Drawn *drawn)
{
    for (size_t i = 0; i < COUNT(drawn->images); i++)
        image_free(drawn->images[i]);
    *drawn = (Drawn){0};
}

/* When an easel is free. */
static MUST Err *in_turn_draw(const Drawing *drawing, Way way, int64_t number, Image **ret)
{
    Turns *easels = drawing->room->easels;

    if (!easels)
        return one_draw(drawing, way, number, ret);
    TRY(turns_enter(easels, drawing->cancel));
    Err *err = one_draw(drawing, way, number, ret);
    turns_leave(easels);
    return err;
}

Err *art_studio_draw(const Drawing *drawing, Arena *mem, Drawn *ret)
{
    const ArtPlan *plan = drawing->plan;
    const Way way = way_of(drawing);
    AUTO(art_drawn_done) Drawn drawn = {
        .vendor = "builtin",
        .served = "builtin",
        .origin = way_origins[way],
        .vendor_limit = -1,
        .vendor_remaining = -1,
        .usage = art_price_usage(plan, drawing->wish, drawing->price->quality),
    };

    TRY(transparent_check(drawing));
    for (; drawn.count < (size_t)plan->count; drawn.count++)
        TRY(in_turn_draw(drawing, way, (int64_t)drawn.count, &drawn.images[drawn.count]));
    drawn.note = arena_print(
        mem, "%s%s%sThe built-in studio %s.",
        drawing->price->is_asked_for ? "" : "No service is set up here for ",
        drawing->price->is_asked_for ? "" : plan->alias->name,
        drawing->price->is_asked_for ? "" : ". ", way_notes[way]);
    *ret = drawn;
    drawn = (Drawn){0};
    return NULL;
}
