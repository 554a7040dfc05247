/* vips_priv.h - the wall around libvips. Nothing of GLib leaves this folder. */
#pragma once

#include <vips/vips.h>

#include "image/image_priv.h"

static inline void vips_unref(VipsImage *image)
{
    g_clear_object(&image);
}
DEFINE_AUTO(VipsImage, vips_unref);

/* IMAGE as libvips sees it, without a copy: IMAGE must live as long. 8 or 16 bits. */
MUST Err *image_to_vips(const Image *image, VipsImage **ret);

/* What libvips made, as a picture of ours. */
MUST Err *image_from_vips(VipsImage *from, Image **ret);

/* An error of CODE. What libvips said goes to the log only: with several threads the words may be another thread's. */
MUST Err *vips_err(ErrCode code, const char *what);
