/* Projects: photos that were sent together, and how their pictures stand. */
#include "asset/asset_priv.h"

const char *const project_state_names[] = {
    [PROJECT_CREATED] = "created",     [PROJECT_PROCESSING] = "processing",
    [PROJECT_COMPLETED] = "completed", [PROJECT_FAILED] = "failed",
    [PROJECT_CANCELLED] = "cancelled", NULL};
const char *const project_kind_names[] = {[PROJECT_JOB] = "job", [PROJECT_BATCH] = "batch", NULL};

typedef struct ProjectWork {
    const char *tenant_id, *id;
    const ProjectQuery *query;
    Arena *mem;
    Project *ret;
    List *ret_list;
} ProjectWork;

static Err *find_work(DbTx *tx, void *work_any)
{
    ProjectWork *work = work_any;

    return project_get(tx, work->tenant_id, work->id, work->mem, work->ret);
}

Err *project_find(
    const Shelf *shelf, const char *tenant_id, const char *id, Arena *mem, Project *ret)
{
    ProjectWork work = {.tenant_id = tenant_id, .id = id, .mem = mem, .ret = ret};

    return db_read(shelf->db, find_work, &work);
}

static Err *list_work(DbTx *tx, void *work_any)
{
    ProjectWork *work = work_any;

    return project_rows(tx, work->query, work->mem, work->ret_list);
}

Err *project_list(const Shelf *shelf, const ProjectQuery *query, Arena *mem, List *ret)
{
    ProjectWork work = {.query = query, .mem = mem, .ret_list = ret};

    return db_read(shelf->db, list_work, &work);
}
