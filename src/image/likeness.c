/* How alike two pictures are: structure, noise, colour. */
#include "image/likeness.h"

#include <math.h>
#include <string.h>

#include "base/crew.h"

enum {
    STRIP_ROWS = 32,
    REACH = 5, /* of a window, on each side */
    TAPS = 2 * REACH + 1,
    PLANES = 4, /* luma, red, green, blue */
    WORST_PARTS = 8
};

/* Just noticeable, as Mahy et al. (1994) found of CIELAB. */
static const float seen_difference = 2.3f;

/* What a window gathers: weight, and weighted values, squares and product. */
enum {
    SUM_WEIGHT,
    SUM_A,
    SUM_B,
    SUM_AA,
    SUM_BB,
    SUM_AB,
    SUMS
};

/* What one row comes to; rows are added up in order, whoever counted them. */
typedef struct RowSum {
    double weight, ssim[PLANES], square, delta_e, changed;
} RowSum;

typedef struct Comparison {
    const LikenessWish *wish;
    int width, height;
    float taps[TAPS];
    RowSum *rows;
    Image *maps; /* two floats a pixel, weighted: SSIM of luma, difference of colour */
    bool *starved;
} Comparison;

static float weight_at(const LikenessWish *wish, int x, int y)
{
    return wish->mask ? (float)((const uint8_t *)image_row(wish->mask, y))[x] / 255 : 1;
}

static float value_at(const Image *image, int plane, int x, int y)
{
    const uint8_t *pixel =
        (const uint8_t *)image_row(image, y) + (ptrdiff_t)x * image_channels(image);

    if (plane > 0)
        return pixel[plane - 1];
    return 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
}

/* Windows' sums across, of row Y: SUMS rows of WIDTH floats at TO. SPREAD has room for one row of each with a margin. */
static void row_gather(const Comparison *comparison, int plane, int y, float *spread, float *to)
{
    int width = comparison->width, stride = width + 2 * REACH;

    memset(spread, 0, (size_t)stride * SUMS * sizeof(*spread));
    for (int x = 0; x < width; x++) {
        float weight = weight_at(comparison->wish, x, y);
        float a = value_at(comparison->wish->a, plane, x, y);
        float b = value_at(comparison->wish->b, plane, x, y);
        float values[SUMS] = {weight,         weight * a,     weight * b,
                              weight * a * a, weight * b * b, weight * a * b};

        for (int sum = 0; sum < SUMS; sum++)
            spread[sum * stride + REACH + x] = values[sum];
    }
    for (int sum = 0; sum < SUMS; sum++)
        for (int x = 0; x < width; x++) {
            const float *from = spread + sum * stride + x;
            float gathered = 0;

            for (int tap = 0; tap < TAPS; tap++)
                gathered += comparison->taps[tap] * from[tap];
            to[sum * width + x] = gathered;
        }
}

static float ssim_of_sums(const float sums[SUMS])
{
    const float c1 = (0.01f * 255) * (0.01f * 255), c2 = (0.03f * 255) * (0.03f * 255);
    float a = sums[SUM_A] / sums[SUM_WEIGHT], b = sums[SUM_B] / sums[SUM_WEIGHT];
    float aa = MAX(sums[SUM_AA] / sums[SUM_WEIGHT] - a * a, 0.0f);
    float bb = MAX(sums[SUM_BB] / sums[SUM_WEIGHT] - b * b, 0.0f);
    float ab = sums[SUM_AB] / sums[SUM_WEIGHT] - a * b;

    return (2 * a * b + c1) * (2 * ab + c2) / ((a * a + b * b + c1) * (aa + bb + c2));
}

/* GATHERED holds rows FIRST - REACH .. of windows' sums across. */
static void row_compare(Comparison *comparison, int plane, int y, const float *gathered, int first)
{
    int width = comparison->width;
    float *map = image_row_mut(comparison->maps, y);
    double ssim = 0;

    for (int x = 0; x < width; x++) {
        float weight = weight_at(comparison->wish, x, y);
        float sums[SUMS] = {0};

        if (weight <= 0)
            continue;
        for (int tap = 0; tap < TAPS; tap++)
            for (int sum = 0; sum < SUMS; sum++)
                sums[sum] += comparison->taps[tap] *
                             gathered[((ptrdiff_t)(y - first + tap) * SUMS + sum) * width + x];
        float value = weight * ssim_of_sums(sums);

        ssim += (double)value;
        if (plane == 0)
            map[2 * x] = value;
    }
    comparison->rows[y].ssim[plane] = ssim;
}

