/* wire.h - raw bytes to a server and back, for tests that must not be as polite as a library is. */
#pragma once

#include "base/arena.h"
#include "http/server.h"

typedef struct Wire {
    int socket;
    Arena *mem;
} Wire;

typedef struct Answer {
    int status;       /* 0: the line was closed without a reply */
    const char *head; /* status line and headers */
    const char *body; /* chunks put together */
    size_t size;
    bool is_cut; /* closed before all of it was there */
} Answer;

Wire wire_open(const HttpServer *server);
Wire wire_open_port(int port); /* of a server of this machine */
void wire_close(Wire *wire);
DEFINE_AUTO_DONE(Wire, wire_close);

void wire_send(Wire *wire, const char *text);
void wire_send_bytes(Wire *wire, const void *bytes, size_t size);

/* The next reply, waiting at most 30 seconds. HEAD replies have no body. */
Answer wire_answer(Wire *wire, bool is_head);

/* Is the line closed by the server within MS? */
bool wire_is_closed(Wire *wire, int ms);

/* Up to what has arrived when TEXT is in it, or the line ends; "" after 30 seconds without. */
const char *wire_until(Wire *wire, const char *text);

/* The value of a header of the reply; NULL when it has none. */
const char *answer_header(const Answer *answer, const char *name, Arena *mem);

/* One request on a line of its own: "GET /x HTTP/1.1\r\nHost: a\r\n\r\n". Texts live in MEM. */
Answer wire_ask(const HttpServer *server, Arena *mem, const char *request);
