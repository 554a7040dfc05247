/* outside.h - services outside, for tests: a server on loopback that says what rows say, and remembers what it was asked.
 *
 *     static const OutsideRow rows[] = {
 *         {"POST", "/images/generations", .status = 429, .headers = "Retry-After: 2\r\n", .body = "{}", .times = 1},
 *         {"POST", "/images/generations", .body = "{\"data\":[{\"b64_json\":\"{picture}\"}]}"},
 *         {NULL},
 *     };
 *     AUTO(outside_stop) Outside *outside = outside_start(rows);
 *
 * The first row that fits a request and has not answered often enough yet answers it; a request that no row fits is answered 599.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

typedef struct Outside Outside;

typedef struct OutsideRow {
    const char *method;  /* "POST"; "*" for any. NULL ends the rows */
    const char *path;    /* without the query; a '*' stands for any letters */
    int status;          /* 0 is 200 */
    const char *headers; /* further lines, each ending in \r\n */

    /* "{origin}" becomes "http://127.0.0.1:PORT", "{picture}" a PNG of 8 x 8 in base64, "{number}" the request's number. */
    const char *body;
    const char *type;        /* of the body; NULL: application/json, or a picture's */
    const char *picture;     /* "png", "jpeg" or "webp" instead of a body */
    int width_px, height_px; /* of the picture; 0 is 8 */

    int delay_ms; /* before the first byte */
    int drip_ms;  /* between one byte of the body and the next */
    int cut_at; /* close after so many bytes of the body, although all are announced; -1: before the first byte of the answer */
    int times;  /* how often it answers; 0: always */
} OutsideRow;

/* ROWS are borrowed. */
Outside *outside_start(const OutsideRow *rows);
void outside_stop(Outside *outside);
DEFINE_AUTO(Outside, outside_stop);

const char *outside_url(const Outside *outside); /* "http://127.0.0.1:PORT" */

/* What it was asked, from the first; they live as long as it does. */
typedef struct OutsideAsked {
    const char *method, *target, *head;
    const char *body; /* with a NUL behind it */
    size_t body_bytes;
} OutsideAsked;

int outside_count(Outside *outside);
const OutsideAsked *outside_asked(Outside *outside, int index);

/* The value of a header, or the content of a field of a form (multipart), in memory that lives as long as OUTSIDE; NULL when there is none. */
const char *outside_header(Outside *outside, int index, const char *name);
const char *outside_field(Outside *outside, int index, const char *name);

/* A picture whose colours come from SEED; added to BUF. */
typedef struct OutsidePicture {
    const char *format; /* "png", "jpeg", "webp" */
    int width_px, height_px;
    uint64_t seed;
    int hole_percent; /* see-through border, PNG and WebP: a cut-out */
} OutsidePicture;
void outside_draw(const OutsidePicture *picture, Buf *buf);
