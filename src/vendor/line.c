/* One ask's line to one vendor: a request is sent, waited for, and sent again where that cannot cost twice. */
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/dice.h"
#include "vendor/core_priv.h"
#include "watch/metric.h"

enum {
    TRIES_MOST = 4,
    PAUSE_FIRST_MS = 500,
    PAUSE_LONGEST_MS = 8 * 1000,
    COMING_AGAIN_MOST_MS = 120 * 1000, /* the official clients give up beyond it as well */
    STALL_MS = 30 * 1000,
    SLICE_MS = 50,
    REPLY_BYTES_MOST = 64 << 20,
    FAILURE_BYTES_MOST = 64 << 10,
    REDIRECTS_MOST = 3,
    FAREWELL_MS = 5 * 1000
};

Arena *line_mem(const VendorLine *line)
{
    return line->mem;
}

const char *line_base_url(const VendorLine *line)
{
    size_t length = strlen(line->base_url);

    while (length > 0 && line->base_url[length - 1] == '/')
        length--;
    return arena_text_n(line->mem, line->base_url, length);
}

const char *line_header(const LineReply *reply, const char *name)
{
    for (const NetHeader *header = reply->headers; header && header->name; header++)
        if (strcasecmp(header->name, name) == 0)
            return header->value;
    return NULL;
}

const char *line_hook_url(const VendorLine *line)
{
    const char *hooks = line->vendors->hook_url;
    bool is_checkable =
        !line->agent->vendor->is_hook_by_account || line->secret == line->agent->secret;

    return hooks && is_checkable ? arena_print(line->mem, "%s%s", hooks, line->agent->vendor->name)
                                 : NULL;
}

Err *line_nonsense(VendorLine *line, const char *what)
{
    line->is_broken = true;
    return err_new(
        line->last_billed ? ERR_VENDOR_UNSURE : ERR_UPSTREAM_FAILED, "'%s' answered with %s",
        line->agent->vendor->name, what);
}

/* ---- waiting ---- */

static int64_t left_ms(const VendorLine *line)
{
    return line->deadline_ms - clock_ticks_ms();
}

/* For what may as well be left to another vendor. */
static int64_t left_to_begin_ms(const VendorLine *line)
{
    return (line->has_begun ? line->deadline_ms : line->begin_by_ms) - clock_ticks_ms();
}

static MUST Err *too_late(VendorLine *line)
{
    line->is_broken = true;
    return err_new(
        line->has_begun ? ERR_VENDOR_UNSURE : ERR_UPSTREAM_TIMED_OUT, "'%s' was not ready in time",
        line->agent->vendor->name);
}

static MUST Err *sleep_for(const VendorLine *line, int64_t ms)
{
    if (clock_pass(ms))
        return cancel_check(line->cancel);
    for (int64_t end_ms = clock_ticks_ms() + ms, rest_ms;
         (rest_ms = end_ms - clock_ticks_ms()) > 0;) {
        struct timespec slice = {.tv_nsec = MIN(rest_ms, (int64_t)SLICE_MS) * 1000000};

        TRY(cancel_check(line->cancel));
        nanosleep(&slice, NULL);
    }
    return cancel_check(line->cancel);
}

Err *line_wait(VendorLine *line, const char *request, int64_t ms)
{
    const VendorJournal *journal = &line->vendors->journal;
    int64_t wait_ms = MIN(ms, left_ms(line));

    if (wait_ms <= 0)
        return too_late(line);
    if (!journal->wait || !request || !line->vendors->hook_url)
        return sleep_for(line, wait_ms);
    TRY(journal->wait(journal->context, line->agent->vendor->name, request, wait_ms, line->cancel));
    return cancel_check(line->cancel);
}

/* Until this key may be used again. */
static MUST Err *pace_keep(VendorLine *line)
{
    for (int64_t wait_ms; (wait_ms = pace_wait_ms(line->pace)) > 0;) {
        if (wait_ms > COMING_AGAIN_MOST_MS || wait_ms >= left_to_begin_ms(line))
            return fault_err(
                line, &(LineReply){.status = 429},
                &(VendorFault){.kind = FAULT_BUSY, .code = "pace", .retry_after_ms = wait_ms});
        TRY(sleep_for(line, wait_ms));
    }
    return NULL;
}

