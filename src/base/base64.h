/* base64.h - bytes as letters (RFC 4648), for signatures and tokens. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

const char *base64_text(const void *bytes, size_t size, Arena *mem);     /* with + and /, padded */
const char *base64_url_text(const void *bytes, size_t size, Arena *mem); /* with - and _, bare */

/* Add the bytes that TEXT stands for: either alphabet, padded or not. INPUT_INVALID for other letters, or a length that cannot be. */
MUST Err *base64_read(const char *text, Buf *buf);
