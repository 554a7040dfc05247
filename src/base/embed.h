/* embed.h - files that travel inside the program.
 *
 * tool/embed.py turns a folder under share/ into one NULL-ended table of rows, sorted by name, at build time.
 */
#pragma once

#include <stddef.h>

typedef struct Embedded {
    const char *name; /* file name without its ending: "isnet" */
    const unsigned char *bytes;
    size_t size;
} Embedded;

/* The row called NAME, or NULL. */
const Embedded *embed_find(const Embedded *rows, const char *name);
