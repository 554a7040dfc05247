/* Promises of the server: what a polite client gets. */
#include <unistd.h>

#include "harness/wire.h"
#include "shop.h"
#include "test.h"

#define GET_(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define GOOD "X-API-Key: good\r\n"
#define JSON "Content-Type: application/json\r\n"

static const char *post(Arena *mem, const char *path, const char *headers, const char *body)
{
    return arena_print(
        mem, "POST %s HTTP/1.1\r\nHost: a\r\n%sContent-Length: %zu\r\n\r\n%s", path, headers,
        strlen(body), body);
}

TEST(path_query_header_and_body_become_one_struct)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);

    Answer answer = wire_ask(
        server, mem,
        post(
            mem, "/v1/shops/n%C3%B6rd/orders?dry=yes",
            GOOD JSON "X-Tenant-ID: t1\r\nIdempotency-Key: k-1\r\n",
            "{\"name\":\"a\",\"count\":3}"));
    CHECK_INT(answer.status, 201);
    CHECK_TEXT(
        answer.body,
        "{\"shop_id\":\"n\xc3\xb6rd\",\"name\":\"a\",\"tenant_id\":\"t1\",\"peer\":\"127.0.0.1\","
        "\"origin\":\"http://a\",\"key\":\"k-1\",\"count\":3,\"dry\":true}");
    CHECK_TEXT(answer_header(&answer, "Content-Type", mem), "application/json");
    http_server_stop(server, 1000);
}

/* The answer to REQUEST has STATUS and, unless NULL, TEXT in its body. */
static void check_answer(HttpServer *server, const char *request, int status, const char *text)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Answer answer = wire_ask(server, mem, request);

    if (answer.status != status || (text && !strstr(answer.body, text)))
        test_fail(
            __FILE__, __LINE__, "%s\n# got %d, expected %d with '%s'\n# %s%s", request,
            answer.status, status, text ? text : "", answer.head, answer.body);
}

