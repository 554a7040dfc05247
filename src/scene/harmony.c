/* The light of a set laid on a product's pixels: a small field of gains, the ground's shade, the backdrop around the edge, grain. */
#include "scene/harmony.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "base/dice.h"
#include "scene/foot.h"
#include "scene/plane.h"
#include "scene/scene.h"

enum {
    FIELD_SIDE = 72,    /* cells of gains on the longer side */
    SHADE_SIDE = 160,   /* cells of the small outline */
    AROUND_SIDE = 96,   /* cells of the backdrop that shines around the edge */
    SAMPLES_MAX = 4000, /* pixels whose colour difference is measured */
    CURVE_STEPS = 4096, /* of the way back to encoded values */
    SOLID_ALPHA = 200,
};

/* Everything a pixel needs. */
typedef struct Shine {
    const Harmony *harmony;
    Plane gains[3];  /* stretched over the product */
    Plane outline;   /* small alpha */
    Plane sturdy;    /* 0 on thin parts .. 1, on the same cells */
    float *ground;   /* pixels from the top to the ground, per column of the product */
    Plane around[3]; /* the backdrop, linear, stretched over the frame */
    Image *edge;     /* blurred alpha, of the product's size; NULL without wrap */
    float *curve;    /* linear to 0..255 */
    float share;
    Image *to;
} Shine;

static void shine_done(Shine *shine)
{
    for (int k = 0; k < 3; k++) {
        plane_done(&shine->gains[k]);
        plane_done(&shine->around[k]);
    }
    plane_done(&shine->outline);
    plane_done(&shine->sturdy);
    free(shine->ground);
    free(shine->curve);
    image_free(shine->edge);
}
DEFINE_AUTO_DONE(Shine, shine_done);

/* Mixed of the four cells around; beyond the ends, the ends. */
static float plane_mix(const Plane *plane, double x, double y)
{
    return plane_at(
        plane, CLAMP(x, 0.5, plane->width - 0.5001), CLAMP(y, 0.5, plane->height - 0.5001));
}

static void side_fit(int width, int height, int longest, int *ret_width, int *ret_height)
{
    double scale = fmin(1, longest / (double)MAX(width, height));

    *ret_width = MAX((int)lround(width * scale), 1);
    *ret_height = MAX((int)lround(height * scale), 1);
}

static double luminance(const double c[3])
{
    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
}

/* ---- the outline ---- */

static MUST Err *outline_read(const Image *product, Shine *shine)
{
    AUTO(image_free) Image *small = NULL;
    int width, height;

    side_fit(image_width(product), image_height(product), SHADE_SIDE, &width, &height);
    TRY(image_resize(product, width, height, IMAGE_LINEAR, &small));
    TRY(plane_new(width, height, &shine->outline));
    TRY(plane_new(width, height, &shine->sturdy));
    for (int y = 0; y < height; y++) {
        const uint8_t *row = image_row(small, y);
        for (int x = 0; x < width; x++)
            shine->outline.cells[y * width + x] = (float)row[x * 4 + 3] / 255;
    }
    size_t count = (size_t)width * (size_t)height;
    memcpy(shine->sturdy.cells, shine->outline.cells, count * sizeof(float));
    double reach = 0.03 * MIN(width, height);
    TRY(plane_blur(&shine->sturdy, reach, reach));
    for (size_t i = 0; i < count; i++) {
        float t = CLAMP((shine->sturdy.cells[i] - 0.34f) / 0.12f, 0.0f, 1.0f);
        shine->sturdy.cells[i] = t * t * (3 - 2 * t);
    }
    return NULL;
}

