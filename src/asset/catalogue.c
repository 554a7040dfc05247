/* Catalogues: projects that are there until they are deleted. */
#include <string.h>

#include "asset/asset_priv.h"
#include "asset/catalogue_priv.h"

static const char category_usual[] = "general";

typedef struct CatalogueWork {
    const CatalogueOf *of;
    const CatalogueWish *wish;
    const CatalogueQuery *query;
    Arena *mem;
    Catalogue *ret;
    List *ret_list;
    int64_t *ret_total;
} CatalogueWork;

static size_t letters(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static MUST Err *letters_check(const char *text, size_t most, const char *field, const char *words)
{
    if (!text || letters(text) <= most)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "%s has %zu letters", field, letters(text)),
            "The %s can have at most %zu letters.", words, most),
        "/%s", field);
}

Err *product_line_check(const char *text, size_t most, const char *field, const char *words)
{
    TRY(letters_check(text, most, field, words));
    for (; text && *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return err_field(
                err_public(
                    err_new(ERR_INPUT_INVALID, "%s holds control characters", field),
                    "The %s must be one line of text.", words),
                "/%s", field);
    return NULL;
}

static MUST Err *wish_check(const CatalogueWish *wish)
{
    if (wish->name && !wish->name[strspn(wish->name, " \t")])
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "a catalogue's name is empty"),
                "A project needs a name."),
            "/name");
    TRY(product_line_check(wish->name, CATALOGUE_NAME_LETTERS, "name", "name"));
    TRY(letters_check(wish->description, CATALOGUE_ABOUT_LETTERS, "description", "description"));
    TRY(product_line_check(wish->category, CATALOGUE_NAME_LETTERS, "category", "category"));
    return product_line_check(
        wish->template, CATALOGUE_NAME_LETTERS, "defaultTemplate", "template's name");
}

static void wish_apply(const CatalogueWish *wish, Catalogue *catalogue)
{
    if (wish->name)
        catalogue->name = wish->name;
    if (wish->description)
        catalogue->description = wish->description;
    if (wish->category)
        catalogue->category = *wish->category ? wish->category : category_usual;
    if (wish->template)
        catalogue->template = *wish->template ? wish->template : NULL;
    if (wish->is_archived >= 0)
        catalogue->is_archived = wish->is_archived > 0;
}

static Err *create_work(DbTx *tx, void *work_any)
{
    CatalogueWork *work = work_any;
    CatalogueOf of = *work->of;
    Id id = id_new("project");
    Catalogue catalogue = {.id = id.text, .description = "", .category = category_usual};

    TRY(once_claim(tx, &work->wish->once, work->mem, &of.id));
    if (of.id)
        return catalogue_get(tx, &of, work->mem, work->ret);
    of.id = id.text;
    wish_apply(work->wish, &catalogue);
    TRY(project_add(
        tx, &(Project){
                .id = id.text,
                .tenant_id = of.tenant_id,
                .door = of.door,
                .name = catalogue.name,
                .kind = PROJECT_JOB}));
    TRY(catalogue_row_set(tx, &catalogue));
    TRY(once_keep(tx, &work->wish->once, id.text));
    return catalogue_get(tx, &of, work->mem, work->ret);
}

Err *catalogue_create(
    const Shelf *shelf, const CatalogueOf *of, const CatalogueWish *wish, Arena *mem,
    Catalogue *ret)
{
    CatalogueWork work = {.of = of, .wish = wish, .mem = mem, .ret = ret};

    if (!wish->name)
        return err_field(
            err_public(
                err_new(ERR_INPUT_MISSING, "a catalogue without a name"),
                "A project needs a name."),
            "/name");
    TRY(wish_check(wish));
    return db_write(shelf->db, create_work, &work);
}

static Err *change_work(DbTx *tx, void *work_any)
{
    CatalogueWork *work = work_any;
    Catalogue catalogue;

    TRY(db_lock(tx, work->of->id));
    TRY(catalogue_get(tx, work->of, work->mem, &catalogue));
    wish_apply(work->wish, &catalogue);
    TRY(catalogue_row_set(tx, &catalogue));
    return catalogue_get(tx, work->of, work->mem, work->ret);
}

Err *catalogue_change(
    const Shelf *shelf, const CatalogueOf *of, const CatalogueWish *wish, Arena *mem,
    Catalogue *ret)
{
    CatalogueWork work = {.of = of, .wish = wish, .mem = mem, .ret = ret};

    TRY(wish_check(wish));
    return db_write(shelf->db, change_work, &work);
}

static Err *find_work(DbTx *tx, void *work_any)
{
    CatalogueWork *work = work_any;

    return catalogue_get(tx, work->of, work->mem, work->ret);
}

Err *catalogue_find(const Shelf *shelf, const CatalogueOf *of, Arena *mem, Catalogue *ret)
{
    CatalogueWork work = {.of = of, .mem = mem, .ret = ret};

    return db_read(shelf->db, find_work, &work);
}

static Err *list_work(DbTx *tx, void *work_any)
{
    CatalogueWork *work = work_any;

    return catalogue_rows(tx, work->query, work->mem, work->ret_list, work->ret_total);
}

Err *catalogue_list(
    const Shelf *shelf, const CatalogueQuery *query, Arena *mem, List *ret, int64_t *ret_total)
{
    CatalogueWork work = {.query = query, .mem = mem, .ret_list = ret, .ret_total = ret_total};

    return db_read(shelf->db, list_work, &work);
}
