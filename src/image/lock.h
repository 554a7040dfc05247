/* lock.h - what a picture must not lose: pixels that a model has drawn over are put back, and how much it had changed is measured.
 *
 * Pictures have 8 bits a channel, RGB or RGBA. The same pictures give the same bytes and numbers on any number of threads.
 */
#pragma once

#include "image/image.h"

typedef struct LockReport {
    double changed; /* share of protected pixels that differed visibly (ΔE2000 above 2.3), 0..1 */
    double mean_delta_e; /* ΔE2000 over the protected pixels */
    double likeness;     /* SSIM over the protected pixels, 1 is the same */
    double
        detail; /* how much of their fine detail is there still, in whatever light: correlation of luma without what is broader
                    * than some pixels, 1 all of it, 0 nothing; 1 where there was none */
    int64_t pixels; /* that are protected; with none, nothing has changed */
} LockReport;

/* DRAWN with the pixels of ORIGINAL wherever FREE (one band, as large as ORIGINAL: 255 may be drawn, 0 is protected) is 0, to the bit;
 * between, they are mixed. DRAWN is scaled to ORIGINAL's size first. *RET has ORIGINAL's size and bands: where it has no alpha, ORIGINAL
 * shows through what DRAWN left transparent.
 *
 * RET_REPORT, which may be NULL, is measured at the smaller of both sizes, so that few pixels are not taken for other ones, and over
 * grey where there is alpha. INPUT_INVALID when FREE is of another size; MEMORY_SPENT. Takes two more pictures of ORIGINAL's size, and
 * what image_likeness takes. */
MUST Err *image_lock(
    const Image *original, const Image *drawn, const Image *free, int threads, Image **ret,
    LockReport *ret_report);

/* The mask of a PNG with alpha, as vendors want it: 255 where alpha is 0. SOFT_PX (0 to 254) blends the border inwards of what may be
 * drawn, so that no protected pixel is touched. INPUT_INVALID for a picture without alpha. */
MUST Err *image_lock_mask(const Image *mask, int soft_px, Image **ret);
