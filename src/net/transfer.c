/* One request to one address: what curl is told, and what it tells us while it works. */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "net/net_priv.h"

enum {
    SLICE_MS = 100, /* between two looks at Cancel and time-outs */
};

/* ---- what curl asks for ---- */

static size_t body_give(char *to, size_t one, size_t room, void *context)
{
    NetStream *stream = context;
    const NetRequest *request = &stream->request;
    size_t size = 0;

    stream->moved_ms = clock_ticks_ms();
    stream->is_body_touched = true;
    if (request->pull) {
        stream->failure =
            request->pull(request->pull_context, stream->body_at == 0, to, one * room, &size);
        if (stream->failure)
            return CURL_READFUNC_ABORT;
    } else {
        size = MIN(one * room, (size_t)(request->body_bytes - stream->body_at));
        if (size)
            memcpy(to, (const char *)request->body + stream->body_at, size);
    }
    stream->body_at += (int64_t)size;
    return size;
}

/* A connection that was kept open may turn out to be closed only after some of the body went into it. */
static int body_rewind(void *context, curl_off_t offset, int origin)
{
    NetStream *stream = context;

    if (offset != 0 || origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    if (stream->request.pull && stream->is_body_touched && !stream->request.is_pull_repeatable)
        return CURL_SEEKFUNC_FAIL;
    stream->body_at = 0;
    return CURL_SEEKFUNC_OK;
}

static int64_t most_bytes(const NetRequest *request)
{
    return request->most_bytes == 0 ? 16 << 20 : request->most_bytes;
}

static bool is_too_much(NetStream *stream, int64_t bytes)
{
    int64_t most = most_bytes(&stream->request);

    if (most < 0 || bytes <= most)
        return false;
    if (!stream->failure)
        stream->failure = err_new(
            ERR_FILE_TOO_LARGE, "the reply of '%s' is larger than %lld bytes", stream->url.origin,
            (long long)most);
    return true;
}

static size_t body_take(char *bytes, size_t one, size_t size, void *context)
{
    NetStream *stream = context;

    size *= one;
    if (stream->held_size + size > HELD_BYTES) {
        stream->is_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    stream->moved_ms = clock_ticks_ms();
    stream->received += (int64_t)size;
    if (is_too_much(stream, stream->received))
        return CURL_WRITEFUNC_ERROR;
    if (!stream->held)
        stream->held = malloc(HELD_BYTES);
    if (!stream->held)
        abort();
    memcpy(stream->held + stream->held_size, bytes, size);
    stream->held_size += size;
    return size;
}

static void head_begin(NetStream *stream, const char *line)
{
    const char *status = strchr(line, ' ');

    stream->reply = (NetReply){
        .status = status ? (int)strtol(status + 1, NULL, 10) : 0,
        .headers = stream->reply_headers,
        .body_bytes = -1,
    };
    stream->reply_header_count = 0;
}

static void header_keep(NetStream *stream, char *line)
{
    char *colon = strchr(line, ':');
    if (!colon || colon == line || stream->reply_header_count == REPLY_HEADERS_MAX)
        return;

    *colon = 0;
    for (char *at = line; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    char *value = colon + 1 + strspn(colon + 1, " \t");
    stream->reply_headers[stream->reply_header_count++] = (NetHeader){line, value};
    if (strcmp(line, "content-length") == 0 && isdigit((unsigned char)*value))
        stream->reply.body_bytes = strtoll(value, NULL, 10);
}

static size_t header_take(char *bytes, size_t one, size_t size, void *context)
{
    NetStream *stream = context;

    size *= one;
    stream->moved_ms = clock_ticks_ms();
    if (stream->is_head_whole) /* a trailer */
        return size;

    size_t length = size;
    while (length > 0 && strchr("\r\n \t", bytes[length - 1]))
        length--;
    char *line = arena_text_n(stream->own, bytes, length);
    if (strncmp(line, "HTTP/", 5) == 0 && !strchr(line, ':'))
        head_begin(stream, line);
    else if (length > 0)
        header_keep(stream, line);
    else if (stream->reply.status >= 200)
        stream->is_head_whole = true;

    bool has_body = strcmp(stream->method, "HEAD") != 0;
    if (stream->is_head_whole && has_body && is_too_much(stream, stream->reply.body_bytes))
        return 0;
    return size;
}

static curl_socket_t socket_make(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
    NetStream *stream = context;
    (void)purpose;

    if (stream->request.is_guarded &&
        !guard_lets_pass(&stream->client->guard, stream->url.host, &to->addr)) {
        stream->was_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* ---- what curl is told ---- */

/* What may follow to another origin: nothing that could be a secret. */
static bool header_may_move(const char *name)
{
    static const char *const harmless[] = {
        "accept", "accept-language", "range", "if-none-match", "if-modified-since"};

    for (size_t i = 0; i < COUNT(harmless); i++)
        if (strcasecmp(name, harmless[i]) == 0)
            return true;
    return false;
}

static void line_add(NetStream *stream, const char *line)
{
    struct curl_slist *longer = curl_slist_append(stream->headers, line);

    if (!longer)
        abort();
    stream->headers = longer;
}

static void headers_write(NetStream *stream, bool has_moved)
{
    /* curl would wait a second for servers that know no 100-continue. */
    line_add(stream, "Expect:");
    for (const NetHeader *header = stream->request.headers; header && header->name; header++)
        if (!has_moved || header_may_move(header->name))
            line_add(
                stream,
                *header->value
                    ? arena_print(stream->own, "%s: %s", header->name, header->value)
                    : arena_print(stream->own, "%s;", header->name)); /* curl's way to say empty */
}

static bool has_body(const NetStream *stream)
{
    return stream->request.body || stream->request.pull || strcmp(stream->method, "POST") == 0 ||
           strcmp(stream->method, "PUT") == 0 || strcmp(stream->method, "PATCH") == 0;
}

static void request_tell(NetStream *stream)
{
    const NetRequest *request = &stream->request;
    CURL *easy = stream->lane->easy;

    curl_easy_setopt(easy, CURLOPT_URL, stream->url.whole);
    if (strcmp(stream->method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else if (has_body(stream)) {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, body_give);
        curl_easy_setopt(easy, CURLOPT_READDATA, stream);
        curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, body_rewind);
        curl_easy_setopt(easy, CURLOPT_SEEKDATA, stream);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->body_bytes);
    }
    if (strcmp(stream->method, "GET") != 0 && strcmp(stream->method, "HEAD") != 0)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, stream->method);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, stream->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, stream->client->agent);

    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_take);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, stream);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, stream);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)PIECE_BYTES);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)PIECE_BYTES);
}

