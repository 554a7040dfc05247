/* hit_wide.h - where eight rays meet the bodies of a stage, and which way the surface faces there. */
#pragma once

#include "scene/body_wide.h"
#include "scene/lathe_wide.h"
#include "scene/outline_wide.h"

enum {
    HIT_NONE = -1,
    HIT_PROXY = STAGE_SOLIDS_MAX, /* the id of the product */
};

typedef struct Hit {
    F8 far; /* distance */
    I8 id;  /* of the solid */
} Hit;

typedef enum HitWant {
    HIT_NEAREST,
    HIT_ANY, /* is anything in between */
} HitWant;

WIDE_FN I8 hit_solid(const Solid *solid, Ray ray, V3 inverse, F8 most, F8 *far)
{
    F8 in, out;

    switch (solid->kind) {
    case SOLID_FLOOR:
        *far = (solid->centre[1] - ray.origin.y) * inverse.y;
        return *far > HIT_NEAR;
    case SOLID_SWEEP:
        return hit_sweep(solid, ray, inverse, far);
    case SOLID_BOX:
        return hit_box(solid, ray, inverse, far);
    case SOLID_SPHERE:
        return hit_sphere(solid, ray, far);
    case SOLID_CYLINDER:
        return hit_cylinder(solid, ray, inverse, far);
    case SOLID_CAPSULE:
        return hit_capsule(solid, ray, far);
    default:
        break;
    }
    I8 live = hit_slabs(solid->low, solid->high, ray.origin, inverse, most, &in, &out);
    *far = f8(HIT_FAR);
    if (!i8_any(live))
        return live;
    switch (solid->kind) {
    case SOLID_TURNED:
        return hit_turned(solid, ray, live, in, out, far);
    case SOLID_CUSHION:
    case SOLID_TORUS:
        return hit_soft(solid, ray, live, in, out, far);
    default:
        return hit_outline(solid, ray, live, in, out, far);
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

WIDE_CALL I8
hit_proxy(const Stage *stage, Ray ray, V3 inverse, F8 most, int steps, HitWant want, F8 *far)
{
    F8 in, out;
    I8 live = hit_slabs(stage->proxy.low, stage->proxy.high, ray.origin, inverse, most, &in, &out);
    I8 hit = i8(0);
    ProxyDetail detail = steps > PROXY_STEPS_COARSE ? PROXY_FINE : PROXY_COARSE;

    *far = f8(HIT_FAR);
    if (!i8_any(live))
        return hit;
    /* Where the camera sees the shadow, legs and arms thinner than an even stride must not be stepped over. */
    F8 least = detail == PROXY_FINE ? f8(0.009f) : f8(0.006f);
    F8 stride = detail == PROXY_FINE ? least : f8_max((out - in) * (1.0f / (float)steps), least);
    F8 at = in + stride * 0.35f, before = in;
    for (int step = 0; step < steps * 2 && i8_any(live); step++) {
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
    const Sight
        *sight; /* for rays from the camera through one square of the frame; NULL for all others */
} HitAsk;

/* What a row of rays has found so far. */
typedef struct Found {
    V3 inverse;
    F8 best;
    I8 id;
} Found;

/* Ask the bodies IDS; whether all that is wanted is found. */
WIDE_CALL bool found_among(
    const Stage *stage, const Ray *ray, const HitAsk *ask, const uint8_t *ids, int count,
    Found *found)
{
    for (int i = 0; i < count; i++) {
        F8 far;
        I8 hit = hit_solid(&stage->solids[ids[i]], *ray, found->inverse, found->best, &far) &
                 (far < found->best);
        found->best = f8_select(hit, far, found->best);
        found->id = i8_select(hit, i8(ids[i]), found->id);
        if (ask->want == HIT_ANY) {
            found->best = f8_select(hit, f8(-1), found->best);
            if (!i8_any(ask->live & (found->id < 0)))
                return true;
        }
    }
    return false;
}

static void found_in_tree(const Stage *stage, const Ray *ray, const HitAsk *ask, Found *found)
{
    if (found_among(stage, ray, ask, stage->endless_ids, stage->endless_count, found))
        return;
    for (int n = 0; n < stage->node_count;) {
        const Node *node = &stage->nodes[n];
        F8 in, out;
        I8 meets =
            hit_slabs(node->low, node->high, ray->origin, found->inverse, found->best, &in, &out);
        if (!i8_any(meets)) {
            n = node->next;
            continue;
        }
        if (node->count > 0 &&
            found_among(stage, ray, ask, stage->tree_ids + node->first, node->count, found))
            return;
        n++;
    }
}

WIDE_CALL void hit_find(const Stage *stage, const Ray *ray, const HitAsk *ask, Hit *ret)
{
    Found found = {
        v3(f8_inverse(ray->way.x), f8_inverse(ray->way.y), f8_inverse(ray->way.z)),
        f8_select(ask->live, ask->most, f8(-1)), i8(HIT_NONE)};

    if (ask->sight)
        found_among(stage, ray, ask, ask->sight->ids, ask->sight->count, &found);
    else
        found_in_tree(stage, ray, ask, &found);
    if (stage->proxy.is_on && ask->proxy_steps > 0 && i8_any(found.best > 0.0f)) {
        F8 far;
        I8 hit =
            hit_proxy(stage, *ray, found.inverse, found.best, ask->proxy_steps, ask->want, &far) &
            (far < found.best);
        found.best = f8_select(hit, far, found.best);
        found.id = i8_select(hit, i8(HIT_PROXY), found.id);
    }
    ret->far = found.best;
    ret->id = found.id;
}

/* The bodies in sight of pixels LEFT to RIGHT of row Y; NULL where these lie in two squares. */
static inline const Sight *sight_of(const Stage *stage, int left, int right, int y)
{
    int column = left / SIGHT_SIDE_PX;

    if (right / SIGHT_SIDE_PX != column || column >= stage->sight_columns)
        return NULL;
    return &stage->sights
                [MIN(y / SIGHT_SIDE_PX, stage->sight_rows - 1) * stage->sight_columns + column];
}

/* The next body that was hit by any of the lanes LEFT, which leave them; -1 after the last. RET_LIVE are those that hit it. */
static inline int hit_next(const Hit *hit, I8 *left, I8 *ret_live)
{
    int32_t ids[WIDE], lane = i8_first(*left);

    if (lane == WIDE)
        return -1;
    memcpy(ids, &hit->id, sizeof ids);
    *ret_live = *left & (hit->id == ids[lane]);
    *left &= ~*ret_live;
    return ids[lane];
}

/* ---- which way a surface faces ---- */

WIDE_CALL V3 solid_normal(const Solid *solid, V3 point)
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
        return solid_outward(solid, cylinder_normal(solid, p));
    case SOLID_CAPSULE:
        return solid_outward(solid, capsule_normal(solid, p));
    case SOLID_TURNED:
        return solid_outward(solid, turned_normal(solid, p));
    case SOLID_CUSHION:
    case SOLID_TORUS:
        return solid_outward(solid, soft_normal(solid, p));
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
