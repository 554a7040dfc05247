/* Cut-out: the product alone, by a network's mask that is refined at the photo's full size. */
#include <math.h>

#include "matte/matte.h"
#include "model/model.h"
#include "recipe/step/step_priv.h"

static const char *const mode_names[] = {"full", "preview", NULL};
static const char *const edge_names[] = {"refined", "plain", NULL};

typedef enum Mode {
    MODE_FULL,
    MODE_PREVIEW,
} Mode;

typedef enum Edges {
    EDGES_REFINED,
    EDGES_PLAIN, /* the network's mask, merely enlarged: what refining is measured against */
} Edges;

typedef struct CutoutOptions {
    const char *model;
    int mode, edges;
    bool again;
    double edge_shift, hair;
    double least_confidence;
    double glass;
} CutoutOptions;

static const Field CutoutOptions_fields[] = {
    {FIELD_TEXT(CutoutOptions, model),
     .help = "Network that finds the product; empty takes the best installed", .preset = "",
     .max = 64},
    {FIELD_NAME(CutoutOptions, mode, mode_names),
     .help = "full for the shop; preview is four times as fast and coarser", .preset = "full"},
    {FIELD_NAME(CutoutOptions, edges, edge_names),
     .help = "refined follows hair and thin parts and takes the old background out of the edge",
     .preset = "refined"},
    {FIELD_BOOL(CutoutOptions, again),
     .help = "Cut out photos that have a transparent background already, too", .preset = "false"},
    {FIELD_NUMBER(CutoutOptions, edge_shift), .help = "Below 0 trims the edge, above 0 widens it",
     .preset = "0", .min = -100, .max = 100, .unit = "%"},
    {FIELD_NUMBER(CutoutOptions, hair), .help = "How far soft edges may reach out for hair and fur",
     .preset = "100", .max = 100, .unit = "%"},
    {FIELD_NUMBER(CutoutOptions, least_confidence),
     .help = "Refuse photos in which no product is found this surely", .preset = "40", .max = 100,
     .unit = "%"},
    {FIELD_NUMBER(CutoutOptions, glass),
     .help =
         "How much of the old background to take out of glass, so that the new one is seen through "
         "it; 0 leaves products whole",
     .preset = "0", .max = 100, .unit = "%"},
    {FIELD_END},
};

enum {
    SEEN_THROUGH_ALPHA = 8, /* of 255 */
    SEEN_THROUGH_SHARE =
        200 /* one pixel in so many must be seen through for a photo to count as cut out */
};

/* Whether somebody cut this photo out before: part of it is fully transparent. */
static bool photo_is_cut_out(const Image *photo)
{
    int64_t open = 0, width = image_width(photo), height = image_height(photo);

    if (!image_has_alpha(photo))
        return false;
    for (int y = 0; y < height; y++) {
        const uint8_t *row = image_row(photo, y);

        for (int64_t x = 0; x < width; x++)
            open += row[4 * x + 3] < SEEN_THROUGH_ALPHA;
    }
    return open * SEEN_THROUGH_SHARE > width * height && open < width * height;
}

static MUST Err *model_name(const StepRun *run, const CutoutOptions *options, const char **ret)
{
    const ModelRow *row = options->model[0] ? models_find(run->models, options->model)
                                            : models_default(run->models, MODEL_MATTE);

    if (!row && !options->model[0])
        return err_public(
            err_new(ERR_MODEL_REFUSED, "every model that cuts out is refused by its licence"),
            "Every network that cuts out has a licence that is refused here. Allow its kind in "
            "CYCLORAMA_MODEL_LICENCES, or install another network.");
    if (!row || row->task != MODEL_MATTE)
        return err_public(
            err_new(ERR_MODEL_MISSING, "no model cuts out by the name '%s'", options->model),
            "There is no network called '%s' that cuts out. Run 'cyclorama models' to see all.",
            options->model);
    *ret = options->mode == MODE_PREVIEW && row->preview ? row->preview : row->name;
    return NULL;
}

