/* What is known of products, written in a table: a line an item. */
#include <string.h>
#include <strings.h>

#include "run/table_priv.h"

typedef enum Column {
    COLUMN_ITEM,
    COLUMN_FILENAME,
    COLUMN_SKU,
    COLUMN_NAME,
    COLUMN_PRICE,
    COLUMN_TAGS,
    COLUMN_FAVORITE
} Column;

/* Names a column may go by. */
static const TableName column_names[] = {
    {"itemId", COLUMN_ITEM},
    {"item_id", COLUMN_ITEM},
    {"id", COLUMN_ITEM},
    {"filename", COLUMN_FILENAME},
    {"file", COLUMN_FILENAME},
    {"originalFileName", COLUMN_FILENAME},
    {"sku", COLUMN_SKU},
    {"productSku", COLUMN_SKU},
    {"name", COLUMN_NAME},
    {"productName", COLUMN_NAME},
    {"product", COLUMN_NAME},
    {"price", COLUMN_PRICE},
    {"productPrice", COLUMN_PRICE},
    {"tags", COLUMN_TAGS},
    {"productTags", COLUMN_TAGS},
    {"favorite", COLUMN_FAVORITE},
    {"favourite", COLUMN_FAVORITE},
    {"isFavorite", COLUMN_FAVORITE},
};

typedef struct Import {
    const CatalogueOf *catalogue;
    Arena *mem;
    ProductLine *lines;
    ProductWish *wishes; /* as many */
    Texts *items;        /* as many: which items each line is of */
    size_t count;
    const ItemName **by_filename, **by_sku; /* all items, in that order */
    size_t item_count;
    List names; /* ItemName, in the order of their ids */
} Import;

/* ---- which items a line is of ---- */

static int id_compare(const void *id, const void *name)
{
    return strcmp(id, ((const ItemName *)name)->id);
}

static int filename_order(const void *a, const void *b)
{
    return strcasecmp(
        (*(const ItemName *const *)a)->filename, (*(const ItemName *const *)b)->filename);
}

static int sku_order(const void *a, const void *b)
{
    return strcmp((*(const ItemName *const *)a)->sku, (*(const ItemName *const *)b)->sku);
}

