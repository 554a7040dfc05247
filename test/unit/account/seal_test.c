/* Promises of what is sealed. */
#include "account/seal.h"
#include "unit/account/studio.h"

static const char master[] = "0123456789abcdef0123456789abcdef";

static Seal *seal_of(const char *key, const char *purpose)
{
    Seal *seal;

    CHECK_OK(seal_new(key, purpose, &seal));
    return seal;
}

TEST(what_is_sealed_opens_for_its_owner_and_purpose_alone)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(seal_free) Seal *seal = seal_of(master, "vendor-keys");
    AUTO(seal_free) Seal *same = seal_of(master, "vendor-keys");
    AUTO(seal_free) Seal *other_purpose = seal_of(master, "links");
    AUTO(seal_free) Seal *other_master = seal_of("0123456789abcdef0123456789abcdeg", "vendor-keys");
    const char *sealed = seal_close(seal, "tenant_1/fal", "key-id:key-secret", mem), *secret;

    CHECK(!strstr(sealed, "key"));
    CHECK_OK(seal_open(same, "tenant_1/fal", sealed, mem, &secret));
    CHECK_TEXT(secret, "key-id:key-secret");
    CHECK_CODE(seal_open(seal, "tenant_2/fal", sealed, mem, &secret), ERR_CONFLICT);
    CHECK_CODE(seal_open(seal, "tenant_1/openai", sealed, mem, &secret), ERR_CONFLICT);
    CHECK_CODE(seal_open(other_purpose, "tenant_1/fal", sealed, mem, &secret), ERR_CONFLICT);
    CHECK_CODE(seal_open(other_master, "tenant_1/fal", sealed, mem, &secret), ERR_CONFLICT);
}

TEST(a_secret_is_sealed_differently_each_time)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(seal_free) Seal *seal = seal_of(master, "vendor-keys");

    CHECK(
        strcmp(seal_close(seal, "a", "secret-1", mem), seal_close(seal, "a", "secret-1", mem)) !=
        0);
}

TEST(a_seal_that_was_touched_does_not_open)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(seal_free) Seal *seal = seal_of(master, "vendor-keys");
    const char *sealed = seal_close(seal, "a", "secret-1", mem), *secret;

    for (size_t i = 0; i < strlen(sealed); i++) {
        char *touched = arena_text(mem, sealed);

        touched[i] = touched[i] == 'A' ? 'B' : 'A';
        if (i + 1 < strlen(sealed)) /* the last letter holds bits that stand for nothing */
            CHECK_CODE(seal_open(seal, "a", touched, mem, &secret), ERR_CONFLICT);
    }
    static const char *const others[] = {"", "x1.", "x1.AAAA", "plain", "x2.AAAA"};
    for (size_t i = 0; i < COUNT(others); i++)
        CHECK_CODE(seal_open(seal, "a", others[i], mem, &secret), ERR_CONFLICT);
}

TEST(a_master_key_has_32_characters_at_least)
{
    Seal *seal;

    CHECK_CODE(seal_new("0123456789abcdef0123456789abcde", "a", &seal), ERR_INPUT_INVALID);
}
