/* Promises of a server to who watches over it, and of streams to whose rights are taken away. */
#include <signal.h>

#include "base/clock.h"
#include "shop.h"

static Reply ready_ask(const Place *place)
{
    return place_ask(place, &(Request){.method = "GET", .path = "/health/ready"});
}

/* Ask until it answers STATUS. */
static Reply ready_wait(const Place *place, int status)
{
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;
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
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;
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

TEST_FLOW(every_site_of_a_long_list_may_call)
{
    AUTO(place_close) Place other = {0};
    AUTO(buf_done) Buf sites = BUF(1000);

    CHECK_OK(buf_add_text(&sites, "CYCLORAMA_CORS_ORIGINS="));
    for (int i = 0; i < 40; i++)
        CHECK_OK(buf_print(&sites, "https://s%d.example,", i));
    CHECK_OK(buf_add_text(&sites, "\n"));
    place_open(place->kind, place->mem, "", &other);
    place_kill(&other);
    desk_put(&other.desk, ".env", buf_text(&sites));
    place_start(&other);
    const Reply reply = place_ask(
        &other,
        &(Request){
            .method = "GET", .path = "/health/live", .headers = "Origin: https://s39.example\r\n"});
    CHECK_TEXT(reply_header(&other, &reply, "Access-Control-Allow-Origin"), "https://s39.example");
}

TEST_FLOW(a_server_with_another_administrators_key_says_that_the_one_before_has_ended)
{
    AUTO(place_close) Place other = {0};
    place_open(place->kind, place->mem, "", &other);
    CHECK(!strstr(desk_text(&other.desk, "stdout.txt"), "not valid any more"));
    const char *url = arena_print(place->mem, "DATABASE_URL=%s", other.database_url);
    const char *const rows[] = {
        url, "CYCLORAMA_ADMIN_KEY=quite-another-administrator", "CYCLORAMA_LISTEN=127.0.0.1:0",
        NULL};
    AUTO(desk_clear) Desk desk = desk_new();
    pid_t pid = desk_start_with(&desk, "serve --workers -1", rows);
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;

    while (!desk_text(&desk, "stdout.txt") ||
           !strstr(desk_text(&desk, "stdout.txt"), "listens on")) {
        CHECK(clock_ticks_ms() < until_ms);
        flow_pause();
    }
    kill(pid, SIGTERM);
    Ran ran = desk_wait(&desk, pid);
    CHECK(strstr(ran.out, "not valid any more: this server has another"));
    CHECK(strstr(ran.out, "Servers that share a database need the same one"));
}
