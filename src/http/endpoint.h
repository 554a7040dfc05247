/* endpoint.h - what a door offers, as data.
 *
 * The row stands directly above its handler and is the whole contract: address, words, rights, input, output, errors. The router, the
 * early refusals, the 422 answers, the OpenAPI document, the page at /docs and the contract tests all read this one value.
 *
 *     HANDLER(job_get, JobGetIn, JobOut);
 *
 *     const Endpoint job_get_endpoint = {
 *         .method = GET,
 *         .path = "/v1/jobs/{job_id}",
 *         .id = "job_get",
 *         .summary = "See how a job is doing",
 *         .tag = "Jobs",
 *         .scope = "jobs:read",
 *         .in = SHAPE(JobGetIn),
 *         .out = SHAPE(JobOut),
 *         .errors = ERRORS(ERR_NOT_FOUND),
 *         .handle = CALLS(job_get),
 *     };
 *
 *     static Err *job_get(Call *call, const JobGetIn *in, JobOut *out) { ... }
 *
 * Where a field of `in` stands: in the path when the path has {its name}; in a header when `headers` says so; in the query when `query`
 * names it or the endpoint takes no JSON or form (GET, DELETE, uploads, downloads, events); else in the body. All of them are read into
 * one struct by one Shape, an unknown or repeated one is refused, and an error points at the field whichever place it stood in.
 *
 * What every caller may get is not listed in `errors`: BUG and SERVER_BUSY, UNAUTHENTICATED and FORBIDDEN where there is a scope,
 * INPUT_INVALID and INPUT_MISSING where there are fields, CONFLICT where it is retried (another request by the same key), REQUEST_INVALID, TYPE_UNSUPPORTED and BODY_TOO_LARGE where there is a body.
 */
#pragma once

#include "base/embed.h"
#include "http/upload.h"
#include "shape/shape.h"

typedef struct Call Call; /* one request in flight; see call.h */

typedef enum Method {
    GET, /* answers HEAD too */
    POST,
    PUT,
    PATCH,
    DELETE,
    METHOD_MAX_
} Method;

typedef enum EndpointKind {
    ENDPOINT_JSON,   /* in: JSON or nothing; out: JSON, or nothing with .ok = 204 */
    ENDPOINT_UPLOAD, /* the body is streamed to the Sink that `open` gives */
    ENDPOINT_MULTIPART, /* a form: its texts are fields of `in`, its files are streamed to the Sinks that `part` gives */
    ENDPOINT_DOWNLOAD, /* `handle` answers with call_download (download.h) or call_redirect */
    ENDPOINT_EVENTS,   /* `handle` answers with call_events (events.h) */
    ENDPOINT_PAGE      /* bytes that travel in the program; no handler */
} EndpointKind;

/* A field of `in` that stands in a header. */
typedef struct HeaderField {
    const char *field, *header; /* "tenant_id", "X-Tenant-ID" */
} HeaderField;

/* A file that a form may hold. */
typedef struct FileField {
    const char *name, *help;
    const char *const *types; /* media types that are taken, NULL-ended; NULL for any */
    int64_t max_bytes;        /* of one file */
    int least, most;          /* how many; most 0 is 1 */
} FileField;

/* Bytes that travel in the program (tool/embed.py --packed). */
typedef struct Page {
    const Embedded *rows;
    const char *name; /* "docs.html"; NULL: the path's last {name} picks the row */
    int status;       /* 0 is 200 */
    bool is_lasting;  /* its name changes with its bytes: browsers may keep it for a year */

    /* What the page may do, as a Content-Security-Policy; NULL: show and run what lies at this server. CONTEXT is the door's. */
    const char *(*policy)(const void *context);
} Page;

