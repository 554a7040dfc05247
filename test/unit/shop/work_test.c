/* Promises of selling work on photos, on both databases: the tier is asked, the price is right, and nothing is charged for what is
 * refused or fails. */
#include <stdatomic.h>
#include <string.h>

#include "base/crew.h"
#include "shop/shop_priv.h"
#include "unit/run/shop.h"

#define STEPS(...) "{\"steps\":[{\"step\":\"cutout\"}" __VA_ARGS__ "]}"
#define PLACE ",{\"step\":\"place\",\"width_px\":64,\"height_px\":64}"
#define SOLID PLACE ",{\"step\":\"backdrop\"}"
#define AI PLACE ",{\"step\":\"backdrop\",\"kind\":\"scene\",\"words\":\"marble table\"}"

/* A customer of a tier, with photos that are there, and credits: an image's worth at least. */
typedef struct Stall {
    Shop shop;
    Buyer buyer;
    Project project;
    const char *photos[4];
} Stall;

typedef struct TierWish {
    const char *tenant_id, *tier;
    int64_t credits;
} TierWish;

static Err *tier_work(DbTx *tx, void *wish_any)
{
    const TierWish *wish = wish_any;
    const LedgerMove gift = {
        .tenant_id = wish->tenant_id, .key = "gift", .reason = "Gift", .credits = wish->credits};
    bool is_moved;

    TRY(tenant_tier_set(tx, wish->tenant_id, wish->tier));
    return wish->credits ? ledger_grant(tx, &gift, &is_moved) : NULL;
}

static void stall_open(Stall *stall, Db *db, const char *tier, int64_t credits)
{
    static const char *const names[] = {"a.png", "b.png", "c.png", "d.png", NULL};
    Shop *shop = &stall->shop;
    List runs;

    shop_open(shop, db, 1);
    TEST_DB_RUN(db, "UPDATE tenants SET allowance = 100000");
    CHECK_OK(
        db_write(db, tier_work, &(TierWish){shop->tenant.id, tier, credits - CREDITS_AN_IMAGE}));
    shop_job(shop, names, &stall->project, &runs);
    for (size_t i = 0; i < runs.count; i++) {
        const Run *run = (const Run *)runs.items + i;

        shop_upload(shop, run);
        stall->photos[i] = run->photo_id;
    }
    CHECK_OK(shop_buyer(
        &shop->studio, &(BuyerWish){.tenant_id = shop->tenant.id, .user_id = "user_ann"}, shop->mem,
        &stall->buyer));
}

static void value_end(void *value)
{
    value_free(value);
}

static const Value *json_of(Stall *stall, const char *text)
{
    Value *value = NULL;

    CHECK_OK(value_parse(text, strlen(text), &value));
    arena_keep(stall->shop.mem, value_end, value);
    return value;
}

/* The first COUNT photos by RECIPE. */
static ShopWish wish_of(Stall *stall, const char *recipe, size_t count)
{
    return (ShopWish){
        .project_id = stall->project.id,
        .photo_ids = {stall->photos, count},
        .recipe = recipe ? json_of(stall, recipe) : NULL,
    };
}

static Batch sold(Stall *stall, const ShopWish *wish)
{
    Batch batch = {0};

    CHECK_OK(shop_work(&stall->shop.studio, &stall->buyer, wish, stall->shop.mem, &batch));
    return batch;
}

static int64_t quoted(Stall *stall, const ShopWish *wish)
{
    PriceBill bill = {0};

    CHECK_OK(shop_quote(&stall->shop.studio, &stall->buyer, wish, stall->shop.mem, &bill));
    return bill.credits;
}

/* It is refused with CODE and TEXT (NULL for any), and nothing has changed. */
static void refused(Stall *stall, const ShopWish *wish, ErrCode code, const char *text)
{
    const Purse before = shop_purse(&stall->shop);
    int64_t deeds = test_db_number(stall->shop.db, "SELECT COUNT(*) FROM deeds");
    int64_t batches = test_db_number(stall->shop.db, "SELECT COUNT(*) FROM batches");
    Batch batch;
    AUTO(err_free) Err *err =
        shop_work(&stall->shop.studio, &stall->buyer, wish, stall->shop.mem, &batch);

    CHECK(err);
    CHECK_TEXT(err_name(err_code(err)), err_name(code));
    if (text)
        CHECK_TEXT(err_text(err), text);
    CHECK_INT(shop_purse(&stall->shop).available, before.available);
    CHECK_INT(shop_purse(&stall->shop).held, before.held);
    CHECK_INT(test_db_number(stall->shop.db, "SELECT COUNT(*) FROM deeds"), deeds);
    CHECK_INT(test_db_number(stall->shop.db, "SELECT COUNT(*) FROM batches"), batches);
}

