/* Promises of a batch of a hundred photos, and of what is refused, at the product photo studio's door. */
#include "base/clock.h"
#include "seller.h"

enum {
    MANY = 100,
    AT_ONCE = 5,
    RICH = 2000,
    ZIP_MS = 120 * 1000
};

/* ---- a hundred at once ---- */

static Reply generation_get(const Shop *shop, const char *path)
{
    return shop_get(shop, 200, "%s", path);
}

/* Ask PATH until so many pictures are there; its progress never falls below *LEAST. */
static Reply completed_wait(const Shop *shop, const char *path, int64_t completed, int64_t *least)
{
    int64_t until_ms = clock_ticks_ms() + 300 * 1000;

    for (;;) {
        const Reply reply = generation_get(shop, path);
        int64_t progress = reply_int(&reply, "progress");

        CHECK(progress >= *least);
        *least = progress;
        if (reply_int(&reply, "completed") >= completed)
            return reply;
        if (clock_ticks_ms() > until_ms)
            test_fail(__FILE__, __LINE__, "the batch takes too long: %.300s", reply.body);
        flow_pause();
    }
}

/* Nothing new is begun; what was at work is finished. */
static void pause_hold(const Shop *shop, const char *path)
{
    const Reply paused = shop_send(shop, 200, "POST", NULL, "%s/pause", path);
    int64_t then = reply_int(&paused, "completed"), last = -1, now = then;

    CHECK_TEXT(reply_text(&paused, "status"), "paused");
    for (int same = 0; same < 6; same = now == last ? same + 1 : 0) {
        const Reply reply = generation_get(shop, path);

        CHECK_TEXT(reply_text(&reply, "status"), "paused");
        last = now;
        now = reply_int(&reply, "completed");
        flow_pause();
    }
    CHECK(now - then <= AT_ONCE);
    CHECK(now < MANY);
}

/* The stream until the end of the batch: how it stands never falls, and is told while work goes on. */
static void stream_hold(const Shop *shop, const char *path)
{
    AUTO(wire_close) Wire wire = wire_open_port(shop->place->port);
    double last = 0;
    int told = 0;

    wire_send(
        &wire,
        json_print(
            shop->place, "GET %s/events HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: %s\r\n\r\n", path,
            shop->key));
    CHECK(*wire_until(&wire, "event: batch.progress"));
    const Reply meanwhile = generation_get(shop, path);
    CHECK_TEXT(reply_text(&meanwhile, "status"), "processing");
    const char *events = wire_until(&wire, "event: batch.completed");
    CHECK(*events);
    for (const char *at = events; (at = strstr(at, "event: batch.progress")); told++) {
        at = strstr(at, "\"progress\":");
        CHECK(at != NULL);
        double progress = strtod(at + strlen("\"progress\":"), NULL);
        CHECK(progress >= last);
        last = progress;
    }
    CHECK(told > 1);
}

/* How many files a ZIP has, as its end says. */
static int zip_count(const Reply *zip)
{
    const char *end = NULL, *at = zip->body;

    while ((at = memmem(at, zip->size - (size_t)(at - zip->body), "PK\5\6", 4))) {
        end = at;
        at += 4;
    }
    CHECK(end != NULL);
    return (unsigned char)end[10] | (unsigned char)end[11] << 8;
}

static void zip_hold(const Shop *shop, const char *project)
{
    int64_t began_ms = clock_ticks_ms();
    const Reply begun = shop_send(
        shop, 200, "POST", "{\"formats\":[\"png\"]}", STUDIO "/projects/%s/export-zip", project);
    const char *path =
        json_print(shop->place, STUDIO "/exports/%s", reply_text(&begun, "exportId"));
    shop_get(shop, 409, "%s/download", path);
    const Reply done = seller_wait(shop, path, "status");

    CHECK_TEXT(reply_text(&done, "status"), "completed");
    CHECK(clock_ticks_ms() - began_ms < ZIP_MS);
    const Reply zip = place_ask(
        shop->place, &(Request){.method = "GET", .path = reply_text(&done, "downloadUrl")});
    CHECK_INT(zip.status, 200);
    CHECK_INT(zip_count(&zip), MANY + 1);
}

