/* Twice the pixels by a small network of our own, on top of Lanczos.
 *
 * Seven convolutions of 3 x 3, the outer ones 3 to 32 and 32 to 12 channels, the others 32 to 32, with a leaky bend after each but the
 * last; its twelve outputs are what Lanczos lacks at the four pixels that come of one (Shi et al. 2016). share/enlarge/enlarge-2x.f16
 * holds the numbers as little-endian half floats, layer by layer: [row][column][input][output], then the bias. tool/upscaler/train
 * makes them. */
#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/crew.h"
#include "base/embed.h"
#include "image/enlarge_priv.h"
#include "image/image_priv.h"

enum {
    CHANNELS = 32,
    LAYERS = 7,
    REACH = LAYERS, /* pixels that the network sees on each side */
    OUTPUTS = 12,
    INNER_MOST_PX = 96, /* of a tile; more would not stay near the processor */
    TAPS = 6            /* of Lanczos, along one axis */
};

extern const Embedded embedded_enlarge[];

/* ---- the network ---- */

typedef struct Network {
    EnlargeLayer layers[LAYERS];
    float *numbers;
    EnlargeRun *run;
} Network;

static void network_done(Network *network)
{
    free(network->numbers);
}
DEFINE_AUTO_DONE(Network, network_done);

static float float_of_half(const unsigned char *bytes)
{
    unsigned bits = bytes[0] | (unsigned)bytes[1] << 8;
    int exponent = bits >> 10 & 31, mantissa = bits & 1023;
    float size =
        exponent ? ldexpf((float)(mantissa + 1024), exponent - 25) : ldexpf((float)mantissa, -24);

    return bits >> 15 ? -size : size;
}

/* ROWS rows of COUNT numbers, each made up to STRIDE with zeros. */
static const unsigned char *
numbers_read(const unsigned char *from, int rows, int count, int stride, float *to)
{
    for (int row = 0; row < rows; row++, to += stride)
        for (int i = 0; i < count; i++, from += 2)
            to[i] = float_of_half(from);
    return from;
}

static MUST Err *network_open(Network *network)
{
    const Embedded *file = embed_find(embedded_enlarge, "enlarge-2x");
    const unsigned char *from = file->bytes;
    size_t room = (size_t)LAYERS * (9 * CHANNELS + 1) * CHANNELS;
    float *to = calloc(room, sizeof(*to));

    if (!to)
        return err_new(ERR_MEMORY_SPENT, "no memory for the network that enlarges");
    network->numbers = to;
    for (int i = 0; i < LAYERS; i++) {
        EnlargeLayer *layer = &network->layers[i];
        int outputs = i == LAYERS - 1 ? OUTPUTS : CHANNELS;

        layer->inputs = i == 0 ? 3 : CHANNELS;
        layer->outputs = (outputs + ENLARGE_GROUP - 1) / ENLARGE_GROUP * ENLARGE_GROUP;
        layer->slope = i == LAYERS - 1 ? 1 : 0.1f;
        layer->weights = to;
        from = numbers_read(from, 9 * layer->inputs, outputs, layer->outputs, to);
        to += 9 * layer->inputs * layer->outputs;
        layer->bias = to;
        from = numbers_read(from, 1, outputs, layer->outputs, to);
        to += layer->outputs;
    }
    assert(from == file->bytes + file->size);
    network->run = enlarge_run_plain;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        network->run = enlarge_run_avx2;
#endif
    return NULL;
}

/* ---- Lanczos ---- */

/* The weights of places -3 to 2 for the first of two new pixels; the second's are the same backwards, of -2 to 3. */
static void lanczos_weigh(float weights[TAPS])
{
    double sum = 0, value[TAPS];

    for (int i = 0; i < TAPS; i++) {
        double t = M_PI * (i - 2.75);

        value[i] = sin(t) * sin(t / 3) / (t * t);
        sum += value[i];
    }
    for (int i = 0; i < TAPS; i++)
        weights[i] = (float)(value[i] / sum);
}

/* New place AT of a row of values STRIDE apart, which begins REACH places early. */
static float lanczos_at(const float *values, int stride, int at, const float weights[TAPS])
{
    const float *from = values + (at / 2 + REACH - 3 + at % 2) * stride;
    float sum = 0;

    for (int i = 0; i < TAPS; i++)
        sum += from[i * stride] * weights[at % 2 ? TAPS - 1 - i : i];
    return sum;
}

/* ---- tiles ---- */

/* Tiles of one size that cover a side. */
typedef struct Tiling {
    int side, inner, count;
} Tiling;

static Tiling tiling_of(int side, int most)
{
    Tiling tiling = {.side = side, .count = (side + most - 1) / most};

    tiling.inner = MAX((side + tiling.count - 1) / tiling.count, ENLARGE_ABREAST);
    return tiling;
}

/* The place that stands for AT beyond an edge: mirrored without repeating the edge itself, however far. */
static int mirrored(int at, int side)
{
    int period = MAX(2 * (side - 1), 1);

    at = ((at % period) + period) % period;
    return at < side ? at : period - at;
}

typedef struct Enlarging {
    const Image *from;
    Image *to;
    Network network;
    float lanczos[TAPS];
    Tiling across, down;
    int row; /* of tiles, that is worked on */
    atomic_bool memory_spent;
} Enlarging;