static MUST Err *ground_find(const Image *product, Shine *shine)
{
    int width = image_width(product), height = image_height(product);
    AUTO(free) int *feet = calloc((size_t)width, sizeof(int));

    shine->ground = calloc((size_t)width, sizeof(float));
    if (!feet || !shine->ground)
        return err_new(ERR_MEMORY_SPENT, "no memory for a product's ground");
    memset(feet, -1, (size_t)width * sizeof(int));
    for (int y = 0; y < height; y++) {
        const uint8_t *row = image_row(product, y);
        for (int x = 0; x < width; x++)
            if (row[x * 4 + 3] > 127)
                feet[x] = y + 1;
    }
    return foot_hull(feet, width, shine->ground);
}

/* ---- gains ---- */

static double power_held(double ratio, double exponent, double least, double most)
{
    return CLAMP(pow(fmax(ratio, 1e-4), exponent), least, most);
}

/* How bright and how coloured the product's surroundings are, of a white card; 1 is neutral. */
typedef struct Mean {
    double light[3];
    double passed; /* of what masks leave */
} Mean;

static void gain_find(const Harmony *harmony, const Mean *mean, double ret[3])
{
    const double usual = 0.95;
    double bright = fmax(luminance(mean->light), 1e-4);
    double seen = bright * mean->passed / usual;
    double gain = harmony->light ? power_held(seen, 0.6 * harmony->look.exposure, 0.55, 1.2)
                                 : power_held(seen, 0.2 * harmony->look.exposure, 0.85, 1);
    double tint = harmony->look.tint * (harmony->light ? 0.45 : 0.2), level;

    for (int k = 0; k < 3; k++)
        ret[k] = power_held(mean->light[k] / bright, tint, 0.75, 1.3);
    level = luminance(ret);
    for (int k = 0; k < 3; k++)
        ret[k] *= gain / level;
}

static double light_at(const Image *light, int x, int y, int k)
{
    const uint16_t *row = image_row(light, y);

    return row[x * 4 + k] / 65535.0 * (k < 3 ? SCENE_LIGHT_WHITE : 1);
}

static void light_mean(const Image *light, const Plane *outline, Mean *ret)
{
    double sum[4] = {0}, weight = 1e-6;
    double per_x = outline->width / (double)image_width(light);
    double per_y = outline->height / (double)image_height(light);

    for (int y = 0; y < image_height(light); y++) {
        for (int x = 0; x < image_width(light); x++) {
            double cover = (double)plane_at(outline, (x + 0.5) * per_x, (y + 0.5) * per_y);
            for (int k = 0; k < 4; k++)
                sum[k] += cover * light_at(light, x, y, k);
            weight += cover;
        }
    }
    for (int k = 0; k < 3; k++)
        ret->light[k] = fmax(sum[k] / weight, 1e-4);
    ret->passed = fmax(sum[3] / weight, 1e-3);
}

static MUST Err *gains_from_light(const Harmony *harmony, Shine *shine, double *ret_gain)
{
    const Image *light = harmony->light;
    int width = image_width(light), height = image_height(light);
    double gain[3];
    Mean mean;

    light_mean(light, &shine->outline, &mean);
    gain_find(harmony, &mean, gain);
    for (int k = 0; k < 3; k++)
        TRY(plane_new(width, height, &shine->gains[k]));
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            double passed = light_at(light, x, y, 3) / mean.passed;
            double shade = power_held(passed, harmony->look.masks, 0.4, 1.6);
            for (int k = 0; k < 3; k++) {
                double here = light_at(light, x, y, k) / mean.light[k];
                shine->gains[k].cells[y * width + x] =
                    (float)(gain[k] * shade * power_held(here, harmony->look.relight, 0.45, 1.7));
            }
        }
    }
    *ret_gain = luminance(gain);
    return NULL;
}

static MUST Err *gains_from_backdrop(const Harmony *harmony, Shine *shine, double *ret_gain)
{
    size_t count = (size_t)shine->around[0].width * (size_t)shine->around[0].height;
    Mean mean = {.passed = 1};
    double gain[3];

    for (int k = 0; k < 3; k++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += (double)shine->around[k].cells[i];
        mean.light[k] = fmax(sum / (double)count, 1e-3);
    }
    gain_find(harmony, &mean, gain);
    for (int k = 0; k < 3; k++) {
        TRY(plane_new(1, 1, &shine->gains[k]));
        shine->gains[k].cells[0] = (float)gain[k];
    }
    *ret_gain = luminance(gain);
    return NULL;
}

