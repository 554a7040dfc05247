/* The product as the tracer sees it: a relief on the cells of its outline, as thick as the outline suggests, standing where its
 * lower edge touches the ground. From the camera it covers exactly what the photo covers. */
#include "scene/proxy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scene/foot.h"
#include "scene/tone.h"

enum {
    PROXY_CELLS = 256, /* on the longer side, with the margin */
    PROXY_MARGIN = 8,
    BELOW_CELLS = 40, /* the outline is continued below its foot, so that the ground is no edge */
};

static const double seam_units =
    0.005; /* height of the dark line under a foot, as the camera sees it */

typedef struct Outline {
    int width, height;
    float *cover;                  /* alpha of each cell */
    int *foot;                     /* lowest covered row of each column, -1 for none */
    float *ground;                 /* row where the lower hull passes */
    int base;                      /* lowest covered row of all */
    double wide_cells, tall_cells; /* of the product */
    double world;                  /* units a cell, at the product's depth */
} Outline;

static void outline_done(Outline *outline)
{
    free(outline->cover);
    free(outline->foot);
    free(outline->ground);
}
DEFINE_AUTO_DONE(Outline, outline_done);

void proxy_done(Proxy *proxy)
{
    free(proxy->relief);
    free(proxy->contact);
    free(proxy->touch);
    free(proxy->colour);
    memset(proxy, 0, sizeof *proxy);
}

MUST static Err *floats_new(size_t count, float **ret)
{
    *ret = calloc(count, sizeof(float));
    return *ret ? NULL : err_new(ERR_MEMORY_SPENT, "no memory for the product's relief");
}

/* ---- from picture to cells ---- */

/* Mean of the picture below cell (X, Y): linear colour weighted by alpha, and alpha. */
static void
cell_mean(const Image *product, double left, double top, double per_x, double per_y, float ret[4])
{
    enum {
        TAPS = 4
    };
    int width = image_width(product), height = image_height(product);
    float sum[4] = {0};

    for (int j = 0; j < TAPS; j++) {
        int y = (int)floor(top + (j + 0.5) / TAPS * per_y);
        for (int i = 0; i < TAPS; i++) {
            int x = (int)floor(left + (i + 0.5) / TAPS * per_x);
            if (x < 0 || y < 0 || x >= width || y >= height)
                continue;
            const uint8_t *pixel = (const uint8_t *)image_row(product, y) + x * 4;
            float alpha = (float)pixel[3] / 255;
            for (int k = 0; k < 3; k++)
                sum[k] += colour_linear(pixel[k]) * alpha;
            sum[3] += alpha;
        }
    }
    for (int k = 0; k < 3; k++)
        ret[k] = sum[3] > 0 ? sum[k] / sum[3] : 0;
    ret[3] = sum[3] / (TAPS * TAPS);
}

static void
cells_read(const Stage *stage, const Image *product, Box box, Proxy *proxy, Outline *outline)
{
    double cell_px = MAX(box.width, box.height) / (double)(PROXY_CELLS - 2 * PROXY_MARGIN);
    double per_x = (double)image_width(product) / box.width;
    double per_y = (double)image_height(product) / box.height;

    for (int y = 0; y < proxy->height; y++) {
        for (int x = 0; x < proxy->width; x++) {
            size_t cell = (size_t)y * (size_t)proxy->width + (size_t)x;
            float mean[4];
            cell_mean(
                product, (x - PROXY_MARGIN) * cell_px * per_x, (y - PROXY_MARGIN) * cell_px * per_y,
                cell_px * per_x, cell_px * per_y, mean);
            outline->cover[cell] = mean[3];
            if (stage->tone.kind == TONE_NEUTRAL)
                tone_from_display(mean);
            for (int k = 0; k < 3; k++)
                proxy->colour[cell * 3 + (size_t)k] = mean[k] / stage->tone.exposure;
        }
    }
}

/* ---- where it touches the ground ---- */

static bool is_covered(const Outline *outline, int x, int y)
{
    return outline->cover[y * outline->width + x] > 0.5f;
}