static void batch_wait(Stall *stall, Batch *batch)
{
    Project project;

    if (!stall->shop.crew)
        shop_hire(&stall->shop);
    shop_wait(&stall->shop, stall->project.id, &project);
    CHECK_OK(
        batch_find(&stall->shop.studio, stall->buyer.tenant_id, batch->id, stall->shop.mem, batch));
}

static Deed newest(Stall *stall)
{
    List deeds;

    CHECK_OK(
        deed_list(&stall->shop.studio, stall->buyer.tenant_id, NULL, 1, stall->shop.mem, &deeds));
    CHECK_INT(deeds.count, 1);
    return *(const Deed *)deeds.items;
}

/* ---- money ---- */

TEST_DB(a_photo_costs_its_bundle_when_the_picture_is_there)
{
    Stall stall;

    stall_open(&stall, db, "standard", 30);
    const ShopWish wish = wish_of(&stall, STEPS(SOLID ",{\"step\":\"shadow\"}"), 1);
    CHECK_INT(quoted(&stall, &wish), 21);
    Batch batch = sold(&stall, &wish);
    CHECK_INT(batch.kind, BATCH_PROCESS);
    CHECK_INT(batch.credits, 21);
    CHECK_INT(shop_purse(&stall.shop).held, 21);
    CHECK_INT(newest(&stall).credits, 0);

    batch_wait(&stall, &batch);
    CHECK_INT(batch.state, BATCH_COMPLETED);
    CHECK_INT(batch.credits_charged, 21);
    CHECK_INT(shop_purse(&stall.shop).balance, 9);
    CHECK_INT(newest(&stall).credits, 21);
    CHECK_TEXT(newest(&stall).feature, "backdrop_solid");
    CHECK_TEXT(newest(&stall).action, "process");
    shop_audit(&stall.shop);
    shop_close(&stall.shop);
}

TEST_DB(a_batch_is_ten_and_five_a_photo)
{
    Stall stall;

    stall_open(&stall, db, "standard", 100);
    const ShopWish wish = wish_of(&stall, STEPS(SOLID), 3);
    CHECK_INT(quoted(&stall, &wish), 25);
    Batch batch = sold(&stall, &wish);
    CHECK_INT(batch.kind, BATCH_MANY);
    CHECK_INT(batch.total, 3);
    CHECK_INT(batch.credits, 25);
    CHECK_INT(test_db_number(db, "SELECT base_credits FROM batches"), 10);
    batch_wait(&stall, &batch);
    CHECK_INT(batch.credits_charged, 25);
    CHECK_INT(shop_purse(&stall.shop).balance, 75);
    CHECK_INT(newest(&stall).credits, 25);
    CHECK_TEXT(newest(&stall).action, "batch");
    shop_audit(&stall.shop);
    shop_close(&stall.shop);
}

TEST_DB(what_a_discount_leaves_sums_up_to_the_bill)
{
    static const struct {
        int64_t used, photos, credits;
    } table[] = {{501, 2, 19}, {2001, 3, 23}, {5001, 4, 26}, {5001, 3, 22}};
    Stall stall;

    stall_open(&stall, db, "premium", 1000);
    for (size_t i = 0; i < COUNT(table); i++) {
        const ShopWish wish = wish_of(&stall, STEPS(SOLID), (size_t)table[i].photos);
        int64_t held = shop_purse(&stall.shop).held;

        stall.buyer.used = table[i].used;
        CHECK_INT(quoted(&stall, &wish), table[i].credits);
        CHECK_INT(sold(&stall, &wish).credits, table[i].credits);
        CHECK_INT(shop_purse(&stall.shop).held, held + table[i].credits);
    }
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM runs WHERE credits > 5"), 0);
    shop_audit(&stall.shop);
    shop_close(&stall.shop);
}

