/* Streams of events over WebSocket (RFC 6455): one thread sends their frames, and reads what clients say, which is never more than a few bytes.
 *
 * libmicrohttpd hands the socket over once its 101 is sent; from then on the thread alone reads and writes it, until it gives it back to be closed. What
 * is to be sent stands in the stream's own buffer, whole frames in order. Over our own TLS the library stands between, and carries four bytes in each
 * of its records (0.9.75): right, and dear; a proxy that speaks TLS for us does not. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/hash1.h"
#include "http/events.h"
#include "http/server_priv.h"

enum {
    IN_BYTES = 4096,     /* the most that a client may say in one message */
    HEAD_BYTES = 14,     /* the longest head of a frame */
    CONTROL_BYTES = 125, /* the longest control frame */
    OUT_BYTES = 16 * 1024,
    LOOK_MS = 500,
    SILENT_MS = 60 * 1000, /* a client that answers no ping in all this time is gone */
    FAREWELL_MS = 2000     /* for its answer to our close */
};

typedef enum Opcode {
    OP_MORE = 0,
    OP_TEXT = 1,
    OP_BYTES = 2,
    OP_CLOSE = 8,
    OP_PING = 9,
    OP_PONG = 10
} Opcode;

enum {
    CLOSE_DONE = 1000,
    CLOSE_LEAVING = 1001,
    CLOSE_WRONG = 1002,
    CLOSE_TOO_LARGE = 1009
};

typedef struct Socket {
    struct Socket *next;
    Events *events;
    struct MHD_UpgradeResponseHandle *handle;
    int fd;
    unsigned char in[IN_BYTES + HEAD_BYTES];
    size_t in_size;
    char out[OUT_BYTES];
    size_t out_at, out_size;
    size_t message_bytes; /* of the message whose frames are coming */
    bool is_in_message;
    bool is_closing; /* a close frame stands in the stream or was sent */
    bool is_over;
    int64_t heard_ms, leaves_ms; /* leaves_ms: 0 until our close is sent */
} Socket;

struct Sockets {
    pthread_mutex_t mutex;
    Socket *first;
    pthread_t thread;
    int bell;
    bool is_ending; /* by mutex */
};

/* ---- the handshake ---- */

static MUST Err *refused(Call *call, const char *why)
{
    call_header_set(call, "Sec-WebSocket-Version", "13");
    return err_public(
        err_new(ERR_REQUEST_INVALID, "handshake: %s", why), "This is no WebSocket handshake: %s.",
        why);
}

static bool list_has(const char *list, const char *word)
{
    size_t length = strlen(word);

    while (list && *list) {
        list += strspn(list, ", \t");
        size_t part = strcspn(list, ", \t");

        if (part == length && strncasecmp(list, word, length) == 0)
            return true;
        list += part;
    }
    return false;
}

/* A page of elsewhere must not listen with what its reader's browser holds for us. */
static bool origin_is_ours(const Call *call)
{
    const char *origin = call_header(call, "Origin");
    const char *const *row = call->server->setup.origins;

    if (!origin || strcmp(origin, call_origin(call)) == 0)
        return true;
    for (; row && *row; row++)
        if (strcmp(*row, "*") == 0 || strcmp(*row, origin) == 0)
            return true;
    return false;
}

bool socket_is_asked(const Call *call)
{
    return list_has(call_header(call, "Upgrade"), "websocket");
}

Err *socket_accept(Call *call, const char **ret_accept)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const char *key = call_header(call, "Sec-WebSocket-Key");
    const char *version = call_header(call, "Sec-WebSocket-Version");
    AUTO(buf_done) Buf nonce = BUF(64);

    if (!list_has(call_header(call, "Connection"), "upgrade"))
        return refused(call, "Connection does not say upgrade");
    if (!version || strcmp(version, "13") != 0)
        return refused(call, "its version is not 13");
    AUTO(err_free) Err *unread = key && strlen(key) == 24 ? base64_read(key, &nonce) : NULL;
    if (unread || nonce.size != 16)
        return refused(call, "its key is not 16 bytes in base64");
    if (!origin_is_ours(call))
        return err_public(
            err_new(ERR_FORBIDDEN, "a socket asked for by a page of elsewhere"),
            "Pages of other sites may not listen here.");

    const char *text = arena_print(call->arena, "%s%s", key, guid);
    Hash1 hash = hash1_bytes(text, strlen(text));
    *ret_accept = base64_text(hash.bytes, sizeof(hash.bytes), call->arena);
    return NULL;
}

