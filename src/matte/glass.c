/* Glass: how much of the old background is seen through a product, and taking it out again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "matte/refine.h"

enum {
    BEHIND_SIDE = 128, /* cells of the background as it goes on behind the product */
    LEVELS = 6,        /* of its filling, each twice as coarse */
};

static const float coloured = 0.05f; /* chroma below which a background is as good as grey */
static const float pale =
    0.72f; /* luma above which a grey one is a white sweep, and all pale things look alike */

/* What a small plane knows of the photo's background: encoded colours, carried on over where the product is. */
typedef struct Behind {
    Field *rgb[3];
    Field *inside; /* how much of each cell is surely product */
} Behind;

static void behind_done(Behind *behind)
{
    for (int k = 0; k < 3; k++)
        matte_field_free(behind->rgb[k]);
    matte_field_free(behind->inside);
}
DEFINE_AUTO_DONE(Behind, behind_done);

/* Mean colour of the background in each cell, times its weight; and the weight. */
static void cells_gather(
    const Image *photo, const Image *alpha, Field *const sums[3], Field *weight, Field *inside)
{
    int width = image_width(photo), height = image_height(photo), channels = image_channels(photo);

    for (int cy = 0; cy < weight->height; cy++) {
        int top = (int)((int64_t)cy * height / weight->height);
        int bottom = MAX((int)((int64_t)(cy + 1) * height / weight->height), top + 1);
        for (int cx = 0; cx < weight->width; cx++) {
            int left = (int)((int64_t)cx * width / weight->width);
            int right = MAX((int)((int64_t)(cx + 1) * width / weight->width), left + 1);
            size_t cell = (size_t)cy * (size_t)weight->width + (size_t)cx;
            float count = (float)((right - left) * (bottom - top));
            for (int y = top; y < bottom; y++) {
                const uint8_t *pixel =
                    (const uint8_t *)image_row(photo, y) + (size_t)left * (size_t)channels;
                const uint8_t *cover = (const uint8_t *)image_row(alpha, y) + left;
                for (int x = left; x < right; x++, pixel += channels, cover++) {
                    inside->values[cell] += (*cover > 200 ? 1 : 0) / count;
                    if (*cover > 6)
                        continue;
                    weight->values[cell]++;
                    for (int k = 0; k < 3; k++)
                        sums[k]->values[cell] += (float)pixel[k] / 255;
                }
            }
        }
    }
}

/* Where nothing is known, ever wider means of what is known around. */
static MUST Err *cells_fill(Field *const sums[3], Field *weight, Field *const to[3])
{
    size_t count = matte_field_count(weight);
    AUTO(matte_field_free) Field *spare = NULL, *near = NULL, *near_weight = NULL;
    AUTO(free) float *known = calloc(count, sizeof(float));

    if (!known)
        return err_new(ERR_MEMORY_SPENT, "no memory for a background");
    TRY(matte_field_new(weight->width, weight->height, &spare));
    TRY(matte_field_new(weight->width, weight->height, &near));
    TRY(matte_field_new(weight->width, weight->height, &near_weight));
    for (int level = 0; level < LEVELS; level++) {
        int radius = level == 0 ? 1 : 2 << level;
        matte_field_box(weight, radius, spare, near_weight);
        matte_field_box(near_weight, radius, spare, near_weight);
        for (int k = 0; k < 3; k++) {
            matte_field_box(sums[k], radius, spare, near);
            matte_field_box(near, radius, spare, near);
            for (size_t i = 0; i < count; i++)
                if (known[i] <= 0 && near_weight->values[i] > 1e-3f)
                    to[k]->values[i] = near->values[i] / near_weight->values[i];
        }
        for (size_t i = 0; i < count; i++)
            known[i] = fmaxf(known[i], near_weight->values[i] > 1e-3f ? 1 : 0);
    }
    /* Edges between means of different reach would be seen through the glass. */
    for (int k = 0; k < 3; k++)
        matte_field_box(to[k], 2, spare, to[k]);
    return NULL;
}

