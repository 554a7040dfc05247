/* colour.h - a colour as people write it, sRGB with straight alpha, the sRGB curve, and how far apart eyes see two colours. */
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

/* A colour by lightness (0 black .. 100 white) and two hues, in steps that look about even: CIE L*a*b* of 1976, white D65. */
typedef struct Lab {
    float l, a, b;
} Lab;

Lab colour_lab(const uint8_t rgb[3]);
Lab colour_lab_of_linear(const float rgb[3]); /* linear light of 0..1 */

/* A colour by lightness (0 black .. 1 white) and two hues in which mixing looks even and stays colourful: Oklab. */
typedef struct OkLab {
    double l, a, b;
} OkLab;

OkLab colour_oklab(Colour colour); /* alpha is left aside */
void colour_of_oklab(
    OkLab lab, double ret_linear[3]); /* may leave 0..1: not every such colour can be shown */

/* How far apart two colours look (CIEDE2000): below 1 nobody sees it, above 5 everybody does. */
float colour_difference(Lab a, Lab b);
