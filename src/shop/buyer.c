/* Who buys, and what is paid at once. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/said.h"
#include "shop/shop_priv.h"

typedef struct Look {
    const char *tenant_id;
    Arena *mem;
    Tenant tenant;
    int64_t used;
} Look;

static Err *look_work(DbTx *tx, void *look_any)
{
    Look *look = look_any;
    int64_t now_ms = clock_now_ms();

    TRY(tenant_find(tx, look->tenant_id, look->mem, &look->tenant));
    return ledger_spent(
        tx, look->tenant_id, month_start_ms(now_ms), month_end_ms(now_ms), &look->used);
}

Err *shop_buyer(const Studio *studio, const BuyerWish *wish, Arena *mem, Buyer *ret)
{
    Look look = {.tenant_id = wish->tenant_id, .mem = mem};

    TRY(db_read(studio->shelf.db, look_work, &look));
    const TierId tier = tenant_tier(&look.tenant);
    if (wish->has_key && studio->has_tier_keys)
        TRY(tier_check_api(tier));
    *ret = (Buyer){
        .tenant_id = look.tenant.id,
        .user_id = wish->user_id ? arena_text(mem, wish->user_id) : "house",
        .tier = (int)tier,
        .used = look.used,
    };
    return NULL;
}

int shop_mark(const Buyer *buyer)
{
    return tiers[buyer->tier].mark;
}

typedef struct Check {
    const char *tenant_id;
    int64_t credits;
} Check;

static Err *check_work(DbTx *tx, void *check_any)
{
    const Check *check = check_any;

    return ledger_check(tx, check->tenant_id, check->credits);
}

Err *shop_upload_check(const Studio *studio, const Buyer *buyer, int64_t photos)
{
    const PriceBill bill = price_of_upload(MIN(photos, CATALOGUE_FILES_MOST), buyer->used);
    Check check = {buyer->tenant_id, bill.credits};

    TRY(tier_check_price((TierId)buyer->tier, PRICE_UPLOAD));
    return db_read(studio->shelf.db, check_work, &check);
}

Err *shop_upload_pay(
    DbTx *tx, const Buyer *buyer, const char *project_id, int64_t photos, int64_t *ret_credits)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const PriceBill bill = price_of_upload(photos, buyer->used);
    const Id id = id_new("upload");
    const LedgerMove move = {
        .tenant_id = buyer->tenant_id,
        .key = id.text,
        .reason = photos == 1 ? "Upload of a photo"
                              : said_print(mem, "Upload of %" PRId64 " photos", photos),
        .subject = project_id,
        .credits = bill.credits,
    };
    Id hold;

    TRY(tier_check_price((TierId)buyer->tier, PRICE_UPLOAD));
    if (bill.credits) {
        TRY(ledger_hold(tx, &move, &hold));
        TRY(ledger_capture(tx, buyer->tenant_id, hold.text));
    }
    TRY(deed_add(
        tx, buyer,
        &(Deed){
            .action = "upload",
            .feature = price_name(PRICE_UPLOAD),
            .subject = project_id,
            .pictures = photos,
            .credits = bill.credits,
        }));
    *ret_credits = bill.credits;
    return NULL;
}
