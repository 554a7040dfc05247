/* export_zip: a worker makes a pack. Begun again after a crash it begins from the start; what half of it had written is in no store. */
#include <string.h>

#include "base/clock.h"
#include "base/said.h"
#include "ledger/ledger.h"
#include "pack/metadata.h"
#include "run/news.h"
#include "run/zip.h"
#include "watch/watch.h"

enum {
    DAY_MS = 24 * 60 * 60 * 1000,
    TELL_MS = 500,
    ATTEMPTS_MOST = 4,
    FILE_BYTES_MAX = 512 << 20,
    METADATA_BYTES_MAX = 64 << 20
};

typedef struct Exporting {
    const Studio *studio;
    JobLease *lease;
    const Job *job;
    Arena *mem; /* of the whole pack: names alone */
    Pack pack;
    PackWish wish;
    List forms;
    Zip *zip;
    PackNames names;
    Value *pictures; /* of metadata.json */
    Buf file;        /* a picture in one form */
    BlobWritten written;
    int64_t told_ms;
    Arena *picture_mem;
    const char *run_id;
    PackPicture *picture;
} Exporting;

/* ---- begin ---- */

static MUST Err *
pack_news(DbTx *tx, const Pack *pack, const char *kind, const char *text, Arena *mem)
{
    Value *data = value_object();
    Project project;
    Err *err =
        project_step(tx, &(ProjectStep){.project_id = pack->project_id, .news = 1}, mem, &project);

    if (err) {
        value_free(data);
        return err;
    }
    value_set(data, "export", value_of_text(pack->id));
    value_set(data, "files", value_of_int(pack->pictures));
    value_set(data, "failed", value_of_int(pack->failed));
    if (text)
        value_set(data, "error_text", value_of_text(said_plain(text, mem)));
    TRY(news_add(
        tx,
        &(News){
            .project_id = pack->project_id, .kind = kind, .number = project.news, .data = data}));
    return news_signal(tx, pack->project_id);
}

static Err *begin_work(DbTx *tx, void *exporting_any)
{
    Exporting *exporting = exporting_any;

    TRY(pack_row_begun(tx, exporting->job->subject, exporting->mem, &exporting->pack));
    TRY(shape_read(&pack_wish_shape, exporting->pack.wish, exporting->mem, &exporting->wish));
    return NULL;
}

static MUST Err *wish_read(Exporting *exporting)
{
    exporting->names = (PackNames){
        .mem = exporting->mem,
        .used = ARENA_ARRAY(exporting->mem, const char *, exporting->wish.run_ids.count + 1),
        .room = exporting->wish.run_ids.count,
    };
    exporting->pack.done = exporting->pack.failed = 0;
    exporting->pack.warnings = (Texts){0};
    exporting->pack.key = arena_print(
        exporting->mem, "outputs/%s/%s/%s.zip", exporting->pack.tenant_id,
        exporting->pack.project_id, exporting->pack.id);
    TRY(pack_forms(&exporting->wish, exporting->mem, &exporting->forms));
    exporting->pack.warnings.items =
        ARENA_ARRAY(exporting->mem, const char *, exporting->forms.count);
    return NULL;
}

/* ---- progress ---- */

static Err *progress_work(DbTx *tx, void *exporting_any)
{
    const Exporting *exporting = exporting_any;
    const Pack *pack = &exporting->pack;

    TRY(pack_row_progress(tx, pack->id, pack->done, pack->failed));
    return news_signal(tx, pack->project_id);
}

/* What is told is worth no failure. */
static void progress_tell(Exporting *exporting)
{
    int64_t now_ms = clock_ticks_ms();

    if (now_ms - exporting->told_ms < TELL_MS)
        return;
    exporting->told_ms = now_ms;
    err_free(db_write(exporting->studio->shelf.db, progress_work, exporting));
}

/* ---- pictures ---- */

static Err *picture_work(DbTx *tx, void *exporting_any)
{
    Exporting *exporting = exporting_any;

    return pack_picture_get(
        tx, exporting->pack.tenant_id, exporting->run_id, exporting->picture_mem,
        exporting->picture);
}

static PackMaking making_of(const Exporting *exporting, const PackForm *form)
{
    return (PackMaking){
        .form = form,
        .picture = exporting->picture,
        .mark = exporting->wish.mark,
        .mark_text = exporting->wish.mark_text,
        .threads = exporting->studio->threads,
    };
}

