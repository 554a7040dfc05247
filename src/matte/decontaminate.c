/* Edge colours without the old background.
 *
 * A partial pixel is alpha * product + (1 - alpha) * backdrop. Both are first taken as local means, weighted towards pure pixels
 * and towards near ones; the rest that the mixture leaves unexplained is then given to the product in proportion to alpha
 * (the correction of Forte, "Approximate Fast Foreground Colour Estimation", 2021), which brings its texture back.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "matte/refine.h"

enum {
    COLOUR_SIDE = 512, /* the means are worked out on a copy no larger than this */
    SCALES = 3,
    BLEED = 3 /* pixels of that copy that the colour goes on beyond the edge */
};

static const struct {
    int radius; /* of that copy */
    float weight;
} scales[SCALES] = {
    {4, 1},
    {16, 1e-2f},
    {48, 1e-4f},
};

typedef struct Hue {
    float product[3];
    float backdrop[3];
    float near; /* above 0 within BLEED of the edge */
} Hue;

typedef struct Hues {
    int width, height;
    Hue *cells;
    Field *rgb[3], *alpha;
    Field *weight, *blurred, *spare, *total;
} Hues;

static void hues_done(Hues *hues)
{
    free(hues->cells);
    for (int c = 0; c < 3; c++)
        matte_field_free(hues->rgb[c]);
    matte_field_free(hues->alpha);
    matte_field_free(hues->weight);
    matte_field_free(hues->blurred);
    matte_field_free(hues->spare);
    matte_field_free(hues->total);
}
DEFINE_AUTO_DONE(Hues, hues_done);

static Err *hues_new(int width, int height, Hues *hues)
{
    Field **fields[] = {&hues->rgb[0], &hues->rgb[1],  &hues->rgb[2], &hues->alpha,
                        &hues->weight, &hues->blurred, &hues->spare,  &hues->total};
    double part = MIN(1.0, (double)COLOUR_SIDE / MAX(width, height));

    hues->width = MAX((int)(width * part + 0.5), 1);
    hues->height = MAX((int)(height * part + 0.5), 1);
    for (size_t f = 0; f < COUNT(fields); f++)
        TRY(matte_field_new(hues->width, hues->height, fields[f]));
    hues->cells = calloc(matte_field_count(hues->alpha), sizeof(Hue));
    if (!hues->cells)
        return err_new(ERR_MEMORY_SPENT, "no memory for %zu hues", matte_field_count(hues->alpha));
    return NULL;
}

static float purity(float alpha, bool product)
{
    float part = product ? alpha : 1 - alpha;

    part *= part * part;
    return part * part;
}

/* Blur weight x PLANE (or the weight alone) at all scales; TO is the weighted sum. */
static void gather(Hues *hues, bool product, const Field *plane, Field *to)
{
    size_t count = matte_field_count(hues->alpha);

    for (size_t i = 0; i < count; i++) {
        float weight = purity(hues->alpha->values[i], product);
        hues->weight->values[i] = plane ? weight * plane->values[i] : weight;
        to->values[i] = 0;
    }
    for (int s = 0; s < SCALES; s++) {
        matte_field_box(hues->weight, scales[s].radius, hues->spare, hues->blurred);
        for (size_t i = 0; i < count; i++)
            to->values[i] += scales[s].weight * hues->blurred->values[i];
    }
}

static Err *learn(Hues *hues, bool product, const Cancel *cancel)
{
    AUTO(matte_field_free) Field *sum = NULL;
    size_t count = matte_field_count(hues->alpha);

    TRY(matte_field_new(hues->width, hues->height, &sum));
    gather(hues, product, NULL, hues->total);
    for (int c = 0; c < 3; c++) {
        TRY(cancel_check(cancel));
        gather(hues, product, hues->rgb[c], sum);
        for (size_t i = 0; i < count; i++) {
            Hue *hue = &hues->cells[i];
            float mean = sum->values[i] / (hues->total->values[i] + 1e-12f);

            (product ? hue->product : hue->backdrop)[c] = MIN(mean, 1.0f);
        }
    }
    return NULL;
}

typedef struct Painting {
    const Image *photo, *alpha;
    const Hues *hues;
    const Tap *taps;
    const Cancel *cancel;
    Image *rgba;
} Painting;

