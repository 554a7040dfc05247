/* Bytes out: what part of them, whether at all, and from a file or from a worker's hands. */
#include "http/download.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/server_priv.h"

enum {
    PIECE_BYTES = 128 * 1024
};

/* What is read by a worker while the connection waits. The loop has it while nobody fetches. */
typedef struct Fetch {
    Call *call; /* gone when the fetch is dropped */
    Pool *pool;
    Download from;
    int64_t first, left; /* LEFT -1: until the end */
    unsigned char *piece;
    size_t size, taken;
    Work work;
    bool is_fetching, has_ended, has_failed;
} Fetch;

static void source_done(const Download *download)
{
    if (!download->read && download->fd >= 0)
        close(download->fd);
    if (download->read && download->free)
        download->free(download->context);
}

/* ---- ranges and conditions (RFC 9110, 13 and 14) ---- */

typedef struct Range {
    int64_t first, size;
    bool is_part;
} Range;

/* "bytes=0-99", "bytes=100-", "bytes=-100"; several, and other units, are answered with the whole. */
static MUST Err *range_read(const char *text, int64_t whole, Range *ret)
{
    *ret = (Range){.size = whole};
    if (!text || whole < 0 || strncmp(text, "bytes=", 6) != 0 || strchr(text, ','))
        return NULL;

    char *end;
    const char *at = text + 6, *dash = strchr(at, '-');
    bool is_suffix = dash == at;
    if (!dash || strlen(at) > 40 || at[strspn(at, "0123456789-")])
        return NULL;
    int64_t first = is_suffix ? 0 : strtoll(at, &end, 10);
    int64_t last = dash[1] ? strtoll(dash + 1, &end, 10) : whole - 1;

    if (is_suffix && !dash[1])
        return NULL;
    if (is_suffix) {
        first = whole - MIN(last, whole);
        last = whole - 1;
    }
    last = MIN(last, whole - 1);
    if (first > last)
        return err_new(
            ERR_RANGE_WRONG, "range of %lld to %lld in %lld bytes", (long long)first,
            (long long)last, (long long)whole);
    *ret = (Range){.first = first, .size = last - first + 1, .is_part = true};
    return NULL;
}

/* "Sat, 21 Nov 2026 04:05:06 GMT" */
static const char *date_text(int64_t time_ms, Arena *mem)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    return arena_print(
        mem, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday], parts.tm_mday,
        months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

typedef struct Validators {
    const char *tag, *date; /* quoted; NULL for none */
} Validators;

/* The client has it already. Dates are compared as text: a client sends back what it was given. */
static bool is_unchanged(const Call *call, Validators ours)
{
    const char *since = call_header(call, "If-Modified-Since");

    if (call_header(call, "If-None-Match"))
        return ours.tag && call_has_tag(call, "If-None-Match", ours.tag);
    return since && ours.date && strcmp(since, ours.date) == 0;
}

static bool range_is_wanted(const Call *call, Validators ours)
{
    const char *given = call_header(call, "If-Range");

    return !given || (ours.tag && strcmp(given, ours.tag) == 0) ||
           (ours.date && strcmp(given, ours.date) == 0);
}

/* ---- what to save it as (RFC 6266) ---- */

static const char *disposition(const Download *download, Arena *mem)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-_.";
    const char *how = download->attached ? "attachment" : "inline";

    if (!download->filename)
        return download->attached ? how : NULL;

    size_t length = strlen(download->filename);
    char *simple = arena_take(mem, length + 1), *coded = arena_take(mem, 3 * length + 1);
    for (size_t i = 0, at = 0; i < length; i++) {
        unsigned char letter = (unsigned char)download->filename[i];
        bool is_plain = letter < 0x80 && strchr(plain, letter);

        simple[i] = is_plain || letter == ' ' ? (char)letter : '_';
        if (is_plain)
            coded[at++] = (char)letter;
        else
            at += (size_t)snprintf(coded + at, 4, "%%%02X", letter);
    }
    return arena_print(mem, "%s; filename=\"%s\"; filename*=UTF-8''%s", how, simple, coded);
}

static Validators validators_set(Call *call, const Download *download)
{
    Validators ours = {0};
    const char *saved = disposition(download, call->arena);

    if (download->etag)
        call_header_set(
            call, "ETag", ours.tag = arena_print(call->arena, "\"%s\"", download->etag));
    if (download->changed_ms)
        call_header_set(
            call, "Last-Modified", ours.date = date_text(download->changed_ms, call->arena));
    call_header_set(call, "Cache-Control", download->cache ? download->cache : "private, no-cache");
    call_header_set(call, "Accept-Ranges", download->size >= 0 ? "bytes" : "none");
    if (saved)
        call_header_set(call, "Content-Disposition", saved);
    return ours;
}

