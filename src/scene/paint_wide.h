/* paint_wide.h - what surfaces are made of: procedural colour, roughness and height for eight points at once.
 *
 * Nothing real is perfectly even, so every paint varies a little; how much is the paint's `variety`.
 */
#pragma once

#include "scene/stage.h"
#include "scene/wide.h"

typedef struct Skin {
    V3 colour;
    F8 rough;
    F8 height; /* world units */
} Skin;

/* Nearest and second nearest of points scattered one a cell. */
typedef struct Cells {
    F8 first, second;
    U8 id; /* of the nearest */
} Cells;

static inline Cells cells_near(F8 x, F8 y, uint32_t seed)
{
    F8 cell_x = f8_floor(x), cell_y = f8_floor(y);
    I8 ix = i8_of_float(cell_x), iy = i8_of_float(cell_y);
    F8 first = f8(9), second = f8(9);
    U8 id = u8(0);

    for (int j = -1; j <= 1; j++) {
        for (int i = -1; i <= 1; i++) {
            U8 hash = u8_hash_cell(ix + i, iy + j, seed);
            F8 dx = cell_x + (float)i + f8_of_hash(hash) * 0.8f + 0.1f - x;
            F8 dy = cell_y + (float)j + f8_of_hash(u8_hash(hash + 7)) * 0.8f + 0.1f - y;
            F8 far = dx * dx + dy * dy;
            I8 nearer = far < first;
            second = f8_select(nearer, first, f8_min(second, far));
            first = f8_select(nearer, far, first);
            id = (U8)i8_select(nearer, (I8)hash, (I8)id);
        }
    }
    return (Cells){f8_sqrt(first), f8_sqrt(second), id};
}

static inline void skin_plain(const Paint *paint, F8 u, F8 v, Skin *skin)
{
    F8 broad = f8_clouds(u * 1.7f, v * 1.7f, 2, paint->seed);
    F8 fine = f8_noise(u * 90.0f, v * 90.0f, paint->seed + 5);

    skin->colour = v3_scale(skin->colour, 1.0f + (broad * 0.03f + fine * 0.012f) * paint->variety);
    skin->height = fine * 0.0006f;
    skin->rough = skin->rough + broad * 0.05f;
}

static inline void skin_plaster(const Paint *paint, F8 u, F8 v, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 broad = f8_clouds(u * 0.7f, v * 0.7f, 3, s);
    F8 wx = f8_clouds(u * 1.3f + 4.0f, v * 1.3f, 2, s + 1);
    F8 wy = f8_clouds(u * 1.3f, v * 1.3f + 8.0f, 2, s + 2);
    F8 strokes = f8_clouds(u * 2.2f + wx * 2.6f, v * 1.3f + wy * 2.6f, 4, s + 3);
    F8 grit = f8_clouds(u * 11.0f + wy * 3.0f, v * 7.0f + wx * 3.0f, 3, s + 4);

    skin->colour = v3_scale(
        skin->colour, 1.0f + (broad * 0.10f + strokes * 0.16f + grit * 0.05f) * paint->variety);
    skin->height = (strokes * 0.030f + grit * 0.010f) * paint->scale;
    skin->rough = skin->rough + strokes * 0.08f;
}

static inline void skin_concrete(const Paint *paint, F8 u, F8 v, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 broad = f8_clouds(u * 0.8f, v * 0.8f, 4, s);
    F8 mid = f8_clouds(u * 5.0f + broad * 2.0f, v * 5.0f, 4, s + 9);
    F8 runs = f8_clouds(u * 0.6f, v * 3.4f + broad, 3, s + 13);
    F8 grit = f8_noise(u * 60.0f, v * 60.0f, s + 77);
    Cells cells = cells_near(u * 7.0f, v * 7.0f, s + 3);
    F8 radius = 0.015f + 0.09f * f8_power(f8_of_hash(u8_hash(cells.id + 1)), 4.0f);
    F8 pit = (1.0f - f8_smooth(0.55f, 1.0f, cells.first / radius)) *
             f8_smooth(0.35f, 0.40f, f8_of_hash(u8_hash(cells.id + 2)));
    F8 tone = 1.0f + (broad * 0.22f + mid * 0.10f + runs * 0.08f) * paint->variety;

    skin->colour = v3_scale(skin->colour, tone * (1.0f - 0.35f * pit) * (1.0f + grit * 0.03f));
    skin->height = (mid * 0.010f - pit * 0.03f + grit * 0.0018f) * paint->scale;
    skin->rough = skin->rough + broad * 0.15f;
}

