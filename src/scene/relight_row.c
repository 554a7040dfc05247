/* One row of the light that falls on the product: from lamps, with and without their masks, and by way of the set. Compiled for
 * each instruction set. */
#include "scene/engine_priv.h"
#include "scene/light_wide.h"
#include "scene/relight.h"

enum {
    LAMP_RAYS = 16,
    PATHS = 12,
};

typedef struct Spots {
    V3 point, normal;
    I8 live;
    U8 dice;
} Spots;

static inline V3 load3(const Relight *relight, int plane, size_t at)
{
    return v3(
        f8_load(relight->planes[plane] + at), f8_load(relight->planes[plane + 1] + at),
        f8_load(relight->planes[plane + 2] + at));
}

/* RET_OPEN is the lamp's light as if it had no mask, RET_MASKED what passes the mask; both before its colour. */
static void
spots_lamp(const Stage *stage, int index, const Spots *spots, F8 *ret_open, F8 *ret_masked)
{
    Lamp open = stage->lamps[index];
    const Lamp *lamp = &stage->lamps[index];
    Points dice = points_of(spots->dice, 10 + (uint32_t)index);
    F8 sum = f8(0), masked = f8(0);

    open.gobo.mask = NULL;
    for (int ray = 0; ray < LAMP_RAYS; ray++) {
        F8 u, v;
        LampLight light;
        points_at(&dice, ray, &u, &v);
        lamp_light(stage, &open, &spots->point, &spots->normal, spots->live, u, v, 0, &light);
        sum = sum + light.amount;
        if (!lamp->gobo.mask)
            continue;
        V3 from = v3_along(
            v3_along(v3_of(lamp->place), v3_of(lamp->across), u * 2.0f - 1.0f), v3_of(lamp->up),
            v * 2.0f - 1.0f);
        F8 leaving = -v3_dot(light.towards, v3_of(lamp->facing));
        V3 gap = v3_sub(from, spots->point);
        masked =
            masked + light.amount *
                         gobo_passes(lamp, from, light.towards, leaving, f8_sqrt(v3_dot(gap, gap)));
    }
    float share = 1.0f / ((float)LAMP_RAYS * LIGHT_PI);
    *ret_open = sum * share;
    *ret_masked = (lamp->gobo.mask ? masked : sum) * share;
}

static V3 spots_bounced(const Stage *stage, const Spots *spots)
{
    Points dice = points_of(spots->dice, 100);
    Ray ray = {v3_along(spots->point, spots->normal, f8(LIGHT_LIFT)), v3_zero()};
    V3 sum = v3_zero();

    for (int path = 0; path < PATHS; path++) {
        F8 u, v;
        V3 light;
        PathAsk ask = {
            .pixel = spots->dice,
            .index = path,
            .purpose = 110,
            .bounces = stage->bounces,
            .leaves_product = true,
        };
        points_at(&dice, path, &u, &v);
        ray.way = wide_cosine_way(spots->normal, u, v);
        path_light(stage, &ray, spots->live, &ask, &light);
        sum = v3_add(sum, v3_where(spots->live, light));
    }
    return v3_scale(sum, f8(1.0f / PATHS));
}

static void relight_eight(const Stage *stage, Relight *relight, int x, int y)
{
    size_t at = (size_t)(y * relight->stride + x);
    Spots spots = {
        .point = load3(relight, RELIGHT_POINT, at),
        .normal = load3(relight, RELIGHT_NORMAL, at),
        .live = f8_load(relight->planes[RELIGHT_COVER] + at) > 0.5f,
        .dice = u8_hash(
            (U8)i8_of_float(f8_lanes() + (float)x) * 0x9E3779B1u + (uint32_t)y * 0x85EBCA6Bu +
            stage->seed),
    };

    if (!i8_any(spots.live))
        return;
    V3 open = spots_bounced(stage, &spots), masked = open;
    for (int l = 0; l < stage->lamp_count; l++) {
        F8 open_share, masked_share;
        spots_lamp(stage, l, &spots, &open_share, &masked_share);
        open = v3_along(open, v3_of(stage->lamps[l].radiance), open_share);
        masked = v3_along(masked, v3_of(stage->lamps[l].radiance), masked_share);
    }
    f8_store(relight->planes[RELIGHT_LIGHT] + at, open.x);
    f8_store(relight->planes[RELIGHT_LIGHT + 1] + at, open.y);
    f8_store(relight->planes[RELIGHT_LIGHT + 2] + at, open.z);
    f8_store(relight->planes[RELIGHT_MASKED] + at, v3_luminance(masked));
}

void ENGINE_NAME(relight_row)(const Stage *stage, Relight *relight, int y)
{
    for (int x = 0; x < relight->width; x += WIDE)
        relight_eight(stage, relight, x, y);
}