TEST(bills_are_shared_out_to_the_last_credit)
{
    for (int64_t photos = 2; photos <= 100; photos++)
        for (int64_t used = 0; used <= 6000; used += 1500) {
            const PriceBill bill = price_of_work(&(PriceWork){.photos = photos, .used = used});
            const BillShares shares = bill_shares(&bill, photos);

            CHECK_INT(shares.base + photos * shares.each + shares.dearer, bill.credits);
            CHECK(shares.base >= 0 && shares.base <= 10 && shares.each <= 5);
            CHECK(shares.dearer >= 0 && shares.dearer < photos);
        }
}

TEST_DB(a_preview_is_free_and_alone)
{
    Stall stall;

    stall_open(&stall, db, "professional", 3);
    ShopWish wish = wish_of(&stall, STEPS(AI), 1);
    wish.is_preview = true;
    Batch batch = sold(&stall, &wish);
    CHECK_INT(batch.kind, BATCH_PREVIEW);
    CHECK_INT(batch.credits, 0);
    CHECK_INT(shop_purse(&stall.shop).held, 0);
    CHECK_TEXT(newest(&stall).action, "preview");
    CHECK_INT(test_db_number(db, "SELECT is_preview FROM runs WHERE batch_id IS NOT NULL"), 1);
    wish.photo_ids.count = 2;
    refused(&stall, &wish, ERR_INPUT_INVALID, "A preview shows one photo. Choose one.");
    shop_close(&stall.shop);
}

TEST_DB(who_has_not_enough_is_told_how_much_is_missing)
{
    Stall stall;

    stall_open(&stall, db, "standard", 14);
    const ShopWish wish = wish_of(&stall, STEPS(SOLID), 1);
    refused(&stall, &wish, ERR_CREDITS_SPENT, NULL);
    CHECK_INT(quoted(&stall, &wish), 15);
    shop_close(&stall.shop);
}

TEST_DB(what_is_cancelled_costs_nothing)
{
    Stall stall;

    stall_open(&stall, db, "standard", 100);
    const ShopWish wish = wish_of(&stall, STEPS(SOLID), 2);
    Batch batch = sold(&stall, &wish);
    CHECK_INT(shop_purse(&stall.shop).available, 80);
    CHECK_OK(
        batch_cancel(&stall.shop.studio, stall.buyer.tenant_id, batch.id, stall.shop.mem, &batch));
    CHECK_INT(shop_purse(&stall.shop).available, 100);
    CHECK_INT(newest(&stall).credits, 0);
    shop_audit(&stall.shop);
    shop_close(&stall.shop);
}

/* Of two pictures one was cancelled; then the project goes. */
TEST_DB(what_was_taken_is_known_when_the_project_has_gone)
{
    Stall stall;

    stall_open(&stall, db, "standard", 100);
    ShopWish wish = wish_of(&stall, STEPS(SOLID), 1);
    Batch first = sold(&stall, &wish);
    batch_wait(&stall, &first);
    wish.photo_ids.items = &stall.photos[1];
    job_crew_stop(TAKE(stall.shop.crew), 1000);
    Batch second = sold(&stall, &wish);
    CHECK_OK(batch_cancel(
        &stall.shop.studio, stall.buyer.tenant_id, second.id, stall.shop.mem, &second));
    const CatalogueOf project = {stall.buyer.tenant_id, "test", stall.project.id};
    CHECK_OK(shop_project_delete(&stall.shop.studio, &project));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM batches"), 0);
    CHECK_INT(newest(&stall).credits, 0);
    CHECK_INT(test_db_number(db, "SELECT CAST(SUM(credits) AS BIGINT) FROM deeds"), 15);
    CHECK_INT(shop_purse(&stall.shop).balance, 85);
    shop_close(&stall.shop);
}

typedef struct Rush {
    Stall *stall;
    ShopWish wishes[4];
    atomic_int sold, spent;
} Rush;

static void rush_work(void *rush_any, size_t item)
{
    Rush *rush = rush_any;
    AUTO(arena_free) Arena *mem = arena_new();
    Batch batch;
    AUTO(err_free) Err *err =
        shop_work(&rush->stall->shop.studio, &rush->stall->buyer, &rush->wishes[item], mem, &batch);

    if (!err)
        rush->sold++;
    else if (err_code(err) == ERR_CREDITS_SPENT)
        rush->spent++;
}

