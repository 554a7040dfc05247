/* Promises of src/image/decode.c and the head readers, on files that the test writes itself. */
#include "base/dice.h"
#include "image/image.h"
#include "test.h"

enum {
    FILE_MAX_BYTES = 16 * 1024 * 1024
};

/* Four quarters: red, green, blue, white. Turning it any way is seen. */
static Image *quarters(int width, int height)
{
    static const uint8_t colours[4][3] = {
        {230, 20, 20}, {20, 200, 40}, {30, 40, 220}, {250, 250, 250}};
    Image *image = NULL;

    CHECK_OK(image_new(width, height, 3, DEPTH_8, &image));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            memcpy(
                (uint8_t *)image_row_mut(image, y) + x * 3,
                colours[(x >= width / 2) + 2 * (y >= height / 2)], 3);
    return image;
}

/* Which quarter's colour stands in corner 0..3 of IMAGE. */
static int corner(const Image *image, int at)
{
    int x = at & 1 ? image_width(image) - 3 : 2;
    int y = at & 2 ? image_height(image) - 3 : 2;
    const uint8_t *p = (const uint8_t *)image_row(image, y) + x * image_channels(image);

    return p[0] > 150 && p[1] > 150 ? 3 : p[0] > 150 ? 0 : p[1] > 150 ? 1 : 2;
}

static void encode(const Image *image, ImageFormat format, Buf *file)
{
    const ImageEncoding encoding = {.format = format, .quality = 92, .effort = 3};

    CHECK_OK(image_encode(image, &encoding, file));
}

/* A TIFF directory with orientation, a serial number, an owner, an artist and a GPS place. */
static const unsigned char exif[] = {
    'M',  'M',  0,   42,  0,   0,   0,   8,   0,   4,            /* four entries */
    0x01, 0x12, 0,   3,   0,   0,   0,   1,   0,   6,   0,   0,  /* orientation, at 18 */
    0x01, 0x3b, 0,   2,   0,   0,   0,   12,  0,   0,   0,   62, /* artist */
    0x82, 0x98, 0,   2,   0,   0,   0,   4,   'S', 'h', 'o', 0,  /* copyright */
    0x88, 0x25, 0,   4,   0,   0,   0,   1,   0,   0,   0,   74, /* GPS directory */
    0,    0,    0,   0,                                          /* no next */
    'J',  'a',  'n', 'e', ' ', 'P', 'r', 'i', 'v', 'a', 't', 0,  /* at 62 */
    0,    1,    0,   1,   0,   2,   0,   0,   0,   2,   'N', 0,
    0,    0,    0,   0,   0,   0, /* north, at 74 */
};

static void with_exif(const Buf *jpeg, int orientation, Buf *ret)
{
    unsigned char head[10] = {0xff, 0xe1, 0, sizeof(exif) + 8, 'E', 'x', 'i', 'f', 0, 0};
    unsigned char body[sizeof(exif)];

    memcpy(body, exif, sizeof(exif));
    body[19] = (unsigned char)orientation;
    CHECK_OK(buf_add(ret, jpeg->bytes, 2));
    CHECK_OK(buf_add(ret, head, sizeof(head)));
    CHECK_OK(buf_add(ret, body, sizeof(body)));
    CHECK_OK(buf_add(ret, jpeg->bytes + 2, jpeg->size - 2));
}

