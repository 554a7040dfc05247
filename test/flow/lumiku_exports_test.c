/* Promises of the Lumiku door about taking pictures away, over HTTP, on each database. */
#include "harness/unzip.h"
#include "image/image.h"
#include "seller.h"

#define APP "/api/apps/product-photo-studio"

static const char premium[] = "{\"name\":\"Toko\",\"email\":\"budi@example.com\",\"plan\":\"pro\","
                              "\"tier\":\"premium\",\"credits\":500}";
static const char standard[] =
    "{\"name\":\"Toko\",\"email\":\"budi@example.com\",\"tier\":\"standard\",\"credits\":500}";
static const char free_plan[] =
    "{\"name\":\"Warung\",\"email\":\"ani@example.com\",\"tier\":\"free\",\"credits\":100}";

static void error_hold(const Reply *reply, const char *code, int status, const char *field)
{
    if (reply->status != status || strcmp(reply_text(reply, "error"), code) != 0)
        test_fail(__FILE__, __LINE__, "%d, expected %s: %s", reply->status, code, reply->body);
    if (field)
        CHECK_TEXT(reply_text(reply, "details>0>field"), field);
}

static Reply ask(const Shop *shop, const char *method, const char *path, const char *json)
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

/* A red disc, cut out already. */
static void disc_draw(int number, Buf *ret)
{
    AUTO(image_free) Image *disc = NULL;

    CHECK_OK(image_new(600, 600, 4, DEPTH_8, &disc));
    for (int y = 0; y < 600; y++) {
        uint8_t *row = image_row_mut(disc, y);

        for (int x = 0; x < 600; x++) {
            bool is_in = (x - 300) * (x - 300) + (y - 300) * (y - 300) < 200 * 200;

            memcpy(row + 4 * x, (uint8_t[]){200, (uint8_t)(30 * number), 60, is_in ? 255 : 0}, 4);
        }
    }
    CHECK_OK(image_encode(disc, &(ImageEncoding){.format = IMAGE_PNG}, ret));
}

typedef struct Studio {
    Shop shop;
    const char *project, *items[2], *variation;
} Studio;

static void photos_send(Studio *studio)
{
    const Place *place = studio->shop.place;
    Buf discs[] = {BUF(4 << 20), BUF(4 << 20)};

    for (int i = 0; i < 2; i++)
        disc_draw(i, &discs[i]);
    seller_send(
        &studio->shop, 200, studio->project,
        (SellerFile[]){
            {"mug-1.png", "image/png", discs[0].bytes, discs[0].size},
            {"mug-2.png", "image/png", discs[1].bytes, discs[1].size},
        },
        2);
    for (int i = 0; i < 2; i++)
        buf_done(&discs[i]);
    const Reply list = shop_get(&studio->shop, 200, APP "/projects/%s/items", studio->project);
    for (int i = 0; i < 2; i++)
        studio->items[i] = reply_text(&list, json_print(place, "items>%d>id", i));
}

/* A project of two photos, of which PICTURES have a picture. */
static Studio studio_open(const Place *place, const char *wish, int pictures)
{
    Studio studio = {.shop = shop_open(place, wish)};
    const Reply made = shop_send(&studio.shop, 201, "POST", "{\"name\":\"Mugs\"}", APP "/projects");

    studio.project = reply_text(&made, "id");
    photos_send(&studio);
    for (int i = 0; i < pictures; i++) {
        const Reply work = shop_send(
            &studio.shop, 200, "POST", "{\"workflow\":{\"background\":{\"action\":\"remove\"}}}",
            APP "/items/%s/process", studio.items[i]);
        const Reply done = shop_wait(
            &studio.shop,
            json_print(place, APP "/generations/%s", reply_text(&work, "generationId")));

        CHECK_TEXT(reply_text(&done, "status"), "completed");
        studio.variation = reply_text(&done, "items>0>variationId");
    }
    return studio;
}

static int64_t balance(const Studio *studio)
{
    const Reply credits = shop_get(&studio->shop, 200, "/api/credits");

    return reply_int(&credits, "balance");
}

