/* An edit is honest: whatever a service draws, what the mask protects is the customer's own. */
#include "base/dice.h"
#include "call.h"
#include "image/lock.h"

enum {
    WIDTH = 120,
    HEIGHT = 90
};

static const ImageEncoding png = {.format = IMAGE_PNG, .effort = 1};

/* A photo no two pixels of which are alike, and a mask whose middle may be drawn. */
static void photo_draw(Image **ret_photo, Image **ret_mask)
{
    Dice dice = dice_seeded(11);

    CHECK_OK(image_new(WIDTH, HEIGHT, 3, DEPTH_8, ret_photo));
    CHECK_OK(image_new(WIDTH, HEIGHT, 4, DEPTH_8, ret_mask));
    for (int y = 0; y < HEIGHT; y++) {
        uint8_t *photo = image_row_mut(*ret_photo, y), *mask = image_row_mut(*ret_mask, y);

        for (int x = 0; x < WIDTH; x++) {
            for (int c = 0; c < 3; c++)
                photo[3 * x + c] = (uint8_t)dice_bits(&dice);
            mask[4 * x + 3] = x > 30 && x < 90 && y > 20 && y < 70 ? 0 : 255;
        }
    }
}

/* How many protected pixels of OUT are not PHOTO's, and how many free ones are. */
static void pixels_compare(
    const Image *photo, const Image *mask, const Image *out, int64_t *ret_changed,
    int64_t *ret_kept)
{
    *ret_changed = *ret_kept = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            const uint8_t *was = (const uint8_t *)image_row(photo, y) + 3 * x;
            const uint8_t *is = (const uint8_t *)image_row(out, y) + 3 * x;
            bool is_protected = ((const uint8_t *)image_row(mask, y))[4 * x + 3] > 0;
            bool is_same = memcmp(was, is, 3) == 0;

            *ret_changed += is_protected && !is_same;
            *ret_kept += !is_protected && is_same;
        }
}

TEST(protected_pixels_differ_by_nothing_when_a_service_repaints_everything)
{
    static const OutsideRow rows[] = {
        {"POST", "*", .picture = "png", .width_px = 64, .height_px = 48}, {NULL}};
    AUTO(call_end) Call call = call_begin("stability", "", rows);
    AUTO(image_free) Image *photo = NULL;
    AUTO(image_free) Image *mask = NULL;
    AUTO(image_free) Image *free_mask = NULL;
    AUTO(image_free) Image *out = NULL;
    AUTO(image_decoded_done) ImageDecoded drawn = {0};
    AUTO(buf_done) Buf photo_file = BUF(1 << 20);
    AUTO(buf_done) Buf mask_file = BUF(1 << 20);
    VendorAsk ask = {.ability = ABILITY_EDIT, .prompt = "sand", .seed = -1};
    int64_t changed, kept;
    LockReport report;

    photo_draw(&photo, &mask);
    CHECK_OK(image_encode(photo, &png, &photo_file));
    CHECK_OK(image_encode(mask, &png, &mask_file));
    ask.images[0] = (VendorPicture){photo_file.bytes, photo_file.size, "image/png", WIDTH, HEIGHT};
    ask.image_count = 1;
    ask.mask = (VendorPicture){mask_file.bytes, mask_file.size, "image/png", WIDTH, HEIGHT};
    CHECK_OK(call_ask(&call, ask));
    CHECK_INT(call.answer.count, 1);

    CHECK_OK(image_decode(
        call.answer.pictures[0].bytes, call.answer.pictures[0].size, NULL, NULL, &drawn));
    CHECK_OK(image_lock_mask(mask, 4, &free_mask));
    CHECK_OK(image_lock(photo, drawn.image, free_mask, 2, &out, &report));
    pixels_compare(photo, mask, out, &changed, &kept);
    CHECK_INT(changed, 0);
    CHECK(kept < 200);
    CHECK_INT(report.pixels, WIDTH * HEIGHT - 59 * 49);
    CHECK(report.changed > 0.9 && report.likeness < 0.2);
}