static MUST Err *behind_new(const Image *photo, const Image *alpha, Behind *ret)
{
    AUTO(behind_done) Behind behind = {0};
    AUTO(matte_field_free) Field *weight = NULL, *r = NULL, *g = NULL, *b = NULL;
    double scale = fmin(1, BEHIND_SIDE / (double)MAX(image_width(photo), image_height(photo)));
    int width = MAX((int)lround(image_width(photo) * scale), 1);
    int height = MAX((int)lround(image_height(photo) * scale), 1);

    TRY(matte_field_new(width, height, &weight));
    TRY(matte_field_new(width, height, &r));
    TRY(matte_field_new(width, height, &g));
    TRY(matte_field_new(width, height, &b));
    TRY(matte_field_new(width, height, &behind.inside));
    for (int k = 0; k < 3; k++)
        TRY(matte_field_new(width, height, &behind.rgb[k]));
    Field *const sums[3] = {r, g, b};
    cells_gather(photo, alpha, sums, weight, behind.inside);
    TRY(cells_fill(sums, weight, behind.rgb));
    *ret = behind;
    memset(&behind, 0, sizeof behind);
    return NULL;
}

/* ---- how much is seen through ---- */

static float luma(const float c[3])
{
    return 0.2126f * c[0] + 0.7152f * c[1] + 0.0722f * c[2];
}

static float chroma_of(const float c[3], float ret[3])
{
    float bright = luma(c), square = 0;

    for (int k = 0; k < 3; k++) {
        ret[k] = c[k] - bright;
        square += ret[k] * ret[k];
    }
    return sqrtf(square);
}

/* The share of BEHIND in SEEN, 0..1. Glass adds light of its own but next to no colour, so a coloured background is told by how much
 * of its colour is left; a grey one only by being as bright. */
static float passed(const float seen[3], const float behind[3])
{
    float seen_chroma[3], behind_chroma[3];
    float colour = chroma_of(behind, behind_chroma);
    float along = 0, square = 0;

    chroma_of(seen, seen_chroma);
    if (colour < coloured) {
        float off = fabsf(luma(seen) - luma(behind)) / fmaxf(luma(behind), 0.05f);
        float foreign = chroma_of(seen, seen_chroma);
        return CLAMP(1 - off / 0.25f - foreign / 0.1f, 0.0f, 1.0f);
    }
    for (int k = 0; k < 3; k++)
        along += seen_chroma[k] * behind_chroma[k];
    along /= colour * colour;
    for (int k = 0; k < 3; k++) {
        float off = seen_chroma[k] - along * behind_chroma[k];
        square += off * off;
    }
    /* What has a colour of its own is no clear glass, nor what has more of it than lies behind; and no more passes than is seen. */
    float foreign = sqrtf(square) / colour + fmaxf(along - 1.1f, 0) * 3;
    float most = 1;
    for (int k = 0; k < 3; k++)
        most = fminf(most, behind[k] > 0.02f ? seen[k] / behind[k] : 1);
    return CLAMP(fminf(along, most), 0.0f, 1.0f) * CLAMP(1.6f - 1.6f * foreign, 0.0f, 1.0f);
}

