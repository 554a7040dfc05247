/* Promises of runs: what is accepted ends exactly once and is paid for once, on both databases. */
#include <stdatomic.h>
#include <time.h>

#include "base/clock.h"
#include "model/model.h"
#include "unit/recipe/drawn.h"
#include "unit/run/shop.h"

static const char *const one[] = {"shoe.png", NULL};
static const char *const three[] = {"a.png", "b.png", "c.png", NULL};

static const Run *run_at(const List *runs, size_t index)
{
    CHECK(index < runs->count);
    return (const Run *)runs->items + index;
}

static Run run_now(Shop *shop, const Run *run)
{
    Run now;

    CHECK_OK(run_find(&shop->studio, shop->tenant.id, run->id, shop->mem, &now));
    return now;
}

static void start(Shop *shop, const Project *project, int64_t want)
{
    Project now;
    int64_t started;

    CHECK_OK(
        run_start(&shop->studio, shop->tenant.id, project->id, shop->mem, &now, &started, NULL));
    CHECK_INT(started, want);
}

/* Upload a photo with a background for RUN. */
static void upload_uncut(Shop *shop, const Run *run)
{
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(image_free) Image *wall = NULL;
    Link link;
    Run now;

    CHECK_OK(image_new(40, 40, 3, DEPTH_8, &wall));
    CHECK_OK(image_encode(wall, &(ImageEncoding){.format = IMAGE_PNG}, &png));
    CHECK_OK(run_upload_link(&shop->studio, shop->tenant.id, run->id, shop->mem, &link));
    CHECK_OK(shop_put(shop, &link, png.bytes, png.size));
    CHECK_OK(run_upload_done(&shop->studio, shop->tenant.id, run->id, NULL, shop->mem, &now));
}

TEST_DB(without_the_network_that_cuts_out_pictures_wait_and_the_rest_is_made)
{
    AUTO(models_close) Models *models = NULL;
    Project project, other;
    List runs, others;
    Shop shop;

    shop_open(&shop, db, 10);
    CHECK_OK(models_open(&(ModelsOptions){.folder = shop.folder}, &models));
    shop.studio.models = models;
    CHECK(strstr(run_lack(&shop.studio), "models fetch"));
    shop_job(&shop, one, &project, &runs);
    shop_upload(&shop, run_at(&runs, 0)); /* cut out by the customer */
    start(&shop, &project, 1);
    shop_hire(&shop);
    shop_wait(&shop, project.id, &project);
    CHECK_INT(project.completed, 1);

    shop_job(&shop, one, &other, &others);
    upload_uncut(&shop, run_at(&others, 0));
    start(&shop, &other, 1);
    for (int i = 0; i < 6000 && !run_now(&shop, run_at(&others, 0)).began_ms; i++)
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    for (int i = 0; i < 6000 && run_now(&shop, run_at(&others, 0)).state != RUN_QUEUED; i++)
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    for (int i = 0;
         i < 6000 && !test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE state = 'ready'"); i++)
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    CHECK_INT(run_now(&shop, run_at(&others, 0)).state, RUN_QUEUED);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE attempt > 0"), 0);
    CHECK_INT(shop_purse(&shop).held, RUN_CREDITS);
    shop_audit(&shop);
    CHECK_OK(project_cancel(&shop.studio, shop.tenant.id, other.id, shop.mem, &other));
    CHECK_INT(shop_purse(&shop).held, 0);
    shop_close(&shop);
}

TEST_DB(a_photo_becomes_a_picture_that_is_paid_for_once)
{
    AUTO(buf_done) Buf picture = BUF(4 << 20);
    Project project;
    ImageFacts facts;
    const char *url;
    List runs;
    Shop shop;
    Link link;

    shop_open(&shop, db, 10);
    shop_job(&shop, one, &project, &runs);
    CHECK_INT(project.total, 1);
    CHECK_INT(project.state, PROJECT_CREATED);
    CHECK_INT(run_at(&runs, 0)->state, RUN_CREATED);
    shop_upload(&shop, run_at(&runs, 0));
    start(&shop, &project, 1);
    CHECK_INT(shop_purse(&shop).held, RUN_CREDITS);
    CHECK_INT(shop_quota(&shop).used, 1);

    shop_hire(&shop);
    shop_wait(&shop, project.id, &project);
    CHECK_INT(project.state, PROJECT_COMPLETED);
    CHECK_INT(project.completed, 1);
    Run run = run_now(&shop, run_at(&runs, 0));
    CHECK_INT(run.state, RUN_COMPLETED);
    CHECK_INT(run.output_width_px, 48);
    CHECK(run.progress == 1 && run.cost_micro_usd >= RUN_MICRO_USD && run.recipe && run.notes);
    CHECK_INT(shop_purse(&shop).held, 0);
    CHECK_INT(shop_purse(&shop).balance, 10 * RUN_CREDITS - RUN_CREDITS);
    shop_audit(&shop);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM usage_events"), 2);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM assets"), 2);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs"), 0);

    CHECK_OK(run_output_url(&shop.studio, &run, shop.mem, &url));
    CHECK_OK(shop_get(&shop, url, &picture));
    CHECK_OK(image_probe(picture.bytes, picture.size, &image_limits_default, &facts));
    CHECK_INT(facts.width_px, 48);
    CHECK_OK(run_output_link(
        &shop.studio, &(RunLinkWish){shop.tenant.id, run.id, .saves = true}, shop.mem, &link));
    CHECK(strstr(link.url, "shoe.png"));
    shop_close(&shop);
}

