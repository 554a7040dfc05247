/* Putting back what must not change, and measuring what would have. */
#include "image/lock.h"

#include <math.h>
#include <string.h>

#include "base/crew.h"
#include "image/image_priv.h"
#include "image/likeness.h"

enum {
    BAND_ROWS = 64,
    SOFT_MOST_PX = 255
};

static const Colour measuring_ground = {119, 119, 119, 255}; /* as far from black as from white */

/* ---- mixing ---- */

typedef struct Mixing {
    const Image *original, *drawn, *free;
    Image *to;
} Mixing;

/* OF / WHOLE, rounded; nothing of nothing is 0. */
static uint8_t share_of(uint32_t of, uint32_t whole)
{
    return whole ? (uint8_t)((of + whole / 2) / whole) : 0;
}

/* FREE parts of DRAWN and 255 - FREE of ORIGINAL. Colours weigh as much as they cover, so that what is transparent lends no colour. */
static void pixel_mix_rgba(
    const uint8_t *original, const uint8_t *drawn, int channels, uint32_t free, uint8_t *to)
{
    uint32_t old_weight = (255 - free) * original[3];
    uint32_t new_weight = free * (channels == 4 ? drawn[3] : 255u);
    uint32_t whole = old_weight + new_weight;

    for (int c = 0; c < 3; c++)
        to[c] = share_of(old_weight * original[c] + new_weight * drawn[c], whole);
    to[3] = share_of(whole, 255);
}

static void pixel_mix_rgb(
    const uint8_t *original, const uint8_t *drawn, int channels, uint32_t free, uint8_t *to)
{
    uint32_t new_weight = free * (channels == 4 ? drawn[3] : 255u);
    uint32_t whole = 255 * 255, old_weight = whole - new_weight;

    for (int c = 0; c < 3; c++)
        to[c] = share_of(old_weight * original[c] + new_weight * drawn[c], whole);
}

static void row_mix(const Mixing *mixing, int y)
{
    int channels = image_channels(mixing->original), drawn_channels = image_channels(mixing->drawn);
    const uint8_t *original = image_row(mixing->original, y);
    const uint8_t *drawn = image_row(mixing->drawn, y);
    const uint8_t *free = image_row(mixing->free, y);
    uint8_t *to = image_row_mut(mixing->to, y);

    for (int x = 0; x < image_width(mixing->to); x++) {
        if (free[x] == 0)
            memcpy(to, original, (size_t)channels);
        else if (channels == 4)
            pixel_mix_rgba(original, drawn, drawn_channels, free[x], to);
        else
            pixel_mix_rgb(original, drawn, drawn_channels, free[x], to);
        original += channels, drawn += drawn_channels, to += channels;
    }
}

static void band_mix(void *mixing_any, size_t band)
{
    const Mixing *mixing = mixing_any;
    int first = (int)band * BAND_ROWS;

    for (int y = first; y < MIN(first + BAND_ROWS, image_height(mixing->to)); y++)
        row_mix(mixing, y);
}

static size_t bands_of(const Image *image)
{
    return ((size_t)image_height(image) + BAND_ROWS - 1) / BAND_ROWS;
}

/* ---- measuring ---- */

/* *RET is 255 where FREE is 0, or, of a pixel that came of several, next to 0. */
static MUST Err *protected_take(const Image *free, int width, int height, Image **ret)
{
    AUTO(image_free) Image *mask = NULL;

    TRY(image_resize(free, width, height, IMAGE_LINEAR, &mask));
    for (int y = 0; y < height; y++) {
        uint8_t *row = image_row_mut(mask, y);

        for (int x = 0; x < width; x++)
            row[x] = row[x] == 0 ? 255 : 0;
    }
    *ret = TAKE(mask);
    return NULL;
}

static int64_t count_of(const Image *mask, uint8_t value)
{
    int64_t count = 0;

    for (int y = 0; y < image_height(mask); y++) {
        const uint8_t *row = image_row(mask, y);

        for (int x = 0; x < image_width(mask); x++)
            count += row[x] == value;
    }
    return count;
}

static MUST Err *seen_at(const Image *image, int width, int height, Image **ret)
{
    AUTO(image_free) Image *scaled = NULL;

    TRY(image_resize(image, width, height, IMAGE_LANCZOS3, &scaled));
    return image_flatten(scaled, measuring_ground, ret);
}

