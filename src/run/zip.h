/* zip.h - a ZIP that is written into the store as it grows. libarchive lives behind this header.
 *
 * What goes in is packed already (pictures), so it is stored as it is; a large one is a Zip64 by itself. Memory: a few pieces and the list of
 * names, whatever it holds. It is there once zip_end has returned, and belongs to one thread at a time.
 */
#pragma once

#include "blob/blob.h"

typedef struct Zip Zip;

/* PUT's Cancel is borrowed. */
MUST Err *zip_open(Blob *blob, const BlobPut *put, Zip **ret);
void zip_free(Zip *zip); /* without zip_end nothing is kept */
DEFINE_AUTO(Zip, zip_free);

/* The bytes of the blob under KEY, or BYTES of them in memory, called NAME (UTF-8). */
typedef struct ZipEntry {
    const char *key, *name;
    int64_t changed_ms;
    const void *bytes;
    size_t size;
    BlobWritten *
        ret; /* size and hash of what went in; NULL does not count it: hashing is most of the work */
} ZipEntry;

/* NOT_FOUND for a blob that is not there: nothing was written then, and others may follow. After other errors the ZIP can only be freed. */
MUST Err *zip_add(Zip *zip, const ZipEntry *entry);
MUST Err *zip_end(Zip *zip, BlobWritten *ret);
