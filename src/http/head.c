/* The head of a request: refused where two readers could understand it differently, else taken over. */
#include <string.h>

#include "base/chance.h"
#include "base/clock.h"
#include "http/server_priv.h"

static MUST Err *refused(const char *why)
{
    return err_public(
        err_new(ERR_REQUEST_INVALID, "head: %s", why), "The request cannot be understood: %s.",
        why);
}

static bool is_token(const char *text)
{
    static const char letters[] = "!#$%&'*+-.^_`|~0123456789"
                                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    return *text && !text[strspn(text, letters)];
}

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f)
            return false;
    return true;
}

typedef struct HeadReading {
    Call *call;
    const char *wrong;
} HeadReading;

static enum MHD_Result header_take(
    void *reading_any, enum MHD_ValueKind kind, const char *name, size_t name_size,
    const char *value, size_t value_size)
{
    HeadReading *reading = reading_any;
    Call *call = reading->call;

    (void)kind;
    if (!value)
        value = "";
    if (strlen(name) != name_size || !is_token(name))
        reading->wrong = "the name of a header is no name";
    else if (strlen(value) != value_size || !is_plain(value))
        reading->wrong = "the value of a header holds control characters";
    else if (call->header_count == CALL_HEADERS_MAX)
        reading->wrong = "it has too many headers";
    else
        call->headers[call->header_count++] =
            (CallHeader){arena_text(call->arena, name), arena_text(call->arena, value)};
    return reading->wrong ? MHD_NO : MHD_YES;
}

static size_t headers_count(const Call *call, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < call->header_count; i++)
        count += strcasecmp(call->headers[i].name, name) == 0;
    return count;
}

/* RFC 9112, 6: length and chunks together, or either twice, is how requests are smuggled. */
static MUST Err *length_read(Call *call)
{
    const char *length = call_header(call, "Content-Length");
    const char *coding = call_header(call, "Transfer-Encoding");

    if (headers_count(call, "Content-Length") > 1 || headers_count(call, "Transfer-Encoding") > 1)
        return refused("its length is given twice");
    if (length && coding)
        return refused("it has a length and chunks");
    if (coding && strcasecmp(coding, "chunked") != 0)
        return refused("its transfer encoding is not 'chunked'");
    if (coding)
        return NULL;
    if (!length) {
        call->length = 0;
        return NULL;
    }
    if (!*length || strlen(length) > 18 || length[strspn(length, "0123456789")])
        return refused("its length is no number");
    call->length = strtoll(length, NULL, 10);
    return NULL;
}

static MUST Err *host_check(const Call *call, const char *version)
{
    const char *host = call_header(call, "Host");

    if (headers_count(call, "Host") > 1)
        return refused("it has two hosts");
    if (!host && strcmp(version, "HTTP/1.0") != 0)
        return refused("it has no Host header");
    if (host && host[strspn(
                    host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                          "0123456789-._:[]")])
        return refused("its host is no name");
    return NULL;
}

/* Ours to make unless the caller's is short and plain: it ends up in logs and headers. */
static void id_take(Call *call)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_.";
    const char *given = call_header(call, "X-Request-ID");
    unsigned char bytes[12];

    if (given && strlen(given) >= 8 && strlen(given) < CALL_ID_SIZE &&
        !given[strspn(given, letters)]) {
        snprintf(call->id, sizeof(call->id), "%s", given);
        return;
    }
    chance_bytes(bytes, sizeof(bytes));
    snprintf(call->id, sizeof(call->id), "req_");
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(call->id + 4 + 2 * i, 3, "%02x", bytes[i]);
}

/* The last address that no proxy of ours could have been lied to about: read from the right, past our own. */
static const char *forwarded_for(const Call *call)
{
    const char *list = call_header(call, "X-Forwarded-For");
    Peer peer;

    if (!list)
        return NULL;
    for (size_t end = strlen(list); end > 0;) {
        size_t begin = end;

        while (begin > 0 && list[begin - 1] != ',')
            begin--;
        const char *text = arena_text_n(call->arena, list + begin, end - begin);
        text += strspn(text, " \t");
        if (!peer_read(arena_text_n(call->arena, text, strcspn(text, " \t")), &peer))
            return NULL;
        if (!peers_have(&call->server->trusted, &peer) || begin == 0)
            return peer_text(&peer, call->arena);
        end = begin - 1;
    }
    return NULL;
}

