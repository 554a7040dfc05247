/* What of a recipe is paid for, and recipes that show or give less than all of it. */
#include <string.h>

#include "shop/shop_priv.h"

enum {
    PREVIEW_PX = 512,
    PREVIEW_QUALITY = 80
};

static bool is_text(const Value *step, const char *name, const char *text)
{
    const char *found = value_text(value_get(step, name));

    return found && strcmp(found, text) == 0;
}

/* ---- which prices its steps have ---- */

/* The prices that a step of one name may have; PRICE_MAX_ for none: the step changes nothing that is paid for. */

static Price cutout_price(const Value *step, int complexity)
{
    (void)step;
    (void)complexity;
    return PRICE_CUTOUT;
}

/* A set is from the library while nothing but its name (and brand colours) is said. One that is drawn finely is complex, whatever was said. */
static Price backdrop_price(const Value *step, int complexity)
{
    const char *words = value_text(value_get(step, "words"));

    if (is_text(step, "kind", "none"))
        return PRICE_MAX_;
    if (is_text(step, "kind", "solid"))
        return PRICE_BACKDROP_SOLID;
    if (!is_text(step, "kind", "scene"))
        return PRICE_BACKDROP_GRADIENT;
    if (value_text(value_get(step, "scene")) && (!words || !*words))
        return PRICE_BACKDROP_TEMPLATE;
    return complexity == SHOP_COMPLEX || is_text(step, "quality", "fine")
               ? PRICE_BACKDROP_AI_COMPLEX
               : PRICE_BACKDROP_AI_SIMPLE;
}

static bool has_numbers(const Value *step, const char *const *names)
{
    while (*names && value_number(value_get(step, *names)) == 0)
        names++;
    return *names != NULL;
}

/* A mood with numbers beside it is one manual light, as in workflow 3. */
static Price light_price(const Value *step, int complexity)
{
    static const char *const numbers[] = {"brightness", "contrast", "warmth", NULL};

    (void)complexity;
    if (has_numbers(step, numbers))
        return PRICE_LIGHT_MANUAL;
    if (is_text(step, "style", "none"))
        return PRICE_MAX_;
    return is_text(step, "style", "auto") ? PRICE_LIGHT_AUTO : PRICE_LIGHT_PRESET;
}

static Price adjust_price(const Value *step, int complexity)
{
    static const char *const numbers[] = {"brightness", "contrast", "saturation",
                                          "warmth",     "sharpen",  NULL};

    (void)complexity;
    return has_numbers(step, numbers) ? PRICE_LIGHT_MANUAL : PRICE_MAX_;
}

static Price shadow_price(const Value *step, int complexity)
{
    (void)complexity;
    if (is_text(step, "kind", "reflection"))
        return PRICE_SHADOW_REFLECTION;
    return is_text(step, "kind", "drop") ? PRICE_SHADOW_DROP : PRICE_SHADOW_NATURAL;
}

static Price upscale_price(const Value *step, int complexity)
{
    (void)step;
    (void)complexity;
    return PRICE_UPSCALE;
}

/* Steps without a row cost nothing. */
static const struct StepPrice {
    const char *step;
    Price (*price)(const Value *step, int complexity);
} step_prices[] = {
    {"cutout", cutout_price}, {"backdrop", backdrop_price}, {"light", light_price},
    {"adjust", adjust_price}, {"shadow", shadow_price},     {"upscale", upscale_price},
};

static Price price_of_step(const Value *step, int complexity)
{
    for (size_t i = 0; i < COUNT(step_prices); i++)
        if (is_text(step, "step", step_prices[i].step))
            return step_prices[i].price(step, complexity);
    return PRICE_MAX_;
}

/* ---- their sum ---- */

static bool is_light(Price price)
{
    return price == PRICE_LIGHT_AUTO || price == PRICE_LIGHT_PRESET || price == PRICE_LIGHT_MANUAL;
}

typedef struct Paid {
    Price *steps;
    int count;
} Paid;

/* Light is paid for once, however many steps it takes: at the dearest of their prices. */
static MUST Err *price_add(Paid *paid, Price price)
{
    for (int i = 0; is_light(price) && i < paid->count; i++)
        if (is_light(paid->steps[i])) {
            if (price_credits(price) > price_credits(paid->steps[i]))
                paid->steps[i] = price;
            return NULL;
        }
    if (paid->count == PRICE_LINES_MOST)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "more than %d paid steps", PRICE_LINES_MOST),
                "One picture may have %d paid steps at most.", PRICE_LINES_MOST),
            "/steps");
    paid->steps[paid->count++] = price;
    return NULL;
}

static MUST Err *step_text(const Value *step, Buf *buf)
{
    buf->size = 0;
    return value_write(step, VALUE_CANONICAL, buf);
}

/* Does STEP stand in STEPS, option by option? */
static MUST Err *stands_in(const Value *step, const Value *steps, bool *ret)
{
    AUTO(buf_done) Buf wanted = BUF(1 << 20), there = BUF(1 << 20);

    *ret = false;
    TRY(step_text(step, &wanted));
    for (size_t i = 0; !*ret && i < value_count(steps); i++) {
        TRY(step_text(value_at(steps, i), &there));
        *ret = wanted.size == there.size && memcmp(wanted.bytes, there.bytes, there.size) == 0;
    }
    return NULL;
}

