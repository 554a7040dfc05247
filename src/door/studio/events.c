/* What happens to many jobs and batches in one stream: /v1/events. Browsers open six lines to a server, so a page has one for all it shows. */
#include <string.h>

#include "door/follow.h"
#include "door/studio/studio_priv.h"

enum {
    TOPICS_MAX = FOLLOWER_EARS_MAX,
    TOPIC_BYTES = 64,
    AFTER_BYTES = TOPICS_MAX * (TOPIC_BYTES + 24)
};

/* One of them: the id of a job or batch, and the last of its events that was told. */
typedef struct Topic {
    const char *id;
    int64_t after;
    bool has_ended;
} Topic;

typedef struct Watch {
    Follower follower;
    Topic topics[TOPICS_MAX];
    size_t count;
    bool ends; /* with the last of them */
} Watch;

/* An event's id says how far each topic is: "batch_01:12,job_02:3". Those of before, whatever they watched, are understood. */
static const char *place_text(const Watch *watch, Arena *mem)
{
    const char *text = "";

    for (size_t i = 0; i < watch->count; i++)
        text = arena_print(
            mem, "%s%s%s:%lld", text, i ? "," : "", watch->topics[i].id,
            (long long)watch->topics[i].after);
    return text;
}

static void place_read(Watch *watch, const char *text)
{
    for (size_t i = 0; i < watch->count && text; i++) {
        size_t length = strlen(watch->topics[i].id);
        const char *at = text;

        while (at && (strncmp(at, watch->topics[i].id, length) != 0 || at[length] != ':')) {
            at = strchr(at, ',');
            at += at != NULL;
        }
        if (at)
            watch->topics[i].after = strtoll(at + length + 1, NULL, 10);
    }
}

static MUST Err *
event_tell(const Watch *watch, const Topic *topic, const RunEvent *event, Arena *mem, Event *ret)
{
    AUTO(value_free) Value *body = value_object();
    AUTO(buf_done) Buf data = BUF(80 * 1024);

    value_set(body, "topic", value_of_text(topic->id));
    value_set(body, "name", value_of_text(event->kind));
    value_set(body, "data", value_copy(event->data));
    TRY(value_write(body, VALUE_COMPACT, &data));
    *ret = (Event){.id = place_text(watch, mem), .data = arena_text(mem, buf_text(&data))};
    return NULL;
}

static MUST Err *topic_next(Watch *watch, Topic *topic, Arena *mem, EventBatch *ret)
{
    List found;
    bool has_ended;
    const EventQuery query = {
        .tenant_id = watch->follower.tenant_id,
        .project_id = topic->id,
        .after = topic->after,
        .limit = (int64_t)(EVENT_BATCH_MAX - ret->count),
    };

    TRY(run_events(watch->follower.studio, &query, mem, &found, &has_ended));
    for (size_t i = 0; i < found.count; i++) {
        const RunEvent *event = &((const RunEvent *)found.items)[i];

        topic->after = event->number;
        TRY(event_tell(watch, topic, event, mem, &ret->items[ret->count]));
        ret->count++;
    }
    topic->has_ended = has_ended && (int64_t)found.count < query.limit;
    return NULL;
}

static bool all_have_ended(const Watch *watch)
{
    bool have_ended = true;

    for (size_t i = 0; i < watch->count; i++)
        have_ended &= watch->topics[i].has_ended;
    return have_ended;
}

static Err *watch_next(void *context, const char *last_id, Arena *mem, EventBatch *ret)
{
    Watch *watch = context;

    place_read(watch, last_id);
    ret->count = 0;
    for (size_t i = 0; i < watch->count; i++) {
        if (ret->count == EVENT_BATCH_MAX) {
            ret->more = true;
            return NULL;
        }
        TRY(topic_next(watch, &watch->topics[i], mem, ret));
    }
    ret->more = ret->count == EVENT_BATCH_MAX;
    ret->ended = watch->ends && !ret->more && all_have_ended(watch);
    return NULL;
}

typedef struct EventsIn {
    const char *topics, *after;
    bool until_done;
} EventsIn;

static const Field EventsIn_fields[] = {
    {FIELD_TEXT(EventsIn, topics), .help = "Ids of jobs and batches, with commas between them",
     .min = 1, .max = TOPICS_MAX * TOPIC_BYTES},
    {FIELD_TEXT(EventsIn, after),
     .help = "Id of the last event that was seen, whatever was watched then", .optional = true,
     .max = AFTER_BYTES},
    {FIELD_BOOL(EventsIn, until_done), .help = "End the stream when all of them have ended",
     .preset = "false"},
    {FIELD_END},
};

HANDLER(events_follow, EventsIn, void);

const Endpoint studio_events = {
    .method = GET,
    .kind = ENDPOINT_EVENTS,
    .path = "/v1/events",
    .id = "studio_events",
    .summary = "Follow many jobs and batches as they happen",
    .about = "Server-sent events, each with JSON: `topic` (the id), `name` and `data`, as the "
             "streams of "
             "one job or batch tell them. The stream stays open when all of them have ended, "
             "unless `until_done`. "
             "`Last-Event-ID`, or `after` where no header can be sent, goes on where you were.",
    .tag = "Events",
    .scope = "jobs:read",
    .in = SHAPE(EventsIn),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(events_follow),
};

static MUST Err *topic_add(Watch *watch, const char *id)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Topic *topic = &watch->topics[watch->count];
    List found;
    bool has_ended;

    if (watch->count == TOPICS_MAX)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "more than %d topics", TOPICS_MAX),
                "At most %d jobs and batches can be followed in one stream.", TOPICS_MAX),
            "/topics");
    TRY(run_events(
        watch->follower.studio,
        &(EventQuery){.tenant_id = watch->follower.tenant_id, .project_id = id, .limit = 1}, mem,
        &found, &has_ended));
    topic->id = arena_text(watch->follower.mem, id);
    TRY(follower_listen(&watch->follower, topic->id));
    watch->count++;
    return NULL;
}

static MUST Err *topics_add(Watch *watch, const char *list)
{
    while (*list) {
        size_t length = strcspn(list, ",");

        if (length)
            TRY(topic_add(watch, arena_text_n(watch->follower.mem, list, length)));
        list += length + (list[length] == ',');
    }
    return NULL;
}

static Err *events_follow(Call *call, const EventsIn *in, void *out)
{
    const char *tenant_id;

    (void)out;
    TRY(desk_tenant(call, NULL, &tenant_id));
    Watch *watch = follower_new(call, tenant_id, sizeof(*watch));

    watch->ends = in->until_done;
    Err *err = topics_add(watch, in->topics);
    if (err) {
        follower_free(watch);
        return err;
    }
    place_read(watch, in->after);
    return follower_answer(call, &watch->follower, watch_next);
}