TEST_DB(of_many_at_once_only_those_that_can_be_paid_are_begun)
{
    Stall stall;
    Rush rush = {.stall = &stall};

    stall_open(&stall, db, "standard", 29);
    for (size_t i = 0; i < COUNT(rush.wishes); i++) {
        rush.wishes[i] = wish_of(&stall, STEPS(SOLID), 1);
        rush.wishes[i].photo_ids.items = &stall.photos[i];
    }
    crew_run(4, COUNT(rush.wishes), rush_work, &rush);
    CHECK_INT(rush.sold, 1);
    CHECK_INT(rush.spent, 3);
    CHECK_INT(shop_purse(&stall.shop).held, 15);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM deeds"), 1);
    shop_audit(&stall.shop);
    shop_close(&stall.shop);
}

TEST_DB(the_same_request_again_is_sold_once)
{
    Stall stall;

    stall_open(&stall, db, "standard", 100);
    ShopWish wish = wish_of(&stall, NULL, 1);
    wish.template = "studio-white";
    wish.once = (Once){stall.shop.tenant.id, "order-1"};
    Batch first = sold(&stall, &wish), again = sold(&stall, &wish);
    CHECK_TEXT(first.id, again.id);
    CHECK_INT(shop_purse(&stall.shop).held, 15);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM deeds"), 1);
    CHECK_INT(test_db_number(db, "SELECT used FROM templates WHERE id = 'studio-white'"), 1);
    shop_close(&stall.shop);
}

/* ---- going on from a variation ---- */

TEST_DB(what_was_paid_for_is_not_paid_for_again)
{
    Stall stall;
    List runs;

    stall_open(&stall, db, "professional", 100);
    const ShopWish cut = wish_of(&stall, STEPS(""), 1);
    Batch batch = sold(&stall, &cut);
    CHECK_INT(batch.credits, 5);
    batch_wait(&stall, &batch);
    CHECK_OK(
        batch_runs(&stall.shop.studio, stall.buyer.tenant_id, batch.id, stall.shop.mem, &runs));
    const char *run_id = ((const Run *)runs.items)[0].id;

    ShopWish more = wish_of(&stall, STEPS(SOLID ",{\"step\":\"shadow\"}"), 1);
    CHECK_INT(quoted(&stall, &more), 21);
    more.paid_run_id = run_id;
    CHECK_INT(quoted(&stall, &more), 18);
    more.seed = 7;
    CHECK_INT(quoted(&stall, &more), 21);
    more.seed = 0;
    more.photo_ids.items = &stall.photos[1];
    refused(&stall, &more, ERR_NOT_FOUND, "This photo has no such variation.");
    more.photo_ids = (Texts){stall.photos, 2};
    CHECK_INT(quoted(&stall, &more), 20);
    shop_close(&stall.shop);
}

TEST_DB(a_preview_pays_for_nothing)
{
    Stall stall;
    List runs;

    stall_open(&stall, db, "professional", 100);
    const char *recipe = "{\"steps\":[{\"step\":\"light\",\"style\":\"bright\"}]}";
    ShopWish wish = wish_of(&stall, recipe, 1);
    wish.is_preview = true;
    Batch batch = sold(&stall, &wish);
    batch_wait(&stall, &batch);
    CHECK_INT(batch.state, BATCH_COMPLETED);
    CHECK_OK(
        batch_runs(&stall.shop.studio, stall.buyer.tenant_id, batch.id, stall.shop.mem, &runs));
    wish.is_preview = false;
    wish.paid_run_id = ((const Run *)runs.items)[0].id;
    CHECK_INT(quoted(&stall, &wish), 10);
    shop_close(&stall.shop);
}

/* ---- tiers ---- */

