/* Reading a file's head: which format, how large, and whether that is within limits. */
#include "image/head_priv.h"

enum {
    /* Each pass of a progressive JPEG goes over all of its pixels, however few bytes it has. */
    SCANS_MAX = 500,
    SCANNED_MEGAPIXELS_MAX = 3000
};

void head_done(Head *head)
{
    buf_done(&head->profile);
    buf_done(&head->unpacked_xmp);
}

Err *head_cut(ImageFormat format)
{
    return err_public(
        err_new(ERR_IMAGE_UNREADABLE, "%s file ends too early", image_format_name(format)),
        "The picture is cut off: the upload or copy was not complete. Copy it again.");
}

Err *head_damaged(ImageFormat format, const char *what)
{
    return err_public(
        err_new(ERR_IMAGE_UNREADABLE, "%s file is damaged: %s", image_format_name(format), what),
        "The picture is damaged. Copy it again, or export it anew from the camera or editor.");
}

static Err *bytes_check(Span file, const ImageLimits *limits)
{
    const double mega = 1000 * 1000;

    if ((int64_t)file.size <= limits->bytes)
        return NULL;
    return err_public(
        err_new(
            ERR_IMAGE_TOO_LARGE, "file has %zu bytes, limit is %lld", file.size,
            (long long)limits->bytes),
        "The file has %.1f MB; at most %.1f MB are accepted. Save it smaller or as a JPEG.",
        (double)file.size / mega, (double)limits->bytes / mega);
}

static Err *size_check(const Head *head, const ImageLimits *limits)
{
    const double mega = 1000 * 1000;
    int width = head->facts.width_px, height = head->facts.height_px;
    Err *err = NULL;

    if (width < 1 || height < 1)
        return head_damaged(head->facts.format, "it is 0 pixels wide or high");
    if (head->pixels > limits->pixels)
        err = err_public(
            err_new(
                ERR_IMAGE_TOO_LARGE, "%lld pixels, limit is %lld", (long long)head->pixels,
                (long long)limits->pixels),
            "The picture is %d x %d pixels, %.0f megapixels; at most %.0f megapixels are accepted. "
            "Save it smaller.",
            width, height, (double)head->pixels / mega, (double)limits->pixels / mega);
    else if (width > limits->side_px || height > limits->side_px)
        err = err_public(
            err_new(
                ERR_IMAGE_TOO_LARGE, "%d x %d, limit is %d a side", width, height, limits->side_px),
            "The picture is %d x %d pixels; at most %d pixels a side are accepted. Save it "
            "smaller.",
            width, height, limits->side_px);
    return err;
}

static Err *scans_check(const Head *head)
{
    if (head->scans <= SCANS_MAX &&
        head->scans * head->pixels <= SCANNED_MEGAPIXELS_MAX * (int64_t)1000000)
        return NULL;
    return err_public(
        err_new(ERR_IMAGE_TOO_LARGE, "jpeg of %d scans", head->scans),
        "This JPEG is stored in %d passes, which no camera does. Export it again as an ordinary "
        "JPEG.",
        head->scans);
}

static Err *format_read(Span file, Head *head)
{
    switch (head->facts.format) {
    case IMAGE_JPEG:
        return head_read_jpeg(file, head);
    case IMAGE_PNG:
        return head_read_png(file, head);
    case IMAGE_WEBP:
        return head_read_webp(file, head);
    case IMAGE_TIFF:
        return head_read_tiff(file, head);
    default:
        return head_read_heif(file, head);
    }
}

/* TIFF has said it itself; HEIC and AVIF are turned by their boxes, whatever their EXIF says. */
static void exif_apply(Head *head)
{
    bool is_turned_by_boxes = head->facts.format == IMAGE_HEIC || head->facts.format == IMAGE_AVIF;
    Directory directory;

    if (head->facts.format != IMAGE_TIFF && directory_open(head->exif, &directory)) {
        ImageFacts said = head->facts;

        directory_facts(&directory, &said);
        if (head->facts.dpi <= 0)
            head->facts.dpi = said.dpi;
        if (!is_turned_by_boxes)
            head->facts.orientation = said.orientation;
    }
    if (head->facts.orientation >= 5) {
        int width = head->facts.width_px;

        head->facts.width_px = head->facts.height_px;
        head->facts.height_px = width;
    }
}

Err *head_read(Span file, const ImageLimits *limits, Head *ret)
{
    limits = limits ? limits : &image_limits_default;
    *ret = (Head){
        .facts = {.orientation = 1, .frames = 1},
        .profile = BUF(PROFILE_MAX_BYTES),
        .unpacked_xmp = BUF(XMP_MAX_BYTES),
    };
    TRY(bytes_check(file, limits));
    TRY(head_sniff(file, &ret->facts.format));
    TRY(format_read(file, ret));
    exif_apply(ret);
    ret->facts.was_cmyk = ret->facts.format == IMAGE_JPEG && ret->facts.channels == 4;
    ret->pixels = MAX(ret->pixels, (int64_t)ret->facts.width_px * (int64_t)ret->facts.height_px);
    TRY(size_check(ret, limits));
    return scans_check(ret);
}

Err *image_sniff(const void *bytes, size_t size, ImageFormat *ret)
{
    return head_sniff((Span){bytes, size}, ret);
}

Err *image_probe(const void *bytes, size_t size, const ImageLimits *limits, ImageFacts *ret)
{
    AUTO(head_done) Head head = {0};

    TRY(head_read((Span){bytes, size}, limits, &head));
    *ret = head.facts;
    return NULL;
}
