/* What is the same with all vendors that have a queue. */
#include <math.h>
#include <string.h>

#include "vendor/queue_priv.h"

enum {
    PAUSE_FIRST_MS = 300,
    PAUSE_MOST_MS = 2500,
    PAUSE_HOOKED_MS = 10000, /* most between two looks when news are to come by themselves */
    DAY_S = 86400
};

int64_t queue_batch_count(const QueueOrder *order, size_t index)
{
    int64_t before = (int64_t)index * order->batch_most;

    return MIN(order->batch_most, MAX(order->ask->count, (int64_t)1) - before);
}

int64_t queue_pause_ms(const QueueOrder *order, int64_t pause_ms)
{
    int64_t most_ms = line_hook_url(order->line) ? PAUSE_HOOKED_MS : PAUSE_MOST_MS;

    return pause_ms ? MIN(pause_ms * 3 / 2, most_ms) : PAUSE_FIRST_MS;
}

Err *queue_picture_add(const QueueOrder *order, const Value *url, VendorAnswer *answer)
{
    if (!value_text(url) || answer->count == VENDOR_PICTURES_MOST)
        return err_new(
            ERR_UPSTREAM_FAILED, "'%s' answered with other pictures than were asked for",
            order->queue->name);
    TRY(line_fetch(order->line, value_text(url), &answer->pictures[answer->count]));
    answer->count++;
    return NULL;
}

void queue_seconds_add(const Value *seconds, VendorAnswer *answer)
{
    answer->usage.compute_ms +=
        (int64_t)ceil(CLAMP(value_number(seconds), 0.0, (double)DAY_S) * 1000);
}

void queue_text_set(Value *object, const char *name, const char *text)
{
    if (name && text)
        value_set(object, name, value_of_text(text));
}

/* ---- the journal ---- */

static MUST Err *ids_find(QueueOrder *order)
{
    const char *begun = NULL;

    TRY(line_begun(order->line, &begun));
    while (begun && *begun && order->id_count < order->batches) {
        size_t length = strcspn(begun, " ");

        order->ids[order->id_count++] = arena_text_n(order->mem, begun, length);
        begun += length + strspn(begun + length, " ");
    }
    order->found_count = order->id_count;
    return NULL;
}

static MUST Err *ids_keep(const QueueOrder *order)
{
    const char *joined = "";

    for (size_t i = 0; i < order->id_count; i++)
        joined = arena_print(order->mem, "%s%s%s", joined, i ? " " : "", order->ids[i]);
    return line_begin(order->line, joined);
}

/* ---- one request ---- */

static MUST Err *batch_submit(QueueOrder *order, size_t index)
{
    const char *id = NULL;

    TRY(order->queue->submit(order, index, &id));
    if (!id || !hook_request_is_sane(id))
        return err_new(
            ERR_VENDOR_UNSURE, "'%s' took a request and gave it no name", order->queue->name);
    order->ids[index] = arena_text(order->mem, id);
    order->id_count = MAX(order->id_count, index + 1);
    return ids_keep(order);
}

/* What was begun in an earlier life may have been called off since, or its files be gone. */
static bool is_gone(const Err *err)
{
    switch (err_code(err)) {
    case ERR_UPSTREAM_FAILED:
    case ERR_UPSTREAM_REFUSED:
    case ERR_NOT_FOUND:
    case ERR_MODEL_UNKNOWN:
    case ERR_INPUT_INVALID:
        return true;
    default:
        return false;
    }
}

static MUST Err *batch_finish(QueueOrder *order, size_t index, VendorAnswer *answer)
{
    size_t count = answer->count;
    AUTO(err_free) Err *err = order->queue->take(order, index, answer);

    if (!err || index >= order->found_count || !is_gone(err))
        return TAKE(err);
    answer->count = count;
    TRY(batch_submit(order, index));
    return order->queue->take(order, index, answer);
}

/* ---- the ask ---- */

static MUST Err *all_finish(QueueOrder *order, VendorAnswer *answer)
{
    TRY(ids_find(order));
    for (size_t i = order->id_count; i < order->batches; i++)
        TRY(batch_submit(order, i));
    for (; order->done_count < order->batches; order->done_count++)
        TRY(batch_finish(order, order->done_count, answer));
    return NULL;
}

/* What nobody waits for any more is not to cost either. It may be too late for that. */
static void all_call_off(const QueueOrder *order)
{
    for (size_t i = order->done_count; i < order->id_count; i++) {
        LineReply reply;

        err_free(line_send(
            order->line,
            &(LineRequest){
                .method = order->queue->cancel_method,
                .path = order->queue->cancel_path(order, i),
                .is_farewell = true,
            },
            &reply));
    }
}

Err *queue_carry_out(QueueOrder *order, VendorAnswer *answer)
{
    int64_t count = MAX(order->ask->count, (int64_t)1);

    order->batch_most = MAX(order->batch_most, (int64_t)1);
    order->batches = (size_t)((count + order->batch_most - 1) / order->batch_most);
    if (order->batches > COUNT(order->ids))
        return err_new(ERR_INPUT_INVALID, "more pictures than one ask may have");
    Err *err = all_finish(order, answer);
    if (err)
        all_call_off(order);
    else
        answer->request_id = order->ids[0];
    return err;
}
