/* Brightness, contrast, colour and sharpness, by hand. */
#include "base/crew.h"
#include "image/tone.h"
#include "recipe/step/step_priv.h"

typedef struct AdjustOptions {
    double brightness, contrast, saturation, warmth;
    double sharpen;
    int target;
} AdjustOptions;

static const Field AdjustOptions_fields[] = {
    {FIELD_NUMBER(AdjustOptions, brightness), .help = "Lighter or darker", .preset = "0",
     .min = -100, .max = 100},
    {FIELD_NUMBER(AdjustOptions, contrast), .help = "More or less contrast", .preset = "0",
     .min = -100, .max = 100},
    {FIELD_NUMBER(AdjustOptions, saturation), .help = "Stronger or paler colours", .preset = "0",
     .min = -100, .max = 100},
    {FIELD_NUMBER(AdjustOptions, warmth), .help = "Warmer or cooler light", .preset = "0",
     .min = -100, .max = 100},
    {FIELD_NUMBER(AdjustOptions, sharpen), .help = "Crisper detail", .preset = "0", .max = 100},
    {FIELD_NAME(AdjustOptions, target, target_names),
     .help = "Work on the product alone or on the whole picture", .preset = "picture"},
    {FIELD_END},
};

enum {
    STRIP_ROWS = 64
};

typedef struct Sharpening {
    const Image *soft; /* RGB */
    Image *image;      /* RGB or RGBA, sharpened in place */
    int amount;        /* of 256 */
} Sharpening;

static void strip_sharpen(void *sharpening_any, size_t strip)
{
    const Sharpening *sharpening = sharpening_any;
    int channels = image_channels(sharpening->image);
    int end = MIN((int)(strip + 1) * STRIP_ROWS, image_height(sharpening->image));

    for (int y = (int)strip * STRIP_ROWS; y < end; y++) {
        const uint8_t *soft = image_row(sharpening->soft, y);
        uint8_t *row = image_row_mut(sharpening->image, y);

        for (int x = 0; x < image_width(sharpening->image); x++)
            for (int c = 0; c < 3; c++) {
                int value = row[x * channels + c];
                int crisp = value + (value - soft[x * 3 + c]) * sharpening->amount / 256;

                row[x * channels + c] = (uint8_t)CLAMP(crisp, 0, 255);
            }
    }
}

/* Unsharp mask: what a slight blur takes away is added once more. */
static MUST Err *image_sharpened(const Image *image, double amount, int threads, Image **ret)
{
    AUTO(image_free) Image *rgb = NULL, *soft = NULL, *sharp = NULL;

    TRY(image_take_rgb(image, &rgb));
    TRY(image_blur(rgb, 1.2, &soft));
    TRY(image_copy(image, &sharp));
    Sharpening sharpening = {soft, sharp, (int)(amount * 2 * 256)};
    crew_run(
        threads, (size_t)(image_height(sharp) + STRIP_ROWS - 1) / STRIP_ROWS, strip_sharpen,
        &sharpening);
    *ret = TAKE(sharp);
    return NULL;
}

static Err *adjust_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const AdjustOptions *options = options_any;
    AUTO(image_free) Image *toned = NULL;
    const Image *image = NULL;
    Tone tone = {
        .brightness = options->brightness,
        .contrast = options->contrast,
        .saturation = options->saturation,
        .warmth = options->warmth,
    };

    int target = target_now(shot, options->target);
    TRY(target_get(run, target, shot, &image));
    TRY(image_tone(image, &tone, run->threads, &toned));
    if (options->sharpen > 0) {
        AUTO(image_free) Image *sharp = NULL;

        TRY(image_sharpened(toned, options->sharpen / 100, run->threads, &sharp));
        shot_put(&toned, TAKE(sharp));
    }
    target_put(target, shot, TAKE(toned));
    return NULL;
}

const Step step_adjust = {
    .name = "adjust",
    .summary = "Set brightness, contrast, colour and sharpness by hand",
    .version = 2,
    .options = SHAPE(AdjustOptions),
    .run = adjust_run,
};
