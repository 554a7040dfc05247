/* s3_priv.h - requests to S3; the tests make their bucket with them. */
#pragma once

#include "blob/blob_priv.h"

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