TEST(image_decode_bakes_every_exif_orientation)
{
    /* Where the quarters 0..3 of the stored picture come to stand: the colours of the upright corners. */
    static const struct {
        int value, corners[4];
        bool swaps;
    } turns[] = {
        {1, {0, 1, 2, 3}, false}, {2, {1, 0, 3, 2}, false}, {3, {3, 2, 1, 0}, false},
        {4, {2, 3, 0, 1}, false}, {5, {0, 2, 1, 3}, true},  {6, {2, 0, 3, 1}, true},
        {7, {3, 1, 2, 0}, true},  {8, {1, 3, 0, 2}, true},  {9, {0, 1, 2, 3}, false},
        {0, {0, 1, 2, 3}, false},
    };
    AUTO(image_free) Image *image = quarters(64, 40);
    AUTO(buf_done) Buf plain = BUF(FILE_MAX_BYTES);

    encode(image, IMAGE_JPEG, &plain);
    for (size_t i = 0; i < COUNT(turns); i++) {
        AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
        AUTO(image_decoded_done) ImageDecoded decoded = {0};
        ImageFacts facts;

        with_exif(&plain, turns[i].value, &file);
        CHECK_OK(image_probe(file.bytes, file.size, NULL, &facts));
        CHECK_INT(facts.width_px, turns[i].swaps ? 40 : 64);
        CHECK_OK(image_decode(file.bytes, file.size, NULL, NULL, &decoded));
        CHECK_INT(image_width(decoded.image), turns[i].swaps ? 40 : 64);
        for (int at = 0; at < 4; at++)
            if (corner(decoded.image, at) != turns[i].corners[at])
                test_fail(
                    __FILE__, __LINE__, "orientation %d: corner %d is %d", turns[i].value, at,
                    corner(decoded.image, at));
    }
}

TEST(image_personal_exif_never_reaches_an_output)
{
    AUTO(image_free) Image *image = quarters(64, 40);
    AUTO(buf_done) Buf plain = BUF(FILE_MAX_BYTES);
    AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    encode(image, IMAGE_JPEG, &plain);
    with_exif(&plain, 1, &file);
    CHECK(memmem(file.bytes, file.size, "Jane", 4) != NULL);
    CHECK_OK(image_decode(file.bytes, file.size, NULL, NULL, &decoded));
    CHECK_TEXT(decoded.rights.copyright, "Sho");
    CHECK(!decoded.rights.creator);
    for (ImageFormat format = 0; format < IMAGE_FORMAT_MAX_; format++) {
        AUTO(buf_done) Buf out = BUF(FILE_MAX_BYTES);
        const ImageEncoding encoding = {
            .format = format,
            .quality = 90,
            .metadata = IMAGE_METADATA_RIGHTS,
            .rights = &decoded.rights,
        };

        if (format == IMAGE_HEIC)
            continue;
        CHECK_OK(image_encode(decoded.image, &encoding, &out));
        CHECK(!memmem(out.bytes, out.size, "Jane", 4));
        CHECK(memmem(out.bytes, out.size, "Sho", 3) != NULL);
    }
}

TEST(image_probe_knows_the_limits_and_says_both_numbers)
{
    AUTO(image_free) Image *image = quarters(200, 100);
    AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
    ImageLimits limits = image_limits_default;
    ImageFacts facts;

    encode(image, IMAGE_PNG, &file);
    limits.pixels = 20000;
    CHECK_OK(image_probe(file.bytes, file.size, &limits, &facts));
    limits.pixels = 19999;
    CHECK_ERR(
        image_probe(file.bytes, file.size, &limits, &facts), ERR_IMAGE_TOO_LARGE,
        "20000 pixels, limit is 19999");
    limits = image_limits_default;
    limits.side_px = 199;
    CHECK_ERR(
        image_probe(file.bytes, file.size, &limits, &facts), ERR_IMAGE_TOO_LARGE,
        "200 x 100, limit is 199 a side");
    limits = image_limits_default;
    limits.bytes = 10;
    AUTO(err_free) Err *err = image_probe(file.bytes, file.size, &limits, &facts);
    CHECK(err != NULL);
    CHECK_INT(err_code(err), ERR_IMAGE_TOO_LARGE);
}

TEST(image_decode_stops_when_cancelled_and_when_time_is_over)
{
    AUTO(image_free) Image *image = quarters(300, 300);
    AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};
    ImageLimits limits = image_limits_default;
    Cancel cancel = CANCEL_INIT;

    encode(image, IMAGE_PNG, &file);
    limits.time_ms = -1;
    CHECK_ERR(
        image_decode(file.bytes, file.size, &limits, &cancel, &decoded), ERR_TIMED_OUT,
        "decoding took longer than its limit");
    cancel_ask(&cancel);
    CHECK_ERR(
        image_decode(file.bytes, file.size, NULL, &cancel, &decoded), ERR_CANCELLED,
        "work was cancelled");
    CHECK(!decoded.image);
}

