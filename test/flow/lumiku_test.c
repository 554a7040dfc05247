/* The four workflows of the product photo studio's document (chapter 2.4), with every credit on the way, on each database.
 *
 * Where a sum of the document contradicts its own table of prices, the table wins; each such place says so.
 */
#include <sys/wait.h>

#include "base/file.h"
#include "image/image.h"
#include "seller.h"

enum {
    RICH = 1000
};

static void credits_hold(const Shop *shop, int64_t want)
{
    CHECK_INT(seller_credits(shop), want);
}

static int64_t quote(const Shop *shop, const char *json)
{
    const Reply reply = shop_send(shop, 200, "POST", json, STUDIO "/quote");

    return reply_int(&reply, "total");
}

/* Export, wait, and the bytes of the ZIP. */
static Reply export_zip(const Shop *shop, const char *project, const char *json, int64_t credits)
{
    const Reply begun =
        shop_send(shop, 200, "POST", json, STUDIO "/projects/%s/export-zip", project);
    CHECK_INT(reply_int(&begun, "creditCharged"), credits);
    const char *path =
        json_print(shop->place, STUDIO "/exports/%s", reply_text(&begun, "exportId"));
    const Reply done = seller_wait(shop, path, "status");

    CHECK_TEXT(reply_text(&done, "status"), "completed");
    return place_ask(
        shop->place, &(Request){.method = "GET", .path = reply_text(&done, "downloadUrl")});
}

/* POST batch-process for PROJECT and wait for it: the finished generation. */
static Reply batch_process(const Shop *shop, const char *project, const char *json, int64_t credits)
{
    const Reply begun =
        shop_send(shop, 200, "POST", json, STUDIO "/projects/%s/batch-process", project);
    CHECK_INT(reply_int(&begun, "creditCharged"), credits);
    const Reply done = seller_wait(
        shop, json_print(shop->place, STUDIO "/generations/%s", reply_text(&begun, "generationId")),
        "status");

    CHECK_TEXT(reply_text(&done, "status"), "completed");
    return done;
}

static void picture_hold(const Reply *picture, ImageFormat format, int width_px, int height_px)
{
    ImageFacts facts;

    CHECK_OK(image_probe(picture->body, picture->size, &image_limits_default, &facts));
    CHECK_INT(facts.format, format);
    CHECK_INT(facts.width_px, width_px);
    CHECK_INT(facts.height_px, height_px);
}

/* Ten products on white for Shopee: 20 + 60 + 5 = 85 credits, as the document has it. */
TEST_FLOW(workflow_1_ten_products_for_shopee)
{
    const Shop shop = seller_open(place, "standard", RICH);
    int64_t credits = seller_credits(&shop);
    const char *project = seller_project(&shop, "Shopee Product Lineup - November");

    const Reply photos = seller_upload(&shop, project, 10);
    CHECK_INT(reply_int(&photos, "creditCharged"), 20);
    credits_hold(&shop, credits - 20);

    CHECK_INT(quote(&shop, "{\"templateId\":\"shopee-white\",\"itemCount\":10}"), 60);
    CHECK_INT(quote(&shop, "{\"templateId\":\"shopee-white\"}"), 15);
    /* Its set alone: 5 and 12. */
    CHECK_INT(
        quote(
            &shop, "{\"workflow\":{\"background\":{\"action\":\"template\",\"templateId\":"
                   "\"shopee-white\"}}}"),
        17);
    const Reply begun = shop_send(
        &shop, 200, "POST", "{\"templateId\":\"shopee-white\"}",
        STUDIO "/projects/%s/apply-template", project);
    CHECK_INT(reply_int(&begun, "creditCharged"), 60);
    CHECK_INT(reply_int(&begun, "total"), 10);
    const Reply done = seller_wait(
        &shop, json_print(place, STUDIO "/generations/%s", reply_text(&begun, "generationId")),
        "status");
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    CHECK_INT(reply_int(&done, "progress"), 100);
    CHECK_INT(reply_int(&done, "creditCharged"), 60);
    credits_hold(&shop, credits - 80);

    const Reply zip = export_zip(&shop, project, "{\"platforms\":[\"shopee\"]}", 5);
    CHECK(strstr(zip.head, "zip"));
    CHECK(memmem(zip.body, zip.size, "shopee_1200x1200/", 17) != NULL);
    credits_hold(&shop, credits - 85);
}

