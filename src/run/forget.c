/* What was made of a photo, or in a whole project, is forgotten: its customer deletes it. */
#include "run/run_priv.h"

static const RunEnd deleted = {
    .state = RUN_CANCELLED, .error = "cancelled", .text = "The photo was deleted."};

/* Work under way is stopped, and its money given back. */
static MUST Err *runs_stop(DbTx *tx, const RunsEnding *ending, Arena *mem)
{
    const RunId *runs = ending->ids->items;
    int64_t waiting;
    Project project;

    if (!ending->ids->count)
        return NULL;
    TRY(runs_end(tx, ending, mem, &project));
    for (size_t i = 0; i < ending->ids->count; i++)
        TRY(job_cancel(tx, runs[i].id, &waiting));
    return NULL;
}

Err *runs_forget_of_photo(DbTx *tx, const char *project_id, const char *photo_id)
{
    AUTO(arena_free) Arena *mem = arena_new();
    int64_t waiting;
    List open = {0};

    TRY(run_ids_open_of_photo(tx, photo_id, mem, &open));
    TRY(runs_stop(tx, &(RunsEnding){.project_id = project_id, .ids = &open, .end = deleted}, mem));
    TRY(job_cancel(tx, photo_id, &waiting));
    return run_rows_of_photo_remove(tx, photo_id);
}

Err *runs_forget_of_project(DbTx *tx, const char *project_id)
{
    AUTO(arena_free) Arena *mem = arena_new();
    List open = {0};

    TRY(run_ids_open(tx, project_id, mem, &open));
    TRY(runs_stop(
        tx,
        &(RunsEnding){
            .project_id = project_id, .ids = &open, .end = deleted, .is_project_cancelled = true},
        mem));
    return run_rows_of_project_remove(tx, project_id);
}
