/* Comply: the finished picture whitened, framed anew and sized to keep to a shop's numbers. The product's own pixels stay as they are. */
#include <math.h>
#include <string.h>

#include "market/market.h"
#include "recipe/step/step_priv.h"

typedef struct ComplyOptions {
    int64_t whiten;
    double fill_least, fill_most;
    double aspect_least, aspect_most;
    int64_t width_least_px, width_most_px;
    int64_t shortest_least_px, longest_least_px, longest_most_px;
    double megapixels_most, enlarge_most;
    double product[4];
    Colour ground;
} ComplyOptions;

static const Field ComplyOptions_fields[] = {
    {FIELD_INT(ComplyOptions, whiten),
     .help = "A plain background no darker than so many levels below white becomes pure white",
     .preset = "0", .max = 64},
    {FIELD_NUMBER(ComplyOptions, fill_least),
     .help = "The least of the frame that the product has to fill; 0 for any", .preset = "0",
     .max = 98, .unit = "%"},
    {FIELD_NUMBER(ComplyOptions, fill_most),
     .help = "The most of the frame that it may fill; 0 for any", .preset = "0", .max = 100,
     .unit = "%"},
    {FIELD_NUMBER(ComplyOptions, aspect_least), .help = "Width over height, at least; 0 for any",
     .preset = "0", .max = 10},
    {FIELD_NUMBER(ComplyOptions, aspect_most), .help = "Width over height, at most; 0 for any",
     .preset = "0", .max = 10},
    {FIELD_INT(ComplyOptions, width_least_px), .help = "Width, at least", .preset = "0",
     .max = 16384, .unit = "px"},
    {FIELD_INT(ComplyOptions, width_most_px), .help = "Width, at most; 0 for any", .preset = "0",
     .max = 16384, .unit = "px"},
    {FIELD_INT(ComplyOptions, shortest_least_px), .help = "Shorter side, at least", .preset = "0",
     .max = 16384, .unit = "px"},
    {FIELD_INT(ComplyOptions, longest_least_px), .help = "Longer side, at least", .preset = "0",
     .max = 16384, .unit = "px"},
    {FIELD_INT(ComplyOptions, longest_most_px), .help = "Longer side, at most; 0 for any",
     .preset = "0", .max = 16384, .unit = "px"},
    {FIELD_NUMBER(ComplyOptions, megapixels_most), .help = "Million pixels, at most; 0 for any",
     .preset = "0", .max = 100},
    {FIELD_NUMBER(ComplyOptions, enlarge_most),
     .help = "Enlarge no more than this; upscale does it better", .preset = "1.5", .min = 1,
     .max = 4, .unit = "times"},
    {FIELD_VECTOR(ComplyOptions, product, 4),
     .help = "Where the product is, when the background is not plain: left, top, width, height",
     .preset = "0,0,0,0", .max = 100, .unit = "%"},
    {FIELD_COLOUR(ComplyOptions, ground), .help = "What shows through where the picture is open",
     .preset = "white"},
    {FIELD_END},
};

/* ---- framing ---- */

typedef struct Framing {
    int width, height; /* of the picture */
    Box product;       /* empty when it is not known */
    bool can_pad;
} Framing;

static double fill_in(const Framing *framing, double width, double height)
{
    return MAX(framing->product.width / width, framing->product.height / height);
}

static const double frame_pixels_most = 100e6;

/* The frame, which may reach over the picture's edges where that can be padded. */
static Box frame_choose(const ComplyOptions *options, const Framing *framing)
{
    double aspect = (double)framing->width / framing->height;
    double fill_least = options->fill_least / 100;
    double fill_most = options->fill_most > 0 ? options->fill_most / 100 : 0.98;

    aspect = MAX(aspect, options->aspect_least);
    if (options->aspect_most > 0)
        aspect = MIN(aspect, options->aspect_most);
    double width = MIN((double)framing->width, framing->height * aspect);
    double height = width / aspect;

    if (framing->product.width > 0) {
        double fill = fill_in(framing, width, height), wanted = fill;

        if (fill < fill_least)
            wanted = MIN(fill_least + 0.012, (fill_least + fill_most) / 2);
        if (fill > fill_most)
            wanted = MAX(fill_most - 0.012, (fill_least + fill_most) / 2);
        width *= fill / wanted;
        height *= fill / wanted;
    }
    if (!framing->can_pad) {
        double over = MAX(width / framing->width, height / framing->height);

        over = MAX(over, 1.0);

        width /= over;
        height /= over;
    }
    /* What may fill next to nothing asks for a frame without end. */
    double own = (double)framing->width * framing->height;
    double beyond = sqrt(width * height / MAX(own, frame_pixels_most));

    width /= MAX(beyond, 1.0);
    height /= MAX(beyond, 1.0);

    Box box = {0, 0, MAX((int)lround(width), 1), MAX((int)lround(height), 1)};
    bool has_product = framing->product.width > 0;
    int middle_x =
        has_product ? framing->product.left + framing->product.width / 2 : framing->width / 2;
    int middle_y =
        has_product ? framing->product.top + framing->product.height / 2 : framing->height / 2;
    box.left = middle_x - box.width / 2;
    box.top = middle_y - box.height / 2;
    if (box.width <= framing->width)
        box.left = CLAMP(box.left, 0, framing->width - box.width);
    if (box.height <= framing->height)
        box.top = CLAMP(box.top, 0, framing->height - box.height);
    return box;
}

