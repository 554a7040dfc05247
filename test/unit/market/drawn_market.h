/* drawn_market.h - finished pictures that the tests draw themselves, one fault at a time. */
#pragma once

#include "market/market.h"
#include "test.h"

typedef enum DrawnFault {
    DRAWN_FINE,
    DRAWN_TEXT,         /* "SALE NOW" in a corner */
    DRAWN_TEXT_ON_ITEM, /* writing on the product, which is allowed */
    DRAWN_WATERMARK,    /* faint writing, several times */
    DRAWN_FRAME,        /* a line around it all */
    DRAWN_BORDER,       /* a coloured border */
    DRAWN_COLLAGE,      /* two pictures side by side */
    DRAWN_CUT,          /* the product runs out of the picture */
    DRAWN_OPEN,         /* no background at all: alpha */
    DRAWN_TEXTURED,     /* grain all over the background */
    DRAWN_SHADOW,       /* a soft shadow below the product */
    DRAWN_CORNER,       /* one corner is a little grey */
    DRAWN_FADED,        /* the background darkens to one side */
    DRAWN_TWO,          /* two products */
} DrawnFault;

typedef struct Drawing {
    int width, height;
    int ground;  /* level of the background, 0..255 */
    double fill; /* of the tighter direction, percent */
    DrawnFault fault;
} Drawing;

/* RGB, or RGBA for DRAWN_OPEN. */
void drawn_picture(const Drawing *drawing, Image **ret);
