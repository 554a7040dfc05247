/* Signed URLs and forms of S3. */
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "blob/s3_priv.h"

Err *s3_grant(Blob *blob, const BlobGrant *grant, Arena *mem, BlobTicket *ret)
{
    const S3Store *store = blob->at;
    SigV4 sign = s3_sign_now(store);
    bool has_type = grant->is_put && grant->type;
    const char *path = s3_path(store, grant->key, mem);
    NetHeader *sent = ARENA_ARRAY(mem, NetHeader, 2);
    NetHeader signed_headers[3] = {{NULL, NULL}};
    size_t count = 0;

    if (has_type) {
        sent[0] = (NetHeader){"Content-Type", arena_text(mem, grant->type)};
        signed_headers[count++] = (NetHeader){"content-type", sent[0].value};
    }
    signed_headers[count++] = (NetHeader){"host", store->host};

    const char *query = sigv4_query(
        &sign,
        &(SigV4Request){
            .method = grant->is_put ? "PUT" : "GET",
            .path = path,
            .query = !grant->is_put && grant->save_as
                         ? arena_print(
                               mem, "response-content-disposition=%s",
                               s3_percent(blob_disposition(grant->save_as, mem), mem))
                         : "",
            .headers = signed_headers,
            .payload = "UNSIGNED-PAYLOAD",
        },
        MAX((grant->until_ms - sign.now_ms) / 1000, (int64_t)1), mem);
    *ret = (BlobTicket){
        .url = arena_print(mem, "%s%s?%s", store->origin, path, query),
        .method = grant->is_put ? "PUT" : "GET",
        .headers = sent,
    };
    return NULL;
}

/* The policy that a form's fields must fit, as base64 of JSON; every text in it is safe there as it is. */
static const char *policy_of(
    const S3Store *store, const BlobGrant *grant, const char *key, const char *type,
    const SigV4 *sign, Arena *mem)
{
    char until[CLOCK_TEXT_SIZE], time[SIGV4_TIME_SIZE];

    clock_text(grant->until_ms, until);
    sigv4_time(sign->now_ms, time);
    const char *json = arena_print(
        mem,
        "{\"expiration\":\"%s\",\"conditions\":[{\"bucket\":\"%s\"},[\"eq\",\"$key\",\"%s\"],"
        "[\"eq\",\"$Content-Type\",\"%s\"],[\"content-length-range\",0,%lld],"
        "{\"x-amz-algorithm\":\"AWS4-HMAC-SHA256\"},{\"x-amz-credential\":\"%s\"},"
        "{\"x-amz-date\":\"%s\"}]}",
        until, store->bucket, key, type,
        (long long)(grant->most_bytes ? grant->most_bytes : 5LL << 30), sigv4_credential(sign, mem),
        time);

    return base64_text(json, strlen(json), mem);
}

Err *s3_form(Blob *blob, const BlobGrant *grant, Arena *mem, BlobForm *ret)
{
    const S3Store *store = blob->at;
    SigV4 sign = s3_sign_now(store);
    const char *key = arena_print(mem, "%s%s", store->prefix, grant->key);
    const char *type = arena_text(mem, grant->type ? grant->type : "application/octet-stream");
    char *time = arena_take(mem, SIGV4_TIME_SIZE);

    if (strpbrk(type, "\"\\"))
        return err_new(ERR_INPUT_INVALID, "a content type with quotes fits no form");
    sigv4_time(sign.now_ms, time);
    const char *policy = policy_of(store, grant, key, type, &sign, mem);
    const NetHeader fields[] = {
        {"key", key},
        {"Content-Type", type},
        {"x-amz-algorithm", "AWS4-HMAC-SHA256"},
        {"x-amz-credential", sigv4_credential(&sign, mem)},
        {"x-amz-date", time},
        {"policy", policy},
        {"x-amz-signature", sigv4_signature(&sign, policy, mem)},
        {NULL, NULL},
    };

    NetHeader *kept = ARENA_ARRAY(mem, NetHeader, COUNT(fields));
    memcpy(kept, fields, sizeof(fields));
    *ret = (BlobForm){
        .url = arena_print(mem, "%s%s", store->origin, s3_path(store, NULL, mem)), .fields = kept};
    return NULL;
}
