/* Starting what is ready: counted, paid for and queued in one transaction, or not at all. */
#include <string.h>

#include "base/clock.h"
#include "run/run_priv.h"

Err *run_enqueue(DbTx *tx, const char *tenant_id, const char *run_id)
{
    Id job;

    return job_enqueue(
        tx,
        &(JobOrder){
            .queue = run_work.queue, .tenant_id = tenant_id, .subject = run_id, .key = run_id},
        &job);
}

static MUST Err *photo_enqueue(DbTx *tx, const char *tenant_id, const char *photo_id)
{
    Id job;

    return job_enqueue(
        tx,
        &(JobOrder){
            .queue = fetch_work.queue,
            .tenant_id = tenant_id,
            .subject = photo_id,
            .key = photo_id},
        &job);
}

typedef struct Queueing {
    const Starting *starting;
    const Brand *brand; /* NULL for none */
    int64_t news;       /* number of this run's event */
} Queueing;

static MUST Err *run_queue(DbTx *tx, const Queueing *queueing, const ReadyRun *run, Arena *mem)
{
    const Starting *starting = queueing->starting;
    LookWish wish = {
        .recipe_name = run->recipe_name,
        .scene_type = run->scene_type,
        .scene_prompt = run->scene_prompt,
        .brand = queueing->brand,
        .seed = run->seed,
        .is_upscaled = starting->is_upscaled,
    };
    const char *look;
    Id hold;

    TRY(look_write(&wish, mem, &look));
    TRY(ledger_hold(
        tx,
        &(LedgerMove){
            .tenant_id = starting->tenant_id,
            .key = arena_print(mem, "run:%s", run->id),
            .reason = "Picture",
            .subject = run->id,
            .credits = RUN_CREDITS,
        },
        &hold));
    TRY(run_row_queued(
        tx, &(RunQueued){
                .id = run->id,
                .look = look,
                .hold_id = hold.text,
                .credits = RUN_CREDITS,
                .news = queueing->news,
                .now_ms = clock_now_ms()}));
    return run->photo_state == PHOTO_UPLOADED ? run_enqueue(tx, starting->tenant_id, run->id)
                                              : NULL;
}

/* Runs of one photo stand side by side. */
static MUST Err *photos_fetch(DbTx *tx, const Starting *starting, const List *ready)
{
    const ReadyRun *runs = ready->items;

    TRY(photos_fetching_set(tx, starting->project.id));
    for (size_t i = 0; i < ready->count; i++) {
        bool is_first = i == 0 || strcmp(runs[i].photo_id, runs[i - 1].photo_id) != 0;

        if (is_first && runs[i].photo_state != PHOTO_UPLOADED)
            TRY(photo_enqueue(tx, starting->tenant_id, runs[i].photo_id));
    }
    return NULL;
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
    int64_t news = project->news;
    for (size_t i = 0; i < ready.count; i++)
        TRY(run_queue(
            tx, &(Queueing){starting, has_brand ? &brand : NULL, news + 1 + (int64_t)i},
            (const ReadyRun *)ready.items + i, mem));
    TRY(photos_fetch(tx, starting, &ready));
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
