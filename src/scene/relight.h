/* relight.h - the light that falls on the product itself, on a small map stretched over its box. */
#pragma once

#include "scene/grid.h"

enum {
    RELIGHT_CELLS = 72,  /* on the map's longer side */
    RELIGHT_ABREAST = 8, /* cells an engine lights at once */
};

/* Cells as planes of floats, rows padded to whole eights; first where they lie, then the light there. */
typedef enum RelightPlane {
    RELIGHT_POINT,      /* x, y, z in the world */
    RELIGHT_NORMAL = 3, /* x, y, z */
    RELIGHT_COVER = 6,  /* 1 where there is product */
    RELIGHT_LIGHT, /* r, g, b as a white card there would show it, with all masks before lamps taken away */
    RELIGHT_MASKED = 10, /* luminance with the masks */
    RELIGHT_PLANES
} RelightPlane;

struct Relight {
    int width, height, stride;
    float *planes[RELIGHT_PLANES];
};

void relight_done(Relight *relight);
DEFINE_AUTO_DONE(Relight, relight_done);

/* The product of STAGE, seen in BOX of the frame, as cells to be lit by Engine.relight_row. MEMORY_SPENT. */
MUST Err *relight_new(const Stage *stage, Box box, Relight *ret);

/* The lit cells as a picture: see SceneShot. MEMORY_SPENT. */
MUST Err *relight_picture(const Relight *relight, float exposure, Image **ret);
