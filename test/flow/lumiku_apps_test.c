/* Promises of the sibling apps over HTTP, on each database: upscaler, background remover, carousels, and taking pictures to them by hand. */
#include "base/clock.h"
#include "image/image.h"
#include "seller.h"

#define APP "/api/apps/product-photo-studio"
#define UPSCALER "/api/apps/image-upscaler"
#define REMOVER "/api/apps/background-remover"
#define CAROUSEL "/api/apps/carousel-mix"

static const char premium[] = "{\"name\":\"Toko\",\"email\":\"budi@example.com\",\"plan\":\"pro\","
                              "\"tier\":\"premium\",\"credits\":500}";
static const char standard[] = "{\"name\":\"Warung\",\"email\":\"ani@example.com\",\"plan\":"
                               "\"pro\",\"tier\":\"standard\",\"credits\":100}";
static const char poor[] = "{\"name\":\"Kios\",\"email\":\"eka@example.com\",\"plan\":\"pro\","
                           "\"tier\":\"premium\",\"credits\":4}";

enum {
    SIDE = 520
};

/* A disc on transparency, of another colour for each NUMBER: nobody has to cut it out. */
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

/* A project with COUNT photos; their names in IDS. */
static const char *project_fill(const Shop *shop, int count, const char **ids)
{
    const char *project = seller_project(shop, "Post");
    SellerFile *files = ARENA_ARRAY(shop->place->mem, SellerFile, (size_t)count);
    Buf *discs = ARENA_ARRAY(shop->place->mem, Buf, (size_t)count);

    for (int i = 0; i < count; i++) {
        discs[i] = (Buf)BUF(1 << 22);
        disc_draw(i, &discs[i]);
        files[i] = (SellerFile){
            json_print(shop->place, "p%d.png", i), "image/png", discs[i].bytes, discs[i].size};
    }
    seller_send(shop, 200, project, files, (size_t)count);
    for (int i = 0; i < count; i++)
        buf_done(&discs[i]);
    const Reply items = shop_get(shop, 200, APP "/projects/%s/items", project);
    for (int i = 0; i < count; i++)
        ids[i] = reply_text(&items, json_print(shop->place, "items>%d>id", i));
    return project;
}

static Err *photos_precede_work(DbTx *tx, void *shop_and_project)
{
    const char *const *names = shop_and_project;

    return db_run(
        tx,
        "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 199) INSERT "
        "INTO photos (id, tenant_id, project_id, filename, key, state, bytes, width_px, "
        "height_px, created_ms, uploaded_ms) SELECT 'photo_0' || i || ?2, ?1, ?2, 'a.png', "
        "'raw/none/' || i || ?2, 'gone', 1, 500, 500, 1, 1 FROM n",
        DB_ARGS(DB_TEXT(names[0]), DB_TEXT(names[1])), NULL);
}

/* As if a hundred photos had come before those that are there. */
static void photos_precede(const Shop *shop, const char *project)
{
    Db *db = NULL;

    CHECK_OK(db_open(&(DbSetup){.url = shop->place->database_url}, &db));
    CHECK_OK(db_write(db, photos_precede_work, (const char *[]){shop->tenant_id, project}));
    db_close(db);
}

static Reply ask(const Shop *shop, const char *method, const char *json, const char *path)
{
    return place_ask(
        shop->place, &(Request){
                         .method = method,
                         .path = path,
                         .key = shop->key,
                         .body = json,
                         .size = json ? strlen(json) : 0,
                     });
}

static void
refused(const Shop *shop, int status, const char *method, const char *json, const char *path)
{
    const Reply reply = ask(shop, method, json, path);

    if (reply.status != status)
        test_fail(
            __FILE__, __LINE__, "%s %s gave %d, expected %d: %s", method, path, reply.status,
            status, reply.body);
}

/* PATH, until what it tells of has ended. */
static Reply ended(const Shop *shop, const char *path)
{
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;
    Reply reply = shop_get(shop, 200, "%s", path);

    while ((strcmp(reply_text(&reply, "status"), "pending") == 0 ||
            strcmp(reply_text(&reply, "status"), "processing") == 0) &&
           clock_ticks_ms() < until_ms) {
        flow_pause();
        reply = shop_get(shop, 200, "%s", path);
    }
    return reply;
}

