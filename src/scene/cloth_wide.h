/* cloth_wide.h - what is woven, folded or printed: linen, curtains, batik, rattan, paper. */
#pragma once

#include "scene/grain_wide.h"

/* What is on top where threads go over and under. */
typedef struct Weave {
    F8 top;  /* height, 0..1 */
    F8 tone; /* of the thread on top, -1..1 */
} Weave;

WIDE_CALL Weave weave_at(F8 x, F8 y, F8 foot, uint32_t seed)
{
    F8 ix = f8_floor(x), iy = f8_floor(y);
    I8 column = i8_of_float(ix), row = i8_of_float(iy);
    I8 is_odd = ((column + row) & 1) == 1;
    F8 fx = x - ix - 0.5f, fy = y - iy - 0.5f;
    F8 left = grain_left(foot * 1.3f);
    Weave weave = {f8(0.62f), f8(0)};

    if (!i8_any(left > 0.0f))
        return weave;
    F8 wx = 0.44f + 0.08f * f8_noise(y * 0.13f, ix * 7.1f, seed + 2);
    F8 wy = 0.44f + 0.08f * f8_noise(x * 0.13f, iy * 7.1f, seed + 3);
    F8 over_y = f8_cos_turns(fy * 0.5f), over_x = f8_cos_turns(fx * 0.5f);
    F8 warp = f8_max(1.0f - fx * fx / (wx * wx), f8(0)) *
              (0.55f + 0.45f * f8_select(is_odd, over_y, 1.0f - over_y * 0.75f));
    F8 weft = f8_max(1.0f - fy * fy / (wy * wy), f8(0)) *
              (0.55f + 0.45f * f8_select(is_odd, 1.0f - over_x * 0.75f, over_x));
    F8 tone = f8_select(
        warp > weft, f8_cell(column, column, seed + 4) - 0.5f + f8_noise(y * 0.11f, ix, seed + 6),
        f8_cell(row, row * 7, seed + 5) - 0.5f + f8_noise(x * 0.11f, iy, seed + 7));
    weave.top = f8_mix(weave.top, f8_max(warp, weft), left);
    weave.tone = tone * left;
    return weave;
}

/* Flat cloth with straight threads of uneven thickness. */
WIDE_FN void skin_linen(const Paint *paint, const Spot *spot, Skin *skin)
{
    const float threads = 30.0f;
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 x = u * threads + f8_noise(v * 1.1f, u * 0.3f, s) * 0.30f;
    F8 y = v * threads + f8_noise(u * 1.1f, v * 0.3f, s + 1) * 0.30f;
    F8 foot = spot_foot(spot, threads, threads);
    Weave weave = weave_at(x, y, foot, s);
    /* Slubs: threads that are thick for a hand's width, seen from further than the threads are. */
    F8 slub = grain_noise(u * 0.9f, v * 11.0f, spot_foot(spot, 0.9f, 11.0f), s + 11) +
              grain_noise(u * 11.0f, v * 0.9f, spot_foot(spot, 11.0f, 0.9f), s + 12);
    F8 thin = grain_noise(u * 2.1f, v * 30.0f, spot_foot(spot, 2.1f, 30.0f), s + 13) +
              grain_noise(u * 30.0f, v * 2.1f, spot_foot(spot, 30.0f, 2.1f), s + 14);

    skin->colour = v3_scale(
        skin->colour,
        (0.78f + 0.26f * weave.top) *
            (1.0f + (weave.tone * 0.08f + slub * 0.030f + thin * 0.035f) * paint->variety));
    skin->height = (weave.top * (0.22f / threads) + slub * 0.0012f) * paint->scale;
}

