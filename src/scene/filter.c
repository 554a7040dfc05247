/* One row of one pass of the noise filter: an edge-avoiding wavelet (Dammertz et al. 2010) over light without surface colour,
 * each kind of light held back by its own noise. Compiled for each instruction set. */
#include "scene/engine_priv.h"
#include "scene/grid.h"
#include "scene/wide.h"

typedef struct Filter {
    const Grid *grid;
    size_t at;
    int step;
    V3 normal;
    F8 depth, slope_x, slope_y, id;
    F8 direct, bounced, mirror;             /* luminance here */
    F8 per_direct, per_bounced, per_mirror; /* how much a difference counts */
    F8 per_depth, mirror_stops;
} Filter;

typedef struct Filtered {
    V3 direct, bounced, mirror, way;
    F8 unshaded, direct_variance, bounced_variance;
    F8 direct_weight, bounced_weight, mirror_weight;
} Filtered;

static inline F8 plane_at(const Grid *grid, int plane, size_t at)
{
    return f8_load(grid->planes[plane] + at);
}

static inline V3 planes_at(const Grid *grid, int plane, size_t at)
{
    return v3(
        plane_at(grid, plane, at), plane_at(grid, plane + 1, at), plane_at(grid, plane + 2, at));
}

static inline size_t beside(const Grid *grid, size_t at, int dx, int dy)
{
    return (size_t)((ptrdiff_t)at + (ptrdiff_t)dy * grid->stride + dx);
}

/* Noise is judged over the nine points around, since one point's own estimate is noisy too. */
static inline void filter_look(const Grid *grid, size_t at, int step, Filter *ret)
{
    F8 direct_noise = f8(0), bounced_noise = f8(0), bounced_mean = f8(0);
    F8 mirror_mean = f8(0), mirror_square = f8(0);

    for (int j = -1; j <= 1; j++) {
        for (int i = -1; i <= 1; i++) {
            size_t near = beside(grid, at, i, j);
            F8 mirror = v3_luminance(planes_at(grid, GRID_MIRROR, near));
            direct_noise = direct_noise + plane_at(grid, GRID_DIRECT_VARIANCE, near);
            bounced_noise = bounced_noise + plane_at(grid, GRID_BOUNCED_VARIANCE, near);
            bounced_mean = bounced_mean + v3_luminance(planes_at(grid, GRID_BOUNCED, near));
            mirror_mean = mirror_mean + mirror;
            mirror_square = mirror_square + mirror * mirror;
        }
    }
    mirror_mean = mirror_mean * (1.0f / 9);
    F8 mirror_noise = f8_max(mirror_square * (1.0f / 9) - mirror_mean * mirror_mean, f8(0));
    F8 rough = plane_at(grid, GRID_ROUGH, at);
    F8 direct = v3_luminance(planes_at(grid, GRID_DIRECT, at));
    /* Bounced light is smooth: a point unlike all around it is chance, and must not be its own judge. */
    F8 bounced = bounced_mean * (1.0f / 9);
    F8 depth = plane_at(grid, GRID_DEPTH, at);

    *ret = (Filter){
        .grid = grid,
        .at = at,
        .step = step,
        .normal = planes_at(grid, GRID_NORMAL, at),
        .depth = depth,
        .slope_x = (plane_at(grid, GRID_DEPTH, at + 1) - plane_at(grid, GRID_DEPTH, at - 1)) * 0.5f,
        .slope_y = (plane_at(grid, GRID_DEPTH, beside(grid, at, 0, 1)) -
                    plane_at(grid, GRID_DEPTH, beside(grid, at, 0, -1))) *
                   0.5f,
        .id = plane_at(grid, GRID_ID, at),
        .direct = direct,
        .bounced = bounced,
        .mirror = mirror_mean,
        .per_direct = 1.0f / (direct_noise * (9.0f / 9) + direct * direct * 2e-5f + 1e-7f),
        .per_bounced = 1.0f / (bounced_noise * (25.0f / 9) + bounced * bounced * 2e-4f + 1e-6f),
        .per_mirror = (1.0f - 0.97f * f8_smooth(0.10f, 0.28f, rough)) /
                      (mirror_noise * 2.5f +
                       mirror_mean * mirror_mean * 0.10f * (1.0f + rough * 6.0f) + 4e-4f),
        .per_depth = 1.0f / f8_max(depth * depth * (0.0004f * (float)(step * step)), f8(1e-6f)),
        /* A sharp mirror image is not smeared further than its roughness would. */
        .mirror_stops = f8_select(rough * 28.0f > (float)step, f8(0), f8(1000)),
    };
}

