/* server.h - the HTTP server: connections by two loops, handlers by a pool of workers. libmicrohttpd lives in this room and nowhere else.
 *
 * Memory is bounded: a connection takes 32 KiB, one with a body on its way up to 256 KiB more, whatever the body's size; JSON bodies up
 * to the limit of their row, JSON in replies up to 256 MiB (pictures in base64), of a handler's events one at a time.
 *
 * Refused before a handler or the caller's rights are asked: requests whose meaning two readers could see differently (two lengths,
 * length and chunks, stray blanks or bytes in names and values), paths with dots, encoded slashes or NUL, hosts that are none. Every
 * reply carries X-Request-ID and headers that keep browsers from guessing types, framing pages or sending addresses on.
 */
#pragma once

#include "http/call.h"

typedef struct HttpServer HttpServer;

typedef struct HttpDoor {
    const FrontDoor *door;
    void *context; /* what call_context gives its handlers */
} HttpDoor;

typedef struct HttpLimits {
    int connections; /* 0: 4,096 */
    int per_address; /* connections of one address; 0: 256, any number behind trusted proxies; -1: any number */
    int streams; /* event streams; 0: 2,048 */
    int patient; /* calls of endpoints that wait for others, a thread each; beyond it they are SERVER_BUSY; 0: 256 */
    int per_owner; /* event streams of one owner (events.h); 0: 64 */
    int queued;    /* calls waiting for a worker; beyond it they are SERVER_BUSY; 0: 1,024 */
    int head_ms;   /* until a request's head is there; 0: 20,000 */
    int idle_ms;   /* a connection without a request, or a reply that nobody takes; 0: 60,000 */
    int grace_ms;  /* a body may be as slow as it likes for so long; 0: 10,000 */
    int64_t body_per_s; /* ... then it must average so many bytes a second; 0: 1,024 */
} HttpLimits;

/* What was answered; the body is JSON. */
typedef struct HttpAnswer {
    int status;
    const char *body;
} HttpAnswer;

typedef struct HttpSetup {
    const char *
        listen; /* "127.0.0.1:8080", "[::1]:0", ":8080" for all addresses, "unix:/run/cyclorama.sock" */
    const HttpDoor *doors;              /* ended by one without a door */
    int workers;                        /* 0: four times the cores, at least 8 */
    const char *public_url;             /* how clients reach us; NULL: as they called us */
    const char *const *trusted_proxies; /* "10.0.0.0/8", NULL-ended; NULL for none */
    const char *const *
        origins; /* web pages that may call us from elsewhere: "https://shop.example", or "*"; NULL for none */
    const char *certificate, *key; /* PEM files; NULL: no TLS */
    HttpLimits limits;

    /* May CALL go on? Asked on a worker for every endpoint with a handler, before the body is (a body of up to 16 KiB may have come along
     * with the head). For one with a scope it must find the caller (call_key) and say call_caller_set, or answer UNAUTHENTICATED or
     * FORBIDDEN; it may answer RATE_LIMITED. NULL: endpoints with a scope are FORBIDDEN. */
    Err *(*authorise)(void *context, Call *call, const Endpoint *endpoint);
    void *context;

    /* Requests that come twice: asked around the handler of a JSON, MULTIPART or UPLOAD endpoint that is `retried`, when CALL has an Idempotency-Key.
     * REQUEST stands for method, address and body. Found: *RET was answered before, and is again, without the handler. After the handler,
     * `answered` is told what is answered, or NULL when it failed, so that a repeat does it anew. NULL: keys are not looked at. */
    Err *(*answer_find)(
        void *context, Call *call, const char *request, bool *ret_found, HttpAnswer *ret);
    Err *(*answered)(void *context, Call *call, const HttpAnswer *answer);
} HttpSetup;

/* Listen and answer. SETUP's texts and rows must outlive the server. BUG for rows that cannot be (door_check); ADDRESS_TAKEN,
 * INPUT_INVALID for an address that cannot be listened on, FILE_UNREADABLE for a certificate that is none. */
MUST Err *http_server_start(const HttpSetup *setup, HttpServer **ret);

int http_server_port(const HttpServer *server); /* the one really listened on; 0 for unix */
const char *http_server_address(const HttpServer *server); /* "http://127.0.0.1:8080" */

/* No new connections; what is under way may go on until PATIENCE_MS, event streams end at once, then everything is closed and freed.
 * Handlers are asked to stop by call_cancel; one that does not look at it is waited for.
 * Say that you are not ready some seconds before, so that balancers look elsewhere. */
void http_server_stop(HttpServer *server, int64_t patience_ms);

/* ---- numbers; those by endpoint are the METRIC_HTTP_ rows ---- */

typedef struct HttpState {
    int connections, in_flight, streams, workers, workers_busy, queued;
    int patient, patient_threads; /* calls that wait for others; threads for them */
    int64_t refused;              /* connections closed for being slow or too many */
} HttpState;

void http_server_state(HttpServer *server, HttpState *ret);

/* ---- for contract tests ---- */

typedef struct HttpReply {
    const FrontDoor *door;
    const Endpoint *endpoint; /* NULL when none was met */
    const char *method, *path;
    int status;
    ErrCode error;    /* ERR_MAX_ for none */
    const char *type; /* media type, or NULL */
    const char *body; /* whole, for JSON and problems; NULL for streams */
    size_t size;
} HttpReply;

/* Show every reply to SEE before it is sent; on any thread, one at a time. NULL ends it. */
void http_watch_replies(
    HttpServer *server, void (*see)(void *context, const HttpReply *reply), void *context);