TEST(what_is_wrong_with_a_field_is_said_whichever_place_it_stood_in)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    const struct {
        const char *path, *headers, *body;
        int status;
        const char *text;
    } rows[] = {
        {"/v1/shops/1/orders", GOOD JSON, "{}", 422, "\"pointer\":\"/name\""},
        {"/v1/shops/1/orders", GOOD JSON, "{\"name\":\"a\",\"count\":11}", 422, "/count"},
        {"/v1/shops/1/orders", GOOD JSON, "{\"name\":\"a\",\"cuont\":1}", 422,
         "Did you mean 'count'?"},
        {"/v1/shops/1/orders", GOOD JSON, "{\"name\":\"a\",\"shop_id\":\"2\"}", 422, "/shop_id"},
        {"/v1/shops/1/orders", GOOD JSON, "{\"name\":\"a\",\"dry\":true}", 422, "/dry"},
        {"/v1/shops/1/orders?dry=maybe", GOOD JSON, "{\"name\":\"a\"}", 422, "true or false"},
        {"/v1/shops/1/orders?dry=1&dry=0", GOOD JSON, "{\"name\":\"a\"}", 422, "given twice"},
        {"/v1/shops/1/orders?name=b", GOOD JSON, "{\"name\":\"a\"}", 422, "/name"},
        {"/v1/shops/1/orders?shop_id=b", GOOD JSON, "{\"name\":\"a\"}", 422, "/shop_id"},
        {"/v1/shops/1/orders?colour=b", GOOD JSON, "{\"name\":\"a\"}", 422, "/colour"},
        {"/v1/shops/1/orders", GOOD JSON, "[1]", 422, "must be an object"},
        {"/v1/shops/1/orders", GOOD JSON, "{\"name\":", 400, "not valid JSON"},
        {"/v1/shops/1/orders", GOOD JSON, "{\"name\":\"a\",\"name\":\"b\"}", 400, "JSON"},
        {"/v1/shops/1/orders", GOOD JSON, "{\"name\":\"\xff\"}", 400, "JSON"},
        {"/v1/shops/1/orders", GOOD, "{\"name\":\"a\"}", 415, "application/json"},
        {"/v1/shops/1/orders", GOOD "Content-Type: text/plain\r\n", "{}", 415, "type_unsupported"},
        {"/v1/shops/1/orders", JSON, "{\"name\":\"a\"}", 401, "unauthenticated"},
        {"/v1/shops/1/orders", JSON "X-API-Key: poor\r\n", "{\"name\":\"a\"}", 403, "forbidden"},
        {"/v1/shops/1/orders", GOOD JSON, "{\"name\":\"taken\"}", 409, "/name"},
        {"/v1/shops/1/orders", GOOD JSON, "{\"name\":\"dear\"}", 429, "{\"error\":"},
        {"/v1/shops/1/orders", GOOD JSON, "{\"name\":\"bug\"}", 500, "went wrong on our side"},
        {"/v1/shops/12345678901234567890x/orders", GOOD JSON, "{\"name\":\"a\"}", 422, "/shop_id"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check_answer(
            server, post(mem, rows[i].path, rows[i].headers, rows[i].body), rows[i].status,
            rows[i].text);
    CHECK_INT(shop.handled, 3);
    http_server_stop(server, 1000);
}

TEST(a_key_of_a_repeat_that_cannot_be_kept_is_refused_not_overlooked)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    char long_key[257] = {0};

    memset(long_key, 'k', sizeof(long_key) - 1);
    const char *keys[] = {"order 17", "", long_key};
    for (size_t i = 0; i < COUNT(keys); i++)
        check_answer(
            server,
            post(
                mem, "/v1/shops/1/orders",
                arena_print(mem, GOOD JSON "Idempotency-Key: %s\r\n", keys[i]), "{\"name\":\"a\"}"),
            422, "Idempotency-Key");
    CHECK_INT(atomic_load(&shop.handled), 0);
    http_server_stop(server, 1000);
}

TEST(a_secret_of_the_house_is_in_no_reply)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    Answer answer =
        wire_ask(server, mem, post(mem, "/v1/shops/1/orders", GOOD JSON, "{\"name\":\"bug\"}"));

    CHECK(!strstr(answer.body, "secret") && !answer_header(&answer, "Server", mem));
    CHECK_TEXT(answer_header(&answer, "X-Content-Type-Options", mem), "nosniff");
    CHECK_TEXT(answer_header(&answer, "Referrer-Policy", mem), "no-referrer");
    CHECK(strstr(answer_header(&answer, "Content-Security-Policy", mem), "frame-ancestors 'none'"));
    CHECK_TEXT(answer_header(&answer, "Content-Type", mem), "application/problem+json");
    http_server_stop(server, 1000);
}

TEST(requests_have_ids_that_are_echoed_and_ours_when_theirs_are_odd)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    Answer given = wire_ask(
        server, mem, "GET /v1/words HTTP/1.1\r\nHost: a\r\nX-Request-ID: abc-12345\r\n\r\n");
    Answer odd = wire_ask(
        server, mem, "GET /v1/words HTTP/1.1\r\nHost: a\r\nX-Request-ID: a b<c>def\r\n\r\n");

    CHECK_TEXT(answer_header(&given, "X-Request-ID", mem), "abc-12345");
    CHECK(strncmp(answer_header(&odd, "X-Request-ID", mem), "req_", 4) == 0);
    http_server_stop(server, 1000);
}

