/* One photo on its way to a picture. */
#include "recipe/shot.h"

#include <string.h>

#include "base/crew.h"

Err *shot_open(
    Shot *shot, const void *bytes, size_t size, const ImageLimits *limits, Cancel *cancel)
{
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    *shot = (Shot){.profile = BUF(4 << 20), .encoded = BUF(512 << 20), .notes = value_object()};
    TRY(image_decode(bytes, size, limits, cancel, &decoded));

    shot->state = hash_bytes(bytes, size);
    shot->source = TAKE(decoded.image);
    shot->product = image_ref(shot->source);
    shot->facts = decoded.facts;
    shot->rights = decoded.rights;
    decoded.rights = (ImageRights){0};
    TRY(buf_add(&shot->profile, decoded.profile.bytes, decoded.profile.size));
    shot->width_px = image_width(shot->source);
    shot->height_px = image_height(shot->source);
    shot->box = (Box){0, 0, shot->width_px, shot->height_px};
    shot->is_cut_out = image_has_alpha(shot->source);
    return NULL;
}

void shot_done(Shot *shot)
{
    image_free(shot->source);
    image_free(shot->product);
    image_free(shot->backdrop);
    image_free(shot->reflection);
    image_free(shot->shadow);
    image_free(shot->light);
    image_free(shot->finished);
    image_rights_done(&shot->rights);
    buf_done(&shot->profile);
    buf_done(&shot->encoded);
    value_free(shot->notes);
    value_free(shot->bills);
    value_free(shot->doers);
    memset(shot, 0, sizeof(*shot));
}

void shot_put(Image **layer, Image *image)
{
    image_free(*layer);
    *layer = image;
}

void shot_note(Shot *shot, const char *step, const char *name, Value *value)
{
    if (!value_get(shot->notes, step))
        value_set(shot->notes, step, value_object());
    value_set((Value *)(uintptr_t)value_get(shot->notes, step), name, value);
}

const Image *shot_picture(const Shot *shot)
{
    return shot->finished ? shot->finished : shot->product;
}

/* One layer over a row of the frame, straight alpha, in the encoding (as designers expect of 40 % opacity, and as mattes are
 * defined: the share of product in the photographed, encoded colour). */
typedef struct Layer {
    const Image *image;
    Box box;
} Layer;

static void pixel_blend(uint8_t *under, int under_channels, const uint8_t *over, int over_channels)
{
    int alpha = over_channels == 4 ? over[3] : 255;

    if (alpha == 0)
        return;
    if (alpha == 255 || (under_channels == 4 && under[3] == 0)) {
        memcpy(under, over, 3);
        if (under_channels == 4)
            under[3] = (uint8_t)alpha;
        return;
    }

    int rest = under_channels == 4 ? (under[3] * (255 - alpha) + 127) / 255 : 255 - alpha;
    int whole = alpha + rest;
    for (int c = 0; c < 3; c++)
        under[c] = (uint8_t)((over[c] * alpha + under[c] * rest + whole / 2) / whole);
    if (under_channels == 4)
        under[3] = (uint8_t)whole;
}

static void row_blend(const Layer *layer, uint8_t *row, int width, int channels, int y)
{
    int layer_height = layer->image ? MIN(layer->box.height, image_height(layer->image)) : 0;

    if (y < layer->box.top || y >= layer->box.top + layer_height)
        return;

    int layer_channels = image_channels(layer->image);
    const uint8_t *over = image_row(layer->image, y - layer->box.top);
    int first = MAX(layer->box.left, 0);
    int layer_width = MIN(layer->box.width, image_width(layer->image));
    int end = MIN(layer->box.left + layer_width, width);

    for (int x = first; x < end; x++)
        pixel_blend(
            row + (ptrdiff_t)x * channels, channels,
            over + (ptrdiff_t)(x - layer->box.left) * layer_channels, layer_channels);
}

typedef struct Composing {
    Layer layers[4];
    Image *picture;
} Composing;

enum {
    STRIP_ROWS = 64
};

static void strip_compose(void *composing_any, size_t strip)
{
    Composing *composing = composing_any;
    int width = image_width(composing->picture), channels = image_channels(composing->picture);
    int first = (int)strip * STRIP_ROWS;
    int end = MIN(first + STRIP_ROWS, image_height(composing->picture));

    for (int y = first; y < end; y++)
        for (size_t i = 0; i < COUNT(composing->layers); i++)
            row_blend(
                &composing->layers[i], image_row_mut(composing->picture, y), width, channels, y);
}

static void layers_compose(const Layer layers[4], Image *picture, int threads)
{
    Composing composing = {.picture = picture};

    memcpy(composing.layers, layers, sizeof(composing.layers));
    crew_run(
        threads, (size_t)(image_height(picture) + STRIP_ROWS - 1) / STRIP_ROWS, strip_compose,
        &composing);
}

Err *shot_blend(const Image *under, const Image *over, int threads, Image **ret)
{
    Box whole = {0, 0, image_width(under), image_height(under)};
    Layer layers[4] = {{under, whole}, {over, whole}};
    Image *blank = NULL;

    TRY(image_new(whole.width, whole.height, 4, DEPTH_8, &blank));
    layers_compose(layers, blank, threads);
    *ret = blank;
    return NULL;
}

Err *shot_finish(Shot *shot, int threads)
{
    if (shot->finished)
        return NULL;
    if (!shot->is_placed && !shot->backdrop && !shot->shadow && !shot->reflection) {
        shot->finished = image_ref(shot->product);
        return NULL;
    }

    Box frame = {0, 0, shot->width_px, shot->height_px};
    Layer layers[4] = {
        {shot->backdrop, frame},
        {shot->reflection, frame},
        {shot->shadow, frame},
        {shot->product, shot->box},
    };
    Image *blank = NULL;

    TRY(image_new(frame.width, frame.height, shot->backdrop ? 3 : 4, DEPTH_8, &blank));
    layers_compose(layers, blank, threads);
    shot->finished = blank;
    return NULL;
}
