/* Walking the folders of blobs: pages of keys, and what belongs to none. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "blob/fs_priv.h"

enum {
    WINDOW_NAMES = 1024 /* of one folder held at once, however many it has */
};

/* A name in a folder as it stands in keys: a folder's ends in a slash, which is also what sorts it among blobs byte by byte. */
typedef struct Entry {
    char text[BLOB_PART_MAX + 2];
} Entry;

typedef struct Walk {
    const FsStore *store;
    const BlobQuery *query;
    Arena *mem;
    BlobPage *page;
} Walk;

static int entries_compare(const void *a, const void *b)
{
    return strcmp(((const Entry *)a)->text, ((const Entry *)b)->text);
}

/* Can what begins with KEY (all of a key, or with a slash at its end a folder) be on the page? */
static bool is_wanted(const BlobQuery *query, const char *key)
{
    size_t length = strlen(key), prefix = strlen(query->prefix);
    bool is_folder = key[length - 1] == '/';

    if (strncmp(key, query->prefix, is_folder ? MIN(length, prefix) : prefix) != 0)
        return false;
    if (!query->after || strcmp(key, query->after) > 0)
        return true;
    return is_folder && strncmp(query->after, key, length) == 0;
}

static bool entry_of(const struct dirent *file, Entry *ret)
{
    size_t length = strlen(file->d_name);
    bool is_blob = length > 0 && file->d_name[length - 1] == '=';

    if (length == 0 || file->d_name[0] == '.' || length > BLOB_PART_MAX + (is_blob ? 1 : 0))
        return false;
    snprintf(
        ret->text, sizeof(ret->text), "%.*s%s", (int)(length - (is_blob ? 1 : 0)), file->d_name,
        is_blob ? "" : "/");
    return true;
}

/* The first names after FLOOR, sorted, at most WINDOW_NAMES; of names that may matter only. BASE is the folder as a key's beginning. */
static MUST Err *
window_read(const Walk *walk, const char *base, const char *floor, Entry *window, size_t *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *path = arena_print(mem, "%s/blobs/%s", walk->store->root, base);
    char key[BLOB_KEY_MAX + 1];
    DIR *folder = opendir(path);
    size_t count = 0;
    Entry entry;

    *ret = 0;
    if (!folder && (errno == ENOENT || errno == ENOTDIR))
        return NULL;
    if (!folder)
        return err_new_errno(ERR_FILE_UNREADABLE, "unable to list folder '%s'", path);

    for (const struct dirent *file; (file = readdir(folder));) {
        if (!entry_of(file, &entry) || strcmp(entry.text, floor) <= 0 ||
            strlen(base) + strlen(entry.text) > BLOB_KEY_MAX)
            continue;
        snprintf(key, sizeof(key), "%s%s", base, entry.text);
        if (!is_wanted(walk->query, key))
            continue;
        window[count++] = entry;
        if (count == 2 * WINDOW_NAMES) {
            qsort(window, count, sizeof(*window), entries_compare);
            count = WINDOW_NAMES;
        }
    }
    closedir(folder);
    qsort(window, count, sizeof(*window), entries_compare);
    *ret = MIN(count, (size_t)WINDOW_NAMES);
    return NULL;
}

static void row_add(const Walk *walk, const char *key)
{
    AUTO(arena_free) Arena *mem = arena_new();
    struct stat facts;

    /* One that went since its name was read is no longer there to be listed. */
    if (stat(fs_path(walk->store, key, mem), &facts) != 0 || facts.st_size < FS_FOOT_BYTES)
        return;
    walk->page->rows[walk->page->count++] = (BlobRow){
        .key = arena_text(walk->mem, key),
        .bytes = facts.st_size - FS_FOOT_BYTES,
        .changed_ms = fs_time_ms(facts.st_mtim),
    };
}

static bool page_is_full(const Walk *walk)
{
    return walk->page->count == (size_t)walk->query->most;
}

static MUST Err *folder_walk(const Walk *walk, const char *base)
{
    AUTO(free) Entry *window = malloc(2 * WINDOW_NAMES * sizeof(Entry));
    if (!window)
        return err_new(ERR_MEMORY_SPENT, "no memory to list '%s'", base);

    Entry floor = {""};
    for (size_t count = WINDOW_NAMES; count == WINDOW_NAMES && !page_is_full(walk);) {
        TRY(cancel_check(walk->query->cancel));
        TRY(window_read(walk, base, floor.text, window, &count));
        for (size_t i = 0; i < count && !page_is_full(walk); i++) {
            char key[BLOB_KEY_MAX + 1];

            snprintf(key, sizeof(key), "%s%s", base, window[i].text);
            if (key[strlen(key) - 1] == '/')
                TRY(folder_walk(walk, key));
            else
                row_add(walk, key);
            floor = window[i];
        }
    }
    return NULL;
}

Err *fs_list(Blob *blob, const BlobQuery *query, Arena *mem, BlobPage *ret)
{
    BlobPage page = {.rows = ARENA_ARRAY(mem, BlobRow, (size_t)query->most)};
    Walk walk = {.store = blob->at, .query = query, .mem = mem, .page = &page};
    const char *base =
        arena_text_n(mem, query->prefix, (size_t)(strrchr(query->prefix, '/') - query->prefix) + 1);

    TRY(folder_walk(&walk, base));
    if (page_is_full(&walk))
        page.next = page.rows[page.count - 1].key;
    *ret = page;
    return NULL;
}

/* ---- sweeping ---- */

typedef struct Sweep {
    int64_t before_ms; /* what changed later stays */
    const Cancel *cancel;
    int64_t gone;
} Sweep;

/* Remove the files of FOLDER that are older and have at most so many names. */
static MUST Err *folder_sweep(Sweep *sweep, const char *folder, nlink_t most_names)
{
    DIR *open_folder = opendir(folder);
    if (!open_folder)
        return err_new_errno(ERR_FILE_UNREADABLE, "unable to list folder '%s'", folder);

    int fd = dirfd(open_folder);
    Err *err = NULL;
    for (const struct dirent *file; !err && (file = readdir(open_folder));) {
        struct stat facts;

        err = cancel_check(sweep->cancel);
        if (!err && fstatat(fd, file->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(facts.st_mode) && facts.st_nlink <= most_names &&
            fs_time_ms(facts.st_ctim) <= sweep->before_ms && unlinkat(fd, file->d_name, 0) == 0)
            sweep->gone++;
    }
    closedir(open_folder);
    return err;
}

Err *fs_sweep(Blob *blob, int64_t older_ms, const Cancel *cancel, int64_t *ret)
{
    const FsStore *store = blob->at;
    AUTO(arena_free) Arena *mem = arena_new();
    const char *bytes = path_join(mem, store->root, "bytes");
    const char *const *folders;
    Sweep sweep = {.before_ms = clock_now_ms() - older_ms, .cancel = cancel};

    TRY(folder_sweep(&sweep, path_join(mem, store->root, "parts"), 2));
    TRY(folder_list(mem, bytes, &folders));
    for (; *folders; folders++)
        TRY(folder_sweep(&sweep, path_join(mem, bytes, *folders), 1));
    *ret = sweep.gone;
    return NULL;
}