/* Is this picture alone to blame, so that the others need not suffer? What may pass is tried again with the whole. */
static bool is_of_picture(const Exporting *exporting, const Err *err)
{
    ErrCode code = err_code(err);

    if (code == ERR_CANCELLED || code == ERR_LEASE_LOST)
        return false;
    return !err_retry(code) || exporting->job->attempt >= exporting->job->attempts_most;
}

static const char *
path_of(const Exporting *exporting, const PackForm *form, const char *name, const char *ending)
{
    bool has_forms = exporting->wish.platforms.count > 0 || form->width_px > 0;

    return pack_path(
        exporting->wish.folders, form, exporting->picture, name, ending, has_forms,
        exporting->picture_mem);
}

/* Its bytes as they are: never held, nor hashed anew. */
static MUST Err *
file_copy(Exporting *exporting, const PackForm *form, const char *name, Value *files)
{
    const PackPicture *picture = exporting->picture;
    const char *dot = strrchr(picture->key, '.');
    const char *path = path_of(exporting, form, name, dot ? dot + 1 : "bin");

    TRY(zip_add(
        exporting->zip,
        &(ZipEntry){.key = picture->key, .name = path, .changed_ms = picture->ended_ms}));
    value_add(
        files, metadata_file(form, &(PackedFile){path, picture->sha256, picture->bytes}, NULL));
    return NULL;
}

static MUST Err *
file_put(Exporting *exporting, const PackForm *form, const char *name, PackMade *made, Value *files)
{
    const char *path = path_of(exporting, form, name, image_format_ending(made->format));
    char sha256[HASH_TEXT_SIZE];
    BlobWritten written;

    TRY(zip_add(
        exporting->zip, &(ZipEntry){
                            .bytes = exporting->file.bytes,
                            .size = exporting->file.size,
                            .name = path,
                            .changed_ms = exporting->picture->ended_ms,
                            .ret = &written}));
    hash_text(written.sha256, sha256);
    value_add(files, metadata_file(form, &(PackedFile){path, sha256, written.bytes}, made));
    return NULL;
}

typedef struct Files {
    Value *made, *failed;
    ImageDecoded decoded;
    bool is_decoded;
} Files;

static MUST Err *form_make(Exporting *exporting, const PackForm *form, Files *files, PackMade *ret)
{
    PackMaking making = making_of(exporting, form);

    if (!files->is_decoded) {
        TRY(pack_picture_read(
            exporting->studio, exporting->picture, job_lease_cancel(exporting->lease),
            &files->decoded));
        files->is_decoded = true;
    }
    return pack_picture_make(
        &making, &files->decoded, exporting->picture_mem, &exporting->file, ret);
}

/* A shop's sentence once, however many pictures and sizes it is about. */
static void white_miss(Exporting *exporting, const PackForm *form)
{
    Texts *warnings = &exporting->pack.warnings;
    const char *said = said_print(
        exporting->mem,
        "%s asks for a white background, and some of these pictures do not have one. Make those "
        "on white, too, and export them again.",
        form->platform->title);

    for (size_t i = 0; i < warnings->count; i++)
        if (strcmp(warnings->items[i], said) == 0)
            return;
    warnings->items[warnings->count++] = said;
}

/* The ZIP's own failures end the pack, and so does a blob that breaks off in the middle of it. */
static MUST Err *
form_pack(Exporting *exporting, const PackForm *form, const char *name, Files *files)
{
    PackMaking making = making_of(exporting, form);
    PackMade made = {0};
    Err *err;

    if (pack_is_untouched(&making)) {
        err = file_copy(exporting, form, name, files->made);
        if (err && err_code(err) != ERR_NOT_FOUND)
            return err;
    } else {
        err = form_make(exporting, form, files, &made);
        if (!err && made.lacks_white)
            white_miss(exporting, form);
        if (!err)
            return file_put(exporting, form, name, &made, files->made);
        if (!is_of_picture(exporting, err))
            return err;
    }
    if (err) {
        value_add(files->failed, metadata_failure(form, err));
        err_free(err);
    }
    return NULL;
}

