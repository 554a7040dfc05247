/* Promises of batches: photos that the server fetches, by a list of addresses or a CSV file. */
#include <stdatomic.h>
#include <string.h>

#include "harness/peer.h"
#include "shop.h"

static const char pro[] = "{\"name\":\"Mugs\",\"plan\":\"pro\"}";

/* A shop's own site: /a.png and the like are there, /gone.png is not, /page.png is no picture. */
static bool site_answer(void *photo_any, const PeerAsked *asked)
{
    const Buf *photo = photo_any;

    if (strstr(asked->target, "gone"))
        return peer_reply(asked, "404 Not Found", "", "no");
    if (strstr(asked->target, "page"))
        return peer_reply(asked, "200 OK", "Content-Type: image/png\r\n", "<html>hello</html>");
    peer_say(
        asked, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %zu\r\n\r\n",
        photo->size);
    peer_say_bytes(asked, photo->bytes, photo->size);
    return true;
}

TEST_FLOW(a_list_of_addresses_becomes_pictures_and_says_of_each_that_fails_why)
{
    const Shop shop = shop_open(place, pro);
    AUTO(buf_done) Buf photo = photo_draw(place, 10);
    AUTO(peer_stop) Peer *site = peer_start(site_answer, &photo);
    int port = peer_port(site);
    const Reply batch = shop_send(
        &shop, 202, "POST",
        json_print(
            place,
            "{\"name\":\"Spring\",\"items\":[{\"source_url\":\"http://127.0.0.1:%d/a.png\","
            "\"product_id\":\"p1\"},{\"source_url\":\"http://127.0.0.1:%d/gone.png\"},"
            "{\"source_url\":\"http://127.0.0.1:%d/page.png\"}]}",
            port, port, port),
        "/v1/batch-jobs");
    const char *path =
        arena_print(place->mem, "/v1/batch-jobs/%s", reply_text(&batch, "batch_job_id"));

    CHECK_TEXT(reply_text(&batch, "status"), "processing");
    const char *events = shop_events(&shop, arena_print(place->mem, "%s/events", path), NULL);
    CHECK(strstr(events, "event: run.failed") && strstr(events, "event: project.completed"));

    const Reply done = shop_wait(&shop, path);
    CHECK_INT(reply_int(&done, "completed_items"), 1);
    CHECK_INT(reply_int(&done, "failed_items"), 2);
    CHECK_TEXT(reply_text(&done, "items>0>product_id"), "p1");
    CHECK_TEXT(reply_text(&done, "items>0>filename"), "a.png");
    CHECK_TEXT(reply_text(&done, "items>2>error_code"), "image_unsupported");
    CHECK(*reply_text(&done, "items>1>error_message"));
    const Reply picture = shop_get(&shop, 200, "%s", reply_text(&done, "items>0>output_url"));
    CHECK(picture.size > 1000);

    const Reply quota = shop_get(&shop, 200, "/v1/quota");
    CHECK_INT(reply_int(&quota, "used"), 1);
    const Reply list = shop_get(&shop, 200, "/v1/batch-jobs");
    CHECK_TEXT(reply_text(&list, "batch_jobs>0>name"), "Spring");
    const Reply zip = shop_send(&shop, 202, "POST", NULL, "%s/exports", path);
    CHECK_INT(reply_int(&zip, "pictures"), 1);
}

/* ---- what died is begun anew by an administrator ---- */

/* A site that is down until it is repaired. */
typedef struct Site {
    const Buf *photo;
    atomic_bool is_up;
} Site;

static bool broken_answer(void *site_any, const PeerAsked *asked)
{
    Site *site = site_any;

    if (!atomic_load(&site->is_up))
        return peer_reply(asked, "404 Not Found", "", "no");
    return site_answer((void *)site->photo, asked);
}

/* The only dead job of QUEUE, once it is there. */
static const char *dead_find(const Shop *admin, const char *queue)
{
    for (int i = 0; i < 200; i++) {
        const Reply view = shop_get(admin, 200, "/admin/queues/%s", queue);

        if (value_count(reply_at(&view, "dead")) == 1) {
            CHECK_INT(reply_int(&view, "reasons>0>count"), 1);
            CHECK(reply_int(&view, "reasons>0>oldest_ms") > 0);
            return reply_text(&view, "dead>0>id");
        }
        flow_pause();
    }
    test_fail(__FILE__, __LINE__, "no job of '%s' has died", queue);
    return NULL;
}

static void check_credits(const Shop *admin, const Shop *shop, int64_t available)
{
    const Reply credits = shop_get(admin, 200, "/v1/tenants/%s/credits", shop->tenant_id);

    CHECK_INT(reply_int(&credits, "held"), 0);
    CHECK_INT(reply_int(&credits, "available"), available);
}