/* ---- the journal ---- */

/* The ask's key, and all that makes it another ask: what was begun for other words or pictures is not taken for this. NULL without one. */
const char *line_key(const VendorLine *line)
{
    const VendorAsk *ask = line->ask;
    AUTO(hasher_free) Hasher *hasher = hasher_new();
    char text[HASH_TEXT_SIZE];

    if (!ask->key)
        return NULL;
    hasher_add_text(hasher, ability_names[ask->ability]);
    hasher_add_text(hasher, ask->model ? ask->model : "");
    hasher_add_text(hasher, ask->prompt ? ask->prompt : "");
    hasher_add_text(hasher, ask->avoid ? ask->avoid : "");
    hasher_add_number(hasher, ask->count);
    hasher_add_number(hasher, ask->width_px);
    hasher_add_number(hasher, ask->height_px);
    hasher_add_number(hasher, ask->factor);
    hasher_add_number(hasher, ask->seed);
    for (size_t i = 0; i < ask->image_count; i++)
        hasher_add(hasher, ask->images[i].bytes, ask->images[i].size);
    hasher_add(hasher, ask->mask.bytes ? ask->mask.bytes : "", ask->mask.size);
    hash_text(hasher_done(hasher), text);
    return arena_print(line->mem, "%s#%.16s", ask->key, text);
}

Err *line_begun(VendorLine *line, const char **ret_request)
{
    const VendorJournal *journal = &line->vendors->journal;
    const char *request = NULL, *key = line_key(line);

    if (key && journal->find)
        TRY(journal->find(journal->context, key, line->agent->vendor->name, line->mem, &request));
    line->has_begun |= request != NULL;
    *ret_request = request;
    return NULL;
}

Err *line_begin(VendorLine *line, const char *request)
{
    const VendorJournal *journal = &line->vendors->journal;
    const char *key = line_key(line);

    line->has_begun = true;
    return key && journal->keep
               ? journal->keep(journal->context, key, line->agent->vendor->name, request)
               : NULL;
}

/* ---- one try ---- */

static bool is_whole_url(const char *path)
{
    return strstr(path, "://") != NULL;
}

static bool is_own(const VendorLine *line, const char *url)
{
    Arena *mem = line->mem;

    return strcmp(net_url_shown(url, mem), net_url_shown(line->base_url, mem)) == 0;
}

static const char *url_of(const VendorLine *line, const LineRequest *request)
{
    if (is_whole_url(request->path))
        return request->path;
    return arena_print(line->mem, "%s%s", line_base_url(line), request->path);
}

/* "Authorization: Key %s" with SECRET in it. */
static NetHeader key_header(const VendorLine *line)
{
    const char *auth = line->agent->vendor->auth, *colon = strchr(auth, ':');
    const char *format = colon + 1 + strspn(colon + 1, " "), *gap = strstr(format, "%s");

    return (NetHeader){
        arena_text_n(line->mem, auth, (size_t)(colon - auth)),
        arena_print(
            line->mem, "%.*s%s%s", (int)(gap - format), format, line->secret, gap + strlen("%s")),
    };
}

static const NetHeader *headers_of(const VendorLine *line, const LineRequest *request, bool is_own)
{
    size_t count = 0, at = 0;

    while (request->headers && request->headers[count].name)
        count++;
    NetHeader *headers = ARENA_ARRAY(line->mem, NetHeader, count + 3);
    for (; at < count; at++)
        headers[at] = request->headers[at];
    if (line->secret && is_own && !request->is_file)
        headers[at++] = key_header(line);
    if (request->type)
        headers[at++] = (NetHeader){"Content-Type", request->type};
    return headers;
}

static MUST Err *body_kept(VendorLine *line, Buf *body, LineReply *reply)
{
    const char *type = line_header(reply, "content-type");
    Value *json = NULL;

    if (body->size == 0)
        TRY(buf_reserve(body, 1));
    reply->body = body->bytes;
    reply->size = body->size;
    arena_keep(line->mem, free, TAKE(body->bytes));
    if (!type || !strstr(type, "json"))
        return NULL;
    err_free(value_parse(reply->body, reply->size, &json)); /* then it is none, and stays NULL */
    if (json)
        arena_keep(line->mem, (void (*)(void *))value_free, json);
    reply->json = json;
    return NULL;
}

