/* Frame: the finished picture in another shape, with all of the product in it. */
#include "market/frame.h"

#include <math.h>

#include "recipe/step/step_priv.h"

typedef struct FrameOptions {
    int64_t width_px, height_px;
    double product[4], fill;
} FrameOptions;

static const Field FrameOptions_fields[] = {
    {FIELD_INT(FrameOptions, width_px), .help = "Frame width", .min = 1, .max = 8192, .unit = "px"},
    {FIELD_INT(FrameOptions, height_px), .help = "Frame height", .min = 1, .max = 8192,
     .unit = "px"},
    {FIELD_VECTOR(FrameOptions, product, 4),
     .help = "Where the product stands in the picture as it comes: left, top, width and height; "
             "zeros: where it was placed, or is found",
     .preset = "0,0,0,0", .min = -200, .max = 300, .unit = "%"},
    {FIELD_NUMBER(FrameOptions, fill),
     .help = "How much of the frame a product on one colour, or on none, fills at most; 0: as much "
             "as it does",
     .preset = "0", .min = 0, .max = 98, .unit = "%"},
    {FIELD_END},
};

static Box product_box(const FrameOptions *options, const Shot *shot)
{
    const double *said = options->product;
    int width = image_width(shot->finished), height = image_height(shot->finished);

    if (said[2] > 0 && said[3] > 0)
        return (Box){
            (int)lround(said[0] * width / 100), (int)lround(said[1] * height / 100),
            (int)lround(said[2] * width / 100), (int)lround(said[3] * height / 100)};
    return shot->is_placed ? shot->box : (Box){0};
}

static Err *frame_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const FrameOptions *options = options_any;
    AUTO(image_free) Image *framed = NULL;
    FrameFacts facts;

    TRY(shot_finish(shot, run->threads));
    TRY(market_frame(
        shot->finished,
        &(FrameWish){
            .width_px = (int)options->width_px,
            .height_px = (int)options->height_px,
            .product = product_box(options, shot),
            .fill_most = options->fill / 100,
            .ground = {255, 255, 255, 255},
            .is_opaque = true,
            .threads = run->threads,
        },
        &framed, &facts));
    shot_put(&shot->finished, TAKE(framed));
    shot->width_px = (int)options->width_px;
    shot->height_px = (int)options->height_px;
    shot->box = facts.product;
    shot->is_placed = facts.product.width > 0;
    shot_note(shot, "frame", "ground", value_of_text(facts.ground));
    shot_note(shot, "frame", "is_cropped", value_of_bool(facts.is_cropped));
    shot_note(shot, "frame", "is_grown", value_of_bool(facts.is_grown));
    return NULL;
}

const Step step_frame = {
    .name = "frame",
    .summary = "Bring the picture into another shape, with all of the product in it",
    .version = 1,
    .phase = PHASE_PICTURE,
    .options = SHAPE(FrameOptions),
    .run = frame_run,
};
