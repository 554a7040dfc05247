/* What failed is begun anew: paid for, counted and queued as it was the first time, in one transaction, or not at all. */
#include "job/monitor.h"
#include "run/batch_priv.h"

/* ---- can it be? ---- */

static MUST Err *anew_check(const Project *project, const Photo *photo)
{
    if (project->state == PROJECT_CANCELLED)
        return err_public(
            err_new(ERR_CONFLICT, "project '%s' is cancelled", project->id),
            "Its customer has cancelled it since: nothing of it is made any more.");
    if (photo->state == PHOTO_GONE)
        return err_public(
            err_new(ERR_CONFLICT, "photo '%s' has gone", photo->id),
            "The photo %s is no longer kept, so this cannot be made any more.", photo->filename);
    return NULL;
}

/* ---- paid for, as often as it is tried ---- */

static MUST Err *anew_pay(DbTx *tx, const Photo *photo, const List *failed, Arena *mem)
{
    FailedRun *runs = failed->items;
    LedgerMove *moves = ARENA_ARRAY(mem, LedgerMove, failed->count);
    Id *holds = ARENA_ARRAY(mem, Id, failed->count);

    for (size_t i = 0; i < failed->count; i++)
        moves[i] = (LedgerMove){
            .tenant_id = photo->tenant_id,
            .key = arena_print(mem, "run:%s:%jd", runs[i].id, (intmax_t)runs[i].sends),
            .reason = "Picture, tried again",
            .subject = runs[i].id,
            .credits = runs[i].credits,
        };
    TRY(ledger_hold_all(tx, moves, failed->count, holds));
    for (size_t i = 0; i < failed->count; i++)
        runs[i].hold_id = holds[i].text;
    return NULL;
}

/* ---- and queued ---- */

/* What died of it before is forgotten: it has a job of its own again. */
static MUST Err *anew_send(DbTx *tx, const Photo *photo, const List *failed, Arena *mem)
{
    const FailedRun *runs = failed->items;
    RunId *ids = ARENA_ARRAY(mem, RunId, failed->count), source = {photo->id};

    for (size_t i = 0; i < failed->count; i++) {
        ids[i].id = runs[i].id;
        TRY(job_dead_forget(tx, runs[i].id));
    }
    TRY(run_rows_sent(tx, &(List){ids, failed->count}));
    if (photo->state == PHOTO_UPLOADED)
        return runs_enqueue(tx, photo->tenant_id, &(List){ids, failed->count});
    TRY(job_dead_forget(tx, photo->id));
    TRY(photo_state_set(tx, photo->id, PHOTO_FETCHING));
    return photos_enqueue(tx, photo->tenant_id, &(List){&source, 1});
}

static MUST Err *
anew_tell(DbTx *tx, const Photo *photo, const List *failed, Arena *mem, Project *project)
{
    int64_t count = (int64_t)failed->count;
    FailedRun *runs = failed->items;

    TRY(project_step(
        tx,
        &(ProjectStep){
            .project_id = photo->project_id, .underway = count, .failed = -count, .news = count},
        mem, project));
    for (size_t i = 0; i < failed->count; i++)
        runs[i].news = project->news - count + 1 + (int64_t)i;
    TRY(run_rows_again(tx, failed));
    return news_add_queued(tx, project->id, project->news - count);
}

Err *runs_begin_anew(DbTx *tx, const Photo *photo, const char *run_id, Arena *mem, int64_t *ret)
{
    List failed = {0};
    Project project;
    Quota quota;

    TRY(run_rows_failed(tx, photo->id, run_id, mem, &failed));
    *ret = (int64_t)failed.count;
    if (!failed.count)
        return NULL;
    TRY(project_get(tx, photo->tenant_id, photo->project_id, mem, &project));
    TRY(anew_check(&project, photo));
    TRY(quota_take(tx, photo->tenant_id, (int64_t)failed.count, &quota));
    TRY(anew_pay(tx, photo, &failed, mem));
    TRY(anew_tell(tx, photo, &failed, mem, &project));
    TRY(anew_send(tx, photo, &failed, mem));
    return news_signal(tx, photo->project_id);
}

/* ---- the dead job of a run ---- */

static MUST Err *batch_run_anew(DbTx *tx, const Run *run, Arena *mem)
{
    const char *id = run->id;
    Batch batch;

    return batch_retry_in(
        tx, &(BatchRetry){.tenant_id = run->tenant_id, .id = run->batch_id, .run_ids = {&id, 1}},
        mem, &batch);
}

Err *run_take_up(void *studio, DbTx *tx, const Job *job, JobAnew *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    bool is_gone;
    int64_t count;
    Photo photo;
    Run run;

    (void)studio;
    *ret = JOB_ANEW_NEVER;
    TRY(err_expect(run_get(tx, job->tenant_id, job->subject, mem, &run), ERR_NOT_FOUND, &is_gone));
    if (is_gone)
        return NULL;
    TRY(db_lock(tx, run.project_id));
    TRY(run_get(tx, job->tenant_id, job->subject, mem, &run));
    if (run.state != RUN_FAILED)
        return NULL;
    *ret = JOB_ANEW_OTHER;
    if (run.batch_id)
        return batch_run_anew(tx, &run, mem);
    TRY(photo_get(tx, run.tenant_id, run.photo_id, mem, &photo));
    return runs_begin_anew(tx, &photo, run.id, mem, &count);
}
