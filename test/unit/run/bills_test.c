/* Promises of runs that vendors work on: what they were paid is noted, and the tenant pays its price and no more. */
#include "harness/stand_in.h"
#include "unit/recipe/drawn.h"
#include "unit/run/shop.h"

/* A shop whose sets are drawn by the stand-in. */
typedef struct Hired {
    Shop shop;
    StandIn *stand_in;
    Vendors *vendors;
} Hired;

static void hired_begin(Hired *hired, Db *db)
{
    static const char *names[] = {"openai"};
    VendorsSetup setup = {.routes[ABILITY_GENERATE] = {names, 1}};

    shop_open(&hired->shop, db, 10);
    hired->stand_in = stand_in_start(0, 0);
    setup.net = hired->shop.net;
    setup.keys = (VendorKey[]){
        {"openai", "a-key",
         arena_print(
             hired->shop.mem, "http://127.0.0.1:%d/openai/v1", stand_in_port(hired->stand_in))},
        {NULL}};
    CHECK_OK(vendors_open(&setup, &hired->vendors));
    hired->shop.studio.vendors = hired->vendors;
}

static void hired_end(Hired *hired)
{
    shop_close(&hired->shop);
    vendors_close(hired->vendors);
    stand_in_stop(hired->stand_in);
}

/* One photo in a set in WORDS, made or failed. */
static void one_made(Hired *hired, const char *words, Project *ret)
{
    Shop *shop = &hired->shop;
    PhotoWish photo = {.filename = "a.png", .scene_prompt = words};
    ProjectWish wish = {
        .tenant_id = shop->tenant.id,
        .door = "opal",
        .photos = &photo,
        .photo_count = 1,
        .recipe = "opal"};
    int64_t started;
    List runs;

    CHECK_OK(project_begin(&shop->studio, &wish, shop->mem, ret, &runs, NULL));
    shop_upload(shop, runs.items);
    CHECK_OK(run_start(&shop->studio, shop->tenant.id, ret->id, shop->mem, ret, &started, NULL));
    shop_hire(shop);
    shop_wait(shop, ret->id, ret);
}

TEST_DB(what_a_vendor_was_paid_is_noted_and_the_price_stays_the_price)
{
    Project project;
    Hired hired;

    hired_begin(&hired, db);
    one_made(&hired, "sunny kitchen", &project);
    CHECK_INT(project.completed, 1);
    CHECK_INT(
        test_db_number(
            db, "SELECT COUNT(*) FROM usage_events WHERE kind = 'openai_api_call'"
                " AND cost_micro_usd > 0"),
        1);
    CHECK_INT(test_db_number(db, "SELECT SUM(cost_micro_usd) FROM usage_days"), RUN_MICRO_USD);
    CHECK_INT(shop_purse(&hired.shop).balance, 10 * RUN_CREDITS - RUN_CREDITS);
    hired_end(&hired);
}

TEST_DB(what_a_vendor_refused_is_made_by_the_house_at_the_same_price)
{
    Project project;
    Hired hired;

    hired_begin(&hired, db);
    one_made(&hired, "sunny kitchen fault-moderated", &project);
    CHECK_INT(project.completed, 1);
    CHECK_INT(
        test_db_number(db, "SELECT COUNT(*) FROM usage_events WHERE kind = 'openai_api_call'"), 0);
    CHECK_INT(shop_purse(&hired.shop).balance, 10 * RUN_CREDITS - RUN_CREDITS);
    hired_end(&hired);
}

TEST_DB(what_a_vendor_refused_costs_nothing_where_nobody_may_stand_in)
{
    Project project;
    Hired hired;

    hired_begin(&hired, db);
    hired.shop.studio.is_vendor_only = true;
    one_made(&hired, "sunny kitchen fault-moderated", &project);
    CHECK_INT(project.failed, 1);
    CHECK_INT(shop_purse(&hired.shop).balance, 10 * RUN_CREDITS);
    CHECK_INT(shop_purse(&hired.shop).held, 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM usage_days"), 0);
    hired_end(&hired);
}
