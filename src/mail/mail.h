/* mail.h - letters to customers: by an SMTP server, or by SendGrid.
 *
 * A Mailer is shared by all threads. Nothing of an address, a key or a letter reaches a log or an error; what others said (a name, a
 * project) may stand in subject and text, and cannot become a header.
 */
#pragma once

#include "net/net.h"

typedef struct Mailer Mailer;

typedef struct MailSetup {
    NetClient *net;       /* outlives the Mailer */
    const char *smtp_url; /* "smtp://name:password@host:587"; NULL for none. It is asked first */
    const char *from;     /* "shop@shop.example" or "Shop <shop@shop.example>" */
    const char *sendgrid_key;
    const char *sendgrid_url; /* NULL for its own */
} MailSetup;

/* *RET is NULL when neither is set: nobody can be written to then. INPUT_INVALID, INPUT_MISSING for a setup that cannot work. */
MUST Err *mail_open(const MailSetup *setup, Mailer **ret);
void mail_close(Mailer *mailer);
DEFINE_AUTO(Mailer, mail_close);

typedef struct Mail {
    const char *to;
    const char *subject;     /* one line; line ends become blanks */
    const char *text, *html; /* the same twice; html NULL for text alone */
    const char *key;         /* the same for every try: an id, letters, digits, - and _ */
} Mail;

/* INPUT_INVALID for an address that is none; UPSTREAM_FAILED and UPSTREAM_TIMED_OUT may pass, UPSTREAM_REFUSED will not. */
MUST Err *mail_send(Mailer *mailer, const Mail *mail, const Cancel *cancel);

/* One bare address, "ayu@toko.example": nothing else fits into it. INPUT_INVALID, with a sentence. */
MUST Err *mail_address_check(const char *address);

/* The letter as it goes to a server: headers and both parts, with CRLF. NOW_MS is its date. */
MUST Err *mail_write(const Mailer *mailer, const Mail *mail, int64_t now_ms, Buf *ret);

/* TEXT as it stands in HTML; in MEM. */
const char *mail_html(const char *text, Arena *mem);
