/* Broad light: gains between two pictures on a coarse grid, smoothed, and laid on one of them in linear light. */
#include "image/cast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"

enum {
    CELLS = 40,         /* on the longer side */
    SMOOTHINGS = 3,     /* passes over three by three cells */
    SAMPLES_MAX = 4000, /* pixels whose colour difference is measured */
    SHARE_STEPS = 7,    /* of the search for what the limit leaves */
    SOLID_ALPHA = 200,
};

static const float gain_least = 0.3f, gain_most = 3;
static const float floor_linear = 0.004f; /* below it colours are noise, and gains would be, too */

/* Logarithms of gains, red, green and blue, on cells that are stretched over the picture. */
typedef struct Gains {
    int width, height;
    float *cells; /* 4 a cell: three sums and their weight, then three logarithms */
} Gains;

static void gains_done(Gains *gains)
{
    free(gains->cells);
}
DEFINE_AUTO_DONE(Gains, gains_done);

static MUST Err *gains_new(int width, int height, Gains *ret)
{
    *ret = (Gains){width, height, calloc((size_t)width * (size_t)height * 4, sizeof(float))};
    return ret->cells ? NULL : err_new(ERR_MEMORY_SPENT, "no memory for %d cells of light", width);
}

/* Linear light of PIXELS in each cell, where SHAPE, of the same size, is solid. */
static void cells_gather(const Image *pixels, const Image *shape, Gains *cells)
{
    int width = image_width(pixels), height = image_height(pixels);
    int channels = image_channels(pixels), shape_channels = image_channels(shape);

    for (int y = 0; y < height; y++) {
        const uint8_t *pixel = image_row(pixels, y), *solid = image_row(shape, y);
        float *row = cells->cells + (ptrdiff_t)(y * cells->height / height) * cells->width * 4;

        for (int x = 0; x < width; x++, pixel += channels, solid += shape_channels) {
            float *cell = row + (ptrdiff_t)(x * cells->width / width) * 4;

            if (shape_channels == 4 && solid[3] < SOLID_ALPHA)
                continue;
            for (int k = 0; k < 3; k++)
                cell[k] += colour_linear(pixel[k]);
            cell[3]++;
        }
    }
}

/* Sums of each cell and its neighbours: empty cells at the product's edge are filled by them. */
static MUST Err *cells_smooth(Gains *cells)
{
    size_t count = (size_t)cells->width * (size_t)cells->height * 4;
    AUTO(free) float *from = malloc(count * sizeof(float));

    if (!from)
        return err_new(ERR_MEMORY_SPENT, "no memory to smooth light");
    memcpy(from, cells->cells, count * sizeof(float));
    for (int y = 0; y < cells->height; y++)
        for (int x = 0; x < cells->width; x++) {
            float *to = cells->cells + ((ptrdiff_t)y * cells->width + x) * 4;
            int top = MAX(y - 1, 0), bottom = MIN(y + 1, cells->height - 1);
            int left = MAX(x - 1, 0), right = MIN(x + 1, cells->width - 1);

            memset(to, 0, 4 * sizeof(float));
            for (int v = top; v <= bottom; v++)
                for (int u = left; u <= right; u++)
                    for (int k = 0; k < 4; k++)
                        to[k] += from[((ptrdiff_t)v * cells->width + u) * 4 + k] / 9;
        }
    return NULL;
}

static MUST Err *light_gather(const Image *pixels, const Image *shape, Gains *cells)
{
    cells_gather(pixels, shape, cells);
    for (int i = 0; i < SMOOTHINGS; i++)
        TRY(cells_smooth(cells));
    return NULL;
}

/* What brings IMAGE's light to LIT's, as logarithms; 0 where nothing is known. */
static MUST Err *gains_find(const Image *image, const Image *lit, Gains *gains)
{
    AUTO(gains_done) Gains other = {0};

    TRY(gains_new(gains->width, gains->height, &other));
    TRY(light_gather(image, image, gains));
    TRY(light_gather(lit, image, &other));
    for (ptrdiff_t i = 0; i < (ptrdiff_t)gains->width * gains->height; i++) {
        float *own = gains->cells + 4 * i;
        const float *their = other.cells + 4 * i;

        for (int k = 0; k < 3; k++) {
            float weight = own[3];
            float ratio =
                weight > 0 ? (their[k] / weight + floor_linear) / (own[k] / weight + floor_linear)
                           : 1;

            own[k] = logf(CLAMP(ratio, gain_least, gain_most));
        }
    }
    return NULL;
}

/* ---- laying it on ---- */

typedef struct Casting {
    const Image *image;
    const Gains *gains;
    float share;
    Image *to;
} Casting;