static void row_measure(Comparison *comparison, int y)
{
    const LikenessWish *wish = comparison->wish;
    const uint8_t *a = image_row(wish->a, y), *b = image_row(wish->b, y);
    float *map = image_row_mut(comparison->maps, y);
    RowSum *row = &comparison->rows[y];

    for (int x = 0; x < comparison->width; x++) {
        const uint8_t *one = a + (ptrdiff_t)x * image_channels(wish->a);
        const uint8_t *other = b + (ptrdiff_t)x * image_channels(wish->b);
        float weight = weight_at(wish, x, y);
        double square = 0;

        if (weight <= 0)
            continue;
        for (int c = 0; c < 3; c++)
            square += (one[c] - other[c]) * (one[c] - other[c]);
        float difference = square > 0 ? colour_difference(colour_lab(one), colour_lab(other)) : 0;

        row->weight += (double)weight;
        row->square += (double)weight * square / 3;
        row->delta_e += (double)(weight * difference);
        row->changed += difference > seen_difference ? (double)weight : 0;
        map[2 * x + 1] = weight * difference;
    }
}

static void strip_compare(void *comparison_any, size_t strip)
{
    Comparison *comparison = comparison_any;
    int first = (int)strip * STRIP_ROWS, end = MIN(first + STRIP_ROWS, comparison->height);
    size_t row_floats = (size_t)comparison->width * SUMS;
    AUTO(free) float *gathered = malloc((STRIP_ROWS + 2 * REACH) * row_floats * sizeof(float));
    AUTO(free) float *spread =
        malloc((size_t)(comparison->width + 2 * REACH) * SUMS * sizeof(float));

    if (!gathered || !spread) {
        comparison->starved[strip] = true;
        return;
    }
    for (int y = first; y < end; y++)
        row_measure(comparison, y);
    for (int plane = 0; plane < (comparison->wish->is_luma_enough ? 1 : PLANES); plane++) {
        for (int y = first - REACH; y < end + REACH; y++) {
            float *to = gathered + (size_t)(y - first + REACH) * row_floats;

            if (y < 0 || y >= comparison->height)
                memset(to, 0, row_floats * sizeof(*to));
            else
                row_gather(comparison, plane, y, spread, to);
        }
        for (int y = first; y < end; y++)
            row_compare(comparison, plane, y, gathered, first);
    }
}

/* ---- the worst part ---- */

static Box mask_box(const Comparison *comparison)
{
    int left = comparison->width, right = 0, top = comparison->height, bottom = 0;

    for (int y = 0; y < comparison->height; y++)
        for (int x = 0; x < comparison->width; x++)
            if (weight_at(comparison->wish, x, y) > 0) {
                left = MIN(left, x), right = MAX(right, x + 1);
                top = MIN(top, y), bottom = y + 1;
            }
    return (Box){left, top, right - left, bottom - top};
}

/* Sums over the square of SIDE pixels at (LEFT, TOP): weight, SSIM, difference of colour. */
static void square_sum(const Comparison *comparison, int left, int top, int side, double ret[3])
{
    int right = MIN(left + side, comparison->width);
    int bottom = MIN(top + side, comparison->height);

    memset(ret, 0, 3 * sizeof(*ret));
    for (int y = top; y < bottom; y++) {
        const float *map = image_row(comparison->maps, y);

        for (int x = left; x < right; x++) {
            ret[0] += (double)weight_at(comparison->wish, x, y);
            ret[1] += (double)map[2 * x];
            ret[2] += (double)map[2 * x + 1];
        }
    }
}

