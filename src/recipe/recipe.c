/* An ordered list of steps with options. */
#include "recipe/recipe.h"

#include <string.h>

#include "base/embed.h"
#include "base/file.h"

extern const Embedded embedded_recipes[], embedded_templates[];

enum {
    STEPS_MAX = 40,
    RECIPE_BYTES_MAX = 1 << 20
};

typedef struct RecipeStep {
    const Step *step;
    void *options;
    Value *json; /* as given, without the step's name: what overrides are set on */
} RecipeStep;

struct Recipe {
    Arena *mem;
    RecipeFacts facts;
    Value *document; /* raw values in options are borrowed from it */
    RecipeStep steps[STEPS_MAX];
    size_t count;
};

/* The words around the steps. The steps themselves are read one by one: each has its own shape. */
static const Field RecipeFacts_fields[] = {
    {FIELD_TEXT(RecipeFacts, name), .help = "Short name, as on the command line", .preset = "",
     .max = 64},
    {FIELD_TEXT(RecipeFacts, title), .help = "Title people see", .preset = "", .max = 100},
    {FIELD_TEXT(RecipeFacts, description), .help = "What it is for, in a sentence or two",
     .preset = "", .max = 500},
    {FIELD_TEXT(RecipeFacts, category), .help = "studio, lifestyle, ecommerce or seasonal",
     .preset = "", .max = 40},
    {FIELD_TEXT(RecipeFacts, platform), .help = "Shop or network it is made for", .preset = "",
     .max = 40},
    {FIELD_TEXT(RecipeFacts, aspect), .help = "Shape of the picture, such as 1:1", .preset = "",
     .max = 10},
    {FIELD_TEXTS(RecipeFacts, tags), .help = "Words to find it by", .preset = "", .max = 30},
    {FIELD_INT(RecipeFacts, width_px), .help = "Recommended width", .preset = "0", .max = 8192,
     .unit = "px"},
    {FIELD_INT(RecipeFacts, height_px), .help = "Recommended height", .preset = "0", .max = 8192,
     .unit = "px"},
    {FIELD_BOOL(RecipeFacts, featured), .help = "Shown first", .preset = "false"},
    {FIELD_BOOL(RecipeFacts, premium), .help = "For paying plans", .preset = "false"},
    {FIELD_VALUE(RecipeFacts, steps),
     .help = "What is done, in order: objects with a step's name and its options"},
    {FIELD_END},
};
static const Shape facts_shape = SHAPE(RecipeFacts);

const Step *step_find(const char *name)
{
    for (size_t i = 0; recipe_steps[i]; i++)
        if (strcmp(recipe_steps[i]->name, name) == 0)
            return recipe_steps[i];
    return NULL;
}

static const char *step_nearest(const char *name)
{
    const char *names[STEPS_MAX];
    size_t count = 0;

    while (recipe_steps[count]) {
        names[count] = recipe_steps[count]->name;
        count++;
    }
    return shape_nearest(name, names, count);
}

static MUST Err *step_name_read(const Value *json, const Step **ret)
{
    const char *name = value_text(value_get(json, "step"));

    if (!name)
        return err_public(
            err_new(ERR_INPUT_MISSING, "a step of the recipe has no name"),
            "Each step must be an object that says which step it is: {\"step\": \"cutout\"}.");

    *ret = step_find(name);
    if (*ret)
        return NULL;

    const char *near = step_nearest(name);
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "unknown step '%s'", name),
            "There is no step '%s'.%s%s%s Run 'cyclorama steps' to see all.", name,
            near ? " Did you mean '" : "", near ? near : "", near ? "'?" : ""),
        "/step");
}

static MUST Err *options_read(Recipe *recipe, RecipeStep *step)
{
    TRY(shape_read(&step->step->options, step->json, recipe->mem, step->options));
    return step->step->check ? step->step->check(step->options) : NULL;
}

static MUST Err *step_read(Recipe *recipe, const Value *json, RecipeStep *ret)
{
    TRY(step_name_read(json, &ret->step));
    ret->options = arena_take(recipe->mem, ret->step->options.size);
    ret->json = value_object();
    for (ValueMember m = value_first(json); m.name; m = value_next(json, m))
        if (strcmp(m.name, "step") != 0)
            value_set(ret->json, m.name, value_copy(m.value));
    return options_read(recipe, ret);
}

