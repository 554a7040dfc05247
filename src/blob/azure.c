/* Blobs in Azure Blob Storage: a key's first part is the container, the rest is the blob's name. */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "base/base64.h"
#include "base/chance.h"
#include "base/clock.h"
#include "blob/azure_priv.h"
#include "blob/remote_priv.h"

enum {
    REPLY_MAX = 4 << 20, /* of a list or an error */
    RETRIES = 4,
    PIECE_MS = 5 * 60 * 1000,
};

/* ---- the store ---- */

/* The value of NAME in "A=b;C=d", NULL when it is not there or empty. */
static const char *connection_part(const char *connection, const char *name, Arena *mem)
{
    for (const char *at = connection; *at; at += strcspn(at, ";"), at += *at == ';') {
        size_t length = strcspn(at, ";"), word = strlen(name);

        if (length > word + 1 && strncmp(at, name, word) == 0 && at[word] == '=')
            return arena_text_n(mem, at + word + 1, length - word - 1);
    }
    return NULL;
}

static MUST Err *connection_bad(const char *what)
{
    return err_public(
        err_new(ERR_INPUT_INVALID, "the connection string of azure has no usable %s", what),
        "Set AZURE_STORAGE_CONNECTION_STRING as the portal shows it under Access keys.");
}

static MUST Err *connection_read(const char *text, AzureStore *store, Arena *mem)
{
    const char *account = connection_part(text, "AccountName", mem);
    const char *key = connection_part(text, "AccountKey", mem);
    const char *endpoint = connection_part(text, "BlobEndpoint", mem), *host;
    const char *suffix = connection_part(text, "EndpointSuffix", mem);
    const char *protocol = connection_part(text, "DefaultEndpointsProtocol", mem);

    if (!account)
        return connection_bad("AccountName");
    for (const char *at = account; *at; at++)
        if (!islower((unsigned char)*at) && !isdigit((unsigned char)*at))
            return connection_bad("AccountName");
    AUTO(err_free) Err *no_key = key ? base64_read(key, &store->secret) : NULL;
    if (no_key || store->secret.size == 0)
        return connection_bad("AccountKey");
    if (!endpoint)
        endpoint = arena_print(
            mem, "%s://%s.blob.%s", protocol ? protocol : "https", account,
            suffix ? suffix : "core.windows.net");
    AUTO(err_free) Err *no_url = remote_endpoint(endpoint, mem, &store->origin, &host);
    if (no_url)
        return connection_bad("BlobEndpoint");

    const char *path = strchr(host, '/');
    store->account = account;
    store->base = arena_print(mem, "%s/", path ? path : "");
    store->origin =
        arena_text_n(mem, store->origin, (size_t)(host - store->origin) + strcspn(host, "/"));
    return NULL;
}

static void azure_close(void *at)
{
    AzureStore *store = at;

    buf_done(&store->secret);
    pthread_mutex_destroy(&store->mutex);
}

static MUST Err *azure_open(const BlobSetup *setup, const char *rest, Blob *blob)
{
    AzureStore *store = arena_take(blob->mem, sizeof(*store));
    size_t length = strlen(rest);

    if (!setup->net)
        return err_new(ERR_BUG, "a store in azure needs a client");
    while (length > 0 && rest[length - 1] == '/')
        length--;
    if (length > 30 || strspn(rest, "abcdefghijklmnopqrstuvwxyz0123456789") < length)
        return err_new(ERR_INPUT_INVALID, "'%s' is no beginning of containers' names", rest);

    store->net = setup->net;
    store->secret = (Buf)BUF(256);
    pthread_mutex_init(&store->mutex, NULL);
    blob->at = store; /* from here on closed with the Blob */
    store->prefix = length ? arena_print(blob->mem, "%.*s-", (int)length, rest) : "";
    TRY(connection_read(setup->connection ? setup->connection : "", store, blob->mem));
    blob->place =
        arena_print(blob->mem, "azure:%.*s at %s%s", (int)length, rest, store->origin, store->base);
    return NULL;
}

/* ---- requests ---- */