static void cutout_identify(const StepRun *run, const void *options_any, Hasher *hasher)
{
    const char *name = "";

    if (!run->models)
        return;
    AUTO(err_free) Err *err = model_name(run, options_any, &name);
    const ModelRow *row = err ? NULL : models_find(run->models, name);

    if (row)
        model_identify(run->models, row, hasher);
}

/* Colours and matte as one layer; refined edges also lose what the old background left in them. */
static MUST Err *
product_join(const Image *photo, const Image *alpha, const MatteOptions *matte, Image **ret)
{
    AUTO(image_free) Image *rgb = NULL;

    if (matte->refine == MATTE_REFINE_EDGES)
        return matte_decontaminate(photo, alpha, matte, ret);
    TRY(image_take_rgb(photo, &rgb));
    return image_join_alpha(rgb, alpha, ret);
}

/* Say so when the old background is seen through the product, and take it out when asked. */
static MUST Err *glass_see(
    const StepRun *run, const CutoutOptions *options, Shot *shot, const Image *alpha,
    Image **product)
{
    AUTO(image_free) Image *clear = NULL;
    double glass;

    TRY(matte_glass_find(shot->product, alpha, &glass));
    shot_note(shot, "cutout", "glass", value_of_number(round(glass * 100) / 100));
    if (options->glass > 0) {
        TRY(matte_glass_clear(shot->product, *product, options->glass / 100, run->threads, &clear));
        shot_put(product, TAKE(clear));
    } else if (glass > MATTE_GLASS_LIKELY) {
        shot_note(
            shot, "cutout", "note",
            value_of_text(
                "This looks like glass: its old background may show in it. Try cutout.glass=80, or "
                "photograph it before white."));
    }
    return NULL;
}

static MatteOptions matte_wished(const StepRun *run, const CutoutOptions *options)
{
    MatteOptions matte = matte_options_default;

    matte.refine = options->edges == EDGES_PLAIN ? MATTE_REFINE_NONE : MATTE_REFINE_EDGES;
    matte.hair = options->hair / 100;
    matte.edge_shift = options->edge_shift / 100;
    matte.threads = run->threads;
    matte.cancel = run->cancel;
    return matte;
}

static Err *cutout_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const CutoutOptions *options = options_any;
    AUTO(image_free) Image *coarse = NULL, *alpha = NULL, *product = NULL;
    const char *name = NULL;
    Model *model;

    if (!options->again && photo_is_cut_out(shot->product)) {
        shot_note(shot, "cutout", "kept", value_of_bool(true));
        return NULL;
    }
    TRY(model_name(run, options, &name));
    TRY(models_load(run->models, name, &model));
    TRY(model_matte(model, shot->product, run->cancel, &coarse));

    double confidence = matte_confidence(coarse);
    if (confidence * 100 < options->least_confidence)
        return err_new(
            ERR_PRODUCT_NOT_FOUND, "the network is sure of a product to %.0f %%, asked for %.0f %%",
            confidence * 100, options->least_confidence);

    MatteOptions matte = matte_wished(run, options);
    TRY(matte_refine(shot->product, coarse, &matte, &alpha));
    TRY(product_join(shot->product, alpha, &matte, &product));
    TRY(glass_see(run, options, shot, alpha, &product));
    target_put(TARGET_PRODUCT, shot, TAKE(product));
    shot->is_cut_out = true;
    shot_note(shot, "cutout", "model", value_of_text(name));
    shot_note(shot, "cutout", "confidence", value_of_number(round(confidence * 1000) / 1000));
    if (confidence < MATTE_DOUBTFUL)
        shot_note(shot, "cutout", "doubtful", value_of_bool(true));
    return NULL;
}

/* ---- by a vendor ---- */

enum {
    ASK_SIDE_MAX_PX = 4000
};

/* The share of ALPHA that is product, 0 .. 1. */
static double alpha_share(const Image *alpha)
{
    int64_t sum = 0, width = image_width(alpha), height = image_height(alpha);

    for (int y = 0; y < height; y++) {
        const uint8_t *row = image_row(alpha, y);

        for (int64_t x = 0; x < width; x++)
            sum += row[x];
    }
    return (double)sum / (255.0 * (double)width * (double)height);
}

