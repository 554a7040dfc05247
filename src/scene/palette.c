/* Repainting in Oklab by lightness, chroma and hue. */
#include "scene/palette.h"

#include <math.h>

#include "scene/stage.h"

/* Below this a colour counts as grey: it has no hue of its own. */
static const double grey_chroma = 0.02;

/* What pigment reaches: a wall is never as saturated as a screen. */
static const double most_chroma = 0.19;

bool palette_takes(int grain)
{
    static const bool takes[GRAIN_KINDS] = {
        [GRAIN_PLAIN] = true,  [GRAIN_PLASTER] = true, [GRAIN_CONCRETE] = true,
        [GRAIN_LINEN] = true,  [GRAIN_TILE] = true,    [GRAIN_FADE] = true,
        [GRAIN_PLEATS] = true, [GRAIN_PAPER] = true,   [GRAIN_ZELLIGE] = true,
    };

    return takes[grain];
}

static double chroma_of(OkLab lab)
{
    return hypot(lab.a, lab.b);
}

static double hue_between(double from, double to)
{
    return remainder(to - from, 2 * M_PI);
}

/* Linear light within what paint can be; a colour out of range gives up chroma before it gives up its lightness. */
static Colour paint_mixed(double lightness, double chroma, double hue)
{
    const double darkest = 0.008, lightest = 0.9;
    double linear[3];

    for (int step = 0; step < 24; step++, chroma *= 0.92) {
        colour_of_oklab((OkLab){lightness, chroma * cos(hue), chroma * sin(hue)}, linear);
        double least = fmin(linear[0], fmin(linear[1], linear[2]));
        double most = fmax(linear[0], fmax(linear[1], linear[2]));
        if (least >= darkest && most <= lightest)
            break;
    }
    for (int k = 0; k < 3; k++)
        linear[k] = (double)colour_encoded((float)CLAMP(linear[k], darkest, lightest));
    return (Colour){
        (uint8_t)lround(linear[0]), (uint8_t)lround(linear[1]), (uint8_t)lround(linear[2]), 255};
}

Colour palette_move(Colour paint, Colour anchor, Colour wanted)
{
    OkLab from = colour_oklab(anchor), to = colour_oklab(wanted), at = colour_oklab(paint);
    double chroma = chroma_of(at), anchor_chroma = chroma_of(from), wanted_chroma = chroma_of(to);
    double hue = atan2(to.b, to.a), lightness = to.l + (at.l - from.l) * 0.9;

    if (anchor_chroma < grey_chroma)
        chroma = chroma < grey_chroma ? wanted_chroma : chroma;
    else if (chroma < grey_chroma / 2)
        chroma = fmin(chroma, wanted_chroma); /* a pearl stays a pearl */
    else
        chroma *= fmin(wanted_chroma / anchor_chroma, 4.0);
    /* Neighbouring hues stay neighbours, a little closer than they were. */
    if (anchor_chroma >= grey_chroma && chroma_of(at) >= grey_chroma)
        hue += CLAMP(hue_between(atan2(from.b, from.a), atan2(at.b, at.a)) * 0.5, -0.6, 0.6);
    return paint_mixed(CLAMP(lightness, 0.2, 0.97), fmin(chroma, most_chroma), hue);
}
