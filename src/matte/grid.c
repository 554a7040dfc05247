/* The grid: a small copy of the photo with what is known around each of its pixels. */
#include <math.h>
#include <stdlib.h>

#include "matte/refine.h"

void matte_grid_done(Grid *grid)
{
    for (int c = 0; c < 3; c++)
        matte_field_free(grid->rgb[c]);
    matte_field_free(grid->mask);
    free(grid->cells);
}

/* The mean of the mask's pixels under each grid pixel, or the nearest two where the mask is coarser. */
static Err *shrink_mask(const Field *mask, Field *to)
{
    AUTO(free) Tap *taps = calloc((size_t)to->width, sizeof(Tap));

    if (!taps)
        return err_new(ERR_MEMORY_SPENT, "no memory for a row of %d taps", to->width);
    if (mask->width < to->width || mask->height < to->height) {
        for (int x = 0; x < to->width; x++)
            taps[x] = matte_tap_at(x, to->width, mask->width);
        for (int y = 0; y < to->height; y++)
            matte_field_stretch_row(
                mask, taps, to->width, y, to->height, to->values + (size_t)y * to->width);
        return NULL;
    }
    for (int y = 0; y < to->height; y++) {
        int top = (int)((int64_t)y * mask->height / to->height);
        int bottom = (int)((int64_t)(y + 1) * mask->height / to->height);

        for (int x = 0; x < to->width; x++) {
            int left = (int)((int64_t)x * mask->width / to->width);
            int right = (int)((int64_t)(x + 1) * mask->width / to->width);
            float sum = 0;

            for (int j = top; j < bottom; j++)
                for (int i = left; i < right; i++)
                    sum += mask->values[(size_t)j * mask->width + i];
            to->values[(size_t)y * to->width + x] = sum / (float)((bottom - top) * (right - left));
        }
    }
    return NULL;
}

#define EDGE_FROM \
    0.05f /* mask values nearer to 0 or 1 are no transition, only the network's noise */

/* Part of the product's outline that must look like hair before any of it is treated as hair: a pale sole before a pale wall has a
 * soft edge in the mask, too, but a product that is hairy is so nearly all around. */
#define FURRY_FROM 0.18f
#define FURRY_FULL 0.28f
/* LENGTH is the mask's outline in each cell: across an edge the gradient adds up to 1, however soft the edge is. */
static void calm_unless_furry(Grid *grid, const Field *length)
{
    size_t count = matte_field_count(length);
    double outline = 0, hairy = 0;

    for (size_t i = 0; i < count; i++) {
        outline += (double)length->values[i];
        hairy += (double)(length->values[i] * grid->cells[i].hair);
    }

    float share = outline > 0 ? (float)(hairy / outline) : 0;
    float furry = CLAMP((share - FURRY_FROM) / (FURRY_FULL - FURRY_FROM), 0.0f, 1.0f);
    for (size_t i = 0; i < count; i++)
        grid->cells[i].hair *= furry;
}

/* How wide the mask's transition is nearby. Along a straight ramp of width w the gradient is 1 / w, so w is the sum of gradients
 * over the sum of their squares; wide grey areas, with hardly a gradient, do not count beside a true edge. */
static Err *measure_widths(const Field *mask, Grid *grid, const Tuning *tuning, double hair)
{
    AUTO(matte_field_free) Field *rise = NULL, *square = NULL, *spare = NULL, *length = NULL;
    int width = mask->width, height = mask->height;
    float unit = 1000.0f / (float)MAX(width, height);
    size_t count = (size_t)grid->width * (size_t)grid->height;

    TRY(matte_field_new(grid->width, grid->height, &rise));
    TRY(matte_field_new(grid->width, grid->height, &square));
    TRY(matte_field_new(grid->width, grid->height, &spare));
    TRY(matte_field_new(grid->width, grid->height, &length));
    for (int y = 1; y < height - 1; y++) {
        const float *row = mask->values + (size_t)y * width;
        int to_y = (int)((int64_t)y * grid->height / height);

        for (int x = 1; x < width - 1; x++) {
            float across = (row[x + 1] - row[x - 1]) * 0.5f;
            float down = (row[x + width] - row[x - width]) * 0.5f;
            float both = across * across + down * down;
            if (row[x] < EDGE_FROM || row[x] > 1 - EDGE_FROM)
                continue;
            size_t to = (size_t)to_y * grid->width + (size_t)((int64_t)x * grid->width / width);

            rise->values[to] += sqrtf(both);
            length->values[to] += sqrtf(both);
            square->values[to] += both;
        }
    }
    int reach = MAX((int)(10 * grid->scale + 0.5f), 1);
    matte_field_box(rise, reach, spare, rise);
    matte_field_box(square, reach, spare, square);
    for (size_t i = 0; i < count; i++)
        rise->values[i] *= unit / (square->values[i] + 1e-5f);
    matte_field_box(rise, MAX(reach / 2, 1), spare, rise);
    for (size_t i = 0; i < count; i++) {
        float soft = (rise->values[i] - tuning->hard_px) / (tuning->soft_px - tuning->hard_px);

        grid->cells[i].hair = CLAMP(soft, 0.0f, 1.0f) * (float)hair;
    }
    calm_unless_furry(grid, length);
    return NULL;
}

/* Mean of the mask within the reach of hair from which a grey pixel is deemed inside the product: a pale sole before a pale wall. */
#define SOLID_FROM 0.78f
#define SOLID_FULL 0.92f