/* Luma of both and MASK, each weighed by MASK, as floats of 0..1. */
static MUST Err *lumas_take(const Image *before, const Image *after, const Image *mask, Image **ret)
{
    AUTO(image_free) Image *lumas = NULL;

    TRY(image_new(image_width(mask), image_height(mask), 3, DEPTH_FLOAT, &lumas));
    for (int y = 0; y < image_height(mask); y++) {
        const uint8_t *a = image_row(before, y), *b = image_row(after, y), *w = image_row(mask, y);
        float *to = image_row_mut(lumas, y);

        for (int x = 0; x < image_width(mask); x++, a += 3, b += 3, to += 3) {
            if (w[x] == 0)
                continue;
            to[0] = (0.299f * a[0] + 0.587f * a[1] + 0.114f * a[2]) / 255;
            to[1] = (0.299f * b[0] + 0.587f * b[1] + 0.114f * b[2]) / 255;
            to[2] = 1;
        }
    }
    *ret = TAKE(lumas);
    return NULL;
}

static MUST Err *
detail_measure(const Image *before, const Image *after, const Image *mask, double *ret)
{
    const double broad_px = 3, nothing = 1.0 / (255 * 255); /* a step of 8 bits, squared */
    AUTO(image_free) Image *lumas = NULL;
    AUTO(image_free) Image *broad = NULL;
    double aa = 0, bb = 0, ab = 0, count = 0;

    TRY(lumas_take(before, after, mask, &lumas));
    TRY(image_blur(lumas, broad_px, &broad));
    for (int y = 0; y < image_height(mask); y++) {
        const float *luma = image_row(lumas, y), *around = image_row(broad, y);

        for (int x = 0; x < image_width(mask); x++, luma += 3, around += 3) {
            if (luma[2] == 0)
                continue;
            double a = (double)(luma[0] - around[0] / around[2]);
            double b = (double)(luma[1] - around[1] / around[2]);

            aa += a * a, bb += b * b, ab += a * b, count++;
        }
    }
    if (aa < nothing * count)
        *ret = 1;
    else
        *ret = bb > 0 ? MAX(ab / sqrt(aa * bb), 0.0) : 0;
    return NULL;
}

static MUST Err *change_measure(
    const Image *original, const Image *drawn, const Image *free, int threads, LockReport *ret)
{
    int width = MIN(image_width(original), image_width(drawn));
    int height = MIN(image_height(original), image_height(drawn));
    AUTO(image_free) Image *mask = NULL;
    AUTO(image_free) Image *before = NULL;
    AUTO(image_free) Image *after = NULL;
    LockReport report = {.likeness = 1, .detail = 1, .pixels = count_of(free, 0)};
    Likeness likeness;

    TRY(protected_take(free, width, height, &mask));
    if (count_of(mask, 255) > 0) {
        TRY(seen_at(original, width, height, &before));
        TRY(seen_at(drawn, width, height, &after));
        TRY(image_likeness(
            &(LikenessWish){before, after, mask, threads, .is_luma_enough = true}, &likeness));
        report.changed = likeness.changed;
        report.mean_delta_e = likeness.delta_e;
        report.likeness = likeness.ssim;
        TRY(detail_measure(before, after, mask, &report.detail));
    }
    *ret = report;
    return NULL;
}

static MUST Err *pictures_check(const Image *original, const Image *drawn, const Image *mask)
{
    int width = image_width(original), height = image_height(original);

    if (image_depth(original) != DEPTH_8 || image_depth(drawn) != DEPTH_8 ||
        image_depth(mask) != DEPTH_8 || image_channels(original) < 3 || image_channels(drawn) < 3 ||
        image_channels(mask) != 1)
        return err_new(ERR_BUG, "pictures to lock are not RGB of 8 bits and a mask");
    if (image_width(mask) != width || image_height(mask) != height)
        return err_public(
            err_new(
                ERR_INPUT_INVALID, "mask of %d x %d for a picture of %d x %d", image_width(mask),
                image_height(mask), width, height),
            "The mask must be as large as the picture: %d x %d pixels.", width, height);
    return NULL;
}

