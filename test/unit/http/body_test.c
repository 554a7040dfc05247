/* Promises of bodies that are streamed: uploads in, forms in, downloads out. */
#include <unistd.h>

#include "harness/wire.h"
#include "shop.h"
#include "test.h"

#define GOOD "Authorization: Bearer good\r\n"

static const char *photo_of(Arena *mem, size_t size, int64_t *ret_sum)
{
    char *bytes = arena_take(mem, size + 1);
    uint32_t sum = 0;

    for (size_t i = 0; i < size; i++) {
        bytes[i] = (char)(1 + i * 7 % 250);
        sum = sum * 31 + (unsigned char)bytes[i];
    }
    *ret_sum = sum;
    return bytes;
}

static void check_no_sinks(Shop *shop)
{
    for (int i = 0; i < 500 && atomic_load(&shop->sinks_open); i++)
        usleep(10 * 1000);
    CHECK_INT(atomic_load(&shop->sinks_open), 0);
}

TEST(an_upload_goes_to_its_sink_whole_and_in_order)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    static const size_t sizes[] = {0, 1, 1000, 256 * 1024, 256 * 1024 + 1, 3 * 1000 * 1000};
    AUTO(wire_close) Wire wire = wire_open(server);

    for (size_t i = 0; i < COUNT(sizes); i++) {
        int64_t sum;
        const char *photo = photo_of(mem, sizes[i], &sum);

        wire_send(
            &wire, arena_print(
                       mem,
                       "PUT /store/a/b%%20c.png HTTP/1.1\r\nHost: a\r\n" GOOD
                       "Content-Type: image/png\r\nContent-Length: %zu\r\n\r\n",
                       sizes[i]));
        wire_send_bytes(&wire, photo, sizes[i]);
        Answer answer = wire_answer(&wire, false);
        CHECK_INT(answer.status, 201);
        CHECK_TEXT(
            answer.body, arena_print(
                             mem, "{\"key\":\"a/b c.png\",\"size\":%zu,\"sum\":%lld}", sizes[i],
                             (long long)sum));
    }
    check_no_sinks(&shop);
    http_server_stop(server, 1000);
}

TEST(an_upload_in_chunks_arrives_too)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = wire_open(server);
    int64_t sum;
    const char *photo = photo_of(mem, 1000 * 1000, &sum);

    wire_send(
        &wire, "PUT /store/a HTTP/1.1\r\nHost: a\r\n" GOOD "Content-Type: image/png\r\n"
               "Transfer-Encoding: chunked\r\n\r\n");
    for (size_t at = 0; at < 1000 * 1000; at += 50 * 1000) {
        wire_send(&wire, "c350\r\n");
        wire_send_bytes(&wire, photo + at, 50 * 1000);
        wire_send(&wire, "\r\n");
    }
    wire_send(&wire, "0\r\n\r\n");
    Answer answer = wire_answer(&wire, false);
    CHECK_INT(answer.status, 201);
    CHECK(strstr(answer.body, arena_print(mem, "\"sum\":%lld", (long long)sum)));
    http_server_stop(server, 1000);
}

TEST(who_may_not_upload_is_told_before_the_body_is_asked_for)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    const struct {
        const char *head;
        int status;
    } rows[] = {
        {"Content-Type: image/png\r\nContent-Length: 1000000\r\n", 401},
        {"X-API-Key: poor\r\nContent-Type: image/png\r\nContent-Length: 1000000\r\n", 403},
        {GOOD "Content-Type: image/png\r\nContent-Length: 9000000\r\n", 413},
        {GOOD "Content-Type: text/html\r\nContent-Length: 1000000\r\n", 415},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(wire_close) Wire wire = wire_open(server);

        wire_send(&wire, "PUT /store/a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n");
        wire_send(&wire, rows[i].head);
        wire_send(&wire, "\r\n");
        CHECK_INT(wire_answer(&wire, false).status, rows[i].status);
        CHECK(wire_is_closed(&wire, 2000));
    }
    CHECK_INT(atomic_load(&shop.bytes_sunk), 0);

    AUTO(wire_close) Wire wire = wire_open(server);
    wire_send(
        &wire, "PUT /store/a HTTP/1.1\r\nHost: a\r\n" GOOD "Content-Type: image/png\r\n"
               "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    CHECK_INT(wire_answer(&wire, false).status, 100);
    wire_send(&wire, "abc");
    CHECK_INT(wire_answer(&wire, false).status, 201);
    http_server_stop(server, 1000);
}

