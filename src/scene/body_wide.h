/* body_wide.h - bodies met by arithmetic alone: floor, sweep, box, sphere, cylinder, capsule; and those walked up to: cushion and
 * torus. */
#pragma once

#include "scene/ray_wide.h"

/* Floor in front of z = back + radius, a quarter round, then the wall. */
WIDE_FN I8 hit_sweep(const Solid *solid, Ray ray, V3 inverse, F8 *far)
{
    float radius = solid->radius, back = solid->centre[2], bend = back + radius;
    F8 to_floor = -ray.origin.y * inverse.y;
    F8 z = ray.origin.z + ray.way.z * to_floor;
    F8 best = f8_select((to_floor > HIT_NEAR) & (z > bend), to_floor, f8(HIT_FAR));
    F8 to_wall = (back - ray.origin.z) * inverse.z;
    F8 y = ray.origin.y + ray.way.y * to_wall;
    best = f8_select((to_wall > HIT_NEAR) & (y > radius), f8_min(best, to_wall), best);

    F8 oy = ray.origin.y - radius, oz = ray.origin.z - bend;
    F8 a = ray.way.y * ray.way.y + ray.way.z * ray.way.z;
    F8 b = oy * ray.way.y + oz * ray.way.z;
    F8 c = oy * oy + oz * oz - radius * radius;
    F8 under = b * b - a * c;
    F8 to_bend = (-b + f8_sqrt(f8_max(under, f8(0)))) / f8_max(a, f8(1e-9f));
    I8 on_bend = (under > 0.0f) & (to_bend > HIT_NEAR) & (oy + ray.way.y * to_bend <= 0.0f) &
                 (oz + ray.way.z * to_bend <= 0.0f);
    *far = f8_select(on_bend, f8_min(best, to_bend), best);
    return *far < HIT_FAR;
}

WIDE_FN I8 hit_box(const Solid *solid, Ray ray, V3 world_inverse, F8 *far)
{
    Ray own = solid_ray(solid, ray);
    V3 origin = own.origin;
    V3 inverse = solid->is_turned
                     ? v3(f8_inverse(own.way.x), f8_inverse(own.way.y), f8_inverse(own.way.z))
                     : world_inverse;
    F8 ax = f8_abs(solid->half[0] * inverse.x), mx = -origin.x * inverse.x;
    F8 ay = f8_abs(solid->half[1] * inverse.y), my = -origin.y * inverse.y;
    F8 az = f8_abs(solid->half[2] * inverse.z), mz = -origin.z * inverse.z;
    F8 in = f8_max(mx - ax, f8_max(my - ay, mz - az));
    F8 out = f8_min(mx + ax, f8_min(my + ay, mz + az));

    *far = f8_select(in > HIT_NEAR, in, out);
    return (in <= out) & (*far > HIT_NEAR);
}

WIDE_FN I8 hit_sphere(const Solid *solid, Ray ray, F8 *far)
{
    V3 origin = v3_sub(ray.origin, v3_of(solid->centre));
    F8 b = v3_dot(origin, ray.way);
    F8 under = b * b - (v3_dot(origin, origin) - solid->radius * solid->radius);
    F8 root = f8_sqrt(f8_max(under, f8(0)));

    *far = f8_select(-b - root > HIT_NEAR, -b - root, root - b);
    return (under > 0.0f) & (*far > HIT_NEAR);
}

