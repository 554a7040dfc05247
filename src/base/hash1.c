/* SHA-1. */
#include "base/hash1.h"

#include <openssl/evp.h>
#include <stdlib.h>

Hash1 hash1_bytes(const void *bytes, size_t size)
{
    Hash1 hash;

    if (!EVP_Digest(bytes, size, hash.bytes, NULL, EVP_sha1(), NULL))
        abort();
    return hash;
}