/* Fifty products in a café for Instagram. The document adds up 100 + 260 + 15 to 385, which are 375; and for two formats and one platform its
 * table has 10, since 15 are for three platforms: 370. */
TEST_FLOW(workflow_2_fifty_products_in_a_cafe_for_instagram)
{
    static const char workflow[] =
        "{\"background\":{\"action\":\"ai\",\"prompt\":\"Outdoor cafe with warm lighting%s\"},"
        "\"lighting\":{\"mode\":\"preset\",\"preset\":\"natural\"},"
        "\"shadow\":{\"type\":\"natural\"},\"export\":{\"format\":\"jpeg\",\"size\":\"160x160\"}}";
    const Shop shop = seller_open(place, "professional", RICH);
    int64_t credits = seller_credits(&shop);
    const char *project = seller_project(&shop, "Fall Collection 2025");

    const Reply photos = seller_upload(&shop, project, 50);
    credits_hold(&shop, credits - 100);
    shop_send(
        &shop, 200, "PUT", "{\"productTags\":[\"fall\",\"collection\",\"2025\"]}",
        STUDIO "/projects/%s/items", project);

    /* A sample, before it is paid for. */
    const char *item = reply_text(&photos, "items>0>id");
    const Reply preview = seller_process(
        &shop, item, "preview",
        json_print(place, "{\"workflow\":%s}", json_print(place, workflow, "")), 0);
    CHECK_TEXT(reply_text(&preview, "generationType"), "preview");
    const char *better = json_print(place, workflow, " with bokeh background");
    seller_process(&shop, item, "preview", json_print(place, "{\"workflow\":%s}", better), 0);
    credits_hold(&shop, credits - 100);
    const Reply all = shop_get(&shop, 200, STUDIO "/generations?projectId=%s", project);
    CHECK_TEXT(reply_text(&all, "generations>1>id"), reply_text(&preview, "id"));
    const Reply work =
        shop_get(&shop, 200, STUDIO "/generations?projectId=%s&previews=false", project);
    CHECK_INT(value_count(reply_at(&work, "generations")), 0);
    const Reply bare = shop_get(&shop, 200, STUDIO "/items/%s", item);
    CHECK_TEXT(reply_text(&bare, "status"), "uploaded");
    CHECK_INT(reply_int(&bare, "variationCount"), 0);

    CHECK_INT(quote(&shop, json_print(place, "{\"workflow\":%s,\"itemCount\":50}", better)), 260);
    const Reply done = batch_process(
        &shop, project,
        json_print(
            place, "{\"itemIds\":%s,\"workflow\":%s}", seller_ids(&shop, &photos, 0, 50), better),
        260);
    CHECK_INT(reply_int(&done, "completed"), 50);
    credits_hold(&shop, credits - 360);

    for (int i = 0; i < 3; i++)
        shop_send(
            &shop, 200, "PUT", "{\"isFavorite\":true}", STUDIO "/items/%s",
            reply_text(&photos, json_print(place, "items>%d>id", i)));
    const Reply best = shop_get(&shop, 200, STUDIO "/projects/%s/items?favorite=true", project);
    CHECK_INT(reply_int(&best, "total"), 3);

    export_zip(&shop, project, "{\"formats\":[\"png\",\"jpg\"],\"platforms\":[\"instagram\"]}", 10);
    credits_hold(&shop, credits - 370);
}

/* A speaker in a living room, step by step. The document says 70 in the studio and 20 in the upscaler; its own figures, 2 + 5 + 25 + 10 + 8 and
 * 20, are 50 and 70. */
