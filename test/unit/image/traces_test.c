/* Promises of src/image/traces.c: what is found in files of every kind, and that our own say everything. */
#include "image/image.h"
#include "test.h"

enum {
    FILE_MAX_BYTES = 1 << 20
};

static const ImageFormat written[] = {IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP, IMAGE_AVIF, IMAGE_TIFF};

static void picture_encode(ImageFormat format, const ImageRights *rights, Buf *ret)
{
    AUTO(image_free) Image *image = NULL;
    const ImageEncoding encoding = {
        .format = format,
        .quality = 80,
        .metadata = IMAGE_METADATA_RIGHTS,
        .rights = rights,
    };

    CHECK_OK(image_flat(24, 16, (Colour){9, 99, 199, 255}, &image));
    CHECK_OK(image_encode(image, &encoding, ret));
}

/* A JPEG with an application segment of the tester's own behind its first two bytes. */
static void with_segment(int marker, const void *body, size_t size, Buf *ret)
{
    AUTO(buf_done) Buf plain = BUF(FILE_MAX_BYTES);
    unsigned char head[4] = {
        0xff, (unsigned char)marker, (unsigned char)((size + 2) >> 8), (unsigned char)(size + 2)};

    picture_encode(IMAGE_JPEG, NULL, &plain);
    CHECK_OK(buf_add(ret, plain.bytes, 2));
    CHECK_OK(buf_add(ret, head, sizeof(head)));
    CHECK_OK(buf_add(ret, body, size));
    CHECK_OK(buf_add(ret, plain.bytes + 2, plain.size - 2));
}

TEST(inspect_reads_back_what_was_written_in_every_format)
{
    const ImageRights rights = {
        .copyright = (char *)"© Ann & Co.",
        .source_type = (char *)"http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic",
        .program = (char *)"Cyclorama 9.9",
        .recipe = (char *)"<oak> \"table\"",
        .key = (char *)"0123456789abcdef",
    };

    for (size_t i = 0; i < COUNT(written); i++) {
        AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
        AUTO(image_traces_done) ImageTraces traces = {0};

        picture_encode(written[i], &rights, &file);
        CHECK_OK(image_inspect(file.bytes, file.size, NULL, &traces));
        CHECK_INT(traces.facts.format, written[i]);
        CHECK_TEXT(traces.rights.copyright, rights.copyright);
        CHECK_TEXT(traces.rights.source_type, rights.source_type);
        CHECK_TEXT(traces.rights.program, rights.program);
        CHECK_TEXT(traces.rights.recipe, rights.recipe);
        CHECK_TEXT(traces.rights.key, rights.key);
        CHECK(!traces.has_place && !traces.has_owner && !traces.has_serial);
        CHECK(!traces.has_credentials);
    }
}

TEST(inspect_finds_the_source_type_however_xmp_writes_it)
{
    static const char name[] = "http://ns.adobe.com/xap/1.0/";
    static const struct {
        const char *xmp, *want;
    } rows[] = {
        {"<Iptc4xmpExt:DigitalSourceType>a:b/x</Iptc4xmpExt:DigitalSourceType>", "a:b/x"},
        {"<rdf:Description Iptc4xmpExt:DigitalSourceType=\"a:b/x\"/>", "a:b/x"},
        {"<Iptc4xmpExt:DigitalSourceType rdf:resource=\"a:b/x\"/>", "a:b/x"},
        {"<rdf:Description xmlns:ext='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' "
         "ext:DigitalSourceType='a:b/x'/>",
         "a:b/x"},
        {"<r xmlns:ext=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\"><ext:DigitalSourceType>"
         "a:b/x</ext:DigitalSourceType></r>",
         "a:b/x"},
        {"<r xmlns:=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\">", NULL},
        {"=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\"", NULL},
        {"<Iptc4xmpExt:DigitalSourceType rdf:resource=\"a:b/x", NULL},
        {"<Iptc4xmpExt:DigitalSourceType ", NULL},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES), body = BUF(FILE_MAX_BYTES);
        AUTO(image_traces_done) ImageTraces traces = {0};

        CHECK_OK(buf_add(&body, name, sizeof(name)));
        CHECK_OK(buf_add_text(&body, rows[i].xmp));
        with_segment(0xe1, body.bytes, body.size, &file);
        CHECK_OK(image_inspect(file.bytes, file.size, NULL, &traces));
        CHECK_TEXT(traces.rights.source_type, rows[i].want);
    }
}

