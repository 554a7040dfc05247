/* Promises of runs that are begun together: their window, their money, their pauses, and what is said of them, on both databases. */
#include <stdatomic.h>
#include <time.h>

#include "base/clock.h"
#include "run/batch.h"
#include "unit/recipe/drawn.h"
#include "unit/run/shop.h"

enum {
    PHOTOS_MOST = 100
};

/* A project of photos that are there, and a recipe that needs no network. */
typedef struct Lot {
    Shop shop;
    const char *project_id;
    const char *photo_ids[PHOTOS_MOST];
    size_t count;
    Value *recipe;
    BatchItem items[PHOTOS_MOST];
} Lot;

static const char cutout_json[] = "{\"name\":\"plain\",\"title\":\"Plain\",\"steps\":[{\"step\":"
                                  "\"cutout\"},{\"step\":\"encode\",\"format\":\"png\"}]}";

static Err *project_work(DbTx *tx, void *lot_any)
{
    Lot *lot = lot_any;

    return project_add(
        tx,
        &(Project){
            .id = lot->project_id, .tenant_id = lot->shop.tenant.id, .door = "test", .name = "Lot"},
        NULL);
}

typedef struct Arriving {
    Lot *lot;
    Photo photo;
} Arriving;

static Err *arriving_work(DbTx *tx, void *arriving_any)
{
    Arriving *arriving = arriving_any;

    TRY(photos_add(tx, &(List){&arriving->photo, 1}));
    return photo_arrived(tx, &arriving->photo, clock_now_ms() + 1000000000);
}

/* All photos are of one product, so their bytes are kept once. */
static void lot_photo_add(Lot *lot, const Buf *png)
{
    Shop *shop = &lot->shop;
    Id id = id_new("photo");
    Arriving arriving = {
        .lot = lot,
        .photo = {
            .id = arena_text(shop->mem, id.text),
            .tenant_id = shop->tenant.id,
            .project_id = lot->project_id,
            .filename = "disc.png"}};

    arriving.photo.key = photo_sent_key(&arriving.photo, shop->mem);
    CHECK_OK(photo_keep(&shop->studio.shelf, &arriving.photo, png, NULL, shop->mem));
    CHECK_OK(db_write(shop->db, arriving_work, &arriving));
    lot->photo_ids[lot->count] = arriving.photo.id;
    lot->items[lot->count] = (BatchItem){.photo_id = arriving.photo.id};
    lot->count++;
}

static void lot_open(Lot *lot, Db *db, size_t photos, int64_t credits)
{
    AUTO(buf_done) Buf png = BUF(1 << 20);
    Id id = id_new("job");

    memset(lot, 0, sizeof(*lot));
    shop_open(&lot->shop, db, credits / RUN_CREDITS);
    lot->project_id = arena_text(lot->shop.mem, id.text);
    CHECK_OK(value_parse(cutout_json, sizeof(cutout_json) - 1, &lot->recipe));
    CHECK_OK(db_write(db, project_work, lot));
    drawn_disc_png(48, 40, 30, &png);
    for (size_t i = 0; i < photos; i++)
        lot_photo_add(lot, &png);
}

static void lot_close(Lot *lot)
{
    value_free(lot->recipe);
    shop_close(&lot->shop);
}

static BatchOrder lot_order(const Lot *lot, size_t count)
{
    return (BatchOrder){
        .tenant_id = lot->shop.tenant.id,
        .project_id = lot->project_id,
        .kind = BATCH_MANY,
        .items = lot->items,
        .count = count,
        .recipe = lot->recipe,
        .queue = "batch_process",
        .base_credits = 10,
        .run_credits = 5,
        .reason = "Batch",
    };
}

static Batch lot_begin(Lot *lot, const BatchOrder *order)
{
    Batch batch;

    CHECK_OK(batch_begin(&lot->shop.studio, order, lot->shop.mem, &batch));
    return batch;
}

static Batch batch_now(Lot *lot, const Batch *batch)
{
    Batch now;

    CHECK_OK(batch_find(&lot->shop.studio, lot->shop.tenant.id, batch->id, lot->shop.mem, &now));
    return now;
}

static Batch batch_wait(Lot *lot, const Batch *batch)
{
    int64_t until_ms = clock_ticks_ms() + 60000;

    while (clock_ticks_ms() < until_ms) {
        Batch now = batch_now(lot, batch);

        if (now.state >= BATCH_COMPLETED)
            return now;
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
    test_fail(__FILE__, __LINE__, "batch '%s' does not end", batch->id);
    return *batch;
}

static List runs_now(Lot *lot, const Batch *batch)
{
    List runs;

    CHECK_OK(batch_runs(&lot->shop.studio, lot->shop.tenant.id, batch->id, lot->shop.mem, &runs));
    return runs;
}

TEST_DB(a_batch_ends_with_all_its_pictures_and_takes_just_its_price)
{
    Lot lot;
    Project project;

    lot_open(&lot, db, 12, 300);
    BatchOrder order = lot_order(&lot, 12);
    Batch batch = lot_begin(&lot, &order);
    CHECK_INT(batch.state, BATCH_PENDING);
    CHECK_INT(batch.total, 12);
    CHECK_INT(batch.credits, 70);
    CHECK_INT(batch.credits_charged, 0);
    CHECK_INT(shop_purse(&lot.shop).held, 70);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE queue = 'batch_process'"), 5);
    CHECK_INT(runs_now(&lot, &batch).count, 12);

    shop_hire(&lot.shop);
    batch = batch_wait(&lot, &batch);
    CHECK_INT(batch.state, BATCH_COMPLETED);
    CHECK_INT(batch.completed, 12);
    CHECK(batch.progress == 1);
    CHECK_INT(batch.credits_charged, 70);
    CHECK_INT(shop_purse(&lot.shop).held, 0);
    CHECK_INT(shop_purse(&lot.shop).balance, 300 - 70);
    CHECK_INT(shop_quota(&lot.shop).used, 0);
    CHECK_OK(project_find(
        &lot.shop.studio.shelf, lot.shop.tenant.id, lot.project_id, lot.shop.mem, &project));
    CHECK_INT(project.total, 12);
    CHECK_INT(project.completed, 12);
    CHECK_INT(project.state, PROJECT_COMPLETED);
    CHECK_INT(
        test_db_number(
            db, "SELECT SUM(cost_micro_usd) FROM usage_events WHERE kind = 'job_completed'"),
        700000);
    shop_audit(&lot.shop);
    lot_close(&lot);
}