TEST_DB(starting_again_starts_only_what_has_become_ready)
{
    Project project;
    List runs;
    Shop shop;
    int64_t started;

    shop_open(&shop, db, 10);
    shop_job(&shop, three, &project, &runs);
    CHECK_ERR(
        run_start(&shop.studio, shop.tenant.id, project.id, shop.mem, &project, &started, NULL),
        ERR_CONFLICT, arena_print(shop.mem, "no run of project '%s' is ready", project.id));
    shop_upload(&shop, run_at(&runs, 0));
    start(&shop, &project, 1);
    start(&shop, &project, 0);
    shop_upload(&shop, run_at(&runs, 1));
    shop_upload(&shop, run_at(&runs, 2));
    start(&shop, &project, 2);
    CHECK_INT(shop_purse(&shop).held, 3 * RUN_CREDITS);
    CHECK_INT(shop_quota(&shop).used, 3);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs"), 3);
    shop_close(&shop);
}

TEST_DB(a_quota_that_is_too_small_starts_nothing_and_says_how_it_stands)
{
    Project project;
    Quota quota;
    List runs;
    Shop shop;
    int64_t started;

    shop_open(&shop, db, 2);
    shop_job(&shop, three, &project, &runs);
    for (size_t i = 0; i < 3; i++)
        shop_upload(&shop, run_at(&runs, i));
    AUTO(err_free)
    Err *err =
        run_start(&shop.studio, shop.tenant.id, project.id, shop.mem, &project, &started, &quota);
    CHECK(err && err_code(err) == ERR_QUOTA_EXCEEDED);
    CHECK_INT(quota.quota, 2);
    CHECK_INT(quota.used, 0);
    CHECK_INT(shop_purse(&shop).held, 0);
    CHECK_INT(shop_quota(&shop).used, 0);
    CHECK_INT(run_now(&shop, run_at(&runs, 0)).state, RUN_UPLOADED);
    shop_close(&shop);
}

TEST_DB(another_tenant_finds_nothing)
{
    static const char stranger[] = "tenant_stranger";
    Project project;
    List runs, list;
    Shop shop;
    Run run;
    Link link;

    shop_open(&shop, db, 10);
    shop_job(&shop, one, &project, &runs);
    const char *id = run_at(&runs, 0)->id;
    Err *found[] = {
        project_find(&shop.studio.shelf, stranger, project.id, shop.mem, &project),
        run_find(&shop.studio, stranger, id, shop.mem, &run),
        run_list(&shop.studio, &(RunQuery){stranger, project.id, -1, 10}, shop.mem, &list),
        run_upload_link(&shop.studio, stranger, id, shop.mem, &link),
        run_upload_done(&shop.studio, stranger, id, NULL, shop.mem, &run),
        run_cancel(&shop.studio, stranger, id, shop.mem, &run),
        project_cancel(&shop.studio, stranger, project.id, shop.mem, &project),
    };
    for (size_t i = 0; i < COUNT(found); i++) {
        CHECK(found[i] && err_code(found[i]) == ERR_NOT_FOUND);
        err_free(found[i]);
    }
    shop_close(&shop);
}

