/* photos.h - which photos a render works on, and what each picture will be called. */
#pragma once

#include "base/buf.h"
#include "shape/shape.h"

typedef struct Photo {
    const char *path;
    const char
        *output;      /* of the picture, below the output folder, once named: "boots/left-2.jpg" */
    const char *kept; /* "boots/left" */
    bool is_numbered; /* its own name was another photo's already */
} Photo;

typedef struct Photos {
    Photo *items;
    size_t count;
} Photos;

typedef struct PhotoSearch {
    const Texts *words; /* files, folders and patterns such as "*.jpg" */
    const char *out;    /* is not searched; NULL for none */
    bool is_recursive;  /* go into folders of folders, and keep them in the output */
} PhotoSearch;

/* Files as they are named, folders for files that end like a photo, patterns for files that they match; each path once, in the order
 * of the words and of their names. Links to folders below a folder are not followed. A file that is not there is listed: it fails by itself later. All live in MEM.
 * INPUT_INVALID when a pattern or folder gives nothing, or a folder is the output itself; FILE_UNREADABLE for a closed folder. */
MUST Err *photos_find(const PhotoSearch *search, Arena *mem, Photos *ret);

/* Give every photo its output name, in order: the photo's own with ENDING; when that is taken, "-2", "-3" and so on behind
 * it. A name too long for a file system is cut. */
void photos_name(Photos *photos, const char *ending, Arena *mem);

/* INPUT_INVALID when a picture below folder OUT would take the place of one of the photos. */
MUST Err *photos_check_apart(const Photos *photos, const char *out, Arena *mem);

/* INPUT_INVALID when the file PATH is one of the photos, by whatever name. */
MUST Err *photos_check_spared(const Photos *photos, const char *path);

/* The bytes of a photo. What is wrong is said without its name, which lists show beside it. FILE_UNREADABLE, FILE_TOO_LARGE. */
MUST Err *photo_read(const char *path, Buf *bytes);

/* ERR, if there is one, its words beginning with the name of the photo they are about. */
MUST Err *photo_blame(Err *err, const char *path);

/* Does NAME end like a photo? */
bool photo_name_is_known(const char *name);
