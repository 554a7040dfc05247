/* Pictures into a ZIP, as an export does it: bench_zip fill STORE COUNT BYTES | pack STORE COUNT
 *
 *   fill   COUNT blobs of BYTES that nobody can pack smaller, and beside the store, in STORE.files, the same as plain files
 *   pack   all of them into one ZIP in the store
 */
#include "run/zip.h"

#include <stdio.h>
#include <string.h>

#include "base/dice.h"
#include "base/file.h"

static _Noreturn void leave(const Err *err)
{
    fprintf(stderr, "bench_zip: %s\n", err_message(err));
    exit(1);
}

#define NEED(expr) \
    do { \
        Err *need_err_ = (expr); \
        if (need_err_) \
            leave(need_err_); \
    } while (0)

static const char *key_of(Arena *mem, long number)
{
    return arena_print(mem, "outputs/bench/%03ld.jpg", number);
}

static void fill(Blob *blob, const char *store, long count, size_t size, Arena *mem)
{
    const char *folder = arena_print(mem, "%s.files", store);
    uint64_t *bytes = arena_take(mem, size + sizeof(uint64_t));

    NEED(folder_make(folder));
    for (long i = 0; i < count; i++) {
        Dice dice = dice_seeded((uint64_t)i + 1);

        for (size_t at = 0; at < size / sizeof(*bytes); at++)
            bytes[at] = dice_bits(&dice);
        NEED(blob_put(
            blob, &(BlobPut){.key = key_of(mem, i), .type = "image/jpeg"}, bytes, size, NULL));
        NEED(file_write(path_join(mem, folder, arena_print(mem, "%03ld.jpg", i)), bytes, size));
    }
}

static void pack(Blob *blob, long count, Arena *mem)
{
    AUTO(zip_free) Zip *zip = NULL;
    BlobWritten written;

    NEED(zip_open(
        blob, &(BlobPut){.key = "outputs/bench/all.zip", .type = "application/zip"}, &zip));
    for (long i = 0; i < count; i++)
        NEED(zip_add(
            zip, &(ZipEntry){.key = key_of(mem, i), .name = arena_print(mem, "jpg/%03ld.jpg", i)}));
    NEED(zip_end(zip, &written));
    printf("{\"bytes\": %lld}\n", (long long)written.bytes);
}

int main(int argc, char **argv)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(blob_close) Blob *blob = NULL;
    bool is_fill = argc == 5 && strcmp(argv[1], "fill") == 0;

    if (!is_fill && (argc != 4 || strcmp(argv[1], "pack") != 0)) {
        fprintf(stderr, "usage: bench_zip fill STORE COUNT BYTES | pack STORE COUNT\n");
        return 2;
    }
    NEED(blob_open(
        &(BlobSetup){
            .store = argv[2],
            .served = "http://localhost/store",
            .secret = "a secret of thirty-two characters",
            .secret_bytes = 32},
        &blob));
    if (is_fill)
        fill(blob, argv[2], strtol(argv[3], NULL, 10), (size_t)strtoul(argv[4], NULL, 10), mem);
    else
        pack(blob, strtol(argv[3], NULL, 10), mem);
    return 0;
}