/* PHASE is the latest so far. */
static MUST Err *phase_check(const Recipe *recipe, size_t index, StepPhase *phase)
{
    const Step *step = recipe->steps[index].step;

    if (step->phase == PHASE_ANY)
        return NULL;
    if (step->phase >= *phase && *phase != PHASE_FILE) {
        *phase = step->phase;
        return NULL;
    }

    size_t before = index - 1;
    while (recipe->steps[before].step->phase <= step->phase && before > 0)
        before--;
    const char *other = recipe->steps[before].step->name;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "step '%s' follows '%s'", step->name, other),
            "The step '%s' must stand before '%s': after it, it could not be seen.", step->name,
            other),
        "/step");
}

static MUST Err *steps_read(Recipe *recipe, const Value *steps)
{
    if (value_kind(steps) != VALUE_LIST || value_count(steps) == 0 ||
        value_count(steps) > STEPS_MAX)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "steps must be a list of 1 to %d", STEPS_MAX),
                "A recipe needs a list of 1 to %d steps.", STEPS_MAX),
            "/steps");

    StepPhase phase = PHASE_ANY;
    for (size_t i = 0; i < value_count(steps); i++) {
        recipe->count = i + 1;
        TRY(err_under(step_read(recipe, value_at(steps, i), &recipe->steps[i]), "/steps/%zu", i));
        TRY(err_under(phase_check(recipe, i, &phase), "/steps/%zu", i));
    }
    return NULL;
}

Err *recipe_read(const Value *json, Recipe **ret)
{
    AUTO(recipe_free) Recipe *recipe = calloc(1, sizeof(*recipe));

    if (!recipe)
        abort();
    recipe->mem = arena_new();
    recipe->document = value_copy(json);
    TRY(shape_read(&facts_shape, recipe->document, recipe->mem, &recipe->facts));
    TRY(steps_read(recipe, recipe->facts.steps));
    *ret = TAKE(recipe);
    return NULL;
}

void recipe_free(Recipe *recipe)
{
    if (!recipe)
        return;
    for (size_t i = 0; i < recipe->count; i++)
        value_free(recipe->steps[i].json);
    value_free(recipe->document);
    arena_free(recipe->mem);
    free(recipe);
}

static MUST Err *embedded_read(const Embedded *row, Recipe **ret)
{
    AUTO(value_free) Value *json = NULL;

    TRY(value_parse((const char *)row->bytes, row->size, &json));
    return recipe_read(json, ret);
}

static void names_add(const Embedded *rows, const char **names, size_t *count)
{
    for (const Embedded *row = rows; row->name; row++)
        names[(*count)++] = row->name;
}

static size_t rows_count(const Embedded *rows)
{
    size_t count = 0;

    while (rows[count].name)
        count++;
    return count;
}

