/* Promises of brands, jobs, uploads, events and ZIPs, as OPAL's document has them, over HTTP. */
#include <unistd.h>

#include "base/file.h"
#include "image/image.h"
#include "shop.h"

static const char pro[] = "{\"name\":\"Mugs\",\"email\":\"ann@example.com\",\"plan\":\"pro\"}";

/* The picture's own size, once it was read whole. */
static void picture_check(const Reply *picture, int width_px, int height_px)
{
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    CHECK_OK(image_decode(picture->body, picture->size, &image_limits_default, NULL, &decoded));
    CHECK_INT(image_width(decoded.image), width_px);
    CHECK_INT(image_height(decoded.image), height_px);
}

/* Both items of the job: their pictures are where they say. */
static void pictures_check(const Shop *shop, const char *job_id)
{
    const Reply job = shop_get(shop, 200, "/v1/jobs/%s", job_id);

    CHECK_TEXT(reply_text(&job, "status"), "completed");
    CHECK_INT(reply_int(&job, "completed_items"), 2);
    for (int i = 0; i < 2; i++) {
        const char *id = reply_text(&job, arena_print(shop->place->mem, "items>%d>item_id", i));
        const Reply item = shop_get(shop, 200, "/v1/jobs/%s/items/%s", job_id, id);
        const Reply link = shop_get(shop, 200, "/v1/jobs/%s/items/%s/download-sas", job_id, id);
        const Reply picture = shop_get(shop, 200, "%s", reply_text(&link, "download_url"));

        CHECK_TEXT(reply_text(&item, "status"), "completed");
        CHECK_INT(picture.size, reply_int(&item, "bytes"));
        CHECK_TEXT(reply_header(shop->place, &picture, "Content-Type"), "image/jpeg");
        picture_check(&picture, (int)reply_int(&item, "width"), (int)reply_int(&item, "height"));
    }
}

/* The ZIP of a job or batch at PATH: asked for twice, it is one. */
static void zip_check(const Shop *shop, const char *path, int pictures)
{
    const Reply begun = shop_send(shop, 202, "POST", NULL, "%s/exports", path);
    const Reply again = shop_send(shop, 202, "POST", NULL, "%s/exports", path);
    const char *id = reply_text(&begun, "export_id");

    CHECK_TEXT(reply_text(&again, "export_id"), id);
    const Reply zip = shop_wait(shop, arena_print(shop->place->mem, "/v1/exports/%s", id));
    CHECK_TEXT(reply_text(&zip, "status"), "ready");
    CHECK_INT(reply_int(&zip, "pictures"), pictures);
    const Reply bytes = shop_get(shop, 200, "%s", reply_text(&zip, "download_url"));
    CHECK_INT(bytes.size, reply_int(&zip, "bytes"));
    CHECK(memcmp(bytes.body, "PK\3\4", 4) == 0);
}

/* Parts of a picture, and what a browser asks when it has it already. */
static void picture_parts_check(const Shop *shop, const char *url)
{
    const Place *place = shop->place;
    const Reply whole = shop_get(shop, 200, "%s", url);
    const char *tag = reply_header(place, &whole, "ETag");
    const Reply part = place_ask(
        place, &(Request){.method = "GET", .path = url, .headers = "Range: bytes=2-5\r\n"});
    const Reply same = place_ask(
        place, &(Request){
                   .method = "GET",
                   .path = url,
                   .headers = arena_print(place->mem, "If-None-Match: %s\r\n", tag)});

    CHECK_INT(part.status, 206);
    CHECK_INT(part.size, 4);
    CHECK(memcmp(part.body, whole.body + 2, 4) == 0);
    CHECK_INT(same.status, 304);
    shop_refused(
        shop, "range_wrong",
        &(Request){.method = "GET", .path = url, .headers = "Range: bytes=99999999-\r\n"});
    shop_refused(
        shop, "precondition_failed",
        &(Request){.method = "GET", .path = url, .headers = "If-Match: \"other\"\r\n"});
}

