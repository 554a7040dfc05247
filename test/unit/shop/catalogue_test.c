/* Promises of photos that are paid for as they come, and of what is left when they go, on both databases. */
#include <time.h>

#include "base/clock.h"
#include "shop/shop.h"
#include "unit/recipe/drawn.h"
#include "unit/run/shop.h"

static const char door[] = "studio";
static const char cutout_json[] = "{\"name\":\"plain\",\"title\":\"Plain\",\"steps\":[{\"step\":"
                                  "\"cutout\"},{\"step\":\"encode\",\"format\":\"png\"}]}";

enum {
    PHOTOS = 3
};

typedef struct Rack {
    Shop shop;
    Buyer buyer;
    CatalogueOf of;
    const char *photo_ids[PHOTOS];
    Value *recipe;
    int64_t credits; /* before anything was bought */
} Rack;

static void rack_open(Rack *rack, Db *db)
{
    Catalogue catalogue;

    *rack = (Rack){0};
    shop_open(&rack->shop, db, 100);
    CHECK_OK(shop_buyer(
        &rack->shop.studio, &(BuyerWish){.tenant_id = rack->shop.tenant.id, .user_id = "user_ann"},
        rack->shop.mem, &rack->buyer));
    rack->of = (CatalogueOf){.tenant_id = rack->shop.tenant.id, .door = door};
    CHECK_OK(catalogue_create(
        &rack->shop.studio.shelf, &rack->of, &(CatalogueWish){.name = "Shoes"}, rack->shop.mem,
        &catalogue));
    rack->of.id = catalogue.id;
    CHECK_OK(value_parse(cutout_json, sizeof(cutout_json) - 1, &rack->recipe));
    rack->credits = shop_purse(&rack->shop).available;
}

static void rack_close(Rack *rack)
{
    shop_audit(&rack->shop);
    value_free(rack->recipe);
    shop_close(&rack->shop);
}

static void rack_fill(Rack *rack)
{
    AUTO(intake_free) Intake *intake = NULL;
    int64_t credits;
    List items;

    CHECK_OK(intake_open(&rack->shop.studio.shelf, &(IntakeSetup){.catalogue = rack->of}, &intake));
    for (int i = 0; i < PHOTOS; i++) {
        AUTO(buf_done) Buf png = BUF(1 << 22);

        drawn_disc_png(500, 500, 200 + 50 * i, &png);
        CHECK_OK(intake_begin(intake, "disc.png"));
        CHECK_OK(intake_add(intake, png.bytes, png.size));
    }
    CHECK_OK(intake_begin(intake, "none.png"));
    CHECK_OK(shop_photos_keep(
        &rack->shop.studio, &rack->buyer, &(ShopUpload){.intake = intake}, rack->shop.mem, &items,
        &credits));
    CHECK_INT(items.count, PHOTOS + 1);
    CHECK_INT(credits, 2 * PHOTOS);
    for (size_t i = 0; i < PHOTOS; i++)
        rack->photo_ids[i] = ((const Item *)items.items)[i].id;
    CHECK(!((const Item *)items.items)[PHOTOS].id);
}

static Batch rack_begin(Rack *rack)
{
    BatchItem items[PHOTOS] = {0};
    Batch batch;

    for (size_t i = 0; i < PHOTOS; i++)
        items[i].photo_id = rack->photo_ids[i];
    CHECK_OK(batch_begin(
        &rack->shop.studio,
        &(BatchOrder){
            .tenant_id = rack->of.tenant_id,
            .project_id = rack->of.id,
            .kind = BATCH_MANY,
            .items = items,
            .count = PHOTOS,
            .recipe = rack->recipe,
            .queue = "batch_process",
            .base_credits = 10,
            .run_credits = 5,
            .reason = "Batch"},
        rack->shop.mem, &batch));
    return batch;
}

static void rack_wait(Rack *rack)
{
    Project project;

    if (!rack->shop.crew)
        shop_hire(&rack->shop);
    shop_wait(&rack->shop, rack->of.id, &project);
}

static Item item_of(Rack *rack, int at)
{
    CatalogueOf of = rack->of;
    Item item;

    of.id = rack->photo_ids[at];
    CHECK_OK(item_find(&rack->shop.studio.shelf, &of, rack->shop.mem, &item));
    return item;
}

