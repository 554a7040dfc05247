/* unzip.h - what a ZIP holds, read by its own book of contents; stored files alone. A ZIP that is not in order fails the test. */
#pragma once

#include "base/buf.h"

enum {
    UNZIP_MOST = 200
};

typedef struct UnzipFile {
    char name[300];
    const unsigned char *bytes; /* in the ZIP */
    size_t size;
} UnzipFile;

typedef struct Unzip {
    UnzipFile files[UNZIP_MOST];
    int count;
} Unzip;

/* Sizes and check sums are held against what is there. */
void unzip_read(const Buf *zip, Unzip *ret);

/* Fails the test when there is none of that name. */
const UnzipFile *unzip_find(const Unzip *zip, const char *name);
bool unzip_has(const Unzip *zip, const char *name);