TEST_FLOW(workflow_3_a_set_from_words_step_by_step)
{
    const Shop shop = seller_open(place, "premium", RICH);
    int64_t credits = seller_credits(&shop);
    const char *project = seller_project(&shop, "Speaker");
    const Reply photos = seller_upload(&shop, project, 1);
    const char *item = reply_text(&photos, "items>0>id");
    const char *last;

    Reply done = seller_process(
        &shop, item, "process", "{\"workflow\":{\"background\":{\"action\":\"remove\"}}}", 5);
    last = reply_text(&done, "items>0>variationId");
    const Reply bare = shop_get(&shop, 200, STUDIO "/items/%s", item);
    CHECK_TEXT(reply_text(&bare, "status"), "processed");
    CHECK(*reply_text(&bare, "bgRemovedFilePath"));
    done = seller_process(
        &shop, item, "process",
        json_print(
            place,
            "{\"variationId\":\"%s\",\"workflow\":{\"background\":{\"action\":\"ai\",\"prompt\":"
            "\"Luxury living room with marble coffee table, warm ambient lighting, modern "
            "minimalist interior\",\"complexity\":\"complex\"},"
            "\"export\":{\"format\":\"png\",\"size\":\"200x200\"}}}",
            last),
        25);
    last = reply_text(&done, "items>0>variationId");
    done = seller_process(
        &shop, item, "process",
        json_print(
            place,
            "{\"variationId\":\"%s\",\"workflow\":{\"lighting\":{\"mode\":\"preset\",\"preset\":"
            "\"dramatic\",\"warmth\":30}}}",
            last),
        10);
    last = reply_text(&done, "items>0>variationId");
    done = seller_process(
        &shop, item, "process",
        json_print(
            place,
            "{\"variationId\":\"%s\",\"workflow\":{\"shadow\":{\"type\":\"natural\",\"opacity\":50,"
            "\"blur\":60}}}",
            last),
        8);
    credits_hold(&shop, credits - 50);

    const Reply picture =
        shop_get(&shop, 200, STUDIO "/items/%s/download?format=png&size=2400x2400", item);
    picture_hold(&picture, IMAGE_PNG, 2400, 2400);
    credits_hold(&shop, credits - 50);

    const Reply larger = shop_send(&shop, 200, "POST", "{}", STUDIO "/items/%s/upscale", item);
    CHECK_INT(reply_int(&larger, "creditCharged"), 20);
    done = seller_wait(
        &shop, json_print(place, STUDIO "/generations/%s", reply_text(&larger, "jobId")), "status");
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    credits_hold(&shop, credits - 70);
    const Reply all = shop_get(&shop, 200, STUDIO "/items/%s", item);
    CHECK_INT(reply_int(&all, "variationCount"), 5);

    /* Done at once instead, the four are a bundle: 48 less 10 %. */
    CHECK_INT(
        quote(
            &shop, "{\"workflow\":{\"background\":{\"action\":\"ai\",\"prompt\":\"a living room\","
                   "\"complexity\":\"complex\"},\"lighting\":{\"preset\":\"dramatic\"},"
                   "\"shadow\":{\"type\":\"natural\"}}}"),
        44);
}

/* Lipsticks for a carousel. The document has 150 for three photos, and 30 for the carousel; by its table a photo is 2 and then 5 + 15 + 10 + 10,
 * as a bundle 36: 114 for three. Avatars are another product. */
TEST_FLOW(workflow_4_three_lipsticks_and_a_carousel)
{
    static const char workflow[] =
        "{\"workflow\":{\"background\":{\"action\":\"ai\",\"prompt\":\"Soft pink gradient with "
        "sparkle effects\"},\"lighting\":{\"mode\":\"preset\",\"preset\":\"studio\"},\"shadow\":"
        "{\"type\":\"reflection\"},\"export\":{\"size\":\"270x270\"}}}";
    const Shop shop = seller_open(place, "premium", RICH);
    int64_t credits = seller_credits(&shop);
    const char *project = seller_project(&shop, "Lipsticks");
    const Reply photos = seller_upload(&shop, project, 3);

    for (int i = 0; i < 3; i++) {
        const char *item = reply_text(&photos, json_print(place, "items>%d>id", i));

        shop_send(
            &shop, 200, "PUT",
            json_print(
                place, "{\"productName\":\"Lipstick %d\",\"productPrice\":\"Rp 59.000\"}", i),
            STUDIO "/items/%s", item);
        seller_process(&shop, item, "process", workflow, 36);
    }
    credits_hold(&shop, credits - 114);

    const Reply carousel = shop_send(
        &shop, 200, "POST",
        json_print(place, "{\"itemIds\":%s,\"name\":\"Shades\"}", seller_ids(&shop, &photos, 0, 3)),
        STUDIO "/projects/%s/create-carousel", project);
    int64_t price = reply_int(&carousel, "creditCharged");
    const Reply done = seller_wait(
        &shop, json_print(place, STUDIO "/generations/%s", reply_text(&carousel, "jobId")),
        "status");
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    CHECK_INT(price, 30);
    credits_hold(&shop, credits - 144);
}

