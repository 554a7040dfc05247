/* Files of forms in memory. */
#include "door/held.h"

#include <stdatomic.h>

#define HELD_BYTES_MAX ((int64_t)1 << 30)

static _Atomic int64_t held_bytes;

static Err *held_write(void *held_any, const void *bytes, size_t size)
{
    Buf *held = held_any;

    if (atomic_fetch_add(&held_bytes, (int64_t)size) + (int64_t)size > HELD_BYTES_MAX) {
        atomic_fetch_sub(&held_bytes, (int64_t)size);
        return err_new(ERR_SERVER_BUSY, "too many pictures are being sent at once");
    }
    Err *err = buf_add(held, bytes, size);
    if (err)
        atomic_fetch_sub(&held_bytes, (int64_t)size);
    return err;
}

static void held_free(void *held_any)
{
    Buf *held = held_any;

    atomic_fetch_sub(&held_bytes, (int64_t)held->size);
    buf_done(held);
    free(held);
}

Err *held_open(size_t most_bytes, Sink *ret)
{
    Buf *held = calloc(1, sizeof(*held));

    if (!held)
        return err_new(ERR_MEMORY_SPENT, "no memory for a file of a form");
    held->limit = most_bytes;
    *ret = (Sink){.context = held, .write = held_write, .free = held_free};
    return NULL;
}

VendorPicture held_picture(const Part *part)
{
    const Buf *held = part->sink;

    return (VendorPicture){.bytes = held->bytes, .size = held->size, .type = part->type};
}