static int64_t credits(const Shop *shop)
{
    const Reply purse = shop_get(shop, 200, "/api/credits");

    return reply_int(&purse, "available");
}

/* The picture that stands for item ID: it on plain ground. */
static void picture_make(const Shop *shop, const char *id)
{
    const Reply begun = shop_send(
        shop, 200, "POST",
        "{\"workflow\":{\"background\":{\"action\":\"solid\",\"color\":\"#e8e0d4\"}}}",
        APP "/items/%s/process", id);

    const Reply done =
        ended(shop, json_print(shop->place, APP "/generations/%s", reply_text(&begun, "jobId")));
    CHECK_TEXT(reply_text(&done, "status"), "completed");
}

TEST_FLOW(a_picture_is_enlarged_and_comes_back_as_a_variation)
{
    const Shop shop = shop_open(place, premium);
    const char *ids[1];

    project_fill(&shop, 1, ids);
    int64_t before = credits(&shop);
    const Reply begun =
        shop_send(&shop, 200, "POST", "{\"upscaleFactor\":2}", APP "/items/%s/upscale", ids[0]);
    const char *job = reply_text(&begun, "jobId");

    CHECK_INT(reply_int(&begun, "creditCharged"), 20);
    CHECK_TEXT(
        reply_text(&begun, "redirectUrl"), json_print(place, "/apps/image-upscaler/jobs/%s", job));
    const Reply done = ended(&shop, json_print(place, UPSCALER "/jobs/%s", job));
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    CHECK_INT(reply_int(&done, "width"), 2 * SIDE);
    CHECK_INT(credits(&shop), before - 20);
    const Reply variations = shop_get(&shop, 200, APP "/items/%s/variations", ids[0]);
    CHECK(strstr(variations.body, "Upscaled 2x"));
    refused(&shop, 404, "GET", NULL, json_print(place, REMOVER "/jobs/%s", job));
    refused(&shop, 404, "GET", NULL, UPSCALER "/jobs/batch_nothing");

    const Shop other = shop_open(place, premium);
    refused(&other, 404, "GET", NULL, json_print(place, UPSCALER "/jobs/%s", job));
    refused(&other, 404, "POST", "{}", json_print(place, APP "/items/%s/upscale", ids[0]));
    refused(
        &shop, 400, "POST", "{\"upscaleFactor\":3}",
        json_print(place, APP "/items/%s/upscale", ids[0]));

    /* The contract, with the path that the studio gave. */
    const Reply contract = shop_send(
        &shop, 200, "POST",
        json_print(
            place,
            "{\"sourceApp\":\"product-photo-studio\",\"sourceItemId\":\"%s\",\"imagePath\":\"%s\","
            "\"upscaleFactor\":2,\"returnTo\":\"product-photo-studio\",\"metadata\":{\"a\":1}}",
            ids[0], reply_text(&done, "outputPath")),
        UPSCALER "/upscale");
    const Reply again =
        ended(&shop, json_print(place, UPSCALER "/jobs/%s", reply_text(&contract, "jobId")));
    CHECK_INT(reply_int(&again, "width"), 4 * SIDE);
    CHECK_TEXT(reply_text(&again, "returnTo"), "product-photo-studio");
    refused(
        &shop, 400, "POST",
        json_print(
            place,
            "{\"sourceApp\":\"a\",\"sourceItemId\":\"%s\",\"imagePath\":\"outputs/nobody/x.png\"}",
            ids[0]),
        UPSCALER "/upscale");
    refused(
        &shop, 404, "POST", "{\"sourceApp\":\"a\",\"sourceItemId\":\"photo_nothing\"}",
        UPSCALER "/upscale");
}