TEST_FLOW(a_photo_that_could_not_be_fetched_is_fetched_and_paid_for_anew)
{
    AUTO(place_close) Place own = {0};
    AUTO(buf_done) Buf photo = photo_draw(place, 10);
    Site broken = {.photo = &photo};
    AUTO(peer_stop) Peer *site = peer_start(broken_answer, &broken);

    place_open(place->kind, place->mem, "127.0.0.1", &own);
    const Shop shop = shop_open(&own, pro), admin = shop_admin(&own);
    const char *wish = json_print(
        &own, "{\"items\":[{\"source_url\":\"http://127.0.0.1:%d/a.png\",\"scene_count\":2}]}",
        peer_port(site));
    const Reply batch = shop_send(&shop, 202, "POST", wish, "/v1/batch-jobs");
    const char *path =
        arena_print(own.mem, "/v1/batch-jobs/%s", reply_text(&batch, "batch_job_id"));
    const Reply failed = shop_wait(&shop, path);
    CHECK_INT(reply_int(&failed, "failed_items"), 2);
    check_credits(&admin, &shop, 1500);

    /* Still away: it is tried again, dies again, and nothing is charged. */
    const char *dead = dead_find(&admin, "batch-jobs");
    const Reply again = shop_send(&admin, 200, "POST", NULL, "/admin/jobs/%s/retry", dead);
    CHECK(value_bool(reply_at(&again, "is_begun")));
    const Reply still = shop_wait(&shop, path);
    CHECK_INT(reply_int(&still, "failed_items"), 2);
    check_credits(&admin, &shop, 1500);
    dead_find(&admin, "batch-jobs");

    /* No images left this month: it stays dead, and that is said. */
    shop_send(&admin, 200, "PUT", "{\"monthly_quota\":1}", "/v1/tenants/%s/quota", shop.tenant_id);
    const Reply none = shop_send(&admin, 200, "POST", "{}", "/admin/queues/batch-jobs/retry");
    CHECK_INT(reply_int(&none, "left"), 1);
    CHECK(*reply_text(&none, "why"));
    shop_send(&admin, 429, "POST", NULL, "/admin/jobs/%s/retry", dead_find(&admin, "batch-jobs"));
    shop_send(
        &admin, 200, "PUT", "{\"monthly_quota\":500}", "/v1/tenants/%s/quota", shop.tenant_id);

    /* Repaired: all of one reason at once; both pictures are made, and charged once. */
    atomic_store(&broken.is_up, true);
    const Reply all = shop_send(
        &admin, 200, "POST", "{\"reason\":\"upstream_refused\"}", "/admin/queues/batch-jobs/retry");
    CHECK_INT(reply_int(&all, "retried"), 1);
    const Reply done = shop_wait(&shop, path);
    CHECK_INT(reply_int(&done, "completed_items"), 2);
    CHECK_INT(reply_int(&done, "failed_items"), 0);
    check_credits(&admin, &shop, 1500 - 6);
    const Reply quota = shop_get(&shop, 200, "/v1/quota");
    CHECK_INT(reply_int(&quota, "used"), 2);
    const Ran checked = place_run(&own, "admin ledger check --json");
    CHECK(strstr(checked.out, "true"));
}

/* While one of its pictures waits still, the batch can be cancelled: then nobody begins the other anew. */
TEST_FLOW(what_died_of_a_batch_that_was_cancelled_since_stays_dead)
{
    AUTO(place_close) Place own = {0};
    AUTO(buf_done) Buf photo = photo_draw(place, 10);
    Site broken = {.photo = &photo};
    AUTO(peer_stop) Peer *away = peer_start(broken_answer, &broken);
    AUTO(peer_stop) Peer *site = peer_start(site_answer, &photo);

    place_open(place->kind, place->mem, "127.0.0.1", &own);
    const Shop shop = shop_open(&own, pro), admin = shop_admin(&own);
    shop_send(&admin, 200, "POST", NULL, "/admin/queues/jobs/pause");
    const Reply batch = shop_send(
        &shop, 202, "POST",
        json_print(
            &own,
            "{\"items\":[{\"source_url\":\"http://127.0.0.1:%d/a.png\"},"
            "{\"source_url\":\"http://127.0.0.1:%d/b.png\"}]}",
            peer_port(away), peer_port(site)),
        "/v1/batch-jobs");
    const char *id = reply_text(&batch, "batch_job_id");
    const char *dead = dead_find(&admin, "batch-jobs");

    shop_send(&shop, 200, "POST", NULL, "/v1/batch-jobs/%s/cancel", id);
    shop_send(&admin, 409, "POST", NULL, "/admin/jobs/%s/retry", dead);
    check_credits(&admin, &shop, 1500);
}