TEST_DB(what_is_no_picture_is_refused_before_it_costs_anything)
{
    Project project;
    List runs;
    Shop shop;
    Run run;
    Link link;

    shop_open(&shop, db, 10);
    shop_job(&shop, one, &project, &runs);
    const char *id = run_at(&runs, 0)->id;
    AUTO(err_free)
    Err *none = run_upload_done(&shop.studio, shop.tenant.id, id, NULL, shop.mem, &run);
    CHECK(none && err_code(none) == ERR_CONFLICT);
    CHECK_TEXT(err_text(none), "The photo has not arrived. Upload it first.");

    CHECK_OK(run_upload_link(&shop.studio, shop.tenant.id, id, shop.mem, &link));
    CHECK_OK(shop_put(&shop, &link, "no picture", 10));
    AUTO(err_free)
    Err *odd = run_upload_done(&shop.studio, shop.tenant.id, id, NULL, shop.mem, &run);
    CHECK(odd && err_code(odd) == ERR_IMAGE_UNSUPPORTED);
    shop_upload(&shop, run_at(&runs, 0));
    shop_close(&shop);
}

TEST_DB(a_link_is_used_up_when_the_photo_that_came_by_it_was_counted_in)
{
    AUTO(buf_done) Buf other = BUF(1 << 20);
    Project project;
    List runs;
    Shop shop;
    Link first, again;
    Run run;

    shop_open(&shop, db, 10);
    shop_job(&shop, one, &project, &runs);
    const char *id = run_at(&runs, 0)->id;
    CHECK_OK(run_upload_link(&shop.studio, shop.tenant.id, id, shop.mem, &first));
    shop_upload(&shop, run_at(&runs, 0));
    drawn_disc_png(20, 20, 10, &other);
    AUTO(err_free) Err *used = shop_put(&shop, &first, other.bytes, other.size);
    CHECK(used && err_code(used) == ERR_CONFLICT);

    /* By a new one the customer may send another, until work begins. */
    CHECK_OK(run_upload_done(&shop.studio, shop.tenant.id, id, NULL, shop.mem, &run));
    CHECK_OK(run_upload_link(&shop.studio, shop.tenant.id, id, shop.mem, &again));
    CHECK_OK(shop_put(&shop, &again, other.bytes, other.size));
    CHECK_OK(run_upload_done(&shop.studio, shop.tenant.id, id, NULL, shop.mem, &run));
    AUTO(err_free) Err *late = shop_put(&shop, &again, other.bytes, other.size);
    CHECK(late && err_code(late) == ERR_CONFLICT);
    start(&shop, &project, 1);
    shop_close(&shop);
}

TEST_DB(bytes_that_come_after_the_photo_was_counted_in_change_nothing)
{
    AUTO(buf_done) Buf other = BUF(1 << 20);
    Project project;
    List runs;
    Shop shop;
    Link link;

    shop_open(&shop, db, 10);
    shop_job(&shop, one, &project, &runs);
    shop_upload(&shop, run_at(&runs, 0));
    CHECK_OK(run_upload_link(&shop.studio, shop.tenant.id, run_at(&runs, 0)->id, shop.mem, &link));
    start(&shop, &project, 1);
    drawn_disc_png(20, 20, 10, &other);
    CHECK_OK(shop_put(&shop, &link, other.bytes, other.size));

    shop_hire(&shop);
    shop_wait(&shop, project.id, &project);
    CHECK_INT(project.state, PROJECT_COMPLETED);
    CHECK_INT(run_now(&shop, run_at(&runs, 0)).state, RUN_COMPLETED);
    CHECK_INT(shop_quota(&shop).used, 1);
    shop_audit(&shop);
    shop_close(&shop);
}

