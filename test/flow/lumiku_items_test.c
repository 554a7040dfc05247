/* Promises of the Lumiku door about projects and photos, over HTTP, on each database. */
#include "image/image.h"
#include "shop.h"

#define APP "/api/apps/product-photo-studio"

static const char standard[] =
    "{\"name\":\"Toko\",\"email\":\"budi@example.com\",\"tier\":\"standard\",\"credits\":100}";
static const char poor[] =
    "{\"name\":\"Warung\",\"email\":\"ani@example.com\",\"tier\":\"standard\",\"credits\":1}";
static const char boundary[] = "a-line-between-parts";

enum {
    FORM_BYTES_MAX = 64 << 20
};

/* ---- forms ---- */

static void form_text(Buf *form, const char *name, const char *text)
{
    CHECK_OK(buf_print(
        form, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", boundary, name,
        text));
}

static void form_file(Buf *form, const char *filename, const void *bytes, size_t size)
{
    CHECK_OK(buf_print(
        form,
        "--%s\r\nContent-Disposition: form-data; name=\"files\"; filename=\"%s\"\r\n"
        "Content-Type: application/octet-stream\r\n\r\n",
        boundary, filename));
    CHECK_OK(buf_add(form, bytes, size));
    CHECK_OK(buf_print(form, "\r\n"));
}

/* A photo of a plain wall, another for each NUMBER. */
static void form_photo(Buf *form, const char *filename, int width, int height, int number)
{
    static const ImageEncoding jpeg = {.format = IMAGE_JPEG, .quality = 80};
    const Colour colour = {(uint8_t)(number * 40), 90, 160, 255};
    AUTO(buf_done) Buf bytes = BUF(1 << 22);
    AUTO(image_free) Image *wall = NULL;

    CHECK_OK(image_flat(width, height, colour, &wall));
    CHECK_OK(image_encode(wall, &jpeg, &bytes));
    form_file(form, filename, bytes.bytes, bytes.size);
}

static Reply form_ask(const Shop *shop, const char *project, Buf *form, const char *headers)
{
    CHECK_OK(buf_print(form, "--%s--\r\n", boundary));
    return place_ask(
        shop->place,
        &(Request){
            .method = "POST",
            .path = json_print(shop->place, APP "/projects/%s/items/upload", project),
            .key = shop->key,
            .headers = headers,
            .type = json_print(shop->place, "multipart/form-data; boundary=%s", boundary),
            .body = form->bytes,
            .size = form->size,
        });
}

static Reply form_send(const Shop *shop, const char *project, Buf *form)
{
    return form_ask(shop, project, form, NULL);
}

static const char *project_make(const Shop *shop, const char *name)
{
    const Reply made = shop_send(
        shop, 201, "POST", json_print(shop->place, "{\"name\":\"%s\"}", name), APP "/projects");

    return reply_text(&made, "id");
}

/* COUNT photos called p0.jpg, p1.jpg, ... */
static Reply photos_send(const Shop *shop, const char *project, int count)
{
    AUTO(buf_done) Buf form = BUF(FORM_BYTES_MAX);

    for (int i = 0; i < count; i++)
        form_photo(&form, json_print(shop->place, "p%d.jpg", i), 640, 500, i);
    const Reply sent = form_send(shop, project, &form);
    CHECK_INT(sent.status, 200);
    CHECK_INT(reply_int(&sent, "uploaded"), count);
    return sent;
}

static int64_t credits(const Shop *shop)
{
    const Reply purse = shop_get(shop, 200, "/api/credits");

    return reply_int(&purse, "available");
}

/* ---- projects ---- */

