/* Harmonise: the light of the set, laid on the product's own pixels. */
#include <math.h>

#include "recipe/step/step_priv.h"
#include "scene/harmony.h"

typedef struct HarmoniseOptions {
    double exposure, tint, relight, masks, occlusion, wrap, grain;
    double limit;
} HarmoniseOptions;

static const Field HarmoniseOptions_fields[] = {
    {FIELD_NUMBER(HarmoniseOptions, exposure), .help = "How far its brightness follows the set",
     .preset = "60", .max = 100, .unit = "%"},
    {FIELD_NUMBER(HarmoniseOptions, tint), .help = "How far its colours follow the set's light",
     .preset = "50", .max = 100, .unit = "%"},
    {FIELD_NUMBER(HarmoniseOptions, relight), .help = "Light and shade of the set over its form",
     .preset = "35", .max = 100, .unit = "%"},
    {FIELD_NUMBER(HarmoniseOptions, masks), .help = "Shadows of leaves, blinds and panes across it",
     .preset = "60", .max = 100, .unit = "%"},
    {FIELD_NUMBER(HarmoniseOptions, occlusion), .help = "Darker towards the ground",
     .preset = "100", .max = 100, .unit = "%"},
    {FIELD_NUMBER(HarmoniseOptions, wrap), .help = "Light of the backdrop around its edge",
     .preset = "50", .max = 100, .unit = "%"},
    {FIELD_NUMBER(HarmoniseOptions, grain), .help = "The set's film grain on it too",
     .preset = "100", .max = 100, .unit = "%"},
    {FIELD_NUMBER(HarmoniseOptions, limit),
     .help = "How far its colours may move on the mean (CIEDE2000): 2 for main pictures of "
             "marketplaces, 6 for styled ones",
     .preset = "6", .max = 30},
    {FIELD_END},
};

static double rounded(double value)
{
    return round(value * 100) / 100;
}

static Err *harmonise_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const HarmoniseOptions *options = options_any;
    AUTO(image_free) Image *product = NULL;
    HarmonyFacts facts;

    if (!shot->backdrop || !shot->is_placed || !image_has_alpha(shot->product)) {
        shot_note(shot, "harmonise", "left_out", value_of_bool(true));
        return NULL;
    }
    Harmony harmony = {
        .product = shot->product,
        .box = shot->box,
        .backdrop = shot->backdrop,
        .light = shot->light,
        .grain = shot->grain,
        .look =
            {
                .exposure = options->exposure / 100,
                .tint = options->tint / 100,
                .relight = options->relight / 100,
                .masks = options->masks / 100,
                .occlusion = shot->lies ? 0 : options->occlusion / 100,
                .wrap = options->wrap / 100,
                .grain = options->grain / 100,
                .limit = options->limit,
            },
        .seed = run->seed,
        .threads = run->threads,
    };
    TRY(harmony_apply(&harmony, &product, &facts));
    shot_put(&shot->product, TAKE(product));
    shot_note(shot, "harmonise", "difference_mean", value_of_number(rounded(facts.mean)));
    shot_note(shot, "harmonise", "difference_p95", value_of_number(rounded(facts.p95)));
    shot_note(shot, "harmonise", "share", value_of_number(rounded(facts.share)));
    return NULL;
}

const Step step_harmonise = {
    .name = "harmonise",
    .summary = "Lay the light of the set on the product: brightness, tint, shade, edge and grain",
    .version = 1,
    .phase = PHASE_SET,
    .is_random = true,
    .options = SHAPE(HarmoniseOptions),
    .run = harmonise_run,
};
