/* The head of HEIC and AVIF: ISO media boxes. Sizes come from the boxes alone; no picture data is touched. */
#include <string.h>

#include "image/coded_priv.h"

enum {
    DEPTH_MAX = 4,   /* of boxes in boxes */
    CODED_MAX = 1024 /* coded pictures in a file: tiles, alpha, thumbnails */
};

typedef struct Box4 {
    Span body;
    size_t next; /* where the following box begins */
    unsigned char type[4];
} Box4;

/* What is known while walking; items are told apart by number. */
typedef struct Walk {
    Head *head;
    ImageFormat format;
    Span file, data; /* data is 'idat' */
    uint32_t primary, exif_item, xmp_item;
    struct {
        uint32_t id;
        bool is_av1;
    } coded[CODED_MAX];
    int coded_count;
    Span properties;   /* 'ipco' */
    Span associations; /* 'ipma' */
    Span places;       /* 'iloc' */
} Walk;

/* The box at AT of SPAN. False at the end, and for a box that reaches past it. */
static bool box_at(Span span, size_t at, Box4 *ret)
{
    Span start = span_part(span, at, 8);
    size_t head_size = 8;

    if (!start.size)
        return false;
    uint64_t size = span_u32(start.at);
    if (size == 0)
        size = span.size - at;
    if (size == 1) {
        Span large = span_part(span, at + 8, 8);
        if (!large.size)
            return false;
        size = (uint64_t)span_u32(large.at) << 32 | span_u32(large.at + 4);
        head_size = 16;
    }
    if (size < head_size || size > span.size - at)
        return false;
    *ret = (Box4){
        .body = {start.at + head_size, (size_t)size - head_size},
        .next = at + (size_t)size,
    };
    memcpy(ret->type, start.at + 4, 4);
    return true;
}

static bool is_type(const Box4 *box, const char *type)
{
    return !memcmp(box->type, type, 4);
}

/* A number of SIZE bytes at *AT, moved past it; 0 past the end. */
static uint64_t number_take(Span span, size_t *at, size_t size)
{
    Span part = span_part(span, *at, size);
    uint64_t number = 0;

    for (size_t i = 0; i < part.size; i++)
        number = number << 8 | part.at[i];
    *at += size;
    return number;
}

/* 'iinf': which items are EXIF and XMP. */
static void items_read(Span body, Walk *walk)
{
    Box4 box;
    size_t at = body.size && body.at[0] == 0 ? 6 : 8;

    for (; box_at(body, at, &box); at = box.next) {
        Span item = box.body;
        size_t in = 4;

        if (!is_type(&box, "infe") || !item.size || item.at[0] < 2)
            continue;
        uint32_t id = (uint32_t)number_take(item, &in, item.at[0] == 2 ? 2 : 4);
        in += 2;
        if (span_begins(item, in, "av01", 4) || span_begins(item, in, "hvc1", 4) ||
            span_begins(item, in, "hev1", 4)) {
            if (walk->coded_count < CODED_MAX) {
                walk->coded[walk->coded_count].id = id;
                walk->coded[walk->coded_count].is_av1 = span_begins(item, in, "av01", 4);
            }
            walk->coded_count++;
        } else if (span_begins(item, in, "Exif", 4))
            walk->exif_item = id;
        else if (span_begins(item, in, "mime", 4)) {
            const unsigned char *name = item.at + in + 4;
            const unsigned char *end = memchr(name, 0, item.size - in - 4);

            if (end && span_begins(item, (size_t)(end - item.at) + 1, "application/rdf+xml", 19))
                walk->xmp_item = id;
        }
    }
}

/* Bytes of item ID, when they lie in one piece; ret_pieces is in how many. */
static Span item_find(const Walk *walk, uint32_t id, uint64_t *ret_pieces)
{
    Span body = walk->places;
    size_t at = 4;

    *ret_pieces = 0;
    if (!id || body.size < 8)
        return (Span){0};
    unsigned version = body.at[0];
    unsigned sizes = (unsigned)number_take(body, &at, 2);
    size_t offset_size = sizes >> 12, length_size = sizes >> 8 & 15;
    size_t base_size = sizes >> 4 & 15, index_size = version ? sizes & 15 : 0;
    uint64_t items = number_take(body, &at, version < 2 ? 2 : 4);

    for (uint64_t i = 0; i < items && at < body.size; i++) {
        uint32_t item = (uint32_t)number_take(body, &at, version < 2 ? 2 : 4);
        unsigned method = version ? (unsigned)number_take(body, &at, 2) & 15 : 0;
        at += 2;
        uint64_t base = number_take(body, &at, base_size);
        uint64_t extents = number_take(body, &at, 2);
        if (item == id)
            *ret_pieces = extents;
        for (uint64_t e = 0; e < extents && at < body.size; e++) {
            at += index_size;
            uint64_t offset = number_take(body, &at, offset_size);
            uint64_t length = number_take(body, &at, length_size);
            if (item == id && extents == 1 && method < 2 && base < INT64_MAX && offset < INT64_MAX)
                return span_part(method ? walk->data : walk->file, (size_t)(base + offset), length);
        }
    }
    return (Span){0};
}