TEST_DB(photos_are_paid_for_when_they_are_kept_and_not_when_they_are_not)
{
    AUTO(intake_free) Intake *intake = NULL;
    int64_t credits;
    List items;
    Rack rack;

    rack_open(&rack, db);
    rack_fill(&rack);
    CHECK_INT(shop_purse(&rack.shop).available, rack.credits - 2 * PHOTOS);

    CHECK_OK(intake_open(&rack.shop.studio.shelf, &(IntakeSetup){.catalogue = rack.of}, &intake));
    CHECK_OK(intake_begin(intake, "none.png"));
    CHECK_OK(shop_photos_keep(
        &rack.shop.studio, &rack.buyer, &(ShopUpload){.intake = intake}, rack.shop.mem, &items,
        &credits));
    CHECK_INT(items.count, 0);
    CHECK_INT(shop_purse(&rack.shop).available, rack.credits - 2 * PHOTOS);
    rack_close(&rack);
}

/* The same form, as whoever repeats a request sends it: two photos, one of them twice, and a file that is none. */
static void form_keep(Rack *rack, Once once, List *ret_items, List *ret_arrivals, int64_t *ret)
{
    static const int shades[] = {10, 60, 10};
    AUTO(intake_free) Intake *intake = NULL;

    CHECK_OK(intake_open(&rack->shop.studio.shelf, &(IntakeSetup){.catalogue = rack->of}, &intake));
    for (size_t i = 0; i < COUNT(shades); i++) {
        AUTO(buf_done) Buf png = BUF(1 << 22);

        drawn_disc_png(500, 500, shades[i], &png);
        CHECK_OK(intake_begin(intake, "disc.png"));
        CHECK_OK(intake_add(intake, png.bytes, png.size));
        if (i == 0)
            CHECK_OK(intake_begin(intake, "none.png"));
    }
    CHECK_OK(shop_photos_keep(
        &rack->shop.studio, &rack->buyer, &(ShopUpload){.intake = intake, .once = once},
        rack->shop.mem, ret_items, ret));
    const List arrivals = intake_arrivals(intake);
    Arrival *kept = ARENA_ARRAY(rack->shop.mem, Arrival, arrivals.count);
    for (size_t i = 0; i < arrivals.count; i++) {
        kept[i] = ((const Arrival *)arrivals.items)[i];
        kept[i].id = arena_text(rack->shop.mem, kept[i].id);
        kept[i].duplicate_of = arena_text(rack->shop.mem, kept[i].duplicate_of);
    }
    *ret_arrivals = (List){kept, arrivals.count};
}

TEST_DB(photos_that_were_kept_before_their_answer_was_are_told_again_and_paid_once)
{
    List items, same, arrivals, again;
    int64_t credits, taken;
    Rack rack;

    rack_open(&rack, db);
    const Once once = {rack.of.tenant_id, "form-1"};
    form_keep(&rack, once, &items, &arrivals, &credits);
    const int64_t blobs = test_db_number(db, "SELECT COUNT(*) FROM assets");
    form_keep(&rack, once, &same, &again, &taken);

    CHECK_INT(credits, 2 * PHOTOS);
    CHECK_INT(taken, credits);
    CHECK_INT(shop_purse(&rack.shop).available, rack.credits - credits);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM photos"), PHOTOS);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM assets"), blobs);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM deeds"), 1);
    CHECK_INT(same.count, items.count);
    for (size_t i = 0; i < items.count; i++) {
        const Arrival *first = (const Arrival *)arrivals.items + i;
        const Arrival *second = (const Arrival *)again.items + i;
        const char *id = ((const Item *)items.items)[i].id;

        CHECK_INT(first->error, second->error);
        CHECK_INT(i == 1, !id);
        if (!id)
            continue;
        CHECK_TEXT(((const Item *)same.items)[i].id, id);
        CHECK_TEXT(second->id, first->id);
        CHECK_INT(!second->duplicate_of, !first->duplicate_of);
        CHECK_INT(i == 3, first->duplicate_of != NULL);
        if (first->duplicate_of)
            CHECK_TEXT(second->duplicate_of, first->duplicate_of);
    }

    form_keep(&rack, (Once){rack.of.tenant_id, "form-2"}, &same, &again, &taken);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM photos"), 2 * PHOTOS);
    CHECK_INT(shop_purse(&rack.shop).available, rack.credits - 2 * credits);
    rack_close(&rack);
}

