/* Sellers at the product photo studio's door. */
#include "seller.h"

#include <math.h>

#include "base/clock.h"
#include "image/image.h"

enum {
    FORM_BYTES_MAX = 64 << 20
};

static const char boundary[] = "a-line-between-photos";

Shop seller_open(const Place *place, const char *tier, int credits)
{
    return shop_open(
        place, json_print(
                   place,
                   "{\"name\":\"Toko Sari\",\"email\":\"sari@example.com\",\"plan\":\"pro\","
                   "\"tier\":\"%s\",\"credits\":%d}",
                   tier, credits));
}

const char *seller_project(const Shop *shop, const char *name)
{
    const Reply made = shop_send(
        shop, 201, "POST", json_print(shop->place, "{\"name\":\"%s\"}", name), STUDIO "/projects");

    return reply_text(&made, "id");
}

Buf seller_draw(int width_px, int height_px, int number)
{
    AUTO(image_free) Image *image = NULL;
    Buf bytes = BUF(FORM_BYTES_MAX);

    image_start(1);
    CHECK_OK(image_new(width_px, height_px, 4, DEPTH_8, &image));
    for (int y = 0; y < height_px; y++)
        for (int x = 0; x < width_px; x++) {
            double across = (x + 0.5 - width_px / 2.0) / (width_px * 0.3);
            double down = (y + 0.5 - height_px / 2.0) / (height_px * 0.35);
            double inside = 1 - pow(fabs(across), 3) - pow(fabs(down), 3);
            uint8_t *pixel = (uint8_t *)image_row_mut(image, y) + 4 * x;

            pixel[0] = (uint8_t)(90 + 60 * (1 - fabs(across)));
            pixel[1] = (uint8_t)(40 + number % 160);
            pixel[2] = (uint8_t)(200 - number % 90);
            pixel[3] = inside > 0 ? 255 : 0;
        }
    CHECK_OK(image_encode(image, &(ImageEncoding){.format = IMAGE_PNG, .effort = 1}, &bytes));
    return bytes;
}

Reply seller_send(
    const Shop *shop, int status, const char *project, const SellerFile *files, size_t count)
{
    AUTO(buf_done) Buf body = BUF(FORM_BYTES_MAX);

    for (size_t i = 0; i < count; i++) {
        CHECK_OK(buf_print(
            &body,
            "--%s\r\nContent-Disposition: form-data; name=\"files\"; filename=\"%s\"\r\n"
            "Content-Type: %s\r\n\r\n",
            boundary, files[i].name, files[i].type));
        CHECK_OK(buf_add(&body, files[i].bytes, files[i].size));
        CHECK_OK(buf_print(&body, "\r\n"));
    }
    CHECK_OK(buf_print(&body, "--%s--\r\n", boundary));
    const Reply reply = place_ask(
        shop->place,
        &(Request){
            .method = "POST",
            .path = json_print(shop->place, STUDIO "/projects/%s/items/upload", project),
            .key = shop->key,
            .type = json_print(shop->place, "multipart/form-data; boundary=%s", boundary),
            .body = body.bytes,
            .size = body.size,
        });
    if (reply.status != status)
        test_fail(
            __FILE__, __LINE__, "upload gave %d, expected %d: %s", reply.status, status,
            reply.body);
    return reply;
}

Reply seller_upload(const Shop *shop, const char *project, int count)
{
    SellerFile *files = ARENA_ARRAY(shop->place->mem, SellerFile, (size_t)count);
    Buf *photos = ARENA_ARRAY(shop->place->mem, Buf, (size_t)count);

    for (int i = 0; i < count; i++) {
        photos[i] = seller_draw(SELLER_SIDE_PX, SELLER_SIDE_PX, i);
        files[i] = (SellerFile){
            json_print(shop->place, "product-%03d.png", i), "image/png", photos[i].bytes,
            photos[i].size};
    }
    const Reply reply = seller_send(shop, 200, project, files, (size_t)count);
    for (int i = 0; i < count; i++)
        buf_done(&photos[i]);
    CHECK_INT(value_count(reply_at(&reply, "items")), count);
    return reply;
}

const char *seller_ids(const Shop *shop, const Reply *uploaded, size_t first, size_t count)
{
    const char *list = "[";

    for (size_t i = first; i < first + count; i++)
        list = json_print(
            shop->place, "%s%s\"%s\"", list, i > first ? "," : "",
            reply_text(uploaded, json_print(shop->place, "items>%zu>id", i)));
    return json_print(shop->place, "%s]", list);
}

Reply seller_wait(const Shop *shop, const char *path, const char *status_at)
{
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;

    for (;;) {
        const Reply reply = shop_get(shop, 200, "%s", path);
        const char *status = reply_text(&reply, status_at);

        if (strcmp(status, "pending") != 0 && strcmp(status, "processing") != 0)
            return reply;
        if (clock_ticks_ms() > until_ms)
            test_fail(__FILE__, __LINE__, "%s takes too long: %s", path, reply.body);
        flow_pause();
    }
}

Reply seller_process(
    const Shop *shop, const char *item, const char *verb, const char *json, int64_t credits)
{
    const Reply begun = shop_send(shop, 200, "POST", json, STUDIO "/items/%s/%s", item, verb);

    CHECK_INT(reply_int(&begun, "creditCharged"), credits);
    const Reply done = seller_wait(
        shop, json_print(shop->place, STUDIO "/generations/%s", reply_text(&begun, "generationId")),
        "status");
    CHECK_TEXT(reply_text(&done, "status"), "completed");
    return done;
}

int64_t seller_credits(const Shop *shop)
{
    const Reply reply = shop_get(shop, 200, "/api/credits");

    return reply_int(&reply, "balance");
}