static MUST Err *
try_once(VendorLine *line, const LineRequest *request, LineReply *ret, bool *ret_was_heard)
{
    const char *url = url_of(line, request);
    bool own = !is_whole_url(request->path) || is_own(line, url);
    size_t most = request->most_bytes ? (size_t)request->most_bytes : (size_t)REPLY_BYTES_MOST;
    AUTO(buf_done) Buf body = BUF(request->push ? (size_t)FAILURE_BYTES_MOST : most);
    NetReply reply;

    TRY(net_send(
        line->vendors->net,
        &(NetRequest){
            .method = request->method,
            .url = url,
            .headers = headers_of(line, request, own),
            .body = request->body,
            .body_bytes = (int64_t)request->body_bytes,
            .into = &body,
            .push = request->push,
            .push_context = request->push_context,
            .most_bytes = (int64_t)most,
            .total_ms = request->is_farewell ? (int64_t)FAREWELL_MS
                        : request->is_billed ? left_ms(line)
                                             : left_to_begin_ms(line),
            .stall_ms = request->stall_ms    ? request->stall_ms
                        : request->is_billed ? left_ms(line)
                                             : STALL_MS,
            .redirects = request->is_file && !own ? REDIRECTS_MOST : 0, /* guarded ones */
            .is_guarded = request->is_file && !own,
            .ret_was_heard = ret_was_heard,
            .cancel = request->is_farewell ? NULL : line->cancel,
        },
        line->mem, &reply));
    *ret = (LineReply){.status = reply.status, .headers = reply.headers};
    return body_kept(line, &body, ret);
}

/* ---- what came of it ---- */

/* A try that ended in ERR. */
typedef struct Ending {
    Err *err;
    bool may_repeat;
    int64_t wait_ms; /* asked for; 0 leaves it to us */
} Ending;

static Ending
ending_of_silence(VendorLine *line, const LineRequest *request, Err *err, bool was_heard)
{
    ErrCode code = err_code(err);
    bool is_passing = code == ERR_UPSTREAM_FAILED || code == ERR_UPSTREAM_TIMED_OUT;

    if (code == ERR_FILE_TOO_LARGE || code == ERR_ADDRESS_REFUSED)
        return (Ending){
            .err = err_because(
                err_new(
                    ERR_UPSTREAM_REFUSED, "'%s' sent what is not taken", line->agent->vendor->name),
                err)};
    if (!is_passing)
        return (Ending){.err = err};

    line->is_broken = true;
    if (was_heard && request->is_billed)
        return (Ending){
            .err = err_because(
                err_new(
                    ERR_VENDOR_UNSURE, "'%s' fell silent over work that may be billed",
                    line->agent->vendor->name),
                err)};
    return (Ending){.err = err, .may_repeat = true};
}

static bool has_header(const LineRequest *request, const char *name)
{
    LineReply as_reply = {.headers = request->headers};

    return line_header(&as_reply, name) != NULL;
}

static bool is_repeatable(const LineRequest *request, const VendorFault *fault)
{
    switch (fault->kind) {
    case FAULT_BUSY:
    case FAULT_CONFLICT:
        return true;
    case FAULT_BROKEN:
        return !request->is_billed || has_header(request, "Idempotency-Key");
    default:
        return false;
    }
}

/* Statuses of gateways that gave up waiting for who works behind them (524 is Cloudflare's). */
static bool is_gateway_timeout(int status)
{
    return status == 504 || status == 524;
}

static void fault_find(
    const VendorLine *line, const LineRequest *request, const LineReply *reply, VendorFault *ret)
{
    fault_by_status(reply, ret);
    if (request->is_file) {
        if (reply->status == 403 || reply->status == 404 || reply->status == 410)
            ret->kind = FAULT_EXPIRED;
        else if (ret->kind != FAULT_BUSY)
            ret->kind = FAULT_BROKEN;
    } else if (line->agent->vendor->fault) {
        line->agent->vendor->fault(reply, line->mem, ret);
    }
    int64_t header_ms = pace_asked_ms(reply);
    if (header_ms >= 0)
        ret->retry_after_ms = header_ms;
}

