/* Promises of runs that are begun together: their window, their money, their pauses, and what is said of them, on both databases. */
#include <stdatomic.h>
#include <time.h>

#include "base/clock.h"
#include "run/batch.h"
#include "run/queues.h"
#include "unit/recipe/drawn.h"
#include "unit/run/shop.h"

#define CHECK_CODE(expr, code_) \
    do { \
        AUTO(err_free) Err *err_ = (expr); \
        CHECK_INT(err_ ? (int)err_code(err_) : 0, code_); \
    } while (0)

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
        tx, &(Project){
                .id = lot->project_id,
                .tenant_id = lot->shop.tenant.id,
                .door = "test",
                .name = "Lot"});
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
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;

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

static int64_t jobs_count(Lot *lot)
{
    return test_db_number(
        lot->shop.db,
        "SELECT COUNT(*) FROM jobs WHERE queue = 'batch_process' AND state <> 'dead'");
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

TEST_DB(no_more_than_its_share_of_a_batch_is_in_the_queue_and_each_end_sends_the_next)
{
    Lot lot;
    Run run;

    lot_open(&lot, db, 8, 300);
    BatchOrder order = lot_order(&lot, 8);
    order.at_once = 2;
    Batch batch = lot_begin(&lot, &order);
    List runs = runs_now(&lot, &batch);
    const Run *all = runs.items;

    CHECK_INT(jobs_count(&lot), 2);
    CHECK_OK(run_cancel(&lot.shop.studio, lot.shop.tenant.id, all[0].id, lot.shop.mem, &run));
    CHECK_INT(jobs_count(&lot), 2);
    CHECK_INT(
        test_db_number(
            db, "SELECT COUNT(*) FROM jobs j JOIN runs r ON r.id = j.subject WHERE r.position IN "
                "(1, 2)"),
        2);
    CHECK_INT(shop_purse(&lot.shop).held, 45);
    CHECK_OK(run_cancel(&lot.shop.studio, lot.shop.tenant.id, all[7].id, lot.shop.mem, &run));
    CHECK_INT(jobs_count(&lot), 2);
    shop_hire(&lot.shop);
    batch = batch_wait(&lot, &batch);
    CHECK_INT(batch.state, BATCH_COMPLETED);
    CHECK_INT(batch.completed, 6);
    CHECK_INT(batch.cancelled, 2);
    CHECK_INT(batch.credits_charged, 40);
    CHECK_INT(shop_purse(&lot.shop).balance, 300 - 40);
    CHECK_INT(shop_purse(&lot.shop).held, 0);
    shop_audit(&lot.shop);
    lot_close(&lot);
}

/* Runs on which work was ever begun. */
static int64_t begun_count(Lot *lot)
{
    return test_db_number(lot->shop.db, "SELECT COUNT(*) FROM runs WHERE began_ms > 0");
}

TEST_DB(a_pause_begins_nothing_new_and_what_is_at_work_is_finished)
{
    Lot lot;
    Batch paused;

    lot_open(&lot, db, 60, 600);
    BatchOrder order = lot_order(&lot, 60);
    Batch batch = lot_begin(&lot, &order);
    shop_hire(&lot.shop);
    for (int i = 0; i < 60000 && !batch_now(&lot, &batch).completed; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000 * 1000}, NULL);
    CHECK_OK(batch_pause(&lot.shop.studio, lot.shop.tenant.id, batch.id, lot.shop.mem, &paused));
    int64_t begun = begun_count(&lot);
    CHECK_INT(paused.state, BATCH_PAUSED);
    CHECK(begun < 60);

    for (int i = 0; i < 6000 && jobs_count(&lot); i++)
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    CHECK_INT(begun_count(&lot), begun);
    paused = batch_now(&lot, &batch);
    CHECK_INT(paused.state, BATCH_PAUSED);
    CHECK_INT(paused.completed, begun);
    CHECK_INT(
        test_db_number(db, "SELECT COUNT(*) FROM runs WHERE is_sent = 1 AND state = 'queued'"), 0);
    CHECK_OK(batch_pause(&lot.shop.studio, lot.shop.tenant.id, batch.id, lot.shop.mem, &paused));

    CHECK_OK(batch_resume(&lot.shop.studio, lot.shop.tenant.id, batch.id, lot.shop.mem, &paused));
    CHECK_INT(paused.state, BATCH_PROCESSING);
    batch = batch_wait(&lot, &batch);
    CHECK_INT(batch.completed, 60);
    CHECK_INT(shop_purse(&lot.shop).balance, 600 - 310);
    CHECK_CODE(
        batch_pause(&lot.shop.studio, lot.shop.tenant.id, batch.id, lot.shop.mem, &paused),
        ERR_CONFLICT);
    shop_audit(&lot.shop);
    lot_close(&lot);
}

