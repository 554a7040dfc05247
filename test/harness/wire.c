/* A client without manners. */
#include "harness/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "test.h"

Wire wire_open_port(int port)
{
    Wire wire = {.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .mem = arena_new()};
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };

    CHECK(connect(wire.socket, (struct sockaddr *)&address, sizeof(address)) == 0);
    return wire;
}

Wire wire_open(const HttpServer *server)
{
    return wire_open_port(http_server_port(server));
}

void wire_close(Wire *wire)
{
    if (wire->mem)
        close(wire->socket);
    arena_free(TAKE(wire->mem));
}

void wire_send_bytes(Wire *wire, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t sent = send(wire->socket, at, size, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return;
        at += sent;
        size -= (size_t)sent;
    }
}

void wire_send(Wire *wire, const char *text)
{
    wire_send_bytes(wire, text, strlen(text));
}

/* False at the end of the line, or after MS. */
static bool byte_read(Wire *wire, char *ret, int ms)
{
    struct pollfd line = {.fd = wire->socket, .events = POLLIN};

    return poll(&line, 1, ms) == 1 && recv(wire->socket, ret, 1, 0) == 1;
}

bool wire_is_closed(Wire *wire, int ms)
{
    struct pollfd line = {.fd = wire->socket, .events = POLLIN};
    char rest[4096];

    while (poll(&line, 1, ms) == 1)
        if (recv(wire->socket, rest, sizeof(rest), 0) <= 0)
            return true;
    return false;
}

static bool line_read(Wire *wire, Buf *text)
{
    char letter;

    do {
        if (!byte_read(wire, &letter, TEST_PATIENCE_MS))
            return false;
        CHECK_OK(buf_add(text, &letter, 1));
    } while (letter != '\n');
    return true;
}

static bool bytes_read(Wire *wire, Buf *to, size_t size)
{
    while (size > 0) {
        char piece[65536];
        struct pollfd line = {.fd = wire->socket, .events = POLLIN};
        ssize_t got = poll(&line, 1, TEST_PATIENCE_MS) == 1
                          ? recv(wire->socket, piece, MIN(size, sizeof(piece)), 0)
                          : 0;

        if (got <= 0)
            return false;
        CHECK_OK(buf_add(to, piece, (size_t)got));
        size -= (size_t)got;
    }
    return true;
}

const char *answer_header(const Answer *answer, const char *name, Arena *mem)
{
    for (const char *line = strstr(answer->head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':') {
            const char *value = line + strlen(name) + 1;

            value += strspn(value, " ");
            return arena_text_n(mem, value, strcspn(value, "\r"));
        }
    }
    return NULL;
}

static bool chunks_read(Wire *wire, Buf *body)
{
    for (;;) {
        AUTO(buf_done) Buf line = BUF(256);

        if (!line_read(wire, &line))
            return false;
        size_t size = strtoul(buf_text(&line), NULL, 16);
        AUTO(buf_done) Buf end = BUF(256);
        if (!bytes_read(wire, body, size) || !line_read(wire, &end))
            return false;
        if (!size)
            return true;
    }
}

static void body_read(Wire *wire, Answer *answer)
{
    AUTO(buf_done) Buf body = BUF(256 * 1024 * 1024);
    const char *length = answer_header(answer, "Content-Length", wire->mem);
    const char *coding = answer_header(answer, "Transfer-Encoding", wire->mem);

    if (coding)
        answer->is_cut = !chunks_read(wire, &body);
    else if (length)
        answer->is_cut = !bytes_read(wire, &body, strtoul(length, NULL, 10));
    answer->body = arena_text_n(wire->mem, buf_text(&body), body.size);
    answer->size = body.size;
}

Answer wire_answer(Wire *wire, bool is_head)
{
    Answer answer = {.head = "", .body = ""};
    AUTO(buf_done) Buf head = BUF(64 * 1024);

    do
        if (!line_read(wire, &head))
            return answer;
    while (strcmp(buf_text(&head) + (head.size < 4 ? 0 : head.size - 4), "\r\n\r\n") != 0);

    answer.head = arena_text(wire->mem, buf_text(&head));
    answer.status = (int)strtol(answer.head + 9, NULL, 10);
    if (!is_head && answer.status != 304 && answer.status != 204 && answer.status >= 200)
        body_read(wire, &answer);
    return answer;
}

const char *wire_until(Wire *wire, const char *text)
{
    AUTO(buf_done) Buf seen = BUF(1024 * 1024);
    char letter;

    while (byte_read(wire, &letter, TEST_PATIENCE_MS)) {
        CHECK_OK(buf_add(&seen, &letter, 1));
        if (strstr(buf_text(&seen), text))
            return arena_text(wire->mem, buf_text(&seen));
    }
    return "";
}

Answer wire_ask(const HttpServer *server, Arena *mem, const char *request)
{
    AUTO(wire_close) Wire wire = wire_open(server);

    wire_send(&wire, request);
    Answer answer = wire_answer(&wire, strncmp(request, "HEAD ", 5) == 0);
    answer.head = arena_text(mem, answer.head);
    answer.body = arena_text_n(mem, answer.body, answer.size);
    return answer;
}
