/* Promises of event streams. */
#include <unistd.h>

#include "harness/wire.h"
#include "shop.h"
#include "test.h"

#define NEWS "GET /v1/news HTTP/1.1\r\nHost: a\r\n"

static void news_add(Shop *shop, int last)
{
    atomic_store(&shop->next_event, last);
    for (int i = 0; i < 500 && !atomic_load(&shop->stream); i++)
        usleep(10 * 1000);
    events_wake(atomic_load(&shop->stream));
}

TEST(events_come_as_they_happen_and_the_stream_ends_with_the_last)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = wire_open(server);

    wire_send(&wire, NEWS "\r\n");
    const char *head = wire_until(&wire, "retry: 2000\n\n");
    CHECK(strstr(head, "Content-Type: text/event-stream"));
    news_add(&shop, 1);
    CHECK(*wire_until(&wire, "id: 1\nevent: news\ndata: {\"a\":\ndata: 1}\n\n"));
    news_add(&shop, 5);
    CHECK(*wire_until(&wire, "id: 5\nevent: news\n"));
    atomic_store(&shop.last_event, 6);
    news_add(&shop, 6);
    CHECK(*wire_until(&wire, "id: 6\nevent: news\n"));
    CHECK(*wire_until(&wire, "\r\n0\r\n\r\n"));
    for (int i = 0; i < 500 && !atomic_load(&shop.streams_freed); i++)
        usleep(10 * 1000);
    CHECK_INT(atomic_load(&shop.streams_freed), 1);
    http_server_stop(server, 1000);
}

TEST(a_stream_goes_on_where_the_last_one_broke)
{
    Shop shop = {.next_event = 4};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = wire_open(server);

    wire_send(&wire, NEWS "Last-Event-ID: 2\r\n\r\n");
    const char *seen = wire_until(&wire, "id: 4\n");
    CHECK(strstr(seen, "id: 3\n") && !strstr(seen, "id: 2\n"));
    http_server_stop(server, 1000);
}

TEST(idle_streams_hold_no_worker)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, &(HttpSetup){.workers = 2});
    AUTO(arena_free) Arena *mem = arena_new();
    Wire wires[20];
    HttpState state;

    for (size_t i = 0; i < COUNT(wires); i++) {
        wires[i] = wire_open(server);
        wire_send(&wires[i], NEWS "\r\n");
        wire_until(&wires[i], "retry");
    }
    Answer answer = wire_ask(server, mem, "GET /v1/words HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_INT(answer.status, 200);
    http_server_state(server, &state);
    CHECK_INT(state.streams, 20);

    http_server_stop(server, 5000);
    for (size_t i = 0; i < COUNT(wires); i++) {
        CHECK(*wire_until(&wires[i], "0\r\n\r\n"));
        wire_close(&wires[i]);
    }
    CHECK_INT(atomic_load(&shop.streams_freed), 20);
}

TEST(more_streams_than_allowed_are_refused)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, &(HttpSetup){.limits.streams = 1});
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(wire_close) Wire wire = wire_open(server);

    wire_send(&wire, NEWS "\r\n");
    wire_until(&wire, "retry");
    Answer answer = wire_ask(server, mem, NEWS "\r\n");
    CHECK_INT(answer.status, 503);
    CHECK_TEXT(answer_header(&answer, "Retry-After", mem), "1");
    http_server_stop(server, 1000);
}

TEST(one_owner_may_have_but_so_many_streams_and_another_when_one_has_ended)
{
    Shop shop = {.owner = "ann"};
    HttpServer *server = shop_start(&shop, &(HttpSetup){.limits.per_owner = 1});
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(wire_close) Wire wire = wire_open(server);

    wire_send(&wire, NEWS "\r\n");
    wire_until(&wire, "retry");
    for (int i = 0; i < 500 && !atomic_load(&shop.stream); i++)
        usleep(10 * 1000);
    Events *stream = atomic_load(&shop.stream);
    Answer answer = wire_ask(server, mem, NEWS "\r\n");
    CHECK_INT(answer.status, 429);
    CHECK(strstr(answer.body, "1 is the most"));
    CHECK_TEXT(answer_header(&answer, "Retry-After", mem), "1");

    int freed = atomic_load(&shop.streams_freed); /* the refused one was */
    atomic_store(&shop.stream, stream);           /* what was refused is not it */
    atomic_store(&shop.last_event, 1);
    news_add(&shop, 1);
    for (int i = 0; i < 500 && atomic_load(&shop.streams_freed) == freed; i++)
        usleep(10 * 1000);
    answer = wire_ask(server, mem, NEWS "\r\n");
    CHECK_INT(answer.status, 200);
    http_server_stop(server, 1000);
}