static Reply export_send(const Studio *studio, const char *json)
{
    return ask(
        &studio->shop, "POST",
        json_print(studio->shop.place, APP "/projects/%s/export-zip", studio->project), json);
}

TEST_FLOW(pictures_are_exported_for_shops_and_downloaded_in_pieces)
{
    const Studio studio = studio_open(place, premium, 2);
    const int64_t before = balance(&studio);
    Unzip zip;

    shop_send(
        &studio.shop, 200, "PUT", "{\"productName\":\"Mug, red\",\"productSku\":\"MR/1\"}",
        APP "/items/%s", studio.items[0]);
    const Reply begun = export_send(
        &studio, "{\"formats\":[\"jpg\"],\"platforms\":[\"shopee\",\"instagram:4x5\","
                 "\"lazada\"],\"folders\":\"platform\",\"email\":\"ayu@toko.example\"}");
    CHECK_INT(begun.status, 200);
    const char *id = reply_text(&begun, "exportId");
    CHECK_TEXT(reply_text(&begun, "exportType"), "multi_platform");
    CHECK_INT(reply_int(&begun, "creditCharged"), 15);
    CHECK_INT(reply_int(&begun, "files"), 6);

    const Reply done = shop_wait(&studio.shop, json_print(place, APP "/exports/%s", id));
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    CHECK_INT(reply_int(&done, "progress"), 100);
    CHECK(strstr(reply_text(&done, "expiresAt"), "T"));
    CHECK_INT(value_count(reply_at(&done, "warnings")), 0); /* what is cut out is put on white */
    CHECK_INT(balance(&studio), before - 15);

    const Reply whole = shop_get(&studio.shop, 200, APP "/exports/%s/download", id);
    CHECK_INT(whole.size, reply_int(&done, "fileSize"));
    const Buf bytes = {.bytes = (unsigned char *)(uintptr_t)whole.body, .size = whole.size};
    unzip_read(&bytes, &zip);
    CHECK_INT(zip.count, 7);
    ImageFacts facts;
    const UnzipFile *file = unzip_find(&zip, "instagram_1080x1350/Mug,-red-MR-1.jpg");
    CHECK_OK(image_probe(file->bytes, file->size, &image_limits_default, &facts));
    CHECK_INT(facts.width_px, 1080);
    CHECK_INT(facts.height_px, 1350);
    unzip_find(&zip, "shopee_1200x1200/mug-2.jpg");
    unzip_find(&zip, "metadata.json");

    const Request part = {
        .method = "GET",
        .path = json_print(place, APP "/exports/%s/download", id),
        .key = studio.shop.key,
        .headers = "Range: bytes=100-199\r\n",
    };
    const Reply piece = place_ask(place, &part);
    CHECK_INT(piece.status, 206);
    CHECK_INT(piece.size, 100);
    CHECK(memcmp(piece.body, whole.body + 100, 100) == 0);
    Request other = part;
    other.headers = "Range: bytes=100-199\r\nIf-Range: \"another\"\r\n";
    CHECK_INT(place_ask(place, &other).status, 200);
    other.headers = "Range: bytes=99999999-\r\n";
    const Reply beyond = place_ask(place, &other);
    error_hold(&beyond, "range_wrong", 416, NULL);
    other.headers = "If-Match: \"another\"\r\n";
    const Reply changed = place_ask(place, &other);
    error_hold(&changed, "precondition_failed", 412, NULL);
    const Reply by_link = shop_get(&studio.shop, 200, "%s", reply_text(&done, "downloadUrl"));
    CHECK(by_link.size == whole.size && memcmp(by_link.body, whole.body, whole.size) == 0);

    CHECK(strstr(
        shop_events(&studio.shop, json_print(place, APP "/exports/%s/events", id), NULL),
        "event: export.completed"));
    const Reply list =
        shop_get(&studio.shop, 200, APP "/exports?projectId=%s&limit=1", studio.project);
    CHECK_TEXT(reply_text(&list, "exports>0>exportId"), id);
}

