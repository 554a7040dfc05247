/* canvas.h - what backdrops are painted on: a picture of light in floats, its fades, strokes, discs and blur.
 *
 * Places are in frame heights from the frame's top middle, so that a backdrop sits the same in frames of every shape. Painting ends
 * early, with the picture unfinished, when the canvas's Cancel was asked: who made the canvas looks at it at the end.
 */
#pragma once

#include "base/cancel.h"
#include "base/dice.h"

typedef struct Canvas {
    float *rgb;
    int width, height;
    double unit;       /* texels a frame height */
    double left, top;  /* texels from the corner to the frame's top middle */
    double half, line; /* half the frame's width; where the horizon lies */
    float colours[4][3];
    double size, soft;
    int count;
    uint64_t seed;
    Dice dice;
    const Cancel *cancel;
} Canvas;

/* The canvas's own chance: evenly LOW .. HIGH; or near MIDDLE, seldom far from it. */
double canvas_throw(Canvas *canvas, double low, double high);
double canvas_throw_near(Canvas *canvas, double middle, double spread);

void canvas_mix(const float a[3], const float b[3], double share, float ret[3]);
double canvas_ease(double low, double high, double x); /* 0 at LOW, 1 at HIGH, smooth between */

/* Noise of -1..1, and OCTAVES of it laid over each other. */
double canvas_noise(uint64_t seed, double x, double y);
double canvas_clouds(uint64_t seed, double x, double y, int octaves);

/* Call PAINT for every texel with its place. */
void canvas_each(
    Canvas *canvas, void (*paint)(const Canvas *canvas, double x, double y, float colour[3]));

/* From the first colour above to the second below, a little uneven. */
void canvas_fade(Canvas *canvas);

typedef struct Stroke {
    double x, y;       /* middle */
    double wide, high; /* half axes */
    double angle;
    double edge;    /* how much of its radius fades out */
    double alpha;   /* strength at its middle */
    double ring;    /* how much brighter its rim is */
    double eye;     /* cut by the lens's barrel away from the frame's middle, 0 .. 0.3 */
    bool is_square; /* a rectangle */
    bool is_light;  /* added, not laid over */
    const float *colour;
} Stroke;

void canvas_stroke(Canvas *canvas, const Stroke *stroke);

typedef struct Lights {
    int count;
    double least, most; /* radii */
    double from, to;    /* heights they hang at */
    double bright;      /* of the smallest */
    double other;       /* share in the fourth colour */
    int clusters;       /* 0 spreads them evenly */
} Lights;

/* Discs of light; the same light makes a small disc bright and a large one pale. */
void canvas_lights(Canvas *canvas, Lights lights);

typedef struct Masses {
    int count;
    double least, most;
    double from, to;
    double flat; /* height over width */
    double alpha;
    double low, high; /* of the way from the first to the second of its colours */
    int first, second;
} Masses;

/* Soft blots between two of the canvas's colours. */
void canvas_masses(Canvas *canvas, Masses masses);

/* Out of focus by REACH frame heights, times the canvas's softness. MEMORY_SPENT. */
MUST Err *canvas_blur(Canvas *canvas, double reach);
