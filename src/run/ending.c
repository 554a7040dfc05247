/* How runs end without a picture: failed, or no longer wished. What was set aside for them is given back. */
#include <string.h>

#include "base/said.h"
#include "run/run_priv.h"

/* Failures of the studio, not of the photo or of its sender. */
static const ErrCode ours[] = {
    ERR_BUG,           ERR_FILE_UNREADABLE,    ERR_FILE_UNWRITABLE,
    ERR_DISK_FULL,     ERR_MODEL_MISSING,      ERR_MODEL_REFUSED,
    ERR_MODEL_BROKEN,  ERR_MODEL_FAILED,       ERR_RUNTIME_MISSING,
    ERR_MEMORY_SPENT,  ERR_DATABASE_BUSY,      ERR_DATABASE_FAILED,
    ERR_LEASE_LOST,    ERR_TIMED_OUT,          ERR_VENDOR_MISSING,
    ERR_VENDOR_UNPAID, ERR_VENDOR_KEY_REFUSED,
};

const char *run_failure_text(const Err *err)
{
    for (size_t i = 0; i < COUNT(ours); i++)
        if (ours[i] == err_code(err))
            return "The picture could not be made because of a fault on our side. Nothing was "
                   "charged; please try again.";
    return err_said(err) ? err_said(err) : err_text(err);
}

static Value *end_data(const RunLost *lost, const RunEnd *end)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Value *data = value_object();

    value_set(data, "run", value_of_text(lost->id));
    if (lost->batch_id)
        value_set(data, "batch", value_of_text(lost->batch_id));
    value_set(data, "state", value_of_text(run_state_names[end->state]));
    if (end->error)
        value_set(data, "error", value_of_text(end->error));
    if (end->text)
        value_set(data, "error_text", value_of_text(said_plain(end->text, mem)));
    return data;
}

/* Quotas before purses, as those who start take them: nobody then waits for each other. */
static MUST Err *lost_give_back(DbTx *tx, const RunLost *lost, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (lost[i].queued_ms && !lost[i].batch_id)
            TRY(quota_give_back(tx, lost[i].tenant_id, 1, lost[i].queued_ms));
    for (size_t i = 0; i < count; i++)
        if (lost[i].hold_id)
            TRY(ledger_release(tx, lost[i].tenant_id, lost[i].hold_id));
    return NULL;
}

static MUST Err *lost_tell(
    DbTx *tx, const RunsEnding *ending, const RunLost *lost, size_t count, const Project *project)
{
    const char *kind = ending->end.state == RUN_FAILED ? "run.failed" : "run.cancelled";

    for (size_t i = 0; i < count; i++)
        TRY(news_add(
            tx, &(News){
                    .project_id = project->id,
                    .run_id = lost[i].id,
                    .batch_id = lost[i].batch_id,
                    .kind = kind,
                    .number = project->news - (int64_t)(count - 1 - i),
                    .data = end_data(&lost[i], &ending->end)}));
    return NULL;
}

static bool is_of_batch(const RunLost *lost, const char *batch_id)
{
    return lost->batch_id && strcmp(lost->batch_id, batch_id) == 0;
}

/* Each batch once, however many of its runs are among them. */
static MUST Err *lost_batches_turn(
    DbTx *tx, const RunsEnding *ending, const RunLost *lost, size_t count, Arena *mem,
    Project *project)
{
    bool has_failed = ending->end.state == RUN_FAILED;

    for (size_t i = 0; i < count; i++) {
        const char *batch_id = lost[i].batch_id;
        bool is_first = batch_id != NULL;
        int64_t of_batch = 0;

        for (size_t j = 0; is_first && j < i; j++)
            is_first = !is_of_batch(&lost[j], batch_id);
        if (!is_first)
            continue;
        for (size_t j = i; j < count; j++)
            of_batch += is_of_batch(&lost[j], batch_id);
        TRY(batch_turn(
            tx,
            &(BatchTurn){
                .batch_id = batch_id,
                .is_cancelled = ending->is_project_cancelled || ending->is_batch_cancelled,
                .failed = has_failed ? of_batch : 0,
                .cancelled = has_failed ? 0 : of_batch,
            },
            mem, project));
    }
    return NULL;
}

/* *RET of them had not ended yet. */
static MUST Err *
rows_end(DbTx *tx, const RunsEnding *ending, Arena *mem, RunLost *lost, size_t *ret)
{
    const RunId *ids = ending->ids->items;

    *ret = 0;
    for (size_t i = 0; i < ending->ids->count; i++) {
        Err *err = run_row_ended(tx, ids[i].id, &ending->end, mem, &lost[*ret]);

        if (!err)
            (*ret)++;
        else if (err_code(err) != ERR_NOT_FOUND)
            return err;
        else
            err_free(err);
    }
    return NULL;
}

