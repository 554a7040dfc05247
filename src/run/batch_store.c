/* Rows of batches and of their runs. */
#include "base/clock.h"
#include "run/batch_priv.h"

const char *const batch_kind_names[] = {
    [BATCH_PROCESS] = "process",   [BATCH_TEMPLATE] = "template",
    [BATCH_MANY] = "many",         [BATCH_PREVIEW] = "preview",
    [BATCH_CUTOUT] = "cutout",     [BATCH_UPSCALE] = "upscale",
    [BATCH_CAROUSEL] = "carousel", NULL};
const char *const batch_state_names[] = {
    [BATCH_PENDING] = "pending",
    [BATCH_PROCESSING] = "processing",
    [BATCH_PAUSED] = "paused",
    [BATCH_COMPLETED] = "completed",
    [BATCH_FAILED] = "failed",
    [BATCH_CANCELLED] = "cancelled",
    NULL};

static const Field Batch_fields[] = {
    {FIELD_TEXT(Batch, id), .help = "Its id"},
    {FIELD_TEXT(Batch, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(Batch, project_id), .help = "The project it belongs to"},
    {FIELD_NAME(Batch, kind, batch_kind_names), .help = "What is made"},
    {FIELD_NAME(Batch, state, batch_state_names), .help = "How it stands"},
    {FIELD_VALUE(Batch, recipe), .help = "How each picture is made"},
    {FIELD_VALUE(Batch, wish), .help = "What was asked, as it was asked", .optional = true},
    {FIELD_TEXT(Batch, template), .help = "The template it is made with", .optional = true},
    {FIELD_INT(Batch, total), .help = "Pictures to be made"},
    {FIELD_INT(Batch, completed), .help = "Pictures that are there"},
    {FIELD_INT(Batch, failed), .help = "Pictures that could not be made"},
    {FIELD_INT(Batch, cancelled), .help = "Pictures that are no longer wished"},
    {FIELD_NUMBER(Batch, progress), .help = "How much is done, of 1"},
    {FIELD_INT(Batch, credits), .help = "What it costs when all succeed"},
    {FIELD_INT(Batch, credits_charged), .help = "What was taken so far"},
    {FIELD_VALUE(Batch, bill), .help = "The lines it was priced by", .optional = true},
    {FIELD_INT(Batch, created_ms), .help = "When it was begun"},
    {FIELD_INT(Batch, began_ms), .help = "When work on it began"},
    {FIELD_INT(Batch, ended_ms), .help = "When it ended"},
    {FIELD_END},
};
const Shape batch_shape = SHAPE(Batch);

/* What has ended is done, however it ended, so that the whole comes to its end; of a batch that was cancelled only what had been done is. */
#define BATCH_COLUMNS \
    "b.id AS id, b.tenant_id AS tenant_id, b.project_id AS project_id, b.kind AS kind, b.state " \
    "AS state, b.recipe AS recipe, b.wish AS wish, b.template AS template, b.total AS total, " \
    "b.completed AS completed, b.failed AS failed, b.cancelled AS cancelled, b.bill AS bill, " \
    "b.credits AS credits, b.charged AS credits_charged, b.created_ms AS created_ms, b.began_ms " \
    "AS began_ms, b.ended_ms AS ended_ms, (b.completed + b.failed + CASE WHEN b.state = " \
    "'cancelled' THEN 0 ELSE b.cancelled END + COALESCE((SELECT SUM(r.progress) FROM runs r " \
    "WHERE r.batch_id = b.id AND (r.state IN ('queued', 'processing') OR (r.state = 'cancelled' " \
    "AND b.state = 'cancelled'))), 0.0)) / b.total AS progress FROM batches b "

static const Field BatchRow_fields[] = {
    {FIELD_TEXT(BatchRow, id), .help = "Its id"},
    {FIELD_TEXT(BatchRow, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(BatchRow, project_id), .help = "The project it belongs to"},
    {FIELD_TEXT(BatchRow, queue), .help = "Where its runs are queued"},
    {FIELD_TEXT(BatchRow, base_hold_id), .help = "What is set aside for itself", .optional = true},
    {FIELD_NAME(BatchRow, kind, batch_kind_names), .help = "What is made"},
    {FIELD_NAME(BatchRow, state, batch_state_names), .help = "How it stands"},
    {FIELD_INT(BatchRow, priority), .help = "How urgent"},
    {FIELD_INT(BatchRow, at_once), .help = "Runs in the queue or at work"},
    {FIELD_INT(BatchRow, total), .help = "Pictures to be made"},
    {FIELD_INT(BatchRow, completed), .help = "Pictures that are there"},
    {FIELD_INT(BatchRow, failed), .help = "Pictures that could not be made"},
    {FIELD_INT(BatchRow, cancelled), .help = "Pictures that are no longer wished"},
    {FIELD_INT(BatchRow, charged), .help = "What was taken so far"},
    {FIELD_INT(BatchRow, base_credits), .help = "What itself costs"},
    {FIELD_INT(BatchRow, rounds), .help = "How often what failed was tried again"},
    {FIELD_INT(BatchRow, began_ms), .help = "When work on it began"},
    {FIELD_INT(BatchRow, ended_ms), .help = "When it ended"},
    {FIELD_END},
};
static const Shape row_shape = SHAPE(BatchRow);

Err *batch_row(DbTx *tx, const char *id, Arena *mem, BatchRow *ret)
{
    return db_one(
        tx,
        "SELECT id, tenant_id, project_id, queue, base_hold_id, kind, state, priority, at_once, "
        "total, completed, failed, cancelled, charged, base_credits, rounds, began_ms, ended_ms "
        "FROM batches WHERE id = ?1",
        DB_ARGS(DB_TEXT(id)), &row_shape, mem, ret);
}

Err *batch_row_add(DbTx *tx, const BatchNew *batch)
{
    const BatchOrder *order = batch->order;

    return db_run(
        tx,
        "INSERT INTO batches (id, tenant_id, project_id, kind, state, recipe, wish, template, "
        "queue, priority, at_once, total, completed, failed, cancelled, credits, charged, "
        "base_credits, "
        "base_hold_id, rounds, bill, created_ms, began_ms, ended_ms) VALUES (?1, ?2, "
        "?3, ?4, 'pending', ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 0, 0, ?12, 0, ?13, ?14, 0, ?15, ?16, "
        "0, 0)",
        DB_ARGS(
            DB_TEXT(batch->id), DB_TEXT(order->tenant_id), DB_TEXT(order->project_id),
            DB_TEXT(batch_kind_names[order->kind]), DB_TEXT(batch->recipe), DB_TEXT(batch->wish),
            DB_TEXT(order->template), DB_TEXT(order->queue ? order->queue : run_work.queue),
            DB_INT(order->priority), DB_INT(order->at_once > 0 ? order->at_once : BATCH_AT_ONCE),
            DB_INT((int64_t)order->count), DB_INT(batch->credits), DB_INT(order->base_credits),
            DB_TEXT(batch->base_hold_id), DB_TEXT(batch->bill), DB_INT(clock_now_ms())),
        NULL);
}

Err *batch_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Batch *ret)
{
    return db_one(
        tx, "SELECT " BATCH_COLUMNS "WHERE b.id = ?1 AND b.tenant_id = ?2",
        DB_ARGS(DB_TEXT(id), DB_TEXT(tenant_id)), &batch_shape, mem, ret);
}

/* No id begins with "zzz", no kind is called "". */
Err *batch_rows(DbTx *tx, const BatchQuery *query, Arena *mem, List *ret)
{
    DbArg tenant = DB_TEXT(query->tenant_id),
          before = DB_TEXT(query->before ? query->before : "zzz"), limit = DB_INT(query->limit),
          left_out = DB_TEXT(query->no_previews ? batch_kind_names[BATCH_PREVIEW] : "");

    if (!query->project_id)
        return db_all(
            tx,
            "SELECT " BATCH_COLUMNS
            "WHERE b.tenant_id = ?1 AND b.id < ?2 AND b.kind <> ?4 ORDER BY b.id DESC LIMIT ?3",
            DB_ARGS(tenant, before, limit, left_out), &batch_shape, mem, ret);
    return db_all(
        tx,
        "SELECT " BATCH_COLUMNS
        "WHERE b.project_id = ?5 AND b.tenant_id = ?1 AND b.id < ?2 AND b.kind <> ?4 "
        "ORDER BY b.id DESC LIMIT ?3",
        DB_ARGS(tenant, before, limit, left_out, DB_TEXT(query->project_id)), &batch_shape, mem,
        ret);
}

Err *batch_row_set(DbTx *tx, const BatchRow *row)
{
    return db_run(
        tx,
        "UPDATE batches SET state = ?2, completed = ?3, failed = ?4, cancelled = ?5, charged = ?6, "
        "base_hold_id = ?7, rounds = ?8, began_ms = ?9, ended_ms = ?10 WHERE id = ?1",
        DB_ARGS(
            DB_TEXT(row->id), DB_TEXT(batch_state_names[row->state]), DB_INT(row->completed),
            DB_INT(row->failed), DB_INT(row->cancelled), DB_INT(row->charged),
            DB_TEXT(row->base_hold_id), DB_INT(row->rounds), DB_INT(row->began_ms),
            DB_INT(row->ended_ms)),
        NULL);
}

Err *batch_sent(DbTx *tx, const char *id, int64_t *ret)
{
    return db_number(
        tx,
        "SELECT COUNT(*) FROM runs WHERE batch_id = ?1 AND is_sent = 1 AND state IN ('queued', "
        "'processing')",
        DB_ARGS(DB_TEXT(id)), ret);
}

/* ---- runs ---- */

static const Field BatchRun_fields[] = {
    {FIELD_TEXT(BatchRun, id), .help = "Its id"},
    {FIELD_TEXT(BatchRun, photo_id), .help = "The photo it is made from"},
    {FIELD_TEXT(BatchRun, look), .help = "What it is made by"},
    {FIELD_TEXT(BatchRun, hold_id), .help = "What was set aside for it", .optional = true},
    {FIELD_TEXT(BatchRun, source_run_id), .help = "The run whose picture it is made of",
     .optional = true},
    {FIELD_TEXT(BatchRun, title), .help = "What it is called", .optional = true},
    {FIELD_TEXT(BatchRun, recipe_name), .help = "Name of the recipe"},
    {FIELD_INT(BatchRun, position), .help = "Its place in the project"},
    {FIELD_INT(BatchRun, news), .help = "Number of its event"},
    {FIELD_INT(BatchRun, seed), .help = "Which look"},
    {FIELD_INT(BatchRun, credits), .help = "What it costs"},
    {FIELD_END},
};
static const Shape batch_run_shape = SHAPE(BatchRun);

#define SQL_ADD_EACH(each) \
    "INSERT INTO runs (id, tenant_id, project_id, photo_id, position, scene_index, recipe_name, " \
    "seed, look, state, progress, news, output_bytes, output_width_px, output_height_px, " \
    "credits, " \
    "hold_id, cost_micro_usd, created_ms, queued_ms, began_ms, ended_ms, batch_id, " \
    "source_run_id, " \
    "title, is_preview) SELECT each.value ->> 'id', ?2, ?3, each.value ->> 'photo_id', " \
    "CAST(each.value ->> 'position' AS BIGINT), 0, each.value ->> 'recipe_name', " \
    "CAST(each.value ->> 'seed' AS BIGINT), each.value ->> 'look', 'queued', 0, " \
    "CAST(each.value ->> 'news' AS BIGINT), 0, 0, 0, CAST(each.value ->> 'credits' AS BIGINT), " \
    "each.value ->> 'hold_id', 0, ?4, ?4, 0, 0, ?5, each.value ->> 'source_run_id', " \
    "each.value ->> 'title', ?6 FROM " each

Err *batch_runs_add(DbTx *tx, const BatchRunsNew *new)
{
    return db_run_each(
        tx, DB_EACH(tx, SQL_ADD_EACH),
        DB_ARGS(
            DB_TEXT(new->tenant_id), DB_TEXT(new->project_id), DB_INT(clock_now_ms()),
            DB_TEXT(new->batch_id), DB_INT(new->is_preview)),
        &batch_run_shape, &new->runs, NULL);
}

static const Field RunId_fields[] = {
    {FIELD_TEXT(RunId, id), .help = "Its id"},
    {FIELD_END},
};
static const Shape run_id_shape = SHAPE(RunId);

static const Field RunBatch_fields[] = {
    {FIELD_TEXT(RunBatch, id), .help = "Its id"},
    {FIELD_TEXT(RunBatch, batch_id), .help = "The batch that it is of"},
    {FIELD_END},
};
static const Shape run_batch_shape = SHAPE(RunBatch);

#define SQL_BATCHES(ids) \
    "SELECT id, batch_id FROM runs WHERE tenant_id = ?2 AND batch_id IS NOT NULL AND id IN " ids

Err *batch_run_batches(DbTx *tx, const char *tenant_id, const Texts *run_ids, Arena *mem, List *ret)
{
    const char *ids;

    TRY(db_texts(run_ids, mem, &ids));
    return db_all(
        tx, DB_AMONG(tx, SQL_BATCHES), DB_ARGS(DB_TEXT(ids), DB_TEXT(tenant_id)), &run_batch_shape,
        mem, ret);
}

Err *batch_ids_open(DbTx *tx, const char *id, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT id FROM runs WHERE batch_id = ?1 AND state IN ('queued', 'processing') ORDER BY "
        "position",
        DB_ARGS(DB_TEXT(id)), &run_id_shape, mem, ret);
}