/* Where the mask is sure within the reach of the edge: SURE[0] of the backdrop, SURE[1] of the product, 0..1. */
static Err *find_sure(Grid *grid, const Tuning *tuning, Field *const sure[2])
{
    AUTO(matte_field_free) Field *near = NULL, *wide = NULL, *spare = NULL;
    size_t count = matte_field_count(grid->mask);
    int reach = MAX((int)(tuning->edge_reach * grid->scale + 0.5f), 1);
    int hair_reach = MAX((int)(tuning->hair_reach * grid->scale + 0.5f), reach);

    TRY(matte_field_new(grid->width, grid->height, &near));
    TRY(matte_field_new(grid->width, grid->height, &wide));
    TRY(matte_field_new(grid->width, grid->height, &spare));
    matte_field_box(grid->mask, reach, spare, near);
    matte_field_box(grid->mask, hair_reach, spare, wide);
    for (size_t i = 0; i < count; i++) {
        float hair = grid->cells[i].hair, here = near->values[i], there = wide->values[i];
        float low = here + hair * (MIN(here, there) - here);
        float high = here + hair * (MAX(here, there) - here);
        float span = 1 - tuning->sure;

        grid->cells[i].solid = CLAMP((there - SOLID_FROM) / (SOLID_FULL - SOLID_FROM), 0.0f, 1.0f);

        sure[1]->values[i] = CLAMP(2 * (low - tuning->sure) / span, 0.0f, 1.0f);
        sure[0]->values[i] = CLAMP(2 * (span - high) / span, 0.0f, 1.0f);
        grid->cells[i].unknown = 1 - MAX(sure[0]->values[i], sure[1]->values[i]);
    }
    return NULL;
}

enum {
    SUMS = 5,     /* weight, three colours, squared length */
    FAR_TIMES = 4 /* colours are also learnt from this many times farther, where nothing is near */
};
#define FAR_WEIGHT 0.02f
#define WEIGHT_MIN 1e-4f

/* Mean and spread of the colours of one SIDE, weighted by SURE, around each grid pixel. */
static Err *learn_colours(Grid *grid, const Tuning *tuning, const Field *sure, int side)
{
    AUTO(matte_field_free) Field *spare = NULL, *product = NULL, *blurred = NULL;
    AUTO(free) float(*sums)[SUMS] = calloc(matte_field_count(sure), sizeof(*sums));
    size_t count = matte_field_count(sure);
    int radius = MAX((int)(tuning->colour_reach * grid->scale + 0.5f), 1);

    if (!sums)
        return err_new(ERR_MEMORY_SPENT, "no memory for the colours of %zu cells", count);
    TRY(matte_field_new(grid->width, grid->height, &spare));
    TRY(matte_field_new(grid->width, grid->height, &product));
    TRY(matte_field_new(grid->width, grid->height, &blurred));
    for (int k = 0; k < SUMS; k++) {
        for (size_t i = 0; i < count; i++) {
            float r = grid->rgb[0]->values[i], g = grid->rgb[1]->values[i];
            float b = grid->rgb[2]->values[i];
            float what = k == 0 ? 1 : k < 4 ? grid->rgb[k - 1]->values[i] : r * r + g * g + b * b;

            product->values[i] = sure->values[i] * what;
        }
        matte_field_box(product, radius, spare, blurred);
        for (size_t i = 0; i < count; i++)
            sums[i][k] = blurred->values[i];
        matte_field_box(product, radius * FAR_TIMES, spare, blurred);
        for (size_t i = 0; i < count; i++)
            sums[i][k] += FAR_WEIGHT * blurred->values[i];
    }
    for (size_t i = 0; i < count; i++) {
        Cell *cell = &grid->cells[i];
        float *mean = side ? cell->product : cell->backdrop;
        float part = 1 / (sums[i][0] + 1e-9f), length = 0;

        for (int c = 0; c < 3; c++) {
            mean[c] = sums[i][1 + c] * part;
            length += mean[c] * mean[c];
        }
        float spread = MAX(sums[i][4] * part - length, 0.0f) / 3;
        *(side ? &cell->product_spread : &cell->backdrop_spread) = spread;
        if (sums[i][0] < WEIGHT_MIN)
            cell->known = 0;
    }
    return NULL;
}

Err *matte_grid_fill(
    const Image *photo, const Field *mask, const Tuning *tuning, const MatteOptions *options,
    Grid *grid)
{
    AUTO(matte_field_free) Field *backdrop = NULL, *product = NULL;
    int width = image_width(photo), height = image_height(photo), side = MAX(width, height);
    double part = side > GRID_SIDE ? (double)GRID_SIDE / side : 1;

    grid->width = MAX((int)(width * part + 0.5), 1);
    grid->height = MAX((int)(height * part + 0.5), 1);
    grid->scale = (float)MAX(grid->width, grid->height) / 1000.0f;
    for (int c = 0; c < 3; c++)
        TRY(matte_field_new(grid->width, grid->height, &grid->rgb[c]));
    TRY(matte_field_new(grid->width, grid->height, &grid->mask));
    TRY(matte_field_new(grid->width, grid->height, &backdrop));
    TRY(matte_field_new(grid->width, grid->height, &product));
    grid->cells = calloc(matte_field_count(grid->mask), sizeof(Cell));
    if (!grid->cells)
        return err_new(ERR_MEMORY_SPENT, "no memory for %zu cells", matte_field_count(grid->mask));

    matte_field_shrink(photo, options->threads, grid->rgb, 3);
    TRY(shrink_mask(mask, grid->mask));
    TRY(measure_widths(mask, grid, tuning, options->hair));
    TRY(find_sure(grid, tuning, (Field *const[2]){backdrop, product}));
    TRY(cancel_check(options->cancel));
    for (size_t i = 0; i < matte_field_count(grid->mask); i++)
        grid->cells[i].known = grid->cells[i].keep = 1;
    TRY(learn_colours(grid, tuning, backdrop, 0));
    return learn_colours(grid, tuning, product, 1);
}
