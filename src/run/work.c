/* A worker makes a run's picture. */
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/crew.h"
#include "run/run_priv.h"
#include "watch/metric.h"
#include "watch/watch.h"

enum {
    JSON_BYTES_MAX = 1 << 20,
    CREDIT_MICRO_USD = 10000, /* a cent */
    PREVIEW_MS = 24 * 60 * 60 * 1000,
    TELL_STEP_MS = 250, /* progress is told at most so often when the step is another one, ... */
    TELL_MS = 1000      /* ... and when it is the same */
};

typedef struct Working {
    const Studio *studio;
    JobLease *lease;
    const Job *job;
    Arena *mem;
    RunTask task;
    Project project;

    pthread_mutex_t mutex; /* of what is told of progress */
    int64_t told_ms;
    const Step *told_step;
    RunStep step;
    bool is_held_back; /* its batch is paused */

    RunResult result;
    Value *bills; /* of vendors; NULL for none */
    Asset thumb;  /* its key is NULL for none */
    char sha256[HASH_TEXT_SIZE];
    const char *asset_id;
    int64_t took_ms;
} Working;

/* ---- begin ---- */

static Err *begin_work(DbTx *tx, void *working_any)
{
    Working *working = working_any;
    Arena *mem = working->mem;
    RunPlace place;

    TRY(run_place(tx, working->job->subject, mem, &place));
    TRY(db_lock(tx, place.project_id));
    working->is_held_back = false;
    if (place.batch_id)
        TRY(batch_run_hold_back(tx, &place, mem, &working->is_held_back));
    if (working->is_held_back)
        return job_done(tx, working->lease);

    TRY(run_row_begun(tx, place.run_id, mem, &working->task));
    if (place.batch_id)
        TRY(batch_run_begun(tx, place.batch_id, mem, &working->project));
    TRY(project_step(
        tx, &(ProjectStep){.project_id = place.project_id, .news = 1}, mem, &working->project));
    TRY(run_row_step(
        tx, &(RunStep){.id = working->task.id, .step = "open", .news = working->project.news}));
    return news_signal(tx, working->task.project_id);
}

/* Another worker is to make it. */
static Err *wait_work(DbTx *tx, void *working_any)
{
    Working *working = working_any;

    TRY(db_lock(tx, working->task.project_id));
    TRY(run_row_waits(tx, working->task.id));
    return news_signal(tx, working->task.project_id);
}

/* ---- on its way ---- */

static Err *step_work(DbTx *tx, void *working_any)
{
    Working *working = working_any;
    AUTO(arena_free) Arena *mem = arena_new();
    Project project;

    TRY(db_lock(tx, working->task.project_id));
    TRY(project_step(
        tx, &(ProjectStep){.project_id = working->task.project_id, .news = 1}, mem, &project));
    working->step.news = project.news;
    TRY(run_row_step(tx, &working->step));
    return news_signal(tx, working->task.project_id);
}

/* Steps may tell of themselves from several threads and very often; who comes while another is telling, or too soon, is not waited for. What is
 * told is worth no failure. */
static void progress_tell(void *working_any, const Step *step, double done)
{
    Working *working = working_any;
    int64_t now_ms = clock_ticks_ms();

    if (pthread_mutex_trylock(&working->mutex) != 0)
        return;
    if (now_ms - working->told_ms >= (step == working->told_step ? TELL_MS : TELL_STEP_MS)) {
        working->step = (RunStep){.id = working->task.id, .step = step->name, .progress = done};
        err_free(db_write(working->studio->shelf.db, step_work, working));
        job_lease_progress(working->lease);
        working->told_step = step;
        working->told_ms = clock_ticks_ms();
    }
    pthread_mutex_unlock(&working->mutex);
}

/* ---- the picture ---- */

