/* One row of one level of the lens: every point gathers the discs that lie over it. Compiled for each instruction set. */
#include "scene/lens.h"

#include "scene/engine_priv.h"
#include "scene/wide.h"

typedef struct Gather {
    V3 light;
    F8 total, cover;
} Gather;

/* Whether any of eight points needs this level, and how far its discs reach there. */
static int discs_reach(const Lens *lens, int index, F8 reached, float *ret)
{
    float scale = 1.0f / (float)(1 << index), widest = 0;
    float least = index == 0 ? 0.35f : 0.125f * LENS_REACH;
    int needed = 0;

    for (int lane = 0; lane < WIDE; lane++) {
        float radius = reached[lane] * scale;
        int is_needed = radius > least && (radius < 1.5f * LENS_REACH || index == lens->count - 1);
        needed |= is_needed;
        if (is_needed && radius > widest)
            widest = radius;
    }
    *ret = widest < LENS_REACH ? widest : LENS_REACH;
    return needed;
}

static void gather_eight(const Lens *lens, int index, size_t at)
{
    const LensLevel *level = &lens->levels[index];
    float scale = 1.0f / (float)(1 << index), reach;
    F8 blur = f8_load(level->planes[LENS_BLUR] + at);
    Gather sum = {v3_zero(), f8(1e-6f), f8(0)};

    if (!discs_reach(lens, index, f8_load(level->planes[LENS_REACHED] + at), &reach)) {
        for (int k = 0; k < 3; k++)
            f8_store(level->planes[LENS_OUT + k] + at, f8_load(level->planes[LENS_SEEN + k] + at));
        f8_store(level->planes[LENS_COVER] + at, f8(0));
        return;
    }
    I8 is_sky = blur >= LENS_BEYOND;
    F8 own = f8_select(is_sky, f8(0), f8_min(f8_abs(blur) * scale, f8(LENS_REACH)));
    int around = (int)reach + 1;
    for (int dy = -around; dy <= around; dy++) {
        for (int dx = -around; dx <= around; dx++) {
            float far = sqrtf((float)(dx * dx + dy * dy));
            if (far > reach + 1.0f)
                continue;
            size_t near = (size_t)((ptrdiff_t)at + (ptrdiff_t)dy * level->stride + dx);
            F8 other = f8_load(level->planes[LENS_BLUR] + near);
            F8 radius = f8_min(f8_abs(other) * scale, f8(LENS_REACH));
            /* What lies behind is hidden by what is here, but for the width of the disc that this is. */
            radius = f8_select(other > blur + 0.25f, f8_min(radius, own), radius);
            radius = f8_select(is_sky & (other >= LENS_BEYOND), f8(0), radius);
            F8 weight = f8_clamp(radius + (1.0f - far), 0.0f, 1.0f) /
                        (1.0f + 3.14159265f * radius * (radius + 1.0f));
            F8 covers = f8_select(other < blur - 0.75f, weight, f8(0));
            V3 light =
                v3(f8_load(level->planes[LENS_SEEN] + near),
                   f8_load(level->planes[LENS_SEEN + 1] + near),
                   f8_load(level->planes[LENS_SEEN + 2] + near));
            sum.light = v3_along(sum.light, light, weight);
            sum.total = sum.total + weight;
            sum.cover = sum.cover + covers;
        }
    }
    F8 per = 1.0f / sum.total;
    f8_store(level->planes[LENS_OUT] + at, sum.light.x * per);
    f8_store(level->planes[LENS_OUT + 1] + at, sum.light.y * per);
    f8_store(level->planes[LENS_OUT + 2] + at, sum.light.z * per);
    f8_store(level->planes[LENS_COVER] + at, f8_min(sum.cover * 1.3f, f8(1)));
}

void ENGINE_NAME(lens_blur_row)(const Lens *lens, int level, int y)
{
    for (int x = 0; x < lens->levels[level].width; x += WIDE)
        gather_eight(lens, level, lens_at(&lens->levels[level], x, y));
}