/* Those of ITEMS, which are in this ORDER, that are equal to WANTED in it. */
static Texts equals(
    const Import *import, const ItemName **items, const ItemName *wanted,
    int (*order)(const void *, const void *))
{
    size_t low = 0, high = import->item_count;
    Texts found = {0};

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (order(&items[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (high = low; high < import->item_count && order(&items[high], &wanted) == 0;)
        high++;
    found.items = ARENA_ARRAY(import->mem, const char *, high - low + 1);
    for (; low < high; low++)
        found.items[found.count++] = items[low]->id;
    return found;
}

static MUST Err *item_by_id(const Import *import, const TableLine *line, Texts *ret)
{
    const char *id = line->cells[COLUMN_ITEM];

    if (!bsearch(id, import->names.items, import->names.count, sizeof(ItemName), id_compare))
        return table_err(
            line->number, line->places[COLUMN_ITEM], "there is no such photo in this project.");
    *ret = (Texts){ARENA_ARRAY(import->mem, const char *, 1), 1};
    ret->items[0] = id;
    return NULL;
}

static MUST Err *items_find(const Import *import, const TableLine *line, Texts *ret)
{
    const char *filename = line->cells[COLUMN_FILENAME], *sku = line->cells[COLUMN_SKU];

    if (line->cells[COLUMN_ITEM])
        return item_by_id(import, line, ret);
    if (filename) {
        *ret =
            equals(import, import->by_filename, &(ItemName){.filename = filename}, filename_order);
        if (ret->count == 1)
            return NULL;
        return table_err(
            line->number, line->places[COLUMN_FILENAME],
            ret->count ? "several photos have this name: say which one by itemId."
                       : "no photo in this project has this name.");
    }
    if (!sku)
        return table_err(
            line->number, -1, "which photo it is of is missing: its filename, itemId or sku.");
    *ret = equals(import, import->by_sku, &(ItemName){.sku = sku}, sku_order);
    return ret->count ? NULL
                      : table_err(
                            line->number, line->places[COLUMN_SKU],
                            "no photo in this project has this SKU.");
}

/* ---- what it says ---- */

static MUST Err *favorite_read(const TableLine *line, int64_t *ret)
{
    static const struct {
        const char *word;
        int is_favorite;
    } words[] = {{"yes", 1}, {"true", 1},  {"1", 1}, {"x", 1},    {"ya", 1},
                 {"no", 0},  {"false", 0}, {"0", 0}, {"tidak", 0}};
    const char *cell = line->cells[COLUMN_FAVORITE];

    *ret = -1;
    for (size_t i = 0; cell && i < COUNT(words); i++)
        if (strcasecmp(cell, words[i].word) == 0)
            *ret = words[i].is_favorite;
    if (!cell || *ret >= 0)
        return NULL;
    return table_err(line->number, line->places[COLUMN_FAVORITE], "write yes or no here.");
}

static MUST Err *
product_read(const Import *import, const TableLine *line, ProductWish *wish, Texts *items)
{
    *wish = (ProductWish){
        .name = line->cells[COLUMN_NAME],
        .sku = line->cells[COLUMN_SKU],
        .price = line->cells[COLUMN_PRICE],
    };
    if (line->cells[COLUMN_TAGS])
        wish->tags = product_tags_read(line->cells[COLUMN_TAGS], import->mem);
    TRY(favorite_read(line, &wish->is_favorite));
    AUTO(err_free) Err *err = product_check(wish);
    if (err)
        return table_err(line->number, -1, err_text(err));
    return items_find(import, line, items);
}

static Err *line_read(void *import_any, const TableLine *line)
{
    Import *import = import_any;

    if (import->count == PRODUCT_LINES_MOST)
        return table_err(
            line->number, -1,
            arena_print(import->mem, "a table can have at most %d products.", PRODUCT_LINES_MOST));

    ProductLine *told = &import->lines[import->count];
    Texts *items = &import->items[import->count];
    AUTO(err_free)
    Err *err = product_read(import, line, &import->wishes[import->count], items);

    if (err)
        *items = (Texts){0};
    *told = (ProductLine){
        .number = line->number,
        .items = *items,
        .error_text = err ? arena_text(import->mem, err_text(err)) : NULL,
    };
    import->count++;
    return NULL;
}

static const char *lacks(const int *places)
{
    bool has_key =
        places[COLUMN_ITEM] >= 0 || places[COLUMN_FILENAME] >= 0 || places[COLUMN_SKU] >= 0;

    return has_key ? NULL
                   : "the first line must name the columns, and one of them must be filename, "
                     "itemId or sku. Others may be name, price, tags and favorite.";
}

/* ---- it is written down ---- */

static Err *names_work(DbTx *tx, void *import_any)
{
    Import *import = import_any;
    Catalogue catalogue;

    TRY(catalogue_get(tx, import->catalogue, import->mem, &catalogue));
    return item_names(tx, catalogue.id, import->mem, &import->names);
}

static void names_sort(Import *import)
{
    const ItemName *names = import->names.items;

    import->item_count = import->names.count;
    import->by_filename = ARENA_ARRAY(import->mem, const ItemName *, import->item_count + 1);
    import->by_sku = ARENA_ARRAY(import->mem, const ItemName *, import->item_count + 1);
    for (size_t i = 0; i < import->item_count; i++)
        import->by_filename[i] = import->by_sku[i] = &names[i];
    qsort(import->by_filename, import->item_count, sizeof(ItemName *), filename_order);
    qsort(import->by_sku, import->item_count, sizeof(ItemName *), sku_order);
}

static Err *write_work(DbTx *tx, void *import_any)
{
    const Import *import = import_any;

    for (size_t i = 0; i < import->count; i++)
        for (size_t j = 0; j < import->items[i].count; j++)
            TRY(item_product_set(tx, import->items[i].items[j], &import->wishes[i]));
    return NULL;
}

Err *products_read_csv(
    const Studio *studio, const CatalogueOf *catalogue, const void *bytes, size_t size, Arena *mem,
    List *ret)
{
    Import import = {
        .catalogue = catalogue,
        .mem = mem,
        .lines = ARENA_ARRAY(mem, ProductLine, PRODUCT_LINES_MOST),
        .wishes = ARENA_ARRAY(mem, ProductWish, PRODUCT_LINES_MOST),
        .items = ARENA_ARRAY(mem, Texts, PRODUCT_LINES_MOST),
    };
    const TableReading reading = {
        .names = column_names,
        .name_count = COUNT(column_names),
        .lacks = lacks,
        .line = line_read,
        .context = &import,
        .mem = mem,
    };

    TRY(db_read(studio->shelf.db, names_work, &import));
    names_sort(&import);
    TRY(table_read(bytes, size, &reading));
    if (!import.count)
        return err_public(
            err_new(ERR_INPUT_INVALID, "CSV without products"),
            "The table has no products: it needs a line of column names, one of them filename, "
            "itemId or sku, and a line for each photo.");
    TRY(db_write(studio->shelf.db, write_work, &import));
    *ret = (List){import.lines, import.count};
    return NULL;
}
