/* blob.h - where bytes are kept: a folder, S3 or Azure Blob Storage, behind one face.
 *
 * A blob is bytes under a key. It is there whole or not at all: what is written appears at commit, replaces what was under the key, and
 * is durable from then on. Reading never sees a mixture. One Blob is shared by all threads and lasts as long as the program; a
 * writer or reader belongs to one thread at a time. Memory: 8 MiB for a writer to S3 or Azure, 256 KiB for a reader from there.
 *
 * A key is "container/rest": parts of letters, digits and . _ - , joined by slashes; no part begins with a dot or is longer than 128; at
 * most 512 letters in all. The container has 3 to 63 small letters, digits or single dashes ("raw", "outputs"). Others are INPUT_INVALID.
 *
 * Everywhere: NOT_FOUND for a key that is not there; DISK_FULL, FILE_UNWRITABLE and FILE_UNREADABLE for folders; UPSTREAM_FAILED,
 * UPSTREAM_TIMED_OUT and UPSTREAM_REFUSED (wrong key, no such bucket) for the others; CANCELLED and TIMED_OUT by a Cancel.
 */
#pragma once

#include "base/hash.h"
#include "net/net.h"

typedef struct Blob Blob;

typedef struct BlobSetup {
    /* "file:/var/lib/cyclorama/store" or a bare path; "s3:BUCKET" or "s3:BUCKET/PREFIX"; "azure:" */
    const char *store;
    NetClient *net; /* for S3 and Azure; outlives the Blob */

    /* folder: our own server answers signed URLs below SERVED ("https://shop.example/store") and checks them with SECRET */
    const char *served;
    const void *secret; /* at least 32 bytes that nobody can guess, copied */
    size_t secret_bytes;

    /* S3 */
    const char *endpoint; /* "https://s3.example.com"; NULL for Amazon's */
    const char *region;   /* NULL for "us-east-1" */
    const char *key_id, *key_secret;

    /* Azure: the connection string of the account */
    const char *connection;
} BlobSetup;

/* Makes the folder when it is missing; says nothing to S3 or Azure yet. INPUT_INVALID, INPUT_MISSING for a setup that cannot work;
 * FILE_UNWRITABLE. */
MUST Err *blob_open(const BlobSetup *setup, Blob **ret);
void blob_close(Blob *blob);
DEFINE_AUTO(Blob, blob_close);

/* Can bytes be kept and read right now? For readiness; writes nothing. */
MUST Err *blob_check(Blob *blob, const Cancel *cancel);

/* Where it is, for the log: "file:/var/lib/cyclorama/store", "s3:bucket at https://s3.example.com". Borrowed. */
const char *blob_place(const Blob *blob);

/* INPUT_INVALID when KEY is not one. */
MUST Err *blob_key_check(const char *key);

/* What is known of a blob. Texts live in the arena that was given. */
typedef struct BlobFacts {
    int64_t bytes;
    int64_t changed_ms; /* wall clock; by the second on S3 and Azure */
    const char *type;   /* "image/jpeg"; "application/octet-stream" when nobody said */
    const char *etag;   /* with its quotes; another one when the bytes are others */
} BlobFacts;

/* ---- writing ---- */

typedef struct BlobWriter BlobWriter;

typedef struct BlobPut {
    const char *key;
    const char *type;   /* at most 100 letters; NULL for "application/octet-stream" */
    int64_t most_bytes; /* 0 for no limit */
    const Cancel *cancel;
} BlobPut;

/* PUT's texts are copied; its Cancel is borrowed. */
MUST Err *blob_writer_open(Blob *blob, const BlobPut *put, BlobWriter **ret);

/* FILE_TOO_LARGE past PUT->most_bytes. After a failure the writer can only be freed. */
MUST Err *blob_writer_add(BlobWriter *writer, const void *bytes, size_t size);

typedef struct BlobWritten {
    int64_t bytes;
    Hash sha256;
} BlobWritten;

MUST Err *blob_writer_commit(BlobWriter *writer, BlobWritten *ret);

/* Without a commit nothing is left behind. */
void blob_writer_free(BlobWriter *writer);
DEFINE_AUTO(BlobWriter, blob_writer_free);

/* A blob from memory. RET may be NULL. */
MUST Err *
blob_put(Blob *blob, const BlobPut *put, const void *bytes, size_t size, BlobWritten *ret);

/* ---- reading ---- */

typedef struct BlobReader BlobReader;

typedef struct BlobGet {
    const char *key;
    int64_t from;  /* first byte; INPUT_INVALID past the end */
    int64_t bytes; /* at most so many; 0 for the rest */
    const Cancel *cancel;
} BlobGet;

