/* hash.h - SHA-256 of bytes, files and chains of things. OpenSSL's libcrypto lives here and nowhere else. */
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
Hash hasher_done(Hasher *hasher); /* ends the row; HASHER can only be freed after it */

bool hash_equal(Hash a, Hash b);
void hash_text(Hash hash, char text[HASH_TEXT_SIZE]); /* 64 lower-case hexadecimal digits */
