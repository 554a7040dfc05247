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

/* The sky as the camera sees it: with the backdrop before it. */
static inline V3 sky_seen(const Stage *stage, V3 way)
{
    return sky_light(stage, way);
}

/* The sky as mirrors see it: brighter behind the camera, where a studio has its white wall. */
static inline V3 sky_shine(const Stage *stage, V3 way)
{
    F8 gain = 1.0f + (stage->sky_shine - 1.0f) * f8_smooth(-0.1f, 0.5f, way.y) *
                         f8_smooth(-0.3f, 0.2f, way.z + f8_abs(way.x) * 0.6f);
    return v3_scale(sky_light(stage, way), gain);
}
