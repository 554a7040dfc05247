/* Items of catalogues: what is known of their products. */
#include <string.h>

#include "asset/asset_priv.h"
#include "asset/catalogue_priv.h"

typedef struct ItemWork {
    const CatalogueOf *of;
    const ProductWish *wish;
    const ItemQuery *query;
    const Texts *ids;
    Arena *mem;
    Item *ret;
    List *ret_list;
    int64_t *ret_count;
} ItemWork;

static Err *find_work(DbTx *tx, void *work_any)
{
    ItemWork *work = work_any;

    return item_row(tx, work->of, work->mem, work->ret);
}

Err *item_find(const Shelf *shelf, const CatalogueOf *of, Arena *mem, Item *ret)
{
    ItemWork work = {.of = of, .mem = mem, .ret = ret};

    return db_read(shelf->db, find_work, &work);
}

static Err *list_work(DbTx *tx, void *work_any)
{
    ItemWork *work = work_any;
    Catalogue catalogue;

    TRY(catalogue_get(tx, &work->query->catalogue, work->mem, &catalogue));
    return item_rows(tx, work->query, work->mem, work->ret_list, work->ret_count);
}

Err *item_list(
    const Shelf *shelf, const ItemQuery *query, Arena *mem, List *ret, int64_t *ret_total)
{
    ItemWork work = {.query = query, .mem = mem, .ret_list = ret, .ret_count = ret_total};

    return db_read(shelf->db, list_work, &work);
}

/* ---- products ---- */

const Texts *product_tags_read(const char *text, Arena *mem)
{
    Texts *tags = arena_take(mem, sizeof(*tags));

    tags->items = ARENA_ARRAY(mem, const char *, strlen(text) + 1);
    while (*text) {
        size_t length = strcspn(text, ",;|"), used;
        const char *word = text + strspn(text, " \t");

        used = length > (size_t)(word - text) ? length - (size_t)(word - text) : 0;
        while (used && (word[used - 1] == ' ' || word[used - 1] == '\t'))
            used--;
        if (used)
            tags->items[tags->count++] = arena_text_n(mem, word, used);
        text += length + (text[length] != '\0');
    }
    return tags;
}

static MUST Err *tags_check(const Texts *tags)
{
    if (!tags)
        return NULL;
    if (tags->count > PRODUCT_TAGS_MOST)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "%zu tags", tags->count),
                "A product can have at most %d tags.", PRODUCT_TAGS_MOST),
            "/productTags");
    for (size_t i = 0; i < tags->count; i++) {
        if (!*tags->items[i])
            return err_field(
                err_public(err_new(ERR_INPUT_INVALID, "an empty tag"), "A tag is empty."),
                "/productTags/%zu", i);
        char field[32];
        snprintf(field, sizeof(field), "productTags/%zu", i);
        TRY(product_line_check(tags->items[i], PRODUCT_TAG_LETTERS, field, "tag"));
    }
    return NULL;
}

Err *product_check(const ProductWish *wish)
{
    TRY(product_line_check(wish->name, PRODUCT_NAME_LETTERS, "productName", "product's name"));
    TRY(product_line_check(wish->sku, PRODUCT_SKU_LETTERS, "productSku", "SKU"));
    TRY(product_line_check(wish->price, PRODUCT_PRICE_LETTERS, "productPrice", "price"));
    return tags_check(wish->tags);
}

static Err *change_work(DbTx *tx, void *work_any)
{
    ItemWork *work = work_any;
    Item item;

    TRY(item_row(tx, work->of, work->mem, &item));
    TRY(item_product_set(tx, item.id, work->wish));
    TRY(catalogue_row_touch(tx, item.project_id));
    return item_row(tx, work->of, work->mem, work->ret);
}

Err *item_change(
    const Shelf *shelf, const CatalogueOf *of, const ProductWish *wish, Arena *mem, Item *ret)
{
    ItemWork work = {.of = of, .wish = wish, .mem = mem, .ret = ret};

    TRY(product_check(wish));
    return db_write(shelf->db, change_work, &work);
}

static MUST Err *some_change(DbTx *tx, const ItemWork *work)
{
    for (size_t i = 0; i < work->ids->count; i++) {
        const char *id = work->ids->items[i];
        Photo photo;
        Err *err = photo_get(tx, work->of->tenant_id, id, work->mem, &photo);

        if (!err && strcmp(photo.project_id, work->of->id) != 0)
            err = err_new(ERR_NOT_FOUND, "photo '%s' is of another project", id);
        if (err)
            return err_field(
                err_public(err, "There is no photo '%s' in this project.", id), "/itemIds/%zu", i);
        TRY(item_product_set(tx, id, work->wish));
    }
    *work->ret_count = (int64_t)work->ids->count;
    return NULL;
}

static Err *many_work(DbTx *tx, void *work_any)
{
    ItemWork *work = work_any;
    Catalogue catalogue;

    TRY(catalogue_get(tx, work->of, work->mem, &catalogue));
    TRY(catalogue_row_touch(tx, catalogue.id));
    if (work->ids->count)
        return some_change(tx, work);
    return item_rows_product_set(tx, catalogue.id, work->wish, work->ret_count);
}

Err *items_change(
    const Shelf *shelf, const CatalogueOf *catalogue, const Texts *ids, const ProductWish *wish,
    int64_t *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    int64_t count;
    ItemWork work = {.of = catalogue, .wish = wish, .ids = ids, .mem = mem, .ret_count = &count};

    TRY(product_check(wish));
    TRY(db_write(shelf->db, many_work, &work));
    *ret = count;
    return NULL;
}
