/* Workflows of this door, as recipes. */
#include "door/lumiku/workflow.h"

#include <math.h>
#include <string.h>

#include "door/lumiku/workflow_priv.h"

static const char *const action_names[] = {
    [ACTION_NONE] = "none",         [ACTION_REMOVE] = "remove",
    [ACTION_SOLID] = "solid",       [ACTION_GRADIENT] = "gradient",
    [ACTION_TEMPLATE] = "template", [ACTION_AI] = "ai",
    [ACTION_REPLACE] = "replace",   NULL};
const char *const workflow_gradient_names[] = {"linear", "radial", NULL};
static const char *const complexity_names[] = {"simple", "complex", NULL};
static const char *const mode_names[] = {
    [MODE_NONE] = "none",
    [MODE_AUTO] = "auto",
    [MODE_PRESET] = "preset",
    [MODE_MANUAL] = "manual",
    NULL};
const char *const workflow_preset_names[] = {"studio", "natural", "dramatic",
                                             "bright", "moody",   NULL};
const char *const workflow_shadow_names[] = {
    [SHADOW_NONE] = "none",
    [SHADOW_NATURAL] = "natural",
    [SHADOW_DROP] = "drop",
    [SHADOW_REFLECTION] = "reflection",
    NULL};
const char *const workflow_format_names[] = {"png", "jpeg", "webp", "avif", "jpg", NULL};

enum {
    SIDE_MOST_PX = 8000,
    COLORS_LEAST = 2,
    COLORS_MOST = 5,
    PROMPT_MOST = 400
};

#define MAY .optional = true, .nullable = true, .omit = true

static const Field WorkflowBackground_fields[] = {
    {FIELD_NAME(WorkflowBackground, action, action_names),
     .help = "What becomes of the background: none keeps it, remove leaves the product alone on "
             "transparency, the others put something behind it; replace is told by type",
     MAY},
    {FIELD_NAME(WorkflowBackground, type, action_names),
     .help = "What to put there, when action is replace or left out", MAY},
    {FIELD_TEXT(WorkflowBackground, color), .help = "solid: #rrggbb or a name; white if left out",
     .max = 40, MAY},
    {FIELD_TEXT(WorkflowBackground, colour), .help = "Another spelling of color", .max = 40, MAY},
    {FIELD_TEXTS(WorkflowBackground, colors), .help = "gradient: two to five, in order",
     .max = COLORS_MOST, .optional = true, .omit = true},
    {FIELD_NAME(WorkflowBackground, gradient_type, workflow_gradient_names), .name = "gradientType",
     .help = "gradient: linear if left out", MAY},
    {FIELD_NUMBER(WorkflowBackground, angle),
     .help = "gradient, linear: which way it runs; 0 up, 90 right, 180 (if left out) down",
     .max = 360, .unit = "degrees", MAY},
    {FIELD_TEXT(WorkflowBackground, template_id), .name = "templateId",
     .help = "template: whose set stands behind the product", .max = 64, MAY},
    {FIELD_TEXT(WorkflowBackground, prompt), .help = "ai: what the set is like, in words",
     .max = PROMPT_MOST, MAY},
    {FIELD_NAME(WorkflowBackground, complexity, complexity_names),
     .help = "ai: simple if left out; complex is drawn more finely", MAY},
    {FIELD_END},
};
static const Shape background_shape = SHAPE(WorkflowBackground);

static const Field WorkflowLighting_fields[] = {
    {FIELD_NAME(WorkflowLighting, mode, mode_names),
     .help = "auto mends what the camera got wrong, preset gives a mood, manual does only what the "
             "numbers say; what the other fields call for if left out",
     MAY},
    {FIELD_NAME(WorkflowLighting, preset, workflow_preset_names), .help = "preset: the mood", MAY},
    {FIELD_NUMBER(WorkflowLighting, brightness), .help = "preset and manual", .min = -100,
     .max = 100, MAY},
    {FIELD_NUMBER(WorkflowLighting, contrast), .help = "preset and manual", .min = -100, .max = 100,
     MAY},
    {FIELD_NUMBER(WorkflowLighting, warmth),
     .help = "preset and manual: below 0 cooler, above it warmer", .min = -100, .max = 100, MAY},
    {FIELD_END},
};
static const Shape lighting_shape = SHAPE(WorkflowLighting);

static const Field WorkflowShadow_fields[] = {
    {FIELD_NAME(WorkflowShadow, type, workflow_shadow_names),
     .help = "natural lies on the ground, drop hangs behind, reflection mirrors; rendered sets "
             "(template, ai) bring their own"},
    {FIELD_NUMBER(WorkflowShadow, opacity), .help = "How dark, or how clear; 40 if left out",
     .max = 100, .unit = "%", MAY},
    {FIELD_NUMBER(WorkflowShadow, blur), .help = "How soft; 50 if left out", .max = 100,
     .unit = "%", MAY},
    {FIELD_NUMBER(WorkflowShadow, angle),
     .help = "Where it falls, clockwise from the top; 135, to the lower right, if left out",
     .max = 360, .unit = "degrees", MAY},
    {FIELD_NUMBER(WorkflowShadow, distance), .help = "How far, of 1000 px; 20 if left out",
     .max = 100, .unit = "px", MAY},
    {FIELD_TEXT(WorkflowShadow, color), .help = "#rrggbb or a name; black if left out", .max = 40,
     MAY},
    {FIELD_END},
};
static const Shape shadow_shape = SHAPE(WorkflowShadow);

