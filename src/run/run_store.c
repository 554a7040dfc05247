/* Rows of runs. */
#include "base/clock.h"
#include "run/batch_priv.h"

const char *const run_state_names[] = {
    [RUN_CREATED] = "created",     [RUN_UPLOADED] = "uploaded",
    [RUN_QUEUED] = "queued",       [RUN_PROCESSING] = "processing",
    [RUN_COMPLETED] = "completed", [RUN_FAILED] = "failed",
    [RUN_CANCELLED] = "cancelled", NULL};

static const Field Run_fields[] = {
    {FIELD_TEXT(Run, id), .help = "Its id"},
    {FIELD_TEXT(Run, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(Run, project_id), .help = "The project it belongs to"},
    {FIELD_TEXT(Run, photo_id), .help = "The photo it is made from"},
    {FIELD_TEXT(Run, filename), .help = "What the customer calls the photo"},
    {FIELD_TEXT(Run, source_url), .help = "Where we fetch the photo", .optional = true},
    {FIELD_TEXT(Run, product_id), .help = "The customer's product", .optional = true},
    {FIELD_INT(Run, position), .help = "Its place in the project"},
    {FIELD_INT(Run, scene_index), .help = "Its place among its photo's"},
    {FIELD_TEXT(Run, scene_type), .help = "Built-in scene", .optional = true},
    {FIELD_TEXT(Run, scene_prompt), .help = "The set, in words", .optional = true},
    {FIELD_NAME(Run, state, run_state_names), .help = "How it stands"},
    {FIELD_NUMBER(Run, progress), .help = "How much is done, of 1"},
    {FIELD_TEXT(Run, step), .help = "What is being done", .optional = true},
    {FIELD_TEXT(Run, error), .help = "What went wrong, as a name", .optional = true},
    {FIELD_TEXT(Run, error_text), .help = "What went wrong", .optional = true},
    {FIELD_TEXT(Run, asset_id), .help = "The picture", .optional = true},
    {FIELD_TEXT(Run, output_key), .help = "Where the picture is", .optional = true},
    {FIELD_TEXT(Run, output_format), .help = "Kind of file", .optional = true},
    {FIELD_TEXT(Run, thumb_key), .help = "Where it is as a small one", .optional = true},
    {FIELD_INT(Run, output_bytes), .help = "Size of the file"},
    {FIELD_INT(Run, output_width_px), .help = "Width of the picture"},
    {FIELD_INT(Run, output_height_px), .help = "Height of the picture"},
    {FIELD_INT(Run, credits), .help = "What it costs the customer"},
    {FIELD_INT(Run, cost_micro_usd), .help = "What it has cost, in millionths of a dollar"},
    {FIELD_INT(Run, created_ms), .help = "When it was wished"},
    {FIELD_INT(Run, queued_ms), .help = "When it was started"},
    {FIELD_INT(Run, began_ms), .help = "When work on it began"},
    {FIELD_INT(Run, ended_ms), .help = "When it ended"},
    {FIELD_TEXT(Run, batch_id), .help = "The batch it was begun by", .optional = true},
    {FIELD_TEXT(Run, source_run_id), .help = "The run whose picture it is made of",
     .optional = true},
    {FIELD_TEXT(Run, title), .help = "What this variation is called", .optional = true},
    {FIELD_BOOL(Run, is_preview), .help = "Small and marked, kept for a day"},
    {FIELD_BOOL(Run, is_selected), .help = "It stands for its photo"},
    {FIELD_TEXT(Run, recipe_name), .help = "Built-in recipe", .optional = true},
    {FIELD_VALUE(Run, look), .help = "What it is made by", .optional = true},
    {FIELD_VALUE(Run, recipe), .help = "The recipe with all options", .optional = true},
    {FIELD_VALUE(Run, notes), .help = "What the steps did and found", .optional = true},
    {FIELD_TEXT(Run, hold_id), .help = "What was set aside for it", .optional = true},
    {FIELD_END},
};
const Shape run_shape = SHAPE(Run);

#define COLUMNS \
    "r.id AS id, r.tenant_id AS tenant_id, r.project_id AS project_id, r.photo_id AS photo_id, " \
    "p.filename AS filename, p.source_url AS source_url, p.product_id AS product_id, " \
    "r.position AS position, r.scene_index AS scene_index, r.scene_type AS scene_type, " \
    "r.scene_prompt AS scene_prompt, r.state AS state, r.progress AS progress, r.step AS step, " \
    "r.error AS error, r.error_text AS error_text, r.asset_id AS asset_id, " \
    "r.output_key AS output_key, r.output_format AS output_format, r.thumb_key AS thumb_key, " \
    "r.output_bytes AS output_bytes, r.output_width_px AS output_width_px, " \
    "r.output_height_px AS output_height_px, r.credits AS credits, " \
    "r.cost_micro_usd AS cost_micro_usd, r.created_ms AS created_ms, r.queued_ms AS queued_ms, " \
    "r.began_ms AS began_ms, r.ended_ms AS ended_ms, r.batch_id AS batch_id, " \
    "r.source_run_id AS source_run_id, r.title AS title, r.is_preview AS is_preview, " \
    "CASE WHEN p.selected_run_id = r.id THEN 1 ELSE 0 END AS is_selected"
#define ALL_COLUMNS \
    COLUMNS ", r.recipe_name AS recipe_name, r.look AS look, r.recipe AS recipe, " \
            "r.notes AS notes, r.hold_id AS hold_id"
#define WITH_PHOTOS " FROM runs r JOIN photos p ON p.id = r.photo_id "

static const Field RunId_fields[] = {
    {FIELD_TEXT(RunId, id), .help = "Its id"},
    {FIELD_END},
};
static const Shape run_id_shape = SHAPE(RunId);

static const Field RunRow_fields[] = {
    {FIELD_TEXT(RunRow, id), .help = "Its id"},
    {FIELD_TEXT(RunRow, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(RunRow, project_id), .help = "The project it belongs to"},
    {FIELD_TEXT(RunRow, photo_id), .help = "The photo it is made from"},
    {FIELD_INT(RunRow, position), .help = "Its place in the project"},
    {FIELD_INT(RunRow, scene_index), .help = "Its place among its photo's"},
    {FIELD_TEXT(RunRow, scene_type), .help = "Built-in scene"},
    {FIELD_TEXT(RunRow, scene_prompt), .help = "The set, in words"},
    {FIELD_TEXT(RunRow, recipe_name), .help = "Built-in recipe"},
    {FIELD_INT(RunRow, seed), .help = "Which look"},
    {FIELD_END},
};
static const Shape run_row_shape = SHAPE(RunRow);

#define SQL_ADD_EACH(each) \
    "INSERT INTO runs (id, tenant_id, project_id, photo_id, position, scene_index, scene_type, " \
    "scene_prompt, recipe_name, seed, state, progress, news, output_bytes, output_width_px, " \
    "output_height_px, credits, cost_micro_usd, created_ms, queued_ms, began_ms, ended_ms) " \
    "SELECT each.value ->> 'id', each.value ->> 'tenant_id', each.value ->> 'project_id', " \
    "each.value ->> 'photo_id', CAST(each.value ->> 'position' AS BIGINT), " \
    "CAST(each.value ->> 'scene_index' AS BIGINT), each.value ->> 'scene_type', " \
    "each.value ->> 'scene_prompt', each.value ->> 'recipe_name', " \
    "CAST(each.value ->> 'seed' AS BIGINT), 'created', 0, 0, 0, 0, 0, 0, 0, ?2, 0, 0, 0 " \
    "FROM " each

Err *run_rows_add(DbTx *tx, const List *rows)
{
    return db_run_each(
        tx, DB_EACH(tx, SQL_ADD_EACH), DB_ARGS(DB_INT(clock_now_ms())), &run_row_shape, rows, NULL);
}

Err *run_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Run *ret)
{
    return db_one(
        tx, "SELECT " ALL_COLUMNS WITH_PHOTOS "WHERE r.id = ?1 AND r.tenant_id = ?2",
        DB_ARGS(DB_TEXT(id), DB_TEXT(tenant_id)), &run_shape, mem, ret);
}

Err *run_rows(DbTx *tx, const RunQuery *query, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT " COLUMNS WITH_PHOTOS
        "WHERE r.project_id = ?1 AND r.position > ?2 ORDER BY r.position LIMIT ?3",
        DB_ARGS(DB_TEXT(query->project_id), DB_INT(query->after), DB_INT(query->limit)), &run_shape,
        mem, ret);
}

