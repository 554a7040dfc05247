/* A product of the program's own, from share/products: bodies as in a scene, but with nothing around them. */
#include "recipe/sample.h"

#include <assert.h>
#include <string.h>

#include "base/embed.h"
#include "matte/matte.h"
#include "scene/scene.h"

extern const Embedded embedded_products[];

enum {
    MARGIN_PERCENT = 5,
    VISIBLE_ALPHA = 8,
    DRAWING = 1, /* raised when the same bodies give another picture */
};

/* Words printed on the product: where their middle and top lie and how high they are, in thousandths of the frame. */
static const struct Print {
    const char *words, *font;
    int centre, top, height;
    Colour ink;
} prints[] = {
    {"CYCLO", "sans bold", 375, 706, 44, {92, 44, 26, 255}},
    {"serum no. 1", "sans", 375, 752, 24, {92, 44, 26, 255}},
};

/* OBJECT.NAME of a value that is ours alone to change. */
static Value *member_mut(Value *object, const char *name)
{
    return (Value *)(uintptr_t)value_get(object, name);
}

/* The bodies of PRODUCT in black before a white sky, developed without any taste: each pixel then says how much of it they leave
 * free. */
static MUST Err *outline_scene(const Value *product, Value **ret)
{
    static const char bare[] = "{\"sky\": {\"top\": \"white\", \"horizon\": \"white\", \"bottom\": "
                               "\"white\", \"gain\": 1},"
                               " \"tone\": {\"kind\": \"plain\", \"bloom\": 0, \"vignette\": 0, "
                               "\"grain\": 0}, \"lamps\": []}";
    AUTO(value_free) Value *scene = value_copy(product), *plain = NULL;

    TRY(value_parse(bare, sizeof bare - 1, &plain));
    for (ValueMember m = value_first(plain); m.name; m = value_next(plain, m))
        value_set(scene, m.name, value_ref(m.value));
    Value *paints = member_mut(scene, "paints");
    for (size_t i = 0; i < value_count(paints); i++) {
        Value *black = value_object();

        value_set(black, "name", value_ref(value_get(value_at(paints, i), "name")));
        value_set(black, "colour", value_of_text("black"));
        value_set(black, "specular", value_of_int(0));
        value_set(black, "rough", value_of_int(1));
        value_put(paints, i, black);
    }
    *ret = TAKE(scene);
    return NULL;
}

static MUST Err *scene_picture(const Value *json, const SampleWish *wish, Image **ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_shot_done) SceneShot shot = {0};
    const Scene *scene;
    int margin = wish->side_px * MARGIN_PERCENT / 100, inner = wish->side_px - 2 * margin;
    SceneView view = {
        .width_px = wish->side_px,
        .height_px = wish->side_px,
        .threads = wish->threads,
        .quality = SCENE_NORMAL,
        .product_box = {margin, margin, inner, inner},
        .cancel = wish->cancel,
    };

    TRY(scene_read(json, mem, &scene));
    TRY(scene_render(scene, &view, &shot));
    *ret = TAKE(shot.picture);
    return NULL;
}

/* One channel: what is black in PICTURE, by light and not by number. */
static MUST Err *darkness(const Image *picture, Image **ret)
{
    AUTO(image_free) Image *mask = NULL;
    int width = image_width(picture), height = image_height(picture);

    TRY(image_new(width, height, 1, DEPTH_8, &mask));
    for (int y = 0; y < height; y++) {
        const uint8_t *from = image_row(picture, y);
        uint8_t *to = image_row_mut(mask, y);

        for (int x = 0; x < width; x++)
            to[x] = (uint8_t)(255.5f * (1 - colour_linear(from[x * 3])));
    }
    *ret = TAKE(mask);
    return NULL;
}

static MUST Err *words_print(const struct Print *print, Image *picture)
{
    AUTO(image_free) Image *mask = NULL;
    int side = image_width(picture);

    TRY(image_text(print->words, print->font, MAX(print->height * side / 1000, 8), &mask));
    image_ink(
        picture, mask, print->centre * side / 1000 - image_width(mask) / 2,
        print->top * side / 1000, print->ink);
    return NULL;
}

static const Embedded *product_row(void)
{
    const Embedded *row = embed_find(embedded_products, "serum");

    assert(row);
    return row;
}

Hash sample_identity(void)
{
    AUTO(hasher_free) Hasher *hasher = hasher_new();
    const Embedded *row = product_row();

    hasher_add_number(hasher, DRAWING);
    hasher_add(hasher, row->bytes, row->size);
    return hasher_done(hasher);
}

Err *sample_draw(const SampleWish *wish, Image **ret)
{
    const Embedded *row = product_row();
    MatteOptions matte = matte_options_default;
    AUTO(value_free) Value *product = NULL, *outline = NULL;
    AUTO(image_free) Image *picture = NULL, *black = NULL, *mask = NULL, *whole = NULL;
    Box box;

    matte.threads = wish->threads;
    matte.cancel = wish->cancel;
    TRY(value_parse((const char *)row->bytes, row->size, &product));
    TRY(outline_scene(product, &outline));
    TRY(scene_picture(product, wish, &picture));
    TRY(scene_picture(outline, wish, &black));
    TRY(darkness(black, &mask));
    for (size_t i = 0; i < COUNT(prints); i++)
        TRY(words_print(&prints[i], picture));
    TRY(matte_decontaminate(picture, mask, &matte, &whole));
    TRY(image_alpha_box(whole, VISIBLE_ALPHA, &box));
    return image_crop(whole, box, ret);
}

/* What its step `place` says; the recommended size where that says nothing. */
static void frame_find(const Recipe *recipe, int *width, int *height)
{
    const RecipeFacts *facts = recipe_facts(recipe);
    AUTO(value_free) Value *json = recipe_write(recipe);
    const Value *steps = value_get(json, "steps");

    *width = (int)facts->width_px;
    *height = (int)facts->height_px;
    for (size_t i = 0; i < value_count(steps); i++) {
        const Value *step = value_at(steps, i);

        if (strcmp(value_text(value_get(step, "step")), "place") != 0)
            continue;
        if (value_int(value_get(step, "width_px")))
            *width = (int)value_int(value_get(step, "width_px"));
        if (value_int(value_get(step, "height_px")))
            *height = (int)value_int(value_get(step, "height_px"));
    }
}

static MUST Err *frame_side_set(Recipe *recipe, const char *option, int px)
{
    char words[16];
    bool found;

    snprintf(words, sizeof words, "%d", px);
    return recipe_set_option(recipe, "place", option, words, &found);
}

Err *sample_frame(Recipe *recipe, int side_px)
{
    int width, height;

    frame_find(recipe, &width, &height);
    if (!width || !height)
        width = height = side_px;
    double scale = MIN((double)side_px / MAX(width, height), 1);
    TRY(frame_side_set(recipe, "width_px", MAX((int)(width * scale + 0.5), 1)));
    return frame_side_set(recipe, "height_px", MAX((int)(height * scale + 0.5), 1));
}
