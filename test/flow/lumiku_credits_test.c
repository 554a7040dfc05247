/* Promises of the Lumiku door about credits, over HTTP, on each database. */
#include "shop.h"

#define APP "/api/apps/product-photo-studio"

static const char premium[] =
    "{\"name\":\"Toko\",\"email\":\"budi@example.com\",\"tier\":\"premium\",\"credits\":30}";
static const char standard[] =
    "{\"name\":\"Warung\",\"email\":\"ani@example.com\",\"tier\":\"standard\",\"credits\":9}";

TEST_FLOW(a_customer_sees_its_credits_and_what_they_buy)
{
    const Shop shop = shop_open(place, premium), other = shop_open(place, standard);
    const Reply mine = shop_get(&shop, 200, "/api/credits");
    const Reply theirs = shop_get(&other, 200, "/api/credits");

    CHECK_INT(reply_int(&mine, "balance"), 2030);
    CHECK_INT(reply_int(&mine, "available"), 2030);
    CHECK_INT(reply_int(&mine, "held"), 0);
    CHECK_INT(reply_int(&mine, "monthlyCredits"), 2000);
    CHECK_INT(reply_int(&mine, "usedThisMonth"), 0);
    CHECK_INT(reply_int(&mine, "volumeDiscountPercent"), 0);
    CHECK_TEXT(reply_text(&mine, "tierName"), "Premium");
    CHECK_INT(reply_int(&theirs, "balance"), 9);
    CHECK_TEXT(reply_text(&theirs, "tier"), "standard");
    CHECK_TEXT(reply_text(&theirs, "prices>0>feature"), "upload");
    CHECK_INT(reply_int(&theirs, "prices>0>credits"), 2);
}

TEST_FLOW(a_customer_sees_what_became_of_its_credits_in_pages)
{
    const Shop shop = shop_open(place, premium);
    const Reply first = shop_get(&shop, 200, "/api/credits/history?limit=1");
    const char *before = reply_text(&first, "nextBefore");

    CHECK_INT(value_count(reply_at(&first, "entries")), 1);
    CHECK_TEXT(reply_text(&first, "entries>0>type"), "granted");
    CHECK_TEXT(reply_text(&first, "entries>0>description"), "Credits to begin with");
    CHECK_INT(reply_int(&first, "entries>0>balance"), 2030);
    CHECK(strstr(reply_header(place, &first, "Link"), before));

    const Reply second = shop_get(&shop, 200, "/api/credits/history?limit=1&before=%s", before);
    CHECK_INT(reply_int(&second, "entries>0>change"), 2000);
    CHECK(value_kind(reply_at(&second, "nextBefore")) == VALUE_NULL);

    const Shop other = shop_open(place, standard);
    const Reply foreign = place_ask(
        place, &(Request){
                   .method = "GET",
                   .path = json_print(place, "/api/credits/history?before=%s", before),
                   .key = other.key,
               });
    CHECK_INT(foreign.status, 404);
    CHECK_TEXT(reply_text(&foreign, "error"), "not_found");
}

TEST_FLOW(prices_and_plans_are_told_as_they_are_charged)
{
    const Shop shop = shop_open(place, standard);
    const Reply plain = shop_get(&shop, 200, APP "/prices");
    const Reply asked = shop_get(&shop, 200, APP "/prices?credits=1460");

    CHECK_INT(value_count(reply_at(&plain, "tiers")), 4);
    CHECK_INT(reply_int(&plain, "bundlePercent"), 10);
    CHECK_INT(reply_int(&plain, "volumeDiscounts>3>from"), 5001);
    CHECK_INT(reply_int(&plain, "volumeDiscounts>3>percent"), 15);
    CHECK_INT(reply_int(&plain, "tiers>1>batchMax"), 20);
    CHECK_INT(reply_int(&plain, "tiers>0>templates"), 10);
    CHECK(value_kind(reply_at(&plain, "tiers>3>templates")) == VALUE_NULL);
    CHECK_TEXT(reply_text(&plain, "tiers>0>watermark"), "ours");
    CHECK(!reply_at(&plain, "tiers>0>monthCost"));
    CHECK_INT(reply_int(&asked, "tiers>1>monthCost"), 146000);
    CHECK_INT(reply_int(&asked, "tiers>2>monthCost"), 116800);
}

TEST_FLOW(a_new_customer_has_made_nothing)
{
    const Shop shop = shop_open(place, standard);
    const Reply stats = shop_get(&shop, 200, APP "/stats");
    const Reply usage = shop_get(&shop, 200, APP "/usage?limit=10");

    CHECK_INT(reply_int(&stats, "totalProjects"), 0);
    CHECK_INT(reply_int(&stats, "creditsUsed"), 0);
    CHECK_INT(value_count(reply_at(&stats, "features")), 0);
    CHECK_INT(value_count(reply_at(&usage, "usage")), 0);
}

TEST_FLOW(credits_are_shown_to_nobody_without_a_key)
{
    static const char *const paths[] = {
        "/api/credits", "/api/credits/history", APP "/stats", APP "/usage", APP "/prices"};

    for (size_t i = 0; i < COUNT(paths); i++) {
        const Reply reply = place_ask(place, &(Request){.method = "GET", .path = paths[i]});

        CHECK_INT(reply.status, 401);
        CHECK_TEXT(reply_text(&reply, "error"), "unauthenticated");
    }
}
