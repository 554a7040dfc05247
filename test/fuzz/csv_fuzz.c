/* Any bytes are a table of photos, or are refused with a sentence. */
#include "run/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    AUTO(arena_free) Arena *mem = arena_new();
    List wishes;
    AUTO(err_free) Err *err = wishes_read_csv(bytes, size, mem, &wishes);

    for (size_t i = 0; !err && i < wishes.count; i++)
        if (!((const PhotoWish *)wishes.items)[i].source_url)
            abort();
    return 0;
}
