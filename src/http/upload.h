/* upload.h - bodies that are streamed and never whole in memory.
 *
 * A Sink takes bytes as they arrive, in pieces of up to 256 KiB, in order, one at a time, each on some worker thread: it may wait for a
 * disk or a store, and the client is held back meanwhile. No thread is held between pieces, however slow the client is.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"

typedef struct Sink {
    void *context;
    Err *(*write)(void *context, const void *bytes, size_t size);

    /* Called once, whatever happens: after the handler, or when the client leaves, the body is refused or the server stops. What the
     * handler did not keep is thrown away here. */
    void (*free)(void *context);
} Sink;

/* One file of a form. Texts live in the call's arena. */
typedef struct Part {
    const char *name;     /* of the field */
    const char *filename; /* last part of what the client said, without folders; "" when unnamed */
    const char *type;     /* media type as claimed; "application/octet-stream" when unsaid */
    int64_t size;         /* bytes; 0 while it begins */
    void *sink;           /* context of its Sink; NULL while it begins */
} Part;
