/* blob_priv.h - what a kind of store gives, and what blob.c does for all of them. */
#pragma once

#include "blob/blob.h"

enum {
    BLOB_KEY_MAX = 512,
    BLOB_PART_MAX = 128,
    BLOB_TYPE_MAX = 100,
    BLOB_ROWS_MAX = 1000,
    BLOB_CHUNK_BYTES = 8 << 20, /* what is sent to S3 and Azure in one piece */
};

/* One kind of store. Keys have been checked, texts are never NULL; AT is what open left in blob->at and begin in writer->at. */
typedef struct BlobKind {
    const char *scheme;

    MUST Err *(*open)(const BlobSetup *setup, const char *rest, Blob *blob);
    void (*close)(void *at);
    MUST Err *(*check)(Blob *blob, const Cancel *cancel);

    MUST Err *(*begin)(BlobWriter *writer);
    MUST Err *(*add)(BlobWriter *writer, const void *bytes, size_t size);
    MUST Err *(*commit)(BlobWriter *writer, const BlobWritten *written);
    void (*end)(BlobWriter *writer); /* committed or not; BEGIN may have failed */

    MUST Err *(*fetch)(BlobReader *reader, const BlobGet *get, Arena *mem, BlobFacts *ret);
    MUST Err *(*take)(BlobReader *reader, void *bytes, size_t room, size_t *ret_size);
    void (*leave)(BlobReader *reader); /* FETCH may have failed */

    MUST
        Err *(*head)(Blob *blob, const char *key, const Cancel *cancel, Arena *mem, BlobFacts *ret);
    MUST Err *(*remove)(Blob *blob, const char *key, const Cancel *cancel);
    MUST Err *(*list)(Blob *blob, const BlobQuery *query, Arena *mem, BlobPage *ret);
    MUST Err *(*sweep)(Blob *blob, int64_t older_ms, const Cancel *cancel, int64_t *ret);

    MUST Err *(*grant)(Blob *blob, const BlobGrant *grant, Arena *mem, BlobTicket *ret);
    MUST Err *(*form)(Blob *blob, const BlobGrant *grant, Arena *mem, BlobForm *ret); /* or NULL */
} BlobKind;

extern const BlobKind blob_fs, blob_s3, blob_azure;

struct Blob {
    const BlobKind *kind;
    Arena *mem; /* of what lives as long as the store; not used after open */
    const char *place;
    const char *served; /* or NULL */
    unsigned char secret[64];
    size_t secret_bytes;
    void *at;
};

struct BlobWriter {
    Blob *blob;
    Arena *mem;
    const char *key, *type;
    int64_t most_bytes;
    int64_t bytes; /* so far */
    Hasher *hasher;
    const Cancel *cancel;
    bool is_open; /* bytes may come: nothing failed, nothing was committed */
    void *at;
};

struct BlobReader {
    Blob *blob;
    const Cancel *cancel;
    void *at;
};

/* Our own signed URLs: grant.c */
MUST Err *blob_ticket(Blob *blob, const BlobGrant *grant, Arena *mem, BlobTicket *ret);

/* Append TEXT to BUF; what is not a letter, digit or one of - . _ ~ becomes %41. KEPT are further letters to leave alone. */
MUST Err *blob_percent_add(Buf *buf, const char *text, const char *kept);
