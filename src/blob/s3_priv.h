/* s3_priv.h - requests to S3, signed; the tests make their bucket with them. */
#pragma once

#include "blob/blob_priv.h"
#include "blob/sigv4.h"

typedef struct S3Store {
    NetClient *net;
    const char *origin; /* "https://bucket.s3.eu-west-1.amazonaws.com" */
    const char *host;   /* as the Host header has it */
    const char *base;   /* of paths: "/", or "/bucket/" where the host is not the bucket's */
    const char *bucket;
    const char *prefix; /* of keys: "" or "shop/" */
    SigV4 sign;         /* but for the time */
} S3Store;

typedef struct S3Ask {
    const char *method;
    const char *key;   /* NULL for the bucket itself */
    const char *query; /* as sigv4.h wants it; NULL for none */
    const char *type, *range;
    const void *body;
    size_t body_bytes;
    const Cancel *cancel;
} S3Ask;

/* Send and read the reply; its body is added to INTO. A status is no error. */
MUST Err *s3_ask(const Blob *blob, const S3Ask *ask, Arena *mem, Buf *into, NetReply *ret);

SigV4 s3_sign_now(const S3Store *store);

/* What stands behind the origin for KEY, or for the bucket when it is NULL. In MEM. */
const char *s3_path(const S3Store *store, const char *key, Arena *mem);

const char *s3_percent(const char *text, Arena *mem); /* fit for a query */

/* s3_grant.c */
MUST Err *s3_grant(Blob *blob, const BlobGrant *grant, Arena *mem, BlobTicket *ret);
MUST Err *s3_form(Blob *blob, const BlobGrant *grant, Arena *mem, BlobForm *ret);
