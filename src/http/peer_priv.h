/* peer_priv.h - who is at the other end of a connection, and which of them are proxies of ours. */
#pragma once

#include <sys/socket.h>

#include "base/arena.h"
#include "base/err.h"

typedef struct Peer {
    unsigned char bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
} Peer;

typedef struct PeerRange {
    Peer first;
    int bits; /* of 128 */
} PeerRange;

typedef struct Peers {
    PeerRange *ranges;
    size_t count;
} Peers;

/* "10.0.0.0/8", "::1", "192.0.2.7"; NULL-ended, or NULL. INPUT_INVALID names the one that is none. */
MUST Err *peers_read(const char *const *texts, Peers *ret);
void peers_done(Peers *peers);

bool peers_have(const Peers *peers, const Peer *peer);

/* "192.0.2.7", with or without a port or brackets around; false for anything else. */
bool peer_read(const char *text, Peer *ret);

/* False for a socket without an address of its own (unix). */
bool peer_of_socket(const struct sockaddr *address, Peer *ret);
const char *peer_text(const Peer *peer, Arena *mem);
