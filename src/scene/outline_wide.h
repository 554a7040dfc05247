/* outline_wide.h - flat bodies with an outline, facing z: arch, ring, and slabs cut to any outline. */
#pragma once

#include "scene/ray_wide.h"

/* Distance to a measured outline, mixed of four cells; beyond the cells, at least what is left to them. */
WIDE_FN F8 cutting_distance(const Cutting *cutting, F8 x, F8 y)
{
    F8 column = (x + cutting->half[0]) * cutting->per_unit + (CUTTING_PAD - 0.5f);
    F8 row = (y + cutting->half[1]) * cutting->per_unit + (CUTTING_PAD - 0.5f);
    F8 c = f8_clamp(column, 0.0f, (float)cutting->width - 1.01f);
    F8 r = f8_clamp(row, 0.0f, (float)cutting->height - 1.01f);
    I8 left = i8_of_float(c), below = i8_of_float(r);
    F8 fx = c - f8_of_int(left), fy = r - f8_of_int(below);
    I8 at = below * cutting->width + left;
    F8 near = f8_mix(f8_gather(cutting->cells, at), f8_gather(cutting->cells, at + 1), fx);
    at = at + cutting->width;
    F8 upper = f8_mix(f8_gather(cutting->cells, at), f8_gather(cutting->cells, at + 1), fx);
    F8 beyond = f8_max(f8_abs(column - c), f8_abs(row - r));

    return f8_mix(near, upper, fy) + beyond * (1.0f / cutting->per_unit);
}

/* Signed distance to the outline of an upright flat body, about its middle. */
static inline F8 outline_distance(const Solid *solid, F8 x, F8 y)
{
    if (solid->kind == SOLID_RING)
        return f8_abs(f8_length2(x, y) - solid->radius) - solid->half[1];
    if (solid->kind == SOLID_CUT) {
        F8 inside = cutting_distance(solid->cutting, x, y);
        if (!solid->is_hole)
            return inside;
        F8 aside = f8_max(solid->wall_low[0] - x, x - solid->wall_high[0]);
        F8 above = f8_max(solid->wall_low[1] - y, y - solid->wall_high[1]);
        return f8_max(f8_max(aside, above), -inside);
    }
    float wide = solid->half[0], tall = solid->half[1];
    F8 above = y + tall;
    F8 round = f8_length2(x, f8_max(above - (2 * tall - wide), f8(0))) - wide;
    return f8_max(round, -above);
}

/* A flat outline pushed along z: walked in safe steps from IN to OUT. */
WIDE_CALL I8 hit_outline(const Solid *solid, Ray ray, I8 live, F8 in, F8 out, F8 *far)
{
    Ray own = solid_ray(solid, ray);
    V3 origin = own.origin, way = own.way;
    F8 per_z = f8_inverse(way.z);
    F8 front = (-solid->half[2] - origin.z) * per_z, rear = (solid->half[2] - origin.z) * per_z;
    F8 at = f8_max(in, f8_min(front, rear));
    I8 hit = i8(0);

    out = f8_min(out, f8_max(front, rear));
    live = live & (at <= out);
    F8 per_step = 1.0f / f8_sqrt(f8_max(way.x * way.x + way.y * way.y, f8(1e-8f)));
    for (int step = 0; step < 48 && i8_any(live); step++) {
        F8 clear = outline_distance(solid, origin.x + way.x * at, origin.y + way.y * at);
        I8 touches = live & (clear < 1e-4f);
        hit = hit | touches;
        live = live & ~touches;
        at = f8_select(live, at + f8_max(clear, f8(2e-4f)) * per_step, at);
        live = live & (at <= out);
    }
    *far = at;
    return hit & (at > 1e-3f);
}

WIDE_CALL V3 outline_normal(const Solid *solid, V3 p)
{
    /* Between cells a measured outline is straight, so it is compared a cell apart. */
    float g = solid->kind == SOLID_CUT ? 1.0f / solid->cutting->per_unit : 2e-3f;
    F8 here = outline_distance(solid, p.x, p.y);
    F8 gx = outline_distance(solid, p.x + g, p.y) - outline_distance(solid, p.x - g, p.y);
    F8 gy = outline_distance(solid, p.x, p.y + g) - outline_distance(solid, p.x, p.y - g);
    V3 aside = v3_unit(v3(gx, gy, f8(1e-6f)));
    F8 front = f8_abs(p.z) - solid->half[2];
    F8 ws = f8_max(here + solid->bevel, f8(0)), wz = f8_max(front + solid->bevel, f8(0));
    I8 is_front = front > here - 1e-3f;
    wz = f8_select(is_front, f8_max(wz, f8(1e-4f)), wz);
    ws = f8_select(~is_front, f8_max(ws, f8(1e-4f)), ws);
    return v3_unit(v3(aside.x * ws, aside.y * ws, f8_select(p.z < 0.0f, -wz, wz)));
}