typedef struct AzureAsk {
    const char *method;
    const char *path;       /* below the account: "raw" or "raw/t1/shoe.jpg" */
    const NetHeader *query; /* sorted, values bare; ended by a nameless one. NULL for none */
    const NetHeader
        *headers; /* x-ms-…, small letters, sorted; ended by a nameless one. NULL for none */
    const char *type;
    const void *body;
    size_t body_bytes;
    const Cancel *cancel;
} AzureAsk;

const char *azure_path(const AzureStore *store, const char *key, Arena *mem)
{
    return arena_print(mem, "%s%s", store->prefix, key);
}

const char *azure_mac(const AzureStore *store, const char *text, Arena *mem)
{
    Hash hash = hash_mac(store->secret.bytes, store->secret.size, text, strlen(text));

    return base64_text(hash.bytes, sizeof(hash.bytes), mem);
}

/* The date that requests are signed with: "Sat, 21 Nov 2026 10:00:00 GMT". */
static const char *date_now(Arena *mem)
{
    time_t seconds = (time_t)(clock_now_ms() / 1000);
    struct tm parts;
    char text[40];

    gmtime_r(&seconds, &parts);
    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return arena_text(mem, text);
}

/* "a=b%20c&d=e" */
const char *azure_query(const NetHeader *query, Arena *mem)
{
    AUTO(buf_done) Buf buf = BUF(16 * 1024);

    for (; query && query->name; query++) {
        AUTO(err_free) Err *err = buf_print(&buf, "%s%s=", buf.size ? "&" : "", query->name);

        if (!err)
            err = blob_percent_add(&buf, query->value, "");
    }
    return arena_text(mem, buf_text(&buf));
}

/* "Authorize with Shared Key" of the REST API: all that is sent, in one fixed order. HEADERS are those of ASK and our own. */
static const char *
authorization(const AzureStore *store, const AzureAsk *ask, const NetHeader *headers, Arena *mem)
{
    const char *text = arena_print(
        mem, "%s\n\n\n%s\n\n%s\n\n\n\n\n\n\n", ask->method,
        ask->body_bytes ? arena_print(mem, "%zu", ask->body_bytes) : "",
        ask->type ? ask->type : "");

    for (; headers->name; headers++)
        if (strncmp(headers->name, "x-ms-", 5) == 0)
            text = arena_print(mem, "%s%s:%s\n", text, headers->name, headers->value);
    text = arena_print(mem, "%s/%s%s%s", text, store->account, store->base, ask->path);
    for (const NetHeader *word = ask->query; word && word->name; word++)
        text = arena_print(mem, "%s\n%s:%s", text, word->name, word->value);
    return arena_print(mem, "SharedKey %s:%s", store->account, azure_mac(store, text, mem));
}

/* ASK's headers with those every request has, still sorted. */
static NetHeader *headers_of(const AzureStore *store, const AzureAsk *ask, Arena *mem)
{
    enum {
        MOST = 12
    };
    NetHeader *headers = ARENA_ARRAY(mem, NetHeader, MOST);
    NetHeader own[] = {{"x-ms-date", date_now(mem)}, {"x-ms-version", AZURE_API}, {NULL, NULL}};
    const NetHeader none = {NULL, NULL}, *from = ask->headers ? ask->headers : &none, *ours = own;
    size_t count = 0;

    while ((from->name || ours->name) && count < MOST - 3) {
        bool is_ours = !from->name || (ours->name && strcmp(ours->name, from->name) < 0);

        headers[count++] = is_ours ? *ours++ : *from++;
    }
    if (ask->type)
        headers[count++] = (NetHeader){"Content-Type", ask->type};
    headers[count] = (NetHeader){"Authorization", authorization(store, ask, headers, mem)};
    return headers;
}

static NetRequest request_of(const AzureStore *store, const AzureAsk *ask, Arena *mem)
{
    const char *query = azure_query(ask->query, mem);

    return (NetRequest){
        .method = ask->method,
        .url = arena_print(
            mem, "%s%s%s%s%s", store->origin, store->base, ask->path, *query ? "?" : "", query),
        .headers = headers_of(store, ask, mem),
        .body = ask->body,
        .body_bytes = (int64_t)ask->body_bytes,
        .most_bytes = -1,
        .total_ms = PIECE_MS,
        .retries = RETRIES,
        .cancel = ask->cancel,
    };
}