TEST_FLOW(a_project_is_made_changed_listed_and_deleted)
{
    const Shop shop = shop_open(place, standard), other = shop_open(place, poor);
    const Reply made = shop_send(
        &shop, 201, "POST",
        "{\"name\":\"Shopee Lineup\",\"description\":\"November\",\"category\":\"E-commerce\","
        "\"defaultTemplate\":\"studio-white\"}",
        APP "/projects");
    const char *id = reply_text(&made, "id");

    CHECK_TEXT(reply_text(&made, "status"), "active");
    CHECK_INT(reply_int(&made, "totalPhotos"), 0);
    CHECK_INT(reply_int(&made, "totalProcessed"), 0);
    CHECK_INT(reply_int(&made, "totalExported"), 0);
    const Reply changed = shop_send(
        &shop, 200, "PUT", "{\"status\":\"archived\",\"defaultTemplate\":\"\"}", APP "/projects/%s",
        id);
    CHECK_TEXT(reply_text(&changed, "status"), "archived");
    CHECK_TEXT(reply_text(&changed, "description"), "November");
    CHECK(value_kind(reply_at(&changed, "defaultTemplate")) == VALUE_NULL);

    project_make(&shop, "Second");
    project_make(&shop, "Third");
    const Reply page = shop_get(&shop, 200, APP "/projects?limit=2");
    CHECK_INT(reply_int(&page, "total"), 3);
    CHECK_TEXT(reply_text(&page, "projects>0>name"), "Third");
    const Reply rest =
        shop_get(&shop, 200, APP "/projects?limit=2&before=%s", reply_text(&page, "nextCursor"));
    CHECK_TEXT(reply_text(&rest, "projects>0>id"), id);
    CHECK(value_kind(reply_at(&rest, "nextCursor")) == VALUE_NULL);
    const Reply found = shop_get(&shop, 200, APP "/projects?search=lineup&status=archived");
    CHECK_INT(value_count(reply_at(&found, "projects")), 1);
    const Reply theirs = shop_get(&other, 200, APP "/projects");
    CHECK_INT(reply_int(&theirs, "total"), 0);

    shop_send(&shop, 200, "DELETE", NULL, APP "/projects/%s", id);
    shop_get(&shop, 404, APP "/projects/%s", id);
    shop_send(&shop, 404, "DELETE", NULL, APP "/projects/%s", id);
    shop_send(&shop, 400, "POST", "{}", APP "/projects");
    shop_send(&shop, 400, "POST", "{\"name\":\"\"}", APP "/projects");
    shop_send(&shop, 400, "POST", "{\"name\":\"a\",\"nome\":\"b\"}", APP "/projects");
}

TEST_FLOW(nobody_reaches_anothers_project_or_photo_nor_another_door_does)
{
    const Shop shop = shop_open(place, standard), other = shop_open(place, poor);
    const char *id = project_make(&shop, "Mine");
    const Reply sent = photos_send(&shop, id, 1);
    const char *item = reply_text(&sent, "items>0>id");
    AUTO(buf_done) Buf form = BUF(FORM_BYTES_MAX);

    const Reply shown = shop_get(&shop, 200, APP "/projects?covers=4");
    CHECK_INT(value_count(reply_at(&shown, "projects>0>coverUrls")), 1);
    const Reply theirs = shop_get(&other, 200, APP "/projects?covers=4");
    CHECK_INT(value_count(reply_at(&theirs, "projects")), 0);
    shop_get(&other, 404, APP "/projects/%s", id);
    shop_send(&other, 404, "PUT", "{\"name\":\"Theirs\"}", APP "/projects/%s", id);
    shop_send(&other, 404, "DELETE", NULL, APP "/projects/%s", id);
    shop_get(&other, 404, APP "/projects/%s/items", id);
    shop_send(&other, 404, "PUT", "{\"productName\":\"a\"}", APP "/projects/%s/items", id);
    shop_send(&other, 404, "DELETE", NULL, APP "/projects/%s/items?itemIds=%s", id, item);
    shop_get(&other, 404, APP "/items/%s", item);
    shop_send(&other, 404, "PUT", "{\"productName\":\"a\"}", APP "/items/%s", item);
    shop_send(&other, 404, "DELETE", NULL, APP "/items/%s", item);
    form_photo(&form, "a.jpg", 640, 500, 1);
    CHECK_INT(form_send(&other, id, &form).status, 404);
    const Reply table = place_ask(
        place, &(Request){
                   .method = "POST",
                   .path = json_print(place, APP "/projects/%s/items/import", id),
                   .key = other.key,
                   .type = "text/csv",
                   .body = "filename,name\np0.jpg,Theirs\n",
               });
    CHECK_INT(table.status, 404);

    shop_get(&shop, 404, "/v1/jobs/%s", id);
    const Reply jobs = shop_get(&shop, 200, "/v1/jobs");
    CHECK_INT(value_count(reply_at(&jobs, "jobs")), 0);
    const Reply job =
        shop_send(&shop, 201, "POST", "{\"items\":[{\"filename\":\"a.jpg\"}]}", "/v1/jobs");
    shop_get(&shop, 404, APP "/projects/%s", reply_text(&job, "job_id"));
}

