/* laid_wide.h - what is laid piece by piece or grows blade by blade: tiles, zellige, bricks, a lawn; and brushed metal. */
#pragma once

#include "scene/grain_wide.h"

/* A square tile's place, its own chance, and how far from its border. */
typedef struct Laid {
    F8 fx, fy; /* within it, 0..1 */
    F8 edge;
    U8 id;
} Laid;

WIDE_FN Laid laid_square(F8 u, F8 v, uint32_t seed)
{
    F8 ix = f8_floor(u), iy = f8_floor(v);
    F8 fx = u - ix, fy = v - iy;

    return (Laid){
        fx, fy, f8_min(f8_min(fx, 1.0f - fx), f8_min(fy, 1.0f - fy)),
        u8_hash_cell(i8_of_float(ix), i8_of_float(iy), seed)};
}

/* Colours: two of the glaze, and the joint. */
WIDE_FN void skin_tile(const Paint *paint, const Spot *spot, Skin *skin)
{
    const float joint = 0.017f;
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    Laid laid = laid_square(u, v, s);
    F8 foot = spot_foot(spot, 1.0f, 1.0f);
    F8 seam = grain_line(laid.edge, f8(joint), foot);
    F8 h1 = f8_hashed(laid.id, 0), h2 = f8_hashed(laid.id, 1), h3 = f8_hashed(laid.id, 2);
    F8 glaze = grain_clouds(u * 1.7f + h1 * 9.0f, v * 1.7f, 3, spot_foot(spot, 1.7f, 1.7f), s + 3);
    V3 face = v3_mix(
        v3_of(paint->colours[0]), v3_of(paint->colours[1]),
        f8_clamp((h1 + glaze * 0.30f) * paint->variety, 0.0f, 1.0f));
    F8 grit = grain_noise(u * 30.0f, v * 30.0f, foot * 30.0f, s + 5);
    V3 grout = v3_scale(v3_of(paint->colours[2]), 1.0f + grit * 0.08f);

    skin->colour = v3_mix(face, grout, seam);
    skin->height = (f8_smooth(joint, joint + 0.045f, laid.edge) * 0.026f +
                    ((h2 - 0.5f) * laid.fx + (h3 - 0.5f) * laid.fy) * 0.05f + glaze * 0.012f) *
                   paint->scale;
    skin->rough = f8_mix(skin->rough, f8(0.9f), seam);
}

/* Hand-cut and glazed: no two alike, corners chipped, faces that lean; colours: two of the glaze, and the joint. */
WIDE_FN void skin_zellige(const Paint *paint, const Spot *spot, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 foot = spot_foot(spot, 1.0f, 1.0f);
    F8 wander_u = f8_noise(u * 2.3f, v * 0.9f, s + 30) * 0.016f;
    F8 wander_v = f8_noise(u * 0.9f, v * 2.3f, s + 31) * 0.016f;
    Laid laid = laid_square(u + wander_u, v + wander_v, s);
    F8 chip = grain_noise(u * 16.0f, v * 16.0f, foot * 16.0f, s + 4);
    F8 half = 0.010f + 0.022f * f8_smooth(0.25f, 0.8f, chip);
    F8 seam = grain_line(laid.edge, half, foot);
    F8 h1 = f8_hashed(laid.id, 0), h2 = f8_hashed(laid.id, 1), h3 = f8_hashed(laid.id, 2);
    F8 swell = grain_clouds(
        u * 1.9f + h1 * 9.0f, v * 1.9f + h2 * 5.0f, 3, spot_foot(spot, 1.9f, 1.9f), s + 3);
    F8 pooled = f8_smooth(0.0f, 0.16f, laid.edge);
    F8 dot = f8_smooth(0.72f, 0.95f, grain_noise(u * 21.0f, v * 21.0f, foot * 21.0f, s + 6));
    V3 face = v3_mix(
        v3_of(paint->colours[0]), v3_of(paint->colours[1]),
        f8_clamp((h1 * 0.9f + swell * 0.8f) * paint->variety, 0.0f, 1.0f));

    face = v3_scale(face, (0.90f + 0.10f * pooled) * (0.92f + 0.16f * h3) * (1.0f - dot * 0.18f));
    skin->colour = v3_mix(face, v3_of(paint->colours[2]), seam);
    skin->height = (f8_smooth(0.008f, 0.06f, laid.edge) * 0.022f +
                    ((h2 - 0.5f) * laid.fx + (h3 - 0.5f) * laid.fy) * 0.11f + swell * 0.040f) *
                   paint->scale;
    skin->rough = f8_mix(skin->rough + swell * 0.06f, f8(0.9f), seam);
}