static void foot_find(Outline *outline)
{
    outline->base = 0;
    for (int x = 0; x < outline->width; x++) {
        outline->foot[x] = -1;
        for (int y = outline->height - 1; y >= 0 && outline->foot[x] < 0; y--)
            if (is_covered(outline, x, y))
                outline->foot[x] = y;
        outline->base = MAX(outline->base, outline->foot[x]);
    }
}

static void row_smooth(float *row, float *spare, int count, int reach)
{
    memcpy(spare, row, (size_t)count * sizeof(float));
    for (int x = 0; x < count; x++) {
        float sum = 0;
        for (int i = -reach; i <= reach; i++)
            sum += spare[CLAMP(x + i, 0, count - 1)];
        row[x] = sum / (float)(2 * reach + 1);
    }
}

/* No base is much deeper than it is wide; and when nothing tells that it was seen from above, a rise is the spring of a toe. */
static double contact_deepest(const Stance *stance, const Outline *outline)
{
    double wide = (stance->to - stance->from) * outline->wide_cells * outline->world;
    double slim = fmin(outline->wide_cells, outline->tall_cells) * outline->world;

    return stance->pitch_degrees > 0 ? 0.95 * wide : fmin(0.6 * slim, 0.45);
}

/* A column or two may touch by the cut-out's chance, and would be a speck; what hangs over the ground has no line under it. */
static void touch_find(const Outline *outline, int from, int to, double most_rise, Proxy *proxy)
{
    const float hug = 1.6f; /* cells: cut-outs of feet are not straighter */
    const int fewest = 4;
    int run = 0;

    for (int x = from; x <= to + 1; x++) {
        double rise = x <= to ? (outline->base - (double)outline->ground[x]) * outline->world : 0;
        if (x <= to && outline->foot[x] >= 0 && rise <= most_rise &&
            outline->ground[x] - (float)outline->foot[x] < hug) {
            run++;
            continue;
        }
        for (int back = 1; back <= run && run >= fewest; back++)
            proxy->touch[x - back] = 1;
        run = 0;
    }
}

/* A foot that stands higher in the picture stands further back on the ground, as in a photo taken from a corner. Beyond what touches
 * the ground the outline is the product's side, and says nothing about depth. */
MUST static Err *
contact_find(const Stage *stage, const Stance *stance, const Outline *outline, Proxy *proxy)
{
    AUTO(free) float *spare = NULL;
    double down =
        fmax(stage->camera.eye[1] - proxy->ground, 0.05) / (stage->camera.eye[2] - proxy->depth);
    double deepest = contact_deepest(stance, outline);
    int from = PROXY_MARGIN + (int)lround(stance->from * outline->wide_cells);
    int to = PROXY_MARGIN + (int)lround(stance->to * outline->wide_cells) - 1;

    TRY(floats_new((size_t)proxy->width, &spare));
    for (int x = 0; x < proxy->width; x++) {
        int within = CLAMP(x, MIN(from, to), MAX(from, to));
        double rise = fmax((outline->base - (double)outline->ground[within]) * outline->world, 0);
        double depth = fmin(rise / down, deepest);
        proxy->contact[x] = (float)-depth;
        proxy->floats = fmaxf(proxy->floats, (float)(rise - depth * down));
    }
    for (int pass = 0; pass < 3; pass++)
        row_smooth(proxy->contact, spare, proxy->width, 2);
    touch_find(outline, MIN(from, to), MAX(from, to), deepest * down + 0.004, proxy);
    row_smooth(proxy->touch, spare, proxy->width, 1);
    proxy->front = proxy->depth;
    proxy->seam = (float)fmin(seam_units / down, 0.06);
    return NULL;
}

/* ---- how thick it is ---- */

/* Squared distance transform of one row (Felzenszwalb and Huttenlocher 2012). ENVELOPE and EDGES hold COUNT + 1 each. */
static void row_distances(const float *row, int count, float *ret, int *envelope, float *edges)
{
    int last = 0;

    envelope[0] = 0;
    edges[0] = -1e20f;
    edges[1] = 1e20f;
    for (int q = 1; q < count; q++) {
        float cross = 0;
        for (;; last--) {
            int v = envelope[last];
            cross =
                ((row[q] + (float)(q * q)) - (row[v] + (float)(v * v))) / (float)(2 * q - 2 * v);
            if (cross > edges[last] || last == 0)
                break;
        }
        if (cross <= edges[last])
            last = -1;
        last++;
        envelope[last] = q;
        edges[last] = last == 0 ? -1e20f : cross;
        edges[last + 1] = 1e20f;
    }
    for (int q = 0, at = 0; q < count; q++) {
        while (edges[at + 1] < (float)q)
            at++;
        float away = (float)(q - envelope[at]);
        ret[q] = away * away + row[envelope[at]];
    }
}