static MUST Err *reply_check(const NetReply *reply, const char *key, Arena *mem)
{
    const char *code = net_reply_header(reply, "x-ms-error-code");

    if (reply->status >= 200 && reply->status < 300)
        return NULL;
    if (reply->status == 404)
        return err_new(ERR_NOT_FOUND, "there is no blob '%s'", key);
    if (reply->status == 416)
        return err_new(ERR_INPUT_INVALID, "a range begins past the end of '%s'", key);
    if (code && strcmp(code, "InvalidBlockList") == 0)
        return err_new(ERR_CONFLICT, "'%s' was written by two at once", key);
    return net_reply_check(
        reply, code ? arena_print(mem, "the store in azure (%.60s)", code) : "the store in azure");
}

static MUST Err *
ask_well(const Blob *blob, const AzureAsk *ask, Arena *mem, Buf *into, NetReply *ret)
{
    const AzureStore *store = blob->at;
    NetRequest request = request_of(store, ask, mem);

    request.into = into;
    TRY(net_send(store->net, &request, mem, ret));
    return reply_check(ret, ask->path, mem);
}

static MUST Err *azure_check(Blob *blob, const Cancel *cancel)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf body = BUF(REPLY_MAX);
    static const NetHeader query[] = {{"comp", "list"}, {"maxresults", "1"}, {NULL, NULL}};
    NetReply reply;

    return ask_well(
        blob, &(AzureAsk){.method = "GET", .path = "", .query = query, .cancel = cancel}, mem,
        &body, &reply);
}

/* ---- containers ---- */

static bool container_is_known(AzureStore *store, const char *name)
{
    bool is_known = false;

    pthread_mutex_lock(&store->mutex);
    for (int i = 0; i < store->container_count; i++)
        is_known = is_known || strcmp(store->containers[i], name) == 0;
    pthread_mutex_unlock(&store->mutex);
    return is_known;
}

static void container_learn(AzureStore *store, const char *name)
{
    pthread_mutex_lock(&store->mutex);
    if (store->container_count < CONTAINERS_KNOWN)
        snprintf(
            store->containers[store->container_count++], CONTAINER_MAX, "%.*s", CONTAINER_MAX - 1,
            name);
    pthread_mutex_unlock(&store->mutex);
}

/* Make the container of KEY unless it is there. */
Err *azure_container_need(Blob *blob, const char *key, const Cancel *cancel)
{
    static const NetHeader query[] = {{"restype", "container"}, {NULL, NULL}};
    AzureStore *store = blob->at;
    AUTO(arena_free) Arena *mem = arena_new();
    const char *name = azure_path(store, arena_text_n(mem, key, strcspn(key, "/")), mem);
    NetReply reply;

    if (container_is_known(store, name))
        return NULL;
    NetRequest request = request_of(
        store, &(AzureAsk){.method = "PUT", .path = name, .query = query, .cancel = cancel}, mem);
    TRY(net_send(store->net, &request, mem, &reply));

    const char *code = net_reply_header(&reply, "x-ms-error-code");
    if (!(reply.status == 409 && code && strcmp(code, "ContainerAlreadyExists") == 0))
        TRY(reply_check(&reply, name, mem));
    container_learn(store, name);
    return NULL;
}

/* ---- writing ---- */

typedef struct AzureWriter {
    Pieces pieces;
    const char *path;
    const char
        *batch; /* begins the ids of its blocks, so that two writers of one key do not mix theirs */
} AzureWriter;

static MUST Err *azure_begin(BlobWriter *writer)
{
    AzureWriter *at = arena_take(writer->mem, sizeof(*at));
    unsigned char batch[9];

    TRY(azure_container_need(writer->blob, writer->key, writer->cancel));
    chance_bytes(batch, sizeof(batch));
    at->batch = base64_url_text(batch, sizeof(batch), writer->mem);
    at->path = azure_path(writer->blob->at, writer->key, writer->mem);
    remote_pieces_init(&at->pieces);
    writer->at = at;
    return NULL;
}

