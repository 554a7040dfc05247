/* Many photos at once: into the store as they come, then looked at one by one. */
#include <string.h>

#include "asset/asset_priv.h"
#include "asset/catalogue_priv.h"
#include "base/crew.h"
#include "watch/watch.h"

enum {
    HEAD_BYTES = 512,       /* enough to know a file's kind by */
    PART_HEAD_BYTES = 4096, /* of a form, before a photo */
    LOOKS_AT_ONCE = 2,      /* of one intake */
    THUMB_QUALITY = 82,
    THUMB_BYTES_MAX = 4 << 20
};

typedef struct IntakeFile {
    Arrival arrival;
    Photo photo;
    bool is_stored;        /* its bytes lie under its key */
    const char *thumb_key; /* NULL until it lies there */
    char thumb_sha256[HASH_TEXT_SIZE];
    int64_t thumb_bytes, thumb_width_px, thumb_height_px;
    Err *err; /* of the house, while it was looked at */
} IntakeFile;

struct Intake {
    const Shelf *shelf;
    IntakeSetup setup;
    Arena *mem;
    IntakeFile *files;
    size_t count;
    bool is_kept;

    /* the file that comes: its beginning, until its kind is known; then its way into the store */
    unsigned char head[HEAD_BYTES];
    size_t head_size;
    BlobWriter *writer;
};

Err *intake_open(const Shelf *shelf, const IntakeSetup *setup, Intake **ret)
{
    AUTO(intake_free) Intake *intake = calloc(1, sizeof(*intake));
    Catalogue catalogue;

    if (!intake)
        abort();
    intake->mem = arena_new();
    intake->shelf = shelf;
    intake->setup = *setup;
    intake->setup.catalogue = (CatalogueOf){
        .tenant_id = arena_text(intake->mem, setup->catalogue.tenant_id),
        .door = arena_text(intake->mem, setup->catalogue.door),
        .id = arena_text(intake->mem, setup->catalogue.id),
    };
    intake->files = ARENA_ARRAY(intake->mem, IntakeFile, CATALOGUE_FILES_MOST);
    TRY(catalogue_find(shelf, &setup->catalogue, intake->mem, &catalogue));
    *ret = TAKE(intake);
    return NULL;
}

int64_t intake_least(int64_t body_bytes)
{
    const int64_t most_bytes = image_limits_default.bytes + PART_HEAD_BYTES;

    return MAX((body_bytes + most_bytes - 1) / most_bytes, (int64_t)1);
}

static void blob_drop(const Intake *intake, const char *key)
{
    AUTO(err_free) Err *left = blob_delete(intake->shelf->blob, key, NULL);

    if (left) /* it goes with whatever nobody names */
        watch_err("intake.left", left, key);
}

static void file_drop(const Intake *intake, IntakeFile *file)
{
    if (file->is_stored)
        blob_drop(intake, file->photo.key);
    if (file->thumb_key)
        blob_drop(intake, file->thumb_key);
    file->is_stored = false;
    file->thumb_key = NULL;
}

void intake_free(Intake *intake)
{
    if (!intake)
        return;
    blob_writer_free(intake->writer);
    for (size_t i = 0; i < intake->count; i++) {
        if (!intake->is_kept)
            file_drop(intake, &intake->files[i]);
        err_free(intake->files[i].err);
    }
    arena_free(intake->mem);
    free(intake);
}

const CatalogueOf *intake_catalogue(const Intake *intake)
{
    return &intake->setup.catalogue;
}

const Shelf *intake_shelf(const Intake *intake)
{
    return intake->shelf;
}

List intake_arrivals(const Intake *intake)
{
    Arrival *arrivals = ARENA_ARRAY(intake->mem, Arrival, intake->count + 1);

    for (size_t i = 0; i < intake->count; i++)
        arrivals[i] = intake->files[i].arrival;
    return (List){arrivals, intake->count};
}

/* ---- what is not taken ---- */

static bool is_refused(const IntakeFile *file)
{
    return file->arrival.error != ERR_MAX_;
}

/* Is this a fault of the picture? Then it is told, and the others go on. */
static bool is_of_picture(const Err *err)
{
    switch (err_code(err)) {
    case ERR_FILE_TOO_LARGE:
    case ERR_IMAGE_UNREADABLE:
    case ERR_IMAGE_UNSUPPORTED:
    case ERR_IMAGE_TOO_LARGE:
    case ERR_IMAGE_TOO_SMALL:
        return true;
    default:
        return false;
    }
}

