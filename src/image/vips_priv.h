/* vips_priv.h - the wall around libvips. Nothing of GLib leaves this folder. */
#pragma once

#include "image/guest_priv.h"

static inline void vips_unref(VipsImage *image)
{
    if (image)
        guest.g_object_unref(image);
}
DEFINE_AUTO(VipsImage, vips_unref);

/* Start libvips, once it is opened: our limits, and no loader but those for photos. */
MUST Err *vips_begin(void);

/* Row Y of what REGION holds, from the picture's left edge. (The library's own macro calls into it by name.) */
static inline const unsigned char *vips_row(const VipsRegion *region, int y)
{
    return region->data + (ptrdiff_t)(y - region->valid.top) * region->bpl;
}

/* IMAGE as libvips sees it, without a copy: IMAGE must live as long. 8 or 16 bits. */
MUST Err *image_to_vips(const Image *image, VipsImage **ret);

/* An error of CODE. What libvips said goes to the log only: with several threads the words may be another thread's. */
MUST Err *vips_err(ErrCode code, const char *what);
