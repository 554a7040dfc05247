/* What follows from an endpoint's row. */
#include "http/endpoint.h"

#include <string.h>

#include "http/router_priv.h"

const char *method_name(Method method)
{
    static const char *const names[] = {
        [GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE"};

    return names[method];
}

static bool names_have(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static bool endpoint_reads_body(const Endpoint *endpoint)
{
    return endpoint->kind == ENDPOINT_MULTIPART ||
           (endpoint->kind == ENDPOINT_JSON && endpoint->method != GET &&
            endpoint->method != DELETE);
}

FieldPlace endpoint_field_place(const Endpoint *endpoint, const Field *field)
{
    PathField part;

    for (size_t i = 0; path_field_at(endpoint->path, i, &part); i++)
        if (strcmp(part.name, field->name) == 0)
            return FIELD_IN_PATH;
    for (const HeaderField *row = endpoint->headers; row && row->field; row++)
        if (strcmp(row->field, field->name) == 0)
            return FIELD_IN_HEADER;
    if (!endpoint_reads_body(endpoint) || names_have(endpoint->query, field->name))
        return FIELD_IN_QUERY;
    return FIELD_IN_BODY;
}

typedef struct CodeList {
    ErrCode *codes;
    size_t count;
} CodeList;

static void code_add(CodeList *list, ErrCode code)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->codes[i] == code)
            return;
    list->codes[list->count++] = code;
}

const ErrCode *endpoint_errors(const Endpoint *endpoint, Arena *mem)
{
    CodeList list = {.codes = ARENA_ARRAY(mem, ErrCode, ERR_MAX_ + 1)};
    bool takes_bytes = endpoint_reads_body(endpoint) || endpoint->kind == ENDPOINT_UPLOAD;

    if (endpoint->kind != ENDPOINT_PAGE) {
        for (const ErrCode *code = endpoint->errors; code && *code != ERR_MAX_; code++)
            code_add(&list, *code);
        if (endpoint->scope) {
            code_add(&list, ERR_UNAUTHENTICATED);
            code_add(&list, ERR_FORBIDDEN);
            code_add(&list, ERR_RATE_LIMITED);
        }
        if (endpoint->in.fields) {
            code_add(&list, ERR_INPUT_INVALID);
            code_add(&list, ERR_INPUT_MISSING);
        }
        if (endpoint->retried)
            code_add(&list, ERR_CONFLICT);
        if (takes_bytes) {
            code_add(&list, ERR_TYPE_UNSUPPORTED);
            code_add(&list, ERR_BODY_TOO_LARGE);
        }
        code_add(&list, ERR_REQUEST_INVALID);
        code_add(&list, ERR_SERVER_BUSY);
        code_add(&list, ERR_BUG);
    }
    list.codes[list.count] = ERR_MAX_;
    return list.codes;
}
