/* Finished pictures that the tests draw themselves. */
#include "drawn_market.h"

#include <math.h>

#include "base/dice.h"

static void pixel_mix(uint8_t *pixel, const int colour[3], double share)
{
    for (int c = 0; c < 3; c++)
        pixel[c] = (uint8_t)lround(pixel[c] + (colour[c] - pixel[c]) * CLAMP(share, 0.0, 1.0));
}

static uint8_t *pixel_at(Image *image, int x, int y)
{
    return (uint8_t *)image_row_mut(image, y) + (ptrdiff_t)x * 3;
}

static void box_paint(Image *image, Box box, const int colour[3])
{
    for (int y = MAX(box.top, 0); y < MIN(box.top + box.height, image_height(image)); y++)
        for (int x = MAX(box.left, 0); x < MIN(box.left + box.width, image_width(image)); x++)
            pixel_mix(pixel_at(image, x, y), colour, 1);
}

/* A bottle-like thing: an ellipse with a neck. Its box is BOX. */
static double product_at(Box box, double x, double y)
{
    double across = (x - box.left) / box.width * 2 - 1, down = (y - box.top) / box.height;
    double edge = 0.004;
    double body = (1 - hypot(across, (down - 0.65) / 0.35)) / edge * 0.35;
    double neck = fmin((0.35 - fabs(across)) / edge, fmin(down, 0.7 - down) / edge);

    return fmin(fmax(fmax(body, neck) + 0.5, 0), 1);
}

static void product_paint(Image *image, Box box)
{
    int beyond = 2 + MAX(box.width, box.height) / 64; /* the edge is soft */
    int right = MIN(box.left + box.width + beyond, image_width(image));
    int bottom = MIN(box.top + box.height + beyond, image_height(image));

    for (int y = MAX(box.top - beyond, 0); y < bottom; y++)
        for (int x = MAX(box.left - beyond, 0); x < right; x++) {
            const int colour[] = {30 + 60 * x / image_width(image), 70, 130};
            double share = product_at(box, x + 0.5, y + 0.5);

            if (share > 0)
                pixel_mix(pixel_at(image, x, y), colour, share);
        }
}

static void shadow_paint(Image *image, Box box)
{
    static const int dark[] = {120, 120, 122};

    for (int y = 0; y < image_height(image); y++)
        for (int x = 0; x < image_width(image); x++) {
            double across = (x - box.left - box.width * 0.5) / (box.width * 0.62);
            double down = (y - box.top - box.height * 0.97) / (box.height * 0.07);
            double share = 1 - hypot(across, down);

            if (share > 0)
                pixel_mix(pixel_at(image, x, y), dark, share * share * (3 - 2 * share));
        }
}

static void
words_paint(Image *image, const char *words, int left, int top, int height, double share)
{
    static const int ink[] = {20, 20, 20};
    AUTO(image_free) Image *mask = NULL;

    CHECK_OK(image_text(words, "sans bold", height, &mask));
    for (int y = 0; y < image_height(mask) && top + y < image_height(image); y++)
        for (int x = 0; x < image_width(mask) && left + x < image_width(image); x++)
            pixel_mix(
                pixel_at(image, left + x, top + y), ink,
                share * ((const uint8_t *)image_row(mask, y))[x] / 255);
}

static void frame_paint(Image *image, int at, int thick, const int colour[3])
{
    int width = image_width(image), height = image_height(image);

    box_paint(image, (Box){at, at, width - 2 * at, thick}, colour);
    box_paint(image, (Box){at, height - at - thick, width - 2 * at, thick}, colour);
    box_paint(image, (Box){at, at, thick, height - 2 * at}, colour);
    box_paint(image, (Box){width - at - thick, at, thick, height - 2 * at}, colour);
}

