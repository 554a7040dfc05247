/* Pictures as they come from vendors: what their heads say, and fetching them. */
#include <string.h>

#include "base/base64.h"
#include "image/image.h"
#include "vendor/core_priv.h"

static unsigned big_endian(const unsigned char *at, int bytes)
{
    unsigned number = 0;

    for (int i = 0; i < bytes; i++)
        number = number << 8 | at[i];
    return number;
}

static unsigned little_endian(const unsigned char *at, int bytes)
{
    unsigned number = 0;

    for (int i = bytes - 1; i >= 0; i--)
        number = number << 8 | at[i];
    return number;
}

static bool png_sniff(const unsigned char *at, size_t size, VendorPicture *ret)
{
    if (size < 57 || memcmp(at, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) != 0)
        return false;
    *ret = (VendorPicture){
        .type = "image/png",
        .width_px = (int)(big_endian(at + 16, 4) & 0x7fffffff),
        .height_px = (int)(big_endian(at + 20, 4) & 0x7fffffff),
    };
    return memcmp(at + size - 8, "IEND", 4) == 0;
}

/* The size stands in the frame header, SOF0 to SOF15 but for the three that are something else (ITU T.81, table B.1). */
static bool jpeg_sniff(const unsigned char *at, size_t size, VendorPicture *ret)
{
    if (size < 4 || memcmp(at, "\xff\xd8\xff", 3) != 0)
        return false;
    *ret = (VendorPicture){.type = "image/jpeg"};
    for (size_t pos = 2; pos + 9 < size && at[pos] == 0xff;) {
        unsigned mark = at[pos + 1];

        if (mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 && mark != 0xcc) {
            ret->height_px = (int)big_endian(at + pos + 5, 2);
            ret->width_px = (int)big_endian(at + pos + 7, 2);
            return true;
        }
        pos += mark == 0xff ? 1 : 2 + (size_t)big_endian(at + pos + 2, 2);
    }
    return false;
}

static bool webp_sniff(const unsigned char *at, size_t size, VendorPicture *ret)
{
    if (size < 30 || memcmp(at, "RIFF", 4) != 0 || memcmp(at + 8, "WEBP", 4) != 0 ||
        (size_t)little_endian(at + 4, 4) + 8 > size)
        return false;
    *ret = (VendorPicture){.type = "image/webp"};
    if (memcmp(at + 12, "VP8X", 4) == 0) {
        ret->width_px = (int)little_endian(at + 24, 3) + 1;
        ret->height_px = (int)little_endian(at + 27, 3) + 1;
    } else if (memcmp(at + 12, "VP8L", 4) == 0) {
        unsigned sides = little_endian(at + 21, 4);

        ret->width_px = (int)(sides & 0x3fff) + 1;
        ret->height_px = (int)(sides >> 14 & 0x3fff) + 1;
    } else {
        ret->width_px = (int)(little_endian(at + 26, 2) & 0x3fff);
        ret->height_px = (int)(little_endian(at + 28, 2) & 0x3fff);
    }
    return true;
}

bool picture_sniff(const void *bytes, size_t size, VendorPicture *ret)
{
    VendorPicture found;

    if (!png_sniff(bytes, size, &found) && !jpeg_sniff(bytes, size, &found) &&
        !webp_sniff(bytes, size, &found))
        return false;
    found.bytes = bytes;
    found.size = size;
    *ret = found;
    return true;
}

Err *line_picture(VendorLine *line, const void *bytes, size_t size, VendorPicture *ret)
{
    if (picture_sniff(bytes, size, ret))
        return NULL;
    return line_nonsense(line, "what is no whole picture");
}

Err *line_picture_base64(VendorLine *line, const char *text, VendorPicture *ret)
{
    AUTO(buf_done) Buf bytes = BUF(VENDOR_PICTURE_BYTES_MOST);

    err_free(base64_read(text, &bytes)); /* what it gave up on is no whole picture */
    TRY(line_picture(line, bytes.bytes, bytes.size, ret));
    arena_keep(line->mem, free, TAKE(bytes.bytes));
    return NULL;
}

Err *line_fetch(VendorLine *line, const char *url, VendorPicture *ret)
{
    LineReply reply;

    if (strncmp(url, "data:", 5) == 0) {
        const char *comma = strchr(url, ',');

        return line_picture_base64(line, comma ? comma + 1 : "", ret);
    }
    TRY(line_send(
        line, &(LineRequest){.path = url, .is_file = true, .most_bytes = VENDOR_PICTURE_BYTES_MOST},
        &reply));
    return line_picture(line, reply.body, reply.size, ret);
}

/* Where alpha is 0 the vendor may draw; in a white mask where it is white. */
static MUST Err *whitened(const Image *image, Image **ret)
{
    AUTO(image_free) Image *mask = NULL;

    TRY(image_take_alpha(image, &mask));
    for (int y = 0; y < image_height(mask); y++) {
        unsigned char *row = image_row_mut(mask, y);

        for (int x = 0; x < image_width(mask); x++)
            row[x] = row[x] < 128 ? 255 : 0;
    }
    *ret = TAKE(mask);
    return NULL;
}

Err *line_mask_white(VendorLine *line, const VendorAsk *ask, VendorPicture *ret)
{
    static const ImageEncoding as_png = {.format = IMAGE_PNG, .effort = 3};
    AUTO(image_decoded_done) ImageDecoded decoded = {.image = NULL};
    AUTO(image_free) Image *mask = NULL;
    AUTO(buf_done) Buf png = BUF(VENDOR_PICTURE_BYTES_MOST);

    TRY(image_decode(ask->mask.bytes, ask->mask.size, &image_limits_default, NULL, &decoded));
    TRY(whitened(decoded.image, &mask));
    TRY(image_encode(mask, &as_png, &png));
    TRY(line_picture(line, png.bytes, png.size, ret));
    arena_keep(line->mem, free, TAKE(png.bytes));
    return NULL;
}

const char *line_data_url(VendorLine *line, const VendorPicture *picture)
{
    return arena_print(
        line->mem, "data:%s;base64,%s", picture->type,
        base64_text(picture->bytes, picture->size, line->mem));
}
