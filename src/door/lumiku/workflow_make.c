/* From a workflow to the recipe that does it. */
#include <math.h>
#include <string.h>

#include "door/lumiku/workflow_priv.h"
#include "pack/pack.h"

/* How the product stands in its frame, so that what it throws has room. */
typedef struct Stand {
    const char *anchor;
    double fill, fill_width, ground;
} Stand;

static const Stand stand_plain = {"centre", 85, 85, 82};
static const Stand stand_set = {"ground", 56, 68, 81};
static const Stand stands[] = {
    [SHADOW_NONE] = {"centre", 85, 85, 82},
    [SHADOW_NATURAL] = {"ground", 80, 82, 90},
    [SHADOW_DROP] = {"centre", 74, 74, 82},
    [SHADOW_REFLECTION] = {"ground", 64, 78, 78},
};

enum {
    REFLECTION_LENGTH = 28 /* %: what the frame has room for */
};

/* The file that is asked for. */
typedef struct FileWish {
    int format;                                    /* -1 when it is not said */
    int64_t width_px, height_px, quality, most_kb; /* 0 when it is not said */
} FileWish;

/* ---- steps ---- */

static Value *step_add(Value *steps, const char *name)
{
    Value *step = value_object();

    value_set(step, "step", value_of_text(name));
    value_add(steps, step);
    return step;
}

static void text_set(Value *step, const char *name, const char *text)
{
    value_set(step, name, value_of_text(text));
}

static void number_set(Value *step, const char *name, double number)
{
    value_set(step, name, value_of_number(number));
}

static double said(double number, double otherwise)
{
    return isnan(number) ? otherwise : number;
}

static void light_add(Value *steps, const WorkflowLighting *lighting, bool is_cut)
{
    int mode = workflow_mode(lighting);

    if (mode == MODE_NONE)
        return;
    Value *step = step_add(steps, "light");
    text_set(
        step, "style",
        mode == MODE_AUTO     ? "auto"
        : mode == MODE_PRESET ? workflow_preset_names[lighting->preset]
                              : "none");
    number_set(step, "brightness", said(lighting->brightness, 0));
    number_set(step, "contrast", said(lighting->contrast, 0));
    number_set(step, "warmth", said(lighting->warmth, 0));
    text_set(step, "target", is_cut ? "product" : "picture");
}

static void place_add(Value *steps, const Stand *stand, const FileWish *file)
{
    Value *step = step_add(steps, "place");

    value_set(step, "width_px", value_of_int(file->width_px));
    value_set(step, "height_px", value_of_int(file->height_px));
    number_set(step, "fill", stand->fill);
    number_set(step, "fill_width", stand->fill_width);
    text_set(step, "anchor", stand->anchor);
    number_set(step, "ground", stand->ground);
}

static void backdrop_add(Value *steps, const WorkflowBackground *background, int action)
{
    Value *step = step_add(steps, "backdrop"), *colours = value_list();

    if (action == ACTION_AI) {
        value_free(colours);
        text_set(step, "kind", "scene");
        text_set(step, "words", background->prompt);
        text_set(step, "quality", background->complexity == 1 ? "fine" : "normal");
        return;
    }
    if (action == ACTION_SOLID) {
        const char *color = background->color ? background->color : background->colour;

        text_set(step, "kind", "solid");
        value_add(colours, value_of_text(color ? color : "white"));
    } else {
        text_set(step, "kind", workflow_gradient_names[MAX(background->gradient_type, 0)]);
        number_set(step, "angle", said(background->angle, 180));
        for (size_t i = 0; i < background->colors.count; i++)
            value_add(colours, value_of_text(background->colors.items[i]));
    }
    value_set(step, "colours", colours);
}

/* The door says where a shadow falls, clockwise from the top; the step where the light comes from, anticlockwise from the right. */
double workflow_angle(double angle)
{
    return fmod(630 - angle, 360);
}

