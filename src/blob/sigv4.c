/* Amazon's Signature Version 4, as "Authenticating Requests" of the S3 API reference has it. */
#include "blob/sigv4.h"

#include <string.h>
#include <time.h>

#include "base/hash.h"

static const char algorithm[] = "AWS4-HMAC-SHA256";

void sigv4_time(int64_t wall_ms, char ret[SIGV4_TIME_SIZE])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    strftime(ret, SIGV4_TIME_SIZE, "%Y%m%dT%H%M%SZ", &parts);
}

static const char *hex(Hash hash, Arena *mem)
{
    char text[HASH_TEXT_SIZE];

    hash_text(hash, text);
    return arena_text(mem, text);
}

/* "20130524/us-east-1/s3/aws4_request" */
static const char *scope(const SigV4 *sign, Arena *mem)
{
    char time[SIGV4_TIME_SIZE];

    sigv4_time(sign->now_ms, time);
    return arena_print(mem, "%.8s/%s/s3/aws4_request", time, sign->region);
}

const char *sigv4_credential(const SigV4 *sign, Arena *mem)
{
    return arena_print(mem, "%s/%s", sign->key_id, scope(sign, mem));
}

const char *sigv4_signature(const SigV4 *sign, const char *text, Arena *mem)
{
    char time[SIGV4_TIME_SIZE];
    const char *secret = arena_print(mem, "AWS4%s", sign->key_secret);

    sigv4_time(sign->now_ms, time);
    Hash key = hash_mac(secret, strlen(secret), time, 8);
    key = hash_mac(key.bytes, sizeof(key.bytes), sign->region, strlen(sign->region));
    key = hash_mac(key.bytes, sizeof(key.bytes), "s3", 2);
    key = hash_mac(key.bytes, sizeof(key.bytes), "aws4_request", 12);
    return hex(hash_mac(key.bytes, sizeof(key.bytes), text, strlen(text)), mem);
}

/* "host;x-amz-date" */
static const char *names_of(const NetHeader *headers, Arena *mem)
{
    const char *names = "";

    for (; headers->name; headers++)
        names = arena_print(mem, "%s%s%s", names, *names ? ";" : "", headers->name);
    return names;
}

static const char *
request_signature(const SigV4 *sign, const SigV4Request *request, const char *query, Arena *mem)
{
    char time[SIGV4_TIME_SIZE];
    const char *lines = "";

    for (const NetHeader *header = request->headers; header->name; header++)
        lines = arena_print(mem, "%s%s:%s\n", lines, header->name, header->value);
    const char *canonical = arena_print(
        mem, "%s\n%s\n%s\n%s\n%s\n%s", request->method, request->path, query, lines,
        names_of(request->headers, mem), request->payload);

    sigv4_time(sign->now_ms, time);
    return sigv4_signature(
        sign,
        arena_print(
            mem, "%s\n%s\n%s\n%s", algorithm, time, scope(sign, mem),
            hex(hash_bytes(canonical, strlen(canonical)), mem)),
        mem);
}

const char *sigv4_authorization(const SigV4 *sign, const SigV4Request *request, Arena *mem)
{
    return arena_print(
        mem, "%s Credential=%s,SignedHeaders=%s,Signature=%s", algorithm,
        sigv4_credential(sign, mem), names_of(request->headers, mem),
        request_signature(sign, request, request->query, mem));
}

/* TEXT with each BYTE as CODE. */
static const char *replaced(const char *text, char byte, const char *code, Arena *mem)
{
    const char *at = strchr(text, byte);

    return at ? arena_print(
                    mem, "%.*s%s%s", (int)(at - text), text, code,
                    replaced(at + 1, byte, code, mem))
              : text;
}

const char *
sigv4_query(const SigV4 *sign, const SigV4Request *request, int64_t expires_s, Arena *mem)
{
    char time[SIGV4_TIME_SIZE];

    sigv4_time(sign->now_ms, time);
    /* Capitals sort before small letters, so further parameters come last. */
    const char *query = arena_print(
        mem,
        "X-Amz-Algorithm=%s&X-Amz-Credential=%s&X-Amz-Date=%s&X-Amz-Expires=%lld&"
        "X-Amz-SignedHeaders=%s%s%s",
        algorithm, replaced(sigv4_credential(sign, mem), '/', "%2F", mem), time,
        (long long)expires_s, replaced(names_of(request->headers, mem), ';', "%3B", mem),
        *request->query ? "&" : "", request->query);

    return arena_print(
        mem, "%s&X-Amz-Signature=%s", query, request_signature(sign, request, query, mem));
}
