/* Promises of net/net.h, against a server whose every byte is ours. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "harness/peer.h"
#include "net/net.h"
#include "test.h"

/* A client, a peer and what they said. */
typedef struct Talk {
    Arena *mem;
    NetClient *client;
    Peer *peer;
    Buf body;
    NetReply reply;
} Talk;

static Talk talk_begin(PeerAnswer *answer, void *context)
{
    Talk talk = {.mem = arena_new(), .body = BUF(1 << 20), .peer = peer_start(answer, context)};

    CHECK_OK(net_open(&(NetSetup){.allowed = NULL}, &talk.client));
    return talk;
}

static void talk_end(Talk *talk)
{
    net_close(talk->client);
    peer_stop(talk->peer);
    buf_done(&talk->body);
    arena_free(talk->mem);
}
DEFINE_AUTO_DONE(Talk, talk_end);

static const char *url_of(const Talk *talk, const char *path)
{
    return arena_print(talk->mem, "http://127.0.0.1:%d%s", peer_port(talk->peer), path);
}

/* Send REQUEST to PATH at the peer; the reply's body is in talk->body. */
static Err *ask(Talk *talk, const char *path, NetRequest request)
{
    request.url = url_of(talk, path);
    if (!request.push)
        request.into = &talk->body;
    return net_send(talk->client, &request, talk->mem, &talk->reply);
}

/* The code that ERR has, ERR_MAX_ for none. Frees it. */
static ErrCode code_of(Err *err)
{
    ErrCode code = err ? err_code(err) : ERR_MAX_;

    err_free(err);
    return code;
}

#define CHECK_CODE(expr, want) CHECK_TEXT(name_of(code_of(expr)), name_of(want))

static const char *name_of(ErrCode code)
{
    return code == ERR_MAX_ ? "no error" : err_name(code);
}

/* ---- plain talk ---- */

static bool answer_echo(void *context, const PeerAsked *asked)
{
    char headers[512];
    (void)context;

    snprintf(
        headers, sizeof(headers), "X-Method: %s\r\nX-Target: %s\r\nX-Type: %s\r\n", asked->method,
        asked->target, peer_header(asked, "Content-Type"));
    return peer_reply(asked, "200 OK", headers, asked->body);
}

TEST(a_reply_has_status_headers_and_body)
{
    AUTO(talk_end) Talk talk = talk_begin(answer_echo, NULL);
    const NetHeader headers[] = {{"Content-Type", "text/plain"}, {NULL, NULL}};

    CHECK_OK(
        ask(&talk, "/a?b=c", (NetRequest){.body = "shoe", .body_bytes = 4, .headers = headers}));
    CHECK_INT(talk.reply.status, 200);
    CHECK_TEXT(net_reply_header(&talk.reply, "X-METHOD"), "POST");
    CHECK_TEXT(net_reply_header(&talk.reply, "x-target"), "/a?b=c");
    CHECK_TEXT(net_reply_header(&talk.reply, "x-type"), "text/plain");
    CHECK_TEXT(net_reply_header(&talk.reply, "x-none"), NULL);
    CHECK_TEXT(buf_text(&talk.body), "shoe");
    CHECK_INT(talk.reply.body_bytes, 4);
    CHECK_INT(talk.reply.tries, 1);
}

TEST(methods_without_a_body_send_none)
{
    static const char *const methods[] = {"GET", "DELETE", "PUT", "POST", "OPTIONS"};
    AUTO(talk_end) Talk talk = talk_begin(answer_echo, NULL);

    for (size_t i = 0; i < COUNT(methods); i++) {
        CHECK_OK(ask(&talk, "/", (NetRequest){.method = methods[i]}));
        CHECK_TEXT(net_reply_header(&talk.reply, "x-method"), methods[i]);
        CHECK_INT(talk.body.size, 0);
    }
    CHECK_OK(ask(&talk, "/", (NetRequest){.method = "HEAD"}));
    CHECK_TEXT(net_reply_header(&talk.reply, "x-method"), "HEAD");
}

typedef struct Source {
    int left, begun;
} Source;

static Err *source_pull(void *context, bool from_start, void *bytes, size_t room, size_t *ret_size)
{
    Source *source = context;

    if (from_start) {
        source->left = 3;
        source->begun++;
    }
    *ret_size = source->left-- > 0 ? MIN((size_t)4, room) : 0;
    memcpy(bytes, "abcd", *ret_size);
    return NULL;
}

