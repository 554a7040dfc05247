/* Backdrop: what stands behind the product: a colour, a gradient, or a set rendered with the product in it. */
#include <math.h>
#include <string.h>

#include "recipe/step/step_priv.h"
#include "scene/choose.h"
#include "scene/gradient.h"
#include "scene/library.h"
#include "scene/scene.h"
#include "scene/stance.h"

typedef enum Kind {
    KIND_NONE,
    KIND_SOLID,
    KIND_LINEAR,
    KIND_RADIAL,
    KIND_SCENE,
} Kind;

static const char *const kind_names[] = {"none", "solid", "linear", "radial", "scene", NULL};
static const char *const view_names[] = {
    [SCENE_ANGLE_AUTO] = "auto",
    [SCENE_ANGLE_FRONT] = "front",
    [SCENE_ANGLE_RAISED] = "raised",
    [SCENE_ANGLE_TOP] = "top",
    NULL};
static const char *const quality_names[] = {"draft", "normal", "fine", NULL};

typedef struct BackdropOptions {
    int kind;
    Texts colours;
    double angle;
    double centre[2];
    double radius;
    const Value *scene;
    const char *words;
    Texts palette;
    int quality, view;
} BackdropOptions;

static const Field BackdropOptions_fields[] = {
    {FIELD_NAME(BackdropOptions, kind, kind_names), .help = "What it is made of",
     .preset = "solid"},
    {FIELD_TEXTS(BackdropOptions, colours), .help = "One colour, or two to five for a gradient",
     .preset = "white", .max = 5},
    {FIELD_NUMBER(BackdropOptions, angle),
     .help = "Which way a linear gradient runs: 0 up, 90 right, 180 down", .preset = "180",
     .max = 360, .unit = "degrees"},
    {FIELD_VECTOR(BackdropOptions, centre, 2),
     .help = "Middle of a radial gradient, across and down", .preset = "50,50", .min = -100,
     .max = 200, .unit = "%"},
    {FIELD_NUMBER(BackdropOptions, radius),
     .help = "Reach of a radial gradient, of the frame's longer side", .preset = "70", .min = 1,
     .max = 300, .unit = "%"},
    {FIELD_VALUE(BackdropOptions, scene),
     .help = "Name of a built-in scene, or a scene of your own", .optional = true},
    {FIELD_TEXT(BackdropOptions, words),
     .help = "What the scene should be like, in plain words; without a scene they choose one, with "
             "one they change its colours, surface and light",
     .preset = "", .max = 400},
    {FIELD_TEXTS(BackdropOptions, palette),
     .help = "Brand colours for the scene: all of it in the first, props in the second, the "
             "surface in the third",
     .preset = "", .max = 3},
    {FIELD_NAME(BackdropOptions, quality, quality_names), .help = "How finely a scene is rendered",
     .preset = "normal"},
    {FIELD_NAME(BackdropOptions, view, view_names),
     .help = "How high a scene's camera stands: auto as the product was photographed, front as the "
             "scene says, raised, or top",
     .preset = "auto"},
    {FIELD_END},
};

static MUST Err *colours_read(const BackdropOptions *options, GradientStop *stops)
{
    size_t count = options->colours.count;

    for (size_t i = 0; i < count; i++) {
        TRY(err_under(
            colour_parse(options->colours.items[i], &stops[i].colour), "/colours/%zu", i));
        stops[i].at = count > 1 ? (double)i / (double)(count - 1) : 0;
    }
    return NULL;
}

/* The set as it is asked for: by name, as JSON, or by words alone; tuned by words and colours. */
static MUST Err *
scene_wished(const BackdropOptions *options, uint64_t seed, Arena *mem, SceneChoice *ret)
{
    const char *name = value_text(options->scene);
    bool is_own = value_kind(options->scene) == VALUE_OBJECT;
    AUTO(value_free) Value *json = is_own ? value_ref(options->scene) : NULL;

    if (!is_own && (name || !*options->words))
        TRY(err_under(scene_find(name ? name : "", &json), "/scene"));
    if (is_own)
        name = value_text(value_get(json, "name"));
    return scene_choose(
        &(SceneWish){
            .words = options->words,
            .scene = json,
            .name = name,
            .palette = options->palette,
            .seed = seed,
        },
        mem, ret);
}

static MUST Err *scene_check(const BackdropOptions *options)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_choice_done) SceneChoice choice = {0};
    AUTO(value_free) Value *look = NULL;
    const Scene *scene;

    TRY(scene_wished(options, 0, mem, &choice));
    TRY(err_under(scene_read(choice.json, mem, &scene), "/scene"));
    TRY(err_under(scene_vary(choice.json, 1, &look), "/scene"));
    return err_under(scene_read(look, mem, &scene), "/scene");
}

