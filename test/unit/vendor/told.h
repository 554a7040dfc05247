/* told.h - a service that answers what a test tells it to, in order, and keeps what it was asked. */
#pragma once

#include "harness/peer.h"
#include "image/image.h"
#include "vendor/vendor.h"

/* One answer. The body is a PNG where PICTURE is set: the drawn one, or one that has nothing of it left. */
typedef struct Told {
    const char *status;  /* "200 OK" */
    const char *headers; /* lines, each ended by \r\n; NULL for none */
    const char *body;
    const char *picture; /* "drawn", "noise"; NULL takes BODY */
} Told;

enum {
    TOLD_MOST = 16
};

/* A studio with one vendor, which is the stand-in. The clock stands still, so nobody waits. */
typedef struct Teller {
    Arena *mem;
    NetClient *net;
    Vendors *vendors;
    Peer *peer;
    const char *base_url;
    Buf drawn, noise; /* PNGs, 24 x 16 and 40 x 40 */
    Told told[TOLD_MOST];
    size_t told_count;
    struct {
        char method[16];
        char target[256];
        char *head, *body;
        size_t body_bytes;
    } asked[TOLD_MOST];
    VendorAnswer answer;

    /* What a journal remembers. */
    char begun[128];
    int dropped;
} Teller;

/* Answers are TOLD (ended by one without a status); the last is given again and again. "%s" in a body is the stand-in's own address. */
void teller_start(Teller *teller, const char *vendor, const Told *told);
void teller_end(Teller *teller);
DEFINE_AUTO_DONE(Teller, teller_end);

/* Ask; what came is in teller->answer. */
MUST Err *teller_ask(Teller *teller, VendorAsk ask);

/* The drawn picture, as one to send. */
VendorPicture teller_picture(const Teller *teller);

/* The value of the form's field NAME in request INDEX from 0, in the teller's memory; NULL when it is not there. */
const char *teller_field(Teller *teller, int index, const char *name);