/* Boards along u, `scale` wide and nine times as long. */
static inline void skin_wood(const Paint *paint, F8 u, F8 v, Skin *skin)
{
    const float length = 9.0f, groove = 0.012f;
    uint32_t s = paint->seed;
    F8 board = f8_floor(v);
    I8 row = i8_of_float(board);
    F8 across = v - board;
    F8 along = u / length + f8_cell(row, row * 3 + 1, s) * 31.0f;
    F8 piece = f8_floor(along);
    U8 id = u8_hash_cell(row, i8_of_float(piece), s + 3);
    F8 h1 = f8_of_hash(id), h2 = f8_of_hash(u8_hash(id + 1)), h3 = f8_of_hash(u8_hash(id + 2));
    F8 x = u + h1 * 57.0f, y = across + h2 * 13.0f;
    F8 sway = f8_clouds(x * 0.22f, y * 0.7f, 3, s + 11);
    F8 grain_y = y + sway * 0.55f;
    F8 heart = across - 0.3f - h3 * 0.4f + sway * 0.35f;
    F8 rings = f8_sqrt(heart * heart + 0.004f) * 11.0f + x * 0.10f + sway * 1.2f;
    F8 ring = f8_cos_turns(rings) * 0.5f + 0.5f;
    F8 fine = f8_clouds(x * 1.1f, grain_y * 26.0f, 4, s + 21);
    F8 pore = f8_smooth(0.35f, 0.9f, f8_noise(x * 2.3f, y * 70.0f, s + 31));
    F8 tone = 0.42f + fine * 0.55f + (ring * ring - 0.4f) * 0.32f * (0.35f + h2) +
              (h1 - 0.5f) * 0.45f * paint->variety;
    F8 edge_along = f8_min(along - piece, 1.0f - (along - piece)) * length;
    F8 edge = f8_min(f8_min(across, 1.0f - across), edge_along);
    F8 gap = 1.0f - f8_smooth(groove * 0.3f, groove * 1.3f, edge);

    skin->colour =
        v3_mix(v3_of(paint->colours[0]), v3_of(paint->colours[1]), f8_clamp(tone, 0.0f, 1.0f));
    skin->colour =
        v3_scale(skin->colour, (1.0f - pore * 0.16f) * (0.9f + 0.2f * h3) * (1.0f - gap * 0.78f));
    skin->height = (fine * 0.003f - pore * 0.006f - gap * 0.03f) * paint->scale;
    skin->rough = skin->rough - fine * 0.18f + gap * 0.4f + pore * 0.1f;
}

static inline void skin_marble(const Paint *paint, F8 u, F8 v, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 w1 = f8_clouds(u * 1.1f, v * 1.1f, 4, s);
    F8 w2 = f8_clouds(u * 1.1f + 40.0f, v * 1.1f + 7.0f, 4, s + 1);
    F8 x = (u * 0.82f + v * 0.57f) * 0.55f + w1 * 1.5f;
    F8 y = (v * 0.82f - u * 0.57f) * 1.25f + w2 * 1.5f;
    F8 fold = f8_noise(x, y, s + 2) * 0.62f + f8_noise(x * 2.0f, y * 2.0f, s + 9) * 0.25f +
              f8_noise(x * 4.1f, y * 4.1f, s + 19) * 0.09f;
    F8 ridge = f8_clamp(1.0f - f8_abs(fold), 0.0f, 1.0f);
    F8 vein = f8_power(ridge, 26.0f), halo = f8_power(ridge, 7.0f);
    F8 thin = f8_noise(x * 2.3f + 5.0f, y * 2.1f + 3.0f, s + 4) +
              f8_noise(x * 5.0f, y * 5.0f, s + 7) * 0.4f;
    F8 thread = f8_power(f8_clamp(1.0f - f8_abs(thin), 0.0f, 1.0f), 34.0f);
    F8 where = f8_smooth(-0.5f, 0.6f, f8_clouds(u * 0.7f + 3.0f, v * 0.7f, 2, s + 8));
    F8 cloud = f8_clouds(u * 0.9f + w1, v * 0.9f + w2, 4, s + 6);

    skin->colour = v3_mix(
        v3_of(paint->colours[0]), v3_of(paint->colours[1]),
        f8_clamp(0.22f + cloud * 0.55f, 0.0f, 0.6f) * (0.55f * paint->variety));
    F8 dark = (halo * 0.33f + vein * 0.62f) * where + thread * 0.22f * where;
    skin->colour =
        v3_mix(skin->colour, v3_of(paint->colours[2]), f8_clamp(dark * paint->variety, 0.0f, 1.0f));
    skin->rough = skin->rough + vein * 0.04f;
}

