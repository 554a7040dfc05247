/* Light by areas: a guided filter on a small copy. */
#include <math.h>
#include <string.h>

#include "image/base_priv.h"

static const double edge = 0.01;        /* variance of luma that counts as an edge */
static const double reach_share = 0.07; /* of the longer side: how far an area reaches */

void light_base_free(LightBase *base)
{
    if (!base)
        return;
    free(base->a);
    free(base->b);
    free(base);
}

/* Sums of windows of 2 * REACH + 1 places along a line; places beyond its ends hold nothing. */
static void line_gather(const double *from, double *to, int count, int step, int reach)
{
    double sum = 0;

    for (int i = 0; i < MIN(reach, count); i++)
        sum += from[(ptrdiff_t)i * step];
    for (int i = 0; i < count; i++) {
        if (i + reach < count)
            sum += from[(ptrdiff_t)(i + reach) * step];
        if (i - reach - 1 >= 0)
            sum -= from[(ptrdiff_t)(i - reach - 1) * step];
        to[(ptrdiff_t)i * step] = sum;
    }
}

static void plane_gather(double *plane, double *spare, int columns, int rows, int reach)
{
    for (int y = 0; y < rows; y++)
        line_gather(
            plane + (ptrdiff_t)y * columns, spare + (ptrdiff_t)y * columns, columns, 1, reach);
    for (int x = 0; x < columns; x++)
        line_gather(spare + x, plane + x, rows, columns, reach);
}

/* Weight, weighted luma and its square, of each pixel of SMALL. */
static void planes_fill(const Image *small, double *weight, double *luma, double *square)
{
    int channels = image_channels(small), columns = image_width(small);

    for (int y = 0; y < image_height(small); y++) {
        const uint8_t *row = image_row(small, y);

        for (int x = 0; x < columns; x++, row += channels) {
            ptrdiff_t at = (ptrdiff_t)y * columns + x;
            double v = (double)colour_encoded(
                           0.2126f * colour_linear(row[0]) + 0.7152f * colour_linear(row[1]) +
                           0.0722f * colour_linear(row[2])) /
                       255;

            weight[at] = channels == 4 ? row[3] / 255.0 + 1e-6 : 1;
            luma[at] = weight[at] * v;
            square[at] = weight[at] * v * v;
        }
    }
}

/* From gathered sums to a and b, and those averaged over the same windows. */
static void base_solve(LightBase *base, double *planes[4], const double *own, int reach)
{
    size_t count = (size_t)base->columns * (size_t)base->rows;
    double *weight = planes[0], *luma = planes[1], *square = planes[2], *spare = planes[3];

    for (size_t i = 0; i < count; i++) {
        double mean = luma[i] / weight[i];
        double variance = MAX(square[i] / weight[i] - mean * mean, 0.0);
        double a = variance / (variance + edge);

        luma[i] = own[i] * a;
        square[i] = own[i] * (mean - a * mean);
    }
    plane_gather(luma, spare, base->columns, base->rows, reach);
    plane_gather(square, spare, base->columns, base->rows, reach);
    for (size_t i = 0; i < count; i++) {
        base->a[i] = (float)(luma[i] / weight[i]);
        base->b[i] = (float)(square[i] / weight[i]);
    }
}

static MUST Err *base_fill(LightBase *base, const Image *small)
{
    size_t count = (size_t)base->columns * (size_t)base->rows;
    AUTO(free) double *room = malloc(count * 5 * sizeof(*room));
    int longest = MAX(base->columns, base->rows);
    int reach = MAX((int)lround(reach_share * longest), 1);

    if (!room)
        return err_new(ERR_MEMORY_SPENT, "no memory for light by areas");
    double *planes[] = {room, room + count, room + 2 * count, room + 3 * count};
    double *own = room + 4 * count;

    planes_fill(small, planes[0], planes[1], planes[2]);
    memcpy(own, planes[0], count * sizeof(*own));
    for (int i = 0; i < 3; i++)
        plane_gather(planes[i], planes[3], base->columns, base->rows, reach);
    base_solve(base, planes, own, reach);
    return NULL;
}

Err *light_base_new(const Image *image, LightBase **ret)
{
    AUTO(light_base_free) LightBase *base = calloc(1, sizeof(*base));
    AUTO(image_free) Image *small = NULL;
    int width = image_width(image), height = image_height(image);
    double zoom = MIN((double)LIGHT_BASE_COLUMNS_MAX / MAX(width, height), 1.0);

    if (!base)
        return err_new(ERR_MEMORY_SPENT, "no memory for light by areas");
    *base = (LightBase){
        .width = width,
        .height = height,
        .columns = MAX((int)lround(width * zoom), 1),
        .rows = MAX((int)lround(height * zoom), 1),
    };
    size_t count = (size_t)base->columns * (size_t)base->rows;

    base->a = malloc(count * sizeof(*base->a));
    base->b = malloc(count * sizeof(*base->b));
    if (!base->a || !base->b)
        return err_new(ERR_MEMORY_SPENT, "no memory for light by areas");
    TRY(image_resize(image, base->columns, base->rows, IMAGE_LINEAR, &small));
    TRY(base_fill(base, small));
    *ret = TAKE(base);
    return NULL;
}

void light_base_row(const LightBase *base, int y, float *ret)
{
    float down = ((float)y + 0.5f) * (float)base->rows / (float)base->height - 0.5f;

    down = CLAMP(down, 0.0f, (float)(base->rows - 1));
    int over = (int)down, under = MIN(over + 1, base->rows - 1);
    float share = down - (float)over;

    for (int x = 0; x < base->columns; x++) {
        ptrdiff_t above = (ptrdiff_t)over * base->columns + x;
        ptrdiff_t below = (ptrdiff_t)under * base->columns + x;

        ret[2 * x] = base->a[above] + (base->a[below] - base->a[above]) * share;
        ret[2 * x + 1] = base->b[above] + (base->b[below] - base->b[above]) * share;
    }
}
