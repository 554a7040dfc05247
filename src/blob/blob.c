/* What is the same for every kind of store: keys, limits, hashes, and the way to the functions of a kind. */
#include "blob/blob.h"

#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "blob/blob_priv.h"

static const char *const type_of_bytes = "application/octet-stream";

/* ---- opening ---- */

static MUST Err *kind_find(const char *store, const BlobKind **ret_kind, const char **ret_rest)
{
    static const BlobKind *const kinds[] = {&blob_fs, &blob_s3, &blob_azure};
    size_t scheme = strcspn(store, ":/");

    if (store[scheme] != ':') {
        *ret_kind = &blob_fs;
        *ret_rest = store;
        return NULL;
    }
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strlen(kinds[i]->scheme) == scheme && memcmp(store, kinds[i]->scheme, scheme) == 0) {
            *ret_kind = kinds[i];
            *ret_rest = store + scheme + 1;
            if (strncmp(*ret_rest, "//", 2) == 0)
                *ret_rest += 2;
            return NULL;
        }
    return err_public(
        err_new(ERR_INPUT_INVALID, "no store is called '%.*s'", (int)scheme, store),
        "Pictures can be kept in a folder, with s3:BUCKET or with azure: and nowhere else.");
}

static MUST Err *secret_copy(const BlobSetup *setup, Blob *blob)
{
    if (!setup->secret_bytes)
        return NULL;
    if (setup->secret_bytes < 32)
        return err_new(ERR_INPUT_INVALID, "the secret of signed URLs has less than 32 bytes");
    if (setup->secret_bytes > sizeof(blob->secret))
        return err_new(
            ERR_INPUT_INVALID, "the secret of signed URLs has more than %zu bytes",
            sizeof(blob->secret));

    memcpy(blob->secret, setup->secret, setup->secret_bytes);
    blob->secret_bytes = setup->secret_bytes;
    return NULL;
}

Err *blob_open(const BlobSetup *setup, Blob **ret)
{
    const BlobKind *kind;
    const char *rest;
    TRY(kind_find(setup->store, &kind, &rest));

    Arena *mem = arena_new();
    AUTO(blob_close) Blob *blob = arena_take(mem, sizeof(*blob));
    blob->mem = mem;
    blob->kind = kind;
    TRY(secret_copy(setup, blob));
    if (setup->served && *setup->served) {
        size_t length = strlen(setup->served);

        while (length > 0 && setup->served[length - 1] == '/')
            length--;
        blob->served = arena_text_n(mem, setup->served, length);
    }
    TRY(kind->open(setup, rest, blob));
    *ret = TAKE(blob);
    return NULL;
}

void blob_close(Blob *blob)
{
    if (!blob)
        return;
    if (blob->at)
        blob->kind->close(blob->at);
    memset(blob->secret, 0, sizeof(blob->secret));
    arena_free(blob->mem);
}

const char *blob_place(const Blob *blob)
{
    return blob->place;
}

Err *blob_check(Blob *blob, const Cancel *cancel)
{
    return blob->kind->check(blob, cancel);
}

/* ---- keys ---- */

static bool container_is_fine(const char *name, size_t length)
{
    if (length < 3 || length > 63 || name[0] == '-' || name[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) &&
            !(name[i] == '-' && name[i - 1] != '-'))
            return false;
    return true;
}

static bool part_is_fine(const char *name, size_t length)
{
    if (length == 0 || length > BLOB_PART_MAX || name[0] == '.')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)name[i]) && !memchr("._-", name[i], 3))
            return false;
    return true;
}

/* Is KEY a container and parts, or with IS_PREFIX a container, a slash and the beginning of parts? */
static bool key_is_fine(const char *key, bool is_prefix)
{
    size_t length = strlen(key), container = strcspn(key, "/");

    if (length > BLOB_KEY_MAX || container == length || !container_is_fine(key, container))
        return false;
    for (const char *part = key + container + 1;; part++) {
        size_t size = strcspn(part, "/");

        if (is_prefix && !part[0])
            return true;
        if (!part_is_fine(part, size))
            return false;
        part += size;
        if (!*part)
            return true;
    }
}

Err *blob_key_check(const char *key)
{
    if (!key || !key_is_fine(key, false))
        return err_new(ERR_INPUT_INVALID, "'%.100s' is no key of a blob", key ? key : "");
    return NULL;
}

/* ---- writing ---- */

