/* How far every place is from an outline: measured exactly to its edges, once, so that rays can walk by looking it up.
 *
 * Most cells are far from most loops. A block of cells first measures from its middle; only loops that could still be nearest
 * somewhere in the block are then measured cell by cell. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scene/outline.h"

enum {
    CUTTING_CELLS = 240, /* along the longer side */
    BLOCK = 8,           /* cells measured together */
};

typedef struct Edge {
    float x, y, along_x, along_y; /* from its first corner */
    float end_y;      /* as the next edge has it, or rows through corners would be miscounted */
    float per_square; /* 1 / its squared length */
} Edge;

/* Blocks of cells beside each other are looked at together. */
typedef struct Measure {
    const Outline *outline;
    Edge *edges;                          /* one a corner */
    float near[OUTLINE_LOOPS_MAX][BLOCK]; /* distance of each loop to the middle of each block */
    float added[BLOCK], cut[BLOCK];       /* least of either sort, 1e9 for none */
} Measure;

static void edges_make(const Outline *outline, float scale, Edge *edges)
{
    for (int l = 0; l < outline->loop_count; l++) {
        const Loop *loop = &outline->loops[l];
        for (int i = 0; i < loop->count; i++) {
            const float *a = outline->corners[loop->first + i];
            const float *b = outline->corners[loop->first + (i + 1) % loop->count];
            float along_x = (b[0] - a[0]) * scale, along_y = (b[1] - a[1]) * scale;
            edges[loop->first + i] = (Edge){
                .x = a[0] * scale,
                .y = a[1] * scale,
                .along_x = along_x,
                .along_y = along_y,
                .end_y = b[1] * scale,
                .per_square = 1 / fmaxf(along_x * along_x + along_y * along_y, 1e-12f),
            };
        }
    }
}

/* Signed distances to one loop of COUNT places in a row, the first at (X, Y), STEP apart. */
static void loop_measure(
    const Measure *measure, const Loop *loop, float x, float y, float step, float ret[BLOCK])
{
    float squares[BLOCK], inside[BLOCK];

    for (int i = 0; i < BLOCK; i++) {
        squares[i] = 1e20f;
        inside[i] = 1;
    }
    for (int e = loop->first; e < loop->first + loop->count; e++) {
        Edge edge = measure->edges[e];
        float dy = y - edge.y;
        bool is_up = y >= edge.y, is_beyond = y >= edge.end_y;
        float crosses = is_up != is_beyond ? -1.0f : 1.0f;
        float upward = edge.along_y > 0 ? 1.0f : -1.0f;
        for (int i = 0; i < BLOCK; i++) {
            float dx = x + step * (float)i - edge.x;
            float share = (dx * edge.along_x + dy * edge.along_y) * edge.per_square;
            share = share < 0 ? 0 : share > 1 ? 1 : share;
            float off_x = dx - edge.along_x * share, off_y = dy - edge.along_y * share;
            float square = off_x * off_x + off_y * off_y;
            float side = (edge.along_x * dy - edge.along_y * dx) * upward;
            squares[i] = square < squares[i] ? square : squares[i];
            inside[i] *= side > 0 ? crosses : 1;
        }
    }
    for (int i = 0; i < BLOCK; i++)
        ret[i] = sqrtf(squares[i]) * inside[i];
}

/* Look from the middles of the BLOCK blocks that begin at (X, Y). */
static void blocks_look(Measure *measure, float x, float y, float cell)
{
    float middle = (BLOCK - 1) * 0.5f * cell;

    for (int i = 0; i < BLOCK; i++)
        measure->added[i] = measure->cut[i] = 1e9f;
    for (int l = 0; l < measure->outline->loop_count; l++) {
        const Loop *loop = &measure->outline->loops[l];
        float *least = loop->is_cut ? measure->cut : measure->added;
        loop_measure(measure, loop, x + middle, y + middle, BLOCK * cell, measure->near[l]);
        for (int i = 0; i < BLOCK; i++)
            least[i] = fminf(least[i], measure->near[l][i]);
    }
}

static void
block_row_measure(const Measure *measure, int block, float x, float y, float cell, float ret[BLOCK])
{
    const Outline *outline = measure->outline;
    float reach = 2 * 1.42f * (BLOCK - 1) * 0.5f * cell;
    float row[BLOCK], holes[BLOCK], distance[BLOCK];

    for (int i = 0; i < BLOCK; i++)
        row[i] = holes[i] = 1e9f;
    for (int l = 0; l < outline->loop_count; l++) {
        bool is_cut = outline->loops[l].is_cut;
        float *best = is_cut ? holes : row;
        if (measure->near[l][block] > (is_cut ? measure->cut : measure->added)[block] + reach)
            continue;
        loop_measure(measure, &outline->loops[l], x, y, cell, distance);
        for (int i = 0; i < BLOCK; i++)
            best[i] = fminf(best[i], distance[i]);
    }
    for (int i = 0; i < BLOCK; i++)
        ret[i] = fmaxf(row[i], -holes[i]);
}

static void blocks_measure(Measure *measure, int left, int bottom, Cutting *cutting)
{
    float cell = 1 / cutting->per_unit;
    float x = ((float)(left - CUTTING_PAD) + 0.5f) * cell - cutting->half[0];
    float y = ((float)(bottom - CUTTING_PAD) + 0.5f) * cell - cutting->half[1];

    blocks_look(measure, x, y, cell);
    for (int block = 0; block < BLOCK && left + block * BLOCK < cutting->width; block++) {
        int first = left + block * BLOCK;
        for (int j = 0; j < BLOCK && bottom + j < cutting->height; j++) {
            float row[BLOCK];
            float *to = cutting->cells + (size_t)(bottom + j) * (size_t)cutting->width + first;
            block_row_measure(
                measure, block, x + (float)(block * BLOCK) * cell, y + (float)j * cell, cell, row);
            for (int i = 0; i < BLOCK && first + i < cutting->width; i++)
                to[i] = row[i];
        }
    }
}

MUST Err *outline_measure(const Outline *outline, double width, Cutting *ret)
{
    double height = width * (double)outline->tall;
    float per_unit = (float)(CUTTING_CELLS / fmax(width, height));
    Cutting cutting = {
        .per_unit = per_unit,
        .half = {(float)(width / 2), (float)(height / 2)},
        .width = (int)ceil(width * (double)per_unit) + 2 * CUTTING_PAD,
        .height = (int)ceil(height * (double)per_unit) + 2 * CUTTING_PAD,
    };
    AUTO(free) Measure *measure = calloc(1, sizeof *measure);
    AUTO(free) Edge *edges = calloc((size_t)outline->corner_count + 1, sizeof *edges);

    cutting.cells = calloc((size_t)cutting.width * (size_t)cutting.height, sizeof(float));
    if (!measure || !edges || !cutting.cells) {
        free(cutting.cells);
        return err_new(ERR_MEMORY_SPENT, "no memory for an outline");
    }
    measure->outline = outline;
    measure->edges = edges;
    edges_make(outline, (float)(width / 2), edges);
    for (int y = 0; y < cutting.height; y += BLOCK)
        for (int x = 0; x < cutting.width; x += BLOCK * BLOCK)
            blocks_measure(measure, x, y, &cutting);
    *ret = cutting;
    return NULL;
}