/* ---- the backdrop around the edge ---- */

static MUST Err *around_read(const Image *backdrop, Shine *shine)
{
    AUTO(image_free) Image *small = NULL;
    int width, height;

    side_fit(image_width(backdrop), image_height(backdrop), AROUND_SIDE, &width, &height);
    TRY(image_resize(backdrop, width, height, IMAGE_LINEAR, &small));
    for (int k = 0; k < 3; k++)
        TRY(plane_new(width, height, &shine->around[k]));
    for (int y = 0; y < height; y++) {
        const uint8_t *row = image_row(small, y);
        for (int x = 0; x < width; x++)
            for (int k = 0; k < 3; k++)
                shine->around[k].cells[y * width + x] = colour_linear(row[x * 3 + k]);
    }
    for (int k = 0; k < 3; k++)
        TRY(plane_blur(&shine->around[k], 1.2, 1.2));
    return NULL;
}

static MUST Err *edge_new(const Harmony *harmony, Image **ret)
{
    AUTO(image_free) Image *alpha = NULL;
    int longer = MAX(image_width(harmony->backdrop), image_height(harmony->backdrop));

    TRY(image_take_alpha(harmony->product, &alpha));
    return image_blur(alpha, fmax(1.6 * longer / 1024, 0.6), ret);
}

/* How much of the backdrop's light pixel (X, Y) takes, of 0..1: most at the rim, none at the foot and on thin parts. */
static float wrap_at(const Shine *shine, int x, int y)
{
    const Image *product = shine->harmony->product;
    int height = image_height(product);
    int blurred = ((const uint8_t *)image_row(shine->edge, y))[x];
    float rim = CLAMP(2 - (float)blurred / 127.5f, 0.0f, 1.0f);

    if (rim <= 0)
        return 0;
    float above = (shine->ground[x] - (float)y) / (float)height;
    float clear = CLAMP((above - 0.02f) / 0.1f, 0.0f, 1.0f);
    float sturdy = plane_mix(
        &shine->sturdy, (x + 0.5) * shine->sturdy.width / image_width(product),
        (y + 0.5) * shine->sturdy.height / height);
    return 0.2f * (float)shine->harmony->look.wrap * rim * clear * sturdy;
}

/* ---- one pixel ---- */

/* Brighter without burning out: white stays white. */
static float lit(float value, float gain)
{
    return gain <= 1 ? value * gain : value * gain / (1 + (gain - 1) * value);
}

/* LINEAR of pixel (X, Y) as the set's light would show it. */
static void pixel_shine(const Shine *shine, int x, int y, float linear[3])
{
    const Harmony *harmony = shine->harmony;
    int width = image_width(harmony->product), height = image_height(harmony->product);
    float above = fmaxf(shine->ground[x] - (float)y, 0) / (0.05f * (float)height);
    float shade = 1;
    float wrap = shine->edge ? wrap_at(shine, x, y) : 0;

    if (above < 6)
        shade = 1 - 0.28f * (float)harmony->look.occlusion * expf(-above);
    for (int k = 0; k < 3; k++) {
        const Plane *gains = &shine->gains[k], *around = &shine->around[k];
        float gain =
            plane_mix(gains, (x + 0.5) * gains->width / width, (y + 0.5) * gains->height / height);
        float value = lit(linear[k], gain * shade);
        if (wrap > 0) {
            float beyond = plane_mix(
                around,
                (harmony->box.left + x + 0.5) * around->width / image_width(harmony->backdrop),
                (harmony->box.top + y + 0.5) * around->height / image_height(harmony->backdrop));
            value += (beyond - value) * wrap;
        }
        linear[k] += (value - linear[k]) * shine->share;
    }
}

