/* Upscale: more pixels than the camera gave, by a network. */
#include <math.h>
#include <string.h>

#include "model/model.h"
#include "recipe/step/step_priv.h"

static const char *const mode_names[] = {"faithful", "restore", NULL};

typedef enum Mode {
    MODE_FAITHFUL, /* invents nothing: sharp edges, the same texture */
    MODE_RESTORE,  /* also removes noise and compression marks, and draws texture anew */
} Mode;

typedef struct UpscaleOptions {
    int64_t factor;
    int mode;
    const char *model;
    double likeness;
} UpscaleOptions;

static const Field UpscaleOptions_fields[] = {
    {FIELD_INT(UpscaleOptions, factor), .help = "How many times as wide and high: 2 or 4",
     .preset = "2", .min = 2, .max = 4},
    {FIELD_NAME(UpscaleOptions, mode, mode_names),
     .help = "faithful invents nothing; restore also cleans up noisy, compressed photos",
     .preset = "faithful"},
    {FIELD_TEXT(UpscaleOptions, model), .help = "Network to use; empty takes the one for the mode",
     .preset = "", .max = 64},
    {FIELD_NUMBER(UpscaleOptions, likeness),
     .help =
         "Refuse what a vendor enlarged when it is less like the picture that was sent than this "
         "(SSIM); 0 takes any and reports it",
     .preset = "80", .max = 100, .unit = "%"},
    {FIELD_END},
};

enum {
    SIDE_MAX_PX = 16384,
    PIXELS_MAX = 100 * 1000 * 1000
};

/* Which network does what: applied TIMES over, then shrunk to the factor asked for. NULL is image_enlarge. */
static const struct {
    Mode mode;
    int factor;
    const char *model;
    int times;
} choices[] = {
    {MODE_FAITHFUL, 2, NULL, 1},
    {MODE_FAITHFUL, 4, NULL, 2},
    {MODE_RESTORE, 2, "realesr-general-4x", 1},
    {MODE_RESTORE, 4, "realesr-general-4x", 1},
};

static Err *upscale_check(const void *options_any)
{
    const UpscaleOptions *options = options_any;

    if (options->factor != 3)
        return NULL;
    return err_field(
        err_public(err_new(ERR_INPUT_INVALID, "factor is 3"), "factor must be 2 or 4."), "/factor");
}

static const char *model_chosen(const UpscaleOptions *options, int *ret_times)
{
    *ret_times = 1;
    if (options->model[0])
        return options->model;
    for (size_t i = 0; i < COUNT(choices); i++)
        if ((int)choices[i].mode == options->mode && choices[i].factor == options->factor) {
            *ret_times = choices[i].times;
            return choices[i].model;
        }
    return NULL;
}

static void upscale_identify(const StepRun *run, const void *options_any, Hasher *hasher)
{
    int times;
    const char *name = model_chosen(options_any, &times);
    const ModelRow *row = name && run->models ? models_find(run->models, name) : NULL;

    if (row)
        model_identify(run->models, row, hasher);
}

static MUST Err *size_check(const Image *image, int64_t factor)
{
    int64_t width = image_width(image) * factor, height = image_height(image) * factor;

    if (MAX(width, height) <= SIDE_MAX_PX && width * height <= PIXELS_MAX)
        return NULL;
    return err_public(
        err_new(
            ERR_IMAGE_TOO_LARGE, "upscaling would give %jd x %jd pixels", (intmax_t)width,
            (intmax_t)height),
        "Upscaling this picture would give %jd x %jd pixels, which is too large. It is large "
        "enough "
        "as it is.",
        (intmax_t)width, (intmax_t)height);
}

typedef struct Passing {
    const StepRun *run;
    int pass, passes;
} Passing;

static void pass_watch(void *passing_any, double part)
{
    const Passing *passing = passing_any;

    if (passing->run->progress)
        passing->run->progress(passing->run->watcher, (passing->pass + part) / passing->passes);
}

/* Once through the network; MODEL is NULL for the one that travels in the program. */
static MUST Err *
pass_run(const StepRun *run, Model *model, Passing *passing, const Image *rgb, Image **ret)
{
    ModelUpscaling upscaling = {.cancel = run->cancel, .progress = pass_watch, .context = passing};
    ImageEnlarging enlarging = {
        .threads = run->threads,
        .cancel = run->cancel,
        .progress = pass_watch,
        .context = passing,
    };

    TRY(size_check(rgb, model ? model_row(model)->upscale.factor : 2));
    return model ? model_upscale(model, rgb, &upscaling, ret) : image_enlarge(rgb, &enlarging, ret);
}

static MUST Err *
colours_upscale(const StepRun *run, const UpscaleOptions *options, const Image *image, Image **ret)
{
    AUTO(image_free) Image *original = NULL;
    AUTO(image_free) Image *rgb = NULL;
    AUTO(image_free) Image *fitted = NULL;
    Model *model = NULL;
    Passing passing = {.run = run};
    const char *name = model_chosen(options, &passing.passes);

    if (name)
        TRY(models_load(run->models, name, &model));
    TRY(image_take_rgb(image, &original));
    rgb = image_ref(original);
    for (; passing.pass < passing.passes; passing.pass++) {
        AUTO(image_free) Image *larger = NULL;

        TRY(pass_run(run, model, &passing, rgb, &larger));
        shot_put(&rgb, TAKE(larger));
    }
    TRY(image_resize(
        rgb, image_width(image) * (int)options->factor, image_height(image) * (int)options->factor,
        IMAGE_LANCZOS3, &fitted));
    if (options->mode == MODE_FAITHFUL)
        return image_faithful(fitted, original, ret);
    *ret = TAKE(fitted);
    return NULL;
}

