/* What is taken away: the tier asked, priced, and begun. */
#include "shop/shop_priv.h"

static MUST Err *formats_check(const Buyer *buyer, const Texts *formats)
{
    for (size_t i = 0; i < formats->count; i++)
        TRY(err_under(
            tier_check_format((TierId)buyer->tier, formats->items[i]), "/formats/%zu", i));
    return NULL;
}

typedef struct Selling {
    const Studio *studio;
    const Buyer *buyer;
    const PackWish *wish;
    const PriceBill *bill;
    Arena *mem;
    Pack *pack;
    Deed deed;
    bool is_new; /* the same request may come more than once */
} Selling;

/* Who buys by a key has no address of its own. */
static MUST Err *address_find(DbTx *tx, const Buyer *buyer, Arena *mem, const char **ret)
{
    User user;
    Err *err = *ret ? NULL : user_find(tx, buyer->user_id, mem, &user);

    if (*ret)
        return NULL;
    if (!err)
        *ret = user.email;
    else if (err_code(err) != ERR_NOT_FOUND)
        return err;
    err_free(err);
    return NULL;
}

static Err *sell(DbTx *tx, void *selling_any)
{
    Selling *selling = selling_any;
    const Buyer *buyer = selling->buyer;
    Pack *pack = selling->pack;
    PackWish wish = *selling->wish;

    TRY(address_find(tx, buyer, selling->mem, &wish.email));
    TRY(pack_add(tx, selling->studio, buyer->tenant_id, &wish, selling->mem, pack));
    selling->deed = (Deed){
        .action = "export",
        .feature = bill_feature(selling->bill),
        .subject = pack->id,
        .pictures = pack->pictures,
        .credits = selling->bill->credits,
    };
    return deed_add_once(tx, buyer, &selling->deed, pack->id, &selling->is_new);
}

Err *shop_pack(
    const Studio *studio, const Buyer *buyer, const PackWish *wish, Arena *mem, Pack *ret,
    PriceBill *ret_bill)
{
    PackWish priced = *wish;
    PriceExport export = {.is_zip = true, .used = buyer->used};
    Pack pack;

    TRY(pack_check(wish, &export.formats, &export.platforms));
    const PriceBill bill = price_of_export(&export);
    for (int i = 0; i < bill.count; i++)
        TRY(tier_check_price((TierId)buyer->tier, bill.lines[i].price));
    TRY(formats_check(buyer, &wish->formats));
    TRY(err_under(tier_check_platforms((TierId)buyer->tier, export.platforms), "/platforms"));
    priced.mark = shop_mark(buyer);
    if (priced.mark != MARK_OWN)
        priced.mark_text = NULL;
    priced.credits = bill.credits;
    priced.reason = bill_words(&bill, mem);
    Selling selling = {studio, buyer, &priced, &bill, mem, &pack};
    TRY(db_write(studio->shelf.db, sell, &selling));
    if (selling.is_new)
        deed_count(&selling.deed);
    *ret = pack;
    *ret_bill = bill;
    return NULL;
}

Err *shop_download(
    const Studio *studio, const Buyer *buyer, const PackOne *wish, const ShopFile *ret)
{
    PackOne marked = *wish;

    if (wish->format)
        TRY(err_under(tier_check_format((TierId)buyer->tier, wish->format), "/format"));
    if (wish->platform)
        TRY(err_under(tier_check_platforms((TierId)buyer->tier, 1), "/platform"));
    marked.tenant_id = buyer->tenant_id;
    marked.mark = shop_mark(buyer);
    if (marked.mark != MARK_OWN)
        marked.mark_text = NULL;
    return pack_one(studio, &marked, ret->cancel, ret->mem, ret->bytes, ret->name, ret->type);
}
