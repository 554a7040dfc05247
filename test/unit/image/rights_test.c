/* Promises of src/image/rights.c, colour.c and of sameness on any number of threads. */
#include <lcms2.h>

#include "base/dice.h"
#include "base/hash.h"
#include "image/image.h"
#include "test.h"

enum {
    FILE_MAX_BYTES = 16 * 1024 * 1024
};

/* A small JPEG with XMP of the tester's own. */
static void with_xmp(const char *xmp, Buf *ret)
{
    static const char name[] = "http://ns.adobe.com/xap/1.0/";
    size_t size = sizeof(name) + strlen(xmp) + 2;
    unsigned char head[4] = {0xff, 0xe1, (unsigned char)(size >> 8), (unsigned char)size};
    AUTO(image_free) Image *image = NULL;
    AUTO(buf_done) Buf plain = BUF(FILE_MAX_BYTES);

    CHECK_OK(image_flat(16, 16, (Colour){9, 99, 199, 255}, &image));
    CHECK_OK(image_encode(image, &(ImageEncoding){.format = IMAGE_JPEG, .quality = 80}, &plain));
    CHECK_OK(buf_add(ret, plain.bytes, 2));
    CHECK_OK(buf_add(ret, head, sizeof(head)));
    CHECK_OK(buf_add(ret, name, sizeof(name)));
    CHECK_OK(buf_add_text(ret, xmp));
    CHECK_OK(buf_add(ret, plain.bytes + 2, plain.size - 2));
}

TEST(image_rights_are_read_in_every_shape_that_xmp_has)
{
    static const struct {
        const char *xmp, *copyright, *creator, *credit, *source_type;
    } files[] = {
        {"<dc:rights><rdf:Alt><rdf:li xml:lang='x-default'>A &amp; B "
         "&#169;</rdf:li></rdf:Alt></dc:rights>",
         "A & B ©"},
        {"<dc:rights>\n  <rdf:Alt>\n<rdf:li>one</rdf:li><rdf:li>two</rdf:li></rdf:Alt></dc:rights>"
         "<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li></rdf:Seq></dc:creator>",
         "one", "Ann"},
        {"<rdf:Description photoshop:Credit=\"Studio &quot;X&quot;\" "
         "Iptc4xmpExt:DigitalSourceType='http://x/y'/>",
         NULL, NULL, "Studio \"X\"", "http://x/y"},
        {"<dc:creator><rdf:Seq><rdf:li>Jane Private</rdf:li></rdf:Seq></dc:creator>"},
        {"<dc:rights>never closed"},
        {"<dc:rights/><dc:rightsOf>none</dc:rightsOf><dc:rights >mine</dc:rights>", "mine"},
        {"<dc:rights><b:other>x</b:other></dc:rights>"},
        {"<!DOCTYPE a [<!ENTITY e \"boom\">]><dc:rights>&e;&#0;&#xffffffff;</dc:rights>",
         "&e;&#0;&#xffffffff;"},
    };

    for (size_t i = 0; i < COUNT(files); i++) {
        AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
        AUTO(image_decoded_done) ImageDecoded decoded = {0};

        with_xmp(files[i].xmp, &file);
        CHECK_OK(image_decode(file.bytes, file.size, NULL, NULL, &decoded));
        if (i != 4) /* an element that never ends may be read to the end or not at all */
            CHECK_TEXT(decoded.rights.copyright, files[i].copyright);
        CHECK_TEXT(decoded.rights.creator, files[i].creator);
        CHECK_TEXT(decoded.rights.credit, files[i].credit);
        CHECK_TEXT(decoded.rights.source_type, files[i].source_type);
    }
}

