/* Write requests that are granted into the folder given: what the grant fuzzer starts from. */
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "blob/blob.h"

static const int64_t now_ms = 1795600000000;

static Err *seeds_write(const char *folder)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(blob_close) Blob *blob = NULL;
    const BlobGrant grants[] = {
        {.key = "raw/t1/shoe.jpg", .is_put = true, .most_bytes = 1000, .type = "image/jpeg"},
        {.key = "outputs/t1/shoe.jpg", .save_as = "shoe \xc3\xbc.jpg"},
        {.key = "outputs/t1/shoe.jpg"},
    };

    TRY(folder_make(folder));
    TRY(blob_open(
        &(BlobSetup){
            .store = path_join(mem, folder, "../grant-store"),
            .secret = "0123456789abcdef0123456789abcdef",
            .secret_bytes = 32,
            .served = "s",
        },
        &blob));
    clock_hold(now_ms);
    for (size_t i = 0; i < COUNT(grants); i++) {
        BlobGrant grant = grants[i];
        BlobTicket ticket;

        grant.until_ms = now_ms + 3600 * 1000;
        TRY(blob_grant(blob, &grant, mem, &ticket));
        char *text = arena_print(mem, "%s\n%s", ticket.method, ticket.url + 2);
        *strchr(text, '?') = '\n';
        TRY(file_write(path_join(mem, folder, arena_print(mem, "%zu", i)), text, strlen(text)));
    }
    return NULL;
}

int main(int argc, char **argv)
{
    AUTO(err_free) Err *err = argc == 2 ? seeds_write(argv[1]) : NULL;

    if (err)
        fprintf(stderr, "%s\n", err_message(err));
    return argc != 2 || err;
}