static Hue blend_hues(const Hues *hues, Tap across, Tap down)
{
    enum {
        FLOATS = sizeof(Hue) / sizeof(float)
    };
    const Hue *upper = hues->cells + (size_t)down.near * hues->width;
    const Hue *lower = hues->cells + (size_t)down.far * hues->width;
    const float *a = (const float *)&upper[across.near], *b = (const float *)&upper[across.far];
    const float *c = (const float *)&lower[across.near], *d = (const float *)&lower[across.far];
    Hue hue;
    float *to = (float *)&hue;

    for (int i = 0; i < FLOATS; i++) {
        float above = a[i] + across.weight * (b[i] - a[i]);
        float below = c[i] + across.weight * (d[i] - c[i]);
        to[i] = above + down.weight * (below - above);
    }
    return hue;
}

static void paint_row(const Painting *painting, int y)
{
    const Hues *hues = painting->hues;
    int width = image_width(painting->photo), channels = image_channels(painting->photo);
    const uint8_t *photo = image_row(painting->photo, y), *alpha = image_row(painting->alpha, y);
    uint8_t *out = image_row_mut(painting->rgba, y);
    Tap down = matte_tap_at(y, image_height(painting->photo), hues->height);
    const Hue *near = hues->cells + (size_t)down.near * hues->width;

    for (int x = 0; x < width; x++, photo += channels, out += 4) {
        Tap across = painting->taps[x];

        out[3] = alpha[x];
        if (alpha[x] == 255)
            memcpy(out, photo, 3);
        else if (alpha[x] > 0 || near[across.near].near > 0) {
            Hue hue = blend_hues(hues, across, down);
            float part = (float)alpha[x] / 255;

            for (int c = 0; c < 3; c++) {
                float mixed = part * hue.product[c] + (1 - part) * hue.backdrop[c];
                float clean = hue.product[c] + part * ((float)photo[c] / 255 - mixed);
                out[c] = (uint8_t)(CLAMP(clean, 0.0f, 1.0f) * 255 + 0.5f);
            }
        }
    }
}

static void paint_strip(void *painting_any, size_t strip)
{
    const Painting *painting = painting_any;
    int bottom = MIN((int)(strip + 1) * STRIP_ROWS, image_height(painting->photo));

    for (int y = (int)strip * STRIP_ROWS; y < bottom && !cancel_is_asked(painting->cancel); y++)
        paint_row(painting, y);
}

Err *matte_decontaminate(
    const Image *photo, const Image *alpha, const MatteOptions *options, Image **ret)
{
    AUTO(hues_done) Hues hues = {0};
    AUTO(image_free) Image *rgba = NULL;
    AUTO(free) Tap *taps = NULL;
    int width = image_width(photo), height = image_height(photo);

    assert(image_depth(photo) == DEPTH_8 && image_channels(photo) >= 3);
    assert(image_depth(alpha) == DEPTH_8 && image_channels(alpha) == 1);
    assert(image_width(alpha) == width && image_height(alpha) == height);

    TRY(hues_new(width, height, &hues));
    TRY(image_new(width, height, 4, DEPTH_8, &rgba));
    taps = malloc((size_t)width * sizeof(Tap));
    if (!taps)
        return err_new(ERR_MEMORY_SPENT, "no memory to paint a row of %d", width);
    for (int x = 0; x < width; x++)
        taps[x] = matte_tap_at(x, width, hues.width);
    matte_field_shrink(photo, options->threads, hues.rgb, 3);
    matte_field_shrink(alpha, options->threads, &hues.alpha, 1);
    TRY(learn(&hues, false, options->cancel));
    TRY(learn(&hues, true, options->cancel));
    matte_field_box(hues.alpha, BLEED, hues.spare, hues.blurred);
    for (size_t i = 0; i < matte_field_count(hues.alpha); i++)
        hues.cells[i].near = hues.blurred->values[i] > 1e-4f;

    Painting painting = {
        .photo = photo,
        .alpha = alpha,
        .hues = &hues,
        .taps = taps,
        .cancel = options->cancel,
        .rgba = rgba,
    };
    size_t strips = ((size_t)height + STRIP_ROWS - 1) / STRIP_ROWS;
    crew_run(options->threads, strips, paint_strip, &painting);
    TRY(cancel_check(options->cancel));
    *ret = TAKE(rgba);
    return NULL;
}