TEST(image_decode_never_gives_half_a_picture)
{
    const ImageFormat formats[] = {IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP, IMAGE_AVIF, IMAGE_TIFF};
    AUTO(image_free) Image *image = quarters(120, 90);

    for (size_t i = 0; i < COUNT(formats); i++) {
        AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);

        encode(image, formats[i], &file);
        for (size_t cut = 0; cut + 2 < file.size; cut += 1 + file.size / 40) {
            AUTO(image_decoded_done) ImageDecoded decoded = {0};
            AUTO(free) void *part = malloc(cut + 1); /* so that reading past it is seen */

            memcpy(part, file.bytes, cut);
            AUTO(err_free) Err *err = image_decode(part, cut, NULL, NULL, &decoded);
            if (!err)
                test_fail(
                    __FILE__, __LINE__, "%s cut to %zu of %zu bytes was accepted",
                    image_format_name(formats[i]), cut, file.size);
            /* Less than a first box could be anything. */
            if (cut >= 16)
                CHECK_INT(err_code(err), ERR_IMAGE_UNREADABLE);
        }
    }
}

TEST(image_decode_survives_changed_bytes)
{
    const ImageFormat formats[] = {IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP, IMAGE_AVIF, IMAGE_TIFF};
    AUTO(image_free) Image *image = quarters(60, 50);
    const ImageRights rights = {.copyright = "Shop", .usage_terms = "&amp;&#x41;<"};
    Dice dice = dice_seeded(11);

    for (size_t i = 0; i < COUNT(formats); i++) {
        AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
        const ImageEncoding encoding = {
            .format = formats[i],
            .quality = 80,
            .metadata = IMAGE_METADATA_RIGHTS,
            .rights = &rights,
        };

        CHECK_OK(image_encode(image, &encoding, &file));
        for (int round = 0; round < 150; round++) {
            AUTO(image_decoded_done) ImageDecoded decoded = {0};
            AUTO(free) unsigned char *bytes = malloc(file.size);

            memcpy(bytes, file.bytes, file.size);
            for (int flips = 0; flips < 3; flips++)
                bytes[dice_bits(&dice) % file.size] = (unsigned char)dice_bits(&dice);
            AUTO(err_free) Err *err = image_decode(bytes, file.size, NULL, NULL, &decoded);
            CHECK(err || decoded.image);
        }
    }
}

TEST(image_decode_says_what_a_foreign_file_is)
{
    static const struct {
        const char *bytes;
        const char *says;
    } files[] = {
        {"GIF89a..............", "This file is a GIF. Save the picture as PNG or JPEG."},
        {"<?xml version='1.0'?><svg/>",
         "This file is an SVG drawing, not a photo. Export it as PNG or JPEG."},
        {"<!DOCTYPE html><p>no",
         "This file is a web page, not a photo. Save the picture itself from the page."},
        {"%PDF-1.7 ...........",
         "This file is a PDF document. Export the photo in it as JPEG or PNG."},
        {"\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21",
         "This kind of file is not a photo we accept. Use JPEG, PNG, WebP, HEIC, AVIF or TIFF."},
    };
    ImageFacts facts;

    for (size_t i = 0; i < COUNT(files); i++) {
        AUTO(err_free)
        Err *err = image_probe(files[i].bytes, strlen(files[i].bytes), NULL, &facts);

        CHECK(err != NULL);
        CHECK_INT(err_code(err), ERR_IMAGE_UNSUPPORTED);
        CHECK_TEXT(err_text(err), files[i].says);
    }
}

TEST(image_decode_drops_what_is_appended)
{
    AUTO(image_free) Image *image = quarters(64, 40);
    AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
    AUTO(buf_done) Buf out = BUF(FILE_MAX_BYTES);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    encode(image, IMAGE_JPEG, &file);
    CHECK_OK(buf_add_text(&file, "PK-A-HIDDEN-ARCHIVE"));
    CHECK_OK(image_decode(file.bytes, file.size, NULL, NULL, &decoded));
    encode(decoded.image, IMAGE_JPEG, &out);
    CHECK(!memmem(out.bytes, out.size, "HIDDEN", 6));
}

