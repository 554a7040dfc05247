/* Starting what is ready: counted, paid for and queued in one transaction, or not at all. */
#include <string.h>

#include "base/clock.h"
#include "run/run_priv.h"

Err *run_ids_enqueue(DbTx *tx, const JobOrder *order, const List *ids)
{
    AUTO(arena_free) Arena *mem = arena_new();
    JobOrder *orders = ARENA_ARRAY(mem, JobOrder, ids->count + 1);

    for (size_t i = 0; i < ids->count; i++) {
        orders[i] = *order;
        orders[i].subject = orders[i].key = ((const RunId *)ids->items)[i].id;
    }
    return job_enqueue_all(tx, orders, ids->count);
}

Err *runs_enqueue(DbTx *tx, const char *tenant_id, const List *ids)
{
    return run_ids_enqueue(tx, &(JobOrder){.queue = run_work.queue, .tenant_id = tenant_id}, ids);
}

Err *photos_enqueue(DbTx *tx, const char *tenant_id, const List *ids)
{
    return run_ids_enqueue(tx, &(JobOrder){.queue = fetch_work.queue, .tenant_id = tenant_id}, ids);
}

/* The runs of a project that are queued together. */
typedef struct Queueing {
    const Starting *starting;
    const Brand *brand; /* NULL for none */
    const ReadyRun *runs;
    size_t count;
    const Id *holds; /* as many as runs */
    Arena *mem;
} Queueing;

static MUST Err *runs_pay(DbTx *tx, Queueing *queueing)
{
    Arena *mem = queueing->mem;
    LedgerMove *moves = ARENA_ARRAY(mem, LedgerMove, queueing->count);
    Id *holds = ARENA_ARRAY(mem, Id, queueing->count);

    for (size_t i = 0; i < queueing->count; i++) {
        const char *id = queueing->runs[i].id;

        moves[i] = (LedgerMove){
            .tenant_id = queueing->starting->tenant_id,
            .key = arena_print(mem, "run:%s", id),
            .reason = "Picture",
            .subject = id,
            .credits = RUN_CREDITS,
        };
    }
    TRY(ledger_hold_all(tx, moves, queueing->count, holds));
    queueing->holds = holds;
    return NULL;
}

/* Their looks are frozen, and each gets the number of its event. */
static MUST Err *runs_freeze(DbTx *tx, const Queueing *queueing)
{
    RunQueued *rows = ARENA_ARRAY(queueing->mem, RunQueued, queueing->count);

    for (size_t i = 0; i < queueing->count; i++) {
        const ReadyRun *run = &queueing->runs[i];

        rows[i] = (RunQueued){
            .id = run->id,
            .hold_id = queueing->holds[i].text,
            .news = queueing->starting->project.news + 1 + (int64_t)i,
        };
        TRY(look_write(
            &(LookWish){
                .recipe_name = run->recipe_name,
                .scene_type = run->scene_type,
                .scene_prompt = run->scene_prompt,
                .brand = queueing->brand,
                .seed = run->seed,
                .is_upscaled = queueing->starting->is_upscaled,
            },
            queueing->mem, &rows[i].look));
    }
    return run_rows_queued(tx, &(List){rows, queueing->count});
}

/* What is there is made, what is not is fetched first. Runs of one photo stand side by side. */
static MUST Err *runs_send(DbTx *tx, const Queueing *queueing)
{
    const Starting *starting = queueing->starting;
    const ReadyRun *runs = queueing->runs;
    RunId *made = ARENA_ARRAY(queueing->mem, RunId, queueing->count);
    RunId *fetched = ARENA_ARRAY(queueing->mem, RunId, queueing->count);
    size_t made_count = 0, fetched_count = 0;

    for (size_t i = 0; i < queueing->count; i++) {
        bool is_first = i == 0 || strcmp(runs[i].photo_id, runs[i - 1].photo_id) != 0;

        if (runs[i].photo_state == PHOTO_UPLOADED)
            made[made_count++].id = runs[i].id;
        else if (is_first)
            fetched[fetched_count++].id = runs[i].photo_id;
    }
    TRY(runs_enqueue(tx, starting->tenant_id, &(List){made, made_count}));
    TRY(photos_fetching_set(tx, starting->project.id));
    return photos_enqueue(tx, starting->tenant_id, &(List){fetched, fetched_count});
}

static MUST Err *nothing_ready(const Project *project)
{
    if (project->state == PROJECT_CANCELLED)
        return err_public(
            err_new(ERR_CONFLICT, "project '%s' is cancelled", project->id),
            "This was cancelled. Begin a new one.");
    if (project->started_ms)
        return NULL;
    return err_public(
        err_new(ERR_CONFLICT, "no run of project '%s' is ready", project->id),
        "No photo has been uploaded yet. Upload the photos and mark them complete first.");
}

/* The brand may have been deleted meanwhile: then the pictures are made without it. */
static MUST Err *brand_of(DbTx *tx, const Project *project, Arena *mem, Brand *ret, bool *ret_has)
{
    *ret_has = project->brand_id != NULL;
    if (!project->brand_id)
        return NULL;

    Err *err = brand_get(tx, project->tenant_id, project->brand_id, mem, ret);
    if (err && err_code(err) == ERR_NOT_FOUND) {
        err_free(err);
        *ret_has = false;
        return NULL;
    }
    return err;
}

Err *starting_carry_out(DbTx *tx, Starting *starting, Arena *mem)
{
    Project *project = &starting->project;
    List ready = {0};
    Quota quota = {0};
    bool has_brand;
    Brand brand;

    TRY(run_rows_ready(tx, project->id, mem, &ready));
    starting->started = (int64_t)ready.count;
    if (project->state == PROJECT_CANCELLED || !ready.count)
        return nothing_ready(project);

    TRY(brand_of(tx, project, mem, &brand, &has_brand));
    Err *err = quota_take(tx, starting->tenant_id, (int64_t)ready.count, &quota);
    if (starting->quota)
        *starting->quota = quota;
    TRY(err);

    Queueing queueing = {
        .starting = starting,
        .brand = has_brand ? &brand : NULL,
        .runs = ready.items,
        .count = ready.count,
        .mem = mem,
    };
    int64_t news = project->news;
    TRY(runs_pay(tx, &queueing));
    TRY(runs_freeze(tx, &queueing));
    TRY(runs_send(tx, &queueing));
    TRY(project_step(
        tx,
        &(ProjectStep){
            .project_id = project->id,
            .underway = (int64_t)ready.count,
            .news = (int64_t)ready.count,
        },
        mem, project));
    TRY(news_add_queued(tx, project->id, news));
    return news_signal(tx, project->id);
}

typedef struct StartWork {
    const char *project_id;
    Arena *mem;
    Starting starting;
} StartWork;

static Err *start_work(DbTx *tx, void *work_any)
{
    StartWork *work = work_any;
    Starting *starting = &work->starting;

    TRY(db_lock(tx, work->project_id));
    TRY(project_get(tx, starting->tenant_id, work->project_id, work->mem, &starting->project));
    return starting_carry_out(tx, starting, work->mem);
}

Err *run_start(
    const Studio *studio, const char *tenant_id, const char *project_id, Arena *mem, Project *ret,
    int64_t *ret_started, Quota *ret_quota)
{
    StartWork work = {
        .project_id = project_id,
        .mem = mem,
        .starting =
            {
                .tenant_id = tenant_id,
                .quota = ret_quota,
                .is_upscaled = studio->is_upscaled,
            },
    };

    TRY(db_write(studio->shelf.db, start_work, &work));
    *ret = work.starting.project;
    *ret_started = work.starting.started;
    return NULL;
}
