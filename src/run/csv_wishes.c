/* Wishes written in a table: a line a photo. */
#include <string.h>
#include <strings.h>

#include "run/run_priv.h"
#include "run/table_priv.h"

typedef enum Column {
    COLUMN_SOURCE,
    COLUMN_FILENAME,
    COLUMN_PROMPT,
    COLUMN_SCENE,
    COLUMN_PRODUCT
} Column;

/* Names a column may go by. */
static const TableName column_names[] = {
    {"source_url", COLUMN_SOURCE},  {"url", COLUMN_SOURCE},          {"image_url", COLUMN_SOURCE},
    {"filename", COLUMN_FILENAME},  {"scene_prompt", COLUMN_PROMPT}, {"scene_type", COLUMN_SCENE},
    {"product_id", COLUMN_PRODUCT},
};

typedef struct Wishes {
    Arena *mem;
    LookNames names;
    PhotoWish *items;
    size_t count, room;
} Wishes;

static const char *lacks(const int *place)
{
    return place[COLUMN_SOURCE] >= 0
               ? NULL
               : "the first line must name the columns, and one of them must be source_url. Others "
                 "may be filename, scene_prompt, scene_type and product_id.";
}

static MUST Err *wish_check(Wishes *wishes, const TableLine *line, const PhotoWish *wish)
{
    int source = line->places[COLUMN_SOURCE];

    if (!wish->source_url)
        return table_err(line->number, source, "the address of the photo is missing.");
    if (strncasecmp(wish->source_url, "https://", 8) != 0 &&
        strncasecmp(wish->source_url, "http://", 7) != 0)
        return table_err(
            line->number, source, "the address of the photo must begin with https:// or http://.");
    if (wish->scene_prompt && strlen(wish->scene_prompt) > PROMPT_BYTES_MAX)
        return table_err(
            line->number, line->places[COLUMN_PROMPT],
            "the scene can be described in 400 letters.");
    if (wish->scene_types.count) {
        AUTO(err_free) Err *err = look_check(&wishes->names, wish->scene_types.items[0]);

        if (err)
            return table_err(line->number, line->places[COLUMN_SCENE], err_text(err));
    }
    return NULL;
}

static void wishes_grow(Wishes *wishes)
{
    size_t room = wishes->room ? wishes->room * 2 : 64;
    PhotoWish *items = ARENA_ARRAY(wishes->mem, PhotoWish, room);

    if (wishes->count)
        memcpy(items, wishes->items, wishes->count * sizeof(*items));
    wishes->items = items;
    wishes->room = room;
}

static Err *wish_read(void *wishes_any, const TableLine *line)
{
    Wishes *wishes = wishes_any;
    const char *scene = line->cells[COLUMN_SCENE];
    PhotoWish wish = {
        .filename = line->cells[COLUMN_FILENAME],
        .source_url = line->cells[COLUMN_SOURCE],
        .product_id = line->cells[COLUMN_PRODUCT],
        .scene_prompt = line->cells[COLUMN_PROMPT],
    };

    if (scene) {
        wish.scene_types.items = ARENA_ARRAY(wishes->mem, const char *, 1);
        wish.scene_types.items[0] = scene;
        wish.scene_types.count = 1;
    }
    TRY(wish_check(wishes, line, &wish));
    if (wishes->count == RUN_PROJECT_MOST)
        return table_err(
            line->number, -1,
            arena_print(wishes->mem, "a batch can have at most %d photos.", RUN_PROJECT_MOST));
    if (wishes->count == wishes->room)
        wishes_grow(wishes);
    wishes->items[wishes->count++] = wish;
    return NULL;
}

Err *wishes_read_csv(const void *bytes, size_t size, Arena *mem, List *ret)
{
    Wishes wishes = {.mem = mem, .names = {.recipe = "opal"}};
    const TableReading reading = {
        .names = column_names,
        .name_count = COUNT(column_names),
        .lacks = lacks,
        .line = wish_read,
        .context = &wishes,
        .mem = mem,
    };

    TRY(table_read(bytes, size, &reading));
    if (!wishes.count)
        return err_public(
            err_new(ERR_INPUT_INVALID, "CSV without photos"),
            "The table has no photos: it needs a line of column names, one of them source_url, and "
            "a line for each photo.");
    *ret = (List){wishes.items, wishes.count};
    return NULL;
}
