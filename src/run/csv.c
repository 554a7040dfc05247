/* Wishes written in a table: a line of column names, then a line a photo. */
#include <csv.h>
#include <string.h>
#include <strings.h>

#include "run/run_priv.h"

enum {
    CSV_BYTES_MAX = 16 << 20,
    COLUMNS_MOST = 50,
    CELL_BYTES_MAX = 4096
};

typedef enum Column {
    COLUMN_SOURCE,
    COLUMN_FILENAME,
    COLUMN_PROMPT,
    COLUMN_SCENE,
    COLUMN_PRODUCT,
    COLUMNS_KNOWN
} Column;

/* Names a column may go by. */
static const struct {
    const char *name;
    Column column;
} column_names[] = {
    {"source_url", COLUMN_SOURCE},  {"url", COLUMN_SOURCE},          {"image_url", COLUMN_SOURCE},
    {"filename", COLUMN_FILENAME},  {"scene_prompt", COLUMN_PROMPT}, {"scene_type", COLUMN_SCENE},
    {"product_id", COLUMN_PRODUCT},
};

typedef struct Sheet {
    Arena *mem;
    const char *cells[COLUMNS_MOST]; /* of the line that is read; NULL for empty ones */
    int cell_count;
    int place[COLUMNS_KNOWN]; /* which cell it is; -1 for none */
    bool has_names;
    int64_t line;   /* that is read, from 1 */
    int64_t within; /* line ends within its cells */
    int last_end;   /* what ended the line before; 0 once this one has a cell */
    LookNames names;
    PhotoWish *wishes;
    size_t count, room;
    Err *err;
} Sheet;

static MUST Err *sheet_err(const Sheet *sheet, int column, const char *words)
{
    if (column < 0)
        return err_public(
            err_new(ERR_INPUT_INVALID, "CSV line %jd", (intmax_t)sheet->line), "Line %jd: %s",
            (intmax_t)sheet->line, words);
    return err_public(
        err_new(ERR_INPUT_INVALID, "CSV line %jd, column %d", (intmax_t)sheet->line, column + 1),
        "Line %jd, column %d: %s", (intmax_t)sheet->line, column + 1, words);
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
        sheet->cells[sheet->cell_count++] = cell_text(bytes, size, sheet->mem);
}

static MUST Err *names_read(Sheet *sheet)
{
    for (int i = 0; i < COLUMNS_KNOWN; i++)
        sheet->place[i] = -1;
    for (int i = 0; i < sheet->cell_count; i++)
        for (size_t j = 0; sheet->cells[i] && j < COUNT(column_names); j++) {
            if (strcasecmp(sheet->cells[i], column_names[j].name) != 0)
                continue;
            if (sheet->place[column_names[j].column] >= 0)
                return sheet_err(sheet, i, "this column is there twice.");
            sheet->place[column_names[j].column] = i;
        }
    sheet->has_names = true;
    if (sheet->place[COLUMN_SOURCE] >= 0)
        return NULL;
    return sheet_err(
        sheet, -1,
        "the first line must name the columns, and one of them must be source_url. Others may be "
        "filename, scene_prompt, scene_type and product_id.");
}

static const char *cell_of(const Sheet *sheet, Column column)
{
    int place = sheet->place[column];

    return place >= 0 && place < sheet->cell_count ? sheet->cells[place] : NULL;
}

static MUST Err *wish_check(Sheet *sheet, const PhotoWish *wish)
{
    int source = sheet->place[COLUMN_SOURCE];

    if (!wish->source_url)
        return sheet_err(sheet, source, "the address of the photo is missing.");
    if (strncasecmp(wish->source_url, "https://", 8) != 0 &&
        strncasecmp(wish->source_url, "http://", 7) != 0)
        return sheet_err(
            sheet, source, "the address of the photo must begin with https:// or http://.");
    if (wish->scene_prompt && strlen(wish->scene_prompt) > PROMPT_BYTES_MAX)
        return sheet_err(
            sheet, sheet->place[COLUMN_PROMPT], "the scene can be described in 400 letters.");
    if (wish->scene_types.count) {
        AUTO(err_free) Err *err = look_check(&sheet->names, wish->scene_types.items[0]);

        if (err)
            return sheet_err(sheet, sheet->place[COLUMN_SCENE], err_text(err));
    }
    return NULL;
}

static void wishes_grow(Sheet *sheet)
{
    size_t room = sheet->room ? sheet->room * 2 : 64;
    PhotoWish *wishes = ARENA_ARRAY(sheet->mem, PhotoWish, room);

    if (sheet->count)
        memcpy(wishes, sheet->wishes, sheet->count * sizeof(*wishes));
    sheet->wishes = wishes;
    sheet->room = room;
}

static MUST Err *wish_read(Sheet *sheet)
{
    const char *scene = cell_of(sheet, COLUMN_SCENE);
    PhotoWish wish = {
        .filename = cell_of(sheet, COLUMN_FILENAME),
        .source_url = cell_of(sheet, COLUMN_SOURCE),
        .product_id = cell_of(sheet, COLUMN_PRODUCT),
        .scene_prompt = cell_of(sheet, COLUMN_PROMPT),
    };

    if (scene) {
        wish.scene_types.items = ARENA_ARRAY(sheet->mem, const char *, 1);
        wish.scene_types.items[0] = scene;
        wish.scene_types.count = 1;
    }
    TRY(wish_check(sheet, &wish));
    if (sheet->count == RUN_PROJECT_MOST)
        return sheet_err(
            sheet, -1,
            arena_print(sheet->mem, "a batch can have at most %d photos.", RUN_PROJECT_MOST));
    if (sheet->count == sheet->room)
        wishes_grow(sheet);
    sheet->wishes[sheet->count++] = wish;
    return NULL;
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
        sheet->err = sheet->has_names ? wish_read(sheet) : names_read(sheet);
    sheet->cell_count = 0;
    sheet->line += 1 + sheet->within;
    sheet->within = 0;
}

static MUST Err *sheet_read(Sheet *sheet, const char *text, size_t size)
{
    struct csv_parser parser;

    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0)
        abort();
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

Err *wishes_read_csv(const void *bytes, size_t size, Arena *mem, List *ret)
{
    AUTO(buf_done) Buf text = BUF(0);
    Sheet sheet = {.mem = mem, .line = 1, .names = {.recipe = "opal"}};

    if (size > CSV_BYTES_MAX)
        return err_public(
            err_new(ERR_FILE_TOO_LARGE, "CSV of %zu bytes", size),
            "The table is larger than %d MB, the most that is accepted.", CSV_BYTES_MAX >> 20);
    TRY(csv_text(bytes, size, &text));
    TRY(sheet_read(&sheet, buf_text(&text), text.size));
    if (!sheet.count)
        return err_public(
            err_new(ERR_INPUT_INVALID, "CSV without photos"),
            "The table has no photos: it needs a line of column names, one of them source_url, and "
            "a line for each photo.");
    *ret = (List){sheet.wishes, sheet.count};
    return NULL;
}
