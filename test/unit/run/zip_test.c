/* Promises of ZIPs that are too large for the form of old: more files than two bytes count. */
#include "blob/blob.h"
#include "run/zip.h"
#include "test.h"

enum {
    FILES = 70000,
    ZIP_BYTES_MAX = 16 << 20,
    END_BYTES = 22,  /* of PKWARE's APPNOTE, 4.3.16 */
    PLACE_BYTES = 20 /* 4.3.15 */
};

static uint64_t number_at(const Buf *zip, uint64_t at, int bytes)
{
    uint64_t number = 0;

    CHECK(at + (uint64_t)bytes <= zip->size);
    for (int i = bytes - 1; i >= 0; i--)
        number = number << 8 | zip->bytes[at + (uint64_t)i];
    return number;
}

/* Where the book of contents begins, by the end that counts in eight bytes (4.3.14). */
static uint64_t contents_find(const Buf *zip)
{
    const uint64_t end = zip->size - END_BYTES, place = end - PLACE_BYTES;

    CHECK_INT(number_at(zip, end, 4), 0x06054b50);
    CHECK_INT(number_at(zip, end + 10, 2), 0xffff);
    CHECK_INT(number_at(zip, place, 4), 0x07064b50);
    const uint64_t end64 = number_at(zip, place + 8, 8);
    CHECK_INT(number_at(zip, end64, 4), 0x06064b50);
    CHECK_INT(number_at(zip, end64 + 32, 8), FILES);
    return number_at(zip, end64 + 48, 8);
}

TEST(a_zip_of_more_files_than_two_bytes_count_names_every_one)
{
    AUTO(buf_done) Buf bytes = BUF(ZIP_BYTES_MAX);
    AUTO(blob_close) Blob *blob = NULL;
    AUTO(zip_free) Zip *zip = NULL;
    const char *folder = test_folder();
    BlobWritten written;
    char name[16];

    CHECK_OK(blob_open(&(BlobSetup){.store = folder}, &blob));
    CHECK_OK(
        zip_open(blob, &(BlobPut){.key = "outputs/many.zip", .type = "application/zip"}, &zip));
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof(name), "%05d.txt", i);
        CHECK_OK(zip_add(zip, &(ZipEntry){.name = name, .bytes = name, .size = 5}));
    }
    CHECK_OK(zip_end(zip, &written));
    CHECK_OK(blob_get(blob, &(BlobGet){.key = "outputs/many.zip"}, &bytes));
    CHECK_INT(bytes.size, written.bytes);
    uint64_t at = contents_find(&bytes);
    for (int i = 0; i < FILES; i++) {
        const uint64_t head = number_at(&bytes, at + 42, 4);

        CHECK_INT(number_at(&bytes, at, 4), 0x02014b50);
        snprintf(name, sizeof(name), "%05d.txt", i);
        CHECK(memcmp(bytes.bytes + at + 46, name, 9) == 0);
        CHECK(memcmp(bytes.bytes + head + 30, name, 9) == 0);
        at += 46 + number_at(&bytes, at + 28, 2) + number_at(&bytes, at + 30, 2) +
              number_at(&bytes, at + 32, 2);
    }
    test_folder_remove(folder);
}
