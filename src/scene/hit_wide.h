/* hit_wide.h - where eight rays meet the bodies of a stage, and which way the surface faces there. */
#pragma once

#include "scene/stage.h"
#include "scene/wide.h"

#define HIT_NEAR 1e-4f
#define HIT_FAR 1e20f

enum {
    HIT_NONE = -1,
    HIT_PROXY = STAGE_SOLIDS_MAX, /* the id of the product */
};

typedef struct Ray {
    V3 origin, way; /* way of unit length */
} Ray;

typedef struct Hit {
    F8 far; /* distance */
    I8 id;  /* of the solid */
} Hit;

typedef enum HitWant {
    HIT_NEAREST,
    HIT_ANY, /* is anything in between */
} HitWant;

/* Into the solid's own axes, and back. */
WIDE_FN V3 solid_inward(const Solid *solid, V3 d)
{
    return v3(
        d.x * solid->cos_yaw - d.z * solid->sin_yaw, d.y,
        d.x * solid->sin_yaw + d.z * solid->cos_yaw);
}

WIDE_FN V3 solid_outward(const Solid *solid, V3 d)
{
    return v3(
        d.x * solid->cos_yaw + d.z * solid->sin_yaw, d.y,
        -d.x * solid->sin_yaw + d.z * solid->cos_yaw);
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

WIDE_FN I8 hit_box(const Solid *solid, Ray ray, F8 *far)
{
    V3 origin = solid_inward(solid, v3_sub(ray.origin, v3_of(solid->centre)));
    V3 way = solid_inward(solid, ray.way);
    V3 inverse = v3(f8_inverse(way.x), f8_inverse(way.y), f8_inverse(way.z));
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
    V3 origin = v3_sub(ray.origin, v3_of(solid->centre));
    float half = solid->half[1];
    F8 a = ray.way.x * ray.way.x + ray.way.z * ray.way.z;
    F8 b = origin.x * ray.way.x + origin.z * ray.way.z;
    F8 c = origin.x * origin.x + origin.z * origin.z - solid->radius * solid->radius;
    F8 under = b * b - a * c;
    F8 root = f8_sqrt(f8_max(under, f8(0)));
    F8 per_a = 1.0f / f8_max(a, f8(1e-12f));
    F8 down = (-half - origin.y) * inverse.y, up = (half - origin.y) * inverse.y;
    F8 in = f8_max((-b - root) * per_a, f8_min(down, up));
    F8 out = f8_min((root - b) * per_a, f8_max(down, up));

    *far = f8_select(in > HIT_NEAR, in, out);
    return (under > 0.0f) & (in <= out) & (*far > HIT_NEAR);
}

WIDE_FN F8 f8_length2(F8 x, F8 y)
{
    return f8_sqrt(x * x + y * y);
}

/* Signed distance to the outline of an upright flat body, about its middle. */
WIDE_FN F8 outline_distance(const Solid *solid, F8 x, F8 y)
{
    if (solid->kind == SOLID_RING)
        return f8_abs(f8_length2(x, y) - solid->radius) - solid->half[1];
    float wide = solid->half[0], tall = solid->half[1];
    F8 above = y + tall;
    F8 round = f8_length2(x, f8_max(above - (2 * tall - wide), f8(0))) - wide;
    return f8_max(round, -above);
}

/* A flat outline pushed along z: walked in safe steps. */
static inline I8 hit_outline(const Solid *solid, Ray ray, V3 inverse, F8 most, F8 *far)
{
    F8 in, out;
    I8 live = hit_slabs(solid->low, solid->high, ray.origin, inverse, most, &in, &out);
    I8 hit = i8(0);

    *far = f8(HIT_FAR);
    if (!i8_any(live))
        return hit;
    V3 origin = solid_inward(solid, v3_sub(ray.origin, v3_of(solid->centre)));
    V3 way = solid_inward(solid, ray.way);
    F8 per_z = f8_inverse(way.z);
    F8 front = (-solid->half[2] - origin.z) * per_z, rear = (solid->half[2] - origin.z) * per_z;
    F8 at = f8_max(in, f8_min(front, rear));
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

WIDE_FN I8 hit_solid(const Solid *solid, Ray ray, V3 inverse, F8 most, F8 *far)
{
    switch (solid->kind) {
    case SOLID_FLOOR:
        *far = (solid->centre[1] - ray.origin.y) * inverse.y;
        return *far > HIT_NEAR;
    case SOLID_SWEEP:
        return hit_sweep(solid, ray, inverse, far);
    case SOLID_BOX:
        return hit_box(solid, ray, far);
    case SOLID_SPHERE:
        return hit_sphere(solid, ray, far);
    case SOLID_CYLINDER:
        return hit_cylinder(solid, ray, inverse, far);
    default:
        return hit_outline(solid, ray, inverse, most, far);
    }
}

/* ---- the product's relief ---- */

typedef enum ProxyDetail {
    PROXY_COARSE, /* the nearest cell: for light on its way */
    PROXY_FINE,   /* mixed of four, so that the foot's edge is no stair */
} ProxyDetail;

/* How far POINT is from the relief along the view: below 0 inside; beside the outline a safe step. */
WIDE_FN F8 proxy_clearance(const Stage *stage, V3 point, ProxyDetail detail)
{
    const Proxy *proxy = &stage->proxy;
    const Camera *camera = &stage->camera;
    F8 per_depth = camera->focal / (camera->eye[2] - point.z);
    F8 column = ((point.x - camera->eye[0]) * per_depth + camera->shift_x - proxy->left) *
                proxy->per_screen;
    F8 row = (proxy->top - ((point.y - camera->eye[1]) * per_depth + camera->shift_y)) *
             proxy->per_screen;
    I8 inside = (column >= 1.0f) & (row >= 1.0f) & (column < (float)proxy->width - 1.0f) &
                (row < (float)proxy->height - 1.0f);
    F8 half, contact;

    if (detail == PROXY_COARSE) {
        I8 x = i8_of_float(f8_clamp(column, 0.0f, (float)proxy->width - 1.0f));
        I8 y = i8_of_float(f8_clamp(row, 0.0f, (float)proxy->height - 1.0f));
        half = f8_gather(proxy->relief, y * proxy->width + x);
        contact = f8_gather(proxy->contact, x);
    } else {
        F8 c = f8_clamp(column - 0.5f, 0.0f, (float)proxy->width - 2.0f);
        F8 r = f8_clamp(row - 0.5f, 0.0f, (float)proxy->height - 2.0f);
        I8 x = i8_of_float(c), y = i8_of_float(r);
        F8 fx = c - f8_of_int(x), fy = r - f8_of_int(y);
        I8 at = y * proxy->width + x, below = at + proxy->width;
        half = f8_mix(
            f8_mix(f8_gather(proxy->relief, at), f8_gather(proxy->relief, at + 1), fx),
            f8_mix(f8_gather(proxy->relief, below), f8_gather(proxy->relief, below + 1), fx), fy);
        contact = f8_mix(f8_gather(proxy->contact, x), f8_gather(proxy->contact, x + 1), fx);
    }
    F8 off = f8_abs(point.z - proxy->depth - contact);
    return f8_select(
        inside, f8_select(half > 0.0f, off - half, f8_max(-half, f8(0.004f))), f8(0.03f));
}

enum {
    PROXY_STEPS = 40, /* of rays that start where the camera sees */
    PROXY_STEPS_COARSE = 16,
};

static inline I8
hit_proxy(const Stage *stage, Ray ray, V3 inverse, F8 most, int steps, HitWant want, F8 *far)
{
    F8 in, out;
    I8 live = hit_slabs(stage->proxy.low, stage->proxy.high, ray.origin, inverse, most, &in, &out);
    I8 hit = i8(0);
    ProxyDetail detail = steps > PROXY_STEPS_COARSE ? PROXY_FINE : PROXY_COARSE;

    *far = f8(HIT_FAR);
    if (!i8_any(live))
        return hit;
    F8 stride = f8_max((out - in) * (1.0f / (float)steps), f8(0.006f));
    F8 at = in + stride * 0.35f, before = in;
    for (int step = 0; step < steps + 4 && i8_any(live); step++) {
        F8 clear = proxy_clearance(stage, v3_along(ray.origin, ray.way, at), detail);
        I8 touches = live & (clear < 0.0f);
        hit = hit | touches;
        live = live & ~touches;
        before = f8_select(live, at, before);
        at = f8_select(live, at + f8_max(stride, clear * 0.6f), at);
        live = live & (at < out);
    }
    if (want == HIT_NEAREST && i8_any(hit)) {
        for (int halving = 0; halving < 4; halving++) {
            F8 middle = (before + at) * 0.5f;
            I8 in_it = proxy_clearance(stage, v3_along(ray.origin, ray.way, middle), detail) < 0.0f;
            at = f8_select(hit & in_it, middle, at);
            before = f8_select(hit & ~in_it, middle, before);
        }
    }
    *far = at;
    return hit & (at > 1e-3f);
}

/* ---- all bodies ---- */

typedef struct HitAsk {
    HitWant want;
    I8 live;         /* lanes that ask */
    F8 most;         /* no further than this */
    int proxy_steps; /* how finely the product is walked; 0 leaves it out */
} HitAsk;

static __attribute__((noinline)) void
hit_find(const Stage *stage, const Ray *ray, const HitAsk *ask, Hit *ret)
{
    V3 inverse = v3(f8_inverse(ray->way.x), f8_inverse(ray->way.y), f8_inverse(ray->way.z));
    F8 best = f8_select(ask->live, ask->most, f8(-1)), far;
    I8 id = i8(HIT_NONE);

    for (int s = 0; s < stage->solid_count; s++) {
        I8 hit = hit_solid(&stage->solids[s], *ray, inverse, best, &far) & (far < best);
        best = f8_select(hit, far, best);
        id = i8_select(hit, i8(s), id);
        if (ask->want == HIT_ANY) {
            best = f8_select(hit, f8(-1), best);
            if (!i8_any(ask->live & (id < 0)))
                break;
        }
    }
    if (stage->proxy.is_on && ask->proxy_steps > 0 && i8_any(best > 0.0f)) {
        I8 hit =
            hit_proxy(stage, *ray, inverse, best, ask->proxy_steps, ask->want, &far) & (far < best);
        best = f8_select(hit, far, best);
        id = i8_select(hit, i8(HIT_PROXY), id);
    }
    ret->far = best;
    ret->id = id;
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

WIDE_FN V3 outline_normal(const Solid *solid, V3 p)
{
    float g = 2e-3f;
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

WIDE_FN V3 sweep_normal(const Solid *solid, V3 point)
{
    float per_radius = 1.0f / solid->radius, bend = solid->centre[2] + solid->radius;
    V3 round = v3(f8(0), (solid->radius - point.y) * per_radius, (bend - point.z) * per_radius);

    return v3_select(
        point.z > bend, v3_same(0, 1, 0),
        v3_select(point.y > solid->radius, v3_same(0, 0, 1), round));
}

WIDE_FN V3 solid_normal(const Solid *solid, V3 point)
{
    V3 p = solid_inward(solid, v3_sub(point, v3_of(solid->centre)));

    switch (solid->kind) {
    case SOLID_FLOOR:
        return v3_same(0, 1, 0);
    case SOLID_SWEEP:
        return sweep_normal(solid, point);
    case SOLID_BOX:
        return solid_outward(solid, box_normal(solid, p));
    case SOLID_SPHERE:
        return v3_scale(v3_sub(point, v3_of(solid->centre)), f8(1.0f / solid->radius));
    case SOLID_CYLINDER:
        return cylinder_normal(solid, p);
    default:
        return solid_outward(solid, outline_normal(solid, p));
    }
}

/* Normal and colour of the product where it was hit. */
static inline void proxy_surface(const Stage *stage, V3 point, V3 *ret_normal, V3 *ret_colour)
{
    const Proxy *proxy = &stage->proxy;
    const Camera *camera = &stage->camera;
    F8 per_depth = camera->focal / (camera->eye[2] - point.z);
    F8 column = ((point.x - camera->eye[0]) * per_depth + camera->shift_x - proxy->left) *
                proxy->per_screen;
    F8 row = (proxy->top - ((point.y - camera->eye[1]) * per_depth + camera->shift_y)) *
             proxy->per_screen;
    I8 x = i8_of_float(f8_clamp(column, 1.0f, (float)proxy->width - 2.0f));
    I8 y = i8_of_float(f8_clamp(row, 1.0f, (float)proxy->height - 2.0f));
    I8 cell = y * proxy->width + x;
    float per_world = proxy->per_screen * camera->focal / (camera->eye[2] - proxy->depth) * 0.5f;
    F8 gx = f8_gather(proxy->relief, cell + 1) - f8_gather(proxy->relief, cell - 1);
    F8 gy = f8_gather(proxy->relief, cell - proxy->width) -
            f8_gather(proxy->relief, cell + proxy->width);
    I8 is_rear = point.z < proxy->depth + f8_gather(proxy->contact, x);

    *ret_normal = v3_unit(v3(-gx * per_world, -gy * per_world, f8_select(is_rear, f8(-1), f8(1))));
    *ret_colour =
        v3(f8_gather(proxy->colour, cell * 3), f8_gather(proxy->colour + 1, cell * 3),
           f8_gather(proxy->colour + 2, cell * 3));
}