/* ---- photos come ---- */

TEST_FLOW(photos_come_together_and_each_is_told_what_became_of_it)
{
    const Shop shop = shop_open(place, standard);
    const char *id = project_make(&shop, "Shoes");
    AUTO(buf_done) Buf form = BUF(FORM_BYTES_MAX);
    int64_t before = credits(&shop);

    form_text(&form, "productName", "Sneaker");
    form_text(&form, "sku", "SKU-1");
    form_text(&form, "price", "Rp 59.000");
    form_text(&form, "tags", "fall, 2025");
    form_photo(&form, "shoe.jpg", 900, 600, 1);
    form_file(&form, "notes.jpg", "just words", 10);
    form_photo(&form, "../../etc/passwd", 640, 500, 2);
    form_photo(&form, "small.jpg", 499, 640, 3);
    form_photo(&form, "again.jpg", 900, 600, 1);
    const Reply sent = form_send(&shop, id, &form);

    CHECK_INT(sent.status, 200);
    CHECK_INT(reply_int(&sent, "uploaded"), 3);
    CHECK_INT(reply_int(&sent, "failed"), 2);
    CHECK_INT(reply_int(&sent, "creditCharged"), 6);
    CHECK_INT(credits(&shop), before - 6);
    CHECK_TEXT(reply_text(&sent, "items>0>originalFileName"), "shoe.jpg");
    CHECK_TEXT(reply_text(&sent, "items>1>originalFileName"), "passwd");
    CHECK_TEXT(reply_text(&sent, "items>0>productSku"), "SKU-1");
    CHECK_TEXT(reply_text(&sent, "items>2>productTags>1"), "2025");
    CHECK_TEXT(reply_text(&sent, "items>0>status"), "uploaded");
    CHECK_INT(reply_int(&sent, "items>0>originalWidth"), 900);
    CHECK(value_kind(reply_at(&sent, "items>0>processedUrl")) == VALUE_NULL);
    CHECK_TEXT(reply_text(&sent, "results>1>error"), "image_unsupported");
    CHECK_TEXT(reply_text(&sent, "results>3>error"), "image_too_small");
    CHECK(strstr(reply_text(&sent, "results>3>message"), "499"));
    CHECK_TEXT(reply_text(&sent, "results>4>duplicateOf"), reply_text(&sent, "items>0>id"));

    const Reply thumb = place_ask(
        place, &(Request){.method = "GET", .path = reply_text(&sent, "items>0>thumbnailUrl")});
    ImageFacts facts;
    CHECK_INT(thumb.status, 200);
    CHECK_OK(image_probe(thumb.body, thumb.size, NULL, &facts));
    CHECK_INT(facts.width_px, 400);
    const Reply original = place_ask(
        place, &(Request){.method = "GET", .path = reply_text(&sent, "items>0>originalUrl")});
    CHECK_INT(original.status, 200);
    CHECK_INT(original.size, reply_int(&sent, "items>0>originalFileSize"));
    const Reply project = shop_get(&shop, 200, APP "/projects/%s?limit=2", id);
    CHECK_INT(reply_int(&project, "totalPhotos"), 3);
    CHECK_INT(reply_int(&project, "totalItems"), 3);
    CHECK_INT(value_count(reply_at(&project, "items")), 2);
    const Reply rest =
        shop_get(&shop, 200, APP "/projects/%s?after=%s", id, reply_text(&project, "nextCursor"));
    CHECK_INT(value_count(reply_at(&rest, "items")), 1);
}