/* ---- what shops ask for ---- */

/* What PLATFORM is given in FORM keeps to its own table and to the rules that the program knows. */
static void
platform_hold(const Shop *shop, const char *item, const Reply *all, size_t platform, size_t form)
{
    const Place *place = shop->place;
    AUTO(desk_clear) Desk desk = desk_new();
    const char *at = json_print(place, "platforms>%zu>forms>%zu", platform, form);
    const char *name = reply_text(all, json_print(place, "platforms>%zu>name", platform));
    const Reply picture = shop_get(
        shop, 200, STUDIO "/items/%s/download?platform=%s:%s", item, name,
        reply_text(all, json_print(place, "%s>form", at)));

    picture_hold(
        &picture, IMAGE_JPEG, (int)reply_int(all, json_print(place, "%s>width", at)),
        (int)reply_int(all, json_print(place, "%s>height", at)));
    CHECK(
        (int64_t)picture.size <=
        reply_int(all, json_print(place, "platforms>%zu>maxBytes", platform)));
    CHECK_OK(file_write(desk_path(&desk, "a.jpg"), picture.body, picture.size));
    const Ran judged =
        desk_run(&desk, json_print(place, "compliance a.jpg --slot second --platform %s", name));
    if (judged.status != 0)
        test_fail(__FILE__, __LINE__, "%s: %s", name, judged.out);
}

TEST_FLOW(what_is_downloaded_for_a_platform_is_as_it_asks)
{
    const Shop shop = seller_open(place, "premium", RICH);
    const char *project = seller_project(&shop, "Platforms");
    const Reply photos = seller_upload(&shop, project, 1);
    const char *item = reply_text(&photos, "items>0>id");
    const Reply all = shop_get(&shop, 200, STUDIO "/platforms");

    seller_process(
        &shop, item, "process",
        "{\"workflow\":{\"background\":{\"action\":\"solid\"},\"export\":{\"platform\":\"shopee\"}}"
        "}",
        15);
    for (size_t i = 0; i < value_count(reply_at(&all, "platforms")); i++) {
        const char *forms = json_print(place, "platforms>%zu>forms", i);

        for (size_t j = 0; j < value_count(reply_at(&all, forms)); j++)
            platform_hold(&shop, item, &all, i, j);
    }
}

/* ---- the checklist of chapter 7.4 ---- */

static bool is_there(const char *program)
{
    char line[64];

    snprintf(line, sizeof(line), "command -v %s > /dev/null", program);
    return system(line) == 0;
}

TEST_FLOW(the_ten_points_of_the_checklist_are_well)
{
    const Shop shop = seller_open(place, "professional", RICH);
    char said[16 << 10];

    if (!is_there("curl") || !is_there("jq"))
        test_skip("no curl or no jq");
    FILE *list = popen(
        json_print(
            place, CYCLORAMA_CHECKOUT "/test/flow/lumiku_checklist http://127.0.0.1:%d %s %s 2>&1",
            place->port, shop.key, place_admin_key),
        "r");
    CHECK(list != NULL);
    said[fread(said, 1, sizeof(said) - 1, list)] = 0;
    int status = pclose(list);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !strstr(said, "10 passed, 0 failed"))
        test_fail(__FILE__, __LINE__, "%s", said);
}
