/* metadata.h - metadata.json of a pack: what is in it and how it was made. */
#pragma once

#include "pack/pack_priv.h"

/* A file of a picture; MADE NULL when its bytes are the picture's own. Takes MADE->facts over. */
typedef struct PackedFile {
    const char *path, *sha256;
    int64_t bytes;
} PackedFile;
Value *metadata_file(const PackForm *form, const PackedFile *packed, PackMade *made);

/* What could not be made. TEXT is for people. */
Value *metadata_failure(const PackForm *form, const Err *why);

/* A picture with its FILES and FAILURES (lists, taken over). PICTURE may be NULL when it has gone. */
Value *
metadata_picture(const char *run_id, const PackPicture *picture, Value *files, Value *failures);

/* All of it. PICTURES is taken over. */
Value *metadata_whole(const Pack *pack, const char *program, Value *pictures);