static void enlarging_done(Enlarging *enlarging)
{
    image_free(enlarging->to);
    network_done(&enlarging->network);
}
DEFINE_AUTO_DONE(Enlarging, enlarging_done);

static void tile_cut(const Enlarging *enlarging, int left, int top, float *tile)
{
    const Tiling *across = &enlarging->across, *down = &enlarging->down;

    for (int y = -REACH; y < down->inner + REACH; y++) {
        const uint8_t *row = image_row(enlarging->from, mirrored(top + y, down->side));

        for (int x = -REACH; x < across->inner + REACH; x++) {
            const uint8_t *pixel = row + mirrored(left + x, across->side) * 3;

            for (int c = 0; c < 3; c++)
                *tile++ = (float)pixel[c] * (1.0f / 255);
        }
    }
}

/* Through all layers, each of which takes a pixel off every edge. TILE is kept; FIRST and SECOND hold what is between. What comes
 * out lies in the one that is given back. */
static const float *
tile_run(const Enlarging *enlarging, const float *tile, float *first, float *second)
{
    const Network *network = &enlarging->network;
    const float *from = tile;

    for (int i = 0; i < LAYERS; i++) {
        int rim = 2 * (LAYERS - 1 - i);
        float *to = i % 2 ? second : first;

        network->run(
            &network->layers[i], from, enlarging->across.inner + rim, enlarging->down.inner + rim,
            to);
        from = to;
    }
    return from;
}

/* One new row: Lanczos down over COLUMN, which is as wide as the tile, then across, and what the network adds. */
static void row_put(
    const Enlarging *enlarging, const float *column, const float *lack, int y, int columns,
    uint8_t *to)
{
    int stride = enlarging->network.layers[LAYERS - 1].outputs;

    for (int x = 0; x < 2 * columns; x++)
        for (int c = 0; c < 3; c++) {
            float value = lanczos_at(column + c, 3, x, enlarging->lanczos) +
                          lack[x / 2 * stride + c * 4 + y % 2 * 2 + x % 2];

            *to++ = (uint8_t)(CLAMP(value, 0.0f, 1.0f) * 255 + 0.5f);
        }
}

static void tile_put(
    const Enlarging *enlarging, int left, int top, const float *tile, const float *lack,
    float *column)
{
    const Tiling *across = &enlarging->across, *down = &enlarging->down;
    int columns = MIN(across->inner, across->side - left);
    int rows = MIN(down->inner, down->side - top);
    int values = (across->inner + 2 * REACH) * 3;
    int stride = enlarging->network.layers[LAYERS - 1].outputs * across->inner;

    for (int y = 0; y < 2 * rows; y++) {
        for (int i = 0; i < values; i++)
            column[i] = lanczos_at(tile + i, values, y, enlarging->lanczos);
        row_put(
            enlarging, column, lack + y / 2 * stride, y, columns,
            (uint8_t *)image_row_mut(enlarging->to, 2 * top + y) + (size_t)left * 6);
    }
}

static void tile_enlarge(void *enlarging_any, size_t item)
{
    Enlarging *enlarging = enlarging_any;
    int left = (int)item * enlarging->across.inner, top = enlarging->row * enlarging->down.inner;
    size_t width = (size_t)enlarging->across.inner + 2 * REACH;
    size_t height = (size_t)enlarging->down.inner + 2 * REACH;
    AUTO(free) float *tile = malloc(width * height * 3 * sizeof(*tile));
    AUTO(free) float *column = malloc(width * 3 * sizeof(*column));
    AUTO(free) float *first = malloc(width * height * CHANNELS * sizeof(*first));
    AUTO(free) float *second = malloc(width * height * CHANNELS * sizeof(*second));

    if (!tile || !column || !first || !second) {
        atomic_store(&enlarging->memory_spent, true);
        return;
    }
    tile_cut(enlarging, left, top, tile);
    tile_put(enlarging, left, top, tile, tile_run(enlarging, tile, first, second), column);
}

Err *image_enlarge(const Image *rgb, const ImageEnlarging *options, Image **ret)
{
    ImageEnlarging chosen = options ? *options : (ImageEnlarging){0};
    int most = chosen.tile_px ? chosen.tile_px : INNER_MOST_PX;
    AUTO(enlarging_done) Enlarging enlarging = {
        .from = rgb,
        .across = tiling_of(image_width(rgb), most),
        .down = tiling_of(image_height(rgb), most),
    };

    TRY(image_new(2 * image_width(rgb), 2 * image_height(rgb), 3, DEPTH_8, &enlarging.to));
    TRY(network_open(&enlarging.network));
    lanczos_weigh(enlarging.lanczos);
    for (; enlarging.row < enlarging.down.count; enlarging.row++) {
        TRY(cancel_check(chosen.cancel));
        crew_run(
            chosen.threads ? chosen.threads : image_threads(), (size_t)enlarging.across.count,
            tile_enlarge, &enlarging);
        if (atomic_load(&enlarging.memory_spent))
            return err_new(ERR_MEMORY_SPENT, "no memory for a tile to enlarge");
        if (chosen.progress)
            chosen.progress(chosen.context, (double)(enlarging.row + 1) / enlarging.down.count);
    }
    *ret = TAKE(enlarging.to);
    return NULL;
}
