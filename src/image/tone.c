/* Tone: light made more or less, a pixel's hue kept. */
#include "image/tone.h"

#include <math.h>
#include <string.h>

#include "base/crew.h"
#include "image/base_priv.h"

enum {
    STRIP_ROWS = 32,
    CURVE_STEPS = 4096
};

typedef struct Toning {
    const Tone *tone;
    const Image *from;
    Image *to;
    LightBase *base;              /* NULL where no area is treated as one */
    float linear[3][256];         /* a channel in linear light, lit and balanced */
    float curve[CURVE_STEPS + 1]; /* encoded luma to the same, after areas */
    float saturation;
    bool is_still; /* luma stays as it is: colours alone change */
} Toning;

/* Warmth as a gain of red against blue; the exponents keep luminance about level. */
static double channel_gain(const Tone *tone, int channel)
{
    static const double pull[3] = {0.22, 0.02, -0.26};
    double gain = tone->gain[channel] > 0 ? tone->gain[channel] : 1;

    return gain * exp(pull[channel] * tone->warmth / 100) * exp2(tone->exposure_ev);
}

/* Light times GAIN; what that pushes over the top bends towards white instead of clipping (Reinhard et al. 2002, above a knee). */
static double amplified(double linear, double gain)
{
    const double knee = 0.7;
    double lit = linear * gain;

    if (gain <= 1 || lit <= knee)
        return MIN(lit, 1.0);

    double over = (lit - knee) / (1 - knee), most = (gain - knee) / (1 - knee);
    return knee + (1 - knee) * over * (1 + over / (most * most)) / (1 + over);
}

/* An S around the middle for positive contrast, steeper the more and flat nowhere; an even flattening for negative. */
static double contrasted(double v, double contrast)
{
    double amount = contrast / 100;

    if (amount < 0)
        return 0.5 + (v - 0.5) * (1 + amount * 0.6);

    double steepness = exp2(amount);
    return v < 0.5 ? 0.5 * pow(2 * v, steepness) : 1 - 0.5 * pow(2 - 2 * v, steepness);
}

static double curve_at(const Tone *tone, double v)
{
    double white = tone->white > 0 ? tone->white : 1;

    v = CLAMP((v - tone->black) / (white - tone->black), 0.0, 1.0);
    /* Brightness as a power keeps black black and white white, where adding would wash out or clip. */
    v = pow(v, exp2(-tone->brightness / 100));
    return CLAMP(contrasted(v, tone->contrast), 0.0, 1.0);
}

static float encoded_unit(float linear)
{
    return colour_encoded(linear) / 255;
}

static float linear_unit(float encoded)
{
    return encoded <= 0.04045f ? encoded / 12.92f : powf((encoded + 0.055f) / 1.055f, 2.4f);
}

static float curve_read(const Toning *toning, float v)
{
    float at = CLAMP(v, 0.0f, 1.0f) * CURVE_STEPS;
    int step = MIN((int)at, CURVE_STEPS - 1);

    return toning->curve[step] +
           (toning->curve[step + 1] - toning->curve[step]) * (at - (float)step);
}

/* Areas in shadow are lifted and glaring ones calmed as wholes; what stands out inside them stays as far from its surroundings. */
static float area_toned(const Tone *tone, float v, float around)
{
    float dark = 1 - around, soften = (float)tone->soften;
    float lift = around * dark * dark * dark, calm = around * around * around * dark;

    return around + soften * (1.0f * lift - 0.7f * calm) +
           (v - around) * (1 + (float)tone->clarity);
}

/* How bright it is around column X, by the a and b of its row. */
static float around_at(const LightBase *base, const float *row, int x, float v)
{
    float across = ((float)x + 0.5f) * (float)base->columns / (float)base->width - 0.5f;

    across = CLAMP(across, 0.0f, (float)(base->columns - 1));
    int left = (int)across, right = MIN(left + 1, base->columns - 1);
    float share = across - (float)left;
    float a = row[2 * left] + (row[2 * right] - row[2 * left]) * share;
    float b = row[2 * left + 1] + (row[2 * right + 1] - row[2 * left + 1]) * share;

    return a * v + b;
}

/* 1 at the key light, less the farther from it: the square of the distance, as light does. */
static float falloff_at(const Toning *toning, int x, int y)
{
    float across = (float)x / (float)image_width(toning->from) - 0.32f;
    float down = (float)y / (float)image_height(toning->from) - 0.28f;
    float far = (across * across + down * down) / 0.55f;

    return 1.06f / (1 + 1.6f * (float)toning->tone->falloff * far);
}

