/* light_wide.h - the light that reaches eight points: from the sky, from lamps, and by way of other surfaces. */
#pragma once

#include "scene/sky_wide.h"
#include "scene/surface_wide.h"

#define LIGHT_PI 3.14159265f
#define LIGHT_LIFT 2e-3f /* how far new rays start above a surface */

WIDE_CALL void
surface_find(const Stage *stage, const Ray *ray, const Hit *hit, SurfaceDetail detail, Surface *ret)
{
    surface_face(stage, ray, hit, ret);
    surface_paint(stage, hit, detail, ret);
}

/* How much of LAMP's light passes its gobo on the way from FROM (on the lamp) along -TOWARDS. */
static inline F8 gobo_passes(const Lamp *lamp, V3 from, V3 towards, F8 cosine, F8 far)
{
    const Gobo *gobo = &lamp->gobo;
    F8 at = gobo->distance / f8_max(cosine, f8(1e-3f));
    V3 g = v3_sub(v3_along(from, towards, -at), v3_of(lamp->place));
    float per_x = 1.0f / (lamp->half_width * gobo->scale);
    float per_y = 1.0f / (lamp->half_height * gobo->scale);
    F8 x = v3_dot(g, v3_scale(v3_of(lamp->across), f8(per_x)));
    F8 y = v3_dot(g, v3_scale(v3_of(lamp->up), f8(per_y)));
    F8 column = ((x * gobo->cos_turn - y * gobo->sin_turn) * 0.5f + 0.5f) * GOBO_SIDE;
    F8 row = (0.5f - (x * gobo->sin_turn + y * gobo->cos_turn) * 0.5f) * GOBO_SIDE;
    I8 inside =
        (column >= 0.0f) & (row >= 0.0f) & (column < (float)GOBO_SIDE) & (row < (float)GOBO_SIDE);
    /* A lane whose way runs along the mask has no place on it, not even a number. */
    I8 cell = i8_of_float(f8_select(inside, row, f8(0))) * GOBO_SIDE +
              i8_of_float(f8_select(inside, column, f8(0)));
    F8 passes = f8_select(inside, f8_gather(gobo->mask, cell), f8(gobo->outside));

    return f8_select(far > at, passes, f8(0));
}

typedef struct LampLight {
    F8 amount;   /* times the lamp's radiance is irradiance */
    F8 unshaded; /* the same without the product in the way */
    V3 towards;  /* the lamp, unit length */
} LampLight;

/* A place on each lane's lamp. */
typedef struct LampSpot {
    V3 from, facing;
    F8 area;
} LampSpot;

WIDE_FN LampSpot lamp_spot(const Lamp *lamp, F8 u, F8 v)
{
    V3 beside = v3_along(v3_of(lamp->place), v3_of(lamp->across), u * 2.0f - 1.0f);
    return (LampSpot){
        v3_along(beside, v3_of(lamp->up), v * 2.0f - 1.0f), v3_of(lamp->facing), f8(lamp->area)};
}

/* The way to a lamp as if nothing stood in it. */
typedef struct LampReach {
    V3 towards; /* of unit length */
    F8 far, leaving, amount;
} LampReach;

WIDE_FN LampReach lamp_reach(const LampSpot *spot, V3 point, V3 normal, I8 live)
{
    V3 gap = v3_sub(spot->from, point);
    F8 square = v3_dot(gap, gap), far = f8_sqrt(square);
    V3 towards = v3_scale(gap, 1.0f / far);
    F8 leaving = -v3_dot(towards, spot->facing), landing = v3_dot(towards, normal);

    return (LampReach){
        towards, far, leaving,
        f8_select(
            live & (leaving > 0.0f) & (landing > 0.0f), leaving * landing * spot->area / square,
            f8(0))};
}

/* What of REACH's light arrives past bodies and product. */
WIDE_CALL void lamp_shade(
    const Stage *stage, const V3 *point, const V3 *normal, const LampReach *reach, int proxy_steps,
    LampLight *ret)
{
    F8 amount = reach->amount;
    Ray ray = {v3_along(*point, *normal, f8(LIGHT_LIFT)), reach->towards};
    HitAsk ask = {HIT_ANY, amount > 1e-7f, reach->far - 4e-3f, 0};
    Hit hit;

    ret->towards = reach->towards;
    if (i8_any(ask.live)) {
        hit_find(stage, &ray, &ask, &hit);
        amount = f8_select(ask.live & (hit.id < 0), amount, f8(0));
    }
    ret->unshaded = ret->amount = amount;
    if (stage->proxy.is_on && proxy_steps > 0 && i8_any(amount > 0.0f)) {
        F8 at;
        V3 inverse = v3(f8_inverse(ray.way.x), f8_inverse(ray.way.y), f8_inverse(ray.way.z));
        F8 most = f8_select(amount > 0.0f, ask.most, f8(-1));
        I8 blocked = hit_proxy(stage, ray, inverse, most, proxy_steps, HIT_ANY, &at) & (at < most);
        ret->amount = f8_select(blocked, f8(0), amount);
    }
}

