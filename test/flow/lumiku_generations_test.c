/* Promises of generations over HTTP, on each database: followed, paused, stopped, tried again, and looked after by operators. */
#include "base/clock.h"
#include "image/image.h"
#include "ledger/ledger.h"
#include "seller.h"

#define APP "/api/apps/product-photo-studio"

static const char premium[] =
    "{\"name\":\"Toko\",\"email\":\"budi@example.com\",\"tier\":\"premium\",\"credits\":200}";

enum {
    SIDE = 520,
    PHOTOS = 3
};

typedef struct Studio {
    Shop shop, admin;
    Db *db;
    const char *project, *ids[PHOTOS];
} Studio;

static void disc_draw(int number, Buf *png)
{
    AUTO(image_free) Image *image = NULL;

    CHECK_OK(image_new(SIDE, SIDE, 4, DEPTH_8, &image));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            int across = x - SIDE / 2, down = y - SIDE / 2;
            uint8_t *pixel = (uint8_t *)image_row_mut(image, y) + 4 * x;

            pixel[0] = (uint8_t)(40 + 50 * number);
            pixel[1] = (uint8_t)(x / 4);
            pixel[2] = (uint8_t)(y / 4);
            pixel[3] = across * across + down * down < 150 * 150 ? 255 : 0;
        }
    CHECK_OK(image_encode(image, &(ImageEncoding){.format = IMAGE_PNG, .effort = 1}, png));
}

/* A project with photos that nobody has to cut out. */
static Studio studio_open(const Place *place)
{
    Studio studio = {.shop = shop_open(place, premium), .admin = shop_admin(place)};
    Buf discs[PHOTOS];
    SellerFile files[PHOTOS];

    studio.project = seller_project(&studio.shop, "Mugs");
    for (int i = 0; i < PHOTOS; i++) {
        discs[i] = (Buf)BUF(1 << 22);
        disc_draw(i, &discs[i]);
        files[i] = (SellerFile){
            json_print(place, "p%d.png", i), "image/png", discs[i].bytes, discs[i].size};
    }
    seller_send(&studio.shop, 200, studio.project, files, PHOTOS);
    for (int i = 0; i < PHOTOS; i++)
        buf_done(&discs[i]);
    const Reply items = shop_get(&studio.shop, 200, APP "/projects/%s/items", studio.project);
    for (int i = 0; i < PHOTOS; i++)
        studio.ids[i] = reply_text(&items, json_print(place, "items>%d>id", i));
    CHECK_OK(db_open(&(DbSetup){.url = place->database_url}, &studio.db));
    return studio;
}

static const char *generation_begin(const Studio *studio)
{
    const Reply begun = shop_send(
        &studio->shop, 200, "POST",
        json_print(
            studio->shop.place,
            "{\"itemIds\":[\"%s\",\"%s\",\"%s\"],\"workflow\":{\"background\":{\"action\":"
            "\"solid\","
            "\"color\":\"#e8e0d4\"}}}",
            studio->ids[0], studio->ids[1], studio->ids[2]),
        APP "/projects/%s/batch-process", studio->project);

    return reply_text(&begun, "generationId");
}

static Reply generation_end(const Studio *studio, const char *id)
{
    int64_t until_ms = clock_ticks_ms() + 120000;
    Reply reply = shop_get(&studio->shop, 200, APP "/generations/%s", id);
    int64_t least = 0;

    while (reply_int(&reply, "remaining") && clock_ticks_ms() < until_ms) {
        CHECK(reply_int(&reply, "progress") >= least);
        least = reply_int(&reply, "progress");
        flow_pause();
        reply = shop_get(&studio->shop, 200, APP "/generations/%s", id);
    }
    return reply;
}

static Reply
move(const Studio *studio, int status, const char *json, const char *id, const char *what)
{
    return shop_send(&studio->shop, status, "POST", json, APP "/generations/%s/%s", id, what);
}

static void queue_do(const Studio *studio, int status, const char *queue, const char *what)
{
    shop_send(&studio->admin, status, "POST", NULL, "/admin/queues/%s/%s", queue, what);
}

typedef struct Spoiling {
    const char *photo_id, *sql;
} Spoiling;

static Err *spoil_work(DbTx *tx, void *spoiling_any)
{
    const Spoiling *spoiling = spoiling_any;

    return db_run(tx, spoiling->sql, DB_ARGS(DB_TEXT(spoiling->photo_id)), NULL);
}

static void photo_spoil(const Studio *studio, int number, bool is_good)
{
    Spoiling spoiling = {
        studio->ids[number], is_good ? "UPDATE photos SET sha256 = substr(sha256, 2) WHERE id = ?1"
                                     : "UPDATE photos SET sha256 = 'x' || sha256 WHERE id = ?1"};

    CHECK_OK(db_write(studio->db, spoil_work, &spoiling));
}

