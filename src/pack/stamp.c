/* The mark on a picture: words in its bottom right corner, light with a dark edge, so that they can be read on any ground. */
#include <math.h>
#include <string.h>

#include "pack/pack_priv.h"

static const double letter_share = 0.034; /* of the shorter side */
static const double strength = 0.62, edge_strength = 0.42;

typedef struct Stamp {
    const Image *letters, *edge; /* one channel; EDGE is wider by REACH on each side */
    int reach;
    Image *picture;
    int left, top; /* of the letters */
} Stamp;

static void ink_add(uint8_t *pixel, int channels, int ink, double share)
{
    for (int c = 0; c < 3; c++)
        pixel[c] = (uint8_t)lround(pixel[c] + (ink - pixel[c]) * share);
    if (channels == 4)
        pixel[3] = (uint8_t)lround(pixel[3] + (255 - pixel[3]) * share);
}

static void mask_add(const Stamp *stamp, const Image *mask, int left, int top, int ink, double most)
{
    int channels = image_channels(stamp->picture);

    for (int y = MAX(0, -top); y < image_height(mask); y++) {
        if (top + y >= image_height(stamp->picture))
            break;
        const uint8_t *from = image_row(mask, y);
        uint8_t *to = image_row_mut(stamp->picture, top + y);

        for (int x = MAX(0, -left); x < image_width(mask); x++)
            if (from[x] && left + x < image_width(stamp->picture))
                ink_add(
                    to + (ptrdiff_t)(left + x) * channels, channels, ink, from[x] / 255.0 * most);
    }
}

/* The letters with REACH of nothing around them, blurred. */
static MUST Err *edge_make(const Image *letters, int reach, Image **ret)
{
    AUTO(image_free) Image *wider = NULL;

    TRY(image_new(
        image_width(letters) + 2 * reach, image_height(letters) + 2 * reach, 1, DEPTH_8, &wider));
    for (int y = 0; y < image_height(letters); y++)
        memcpy(
            (uint8_t *)image_row_mut(wider, y + reach) + reach, image_row(letters, y),
            (size_t)image_width(letters));
    return image_blur(wider, reach / 2.5, ret);
}

Err *pack_stamp(const char *text, Image **picture)
{
    AUTO(image_free) Image *letters = NULL, *edge = NULL, *stamped = NULL;
    int width = image_width(*picture), height = image_height(*picture);
    int letter_px = MAX((int)lround(MIN(width, height) * letter_share), 9);
    int margin = letter_px * 3 / 4;

    TRY(image_text(text, "sans bold", letter_px, &letters));
    if (image_width(letters) > width - 2 * margin) {
        AUTO(image_free) Image *wide = TAKE(letters);
        int room = MAX(width - 2 * margin, 1);

        TRY(image_resize(
            wide, room, MAX(image_height(wide) * room / image_width(wide), 1), IMAGE_LANCZOS3,
            &letters));
    }
    Stamp stamp = {.letters = letters, .reach = MAX(letter_px / 5, 3)};
    TRY(edge_make(letters, stamp.reach, &edge));
    TRY(image_copy(*picture, &stamped));
    stamp.edge = edge;
    stamp.picture = stamped;
    stamp.left = width - margin - image_width(letters);
    stamp.top = height - margin - image_height(letters);
    mask_add(&stamp, edge, stamp.left - stamp.reach, stamp.top - stamp.reach, 0, edge_strength);
    mask_add(&stamp, letters, stamp.left, stamp.top, 255, strength);
    image_free(*picture);
    *picture = TAKE(stamped);
    return NULL;
}
