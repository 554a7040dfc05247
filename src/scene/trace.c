/* One row of the grid of light: what the camera sees through each point, and what light falls there. Compiled for each
 * instruction set. */
#include "scene/engine_priv.h"
#include "scene/grid.h"
#include "scene/light_wide.h"

/* What a row's eight points gather. */
typedef struct Gathered {
    V3 direct, bounced, mirror, way;
    F8 unshaded, direct_variance, bounced_variance;
} Gathered;

typedef struct Point {
    Ray ray;
    Surface surface;
    I8 live;
    U8 pixel;
    F8 facing; /* cosine between surface and eye */
    V3 glint;  /* colour of a mirror image straight on */
    F8 buried; /* light left where the product stands on it */
    F8 soaked; /* share of light that polish does not throw back */
} Point;

/* GGX reflection of light from TOWARDS, times nothing but its cosine-free lobe. */
static inline V3 lobe_light(const Point *point, V3 towards)
{
    const Surface *surface = &point->surface;
    V3 half = v3_unit(v3_sub(towards, point->ray.way));
    F8 nh = f8_clamp(v3_dot(surface->normal, half), 0.0f, 1.0f);
    F8 nl = f8_clamp(v3_dot(surface->normal, towards), 1e-3f, 1.0f);
    F8 lh = f8_clamp(v3_dot(towards, half), 0.0f, 1.0f);
    F8 alpha = surface->rough * surface->rough, a2 = alpha * alpha;
    F8 d = nh * nh * (a2 - 1.0f) + 1.0f;
    F8 nv = point->facing;
    F8 visible = 0.5f / (nl * f8_sqrt(nv * nv * (1.0f - a2) + a2) +
                         nv * f8_sqrt(nl * nl * (1.0f - a2) + a2));
    F8 lobe = f8_min(a2 / (LIGHT_PI * d * d) * visible, f8(30));
    F8 grazing = f8_power5(1.0f - lh);
    V3 base = v3_mix(
        v3(surface->specular, surface->specular, surface->specular), surface->colour,
        surface->metal);

    return v3_scale(v3_mix(base, v3_same(1, 1, 1), grazing), lobe);
}

/* How the rays of a point are shared out among its lamps. */
typedef struct LampShare {
    F8 all;                      /* light of all lamps, were nothing in the way: luminance */
    float each[STAGE_LAMPS_MAX]; /* of that, on eight points together: 0..1 */
} LampShare;

enum {
    PROBES = 4, /* rays after which a lamp that is seen the same by all eight points is believed */
    PROBES_LEAST = 2 /* of a lamp that counts little */
};

static void lamps_share(const Stage *stage, const Point *point, LampShare *ret)
{
    float sums[STAGE_LAMPS_MAX], total = 0;

    ret->all = f8(0);
    for (int l = 0; l < stage->lamp_count; l++) {
        const Lamp *lamp = &stage->lamps[l];
        LampSpot spot = lamp_spot(lamp, f8(0.5f), f8(0.5f));
        LampReach reach =
            lamp_reach(&spot, point->surface.point, point->surface.normal, point->live);
        F8 light = reach.amount * (lamp->bright * (lamp->gobo.mask ? 0.6f : 1.0f));
        ret->all = ret->all + light;
        sums[l] = f8_sum(light);
        total += sums[l];
    }
    for (int l = 0; l < stage->lamp_count; l++)
        ret->each[l] = total > 0 ? sums[l] / total : 1.0f / (float)stage->lamp_count;
}

/* One lamp on a point. All lamps together get about as many rays as two would, by how much they count; each gets some, so no light
 * is lost. Rays beyond the first few only go where its shadow has an edge that would be seen. */
static void gather_lamp(
    const Stage *stage, int index, const Point *point, const LampShare *lamps, F8 lobe_share,
    Gathered *sum)
{
    const Lamp *lamp = &stage->lamps[index];
    const Surface *surface = &point->surface;
    Points dice = points_of(point->pixel, 10 + (uint32_t)index * 2);
    F8 amount = f8(0), squares = f8(0), unshaded = f8(0), least = f8(HIT_FAR), most = f8(0);
    V3 way = v3_zero(), lobe = v3_zero();
    bool has_lobe = i8_any(lobe_share > 0.0f);
    float counts = lamps->each[index];
    int probes = CLAMP((int)(2 * PROBES * counts + 0.5f), PROBES_LEAST, PROBES);
    int enough =
        CLAMP((int)(2 * (float)stage->shadow_rays * counts + 0.5f), probes, stage->shadow_rays);
    F8 unseen = lamps->all * (0.02f / f8_max(f8(lamp->bright), f8(1e-9f)));
    int rays = 0;

    while (rays < enough) {
        F8 u, v;
        LampLight light;
        points_at(&dice, rays, &u, &v);
        lamp_light(
            stage, lamp, &surface->point, &surface->normal, point->live, u, v, PROXY_STEPS, &light);
        amount = amount + light.amount;
        squares = squares + light.amount * light.amount;
        unshaded = unshaded + light.unshaded;
        least = f8_min(least, light.amount);
        most = f8_max(most, light.amount);
        way = v3_along(way, light.towards, light.amount);
        if (has_lobe)
            lobe = v3_along(lobe, lobe_light(point, light.towards), light.amount);
        if (++rays == probes && i8_all((most - least <= 0.4f * most + unseen) | ~point->live))
            break;
    }
    float share = 1.0f / (float)rays;
    float bright = lamp->bright;
    F8 mean = amount * share;
    V3 radiance = v3_of(lamp->radiance);
    F8 spread = f8_max(squares * share - mean * mean, f8(0)) * share;
    sum->direct = v3_along(sum->direct, radiance, mean * (1.0f / LIGHT_PI));
    sum->unshaded = sum->unshaded + unshaded * (share * bright / LIGHT_PI);
    sum->way = v3_along(sum->way, way, f8(share * bright / LIGHT_PI));
    sum->direct_variance =
        sum->direct_variance + spread * (bright * bright / (LIGHT_PI * LIGHT_PI));
    sum->mirror = v3_add(sum->mirror, v3_scale(v3_mul(lobe, radiance), lobe_share * share));
}

