/* grid.h - the light of one view on a coarse grid of points, as planes of floats.
 *
 * Each point holds what the camera sees through one ray: the light that falls there without the colour of what it falls on
 * (direct and bounced apart, since they are cleaned differently), what the surface mirrors, and the facts that tell its
 * neighbours apart. Planes are padded on all sides, so that filters never look beside the picture.
 */
#pragma once

#include "scene/stage.h"

enum {
    GRID_PAD = 40,
};

typedef enum GridPlane {
    GRID_DIRECT, /* three planes each: r, g, b */
    GRID_BOUNCED = 3,
    GRID_MIRROR = 6,
    GRID_WAY = 9,       /* mean direction of the direct light, not of unit length */
    GRID_UNSHADED = 12, /* luminance of the light as it would be without the product */
    GRID_FILTERED_,
    GRID_DIRECT_VARIANCE = 13,
    GRID_BOUNCED_VARIANCE,
    GRID_VARYING_, /* planes the filter writes anew */
    GRID_NORMAL = 15,
    GRID_DEPTH = 18,
    GRID_ID,
    GRID_ROUGH,
    GRID_PLANES
} GridPlane;

typedef struct Grid {
    int width, height; /* points */
    int stride, rows;  /* floats a row, rows, with padding */
    float *planes[GRID_PLANES];
    float *spare[GRID_VARYING_];
} Grid;

MUST Err *grid_new(int width, int height, Grid *ret);
void grid_done(Grid *grid);
DEFINE_AUTO_DONE(Grid, grid_done);

static inline size_t grid_at(const Grid *grid, int x, int y)
{
    return (size_t)(y + GRID_PAD) * (size_t)grid->stride + (size_t)(x + GRID_PAD);
}

/* Repeat the border of plane P into its padding. */
void grid_pad(Grid *grid, int plane);

/* Remove the noise, threads sharing the rows. */
void grid_clean(Grid *grid, int threads, Cancel *cancel);

/* ---- one source, compiled for each instruction set; results are the same bit for bit ---- */

typedef struct Darkroom Darkroom;
typedef struct Relight Relight;
typedef struct Lens Lens;

typedef struct Engine {
    const char *name;
    void (*trace_row)(const Stage *stage, Grid *grid, int y);
    void (*filter_row)(const Grid *grid, int y, int step);
    void (*develop_row)(const Darkroom *darkroom, int y);
    void (*sketch_row)(const Darkroom *darkroom, Lens *lens, int y);
    void (*blur_row)(const Lens *lens, int level, int y);
    void (*relight_row)(const Stage *stage, Relight *relight, int y);
} Engine;

extern const Engine engine_plain;
#if defined(__x86_64__)
extern const Engine engine_avx2;
#endif

const Engine *engine_best(void);

/* What develop_row needs: it looks through every pixel, gives each look its light from the grid and its colour from the paint,
 * and writes 8-bit rows. */
struct Darkroom {
    const Stage *stage;
    const Grid *grid;
    const float *glow; /* bloom: 3 floats a grid point, no padding; NULL for none */
    const Lens *lens;  /* blur by depth; NULL for none */
    Image *picture;
    Image *shadow; /* NULL for none */
};
