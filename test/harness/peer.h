/* peer.h - the other side of a client's tests: a server on loopback whose every answer the test writes itself, byte by byte.
 *
 * Each connection has a thread, which reads one request after another and has ANSWER answer it. ANSWER may run on several threads.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

typedef struct Peer Peer;

typedef struct PeerAsked {
    const char *method, *target; /* "GET", "/path?query" */
    const char *head;            /* all lines, as they came */
    const char *body;            /* chunks put together */
    size_t body_bytes;
    int number; /* of this request at this peer, from 1 */
    int fd;     /* where to write the answer */
} PeerAsked;

/* False closes the connection. */
typedef bool PeerAnswer(void *context, const PeerAsked *asked);

Peer *peer_start(PeerAnswer *answer, void *context);
Peer *peer_start_at(int port, PeerAnswer *answer, void *context); /* 0 is any free one */
void peer_stop(Peer *peer);
DEFINE_AUTO(Peer, peer_stop);

int peer_port(const Peer *peer);
int peer_asked(const Peer *peer); /* requests so far */

/* Write text to the asking side, as it is. */
void peer_say(const PeerAsked *asked, const char *format, ...) PRINTF(2, 3);
void peer_say_bytes(const PeerAsked *asked, const void *bytes, size_t size);

/* A whole answer: "200 OK", further header lines ending in \r\n each (or ""), and a body. True. */
bool peer_reply(const PeerAsked *asked, const char *status, const char *headers, const char *body);

/* The value of the request's header NAME, "" when absent; lives until the next call on this thread. */
const char *peer_header(const PeerAsked *asked, const char *name);