static MUST Err *type_check(const char *type)
{
    size_t length = strlen(type);

    for (size_t i = 0; i < length; i++)
        if (type[i] < ' ' || type[i] > '~')
            return err_new(ERR_INPUT_INVALID, "a content type has a letter it cannot have");
    if (length == 0 || length > BLOB_TYPE_MAX || type[0] == ' ' || type[length - 1] == ' ')
        return err_new(ERR_INPUT_INVALID, "'%.100s' is no content type", type);
    return NULL;
}

Err *blob_writer_open(Blob *blob, const BlobPut *put, BlobWriter **ret)
{
    const char *type = put->type ? put->type : type_of_bytes;
    TRY(blob_key_check(put->key));
    TRY(type_check(type));

    Arena *mem = arena_new();
    AUTO(blob_writer_free) BlobWriter *writer = arena_take(mem, sizeof(*writer));
    *writer = (BlobWriter){
        .blob = blob,
        .mem = mem,
        .key = arena_text(mem, put->key),
        .type = arena_text(mem, type),
        .most_bytes = put->most_bytes,
        .hasher = hasher_new(),
        .cancel = put->cancel,
    };
    TRY(blob->kind->begin(writer));
    writer->is_open = true;
    *ret = TAKE(writer);
    return NULL;
}

static MUST Err *writer_check(const BlobWriter *writer)
{
    if (!writer->is_open)
        return err_new(ERR_BUG, "the writer of '%s' has ended", writer->key);
    return cancel_check(writer->cancel);
}

static MUST Err *bytes_add(BlobWriter *writer, const void *bytes, size_t size)
{
    if (writer->most_bytes && (int64_t)size > writer->most_bytes - writer->bytes)
        return err_new(
            ERR_FILE_TOO_LARGE, "'%s' would be larger than %lld bytes", writer->key,
            (long long)writer->most_bytes);

    hasher_add_bare(writer->hasher, bytes, size);
    writer->bytes += (int64_t)size;
    return writer->blob->kind->add(writer, bytes, size);
}

Err *blob_writer_add(BlobWriter *writer, const void *bytes, size_t size)
{
    TRY(writer_check(writer));
    if (size == 0)
        return NULL;

    writer->is_open = false;
    TRY(bytes_add(writer, bytes, size));
    writer->is_open = true;
    return NULL;
}

Err *blob_writer_commit(BlobWriter *writer, BlobWritten *ret)
{
    TRY(writer_check(writer));
    writer->is_open = false;

    BlobWritten written = {.bytes = writer->bytes, .sha256 = hasher_done(writer->hasher)};
    TRY(writer->blob->kind->commit(writer, &written));
    if (ret)
        *ret = written;
    return NULL;
}

void blob_writer_free(BlobWriter *writer)
{
    if (!writer)
        return;
    if (writer->at)
        writer->blob->kind->end(writer);
    hasher_free(writer->hasher);
    arena_free(writer->mem);
}

Err *blob_put(Blob *blob, const BlobPut *put, const void *bytes, size_t size, BlobWritten *ret)
{
    AUTO(blob_writer_free) BlobWriter *writer = NULL;

    TRY(blob_writer_open(blob, put, &writer));
    TRY(blob_writer_add(writer, bytes, size));
    return blob_writer_commit(writer, ret);
}

/* ---- reading ---- */

Err *blob_reader_open(
    Blob *blob, const BlobGet *get, Arena *mem, BlobFacts *ret_facts, BlobReader **ret)
{
    TRY(blob_key_check(get->key));
    TRY(cancel_check(get->cancel));
    if (get->from < 0 || get->bytes < 0)
        return err_new(ERR_INPUT_INVALID, "a range of '%s' is negative", get->key);

    AUTO(blob_reader_free) BlobReader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        abort();
    reader->blob = blob;
    reader->cancel = get->cancel;

    BlobFacts facts;
    TRY(blob->kind->fetch(reader, get, mem, &facts));
    if (ret_facts)
        *ret_facts = facts;
    *ret = TAKE(reader);
    return NULL;
}

void blob_reader_free(BlobReader *reader)
{
    if (!reader)
        return;
    if (reader->at)
        reader->blob->kind->leave(reader);
    free(reader);
}

Err *blob_reader_take(BlobReader *reader, void *bytes, size_t room, size_t *ret_size)
{
    TRY(cancel_check(reader->cancel));
    return reader->blob->kind->take(reader, bytes, room, ret_size);
}

