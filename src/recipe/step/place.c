/* Place: how large the frame is, how large the product stands in it, and where. */
#include <math.h>

#include "recipe/step/step_priv.h"
#include "scene/stance.h"

typedef enum Anchor {
    ANCHOR_CENTRE,
    ANCHOR_TOP,
    ANCHOR_BOTTOM,
    ANCHOR_LEFT,
    ANCHOR_RIGHT,
    ANCHOR_TOP_LEFT,
    ANCHOR_TOP_RIGHT,
    ANCHOR_BOTTOM_LEFT,
    ANCHOR_BOTTOM_RIGHT,
    ANCHOR_GROUND,
} Anchor;

static const char *const anchor_names[] = {"centre",       "top",      "bottom",    "left",
                                           "right",        "top_left", "top_right", "bottom_left",
                                           "bottom_right", "ground",   NULL};

/* Where the product's box touches: 0 the left or upper margin, 1 the other one. */
static const struct {
    double across, down;
} anchor_points[] = {
    [ANCHOR_CENTRE] = {0.5, 0.5}, [ANCHOR_TOP] = {0.5, 0},       [ANCHOR_BOTTOM] = {0.5, 1},
    [ANCHOR_LEFT] = {0, 0.5},     [ANCHOR_RIGHT] = {1, 0.5},     [ANCHOR_TOP_LEFT] = {0, 0},
    [ANCHOR_TOP_RIGHT] = {1, 0},  [ANCHOR_BOTTOM_LEFT] = {0, 1}, [ANCHOR_BOTTOM_RIGHT] = {1, 1},
    [ANCHOR_GROUND] = {0.5, 1},
};

typedef enum Level {
    LEVEL_AUTO,
    LEVEL_NEVER,
} Level;

static const char *const level_names[] = {"auto", "never", NULL};

typedef struct PlaceOptions {
    int64_t width_px, height_px;
    double fill, fill_width;
    int anchor;
    double margin, ground;
    double offset_x, offset_y;
    double rotate;
    int level;
} PlaceOptions;

static const Field PlaceOptions_fields[] = {
    {FIELD_INT(PlaceOptions, width_px), .help = "Frame width; 0 takes the photo's", .preset = "0",
     .max = 8192, .unit = "px"},
    {FIELD_INT(PlaceOptions, height_px), .help = "Frame height; 0 takes the photo's", .preset = "0",
     .max = 8192, .unit = "px"},
    {FIELD_NUMBER(PlaceOptions, fill),
     .help = "How much of the frame the product fills, in its tighter direction", .preset = "85",
     .min = 1, .max = 100, .unit = "%"},
    {FIELD_NUMBER(PlaceOptions, fill_width),
     .help = "The most of the frame's width it may take; 0 means as fill", .preset = "0",
     .max = 100, .unit = "%"},
    {FIELD_NAME(PlaceOptions, anchor, anchor_names),
     .help = "Where it stands; ground puts its base on the ground line", .preset = "centre"},
    {FIELD_NUMBER(PlaceOptions, margin), .help = "Room kept free at the anchored edges",
     .preset = "5", .max = 45, .unit = "%"},
    {FIELD_NUMBER(PlaceOptions, ground), .help = "Height of the ground line, from the top",
     .preset = "82", .min = 1, .max = 100, .unit = "%"},
    {FIELD_NUMBER(PlaceOptions, offset_x), .help = "Moved to the right, of the frame's width",
     .preset = "0", .min = -100, .max = 100, .unit = "%"},
    {FIELD_NUMBER(PlaceOptions, offset_y), .help = "Moved down, of the frame's height",
     .preset = "0", .min = -100, .max = 100, .unit = "%"},
    {FIELD_NUMBER(PlaceOptions, rotate), .help = "Turned clockwise", .preset = "0", .min = -180,
     .max = 180, .unit = "degrees"},
    {FIELD_NAME(PlaceOptions, level, level_names),
     .help = "auto sets upright what clearly was photographed a few degrees askew",
     .preset = "auto"},
    {FIELD_END},
};

enum {
    VISIBLE_ALPHA = 8 /* of 255: fainter edges do not count as product */
};

