/* mail_priv.h - what the files of this room share. */
#pragma once

#include "mail/mail.h"

struct Mailer {
    Arena *mem;
    NetClient *net;
    const char *smtp_url, *sendgrid_key, *sendgrid_url; /* NULL for none */
    const char *from, *from_name;
};

/* TEXT without control characters, so that it stays one line; in MEM. */
const char *mail_line(const char *text, Arena *mem);