Err *blob_get(Blob *blob, const BlobGet *get, Buf *buf)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(blob_reader_free) BlobReader *reader = NULL;
    BlobFacts facts;

    TRY(blob_reader_open(blob, get, mem, &facts, &reader));

    int64_t rest = facts.bytes - get->from;
    size_t want = (size_t)(get->bytes ? MIN(get->bytes, rest) : rest);
    TRY(buf_reserve(buf, want));
    while (want > 0) {
        size_t got;

        TRY(blob_reader_take(reader, buf->bytes + buf->size, want, &got));
        if (got == 0)
            return err_new(ERR_BUG, "'%s' ended before its end", get->key);
        buf->size += got;
        buf->bytes[buf->size] = 0;
        want -= got;
    }
    return NULL;
}

Err *blob_head(Blob *blob, const char *key, const Cancel *cancel, Arena *mem, BlobFacts *ret)
{
    TRY(blob_key_check(key));
    TRY(cancel_check(cancel));
    return blob->kind->head(blob, key, cancel, mem, ret);
}

Err *blob_delete(Blob *blob, const char *key, const Cancel *cancel)
{
    TRY(blob_key_check(key));
    TRY(cancel_check(cancel));
    return blob->kind->remove(blob, key, cancel);
}

/* ---- listing and tidying ---- */

Err *blob_list(Blob *blob, const BlobQuery *query, Arena *mem, BlobPage *ret)
{
    BlobQuery whole = *query;

    if (!query->prefix || !key_is_fine(query->prefix, true))
        return err_new(
            ERR_INPUT_INVALID, "'%.100s' is no beginning of a key",
            query->prefix ? query->prefix : "");
    whole.most = query->most > 0 ? MIN(query->most, (int)BLOB_ROWS_MAX) : BLOB_ROWS_MAX;
    TRY(cancel_check(query->cancel));
    return blob->kind->list(blob, &whole, mem, ret);
}

Err *blob_sweep(Blob *blob, int64_t older_ms, const Cancel *cancel, int64_t *ret)
{
    return blob->kind->sweep(blob, older_ms, cancel, ret);
}

/* ---- signed URLs ---- */

static MUST Err *grant_check(const BlobGrant *grant)
{
    static const int64_t week_ms = 7LL * 24 * 60 * 60 * 1000;
    int64_t left_ms = grant->until_ms - clock_now_ms();

    TRY(blob_key_check(grant->key));
    if (left_ms <= 0 || left_ms > week_ms)
        return err_new(
            ERR_INPUT_INVALID, "a signed URL cannot be good for %lld ms", (long long)left_ms);
    if (grant->type)
        TRY(type_check(grant->type));
    for (const char *at = grant->save_as; at && *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return err_new(ERR_INPUT_INVALID, "a file name has a letter it cannot have");
    if (grant->save_as && strlen(grant->save_as) > 255)
        return err_new(ERR_INPUT_INVALID, "a file name is longer than 255 bytes");
    return NULL;
}

Err *blob_grant(Blob *blob, const BlobGrant *grant, Arena *mem, BlobTicket *ret)
{
    TRY(grant_check(grant));
    return blob->kind->grant(blob, grant, mem, ret);
}

Err *blob_grant_form(Blob *blob, const BlobGrant *grant, Arena *mem, BlobForm *ret)
{
    TRY(grant_check(grant));
    if (!blob->kind->form || !grant->is_put)
        return err_new(ERR_INPUT_INVALID, "no form can be granted for '%s'", blob->place);
    return blob->kind->form(blob, grant, mem, ret);
}

bool blob_is_served_here(const Blob *blob)
{
    return blob->kind == &blob_fs && blob->served && blob->secret_bytes;
}

const char *blob_disposition(const char *name, Arena *mem)
{
    AUTO(buf_done) Buf buf = BUF(4096);
    /* For old browsers; RFC 6266 wants it before the one that holds any letter. */
    char *plain = arena_text(mem, name);
    for (char *at = plain; *at; at++)
        if (*at < ' ' || *at > '~' || strchr("\"\\%/", *at))
            *at = '_';

    AUTO(err_free) Err *err =
        buf_print(&buf, "attachment; filename=\"%.255s\"; filename*=UTF-8''", plain);
    if (!err)
        err = blob_percent_add(&buf, name, "");
    return err ? "attachment" : arena_text(mem, buf_text(&buf));
}

Err *blob_percent_add(Buf *buf, const char *text, const char *kept)
{
    for (; *text; text++)
        if (isalnum((unsigned char)*text) || strchr("-._~", *text) || strchr(kept, *text))
            TRY(buf_add(buf, text, 1));
        else
            TRY(buf_print(buf, "%%%02X", (unsigned char)*text));
    return NULL;
}
