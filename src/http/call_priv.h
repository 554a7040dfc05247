/* call_priv.h - a request in flight, from the inside.
 *
 * A call walks through stages. While a worker has it (ADMITTING, FEEDING, FINISHING) its connection is suspended, so the loop does not touch
 * it; else only the loop of its connection does. The ticker looks at stage, cancel and the numbers of the body alone.
 */
#pragma once

#include <microhttpd.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/hash.h"
#include "http/call.h"
#include "http/pool_priv.h"
#include "http/router_priv.h"
#include "watch/span.h"
#include "watch/watch.h"

typedef struct Link Link;       /* server_priv.h */
typedef struct Form Form;       /* form_priv.h */
typedef struct Telling Telling; /* telling.c */

typedef enum CallStage {
    CALL_FRESH,     /* its head is being read */
    CALL_ADMITTING, /* a worker asks whether it may go on */
    CALL_RECEIVING, /* its body is on its way */
    CALL_FEEDING,   /* a worker gives a piece of the body to a sink */
    CALL_FINISHING, /* a worker has all of it and carries it out */
    CALL_ANSWERED,  /* the reply is made */
    CALL_SENDING
} CallStage;

typedef struct CallHeader {
    const char *name, *value;
} CallHeader;

enum {
    CALL_HEADERS_MAX = 100,
    CALL_REPLY_HEADERS_MAX = 24,
    CALL_LOG_FACTS_MAX = 8,
    CALL_ID_SIZE = 65,
    CALL_PIECE_BYTES = 256 * 1024,
    CALL_REPLY_BYTES = 256 * 1024 * 1024, /* of JSON: ten pictures in base64 */
    CALL_EARLY_BYTES = 16 * 1024,         /* a body that may come along with its head */
    CALL_DRAIN_BYTES = 1024 * 1024,       /* a body that is read although it is refused */
};

struct Call {
    HttpServer *server;
    Link *link;
    struct MHD_Connection *wire;
    Arena *arena;
    _Atomic CallStage stage;
    atomic_int holders; /* the connection; and the handler while it is telling */
    Work work;

    /* what was asked */
    const char *method; /* "GET" */
    const char *target; /* as in the request line */
    Uri uri;
    Route route;
    const HttpDoor *at;
    const Endpoint *endpoint;
    CallHeader headers[CALL_HEADERS_MAX];
    size_t header_count;
    char id[CALL_ID_SIZE];
    SpanPlace parent;
    const char *peer, *origin;

    /* its body */
    int64_t length; /* as announced; 0 none, -1 in chunks */
    Buf body;       /* JSON */
    unsigned char *piece;
    size_t piece_size;
    _Atomic int64_t received;
    int64_t max_bytes;
    Sink sink;
    bool has_sink, is_admitted;
    Form *form;
    Hasher *said; /* UPLOAD that may be repeated: all that came; NULL */
    void *in;

    /* how slow it is */
    int64_t began_ms, held_since_ms;
    _Atomic int64_t body_began_ms, held_ms;

    /* who asks */
    const void *caller;
    void *note;
    Cancel cancel;
    WatchFact facts[CALL_LOG_FACTS_MAX];
    size_t fact_count;

    /* the reply */
    Err *err; /* why it was refused */
    ErrCode code;
    int status;
    bool must_close, is_answered, has_begun;
    CallHeader reply_headers[CALL_REPLY_HEADERS_MAX];
    size_t reply_header_count;
    Buf reply;
    const char *reply_type;
    const void *bytes; /* in place of JSON */
    size_t bytes_size;
    struct MHD_Response
        *given; /* by a download or a stream; becomes the response when it has its headers */
    struct MHD_Response *response;
    Telling *telling;      /* NULL until its first event */
    struct Events *socket; /* a stream whose socket was not handed over yet */
    _Atomic int64_t sent;
};

/* TARGET as in the request line; NULL when there was none. */
Call *call_new(HttpServer *server, Link *link, struct MHD_Connection *wire, const char *target);
void call_free(Call *call);

void telling_free(Telling *telling); /* NULL is fine */

/* ---- head.c ---- */

/* Take the head over and find the endpoint. Any Err is the caller's fault and is answered before the body is read. */
MUST Err *call_head_read(Call *call, const char *method, const char *version);

/* ---- input.c ---- */

/* Read path, query, headers, body or form into the endpoint's struct, which lives in the call's arena. */
MUST Err *call_input_read(Call *call);

/* ---- reply.c ---- */

/* Make the response: out of the endpoint's OUT, or of what the handler said instead. */
MUST Err *call_reply_make(Call *call, const void *out);

/* Make the response of ERR, which is taken over, in the door's dialect. */
void call_refuse(Call *call, Err *err);

/* A response of BYTES, which must live as long as the call. */
void call_reply_bytes(Call *call, const void *bytes, size_t size);

/* The door's body for ERR. */
MUST Err *problem_write(Call *call, const Err *err, Buf *text);

/* RESPONSE is taken over and gets the headers that all replies have. */
void call_reply_with(Call *call, struct MHD_Response *response);

/* The answer to a page of elsewhere that asks what it may do. */
void call_reply_options(Call *call);

/* ---- page.c ---- */

MUST Err *call_page_make(Call *call);

/* Is TAG, a quoted ETag, in the list of the header HEADER? */
bool call_has_tag(const Call *call, const char *header, const char *tag);