/* An address that outlives its picture. */
static void picture_gone_check(const Shop *shop, const char *url)
{
    Arena *mem = shop->place->mem;
    const char *key = strstr(url, "/store/") + strlen("/store/");
    const char *key_only = arena_text_n(mem, key, strcspn(key, "?"));

    CHECK_INT(
        unlink(desk_path(&shop->place->desk, arena_print(mem, "data/store/blobs/%s=", key_only))),
        0);
    shop_refused(shop, "not_found", &(Request){.method = "GET", .path = url});
}

TEST_FLOW(a_photo_becomes_two_pictures_in_five_minutes)
{
    const Shop shop = shop_open(place, pro);
    AUTO(buf_done) Buf photo = photo_draw(place, 1);
    const Reply brand = shop_send(
        &shop, 201, "POST",
        "{\"name\":\"Acme Home\",\"default_scene_prompt\":\"bright living room\","
        "\"style_keywords\":[\"minimal\"],\"color_palette\":[\"#FFFFFF\"],\"mood\":\"modern\"}",
        "/v1/brand-profiles");
    const Reply job = shop_send(
        &shop, 201, "POST",
        json_print(
            place,
            "{\"brand_profile_id\":\"%s\",\"items\":[{\"filename\":\"mug.png\",\"scene_count\":2,"
            "\"scene_types\":[\"living_room\",\"kitchen\"]}]}",
            reply_text(&brand, "brand_profile_id")),
        "/v1/jobs");
    const char *id = reply_text(&job, "job_id");
    const char *path = arena_print(place->mem, "/v1/jobs/%s", id);

    CHECK_INT(value_count(reply_at(&job, "items")), 2);
    CHECK_TEXT(reply_text(&job, "items>1>scene_type"), "kitchen");
    shop_upload(&shop, &job, &photo);
    const Reply begun = shop_send(&shop, 202, "POST", NULL, "%s/process", path);
    CHECK_TEXT(reply_text(&begun, "status"), "processing");

    const char *events = shop_events(&shop, arena_print(place->mem, "%s/events", path), NULL);
    CHECK(strstr(events, "event: run.queued") && strstr(events, "event: run.completed"));
    const char *end = strstr(events, "event: project.completed");
    CHECK(end && strstr(end, "\"completed\":2"));
    pictures_check(&shop, id);
    zip_check(&shop, path, 2);

    const Reply done = shop_get(&shop, 200, "%s", path);
    picture_parts_check(&shop, reply_text(&done, "items>0>output_url"));
    const Reply quota = shop_get(&shop, 200, "/v1/quota");
    CHECK_INT(reply_int(&quota, "used"), 2);
    CHECK_INT(reply_int(&quota, "remaining"), 498);

    /* Once more changes nothing, and is paid for once. */
    shop_send(&shop, 202, "POST", NULL, "%s/process", path);
    const Reply after = shop_get(&shop, 200, "/v1/quota");
    CHECK_INT(reply_int(&after, "used"), 2);

    /* Who lost the line goes on after the last event that came. */
    const char *rest = shop_events(&shop, arena_print(place->mem, "%s/events", path), "2");
    CHECK(!strstr(rest, "id: 1\n") && !strstr(rest, "id: 2\n"));
    CHECK(strstr(rest, "event: project.completed"));
    picture_gone_check(&shop, reply_text(&done, "items>1>output_url"));
}

