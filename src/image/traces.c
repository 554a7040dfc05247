/* What a file carries beside its pixels: rights, provenance, and what gives a person away. */
#include "image/rights_priv.h"

enum {
    TAG_ARTIST = 315,
    TAG_CAMERA_BLOCK = 34665,
    TAG_PLACE_BLOCK = 34853,
    TAG_OWNER = 42032,
    TAG_BODY_SERIAL = 42033,
    TAG_LENS_SERIAL = 42037
};

typedef enum Trace {
    TRACE_PLACE,
    TRACE_OWNER,
    TRACE_SERIAL,
} Trace;

/* Words of XMP that tell more than a shop wants to tell. */
static const struct {
    const char *word;
    Trace trace;
} xmp_rows[] = {
    {"exif:GPSLatitude", TRACE_PLACE},
    {"Iptc4xmpExt:LocationCreated", TRACE_PLACE},
    {"Iptc4xmpCore:Location", TRACE_PLACE},
    {"photoshop:City", TRACE_PLACE},
    {"aux:OwnerName", TRACE_OWNER},
    {"exifEX:CameraOwnerName", TRACE_OWNER},
    {"aux:SerialNumber", TRACE_SERIAL},
    {"exifEX:BodySerialNumber", TRACE_SERIAL},
    {"exifEX:LensSerialNumber", TRACE_SERIAL},
};

static bool *trace_of(ImageTraces *traces, Trace trace)
{
    return trace == TRACE_PLACE   ? &traces->has_place
           : trace == TRACE_OWNER ? &traces->has_owner
                                  : &traces->has_serial;
}

static bool says(const Directory *directory, unsigned tag)
{
    Entry entry;

    return directory_find(directory, tag, &entry) && entry.value.at[0] > ' ';
}

static void exif_read(Span exif, ImageTraces *traces)
{
    Directory main, camera, place;

    if (!directory_open(exif, &main))
        return;
    traces->has_owner |= says(&main, TAG_ARTIST);
    /* Some cameras write an empty block of GPS, or one with nothing but its version. */
    if (directory_below(&main, TAG_PLACE_BLOCK, &place))
        traces->has_place |= place.count > 1;
    if (directory_below(&main, TAG_CAMERA_BLOCK, &camera)) {
        traces->has_owner |= says(&camera, TAG_OWNER);
        traces->has_serial |= says(&camera, TAG_BODY_SERIAL) || says(&camera, TAG_LENS_SERIAL);
    }
}

void image_traces_done(ImageTraces *traces)
{
    image_rights_done(&traces->rights);
}

Err *image_inspect(const void *bytes, size_t size, const ImageLimits *limits, ImageTraces *ret)
{
    AUTO(head_done) Head head = {0};
    ImageTraces traces = {0};

    TRY(head_read((Span){bytes, size}, limits, &head));
    traces.facts = head.facts;
    traces.has_credentials = head.has_credentials;
    exif_read(head.exif, &traces);
    for (size_t i = 0; i < COUNT(xmp_rows); i++)
        *trace_of(&traces, xmp_rows[i].trace) |= span_holds(head.xmp, xmp_rows[i].word);
    rights_read(&head, &traces.rights);
    *ret = traces;
    return NULL;
}
