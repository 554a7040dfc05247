/* embed.h - files that travel inside the program.
 *
 * tool/embed.py turns a folder under share/ into one NULL-ended table of rows, sorted by name, at build time. With --packed, rows keep the
 * whole file name and carry their bytes compressed as well.
 */
#pragma once

#include <stddef.h>

typedef struct Embedded {
    const char *name; /* file name without its ending: "isnet"; packed: with it */
    const unsigned char *bytes;
    size_t size;
    const unsigned char *gzip, *brotli; /* the same, compressed; NULL when it was not worth it */
    size_t gzip_size, brotli_size;
} Embedded;

/* The row called NAME, or NULL. */
const Embedded *embed_find(const Embedded *rows, const char *name);
