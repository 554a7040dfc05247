/* Promises of the matte: edges, colours, specks, threads, memory. The pictures are drawn here, so their true mattes are known. */
#include <math.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/dice.h"
#include "matte/matte.h"
#include "test.h"

/* A picture whose matte is known. */
typedef struct Scene {
    Image *photo;  /* RGB */
    Image *truth;  /* alpha, DEPTH_8 */
    Image *coarse; /* what a network at a quarter of the size would say, DEPTH_FLOAT */
} Scene;

static void scene_done(Scene *scene)
{
    image_free(scene->photo);
    image_free(scene->truth);
    image_free(scene->coarse);
}
DEFINE_AUTO_DONE(Scene, scene_done);

/* True alpha of a point; 0 outside, 1 inside. */
typedef double Shape(double x, double y, int side);

static double soft_step(double inside_px)
{
    return CLAMP(inside_px + 0.5, 0.0, 1.0);
}

static double disc(double x, double y, int side)
{
    return soft_step(side * 0.3 - hypot(x - side * 0.5, y - side * 0.5));
}

static double ring(double x, double y, int side)
{
    double from_middle = hypot(x - side * 0.5, y - side * 0.5);

    return soft_step(side * 0.08 - fabs(from_middle - side * 0.3));
}

/* A disc with fine strokes all around. */
static double hairy_disc(double x, double y, int side)
{
    double dx = x - side * 0.5, dy = y - side * 0.5;
    double out = hypot(dx, dy) - side * 0.25, angle = atan2(dy, dx) + out / side;
    double stroke = 0.5 + 0.5 * cos(angle * 90);

    if (out < 0)
        return 1;
    return CLAMP(1 - out / (side * 0.08), 0.0, 1.0) * stroke;
}

static double nothing(double x, double y, int side)
{
    (void)x;
    (void)y;
    (void)side;
    return 0;
}

static const uint8_t orange[3] = {214, 120, 40}, green[3] = {40, 190, 70};

static void paint_pixel(Scene *scene, int x, int y, double alpha)
{
    uint8_t *pixel = (uint8_t *)image_row_mut(scene->photo, y) + 3 * x;
    uint64_t grain = dice_hash((uint64_t)x, (uint64_t)y);
    double shade = (double)(grain % 17) - 8;

    for (int c = 0; c < 3; c++) {
        double mixed = alpha * orange[c] + (1 - alpha) * green[c] + shade;
        pixel[c] = (uint8_t)CLAMP(mixed, 0.0, 255.0);
    }
    ((uint8_t *)image_row_mut(scene->truth, y))[x] = (uint8_t)(alpha * 255 + 0.5);
}

/* SIDE x SIDE; the coarse mask is the truth shrunk four times and blurred, so its edge is where it should be, but soft. */
static Scene scene_drawn(Shape *shape, int side)
{
    Scene scene = {0};
    AUTO(image_free) Image *small = NULL, *deep = NULL;

    CHECK_OK(image_new(side, side, 3, DEPTH_8, &scene.photo));
    CHECK_OK(image_new(side, side, 1, DEPTH_8, &scene.truth));
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            paint_pixel(&scene, x, y, shape(x + 0.5, y + 0.5, side));
    CHECK_OK(image_resize(scene.truth, side / 4, side / 4, IMAGE_LINEAR, &small));
    CHECK_OK(image_to_depth(small, DEPTH_FLOAT, &deep));
    CHECK_OK(image_blur(deep, 1, &scene.coarse));
    return scene;
}

static void add_to_coarse(Scene *scene, Box box, float value)
{
    for (int y = box.top; y < box.top + box.height; y++)
        for (int x = box.left; x < box.left + box.width; x++)
            ((float *)image_row_mut(scene->coarse, y))[x] = value;
}

static Image *refined(const Scene *scene, const MatteOptions *options)
{
    Image *alpha = NULL;

    CHECK_OK(matte_refine(scene->photo, scene->coarse, options, &alpha));
    return alpha;
}

static double error_of(const Image *alpha, const Image *truth)
{
    double sum = 0;

    for (int y = 0; y < image_height(truth); y++)
        for (int x = 0; x < image_width(truth); x++)
            sum +=
                abs(((const uint8_t *)image_row(alpha, y))[x] -
                    ((const uint8_t *)image_row(truth, y))[x]);
    return sum;
}

static int value_at(const Image *image, int x, int y)
{
    return ((const uint8_t *)image_row(image, y))[x];
}

