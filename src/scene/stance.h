/* stance.h - how a product was photographed, told from its outline: from how high above, how level, and whether it stands.
 *
 * A camera that looks down sees the base as a curve: its front edge bends down or comes to a corner. For the corner of a box the
 * product of the two slopes is the squared sine of the camera's pitch; for a round base the sagitta over half the width is the
 * sine. A straight base tells nothing, and then nothing is claimed.
 */
#pragma once

#include "image/image.h"

typedef enum StanceBase {
    STANCE_STRAIGHT, /* one straight edge: any camera may have seen it */
    STANCE_CORNER,   /* two edges that meet: a box, feet of a stool */
    STANCE_ROUND,    /* an arc: a bottle, a pot */
    STANCE_BELLY,    /* an arc too deep for a base: a ball, a bear; or a thing seen from above */
    STANCE_POINT,    /* next to nothing touches the ground */
} StanceBase;

typedef struct Stance {
    StanceBase base;
    double pitch_degrees; /* of the camera above level, 0 .. 90; 0 when nothing tells */
    double roll_degrees;  /* clockwise; 0 unless axis and base agree on it */
    double from, to;      /* what touches the ground, across, of the product's width */
    double rise;          /* of the ends of that above its lowest place, of its width */
    bool stands; /* its middle is over what touches the ground, and it was not seen from above */
    double lit;  /* -1 clearly lit from the left .. 1 from the right; 0 when that cannot be told */
} Stance;

enum {
    STANCE_ABOVE_DEGREES = 40, /* a camera higher than this looks down on things that lie */
};

/* PRODUCT is RGBA of 8 bits. INPUT_INVALID for other pictures, MEMORY_SPENT. A blank product stands. */
MUST Err *stance_find(const Image *product, Stance *ret);