/* A hanging cloth: folds of uneven width run down it. */
WIDE_FN void skin_pleats(const Paint *paint, const Spot *spot, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 lean = f8_noise(u * 0.5f, v * 0.16f, s) * 0.35f;
    F8 turn = u + lean + f8_noise(u * 0.43f, v * 0.05f, s + 1) * 0.55f;
    F8 deep = 0.72f + 0.28f * f8_noise(u * 0.37f, v * 0.12f, s + 2);
    F8 fold = (f8_cos_turns(turn) * 0.5f + 0.5f) * deep;
    F8 small = (f8_cos_turns(turn * 2.0f + 0.17f + lean * 1.3f) * 0.5f + 0.5f) *
               (0.5f + 0.5f * f8_noise(u * 0.31f + 7.0f, v * 0.1f, s + 3));
    F8 depth = fold * 0.82f + small * 0.18f;
    Weave weave = weave_at(u * 70.0f, v * 70.0f, spot_foot(spot, 70.0f, 70.0f), s + 5);
    F8 thread = grain_noise(u * 40.0f, v * 1.5f, spot_foot(spot, 40.0f, 1.5f), s + 6);

    /* Deep in a fold little light comes in. */
    skin->colour = v3_scale(
        skin->colour, (0.52f + 0.50f * f8_sqrt(f8_max(depth, f8(0.0f)))) *
                          (1.0f + ((weave.top - 0.62f) * 0.10f + thread * 0.02f) * paint->variety));
    skin->height = depth * 0.16f * paint->scale;
}

/* 1 inside an ellipse about (0, 0) with half axes A and B. */
WIDE_FN F8 ellipse_inside(F8 x, F8 y, float a, float b, F8 foot)
{
    F8 out = f8_sqrt(x * x * (1.0f / (a * a)) + y * y * (1.0f / (b * b)));
    return grain_inside((1.0f - out) * (a < b ? a : b), 0.012f, foot);
}

/* Kawung: four fruits about each crossing, drawn in wax; colours: ground, motif, line. */
WIDE_FN void skin_batik(const Paint *paint, const Spot *spot, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 shake_u = f8_noise(spot->u * 5.0f, spot->v * 5.0f, s) * 0.010f;
    F8 shake_v = f8_noise(spot->u * 5.0f + 9.0f, spot->v * 5.0f, s) * 0.010f;
    F8 fu = f8_fraction(spot->u + shake_u) - 0.5f, fv = f8_fraction(spot->v + shake_v) - 0.5f;
    F8 foot = spot_foot(spot, 1.0f, 1.0f), left = grain_left(foot * 3.0f);
    F8 a = (f8_abs(fu) + f8_abs(fv)) * 0.70710678f - 0.345f;
    F8 b = (f8_abs(fu) - f8_abs(fv)) * 0.70710678f;
    F8 fruit = ellipse_inside(a, b, 0.300f, 0.165f, foot);
    F8 line = fruit - ellipse_inside(a, b, 0.262f, 0.128f, foot);
    F8 seed = ellipse_inside(f8_abs(a) - 0.105f, b, 0.040f, 0.026f, foot);
    F8 corner_u = 0.5f - f8_abs(fu), corner_v = 0.5f - f8_abs(fv);
    F8 star = f8_max(
        ellipse_inside(fu, fv, 0.048f, 0.048f, foot),
        ellipse_inside(corner_u, corner_v, 0.034f, 0.034f, foot));
    F8 beside = ellipse_inside(
        f8_min(f8_abs(fu), corner_u) - 0.0f, f8_min(f8_abs(fv), corner_v) - 0.25f, 0.022f, 0.022f,
        foot);
    F8 motif = f8_mix(f8(0.50f), f8_max(fruit - line, f8_max(star, beside)), left);
    F8 drawn = f8_mix(f8(0.22f), f8_max(line, seed), left);
    F8 crack = f8_noise(spot->u * 3.0f, spot->v * 3.0f, s + 3) +
               f8_noise(spot->u * 7.0f, spot->v * 7.0f, s + 4) * 0.5f;
    F8 crackle = f8_power(f8_clamp(1.0f - f8_abs(crack) * 2.0f, 0.0f, 1.0f), 14.0f) * left;
    Weave weave = weave_at(spot->u * 60.0f, spot->v * 60.0f, spot_foot(spot, 60.0f, 60.0f), s + 5);
    F8 dye = f8_clouds(spot->u * 0.8f, spot->v * 0.8f, 3, s + 6);

    skin->colour = v3_mix(skin->colour, v3_of(paint->colours[1]), motif);
    skin->colour = v3_mix(skin->colour, v3_of(paint->colours[2]), f8_max(drawn, crackle * 0.25f));
    skin->colour =
        v3_scale(skin->colour, 1.0f + (dye * 0.10f + (weave.top - 0.62f) * 0.14f) * paint->variety);
    skin->height = weave.top * 0.0020f * paint->scale;
}