static void stance_note(const Stance *stance, Shot *shot)
{
    shot_note(shot, "view", "pitch", value_of_number(round(stance->pitch_degrees * 10) / 10));
    shot_note(shot, "view", "roll", value_of_number(round(stance->roll_degrees * 10) / 10));
    shot_note(shot, "view", "stands", value_of_bool(stance->stands));
}

static MUST Err *product_cropped(const Image *product, Image **ret)
{
    Box content = {0, 0, 0, 0};

    if (image_has_alpha(product))
        TRY(image_alpha_box(product, VISIBLE_ALPHA, &content));
    if (content.width == 0) {
        *ret = image_ref(product);
        return NULL;
    }
    return image_crop(product, content, ret);
}

static MUST Err *product_rotated(const Image *product, double degrees, Image **ret)
{
    AUTO(image_free) Image *turned = NULL;

    TRY(image_rotate(product, degrees, &turned));
    return product_cropped(turned, ret);
}

/* The product turned, upright and without its empty border. */
static MUST Err *product_trimmed(Shot *shot, const PlaceOptions *options, Image **ret)
{
    AUTO(image_free) Image *trimmed = NULL, *upright = NULL;
    Stance stance;

    if (options->rotate != 0)
        TRY(product_rotated(shot->product, options->rotate, &trimmed));
    else
        TRY(product_cropped(shot->product, &trimmed));
    if (image_has_alpha(trimmed)) {
        TRY(stance_find(trimmed, &stance));
        stance_note(&stance, shot);
        if (options->level == LEVEL_AUTO && stance.roll_degrees != 0)
            TRY(product_rotated(trimmed, -stance.roll_degrees, &upright));
    }
    *ret = upright ? TAKE(upright) : TAKE(trimmed);
    return NULL;
}

static double scale_to_fit(const PlaceOptions *options, int width, int height, Box frame)
{
    double fill_width = options->fill_width > 0 ? options->fill_width : options->fill;
    double across = frame.width * fill_width / 100 / width;
    double down = frame.height * options->fill / 100 / height;

    return MIN(across, down);
}

static Box box_anchored(const PlaceOptions *options, int width, int height, Box frame)
{
    double margin_x = frame.width * options->margin / 100;
    double margin_y = frame.height * options->margin / 100;
    double left =
        margin_x + (frame.width - 2 * margin_x - width) * anchor_points[options->anchor].across;
    double top =
        margin_y + (frame.height - 2 * margin_y - height) * anchor_points[options->anchor].down;

    if (options->anchor == ANCHOR_GROUND)
        top = frame.height * options->ground / 100 - height;
    left += frame.width * options->offset_x / 100;
    top += frame.height * options->offset_y / 100;
    return (Box){(int)lround(left), (int)lround(top), width, height};
}

/* The frame that its box (survey.c) is measured in, for who frames the picture anew. */
static void frame_note(Shot *shot)
{
    Value *sides = value_list();

    value_add(sides, value_of_int(shot->width_px));
    value_add(sides, value_of_int(shot->height_px));
    shot_note(shot, "place", "frame", sides);
}

static Err *place_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const PlaceOptions *options = options_any;
    AUTO(image_free) Image *trimmed = NULL, *sized = NULL;
    Box frame = {
        0, 0, options->width_px ? (int)options->width_px : shot->width_px,
        options->height_px ? (int)options->height_px : shot->height_px};

    (void)run;
    survey_photo(shot);
    TRY(product_trimmed(shot, options, &trimmed));
    int width = image_width(trimmed), height = image_height(trimmed);
    double scale = scale_to_fit(options, width, height, frame);

    width = MAX((int)lround(width * scale), 1);
    height = MAX((int)lround(height * scale), 1);
    TRY(image_resize(trimmed, width, height, IMAGE_LANCZOS3, &sized));
    shot_put(&shot->product, TAKE(sized));
    shot->width_px = frame.width;
    shot->height_px = frame.height;
    shot->box = box_anchored(options, width, height, frame);
    shot->is_placed = true;
    shot_note(shot, "place", "scale", value_of_number(scale));
    frame_note(shot);
    return survey_placed(shot);
}

const Step step_place = {
    .name = "place",
    .summary = "Set the frame, and how large and where the product stands in it",
    .version = 3,
    .phase = PHASE_PLACE,
    .options = SHAPE(PlaceOptions),
    .run = place_run,
};
