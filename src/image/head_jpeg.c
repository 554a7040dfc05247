/* The head of a JPEG: its segments up to the end marker. */
#include <string.h>

#include "image/head_priv.h"

enum {
    MARKER_SOF0 = 0xc0,
    MARKER_DHT = 0xc4,
    MARKER_JPG = 0xc8,
    MARKER_DAC = 0xcc,
    MARKER_SOF15 = 0xcf,
    MARKER_RST0 = 0xd0,
    MARKER_RST7 = 0xd7,
    MARKER_SOI = 0xd8,
    MARKER_EOI = 0xd9,
    MARKER_SOS = 0xda,
    MARKER_APP0 = 0xe0,
    MARKER_APP1 = 0xe1,
    MARKER_APP2 = 0xe2,
    MARKER_APP11 = 0xeb,
    MARKER_APP13 = 0xed,
    RESOURCE_IPTC = 0x0404
};

static const char xmp_name[] = "http://ns.adobe.com/xap/1.0/"; /* its NUL belongs to it */
static const char icc_name[] = "ICC_PROFILE";
static const char photoshop_name[] = "Photoshop 3.0";

static bool is_frame(int marker)
{
    return marker >= MARKER_SOF0 && marker <= MARKER_SOF15 && marker != MARKER_DHT &&
           marker != MARKER_JPG && marker != MARKER_DAC;
}

static Err *frame_read(int marker, Span body, Head *head)
{
    if (body.size < 6)
        return head_damaged(IMAGE_JPEG, "its frame header is too short");
    if (head->facts.width_px)
        return head_damaged(IMAGE_JPEG, "it has two frames");

    head->facts.bits = body.at[0];
    head->facts.height_px = (int)span_u16(body.at + 1);
    head->facts.width_px = (int)span_u16(body.at + 3);
    head->facts.channels = body.at[5];
    head->is_progressive = (marker & 3) == 2;
    if (head->facts.bits != 8 || (marker & 3) == 3 || (marker & 7) > 3 ||
        (head->facts.channels != 1 && head->facts.channels != 3 && head->facts.channels != 4))
        return err_public(
            err_new(
                ERR_IMAGE_UNSUPPORTED, "jpeg frame %#x of %d bits and %d channels",
                (unsigned)marker, head->facts.bits, head->facts.channels),
            "This JPEG is of a rare kind that photos do not use. Export it as an ordinary JPEG.");
    return NULL;
}

/* Photoshop's resources: '8BIM', number, name, size, data, each padded to even. */
static void photoshop_read(Span body, Head *head)
{
    size_t at = sizeof(photoshop_name);

    while (span_begins(body, at, "8BIM", 4)) {
        Span fixed = span_part(body, at, 7);
        if (!fixed.size)
            return;
        size_t name = ((size_t)fixed.at[6] + 2) & ~(size_t)1;
        Span size = span_part(body, at + 6 + name, 4);
        if (!size.size)
            return;
        Span data = span_part(body, at + 10 + name, span_u32(size.at));
        if (span_u16(fixed.at + 4) == RESOURCE_IPTC && !head->iptc.size)
            head->iptc = data;
        at += 10 + name + (((size_t)span_u32(size.at) + 1) & ~(size_t)1);
    }
}

static void density_read(Span body, Head *head)
{
    if (!span_begins(body, 0, "JFIF", 5) || body.size < 12)
        return;
    unsigned unit = body.at[7], density = span_u16(body.at + 8);
    if (unit == 1 || unit == 2)
        head->facts.dpi = density * (unit == 2 ? 2.54 : 1);
}

static Err *segment_read(int marker, Span body, Head *head)
{
    if (is_frame(marker))
        return frame_read(marker, body, head);
    if (marker == MARKER_APP0)
        density_read(body, head);
    else if (marker == MARKER_APP1 && span_begins(body, 0, "Exif\0", 6) && !head->exif.size)
        head->exif = (Span){body.at + 6, body.size - 6};
    else if (marker == MARKER_APP1 && span_begins(body, 0, xmp_name, sizeof(xmp_name)))
        head->xmp = (Span){body.at + sizeof(xmp_name), body.size - sizeof(xmp_name)};
    else if (
        marker == MARKER_APP2 && span_begins(body, 0, icc_name, sizeof(icc_name)) &&
        body.size > sizeof(icc_name) + 2 && head->profile.size + body.size <= PROFILE_MAX_BYTES)
        /* Parts carry their number, but no writer is known that does not put them in order. */
        return buf_add(
            &head->profile, body.at + sizeof(icc_name) + 2, body.size - sizeof(icc_name) - 2);
    else if (marker == MARKER_APP11 && span_begins(body, 0, "JP", 2) && span_holds(body, "c2pa"))
        head->has_credentials = true;
    else if (marker == MARKER_APP13 && span_begins(body, 0, photoshop_name, sizeof(photoshop_name)))
        photoshop_read(body, head);
    return NULL;
}

/* From inside a scan's data to the next marker that ends it; the end of the file when there is none. */
static size_t scan_skip(Span file, size_t at)
{
    while (at + 1 < file.size) {
        const unsigned char *found = memchr(file.at + at, 0xff, file.size - at - 1);

        if (!found)
            break;
        at = (size_t)(found - file.at);
        if (found[1] != 0 && found[1] != 0xff &&
            !(found[1] >= MARKER_RST0 && found[1] <= MARKER_RST7))
            return at;
        at += found[1] == 0xff ? 1 : 2;
    }
    return file.size;
}

Err *head_read_jpeg(Span file, Head *head)
{
    size_t at = 2;
    bool ran_out = false;

    for (;;) {
        while (at + 1 < file.size && file.at[at] == 0xff && file.at[at + 1] == 0xff)
            at++; /* fill bytes */
        Span start = span_part(file, at, 4);
        ran_out = !start.size;
        if (ran_out || start.at[0] != 0xff || start.at[1] == MARKER_EOI)
            break;

        int marker = start.at[1];
        if (marker == MARKER_SOI || marker == 1 ||
            (marker >= MARKER_RST0 && marker <= MARKER_RST7)) {
            at += 2;
            continue;
        }
        size_t size = span_u16(start.at + 2);
        Span body = size >= 2 ? span_part(file, at + 4, size - 2) : (Span){0};
        ran_out = size > 2 && !body.size;
        if (ran_out)
            break;
        TRY(segment_read(marker, body, head));
        at += 2 + MAX(size, (size_t)2);
        if (marker == MARKER_SOS) {
            head->scans++;
            at = scan_skip(file, at);
        }
    }
    head->lacks_end = !span_begins(file, at, "\xff\xd9", 2);

    if (!head->facts.width_px || !head->scans)
        return ran_out ? head_cut(IMAGE_JPEG) : head_damaged(IMAGE_JPEG, "no picture in it");
    /* A progressive picture that stops between two passes would decode without complaint, blurred. */
    if (head->lacks_end && head->is_progressive)
        return head_cut(IMAGE_JPEG);
    return NULL;
}
