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
        }
        if (endpoint->in.fields) {
            code_add(&list, ERR_INPUT_INVALID);
            code_add(&list, ERR_INPUT_MISSING);
        }
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

int door_status(const FrontDoor *door, ErrCode code)
{
    return door->dialect.status ? door->dialect.status(code) : err_http(code);
}

/* ---- rows that cannot be ---- */

static MUST Err *presets_check(const Endpoint *endpoint, const Shape *shape, int depth)
{
    for (const Field *field = shape->fields; field && field->name && depth < 8; field++) {
        AUTO(value_free) Value *preset = NULL;

        if (field->shape)
            TRY(presets_check(endpoint, field->shape, depth + 1));
        if (!field->preset)
            continue;
        AUTO(err_free) Err *err = shape_parse_words(field, field->preset, &preset);
        if (err)
            return err_new(
                ERR_BUG, "endpoint '%s': field '%s' refuses its own preset '%s'", endpoint->id,
                field->name, field->preset);
    }
    return NULL;
}

static MUST Err *path_check(const Endpoint *endpoint)
{
    PathField part;

    if (*endpoint->path != '/')
        return err_new(ERR_BUG, "endpoint '%s': its path has no slash", endpoint->id);
    if (endpoint->kind == ENDPOINT_PAGE)
        return NULL;
    for (size_t i = 0; path_field_at(endpoint->path, i, &part); i++)
        if (!endpoint->in.fields || !shape_find(&endpoint->in, part.name))
            return err_new(
                ERR_BUG, "endpoint '%s': its input has no field '%s'", endpoint->id, part.name);
    return NULL;
}

static MUST Err *names_check(const Endpoint *endpoint)
{
    for (const char *const *name = endpoint->query; name && *name; name++)
        if (!endpoint->in.fields || !shape_find(&endpoint->in, *name))
            return err_new(
                ERR_BUG, "endpoint '%s': its input has no field '%s'", endpoint->id, *name);
    for (const HeaderField *row = endpoint->headers; row && row->field; row++)
        if (!endpoint->in.fields || !shape_find(&endpoint->in, row->field))
            return err_new(
                ERR_BUG, "endpoint '%s': its input has no field '%s'", endpoint->id, row->field);
    return NULL;
}

static MUST Err *endpoint_check(const Endpoint *endpoint)
{
    bool is_upload = endpoint->kind == ENDPOINT_UPLOAD;
    bool is_form = endpoint->kind == ENDPOINT_MULTIPART;

    if (!endpoint->path || !endpoint->id || !endpoint->summary)
        return err_new(
            ERR_BUG, "endpoint '%s' lacks a path, an id or a summary",
            endpoint->id ? endpoint->id : "");
    TRY(path_check(endpoint));
    TRY(names_check(endpoint));
    if ((endpoint->kind == ENDPOINT_PAGE) != (endpoint->page != NULL) ||
        (endpoint->kind != ENDPOINT_PAGE) != (endpoint->handle != NULL))
        return err_new(ERR_BUG, "endpoint '%s' has no handler, or no page", endpoint->id);
    if ((is_upload || is_form) && !endpoint->max_bytes)
        return err_new(ERR_BUG, "endpoint '%s' takes bodies without a limit", endpoint->id);
    if (is_upload != (endpoint->open != NULL) || is_form != (endpoint->part != NULL))
        return err_new(ERR_BUG, "endpoint '%s' has nowhere to put its bytes", endpoint->id);
    TRY(presets_check(endpoint, &endpoint->in, 0));
    return NULL;
}

static MUST Err *ids_check(const FrontDoor *const *doors)
{
    for (const FrontDoor *const *a = doors; *a; a++)
        for (const Endpoint *const *one = (*a)->endpoints; *one; one++)
            for (const FrontDoor *const *b = doors; *b; b++)
                for (const Endpoint *const *other = (*b)->endpoints; *other; other++)
                    if (*one != *other && strcmp((*one)->id, (*other)->id) == 0)
                        return err_new(ERR_BUG, "two endpoints are called '%s'", (*one)->id);
    return NULL;
}

Err *door_check(const FrontDoor *const *doors)
{
    HttpDoor rows[16] = {0};
    AUTO(router_free) Router *router = NULL;
    size_t count = 0;

    for (const FrontDoor *const *door = doors; *door; door++) {
        if (count + 1 == COUNT(rows))
            return err_new(ERR_BUG, "more than %zu doors", COUNT(rows) - 1);
        rows[count++].door = *door;
        for (const Endpoint *const *endpoint = (*door)->endpoints; *endpoint; endpoint++)
            TRY(endpoint_check(*endpoint));
    }
    TRY(ids_check(doors));
    return router_new(rows, &router);
}
