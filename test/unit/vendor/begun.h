/* begun.h - what a vendor has begun, remembered in place of a database: one request under any key. */
#pragma once

#include "vendor/vendor.h"

typedef struct Begun {
    char request[128]; /* "" when there is none */
    int kept, dropped; /* how often */
} Begun;

/* A journal that writes to BEGUN. */
VendorJournal begun_journal(Begun *begun);