/* Distance of each cell to the nearest zero of CELLS, in place; cells hold 0 or a huge number before. */
MUST static Err *cells_distance(float *cells, int width, int height)
{
    size_t side = (size_t)MAX(width, height) + 2;
    AUTO(free) float *line = NULL;
    AUTO(free) float *done = NULL;
    AUTO(free) float *edges = NULL;
    AUTO(free) int *envelope = calloc(side, sizeof(int));

    TRY(floats_new(side, &line));
    TRY(floats_new(side, &done));
    TRY(floats_new(side, &edges));
    if (!envelope)
        return err_new(ERR_MEMORY_SPENT, "no memory for distances");
    for (int x = 0; x < width; x++) {
        for (int y = 0; y < height; y++)
            line[y] = cells[y * width + x];
        row_distances(line, height, done, envelope, edges);
        for (int y = 0; y < height; y++)
            cells[y * width + x] = done[y];
    }
    for (int y = 0; y < height; y++) {
        memcpy(line, cells + (size_t)y * (size_t)width, (size_t)width * sizeof(float));
        row_distances(line, width, done, envelope, edges);
        for (int x = 0; x < width; x++)
            cells[y * width + x] = sqrtf(done[x]);
    }
    return NULL;
}

/* How unlike its mirror image about its own middle the outline is: 0 for a bottle seen straight on. */
static double outline_lopsided(const Outline *outline)
{
    double off = 0, middle = 0, weight = 0;

    for (int pass = 0; pass < 2; pass++) {
        off = 0;
        for (int y = 0; y < outline->height; y++) {
            int left = -1, right = -1, runs = 0;
            for (int x = 0; x < outline->width; x++) {
                if (!is_covered(outline, x, y))
                    continue;
                runs += x == 0 || !is_covered(outline, x - 1, y);
                left = left < 0 ? x : left;
                right = x;
            }
            if (left < 0)
                continue;
            if (pass == 0) {
                middle += (left + right) * 0.5;
                weight++;
            } else {
                off += fabs((left + right) * 0.5 - middle) +
                       (runs > 1 ? outline->wide_cells * 0.2 : 0);
            }
        }
        if (pass == 0)
            middle /= fmax(weight, 1);
    }
    return off / fmax(weight, 1) / fmax(outline->wide_cells, 1);
}

static bool outline_is_turned(const Outline *outline)
{
    return outline_lopsided(outline) < 0.035 && outline->wide_cells < outline->tall_cells * 1.2;
}

/* As thick in each row as it is wide there: bottles, jars, cups. */
static void relief_turned(const Outline *outline, Proxy *proxy)
{
    for (int y = 0; y < proxy->height; y++) {
        int left = -1, right = -1;
        for (int x = 0; x < proxy->width; x++) {
            if (is_covered(outline, x, y)) {
                left = left < 0 ? x : left;
                right = x;
            }
        }
        double half = (right - left + 1) * 0.5, middle = (left + right) * 0.5;
        for (int x = left; left >= 0 && x <= right; x++) {
            double q = (x - middle) / half;
            double thick = half * outline->world * sqrt(fmax(1 - q * q, 0.01));
            proxy->relief[y * proxy->width + x] = (float)fmin(thick, proxy->thick);
        }
    }
}