Err *runs_end(DbTx *tx, const RunsEnding *ending, Arena *mem, Project *ret)
{
    RunLost *lost = ARENA_ARRAY(mem, RunLost, ending->ids->count + 1);
    bool has_failed = ending->end.state == RUN_FAILED;
    int64_t started = 0;
    size_t count;

    TRY(rows_end(tx, ending, mem, lost, &count));
    for (size_t i = 0; i < count; i++)
        started += lost[i].queued_ms != 0;
    TRY(lost_give_back(tx, lost, count));
    TRY(project_step(
        tx,
        &(ProjectStep){
            .project_id = ending->project_id,
            .is_cancelled = ending->is_project_cancelled,
            .underway = -started,
            .failed = has_failed ? (int64_t)count : 0,
            .cancelled = has_failed ? 0 : (int64_t)count,
            .news = (int64_t)count,
        },
        mem, ret));
    if (!count)
        return NULL;
    TRY(lost_tell(tx, ending, lost, count, ret));
    TRY(lost_batches_turn(tx, ending, lost, count, mem, ret));
    if (ret->underway == 0 && ret->state != PROJECT_CREATED) {
        TRY(project_step(tx, &(ProjectStep){.project_id = ret->id, .news = 1}, mem, ret));
        TRY(news_add_project(tx, ret));
    }
    return news_signal(tx, ret->id);
}

/* ---- the customer stops it ---- */

typedef struct CancelWork {
    const char *tenant_id, *project_id, *run_id;
    Arena *mem;
    Project *ret;
    Run *ret_run;
} CancelWork;

const RunEnd run_cancelled = {
    .state = RUN_CANCELLED, .error = "cancelled", .text = "This was cancelled."};

Err *runs_jobs_cancel(DbTx *tx, const List *ids)
{
    const RunId *runs = ids->items;
    int64_t waiting;

    for (size_t i = 0; i < ids->count; i++)
        TRY(job_cancel(tx, runs[i].id, &waiting));
    return NULL;
}

static Err *project_cancel_work(DbTx *tx, void *work_any)
{
    CancelWork *work = work_any;
    List open = {0}, photos = {0};
    int64_t waiting;

    TRY(db_lock(tx, work->project_id));
    TRY(project_get(tx, work->tenant_id, work->project_id, work->mem, work->ret));
    TRY(run_ids_open(tx, work->project_id, work->mem, &open));
    if (work->ret->ended_ms && !open.count)
        return NULL;
    TRY(run_photo_ids_fetching(tx, work->project_id, work->mem, &photos));
    TRY(runs_end(
        tx,
        &(RunsEnding){
            .project_id = work->project_id,
            .ids = &open,
            .end = run_cancelled,
            .is_project_cancelled = true,
        },
        work->mem, work->ret));
    for (size_t i = 0; i < photos.count; i++)
        TRY(job_cancel(tx, ((const RunId *)photos.items)[i].id, &waiting));
    return runs_jobs_cancel(tx, &open);
}

Err *project_cancel(
    const Studio *studio, const char *tenant_id, const char *project_id, Arena *mem, Project *ret)
{
    CancelWork work = {.tenant_id = tenant_id, .project_id = project_id, .mem = mem, .ret = ret};

    return db_write(studio->shelf.db, project_cancel_work, &work);
}

static Err *run_cancel_work(DbTx *tx, void *work_any)
{
    CancelWork *work = work_any;
    RunId id = {work->run_id};
    List ids = {&id, 1};
    Project project;

    TRY(run_get(tx, work->tenant_id, work->run_id, work->mem, work->ret_run));
    TRY(db_lock(tx, work->ret_run->project_id));
    TRY(runs_end(
        tx,
        &(RunsEnding){.project_id = work->ret_run->project_id, .ids = &ids, .end = run_cancelled},
        work->mem, &project));
    TRY(runs_jobs_cancel(tx, &ids));
    return run_get(tx, work->tenant_id, work->run_id, work->mem, work->ret_run);
}

Err *run_cancel(
    const Studio *studio, const char *tenant_id, const char *run_id, Arena *mem, Run *ret)
{
    CancelWork work = {.tenant_id = tenant_id, .run_id = run_id, .mem = mem, .ret_run = ret};

    return db_write(studio->shelf.db, run_cancel_work, &work);
}
