/* Looking after queues. */
#include "run/queues.h"

#include <string.h>

#include "run/batch_priv.h"

enum {
    DEAD_SHOWN = 100,
    RETRIES_MOST = 1000
};

typedef struct QueueWork {
    const Studio *studio;
    const Clerk *clerk;
    const char *queue, *reason, *job_id;
    bool is_paused;
    Arena *mem;
    List *ret_list;
    QueueView *ret_view;
    List dead;
    DeadJob job;
    RunPlace place;
    bool is_run, is_gone;
} QueueWork;

static MUST Err *note(DbTx *tx, const QueueWork *work, const char *action, const char *subject)
{
    const Caller *caller = work->clerk->caller;

    return audit_add(
        tx, &(Audit){
                .tenant_id = caller ? caller->tenant_id : NULL,
                .caller = caller,
                .action = action,
                .subject = subject,
                .address = work->clerk->address});
}

/* ---- looking ---- */

static Err *all_work(DbTx *tx, void *work_any)
{
    QueueWork *work = work_any;

    return queue_states(tx, work->mem, work->ret_list);
}

Err *queues_all(const Studio *studio, Arena *mem, List *ret)
{
    return db_read(studio->shelf.db, all_work, &(QueueWork){.mem = mem, .ret_list = ret});
}

/* Queues of this room are known before they were ever used. */
static MUST Err *state_find(DbTx *tx, const QueueWork *work, QueueState *ret)
{
    bool is_unused = false, is_known = false;

    for (size_t i = 0; run_kinds[i]; i++)
        is_known |= strcmp(run_kinds[i]->queue, work->queue) == 0;
    if (!is_known)
        return queue_state(tx, work->queue, work->mem, ret);
    TRY(err_expect(queue_state(tx, work->queue, work->mem, ret), ERR_NOT_FOUND, &is_unused));
    if (is_unused)
        *ret = (QueueState){.queue = work->queue};
    return NULL;
}

static Err *view_work(DbTx *tx, void *work_any)
{
    QueueWork *work = work_any;
    QueueView *view = work->ret_view;

    TRY(state_find(tx, work, &view->state));
    TRY(queue_reasons(tx, work->queue, work->mem, &view->reasons));
    return queue_dead(tx, work->queue, work->reason, DEAD_SHOWN, work->mem, &view->dead);
}

Err *queues_view(
    const Studio *studio, const char *queue, const char *reason, Arena *mem, QueueView *ret)
{
    return db_read(
        studio->shelf.db, view_work,
        &(QueueWork){.queue = queue, .reason = reason, .mem = mem, .ret_view = ret});
}

static Err *pause_work(DbTx *tx, void *work_any)
{
    QueueWork *work = work_any;
    QueueState state;

    TRY(state_find(tx, work, &state));
    TRY(job_queue_pause(tx, work->queue, work->is_paused));
    return note(tx, work, work->is_paused ? "queue.pause" : "queue.resume", work->queue);
}

Err *queues_pause(const Studio *studio, const Clerk *clerk, const char *queue, bool is_paused)
{
    AUTO(arena_free) Arena *mem = arena_new();
    QueueWork work = {.clerk = clerk, .queue = queue, .is_paused = is_paused, .mem = mem};

    return db_write(studio->shelf.db, pause_work, &work);
}

/* ---- the dead ---- */

static bool queue_makes_pictures(const char *queue)
{
    for (size_t i = 0; run_picture_kinds[i]; i++)
        if (strcmp(run_picture_kinds[i]->queue, queue) == 0)
            return true;
    return false;
}

/* A run that is gone or has been made since needs no job. */
static Err *look_work(DbTx *tx, void *work_any)
{
    QueueWork *work = work_any;

    TRY(job_dead_find(tx, work->job_id, work->mem, &work->job));
    work->is_run = work->job.subject && queue_makes_pictures(work->job.queue);
    work->is_gone = false;
    if (work->is_run)
        TRY(err_expect(
            run_place(tx, work->job.subject, work->mem, &work->place), ERR_NOT_FOUND,
            &work->is_gone));
    return NULL;
}

static Err *revive_work(DbTx *tx, void *work_any)
{
    QueueWork *work = work_any;

    TRY(job_revive(tx, work->job_id));
    return note(tx, work, "job.revive", work->job_id);
}

static Err *drop_work(DbTx *tx, void *work_any)
{
    QueueWork *work = work_any;

    TRY(job_drop(tx, work->job_id));
    return note(tx, work, "job.drop", work->job_id);
}

static Err *noted_work(DbTx *tx, void *work_any)
{
    QueueWork *work = work_any;

    return note(tx, work, "job.revive", work->job_id);
}

/* The batch forgets its dead jobs with it. */
static MUST Err *run_again(QueueWork *work)
{
    Db *db = work->studio->shelf.db;
    Batch batch;

    if (work->is_gone)
        return db_write(db, drop_work, work);
    if (!work->place.batch_id)
        return err_public(
            err_new(ERR_CONFLICT, "run '%s' is of no batch", work->place.run_id),
            "This picture was given up and its money given back. Its customer may begin it again.");
    TRY(batch_retry(
        work->studio,
        &(BatchRetry){
            .tenant_id = work->job.tenant_id,
            .id = work->place.batch_id,
            .run_ids = {&work->place.run_id, 1},
        },
        work->mem, &batch));
    return db_write(db, noted_work, work);
}

Err *queues_retry_one(const Studio *studio, const Clerk *clerk, const char *job_id)
{
    AUTO(arena_free) Arena *mem = arena_new();
    QueueWork work = {.studio = studio, .clerk = clerk, .job_id = job_id, .mem = mem};

    TRY(db_read(studio->shelf.db, look_work, &work));
    return work.is_run ? run_again(&work) : db_write(studio->shelf.db, revive_work, &work);
}

Err *queues_drop_one(const Studio *studio, const Clerk *clerk, const char *job_id)
{
    AUTO(arena_free) Arena *mem = arena_new();
    QueueWork work = {.studio = studio, .clerk = clerk, .job_id = job_id, .mem = mem};

    return db_write(studio->shelf.db, drop_work, &work);
}

static Err *dead_work(DbTx *tx, void *work_any)
{
    QueueWork *work = work_any;
    QueueState state;

    TRY(state_find(tx, work, &state));
    return queue_dead(tx, work->queue, work->reason, RETRIES_MOST, work->mem, &work->dead);
}

Err *queues_retry(
    const Studio *studio, const Clerk *clerk, const char *queue, const char *reason,
    int64_t *ret_retried, int64_t *ret_left)
{
    AUTO(arena_free) Arena *mem = arena_new();
    QueueWork work = {.queue = queue, .reason = reason, .mem = mem};
    int64_t retried = 0, left = 0;

    TRY(db_read(studio->shelf.db, dead_work, &work));
    for (size_t i = 0; i < work.dead.count; i++) {
        Err *err = queues_retry_one(studio, clerk, ((const DeadJob *)work.dead.items)[i].id);

        retried += !err;
        left += err != NULL;
        if (err && err_retry(err_code(err)))
            return err;
        err_free(err);
    }
    *ret_retried = retried;
    *ret_left = left;
    return NULL;
}
