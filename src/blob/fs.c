/* Blobs in a folder; fs_priv.h says how they lie there, and why so. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "blob/fs_priv.h"

static const char foot_magic[] = "\ncyclorama blob ";

void fs_foot_write(const FsFoot *foot, char ret[FS_FOOT_BYTES])
{
    char text[FS_FOOT_BYTES + 1];
    int length = snprintf(
        text, sizeof(text), "%s%s %020" PRId64 " %s", foot_magic, foot->sha256, foot->bytes,
        foot->type);

    memset(ret, ' ', FS_FOOT_BYTES);
    memcpy(ret, text, (size_t)length);
    ret[FS_FOOT_BYTES - 1] = '\n';
}

bool fs_foot_read(const char text[FS_FOOT_BYTES], FsFoot *ret)
{
    const char *sha256 = text + strlen(foot_magic);
    const char *bytes = sha256 + HASH_TEXT_SIZE;
    const char *type = bytes + 21;

    if (memcmp(text, foot_magic, strlen(foot_magic)) != 0)
        return false;
    memcpy(ret->sha256, sha256, HASH_TEXT_SIZE - 1);
    ret->sha256[HASH_TEXT_SIZE - 1] = 0;

    ret->bytes = 0;
    for (int i = 0; i < 20; i++) {
        if (!isdigit((unsigned char)bytes[i]) || ret->bytes > INT64_MAX / 10 - 9)
            return false;
        ret->bytes = ret->bytes * 10 + (bytes[i] - '0');
    }

    size_t length = BLOB_TYPE_MAX;
    while (length > 0 && type[length - 1] == ' ')
        length--;
    memcpy(ret->type, type, length);
    ret->type[length] = 0;
    return true;
}

const char *fs_path(const FsStore *store, const char *key, Arena *mem)
{
    return arena_print(mem, "%s/blobs/%s=", store->root, key);
}

const char *fs_bytes_path(const FsStore *store, const char foot[FS_FOOT_BYTES], Arena *mem)
{
    char name[HASH_TEXT_SIZE];

    hash_text(hash_bytes(foot, FS_FOOT_BYTES), name);
    return arena_print(mem, "%s/bytes/%.2s/%s", store->root, name, name);
}

int64_t fs_time_ms(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* ---- the store ---- */

static MUST Err *fs_open(const BlobSetup *setup, const char *rest, Blob *blob)
{
    static const char *const folders[] = {"blobs", "bytes", "parts"};
    size_t length = strlen(rest);
    (void)setup;

    while (length > 1 && rest[length - 1] == '/')
        length--;
    if (length == 0)
        return err_new(ERR_INPUT_INVALID, "the folder of blobs has no name");

    FsStore *store = arena_take(blob->mem, sizeof(*store));
    store->root = arena_text_n(blob->mem, rest, length);
    for (size_t i = 0; i < COUNT(folders); i++)
        TRY(folder_make(path_join(blob->mem, store->root, folders[i])));
    blob->place = arena_print(blob->mem, "file:%s", store->root);
    blob->at = store;
    return NULL;
}

static void fs_close(void *at)
{
    (void)at;
}

static MUST Err *fs_check(Blob *blob, const Cancel *cancel)
{
    const FsStore *store = blob->at;
    AUTO(arena_free) Arena *mem = arena_new();
    (void)cancel;

    if (access(path_join(mem, store->root, "parts"), W_OK | X_OK) != 0)
        return err_new_errno(ERR_FILE_UNWRITABLE, "unable to write to '%s'", store->root);
    return NULL;
}

/* ---- folders ---- */

/* What was renamed or made in a folder survives a power cut once the folder itself was flushed. An errno, 0 when all is well: also when
 * the folder is gone, for then it was removed with the last blob in it. */
static int folder_flush(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : errno;

    int failure = fsync(fd) == 0 ? 0 : errno;
    close(fd);
    /* Some file systems cannot flush folders and need not. */
    return failure == EINVAL || failure == ENOTSUP ? 0 : failure;
}

/* Make the folder of PATH and those above it, durably; the root is there. An errno, or 0. */
static int folders_make(const FsStore *store, const char *path, Arena *mem)
{
    char *part = arena_text(mem, path);
    int failure = 0;

    for (char *slash = strchr(part + strlen(store->root) + 1, '/'); slash && !failure;
         slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(part, 0777) == 0)
            failure = folder_flush(path_folder(mem, part));
        else if (errno != EEXIST)
            failure = errno;
        *slash = '/';
    }
    return failure;
}

/* ---- writing ---- */

typedef struct FsWriter {
    int fd;
    const char *part; /* path below parts/, NULL once it is gone */
} FsWriter;

static const char *part_name(const FsStore *store, Arena *mem)
{
    static atomic_uint next;

    return arena_print(
        mem, "%s/parts/%ld-%u.part", store->root, (long)getpid(), atomic_fetch_add(&next, 1));
}

