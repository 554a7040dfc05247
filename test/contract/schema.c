/* A small reader of JSON Schema: $ref, type, properties, required, additionalProperties, items, limits, enum, anyOf, oneOf. */
#include "schema.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"

typedef struct Check {
    const Value *document;
    Arena *mem;
} Check;

static const char *
check(const Check *check_, const Value *schema, const Value *value, const char *where);

static const Value *schema_find(const Check *it, const char *path)
{
    const Value *place = it->document;

    for (const char *at = strchr(path, '/'); at && place; at = strchr(at, '/')) {
        at++;
        place = value_get(place, arena_text_n(it->mem, at, strcspn(at, "/")));
    }
    return place;
}

static const char *type_of(const Value *value)
{
    static const char *const names[] = {
        [VALUE_NULL] = "null",     [VALUE_BOOL] = "boolean", [VALUE_INT] = "integer",
        [VALUE_NUMBER] = "number", [VALUE_TEXT] = "string",  [VALUE_LIST] = "array",
        [VALUE_OBJECT] = "object",
    };

    return names[value_kind(value)];
}

static bool type_fits(const Value *type, const Value *value)
{
    const char *name = value_text(type), *real = type_of(value);

    if (!name) {
        for (size_t i = 0; i < value_count(type); i++)
            if (type_fits(value_at(type, i), value))
                return true;
        return false;
    }
    return strcmp(name, real) == 0 ||
           (strcmp(name, "number") == 0 && value_kind(value) == VALUE_INT);
}

static const char *
object_check(const Check *it, const Value *schema, const Value *value, const char *where)
{
    const Value *fields = value_get(schema, "properties"),
                *required = value_get(schema, "required");
    const Value *more = value_get(schema, "additionalProperties");

    for (size_t i = 0; i < value_count(required); i++)
        if (!value_get(value, value_text(value_at(required, i))))
            return arena_print(
                it->mem, "%s/%s is missing", where, value_text(value_at(required, i)));
    for (ValueMember m = value_first(value); m.name; m = value_next(value, m)) {
        const Value *field = value_get(fields, m.name);
        const char *wrong = NULL;

        if (!field && value_kind(more) == VALUE_BOOL && !value_bool(more))
            return arena_print(it->mem, "%s/%s is not in the schema", where, m.name);
        if (field)
            wrong = check(it, field, m.value, arena_print(it->mem, "%s/%s", where, m.name));
        if (wrong)
            return wrong;
    }
    return NULL;
}

static const char *
list_check(const Check *it, const Value *schema, const Value *value, const char *where)
{
    const Value *most = value_get(schema, "maxItems"), *least = value_get(schema, "minItems");

    if ((most && (int64_t)value_count(value) > value_int(most)) ||
        (least && (int64_t)value_count(value) < value_int(least)))
        return arena_print(it->mem, "%s has %zu items", where, value_count(value));
    for (size_t i = 0; i < value_count(value); i++) {
        const char *wrong = check(
            it, value_get(schema, "items"), value_at(value, i),
            arena_print(it->mem, "%s/%zu", where, i));

        if (wrong)
            return wrong;
    }
    return NULL;
}

static const char *
text_check(const Check *it, const Value *schema, const Value *value, const char *where)
{
    const char *format = value_text(value_get(schema, "format"));
    const Value *most = value_get(schema, "maxLength");
    int64_t time_ms, count = 0;

    for (const char *at = value_text(value); *at; at++)
        count += ((unsigned char)*at & 0xc0) != 0x80;
    if (most && count > value_int(most))
        return arena_print(it->mem, "%s has %d characters", where, (int)count);
    if (format && strncmp(format, "date", 4) == 0 && !clock_parse(value_text(value), &time_ms))
        return arena_print(it->mem, "%s is no %s", where, format);
    return NULL;
}

static const char *
word_check(const Check *it, const Value *schema, const Value *value, const char *where)
{
    const Value *words = value_get(schema, "enum");
    const char *text = value_text(value);

    for (size_t i = 0; i < value_count(words); i++) {
        const char *word = value_text(value_at(words, i));

        if (word && text ? strcmp(word, text) == 0 : !word && !text)
            return NULL;
    }
    return words ? arena_print(it->mem, "%s is none of the allowed words", where) : NULL;
}

static const char *
either_check(const Check *it, const Value *ways, const Value *value, const char *where)
{
    const char *wrong = NULL;

    for (size_t i = 0; i < value_count(ways); i++)
        if (!(wrong = check(it, value_at(ways, i), value, where)))
            return NULL;
    return wrong;
}

static const char *
number_check(const Check *it, const Value *schema, const Value *value, const char *where)
{
    const Value *least = value_get(schema, "minimum"), *most = value_get(schema, "maximum");

    if ((least && value_number(value) < value_number(least)) ||
        (most && value_number(value) > value_number(most)))
        return arena_print(it->mem, "%s is %g", where, value_number(value));
    return NULL;
}

static const char *
check(const Check *it, const Value *schema, const Value *value, const char *where)
{
    const char *ref = value_text(value_get(schema, "$ref")), *wrong;
    const Value *type = value_get(schema, "type");

    if (ref)
        schema = schema_find(it, ref);
    if (ref && !schema)
        return arena_print(it->mem, "%s: there is no %s", where, ref);
    if (ref)
        return check(it, schema, value, where);
    if (type && !type_fits(type, value))
        return arena_print(it->mem, "%s is %s", where, type_of(value));
    if ((wrong = word_check(it, schema, value, where)))
        return wrong;
    if (value_get(schema, "anyOf"))
        return either_check(it, value_get(schema, "anyOf"), value, where);
    if (value_get(schema, "oneOf"))
        return either_check(it, value_get(schema, "oneOf"), value, where);
    switch (value_kind(value)) {
    case VALUE_OBJECT:
        return object_check(it, schema, value, where);
    case VALUE_LIST:
        return list_check(it, schema, value, where);
    case VALUE_TEXT:
        return text_check(it, schema, value, where);
    case VALUE_INT:
    case VALUE_NUMBER:
        return number_check(it, schema, value, where);
    case VALUE_NULL:
    case VALUE_BOOL:
        break;
    }
    return NULL;
}

const char *
schema_breach(const Value *document, const Value *schema, const Value *value, Arena *mem)
{
    return check(&(Check){.document = document, .mem = mem}, schema, value, "");
}
