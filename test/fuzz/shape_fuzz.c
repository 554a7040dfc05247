/* Any bytes as a body: refused by its shape, or read; and what was read is written, fits the schema, and is read the same again. */
#include <string.h>

#include "../contract/schema.h"
#include "base/buf.h"
#include "shape/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char *const sizes[] = {"small", "large", NULL};

typedef struct Item {
    const char *name;
    int64_t made_ms, day_ms;
} Item;

static const Field Item_fields[] = {
    {FIELD_TEXT(Item, name), .help = "Name", .min = 1, .max = 8, .letters = "a-z0-9_"},
    {FIELD_TIME(Item, made_ms), .help = "Made", .optional = true, .nullable = true},
    {FIELD_TIME(Item, day_ms), .help = "Day", .format = "date", .optional = true, .omit = true},
    {FIELD_END},
};
static const Shape item_shape = SHAPE(Item);

typedef struct Body {
    const char *text;
    int64_t whole;
    double number;
    bool yes;
    int size;
    List items;
    Texts texts;
    Item *maybe;
    const Value *map, *any;
} Body;

static const Field Body_fields[] = {
    {FIELD_TEXT(Body, text), .help = "Text", .nullable = true},
    {FIELD_INT(Body, whole), .help = "Whole", .preset = "1", .min = -5, .max = 500},
    {FIELD_NUMBER(Body, number), .help = "Number", .optional = true, .nullable = true},
    {FIELD_BOOL(Body, yes), .help = "Yes", .preset = "false"},
    {FIELD_NAME(Body, size, sizes), .help = "Size", .optional = true, .nullable = true},
    {FIELD_LIST(Body, items, &item_shape), .help = "Items", .max = 3, .optional = true},
    {FIELD_TEXTS(Body, texts), .help = "Texts", .max = 3, .optional = true, .omit = true},
    {FIELD_MAYBE(Body, maybe, Item, &item_shape), .help = "Maybe", .optional = true,
     .nullable = true},
    {FIELD_MAP(Body, map), .help = "Map", .optional = true, .omit = true},
    {FIELD_VALUE(Body, any), .help = "Anything", .optional = true},
    {FIELD_END},
};
static const Shape body_shape = SHAPE(Body);

static void must(Err *err)
{
    if (err)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *given = NULL, *first = NULL, *second = NULL;
    AUTO(value_free) Value *schema = shape_schema(&body_shape);
    AUTO(buf_done) Buf one = BUF(1 << 24), two = BUF(1 << 24);
    Body body;

    AUTO(err_free) Err *err = value_parse((const char *)bytes, size, &given);
    if (!err)
        err = shape_read(&body_shape, given, mem, &body);
    if (err)
        return err_text(err)[0] == 0;

    first = shape_write(&body_shape, &body);
    if (schema_breach(schema, schema, first, mem))
        abort();
    must(value_write(first, VALUE_CANONICAL, &one));
    must(shape_read(&body_shape, first, mem, &body));
    second = shape_write(&body_shape, &body);
    must(value_write(second, VALUE_CANONICAL, &two));
    if (one.size != two.size || memcmp(one.bytes, two.bytes, one.size) != 0)
        abort();
    return 0;
}
