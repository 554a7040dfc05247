/* stone_wide.h - mineral skins: plaster, concrete, marble, terrazzo, travertine, slate, asphalt, wet ground and sand. */
#pragma once

#include "scene/grain_wide.h"

WIDE_FN void skin_plaster(const Paint *paint, const Spot *spot, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 broad = grain_clouds(u * 0.7f, v * 0.7f, 3, spot_foot(spot, 0.7f, 0.7f), s);
    F8 wx = f8_clouds(u * 1.3f + 4.0f, v * 1.3f, 2, s + 1);
    F8 wy = f8_clouds(u * 1.3f, v * 1.3f + 8.0f, 2, s + 2);
    F8 strokes = grain_clouds(
        u * 2.2f + wx * 2.6f, v * 1.3f + wy * 2.6f, 4, spot_foot(spot, 5.0f, 4.0f), s + 3);
    F8 grit = grain_clouds(
        u * 11.0f + wy * 3.0f, v * 7.0f + wx * 3.0f, 4, spot_foot(spot, 14.0f, 10.0f), s + 4);

    skin->colour = v3_scale(
        skin->colour, 1.0f + (broad * 0.10f + strokes * 0.16f + grit * 0.06f) * paint->variety);
    skin->height = (strokes * 0.030f + grit * 0.010f) * paint->scale;
    skin->rough = skin->rough + strokes * 0.08f;
}

WIDE_FN void skin_concrete(const Paint *paint, const Spot *spot, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 broad = f8_clouds(u * 0.8f, v * 0.8f, 3, s);
    F8 mid = grain_clouds(u * 5.0f + broad * 2.0f, v * 5.0f, 4, spot_foot(spot, 5.0f, 5.0f), s + 9);
    F8 runs = grain_clouds(u * 0.6f, v * 3.4f + broad, 3, spot_foot(spot, 0.6f, 3.4f), s + 13);
    F8 grit = grain_noise(u * 90.0f, v * 90.0f, spot_foot(spot, 90.0f, 90.0f), s + 77);
    Cells cells = cells_near(u * 7.0f + mid * 0.12f, v * 7.0f + runs * 0.1f, s + 3);
    F8 radius = 0.015f + 0.08f * f8_power(f8_hashed(cells.id, 1), 4.0f);
    F8 foot = spot_foot(spot, 7.0f, 7.0f);
    F8 pit = grain_inside(radius - cells.first, 0.012f, foot) *
             f8_smooth(0.45f, 0.50f, f8_hashed(cells.id, 2)) * f8_min(radius * 2.0f / foot, f8(1));
    F8 tone = 1.0f + (broad * 0.20f + mid * 0.10f + runs * 0.08f) * paint->variety;

    skin->colour = v3_scale(skin->colour, tone * (1.0f - 0.40f * pit) * (1.0f + grit * 0.03f));
    skin->height = (mid * 0.008f - pit * 0.02f + grit * 0.0012f) * paint->scale;
    skin->rough = skin->rough + broad * 0.12f + mid * 0.05f;
}

