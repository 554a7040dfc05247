/* Photos: where their bytes go, and whether what arrived is a picture that we accept. */
#include <string.h>

#include "asset/asset_priv.h"
#include "asset/catalogue_priv.h"

const char *const photo_state_names[] = {
    [PHOTO_CREATED] = "created", [PHOTO_FETCHING] = "fetching", [PHOTO_UPLOADED] = "uploaded",
    [PHOTO_FAILED] = "failed",   [PHOTO_GONE] = "gone",         NULL};

enum {
    SAFE_NAME_MAX = 100
};

static bool is_safe(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '.' || letter == '_' || letter == '-';
}

/* The last part of NAME in letters that a key may have; never empty, never with a dot in front. */
static const char *name_made_safe(const char *name, Arena *mem)
{
    const char *last = name;

    for (const char *at = name; *at; at++)
        if (*at == '/' || *at == '\\')
            last = at + 1;

    size_t length = strlen(last);
    const char *from = length > SAFE_NAME_MAX ? last + length - SAFE_NAME_MAX : last;
    char *safe = arena_text(mem, from);
    for (char *at = safe; *at; at++)
        if (!is_safe(*at))
            *at = '_';
    while (*safe == '.')
        safe++;
    return *safe ? safe : "photo";
}

/* PLACE is a folder of the photo's, with its slash, or "". */
const char *photo_key_in(const Photo *photo, const char *place, Arena *mem)
{
    return arena_print(
        mem, "raw/%s/%s/%s/%s%s", photo->tenant_id, photo->project_id, photo->id, place,
        name_made_safe(photo->filename, mem));
}

const char *photo_sent_key(const Photo *photo, Arena *mem)
{
    if (!photo->sha256)
        return photo_key_in(photo, "", mem);
    return photo_key_in(photo, arena_print(mem, "after-%.16s/", photo->sha256), mem);
}

static MUST Err *bytes_read(const Shelf *shelf, const Photo *photo, Cancel *cancel, Buf *bytes)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Err *err = blob_get(
        shelf->blob, &(BlobGet){.key = photo_sent_key(photo, mem), .cancel = cancel}, bytes);

    if (err && err_code(err) == ERR_FILE_TOO_LARGE)
        return err_public(
            err, "The photo is larger than %zu MB, the most that is accepted. Save it smaller.",
            bytes->limit / 1000000);
    if (err && err_code(err) == ERR_NOT_FOUND)
        return err_public(err, "The photo has not arrived. Upload it first.");
    return err;
}

Err *photo_keep(const Shelf *shelf, Photo *photo, const Buf *bytes, Cancel *cancel, Arena *mem)
{
    char sha256[HASH_TEXT_SIZE];
    ImageFacts facts;

    TRY(image_probe(bytes->bytes, bytes->size, &image_limits_default, &facts));
    hash_text(hash_bytes(bytes->bytes, bytes->size), sha256);
    const char *key = photo_key_in(photo, arena_print(mem, "%.32s/", sha256), mem);
    TRY(blob_put(
        shelf->blob,
        &(BlobPut){.key = key, .type = image_format_mime(facts.format), .cancel = cancel},
        bytes->bytes, bytes->size, NULL));
    photo->key = key;
    photo->bytes = (int64_t)bytes->size;
    photo->width_px = facts.width_px;
    photo->height_px = facts.height_px;
    photo->format = image_format_name(facts.format);
    photo->sha256 = arena_text(mem, sha256);
    return NULL;
}

Err *photo_receive(const Shelf *shelf, Photo *photo, Cancel *cancel, Arena *mem)
{
    AUTO(buf_done) Buf bytes = BUF((size_t)image_limits_default.bytes);

    TRY(bytes_read(shelf, photo, cancel, &bytes));
    return photo_keep(shelf, photo, &bytes, cancel, mem);
}

Err *photo_arrived(DbTx *tx, const Photo *photo, int64_t expires_ms)
{
    AUTO(arena_free) Arena *mem = arena_new();

    TRY(photo_facts_set(tx, photo));
    TRY(asset_rows_supersede(tx, photo->id, photo->key));
    return asset_add(
        tx,
        &(Asset){
            .tenant_id = photo->tenant_id,
            .project_id = photo->project_id,
            .owner = photo->id,
            .key = photo->key,
            .sha256 = photo->sha256,
            .format = photo->format,
            .purpose = PURPOSE_RAW,
            .bytes = photo->bytes,
            .width_px = photo->width_px,
            .height_px = photo->height_px,
            .expires_ms = expires_ms,
        },
        mem, NULL);
}