/* Beyond its edges the picture goes on as it is there: plain backgrounds are seldom of one colour. */
static MUST Err *frame_take(const Image *picture, Box box, Image **ret)
{
    AUTO(image_free) Image *framed = NULL;
    int width = image_width(picture), height = image_height(picture);

    TRY(image_new(box.width, box.height, 3, DEPTH_8, &framed));
    for (int y = 0; y < box.height; y++) {
        const uint8_t *from = image_row(picture, CLAMP(box.top + y, 0, height - 1));
        uint8_t *to = image_row_mut(framed, y);

        for (int x = 0; x < box.width; x++)
            memcpy(to + 3 * x, from + 3 * CLAMP(box.left + x, 0, width - 1), 3);
    }
    *ret = TAKE(framed);
    return NULL;
}

/* ---- sizing ---- */

static void raise_to(double *scale, int64_t least, int side)
{
    *scale = MAX(*scale, (double)least / side);
}

static void lower_to(double *scale, int64_t most, int side)
{
    if (most)
        *scale = MIN(*scale, (double)most / side);
}

static double scale_choose(const ComplyOptions *options, int width, int height, bool *ret_too_small)
{
    double larger = 1, smaller = 1;

    raise_to(&larger, options->width_least_px, width);
    raise_to(&larger, options->shortest_least_px, MIN(width, height));
    raise_to(&larger, options->longest_least_px, MAX(width, height));
    lower_to(&smaller, options->width_most_px, width);
    lower_to(&smaller, options->longest_most_px, MAX(width, height));
    if (options->megapixels_most > 0)
        smaller = MIN(smaller, sqrt(options->megapixels_most * 1e6 / ((double)width * height)));
    *ret_too_small = larger > options->enlarge_most;
    return smaller < 1 ? smaller : MIN(larger, options->enlarge_most);
}

/* Rounded away from the limit that asked for it. */
static int side_scaled(int side, double scale)
{
    double scaled = side * scale;

    return MAX((int)(scale < 1 ? floor(scaled + 1e-6) : ceil(scaled - 1e-6)), 1);
}

/* ---- all of it ---- */

static Framing
framing_of(const ComplyOptions *options, const Image *picture, const Subject *subject)
{
    Framing framing = {image_width(picture), image_height(picture), subject->box, .can_pad = false};
    const Box *box = &subject->box;

    /* What runs out of the picture would be drawn out into stripes. */
    framing.can_pad = subject->by != SUBJECT_UNKNOWN && box->left > 0 && box->top > 0 &&
                      box->left + box->width < framing.width &&
                      box->top + box->height < framing.height;

    if (options->product[2] > 0)
        framing.product = (Box){
            (int)lround(options->product[0] * framing.width / 100),
            (int)lround(options->product[1] * framing.height / 100),
            (int)lround(options->product[2] * framing.width / 100),
            (int)lround(options->product[3] * framing.height / 100)};
    return framing;
}

static MUST Err *
picture_frame(const ComplyOptions *options, Subject *subject, Shot *shot, Image **picture)
{
    AUTO(image_free) Image *framed = NULL;
    Framing framing = framing_of(options, *picture, subject);
    Box box = frame_choose(options, &framing);

    if (box.left == 0 && box.top == 0 && box.width == framing.width && box.height == framing.height)
        return NULL;
    TRY(frame_take(*picture, box, &framed));
    shot_put(picture, TAKE(framed));
    shot_note(shot, "comply", "framed", value_of_bool(true));
    return NULL;
}

static MUST Err *picture_size(const ComplyOptions *options, Shot *shot, Image **picture)
{
    AUTO(image_free) Image *sized = NULL;
    bool is_too_small;
    int width = image_width(*picture), height = image_height(*picture);
    double scale = scale_choose(options, width, height, &is_too_small);

    if (is_too_small)
        shot_note(shot, "comply", "too_small", value_of_bool(true));
    if (fabs(scale - 1) < 1e-9)
        return NULL;
    TRY(image_resize(
        *picture, side_scaled(width, scale), side_scaled(height, scale), IMAGE_LANCZOS3, &sized));
    shot_put(picture, TAKE(sized));
    shot_note(shot, "comply", "scale", value_of_number(scale));
    return NULL;
}

static Err *comply_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const ComplyOptions *options = options_any;
    AUTO(market_subject_done) Subject subject = {0};
    AUTO(image_free) Image *picture = NULL;

    TRY(shot_finish(shot, run->threads));
    TRY(image_flatten(shot->finished, options->ground, &picture));
    TRY(market_find_subject(picture, NULL, &subject));
    if (market_is_near_white(&subject, (int)options->whiten)) {
        AUTO(image_free) Image *before = TAKE(picture);

        TRY(market_whiten(before, &subject, run->threads, &picture));
        shot_note(shot, "comply", "whitened", value_of_bool(true));
    }
    TRY(picture_frame(options, &subject, shot, &picture));
    TRY(picture_size(options, shot, &picture));
    target_put(TARGET_PICTURE, shot, TAKE(picture));
    return NULL;
}

const Step step_comply = {
    .name = "comply",
    .summary = "Whiten, frame anew and size the finished picture by a shop's numbers",
    .version = 1,
    .phase = PHASE_PICTURE,
    .options = SHAPE(ComplyOptions),
    .run = comply_run,
};