TEST_DB(a_cancelled_project_gives_everything_back_and_is_not_worked_on)
{
    Project project;
    List runs;
    Shop shop;

    shop_open(&shop, db, 10);
    shop_job(&shop, three, &project, &runs);
    shop_upload(&shop, run_at(&runs, 0));
    shop_upload(&shop, run_at(&runs, 1));
    start(&shop, &project, 2);
    CHECK_OK(project_cancel(&shop.studio, shop.tenant.id, project.id, shop.mem, &project));
    CHECK_INT(project.state, PROJECT_CANCELLED);
    CHECK_INT(project.cancelled, 3);
    CHECK_OK(project_cancel(&shop.studio, shop.tenant.id, project.id, shop.mem, &project));
    CHECK_INT(project.cancelled, 3);
    CHECK_INT(shop_purse(&shop).held, 0);
    CHECK_INT(shop_quota(&shop).used, 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs"), 0);
    shop_audit(&shop);
    shop_close(&shop);
}

TEST_DB(one_run_can_be_cancelled_and_the_others_go_on)
{
    Project project;
    List runs;
    Shop shop;
    Run run;

    shop_open(&shop, db, 10);
    shop_job(&shop, three, &project, &runs);
    for (size_t i = 0; i < 3; i++)
        shop_upload(&shop, run_at(&runs, i));
    start(&shop, &project, 3);
    CHECK_OK(run_cancel(&shop.studio, shop.tenant.id, run_at(&runs, 1)->id, shop.mem, &run));
    CHECK_INT(run.state, RUN_CANCELLED);
    shop_hire(&shop);
    shop_wait(&shop, project.id, &project);
    CHECK_INT(project.state, PROJECT_COMPLETED);
    CHECK_INT(project.completed, 2);
    CHECK_INT(project.cancelled, 1);
    CHECK_INT(shop_purse(&shop).balance, 10 * RUN_CREDITS - 2 * RUN_CREDITS);
    CHECK_INT(shop_quota(&shop).used, 2);
    shop_close(&shop);
}

typedef struct Bell {
    atomic_int rung;
} Bell;

static void ring(void *bell)
{
    atomic_fetch_add(&((Bell *)bell)->rung, 1);
}

TEST_DB(events_are_numbered_without_gaps_in_what_they_tell_and_end_with_the_project)
{
    AUTO(run_ear_free) RunEar *ear = NULL;
    Bell bell = {0};
    Project project;
    List runs, events;
    Shop shop;
    bool ended;

    shop_open(&shop, db, 10);
    shop_job(&shop, three, &project, &runs);
    CHECK_OK(run_listen(&shop.studio, project.id, ring, &bell, &ear));
    for (size_t i = 0; i < 3; i++)
        shop_upload(&shop, run_at(&runs, i));
    start(&shop, &project, 3);
    CHECK_OK(run_events(
        &shop.studio, &(EventQuery){shop.tenant.id, project.id, 0, 100}, shop.mem, &events,
        &ended));
    CHECK_INT(events.count, 3);
    CHECK(!ended);
    CHECK_TEXT(((RunEvent *)events.items)[0].kind, "run.queued");
    int64_t seen = ((RunEvent *)events.items)[2].number;

    shop_hire(&shop);
    shop_wait(&shop, project.id, &project);
    CHECK_OK(run_events(
        &shop.studio, &(EventQuery){shop.tenant.id, project.id, seen, 100}, shop.mem, &events,
        &ended));
    CHECK(ended);
    CHECK_INT(events.count, 4);
    const RunEvent *last = (const RunEvent *)events.items + 3;
    CHECK_TEXT(last->kind, "project.completed");
    CHECK_INT(value_int(value_get(last->data, "completed")), 3);
    for (size_t i = 0; i < events.count; i++) {
        CHECK(((RunEvent *)events.items)[i].number > seen);
        seen = ((RunEvent *)events.items)[i].number;
    }
    CHECK(atomic_load(&bell.rung) > 0);
    run_ear_free(TAKE(ear));
    shop_close(&shop);
}

TEST_DB(a_photo_in_several_scenes_is_uploaded_once_and_made_in_each)
{
    static const char *types[] = {"kitchen", "office"};
    PhotoWish photo = {
        .filename = "mug.png", .scene_count = 4, .scene_types = {.items = types, .count = 2}};
    Project project;
    List runs;
    Shop shop;
    Link link, same;

    shop_open(&shop, db, 10);
    CHECK_OK(project_begin(
        &shop.studio,
        &(ProjectWish){
            .tenant_id = shop.tenant.id, .door = "test", .photos = &photo, .photo_count = 1},
        shop.mem, &project, &runs, NULL));
    CHECK_INT(runs.count, 4);
    CHECK_TEXT(run_at(&runs, 0)->scene_type, "kitchen");
    CHECK_TEXT(run_at(&runs, 1)->scene_type, "office");
    CHECK_TEXT(run_at(&runs, 2)->scene_type, "living_room");
    CHECK_TEXT(run_at(&runs, 3)->scene_type, "bedroom");
    CHECK_TEXT(run_at(&runs, 0)->photo_id, run_at(&runs, 3)->photo_id);
    CHECK_OK(run_upload_link(&shop.studio, shop.tenant.id, run_at(&runs, 0)->id, shop.mem, &link));
    CHECK_OK(run_upload_link(&shop.studio, shop.tenant.id, run_at(&runs, 3)->id, shop.mem, &same));
    CHECK(strncmp(link.url, same.url, strcspn(link.url, "?") + 1) == 0);
    shop_upload(&shop, run_at(&runs, 2));
    CHECK_INT(run_now(&shop, run_at(&runs, 0)).state, RUN_UPLOADED);
    start(&shop, &project, 4);
    shop_close(&shop);
}

TEST_DB(wishes_that_cannot_be_are_named_by_field)
{
    static const char *types[] = {"kitchn"};
    static const struct {
        PhotoWish photo;
        const char *field;
    } rows[] = {
        {{.filename = NULL}, "/items/0/filename"},
        {{.filename = "a.png", .source_url = "ftp://a.example/b.png"}, "/items/0/source_url"},
        {{.filename = "a.png", .scene_types = {types, 1}}, "/items/0/scene_types/0"},
        {{.filename = "a.png", .scene_count = 21}, "/items/0/scene_count"},
    };
    Project project;
    List runs;
    Shop shop;

    shop_open(&shop, db, 10);
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(err_free)
        Err *err = project_begin(
            &shop.studio,
            &(ProjectWish){
                .tenant_id = shop.tenant.id,
                .door = "test",
                .photos = &rows[i].photo,
                .photo_count = 1},
            shop.mem, &project, &runs, NULL);

        CHECK(err);
        CHECK_TEXT(err_where(err), rows[i].field);
    }
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM projects"), 0);
    shop_close(&shop);
}

