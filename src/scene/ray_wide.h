/* ray_wide.h - eight rays, and what is asked of them. */
#pragma once

#include "scene/stage.h"
#include "scene/wide.h"

#define HIT_NEAR 1e-4f
#define HIT_FAR 1e20f

typedef struct Ray {
    V3 origin, way; /* way of unit length */
} Ray;

/* Into the solid's own axes, and back. */
WIDE_FN V3 solid_inward(const Solid *solid, V3 d)
{
    if (!solid->is_turned)
        return d;
    return v3(
        v3_dot(d, v3_of(solid->axes[0])), v3_dot(d, v3_of(solid->axes[1])),
        v3_dot(d, v3_of(solid->axes[2])));
}

WIDE_FN V3 solid_outward(const Solid *solid, V3 d)
{
    if (!solid->is_turned)
        return d;
    V3 across = v3_scale(v3_of(solid->axes[0]), d.x);
    return v3_along(v3_along(across, v3_of(solid->axes[1]), d.y), v3_of(solid->axes[2]), d.z);
}

/* RAY as SOLID sees it, about its middle. */
WIDE_FN Ray solid_ray(const Solid *solid, Ray ray)
{
    return (Ray){
        solid_inward(solid, v3_sub(ray.origin, v3_of(solid->centre))),
        solid_inward(solid, ray.way)};
}

WIDE_FN F8 f8_inverse(F8 a)
{
    return 1.0f / f8_select(f8_abs(a) < 1e-8f, f8(1e-8f), a);
}

WIDE_FN I8 hit_slabs(
    const float low[3], const float high[3], V3 origin, V3 inverse, F8 most, F8 *ret_in,
    F8 *ret_out)
{
    F8 ax = (low[0] - origin.x) * inverse.x, bx = (high[0] - origin.x) * inverse.x;
    F8 ay = (low[1] - origin.y) * inverse.y, by = (high[1] - origin.y) * inverse.y;
    F8 az = (low[2] - origin.z) * inverse.z, bz = (high[2] - origin.z) * inverse.z;

    *ret_in = f8_max(f8_max(f8_min(ax, bx), f8_min(ay, by)), f8_max(f8_min(az, bz), f8(HIT_NEAR)));
    *ret_out = f8_min(f8_min(f8_max(ax, bx), f8_max(ay, by)), f8_min(f8_max(az, bz), most));
    return *ret_in <= *ret_out;
}

WIDE_FN F8 f8_length2(F8 x, F8 y)
{
    return f8_sqrt(x * x + y * y);
}
