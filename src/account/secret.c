/* Keys and tokens: how they are made, told from typing errors, and kept. */
#include <string.h>

#include "account/account_priv.h"
#include "base/chance.h"

enum {
    PREFIX_LETTERS = 4,
    CHANCE_LETTERS = 36, /* 180 bits */
    CHECK_LETTERS = 4,
    SECRET_LETTERS = PREFIX_LETTERS + CHANCE_LETTERS + CHECK_LETTERS
};

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* Crockford: no i, l, o, u */

/* The first 20 bits of the SHA-256 of what stands before. */
static void check_letters(const char *secret, char letters[CHECK_LETTERS])
{
    Hash hash = hash_bytes(secret, PREFIX_LETTERS + CHANCE_LETTERS);
    unsigned bits =
        (unsigned)hash.bytes[0] << 12 | (unsigned)hash.bytes[1] << 4 | (unsigned)hash.bytes[2] >> 4;

    for (int i = 0; i < CHECK_LETTERS; i++)
        letters[i] = alphabet[bits >> (15 - 5 * i) & 31];
}

const char *secret_new(const char *prefix, Arena *mem)
{
    unsigned char bytes[CHANCE_LETTERS];
    char *secret = arena_take(mem, SECRET_LETTERS + 1);

    chance_bytes(bytes, sizeof(bytes));
    memcpy(secret, prefix, PREFIX_LETTERS);
    for (int i = 0; i < CHANCE_LETTERS; i++)
        secret[PREFIX_LETTERS + i] = alphabet[bytes[i] & 31];
    check_letters(secret, secret + PREFIX_LETTERS + CHANCE_LETTERS);
    return secret;
}

bool secret_has(const char *secret, const char *prefix)
{
    return strncmp(secret, prefix, PREFIX_LETTERS) == 0;
}

bool secret_is_mistyped(const char *secret)
{
    char letters[CHECK_LETTERS];

    if (!secret_has(secret, SECRET_KEY) && !secret_has(secret, SECRET_SESSION))
        return false;
    if (strlen(secret) != SECRET_LETTERS)
        return true;
    check_letters(secret, letters);
    return memcmp(secret + PREFIX_LETTERS + CHANCE_LETTERS, letters, CHECK_LETTERS) != 0;
}

const char *secret_hash(const char *secret, Arena *mem)
{
    char text[HASH_TEXT_SIZE];

    hash_text(hash_bytes(secret, strlen(secret)), text);
    return arena_text(mem, text);
}
