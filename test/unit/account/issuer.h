/* issuer.h - a house that signs tokens, for tests: its keys are made when they are first wanted, its documents come from memory. */
#pragma once

#include <stdatomic.h>

#include "account/account.h"

typedef enum IssuerKey {
    ISSUER_RSA,
    ISSUER_RSA_OTHER,
    ISSUER_EC,
    ISSUER_EC_OTHER,
    ISSUER_RSA_WEAK, /* 1,024 bits */
    ISSUER_KEYS_MAX
} IssuerKey;

typedef struct Issuer {
    const char *set; /* the JWKS; NULL: it is down */
    const char *description;
    atomic_int asked;
} Issuer;

#define ISSUER_NAME "https://sign.example/"
#define ISSUER_AUDIENCE "https://studio.example/api"

/* For SsoSetup.fetch; CONTEXT is an Issuer. */
Err *issuer_fetch(void *issuer, const char *url, Buf *into);

/* {"kty":...}, public, called ID, for ALGORITHM (NULL leaves it out). */
const char *issuer_key(IssuerKey key, const char *id, const char *algorithm, Arena *mem);

/* {"keys":[...]} of JSON keys, up to a NULL. */
const char *issuer_set(Arena *mem, ...);

/* A token with HEAD and CLAIMS, both JSON, signed by KEY as ALGORITHM says: "RS256", "PS256", "ES256". */
const char *
issuer_sign(IssuerKey key, const char *algorithm, const char *head, const char *claims, Arena *mem);

/* The same with a MAC whose secret is SECRET, as HS256. */
const char *issuer_mac(const char *secret, const char *head, const char *claims, Arena *mem);

/* The public key as PEM: what a confused verifier would take for a secret. */
const char *issuer_pem(IssuerKey key, Arena *mem);