Err *batch_ids_sent(DbTx *tx, const char *id, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT id FROM runs WHERE batch_id = ?1 AND is_sent = 1 AND state IN ('queued', "
        "'processing') ORDER BY position",
        DB_ARGS(DB_TEXT(id)), &run_id_shape, mem, ret);
}

Err *batch_ids_unsent(DbTx *tx, const char *id, int64_t most, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT id FROM runs WHERE batch_id = ?1 AND is_sent = 0 AND state = 'queued' ORDER BY "
        "position LIMIT ?2",
        DB_ARGS(DB_TEXT(id), DB_INT(most)), &run_id_shape, mem, ret);
}

#define SQL_SENT_EACH(each) \
    "UPDATE runs SET is_sent = 1, sends = sends + 1 FROM " each \
    " WHERE runs.id = each.value ->> 'id'"

Err *run_rows_sent(DbTx *tx, const List *ids)
{
    return db_run_each(tx, DB_EACH(tx, SQL_SENT_EACH), DB_NO_ARGS, &run_id_shape, ids, NULL);
}

Err *run_row_unsent(DbTx *tx, const char *id)
{
    return db_run(
        tx,
        "UPDATE runs SET is_sent = 0, state = 'queued', step = NULL WHERE id = ?1 AND state IN "
        "('queued', 'processing')",
        DB_ARGS(DB_TEXT(id)), NULL);
}

