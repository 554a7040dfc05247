/* Tone: one curve a channel, then saturation. */
#include <math.h>
#include <string.h>

#include "base/crew.h"
#include "recipe/step/step_priv.h"

enum {
    STRIP_ROWS = 64,
    SOLID_ALPHA = 200 /* what counts as product when its light is measured */
};

typedef struct Toning {
    const Image *from;
    Image *to;
    float curves[3][256]; /* 0..255 to 0..255 */
    float saturation;     /* 1 leaves as is */
} Toning;

/* Warmth as a gain of red against blue; the exponents keep luminance about level. */
static double channel_gain(const Tone *tone, int channel)
{
    static const double pull[3] = {0.22, 0.02, -0.26};
    double gain = tone->gain[channel] > 0 ? tone->gain[channel] : 1;

    return gain * exp(pull[channel] * tone->warmth / 100);
}

static double encoded(double linear)
{
    return linear <= 0.0031308 ? linear * 12.92 : 1.055 * pow(linear, 1 / 2.4) - 0.055;
}

/* An S around the middle for positive contrast, a flattening for negative; both leave black, middle and white where they are. */
static double contrasted(double v, double contrast)
{
    double amount = contrast / 100;
    double s = v * v * (3 - 2 * v);

    return amount >= 0 ? v + (s - v) * amount * 1.2 : 0.5 + (v - 0.5) * (1 + amount * 0.6);
}

static float curve_at(const Tone *tone, int channel, int value)
{
    double white = tone->white > 0 ? tone->white : 255;
    double v = encoded(colour_linear((uint8_t)value) * channel_gain(tone, channel));

    v = CLAMP((v * 255 - tone->black) / (white - tone->black), 0.0, 1.0);
    v = pow(v, 1 / (tone->gamma > 0 ? tone->gamma : 1));
    /* Brightness as a gamma keeps black black and white white, where adding would wash out or clip. */
    v = pow(v, exp2(-tone->brightness / 100));
    return (float)(255 * CLAMP(contrasted(v, tone->contrast), 0.0, 1.0));
}

static void
pixels_tone(const Toning *toning, const uint8_t *from, uint8_t *to, int width, int channels)
{
    for (int x = 0; x < width; x++, from += channels, to += channels) {
        float r = toning->curves[0][from[0]];
        float g = toning->curves[1][from[1]];
        float b = toning->curves[2][from[2]];
        float grey = 0.2126f * r + 0.7152f * g + 0.0722f * b;

        to[0] = (uint8_t)(CLAMP(grey + (r - grey) * toning->saturation, 0.0f, 255.0f) + 0.5f);
        to[1] = (uint8_t)(CLAMP(grey + (g - grey) * toning->saturation, 0.0f, 255.0f) + 0.5f);
        to[2] = (uint8_t)(CLAMP(grey + (b - grey) * toning->saturation, 0.0f, 255.0f) + 0.5f);
        if (channels == 4)
            to[3] = from[3];
    }
}

static void strip_tone(void *toning_any, size_t strip)
{
    const Toning *toning = toning_any;
    int end = MIN((int)(strip + 1) * STRIP_ROWS, image_height(toning->from));

    for (int y = (int)strip * STRIP_ROWS; y < end; y++)
        pixels_tone(
            toning, image_row(toning->from, y), image_row_mut(toning->to, y),
            image_width(toning->from), image_channels(toning->from));
}

Err *tone_apply(const Image *image, const Tone *tone, int threads, Image **ret)
{
    AUTO(image_free) Image *to = NULL;
    Toning toning = {.from = image, .saturation = (float)(1 + tone->saturation / 100)};

    TRY(image_new(image_width(image), image_height(image), image_channels(image), DEPTH_8, &to));
    for (int channel = 0; channel < 3; channel++)
        for (int value = 0; value < 256; value++)
            toning.curves[channel][value] = curve_at(tone, channel, value);
    toning.to = to;
    crew_run(
        threads, (size_t)(image_height(image) + STRIP_ROWS - 1) / STRIP_ROWS, strip_tone, &toning);
    *ret = TAKE(to);
    return NULL;
}

/* ---- measuring ---- */

typedef struct Light {
    int64_t histogram[256]; /* of luma */
    int64_t count;
    double neutral[3]; /* sums over pale, nearly grey pixels, in linear light */
    int64_t neutrals;
} Light;

static int channel_max(const uint8_t *pixel)
{
    int first = MAX(pixel[0], pixel[1]);

    return MAX(first, pixel[2]);
}

static int channel_min(const uint8_t *pixel)
{
    int first = MIN(pixel[0], pixel[1]);

    return MIN(first, pixel[2]);
}

static void pixel_measure(Light *light, const uint8_t *pixel)
{
    int luma = (pixel[0] * 54 + pixel[1] * 183 + pixel[2] * 19) >> 8;
    int most = channel_max(pixel);
    int least = channel_min(pixel);

    light->histogram[luma]++;
    light->count++;
    if (luma > 90 && most < 252 && most - least < most / 4) {
        for (int c = 0; c < 3; c++)
            light->neutral[c] += colour_linear(pixel[c]);
        light->neutrals++;
    }
}

static void light_measure(const Image *image, Light *ret)
{
    int channels = image_channels(image);

    memset(ret, 0, sizeof(*ret));
    for (int y = 0; y < image_height(image); y += 2) {
        const uint8_t *row = image_row(image, y);

        for (int x = 0; x < image_width(image); x += 2)
            if (channels == 3 || row[x * channels + 3] > SOLID_ALPHA)
                pixel_measure(ret, row + (ptrdiff_t)x * channels);
    }
}

static int percentile(const Light *light, double share)
{
    int64_t seen = 0;
    int value = 0;

    for (; value < 255; value++)
        if ((seen += light->histogram[value]) > (int64_t)((double)light->count * share))
            break;
    return value;
}

Tone tone_auto(const Image *image)
{
    Light light;
    Tone tone = {.gamma = 1, .white = 255};

    light_measure(image, &light);
    if (light.count == 0)
        return tone;

    int dark = percentile(&light, 0.005), middle = percentile(&light, 0.5);
    int bright = percentile(&light, 0.995);

    /* Only what is clearly off is mended: a black product is meant to be black, a pale one pale. */
    tone.black = MIN(dark, 24) * 0.8;
    if (bright < 235)
        tone.white = MAX(bright + 8, 170);
    if (middle < 70 && bright - dark > 60)
        tone.gamma = MIN(1 + (70 - middle) / 120.0, 1.45);

    if (light.neutrals * 20 > light.count) {
        double grey = (light.neutral[0] + light.neutral[1] + light.neutral[2]) / 3;

        for (int c = 0; c < 3; c++)
            tone.gain[c] = CLAMP(pow(grey / light.neutral[c], 0.7), 0.85, 1.18);
    }
    return tone;
}
