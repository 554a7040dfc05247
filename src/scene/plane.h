/* plane.h - one channel of floats, for masks that are drawn, blurred and looked up between pixels. */
#pragma once

#include <stddef.h>

#include "base/err.h"

typedef struct Plane {
    int width, height;
    float *cells; /* rows from the top */
} Plane;

/* All zero. MEMORY_SPENT. */
MUST Err *plane_new(int width, int height, Plane *ret);
void plane_done(Plane *plane);
DEFINE_AUTO_DONE(Plane, plane_done);

/* Three running means, close to a Gaussian of SIGMA_X across and SIGMA_Y down, in cells. MEMORY_SPENT. */
MUST Err *plane_blur(Plane *plane, double sigma_x, double sigma_y);

/* Mixed of the four cells around (X, Y), whose own middles lie at halves; 0 outside. */
float plane_at(const Plane *plane, double x, double y);

/* One running mean of REACH either side along COUNT values that lie STRIDE apart; the ends repeat. SPARE holds COUNT. */
void line_blur(float *line, float *spare, int count, size_t stride, int reach);
