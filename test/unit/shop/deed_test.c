/* Promises of buyers, uploads, deeds and statistics, on both databases. */
#include <string.h>

#include "shop/shop_priv.h"
#include "unit/run/shop.h"

typedef struct Wish {
    const Buyer *buyer;
    const char *project_id, *key;
    int64_t photos, credits;
    const Deed *deed;
    bool is_new;
} Wish;

static Err *upload_work(DbTx *tx, void *wish_any)
{
    Wish *wish = wish_any;

    return shop_upload_pay(tx, wish->buyer, wish->project_id, wish->photos, &wish->credits);
}

static Err *deed_work(DbTx *tx, void *wish_any)
{
    Wish *wish = wish_any;

    return deed_add_once(tx, wish->buyer, wish->deed, wish->key, &wish->is_new);
}

static Err *tier_work(DbTx *tx, void *wish_any)
{
    Wish *wish = wish_any;

    return tenant_tier_set(tx, wish->buyer->tenant_id, wish->key);
}

static Buyer buyer_of(Shop *shop)
{
    Buyer buyer = {0};

    CHECK_OK(shop_buyer(
        &shop->studio, &(BuyerWish){.tenant_id = shop->tenant.id, .user_id = "user_ann"}, shop->mem,
        &buyer));
    return buyer;
}

TEST_DB(a_buyer_has_the_tier_of_its_tenant_and_the_months_use)
{
    Shop shop;

    shop_open(&shop, db, 100);
    Buyer buyer = buyer_of(&shop);
    CHECK_INT(buyer.tier, TIER_PROFESSIONAL);
    CHECK_INT(buyer.used, 0);
    CHECK_INT(shop_mark(&buyer), MARK_NONE);
    CHECK_OK(db_write(db, tier_work, &(Wish){.buyer = &buyer, .key = "free"}));
    CHECK_OK(db_write(db, upload_work, &(Wish){.buyer = &buyer, .photos = 7}));
    buyer = buyer_of(&shop);
    CHECK_INT(buyer.tier, TIER_FREE);
    CHECK_INT(buyer.used, 14);
    CHECK_INT(shop_mark(&buyer), MARK_OURS);
    shop_close(&shop);
}

TEST_DB(keys_belong_to_the_premium_plan_where_the_operator_says_so)
{
    static const char *const names[] = {"standard", "premium"};
    Shop shop;

    shop_open(&shop, db, 100);
    const Buyer anybody = buyer_of(&shop);
    for (size_t i = 0; i < COUNT(names); i++)
        for (int has_key = 0; has_key < 2; has_key++) {
            const BuyerWish wish = {.tenant_id = shop.tenant.id, .has_key = has_key};
            Buyer buyer;

            CHECK_OK(db_write(db, tier_work, &(Wish){.buyer = &anybody, .key = names[i]}));
            shop.studio.has_tier_keys = false;
            CHECK_OK(shop_buyer(&shop.studio, &wish, shop.mem, &buyer));
            shop.studio.has_tier_keys = true;
            AUTO(err_free) Err *err = shop_buyer(&shop.studio, &wish, shop.mem, &buyer);
            CHECK_INT(err == NULL, i == 1 || !has_key);
            if (err)
                CHECK_TEXT(err_text(err), "Access by API keys begins with the Premium plan.");
        }
    shop_close(&shop);
}

