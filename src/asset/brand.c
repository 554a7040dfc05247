/* Brands: how a shop's pictures look when nothing else is said. */
#include <string.h>

#include "asset/asset_priv.h"
#include "base/clock.h"
#include "base/colour.h"

enum {
    NAME_CHARS_MAX = 200,
    PROMPT_BYTES_MAX = 400,
    KEYWORDS_MAX = 20,
    KEYWORD_BYTES_MAX = 60,
    COLOURS_MAX = 10
};

typedef struct BrandWork {
    const char *tenant_id, *id, *after;
    int64_t limit;
    const BrandWish *wish;
    Arena *mem;
    Brand *ret;
    List *ret_list;
} BrandWork;

static MUST Err *text_check(const char *text, size_t most, const char *field)
{
    if (!text || strlen(text) <= most)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "%s has %zu bytes", field, strlen(text)),
            "%s can have at most %zu letters.", field, most),
        "/%s", field);
}

static MUST Err *list_check(const Texts *texts, size_t most, size_t bytes_most, const char *field)
{
    if (!texts)
        return NULL;
    if (texts->count > most)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "%s has %zu items", field, texts->count),
                "%s can have at most %zu items.", field, most),
            "/%s", field);
    for (size_t i = 0; i < texts->count; i++)
        if (strlen(texts->items[i]) > bytes_most)
            return err_field(
                err_public(
                    err_new(ERR_INPUT_INVALID, "%s has a long item", field),
                    "Each of %s can have at most %zu letters.", field, bytes_most),
                "/%s/%zu", field, i);
    return NULL;
}

static MUST Err *palette_check(const Texts *palette)
{
    Colour colour;

    for (size_t i = 0; palette && i < palette->count; i++)
        TRY(err_under(colour_parse(palette->items[i], &colour), "/color_palette/%zu", i));
    return NULL;
}

static MUST Err *wish_check(const BrandWish *wish)
{
    if (wish->name && !*wish->name)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "a brand's name is empty"), "A brand needs a name."),
            "/name");
    TRY(text_check(wish->name, NAME_CHARS_MAX, "name"));
    TRY(text_check(wish->scene_prompt, PROMPT_BYTES_MAX, "default_scene_prompt"));
    TRY(text_check(wish->mood, KEYWORD_BYTES_MAX, "mood"));
    TRY(list_check(wish->style_keywords, KEYWORDS_MAX, KEYWORD_BYTES_MAX, "style_keywords"));
    TRY(list_check(wish->color_palette, COLOURS_MAX, KEYWORD_BYTES_MAX, "color_palette"));
    return palette_check(wish->color_palette);
}

static void wish_apply(const BrandWish *wish, Brand *brand)
{
    if (wish->name)
        brand->name = wish->name;
    if (wish->scene_prompt)
        brand->scene_prompt = wish->scene_prompt;
    if (wish->style_keywords)
        brand->style_keywords = *wish->style_keywords;
    if (wish->color_palette)
        brand->color_palette = *wish->color_palette;
    if (wish->mood)
        brand->mood = wish->mood;
    brand->changed_ms = clock_now_ms();
}

static Err *create_work(DbTx *tx, void *work_any)
{
    BrandWork *work = work_any;
    Id id = id_new("brand");
    Brand brand = {
        .id = arena_text(work->mem, id.text),
        .tenant_id = work->tenant_id,
        .scene_prompt = "",
        .mood = "",
    };
    const char *made;

    TRY(once_claim(tx, &work->wish->once, work->mem, &made));
    if (made)
        return brand_get(tx, work->tenant_id, made, work->mem, work->ret);
    wish_apply(work->wish, &brand);
    brand.created_ms = brand.changed_ms;
    TRY(brand_row_add(tx, &brand));
    TRY(once_keep(tx, &work->wish->once, brand.id));
    return brand_get(tx, work->tenant_id, brand.id, work->mem, work->ret);
}

Err *brand_create(
    const Shelf *shelf, const char *tenant_id, const BrandWish *wish, Arena *mem, Brand *ret)
{
    BrandWork work = {.tenant_id = tenant_id, .wish = wish, .mem = mem, .ret = ret};

    if (!wish->name)
        return err_field(
            err_public(err_new(ERR_INPUT_MISSING, "a brand has no name"), "A brand needs a name."),
            "/name");
    TRY(wish_check(wish));
    return db_write(shelf->db, create_work, &work);
}

static Err *find_work(DbTx *tx, void *work_any)
{
    BrandWork *work = work_any;

    return brand_get(tx, work->tenant_id, work->id, work->mem, work->ret);
}

Err *brand_find(const Shelf *shelf, const char *tenant_id, const char *id, Arena *mem, Brand *ret)
{
    BrandWork work = {.tenant_id = tenant_id, .id = id, .mem = mem, .ret = ret};

    return db_read(shelf->db, find_work, &work);
}

static Err *change_work(DbTx *tx, void *work_any)
{
    BrandWork *work = work_any;
    Brand brand;

    TRY(brand_get(tx, work->tenant_id, work->id, work->mem, &brand));
    wish_apply(work->wish, &brand);
    TRY(brand_row_set(tx, &brand));
    return brand_get(tx, work->tenant_id, work->id, work->mem, work->ret);
}

Err *brand_change(
    const Shelf *shelf, const char *tenant_id, const char *id, const BrandWish *wish, Arena *mem,
    Brand *ret)
{
    BrandWork work = {.tenant_id = tenant_id, .id = id, .wish = wish, .mem = mem, .ret = ret};

    TRY(wish_check(wish));
    return db_write(shelf->db, change_work, &work);
}

static Err *delete_work(DbTx *tx, void *work_any)
{
    BrandWork *work = work_any;

    return brand_row_remove(tx, work->tenant_id, work->id);
}

Err *brand_delete(const Shelf *shelf, const char *tenant_id, const char *id)
{
    BrandWork work = {.tenant_id = tenant_id, .id = id};

    return db_write(shelf->db, delete_work, &work);
}

static Err *list_work(DbTx *tx, void *work_any)
{
    BrandWork *work = work_any;

    return brand_rows(tx, work->tenant_id, work->after, work->limit, work->mem, work->ret_list);
}

Err *brand_list(
    const Shelf *shelf, const char *tenant_id, const char *after, int64_t limit, Arena *mem,
    List *ret)
{
    BrandWork work = {
        .tenant_id = tenant_id, .after = after, .limit = limit, .mem = mem, .ret_list = ret};

    return db_read(shelf->db, list_work, &work);
}
