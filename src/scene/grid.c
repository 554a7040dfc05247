/* The grid of light: its planes, their padding, the order of cleaning; and which engine runs. */
#include "scene/grid.h"

#include <stdlib.h>
#include <string.h>

#include "base/crew.h"

enum {
    WIDEST = 8 /* floats written at once, also past the last point of a row */
};

MUST Err *grid_new(int width, int height, Grid *ret)
{
    AUTO(grid_done) Grid grid = {.width = width, .height = height};

    grid.stride = (width + WIDEST - 1) / WIDEST * WIDEST + 2 * GRID_PAD;
    grid.rows = height + 2 * GRID_PAD;
    size_t count = (size_t)grid.stride * (size_t)grid.rows + WIDEST;
    for (int p = 0; p < GRID_PLANES; p++) {
        grid.planes[p] = calloc(count, sizeof(float));
        if (!grid.planes[p])
            return err_new(ERR_MEMORY_SPENT, "no memory for a grid of %d x %d", width, height);
    }
    for (int p = 0; p < GRID_VARYING_; p++) {
        grid.spare[p] = calloc(count, sizeof(float));
        if (!grid.spare[p])
            return err_new(ERR_MEMORY_SPENT, "no memory for a grid of %d x %d", width, height);
    }
    *ret = grid;
    memset(&grid, 0, sizeof grid);
    return NULL;
}

void grid_done(Grid *grid)
{
    for (int p = 0; p < GRID_PLANES; p++)
        free(grid->planes[p]);
    for (int p = 0; p < GRID_VARYING_; p++)
        free(grid->spare[p]);
    memset(grid, 0, sizeof *grid);
}

/* Mirrored rather than repeated: a repeated border pixel would lend its noise to everything near. */
static int reflected(int at, int count)
{
    int back = at < 0 ? -at : at >= count ? 2 * count - 2 - at : at;
    return CLAMP(back, 0, count - 1);
}

void grid_pad(Grid *grid, int plane)
{
    float *p = grid->planes[plane];

    for (int y = 0; y < grid->height; y++) {
        float *row = p + grid_at(grid, 0, y);
        for (int x = 1; x <= GRID_PAD; x++)
            row[-x] = row[reflected(-x, grid->width)];
        for (int x = grid->width; x < grid->stride - GRID_PAD; x++)
            row[x] = row[reflected(x, grid->width)];
    }
    for (int y = 1; y <= GRID_PAD; y++) {
        size_t bytes = (size_t)grid->stride * sizeof(float);
        size_t first = (size_t)grid->stride * GRID_PAD;
        memcpy(
            p + first - (size_t)y * (size_t)grid->stride,
            p + first + (size_t)reflected(-y, grid->height) * (size_t)grid->stride, bytes);
        int last = grid->height - 1 + y;
        memcpy(
            p + first + (size_t)last * (size_t)grid->stride,
            p + first + (size_t)reflected(last, grid->height) * (size_t)grid->stride, bytes);
    }
}

/* A mirrored spark far above all its neighbours is chance: bring it down to them. */
static void sparks_dim(Grid *grid)
{
    float *spare = grid->spare[0];

    for (int y = 0; y < grid->height; y++) {
        for (int x = 0; x < grid->width; x++) {
            size_t at = grid_at(grid, x, y);
            spare[at] = 0.2126f * grid->planes[GRID_MIRROR][at] +
                        0.7152f * grid->planes[GRID_MIRROR + 1][at] +
                        0.0722f * grid->planes[GRID_MIRROR + 2][at];
        }
    }
    for (int y = 1; y < grid->height - 1; y++) {
        for (int x = 1; x < grid->width - 1; x++) {
            size_t at = grid_at(grid, x, y);
            const float *up = spare + at - grid->stride, *down = spare + at + grid->stride;
            float mean = (spare[at - 1] + spare[at + 1] + up[-1] + up[0] + up[1] + down[-1] +
                          down[0] + down[1]) *
                         0.125f;
            float most = mean * 2.5f + 0.02f;
            for (int k = 0; spare[at] > most && k < 3; k++)
                grid->planes[GRID_MIRROR + k][at] *= most / spare[at];
        }
    }
}

typedef struct Pass {
    const Engine *engine;
    Grid *grid;
    int step;
    const Cancel *cancel;
} Pass;

static void pass_row(void *pass_any, size_t y)
{
    const Pass *pass = pass_any;

    if (!cancel_is_asked(pass->cancel))
        pass->engine->filter_row(pass->grid, (int)y, pass->step);
}

static void plane_pad(void *grid_any, size_t plane)
{
    grid_pad(grid_any, (int)plane);
}

void grid_clean(Grid *grid, int threads, Cancel *cancel)
{
    enum {
        PASSES = 5
    };

    sparks_dim(grid);
    crew_run(threads, GRID_PLANES, plane_pad, grid);
    for (int p = 0; p < PASSES; p++) {
        Pass pass = {engine_best(), grid, 1 << p, cancel};
        crew_run(threads, (size_t)grid->height, pass_row, &pass);
        for (int plane = 0; plane < GRID_VARYING_; plane++) {
            float *old = grid->planes[plane];
            grid->planes[plane] = grid->spare[plane];
            grid->spare[plane] = old;
        }
        crew_run(threads, GRID_VARYING_, plane_pad, grid);
    }
}

const Engine *engine_best(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return &engine_avx2;
#endif
    return &engine_plain;
}
