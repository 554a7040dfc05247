/* mailbox.h - a mail server on loopback that keeps the letters it is given, for a test to read. */
#pragma once

#include "base/attr.h"

enum {
    MAILBOX_LETTERS = 8,
    MAILBOX_BYTES = 64 << 10
};

typedef struct MailboxSetup {
    const char *password; /* of "shop"; NULL wants none */
    int refuse;           /* so many letters at first, ... */
    int status;           /* ... with this: 451, 550 */
} MailboxSetup;

typedef struct Mailbox Mailbox;

Mailbox *mailbox_start(const MailboxSetup *setup);
void mailbox_stop(Mailbox *mailbox);
DEFINE_AUTO(Mailbox, mailbox_stop);

int mailbox_port(const Mailbox *mailbox);
int mailbox_count(Mailbox *mailbox); /* letters that were taken */

/* The letter of NUMBER (from 0) as it came, and who it was said to be from and to: "a@b c@d". */
const char *mailbox_letter(Mailbox *mailbox, int number);
const char *mailbox_people(Mailbox *mailbox, int number);
