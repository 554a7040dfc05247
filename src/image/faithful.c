/* Holding an enlarged picture to the one it came from. */
#include "base/attr.h"
#include "image/image.h"

enum {
    ROUNDS = 3,   /* after these nothing more is to be gained */
    NOTHING = 128 /* what stands for no difference */
};

/* TO = NOTHING + (WANTED - SEEN), one byte each. */
static void difference_take(const Image *wanted, const Image *seen, Image *to)
{
    int values = image_width(to) * image_channels(to);

    for (int y = 0; y < image_height(to); y++) {
        const uint8_t *a = image_row(wanted, y), *b = image_row(seen, y);
        uint8_t *row = image_row_mut(to, y);

        for (int i = 0; i < values; i++)
            row[i] = (uint8_t)CLAMP(NOTHING + a[i] - b[i], 0, 255);
    }
}

static void difference_add(Image *image, const Image *difference)
{
    int values = image_width(image) * image_channels(image);

    for (int y = 0; y < image_height(image); y++) {
        const uint8_t *from = image_row(difference, y);
        uint8_t *row = image_row_mut(image, y);

        for (int i = 0; i < values; i++)
            row[i] = (uint8_t)CLAMP(row[i] + from[i] - NOTHING, 0, 255);
    }
}

/* Iterative back-projection (Irani, Peleg 1991). */
Err *image_faithful(const Image *larger, const Image *original, Image **ret)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(image_free) Image *off = NULL;
    int width = image_width(original), height = image_height(original);

    TRY(image_copy(larger, &image));
    TRY(image_new(width, height, image_channels(original), DEPTH_8, &off));
    for (int round = 0; round < ROUNDS; round++) {
        AUTO(image_free) Image *shrunk = NULL;
        AUTO(image_free) Image *spread = NULL;

        TRY(image_resize(image, width, height, IMAGE_LANCZOS3, &shrunk));
        difference_take(original, shrunk, off);
        TRY(image_resize(off, image_width(image), image_height(image), IMAGE_CUBIC, &spread));
        difference_add(image, spread);
    }
    *ret = TAKE(image);
    return NULL;
}
