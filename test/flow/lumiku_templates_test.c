/* Promises of the Lumiku door's template gallery over HTTP, on each database. */
#include "base/clock.h"
#include "image/image.h"
#include "shop.h"

#define TEMPLATES "/api/apps/product-photo-studio/templates"

static const char pro[] = "{\"name\":\"Toko\",\"email\":\"budi@example.com\",\"plan\":\"pro\"}";
static const char config[] =
    "{\"background\":{\"action\":\"solid\",\"color\":\"#e8e0d4\"},\"shadow\":{\"type\":\"drop\"},"
    "\"export\":{\"format\":\"jpeg\",\"width\":96,\"height\":120}}";

static void error_hold(const Reply *reply, const char *code, int status)
{
    if (reply->status != status || strcmp(reply_text(reply, "error"), code) != 0)
        test_fail(__FILE__, __LINE__, "%d, expected %s: %s", reply->status, code, reply->body);
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

TEST_FLOW(more_than_fifty_templates_are_listed_and_found)
{
    const Shop shop = shop_open(place, pro);
    const Reply all = shop_get(&shop, 200, TEMPLATES);

    CHECK(reply_int(&all, "total") >= 50);
    CHECK_INT(value_count(reply_at(&all, "templates")), reply_int(&all, "total"));
    CHECK_TEXT(reply_text(&all, "templates>0>id"), "studio-white");
    CHECK(strstr(reply_text(&all, "templates>0>previewImageUrl"), "/preview?v="));
    CHECK_INT(reply_int(&all, "templates>0>recommendedWidth"), 1600);

    const Reply some = shop_get(
        &shop, 200,
        TEMPLATES "?category=E-commerce&platform=shopee&aspectRatio=1:1&featured=true&premium=false"
                  "&mine=false&tag=white&search=cover&sort=popular&page=1&limit=5");
    CHECK_INT(reply_int(&some, "total"), 1);
    CHECK_TEXT(reply_text(&some, "templates>0>id"), "shopee-white");
    const Reply third = shop_get(&shop, 200, TEMPLATES "?page=3&limit=30");
    CHECK_INT(reply_int(&third, "totalPages"), 3);
    CHECK_INT(value_count(reply_at(&third, "templates")), reply_int(&all, "total") - 60);
    const Reply wrong = ask(&shop, "GET", TEMPLATES "?category=food", NULL);
    error_hold(&wrong, "input_invalid", 400);
    CHECK_TEXT(reply_text(&wrong, "details>0>field"), "/category");
}

TEST_FLOW(a_template_says_what_it_does)
{
    const Shop shop = shop_open(place, pro);
    const Reply one = shop_get(&shop, 200, TEMPLATES "/kitchen");
    AUTO(value_free) Value *text = NULL;
    const char *said = reply_text(&one, "templateConfig");

    CHECK_TEXT(reply_text(&one, "aspectRatio"), "1:1");
    CHECK(!reply_at(&one, "platform") || value_kind(reply_at(&one, "platform")) == VALUE_NULL);
    CHECK_OK(value_parse(said, strlen(said), &text));
    CHECK_INT(value_count(text), value_count(reply_at(&one, "workflow")));
    const Reply none = ask(&shop, "GET", TEMPLATES "/no-such-place", NULL);
    error_hold(&none, "not_found", 404);
}

TEST_FLOW(an_admin_makes_changes_and_deletes_the_studios_templates)
{
    const Shop admin = shop_admin(place), shop = shop_open(place, pro);
    const Reply made = shop_send(
        &admin, 201, "POST",
        json_print(
            place,
            "{\"name\":\"Sand\",\"category\":\"studio\",\"tags\":[\"sand\"],\"isFeatured\":true,"
            "\"templateConfig\":%s}",
            config),
        TEMPLATES);
    const char *id = reply_text(&made, "id"), *path = json_print(place, TEMPLATES "/%s", id);

    CHECK_TEXT(reply_text(&made, "aspectRatio"), "4:5");
    CHECK_TEXT(reply_text(&made, "workflow>background>action"), "solid");
    const Reply seen = shop_get(&shop, 200, "%s", path);
    CHECK_TEXT(reply_text(&seen, "name"), "Sand");
    const Reply mine = ask(&shop, "PUT", path, "{\"name\":\"Mine\"}");
    error_hold(&mine, "forbidden", 403);
    const Reply theirs = ask(&shop, "DELETE", path, NULL);
    error_hold(&theirs, "forbidden", 403);

    const Reply changed = shop_send(
        &admin, 200, "PUT",
        json_print(
            place,
            "{\"description\":\"Warm\",\"isPublic\":false,\"tags\":[],\"templateConfig\":"
            "\"{\\\"background\\\":{\\\"action\\\":\\\"template\\\",\\\"templateId\\\":\\\"kitchen"
            "\\\"}}\"}"),
        "%s", path);
    CHECK_INT(value_count(reply_at(&changed, "tags")), 0);
    const Reply hidden = ask(&shop, "GET", path, NULL);
    error_hold(&hidden, "not_found", 404);
    shop_send(&admin, 200, "DELETE", NULL, "%s", path);
    const Reply gone = ask(&admin, "DELETE", path, NULL);
    error_hold(&gone, "not_found", 404);
    const Reply no_change = ask(&admin, "PUT", path, "{\"name\":\"Mine\"}");
    error_hold(&no_change, "not_found", 404);

    const Reply built_in = ask(&admin, "DELETE", TEMPLATES "/kitchen", NULL);
    error_hold(&built_in, "forbidden", 403);
    shop_send(&admin, 200, "PUT", "{\"isPremium\":true}", TEMPLATES "/dual-gel");
    const Reply flagged = shop_get(&shop, 200, TEMPLATES "/dual-gel");
    CHECK(value_bool(reply_at(&flagged, "isPremium")));
}

TEST_FLOW(a_template_that_cannot_be_is_told_by_field)
{
    static const struct {
        const char *json, *field;
    } rows[] = {
        {"{\"category\":\"studio\",\"templateConfig\":{\"upscale\":{\"factor\":2}}}", "/name"},
        {"{\"name\":\"A\",\"templateConfig\":{\"upscale\":{\"factor\":2}}}", "/category"},
        {"{\"name\":\"A\",\"category\":\"studio\"}", "/templateConfig"},
        {"{\"name\":\"A\",\"category\":\"studio\",\"aspectRatio\":\"wide\",\"templateConfig\":"
         "{\"upscale\":{\"factor\":2}}}",
         "/aspectRatio"},
        {"{\"name\":\"A\",\"category\":\"studio\",\"templateConfig\":{\"background\":{\"action\":"
         "\"bake\"}}}",
         "/templateConfig/background/action"},
        {"{\"name\":\"A\",\"category\":\"studio\",\"templateConfig\":\"{\"}", "/templateConfig"},
    };
    const Shop admin = shop_admin(place);

    for (size_t i = 0; i < COUNT(rows); i++) {
        const Reply reply = ask(&admin, "POST", TEMPLATES, rows[i].json);

        CHECK_INT(reply.status, 400);
        CHECK_TEXT(reply_text(&reply, "details>0>field"), rows[i].field);
    }
    const Reply unknown = ask(
        &admin, "POST", TEMPLATES,
        "{\"name\":\"A\",\"category\":\"studio\",\"templateConfig\":{\"background\":{\"action\":"
        "\"template\",\"templateId\":\"nowhere\"}}}");
    error_hold(&unknown, "not_found", 404);
}

TEST_FLOW(two_hundred_templates_of_ones_own_are_the_most)
{
    const Shop shop = shop_open(
        place, "{\"name\":\"Toko\",\"email\":\"budi@example.com\",\"plan\":\"enterprise\","
               "\"tier\":\"premium\"}");
    const char *wish = json_print(
        place, "{\"name\":\"Mine\",\"category\":\"studio\",\"templateConfig\":%s}", config);

    for (int i = 0; i < 200; i++)
        shop_send(&shop, 201, "POST", wish, TEMPLATES);
    const Reply full = ask(&shop, "POST", TEMPLATES, wish);
    error_hold(&full, "conflict", 409);
}

TEST_FLOW(everybody_rates_a_template_once)
{
    const Shop shop = shop_open(place, pro), other = shop_open(place, pro);
    Reply rated = shop_send(&shop, 200, "POST", "{\"rating\":2}", TEMPLATES "/brick-loft/rate");

    int64_t before = reply_int(&rated, "ratingCount");
    rated = shop_send(&shop, 200, "POST", "{\"rating\":4}", TEMPLATES "/brick-loft/rate");
    CHECK_INT(reply_int(&rated, "ratingCount"), before);
    rated = shop_send(&other, 200, "POST", "{\"rating\":4}", TEMPLATES "/brick-loft/rate");
    CHECK_INT(reply_int(&rated, "ratingCount"), before + 1);
    rated = ask(&shop, "POST", TEMPLATES "/brick-loft/rate", "{\"rating\":6}");
    error_hold(&rated, "input_invalid", 400);
    rated = ask(&shop, "POST", TEMPLATES "/nowhere/rate", "{\"rating\":3}");
    error_hold(&rated, "not_found", 404);
}

TEST_FLOW(a_template_is_shown_by_a_picture_that_is_drawn_once)
{
    static const char *const kinds[] = {"preview", "thumbnail"};
    const Shop shop = shop_open(place, pro), admin = shop_admin(place);
    ImageFacts facts;
    Reply made = shop_send(
        &admin, 201, "POST",
        json_print(
            place, "{\"name\":\"Sand\",\"category\":\"studio\",\"templateConfig\":%s}", config),
        TEMPLATES);

    for (size_t i = 0; i < COUNT(kinds); i++) {
        const char *path = json_print(place, TEMPLATES "/%s/%s", reply_text(&made, "id"), kinds[i]);
        Reply picture = ask(&shop, "GET", path, NULL);
        int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;

        while (picture.status == 202 && clock_ticks_ms() < until_ms) {
            CHECK_TEXT(reply_header(place, &picture, "Retry-After"), "2");
            flow_pause();
            picture = ask(&shop, "GET", path, NULL);
        }
        CHECK_INT(picture.status, 200);
        CHECK_TEXT(reply_header(place, &picture, "Content-Type"), "image/webp");
        CHECK_OK(image_probe(picture.body, picture.size, &image_limits_default, &facts));
        CHECK_INT(facts.width_px, 96);
        CHECK_INT(facts.height_px, 120);
        const Reply again = place_ask(
            place, &(Request){
                       .method = "GET",
                       .path = path,
                       .key = shop.key,
                       .headers = json_print(
                           place, "If-None-Match: %s\r\n", reply_header(place, &picture, "ETag")),
                   });
        CHECK_INT(again.status, 304);
        const Reply none =
            ask(&shop, "GET", json_print(place, TEMPLATES "/nowhere/%s", kinds[i]), NULL);
        error_hold(&none, "not_found", 404);
    }
}