/* ---- what failed ---- */

static const Field FailedRun_fields[] = {
    {FIELD_TEXT(FailedRun, id), .help = "Its id"},
    {FIELD_TEXT(FailedRun, hold_id), .help = "What is set aside for it", .optional = true},
    {FIELD_INT(FailedRun, credits), .help = "What it costs"},
    {FIELD_INT(FailedRun, sends), .help = "How often it was sent"},
    {FIELD_INT(FailedRun, news), .help = "Number of its event"},
    {FIELD_END},
};
static const Shape failed_shape = SHAPE(FailedRun);

Err *batch_runs_failed(DbTx *tx, const char *id, const char *reason, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT id, hold_id, credits, sends, news FROM runs WHERE batch_id = ?1 AND state = "
        "'failed' AND (?2 = '' OR error = ?2) ORDER BY position",
        DB_ARGS(DB_TEXT(id), DB_TEXT(reason ? reason : "")), &failed_shape, mem, ret);
}

Err *run_rows_failed(DbTx *tx, const char *photo_id, const char *run_id, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT id, hold_id, credits, sends, news FROM runs WHERE photo_id = ?1 AND state = "
        "'failed' AND batch_id IS NULL AND (?2 = '' OR id = ?2) ORDER BY position",
        DB_ARGS(DB_TEXT(photo_id), DB_TEXT(run_id ? run_id : "")), &failed_shape, mem, ret);
}