/* ---- fetched by workers ---- */

static void fetch_work(void *fetch_any)
{
    Fetch *fetch = fetch_any;
    size_t want = PIECE_BYTES, got = 0;

    if (fetch->left >= 0)
        want = (size_t)MIN((int64_t)want, fetch->left);
    Err *err =
        want ? fetch->from.read(fetch->from.context, fetch->first, fetch->piece, want, &got) : NULL;
    if (err)
        watch_err("http.download", err, fetch->call->endpoint->id);
    fetch->has_failed = err != NULL;
    fetch->has_ended = !err && got == 0;
    err_free(err);
    fetch->first += (int64_t)got;
    if (fetch->left >= 0)
        fetch->left -= (int64_t)got;
    fetch->size = got;
    fetch->taken = 0;
    fetch->is_fetching = false;

    HttpServer *server = fetch->call->server;
    MHD_resume_connection(fetch->call->wire);
    server_handed_back(server);
}

static ssize_t fetch_take(void *fetch_any, uint64_t at, char *to, size_t room)
{
    Fetch *fetch = fetch_any;

    (void)at;
    if (fetch->is_fetching)
        return 0;
    if (fetch->has_failed)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (fetch->taken < fetch->size) {
        size_t size = MIN(room, fetch->size - fetch->taken);

        memcpy(to, fetch->piece + fetch->taken, size);
        fetch->taken += size;
        atomic_fetch_add(&fetch->call->sent, (int64_t)size);
        return (ssize_t)size;
    }
    if (fetch->has_ended)
        return fetch->left > 0 ? MHD_CONTENT_READER_END_WITH_ERROR
                               : MHD_CONTENT_READER_END_OF_STREAM;
    if (!server_hand_over(fetch->call->server))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    fetch->is_fetching = true;
    MHD_suspend_connection(fetch->call->wire);
    pool_add(fetch->pool, &fetch->work);
    return 0;
}

static void fetch_free(void *fetch_any)
{
    Fetch *fetch = fetch_any;

    source_done(&fetch->from);
    free(fetch->piece);
    free(fetch);
}

static void fetch_drop(void *fetch_any)
{
    Fetch *fetch = fetch_any;

    fetch->work = (Work){.run = fetch_free, .about = fetch};
    pool_add(fetch->pool, &fetch->work);
}

static struct MHD_Response *fetched(Call *call, const Download *download, const Range *range)
{
    Fetch *fetch = calloc(1, sizeof(*fetch));

    if (!fetch || !(fetch->piece = malloc(PIECE_BYTES)))
        abort();
    fetch->call = call;
    fetch->pool = call->server->pool;
    fetch->from = *download;
    fetch->first = range->first;
    fetch->left = range->size;
    fetch->work = (Work){.run = fetch_work, .about = fetch};
    return MHD_create_response_from_callback(
        range->size < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)range->size, 32 * 1024, fetch_take, fetch,
        fetch_drop);
}

static MUST Err *answer(Call *call, const Download *download, bool *ret_taken)
{
    Validators ours = validators_set(call, download);
    Range range = {.size = download->size};
    const char *must = call_header(call, "If-Match");

    if (must && !(ours.tag && call_has_tag(call, "If-Match", ours.tag)))
        return err_new(ERR_PRECONDITION_FAILED, "the ETag is another");
    call->is_answered = true;
    if (is_unchanged(call, ours)) {
        call->status = 304;
        call->bytes = "";
        return NULL;
    }

    Err *err = range_is_wanted(call, ours)
                   ? range_read(call_header(call, "Range"), download->size, &range)
                   : NULL;
    if (err)
        call_header_set(
            call, "Content-Range",
            arena_print(call->arena, "bytes */%lld", (long long)download->size));
    TRY(err);
    call->status = range.is_part ? 206 : call->status ? call->status : 200;
    if (range.is_part)
        call_header_set(
            call, "Content-Range",
            arena_print(
                call->arena, "bytes %lld-%lld/%lld", (long long)range.first,
                (long long)(range.first + range.size - 1), (long long)download->size));
    call->reply_type =
        arena_text(call->arena, download->type ? download->type : "application/octet-stream");
    *ret_taken = true;
    if (download->read) {
        call->given = fetched(call, download, &range);
        return NULL;
    }
    atomic_store(&call->sent, range.size);
    call->given = MHD_create_response_from_fd_at_offset64(
        (uint64_t)range.size, download->fd, (uint64_t)(download->offset + range.first));
    return NULL;
}

Err *call_download(Call *call, const Download *download)
{
    bool is_taken = false;
    Err *err = answer(call, download, &is_taken);

    if (!is_taken)
        source_done(download);
    return err;
}
