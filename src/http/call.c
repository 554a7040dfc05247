/* What handlers see of a request, and what they say about its reply. */
#include "http/call.h"

#include <string.h>

#include "base/clock.h"
#include "http/form_priv.h"
#include "http/server_priv.h"

/* libmicrohttpd ends the address with a NUL and the version follows; a NUL that was sent as a part of the address does not. */
static bool target_holds_nul(const char *target)
{
    return memcmp(target + strlen(target) + 1, "HTTP/1.", 7) != 0;
}

Call *call_new(HttpServer *server, Link *link, struct MHD_Connection *wire, const char *target)
{
    Arena *arena = arena_new();
    Call *call = arena_take(arena, sizeof(*call));

    call->server = server;
    call->link = link;
    call->wire = wire;
    call->arena = arena;
    call->target = target && !target_holds_nul(target) ? arena_text(arena, target) : NULL;
    call->body.limit = 1;
    call->reply.limit = CALL_REPLY_BYTES;
    atomic_store(&call->holders, 1);
    call->code = ERR_MAX_;
    call->began_ms = clock_ticks_ms();
    pthread_mutex_init(&call->cancel.mutex, NULL);
    return call;
}

void call_free(Call *call)
{
    if (call->has_sink && call->sink.free)
        call->sink.free(call->sink.context);
    form_free(call->form);
    hasher_free(call->said);
    if (call->given)
        MHD_destroy_response(call->given);
    if (call->response)
        MHD_destroy_response(call->response);
    telling_free(call->telling);
    buf_done(&call->body);
    buf_done(&call->reply);
    free(call->piece);
    err_free(call->err);
    pthread_mutex_destroy(&call->cancel.mutex);
    arena_free(call->arena);
}

Arena *call_arena(Call *call)
{
    return call->arena;
}

const Endpoint *call_endpoint(const Call *call)
{
    return call->endpoint;
}

const FrontDoor *call_door(const Call *call)
{
    return call->at->door;
}

void *call_context(const Call *call)
{
    return call->at->context;
}

void call_caller_set(Call *call, const void *caller)
{
    call->caller = caller;
}

const void *call_caller(const Call *call)
{
    return call->caller;
}

const char *call_peer(const Call *call)
{
    return call->peer;
}

const char *call_origin(const Call *call)
{
    return call->origin;
}

const char *call_id(const Call *call)
{
    return call->id;
}

const char *call_header(const Call *call, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < call->header_count; i++)
        if (strcasecmp(call->headers[i].name, name) == 0)
            value = value ? arena_print(call->arena, "%s, %s", value, call->headers[i].value)
                          : call->headers[i].value;
    return value;
}

const char *call_query(const Call *call, const char *name)
{
    for (size_t i = 0; i < call->uri.pair_count; i++)
        if (strcmp(call->uri.pairs[i].name, name) == 0)
            return call->uri.pairs[i].value;
    return NULL;
}

const char *call_query_text(const Call *call)
{
    return call->uri.query ? call->uri.query : "";
}

const char *call_path(const Call *call)
{
    return call->uri.path ? call->uri.path : "";
}

const char *call_path_field(const Call *call, const char *name)
{
    PathField field;

    for (size_t i = 0; call->endpoint && path_field_at(call->endpoint->path, i, &field); i++)
        if (strcmp(field.name, name) == 0)
            return call->route.values[i];
    return NULL;
}

static bool is_visible(const char *text)
{
    for (; *text; text++)
        if (*text <= 0x20 || *text >= 0x7f)
            return false;
    return true;
}

const char *call_idempotency_key(const Call *call)
{
    const char *key = call_header(call, "Idempotency-Key");

    return key && *key && strlen(key) <= 255 && is_visible(key) ? key : NULL;
}

const char *call_key(const Call *call)
{
    const char *bearer = call_header(call, "Authorization");
    const char *bare = call_header(call, "X-API-Key");

    if (bearer && strncasecmp(bearer, "Bearer ", 7) == 0)
        bearer += 7 + strspn(bearer + 7, " ");
    else
        bearer = NULL;
    if (bearer && bare && strcmp(bearer, bare) != 0)
        return NULL;
    const char *key = bearer ? bearer : bare;
    return key && *key ? key : NULL;
}

const char *call_cookie(Call *call, const char *name)
{
    const char *list = call_header(call, "Cookie");
    size_t length = strlen(name);

    while (list && *list) {
        list += strspn(list, "; ,\t");
        size_t pair = strcspn(list, ";,");

        if (pair > length + 1 && strncmp(list, name, length) == 0 && list[length] == '=')
            return arena_text_n(call->arena, list + length + 1, pair - length - 1);
        list += pair;
    }
    return NULL;
}

const char *call_body(const Call *call, size_t *ret_size)
{
    *ret_size = call->body.size;
    return buf_text(&call->body);
}

int64_t call_body_size(const Call *call)
{
    return atomic_load(&call->received);
}

int64_t call_body_length(const Call *call)
{
    return call->length;
}

void *call_sink(const Call *call)
{
    return call->sink.context;
}

const Part *call_parts(const Call *call, size_t *ret_count)
{
    return form_parts(call->form, ret_count);
}

Cancel *call_cancel(Call *call)
{
    return &call->cancel;
}

void call_status_set(Call *call, int status)
{
    call->status = status;
}

void call_header_set(Call *call, const char *name, const char *value)
{
    size_t at = 0;
    char *plain = arena_text(call->arena, value);

    for (char *letter = plain; *letter; letter++)
        if ((unsigned char)*letter < 0x20 || *letter == 0x7f)
            *letter = ' ';
    while (at < call->reply_header_count && strcasecmp(call->reply_headers[at].name, name) != 0)
        at++;
    if (at == CALL_REPLY_HEADERS_MAX)
        return;
    call->reply_header_count = MAX(call->reply_header_count, at + 1);
    call->reply_headers[at] = (CallHeader){arena_text(call->arena, name), plain};
}

void call_redirect(Call *call, int status, const char *url)
{
    call_header_set(call, "Location", url);
    call->status = status;
    call->reply_type = NULL;
    call->bytes = "";
    call->bytes_size = 0;
    call->is_answered = true;
}

void call_bytes(Call *call, const char *type, const void *bytes, size_t size)
{
    char *copy = arena_take(call->arena, size + 1);

    memcpy(copy, bytes, size);
    call->reply_type = arena_text(call->arena, type);
    call->bytes = copy;
    call->bytes_size = size;
    call->is_answered = true;
}

void call_log_text(Call *call, const char *name, const char *text)
{
    if (call->fact_count < CALL_LOG_FACTS_MAX)
        call->facts[call->fact_count++] =
            (WatchFact)WATCH_TEXT(arena_text(call->arena, name), arena_text(call->arena, text));
}

void call_note_set(Call *call, void *note)
{
    call->note = note;
}

void *call_note(const Call *call)
{
    return call->note;
}
