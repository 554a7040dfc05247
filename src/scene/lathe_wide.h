/* lathe_wide.h - turned bodies: a row of cones about one axis. */
#pragma once

#include "scene/ray_wide.h"

/* Where the rays meet the surface of one cone, of both its halves the nearer one. OWN is about the body's middle. */
WIDE_FN I8 hit_cone(const Frustum *cone, Ray own, F8 *far)
{
    F8 e = cone->radius + cone->slope * (own.origin.y - cone->low), f = cone->slope * own.way.y;
    F8 a = own.way.x * own.way.x + own.way.z * own.way.z - f * f;
    F8 b = own.origin.x * own.way.x + own.origin.z * own.way.z - e * f;
    F8 c = own.origin.x * own.origin.x + own.origin.z * own.origin.z - e * e;
    F8 under = b * b - a * c;
    F8 root = f8_sqrt(f8_max(under, f8(0)));
    F8 q = -b - f8_select(b < 0.0f, -root, root);
    F8 one = q * f8_inverse(a), two = c * f8_inverse(q);
    F8 first = f8_min(one, two), last = f8_max(one, two);
    F8 y = own.origin.y + own.way.y * first;
    I8 first_meets =
        (first > 1e-3f) & (y >= cone->low) & (y <= cone->high) & (e + f * first >= 0.0f);
    y = own.origin.y + own.way.y * last;
    I8 last_meets = (last > 1e-3f) & (y >= cone->low) & (y <= cone->high) & (e + f * last >= 0.0f);

    *far = f8_select(first_meets, first, last);
    return (under >= 0.0f) & (first_meets | last_meets);
}

WIDE_CALL I8 hit_turned(const Solid *solid, Ray ray, I8 live, F8 in, F8 out, F8 *far)
{
    Ray own = solid_ray(solid, ray);
    F8 per_y = f8_inverse(own.way.y);
    F8 enters = own.origin.y + own.way.y * in, leaves = own.origin.y + own.way.y * out;
    F8 low = f8_min(enters, leaves) - 1e-4f, high = f8_max(enters, leaves) + 1e-4f;
    I8 hit = i8(0);

    *far = f8(HIT_FAR);
    for (int f = 0; f < solid->frustum_count; f++) {
        const Frustum *cone = &solid->frusta[f];
        I8 passes = live & (low <= cone->high) & (high >= cone->low);
        F8 at;
        if (!i8_any(passes))
            continue;
        if (cone->is_flat) {
            at = (cone->low - own.origin.y) * per_y;
            F8 x = own.origin.x + own.way.x * at, z = own.origin.z + own.way.z * at;
            F8 square = x * x + z * z;
            passes = passes & (at > 1e-3f) & (square <= cone->outer * cone->outer) &
                     (square >= cone->inner * cone->inner);
        } else {
            passes = passes & hit_cone(cone, own, &at);
        }
        passes = passes & (at < *far);
        *far = f8_select(passes, at, *far);
        hit = hit | passes;
    }
    return hit;
}

/* Mixed between the ends of the cone that is nearest. */
WIDE_CALL V3 turned_normal(const Solid *solid, V3 p)
{
    F8 radius = f8_length2(p.x, p.z), nearest = f8(HIT_FAR), outward = f8(0), up = f8(1);

    for (int f = 0; f < solid->frustum_count; f++) {
        const Frustum *cone = &solid->frusta[f];
        float along_r = cone->ends[1][0] - cone->ends[0][0];
        float along_y = cone->ends[1][1] - cone->ends[0][1];
        float per_square = 1.0f / (along_r * along_r + along_y * along_y + 1e-12f);
        F8 r = radius - cone->ends[0][0], y = p.y - cone->ends[0][1];
        F8 share = f8_clamp((r * along_r + y * along_y) * per_square, 0.0f, 1.0f);
        F8 off_r = r - along_r * share, off_y = y - along_y * share;
        F8 away = off_r * off_r + off_y * off_y;
        I8 nearer = away < nearest;
        nearest = f8_min(nearest, away);
        outward = f8_select(
            nearer, f8_mix(f8(cone->facing[0][0]), f8(cone->facing[1][0]), share), outward);
        up = f8_select(nearer, f8_mix(f8(cone->facing[0][1]), f8(cone->facing[1][1]), share), up);
    }
    outward = outward / f8_max(radius, f8(1e-6f));
    return v3_unit(v3(p.x * outward, up, p.z * outward));
}