TEST(image_probe_believes_the_data_of_an_avif_and_not_its_boxes)
{
    AUTO(image_free) Image *image = quarters(300, 200);
    AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
    ImageLimits limits = image_limits_default;
    ImageFacts facts;

    encode(image, IMAGE_AVIF, &file);
    unsigned char *size = memmem(file.bytes, file.size, "ispe", 4);
    CHECK(size != NULL);
    memcpy(size + 8, "\0\0\0\x08\0\0\0\x08", 8);
    limits.pixels = 59999;
    CHECK_ERR(
        image_probe(file.bytes, file.size, &limits, &facts), ERR_IMAGE_TOO_LARGE,
        "60000 pixels, limit is 59999");
}

TEST(image_decode_small_is_the_picture_upright_and_no_larger_than_wished)
{
    static const ImageFormat formats[] = {IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP};
    AUTO(image_free) Image *large = quarters(1500, 1001);
    AUTO(image_free) Image *tiny = quarters(60, 40);

    for (size_t i = 0; i < COUNT(formats); i++)
        for (int orientation = 1; orientation <= (formats[i] == IMAGE_JPEG ? 8 : 1);
             orientation++) {
            AUTO(buf_done) Buf file = BUF(1 << 22);
            AUTO(buf_done) Buf turned = BUF(1 << 22);
            AUTO(image_decoded_done) ImageDecoded whole = {0};
            AUTO(image_free) Image *small = NULL;
            ImageFacts facts;

            encode(large, formats[i], &file);
            if (formats[i] == IMAGE_JPEG)
                with_exif(&file, orientation, &turned);
            else
                CHECK_OK(buf_add(&turned, file.bytes, file.size));
            CHECK_OK(image_decode(turned.bytes, turned.size, NULL, NULL, &whole));
            CHECK_OK(image_decode_small(
                turned.bytes, turned.size, &(ImageSmall){.side_px = 150}, &facts, &small));
            CHECK_INT(facts.width_px, image_width(whole.image));
            CHECK_INT(MAX(image_width(small), image_height(small)), 150);
            CHECK_INT(MIN(image_width(small), image_height(small)), 100);
            for (int at = 0; at < 4; at++)
                CHECK_INT(corner(small, at), corner(whole.image, at));
        }

    AUTO(buf_done) Buf file = BUF(1 << 20);
    AUTO(image_free) Image *same = NULL;
    ImageFacts facts;
    encode(tiny, IMAGE_PNG, &file);
    CHECK_OK(
        image_decode_small(file.bytes, file.size, &(ImageSmall){.side_px = 150}, &facts, &same));
    CHECK_INT(image_width(same), 60);
}

TEST(image_decode_small_keeps_the_colour_of_edges_on_transparency)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(image_free) Image *small = NULL;
    AUTO(buf_done) Buf file = BUF(1 << 20);
    ImageFacts facts;

    CHECK_OK(image_new(900, 900, 4, DEPTH_8, &image)); /* nothing is black */
    for (int y = 0; y < 900; y++)
        for (int x = 0; x < 450 - y % 7; x++)
            memcpy((uint8_t *)image_row_mut(image, y) + 4 * x, "\xff\x00\x00\xff", 4);
    encode(image, IMAGE_PNG, &file);
    CHECK_OK(
        image_decode_small(file.bytes, file.size, &(ImageSmall){.side_px = 100}, &facts, &small));
    for (int y = 0; y < 100; y++)
        for (int x = 0; x < 100; x++) {
            const uint8_t *p = (const uint8_t *)image_row(small, y) + 4 * x;
            CHECK(p[3] < 8 || p[0] > 240);
        }
}

TEST(image_decode_small_never_gives_half_a_picture)
{
    AUTO(image_free) Image *large = quarters(1500, 1001);
    AUTO(buf_done) Buf file = BUF(1 << 22);
    AUTO(image_free) Image *small = NULL;
    ImageFacts facts;

    encode(large, IMAGE_JPEG, &file);
    AUTO(err_free)
    Err *cut = image_decode_small(
        file.bytes, file.size / 2, &(ImageSmall){.side_px = 100}, &facts, &small);
    CHECK(cut && err_code(cut) == ERR_IMAGE_UNREADABLE);
    CHECK(!small);
}