/* Distance of each cell to the outline's edge, in cells, 0 outside. Ground that the product stands on is no edge. */
MUST static Err *inner_find(const ProxyAsk *ask, const Outline *outline, float **ret)
{
    int rows = outline->height + BELOW_CELLS;
    AUTO(free) float *cells = NULL;

    TRY(floats_new((size_t)outline->width * (size_t)rows, &cells));
    for (int y = 0; y < rows; y++) {
        for (int x = 0; x < outline->width; x++) {
            bool stands = !ask->is_flat && outline->foot[x] >= 0 && y > outline->foot[x] &&
                          (float)outline->foot[x] > outline->ground[x] - 6;
            bool inside = stands || (y < outline->height && is_covered(outline, x, y));
            cells[y * outline->width + x] = inside ? 1e9f : 0;
        }
    }
    TRY(cells_distance(cells, outline->width, rows));
    *ret = TAKE(cells);
    return NULL;
}

/* Blown up like a cushion: thick where the outline is far away. */
static void
relief_blown(const ProxyAsk *ask, const Outline *outline, const float *inner, Proxy *proxy)
{
    float most = 1;

    for (int i = 0; i < proxy->width * proxy->height; i++)
        if (outline->cover[i] > 0.5f)
            most = fmaxf(most, inner[i]);
    if (ask->is_flat)
        proxy->thick = fminf(proxy->thick, 0.75f * most * (float)outline->world);
    for (int i = 0; i < proxy->width * proxy->height; i++) {
        float q = fminf(inner[i] / most, 1);
        proxy->relief[i] = sqrtf(q * (2 - q)) * proxy->thick;
    }
}

/* Outside the outline the relief holds minus the way to it, for the tracer to step over. Both sides of the edge rise alike, and
 * its stairs are smoothed: mixed between cells it then passes 0 along the true outline, and shadows have straight edges. */
MUST static Err *relief_edge(const Outline *outline, const float *inner, Proxy *proxy)
{
    AUTO(free) float *edge = NULL;
    AUTO(free) float *spare = NULL;
    int width = proxy->width, height = proxy->height, count = width * height;

    TRY(floats_new((size_t)count, &edge));
    TRY(floats_new((size_t)count, &spare));
    for (int i = 0; i < count; i++)
        edge[i] = outline->cover[i] > 0.5f ? 0 : 1e9f;
    TRY(cells_distance(edge, width, height));
    for (int i = 0; i < count; i++)
        edge[i] = outline->cover[i] > 0.5f ? fminf(inner[i] - 0.5f, 8) : 0.5f - edge[i];
    for (int pass = 0; pass < 2; pass++) {
        memcpy(spare, edge, (size_t)count * sizeof(float));
        for (int y = 1; y < height - 1; y++) {
            for (int x = 1; x < width - 1; x++) {
                const float *at = spare + y * width + x;
                edge[y * width + x] =
                    (4 * at[0] + 2 * (at[-1] + at[1] + at[-width] + at[width]) + at[-width - 1] +
                     at[-width + 1] + at[width - 1] + at[width + 1]) /
                    16;
            }
        }
    }
    for (int i = 0; i < count; i++) {
        float rise = edge[i] * (float)outline->world;
        if (outline->cover[i] > 0.5f)
            proxy->relief[i] = fmaxf(fminf(proxy->relief[i], 1.5f * rise), 0.0005f);
        else
            proxy->relief[i] = fminf(rise, -0.0005f);
    }
    return NULL;
}

/* ---- all of it ---- */

MUST static Err *outline_new(const Proxy *proxy, Outline *ret)
{
    AUTO(outline_done) Outline outline = {.width = proxy->width, .height = proxy->height};

    outline.foot = calloc((size_t)proxy->width, sizeof(int));
    if (!outline.foot)
        return err_new(ERR_MEMORY_SPENT, "no memory for the product's outline");
    TRY(floats_new((size_t)proxy->width * (size_t)proxy->height, &outline.cover));
    TRY(floats_new((size_t)proxy->width, &outline.ground));
    *ret = outline;
    memset(&outline, 0, sizeof outline);
    return NULL;
}

/* The lower edge in the photo is the front of the foot, so the middle stands half its depth behind. */
static double foot_half(const Outline *outline, const Proxy *proxy)
{
    double sum = 0;
    int count = 0;

    for (int x = 0; x < proxy->width; x++) {
        if (outline->foot[x] < 0 || (float)outline->foot[x] < outline->ground[x] - 2)
            continue;
        sum += proxy->relief[outline->foot[x] * proxy->width + x];
        count++;
    }
    return count ? sum / count : 0;
}