TEST_FLOW(when_no_file_can_be_taken_all_reasons_are_told_and_nothing_is_charged)
{
    const Shop shop = shop_open(place, standard);
    const char *id = project_make(&shop, "Shoes");
    AUTO(buf_done) Buf form = BUF(FORM_BYTES_MAX);
    AUTO(buf_done) Buf none = BUF(FORM_BYTES_MAX);
    int64_t before = credits(&shop);

    form_file(&form, "test.txt", "hello", 5);
    form_file(&form, "page.jpg", "<html></html>", 13);
    form_file(&form, "empty.jpg", "", 0);
    const Reply refused = form_send(&shop, id, &form);
    CHECK_INT(refused.status, 400);
    CHECK_TEXT(reply_text(&refused, "error"), "input_invalid");
    CHECK_INT(value_count(reply_at(&refused, "details")), 3);
    CHECK_TEXT(reply_text(&refused, "details>1>field"), "/files/1");
    CHECK(strstr(reply_text(&refused, "details>1>message"), "page.jpg: "));
    CHECK_INT(form_send(&shop, id, &none).status, 400);
    CHECK_INT(credits(&shop), before);
    const Reply project = shop_get(&shop, 200, APP "/projects/%s", id);
    CHECK_INT(reply_int(&project, "totalPhotos"), 0);
}

TEST_FLOW(a_hundred_and_one_photos_or_no_credits_keep_nothing)
{
    const Shop shop = shop_open(place, standard), broke = shop_open(place, poor);
    const char *id = project_make(&shop, "Shoes"), *theirs = project_make(&broke, "Hats");
    AUTO(buf_done) Buf many = BUF(FORM_BYTES_MAX);
    AUTO(buf_done) Buf one = BUF(FORM_BYTES_MAX);

    for (int i = 0; i < 101; i++)
        form_photo(&many, "a.jpg", 500, 500, 1);
    CHECK_INT(form_send(&shop, id, &many).status, 400);
    const Reply project = shop_get(&shop, 200, APP "/projects/%s", id);
    CHECK_INT(reply_int(&project, "totalPhotos"), 0);
    CHECK_INT(credits(&shop), 100);

    form_photo(&one, "a.jpg", 500, 500, 1);
    const Reply refused = form_send(&broke, theirs, &one);
    CHECK_INT(refused.status, 403);
    CHECK_TEXT(reply_text(&refused, "error"), "credits_spent");
    const Reply empty = shop_get(&broke, 200, APP "/projects/%s", theirs);
    CHECK_INT(reply_int(&empty, "totalPhotos"), 0);
    CHECK_INT(credits(&broke), 1);
}

/* ---- what is known of them ---- */

/* One photo of NAME under KEY. */
static Reply keyed_send(const Shop *shop, const char *project, const char *key, const char *name)
{
    AUTO(buf_done) Buf form = BUF(FORM_BYTES_MAX);

    form_text(&form, "productName", name);
    form_photo(&form, "p.jpg", 640, 500, 1);
    return form_ask(shop, project, &form, json_print(shop->place, "Idempotency-Key: %s\r\n", key));
}

TEST_FLOW(photos_that_come_twice_under_one_key_are_kept_and_paid_once)
{
    const Shop shop = shop_open(place, standard);
    const char *project = project_make(&shop, "Twice");
    const Reply first = keyed_send(&shop, project, "one", "Mug");
    const Reply again = keyed_send(&shop, project, "one", "Mug");
    const Reply other = keyed_send(&shop, project, "one", "Cup");

    CHECK_INT(first.status, 200);
    CHECK_INT(again.status, 200);
    CHECK_TEXT(again.body, first.body);
    CHECK_INT(other.status, 409);
    CHECK_INT(credits(&shop), 98);
    CHECK_INT(keyed_send(&shop, project, "two", "Cup").status, 200);
    const Reply shown = shop_get(&shop, 200, APP "/projects/%s", project);
    CHECK_INT(reply_int(&shown, "totalPhotos"), 2);
    CHECK_INT(credits(&shop), 96);
}

