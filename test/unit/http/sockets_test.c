/* Promises of event streams over WebSocket: what RFC 6455 says, and what hostile clients get. */
#include <string.h>
#include <unistd.h>

#include "harness/wire.h"
#include "shop.h"
#include "test.h"

#define NEWS \
    "GET /v1/news HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: " \
    "websocket\r\n"
#define NONCE "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define ASK NEWS NONCE "Sec-WebSocket-Version: 13\r\n"

typedef struct Said {
    unsigned char first; /* FIN, bits and opcode */
    size_t size;
    bool is_bare; /* not masked */
} Said;

/* A frame of so many letters 'a', masked with zeros. */
static void say(Wire *wire, Said said)
{
    unsigned char frame[8192] = {said.first};
    size_t at = 2;

    if (said.size < 126) {
        frame[1] = (unsigned char)said.size;
    } else {
        frame[1] = 126;
        frame[at++] = (unsigned char)(said.size >> 8);
        frame[at++] = (unsigned char)said.size;
    }
    if (!said.is_bare) {
        frame[1] |= 0x80;
        at += 4;
    }
    memset(frame + at, 'a', said.size);
    wire_send_bytes(wire, frame, at + said.size);
}

static Wire socket_open(const HttpServer *server)
{
    Wire wire = wire_open(server);

    wire_send(&wire, ASK "\r\n");
    const char *head = wire_until(&wire, "\r\n\r\n");
    CHECK(strstr(head, "HTTP/1.1 101 "));
    CHECK(strstr(head, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    CHECK(strstr(head, "Upgrade: websocket\r\n"));
    return wire;
}

static void freed_wait(Shop *shop, int want)
{
    for (int i = 0; i < 1000 && atomic_load(&shop->streams_freed) < want; i++)
        usleep(10 * 1000);
    CHECK_INT(atomic_load(&shop->streams_freed), want);
}

static void news_tell(Shop *shop, int last)
{
    atomic_store(&shop->next_event, last);
    for (int i = 0; i < 500 && !atomic_load(&shop->stream); i++)
        usleep(10 * 1000);
    events_wake(atomic_load(&shop->stream));
}

TEST(events_come_as_frames_and_the_last_is_followed_by_a_close)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = socket_open(server);

    news_tell(&shop, 1);
    CHECK(*wire_until(&wire, "\x81\x28{\"id\":\"1\",\"event\":\"news\",\"data\":{\"a\":1}}"));
    atomic_store(&shop.last_event, 3);
    news_tell(&shop, 3);
    CHECK(*wire_until(&wire, "{\"id\":\"3\",\"event\":\"news\""));
    CHECK(*wire_until(&wire, "\x88\x02\x03\xe8"));
    say(&wire, (Said){.first = 0x88});
    CHECK(wire_is_closed(&wire, 5000));
    freed_wait(&shop, 1);
    http_server_stop(server, 1000);
}

TEST(a_ping_is_answered_and_so_is_a_close)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    AUTO(wire_close) Wire wire = socket_open(server);

    say(&wire, (Said){.first = 0x89, .size = 3});
    CHECK(*wire_until(
        &wire, "\x8a\x03"
               "aaa"));
    say(&wire, (Said){.first = 0x81, .size = 200});
    say(&wire, (Said){.first = 0x01, .size = 1000});
    say(&wire, (Said){.first = 0x89, .size = 1});
    say(&wire, (Said){.first = 0x00, .size = 1000});
    say(&wire, (Said){.first = 0x80, .size = 1000});
    say(&wire, (Said){.first = 0x89, .size = 2});
    CHECK(*wire_until(
        &wire, "\x8a\x02"
               "aa"));
    say(&wire, (Said){.first = 0x88});
    CHECK(*wire_until(&wire, "\x88\x02\x03\xe8"));
    CHECK(wire_is_closed(&wire, 5000));
    freed_wait(&shop, 1);
    http_server_stop(server, 1000);
}

TEST(what_no_client_may_say_ends_the_line_with_the_code_that_says_why)
{
    static const struct {
        Said said[2];
        const char *close;
    } rows[] = {
        {{{.first = 0x81, .size = 3, .is_bare = true}}, "\x88\x02\x03\xea"}, /* not masked */
        {{{.first = 0x80, .size = 3}}, "\x88\x02\x03\xea"}, /* goes on with nothing */
        {{{.first = 0x01, .size = 3}, {.first = 0x81, .size = 3}},
         "\x88\x02\x03\xea"},                               /* begins anew */
        {{{.first = 0xc1, .size = 3}}, "\x88\x02\x03\xea"}, /* a bit that nobody agreed on */
        {{{.first = 0x83, .size = 3}}, "\x88\x02\x03\xea"}, /* no such code */
        {{{.first = 0x8b, .size = 3}}, "\x88\x02\x03\xea"},
        {{{.first = 0x09, .size = 3}}, "\x88\x02\x03\xea"},   /* a control frame in parts */
        {{{.first = 0x89, .size = 126}}, "\x88\x02\x03\xea"}, /* or a long one */
        {{{.first = 0x88, .size = 1}}, "\x88\x02\x03\xea"},   /* half a code */
        {{{.first = 0x82, .size = 4097}}, "\x88\x02\x03\xf1"},
        {{{.first = 0x02, .size = 4000}, {.first = 0x00, .size = 97}}, "\x88\x02\x03\xf1"},
    };
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(wire_close) Wire wire = socket_open(server);

        say(&wire, rows[i].said[0]);
        if (rows[i].said[1].size)
            say(&wire, rows[i].said[1]);
        CHECK(*wire_until(&wire, rows[i].close));
        CHECK(wire_is_closed(&wire, 5000));
        freed_wait(&shop, (int)i + 1);
    }
    http_server_stop(server, 1000);
}

TEST(what_is_no_handshake_is_refused_and_opens_no_stream)
{
    static const struct {
        const char *ask;
        int status;
    } rows[] = {
        {NEWS "Sec-WebSocket-Version: 13\r\n\r\n", 400},
        {NEWS NONCE "\r\n", 400},
        {NEWS NONCE "Sec-WebSocket-Version: 8\r\n\r\n", 400},
        {NEWS "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n", 400},
        {NEWS "Sec-WebSocket-Key: ************************\r\nSec-WebSocket-Version: 13\r\n\r\n",
         400},
        {ASK "Origin: https://elsewhere.example\r\n\r\n", 403},
        {"GET /v1/news HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" NONCE
         "Sec-WebSocket-Version: 13\r\n\r\n",
         400},
    };
    AUTO(arena_free) Arena *mem = arena_new();
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    HttpState state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        Answer answer = wire_ask(server, mem, rows[i].ask);

        CHECK_INT(answer.status, rows[i].status);
    }
    http_server_state(server, &state);
    CHECK_INT(state.streams, 0);
    http_server_stop(server, 1000);
}

TEST(sockets_end_with_their_clients_and_with_the_server)
{
    Shop shop = {0};
    HttpServer *server = shop_start(&shop, NULL);
    Wire left = socket_open(server);

    news_tell(&shop, 1);
    wire_close(&left);
    freed_wait(&shop, 1);

    AUTO(wire_close) Wire wire = socket_open(server);
    news_tell(&shop, 1);
    CHECK(*wire_until(&wire, "\"id\":\"1\""));
    http_server_stop(server, 2000);
    CHECK(*wire_until(&wire, "\x88\x02\x03\xe9"));
    CHECK_INT(atomic_load(&shop.streams_freed), 2);
}