static void connection_tell(NetStream *stream)
{
    const NetRequest *request = &stream->request;
    const NetClient *client = stream->client;
    CURL *easy = stream->lane->easy;

    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(
        easy, CURLOPT_QUICK_EXIT, 1L); /* who gives up does not wait for the resolver */
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(
        easy, CURLOPT_CONNECTTIMEOUT_MS,
        (long)(request->connect_ms ? request->connect_ms : 10 * 1000));
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, socket_make);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, stream);
    /* An empty text, not NULL, keeps curl from asking the environment; a guarded request must see the address itself. */
    curl_easy_setopt(
        easy, CURLOPT_PROXY, client->proxy && !request->is_guarded ? client->proxy : "");
    if (client->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file);
    /* On a kept connection that the other side has closed, curl sends once more by itself; and one that nobody will use again is not kept. */
    long is_single = request->is_repeatable ? 0L : 1L;
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, is_single);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, is_single);
}

/* ---- waiting ---- */

static MUST Err *transfer_err(const NetStream *stream)
{
    const char *origin = stream->url.origin;

    if (stream->was_refused && stream->result == CURLE_COULDNT_CONNECT)
        return err_new(ERR_ADDRESS_REFUSED, "'%s' leads to an address that is not public", origin);
    if (stream->result == CURLE_URL_MALFORMAT)
        return net_url_bad("its host cannot be one");
    if (stream->result == CURLE_OPERATION_TIMEDOUT)
        return err_new(ERR_UPSTREAM_TIMED_OUT, "no connection to '%s' in time", origin);
    return err_new(
        ERR_UPSTREAM_FAILED, "request to '%s' failed: %s", origin,
        curl_easy_strerror(stream->result));
}