Err *run_rows_of_photo_move(DbTx *tx, const char *photo_id, RunState state, RunState to)
{
    return db_run(
        tx, "UPDATE runs SET state = ?3 WHERE photo_id = ?1 AND state = ?2",
        DB_ARGS(DB_TEXT(photo_id), DB_TEXT(run_state_names[state]), DB_TEXT(run_state_names[to])),
        NULL);
}

Err *run_ids_of_photo(DbTx *tx, const char *photo_id, RunState state, Arena *mem, List *ret)
{
    return db_all(
        tx, "SELECT id FROM runs WHERE photo_id = ?1 AND state = ?2 ORDER BY position",
        DB_ARGS(DB_TEXT(photo_id), DB_TEXT(run_state_names[state])), &run_id_shape, mem, ret);
}

Err *run_photo_ids_fetching(DbTx *tx, const char *project_id, Arena *mem, List *ret)
{
    return db_all(
        tx, "SELECT id FROM photos WHERE project_id = ?1 AND state = 'fetching' ORDER BY id",
        DB_ARGS(DB_TEXT(project_id)), &run_id_shape, mem, ret);
}

Err *run_rows_with_picture(DbTx *tx, const char *project_id, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT " COLUMNS WITH_PHOTOS
        "WHERE r.project_id = ?1 AND r.state = 'completed' AND r.asset_id IS NOT NULL ORDER BY "
        "r.position",
        DB_ARGS(DB_TEXT(project_id)), &run_shape, mem, ret);
}