/* Bytes that were changed after they were counted in are not worked on: what was checked is what is used. */
static MUST Err *photo_open(const Working *working, Shot *shot)
{
    AUTO(buf_done) Buf bytes = BUF((size_t)image_limits_default.bytes);
    Cancel *cancel = job_lease_cancel(working->lease);
    char sha256[HASH_TEXT_SIZE];

    if (!working->task.photo_key)
        return err_public(
            err_new(ERR_NOT_FOUND, "what run '%s' is made of has gone", working->task.id),
            "The picture this was to be made of is no longer kept.");
    TRY(blob_get(
        working->studio->shelf.blob, &(BlobGet){.key = working->task.photo_key, .cancel = cancel},
        &bytes));
    hash_text(hash_bytes(bytes.bytes, bytes.size), sha256);
    if (!working->task.photo_sha256 || strcmp(sha256, working->task.photo_sha256) != 0)
        return err_public(
            err_new(ERR_CONFLICT, "the photo of run '%s' is not what it was", working->task.id),
            "The photo was changed after it was uploaded. Upload it again in a new job.");
    return shot_open(shot, bytes.bytes, bytes.size, &image_limits_default, cancel);
}

static MUST Err *json_write(const Value *value, Arena *mem, const char **ret)
{
    AUTO(buf_done) Buf text = BUF(JSON_BYTES_MAX);

    TRY(value_write(value, VALUE_COMPACT, &text));
    *ret = arena_text(mem, buf_text(&text));
    return NULL;
}

/* Nobody who is late writes over the bytes of another try. */
static const char *try_name(const Working *working)
{
    intmax_t attempt = working->job->attempt, sends = working->task.sends;

    return sends ? arena_print(working->mem, "%jd-%jd", sends, attempt)
                 : arena_print(working->mem, "%jd", attempt);
}

static MUST Err *picture_keep(Working *working, const Recipe *recipe, const Shot *shot)
{
    const RunTask *task = &working->task;
    AUTO(value_free) Value *json = recipe_write(recipe);
    BlobWritten written;

    working->result = (RunResult){
        .id = task->id,
        .key = arena_print(
            working->mem, "outputs/%s/%s/%s/%s.%s", task->tenant_id, task->project_id, task->id,
            try_name(working), image_format_ending(shot->format)),
        .format = image_format_name(shot->format),
        .bytes = (int64_t)shot->encoded.size,
        .width_px = shot->width_px,
        .height_px = shot->height_px,
    };
    TRY(json_write(json, working->mem, &working->result.recipe));
    if (shot->notes)
        TRY(json_write(shot->notes, working->mem, &working->result.notes));
    TRY(blob_put(
        working->studio->shelf.blob,
        &(BlobPut){
            .key = working->result.key,
            .type = image_format_mime(shot->format),
            .cancel = job_lease_cancel(working->lease),
        },
        shot->encoded.bytes, shot->encoded.size, &written));
    hash_text(written.sha256, working->sha256);
    TRY(thumb_keep(
        &working->studio->shelf,
        &(ThumbWish){
            .key = working->result.key,
            .bytes = shot->encoded.bytes,
            .size = shot->encoded.size,
            .cancel = job_lease_cancel(working->lease),
        },
        working->mem, &working->thumb));
    working->result.thumb_key = working->thumb.key;
    return NULL;
}

static MUST Err *picture_make(Working *working)
{
    const Studio *studio = working->studio;
    AUTO(recipe_free) Recipe *recipe = NULL;
    AUTO(shot_done) Shot shot = {0};

    TRY(look_compose(working->task.look, &recipe));
    TRY(photo_open(working, &shot));
    Err *err = recipe_perform(
        recipe,
        &(RecipeContext){
            .models = studio->models,
            .vendors = studio->vendors,
            .is_vendor_only = studio->is_vendor_only,
            .tenant_id = working->task.tenant_id,
            .key = working->task.id,
            .cache = studio->cache,
            .threads = studio->threads,
            .seed = (uint64_t)value_int(value_get(working->task.look, "seed")),
            .cancel = job_lease_cancel(working->lease),
            .program = studio->program,
            .progress = progress_tell,
            .watcher = working,
        },
        &shot);
    working->bills = TAKE(shot.bills);
    TRY(err);
    return picture_keep(working, recipe, &shot);
}

/* ---- the end ---- */