static void shadow_add(Value *steps, const WorkflowShadow *shadow)
{
    Value *step = step_add(steps, "shadow");

    text_set(step, "kind", workflow_shadow_names[shadow->type]);
    number_set(step, "opacity", said(shadow->opacity, 40));
    number_set(step, "blur", said(shadow->blur, 50));
    number_set(step, "angle", workflow_angle(said(shadow->angle, 135)));
    number_set(step, "distance_px", said(shadow->distance, 20));
    if (shadow->type == SHADOW_REFLECTION)
        number_set(step, "length", REFLECTION_LENGTH);
    text_set(step, "colour", shadow->color ? shadow->color : "black");
}

static void encode_add(Value *steps, const FileWish *file, bool is_clear)
{
    Value *step = step_add(steps, "encode");
    int format = file->format >= 0 ? file->format : is_clear ? FORMAT_PNG : FORMAT_JPEG;

    text_set(step, "format", workflow_format_names[format == FORMAT_JPG ? FORMAT_JPEG : format]);
    value_set(step, "quality", value_of_int(file->quality ? file->quality : EXPORT_QUALITY));
    if (file->most_kb)
        value_set(step, "max_kb", value_of_int(file->most_kb));
}

/* ---- the set of a template ---- */

/* Steps of a template that its set is made of; light, shadow and file are parts of their own. */
static const char *const set_before[] = {"cutout", "crop", "place", "backdrop", "harmonise", NULL};
static const char *const set_after[] = {"adjust", "comply", NULL};

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

static void set_add(Value *steps, const Value *set, const char *const *names, const FileWish *file)
{
    const Value *all = value_get(set, "steps");

    for (size_t i = 0; i < value_count(all); i++) {
        const char *name = value_text(value_get(value_at(all, i), "step"));

        if (!name || !is_one_of(name, names))
            continue;
        Value *step = value_copy(value_at(all, i));
        if (strcmp(name, "place") == 0 && file->width_px) {
            value_set(step, "width_px", value_of_int(file->width_px));
            value_set(step, "height_px", value_of_int(file->height_px));
        }
        value_add(steps, step);
    }
}

/* ---- the file ---- */

static MUST Err *platform_unknown(const char *name, const List *presets, Arena *mem)
{
    const PackPreset *preset = presets->items;
    const char **names = ARENA_ARRAY(mem, const char *, presets->count);

    for (size_t i = 0; i < presets->count; i++)
        names[i] = preset[i].name;
    const char *near = shape_nearest(name, names, presets->count);
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "unknown platform '%s'", name),
            "There is no platform '%s'.%s%s%s", name, near ? " Did you mean '" : "",
            near ? near : "", near ? "'?" : ""),
        "/platform");
}

/* NAME is "instagram", for the first of its forms, or "instagram:4x5". */
static MUST Err *platform_read(const char *name, Arena *mem, FileWish *ret)
{
    size_t length = strcspn(name, ":");
    List presets;

    TRY(pack_presets(mem, &presets));
    for (size_t i = 0; i < presets.count; i++) {
        const PackPreset *preset = (const PackPreset *)presets.items + i;

        if (strlen(preset->name) != length || strncmp(preset->name, name, length) != 0)
            continue;
        for (size_t j = 0; j < preset->forms.count; j++) {
            const PackPresetForm *form = (const PackPresetForm *)preset->forms.items + j;

            if (name[length] && strcmp(form->form, name + length + 1) != 0)
                continue;
            *ret = (FileWish){
                .format = FORMAT_JPEG,
                .width_px = form->width_px,
                .height_px = form->height_px,
                .quality = form->quality,
                .most_kb = preset->bytes_most / 1000,
            };
            return NULL;
        }
    }
    return platform_unknown(name, &presets, mem);
}

static MUST Err *size_read(const char *size, FileWish *file)
{
    int width = 0, height = 0, end = 0;

    if (strcmp(size, "original") == 0)
        return NULL;
    if (sscanf(size, "%4dx%4d%n", &width, &height, &end) < 2 || size[end] || width < 1 ||
        height < 1 || width > 8000 || height > 8000)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "size '%s' is none", size),
                "Say original, or WIDTHxHEIGHT of 1 to 8000 pixels, such as 1200x1200."),
            "/size");
    file->width_px = width;
    file->height_px = height;
    return NULL;
}