static void check_better(Shape *shape, double than)
{
    AUTO(scene_done) Scene scene = scene_drawn(shape, 640);
    MatteOptions plain = matte_options_default;
    plain.refine = MATTE_REFINE_NONE;
    AUTO(image_free) Image *before = refined(&scene, &plain);
    AUTO(image_free) Image *after = refined(&scene, &matte_options_default);
    double ratio = error_of(after, scene.truth) / error_of(before, scene.truth);

    if (ratio > than)
        test_fail(__FILE__, __LINE__, "error is %.3f of the plain mask's, above %.2f", ratio, than);
}

TEST(a_refined_edge_is_nearer_the_truth_than_the_mask)
{
    check_better(disc, 0.6);
}

TEST(hair_is_followed_beyond_the_mask)
{
    check_better(hairy_disc, 0.8);
}

TEST(a_real_hole_stays_open)
{
    AUTO(scene_done) Scene scene = scene_drawn(ring, 640);
    AUTO(image_free) Image *alpha = refined(&scene, &matte_options_default);

    CHECK_INT(value_at(alpha, 320, 320), 0);
    CHECK_INT(value_at(alpha, 320, 128), 255);
}

TEST(a_faint_speck_far_from_the_product_goes)
{
    AUTO(scene_done) Scene scene = scene_drawn(disc, 640);

    add_to_coarse(&scene, (Box){.left = 8, .top = 8, .width = 4, .height = 4}, 0.4f);
    AUTO(image_free) Image *alpha = refined(&scene, &matte_options_default);

    CHECK_INT(value_at(alpha, 40, 40), 0);
    CHECK_INT(value_at(alpha, 320, 320), 255);
}

TEST(a_second_product_is_no_speck)
{
    AUTO(scene_done) Scene scene = scene_drawn(disc, 640);

    add_to_coarse(&scene, (Box){.left = 4, .top = 4, .width = 16, .height = 16}, 1);
    AUTO(image_free) Image *alpha = refined(&scene, &matte_options_default);

    CHECK(value_at(alpha, 48, 48) > 200);
}

TEST(a_pinhole_inside_the_product_is_filled)
{
    AUTO(scene_done) Scene scene = scene_drawn(disc, 640);

    add_to_coarse(&scene, (Box){.left = 80, .top = 80, .width = 1, .height = 1}, 0.5f);
    AUTO(image_free) Image *alpha = refined(&scene, &matte_options_default);

    CHECK(value_at(alpha, 322, 322) > 250);
}

TEST(a_green_background_leaves_no_green_in_the_edge)
{
    AUTO(scene_done) Scene scene = scene_drawn(disc, 640);
    AUTO(image_free) Image *cutout = NULL;
    double off = 0, before = 0;
    int partial = 0;

    CHECK_OK(matte_decontaminate(scene.photo, scene.truth, &matte_options_default, &cutout));
    CHECK_INT(image_channels(cutout), 4);
    for (int y = 0; y < 640; y++) {
        const uint8_t *pixel = image_row(cutout, y), *photo = image_row(scene.photo, y);
        for (int x = 0; x < 640; x++, pixel += 4, photo += 3) {
            if (pixel[3] < 26 || pixel[3] > 230)
                continue;
            partial++;
            for (int c = 0; c < 3; c++) {
                off += abs(pixel[c] - orange[c]);
                before += abs(photo[c] - orange[c]);
            }
        }
    }
    CHECK(partial > 500);
    CHECK(off < before * 0.15);
    CHECK(off / (3 * partial) < 10);
}

TEST(colour_goes_on_a_little_beyond_the_edge_and_is_nothing_farther_out)
{
    AUTO(scene_done) Scene scene = scene_drawn(disc, 640);
    AUTO(image_free) Image *cutout = NULL;

    CHECK_OK(matte_decontaminate(scene.photo, scene.truth, &matte_options_default, &cutout));
    const uint8_t *row = image_row(cutout, 320);
    const uint8_t *beyond = row + 4 * (320 - 192 - 2), *far = row + 4 * 40;

    CHECK_INT(beyond[3], 0);
    for (int c = 0; c < 3; c++)
        CHECK(abs(beyond[c] - orange[c]) < 12);
    CHECK_INT(far[0] + far[1] + far[2] + far[3], 0);
}

TEST(opaque_pixels_keep_the_photos_bytes)
{
    AUTO(scene_done) Scene scene = scene_drawn(disc, 640);
    AUTO(image_free) Image *cutout = NULL;

    CHECK_OK(matte_decontaminate(scene.photo, scene.truth, &matte_options_default, &cutout));
    const uint8_t *photo = (const uint8_t *)image_row(scene.photo, 300) + 3 * 320;
    const uint8_t *pixel = (const uint8_t *)image_row(cutout, 300) + 4 * 320;

    CHECK(memcmp(photo, pixel, 3) == 0);
}

