/* paint_wide.h - what surfaces are made of: procedural colour, roughness and height for eight points at once.
 *
 * Nothing real is perfectly even, so every paint varies a little; how much is the paint's `variety`. Skins are compiled by
 * themselves in skin.c, since they are long.
 */
#pragma once

#include "scene/engine_priv.h"
#include "scene/wide.h"

/* A place on a face, in units of the paint's scale, and how much of it a pixel covers. */
typedef struct Spot {
    F8 u, v;
    F8 foot_u, foot_v;
} Spot;

typedef struct Skin {
    V3 colour;
    F8 rough;
    F8 height; /* world units */
} Skin;

/* The skin of PAINT at SPOT; HEIGHT is the world's y. Colours are 0..1. */
void ENGINE_NAME(skin_at)(const Paint *paint, const Spot *spot, const F8 *height, Skin *ret);

/* Its relief alone, in world units, for less. */
void ENGINE_NAME(skin_height_at)(const Paint *paint, const Spot *spot, F8 *ret);

WIDE_FN V3 fade_colour(const Paint *paint, F8 height)
{
    return v3_mix(
        v3_of(paint->colours[0]), v3_of(paint->colours[1]),
        f8_smooth(paint->from, paint->to, height));
}

/* Whether its grain leans the surface enough to be worth three skins a point. */
WIDE_FN int paint_has_relief(const Paint *paint)
{
    return paint->bump > 0.0f;
}