/* The matte out of what the vendor gave back. */
static MUST Err *vendor_alpha(const Image *given, const Image *photo, Image **ret)
{
    static const double least = 0.002, most = 0.995;
    AUTO(image_free) Image *alpha = NULL;

    TRY(ask_shape_check(given, photo));
    TRY(image_take_alpha(given, &alpha));
    double share = alpha_share(alpha);
    if (share > most)
        return ask_refuse("its background was not taken out");
    if (share < least)
        return ask_refuse("there is no product left in it");
    *ret = TAKE(alpha);
    return NULL;
}

/* Who names a network means that network. */
static bool cutout_is_wished(const void *options_any)
{
    const CutoutOptions *options = options_any;

    return !*options->model && options->mode == MODE_FULL;
}

static void cutout_describe(const void *options, int width_px, int height_px, VendorAsk *ret)
{
    double scale = fmin((double)ASK_SIDE_MAX_PX / MAX(width_px, height_px), 1);

    (void)options;
    *ret = (VendorAsk){
        .ability = ABILITY_CUTOUT,
        .count = 1,
        .width_px = llround(width_px * scale),
        .height_px = llround(height_px * scale),
        .format = "png",
        .compression = -1,
        .seed = -1,
    };
}

/* A matte as large as the photo is the vendor's own; a smaller one is brought to the photo's edges as a network's is. */
static MUST Err *
vendor_matte(const Image *photo, const Image *given, MatteOptions *matte, Image **ret)
{
    AUTO(image_free) Image *alpha = NULL, *coarse = NULL;
    bool is_whole = image_width(given) >= image_width(photo);
    MatteRefine wished = matte->refine;

    TRY(vendor_alpha(given, photo, &alpha));
    TRY(image_to_depth(alpha, DEPTH_FLOAT, &coarse));
    if (is_whole)
        matte->refine = MATTE_REFINE_NONE;
    TRY(matte_refine(photo, coarse, matte, ret));
    matte->refine = wished;
    return NULL;
}

static Err *cutout_hire(const StepRun *run, const void *options_any, Shot *shot)
{
    const CutoutOptions *options = options_any;
    AUTO(image_free) Image *rgb = NULL;
    AUTO(image_free) Image *given = NULL;
    AUTO(image_free) Image *alpha = NULL, *product = NULL;
    AUTO(lent_done) Lent lent = {0};
    MatteOptions matte = matte_wished(run, options);
    VendorAsk ask;

    if (!options->again && photo_is_cut_out(shot->product)) {
        shot_note(shot, "cutout", "kept", value_of_bool(true));
        return NULL;
    }
    TRY(image_take_rgb(shot->product, &rgb));
    TRY(lent_make(rgb, ASK_SIDE_MAX_PX, &lent));
    cutout_describe(options, image_width(rgb), image_height(rgb), &ask);
    ask.images[0] = lent.picture;
    ask.image_count = 1;
    TRY(ask_picture(run, &ask, shot, &given));
    TRY(vendor_matte(shot->product, given, &matte, &alpha));
    TRY(product_join(shot->product, alpha, &matte, &product));
    TRY(glass_see(run, options, shot, alpha, &product));
    target_put(TARGET_PRODUCT, shot, TAKE(product));
    shot->is_cut_out = true;
    return NULL;
}

static const StepVendor cutout_vendor = {
    .ability = ABILITY_CUTOUT,
    .version = 1,
    .work = WORK_EDITED,
    .is_wished = cutout_is_wished,
    .describe = cutout_describe,
    .run = cutout_hire,
};

const Step step_cutout = {
    .name = "cutout",
    .summary = "Cut the product out of its background",
    .version = 6,
    .phase = PHASE_PHOTO,
    .is_cached = true,
    .options = SHAPE(CutoutOptions),
    .identify = cutout_identify,
    .run = cutout_run,
    .vendor = &cutout_vendor,
};
