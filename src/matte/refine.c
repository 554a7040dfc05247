/* From the coarse mask to alpha at the photo's size. */
#include "matte/refine.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/crew.h"

const MatteOptions matte_options_default = {
    .refine = MATTE_REFINE_EDGES,
    .hair = 1,
    .island_percent = 0.2,
    .hole_percent = 0.05,
    .threads = 1,
};

const Tuning matte_tuning = {
    .doubt_bias = 16,
    .edge_reach = 2,
    .hair_reach = 35,
    .colour_reach = 30,
    .sure = 0.9f,
    .hard_px = 3,
    .soft_px = 10,
    .hard_gain = 1.2f,
    .hard_colour = 0.2f,
    .colour_noise = 0.02f,
    .spread_cost = 3,
    .contrast_min = 0.03f,
    .hair_trust = 1,
    .hair_hold = 0.005f,
    .hair_gain = 1,
    .low = 0.05f,
    .high = 0.95f,
    .hair_contrast = 0.01f,
    .hair_rounds = 8,
    .hair_radius = 6,
};

/* The mask as a field no larger than the photo, so that stretching it never skips samples. */
static Err *take_mask(const Image *coarse, int width, int height, Field **ret)
{
    AUTO(image_free) Image *smaller = NULL;
    AUTO(matte_field_free) Field *mask = NULL;
    int to_width = MIN(image_width(coarse), width), to_height = MIN(image_height(coarse), height);

    if (to_width < image_width(coarse) || to_height < image_height(coarse))
        TRY(image_resize(coarse, to_width, to_height, IMAGE_LINEAR, &smaller));
    TRY(matte_field_new(to_width, to_height, &mask));
    for (int y = 0; y < to_height; y++) {
        const float *row = image_row(smaller ? smaller : coarse, y);
        float *to = mask->values + (size_t)y * to_width;

        for (int x = 0; x < to_width; x++)
            to[x] = CLAMP(row[x], 0.0f, 1.0f);
    }
    *ret = TAKE(mask);
    return NULL;
}

#define BIAS_FROM 0.002f /* mask values that the bias leaves alone, and where it has its full say */
#define BIAS_FULL 0.01f
#define DECIDED 0.95f   /* the confidence of a mask that needs no help */
#define DOUBT_MOST 4.0f /* logits, however doubtful the mask is */

/* Adds LOGITS to every value that is not surely backdrop; the order of values stays. */
static void lean(Field *mask, float logits)
{
    size_t count = matte_field_count(mask);
    float odds = expf(logits);

    for (size_t i = 0; i < count; i++) {
        float value = mask->values[i];
        float part = CLAMP((value - BIAS_FROM) / (BIAS_FULL - BIAS_FROM), 0.0f, 1.0f);
        float leant = value * odds / (1 + value * (odds - 1));

        mask->values[i] = value + part * (leant - value);
    }
}

typedef struct Drawing {
    const Image *photo;
    const Field *mask;
    const Grid *grid;
    const Tuning *tuning;
    const Cancel *cancel;
    const Tap *mask_taps, *grid_taps;
    const uint8_t *
        plain; /* grid cells, with their right and lower neighbours, where the mask is all there is to know */
    float *rows; /* of the mask, stretched: one a strip */
    Image *alpha;
} Drawing;

static Cell blend_cells(const Grid *grid, Tap across, Tap down)
{
    enum {
        FLOATS = sizeof(Cell) / sizeof(float)
    };
    const Cell *upper = grid->cells + (size_t)down.near * grid->width;
    const Cell *lower = grid->cells + (size_t)down.far * grid->width;
    const float *a = (const float *)&upper[across.near], *b = (const float *)&upper[across.far];
    const float *c = (const float *)&lower[across.near], *d = (const float *)&lower[across.far];
    Cell cell;
    float *to = (float *)&cell;

    for (int i = 0; i < FLOATS; i++) {
        float above = a[i] + across.weight * (b[i] - a[i]);
        float below = c[i] + across.weight * (d[i] - c[i]);
        to[i] = above + down.weight * (below - above);
    }
    return cell;
}

