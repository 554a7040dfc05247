/* Promises of the step frame: a product without a set fills no more than it may. */
#include <string.h>

#include "recipe/recipe.h"
#include "test.h"

/* A red product that fills nine tenths of a transparent square, as a PNG. */
static void product_draw(Buf *png)
{
    enum {
        SIDE = 200,
        EDGE = 10
    };
    AUTO(image_free) Image *image = NULL;

    CHECK_OK(image_new(SIDE, SIDE, 4, DEPTH_8, &image));
    for (int y = 0; y < SIDE; y++) {
        uint8_t *row = image_row_mut(image, y);

        for (int x = 0; x < SIDE; x++) {
            bool is_in = x >= EDGE && x < SIDE - EDGE && y >= EDGE && y < SIDE - EDGE;

            memcpy(row + x * 4, is_in ? (uint8_t[]){200, 30, 30, 255} : (uint8_t[]){0, 0, 0, 0}, 4);
        }
    }
    CHECK_OK(image_encode(image, &(ImageEncoding){.format = IMAGE_PNG, .effort = 1}, png));
}

/* How many pixels of the middle row are red when it was framed with FILL percent. */
static int width_framed(const char *fill)
{
    AUTO(buf_done) Buf png = BUF(1 << 20), text = BUF(1 << 12);
    AUTO(value_free) Value *json = NULL;
    AUTO(recipe_free) Recipe *recipe = NULL;
    AUTO(shot_done) Shot shot = {0};
    int red = 0;

    product_draw(&png);
    CHECK_OK(buf_print(
        &text,
        "{\"steps\":[{\"step\":\"frame\",\"width_px\":300,\"height_px\":400,\"fill\":%s},"
        "{\"step\":\"encode\",\"format\":\"png\"}]}",
        fill));
    CHECK_OK(value_parse(buf_text(&text), text.size, &json));
    CHECK_OK(recipe_read(json, &recipe));
    CHECK_OK(shot_open(&shot, png.bytes, png.size, &image_limits_default, NULL));
    CHECK_OK(recipe_perform(recipe, &(RecipeContext){.threads = 1}, &shot));
    const Image *picture = shot_picture(&shot);
    const uint8_t *row = image_row(picture, image_height(picture) / 2);
    for (int x = 0; x < image_width(picture); x++)
        red += row[x * 3] > 150 && row[x * 3 + 1] < 100;
    return red;
}

TEST(a_product_alone_fills_its_frame_as_far_as_is_said)
{
    int as_it_is = width_framed("0"), less = width_framed("60");

    CHECK(as_it_is > 260 && as_it_is <= 300);
    CHECK(less >= 170 && less <= 180); /* 60 percent of 300 */
}
