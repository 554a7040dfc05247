/* A perceptual hash: the signs of the lowest frequencies of a small grey picture, against their median. */
#include <math.h>

#include "image/image_priv.h"

enum {
    SIDE = 32,
    KEPT = 8 /* frequencies a side; 8 x 8 signs fill 64 bits */
};

/* Luma of Rec. 709, on white where the picture is clear. */
static void grey_read(const Image *small, double grey[SIDE][SIDE])
{
    int channels = image_channels(small);

    for (int y = 0; y < SIDE; y++) {
        const float *pixel = image_row(small, y);

        for (int x = 0; x < SIDE; x++, pixel += channels) {
            double luma = channels == 1 ? (double)pixel[0]
                                        : 0.2126 * (double)pixel[0] + 0.7152 * (double)pixel[1] +
                                              0.0722 * (double)pixel[2];
            double alpha = channels == 4 ? (double)pixel[3] : 1;

            grey[y][x] = luma * alpha + 1 - alpha;
        }
    }
}

static int value_order(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

Err *image_fingerprint(const Image *image, uint64_t *ret)
{
    AUTO(image_free) Image *small = NULL;
    double grey[SIDE][SIDE], half[KEPT][SIDE] = {0}, dct[KEPT * KEPT] = {0}, order[KEPT * KEPT];
    uint64_t bits = 0;

    TRY(resize_to_depth(image, SIDE, SIDE, IMAGE_LINEAR, DEPTH_FLOAT, &small));
    grey_read(small, grey);
    for (int v = 0; v < KEPT; v++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                half[v][x] += grey[y][x] * cos(M_PI * v * (2 * y + 1) / (2.0 * SIDE));
    for (int v = 0; v < KEPT; v++)
        for (int u = 0; u < KEPT; u++)
            for (int x = 0; x < SIDE; x++)
                order[v * KEPT + u] = dct[v * KEPT + u] +=
                    half[v][x] * cos(M_PI * u * (2 * x + 1) / (2.0 * SIDE));

    /* The first says how bright the whole is and nothing of what is seen. */
    order[0] = dct[0] = 0;
    qsort(order, COUNT(order), sizeof(*order), value_order);
    double median = (order[KEPT * KEPT / 2 - 1] + order[KEPT * KEPT / 2]) / 2;
    for (size_t i = 0; i < COUNT(dct); i++)
        /* A blank picture has only rounding noise here, which is not to be told from nothing. */
        if (dct[i] - median > 1e-6)
            bits |= (uint64_t)1 << i;
    *ret = bits;
    return NULL;
}