TEST(a_matte_is_the_same_on_any_number_of_threads)
{
    AUTO(scene_done) Scene scene = scene_drawn(hairy_disc, 320);
    AUTO(image_free) Image *first = NULL;

    for (size_t i = 0; i < 3; i++) {
        MatteOptions options = matte_options_default;
        options.threads = (const int[]){1, 3, 8}[i];
        AUTO(image_free) Image *alpha = refined(&scene, &options);
        AUTO(image_free) Image *cutout = NULL;

        CHECK_OK(matte_decontaminate(scene.photo, alpha, &options, &cutout));
        if (!first)
            first = TAKE(cutout);
        for (int y = 0; cutout && y < 320; y++)
            CHECK(memcmp(image_row(first, y), image_row(cutout, y), 320 * 4) == 0);
    }
}

TEST(a_cancelled_matte_stops)
{
    AUTO(scene_done) Scene scene = scene_drawn(disc, 320);
    AUTO(image_free) Image *result = NULL;
    Cancel cancel = CANCEL_INIT;
    MatteOptions options = matte_options_default;

    cancel_ask(&cancel);
    options.cancel = &cancel;
    AUTO(err_free) Err *refine = matte_refine(scene.photo, scene.coarse, &options, &result);
    AUTO(err_free) Err *clean = matte_decontaminate(scene.photo, scene.truth, &options, &result);

    CHECK(refine && err_code(refine) == ERR_CANCELLED);
    CHECK(clean && err_code(clean) == ERR_CANCELLED);
    CHECK(!result);
}

TEST(photos_of_any_shape_are_refined)
{
    static const int sizes[][2] = {{1, 1}, {1, 300}, {700, 2}, {145, 111}, {513, 7}};

    for (size_t i = 0; i < COUNT(sizes); i++) {
        AUTO(image_free) Image *photo = NULL, *coarse = NULL, *alpha = NULL, *cutout = NULL;

        CHECK_OK(image_new(sizes[i][0], sizes[i][1], 3, DEPTH_8, &photo));
        CHECK_OK(image_new(256, 256, 1, DEPTH_FLOAT, &coarse));
        for (int x = 64; x < 192; x++)
            for (int y = 64; y < 192; y++)
                ((float *)image_row_mut(coarse, y))[x] = 1;
        CHECK_OK(matte_refine(photo, coarse, &matte_options_default, &alpha));
        CHECK_INT(image_width(alpha), sizes[i][0]);
        CHECK_INT(image_height(alpha), sizes[i][1]);
        CHECK_OK(matte_decontaminate(photo, alpha, &matte_options_default, &cutout));
    }
}

TEST(confidence_tells_products_from_blank_walls)
{
    AUTO(scene_done) Scene product = scene_drawn(disc, 320), wall = scene_drawn(nothing, 320);

    CHECK(matte_confidence(product.coarse) > 0.9);
    CHECK(matte_confidence(wall.coarse) == 0);
}

/* Peak memory of a child that cuts out a photo of 4096 x 4096, less that of one that only draws it, in bytes. */
static long peak_bytes(bool cut)
{
    pid_t child = fork();

    if (child == 0) {
        Image *photo = NULL, *coarse = NULL, *alpha = NULL, *cutout = NULL;

        err_free(image_new(4096, 4096, 3, DEPTH_8, &photo));
        err_free(image_new(1024, 1024, 1, DEPTH_FLOAT, &coarse));
        for (int y = 0; y < 4096; y++)
            memset(image_row_mut(photo, y), y & 127, 3 * 4096);
        for (int y = 200; y < 800; y++)
            for (int x = 200; x < 800; x++)
                ((float *)image_row_mut(coarse, y))[x] = (float)((x + y) % 9) / 8;
        if (cut) {
            err_free(matte_refine(photo, coarse, &matte_options_default, &alpha));
            err_free(matte_decontaminate(photo, alpha, &matte_options_default, &cutout));
        }
        _exit(cut && !cutout);
    }
    struct rusage usage;
    int status;

    CHECK(child > 0 && wait4(child, &status, 0, &usage) == child && status == 0);
    return usage.ru_maxrss * 1024;
}

TEST(a_photo_of_4096_needs_at_most_64_megabytes_beside_its_pictures)
{
    long pictures = 5L * 4096 * 4096; /* alpha and RGBA */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    test_skip("a sanitizer's own memory would be measured");
#endif
    CHECK(peak_bytes(true) - peak_bytes(false) < pictures + 64L * 1024 * 1024);
}
