/* A photo arrives. */
#include "run/run_priv.h"
#include "watch/watch.h"

typedef struct UploadWork {
    const char *tenant_id, *run_id;
    Arena *mem;
    Run *run;
    Photo *photo;
} UploadWork;

static Err *upload_find(DbTx *tx, void *work_any)
{
    UploadWork *work = work_any;

    TRY(run_get(tx, work->tenant_id, work->run_id, work->mem, work->run));
    return photo_get(tx, work->tenant_id, work->run->photo_id, work->mem, work->photo);
}

/* Bytes may come, and come again, until work on them is paid for. */
static MUST Err *upload_check(const Run *run, const Photo *photo)
{
    if (photo->source_url)
        return err_public(
            err_new(ERR_CONFLICT, "photo '%s' is fetched by us", photo->id),
            "This photo is fetched from its address; it cannot be uploaded.");
    if ((run->state == RUN_CREATED || run->state == RUN_UPLOADED) &&
        (photo->state == PHOTO_CREATED || photo->state == PHOTO_UPLOADED))
        return NULL;
    return err_public(
        err_new(ERR_CONFLICT, "run '%s' is %s", run->id, run_state_names[run->state]),
        "This photo cannot be changed any more: it is %s. Begin a new one.",
        run_state_names[run->state]);
}

Err *run_upload_link(
    const Studio *studio, const char *tenant_id, const char *run_id, Arena *mem, Link *ret)
{
    Run run;
    Photo photo;
    UploadWork work = {
        .tenant_id = tenant_id, .run_id = run_id, .mem = mem, .run = &run, .photo = &photo};

    TRY(db_read(studio->shelf.db, upload_find, &work));
    TRY(upload_check(&run, &photo));
    return link_make(
        &studio->shelf,
        &(LinkWish){
            .key = photo_sent_key(&photo, mem),
            .is_put = true,
            .most_bytes = image_limits_default.bytes},
        mem, ret);
}

static Err *upload_write(DbTx *tx, void *work_any)
{
    UploadWork *work = work_any;
    Photo now;
    int64_t expires_ms;

    TRY(db_lock(tx, work->run->project_id));
    TRY(run_get(tx, work->tenant_id, work->run_id, work->mem, work->run));
    TRY(photo_get(tx, work->tenant_id, work->run->photo_id, work->mem, &now));
    TRY(upload_check(work->run, &now));
    TRY(asset_expiry(tx, work->tenant_id, &expires_ms));
    TRY(photo_arrived(tx, work->photo, expires_ms));
    TRY(run_rows_of_photo_move(tx, work->photo->id, RUN_CREATED, RUN_UPLOADED));
    TRY(news_signal(tx, work->run->project_id));
    return run_get(tx, work->tenant_id, work->run_id, work->mem, work->run);
}

/* Nothing new was sent: either that was counted in already and is said again, or nothing ever came. */
static MUST Err *nothing_came(const Photo *photo)
{
    if (photo->state == PHOTO_UPLOADED)
        return NULL;
    return err_public(
        err_new(ERR_CONFLICT, "photo '%s' has not arrived", photo->id),
        "The photo has not arrived. Upload it first.");
}

Err *run_upload_done(
    const Studio *studio, const char *tenant_id, const char *run_id, Cancel *cancel, Arena *mem,
    Run *ret)
{
    Run run;
    Photo photo;
    UploadWork work = {
        .tenant_id = tenant_id, .run_id = run_id, .mem = mem, .run = &run, .photo = &photo};

    TRY(db_read(studio->shelf.db, upload_find, &work));
    if (photo.state == PHOTO_UPLOADED && run.state != RUN_CREATED && run.state != RUN_UPLOADED) {
        *ret = run; /* said again, after its start */
        return NULL;
    }
    TRY(upload_check(&run, &photo));

    const char *sent_key = photo_sent_key(&photo, mem);
    Err *err = photo_receive(&studio->shelf, &photo, cancel, mem);
    bool is_nowhere;
    TRY(err_expect(err, ERR_NOT_FOUND, &is_nowhere));
    if (is_nowhere) {
        TRY(db_read(studio->shelf.db, upload_find, &work)); /* for another item, a moment ago */
        TRY(nothing_came(&photo));
        *ret = run;
        return NULL;
    }
    TRY(db_write(studio->shelf.db, upload_write, &work));
    *ret = run;

    /* It is kept elsewhere by now. What cannot be removed goes with whatever nobody names. */
    AUTO(err_free) Err *left = blob_delete(studio->shelf.blob, sent_key, cancel);
    if (left)
        watch_err("upload.left", left, photo.id);
    return NULL;
}
