/* Shadow: what ties the product to a backdrop that was not rendered with it. */
#include "scene/shadow.h"

#include "recipe/step/step_priv.h"

static const char *const kind_names[] = {"natural", "drop", "reflection", NULL};

typedef enum Kind {
    KIND_NATURAL,
    KIND_DROP,
    KIND_REFLECTION,
} Kind;

typedef struct ShadowOptions {
    int kind;
    double opacity, blur, angle, distance_px;
    double length;
    Colour colour;
} ShadowOptions;

static const Field ShadowOptions_fields[] = {
    {FIELD_NAME(ShadowOptions, kind, kind_names),
     .help = "natural lies on the ground, drop hangs behind, reflection mirrors",
     .preset = "natural"},
    {FIELD_NUMBER(ShadowOptions, opacity), .help = "How dark, or how clear a reflection",
     .preset = "40", .max = 100, .unit = "%"},
    {FIELD_NUMBER(ShadowOptions, blur), .help = "How soft", .preset = "50", .max = 100,
     .unit = "%"},
    {FIELD_NUMBER(ShadowOptions, angle),
     .help = "Where the light comes from: 0 the right, 90 above, 135 the upper left, which throws "
             "it to the lower right, 180 the left",
     .preset = "135", .max = 360, .unit = "degrees"},
    {FIELD_NUMBER(ShadowOptions, distance_px),
     .help = "How far it is thrown, in a frame of 1000 px; larger frames scale it", .preset = "20",
     .max = 100, .unit = "px"},
    {FIELD_NUMBER(ShadowOptions, length), .help = "How much of the product a reflection shows",
     .preset = "45", .min = 1, .max = 100, .unit = "%"},
    {FIELD_COLOUR(ShadowOptions, colour), .help = "Colour of the shadow", .preset = "black"},
    {FIELD_END},
};

/* Reflection under shadow, later ones over earlier ones: a recipe may ask for several. */
static MUST Err *layer_add(const StepRun *run, Image **layer, Image **added)
{
    AUTO(image_free) Image *both = NULL;

    if (!*layer) {
        *layer = TAKE(*added);
        return NULL;
    }
    TRY(shot_blend(*layer, *added, run->threads, &both));
    shot_put(layer, TAKE(both));
    return NULL;
}

static Err *shadow_run(const StepRun *run, const void *options_any, Shot *shot)
{
    static Err *(*const casts[])(const ShadowCast *, Image **) = {
        [KIND_NATURAL] = shadow_natural,
        [KIND_DROP] = shadow_drop,
        [KIND_REFLECTION] = shadow_reflection,
    };
    const ShadowOptions *options = options_any;
    AUTO(image_free) Image *layer = NULL;
    ShadowCast cast = {
        .product = shot->product,
        .box = shot->box,
        .width_px = shot->width_px,
        .height_px = shot->height_px,
        .threads = run->threads,
        .look =
            {
                .opacity = options->opacity,
                .blur = options->blur,
                .angle_degrees = options->angle,
                .distance_px = options->distance_px,
                .length = options->length,
                .colour = options->colour,
            },
    };

    if (!image_has_alpha(shot->product))
        return err_public(
            err_new(ERR_INPUT_INVALID, "a shadow was asked for a photo that is not cut out"),
            "A shadow needs a cut-out product: put the step 'cutout' before 'shadow'.");
    if (shot->is_rendered && options->kind != KIND_DROP) {
        shot_note(shot, "shadow", "from_scene", value_of_bool(true));
        return NULL;
    }
    TRY(casts[options->kind](&cast, &layer));
    return layer_add(
        run, options->kind == KIND_REFLECTION ? &shot->reflection : &shot->shadow, &layer);
}

const Step step_shadow = {
    .name = "shadow",
    .summary = "Cast a shadow or a reflection; rendered sets bring their own",
    .version = 1,
    .phase = PHASE_SET,
    .options = SHAPE(ShadowOptions),
    .run = shadow_run,
};
