/* Who stands before a door, and what they may. */
#include "door/desk.h"

#include <string.h>

#include "base/clock.h"

static const char tenant_header[] = "X-Tenant-ID";

const Desk *desk_of(const Call *call)
{
    return call_context(call);
}

/* Who was let in. */
typedef struct Visitor {
    Caller caller;
    Rate rate;
    const char *secret; /* that it showed */
} Visitor;

const Caller *desk_caller(const Call *call)
{
    const Visitor *visitor = call_caller(call);

    return visitor ? &visitor->caller : NULL;
}

const Rate *desk_rate(const Call *call)
{
    const Visitor *visitor = call_caller(call);

    return visitor && visitor->rate.limit > 0 ? &visitor->rate : NULL;
}

Clerk desk_clerk(const Call *call)
{
    return (Clerk){
        .accounts = desk_of(call)->accounts,
        .caller = desk_caller(call),
        .address = call_peer(call),
        .once = desk_once(call),
    };
}

Err *desk_tenant(const Call *call, const char *asked, const char **ret)
{
    const char *said = call_header(call, tenant_header);

    if (asked && said && strcmp(asked, said) != 0)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "tenant_id and %s differ", tenant_header),
                "tenant_id and %s name different tenants. Send one of them.", tenant_header),
            "/tenant_id");
    return caller_tenant(desk_caller(call), asked ? asked : said, ret);
}

/* The names that clients know from elsewhere (draft-ietf-httpapi-ratelimit-headers, and Retry-After of RFC 9110). */
static void rate_tell(Call *call, const Rate *rate)
{
    Arena *mem = call_arena(call);

    if (rate->limit <= 0)
        return;
    call_header_set(call, "RateLimit-Limit", arena_print(mem, "%lld", (long long)rate->limit));
    call_header_set(
        call, "RateLimit-Remaining", arena_print(mem, "%lld", (long long)rate->remaining));
    call_header_set(
        call, "RateLimit-Reset",
        arena_print(mem, "%lld", (long long)(rate->reset_ms + 999) / 1000));
    if (rate->retry_after_ms > 0)
        call_header_set(
            call, "Retry-After",
            arena_print(mem, "%lld", (long long)(rate->retry_after_ms + 999) / 1000));
}

Err *desk_rate_address(Call *call)
{
    Rate rate = {0};
    Err *err = rate_take_address(desk_of(call)->accounts, call_peer(call), &rate);

    rate_tell(call, &rate);
    return err;
}

static MUST Err *forbidden(const char *scope)
{
    return err_public(
        err_new(ERR_FORBIDDEN, "caller lacks '%s'", scope),
        "This key may not do that: it lacks the right %s.", scope);
}

/* ---- people with a browser ---- */

enum {
    COOKIE_SECONDS = 30 * 24 * 60 * 60
};

/* A name with that beginning is taken by browsers only for this very host, and over TLS (RFC 6265bis). */
static const char *cookie_name(const Call *call)
{
    return strncmp(call_origin(call), "https:", 6) == 0 ? "__Host-cyclorama" : "cyclorama";
}

void desk_cookie_set(Call *call, const char *token)
{
    const char *name = cookie_name(call);

    call_header_set(
        call, "Set-Cookie",
        arena_print(
            call_arena(call), "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s", name,
            token ? token : "", token ? COOKIE_SECONDS : 0, *name == '_' ? "; Secure" : ""));
}

const char *desk_cookie(Call *call)
{
    return call_cookie(call, cookie_name(call));
}

static const char *host_of(const char *origin)
{
    const char *slashes = strstr(origin, "://");

    return slashes ? slashes + strlen("://") : "";
}

/* Hosts are compared, not schemes: a proxy may speak TLS for us and not say so. */
static bool origin_is_ours(const Call *call)
{
    const char *origin = call_header(call, "Origin");

    return !origin || strcasecmp(host_of(origin), host_of(call_origin(call))) == 0;
}

Err *desk_page_check(Call *call)
{
    const char *site = call_header(call, "Sec-Fetch-Site");

    if (call_header(call, "X-Requested-With") && origin_is_ours(call) &&
        (!site || strcmp(site, "same-origin") == 0))
        return NULL;
    return err_public(
        err_new(ERR_FORBIDDEN, "a change by cookie that no page of ours asked for"),
        "This was not sent by a page of this studio. Programs show a key instead, and pages send "
        "X-Requested-With.");
}

/* The key that CALL shows, or what its cookie holds; *RET is NULL for neither. A key that is wrong is not made up for by a cookie. */
static MUST Err *secret_find(Call *call, const char **ret)
{
    const char *cookie = NULL;

    *ret = call_key(call);
    if (*ret || call_header(call, "Authorization") || call_header(call, "X-API-Key"))
        return NULL;
    cookie = desk_cookie(call);
    if (cookie && call_endpoint(call)->method != GET)
        TRY(desk_page_check(call));
    *ret = cookie;
    return NULL;
}

Err *desk_recognise(Call *call, const Caller **ret)
{
    const Desk *desk = desk_of(call);
    Caller *caller = arena_take(call_arena(call), sizeof(*caller));
    const char *secret;
    Err *err = NULL;

    *ret = NULL;
    TRY(secret_find(call, &secret));
    if (!secret)
        return NULL;
    err = caller_admit(desk->accounts, call_peer(call), secret, call_arena(call), caller);
    if (!err)
        *ret = caller;
    return err && err_http(err_code(err)) < 500 ? (err_free(err), NULL) : err;
}

