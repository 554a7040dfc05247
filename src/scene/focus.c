/* Blur by depth: its levels, how far discs reach, and the way back to one picture. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "scene/lens.h"

static const double most_share = 0.05; /* widest disc, of the grid's longer side */

MUST Err *lens_new(const Stage *stage, Lens *ret)
{
    AUTO(lens_done) Lens lens = {0};
    int width = stage->grid_width, height = stage->grid_height;

    lens.most = (float)fmin(most_share * MAX(width, height), LENS_REACH << (LENS_LEVELS - 1));
    do {
        LensLevel *level = &lens.levels[lens.count];
        level->width = width;
        level->height = height;
        level->stride = (width + 7) / 8 * 8 + 2 * LENS_PAD;
        size_t count = (size_t)level->stride * (size_t)(height + 2 * LENS_PAD);
        for (int p = 0; p < LENS_PLANES; p++) {
            level->planes[p] = calloc(count, sizeof(float));
            if (!level->planes[p]) {
                lens.count++;
                return err_new(ERR_MEMORY_SPENT, "no memory for a lens of %d x %d", width, height);
            }
        }
        width = (width + 1) / 2;
        height = (height + 1) / 2;
    } while (++lens.count < LENS_LEVELS && (float)(LENS_REACH << (lens.count - 1)) < lens.most);
    *ret = lens;
    memset(&lens, 0, sizeof lens);
    return NULL;
}

void lens_done(Lens *lens)
{
    for (int l = 0; l < lens->count; l++)
        for (int p = 0; p < LENS_PLANES; p++)
            free(lens->levels[l].planes[p]);
    memset(lens, 0, sizeof *lens);
}

/* ---- how far discs reach ---- */

enum {
    TILE = 8
};

typedef struct Tiles {
    int width, height;
    float *near, *any; /* widest disc that starts in a tile: of what is nearer than sharp, of all */
} Tiles;

static void tiles_look(const LensLevel *level, Tiles *tiles)
{
    for (int y = 0; y < level->height; y++) {
        for (int x = 0; x < level->width; x++) {
            float blur = level->planes[LENS_BLUR][lens_at(level, x, y)];
            int tile = y / TILE * tiles->width + x / TILE;
            if (blur >= LENS_BEYOND)
                continue;
            tiles->near[tile] = fmaxf(tiles->near[tile], -blur);
            tiles->any[tile] = fmaxf(tiles->any[tile], fabsf(blur));
        }
    }
}

/* The widest disc of TILES that may reach tile (X, Y). */
static float tiles_reach(const Tiles *tiles, const float *of, int x, int y, int around)
{
    float widest = 0;

    for (int j = MAX(y - around, 0); j <= MIN(y + around, tiles->height - 1); j++) {
        for (int i = MAX(x - around, 0); i <= MIN(x + around, tiles->width - 1); i++) {
            int apart = MAX(abs(i - x), abs(j - y)) - 1;
            float radius = of[j * tiles->width + i];
            if (radius > (float)(apart * TILE))
                widest = fmaxf(widest, radius);
        }
    }
    return widest;
}

static void reach_fill(const Lens *lens, const Tiles *tiles)
{
    const LensLevel *level = &lens->levels[0];
    int around = (int)ceilf(lens->most / TILE) + 1;

    for (int tile_y = 0; tile_y < tiles->height; tile_y++) {
        for (int tile_x = 0; tile_x < tiles->width; tile_x++) {
            float near = tiles_reach(tiles, tiles->near, tile_x, tile_y, around);
            float any = tiles_reach(tiles, tiles->any, tile_x, tile_y, around);
            for (int y = tile_y * TILE; y < MIN((tile_y + 1) * TILE, level->height); y++) {
                for (int x = tile_x * TILE; x < MIN((tile_x + 1) * TILE, level->width); x++) {
                    size_t at = lens_at(level, x, y);
                    float blur = level->planes[LENS_BLUR][at];
                    level->planes[LENS_REACHED][at] =
                        blur >= LENS_BEYOND ? any : fmaxf(fabsf(blur), near);
                }
            }
        }
    }
}

/* ---- levels ---- */

/* Four points to one. What is blurred most counts most, since only that is asked of coarse levels; the sky keeps to itself. */
static void level_halve(const LensLevel *from, const LensLevel *to)
{
    for (int y = 0; y < to->height; y++) {
        for (int x = 0; x < to->width; x++) {
            float sums[4] = {0}, sky[4] = {0}, reached = 0, total = 0, skies = 0;
            for (int corner = 0; corner < 4; corner++) {
                int cx = MIN(2 * x + (corner & 1), from->width - 1);
                int cy = MIN(2 * y + (corner >> 1), from->height - 1);
                size_t at = lens_at(from, cx, cy);
                float blur = from->planes[LENS_BLUR][at];
                bool is_sky = blur >= LENS_BEYOND;
                float weight = is_sky ? 1 : 0.05f + fabsf(blur);
                float *into = is_sky ? sky : sums;
                for (int p = 0; p < 4; p++)
                    into[p] += weight * from->planes[p][at];
                *(is_sky ? &skies : &total) += weight;
                reached = fmaxf(reached, from->planes[LENS_REACHED][at]);
            }
            size_t at = lens_at(to, x, y);
            bool is_sky = skies >= 2;
            for (int p = 0; p < 4; p++)
                to->planes[p][at] = is_sky ? sky[p] / skies : sums[p] / total;
            to->planes[LENS_REACHED][at] = reached;
        }
    }
}