static void grain_paint(Image *image)
{
    Dice dice = dice_seeded(5);

    for (int y = 0; y < image_height(image); y++)
        for (int x = 0; x < image_width(image); x++) {
            const int dark[] = {90, 70, 50};
            double grain = (double)(dice_bits(&dice) & 255) / 255;

            pixel_mix(
                pixel_at(image, x, y), dark,
                0.5 * fabs(sin(y * 0.21 + 3 * sin(x * 0.02))) + 0.4 * grain);
        }
}

static void before_product(Image *image, const Drawing *drawing, Box product)
{
    int width = drawing->width, height = drawing->height;
    const int grey[] = {238, 238, 238}, dark[] = {150, 150, 150};

    if (drawing->fault == DRAWN_TEXTURED)
        grain_paint(image);
    if (drawing->fault == DRAWN_SHADOW)
        shadow_paint(image, product);
    if (drawing->fault == DRAWN_CORNER)
        box_paint(image, (Box){width - width / 20, height - height / 20, width, height}, grey);
    if (drawing->fault == DRAWN_FADED)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                pixel_mix(pixel_at(image, x, y), dark, 0.4 * y / height);
}

static void after_product(Image *image, const Drawing *drawing, Box product)
{
    int width = drawing->width, height = drawing->height;
    const int red[] = {200, 20, 30}, black[] = {30, 30, 30}, sand[] = {190, 170, 140};

    if (drawing->fault == DRAWN_TEXT)
        words_paint(image, "SALE NOW 50%", width / 20, height / 30, height / 14, 1);
    if (drawing->fault == DRAWN_TEXT_ON_ITEM)
        words_paint(
            image, "SOAP", product.left + product.width / 3, product.top + product.height * 3 / 5,
            product.height / 16, 1);
    if (drawing->fault == DRAWN_WATERMARK)
        for (int i = 0; i < 4; i++)
            words_paint(
                image, "myshop.example", i & 1 ? width * 7 / 10 : width / 40,
                height / 12 + i / 2 * height * 3 / 4, height / 32, 0.08);
    if (drawing->fault == DRAWN_FRAME)
        frame_paint(image, width / 40, MAX(width / 150, 2), black);
    if (drawing->fault == DRAWN_BORDER)
        frame_paint(image, 0, width / 25, red);
    if (drawing->fault == DRAWN_COLLAGE)
        box_paint(image, (Box){width / 2, 0, width / 2, height}, sand);
}

static void picture_open(const Image *rgb, Box product, Image **ret)
{
    AUTO(image_free) Image *alpha = NULL;

    CHECK_OK(image_new(image_width(rgb), image_height(rgb), 1, DEPTH_8, &alpha));
    for (int y = 0; y < image_height(rgb); y++)
        for (int x = 0; x < image_width(rgb); x++)
            ((uint8_t *)image_row_mut(alpha, y))[x] =
                (uint8_t)lround(255 * product_at(product, x + 0.5, y + 0.5));
    CHECK_OK(image_join_alpha(rgb, alpha, ret));
}

void drawn_picture(const Drawing *drawing, Image **ret)
{
    AUTO(image_free) Image *image = NULL;
    int width = drawing->width, height = drawing->height;
    uint8_t level = (uint8_t)drawing->ground;
    int tall = (int)lround(MIN(height, width * 2) * drawing->fill / 100), wide = tall / 2;
    Box product = {(width - wide) / 2, (height - tall) / 2, wide, tall};

    if (drawing->fault == DRAWN_CUT)
        product.top = height - tall * 3 / 4;
    if (drawing->fault == DRAWN_TWO)
        product.left = width / 2 - wide - width / 40;
    CHECK_OK(image_flat(width, height, (Colour){level, level, level, 255}, &image));
    before_product(image, drawing, product);
    product_paint(image, product);
    if (drawing->fault == DRAWN_TWO)
        product_paint(image, (Box){width / 2 + width / 40, product.top, wide, tall});
    after_product(image, drawing, product);
    if (drawing->fault == DRAWN_OPEN) {
        picture_open(image, product, ret);
        return;
    }
    *ret = TAKE(image);
}