Err *desk_authorise(void *context, Call *call, const Endpoint *endpoint)
{
    const Desk *desk = context;
    Arena *mem = call_arena(call);
    if (!endpoint->scope)
        return NULL;

    const char *key;
    TRY(secret_find(call, &key));
    if (!key)
        return err_new(ERR_UNAUTHENTICATED, "no key in the request");

    Visitor *visitor = arena_take(mem, sizeof(*visitor));
    const Caller *caller = &visitor->caller;
    visitor->secret = key;
    TRY(caller_admit(desk->accounts, call_peer(call), key, mem, &visitor->caller));
    call_caller_set(call, visitor);
    call_log_text(call, "tenant_id", caller->tenant_id);

    AUTO(err_free) Err *limited = rate_take(desk->accounts, caller, &visitor->rate);
    rate_tell(call, &visitor->rate);
    if (limited)
        return TAKE(limited);
    if (!caller_may(caller, endpoint->scope))
        return forbidden(endpoint->scope);

    const char *said = call_header(call, tenant_header);
    const char *tenant_id;
    return said ? caller_tenant(caller, said, &tenant_id) : NULL;
}

/* ---- streams ---- */

/* What a stream needs to know of its caller once the call's own memory is nobody's any more. */
typedef struct Vigil {
    EventSource source;
    Accounts *accounts;
    const char *key, *scope, *owner;
    Arena *mem;
} Vigil;

/* Has the caller lost what let it in? */
static MUST Err *vigil_look(const Vigil *vigil, Arena *mem, bool *ret_lost)
{
    bool is_unknown = false, is_suspended = false;
    Caller caller = {0};

    TRY(err_expect(
        err_expect(
            caller_find(vigil->accounts, vigil->key, mem, &caller), ERR_UNAUTHENTICATED,
            &is_unknown),
        ERR_FORBIDDEN, &is_suspended));
    *ret_lost = is_unknown || is_suspended || !caller_may(&caller, vigil->scope);
    return NULL;
}

static Err *vigil_next(void *context, const char *last_id, Arena *mem, EventBatch *ret)
{
    const Vigil *vigil = context;

    TRY(vigil_look(vigil, mem, &ret->ended));
    if (ret->ended)
        return NULL;
    return vigil->source.next(vigil->source.context, last_id, mem, ret);
}

static void vigil_free(void *context)
{
    Vigil *vigil = context;

    if (vigil->source.free)
        vigil->source.free(vigil->source.context);
    arena_free(vigil->mem);
}

Err *desk_events(Call *call, const EventSource *source, Events **ret)
{
    const Visitor *visitor = call_caller(call);
    const Caller *caller = &visitor->caller;
    Arena *mem = arena_new();
    Vigil *vigil = arena_take(mem, sizeof(*vigil));

    *vigil = (Vigil){
        .source = *source,
        .accounts = desk_of(call)->accounts,
        .key = arena_text(mem, visitor->secret),
        .scope = call_endpoint(call)->scope,
        .owner = arena_text(mem, caller->tenant_id ? caller->tenant_id : caller->key_id),
        .mem = mem,
    };
    return call_events(
        call,
        &(EventSource){
            .context = vigil,
            .next = vigil_next,
            .free = vigil_free,
            .poll_ms = source->poll_ms,
            .owner = vigil->owner,
        },
        ret);
}

/* ---- requests that come twice ---- */

Once desk_once(const Call *call)
{
    const Caller *caller = desk_caller(call);

    return (Once){
        .tenant_id = caller ? caller->tenant_id : NULL, .key = call_idempotency_key(call)};
}

Err *desk_once_known(const Call *call, bool *ret)
{
    const Once once = desk_once(call);

    return once_is_known(accounts_db(desk_of(call)->accounts), &once, ret);
}

Err *desk_answer_find(
    void *context, Call *call, const char *request, bool *ret_found, HttpAnswer *ret)
{
    const Desk *desk = context;
    const Once once = desk_once(call);
    OnceAnswer answer = {0};

    TRY(once_begin(
        accounts_db(desk->accounts), &once, request, call_arena(call), ret_found, &answer));
    *ret = (HttpAnswer){(int)answer.status, answer.body};
    return NULL;
}

Err *desk_answered(void *context, Call *call, const HttpAnswer *answer)
{
    const Desk *desk = context;
    const Once once = desk_once(call);

    return once_end(
        accounts_db(desk->accounts), &once,
        &(OnceAnswer){answer ? answer->status : 0, answer ? answer->body : NULL});
}

const char *desk_day(Call *call, int64_t wall_ms)
{
    char text[CLOCK_TEXT_SIZE];

    clock_text(wall_ms, text);
    return arena_text_n(call_arena(call), text, strlen("2026-11-21"));
}

void desk_next_page(Call *call, const char *name, const char *id, int64_t limit)
{
    const char *tenant_id = call_query(call, "tenant_id"); /* one that was found: letters alone */

    call_header_set(
        call, "Link",
        arena_print(
            call_arena(call), "<%s%s?%s=%s&limit=%lld%s%s>; rel=\"next\"", call_origin(call),
            call_path(call), name, id, (long long)limit, tenant_id ? "&tenant_id=" : "",
            tenant_id ? tenant_id : ""));
}