/* Round strands go over and under stakes; colours: strands, what is between, other strands. */
WIDE_FN void skin_rattan(const Paint *paint, const Spot *spot, Skin *skin)
{
    const float stakes = 4.0f, strands = 11.0f;
    uint32_t s = paint->seed;
    F8 x = spot->u * stakes, y = spot->v * strands;
    F8 foot = spot_foot(spot, stakes, strands), left = grain_left(foot * 0.8f);
    F8 row = f8_floor(y), column = f8_floor(x);
    I8 number = i8_of_float(row), stake = i8_of_float(column);
    F8 sign = f8_select((number & 1) == 1, f8(1), f8(-1));
    F8 lift = f8_cos_turns(x * 0.5f) * sign; /* in front of a stake, or behind it */
    F8 fy = y - row - 0.5f, fx = x - column - 0.5f;
    F8 round = f8_sqrt(f8_max(1.0f - fy * fy * 4.6f, f8(0)));
    F8 stake_round = f8_sqrt(f8_max(1.0f - fx * fx * 30.0f, f8(0)));
    F8 strand_top = round * (0.62f + 0.38f * lift), stake_top = stake_round * 0.60f;
    F8 top = f8_max(strand_top, stake_top);
    F8 tone = f8_select(
        strand_top >= stake_top, f8_cell(number, stake >> 2, s) - 0.5f,
        f8_cell(stake, stake * 3, s + 1) - 0.5f);
    F8 fibre =
        grain_noise(x * 2.0f, y * 9.0f, spot_foot(spot, stakes * 2.0f, strands * 9.0f), s + 3);
    F8 shown = f8_mix(f8(0.72f), f8_smooth(0.05f, 0.55f, top), left);
    V3 strand = v3_mix(
        skin->colour, v3_of(paint->colours[2]), f8_clamp(0.25f + tone * 0.6f * left, 0.0f, 1.0f));

    strand = v3_scale(strand, 1.0f + fibre * 0.08f * paint->variety);
    skin->colour = v3_mix(v3_of(paint->colours[1]), strand, shown);
    skin->colour = v3_scale(skin->colour, f8_mix(f8(0.86f), 0.60f + 0.40f * top, left));
    skin->height = top * left * 0.035f * paint->scale;
    skin->rough = skin->rough + (1.0f - shown) * 0.3f;
}

/* Thick paper: a felt of fibres, and a tooth. */
WIDE_FN void skin_paper(const Paint *paint, const Spot *spot, Skin *skin)
{
    uint32_t s = paint->seed;
    F8 u = spot->u, v = spot->v;
    F8 felt = grain_clouds(u * 6.0f, v * 6.0f, 3, spot_foot(spot, 6.0f, 6.0f), s);
    F8 tooth = grain_clouds(u * 60.0f, v * 60.0f, 3, spot_foot(spot, 60.0f, 60.0f), s + 1);
    F8 fibre = grain_noise(
        u * 30.0f + felt * 6.0f, v * 90.0f + felt * 20.0f, spot_foot(spot, 40.0f, 100.0f), s + 2);

    skin->colour = v3_scale(
        skin->colour, 1.0f + (felt * 0.030f + tooth * 0.030f + fibre * 0.018f) * paint->variety);
    skin->height = (tooth * 0.0030f + fibre * 0.0008f) * paint->scale;
}