/* Chips of three sizes in cement: cells shrunk by their distance to the border. */
static inline void skin_terrazzo(const Paint *paint, F8 u, F8 v, Skin *skin)
{
    static const float sizes[] = {1.0f, 2.1f, 5.3f};
    uint32_t s = paint->seed;

    skin->colour = v3_scale(
        skin->colour, 1.0f + f8_clouds(u * 3.0f, v * 3.0f, 3, s + 40) * 0.06f +
                          f8_noise(u * 40.0f, v * 40.0f, s) * 0.03f);
    for (uint32_t layer = 0; layer < 3; layer++) {
        float size = sizes[layer];
        F8 wx = f8_noise(u * (size * 2.7f), v * (size * 2.7f), s + 50 + layer) * 0.10f;
        F8 wy = f8_noise(u * (size * 2.7f) + 9.0f, v * (size * 2.7f), s + 60 + layer) * 0.10f;
        Cells cells =
            cells_near(u * size + wx + (float)layer * 3.7f, v * size + wy, s + layer * 17);
        F8 edge = cells.second - cells.first - 0.10f - 0.45f * f8_of_hash(u8_hash(cells.id + 3));
        F8 kept = 0.62f - f8_of_hash(u8_hash(cells.id + 4)) * (layer == 2 ? 0.9f : 1.0f);
        F8 chip = f8_smooth(0.0f, 0.03f, edge) * f8_smooth(0.0f, 0.01f, kept);
        F8 pick = f8_of_hash(u8_hash(cells.id + 9));
        V3 colour = v3_mix(
            v3_of(paint->colours[1]), v3_of(paint->colours[2]), f8_smooth(0.38f, 0.39f, pick));
        colour = v3_mix(colour, v3_of(paint->colours[3]), f8_smooth(0.70f, 0.71f, pick));
        colour = v3_scale(colour, 0.8f + 0.4f * f8_of_hash(u8_hash(cells.id + 11)));
        skin->colour = v3_mix(skin->colour, colour, chip);
    }
    skin->rough = skin->rough + f8_clouds(u * 2.0f, v * 2.0f, 2, s + 90) * 0.04f;
}

/* Threads over and under, a little uneven. */
static inline void skin_linen(const Paint *paint, F8 u, F8 v, Skin *skin)
{
    const float threads = 26.0f;
    uint32_t s = paint->seed;
    F8 x = u * threads + f8_clouds(u * 2.0f, v * 2.0f, 2, s) * 0.8f;
    F8 y = v * threads + f8_clouds(u * 2.0f + 9.0f, v * 2.0f, 2, s + 1) * 0.8f;
    F8 ix = f8_floor(x), iy = f8_floor(y);
    I8 column = i8_of_float(ix), row = i8_of_float(iy);
    I8 is_odd = ((column + row) & 1) == 1;
    F8 fx = x - ix - 0.5f, fy = y - iy - 0.5f;
    F8 wx = 0.34f + 0.16f * f8_noise(y * 0.10f, ix * 7.1f, s + 2);
    F8 wy = 0.34f + 0.16f * f8_noise(x * 0.10f, iy * 7.1f, s + 3);
    F8 over_y = f8_cos_turns(fy * 0.5f), over_x = f8_cos_turns(fx * 0.5f);
    F8 warp = f8_max(1.0f - fx * fx / (wx * wx), f8(0)) *
              (0.55f + 0.45f * f8_select(is_odd, over_y, 1.0f - over_y * 0.75f));
    F8 weft = f8_max(1.0f - fy * fy / (wy * wy), f8(0)) *
              (0.55f + 0.45f * f8_select(is_odd, 1.0f - over_x * 0.75f, over_x));
    F8 top = f8_max(warp, weft);
    F8 tone = f8_select(
        warp > weft, f8_cell(column, column, s + 4) + f8_noise(y * 0.07f, ix, s + 6) * 0.7f,
        f8_cell(row, row * 7, s + 5) + f8_noise(x * 0.07f, iy, s + 7) * 0.7f);

    skin->colour = v3_scale(skin->colour, (0.80f + 0.22f * top) * (0.95f + 0.08f * tone));
    skin->height = top * (0.25f / threads) * paint->scale;
}