static const Field WorkflowExport_fields[] = {
    {FIELD_NAME(WorkflowExport, format, workflow_format_names),
     .help = "png for what is transparent and jpeg for the rest if left out; jpg is jpeg", MAY},
    {FIELD_TEXT(WorkflowExport, size),
     .help = "original (the photo's, if left out) or WIDTHxHEIGHT such as 1200x1200", .max = 11,
     MAY},
    {FIELD_TEXT(WorkflowExport, platform),
     .help =
         "Size, format and quality that a shop or network asks for, as `/platforms` lists them: "
         "shopee, instagram:4x5; what is said beside it counts more",
     .max = 40, MAY},
    {FIELD_INT(WorkflowExport, width), .help = "With height, in place of size", .min = 1,
     .max = SIDE_MOST_PX, .unit = "px", MAY},
    {FIELD_INT(WorkflowExport, height), .help = "With width", .min = 1, .max = SIDE_MOST_PX,
     .unit = "px", MAY},
    {FIELD_INT(WorkflowExport, quality), .help = "Of jpeg, webp and avif", .min = 1, .max = 100,
     .unit = "%", MAY},
    {FIELD_END},
};
static const Shape export_shape = SHAPE(WorkflowExport);

static const Field WorkflowUpscale_fields[] = {
    {FIELD_INT(WorkflowUpscale, factor),
     .help = "How many times as wide and high the finished picture becomes: 2 or 4", .preset = "4",
     .min = 2, .max = 4},
    {FIELD_END},
};
static const Shape upscale_shape = SHAPE(WorkflowUpscale);

#define PART(member, Inner, shape) \
    FIELD_MAYBE(Workflow, member, Inner, shape), .optional = true, .nullable = true, .omit = true

static const Field Workflow_fields[] = {
    {PART(background, WorkflowBackground, &background_shape), .help = "What is behind it"},
    {PART(lighting, WorkflowLighting, &lighting_shape), .help = "The light on it"},
    {PART(shadow, WorkflowShadow, &shadow_shape), .help = "The shadow it throws"},
    {PART(export, WorkflowExport, &export_shape), .help = "The file that is made"},
    {PART(output, WorkflowExport, &export_shape), .help = "Another name of export"},
    {PART(upscale, WorkflowUpscale, &upscale_shape), .help = "More pixels"},
    {FIELD_VALUE(Workflow, recipe),
     .help = "In place of all these: a recipe, which can say more ({\"steps\": [...]})",
     .optional = true, .nullable = true, .omit = true},
    {FIELD_NAME(Workflow, complexity, complexity_names),
     .help = "With recipe: of a set from words; as finely as it is drawn if left out", MAY},
    {FIELD_END},
};
const Shape workflow_shape = SHAPE(Workflow);

/* ---- what does not fit together ---- */

static MUST Err *wrong(const char *pointer, const char *sentence)
{
    return err_field(
        err_public(err_new(ERR_INPUT_INVALID, "workflow: %s", sentence), "%s", sentence), "%s",
        pointer);
}

static MUST Err *missing(const char *pointer, const char *sentence)
{
    return err_field(
        err_public(err_new(ERR_INPUT_MISSING, "workflow: %s", sentence), "%s", sentence), "%s",
        pointer);
}

static MUST Err *color_check(const char *pointer, const char *color)
{
    Colour colour;

    return color ? err_under(colour_parse(color, &colour), "%s", pointer) : NULL;
}

int workflow_action(const WorkflowBackground *background)
{
    if (!background)
        return ACTION_NONE;
    return background->action >= 0 && background->action != ACTION_REPLACE ? background->action
                                                                           : background->type;
}

static bool has_numbers(const WorkflowLighting *lighting)
{
    return !isnan(lighting->brightness) || !isnan(lighting->contrast) || !isnan(lighting->warmth);
}

int workflow_mode(const WorkflowLighting *lighting)
{
    if (!lighting)
        return MODE_NONE;
    if (lighting->mode >= 0)
        return lighting->mode;
    return lighting->preset >= 0 ? MODE_PRESET : has_numbers(lighting) ? MODE_MANUAL : MODE_AUTO;
}