/* Adobe RGB (1998), by its published primaries. */
static void wide_profile(Buf *ret)
{
    const cmsCIExyY d65 = {0.3127, 0.3290, 1};
    const cmsCIExyYTRIPLE primaries = {{0.64, 0.33, 1}, {0.21, 0.71, 1}, {0.15, 0.06, 1}};
    cmsToneCurve *gamma = cmsBuildGamma(NULL, 563.0 / 256);
    cmsHPROFILE profile =
        cmsCreateRGBProfile(&d65, &primaries, (cmsToneCurve *[]){gamma, gamma, gamma});
    cmsUInt32Number size = 0;

    CHECK(cmsSaveProfileToMem(profile, NULL, &size));
    CHECK_OK(buf_reserve(ret, size));
    CHECK(cmsSaveProfileToMem(profile, ret->bytes, &size));
    ret->size = size;
    cmsCloseProfile(profile);
    cmsFreeToneCurve(gamma);
}

TEST(image_encode_converts_to_a_profile_and_decode_comes_back)
{
    const ImageFormat formats[] = {IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP, IMAGE_AVIF, IMAGE_TIFF};
    AUTO(buf_done) Buf profile = BUF(FILE_MAX_BYTES);
    AUTO(image_free) Image *image = NULL;

    wide_profile(&profile);
    CHECK_OK(image_flat(40, 30, (Colour){200, 60, 40, 255}, &image));
    for (size_t i = 0; i < COUNT(formats); i++) {
        AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
        AUTO(image_decoded_done) ImageDecoded decoded = {0};
        const ImageEncoding encoding = {
            .format = formats[i],
            .quality = 95,
            .lossless = true,
            .profile = profile.bytes,
            .profile_size = profile.size,
        };

        CHECK_OK(image_encode(image, &encoding, &file));
        CHECK_OK(image_decode(file.bytes, file.size, NULL, NULL, &decoded));
        const uint8_t *pixel = (const uint8_t *)image_row(decoded.image, 15) + 20 * 3;
        if (abs(pixel[0] - 200) > 3 || abs(pixel[1] - 60) > 3 || abs(pixel[2] - 40) > 3)
            test_fail(
                __FILE__, __LINE__, "%s: %d %d %d", image_format_name(formats[i]), pixel[0],
                pixel[1], pixel[2]);
        CHECK_INT(decoded.profile.size, profile.size);
        CHECK(!memcmp(decoded.profile.bytes, profile.bytes, profile.size));
    }
}

TEST(image_encode_refuses_a_profile_that_is_none)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
    static const char junk[200] = "not a profile";

    CHECK_OK(image_flat(4, 4, (Colour){1, 2, 3, 255}, &image));
    CHECK_ERR(
        image_encode(
            image,
            &(ImageEncoding){.format = IMAGE_PNG, .profile = junk, .profile_size = sizeof(junk)},
            &file),
        ERR_INPUT_INVALID, "profile of 200 bytes cannot be written to");
}

/* Everything that works in parallel, as one hash. */
static Hash everything(int threads)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(image_free) Image *small = NULL;
    AUTO(image_free) Image *blurred = NULL;
    AUTO(image_free) Image *turned = NULL;
    AUTO(buf_done) Buf files = BUF(FILE_MAX_BYTES);
    Dice dice = dice_seeded(3);

    image_start(threads);
    CHECK_OK(image_new(500, 400, 4, DEPTH_8, &image));
    for (int y = 0; y < 400; y++)
        for (int x = 0; x < 2000; x++)
            ((uint8_t *)image_row_mut(image, y))[x] = (uint8_t)(x / 9 + (dice_bits(&dice) & 31));
    CHECK_OK(image_resize(image, 311, 333, IMAGE_LANCZOS3, &small));
    CHECK_OK(image_blur(small, 5, &blurred));
    CHECK_OK(image_rotate(blurred, 17, &turned));
    for (ImageFormat format = 0; format < IMAGE_FORMAT_MAX_; format++)
        if (format != IMAGE_HEIC)
            CHECK_OK(image_encode(
                turned, &(ImageEncoding){.format = format, .quality = 80, .effort = 3}, &files));
    return hash_bytes(files.bytes, files.size);
}

TEST(image_work_gives_the_same_bytes_on_any_number_of_threads)
{
    Hash one = everything(1), two = everything(2), five = everything(5);

    image_start(2);
    CHECK(hash_equal(one, two));
    CHECK(hash_equal(one, five));
}
