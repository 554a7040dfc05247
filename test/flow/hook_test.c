/* Promises of what a server remembers of vendors: their webhooks, and tenants' own keys. */
#include "base/base64.h"
#include "base/clock.h"
#include "base/hash.h"
#include "harness/peer.h"
#include "shop.h"
#include "unit/vendor/line_up.h"

static const char pro[] = "{\"name\":\"Mugs\",\"plan\":\"pro\"}";

/* Replicate tells the secret of its webhooks; of who does not, none can be believed. */
static bool tells(void *is_well, const PeerAsked *asked)
{
    return *(const bool *)is_well ? peer_reply(
                                        asked, "200 OK", "Content-Type: application/json\r\n",
                                        "{\"key\":\"whsec_Y3ljbG9yYW1hLXN0YW5kYXJkLXdlYmhvb2tz"
                                        "IQ==\"}")
                                  : peer_reply(asked, "404 Not Found", "", "");
}

static const char *const *rows_for(const Place *place, const Peer *peer)
{
    const char **rows = ARENA_ARRAY(place->mem, const char *, 5);

    rows[0] = "CYCLORAMA_MASTER_KEY=0123456789abcdef0123456789abcdef";
    rows[1] = "REPLICATE_API_TOKEN=the-houses-token";
    rows[2] = arena_print(
        place->mem, "CYCLORAMA_REPLICATE_BASE_URL=http://127.0.0.1:%d", peer_port(peer));
    rows[3] = "CYCLORAMA_PUBLIC_URL=https://studio.example";
    return rows;
}

static Request hook_of(const Place *place, const char *body, int64_t at_s)
{
    static const char secret[] = "cyclorama-standard-webhooks!";
    Arena *mem = place->mem;
    const char *said = arena_print(mem, "msg_1.%lld.%s", (long long)at_s, body);
    Hash mac = hash_mac(secret, strlen(secret), said, strlen(said));

    return (Request){
        .method = "POST",
        .path = "/v1/hooks/replicate",
        .headers = arena_print(
            mem,
            "webhook-id: msg_1\r\nwebhook-timestamp: %lld\r\nwebhook-signature: v1,AAAA "
            "v1,%s\r\n",
            (long long)at_s, base64_text(mac.bytes, sizeof(mac.bytes), mem)),
        .body = body,
    };
}

static void hooked(const Place *place, Request request, int status, const char *code)
{
    const Reply reply = place_ask(place, &request);

    CHECK_INT(reply.status, status);
    if (code)
        CHECK_TEXT(reply_text(&reply, "code"), code);
    else
        CHECK(value_bool(reply_at(&reply, "received")));
}

TEST_FLOW(a_webhook_is_taken_once_and_again_when_its_signature_is_right)
{
    static const char body[] = "{\"id\":\"abc123\",\"status\":\"succeeded\",\"output\":null}";
    bool is_well = true;
    AUTO(peer_stop) Peer *peer = peer_start(tells, &is_well);
    AUTO(place_close) Place own = {0};
    int64_t now_s = clock_now_ms() / 1000;

    place_open_set(place->kind, place->mem, rows_for(place, peer), &own);
    Request request = hook_of(&own, body, now_s);
    hooked(&own, request, 200, NULL);
    hooked(&own, request, 200, NULL);
    CHECK_INT(peer_asked(peer), 1);

    hooked(&own, hook_of(&own, body, now_s - 400), 401, "unauthenticated");
    request.body = "{\"id\":\"abc124\",\"status\":\"succeeded\",\"output\":null}";
    hooked(&own, request, 401, "unauthenticated");
    request.headers = NULL;
    hooked(&own, request, 401, "unauthenticated");
    hooked(&own, hook_of(&own, "{\"status\":\"succeeded\"}", now_s), 422, "input_invalid");
    hooked(&own, hook_of(&own, "[]", now_s), 422, "input_invalid");

    request = hook_of(&own, body, now_s);
    request.path = "/v1/hooks/nobody";
    hooked(&own, request, 404, "not_found");
    request.path = "/v1/hooks/fal"; /* there is no key for it, so it was never asked */
    hooked(&own, request, 404, "not_found");
}

TEST_FLOW(a_webhook_is_refused_while_nothing_can_be_checked)
{
    bool is_well = false;
    AUTO(peer_stop) Peer *peer = peer_start(tells, &is_well);
    AUTO(place_close) Place own = {0};

    place_open_set(place->kind, place->mem, rows_for(place, peer), &own);
    hooked(&own, hook_of(&own, "{\"id\":\"a\"}", clock_now_ms() / 1000), 502, "upstream_failed");
}

TEST_FLOW(webhooks_of_one_address_are_bounded)
{
    Request request = {.method = "POST", .path = "/v1/hooks/nobody", .body = "{}"};
    AUTO(place_close) Place own = {0};
    static const char *const none[] = {NULL};
    int status = 404;

    place_open_set(place->kind, place->mem, none, &own);
    for (int i = 0; i < 5000 && status == 404; i++)
        status = place_ask(&own, &request).status;
    CHECK_INT(status, 429);
    const Reply limited = place_ask(&own, &request);
    CHECK(reply_header(&own, &limited, "RateLimit-Limit"));
}

