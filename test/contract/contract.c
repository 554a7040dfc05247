/* Replies held to the document. */
#include "contract.h"

#include <pthread.h>
#include <sys/mman.h>

#include "http/openapi.h"
#include "http/router_priv.h"
#include "schema.h"
#include "test.h"

enum {
    SEEN_MAX = 512,
    BREACHES_BYTES = 256 * 1024
};

/* An endpoint, and which of its statuses and errors came. */
typedef struct Seen {
    const FrontDoor *door;
    const Endpoint *endpoint;
    bool statuses[600];
    bool errors[ERR_MAX_ + 1];
} Seen;

struct Contract {
    const FrontDoor *const *doors;
    Value *document;
    Arena *mem;
    Router *router;
    Seen *seen; /* SEEN_MAX, in memory that is shared with processes that part from this one */
    size_t count;
    Buf breaches;
    pthread_mutex_t mutex;
};

Contract *contract_new(const FrontDoor *const *doors)
{
    Contract *contract = calloc(1, sizeof(*contract));
    HttpDoor rows[16] = {0};

    contract->doors = doors;
    contract->document = openapi_document(doors);
    contract->mem = arena_new();
    contract->seen = mmap(
        NULL, SEEN_MAX * sizeof(Seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (contract->seen == MAP_FAILED)
        abort();
    contract->breaches.limit = BREACHES_BYTES;
    pthread_mutex_init(&contract->mutex, NULL);
    for (size_t i = 0; doors[i]; i++) {
        rows[i].door = doors[i];
        for (const Endpoint *const *row = doors[i]->endpoints; *row; row++)
            contract->seen[contract->count++] = (Seen){.door = doors[i], .endpoint = *row};
    }
    CHECK_OK(router_new(rows, &contract->router));
    return contract;
}

void contract_free(Contract *contract)
{
    if (!contract)
        return;
    value_free(contract->document);
    arena_free(contract->mem);
    router_free(contract->router);
    buf_done(&contract->breaches);
    munmap(contract->seen, SEEN_MAX * sizeof(Seen));
    free(contract);
}

static Seen *seen_of(Contract *contract, const Endpoint *endpoint)
{
    for (size_t i = 0; i < contract->count; i++)
        if (contract->seen[i].endpoint == endpoint)
            return &contract->seen[i];
    return NULL;
}

/* What the document says of a reply of ENDPOINT with STATUS; NULL when it says nothing of such. */
static const Value *response_find(const Contract *contract, const Endpoint *endpoint, int status)
{
    const Value *paths = value_get(contract->document, "paths");
    char method[8] = "", text[12];

    for (size_t i = 0; method_name(endpoint->method)[i]; i++)
        method[i] = (char)(method_name(endpoint->method)[i] | 0x20);
    snprintf(text, sizeof(text), "%d", status);
    for (ValueMember m = value_first(paths); m.name; m = value_next(paths, m)) {
        const Value *operation = value_get(m.value, method);
        const char *id = value_text(value_get(operation, "operationId"));

        if (id && strcmp(id, endpoint->id) == 0)
            return value_get(value_get(operation, "responses"), text);
    }
    return NULL;
}

/* A body is to be of one of the kinds that the document has. */
static const char *body_breach(
    const Contract *contract, const Value *response, const char *body, size_t size, Arena *mem)
{
    const Value *content = value_get(response, "content");
    ValueMember kind = value_first(content);
    AUTO(value_free) Value *value = NULL;
    const char *breach = NULL;

    if (!kind.name)
        return size ? "there is a body" : NULL;
    if (!strstr(kind.name, "json"))
        return NULL;
    AUTO(err_free) Err *err = value_parse(body, size, &value);
    if (err)
        return arena_print(mem, "the body is no JSON: %s", err_message(err));
    for (; kind.name; kind = value_next(content, kind)) {
        breach = schema_breach(contract->document, value_get(kind.value, "schema"), value, mem);
        if (!breach)
            return NULL;
    }
    return breach;
}

/* Not of the document: what HTTP itself says of conditions, ranges and other places. */
static bool status_is_plain(int status)
{
    return status == 101 || status == 206 || status == 304 || (status >= 301 && status <= 308);
}

static void reply_hold(Contract *contract, const HttpReply *reply)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const Value *response = response_find(contract, reply->endpoint, reply->status);
    const char *wrong = NULL;

    if (reply->endpoint->kind == ENDPOINT_PAGE || status_is_plain(reply->status))
        return;
    if (!response)
        wrong = "the document has no such status";
    else if (reply->body)
        wrong = body_breach(contract, response, reply->body, reply->size, mem);
    if (wrong)
        CHECK_OK(buf_print(
            &contract->breaches, "%s %d: %s\n", reply->endpoint->id, reply->status, wrong));
}

void contract_see(void *contract_any, const HttpReply *reply)
{
    Contract *contract = contract_any;
    Seen *seen = reply->endpoint ? seen_of(contract, reply->endpoint) : NULL;

    if (!seen)
        return;
    pthread_mutex_lock(&contract->mutex);
    if (reply->status > 0 && reply->status < 600)
        seen->statuses[reply->status] = true;
    seen->errors[reply->error] = true;
    reply_hold(contract, reply);
    pthread_mutex_unlock(&contract->mutex);
}

/* The error that a body names, in our own words or in none. */
static ErrCode error_of(const char *body)
{
    AUTO(value_free) Value *value = NULL;
    AUTO(err_free) Err *err = body ? value_parse(body, strlen(body), &value) : NULL;
    const char *name = err ? NULL : value_text(value_get(value, "code"));

    if (!err && !name) /* doors that put it one deeper */
        name = value_text(value_get(value_get(value, "error"), "code"));
    if (!err && !name) /* or call it so */
        name = value_text(value_get(value, "error"));
    for (ErrCode code = 0; name && code < ERR_MAX_; code++)
        if (strcmp(err_name(code), name) == 0)
            return code;
    return ERR_MAX_;
}

/* A body that names no error stands for the one of the row with that status, when there is but one. */
static ErrCode error_by_status(const Seen *seen, int status)
{
    for (const ErrCode *code = seen->endpoint->errors; code && *code != ERR_MAX_; code++)
        if (door_status(seen->door, *code) == status)
            return *code;
    return ERR_MAX_;
}

void contract_see_line(
    Contract *contract, const char *method, const char *path, int status, const char *body)
{
    Uri uri;
    Route route;
    AUTO(err_free) Err *err = uri_read(path, contract->mem, &uri);

    if (err)
        return;
    router_find(contract->router, &uri, contract->mem, &route);
    for (Method i = GET; route.seats && i < METHOD_MAX_; i++)
        if (route.seats[i].endpoint && strcmp(method_name(i), method) == 0) {
            HttpReply reply = {
                .door = route.seats[i].at->door,
                .endpoint = route.seats[i].endpoint,
                .status = status,
                .error = status >= 400 ? error_of(body) : ERR_MAX_,
                .body = body,
                .size = body ? strlen(body) : 0,
            };

            if (status >= 400 && reply.error == ERR_MAX_)
                reply.error = error_by_status(seen_of(contract, reply.endpoint), status);
            contract_see(contract, &reply);
        }
}

const char *contract_breaches(const Contract *contract, Arena *mem)
{
    return arena_text(mem, buf_text(&contract->breaches));
}

const char *contract_unseen(const Contract *contract, Arena *mem)
{
    const char *unseen = "";

    for (size_t i = 0; i < contract->count; i++) {
        const Seen *seen = &contract->seen[i];
        bool was_fine = false;

        for (int status = 200; status < 400; status++)
            was_fine |= seen->statuses[status];
        if (!was_fine)
            unseen = arena_print(
                mem, "%s%s was never called with success\n", unseen, seen->endpoint->id);
        for (const ErrCode *code = seen->endpoint->errors; code && *code != ERR_MAX_; code++)
            if (!seen->errors[*code])
                unseen = arena_print(
                    mem, "%s%s never said %s\n", unseen, seen->endpoint->id, err_name(*code));
    }
    return unseen;
}
