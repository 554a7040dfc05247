/* colour_priv.h - from any picture's colours to sRGB, and from sRGB to a profile. Little CMS lives behind this header. */
#pragma once

#include "image/image_priv.h"

typedef enum Paint {
    PAINT_GREY = 1, /* the value is the number of colour channels */
    PAINT_RGB = 3,
    PAINT_CMYK = 4 /* 0 is no ink */
} Paint;

typedef struct ColourPath ColourPath;

void colour_path_free(ColourPath *path);
DEFINE_AUTO(ColourPath, colour_path_free);

/* From values of PAINT as PROFILE describes them to sRGB of 8 bits. A PROFILE that is damaged or speaks of another kind of paint
 * is not used: then grey and RGB are taken as sRGB, CMYK as coated paper. *ret_name is what the profile calls itself, "" when it
 * was not used. */
MUST Err *colour_path_in(
    Paint paint, Depth depth, const void *profile, size_t size, char ret_name[64],
    ColourPath **ret);

/* From sRGB of DEPTH to RGB PROFILE of the same depth. INPUT_INVALID when PROFILE is no RGB profile. */
MUST Err *colour_path_out(Depth depth, const void *profile, size_t size, ColourPath **ret);

/* WIDTH pixels without alpha. PATH may be used by several threads at once. */
void colour_path_row(const ColourPath *path, const void *from, size_t width, void *to);
