/* What follows from the rows of a door, and rows that cannot be. */
#include <string.h>

#include "http/endpoint.h"
#include "http/router_priv.h"

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