static MUST Err *fs_begin(BlobWriter *writer)
{
    const FsStore *store = writer->blob->at;
    FsWriter *at = arena_take(writer->mem, sizeof(*at));

    do {
        at->part = part_name(store, writer->mem);
        at->fd = open(at->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (at->fd < 0 && errno == EEXIST);
    if (at->fd < 0)
        return err_new_errno(file_failure(errno), "unable to create '%s'", at->part);
    writer->at = at;
    return NULL;
}

static MUST Err *fs_add(BlobWriter *writer, const void *bytes, size_t size)
{
    const FsWriter *at = writer->at;

    for (const char *from = bytes; size > 0;) {
        ssize_t put = write(at->fd, from, size);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return err_new_errno(file_failure(errno), "unable to write '%s'", at->part);
        from += put;
        size -= (size_t)put;
    }
    return NULL;
}

/* The file at PATH has the size of what FD holds. */
static bool size_is_that_of(const char *path, int fd)
{
    struct stat there, ours;

    return stat(path, &there) == 0 && fstat(fd, &ours) == 0 && there.st_size == ours.st_size;
}

/* Let bytes that are kept already take the place of the ones just written, or keep those for others to come. What fails here costs
 * room and nothing else, so nothing is said of it. */
static void bytes_share(FsWriter *at, const FsStore *store, const char *bytes_path, Arena *mem)
{
    (void)!mkdir(path_folder(mem, bytes_path), 0777);
    if (link(at->part, bytes_path) == 0 || errno != EEXIST)
        return;
    if (!size_is_that_of(bytes_path, at->fd)) {
        unlink(bytes_path); /* damaged from outside; ours are whole */
        (void)!link(at->part, bytes_path);
        return;
    }

    const char *shared = part_name(store, mem);
    if (link(bytes_path, shared) != 0)
        return;
    /* They count as written now, so that no sweep takes them for old. */
    (void)!utimensat(AT_FDCWD, shared, NULL, 0);
    unlink(at->part);
    at->part = shared;
}

/* FD is a blob's file that has lost a name. If bytes/ has the only one left, let it go. */
static void bytes_release(const FsStore *store, int fd, Arena *mem)
{
    struct stat facts;
    char foot[FS_FOOT_BYTES];

    if (fstat(fd, &facts) == 0 && facts.st_nlink == 1 && facts.st_size >= FS_FOOT_BYTES &&
        pread(fd, foot, sizeof(foot), facts.st_size - FS_FOOT_BYTES) == FS_FOOT_BYTES)
        unlink(fs_bytes_path(store, foot, mem));
}

static MUST Err *part_place(const FsStore *store, const FsWriter *at, const char *path, Arena *mem)
{
    int failure = ENOENT;

    /* A folder may be removed, with the last blob that was in it, between being made and being used. */
    for (int tries = 0; failure == ENOENT && tries < 100; tries++) {
        failure = folders_make(store, path, mem);
        if (!failure && rename(at->part, path) != 0)
            failure = errno;
    }
    errno = failure;
    return failure ? err_new_errno(file_failure(failure), "unable to put '%s' in its place", path)
                   : NULL;
}

static MUST Err *place_flush(const char *path, Arena *mem)
{
    errno = folder_flush(path_folder(mem, path));
    return errno ? err_new_errno(file_failure(errno), "unable to flush the folder of '%s'", path)
                 : NULL;
}

static MUST Err *fs_commit(BlobWriter *writer, const BlobWritten *written)
{
    const FsStore *store = writer->blob->at;
    FsWriter *at = writer->at;
    FsFoot foot = {.bytes = written->bytes};
    char foot_text[FS_FOOT_BYTES];

    hash_text(written->sha256, foot.sha256);
    snprintf(foot.type, sizeof(foot.type), "%s", writer->type);
    fs_foot_write(&foot, foot_text);
    TRY(fs_add(writer, foot_text, sizeof(foot_text)));
    if (fsync(at->fd) != 0)
        return err_new_errno(file_failure(errno), "unable to flush '%s'", at->part);
    bytes_share(at, store, fs_bytes_path(store, foot_text, writer->mem), writer->mem);

    const char *path = fs_path(store, writer->key, writer->mem);
    int before = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    Err *err = part_place(store, at, path, writer->mem);
    if (!err) {
        /* rename leaves the old name where both are names of one file. */
        unlink(at->part);
        at->part = NULL;
        if (before >= 0)
            bytes_release(store, before, writer->mem);
        err = place_flush(path, writer->mem);
    }
    if (before >= 0)
        close(before);
    return err;
}

static void fs_end(BlobWriter *writer)
{
    const FsWriter *at = writer->at;

    close(at->fd);
    if (at->part)
        unlink(at->part);
}

/* ---- reading ---- */

typedef struct FsReader {
    int fd;
    int64_t at, end;
} FsReader;

/* The file of KEY and its facts; RET_FD is the caller's. */
static MUST Err *
file_open(const FsStore *store, const char *key, Arena *mem, BlobFacts *ret, int *ret_fd)
{
    const char *path = fs_path(store, key, mem);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return err_new(ERR_NOT_FOUND, "there is no blob '%s'", key);
    if (fd < 0)
        return err_new_errno(ERR_FILE_UNREADABLE, "unable to open '%s'", path);

    struct stat facts;
    char text[FS_FOOT_BYTES];
    FsFoot foot;
    if (fstat(fd, &facts) != 0 || facts.st_size < FS_FOOT_BYTES ||
        pread(fd, text, sizeof(text), facts.st_size - FS_FOOT_BYTES) != FS_FOOT_BYTES ||
        !fs_foot_read(text, &foot) || foot.bytes != facts.st_size - FS_FOOT_BYTES) {
        close(fd);
        return err_new(ERR_FILE_UNREADABLE, "'%s' is damaged", path);
    }
    *ret = (BlobFacts){
        .bytes = foot.bytes,
        .changed_ms = fs_time_ms(facts.st_mtim),
        .type = arena_text(mem, foot.type),
        .etag = arena_print(mem, "\"%.32s\"", foot.sha256),
    };
    *ret_fd = fd;
    return NULL;
}

static MUST Err *fs_fetch(BlobReader *reader, const BlobGet *get, Arena *mem, BlobFacts *ret)
{
    FsReader *at = calloc(1, sizeof(*at));
    if (!at)
        abort();
    at->fd = -1;
    reader->at = at;
    TRY(file_open(reader->blob->at, get->key, mem, ret, &at->fd));
    if (get->from > ret->bytes)
        return err_new(ERR_INPUT_INVALID, "a range begins past the end of '%s'", get->key);

    int64_t rest = ret->bytes - get->from;
    at->at = get->from;
    at->end = get->from + (get->bytes ? MIN(get->bytes, rest) : rest);
    return NULL;
}

static MUST Err *fs_take(BlobReader *reader, void *bytes, size_t room, size_t *ret_size)
{
    FsReader *at = reader->at;
    size_t want = (size_t)MIN((int64_t)room, at->end - at->at);
    ssize_t got;

    do
        got = want ? pread(at->fd, bytes, want, at->at) : 0;
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_new_errno(ERR_FILE_UNREADABLE, "unable to read a blob");
    if (got == 0 && want)
        return err_new(ERR_FILE_UNREADABLE, "a blob became shorter while it was read");
    at->at += got;
    *ret_size = (size_t)got;
    return NULL;
}

static void fs_leave(BlobReader *reader)
{
    FsReader *at = reader->at;

    if (at->fd >= 0)
        close(at->fd);
    free(at);
}

int blob_reader_file(const BlobReader *reader)
{
    const FsReader *at = reader->at;

    return reader->blob->kind == &blob_fs ? fcntl(at->fd, F_DUPFD_CLOEXEC, 0) : -1;
}

static MUST Err *
fs_head(Blob *blob, const char *key, const Cancel *cancel, Arena *mem, BlobFacts *ret)
{
    int fd;
    (void)cancel;

    TRY(file_open(blob->at, key, mem, ret, &fd));
    close(fd);
    return NULL;
}

static MUST Err *fs_remove(Blob *blob, const char *key, const Cancel *cancel)
{
    const FsStore *store = blob->at;
    AUTO(arena_free) Arena *mem = arena_new();
    const char *path = fs_path(store, key, mem);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    (void)cancel;

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return NULL;
    Err *err = NULL;
    if (unlink(path) != 0 && errno != ENOENT)
        err = err_new_errno(file_failure(errno), "unable to remove '%s'", path);
    if (fd >= 0) {
        if (!err)
            bytes_release(store, fd, mem);
        close(fd);
    }
    if (err)
        return err;

    const char *folder = path_folder(mem, path);
    size_t top = strlen(store->root) + strlen("/blobs/");
    err = place_flush(path, mem);
    while (!err && strlen(folder) > top && rmdir(folder) == 0)
        folder = path_folder(mem, folder);
    return err;
}

const BlobKind blob_fs = {
    .scheme = "file",
    .open = fs_open,
    .close = fs_close,
    .check = fs_check,
    .begin = fs_begin,
    .add = fs_add,
    .commit = fs_commit,
    .end = fs_end,
    .fetch = fs_fetch,
    .take = fs_take,
    .leave = fs_leave,
    .head = fs_head,
    .remove = fs_remove,
    .list = fs_list,
    .sweep = fs_sweep,
    .grant = blob_ticket,
};