TEST(an_upload_that_turns_out_bad_is_refused_with_its_reason)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = wire_open(server);
    int64_t sum;
    const char *photo = photo_of(mem, 1000 * 1000, &sum);

    wire_send(
        &wire, "PUT /store/a?broken=true HTTP/1.1\r\nHost: a\r\n" GOOD "Content-Type: image/png\r\n"
               "Content-Length: 1000000\r\n\r\n");
    wire_send_bytes(&wire, photo, 1000 * 1000);
    Answer answer = wire_answer(&wire, false);
    CHECK_INT(answer.status, 422);
    CHECK(strstr(answer.body, "image_unreadable"));
    CHECK_INT(atomic_load(&shop.bytes_sunk), 256 * 1024);
    check_no_sinks(&shop);
    http_server_stop(server, 1000);
}

TEST(an_upload_in_chunks_ends_at_its_limit)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = wire_open(server);
    int64_t sum;
    const char *photo = photo_of(mem, 1024 * 1024, &sum);

    wire_send(
        &wire, "PUT /store/a HTTP/1.1\r\nHost: a\r\n" GOOD "Content-Type: image/png\r\n"
               "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 9; i++) {
        wire_send(&wire, "100000\r\n");
        wire_send_bytes(&wire, photo, 1024 * 1024);
        wire_send(&wire, "\r\n");
    }
    wire_send(&wire, "0\r\n\r\n");
    CHECK_INT(wire_answer(&wire, false).status, 413);
    CHECK(atomic_load(&shop.bytes_sunk) <= 8 * 1024 * 1024);
    check_no_sinks(&shop);
    http_server_stop(server, 1000);
}

TEST(what_a_client_that_left_had_sent_is_thrown_away)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    int64_t sum;
    const char *photo = photo_of(mem, 600 * 1000, &sum);

    {
        AUTO(wire_close) Wire wire = wire_open(server);

        wire_send(
            &wire, "PUT /store/a HTTP/1.1\r\nHost: a\r\n" GOOD "Content-Type: image/png\r\n"
                   "Content-Length: 1000000\r\n\r\n");
        wire_send_bytes(&wire, photo, 600 * 1000);
        for (int i = 0; i < 500 && !atomic_load(&shop.bytes_sunk); i++)
            usleep(10 * 1000);
    }
    check_no_sinks(&shop);
    http_server_stop(server, 1000);
}

/* ---- forms ---- */

#define PART(name, rest, bytes) \
    "--b0\r\nContent-Disposition: form-data; name=\"" name "\"" rest "\r\n\r\n" bytes "\r\n"
#define PHOTO(file, bytes) \
    PART("photo", "; filename=\"" file "\"\r\nContent-Type: image/png", bytes)

static Answer form_send(HttpServer *server, Arena *mem, const char *body)
{
    return wire_ask(
        server, mem,
        arena_print(
            mem,
            "POST /v1/albums HTTP/1.1\r\nHost: a\r\n" GOOD
            "Content-Type: multipart/form-data; boundary=b0\r\nContent-Length: %zu\r\n\r\n%s",
            strlen(body), body));
}

