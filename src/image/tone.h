/* tone.h - the light in a picture: what the camera got wrong, and a tone to mend it or to set a mood.
 *
 * A tone works on light, not on channels: brightness and contrast move a pixel's luminance and keep its hue, so that a product stays
 * the colour it is sold in; only warmth and white balance change colours, and those evenly. Pictures have 8 bits, RGB or RGBA; what
 * is transparent neither counts nor changes.
 */
#pragma once

#include "image/image.h"

typedef struct Tone {
    double exposure_ev;          /* light doubled by each */
    double gain[3];              /* red, green, blue, in linear light; 0 is 1 */
    double black, white;         /* of 0..1, encoded: stretched to 0 and 1; white of 0 is 1 */
    double brightness, contrast; /* -100..100 */
    double warmth, saturation;   /* -100..100 */
    double soften;               /* 0..1: shadowed areas lifted, glaring ones calmed, detail left */
    double clarity;              /* 0..1: more contrast inside areas */
    double falloff;              /* 0..1: light from the upper left that fades across the picture */
} Tone;

/* A copy of IMAGE with TONE applied; a tone of zeros gives the same pixels. */
MUST Err *image_tone(const Image *image, const Tone *tone, int threads, Image **ret);

typedef struct LightFaults {
    double under_ev;       /* how much light is missing; 0 when nothing is amiss */
    double cast[3];        /* gain that takes the colour cast away; 1, 1, 1 without one */
    double cast_delta;     /* how far greys are off, in steps of Lab; 0 without a cast */
    const char *cast_name; /* "blue"; NULL without one */
    double harsh;          /* 0..1: shadows crushed and lights clipped at once */
    double flat;           /* 0..1: neither dark nor light in it */
    double dark, bright;   /* the ends of what there is, 0..1, encoded */
} LightFaults;

/* What is wrong with the light of the visible part of IMAGE. Dark and pale products, and rooms with walls of one colour, are not
 * taken for faults where the picture gives a sign of good light: a highlight, a true grey. MEMORY_SPENT. */
MUST Err *image_light_faults(const Image *image, LightFaults *ret);

/* The tone that mends FAULTS. */
Tone tone_of_faults(const LightFaults *faults);