TEST_FLOW(a_brand_is_made_changed_in_part_listed_and_deleted)
{
    const Shop shop = shop_open(place, pro);
    const Reply made = shop_send(
        &shop, 201, "POST",
        "{\"name\":\"Acme\",\"default_scene_prompt\":\"oak table\",\"style_keywords\":[\"calm\","
        "\"clean\"],\"mood\":\"rustic\"}",
        "/v1/brand-profiles");
    const char *path =
        arena_print(place->mem, "/v1/brand-profiles/%s", reply_text(&made, "brand_profile_id"));
    const Reply changed = shop_send(
        &shop, 200, "PUT", "{\"mood\":\"luxe\",\"color_palette\":[\"#102030\"]}", "%s", path);

    CHECK_TEXT(reply_text(&changed, "mood"), "luxe");
    CHECK_TEXT(reply_text(&changed, "name"), "Acme");
    CHECK_TEXT(reply_text(&changed, "default_scene_prompt"), "oak table");
    CHECK_TEXT(reply_text(&changed, "style_keywords>1"), "clean");
    CHECK_INT(value_count(reply_at(&changed, "color_palette")), 1);
    const Reply bared = shop_send(&shop, 200, "PUT", "{\"style_keywords\":[]}", "%s", path);
    CHECK_INT(value_count(reply_at(&bared, "style_keywords")), 0);
    CHECK_TEXT(reply_text(&bared, "mood"), "luxe");
    const Reply seen = shop_get(&shop, 200, "%s", path);
    CHECK_TEXT(reply_text(&seen, "color_palette>0"), "#102030");

    shop_send(&shop, 201, "POST", "{\"name\":\"Two\"}", "/v1/brand-profiles");
    const Reply first = shop_get(&shop, 200, "/v1/brand-profiles?limit=1");
    CHECK_INT(value_count(first.json), 1);
    const char *next = reply_header(place, &first, "Link");
    CHECK(next && next[0] == '<' && strstr(next, ">; rel=\"next\""));
    const Reply second =
        shop_get(&shop, 200, "%s", arena_text_n(place->mem, next + 1, strcspn(next + 1, ">")));
    CHECK_TEXT(reply_text(&second, "0>name"), "Two");
    CHECK(!reply_header(place, &second, "Link"));

    shop_send(&shop, 204, "DELETE", NULL, "%s", path);
    shop_get(&shop, 404, "%s", path);
    shop_send(&shop, 404, "DELETE", NULL, "%s", path);
    shop_send(&shop, 404, "PUT", "{\"mood\":\"x\"}", "%s", path);
}

/* A job of one picture, made; its bytes. */
static Reply picture_made(const Shop *shop, const Buf *photo, const char *wish)
{
    const Reply job = shop_send(shop, 201, "POST", wish, "/v1/jobs");
    const char *path = arena_print(shop->place->mem, "/v1/jobs/%s", reply_text(&job, "job_id"));

    shop_upload(shop, &job, photo);
    shop_send(shop, 202, "POST", NULL, "%s/process", path);
    const Reply done = shop_wait(shop, path);
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    return shop_get(shop, 200, "%s", reply_text(&done, "items>0>output_url"));
}

TEST_FLOW(words_of_an_item_go_before_those_of_its_brand)
{
    const Shop shop = shop_open(place, pro);
    AUTO(buf_done) Buf photo = photo_draw(place, 2);
    const Reply brand = shop_send(
        &shop, 201, "POST", "{\"name\":\"A\",\"default_scene_prompt\":\"white marble\"}",
        "/v1/brand-profiles");
    const char *id = reply_text(&brand, "brand_profile_id");
    const Reply words = picture_made(
        &shop, &photo, "{\"items\":[{\"filename\":\"a.png\",\"scene_prompt\":\"dark slate\"}]}");
    const Reply both = picture_made(
        &shop, &photo,
        json_print(
            place,
            "{\"brand_profile_id\":\"%s\",\"items\":[{\"filename\":\"a.png\",\"scene_prompt\":"
            "\"dark slate\"}]}",
            id));
    const Reply brands = picture_made(
        &shop, &photo,
        json_print(
            place, "{\"brand_profile_id\":\"%s\",\"items\":[{\"filename\":\"a.png\"}]}", id));

    CHECK_INT(both.size, words.size);
    CHECK(memcmp(both.body, words.body, words.size) == 0);
    CHECK(brands.size != words.size || memcmp(brands.body, words.body, words.size) != 0);
}

