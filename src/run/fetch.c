/* A worker fetches a photo from where the customer says it is. */
#include <string.h>

#include "run/run_priv.h"

enum {
    FETCH_MS = 60 * 1000,
    FETCH_REDIRECTS = 5,
    FETCH_RETRIES = 2
};

typedef struct Fetching {
    const Studio *studio;
    JobLease *lease;
    const Job *job;
    Arena *mem;
    Photo photo;
} Fetching;

static Err *photo_find(DbTx *tx, void *fetching_any)
{
    Fetching *fetching = fetching_any;

    return photo_get(
        tx, fetching->job->tenant_id, fetching->job->subject, fetching->mem, &fetching->photo);
}

/* What to do about it, in a sentence that a shopkeeper understands. */
static MUST Err *fetch_err(Err *err)
{
    switch (err_code(err)) {
    case ERR_FILE_TOO_LARGE:
        return err_public(
            err, "The photo at this address is larger than %d MB, the most that is accepted.",
            (int)(image_limits_default.bytes >> 20));
    case ERR_UPSTREAM_FAILED:
    case ERR_UPSTREAM_REFUSED:
    case ERR_UPSTREAM_TIMED_OUT:
        return err_public(
            err, "The photo could not be fetched from its address. Check that it opens in a "
                 "browser without signing in.");
    default:
        return err;
    }
}

static MUST Err *bytes_fetch(const Fetching *fetching, Buf *bytes)
{
    NetReply reply;
    NetRequest request = {
        .url = fetching->photo.source_url,
        .into = bytes,
        .most_bytes = image_limits_default.bytes,
        .total_ms = FETCH_MS,
        .redirects = FETCH_REDIRECTS,
        .retries = FETCH_RETRIES,
        .is_guarded = true,
        .cancel = job_lease_cancel(fetching->lease),
    };
    Err *err = net_send(fetching->studio->net, &request, fetching->mem, &reply);

    if (!err)
        err = net_reply_check(&reply, "photo's address");
    return err ? fetch_err(err) : NULL;
}

/* The photo is there, and the runs that wait for it are queued. */
static Err *arrive_work(DbTx *tx, void *fetching_any)
{
    Fetching *fetching = fetching_any;
    const Photo *photo = &fetching->photo;
    int64_t expires_ms;
    List ids = {0};

    TRY(db_lock(tx, photo->project_id));
    TRY(asset_expiry(tx, photo->tenant_id, &expires_ms));
    TRY(photo_arrived(tx, photo, expires_ms));
    TRY(run_ids_of_photo(tx, photo->id, RUN_QUEUED, fetching->mem, &ids));
    TRY(runs_enqueue(tx, photo->tenant_id, &ids));
    TRY(news_signal(tx, photo->project_id));
    return job_done(tx, fetching->lease);
}

static Err *fetch_do(void *studio, JobLease *lease, const Job *job)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf bytes = BUF((size_t)image_limits_default.bytes);
    Fetching fetching = {.studio = studio, .lease = lease, .job = job, .mem = mem};
    Db *db = fetching.studio->shelf.db;

    TRY(db_read(db, photo_find, &fetching));
    if (fetching.photo.state != PHOTO_FETCHING)
        return NULL;
    TRY(bytes_fetch(&fetching, &bytes));
    TRY(photo_keep(&fetching.studio->shelf, &fetching.photo, &bytes, job_lease_cancel(lease), mem));
    return db_write(db, arrive_work, &fetching);
}

static Err *fetch_give_up(void *studio, DbTx *tx, const Job *job, const Err *why)
{
    AUTO(arena_free) Arena *mem = arena_new();
    bool is_cancelled = err_code(why) == ERR_CANCELLED;
    List ids = {0};
    Project project;
    Photo photo;

    (void)studio;
    bool is_deleted;
    TRY(err_expect(
        photo_get(tx, job->tenant_id, job->subject, mem, &photo), ERR_NOT_FOUND, &is_deleted));
    if (is_deleted)
        return NULL;
    TRY(db_lock(tx, photo.project_id));
    TRY(photo_state_set(tx, photo.id, PHOTO_FAILED));
    TRY(run_ids_of_photo(tx, photo.id, RUN_QUEUED, mem, &ids));
    return runs_end(
        tx,
        &(RunsEnding){
            .project_id = photo.project_id,
            .ids = &ids,
            .end =
                {
                    .state = is_cancelled ? RUN_CANCELLED : RUN_FAILED,
                    .error = err_name(err_code(why)),
                    .text = run_failure_text(why),
                },
        },
        mem, &project);
}

/* The photo is fetched again, and its runs are paid for again. */
static Err *fetch_take_up(void *studio, DbTx *tx, const Job *job, JobAnew *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    int64_t count = 0;
    bool is_gone;
    Photo photo;

    (void)studio;
    *ret = JOB_ANEW_NEVER;
    TRY(err_expect(
        photo_get(tx, job->tenant_id, job->subject, mem, &photo), ERR_NOT_FOUND, &is_gone));
    if (is_gone)
        return NULL;
    TRY(db_lock(tx, photo.project_id));
    TRY(photo_get(tx, job->tenant_id, job->subject, mem, &photo));
    if (photo.state != PHOTO_FAILED)
        return NULL;
    TRY(runs_begin_anew(tx, &photo, NULL, mem, &count));
    *ret = count ? JOB_ANEW_OTHER : JOB_ANEW_NEVER;
    return NULL;
}

const JobKind fetch_work = {
    .queue = "batch-jobs",
    .summary = "Fetch a photo from its address",
    .attempts_most = 4,
    .retry_first_ms = 5000,
    .tenant_running_most = 4,
    .work = fetch_do,
    .give_up = fetch_give_up,
    .take_up = fetch_take_up,
};
