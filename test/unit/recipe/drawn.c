/* Photos that the tests draw themselves. */
#include "drawn.h"

#include <math.h>

void drawn_disc_png(int width, int height, int diameter, Buf *ret)
{
    AUTO(image_free) Image *image = NULL;
    ImageEncoding png = {.format = IMAGE_PNG};

    CHECK_OK(image_new(width, height, 4, DEPTH_8, &image));
    for (int y = 0; y < height; y++) {
        uint8_t *pixel = image_row_mut(image, y);

        for (int x = 0; x < width; x++, pixel += 4) {
            double reach = hypot(x - width / 2.0 + 0.5, y - height / 2.0 + 0.5);
            double alpha = CLAMP(diameter / 2.0 - reach + 0.5, 0.0, 1.0);

            pixel[0] = 200;
            pixel[1] = 40;
            pixel[2] = 30;
            pixel[3] = (uint8_t)lround(255 * alpha);
        }
    }
    CHECK_OK(image_encode(image, &png, ret));
}

void drawn_perform(const Buf *png, const char *recipe_json, const RecipeContext *context, Shot *ret)
{
    AUTO(value_free) Value *json = NULL;
    AUTO(recipe_free) Recipe *recipe = NULL;

    CHECK_OK(value_parse(recipe_json, strlen(recipe_json), &json));
    CHECK_OK(recipe_read(json, &recipe));
    CHECK_OK(shot_open(ret, png->bytes, png->size, &image_limits_default, NULL));
    CHECK_OK(recipe_perform(recipe, context, ret));
}
