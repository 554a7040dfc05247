/* Promises of src/image/encode.c, splice.c and decode.c: what goes out comes back. */
#include "base/dice.h"
#include "base/hash.h"
#include "image/image.h"
#include "test.h"

enum {
    FILE_MAX_BYTES = 16 * 1024 * 1024
};

/* Soft colours with a disc of alpha in the middle. */
static Image *drawing(int width, int height, int channels, Depth depth)
{
    AUTO(image_free) Image *image = NULL;
    Image *out = NULL;

    CHECK_OK(image_new(width, height, channels, DEPTH_8, &image));
    for (int y = 0; y < height; y++) {
        uint8_t *row = image_row_mut(image, y);

        for (int x = 0; x < width; x++) {
            int dx = 2 * x - width, dy = 2 * y - height;
            int v[4] = {40 + 180 * x / width, 60 + 150 * y / height, 200 - 150 * x / width, 255};

            if (dx * dx + dy * dy > width * height)
                v[3] = 0;
            if (channels == 1)
                row[x] = (uint8_t)v[0];
            else
                for (int c = 0; c < channels; c++)
                    row[x * channels + c] = (uint8_t)v[c];
        }
    }
    CHECK_OK(image_to_depth(image, depth, &out));
    return out;
}

static double mean_difference(const Image *a, const Image *b)
{
    double sum = 0, count = 0;

    CHECK_INT(image_width(a), image_width(b));
    CHECK_INT(image_height(a), image_height(b));
    CHECK_INT(image_channels(a), image_channels(b));
    for (int y = 0; y < image_height(a); y++)
        for (int x = 0; x < image_width(a); x++) {
            int channels = image_channels(a);
            const uint8_t *p = (const uint8_t *)image_row(a, y) + x * channels;
            const uint8_t *q = (const uint8_t *)image_row(b, y) + x * channels;

            if (channels == 4 && p[3] == 0 && q[3] == 0)
                continue; /* colour that nobody sees */
            for (int c = 0; c < channels; c++) {
                sum += abs(p[c] - q[c]);
                count++;
            }
        }
    return count > 0 ? sum / count : 0;
}

typedef struct Trip {
    ImageFormat format;
    bool lossless;
    int channels;
    double difference_max;
} Trip;

static const Trip trips[] = {
    {IMAGE_JPEG, false, 3, 2.0}, {IMAGE_PNG, false, 3, 0},    {IMAGE_PNG, false, 4, 0},
    {IMAGE_WEBP, false, 3, 3.0}, {IMAGE_WEBP, false, 4, 4.0}, {IMAGE_WEBP, true, 4, 0},
    {IMAGE_AVIF, false, 3, 3.0}, {IMAGE_AVIF, false, 4, 4.0}, {IMAGE_TIFF, false, 3, 0},
    {IMAGE_TIFF, false, 4, 0},
};

TEST(image_encode_and_decode_give_the_picture_back_in_every_format)
{
    for (size_t i = 0; i < COUNT(trips); i++) {
        AUTO(image_free) Image *image = drawing(97, 61, trips[i].channels, DEPTH_8);
        AUTO(image_decoded_done) ImageDecoded back = {0};
        AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
        ImageFacts facts;
        const ImageEncoding encoding = {
            .format = trips[i].format,
            .lossless = trips[i].lossless,
            .quality = 92,
            .effort = 4,
            .dpi = 300,
        };

        CHECK_OK(image_encode(image, &encoding, &file));
        CHECK_OK(image_probe(file.bytes, file.size, NULL, &facts));
        CHECK_INT(facts.format, trips[i].format);
        CHECK_INT(facts.width_px, 97);
        CHECK_INT(facts.height_px, 61);
        CHECK_INT(facts.has_alpha, trips[i].channels == 4);
        if (trips[i].format != IMAGE_WEBP && trips[i].format != IMAGE_AVIF)
            CHECK(facts.dpi > 299.9 && facts.dpi < 300.1);
        CHECK_OK(image_decode(file.bytes, file.size, NULL, NULL, &back));
        double difference = mean_difference(image, back.image);
        if (difference > trips[i].difference_max)
            test_fail(
                __FILE__, __LINE__, "%s: mean difference is %g", image_format_name(trips[i].format),
                difference);
    }
}

TEST(image_encode_gives_the_same_bytes_every_time)
{
    AUTO(image_free) Image *image = drawing(200, 150, 4, DEPTH_8);
    const ImageRights rights = {.copyright = "Shop"};

    for (size_t i = 0; i < COUNT(trips); i++) {
        AUTO(buf_done) Buf first = BUF(FILE_MAX_BYTES);
        AUTO(buf_done) Buf second = BUF(FILE_MAX_BYTES);
        const ImageEncoding encoding = {
            .format = trips[i].format,
            .lossless = trips[i].lossless,
            .quality = 80,
            .effort = 5,
            .metadata = IMAGE_METADATA_RIGHTS,
            .rights = &rights,
        };

        CHECK_OK(image_encode(image, &encoding, &first));
        CHECK_OK(image_encode(image, &encoding, &second));
        CHECK_INT(first.size, second.size);
        CHECK(
            hash_equal(hash_bytes(first.bytes, first.size), hash_bytes(second.bytes, second.size)));
    }
}

