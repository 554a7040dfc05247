/* Looking after queues. */
#include "run/queues.h"

#include <string.h>

#include "run/run_priv.h"

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
    JobAnew anew;
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

static const JobKind *kind_of(const Studio *studio, const char *queue)
{
    const JobKind *const *kinds = studio->kinds ? studio->kinds : run_kinds;

    for (size_t i = 0; kinds[i]; i++)
        if (strcmp(kinds[i]->queue, queue) == 0)
            return kinds[i];
    return NULL;
}

/* Runs and photos that are begun anew have forgotten it already. */
static MUST Err *dead_forget(DbTx *tx, const char *job_id)
{
    bool is_gone;

    return err_expect(job_drop(tx, job_id), ERR_NOT_FOUND, &is_gone);
}

/* Work that is begun anew holds credits and counts against the quota: a suspended tenant may ask for neither. */
static MUST Err *tenant_check(DbTx *tx, const char *tenant_id, Arena *mem)
{
    Tenant tenant;
    bool is_gone;

    if (!tenant_id)
        return NULL;
    TRY(err_expect(tenant_find(tx, tenant_id, mem, &tenant), ERR_NOT_FOUND, &is_gone));
    if (is_gone || !tenant.is_suspended)
        return NULL;
    return err_public(
        err_new(ERR_CONFLICT, "tenant '%s' is suspended", tenant_id),
        "The account %s is suspended, so nothing of it is begun anew. Take the account up again "
        "first.",
        tenant.name);
}

static Err *retry_one_work(DbTx *tx, void *work_any)
{
    QueueWork *work = work_any;

    TRY(job_dead_find(tx, work->job_id, work->mem, &work->job));
    const DeadJob *dead = &work->job;
    const JobKind *kind = kind_of(work->studio, dead->queue);
    const Job job = {
        .id = dead->id,
        .queue = dead->queue,
        .tenant_id = dead->tenant_id,
        .subject = dead->subject,
        .attempt = dead->attempts,
    };

    TRY(tenant_check(tx, dead->tenant_id, work->mem));
    work->anew = JOB_ANEW_HERE;
    if (kind && kind->take_up)
        TRY(kind->take_up((void *)work->studio, tx, &job, &work->anew));
    TRY(work->anew == JOB_ANEW_HERE ? job_revive(tx, dead->id) : dead_forget(tx, dead->id));
    return note(tx, work, work->anew == JOB_ANEW_NEVER ? "job.drop" : "job.revive", dead->id);
}

static Err *drop_work(DbTx *tx, void *work_any)
{
    QueueWork *work = work_any;

    TRY(job_drop(tx, work->job_id));
    return note(tx, work, "job.drop", work->job_id);
}

Err *queues_retry_one(
    const Studio *studio, const Clerk *clerk, const char *job_id, bool *ret_is_begun)
{
    AUTO(arena_free) Arena *mem = arena_new();
    QueueWork work = {.studio = studio, .clerk = clerk, .job_id = job_id, .mem = mem};
    bool is_double;

    TRY(err_expect(db_write(studio->shelf.db, retry_one_work, &work), ERR_ROW_TAKEN, &is_double));
    *ret_is_begun = !is_double && work.anew != JOB_ANEW_NEVER;
    return is_double ? db_write(studio->shelf.db, drop_work, &work) : NULL;
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

/* One that was forgotten with another (a second picture of a photo that is fetched again) is begun with it. */
static MUST Err *retry_next(
    const Studio *studio, const Clerk *clerk, const char *job_id, Arena *mem, QueueRetry *sum)
{
    bool is_begun = false, is_gone;
    Err *err =
        err_expect(queues_retry_one(studio, clerk, job_id, &is_begun), ERR_NOT_FOUND, &is_gone);

    if (err && err_retry(err_code(err)) && err_code(err) != ERR_QUOTA_EXCEEDED)
        return err;
    sum->retried += !err && (is_begun || is_gone);
    sum->forgotten += !err && !is_begun && !is_gone;
    sum->left += err != NULL;
    if (err && !sum->why)
        sum->why = arena_text(mem, err_text(err));
    err_free(err);
    return NULL;
}

Err *queues_retry(
    const Studio *studio, const Clerk *clerk, const QueueRetryWish *wish, Arena *mem,
    QueueRetry *ret)
{
    QueueWork work = {.queue = wish->queue, .reason = wish->reason, .mem = mem};
    QueueRetry sum = {0};

    TRY(db_read(studio->shelf.db, dead_work, &work));
    for (size_t i = 0; i < work.dead.count; i++)
        TRY(retry_next(studio, clerk, ((const DeadJob *)work.dead.items)[i].id, mem, &sum));
    *ret = sum;
    return NULL;
}
