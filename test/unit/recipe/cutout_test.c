/* Promises of cutting out and upscaling, with the real networks; skipped where they are not installed. */
#include <math.h>

#include "base/file.h"
#include "drawn.h"
#include "model/model.h"

static Models *models_of_this_machine(const char *needed)
{
    const char *named = getenv("CYCLORAMA_MODELS");
    ModelsOptions options = {.folder = named ? named : TEST_SOURCE "/../.models", .threads = 2};
    Models *models = NULL;

    CHECK_OK(models_open(&options, &models));
    const ModelRow *row = models_find(models, needed);
    const char *version;
    AUTO(err_free) Err *err = models_runtime(models, &version);
    if (err || !row || models_state(models, row) != MODEL_STATE_INSTALLED) {
        models_close(models);
        test_skip("no '%s'; run 'cyclorama models fetch'", needed);
    }
    return models;
}

enum {
    SIDE = 500,
    RADIUS = 150
};

static double disc_alpha(int x, int y)
{
    return CLAMP(RADIUS - hypot(x - SIDE / 2 + 0.5, y - SIDE / 2 + 0.5) + 0.5, 0.0, 1.0);
}

/* A shaded red ball before a green wall that grows lighter upwards. */
static void ball_photo(Buf *ret)
{
    AUTO(image_free) Image *image = NULL;
    ImageEncoding png = {.format = IMAGE_PNG};

    CHECK_OK(image_new(SIDE, SIDE, 3, DEPTH_8, &image));
    for (int y = 0; y < SIDE; y++) {
        uint8_t *pixel = image_row_mut(image, y);

        for (int x = 0; x < SIDE; x++, pixel += 3) {
            double a = disc_alpha(x, y);
            double shade = 1 - hypot(x - 200, y - 190) / 420;
            double wall = 190 - 60.0 * y / SIDE;

            pixel[0] = (uint8_t)(a * 215 * shade + (1 - a) * wall * 0.55);
            pixel[1] = (uint8_t)(a * 45 * shade + (1 - a) * wall);
            pixel[2] = (uint8_t)(a * 40 * shade + (1 - a) * wall * 0.6);
        }
    }
    CHECK_OK(image_encode(image, &png, ret));
}

TEST(a_product_is_cut_out_at_the_photos_size_with_no_old_background_in_its_edge)
{
    AUTO(models_close) Models *models = models_of_this_machine("isnet");
    AUTO(buf_done) Buf photo = BUF(4 << 20);
    AUTO(shot_done) Shot shot = {0};
    RecipeContext context = {.models = models, .threads = 2, .seed = 1};
    double off = 0;

    ball_photo(&photo);
    drawn_perform(&photo, "{\"steps\":[{\"step\":\"cutout\"}]}", &context, &shot);
    CHECK_INT(image_width(shot.product), SIDE);
    CHECK_INT(image_height(shot.product), SIDE);
    for (int y = 0; y < SIDE; y++) {
        const uint8_t *pixel = image_row(shot.product, y);

        for (int x = 0; x < SIDE; x++, pixel += 4) {
            off += fabs(pixel[3] / 255.0 - disc_alpha(x, y));
            /* The ball has five times as much red as green; the wall has more green than red. */
            if (pixel[3] > 40)
                CHECK(pixel[1] < pixel[0]);
        }
    }
    CHECK(off / (SIDE * SIDE) < 0.01);
    CHECK(value_number(value_get(value_get(shot.notes, "cutout"), "confidence")) > 0.8);
}

TEST(a_photo_without_a_product_is_refused_with_advice)
{
    AUTO(models_close) Models *models = models_of_this_machine("isnet-512");
    AUTO(buf_done) Buf photo = BUF(4 << 20);
    AUTO(image_free) Image *wall = NULL;
    AUTO(shot_done) Shot shot = {0};
    AUTO(value_free) Value *json = NULL;
    AUTO(recipe_free) Recipe *recipe = NULL;
    RecipeContext context = {.models = models, .threads = 2, .seed = 1};
    ImageEncoding png = {.format = IMAGE_PNG};
    static const char text[] = "{\"steps\":[{\"step\":\"cutout\",\"mode\":\"preview\"}]}";

    CHECK_OK(image_flat(400, 300, (Colour){235, 235, 235, 255}, &wall));
    CHECK_OK(image_encode(wall, &png, &photo));
    CHECK_OK(value_parse(text, strlen(text), &json));
    CHECK_OK(recipe_read(json, &recipe));
    CHECK_OK(shot_open(&shot, photo.bytes, photo.size, &image_limits_default, NULL));
    AUTO(err_free) Err *err = recipe_perform(recipe, &context, &shot);
    CHECK_TEXT(err_name(err_code(err)), "product_not_found");
    CHECK(strstr(err_text(err), "Use a photo with one clear product") != NULL);
}

TEST(a_photo_that_is_cut_out_already_is_kept_as_it_is)
{
    AUTO(buf_done) Buf photo = BUF(4 << 20);
    AUTO(shot_done) Shot shot = {0};
    RecipeContext context = {.threads = 1, .seed = 1};

    drawn_disc_png(100, 100, 60, &photo);
    drawn_perform(&photo, "{\"steps\":[{\"step\":\"cutout\"}]}", &context, &shot);
    CHECK(value_bool(value_get(value_get(shot.notes, "cutout"), "kept")));
    CHECK(shot.product == shot.source);
}

static void upscaled_disc_check(int factor, int side_px, int outline_px)
{
    AUTO(buf_done) Buf photo = BUF(4 << 20);
    AUTO(shot_done) Shot shot = {0};
    RecipeContext context = {.threads = 2, .seed = 1};
    char steps[80];
    int64_t inside = 0;

    (void)snprintf(
        steps, sizeof(steps), "{\"steps\":[{\"step\":\"upscale\",\"factor\":%d}]}", factor);
    drawn_disc_png(90, 70, 60, &photo);
    drawn_perform(&photo, steps, &context, &shot);
    CHECK_INT(image_width(shot.product), 90 * factor);
    CHECK_INT(image_height(shot.product), 70 * factor);
    for (int y = 0; y < image_height(shot.product); y++)
        for (int x = 0; x < image_width(shot.product); x++)
            inside += ((const uint8_t *)image_row(shot.product, y))[4 * x + 3] > 127;
    CHECK(llabs(inside - (int64_t)(3.14159 * side_px * side_px / 4)) < outline_px);
}

TEST(an_upscaled_product_has_more_pixels_and_the_same_outline_and_needs_no_model)
{
    upscaled_disc_check(2, 120, 120);
    upscaled_disc_check(4, 240, 240);
}