TEST_FLOW(what_is_cancelled_costs_nothing)
{
    const Shop shop = shop_open(place, "{\"name\":\"Mugs\",\"plan\":\"pro\",\"monthly_quota\":20}");
    AUTO(buf_done) Buf photo = photo_draw(place, 3);
    const Reply job = shop_send(
        &shop, 201, "POST", "{\"items\":[{\"filename\":\"a.png\",\"scene_count\":20}]}",
        "/v1/jobs");
    const char *path = arena_print(place->mem, "/v1/jobs/%s", reply_text(&job, "job_id"));

    shop_upload(&shop, &job, &photo);
    shop_send(&shop, 202, "POST", NULL, "%s/process", path);
    const Reply cancelled = shop_send(&shop, 200, "DELETE", NULL, "%s", path);
    CHECK_TEXT(reply_text(&cancelled, "status"), "cancelled");
    int64_t made = reply_int(&cancelled, "completed_items");
    CHECK_INT(made + reply_int(&cancelled, "cancelled_items"), 20);
    shop_send(&shop, 200, "DELETE", NULL, "%s", path);
    const char *events = shop_events(&shop, arena_print(place->mem, "%s/events", path), NULL);
    CHECK(strstr(events, "event: run.cancelled"));

    const Reply after = shop_get(&shop, 200, "%s", path);
    CHECK_INT(reply_int(&after, "completed_items"), made);
    const Ran purse =
        place_run(place, arena_print(place->mem, "admin credits show %s --json", shop.tenant_id));
    CHECK(
        strstr(purse.out, arena_print(place->mem, "\"available\": %d", (int)(60 - 3 * made))) ||
        strstr(purse.out, arena_print(place->mem, "\"available\":%d", (int)(60 - 3 * made))));
}

TEST_FLOW(pages_of_jobs_lead_from_the_newest_to_the_oldest)
{
    const Shop shop = shop_open(place, pro);
    const char *next = "/v1/jobs?limit=2", *link;
    int seen = 0;

    for (int i = 0; i < 5; i++)
        shop_send(
            &shop, 201, "POST",
            json_print(place, "{\"name\":\"%d\",\"items\":[{\"filename\":\"a.png\"}]}", i),
            "/v1/jobs");
    do {
        const Reply page = shop_get(&shop, 200, "%s", next);

        for (size_t i = 0; i < value_count(reply_at(&page, "jobs")); i++, seen++)
            CHECK_INT(
                strtol(reply_text(&page, arena_print(place->mem, "jobs>%zu>name", i)), NULL, 10),
                4 - seen);
        link = reply_header(place, &page, "Link");
        if (link)
            next = arena_text_n(place->mem, link + 1, strcspn(link + 1, ">"));
    } while (link);
    CHECK_INT(seen, 5);
}

TEST_FLOW(a_job_tells_its_items_by_the_page_when_it_is_asked_to)
{
    const Shop shop = shop_open(place, pro);
    const Reply job = shop_send(
        &shop, 201, "POST", "{\"items\":[{\"filename\":\"a.png\",\"scene_count\":5}]}", "/v1/jobs");
    const char *path = arena_print(place->mem, "/v1/jobs/%s", reply_text(&job, "job_id"));
    const char *next = arena_print(place->mem, "%s?limit=2", path), *link;
    int seen = 0;

    do {
        const Reply page = shop_get(&shop, 200, "%s", next);

        CHECK_INT(reply_int(&page, "total_items"), 5);
        for (size_t i = 0; i < value_count(reply_at(&page, "items")); i++, seen++)
            CHECK_INT(reply_int(&page, arena_print(place->mem, "items>%zu>scene_index", i)), seen);
        link = reply_header(place, &page, "Link");
        if (link)
            next = arena_text_n(place->mem, link + 1, strcspn(link + 1, ">"));
    } while (link);
    CHECK_INT(seen, 5);

    const Reply bare = shop_get(&shop, 200, "%s?limit=0", path);
    CHECK_INT(value_count(reply_at(&bare, "items")), 0);
    CHECK(!reply_header(place, &bare, "Link"));
    const Reply whole = shop_get(&shop, 200, "%s", path);
    CHECK_INT(value_count(reply_at(&whole, "items")), 5);
    CHECK(!reply_header(place, &whole, "Link"));
    shop_refused(
        &shop, "not_found",
        &(Request){.method = "GET", .path = arena_print(place->mem, "%s?after=run_none", path)});
}