static void level_pad(const LensLevel *level)
{
    for (int p = 0; p <= LENS_BLUR; p++) {
        for (int y = -LENS_PAD; y < level->height + LENS_PAD; y++) {
            float *row = level->planes[p] + lens_at(level, 0, y);
            const float *from =
                level->planes[p] + lens_at(level, 0, CLAMP(y, 0, level->height - 1));
            if (row != from)
                memcpy(row, from, (size_t)level->width * sizeof(float));
            for (int x = 1; x <= LENS_PAD; x++)
                row[-x] = from[0];
            for (int x = level->width; x < level->stride - LENS_PAD; x++)
                row[x] = from[level->width - 1];
        }
    }
}

/* ---- and back ---- */

typedef struct Focus {
    const Lens *lens;
    int level;
} Focus;

static void blur_row(void *focus_any, size_t y)
{
    const Focus *focus = focus_any;

    engine_best()->blur_row(focus->lens, focus->level, (int)y);
}

static float level_mixed(const LensLevel *level, int plane, float x, float y)
{
    float cx = CLAMP(x, 0.0f, (float)(level->width - 1)),
          cy = CLAMP(y, 0.0f, (float)(level->height - 1));
    int left = MIN((int)cx, MAX(level->width - 2, 0)),
        top = MIN((int)cy, MAX(level->height - 2, 0));
    float fx = cx - (float)left, fy = cy - (float)top;
    const float *at = level->planes[plane] + lens_at(level, left, top), *below = at + level->stride;

    return (at[0] * (1 - fx) + at[1] * fx) * (1 - fy) + (below[0] * (1 - fx) + below[1] * fx) * fy;
}

/* A point's own level gathers discs up to its reach; between two levels both are asked, so that no border shows. */
static void merge_row(void *lens_any, size_t row)
{
    const Lens *lens = lens_any;
    const LensLevel *first = &lens->levels[0];
    int y = (int)row;

    for (int x = 0; x < first->width; x++) {
        size_t at = lens_at(first, x, y);
        float reached = first->planes[LENS_REACHED][at];
        int coarse = 1;
        while (coarse < lens->count - 1 && reached > (float)(LENS_REACH << (coarse - 1)))
            coarse++;
        float half = (float)(LENS_REACH << coarse) / 4;
        float share = CLAMP((reached - half) / half, 0.0f, 1.0f);
        if (lens->count < 2 || share <= 0)
            continue;
        for (int p = LENS_OUT; p <= LENS_COVER; p++) {
            float values[2];
            for (int l = 0; l < 2; l++) {
                float per = 1.0f / (float)(1 << (coarse - 1 + l));
                values[l] = coarse - 1 + l == 0 ? first->planes[p][at]
                                                : level_mixed(
                                                      &lens->levels[coarse - 1 + l], p,
                                                      ((float)x + 0.5f) * per - 0.5f,
                                                      ((float)y + 0.5f) * per - 0.5f);
            }
            first->planes[p][at] = values[0] + (values[1] - values[0]) * share;
        }
    }
}

MUST Err *lens_focus(Lens *lens, int threads)
{
    const LensLevel *first = &lens->levels[0];
    Tiles tiles = {(first->width + TILE - 1) / TILE, (first->height + TILE - 1) / TILE, NULL, NULL};
    size_t count = (size_t)tiles.width * (size_t)tiles.height;
    AUTO(free) float *near = calloc(count, sizeof(float));
    AUTO(free) float *any = calloc(count, sizeof(float));

    if (!near || !any)
        return err_new(ERR_MEMORY_SPENT, "no memory for the tiles of a lens");
    tiles.near = near;
    tiles.any = any;
    tiles_look(first, &tiles);
    reach_fill(lens, &tiles);
    for (int l = 0; l < lens->count; l++) {
        if (l > 0)
            level_halve(&lens->levels[l - 1], &lens->levels[l]);
        level_pad(&lens->levels[l]);
        Focus focus = {lens, l};
        crew_run(threads, (size_t)lens->levels[l].height, blur_row, &focus);
    }
    crew_run(threads, (size_t)first->height, merge_row, lens);
    return NULL;
}
