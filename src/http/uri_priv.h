/* uri_priv.h - addresses as they are sent, taken apart. Nothing is guessed: what two readers could understand differently is refused. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

typedef struct UriPair {
    const char *name, *value; /* decoded */
} UriPair;

enum {
    URI_BYTES_MAX = 8192,
    URI_PAIRS_MAX = 64,
    URI_SEGMENTS_MAX = 24
};

typedef struct Uri {
    const char *path;                       /* as sent, from the first slash, without the query */
    const char *query;                      /* as sent, behind the question mark; "" for none */
    const char *segments[URI_SEGMENTS_MAX]; /* decoded */
    size_t segment_count;
    UriPair pairs[URI_PAIRS_MAX];
    size_t pair_count;
    bool has_authority; /* "http://host/..." */
} Uri;

/* TEXT is what stands in the request line. REQUEST_INVALID for a path with ".", "..", an empty or badly encoded segment, an encoded slash,
 * backslash or control character, bytes that are not UTF-8, or more than the limits allow. Texts live in MEM. */
MUST Err *uri_read(const char *text, Arena *mem, Uri *ret);

/* Decode LENGTH bytes at TEXT into MEM, "+" as a blank when PLUS_IS_BLANK. REQUEST_INVALID for %00, broken escapes and bytes that are not UTF-8. */
typedef struct UriCoded {
    const char *text;
    size_t length;
    bool plus_is_blank;
} UriCoded;
MUST Err *uri_decode(const UriCoded *coded, Arena *mem, const char **ret);

bool uri_is_utf8(const char *text);