static MUST Err *colors_check(const WorkflowBackground *background, int action)
{
    char pointer[32];

    if (background->color && background->colour)
        return wrong("/background/colour", "Say color or colour, not both.");
    if (action == ACTION_GRADIENT &&
        (background->colors.count < COLORS_LEAST || background->colors.count > COLORS_MOST))
        return wrong("/background/colors", "A gradient needs two to five colors.");
    TRY(color_check("/background/color", background->color));
    TRY(color_check("/background/colour", background->colour));
    for (size_t i = 0; i < background->colors.count; i++) {
        snprintf(pointer, sizeof(pointer), "/background/colors/%zu", i);
        TRY(color_check(pointer, background->colors.items[i]));
    }
    return NULL;
}

static MUST Err *background_check(const WorkflowBackground *background)
{
    int action = workflow_action(background);

    if (!background)
        return NULL;
    if (action < 0)
        return missing(
            background->action == ACTION_REPLACE ? "/background/type" : "/background/action",
            "Say what becomes of the background: none, remove, solid, gradient, template or ai.");
    if (action == ACTION_REPLACE)
        return wrong("/background/type", "Say solid, gradient, template or ai.");
    if (background->action >= 0 && background->action != ACTION_REPLACE && background->type >= 0 &&
        background->type != action)
        return wrong("/background/type", "It says something else than action.");
    if (action == ACTION_TEMPLATE && !background->template_id)
        return missing("/background/templateId", "Say which template's set is to be taken.");
    if (action == ACTION_AI && (!background->prompt || !*background->prompt))
        return missing("/background/prompt", "Say in words what the background is to show.");
    return colors_check(background, action);
}

static MUST Err *lighting_check(const WorkflowLighting *lighting)
{
    int mode = workflow_mode(lighting);

    if (mode == MODE_PRESET && lighting->preset < 0)
        return missing(
            "/lighting/preset", "Say which: studio, natural, dramatic, bright or moody.");
    if (lighting && mode != MODE_PRESET && lighting->preset >= 0)
        return wrong("/lighting/preset", "It belongs to mode preset.");
    if (lighting && (mode == MODE_AUTO || mode == MODE_NONE) && has_numbers(lighting))
        return wrong(
            "/lighting/mode",
            "brightness, contrast and warmth belong to the modes preset and manual.");
    return NULL;
}

static MUST Err *export_check(const char *name, const WorkflowExport *export)
{
    char pointer[32];

    if (!export)
        return NULL;
    if ((export->width == FIELD_NONE) != (export->height == FIELD_NONE)) {
        snprintf(
            pointer, sizeof(pointer), "/%s/%s", name,
            export->width == FIELD_NONE ? "width" : "height");
        return missing(pointer, "Say width and height.");
    }
    snprintf(pointer, sizeof(pointer), "/%s/size", name);
    if (export->size && export->width != FIELD_NONE)
        return wrong(pointer, "Say size, or width and height, not both.");
    return NULL;
}

Err *workflow_check(const Workflow *workflow)
{
    const Workflow *w = workflow;
    bool has_parts =
        w->background || w->lighting || w->shadow || w->export || w->output || w->upscale;

    if (!has_parts && !w->recipe)
        return missing(
            "", "Say what is to be done: background, lighting, shadow, upscale or a recipe.");
    if (has_parts && w->recipe)
        return wrong("/recipe", "A recipe stands in place of the other parts.");
    if (w->export && w->output)
        return wrong("/output", "Say export or output, not both.");
    if (w->upscale && w->upscale->factor == 3)
        return wrong("/upscale/factor", "factor must be 2 or 4.");
    TRY(background_check(w->background));
    TRY(lighting_check(w->lighting));
    if (w->shadow)
        TRY(color_check("/shadow/color", w->shadow->color));
    TRY(export_check("export", w->export));
    return export_check("output", w->output);
}

/* ---- as it is asked for ---- */

const char *workflow_template(const Workflow *workflow)
{
    return workflow_action(workflow->background) == ACTION_TEMPLATE
               ? workflow->background->template_id
               : NULL;
}

const char *workflow_platform(const Workflow *workflow)
{
    const WorkflowExport *export = workflow->export ? workflow->export : workflow->output;

    return export ? export->platform : NULL;
}

Err *workflow_continue(Workflow *workflow, const Workflow *old)
{
    if (workflow->recipe)
        return NULL;
    if (old->recipe)
        return err_public(
            err_new(ERR_CONFLICT, "a variation that is a whole recipe cannot be gone on with"),
            "This variation cannot be gone on with in parts: say the whole workflow, without "
            "variationId.");
    if (!workflow->background)
        workflow->background = old->background;
    if (!workflow->lighting)
        workflow->lighting = old->lighting;
    if (!workflow->shadow)
        workflow->shadow = old->shadow;
    if (!workflow->upscale)
        workflow->upscale = old->upscale;
    if (!workflow->export && !workflow->output)
        workflow->export = old->export ? old->export : old->output;
    return NULL;
}

static void value_end(void *value)
{
    value_free(value);
}

const Value *workflow_json(const Workflow *workflow, Arena *mem)
{
    Value *json = shape_write(&workflow_shape, workflow);

    arena_keep(mem, value_end, json);
    return json;
}
