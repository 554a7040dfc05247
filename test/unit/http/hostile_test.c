/* Promises of the server to those who mean no good: each gets the right refusal, and the next one is served. */
#include <unistd.h>

#include "harness/wire.h"
#include "shop.h"
#include "test.h"

#define GOOD "X-API-Key: good\r\n"
#define JSON "Content-Type: application/json\r\n"
#define ORDER "POST /v1/shops/1/orders HTTP/1.1\r\nHost: a\r\n" GOOD JSON
#define WORDS(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

enum {
    CLOSED = 0 /* the line is closed without a word */
};

typedef struct Hostile {
    const char *what, *request;
    int status;
} Hostile;

static const Hostile rows[] = {
    /* two readers, two meanings */
    {"length twice", ORDER "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400},
    {"two lengths", ORDER "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400},
    {"lengths in a list", ORDER "Content-Length: 2, 2\r\n\r\n{}", 400},
    {"length and chunks", ORDER "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400},
    {"chunks and length", ORDER "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
     400},
    {"chunks twice",
     ORDER "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", 400},
    {"a coding that is none", ORDER "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400},
    {"a list of codings", ORDER "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
    {"a blank before the colon", ORDER "Content-Length : 2\r\n\r\n{}", 400},
    {"a tab before the colon", ORDER "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", 400},
    {"a negative length", ORDER "Content-Length: -2\r\n\r\n{}", 400},
    {"a signed length", ORDER "Content-Length: +2\r\n\r\n{}", 400},
    {"a hexadecimal length", ORDER "Content-Length: 0x2\r\n\r\n{}", 400},
    {"an empty length", ORDER "Content-Length:\r\n\r\n{}", 400},
    {"a huge length", ORDER "Content-Length: 99999999999999999999\r\n\r\n{}", 413},
    {"a length beyond 18 digits", ORDER "Content-Length: 1000000000000000001\r\n\r\n{}", 400},
    {"a chunk size that is none", ORDER "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
     400},
    {"a chunk size too large", ORDER "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}",
     413},
    {"a chunk without its end", ORDER "Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n", 400},
    {"a body for a GET", "GET /v1/words HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 400},
    {"no host", "GET /v1/words HTTP/1.1\r\n\r\n", 400},
    {"two hosts", "GET /v1/words HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"a host with a path", "GET /v1/words HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"a host with a user", "GET /v1/words HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},

    /* paths */
    {"dots", WORDS("/v1/../v1/words"), 400},
    {"coded dots", WORDS("/v1/%2e%2e/words"), 400},
    {"a single dot", WORDS("/./v1/words"), 400},
    {"a coded slash", WORDS("/v1/files/a%2fb"), 400},
    {"a coded backslash", WORDS("/v1/files/a%5cb"), 400},
    {"a backslash", WORDS("/v1/files/..\\..\\x"), 400},
    {"a coded NUL", WORDS("/v1/files/a%00b"), 400},
    {"a coded line end", WORDS("/v1/files/a%0d%0ab"), 400},
    {"half an escape", WORDS("/v1/files/a%2"), 400},
    {"no escape", WORDS("/v1/files/a%zz"), 400},
    {"overlong UTF-8", WORDS("/v1/files/%c0%af"), 400},
    {"half a letter", WORDS("/v1/files/%e2%82"), 400},
    {"a surrogate", WORDS("/v1/files/%ed%a0%80"), 400},
    {"two slashes", WORDS("//v1/words"), 400},
    {"two slashes inside", WORDS("/v1//words"), 400},
    {"a fragment", WORDS("/v1/words#x"), 400},
    {"no slash", WORDS("v1/words"), 400},
    {"too many parts", WORDS("/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6"), 400},
    {"a NUL in the query", WORDS("/v1/words?limit=1%00"), 400},
    {"a raw control character", WORDS("/v1/words?limit=\x01"), 400},
    {"blanks in the address", "GET /v1/words /x HTTP/1.1\r\nHost: a\r\n\r\n", CLOSED},

    /* heads */
    {"no version", "GET /v1/words\r\n\r\n", 400},
    {"an old version", "GET /v1/words HTTP/0.9\r\n\r\n", 505},
    {"a new version", "GET /v1/words HTTP/2.0\r\n\r\n", 505},
    {"no request", "\x16\x03\x01\x02\r\n\r\n", CLOSED},
    {"an unknown method", "BREW /v1/words HTTP/1.1\r\nHost: a\r\n\r\n", 405},
    {"a method that is none", "GE(T /v1/words HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a header without a colon", "GET /v1/words HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400},
    {"a header with a control character", "GET /v1/words HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n",
     400},
    {"a coded body", ORDER "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 415},
    {"two content types", ORDER JSON "Content-Length: 2\r\n\r\n{}", 400},
    {"two keys",
     "POST /v1/shops/1/orders HTTP/1.1\r\nHost: a\r\n" GOOD "Authorization: Bearer other\r\n" JSON
     "Content-Length: 12\r\n\r\n{\"name\":\"a\"}",
     401},

    /* bodies */
    {"a body for nobody", "POST /v1/nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
     404},
    {"a body for another method",
     "PUT /v1/words HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 405},
    {"a body beyond the row's limit", ORDER "Content-Length: 65537\r\n\r\n", 413},
    {"a NUL in a text", ORDER "Content-Length: 19\r\n\r\n{\"name\":\"a\\u0000b\"} ", 422},
    {"a form without a boundary",
     "POST /v1/albums HTTP/1.1\r\nHost: a\r\n" GOOD
     "Content-Type: multipart/form-data\r\nContent-Length: 2\r\n\r\n--",
     400},
    {"a boundary of 71 letters",
     "POST /v1/albums HTTP/1.1\r\nHost: a\r\n" GOOD "Content-Type: multipart/form-data; boundary="
     "12345678901234567890123456789012345678901234567890123456789012345678901\r\n"
     "Content-Length: 2\r\n\r\n--",
     400},
    {"a form that is none",
     "POST /v1/albums HTTP/1.1\r\nHost: a\r\n" GOOD
     "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 2\r\n\r\na=",
     415},
};

TEST(a_hostile_request_gets_the_right_refusal_and_the_next_one_an_answer)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(wire_close) Wire wire = wire_open(server);

        wire_send(&wire, rows[i].request);
        Answer answer = wire_answer(&wire, false);
        if (answer.status != rows[i].status)
            test_fail(
                __FILE__, __LINE__, "%s: %d, expected %d\n# %s", rows[i].what, answer.status,
                rows[i].status, answer.body);
        if (answer.status == 400 && !wire_is_closed(&wire, 2000))
            test_fail(__FILE__, __LINE__, "%s: the line stays open", rows[i].what);
    }
    CHECK_INT(wire_ask(server, mem, WORDS("/v1/words")).status, 200);
    CHECK_INT(shop.handled, 0);
    http_server_stop(server, 1000);
}

TEST(a_smuggled_request_is_never_answered)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = wire_open(server);

    wire_send(
        &wire, ORDER "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "0\r\n\r\nDELETE /v1/words HTTP/1.1\r\nHost: a\r\n" GOOD "\r\n");
    CHECK_INT(wire_answer(&wire, false).status, 400);
    CHECK_INT(wire_answer(&wire, false).status, CLOSED);
    CHECK_INT(shop.handled, 0);
    http_server_stop(server, 1000);
}

TEST(a_raw_NUL_in_the_address_is_refused)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = wire_open(server);
    static const char request[] = "GET /v1/words\0/x HTTP/1.1\r\nHost: a\r\n\r\n";

    wire_send_bytes(&wire, request, sizeof(request) - 1);
    CHECK_INT(wire_answer(&wire, false).status, 400);
    http_server_stop(server, 1000);
}

static void
check_bomb(HttpServer *server, const char *head, const char *line, int times, int status)
{
    AUTO(wire_close) Wire wire = wire_open(server);

    wire_send(&wire, head);
    for (int i = 0; i < times; i++)
        wire_send(&wire, line);
    wire_send(&wire, "\r\n");
    Answer answer = wire_answer(&wire, false);
    if (answer.status != status)
        test_fail(__FILE__, __LINE__, "%s: %d, expected %d", head, answer.status, status);
}

TEST(head_bombs_are_refused_in_bounded_memory)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);

    check_bomb(server, "GET /v1/words HTTP/1.1\r\nHost: a\r\n", "X: y\r\n", 101, 400);
    check_bomb(
        server, "GET /v1/words HTTP/1.1\r\nHost: a\r\n", "X: y1234567890123456789\r\n", 4000, 431);
    check_bomb(server, "GET /v1/words?", "12345678901234567890123456789012345678", 2000, 414);
    http_server_stop(server, 1000);
}

TEST(slow_heads_and_bodies_are_closed_and_lively_ones_are_not)
{
    Shop shop = {0};
    HttpServer *server = shop_start(
        &shop, &(HttpSetup){
                   .limits = {
                       .head_ms = 400,
                       .idle_ms = 60 * 1000,
                       .grace_ms = 400,
                       .body_per_s = 1000,
                   }});
    AUTO(wire_close) Wire silent = wire_open(server);
    AUTO(wire_close) Wire head = wire_open(server);
    AUTO(wire_close) Wire body = wire_open(server);
    AUTO(wire_close) Wire lively = wire_open(server);

    wire_send(&head, "GET /v1/words HTTP/1.1\r\n");
    wire_send(&body, ORDER "Content-Length: 60000\r\n\r\n");
    wire_send(&lively, "GET /v1/words HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_INT(wire_answer(&lively, false).status, 200);
    for (int i = 0; i < 20; i++) {
        wire_send(&head, "X: y\r\n");
        wire_send(&body, " ");
        usleep(50 * 1000);
    }
    CHECK(wire_is_closed(&silent, 2000));
    CHECK(wire_is_closed(&head, 2000));
    CHECK(wire_is_closed(&body, 2000));
    wire_send(&lively, "GET /v1/words HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_INT(wire_answer(&lively, false).status, 200);

    HttpState state;
    http_server_state(server, &state);
    CHECK_INT(state.refused, 3);
    http_server_stop(server, 1000);
}

TEST(one_address_may_not_take_all_connections)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, &(HttpSetup){.limits.per_address = 4});
    Wire wires[6];
    int closed = 0;

    for (size_t i = 0; i < COUNT(wires); i++) {
        wires[i] = wire_open(server);
        wire_send(&wires[i], WORDS("/v1/words"));
        closed += wire_answer(&wires[i], false).status == CLOSED;
    }
    CHECK_INT(closed, 2);
    for (size_t i = 0; i < COUNT(wires); i++)
        wire_close(&wires[i]);
    http_server_stop(server, 1000);
}

TEST(calls_beyond_what_may_wait_are_told_to_come_back)
{
    Shop shop = {0};
    HttpServer *server =
        shop_start(&shop, &(HttpSetup){.workers = 1, .limits.queued = 1, .limits.idle_ms = 20000});
    Wire wires[3];
    HttpState state;

    for (size_t i = 0; i < 2; i++) {
        wires[i] = wire_open(server);
        wire_send(&wires[i], WORDS("/v1/slow"));
        do
            http_server_state(server, &state);
        while (i == 0 ? state.workers_busy == 0 : state.queued == 0);
    }
    wires[2] = wire_open(server);
    wire_send(&wires[2], WORDS("/v1/words"));
    CHECK_INT(wire_answer(&wires[2], false).status, 503);
    atomic_store(&shop.slow_go, true);
    CHECK_INT(wire_answer(&wires[0], false).status, 200);
    CHECK_INT(wire_answer(&wires[1], false).status, 200);
    for (size_t i = 0; i < COUNT(wires); i++)
        wire_close(&wires[i]);
    http_server_stop(server, 1000);
}