/* Running bond, a brick one unit long and a third high; colours: brick, joint, other bricks. */
WIDE_FN void skin_brick(const Paint *paint, const Spot *spot, Skin *skin)
{
    const float high = 0.32f;
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 foot = spot_foot(spot, 1.0f, 1.0f);
    F8 rough_u = grain_clouds(u * 9.0f, v * 9.0f, 3, foot * 9.0f, s + 1);
    F8 rough_v = grain_clouds(u * 9.0f + 31.0f, v * 9.0f, 3, foot * 9.0f, s + 2);
    F8 row = f8_floor(v * (1.0f / high));
    I8 number = i8_of_float(row);
    F8 x = u + f8_select((number & 1) == 1, f8(0.5f), f8(0)) +
           (f8_cell(number, number * 5, s) - 0.5f) * 0.05f;
    F8 column = f8_floor(x);
    F8 fx = x - column, fy = v - row * high;
    F8 edge =
        f8_min(f8_min(fx, 1.0f - fx) + rough_u * 0.008f, f8_min(fy, high - fy) + rough_v * 0.008f);
    U8 id = u8_hash_cell(i8_of_float(column), number, s + 3);
    F8 h1 = f8_hashed(id, 0), h2 = f8_hashed(id, 1), h3 = f8_hashed(id, 2);
    F8 joint = f8_mix(
        f8(0.17f), 1.0f - grain_inside(edge - 0.020f, 0.010f, foot), grain_left(foot * 2.2f));
    F8 face = grain_clouds(u * 5.0f + h1 * 20.0f, v * 7.0f, 4, spot_foot(spot, 5.0f, 7.0f), s + 5);
    F8 pit = f8_smooth(
        0.20f, 0.42f,
        grain_clouds(
            u * 21.0f + rough_u * 2.0f, v * 21.0f + rough_v * 2.0f, 3, foot * 21.0f, s + 6));
    F8 grit = grain_noise(u * 80.0f, v * 80.0f, foot * 80.0f, s + 7);
    V3 brick = v3_mix(
        v3_of(paint->colours[0]), v3_of(paint->colours[2]),
        f8_clamp(h2 * h2 + face * 0.35f, 0.0f, 1.0f) * 0.5f * paint->variety);

    brick = v3_scale(
        brick, (1.0f + ((h1 - 0.5f) * 0.34f + face * 0.30f) * paint->variety) *
                   (1.0f - pit * 0.22f + grit * 0.05f));
    V3 mortar =
        v3_scale(v3_of(paint->colours[1]), 1.0f + rough_u * 0.20f * paint->variety + grit * 0.07f);
    skin->colour = v3_mix(brick, mortar, joint);
    skin->height = (f8_smooth(0.004f, 0.045f, edge) * 0.032f + face * 0.014f - pit * 0.008f +
                    grit * 0.0015f + (h3 - 0.5f) * fx * 0.02f) *
                   paint->scale;
    skin->rough = skin->rough + joint * 0.1f;
}

/* One layer of blades, all leaning the way (X, Y) says: how much of one is here, 0..1. */
static __attribute__((noinline)) F8
blades_at(const Spot *spot, float along, float across, float turn, uint32_t seed)
{
    F8 x = spot->u * (along * turn) + spot->v * along;
    F8 y = spot->v * (-across * turn) + spot->u * across;
    F8 foot = spot_foot(spot, across, across);
    return f8_smooth(0.05f, 0.75f, grain_noise(x, y, foot * 0.8f, seed)) +
           0.3f * (1.0f - grain_left(foot * 0.8f));
}

/* A lawn; colours: shade, blades in the light, dry ones. */
WIDE_FN void skin_grass(const Paint *paint, const Spot *spot, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 broad = f8_clouds(spot->u * 0.7f, spot->v * 0.7f, 3, s);
    F8 tufts = grain_clouds(spot->u * 5.0f, spot->v * 5.0f, 3, spot_foot(spot, 5.0f, 5.0f), s + 1);
    F8 first = blades_at(spot, 9.0f, 62.0f, 0.25f, s + 2);
    F8 second = blades_at(spot, 10.0f, 70.0f, -0.6f, s + 3);
    F8 third = blades_at(spot, 12.0f, 48.0f, 0.9f, s + 4);
    F8 top = f8_max(first, f8_max(second * 0.85f, third * 0.7f));
    F8 tone = 0.16f + top * 0.62f + (tufts * 0.34f + broad * 0.20f) * paint->variety;
    F8 dry = f8_smooth(0.10f, 0.45f, broad + tufts * 0.4f) * 0.45f * third;

    skin->colour =
        v3_mix(v3_of(paint->colours[0]), v3_of(paint->colours[1]), f8_clamp(tone, 0.0f, 1.0f));
    skin->colour = v3_mix(skin->colour, v3_of(paint->colours[2]), dry * paint->variety);
    skin->height = (top * 0.020f + tufts * 0.05f) * paint->scale;
}

/* Fine scratches along u, which spread what metal mirrors. */
WIDE_FN void skin_brushed(const Paint *paint, const Spot *spot, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 lines = grain_noise(u * 0.7f, v * 70.0f, spot_foot(spot, 0.7f, 70.0f), s) * 0.5f +
               grain_noise(u * 1.6f, v * 190.0f, spot_foot(spot, 1.6f, 190.0f), s + 1) * 0.5f +
               grain_noise(u * 0.5f, v * 24.0f, spot_foot(spot, 0.5f, 24.0f), s + 2) * 0.4f;
    F8 broad = f8_clouds(u * 0.8f, v * 2.0f, 2, s + 3);

    skin->colour =
        v3_scale(skin->colour, 0.97f + (lines * 0.085f + broad * 0.05f) * paint->variety);
    skin->rough = skin->rough + lines * 0.06f * paint->variety + broad * 0.04f;
    skin->height = lines * 0.0006f * paint->scale;
}