TEST_DB(what_a_worker_has_fetched_of_a_paused_batch_waits_again)
{
    Lot lot;
    Batch batch;

    lot_open(&lot, db, 3, 300);
    BatchOrder order = lot_order(&lot, 3);
    batch = lot_begin(&lot, &order);
    TEST_DB_RUN(
        db,
        "UPDATE jobs SET state = 'running', lease = 'l', worker = 'w', lease_ms = 1, attempt = 1");
    CHECK_OK(batch_pause(&lot.shop.studio, lot.shop.tenant.id, batch.id, lot.shop.mem, &batch));
    CHECK_INT(jobs_count(&lot), 3); /* as if they were at work */
    shop_hire(&lot.shop);
    for (int i = 0; i < 6000 && jobs_count(&lot); i++) {
        TEST_DB_RUN(db, "UPDATE jobs SET start_ms = 1 WHERE state = 'waiting'");
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
    CHECK_INT(jobs_count(&lot), 0);
    CHECK_INT(begun_count(&lot), 0);
    CHECK_INT(shop_purse(&lot.shop).held, 25);
    CHECK_OK(batch_resume(&lot.shop.studio, lot.shop.tenant.id, batch.id, lot.shop.mem, &batch));
    CHECK_INT(batch.state, BATCH_PENDING);
    batch = batch_wait(&lot, &batch);
    CHECK_INT(batch.completed, 3);
    lot_close(&lot);
}

TEST_DB(a_batch_whose_workers_die_ends_all_the_same_and_is_paid_for_once)
{
    Lot lot;
    Batch batch;

    lot_open(&lot, db, 8, 300);
    BatchOrder order = lot_order(&lot, 8);
    batch = lot_begin(&lot, &order);
    TEST_DB_RUN(
        db,
        "UPDATE jobs SET state = 'running', lease = 'l', worker = 'gone', lease_ms = 1, attempt "
        "= 1");
    TEST_DB_RUN(db, "UPDATE runs SET state = 'processing', progress = 0.5 WHERE is_sent = 1");
    CHECK(batch_now(&lot, &batch).progress > 0.3);
    shop_hire(&lot.shop);
    double least = 0;
    for (int i = 0; i < 6000 && batch_now(&lot, &batch).state < BATCH_COMPLETED; i++) {
        Batch now = batch_now(&lot, &batch);

        CHECK(now.progress >= least);
        least = now.progress;
        TEST_DB_RUN(db, "UPDATE jobs SET start_ms = 1 WHERE state = 'waiting'");
        nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
    }
    batch = batch_wait(&lot, &batch);
    CHECK_INT(batch.completed, 8);
    CHECK_INT(shop_purse(&lot.shop).balance, 300 - 50);
    CHECK_INT(shop_purse(&lot.shop).held, 0);
    shop_audit(&lot.shop);
    lot_close(&lot);
}

TEST_DB(a_batch_that_is_cancelled_gives_back_what_it_has_not_made)
{
    Lot lot;
    Batch batch, again;
    Project project;

    lot_open(&lot, db, 6, 300);
    BatchOrder order = lot_order(&lot, 6);
    batch = lot_begin(&lot, &order);
    CHECK_OK(batch_cancel(&lot.shop.studio, lot.shop.tenant.id, batch.id, lot.shop.mem, &batch));
    CHECK_OK(batch_cancel(&lot.shop.studio, lot.shop.tenant.id, batch.id, lot.shop.mem, &batch));
    CHECK_INT(batch.state, BATCH_CANCELLED);
    CHECK_INT(batch.cancelled, 6);
    CHECK_INT(batch.credits_charged, 0);
    CHECK_INT(jobs_count(&lot), 0);
    CHECK_INT(shop_purse(&lot.shop).held, 0);
    CHECK_INT(shop_purse(&lot.shop).balance, 300);

    again = lot_begin(&lot, &order); /* a project whose pictures were all cancelled goes on */
    shop_hire(&lot.shop);
    again = batch_wait(&lot, &again);
    CHECK_INT(again.completed, 6);
    CHECK_OK(project_find(
        &lot.shop.studio.shelf, lot.shop.tenant.id, lot.project_id, lot.shop.mem, &project));
    CHECK_INT(project.state, PROJECT_COMPLETED);
    CHECK_INT(project.total, 12);
    CHECK_INT(project.cancelled, 6);
    shop_audit(&lot.shop);
    lot_close(&lot);
}

/* The bytes of the first COUNT photos are not what they were; or are again. */
static void photos_spoil(Lot *lot, size_t count, bool are_good)
{
    for (size_t i = 0; i < count; i++)
        test_db_run(
            lot->shop.db,
            (const char *const[]){arena_print(
                lot->shop.mem, "UPDATE photos SET sha256 = %s WHERE id = '%s'",
                are_good ? "substr(sha256, 2)" : "'x' || sha256", lot->photo_ids[i])},
            1);
}

TEST_DB(what_failed_is_tried_again_at_its_own_price_and_progress_counts_what_has_ended)
{
    Lot lot;
    Batch batch, again;

    lot_open(&lot, db, 4, 300);
    BatchOrder order = lot_order(&lot, 4);
    photos_spoil(&lot, 4, false);
    batch = lot_begin(&lot, &order);
    shop_hire(&lot.shop);
    batch = batch_wait(&lot, &batch);
    CHECK_INT(batch.state, BATCH_FAILED);
    CHECK_INT(batch.failed, 4);
    CHECK_INT(batch.credits_charged, 0);
    CHECK_INT(shop_purse(&lot.shop).balance, 300);
    CHECK_INT(shop_purse(&lot.shop).held, 0);
    CHECK(batch.progress == 1);

    photos_spoil(&lot, 4, true);
    List runs = runs_now(&lot, &batch);
    const char *one[] = {((Run *)runs.items)[2].id};
    CHECK_CODE(
        batch_retry(
            &lot.shop.studio, &(BatchRetry){lot.shop.tenant.id, batch.id, "other_reason", {0}},
            lot.shop.mem, &again),
        ERR_CONFLICT);
    CHECK_OK(batch_retry(
        &lot.shop.studio, &(BatchRetry){lot.shop.tenant.id, batch.id, NULL, {one, 1}}, lot.shop.mem,
        &again));
    CHECK(again.progress >= 0.75 && again.progress < 1);
    again = batch_wait(&lot, &batch);
    CHECK_INT(again.completed, 1);
    CHECK_INT(again.failed, 3);
    CHECK(again.progress == 1);
    CHECK_INT(again.state, BATCH_COMPLETED);
    CHECK_INT(again.credits_charged, 15);

    CHECK_OK(batch_retry(
        &lot.shop.studio, &(BatchRetry){lot.shop.tenant.id, batch.id, "conflict", {0}},
        lot.shop.mem, &again));
    again = batch_wait(&lot, &batch);
    CHECK_INT(again.completed, 4);
    CHECK(again.progress == 1);
    CHECK_INT(again.credits_charged, 30);
    CHECK_INT(shop_purse(&lot.shop).balance, 300 - 30);
    CHECK_INT(shop_purse(&lot.shop).held, 0);
    shop_audit(&lot.shop);
    lot_close(&lot);
}

TEST_DB(without_enough_credits_nothing_of_a_batch_is_begun)
{
    Lot lot;
    Batch batch;

    lot_open(&lot, db, 20, 105);
    BatchOrder order = lot_order(&lot, 20);
    AUTO(err_free)
    Err *err = batch_begin(&lot.shop.studio, &order, lot.shop.mem, &batch);
    CHECK(err && err_code(err) == ERR_CREDITS_SPENT);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM runs"), 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM batches"), 0);
    CHECK_INT(shop_purse(&lot.shop).held, 0);
    order.run_credits = 0;
    order.items = lot.items;
    lot.items[3].credits = 7;
    order.once = (Once){lot.shop.tenant.id, "once"};
    batch = lot_begin(&lot, &order);
    CHECK_INT(batch.credits, 17);
    CHECK_INT(shop_purse(&lot.shop).held, 17);
    Batch same = lot_begin(&lot, &order);
    CHECK_TEXT(same.id, batch.id);
    CHECK_INT(shop_purse(&lot.shop).held, 17);
    lot_close(&lot);
}