Err *batch_run_rows(DbTx *tx, const char *id, Arena *mem, List *ret)
{
    return db_all(
        tx, "SELECT " COLUMNS WITH_PHOTOS "WHERE r.batch_id = ?1 ORDER BY r.position",
        DB_ARGS(DB_TEXT(id)), &run_shape, mem, ret);
}

Err *variation_rows(DbTx *tx, const char *tenant_id, const char *photo_id, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT " COLUMNS WITH_PHOTOS
        "WHERE r.photo_id = ?1 AND r.tenant_id = ?2 AND r.state = 'completed' AND r.asset_id IS "
        "NOT NULL AND r.is_preview = 0 AND NOT EXISTS (SELECT 1 FROM batches s WHERE s.id = "
        "r.batch_id AND s.kind = 'carousel') ORDER BY r.ended_ms DESC, r.position DESC",
        DB_ARGS(DB_TEXT(photo_id), DB_TEXT(tenant_id)), &run_shape, mem, ret);
}

Err *run_ids_open(DbTx *tx, const char *project_id, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT id FROM runs WHERE project_id = ?1 AND state IN ('created', 'uploaded', 'queued', "
        "'processing') ORDER BY position",
        DB_ARGS(DB_TEXT(project_id)), &run_id_shape, mem, ret);
}

static const Field ReadyRun_fields[] = {
    {FIELD_TEXT(ReadyRun, id), .help = "Its id"},
    {FIELD_TEXT(ReadyRun, photo_id), .help = "Its photo"},
    {FIELD_TEXT(ReadyRun, scene_type), .help = "Built-in scene", .optional = true},
    {FIELD_TEXT(ReadyRun, scene_prompt), .help = "The set, in words", .optional = true},
    {FIELD_TEXT(ReadyRun, recipe_name), .help = "Built-in recipe"},
    {FIELD_TEXT(ReadyRun, source_url), .help = "Where we fetch the photo", .optional = true},
    {FIELD_NAME(ReadyRun, photo_state, photo_state_names), .help = "How the photo stands"},
    {FIELD_INT(ReadyRun, seed), .help = "Which look"},
    {FIELD_END},
};
static const Shape ready_shape = SHAPE(ReadyRun);

Err *run_rows_ready(DbTx *tx, const char *project_id, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT r.id AS id, r.photo_id AS photo_id, r.scene_type AS scene_type, r.scene_prompt AS "
        "scene_prompt, r.recipe_name AS recipe_name, p.source_url AS source_url, p.state AS "
        "photo_state, r.seed AS seed" WITH_PHOTOS
        "WHERE r.project_id = ?1 AND (r.state = 'uploaded' OR (r.state = 'created' AND "
        "p.source_url IS NOT NULL AND p.state = 'created')) ORDER BY r.position",
        DB_ARGS(DB_TEXT(project_id)), &ready_shape, mem, ret);
}

static const Field RunQueued_fields[] = {
    {FIELD_TEXT(RunQueued, id), .help = "Its id"},
    {FIELD_TEXT(RunQueued, look), .help = "What it is made by"},
    {FIELD_TEXT(RunQueued, hold_id), .help = "What was set aside for it"},
    {FIELD_INT(RunQueued, news), .help = "Number of its event"},
    {FIELD_END},
};
static const Shape queued_shape = SHAPE(RunQueued);

#define SQL_QUEUED_EACH(each) \
    "UPDATE runs SET state = 'queued', look = each.value ->> 'look', " \
    "hold_id = each.value ->> 'hold_id', credits = ?2, " \
    "news = CAST(each.value ->> 'news' AS BIGINT), queued_ms = ?3 FROM " each \
    " WHERE runs.id = each.value ->> 'id'"

