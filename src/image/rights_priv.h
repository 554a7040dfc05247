/* rights_priv.h - reading rights out of a file's metadata, and writing them as XMP. */
#pragma once

#include "image/head_priv.h"

/* What XMP says; where it is silent, IPTC; then EXIF. Damaged metadata is as good as none. */
void rights_read(const Head *head, ImageRights *ret);

/* An XMP packet with RIGHTS and nothing else; nothing at all when there are none. INPUT_INVALID when one is longer than any shop needs. */
MUST Err *rights_write(const ImageRights *rights, Buf *xmp);