TEST_FLOW(who_exports_a_coloured_background_is_told_which_shop_asks_for_white)
{
    const Studio studio = studio_open(place, premium, 0);
    const Reply work = shop_send(
        &studio.shop, 200, "POST",
        "{\"workflow\":{\"background\":{\"action\":\"solid\",\"color\":\"#c03020\"}}}",
        APP "/items/%s/process", studio.items[0]);

    shop_wait(
        &studio.shop, json_print(place, APP "/generations/%s", reply_text(&work, "generationId")));
    const Reply begun = export_send(&studio, "{\"platforms\":[\"instagram\",\"shopee\"]}");
    CHECK_INT(begun.status, 200);
    CHECK_INT(value_count(reply_at(&begun, "warnings")), 0);
    const Reply done = shop_wait(
        &studio.shop, json_print(place, APP "/exports/%s", reply_text(&begun, "exportId")));
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    CHECK_INT(value_count(reply_at(&done, "warnings")), 1);
    CHECK(strstr(reply_text(&done, "warnings>0>message"), "Shopee asks for a white background"));
    CHECK_TEXT(reply_text(&done, "warnings>0>said>values>0"), "Shopee");
    const Reply list = shop_get(&studio.shop, 200, APP "/exports?projectId=%s", studio.project);
    CHECK_INT(value_count(reply_at(&list, "exports>0>warnings")), 1);
}

TEST_FLOW(exports_and_pictures_of_another_tenant_are_not_found)
{
    const Studio studio = studio_open(place, premium, 1);
    const Shop other = shop_open(place, standard);
    const Reply begun = export_send(&studio, "{}");
    const char *id = reply_text(&begun, "exportId"), *item = studio.items[0];
    const char *const paths[] = {
        json_print(place, APP "/exports/%s", id),
        json_print(place, APP "/exports/%s/download", id),
        json_print(place, APP "/exports/%s/events", id),
        json_print(place, APP "/items/%s/variations", item),
        json_print(place, APP "/items/%s/download", item),
        json_print(place, APP "/items/%s/download?variation=%s", item, studio.variation),
        json_print(place, APP "/items/%s/export-to/image-upscaler", item),
    };

    for (size_t i = 0; i < COUNT(paths); i++)
        shop_get(&other, 404, "%s", paths[i]);
    shop_send(
        &other, 404, "POST", NULL, APP "/items/%s/variations/%s/select", item, studio.variation);
    shop_send(&other, 404, "POST", "{\"upscaleFactor\":2}", APP "/items/%s/upscale", item);
    shop_send(&other, 404, "POST", "{}", APP "/projects/%s/export-zip", studio.project);
    const Reply list = shop_get(&other, 200, APP "/exports?projectId=%s", studio.project);
    CHECK_INT(value_count(reply_at(&list, "exports")), 0);
    shop_wait(&studio.shop, json_print(place, APP "/exports/%s", id));
}

TEST_FLOW(an_export_that_cannot_be_is_refused_and_nothing_is_charged)
{
    static const struct {
        const char *json, *code;
        int status;
        const char *field;
    } rows[] = {
        {"{\"platforms\":[\"shoppee\"]}", "input_invalid", 400, "/platforms/0"},
        {"{\"formats\":[\"png\",\"gif\"]}", "input_invalid", 400, "/formats/1"},
        {"{\"size\":\"big\"}", "input_invalid", 400, "/size"},
        {"{\"email\":\"nobody\"}", "input_invalid", 400, "/email"},
        {"{\"itemIds\":[\"photo_none\"]}", "conflict", 409, "/itemIds/0"},
    };
    const Studio studio = studio_open(place, premium, 1);
    const Studio small = studio_open(place, standard, 1);
    const Shop other = shop_open(place, premium);
    const int64_t before = balance(&studio), small_before = balance(&small);

    for (size_t i = 0; i < COUNT(rows); i++) {
        const Reply refused = export_send(&studio, rows[i].json);

        error_hold(&refused, rows[i].code, rows[i].status, rows[i].field);
    }
    const Reply two = export_send(&small, "{\"platforms\":[\"shopee\",\"lazada\"]}");
    error_hold(&two, "forbidden", 403, NULL);
    const Reply webp = export_send(&small, "{\"formats\":[\"webp\"]}");
    error_hold(&webp, "forbidden", 403, NULL);
    CHECK_INT(balance(&studio), before);
    CHECK_INT(balance(&small), small_before);

    const char *const theirs[] = {"", "/download", "/events"};
    for (size_t i = 0; i < COUNT(theirs); i++) {
        const Reply none =
            ask(&other, "GET", json_print(place, APP "/exports/export_none%s", theirs[i]), NULL);
        error_hold(&none, "not_found", 404, NULL);
    }
    const Reply stranger =
        ask(&other, "POST", json_print(place, APP "/projects/%s/export-zip", studio.project), "{}");
    error_hold(&stranger, "not_found", 404, NULL);
}

