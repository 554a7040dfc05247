/* file.h - whole files in, whole files out.
 *
 * A file is written beside its place and renamed over it, so a reader or a killed process never sees half of one.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

/* Append the whole file to BUF. FILE_UNREADABLE; FILE_TOO_LARGE past the buffer's limit, seen before reading where possible. */
MUST Err *file_read(const char *path, Buf *buf);

/* DISK_FULL; FILE_UNWRITABLE when the folder is missing or closed to us, or PATH is one; then nothing is left behind. A new file has
 * the rights that the umask leaves. */
MUST Err *file_write(const char *path, const void *bytes, size_t size);

/* The code for a write that failed with errno NUMBER: DISK_FULL or FILE_UNWRITABLE. */
ErrCode file_failure(int number);

/* Make the folder PATH and those above it. Fine when it is there. */
MUST Err *folder_make(const char *path);

/* The names in folder PATH, sorted, without those that begin with a dot. NULL-ended, in ARENA. */
MUST Err *folder_list(Arena *arena, const char *path, const char *const **ret);

/* Say that PATH was used just now. Failing to is no failure. */
void file_touch(const char *path);

bool file_exists(const char *path);
bool folder_exists(const char *path);

/* Text of a path, in ARENA or borrowed from PATH. */
const char *path_join(Arena *arena, const char *folder, const char *name);
const char *path_name(const char *path);                 /* what follows the last slash */
const char *path_folder(Arena *arena, const char *path); /* what stands before it, "." if nothing */
const char *path_stem(Arena *arena, const char *path);   /* name without its last ending */
const char *path_ending(const char *path);               /* "jpg", or "" */