Err *image_lock(
    const Image *original, const Image *drawn, const Image *free, int threads, Image **ret,
    LockReport *ret_report)
{
    int width = image_width(original), height = image_height(original);
    AUTO(image_free) Image *scaled = NULL;
    AUTO(image_free) Image *out = NULL;
    LockReport report;

    TRY(pictures_check(original, drawn, free));
    if (ret_report)
        TRY(change_measure(original, drawn, free, threads, &report));
    TRY(image_resize(drawn, width, height, IMAGE_LANCZOS3, &scaled));
    TRY(image_new(width, height, image_channels(original), DEPTH_8, &out));
    crew_run(threads, bands_of(out), band_mix, &(Mixing){original, scaled, free, out});
    if (ret_report)
        *ret_report = report;
    *ret = TAKE(out);
    return NULL;
}

/* ---- masks ---- */

typedef struct Softening {
    Image *mask;  /* 255 is free, 0 protected; softened in place, a band its own rows */
    Image *above; /* how many pixels up or down the next protected one is, at most REACH */
    int reach;
} Softening;

/* Down the rows and up again; what no protected pixel is near to stays at REACH. */
static void steps_count(const Softening *softening)
{
    int width = image_width(softening->mask), height = image_height(softening->mask);

    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < height; i++) {
            int y = pass == 0 ? i : height - 1 - i;
            const uint8_t *free = image_row(softening->mask, y);
            uint8_t *steps = image_row_mut(softening->above, y);
            const uint8_t *last =
                i > 0 ? image_row(softening->above, pass == 0 ? y - 1 : y + 1) : NULL;

            for (int x = 0; x < width; x++) {
                int known = pass == 0 ? softening->reach : steps[x];
                int by_last = last ? last[x] + 1 : softening->reach;

                steps[x] = free[x] == 0 ? 0 : (uint8_t)MIN(known, by_last);
            }
        }
}

/* How far the nearest protected pixel is, at most the reach. */
static double distance_at(const Softening *softening, const uint8_t *steps, int x)
{
    int reach = softening->reach, nearest = reach * reach;
    int first = MAX(x - reach, 0), last = MIN(x + reach, image_width(softening->mask) - 1);

    for (int at = first; at <= last; at++)
        if (steps[at] < reach)
            nearest = MIN(nearest, (at - x) * (at - x) + steps[at] * steps[at]);
    return sqrt(nearest);
}

static void band_soften(void *softening_any, size_t band)
{
    Softening *softening = softening_any;
    int first = (int)band * BAND_ROWS;

    for (int y = first; y < MIN(first + BAND_ROWS, image_height(softening->mask)); y++) {
        const uint8_t *steps = image_row(softening->above, y);
        uint8_t *free = image_row_mut(softening->mask, y);

        for (int x = 0; x < image_width(softening->mask); x++)
            if (free[x] > 0)
                free[x] =
                    (uint8_t)lround(255 * distance_at(softening, steps, x) / softening->reach);
    }
}

Err *image_lock_mask(const Image *mask, int soft_px, Image **ret)
{
    AUTO(image_free) Image *alpha = NULL;
    AUTO(image_free) Image *out = NULL;
    AUTO(image_free) Image *above = NULL;

    if (!image_has_alpha(mask))
        return err_public(
            err_new(ERR_INPUT_INVALID, "mask without alpha"),
            "The mask must be a PNG with transparency: what may change is transparent, the rest is "
            "not.");
    if (image_depth(mask) != DEPTH_8 || soft_px < 0 || soft_px > SOFT_MOST_PX - 1)
        return err_new(ERR_BUG, "mask that is not of 8 bits, or a border of %d px", soft_px);
    TRY(image_take_alpha(mask, &alpha));
    TRY(image_new(image_width(mask), image_height(mask), 1, DEPTH_8, &out));
    for (int y = 0; y < image_height(mask); y++) {
        const uint8_t *from = image_row(alpha, y);
        uint8_t *to = image_row_mut(out, y);

        for (int x = 0; x < image_width(mask); x++)
            to[x] = from[x] == 0 ? 255 : 0;
    }
    if (soft_px > 0) {
        TRY(image_new(image_width(mask), image_height(mask), 1, DEPTH_8, &above));
        Softening softening = {out, above, soft_px + 1};

        steps_count(&softening);
        crew_run(image_threads(), bands_of(out), band_soften, &softening);
    }
    *ret = TAKE(out);
    return NULL;
}