TEST_DB(an_item_says_how_its_pictures_stand)
{
    Catalogue catalogue;
    Rack rack;

    rack_open(&rack, db);
    rack_fill(&rack);
    CHECK_INT(item_of(&rack, 0).state, ITEM_UPLOADED);
    rack_begin(&rack);
    CHECK_INT(item_of(&rack, 0).state, ITEM_PROCESSING);
    rack_wait(&rack);
    const Item made = item_of(&rack, 0);
    CHECK_INT(made.state, ITEM_PROCESSED);
    CHECK(made.run_id && made.picture_key);
    CHECK_INT(made.variations, 1);
    CHECK_INT(made.picture_width_px, 500);

    rack_begin(&rack);
    rack_wait(&rack);
    const Item again = item_of(&rack, 0);
    CHECK_INT(again.variations, 2);
    CHECK(strcmp(again.run_id, made.run_id) != 0);
    Run run;
    CHECK_OK(
        variation_select(&rack.shop.studio, rack.of.tenant_id, made.run_id, rack.shop.mem, &run));
    CHECK_TEXT(item_of(&rack, 0).run_id, made.run_id);
    CHECK_OK(variation_delete(&rack.shop.studio, rack.of.tenant_id, made.run_id));
    CHECK_TEXT(item_of(&rack, 0).run_id, again.run_id);
    CHECK_OK(catalogue_find(&rack.shop.studio.shelf, &rack.of, rack.shop.mem, &catalogue));
    CHECK_INT(catalogue.photos, PHOTOS);
    CHECK_INT(catalogue.processed, PHOTOS);
    rack_close(&rack);
}

TEST_DB(a_project_that_is_deleted_gives_back_what_was_not_made_and_leaves_nothing)
{
    Rack rack;

    rack_open(&rack, db);
    rack_fill(&rack);
    rack_begin(&rack);
    CHECK_INT(shop_purse(&rack.shop).available, rack.credits - 2 * PHOTOS - 10 - 5 * PHOTOS);
    CatalogueOf other = rack.of;
    other.tenant_id = "tenant_other";
    AUTO(err_free) Err *err = shop_project_delete(&rack.shop.studio, &other);
    CHECK(err && err_code(err) == ERR_NOT_FOUND);

    CHECK_OK(shop_project_delete(&rack.shop.studio, &rack.of));
    CHECK_INT(shop_purse(&rack.shop).available, rack.credits - 2 * PHOTOS);
    CHECK_INT(shop_purse(&rack.shop).held, 0);
    static const char *const tables[] = {"projects", "photos", "runs", "batches", "run_events"};
    for (size_t i = 0; i < COUNT(tables); i++)
        CHECK_INT(
            test_db_number(db, arena_print(rack.shop.mem, "SELECT COUNT(*) FROM %s", tables[i])),
            0);
    CHECK_INT(
        test_db_number(
            db, arena_print(
                    rack.shop.mem, "SELECT COUNT(*) FROM assets WHERE expires_ms > %lld",
                    (long long)clock_now_ms())),
        0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE queue = 'batch_process'"), 0);
    AUTO(err_free) Err *again = shop_project_delete(&rack.shop.studio, &rack.of);
    CHECK(again && err_code(again) == ERR_NOT_FOUND);
    rack_close(&rack);
}

TEST_DB(a_project_may_be_deleted_while_workers_are_at_it)
{
    Rack rack;

    rack_open(&rack, db);
    rack_fill(&rack);
    rack_begin(&rack);
    shop_hire(&rack.shop);
    for (int i = 0; i < 2000; i++) {
        if (test_db_number(db, "SELECT COUNT(*) FROM runs WHERE state = 'processing'"))
            break;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    CHECK_OK(shop_project_delete(&rack.shop.studio, &rack.of));
    for (int i = 0; i < 6000; i++) {
        if (!test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE queue = 'batch_process'"))
            break;
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE queue = 'batch_process'"), 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM runs"), 0);
    CHECK_INT(shop_purse(&rack.shop).held, 0);
    rack_close(&rack);
}

TEST_DB(a_photo_that_is_deleted_takes_its_pictures_and_no_others)
{
    Rack rack;

    rack_open(&rack, db);
    rack_fill(&rack);
    rack_begin(&rack);
    int64_t held = shop_purse(&rack.shop).held;
    const char *odd[] = {rack.photo_ids[0], "photo_none"};
    AUTO(err_free) Err *err = shop_photos_delete(&rack.shop.studio, &rack.of, &(Texts){odd, 2});
    CHECK(err && err_code(err) == ERR_NOT_FOUND);
    CHECK_TEXT(err_where(err), "/itemIds/1");
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM photos"), PHOTOS);

    CHECK_OK(shop_photos_delete(&rack.shop.studio, &rack.of, &(Texts){rack.photo_ids, 1}));
    CHECK_INT(shop_purse(&rack.shop).held, held - 5);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM photos"), PHOTOS - 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM runs"), PHOTOS - 1);
    rack_wait(&rack);
    CHECK_INT(item_of(&rack, 1).state, ITEM_PROCESSED);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM batches WHERE state = 'completed'"), 1);
    rack_close(&rack);
}