static const char *block_id(const AzureWriter *at, int number, Arena *mem)
{
    const char *name = arena_print(mem, "%s-%05d", at->batch, number);

    return base64_text(name, strlen(name), mem);
}

static MUST Err *block_send(BlobWriter *writer, const Buf *piece)
{
    const AzureWriter *at = writer->at;
    AUTO(arena_free) Arena *mem = arena_new();
    const NetHeader query[] = {
        {"blockid", block_id(at, at->pieces.sent, mem)}, {"comp", "block"}, {NULL, NULL}};
    NetReply reply;

    return ask_well(
        writer->blob,
        &(AzureAsk){
            .method = "PUT",
            .path = at->path,
            .query = query,
            .body = piece->bytes,
            .body_bytes = piece->size,
            .cancel = writer->cancel,
        },
        mem, NULL, &reply);
}

static MUST Err *azure_add(BlobWriter *writer, const void *bytes, size_t size)
{
    return remote_pieces_add(writer, &((AzureWriter *)writer->at)->pieces, bytes, size, block_send);
}

static MUST Err *whole_send(BlobWriter *writer, const Buf *piece)
{
    const AzureWriter *at = writer->at;
    static const NetHeader headers[] = {{"x-ms-blob-type", "BlockBlob"}, {NULL, NULL}};
    NetReply reply;

    return ask_well(
        writer->blob,
        &(AzureAsk){
            .method = "PUT",
            .path = at->path,
            .headers = headers,
            .type = writer->type,
            .body = piece->bytes,
            .body_bytes = piece->size,
            .cancel = writer->cancel,
        },
        writer->mem, NULL, &reply);
}

static MUST Err *blocks_join(BlobWriter *writer)
{
    static const NetHeader query[] = {{"comp", "blocklist"}, {NULL, NULL}};
    const AzureWriter *at = writer->at;
    const NetHeader headers[] = {{"x-ms-blob-content-type", writer->type}, {NULL, NULL}};
    AUTO(buf_done) Buf list = BUF(REPLY_MAX);
    NetReply reply;

    TRY(buf_add_text(&list, "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>"));
    for (int i = 0; i < at->pieces.sent; i++)
        TRY(buf_print(&list, "<Latest>%s</Latest>", block_id(at, i, writer->mem)));
    TRY(buf_add_text(&list, "</BlockList>"));
    return ask_well(
        writer->blob,
        &(AzureAsk){
            .method = "PUT",
            .path = at->path,
            .query = query,
            .headers = headers,
            .type = "application/xml",
            .body = list.bytes,
            .body_bytes = list.size,
            .cancel = writer->cancel,
        },
        writer->mem, NULL, &reply);
}

static MUST Err *azure_commit(BlobWriter *writer, const BlobWritten *written)
{
    AzureWriter *at = writer->at;
    (void)written;

    if (at->pieces.sent == 0)
        return whole_send(writer, &at->pieces.held);
    if (at->pieces.held.size > 0)
        TRY(remote_pieces_flush(writer, &at->pieces, block_send));
    return blocks_join(writer);
}

/* Blocks that belong to no blob go by themselves after a week. */
static void azure_end(BlobWriter *writer)
{
    remote_pieces_done(&((AzureWriter *)writer->at)->pieces);
}

static MUST Err *azure_sweep(Blob *blob, int64_t older_ms, const Cancel *cancel, int64_t *ret)
{
    (void)blob;
    (void)older_ms;
    *ret = 0;
    return cancel_check(cancel);
}

/* ---- reading ---- */

static MUST Err *
azure_head(Blob *blob, const char *key, const Cancel *cancel, Arena *mem, BlobFacts *ret)
{
    NetReply reply;

    TRY(ask_well(
        blob,
        &(AzureAsk){.method = "HEAD", .path = azure_path(blob->at, key, mem), .cancel = cancel},
        mem, NULL, &reply));
    *ret = remote_facts(&reply, mem);
    return NULL;
}