/* Light of one place (U, V) on LAMP at POINT facing NORMAL. */
WIDE_CALL void lamp_light(
    const Stage *stage, const Lamp *lamp, const V3 *point, const V3 *normal, I8 live, F8 u, F8 v,
    int proxy_steps, LampLight *ret)
{
    LampSpot spot = lamp_spot(lamp, u, v);
    LampReach reach = lamp_reach(&spot, *point, *normal, live);

    if (lamp->gobo.mask && i8_any(reach.amount > 0.0f))
        reach.amount =
            reach.amount * gobo_passes(lamp, spot.from, reach.towards, reach.leaving, reach.far);
    lamp_shade(stage, point, normal, &reach, proxy_steps, ret);
}

/* Lamps that a mirror sees straight on, up to MOST away. */
static inline V3 lamps_seen(const Stage *stage, const Ray *ray, F8 most, I8 live)
{
    V3 sum = v3_zero();

    for (int l = 0; l < stage->lamp_count; l++) {
        const Lamp *lamp = &stage->lamps[l];
        if (!lamp->is_seen)
            continue;
        V3 facing = v3_of(lamp->facing);
        F8 against = v3_dot(ray->way, facing);
        F8 at = v3_dot(v3_sub(v3_of(lamp->place), ray->origin), facing) /
                f8_select(f8_abs(against) < 1e-6f, f8(1e-6f), against);
        V3 q = v3_sub(v3_along(ray->origin, ray->way, at), v3_of(lamp->place));
        F8 x = v3_dot(q, v3_of(lamp->across)) * (1.0f / (lamp->half_width * lamp->half_width));
        F8 y = v3_dot(q, v3_of(lamp->up)) * (1.0f / (lamp->half_height * lamp->half_height));
        F8 rim = f8_max(f8_abs(x), f8_abs(y));
        I8 seen = live & (against < 0.0f) & (at > 1e-3f) & (at < most) & (rim < 1.0f);
        /* A softbox is brightest in its middle; a mask lets through about a third. */
        F8 gain = (1.0f - 0.25f * rim * rim) * (lamp->gobo.mask ? 0.35f : 1.0f);
        sum = v3_select(seen, v3_along(sum, v3_of(lamp->radiance), gain), sum);
    }
    return sum;
}

typedef struct PathAsk {
    U8 pixel;
    int index;        /* which of the pixel's paths */
    uint32_t purpose; /* of its dice */
    int bounces;
    bool leaves_product; /* the path starts on the product, which cannot be met at once again */
    bool is_mirror;      /* the first hit is seen: with grain, lamps and the product's own look */
    F8 lamp_share;       /* a mirror counts lamps this much, the rest was counted at the surface */
    I8 *met_product;     /* which lanes met the product first; NULL does not care */
} PathAsk;

/* Member AT (an offset in floats) of each lane's lamp, and the two after it. */
WIDE_FN V3 lamps_gather(const Stage *stage, I8 lamp, size_t at)
{
    const float *floats = (const float *)(const void *)stage->lamps;
    I8 index = lamp * (int)(sizeof(Lamp) / sizeof(float)) + (int)at;

    return v3(f8_gather(floats, index), f8_gather(floats, index + 1), f8_gather(floats, index + 2));
}

#define LAMPS_GATHER(stage, lamp, member) \
    lamps_gather((stage), (lamp), offsetof(Lamp, member) / sizeof(float))

/* Each lane asks one lamp, drawn by its chance, on SURFACE; times colour / pi of what reflects it. All lanes go at once, so many
 * lamps cost no more than one. */