static void gather_bounced(const Stage *stage, const Point *point, Gathered *sum)
{
    const Surface *surface = &point->surface;
    Points dice = points_of(point->pixel, 200);
    V3 bounced = v3_zero();
    F8 squares = f8(0), total = f8(0), met = f8(0);
    Ray ray = {v3_along(surface->point, surface->normal, f8(LIGHT_LIFT)), v3_zero()};

    for (int path = 0; path < stage->paths; path++) {
        F8 u, v;
        V3 light;
        I8 met_product = i8(0);
        points_at(&dice, path, &u, &v);
        ray.way = wide_cosine_way(surface->normal, u, v);
        PathAsk ask = {
            .pixel = point->pixel,
            .index = path,
            .purpose = 210,
            .bounces = stage->bounces,
            .met_product = &met_product,
        };
        path_light(stage, &ray, point->live, &ask, &light);
        light = v3_where(point->live, light);
        bounced = v3_add(bounced, light);
        F8 bright = v3_luminance(light);
        total = total + bright;
        squares = squares + bright * bright;
        met = met + f8_select(met_product, f8(1), f8(0));
    }
    float share = 1.0f / (float)stage->paths;
    F8 mean = total * share;
    sum->bounced = v3_scale(bounced, f8(share));
    sum->bounced_variance = f8_max(squares * share - mean * mean, f8(0)) * share;
    sum->unshaded = sum->unshaded + mean / f8_max(1.0f - met * share, f8(0.25f));
}

/* Rays off the surface, spread as its roughness says (GGX). */
static void gather_mirror(const Stage *stage, const Point *point, F8 lobe_share, Gathered *sum)
{
    const Surface *surface = &point->surface;
    F8 strongest = f8_max(point->glint.x, f8_max(point->glint.y, point->glint.z));
    I8 live =
        point->live & (strongest > 0.012f) & ((surface->rough < 0.7f) | (surface->metal > 0.5f));
    F8 fade = 1.0f - f8_smooth(0.45f, 0.75f, surface->rough) * (1.0f - surface->metal);
    Points dice = points_of(point->pixel, 300);
    F8 alpha = surface->rough * surface->rough;
    V3 across, up, mirror = v3_zero();

    if (!i8_any(live))
        return;
    wide_axes(surface->normal, &across, &up);
    for (int glint = 0; glint < stage->glints; glint++) {
        F8 u, v;
        V3 light;
        points_at(&dice, glint, &u, &v);
        u = u * 0.97f; /* the far tail is fireflies only */
        F8 cosine = f8_sqrt((1.0f - u) / f8_max(1.0f + (alpha * alpha - 1.0f) * u, f8(1e-6f)));
        F8 sine = f8_sqrt(f8_max(1.0f - cosine * cosine, f8(0)));
        V3 half = v3_along(
            v3_along(v3_scale(across, sine * f8_cos_turns(v)), up, sine * f8_sin_turns(v)),
            surface->normal, cosine);
        V3 way = v3_unit(v3_along(point->ray.way, half, -2.0f * v3_dot(point->ray.way, half)));
        F8 leaving = v3_dot(way, surface->normal);
        V3 raised = v3_unit(v3_along(way, surface->normal, 0.02f - leaving));
        Ray ray = {
            v3_along(surface->point, surface->normal, f8(LIGHT_LIFT)),
            v3_select(leaving < 0.01f, raised, way)};
        PathAsk ask = {
            .pixel = point->pixel,
            .index = glint,
            .purpose = 310,
            .bounces = 2,
            .is_mirror = true,
            .lamp_share = 1.0f - lobe_share,
        };
        path_light(stage, &ray, live, &ask, &light);
        mirror = v3_add(mirror, v3_where(live, v3_min(light, 14.0f)));
    }
    sum->mirror = v3_add(
        sum->mirror, v3_scale(v3_mul(mirror, point->glint), fade * (1.0f / (float)stage->glints)));
}