/* RET_FACTS are of the whole blob, whatever the range; they may be NULL, texts live in MEM. */
MUST Err *blob_reader_open(
    Blob *blob, const BlobGet *get, Arena *mem, BlobFacts *ret_facts, BlobReader **ret);
void blob_reader_free(BlobReader *reader);
DEFINE_AUTO(BlobReader, blob_reader_free);

/* At most ROOM bytes of the range; 0 is its end. */
MUST Err *blob_reader_take(BlobReader *reader, void *bytes, size_t room, size_t *ret_size);

/* A file open for reading that holds the blob's bytes from its start, or -1. The caller closes it; the bytes stay although the blob is
 * deleted or replaced. */
int blob_reader_file(const BlobReader *reader);

/* The whole blob, added to BUF. FILE_TOO_LARGE past the buffer's limit. */
MUST Err *blob_get(Blob *blob, const BlobGet *get, Buf *buf);

MUST Err *blob_head(Blob *blob, const char *key, const Cancel *cancel, Arena *mem, BlobFacts *ret);

/* Fine when there is none. */
MUST Err *blob_delete(Blob *blob, const char *key, const Cancel *cancel);

/* ---- listing and tidying ---- */

typedef struct BlobRow {
    const char *key;
    int64_t bytes;
    int64_t changed_ms;
} BlobRow;

typedef struct BlobPage {
    BlobRow *rows; /* sorted by key, byte by byte */
    size_t count;
    const char *
        next; /* give it as AFTER to go on; NULL at the end. A page may be short, even empty, before it */
} BlobPage;

typedef struct BlobQuery {
    const char *prefix; /* "raw/tenant_1/": a container, its slash, and any beginning of the rest */
    const char *after;  /* a page's NEXT; NULL for the first page */
    int most;           /* rows of a page, at most 1000; 0 for 1000 */
    const Cancel *cancel;
} BlobQuery;

MUST Err *blob_list(Blob *blob, const BlobQuery *query, Arena *mem, BlobPage *ret);

/* Remove what writers left that never came to their end: nothing that was committed, nothing younger than OLDER_MS. Any number of
 * processes may sweep and write at once. RET counts what went. */
MUST Err *blob_sweep(Blob *blob, int64_t older_ms, const Cancel *cancel, int64_t *ret);

/* ---- signed URLs: one blob, one method, until a moment ---- */

typedef struct BlobGrant {
    const char *key;
    bool is_put;      /* GET otherwise (HEAD too) */
    int64_t until_ms; /* wall clock; at most 7 days ahead */
    int64_t
        most_bytes; /* PUT: held by our own store and by forms; elsewhere look with blob_head. 0 for no limit */
    const char
        *type; /* PUT: the Content-Type it is kept with; ours and S3 refuse others. NULL for any */
    const char *save_as; /* GET: the file name a browser saves it under; NULL shows it */
} BlobGrant;

typedef struct BlobTicket {
    const char *url;
    const char *method;
    const NetHeader *headers; /* to be sent with it; ended by a nameless one */
} BlobTicket;

/* Texts live in MEM. INPUT_INVALID for a moment past or too far. */
MUST Err *blob_grant(Blob *blob, const BlobGrant *grant, Arena *mem, BlobTicket *ret);

/* A form for browsers (multipart POST; FIELDS first, then "file"), which holds MOST_BYTES: S3 only, elsewhere INPUT_INVALID. */
typedef struct BlobForm {
    const char *url;
    const NetHeader *fields; /* ended by a nameless one */
} BlobForm;

MUST Err *blob_grant_form(Blob *blob, const BlobGrant *grant, Arena *mem, BlobForm *ret);

/* Value of a Content-Disposition header that saves a file as NAME, in whatever letters. In MEM. */
const char *blob_disposition(const char *name, Arena *mem);

/* Does our own server answer signed URLs for this store (a folder)? */
bool blob_is_served_here(const Blob *blob);

/* Check a request for a signed URL of our own: METHOD (GET, HEAD or PUT) on KEY (the path below SERVED, as it came) with QUERY (without the
 * question mark). GRANT_REFUSED for anything but exactly what was granted; the comparison takes the same time for every
 * signature. Texts of RET live in MEM. */
typedef struct BlobClaim {
    const char *method, *key, *query;
    int64_t now_ms; /* wall clock */
} BlobClaim;

MUST Err *blob_grant_verify(const Blob *blob, const BlobClaim *claim, Arena *mem, BlobGrant *ret);
