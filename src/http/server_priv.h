/* server_priv.h - the server from the inside: its connections, its threads and what watches over them. */
#pragma once

#include <pthread.h>

#include "http/call_priv.h"
#include "http/peer_priv.h"
#include "http/server.h"

/* A connection. Its list is locked by the server's mutex. */
struct Link {
    HttpServer *server;
    Link *next, **self;
    int socket;
    Call *call; /* the one in flight */
    const char *address;
    _Atomic int64_t waits_since_ms; /* for a head */
    atomic_bool has_asked;          /* a request was answered on it before */
    bool is_trusted;                /* a proxy of ours */
    bool is_over;                   /* nothing more can come, as of the last tick */
};

struct HttpServer {
    HttpSetup setup;
    HttpLimits limits; /* none is 0 */
    struct MHD_Daemon *daemon;
    Router *router;
    Pool *pool, *patient;
    Peers trusted;
    char address[128], path[108];
    int port, socket, workers;
    bool has_tls;
    char *certificate, *key;

    pthread_mutex_t mutex;
    Link *links;
    struct Events *streams;
    int link_count, stream_count;
    struct Sockets *sockets;

    pthread_t ticker;
    pthread_cond_t tick;
    bool has_ticker, is_ticking;
    atomic_bool is_stopping;
    atomic_bool is_closing; /* nothing is handed to a worker any more */
    atomic_int in_flight;
    atomic_int handed; /* connections that are suspended because a worker has their call */
    atomic_int_fast64_t refused;

    pthread_mutex_t seeing;
    void (*see)(void *context, const HttpReply *reply);
    void *see_context;
};

/* ---- links.c ---- */

void links_watch(
    void *server, struct MHD_Connection *wire, void **link,
    enum MHD_ConnectionNotificationCode what);

MUST Err *links_tick_start(HttpServer *server);
void links_tick_stop(HttpServer *server);

/* End connections that wait for a request. */
void links_close_idle(HttpServer *server);

/* Ask every call in flight to stop. */
void links_cancel(HttpServer *server);

/* ---- serve.c ---- */

/* libmicrohttpd's three calls to us about a request. */
void *serve_begin(void *server, const char *target, struct MHD_Connection *wire);
enum MHD_Result serve_go_on(
    void *server, struct MHD_Connection *wire, const char *url, const char *method,
    const char *version, const char *bytes, size_t *size, void **call);
void serve_end(
    void *server, struct MHD_Connection *wire, void **call, enum MHD_RequestTerminationCode why);

/* A connection is about to be suspended for a worker; false when the server is about to stop, which no suspended one may outlive. Then
 * it must not be. */
bool server_hand_over(HttpServer *server);

/* It was resumed. */
void server_handed_back(HttpServer *server);

/* The connection goes on to send CALL's reply while its handler is still at work: both hold the call from here on. */
void call_share(Call *call);

/* ---- record.c ---- */

const char *call_endpoint_name(const Call *call); /* "none" when none was met */
void call_record(const Call *call, bool was_cut);

/* ---- telling.c ---- */

typedef struct Event Event;

void telling_tick(Telling *telling, int64_t now_ms);
void telling_drop(Telling *telling); /* the connection is done with it */

/* LAST may be NULL. */
void telling_end(Telling *telling, const Event *last);

/* ---- events.c ---- */

MUST Err *event_write(const Event *event, Buf *text);

typedef struct Events Events;
void events_drop(void *events); /* its connection is done with it */

/* For a stream over a socket: bytes of whole frames, in order. *RET_ENDED when nothing will follow, *RET_STOPPED when the server is to stop. */
size_t
events_socket_take(Events *events, char *to, size_t room, bool *ret_ended, bool *ret_stopped);

/* FRAME is to be sent as well; false when the client takes nothing any more. */
bool events_socket_say(Events *events, const Buf *frame);

void events_tick(HttpServer *server, int64_t now_ms);
void events_end(HttpServer *server);

/* ---- sockets.c ---- */

typedef struct Sockets Sockets;

bool socket_is_asked(const Call *call);

/* REQUEST_INVALID, FORBIDDEN. In the call's arena. */
MUST Err *socket_accept(Call *call, const char **ret_accept);
MUST Err *socket_event_write(const Event *event, Buf *text);
MUST Err *socket_ping_write(Buf *text);

MUST Err *sockets_start(Sockets **ret);
void sockets_stop(
    Sockets *sockets); /* closes what is open; before the daemon is stopped. NULL is fine */
void sockets_wake(Sockets *sockets); /* something is to be sent */

/* What the client had sent behind its head already. */
typedef struct Early {
    const void *bytes;
    size_t size;
} Early;

/* FD is the stream's from here on, until HANDLE is closed. */
void sockets_add(
    Sockets *sockets, Events *events, struct MHD_UpgradeResponseHandle *handle, int fd,
    const Early *early);
