/* queue_priv.h - vendors that take a request, name it, and have it ready later: what is the same with all of them.
 *
 * One ask becomes as many requests as it takes, since a model draws only so many pictures at once. All are submitted, each is written into the
 * journal as soon as it has a name, and then they are waited for in order. An ask that comes again after a crash finds the names and
 * submits what is missing alone. Whatever goes wrong, what is not done yet is called off.
 */
#pragma once

#include "vendor/vendor_priv.h"

typedef struct Queue Queue;

typedef struct QueueOrder {
    const Queue *queue;
    VendorLine *line;
    const VendorAsk *ask;
    Arena *mem;
    void *context;      /* the vendor's own */
    int64_t batch_most; /* pictures of one request; 0 is 1 */
    const char *ids[VENDOR_PICTURES_MOST];
    size_t batches, id_count;
    size_t found_count; /* of the ids: begun in an earlier life */
    size_t done_count;
} QueueOrder;

struct Queue {
    const char *name; /* of the vendor, for the log */

    /* Submit batch INDEX; *RET is what the vendor calls it. */
    Err *(*submit)(QueueOrder *order, size_t index, const char **ret);

    /* Wait for batch INDEX and add its pictures to ANSWER. */
    Err *(*take)(QueueOrder *order, size_t index, VendorAnswer *answer);

    const char *cancel_method;
    const char *(*cancel_path)(const QueueOrder *order, size_t index);
};

/* Have all of it; ORDER names queue, line, ask, mem, context and batch_most. */
MUST Err *queue_carry_out(QueueOrder *order, VendorAnswer *answer);

/* How many pictures batch INDEX is to have. */
int64_t queue_batch_count(const QueueOrder *order, size_t index);

/* How long to wait before the next look, after PAUSE_MS; 0 for the first. */
int64_t queue_pause_ms(const QueueOrder *order, int64_t pause_ms);

/* Fetch the picture at URL, a text, into ANSWER. UPSTREAM_FAILED when it is none, or one too many. */
MUST Err *queue_picture_add(const QueueOrder *order, const Value *url, VendorAnswer *answer);

/* SECONDS that the vendor's machine says it took. */
void queue_seconds_add(const Value *seconds, VendorAnswer *answer);

/* Set member NAME of OBJECT, when there is a name and a text. */
void queue_text_set(Value *object, const char *name, const char *text);
