/* The journal of finished pictures. */
#include "app/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/value.h"

enum {
    LINE_BYTES_MAX = 64 * 1024
};

const char journal_name[] = ".cyclorama.jsonl";

typedef struct Entry {
    const char *output; /* first, so that a tree of entries can be searched by a name */
    char key[HASH_TEXT_SIZE];
    int64_t bytes;
} Entry;

struct Journal {
    Arena *mem;
    const char *folder;
    int fd;
    void *entries; /* tree, by output */
    size_t count;
};

static int entries_compare(const void *a, const void *b)
{
    return strcmp(((const Entry *)a)->output, ((const Entry *)b)->output);
}

static void entry_leave(void *entry)
{
    (void)entry;
}

static void entry_keep(Journal *journal, const Value *line)
{
    const char *output = value_text(value_get(line, "output"));
    const char *key = value_text(value_get(line, "key"));

    if (!output || !key || strlen(key) != HASH_TEXT_SIZE - 1)
        return;

    Entry *entry = arena_take(journal->mem, sizeof(*entry));
    entry->output = arena_text(journal->mem, output);
    Entry **at = tsearch(entry, &journal->entries, entries_compare);
    if (!at)
        abort();
    if (*at == entry)
        journal->count++;
    memcpy((*at)->key, key, sizeof((*at)->key));
    (*at)->bytes = value_int(value_get(line, "bytes"));
}

static void lines_read(Journal *journal, FILE *file)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;

    while ((length = getline(&line, &room, file)) > 0) {
        AUTO(value_free) Value *value = NULL;
        AUTO(err_free) Err *torn = value_parse(line, (size_t)length, &value);

        if (!torn)
            entry_keep(journal, value);
    }
    free(line);
}

/* A torn last line must not swallow the next one. */
static MUST Err *line_end(int fd, const char *path)
{
    struct stat facts;
    char last = '\n';

    if (fstat(fd, &facts) != 0 ||
        (facts.st_size > 0 && pread(fd, &last, 1, facts.st_size - 1) != 1) ||
        (last != '\n' && write(fd, "\n", 1) != 1))
        return err_new_errno(ERR_FILE_UNWRITABLE, "unable to go on with '%s'", path);
    return NULL;
}

Err *journal_open(const char *folder, bool is_resumed, Journal **ret)
{
    AUTO(journal_close) Journal *journal = calloc(1, sizeof(*journal));
    if (!journal)
        abort();
    journal->mem = arena_new();
    journal->folder = arena_text(journal->mem, folder);

    const char *path = path_join(journal->mem, folder, journal_name);
    journal->fd =
        open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | (is_resumed ? 0 : O_TRUNC), 0644);
    if (journal->fd < 0)
        return err_new_errno(ERR_FILE_UNWRITABLE, "unable to open '%s'", path);
    TRY(line_end(journal->fd, path));

    FILE *file = is_resumed ? fopen(path, "re") : NULL;
    if (file) {
        lines_read(journal, file);
        fclose(file);
    }
    *ret = TAKE(journal);
    return NULL;
}

void journal_close(Journal *journal)
{
    if (!journal)
        return;
    if (journal->fd >= 0)
        close(journal->fd);
    tdestroy(journal->entries, entry_leave);
    arena_free(journal->mem);
    free(journal);
}

size_t journal_count(const Journal *journal)
{
    return journal->count;
}

/* PATH as JSON can carry it: a percent sign, and every byte past ASCII in a path that is not UTF-8, become "%25" and the like, so that
 * no two paths are written alike. */
static const char *path_written(const char *path, Arena *mem)
{
    static const char digits[] = "0123456789ABCDEF";
    AUTO(value_free) Value *value = value_of_text(path);
    bool is_utf8 = strcmp(value_text(value), path) == 0;
    char *written = ARENA_ARRAY(mem, char, 3 * strlen(path) + 1), *to = written;

    for (const unsigned char *at = (const unsigned char *)path; *at; at++) {
        if (*at != '%' && (*at < 0x80 || is_utf8)) {
            *to++ = (char)*at;
            continue;
        }
        *to++ = '%';
        *to++ = digits[*at >> 4];
        *to++ = digits[*at & 15];
    }
    *to = 0;
    return written;
}

bool journal_has(const Journal *journal, const char *output, Hash key)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Entry wanted = {.output = path_written(output, mem)};
    Entry *const *at = tfind(&wanted, &journal->entries, entries_compare);
    char text[HASH_TEXT_SIZE];
    struct stat facts;

    if (!at)
        return false;
    hash_text(key, text);
    return strcmp((*at)->key, text) == 0 &&
           stat(path_join(mem, journal->folder, output), &facts) == 0 && S_ISREG(facts.st_mode) &&
           facts.st_size == (*at)->bytes;
}

/* One write with O_APPEND: lines of several threads do not mix, and a kill tears one line at most. */
Err *journal_add(Journal *journal, const JournalLine *line)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *object = value_object();
    AUTO(buf_done) Buf text = BUF(LINE_BYTES_MAX);
    char key[HASH_TEXT_SIZE];

    hash_text(line->key, key);
    value_set(object, "photo", value_of_text(path_written(line->photo, mem)));
    value_set(object, "output", value_of_text(path_written(line->output, mem)));
    value_set(object, "key", value_of_text(key));
    value_set(object, "bytes", value_of_int((int64_t)line->bytes));
    TRY(value_write(object, VALUE_COMPACT, &text));
    TRY(buf_add_text(&text, "\n"));
    if (write(journal->fd, text.bytes, text.size) != (ssize_t)text.size)
        return err_new_errno(
            file_failure(errno), "unable to write to '%s' in '%s'", journal_name, journal->folder);
    return NULL;
}
