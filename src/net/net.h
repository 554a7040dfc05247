/* net.h - the outside world over HTTP: one client. libcurl lives behind this header and nowhere else.
 *
 * A NetClient is shared by all threads and keeps connections for the next request. A request blocks its thread; it ends by its
 * reply, its time-outs, its limits or, within a tenth of a second, its Cancel. A status is not an error: what the other side answered is in the
 * NetReply, and net_reply_check makes an error of one that is not 2xx.
 *
 * Requests are repeated (with growing, uneven waits, or as long as Retry-After asks) only where that is safe: a GET, HEAD, PUT or
 * DELETE, one with an Idempotency-Key, or any that reached nobody; and only while no byte of the reply was given away.
 *
 * A guarded request, one whose address a stranger chose, reaches public addresses alone: see guard.h. No message speaks of more than
 * scheme, host and port: user names, paths and queries may be secrets.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cancel.h"

typedef struct NetClient NetClient;

typedef struct NetSetup {
    const char *agent; /* User-Agent; NULL for "Cyclorama/VERSION" */
    const char *
        allowed; /* hosts and address ranges that guarded requests may reach all the same, on any port, separated by
                            commas: "files.shop.internal, 10.1.0.0/16, ::1"; NULL for none */
    const char
        *proxy; /* for requests that are not guarded; NULL for none. The environment is not asked */
    const char *ca_file; /* certificates to trust instead of the system's; NULL for those */
} NetSetup;

/* INPUT_INVALID when ALLOWED cannot be read. */
MUST Err *net_open(const NetSetup *setup, NetClient **ret);
void net_close(NetClient *client); /* after the last request */
DEFINE_AUTO(NetClient, net_close);

typedef struct NetHeader {
    const char *name, *value;
} NetHeader;

/* Gives the next bytes of a body, at most ROOM; 0 is its end. FROM_START asks for the first bytes again, before a repetition. */
typedef Err *NetPull(void *context, bool from_start, void *bytes, size_t room, size_t *ret_size);

/* Takes the next bytes of a reply with a 2xx status. */
typedef Err *NetPush(void *context, const void *bytes, size_t size);

typedef struct NetRequest {
    const char *method; /* NULL for GET, or POST with a body */
    const char *url;    /* http or https */
    const NetHeader *
        headers; /* ended by a nameless one; NULL for none. Host, Content-Length and User-Agent are made */

    const void *body;   /* BODY_BYTES of it; or PULL gives it */
    int64_t body_bytes; /* with PULL: how many there will be, -1 if that is not known */
    NetPull *pull;
    void *pull_context;
    bool is_pull_repeatable; /* PULL can begin again */

    Buf *
        into; /* the reply's body is added, NULL drops it. Its limit is one more limit; but of a reply
                  that is not 2xx what does not fit is left out */
    NetPush *push; /* net_send: takes the body of a 2xx reply instead of INTO */
    void *push_context;
    int64_t most_bytes; /* of the reply's body; 0 for 16 MiB, -1 for no limit */

    int64_t total_ms;   /* everything, repetitions too; 0 for 60 s, -1 for no limit */
    int64_t connect_ms; /* 0 for 10 s */
    int64_t stall_ms;   /* without a byte either way; 0 for 30 s */

    int redirects; /* to follow, at most 5; only GET and HEAD follow. 0 gives the redirect as the reply */
    int retries; /* repetitions at most */
    bool is_guarded;
    bool is_repeatable; /* safe to repeat although the method does not say so */
    bool *
        ret_was_heard; /* net_send: set to whether any of it may have reached the other side, also when it fails; NULL */
    const Cancel *cancel;
} NetRequest;

typedef struct NetReply {
    int status;
    const NetHeader *headers; /* names in small letters; ended by a nameless one */
    int64_t
        body_bytes; /* as announced, -1 when it was not; after net_send as received (HEAD: announced) */
    int tries;      /* requests it took, redirects aside */
} NetReply;

/* Send and read the whole reply. Texts of RET live in MEM.
 *   INPUT_INVALID       the URL or a header cannot be used
 *   ADDRESS_REFUSED     a guarded request led to an address that is not public
 *   UPSTREAM_FAILED     no connection, bad certificate, reply cut off or not HTTP
 *   UPSTREAM_REFUSED    redirects that are too many or lead to no URL
 *   UPSTREAM_TIMED_OUT  one of the time-outs
 *   FILE_TOO_LARGE      the reply passed its limit
 *   CANCELLED, TIMED_OUT by the Cancel; and what PULL or PUSH fail with
 */
MUST Err *net_send(NetClient *client, const NetRequest *request, Arena *mem, NetReply *ret);

/* The same, but the body of a 2xx reply is read piece by piece; the bodies of others are in INTO already. TOTAL_MS counts until the
 * reply's head is there. The stream borrows REQUEST->cancel and belongs to one thread at a time. */
typedef struct NetStream NetStream;

MUST Err *net_stream_open(
    NetClient *client, const NetRequest *request, Arena *mem, NetReply *ret_reply, NetStream **ret);
void net_stream_free(NetStream *stream);
DEFINE_AUTO(NetStream, net_stream_free);

/* At most ROOM bytes; 0 is the end. */
MUST Err *net_stream_read(NetStream *stream, void *bytes, size_t room, size_t *ret_size);

/* Value of the reply's header NAME (any letters), NULL when absent; the first one when there are several. */
const char *net_reply_header(const NetReply *reply, const char *name);

/* Fine for 2xx. Else UPSTREAM_FAILED for 5xx, 408 and 429, UPSTREAM_REFUSED for the rest; WHAT was asked stands in the message:
 * "webhook", "store". */
MUST Err *net_reply_check(const NetReply *reply, const char *what);

/* When Retry-After VALUE (seconds or an HTTP date) lets us come again: milliseconds from NOW_MS of the wall clock, 0 when it is past;
 * -1 when it cannot be read. */
int64_t net_retry_after_ms(const char *value, int64_t now_ms);

/* "https://host:port" of URL, for logs; "(not a URL)". In MEM. */
const char *net_url_shown(const char *url, Arena *mem);
