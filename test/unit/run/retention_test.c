/* Promises of retention: what is over goes, with its bytes; what something living needs stays. */
#include <time.h>

#include "base/clock.h"
#include "unit/run/shop.h"

static const int64_t day_ms = 24 * 60 * 60 * 1000;

static void retention_work_now(Shop *shop)
{
    CHECK_OK(run_tend(&shop->studio));
    CHECK_OK(run_tend(&shop->studio));
    CHECK_INT(test_db_number(shop->db, "SELECT COUNT(*) FROM jobs WHERE queue = 'retention'"), 1);
    TEST_DB_RUN(
        shop->db, "UPDATE jobs SET start_ms = 0, state = 'ready' WHERE queue = 'retention'");
    if (!shop->crew)
        shop_hire(shop);
    for (int i = 0; i < 6000; i++) {
        if (!test_db_number(shop->db, "SELECT COUNT(*) FROM jobs WHERE queue = 'retention'"))
            return;
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
    test_fail(__FILE__, __LINE__, "retention does not end");
}

static bool blob_is_there(Shop *shop, const char *key)
{
    BlobFacts facts;
    AUTO(err_free) Err *err = blob_head(shop->blob, key, NULL, shop->mem, &facts);

    return !err;
}

TEST_DB(what_is_over_goes_and_its_run_remembers_that_there_was_a_picture)
{
    Project project;
    List runs;
    Shop shop;
    Run run;
    Link link;

    shop_open(&shop, db, 10);
    shop_job(&shop, (const char *const[]){"a.png", "b.png", NULL}, &project, &runs);
    const Run *made = runs.items, *waiting = made + 1;
    shop_upload(&shop, made);
    int64_t started;
    CHECK_OK(
        run_start(&shop.studio, shop.tenant.id, project.id, shop.mem, &project, &started, NULL));
    shop_hire(&shop);
    shop_wait(&shop, project.id, &project);
    shop_upload(&shop, waiting);
    CHECK_OK(run_find(&shop.studio, shop.tenant.id, made->id, shop.mem, &run));
    CHECK(blob_is_there(&shop, run.output_key));

    retention_work_now(&shop);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM assets"), 3);
    TEST_DB_RUN(db, "UPDATE assets SET expires_ms = 1");
    retention_work_now(&shop);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM assets"), 0);
    CHECK(!blob_is_there(&shop, run.output_key));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM photos WHERE state = 'gone'"), 2);
    AUTO(err_free)
    Err *err = run_output_link(
        &shop.studio, &(RunLinkWish){shop.tenant.id, made->id, false, 0}, shop.mem, &link);
    CHECK(err && err_code(err) == ERR_NOT_FOUND);
    CHECK_OK(run_find(&shop.studio, shop.tenant.id, waiting->id, shop.mem, &run));
    CHECK_INT(run.state, RUN_CANCELLED);
    CHECK_OK(project_find(&shop.studio.shelf, shop.tenant.id, project.id, shop.mem, &project));
    CHECK_INT(project.state, PROJECT_COMPLETED);
    CHECK_INT(project.cancelled, 1);
    shop_close(&shop);
}

TEST_DB(a_photo_that_is_paid_for_stays_until_its_run_has_ended)
{
    Project project;
    List runs;
    Shop shop;
    int64_t started;

    shop_open(&shop, db, 10);
    shop_job(&shop, (const char *const[]){"a.png", NULL}, &project, &runs);
    shop_upload(&shop, runs.items);
    CHECK_OK(
        run_start(&shop.studio, shop.tenant.id, project.id, shop.mem, &project, &started, NULL));
    TEST_DB_RUN(
        db, "UPDATE assets SET expires_ms = 1",
        "UPDATE jobs SET start_ms = 9e15, state = 'waiting'");
    retention_work_now(&shop);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM assets"), 1);
    CHECK(test_db_number(db, "SELECT MAX(expires_ms) FROM assets") > clock_now_ms());
    shop_close(&shop);
}

TEST_DB(bytes_that_nobody_names_go_after_a_day_and_not_before)
{
    static const char orphan[] = "outputs/tenant_x/job_x/run_x/1.png";
    Project project;
    List runs;
    Shop shop;
    Link link;
    TidySum sum;

    shop_open(&shop, db, 10);
    CHECK_OK(blob_put(shop.blob, &(BlobPut){.key = orphan}, "x", 1, NULL));
    shop_job(&shop, (const char *const[]){"a.png", "b.png", NULL}, &project, &runs);
    const Run *run = runs.items;
    shop_upload(&shop, run);
    CHECK_OK(run_upload_link(&shop.studio, shop.tenant.id, run[1].id, shop.mem, &link));
    CHECK_OK(shop_put(&shop, &link, "unfinished", 10));

    CHECK_OK(asset_tidy(&shop.studio.shelf, &(Tidying){.leave = NULL}, &sum));
    CHECK_INT(sum.orphans, 0);
    CHECK(blob_is_there(&shop, orphan));

    clock_hold(clock_now_ms() + 2 * day_ms);
    CHECK_OK(asset_tidy(&shop.studio.shelf, &(Tidying){.leave = NULL}, &sum));
    CHECK_INT(sum.orphans, 1);
    CHECK_INT(sum.expired, 0);
    CHECK(!blob_is_there(&shop, orphan));

    AUTO(arena_free) Arena *mem = arena_new();
    BlobPage page;
    CHECK_OK(blob_list(shop.blob, &(BlobQuery){.prefix = "raw/"}, mem, &page));
    CHECK_INT(page.count, 2);
    shop_close(&shop);
}