TEST_FLOW(a_background_is_removed_by_the_sibling_app)
{
    const Shop shop = shop_open(place, premium);
    const char *ids[1];

    project_fill(&shop, 1, ids);
    int64_t before = credits(&shop);
    const Reply begun =
        shop_send(&shop, 200, "POST", "{}", APP "/items/%s/use-background-remover", ids[0]);
    CHECK_INT(reply_int(&begun, "creditCharged"), 5);
    const Reply done =
        ended(&shop, json_print(place, REMOVER "/jobs/%s", reply_text(&begun, "jobId")));
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    CHECK_INT(credits(&shop), before - 5);
    const Reply item = shop_get(&shop, 200, APP "/items/%s", ids[0]);
    CHECK(strstr(reply_text(&item, "bgRemovedFilePath"), reply_text(&done, "outputPath")));
    shop_send(
        &shop, 200, "POST",
        json_print(place, "{\"sourceApp\":\"a\",\"sourceItemId\":\"%s\"}", ids[0]),
        REMOVER "/process");
    refused(
        &shop, 404, "POST", "{\"sourceApp\":\"a\",\"sourceItemId\":\"photo_nothing\"}",
        REMOVER "/process");
    refused(&shop, 404, "POST", "{}", APP "/items/photo_nothing/use-background-remover");
    refused(&shop, 404, "GET", NULL, REMOVER "/jobs/batch_nothing");
}

TEST_FLOW(plans_and_purses_say_who_may_send_pictures)
{
    const Shop small = shop_open(place, standard), kiosk = shop_open(place, poor);
    const char *ids[1], *theirs[1];

    project_fill(&small, 1, ids);
    project_fill(&kiosk, 1, theirs);
    refused(&small, 403, "POST", "{}", json_print(place, APP "/items/%s/upscale", ids[0]));
    refused(
        &small, 403, "POST", "{}",
        json_print(place, APP "/items/%s/use-background-remover", ids[0]));
    while (credits(&kiosk) >= 20)
        shop_send(&kiosk, 200, "POST", "{\"upscaleFactor\":2}", APP "/items/%s/upscale", theirs[0]);
    refused(&kiosk, 403, "POST", "{}", json_print(place, APP "/items/%s/upscale", theirs[0]));
    while (credits(&kiosk) >= 5)
        shop_send(&kiosk, 200, "POST", "{}", APP "/items/%s/use-background-remover", theirs[0]);
    refused(
        &kiosk, 403, "POST", "{}",
        json_print(place, APP "/items/%s/use-background-remover", theirs[0]));

    const Reply data = shop_get(&small, 200, APP "/items/%s/export-to/background-remover", ids[0]);
    CHECK_INT(reply_int(&data, "creditCost"), 5);
    const Reply picture = ask(&small, "GET", NULL, reply_text(&data, "imageUrl"));
    CHECK_INT(picture.status, 200);
    shop_get(&small, 200, APP "/items/%s/export-to/image-upscaler", ids[0]);
    refused(
        &small, 409, "GET", NULL,
        json_print(place, APP "/items/%s/export-to/carousel-mix", ids[0]));
    refused(&small, 404, "GET", NULL, json_print(place, APP "/items/%s/export-to/avatar", ids[0]));
    refused(&small, 404, "GET", NULL, APP "/items/photo_nothing/export-to/image-upscaler");
}