Err *run_rows_queued(DbTx *tx, const List *queued)
{
    return db_run_each(
        tx, DB_EACH(tx, SQL_QUEUED_EACH), DB_ARGS(DB_INT(RUN_CREDITS), DB_INT(clock_now_ms())),
        &queued_shape, queued, NULL);
}

static const Field RunTask_fields[] = {
    {FIELD_TEXT(RunTask, id), .help = "Its id"},
    {FIELD_TEXT(RunTask, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(RunTask, project_id), .help = "Its project"},
    {FIELD_TEXT(RunTask, filename), .help = "What the customer calls the photo"},
    {FIELD_TEXT(RunTask, scene_type), .help = "Built-in scene", .optional = true},
    {FIELD_TEXT(RunTask, photo_key), .help = "Where the photo is", .optional = true},
    {FIELD_TEXT(RunTask, photo_sha256), .help = "What it is known by", .optional = true},
    {FIELD_TEXT(RunTask, hold_id), .help = "What was set aside for it", .optional = true},
    {FIELD_TEXT(RunTask, batch_id), .help = "The batch it is of", .optional = true},
    {FIELD_VALUE(RunTask, look), .help = "What it is made by"},
    {FIELD_INT(RunTask, began_ms), .help = "When work on it began"},
    {FIELD_INT(RunTask, credits), .help = "What it costs the customer"},
    {FIELD_INT(RunTask, sends), .help = "How often a batch has sent it"},
    {FIELD_BOOL(RunTask, is_preview), .help = "Small and marked"},
    {FIELD_END},
};
static const Shape task_shape = SHAPE(RunTask);

Err *run_row_begun(DbTx *tx, const char *id, Arena *mem, RunTask *ret)
{
    int64_t changed;

    TRY(db_run(
        tx,
        "UPDATE runs SET state = 'processing', progress = CASE WHEN batch_id IS NULL THEN 0 ELSE "
        "progress END, step = NULL, began_ms = CASE WHEN began_ms = 0 THEN ?2 ELSE began_ms END "
        "WHERE id = ?1 AND state IN ('queued', 'processing')",
        DB_ARGS(DB_TEXT(id), DB_INT(clock_now_ms())), &changed));
    if (!changed)
        return err_new(ERR_NOT_FOUND, "run '%s' is not to be worked on", id);
    return db_one(
        tx,
        "SELECT r.id AS id, r.tenant_id AS tenant_id, r.project_id AS project_id, p.filename AS "
        "filename, r.scene_type AS scene_type, r.hold_id AS hold_id, r.look AS look, r.began_ms AS "
        "began_ms, r.credits AS credits, r.sends AS sends, r.batch_id AS batch_id, r.is_preview AS "
        "is_preview, CASE WHEN r.source_run_id IS NULL THEN p.key ELSE a.key END AS photo_key, "
        "CASE WHEN r.source_run_id IS NULL THEN p.sha256 ELSE a.sha256 END AS "
        "photo_sha256" WITH_PHOTOS "LEFT JOIN runs s ON s.id = r.source_run_id LEFT JOIN assets a "
        "ON a.id = s.asset_id WHERE r.id = ?1",
        DB_ARGS(DB_TEXT(id)), &task_shape, mem, ret);
}

Err *run_row_waits(DbTx *tx, const char *id)
{
    return db_run(
        tx,
        "UPDATE runs SET state = 'queued', progress = CASE WHEN batch_id IS NULL THEN 0 ELSE "
        "progress END, step = NULL WHERE id = ?1 AND state = 'processing'",
        DB_ARGS(DB_TEXT(id)), NULL);
}

Err *run_row_step(DbTx *tx, const RunStep *step)
{
    return db_run(
        tx,
        "UPDATE runs SET progress = CASE WHEN batch_id IS NOT NULL AND progress > ?2 THEN progress "
        "ELSE ?2 END, step = ?3, news = ?4 WHERE id = ?1 AND state = 'processing'",
        DB_ARGS(
            DB_TEXT(step->id), DB_NUMBER(step->progress), DB_TEXT(step->step), DB_INT(step->news)),
        NULL);
}

Err *run_row_completed(DbTx *tx, const RunResult *result, bool *ret)
{
    int64_t changed;

    TRY(db_run(
        tx,
        "UPDATE runs SET state = 'completed', progress = 1, step = NULL, asset_id = ?2, output_key "
        "= ?3, output_format = ?4, output_bytes = ?5, output_width_px = ?6, output_height_px = ?7, "
        "recipe = ?8, notes = ?9, cost_micro_usd = ?10, ended_ms = ?11, thumb_key = ?12 WHERE id = "
        "?1 AND state = 'processing'",
        DB_ARGS(
            DB_TEXT(result->id), DB_TEXT(result->asset_id), DB_TEXT(result->key),
            DB_TEXT(result->format), DB_INT(result->bytes), DB_INT(result->width_px),
            DB_INT(result->height_px), DB_TEXT(result->recipe), DB_TEXT(result->notes),
            DB_INT(result->cost_micro_usd), DB_INT(result->now_ms), DB_TEXT(result->thumb_key)),
        &changed));
    *ret = changed > 0;
    return NULL;
}

static const Field RunLost_fields[] = {
    {FIELD_TEXT(RunLost, id), .help = "Its id"},
    {FIELD_TEXT(RunLost, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(RunLost, project_id), .help = "Its project"},
    {FIELD_TEXT(RunLost, hold_id), .help = "What was set aside for it", .optional = true},
    {FIELD_TEXT(RunLost, batch_id), .help = "The batch it is of", .optional = true},
    {FIELD_INT(RunLost, queued_ms), .help = "When it was started"},
    {FIELD_END},
};
static const Shape lost_shape = SHAPE(RunLost);

Err *run_row_ended(DbTx *tx, const char *id, const RunEnd *end, Arena *mem, RunLost *ret)
{
    return db_one(
        tx,
        "UPDATE runs SET state = ?2, step = NULL, error = ?3, error_text = ?4, ended_ms = ?5 WHERE "
        "id = ?1 AND state IN ('created', 'uploaded', 'queued', 'processing') RETURNING id, "
        "tenant_id, project_id, hold_id, batch_id, queued_ms",
        DB_ARGS(
            DB_TEXT(id), DB_TEXT(run_state_names[end->state]), DB_TEXT(end->error),
            DB_TEXT(end->text), DB_INT(clock_now_ms())),
        &lost_shape, mem, ret);
}

Err *run_row_asset_gone(DbTx *tx, const char *id)
{
    return db_run(tx, "UPDATE runs SET asset_id = NULL WHERE id = ?1", DB_ARGS(DB_TEXT(id)), NULL);
}

Err *run_row_thumb_gone(DbTx *tx, const char *id)
{
    return db_run(tx, "UPDATE runs SET thumb_key = NULL WHERE id = ?1", DB_ARGS(DB_TEXT(id)), NULL);
}

Err *run_row_is_source(DbTx *tx, const char *id, bool *ret)
{
    int64_t count;

    TRY(db_number(
        tx,
        "SELECT COUNT(*) FROM runs WHERE source_run_id = ?1 AND state IN ('queued', 'processing')",
        DB_ARGS(DB_TEXT(id)), &count));
    *ret = count > 0;
    return NULL;
}

static const Field RunPlace_fields[] = {
    {FIELD_TEXT(RunPlace, run_id), .help = "Which run"},
    {FIELD_TEXT(RunPlace, project_id), .help = "Its project"},
    {FIELD_TEXT(RunPlace, batch_id), .help = "Its batch", .optional = true},
    {FIELD_END},
};
static const Shape place_shape = SHAPE(RunPlace);

Err *run_place(DbTx *tx, const char *run_id, Arena *mem, RunPlace *ret)
{
    return db_one(
        tx, "SELECT id AS run_id, project_id, batch_id FROM runs WHERE id = ?1",
        DB_ARGS(DB_TEXT(run_id)), &place_shape, mem, ret);
}

static const Field AtWork_fields[] = {
    {FIELD_TEXT(AtWork, id), .help = "Its id"},
    {FIELD_TEXT(AtWork, batch_id), .help = "The batch it is of", .optional = true},
    {FIELD_TEXT(AtWork, step), .help = "What is being done", .optional = true},
    {FIELD_NUMBER(AtWork, progress), .help = "How much is done"},
    {FIELD_INT(AtWork, news), .help = "Number of this progress"},
    {FIELD_END},
};
static const Shape at_work_shape = SHAPE(AtWork);

Err *run_rows_at_work(DbTx *tx, const char *project_id, int64_t after, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT id, batch_id, step, progress, news FROM runs WHERE project_id = ?1 AND news > ?2 "
        "AND state = "
        "'processing' ORDER BY news LIMIT 1000",
        DB_ARGS(DB_TEXT(project_id), DB_INT(after)), &at_work_shape, mem, ret);
}
