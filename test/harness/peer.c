/* A server on loopback whose every answer the test writes itself. */
#include "harness/peer.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 1024, /* at once */
    HEAD_MAX = 32 * 1024,
    BODY_MAX = 128 << 20,
};

typedef struct Caller {
    Peer *peer;
    int fd;
    pthread_t thread;
    char *bytes; /* read and not used up */
    size_t size;
    atomic_bool is_gone;
} Caller;

struct Peer {
    PeerAnswer *answer;
    void *context;
    int fd, port;
    pthread_t thread;
    atomic_int asked;
    Caller callers[CONNECTIONS_MAX];
    int caller_count;
};

static void *must_have(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

static bool more_read(Caller *caller)
{
    char piece[16 * 1024];
    ssize_t got = recv(caller->fd, piece, sizeof(piece), 0);

    if (got <= 0 || caller->size + (size_t)got > HEAD_MAX + BODY_MAX)
        return false;
    caller->bytes = must_have(realloc(caller->bytes, caller->size + (size_t)got + 1));
    memcpy(caller->bytes + caller->size, piece, (size_t)got);
    caller->size += (size_t)got;
    caller->bytes[caller->size] = 0;
    return true;
}

static void bytes_used(Caller *caller, size_t size)
{
    memmove(caller->bytes, caller->bytes + size, caller->size - size + 1);
    caller->size -= size;
}

/* Up to and with the first END, without it in the text. */
static char *text_until(Caller *caller, const char *end)
{
    const char *found;

    while (!caller->bytes || !(found = strstr(caller->bytes, end)))
        if (!more_read(caller))
            return NULL;
    size_t length = (size_t)(found - caller->bytes);
    char *text = must_have(strndup(caller->bytes, length));
    bytes_used(caller, length + strlen(end));
    return text;
}

static bool body_add(Caller *caller, char **body, size_t *size, size_t more)
{
    while (caller->size < more)
        if (!more_read(caller))
            return false;
    *body = must_have(realloc(*body, *size + more + 1));
    memcpy(*body + *size, caller->bytes, more);
    *size += more;
    (*body)[*size] = 0;
    bytes_used(caller, more);
    return true;
}

static bool chunks_read(Caller *caller, char **body, size_t *size)
{
    for (;;) {
        AUTO(free) char *line = text_until(caller, "\r\n");
        if (!line)
            return false;

        size_t more = strtoul(line, NULL, 16);
        if (!body_add(caller, body, size, more))
            return false;
        AUTO(free) char *end = text_until(caller, "\r\n");
        if (more == 0)
            return end;
    }
}

const char *peer_header(const PeerAsked *asked, const char *name)
{
    static _Thread_local char value[8 * 1024];

    value[0] = 0;
    for (const char *line = strstr(asked->head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':') {
            const char *from = line + strlen(name) + 1 + strspn(line + strlen(name) + 1, " ");

            snprintf(value, sizeof(value), "%.*s", (int)strcspn(from, "\r"), from);
            return value;
        }
    }
    return value;
}

static bool request_answer(Caller *caller)
{
    AUTO(free) char *head = text_until(caller, "\r\n\r\n");
    AUTO(free) char *body = NULL;
    char method[16], target[8 * 1024];
    if (!head || sscanf(head, "%15s %8191s", method, target) != 2)
        return false;

    PeerAsked asked = {
        .method = method,
        .target = target,
        .head = head,
        .number = atomic_fetch_add(&caller->peer->asked, 1) + 1,
        .fd = caller->fd,
    };
    bool is_read = strcasecmp(peer_header(&asked, "Transfer-Encoding"), "chunked") == 0
                       ? chunks_read(caller, &body, &asked.body_bytes)
                       : body_add(
                             caller, &body, &asked.body_bytes,
                             strtoul(peer_header(&asked, "Content-Length"), NULL, 10));
    asked.body = body ? body : "";
    return is_read && caller->peer->answer(caller->peer->context, &asked);
}

static void *caller_serve(void *caller_any)
{
    Caller *caller = caller_any;

    caller->bytes = must_have(calloc(1, 1));
    while (request_answer(caller))
        ;
    shutdown(caller->fd, SHUT_RDWR);
    free(caller->bytes);
    atomic_store(&caller->is_gone, true);
    return NULL;
}

static void caller_end(Caller *caller)
{
    shutdown(caller->fd, SHUT_RDWR);
    pthread_join(caller->thread, NULL);
    close(caller->fd);
}

/* The place of one who is gone, or a new one. */
static Caller *caller_place(Peer *peer)
{
    for (int i = 0; i < peer->caller_count; i++)
        if (atomic_load(&peer->callers[i].is_gone)) {
            caller_end(&peer->callers[i]);
            return &peer->callers[i];
        }
    if (peer->caller_count == CONNECTIONS_MAX)
        abort();
    return &peer->callers[peer->caller_count++];
}

static void *peer_listen(void *peer_any)
{
    Peer *peer = peer_any;

    for (int fd; (fd = accept(peer->fd, NULL, NULL)) >= 0;) {
        Caller *caller = caller_place(peer);

        *caller = (Caller){.peer = peer, .fd = fd};
        if (pthread_create(&caller->thread, NULL, caller_serve, caller) != 0)
            abort();
    }
    return NULL;
}

Peer *peer_start(PeerAnswer *answer, void *context)
{
    return peer_start_at(0, answer, context);
}

Peer *peer_start_at(int port, PeerAnswer *answer, void *context)
{
    Peer *peer = must_have(calloc(1, sizeof(*peer)));
    struct sockaddr_in at = {
        .sin_family = AF_INET,
        .sin_addr = {htonl(INADDR_LOOPBACK)},
        .sin_port = htons((uint16_t)port)};
    socklen_t size = sizeof(at);
    int again = 1;

    peer->answer = answer;
    peer->context = context;
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (peer->fd < 0 ||
        setsockopt(peer->fd, SOL_SOCKET, SO_REUSEADDR, &again, sizeof(again)) != 0 ||
        bind(peer->fd, (struct sockaddr *)&at, size) != 0 || listen(peer->fd, 64) != 0 ||
        getsockname(peer->fd, (struct sockaddr *)&at, &size) != 0 ||
        pthread_create(&peer->thread, NULL, peer_listen, peer) != 0)
        abort();
    peer->port = ntohs(at.sin_port);
    return peer;
}

void peer_stop(Peer *peer)
{
    if (!peer)
        return;
    shutdown(peer->fd, SHUT_RDWR);
    pthread_join(peer->thread, NULL);
    close(peer->fd);
    for (int i = 0; i < peer->caller_count; i++)
        caller_end(&peer->callers[i]);
    free(peer);
}

int peer_port(const Peer *peer)
{
    return peer->port;
}

int peer_asked(const Peer *peer)
{
    return atomic_load(&peer->asked);
}

void peer_say_bytes(const PeerAsked *asked, const void *bytes, size_t size)
{
    for (const char *from = bytes; size > 0;) {
        ssize_t put = send(asked->fd, from, size, MSG_NOSIGNAL);

        if (put <= 0)
            return; /* the client had enough */
        from += put;
        size -= (size_t)put;
    }
}

void peer_say(const PeerAsked *asked, const char *format, ...)
{
    char text[16 * 1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    peer_say_bytes(asked, text, strlen(text));
}

bool peer_reply(const PeerAsked *asked, const char *status, const char *headers, const char *body)
{
    bool is_head = strcmp(asked->method, "HEAD") == 0;

    peer_say(
        asked, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s", status, strlen(body), headers,
        is_head ? "" : body);
    return true;
}
