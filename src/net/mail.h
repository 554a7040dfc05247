/* mail.h - handing a letter to a mail server (SMTP).
 *
 * The server is the operator's, so nothing here is guarded. A letter that fails may have been taken all the same; whoever tries again
 * gives it the same Message-ID.
 */
#pragma once

#include "net/net.h"

typedef struct NetMail {
    const char *
        server; /* "smtp://name:password@host:587", "smtps://host:465"; a password is only shown over TLS, except on this machine */
    const char *from, *to; /* bare addresses */
    const void *letter;    /* headers and body, lines ending in CRLF */
    size_t letter_bytes;
    int64_t total_ms; /* 0 for 60 s */
    const Cancel *cancel;
} NetMail;

/* INPUT_INVALID for a server that cannot be one; UPSTREAM_FAILED, UPSTREAM_TIMED_OUT; UPSTREAM_REFUSED when it will not have the name, the address or
 * the letter; CANCELLED. No message speaks of more than host and port. */
MUST Err *net_mail_send(NetClient *client, const NetMail *mail);

/* Is SERVER an address that net_mail_send can use? INPUT_INVALID. */
MUST Err *net_mail_check(const char *server);