TEST_DB(an_upload_is_paid_at_once_or_not_done)
{
    Shop shop;

    shop_open(&shop, db, 7);
    Buyer buyer = buyer_of(&shop);
    Wish ten = {.buyer = &buyer, .photos = 10}, one = {.buyer = &buyer, .photos = 1};

    CHECK_INT(shop_purse(&shop).available, 21);
    CHECK_OK(db_write(db, upload_work, &ten));
    CHECK_INT(ten.credits, 20);
    CHECK_INT(shop_purse(&shop).available, 1);
    CHECK_INT(shop_purse(&shop).held, 0);
    AUTO(err_free) Err *err = db_write(db, upload_work, &one);
    CHECK(err && err_code(err) == ERR_CREDITS_SPENT);
    CHECK_INT(shop_purse(&shop).available, 1);

    List deeds;
    CHECK_OK(deed_list(&shop.studio, shop.tenant.id, NULL, 10, shop.mem, &deeds));
    CHECK_INT(deeds.count, 1);
    CHECK_TEXT(((const Deed *)deeds.items)[0].feature, "upload");
    CHECK_INT(((const Deed *)deeds.items)[0].pictures, 10);
    shop_audit(&shop);
    shop_close(&shop);
}

/* From 501 credits on 5 % less, rounded up. */
TEST_DB(the_months_volume_counts_for_uploads_too)
{
    Shop shop;

    shop_open(&shop, db, 1000);
    Buyer buyer = buyer_of(&shop);
    Wish many = {.buyer = &buyer, .photos = 251};

    CHECK_OK(db_write(db, upload_work, &many));
    CHECK_INT(many.credits, 502);
    buyer = buyer_of(&shop);
    CHECK_INT(buyer.used, 502);
    many.photos = 50;
    CHECK_OK(db_write(db, upload_work, &many));
    CHECK_INT(many.credits, 95);
    shop_close(&shop);
}

TEST_DB(a_deed_of_a_key_is_written_once)
{
    Shop shop;

    shop_open(&shop, db, 10);
    Buyer buyer = buyer_of(&shop);
    const Deed deed = {.action = "template", .feature = "template", .pictures = 1, .credits = 15};
    Wish wish = {.buyer = &buyer, .deed = &deed, .key = "batch_1"};

    CHECK_OK(db_write(db, deed_work, &wish));
    CHECK(wish.is_new);
    CHECK_OK(db_write(db, deed_work, &wish));
    CHECK(!wish.is_new);
    wish.key = NULL;
    CHECK_OK(db_write(db, deed_work, &wish));
    CHECK_OK(db_write(db, deed_work, &wish));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM deeds"), 3);
    shop_close(&shop);
}

TEST_DB(deeds_come_newest_first_and_in_pages)
{
    Shop shop;
    List deeds;

    shop_open(&shop, db, 100);
    Buyer buyer = buyer_of(&shop);
    for (int64_t i = 1; i <= 5; i++) {
        const Deed deed = {.action = "process", .feature = "cutout", .pictures = i, .credits = 5};

        CHECK_OK(db_write(db, deed_work, &(Wish){.buyer = &buyer, .deed = &deed}));
    }
    CHECK_OK(deed_list(&shop.studio, shop.tenant.id, NULL, 2, shop.mem, &deeds));
    const Deed *page = deeds.items;
    CHECK_INT(deeds.count, 2);
    CHECK_INT(page[0].pictures, 5);
    CHECK_INT(page[1].pictures, 4);
    CHECK_OK(deed_list(&shop.studio, shop.tenant.id, page[1].id, 10, shop.mem, &deeds));
    page = deeds.items;
    CHECK_INT(deeds.count, 3);
    CHECK_INT(page[0].pictures, 3);
    CHECK_OK(deed_list(&shop.studio, "tenant_other", NULL, 10, shop.mem, &deeds));
    CHECK_INT(deeds.count, 0);
    shop_close(&shop);
}

