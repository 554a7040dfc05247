/* Promises of checking products, on drawn ones: no network is needed where the reference says itself what the product is. */
#include <math.h>

#include "base/dice.h"
#include "base/file.h"
#include "model/face.h"
#include "recipe/check.h"
#include "test.h"

enum {
    SIDE = 360
};

/* A tin: rounded, shaded, with stripes, speckles and a print in the middle. */
static Image *tin(void)
{
    Dice dice = dice_seeded(11);
    Image *image = NULL;

    CHECK_OK(image_new(SIDE, SIDE, 4, DEPTH_8, &image));
    for (int y = 0; y < SIDE; y++) {
        uint8_t *row = image_row_mut(image, y);

        for (int x = 0; x < SIDE; x++) {
            double across = (x - 180) / 110.0, light = sqrt(MAX(1 - across * across, 0.0));
            bool is_stripe = (y / 24) % 3 == 0, is_print = abs(x - 170) < 40 && abs(y - 190) < 40;
            double print = 130 + 100 * sin(x * 0.4) * sin(y * 0.3), grain = dice_unit(&dice) * 3;

            if (fabs(across) >= 1 || y < 30 || y >= 330)
                continue;
            row[x * 4] = (uint8_t)((is_print ? print : is_stripe ? 220 : 170) * light + grain);
            row[x * 4 + 1] = (uint8_t)((is_print ? print : is_stripe ? 200 : 40) * light + grain);
            row[x * 4 + 2] = (uint8_t)((is_print ? print : is_stripe ? 150 : 50) * light + grain);
            row[x * 4 + 3] = 255;
        }
    }
    return image;
}

/* PRODUCT on a shaded table, WIDTH x HEIGHT pixels large, at (150, 90). */
static Image *on_table(const Image *product, int width, int height)
{
    AUTO(image_free) Image *fitted = NULL;
    Image *picture = NULL;

    CHECK_OK(image_resize(product, width, height, IMAGE_LANCZOS3, &fitted));
    CHECK_OK(image_new(640, 520, 3, DEPTH_8, &picture));
    for (int y = 0; y < 520; y++) {
        uint8_t *row = image_row_mut(picture, y);

        for (int x = 0; x < 640 * 3; x++)
            row[x] = (uint8_t)(120 + y / 6 + 10 * sin(x / 70.0));
    }
    for (int y = 0; y < height; y++) {
        const uint8_t *from = image_row(fitted, y);
        uint8_t *to = (uint8_t *)image_row_mut(picture, 90 + y) + 150 * 3;

        for (int i = 0; i < width * 3; i++) {
            const uint8_t *pixel = from + i / 3 * 4;

            to[i] = (uint8_t)((pixel[i % 3] * pixel[3] + to[i] * (255 - pixel[3])) / 255);
        }
    }
    return picture;
}

/* As every user of CHECK_FIELDS asks when nothing else is said. */
typedef struct Asking {
    CheckDemand demand;
} Asking;

static const Field Asking_fields[] = {CHECK_FIELDS(Asking), {FIELD_END}};

static CheckDemand demanded(CheckSubject subject)
{
    static const Shape shape = SHAPE(Asking);
    AUTO(arena_free) Arena *mem = arena_new();
    Asking asking;

    CHECK_OK(shape_read(&shape, NULL, mem, &asking));
    asking.demand.subject = subject;
    return asking.demand;
}

static CheckResult checked(const Image *reference, const Image *picture)
{
    CheckResult result;

    CHECK_OK(check_pictures(
        &(CheckWish){
            .reference = reference,
            .picture = picture,
            .demand = demanded(CHECK_PRODUCT),
            .threads = 2,
        },
        &result));
    return result;
}

TEST(a_product_moved_shrunk_and_a_little_brighter_passes_its_check)
{
    AUTO(image_free) Image *product = tin();
    AUTO(image_free) Image *picture = on_table(product, 270, 270);
    CheckResult result = checked(product, picture);

    CHECK(result.passed);
    CHECK(fabs(result.alignment.zoom - 0.75) < 0.01);
    for (int y = 0; y < image_height(picture); y++) {
        uint8_t *row = image_row_mut(picture, y);

        for (int i = 0; i < image_width(picture) * 3; i++)
            row[i] = (uint8_t)MIN(row[i] * 112 / 100, 255);
    }
    CHECK(checked(product, picture).passed);
    CHECK(checked(product, picture).relit_ev > 0.1);
}

typedef void Tamper(uint8_t *pixel, int x, int y);

static void recolour(uint8_t *pixel, int x, int y)
{
    uint8_t red = pixel[0];

    (void)x, (void)y;
    pixel[0] = pixel[2], pixel[2] = red;
}

static void wipe_print(uint8_t *pixel, int x, int y)
{
    if (abs(x - 170) < 40 && abs(y - 190) < 40)
        pixel[0] = 150, pixel[1] = pixel[2] = 45;
}

static void check_tampered(Tamper *tamper, const char *reason)
{
    AUTO(image_free) Image *product = tin();
    AUTO(image_free) Image *other = tin();

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            tamper((uint8_t *)image_row_mut(other, y) + (ptrdiff_t)x * 4, x, y);

    AUTO(image_free) Image *picture = on_table(other, 270, 270);
    CheckResult result = checked(product, picture);
    bool is_said = false;

    for (size_t i = 0; i < CHECK_REASONS_MAX && result.reasons[i]; i++)
        is_said |= strcmp(result.reasons[i], reason) == 0;
    CHECK(!result.passed && is_said);
    CHECK(strlen(check_sentence(&result)) > 10);
}