/* Property number INDEX, counted from 1. */
static bool property_at(const Walk *walk, unsigned index, Box4 *ret)
{
    size_t at = 0;

    for (unsigned i = 1; box_at(walk->properties, at, ret); i++, at = ret->next)
        if (i == index)
            return true;
    return false;
}

static Err *property_read(const Box4 *box, Head *head)
{
    Span body = box->body;

    if (is_type(box, "ispe") && body.size >= 12) {
        uint32_t width = span_u32(body.at + 4), height = span_u32(body.at + 8);

        head->facts.width_px = (int)MIN(width, (uint32_t)INT32_MAX);
        head->facts.height_px = (int)MIN(height, (uint32_t)INT32_MAX);
    } else if (is_type(box, "clap") && body.size >= 16) {
        /* Width and height as fractions; what they cut off never shows. */
        uint32_t below_width = span_u32(body.at + 4), below_height = span_u32(body.at + 12);
        uint32_t width = below_width ? span_u32(body.at) / below_width : 0;
        uint32_t height = below_height ? span_u32(body.at + 8) / below_height : 0;

        if (width >= 1 && height >= 1 && width <= (uint32_t)head->facts.width_px &&
            height <= (uint32_t)head->facts.height_px) {
            head->facts.width_px = (int)width;
            head->facts.height_px = (int)height;
        }
    } else if (is_type(box, "irot") && body.size >= 1) {
        /* A quarter turn, either way; only the sides matter here, libheif turns the pixels. */
        if (body.at[0] & 1) {
            int width = head->facts.width_px;

            head->facts.width_px = head->facts.height_px;
            head->facts.height_px = width;
        }
    } else if (is_type(box, "pixi") && body.size >= 6) {
        head->facts.bits = body.at[5];
    } else if (
        is_type(box, "colr") && body.size > 4 && body.size <= PROFILE_MAX_BYTES &&
        !head->profile.size &&
        (span_begins(body, 0, "prof", 4) || span_begins(body, 0, "rICC", 4))) {
        return buf_add(&head->profile, body.at + 4, body.size - 4);
    }
    return NULL;
}

/* 'ipma': the properties of the primary item, in their order. */
static Err *primary_read(const Walk *walk)
{
    Span body = walk->associations;
    size_t at = 4;
    Box4 box;

    if (body.size < 8)
        return NULL;
    bool wide_ids = body.at[0] > 0, wide = body.at[3] & 1;
    uint64_t items = number_take(body, &at, 4);
    for (uint64_t i = 0; i < items && at < body.size; i++) {
        uint32_t id = (uint32_t)number_take(body, &at, wide_ids ? 4 : 2);
        uint64_t count = number_take(body, &at, 1);

        for (uint64_t p = 0; p < count; p++) {
            unsigned index =
                (unsigned)number_take(body, &at, wide ? 2 : 1) & (wide ? 0x7fff : 0x7f);

            if (id == walk->primary && property_at(walk, index, &box))
                TRY(property_read(&box, walk->head));
        }
    }
    return NULL;
}

/* Every picture in the file counts: tiles, thumbnails and depth maps are read by the decoder too. */
static void largest_read(const Walk *walk)
{
    static const char hevc_alpha[] = "auxid:1"; /* urn:mpeg:hevc:2015:auxid:1 */
    Box4 box;

    for (size_t at = 0; box_at(walk->properties, at, &box); at = box.next) {
        if (is_type(&box, "ispe") && box.body.size >= 12) {
            uint64_t area = (uint64_t)span_u32(box.body.at + 4) * span_u32(box.body.at + 8);

            walk->head->pixels = MAX(walk->head->pixels, (int64_t)MIN(area, (uint64_t)INT64_MAX));
        } else if (
            is_type(&box, "auxC") &&
            (span_holds(box.body, "auxiliary:alpha") || span_holds(box.body, hevc_alpha)))
            walk->head->facts.has_alpha = true;
    }
}