typedef struct Purse1 {
    const char *tenant_id;
    Id hold;
} Purse1;

/* All that is left is needed elsewhere, until it is not. */
static Err *purse_hold(DbTx *tx, void *purse_any)
{
    Purse1 *held = purse_any;
    Purse purse;

    TRY(ledger_purse(tx, held->tenant_id, &purse));
    return ledger_hold(
        tx,
        &(LedgerMove){
            .tenant_id = held->tenant_id,
            .key = "elsewhere",
            .reason = "Elsewhere",
            .credits = purse.available},
        &held->hold);
}

static Err *purse_release(DbTx *tx, void *purse_any)
{
    const Purse1 *held = purse_any;

    return ledger_release(tx, held->tenant_id, held->hold.text);
}

TEST_FLOW(a_generation_is_paused_goes_on_and_what_failed_is_tried_again)
{
    Studio studio = studio_open(place);
    const Shop *shop = &studio.shop;
    Purse1 held = {.tenant_id = shop->tenant_id};

    queue_do(&studio, 200, "batch_process", "pause");
    const char *id = generation_begin(&studio);
    const Reply begun = shop_get(shop, 200, APP "/generations/%s", id);
    CHECK_TEXT(reply_text(&begun, "status"), "pending");
    CHECK_INT(reply_int(&begun, "total"), 3);
    CHECK_INT(reply_int(&begun, "credits"), 25);
    CHECK_TEXT(reply_text(&begun, "workflow>background>action"), "solid");
    CHECK_TEXT(reply_text(&begun, "itemIds>2"), studio.ids[2]);
    const Reply paused = move(&studio, 200, NULL, id, "pause");
    CHECK_TEXT(reply_text(&paused, "status"), "paused");
    const Reply listed =
        shop_get(shop, 200, APP "/generations?projectId=%s&limit=1", studio.project);
    CHECK_TEXT(reply_text(&listed, "generations>0>id"), id);
    photo_spoil(&studio, 0, false);
    queue_do(&studio, 200, "batch_process", "resume");
    const Reply resumed = move(&studio, 200, NULL, id, "resume");
    CHECK_TEXT(reply_text(&resumed, "status"), "pending");

    const Reply half = generation_end(&studio, id);
    CHECK_TEXT(reply_text(&half, "status"), "completed");
    CHECK_INT(reply_int(&half, "failed"), 1);
    CHECK_INT(reply_int(&half, "creditCharged"), 20);
    CHECK_INT(reply_int(&half, "progress"), 100);
    CHECK_TEXT(reply_text(&half, "items>0>status"), "failed");
    CHECK_TEXT(reply_text(&half, "items>0>reason"), "conflict");
    move(&studio, 409, NULL, id, "pause");
    move(&studio, 409, NULL, id, "resume");

    CHECK_OK(db_write(studio.db, purse_hold, &held));
    const Reply broke = move(&studio, 403, "{}", id, "retry");
    CHECK_TEXT(reply_text(&broke, "error"), "credits_spent");
    Reply queue = {0};
    for (int i = 0; i < 100 && !value_count(reply_at(&queue, "dead")); i++) {
        queue = shop_get(&studio.admin, 200, "/admin/queues/batch_process?reason=conflict");
        flow_pause();
    }
    const char *dead = NULL;
    for (size_t i = 0; i < value_count(reply_at(&queue, "dead")); i++)
        if (strcmp(
                reply_text(&queue, json_print(place, "dead>%zu>subject", i)),
                reply_text(&half, "items>0>variationId")) == 0)
            dead = reply_text(&queue, json_print(place, "dead>%zu>id", i));
    CHECK(dead);
    shop_send(&studio.admin, 402, "POST", NULL, "/admin/jobs/%s/retry", dead);
    CHECK_OK(db_write(studio.db, purse_release, &held));

    photo_spoil(&studio, 0, true);
    move(&studio, 400, "{\"itemIds\":[\"photo_none\"]}", id, "retry");
    shop_send(&studio.admin, 200, "POST", NULL, "/admin/jobs/%s/retry", dead);
    const Reply whole = generation_end(&studio, id);
    CHECK_INT(reply_int(&whole, "completed"), 3);
    CHECK_INT(reply_int(&whole, "progress"), 100);
    CHECK_INT(reply_int(&whole, "creditCharged"), 25);
    move(&studio, 409, "{}", id, "retry");

    const char *events =
        shop_events(shop, json_print(place, APP "/generations/%s/events", id), NULL);
    CHECK(strstr(events, "event: batch.paused") && strstr(events, "event: batch.retried"));
    CHECK(strstr(events, "event: batch.progress") && strstr(events, "event: batch.completed"));
    const Reply purse = shop_get(shop, 200, "/api/credits");
    CHECK_INT(reply_int(&purse, "held"), 0);
    db_close(studio.db);
}

