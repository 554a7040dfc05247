/* Blobs in a bucket of S3, or of a service that speaks like it. */
#include <string.h>

#include "base/clock.h"
#include "blob/remote_priv.h"
#include "blob/s3_priv.h"
#include "blob/sigv4.h"

enum {
    REPLY_MAX = 2 << 20, /* of a list or an error */
    RETRIES = 4,
    PIECE_MS = 5 * 60 * 1000,
};

/* ---- the store ---- */

static const char *setting(const char *text, const char *preset)
{
    return text && *text ? text : preset;
}

/* curl leaves the port of the scheme out of the Host header, and so must what is signed. */
static const char *host_as_sent(const char *endpoint, const char *host, Arena *mem)
{
    const char *usual = strncmp(endpoint, "https:", 6) == 0 ? ":443" : ":80";
    size_t length = strcspn(host, "/"), tail = strlen(usual);

    if (length > tail && memcmp(host + length - tail, usual, tail) == 0)
        length -= tail;
    return arena_text_n(mem, host, length);
}

/* Amazon's buckets are hosts; elsewhere, and where a dot would not fit the certificate, they are folders. */
static MUST Err *place_find(const BlobSetup *setup, S3Store *store, Arena *mem)
{
    bool has_host = !*setting(setup->endpoint, "") && !strchr(store->bucket, '.');
    const char *endpoint =
        has_host
            ? arena_print(mem, "https://%s.s3.%s.amazonaws.com", store->bucket, store->sign.region)
            : setting(
                  setup->endpoint,
                  arena_print(mem, "https://s3.%s.amazonaws.com", store->sign.region));
    const char *host;

    TRY(remote_endpoint(endpoint, mem, &store->origin, &host));
    const char *path = strchr(host, '/');
    store->host = host_as_sent(store->origin, host, mem);
    store->base = has_host ? "/" : arena_print(mem, "%s/%s/", path ? path : "", store->bucket);
    store->origin =
        arena_text_n(mem, store->origin, (size_t)(host - store->origin) + strcspn(host, "/"));
    return NULL;
}

