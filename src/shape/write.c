/* From a C struct to JSON, and the JSON Schema of a shape. */
#include <string.h>

#include "shape/shape_priv.h"

static Value *colour_value(Colour colour)
{
    char text[COLOUR_TEXT_SIZE];

    colour_text(colour, text);
    return value_of_text(text);
}

static Value *vector_value(const double *numbers, int count)
{
    Value *list = value_list();

    for (int i = 0; i < count; i++)
        value_add(list, value_of_number(numbers[i]));
    return list;
}

static Value *pairs_value(const Pairs *pairs)
{
    Value *list = value_list();

    for (size_t i = 0; i < pairs->count; i++)
        value_add(list, vector_value(pairs->items[i], 2));
    return list;
}

static Value *list_value(const List *structs, const Shape *shape)
{
    Value *list = value_list();

    for (size_t i = 0; i < structs->count; i++)
        value_add(list, shape_write(shape, (const char *)structs->items + i * shape->size));
    return list;
}

static Value *texts_value(const Texts *texts)
{
    Value *list = value_list();

    for (size_t i = 0; i < texts->count; i++)
        value_add(list, value_of_text(texts->items[i]));
    return list;
}

static Value *field_value(const Field *field, const void *member)
{
    switch (field->kind) {
    case FIELD_KIND_TEXT:
        return value_of_text(*(const char *const *)member);
    case FIELD_KIND_INT:
        return value_of_int(*(const int64_t *)member);
    case FIELD_KIND_NUMBER:
        return value_of_number(*(const double *)member);
    case FIELD_KIND_BOOL:
        return value_of_bool(*(const bool *)member);
    case FIELD_KIND_NAME:
        return value_of_text(field->names[*(const int *)member]);
    case FIELD_KIND_COLOUR:
        return colour_value(*(const Colour *)member);
    case FIELD_KIND_VECTOR:
        return vector_value(member, field->count);
    case FIELD_KIND_PAIRS:
        return pairs_value(member);
    case FIELD_KIND_OBJECT:
        return shape_write(field->shape, member);
    case FIELD_KIND_LIST:
        return list_value(member, field->shape);
    case FIELD_KIND_TEXTS:
        return texts_value(member);
    case FIELD_KIND_VALUE:
        break;
    }
    const Value *raw = *(const Value *const *)member;
    return raw ? value_ref(raw) : value_of_null();
}

Value *shape_write(const Shape *shape, const void *in)
{
    Value *object = value_object();

    for (const Field *field = shape->fields; field->name; field++)
        value_set(object, field->name, field_value(field, (const char *)in + field->at));
    return object;
}

static void number_schema(const Field *field, Value *schema)
{
    if (!field_has_limits(field))
        return;
    value_set(schema, "minimum", value_of_number(field->min));
    value_set(schema, "maximum", value_of_number(field->max));
}

static Value *type_only(const char *type)
{
    Value *schema = value_object();

    value_set(schema, "type", value_of_text(type));
    return schema;
}

static Value *list_schema(Value *items, double least, double most)
{
    Value *schema = type_only("array");

    value_set(schema, "items", items);
    if (least > 0)
        value_set(schema, "minItems", value_of_int((int64_t)least));
    if (most > 0)
        value_set(schema, "maxItems", value_of_int((int64_t)most));
    return schema;
}

static Value *name_schema(const Field *field)
{
    Value *schema = type_only("string"), *words = value_list();

    for (int i = 0; field->names[i]; i++)
        value_add(words, value_of_text(field->names[i]));
    value_set(schema, "enum", words);
    return schema;
}

static Value *kind_schema(const Field *field)
{
    Value *schema;

    switch (field->kind) {
    case FIELD_KIND_TEXT:
        schema = type_only("string");
        if (field->max > 0)
            value_set(schema, "maxLength", value_of_int((int64_t)field->max));
        return schema;
    case FIELD_KIND_INT:
    case FIELD_KIND_NUMBER:
        schema = type_only(field->kind == FIELD_KIND_INT ? "integer" : "number");
        number_schema(field, schema);
        return schema;
    case FIELD_KIND_BOOL:
        return type_only("boolean");
    case FIELD_KIND_NAME:
        return name_schema(field);
    case FIELD_KIND_COLOUR:
        return type_only("string");
    case FIELD_KIND_VECTOR:
        schema = type_only("number");
        number_schema(field, schema);
        return list_schema(schema, field->count, field->count);
    case FIELD_KIND_PAIRS:
        schema = type_only("number");
        number_schema(field, schema);
        return list_schema(list_schema(schema, 2, 2), 0, field->count);
    case FIELD_KIND_OBJECT:
        return shape_schema(field->shape);
    case FIELD_KIND_LIST:
        return list_schema(shape_schema(field->shape), 0, field->max);
    case FIELD_KIND_TEXTS:
        return list_schema(type_only("string"), 0, field->max);
    case FIELD_KIND_VALUE:
        break;
    }
    return value_object();
}

static void preset_schema(const Field *field, Value *schema)
{
    Value *preset = NULL;

    if (!field->preset)
        return;
    AUTO(err_free) Err *err = shape_parse_words(field, field->preset, &preset);
    if (!err)
        value_set(schema, "default", preset);
}

Value *shape_schema(const Shape *shape)
{
    Value *schema = type_only("object");
    Value *properties = value_object(), *required = value_list();

    for (const Field *field = shape->fields; field->name; field++) {
        Value *inner = kind_schema(field);

        if (field->help)
            value_set(inner, "description", value_of_text(field->help));
        if (field->format)
            value_set(inner, "format", value_of_text(field->format));
        if (field->unit)
            value_set(inner, "x-unit", value_of_text(field->unit));
        preset_schema(field, inner);
        value_set(properties, field->name, inner);
        if (!field->preset && !field->optional)
            value_add(required, value_of_text(field->name));
    }
    value_set(schema, "title", value_of_text(shape->name));
    value_set(schema, "additionalProperties", value_of_bool(false));
    value_set(schema, "properties", properties);
    if (value_count(required))
        value_set(schema, "required", required);
    else
        value_free(required);
    return schema;
}