/* Nothing is told apart below 2^-40; the squares of smaller weights would be denormal numbers, which are slow. */
static inline F8 weight_of(F8 apart)
{
    return f8_exp2(f8_max(-apart, f8(-40)));
}

static inline void filter_add(const Filter *filter, int i, int j, Filtered *sum)
{
    static const float kernel[3] = {0.375f, 0.25f, 0.0625f};
    const Grid *grid = filter->grid;
    size_t near = beside(grid, filter->at, i * filter->step, j * filter->step);
    float share = kernel[i < 0 ? -i : i] * kernel[j < 0 ? -j : j];
    V3 turn = v3_sub(filter->normal, planes_at(grid, GRID_NORMAL, near));
    F8 step_z = plane_at(grid, GRID_DEPTH, near) - filter->depth -
                filter->slope_x * (float)(i * filter->step) -
                filter->slope_y * (float)(j * filter->step);
    F8 other = plane_at(grid, GRID_ID, near) - filter->id;
    F8 apart =
        v3_dot(turn, turn) * 6.0f + step_z * step_z * filter->per_depth + other * other * 40.0f;
    V3 direct = planes_at(grid, GRID_DIRECT, near);
    V3 bounced = planes_at(grid, GRID_BOUNCED, near);
    V3 mirror = planes_at(grid, GRID_MIRROR, near);
    F8 d = v3_luminance(direct) - filter->direct;
    F8 b = v3_luminance(bounced) - filter->bounced;
    F8 m = v3_luminance(mirror) - filter->mirror;
    F8 stops = i || j ? filter->mirror_stops : f8(0);
    F8 direct_weight = share * weight_of(apart + d * d * filter->per_direct);
    F8 bounced_weight = share * weight_of(apart + b * b * filter->per_bounced);
    F8 mirror_weight = share * weight_of(apart * 1.5f + m * m * filter->per_mirror + stops);

    sum->direct = v3_along(sum->direct, direct, direct_weight);
    sum->way = v3_along(sum->way, planes_at(grid, GRID_WAY, near), direct_weight);
    sum->unshaded =
        sum->unshaded + plane_at(grid, GRID_UNSHADED, near) * (bounced_weight + direct_weight);
    sum->bounced = v3_along(sum->bounced, bounced, bounced_weight);
    sum->mirror = v3_along(sum->mirror, mirror, mirror_weight);
    sum->direct_weight = sum->direct_weight + direct_weight;
    sum->bounced_weight = sum->bounced_weight + bounced_weight;
    sum->mirror_weight = sum->mirror_weight + mirror_weight;
    sum->direct_variance = sum->direct_variance + direct_weight * direct_weight *
                                                      plane_at(grid, GRID_DIRECT_VARIANCE, near);
    sum->bounced_variance = sum->bounced_variance + bounced_weight * bounced_weight *
                                                        plane_at(grid, GRID_BOUNCED_VARIANCE, near);
}

static inline void spare_store(const Grid *grid, int plane, size_t at, V3 value)
{
    f8_store(grid->spare[plane] + at, value.x);
    f8_store(grid->spare[plane + 1] + at, value.y);
    f8_store(grid->spare[plane + 2] + at, value.z);
}

static void filter_eight(const Grid *grid, size_t at, int step)
{
    Filter filter;
    Filtered sum;

    memset(&sum, 0, sizeof sum);
    filter_look(grid, at, step, &filter);
    for (int j = -2; j <= 2; j++)
        for (int i = -2; i <= 2; i++)
            filter_add(&filter, i, j, &sum);
    F8 per_direct = 1.0f / sum.direct_weight, per_bounced = 1.0f / sum.bounced_weight;
    spare_store(grid, GRID_DIRECT, at, v3_scale(sum.direct, per_direct));
    spare_store(grid, GRID_BOUNCED, at, v3_scale(sum.bounced, per_bounced));
    spare_store(
        grid, GRID_MIRROR, at, v3_scale(sum.mirror, 1.0f / f8_max(sum.mirror_weight, f8(1e-12f))));
    spare_store(grid, GRID_WAY, at, v3_scale(sum.way, per_direct));
    f8_store(
        grid->spare[GRID_UNSHADED] + at, sum.unshaded / (sum.direct_weight + sum.bounced_weight));
    f8_store(grid->spare[GRID_DIRECT_VARIANCE] + at, sum.direct_variance * per_direct * per_direct);
    f8_store(
        grid->spare[GRID_BOUNCED_VARIANCE] + at, sum.bounced_variance * per_bounced * per_bounced);
}

void ENGINE_NAME(filter_row)(const Grid *grid, int y, int step)
{
    for (int x = 0; x < grid->width; x += WIDE)
        filter_eight(grid, grid_at(grid, x, y), step);
}
