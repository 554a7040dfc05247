/* cyclorama steps, cyclorama schema: what recipes are made of, from the shapes that read them. */
#include <string.h>

#include "app/command.h"
#include "recipe/recipe.h"
#include "scene/scene.h"

enum {
    WIDTH = 80,
    INDENT = 6
};

typedef struct StepsOptions {
    bool json;
} StepsOptions;

static const Field StepsOptions_fields[] = {
    {FIELD_BOOL(StepsOptions, json), .help = "Write the JSON Schema of the options",
     .preset = "false"},
    {FIELD_END},
};

static const char *preset_words(const Field *field)
{
    if (!field->preset)
        return field->optional ? "none" : "required";
    return *field->preset ? field->preset : "empty";
}

static void option_print(const Field *field, FILE *out)
{
    AUTO(arena_free) Arena *mem = arena_new();

    fprintf(out, "  %s\n%*s", field->name, INDENT, "");
    help_wrap(out, INDENT, WIDTH, field->help);
    fprintf(out, "%*s", INDENT, "");
    help_wrap(
        out, INDENT, WIDTH,
        arena_print(
            mem, "%s; %s%s", shape_accepts(field, mem), field->preset ? "default " : "",
            preset_words(field)));
}

static void step_print(const Step *step, FILE *out)
{
    fprintf(out, "%s: %s\n", step->name, step->summary);
    if (step->options.fields[0].name)
        fprintf(out, "\nOptions, as in a recipe or after --set %s.\n", step->name);
    for (const Field *field = step->options.fields; field->name; field++)
        option_print(field, out);
}

static Value *step_schema(const Step *step)
{
    Value *schema = shape_schema(&step->options);

    value_set(schema, "title", value_of_text(step->name));
    value_set(schema, "description", value_of_text(step->summary));
    return schema;
}

static MUST Err *step_get(const char *name, const Step **ret)
{
    const char *names[64];
    size_t count = 0;

    *ret = step_find(name);
    if (*ret)
        return NULL;
    for (; recipe_steps[count] && count < COUNT(names); count++)
        names[count] = recipe_steps[count]->name;

    const char *near = shape_nearest(name, names, count);
    return err_public(
        err_new(ERR_NOT_FOUND, "unknown step '%s'", name),
        "There is no step '%s'.%s%s%s Run 'cyclorama steps' to see all.", name,
        near ? " Did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static MUST Err *one_show(const char *name, bool as_json, FILE *out)
{
    const Step *step;

    TRY(step_get(name, &step));
    if (!as_json) {
        step_print(step, out);
        return NULL;
    }
    AUTO(value_free) Value *schema = step_schema(step);
    return print_json(out, schema);
}

static MUST Err *all_json(FILE *out)
{
    AUTO(value_free) Value *schemas = value_object();

    for (const Step *const *step = recipe_steps; *step; step++)
        value_set(schemas, (*step)->name, step_schema(*step));
    return print_json(out, schemas);
}

static Err *steps_run(App *app, const void *options_any, const Texts *words, Exit *exit)
{
    const StepsOptions *options = options_any;

    (void)exit;
    if (words->count)
        return one_show(words->items[0], options->json, app->out);
    if (options->json)
        return all_json(app->out);
    for (const Step *const *step = recipe_steps; *step; step++)
        fprintf(app->out, "  %-10s %s\n", (*step)->name, (*step)->summary);
    fprintf(app->out, "\n'cyclorama steps NAME' shows the options of one.\n");
    return NULL;
}

static const char *const steps_about[] = {
    "Recipes are made of steps. With NAME: its options, what each accepts and what it is when left "
    "out.",
    NULL,
};

const Command command_steps = {
    .name = "steps",
    .summary = "Show the steps of recipes and their options",
    .usage = "[NAME]",
    .about = steps_about,
    .options = SHAPE(StepsOptions),
    .words = "step",
    .most_words = 1,
    .run = steps_run,
};

static Err *schema_run(App *app, const void *options, const Texts *words, Exit *exit)
{
    bool is_scene = words->count > 0 && strcmp(words->items[0], "scene") == 0;

    (void)options;
    (void)exit;
    if (words->count > 0 && !is_scene && strcmp(words->items[0], "recipe") != 0)
        return err_public(
            err_new(ERR_NOT_FOUND, "no schema is called '%s'", words->items[0]),
            "There are schemas of a recipe and of a scene, not of '%s'.", words->items[0]);
    AUTO(value_free) Value *schema = is_scene ? shape_schema(&scene_shape) : recipe_schema();
    return print_json(app->out, schema);
}

static const char *const schema_about[] = {
    "JSON Schema (draft 2020-12) of recipe files, or with the word scene of a scene. Editors that "
    "know it complete and check such files as you type.",
    NULL,
};

const Command command_schema = {
    .name = "schema",
    .summary = "Write the JSON Schema of recipe files or scenes",
    .usage = "[recipe|scene]",
    .about = schema_about,
    .options = SHAPE(NoOptions),
    .most_words = 1,
    .run = schema_run,
};
