/* A JSON value: jansson's json_t under another name. */
#include "base/value.h"

#include <math.h>
#include <string.h>

#include "base/value_priv.h"

static json_t *json(const Value *value)
{
    return (json_t *)(uintptr_t)value;
}

static Value *made(json_t *json)
{
    if (!json)
        abort();
    return (Value *)json;
}

const char *value_library(void)
{
    return "jansson " JANSSON_VERSION;
}

Value *value_ref(const Value *value)
{
    return (Value *)json_incref(json(value));
}

void value_free(Value *value)
{
    json_decref(json(value));
}

Err *value_parse(const char *text, size_t size, Value **ret)
{
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
    json_error_t why;
    json_t *parsed = value_lift_read(text, size, flags);

    if (!parsed)
        parsed = json_loadb(text, size, flags, &why);
    if (!parsed)
        return err_public(
            err_new(
                ERR_INPUT_INVALID, "unable to read JSON, line %d, column %d: %s", why.line,
                why.column, why.text),
            "This is not valid JSON: line %d, column %d.", why.line, why.column);
    *ret = made(parsed);
    return NULL;
}

typedef struct Writing {
    Buf *buf;
    Err *err;
} Writing;

static int write_part(const char *bytes, size_t size, void *writing_any)
{
    Writing *writing = writing_any;

    writing->err = buf_add(writing->buf, bytes, size);
    return writing->err ? -1 : 0;
}

Err *value_leaf_write(const json_t *value, size_t flags, Buf *buf)
{
    Writing writing = {.buf = buf};

    if (json_dump_callback(
            value, write_part, &writing, flags | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) != 0)
        return writing.err ? writing.err : err_new(ERR_BUG, "unable to write a JSON value");
    return NULL;
}

Err *value_write(const Value *value, ValueStyle style, Buf *buf)
{
    switch (style) {
    case VALUE_COMPACT:
        break;
    case VALUE_PRETTY:
        return value_leaf_write(json(value), JSON_INDENT(2), buf);
    case VALUE_CANONICAL:
        return value_leaf_write(json(value), JSON_COMPACT | JSON_SORT_KEYS, buf);
    }
    return value_lift_write(json(value), buf);
}

ValueKind value_kind(const Value *value)
{
    if (!value)
        return VALUE_NULL;

    switch (json_typeof(json(value))) {
    case JSON_OBJECT:
        return VALUE_OBJECT;
    case JSON_ARRAY:
        return VALUE_LIST;
    case JSON_STRING:
        return VALUE_TEXT;
    case JSON_INTEGER:
        return VALUE_INT;
    case JSON_REAL:
        return VALUE_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return VALUE_BOOL;
    case JSON_NULL:
        break;
    }
    return VALUE_NULL;
}

const char *value_kind_name(ValueKind kind)
{
    static const char *const names[] = {
        [VALUE_NULL] = "nothing",       [VALUE_BOOL] = "true or false",
        [VALUE_INT] = "a whole number", [VALUE_NUMBER] = "a number",
        [VALUE_TEXT] = "text",          [VALUE_LIST] = "a list",
        [VALUE_OBJECT] = "an object",
    };

    return names[kind];
}

const char *value_text(const Value *value)
{
    return json_string_value(json(value));
}

size_t value_text_size(const Value *value)
{
    return json_string_length(json(value));
}

int64_t value_int(const Value *value)
{
    return json_integer_value(json(value));
}

double value_number(const Value *value)
{
    return json_number_value(json(value));
}

bool value_bool(const Value *value)
{
    return json_is_true(json(value));
}

size_t value_count(const Value *value)
{
    return json_is_array(json(value)) ? json_array_size(json(value))
                                      : json_object_size(json(value));
}

const Value *value_at(const Value *list, size_t index)
{
    return (const Value *)json_array_get(json(list), index);
}

const Value *value_get(const Value *object, const char *name)
{
    return (const Value *)json_object_get(json(object), name);
}

static ValueMember member_at(void *at)
{
    if (!at)
        return (ValueMember){0};
    return (ValueMember){json_object_iter_key(at), (const Value *)json_object_iter_value(at), at};
}

ValueMember value_first(const Value *object)
{
    return member_at(json_object_iter(json(object)));
}

ValueMember value_next(const Value *object, ValueMember member)
{
    return member_at(json_object_iter_next(json(object), member.at_));
}

Value *value_of_null(void)
{
    return made(json_null());
}

Value *value_of_bool(bool yes)
{
    return made(json_boolean(yes));
}

Value *value_of_int(int64_t number)
{
    return made(json_integer(number));
}

Value *value_of_number(double number)
{
    return isfinite(number) ? made(json_real(number)) : value_of_null();
}

/* Pictures in base64 are megabytes of plain letters: eight at a time are looked at. */
static bool is_ascii(const char *text, size_t size)
{
    uint64_t words = 0;
    unsigned char rest = 0;
    size_t at = 0;

    for (; at + sizeof(words) <= size; at += sizeof(words)) {
        uint64_t word;

        memcpy(&word, text + at, sizeof(word));
        words |= word;
    }
    for (; at < size; at++)
        rest |= (unsigned char)text[at];
    return (words & 0x8080808080808080u) == 0 && rest < 0x80;
}

Value *value_of_text(const char *text)
{
    if (!text)
        return value_of_null();

    const size_t size = strlen(text);
    json_t *whole = is_ascii(text, size) ? json_stringn_nocheck(text, size) : json_string(text);
    if (whole)
        return made(whole);

    char *plain = strdup(text);
    if (!plain)
        abort();
    for (char *at = plain; *at; at++)
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    json_t *mended = json_string(plain);
    free(plain);
    return made(mended);
}

Value *value_list(void)
{
    return made(json_array());
}

Value *value_of_texts(const char *const *texts, size_t count)
{
    Value *list = value_list();

    for (size_t i = 0; i < count; i++)
        value_add(list, value_of_text(texts[i]));
    return list;
}

Value *value_object(void)
{
    return made(json_object());
}

void value_add(Value *list, Value *item)
{
    if (json_array_append_new(json(list), json(item)) != 0)
        abort();
}

void value_put(Value *list, size_t index, Value *item)
{
    if (json_array_set_new(json(list), index, json(item)) != 0)
        abort();
}

void value_set(Value *object, const char *name, Value *member)
{
    if (json_object_set_new(json(object), name, json(member)) != 0)
        abort();
}

Err *value_set_path(Value *object, const char *path, Value *member)
{
    AUTO(value_free) Value *owned = member;
    const char *dot;

    while ((dot = strchr(path, '.'))) {
        char *name = strndup(path, (size_t)(dot - path));
        if (!name)
            abort();

        json_t *next = json_object_get(json(object), name);
        if (!next) {
            next = json_object();
            value_set(object, name, made(next));
        }
        free(name);
        if (!json_is_object(next))
            return err_new(ERR_INPUT_INVALID, "'%s' goes through a value that is no object", path);
        object = (Value *)next;
        path = dot + 1;
    }
    value_set(object, path, TAKE(owned));
    return NULL;
}

Value *value_copy(const Value *value)
{
    return made(json_deep_copy(json(value)));
}