WIDE_FN void skin_marble(const Paint *paint, const Spot *spot, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 foot = spot_foot(spot, 1.6f, 1.6f);
    F8 w1 = grain_clouds(u * 1.1f, v * 1.1f, 4, foot, s);
    F8 w2 = grain_clouds(u * 1.1f + 40.0f, v * 1.1f + 7.0f, 4, foot, s + 1);
    F8 x = (u * 0.82f + v * 0.57f) * 0.55f + w1 * 1.5f;
    F8 y = (v * 0.82f - u * 0.57f) * 1.25f + w2 * 1.5f;
    F8 fold = f8_noise(x, y, s + 2) * 0.62f + f8_noise(x * 2.0f, y * 2.0f, s + 9) * 0.25f +
              grain_noise(x * 4.1f, y * 4.1f, foot * 4.0f, s + 19) * 0.09f;
    F8 ridge = f8_clamp(1.0f - f8_abs(fold), 0.0f, 1.0f);
    F8 vein = f8_power(ridge, 26.0f), halo = f8_power(ridge, 7.0f);
    F8 thin = f8_noise(x * 2.3f + 5.0f, y * 2.1f + 3.0f, s + 4) +
              f8_noise(x * 5.0f, y * 5.0f, s + 7) * 0.4f;
    F8 thread = f8_power(f8_clamp(1.0f - f8_abs(thin), 0.0f, 1.0f), 34.0f);
    F8 where = f8_smooth(-0.5f, 0.6f, f8_clouds(u * 0.7f + 3.0f, v * 0.7f, 2, s + 8));
    F8 cloud = grain_clouds(u * 0.9f + w1, v * 0.9f + w2, 4, foot, s + 6);

    skin->colour = v3_mix(
        v3_of(paint->colours[0]), v3_of(paint->colours[1]),
        f8_clamp(0.22f + cloud * 0.55f, 0.0f, 0.6f) * (0.55f * paint->variety));
    F8 dark = (halo * 0.33f + vein * 0.62f) * where + thread * 0.22f * where;
    skin->colour =
        v3_mix(skin->colour, v3_of(paint->colours[2]), f8_clamp(dark * paint->variety, 0.0f, 1.0f));
    skin->rough = skin->rough + vein * 0.04f;
}

/* Chips of three sizes in cement: cells shrunk by their distance to the border. */
WIDE_FN void skin_terrazzo(const Paint *paint, const Spot *spot, Skin *skin)
{
    static const float sizes[] = {1.0f, 2.1f, 5.3f};
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 grit = grain_noise(u * 40.0f, v * 40.0f, spot_foot(spot, 40.0f, 40.0f), s);

    skin->colour = v3_scale(
        skin->colour, 1.0f + f8_clouds(u * 3.0f, v * 3.0f, 2, s + 40) * 0.06f + grit * 0.03f);
    for (uint32_t layer = 0; layer < 3; layer++) {
        float size = sizes[layer];
        F8 foot = spot_foot(spot, size, size);
        F8 wx = grain_noise(u * (size * 2.7f), v * (size * 2.7f), foot * 2.7f, s + 50 + layer);
        F8 wy =
            grain_noise(u * (size * 2.7f) + 9.0f, v * (size * 2.7f), foot * 2.7f, s + 60 + layer);
        Cells cells = cells_near(
            u * size + wx * 0.10f + (float)layer * 3.7f, v * size + wy * 0.10f, s + layer * 17);
        F8 edge = cells.second - cells.first - 0.10f - 0.45f * f8_hashed(cells.id, 3);
        F8 kept = 0.62f - f8_hashed(cells.id, 4) * (layer == 2 ? 0.9f : 1.0f);
        F8 chip = grain_inside(edge, 0.03f, foot * 1.4f) * f8_smooth(0.0f, 0.01f, kept);
        F8 pick = f8_hashed(cells.id, 9);
        V3 colour = v3_mix(
            v3_of(paint->colours[1]), v3_of(paint->colours[2]), f8_smooth(0.38f, 0.39f, pick));
        colour = v3_mix(colour, v3_of(paint->colours[3]), f8_smooth(0.70f, 0.71f, pick));
        F8 cloudy = f8_hashed(cells.id, 11) + wx * 0.25f;
        skin->colour = v3_mix(skin->colour, v3_scale(colour, 0.8f + 0.4f * cloudy), chip);
    }
    skin->rough = skin->rough + f8_clouds(u * 2.0f, v * 2.0f, 2, s + 90) * 0.04f;
}

/* One size of filled hole: drops drawn out along the layers. Its depth 0..1, and how light its filling is. */
static __attribute__((noinline)) F8
travertine_hole(F8 x, F8 y, F8 ragged, F8 foot, uint32_t seed, F8 *filling)
{
    Cells cells = cells_near(x, y, seed);
    F8 size = f8_hashed(cells.id, 1);
    F8 radius = 0.06f + 0.26f * size * size * size;
    F8 hole = grain_inside(radius - cells.first + ragged * 0.16f, 0.02f, foot) *
              f8_smooth(0.50f, 0.55f, f8_hashed(cells.id, 2));

    *filling = f8_mix(*filling, f8_hashed(cells.id, 3), hole);
    return hole * grain_left(foot * 0.8f);
}