static MUST Err *alpha_upscale(const Image *image, int64_t factor, Image **rgb)
{
    AUTO(image_free) Image *alpha = NULL, *larger = NULL, *joined = NULL;

    TRY(image_take_alpha(image, &alpha));
    TRY(image_resize(
        alpha, image_width(image) * (int)factor, image_height(image) * (int)factor, IMAGE_LANCZOS3,
        &larger));
    TRY(image_join_alpha(*rgb, larger, &joined));
    shot_put(rgb, TAKE(joined));
    return NULL;
}

static Err *upscale_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const UpscaleOptions *options = options_any;
    AUTO(image_free) Image *larger = NULL;
    const Image *image = NULL;
    int target = target_now(shot, TARGET_PICTURE);

    TRY(target_get(run, target, shot, &image));
    TRY(size_check(image, options->factor));
    TRY(colours_upscale(run, options, image, &larger));
    if (image_has_alpha(image))
        TRY(alpha_upscale(image, options->factor, &larger));
    target_put(target, shot, TAKE(larger));
    return NULL;
}

/* ---- by a vendor ---- */

enum {
    ASK_SIDE_MAX_PX = 4096
};

/* Who names a network means that network. */
static bool upscale_is_wished(const void *options_any)
{
    const UpscaleOptions *options = options_any;

    return !*options->model;
}

static void upscale_describe(const void *options_any, int width_px, int height_px, VendorAsk *ret)
{
    const UpscaleOptions *options = options_any;

    *ret = (VendorAsk){
        .ability = ABILITY_UPSCALE,
        .count = 1,
        .factor = options->factor,
        .width_px = width_px * options->factor,
        .height_px = height_px * options->factor,
        .compression = -1,
        .seed = -1,
    };
}

/* Drawn anew by a stranger's network: what it changed of the picture as it was is put back, and what it changed too much is not
 * taken. */
static MUST Err *vendor_colours(
    const StepRun *run, const UpscaleOptions *options, Image *rgb, Shot *shot, Image **ret)
{
    static const double least_detail = 0.2; /* without noise there is that much left */
    AUTO(image_free) Image *given = NULL;
    AUTO(image_free) Image *plain = NULL;
    AUTO(image_free) Image *fitted = NULL;
    AUTO(lent_done) Lent lent = {0};
    LockReport report;
    VendorAsk ask;

    TRY(lent_make(rgb, ASK_SIDE_MAX_PX, &lent));
    upscale_describe(options, image_width(rgb), image_height(rgb), &ask);
    ask.images[0] = lent.picture;
    ask.image_count = 1;
    TRY(ask_picture(run, &ask, shot, &given));
    TRY(ask_shape_check(given, rgb));
    TRY(image_take_rgb(given, &plain));
    TRY(ask_compare(run, rgb, plain, &report));
    shot_note(shot, "upscale", "likeness", value_of_number(round(report.likeness * 1000) / 1000));
    if (report.likeness * 100 < options->likeness ||
        (options->likeness > 0 && report.detail < least_detail))
        return ask_refuse("it shows something else than the picture that was sent");
    TRY(image_resize(
        plain, image_width(rgb) * (int)options->factor, image_height(rgb) * (int)options->factor,
        IMAGE_LANCZOS3, &fitted));
    if (options->mode == MODE_FAITHFUL)
        return image_faithful(fitted, rgb, ret);
    *ret = TAKE(fitted);
    return NULL;
}

static Err *upscale_hire(const StepRun *run, const void *options_any, Shot *shot)
{
    const UpscaleOptions *options = options_any;
    AUTO(image_free) Image *rgb = NULL;
    AUTO(image_free) Image *larger = NULL;
    const Image *image = NULL;
    int target = target_now(shot, TARGET_PICTURE);

    TRY(target_get(run, target, shot, &image));
    TRY(size_check(image, options->factor));
    TRY(image_take_rgb(image, &rgb));
    TRY(vendor_colours(run, options, rgb, shot, &larger));
    if (image_has_alpha(image))
        TRY(alpha_upscale(image, options->factor, &larger));
    target_put(target, shot, TAKE(larger));
    return NULL;
}

static const StepVendor upscale_vendor = {
    .ability = ABILITY_UPSCALE,
    .version = 1,
    .work = WORK_REDRAWN,
    .is_wished = upscale_is_wished,
    .describe = upscale_describe,
    .run = upscale_hire,
};

static Work upscale_work(const void *options_any)
{
    const UpscaleOptions *options = options_any;

    return options->mode == MODE_RESTORE ? WORK_REDRAWN : WORK_ENHANCED;
}

const Step step_upscale = {
    .name = "upscale",
    .summary = "Give the product or the picture two or four times the pixels",
    .version = 3,
    .is_cached = true,
    .options = SHAPE(UpscaleOptions),
    .check = upscale_check,
    .identify = upscale_identify,
    .work = upscale_work,
    .run = upscale_run,
    .vendor = &upscale_vendor,
};