TEST_DB(a_free_customer_has_cutouts_drop_shadows_and_ten_templates)
{
    Stall stall;

    stall_open(&stall, db, "free", 100);
    ShopWish wish = wish_of(&stall, STEPS(",{\"step\":\"shadow\",\"kind\":\"drop\"}"), 1);
    CHECK_INT(sold(&stall, &wish).credits, 13);
    wish.recipe = json_of(&stall, STEPS(AI));
    refused(&stall, &wish, ERR_FORBIDDEN, "AI backgrounds begin with the Professional plan.");
    wish.is_preview = true;
    refused(&stall, &wish, ERR_FORBIDDEN, NULL);
    wish.is_preview = false;
    wish.recipe = json_of(&stall, STEPS(SOLID));
    refused(&stall, &wish, ERR_FORBIDDEN, "Plain backgrounds begin with the Standard plan.");
    wish.recipe = json_of(&stall, STEPS(",{\"step\":\"shadow\"}"));
    refused(&stall, &wish, ERR_FORBIDDEN, "Natural shadows begin with the Standard plan.");
    wish.recipe = json_of(&stall, STEPS(",{\"step\":\"encode\",\"format\":\"webp\"}"));
    refused(&stall, &wish, ERR_FORBIDDEN, "WebP files begin with the Professional plan.");
    wish.recipe = json_of(&stall, STEPS(""));
    wish.photo_ids.count = 2;
    refused(&stall, &wish, ERR_FORBIDDEN, "Batches begin with the Standard plan.");
    wish.photo_ids.count = 1;
    wish.platform = "shopee";
    refused(&stall, &wish, ERR_FORBIDDEN, "Exports for a platform begin with the Standard plan.");
    shop_close(&stall.shop);
}

/* Of the library, in its order, and those that are marked. */
TEST_DB(templates_are_for_those_whose_plan_has_them)
{
    Stall stall;
    List all;
    int64_t total;

    stall_open(&stall, db, "free", 1000);
    CHECK_OK(template_query(
        &stall.shop.studio,
        &(TemplateQuery){
            .tenant_id = stall.buyer.tenant_id, .featured = -1, .premium = -1, .own = 0},
        stall.shop.mem, &all, &total));
    for (size_t i = 0; i < all.count; i += 7)
        for (TierId tier = TIER_FREE; tier < TIER_MAX_; tier++) {
            const Template *template = (const Template *)all.items + i;
            ShopWish wish = wish_of(&stall, NULL, 1);
            AUTO(err_free) Err *err = NULL;
            PriceBill bill;

            wish.template = template->id;
            stall.buyer.tier = (int)tier;
            err = shop_quote(&stall.shop.studio, &stall.buyer, &wish, stall.shop.mem, &bill);
            bool has = template->position < tiers[tier].templates_most &&
                       (!template->is_premium || tier >= TIER_PROFESSIONAL);
            CHECK_INT(err == NULL, has);
            if (!err)
                CHECK_INT(bill.credits, 15);
        }
    ShopWish unknown = wish_of(&stall, NULL, 1);
    unknown.template = "no-such-place";
    refused(&stall, &unknown, ERR_NOT_FOUND, NULL);
    shop_close(&stall.shop);
}

TEST_DB(sibling_apps_are_for_those_whose_plan_sends_pictures)
{
    Stall stall;

    stall_open(&stall, db, "standard", 100);
    ShopWish wish = wish_of(&stall, "{\"steps\":[{\"step\":\"upscale\",\"factor\":2}]}", 1);
    wish.kind = BATCH_UPSCALE;
    refused(&stall, &wish, ERR_FORBIDDEN, "Upscaling begins with the Premium plan.");
    wish.partner = "image-upscaler";
    refused(
        &stall, &wish, ERR_FORBIDDEN,
        "Sending pictures to other apps begins with the Professional plan.");
    stall.buyer.tier = TIER_PREMIUM;
    CHECK_INT(sold(&stall, &wish).credits, 20);
    CHECK_TEXT(newest(&stall).partner, "image-upscaler");
    CHECK_TEXT(newest(&stall).action, "upscale");
    shop_close(&stall.shop);
}

