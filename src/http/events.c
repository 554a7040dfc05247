/* Streams of events: text that workers fetch and the loop sends on. */
#include "http/events.h"

#include <string.h>

#include "base/clock.h"
#include "http/server_priv.h"
#include "watch/metric.h"

enum {
    HEARTBEAT_MS = 15 * 1000,
    POLL_MS = 15 * 1000,
    PENDING_BYTES_MAX = 256 * 1024, /* a client that does not keep up is not asked for more */
    BATCH_BYTES_MAX = 4 * 1024 * 1024
};

/* Ends when the loop has dropped it and no worker is at it. */
struct Events {
    HttpServer *server;
    Events *next, **self; /* in the server's list, by its mutex */
    struct MHD_Connection *wire;
    Call *call; /* gone when it is dropped */
    EventSource source;
    Arena *last_mem;
    const char *last_id;
    Work work;

    pthread_mutex_t mutex;
    Buf pending;
    size_t taken;
    bool is_waiting;           /* the connection is suspended */
    bool is_socket;            /* frames on a socket, not text in a reply */
    bool is_asking, is_wanted; /* a worker is at it; there is reason to ask again */
    bool has_ended, is_dropped, is_stopped;
    int64_t asked_ms, sent_ms;
};

static void resume(Events *events)
{
    if (events->is_socket)
        sockets_wake(events->server->sockets);
    if (!events->is_waiting)
        return;
    events->is_waiting = false;
    MHD_resume_connection(events->wire);
}

/* ---- on a worker ---- */

static MUST Err *data_add(Buf *text, const char *data)
{
    do {
        size_t length = strcspn(data, "\r\n");

        TRY(buf_add_text(text, "data: "));
        TRY(buf_add(text, data, length));
        TRY(buf_add_text(text, "\n"));
        data += length;
        if (!*data)
            return NULL;
        data += data[0] == '\r' && data[1] == '\n' ? 2 : 1;
    } while (true);
}

Err *event_write(const Event *event, Buf *text)
{
    if (event->id)
        TRY(buf_print(text, "id: %s\n", event->id));
    if (event->name)
        TRY(buf_print(text, "event: %s\n", event->name));
    TRY(data_add(text, event->data ? event->data : ""));
    return buf_add_text(text, "\n");
}

static MUST Err *batch_write(Events *events, const EventBatch *batch, Buf *text)
{
    for (size_t i = 0; i < batch->count; i++) {
        const Event *event = &batch->items[i];

        TRY(events->is_socket ? socket_event_write(event, text) : event_write(event, text));
        if (!event->id)
            continue;
        arena_free(events->last_mem);
        events->last_mem = arena_new();
        events->last_id = arena_text(events->last_mem, event->id);
    }
    return NULL;
}

static MUST Err *source_ask(Events *events, Buf *text, bool *ret_more, bool *ret_ended)
{
    AUTO(arena_free) Arena *mem = arena_new();
    EventBatch *batch = arena_take(mem, sizeof(*batch));

    TRY(events->source.next(events->source.context, events->last_id, mem, batch));
    *ret_more = batch->more;
    *ret_ended = batch->ended;
    return batch_write(events, batch, text);
}

static void events_free(Events *events)
{
    HttpServer *server = events->server;

    pthread_mutex_lock(&server->mutex);
    *events->self = events->next;
    if (events->next)
        events->next->self = events->self;
    pthread_mutex_unlock(&server->mutex);
    if (events->source.free)
        events->source.free(events->source.context);
    pthread_mutex_lock(&server->mutex);
    server->stream_count--;
    pthread_mutex_unlock(&server->mutex);
    metric_add(METRIC_HTTP_STREAMS, -1, NULL);
    pthread_mutex_destroy(&events->mutex);
    buf_done(&events->pending);
    arena_free(events->last_mem);
    free(events);
}

static void round_end(Events *events, const Buf *text, bool is_over)
{
    AUTO(err_free) Err *full = buf_add(&events->pending, text->bytes, text->size);

    events->has_ended |= is_over || full;
    events->asked_ms = clock_ticks_ms();
    if (text->size || events->has_ended)
        resume(events);
}