WIDE_FN I8 hit_cylinder(const Solid *solid, Ray ray, V3 inverse, F8 *far)
{
    Ray own = solid_ray(solid, ray);
    F8 per_y = solid->is_turned ? f8_inverse(own.way.y) : inverse.y;
    float half = solid->half[1];
    F8 a = own.way.x * own.way.x + own.way.z * own.way.z;
    F8 b = own.origin.x * own.way.x + own.origin.z * own.way.z;
    F8 c =
        own.origin.x * own.origin.x + own.origin.z * own.origin.z - solid->radius * solid->radius;
    F8 under = b * b - a * c;
    F8 root = f8_sqrt(f8_max(under, f8(0)));
    F8 per_a = 1.0f / f8_max(a, f8(1e-12f));
    F8 down = (-half - own.origin.y) * per_y, up = (half - own.origin.y) * per_y;
    F8 in = f8_max((-b - root) * per_a, f8_min(down, up));
    F8 out = f8_min((root - b) * per_a, f8_max(down, up));

    *far = f8_select(in > HIT_NEAR, in, out);
    return (under > 0.0f) & (in <= out) & (*far > HIT_NEAR);
}

/* A tube with round ends. */
WIDE_FN I8 hit_capsule(const Solid *solid, Ray ray, F8 *far)
{
    Ray own = solid_ray(solid, ray);
    float half = solid->half[1], square = solid->radius * solid->radius;
    F8 a = own.way.x * own.way.x + own.way.z * own.way.z;
    F8 b = own.origin.x * own.way.x + own.origin.z * own.way.z;
    F8 c = own.origin.x * own.origin.x + own.origin.z * own.origin.z - square;
    F8 under = b * b - a * c;
    F8 side = (-b - f8_sqrt(f8_max(under, f8(0)))) / f8_max(a, f8(1e-9f));
    F8 y = own.origin.y + own.way.y * side;
    I8 on_side = (under > 0.0f) & (f8_abs(y) < half) & (side > HIT_NEAR);
    /* The end that is met first lies where the tube would be met, else where the ray goes. */
    F8 end = f8_select(y < 0.0f, f8(-half), f8(half));
    F8 oy = own.origin.y - end;
    F8 eb = b + oy * own.way.y;
    F8 under_end = eb * eb - (c + oy * oy);
    F8 cap = -eb - f8_sqrt(f8_max(under_end, f8(0)));
    I8 on_cap = (under >= 0.0f) & (under_end > 0.0f) & (cap > HIT_NEAR);

    *far = f8_select(on_side, side, cap);
    return on_side | on_cap;
}

/* ---- cushion and torus: how far a place is from one ---- */

WIDE_FN F8 cushion_bulge(const Solid *solid, F8 a, float half_a, F8 b, float half_b)
{
    F8 u = f8_max(1.0f - a * a * (1.0f / (half_a * half_a)), f8(0));
    F8 v = f8_max(1.0f - b * b * (1.0f / (half_b * half_b)), f8(0));
    return u * v * solid->puff;
}

WIDE_FN F8 cushion_distance(const Solid *solid, V3 p)
{
    const float *half = solid->half;
    F8 x = f8_abs(p.x) - (half[0] - solid->radius), y = f8_abs(p.y) - (half[1] - solid->radius),
       z = f8_abs(p.z) - (half[2] - solid->radius);

    if (solid->puff > 0.0f) {
        x = x - cushion_bulge(solid, p.y, half[1], p.z, half[2]);
        y = y - cushion_bulge(solid, p.x, half[0], p.z, half[2]);
        z = z - cushion_bulge(solid, p.x, half[0], p.y, half[1]);
    }
    F8 ox = f8_max(x, f8(0)), oy = f8_max(y, f8(0)), oz = f8_max(z, f8(0));
    F8 inside = f8_min(f8_max(x, f8_max(y, z)), f8(0));
    return f8_sqrt(ox * ox + oy * oy + oz * oz) + inside - solid->radius;
}

WIDE_FN F8 torus_distance(const Solid *solid, V3 p)
{
    return f8_length2(f8_length2(p.x, p.y) - solid->radius, p.z) - solid->half[1];
}

WIDE_FN F8 soft_distance(const Solid *solid, V3 p)
{
    return solid->kind == SOLID_TORUS ? torus_distance(solid, p) : cushion_distance(solid, p);
}

