/* From path, query, headers, body and form to the one struct that a handler takes. */
#include <string.h>

#include "http/form_priv.h"
#include "http/server_priv.h"

static const Field *field_find(const Shape *shape, const char *name)
{
    for (const Field *field = shape->fields; field && field->name; field++)
        if (strcmp(field->name, name) == 0)
            return field;
    return NULL;
}

static MUST Err *misplaced(const char *name)
{
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "field '%s' stands in the wrong place", name),
            "%s does not belong here: it stands elsewhere in the request.", name),
        "/%s", name);
}

/* WORDS for the field NAME, as they stand in PLACE. A name that the shape does not know is left to the shape to refuse. */
static MUST Err *
words_set(const Call *call, Value *input, const char *name, const char *words, FieldPlace place)
{
    const Field *field = field_find(&call->endpoint->in, name);
    Value *value = NULL;

    if (value_get(input, name))
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "field '%s' is given twice", name), "%s is given twice.",
                name),
            "/%s", name);
    if (field && endpoint_field_place(call->endpoint, field) != place)
        return misplaced(name);
    if (field)
        TRY(shape_parse_words(field, words, &value));
    value_set(input, name, field ? value : value_of_text(words));
    return NULL;
}

static MUST Err *path_read(const Call *call, Value *input)
{
    PathField part;

    for (size_t i = 0; path_field_at(call->endpoint->path, i, &part); i++)
        TRY(words_set(call, input, part.name, call->route.values[i], FIELD_IN_PATH));
    return NULL;
}

static MUST Err *query_read(const Call *call, Value *input)
{
    for (size_t i = 0; i < call->uri.pair_count; i++)
        TRY(words_set(
            call, input, call->uri.pairs[i].name, call->uri.pairs[i].value, FIELD_IN_QUERY));
    return NULL;
}

static MUST Err *headers_read(const Call *call, Value *input)
{
    for (const HeaderField *row = call->endpoint->headers; row && row->field; row++) {
        const char *value = call_header(call, row->header);

        if (value && !uri_is_utf8(value))
            return err_field(
                err_public(
                    err_new(ERR_INPUT_INVALID, "header '%s' is not UTF-8", row->header),
                    "The header %s is not UTF-8.", row->header),
                "/%s", row->field);
        if (value)
            TRY(words_set(call, input, row->field, value, FIELD_IN_HEADER));
    }
    return NULL;
}

static MUST Err *json_read(const Call *call, Value **ret)
{
    Err *err = value_parse(buf_text(&call->body), call->body.size, ret);

    if (!err)
        return NULL;
    Err *refused =
        err_public(err_new(ERR_REQUEST_INVALID, "the body is no JSON"), "%s", err_text(err));
    return err_because(refused, err);
}

static MUST Err *body_read(const Call *call, Value *input)
{
    AUTO(value_free) Value *body = NULL;

    if (call->endpoint->kind != ENDPOINT_JSON || !call->body.size)
        return NULL;
    TRY(json_read(call, &body));
    if (value_kind(body) != VALUE_OBJECT)
        return err_public(
            err_new(ERR_INPUT_INVALID, "the body is no object"),
            "The body must be an object in braces, not %s.", value_kind_name(value_kind(body)));
    for (ValueMember m = value_first(body); m.name; m = value_next(body, m)) {
        const Field *field = field_find(&call->endpoint->in, m.name);

        if (field && endpoint_field_place(call->endpoint, field) != FIELD_IN_BODY)
            return misplaced(m.name);
        value_set(input, m.name, value_ref(m.value));
    }
    return NULL;
}

static MUST Err *files_check(const Call *call)
{
    size_t count;
    const Part *parts = form_parts(call->form, &count);

    for (const FileField *row = call->endpoint->files; row && row->name; row++) {
        int found = 0;

        for (size_t i = 0; i < count; i++)
            found += strcmp(parts[i].name, row->name) == 0;
        if (found < row->least)
            return err_field(
                err_public(
                    err_new(ERR_INPUT_MISSING, "file '%s' is required", row->name),
                    "%s is missing: %s.", row->name, row->help),
                "/%s", row->name);
    }
    return NULL;
}

static MUST Err *form_read(const Call *call, Value *input)
{
    size_t count;
    const FormText *texts = form_texts(call->form, &count);

    if (!call->form)
        return NULL;
    for (size_t i = 0; i < count; i++)
        TRY(words_set(call, input, texts[i].name, texts[i].value, FIELD_IN_BODY));
    return files_check(call);
}

static void input_end(void *input)
{
    value_free(input);
}

Err *call_input_read(Call *call)
{
    static const Field none[] = {{FIELD_END}};
    Shape shape = call->endpoint->in;
    Value *input = value_object();

    /* Raw values in the struct are borrowed from it. */
    arena_keep(call->arena, input_end, input);
    if (!shape.fields)
        shape = (Shape){.name = "nothing", .fields = none};
    TRY(path_read(call, input));
    TRY(query_read(call, input));
    TRY(headers_read(call, input));
    TRY(body_read(call, input));
    TRY(form_read(call, input));
    call->in = arena_take(call->arena, shape.size);
    return shape_read(&shape, input, call->arena, call->in);
}