TEST(a_form_is_fields_and_files)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    const struct {
        const char *body;
        int status;
        const char *text;
    } rows[] = {
        {PART("title", "", "T") PHOTO("a.png", "12\r\n--b1\r3\r\n")
             PHOTO("C:\\x\\b.png", "45") "--b0--\r\n",
         201,
         "{\"title\":\"T\",\"names\":\"a.png,b.png,\",\"year\":2026,\"files\":2,\"bytes\":14}"},
        {"preamble\r\n" PHOTO("../../a.png", "1") PART("title", "", "T")
             PART("year", "", "7") "--b0--",
         201, "{\"title\":\"T\",\"names\":\"a.png,\",\"year\":7,\"files\":1,\"bytes\":1}"},
        {PART("title", "", "T") "--b0--\r\n", 422, "/photo"},
        {PHOTO("a", "1") "--b0--\r\n", 422, "/title"},
        {PART("title", "", "T") PART("title", "", "U") PHOTO("a", "1") "--b0--\r\n", 422,
         "given twice"},
        {PART("title", "", "T") PART("other", "", "U") PHOTO("a", "1") "--b0--\r\n", 422, "/other"},
        {PART("title", "", "T") PART("other", "; filename=\"x\"", "U") "--b0--\r\n", 422,
         "no file of that name"},
        {PART("title", "", "T") PHOTO("a", "") PHOTO("a", "") PHOTO("a", "")
             PHOTO("a", "") "--b0--\r\n",
         422, "at most 3 files"},
        {PART("title", "", "T") PART("photo", "; filename=\"a\"", "U") "--b0--\r\n", 415, "type"},
        {PART("title", "", "T") PHOTO("broken.png", "1") "--b0--\r\n", 422, "image_unreadable"},
        {PART("title", "", "T") PHOTO("a", "1"), 400, "last boundary"},
        {PART("", "", "T") "--b0--", 400, "no name"},
        {"--b0\r\nX\r\n\r\n--b0--", 400, "no colon"},
        {"--b0x\r\n\r\n--b0--", 400, "boundary"},
        {"", 400, "last boundary"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        Answer answer = form_send(server, mem, rows[i].body);

        if (answer.status != rows[i].status || !strstr(answer.body, rows[i].text))
            test_fail(
                __FILE__, __LINE__, "row %zu: %d %s, expected %d %s", i, answer.status, answer.body,
                rows[i].status, rows[i].text);
    }
    check_no_sinks(&shop);
    http_server_stop(server, 1000);
}

TEST(a_form_means_the_same_however_it_is_cut)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    const char *body = PART("title", "", "T") PHOTO("a.png", "\r\r\n--b\r\n--b1\r\n-") "--b0--\r\n";

    for (size_t cut = 1; cut < strlen(body); cut += 3) {
        AUTO(wire_close) Wire wire = wire_open(server);

        wire_send(
            &wire, "POST /v1/albums HTTP/1.1\r\nHost: a\r\n" GOOD
                   "Content-Type: multipart/form-data; boundary=\"b0\"\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n");
        wire_send(
            &wire, arena_print(
                       mem, "%zx\r\n%.*s\r\n%zx\r\n%s\r\n0\r\n\r\n", cut, (int)cut, body,
                       strlen(body) - cut, body + cut));
        Answer answer = wire_answer(&wire, false);
        CHECK_INT(answer.status, 201);
        CHECK(strstr(answer.body, "\"bytes\":15}"));
    }
    http_server_stop(server, 1000);
}

TEST(a_file_of_a_form_ends_at_its_limit)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    int64_t sum;
    const char *photo = photo_of(mem, 1024 * 1024 + 1, &sum);
    Answer answer = form_send(
        server, mem,
        arena_print(
            mem,
            PART(
                "title", "",
                "T") "--b0\r\nContent-Disposition: form-data; name=photo; filename=a\r\n"
                     "Content-Type: image/png\r\n\r\n%s\r\n--b0--\r\n",
            photo));

    CHECK_INT(answer.status, 413);
    check_no_sinks(&shop);
    http_server_stop(server, 1000);
}

/* ---- downloads ---- */

static Answer file_ask(HttpServer *server, Arena *mem, const char *how, const char *headers)
{
    return wire_ask(
        server, mem,
        arena_print(mem, "GET /v1/files/%s HTTP/1.1\r\nHost: a\r\n%s\r\n", how, headers));
}

static void check_bytes(const Answer *answer, int64_t from, size_t size)
{
    CHECK_INT(answer->size, size);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)answer->body[i] != (unsigned char)((from + (int64_t)i) % 251))
            test_fail(__FILE__, __LINE__, "byte %zu is another", i);
}

