/* wood_wide.h - boards: year rings as a saw meets them, fibres, pores and soft joints.
 *
 * A board is a plane through a log: rings are circles about a pith that lies below the board and leaves it slowly, so that they
 * are cut as long arches in the middle and as straight lines at the sides.
 */
#pragma once

#include "scene/grain_wide.h"

/* A place on one board: along it, and across from 0 to 1. */
typedef struct Board {
    F8 along, across;
    F8 foot_along, foot_across;
    F8 edge; /* to its nearest border */
    U8 id;
} Board;

WIDE_FN void skin_board(const Paint *paint, const Board *board, Skin *skin)
{
    const float rings = 13.0f; /* a board's width */
    uint32_t s = paint->seed;
    F8 h1 = f8_hashed(board->id, 1), h2 = f8_hashed(board->id, 2), h3 = f8_hashed(board->id, 3);
    F8 x = board->along + h1 * 57.0f, y = board->across;
    Spot spot = {x, y + h2 * 13.0f, board->foot_along, board->foot_across};
    F8 sway = grain_clouds(x * 0.30f, spot.v * 0.9f, 2, spot_foot(&spot, 0.3f, 0.9f), s + 11);
    F8 depth = 0.10f + 0.5f * h3 +
               0.42f * f8_abs(grain_noise(x * 0.17f, spot.v * 0.15f, f8(0), s + 12)) +
               f8_abs(f8_fraction(x * 0.045f + h2) - 0.5f) * 1.5f;
    F8 aside = y - 0.15f - 0.7f * h2 + sway * 0.22f;
    F8 radius = f8_sqrt(aside * aside + depth * depth);
    F8 wobble = grain_clouds(x * 0.9f, spot.v * 4.0f, 2, spot_foot(&spot, 0.9f, 4.0f), s + 13);
    F8 turn = radius * rings + wobble * 0.55f + h1 * 9.0f;
    F8 ring_foot =
        (board->foot_across * f8_abs(aside) + board->foot_along * depth * 0.3f) * rings / radius;
    F8 phase = f8_fraction(turn);
    F8 strong = 0.65f + 0.5f * grain_noise(turn * 0.37f, h3 * 9.0f, ring_foot * 0.4f, s + 14);
    /* Early wood darkens slowly into late wood, which ends at once. */
    F8 late =
        f8_smooth(0.20f, 0.86f, phase) * f8_clamp((1.0f - phase) / (0.07f + ring_foot), 0.0f, 1.0f);
    late = f8_mix(f8(0.42f), late, grain_left(ring_foot)) * strong;
    F8 fibre = grain_clouds(
        x * 2.2f, spot.v * 38.0f + sway * 8.0f, 3, spot_foot(&spot, 2.2f, 38.0f), s + 21);
    F8 streak =
        grain_noise(x * 0.55f, spot.v * 9.0f + sway * 3.0f, spot_foot(&spot, 0.55f, 9.0f), s + 22);
    F8 dash = grain_noise(x * 7.0f, spot.v * 120.0f, spot_foot(&spot, 7.0f, 120.0f), s + 31);
    F8 pore = f8_smooth(0.30f, 0.75f, dash) * (1.0f - 0.7f * late);
    F8 broad = grain_noise(x * 0.4f, spot.v * 0.8f, f8(0), s + 41);
    F8 tone = 0.66f + ((h1 - 0.5f) * 0.30f + broad * 0.09f) * paint->variety + fibre * 0.20f +
              streak * 0.07f - late * 0.42f - pore * 0.26f;
    F8 gap = grain_line(board->edge, f8(0.0045f), board->foot_across);
    F8 worn = 1.0f - f8_smooth(0.0f, 0.022f, board->edge);

    skin->colour =
        v3_mix(v3_of(paint->colours[0]), v3_of(paint->colours[1]), f8_clamp(tone, 0.0f, 1.0f));
    skin->colour = v3_scale(skin->colour, (1.0f - 0.10f * worn) * (1.0f - gap * 0.72f));
    skin->height =
        (fibre * 0.0016f - pore * 0.0030f + late * 0.0008f - worn * 0.009f) * paint->scale;
    skin->rough = skin->rough - fibre * 0.10f + pore * 0.12f + worn * 0.10f + gap * 0.3f;
}

/* Boards along u, one unit wide and nine long. */
WIDE_FN void skin_wood(const Paint *paint, const Spot *spot, Skin *skin)
{
    const float length = 9.0f;
    F8 row = f8_floor(spot->v);
    I8 number = i8_of_float(row);
    F8 along = spot->u / length + f8_cell(number, number * 3 + 1, paint->seed) * 31.0f;
    F8 piece = f8_floor(along);
    F8 across = spot->v - row;
    F8 end = f8_min(along - piece, 1.0f - (along - piece)) * length;
    Board board = {
        .along = spot->u,
        .across = across,
        .foot_along = spot->foot_u,
        .foot_across = spot->foot_v,
        .edge = f8_min(f8_min(across, 1.0f - across), end),
        .id = u8_hash_cell(number, i8_of_float(piece), paint->seed + 3),
    };

    skin_board(paint, &board, skin);
}

/* Short blocks, laid alternately along and across: one wide, five long. */
WIDE_FN void skin_herringbone(const Paint *paint, const Spot *spot, Skin *skin)
{
    enum {
        LONG = 5
    };
    F8 turned_u = (spot->u + spot->v) * 0.70710678f, turned_v = (spot->v - spot->u) * 0.70710678f;
    F8 foot = f8_max(spot->foot_u, spot->foot_v);
    F8 cell_u = f8_floor(turned_u), cell_v = f8_floor(turned_v);
    I8 i = i8_of_float(cell_u), j = i8_of_float(cell_v);
    I8 place = i8_modulo(i - j, 2 * LONG);
    I8 is_along = place < LONG;
    I8 first = i8_select(is_along, i - place, j - (2 * LONG - 1 - place));
    F8 along = f8_select(is_along, turned_u, turned_v) - f8_of_int(first);
    F8 across = f8_select(is_along, turned_v - cell_v, turned_u - cell_u);
    Board board = {
        .along = along,
        .across = across,
        .foot_along = foot,
        .foot_across = foot,
        .edge = f8_min(f8_min(across, 1.0f - across), f8_min(along, (float)LONG - along)),
        .id = u8_hash_cell(first, i8_select(is_along, j, i) * 2 + (is_along & 1), paint->seed + 5),
    };

    skin_board(paint, &board, skin);
}
