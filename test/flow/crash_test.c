/* Promises of a server that is killed: what was accepted ends once, and is paid once. */
#include "base/clock.h"
#include "shop.h"

enum {
    PICTURES = 3
};

static void processing_wait(const Shop *shop, const char *path)
{
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;
    Reply job;

    do {
        flow_pause();
        job = shop_get(shop, 200, "%s", path);
        CHECK(clock_ticks_ms() < until_ms);
    } while (!strstr(job.body, "\"step\":\""));
}

TEST_FLOW(a_server_that_is_killed_at_work_ends_each_picture_once)
{
    AUTO(place_close) Place other = {0};
    place_open(place->kind, place->mem, "", &other);
    const Shop shop = shop_open(&other, "{\"name\":\"A\",\"plan\":\"pro\",\"monthly_quota\":10}");
    AUTO(buf_done) Buf photo = photo_draw(place, 20);
    const Reply job = shop_send(
        &shop, 201, "POST", "{\"items\":[{\"filename\":\"a.png\",\"scene_count\":3}]}", "/v1/jobs");
    const char *path = arena_print(place->mem, "/v1/jobs/%s", reply_text(&job, "job_id"));

    shop_upload(&shop, &job, &photo);
    shop_send(&shop, 202, "POST", NULL, "%s/process", path);
    processing_wait(&shop, path);
    place_kill(&other);
    place_minute_pass(&other);
    place_start(&other);

    const Reply done = shop_wait(&shop, path);
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    CHECK_INT(reply_int(&done, "completed_items"), PICTURES);
    const char *events = shop_events(&shop, arena_print(place->mem, "%s/events", path), NULL);
    int ended = 0;
    for (const char *at = events; (at = strstr(at, "event: run.completed")); at++)
        ended++;
    CHECK_INT(ended, PICTURES);

    const Reply quota = shop_get(&shop, 200, "/v1/quota");
    CHECK_INT(reply_int(&quota, "used"), PICTURES);
    AUTO(value_free) Value *purse = NULL;
    const Ran said =
        place_run(&other, arena_print(place->mem, "admin credits show %s --json", shop.tenant_id));
    CHECK_OK(value_parse(said.out, strlen(said.out), &purse));
    CHECK_INT(value_int(value_get(purse, "available")), 30 - 3 * PICTURES);
    AUTO(value_free) Value *check = NULL;
    const Ran checked = place_run(&other, "admin ledger check --json");
    CHECK_OK(value_parse(checked.out, strlen(checked.out), &check));
    CHECK(value_bool(value_get(check, "is_well")));
}
