/* outline.h - flat outlines that slabs are cut to, and how far every place is from them. */
#pragma once

#include "scene/stage.h"
#include "shape/shape.h"

enum {
    PROFILE_MAX = 16, /* pairs of a turned body */
    POINTS_MAX = 64,  /* corners of an outline of one's own */
};

extern const char *const outline_names[]; /* NULL-ended */

/* Loops of corners: what lies in an added loop and in no cut one is inside. */
typedef struct Loop {
    int first, count;
    bool is_cut;
} Loop;

enum {
    OUTLINE_LOOPS_MAX = 128,
    OUTLINE_CORNERS_MAX = 2560,
};

typedef struct Outline {
    float corners[OUTLINE_CORNERS_MAX][2]; /* x -1 to 1, y -tall to tall */
    int corner_count;
    Loop loops[OUTLINE_LOOPS_MAX];
    int loop_count;
    float tall;
} Outline;

/* The outline called outline_names[KIND], TALL times as high as it is wide. */
void outline_draw(int kind, double tall, Outline *ret);

/* The outline with corners POINTS, fitted to the same space; WIDTH and HEIGHT are its own. */
void outline_trace(const Pairs *points, double *ret_width, double *ret_height, Outline *ret);

/* The distances of OUTLINE made WIDTH world units wide. MEMORY_SPENT. */
MUST Err *outline_measure(const Outline *outline, double width, Cutting *ret);
