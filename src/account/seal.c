/* Secrets sealed by libsodium's XChaCha20-Poly1305. */
#include "account/seal.h"

#include <sodium.h>
#include <string.h>

#include "base/base64.h"

/* What is sealed begins with this, so that another way can follow. */
static const char form[] = "x1.";

enum {
    KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    SEALED_MOST = NONCE_BYTES + SEAL_SECRET_MOST + TAG_BYTES
};

struct Seal {
    unsigned char key[KEY_BYTES];
    char purpose[64];
};

/* BLAKE2b of the purpose, keyed by BLAKE2b of the master key: a master key may be of any length. */
static void key_derive(const char *master, Seal *seal)
{
    unsigned char root[KEY_BYTES];

    crypto_generichash(root, sizeof(root), (const unsigned char *)master, strlen(master), NULL, 0);
    crypto_generichash(
        seal->key, sizeof(seal->key), (const unsigned char *)seal->purpose, strlen(seal->purpose),
        root, sizeof(root));
    sodium_memzero(root, sizeof(root));
}

Err *seal_new(const char *master, const char *purpose, Seal **ret)
{
    Seal *seal;

    if (strlen(master) < SEAL_MASTER_LEAST)
        return err_public(
            err_new(ERR_INPUT_INVALID, "a master key of %zu characters", strlen(master)),
            "The master key must have at least %d characters. Make one: openssl rand -hex 32",
            SEAL_MASTER_LEAST);
    if (sodium_init() < 0)
        return err_new(ERR_BUG, "unable to start libsodium");
    seal = sodium_malloc(sizeof(*seal));
    if (!seal)
        return err_new(ERR_MEMORY_SPENT, "no memory that can be kept from being swapped out");
    *seal = (Seal){.purpose = ""};
    snprintf(seal->purpose, sizeof(seal->purpose), "%s", purpose);
    key_derive(master, seal);
    *ret = seal;
    return NULL;
}

void seal_free(Seal *seal)
{
    sodium_free(seal); /* wipes it */
}

/* What is not sealed but bound: a secret opens for its purpose and owner alone. */
static const char *bound_to(const Seal *seal, const char *owner, Arena *mem)
{
    return arena_print(mem, "%s\n%s", seal->purpose, owner);
}

const char *seal_close(const Seal *seal, const char *owner, const char *secret, Arena *mem)
{
    size_t length = strlen(secret);
    unsigned char *sealed = arena_take(mem, NONCE_BYTES + length + TAG_BYTES);
    const char *bound = bound_to(seal, owner, mem);
    unsigned long long size;

    randombytes_buf(sealed, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed + NONCE_BYTES, &size, (const unsigned char *)secret, length,
        (const unsigned char *)bound, strlen(bound), NULL, sealed, seal->key);
    return arena_print(mem, "%s%s", form, base64_url_text(sealed, NONCE_BYTES + (size_t)size, mem));
}

static MUST Err *not_ours(void)
{
    return err_public(
        err_new(ERR_CONFLICT, "a secret was sealed with another master key, or was changed"),
        "A key that is kept here can no longer be read, as the studio's master key is another one. "
        "Set the key again.");
}

Err *seal_open(
    const Seal *seal, const char *owner, const char *sealed, Arena *mem, const char **ret_secret)
{
    AUTO(buf_done) Buf bytes = BUF(SEALED_MOST);
    const char *bound = bound_to(seal, owner, mem);
    unsigned long long size;

    if (strncmp(sealed, form, strlen(form)) != 0)
        return not_ours();
    AUTO(err_free) Err *err = base64_read(sealed + strlen(form), &bytes);
    if (err || bytes.size < NONCE_BYTES + TAG_BYTES)
        return not_ours();

    unsigned char *secret = arena_take(mem, bytes.size);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            secret, &size, NULL, bytes.bytes + NONCE_BYTES, bytes.size - NONCE_BYTES,
            (const unsigned char *)bound, strlen(bound), bytes.bytes, seal->key) != 0)
        return not_ours();
    *ret_secret =
        (const char *)secret; /* ended, as the arena gives zeroes and the tag was longer */
    return NULL;
}
