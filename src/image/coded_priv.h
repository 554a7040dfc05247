/* coded_priv.h - how large AV1 and HEVC data says its own frames are: pixels of the largest, 0 when it says nothing. */
#pragma once

#include "image/head_priv.h"

int64_t
coded_pixels_av1(Span data); /* an item of a file, or what follows the four bytes of 'av1C' */
int64_t coded_pixels_hevc(Span data); /* an item of a file */
int64_t coded_pixels_hvcc(Span body); /* the box 'hvcC' */
