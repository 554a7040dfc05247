/* Requests held against somebody else's OpenAPI document. */
#include "contract/foreign.h"

#include <string.h>

#include "contract/schema.h"

typedef struct Check {
    const ForeignAsked *asked;
    const Value *operation;
    Arena *mem;
} Check;

static const char *header_of(const Check *check, const char *name)
{
    return outside_header(check->asked->outside, check->asked->index, name);
}

/* What REF ("#/components/...") of VALUE leads to; VALUE itself without one. */
static const Value *resolved(const Check *check, const Value *value)
{
    const char *ref = value_text(value_get(value, "$ref"));
    const Value *place = check->asked->document;

    for (const char *at = ref ? strchr(ref, '/') : NULL; at; at = strchr(at, '/')) {
        at++;
        place = value_get(place, arena_text_n(check->mem, at, strcspn(at, "/")));
    }
    return ref ? place : value;
}

/* ---- which operation ---- */

/* How many parts of TEMPLATE ("/{owner}/{app}") stand for any word; -1 when PATH is another. */
static int template_fits(const char *template, const char *path)
{
    int any = 0;

    while (*template && *path) {
        size_t named = strcspn(template + 1, "/") + 1, given = strcspn(path + 1, "/") + 1;

        if (template[1] == '{' && given > 1)
            any++;
        else if (named != given || strncmp(template, path, named) != 0)
            return -1;
        template += named;
        path += given;
    }
    return *template || *path ? -1 : any;
}

static const Value *operation_find(const Check *check, const char *path, const char *method)
{
    const Value *paths = value_get(check->asked->document, "paths"), *found = NULL;
    int fewest = 100;

    for (ValueMember m = value_first(paths); m.name; m = value_next(paths, m)) {
        int any = template_fits(m.name, path);
        const Value *operation = value_get(m.value, method);

        if (any >= 0 && any < fewest && operation)
            fewest = any, found = operation;
    }
    return found;
}

/* ---- its head ---- */

static const char *key_breach(const Check *check)
{
    const Value *schemes =
        value_get(value_get(check->asked->document, "components"), "securitySchemes");
    ValueMember first = value_first(schemes);
    const char *name = value_text(value_get(first.value, "name"));
    const char *header = name ? name : "Authorization", *given = header_of(check, header);
    bool is_bearer = strcmp(value_text(value_get(first.value, "type")), "http") == 0;

    if (!given || !*given)
        return arena_print(check->mem, "there is no %s", header);
    if (is_bearer && strncmp(given, "Bearer ", 7) != 0)
        return arena_print(check->mem, "%s is no bearer's", header);
    return NULL;
}

static const char *headers_breach(const Check *check)
{
    const Value *parameters = value_get(check->operation, "parameters");

    for (size_t i = 0; i < value_count(parameters); i++) {
        const Value *parameter = resolved(check, value_at(parameters, i));
        const char *name = value_text(value_get(parameter, "name"));

        if (strcmp(value_text(value_get(parameter, "in")), "header") == 0 &&
            value_bool(value_get(parameter, "required")) && !header_of(check, name))
            return arena_print(check->mem, "there is no %s", name);
    }
    return NULL;
}

/* ---- its body ---- */

static bool is_of_type(const Value *schema, const char *name)
{
    const Value *type = value_get(schema, "type");

    if (value_text(type))
        return strcmp(value_text(type), name) == 0;
    for (size_t i = 0; i < value_count(type); i++)
        if (strcmp(value_text(value_at(type, i)), name) == 0)
            return true;
    const Value *choices = value_get(schema, "anyOf");
    for (size_t i = 0; i < value_count(choices); i++)
        if (is_of_type(value_at(choices, i), name))
            return true;
    return false;
}