/* Squares lie half a side apart; one that holds little of what counts is left out. */
static void worst_find(const Comparison *comparison, Likeness *likeness)
{
    Box box = mask_box(comparison);
    int longer = MAX(box.width, box.height), side = MAX(longer / WORST_PARTS, TAPS);

    likeness->ssim_worst = likeness->ssim;
    likeness->delta_e_worst = likeness->delta_e;
    for (int top = box.top; top < box.top + box.height; top += (side + 1) / 2)
        for (int left = box.left; left < box.left + box.width; left += (side + 1) / 2) {
            double sums[3];

            square_sum(comparison, left, top, side, sums);
            if (sums[0] < 0.4 * side * side)
                continue;
            likeness->ssim_worst = MIN(likeness->ssim_worst, sums[1] / sums[0]);
            likeness->delta_e_worst = MAX(likeness->delta_e_worst, sums[2] / sums[0]);
        }
}

/* ---- the whole ---- */

static void rows_sum(const Comparison *comparison, Likeness *ret)
{
    RowSum all = {0};

    for (int y = 0; y < comparison->height; y++) {
        const RowSum *row = &comparison->rows[y];

        all.weight += row->weight;
        all.square += row->square;
        all.delta_e += row->delta_e;
        all.changed += row->changed;
        for (int plane = 0; plane < PLANES; plane++)
            all.ssim[plane] += row->ssim[plane];
    }
    *ret = (Likeness){.pixels = (int64_t)(all.weight + 0.5)};
    if (all.weight <= 0)
        return;
    ret->ssim = all.ssim[0] / all.weight;
    for (int c = 0; c < 3; c++)
        ret->ssim_channel[c] = all.ssim[1 + c] / all.weight;
    ret->psnr_db = MIN(10 * log10(255 * 255 / MAX(all.square / all.weight, 1e-9)), 99.0);
    ret->delta_e = all.delta_e / all.weight;
    ret->changed = all.changed / all.weight;
}

/* Gaussian of 1.5 pixels, as published. */
static void taps_fill(float taps[TAPS])
{
    float sum = 0;

    for (int i = 0; i < TAPS; i++)
        sum += taps[i] = expf(-(float)((i - REACH) * (i - REACH)) / (2 * 1.5f * 1.5f));
    for (int i = 0; i < TAPS; i++)
        taps[i] /= sum;
}

static MUST Err *wish_check(const LikenessWish *wish)
{
    const Image *others[] = {wish->b, wish->mask};

    for (size_t i = 0; i < COUNT(others); i++)
        if (others[i] && (image_width(others[i]) != image_width(wish->a) ||
                          image_height(others[i]) != image_height(wish->a)))
            return err_public(
                err_new(ERR_INPUT_INVALID, "pictures to compare differ in size"),
                "Two pictures of different sizes cannot be compared pixel by pixel.");
    if (image_depth(wish->a) != DEPTH_8 || image_depth(wish->b) != DEPTH_8 ||
        image_channels(wish->a) < 3 || image_channels(wish->b) < 3)
        return err_new(ERR_BUG, "pictures to compare are not RGB of 8 bits");
    return NULL;
}

Err *image_likeness(const LikenessWish *wish, Likeness *ret)
{
    TRY(wish_check(wish));

    Comparison comparison = {wish, image_width(wish->a), image_height(wish->a), {0}, NULL, NULL,
                             NULL};
    size_t strips = (size_t)(comparison.height + STRIP_ROWS - 1) / STRIP_ROWS;
    AUTO(free) RowSum *rows = calloc((size_t)comparison.height, sizeof(*rows));
    AUTO(free) bool *starved = calloc(strips, sizeof(*starved));
    AUTO(image_free) Image *maps = NULL;
    Likeness likeness;

    if (!rows || !starved)
        return err_new(ERR_MEMORY_SPENT, "no memory to compare %d rows", comparison.height);
    TRY(image_new(comparison.width * 2, comparison.height, 1, DEPTH_FLOAT, &maps));
    comparison.rows = rows, comparison.starved = starved, comparison.maps = maps;
    taps_fill(comparison.taps);
    crew_run(wish->threads, strips, strip_compare, &comparison);
    for (size_t i = 0; i < strips; i++)
        if (starved[i])
            return err_new(ERR_MEMORY_SPENT, "no memory to compare pictures");
    rows_sum(&comparison, &likeness);
    if (likeness.pixels == 0)
        return err_public(
            err_new(ERR_INPUT_INVALID, "nothing is under the mask"),
            "There is nothing to compare: the mask is empty.");
    worst_find(&comparison, &likeness);
    *ret = likeness;
    return NULL;
}