static const char *peer_find(const Call *call)
{
    const union MHD_ConnectionInfo *address =
        MHD_get_connection_info(call->wire, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const char *forwarded = call->link->is_trusted ? forwarded_for(call) : NULL;
    Peer peer;

    if (forwarded)
        return forwarded;
    return address && peer_of_socket(address->client_addr, &peer) ? peer_text(&peer, call->arena)
                                                                  : "local";
}

static const char *origin_find(const Call *call)
{
    const HttpServer *server = call->server;
    const char *host = call_header(call, "Host");
    const char *scheme = call->link->is_trusted ? call_header(call, "X-Forwarded-Proto") : NULL;
    bool is_secure = scheme ? strcmp(scheme, "https") == 0 : server->has_tls;

    if (server->setup.public_url)
        return server->setup.public_url;
    if (!host)
        return server->address;
    return arena_print(call->arena, "http%s://%s", is_secure ? "s" : "", host);
}

static bool is_media_type(const char *given, const char *type)
{
    size_t length = strcspn(given, "; \t");

    return strlen(type) == length && strncasecmp(given, type, length) == 0;
}

static bool type_is_taken(const Endpoint *endpoint, const char *given)
{
    if (endpoint->kind == ENDPOINT_MULTIPART)
        return is_media_type(given, "multipart/form-data");
    if (endpoint->kind == ENDPOINT_UPLOAD) {
        const char *const *type = endpoint->types;

        while (type && *type && !is_media_type(given, *type))
            type++;
        return !type || *type;
    }
    return is_media_type(given, "application/json");
}

static MUST Err *type_check(const Call *call)
{
    const Endpoint *endpoint = call->endpoint;
    const char *given = call_header(call, "Content-Type");
    const char *want = endpoint->kind == ENDPOINT_MULTIPART ? "multipart/form-data"
                       : endpoint->kind == ENDPOINT_UPLOAD  ? "a kind of file that is taken here"
                                                            : "application/json";

    if (call->length == 0 && endpoint->kind != ENDPOINT_MULTIPART)
        return NULL;
    if (headers_count(call, "Content-Type") > 1)
        return refused("it has two content types");
    if (call_header(call, "Content-Encoding"))
        return err_public(
            err_new(ERR_TYPE_UNSUPPORTED, "a coded body"),
            "Send the body as it is, without a Content-Encoding.");
    if (!type_is_taken(endpoint, given ? given : "application/octet-stream"))
        return err_public(
            err_new(ERR_TYPE_UNSUPPORTED, "a body of an unwanted type"),
            "The Content-Type must be %s.", want);
    return NULL;
}

static bool endpoint_takes_body(const Endpoint *endpoint)
{
    return endpoint->kind == ENDPOINT_UPLOAD || endpoint->kind == ENDPOINT_MULTIPART ||
           (endpoint->kind == ENDPOINT_JSON && endpoint->method != GET &&
            endpoint->method != DELETE);
}

static MUST Err *body_check(Call *call)
{
    const Endpoint *endpoint = call->endpoint;

    call->max_bytes = endpoint->max_bytes ? endpoint->max_bytes : 1024 * 1024;
    if (!endpoint_takes_body(endpoint))
        return call->length ? refused("no body is taken here") : NULL;
    if (call->length > call->max_bytes)
        return err_public(
            err_new(
                ERR_BODY_TOO_LARGE, "a body of %lld bytes, the limit is %lld",
                (long long)call->length, (long long)call->max_bytes),
            "The body may have %lld bytes at most.", (long long)call->max_bytes);
    return type_check(call);
}

/* Does the client say that it takes pages? */
static bool page_is_taken(const Call *call)
{
    static const char type[] = "text/html";
    const char *list = call_header(call, "Accept");

    while (list && *list) {
        list += strspn(list, " \t,");
        if (strncasecmp(list, type, strlen(type)) == 0 && strchr(" \t,;", list[strlen(type)]))
            return true;
        list += strcspn(list, ",");
    }
    return false;
}

static MUST Err *nothing_found(void)
{
    return err_public(
        err_new(ERR_NOT_FOUND, "no endpoint at that path"), "There is nothing at this address.");
}

static Method method_find(const char *name)
{
    Method method = GET;

    if (strcmp(name, "HEAD") == 0)
        return GET;
    while (method < METHOD_MAX_ && strcmp(name, method_name(method)) != 0)
        method++;
    return method;
}

/* Where the call sits: with a page for people, or with what METHOD has there. */
static const RouteSeat *seat_choose(Call *call, Method method)
{
    const RouteSeat *seats = call->route.seats, *view = &seats[SEAT_VIEW];

    if (method == METHOD_MAX_)
        return NULL;
    if (method != GET || !view->endpoint)
        return &seats[method];
    if (seats[GET].endpoint)
        call_header_set(call, "Vary", "Accept");
    return !seats[GET].endpoint || page_is_taken(call) ? view : &seats[GET];
}

static bool has_only_fallback(const Route *route)
{
    bool has_some = false;

    for (Method method = GET; method < METHOD_MAX_; method++)
        has_some |= route->seats[method].endpoint != NULL;
    return !has_some && strstr(route->seats[SEAT_VIEW].endpoint->path, "*}");
}

static MUST Err *endpoint_find(Call *call)
{
    Method method = method_find(call->method);

    router_find(call->server->router, &call->uri, call->arena, &call->route);
    if (!call->route.seats)
        return nothing_found();
    if (has_only_fallback(&call->route) && (method != GET || !page_is_taken(call))) {
        call->route.seats = NULL;
        return nothing_found();
    }
    if (strcmp(call->method, "OPTIONS") == 0)
        return NULL;

    const RouteSeat *seat = seat_choose(call, method);
    if (seat) {
        call->endpoint = seat->endpoint;
        call->at = seat->at;
    }
    if (call->endpoint)
        return NULL;

    const char *allow = router_allow(call->route.seats, call->arena);
    call_header_set(call, "Allow", allow);
    return err_public(
        err_new(ERR_METHOD_WRONG, "method '%s' where there is %s", call->method, allow),
        "This address takes %s only.", allow);
}

/* Its errors are written in the dialect of the first door that has something at the path, or of the first of all. */
static void door_guess(Call *call)
{
    call->at = call->server->setup.doors;
    for (int i = GET; call->route.seats && i < SEATS; i++)
        if (call->route.seats[i].endpoint) {
            call->at = call->route.seats[i].at;
            return;
        }
}

static MUST Err *request_read(Call *call, const char *version)
{
    HeadReading reading = {.call = call};

    if (!call->target || strncmp(version, "HTTP/1.", 7) != 0)
        return refused("it has no address, or one with a NUL in it");
    MHD_get_connection_values_n(call->wire, MHD_HEADER_KIND, header_take, &reading);
    id_take(call);
    if (reading.wrong)
        return refused(reading.wrong);
    if (!is_token(call->method))
        return refused("its method is no name");

    call->peer = peer_find(call);
    TRY(host_check(call, version));
    TRY(length_read(call));
    TRY(uri_read(call->target, call->arena, &call->uri));
    call->origin = origin_find(call);

    const char *trace = call_header(call, "traceparent");
    if (trace && !span_place_read(trace, &call->parent))
        call->parent = (SpanPlace){0};
    TRY(endpoint_find(call));
    return call->endpoint ? body_check(call) : NULL;
}

Err *call_head_read(Call *call, const char *method, const char *version)
{
    call->method = arena_text(call->arena, method);
    call->peer = "";
    call->length = -1; /* there may be a body, until it is known that there is none */
    call->origin = call->server->address;

    Err *err = request_read(call, version);
    if (!call->at)
        door_guess(call);
    return err;
}