TEST(a_download_is_given_whole_or_in_parts)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    static const char *const ways[] = {"file", "fetched"};
    const struct {
        const char *range, *content_range;
        int status;
        int64_t from;
        size_t size;
    } rows[] = {
        {"", NULL, 200, 0, 300000},
        {"Range: bytes=0-0\r\n", "bytes 0-0/300000", 206, 0, 1},
        {"Range: bytes=1000-200999\r\n", "bytes 1000-200999/300000", 206, 1000, 200000},
        {"Range: bytes=299990-\r\n", "bytes 299990-299999/300000", 206, 299990, 10},
        {"Range: bytes=-10\r\n", "bytes 299990-299999/300000", 206, 299990, 10},
        {"Range: bytes=-999999\r\n", "bytes 0-299999/300000", 206, 0, 300000},
        {"Range: bytes=299999-900000\r\n", "bytes 299999-299999/300000", 206, 299999, 1},
        {"Range: bytes=0-1,5-6\r\n", NULL, 200, 0, 300000},
        {"Range: lines=0-1\r\n", NULL, 200, 0, 300000},
        {"Range: bytes=0-9\r\nIf-Range: \"abc\"\r\n", "bytes 0-9/300000", 206, 0, 10},
        {"Range: bytes=0-9\r\nIf-Range: \"old\"\r\n", NULL, 200, 0, 300000},
    };

    for (size_t way = 0; way < COUNT(ways); way++)
        for (size_t i = 0; i < COUNT(rows); i++) {
            Answer answer = file_ask(server, mem, ways[way], rows[i].range);

            CHECK_INT(answer.status, rows[i].status);
            CHECK_TEXT(answer_header(&answer, "Content-Range", mem), rows[i].content_range);
            check_bytes(&answer, rows[i].from, rows[i].size);
        }
    Answer outside = file_ask(server, mem, "file", "Range: bytes=300000-\r\n");
    CHECK_INT(outside.status, 416);
    CHECK_TEXT(answer_header(&outside, "Content-Range", mem), "bytes */300000");
    http_server_stop(server, 1000);
}

TEST(a_download_says_what_it_is_and_who_has_it_already)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    Answer whole = file_ask(server, mem, "fetched", "");

    CHECK_TEXT(answer_header(&whole, "Content-Type", mem), "image/png");
    CHECK_TEXT(answer_header(&whole, "ETag", mem), "\"abc\"");
    CHECK_TEXT(answer_header(&whole, "Last-Modified", mem), "Tue, 14 Nov 2023 22:13:20 GMT");
    CHECK_TEXT(
        answer_header(&whole, "Content-Disposition", mem),
        "inline; filename=\"sh__e _1_.png\"; filename*=UTF-8''sh%C3%B6e%20%221%22.png");
    CHECK_INT(file_ask(server, mem, "file", "If-None-Match: \"x\", W/\"abc\"\r\n").status, 304);
    CHECK_INT(file_ask(server, mem, "file", "If-None-Match: *\r\n").status, 304);
    CHECK_INT(file_ask(server, mem, "file", "If-None-Match: \"x\"\r\n").status, 200);
    CHECK_INT(
        file_ask(server, mem, "file", "If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT\r\n")
            .status,
        304);
    CHECK_INT(file_ask(server, mem, "file", "If-Match: \"old\"\r\n").status, 412);

    Answer head = wire_ask(server, mem, "HEAD /v1/files/fetched HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_TEXT(answer_header(&head, "Content-Length", mem), "300000");

    Answer away = file_ask(server, mem, "elsewhere", "");
    CHECK_INT(away.status, 302);
    CHECK_TEXT(answer_header(&away, "Location", mem), "https://store.example/x?sig=1");
    http_server_stop(server, 1000);
}

TEST(a_download_of_unknown_length_ends_where_it_ends_and_a_broken_one_is_cut)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = wire_open(server);
    Answer endless = file_ask(server, mem, "endless", "Range: bytes=0-9\r\n");

    CHECK_INT(endless.status, 200);
    check_bytes(&endless, 0, 300000);
    wire_send(&wire, "GET /v1/files/broken HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(wire_answer(&wire, false).is_cut);
    http_server_stop(server, 1000);
}