static MUST Err *curve_new(float **ret)
{
    float *curve = calloc(CURVE_STEPS + 2, sizeof(float));

    if (!curve)
        return err_new(ERR_MEMORY_SPENT, "no memory for a curve");
    for (int i = 0; i <= CURVE_STEPS + 1; i++)
        curve[i] = colour_encoded((float)i / CURVE_STEPS);
    *ret = curve;
    return NULL;
}

static float curve_at(const float *curve, float linear)
{
    float at = CLAMP(linear, 0.0f, 1.0f) * CURVE_STEPS;
    int step = (int)at;

    return curve[step] + (curve[step + 1] - curve[step]) * (at - (float)step);
}

/* Film grain as the renderer makes it: strongest in the middle tones. */
static float grain_at(const Harmony *harmony, int x, int y, const float linear[3])
{
    uint64_t hash = dice_hash(dice_hash((uint64_t)y << 32 | (uint64_t)x, 29), harmony->seed);
    float first = (float)(hash >> 40) / 16777216.0f;
    float second = (float)(hash >> 16 & 0xffffff) / 16777216.0f;
    float bright =
        CLAMP(0.2126f * linear[0] + 0.7152f * linear[1] + 0.0722f * linear[2], 0.0f, 1.0f);

    return (first + second - 1) * (float)(harmony->grain * harmony->look.grain) * 306 *
           (0.15f + 1.45f * sqrtf(bright) * (1 - bright));
}

static void row_shine(void *shine_any, size_t y)
{
    const Shine *shine = shine_any;
    const Harmony *harmony = shine->harmony;
    const uint8_t *from = image_row(harmony->product, (int)y);
    uint8_t *to = image_row_mut(shine->to, (int)y);
    bool has_grain = harmony->grain * harmony->look.grain > 0;

    for (int x = 0; x < image_width(harmony->product); x++, from += 4, to += 4) {
        memcpy(to, from, 4);
        if (from[3] == 0)
            continue;
        float linear[3] = {colour_linear(from[0]), colour_linear(from[1]), colour_linear(from[2])};
        pixel_shine(shine, x, (int)y, linear);
        float noise = has_grain ? grain_at(harmony, x, (int)y, linear) : 0;
        for (int k = 0; k < 3; k++)
            to[k] = (uint8_t)CLAMP(curve_at(shine->curve, linear[k]) + noise + 0.5f, 0.0f, 255.0f);
    }
}

/* ---- how far colours moved ---- */

typedef struct Sample {
    int x, y;
    Lab lab;
    float linear[3];
} Sample;

typedef struct Samples {
    Sample *items;
    float *differences;
    int count;
} Samples;

static void samples_done(Samples *samples)
{
    free(samples->items);
    free(samples->differences);
}
DEFINE_AUTO_DONE(Samples, samples_done);

static MUST Err *samples_take(const Image *product, Samples *ret)
{
    AUTO(samples_done) Samples samples = {0};
    double pixels = (double)image_width(product) * image_height(product);
    int step = MAX((int)ceil(sqrt(pixels / SAMPLES_MAX)), 1);

    samples.items = calloc(SAMPLES_MAX + 1, sizeof(Sample));
    samples.differences = calloc(SAMPLES_MAX + 1, sizeof(float));
    if (!samples.items || !samples.differences)
        return err_new(ERR_MEMORY_SPENT, "no memory to compare colours");
    for (int y = step / 2; y < image_height(product); y += step) {
        const uint8_t *row = image_row(product, y);
        for (int x = step / 2; x < image_width(product) && samples.count < SAMPLES_MAX; x += step) {
            const uint8_t *pixel = row + (ptrdiff_t)x * 4;
            if (pixel[3] <= SOLID_ALPHA)
                continue;
            Sample *sample = &samples.items[samples.count++];
            *sample = (Sample){.x = x, .y = y, .lab = colour_lab(pixel)};
            for (int k = 0; k < 3; k++)
                sample->linear[k] = colour_linear(pixel[k]);
        }
    }
    *ret = samples;
    memset(&samples, 0, sizeof samples);
    return NULL;
}