static Err *backdrop_check(const void *options_any)
{
    const BackdropOptions *options = options_any;
    GradientStop stops[5];
    size_t least = options->kind == KIND_SOLID ? 1 : 2;

    TRY(colours_read(options, stops));
    if (options->kind == KIND_SCENE)
        return scene_check(options);
    if (*options->words || options->palette.count)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "words for a backdrop that is no scene"),
                "Words and a palette need a backdrop of kind scene."),
            *options->words ? "/words" : "/palette");
    if (options->kind == KIND_NONE || options->colours.count >= least)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "backdrop has %zu colours", options->colours.count),
            "A %s backdrop needs %s.", kind_names[options->kind],
            least == 1 ? "a colour" : "two to five colours"),
        "/colours");
}

static uint64_t look_seed(const StepRun *run)
{
    return run->is_varied ? run->seed : 0;
}

/* A built-in scene goes by name or words, and what they stand for may change with the program. */
static void backdrop_identify(const StepRun *run, const void *options_any, Hasher *hasher)
{
    const BackdropOptions *options = options_any;
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_choice_done) SceneChoice choice = {0};
    AUTO(buf_done) Buf text = BUF(1 << 20);

    if (options->kind != KIND_SCENE)
        return;
    AUTO(err_free) Err *err = scene_wished(options, look_seed(run), mem, &choice);
    if (!err)
        err = value_write(choice.json, VALUE_CANONICAL, &text);
    hasher_add_text(hasher, err ? "" : buf_text(&text));
}

/* Only what words brought about is worth a note. */
static void choice_note(const BackdropOptions *options, const SceneChoice *choice, Shot *shot)
{
    if (!*options->words && !options->palette.count)
        return;
    for (ValueMember m = value_first(choice->report); m.name; m = value_next(choice->report, m))
        shot_note(shot, "backdrop", m.name, value_ref(m.value));
}

/* In words that a shopkeeper can act on; NULL when all is well. */
static const char *stance_words(const Stance *stance)
{
    if (stance->base == STANCE_POINT)
        return "Next to nothing of this product touches the ground: it hangs or was cut off. A "
               "flat "
               "lay suits it better than a set with a floor.";
    if (stance->pitch_degrees >= STANCE_ABOVE_DEGREES)
        return "This product was photographed from above or lies: a flat lay suits it better than "
               "a "
               "set with a floor.";
    if (!stance->stands)
        return "This product leans over what it stands on: turn it upright with place.rotate, or "
               "use "
               "a flat lay.";
    return NULL;
}

/* A set with a floor under a product that does not stand is worth a word. */
static MUST Err *stance_say(const SceneFacts *facts, Shot *shot)
{
    Stance stance;

    if (facts->is_flat || !shot->is_rendered)
        return NULL;
    TRY(stance_find(shot->product, &stance));
    if (stance_words(&stance))
        shot_note(shot, "view", "note", value_of_text(stance_words(&stance)));
    return NULL;
}

/* What a review of many pictures compares: where the horizon lies, and whether product and set belong together. */
static void facts_note(const SceneFacts *facts, Shot *shot)
{
    shot_note(shot, "backdrop", "camera_degrees", value_of_number(round(facts->camera_degrees)));
    shot_note(shot, "backdrop", "horizon_px", value_of_number(round(facts->horizon_px)));
    shot_note(shot, "backdrop", "mirrored", value_of_bool(facts->is_mirrored));
    shot_note(shot, "backdrop", "floats", value_of_number(round(facts->floats * 1000) / 1000));
}

static MUST Err *
scene_backdrop(const StepRun *run, const BackdropOptions *options, Shot *shot, Image **ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_choice_done) SceneChoice choice = {0};
    AUTO(value_free) Value *look = NULL;
    AUTO(scene_shot_done) SceneShot rendered = {0};
    const Scene *scene;

    TRY(scene_wished(options, look_seed(run), mem, &choice));
    TRY(scene_vary(choice.json, look_seed(run), &look));
    TRY(scene_read(look, mem, &scene));
    choice_note(options, &choice, shot);
    SceneView view = {
        .width_px = shot->width_px,
        .height_px = shot->height_px,
        .seed = run->seed,
        .threads = run->threads,
        .quality = (SceneQuality)options->quality,
        .angle = (SceneAngle)options->view,
        .product = image_has_alpha(shot->product) ? shot->product : NULL,
        .product_box = shot->box,
        .cancel = run->cancel,
    };
    TRY(scene_render(scene, &view, &rendered));
    shot->is_rendered = view.product != NULL;
    shot_put(&shot->light, TAKE(rendered.light));
    shot->grain = rendered.facts.grain;
    shot->lies = rendered.facts.is_flat;
    facts_note(&rendered.facts, shot);
    TRY(stance_say(&rendered.facts, shot));
    *ret = TAKE(rendered.picture);
    return NULL;
}