static const char bad_json[] =
    "{\"name\":\"x\",\"title\":\"X\",\"steps\":[{\"step\":\"nothing\"}]}";

TEST_DB(what_cannot_be_begun_says_which_item_and_field)
{
    Lot lot;
    Batch batch;
    Value *bad;

    lot_open(&lot, db, 2, 300);
    BatchOrder order = lot_order(&lot, 2);
    CHECK_OK(value_parse(bad_json, sizeof(bad_json) - 1, &bad));
    order.recipe = bad;
    AUTO(err_free) Err *err = batch_begin(&lot.shop.studio, &order, lot.shop.mem, &batch);
    CHECK(err && err_code(err) == ERR_INPUT_INVALID && strstr(err_where(err), "/recipe/steps/0"));
    order.recipe = lot.recipe;
    lot.items[1].photo_id = "photo_none";
    CHECK_CODE(batch_begin(&lot.shop.studio, &order, lot.shop.mem, &batch), ERR_NOT_FOUND);
    lot.items[1].photo_id = lot.photo_ids[1];
    TEST_DB_RUN(db, "UPDATE photos SET state = 'gone'");
    CHECK_CODE(batch_begin(&lot.shop.studio, &order, lot.shop.mem, &batch), ERR_CONFLICT);
    value_free(bad);
    lot_close(&lot);
}

