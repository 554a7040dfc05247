/* likeness.h - how alike two pictures of one size are, to the eye and to the meter.
 *
 * Pictures have 8 bits a channel; alpha is left out of account. Only pixels under the mask count, weighed by it: a window that
 * reaches over the mask's edge sees nothing of what is beyond. The same pictures give the same numbers on any number of threads.
 */
#pragma once

#include "image/image.h"

typedef struct LikenessWish {
    const Image *a, *b; /* RGB or RGBA, of one size */
    const Image *mask;  /* one channel, of that size; NULL counts every pixel */
    int threads;
    bool is_luma_enough; /* leaves ssim_channel at 0, in a third of the time */
} LikenessWish;

typedef struct Likeness {
    double ssim; /* of luma, 1 is the same: mean of the 11 x 11 windows of Wang et al. (2004) */
    double ssim_channel[3]; /* the same of red, green and blue */
    double
        ssim_worst; /* of luma, the lowest mean of a square of an eighth of the masked box's longer side */
    double psnr_db;       /* over red, green and blue; 99 is the most */
    double delta_e;       /* mean CIEDE2000 */
    double delta_e_worst; /* the highest mean of such a square */
    double changed; /* share of pixels whose difference is seen at a glance: CIEDE2000 above 2.3 */
    int64_t pixels; /* that counted */
} Likeness;

/* INPUT_INVALID when sizes differ or nothing is under the mask; MEMORY_SPENT. Takes 4 KB a pixel of width and thread, and 8 bytes a
 * pixel. */
MUST Err *image_likeness(const LikenessWish *wish, Likeness *ret);