/* 21 of 23 credits are 5, 10 and 8 less a tenth: in whole credits, and none is lost. */
TEST_DB(what_is_bought_together_is_counted_under_each_of_its_names)
{
    static const Deed bundle = {
        .action = "process",
        .feature = "backdrop_solid",
        .parts = "cutout:5 backdrop_solid:10 shadow_natural:8",
        .pictures = 1,
        .credits = 21,
    };
    static const Deed alone = {
        .action = "process", .feature = "cutout", .pictures = 1, .credits = 5};
    static const ShopFeature expected[] = {
        {"cutout", 3, 15}, {"backdrop_solid", 2, 18}, {"shadow_natural", 2, 14}};
    ShopStats stats;
    Shop shop;

    shop_open(&shop, db, 100);
    Buyer buyer = buyer_of(&shop);
    for (int i = 0; i < 2; i++)
        CHECK_OK(db_write(db, deed_work, &(Wish){.buyer = &buyer, .deed = &bundle}));
    CHECK_OK(db_write(db, deed_work, &(Wish){.buyer = &buyer, .deed = &alone}));
    CHECK_OK(shop_stats(&shop.studio, shop.tenant.id, "lumiku", shop.mem, &stats));

    CHECK_INT(stats.features.count, COUNT(expected));
    for (size_t i = 0; i < stats.features.count; i++) {
        const ShopFeature *feature = &((const ShopFeature *)stats.features.items)[i];

        for (size_t j = 0; j < COUNT(expected); j++)
            if (strcmp(expected[j].feature, feature->feature) == 0) {
                CHECK_INT(feature->count, expected[j].count);
                CHECK_INT(feature->credits, expected[j].credits);
            }
    }
    shop_close(&shop);
}

TEST_DB(credits_for_photos_are_looked_at_before_they_come)
{
    Shop shop;

    shop_open(&shop, db, 7);
    Buyer buyer = buyer_of(&shop);
    CHECK_OK(shop_upload_check(&shop.studio, &buyer, 10));
    AUTO(err_free) Err *err = shop_upload_check(&shop.studio, &buyer, 11);
    CHECK(err && err_code(err) == ERR_CREDITS_SPENT);
    CHECK_INT(shop_purse(&shop).available, 21);
    shop_close(&shop);
}

TEST_DB(statistics_say_what_was_spent_on_what)
{
    static const Deed deeds[] = {
        {.action = "process", .feature = "cutout", .pictures = 1, .credits = 5},
        {.action = "process", .feature = "cutout", .pictures = 1, .credits = 5},
        {.action = "template",
         .feature = "template",
         .template = "shopee-white",
         .pictures = 1,
         .credits = 15},
        {.action = "batch", .feature = "batch", .template = "gone", .pictures = 9, .credits = 55},
        {.action = "export", .feature = "export_zip", .pictures = 9, .credits = 4},
    };
    ShopStats stats;
    Shop shop;

    shop_open(&shop, db, 100);
    Buyer buyer = buyer_of(&shop);
    for (size_t i = 0; i < COUNT(deeds); i++)
        CHECK_OK(db_write(db, deed_work, &(Wish){.buyer = &buyer, .deed = &deeds[i]}));
    CHECK_OK(db_write(db, upload_work, &(Wish){.buyer = &buyer, .photos = 3}));
    CHECK_OK(shop_stats(&shop.studio, shop.tenant.id, "lumiku", shop.mem, &stats));

    const ShopFeature *features = stats.features.items;
    const ShopTemplate *templates = stats.templates.items;
    CHECK_INT(stats.features.count, 5);
    CHECK_TEXT(features[0].feature, "batch");
    CHECK_TEXT(features[1].feature, "template");
    CHECK_TEXT(features[2].feature, "cutout");
    CHECK_INT(features[2].count, 2);
    CHECK_INT(features[2].credits, 10);
    CHECK_INT(stats.templates.count, 2);
    CHECK_TEXT(templates[0].name, "gone");
    CHECK_INT(templates[0].count, 9);
    CHECK_TEXT(templates[1].id, "shopee-white");
    CHECK_TEXT(templates[1].name, "Shopee white");
    CHECK_INT(stats.exported, 9);
    CHECK_INT(stats.credits_used, 6);
    CHECK_INT(stats.credits_used_month, 6);
    CHECK_INT(stats.projects, 0);
    shop_close(&shop);
}