typedef struct Endpoint {
    Method method;
    EndpointKind kind;
    const char *path;    /* "/v1/jobs/{job_id}" */
    const char *id;      /* operationId, one of its kind in all doors */
    const char *summary; /* one sentence, no full stop */
    const char *about;   /* more, in Markdown; or NULL */
    const char *tag;     /* under what it is listed: "Jobs" */
    const char *scope;   /* right that the key must carry; NULL: anybody may */
    int ok;              /* status of success; 0 is 200 */
    int also;            /* another status that comes with `out`: the handler sets it; 0 for none */
    const ErrCode *errors;      /* what else can happen; NULL for nothing */
    Shape in, out;              /* left zero: none */
    const char *const *query;   /* fields in the query although there is a body, NULL-ended */
    const HeaderField *headers; /* ended by a nameless one */
    const FileField *files;     /* MULTIPART; ended by a nameless one */
    const char *const
        *types; /* UPLOAD: media types taken, DOWNLOAD: given, for the document; NULL for any */
    int64_t max_bytes; /* of the body; 0: 1 MiB for JSON. Uploads and forms must say it */
    const Page *page;
    bool hidden; /* not in the document */

    /* PAGE: for people. Whoever GETs the path and says that it takes text/html is shown the page, everybody else what another
     * row has at that path (with `Vary: Accept`). A page at a {rest*} is seen by nobody who does not ask for text/html. */
    bool is_view;

    /* Its handler waits for others (a vendor that draws for a minute), not for our own disk and database: it is carried out on a thread
     * of a second pool, which grows with what is under way, so that all workers can never be waiting at once. Rights and input are still
     * asked on a worker. JSON and MULTIPART. */
    bool is_patient;
    bool
        retried; /* a repeat with the same Idempotency-Key changes nothing: says so in the document */

    /* On a worker thread. IN and OUT are in the call's arena; OUT is zeroed, and what it points to must live there or longer. */
    Err *(*handle)(Call *call, const void *in, void *out);

    /* UPLOAD: where the body goes. On a worker, after the caller's rights are known and before the body is asked for, so a refusal
     * costs nobody an upload. */
    Err *(*open)(Call *call, const void *in, Sink *ret);

    /* MULTIPART: is there a reason to refuse it before its body is asked for? On a worker, once the caller's rights are known; NULL: none. */
    Err *(*admit)(Call *call);

    /* MULTIPART: where a file goes. On a worker, as each file begins. */
    Err *(*part)(Call *call, const Part *part, Sink *ret);
} Endpoint;

/* How a door writes an error. Each function may be NULL; they run on any thread and must not wait. */
typedef struct Dialect {
    int (*status)(ErrCode code); /* NULL: err_http */

    /* The body for ERR. PROBLEM is what RFC 9457 says, and problem_shape. Takes PROBLEM
     * over and gives it back or something else. */
    Value *(*body)(Call *call, const Err *err, Value *problem);

    const Shape *(*shape)(ErrCode code); /* of that body; NULL, or a NULL answer: problem_shape */
    const char *type;                    /* its media type; NULL: application/problem+json */
} Dialect;

typedef struct FrontDoor {
    const char *name; /* "opal" */
    const char *title;
    const char *version;
    const char *about;                /* Markdown */
    const Endpoint *const *endpoints; /* NULL-ended */
    Dialect dialect;
} FrontDoor;

/* type, title, status, detail, instance, code, request_id, said (http/said.h), errors: [{pointer, detail}]. */
extern const Shape problem_shape;

#define ERRORS(...) \
    (const ErrCode[]) \
    { \
        __VA_ARGS__, ERR_MAX_ \
    }

/* Declare a handler by the types it really takes (void for none). CALLS(handler) is then what an Endpoint points to. */
#define HANDLER(handler, In, Out) \
    static MUST Err *handler(Call *call, const In *in, Out *out); \
    static Err *handler##_call(Call *call, const void *in, void *out) \
    { \
        return handler(call, in, out); \
    } \
    struct require_semicolon
#define CALLS(handler) handler##_call

/* The same for `open`: OPENER(photo_open, PhotoPutIn); .open = OPENS(photo_open). */
#define OPENER(opener, In) \
    static MUST Err *opener(Call *call, const In *in, Sink *ret); \
    static Err *opener##_open(Call *call, const void *in, Sink *ret) \
    { \
        return opener(call, in, ret); \
    } \
    struct require_semicolon
#define OPENS(opener) opener##_open

const char *method_name(Method method); /* "GET" */

/* Is FIELD of ENDPOINT's input in the path, a header, the query or the body? */
typedef enum FieldPlace {
    FIELD_IN_PATH,
    FIELD_IN_QUERY,
    FIELD_IN_HEADER,
    FIELD_IN_BODY
} FieldPlace;
FieldPlace endpoint_field_place(const Endpoint *endpoint, const Field *field);

/* Every error that ENDPOINT may answer with, listed or of its kind, each once, ended by ERR_MAX_; in MEM. */
const ErrCode *endpoint_errors(const Endpoint *endpoint, Arena *mem);

/* The status that DOOR gives ERR_CODE. */
int door_status(const FrontDoor *door, ErrCode code);

/* What is wrong with the rows of DOORS (NULL-ended): two with one address or id, a path field that no shape has, an upload without a
 * limit or a sink, a preset that its own field refuses. BUG, naming the row; http_server_start asks this first. */
MUST Err *door_check(const FrontDoor *const *doors);