TEST_DB(a_zip_holds_the_pictures_and_is_given_again)
{
    AUTO(buf_done) Buf zip = BUF(4 << 20);
    Project project;
    Export export, again;
    List runs;
    Shop shop;
    Link link;

    shop_open(&shop, db, 10);
    shop_job(&shop, (const char *const[]){"Sch\xc3\xbchchen.png", "b.png", NULL}, &project, &runs);
    shop_upload(&shop, run_at(&runs, 0));
    shop_upload(&shop, run_at(&runs, 1));
    AUTO(err_free)
    Err *early = export_begin(&shop.studio, shop.tenant.id, project.id, shop.mem, &export);
    CHECK(early && err_code(early) == ERR_CONFLICT);
    start(&shop, &project, 2);
    shop_hire(&shop);
    shop_wait(&shop, project.id, &project);
    CHECK_OK(export_begin(&shop.studio, shop.tenant.id, project.id, shop.mem, &export));
    for (int i = 0; i < 6000 && export.state == EXPORT_QUEUED; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
        CHECK_OK(export_find(&shop.studio, shop.tenant.id, export.id, shop.mem, &export));
    }
    CHECK_INT(export.state, EXPORT_READY);
    CHECK_INT(export.pictures, 2);
    CHECK_OK(export_begin(&shop.studio, shop.tenant.id, project.id, shop.mem, &again));
    CHECK_TEXT(again.id, export.id);

    CHECK_OK(export_link(&shop.studio, shop.tenant.id, export.id, shop.mem, &link));
    CHECK_OK(shop_get(&shop, link.url, &zip));
    CHECK_INT(zip.size, export.bytes);
    CHECK(memcmp(zip.bytes, "PK\x03\x04", 4) == 0);
    CHECK_INT(zip.bytes[7] & 8, 8); /* names are marked as UTF-8 */
    CHECK(memmem(zip.bytes, zip.size, "00001-Sch\xc3\xbchchen.png", 20));
    CHECK(memmem(zip.bytes, zip.size, "00002-b.png", 11));
    shop_close(&shop);
}

