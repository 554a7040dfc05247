/* Promises of base/hash.h and base/base64.h that signatures rest on; vectors of RFC 4231, RFC 2202 and RFC 4648. */
#include "base/base64.h"
#include "base/hash.h"
#include "test.h"

TEST(hmac_sha256_is_that_of_rfc_4231)
{
    char text[HASH_TEXT_SIZE];

    hash_text(hash_mac("Jefe", 4, "what do ya want for nothing?", 28), text);
    CHECK_TEXT(text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(hmac_sha1_is_that_of_rfc_2202)
{
    static const unsigned char want[20] = {0xef, 0xfc, 0xdf, 0x6a, 0xe5, 0xeb, 0x2f,
                                           0xa2, 0xd2, 0x74, 0x16, 0xd5, 0xf1, 0x84,
                                           0xdf, 0x9c, 0x25, 0x9a, 0x7c, 0x79};
    Hash1 got = hash_mac_sha1("Jefe", 4, "what do ya want for nothing?", 28);

    CHECK(hash_equal_bytes(got.bytes, want, sizeof(want)));
}

TEST(bytes_added_bare_hash_as_one_stream)
{
    AUTO(hasher_free) Hasher *hasher = hasher_new();

    hasher_add_bare(hasher, "two ", 4);
    hasher_add_bare(hasher, "parts", 5);
    CHECK(hash_equal(hasher_done(hasher), hash_bytes("two parts", 9)));
}

TEST(base64_is_that_of_rfc_4648)
{
    static const struct {
        const char *bytes, *text, *bare;
    } rows[] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff\xfe", "+//+", "-__-"},
    };
    AUTO(arena_free) Arena *mem = arena_new();

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(buf_done) Buf back = BUF(64);
        AUTO(buf_done) Buf back_bare = BUF(64);

        CHECK_TEXT(base64_text(rows[i].bytes, strlen(rows[i].bytes), mem), rows[i].text);
        CHECK_TEXT(base64_url_text(rows[i].bytes, strlen(rows[i].bytes), mem), rows[i].bare);
        CHECK_OK(base64_read(rows[i].text, &back));
        CHECK_OK(base64_read(rows[i].bare, &back_bare));
        CHECK_TEXT(buf_text(&back), rows[i].bytes);
        CHECK_TEXT(buf_text(&back_bare), rows[i].bytes);
    }
}

TEST(all_bytes_come_back_from_base64_wherever_they_stand)
{
    AUTO(arena_free) Arena *mem = arena_new();
    unsigned char bytes[258];

    for (int i = 0; i < 258; i++)
        bytes[i] = (unsigned char)i;
    for (size_t size = 255; size <= 258; size++) {
        AUTO(buf_done) Buf back = BUF(1024);

        CHECK_OK(base64_read(base64_text(bytes, size, mem), &back));
        CHECK_OK(base64_read(base64_url_text(bytes, size, mem), &back));
        CHECK_INT(back.size, 2 * size);
        CHECK(memcmp(back.bytes, bytes, size) == 0);
        CHECK(memcmp(back.bytes + size, bytes, size) == 0);
    }
}

TEST(base64_with_other_letters_or_lengths_is_refused)
{
    AUTO(buf_done) Buf buf = BUF(64);

    CHECK_ERR(
        base64_read("Zm9vZ?9vZm9v", &buf), ERR_INPUT_INVALID,
        "base64 has a letter it cannot have, number 5");
    CHECK_ERR(
        base64_read("Zm9*", &buf), ERR_INPUT_INVALID,
        "base64 has a letter it cannot have, number 3");
    CHECK_ERR(base64_read("Zm9vY", &buf), ERR_INPUT_INVALID, "base64 cannot be 5 letters long");
    CHECK_ERR(
        base64_read("Z===", &buf), ERR_INPUT_INVALID,
        "base64 has a letter it cannot have, number 1");
}
