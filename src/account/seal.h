/* seal.h - secrets of others that we must be able to read again: sealed so that only who has the master key can open them.
 *
 * XChaCha20-Poly1305 under a key that is derived (BLAKE2b) from the master key for one purpose; the purpose and the owner are sealed in, so
 * a secret that is moved to another row does not open. libsodium does the work.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"

enum {
    SEAL_MASTER_LEAST = 32, /* characters */
    SEAL_SECRET_MOST = 4096
};

/* Whoever holds the master key. Any number of threads. */
typedef struct Seal Seal;

/* INPUT_INVALID for a MASTER that is too short. PURPOSE is a constant: "vendor-keys". */
MUST Err *seal_new(const char *master, const char *purpose, Seal **ret);
void seal_free(Seal *seal);
DEFINE_AUTO(Seal, seal_free);

/* SECRET as letters for the database; other ones each time. OWNER is whose it is and what for: "tenant_1/fal". */
const char *seal_close(const Seal *seal, const char *owner, const char *secret, Arena *mem);

/* The secret again. CONFLICT when it was sealed with another master key, for another owner, or was changed. */
MUST Err *seal_open(
    const Seal *seal, const char *owner, const char *sealed, Arena *mem, const char **ret_secret);
