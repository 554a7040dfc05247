/* From a C struct to JSON, and the JSON Schema of a shape. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
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

static Value *time_value(const Field *field, int64_t time_ms)
{
    char text[CLOCK_TEXT_SIZE];

    clock_text(time_ms, text);
    if (field->format && strcmp(field->format, "date") == 0)
        text[10] = '\0';
    return value_of_text(text);
}

/* Does the member hold nothing? Numbers and names hold something unless they are nullable. */
static bool is_nothing(const Field *field, const void *member)
{
    switch (field->kind) {
    case FIELD_KIND_TEXT:
    case FIELD_KIND_VALUE:
    case FIELD_KIND_MAP:
    case FIELD_KIND_MAYBE:
        return !*(const void *const *)member;
    case FIELD_KIND_INT:
        return field->nullable && *(const int64_t *)member == FIELD_NONE;
    case FIELD_KIND_TIME:
        return *(const int64_t *)member == 0 || *(const int64_t *)member == FIELD_NONE;
    case FIELD_KIND_NUMBER:
        return field->nullable && isnan(*(const double *)member);
    case FIELD_KIND_NAME:
        return field->nullable && *(const int *)member < 0;
    case FIELD_KIND_LIST:
        return field->omit && !((const List *)member)->count;
    case FIELD_KIND_TEXTS:
        return field->omit && !((const Texts *)member)->count;
    case FIELD_KIND_PAIRS:
        return field->omit && !((const Pairs *)member)->count;
    case FIELD_KIND_BOOL:
    case FIELD_KIND_COLOUR:
    case FIELD_KIND_VECTOR:
    case FIELD_KIND_OBJECT:
        break;
    }
    return false;
}

static Value *field_value(const Field *field, const void *member)
{
    if (is_nothing(field, member))
        return value_of_null();

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
    case FIELD_KIND_TIME:
        return time_value(field, *(const int64_t *)member);
    case FIELD_KIND_MAYBE:
        return shape_write(field->shape, *(void *const *)member);
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
        return value_of_texts(((const Texts *)member)->items, ((const Texts *)member)->count);
    case FIELD_KIND_VALUE:
    case FIELD_KIND_MAP:
        break;
    }
    return value_ref(*(const Value *const *)member);
}

Value *shape_write(const Shape *shape, const void *in)
{
    if (shape->bare)
        return field_value(shape->fields, (const char *)in + shape->fields->at);

    Value *object = value_object();
    for (const Field *field = shape->fields; field->name; field++) {
        const void *member = (const char *)in + field->at;

        if (!field->omit || !is_nothing(field, member))
            value_set(object, field->name, field_value(field, member));
    }
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

static Value *text_schema(const Field *field)
{
    Value *schema = type_only("string");
    char pattern[128];

    if (field->min > 0)
        value_set(schema, "minLength", value_of_int((int64_t)field->min));
    if (field->max > 0)
        value_set(schema, "maxLength", value_of_int((int64_t)field->max));
    if (field->letters) {
        snprintf(pattern, sizeof(pattern), "^[%s]*$", field->letters);
        value_set(schema, "pattern", value_of_text(pattern));
    }
    return schema;
}

static Value *inner_schema(const Shape *shape, const ShapeNamer *inner)
{
    return inner ? inner->schema(inner->context, shape) : shape_schema(shape);
}

static Value *kind_schema(const Field *field, const ShapeNamer *inner)
{
    Value *schema;

    switch (field->kind) {
    case FIELD_KIND_TEXT:
        return text_schema(field);
    case FIELD_KIND_TIME:
        schema = type_only("string");
        value_set(schema, "format", value_of_text("date-time"));
        return schema;
    case FIELD_KIND_INT:
    case FIELD_KIND_NUMBER:
        schema = type_only(field->kind == FIELD_KIND_INT ? "integer" : "number");
        number_schema(field, schema);
        return schema;
    case FIELD_KIND_MAP:
        return type_only("object");
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
    case FIELD_KIND_MAYBE:
        return inner_schema(field->shape, inner);
    case FIELD_KIND_LIST:
        return list_schema(inner_schema(field->shape, inner), field->min, field->max);
    case FIELD_KIND_TEXTS:
        return list_schema(type_only("string"), field->min, field->max);
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

/* null as well, whatever SCHEMA says: a $ref cannot be added to. */
static Value *nullable_schema(Value *schema)
{
    const Value *type = value_get(schema, "type");
    Value *types = value_list();

    if (!type && !value_get(schema, "$ref"))
        return value_free(types), schema;
    if (type) {
        value_add(types, value_ref(type));
        value_add(types, value_of_text("null"));
        value_set(schema, "type", types);
        return schema;
    }
    Value *either = value_object();
    value_add(types, schema);
    value_add(types, type_only("null"));
    value_set(either, "anyOf", types);
    return either;
}

static void nullable_enum(const Field *field, Value *schema)
{
    if (field->kind != FIELD_KIND_NAME)
        return;

    Value *words = value_copy(value_get(schema, "enum"));
    value_add(words, value_of_null());
    value_set(schema, "enum", words);
}

Value *shape_field_schema(const Field *field, const ShapeNamer *namer)
{
    Value *schema = kind_schema(field, namer);

    if (field->nullable) {
        nullable_enum(field, schema);
        schema = nullable_schema(schema);
    }
    if (field->help)
        value_set(schema, "description", value_of_text(field->help));
    if (field->format)
        value_set(schema, "format", value_of_text(field->format));
    if (field->unit)
        value_set(schema, "x-unit", value_of_text(field->unit));
    preset_schema(field, schema);
    return schema;
}

Value *shape_schema_named(const Shape *shape, const ShapeNamer *namer)
{
    if (shape->bare) {
        Value *schema = shape_field_schema(shape->fields, namer);

        value_set(schema, "title", value_of_text(shape->name));
        return schema;
    }

    Value *schema = type_only("object");
    Value *properties = value_object(), *required = value_list();

    for (const Field *field = shape->fields; field->name; field++) {
        value_set(properties, field->name, shape_field_schema(field, namer));
        if (!field->preset && !field->optional && !field->omit)
            value_add(required, value_of_text(field->name));
    }
    value_set(schema, "title", value_of_text(shape->name));
    if (!shape->open)
        value_set(schema, "additionalProperties", value_of_bool(false));
    value_set(schema, "properties", properties);
    if (value_count(required))
        value_set(schema, "required", required);
    else
        value_free(required);
    return schema;
}

Value *shape_schema(const Shape *shape)
{
    return shape_schema_named(shape, NULL);
}
