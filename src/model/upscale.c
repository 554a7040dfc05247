/* Enlarging a picture tile by tile. */
#include <string.h>

#include "model/model_priv.h"

/* A row of tiles along one axis: INNER pixels of each are kept, OVERLAP more are shown to the network on both sides. */
typedef struct Tiling {
    int side, inner, overlap, count;
} Tiling;

/* As few tiles as may be, of one size, so that the network plans its memory once and little is computed twice. */
static Tiling tiling_of(int side, int tile_px, int overlap_px)
{
    int most = MAX(tile_px - 2 * overlap_px, 1);
    Tiling tiling = {.side = side, .overlap = overlap_px, .count = (side + most - 1) / most};

    tiling.inner = (side + tiling.count - 1) / tiling.count;
    return tiling;
}

/* The place that stands for AT beyond an edge: mirrored without repeating the edge itself, however far. */
static int mirrored(int at, int side)
{
    int period = MAX(2 * (side - 1), 1);

    at = ((at % period) + period) % period;
    return at < side ? at : period - at;
}

typedef struct Upscale {
    Model *model;
    const Image *from;
    Image *to;
    int factor;
    Tiling across, down;
} Upscale;

static MUST Err *tile_cut(const Upscale *upscale, int column, int row, Image **ret)
{
    const Tiling *across = &upscale->across, *down = &upscale->down;
    AUTO(image_free) Image *tile = NULL;
    int left = column * across->inner - across->overlap;
    int top = row * down->inner - down->overlap;

    TRY(image_new(
        across->inner + 2 * across->overlap, down->inner + 2 * down->overlap, 3, DEPTH_8, &tile));
    for (int y = 0; y < image_height(tile); y++) {
        const uint8_t *from = image_row(upscale->from, mirrored(top + y, down->side));
        uint8_t *to = image_row_mut(tile, y);

        for (int x = 0; x < image_width(tile); x++)
            memcpy(to + (size_t)x * 3, from + (size_t)mirrored(left + x, across->side) * 3, 3);
    }
    *ret = TAKE(tile);
    return NULL;
}

static MUST Err *
output_check(const Upscale *upscale, const ModelTensor *input, const ModelTensor *output)
{
    const ModelRow *row = model_row(upscale->model);
    int channel_axis = row->input.layout == MODEL_NHWC ? 3 : 1;
    bool fits = output->rank == 4;

    for (int i = 0; i < 4 && fits; i++) {
        int64_t times = i == 0 || i == channel_axis ? 1 : upscale->factor;

        fits = output->sides[i] == input->sides[i] * times;
    }
    if (!fits)
        return err_new(
            ERR_MODEL_BROKEN, "model '%s' does not enlarge %d times", row->name, upscale->factor);
    return NULL;
}

/* The inner part of a tile's result to its place. */
static void tile_paste(const Upscale *upscale, const ModelTensor *output, int column, int row)
{
    const ModelInput *input = &model_row(upscale->model)->input;
    const Tiling *across = &upscale->across, *down = &upscale->down;
    int factor = upscale->factor;
    bool apart = input->layout == MODEL_NHWC;
    size_t width = (size_t)(across->inner + 2 * across->overlap) * (size_t)factor;
    size_t height = (size_t)(down->inner + 2 * down->overlap) * (size_t)factor;
    int columns = MIN(across->inner, across->side - column * across->inner) * factor;
    int rows = MIN(down->inner, down->side - row * down->inner) * factor;

    for (int y = 0; y < rows; y++) {
        uint8_t *to = (uint8_t *)image_row_mut(upscale->to, row * down->inner * factor + y) +
                      (size_t)(column * across->inner * factor) * 3;
        size_t at =
            (size_t)(down->overlap * factor + y) * width + (size_t)(across->overlap * factor);

        for (int x = 0; x < columns; x++, at++)
            for (int c = 0; c < 3; c++) {
                size_t channel = (size_t)(input->channels == MODEL_BGR ? 2 - c : c);
                float value =
                    output->values[apart ? at * 3 + channel : channel * width * height + at];

                to[(size_t)x * 3 + (size_t)c] = (uint8_t)(value * 255 + 0.5f);
            }
    }
}

static MUST Err *tile_run(const Upscale *upscale, int column, int row, Cancel *cancel)
{
    const ModelRow *model = model_row(upscale->model);
    AUTO(image_free) Image *tile = NULL;
    AUTO(model_tensor_done) ModelTensor output = {0};
    ModelTensor input = {0};

    TRY(tile_cut(upscale, column, row, &tile));
    Fitting whole = {
        image_width(tile), image_height(tile), {0, 0, image_width(tile), image_height(tile)}};
    TRY(model_tensor_of_photo(&model->input, &whole, tile, &input));

    Err *err = model_run(upscale->model, &(ModelRun){&input, 1, &output, 1}, cancel);
    free(input.values);
    TRY(err);
    TRY(output_check(upscale, &input, &output));
    model_values_to_unit(&model->output, output.values, model_tensor_count(&output));
    tile_paste(upscale, &output, column, row);
    return NULL;
}

Err *model_upscale(Model *model, const Image *rgb, const ModelUpscaling *options, Image **ret)
{
    const ModelRow *row = model_row(model);
    ModelUpscaling chosen = options ? *options : (ModelUpscaling){0};
    AUTO(image_free) Image *to = NULL;

    if (row->task != MODEL_UPSCALE || image_channels(rgb) != 3 || image_depth(rgb) != DEPTH_8)
        return err_new(ERR_BUG, "model '%s' was not given RGB of 8 bits to enlarge", row->name);

    int overlap = chosen.overlap_px ? chosen.overlap_px : (int)row->upscale.overlap_px;
    int tile = chosen.tile_px ? chosen.tile_px : (int)row->upscale.tile_px;
    int factor = (int)row->upscale.factor;

    TRY(image_new(image_width(rgb) * factor, image_height(rgb) * factor, 3, DEPTH_8, &to));
    Upscale upscale = {
        .model = model,
        .from = rgb,
        .to = to,
        .factor = factor,
        .across = tiling_of(image_width(rgb), tile, overlap),
        .down = tiling_of(image_height(rgb), tile, overlap),
    };
    int tiles = upscale.across.count * upscale.down.count;

    for (int i = 0; i < tiles; i++) {
        TRY(tile_run(&upscale, i % upscale.across.count, i / upscale.across.count, chosen.cancel));
        if (chosen.progress)
            chosen.progress(chosen.context, (double)(i + 1) / tiles);
    }
    *ret = TAKE(to);
    return NULL;
}