TEST_DB(a_variation_stands_for_its_photo_and_pictures_are_made_of_pictures)
{
    Lot lot;
    List list;
    Run run, selected;

    lot_open(&lot, db, 1, 300);
    const char *tenant = lot.shop.tenant.id, *photo = lot.photo_ids[0];
    const Studio *studio = &lot.shop.studio;
    BatchOrder order = lot_order(&lot, 1);
    CHECK_CODE(variation_of_photo(studio, tenant, photo, lot.shop.mem, &run), ERR_CONFLICT);
    Batch first = lot_begin(&lot, &order);
    shop_hire(&lot.shop);
    (void)batch_wait(&lot, &first);
    List first_runs = runs_now(&lot, &first);
    const char *first_run = ((Run *)first_runs.items)[0].id;

    lot.items[0] = (BatchItem){.source_run_id = first_run, .title = "Again"};
    Batch second = lot_begin(&lot, &order);
    (void)batch_wait(&lot, &second);
    order.kind = BATCH_PREVIEW;
    order.base_credits = order.run_credits = 0;
    Batch preview = lot_begin(&lot, &order);
    preview = batch_wait(&lot, &preview);
    CHECK_INT(preview.completed, 1);
    CHECK_INT(
        test_db_number(db, "SELECT COUNT(*) FROM usage_events WHERE kind = 'job_completed'"), 2);
    CHECK_INT(
        test_db_number(
            db, "SELECT COUNT(*) FROM assets WHERE purpose = 'output' AND expires_ms - created_ms "
                "<= 86400000"),
        1);

    CHECK_OK(variation_list(studio, tenant, photo, lot.shop.mem, &list));
    CHECK_INT(list.count, 2);
    CHECK_TEXT(((Run *)list.items)[0].title, "Again");
    CHECK_TEXT(((Run *)list.items)[0].source_run_id, first_run);
    CHECK_OK(variation_of_photo(studio, tenant, photo, lot.shop.mem, &run));
    CHECK_TEXT(run.title, "Again");
    CHECK_OK(variation_select(studio, tenant, first_run, lot.shop.mem, &selected));
    CHECK(selected.is_selected);
    CHECK_OK(variation_of_photo(studio, tenant, photo, lot.shop.mem, &run));
    CHECK_TEXT(run.id, first_run);
    List previews = runs_now(&lot, &preview);
    CHECK_CODE(
        variation_select(studio, tenant, ((Run *)previews.items)[0].id, lot.shop.mem, &selected),
        ERR_CONFLICT);
    CHECK_OK(variation_delete(studio, tenant, first_run));
    CHECK_OK(variation_list(studio, tenant, photo, lot.shop.mem, &list));
    CHECK_INT(list.count, 1);
    CHECK_OK(variation_of_photo(studio, tenant, photo, lot.shop.mem, &run));
    CHECK_TEXT(run.title, "Again");
    CHECK_INT(shop_purse(&lot.shop).balance, 300 - 30);
    lot_close(&lot);
}

