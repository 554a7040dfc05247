/* call.h - one vendor at the end of a line that a test holds: rows answer, the clock stands still, waits pass at once. */
#pragma once

#include "harness/outside.h"
#include "test.h"
#include "vendor/vendor.h"

typedef struct Call {
    Arena *mem;
    NetClient *net;
    Outside *outside;
    Vendors *vendors;
    VendorAnswer answer;
    int64_t began_ms; /* of the wall clock, which is held there */
} Call;

enum {
    CALL_NOW_S = 1800000000 /* where the wall clock is held: 2027-01-15T08:00:00Z */
};

/* Everything is at ROWS: VENDOR with the key "test-key" is asked for all it can do, below PREFIX of the address ("/v1", or ""). */
Call call_begin(const char *vendor, const char *prefix, const OutsideRow *rows);
void call_end(Call *call);
DEFINE_AUTO_DONE(Call, call_end);

/* Several: VENDORS, "openai,fal", in that order, each below the prefix that is its name: "/openai". JOURNAL may be NULL. */
Call call_begin_all(const char *vendors, const OutsideRow *rows, const VendorJournal *journal);

/* ASK into call->answer. */
MUST Err *call_ask(Call *call, VendorAsk ask);

/* What has passed since call_begin on the held clock. */
int64_t call_waited_ms(const Call *call);

/* A picture to send. */
VendorPicture call_picture(Call *call, const char *format, int width_px, int height_px);

/* "no error", or the name of ERR's code. Frees it. */
const char *call_code(Err *err);