/* ---- frames ---- */

static MUST Err *frame_add(Buf *buf, Opcode opcode, const void *bytes, size_t size)
{
    unsigned char head[10] = {(unsigned char)(0x80 | opcode)};
    size_t length = 2;

    if (size < 126) {
        head[1] = (unsigned char)size;
    } else if (size <= 0xffff) {
        head[1] = 126;
        length = 4;
    } else {
        head[1] = 127;
        length = 10;
    }
    for (size_t i = 2; i < length; i++)
        head[i] = (unsigned char)(size >> (8 * (length - 1 - i)));
    TRY(buf_add(buf, head, length));
    return buf_add(buf, bytes, size);
}

Err *socket_event_write(const Event *event, Buf *text)
{
    AUTO(buf_done) Buf json = BUF(text->limit);
    AUTO(value_free) Value *object = value_object();
    const char *data = event->data ? event->data : "";
    Value *read = NULL;
    AUTO(err_free) Err *plain = value_parse(data, strlen(data), &read);

    value_set(object, "id", value_of_text(event->id));
    value_set(object, "event", value_of_text(event->name ? event->name : "message"));
    value_set(object, "data", plain ? value_of_text(data) : read);
    TRY(value_write(object, VALUE_COMPACT, &json));
    return frame_add(text, OP_TEXT, json.bytes, json.size);
}

Err *socket_ping_write(Buf *text)
{
    return frame_add(text, OP_PING, "", 0);
}

static void frame_say(Socket *socket, Opcode opcode, const void *bytes, size_t size)
{
    AUTO(buf_done) Buf frame = BUF(256);

    AUTO(err_free) Err *err = frame_add(&frame, opcode, bytes, size);
    if (err || !events_socket_say(socket->events, &frame))
        socket->is_over = true;
}

/* Nothing is read or fetched any more. */
static void farewell(Socket *socket, int code)
{
    unsigned char bytes[] = {(unsigned char)(code >> 8), (unsigned char)code};

    if (socket->is_closing)
        return;
    socket->is_closing = true;
    frame_say(socket, OP_CLOSE, bytes, sizeof(bytes));
}

/* ---- what a client says ---- */

typedef struct Frame {
    Opcode opcode;
    bool is_last, is_masked, has_extra; /* has_extra: bits or codes that nobody agreed on */
    uint64_t size;
    size_t head_bytes;
} Frame;

/* False when its head is not there yet. */
static bool frame_read(const unsigned char *in, size_t size, Frame *ret)
{
    if (size < 2)
        return false;
    int length = in[1] & 0x7f;
    size_t more = length == 127 ? 8 : length == 126 ? 2 : 0;
    bool is_masked = in[1] & 0x80;

    *ret = (Frame){
        .opcode = (Opcode)(in[0] & 0x0f),
        .is_last = in[0] & 0x80,
        .is_masked = is_masked,
        .has_extra = in[0] & 0x70,
        .size = more ? 0 : (uint64_t)length,
        .head_bytes = 2 + more + (is_masked ? 4 : 0),
    };
    if (size < ret->head_bytes)
        return false;
    for (size_t i = 0; i < more; i++)
        ret->size = ret->size << 8 | in[2 + i];
    return true;
}

/* 0 when it may come, else the code to close with. */
static int frame_judge(const Socket *socket, const Frame *frame)
{
    bool is_control = frame->opcode >= OP_CLOSE;

    if (frame->has_extra || !frame->is_masked)
        return CLOSE_WRONG;
    if (frame->opcode > OP_PONG || (frame->opcode > OP_BYTES && frame->opcode < OP_CLOSE))
        return CLOSE_WRONG;
    if (is_control)
        return !frame->is_last || frame->size > CONTROL_BYTES ? CLOSE_WRONG : 0;
    if ((frame->opcode == OP_MORE) != socket->is_in_message)
        return CLOSE_WRONG;
    return frame->size > IN_BYTES - socket->message_bytes ? CLOSE_TOO_LARGE : 0;
}