static MUST Err *forms_pack(Exporting *exporting, const char *name, Files *files)
{
    for (size_t i = 0; i < exporting->forms.count; i++) {
        size_t before = value_count(files->failed);

        TRY(cancel_check(job_lease_cancel(exporting->lease)));
        TRY(form_pack(exporting, (const PackForm *)exporting->forms.items + i, name, files));
        exporting->pack.done++;
        exporting->pack.failed += (int64_t)(value_count(files->failed) - before);
        progress_tell(exporting);
    }
    return NULL;
}

static MUST Err *picture_pack(Exporting *exporting, const char *run_id)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Files files = {.made = value_list(), .failed = value_list()};
    PackPicture picture = {0};

    exporting->picture_mem = mem;
    exporting->run_id = run_id;
    exporting->picture = &picture;
    Err *err = db_read(exporting->studio->shelf.db, picture_work, exporting);
    bool is_gone = err && err_code(err) == ERR_NOT_FOUND;
    if (is_gone) {
        value_add(files.failed, metadata_failure(NULL, err));
        err_free(err);
        err = NULL;
        exporting->pack.done += (int64_t)exporting->forms.count;
        exporting->pack.failed += (int64_t)exporting->forms.count;
    } else if (!err) {
        err = forms_pack(exporting, pack_name(&exporting->names, &picture), &files);
    }
    if (files.is_decoded)
        image_decoded_done(&files.decoded);
    value_add(
        exporting->pictures,
        metadata_picture(run_id, is_gone ? NULL : &picture, files.made, files.failed));
    return err;
}

static MUST Err *metadata_pack(Exporting *exporting)
{
    AUTO(value_free) Value *whole = metadata_whole(
        &exporting->pack, exporting->studio->program, value_ref(exporting->pictures));
    AUTO(buf_done) Buf text = BUF(METADATA_BYTES_MAX);

    if (!exporting->wish.has_metadata)
        return NULL;
    TRY(value_write(whole, VALUE_PRETTY, &text));
    return zip_add(
        exporting->zip, &(ZipEntry){
                            .bytes = text.bytes,
                            .size = text.size,
                            .name = "metadata.json",
                            .changed_ms = clock_now_ms()});
}

static MUST Err *pictures_pack(Exporting *exporting)
{
    const Texts *runs = &exporting->wish.run_ids;

    TRY(zip_open(
        exporting->studio->shelf.blob,
        &(BlobPut){
            .key = exporting->pack.key,
            .type = "application/zip",
            .cancel = job_lease_cancel(exporting->lease)},
        &exporting->zip));
    for (size_t i = 0; i < runs->count; i++)
        TRY(picture_pack(exporting, runs->items[i]));
    if (exporting->pack.failed == exporting->pack.done)
        return err_public(
            err_new(ERR_CONFLICT, "no picture of pack '%s' could be made", exporting->pack.id),
            "None of the pictures could be put into the ZIP: %s",
            exporting->pack.done ? "they are no longer kept, or cannot be brought into this form. "
                                   "Nothing was charged."
                                 : "there are none.");
    TRY(metadata_pack(exporting));
    return zip_end(exporting->zip, &exporting->written);
}

/* ---- the end ---- */

static MUST Err *asset_keep(DbTx *tx, const Exporting *exporting)
{
    const Pack *pack = &exporting->pack;
    char sha256[HASH_TEXT_SIZE];

    hash_text(exporting->written.sha256, sha256);
    return asset_add(
        tx,
        &(Asset){
            .tenant_id = pack->tenant_id,
            .project_id = pack->project_id,
            .owner = pack->id,
            .key = pack->key,
            .sha256 = sha256,
            .format = "zip",
            .purpose = PURPOSE_EXPORT,
            .bytes = exporting->written.bytes,
            .expires_ms = pack->expires_ms,
        },
        exporting->mem, NULL);
}

/* The file, its money and the end of the work are one. */
static Err *keep_work(DbTx *tx, void *exporting_any)
{
    Exporting *exporting = exporting_any;
    Pack *pack = &exporting->pack;

    TRY(db_lock(tx, pack->project_id));
    pack->bytes = exporting->written.bytes;
    pack->ended_ms = clock_now_ms();
    pack->expires_ms = pack->ended_ms + (int64_t)PACK_DAYS * DAY_MS;
    TRY(asset_keep(tx, exporting));
    TRY(pack_row_completed(tx, pack));
    if (pack->hold_id)
        TRY(ledger_capture(tx, pack->tenant_id, pack->hold_id));
    TRY(pack_news(tx, pack, "export.completed", NULL, exporting->mem));
    if (exporting->studio->mailer && pack->email && pack->done >= PACK_MAIL_LEAST)
        TRY(pack_tell(tx, pack));
    return job_done(tx, exporting->lease);
}