TEST_DB(events_of_a_batch_tell_how_far_it_is_and_never_less_than_before)
{
    Lot lot;
    List events;
    bool has_ended = false;
    int64_t seen = 0;
    double least = 0;
    int completed = 0;
    const char *last = "";

    lot_open(&lot, db, 20, 300);
    BatchOrder order = lot_order(&lot, 20);
    Batch other = lot_begin(&lot, &order), batch = lot_begin(&lot, &order);
    shop_hire(&lot.shop);
    for (int i = 0; i < 6000 && !has_ended; i++) {
        CHECK_OK(batch_events(
            &lot.shop.studio, &(EventQuery){lot.shop.tenant.id, lot.project_id, seen, 100},
            batch.id, lot.shop.mem, &events, &has_ended));
        for (size_t j = 0; j < events.count; j++) {
            const RunEvent *event = (RunEvent *)events.items + j;

            CHECK(event->number >= seen);
            seen = event->number;
            last = event->kind;
            CHECK_TEXT(value_text(value_get(event->data, "batch")), batch.id);
            completed += strcmp(event->kind, "run.completed") == 0;
            if (strcmp(event->kind, "batch.progress") != 0)
                continue;
            double progress = value_number(value_get(event->data, "progress"));
            CHECK(progress >= least);
            least = progress;
        }
        nanosleep(&(struct timespec){.tv_nsec = 2 * 1000 * 1000}, NULL);
    }
    CHECK(has_ended);
    CHECK_INT(completed, 20);
    CHECK(least == 1);
    CHECK_TEXT(last, "batch.progress");
    (void)batch_wait(&lot, &other);
    lot_close(&lot);
}

TEST_DB(what_operators_begin_anew_is_held_for_and_made)
{
    Lot lot;
    Batch batch;
    QueueView view;
    QueueRetry sum;
    bool is_begun;

    lot_open(&lot, db, 3, 300);
    const Studio *studio = &lot.shop.studio;
    const Clerk clerk = {0};
    BatchOrder order = lot_order(&lot, 3);
    photos_spoil(&lot, 3, false);
    batch = lot_begin(&lot, &order);
    shop_hire(&lot.shop);
    (void)batch_wait(&lot, &batch);
    for (int i = 0; i < 1000; i++) {
        CHECK_OK(queues_view(studio, "batch_process", "conflict", lot.shop.mem, &view));
        if (view.dead.count == 3)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
    CHECK_INT(view.dead.count, 3);
    CHECK_INT(view.state.failed, 3);
    CHECK_INT(((QueueReason *)view.reasons.items)[0].count, 3);
    photos_spoil(&lot, 3, true);

    /* Whoever is kept out has no work begun, nor credits held; and has it once more when taken up again. */
    TEST_DB_RUN(db, "UPDATE tenants SET is_suspended = 1");
    CHECK_OK(queues_retry(
        studio, &clerk, &(QueueRetryWish){"batch_process", "conflict"}, lot.shop.mem, &sum));
    CHECK_INT(sum.retried + sum.forgotten, 0);
    CHECK_INT(sum.left, 3);
    CHECK(strstr(sum.why, "is suspended"));
    CHECK_CODE(
        queues_retry_one(studio, &clerk, ((DeadJob *)view.dead.items)[0].id, &is_begun),
        ERR_CONFLICT);
    CHECK_INT(shop_purse(&lot.shop).held, 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM runs WHERE state = 'failed'"), 3);
    TEST_DB_RUN(db, "UPDATE tenants SET is_suspended = 0");
    CHECK_OK(queues_retry(
        studio, &clerk, &(QueueRetryWish){"batch_process", "conflict"}, lot.shop.mem, &sum));
    CHECK_INT(sum.retried, 3);
    CHECK_INT(sum.left, 0);
    batch = batch_wait(&lot, &batch);
    CHECK_INT(batch.completed, 3);
    CHECK_INT(shop_purse(&lot.shop).balance, 300 - 25);
    for (int i = 0; i < 1000 && !test_db_number(db, "SELECT COUNT(*) FROM job_sums"); i++)
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL); /* summed up soon */
    CHECK_OK(queues_view(studio, "batch_process", NULL, lot.shop.mem, &view));
    CHECK_INT(view.dead.count, 0);
    CHECK_OK(queues_pause(studio, &clerk, "batch_process", true));
    CHECK_OK(queues_view(studio, "batch_process", NULL, lot.shop.mem, &view));
    CHECK(view.state.is_paused);
    CHECK_OK(queues_pause(studio, &clerk, "batch_process", false));
    CHECK_CODE(queues_pause(studio, &clerk, "nobody", true), ERR_NOT_FOUND);
    shop_audit(&lot.shop);
    lot_close(&lot);
}
