/* hash.h - SHA-256 of bytes, files and chains of things, signatures with a secret (HMAC), and others' with a public key. OpenSSL lives in base alone. */
#pragma once

#include <stdint.h>

#include "base/err.h"

/* The library behind it and its version: "OpenSSL 3.0.11". */
const char *hash_library(void);

typedef struct Hash {
    unsigned char bytes[32];
} Hash;

enum {
    HASH_TEXT_SIZE = 65
};

Hash hash_bytes(const void *bytes, size_t size);

/* FILE_UNREADABLE when PATH cannot be read. */
MUST Err *hash_file(const char *path, Hash *ret);

/* Several things hashed as one; each part counts with its length, so parts cannot flow into each other. */
typedef struct Hasher Hasher;

Hasher *hasher_new(void);
void hasher_free(Hasher *hasher);
DEFINE_AUTO(Hasher, hasher_free);
void hasher_add(Hasher *hasher, const void *bytes, size_t size);
void hasher_add_text(Hasher *hasher, const char *text);
void hasher_add_number(Hasher *hasher, int64_t number);
void hasher_add_bare(Hasher *hasher, const void *bytes, size_t size); /* without its length */
Hash hasher_done(Hasher *hasher); /* ends the row; HASHER can only be freed after it */

/* Both take the same time wherever the difference is. */
bool hash_equal(Hash a, Hash b);
bool hash_equal_bytes(const void *a, const void *b, size_t size);

/* What only those who know KEY can make of BYTES: HMAC (RFC 2104). */
Hash hash_mac(const void *key, size_t key_size, const void *bytes, size_t size);

typedef struct Hash1 {
    unsigned char bytes[20];
} Hash1;

/* The same with SHA-1, for others' protocols alone. */
Hash1 hash_mac_sha1(const void *key, size_t key_size, const void *bytes, size_t size);

/* Did the owner of the Ed25519 key KEY (RFC 8032) sign BYTES with SIGNATURE? */
bool hash_is_signed_ed25519(
    const unsigned char key[32], const void *bytes, size_t size, const unsigned char signature[64]);

void hash_text(Hash hash, char text[HASH_TEXT_SIZE]); /* 64 lower-case hexadecimal digits */