TEST(methods_are_answered_by_what_is_there)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);

    check_answer(server, GET_("/v1/words?limit=1"), 200, "[{\"word\":\"word 0\"}]");
    check_answer(server, GET_("/v1/nothing"), 404, "not_found");
    check_answer(server, GET_("/v1/words/"), 404, NULL);
    check_answer(server, "DELETE /v1/words HTTP/1.1\r\nHost: a\r\n" GOOD "\r\n", 204, "");

    Answer wrong = wire_ask(server, mem, "PUT /v1/words HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_INT(wrong.status, 405);
    CHECK_TEXT(answer_header(&wrong, "Allow", mem), "GET, HEAD, DELETE, OPTIONS");

    Answer head = wire_ask(server, mem, "HEAD /v1/words?limit=1 HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_INT(head.status, 200);
    CHECK_TEXT(answer_header(&head, "Content-Length", mem), "19");

    Answer options = wire_ask(server, mem, "OPTIONS /v1/words HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_INT(options.status, 204);
    CHECK_TEXT(answer_header(&options, "Allow", mem), "GET, HEAD, DELETE, OPTIONS");
    CHECK(!answer_header(&options, "Access-Control-Allow-Origin", mem));
    http_server_stop(server, 1000);
}

TEST(pages_of_elsewhere_may_call_only_when_they_are_listed)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(
        &shop, &(HttpSetup){.origins = (const char *const[]){"https://shop.example", NULL}});
    Answer good = wire_ask(
        server, mem,
        "OPTIONS /v1/words HTTP/1.1\r\nHost: a\r\nOrigin: https://shop.example\r\n"
        "Access-Control-Request-Method: DELETE\r\n"
        "Access-Control-Request-Headers: authorization, x-stainless-os\r\n\r\n");
    Answer bad = wire_ask(
        server, mem, "GET /v1/words HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\n\r\n");

    CHECK_TEXT(answer_header(&good, "Access-Control-Allow-Origin", mem), "https://shop.example");
    CHECK(strstr(answer_header(&good, "Access-Control-Allow-Methods", mem), "DELETE"));
    CHECK_TEXT(
        answer_header(&good, "Access-Control-Allow-Headers", mem), "authorization, x-stainless-os");
    CHECK_TEXT(answer_header(&good, "Access-Control-Expose-Headers", mem), "*");
    CHECK(!answer_header(&bad, "Access-Control-Allow-Origin", mem));
    http_server_stop(server, 1000);
}

TEST(many_requests_share_a_connection)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = wire_open(server);
    AUTO(arena_free) Arena *mem = arena_new();

    for (int i = 0; i < 20; i++)
        wire_send(
            &wire, i % 2 ? GET_("/v1/words?limit=1")
                         : post(mem, "/v1/shops/1/orders", GOOD JSON, "{\"name\":\"a\"}"));
    for (int i = 0; i < 20; i++)
        CHECK_INT(wire_answer(&wire, false).status, i % 2 ? 200 : 201);
    http_server_stop(server, 1000);
}

TEST(a_body_in_chunks_is_a_body)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);

    check_answer(
        server,
        "POST /v1/shops/1/orders HTTP/1.1\r\nHost: a\r\n" GOOD JSON
        "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"name\":\r\n4;x=y\r\n\"a\"}\r\n0\r\n\r\n",
        201, "\"name\":\"a\"");
    http_server_stop(server, 1000);
}

TEST(the_client_behind_a_trusted_proxy_is_found_and_nobody_else_is_believed)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    const char *headers = GOOD JSON "X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.2.3\r\n"
                                    "X-Forwarded-Proto: https\r\n";
    const char *request = post(mem, "/v1/shops/1/orders", headers, "{\"name\":\"a\"}");
    HttpServer *proud = shop_start(&shop, NULL);

    check_answer(proud, request, 201, "\"peer\":\"127.0.0.1\",\"origin\":\"http://a\"");
    http_server_stop(proud, 1000);

    HttpServer *trusting = shop_start(
        &shop,
        &(HttpSetup){.trusted_proxies = (const char *const[]){"127.0.0.0/8", "10.0.0.0/8", NULL}});
    check_answer(trusting, request, 201, "\"peer\":\"203.0.113.9\",\"origin\":\"https://a\"");
    http_server_stop(trusting, 1000);

    HttpServer *named = shop_start(&shop, &(HttpSetup){.public_url = "https://shop.example"});
    check_answer(named, request, 201, "\"origin\":\"https://shop.example\"");
    http_server_stop(named, 1000);
}