/* Walked from IN to OUT. A bulging face is steeper than it is far, so steps are shortened there. */
WIDE_CALL I8 hit_soft(const Solid *solid, Ray ray, I8 live, F8 in, F8 out, F8 *far)
{
    const float stride = solid->kind == SOLID_CUSHION && solid->puff > 0 ? 0.75f : 1.0f;
    Ray own = solid_ray(solid, ray);
    I8 hit = i8(0);
    F8 at = in;

    for (int step = 0; step < 40 && i8_any(live); step++) {
        F8 clear = soft_distance(solid, v3_along(own.origin, own.way, at));
        I8 touches = live & (clear < 1e-4f);
        hit = hit | touches;
        live = live & ~touches;
        at = f8_select(live, at + f8_max(clear * stride, f8(1e-4f)), at);
        live = live & (at <= out);
    }
    *far = at;
    return hit & (at > 1e-3f);
}

/* ---- which way a surface faces ---- */

/* Softened edges: a face's normal leans over within BEVEL of the next face. */
WIDE_FN V3 box_normal(const Solid *solid, V3 p)
{
    float bevel = solid->bevel;
    F8 ax = f8_abs(p.x) - solid->half[0], ay = f8_abs(p.y) - solid->half[1],
       az = f8_abs(p.z) - solid->half[2];
    F8 most = f8_max(ax, f8_max(ay, az));
    F8 wx = f8_max(ax + bevel, f8(0)), wy = f8_max(ay + bevel, f8(0)),
       wz = f8_max(az + bevel, f8(0));
    wx = f8_select(ax >= most, f8_max(wx, f8(1e-4f)), wx);
    wy = f8_select(ay >= most, f8_max(wy, f8(1e-4f)), wy);
    wz = f8_select(az >= most, f8_max(wz, f8(1e-4f)), wz);
    return v3_unit(
        v3(f8_select(p.x < 0.0f, -wx, wx), f8_select(p.y < 0.0f, -wy, wy),
           f8_select(p.z < 0.0f, -wz, wz)));
}

WIDE_FN V3 cylinder_normal(const Solid *solid, V3 p)
{
    F8 radius = f8_length2(p.x, p.z);
    F8 aside = radius - solid->radius, above = f8_abs(p.y) - solid->half[1];
    F8 wr = f8_max(aside + solid->bevel, f8(0)), wy = f8_max(above + solid->bevel, f8(0));
    wr = f8_select(aside >= above, f8_max(wr, f8(1e-4f)), wr) / f8_max(radius, f8(1e-6f));
    wy = f8_select(above > aside, f8_max(wy, f8(1e-4f)), wy);
    return v3_unit(v3(p.x * wr, f8_select(p.y < 0.0f, -wy, wy), p.z * wr));
}

WIDE_FN V3 sweep_normal(const Solid *solid, V3 point)
{
    float per_radius = 1.0f / solid->radius, bend = solid->centre[2] + solid->radius;
    V3 round = v3(f8(0), (solid->radius - point.y) * per_radius, (bend - point.z) * per_radius);

    return v3_select(
        point.z > bend, v3_same(0, 1, 0),
        v3_select(point.y > solid->radius, v3_same(0, 0, 1), round));
}

WIDE_FN V3 capsule_normal(const Solid *solid, V3 p)
{
    F8 beyond = p.y - f8_clamp(p.y, -solid->half[1], solid->half[1]);
    return v3_unit(v3(p.x, beyond, p.z));
}

WIDE_CALL V3 soft_normal(const Solid *solid, V3 p)
{
    const float g = 1e-3f;
    F8 here = soft_distance(solid, p);

    return v3_unit(
        v3(soft_distance(solid, v3(p.x + g, p.y, p.z)) - here,
           soft_distance(solid, v3(p.x, p.y + g, p.z)) - here,
           soft_distance(solid, v3(p.x, p.y, p.z + g)) - here));
}
