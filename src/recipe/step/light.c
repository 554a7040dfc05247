/* Light: mend what the camera got wrong, then give the product a mood. */
#include "recipe/step/step_priv.h"

typedef enum Style {
    STYLE_NONE,
    STYLE_AUTO,
    STYLE_STUDIO,
    STYLE_NATURAL,
    STYLE_DRAMATIC,
    STYLE_BRIGHT,
    STYLE_MOODY,
} Style;

static const char *const style_names[] = {"none",     "auto",   "studio", "natural",
                                          "dramatic", "bright", "moody",  NULL};

/* What each style adds to the automatic mending. */
static const Tone style_tones[] = {
    [STYLE_NONE] = {0},
    [STYLE_AUTO] = {0},
    [STYLE_STUDIO] = {.brightness = 8, .contrast = 18, .saturation = 4},
    [STYLE_NATURAL] = {.brightness = 4, .contrast = 6, .warmth = 12, .saturation = 2},
    [STYLE_DRAMATIC] = {.brightness = -10, .contrast = 55, .saturation = 6},
    [STYLE_BRIGHT] = {.brightness = 26, .contrast = -6, .saturation = 4},
    [STYLE_MOODY] = {.brightness = -24, .contrast = 20, .warmth = -10, .saturation = -14},
};

typedef struct LightOptions {
    int style;
    double brightness, contrast, warmth;
    int target;
} LightOptions;

static const Field LightOptions_fields[] = {
    {FIELD_NAME(LightOptions, style, style_names),
     .help = "auto mends exposure, colour cast and contrast; the others add a mood",
     .preset = "auto"},
    {FIELD_NUMBER(LightOptions, brightness), .help = "Lighter or darker", .preset = "0",
     .min = -100, .max = 100},
    {FIELD_NUMBER(LightOptions, contrast), .help = "More or less contrast", .preset = "0",
     .min = -100, .max = 100},
    {FIELD_NUMBER(LightOptions, warmth), .help = "Warmer or cooler light", .preset = "0",
     .min = -100, .max = 100},
    {FIELD_NAME(LightOptions, target, target_names),
     .help = "Light the product alone or the whole picture", .preset = "product"},
    {FIELD_END},
};

static Err *light_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const LightOptions *options = options_any;
    const Tone *style = &style_tones[options->style];
    AUTO(image_free) Image *lit = NULL;
    const Image *image = NULL;

    int target = target_now(shot, options->target);
    TRY(target_get(run, target, shot, &image));
    Tone tone = options->style == STYLE_NONE ? (Tone){0} : tone_auto(image);
    tone.brightness = style->brightness + options->brightness;
    tone.contrast = style->contrast + options->contrast;
    tone.warmth = style->warmth + options->warmth;
    tone.saturation = style->saturation;
    TRY(tone_apply(image, &tone, run->threads, &lit));
    target_put(target, shot, TAKE(lit));
    shot_note(shot, "light", "exposure", value_of_number(tone.gamma > 0 ? tone.gamma : 1));
    return NULL;
}

static Work light_work(const void *options)
{
    (void)options;
    return WORK_ENHANCED;
}

const Step step_light = {
    .name = "light",
    .summary = "Mend the light of the photo and give it a mood",
    .version = 1,
    .options = SHAPE(LightOptions),
    .work = light_work,
    .run = light_run,
};
