/* Promises of a server to who watches over it, and of streams to whose rights are taken away. */
#include <signal.h>

#include "base/clock.h"
#include "shop.h"

enum {
    PATIENCE_MS = 30 * 1000
};

static Reply ready_ask(const Place *place)
{
    return place_ask(place, &(Request){.method = "GET", .path = "/health/ready"});
}

/* Ask until it answers STATUS. */
static Reply ready_wait(const Place *place, int status)
{
    int64_t until_ms = clock_ticks_ms() + PATIENCE_MS;
    Reply reply;

    while ((reply = ready_ask(place)).status != status) {
        CHECK(clock_ticks_ms() < until_ms);
        flow_pause();
    }
    return reply;
}

TEST_FLOW(a_store_that_cannot_be_written_to_makes_the_server_unready_until_it_can)
{
    AUTO(place_close) Place other = {0};
    place_open(place->kind, place->mem, "", &other);
    const char *there = desk_path(&other.desk, "data/store/parts");
    const char *aside = desk_path(&other.desk, "data/store/aside");

    ready_wait(&other, 200);
    CHECK_INT(rename(there, aside), 0);
    const Reply sick = ready_wait(&other, 503);
    CHECK_TEXT(reply_text(&sick, "status"), "failing");
    CHECK_TEXT(reply_text(&sick, "database"), "ok");
    CHECK_TEXT(reply_text(&sick, "store"), "failing");
    const Reply same = place_ask(&other, &(Request){.method = "GET", .path = "/health"});
    CHECK_INT(same.status, 503);
    CHECK_INT(rename(aside, there), 0);
    ready_wait(&other, 200);
}

TEST_FLOW(a_server_that_is_to_stop_says_so_and_answers_until_balancers_have_left)
{
    AUTO(place_close) Place other = {0};
    place_open(place->kind, place->mem, "", &other);
    place_kill(&other);
    desk_put(&other.desk, ".env", "CYCLORAMA_FAREWELL_SECONDS=600\n");
    place_start(&other);
    const Shop shop = shop_open(&other, "{\"name\":\"Mugs\",\"plan\":\"pro\"}");

    ready_wait(&other, 200);
    CHECK_INT(kill(other.pid, SIGTERM), 0);
    const Reply stopping = ready_wait(&other, 503);
    CHECK_TEXT(reply_text(&stopping, "status"), "stopping");
    CHECK_TEXT(reply_text(&stopping, "store"), "ok");
    shop_get(&shop, 200, "/v1/quota");
    /* place_close sends the second signal, which ends it at once. */
}

TEST_FLOW(a_stream_ends_when_its_tenant_is_suspended)
{
    const Shop shop = shop_open(place, "{\"name\":\"Mugs\",\"plan\":\"pro\"}"),
               admin = shop_admin(place);
    const Reply job =
        shop_send(&shop, 201, "POST", "{\"items\":[{\"filename\":\"a.png\"}]}", "/v1/jobs");
    const char *id = reply_text(&job, "job_id");
    const char *names = json_print(
        place, "{\"job_id\":\"%s\",\"item_id\":\"%s\",\"tenant_id\":\"%s\"}", id,
        reply_text(&job, "items>0>item_id"), shop.tenant_id);
    AUTO(buf_done) Buf photo = photo_draw(place, 40);
    int64_t until_ms = clock_ticks_ms() + PATIENCE_MS;
    AUTO(wire_close) Wire wire = wire_open_port(place->port);

    wire_send(
        &wire, arena_print(
                   place->mem,
                   "GET /v1/jobs/%s/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-API-Key: "
                   "%s\r\n\r\n",
                   id, shop.key));
    CHECK(strstr(wire_until(&wire, "retry: 2000"), "200 OK"));
    shop_upload(&shop, &job, &photo);
    CHECK(!wire_is_closed(&wire, 100));
    CHECK_INT(
        place_run(place, arena_print(place->mem, "admin tenant suspend %s", shop.tenant_id)).status,
        0);
    /* Each photo that is said to have come wakes the stream; without one it looks every fifteen seconds. */
    for (;;) {
        const Reply link = shop_send(&admin, 200, "POST", names, "/v1/uploads/sas");

        AUTO(buf_done) Buf next = photo_draw(place, (int)(clock_ticks_ms() & 0xffff));
        CHECK_INT(
            place_put(place, reply_text(&link, "upload_url"), next.bytes, next.size).status, 201);
        shop_send(&admin, 200, "POST", names, "/v1/uploads/complete");
        if (wire_is_closed(&wire, 500))
            break;
        CHECK(clock_ticks_ms() < until_ms);
    }
}
