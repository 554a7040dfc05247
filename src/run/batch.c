/* How runs of a batch follow one another, and how it is stopped and let go on. */
#include "run/batch.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "run/batch_priv.h"

bool batch_has_ended(int state)
{
    return state == BATCH_COMPLETED || state == BATCH_FAILED || state == BATCH_CANCELLED;
}

/* ---- what it says ---- */

Value *batch_say(const Batch *batch)
{
    Value *data = value_object();

    value_set(data, "batch", value_of_text(batch->id));
    value_set(data, "state", value_of_text(batch_state_names[batch->state]));
    value_set(data, "progress", value_of_number(floor(batch->progress * 1000) / 1000));
    value_set(data, "total", value_of_int(batch->total));
    value_set(data, "completed", value_of_int(batch->completed));
    value_set(data, "failed", value_of_int(batch->failed));
    value_set(data, "cancelled", value_of_int(batch->cancelled));
    return data;
}

Err *batch_tell(DbTx *tx, const BatchRow *row, const char *word, Arena *mem, Project *project)
{
    Batch batch;

    TRY(batch_get(tx, row->tenant_id, row->id, mem, &batch));
    TRY(project_step(tx, &(ProjectStep){.project_id = row->project_id, .news = 1}, mem, project));
    return news_add(
        tx, &(News){
                .project_id = row->project_id,
                .batch_id = row->id,
                .kind = arena_print(mem, "batch.%s", word),
                .number = project->news,
                .data = batch_say(&batch)});
}

/* ---- one run after another ---- */

/* MOST runs that have no job yet. */
static MUST Err *runs_send(DbTx *tx, const BatchRow *row, int64_t most, Arena *mem)
{
    List ids = {0};

    if (most <= 0)
        return NULL;
    TRY(batch_ids_unsent(tx, row->id, most, mem, &ids));
    if (!ids.count)
        return NULL;
    TRY(run_rows_sent(tx, &ids));
    return run_ids_enqueue(
        tx,
        &(JobOrder){.queue = row->queue, .tenant_id = row->tenant_id, .priority = row->priority},
        &ids);
}

static int64_t open_of(const BatchRow *row)
{
    return row->total - row->completed - row->failed - row->cancelled;
}

/* What is set aside for the batch itself is taken with the first picture, and given back when none came. */
static MUST Err *base_move(DbTx *tx, BatchRow *row)
{
    const char *hold_id = row->base_hold_id;

    if (!hold_id || (!row->completed && open_of(row)))
        return NULL;
    row->base_hold_id = NULL;
    if (!row->completed)
        return ledger_release(tx, row->tenant_id, hold_id);
    row->charged += row->base_credits;
    return ledger_capture(tx, row->tenant_id, hold_id);
}

static BatchState end_state(const BatchRow *row)
{
    if (row->state == BATCH_CANCELLED)
        return BATCH_CANCELLED;
    if (row->completed)
        return BATCH_COMPLETED;
    return row->failed ? BATCH_FAILED : BATCH_CANCELLED;
}

Err *batch_turn(DbTx *tx, const BatchTurn *turn, Arena *mem, Project *project)
{
    BatchRow row;
    int64_t sent;

    TRY(batch_row(tx, turn->batch_id, mem, &row));
    bool had_ended = batch_has_ended(row.state);
    row.completed += turn->completed;
    row.failed += turn->failed;
    row.cancelled += turn->cancelled;
    row.charged += turn->charged;
    if (turn->is_cancelled)
        row.state = BATCH_CANCELLED;
    if (!open_of(&row))
        row.state = (int)end_state(&row);
    bool has_ended = batch_has_ended(row.state);
    if (has_ended && !had_ended)
        row.ended_ms = clock_now_ms();

    TRY(base_move(tx, &row));
    TRY(batch_row_set(tx, &row));
    if (has_ended)
        return had_ended ? NULL : batch_tell(tx, &row, batch_state_names[row.state], mem, project);
    if (row.state == BATCH_PAUSED)
        return NULL;
    TRY(batch_sent(tx, row.id, &sent));
    return runs_send(tx, &row, row.at_once - sent, mem);
}

