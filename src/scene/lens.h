/* lens.h - blur by depth: the set as a wide lens sees it, gathered on the grid of light.
 *
 * A point is drawn out over a disc as wide as it lies far from what is sharp; what is nearer covers what is behind it, and never
 * the other way round, so edges of sharp things stay clean. Discs are gathered on levels, each half as fine as the one before,
 * so that the work does not grow with their width. Light is kept: a disc is as much paler as it is larger.
 */
#pragma once

#include "scene/grid.h"

enum {
    LENS_LEVELS = 4,
    LENS_REACH = 8, /* widest disc, from its middle, that a level gathers, in its own points */
    LENS_PAD = 16,
};

#define LENS_BEYOND 1e4f /* the blur of the sky: it brings its own */

typedef enum LensPlane {
    LENS_SEEN,     /* r, g, b, all sharp */
    LENS_BLUR = 3, /* radius of its disc in points of the grid; below 0 nearer than what is sharp */
    LENS_REACHED,  /* widest disc that may lie here */
    LENS_OUT,      /* r, g, b, blurred */
    LENS_COVER = 8, /* how much of it nearer things cover */
    LENS_PLANES
} LensPlane;

typedef struct LensLevel {
    int width, height, stride;
    float *planes[LENS_PLANES];
} LensLevel;

struct Lens {
    int count;
    float most; /* widest disc of all, in points of the grid */
    LensLevel levels[LENS_LEVELS];
};

/* All levels empty, for the grid of STAGE. MEMORY_SPENT. */
MUST Err *lens_new(const Stage *stage, Lens *ret);
void lens_done(Lens *lens);
DEFINE_AUTO_DONE(Lens, lens_done);

/* From LENS_SEEN and LENS_BLUR of the first level to its LENS_OUT and LENS_COVER. MEMORY_SPENT. */
MUST Err *lens_focus(Lens *lens, int threads);

static inline size_t lens_at(const LensLevel *level, int x, int y)
{
    return (size_t)(y + LENS_PAD) * (size_t)level->stride + (size_t)(x + LENS_PAD);
}

/* Points of the grid that what lies at DEPTH is blurred by, before limits: focus is where it is 0. */
static inline float lens_strength(const Stage *stage)
{
    return 0.5f * stage->camera.aperture * stage->camera.focal /
           (stage->camera.pixel * (float)stage->step);
}
