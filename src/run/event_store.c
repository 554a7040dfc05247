/* Rows of events: only ever added. */
#include "base/clock.h"
#include "run/run_priv.h"

static const Field RunEvent_fields[] = {
    {FIELD_INT(RunEvent, number), .help = "Its place in the project"},
    {FIELD_TEXT(RunEvent, kind), .help = "What happened"},
    {FIELD_TEXT(RunEvent, run_id), .help = "To which run", .optional = true},
    {FIELD_VALUE(RunEvent, data), .help = "How it stands since"},
    {FIELD_INT(RunEvent, at_ms), .help = "When"},
    {FIELD_END},
};
const Shape run_event_shape = SHAPE(RunEvent);

enum {
    DATA_BYTES_MAX = 64 << 10
};

Err *news_add(DbTx *tx, const News *news)
{
    AUTO(value_free) Value *data = news->data;
    AUTO(buf_done) Buf text = BUF(DATA_BYTES_MAX);

    TRY(value_write(data, VALUE_COMPACT, &text));
    return db_run(
        tx,
        "INSERT INTO run_events (project_id, number, run_id, kind, data, at_ms, batch_id) VALUES "
        "(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        DB_ARGS(
            DB_TEXT(news->project_id), DB_INT(news->number), DB_TEXT(news->run_id),
            DB_TEXT(news->kind), DB_TEXT(buf_text(&text)), DB_INT(clock_now_ms()),
            DB_TEXT(news->batch_id)),
        NULL);
}

/* In one statement, since there may be thousands. An id has no letter that JSON would write otherwise. */
Err *news_add_queued(DbTx *tx, const char *project_id, int64_t after)
{
    return db_run(
        tx,
        "INSERT INTO run_events (project_id, number, run_id, kind, data, at_ms, batch_id) SELECT "
        "project_id, news, id, 'run.queued', '{\"run\":\"' || id || '\",' || CASE WHEN batch_id IS "
        "NULL THEN '' ELSE '\"batch\":\"' || batch_id || '\",' END || '\"state\":\"queued\"}', "
        "queued_ms, batch_id FROM runs WHERE project_id = ?1 AND news > ?2 AND state = 'queued'",
        DB_ARGS(DB_TEXT(project_id), DB_INT(after)), NULL);
}

Err *news_rows(DbTx *tx, const EventQuery *query, const char *batch_id, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT number, kind, run_id, data, at_ms FROM run_events WHERE project_id = ?1 AND number "
        "> ?2 AND (?4 = '' OR batch_id = ?4) ORDER BY number LIMIT ?3",
        DB_ARGS(
            DB_TEXT(query->project_id), DB_INT(query->after), DB_INT(query->limit),
            DB_TEXT(batch_id ? batch_id : "")),
        &run_event_shape, mem, ret);
}
