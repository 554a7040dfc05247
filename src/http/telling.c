/* Events that a patient handler sends while it is at work. */
#include <string.h>

#include "base/clock.h"
#include "http/events.h"
#include "http/server_priv.h"

enum {
    HEARTBEAT_MS = 15 * 1000,
    EVENT_BYTES_MAX = 128 * 1024 * 1024 /* a picture in base64 and what is said of it */
};

/* Lives as long as its call, which two hold: the connection until it is done, the handler until it returns. */
struct Telling {
    Call *call;
    pthread_mutex_t mutex;
    pthread_cond_t sent;
    Buf pending; /* one event at a time */
    size_t taken;
    bool is_waiting; /* the connection is suspended */
    bool has_ended, is_dropped;
    int64_t sent_ms;
};

/* The mutex is held. */
static void resume(Telling *telling)
{
    if (!telling->is_waiting)
        return;
    telling->is_waiting = false;
    MHD_resume_connection(telling->call->wire);
}

static bool is_unsent(const Telling *telling)
{
    return telling->pending.size > telling->taken;
}

/* ---- on the loop ---- */

static ssize_t telling_take(void *telling_any, uint64_t at, char *to, size_t room)
{
    Telling *telling = telling_any;
    ssize_t size = 0;

    (void)at;
    pthread_mutex_lock(&telling->mutex);
    if (is_unsent(telling)) {
        size_t piece = MIN(room, telling->pending.size - telling->taken);

        memcpy(to, telling->pending.bytes + telling->taken, piece);
        telling->taken += piece;
        telling->sent_ms = clock_ticks_ms();
        atomic_fetch_add(&telling->call->sent, (int64_t)piece);
        size = (ssize_t)piece;
        if (!is_unsent(telling))
            pthread_cond_signal(&telling->sent);
    } else if (telling->has_ended) {
        size = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        telling->is_waiting = true;
        MHD_suspend_connection(telling->call->wire);
    }
    pthread_mutex_unlock(&telling->mutex);
    return size;
}

void telling_drop(Telling *telling)
{
    pthread_mutex_lock(&telling->mutex);
    telling->is_dropped = true;
    pthread_cond_signal(&telling->sent);
    pthread_mutex_unlock(&telling->mutex);
    cancel_ask(&telling->call->cancel);
}

void telling_free(Telling *telling)
{
    if (!telling)
        return;
    pthread_cond_destroy(&telling->sent);
    pthread_mutex_destroy(&telling->mutex);
    buf_done(&telling->pending);
    free(telling);
}

/* ---- the ticker ---- */

void telling_tick(Telling *telling, int64_t now_ms)
{
    pthread_mutex_lock(&telling->mutex);
    if (telling->is_waiting && !is_unsent(telling) && now_ms - telling->sent_ms >= HEARTBEAT_MS) {
        telling->pending.size = telling->taken = 0;
        err_free(buf_add_text(&telling->pending, ":\n\n"));
        resume(telling);
    }
    pthread_mutex_unlock(&telling->mutex);
}

/* ---- on the handler's thread ---- */

static MUST Err *begin(Call *call, const Event *event)
{
    Telling *telling = calloc(1, sizeof(*telling));

    if (!telling)
        abort();
    *telling =
        (Telling){.call = call, .pending = BUF(EVENT_BYTES_MAX), .sent_ms = clock_ticks_ms()};
    pthread_mutex_init(&telling->mutex, NULL);
    pthread_cond_init(&telling->sent, NULL);

    Err *err = event_write(event, &telling->pending);
    if (err) {
        telling_free(telling);
        return err;
    }
    call->telling = telling;
    call->reply_type = "text/event-stream";
    call_header_set(call, "Cache-Control", "no-store");
    call_header_set(call, "X-Accel-Buffering", "no");
    call->given =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1024, telling_take, telling, NULL);
    TRY(call_reply_make(call, NULL));
    call_share(call);
    return NULL;
}

Err *call_event_send(Call *call, const Event *event)
{
    Telling *telling = call->telling;
    Err *err = NULL;

    if (!call->endpoint->is_patient)
        return err_new(ERR_BUG, "'%s' sends events and is not patient", call->endpoint->id);
    if (!telling)
        return begin(call, event);

    pthread_mutex_lock(&telling->mutex);
    while (is_unsent(telling) && !telling->is_dropped)
        pthread_cond_wait(&telling->sent, &telling->mutex);
    telling->pending.size = telling->taken = 0;
    err = telling->is_dropped ? err_new(ERR_CANCELLED, "the client left")
                              : event_write(event, &telling->pending);
    resume(telling);
    pthread_mutex_unlock(&telling->mutex);
    return err;
}

bool call_has_told(const Call *call)
{
    return call->telling != NULL;
}

void telling_end(Telling *telling, const Event *last)
{
    if (last)
        err_free(call_event_send(telling->call, last)); /* there is nobody left to tell */
    pthread_mutex_lock(&telling->mutex);
    telling->has_ended = true;
    resume(telling);
    pthread_mutex_unlock(&telling->mutex);
}
