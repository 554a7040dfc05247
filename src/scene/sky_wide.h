/* sky_wide.h - light from all around, beyond every body. */
#pragma once

#include "scene/stage.h"
#include "scene/wide.h"

static inline V3 sky_light(const Stage *stage, V3 way)
{
    V3 horizon = v3_of(stage->sky_horizon);
    V3 above = v3_mix(horizon, v3_of(stage->sky_top), f8_power(f8_max(way.y, f8(0)), 0.55f));
    V3 below = v3_mix(horizon, v3_of(stage->sky_bottom), f8_clamp(way.y * -4.0f, 0.0f, 1.0f));

    return v3_select(way.y > 0.0f, above, below);
}

/* How much of what lies that WAY the backdrop hides: all before the camera, nothing behind it. */
WIDE_FN F8 backdrop_hides(const Stage *stage, V3 way)
{
    return stage->backdrop.texels ? f8_smooth(0.02f, 0.15f, -way.z) : f8(0);
}

/* The backdrop that WAY: it lies at infinity, so only the direction counts. Its border goes on for ever. */
static __attribute__((noinline)) V3 backdrop_light(const Stage *stage, V3 way)
{
    const Backdrop *backdrop = &stage->backdrop;
    const Camera *camera = &stage->camera;
    F8 per = camera->focal / f8_max(-way.z, f8(1e-3f));
    F8 column = (way.x * per + camera->shift_x - backdrop->left) * backdrop->per_screen - 0.5f;
    F8 row = (backdrop->top - way.y * per - camera->shift_y) * backdrop->per_screen - 0.5f;
    F8 x = f8_clamp(column, 0.0f, (float)backdrop->width - 1.01f);
    F8 y = f8_clamp(row, 0.0f, (float)backdrop->height - 1.01f);
    F8 left = f8_floor(x), top = f8_floor(y);
    F8 fx = x - left, fy = y - top, c[3];
    I8 at = (i8_of_float(top) * backdrop->width + i8_of_float(left)) * 3;
    I8 below = at + backdrop->width * 3;

    for (int k = 0; k < 3; k++) {
        const float *texels = backdrop->texels + k;
        c[k] = f8_mix(
            f8_mix(f8_gather(texels, at), f8_gather(texels, at + 3), fx),
            f8_mix(f8_gather(texels, below), f8_gather(texels, below + 3), fx), fy);
    }
    return v3(c[0], c[1], c[2]);
}

/* The sky as the camera sees it: behind the backdrop. */
static inline V3 sky_seen(const Stage *stage, V3 way)
{
    V3 light = sky_light(stage, way);
    F8 hides = backdrop_hides(stage, way);

    return i8_any(hides > 0.0f) ? v3_mix(light, backdrop_light(stage, way), hides) : light;
}

/* The sky as mirrors see it: brighter behind the camera, where a studio has its white wall. */
static inline V3 sky_shine(const Stage *stage, V3 way)
{
    F8 gain = 1.0f + (stage->sky_shine - 1.0f) * f8_smooth(-0.1f, 0.5f, way.y) *
                         f8_smooth(-0.3f, 0.2f, way.z + f8_abs(way.x) * 0.6f);
    V3 light = v3_scale(sky_light(stage, way), gain);
    F8 hides = backdrop_hides(stage, way);

    return i8_any(hides > 0.0f) ? v3_mix(light, backdrop_light(stage, way), hides) : light;
}
