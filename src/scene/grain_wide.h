/* grain_wide.h - what all skins are drawn with: noise, cells and edges that know how much a pixel covers.
 *
 * A pattern finer than a pixel would shimmer, so everything here takes a `foot`, the width of a pixel in the pattern's own cells,
 * and fades towards its mean before that width reaches a cell. What has faded everywhere is not worked out.
 */
#pragma once

#include "scene/paint_wide.h"

/* A pixel's width in cells of a pattern that repeats ACROSS and DOWN times a unit. */
WIDE_FN F8 spot_foot(const Spot *spot, float across, float down)
{
    return f8_max(spot->foot_u * across, spot->foot_v * down);
}

/* How much is left of a pattern of which a pixel covers FOOT cells. */
WIDE_FN F8 grain_left(F8 foot)
{
    return 1.0f - f8_smooth(0.4f, 1.0f, foot);
}

WIDE_PURE F8 grain_noise(F8 x, F8 y, F8 foot, uint32_t seed)
{
    F8 left = grain_left(foot);

    return i8_any(left > 0.0f) ? f8_noise(x, y, seed) * left : f8(0);
}

/* f8_clouds, each octave only as far as it can be seen. */
WIDE_PURE F8 grain_clouds(F8 x, F8 y, int octaves, F8 foot, uint32_t seed)
{
    F8 sum = f8(0);
    float strength = 0.5f;

    for (int octave = 0; octave < octaves; octave++) {
        F8 left = grain_left(foot);
        if (!i8_any(left > 0.0f))
            break;
        sum = sum + strength * left * f8_noise(x, y, seed + (uint32_t)octave * 101);
        F8 turned = x * 1.6f + y * 1.2f + 17.3f;
        y = y * 1.6f - x * 1.2f + 9.1f;
        x = turned;
        foot = foot * 2.0f;
        strength *= 0.5f;
    }
    return sum;
}

/* 0 outside, 1 inside of an edge at DISTANCE (inside is positive) that is SOFT wide and seen by pixels FOOT wide. */
WIDE_FN F8 grain_inside(F8 distance, float soft, F8 foot)
{
    F8 t = f8_clamp(distance / (foot + soft) + 0.5f, 0.0f, 1.0f);
    return t * t * (3.0f - 2.0f * t);
}

/* How much of a pixel FOOT wide a line of HALF its width covers, DISTANCE away from its middle. */
WIDE_FN F8 grain_line(F8 distance, F8 half, F8 foot)
{
    F8 wide = f8_max(foot, half * 0.5f);
    F8 most = f8_min(half * 2.0f / wide, f8(1));
    return f8_min(f8_max((half - distance) / wide + 0.5f, f8(0)), most);
}

WIDE_FN F8 f8_hashed(U8 id, uint32_t which)
{
    return f8_of_hash(u8_hash(id + which));
}

/* Nearest and second nearest of points scattered one a cell. */
typedef struct Cells {
    F8 first, second;
    U8 id; /* of the nearest */
} Cells;

WIDE_PURE Cells cells_near(F8 x, F8 y, uint32_t seed)
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

/* Remainder of whole numbers, never negative. */
WIDE_FN I8 i8_modulo(I8 a, int by)
{
    I8 left = a - (i8_of_float(f8_floor(f8_of_int(a) * (1.0f / (float)by) + 1e-4f)) * by);
    return i8_select(left < 0, left + by, i8_select(left >= by, left - by, left));
}
