/* Light: mend what the camera got wrong, then give the product a mood. */
#include <math.h>

#include "image/cast.h"
#include "image/tone.h"
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
    [STYLE_STUDIO] = {.brightness = 10, .contrast = 24, .soften = 0.25, .clarity = 0.4},
    [STYLE_NATURAL] =
        {.brightness = 6, .warmth = 22, .saturation = 5, .soften = 0.35, .falloff = 0.15},
    [STYLE_DRAMATIC] =
        {.brightness = -8, .contrast = 48, .saturation = -6, .clarity = 0.6, .falloff = 0.85},
    [STYLE_BRIGHT] = {.brightness = 40, .contrast = 8, .saturation = 14, .soften = 0.3},
    [STYLE_MOODY] =
        {.brightness = -26,
         .contrast = 8,
         .warmth = -26,
         .saturation = -30,
         .clarity = 0.2,
         .falloff = 0.5},
};

typedef struct LightOptions {
    int style;
    double brightness, contrast, warmth;
    int target;
    double detail;
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
    {FIELD_NUMBER(LightOptions, detail),
     .help =
         "Refuse a vendor's light when less than this of the product's fine detail is in what it "
         "drew; 0 takes any and reports it",
     .preset = "30", .max = 100, .unit = "%"},
    {FIELD_END},
};

/* A cut-out product alone does not tell a black thing from a dark photo; the photo it came from does. */
static const Image *evidence(const Shot *shot, int target, const Image *image)
{
    bool has_surroundings =
        target == TARGET_PRODUCT && shot->source && !image_has_alpha(shot->source);

    return has_surroundings ? shot->source : image;
}

static void found_add(Value *found, const char *text)
{
    value_add(found, value_of_text(text));
}

/* What was amiss, in words and in numbers. */
static void faults_note(Shot *shot, const LightFaults *faults)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Value *found = value_list();

    if (faults->under_ev > 0)
        found_add(found, arena_print(mem, "under-exposed by %.1f EV", faults->under_ev));
    if (faults->cast_delta > 0)
        found_add(
            found,
            arena_print(mem, "%s cast of %.0f Lab steps", faults->cast_name, faults->cast_delta));
    if (faults->harsh > 0)
        found_add(found, arena_print(mem, "harsh contrast (%.0f %%)", faults->harsh * 100));
    if (faults->flat > 0)
        found_add(found, arena_print(mem, "flat contrast (%.0f %%)", faults->flat * 100));
    shot_note(shot, "light", "found", found);
    shot_note(shot, "light", "under_ev", value_of_number(faults->under_ev));
    shot_note(shot, "light", "cast", value_of_number(faults->cast_delta));
    shot_note(shot, "light", "harsh", value_of_number(faults->harsh));
    shot_note(shot, "light", "flat", value_of_number(faults->flat));
}

static Err *light_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const LightOptions *options = options_any;
    const Tone *style = &style_tones[options->style];
    AUTO(image_free) Image *lit = NULL;
    const Image *image = NULL;
    Tone tone = {0};

    int target = target_now(shot, options->target);
    TRY(target_get(run, target, shot, &image));
    if (options->style != STYLE_NONE) {
        LightFaults faults;

        TRY(image_light_faults(evidence(shot, target, image), &faults));
        tone = tone_of_faults(&faults);
        faults_note(shot, &faults);
    }
    tone.brightness += style->brightness + options->brightness;
    tone.contrast = CLAMP(tone.contrast + style->contrast + options->contrast, -100.0, 100.0);
    tone.warmth += style->warmth + options->warmth;
    tone.saturation += style->saturation;
    tone.soften = MAX(tone.soften, style->soften);
    tone.clarity = style->clarity;
    tone.falloff = style->falloff;
    TRY(image_tone(image, &tone, run->threads, &lit));
    target_put(target, shot, TAKE(lit));
    return NULL;
}

/* ---- by a vendor ---- */

/* What each style asks of a vendor's light; NULL is the house's own mending. */
static const char *const style_prompts[] = {
    [STYLE_STUDIO] = "even studio light of two large softboxes, clean and neutral",
    [STYLE_NATURAL] = "warm natural window light from the left, soft shadows",
    [STYLE_DRAMATIC] = "dramatic hard light from the upper left, deep shadows, dark surroundings",
    [STYLE_BRIGHT] = "bright high-key light from all sides, airy",
    [STYLE_MOODY] = "moody cool low-key light, dim, from the left",
};