TEST_FLOW(a_batch_of_a_hundred_is_followed_paused_and_outlives_its_server)
{
    AUTO(place_close) Place other = {0};
    place_open(place->kind, place->mem, "", &other);
    const Shop shop = seller_open(&other, "premium", RICH);
    int64_t credits = seller_credits(&shop), least = 0;
    const char *project = seller_project(&shop, "All of it");
    const Reply photos = seller_upload(&shop, project, MANY);
    const Reply begun = shop_send(
        &shop, 200, "POST",
        json_print(
            place,
            "{\"itemIds\":%s,\"workflow\":{\"background\":{\"action\":\"solid\"},\"export\":"
            "{\"size\":\"64x64\"}}}",
            seller_ids(&shop, &photos, 0, MANY)),
        STUDIO "/projects/%s/batch-process", project);
    const char *path =
        json_print(place, STUDIO "/generations/%s", reply_text(&begun, "generationId"));

    CHECK_INT(reply_int(&begun, "creditCharged"), 510);
    completed_wait(&shop, path, 5, &least);
    pause_hold(&shop, path);
    shop_send(&shop, 200, "POST", NULL, "%s/resume", path);
    const Reply some = generation_get(&shop, path);
    completed_wait(&shop, path, reply_int(&some, "completed") + 5, &least);

    place_kill(&other);
    place_minute_pass(&other);
    place_start(&other);
    stream_hold(&shop, path);
    const Reply done = completed_wait(&shop, path, MANY, &least);
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    CHECK_INT(reply_int(&done, "progress"), 100);
    CHECK_INT(reply_int(&done, "creditCharged"), 510);
    CHECK_INT(seller_credits(&shop), credits - 200 - 510);
    zip_hold(&shop, project);
    CHECK_INT(seller_credits(&shop), credits - 200 - 510 - 5);

    AUTO(value_free) Value *check = NULL;
    const Ran checked = place_run(&other, "admin ledger check --json");
    CHECK_OK(value_parse(checked.out, strlen(checked.out), &check));
    CHECK(value_bool(value_get(check, "is_well")));
}

/* ---- what is refused ---- */

static void refusal_hold(const Reply *reply, const char *what, int status)
{
    if (reply->status != status || !*reply_text(reply, "message"))
        test_fail(
            __FILE__, __LINE__, "%s gave %d, expected %d: %.300s", what, reply->status, status,
            reply->body);
}

TEST_FLOW(files_that_are_no_good_photos_are_refused_and_cost_nothing)
{
    enum {
        LARGE = 21 << 20
    };
    const Shop shop = seller_open(place, "premium", 0);
    int64_t credits = seller_credits(&shop);
    const char *project = seller_project(&shop, "Nothing good");
    AUTO(buf_done) Buf small = seller_draw(499, 600, 0);
    AUTO(buf_done) Buf wide = seller_draw(8001, 500, 0);
    AUTO(buf_done) Buf good = seller_draw(SELLER_SIDE_PX, SELLER_SIDE_PX, 0);
    char *large = ARENA_ARRAY(place->mem, char, LARGE);
    memcpy(large, good.bytes, good.size);
    const SellerFile files[] = {
        {"test.txt", "text/plain", "this is no photo", 16},
        {"test.png", "image/png", "nor is this", 11},
        {"small.png", "image/png", small.bytes, small.size},
        {"wide.png", "image/png", wide.bytes, wide.size},
        {"large.png", "image/png", large, LARGE},
    };

    for (size_t i = 0; i < COUNT(files); i++) {
        const Reply refused = seller_send(&shop, 400, project, &files[i], 1);

        refusal_hold(&refused, files[i].name, 400);
    }
    SellerFile *many = ARENA_ARRAY(place->mem, SellerFile, MANY + 1);
    for (int i = 0; i <= MANY; i++)
        many[i] = (SellerFile){"good.png", "image/png", good.bytes, good.size};
    const Reply refused = seller_send(&shop, 400, project, many, MANY + 1);
    refusal_hold(&refused, "101 photos", 400);
    CHECK_INT(seller_credits(&shop), credits);
    const Reply empty = shop_get(&shop, 200, STUDIO "/projects/%s", project);
    CHECK_INT(reply_int(&empty, "totalPhotos"), 0);

    /* One that is good among them is taken, and alone is paid for. */
    many[0] = files[1];
    const Reply some = seller_send(&shop, 200, project, many, 2);
    CHECK_INT(reply_int(&some, "uploaded"), 1);
    CHECK_INT(reply_int(&some, "creditCharged"), 2);
    CHECK(*reply_text(&some, "results>0>message"));
    CHECK_INT(seller_credits(&shop), credits - 2);
}

