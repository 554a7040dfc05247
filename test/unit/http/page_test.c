/* Promises of pages for people: who is shown one, and how it is kept. */
#include <string.h>

#include "harness/wire.h"
#include "shop.h"
#include "test.h"

#define HTML "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n"
#define GOOD "Authorization: Bearer good\r\n"

static Answer got(HttpServer *server, Arena *mem, const char *line, const char *headers)
{
    return wire_ask(
        server, mem, arena_print(mem, "%s HTTP/1.1\r\nHost: a\r\n%s\r\n", line, headers));
}

static void is_page(const Answer *answer, int status, Arena *mem)
{
    CHECK_INT(answer->status, status);
    CHECK_TEXT(answer_header(answer, "Content-Type", mem), "text/html; charset=utf-8");
}

TEST(people_are_shown_the_page_and_programs_what_else_is_at_its_path)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    Answer page = got(server, mem, "GET /v1/words", HTML);
    Answer words = got(server, mem, "GET /v1/words", GOOD "Accept: application/json\r\n");
    Answer any = got(server, mem, "GET /v1/words", GOOD "Accept: */*\r\n");

    is_page(&page, 200, mem);
    CHECK_TEXT(answer_header(&page, "Vary", mem), "Accept, Accept-Encoding");
    CHECK_INT(words.status, 200);
    CHECK_TEXT(answer_header(&words, "Content-Type", mem), "application/json");
    CHECK_TEXT(answer_header(&words, "Vary", mem), "Accept");
    CHECK_TEXT(answer_header(&any, "Content-Type", mem), "application/json");
    CHECK_INT(got(server, mem, "GET /v1/words", "Accept: text/htmlx\r\n" GOOD).status, 200);
    CHECK_INT(got(server, mem, "DELETE /v1/words", GOOD HTML).status, 204);
    http_server_stop(server, 1000);
}

TEST(a_page_that_is_alone_at_its_path_is_shown_to_all)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    Answer page = got(server, mem, "GET /alone", "");
    Answer wrong = got(server, mem, "POST /alone", "Content-Length: 0\r\n");

    is_page(&page, 200, mem);
    CHECK_TEXT(
        answer_header(&page, "Content-Security-Policy", mem),
        "default-src 'none'; img-src https://bucket.example");
    CHECK_TEXT(answer_header(&page, "Cache-Control", mem), "no-cache");
    CHECK_TEXT(answer_header(&page, "Vary", mem), "Accept-Encoding");
    CHECK_INT(got(server, mem, "HEAD /alone", "").status, 200);
    CHECK_INT(wrong.status, 405);
    CHECK_TEXT(answer_header(&wrong, "Allow", mem), "GET, HEAD, OPTIONS");
    http_server_stop(server, 1000);
}

TEST(where_nothing_is_people_are_shown_a_page_and_programs_a_problem)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    Answer page = got(server, mem, "GET /v1/no/such/thing", HTML);
    Answer problem = got(server, mem, "GET /v1/no/such/thing", "Accept: */*\r\n");

    is_page(&page, 404, mem);
    CHECK_INT(problem.status, 404);
    CHECK_TEXT(answer_header(&problem, "Content-Type", mem), "application/problem+json");
    CHECK_INT(got(server, mem, "POST /nothing", HTML "Content-Length: 0\r\n").status, 404);
    CHECK_INT(got(server, mem, "OPTIONS /nothing", "").status, 404);
    http_server_stop(server, 1000);
}

TEST(a_file_whose_name_changes_with_its_bytes_is_kept_for_a_year)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    Answer plain = got(server, mem, "GET /assets/docs.js", "");
    Answer packed = got(server, mem, "GET /assets/docs.js", "Accept-Encoding: gzip\r\n");
    const char *tag = answer_header(&packed, "ETag", mem);

    CHECK_TEXT(answer_header(&plain, "Cache-Control", mem), "public, max-age=31536000, immutable");
    CHECK_TEXT(tag, "\"docs.jsgzip\"");
    CHECK_TEXT(answer_header(&plain, "ETag", mem), "\"docs.js\"");
    const char *again = arena_print(mem, "Accept-Encoding: gzip\r\nIf-None-Match: %s\r\n", tag);
    CHECK_INT(got(server, mem, "GET /assets/docs.js", again).status, 304);
    Answer missing = got(server, mem, "GET /assets/other.js", HTML);
    CHECK_INT(missing.status, 404);
    CHECK_TEXT(answer_header(&missing, "Content-Type", mem), "application/problem+json");
    http_server_stop(server, 1000);
}