static void control_hear(Socket *socket, const Frame *frame, unsigned char *bytes)
{
    const unsigned char *mask = bytes - 4;
    size_t size = (size_t)frame->size;

    for (size_t i = 0; i < size; i++)
        bytes[i] ^= mask[i % 4];
    if (frame->opcode == OP_PING)
        frame_say(socket, OP_PONG, bytes, size);
    else if (frame->opcode == OP_CLOSE && size == 1)
        farewell(socket, CLOSE_WRONG);
    else if (frame->opcode == OP_CLOSE) {
        if (socket->leaves_ms) /* its answer to ours */
            socket->is_over = true;
        farewell(socket, CLOSE_DONE);
    }
}

/* What clients say besides control frames is counted and let go. */
static void frames_hear(Socket *socket)
{
    size_t at = 0;
    Frame frame;

    while (!socket->is_over && frame_read(socket->in + at, socket->in_size - at, &frame)) {
        int code = frame_judge(socket, &frame);

        if (code) {
            farewell(socket, code);
            socket->in_size = 0;
            return;
        }
        if (socket->in_size - at - frame.head_bytes < frame.size)
            break;
        if (frame.opcode >= OP_CLOSE) {
            control_hear(socket, &frame, socket->in + at + frame.head_bytes);
        } else {
            socket->is_in_message = !frame.is_last;
            socket->message_bytes = frame.is_last ? 0 : socket->message_bytes + (size_t)frame.size;
        }
        at += frame.head_bytes + (size_t)frame.size;
    }
    memmove(socket->in, socket->in + at, socket->in_size - at);
    socket->in_size -= at;
}

static void socket_read(Socket *socket)
{
    ssize_t got = recv(
        socket->fd, socket->in + socket->in_size, sizeof(socket->in) - socket->in_size,
        MSG_DONTWAIT);

    if (got <= 0) {
        socket->is_over |= got == 0 || (errno != EAGAIN && errno != EINTR);
        return;
    }
    socket->heard_ms = clock_ticks_ms();
    socket->in_size += (size_t)got;
    frames_hear(socket);
}

/* ---- what it is told ---- */

static void socket_write(Socket *socket)
{
    bool is_stopped = false, has_ended = false;

    for (;;) {
        if (socket->out_at == socket->out_size) {
            socket->out_at = 0;
            socket->out_size = events_socket_take(
                socket->events, socket->out, sizeof(socket->out), &has_ended, &is_stopped);
        }
        if (!socket->out_size)
            break;
        ssize_t sent = send(
            socket->fd, socket->out + socket->out_at, socket->out_size - socket->out_at,
            MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0) {
            socket->is_over |= errno != EAGAIN && errno != EINTR;
            return;
        }
        socket->out_at += (size_t)sent;
    }
    if (socket->is_closing && !socket->leaves_ms) {
        socket->leaves_ms = clock_ticks_ms() + FAREWELL_MS;
        shutdown(socket->fd, SHUT_WR);
    } else if (has_ended || is_stopped) {
        farewell(socket, is_stopped ? CLOSE_LEAVING : CLOSE_DONE);
    }
}

static void socket_serve(Socket *socket, short what)
{
    int64_t now_ms = clock_ticks_ms();

    if (what & (POLLIN | POLLHUP | POLLERR))
        socket_read(socket);
    for (bool was_closing = !socket->is_closing; was_closing != socket->is_closing;) {
        was_closing = socket->is_closing;
        if (!socket->is_over && !socket->leaves_ms)
            socket_write(socket);
    }
    if ((socket->leaves_ms && now_ms > socket->leaves_ms) || now_ms - socket->heard_ms > SILENT_MS)
        socket->is_over = true;
}

/* ---- the thread ---- */

/* The stream goes first: it looks at its call, which goes with the connection. */
static void socket_free(Socket *socket)
{
    events_drop(socket->events);
    MHD_upgrade_action(socket->handle, MHD_UPGRADE_ACTION_CLOSE);
    free(socket);
}