static MUST Err *azure_fetch(BlobReader *reader, const BlobGet *get, Arena *mem, BlobFacts *ret)
{
    const AzureStore *store = reader->blob->at;
    const char *range = remote_range(get, mem);
    const NetHeader headers[] = {{range ? "x-ms-range" : NULL, range}, {NULL, NULL}};
    AUTO(net_stream_free) NetStream *stream = NULL;
    NetReply reply;
    NetRequest request = request_of(
        store,
        &(AzureAsk){
            .method = "GET",
            .path = azure_path(store, get->key, mem),
            .headers = headers,
            .cancel = get->cancel,
        },
        mem);

    TRY(net_stream_open(store->net, &request, mem, &reply, &stream));
    if (reply.status == 416) { /* right at the end there is nothing, but that can be read */
        TRY(azure_head(reader->blob, get->key, get->cancel, mem, ret));
        if (get->from == ret->bytes)
            return NULL;
    }
    TRY(reply_check(&reply, get->key, mem));
    *ret = remote_facts(&reply, mem);
    reader->at = TAKE(stream);
    return NULL;
}

static MUST Err *azure_remove(Blob *blob, const char *key, const Cancel *cancel)
{
    AUTO(arena_free) Arena *mem = arena_new();
    NetReply reply;
    AUTO(err_free) Err *err = ask_well(
        blob,
        &(AzureAsk){.method = "DELETE", .path = azure_path(blob->at, key, mem), .cancel = cancel},
        mem, NULL, &reply);

    return err && err_code(err) == ERR_NOT_FOUND ? NULL : TAKE(err);
}

/* ---- listing ---- */

static void row_read(const char *container, const char *row, Arena *mem, BlobPage *page)
{
    const char *key = arena_print(mem, "%s%s", container, remote_xml_text(row, "Name", mem));
    AUTO(err_free) Err *foreign = blob_key_check(key);

    if (!foreign)
        page->rows[page->count++] = (BlobRow){
            .key = key,
            .bytes = strtoll(remote_xml_text(row, "Content-Length", mem), NULL, 10),
            .changed_ms = remote_time_ms(remote_xml_text(row, "Last-Modified", mem)),
        };
}

static MUST Err *azure_list(Blob *blob, const BlobQuery *query, Arena *mem, BlobPage *ret)
{
    const char *name = strchr(query->prefix, '/') + 1;
    const char *container = arena_text_n(mem, query->prefix, (size_t)(name - query->prefix));
    const char *most = arena_print(mem, "%d", query->most);
    NetHeader words[6] = {{"comp", "list"}};
    size_t count = 1;

    if (query->after)
        words[count++] = (NetHeader){"marker", query->after};
    words[count++] = (NetHeader){"maxresults", most};
    words[count++] = (NetHeader){"prefix", name};
    words[count] = (NetHeader){"restype", "container"};

    AUTO(buf_done) Buf body = BUF(REPLY_MAX);
    BlobPage page = {.rows = ARENA_ARRAY(mem, BlobRow, (size_t)query->most)};
    NetReply reply;
    Err *err = ask_well(
        blob,
        &(AzureAsk){
            .method = "GET",
            .path = azure_path(blob->at, arena_text_n(mem, container, strlen(container) - 1), mem),
            .query = words,
            .cancel = query->cancel,
        },
        mem, &body, &reply);
    bool is_empty = err && err_code(err) == ERR_NOT_FOUND; /* nobody has put anything there yet */

    if (is_empty)
        err_free(err);
    else if (err)
        return err;
    const char *at = is_empty ? "" : buf_text(&body), *row;
    while (page.count < (size_t)query->most && (row = remote_xml_next(at, "Blob", mem, &at)))
        row_read(container, row, mem, &page);
    const char *next = is_empty ? "" : remote_xml_text(buf_text(&body), "NextMarker", mem);
    page.next = *next ? next : NULL;
    *ret = page;
    return NULL;
}

const BlobKind blob_azure = {
    .scheme = "azure",
    .open = azure_open,
    .close = azure_close,
    .check = azure_check,
    .begin = azure_begin,
    .add = azure_add,
    .commit = azure_commit,
    .end = azure_end,
    .fetch = azure_fetch,
    .take = remote_take,
    .leave = remote_leave,
    .head = azure_head,
    .remove = azure_remove,
    .list = azure_list,
    .sweep = azure_sweep,
    .grant = azure_grant,
};
