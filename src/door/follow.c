/* Event streams of what happens in projects. */
#include "door/follow.h"

#include "run/batch.h"

enum {
    EVENT_BYTES_MAX = 64 << 10
};

void *follower_new(Call *call, const char *tenant_id, size_t size)
{
    Arena *mem = arena_new();
    Follower *follower = arena_take(mem, size);

    follower->studio = desk_of(call)->studio;
    follower->tenant_id = arena_text(mem, tenant_id);
    follower->mem = mem;
    return follower;
}

void follower_free(void *follower_any)
{
    Follower *follower = follower_any;

    for (size_t i = 0; i < follower->count; i++)
        run_ear_free(follower->ears[i]);
    arena_free(follower->mem);
}

static void heard(void *follower_any)
{
    Follower *follower = follower_any;
    Events *events = atomic_load(&follower->events);

    if (events)
        events_wake(events);
}

Err *follower_listen(Follower *follower, const char *project_id)
{
    if (follower->count == FOLLOWER_EARS_MAX)
        return err_new(ERR_BUG, "a stream has more than %d ears", FOLLOWER_EARS_MAX);
    TRY(run_listen(
        follower->studio, project_id, heard, follower, &follower->ears[follower->count]));
    follower->count++;
    return NULL;
}

Err *follower_answer(
    Call *call, Follower *follower,
    Err *(*next)(void *follower, const char *last_id, Arena *mem, EventBatch *ret))
{
    Events *events;

    TRY(desk_events(
        call, &(EventSource){.context = follower, .next = next, .free = follower_free}, &events));
    atomic_store(&follower->events, events);
    return NULL;
}

/* ---- the usual one ---- */

typedef struct ProjectFollower {
    Follower follower;
    const char *project_id, *batch_id;
} ProjectFollower;

static MUST Err *event_tell(const RunEvent *event, Arena *mem, Event *ret)
{
    AUTO(buf_done) Buf data = BUF(EVENT_BYTES_MAX);

    TRY(value_write(event->data, VALUE_COMPACT, &data));
    *ret = (Event){
        .id = arena_print(mem, "%lld", (long long)event->number),
        .name = event->kind,
        .data = arena_text(mem, buf_text(&data)),
    };
    return NULL;
}

static Err *project_next(void *context, const char *last_id, Arena *mem, EventBatch *ret)
{
    const ProjectFollower *of = context;
    const EventQuery query = {
        .tenant_id = of->follower.tenant_id,
        .project_id = of->project_id,
        .after = last_id ? strtoll(last_id, NULL, 10) : 0,
        .limit = EVENT_BATCH_MAX,
    };
    bool has_ended;
    List found;

    if (of->batch_id)
        TRY(batch_events(of->follower.studio, &query, of->batch_id, mem, &found, &has_ended));
    else
        TRY(run_events(of->follower.studio, &query, mem, &found, &has_ended));
    for (size_t i = 0; i < found.count; i++)
        TRY(event_tell(&((const RunEvent *)found.items)[i], mem, &ret->items[i]));
    ret->count = found.count;
    ret->more = found.count == EVENT_BATCH_MAX;
    ret->ended = has_ended && !ret->more;
    return NULL;
}

Err *follow_project(Call *call, const Following *of)
{
    ProjectFollower *follower = follower_new(call, of->tenant_id, sizeof(*follower));
    Arena *mem = follower->follower.mem;

    follower->project_id = arena_text(mem, of->project_id);
    follower->batch_id = of->batch_id ? arena_text(mem, of->batch_id) : NULL;
    Err *err = follower_listen(&follower->follower, follower->project_id);
    if (err) {
        follower_free(follower);
        return err;
    }
    return follower_answer(call, &follower->follower, project_next);
}
