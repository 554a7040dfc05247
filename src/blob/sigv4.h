/* sigv4.h - Amazon's way to sign requests, version 4, for S3. Text that is signed is the text that is sent: path and query come encoded. */
#pragma once

#include "net/net.h"

typedef struct SigV4 {
    const char *key_id, *key_secret;
    const char *region; /* "us-east-1" */
    int64_t now_ms;     /* wall clock */
} SigV4;

enum {
    SIGV4_TIME_SIZE = 17
};

void sigv4_time(int64_t wall_ms, char ret[SIGV4_TIME_SIZE]); /* "20130524T000000Z" */

/* "KEY/20130524/us-east-1/s3/aws4_request". In MEM. */
const char *sigv4_credential(const SigV4 *sign, Arena *mem);

/* 64 hexadecimal digits under TEXT. In MEM. */
const char *sigv4_signature(const SigV4 *sign, const char *text, Arena *mem);

typedef struct SigV4Request {
    const char *method;
    const char *path;  /* "/photos/a.jpg" */
    const char *query; /* "a=&b=c", sorted, each name with its = */
    const NetHeader
        *headers;        /* small letters, sorted, "host" among them; ended by a nameless one */
    const char *payload; /* SHA-256 of the body in hexadecimal, or "UNSIGNED-PAYLOAD" */
} SigV4Request;

/* Value of the Authorization header; "x-amz-date" must be among the headers. In MEM. */
const char *sigv4_authorization(const SigV4 *sign, const SigV4Request *request, Arena *mem);

/* The query of a URL that is good for EXPIRES_S seconds; REQUEST->query are further parameters, in small letters. In MEM. */
const char *
sigv4_query(const SigV4 *sign, const SigV4Request *request, int64_t expires_s, Arena *mem);