static void file_refuse(const Intake *intake, IntakeFile *file, const Err *err)
{
    file->arrival.error = err_code(err);
    const char *said = err_said(err);

    file->arrival.error_text = arena_text(intake->mem, said ? said : err_text(err));
}

static MUST Err *kind_check(ImageFormat format)
{
    if (format == IMAGE_JPEG || format == IMAGE_PNG || format == IMAGE_WEBP)
        return NULL;
    Err *err = err_new(ERR_IMAGE_UNSUPPORTED, "a %s is not taken", image_format_name(format));
    if (format == IMAGE_HEIC)
        return err_public(
            err, "This is a HEIC photo. Save it as JPEG: on an iPhone choose Settings, Camera, "
                 "Formats, Most Compatible.");
    return err_public(err, "Photos must be JPEG, PNG or WebP. Save this one as JPEG.");
}

static MUST Err *head_check(const void *bytes, size_t size, ImageFormat *ret)
{
    Err *err = image_sniff(bytes, size, ret);

    if (err && err_code(err) == ERR_IMAGE_UNSUPPORTED &&
        strcmp(err_text(err), err_default_text(ERR_IMAGE_UNSUPPORTED)) == 0)
        err = err_public(err, "This file is not a photo. Photos must be JPEG, PNG or WebP.");
    return err ? err : kind_check(*ret);
}

static MUST Err *too_large(void)
{
    return err_public(
        err_new(ERR_FILE_TOO_LARGE, "a photo beyond the limit"),
        "The photo is larger than %d MB, the most that is accepted. Save it smaller.",
        (int)(image_limits_default.bytes >> 20));
}

/* ---- files come ---- */

static IntakeFile *file_open(Intake *intake)
{
    return intake->count ? &intake->files[intake->count - 1] : NULL;
}

static MUST Err *writer_begin(Intake *intake, IntakeFile *file)
{
    ImageFormat format;
    AUTO(err_free) Err *err = head_check(intake->head, intake->head_size, &format);

    if (err && is_of_picture(err)) {
        file_refuse(intake, file, err);
        return NULL;
    }
    if (err)
        return TAKE(err);
    TRY(blob_writer_open(
        intake->shelf->blob,
        &(BlobPut){
            .key = file->photo.key,
            .type = image_format_mime(format),
            .cancel = intake->setup.cancel},
        &intake->writer));
    return blob_writer_add(intake->writer, intake->head, intake->head_size);
}

static MUST Err *file_end(Intake *intake)
{
    IntakeFile *file = file_open(intake);
    BlobWritten written;

    if (!file || file->is_stored || is_refused(file))
        return NULL;
    if (!intake->writer)
        TRY(writer_begin(intake, file));
    if (is_refused(file))
        return NULL;

    BlobWriter *writer = TAKE(intake->writer);
    Err *err = blob_writer_commit(writer, &written);
    blob_writer_free(writer);
    TRY(err);
    char sha256[HASH_TEXT_SIZE];
    hash_text(written.sha256, sha256);
    file->is_stored = true;
    file->photo.sha256 = arena_text(intake->mem, sha256);
    file->photo.bytes = written.bytes;
    return NULL;
}

Err *intake_begin(Intake *intake, const char *filename)
{
    TRY(file_end(intake));
    if (intake->count == CATALOGUE_FILES_MOST)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "too many files"),
                "At most %d photos can be sent at once.", CATALOGUE_FILES_MOST),
            "/files");

    Id id = id_new("photo");
    IntakeFile *file = &intake->files[intake->count++];
    file->photo = (Photo){
        .id = arena_text(intake->mem, id.text),
        .tenant_id = intake->setup.catalogue.tenant_id,
        .project_id = intake->setup.catalogue.id,
        .filename = arena_text(intake->mem, *filename ? filename : "photo"),
    };
    file->photo.key = photo_key_in(&file->photo, "kept/", intake->mem);
    file->arrival =
        (Arrival){.filename = file->photo.filename, .error = ERR_MAX_, .id = file->photo.id};
    intake->head_size = 0;
    return NULL;
}

Err *intake_add(Intake *intake, const void *bytes, size_t size)
{
    IntakeFile *file = file_open(intake);

    if (!file)
        return err_new(ERR_BUG, "bytes of no file");
    file->photo.bytes += (int64_t)size;
    if (is_refused(file))
        return NULL;
    if (file->photo.bytes > image_limits_default.bytes) {
        AUTO(err_free) Err *err = too_large();

        file_refuse(intake, file, err);
        blob_writer_free(TAKE(intake->writer));
        return NULL;
    }
    if (!intake->writer) {
        size_t part = MIN(size, HEAD_BYTES - intake->head_size);

        memcpy(intake->head + intake->head_size, bytes, part);
        intake->head_size += part;
        bytes = (const char *)bytes + part;
        size -= part;
        if (intake->head_size < HEAD_BYTES)
            return NULL;
        TRY(writer_begin(intake, file));
    }
    return intake->writer ? blob_writer_add(intake->writer, bytes, size) : NULL;
}