/* What the tenant pays with this picture; a preview is no picture of its days. */
static MUST Err *price_note(DbTx *tx, const Working *working, UsageEvent event)
{
    const RunTask *task = &working->task;
    int64_t base_credits = 0;

    if (task->is_preview)
        return NULL;
    event.kind = "job_completed";
    event.cost_micro_usd = RUN_MICRO_USD;
    if (task->batch_id) {
        TRY(batch_base_due(tx, task->batch_id, working->mem, &base_credits));
        event.cost_micro_usd = (task->credits + base_credits) * CREDIT_MICRO_USD;
    }
    return usage_add(tx, &event);
}

static MUST Err *usage_note(DbTx *tx, const Working *working, int64_t compute_micro_usd)
{
    const RunTask *task = &working->task;
    AUTO(value_free) Value *detail = value_object();
    UsageEvent event = {
        .tenant_id = task->tenant_id, .project_id = task->project_id, .run_id = task->id};

    TRY(price_note(tx, working, event));
    value_set(detail, "seconds", value_of_number((double)working->took_ms / 1000));
    value_set(detail, "cpu_cores", value_of_int(working->studio->threads));
    event.kind = "compute_seconds";
    event.cost_micro_usd = compute_micro_usd;
    event.detail = detail;
    return usage_add(tx, &event);
}

static Value *completed_data(const Working *working)
{
    const RunResult *result = &working->result;
    Value *data = value_object();

    value_set(data, "run", value_of_text(result->id));
    if (working->task.batch_id)
        value_set(data, "batch", value_of_text(working->task.batch_id));
    value_set(data, "state", value_of_text(run_state_names[RUN_COMPLETED]));
    value_set(data, "progress", value_of_number(1));
    value_set(data, "format", value_of_text(result->format));
    value_set(data, "bytes", value_of_int(result->bytes));
    value_set(data, "width_px", value_of_int(result->width_px));
    value_set(data, "height_px", value_of_int(result->height_px));
    return data;
}

static MUST Err *completed_tell(DbTx *tx, Working *working)
{
    Project *project = &working->project;

    TRY(project_step(
        tx,
        &(ProjectStep){
            .project_id = working->task.project_id, .underway = -1, .completed = 1, .news = 1},
        working->mem, project));
    TRY(news_add(
        tx, &(News){
                .project_id = project->id,
                .run_id = working->task.id,
                .batch_id = working->task.batch_id,
                .kind = "run.completed",
                .number = project->news,
                .data = completed_data(working)}));
    if (working->task.batch_id)
        TRY(batch_turn(
            tx,
            &(BatchTurn){
                .batch_id = working->task.batch_id,
                .completed = 1,
                .charged = working->task.credits,
            },
            working->mem, project));
    if (project->underway == 0) {
        TRY(project_step(
            tx, &(ProjectStep){.project_id = project->id, .news = 1}, working->mem, project));
        TRY(news_add_project(tx, project));
    }
    return news_signal(tx, project->id);
}

static MUST Err *asset_keep(DbTx *tx, Working *working)
{
    const RunTask *task = &working->task;
    const RunResult *result = &working->result;
    int64_t expires_ms;

    TRY(asset_expiry(tx, task->tenant_id, &expires_ms));
    if (task->is_preview)
        expires_ms = MIN(expires_ms, clock_now_ms() + PREVIEW_MS);
    if (working->thumb.key) {
        Asset thumb = working->thumb;

        thumb.tenant_id = task->tenant_id;
        thumb.project_id = task->project_id;
        thumb.owner = task->id;
        thumb.expires_ms = expires_ms;
        TRY(asset_add(tx, &thumb, working->mem, NULL));
    }
    return asset_add(
        tx,
        &(Asset){
            .tenant_id = task->tenant_id,
            .project_id = task->project_id,
            .owner = task->id,
            .key = result->key,
            .sha256 = working->sha256,
            .format = result->format,
            .purpose = PURPOSE_OUTPUT,
            .bytes = result->bytes,
            .width_px = result->width_px,
            .height_px = result->height_px,
            .expires_ms = expires_ms,
        },
        working->mem, &working->result.asset_id);
}