static MUST Err *bucket_read(const char *rest, S3Store *store, Arena *mem)
{
    size_t bucket = strcspn(rest, "/");
    const char *prefix = rest + bucket + (rest[bucket] == '/');

    for (size_t i = 0; i < bucket; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789.-", rest[i]))
            return err_new(ERR_INPUT_INVALID, "'%s' begins with no name of a bucket", rest);
    if (bucket < 3 || bucket > 63 || strlen(prefix) > 200 ||
        strspn(prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/") !=
            strlen(prefix))
        return err_new(ERR_INPUT_INVALID, "'%s' is no bucket and beginning of keys", rest);

    bool has_slash = *prefix && prefix[strlen(prefix) - 1] == '/';
    store->bucket = arena_text_n(mem, rest, bucket);
    store->prefix = arena_print(mem, "%s%s", prefix, *prefix && !has_slash ? "/" : "");
    return NULL;
}

static MUST Err *s3_open(const BlobSetup *setup, const char *rest, Blob *blob)
{
    Arena *mem = blob->mem;

    if (!setup->net)
        return err_new(ERR_BUG, "a store in S3 needs a client");
    if (!*setting(setup->key_id, "") || !*setting(setup->key_secret, ""))
        return err_public(
            err_new(ERR_INPUT_MISSING, "a store in S3 needs an access key and its secret"),
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for the store in S3.");

    S3Store *store = arena_take(mem, sizeof(*store));
    *store = (S3Store){
        .net = setup->net,
        .sign =
            {
                .key_id = arena_text(mem, setup->key_id),
                .key_secret = arena_text(mem, setup->key_secret),
                .region = arena_text(mem, setting(setup->region, "us-east-1")),
            },
    };
    TRY(bucket_read(rest, store, mem));
    TRY(place_find(setup, store, mem));
    blob->place = arena_print(
        mem, "s3:%s%s%s at %s", store->bucket, *store->prefix ? "/" : "", store->prefix,
        store->origin);
    blob->at = store;
    return NULL;
}

static void s3_close(void *at)
{
    (void)at;
}

/* ---- requests ---- */

SigV4 s3_sign_now(const S3Store *store)
{
    SigV4 sign = store->sign;

    sign.now_ms = clock_now_ms();
    return sign;
}

const char *s3_path(const S3Store *store, const char *key, Arena *mem)
{
    if (key)
        return arena_print(mem, "%s%s%s", store->base, store->prefix, key);
    /* "/bucket" rather than "/bucket/" */
    size_t length = strlen(store->base);
    return length > 1 ? arena_text_n(mem, store->base, length - 1) : "/";
}

/* ASK as the client sends it, signed. */
static NetRequest request_of(const S3Store *store, const S3Ask *ask, Arena *mem)
{
    SigV4 sign = s3_sign_now(store);
    const char *query = ask->query ? ask->query : "";
    const char *path = s3_path(store, ask->key, mem);
    char *payload = arena_take(mem, HASH_TEXT_SIZE), *time = arena_take(mem, SIGV4_TIME_SIZE);

    hash_text(hash_bytes(ask->body, ask->body_bytes), payload);
    sigv4_time(sign.now_ms, time);
    const NetHeader signed_headers[] = {
        {"host", store->host},
        {"x-amz-content-sha256", payload},
        {"x-amz-date", time},
        {NULL, NULL},
    };

    NetHeader *headers = ARENA_ARRAY(mem, NetHeader, 6);
    size_t count = 0;
    headers[count++] = signed_headers[1];
    headers[count++] = signed_headers[2];
    headers[count++] = (NetHeader){
        "Authorization", sigv4_authorization(
                             &sign,
                             &(SigV4Request){
                                 .method = ask->method,
                                 .path = path,
                                 .query = query,
                                 .headers = signed_headers,
                                 .payload = payload,
                             },
                             mem)};
    if (ask->type)
        headers[count++] = (NetHeader){"Content-Type", ask->type};
    if (ask->range)
        headers[count++] = (NetHeader){"Range", ask->range};
    return (NetRequest){
        .method = ask->method,
        .url = arena_print(mem, "%s%s%s%s", store->origin, path, *query ? "?" : "", query),
        .headers = headers,
        .body = ask->body,
        .body_bytes = (int64_t)ask->body_bytes,
        .most_bytes = -1,
        .total_ms = PIECE_MS,
        .retries = RETRIES,
        .is_repeatable =
            true, /* what a POST does twice here, it does once more than needed and no harm */
        .cancel = ask->cancel,
    };
}

Err *s3_ask(const Blob *blob, const S3Ask *ask, Arena *mem, Buf *into, NetReply *ret)
{
    const S3Store *store = blob->at;
    NetRequest request = request_of(store, ask, mem);

    request.into = into;
    return net_send(store->net, &request, mem, ret);
}

/* Fine for 2xx. BODY is the reply's. */
static MUST Err *reply_check(const NetReply *reply, const Buf *body, const char *key, Arena *mem)
{
    const char *code = body ? remote_xml_text(buf_text(body), "Code", mem) : "";

    if (reply->status >= 200 && reply->status < 300)
        return NULL;
    if (reply->status == 404 && key && strcmp(code, "NoSuchBucket") != 0)
        return err_new(ERR_NOT_FOUND, "there is no blob '%s'", key);
    if (reply->status == 416)
        return err_new(ERR_INPUT_INVALID, "a range begins past the end of '%s'", key);
    return net_reply_check(
        reply, *code ? arena_print(mem, "the store in S3 (%.60s)", code) : "the store in S3");
}

/* Send, and fail when the reply is no success. */
static MUST Err *ask_well(const Blob *blob, const S3Ask *ask, Arena *mem, Buf *into, NetReply *ret)
{
    TRY(s3_ask(blob, ask, mem, into, ret));
    return reply_check(ret, into, ask->key, mem);
}

static MUST Err *s3_check(Blob *blob, const Cancel *cancel)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf body = BUF(REPLY_MAX);
    NetReply reply;

    return ask_well(
        blob, &(S3Ask){.method = "GET", .query = "list-type=2&max-keys=1", .cancel = cancel}, mem,
        &body, &reply);
}

/* ---- writing ---- */

typedef struct S3Writer {
    Pieces pieces;
    const char *upload; /* id of the upload in parts, NULL until there is one */
    Buf parts;          /* the list that ends it */
} S3Writer;

static MUST Err *s3_begin(BlobWriter *writer)
{
    S3Writer *at = arena_take(writer->mem, sizeof(*at));

    remote_pieces_init(&at->pieces);
    at->parts = (Buf)BUF(REPLY_MAX);
    writer->at = at;
    return NULL;
}

const char *s3_percent(const char *text, Arena *mem)
{
    AUTO(buf_done) Buf buf = BUF(16 * 1024);
    AUTO(err_free) Err *err = blob_percent_add(&buf, text, "");

    return err ? "" : arena_text(mem, buf_text(&buf));
}

static MUST Err *upload_begin(BlobWriter *writer)
{
    S3Writer *at = writer->at;
    AUTO(buf_done) Buf body = BUF(REPLY_MAX);
    NetReply reply;

    TRY(ask_well(
        writer->blob,
        &(S3Ask){
            .method = "POST",
            .key = writer->key,
            .query = "uploads=",
            .type = writer->type,
            .cancel = writer->cancel,
        },
        writer->mem, &body, &reply));
    const char *id = remote_xml_text(buf_text(&body), "UploadId", writer->mem);
    if (!*id)
        return err_new(ERR_UPSTREAM_FAILED, "the store in S3 began no upload");
    at->upload = s3_percent(id, writer->mem);
    return buf_add_text(&at->parts, "<CompleteMultipartUpload>");
}

static MUST Err *part_send(BlobWriter *writer, const Buf *piece)
{
    S3Writer *at = writer->at;
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf body = BUF(REPLY_MAX);
    int number = at->pieces.sent + 1;
    NetReply reply;

    if (!at->upload)
        TRY(upload_begin(writer));
    TRY(ask_well(
        writer->blob,
        &(S3Ask){
            .method = "PUT",
            .key = writer->key,
            .query = arena_print(mem, "partNumber=%d&uploadId=%s", number, at->upload),
            .body = piece->bytes,
            .body_bytes = piece->size,
            .cancel = writer->cancel,
        },
        mem, &body, &reply));

    const char *etag = net_reply_header(&reply, "etag");
    if (!etag)
        return err_new(ERR_UPSTREAM_FAILED, "the store in S3 gave a part no tag");
    return buf_print(
        &at->parts, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", number, etag);
}

static MUST Err *s3_add(BlobWriter *writer, const void *bytes, size_t size)
{
    return remote_pieces_add(writer, &((S3Writer *)writer->at)->pieces, bytes, size, part_send);
}

static MUST Err *
s3_head(Blob *blob, const char *key, const Cancel *cancel, Arena *mem, BlobFacts *ret)
{
    NetReply reply;

    TRY(ask_well(
        blob, &(S3Ask){.method = "HEAD", .key = key, .cancel = cancel}, mem, NULL, &reply));
    *ret = remote_facts(&reply, mem);
    return NULL;
}

/* The list of parts makes the blob. A reply may be lost after the work was done: then the upload is gone and the blob there. */
static MUST Err *upload_end(BlobWriter *writer, const BlobWritten *written)
{
    S3Writer *at = writer->at;
    Arena *mem = writer->mem;
    AUTO(buf_done) Buf body = BUF(REPLY_MAX);
    NetReply reply;
    BlobFacts facts;

    TRY(buf_add_text(&at->parts, "</CompleteMultipartUpload>"));
    TRY(s3_ask(
        writer->blob,
        &(S3Ask){
            .method = "POST",
            .key = writer->key,
            .query = arena_print(mem, "uploadId=%s", at->upload),
            .type = "application/xml",
            .body = at->parts.bytes,
            .body_bytes = at->parts.size,
            .cancel = writer->cancel,
        },
        mem, &body, &reply));
    if (reply.status == 404 && reply.tries > 1) {
        TRY(s3_head(writer->blob, writer->key, writer->cancel, mem, &facts));
        if (facts.bytes == written->bytes)
            return NULL;
    }
    TRY(reply_check(&reply, &body, writer->key, mem));
    /* It may say 200 at once, and later in the body that it failed. */
    if (strstr(buf_text(&body), "<Error>"))
        return err_new(
            ERR_UPSTREAM_FAILED, "the store in S3 could not join parts: %.60s",
            remote_xml_text(buf_text(&body), "Code", mem));
    return NULL;
}

static MUST Err *whole_send(BlobWriter *writer, const Buf *piece)
{
    AUTO(buf_done) Buf body = BUF(REPLY_MAX);
    NetReply reply;

    return ask_well(
        writer->blob,
        &(S3Ask){
            .method = "PUT",
            .key = writer->key,
            .type = writer->type,
            .body = piece->bytes,
            .body_bytes = piece->size,
            .cancel = writer->cancel,
        },
        writer->mem, &body, &reply);
}

static MUST Err *s3_commit(BlobWriter *writer, const BlobWritten *written)
{
    S3Writer *at = writer->at;

    if (!at->upload)
        return whole_send(writer, &at->pieces.held);
    if (at->pieces.held.size > 0)
        TRY(remote_pieces_flush(writer, &at->pieces, part_send));
    TRY(upload_end(writer, written));
    at->upload = NULL;
    return NULL;
}

/* Let go of an upload in parts. What that leaves behind when it fails, a sweep finds. */
static void upload_drop(const Blob *blob, const char *key, const char *upload, bool *ret_gone)
{
    AUTO(arena_free) Arena *mem = arena_new();
    NetReply reply;
    AUTO(err_free) Err *err = s3_ask(
        blob,
        &(S3Ask){.method = "DELETE", .key = key, .query = arena_print(mem, "uploadId=%s", upload)},
        mem, NULL, &reply);

    *ret_gone = !err && reply.status == 204;
}

static void s3_end(BlobWriter *writer)
{
    S3Writer *at = writer->at;
    bool is_gone;

    if (at->upload)
        upload_drop(writer->blob, writer->key, at->upload, &is_gone);
    remote_pieces_done(&at->pieces);
    buf_done(&at->parts);
}

/* ---- reading ---- */

static MUST Err *s3_fetch(BlobReader *reader, const BlobGet *get, Arena *mem, BlobFacts *ret)
{
    const S3Store *store = reader->blob->at;
    AUTO(buf_done) Buf body = BUF(REPLY_MAX);
    AUTO(net_stream_free) NetStream *stream = NULL;
    NetReply reply;
    NetRequest request = request_of(
        store,
        &(S3Ask){
            .method = "GET",
            .key = get->key,
            .range = remote_range(get, mem),
            .cancel = get->cancel,
        },
        mem);

    request.into = &body;
    TRY(net_stream_open(store->net, &request, mem, &reply, &stream));
    if (reply.status == 416) { /* right at the end there is nothing, but that can be read */
        TRY(s3_head(reader->blob, get->key, get->cancel, mem, ret));
        if (get->from == ret->bytes)
            return NULL;
    }
    TRY(reply_check(&reply, &body, get->key, mem));
    *ret = remote_facts(&reply, mem);
    reader->at = TAKE(stream);
    return NULL;
}

static MUST Err *s3_remove(Blob *blob, const char *key, const Cancel *cancel)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf body = BUF(REPLY_MAX);
    NetReply reply;

    TRY(s3_ask(
        blob, &(S3Ask){.method = "DELETE", .key = key, .cancel = cancel}, mem, &body, &reply));
    AUTO(err_free) Err *err = reply_check(&reply, &body, key, mem);
    return err && err_code(err) == ERR_NOT_FOUND ? NULL : TAKE(err);
}

/* ---- listing and sweeping ---- */

static void row_read(const S3Store *store, const char *object, Arena *mem, BlobPage *page)
{
    const char *key = remote_xml_text(object, "Key", mem);
    size_t prefix = strlen(store->prefix);

    if (strlen(key) <= prefix)
        return;
    page->next = key + prefix;
    AUTO(err_free) Err *foreign = blob_key_check(key + prefix);
    if (!foreign)
        page->rows[page->count++] = (BlobRow){
            .key = key + prefix,
            .bytes = strtoll(remote_xml_text(object, "Size", mem), NULL, 10),
            .changed_ms = remote_time_ms(remote_xml_text(object, "LastModified", mem)),
        };
}

static MUST Err *s3_list(Blob *blob, const BlobQuery *query, Arena *mem, BlobPage *ret)
{
    const S3Store *store = blob->at;
    AUTO(buf_done) Buf body = BUF(REPLY_MAX);
    NetReply reply;
    const char *after = query->after ? arena_print(mem, "%s%s", store->prefix, query->after) : NULL;
    BlobPage page = {.rows = ARENA_ARRAY(mem, BlobRow, (size_t)query->most)};

    TRY(ask_well(
        blob,
        &(S3Ask){
            .method = "GET",
            .query = arena_print(
                mem, "list-type=2&max-keys=%d&prefix=%s%s%s", query->most,
                s3_percent(arena_print(mem, "%s%s", store->prefix, query->prefix), mem),
                after ? "&start-after=" : "", after ? s3_percent(after, mem) : ""),
            .cancel = query->cancel,
        },
        mem, &body, &reply));
    const char *at = buf_text(&body), *object;
    while (page.count < (size_t)query->most && (object = remote_xml_next(at, "Contents", mem, &at)))
        row_read(store, object, mem, &page);
    if (strcmp(remote_xml_text(buf_text(&body), "IsTruncated", mem), "true") != 0)
        page.next = NULL;
    *ret = page;
    return NULL;
}

/* Drop the old ones among the uploads of a page. */
static MUST Err *
uploads_sweep(Blob *blob, const char *page, int64_t before_ms, const Cancel *cancel, int64_t *gone)
{
    const S3Store *store = blob->at;
    AUTO(arena_free) Arena *mem = arena_new();
    const char *upload;

    while ((upload = remote_xml_next(page, "Upload", mem, &page))) {
        const char *key = remote_xml_text(upload, "Key", mem);
        size_t prefix = strlen(store->prefix);
        bool is_gone = false;

        TRY(cancel_check(cancel));
        if (strncmp(key, store->prefix, prefix) == 0 &&
            remote_time_ms(remote_xml_text(upload, "Initiated", mem)) <= before_ms)
            upload_drop(
                blob, key + prefix, s3_percent(remote_xml_text(upload, "UploadId", mem), mem),
                &is_gone);
        *gone += is_gone;
    }
    return NULL;
}

static MUST Err *s3_sweep(Blob *blob, int64_t older_ms, const Cancel *cancel, int64_t *ret)
{
    const S3Store *store = blob->at;
    AUTO(arena_free) Arena *mem = arena_new();
    const char *more = "";
    int64_t before_ms = clock_now_ms() - older_ms, gone = 0;

    while (more) {
        AUTO(buf_done) Buf body = BUF(REPLY_MAX);
        NetReply reply;
        const char *after = strchr(more, '&'); /* "KEY&ID" */

        TRY(ask_well(
            blob,
            &(S3Ask){
                .method = "GET",
                .query = arena_print(
                    mem, "%s%.*s%sprefix=%s%s%s&uploads=", after ? "key-marker=" : "",
                    after ? (int)(after - more) : 0, more, after ? "&" : "",
                    s3_percent(store->prefix, mem), after ? "&upload-id-marker=" : "",
                    after ? after + 1 : ""),
                .cancel = cancel,
            },
            mem, &body, &reply));
        TRY(uploads_sweep(blob, buf_text(&body), before_ms, cancel, &gone));
        more =
            strcmp(remote_xml_text(buf_text(&body), "IsTruncated", mem), "true") == 0
                ? arena_print(
                      mem, "%s&%s",
                      s3_percent(remote_xml_text(buf_text(&body), "NextKeyMarker", mem), mem),
                      s3_percent(remote_xml_text(buf_text(&body), "NextUploadIdMarker", mem), mem))
                : NULL;
    }
    *ret = gone;
    return NULL;
}

const BlobKind blob_s3 = {
    .scheme = "s3",
    .open = s3_open,
    .close = s3_close,
    .check = s3_check,
    .begin = s3_begin,
    .add = s3_add,
    .commit = s3_commit,
    .end = s3_end,
    .fetch = s3_fetch,
    .take = remote_take,
    .leave = remote_leave,
    .head = s3_head,
    .remove = s3_remove,
    .list = s3_list,
    .sweep = s3_sweep,
    .grant = s3_grant,
    .form = s3_form,
};