static void ask_work(void *events_any)
{
    Events *events = events_any;

    pthread_mutex_lock(&events->mutex);
    while (events->is_wanted && !events->is_dropped && !events->has_ended) {
        AUTO(buf_done) Buf text = BUF(BATCH_BYTES_MAX);
        bool more = false, ended = false;

        events->is_wanted = false;
        pthread_mutex_unlock(&events->mutex);
        Err *err = source_ask(events, &text, &more, &ended);
        if (err)
            watch_err("http.events", err, NULL);
        pthread_mutex_lock(&events->mutex);
        round_end(events, &text, ended || err);
        err_free(err);
        events->is_wanted |= more;
        if (events->pending.size - events->taken > PENDING_BYTES_MAX)
            break;
    }
    events->is_asking = false;
    bool is_dropped = events->is_dropped;
    pthread_mutex_unlock(&events->mutex);
    if (is_dropped)
        events_free(events);
}

/* ---- from anywhere ---- */

/* The mutex is held. */
static void ask(Events *events)
{
    if (events->is_asking ||
        (!events->is_dropped &&
         (events->has_ended || events->pending.size - events->taken > PENDING_BYTES_MAX)))
        return;
    events->is_asking = true;
    events->work = (Work){.run = ask_work, .about = events};
    pool_add(events->server->pool, &events->work);
}

void events_wake(Events *events)
{
    pthread_mutex_lock(&events->mutex);
    events->is_wanted = true;
    if (!events->is_dropped)
        ask(events);
    pthread_mutex_unlock(&events->mutex);
}

/* ---- on the loop ---- */

static ssize_t pending_take(Events *events, char *to, size_t room)
{
    size_t size = MIN(room, events->pending.size - events->taken);

    memcpy(to, events->pending.bytes + events->taken, size);
    events->taken += size;
    if (events->taken == events->pending.size)
        events->pending.size = events->taken = 0;
    events->sent_ms = clock_ticks_ms();
    atomic_fetch_add(&events->call->sent, (int64_t)size);
    if (events->is_wanted)
        ask(events);
    return (ssize_t)size;
}

static ssize_t events_take(void *events_any, uint64_t at, char *to, size_t room)
{
    Events *events = events_any;
    ssize_t size = 0;

    (void)at;
    pthread_mutex_lock(&events->mutex);
    if (events->pending.size > events->taken)
        size = pending_take(events, to, room);
    else if (events->has_ended || events->is_stopped)
        size = MHD_CONTENT_READER_END_OF_STREAM;
    else {
        events->is_waiting = true;
        MHD_suspend_connection(events->wire);
    }
    pthread_mutex_unlock(&events->mutex);
    return size;
}

void events_drop(void *events_any)
{
    Events *events = events_any;

    pthread_mutex_lock(&events->mutex);
    events->is_dropped = true;
    ask(events);
    pthread_mutex_unlock(&events->mutex);
}

/* ---- over a socket ---- */

size_t events_socket_take(Events *events, char *to, size_t room, bool *ret_ended, bool *ret_stopped)
{
    size_t size = 0;

    pthread_mutex_lock(&events->mutex);
    if (events->pending.size > events->taken)
        size = (size_t)pending_take(events, to, room);
    *ret_ended = !size && events->has_ended;
    *ret_stopped = !size && events->is_stopped;
    pthread_mutex_unlock(&events->mutex);
    return size;
}

bool events_socket_say(Events *events, const Buf *frame)
{
    pthread_mutex_lock(&events->mutex);
    bool is_taken = events->pending.size - events->taken <= PENDING_BYTES_MAX;
    AUTO(err_free) Err *full =
        is_taken ? buf_add(&events->pending, frame->bytes, frame->size) : NULL;
    pthread_mutex_unlock(&events->mutex);
    return is_taken && !full;
}

/* On the loop, once the 101 is sent. */
static void socket_take_over(
    void *events_any, struct MHD_Connection *wire, void *call_any, const char *early, size_t size,
    MHD_socket fd, struct MHD_UpgradeResponseHandle *handle)
{
    Events *events = events_any;

    (void)wire;
    (void)call_any;
    events->call->socket = NULL;
    sockets_add(events->server->sockets, events, handle, fd, &(Early){early, size});
}

/* The server's mutex is held. */
static int streams_of(const HttpServer *server, const char *owner)
{
    int count = 0;

    for (const Events *events = server->streams; owner && events; events = events->next)
        count += events->source.owner && strcmp(events->source.owner, owner) == 0;
    return count;
}