static uint8_t to_byte(float alpha)
{
    return (uint8_t)(alpha * 255 + 0.5f);
}

static void draw_row(const Drawing *drawing, int y, float *mask)
{
    const Tuning *tuning = drawing->tuning;
    const Grid *grid = drawing->grid;
    int width = image_width(drawing->photo), height = image_height(drawing->photo);
    int channels = image_channels(drawing->photo);
    const uint8_t *photo = image_row(drawing->photo, y);
    uint8_t *alpha = image_row_mut(drawing->alpha, y);
    Tap down = matte_tap_at(y, height, grid->height);
    const uint8_t *plain = drawing->plain + (size_t)down.near * grid->width;
    float span = 1 / (tuning->high - tuning->low);

    matte_field_stretch_row(drawing->mask, drawing->mask_taps, width, y, height, mask);
    for (int x = 0; x < width; x++) {
        Tap across = drawing->grid_taps[x];

        if (plain[across.near]) {
            alpha[x] = to_byte(CLAMP((mask[x] - tuning->low) * span, 0.0f, 1.0f));
            continue;
        }
        Cell cell = blend_cells(grid, across, down);
        const uint8_t *pixel = photo + x * channels;
        const float colour[3] = {
            (float)pixel[0] / 255, (float)pixel[1] / 255, (float)pixel[2] / 255};
        float value = matte_alpha_at(mask[x], colour, &cell, tuning) * cell.keep;

        alpha[x] = to_byte(MAX(value, cell.fill));
    }
}

static void draw_strip(void *drawing_any, size_t strip)
{
    const Drawing *drawing = drawing_any;
    int height = image_height(drawing->photo), width = image_width(drawing->photo);
    int bottom = MIN((int)(strip + 1) * STRIP_ROWS, height);
    float *mask = drawing->rows + strip * (size_t)width;

    for (int y = (int)strip * STRIP_ROWS; y < bottom && !cancel_is_asked(drawing->cancel); y++)
        draw_row(drawing, y, mask);
}

static void mark_plain(const Grid *grid, uint8_t *plain)
{
    for (int y = 0; y < grid->height; y++) {
        for (int x = 0; x < grid->width; x++) {
            bool busy = false;

            for (int j = y; j <= MIN(y + 1, grid->height - 1); j++)
                for (int i = x; i <= MIN(x + 1, grid->width - 1); i++) {
                    const Cell *cell = &grid->cells[(size_t)j * grid->width + i];
                    busy |= cell->unknown > 0 || cell->keep < 1 || cell->fill > 0;
                }
            plain[(size_t)y * grid->width + x] = !busy;
        }
    }
}

/* Alpha on the grid: first as the edges are, then with hair spread, then without specks. */
static Err *settle_grid(Grid *grid, const Tuning *tuning, const MatteOptions *options)
{
    AUTO(matte_field_free) Field *alpha = NULL, *keep = NULL, *fill = NULL;
    size_t count = matte_field_count(grid->mask);

    TRY(matte_field_new(grid->width, grid->height, &alpha));
    TRY(matte_field_new(grid->width, grid->height, &keep));
    TRY(matte_field_new(grid->width, grid->height, &fill));
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < count; i++) {
            const float colour[3] = {
                grid->rgb[0]->values[i], grid->rgb[1]->values[i], grid->rgb[2]->values[i]};
            alpha->values[i] =
                matte_alpha_at(grid->mask->values[i], colour, &grid->cells[i], tuning);
        }
        if (pass == 0)
            TRY(matte_hair_spread(grid, alpha, tuning, options));
    }
    TRY(matte_speck_find(alpha, options, keep, fill));
    for (size_t i = 0; i < count; i++) {
        grid->cells[i].keep = keep->values[i];
        grid->cells[i].fill = fill->values[i];
    }
    return NULL;
}