/* Cut across its layers: bands along u, with filled holes lying in them. */
WIDE_FN void skin_travertine(const Paint *paint, const Spot *spot, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 warp = f8_clouds(u * 0.40f, v * 0.7f, 3, s);
    F8 y = v + warp * 0.30f;
    F8 bands = grain_clouds(u * 0.28f, y * 2.6f, 3, spot_foot(spot, 0.4f, 2.8f), s + 1);
    F8 layers = grain_clouds(u * 0.55f, y * 9.0f, 3, spot_foot(spot, 2.0f, 9.5f), s + 2);
    F8 fine = grain_clouds(u * 3.5f, y * 34.0f, 3, spot_foot(spot, 6.0f, 36.0f), s + 3);
    F8 ragged = grain_clouds(u * 13.0f, y * 30.0f, 2, spot_foot(spot, 16.0f, 32.0f), s + 4);
    F8 filling = f8(0.5f);
    F8 hole =
        travertine_hole(u * 1.9f, y * 7.0f, ragged, spot_foot(spot, 2.2f, 7.4f), s + 5, &filling);
    F8 small =
        travertine_hole(u * 6.5f, y * 17.0f, ragged, spot_foot(spot, 7.0f, 18.0f), s + 6, &filling);
    F8 where = f8_smooth(-0.22f, 0.12f, bands + layers * 0.35f);
    F8 pit = f8_max(hole, small) * where;
    F8 tone = 0.52f + (bands * 0.62f + layers * 0.34f + fine * 0.16f) * paint->variety;

    skin->colour =
        v3_mix(v3_of(paint->colours[0]), v3_of(paint->colours[1]), f8_clamp(tone, 0.0f, 1.0f));
    skin->colour =
        v3_scale(skin->colour, (1.0f - pit * (0.20f - 0.16f * filling)) * (1.0f + ragged * 0.03f));
    skin->height = (fine * 0.0012f - pit * 0.0028f) * paint->scale;
    skin->rough = skin->rough + pit * 0.22f - layers * 0.05f;
}

/* Split along its layers: flat steps, and a fine grain. */
WIDE_FN void skin_slate(const Paint *paint, const Spot *spot, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 swell = f8_clouds(u * 0.9f, v * 1.3f, 4, s);
    F8 flakes = grain_clouds(u * 3.1f + swell, v * 4.3f, 4, spot_foot(spot, 3.5f, 4.6f), s + 1);
    F8 level = (swell + flakes * 0.22f) * 7.0f;
    F8 step = f8_floor(level), rise = level - step;
    F8 ledge = f8_smooth(0.0f, 0.14f, rise);
    F8 grit = grain_clouds(u * 40.0f, v * 40.0f, 2, spot_foot(spot, 40.0f, 40.0f), s + 3);
    F8 tint = f8_cell(i8_of_float(step), i8_of_float(step) * 3, s + 4) - 0.5f;
    F8 rust = f8_smooth(0.16f, 0.40f, f8_clouds(u * 0.6f + 5.0f, v * 0.8f, 3, s + 5));

    skin->colour = v3_mix(skin->colour, v3_of(paint->colours[1]), rust * 0.35f * paint->variety);
    skin->colour = v3_scale(
        skin->colour, (1.0f + (tint * 0.14f + flakes * 0.16f) * paint->variety + grit * 0.10f) *
                          (0.90f + 0.10f * ledge));
    skin->height = ((step + ledge) * 0.006f + flakes * 0.012f + grit * 0.0012f) * paint->scale;
    skin->rough = skin->rough + tint * 0.10f + grit * 0.10f;
}

