/* The head of a TIFF: its first directory. */
#include "image/head_priv.h"

enum {
    TAG_SUBFILE = 254,
    TAG_WIDTH = 256,
    TAG_HEIGHT = 257,
    TAG_BITS = 258,
    TAG_PHOTOMETRIC = 262,
    TAG_SAMPLES = 277,
    TAG_TILE_WIDTH = 322,
    TAG_TILE_HEIGHT = 323,
    TAG_EXTRA_SAMPLES = 338,
    TAG_SAMPLE_FORMAT = 339,
    TAG_XMP = 700,
    TAG_IPTC = 33723,
    TAG_PROFILE = 34675,
    TAG_DNG_VERSION = 50706,
    TAG_CREDENTIALS = 52545,
    SUBFILE_REDUCED = 1,
    PHOTOMETRIC_SEPARATED = 5,
    FORMAT_UNSIGNED = 1,
    EXTRA_PREMULTIPLIED = 1,
    PAGES_MAX = 1000
};

static Err *unsupported(const char *what, const char *says)
{
    return err_public(err_new(ERR_IMAGE_UNSUPPORTED, "tiff is %s", what), "%s", says);
}

/* Raw files of most cameras are TIFFs whose first directory is a small preview. */
static Err *kind_check(const Directory *directory)
{
    Entry entry;

    if (directory_find(directory, TAG_DNG_VERSION, &entry) ||
        (directory_number(directory, TAG_SUBFILE, 0) & SUBFILE_REDUCED))
        return unsupported(
            "a camera raw file",
            "This file is a camera raw file. Develop it in your photo program and export it as "
            "JPEG or TIFF.");
    if (directory_number(directory, TAG_SAMPLE_FORMAT, FORMAT_UNSIGNED) != FORMAT_UNSIGNED ||
        directory_number(directory, TAG_BITS, 1) > 16)
        return unsupported(
            "not of whole numbers",
            "This TIFF stores its pixels as 32-bit or floating-point numbers. Save it with 8 or 16 "
            "bits a channel.");
    return NULL;
}

static void extras_read(const Directory *directory, Head *head)
{
    int colours = directory_number(directory, TAG_PHOTOMETRIC, 1) == PHOTOMETRIC_SEPARATED ? 4
                  : head->facts.channels >= 3                                              ? 3
                                                                                           : 1;
    Entry extra;

    if (head->facts.channels <= colours)
        return;
    head->facts.has_alpha = true;
    head->alpha_is_premultiplied = directory_find(directory, TAG_EXTRA_SAMPLES, &extra) &&
                                   entry_number(&extra, 0) == EXTRA_PREMULTIPLIED;
}

Err *head_read_tiff(Span file, Head *head)
{
    Directory directory;
    Entry entry;

    if (!directory_open(file, &directory))
        return head_cut(IMAGE_TIFF);
    TRY(kind_check(&directory));

    uint32_t width = directory_number(&directory, TAG_WIDTH, 0);
    uint32_t height = directory_number(&directory, TAG_HEIGHT, 0);
    uint32_t tile_width = directory_number(&directory, TAG_TILE_WIDTH, 0);
    uint32_t tile_height = directory_number(&directory, TAG_TILE_HEIGHT, 0);
    if (width > INT32_MAX || height > INT32_MAX)
        return head_damaged(IMAGE_TIFF, "its size is not valid");
    /* A tile is held whole by the decoder, so it must not be much larger than the picture. */
    if (tile_width > MAX(width, 512u) * 2 || tile_height > MAX(height, 512u) * 2)
        return head_damaged(IMAGE_TIFF, "its tiles are larger than the picture");
    head->facts.width_px = (int)width;
    head->facts.height_px = (int)height;
    head->facts.bits = (int)directory_number(&directory, TAG_BITS, 1);
    head->facts.channels = (int)MIN(directory_number(&directory, TAG_SAMPLES, 1), 100u);
    directory_facts(&directory, &head->facts);
    extras_read(&directory, head);

    if (directory_find(&directory, TAG_XMP, &entry))
        head->xmp = entry.value;
    if (directory_find(&directory, TAG_IPTC, &entry))
        head->iptc = entry.value;
    if (directory_find(&directory, TAG_PROFILE, &entry) && entry.value.size <= PROFILE_MAX_BYTES)
        TRY(buf_add(&head->profile, entry.value.at, entry.value.size));
    head->has_credentials = directory_find(&directory, TAG_CREDENTIALS, &entry);
    head->exif = file; /* the same directory holds artist and copyright */
    while (head->facts.frames < PAGES_MAX && directory_next(&directory))
        head->facts.frames++;
    return NULL;
}
