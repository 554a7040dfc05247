/* Watermark: words over the finished picture, in a corner or all over. */
#include <math.h>
#include <string.h>

#include "recipe/step/step_priv.h"

static const char *const position_names[] = {"bottom_right", "bottom_left", "top_right", "top_left",
                                             "centre",       "tiled",       NULL};

typedef enum Position {
    POSITION_BOTTOM_RIGHT,
    POSITION_BOTTOM_LEFT,
    POSITION_TOP_RIGHT,
    POSITION_TOP_LEFT,
    POSITION_CENTRE,
    POSITION_TILED,
} Position;

static const struct {
    double across, down;
} corners[] = {
    [POSITION_BOTTOM_RIGHT] = {1, 1}, [POSITION_BOTTOM_LEFT] = {0, 1},
    [POSITION_TOP_RIGHT] = {1, 0},    [POSITION_TOP_LEFT] = {0, 0},
    [POSITION_CENTRE] = {0.5, 0.5},   [POSITION_TILED] = {0.5, 0.5},
};

typedef struct WatermarkOptions {
    const char *text;
    int position;
    double opacity, size;
    Colour colour;
    const char *font;
} WatermarkOptions;

static const Field WatermarkOptions_fields[] = {
    {FIELD_TEXT(WatermarkOptions, text), .help = "Words to write", .max = 120},
    {FIELD_NAME(WatermarkOptions, position, position_names), .help = "Where",
     .preset = "bottom_right"},
    {FIELD_NUMBER(WatermarkOptions, opacity), .help = "How strongly it shows", .preset = "35",
     .max = 100, .unit = "%"},
    {FIELD_NUMBER(WatermarkOptions, size),
     .help = "Height of the letters, of the picture's shorter side", .preset = "4", .min = 0.5,
     .max = 50, .unit = "%"},
    {FIELD_COLOUR(WatermarkOptions, colour), .help = "Colour of the letters", .preset = "white"},
    {FIELD_TEXT(WatermarkOptions, font), .help = "Font family", .preset = "sans bold", .max = 80},
    {FIELD_END},
};

typedef struct Stamp {
    const Image *letters; /* one channel */
    Image *picture;
    Colour colour;
    double opacity;
} Stamp;

static void channel_mix(uint8_t *value, int ink, double share)
{
    *value = (uint8_t)lround(*value + (ink - *value) * share);
}

static void pixel_stamp(const Stamp *stamp, uint8_t *pixel, double share)
{
    channel_mix(&pixel[0], stamp->colour.r, share);
    channel_mix(&pixel[1], stamp->colour.g, share);
    channel_mix(&pixel[2], stamp->colour.b, share);
    if (image_channels(stamp->picture) == 4)
        channel_mix(&pixel[3], 255, share);
}

static void letters_stamp(const Stamp *stamp, int left, int top)
{
    int channels = image_channels(stamp->picture);

    for (int y = MAX(0, -top); y < image_height(stamp->letters); y++) {
        if (top + y >= image_height(stamp->picture))
            break;

        const uint8_t *ink = image_row(stamp->letters, y);
        uint8_t *row = image_row_mut(stamp->picture, top + y);
        for (int x = MAX(0, -left); x < image_width(stamp->letters); x++) {
            if (left + x >= image_width(stamp->picture))
                break;
            if (ink[x])
                pixel_stamp(
                    stamp, row + (ptrdiff_t)(left + x) * channels, ink[x] / 255.0 * stamp->opacity);
        }
    }
}

/* Rows of words, every other row moved by half a word. */
static void letters_tile(const Stamp *stamp)
{
    int width = image_width(stamp->letters), height = image_height(stamp->letters);
    int step_x = width + width / 3, step_y = height + height / 2;

    for (int row = 0; row * step_y < image_height(stamp->picture); row++)
        for (int left = row % 2 ? -step_x / 2 : 0; left < image_width(stamp->picture);
             left += step_x)
            letters_stamp(stamp, left, row * step_y);
}

/* Turned words run across every edge, so no crop frees the product of them. */
static MUST Err *letters_turned(const Image *letters, Image **ret)
{
    AUTO(image_free) Image *ground = NULL, *drawn = NULL, *turned = NULL;

    TRY(image_flat(
        image_width(letters), image_height(letters), (Colour){255, 255, 255, 255}, &ground));
    TRY(image_join_alpha(ground, letters, &drawn));
    TRY(image_rotate(drawn, -30, &turned));
    return image_take_alpha(turned, ret);
}

static Err *watermark_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const WatermarkOptions *options = options_any;
    AUTO(image_free) Image *letters = NULL, *picture = NULL;

    TRY(shot_finish(shot, run->threads));
    int width = image_width(shot->finished), height = image_height(shot->finished);
    int letter_px = MAX((int)lround(MIN(width, height) * options->size / 100), 6);

    TRY(image_text(options->text, options->font, letter_px, &letters));
    if (options->position == POSITION_TILED) {
        AUTO(image_free) Image *turned = NULL;

        TRY(letters_turned(letters, &turned));
        shot_put(&letters, TAKE(turned));
    }
    TRY(image_copy(shot->finished, &picture));

    Stamp stamp = {letters, picture, options->colour, options->opacity / 100};
    int margin = letter_px / 2 + 2;
    int room_x = width - image_width(letters) - 2 * margin;
    int room_y = height - image_height(letters) - 2 * margin;
    if (options->position == POSITION_TILED)
        letters_tile(&stamp);
    else
        letters_stamp(
            &stamp, margin + (int)lround(room_x * corners[options->position].across),
            margin + (int)lround(room_y * corners[options->position].down));
    shot_put(&shot->finished, TAKE(picture));
    return NULL;
}

const Step step_watermark = {
    .name = "watermark",
    .summary = "Write words over the picture, in a corner or all over it",
    .version = 1,
    .phase = PHASE_PICTURE,
    .options = SHAPE(WatermarkOptions),
    .run = watermark_run,
};