TEST_FLOW(the_free_plan_downloads_single_pictures_with_our_mark)
{
    const Studio studio = studio_open(place, free_plan, 1);
    const Reply zip = export_send(&studio, "{}");

    error_hold(&zip, "forbidden", 403, NULL);
    const Reply picture = shop_get(&studio.shop, 200, APP "/items/%s/download", studio.items[0]);
    CHECK(memcmp(picture.body, "\x89PNG", 4) == 0);
    CHECK(strstr(reply_header(place, &picture, "Content-Disposition"), "mug-1.png"));
    const Reply jpeg =
        ask(&studio.shop, "GET",
            json_print(place, APP "/items/%s/download?format=jpeg", studio.items[0]), NULL);
    error_hold(&jpeg, "forbidden", 403, "/format");
    const Reply none = ask(
        &studio.shop, "GET", json_print(place, APP "/items/%s/download", studio.items[1]), NULL);
    error_hold(&none, "conflict", 409, NULL);
    const Reply unknown = ask(&studio.shop, "GET", APP "/items/photo_none/download", NULL);
    error_hold(&unknown, "not_found", 404, NULL);
}

TEST_FLOW(a_single_picture_is_downloaded_in_a_platforms_form)
{
    const Studio studio = studio_open(place, premium, 1);
    const int64_t before = balance(&studio);
    ImageFacts facts;

    const Reply picture = shop_get(
        &studio.shop, 200, APP "/items/%s/download?platform=tiktok_shop:9x16&variation=%s",
        studio.items[0], studio.variation);
    CHECK_OK(image_probe(picture.body, picture.size, &image_limits_default, &facts));
    CHECK_INT(facts.format, IMAGE_JPEG);
    CHECK_INT(facts.height_px, 1920);
    const Reply small = shop_get(
        &studio.shop, 200, APP "/items/%s/download?format=webp&size=320x200&quality=80",
        studio.items[0]);
    CHECK_OK(image_probe(small.body, small.size, &image_limits_default, &facts));
    CHECK_INT(facts.format, IMAGE_WEBP);
    CHECK_INT(facts.width_px, 320);
    CHECK_INT(balance(&studio), before);
    const Reply wrong =
        ask(&studio.shop, "GET",
            json_print(place, APP "/items/%s/download?platform=instagran", studio.items[0]), NULL);
    error_hold(&wrong, "input_invalid", 400, "/platform");
    CHECK(strstr(reply_text(&wrong, "message"), "instagram"));

    const Reply platforms = shop_get(&studio.shop, 200, APP "/platforms");
    CHECK_INT(value_count(reply_at(&platforms, "platforms")), 10);
    CHECK_TEXT(reply_text(&platforms, "platforms>4>forms>1>form"), "4x5");
    CHECK_INT(reply_int(&platforms, "platforms>6>maxBytes"), 2000000);
}

TEST_FLOW(an_export_needs_credits_and_a_picture)
{
    const Studio poor = studio_open(
        place,
        "{\"name\":\"Warung\",\"email\":\"ani@example.com\",\"tier\":\"standard\",\"credits\":10}",
        1);
    const Reply spent = export_send(&poor, "{\"formats\":[\"png\"]}");

    error_hold(&spent, "credits_spent", 403, NULL);
    const Studio empty = studio_open(place, premium, 0);
    const Reply none = export_send(&empty, "{}");
    error_hold(&none, "conflict", 409, NULL);
}
