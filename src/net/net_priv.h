/* net_priv.h - what the files of the client share. */
#pragma once

#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>

#include "net/guard.h"
#include "net/net.h"

/* ---- guard.c ---- */

typedef struct GuardRange {
    int family;
    unsigned char bytes[16];
    int bits; /* that must agree */
} GuardRange;

/* What the operator excepts. */
typedef struct Guard {
    GuardRange *ranges;
    size_t range_count;
    const char **hosts; /* small letters */
    size_t host_count;
} Guard;

/* ALLOWED as in NetSetup; RET lives in MEM. */
MUST Err *guard_read(const char *allowed, Arena *mem, Guard *ret);

/* May a guarded request for HOST (as the URL has it) be connected to ADDRESS? */
bool guard_lets_pass(const Guard *guard, const char *host, const struct sockaddr *address);

/* ---- url.c ---- */

typedef struct NetUrl {
    const char *scheme, *host; /* small letters; an IPv6 host without brackets */
    int port;
    const char *origin; /* "https://host:443" */
    const char *whole;  /* in the one spelling curl gives it */
} NetUrl;

MUST Err *net_url_bad(const char *why); /* INPUT_INVALID */

/* TEXT, or where TEXT leads from BASE when that is not NULL. INPUT_INVALID; texts live in MEM. */
MUST Err *net_url_read(const char *text, const NetUrl *base, Arena *mem, NetUrl *ret);

/* ADDRESS_REFUSED when URL says itself that it leads to where the guard lets nobody go. */
MUST Err *guard_check_url(const Guard *guard, const NetUrl *url);

/* ---- net.c ---- */

/* A handle and the connections it has open; used by one request at a time. */
typedef struct Lane {
    CURL *easy;
    CURLM *multi;
    struct Lane *next;
} Lane;

struct NetClient {
    Arena *mem;
    const char *agent, *proxy, *ca_file;
    Guard guard;
    pthread_mutex_t mutex;
    /* Guarded requests have lanes of their own: a connection that is open already is not judged again. */
    Lane *idle[2];
    int idle_count[2];
};

Lane *net_lane_take(NetClient *client, bool is_guarded);
void net_lane_give(NetClient *client, bool is_guarded, Lane *lane);

/* ---- stream.c, transfer.c ---- */

enum {
    HELD_BYTES = 256 * 1024, /* of a reply that nobody has read yet */
    PIECE_BYTES = 64 * 1024,
    REPLY_HEADERS_MAX = 100,
};

struct NetStream {
    NetClient *client;
    NetRequest request;
    const char *method;
    Arena *mem; /* the caller's, for the reply's texts */
    Arena *own; /* ends with the stream */
    Lane *lane;
    int64_t deadline_ms; /* of clock_ticks_ms; 0 for none */
    int tries;
    bool was_heard; /* by the other side, at one of the tries */

    /* one transfer */
    NetUrl url;
    struct curl_slist *headers;
    int64_t body_at; /* bytes of the request's body that were handed over */
    bool is_body_touched;
    bool is_added; /* to the lane's multi handle */
    bool is_done, is_paused, is_head_whole, was_refused;
    CURLcode result;
    Err *failure;     /* of a callback */
    int64_t moved_ms; /* when a byte last moved */
    int64_t received;
    unsigned char *held;
    size_t held_at, held_size;

    NetReply reply;
    NetHeader reply_headers[REPLY_HEADERS_MAX + 1];
    int reply_header_count;
};

/* Send to STREAM->url and wait for the reply's head. HAS_MOVED: another origin than the caller's; his headers stay here. */
MUST Err *net_transfer_begin(NetStream *stream, bool has_moved);
void net_transfer_end(NetStream *stream);

/* Wait until bytes are held or all were read. */
MUST Err *net_transfer_wait(NetStream *stream);