TEST_FLOW(a_tenant_sets_its_own_key_at_a_vendor_and_sees_its_last_letters)
{
    bool is_well = true;
    AUTO(peer_stop) Peer *peer = peer_start(tells, &is_well);
    AUTO(place_close) Place own = {0};

    place_open_set(place->kind, place->mem, rows_for(place, peer), &own);
    const Shop shop = shop_open(&own, pro), other = shop_open(&own, pro), admin = shop_admin(&own);
    const char *body = "{\"secret\":\"key-id:0123456789-wxyz\"}";
    const Reply set = shop_send(&shop, 200, "PUT", body, "/v1/vendor-keys/fal");
    CHECK_TEXT(reply_text(&set, "hint"), "wxyz");
    CHECK(!strstr(set.body, "0123456789"));

    const Reply list = shop_get(&shop, 200, "/v1/vendor-keys");
    CHECK_INT(value_count(reply_at(&list, "keys")), 1);
    CHECK_TEXT(reply_text(&list, "keys>0>vendor"), "fal");
    CHECK(!strstr(list.body, "0123456789"));
    const Reply others = shop_get(&other, 200, "/v1/vendor-keys");
    CHECK_INT(value_count(reply_at(&others, "keys")), 0);
    shop_get(&admin, 200, "/v1/vendor-keys?tenant_id=%s", shop.tenant_id);

    static const struct {
        const char *method, *path, *body, *code;
        int status;
    } cases[] = {
        {"PUT", "/v1/vendor-keys/nobody", "{\"secret\":\"0123456789\"}", "not_found", 404},
        {"PUT", "/v1/vendor-keys/fal", "{\"secret\":\"short\"}", "input_invalid", 422},
        {"PUT", "/v1/vendor-keys/fal", "{}", "input_missing", 422},
        {"DELETE", "/v1/vendor-keys/openai", NULL, "not_found", 404},
        {"GET", "/v1/vendor-keys?tenant_id=nobody", NULL, "forbidden", 403},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        CHECK_INT(
            shop_refused(
                &shop, cases[i].code,
                &(Request){.method = cases[i].method, .path = cases[i].path, .body = cases[i].body})
                .status,
            cases[i].status);
    CHECK_INT(
        shop_refused(
            &admin, "not_found",
            &(Request){.method = "GET", .path = "/v1/vendor-keys?tenant_id=nobody"})
            .status,
        404);
    shop_send(&shop, 204, "DELETE", NULL, "/v1/vendor-keys/fal");
    const Reply gone = shop_get(&shop, 200, "/v1/vendor-keys");
    CHECK_INT(value_count(reply_at(&gone, "keys")), 0);

    /* No letter of it stands in what the server wrote. */
    const char *log = desk_text(&own.desk, "stderr.txt");
    CHECK(log && !strstr(log, "0123456789-wxyz") && !strstr(log, "the-houses-token"));
}

TEST_FLOW(a_key_is_not_taken_where_it_could_not_be_sealed)
{
    const Shop shop = shop_open(place, pro);
    const Request request = {
        .method = "PUT", .path = "/v1/vendor-keys/fal", .body = "{\"secret\":\"0123456789\"}"};

    CHECK_INT(shop_refused(&shop, "conflict", &request).status, 409);
}

/* ---- a server that is killed while a vendor draws for it ---- */

static Err *leases_end(DbTx *tx, void *unused)
{
    (void)unused;
    return db_run(tx, "UPDATE jobs SET lease_ms = 1 WHERE state = 'running'", DB_NO_ARGS, NULL);
}

/* As if the minute had passed after which a worker that says nothing is taken for dead. */
static void minute_pass(const Place *place)
{
    AUTO(db_close) Db *db = NULL;

    CHECK_OK(db_open(&(DbSetup){.url = place->database_url}, &db));
    CHECK_OK(db_write(db, leases_end, NULL));
}

static void looks_wait(LineUp *fal, int looks)
{
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;

    while (atomic_load(&fal->seen_looks) < looks) {
        flow_pause();
        CHECK(clock_ticks_ms() < until_ms);
    }
}

TEST_FLOW(what_a_killed_server_had_asked_for_is_taken_up_and_not_paid_twice)
{
    AUTO(line_up_done) LineUp fal;
    AUTO(place_close) Place own = {0};
    AUTO(buf_done) Buf photo = photo_draw(place, 30);

    line_up_init(&fal, "fal");
    fal.looks = 100000;
    const char *const rows[] = {
        "FAL_KEY=id:secret", "IMAGE_GEN_PROVIDER=fal", "PROVIDER_FALLBACK=none",
        arena_print(place->mem, "FAL_BASE_URL=%s", fal.url), NULL};
    place_open_set(place->kind, place->mem, rows, &own);
    const Shop shop = shop_open(&own, pro);
    const Reply job = shop_send(
        &shop, 201, "POST",
        "{\"items\":[{\"filename\":\"a.png\",\"scene_prompt\":\"a marble table\"}]}", "/v1/jobs");
    const char *path = arena_print(place->mem, "/v1/jobs/%s", reply_text(&job, "job_id"));

    shop_upload(&shop, &job, &photo);
    shop_send(&shop, 202, "POST", NULL, "%s/process", path);
    looks_wait(&fal, 1);
    place_kill(&own);
    CHECK_INT(fal.submits, 1);
    minute_pass(&own);
    fal.looks = 0;
    place_start(&own);

    const Reply done = shop_wait(&shop, path);
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    CHECK_INT(fal.submits, 1);
    CHECK_INT(fal.cancels, 0);
    CHECK_INT(fal.files, 1);
}