static bool sockets_sift(Sockets *sockets)
{
    Socket *over = NULL;

    pthread_mutex_lock(&sockets->mutex);
    for (Socket **at = &sockets->first; *at;) {
        Socket *socket = *at;

        if (!socket->is_over && !sockets->is_ending) {
            at = &socket->next;
            continue;
        }
        *at = socket->next;
        socket->next = over;
        over = socket;
    }
    bool is_ending = sockets->is_ending;
    pthread_mutex_unlock(&sockets->mutex);
    while (over) {
        Socket *next = over->next;

        socket_free(over);
        over = next;
    }
    return !is_ending;
}

/* Only this thread takes sockets out, so what was in the list stays while it looks. */
static void sockets_look(Sockets *sockets)
{
    size_t count = 0, at = 1;
    uint64_t rung;

    pthread_mutex_lock(&sockets->mutex);
    Socket *first = sockets->first;
    pthread_mutex_unlock(&sockets->mutex);
    for (const Socket *socket = first; socket; socket = socket->next)
        count++;
    struct pollfd *lines = calloc(count + 1, sizeof(*lines));
    if (!lines)
        abort();
    lines[0] = (struct pollfd){.fd = sockets->bell, .events = POLLIN};
    for (const Socket *socket = first; socket; socket = socket->next)
        lines[at++] = (struct pollfd){
            .fd = socket->fd,
            .events = (short)(POLLIN | (socket->out_at < socket->out_size ? POLLOUT : 0)),
        };
    poll(lines, count + 1, LOOK_MS);
    if (lines[0].revents && read(sockets->bell, &rung, sizeof(rung)) < 0)
        rung = 0; /* somebody has answered it already */
    at = 1;
    for (Socket *socket = first; socket; socket = socket->next)
        socket_serve(socket, lines[at++].revents);
    free(lines);
}

static void *sockets_work(void *sockets_any)
{
    Sockets *sockets = sockets_any;

    while (sockets_sift(sockets))
        sockets_look(sockets);
    return NULL;
}

void sockets_wake(Sockets *sockets)
{
    uint64_t one = 1;

    if (write(sockets->bell, &one, sizeof(one)) < 0)
        return; /* it is ringing already */
}

Err *sockets_start(Sockets **ret)
{
    Sockets *sockets = calloc(1, sizeof(*sockets));

    if (!sockets)
        abort();
    sockets->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&sockets->mutex, NULL);
    if (sockets->bell >= 0 && pthread_create(&sockets->thread, NULL, sockets_work, sockets) == 0) {
        *ret = sockets;
        return NULL;
    }
    if (sockets->bell >= 0)
        close(sockets->bell);
    pthread_mutex_destroy(&sockets->mutex);
    free(sockets);
    return err_new(ERR_SERVER_BUSY, "unable to start the thread of sockets");
}

void sockets_stop(Sockets *sockets)
{
    if (!sockets)
        return;
    pthread_mutex_lock(&sockets->mutex);
    sockets->is_ending = true;
    pthread_mutex_unlock(&sockets->mutex);
    sockets_wake(sockets);
    pthread_join(sockets->thread, NULL);
    close(sockets->bell);
    pthread_mutex_destroy(&sockets->mutex);
    free(sockets);
}

void sockets_add(
    Sockets *sockets, Events *events, struct MHD_UpgradeResponseHandle *handle, int fd,
    const Early *early)
{
    Socket *socket = calloc(1, sizeof(*socket));

    if (!socket)
        abort();
    *socket = (Socket){.events = events, .handle = handle, .fd = fd, .heard_ms = clock_ticks_ms()};
    if (early->size > sizeof(socket->in)) {
        socket->is_over = true;
    } else {
        memcpy(socket->in, early->bytes, early->size);
        socket->in_size = early->size;
        frames_hear(socket);
    }
    pthread_mutex_lock(&sockets->mutex);
    socket->next = sockets->first;
    sockets->first = socket;
    pthread_mutex_unlock(&sockets->mutex);
    sockets_wake(sockets);
}