/* Ground that lies inside the product is dark, or light would leak under its base. */
static inline F8 buried_light(const Stage *stage, V3 p)
{
    const Proxy *proxy = &stage->proxy;

    if (!proxy->is_on)
        return f8(1);
    I8 near = (p.y < proxy->ground + 0.02f) & (p.x > proxy->low[0]) & (p.x < proxy->high[0]) &
              (p.z > proxy->low[2]) & (p.z < proxy->high[2]);
    if (!i8_any(near))
        return f8(1);
    F8 clear = proxy_clearance(stage, v3(p.x, p.y + 0.002f, p.z), PROXY_FINE);
    return f8_select(near, 0.45f + 0.55f * f8_smooth(-0.02f, 0.004f, clear), f8(1));
}

static void store3(const Grid *grid, int plane, size_t at, V3 value)
{
    f8_store(grid->planes[plane] + at, value.x);
    f8_store(grid->planes[plane + 1] + at, value.y);
    f8_store(grid->planes[plane + 2] + at, value.z);
}

static void
store_point(const Grid *grid, size_t at, const Point *point, const Hit *hit, const Gathered *sum)
{
    store3(grid, GRID_DIRECT, at, v3_scale(sum->direct, point->buried * point->soaked));
    store3(grid, GRID_BOUNCED, at, v3_scale(sum->bounced, point->buried * point->soaked));
    store3(grid, GRID_MIRROR, at, v3_scale(sum->mirror, point->buried));
    store3(grid, GRID_WAY, at, sum->way);
    f8_store(grid->planes[GRID_UNSHADED] + at, sum->unshaded * point->soaked);
    f8_store(grid->planes[GRID_DIRECT_VARIANCE] + at, sum->direct_variance);
    f8_store(grid->planes[GRID_BOUNCED_VARIANCE] + at, sum->bounced_variance);
    store3(grid, GRID_NORMAL, at, v3_where(point->live, point->surface.normal));
    f8_store(grid->planes[GRID_DEPTH] + at, f8_select(point->live, hit->far, f8(60)));
    f8_store(grid->planes[GRID_ID] + at, f8_of_int(hit->id));
    f8_store(grid->planes[GRID_ROUGH] + at, f8_select(point->live, point->surface.rough, f8(1)));
}

static void trace_eight(const Stage *stage, Grid *grid, int x, int y)
{
    const Camera *camera = &stage->camera;
    float middle = 0.5f * (float)stage->step;
    F8 column = f8_lanes() + (float)x;
    F8 sx = (column * (float)stage->step + middle) * camera->pixel + camera->left;
    float sy = camera->top - ((float)(y * stage->step) + middle) * camera->pixel;
    Point point = {
        .ray =
            {v3_of(camera->eye),
             v3_unit(v3(sx - camera->shift_x, f8(sy - camera->shift_y), f8(-camera->focal)))},
        .pixel = u8_hash(
            (U8)i8_of_float(column) * 0x9E3779B1u + (uint32_t)y * 0x85EBCA6Bu + stage->seed),
    };
    HitAsk ask = {
        HIT_NEAREST, i8(-1), f8(HIT_FAR), 0,
        sight_of(stage, x * stage->step, (x + WIDE) * stage->step - 1, y * stage->step)};
    Hit hit;
    Gathered sum;

    memset(&sum, 0, sizeof sum);
    hit_find(stage, &point.ray, &ask, &hit);
    point.live = hit.id >= 0;
    surface_find(stage, &point.ray, &hit, SURFACE_SKIN, &point.surface);
    const Surface *surface = &point.surface;
    if (i8_any(point.live)) {
        point.facing = f8_clamp(-v3_dot(point.ray.way, surface->normal), 0.02f, 1.0f);
        F8 grazing = f8_power5(1.0f - point.facing) * (1.0f - surface->rough * 0.85f);
        V3 base = v3_mix(
            v3(surface->specular, surface->specular, surface->specular), surface->colour,
            surface->metal);
        point.glint = v3_mix(base, v3_same(1, 1, 1), grazing);
        point.buried = buried_light(stage, surface->point);
        point.soaked = 1.0f - v3_luminance(point.glint) * (1.0f - surface->metal) *
                                  (1.0f - f8_smooth(0.2f, 0.45f, surface->rough));
        /* Rough lobes are lit by the lamps' own rays, sharp ones by reflected rays. */
        F8 lobe_share = f8_select(
            (surface->rough < 0.8f) | (surface->metal > 0.5f),
            f8_smooth(0.16f, 0.30f, surface->rough), f8(0));
        LampShare lamps;
        lamps_share(stage, &point, &lamps);
        for (int lamp = 0; lamp < stage->lamp_count; lamp++)
            gather_lamp(stage, lamp, &point, &lamps, lobe_share, &sum);
        gather_bounced(stage, &point, &sum);
        gather_mirror(stage, &point, lobe_share, &sum);
    }
    store_point(grid, grid_at(grid, x, y), &point, &hit, &sum);
}

void ENGINE_NAME(trace_row)(const Stage *stage, Grid *grid, int y)
{
    for (int x = 0; x < grid->width; x += WIDE)
        trace_eight(stage, grid, x, y);
}
