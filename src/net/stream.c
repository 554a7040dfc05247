/* A request and all it takes: redirects, repetitions, and its reply read piece by piece. */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/dice.h"
#include "net/net_priv.h"

enum {
    REDIRECTS_MAX = 5,
    WAIT_FIRST_MS = 250,
    SLICE_MS = 50,
};

/* ---- what is asked ---- */

static bool is_token(const char *text)
{
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("!#$%&'*+-.^_`|~", *at))
            return false;
    return *text != 0;
}

static MUST Err *headers_check(const NetHeader *headers)
{
    static const char *const ours[] = {"host",   "content-length", "transfer-encoding",
                                       "expect", "user-agent",     "connection"};

    for (; headers && headers->name; headers++) {
        if (!is_token(headers->name))
            return err_new(ERR_INPUT_INVALID, "a header's name has a letter it cannot have");
        for (const char *at = headers->value; *at; at++)
            if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7f)
                return err_new(
                    ERR_INPUT_INVALID, "header '%s' has a letter it cannot have", headers->name);
        for (size_t i = 0; i < COUNT(ours); i++)
            if (strcasecmp(headers->name, ours[i]) == 0)
                return err_new(ERR_BUG, "header '%s' is made by the client", headers->name);
    }
    return NULL;
}

static bool may_repeat(const NetStream *stream)
{
    static const char *const idempotent[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    const NetRequest *request = &stream->request;

    for (size_t i = 0; i < COUNT(idempotent); i++)
        if (strcmp(stream->method, idempotent[i]) == 0)
            return true;
    for (const NetHeader *header = request->headers; header && header->name; header++)
        if (strcasecmp(header->name, "Idempotency-Key") == 0)
            return true;
    return request->is_repeatable;
}

static MUST Err *
stream_new(NetClient *client, const NetRequest *request, Arena *mem, NetStream **ret)
{
    const char *method = request->method;
    if (!method)
        method = request->body || request->pull ? "POST" : "GET";
    if (!is_token(method))
        return err_new(ERR_INPUT_INVALID, "a method has a letter it cannot have");
    TRY(headers_check(request->headers));

    AUTO(net_stream_free) NetStream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        abort();
    int64_t total_ms = request->total_ms ? request->total_ms : 60 * 1000;
    stream->client = client;
    stream->request = *request;
    stream->mem = mem;
    stream->own = arena_new();
    stream->method = arena_text(stream->own, method);
    stream->deadline_ms = total_ms < 0 ? 0 : clock_ticks_ms() + total_ms;
    stream->request.is_repeatable = may_repeat(stream);
    TRY(net_url_read(request->url, NULL, stream->own, &stream->url));
    stream->lane = net_lane_take(client, request->is_guarded);
    *ret = TAKE(stream);
    return NULL;
}

void net_stream_free(NetStream *stream)
{
    if (!stream)
        return;
    if (stream->lane) {
        net_transfer_end(stream);
        net_lane_give(stream->client, stream->request.is_guarded, stream->lane);
    }
    err_free(stream->failure);
    free(stream->held);
    arena_free(stream->own);
    free(stream);
}

/* ---- redirects ---- */

static const char *redirect_of(const NetStream *stream)
{
    static const int statuses[] = {301, 302, 303, 307, 308};

    if (strcmp(stream->method, "GET") != 0 && strcmp(stream->method, "HEAD") != 0)
        return NULL;
    for (size_t i = 0; i < COUNT(statuses); i++)
        if (stream->reply.status == statuses[i])
            return net_reply_header(&stream->reply, "location");
    return NULL;
}

/* Send, and go where the reply leads. */
static MUST Err *send_once(NetStream *stream)
{
    int most = MIN(stream->request.redirects, (int)REDIRECTS_MAX);
    NetUrl first;

    TRY(net_url_read(stream->request.url, NULL, stream->own, &stream->url));
    first = stream->url;
    for (int hops = 0;; hops++) {
        bool has_moved = strcmp(first.origin, stream->url.origin) != 0;

        if (stream->request.is_guarded)
            TRY(guard_check_url(&stream->client->guard, &stream->url));
        TRY(net_transfer_begin(stream, has_moved));

        const char *location = redirect_of(stream);
        if (!location || most <= 0)
            return NULL;
        net_transfer_end(stream);
        if (hops == most)
            return err_new(
                ERR_UPSTREAM_REFUSED, "'%s' redirects more than %d times", first.origin, most);

        NetUrl next;
        Err *err = net_url_read(location, &stream->url, stream->own, &next);
        if (err)
            return err_because(
                err_new(
                    ERR_UPSTREAM_REFUSED, "'%s' redirects to no usable url", stream->url.origin),
                err);
        if (strcmp(stream->url.scheme, "https") == 0 && strcmp(next.scheme, "http") == 0)
            return err_new(
                ERR_ADDRESS_REFUSED, "'%s' redirects from https to http", stream->url.origin);
        stream->url = next;
    }
}

/* ---- repetitions ---- */

/* Was nothing of the request heard by anybody? */
static bool reached_nobody(const NetStream *stream)
{
    curl_off_t sending_us = 0; /* curl counts at least 1 once it begins to send */

    if (!stream->is_added)
        return true;
    curl_easy_getinfo(stream->lane->easy, CURLINFO_PRETRANSFER_TIME_T, &sending_us);
    return sending_us == 0;
}

static bool body_can_begin_again(const NetStream *stream)
{
    return !stream->request.pull || stream->request.is_pull_repeatable || !stream->is_body_touched;
}

/* Is what came of the last try (ERR, or a reply) worth another one? */
static bool is_worth_another(const NetStream *stream, const Err *err)
{
    static const int passing[] = {408, 425, 429, 500, 502, 503, 504};

    if (stream->tries > stream->request.retries || !body_can_begin_again(stream))
        return false;
    if (err)
        return (err_code(err) == ERR_UPSTREAM_FAILED || err_code(err) == ERR_UPSTREAM_TIMED_OUT) &&
               (stream->request.is_repeatable || reached_nobody(stream));
    for (size_t i = 0; i < COUNT(passing); i++)
        if (stream->reply.status == passing[i])
            return stream->request.is_repeatable;
    return false;
}

/* How long before the next try: what the other side asks for, else longer each time, and uneven, so that many do not come at once. */
static int64_t pause_ms(const NetStream *stream, bool has_reply)
{
    const char *asked = has_reply ? net_reply_header(&stream->reply, "retry-after") : NULL;
    int64_t asked_ms = asked ? net_retry_after_ms(asked, clock_now_ms()) : -1;
    if (asked_ms >= 0)
        return asked_ms;

    int64_t longest_ms = WAIT_FIRST_MS << MIN(stream->tries, 5);
    Dice dice = dice_seeded(dice_hash((uint64_t)clock_ticks_ms(), (uint64_t)(uintptr_t)stream));
    return (int64_t)dice_between(&dice, (double)longest_ms / 2, (double)longest_ms);
}

static bool there_is_time_for(const NetStream *stream, int64_t wait_ms)
{
    return !stream->deadline_ms ? wait_ms <= 5 * 60 * 1000
                                : clock_ticks_ms() + wait_ms < stream->deadline_ms;
}

static MUST Err *pause_for(const NetStream *stream, int64_t wait_ms)
{
    for (int64_t end_ms = clock_ticks_ms() + wait_ms, left_ms;
         (left_ms = end_ms - clock_ticks_ms()) > 0;) {
        struct timespec slice = {.tv_nsec = MIN(left_ms, (int64_t)SLICE_MS) * 1000000};

        TRY(cancel_check(stream->request.cancel));
        nanosleep(&slice, NULL);
    }
    return NULL;
}

/* Takes ERR over: NULL when the request shall be sent again, after the wait that takes; else what it failed with. RET_AGAIN tells. */
static MUST Err *again(NetStream *stream, Err *err, bool *ret_again)
{
    int64_t wait_ms = pause_ms(stream, !err);

    stream->was_heard |= !err || !reached_nobody(stream);
    *ret_again = is_worth_another(stream, err) && there_is_time_for(stream, wait_ms);
    if (!*ret_again)
        return err;
    err_free(err);
    net_transfer_end(stream);
    return pause_for(stream, wait_ms);
}

/* Until there is a reply worth having: its head. */
static MUST Err *reach(NetStream *stream)
{
    for (bool is_again = true; is_again;) {
        stream->tries++;
        TRY(again(stream, send_once(stream), &is_again));
    }
    return NULL;
}

/* ---- the reply ---- */

Err *net_stream_read(NetStream *stream, void *bytes, size_t room, size_t *ret_size)
{
    TRY(net_transfer_wait(stream));

    size_t size = MIN(room, stream->held_size - stream->held_at);
    if (size)
        memcpy(bytes, stream->held + stream->held_at, size);
    stream->held_at += size;
    if (stream->held_at == stream->held_size)
        stream->held_at = stream->held_size = 0;
    *ret_size = size;
    return NULL;
}

static bool is_success(const NetStream *stream)
{
    return stream->reply.status >= 200 && stream->reply.status < 300;
}

/* Read the body to its end. That of a reply which is no success is only told about: what does not fit is left out. */
static MUST Err *drain(NetStream *stream)
{
    const NetRequest *request = &stream->request;
    char bytes[16 * 1024];

    for (size_t size;;) {
        TRY(net_stream_read(stream, bytes, sizeof(bytes), &size));
        if (size == 0)
            return NULL;
        if (is_success(stream) && request->push)
            TRY(request->push(request->push_context, bytes, size));
        else if (request->into)
            TRY(buf_add(
                request->into, bytes,
                is_success(stream) ? size : MIN(size, request->into->limit - request->into->size)));
    }
}

static NetReply reply_kept(const NetStream *stream)
{
    size_t count = (size_t)stream->reply_header_count;
    NetHeader *headers = ARENA_ARRAY(stream->mem, NetHeader, count + 1);

    for (size_t i = 0; i < count; i++)
        headers[i] = (NetHeader){
            arena_text(stream->mem, stream->reply_headers[i].name),
            arena_text(stream->mem, stream->reply_headers[i].value),
        };
    NetReply reply = stream->reply;
    reply.headers = headers;
    reply.tries = stream->tries;
    return reply;
}

/* Until the whole reply is there. */
static MUST Err *converse(NetStream *stream)
{
    const NetRequest *request = &stream->request;
    size_t before = request->into ? request->into->size : 0;

    for (bool is_again = true; is_again;) {
        TRY(reach(stream));
        Err *err = drain(stream);
        bool was_given_away = request->push && is_success(stream) && stream->received > 0;

        if (!err)
            break;
        if (was_given_away)
            return err;
        TRY(again(stream, err, &is_again));
        if (request->into)
            request->into->size = before;
    }
    return NULL;
}

Err *net_send(NetClient *client, const NetRequest *request, Arena *mem, NetReply *ret)
{
    AUTO(net_stream_free) NetStream *stream = NULL;
    bool unused, *was_heard = request->ret_was_heard ? request->ret_was_heard : &unused;
    *was_heard = false;
    TRY(stream_new(client, request, mem, &stream));

    Err *err = converse(stream);
    *was_heard = stream->was_heard;
    TRY(err);
    *ret = reply_kept(stream);
    if (strcmp(stream->method, "HEAD") != 0)
        ret->body_bytes = stream->received;
    return NULL;
}

Err *net_stream_open(
    NetClient *client, const NetRequest *request, Arena *mem, NetReply *ret_reply, NetStream **ret)
{
    AUTO(net_stream_free) NetStream *stream = NULL;

    TRY(stream_new(client, request, mem, &stream));
    TRY(reach(stream));
    if (!is_success(stream))
        TRY(drain(stream));
    stream->deadline_ms = 0;
    *ret_reply = reply_kept(stream);
    *ret = TAKE(stream);
    return NULL;
}
