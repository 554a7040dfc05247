/* Photos come, and are paid for; photos and whole projects go, with all that was made of them. */
#include <string.h>

#include "pack/pack.h"
#include "shop/shop_priv.h"

/* ---- they come ---- */

enum {
    KEPT_BYTES_MAX = 16 << 10
};

/* What is kept of a request that kept photos, to answer it again. */
typedef struct Kept {
    int64_t credits;
    Texts items; /* of the files that were good, in their order */
} Kept;

static const Field Kept_fields[] = {
    {FIELD_INT(Kept, credits), .help = "Credits taken"},
    {FIELD_TEXTS(Kept, items), .help = "Ids"},
    {FIELD_END},
};
static const Shape kept_shape = SHAPE(Kept);

typedef struct Keeping {
    const Buyer *buyer;
    const ShopUpload *upload;
    Arena *mem;
    List *ret_items;
    int64_t *ret_credits;
    int64_t taken;
    bool is_new; /* the same request may come more than once */
} Keeping;

/* In the order of arrivals; one that was refused leaves its place empty. */
static MUST Err *items_take(DbTx *tx, const Keeping *keeping, const List *arrivals)
{
    CatalogueOf of = *intake_catalogue(keeping->upload->intake);
    Item *items = ARENA_ARRAY(keeping->mem, Item, arrivals->count + 1);

    for (size_t i = 0; i < arrivals->count; i++) {
        const Arrival *arrival = &((const Arrival *)arrivals->items)[i];

        of.id = arrival->id;
        if (arrival->error == ERR_MAX_)
            TRY(item_row(tx, &of, keeping->mem, &items[i]));
    }
    *keeping->ret_items = (List){items, arrivals->count};
    return NULL;
}

static MUST Err *kept_write(DbTx *tx, const Keeping *keeping)
{
    const List arrivals = intake_arrivals(keeping->upload->intake);
    AUTO(buf_done) Buf text = BUF(KEPT_BYTES_MAX);
    Kept kept = {
        .credits = *keeping->ret_credits,
        .items = {ARENA_ARRAY(keeping->mem, const char *, arrivals.count + 1), 0},
    };

    for (size_t i = 0; i < arrivals.count; i++) {
        const Arrival *arrival = &((const Arrival *)arrivals.items)[i];

        if (arrival->error == ERR_MAX_)
            kept.items.items[kept.items.count++] = arrival->id;
    }
    AUTO(value_free) Value *json = shape_write(&kept_shape, &kept);
    TRY(value_write(json, VALUE_COMPACT, &text));
    return once_keep(tx, &keeping->upload->once, buf_text(&text));
}

static MUST Err *kept_read(DbTx *tx, const Keeping *keeping, const char *text)
{
    AUTO(value_free) Value *json = NULL;
    Kept kept = {0};

    TRY(value_parse(text, strlen(text), &json));
    TRY(shape_read(&kept_shape, json, keeping->mem, &kept));
    *keeping->ret_credits = kept.credits;
    return intake_kept_before(tx, keeping->upload->intake, &kept.items);
}

static Err *keep_work(DbTx *tx, void *keeping_any)
{
    Keeping *keeping = keeping_any;
    const ShopUpload *upload = keeping->upload;
    Intake *intake = upload->intake;
    const char *made;

    TRY(once_claim(tx, &upload->once, keeping->mem, &made));
    keeping->is_new = !made;
    if (made) {
        TRY(kept_read(tx, keeping, made));
    } else {
        TRY(shop_upload_pay(
            tx, keeping->buyer, intake_catalogue(intake)->id, keeping->taken,
            keeping->ret_credits));
        TRY(intake_keep(tx, intake, upload->product));
        TRY(kept_write(tx, keeping));
    }
    const List arrivals = intake_arrivals(intake);
    return items_take(tx, keeping, &arrivals);
}

Err *shop_photos_keep(
    const Studio *studio, const Buyer *buyer, const ShopUpload *upload, Arena *mem, List *ret_items,
    int64_t *ret_credits)
{
    Keeping keeping = {
        .buyer = buyer,
        .upload = upload,
        .mem = mem,
        .ret_items = ret_items,
        .ret_credits = ret_credits,
    };

    *ret_credits = 0;
    *ret_items = (List){0};
    if (upload->product)
        TRY(product_check(upload->product));
    TRY(intake_look(upload->intake, &keeping.taken));
    if (!keeping.taken)
        return NULL;
    TRY(db_write(studio->shelf.db, keep_work, &keeping));
    if (keeping.is_new)
        deed_count(&(Deed){
            .action = "upload", .feature = price_name(PRICE_UPLOAD), .credits = *ret_credits});
    return NULL;
}

/* ---- they go ---- */

typedef struct Going {
    const CatalogueOf *catalogue;
    const Texts *ids;
    Arena *mem;
} Going;

static Err *project_work(DbTx *tx, void *going_any)
{
    const Going *going = going_any;
    const char *id = going->catalogue->id;
    Catalogue catalogue;

    TRY(db_lock(tx, id));
    TRY(catalogue_get(tx, going->catalogue, going->mem, &catalogue));
    TRY(deeds_settle(tx, going->catalogue->tenant_id, id));
    TRY(catalogue_bytes_end(tx, id));
    TRY(packs_forget(tx, going->catalogue->tenant_id, id));
    TRY(runs_forget_of_project(tx, id));
    return catalogue_rows_remove(tx, id);
}

Err *shop_project_delete(const Studio *studio, const CatalogueOf *catalogue)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Going going = {.catalogue = catalogue, .mem = mem};

    return db_write(studio->shelf.db, project_work, &going);
}

static MUST Err *photo_forget(DbTx *tx, const Going *going, size_t at)
{
    const char *id = going->ids->items[at];
    CatalogueOf of = *going->catalogue;
    Item item;

    of.id = id;
    Err *err = item_row(tx, &of, going->mem, &item);
    if (!err && strcmp(item.project_id, going->catalogue->id) != 0)
        err = err_new(ERR_NOT_FOUND, "photo '%s' is of another project", id);
    if (err && err_code(err) == ERR_NOT_FOUND)
        return err_field(
            err_public(err, "There is no photo '%s' in this project.", id), "/itemIds/%zu", at);
    TRY(err);
    TRY(item_bytes_end(tx, id));
    TRY(runs_forget_of_photo(tx, item.project_id, id));
    return item_row_remove(tx, id);
}

static Err *photos_work(DbTx *tx, void *going_any)
{
    const Going *going = going_any;
    Catalogue catalogue;

    TRY(db_lock(tx, going->catalogue->id));
    TRY(catalogue_get(tx, going->catalogue, going->mem, &catalogue));
    for (size_t i = 0; i < going->ids->count; i++)
        TRY(photo_forget(tx, going, i));
    return NULL;
}

Err *shop_photos_delete(const Studio *studio, const CatalogueOf *catalogue, const Texts *ids)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Going going = {.catalogue = catalogue, .ids = ids, .mem = mem};

    return db_write(studio->shelf.db, photos_work, &going);
}