/* Luminance WANTED for a pixel of linear RGB: the same ratio for all channels, paler where the screen cannot show it so bright. */
static void pixel_relight(const Toning *toning, const float rgb[3], float wanted, uint8_t *to)
{
    float luminance = 0.2126f * rgb[0] + 0.7152f * rgb[1] + 0.0722f * rgb[2];
    float ratio = luminance > 1e-6f ? wanted / luminance : 0;
    float first = MAX(rgb[0], rgb[1]), most = MAX(first, rgb[2]) * ratio;
    float colourful = toning->saturation;

    if (wanted + (most - wanted) * colourful > 1)
        colourful = most > wanted ? MAX(1 - wanted, 0.0f) / (most - wanted) : 0;
    for (int c = 0; c < 3; c++)
        to[c] = (uint8_t)(colour_encoded(wanted + (rgb[c] * ratio - wanted) * colourful) + 0.5f);
}

static void row_tone(const Toning *toning, int y, float *around)
{
    const uint8_t *from = image_row(toning->from, y);
    uint8_t *to = image_row_mut(toning->to, y);
    int channels = image_channels(toning->from), width = image_width(toning->from);

    if (toning->base)
        light_base_row(toning->base, y, around);
    for (int x = 0; x < width; x++, from += channels, to += channels) {
        float rgb[3] = {
            toning->linear[0][from[0]], toning->linear[1][from[1]], toning->linear[2][from[2]]};
        float luminance = 0.2126f * rgb[0] + 0.7152f * rgb[1] + 0.0722f * rgb[2];
        float wanted = luminance;

        if (channels == 4 && (to[3] = from[3]) == 0) {
            memcpy(to, from, 3);
            continue;
        }
        if (!toning->is_still) {
            float v = encoded_unit(luminance);

            if (toning->base)
                v = area_toned(toning->tone, v, around_at(toning->base, around, x, v));
            wanted = linear_unit(curve_read(toning, v));
        }
        if (toning->tone->falloff > 0)
            wanted = MIN(wanted * falloff_at(toning, x, y), 1.0f);
        pixel_relight(toning, rgb, wanted, to);
    }
}

static void strip_tone(void *toning_any, size_t strip)
{
    const Toning *toning = toning_any;
    int end = MIN((int)(strip + 1) * STRIP_ROWS, image_height(toning->from));
    float around[2 * LIGHT_BASE_COLUMNS_MAX];

    for (int y = (int)strip * STRIP_ROWS; y < end; y++)
        row_tone(toning, y, around);
}

static bool tone_is_nothing(const Tone *tone)
{
    static const Tone nothing = {0};

    return memcmp(tone, &nothing, sizeof(nothing)) == 0;
}

static void tables_fill(Toning *toning)
{
    const Tone *tone = toning->tone;

    for (int channel = 0; channel < 3; channel++)
        for (int value = 0; value < 256; value++)
            toning->linear[channel][value] = (float)amplified(
                (double)colour_linear((uint8_t)value), channel_gain(tone, channel));
    for (int step = 0; step <= CURVE_STEPS; step++)
        toning->curve[step] = (float)curve_at(tone, (double)step / CURVE_STEPS);
}

Err *image_tone(const Image *image, const Tone *tone, int threads, Image **ret)
{
    AUTO(image_free) Image *to = NULL;
    AUTO(light_base_free) LightBase *base = NULL;
    AUTO(free) Toning *toning = calloc(1, sizeof(*toning));

    if (tone_is_nothing(tone)) {
        *ret = image_ref(image);
        return NULL;
    }
    if (!toning)
        return err_new(ERR_MEMORY_SPENT, "no memory for a tone");
    TRY(image_new(image_width(image), image_height(image), image_channels(image), DEPTH_8, &to));
    if (tone->soften > 0 || tone->clarity > 0)
        TRY(light_base_new(image, &base));
    *toning = (Toning){
        .tone = tone,
        .from = image,
        .to = to,
        .base = base,
        .saturation = (float)(1 + tone->saturation / 100),
        .is_still = !base && tone->brightness == 0 && tone->contrast == 0 && tone->black == 0 &&
                    (tone->white == 0 || tone->white == 1),
    };
    tables_fill(toning);
    crew_run(
        threads, (size_t)(image_height(image) + STRIP_ROWS - 1) / STRIP_ROWS, strip_tone, toning);
    *ret = TAKE(to);
    return NULL;
}
