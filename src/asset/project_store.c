/* Rows of projects. */
#include "asset/asset_priv.h"
#include "base/clock.h"

static const Field Project_fields[] = {
    {FIELD_TEXT(Project, id), .help = "Its id"},
    {FIELD_TEXT(Project, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(Project, door), .help = "The door it came in by"},
    {FIELD_TEXT(Project, name), .help = "What it is called"},
    {FIELD_TEXT(Project, brand_id), .help = "The brand its pictures are made for",
     .optional = true},
    {FIELD_NAME(Project, kind, project_kind_names), .help = "Who brings the photos"},
    {FIELD_NAME(Project, state, project_state_names), .help = "How it stands"},
    {FIELD_INT(Project, total), .help = "Pictures to be made"},
    {FIELD_INT(Project, underway), .help = "Pictures that are queued or at work"},
    {FIELD_INT(Project, completed), .help = "Pictures that are there"},
    {FIELD_INT(Project, failed), .help = "Pictures that could not be made"},
    {FIELD_INT(Project, cancelled), .help = "Pictures that are no longer wished"},
    {FIELD_INT(Project, news), .help = "Number of the last event"},
    {FIELD_INT(Project, created_ms), .help = "When it was begun"},
    {FIELD_INT(Project, started_ms), .help = "When the first picture was queued"},
    {FIELD_INT(Project, ended_ms), .help = "When the last one ended"},
    {FIELD_END},
};
const Shape project_shape = SHAPE(Project);

#define COLUMNS \
    "id, tenant_id, door, name, brand_id, kind, state, total, underway, completed, failed, " \
    "cancelled, news, created_ms, started_ms, ended_ms"

Err *project_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Project *ret)
{
    return db_one(
        tx, "SELECT " COLUMNS " FROM projects WHERE id = ?1 AND tenant_id = ?2",
        DB_ARGS(DB_TEXT(id), DB_TEXT(tenant_id)), &project_shape, mem, ret);
}

/* No id begins with "zzz". */
Err *project_rows(DbTx *tx, const ProjectQuery *query, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT " COLUMNS " FROM projects WHERE tenant_id = ?1 AND door = ?2 AND kind = ?3 AND id "
        "< ?4 ORDER BY id DESC LIMIT ?5",
        DB_ARGS(
            DB_TEXT(query->tenant_id), DB_TEXT(query->door),
            DB_TEXT(project_kind_names[query->kind]),
            DB_TEXT(query->before ? query->before : "zzz"), DB_INT(query->limit)),
        &project_shape, mem, ret);
}

Err *project_add(DbTx *tx, const Project *project)
{
    return db_run(
        tx,
        "INSERT INTO projects (" COLUMNS ") "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'created', ?7, 0, 0, 0, 0, 0, ?8, 0, 0)",
        DB_ARGS(
            DB_TEXT(project->id), DB_TEXT(project->tenant_id), DB_TEXT(project->door),
            DB_TEXT(project->name ? project->name : ""), DB_TEXT(project->brand_id),
            DB_TEXT(project_kind_names[project->kind]), DB_INT(project->total),
            DB_INT(clock_now_ms())),
        NULL);
}

/* The right-hand sides are of the row as it was. What is begun after an end is underway again, and no project that is empty is cancelled. */
Err *project_step(DbTx *tx, const ProjectStep *step, Arena *mem, Project *ret)
{
    return db_one(
        tx,
        "UPDATE projects SET underway = underway + ?2, completed = completed + ?3, "
        "failed = failed + ?4, cancelled = cancelled + ?5, news = news + ?6, total = total + ?9, "
        "state = CASE WHEN ?7 = 1 OR (state = 'cancelled' AND ?2 <= 0) THEN 'cancelled' "
        "WHEN underway + ?2 > 0 THEN 'processing' "
        "WHEN completed + ?3 > 0 THEN 'completed' "
        "WHEN failed + ?4 > 0 THEN 'failed' "
        "WHEN cancelled + ?5 = total + ?9 AND total + ?9 > 0 THEN 'cancelled' ELSE 'created' END, "
        "started_ms = CASE WHEN started_ms = 0 AND ?2 > 0 THEN ?8 ELSE started_ms END, "
        "ended_ms = CASE WHEN underway + ?2 > 0 THEN 0 "
        "WHEN ended_ms = 0 AND completed + ?3 + failed + ?4 + cancelled + ?5 > 0 THEN ?8 "
        "ELSE ended_ms END "
        "WHERE id = ?1 RETURNING " COLUMNS,
        DB_ARGS(
            DB_TEXT(step->project_id), DB_INT(step->underway), DB_INT(step->completed),
            DB_INT(step->failed), DB_INT(step->cancelled), DB_INT(step->news),
            DB_INT(step->is_cancelled), DB_INT(clock_now_ms()), DB_INT(step->total)),
        &project_shape, mem, ret);
}
