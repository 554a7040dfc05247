/* colour.h - a colour as people write it, sRGB with straight alpha, and the sRGB curve. */
#pragma once

#include <stdint.h>

#include "base/err.h"

typedef struct Colour {
    uint8_t r, g, b, a;
} Colour;

/* "#rgb", "#rrggbb", "#rrggbbaa", or a name such as "white". INPUT_INVALID with the ways to write one. */
MUST Err *colour_parse(const char *text, Colour *ret);

enum {
    COLOUR_TEXT_SIZE = 10
};

void colour_text(
    Colour colour, char text[COLOUR_TEXT_SIZE]); /* "#rrggbb", with "aa" unless opaque */

/* The sRGB transfer curve (IEC 61966-2-1): a channel of 0..255 to linear light of 0..1, and a linear value to 0..255. */
float colour_linear(uint8_t channel);
float colour_encoded(float linear); /* 0..255, not rounded; input below 0 or above 1 is clipped */
