/* How a request walks from the loop to a worker and back.
 *
 * libmicrohttpd calls serve_go_on when the head is there, for each piece of the body, and when all of it is there; on its loop's thread, which
 * must not wait. Whatever may wait is given to a worker while the connection is suspended; when it is resumed, serve_go_on is called
 * again as if for the first time. Replies may only be queued in the first and the last of these calls, and one queued in the first ends the
 * connection; so a body that turns out to be bad half-way is read to its end without being kept.
 */
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "http/events.h"
#include "http/form_priv.h"
#include "http/server_priv.h"
#include "watch/metric.h"

/* ---- on a worker ---- */

static MUST Err *authorise(Call *call)
{
    const HttpSetup *setup = &call->server->setup;

    if (call->is_admitted)
        return NULL;
    call->is_admitted = true;
    if (setup->authorise)
        return setup->authorise(setup->context, call, call->endpoint);
    if (call->endpoint->scope)
        return err_new(ERR_FORBIDDEN, "nobody says who may call '%s'", call->endpoint->id);
    return NULL;
}

static const FileField *file_row(const Endpoint *endpoint, const char *name)
{
    for (const FileField *row = endpoint->files; row && row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

static MUST Err *file_refused(const Part *part, ErrCode code, const char *why)
{
    return err_field(
        err_public(err_new(code, "a file of a form: %s", why), "%s: %s.", part->name, why), "/%s",
        part->name);
}

static MUST Err *
file_open(void *call_any, const Part *part, int number, int64_t *ret_max_bytes, Sink *ret)
{
    Call *call = call_any;
    const FileField *row = file_row(call->endpoint, part->name);
    const char *const *type = row ? row->types : NULL;

    if (!row)
        return file_refused(part, ERR_INPUT_INVALID, "no file of that name is taken here");
    if (number >= (row->most ? row->most : 1))
        return file_refused(
            part, ERR_INPUT_INVALID,
            arena_print(call->arena, "send at most %d files at once", row->most ? row->most : 1));
    while (type && *type && strcasecmp(*type, part->type) != 0)
        type++;
    if (type && !*type)
        return file_refused(part, ERR_TYPE_UNSUPPORTED, "files of that type are not taken here");
    *ret_max_bytes = row->max_bytes ? row->max_bytes : call->max_bytes;
    return call->endpoint->part(call, part, ret);
}

static bool call_repeats(const Call *call)
{
    const EndpointKind kind = call->endpoint->kind;

    return call->endpoint->retried &&
           (kind == ENDPOINT_JSON || kind == ENDPOINT_MULTIPART || kind == ENDPOINT_UPLOAD) &&
           call->server->setup.answer_find && call_idempotency_key(call);
}

static MUST Err *form_begin(Call *call)
{
    FormSetup setup = {
        .content_type = call_header(call, "Content-Type"),
        .mem = call->arena,
        .open = file_open,
        .context = call,
        .parts_max = 1, /* one too many, for file_open to say whose it is */
        .is_hashed = call_repeats(call),
    };

    for (const FileField *row = call->endpoint->files; row && row->name; row++)
        setup.parts_max += row->most ? row->most : 1;
    if (call->endpoint->admit)
        TRY(call->endpoint->admit(call));
    return form_new(&setup, &call->form);
}

static MUST Err *admit(Call *call)
{
    if (call->is_admitted)
        return NULL;
    TRY(authorise(call));
    if (call->endpoint->kind == ENDPOINT_MULTIPART)
        return form_begin(call);
    if (call->endpoint->kind != ENDPOINT_UPLOAD)
        return NULL;
    TRY(call_input_read(call));
    TRY(call->endpoint->open(call, call->in, &call->sink));
    call->has_sink = true;
    if (call_repeats(call))
        call->said = hasher_new();
    return NULL;
}

static MUST Err *feed(Call *call)
{
    size_t size = call->piece_size;

    call->piece_size = 0;
    if (!size || call->err)
        return NULL;
    if (call->form)
        return form_feed(call->form, call->piece, size);
    if (call->said)
        hasher_add(call->said, call->piece, size);
    return call->sink.write(call->sink.context, call->piece, size);
}

static MUST Err *perform(Call *call)
{
    const Endpoint *endpoint = call->endpoint;
    void *out = arena_take(call->arena, endpoint->out.size + 1);

    TRY(endpoint->handle(call, call->in, out));
    return call->telling ? NULL : call_reply_make(call, out);
}

/* Whoever sends a key relies on it: one that cannot be kept is refused rather than overlooked. */
static MUST Err *repeat_key_check(const Call *call)
{
    if (call->endpoint->method == GET || !call_header(call, "Idempotency-Key") ||
        call_idempotency_key(call))
        return NULL;
    return err_public(
        err_new(ERR_INPUT_INVALID, "an idempotency key that cannot be kept"),
        "An Idempotency-Key has from 1 to 255 visible characters, and no spaces.");
}

static const char *header_or_none(const Call *call, const char *name)
{
    const char *value = call_header(call, name);

    return value ? value : "";
}

/* What CALL asks for, as a short text: the same for the same request. */
static const char *request_text(const Call *call)
{
    AUTO(hasher_free) Hasher *hasher = hasher_new();
    char text[HASH_TEXT_SIZE];

    hasher_add_text(hasher, call->method);
    hasher_add_text(hasher, call_path(call));
    hasher_add_text(hasher, call_query_text(call));
    if (call->form) {
        const Hash said = form_hash(call->form);
        hasher_add(hasher, said.bytes, sizeof(said.bytes));
    } else if (call->said) {
        const Hash said = hasher_done(call->said);
        hasher_add(hasher, said.bytes, sizeof(said.bytes));
    } else {
        hasher_add(hasher, buf_text(&call->body), call->body.size);
    }
    for (const HeaderField *row = call->endpoint->headers; row && row->field; row++)
        hasher_add_text(hasher, header_or_none(call, row->header));
    hasher_add_text(hasher, header_or_none(call, "X-Tenant-ID"));
    hash_text(hasher_done(hasher), text);
    return arena_text(call->arena, text);
}

static MUST Err *perform_once(Call *call)
{
    const HttpSetup *setup = &call->server->setup;
    HttpAnswer answer;
    bool is_found;

    TRY(setup->answer_find(setup->context, call, request_text(call), &is_found, &answer));
    if (is_found) {
        call->status = answer.status;
        call_bytes(call, "application/json", answer.body, strlen(answer.body));
        return call_reply_make(call, NULL);
    }

    Err *err = perform(call);
    answer = (HttpAnswer){call->status, buf_text(&call->reply)};
    AUTO(err_free) Err *forgotten = setup->answered(setup->context, call, err ? NULL : &answer);
    if (forgotten) /* a repeat is answered by what the work made */
        watch_err("http.answer_forgotten", forgotten, call->endpoint->id);
    return err;
}

/* Everything before the handler. */
static MUST Err *prepare(Call *call)
{
    TRY(admit(call));
    TRY(feed(call));
    if (call->form)
        TRY(form_end(call->form));
    if (!call->in)
        TRY(call_input_read(call));
    return repeat_key_check(call);
}

static MUST Err *carry_out(Call *call)
{
    return call_repeats(call) ? perform_once(call) : perform(call);
}

static void sinks_drop(Call *call)
{
    if (call->has_sink && call->sink.free)
        call->sink.free(call->sink.context);
    call->has_sink = false;
}

typedef struct Shift {
    const WatchContext *before;
    WatchContext now;
} Shift;

static void shift_begin(Call *call, Shift *shift)
{
    shift->now = (WatchContext){.request_id = call->id};
    shift->before = watch_context_set(&shift->now);
}

static void shift_end(const Shift *shift)
{
    watch_context_set(shift->before);
}

/* Names and kinds are those of OpenTelemetry's conventions for HTTP: what a client did wrong is no failure of ours. */
static Span *request_span(const Call *call)
{
    Span *span = span_open(call_endpoint_name(call), call->parent.trace[0] ? &call->parent : NULL);

    span_is_server(span);
    span_text(span, "http.request.method", call->method);
    span_text(span, "http.route", call->endpoint ? call->endpoint->path : NULL);
    span_text(span, "request_id", call->id);
    return span;
}

static void request_span_end(const Call *call, Span *span, const Err *err)
{
    int status = err ? door_status(call->at->door, err_code(err)) : call->status;

    if (status)
        span_int(span, "http.response.status_code", status);
    if (err)
        span_text(span, "error.type", err_name(err_code(err)));
    if (err && status >= 500)
        span_failed(span, err);
    span_close(span);
}

static void wake(Call *call, CallStage stage)
{
    struct MHD_Connection *wire = call->wire;

    atomic_fetch_add(&call->held_ms, clock_ticks_ms() - call->held_since_ms);
    atomic_store(&call->stage, stage);
    MHD_resume_connection(wire);
}

/* The loop may have the call from here on: nothing is done with it after. */
static void give_back(Call *call, CallStage stage)
{
    HttpServer *server = call->server;

    wake(call, stage);
    server_handed_back(server);
}

void call_share(Call *call)
{
    atomic_fetch_add(&call->holders, 1);
    wake(call, CALL_ANSWERED);
}

static bool call_let_go(Call *call)
{
    return atomic_fetch_sub(&call->holders, 1) == 1;
}

static void refuse_logged(Call *call, Err *err)
{
    if (door_status(call->at->door, err_code(err)) >= 500 && err_code(err) != ERR_SERVER_BUSY)
        watch_err("http.failed", err, call_endpoint_name(call));
    call_refuse(call, err);
}

/* A client that does not wait for a 100 is sending already: when the line is closed on it, the reply is lost with it. So a small body is
 * read, and thrown away, before the reason is told. */
static bool body_is_drained(const Call *call, const Err *err)
{
    return call->length > 0 && call->length <= CALL_DRAIN_BYTES && !call_header(call, "Expect") &&
           err_code(err) != ERR_REQUEST_INVALID && err_code(err) != ERR_BODY_TOO_LARGE;
}

static void admit_work(void *call_any)
{
    Call *call = call_any;
    Shift shift;

    shift_begin(call, &shift);
    Err *err = admit(call);
    if (err)
        request_span_end(call, request_span(call), err);
    shift_end(&shift);
    if (err && body_is_drained(call, err))
        call->err = TAKE(err);
    if (err)
        refuse_logged(call, err);
    give_back(call, err ? CALL_ANSWERED : CALL_RECEIVING);
}

static void feed_work(void *call_any)
{
    Call *call = call_any;
    Shift shift;

    shift_begin(call, &shift);
    Err *err = feed(call);
    shift_end(&shift);
    if (err && !call->err)
        call->err = err;
    give_back(call, CALL_RECEIVING);
}

/* A reply that has begun ends with an event that says why. */
static void tell_end(Call *call, Err *err)
{
    HttpServer *server = call->server;
    AUTO(buf_done) Buf body = BUF(64 * 1024);
    AUTO(err_free) Err *unwritten = err ? problem_write(call, err, &body) : NULL;
    const Event last = {.name = "error", .data = buf_text(&body)};

    if (err && err_code(err) != ERR_CANCELLED)
        watch_err("http.events", err, call_endpoint_name(call));
    telling_end(call->telling, err && !unwritten ? &last : NULL);
    err_free(err);
    server_handed_back(server);
    if (call_let_go(call))
        call_free(call);
}

static void finish_end(Call *call, Err *err)
{
    sinks_drop(call);
    form_free(TAKE(call->form));
    if (call->telling) {
        tell_end(call, err);
        return;
    }
    if (err)
        refuse_logged(call, err);
    give_back(call, CALL_ANSWERED);
}

/* On a thread of its own. */
static void patient_work(void *call_any)
{
    Call *call = call_any;
    Shift shift;

    shift_begin(call, &shift);
    Span *span = request_span(call);
    Err *err = carry_out(call);
    request_span_end(call, span, err);
    shift_end(&shift);
    finish_end(call, err);
}

static void finish_work(void *call_any)
{
    Call *call = call_any;
    Shift shift;

    shift_begin(call, &shift);
    const bool is_patient = call->endpoint && call->endpoint->is_patient;
    Span *span = is_patient ? NULL : request_span(call);
    Err *err = call->err ? TAKE(call->err) : prepare(call);
    bool is_passed_on = !err && is_patient;
    if (!err && !is_passed_on)
        err = carry_out(call);
    if (span)
        request_span_end(call, span, err);
    if (is_passed_on) {
        shift_end(&shift);
        call->work = (Work){.run = patient_work, .about = call};
        if (pool_try(call->server->patient, &call->work))
            return;
        shift_begin(call, &shift);
        err = err_new(ERR_SERVER_BUSY, "too many calls wait for others");
    }
    if (!span && err)
        request_span_end(call, request_span(call), err);
    shift_end(&shift);
    finish_end(call, err);
}

static void drop_work(void *call_any)
{
    call_free(call_any);
}

/* ---- on the loop ---- */

static enum MHD_Result hand_over(Call *call, CallStage stage, void (*work)(void *))
{
    if (!server_hand_over(call->server))
        return MHD_NO;
    call->held_since_ms = clock_ticks_ms();
    call->work = (Work){.run = work, .about = call};
    atomic_store(&call->stage, stage);
    MHD_suspend_connection(call->wire);
    pool_add(call->server->pool, &call->work);
    return MHD_YES;
}

static enum MHD_Result send_reply(Call *call)
{
    atomic_store(&call->stage, CALL_SENDING);
    return MHD_queue_response(call->wire, (unsigned)call->status, call->response);
}

/* A reply that is queued in the first call ends the connection: right when there is a body that nobody will read, else it waits for the
 * last call, which comes at once. */
static enum MHD_Result send_at_once(Call *call)
{
    if (call->length)
        return send_reply(call);
    atomic_store(&call->stage, CALL_ANSWERED);
    return MHD_YES;
}

static enum MHD_Result send_refusal(Call *call, Err *err)
{
    if (body_is_drained(call, err)) {
        call->err = err;
        atomic_store(&call->body_began_ms, clock_ticks_ms());
        atomic_store(&call->stage, CALL_RECEIVING);
        return MHD_YES;
    }
    call->must_close = call->length != 0 || err_code(err) == ERR_REQUEST_INVALID;
    call_refuse(call, err);
    return send_at_once(call);
}

/* A small body comes along with its head, and then rights and all are asked at once. */
static bool body_is_early(const Call *call)
{
    return call->endpoint->kind == ENDPOINT_JSON && call->length > 0 &&
           call->length <= CALL_EARLY_BYTES && !call_header(call, "Expect");
}

static bool server_is_full(const Call *call)
{
    const HttpServer *server = call->server;

    return pool_queued(server->pool) >= server->limits.queued ||
           (call->endpoint->is_patient && pool_busy(server->patient) >= server->limits.patient);
}

static enum MHD_Result begin(Call *call, const char *method, const char *version)
{
    Err *err = call_head_read(call, method, version);

    call->body.limit = (size_t)call->max_bytes;
    if (err)
        return send_refusal(call, err);
    if (!call->endpoint) {
        call_reply_options(call);
        return send_at_once(call);
    }
    if (call->endpoint->kind == ENDPOINT_PAGE) {
        err = call_page_make(call);
        return err ? send_refusal(call, err) : send_at_once(call);
    }
    if (server_is_full(call))
        return send_refusal(call, err_new(ERR_SERVER_BUSY, "too many calls wait for a thread"));

    atomic_store(&call->body_began_ms, clock_ticks_ms());
    if (call->length != 0 && !body_is_early(call))
        return hand_over(call, CALL_ADMITTING, admit_work);
    atomic_store(&call->stage, CALL_RECEIVING);
    return MHD_YES;
}

static void refuse_later(Call *call, Err *err)
{
    if (call->err)
        err_free(err);
    else
        call->err = err;
}

static bool call_streams(const Call *call)
{
    return call->has_sink || call->form;
}

/* A body that is refused already is read on, but not kept: else the client would see a broken line in place of the reason. */
static enum MHD_Result receive(Call *call, const char *bytes, size_t *size)
{
    size_t taken = *size;

    if (call->err || !call_streams(call)) {
        if (!call->err) {
            Err *err = buf_add(&call->body, bytes, taken);
            if (err)
                refuse_later(call, err);
        }
    } else {
        if (!call->piece && !(call->piece = malloc(CALL_PIECE_BYTES)))
            return MHD_NO;
        taken = MIN(taken, CALL_PIECE_BYTES - call->piece_size);
        memcpy(call->piece + call->piece_size, bytes, taken);
        call->piece_size += taken;
    }
    *size -= taken;

    int64_t received = atomic_fetch_add(&call->received, (int64_t)taken) + (int64_t)taken;
    if (received > call->max_bytes)
        refuse_later(
            call, err_public(
                      err_new(
                          ERR_BODY_TOO_LARGE, "a body of more than %lld bytes",
                          (long long)call->max_bytes),
                      "The body may have %lld bytes at most.", (long long)call->max_bytes));
    if (received > 2 * call->max_bytes + CALL_DRAIN_BYTES)
        return MHD_NO;
    if (call->piece_size == CALL_PIECE_BYTES)
        return hand_over(call, CALL_FEEDING, feed_work);
    return MHD_YES;
}

void *serve_begin(void *server_any, const char *target, struct MHD_Connection *wire)
{
    HttpServer *server = server_any;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(wire, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    Link *link = info->socket_context;
    Call *call = call_new(server, link, wire, target);

    atomic_store(&link->waits_since_ms, call->began_ms);
    pthread_mutex_lock(&server->mutex);
    link->call = call;
    link->is_over = false;
    pthread_mutex_unlock(&server->mutex);
    atomic_fetch_add(&server->in_flight, 1);
    metric_add(METRIC_HTTP_IN_FLIGHT, 1, NULL);
    return call;
}

enum MHD_Result serve_go_on(
    void *server, struct MHD_Connection *wire, const char *url, const char *method,
    const char *version, const char *bytes, size_t *size, void **call_any)
{
    Call *call = *call_any;

    (void)server;
    (void)wire;
    (void)url;
    switch (atomic_load(&call->stage)) {
    case CALL_FRESH:
        return begin(call, method, version);
    case CALL_RECEIVING:
        if (*size)
            return receive(call, bytes, size);
        /* After a worker has admitted it the first call comes again; the body is yet to be asked for. */
        if (call->is_admitted && !call->has_begun) {
            call->has_begun = true;
            return MHD_YES;
        }
        return hand_over(call, CALL_FINISHING, finish_work);
    case CALL_ANSWERED:
        return send_reply(call);
    case CALL_ADMITTING: /* chunks that lie in the buffer are offered while a worker has the call: they stay there */
    case CALL_FEEDING:
    case CALL_FINISHING:
    case CALL_SENDING:
        break;
    }
    return MHD_YES;
}

void serve_end(
    void *server_any, struct MHD_Connection *wire, void **call_any,
    enum MHD_RequestTerminationCode why)
{
    HttpServer *server = server_any;
    Call *call = *call_any;

    (void)wire;
    if (!call)
        return;
    *call_any = NULL;
    pthread_mutex_lock(&server->mutex);
    call->link->call = NULL;
    pthread_mutex_unlock(&server->mutex);
    atomic_store(&call->link->waits_since_ms, clock_ticks_ms());
    atomic_store(&call->link->has_asked, true);
    call_record(call, why != MHD_REQUEST_TERMINATED_COMPLETED_OK);
    atomic_fetch_sub(&server->in_flight, 1);
    if (call->socket)
        events_drop(call->socket);
    if (call->telling)
        telling_drop(call->telling);
    if (!call_let_go(call))
        return;
    if (!call_streams(call)) {
        call_free(call);
        return;
    }
    /* What sinks hold may be thrown away slowly. */
    call->work = (Work){.run = drop_work, .about = call};
    pool_add(server->pool, &call->work);
}