enum {
    ASK_SIDE_MAX_PX = 1024,
    GREY = 188 /* half of the light: relighting networks take it for nothing at all */
};

static bool light_is_wished(const void *options_any)
{
    const LightOptions *options = options_any;

    return style_prompts[options->style] != NULL;
}

static void light_describe(const void *options_any, int width_px, int height_px, VendorAsk *ret)
{
    const LightOptions *options = options_any;
    double scale = fmin((double)ASK_SIDE_MAX_PX / MAX(width_px, height_px), 1);

    *ret = (VendorAsk){
        .ability = ABILITY_RELIGHT,
        .prompt = style_prompts[options->style],
        .count = 1,
        .width_px = llround(width_px * scale),
        .height_px = llround(height_px * scale),
        .compression = -1,
        .seed = -1,
    };
}

/* IMAGE as the vendor lights it; REJECTED when it shows something else. */
static MUST Err *light_ask(
    const StepRun *run, const LightOptions *options, const Image *image, Shot *shot, Image **ret)
{
    AUTO(image_free) Image *whole = NULL;
    AUTO(image_free) Image *given = NULL;
    AUTO(image_free) Image *lit = NULL;
    AUTO(lent_done) Lent lent = {0};
    LockReport report;
    VendorAsk ask;

    TRY(image_flatten(image, (Colour){GREY, GREY, GREY, 255}, &whole));
    TRY(lent_make(whole, ASK_SIDE_MAX_PX, &lent));
    light_describe(options, image_width(image), image_height(image), &ask);
    ask.images[0] = lent.picture;
    ask.image_count = 1;
    TRY(ask_picture(run, &ask, shot, &given));
    TRY(ask_shape_check(given, whole));
    TRY(image_take_rgb(given, &lit));
    TRY(ask_compare(run, image, lit, &report));
    shot_note(shot, "light", "detail", value_of_number(round(report.detail * 1000) / 1000));
    if (report.detail * 100 < options->detail)
        return ask_refuse("it shows something else than the picture that was sent");
    *ret = TAKE(lit);
    return NULL;
}

/* The camera's faults are mended here as ever; of the vendor's picture only the broad light is taken. */
static Err *light_hire(const StepRun *run, const void *options_any, Shot *shot)
{
    static const double limit = 8;
    const LightOptions *options = options_any;
    AUTO(image_free) Image *mended = NULL;
    AUTO(image_free) Image *lit = NULL;
    AUTO(image_free) Image *done = NULL;
    const Image *image = NULL;
    LightFaults faults;
    LightCastFacts facts;

    int target = target_now(shot, options->target);
    TRY(target_get(run, target, shot, &image));
    TRY(image_light_faults(evidence(shot, target, image), &faults));
    Tone tone = tone_of_faults(&faults);
    tone.brightness += options->brightness;
    tone.contrast = CLAMP(tone.contrast + options->contrast, -100.0, 100.0);
    tone.warmth += options->warmth;
    TRY(image_tone(image, &tone, run->threads, &mended));
    TRY(light_ask(run, options, mended, shot, &lit));
    TRY(image_cast_light(
        &(LightCast){.image = mended, .lit = lit, .limit = limit, .threads = run->threads}, &done,
        &facts));
    faults_note(shot, &faults);
    shot_note(shot, "light", "difference_mean", value_of_number(round(facts.mean * 100) / 100));
    shot_note(shot, "light", "share", value_of_number(round(facts.share * 100) / 100));
    target_put(target, shot, TAKE(done));
    return NULL;
}

static const StepVendor light_vendor = {
    .ability = ABILITY_RELIGHT,
    .version = 1,
    .work = WORK_REDRAWN,
    .is_wished = light_is_wished,
    .describe = light_describe,
    .run = light_hire,
};

static Work light_work(const void *options)
{
    (void)options;
    return WORK_ENHANCED;
}

const Step step_light = {
    .name = "light",
    .summary = "Mend the light of the photo and give it a mood",
    .version = 2,
    .options = SHAPE(LightOptions),
    .work = light_work,
    .run = light_run,
    .vendor = &light_vendor,
};
