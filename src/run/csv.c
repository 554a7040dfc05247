/* Tables that customers send, line by line: names of columns, then a line a thing. */
#include <csv.h>
#include <string.h>
#include <strings.h>

#include "run/table_priv.h"

enum {
    CSV_BYTES_MAX = 16 << 20,
    COLUMNS_MOST = 50,
    CELL_BYTES_MAX = 4096
};

typedef struct Sheet {
    const TableReading *reading;
    const char *cells[COLUMNS_MOST]; /* of the line that is read; NULL for empty ones */
    int cell_count;
    int place[TABLE_COLUMNS_MOST]; /* which cell it is; -1 for none */
    bool has_names;
    int64_t line;   /* that is read, from 1 */
    int64_t within; /* line ends within its cells */
    int last_end;   /* what ended the line before; 0 once this one has a cell */
    Err *err;
} Sheet;

Err *table_err(int64_t line, int cell, const char *words)
{
    if (cell < 0)
        return err_public(
            err_new(ERR_INPUT_INVALID, "CSV line %jd", (intmax_t)line), "Line %jd: %s",
            (intmax_t)line, words);
    return err_public(
        err_new(ERR_INPUT_INVALID, "CSV line %jd, column %d", (intmax_t)line, cell + 1),
        "Line %jd, column %d: %s", (intmax_t)line, cell + 1, words);
}

static MUST Err *sheet_err(const Sheet *sheet, int cell, const char *words)
{
    return table_err(sheet->line, cell, words);
}

/* Text without blanks around it; NULL when nothing is left. */
static const char *cell_text(const void *bytes, size_t size, Arena *mem)
{
    const char *text = bytes;

    while (size && (*text == ' ' || *text == '\t')) {
        text++;
        size--;
    }
    while (size && (text[size - 1] == ' ' || text[size - 1] == '\t'))
        size--;
    return size ? arena_text_n(mem, text, size) : NULL;
}

static void cell_read(void *bytes, size_t size, void *sheet_any)
{
    Sheet *sheet = sheet_any;

    if (sheet->err)
        return;
    sheet->last_end = 0;
    for (size_t i = 0; i < size; i++)
        sheet->within += ((const char *)bytes)[i] == '\n';
    if (sheet->cell_count == COLUMNS_MOST)
        sheet->err = sheet_err(sheet, sheet->cell_count, "there are too many columns.");
    else if (size > CELL_BYTES_MAX)
        sheet->err = sheet_err(sheet, sheet->cell_count, "this is too long.");
    else if (size && memchr(bytes, 0, size))
        sheet->err = sheet_err(sheet, sheet->cell_count, "this is no text.");
    else
        sheet->cells[sheet->cell_count++] = cell_text(bytes, size, sheet->reading->mem);
}

static MUST Err *names_read(Sheet *sheet)
{
    const TableReading *reading = sheet->reading;

    for (int i = 0; i < TABLE_COLUMNS_MOST; i++)
        sheet->place[i] = -1;
    for (int i = 0; i < sheet->cell_count; i++)
        for (size_t j = 0; sheet->cells[i] && j < reading->name_count; j++) {
            const TableName *name = &reading->names[j];

            if (strcasecmp(sheet->cells[i], name->name) != 0)
                continue;
            if (sheet->place[name->column] >= 0)
                return sheet_err(sheet, i, "this column is there twice.");
            sheet->place[name->column] = i;
        }
    sheet->has_names = true;
    const char *lacks = reading->lacks(sheet->place);
    return lacks ? sheet_err(sheet, -1, lacks) : NULL;
}

static MUST Err *line_give(Sheet *sheet)
{
    TableLine line = {.number = sheet->line};

    for (int i = 0; i < TABLE_COLUMNS_MOST; i++) {
        int place = sheet->place[i];

        line.places[i] = place;
        line.cells[i] = place >= 0 && place < sheet->cell_count ? sheet->cells[place] : NULL;
    }
    return sheet->reading->line(sheet->reading->context, &line);
}

static bool line_is_empty(const Sheet *sheet)
{
    for (int i = 0; i < sheet->cell_count; i++)
        if (sheet->cells[i])
            return false;
    return true;
}

static void line_read(int end, void *sheet_any)
{
    Sheet *sheet = sheet_any;

    if (end == '\n' && sheet->last_end == '\r' && !sheet->cell_count)
        return; /* the second half of a line end */
    sheet->last_end = end;
    if (!sheet->err && !line_is_empty(sheet))
        sheet->err = sheet->has_names ? line_give(sheet) : names_read(sheet);
    sheet->cell_count = 0;
    sheet->line += 1 + sheet->within;
    sheet->within = 0;
}

/* What stands between the names of columns: spreadsheets of countries with a decimal comma write semicolons, and "Unicode text" has tabs. */
static unsigned char separator_of(const char *text, size_t size)
{
    static const char separators[] = ",;\t";
    size_t counts[sizeof(separators) - 1] = {0}, best = 0;
    bool is_quoted = false;

    for (size_t i = 0; i < size && (is_quoted || (text[i] != '\n' && text[i] != '\r')); i++) {
        const char *at = text[i] ? strchr(separators, text[i]) : NULL;

        is_quoted ^= text[i] == '"';
        if (at && !is_quoted)
            counts[at - separators]++;
    }
    for (size_t i = 1; i < COUNT(counts); i++)
        if (counts[i] > counts[best])
            best = i;
    return (unsigned char)separators[best];
}

static MUST Err *sheet_read(Sheet *sheet, const char *text, size_t size)
{
    struct csv_parser parser;

    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0)
        abort();
    csv_set_delim(&parser, separator_of(text, size));
    size_t read = csv_parse(&parser, text, size, cell_read, line_read, sheet);
    if (!sheet->err && read == size && csv_fini(&parser, cell_read, line_read, sheet) != 0)
        read = size + 1;
    csv_free(&parser);
    if (sheet->err)
        return TAKE(sheet->err);
    if (read != size)
        return sheet_err(
            sheet, sheet->cell_count,
            "a quotation mark is in the wrong place. Write a text with quotation marks as "
            "\"so \"\"quoted\"\"\".");
    return NULL;
}

Err *table_read(const void *bytes, size_t size, const TableReading *reading)
{
    AUTO(buf_done) Buf text = BUF(0);
    Sheet sheet = {.reading = reading, .line = 1};

    if (size > CSV_BYTES_MAX)
        return err_public(
            err_new(ERR_FILE_TOO_LARGE, "CSV of %zu bytes", size),
            "The table is larger than %d MB, the most that is accepted.", CSV_BYTES_MAX >> 20);
    TRY(csv_text(bytes, size, &text));
    return sheet_read(&sheet, buf_text(&text), text.size);
}
