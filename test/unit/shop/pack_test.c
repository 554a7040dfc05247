/* Promises of selling what is taken away, on both databases. */
#include "shop/shop_priv.h"
#include "unit/run/shop.h"

/* A customer whose two photos have pictures. */
typedef struct Stall {
    Shop shop;
    Buyer buyer;
    Project project;
    const char *run_id;
} Stall;

static void stall_open(Stall *stall, Db *db)
{
    static const char *const names[] = {"a.png", "b.png", NULL};
    Shop *shop = &stall->shop;
    int64_t started;
    List runs;

    shop_open(shop, db, 50);
    shop_job(shop, names, &stall->project, &runs);
    for (size_t i = 0; i < runs.count; i++)
        shop_upload(shop, (const Run *)runs.items + i);
    CHECK_OK(run_start(
        &shop->studio, shop->tenant.id, stall->project.id, shop->mem, &stall->project, &started,
        NULL));
    shop_hire(shop);
    shop_wait(shop, stall->project.id, &stall->project);
    job_crew_stop(TAKE(shop->crew), 1000);
    stall->run_id = ((const Run *)runs.items)[0].id;
    CHECK_OK(shop_buyer(
        &shop->studio, &(BuyerWish){.tenant_id = shop->tenant.id}, shop->mem, &stall->buyer));
    stall->buyer.used = 0;
}

static Texts texts(Stall *stall, const char *a, const char *b, const char *c)
{
    Texts texts = {.items = ARENA_ARRAY(stall->shop.mem, const char *, 3)};

    texts.items[0] = a;
    texts.items[1] = b;
    texts.items[2] = c;
    while (texts.count < 3 && texts.items[texts.count])
        texts.count++;
    return texts;
}

static MUST Err *pack_sell(Stall *stall, TierId tier, const PackWish *wish, int64_t *ret_credits)
{
    PriceBill bill = {0};
    Pack pack;

    stall->buyer.tier = (int)tier;
    TRY(shop_pack(&stall->shop.studio, &stall->buyer, wish, stall->shop.mem, &pack, &bill));
    *ret_credits = bill.credits;
    CHECK_INT(pack.credits, bill.credits);
    return NULL;
}

static void refused(Stall *stall, TierId tier, const PackWish *wish, const char *text)
{
    int64_t available = shop_purse(&stall->shop).available, credits;
    AUTO(err_free) Err *err = pack_sell(stall, tier, wish, &credits);

    CHECK(err);
    CHECK_INT(err_code(err), ERR_FORBIDDEN);
    CHECK_TEXT(err_text(err), text);
    CHECK_INT(shop_purse(&stall->shop).available, available);
    CHECK_INT(test_db_number(stall->shop.db, "SELECT COUNT(*) FROM packs"), 0);
}

TEST_DB(a_zip_is_for_those_whose_plan_has_it)
{
    Stall stall;

    stall_open(&stall, db);
    PackWish wish = {.project_id = stall.project.id};
    refused(&stall, TIER_FREE, &wish, "ZIP exports begin with the Standard plan.");
    wish.formats = texts(&stall, "png", "jpeg", NULL);
    refused(
        &stall, TIER_STANDARD, &wish,
        "ZIP exports in several formats begin with the Professional plan.");
    wish.formats = texts(&stall, "webp", NULL, NULL);
    refused(&stall, TIER_STANDARD, &wish, "WebP files begin with the Professional plan.");
    wish.formats = (Texts){0};
    wish.platforms = texts(&stall, "shopee", "tokopedia", NULL);
    refused(
        &stall, TIER_STANDARD, &wish,
        "Your plan takes 1 platform in one export. Up to 3 begin with the Professional plan.");
    shop_close(&stall.shop);
}

TEST_DB(of_what_applies_to_a_zip_the_dearest_is_charged)
{
    Stall stall;
    int64_t credits;

    stall_open(&stall, db);
    PackWish wish = {.project_id = stall.project.id};
    CHECK_OK(pack_sell(&stall, TIER_STANDARD, &wish, &credits));
    CHECK_INT(credits, 5);
    wish.formats = texts(&stall, "png", "jpeg", "webp");
    CHECK_OK(pack_sell(&stall, TIER_PROFESSIONAL, &wish, &credits));
    CHECK_INT(credits, 10);
    wish.platforms = texts(&stall, "shopee", "tokopedia", "instagram");
    CHECK_OK(pack_sell(&stall, TIER_PROFESSIONAL, &wish, &credits));
    CHECK_INT(credits, 15);
    CHECK_INT(shop_purse(&stall.shop).held, 30);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM deeds WHERE action = 'export'"), 3);
    shop_audit(&stall.shop);
    shop_close(&stall.shop);
}

TEST_DB(the_same_export_again_is_sold_once)
{
    Stall stall;
    int64_t credits;

    stall_open(&stall, db);
    const PackWish wish = {.project_id = stall.project.id, .once = {stall.shop.tenant.id, "zip-1"}};
    CHECK_OK(pack_sell(&stall, TIER_STANDARD, &wish, &credits));
    CHECK_OK(pack_sell(&stall, TIER_STANDARD, &wish, &credits));
    CHECK_INT(shop_purse(&stall.shop).held, 5);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM deeds"), 1);
    shop_close(&stall.shop);
}

TEST_DB(a_single_download_is_free_in_the_forms_of_the_plan)
{
    Stall stall;

    stall_open(&stall, db);
    for (TierId tier = TIER_FREE; tier < TIER_MAX_; tier++) {
        AUTO(buf_done) Buf bytes = BUF(16 << 20);
        const PackOne jpeg = {.run_id = stall.run_id, .format = "jpeg"};
        const char *name, *type;
        const ShopFile file = {
            .mem = stall.shop.mem, .bytes = &bytes, .name = &name, .type = &type};

        stall.buyer.tier = (int)tier;
        AUTO(err_free) Err *err = shop_download(&stall.shop.studio, &stall.buyer, &jpeg, &file);
        CHECK_INT(err == NULL, tier != TIER_FREE);
        if (!err)
            CHECK_TEXT(type, "image/jpeg");
    }
    CHECK_INT(shop_purse(&stall.shop).held, 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM deeds"), 0);
    shop_close(&stall.shop);
}