TEST(image_encode_adds_to_what_the_buffer_holds)
{
    AUTO(image_free) Image *image = drawing(20, 20, 4, DEPTH_8);
    AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
    ImageFacts facts;

    CHECK_OK(buf_add_text(&file, "before"));
    CHECK_OK(image_encode(image, &(ImageEncoding){.format = IMAGE_WEBP, .quality = 80}, &file));
    CHECK_OK(image_probe(file.bytes + 6, file.size - 6, NULL, &facts));
    CHECK_INT(facts.width_px, 20);
}

TEST(image_encode_keeps_sixteen_bits_in_png_and_tiff)
{
    const ImageFormat formats[] = {IMAGE_PNG, IMAGE_TIFF};

    for (size_t i = 0; i < COUNT(formats); i++) {
        AUTO(image_free) Image *deep = drawing(31, 17, 3, DEPTH_16);
        AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
        ImageFacts facts;

        CHECK_OK(image_encode(deep, &(ImageEncoding){.format = formats[i]}, &file));
        CHECK_OK(image_probe(file.bytes, file.size, NULL, &facts));
        CHECK_INT(facts.bits, 16);
    }
}

TEST(image_encode_puts_the_ground_under_a_jpeg)
{
    AUTO(image_free) Image *image = drawing(64, 64, 4, DEPTH_8);
    AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
    AUTO(image_decoded_done) ImageDecoded back = {0};
    const ImageEncoding encoding = {
        .format = IMAGE_JPEG,
        .quality = 95,
        .ground = {255, 255, 255, 255},
    };

    CHECK_OK(image_encode(image, &encoding, &file));
    CHECK_OK(image_decode(file.bytes, file.size, NULL, NULL, &back));
    CHECK_INT(image_channels(back.image), 3);
    CHECK(((const uint8_t *)image_row(back.image, 0))[1] >= 254);
}

TEST(image_encode_writes_a_mask_that_is_read_as_grey)
{
    AUTO(image_free) Image *mask = drawing(40, 30, 1, DEPTH_8);
    AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
    AUTO(image_decoded_done) ImageDecoded back = {0};

    CHECK_OK(image_encode(mask, &(ImageEncoding){.format = IMAGE_PNG, .effort = 9}, &file));
    CHECK_OK(image_decode(file.bytes, file.size, NULL, NULL, &back));
    CHECK_INT(back.facts.channels, 1);
    for (int x = 0; x < 40; x++) {
        const uint8_t *pixel = (const uint8_t *)image_row(back.image, 9) + x * 3;

        CHECK_INT(pixel[0], ((const uint8_t *)image_row(mask, 9))[x]);
        CHECK_INT(pixel[2], pixel[0]);
    }
}

TEST(image_encode_refuses_what_a_format_cannot_hold)
{
    AUTO(image_free) Image *wide = NULL;
    AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);

    CHECK_OK(image_flat(16384, 1, (Colour){1, 2, 3, 255}, &wide));
    CHECK_ERR(
        image_encode(wide, &(ImageEncoding){.format = IMAGE_WEBP, .quality = 80}, &file),
        ERR_IMAGE_TOO_LARGE, "webp of 16384 x 1");
    CHECK_ERR(
        image_encode(wide, &(ImageEncoding){.format = IMAGE_HEIC}, &file), ERR_INPUT_INVALID,
        "heic is not written");
}

TEST(image_rights_stay_with_a_picture_in_every_format)
{
    const ImageRights rights = {
        .copyright = "© 2026 Smith & <Sons>",
        .creator = "Ann \"A\" Smith",
        .credit = "Studio Ä",
        .usage_terms = "Only for the shop",
        .source_type =
            "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia",
    };

    for (size_t i = 0; i < COUNT(trips); i++) {
        AUTO(image_free) Image *image = drawing(50, 40, trips[i].channels, DEPTH_8);
        AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
        AUTO(image_decoded_done) ImageDecoded back = {0};
        const ImageEncoding encoding = {
            .format = trips[i].format,
            .quality = 90,
            .lossless = trips[i].lossless,
            .metadata = IMAGE_METADATA_RIGHTS,
            .rights = &rights,
        };

        CHECK_OK(image_encode(image, &encoding, &file));
        CHECK_OK(image_decode(file.bytes, file.size, NULL, NULL, &back));
        CHECK_TEXT(back.rights.copyright, rights.copyright);
        CHECK_TEXT(back.rights.creator, rights.creator);
        CHECK_TEXT(back.rights.credit, rights.credit);
        CHECK_TEXT(back.rights.usage_terms, rights.usage_terms);
        CHECK_TEXT(back.rights.source_type, rights.source_type);
    }
}

TEST(image_metadata_none_leaves_the_rights_out)
{
    AUTO(image_free) Image *image = drawing(50, 40, 3, DEPTH_8);
    const ImageRights rights = {.copyright = "VERY-PRIVATE"};

    for (size_t i = 0; i < COUNT(trips); i++) {
        AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
        const ImageEncoding encoding = {
            .format = trips[i].format, .quality = 90, .rights = &rights};

        CHECK_OK(image_encode(image, &encoding, &file));
        CHECK(!memmem(file.bytes, file.size, "VERY-PRIVATE", 12));
        CHECK(!memmem(file.bytes, file.size, "Exif", 4));
    }
}
