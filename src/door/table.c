/* Tables that customers send. */
#include "door/table.h"

static Err *table_write(void *text, const void *bytes, size_t size)
{
    return buf_add(text, bytes, size);
}

static void table_free(void *text)
{
    buf_done(text);
    free(text);
}

Err *table_open(size_t most_bytes, Sink *ret)
{
    Buf *text = calloc(1, sizeof(*text));

    if (!text)
        return err_new(ERR_MEMORY_SPENT, "no memory for a table");
    *text = (Buf)BUF(most_bytes);
    *ret = (Sink){text, table_write, table_free};
    return NULL;
}

const Buf *table_text(const Call *call)
{
    return call_sink(call);
}
