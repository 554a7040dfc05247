/* align.h - finding a thing of one picture in another: where it is, how large, how turned.
 *
 * A thing keeps its shape: it may be moved, enlarged, and turned by some degrees, lit more or less; one that was stretched, mirrored
 * or exchanged is aligned as well as it can be, and the likeness is then low. Pictures have 8 bits, RGB or RGBA. The same pictures
 * give the same alignment every time. Any thread.
 */
#pragma once

#include "image/image.h"

typedef struct Alignment {
    double zoom;        /* pixels of the picture for one of the reference */
    double turn;        /* radians, clockwise */
    double x, y;        /* where the middle of the masked box lies in the picture, pixels */
    double correlation; /* -1..1 of luma under the mask, light more or less set aside */
    Box box;            /* of the mask, in the reference */
} Alignment;

/* Find what MASK (one channel, size of REFERENCE) shows of REFERENCE in PICTURE. PRODUCT_NOT_FOUND when the mask is empty or the thing
 * cannot be seen large enough; MEMORY_SPENT. */
MUST Err *
image_align(const Image *reference, const Image *mask, const Image *picture, Alignment *ret);

/* What PICTURE shows where the reference's masked box would be, as RGB with that box's longer side SIDE_PX; and one channel of what
 * of it lies inside the picture. */
MUST Err *image_align_cut(
    const Image *picture, const Alignment *alignment, int side_px, Image **ret, Image **ret_inside);
