/* line_up.h - a vendor with a queue as its clients see it: fal or Replicate on loopback, whose work is ready after some looks.
 *
 * It answers as their documents say, keeps count of everything, and can be told to fail. One test has one of them at a time.
 */
#pragma once

#include <stdatomic.h>
#include <sys/types.h>

#include "harness/peer.h"
#include "test.h"
#include "vendor/vendor.h"

typedef struct LineUp {
    Peer *peer;
    Arena *mem;
    NetClient *net;
    Vendors *vendors;
    VendorJournal journal; /* given to the vendors */
    const char *vendor;
    char url[64];
    VendorPicture picture; /* what it makes */
    const char *hook_url;

    /* What to do. Statuses of 0 are the good ones. */
    int looks; /* that find the work unfinished */
    const char *submit_status, *submit_headers, *submit_body;
    const char *result_status, *result_body;
    const char *file_status;
    pid_t victim;  /* killed at the first look */
    Cancel *tired; /* asked at the first look */

    /* What was seen. */
    atomic_int submits, seen_looks, results, files, cancels, uploads, keys;
    atomic_int leaks; /* requests for files that carried a key */
    pthread_mutex_t mutex;
    Buf last; /* the body of the last submission */
    char last_target[1024], last_prefer[64], last_key[128];
    char last_look[256]; /* what was looked at last */
} LineUp;

/* VENDOR is "fal" or "replicate". Vendors are opened by line_up_open, so that what is above can be set before. */
void line_up_init(LineUp *line_up, const char *vendor);
void line_up_open(LineUp *line_up);
void line_up_done(LineUp *line_up);
DEFINE_AUTO_DONE(LineUp, line_up_done);

/* The last submission as JSON; in the test's memory. */
const Value *line_up_said(LineUp *line_up);

/* A PNG of SIDE pixels; with a hole in its left half when it is HOLED. */
typedef struct Drawn {
    int side_px;
    bool is_holed;
} Drawn;
VendorPicture line_up_draw(LineUp *line_up, Drawn drawn);

MUST Err *line_up_ask(LineUp *line_up, VendorAsk ask, VendorAnswer *ret);

/* A webhook that comes in. */
typedef struct Hooked {
    const char *vendor;
    const char *headers[8][2];
    const char *body;
} Hooked;

Hooked
hooked_of(const char *vendor, const char *const (*headers)[2], size_t count, const char *body);
MUST Err *hooked_send(LineUp *line_up, const Hooked *hooked, const char **ret_request);
