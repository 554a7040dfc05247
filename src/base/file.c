/* Whole files in, whole files out. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void fd_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

Err *file_read(const char *path, Buf *buf)
{
    __attribute__((cleanup(fd_close))) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat facts;

    if (fd < 0 || fstat(fd, &facts) != 0)
        return err_new_errno(ERR_FILE_UNREADABLE, "unable to open '%s'", path);
    if (S_ISDIR(facts.st_mode))
        return err_new(ERR_FILE_UNREADABLE, "'%s' is a folder", path);
    if (S_ISREG(facts.st_mode))
        TRY(buf_reserve(buf, (size_t)facts.st_size));

    for (;;) {
        TRY(buf_reserve(buf, MIN(buf->limit - buf->size, (size_t)64 * 1024)));
        size_t room = buf->room - buf->size - 1;
        if (room == 0) {
            char beyond;

            if (read(fd, &beyond, 1) == 1)
                return err_new(
                    ERR_FILE_TOO_LARGE, "'%s' is larger than %zu bytes", path, buf->limit);
            return NULL;
        }

        ssize_t got = read(fd, buf->bytes + buf->size, room);
        if (got < 0)
            return err_new_errno(ERR_FILE_UNREADABLE, "unable to read '%s'", path);
        if (got == 0)
            return NULL;
        buf->size += (size_t)got;
        buf->bytes[buf->size] = 0;
    }
}

ErrCode file_failure(int number)
{
    return number == ENOSPC || number == EDQUOT ? ERR_DISK_FULL : ERR_FILE_UNWRITABLE;
}

static MUST Err *bytes_write(int fd, const char *path, const unsigned char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, bytes, size);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return err_new_errno(file_failure(errno), "unable to write '%s'", path);
        bytes += put;
        size -= (size_t)put;
    }
    return NULL;
}

/* A new file in FOLDER. Its short name fits where the file's own just does, and is not hidden, so that what a killed process left is
 * seen and counted. Created like any other file, it gets the rights that the umask and the folder give; mkostemp's does not. */
static int beside_open(Arena *arena, const char *folder, const char **ret_path)
{
    static atomic_uint next;
    int fd;

    do {
        const char *name =
            arena_print(arena, "cyclorama-%ld-%u.part", (long)getpid(), atomic_fetch_add(&next, 1));

        *ret_path = path_join(arena, folder, name);
        fd = open(*ret_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (fd < 0 && errno == EEXIST);
    return fd;
}

Err *file_write(const char *path, const void *bytes, size_t size)
{
    AUTO(arena_free) Arena *arena = arena_new();
    const char *beside;
    int fd = beside_open(arena, path_folder(arena, path), &beside);
    if (fd < 0)
        return err_new_errno(file_failure(errno), "unable to create '%s'", path);

    Err *err = bytes_write(fd, path, bytes, size);
    if (close(fd) != 0 && !err)
        err = err_new_errno(file_failure(errno), "unable to finish '%s'", path);
    if (!err && rename(beside, path) != 0)
        err = err_new_errno(file_failure(errno), "unable to put '%s' in its place", path);
    if (err)
        unlink(beside);
    return err;
}

Err *folder_make(const char *path)
{
    AUTO(arena_free) Arena *arena = arena_new();
    char *part = arena_text(arena, path);

    for (char *slash = part + 1;; slash++) {
        if (*slash != '/' && *slash != 0)
            continue;

        char kept = *slash;
        *slash = 0;
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return err_new_errno(file_failure(errno), "unable to make folder '%s'", part);
        *slash = kept;
        if (!kept)
            break;
    }
    if (!folder_exists(path))
        return err_new(ERR_FILE_UNWRITABLE, "'%s' is not a folder", path);
    return NULL;
}

static int name_is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Byte order, so that a list is the same in every locale. */
static int names_compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

Err *folder_list(Arena *arena, const char *path, const char *const **ret)
{
    struct dirent **entries;
    int count = scandir(path, &entries, name_is_shown, names_compare);
    if (count < 0)
        return err_new_errno(ERR_FILE_UNREADABLE, "unable to list folder '%s'", path);

    const char **names = ARENA_ARRAY(arena, const char *, (size_t)count + 1);
    for (int i = 0; i < count; i++) {
        names[i] = arena_text(arena, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    *ret = names;
    return NULL;
}

void file_touch(const char *path)
{
    (void)!utimensat(AT_FDCWD, path, NULL, 0);
}

bool file_exists(const char *path)
{
    struct stat facts;

    return stat(path, &facts) == 0 && !S_ISDIR(facts.st_mode);
}

bool folder_exists(const char *path)
{
    struct stat facts;

    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

const char *path_join(Arena *arena, const char *folder, const char *name)
{
    size_t length = strlen(folder);

    return arena_print(
        arena, "%s%s%s", folder, length && folder[length - 1] == '/' ? "" : "/", name);
}

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

const char *path_folder(Arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return ".";
    return slash == path ? "/" : arena_text_n(arena, path, (size_t)(slash - path));
}

static const char *last_dot(const char *path)
{
    const char *name = path_name(path);
    const char *dot = strrchr(name, '.');

    return dot && dot != name ? dot : name + strlen(name);
}

const char *path_stem(Arena *arena, const char *path)
{
    const char *name = path_name(path);

    return arena_text_n(arena, name, (size_t)(last_dot(path) - name));
}

const char *path_ending(const char *path)
{
    const char *dot = last_dot(path);

    return *dot ? dot + 1 : dot;
}