static inline void skin_tile(const Paint *paint, F8 u, F8 v, Skin *skin)
{
    const float joint = 0.035f;
    uint32_t s = paint->seed;
    F8 ix = f8_floor(u), iy = f8_floor(v);
    F8 fx = u - ix, fy = v - iy;
    F8 edge = f8_min(f8_min(fx, 1.0f - fx), f8_min(fy, 1.0f - fy));
    F8 tile = f8_smooth(joint * 0.5f, joint * 0.5f + 0.012f, edge);
    U8 id = u8_hash_cell(i8_of_float(ix), i8_of_float(iy), s);
    F8 h1 = f8_of_hash(id), h2 = f8_of_hash(u8_hash(id + 1)), h3 = f8_of_hash(u8_hash(id + 2));
    F8 glaze = f8_clouds(u * 1.7f + h1 * 9.0f, v * 1.7f, 3, s + 3);
    V3 face = v3_mix(
        v3_of(paint->colours[0]), v3_of(paint->colours[1]),
        f8_clamp((h1 + glaze * 0.30f) * paint->variety, 0.0f, 1.0f));
    V3 grout =
        v3_scale(v3_of(paint->colours[2]), 1.0f + f8_noise(u * 30.0f, v * 30.0f, s + 5) * 0.08f);

    skin->colour = v3_mix(grout, face, tile);
    skin->height = (f8_smooth(joint * 0.5f, joint * 0.5f + 0.05f, edge) * 0.02f + tile * 0.012f +
                    ((h2 - 0.5f) * fx + (h3 - 0.5f) * fy) * 0.05f + glaze * 0.012f) *
                   paint->scale;
    skin->rough = f8_mix(f8(0.9f), skin->rough, tile);
}

static inline void skin_travertine(const Paint *paint, F8 u, F8 v, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 warp = f8_clouds(u * 0.5f, v * 0.9f, 3, s);
    F8 bands = f8_clouds(u * 0.45f + warp * 0.8f, v * 3.6f + warp * 1.4f, 4, s + 1);
    F8 fine = f8_clouds(u * 1.8f, v * 15.0f + warp * 5.0f, 3, s + 2);
    F8 holes = f8_noise(u * 3.2f, v * 13.0f + warp * 3.0f, s + 3) * 0.6f +
               f8_noise(u * 9.0f, v * 27.0f, s + 4) * 0.4f;
    F8 pit = f8_smooth(0.50f, 0.72f, holes) * f8_smooth(0.0f, 0.4f, bands + 0.12f);

    skin->colour = v3_mix(
        v3_of(paint->colours[0]), v3_of(paint->colours[1]),
        f8_clamp(0.5f + (bands * 0.8f + fine * 0.28f) * paint->variety, 0.0f, 1.0f));
    skin->colour = v3_scale(skin->colour, 1.0f - pit * 0.22f);
    skin->height = (fine * 0.004f - pit * 0.03f) * paint->scale;
    skin->rough = skin->rough + pit * 0.3f;
}

WIDE_FN V3 fade_colour(const Paint *paint, F8 height)
{
    return v3_mix(
        v3_of(paint->colours[0]), v3_of(paint->colours[1]),
        f8_smooth(paint->from, paint->to, height));
}

/* The skin of PAINT at (u, v) of its face; HEIGHT is the world's y. */
static __attribute__((noinline)) void
skin_at(const Paint *paint, const F8 *u_world, const F8 *v_world, const F8 *height, Skin *ret)
{
    F8 u = *u_world / paint->scale, v = *v_world / paint->scale;

    ret->colour = v3_of(paint->colours[0]);
    ret->rough = f8(paint->rough);
    ret->height = f8(0);
    switch (paint->grain) {
    case GRAIN_PLASTER:
        skin_plaster(paint, u, v, ret);
        break;
    case GRAIN_CONCRETE:
        skin_concrete(paint, u, v, ret);
        break;
    case GRAIN_WOOD:
        skin_wood(paint, u, v, ret);
        break;
    case GRAIN_MARBLE:
        skin_marble(paint, u, v, ret);
        break;
    case GRAIN_TERRAZZO:
        skin_terrazzo(paint, u, v, ret);
        break;
    case GRAIN_LINEN:
        skin_linen(paint, u, v, ret);
        break;
    case GRAIN_TILE:
        skin_tile(paint, u, v, ret);
        break;
    case GRAIN_TRAVERTINE:
        skin_travertine(paint, u, v, ret);
        break;
    case GRAIN_FADE:
        ret->colour = fade_colour(paint, *height);
        skin_plain(paint, *u_world, *v_world, ret);
        break;
    default:
        skin_plain(paint, *u_world, *v_world, ret);
        break;
    }
    ret->rough = f8_clamp(ret->rough, 0.03f, 1.0f);
}

/* Whether its grain leans the surface enough to be worth three skins a point. */
WIDE_FN int paint_has_relief(const Paint *paint)
{
    return paint->bump > 0.0f;
}