Err *steps_unpaid(
    const Recipe *recipe, int complexity, const Value *paid, Price *ret_steps, int *ret_count)
{
    AUTO(value_free) Value *json = recipe_write(recipe);
    const Value *steps = value_get(json, "steps");
    Paid found = {.steps = ret_steps};

    for (size_t i = 0; i < value_count(steps); i++) {
        Price price = price_of_step(value_at(steps, i), complexity);
        bool is_paid = false;

        if (price == PRICE_MAX_)
            continue;
        if (paid)
            TRY(stands_in(value_at(steps, i), value_get(paid, "steps"), &is_paid));
        if (!is_paid)
            TRY(price_add(&found, price));
    }
    *ret_count = found.count;
    return NULL;
}

Err *shop_steps(const Recipe *recipe, int complexity, Price *ret_steps, int *ret_count)
{
    return steps_unpaid(recipe, complexity, NULL, ret_steps, ret_count);
}

/* ---- recipes that give less ---- */

static void value_end(void *value)
{
    value_free(value);
}

static void whole_set(Value *step, const char *name, int64_t number)
{
    value_set(step, name, value_of_int(number));
}

/* The last step, which writes the file; one is added when there is none. */
static Value *encode_of(Value *steps)
{
    size_t count = value_count(steps);

    if (!count || !is_text(value_at(steps, count - 1), "step", "encode")) {
        Value *added = value_object();

        value_set(added, "step", value_of_text("encode"));
        value_add(steps, added);
        count++;
    }
    Value *encode = value_copy(value_at(steps, count - 1));
    value_put(steps, count - 1, encode);
    return encode;
}

const Value *steps_limit_cutout(const Value *recipe, int64_t most_px, Arena *mem)
{
    const Value *steps = value_get(recipe, "steps");
    bool is_cut = false;

    for (size_t i = 0; i < value_count(steps); i++) {
        const Value *step = value_at(steps, i);

        is_cut = is_cut || is_text(step, "step", "cutout");
        if (is_text(step, "step", "upscale") ||
            (is_text(step, "step", "backdrop") && !is_text(step, "kind", "none")))
            return recipe;
    }
    if (!is_cut)
        return recipe;

    Value *limited = value_copy(recipe), *copied = value_copy(steps);
    arena_keep(mem, value_end, limited);
    Value *encode = encode_of(copied);
    int64_t wished_px = value_int(value_get(encode, "longest_most_px"));
    whole_set(encode, "longest_most_px", wished_px ? MIN(wished_px, most_px) : most_px);
    value_set(limited, "steps", copied);
    return limited;
}

static void place_shrink(Value *step)
{
    int64_t width = value_int(value_get(step, "width_px"));
    int64_t height = value_int(value_get(step, "height_px"));
    int64_t longer = MAX(width, height);

    if (!width || !height || longer <= PREVIEW_PX)
        return;
    whole_set(step, "width_px", MAX(width * PREVIEW_PX / longer, (int64_t)1));
    whole_set(step, "height_px", MAX(height * PREVIEW_PX / longer, (int64_t)1));
}

static void step_preview(Value *step)
{
    if (is_text(step, "step", "cutout"))
        value_set(step, "mode", value_of_text("preview"));
    if (is_text(step, "step", "place"))
        place_shrink(step);
    if (is_text(step, "step", "backdrop") && is_text(step, "kind", "scene"))
        value_set(step, "quality", value_of_text("draft"));
    if (is_text(step, "step", "comply")) {
        whole_set(step, "width_least_px", 0);
        whole_set(step, "shortest_least_px", 0);
        whole_set(step, "longest_least_px", 0);
    }
}

/* Seen on white and on black alike, too often to be cut away, and faint enough for the look beneath to be judged. */
static Value *preview_mark(void)
{
    Value *mark = value_object();

    value_set(mark, "step", value_of_text("watermark"));
    value_set(mark, "text", value_of_text("PREVIEW"));
    value_set(mark, "position", value_of_text("tiled"));
    value_set(mark, "colour", value_of_text("#808080"));
    whole_set(mark, "opacity", 26);
    whole_set(mark, "size", 5);
    return mark;
}

Err *shop_preview_recipe(const Value *recipe, Arena *mem, const Value **ret)
{
    AUTO(value_free) Value *whole = value_copy(value_get(recipe, "steps"));
    Value *preview = value_copy(recipe), *steps = value_list();
    Value *encode = encode_of(whole);

    arena_keep(mem, value_end, preview);
    for (size_t i = 0; i + 1 < value_count(whole); i++) {
        if (is_text(value_at(whole, i), "step", "upscale") ||
            is_text(value_at(whole, i), "step", "check"))
            continue;
        Value *step = value_copy(value_at(whole, i));

        step_preview(step);
        value_add(steps, step);
    }
    whole_set(encode, "longest_most_px", PREVIEW_PX);
    whole_set(encode, "quality", PREVIEW_QUALITY);
    whole_set(encode, "max_kb", 0);
    value_add(steps, preview_mark());
    value_add(steps, value_ref(encode));
    value_set(preview, "steps", steps);

    AUTO(recipe_free) Recipe *readable = NULL;
    TRY(recipe_read(preview, &readable));
    *ret = preview;
    return NULL;
}