static Err *draw(
    const Image *photo, const Field *mask, const Grid *grid, const Tuning *tuning,
    const MatteOptions *options, Image **ret)
{
    AUTO(image_free) Image *alpha = NULL;
    AUTO(free) Tap *taps = NULL;
    AUTO(free) uint8_t *plain = NULL;
    AUTO(free) float *rows = NULL;
    int width = image_width(photo), height = image_height(photo);
    size_t strips = ((size_t)height + STRIP_ROWS - 1) / STRIP_ROWS;

    TRY(image_new(width, height, 1, DEPTH_8, &alpha));
    taps = malloc(2 * (size_t)width * sizeof(Tap));
    plain = malloc(matte_field_count(grid->mask));
    rows = malloc(strips * (size_t)width * sizeof(float));
    if (!taps || !plain || !rows)
        return err_new(ERR_MEMORY_SPENT, "no memory to draw a matte %d wide", width);
    for (int x = 0; x < width; x++) {
        taps[x] = matte_tap_at(x, width, mask->width);
        taps[width + x] = matte_tap_at(x, width, grid->width);
    }
    mark_plain(grid, plain);

    Drawing drawing = {
        .photo = photo,
        .mask = mask,
        .grid = grid,
        .tuning = tuning,
        .cancel = options->cancel,
        .mask_taps = taps,
        .grid_taps = taps + width,
        .plain = plain,
        .rows = rows,
        .alpha = alpha,
    };
    crew_run(options->threads, strips, draw_strip, &drawing);
    TRY(cancel_check(options->cancel));
    *ret = TAKE(alpha);
    return NULL;
}

Err *matte_refine_tuned(
    const Image *photo, const Image *coarse, const MatteOptions *options, const Tuning *tuning,
    Image **ret)
{
    AUTO(matte_field_free) Field *mask = NULL;
    AUTO(matte_grid_done) Grid grid = {0};
    int width = image_width(photo), height = image_height(photo);
    float doubt = MAX(DECIDED - (float)matte_confidence(coarse), 0.0f);

    TRY(cancel_check(options->cancel));
    TRY(take_mask(coarse, width, height, &mask));
    lean(mask, MIN(tuning->doubt_bias * doubt, DOUBT_MOST) + 2 * (float)options->edge_shift);
    TRY(matte_grid_fill(photo, mask, tuning, options, &grid));
    TRY(settle_grid(&grid, tuning, options));
    TRY(cancel_check(options->cancel));
    return draw(photo, mask, &grid, tuning, options, ret);
}

static Err *resize_only(const Image *photo, const Image *coarse, Image **ret)
{
    AUTO(image_free) Image *full = NULL;

    TRY(image_resize(coarse, image_width(photo), image_height(photo), IMAGE_LINEAR, &full));
    return image_to_depth(full, DEPTH_8, ret);
}

Err *matte_refine(const Image *photo, const Image *coarse, const MatteOptions *options, Image **ret)
{
    assert(image_depth(photo) == DEPTH_8 && image_channels(photo) >= 3);
    assert(image_depth(coarse) == DEPTH_FLOAT && image_channels(coarse) == 1);

    if (options->refine == MATTE_REFINE_NONE)
        return resize_only(photo, coarse, ret);
    return matte_refine_tuned(photo, coarse, options, &matte_tuning, ret);
}

#define AREA_MIN 0.0005 /* of the picture: less than this is nothing */

double matte_confidence(const Image *coarse)
{
    double sum = 0, square = 0;
    int width = image_width(coarse), height = image_height(coarse);

    assert(image_depth(coarse) == DEPTH_FLOAT && image_channels(coarse) == 1);
    for (int y = 0; y < height; y++) {
        const float *row = image_row(coarse, y);

        for (int x = 0; x < width; x++) {
            double value = CLAMP(row[x], 0.0f, 1.0f);
            sum += value;
            square += value * value;
        }
    }
    return square < AREA_MIN * width * height ? 0 : square / sum;
}