/* Work that was queued twice, as after a crash between two commits of a lesser program. */
static Err *enqueue_again(DbTx *tx, void *run_any)
{
    const Run *run = run_any;
    Id job;

    return job_enqueue(
        tx, &(JobOrder){.queue = "jobs", .tenant_id = run->tenant_id, .subject = run->id}, &job);
}

TEST_DB(a_run_that_is_done_is_neither_made_nor_paid_for_again)
{
    Project project;
    List runs;
    Shop shop;

    shop_open(&shop, db, 10);
    shop_job(&shop, one, &project, &runs);
    shop_upload(&shop, run_at(&runs, 0));
    start(&shop, &project, 1);
    CHECK_OK(db_write(db, enqueue_again, runs.items));
    shop_hire(&shop);
    shop_wait(&shop, project.id, &project);
    CHECK_OK(db_write(db, enqueue_again, runs.items));
    for (int i = 0; i < 6000 && test_db_number(db, "SELECT COUNT(*) FROM jobs"); i++)
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs"), 0);
    CHECK_OK(project_find(&shop.studio.shelf, shop.tenant.id, project.id, shop.mem, &project));
    CHECK_INT(project.completed, 1);
    CHECK_INT(project.underway, 0);
    CHECK_INT(shop_purse(&shop).balance, 9 * RUN_CREDITS);
    CHECK_INT(
        test_db_number(db, "SELECT COUNT(*) FROM usage_events WHERE kind = 'job_completed'"), 1);
    CHECK_INT(
        test_db_number(db, "SELECT COUNT(*) FROM run_events WHERE kind = 'run.completed'"), 1);
    shop_audit(&shop);
    shop_close(&shop);
}

enum {
    CROWD = 40
};

TEST_DB(whatever_is_cancelled_while_it_is_made_every_run_ends_once_and_the_sums_are_right)
{
    static const char *names[] = {"a.png", "b.png", "c.png", "d.png", "e.png", NULL};
    Project projects[CROWD / 5];
    List runs[CROWD / 5];
    int64_t completed = 0, cancelled = 0, seed = 1;
    Shop shop;
    Run run;

    shop_open(&shop, db, CROWD);
    shop_hire(&shop);
    JobCrew *first = TAKE(shop.crew);
    shop_hire(&shop);
    for (size_t i = 0; i < COUNT(projects); i++) {
        shop_job(&shop, names, &projects[i], &runs[i]);
        for (size_t j = 0; j < 5; j++)
            shop_upload(&shop, run_at(&runs[i], j));
        start(&shop, &projects[i], 5);
        seed = seed * 1103515245 % 2147483647;
        if (i % 4 == 3)
            CHECK_OK(project_cancel(
                &shop.studio, shop.tenant.id, projects[i].id, shop.mem, &projects[i]));
        else
            CHECK_OK(run_cancel(
                &shop.studio, shop.tenant.id, run_at(&runs[i / 2], (size_t)seed % 5)->id, shop.mem,
                &run));
    }
    for (size_t i = 0; i < COUNT(projects); i++) {
        shop_wait(&shop, projects[i].id, &projects[i]);
        CHECK_INT(projects[i].completed + projects[i].cancelled, 5);
        completed += projects[i].completed;
        cancelled += projects[i].cancelled;
    }
    job_crew_stop(first, 1000);
    CHECK_INT(completed + cancelled, CROWD);
    CHECK_INT(shop_purse(&shop).held, 0);
    CHECK_INT(shop_purse(&shop).balance, (CROWD - completed) * RUN_CREDITS);
    CHECK_INT(shop_quota(&shop).used, completed);
    CHECK_INT(
        test_db_number(db, "SELECT COUNT(*) FROM usage_events WHERE kind = 'job_completed'"),
        completed);
    CHECK_INT(
        test_db_number(
            db, "SELECT COUNT(*) FROM run_events WHERE kind IN ('run.completed', 'run.cancelled')"),
        CROWD);
    CHECK_INT(
        test_db_number(
            db, "SELECT COUNT(*) FROM runs WHERE state NOT IN ('completed', 'cancelled')"),
        0);
    shop_audit(&shop);
    shop_close(&shop);
}
