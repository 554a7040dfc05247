/* Planes of floats. */
#include "scene/plane.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

MUST Err *plane_new(int width, int height, Plane *ret)
{
    float *cells = calloc((size_t)width * (size_t)height, sizeof(float));

    if (!cells)
        return err_new(ERR_MEMORY_SPENT, "no memory for a plane of %d x %d", width, height);
    *ret = (Plane){width, height, cells};
    return NULL;
}

void plane_done(Plane *plane)
{
    free(plane->cells);
    memset(plane, 0, sizeof *plane);
}

void line_blur(float *line, float *spare, int count, size_t stride, int reach)
{
    /* In double: a running float sum would leave a trace of bright places behind. */
    double sum = 0, per = 1.0 / (2 * reach + 1);

    for (int i = 0; i < count; i++)
        spare[i] = line[(size_t)i * stride];
    for (int i = -reach; i <= reach; i++)
        sum += (double)spare[CLAMP(i, 0, count - 1)];
    for (int i = 0; i < count; i++) {
        line[(size_t)i * stride] = (float)(sum * per);
        sum += (double)spare[CLAMP(i + reach + 1, 0, count - 1)] -
               (double)spare[CLAMP(i - reach, 0, count - 1)];
    }
}

/* Three means of reach r have a variance of 3 ((2r + 1)^2 - 1) / 12. */
static int reach_of(double sigma)
{
    return (int)lround((sqrt(4 * sigma * sigma + 1) - 1) / 2);
}

MUST Err *plane_blur(Plane *plane, double sigma_x, double sigma_y)
{
    AUTO(free)
    float *spare = malloc(sizeof(float) * (size_t)MAX(plane->width, plane->height));
    int across = reach_of(sigma_x), down = reach_of(sigma_y);

    if (!spare)
        return err_new(ERR_MEMORY_SPENT, "no memory for a blur");
    for (int pass = 0; pass < 3; pass++) {
        for (int y = 0; across > 0 && y < plane->height; y++)
            line_blur(
                plane->cells + (size_t)y * (size_t)plane->width, spare, plane->width, 1, across);
        for (int x = 0; down > 0 && x < plane->width; x++)
            line_blur(plane->cells + x, spare, plane->height, (size_t)plane->width, down);
    }
    return NULL;
}

static float cell(const Plane *plane, int x, int y)
{
    if (x < 0 || y < 0 || x >= plane->width || y >= plane->height)
        return 0;
    return plane->cells[(size_t)y * (size_t)plane->width + (size_t)x];
}

float plane_at(const Plane *plane, double x, double y)
{
    double left = floor(x - 0.5), top = floor(y - 0.5);
    float fx = (float)(x - 0.5 - left), fy = (float)(y - 0.5 - top);
    int ix = (int)left, iy = (int)top;
    float above = cell(plane, ix, iy) * (1 - fx) + cell(plane, ix + 1, iy) * fx;
    float below = cell(plane, ix, iy + 1) * (1 - fx) + cell(plane, ix + 1, iy + 1) * fx;

    return above * (1 - fy) + below * fy;
}