TEST_FLOW(a_carousel_has_its_slides_in_order_with_names_and_prices)
{
    const Shop shop = shop_open(place, premium), small = shop_open(place, standard);
    const char *ids[3];
    const char *project = project_fill(&shop, 3, ids);
    const char *create = json_print(place, APP "/projects/%s/create-carousel", project);

    for (int i = 0; i < 2; i++) {
        shop_send(
            &shop, 200, "PUT", "{\"productName\":\"Vas Keramik\",\"productPrice\":\"Rp 85.000\"}",
            APP "/items/%s", ids[i]);
        picture_make(&shop, ids[i]);
    }
    int64_t before = credits(&shop);
    const Reply begun = shop_send(
        &shop, 200, "POST",
        json_print(
            place,
            "{\"itemIds\":[\"%s\",\"%s\"],\"name\":\"Lebaran\",\"platform\":\"instagram\","
            "\"size\":\"1080x1350\",\"showPrice\":true,\"texts\":[\"Baru!\"]}",
            ids[1], ids[0]),
        "%s", create);
    const char *id = reply_text(&begun, "carouselProjectId");
    CHECK_INT(reply_int(&begun, "creditCharged"), 30);
    const Reply done = ended(&shop, json_print(place, CAROUSEL "/projects/%s", id));
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    CHECK_TEXT(reply_text(&done, "name"), "Lebaran");
    CHECK_TEXT(reply_text(&done, "slides>0>sourceItemId"), ids[1]);
    CHECK_TEXT(reply_text(&done, "slides>1>sourceItemId"), ids[0]);
    CHECK_INT(reply_int(&done, "slides>1>width"), 1080);
    CHECK_INT(reply_int(&done, "slides>1>height"), 1350);
    CHECK_INT(credits(&shop), before - 30);

    const Reply item = shop_get(&shop, 200, APP "/items/%s", ids[0]);
    photos_precede(&shop, project);
    const Reply mix = shop_send(
        &shop, 200, "POST",
        json_print(
            place,
            "{\"sourceApp\":\"product-photo-studio\",\"sourceProjectId\":\"%s\",\"name\":\"Tik\","
            "\"platform\":\"tiktok\",\"slides\":[{\"imagePath\":\"%s\",\"text\":\"Satu\"},"
            "{\"sourceItemId\":\"%s\",\"price\":\"Rp 1\"}]}",
            project, reply_text(&item, "processedFilePath"), ids[1]),
        CAROUSEL "/projects");
    const Reply tall =
        ended(&shop, json_print(place, CAROUSEL "/projects/%s", reply_text(&mix, "id")));
    CHECK_INT(reply_int(&tall, "slides>0>height"), 1920);

    refused(
        &shop, 400, "POST", json_print(place, "{\"itemIds\":[\"%s\",\"%s\"]}", ids[0], ids[1]),
        create);
    refused(
        &shop, 400, "POST", json_print(place, "{\"itemIds\":[\"%s\"],\"name\":\"A\"}", ids[0]),
        create);
    refused(
        &shop, 400, "POST",
        "{\"itemIds\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\"],"
        "\"name\":\"A\"}",
        create);
    refused(
        &shop, 400, "POST",
        json_print(
            place, "{\"itemIds\":[\"%s\",\"%s\"],\"name\":\"A\",\"size\":\"1080x1920\"}", ids[0],
            ids[1]),
        create);
    refused(
        &shop, 409, "POST",
        json_print(place, "{\"itemIds\":[\"%s\",\"%s\"],\"name\":\"A\"}", ids[0], ids[2]), create);
    refused(
        &shop, 404, "POST",
        json_print(place, "{\"itemIds\":[\"%s\",\"photo_x\"],\"name\":\"A\"}", ids[0]), create);
    refused(
        &small, 404, "POST",
        json_print(place, "{\"itemIds\":[\"%s\",\"%s\"],\"name\":\"A\"}", ids[0], ids[1]), create);
    refused(&small, 404, "GET", NULL, json_print(place, CAROUSEL "/projects/%s", id));
    refused(
        &shop, 404, "POST",
        json_print(
            place,
            "{\"sourceApp\":\"a\",\"sourceProjectId\":\"%s\",\"name\":\"A\",\"slides\":["
            "{\"imagePath\":\"outputs/none.png\"},{\"sourceItemId\":\"%s\"}]}",
            project, ids[1]),
        CAROUSEL "/projects");
    refused(
        &shop, 409, "POST",
        json_print(
            place,
            "{\"sourceApp\":\"a\",\"sourceProjectId\":\"%s\",\"name\":\"A\",\"slides\":["
            "{\"sourceItemId\":\"%s\"},{\"sourceItemId\":\"%s\"}]}",
            project, ids[2], ids[1]),
        CAROUSEL "/projects");
}

/* And by the document's word for its name. */
TEST_FLOW(a_carousel_takes_a_product_without_a_set)
{
    const Shop shop = shop_open(place, premium);
    const char *ids[2];
    const char *project = project_fill(&shop, 2, ids);

    for (int i = 0; i < 2; i++) {
        const Reply bare =
            shop_send(&shop, 200, "POST", "{}", APP "/items/%s/use-background-remover", ids[i]);

        ended(&shop, json_print(place, REMOVER "/jobs/%s", reply_text(&bare, "jobId")));
    }
    const Reply alone = shop_send(
        &shop, 200, "POST",
        json_print(
            place, "{\"itemIds\":[\"%s\",\"%s\"],\"carouselName\":\"Sendiri\"}", ids[0], ids[1]),
        APP "/projects/%s/create-carousel", project);
    const Reply slides =
        ended(&shop, json_print(place, CAROUSEL "/projects/%s", reply_text(&alone, "id")));
    CHECK_TEXT(reply_text(&slides, "name"), "Sendiri");
    CHECK_TEXT(reply_text(&slides, "status"), "completed");
}