Err *matte_glass_find(const Image *photo, const Image *alpha, double *ret)
{
    AUTO(behind_done) Behind behind = {0};
    double through = 0, weight = 0, backed = 0, told = 0;
    int width = image_width(photo), height = image_height(photo), channels = image_channels(photo);

    TRY(behind_new(photo, alpha, &behind));
    const Field *inside = behind.inside;
    for (int cy = 0; cy < inside->height; cy++) {
        int y = (int)(((int64_t)cy * 2 + 1) * height / (2 * inside->height));
        for (int cx = 0; cx < inside->width; cx++) {
            int x = (int)(((int64_t)cx * 2 + 1) * width / (2 * inside->width));
            size_t cell = (size_t)cy * (size_t)inside->width + (size_t)cx;
            const uint8_t *pixel =
                (const uint8_t *)image_row(photo, y) + (size_t)x * (size_t)channels;
            float seen[3], back[3], chroma[3];
            if (inside->values[cell] < 0.98f)
                continue;
            for (int k = 0; k < 3; k++) {
                seen[k] = (float)pixel[k] / 255;
                back[k] = behind.rgb[k]->values[cell];
            }
            float share = passed(seen, back);
            bool is_coloured = chroma_of(back, chroma) >= coloured;
            weight++;
            told += is_coloured || luma(back) < pale;
            backed += is_coloured;
            through += share > 0.45f ? 1 : 0;
        }
    }
    /* Before white nothing can be told; before grey little. */
    double trust = weight > 0 ? told / weight * (0.5 + 0.5 * backed / weight) : 0;
    *ret = weight > 0 ? trust * CLAMP(through / weight / 0.45, 0.0, 1.0) : 0;
    return NULL;
}

/* ---- taking it out ---- */

typedef struct Clearing {
    const Behind *behind;
    const Tap *taps;
    float strength;
    Image *cutout;
} Clearing;

static void strip_clear(void *clearing_any, size_t strip)
{
    const Clearing *clearing = clearing_any;
    int width = image_width(clearing->cutout), height = image_height(clearing->cutout);
    int end = MIN((int)(strip + 1) * STRIP_ROWS, height);

    for (int y = (int)strip * STRIP_ROWS; y < end; y++) {
        uint8_t *row = image_row_mut(clearing->cutout, y);
        Tap down = matte_tap_at(y, height, clearing->behind->inside->height);
        for (int x = 0; x < width; x++) {
            uint8_t *pixel = row + (size_t)x * 4;
            Tap across = clearing->taps[x];
            float seen[3], back[3];
            if (pixel[3] == 0)
                continue;
            for (int k = 0; k < 3; k++) {
                const Field *field = clearing->behind->rgb[k];
                const float *above = field->values + (size_t)down.near * (size_t)field->width;
                const float *below = field->values + (size_t)down.far * (size_t)field->width;
                float a =
                    above[across.near] + (above[across.far] - above[across.near]) * across.weight;
                float b =
                    below[across.near] + (below[across.far] - below[across.near]) * across.weight;
                back[k] = a + (b - a) * down.weight;
                seen[k] = (float)pixel[k] / 255;
            }
            float share = passed(seen, back) * clearing->strength;
            if (share <= 0.004f)
                continue;
            float rest = fmaxf(1 - share, 1e-3f);
            for (int k = 0; k < 3; k++)
                pixel[k] =
                    (uint8_t)(255 * CLAMP((seen[k] - share * back[k]) / rest, 0.0f, 1.0f) + 0.5f);
            pixel[3] = (uint8_t)((float)pixel[3] * (1 - share) + 0.5f);
        }
    }
}

Err *matte_glass_clear(
    const Image *photo, const Image *cutout, double strength, int threads, Image **ret)
{
    AUTO(behind_done) Behind behind = {0};
    AUTO(image_free) Image *alpha = NULL, *clear = NULL;
    int width = image_width(photo);
    AUTO(free) Tap *taps = calloc((size_t)width, sizeof(Tap));

    if (!taps)
        return err_new(ERR_MEMORY_SPENT, "no memory for glass");
    TRY(image_take_alpha(cutout, &alpha));
    TRY(behind_new(photo, alpha, &behind));
    TRY(image_copy(cutout, &clear));
    for (int x = 0; x < width; x++)
        taps[x] = matte_tap_at(x, width, behind.inside->width);
    Clearing clearing = {&behind, taps, (float)strength, clear};
    crew_run(
        threads, (size_t)(image_height(clear) + STRIP_ROWS - 1) / STRIP_ROWS, strip_clear,
        &clearing);
    *ret = TAKE(clear);
    return NULL;
}
