/* buf.h - bytes that grow up to a limit.
 *
 * A Buf cannot be made without a limit. Its bytes are always followed by a NUL that is not counted, so text in it can be used as
 * a C string. Growing past the limit fails with the code given at birth; a Buf belongs to one thread at a time.
 *
 *     AUTO(buf_done) Buf text = BUF(64 * 1024);
 *     TRY(buf_print(&text, "%d photos", count));
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct Buf {
    unsigned char *bytes; /* NULL until something was added */
    size_t size;          /* bytes in use, without the NUL */
    size_t room;
    size_t limit;
} Buf;

#define BUF(limit_) \
    { \
        .limit = (limit_) \
    }

void buf_done(Buf *buf);
DEFINE_AUTO_DONE(Buf, buf_done);

/* Fail with FILE_TOO_LARGE past the limit, MEMORY_SPENT when the machine has no more. */
MUST Err *buf_add(Buf *buf, const void *bytes, size_t size);
MUST Err *buf_add_text(Buf *buf, const char *text);
MUST Err *buf_print(Buf *buf, const char *format, ...) PRINTF(2, 3);

/* Make room for SIZE more bytes; they count as used once buf->size is raised. */
MUST Err *buf_reserve(Buf *buf, size_t size);

/* The text in BUF, "" when nothing was added. */
const char *buf_text(const Buf *buf);