TEST_FLOW(work_that_cannot_be_had_is_refused_with_a_reason_and_costs_nothing)
{
    static const struct {
        const char *what, *tier, *verb, *json;
        int status;
        const char *field;
    } rows[] = {
        {"an unknown template", "premium", "apply-template", "{\"templateId\":\"none-such\"}", 404,
         NULL},
        {"an unknown template's set", "premium", "process",
         "{\"workflow\":{\"background\":{\"action\":\"template\",\"templateId\":\"none\"}}}", 404,
         NULL},
        {"a premium template on the free plan", "free", "apply-template",
         "{\"templateId\":\"cafe-table\"}", 403, NULL},
        {"a premium template's set on the standard plan", "standard", "process",
         "{\"workflow\":{\"background\":{\"action\":\"template\",\"templateId\":\"cafe-table\"}}}",
         403, NULL},
        {"a set from words on the standard plan", "standard", "process",
         "{\"workflow\":{\"background\":{\"action\":\"ai\",\"prompt\":\"a beach\"}}}", 403, NULL},
        {"light on the free plan", "free", "process", "{\"workflow\":{\"lighting\":{}}}", 403,
         NULL},
        {"a batch on the free plan", "free", "batch", "{\"templateId\":\"shopee-white\"}", 403,
         NULL},
        {"no workflow", "premium", "process", "{}", 400, "/workflow"},
        {"two things at once", "premium", "process",
         "{\"templateId\":\"shopee-white\",\"workflow\":{\"lighting\":{}}}", 400, "/templateId"},
        {"a field that there is not", "premium", "process",
         "{\"workflow\":{\"background\":{\"action\":\"solid\",\"colr\":\"red\"}}}", 400,
         "/workflow/background/colr"},
        {"a colour that is none", "premium", "process",
         "{\"workflow\":{\"background\":{\"action\":\"solid\",\"color\":\"reddish\"}}}", 400,
         "/workflow/background/color"},
        {"a variation of nobody's", "premium", "process",
         "{\"variationId\":\"run_none\",\"workflow\":{\"lighting\":{}}}", 404, "/variationId"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const Shop shop = seller_open(place, rows[i].tier, 100);
        const char *project = seller_project(&shop, "Refused");
        const Reply photos = seller_upload(&shop, project, 2);
        int64_t credits = seller_credits(&shop);
        bool is_batch = strcmp(rows[i].verb, "batch") == 0;
        const char *path = is_batch
                               ? json_print(place, STUDIO "/projects/%s/batch-process", project)
                               : json_print(
                                     place, STUDIO "/items/%s/%s",
                                     reply_text(&photos, "items>0>id"), rows[i].verb);
        const Reply refused = place_ask(
            place,
            &(Request){.method = "POST", .path = path, .key = shop.key, .body = rows[i].json});

        refusal_hold(&refused, rows[i].what, rows[i].status);
        if (rows[i].field)
            CHECK_TEXT(reply_text(&refused, "details>0>field"), rows[i].field);
        CHECK_INT(seller_credits(&shop), credits);
        const Reply usual = shop_get(&shop, 200, STUDIO "/generations");
        CHECK_INT(value_count(reply_at(&usual, "generations")), 0);
    }
}

TEST_FLOW(without_credits_the_answer_is_403_and_says_how_many_are_missing)
{
    const Shop shop = seller_open(place, "standard", 5);
    const char *project = seller_project(&shop, "Poor");
    const Reply photos = seller_upload(&shop, project, 1);
    const char *item = reply_text(&photos, "items>0>id");
    static const char remove[] = "{\"workflow\":{\"background\":{\"action\":\"remove\"}}}";

    const Reply refused = place_ask(
        place, &(Request){
                   .method = "POST",
                   .path = json_print(place, STUDIO "/items/%s/process", item),
                   .key = shop.key,
                   .body = remove});
    refusal_hold(&refused, "no credits", 403);
    CHECK_TEXT(reply_text(&refused, "error"), "credits_spent");
    CHECK(strstr(reply_text(&refused, "message"), "2 are missing"));
    CHECK_INT(seller_credits(&shop), 3);

    /* A preview is free, also then. */
    seller_process(&shop, item, "preview", remove, 0);
}

/* ---- the same request twice ---- */

TEST_FLOW(the_same_key_begins_work_once)
{
    const Shop shop = seller_open(place, "premium", 0);
    const char *project = seller_project(&shop, "Twice");
    const Reply photos = seller_upload(&shop, project, 1);
    int64_t credits = seller_credits(&shop);
    const char *ids[2];

    for (int i = 0; i < 2; i++) {
        const Reply begun = place_ask(
            place, &(Request){
                       .method = "POST",
                       .path = json_print(
                           place, STUDIO "/items/%s/process", reply_text(&photos, "items>0>id")),
                       .key = shop.key,
                       .headers = "Idempotency-Key: order-1\r\n",
                       .body = "{\"workflow\":{\"background\":{\"action\":\"remove\"}}}"});

        CHECK_INT(begun.status, 200);
        ids[i] = reply_text(&begun, "generationId");
    }
    CHECK_TEXT(ids[0], ids[1]);
    seller_wait(&shop, json_print(place, STUDIO "/generations/%s", ids[0]), "status");
    CHECK_INT(seller_credits(&shop), credits - 5);
}

/* ---- every way in ---- */

/* POST JSON at PATH with KEY of a request (NULL for none): its status, and that an error has words. */
static int asked(const Shop *shop, const char *path, const char *json, const char *key)
{
    const Place *place = shop->place;
    const Reply reply = place_ask(
        place, &(Request){
                   .method = "POST",
                   .path = path,
                   .key = shop->key,
                   .headers = key ? json_print(place, "Idempotency-Key: %s\r\n", key) : NULL,
                   .body = json});

    if (reply.status >= 400)
        CHECK(*reply_text(&reply, "message"));
    flow_pause();
    return reply.status;
}

typedef struct WayIn {
    const char *path, *json, *other; /* another wish for the same thing */
} WayIn;

enum {
    WAYS = 8
};

/* All ways of beginning paid work on ITEM of PROJECT. */
static void ways_in(const Place *place, const char *project, const char *item, WayIn ways[WAYS])
{
    static const char template[] = "{\"templateId\":\"marketplace-white\"}";
    static const char anew[] = "{\"templateId\":\"marketplace-white\",\"seed\":1}";
    static const char remove[] =
        "{\"workflow\":{\"background\":{\"action\":\"remove\"},\"export\":{\"size\":\"64x64\"}}}";
    const char *source =
        json_print(place, "{\"sourceApp\":\"product-photo-studio\",\"sourceItemId\":\"%s\"}", item);
    const char *source_other =
        json_print(place, "{\"sourceApp\":\"another\",\"sourceItemId\":\"%s\"}", item);
    const WayIn all[WAYS] = {
        {json_print(place, STUDIO "/items/%s/process", item), remove, template},
        {json_print(place, STUDIO "/items/%s/apply-template", item), template, anew},
        {json_print(place, STUDIO "/projects/%s/batch-process", project), remove, template},
        {json_print(place, STUDIO "/projects/%s/apply-template", project), template, anew},
        {"/api/apps/image-upscaler/upscale", source, source_other},
        {"/api/apps/background-remover/process", source, source_other},
        {json_print(place, STUDIO "/items/%s/upscale", item), "{\"upscaleFactor\":2}", "{}"},
        {json_print(place, STUDIO "/items/%s/use-background-remover", item), "{}",
         "{\"variationId\":\"run_none\"}"},
    };

    memcpy(ways, all, sizeof(all));
}

TEST_FLOW(another_wish_under_the_same_key_is_a_conflict)
{
    const Shop shop = seller_open(place, "premium", RICH);
    const char *project = seller_project(&shop, "Keys");
    const Reply photos = seller_upload(&shop, project, 1);
    const char *item = reply_text(&photos, "items>0>id");
    const char *preview = json_print(place, STUDIO "/items/%s/preview", item);
    WayIn ways[WAYS];

    seller_process(
        &shop, item, "process",
        "{\"workflow\":{\"background\":{\"action\":\"remove\"},\"export\":{\"size\":\"64x64\"}}}",
        5);
    ways_in(place, project, item, ways);
    ways[WAYS - 1].other = "{\"variationId\":null}";
    for (size_t i = 0; i < WAYS; i++) {
        const char *key = json_print(place, "key-%zu", i);

        if (asked(&shop, ways[i].path, ways[i].json, key) != 200 ||
            asked(&shop, ways[i].path, ways[i].other, key) != 409)
            test_fail(__FILE__, __LINE__, "%s with one key", ways[i].path);
    }
    CHECK_INT(asked(&shop, preview, ways[0].json, "key-p"), 200);
    CHECK_INT(asked(&shop, preview, ways[0].other, "key-p"), 409);

    /* Nobody's photo, nobody's project, nobody's template. */
    CHECK_INT(asked(&shop, STUDIO "/items/photo_none/preview", ways[0].json, NULL), 404);
    CHECK_INT(asked(&shop, STUDIO "/projects/none/batch-process", ways[0].json, NULL), 404);
    CHECK_INT(asked(&shop, STUDIO "/projects/none/apply-template", ways[1].json, NULL), 404);
    CHECK_INT(asked(&shop, STUDIO "/quote", "{\"templateId\":\"none\"}", NULL), 404);
    const Reply health = shop_get(&shop, 200, STUDIO "/health");
    CHECK_TEXT(reply_text(&health, "app"), "product-photo-studio");
}

static int64_t available(const Shop *shop)
{
    const Reply reply = shop_get(shop, 200, "/api/credits");

    return reply_int(&reply, "available");
}

/* All credits but a few are set aside by batches that are paused; their ids in PATHS. */
static int credits_tie(const Shop *shop, const char *project, const char *item, const char **paths)
{
    const Place *place = shop->place;
    int count = 0;

    for (int64_t free; count < 8 && (free = available(shop)) >= 20; count++) {
        const char *ids = json_print(place, "\"%s\"", item);
        int64_t photos = (free - 10) / 5 < MANY ? (free - 10) / 5 : MANY;

        for (int64_t i = 1; i < photos; i++)
            ids = json_print(place, "%s,\"%s\"", ids, item);
        const Reply begun = shop_send(
            shop, 200, "POST",
            json_print(
                place,
                "{\"itemIds\":[%s],\"workflow\":{\"background\":{\"action\":\"remove\"},"
                "\"export\":{\"size\":\"64x64\"}}}",
                ids),
            STUDIO "/projects/%s/batch-process", project);
        paths[count] =
            json_print(place, STUDIO "/generations/%s", reply_text(&begun, "generationId"));
        shop_send(shop, 200, "POST", NULL, "%s/pause", paths[count]);
    }
    return count;
}

TEST_FLOW(nothing_is_begun_without_credits)
{
    const Shop shop = seller_open(place, "premium", 0);
    const char *project = seller_project(&shop, "Spent");
    const Reply photos = seller_upload(&shop, project, 2);
    const char *item = reply_text(&photos, "items>0>id");
    const char *other = reply_text(&photos, "items>1>id");
    const char *paths[8];
    WayIn ways[WAYS];

    ways_in(place, project, item, ways);
    seller_process(&shop, item, "process", ways[0].json, 5);
    seller_process(&shop, other, "process", ways[0].json, 5);
    int count = credits_tie(&shop, project, item, paths);
    while (available(&shop) >= 5)
        CHECK_INT(asked(&shop, ways[0].path, ways[0].json, NULL), 200);
    int64_t left = available(&shop);
    for (size_t i = 0; i < WAYS; i++)
        if (asked(&shop, ways[i].path, ways[i].json, NULL) != 403)
            test_fail(__FILE__, __LINE__, "%s was begun for nothing", ways[i].path);
    const char *slides = json_print(place, "[\"%s\",\"%s\"]", item, other);
    CHECK_INT(
        asked(
            &shop, json_print(place, STUDIO "/projects/%s/create-carousel", project),
            json_print(place, "{\"itemIds\":%s,\"name\":\"A\"}", slides), NULL),
        403);
    CHECK_INT(
        asked(
            &shop, "/api/apps/carousel-mix/projects",
            json_print(
                place,
                "{\"sourceApp\":\"product-photo-studio\",\"sourceProjectId\":\"%s\",\"name\":\"A\","
                "\"slides\":[{\"sourceItemId\":\"%s\"},{\"sourceItemId\":\"%s\"}]}",
                project, item, other),
            NULL),
        403);
    CHECK_INT(available(&shop), left);
    for (int i = 0; i < count; i++)
        shop_send(&shop, 200, "POST", NULL, "%s/cancel", paths[i]);
    CHECK(available(&shop) > 1000);
}

/* What cannot fit into a kilobyte fails for good. */
TEST_FLOW(what_failed_costs_nothing_and_is_tried_again)
{
    const Shop shop = seller_open(place, "premium", 0);
    int64_t credits = seller_credits(&shop);
    const char *project = seller_project(&shop, "Failing");
    const Reply photos = seller_upload(&shop, project, 1);
    const char *item = reply_text(&photos, "items>0>id");
    const Reply begun = shop_send(
        &shop, 200, "POST",
        "{\"workflow\":{\"recipe\":{\"steps\":[{\"step\":\"cutout\"},{\"step\":\"encode\","
        "\"format\":"
        "\"png\",\"max_kb\":1}]}}}",
        STUDIO "/items/%s/process", item);
    const char *path =
        json_print(place, STUDIO "/generations/%s", reply_text(&begun, "generationId"));
    Reply done = seller_wait(&shop, path, "status");

    CHECK_TEXT(reply_text(&done, "status"), "failed");
    CHECK(*reply_text(&done, "items>0>errorMessage"));
    CHECK_INT(seller_credits(&shop), credits - 2);
    shop_send(&shop, 200, "POST", "{}", "%s/retry", path);
    done = seller_wait(&shop, path, "status");
    CHECK_TEXT(reply_text(&done, "status"), "failed");
    CHECK_INT(seller_credits(&shop), credits - 2);
    CHECK_INT(
        asked(
            &shop, json_print(place, STUDIO "/items/%s/process", item),
            json_print(
                place, "{\"variationId\":\"%s\",\"workflow\":{\"lighting\":{}}}",
                reply_text(&done, "items>0>variationId")),
            NULL),
        409);
}