TEST(addresses_to_listen_on_are_read_and_refused)
{
    Shop shop = {0};
    HttpDoor doors[] = {{.door = &shop_door, .context = &shop}, {0}};
    HttpServer *server = NULL;
    static const char *const bad[] = {"",       "127.0.0.1", "1.2.3:80", "127.0.0.1:99999",
                                      "unix:x", "[::1:80"};

    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO(err_free)
        Err *err = http_server_start(&(HttpSetup){.listen = bad[i], .doors = doors}, &server);

        CHECK(err && err_code(err) == ERR_INPUT_INVALID);
    }
    server = shop_start(&shop, &(HttpSetup){.listen = "localhost:0"});

    char taken[64];
    snprintf(taken, sizeof(taken), "127.0.0.1:%d", http_server_port(server));
    HttpServer *second = NULL;
    AUTO(err_free)
    Err *err = http_server_start(&(HttpSetup){.listen = taken, .doors = doors}, &second);
    CHECK(err && err_code(err) == ERR_ADDRESS_TAKEN);
    http_server_stop(server, 1000);
}

/* ---- replies that are watched ---- */

static void reply_see(void *text, const HttpReply *reply)
{
    Buf *seen = text;

    CHECK_OK(buf_print(
        seen, "%s %d %s;", reply->endpoint ? reply->endpoint->id : "-", reply->status,
        reply->error == ERR_MAX_ ? "-" : err_name(reply->error)));
}

TEST(every_reply_is_shown_before_it_is_sent)
{
    AUTO(buf_done) Buf seen = BUF(4096);
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);

    http_watch_replies(server, reply_see, &seen);
    check_answer(server, GET_("/v1/words"), 200, NULL);
    check_answer(server, GET_("/v1/nothing"), 404, NULL);
    check_answer(server, GET_("/v1/files/missing"), 404, NULL);
    check_answer(server, GET_("/v1/files/file"), 200, NULL);
    CHECK_TEXT(
        buf_text(&seen), "words_list 200 -;- 404 not_found;file_get 404 not_found;file_get 200 -;");
    http_server_stop(server, 1000);
}

/* ---- the end ---- */

TEST(a_stopping_server_ends_what_it_began)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire slow = wire_open(server);
    AUTO(wire_close) Wire idle = wire_open(server);
    HttpState state;

    wire_send(&idle, GET_("/v1/words"));
    CHECK_INT(wire_answer(&idle, false).status, 200);
    wire_send(&slow, GET_("/v1/slow"));
    do
        http_server_state(server, &state);
    while (!state.workers_busy);

    atomic_store(&shop.slow_go, true);
    http_server_stop(server, 5000);
    Answer answer = wire_answer(&slow, false);
    CHECK_INT(answer.status, 200);
    CHECK(wire_is_closed(&idle, 1000));
}

TEST(what_does_not_end_in_time_is_asked_to_stop)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire slow = wire_open(server);
    HttpState state;

    wire_send(&slow, GET_("/v1/slow"));
    do
        http_server_state(server, &state);
    while (!state.workers_busy);
    http_server_stop(server, 50);
    CHECK_INT(shop.cancelled, 1);
}

TEST(work_for_a_client_that_left_is_asked_to_stop)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    Wire slow = wire_open(server);
    HttpState state;

    wire_send(&slow, GET_("/v1/slow"));
    do
        http_server_state(server, &state);
    while (!state.workers_busy);
    wire_close(&slow);
    for (int i = 0; i < 500 && !shop.cancelled; i++)
        usleep(10 * 1000);
    CHECK_INT(shop.cancelled, 1);
    http_server_stop(server, 1000);
}