/* The status that comes to the head of a form of so many BYTES, of which none is sent. */
static int status_before(const Shop *shop, const char *project, int64_t bytes)
{
    AUTO(wire_close) Wire wire = wire_open_port(shop->place->port);

    wire_send(
        &wire, json_print(
                   shop->place,
                   "POST " APP "/projects/%s/items/upload HTTP/1.1\r\nHost: a\r\n"
                   "Authorization: Bearer %s\r\nContent-Length: %jd\r\n"
                   "Content-Type: multipart/form-data; boundary=%s\r\n"
                   "Expect: 100-continue\r\n\r\n",
                   project, shop->key, (intmax_t)bytes, boundary));
    return wire_answer(&wire, false).status;
}

TEST_FLOW(photos_that_cannot_be_paid_are_refused_before_they_are_sent)
{
    const Shop shop = shop_open(place, standard), other = shop_open(place, poor);
    const char *mine = project_make(&shop, "Mine"), *theirs = project_make(&other, "Theirs");

    CHECK_INT(status_before(&other, theirs, 1000), 403);
    CHECK_INT(status_before(&shop, mine, 2000000000), 403);
    CHECK_INT(status_before(&shop, theirs, 1000), 404);
    CHECK_INT(status_before(&shop, mine, 1000), 100);
    CHECK_INT(credits(&shop), 100);
}

TEST_FLOW(photos_are_found_changed_and_deleted)
{
    const Shop shop = shop_open(place, standard);
    const char *id = project_make(&shop, "Shoes");
    const Reply sent = photos_send(&shop, id, 3);
    const char *first = reply_text(&sent, "items>0>id"), *second = reply_text(&sent, "items>1>id");

    const Reply changed = shop_send(
        &shop, 200, "PUT",
        "{\"productName\":\"Sepatu\",\"productTags\":[\"sale\"],\"isFavorite\":true}",
        APP "/items/%s", first);
    CHECK_TEXT(reply_text(&changed, "productName"), "Sepatu");
    CHECK(value_bool(reply_at(&changed, "isFavorite")));
    const Reply kept = shop_send(
        &shop, 200, "PUT", "{\"productPrice\":\"12\",\"isFavorite\":false}", APP "/items/%s",
        first);
    CHECK_TEXT(reply_text(&kept, "productName"), "Sepatu");
    CHECK_TEXT(reply_text(&kept, "productTags>0"), "sale");
    CHECK(!value_bool(reply_at(&kept, "isFavorite")));
    const Reply shown = shop_get(&shop, 200, APP "/items/%s", first);
    CHECK_TEXT(reply_text(&shown, "productPrice"), "12");

    const Reply two = shop_send(
        &shop, 200, "PUT",
        json_print(
            place, "{\"itemIds\":[\"%s\",\"%s\"],\"productSku\":\"S-1\",\"isFavorite\":true}",
            first, second),
        APP "/projects/%s/items", id);
    CHECK_INT(reply_int(&two, "updated"), 2);
    const Reply all =
        shop_send(&shop, 200, "PUT", "{\"productTags\":[\"new\"]}", APP "/projects/%s/items", id);
    CHECK_INT(reply_int(&all, "updated"), 3);

    static const struct {
        const char *query;
        int64_t count;
    } looks[] = {{"", 3},           {"?favorite=true", 2},   {"?favorite=false", 1},
                 {"?tag=new", 3},   {"?tag=sale", 0},        {"?search=s-1", 2},
                 {"?search=p2", 1}, {"?status=uploaded", 3}, {"?status=processed", 0}};
    for (size_t i = 0; i < COUNT(looks); i++) {
        const Reply found = shop_get(&shop, 200, APP "/projects/%s/items%s", id, looks[i].query);

        CHECK_INT(reply_int(&found, "total"), looks[i].count);
    }
    shop_get(&shop, 400, APP "/projects/%s/items?status=lost", id);

    shop_send(&shop, 200, "DELETE", NULL, APP "/items/%s", first);
    shop_get(&shop, 404, APP "/items/%s", first);
    shop_send(
        &shop, 404, "DELETE", NULL, APP "/projects/%s/items?itemIds=%s,%s", id, second, first);
    shop_get(&shop, 200, APP "/items/%s", second);
    shop_send(&shop, 200, "DELETE", NULL, APP "/projects/%s/items?itemIds=%s", id, second);
    const Reply left = shop_get(&shop, 200, APP "/projects/%s", id);
    CHECK_INT(reply_int(&left, "totalPhotos"), 1);
}