static Hash identified(const char *folder, CheckSubject subject)
{
    CheckDemand demand = demanded(subject);
    AUTO(models_close) Models *models = NULL;
    AUTO(hasher_free) Hasher *hasher = hasher_new();

    CHECK_OK(models_open(&(ModelsOptions){.folder = folder}, &models));
    check_identify(models, &demand, hasher);
    return hasher_done(hasher);
}

TEST(a_new_network_for_faces_is_another_check_of_whoever_may_be_a_person)
{
    static const char row[] = "{\"title\": \"Faces\", \"task\": \"face_detect\", \"rank\": 1, "
                              "\"licence\": {\"kind\": \"permissive\", \"name\": \"MIT\"}}";
    const char *folder = test_folder();
    AUTO(arena_free) Arena *mem = arena_new();
    Hash before[3], after[3];

    for (int subject = CHECK_AUTO; subject <= CHECK_PRODUCT; subject++)
        before[subject] = identified(folder, (CheckSubject)subject);
    CHECK_OK(file_write(path_join(mem, folder, "faces.onnx"), "net", 3));
    CHECK_OK(file_write(path_join(mem, folder, "faces.json"), row, strlen(row)));
    for (int subject = CHECK_AUTO; subject <= CHECK_PRODUCT; subject++)
        after[subject] = identified(folder, (CheckSubject)subject);
    test_folder_remove(folder);
    CHECK(!hash_equal(before[CHECK_AUTO], after[CHECK_AUTO]));
    CHECK(!hash_equal(before[CHECK_PERSON], after[CHECK_PERSON]));
    CHECK(hash_equal(before[CHECK_PRODUCT], after[CHECK_PRODUCT]));
}

TEST(a_person_is_known_by_default_where_faces_part)
{
    CHECK(demanded(CHECK_AUTO).identity == FACE_ALIKE);
}

TEST(without_a_network_for_faces_a_check_is_of_the_product_unless_a_person_is_asked_for)
{
    AUTO(image_free) Image *product = tin();
    AUTO(image_free) Image *picture = on_table(product, 270, 270);
    AUTO(models_close) Models *models = NULL;
    CheckResult result;

    CHECK_OK(models_open(&(ModelsOptions){.folder = "/nowhere"}, &models));
    CheckWish wish = {
        .models = models,
        .reference = product,
        .picture = picture,
        .demand = demanded(CHECK_AUTO),
        .threads = 2,
    };
    CHECK_OK(check_pictures(&wish, &result));
    CHECK(result.passed && !result.faces_sought);
    CHECK_INT(result.subject, CHECK_PRODUCT);
    wish.demand.subject = CHECK_PERSON;
    CHECK_ERR(
        check_pictures(&wish, &result), ERR_MODEL_MISSING,
        "model 'blazeface': there is no 'blazeface.onnx'");
}

TEST(a_product_recoloured_or_without_its_print_is_rejected)
{
    check_tampered(recolour, "another_colour");
    check_tampered(wipe_print, "another_colour");
}

TEST(a_stretched_or_blurred_product_is_rejected)
{
    AUTO(image_free) Image *product = tin();
    AUTO(image_free) Image *stretched = on_table(product, 310, 270);
    AUTO(image_free) Image *soft = NULL;
    AUTO(image_free) Image *picture = on_table(product, 270, 270);

    CHECK_TEXT(checked(product, stretched).reasons[0], "another_shape");
    CHECK_OK(image_blur(picture, 4, &soft));
    CHECK_TEXT(checked(product, soft).reasons[0], "another_shape");
}

TEST(a_reference_without_a_product_is_refused)
{
    AUTO(image_free) Image *blank = NULL;
    AUTO(image_free) Image *picture = NULL;
    CheckResult result;

    CHECK_OK(image_new(64, 64, 4, DEPTH_8, &blank));
    CHECK_OK(image_flat(64, 64, (Colour){90, 90, 90, 255}, &picture));
    CHECK_ERR(
        check_pictures(
            &(CheckWish){
                .reference = blank,
                .picture = picture,
                .demand = demanded(CHECK_PRODUCT),
                .threads = 1},
            &result),
        ERR_PRODUCT_NOT_FOUND, "the mask shows -64 x -64 pixels");
}

TEST(an_enlarged_picture_held_to_its_original_shrinks_to_it)
{
    AUTO(image_free) Image *product = tin();
    AUTO(image_free) Image *small = on_table(product, 200, 200);
    AUTO(image_free) Image *large = NULL;
    AUTO(image_free) Image *held = NULL;
    AUTO(image_free) Image *back = NULL;
    AUTO(image_free) Image *loose = NULL;
    Likeness before, after;

    CHECK_OK(image_resize(small, 1280, 1040, IMAGE_LINEAR, &large));
    CHECK_OK(image_faithful(large, small, &held));
    CHECK_OK(image_resize(held, 640, 520, IMAGE_LANCZOS3, &back));
    CHECK_OK(image_resize(large, 640, 520, IMAGE_LANCZOS3, &loose));
    CHECK_OK(image_likeness(&(LikenessWish){loose, small, NULL, 1}, &before));
    CHECK_OK(image_likeness(&(LikenessWish){back, small, NULL, 1}, &after));
    CHECK(after.psnr_db > before.psnr_db + 6 && after.psnr_db > 40);
}
