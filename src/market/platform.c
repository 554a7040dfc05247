/* Platforms and their rules, from JSON. */
#include <string.h>

#include "base/embed.h"
#include "base/file.h"
#include "market/market.h"

extern const Embedded embedded_platforms[];

enum {
    PLATFORMS_MAX = 64,
    PLATFORM_BYTES_MAX = 1 << 20
};

const char *const market_slot_names[] = {"any", "main", "second", NULL};
const char *const market_severity_names[] = {"should", "must", NULL};
const char *const market_grade_names[] = {"official", "secondary", "unconfirmed", NULL};

/* The names of market_measures, as a field wants them; a test holds the two together. */
const char *const market_measure_names[] = {
    "width_px",
    "height_px",
    "longest_px",
    "shortest_px",
    "megapixels",
    "aspect",
    "bytes",
    "format",
    "ending",
    "colours",
    "frames",
    "opaque_percent",
    "border_white_percent",
    "ground_white_percent",
    "corner",
    "ground_mean",
    "ground_even_percent",
    "fill_percent",
    "area_percent",
    "cut_sides",
    "pieces",
    "texts",
    "watermarks",
    "frame_sides",
    "panels",
    "digital_source_type",
    NULL,
};

static const Field Rule_fields[] = {
    {FIELD_TEXT(Rule, rule), .help = "Its name", .max = 60},
    {FIELD_NAME(Rule, slot, market_slot_names),
     .help = "Of which pictures of a listing it is asked: the main one, those behind it, or any",
     .preset = "any"},
    {FIELD_NAME(Rule, measure, market_measure_names), .help = "What is measured"},
    {FIELD_NUMBER(Rule, least), .help = "The least that is accepted", .preset = "-1"},
    {FIELD_NUMBER(Rule, most), .help = "The most that is accepted", .preset = "-1"},
    {FIELD_TEXTS(Rule, any_of), .help = "Words of which it must be one", .optional = true,
     .max = 30},
    {FIELD_TEXTS(Rule, none_of), .help = "Words of which it must be none", .optional = true,
     .max = 30},
    {FIELD_NAME(Rule, severity, market_severity_names),
     .help = "Whether a picture that breaks it fails", .preset = "must"},
    {FIELD_TEXT(Rule, say), .help = "What to do when it is broken: a sentence", .max = 500},
    {FIELD_TEXT(Rule, source), .help = "Who says so", .max = 500},
    {FIELD_NAME(Rule, grade, market_grade_names), .help = "How sure that is"},
    {FIELD_TEXT(Rule, checked_on), .help = "When the source was last read: a day", .max = 10},
    {FIELD_TEXT(Rule, from), .help = "First day on which it holds", .preset = "", .max = 10},
    {FIELD_TEXT(Rule, until), .help = "First day on which it no longer holds", .preset = "",
     .max = 10},
    {FIELD_END},
};
static const Shape rule_shape = SHAPE(Rule);

static const Field Form_fields[] = {
    {FIELD_TEXT(Form, form), .help = "Its name, such as 1x1", .max = 20, .letters = "a-z0-9_"},
    {FIELD_INT(Form, width_px), .help = "Width", .min = 1, .max = 8192, .unit = "px"},
    {FIELD_INT(Form, height_px), .help = "Height", .min = 1, .max = 8192, .unit = "px"},
    {FIELD_INT(Form, quality), .help = "Quality of a JPEG", .preset = "92", .min = 1, .max = 100},
    {FIELD_INT(Form, whiten),
     .help = "A plain background no darker than so many levels below white becomes pure white",
     .preset = "0", .max = 64},
    {FIELD_COLOUR(Form, ground), .help = "What stands behind a product on a transparent ground",
     .preset = "white"},
    {FIELD_TEXT(Form, use), .help = "What it is for", .preset = "", .max = 100},
    {FIELD_END},
};
const Shape market_form_shape = SHAPE(Form);

