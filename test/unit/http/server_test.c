/* Promises of the server: what a polite client gets. */
#include <unistd.h>

#include "shop.h"
#include "test.h"
#include "wire.h"

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
