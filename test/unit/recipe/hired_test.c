/* What a vendor makes of a product is held to the product: its light is taken, or nothing. */
#include <math.h>

#include "base/base64.h"
#include "base/colour.h"
#include "drawn.h"
#include "unit/vendor/call.h"

enum {
    SIDE = 256
};

static const char dramatic[] = "{\"name\": \"t\", \"title\": \"T\", \"steps\": [{\"step\": "
                               "\"light\", \"style\": \"dramatic\"}]}";
static const char dramatic_any[] = "{\"name\": \"t\", \"title\": \"T\", \"steps\": [{\"step\": "
                                   "\"light\", \"style\": \"dramatic\", \"detail\": 0}]}";
static const char automatic[] =
    "{\"name\": \"t\", \"title\": \"T\", \"steps\": [{\"step\": \"light\", \"style\": \"auto\"}]}";

/* A disc with a label of fine stripes; GAIN says how bright its left and right edges are. */
static Image *product(int channels, float left_gain, float right_gain)
{
    Image *image = NULL;

    CHECK_OK(image_new(SIDE, SIDE, channels, DEPTH_8, &image));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            uint8_t *pixel = (uint8_t *)image_row_mut(image, y) + x * channels;
            bool is_label = abs(x - SIDE / 2) < 50 && abs(y - SIDE / 2) < 40;
            bool is_disc = hypot(x - SIDE / 2, y - SIDE / 2) < 110;
            uint8_t value = is_label ? (x / 3 % 2 ? 230 : 90) : 170;
            float gain = left_gain + (right_gain - left_gain) * (float)x / SIDE;

            for (int c = 0; c < 3; c++)
                pixel[c] = is_disc || channels == 4
                               ? (uint8_t)(colour_encoded(colour_linear(value) * gain) + 0.5f)
                               : 128;
            if (channels == 4)
                pixel[3] = is_disc ? 255 : 0;
        }
    return image;
}

static void png_of(const Image *image, Buf *buf)
{
    static const ImageEncoding png = {.format = IMAGE_PNG, .effort = 1};

    CHECK_OK(image_encode(image, &png, buf));
}

/* fal answers with ANSWER, base64 of a PNG. */
typedef struct Hired {
    Call call;
    OutsideRow rows[4];
    Buf photo;
    Shot shot;
} Hired;

static void hired_begin(Hired *hired, const char *picture)
{
    AUTO(image_free) Image *photo = product(4, 1, 1);
    static const char path[] = "/fal-ai/iclight-v2";
    Arena *mem = arena_new(); /* kept by the call below */

    *hired = (Hired){
        .photo = BUF(1 << 20),
        .rows =
            {
                {"POST", path, .body = "{\"request_id\": \"r1\", \"status\": \"IN_QUEUE\"}"},
                {"GET", "*/status", .body = "{\"status\": \"COMPLETED\"}"},
                {"GET", "*",
                 .body = arena_print(
                     mem, "{\"images\": [{\"url\": \"data:image/png;base64,%s\"}]}", picture)},
            },
    };
    png_of(photo, &hired->photo);
    hired->call = call_begin("fal", "", hired->rows);
    arena_keep(hired->call.mem, (void (*)(void *))arena_free, mem);
}

static void hired_end(Hired *hired)
{
    shot_done(&hired->shot);
    call_end(&hired->call);
    buf_done(&hired->photo);
}
DEFINE_AUTO_DONE(Hired, hired_end);

static MUST Err *hired_perform(Hired *hired, const char *recipe_json, bool is_vendor_only)
{
    AUTO(value_free) Value *json = NULL;
    AUTO(recipe_free) Recipe *recipe = NULL;
    const RecipeContext context = {
        .threads = 2, .vendors = hired->call.vendors, .is_vendor_only = is_vendor_only};

    CHECK_OK(value_parse(recipe_json, strlen(recipe_json), &json));
    CHECK_OK(recipe_read(json, &recipe));
    CHECK_OK(shot_open(
        &hired->shot, hired->photo.bytes, hired->photo.size, &image_limits_default, NULL));
    return recipe_perform(recipe, &context, &hired->shot);
}

