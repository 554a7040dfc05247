/* stand_in_priv.h - what the files of the stand-in share: a request as it is understood, and how it is answered. */
#pragma once

#include <pthread.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/value.h"
#include "harness/peer.h"
#include "harness/stand_in.h"
#include "image/image.h"

enum {
    KEPT_MAX = 256, /* pictures, the oldest go first */
    DRAWN_MAX = 16,
    PICTURE_BYTES_MAX = 64 << 20,
    SIDE_MAX = 8192
};

typedef struct Kept {
    unsigned char *bytes;
    size_t size;
    char type[16]; /* "png" */
} Kept;

typedef struct Drawn {
    char key[64];
    Buf bytes;
} Drawn;

struct StandIn {
    Peer *peer;
    int latency_ms;
    pthread_mutex_t mutex;
    Kept kept[KEPT_MAX];
    int kept_count; /* ever */
    Drawn drawn[DRAWN_MAX];
    int drawn_count;
    Hash once[KEPT_MAX]; /* prompts that had their one fault */
    int once_count;
};

/* One request and what it says. */
typedef struct Talk {
    StandIn *house;
    const PeerAsked *asked;
    const char *path; /* below the vendor's name, without the query */
    const struct Dialect *dialect;
    Arena *mem;
    const Value *json;
    const char *prompt;
    const void *picture; /* the first that was sent; NULL */
    size_t picture_size;
    ImageFacts facts;
} Talk;

typedef struct Dialect {
    const char *name, *key_header;
    void (*error)(const Talk *talk, int status, const char *word, Buf *buf);
    int moderated, unpaid; /* statuses */
    bool (*answer)(const Talk *talk);
} Dialect;

void stand_in_must(Err *err); /* ends the program on ERR */

/* ---- stand_in_talk.c: what was asked ---- */

void talk_read(Talk *talk);
const Value *talk_json(const Talk *talk, const char *name);
const char *talk_text(const Talk *talk, const char *name); /* of JSON or a form; NULL */
int talk_number(const Talk *talk, const char *name, int otherwise);
const char *talk_part(
    const Talk *talk, const char *before); /* of the path: what follows, up to the next slash */
void talk_wait(const Talk *talk);          /* the latency */

/* ---- stand_in_picture.c ---- */

typedef struct Wish {
    enum {
        WISH_DRAWING,
        WISH_CUTOUT,
        WISH_LARGER
    } kind;
    const char *format;
    int width_px, height_px, factor;
} Wish;

/* "1024x1536", else as large as what was sent, else 1024 each way. */
void wish_size_read(const Talk *talk, const char *size, Wish *wish);
void wish_add(const Talk *talk, const Wish *wish, int number, Buf *buf);
Wish talk_wish(const Talk *talk); /* what the model's name and the usual fields ask for */

const char *talk_keep(const Talk *talk, const Buf *picture, const char *format); /* its address */
bool stand_in_say_file(StandIn *house, const PeerAsked *asked);

bool talk_say_bytes(const Talk *talk, const char *type, const char *headers, const Buf *body);
bool talk_say_json(const Talk *talk, int status, Value *value); /* takes VALUE over */

/* ---- stand_in_queue.c: work that is ready later; its id says when, and where its pictures are ---- */

const char *request_made(const Talk *talk);
bool request_is_ready(const char *id);
Value *request_files(
    const Talk *talk, const char *id, bool is_object); /* addresses, or objects with them */

/* ---- the vendors ---- */

void openai_error(const Talk *talk, int status, const char *word, Buf *buf);
void detail_error(const Talk *talk, int status, const char *word, Buf *buf);
void problem_error(const Talk *talk, int status, const char *word, Buf *buf);
void stability_error(const Talk *talk, int status, const char *word, Buf *buf);
void segmind_error(const Talk *talk, int status, const char *word, Buf *buf);
void removebg_error(const Talk *talk, int status, const char *word, Buf *buf);
bool openai_answer(const Talk *talk);
bool fal_answer(const Talk *talk);
bool replicate_answer(const Talk *talk);
bool stability_answer(const Talk *talk);
bool segmind_answer(const Talk *talk);
bool removebg_answer(const Talk *talk);