#define SQL_AGAIN_EACH(each) \
    "UPDATE runs SET state = 'queued', is_sent = 0, error = NULL, error_text = NULL, ended_ms = " \
    "0, progress = CASE WHEN batch_id IS NULL THEN 0 ELSE progress END, queued_ms = ?2, hold_id " \
    "= each.value ->> 'hold_id', " \
    "news = CAST(each.value ->> 'news' AS BIGINT) FROM " each \
    " WHERE runs.id = each.value ->> 'id' AND runs.state = 'failed'"

Err *run_rows_again(DbTx *tx, const List *failed)
{
    return db_run_each(
        tx, DB_EACH(tx, SQL_AGAIN_EACH), DB_ARGS(DB_INT(clock_now_ms())), &failed_shape, failed,
        NULL);
}

/* ---- variations ---- */

Err *photo_selected_set(DbTx *tx, const char *photo_id, const char *run_id)
{
    return db_run(
        tx, "UPDATE photos SET selected_run_id = ?2, changed_ms = ?3 WHERE id = ?1",
        DB_ARGS(DB_TEXT(photo_id), DB_TEXT(run_id), DB_INT(clock_now_ms())), NULL);
}

Err *photo_selected_clear(DbTx *tx, const char *photo_id, const char *run_id)
{
    return db_run(
        tx,
        "UPDATE photos SET selected_run_id = NULL, changed_ms = ?3 WHERE id = ?1 AND "
        "selected_run_id = ?2",
        DB_ARGS(DB_TEXT(photo_id), DB_TEXT(run_id), DB_INT(clock_now_ms())), NULL);
}