static inline V3
lamp_drawn(const Stage *stage, const Surface *surface, I8 live, F8 dice, F8 u, F8 v)
{
    I8 drawn = i8(0);
    float from = 0;

    for (int l = 0; l < stage->lamp_count; l++) {
        drawn = i8_select(dice >= from, i8(l), drawn);
        from += stage->lamps[l].chance;
    }
    V3 beside = v3_along(
        LAMPS_GATHER(stage, drawn, place), LAMPS_GATHER(stage, drawn, across), u * 2.0f - 1.0f);
    V3 rest = LAMPS_GATHER(stage, drawn, area);
    LampSpot spot = {
        v3_along(beside, LAMPS_GATHER(stage, drawn, up), v * 2.0f - 1.0f),
        LAMPS_GATHER(stage, drawn, facing), rest.x};
    LampReach reach = lamp_reach(&spot, surface->point, surface->normal, live & (rest.y > 0.0f));
    for (int l = 0; l < stage->lamp_count; l++) {
        const Lamp *lamp = &stage->lamps[l];
        I8 masked = (drawn == l) & (reach.amount > 0.0f);
        if (lamp->gobo.mask && i8_any(masked)) {
            F8 passes = gobo_passes(lamp, spot.from, reach.towards, reach.leaving, reach.far);
            reach.amount = f8_select(masked, reach.amount * passes, reach.amount);
        }
    }
    LampLight light;
    lamp_shade(stage, &surface->point, &surface->normal, &reach, PROXY_STEPS_COARSE, &light);
    F8 share = light.amount / f8_max(rest.y * LIGHT_PI, f8(1e-9f));
    return v3_scale(LAMPS_GATHER(stage, drawn, radiance), share);
}

/* The light that comes along RAY from beyond, after up to ASK->bounces surfaces. */
WIDE_CALL void
path_light(const Stage *stage, const Ray *first, I8 live, const PathAsk *ask, V3 *ret)
{
    V3 share = v3_same(1, 1, 1), sum = v3_zero();
    Ray ray = *first;

    for (int bounce = 0; bounce < ask->bounces; bounce++) {
        bool is_seen = ask->is_mirror && bounce == 0;
        HitAsk hit_ask = {
            HIT_NEAREST, live, f8(HIT_FAR), is_seen ? PROXY_STEPS : PROXY_STEPS_COARSE};
        if (bounce == 0 && ask->leaves_product)
            hit_ask.proxy_steps = 0;
        Hit hit;
        hit_find(stage, &ray, &hit_ask, &hit);
        I8 missed = live & (hit.id < 0);
        if (i8_any(missed)) {
            V3 sky = is_seen ? sky_shine(stage, ray.way) : sky_light(stage, ray.way);
            sum = v3_add(sum, v3_where(missed, v3_mul(share, sky)));
        }
        if (is_seen) {
            F8 most = f8_select(hit.id >= 0, hit.far, f8(HIT_FAR));
            sum = v3_along(sum, lamps_seen(stage, &ray, most, live), ask->lamp_share);
        }
        live = live & (hit.id >= 0);
        if (bounce == 0 && ask->met_product)
            *ask->met_product = live & (hit.id == HIT_PROXY);
        if (!i8_any(live))
            break;

        Surface surface;
        surface_find(stage, &ray, &hit, is_seen ? SURFACE_SKIN : SURFACE_FLAT, &surface);
        if (is_seen && i8_any(live & surface.is_product)) {
            I8 product = live & surface.is_product;
            sum = v3_add(sum, v3_where(product, v3_mul(share, surface.colour)));
            live = live & ~product;
        } else if (bounce == 0) {
            live = live & ~(surface.is_product & (hit.far < 0.05f)); /* inside the contact */
        }
        if (!i8_any(live))
            break;
        /* Seen in a mirror it is as bright as it is; as light on its way it must not make sparks. */
        V3 glow = v3_min(surface.glow, is_seen ? 14.0f : 2.5f);
        sum = v3_add(sum, v3_where(live, v3_mul(share, glow)));
        F8 kept = f8_select(surface.metal > 0.5f, f8(0.75f), f8(1));
        share = v3_mul(share, v3_scale(surface.colour, kept));

        F8 u, v, lamp_u, lamp_v;
        Points turn = points_of(ask->pixel, ask->purpose + (uint32_t)bounce * 2);
        Points lamp = points_of(ask->pixel, ask->purpose + (uint32_t)bounce * 2 + 1);
        points_at(&turn, ask->index, &u, &v);
        points_at(&lamp, ask->index, &lamp_u, &lamp_v);
        if (stage->lamp_count > 0) {
            F8 dice = f8_fraction(lamp_v * 7.31f + u * 3.77f);
            V3 lit = lamp_drawn(stage, &surface, live, dice, lamp_u, lamp_v);
            sum = v3_add(sum, v3_mul(share, lit));
        }
        if (bounce == ask->bounces - 1) {
            sum = v3_add(sum, v3_where(live, v3_mul(share, v3_of(stage->ambient))));
            break;
        }
        ray.origin = v3_along(surface.point, surface.normal, f8(LIGHT_LIFT));
        ray.way = wide_cosine_way(surface.normal, u, v);
    }
    *ret = sum;
}
