/* Promises of batches: photos are fetched for the customer, and what cannot be fetched costs nothing. */
#include "harness/peer.h"
#include "unit/recipe/drawn.h"
#include "unit/run/shop.h"

typedef struct Cdn {
    Buf png;
} Cdn;

static bool cdn_answer(void *cdn_any, const PeerAsked *asked)
{
    const Cdn *cdn = cdn_any;

    if (strcmp(asked->target, "/page.jpg") == 0)
        return peer_reply(asked, "200 OK", "Content-Type: image/jpeg\r\n", "<html>no photo</html>");
    if (strcmp(asked->target, "/moved.png") == 0)
        return peer_reply(asked, "302 Found", "Location: /shoe.png\r\n", "");
    if (strncmp(asked->target, "/shoe.png", 9) != 0)
        return peer_reply(asked, "404 Not Found", "", "");
    peer_say(asked, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", cdn->png.size);
    peer_say_bytes(asked, cdn->png.bytes, cdn->png.size);
    return true;
}

static Err *
batch_begin(Shop *shop, const PhotoWish *photos, size_t count, Project *ret, List *ret_runs)
{
    return project_begin(
        &shop->studio,
        &(ProjectWish){
            .tenant_id = shop->tenant.id,
            .door = "test",
            .kind = PROJECT_BATCH,
            .photos = photos,
            .photo_count = count,
            .recipe = "cutout",
            .is_started = true,
        },
        shop->mem, ret, ret_runs, NULL);
}

static const char *url_of(Shop *shop, const Peer *peer, const char *path)
{
    return arena_print(shop->mem, "http://127.0.0.1:%d%s", peer_port(peer), path);
}

TEST_DB(a_batch_is_fetched_and_made_and_what_fails_costs_nothing)
{
    Cdn cdn = {.png = BUF(1 << 20)};
    Project project;
    List runs;
    Shop shop;

    shop_open(&shop, db, 10);
    drawn_disc_png(48, 40, 30, &cdn.png);
    AUTO(peer_stop) Peer *peer = peer_start(cdn_answer, &cdn);
    PhotoWish photos[] = {
        {.source_url = url_of(&shop, peer, "/shoe.png?size=large")},
        {.source_url = url_of(&shop, peer, "/moved.png"), .filename = "other.png"},
        {.source_url = url_of(&shop, peer, "/none.png")},
        {.source_url = url_of(&shop, peer, "/page.jpg")},
        {.source_url = "http://169.254.169.254/latest/meta-data"},
    };
    CHECK_OK(batch_begin(&shop, photos, COUNT(photos), &project, &runs));
    CHECK_INT(project.state, PROJECT_PROCESSING);
    CHECK_INT(project.underway, 5);
    CHECK_INT(shop_purse(&shop).held, 5 * RUN_CREDITS);

    shop_hire(&shop);
    shop_wait(&shop, project.id, &project);
    CHECK_INT(project.completed, 2);
    CHECK_INT(project.failed, 3);
    CHECK_INT(project.state, PROJECT_COMPLETED);
    CHECK_OK(
        run_list(&shop.studio, &(RunQuery){shop.tenant.id, project.id, -1, 10}, shop.mem, &runs));
    const Run *run = runs.items;
    CHECK_TEXT(run[0].filename, "shoe.png");
    CHECK_TEXT(run[1].filename, "other.png");
    CHECK_TEXT(run[2].error, "upstream_refused");
    CHECK_TEXT(run[3].error, "image_unsupported");
    CHECK_TEXT(run[4].error, "address_refused");
    CHECK(run[2].error_text && run[4].error_text);
    CHECK_INT(shop_purse(&shop).held, 0);
    CHECK_INT(shop_purse(&shop).balance, 8 * RUN_CREDITS);
    CHECK_INT(shop_quota(&shop).used, 2);
    shop_audit(&shop);
    buf_done(&cdn.png);
    shop_close(&shop);
}

TEST_DB(a_batch_beyond_the_quota_is_not_there_at_all)
{
    PhotoWish photos[3] = {
        {.source_url = "https://a.example/1.jpg"},
        {.source_url = "https://a.example/2.jpg"},
        {.source_url = "https://a.example/3.jpg"},
    };
    Project project;
    List runs;
    Shop shop;

    shop_open(&shop, db, 2);
    AUTO(err_free) Err *err = batch_begin(&shop, photos, 3, &project, &runs);
    CHECK(err && err_code(err) == ERR_QUOTA_EXCEEDED);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM projects"), 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM photos"), 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs"), 0);
    shop_close(&shop);
}

TEST_DB(a_batch_that_is_cancelled_fetches_nothing)
{
    PhotoWish photo = {.source_url = "https://a.example/1.jpg", .scene_count = 3};
    Project project;
    List runs;
    Shop shop;

    shop_open(&shop, db, 10);
    CHECK_OK(batch_begin(&shop, &photo, 1, &project, &runs));
    CHECK_INT(project.underway, 3);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs"), 1);
    CHECK_OK(project_cancel(&shop.studio, shop.tenant.id, project.id, shop.mem, &project));
    CHECK_INT(project.cancelled, 3);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs"), 0);
    CHECK_INT(shop_purse(&shop).held, 0);
    shop_close(&shop);
}

TEST_DB(a_request_that_comes_twice_makes_and_charges_once)
{
    PhotoWish photo = {.source_url = "http://photos.example/shoe.png"};
    Project first, again, other;
    List runs, same;
    Shop shop;

    shop_open(&shop, db, 10);
    ProjectWish wish = {
        .tenant_id = shop.tenant.id,
        .door = "test",
        .kind = PROJECT_BATCH,
        .photos = &photo,
        .photo_count = 1,
        .recipe = "cutout",
        .is_started = true,
        .once = {shop.tenant.id, "order 17"},
    };
    CHECK_OK(project_begin(&shop.studio, &wish, shop.mem, &first, &runs, NULL));
    CHECK_OK(project_begin(&shop.studio, &wish, shop.mem, &again, &same, NULL));
    CHECK_TEXT(again.id, first.id);
    CHECK_INT(same.count, 1);
    CHECK_TEXT(((const Run *)same.items)->id, ((const Run *)runs.items)->id);
    CHECK_INT(shop_purse(&shop).held, RUN_CREDITS);

    wish.once.key = "order 18";
    CHECK_OK(project_begin(&shop.studio, &wish, shop.mem, &other, &runs, NULL));
    CHECK(strcmp(other.id, first.id) != 0);
    CHECK_INT(shop_purse(&shop).held, 2 * RUN_CREDITS);
    shop_close(&shop);
}
