/* Reading a file's head: which format, how large, and whether that is within limits. */
#include <string.h>

#include "image/head_priv.h"

void head_done(Head *head)
{
    buf_done(&head->profile);
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

Err *head_sniff(Span file, ImageFormat *ret)
{
    if (file.size > 12 && !memcmp(file.at, "\xff\xd8\xff", 3))
        *ret = IMAGE_JPEG;
    else if (file.size > 12 && !memcmp(file.at, "\x89PNG", 4))
        *ret = IMAGE_PNG;
    else if (file.size > 12 && !memcmp(file.at + 8, "WEBP", 4))
        *ret = IMAGE_WEBP;
    else if (file.size > 12 && !memcmp(file.at + 4, "ftypavi", 7))
        *ret = IMAGE_AVIF;
    else if (file.size > 12 && !memcmp(file.at + 4, "ftyp", 4))
        *ret = IMAGE_HEIC;
    else if (file.size > 12 && (!memcmp(file.at, "II*", 4) || !memcmp(file.at, "MM\0*", 4)))
        *ret = IMAGE_TIFF;
    else
        return err_new(ERR_IMAGE_UNSUPPORTED, "file begins like none of the six formats");
    return NULL;
}

Err *head_read(Span file, const ImageLimits *limits, Head *ret)
{
    (void)limits;
    *ret = (Head){.facts = {.orientation = 1, .frames = 1}, .profile = BUF(4 * 1024 * 1024)};
    return head_sniff(file, &ret->facts.format);
}

Err *image_probe(const void *bytes, size_t size, const ImageLimits *limits, ImageFacts *ret)
{
    AUTO(head_done) Head head = {0};

    TRY(head_read((Span){bytes, size}, limits, &head));
    *ret = head.facts;
    return NULL;
}