static const Field Platform_fields[] = {
    {FIELD_TEXT(Platform, name), .help = "Short name, as on the command line", .max = 40},
    {FIELD_TEXT(Platform, title), .help = "What people call it", .max = 100},
    {FIELD_TEXT(Platform, about), .help = "What no rule can say", .preset = "", .max = 1000},
    {FIELD_INT(Platform, version), .help = "Raised with every change", .min = 1, .max = 1000000},
    {FIELD_INT(Platform, width_px), .help = "Best width of a picture for it", .min = 1, .max = 8192,
     .unit = "px"},
    {FIELD_INT(Platform, height_px), .help = "Best height of a picture for it", .min = 1,
     .max = 8192, .unit = "px"},
    {FIELD_TEXT(Platform, format), .help = "Best kind of file", .max = 10},
    {FIELD_LIST(Platform, rules, &rule_shape), .help = "Its rules", .max = 100},
    {FIELD_LIST(Platform, forms, &market_form_shape),
     .help = "Sizes that it shows pictures in; the best one alone when none are given",
     .optional = true, .max = 20},
    {FIELD_END},
};
const Shape market_platform_shape = SHAPE(Platform);

const char *const *market_platform_names(Arena *mem)
{
    const char **names = ARENA_ARRAY(mem, const char *, PLATFORMS_MAX + 1);
    size_t count = 0;

    for (const Embedded *row = embedded_platforms; row->name && count < PLATFORMS_MAX; row++)
        names[count++] = row->name;
    return names;
}

static MUST Err *name_unknown(const char *name, Arena *mem)
{
    const char *const *names = market_platform_names(mem);
    const char *all = "";
    size_t count = 0;

    for (; names[count]; count++)
        all = arena_print(mem, "%s%s%s", all, count ? ", " : "", names[count]);
    const char *near = shape_nearest(name, names, count);
    return err_public(
        err_new(ERR_NOT_FOUND, "no platform is called '%s'", name),
        "There is no platform called '%s'.%s%s%s Known are %s; or all.", name,
        near ? " Did you mean '" : "", near ? near : "", near ? "'?" : "", all);
}

/* A rule needs a limit, and one that its measure can be held against. */
static MUST Err *rules_check(const Platform *platform)
{
    const Rule *rules = platform->rules.items;

    for (size_t i = 0; i < platform->rules.count; i++) {
        const Rule *rule = &rules[i];
        bool has_words = rule->any_of.count || rule->none_of.count;
        bool has_numbers = rule->least >= 0 || rule->most >= 0;

        if (has_words == has_numbers || has_words != market_measures[rule->measure].is_word)
            return err_field(
                err_public(
                    err_new(ERR_INPUT_INVALID, "rule '%s' has no fitting limit", rule->rule),
                    "The rule '%s' needs %s.", rule->rule,
                    market_measures[rule->measure].is_word ? "any_of or none_of" : "least or most"),
                "/rules/%zu", i);
    }
    return NULL;
}

static void forms_settle(Platform *platform, Arena *mem)
{
    Form *only;

    if (platform->forms.count)
        return;
    only = ARENA_ARRAY(mem, Form, 1);
    *only = (Form){
        .form = "best",
        .width_px = platform->width_px,
        .height_px = platform->height_px,
        .quality = 92,
        .ground = {255, 255, 255, 255},
        .use = "",
    };
    platform->forms = (List){only, 1};
}

static MUST Err *
platform_read(const void *bytes, size_t size, Arena *mem, Value **ret_json, Platform *ret)
{
    AUTO(value_free) Value *json = NULL;

    TRY(value_parse(bytes, size, &json));
    TRY(shape_read(&market_platform_shape, json, mem, ret));
    TRY(rules_check(ret));
    forms_settle(ret, mem);
    *ret_json = TAKE(json);
    return NULL;
}

Err *market_find_platform(
    const char *name, const char *folder, Arena *mem, Value **ret_json, Platform *ret)
{
    const char *path =
        folder ? path_join(mem, folder, arena_print(mem, "%s.json", path_name(name))) : NULL;
    const Embedded *row = embed_find(embedded_platforms, name);

    if (path && file_exists(path)) {
        AUTO(buf_done) Buf text = BUF(PLATFORM_BYTES_MAX);

        TRY(file_read(path, &text));
        Err *err = platform_read(text.bytes, text.size, mem, ret_json, ret);
        const char *said = err ? arena_text(mem, err_text(err)) : NULL;
        return err ? err_public(err, "%s: %s", path, said) : NULL;
    }
    if (!row)
        return name_unknown(name, mem);
    return platform_read(row->bytes, row->size, mem, ret_json, ret);
}