TEST_FLOW(a_request_that_came_twice_is_one)
{
    const Shop shop = shop_open(place, pro);
    const Request request = {
        .method = "POST",
        .path = "/v1/jobs",
        .key = shop.key,
        .headers = "Idempotency-Key: order-17\r\n",
        .body = "{\"items\":[{\"filename\":\"a.png\"}]}",
    };
    const Reply first = place_ask(place, &request), second = place_ask(place, &request);

    CHECK_INT(first.status, 201);
    CHECK_INT(second.status, 201);
    CHECK_TEXT(second.body, first.body);
    const Reply list = shop_get(&shop, 200, "/v1/jobs");
    CHECK_INT(value_count(reply_at(&list, "jobs")), 1);
}

TEST_FLOW(what_is_left_out_may_be_null_and_what_is_missing_is_named)
{
    const Shop shop = shop_open(place, pro), admin = shop_admin(place);
    const Reply job = shop_send(
        &shop, 201, "POST",
        "{\"tenant_id\":null,\"name\":null,\"brand_profile_id\":null,\"items\":[{\"filename\":"
        "\"a.png\",\"scene_prompt\":null,\"scene_count\":null,\"scene_types\":null,"
        "\"product_id\":null,\"source_url\":null}]}",
        "/v1/jobs");
    CHECK_INT(value_count(reply_at(&job, "items")), 1);

    const Reply unknown = shop_send(
        &shop, 404, "POST", "{\"brand_profile_id\":\"brand_1\",\"items\":[{\"filename\":\"a\"}]}",
        "/v1/jobs");
    CHECK_TEXT(reply_text(&unknown, "errors>0>pointer"), "/brand_profile_id");
    shop_send(&shop, 422, "POST", "{\"items\":[{\"filename\":\"\"}]}", "/v1/jobs");

    const Reply unlimited = shop_send(
        &admin, 200, "PUT", "{\"monthly_quota\":null}", "/v1/tenants/%s/quota", shop.tenant_id);
    CHECK(value_kind(reply_at(&unlimited, "monthly_quota")) == VALUE_NULL);
}

static bool has_picture_library(const Place *place)
{
    AUTO(buf_done) Buf maps = BUF(4 << 20);

    CHECK_OK(file_read(arena_print(place->mem, "/proc/%d/maps", place->pid), &maps));
    return strstr(buf_text(&maps), "libvips") != NULL;
}

TEST_FLOW(a_server_opens_the_picture_library_for_the_first_picture_and_not_for_photos_that_come)
{
    AUTO(place_close) Place other = {0};
    place_open(place->kind, place->mem, "", &other);
    const Shop shop = shop_open(&other, pro);
    AUTO(buf_done) Buf photo = photo_draw(place, 30);
    const Reply job =
        shop_send(&shop, 201, "POST", "{\"items\":[{\"filename\":\"a.png\"}]}", "/v1/jobs");
    const char *path = arena_print(place->mem, "/v1/jobs/%s", reply_text(&job, "job_id"));

    shop_upload(&shop, &job, &photo);
    CHECK(!has_picture_library(&other));
    shop_send(&shop, 202, "POST", NULL, "%s/process", path);
    const Reply done = shop_wait(&shop, path);
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    CHECK(has_picture_library(&other));
}