static void proxy_bound(const Stage *stage, const Outline *outline, Proxy *proxy)
{
    float deepest = 0;
    const Camera *camera = &stage->camera;
    double per_focal = (camera->eye[2] - proxy->depth) / camera->focal;
    double left = (proxy->left - camera->shift_x) * per_focal + camera->eye[0];
    double wide = proxy->width * outline->world, tall = proxy->height * outline->world;

    proxy->low[0] = (float)(left - wide * 0.15);
    proxy->high[0] = (float)(left + wide * 1.15);
    double top = (proxy->top - camera->shift_y) * per_focal + camera->eye[1];
    proxy->low[1] = fmaxf(proxy->ground + 0.0005f, (float)(top - tall * 1.25 - 0.05));
    proxy->high[1] = (float)(top + tall * 0.1 + 0.05);
    for (int x = 0; x < proxy->width; x++)
        deepest = fmaxf(deepest, -proxy->contact[x]);
    proxy->low[2] = proxy->depth - deepest - proxy->thick - 0.01f;
    proxy->high[2] = proxy->depth + proxy->thick + 0.01f;
}

static void relief_thicken(const ProxyAsk *ask, const Outline *outline, Proxy *proxy)
{
    double slim = fmin(outline->wide_cells, outline->tall_cells) * outline->world;
    double share = ask->is_flat ? 0.22 : outline_is_turned(outline) ? 0.5 : 0.36;

    proxy->thick = (float)CLAMP(slim * share, 0.01, ask->is_flat ? 0.15 : 0.4);
}

MUST Err *proxy_build(const Stage *stage, const ProxyAsk *ask, Proxy *ret)
{
    AUTO(proxy_done)
    Proxy proxy = {.is_on = true, .ground = ask->stand[1], .depth = ask->stand[2]};
    AUTO(outline_done) Outline outline = {0};
    AUTO(free) float *inner = NULL;
    const Camera *camera = &stage->camera;
    Box box = ask->box;
    double cell_px = MAX(box.width, box.height) / (double)(PROXY_CELLS - 2 * PROXY_MARGIN);

    proxy.width = (int)ceil(box.width / cell_px) + 2 * PROXY_MARGIN;
    proxy.height = (int)ceil(box.height / cell_px) + 2 * PROXY_MARGIN;
    size_t cells = (size_t)proxy.width * (size_t)proxy.height;
    proxy.per_screen = (float)(1 / (cell_px * camera->pixel));
    proxy.left = (float)(camera->left + (box.left - PROXY_MARGIN * cell_px) * camera->pixel);
    proxy.top = (float)(camera->top - (box.top - PROXY_MARGIN * cell_px) * camera->pixel);
    TRY(floats_new(cells, &proxy.relief));
    TRY(floats_new(cells * 3, &proxy.colour));
    TRY(floats_new((size_t)proxy.width, &proxy.contact));
    TRY(floats_new((size_t)proxy.width, &proxy.touch));
    TRY(outline_new(&proxy, &outline));
    outline.world = cell_px * camera->pixel * (camera->eye[2] - ask->stand[2]) / camera->focal;
    outline.wide_cells = box.width / cell_px;
    outline.tall_cells = box.height / cell_px;

    cells_read(stage, ask->product, box, &proxy, &outline);
    foot_find(&outline);
    TRY(foot_hull(outline.foot, outline.width, outline.ground));
    TRY(inner_find(ask, &outline, &inner));
    relief_thicken(ask, &outline, &proxy);
    if (!ask->is_flat && outline_is_turned(&outline))
        relief_turned(&outline, &proxy);
    else
        relief_blown(ask, &outline, inner, &proxy);
    TRY(relief_edge(&outline, inner, &proxy));
    if (ask->is_flat) {
        /* The outline of what lies is that of its middle, which is above what it lies on. */
        proxy.depth += 0.45f * proxy.thick;
        proxy.ground -= 100;
    } else {
        TRY(contact_find(stage, ask->stance, &outline, &proxy));
        proxy.depth -= (float)foot_half(&outline, &proxy);
    }
    proxy_bound(stage, &outline, &proxy);
    *ret = proxy;
    memset(&proxy, 0, sizeof proxy);
    return NULL;
}
