/* SHA-256 of bytes, files and chains of things. */
#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

/* libcrypto fails here only when it has no memory or no SHA-256 at all; neither leaves anything sensible to do. */
static void must_work(int result)
{
    if (result != 1)
        abort();
}

const char *hash_library(void)
{
    static char text[64];

    snprintf(text, sizeof(text), "OpenSSL %s", OpenSSL_version(OPENSSL_VERSION_STRING));
    return text;
}

Hash hash_bytes(const void *bytes, size_t size)
{
    Hash hash;

    must_work(EVP_Digest(bytes, size, hash.bytes, NULL, EVP_sha256(), NULL));
    return hash;
}

Hasher *hasher_new(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (!context)
        abort();
    must_work(EVP_DigestInit_ex(context, EVP_sha256(), NULL));
    return (Hasher *)context;
}

void hasher_free(Hasher *hasher)
{
    EVP_MD_CTX_free((EVP_MD_CTX *)hasher);
}

void hasher_add(Hasher *hasher, const void *bytes, size_t size)
{
    uint64_t length = size;

    must_work(EVP_DigestUpdate((EVP_MD_CTX *)hasher, &length, sizeof(length)));
    must_work(EVP_DigestUpdate((EVP_MD_CTX *)hasher, bytes, size));
}

void hasher_add_text(Hasher *hasher, const char *text)
{
    hasher_add(hasher, text, strlen(text));
}

void hasher_add_number(Hasher *hasher, int64_t number)
{
    hasher_add(hasher, &number, sizeof(number));
}

void hasher_add_bare(Hasher *hasher, const void *bytes, size_t size)
{
    must_work(EVP_DigestUpdate((EVP_MD_CTX *)hasher, bytes, size));
}

Hash hasher_done(Hasher *hasher)
{
    Hash hash;

    must_work(EVP_DigestFinal_ex((EVP_MD_CTX *)hasher, hash.bytes, NULL));
    return hash;
}

Err *hash_file(const char *path, Hash *ret)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return err_new_errno(ERR_FILE_UNREADABLE, "unable to open '%s'", path);

    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context)
        abort();
    must_work(EVP_DigestInit_ex(context, EVP_sha256(), NULL));

    unsigned char bytes[64 * 1024];
    size_t size;
    while ((size = fread(bytes, 1, sizeof(bytes), file)) > 0)
        must_work(EVP_DigestUpdate(context, bytes, size));

    Err *err = ferror(file) ? err_new(ERR_FILE_UNREADABLE, "unable to read '%s'", path) : NULL;
    must_work(EVP_DigestFinal_ex(context, ret->bytes, NULL));
    EVP_MD_CTX_free(context);
    fclose(file);
    return err;
}

bool hash_equal(Hash a, Hash b)
{
    return hash_equal_bytes(a.bytes, b.bytes, sizeof(a.bytes));
}

bool hash_equal_bytes(const void *a, const void *b, size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}

Hash hash_mac(const void *key, size_t key_size, const void *bytes, size_t size)
{
    Hash hash;

    must_work(HMAC(EVP_sha256(), key, (int)key_size, bytes, size, hash.bytes, NULL) != NULL);
    return hash;
}

Hash1 hash_mac_sha1(const void *key, size_t key_size, const void *bytes, size_t size)
{
    Hash1 hash;

    must_work(HMAC(EVP_sha1(), key, (int)key_size, bytes, size, hash.bytes, NULL) != NULL);
    return hash;
}

void hash_text(Hash hash, char text[HASH_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < sizeof(hash.bytes); i++) {
        text[2 * i] = digits[hash.bytes[i] >> 4];
        text[2 * i + 1] = digits[hash.bytes[i] & 15];
    }
    text[HASH_TEXT_SIZE - 1] = 0;
}

bool hash_is_signed_ed25519(
    const unsigned char key[32], const void *bytes, size_t size, const unsigned char signature[64])
{
    EVP_PKEY *signer = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, 32);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_signed = signer && context &&
                     EVP_DigestVerifyInit(context, NULL, NULL, NULL, signer) == 1 &&
                     EVP_DigestVerify(context, signature, 64, bytes, size) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(signer);
    return is_signed;
}