/* Crushed stone in tar, worn flat on top. */
WIDE_FN void skin_asphalt(const Paint *paint, const Spot *spot, Skin *skin)
{
    const float stones = 26.0f;
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 broad = f8_clouds(u * 0.5f, v * 0.5f, 3, s);
    F8 foot = spot_foot(spot, stones, stones), left = grain_left(foot * 0.6f);
    F8 tone = f8(0), top = f8(0.5f);

    if (i8_any(left > 0.0f)) {
        Cells cells = cells_near(u * stones, v * stones, s + 1);
        F8 inside = grain_inside(cells.second - cells.first - 0.12f, 0.10f, foot);
        F8 pale = f8_hashed(cells.id, 1);
        tone = ((pale * pale - 0.33f) * 0.9f * inside - (1.0f - inside) * 0.35f) * left;
        top = f8_mix(top, inside * (0.5f + 0.5f * f8_hashed(cells.id, 2)), left);
    }
    F8 grit = grain_noise(u * 120.0f, v * 120.0f, spot_foot(spot, 120.0f, 120.0f), s + 3);
    skin->colour =
        v3_scale(skin->colour, 1.0f + (broad * 0.24f + tone) * paint->variety + grit * 0.08f);
    skin->height = top * 0.010f * paint->scale;
    skin->rough = skin->rough - top * 0.10f + broad * 0.10f;
}

/* Stone ground after rain: pools that mirror, damp about them, dry rises. */
WIDE_FN void skin_wet(const Paint *paint, const Spot *spot, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 low = grain_clouds(u * 0.55f, v * 0.55f, 5, spot_foot(spot, 0.55f, 0.55f), s + 20);
    F8 pool = f8_smooth(-0.06f, 0.03f, low), damp = f8_smooth(-0.30f, -0.02f, low);

    skin_asphalt(paint, spot, skin);
    skin->colour = v3_scale(skin->colour, 1.12f - 0.34f * damp - 0.12f * pool);
    skin->height =
        skin->height * (1.0f - pool) +
        grain_noise(u * 9.0f, v * 9.0f, spot_foot(spot, 9.0f, 9.0f), s + 21) * pool * 0.0004f;
    F8 ground = skin->rough - damp * 0.32f;
    skin->rough = f8_mix(f8_max(ground, f8(0.16f)), f8(0.045f), pool);
}

/* Wind ripples that run across the view, and grains of three colours. */
WIDE_FN void skin_sand(const Paint *paint, const Spot *spot, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 dune = f8_clouds(u * 0.35f, v * 0.45f, 3, s);
    F8 warp = grain_clouds(u * 0.8f, v * 0.8f, 3, spot_foot(spot, 0.8f, 0.8f), s + 1);
    F8 turn = v * 3.4f + u * 0.5f + warp * 2.2f;
    F8 phase = f8_fraction(turn);
    F8 ridge = f8_select(
        phase < 0.68f, f8_smooth(0.0f, 0.68f, phase), 1.0f - f8_smooth(0.68f, 1.0f, phase));
    F8 calm =
        f8_smooth(-0.30f, 0.25f, dune + warp * 0.4f) * grain_left(spot_foot(spot, 1.0f, 3.4f));
    F8 lumps = grain_clouds(u * 9.0f, v * 9.0f, 3, spot_foot(spot, 9.0f, 9.0f), s + 2);
    F8 grains = grain_noise(u * 110.0f, v * 110.0f, spot_foot(spot, 110.0f, 110.0f), s + 3);
    F8 coarse = grain_noise(u * 55.0f, v * 55.0f, spot_foot(spot, 55.0f, 55.0f), s + 4);
    F8 speck = f8_smooth(0.55f, 0.85f, coarse) - f8_smooth(0.60f, 0.85f, -coarse) * 1.3f;

    skin->colour = v3_mix(
        skin->colour, v3_of(paint->colours[1]),
        f8_clamp(0.18f - dune * 0.5f - ridge * calm * 0.16f, 0.0f, 0.6f) * paint->variety * 0.5f);
    skin->colour = v3_scale(
        skin->colour, 1.0f + (lumps * 0.10f + grains * 0.10f + speck * 0.16f) * paint->variety);
    skin->height = (ridge * calm * 0.035f + dune * 0.06f + lumps * 0.012f + grains * 0.0022f +
                    coarse * 0.003f) *
                   paint->scale;
    skin->rough = skin->rough + lumps * 0.05f;
}
