/* Promises of the document that describes a door, of replies held to it, and of the page that shows it. */
#include "contract/contract.h"
#include "harness/wire.h"
#include "http/openapi.h"
#include "shop.h"
#include "test.h"

#define GOOD "X-API-Key: good\r\n"
#define JSON "Content-Type: application/json\r\n"

static const FrontDoor *const doors[] = {&shop_door, NULL};

static const Value *at(const Value *value, const char *path)
{
    char name[64];

    for (const char *part = path; value && *part; part += strspn(part, ">")) {
        size_t length = strcspn(part, ">");

        snprintf(name, sizeof(name), "%.*s", (int)length, part);
        value = name[0] >= '0' && name[0] <= '9' && value_kind(value) == VALUE_LIST
                    ? value_at(value, (size_t)strtol(name, NULL, 10))
                    : value_get(value, name);
        part += length;
    }
    return value;
}

static void check_text(const Value *document, const char *path, const char *text)
{
    const char *got = value_text(at(document, path));

    if (!got || strcmp(got, text) != 0)
        test_fail(
            __FILE__, __LINE__, "%s is '%s', expected '%s'", path, got ? got : "(none)", text);
}

TEST(a_document_of_several_doors_has_a_chapter_for_each)
{
    static const Endpoint *const none[] = {NULL};
    static const FrontDoor front = {
        .name = "front",
        .title = "House: the front",
        .version = "1",
        .about = "In.",
        .endpoints = none};
    static const FrontDoor back = {
        .name = "back",
        .title = "House: the back",
        .version = "2",
        .about = "Out.",
        .endpoints = none};
    static const FrontDoor *const both[] = {&front, &back, NULL};
    AUTO(value_free) Value *document = openapi_document(both);

    check_text(document, "info>title", "House");
    check_text(
        document, "info>description", "## House: the front\n\nIn.\n\n## House: the back\n\nOut.");
}

TEST(a_document_says_what_the_rows_say)
{
    AUTO(value_free) Value *document = openapi_document(doors);
    const Value *order = at(document, "paths>/v1/shops/{shop_id}/orders>post");

    check_text(document, "openapi", "3.1.0");
    check_text(document, "info>title", "Shop");
    check_text(order, "operationId", "order_make");
    check_text(order, "tags>0", "Orders");
    check_text(order, "parameters>0>name", "shop_id");
    check_text(order, "parameters>0>in", "path");
    check_text(order, "parameters>1>name", "X-Tenant-ID");
    check_text(order, "parameters>1>in", "header");
    check_text(order, "parameters>2>name", "dry");
    check_text(order, "parameters>2>in", "query");
    check_text(order, "security>0>bearer>0", "orders:write");
    check_text(order, "requestBody>content>application/json>schema>required>0", "name");
    CHECK(!at(order, "requestBody>content>application/json>schema>properties>shop_id"));
    check_text(
        order, "responses>201>content>application/json>schema>$ref",
        "#/components/schemas/OrderOut");
    check_text(order, "responses>409>x-errors>0", "conflict");
    check_text(order, "responses>422>x-errors>1", "input_missing");
    CHECK(at(order, "responses>401") && at(order, "responses>413") && !at(order, "responses>404"));
    check_text(document, "components>schemas>Words>items>$ref", "#/components/schemas/Word");
    check_text(
        document, "paths>/v1/words>get>responses>200>content>application/json>schema>$ref",
        "#/components/schemas/Words");
    CHECK(!at(document, "paths>/v1/words>delete>responses>204>content"));
    CHECK(at(document, "paths>/store/{key}>put>requestBody>content>image/jpeg"));
    check_text(
        document,
        "paths>/v1/albums>post>requestBody>content>multipart/"
        "form-data>schema>properties>photo>type",
        "array");
    CHECK(at(document, "paths>/v1/news>get>responses>200>content>text/event-stream"));
    check_text(document, "components>schemas>OrderOut>properties>tenant_id>type>1", "null");
}

TEST(replies_are_held_to_the_document_and_what_never_came_is_named)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(contract_free) Contract *contract = contract_new(doors);
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);

    http_watch_replies(server, contract_see, contract);
    wire_ask(server, mem, "GET /v1/words HTTP/1.1\r\nHost: a\r\n\r\n");
    wire_ask(server, mem, "GET /v1/words?limit=x HTTP/1.1\r\nHost: a\r\n\r\n");
    wire_ask(server, mem, "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n");
    wire_ask(
        server, mem,
        "POST /v1/shops/1/orders HTTP/1.1\r\nHost: a\r\n" GOOD JSON
        "Content-Length: 12\r\n\r\n{\"name\":\"a\"}");
    CHECK_TEXT(contract_breaches(contract, mem), "");

    const char *unseen = contract_unseen(contract, mem);
    CHECK(!strstr(unseen, "words_list was never"));
    CHECK(strstr(unseen, "photo_put was never called with success\n"));
    CHECK(strstr(unseen, "order_make never said conflict\n"));

    /* The shop writes this one in a way that its door does not describe. */
    wire_ask(
        server, mem,
        "POST /v1/shops/1/orders HTTP/1.1\r\nHost: a\r\n" GOOD JSON
        "Content-Length: 15\r\n\r\n{\"name\":\"dear\"}");
    CHECK(strstr(contract_breaches(contract, mem), "order_make 429: /type is missing"));
    contract_see_line(contract, "POST", "/v1/shops/1/orders", 201, "{\"shop_id\":\"1\"}");
    CHECK(strstr(contract_breaches(contract, mem), "order_make 201: /name is missing"));
    contract_see_line(contract, "DELETE", "/v1/words", 418, NULL);
    CHECK(strstr(
        contract_breaches(contract, mem), "words_drop 418: the document has no such status"));
    http_server_stop(server, 1000);
}

TEST(the_page_is_given_packed_named_and_without_a_way_out)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    Answer plain = wire_ask(server, mem, "GET /docs HTTP/1.1\r\nHost: a\r\n\r\n");
    Answer packed = wire_ask(
        server, mem, "GET /docs/docs.js HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");

    CHECK_INT(plain.status, 200);
    CHECK_TEXT(answer_header(&plain, "Content-Type", mem), "text/html; charset=utf-8");
    CHECK(strstr(answer_header(&plain, "Content-Security-Policy", mem), "script-src 'self';"));
    CHECK(!strstr(plain.body, "http://") && !strstr(plain.body, "https://"));
    CHECK_TEXT(answer_header(&packed, "Content-Encoding", mem), "gzip");
    CHECK_TEXT(answer_header(&packed, "Content-Type", mem), "text/javascript; charset=utf-8");

    const char *tag = answer_header(&plain, "ETag", mem);
    Answer again = wire_ask(
        server, mem,
        arena_print(mem, "GET /docs HTTP/1.1\r\nHost: a\r\nIf-None-Match: %s\r\n\r\n", tag));
    CHECK_INT(again.status, 304);
    CHECK_INT(wire_ask(server, mem, "GET /docs/x HTTP/1.1\r\nHost: a\r\n\r\n").status, 404);
    http_server_stop(server, 1000);
}
