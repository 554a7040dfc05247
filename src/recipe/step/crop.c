/* Crop: to the product with a margin, or to a shape. */
#include <math.h>

#include "recipe/step/step_priv.h"

typedef struct CropOptions {
    double margin;
    double aspect[2];
} CropOptions;

static const Field CropOptions_fields[] = {
    {FIELD_NUMBER(CropOptions, margin),
     .help = "Room to leave around the product, of its longer side", .preset = "0", .max = 100,
     .unit = "%"},
    {FIELD_VECTOR(CropOptions, aspect, 2),
     .help = "Shape of the result, width and height such as 4,5; 0,0 keeps what there is",
     .preset = "0,0", .max = 1000},
    {FIELD_END},
};

enum {
    VISIBLE_ALPHA = 8 /* of 255: fainter edges are not worth room */
};

static Err *crop_check(const void *options_any)
{
    const CropOptions *options = options_any;

    if ((options->aspect[0] > 0) == (options->aspect[1] > 0))
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "aspect has one side of 0"),
            "aspect needs a width and a height, such as 4,5."),
        "/aspect");
}

/* The largest box of the shape that fits into BOX, around its centre. */
static Box box_shaped(Box box, const double aspect[2])
{
    double shape = aspect[0] / aspect[1];
    int width = MIN(box.width, (int)lround(box.height * shape));
    int height = MIN(box.height, (int)lround(box.width / shape));

    width = MAX(width, 1);
    height = MAX(height, 1);
    return (Box){
        box.left + (box.width - width) / 2, box.top + (box.height - height) / 2, width, height};
}

static Box box_grown(Box box, int by, int width, int height)
{
    int left = MAX(box.left - by, 0), top = MAX(box.top - by, 0);
    int right = MIN(box.left + box.width + by, width);
    int bottom = MIN(box.top + box.height + by, height);

    return (Box){left, top, right - left, bottom - top};
}

static Err *crop_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const CropOptions *options = options_any;
    AUTO(image_free) Image *cropped = NULL;
    const Image *image = NULL;
    int target = target_now(shot, TARGET_PICTURE);

    TRY(target_get(run, target, shot, &image));
    int width = image_width(image), height = image_height(image);
    Box box = {0, 0, width, height};
    if (image_has_alpha(image)) {
        Box content;

        TRY(image_alpha_box(image, VISIBLE_ALPHA, &content));
        int longer = MAX(content.width, content.height);
        if (content.width > 0)
            box = box_grown(content, (int)lround(longer * options->margin / 100), width, height);
    }
    if (options->aspect[0] > 0)
        box = box_shaped(box, options->aspect);
    TRY(image_crop(image, box, &cropped));
    target_put(target, shot, TAKE(cropped));
    return NULL;
}

const Step step_crop = {
    .name = "crop",
    .summary = "Crop to the product with a margin, or to a shape",
    .version = 1,
    .options = SHAPE(CropOptions),
    .check = crop_check,
    .run = crop_run,
};