TEST(a_body_can_be_pulled_with_or_without_a_size)
{
    AUTO(talk_end) Talk talk = talk_begin(answer_echo, NULL);
    Source source = {0};

    CHECK_OK(
        ask(&talk, "/",
            (NetRequest){
                .method = "PUT", .pull = source_pull, .pull_context = &source, .body_bytes = 12}));
    CHECK_TEXT(buf_text(&talk.body), "abcdabcdabcd");
    talk.body.size = 0;
    CHECK_OK(ask(
        &talk, "/", (NetRequest){.pull = source_pull, .pull_context = &source, .body_bytes = -1}));
    CHECK_TEXT(buf_text(&talk.body), "abcdabcdabcd");
}

TEST(a_header_that_would_end_its_line_is_refused)
{
    AUTO(talk_end) Talk talk = talk_begin(answer_echo, NULL);
    const NetHeader rows[][2] = {
        {{"X-A", "b\r\nX-Evil: c"}, {NULL, NULL}},
        {{"X A", "b"}, {NULL, NULL}},
        {{"", "b"}, {NULL, NULL}},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK_CODE(ask(&talk, "/", (NetRequest){.headers = rows[i]}), ERR_INPUT_INVALID);
    CHECK_CODE(ask(&talk, "/", (NetRequest){.method = "GET /x"}), ERR_INPUT_INVALID);
    CHECK_INT(peer_asked(talk.peer), 0);
}

TEST(urls_of_other_kinds_are_refused)
{
    static const char *const urls[] = {
        "file:///etc/passwd",
        "ftp://a.example/",
        "gopher://a.example/",
        "//a.example/",
        "",
        "http://",
        "http:///path",
        "http://user:secret@a.example/",
        "http://a b/",
        "http://a\r\nb/",
        "http://a.example:99999/",
        "http://a.example\\@b.example/",
        "http://[::1/",
        "data:,x",
    };
    AUTO(talk_end) Talk talk = talk_begin(answer_echo, NULL);

    for (size_t i = 0; i < COUNT(urls); i++)
        CHECK_CODE(
            net_send(talk.client, &(NetRequest){.url = urls[i]}, talk.mem, &talk.reply),
            ERR_INPUT_INVALID);
}

TEST(no_message_tells_path_query_or_user)
{
    AUTO(talk_end) Talk talk = talk_begin(answer_echo, NULL);
    AUTO(err_free) Err *err = net_send(
        talk.client, &(NetRequest){.url = "http://127.0.0.1:1/hook/T0PSECRET?sig=S3CRET"}, talk.mem,
        &talk.reply);

    CHECK_TEXT(err_name(err_code(err)), "upstream_failed");
    CHECK(!strstr(err_message(err), "SECRET") && !strstr(err_message(err), "S3CRET"));
    CHECK(strstr(err_message(err), "http://127.0.0.1:1"));
    CHECK_TEXT(net_url_shown("https://shop.example/a?b", talk.mem), "https://shop.example:443");
    CHECK_TEXT(net_url_shown("https://u:p@shop.example/", talk.mem), "(not a URL)");
}

/* ---- limits ---- */

static bool answer_large(void *context, const PeerAsked *asked)
{
    bool is_announced = *(bool *)context;

    if (is_announced)
        peer_say(asked, "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n");
    else
        peer_say(asked, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 3000; i++)
        peer_say(asked, "%01000d", 0);
    return false;
}

TEST(a_reply_past_its_limit_is_an_error_announced_or_not)
{
    for (int is_announced = 0; is_announced < 2; is_announced++) {
        bool context = is_announced;
        AUTO(talk_end) Talk talk = talk_begin(answer_large, &context);

        CHECK_CODE(ask(&talk, "/", (NetRequest){.most_bytes = 100000}), ERR_FILE_TOO_LARGE);
        CHECK(talk.body.size <= 100000);
        CHECK_CODE(ask(&talk, "/", (NetRequest){.most_bytes = -1}), ERR_FILE_TOO_LARGE);
        buf_done(&talk.body);
        talk.body.limit = 4 << 20;
        CHECK_OK(ask(&talk, "/", (NetRequest){.most_bytes = 3000000}));
        CHECK_INT(talk.body.size, 3000000);
    }
}

static bool answer_error_page(void *context, const PeerAsked *asked)
{
    (void)context;
    return peer_reply(asked, "404 Not Found", "", "this page is longer than the room for it");
}

TEST(an_error_page_is_cut_and_no_error)
{
    AUTO(talk_end) Talk talk = talk_begin(answer_error_page, NULL);

    talk.body.limit = 9;
    CHECK_OK(ask(&talk, "/", (NetRequest){.retries = 3}));
    CHECK_INT(talk.reply.status, 404);
    CHECK_TEXT(buf_text(&talk.body), "this page");
    CHECK_INT(peer_asked(talk.peer), 1);
    CHECK_ERR(net_reply_check(&talk.reply, "shop"), ERR_UPSTREAM_REFUSED, "shop answered 404");
}

static bool answer_truncated(void *context, const PeerAsked *asked)
{
    (void)context;
    peer_say(asked, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    return asked->number > 2 ? (peer_say(asked, "%096d", 0), true) : false;
}

TEST(a_reply_that_was_cut_off_is_asked_for_again_whole)
{
    AUTO(talk_end) Talk talk = talk_begin(answer_truncated, NULL);

    CHECK_CODE(ask(&talk, "/", (NetRequest){.retries = 0}), ERR_UPSTREAM_FAILED);
    buf_done(&talk.body);
    CHECK_OK(ask(&talk, "/", (NetRequest){.retries = 2}));
    CHECK_INT(talk.body.size, 100);
    CHECK_INT(talk.reply.tries, 2);
}

static bool answer_garbage(void *context, const PeerAsked *asked)
{
    (void)context;
    peer_say(asked, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
    return false;
}

TEST(what_is_no_http_is_an_error)
{
    AUTO(talk_end) Talk talk = talk_begin(answer_garbage, NULL);

    CHECK_CODE(ask(&talk, "/", (NetRequest){.retries = 0}), ERR_UPSTREAM_FAILED);
}

/* ---- time ---- */

/* Says nothing more once the head is out, or nothing at all, until the test is over. */
static bool answer_slowly(void *context, const PeerAsked *asked)
{
    char end;

    if (*(bool *)context)
        peer_say(asked, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    while (read(asked->fd, &end, 1) > 0)
        ;
    return false;
}

TEST(silence_ends_by_its_time_out_before_and_within_the_reply)
{
    for (int has_head = 0; has_head < 2; has_head++) {
        bool context = has_head;
        AUTO(talk_end) Talk talk = talk_begin(answer_slowly, &context);

        CHECK_CODE(ask(&talk, "/", (NetRequest){.stall_ms = 150}), ERR_UPSTREAM_TIMED_OUT);
        CHECK_CODE(ask(&talk, "/", (NetRequest){.total_ms = 150}), ERR_UPSTREAM_TIMED_OUT);
    }
}

static void *cancel_soon(void *cancel)
{
    usleep(50 * 1000);
    cancel_ask(cancel);
    return NULL;
}

TEST(a_request_ends_when_it_is_cancelled)
{
    bool has_head = false;
    AUTO(talk_end) Talk talk = talk_begin(answer_slowly, &has_head);
    Cancel cancel = CANCEL_INIT;
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, cancel_soon, &cancel) == 0);
    CHECK_CODE(ask(&talk, "/", (NetRequest){.cancel = &cancel}), ERR_CANCELLED);
    pthread_join(thread, NULL);
}

/* ---- repetitions ---- */

/* The first requests are answered by 503, the rest by 200. */
typedef struct Sick {
    int failures;
    const char *headers;
    int64_t asked_ms[16];
} Sick;

static bool answer_sick(void *context, const PeerAsked *asked)
{
    Sick *sick = context;

    sick->asked_ms[asked->number] = clock_ticks_ms();
    return asked->number <= sick->failures
               ? peer_reply(asked, "503 Service Unavailable", sick->headers, "sick")
               : peer_reply(asked, "200 OK", "", asked->body);
}

TEST(a_get_is_repeated_while_the_other_side_is_sick)
{
    Sick sick = {.failures = 2, .headers = "Retry-After: 0\r\n"};
    AUTO(talk_end) Talk talk = talk_begin(answer_sick, &sick);

    CHECK_OK(ask(&talk, "/", (NetRequest){.retries = 2}));
    CHECK_INT(talk.reply.status, 200);
    CHECK_INT(talk.reply.tries, 3);
    CHECK_INT(talk.body.size, 0);
}

TEST(the_last_reply_is_given_when_repetitions_are_spent)
{
    Sick sick = {.failures = 9, .headers = "Retry-After: 0\r\n"};
    AUTO(talk_end) Talk talk = talk_begin(answer_sick, &sick);

    CHECK_OK(ask(&talk, "/", (NetRequest){.retries = 1}));
    CHECK_INT(talk.reply.status, 503);
    CHECK_TEXT(buf_text(&talk.body), "sick");
    CHECK_INT(talk.reply.tries, 2);
    CHECK_ERR(net_reply_check(&talk.reply, "shop"), ERR_UPSTREAM_FAILED, "shop answered 503");
}

TEST(a_post_is_repeated_only_when_that_is_safe)
{
    const NetHeader key[] = {{"Idempotency-Key", "k1"}, {NULL, NULL}};
    const struct {
        NetRequest request;
        int tries;
    } rows[] = {
        {{.body = "x", .body_bytes = 1, .retries = 2}, 1},
        {{.body = "x", .body_bytes = 1, .retries = 2, .is_repeatable = true}, 2},
        {{.body = "x", .body_bytes = 1, .retries = 2, .headers = key}, 2},
        {{.body = "x", .body_bytes = 1, .retries = 2, .method = "PUT"}, 2},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        Sick sick = {.failures = 1, .headers = "Retry-After: 0\r\n"};
        AUTO(talk_end) Talk talk = talk_begin(answer_sick, &sick);

        CHECK_OK(ask(&talk, "/", rows[i].request));
        CHECK_INT(talk.reply.tries, rows[i].tries);
        CHECK_TEXT(buf_text(&talk.body), rows[i].tries == 1 ? "sick" : "x");
    }
}

TEST(a_post_that_reached_nobody_is_repeated)
{
    AUTO(talk_end) Talk talk = talk_begin(answer_echo, NULL);
    NetRequest request = {.url = "http://127.0.0.1:1/", .body = "x", .body_bytes = 1, .retries = 1};
    int64_t began_ms = clock_ticks_ms();

    CHECK_CODE(net_send(talk.client, &request, talk.mem, &talk.reply), ERR_UPSTREAM_FAILED);
    CHECK(clock_ticks_ms() - began_ms >= 200); /* there was a pause, so there was a second try */
}

TEST(a_body_is_pulled_again_only_where_it_can_be)
{
    for (int can = 0; can < 2; can++) {
        Sick sick = {.failures = 1, .headers = "Retry-After: 0\r\n"};
        Source source = {0};
        AUTO(talk_end) Talk talk = talk_begin(answer_sick, &sick);
        NetRequest request = {
            .method = "PUT",
            .pull = source_pull,
            .pull_context = &source,
            .body_bytes = 12,
            .retries = 1,
            .is_pull_repeatable = can};

        CHECK_OK(ask(&talk, "/", request));
        CHECK_TEXT(buf_text(&talk.body), can ? "abcdabcdabcd" : "sick");
        CHECK_INT(source.begun, can ? 2 : 1);
    }
}

TEST(retry_after_is_kept_to)
{
    Sick sick = {.failures = 1, .headers = "Retry-After: 1\r\n"};
    AUTO(talk_end) Talk talk = talk_begin(answer_sick, &sick);

    CHECK_OK(ask(&talk, "/", (NetRequest){.retries = 1}));
    CHECK_INT(talk.reply.status, 200);
    CHECK(sick.asked_ms[2] - sick.asked_ms[1] >= 990);
}

TEST(a_wait_that_is_too_long_gives_the_reply_at_once)
{
    Sick sick = {.failures = 1, .headers = "Retry-After: 3600\r\n"};
    AUTO(talk_end) Talk talk = talk_begin(answer_sick, &sick);

    CHECK_OK(ask(&talk, "/", (NetRequest){.retries = 5}));
    CHECK_INT(talk.reply.status, 503);
    CHECK_INT(talk.reply.tries, 1);
}

TEST(retry_after_is_read_in_seconds_and_as_http_dates)
{
    static const int64_t now_ms = 784111777LL * 1000; /* Sun, 06 Nov 1994 08:49:37 GMT */
    static const struct {
        const char *value;
        int64_t wait_ms;
    } rows[] = {
        {"0", 0},
        {"120", 120000},
        {"99999999999999999999", 366LL * 24 * 3600 * 1000},
        {"Sun, 06 Nov 1994 08:49:47 GMT", 10000},
        {"Sunday, 06-Nov-94 08:49:47 GMT", 10000},
        {"Sun Nov  6 08:49:47 1994", 10000},
        {"Sun, 06 Nov 1994 08:49:27 GMT", 0},
        {"", -1},
        {"soon", -1},
        {"-5", -1},
        {"1.5", -1},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK_INT(net_retry_after_ms(rows[i].value, now_ms), rows[i].wait_ms);
}

/* ---- redirects ---- */

/* "/to/URL" leads to URL; anything else is told with its headers. */
static bool answer_leading(void *context, const PeerAsked *asked)
{
    char headers[1024];
    (void)context;

    if (strncmp(asked->target, "/to/", 4) == 0) {
        snprintf(headers, sizeof(headers), "Location: %s\r\n", asked->target + 4);
        return peer_reply(asked, "302 Found", headers, "moved");
    }
    if (strcmp(asked->target, "/loop") == 0)
        return peer_reply(asked, "302 Found", "Location: /loop\r\n", "moved");
    return peer_reply(asked, "200 OK", "", asked->head);
}

TEST(redirects_are_followed_as_far_as_was_said)
{
    AUTO(talk_end) Talk talk = talk_begin(answer_leading, NULL);

    CHECK_OK(ask(&talk, "/to//end", (NetRequest){.redirects = 0}));
    CHECK_INT(talk.reply.status, 302);
    buf_done(&talk.body);
    CHECK_OK(ask(&talk, "/to//end", (NetRequest){.redirects = 5}));
    CHECK_INT(talk.reply.status, 200);
    CHECK(strstr(buf_text(&talk.body), "GET /end HTTP"));
    CHECK_CODE(ask(&talk, "/loop", (NetRequest){.redirects = 99}), ERR_UPSTREAM_REFUSED);
    CHECK_INT(peer_asked(talk.peer), 1 + 2 + 6);
    CHECK_CODE(
        ask(&talk, "/to/file:///etc/passwd", (NetRequest){.redirects = 5}), ERR_UPSTREAM_REFUSED);
}

TEST(a_post_does_not_follow)
{
    AUTO(talk_end) Talk talk = talk_begin(answer_leading, NULL);

    CHECK_OK(ask(&talk, "/to//end", (NetRequest){.body = "x", .body_bytes = 1, .redirects = 5}));
    CHECK_INT(talk.reply.status, 302);
}

TEST(secrets_do_not_follow_to_another_origin)
{
    AUTO(talk_end) Talk talk = talk_begin(answer_leading, NULL);
    AUTO(peer_stop) Peer *other = peer_start(answer_leading, NULL);
    const NetHeader headers[] = {
        {"Authorization", "Bearer S3CRET"},
        {"X-API-Key", "S3CRET"},
        {"Accept", "image/*"},
        {NULL, NULL}};
    const NetRequest request = {.redirects = 5, .headers = headers};

    CHECK_OK(ask(&talk, "/to//end", request));
    CHECK(strstr(buf_text(&talk.body), "S3CRET"));
    buf_done(&talk.body);
    CHECK_OK(ask(
        &talk, arena_print(talk.mem, "/to/http://127.0.0.1:%d/end", peer_port(other)), request));
    CHECK(!strstr(buf_text(&talk.body), "S3CRET"));
    CHECK(strstr(buf_text(&talk.body), "Accept: image/*"));
}

/* ---- streams ---- */

TEST(a_stream_is_read_as_slowly_as_one_likes)
{
    bool is_announced = true;
    AUTO(talk_end) Talk talk = talk_begin(answer_large, &is_announced);
    AUTO(net_stream_free) NetStream *stream = NULL;
    NetRequest request = {.url = url_of(&talk, "/"), .most_bytes = -1};
    char bytes[1000];
    size_t size, total = 0;

    CHECK_OK(net_stream_open(talk.client, &request, talk.mem, &talk.reply, &stream));
    CHECK_INT(talk.reply.body_bytes, 3000000);
    do {
        CHECK_OK(net_stream_read(stream, bytes, sizeof(bytes), &size));
        total += size;
    } while (size > 0);
    CHECK_INT(total, 3000000);
}

TEST(a_stream_may_be_left_in_the_middle)
{
    bool is_announced = true;
    AUTO(talk_end) Talk talk = talk_begin(answer_large, &is_announced);
    NetRequest request = {.url = url_of(&talk, "/"), .most_bytes = -1};

    for (int i = 0; i < 3; i++) {
        AUTO(net_stream_free) NetStream *stream = NULL;
        char bytes[1000];
        size_t size;

        CHECK_OK(net_stream_open(talk.client, &request, talk.mem, &talk.reply, &stream));
        CHECK_OK(net_stream_read(stream, bytes, sizeof(bytes), &size));
        CHECK_INT(size, 1000);
    }
}

static Err *push_counting(void *context, const void *bytes, size_t size)
{
    size_t *total = context;
    (void)bytes;

    *total += size;
    return *total > 500000 ? err_new(ERR_DISK_FULL, "no more") : NULL;
}

TEST(a_sink_that_fails_ends_the_request)
{
    bool is_announced = true;
    AUTO(talk_end) Talk talk = talk_begin(answer_large, &is_announced);
    size_t total = 0;

    CHECK_CODE(
        ask(&talk, "/", (NetRequest){.push = push_counting, .push_context = &total, .retries = 3}),
        ERR_DISK_FULL);
    CHECK_INT(peer_asked(talk.peer), 1);
}