static MUST Err *stream_add(HttpServer *server, Events *events)
{
    Err *err = NULL;

    pthread_mutex_lock(&server->mutex);
    if (server->stream_count >= server->limits.streams || atomic_load(&server->is_stopping))
        err = err_new(ERR_SERVER_BUSY, "too many streams of events");
    else if (streams_of(server, events->source.owner) >= server->limits.per_owner)
        err = err_public(
            err_new(ERR_RATE_LIMITED, "too many streams of events of one owner"),
            "Too many streams of events are open: %d is the most. Close one first.",
            server->limits.per_owner);
    else {
        events->next = server->streams;
        events->self = &server->streams;
        if (events->next)
            events->next->self = &events->next;
        server->streams = events;
        server->stream_count++;
    }
    pthread_mutex_unlock(&server->mutex);
    return err;
}

static Events *events_new(Call *call, const EventSource *source)
{
    Events *events = calloc(1, sizeof(*events));
    const char *last = call_header(call, "Last-Event-ID");

    if (!events)
        abort();
    *events = (Events){
        .server = call->server,
        .wire = call->wire,
        .call = call,
        .source = *source,
        .pending = BUF(2 * BATCH_BYTES_MAX),
        .last_mem = arena_new(),
        .asked_ms = clock_ticks_ms(),
        .sent_ms = clock_ticks_ms(),
        .is_socket = socket_is_asked(call),
    };
    events->last_id = arena_text(events->last_mem, last);
    pthread_mutex_init(&events->mutex, NULL);
    return events;
}

/* Lines of text in a reply without end. */
static MUST Err *text_answer(Call *call, Events *events)
{
    call->reply_type = "text/event-stream";
    call_header_set(call, "Cache-Control", "no-store");
    call_header_set(call, "X-Accel-Buffering", "no");
    call->given =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1024, events_take, events, events_drop);
    pthread_mutex_lock(&events->mutex);
    Err *err = buf_add_text(&events->pending, "retry: 2000\n\n");
    pthread_mutex_unlock(&events->mutex);
    return err;
}

static void socket_answer(Call *call, Events *events, const char *accept)
{
    call->status = 101;
    call->socket = events;
    call_header_set(call, "Upgrade", "websocket");
    call_header_set(call, "Sec-WebSocket-Accept", accept);
    call->given = MHD_create_response_for_upgrade(socket_take_over, events);
}

Err *call_events(Call *call, const EventSource *source, Events **ret)
{
    Events *events = events_new(call, source);
    const char *accept = NULL;

    Err *refused = events->is_socket ? socket_accept(call, &accept) : NULL;
    if (!refused)
        refused = stream_add(call->server, events);
    if (refused) {
        if (source->free)
            source->free(source->context);
        pthread_mutex_destroy(&events->mutex);
        arena_free(events->last_mem);
        free(events);
        return refused;
    }
    metric_add(METRIC_HTTP_STREAMS, 1, NULL);
    *ret = events;
    Err *err = NULL;
    if (accept)
        socket_answer(call, events, accept);
    else
        err = text_answer(call, events);

    pthread_mutex_lock(&events->mutex);
    events->is_wanted = true;
    ask(events);
    pthread_mutex_unlock(&events->mutex);
    return err;
}

/* ---- the ticker ---- */

static void stream_tick(Events *events, int64_t now_ms)
{
    int64_t poll_ms = events->source.poll_ms ? events->source.poll_ms : POLL_MS;

    pthread_mutex_lock(&events->mutex);
    if (now_ms - events->asked_ms >= poll_ms && !events->is_dropped) {
        events->is_wanted = true;
        ask(events);
    }
    if ((events->is_waiting || events->is_socket) && now_ms - events->sent_ms >= HEARTBEAT_MS) {
        err_free(
            events->is_socket ? socket_ping_write(&events->pending)
                              : buf_add_text(&events->pending, ":\n\n"));
        events->sent_ms = now_ms;
        resume(events);
    }
    pthread_mutex_unlock(&events->mutex);
}

void events_tick(HttpServer *server, int64_t now_ms)
{
    pthread_mutex_lock(&server->mutex);
    for (Events *events = server->streams; events; events = events->next)
        stream_tick(events, now_ms);
    pthread_mutex_unlock(&server->mutex);
}

void events_end(HttpServer *server)
{
    pthread_mutex_lock(&server->mutex);
    for (Events *events = server->streams; events; events = events->next) {
        pthread_mutex_lock(&events->mutex);
        events->is_stopped = true;
        resume(events);
        pthread_mutex_unlock(&events->mutex);
    }
    pthread_mutex_unlock(&server->mutex);
}