/* TEXT of a form as what SCHEMA says it is. */
static Value *field_value(const Value *schema, const char *text)
{
    char *end;
    double number = strtod(text, &end);
    bool is_number = end != text && *end == 0;

    if (is_of_type(schema, "integer") && is_number && !strpbrk(text, ".eE"))
        return value_of_int((int64_t)number);
    if (is_of_type(schema, "number") && is_number)
        return value_of_number(number);
    if (is_of_type(schema, "boolean") && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        return value_of_bool(*text == 't');
    return value_of_text(text);
}

/* "image[]" is one more of "image". */
static const char *
part_put(const Check *check, const Value *schema, const char *name, const char *text, Value *form)
{
    size_t length = strlen(name);
    bool is_listed = length > 2 && strcmp(name + length - 2, "[]") == 0;
    const char *plain = is_listed ? arena_text_n(check->mem, name, length - 2) : name;
    const Value *fields = value_get(schema, "properties");
    const Value *field = resolved(check, value_get(fields, plain));

    if (!field && value_count(fields) > 0)
        return arena_print(check->mem, "they know no field '%s'", name);
    Value *value = field_value(field, text);
    if (!is_listed) {
        value_set(form, plain, value);
        return NULL;
    }
    if (!value_get(form, plain))
        value_set(form, plain, value_list());
    value_add((Value *)(uintptr_t)value_get(form, plain), value);
    return NULL;
}

/* Every part's name, and its text; what a file holds is not looked at. */
static const char *form_read(const Check *check, const Value *schema, Value *form)
{
    const OutsideAsked *asked = outside_asked(check->asked->outside, check->asked->index);
    const char *at = asked->body, *end = asked->body + asked->body_bytes;
    const char *mark = "form-data; name=\"";

    while ((at = memmem(at, (size_t)(end - at), mark, strlen(mark)))) {
        at += strlen(mark);
        const char *name = arena_text_n(check->mem, at, strcspn(at, "\""));
        const char *text = outside_field(check->asked->outside, check->asked->index, name);
        bool is_file = at[strlen(name) + 1] == ';';
        const char *wrong = part_put(check, schema, name, is_file ? "a file" : text, form);

        if (wrong)
            return wrong;
    }
    return NULL;
}

static const char *body_breach(const Check *check)
{
    const OutsideAsked *asked = outside_asked(check->asked->outside, check->asked->index);
    const Value *content =
        value_get(resolved(check, value_get(check->operation, "requestBody")), "content");
    const char *given = header_of(check, "Content-Type");
    const char *type = given ? arena_text_n(check->mem, given, strcspn(given, ";")) : "";
    const Value *media = value_get(content, type);
    const Value *schema = resolved(check, value_get(media, "schema"));
    AUTO(value_free) Value *body = NULL;

    if (!content)
        return asked->body_bytes ? "they take no body" : NULL;
    if (!media)
        return arena_print(check->mem, "they take no '%s'", type);
    if (strcmp(type, "multipart/form-data") == 0) {
        body = value_object();
        const char *wrong = form_read(check, schema, body);

        if (wrong)
            return wrong;
    } else {
        Err *err = value_parse(asked->body, asked->body_bytes, &body);

        if (err) {
            err_free(err);
            return "the body is no JSON";
        }
    }
    return schema_breach(check->asked->document, schema, body, check->mem);
}

const char *foreign_breach(const ForeignAsked *asked, Arena *mem)
{
    const OutsideAsked *request = outside_asked(asked->outside, asked->index);
    size_t prefix = strlen(asked->prefix);
    const char *target = request->target;
    char method[16] = "";
    Check check = {.asked = asked, .mem = mem};

    for (size_t i = 0; i + 1 < sizeof(method) && request->method[i]; i++)
        method[i] = (char)(request->method[i] | 0x20);
    if (strncmp(target, asked->prefix, prefix) != 0)
        return arena_print(mem, "%s is not below %s", target, asked->prefix);
    const char *path = arena_text_n(mem, target + prefix, strcspn(target + prefix, "?"));

    check.operation = operation_find(&check, path, method);
    if (!check.operation)
        return arena_print(mem, "they have no %s %s", request->method, path);
    const char *wrong = key_breach(&check);
    if (!wrong)
        wrong = headers_breach(&check);
    return wrong ? wrong : body_breach(&check);
}
