/* Rows of exports. */
#include "base/clock.h"
#include "run/run_priv.h"

const char *const export_state_names[] = {
    [EXPORT_QUEUED] = "queued", [EXPORT_READY] = "ready", [EXPORT_FAILED] = "failed", NULL};

static const Field Export_fields[] = {
    {FIELD_TEXT(Export, id), .help = "Its id"},
    {FIELD_TEXT(Export, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(Export, project_id), .help = "Its project"},
    {FIELD_NAME(Export, state, export_state_names), .help = "How it stands"},
    {FIELD_INT(Export, pictures), .help = "How many pictures it holds"},
    {FIELD_INT(Export, bytes), .help = "Size of the file"},
    {FIELD_TEXT(Export, key), .help = "Where it is", .optional = true},
    {FIELD_TEXT(Export, error_text), .help = "What went wrong", .optional = true},
    {FIELD_INT(Export, created_ms), .help = "When it was wished"},
    {FIELD_END},
};
const Shape export_shape = SHAPE(Export);

#define COLUMNS "id, tenant_id, project_id, state, pictures, bytes, key, error_text, created_ms"

Err *export_row_add(DbTx *tx, const Export *export)
{
    return db_run(
        tx,
        "INSERT INTO exports (" COLUMNS ") VALUES (?1, ?2, ?3, 'queued', ?4, 0, NULL, NULL, ?5)",
        DB_ARGS(
            DB_TEXT(export->id), DB_TEXT(export->tenant_id), DB_TEXT(export->project_id),
            DB_INT(export->pictures), DB_INT(clock_now_ms())),
        NULL);
}

Err *export_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Export *ret)
{
    return db_one(
        tx, "SELECT " COLUMNS " FROM exports WHERE id = ?1 AND tenant_id = ?2",
        DB_ARGS(DB_TEXT(id), DB_TEXT(tenant_id)), &export_shape, mem, ret);
}

Err *export_row_fitting(DbTx *tx, const char *project_id, int64_t pictures, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT " COLUMNS " FROM exports WHERE project_id = ?1 AND pictures = ?2 AND (state = "
        "'queued' OR (state = 'ready' AND key IS NOT NULL)) ORDER BY id DESC LIMIT 1",
        DB_ARGS(DB_TEXT(project_id), DB_INT(pictures)), &export_shape, mem, ret);
}

Err *export_row_ready(DbTx *tx, const Export *done)
{
    return db_run(
        tx, "UPDATE exports SET state = 'ready', pictures = ?2, bytes = ?3, key = ?4 WHERE id = ?1",
        DB_ARGS(DB_TEXT(done->id), DB_INT(done->pictures), DB_INT(done->bytes), DB_TEXT(done->key)),
        NULL);
}

Err *export_row_failed(DbTx *tx, const char *id, const char *text)
{
    return db_run(
        tx, "UPDATE exports SET state = 'failed', error_text = ?2 WHERE id = ?1",
        DB_ARGS(DB_TEXT(id), DB_TEXT(text)), NULL);
}

Err *export_row_again(DbTx *tx, const char *id)
{
    return db_run(
        tx,
        "UPDATE exports SET state = 'queued', error_text = NULL WHERE id = ?1 AND state = 'failed'",
        DB_ARGS(DB_TEXT(id)), NULL);
}

Err *export_row_gone(DbTx *tx, const char *id)
{
    return db_run(tx, "UPDATE exports SET key = NULL WHERE id = ?1", DB_ARGS(DB_TEXT(id)), NULL);
}
