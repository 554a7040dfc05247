/* Rows of runs that go for good. */
#include "run/run_priv.h"

static const Field RunId_fields[] = {
    {FIELD_TEXT(RunId, id), .help = "Its id"},
    {FIELD_END},
};
static const Shape run_id_shape = SHAPE(RunId);

Err *run_ids_open_of_photo(DbTx *tx, const char *photo_id, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT id FROM runs WHERE photo_id = ?1 AND state NOT IN ('completed', 'failed', "
        "'cancelled') ORDER BY position",
        DB_ARGS(DB_TEXT(photo_id)), &run_id_shape, mem, ret);
}

Err *run_rows_of_photo_remove(DbTx *tx, const char *photo_id)
{
    return db_run(tx, "DELETE FROM runs WHERE photo_id = ?1", DB_ARGS(DB_TEXT(photo_id)), NULL);
}

Err *run_rows_of_project_remove(DbTx *tx, const char *project_id)
{
    const DbArg *of = DB_ARGS(DB_TEXT(project_id));

    TRY(db_run(tx, "DELETE FROM run_events WHERE project_id = ?1", of, NULL));
    TRY(db_run(tx, "DELETE FROM exports WHERE project_id = ?1", of, NULL));
    TRY(db_run(tx, "DELETE FROM runs WHERE project_id = ?1", of, NULL));
    return db_run(tx, "DELETE FROM batches WHERE project_id = ?1", of, NULL);
}