static MUST Err *clocks_check(const NetStream *stream)
{
    int64_t now_ms = clock_ticks_ms();
    int64_t stall_ms = stream->request.stall_ms ? stream->request.stall_ms : 30 * 1000;

    TRY(cancel_check(stream->request.cancel));
    if (stream->deadline_ms && now_ms > stream->deadline_ms)
        return err_new(
            ERR_UPSTREAM_TIMED_OUT, "'%s' did not end its reply in time", stream->url.origin);
    if (now_ms - stream->moved_ms > stall_ms)
        return err_new(
            ERR_UPSTREAM_TIMED_OUT, "'%s' said nothing for %lld ms", stream->url.origin,
            (long long)stall_ms);
    return NULL;
}

static MUST Err *work(NetStream *stream)
{
    int running, left;

    if (curl_multi_perform(stream->lane->multi, &running) != CURLM_OK)
        return err_new(ERR_BUG, "curl could not work");
    for (CURLMsg *message; (message = curl_multi_info_read(stream->lane->multi, &left));)
        if (message->msg == CURLMSG_DONE) {
            stream->is_done = true;
            stream->result = message->data.result;
        }
    if (stream->failure)
        return TAKE(stream->failure);
    if (stream->is_done && stream->result != CURLE_OK)
        return transfer_err(stream);
    return NULL;
}

/* Let curl work until the head is there, or with FOR_BODY until bytes are; or until it is done. */
static MUST Err *work_until(NetStream *stream, bool for_body)
{
    for (;;) {
        TRY(work(stream));
        if (stream->is_done || (for_body ? stream->held_size > 0 : stream->is_head_whole))
            return NULL;
        TRY(clocks_check(stream));
        curl_multi_poll(stream->lane->multi, NULL, 0, SLICE_MS, NULL);
    }
}

Err *net_transfer_begin(NetStream *stream, bool has_moved)
{
    curl_easy_reset(stream->lane->easy);
    stream->reply = (NetReply){.body_bytes = -1};
    stream->body_at = stream->received = 0;
    stream->held_at = stream->held_size = 0;
    stream->is_done = stream->is_paused = stream->is_head_whole = stream->was_refused = false;
    stream->moved_ms = clock_ticks_ms();
    headers_write(stream, has_moved);
    request_tell(stream);
    connection_tell(stream);
    if (curl_multi_add_handle(stream->lane->multi, stream->lane->easy) != CURLM_OK)
        abort();
    stream->is_added = true;
    TRY(work_until(stream, false));
    if (!stream->is_head_whole)
        return err_new(ERR_UPSTREAM_FAILED, "'%s' answered no http", stream->url.origin);
    return NULL;
}

void net_transfer_end(NetStream *stream)
{
    if (stream->is_added)
        curl_multi_remove_handle(stream->lane->multi, stream->lane->easy);
    stream->is_added = false;
    curl_slist_free_all(stream->headers);
    stream->headers = NULL;
}

Err *net_transfer_wait(NetStream *stream)
{
    if (stream->held_size > 0)
        return NULL;
    stream->moved_ms = clock_ticks_ms();
    if (stream->is_paused) {
        stream->is_paused = false;
        if (curl_easy_pause(stream->lane->easy, CURLPAUSE_CONT) != CURLE_OK && !stream->failure)
            return err_new(ERR_UPSTREAM_FAILED, "curl could not go on");
    }
    return stream->is_done ? NULL : work_until(stream, true);
}
