/* What happens in a project, as it happens. Progress is told from where a run stands now, so however often it moves, a listener gets the
 * last word only. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "run/batch_priv.h"

struct RunEar {
    DbEar *ear;
};

static const char *topic_of(const char *project_id, Arena *mem)
{
    return arena_print(mem, "project:%s", project_id);
}

Err *news_signal(DbTx *tx, const char *project_id)
{
    AUTO(arena_free) Arena *mem = arena_new();

    return db_signal(tx, topic_of(project_id, mem));
}

Err *news_add_project(DbTx *tx, const Project *project)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Value *data = value_object();

    value_set(data, "state", value_of_text(project_state_names[project->state]));
    value_set(data, "total", value_of_int(project->total));
    value_set(data, "completed", value_of_int(project->completed));
    value_set(data, "failed", value_of_int(project->failed));
    value_set(data, "cancelled", value_of_int(project->cancelled));
    return news_add(
        tx, &(News){
                .project_id = project->id,
                .kind = arena_print(mem, "project.%s", project_state_names[project->state]),
                .number = project->news,
                .data = data});
}

static void value_end(void *value)
{
    value_free(value);
}

static RunEvent progress_event(const AtWork *run, Arena *mem)
{
    Value *data = value_object();

    arena_keep(mem, value_end, data);
    value_set(data, "run", value_of_text(run->id));
    if (run->batch_id)
        value_set(data, "batch", value_of_text(run->batch_id));
    value_set(data, "state", value_of_text(run_state_names[RUN_PROCESSING]));
    value_set(data, "progress", value_of_number(round(run->progress * 1000) / 1000));
    value_set(data, "step", value_of_text(run->step));
    return (RunEvent){
        .number = run->news,
        .kind = "run.progress",
        .run_id = run->id,
        .data = data,
        .at_ms = clock_now_ms(),
    };
}

/* Both lists are sorted by number. At most LIMIT of them, so that nothing between two pages is passed over. */
static void merge(const List *told, const List *at_work, int64_t limit, Arena *mem, List *ret)
{
    const RunEvent *events = told->items;
    const AtWork *runs = at_work->items;
    RunEvent *merged = ARENA_ARRAY(mem, RunEvent, told->count + at_work->count + 1);
    size_t count = 0, i = 0, j = 0;

    while (count < (size_t)limit && (i < told->count || j < at_work->count)) {
        bool is_told = j == at_work->count || (i < told->count && events[i].number < runs[j].news);

        merged[count++] = is_told ? events[i] : progress_event(&runs[j], mem);
        i += is_told;
        j += !is_told;
    }
    *ret = (List){merged, count};
}

/* ---- batches have the last word on how far they are ---- */

/* Each batch that EVENTS tell of, once. */
static size_t batches_of(const RunEvent *events, size_t count, const char **ret)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        const char *id = value_text(value_get(events[i].data, "batch"));
        bool is_new = id != NULL;

        for (size_t j = 0; is_new && j < found; j++)
            is_new = strcmp(ret[j], id) != 0;
        if (is_new)
            ret[found++] = id;
    }
    return found;
}

/* Under the number of the last event: whoever has heard that goes on behind both. */
static MUST Err *progress_append(DbTx *tx, const EventQuery *query, Arena *mem, List *events)
{
    RunEvent *all = ARENA_ARRAY(mem, RunEvent, 2 * events->count + 1);
    const char **ids = ARENA_ARRAY(mem, const char *, events->count + 1);
    size_t count = batches_of(events->items, events->count, ids);

    if (!count)
        return NULL;
    memcpy(all, events->items, events->count * sizeof(*all));
    for (size_t i = 0; i < count; i++) {
        Batch batch;

        TRY(batch_get(tx, query->tenant_id, ids[i], mem, &batch));
        all[events->count + i] = (RunEvent){
            .number = all[events->count - 1].number,
            .kind = "batch.progress",
            .data = batch_say(&batch),
            .at_ms = clock_now_ms(),
        };
        arena_keep(mem, value_end, (Value *)all[events->count + i].data);
    }
    *events = (List){all, events->count + count};
    return NULL;
}

/* ---- reading ---- */

typedef struct EventWork {
    const EventQuery *query;
    const char *batch_id;
    bool is_of_batches; /* they have their own word, too */
    Arena *mem;
    List *ret;
    bool *ret_ended;
} EventWork;

static void at_work_keep(List *at_work, const char *batch_id)
{
    AtWork *runs = at_work->items;
    size_t kept = 0;

    for (size_t i = 0; i < at_work->count; i++)
        if (runs[i].batch_id && strcmp(runs[i].batch_id, batch_id) == 0)
            runs[kept++] = runs[i];
    at_work->count = kept;
}

/* Batches need room for their own word: one for all, or one for each event. */
static int64_t room_of(const EventWork *work)
{
    int64_t limit = work->query->limit;

    if (!work->is_of_batches)
        return limit;
    return work->batch_id ? limit - 1 : limit / 2;
}

static Err *event_work(DbTx *tx, void *work_any)
{
    EventWork *work = work_any;
    EventQuery query = *work->query;
    List told = {0}, at_work = {0};
    Project project;
    Batch batch;

    query.limit = room_of(work);
    TRY(project_get(tx, query.tenant_id, query.project_id, work->mem, &project));
    bool has_ended = project.ended_ms && !project.underway;
    if (work->batch_id) {
        TRY(batch_get(tx, query.tenant_id, work->batch_id, work->mem, &batch));
        has_ended = batch_has_ended(batch.state);
    }
    TRY(news_rows(tx, &query, work->batch_id, work->mem, &told));
    TRY(run_rows_at_work(tx, query.project_id, query.after, work->mem, &at_work));
    if (work->batch_id)
        at_work_keep(&at_work, work->batch_id);
    merge(&told, &at_work, query.limit, work->mem, work->ret);
    *work->ret_ended = has_ended && (int64_t)work->ret->count < query.limit;
    return work->is_of_batches ? progress_append(tx, &query, work->mem, work->ret) : NULL;
}

Err *run_events(
    const Studio *studio, const EventQuery *query, Arena *mem, List *ret, bool *ret_ended)
{
    EventWork work = {.query = query, .mem = mem, .ret = ret, .ret_ended = ret_ended};

    return db_read(studio->shelf.db, event_work, &work);
}

Err *batch_events(
    const Studio *studio, const EventQuery *query, const char *batch_id, Arena *mem, List *ret,
    bool *ret_ended)
{
    EventWork work = {
        .query = query,
        .batch_id = batch_id,
        .is_of_batches = true,
        .mem = mem,
        .ret = ret,
        .ret_ended = ret_ended,
    };

    return db_read(studio->shelf.db, event_work, &work);
}

Err *run_listen(
    const Studio *studio, const char *project_id, void (*heard)(void *context), void *context,
    RunEar **ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    RunEar *ear = calloc(1, sizeof(*ear));

    if (!ear)
        abort();
    ear->ear = db_listen(studio->shelf.db, topic_of(project_id, mem));
    db_ear_watch(ear->ear, heard, context);
    *ret = ear;
    return NULL;
}

void run_ear_free(RunEar *ear)
{
    if (!ear)
        return;
    db_ear_watch(ear->ear, NULL, NULL);
    db_ear_free(ear->ear);
    free(ear);
}