/* Gains at a pixel, between the middles of cells. */
static void gains_at(const Casting *casting, int x, int y, float ret[3])
{
    const Gains *gains = casting->gains;
    float across =
        ((float)x + 0.5f) * (float)gains->width / (float)image_width(casting->image) - 0.5f;
    float down =
        ((float)y + 0.5f) * (float)gains->height / (float)image_height(casting->image) - 0.5f;
    across = CLAMP(across, 0.0f, (float)gains->width - 1);
    down = CLAMP(down, 0.0f, (float)gains->height - 1);
    int left = (int)across, top = (int)down;
    int right = MIN(left + 1, gains->width - 1), bottom = MIN(top + 1, gains->height - 1);
    float u = across - (float)left, v = down - (float)top;
    const float *row = gains->cells + (ptrdiff_t)top * gains->width * 4;
    const float *next = gains->cells + (ptrdiff_t)bottom * gains->width * 4;

    for (int k = 0; k < 3; k++) {
        float above = row[4 * left + k] * (1 - u) + row[4 * right + k] * u;
        float below = next[4 * left + k] * (1 - u) + next[4 * right + k] * u;

        ret[k] = expf((above * (1 - v) + below * v) * casting->share);
    }
}

/* Brightened light bends towards white instead of being cut off there. */
static float lit_value(float linear, float gain)
{
    float value = linear * gain;

    return gain > 1 ? value / (1 + linear * (gain - 1)) : value;
}

static void pixel_cast(const Casting *casting, int x, int y, const uint8_t *from, float ret[3])
{
    float gains[3];

    gains_at(casting, x, y, gains);
    for (int k = 0; k < 3; k++)
        ret[k] = lit_value(colour_linear(from[k]), gains[k]);
}

static void row_cast(void *casting_any, size_t y)
{
    const Casting *casting = casting_any;
    int width = image_width(casting->image), channels = image_channels(casting->image);
    const uint8_t *from = image_row(casting->image, (int)y);
    uint8_t *to = image_row_mut(casting->to, (int)y);

    for (int x = 0; x < width; x++, from += channels, to += channels) {
        float lit[3];

        pixel_cast(casting, x, (int)y, from, lit);
        for (int k = 0; k < 3; k++)
            to[k] = (uint8_t)lroundf(colour_encoded(lit[k]));
        if (channels == 4)
            to[3] = from[3];
    }
}

/* ---- the limit ---- */

/* Mean colour difference over a grid of the opaque pixels. */
static double difference_mean(const Casting *casting)
{
    int width = image_width(casting->image), height = image_height(casting->image);
    int channels = image_channels(casting->image);
    int stride = MAX((int)sqrt((double)width * height / SAMPLES_MAX), 1);
    double sum = 0;
    int64_t count = 0;

    for (int y = stride / 2; y < height; y += stride) {
        const uint8_t *row = image_row(casting->image, y);

        for (int x = stride / 2; x < width; x += stride) {
            const uint8_t *pixel = row + (ptrdiff_t)x * channels;
            float lit[3];

            if (channels == 4 && pixel[3] < SOLID_ALPHA)
                continue;
            pixel_cast(casting, x, y, pixel, lit);
            sum += (double)colour_difference(colour_lab(pixel), colour_lab_of_linear(lit));
            count++;
        }
    }
    return count ? sum / (double)count : 0;
}

/* The largest share that keeps the limit; differences grow with it. */
static double share_find(Casting *casting, double limit)
{
    float least = 0, most = 1;

    casting->share = 1;
    if (difference_mean(casting) <= limit)
        return difference_mean(casting);
    for (int i = 0; i < SHARE_STEPS; i++) {
        casting->share = (least + most) / 2;
        if (difference_mean(casting) <= limit)
            least = casting->share;
        else
            most = casting->share;
    }
    casting->share = least;
    return difference_mean(casting);
}

Err *image_cast_light(const LightCast *cast, Image **ret, LightCastFacts *ret_facts)
{
    int width = image_width(cast->image), height = image_height(cast->image);
    double cells = (double)CELLS / MAX(width, height);
    AUTO(gains_done) Gains gains = {0};
    AUTO(image_free) Image *lit = NULL;
    AUTO(image_free) Image *to = NULL;

    TRY(image_resize(cast->lit, width, height, IMAGE_LINEAR, &lit));
    TRY(gains_new(MAX((int)lround(width * cells), 1), MAX((int)lround(height * cells), 1), &gains));
    TRY(gains_find(cast->image, lit, &gains));
    TRY(image_new(width, height, image_channels(cast->image), DEPTH_8, &to));

    Casting casting = {.image = cast->image, .gains = &gains, .to = to};
    double mean = share_find(&casting, cast->limit);
    crew_run(cast->threads, (size_t)height, row_cast, &casting);
    *ret_facts = (LightCastFacts){.share = (double)casting.share, .mean = mean};
    *ret = TAKE(to);
    return NULL;
}
