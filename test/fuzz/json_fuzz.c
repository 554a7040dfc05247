/* Any bytes as JSON: refused with a reason, or read; and equal values are written as equal bytes. */
#include <string.h>

#include "base/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(Err *err)
{
    if (err)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    AUTO(value_free) Value *value = NULL, *again = NULL;
    AUTO(buf_done) Buf first = BUF(1 << 24), second = BUF(1 << 24);

    AUTO(err_free) Err *err = value_parse((const char *)bytes, size, &value);
    if (err)
        return err_text(err)[0] == 0;

    must(value_write(value, VALUE_CANONICAL, &first));
    must(value_parse((const char *)first.bytes, first.size, &again));
    must(value_write(again, VALUE_CANONICAL, &second));
    if (first.size != second.size || memcmp(first.bytes, second.bytes, first.size) != 0)
        abort();
    return 0;
}