static double samples_mean(const Shine *shine, const Samples *samples)
{
    double sum = 0;

    for (int i = 0; i < samples->count; i++) {
        const Sample *sample = &samples->items[i];
        float linear[3] = {sample->linear[0], sample->linear[1], sample->linear[2]};
        pixel_shine(shine, sample->x, sample->y, linear);
        samples->differences[i] = colour_difference(sample->lab, colour_lab_of_linear(linear));
        sum += (double)samples->differences[i];
    }
    return sum / MAX(samples->count, 1);
}

static int floats_compare(const void *a_any, const void *b_any)
{
    float a = *(const float *)a_any, b = *(const float *)b_any;

    return (a > b) - (a < b);
}

/* The largest share of all parts that keeps the limit. */
static void share_find(Shine *shine, Samples *samples, HarmonyFacts *facts)
{
    double limit = shine->harmony->look.limit;

    shine->share = 1;
    facts->mean = samples_mean(shine, samples);
    if (facts->mean > limit) {
        float low = 0, high = 1;
        for (int halving = 0; halving < 7; halving++) {
            shine->share = (low + high) / 2;
            if (samples_mean(shine, samples) > limit)
                high = shine->share;
            else
                low = shine->share;
        }
        shine->share = low;
        facts->mean = samples_mean(shine, samples);
    }
    facts->share = (double)shine->share;
    qsort(samples->differences, (size_t)samples->count, sizeof(float), floats_compare);
    facts->p95 = samples->count ? (double)samples->differences[(samples->count - 1) * 95 / 100] : 0;
}

/* ---- all of it ---- */

static MUST Err *harmony_check(const Harmony *harmony)
{
    const Image *product = harmony->product, *backdrop = harmony->backdrop, *light = harmony->light;

    if (image_channels(product) == 4 && image_depth(product) == DEPTH_8 &&
        image_channels(backdrop) == 3 && image_depth(backdrop) == DEPTH_8 &&
        (!light || (image_channels(light) == 4 && image_depth(light) == DEPTH_16)))
        return NULL;
    return err_new(ERR_INPUT_INVALID, "light is laid on an RGBA product before an RGB backdrop");
}

MUST Err *harmony_apply(const Harmony *harmony, Image **ret, HarmonyFacts *ret_facts)
{
    AUTO(shine_done) Shine shine = {.harmony = harmony};
    AUTO(samples_done) Samples samples = {0};
    AUTO(image_free) Image *to = NULL;
    const HarmonyLook *look = &harmony->look;
    HarmonyFacts facts = {.gain = 1, .share = 1};

    TRY(harmony_check(harmony));
    if (look->exposure + look->tint + look->relight + look->masks + look->occlusion + look->wrap +
            look->grain * harmony->grain <=
        0) {
        *ret = image_ref(harmony->product);
        *ret_facts = facts;
        return NULL;
    }
    TRY(outline_read(harmony->product, &shine));
    TRY(ground_find(harmony->product, &shine));
    TRY(around_read(harmony->backdrop, &shine));
    TRY(harmony->light ? gains_from_light(harmony, &shine, &facts.gain)
                       : gains_from_backdrop(harmony, &shine, &facts.gain));
    if (look->wrap > 0)
        TRY(edge_new(harmony, &shine.edge));
    TRY(curve_new(&shine.curve));
    TRY(samples_take(harmony->product, &samples));
    share_find(&shine, &samples, &facts);
    TRY(image_new(image_width(harmony->product), image_height(harmony->product), 4, DEPTH_8, &to));
    shine.to = to;
    crew_run(harmony->threads, (size_t)image_height(to), row_shine, &shine);
    *ret = TAKE(to);
    *ret_facts = facts;
    return NULL;
}