/* An EXIF block: artist, a block of the camera with a serial number, a block of places with ENTRIES rows. */
static size_t exif_draw(unsigned char *at, int places)
{
    static const unsigned char start[] = {
        'E', 'x', 'i', 'f', 0, 0, 'I', 'I', '*', 0,   8,   0,   0,   0, 3, 0, /* three rows */
        59,  1,   2,   0,   4, 0, 0,   0,   'A', 'n', 'n', 0,                 /* artist */
        105, 135, 4,   0,   1, 0, 0,   0,   50,  0,   0,   0,                 /* camera at 50 */
        37,  136, 4,   0,   1, 0, 0,   0,   80,  0,   0,   0,                 /* places at 80 */
        0,   0,   0,   0,                                                     /* no more */
        1,   0,   49,  164, 2, 0, 4,   0,   0,   0,   '7', '7', '7', 0,       /* serial */
        0,   0,   0,   0};

    memset(at, 0, 200);
    memcpy(at, start, sizeof(start));
    at[6 + 80] = (unsigned char)places;
    return 200;
}

TEST(inspect_finds_what_gives_a_person_away)
{
    unsigned char exif[200];

    for (int places = 0; places <= 3; places += 3) {
        AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
        AUTO(image_traces_done) ImageTraces traces = {0};
        size_t size = exif_draw(exif, places);

        with_segment(0xe1, exif, size, &file);
        CHECK_OK(image_inspect(file.bytes, file.size, NULL, &traces));
        CHECK(traces.has_owner);
        CHECK(traces.has_serial);
        CHECK_INT(traces.has_place, places > 1);
    }
}

TEST(inspect_says_that_credentials_are_there)
{
    static const char jumbf[] = "JP\0\1\0\0\0\1\0\0\0\40jumb\0\0\0\30jumdc2pa";
    AUTO(buf_done) Buf file = BUF(FILE_MAX_BYTES);
    AUTO(image_traces_done) ImageTraces traces = {0};

    with_segment(0xeb, jumbf, sizeof(jumbf) - 1, &file);
    CHECK_OK(image_inspect(file.bytes, file.size, NULL, &traces));
    CHECK(traces.has_credentials);
}

TEST(inspect_says_that_credentials_are_in_png_and_webp)
{
    static const struct {
        ImageFormat format;
        size_t at; /* where a new chunk may stand */
        const char *chunk;
        size_t size;
    } rows[] = {
        {IMAGE_PNG, 33, "\0\0\0\4caBXc2pa\0\0\0\0", 16},
        {IMAGE_WEBP, 12, "C2PA\4\0\0\0c2pa", 12},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(buf_done) Buf plain = BUF(FILE_MAX_BYTES), file = BUF(FILE_MAX_BYTES);
        AUTO(image_traces_done) ImageTraces traces = {0};

        picture_encode(rows[i].format, NULL, &plain);
        CHECK_OK(buf_add(&file, plain.bytes, rows[i].at));
        CHECK_OK(buf_add(&file, rows[i].chunk, rows[i].size));
        CHECK_OK(buf_add(&file, plain.bytes + rows[i].at, plain.size - rows[i].at));
        if (rows[i].format == IMAGE_WEBP)
            file.bytes[4] = (unsigned char)(file.bytes[4] + rows[i].size);
        CHECK_OK(image_inspect(file.bytes, file.size, NULL, &traces));
        CHECK(traces.has_credentials);
    }
}