TEST_DB(a_carousel_has_one_price_however_many_slides)
{
    Stall stall;
    BatchItem slides[4];

    stall_open(&stall, db, "professional", 100);
    ShopWish wish = wish_of(&stall, STEPS(PLACE), 4);
    for (size_t i = 0; i < COUNT(slides); i++)
        slides[i] = (BatchItem){.photo_id = stall.photos[i], .recipe = wish.recipe};
    wish.items = slides;
    wish.count = COUNT(slides);
    wish.kind = BATCH_CAROUSEL;
    CHECK_INT(quoted(&stall, &wish), 30);
    Batch batch = sold(&stall, &wish);
    CHECK_INT(batch.credits, 30);
    CHECK_INT(batch.total, 4);
    CHECK_INT(shop_purse(&stall.shop).held, 30);
    stall.buyer.tier = TIER_STANDARD;
    refused(&stall, &wish, ERR_FORBIDDEN, "Carousels begin with the Professional plan.");
    shop_close(&stall.shop);
}

TEST_DB(a_cut_out_is_as_large_as_the_plan_has_it)
{
    Stall stall;

    stall_open(&stall, db, "free", 100);
    ShopWish wish = wish_of(&stall, STEPS(""), 1);
    Batch small = sold(&stall, &wish);
    const Value *encode = value_at(value_get(small.recipe, "steps"), 1);
    CHECK_INT(value_int(value_get(encode, "longest_most_px")), 1024);
    stall.buyer.tier = TIER_STANDARD;
    Batch large = sold(&stall, &wish);
    encode = value_at(value_get(large.recipe, "steps"), 1);
    CHECK_INT(value_int(value_get(encode, "longest_most_px")), 4096);
    shop_close(&stall.shop);
}

/* ---- queues ---- */

TEST_DB(work_queues_up_by_what_it_is_and_whose)
{
    static const struct {
        const char *recipe, *queue;
        size_t photos;
        TierId tier;
        int64_t priority;
    } table[] = {
        {STEPS(""), "bg_removal", 1, TIER_FREE, -1},
        {STEPS(SOLID ",{\"step\":\"shadow\"}"), "bg_replacement", 1, TIER_STANDARD, 0},
        {STEPS(",{\"step\":\"light\"}"), "lighting_enhance", 1, TIER_PROFESSIONAL, 1},
        {STEPS(",{\"step\":\"shadow\"}"), "shadow_generate", 1, TIER_PREMIUM, 2},
        {STEPS(SOLID), "batch_process", 2, TIER_PROFESSIONAL, 0},
        {NULL, "template_apply", 1, TIER_PREMIUM, 2},
        {"{\"steps\":[{\"step\":\"crop\"},{\"step\":\"encode\"}]}", "jobs", 1, TIER_STANDARD, 0},
    };
    Stall stall;

    stall_open(&stall, db, "premium", 1000);
    for (size_t i = 0; i < COUNT(table); i++) {
        ShopWish wish = wish_of(&stall, table[i].recipe, table[i].photos);
        const char *count = arena_print(
            stall.shop.mem,
            "SELECT COUNT(*) FROM batches WHERE queue = '%s' AND priority = %d AND total = %zu",
            table[i].queue, (int)table[i].priority, table[i].photos);
        int64_t before = test_db_number(db, count);

        wish.template = table[i].recipe ? NULL : "studio-white";
        stall.buyer.tier = (int)table[i].tier;
        sold(&stall, &wish);
        CHECK_INT(test_db_number(db, count), before + 1);
    }
    shop_close(&stall.shop);
}

TEST_DB(a_tier_decides_whose_own_templates_are_kept)
{
    Stall stall;
    Template template;

    stall_open(&stall, db, "premium", 100);
    const TemplateWish wish = {
        .name = "Mine", .category = "studio", .recipe = json_of(&stall, STEPS(SOLID))};
    CHECK_OK(
        shop_template_create(&stall.shop.studio, &stall.buyer, &wish, stall.shop.mem, &template));
    CHECK(template.is_own);
    ShopWish use = wish_of(&stall, NULL, 1);
    use.template = template.id;
    CHECK_INT(sold(&stall, &use).credits, 15);
    stall.buyer.tier = TIER_PROFESSIONAL;
    refused(&stall, &use, ERR_FORBIDDEN, "Templates of your own begin with the Premium plan.");
    AUTO(err_free) Err *err =
        shop_template_create(&stall.shop.studio, &stall.buyer, &wish, stall.shop.mem, &template);
    CHECK(err && err_code(err) == ERR_FORBIDDEN);
    shop_close(&stall.shop);
}