/* The picture, its money and the end of the work are one. */
static Err *end_work(DbTx *tx, void *working_any)
{
    Working *working = working_any;
    const RunTask *task = &working->task;
    int64_t compute_micro_usd = working->took_ms * working->studio->compute_micro_usd *
                                MAX(working->studio->threads, 1) / 1000;
    bool was_at_work;

    TRY(db_lock(tx, task->project_id));
    TRY(asset_keep(tx, working));
    working->result.now_ms = clock_now_ms();
    working->result.cost_micro_usd =
        (task->batch_id ? task->credits * CREDIT_MICRO_USD : RUN_MICRO_USD) + compute_micro_usd;
    TRY(run_row_completed(tx, &working->result, &was_at_work));
    if (!was_at_work)
        return err_new(ERR_CANCELLED, "run '%s' has ended meanwhile", task->id);
    if (task->hold_id)
        TRY(ledger_capture(tx, task->tenant_id, task->hold_id));
    TRY(usage_note(tx, working, compute_micro_usd));
    TRY(bills_note(tx, task, working->bills));
    TRY(completed_tell(tx, working));
    return job_done(tx, working->lease);
}

static Err *bills_work(DbTx *tx, void *working_any)
{
    const Working *working = working_any;

    return bills_note(tx, &working->task, working->bills);
}

/* Vendors are paid for what fails, too; the tenant is not asked for it. */
static void bills_keep(Working *working)
{
    AUTO(err_free) Err *err = NULL;

    if (!working->bills)
        return;
    err = db_write(working->studio->shelf.db, bills_work, working);
    if (err)
        watch_err("run.bills", err, working->task.id);
}

static MUST Err *work_end(Working *working, Err *err)
{
    if (!err)
        err = db_write(working->studio->shelf.db, end_work, working);
    if (err)
        bills_keep(working);
    value_free(working->bills);
    return err;
}

Err *run_make(void *studio, JobLease *lease, const Job *job)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Working working = {
        .studio = studio,
        .lease = lease,
        .job = job,
        .mem = mem,
        .mutex = PTHREAD_MUTEX_INITIALIZER,
    };
    Db *db = working.studio->shelf.db;
    int64_t began_ms = clock_ticks_ms();
    Err *err = db_write(db, begin_work, &working);

    if (err && err_code(err) == ERR_NOT_FOUND) { /* it was cancelled, or done by another */
        err_free(err);
        return NULL;
    }
    if (!err && working.is_held_back)
        return NULL;
    if (!err)
        err = picture_make(&working);
    if (err && run_is_lacking(studio, err_code(err)))
        err_free(db_write(db, wait_work, &working));
    image_leave_thread();
    pthread_mutex_destroy(&working.mutex);
    working.took_ms = clock_ticks_ms() - began_ms;
    TRY(work_end(&working, err));
    metric_add(METRIC_PICTURES_TOTAL, 1, working.project.door, "completed");
    return NULL;
}

Err *run_give_up(void *studio, DbTx *tx, const Job *job, const Err *why)
{
    AUTO(arena_free) Arena *mem = arena_new();
    bool is_cancelled = err_code(why) == ERR_CANCELLED;
    RunId id = {job->subject};
    List ids = {&id, 1};
    RunPlace place;
    Project project;

    (void)studio;
    bool is_deleted;
    TRY(err_expect(run_place(tx, job->subject, mem, &place), ERR_NOT_FOUND, &is_deleted));
    if (is_deleted)
        return NULL;
    TRY(db_lock(tx, place.project_id));
    TRY(runs_end(
        tx,
        &(RunsEnding){
            .project_id = place.project_id,
            .ids = &ids,
            .end =
                {
                    .state = is_cancelled ? RUN_CANCELLED : RUN_FAILED,
                    .error = err_name(err_code(why)),
                    .text = run_failure_text(why),
                },
        },
        mem, &project));
    metric_add(METRIC_PICTURES_TOTAL, 1, project.door, is_cancelled ? "cancelled" : "failed");
    return NULL;
}
