/* What a run's picture is to look like: the run's words, the brand's, a scene's name, or the house's own set. */
#include <string.h>

#include "recipe/describe.h"
#include "run/run_priv.h"

const char *const look_scenes[] = {"living_room", "bedroom", "kitchen", "patio", "office", NULL};

static const Field Look_fields[] = {
    {FIELD_TEXT(Look, recipe), .help = "Built-in recipe", .preset = ""},
    {FIELD_TEXT(Look, scene), .help = "Built-in scene", .preset = ""},
    {FIELD_TEXT(Look, words), .help = "What the set is like", .preset = ""},
    {FIELD_TEXTS(Look, palette), .help = "Colours of the set", .preset = ""},
    {FIELD_BOOL(Look, is_free), .help = "The words choose the set", .preset = "false"},
    {FIELD_BOOL(Look, is_upscaled), .help = "The picture is enlarged", .preset = "true"},
    {FIELD_INT(Look, seed), .help = "0 is the look as designed", .preset = "0"},
    {FIELD_VALUE(Look, given), .help = "The whole recipe instead", .optional = true},
    {FIELD_END},
};
const Shape look_shape = SHAPE(Look);

enum {
    LOOK_BYTES_MAX = 16 << 10,
    GIVEN_BYTES_MAX = 1 << 20
};

/* WORDS and MORE, as long as that is not too long; what does not fit is left out whole. */
static const char *words_join(const char *words, const char *more, Arena *mem)
{
    if (!more || !*more || strlen(words) + strlen(more) + 2 > PROMPT_BYTES_MAX)
        return words;
    return *words ? arena_print(mem, "%s, %s", words, more) : more;
}

/* As text in MEM. */
static MUST Err *json_keep(const Value *json, size_t most_bytes, Arena *mem, const char **ret)
{
    AUTO(buf_done) Buf text = BUF(most_bytes);

    TRY(value_write(json, VALUE_COMPACT, &text));
    *ret = arena_text(mem, buf_text(&text));
    return NULL;
}

static bool is_said(const char *text)
{
    return text && *text;
}

Err *look_write(const LookWish *wish, Arena *mem, const char **ret)
{
    const Brand *brand = wish->brand;
    const char *prompt = is_said(wish->scene_prompt) ? wish->scene_prompt
                         : brand                     ? brand->scene_prompt
                                                     : "";
    Look look = {
        .recipe = wish->recipe_name,
        .scene = is_said(wish->scene_type) && !is_said(wish->scene_prompt) ? wish->scene_type : "",
        .words = prompt,
        .is_free = is_said(prompt),
        .is_upscaled = wish->is_upscaled,
        .seed = wish->seed,
    };

    if (brand) {
        for (size_t i = 0; i < brand->style_keywords.count; i++)
            look.words = words_join(look.words, brand->style_keywords.items[i], mem);
        look.words = words_join(look.words, brand->mood, mem);
        look.palette = brand->color_palette;
        look.palette.count = MIN(look.palette.count, (size_t)PALETTE_MOST);
    }

    AUTO(value_free) Value *json = shape_write(&look_shape, &look);
    return json_keep(json, LOOK_BYTES_MAX, mem, ret);
}

Err *look_write_given(const Value *recipe, int64_t seed, Arena *mem, const char **ret)
{
    Look look = {.recipe = "", .scene = "", .words = "", .seed = seed, .given = recipe};
    AUTO(value_free) Value *json = shape_write(&look_shape, &look);

    return json_keep(json, GIVEN_BYTES_MAX, mem, ret);
}

/* The recipe called NAME, without the steps called WITHOUT unless that is NULL. */
static MUST Err *recipe_open(const char *name, const char *without, Recipe **ret)
{
    AUTO(recipe_free) Recipe *whole = NULL;
    AUTO(value_free) Value *json = NULL;
    Value *left = value_list();

    TRY(recipe_find(name, &whole));
    json = recipe_write(whole);
    const Value *steps = value_get(json, "steps");
    for (size_t i = 0; i < value_count(steps); i++) {
        const Value *step = value_at(steps, i);

        if (!without || strcmp(value_text(value_get(step, "step")), without) != 0)
            value_add(left, value_ref(step));
    }
    value_set(json, "steps", left);
    return recipe_read(json, ret);
}

Err *look_compose(const Value *json, Recipe **ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(recipe_free) Recipe *recipe = NULL;
    Look look;

    TRY(shape_read(&look_shape, json, mem, &look));
    if (value_kind(look.given) == VALUE_OBJECT)
        return recipe_read(look.given, ret);
    TRY(recipe_open(look.recipe, look.is_upscaled ? NULL : "upscale", &recipe));
    if (*look.scene || *look.words || look.palette.count)
        TRY(recipe_describe(
            recipe,
            &(SetWish){
                .scene = *look.scene ? look.scene : NULL,
                .words = look.words,
                .palette = look.palette,
                .seed = (uint64_t)look.seed,
                .keeps_own = !look.is_free && !*look.scene,
            },
            mem, NULL));
    *ret = TAKE(recipe);
    return NULL;
}

Err *look_check(LookNames *names, const char *scene)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(recipe_free) Recipe *recipe = NULL;

    for (size_t i = 0; scene && i < names->count; i++)
        if (strcmp(names->good[i], scene) == 0)
            return NULL;
    TRY(recipe_find(names->recipe, &recipe));
    if (!scene)
        return NULL;
    TRY(recipe_describe(recipe, &(SetWish){.scene = scene}, mem, NULL));
    if (names->count < COUNT(names->good))
        names->good[names->count++] = scene;
    return NULL;
}