Err *batch_run_hold_back(DbTx *tx, const RunPlace *place, Arena *mem, bool *ret_is_held_back)
{
    BatchRow row;

    TRY(batch_row(tx, place->batch_id, mem, &row));
    *ret_is_held_back = row.state == BATCH_PAUSED;
    return row.state == BATCH_PAUSED ? run_row_unsent(tx, place->run_id) : NULL;
}

Err *batch_run_begun(DbTx *tx, const char *batch_id, Arena *mem, Project *project)
{
    BatchRow row;

    TRY(batch_row(tx, batch_id, mem, &row));
    if (row.state != BATCH_PENDING)
        return NULL;
    row.state = BATCH_PROCESSING;
    row.began_ms = clock_now_ms();
    TRY(batch_row_set(tx, &row));
    return batch_tell(tx, &row, "started", mem, project);
}

Err *batch_base_due(DbTx *tx, const char *batch_id, Arena *mem, int64_t *ret_credits)
{
    BatchRow row;

    TRY(batch_row(tx, batch_id, mem, &row));
    *ret_credits = row.completed ? 0 : row.base_credits;
    return NULL;
}

/* ---- finding ---- */

typedef struct BatchWork {
    const char *tenant_id, *id;
    const BatchQuery *query;
    Arena *mem;
    Batch *ret;
    List *ret_list;
} BatchWork;

static Err *find_work(DbTx *tx, void *work_any)
{
    BatchWork *work = work_any;

    return batch_get(tx, work->tenant_id, work->id, work->mem, work->ret);
}

Err *batch_find(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Batch *ret)
{
    BatchWork work = {.tenant_id = tenant_id, .id = id, .mem = mem, .ret = ret};

    return db_read(studio->shelf.db, find_work, &work);
}

static Err *list_work(DbTx *tx, void *work_any)
{
    BatchWork *work = work_any;
    const BatchQuery *query = work->query;
    Project project;

    if (query->project_id)
        TRY(project_get(tx, query->tenant_id, query->project_id, work->mem, &project));
    return batch_rows(tx, query, work->mem, work->ret_list);
}

Err *batch_list(const Studio *studio, const BatchQuery *query, Arena *mem, List *ret)
{
    BatchWork work = {.query = query, .mem = mem, .ret_list = ret};

    return db_read(studio->shelf.db, list_work, &work);
}

static Err *runs_work(DbTx *tx, void *work_any)
{
    BatchWork *work = work_any;
    Batch batch;

    TRY(batch_get(tx, work->tenant_id, work->id, work->mem, &batch));
    return batch_run_rows(tx, work->id, work->mem, work->ret_list);
}

Err *batch_runs(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, List *ret)
{
    BatchWork work = {.tenant_id = tenant_id, .id = id, .mem = mem, .ret_list = ret};

    return db_read(studio->shelf.db, runs_work, &work);
}

typedef struct OfRuns {
    const char *tenant_id;
    const Texts *run_ids;
    Arena *mem;
    List *ret;
} OfRuns;

static Err *of_runs_work(DbTx *tx, void *work_any)
{
    OfRuns *work = work_any;

    return batch_run_batches(tx, work->tenant_id, work->run_ids, work->mem, work->ret);
}

Err *batch_of_runs(
    const Studio *studio, const char *tenant_id, const Texts *run_ids, Arena *mem, Texts *ret)
{
    List found;
    OfRuns work = {tenant_id, run_ids, mem, &found};

    TRY(db_read(studio->shelf.db, of_runs_work, &work));
    const RunBatch *rows = found.items;
    Texts batches = {ARENA_ARRAY(mem, const char *, run_ids->count + 1), run_ids->count};
    for (size_t i = 0; i < run_ids->count; i++)
        for (size_t row = 0; row < found.count && !batches.items[i]; row++)
            if (strcmp(rows[row].id, run_ids->items[i]) == 0)
                batches.items[i] = rows[row].batch_id;
    *ret = batches;
    return NULL;
}

