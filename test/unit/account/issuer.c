/* Keys by OpenSSL, and tokens as RFC 7515 writes them. */
#include "issuer.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdarg.h>
#include <string.h>

#include "base/base64.h"
#include "base/hash.h"
#include "test.h"

static EVP_PKEY *key_of(IssuerKey key)
{
    static EVP_PKEY *keys[ISSUER_KEYS_MAX];

    if (keys[key])
        return keys[key];
    if (key == ISSUER_EC || key == ISSUER_EC_OTHER)
        keys[key] = EVP_EC_gen("P-256");
    else
        keys[key] = EVP_RSA_gen(key == ISSUER_RSA_WEAK ? 1024 : 2048);
    CHECK(keys[key] != NULL);
    return keys[key];
}

Err *issuer_fetch(void *issuer_any, const char *url, Buf *into)
{
    Issuer *issuer = issuer_any;
    bool is_description = strstr(url, "/.well-known/openid-configuration") != NULL;

    atomic_fetch_add(&issuer->asked, 1);
    if (!issuer->set)
        return err_new(ERR_UPSTREAM_FAILED, "the issuer is down");
    return buf_add_text(into, is_description ? issuer->description : issuer->set);
}

static const char *number_of(EVP_PKEY *key, const char *name, Arena *mem)
{
    BIGNUM *number = NULL;
    unsigned char bytes[512];

    CHECK(EVP_PKEY_get_bn_param(key, name, &number));
    bool is_point = name[0] == 'q';
    int size = is_point ? 32 : BN_num_bytes(number);
    CHECK(BN_bn2binpad(number, bytes, size) == size);
    BN_free(number);
    return base64_url_text(bytes, (size_t)size, mem);
}

const char *issuer_key(IssuerKey which, const char *id, const char *algorithm, Arena *mem)
{
    EVP_PKEY *key = key_of(which);
    const char *more = algorithm ? arena_print(mem, ",\"alg\":\"%s\"", algorithm) : "";

    if (which == ISSUER_EC || which == ISSUER_EC_OTHER)
        return arena_print(
            mem,
            "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\",\"kid\":\"%s\","
            "\"use\":\"sig\"%s}",
            number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, mem),
            number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, mem), id, more);
    return arena_print(
        mem, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\",\"kid\":\"%s\",\"use\":\"sig\"%s}",
        number_of(key, OSSL_PKEY_PARAM_RSA_N, mem), number_of(key, OSSL_PKEY_PARAM_RSA_E, mem), id,
        more);
}

const char *issuer_set(Arena *mem, ...)
{
    const char *keys = "", *key;
    va_list args;

    va_start(args, mem);
    while ((key = va_arg(args, const char *)))
        keys = arena_print(mem, "%s%s%s", keys, *keys ? "," : "", key);
    va_end(args);
    return arena_print(mem, "{\"keys\":[%s]}", keys);
}

static const char *part(const char *json, Arena *mem)
{
    return base64_url_text(json, strlen(json), mem);
}

/* A signature of ECDSA as JOSE has it: both numbers, 32 bytes each. */
static size_t numbers_side_by_side(const unsigned char *der, size_t size, unsigned char *to)
{
    const unsigned char *at = der;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)size);

    CHECK(signature != NULL);
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), to, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), to + 32, 32);
    ECDSA_SIG_free(signature);
    return 64;
}

const char *issuer_sign(
    IssuerKey which, const char *algorithm, const char *head, const char *claims, Arena *mem)
{
    const char *said = arena_print(mem, "%s.%s", part(head, mem), part(claims, mem));
    unsigned char bytes[512], plain[512];
    size_t size = sizeof(bytes);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how;

    CHECK(EVP_DigestSignInit(context, &how, EVP_sha256(), NULL, key_of(which)) == 1);
    if (algorithm[0] == 'P') {
        CHECK(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1);
        CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1);
    }
    CHECK(EVP_DigestSign(context, bytes, &size, (const unsigned char *)said, strlen(said)) == 1);
    EVP_MD_CTX_free(context);
    if (algorithm[0] != 'E')
        return arena_print(mem, "%s.%s", said, base64_url_text(bytes, size, mem));
    size = numbers_side_by_side(bytes, size, plain);
    return arena_print(mem, "%s.%s", said, base64_url_text(plain, size, mem));
}

const char *issuer_mac(const char *secret, const char *head, const char *claims, Arena *mem)
{
    const char *said = arena_print(mem, "%s.%s", part(head, mem), part(claims, mem));
    unsigned char bytes[32];
    size_t size;

    CHECK(EVP_Q_mac(
        NULL, "HMAC", NULL, "SHA256", NULL, secret, strlen(secret), (const unsigned char *)said,
        strlen(said), bytes, sizeof(bytes), &size));
    return arena_print(mem, "%s.%s", said, base64_url_text(bytes, size, mem));
}

const char *issuer_pem(IssuerKey which, Arena *mem)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;

    CHECK(PEM_write_bio_PUBKEY(bio, key_of(which)) == 1);
    long size = BIO_get_mem_data(bio, &text);
    const char *pem = arena_text_n(mem, text, (size_t)size);
    BIO_free(bio);
    return pem;
}