TEST_FLOW(a_csv_file_is_a_batch)
{
    const Shop shop = shop_open(place, pro);
    AUTO(buf_done) Buf photo = photo_draw(place, 10);
    AUTO(peer_stop) Peer *site = peer_start(site_answer, &photo);
    const Reply batch = place_ask(
        place, &(Request){
                   .method = "POST",
                   .path = "/v1/batch-jobs/csv?name=Summer",
                   .key = shop.key,
                   .type = "text/csv",
                   .body = arena_print(
                       place->mem,
                       "source_url,product_id,filename\r\nhttp://127.0.0.1:%d/b.png,p7,\"jug, "
                       "blue.png\"\r\n",
                       peer_port(site))});

    CHECK_INT(batch.status, 202);
    const Reply done = shop_wait(
        &shop, arena_print(place->mem, "/v1/batch-jobs/%s", reply_text(&batch, "batch_job_id")));
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    CHECK_TEXT(reply_text(&done, "name"), "Summer");
    CHECK_TEXT(reply_text(&done, "items>0>filename"), "jug, blue.png");
    CHECK_TEXT(reply_text(&done, "items>0>product_id"), "p7");

    const Request wrong = {
        .method = "POST",
        .path = "/v1/batch-jobs/csv",
        .type = "text/csv",
        .body = "source_url\nhttp://a.example/a.png\nnot an address\n"};
    const Reply refused = shop_refused(&shop, "input_invalid", &wrong);
    CHECK(strstr(refused.body, "ine 3"));
}

TEST_FLOW(a_batch_is_cancelled_whole)
{
    const Shop shop = shop_open(place, pro);
    const Reply batch = shop_send(
        &shop, 202, "POST",
        "{\"items\":[{\"source_url\":\"http://127.0.0.1:1/a.png\",\"scene_count\":3}]}",
        "/v1/batch-jobs");
    const char *path =
        arena_print(place->mem, "/v1/batch-jobs/%s", reply_text(&batch, "batch_job_id"));
    const Reply cancelled = shop_send(&shop, 200, "POST", NULL, "%s/cancel", path);

    CHECK_INT(reply_int(&cancelled, "cancelled_items") + reply_int(&cancelled, "failed_items"), 3);
    const Reply quota = shop_get(&shop, 200, "/v1/quota");
    CHECK_INT(reply_int(&quota, "used"), 0);
    shop_refused(
        &shop, "conflict",
        &(Request){.method = "POST", .path = arena_print(place->mem, "%s/exports", path)});
}

TEST_FLOW(a_batch_of_another_is_not_found_and_one_without_photos_is_none)
{
    const Shop owner = shop_open(place, pro), other = shop_open(place, pro);
    const Reply batch = shop_send(
        &owner, 202, "POST", "{\"items\":[{\"source_url\":\"http://127.0.0.1:1/a.png\"}]}",
        "/v1/batch-jobs");
    const char *path =
        arena_print(place->mem, "/v1/batch-jobs/%s", reply_text(&batch, "batch_job_id"));
    static const char *const parts[][2] = {
        {"GET", ""}, {"GET", "/events"}, {"POST", "/cancel"}, {"POST", "/exports"}};

    for (size_t i = 0; i < COUNT(parts); i++)
        shop_refused(
            &other, "not_found",
            &(Request){
                .method = parts[i][0], .path = arena_print(place->mem, "%s%s", path, parts[i][1])});
    shop_send(&owner, 200, "POST", NULL, "%s/cancel", path);

    shop_refused(
        &other, "not_found",
        &(Request){
            .method = "POST",
            .path = "/v1/batch-jobs",
            .body = "{\"brand_profile_id\":\"brand_none\",\"items\":[{\"source_url\":"
                    "\"http://127.0.0.1:1/a.png\"}]}"});
    shop_refused(
        &other, "not_found",
        &(Request){
            .method = "POST",
            .path = "/v1/batch-jobs/csv?brand_profile_id=brand_none",
            .type = "text/csv",
            .body = "source_url\nhttp://127.0.0.1:1/a.png\n"});
    shop_refused(
        &other, "input_missing",
        &(Request){
            .method = "POST",
            .path = "/v1/batch-jobs",
            .body = "{\"items\":[{\"filename\":\"a.png\"}]}"});
    shop_refused(
        &other, "input_invalid",
        &(Request){
            .method = "POST",
            .path = "/v1/batch-jobs",
            .body = "{\"items\":[{\"source_url\":\"file:///etc/passwd\"}]}"});
}

TEST_FLOW(addresses_of_this_machine_are_not_fetched_unless_they_are_allowed)
{
    AUTO(place_close) Place strict = {0};
    place_open(place->kind, place->mem, "", &strict);
    const Shop shop = shop_open(&strict, pro);
    AUTO(buf_done) Buf photo = photo_draw(place, 10);
    AUTO(peer_stop) Peer *site = peer_start(site_answer, &photo);
    const Reply batch = shop_send(
        &shop, 202, "POST",
        json_print(
            place,
            "{\"items\":[{\"source_url\":\"http://127.0.0.1:%d/a.png\"},{\"source_url\":"
            "\"http://169.254.169.254/latest/meta-data\"},{\"source_url\":\"http://[::1]/a\"}]}",
            peer_port(site)),
        "/v1/batch-jobs");
    const Reply done = shop_wait(
        &shop, arena_print(place->mem, "/v1/batch-jobs/%s", reply_text(&batch, "batch_job_id")));

    CHECK_INT(reply_int(&done, "failed_items"), 3);
    for (int i = 0; i < 3; i++)
        CHECK_TEXT(
            reply_text(&done, arena_print(place->mem, "items>%d>error_code", i)),
            "address_refused");
    CHECK_INT(peer_asked(site), 0);
}