static MUST Err *
gradient_backdrop(const StepRun *run, const BackdropOptions *options, const Shot *shot, Image **ret)
{
    GradientStop stops[5];
    Gradient gradient = {
        .kind = options->kind == KIND_RADIAL ? GRADIENT_RADIAL : GRADIENT_LINEAR,
        .stops = stops,
        .count = options->colours.count,
        .angle_degrees = options->angle,
        .centre = {options->centre[0] / 100, options->centre[1] / 100},
        .radius = options->radius / 100,
        .seed = run->seed,
    };

    TRY(colours_read(options, stops));
    return gradient_paint(&gradient, shot->width_px, shot->height_px, ret);
}

static MUST Err *solid_backdrop(const BackdropOptions *options, const Shot *shot, Image **ret)
{
    GradientStop stops[5];

    TRY(colours_read(options, stops));
    stops[0].colour.a = 255;
    return image_flat(shot->width_px, shot->height_px, stops[0].colour, ret);
}

static Err *backdrop_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const BackdropOptions *options = options_any;
    AUTO(image_free) Image *backdrop = NULL;

    shot->is_rendered = false;
    shot->grain = 0;
    shot->lies = false;
    shot_put(&shot->light, NULL);
    if (options->kind == KIND_SCENE)
        TRY(scene_backdrop(run, options, shot, &backdrop));
    else if (options->kind == KIND_SOLID)
        TRY(solid_backdrop(options, shot, &backdrop));
    else if (options->kind != KIND_NONE)
        TRY(gradient_backdrop(run, options, shot, &backdrop));
    shot_put(&shot->backdrop, TAKE(backdrop));
    return NULL;
}

/* ---- by a vendor ---- */

/* What a scene that goes by name says to vendors; "" when it is always rendered. In MEM. */
static const char *scene_prompt(const BackdropOptions *options, Arena *mem)
{
    const char *name = value_text(options->scene);
    AUTO(value_free) Value *json = NULL;
    AUTO(err_free) Err *err = name ? scene_find(name, &json) : NULL;
    const char *prompt = value_text(value_get(name ? json : options->scene, "prompt"));

    return prompt && !err ? arena_text(mem, prompt) : "";
}

static bool backdrop_is_wished(const void *options_any)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const BackdropOptions *options = options_any;

    return options->kind == KIND_SCENE && (*options->words || *scene_prompt(options, mem));
}

static void backdrop_describe(const void *options, int width_px, int height_px, VendorAsk *ret)
{
    (void)options;
    drawn_describe(width_px, height_px, ret);
}

static Err *backdrop_hire(const StepRun *run, const void *options_any, Shot *shot)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const BackdropOptions *options = options_any;
    const char *prompt = scene_prompt(options, mem);

    return drawn_run(
        run,
        &(DrawnWish){
            .words = arena_print(
                mem, "%s%s%s", prompt, *prompt && *options->words ? ", " : "", options->words),
            .palette = options->palette,
            .is_flat = options->view == SCENE_ANGLE_TOP,
        },
        shot);
}

static const StepVendor backdrop_vendor = {
    .ability = ABILITY_GENERATE,
    .version = 1,
    .work = WORK_REDRAWN,
    .is_wished = backdrop_is_wished,
    .describe = backdrop_describe,
    .run = backdrop_hire,
};

static Work backdrop_work(const void *options_any)
{
    const BackdropOptions *options = options_any;

    return options->kind == KIND_SCENE  ? WORK_RENDERED
           : options->kind == KIND_NONE ? WORK_EDITED
                                        : WORK_COMPOSED;
}

const Step step_backdrop = {
    .name = "backdrop",
    .summary = "Put a colour, a gradient or a rendered set behind the product",
    .version = 5,
    .phase = PHASE_SET,
    .is_random = true,
    .is_cached = true,
    .options = SHAPE(BackdropOptions),
    .check = backdrop_check,
    .identify = backdrop_identify,
    .work = backdrop_work,
    .run = backdrop_run,
    .vendor = &backdrop_vendor,
};