/* ---- they are looked at ---- */

static MUST Err *size_check(const ImageFacts *facts)
{
    if (facts->width_px >= ITEM_SIDE_LEAST_PX && facts->height_px >= ITEM_SIDE_LEAST_PX)
        return NULL;
    return err_public(
        err_new(ERR_IMAGE_TOO_SMALL, "%d x %d", facts->width_px, facts->height_px),
        "The picture is %d x %d pixels; at least %d pixels a side are needed. Use a larger photo.",
        facts->width_px, facts->height_px, ITEM_SIDE_LEAST_PX);
}

/* Decoding that takes too long is the picture's fault, too. */
static Err *decode_err(Err *err)
{
    if (err && err_code(err) == ERR_TIMED_OUT)
        return err_because(
            err_public(
                err_new(ERR_IMAGE_TOO_LARGE, "decoding took too long"), "%s",
                err_said(err) ? err_said(err) : err_text(err)),
            err);
    return err;
}

static MUST Err *thumb_write(const Intake *intake, IntakeFile *file, const Image *small, Arena *mem)
{
    static const ImageEncoding encoding = {
        .format = IMAGE_JPEG, .quality = THUMB_QUALITY, .ground = {255, 255, 255, 255}};
    AUTO(buf_done) Buf bytes = BUF(THUMB_BYTES_MAX);
    const char *key = arena_print(
        mem, "outputs/%s/%s/%s/thumb.jpg", file->photo.tenant_id, file->photo.project_id,
        file->photo.id);
    BlobWritten written;

    TRY(image_encode(small, &encoding, &bytes));
    TRY(blob_put(
        intake->shelf->blob,
        &(BlobPut){.key = key, .type = "image/jpeg", .cancel = intake->setup.cancel}, bytes.bytes,
        bytes.size, &written));
    hash_text(written.sha256, file->thumb_sha256);
    file->thumb_bytes = written.bytes;
    file->thumb_width_px = image_width(small);
    file->thumb_height_px = image_height(small);
    file->thumb_key = key;
    return NULL;
}

static MUST Err *file_look(const Intake *intake, IntakeFile *file, Arena *mem)
{
    AUTO(buf_done) Buf bytes = BUF((size_t)image_limits_default.bytes);
    AUTO(image_free) Image *small = NULL;
    ImageLimits limits = image_limits_default;
    ImageFacts facts;

    limits.side_px = ITEM_SIDE_MOST_PX;
    TRY(blob_get(
        intake->shelf->blob, &(BlobGet){.key = file->photo.key, .cancel = intake->setup.cancel},
        &bytes));
    TRY(image_probe(bytes.bytes, bytes.size, &limits, &facts));
    TRY(kind_check(facts.format));
    TRY(size_check(&facts));
    TRY(decode_err(image_decode_small(
        bytes.bytes, bytes.size,
        &(ImageSmall){.side_px = THUMB_SIDE_PX, .limits = &limits, .cancel = intake->setup.cancel},
        &facts, &small)));
    file->photo.width_px = facts.width_px;
    file->photo.height_px = facts.height_px;
    file->photo.format = image_format_name(facts.format);
    return thumb_write(intake, file, small, mem);
}

typedef struct Look {
    Intake *intake;
    Arena **arenas; /* one a file: threads share none */
} Look;

static void look_do(void *look_any, size_t at)
{
    const Look *look = look_any;
    IntakeFile *file = &look->intake->files[at];
    Turns *turns = look->intake->shelf->looks;

    if (is_refused(file))
        return;
    if (turns)
        file->err = turns_enter(turns, look->intake->setup.cancel);
    if (file->err)
        return;
    file->err = file_look(look->intake, file, look->arenas[at]);
    if (turns)
        turns_leave(turns);
}

static void arena_end(void *arena)
{
    arena_free(arena);
}

