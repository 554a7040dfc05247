/* download.h - bytes that are streamed out: ranges, ETags, conditions, names to save under.
 *
 *     return call_download(call, &(Download){.fd = fd, .size = size, .type = "image/png", .etag = hash, .filename = "shoe.png"});
 *
 * HEAD, Range (one range; several are answered whole), If-Range, If-None-Match, If-Modified-Since, If-Match are dealt with here.
 */
#pragma once

#include "http/call.h"

typedef struct Download {
    int fd;         /* an open file, taken over; not looked at when `read` is given */
    int64_t offset; /* where in the file the bytes begin */

    /* Up to SIZE bytes from AT on, 0 at the end. On a worker, one piece at a time; it may wait. */
    Err *(*read)(void *context, int64_t at, void *to, size_t size, size_t *ret);
    void (*free)(
        void *context); /* called once, also when nothing was read; NULL for nothing to free */
    void *context;

    int64_t size;         /* -1: unknown until the end, and then there are no ranges */
    const char *type;     /* "image/png" */
    const char *etag;     /* without quotes; NULL for none */
    int64_t changed_ms;   /* for Last-Modified; 0 for unknown */
    const char *filename; /* what to save it as; NULL leaves it to the browser */
    bool attached;        /* save it, rather than show it */
    const char *cache;    /* Cache-Control; NULL is "private, no-cache" */
} Download;

/* Takes the file or the context over, also when it fails. RANGE_WRONG for a range outside the bytes, PRECONDITION_FAILED. Only from the
 * handler of a DOWNLOAD endpoint, once. */
MUST Err *call_download(Call *call, const Download *download);