/* What the data itself says. A file of many coded pictures may ask for as much as four of its size. */
static Err *coded_read(const Walk *walk)
{
    int64_t av1 = 0, hevc = 0, most, sum = 0;
    uint64_t pieces;
    Box4 box;

    if (walk->coded_count > CODED_MAX)
        return head_damaged(walk->format, "it holds too many pictures");
    for (size_t at = 0; box_at(walk->properties, at, &box); at = box.next)
        if (is_type(&box, "hvcC"))
            hevc = MAX(hevc, coded_pixels_hvcc(box.body));
        else if (is_type(&box, "av1C") && box.body.size > 4)
            av1 = MAX(av1, coded_pixels_av1((Span){box.body.at + 4, box.body.size - 4}));
    most = MAX(av1, hevc);
    for (int i = 0; i < walk->coded_count; i++) {
        bool is_av1 = walk->coded[i].is_av1;
        Span data = item_find(walk, walk->coded[i].id, &pieces);
        int64_t pixels = is_av1 ? coded_pixels_av1(data) : coded_pixels_hevc(data);

        if (pieces > 1)
            return head_damaged(walk->format, "a picture in it lies in pieces");
        if (pixels == 0)
            pixels = is_av1 ? av1 : hevc;
        most = MAX(most, pixels);
        sum += MIN(pixels, INT64_MAX / CODED_MAX);
    }
    most = MAX(most, sum / 4);
    walk->head->pixels = MAX(walk->head->pixels, most);
    return NULL;
}

/* A box of C2PA's own kind, by its number. */
static bool is_credentials(const Box4 *box)
{
    static const char number[] = "\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81";

    return is_type(box, "uuid") && span_begins(box->body, 0, number, 16);
}

static void boxes_read(Span span, int depth, Walk *walk)
{
    Box4 box;

    for (size_t at = 0; box_at(span, at, &box); at = box.next) {
        size_t in = 4;

        if (is_type(&box, "meta") && box.body.size > 4 && depth == 0)
            boxes_read((Span){box.body.at + 4, box.body.size - 4}, depth + 1, walk);
        else if (is_type(&box, "iprp") && depth < DEPTH_MAX)
            boxes_read(box.body, depth + 1, walk);
        else if (is_type(&box, "pitm") && box.body.size >= 6)
            walk->primary = (uint32_t)number_take(box.body, &in, box.body.at[0] ? 4 : 2);
        else if (is_type(&box, "ipco"))
            walk->properties = box.body;
        else if (is_type(&box, "ipma"))
            walk->associations = box.body;
        else if (is_type(&box, "iloc"))
            walk->places = box.body;
        else if (is_type(&box, "idat"))
            walk->data = box.body;
        else if (is_type(&box, "iinf"))
            items_read(box.body, walk);
        else if (depth == 0 && is_credentials(&box))
            walk->head->has_credentials = true;
    }
}

/* Whether the file's outermost boxes are all there. */
static bool is_cut(Span file)
{
    Box4 box;
    size_t at = 0;

    while (box_at(file, at, &box))
        at = box.next;
    return at + 8 < file.size && span_u32(file.at + at) > file.size - at;
}

Err *head_read_heif(Span file, Head *head)
{
    Walk walk = {.head = head, .format = head->facts.format, .file = file};

    boxes_read(file, 0, &walk);
    head->facts.bits = 8;
    largest_read(&walk);
    TRY(coded_read(&walk));
    TRY(primary_read(&walk));
    if (!head->facts.width_px)
        return is_cut(file) ? head_cut(walk.format) : head_damaged(walk.format, "no picture in it");

    uint64_t pieces;
    Span exif = item_find(&walk, walk.exif_item, &pieces);
    size_t skip = exif.size >= 4 ? (size_t)span_u32(exif.at) + 4 : 0;
    if (skip && skip < exif.size)
        head->exif = (Span){exif.at + skip, exif.size - skip};
    head->xmp = item_find(&walk, walk.xmp_item, &pieces);
    head->facts.channels = head->facts.has_alpha ? 4 : 3;
    return is_cut(file) ? head_cut(walk.format) : NULL;
}