static MUST Err *export_carry_out(Exporting *exporting)
{
    Db *db = exporting->studio->shelf.db;
    Err *err = db_write(db, begin_work, exporting);

    if (err && err_code(err) == ERR_NOT_FOUND) { /* it has ended */
        err_free(err);
        return NULL;
    }
    TRY(err);
    TRY(wish_read(exporting));
    TRY(pictures_pack(exporting));
    return db_write(db, keep_work, exporting);
}

static Err *export_make(void *studio, JobLease *lease, const Job *job)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Exporting exporting = {
        .studio = studio,
        .lease = lease,
        .job = job,
        .mem = mem,
        .pictures = value_list(),
        .file = BUF(FILE_BYTES_MAX),
    };
    Err *err = export_carry_out(&exporting);

    zip_free(exporting.zip);
    buf_done(&exporting.file);
    value_free(exporting.pictures);
    image_leave_thread();
    return err;
}

static Err *export_give_up(void *studio, DbTx *tx, const Job *job, const Err *why)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Pack pack;

    (void)studio;
    Err *err = pack_get(tx, job->tenant_id, job->subject, mem, &pack);
    if (err && err_code(err) == ERR_NOT_FOUND) { /* its project was deleted */
        err_free(err);
        return NULL;
    }
    TRY(err);
    if (pack.state != PACK_PENDING && pack.state != PACK_PROCESSING)
        return NULL;
    TRY(db_lock(tx, pack.project_id));
    pack.error = err_name(err_code(why));
    pack.error_text = err_retry(err_code(why)) || err_code(why) == ERR_BUG
                          ? "The ZIP could not be made because of a fault on our side. Nothing was "
                            "charged; please try again."
                          : arena_text(mem, err_said(why) ? err_said(why) : err_text(why));
    TRY(pack_row_failed(tx, &pack));
    if (pack.hold_id)
        TRY(ledger_release(tx, pack.tenant_id, pack.hold_id));
    return pack_news(tx, &pack, "export.failed", pack.error_text, mem);
}

/* Its price is set aside again. A moment stands in the key, as a pack may fail more than once. */
static MUST Err *price_hold(DbTx *tx, const Pack *pack, Arena *mem, const char **ret_hold_id)
{
    Id hold;

    *ret_hold_id = NULL;
    if (!pack->credits)
        return NULL;
    TRY(ledger_hold(
        tx,
        &(LedgerMove){
            .tenant_id = pack->tenant_id,
            .key = arena_print(mem, "pack:%s:%jd", pack->id, (intmax_t)pack->ended_ms),
            .reason = "ZIP export, tried again",
            .subject = pack->id,
            .credits = pack->credits},
        &hold));
    *ret_hold_id = arena_text(mem, hold.text);
    return NULL;
}

static Err *export_take_up(void *studio, DbTx *tx, const Job *job, JobAnew *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *hold_id;
    bool is_gone;
    Pack pack;

    (void)studio;
    *ret = JOB_ANEW_NEVER;
    TRY(err_expect(
        pack_get(tx, job->tenant_id, job->subject, mem, &pack), ERR_NOT_FOUND, &is_gone));
    if (is_gone)
        return NULL;
    TRY(db_lock(tx, pack.project_id));
    TRY(pack_get(tx, job->tenant_id, job->subject, mem, &pack));
    if (pack.state != PACK_FAILED)
        return NULL;
    TRY(price_hold(tx, &pack, mem, &hold_id));
    TRY(pack_row_again(tx, pack.id, hold_id));
    *ret = JOB_ANEW_HERE;
    return news_signal(tx, pack.project_id);
}

const JobKind pack_export_work = {
    .queue = "export_zip",
    .summary = "Pack pictures into a ZIP, in the forms that shops ask for",
    .attempts_most = ATTEMPTS_MOST,
    .tenant_running_most = 2,
    .is_heavy = true,
    .work = export_make,
    .give_up = export_give_up,
    .take_up = export_take_up,
};