Err *recipe_find(const char *name, Recipe **ret)
{
    const Embedded *row = embed_find(embedded_recipes, name);

    if (!row)
        row = embed_find(embedded_templates, name);
    if (row)
        return embedded_read(row, ret);

    AUTO(arena_free) Arena *mem = arena_new();
    size_t count = 0;
    const char **names = ARENA_ARRAY(
        mem, const char *, rows_count(embedded_recipes) + rows_count(embedded_templates));
    names_add(embedded_recipes, names, &count);
    names_add(embedded_templates, names, &count);
    const char *near = shape_nearest(name, names, count);
    return err_public(
        err_new(ERR_NOT_FOUND, "no recipe or template is called '%s'", name),
        "There is no template or recipe called '%s'.%s%s%s Run 'cyclorama templates' to see all.",
        name, near ? " Did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static const char *const *names_of(const Embedded *rows, Arena *mem)
{
    size_t count = 0;
    const char **names = ARENA_ARRAY(mem, const char *, rows_count(rows) + 1);

    names_add(rows, names, &count);
    return names;
}

const char *const *recipe_names(Arena *mem)
{
    return names_of(embedded_recipes, mem);
}

const char *const *template_names(Arena *mem)
{
    return names_of(embedded_templates, mem);
}

const RecipeFacts *recipe_facts(const Recipe *recipe)
{
    return &recipe->facts;
}

size_t recipe_step_count(const Recipe *recipe)
{
    return recipe->count;
}

const Step *recipe_step(const Recipe *recipe, size_t index)
{
    return recipe->steps[index].step;
}

const void *recipe_options(const Recipe *recipe, size_t index)
{
    return recipe->steps[index].options;
}

Value *recipe_write(const Recipe *recipe)
{
    Value *json = shape_write(&facts_shape, &recipe->facts), *steps = value_list();

    for (size_t i = 0; i < recipe->count; i++) {
        const RecipeStep *step = &recipe->steps[i];
        Value *options = shape_write(&step->step->options, step->options);
        Value *named = value_object();

        value_set(named, "step", value_of_text(step->step->name));
        for (ValueMember m = value_first(options); m.name; m = value_next(options, m))
            value_set(named, m.name, value_ref(m.value));
        value_free(options);
        value_add(steps, named);
    }
    value_set(json, "steps", steps);
    return json;
}

Err *recipe_set_option(
    Recipe *recipe, const char *step, const char *option, const char *words, bool *ret_found)
{
    *ret_found = false;
    for (size_t i = 0; i < recipe->count; i++) {
        RecipeStep *at = &recipe->steps[i];
        Value *value = NULL;

        if (strcmp(at->step->name, step) != 0)
            continue;

        const Field *field = shape_find(&at->step->options, option);
        if (!field)
            return err_public(
                err_new(ERR_INPUT_INVALID, "step '%s' has no option '%s'", step, option),
                "The step '%s' has no option '%s'. Run 'cyclorama steps %s' to see them.", step,
                option, step);
        TRY(shape_parse_words(field, words, &value));
        value_set(at->json, field->name, value);
        TRY(options_read(recipe, at));
        *ret_found = true;
    }
    return NULL;
}

Err *recipe_set(Recipe *recipe, const char *assignment)
{
    const char *dot = strchr(assignment, '.');
    const char *equals = dot ? strchr(dot, '=') : NULL;
    bool found;

    if (!equals)
        return err_public(
            err_new(ERR_INPUT_INVALID, "'%s' is not step.option=value", assignment),
            "'%s' cannot be set. Write step.option=value, such as place.fill=70.", assignment);

    const char *step = arena_text_n(recipe->mem, assignment, (size_t)(dot - assignment));
    const char *option = arena_text_n(recipe->mem, dot + 1, (size_t)(equals - dot - 1));
    TRY(recipe_set_option(recipe, step, option, equals + 1, &found));
    if (found)
        return NULL;

    bool exists = step_find(step) != NULL;
    const char *near = step_nearest(step);
    return err_public(
        err_new(ERR_INPUT_INVALID, "the recipe has no step '%s'", step),
        exists ? "This recipe has no step '%s', so its options cannot be set.%s%s%s"
               : "There is no step '%s'.%s%s%s",
        step, !exists && near ? " Did you mean '" : "", !exists && near ? near : "",
        !exists && near ? "'?" : "");
}

static Value *step_schema(const Step *step)
{
    Value *schema = shape_schema(&step->options), *name = value_object();
    Value *properties = (Value *)(uintptr_t)value_get(schema, "properties");

    value_set(name, "const", value_of_text(step->name));
    value_set(properties, "step", name);
    value_set(schema, "title", value_of_text(step->name));
    value_set(schema, "description", value_of_text(step->summary));
    if (!value_get(schema, "required"))
        value_set(schema, "required", value_list());
    value_add((Value *)(uintptr_t)value_get(schema, "required"), value_of_text("step"));
    return schema;
}

Value *recipe_schema(void)
{
    Value *schema = shape_schema(&facts_shape), *steps = value_object(), *items = value_object();
    Value *kinds = value_list();

    for (size_t i = 0; recipe_steps[i]; i++)
        value_add(kinds, step_schema(recipe_steps[i]));
    value_set(items, "oneOf", kinds);
    value_set(steps, "type", value_of_text("array"));
    value_set(steps, "minItems", value_of_int(1));
    value_set(steps, "maxItems", value_of_int(STEPS_MAX));
    value_set(steps, "items", items);
    value_set((Value *)(uintptr_t)value_get(schema, "properties"), "steps", steps);
    value_set(schema, "title", value_of_text("Recipe"));
    value_set(schema, "$schema", value_of_text("https://json-schema.org/draft/2020-12/schema"));
    return schema;
}