Err *intake_look(Intake *intake, int64_t *ret_taken)
{
    Look look = {
        .intake = intake, .arenas = ARENA_ARRAY(intake->mem, Arena *, CATALOGUE_FILES_MOST)};
    int64_t taken = 0;

    TRY(file_end(intake));
    for (size_t i = 0; i < intake->count; i++) {
        look.arenas[i] = arena_new();
        arena_keep(intake->mem, arena_end, look.arenas[i]);
    }
    crew_run(LOOKS_AT_ONCE, intake->count, look_do, &look);
    for (size_t i = 0; i < intake->count; i++) {
        IntakeFile *file = &intake->files[i];

        if (file->err && !is_of_picture(file->err))
            return TAKE(file->err);
        if (file->err)
            file_refuse(intake, file, file->err);
        if (is_refused(file))
            file_drop(intake, file);
        taken += !is_refused(file);
    }
    *ret_taken = taken;
    return NULL;
}

/* ---- they are kept ---- */

static MUST Err *duplicate_find(DbTx *tx, Intake *intake, IntakeFile *file)
{
    Arrival *arrival = &file->arrival;

    TRY(item_row_like(
        tx, file->photo.project_id, file->photo.sha256, intake->mem, &arrival->duplicate_of));
    for (const IntakeFile *at = intake->files; !arrival->duplicate_of && at < file; at++)
        if (!is_refused(at) && strcmp(at->photo.sha256, file->photo.sha256) == 0)
            arrival->duplicate_of = at->photo.id;
    return NULL;
}

static MUST Err *file_keep(DbTx *tx, Intake *intake, const IntakeFile *file, int64_t expires_ms)
{
    TRY(photo_arrived(tx, &file->photo, expires_ms));
    TRY(item_row_thumb_set(tx, file->photo.id, file->thumb_key));
    return asset_add(
        tx,
        &(Asset){
            .tenant_id = file->photo.tenant_id,
            .project_id = file->photo.project_id,
            .owner = file->photo.id,
            .key = file->thumb_key,
            .sha256 = file->thumb_sha256,
            .format = "jpeg",
            .purpose = PURPOSE_THUMB,
            .bytes = file->thumb_bytes,
            .width_px = file->thumb_width_px,
            .height_px = file->thumb_height_px,
            .expires_ms = expires_ms,
        },
        intake->mem, NULL);
}

Err *intake_keep(DbTx *tx, Intake *intake, const ProductWish *product)
{
    const CatalogueOf *of = &intake->setup.catalogue;
    const ProductWish unknown = {.is_favorite = -1};
    Photo *photos = ARENA_ARRAY(intake->mem, Photo, CATALOGUE_FILES_MOST);
    List kept = {photos, 0};
    Catalogue catalogue;
    int64_t expires_ms;

    TRY(db_lock(tx, of->id));
    TRY(catalogue_get(tx, of, intake->mem, &catalogue));
    TRY(asset_expiry(tx, of->tenant_id, &expires_ms));
    for (size_t i = 0; i < intake->count; i++)
        if (!is_refused(&intake->files[i])) {
            TRY(duplicate_find(tx, intake, &intake->files[i]));
            photos[kept.count++] = intake->files[i].photo;
        }
    TRY(photos_add(tx, &kept));
    for (size_t i = 0; i < intake->count; i++)
        if (!is_refused(&intake->files[i])) {
            TRY(file_keep(tx, intake, &intake->files[i], expires_ms));
            TRY(item_product_set(tx, intake->files[i].photo.id, product ? product : &unknown));
        }
    TRY(catalogue_row_touch(tx, of->id));
    /* Whether a commit that fails was one is not known: then bytes that are nobody's are swept. */
    intake->is_kept = true;
    return NULL;
}

/* Ids sort by birth: of equal photos the first is no duplicate. */
static MUST Err *file_kept_before(DbTx *tx, Intake *intake, IntakeFile *file, const char *id)
{
    Arrival *arrival = &file->arrival;

    arrival->id = arena_text(intake->mem, id);
    TRY(item_row_like(
        tx, file->photo.project_id, file->photo.sha256, intake->mem, &arrival->duplicate_of));
    if (arrival->duplicate_of && strcmp(arrival->duplicate_of, id) == 0)
        arrival->duplicate_of = NULL;
    return NULL;
}

Err *intake_kept_before(DbTx *tx, Intake *intake, const Texts *ids)
{
    size_t count = 0;

    for (size_t i = 0; i < intake->count; i++) {
        if (is_refused(&intake->files[i]))
            continue;
        if (count == ids->count)
            return err_new(ERR_BUG, "more files than were kept before");
        TRY(file_kept_before(tx, intake, &intake->files[i], ids->items[count++]));
    }
    return NULL;
}
