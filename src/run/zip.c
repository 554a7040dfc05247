/* A ZIP that is written into the store as it grows: pictures are packed already, so they are stored as they are. */
#include "run/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

enum {
    PIECE_BYTES = 64 << 10
};

struct Zip {
    struct archive *archive;
    Blob *blob;
    BlobWriter *writer;
    const Cancel *cancel;
    Err *err; /* of the store, which the library cannot carry */
    bool is_given_up;
};

/* Never tells the library of a failure: it would not free all that it holds. Whoever called it looks at zip->err. */
static la_ssize_t
piece_write(struct archive *archive, void *zip_any, const void *bytes, size_t size)
{
    Zip *zip = zip_any;

    (void)archive;
    if (!zip->err && !zip->is_given_up)
        zip->err = blob_writer_add(zip->writer, bytes, size);
    return (la_ssize_t)size;
}

static MUST Err *zip_err(Zip *zip, const char *what)
{
    return zip->err ? TAKE(zip->err) : err_new(ERR_BUG, "unable to %s a ZIP", what);
}

Err *zip_open(Blob *blob, const BlobPut *put, Zip **ret)
{
    AUTO(zip_free) Zip *zip = calloc(1, sizeof(*zip));

    if (!zip)
        abort();
    zip->blob = blob;
    zip->cancel = put->cancel;
    TRY(blob_writer_open(blob, put, &zip->writer));
    zip->archive = archive_write_new();
    if (!zip->archive)
        abort();
    /* In the C locale names of other letters would be written without the mark that says they are UTF-8. */
    if (archive_write_set_format_zip(zip->archive) != ARCHIVE_OK ||
        archive_write_set_options(zip->archive, "zip:hdrcharset=UTF-8") != ARCHIVE_OK ||
        archive_write_zip_set_compression_store(zip->archive) != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(zip->archive, 0) != ARCHIVE_OK ||
        archive_write_open(zip->archive, zip, NULL, piece_write, NULL) != ARCHIVE_OK)
        return zip_err(zip, "begin");
    *ret = TAKE(zip);
    return NULL;
}

/* A library that was not asked to close writes its directory when it is freed: into nothing. */
void zip_free(Zip *zip)
{
    if (!zip)
        return;
    zip->is_given_up = true;
    if (zip->archive)
        archive_write_free(zip->archive);
    blob_writer_free(zip->writer);
    err_free(zip->err);
    free(zip);
}

static MUST Err *head_write(Zip *zip, const ZipEntry *entry, int64_t bytes)
{
    struct archive_entry *head = archive_entry_new();

    if (!head)
        abort();
    archive_entry_set_pathname_utf8(head, entry->name);
    archive_entry_set_size(head, bytes);
    archive_entry_set_filetype(head, AE_IFREG);
    archive_entry_set_perm(head, 0644);
    archive_entry_set_mtime(head, entry->changed_ms / 1000, 0);
    int status = archive_write_header(zip->archive, head);
    archive_entry_free(head);
    return status == ARCHIVE_OK && !zip->err ? NULL : zip_err(zip, "go on with");
}

static MUST Err *piece_add(Zip *zip, Hasher *hasher, const void *bytes, size_t size)
{
    if (archive_write_data(zip->archive, bytes, size) != (la_ssize_t)size || zip->err)
        return zip_err(zip, "add to");
    if (hasher)
        hasher_add_bare(hasher, bytes, size);
    return NULL;
}

static MUST Err *blob_add(Zip *zip, const ZipEntry *entry, Hasher *hasher, int64_t *ret_bytes)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(blob_reader_free) BlobReader *reader = NULL;
    BlobFacts facts;
    unsigned char *piece = arena_take(mem, PIECE_BYTES);
    size_t size;

    TRY(blob_reader_open(
        zip->blob, &(BlobGet){.key = entry->key, .cancel = zip->cancel}, mem, &facts, &reader));
    TRY(head_write(zip, entry, facts.bytes));
    for (;;) {
        TRY(cancel_check(zip->cancel));
        TRY(blob_reader_take(reader, piece, PIECE_BYTES, &size));
        if (!size)
            break;
        TRY(piece_add(zip, hasher, piece, size));
    }
    *ret_bytes = facts.bytes;
    return NULL;
}

Err *zip_add(Zip *zip, const ZipEntry *entry)
{
    AUTO(hasher_free) Hasher *hasher = entry->ret ? hasher_new() : NULL;
    BlobWritten written = {.bytes = (int64_t)entry->size};

    if (entry->key) {
        TRY(blob_add(zip, entry, hasher, &written.bytes));
    } else {
        TRY(head_write(zip, entry, written.bytes));
        if (entry->size)
            TRY(piece_add(zip, hasher, entry->bytes, entry->size));
    }
    if (!entry->ret)
        return NULL;
    written.sha256 = hasher_done(hasher);
    *entry->ret = written;
    return NULL;
}

Err *zip_end(Zip *zip, BlobWritten *ret)
{
    if (archive_write_close(zip->archive) != ARCHIVE_OK || zip->err)
        return zip_err(zip, "end");
    return blob_writer_commit(zip->writer, ret);
}
