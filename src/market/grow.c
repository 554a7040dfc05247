/* Growing a picture beyond its edges, one direction at a time.
 *
 * Next to the edge goes on what is there, mirrored, as deep as the strip that is free of the product; away from it that passes into the colours of
 * the edge, smoothed along it, so that nothing repeats and no streaks are drawn. A little grain keeps wide, even ground from showing bands.
 */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/dice.h"
#include "market/frame.h"

enum {
    CHANNELS = 3,
    LEVEL = 257, /* of 16 bits, for one of 8 */
    PASSES = 2
};

typedef struct Growth {
    const Image *from;
    Image *to;
    bool is_across;              /* sideways; else up and down */
    int length, size;            /* of FROM: along the edge, and towards it */
    int before, after;           /* points to add */
    int free_before, free_after; /* points of FROM at these edges that may be mirrored */
    /* Colours of both edges, smoothed a little and much, LENGTH x CHANNELS. */
    float *near[2], *far[2];
} Growth;

static const uint16_t *point_of(const Image *image, bool is_across, int along, int towards)
{
    int x = is_across ? towards : along, y = is_across ? along : towards;

    return (const uint16_t *)image_row(image, y) + (ptrdiff_t)x * CHANNELS;
}

/* ---- the edge's colours ---- */

/* A running mean, whose window is cut at the ends. */
static void smooth(float *row, float *spare, int length, int reach)
{
    double sum[CHANNELS] = {0};
    int count = 0;

    for (int at = -reach; at < length; at++) {
        int comes = at + reach, goes = at - reach - 1;

        if (comes < length) {
            count++;
            for (int c = 0; c < CHANNELS; c++)
                sum[c] += row[comes * CHANNELS + c];
        }
        if (goes >= 0) {
            count--;
            for (int c = 0; c < CHANNELS; c++)
                sum[c] -= row[goes * CHANNELS + c];
        }
        for (int c = 0; at >= 0 && c < CHANNELS; c++)
            spare[at * CHANNELS + c] = (float)(sum[c] / count);
    }
    for (int at = 0; at < length * CHANNELS; at++)
        row[at] = spare[at];
}

static void edge_read(const Growth *growth, bool is_last, int deep, float *edge)
{
    for (int along = 0; along < growth->length; along++)
        for (int c = 0; c < CHANNELS; c++) {
            double sum = 0;

            for (int at = 0; at < deep; at++)
                sum += point_of(
                    growth->from, growth->is_across, along,
                    is_last ? growth->size - 1 - at : at)[c];
            edge[along * CHANNELS + c] = (float)(sum / deep);
        }
}

static void edge_find(Growth *growth, bool is_last, Arena *mem)
{
    size_t points = (size_t)growth->length * CHANNELS;
    float *spare = ARENA_ARRAY(mem, float, points);
    int free = is_last ? growth->free_after : growth->free_before;
    int deep = MIN(free, growth->size / 50);

    growth->near[is_last] = ARENA_ARRAY(mem, float, points);
    growth->far[is_last] = ARENA_ARRAY(mem, float, points);
    edge_read(growth, is_last, MAX(deep, 1), growth->near[is_last]);
    for (int pass = 0; pass < PASSES; pass++)
        smooth(growth->near[is_last], spare, growth->length, MAX(growth->length / 40, 2));
    memcpy(growth->far[is_last], growth->near[is_last], points * sizeof(float));
    for (int pass = 0; pass < PASSES; pass++)
        smooth(growth->far[is_last], spare, growth->length, MAX(growth->length / 5, 2));
}

/* ---- points beyond ---- */

/* There and back again in a strip of DEEP points. */
static int mirrored(int distance, int deep)
{
    int at = distance % (2 * deep);

    return at < deep ? at : 2 * deep - 1 - at;
}

static double eased(double part)
{
    part = CLAMP(part, 0.0, 1.0);
    return part * part * (3 - 2 * part);
}

static void point_grow(const Growth *growth, int along, int at, uint16_t *to)
{
    bool is_last = at >= growth->before + growth->size;
    int distance = is_last ? at - growth->before - growth->size : growth->before - 1 - at;
    int deep = is_last ? growth->free_after : growth->free_before;
    int inside = mirrored(distance, deep);
    const uint16_t *mirror = point_of(
        growth->from, growth->is_across, along, is_last ? growth->size - 1 - inside : inside);
    const float *near = growth->near[is_last] + (ptrdiff_t)along * CHANNELS;
    const float *far = growth->far[is_last] + (ptrdiff_t)along * CHANNELS;
    double away = eased((double)distance / (1.6 * deep));
    double further = eased((double)distance / (0.4 * growth->length));
    uint64_t chance = dice_hash((uint64_t)(uint32_t)at << 32 | (uint32_t)along, is_last);

    for (int c = 0; c < CHANNELS; c++) {
        double edge = near[c] + (far[c] - near[c]) * further;
        double value = mirror[c] + (edge - mirror[c]) * away;
        double grain = ((double)(chance >> (16 * c) & 0xffff) / 0xffff - 0.5) * LEVEL * 1.6;
        bool is_pure = edge >= 65534.5 || edge < 0.5; /* white stays white */

        to[c] = (uint16_t)lround(CLAMP(value + (is_pure ? 0 : grain * away), 0.0, 65535.0));
    }
}

static void row_grow(const Growth *growth, int y)
{
    uint16_t *to = image_row_mut(growth->to, y);

    for (int x = 0; x < image_width(growth->to); x++, to += CHANNELS) {
        int along = growth->is_across ? y : x, at = growth->is_across ? x : y;

        if (at < growth->before || at >= growth->before + growth->size) {
            point_grow(growth, along, at, to);
            continue;
        }
        const uint16_t *same =
            point_of(growth->from, growth->is_across, along, at - growth->before);
        for (int c = 0; c < CHANNELS; c++)
            to[c] = same[c];
    }
}

static MUST Err *grow(Growth *growth, Arena *mem, Image **ret)
{
    AUTO(image_free) Image *grown = NULL;
    int longer = growth->size + growth->before + growth->after;

    TRY(image_new(
        growth->is_across ? longer : growth->length, growth->is_across ? growth->length : longer,
        CHANNELS, DEPTH_16, &grown));
    growth->to = grown;
    edge_find(growth, false, mem);
    edge_find(growth, true, mem);
    for (int y = 0; y < image_height(grown); y++)
        row_grow(growth, y);
    *ret = TAKE(grown);
    return NULL;
}

Err *market_grow(const Image *picture, const Sides *by, const Sides *open, Image **ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *taller = NULL;
    Growth growth = {
        .from = picture,
        .length = image_width(picture),
        .size = image_height(picture),
        .before = by->top,
        .after = by->bottom,
        .free_before = CLAMP(open->top, 1, image_height(picture)),
        .free_after = CLAMP(open->bottom, 1, image_height(picture)),
    };

    if (by->top || by->bottom)
        TRY(grow(&growth, mem, &taller));
    else
        taller = image_ref(picture);
    if (!by->left && !by->right) {
        *ret = TAKE(taller);
        return NULL;
    }
    growth = (Growth){
        .from = taller,
        .is_across = true,
        .length = image_height(taller),
        .size = image_width(taller),
        .before = by->left,
        .after = by->right,
        .free_before = CLAMP(open->left, 1, image_width(picture)),
        .free_after = CLAMP(open->right, 1, image_width(picture)),
    };
    return grow(&growth, mem, ret);
}
