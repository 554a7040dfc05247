/* fs_priv.h - how a folder keeps blobs.
 *
 *   blobs/raw/tenant_1/shoe.jpg=    a blob: its bytes and a foot of 256 bytes that says what they are
 *   bytes/3f/3fa94c…                another name (hard link) of the same file, made of its foot: equal bytes are kept once
 *   parts/…                         what is being written
 *
 * A file is written in parts/, flushed, and renamed into its place; so a killed process or a power cut leaves the old blob or the new one.
 * The number of links is all the book-keeping there is: a file whose only name is the one in bytes/ belongs to no blob. It is kept by
 * the file system itself, so no crash can make it wrong, and whoever sweeps while others write takes no blob's bytes away:
 * at worst equal bytes are kept twice. Where a file system has no hard links, that is what happens always.
 * The ending "=" is in no key, so a blob may be called like the folder of others.
 */
#pragma once

#include <time.h>

#include "base/arena.h"
#include "blob/blob_priv.h"

enum {
    FS_FOOT_BYTES = 256
};

typedef struct FsStore {
    const char *root; /* lives with the Blob */
} FsStore;

typedef struct FsFoot {
    char sha256[HASH_TEXT_SIZE];
    char type[BLOB_TYPE_MAX + 1];
    int64_t bytes;
} FsFoot;

void fs_foot_write(const FsFoot *foot, char ret[FS_FOOT_BYTES]);
bool fs_foot_read(const char text[FS_FOOT_BYTES], FsFoot *ret);

const char *fs_path(const FsStore *store, const char *key, Arena *mem); /* blobs/…= */
const char *fs_bytes_path(const FsStore *store, const char foot[FS_FOOT_BYTES], Arena *mem);

int64_t fs_time_ms(struct timespec time);

/* fs_list.c */
MUST Err *fs_list(Blob *blob, const BlobQuery *query, Arena *mem, BlobPage *ret);
MUST Err *fs_sweep(Blob *blob, int64_t older_ms, const Cancel *cancel, int64_t *ret);