/* ---- the customer pauses it, lets it go on, stops it ---- */

/* The batch, with its project locked. */
static MUST Err *batch_take(DbTx *tx, const BatchWork *work, BatchRow *ret)
{
    Batch batch;

    TRY(batch_get(tx, work->tenant_id, work->id, work->mem, &batch));
    TRY(db_lock(tx, batch.project_id));
    return batch_row(tx, work->id, work->mem, ret);
}

static MUST Err *ended_check(const BatchRow *row)
{
    if (!batch_has_ended(row->state))
        return NULL;
    return err_public(
        err_new(ERR_CONFLICT, "batch '%s' is %s", row->id, batch_state_names[row->state]),
        "This has ended already: it is %s.", batch_state_names[row->state]);
}

static MUST Err *work_told(DbTx *tx, const BatchWork *work, const BatchRow *row)
{
    TRY(news_signal(tx, row->project_id));
    return batch_get(tx, work->tenant_id, work->id, work->mem, work->ret);
}

static Err *pause_work(DbTx *tx, void *work_any)
{
    BatchWork *work = work_any;
    List ids = {0};
    Project project;
    BatchRow row;

    TRY(batch_take(tx, work, &row));
    TRY(ended_check(&row));
    if (row.state == BATCH_PAUSED)
        return batch_get(tx, work->tenant_id, work->id, work->mem, work->ret);

    TRY(batch_ids_sent(tx, row.id, work->mem, &ids));
    for (size_t i = 0; i < ids.count; i++) {
        const char *id = ((const RunId *)ids.items)[i].id;
        int64_t withdrawn;

        TRY(job_withdraw(tx, id, &withdrawn));
        if (withdrawn)
            TRY(run_row_unsent(tx, id));
    }
    row.state = BATCH_PAUSED;
    TRY(batch_row_set(tx, &row));
    TRY(batch_tell(tx, &row, "paused", work->mem, &project));
    return work_told(tx, work, &row);
}

Err *batch_pause(
    const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Batch *ret)
{
    BatchWork work = {.tenant_id = tenant_id, .id = id, .mem = mem, .ret = ret};

    return db_write(studio->shelf.db, pause_work, &work);
}

static Err *resume_work(DbTx *tx, void *work_any)
{
    BatchWork *work = work_any;
    Project project;
    BatchRow row;

    TRY(batch_take(tx, work, &row));
    TRY(ended_check(&row));
    if (row.state != BATCH_PAUSED)
        return batch_get(tx, work->tenant_id, work->id, work->mem, work->ret);

    row.state = row.began_ms ? BATCH_PROCESSING : BATCH_PENDING;
    TRY(batch_row_set(tx, &row));
    TRY(batch_tell(tx, &row, "resumed", work->mem, &project));
    TRY(batch_turn(tx, &(BatchTurn){.batch_id = row.id}, work->mem, &project));
    return work_told(tx, work, &row);
}

Err *batch_resume(
    const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Batch *ret)
{
    BatchWork work = {.tenant_id = tenant_id, .id = id, .mem = mem, .ret = ret};

    return db_write(studio->shelf.db, resume_work, &work);
}

static Err *cancel_work(DbTx *tx, void *work_any)
{
    BatchWork *work = work_any;
    List ids = {0};
    Project project;
    BatchRow row;

    TRY(batch_take(tx, work, &row));
    TRY(batch_ids_open(tx, row.id, work->mem, &ids));
    if (ids.count) {
        TRY(runs_end(
            tx,
            &(RunsEnding){
                .project_id = row.project_id,
                .ids = &ids,
                .end = run_cancelled,
                .is_batch_cancelled = true,
            },
            work->mem, &project));
        TRY(runs_jobs_cancel(tx, &ids));
    }
    return batch_get(tx, work->tenant_id, work->id, work->mem, work->ret);
}

Err *batch_cancel(
    const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Batch *ret)
{
    BatchWork work = {.tenant_id = tenant_id, .id = id, .mem = mem, .ret = ret};

    return db_write(studio->shelf.db, cancel_work, &work);
}
