/* What a ZIP holds. */
#include "harness/unzip.h"

#include "test.h"

static unsigned number_at(const Buf *zip, size_t at, int bytes)
{
    unsigned number = 0;

    CHECK(at + (size_t)bytes <= zip->size);
    for (int i = bytes - 1; i >= 0; i--)
        number = number << 8 | zip->bytes[at + (size_t)i];
    return number;
}

static unsigned check_sum(const unsigned char *bytes, size_t size)
{
    unsigned sum = 0xffffffffu;

    for (size_t i = 0; i < size; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ 0xedb88320u : sum >> 1;
    }
    return ~sum;
}

/* PKWARE's APPNOTE, 4.3.12 and 4.3.7. */
static size_t file_read(const Buf *zip, size_t at, UnzipFile *ret)
{
    size_t name = number_at(zip, at + 28, 2), extra = number_at(zip, at + 30, 2);
    size_t comment = number_at(zip, at + 32, 2), head = number_at(zip, at + 42, 4);

    CHECK_INT(number_at(zip, at, 4), 0x02014b50);
    CHECK_INT(number_at(zip, at + 10, 2), 0); /* stored */
    CHECK(name < sizeof(ret->name));
    memcpy(ret->name, zip->bytes + at + 46, name);
    ret->name[name] = 0;
    ret->size = number_at(zip, at + 24, 4);
    CHECK_INT(number_at(zip, head, 4), 0x04034b50);
    ret->bytes =
        zip->bytes + head + 30 + number_at(zip, head + 26, 2) + number_at(zip, head + 28, 2);
    CHECK(ret->bytes + ret->size <= zip->bytes + zip->size);
    CHECK_INT(check_sum(ret->bytes, ret->size), number_at(zip, at + 16, 4));
    return at + 46 + name + extra + comment;
}

void unzip_read(const Buf *zip, Unzip *ret)
{
    size_t end = zip->size;

    do {
        CHECK(end > 0);
        end--;
    } while (end + 22 > zip->size || number_at(zip, end, 4) != 0x06054b50);
    ret->count = (int)number_at(zip, end + 10, 2);
    CHECK(ret->count <= UNZIP_MOST);
    size_t at = number_at(zip, end + 16, 4);
    for (int i = 0; i < ret->count; i++)
        at = file_read(zip, at, &ret->files[i]);
}

bool unzip_has(const Unzip *zip, const char *name)
{
    for (int i = 0; i < zip->count; i++)
        if (strcmp(zip->files[i].name, name) == 0)
            return true;
    return false;
}

const UnzipFile *unzip_find(const Unzip *zip, const char *name)
{
    for (int i = 0; i < zip->count; i++)
        if (strcmp(zip->files[i].name, name) == 0)
            return &zip->files[i];
    for (int i = 0; i < zip->count; i++)
        fprintf(stderr, "# %s\n", zip->files[i].name);
    test_fail(__FILE__, __LINE__, "no file is called '%s'", name);
}
