/* From a recipe to the workflow that says it: guessed from its steps, and believed only when it makes the same recipe again. */
#include <math.h>
#include <string.h>

#include "door/lumiku/workflow_priv.h"

enum {
    RECIPE_BYTES_MAX = 1 << 20
};

static void value_end(void *value)
{
    value_free(value);
}

/* The first step called NAME; NULL when there is none. */
static const Value *step_of(const Value *steps, const char *name)
{
    for (size_t i = 0; i < value_count(steps); i++)
        if (strcmp(value_text(value_get(value_at(steps, i), "step")), name) == 0)
            return value_at(steps, i);
    return NULL;
}

static const char *text_of(const Value *step, const char *name)
{
    const char *text = value_text(value_get(step, name));

    return text ? text : "";
}

static double number_of(const Value *step, const char *name)
{
    return value_number(value_get(step, name));
}

static int index_of(const char *const *names, const char *name)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

/* ---- parts ---- */

static Texts colors_of(const Value *backdrop, Arena *mem)
{
    const Value *colours = value_get(backdrop, "colours");
    Texts texts = {ARENA_ARRAY(mem, const char *, value_count(colours)), value_count(colours)};

    for (size_t i = 0; i < texts.count; i++)
        texts.items[i] = arena_text(mem, value_text(value_at(colours, i)));
    return texts;
}

static void backdrop_say(const Value *backdrop, Arena *mem, WorkflowBackground *ret)
{
    const char *kind = text_of(backdrop, "kind");
    int gradient = index_of(workflow_gradient_names, kind);

    if (strcmp(kind, "scene") == 0) {
        ret->action = ACTION_AI;
        ret->prompt = arena_text(mem, text_of(backdrop, "words"));
        ret->complexity = strcmp(text_of(backdrop, "quality"), "fine") == 0;
        return;
    }
    Texts colors = colors_of(backdrop, mem);
    if (gradient >= 0) {
        ret->action = ACTION_GRADIENT;
        ret->gradient_type = gradient;
        ret->colors = colors;
        ret->angle = number_of(backdrop, "angle");
    } else if (strcmp(kind, "solid") == 0) {
        ret->action = ACTION_SOLID;
        ret->color = colors.items[0];
    }
}

static WorkflowBackground *background_say(const Value *steps, const char *template_id, Arena *mem)
{
    const Value *backdrop = step_of(steps, "backdrop");
    WorkflowBackground *background = arena_take(mem, sizeof(*background));

    if (!step_of(steps, "cutout"))
        return NULL;
    *background = (WorkflowBackground){
        .action = ACTION_REMOVE,
        .type = -1,
        .gradient_type = -1,
        .angle = (double)NAN,
        .complexity = -1,
    };
    if (backdrop && template_id) {
        background->action = ACTION_TEMPLATE;
        background->template_id = template_id;
    } else if (backdrop)
        backdrop_say(backdrop, mem, background);
    return background;
}

static WorkflowLighting *lighting_say(const Value *steps, Arena *mem)
{
    const Value *light = step_of(steps, "light");
    WorkflowLighting *lighting = arena_take(mem, sizeof(*lighting));
    const char *style = text_of(light, "style");

    if (!light)
        return NULL;
    bool is_auto = strcmp(style, "auto") == 0;
    *lighting = (WorkflowLighting){
        .preset = index_of(workflow_preset_names, style),
        .brightness = is_auto ? (double)NAN : number_of(light, "brightness"),
        .contrast = is_auto ? (double)NAN : number_of(light, "contrast"),
        .warmth = is_auto ? (double)NAN : number_of(light, "warmth"),
    };
    lighting->mode = is_auto ? MODE_AUTO : lighting->preset >= 0 ? MODE_PRESET : MODE_MANUAL;
    return lighting;
}

static WorkflowShadow *shadow_say(const Value *steps, Arena *mem)
{
    const Value *step = step_of(steps, "shadow");
    WorkflowShadow *shadow = arena_take(mem, sizeof(*shadow));

    if (!step)
        return NULL;
    *shadow = (WorkflowShadow){
        .type = index_of(workflow_shadow_names, text_of(step, "kind")),
        .opacity = number_of(step, "opacity"),
        .blur = number_of(step, "blur"),
        .angle = workflow_angle(number_of(step, "angle")),
        .distance = number_of(step, "distance_px"),
        .color = arena_text(mem, text_of(step, "colour")),
    };
    return shadow;
}

static WorkflowExport *export_say(const Value *steps, Arena *mem)
{
    const Value *encode = step_of(steps, "encode"), *place = step_of(steps, "place");
    int64_t width = value_int(value_get(place, "width_px"));
    WorkflowExport *export = arena_take(mem, sizeof(*export));

    if (!encode)
        return NULL;
    *export = (WorkflowExport){
        .format = index_of(workflow_format_names, text_of(encode, "format")),
        .quality = value_int(value_get(encode, "quality")),
        .width = width ? width : FIELD_NONE,
        .height = width ? value_int(value_get(place, "height_px")) : FIELD_NONE,
    };
    return export;
}

static WorkflowUpscale *upscale_say(const Value *steps, Arena *mem)
{
    const Value *step = step_of(steps, "upscale");
    WorkflowUpscale *upscale = arena_take(mem, sizeof(*upscale));

    if (!step)
        return NULL;
    upscale->factor = value_int(value_get(step, "factor"));
    return upscale;
}

/* ---- the whole ---- */

/* Steps of RECIPE with all options, as bytes that are equal when they are. */
static MUST Err *
work_text(const Value *recipe, Arena *mem, const char **ret, const Value **ret_steps)
{
    AUTO(recipe_free) Recipe *read = NULL;
    AUTO(buf_done) Buf text = BUF(RECIPE_BYTES_MAX);

    TRY(recipe_read(recipe, &read));
    Value *whole = recipe_write(read);
    arena_keep(mem, value_end, whole);
    *ret_steps = value_get(whole, "steps");
    TRY(value_write(*ret_steps, VALUE_CANONICAL, &text));
    *ret = arena_text(mem, buf_text(&text));
    return NULL;
}

/* Does WORKFLOW make just this? One that does not even make a recipe does not. */
static bool says(const Workflow *workflow, const Value *recipe, const char *text, Arena *mem)
{
    WorkflowMade made;
    const Value *steps;
    const char *again;
    AUTO(err_free) Err *err = workflow_make(workflow, recipe, mem, &made);

    if (!err)
        err = work_text(made.recipe, mem, &again, &steps);
    return !err && strcmp(text, again) == 0;
}

Err *workflow_of_recipe(const Value *recipe, const char *template_id, Arena *mem, const Value **ret)
{
    const Value *steps;
    const char *text;

    TRY(work_text(recipe, mem, &text, &steps));
    Workflow workflow = {
        .background = background_say(steps, template_id, mem),
        .lighting = lighting_say(steps, mem),
        .shadow = shadow_say(steps, mem),
        .export = export_say(steps, mem),
        .upscale = upscale_say(steps, mem),
        .complexity = -1,
    };
    if (!says(&workflow, recipe, text, mem))
        workflow = (Workflow){.recipe = recipe, .complexity = -1};
    *ret = workflow_json(&workflow, mem);
    return NULL;
}
