/* Resizing and blurring: one separable filter over premultiplied floats.
 *
 * Written here rather than taken from libvips because that one enlarges with cubics whatever the kernel, and keeps no alpha edge.
 * Rows are filtered down first, where neighbours in memory are independent sums and the compiler can use vectors, then across.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/crew.h"
#include "image/image_priv.h"

/* For each output place: the first input place and COUNT weights, which sum to 1. */
typedef struct Weights {
    int count;
    int *first;     /* may be negative: places outside repeat the edge */
    float *weights; /* places * count; of a blur, count */
    bool is_blur;   /* the same weights everywhere, and as many places out as in */
} Weights;

static void weights_done(Weights *weights)
{
    free(weights->first);
    free(weights->weights);
}

static double kernel_linear(double x)
{
    return x < 1 ? 1 - x : 0;
}

/* Catmull-Rom. */
static double kernel_cubic(double x)
{
    if (x < 1)
        return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

static double kernel_lanczos3(double x)
{
    double t = M_PI * x;

    if (x < 1e-9)
        return 1;
    return x < 3 ? 3 * sin(t) * sin(t / 3) / (t * t) : 0;
}

static double kernel_nearest(double x)
{
    (void)x;
    return 1;
}

static const struct {
    double reach;
    double (*value)(double x);
} kernels[] = {
    [IMAGE_NEAREST] = {0.5, kernel_nearest},
    [IMAGE_LINEAR] = {1, kernel_linear},
    [IMAGE_CUBIC] = {2, kernel_cubic},
    [IMAGE_LANCZOS3] = {3, kernel_lanczos3},
};

static Err *weights_new(int places, int count, Weights *ret)
{
    Weights made = {
        .count = count,
        .first = calloc((size_t)places, sizeof(*made.first)),
        .weights = calloc((size_t)places * (size_t)count, sizeof(*made.weights)),
    };

    if (!made.first || !made.weights) {
        weights_done(&made);
        return err_new(ERR_MEMORY_SPENT, "no memory for %d x %d weights", places, count);
    }
    *ret = made;
    return NULL;
}

static Err *weights_of_resize(int from, int to, ImageKernel kernel, Weights *ret)
{
    double step = (double)from / to;
    double stretch = kernel == IMAGE_NEAREST ? 1 : MAX(step, 1.0);
    double reach = kernels[kernel].reach * stretch;
    int count = kernel == IMAGE_NEAREST || from == to ? 1 : (int)ceil(2 * reach) + 1;

    TRY(weights_new(to, count, ret));
    for (int place = 0; place < to; place++) {
        double centre = (place + 0.5) * step;
        float *weights = ret->weights + (size_t)place * (size_t)count;
        double sum = 0;

        if (count == 1) {
            ret->first[place] = MIN((int)centre, from - 1);
            weights[0] = 1;
            continue;
        }
        ret->first[place] = (int)floor(centre - reach);
        for (int i = 0; i < count; i++) {
            double x = fabs(ret->first[place] + i + 0.5 - centre) / stretch;

            sum += kernels[kernel].value(x);
        }
        for (int i = 0; i < count; i++) {
            double x = fabs(ret->first[place] + i + 0.5 - centre) / stretch;

            weights[i] = (float)(kernels[kernel].value(x) / sum);
        }
    }
    return NULL;
}

static Err *weights_of_blur(int places, double sigma_px, Weights *ret)
{
    int reach = MAX((int)ceil(sigma_px * 3.5), 1);
    int count = 2 * reach + 1;
    double sum = 0;

    TRY(weights_new(places, count, ret));
    ret->is_blur = true;
    for (int i = -reach; i <= reach; i++)
        sum += exp(-0.5 * i * i / (sigma_px * sigma_px));
    for (int i = -reach; i <= reach; i++)
        ret->weights[i + reach] = (float)(exp(-0.5 * i * i / (sigma_px * sigma_px)) / sum);
    for (int place = 0; place < places; place++)
        ret->first[place] = place - reach;
    return NULL;
}

static const float *weights_at(const Weights *weights, int place)
{
    return weights->weights + (weights->is_blur ? 0 : (size_t)place * (size_t)weights->count);
}

typedef struct Filter {
    const Image *from;
    Image *to;
    Weights down, across;
    int band_rows;
    atomic_bool memory_spent;
} Filter;

static void filter_done(Filter *filter)
{
    weights_done(&filter->down);
    weights_done(&filter->across);
    image_free(filter->to);
}
DEFINE_AUTO_DONE(Filter, filter_done);

static void add_scaled(float *restrict sum, const float *restrict row, float weight, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += row[i] * weight;
}

/* One output row from PADDED, which repeats its edges far enough for every tap. */
static inline __attribute__((always_inline)) void across_resize(
    const Weights *across, const float *padded, int margin, int width, int channels, float *out)
{
    for (int x = 0; x < width; x++, out += channels) {
        const float *weights = weights_at(across, x);
        const float *pixel = padded + (ptrdiff_t)(across->first[x] + margin) * channels;
        float sum[4] = {0};

        for (int i = 0; i < across->count; i++, pixel += channels)
            for (int c = 0; c < channels; c++)
                sum[c] += pixel[c] * weights[i];
        for (int c = 0; c < channels; c++)
            out[c] = sum[c];
    }
}

static void edges_repeat(float *padded, int margin, int width, int channels)
{
    size_t bytes = (size_t)channels * sizeof(*padded);
    float *first = padded + (ptrdiff_t)margin * channels;
    float *last = first + (ptrdiff_t)(width - 1) * channels;

    for (int i = 1; i <= margin; i++) {
        memcpy(first - (ptrdiff_t)i * channels, first, bytes);
        memcpy(last + (ptrdiff_t)i * channels, last, bytes);
    }
}

static void filter_across(const Filter *filter, float *padded, float *out)
{
    const Weights *across = &filter->across;
    int width = image_width(filter->to);
    int channels = image_channels(filter->from);
    int margin = across->count;

    edges_repeat(padded, margin, image_width(filter->from), channels);
    if (across->is_blur) {
        /* Tap by tap, so that neighbours are independent sums here too. */
        size_t count = (size_t)width * (size_t)channels;

        memset(out, 0, count * sizeof(*out));
        for (int i = 0; i < across->count; i++)
            add_scaled(
                out, padded + (ptrdiff_t)(across->first[0] + margin + i) * channels,
                across->weights[i], count);
    } else if (channels == 4) {
        across_resize(across, padded, margin, width, 4, out);
    } else if (channels == 3) {
        across_resize(across, padded, margin, width, 3, out);
    } else {
        across_resize(across, padded, margin, width, 1, out);
    }
}

/* The input rows that a band has read last, as floats; row y lies at place y % room. */
typedef struct RowCache {
    float *rows;
    int *held;
    int room;
} RowCache;

static const float *cached_row(const Filter *filter, RowCache *cache, size_t count, int y)
{
    int place = y % cache->room;
    float *row = cache->rows + (size_t)place * count;

    if (cache->held[place] != y) {
        row_load(filter->from, y, row);
        cache->held[place] = y;
    }
    return row;
}

static void filter_band(void *filter_any, size_t band)
{
    Filter *filter = filter_any;
    size_t count = (size_t)image_width(filter->from) * (size_t)image_channels(filter->from);
    size_t count_out = (size_t)image_width(filter->to) * (size_t)image_channels(filter->to);
    int last = image_height(filter->from) - 1;
    int taps = filter->down.count;
    int top = (int)band * filter->band_rows;
    int bottom = MIN(top + filter->band_rows, image_height(filter->to));
    RowCache cache = {.room = MIN(taps + 1, last + 1)};
    AUTO(free) float *rows = malloc((size_t)cache.room * count * sizeof(*rows));
    AUTO(free) int *held = malloc((size_t)cache.room * sizeof(*held));
    size_t margin = (size_t)filter->across.count * (size_t)image_channels(filter->from);
    AUTO(free) float *padded = malloc((count + 2 * margin + count_out) * sizeof(*padded));

    if (!rows || !held || !padded) {
        atomic_store(&filter->memory_spent, true);
        return;
    }
    cache.rows = rows;
    cache.held = held;
    memset(held, 0xff, (size_t)cache.room * sizeof(*held));

    float *sum = padded + margin;
    float *out = sum + count + margin;
    for (int y = top; y < bottom; y++) {
        const float *weights = weights_at(&filter->down, y);

        memset(sum, 0, count * sizeof(*sum));
        for (int i = 0; i < taps; i++) {
            int from_y = CLAMP(filter->down.first[y] + i, 0, last);

            if (weights[i] != 0)
                add_scaled(sum, cached_row(filter, &cache, count, from_y), weights[i], count);
        }
        if (filter->across.count > 1)
            filter_across(filter, padded, out);
        row_store(filter->to, y, filter->across.count > 1 ? out : sum);
    }
}

static Err *filter_run(Filter *filter, Image **ret)
{
    int height = image_height(filter->to);

    /* Bands are tall enough that rows read twice, at their edges, cost little. */
    filter->band_rows = MAX(64, (height + 63) / 64);
    crew_run(
        image_threads(), (size_t)((height + filter->band_rows - 1) / filter->band_rows),
        filter_band, filter);
    if (atomic_load(&filter->memory_spent))
        return err_new(ERR_MEMORY_SPENT, "no memory for the rows of a filter");
    *ret = TAKE(filter->to);
    return NULL;
}

/* Nearest takes pixels as they are: no rounding, and colour under zero alpha stays. */
static void copy_nearest(const Filter *filter, size_t pixel_bytes)
{
    for (int y = 0; y < image_height(filter->to); y++) {
        const unsigned char *from = image_row(filter->from, filter->down.first[y]);
        unsigned char *to = image_row_mut(filter->to, y);

        for (int x = 0; x < image_width(filter->to); x++)
            memcpy(
                to + (size_t)x * pixel_bytes, from + (size_t)filter->across.first[x] * pixel_bytes,
                pixel_bytes);
    }
}

Err *resize_to_depth(
    const Image *image, int width, int height, ImageKernel kernel, Depth depth, Image **ret)
{
    AUTO(filter_done) Filter filter = {.from = image};

    assert((size_t)kernel < COUNT(kernels));
    TRY(image_new(width, height, image_channels(image), depth, &filter.to));
    TRY(weights_of_resize(image_height(image), height, kernel, &filter.down));
    TRY(weights_of_resize(image_width(image), width, kernel, &filter.across));
    if (kernel == IMAGE_NEAREST && depth == image_depth(image)) {
        copy_nearest(&filter, (size_t)image_channels(image) * depth);
        *ret = TAKE(filter.to);
        return NULL;
    }
    return filter_run(&filter, ret);
}

Err *image_resize(const Image *image, int width, int height, ImageKernel kernel, Image **ret)
{
    if (width == image_width(image) && height == image_height(image))
        return image_copy(image, ret);
    return resize_to_depth(image, width, height, kernel, image_depth(image), ret);
}

static Err *blur_directly(const Image *image, double sigma_px, Depth depth, Image **ret)
{
    AUTO(filter_done) Filter filter = {.from = image};

    TRY(image_new(
        image_width(image), image_height(image), image_channels(image), depth, &filter.to));
    TRY(weights_of_blur(image_height(image), sigma_px, &filter.down));
    TRY(weights_of_blur(image_width(image), sigma_px, &filter.across));
    return filter_run(&filter, ret);
}

Err *image_blur(const Image *image, double sigma_px, Image **ret)
{
    const double direct_max_px = 8, small_px = 4;
    AUTO(image_free) Image *small = NULL;
    AUTO(image_free) Image *blurred = NULL;

    if (!(sigma_px > 0.05))
        return image_copy(image, ret);
    if (sigma_px <= direct_max_px)
        return blur_directly(image, sigma_px, image_depth(image), ret);

    /* A wide blur leaves nothing fine: shrink, blur less, grow. The triangle that shrinks by k is itself a blur of variance
     * k^2 / 6, which is taken off; Catmull-Rom, which grows, adds none. */
    double shrink = sigma_px / small_px;
    int width = MAX((int)lround(image_width(image) / shrink), 1);
    int height = MAX((int)lround(image_height(image) / shrink), 1);

    TRY(resize_to_depth(image, width, height, IMAGE_LINEAR, DEPTH_FLOAT, &small));
    TRY(blur_directly(small, sqrt(small_px * small_px - 1.0 / 6), DEPTH_FLOAT, &blurred));
    return resize_to_depth(
        blurred, image_width(image), image_height(image), IMAGE_CUBIC, image_depth(image), ret);
}
