/* Is a model's file the one its row speaks of? */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "model/model_priv.h"

bool model_file_is_of_size(const char *path, int64_t bytes)
{
    struct stat facts;

    return stat(path, &facts) == 0 && (!bytes || facts.st_size == bytes);
}

/* What changes when a file is written anew, and the hash it had. */
static const char *mark_text(Arena *mem, const struct stat *facts, const char *sha256)
{
    return arena_print(
        mem, "%" PRId64 " bytes, inode %" PRIu64 ", %" PRId64 ".%09ld s, sha256 %s\n",
        (int64_t)facts->st_size, (uint64_t)facts->st_ino, (int64_t)facts->st_mtim.tv_sec,
        facts->st_mtim.tv_nsec, sha256);
}

static bool mark_is(const char *path, const char *mark)
{
    AUTO(buf_done) Buf text = BUF(1024);
    AUTO(err_free) Err *err = file_read(path, &text);

    return !err && strcmp(buf_text(&text), mark) == 0;
}

static MUST Err *broken(const ModelRow *row, const char *why)
{
    return err_public(
        err_new(ERR_MODEL_BROKEN, "model '%s': '%s' %s", row->name, row->file, why),
        row->is_own ? "The file of the model '%s' is not the one its description speaks of."
                    : "The file of the model '%s' is damaged. Run 'cyclorama models fetch %s'.",
        row->name, row->name);
}

static MUST Err *missing(const ModelRow *row)
{
    return err_public(
        err_new(ERR_MODEL_MISSING, "model '%s': there is no '%s'", row->name, row->file),
        row->is_own ? "The file of the model '%s' is missing from the model folder."
                    : "The model '%s' is not installed. Run 'cyclorama models fetch %s'.",
        row->name, row->name);
}

Err *model_file_check(const ModelRow *row, const char *path, CheckHow how)
{
    AUTO(arena_free) Arena *mem = arena_new();
    struct stat facts;
    char text[HASH_TEXT_SIZE];
    Hash hash;

    if (stat(path, &facts) != 0)
        return missing(row);
    if (row->bytes && facts.st_size != row->bytes)
        return broken(row, "has the wrong size");
    if (!row->sha256)
        return NULL;

    const char *mark = mark_text(mem, &facts, row->sha256);
    const char *mark_path = arena_print(mem, "%s.checked", path);

    if (how == CHECK_REMEMBERED && mark_is(mark_path, mark))
        return NULL;
    TRY(hash_file(path, &hash));
    hash_text(hash, text);
    if (strcmp(text, row->sha256) != 0)
        return broken(row, "has the wrong hash");

    /* A folder we may not write to only means reading the file again next time. */
    err_free(file_write(mark_path, mark, strlen(mark)));
    return NULL;
}