static const Value *note(const Hired *hired, const char *name)
{
    return value_get(value_get(hired->shot.notes, "light"), name);
}

static int at(const Image *image, int x, int y)
{
    return ((const uint8_t *)image_row(image, y))[x * image_channels(image)];
}

static const char *relit_base64(Arena *mem)
{
    AUTO(image_free) Image *relit = product(3, 1.0f, 0.25f);
    AUTO(buf_done) Buf png = BUF(1 << 20);

    png_of(relit, &png);
    return base64_text(png.bytes, png.size, mem);
}

/* Nothing of the product is left in it. */
static const char *repainted_base64(int side, Arena *mem)
{
    AUTO(buf_done) Buf png = BUF(1 << 20);

    outside_draw(&(OutsidePicture){"png", side, side, 5, 0}, &png);
    return base64_text(png.bytes, png.size, mem);
}

TEST(a_vendors_light_is_laid_on_the_photos_own_pixels)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(hired_end) Hired hired;

    hired_begin(&hired, relit_base64(mem));
    CHECK_OK(hired_perform(&hired, dramatic, true));
    CHECK_TEXT(value_text(note(&hired, "provider")), "fal");
    CHECK(value_number(note(&hired, "detail")) > 0.8);
    CHECK_INT(value_count(hired.shot.bills), 1);

    const Image *out = hired.shot.product;
    CHECK(at(out, 30, 128) > at(out, 226, 128) + 30);
    for (int x = 90; x < 165; x += 6) /* every stripe of the label is there */
        CHECK(at(out, x + 4, 128) > at(out, x + 1, 128) + 25);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            int alpha = ((const uint8_t *)image_row(out, y))[4 * x + 3];

            CHECK_INT(alpha, hypot(x - SIDE / 2, y - SIDE / 2) < 110 ? 255 : 0);
        }
}

TEST(a_vendor_that_repaints_the_product_is_not_taken_and_the_house_does_it)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(hired_end) Hired hired;

    hired_begin(&hired, repainted_base64(SIDE, mem));
    CHECK_OK(hired_perform(&hired, dramatic, false));
    CHECK_TEXT(value_text(note(&hired, "provider")), "builtin");
    CHECK(strstr(value_text(note(&hired, "note")), "something else than the picture"));
    CHECK(
        !note(&hired, "model") &&
        !note(&hired, "detail"));                /* nothing is said of what was not taken */
    CHECK_INT(value_count(hired.shot.bills), 1); /* it was paid all the same, by the house */
}

TEST(a_vendor_that_repaints_the_product_fails_where_no_other_may_do_it)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(hired_end) Hired hired;

    hired_begin(&hired, repainted_base64(SIDE, mem));
    CHECK_ERR(
        hired_perform(&hired, dramatic, true), ERR_REJECTED,
        "the vendor's picture was not taken: it shows something else than the picture that was "
        "sent");
}

TEST(a_recipe_may_take_any_light_and_have_it_reported)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(hired_end) Hired hired;
    const Image *out;

    hired_begin(&hired, repainted_base64(SIDE, mem));
    CHECK_OK(hired_perform(&hired, dramatic_any, true));
    CHECK_TEXT(value_text(note(&hired, "provider")), "fal");
    CHECK(value_number(note(&hired, "detail")) < 0.3);
    out = hired.shot.product;
    for (int x = 90; x < 165; x += 6) /* even then the label is the photo's */
        CHECK(at(out, x + 4, 128) > at(out, x + 1, 128));
}

TEST(a_vendors_picture_of_a_few_pixels_says_nothing_and_is_not_taken)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(hired_end) Hired hired;

    hired_begin(&hired, repainted_base64(8, mem));
    CHECK_ERR(
        hired_perform(&hired, dramatic_any, true), ERR_REJECTED,
        "the vendor's picture was not taken: it has far fewer pixels than the picture that was "
        "sent");
}

TEST(mending_a_photos_light_is_nothing_to_ask_others_for)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(hired_end) Hired hired;

    hired_begin(&hired, repainted_base64(SIDE, mem));
    CHECK_OK(hired_perform(&hired, automatic, true));
    CHECK_INT(outside_count(hired.call.outside), 0);
}