TEST_FLOW(a_generation_is_cancelled_and_is_nobody_elses)
{
    Studio studio = studio_open(place);
    const Shop *shop = &studio.shop;
    const Shop other = shop_open(place, "{\"name\":\"Other\"}");
    const Reply before = shop_get(shop, 200, "/api/credits");

    queue_do(&studio, 200, "batch_process", "pause");
    const char *id = generation_begin(&studio);
    const char *path = json_print(place, APP "/generations/%s", id);
    static const char *const moves[] = {"pause", "resume", "cancel", "retry"};
    for (size_t i = 0; i < COUNT(moves); i++)
        shop_send(&other, 404, "POST", i == 3 ? "{}" : NULL, "%s/%s", path, moves[i]);
    shop_get(&other, 404, "%s", path);
    shop_get(&other, 404, "%s/events", path);
    shop_get(&other, 404, APP "/generations?projectId=%s", studio.project);

    const Reply statement = shop_get(shop, 200, "/api/credits/history?limit=4");
    for (int i = 0; i < 4; i++) { /* the generation, and each of its pictures */
        const char *at = json_print(place, "entries>%d>", i);
        CHECK_TEXT(reply_text(&statement, json_print(place, "%stype", at)), "reserved");
        CHECK_TEXT(reply_text(&statement, json_print(place, "%sgenerationId", at)), id);
    }

    const Reply cancelled = move(&studio, 200, NULL, id, "cancel");
    CHECK_TEXT(reply_text(&cancelled, "status"), "cancelled");
    CHECK_INT(reply_int(&cancelled, "cancelled"), 3);
    move(&studio, 200, NULL, id, "cancel");
    queue_do(&studio, 200, "batch_process", "resume");
    const Reply after = shop_get(shop, 200, "/api/credits");
    CHECK_INT(reply_int(&after, "available"), reply_int(&before, "available"));
    db_close(studio.db);
}

TEST_FLOW(a_generation_is_followed_over_a_websocket)
{
    Studio studio = studio_open(place);
    const char *id = generation_begin(&studio);
    AUTO(wire_close) Wire wire = wire_open_port(place->port);

    wire_send(
        &wire, json_print(
                   place,
                   "GET " APP "/generations/%s/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                   "%s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
                   "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                   id, studio.shop.key));
    CHECK(strstr(wire_until(&wire, "\r\n\r\n"), " 101 "));
    generation_end(&studio, id);
    db_close(studio.db);
}

TEST_FLOW(operators_look_after_queues)
{
    Studio studio = studio_open(place);
    const Shop *admin = &studio.admin;
    const Reply job =
        shop_send(&studio.shop, 201, "POST", "{\"items\":[{\"filename\":\"a.png\"}]}", "/v1/jobs");
    Spoiling dead = {
        reply_text(&job, "items>0>item_id"),
        "INSERT INTO jobs (id, queue, tenant_id, subject, priority, state, turn, start_ms, "
        "queued_ms, died_ms, reason, failure) VALUES ('job_of_' || ?1, 'jobs', 't', ?1, 0, 'dead', "
        "0, 0, 0, 1, 'timed_out: away', 'timed_out')"};

    CHECK_OK(db_write(studio.db, spoil_work, &dead));
    const Reply queues = shop_get(admin, 200, "/admin/queues");
    CHECK(value_count(reply_at(&queues, "queues")) > 0);
    const Reply queue = shop_get(admin, 200, "/admin/queues/jobs");
    CHECK(value_count(reply_at(&queue, "reasons")) > 0);
    const Reply none =
        shop_send(admin, 200, "POST", "{\"reason\":\"no_such\"}", "/admin/queues/jobs/retry");
    CHECK_INT(reply_int(&none, "retried"), 0);
    const Reply stale =
        shop_send(admin, 200, "POST", NULL, "/admin/jobs/job_of_%s/retry", dead.photo_id);
    CHECK(!value_bool(reply_at(&stale, "is_begun"))); /* it never failed: there is nothing to do */
    CHECK_OK(db_write(studio.db, spoil_work, &dead));
    shop_send(admin, 200, "DELETE", NULL, "/admin/jobs/job_of_%s", dead.photo_id);
    shop_send(admin, 404, "DELETE", NULL, "/admin/jobs/job_of_%s", dead.photo_id);
    shop_send(admin, 404, "POST", NULL, "/admin/jobs/job_of_%s/retry", dead.photo_id);
    shop_get(admin, 404, "/admin/queues/nothing");
    queue_do(&studio, 404, "nothing", "pause");
    queue_do(&studio, 404, "nothing", "resume");
    shop_send(admin, 404, "POST", "{}", "/admin/queues/nothing/retry");
    shop_get(&studio.shop, 403, "/admin/queues");
    db_close(studio.db);
}