TEST_FLOW(a_table_says_what_is_known_of_many_products)
{
    const Shop shop = shop_open(place, standard);
    const char *id = project_make(&shop, "Shoes");
    const Reply sent = photos_send(&shop, id, 2);
    const Request table = {
        .method = "POST",
        .path = json_print(place, APP "/projects/%s/items/import", id),
        .key = shop.key,
        .type = "text/csv",
        .body = "filename,name,sku,price,tags,favorite\r\n"
                "P0.JPG,\"Sepatu, merah\",S-1,Rp 59.000,red;sale,yes\r\n"
                "p9.jpg,Nobody,,,,\r\n",
    };
    const Reply read = place_ask(place, &table);

    CHECK_INT(read.status, 200);
    CHECK_INT(reply_int(&read, "imported"), 1);
    CHECK_INT(reply_int(&read, "failed"), 1);
    CHECK_TEXT(reply_text(&read, "results>0>itemIds>0"), reply_text(&sent, "items>0>id"));
    CHECK_INT(reply_int(&read, "results>1>line"), 3);
    CHECK(strstr(reply_text(&read, "results>1>message"), "Line 3"));
    const Reply item = shop_get(&shop, 200, APP "/items/%s", reply_text(&sent, "items>0>id"));
    CHECK_TEXT(reply_text(&item, "productName"), "Sepatu, merah");
    CHECK_INT(value_count(reply_at(&item, "productTags")), 2);

    Request odd = table;
    odd.body = "colour\nred\n";
    CHECK_INT(place_ask(place, &odd).status, 400);
}

/* ---- what is made of them ---- */

/* A product on transparency, which needs no network to be cut out. */
static void form_product(Buf *form, const char *filename)
{
    static const ImageEncoding png = {.format = IMAGE_PNG, .effort = 1};
    AUTO(buf_done) Buf bytes = BUF(1 << 22);
    AUTO(image_free) Image *image = NULL;

    CHECK_OK(image_new(500, 500, 4, DEPTH_8, &image));
    for (int y = 100; y < 400; y++)
        for (int x = 150; x < 350; x++)
            memcpy((uint8_t *)image_row_mut(image, y) + 4 * x, "\xc0\x30\x50\xff", 4);
    CHECK_OK(image_encode(image, &png, &bytes));
    form_file(form, filename, bytes.bytes, bytes.size);
}

static const char *product_send(const Shop *shop, const char *project)
{
    AUTO(buf_done) Buf form = BUF(FORM_BYTES_MAX);

    form_product(&form, "box.png");
    const Reply sent = form_send(shop, project, &form);
    CHECK_INT(sent.status, 200);
    return reply_text(&sent, "items>0>id");
}

static const char workflow[] = "{\"workflow\":{\"background\":{\"action\":\"remove\"}}}";

