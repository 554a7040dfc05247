/* Promises about endpoints that wait for others. */
#include <unistd.h>

#include "harness/wire.h"
#include "shop.h"
#include "test.h"

#define WAIT "GET /v1/wait HTTP/1.1\r\nHost: a\r\nX-API-Key: good\r\n\r\n"

static void patient_await(HttpServer *server, int wanted)
{
    HttpState state = {.patient = -1};

    for (int i = 0; i < 3000 && state.patient != wanted; i++) {
        usleep(10 * 1000);
        http_server_state(server, &state);
    }
    CHECK_INT(state.patient, wanted);
}

TEST(a_hundred_calls_that_wait_leave_the_workers_to_others)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, &(HttpSetup){.workers = 2});
    AUTO(arena_free) Arena *mem = arena_new();
    Wire wires[100];
    HttpState state;

    for (size_t i = 0; i < COUNT(wires); i++) {
        wires[i] = wire_open(server);
        wire_send(&wires[i], WAIT);
    }
    patient_await(server, COUNT(wires));
    http_server_state(server, &state);
    CHECK_INT(state.workers_busy, 0);
    CHECK_INT(wire_ask(server, mem, "GET /v1/words HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
    CHECK(!atomic_load(&shop.slow_go));

    atomic_store(&shop.slow_go, true);
    for (size_t i = 0; i < COUNT(wires); i++) {
        Answer answer = wire_answer(&wires[i], false);

        CHECK_INT(answer.status, 200);
        CHECK_TEXT(answer.body, "{\"word\":\"done\"}");
        wire_close(&wires[i]);
    }
    http_server_stop(server, 1000);
}

TEST(more_waiting_calls_than_allowed_are_told_to_come_again)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, &(HttpSetup){.limits.patient = 2});
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(wire_close) Wire one = wire_open(server);
    AUTO(wire_close) Wire two = wire_open(server);

    wire_send(&one, WAIT);
    wire_send(&two, WAIT);
    patient_await(server, 2);
    Answer third = wire_ask(server, mem, WAIT);
    CHECK_INT(third.status, 503);
    CHECK_TEXT(answer_header(&third, "Retry-After", mem), "1");

    atomic_store(&shop.slow_go, true);
    CHECK_INT(wire_answer(&one, false).status, 200);
    CHECK_INT(wire_answer(&two, false).status, 200);
    CHECK_INT(wire_ask(server, mem, WAIT).status, 200);
    http_server_stop(server, 1000);
}

TEST(who_may_not_call_takes_no_patient_thread)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(arena_free) Arena *mem = arena_new();
    HttpState state;

    CHECK_INT(wire_ask(server, mem, "GET /v1/wait HTTP/1.1\r\nHost: a\r\n\r\n").status, 401);
    CHECK_INT(
        wire_ask(server, mem, "GET /v1/wait HTTP/1.1\r\nHost: a\r\nX-API-Key: poor\r\n\r\n").status,
        403);
    http_server_state(server, &state);
    CHECK_INT(state.patient_threads, 0);
    http_server_stop(server, 1000);
}

TEST(waiting_ends_when_the_client_leaves)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    Wire wire = wire_open(server);

    wire_send(&wire, WAIT);
    patient_await(server, 1);
    wire_close(&wire);
    patient_await(server, 0);
    CHECK_INT(atomic_load(&shop.cancelled), 1);
    http_server_stop(server, 1000);
}

TEST(a_stopping_server_lets_waiting_calls_end_and_then_asks_them_to)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    Wire wire = wire_open(server);

    wire_send(&wire, WAIT);
    patient_await(server, 1);
    atomic_store(&shop.slow_go, true);
    http_server_stop(server, 10 * 1000);
    CHECK_INT(wire_answer(&wire, false).status, 200);
    wire_close(&wire);

    atomic_store(&shop.slow_go, false);
    server = shop_start(&shop, NULL);
    wire = wire_open(server);
    wire_send(&wire, WAIT);
    patient_await(server, 1);
    http_server_stop(server, 50);
    CHECK_INT(atomic_load(&shop.cancelled), 1);
    wire_close(&wire);
}

/* ---- events on the way ---- */

static void tell(Wire *wire, const char *body)
{
    AUTO(arena_free) Arena *mem = arena_new();

    wire_send(
        wire, arena_print(
                  mem,
                  "POST /v1/tell HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                  "Content-Length: %zu\r\n\r\n%s",
                  strlen(body), body));
}

TEST(events_come_while_the_handler_is_at_work_and_the_stream_ends_with_it)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = wire_open(server);

    tell(&wire, "{\"count\":2}");
    const char *seen = wire_until(&wire, "event: piece\ndata: xxx\n\n");
    CHECK(strstr(seen, " 200 ") && strstr(seen, "Content-Type: text/event-stream"));
    CHECK(*wire_until(&wire, "event: piece\ndata: xxx\n\n"));
    CHECK(!atomic_load(&shop.slow_go));
    atomic_store(&shop.slow_go, true);
    CHECK(*wire_until(&wire, "\r\n0\r\n\r\n"));

    tell(&wire, "{\"count\":0}");
    CHECK_TEXT(wire_answer(&wire, false).body, "{\"word\":\"nothing was told\"}");
    http_server_stop(server, 1000);
}

TEST(what_fails_before_the_first_event_is_a_status_and_after_it_an_event)
{
    Shop shop = {.slow_go = true};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = wire_open(server);

    tell(&wire, "{\"count\":0,\"fails\":true}");
    CHECK_INT(wire_answer(&wire, false).status, 429);
    tell(&wire, "{\"count\":1,\"fails\":true}");
    CHECK(*wire_until(&wire, "event: error\ndata: {\"error\":\"Monthly quota exceeded\"}\n\n"));
    CHECK(*wire_until(&wire, "\r\n0\r\n\r\n"));
    http_server_stop(server, 1000);
}

TEST(large_events_come_whole)
{
    Shop shop = {.slow_go = true};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = wire_open(server);

    tell(&wire, "{\"count\":3,\"size\":300000}");
    Answer answer = wire_answer(&wire, false);
    CHECK_INT(answer.size, 3 * (300000 + strlen("event: piece\ndata: \n\n")));
    CHECK_INT(atomic_load(&shop.handled), 3);
    http_server_stop(server, 1000);
}

TEST(telling_ends_when_the_client_leaves_or_the_server_must)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    Wire idle = wire_open(server), full = wire_open(server), last = wire_open(server);

    tell(&idle, "{\"count\":1}");
    tell(&full, "{\"count\":9,\"size\":8000000}");
    wire_until(&idle, "xxx");
    wire_until(&full, "xxx");
    CHECK(atomic_load(&shop.handled) <= 1 + 2); /* who does not read is not sent more */
    wire_close(&idle);
    wire_close(&full);
    patient_await(server, 0);
    CHECK_INT(atomic_load(&shop.cancelled), 2);

    tell(&last, "{\"count\":1}");
    wire_until(&last, "xxx");
    http_server_stop(server, 50);
    CHECK_INT(atomic_load(&shop.cancelled), 3);
    wire_close(&last);
}
