/* Bytes that grow up to a limit. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void buf_done(Buf *buf)
{
    free(buf->bytes);
    buf->bytes = NULL;
    buf->size = buf->room = 0;
}

Err *buf_reserve(Buf *buf, size_t size)
{
    if (size > buf->limit || buf->size > buf->limit - size)
        return err_new(
            ERR_FILE_TOO_LARGE, "buffer would hold more than its limit of %zu bytes", buf->limit);

    size_t need = buf->size + size + 1;
    if (need <= buf->room)
        return NULL;

    size_t room = MIN(MAX(need, buf->room * 2), buf->limit + 1);
    unsigned char *bytes = realloc(buf->bytes, room);
    if (!bytes)
        return err_new(ERR_MEMORY_SPENT, "no memory for a buffer of %zu bytes", room);

    buf->bytes = bytes;
    buf->room = room;
    bytes[buf->size] = 0;
    return NULL;
}

Err *buf_add(Buf *buf, const void *bytes, size_t size)
{
    TRY(buf_reserve(buf, size));
    if (size)
        memcpy(buf->bytes + buf->size, bytes, size);
    buf->size += size;
    buf->bytes[buf->size] = 0;
    return NULL;
}

Err *buf_add_text(Buf *buf, const char *text)
{
    return buf_add(buf, text, strlen(text));
}

Err *buf_print(Buf *buf, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);

    Err *err = length < 0 ? err_new(ERR_BUG, "format '%s' is not valid", format)
                          : buf_reserve(buf, (size_t)length);
    if (!err) {
        vsnprintf((char *)buf->bytes + buf->size, (size_t)length + 1, format, again);
        buf->size += (size_t)length;
    }
    va_end(again);
    return err;
}

const char *buf_text(const Buf *buf)
{
    return buf->bytes ? (const char *)buf->bytes : "";
}
