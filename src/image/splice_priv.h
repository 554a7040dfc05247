/* splice_priv.h - putting our own metadata, and no other, into a finished file. */
#pragma once

#include "image/head_priv.h"

typedef struct Extras {
    Span xmp, profile;
    double dpi; /* 0 leaves it out */
} Extras;

/* FILE as libvips wrote it, stripped; what it still carries beside the picture is dropped. */
MUST Err *splice_jpeg(Span file, const Extras *extras, Buf *buf);
MUST Err *splice_png(Span file, const Extras *extras, Buf *buf);
MUST Err *splice_webp(Span file, const Extras *extras, Buf *buf);