/* ITEM once nothing is done with it any more. */
static Reply item_process(const Shop *shop, const char *item)
{
    shop_send(shop, 200, "POST", workflow, APP "/items/%s/process", item);
    for (int i = 0; i < 400; i++) {
        const Reply reply = shop_get(shop, 200, APP "/items/%s", item);

        if (strcmp(reply_text(&reply, "status"), "processing") != 0)
            return reply;
        flow_pause();
    }
    test_fail(__FILE__, __LINE__, "the work does not end");
}

TEST_FLOW(pictures_of_a_photo_are_kept_and_one_stands_for_it)
{
    const Shop shop = shop_open(place, standard), other = shop_open(place, poor);
    const char *project = project_make(&shop, "Boxes"), *item = product_send(&shop, project);
    const Reply once = item_process(&shop, item);

    CHECK_TEXT(reply_text(&once, "status"), "processed");
    CHECK(strstr(reply_text(&once, "workflowConfig"), "background"));
    CHECK_TEXT(reply_text(&once, "processedUrl"), reply_text(&once, "processedFilePath"));
    const Reply after =
        place_ask(place, &(Request){.method = "GET", .path = reply_text(&once, "processedUrl")});
    CHECK_INT(after.status, 200);
    const char *first = reply_text(&once, "selectedVariationId");
    const Reply twice = item_process(&shop, item);
    CHECK_INT(reply_int(&twice, "variationCount"), 2);
    const char *second = reply_text(&twice, "selectedVariationId");
    CHECK(strcmp(first, second) != 0);

    const Reply list = shop_get(&shop, 200, APP "/items/%s/variations", item);
    CHECK_INT(value_count(reply_at(&list, "variations")), 2);
    CHECK_TEXT(reply_text(&list, "variations>0>id"), second);
    CHECK_TEXT(reply_text(&list, "variations>0>variationType"), "background");
    CHECK(strstr(reply_text(&list, "variations>0>variationConfig"), "remove"));
    const Reply chosen =
        shop_send(&shop, 200, "POST", NULL, APP "/items/%s/variations/%s/select", item, first);
    CHECK(value_bool(reply_at(&chosen, "isSelected")));
    const Reply shown = shop_get(&shop, 200, APP "/items/%s", item);
    CHECK_TEXT(reply_text(&shown, "selectedVariationId"), first);

    shop_send(&shop, 200, "DELETE", NULL, APP "/items/%s/variations/%s", item, first);
    shop_send(&shop, 409, "DELETE", NULL, APP "/items/%s/variations/%s", item, first);
    shop_send(&shop, 409, "POST", NULL, APP "/items/%s/variations/%s/select", item, first);
    const Reply left = shop_get(&shop, 200, APP "/items/%s", item);
    CHECK_TEXT(reply_text(&left, "selectedVariationId"), second);
    shop_get(&other, 404, APP "/items/%s/variations", item);
    shop_send(&other, 404, "DELETE", NULL, APP "/items/%s/variations/%s", item, second);
    shop_send(&other, 404, "POST", NULL, APP "/items/%s/variations/%s/select", item, second);
    const char *another = product_send(&shop, project);
    shop_send(&shop, 404, "DELETE", NULL, APP "/items/%s/variations/%s", another, second);
    const Reply counted = shop_get(&shop, 200, APP "/projects/%s", project);
    CHECK_INT(reply_int(&counted, "totalProcessed"), 1);
}

TEST_FLOW(a_project_deleted_at_work_gives_back_what_it_held)
{
    const Shop shop = shop_open(place, standard);
    const char *project = project_make(&shop, "Boxes"), *item = product_send(&shop, project);
    int64_t before = credits(&shop);

    shop_send(&shop, 200, "POST", workflow, APP "/items/%s/process", item);
    shop_send(&shop, 200, "DELETE", NULL, APP "/projects/%s", project);
    shop_get(&shop, 404, APP "/items/%s", item);
    const Reply purse = shop_get(&shop, 200, "/api/credits");
    CHECK_INT(reply_int(&purse, "held"), 0);
    CHECK(reply_int(&purse, "available") == before || reply_int(&purse, "available") == before - 5);
}
