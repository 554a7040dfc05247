/* Columns into the fields of a Shape. */
#include <math.h>
#include <string.h>

#include "base/value.h"
#include "db/db_priv.h"

enum {
    TEXTS_BYTES_MAX = 16 << 20
};

Err *db_texts(const Texts *texts, Arena *mem, const char **ret)
{
    AUTO(value_free) Value *list = texts ? value_of_texts(texts->items, texts->count) : NULL;
    AUTO(buf_done) Buf text = BUF(TEXTS_BYTES_MAX);

    *ret = NULL;
    if (!list)
        return NULL;
    TRY(value_write(list, VALUE_COMPACT, &text));
    *ret = arena_text(mem, buf_text(&text));
    return NULL;
}

Err *db_row_head(RowReader *reader, int columns, const char *const *names)
{
    reader->columns = columns;
    for (int i = 0; i < columns; i++) {
        reader->fields[i] = shape_find(reader->shape, names[i]);
        if (!reader->fields[i])
            return err_new(
                ERR_BUG, "column '%s' has no field in '%s'", names[i], reader->shape->name);
    }

    for (const Field *field = reader->shape->fields; field->name; field++) {
        bool is_there = field->optional || field->preset;

        for (int i = 0; i < columns; i++)
            is_there = is_there || reader->fields[i] == field;
        if (!is_there)
            return err_new(
                ERR_BUG, "field '%s' of '%s' has no column", field->name, reader->shape->name);
    }
    return NULL;
}

static MUST Err *kind_wrong(const Field *field)
{
    return err_new(ERR_BUG, "column '%s' is not of the kind of its field", field->name);
}

static MUST Err *text_take(const Field *field, const DbArg *cell, Arena *mem, void *member)
{
    if (cell->kind != DB_ARG_TEXT)
        return kind_wrong(field);
    *(const char **)member = arena_text_n(mem, cell->text, cell->size);
    return NULL;
}

static MUST Err *int_take(const Field *field, const DbArg *cell, Arena *mem, void *member)
{
    (void)mem;
    if (cell->kind == DB_ARG_INT)
        *(int64_t *)member = cell->whole;
    else if (
        cell->kind == DB_ARG_NUMBER && cell->number == floor(cell->number) &&
        fabs(cell->number) < 0x1p53)
        *(int64_t *)member = (int64_t)cell->number;
    else
        return kind_wrong(field);
    return NULL;
}

static MUST Err *number_take(const Field *field, const DbArg *cell, Arena *mem, void *member)
{
    (void)mem;
    if (cell->kind != DB_ARG_NUMBER && cell->kind != DB_ARG_INT)
        return kind_wrong(field);
    *(double *)member = cell->kind == DB_ARG_NUMBER ? cell->number : (double)cell->whole;
    return NULL;
}

static MUST Err *bool_take(const Field *field, const DbArg *cell, Arena *mem, void *member)
{
    (void)mem;
    if (cell->kind != DB_ARG_INT)
        return kind_wrong(field);
    *(bool *)member = cell->whole != 0;
    return NULL;
}

static MUST Err *name_take(const Field *field, const DbArg *cell, Arena *mem, void *member)
{
    (void)mem;
    if (cell->kind != DB_ARG_TEXT)
        return kind_wrong(field);
    for (int i = 0; field->names[i]; i++)
        if (strcmp(field->names[i], cell->text) == 0) {
            *(int *)member = i;
            return NULL;
        }
    return err_new(
        ERR_DATABASE_FAILED, "column '%s' holds a word that this program does not know",
        field->name);
}

static size_t member_size(const Field *field)
{
    switch (field->kind) {
    case FIELD_KIND_OBJECT:
        return field->shape->size;
    case FIELD_KIND_LIST:
        return sizeof(List);
    case FIELD_KIND_TEXTS:
        return sizeof(Texts);
    case FIELD_KIND_VECTOR:
        return sizeof(double) * (size_t)field->count;
    case FIELD_KIND_PAIRS:
        return sizeof(Pairs);
    default:
        return sizeof(const Value *);
    }
}

static void value_end(void *value)
{
    value_free(value);
}

/* What is kept as JSON goes through the reader of shapes, as the only member of an object. */
static MUST Err *json_take(const Field *field, const DbArg *cell, Arena *mem, void *member)
{
    Field alone[] = {*field, {FIELD_END}};
    Shape wrap = {.name = field->name, .size = member_size(field), .fields = alone};
    Value *value = NULL, *object = value_object();

    if (cell->kind != DB_ARG_TEXT) {
        value_free(object);
        return kind_wrong(field);
    }
    alone[0].at = 0;
    arena_keep(mem, value_end, object);

    Err *err = value_parse(cell->text, cell->size, &value);
    if (!err) {
        value_set(object, field->name, value);
        err = shape_read(&wrap, object, mem, member);
    }
    if (!err)
        return NULL;
    err_free(err); /* it speaks of values */
    return err_new(
        ERR_DATABASE_FAILED, "column '%s' holds what its field cannot read", field->name);
}

/* As shapes say of null: the member is zeroed already. */
static void nothing_take(const Field *field, void *member)
{
    if (!field->nullable)
        return;
    if (field->kind == FIELD_KIND_INT || field->kind == FIELD_KIND_TIME)
        *(int64_t *)member = FIELD_NONE;
    else if (field->kind == FIELD_KIND_NUMBER)
        *(double *)member = NAN;
    else if (field->kind == FIELD_KIND_NAME)
        *(int *)member = -1;
}

static MUST Err *cell_take(const Field *field, const DbArg *cell, Arena *mem, void *member)
{
    switch (field->kind) {
    case FIELD_KIND_TEXT:
        return text_take(field, cell, mem, member);
    case FIELD_KIND_INT:
    case FIELD_KIND_TIME:
        return int_take(field, cell, mem, member);
    case FIELD_KIND_NUMBER:
        return number_take(field, cell, mem, member);
    case FIELD_KIND_BOOL:
        return bool_take(field, cell, mem, member);
    case FIELD_KIND_NAME:
        return name_take(field, cell, mem, member);
    case FIELD_KIND_COLOUR:
        if (cell->kind != DB_ARG_TEXT)
            return kind_wrong(field);
        return colour_parse(cell->text, member);
    default:
        return json_take(field, cell, mem, member);
    }
}

Err *db_row_read(const RowReader *reader, const DbArg *cells, void *ret)
{
    memset(ret, 0, reader->shape->size);
    for (int i = 0; i < reader->columns; i++) {
        const Field *field = reader->fields[i];
        void *member = (char *)ret + field->at;

        if (cells[i].kind == DB_ARG_NULL)
            nothing_take(field, member);
        else
            TRY(cell_take(field, &cells[i], reader->mem, member));
    }
    return NULL;
}