static MUST Err *file_read_wish(const WorkflowExport *export, Arena *mem, FileWish *ret)
{
    FileWish file = {.format = -1};

    if (export && export->platform)
        TRY(platform_read(export->platform, mem, &file));
    if (export && export->size)
        TRY(size_read(export->size, &file));
    if (export && export->width != FIELD_NONE) {
        file.width_px = export->width;
        file.height_px = export->height;
    }
    if (export && export->format >= 0)
        file.format = export->format;
    if (export && export->quality != FIELD_NONE)
        file.quality = export->quality;
    *ret = file;
    return NULL;
}

/* ---- the whole ---- */

static bool has_backdrop(int action)
{
    return action == ACTION_SOLID || action == ACTION_GRADIENT || action == ACTION_TEMPLATE ||
           action == ACTION_AI;
}

static void steps_add(Value *steps, const Workflow *w, const Value *set, const FileWish *file)
{
    int action = workflow_action(w->background);
    int shadow = w->shadow ? w->shadow->type : SHADOW_NONE;
    bool is_cut = action != ACTION_NONE || shadow != SHADOW_NONE;

    if (action == ACTION_TEMPLATE)
        set_add(steps, set, (const char *const[]){"cutout", "crop", NULL}, file);
    else if (is_cut)
        step_add(steps, "cutout");
    light_add(steps, w->lighting, is_cut);
    if (action == ACTION_TEMPLATE)
        set_add(steps, set, set_before + 2, file);
    else if (has_backdrop(action) || shadow != SHADOW_NONE || file->width_px)
        place_add(
            steps,
            action == ACTION_AI ? &stand_set
            : is_cut            ? &stands[shadow]
                                : &stand_plain,
            file);
    if (has_backdrop(action) && action != ACTION_TEMPLATE)
        backdrop_add(steps, w->background, action);
    if (action == ACTION_AI)
        step_add(steps, "harmonise");
    if (shadow != SHADOW_NONE)
        shadow_add(steps, w->shadow);
    if (action == ACTION_TEMPLATE)
        set_add(steps, set, set_after, file);
    if (w->upscale)
        value_set(step_add(steps, "upscale"), "factor", value_of_int(w->upscale->factor));
    encode_add(steps, file, is_cut && !has_backdrop(action));
}

static void value_end(void *value)
{
    value_free(value);
}

/* Is a set from words to be drawn finely? */
static int complexity_of(const Value *recipe)
{
    const Value *steps = value_get(recipe, "steps");

    for (size_t i = 0; i < value_count(steps); i++) {
        const char *quality = value_text(value_get(value_at(steps, i), "quality"));

        if (quality && strcmp(quality, "fine") == 0)
            return 1;
    }
    return 0;
}

Err *workflow_make(const Workflow *workflow, const Value *set, Arena *mem, WorkflowMade *ret)
{
    AUTO(recipe_free) Recipe *recipe = NULL;
    const WorkflowExport *export = workflow->export ? workflow->export : workflow->output;
    FileWish file;

    TRY(workflow_check(workflow));
    if (workflow->recipe) {
        TRY(err_under(recipe_read(workflow->recipe, &recipe), "/recipe"));
        *ret = (WorkflowMade){
            .recipe = workflow->recipe,
            .complexity =
                workflow->complexity >= 0 ? workflow->complexity : complexity_of(workflow->recipe),
        };
        return NULL;
    }
    TRY(err_under(file_read_wish(export, mem, &file), workflow->export ? "/export" : "/output"));
    Value *json = value_object(), *steps = value_list();
    arena_keep(mem, value_end, json);
    value_set(json, "steps", steps);
    steps_add(steps, workflow, set, &file);
    ret->recipe = json;
    ret->complexity = workflow->background && workflow->background->complexity == 1;
    return NULL;
}
