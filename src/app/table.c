/* Rows of structs, as a table for people or JSON for programs. */
#include "app/table.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

enum {
    COLUMNS_MOST = 16
};

/* A number of milliseconds above this is a time, below it a duration: of three years at most. */
#define FIRST_TIME_MS ((int64_t)100000000000)

/* ---- cells ---- */

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), end = strlen(ending);

    return length >= end && strcmp(name + length - end, ending) == 0;
}

static const char *ms_words(int64_t ms, Arena *mem)
{
    char text[CLOCK_TEXT_SIZE];

    if (ms <= 0)
        return "-";
    if (ms < FIRST_TIME_MS)
        return arena_print(mem, "%" PRId64 " s", ms / 1000);
    clock_text(ms, text);
    text[10] = ' ';
    return arena_text_n(mem, text, 16);
}

static const char *texts_words(const Texts *texts, Arena *mem)
{
    const char *words = "";

    for (size_t i = 0; i < texts->count; i++)
        words = arena_print(mem, "%s%s%s", words, i ? "," : "", print_safe(texts->items[i], mem));
    return *words ? words : "-";
}

static const char *value_words(const Value *value, Arena *mem)
{
    AUTO(buf_done) Buf text = BUF(64 * 1024);

    if (!value)
        return "-";
    AUTO(err_free) Err *err = value_write(value, VALUE_COMPACT, &text);
    return err ? "..." : print_safe(buf_text(&text), mem);
}

static const char *cell_words(const Field *field, const void *row, Arena *mem)
{
    const void *member = (const char *)row + field->at;
    const char *text;

    switch (field->kind) {
    case FIELD_KIND_TEXT:
        text = *(const char *const *)member;
        return text && *text ? print_safe(text, mem) : "-";
    case FIELD_KIND_INT:
        if (ends_with(field->name, "_ms"))
            return ms_words(*(const int64_t *)member, mem);
        return arena_print(mem, "%" PRId64, *(const int64_t *)member);
    case FIELD_KIND_BOOL:
        return *(const bool *)member ? "yes" : "-";
    case FIELD_KIND_NAME:
        return field->names[*(const int *)member];
    case FIELD_KIND_TEXTS:
        return texts_words(member, mem);
    case FIELD_KIND_VALUE:
        return value_words(*(const Value *const *)member, mem);
    default:
        return "?";
    }
}

/* "used_ms" is "used", "is_suspended" is "suspended". */
static const char *heading(const Field *field, Arena *mem)
{
    const char *name = field->name + (strncmp(field->name, "is_", 3) == 0 ? 3 : 0);
    char *words = arena_text(mem, name);

    if (ends_with(words, "_ms") || ends_with(words, "_id"))
        words[strlen(words) - 3] = '\0';
    for (char *at = words; *at; at++)
        if (*at == '_')
            *at = ' ';
    return words;
}

/* ---- tables ---- */

typedef struct Columns {
    const Field *fields[COLUMNS_MOST];
    int widths[COLUMNS_MOST];
    size_t count;
} Columns;

static Columns columns_find(const Table *table, Arena *mem)
{
    Columns columns = {0};
    const char *at = table->columns;

    while (*at && columns.count < COLUMNS_MOST) {
        size_t length = strcspn(at, " ");
        const Field *field = shape_find(table->shape, arena_text_n(mem, at, length));

        if (field)
            columns.fields[columns.count++] = field;
        at += length + strspn(at + length, " ");
    }
    return columns;
}

static const void *row_at(const Table *table, const List *rows, size_t index)
{
    return (const char *)rows->items + index * table->shape->size;
}

static void widths_find(Columns *columns, const Table *table, const List *rows, Arena *mem)
{
    for (size_t i = 0; i < columns->count; i++) {
        int width = (int)strlen(heading(columns->fields[i], mem));

        for (size_t row = 0; row < rows->count; row++)
            width = MAX(
                width, (int)strlen(cell_words(columns->fields[i], row_at(table, rows, row), mem)));
        columns->widths[i] = width;
    }
}

/* Numbers stand at the right; the last column has no blanks behind it. */
static void cell_print(const Columns *columns, size_t column, const char *words, FILE *out)
{
    const Field *field = columns->fields[column];
    bool is_number = field->kind == FIELD_KIND_INT && !ends_with(field->name, "_ms");
    bool is_last = column + 1 == columns->count;

    if (is_number)
        fprintf(out, "%*s%s", columns->widths[column], words, is_last ? "\n" : "  ");
    else if (is_last)
        fprintf(out, "%s\n", words);
    else
        fprintf(out, "%-*s  ", columns->widths[column], words);
}

static MUST Err *rows_json(App *app, const Table *table, const List *rows)
{
    AUTO(value_free) Value *list = value_list();

    for (size_t i = 0; i < rows->count; i++)
        value_add(list, shape_write(table->shape, row_at(table, rows, i)));
    return print_json(app->out, list);
}

Err *table_print(App *app, const Table *table, const List *rows, bool as_json)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Columns columns = columns_find(table, mem);

    if (as_json)
        return rows_json(app, table, rows);
    if (!rows->count) {
        fprintf(app->out, "%s\n", table->none);
        return NULL;
    }
    widths_find(&columns, table, rows, mem);
    for (size_t i = 0; i < columns.count; i++)
        cell_print(&columns, i, heading(columns.fields[i], mem), app->out);
    for (size_t row = 0; row < rows->count; row++)
        for (size_t i = 0; i < columns.count; i++)
            cell_print(
                &columns, i, cell_words(columns.fields[i], row_at(table, rows, row), mem),
                app->out);
    return NULL;
}

Err *table_print_one(App *app, const Shape *shape, const void *row, bool as_json)
{
    AUTO(arena_free) Arena *mem = arena_new();

    if (as_json) {
        AUTO(value_free) Value *value = shape_write(shape, row);
        return print_json(app->out, value);
    }
    for (const Field *field = shape->fields; field->name; field++)
        fprintf(app->out, "%-16s %s\n", heading(field, mem), cell_words(field, row, mem));
    return NULL;
}