static Ending ending_of_fault(VendorLine *line, const LineRequest *request, const LineReply *reply)
{
    VendorFault fault;
    const char *advice = line_header(reply, "x-should-retry");

    fault_find(line, request, reply, &fault);
    line->is_broken = reply->status >= 500;
    if (fault.kind == FAULT_BROKEN && is_gateway_timeout(reply->status) && request->is_billed)
        return (Ending){
            .err = err_new(
                ERR_VENDOR_UNSURE, "a gateway of '%s' answered %d for work that may be billed",
                line->agent->vendor->name, reply->status)};

    bool may_repeat = is_repeatable(request, &fault);
    if (advice && strcmp(advice, "false") == 0)
        may_repeat = false;
    if (advice && strcmp(advice, "true") == 0)
        may_repeat = true;
    if (fault.kind == FAULT_BUSY && fault.retry_after_ms > 0 && !request->is_file)
        pace_hold(line->pace, fault.retry_after_ms);
    return (Ending){fault_err(line, reply, &fault), may_repeat, fault.retry_after_ms};
}

/* Longer each time, and uneven, so that many do not come at once. */
static int64_t pause_ms(const VendorLine *line, int tries)
{
    int64_t longest_ms = MIN((int64_t)PAUSE_FIRST_MS << (tries - 1), (int64_t)PAUSE_LONGEST_MS);
    Dice dice = dice_seeded(dice_hash((uint64_t)clock_ticks_ms(), (uint64_t)(uintptr_t)line));

    return (int64_t)dice_between(&dice, 0.75 * (double)longest_ms, (double)longest_ms);
}

static const char *outcome_of(const Err *err)
{
    if (!err)
        return "ok";
    switch (err_code(err)) {
    case ERR_VENDOR_BUSY:
        return "busy";
    case ERR_UPSTREAM_TIMED_OUT:
        return "timed_out";
    case ERR_UPSTREAM_FAILED:
    case ERR_VENDOR_UNSURE:
        return "failed";
    default:
        return "refused";
    }
}

/* Send once and judge; ENDING->err is NULL for 2xx. */
static Ending send_once(VendorLine *line, const LineRequest *request, LineReply *ret)
{
    bool was_heard = false;
    Ending ending = {.err = NULL};

    line->tries++;
    Err *err = try_once(line, request, ret, &was_heard);
    if (!err && !request->is_file)
        pace_hear(line->pace, ret);
    if (err)
        ending = ending_of_silence(line, request, err, was_heard);
    else if (ret->status < 200 || ret->status > 299)
        ending = ending_of_fault(line, request, ret);
    metric_add(METRIC_VENDOR_REQUESTS_TOTAL, 1, line->agent->vendor->name, outcome_of(ending.err));
    return ending;
}

/* Is there time for REQUEST, and when? */
static MUST Err *time_find(VendorLine *line, const LineRequest *request)
{
    if (!request->is_file)
        TRY(pace_keep(line));
    return left_to_begin_ms(line) > 0 ? NULL : too_late(line);
}

Err *line_send(VendorLine *line, const LineRequest *request, LineReply *ret)
{
    LineReply reply;

    for (int tries = 1;; tries++) {
        if (!request->is_farewell)
            TRY(time_find(line, request));
        Ending ending = send_once(line, request, &reply);
        if (!ending.err)
            break;
        int64_t wait_ms = ending.wait_ms ? ending.wait_ms : pause_ms(line, tries);
        if (!ending.may_repeat || request->is_farewell || tries >= TRIES_MOST ||
            wait_ms > COMING_AGAIN_MOST_MS || wait_ms >= left_to_begin_ms(line))
            return ending.err;
        err_free(ending.err);
        TRY(sleep_for(line, wait_ms));
    }
    line->is_broken = false;
    line->last_billed = request->is_billed;
    line->has_begun |= request->is_billed;
    *ret = reply;
    return NULL;
}

Err *line_send_json(VendorLine *line, LineRequest request, const Value *value, LineReply *ret)
{
    AUTO(buf_done) Buf body = BUF((size_t)VENDOR_IMAGES_MOST * VENDOR_PICTURE_BYTES_MOST);

    TRY(value_write(value, VALUE_COMPACT, &body));
    request.type = "application/json";
    request.body = body.bytes;
    request.body_bytes = body.size;
    return line_send(line, &request, ret);
}
