/* From broken rules to a recipe. */
#include "app/remedy.h"

#include <math.h>
#include <string.h>

enum {
    WHITEN_LEVELS = 40, /* a background darker than that is no white that turned out grey */
    QUALITY = 92,
};

/* Which limit of which measure becomes which option of the step comply. */
static const struct {
    Measure measure;
    const char *least, *most; /* NULL where comply cannot help */
    bool is_whole;
} rows[] = {
    {MEASURE_FILL, "fill_least", "fill_most", false},
    {MEASURE_ASPECT, "aspect_least", "aspect_most", false},
    {MEASURE_WIDTH, "width_least_px", "width_most_px", true},
    {MEASURE_SHORTEST, "shortest_least_px", NULL, true},
    {MEASURE_LONGEST, "longest_least_px", "longest_most_px", true},
    {MEASURE_MEGAPIXELS, NULL, "megapixels_most", false},
};

/* More than any file or picture has: an operator's own rules may say anything. */
static const double limit_most = 1e12;

static void limit_set(Value *step, const char *option, double limit, bool is_whole)
{
    if (option && limit > 0)
        value_set(
            step, option,
            is_whole ? value_of_int((int64_t)MIN(limit, limit_most)) : value_of_number(limit));
}

/* A recommended size is no reason to blow a picture up: only what is accepted at all counts as least. */
static double least_accepted(const Ailment *ailment, Measure measure)
{
    const Rule *rules = ailment->platform->rules.items;
    double least = 0;

    for (size_t i = 0; i < ailment->platform->rules.count; i++)
        if ((Measure)rules[i].measure == measure && rules[i].severity == SEVERITY_MUST &&
            market_rule_holds(&rules[i], &ailment->listing))
            least = MAX(least, rules[i].least);
    return least;
}

static bool wants_white(const Ailment *ailment)
{
    double least, most;

    market_limits(ailment->platform, MEASURE_BORDER_WHITE, &ailment->listing, &least, &most);
    return least > 0;
}

static void product_set(const Ailment *ailment, Value *step)
{
    double width = ailment->facts->of[MEASURE_WIDTH].number;
    double height = ailment->facts->of[MEASURE_HEIGHT].number;
    Box box = ailment->subject->box;
    const double parts[] = {
        box.left / width, box.top / height, box.width / width, box.height / height};
    Value *product = value_list();

    for (size_t i = 0; i < COUNT(parts); i++)
        value_add(product, value_of_number(CLAMP(parts[i] * 100, 0.0, 100.0)));
    value_set(step, "product", product);
}

static Value *comply_step(const Ailment *ailment)
{
    Value *step = value_object();

    value_set(step, "step", value_of_text("comply"));
    if (wants_white(ailment))
        value_set(step, "whiten", value_of_int(WHITEN_LEVELS));
    for (size_t i = 0; i < COUNT(rows); i++) {
        double least, most;
        bool is_size = rows[i].is_whole;

        market_limits(ailment->platform, rows[i].measure, &ailment->listing, &least, &most);
        if (is_size)
            least = least_accepted(ailment, rows[i].measure);
        limit_set(step, rows[i].least, least, is_size);
        limit_set(step, rows[i].most, most, is_size);
    }
    if (ailment->subject->by == SUBJECT_BY_CUTOUT)
        product_set(ailment, step);
    return step;
}

/* The picture's own format where it is taken and can be written, else JPEG. */
static const char *format_word(const Ailment *ailment)
{
    const Rule *rules = ailment->platform->rules.items;
    const char *now = image_format_name(ailment->format);

    if (ailment->format == IMAGE_HEIC)
        return "jpeg";
    for (size_t i = 0; i < ailment->platform->rules.count; i++) {
        const Texts *any = &rules[i].any_of;
        bool is_taken = rules[i].measure != MEASURE_FORMAT || any->count == 0 ||
                        !market_rule_holds(&rules[i], &ailment->listing);

        for (size_t word = 0; word < any->count; word++)
            is_taken = is_taken || strcmp(any->items[word], now) == 0;
        if (!is_taken)
            return "jpeg";
    }
    return now;
}

static Value *encode_step(const Ailment *ailment)
{
    Value *step = value_object();
    const char *format = format_word(ailment);
    double least, most;

    market_limits(ailment->platform, MEASURE_BYTES, &ailment->listing, &least, &most);
    /* A photograph of many megabytes as PNG only fits as JPEG. */
    if (most > 0 && ailment->facts->of[MEASURE_BYTES].number > most)
        format = "jpeg";
    value_set(step, "step", value_of_text("encode"));
    value_set(step, "format", value_of_text(format));
    value_set(step, "quality", value_of_int(QUALITY));
    if (most > 0)
        value_set(step, "max_kb", value_of_int((int64_t)MIN(most, limit_most) / 1000));
    if (strcmp(ailment->platform->name, "google") == 0)
        value_set(step, "provenance", value_of_text("google"));
    return step;
}

Value *remedy_recipe(const Ailment *ailment)
{
    Value *recipe = value_object(), *steps = value_list();
    AUTO(arena_free) Arena *mem = arena_new();

    value_add(steps, comply_step(ailment));
    value_add(steps, encode_step(ailment));
    value_set(
        recipe, "name", value_of_text(arena_print(mem, "comply-%s", ailment->platform->name)));
    value_set(recipe, "steps", steps);
    return recipe;
}
