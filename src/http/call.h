/* call.h - one request in flight.
 *
 * While a worker has it, the thread's log lines carry its id and the thread's present span (watch/span.h) is a part of the caller's trace.
 *
 * A Call belongs to one thread at a time: the worker that carries out authorise, open, part or handle. What it hands out lives until the
 * reply is written. Nothing of a caller's secrets is in what it says about itself.
 */
#pragma once

#include "base/cancel.h"
#include "http/endpoint.h"

Arena *call_arena(Call *call);
const Endpoint *call_endpoint(const Call *call);
const FrontDoor *call_door(const Call *call);

/* What the server was given for this call's door: its database, its store, ... */
void *call_context(const Call *call);

/* ---- who asks ---- */

/* Set by the authorise hook, read by handlers: the house's own idea of who calls. It must live as long as the call. */
void call_caller_set(Call *call, const void *caller);
const void *call_caller(const Call *call);

/* Address of the client, "203.0.113.9" or "2001:db8::1", "local" over a socket that is a file; from X-Forwarded-For only when the peer is a trusted proxy. */
const char *call_peer(const Call *call);

/* "https://shop.example": the server's public_url, or what the client called us. For addresses that are handed out. */
const char *call_origin(const Call *call);

/* ---- what was asked ---- */

const char *call_id(const Call *call); /* X-Request-ID when it was sane, else ours; always echoed */

const char *
call_header(const Call *call, const char *name); /* NULL when absent; several are joined by ", " */
const char *call_query(const Call *call, const char *name); /* decoded; NULL when absent */
const char *call_query_text(const Call *call); /* as sent, for signatures; "" for none */
const char *call_path(const Call *call);       /* as sent, without the query */
const char *
call_path_field(const Call *call, const char *name); /* decoded; NULL when the path has none */
const char *
call_idempotency_key(const Call *call); /* NULL when absent; at most 255 visible characters */

/* The key in `Authorization: Bearer KEY` or `X-API-Key: KEY`; NULL for none, or when the two differ. Never logged. */
const char *call_key(const Call *call);

/* The value of the cookie NAME; NULL when absent or empty. Never logged. */
const char *call_cookie(Call *call, const char *name);

/* The body of a JSON endpoint as it came, for signatures; "" and 0 when there was none. */
const char *call_body(const Call *call, size_t *ret_size);

int64_t call_body_size(const Call *call);   /* bytes that have arrived */
int64_t call_body_length(const Call *call); /* as announced; 0 none, -1 when it comes in chunks */

/* UPLOAD: the context of the Sink that `open` gave. MULTIPART: the files that came, in order. */
void *call_sink(const Call *call);
const Part *call_parts(const Call *call, size_t *ret_count);

/* Asked when the client left or the server's patience ended: pass it to whatever takes long. */
Cancel *call_cancel(Call *call);

/* ---- the reply ---- */

void call_status_set(Call *call, int status); /* instead of the row's `ok` */
/* NAME and VALUE are copied; control characters in VALUE become blanks. The last of one name counts; at most 24. */
void call_header_set(Call *call, const char *name, const char *value);

/* Answer with STATUS (302, 303, 307) and a Location in place of a body. */
void call_redirect(Call *call, int status, const char *url);

/* Bytes of any kind in place of JSON: metrics, a pixel. They are copied. */
void call_bytes(Call *call, const char *type, const void *bytes, size_t size);

/* ---- for the log and the door ---- */

/* A fact for this request's line in the log: the tenant, a run. At most 8. */
void call_log_text(Call *call, const char *name, const char *text);

/* A place for whatever the door wants to keep beside the call, such as the numbers of a quota for its dialect. */
void call_note_set(Call *call, void *note);
void *call_note(const Call *call);
