/* lock.h - what a picture must not lose: pixels that a model has drawn over are put back, and how much it had changed is measured. */
#pragma once

#include "image/image.h"

typedef struct LockReport {
    double changed; /* share of protected pixels that differed visibly (ΔE2000 above 2.3), 0..1 */
    double mean_delta_e; /* ΔE2000 over the protected pixels */
    double likeness;     /* SSIM over the protected pixels, 1 is the same */
} LockReport;

/* DRAWN with the pixels of ORIGINAL wherever FREE (one band, as large as ORIGINAL: 255 may be drawn, 0 is protected) is 0, to the bit;
 * between, they are mixed. DRAWN is scaled to ORIGINAL's size first. *RET has ORIGINAL's size and bands. */
MUST Err *image_lock(
    const Image *original, const Image *drawn, const Image *free, int threads, Image **ret,
    LockReport *ret_report);

/* The mask of a PNG with alpha, as vendors want it: 255 where alpha is 0. SOFT_PX blends the border inwards of what may be drawn. */
MUST Err *image_lock_mask(const Image *mask, int soft_px, Image **ret);
