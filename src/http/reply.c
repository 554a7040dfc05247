/* Replies: their headers, and who is shown them before they are sent. */
#include <string.h>

#include "http/server_priv.h"

/* What a page of ours may do is in its own policy (page.c); everything else is no page. */
static const CallHeader plain_headers[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"X-Frame-Options", "DENY"},
    {"Cache-Control", "no-store"},
};

static bool reply_has(const Call *call, const char *name)
{
    for (size_t i = 0; i < call->reply_header_count; i++)
        if (strcasecmp(call->reply_headers[i].name, name) == 0)
            return true;
    return false;
}

/* The page of elsewhere that asks, when it may. */
static const char *origin_allowed(const Call *call)
{
    const char *origin = call_header(call, "Origin");
    const char *const *row = call->server->setup.origins;

    for (; origin && row && *row; row++)
        if (strcmp(*row, "*") == 0 || strcmp(*row, origin) == 0)
            return *row;
    return NULL;
}

static void origin_headers(const Call *call, struct MHD_Response *response)
{
    const char *origin = origin_allowed(call);

    if (call->server->setup.origins)
        MHD_add_response_header(response, "Vary", "Origin");
    if (!origin)
        return;
    MHD_add_response_header(response, "Access-Control-Allow-Origin", origin);
    /* Cookies are never allowed from elsewhere, so that "*" means all (Fetch Standard, CORS protocol). */
    MHD_add_response_header(response, "Access-Control-Expose-Headers", "*");
}

static void headers_add(Call *call, struct MHD_Response *response)
{
    /* Whoever has the address of a file may show it, on pages of their own too. */
    if (call->endpoint && call->endpoint->kind == ENDPOINT_DOWNLOAD && !call->endpoint->scope &&
        !reply_has(call, "Cross-Origin-Resource-Policy"))
        call_header_set(call, "Cross-Origin-Resource-Policy", "cross-origin");
    for (size_t i = 0; i < COUNT(plain_headers); i++)
        if (!reply_has(call, plain_headers[i].name))
            MHD_add_response_header(response, plain_headers[i].name, plain_headers[i].value);
    for (size_t i = 0; i < call->reply_header_count; i++)
        MHD_add_response_header(
            response, call->reply_headers[i].name, call->reply_headers[i].value);
    MHD_add_response_header(response, "X-Request-ID", call->id);
    if (call->reply_type)
        MHD_add_response_header(response, "Content-Type", call->reply_type);
    if (call->server->has_tls)
        MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
    if (call->must_close || atomic_load(&call->server->is_stopping))
        MHD_add_response_header(response, "Connection", "close");
    origin_headers(call, response);
}

static void reply_show(Call *call, const void *body, size_t size)
{
    HttpServer *server = call->server;
    HttpReply reply = {
        .door = call->at->door,
        .endpoint = call->endpoint,
        .method = call->method,
        .path = call_path(call),
        .status = call->status,
        .error = call->code,
        .type = call->reply_type,
        .body = body,
        .size = size,
    };

    pthread_mutex_lock(&server->seeing);
    if (server->see)
        server->see(server->see_context, &reply);
    pthread_mutex_unlock(&server->seeing);
}

void http_watch_replies(
    HttpServer *server, void (*see)(void *context, const HttpReply *reply), void *context)
{
    pthread_mutex_lock(&server->seeing);
    server->see = see;
    server->see_context = context;
    pthread_mutex_unlock(&server->seeing);
}

static void response_set(Call *call, struct MHD_Response *response, const void *body, size_t size)
{
    if (!response)
        abort();
    headers_add(call, response);
    if (call->response)
        MHD_destroy_response(call->response);
    call->response = response;
    reply_show(call, body, size);
}

void call_reply_with(Call *call, struct MHD_Response *response)
{
    response_set(call, response, NULL, 0);
}

void call_reply_bytes(Call *call, const void *bytes, size_t size)
{
    atomic_store(&call->sent, (int64_t)size);
    response_set(
        call,
        MHD_create_response_from_buffer(size, (void *)(uintptr_t)bytes, MHD_RESPMEM_PERSISTENT),
        bytes, size);
}

/* Whoever may call may send what headers it likes: clients of others have headers of their own, and "*" would not mean Authorization. */
static const char *headers_asked(const Call *call)
{
    const char *asked = call_header(call, "Access-Control-Request-Headers");

    return asked ? asked : "*";
}

void call_reply_options(Call *call)
{
    call_header_set(call, "Allow", router_allow(call->route.seats, call->arena));
    if (origin_allowed(call) && call_header(call, "Access-Control-Request-Method")) {
        call_header_set(
            call, "Access-Control-Allow-Methods", router_allow(call->route.seats, call->arena));
        call_header_set(call, "Access-Control-Allow-Headers", headers_asked(call));
        call_header_set(call, "Access-Control-Max-Age", "600");
    }
    call->status = 204;
    call_reply_bytes(call, "", 0);
}

Err *call_reply_make(Call *call, const void *out)
{
    const Endpoint *endpoint = call->endpoint;
    AUTO(value_free) Value *body = NULL;

    if (!call->status)
        call->status = endpoint->ok ? endpoint->ok : 200;
    if (call->given) {
        call_reply_with(call, TAKE(call->given));
        return NULL;
    }
    if (call->is_answered) {
        call_reply_bytes(call, call->bytes, call->bytes_size);
        return NULL;
    }
    if (endpoint->kind == ENDPOINT_DOWNLOAD || endpoint->kind == ENDPOINT_EVENTS)
        return err_new(ERR_BUG, "the handler of '%s' gave no answer", endpoint->id);

    if (!endpoint->out.fields) {
        call_reply_bytes(call, "", 0);
        return NULL;
    }
    body = shape_write(&endpoint->out, out);
    TRY(value_write(body, VALUE_COMPACT, &call->reply));
    call->reply_type = "application/json";
    call_reply_bytes(call, buf_text(&call->reply), call->reply.size);
    return NULL;
}
