/* Promises of pictures as they are looked at among many, over HTTP, on each database: several looks of the same photos, and small pictures. */
#include <string.h>

#include "image/image.h"
#include "seller.h"

#define APP STUDIO

static const char premium[] =
    "{\"name\":\"Toko\",\"email\":\"budi@example.com\",\"tier\":\"premium\",\"credits\":200}";

enum {
    SIDE = 520,
    PHOTOS = 2,
    LOOKS = 2
};

typedef struct Studio {
    Shop shop;
    const char *project, *photos[PHOTOS], *looks[LOOKS];
} Studio;

static void square_draw(int number, Buf *png)
{
    AUTO(image_free) Image *image = NULL;

    CHECK_OK(image_new(SIDE, SIDE, 4, DEPTH_8, &image));
    for (int y = SIDE / 4; y < SIDE * 3 / 4; y++)
        for (int x = SIDE / 4; x < SIDE * 3 / 4; x++) {
            uint8_t *pixel = (uint8_t *)image_row_mut(image, y) + 4 * x;

            pixel[0] = (uint8_t)(60 + 90 * number);
            pixel[1] = (uint8_t)(x / 4);
            pixel[3] = 255;
        }
    CHECK_OK(image_encode(image, &(ImageEncoding){.format = IMAGE_PNG, .effort = 1}, png));
}

static void photos_send(Studio *studio)
{
    Buf pngs[PHOTOS];
    SellerFile files[PHOTOS];

    for (int i = 0; i < PHOTOS; i++) {
        pngs[i] = (Buf)BUF(1 << 22);
        square_draw(i, &pngs[i]);
        files[i] = (SellerFile){
            json_print(studio->shop.place, "p%d.png", i), "image/png", pngs[i].bytes, pngs[i].size};
    }
    const Reply sent = seller_send(&studio->shop, 200, studio->project, files, PHOTOS);
    for (int i = 0; i < PHOTOS; i++) {
        studio->photos[i] = reply_text(&sent, json_print(studio->shop.place, "items>%d>id", i));
        buf_done(&pngs[i]);
    }
}

/* A project with photos that nobody has to cut out, and two looks: one of 700 pixels, one that is small itself. */
static Studio studio_open(const Place *place)
{
    static const int sides[LOOKS] = {700, 96};
    Studio studio = {.shop = shop_open(place, premium)};
    const Reply made = shop_send(&studio.shop, 201, "POST", "{\"name\":\"Mugs\"}", APP "/projects");

    studio.project = reply_text(&made, "id");
    photos_send(&studio);
    for (int i = 0; i < LOOKS; i++) {
        const Reply look = shop_send(
            &studio.shop, 201, "POST",
            json_print(
                place,
                "{\"name\":\"Look %d\",\"category\":\"studio\",\"templateConfig\":{\"background\":"
                "{\"action\":\"solid\",\"color\":\"#e8e0d4\"},\"export\":{\"format\":\"jpeg\","
                "\"width\":%d,\"height\":%d}}}",
                i, sides[i], sides[i]),
            APP "/templates");
        studio.looks[i] = reply_text(&look, "id");
    }
    return studio;
}

static Reply ended(const Studio *studio, const char *id)
{
    Reply reply;

    for (int i = 0; i < 600; i++) {
        reply = shop_get(&studio->shop, 200, APP "/generations/%s", id);
        if (!reply_int(&reply, "remaining"))
            break;
        flow_pause();
    }
    return reply;
}

/* Both looks of the first COUNT photos. */
static Reply looks_make(const Studio *studio, int count)
{
    const Place *place = studio->shop.place;
    const char *ids = json_print(place, "\"%s\"", studio->photos[0]);

    for (int i = 1; i < count; i++)
        ids = json_print(place, "%s,\"%s\"", ids, studio->photos[i]);
    const Reply begun = shop_send(
        &studio->shop, 200, "POST",
        json_print(
            place, "{\"itemIds\":[%s],\"templateIds\":[\"%s\",\"%s\"]}", ids, studio->looks[0],
            studio->looks[1]),
        APP "/projects/%s/batch-process", studio->project);
    return ended(studio, reply_text(&begun, "generationId"));
}

typedef struct Spoiling {
    const char *photo_id;
} Spoiling;

static Err *spoil_work(DbTx *tx, void *spoiling_any)
{
    const Spoiling *spoiling = spoiling_any;

    return db_run(
        tx, "UPDATE photos SET sha256 = 'x' || sha256 WHERE id = ?1",
        DB_ARGS(DB_TEXT(spoiling->photo_id)), NULL);
}

TEST_FLOW(photos_are_made_in_several_looks_and_each_picture_that_fails_costs_nothing)
{
    const Studio studio = studio_open(place);
    const Shop *shop = &studio.shop;
    Db *db;

    const Reply quote = shop_send(
        shop, 200, "POST",
        json_print(
            place, "{\"itemCount\":2,\"templateIds\":[\"%s\",\"%s\"]}", studio.looks[0],
            studio.looks[1]),
        APP "/quote");
    CHECK_INT(reply_int(&quote, "total"), 40);
    CHECK_INT(reply_int(&quote, "pictureCount"), 4);

    CHECK_OK(db_open(&(DbSetup){.url = place->database_url}, &db));
    CHECK_OK(db_write(db, spoil_work, &(Spoiling){studio.photos[1]}));
    db_close(db);
    const Reply made = looks_make(&studio, 2);
    CHECK_INT(reply_int(&made, "total"), 4);
    CHECK_INT(reply_int(&made, "credits"), 40);
    CHECK_INT(reply_int(&made, "completed"), 2);
    CHECK_INT(reply_int(&made, "creditCharged"), 20);
    CHECK_TEXT(reply_text(&made, "workflow>templateIds>1"), studio.looks[1]);
    for (int i = 0; i < 4; i++) {
        CHECK_TEXT(
            reply_text(&made, json_print(place, "items>%d>itemId", i)), studio.photos[i / LOOKS]);
        CHECK_TEXT(
            reply_text(&made, json_print(place, "items>%d>title", i)),
            json_print(place, "Look %d", i % LOOKS));
    }
    const Reply look = shop_get(shop, 200, APP "/templates/%s", studio.looks[0]);
    CHECK_INT(reply_int(&look, "usageCount"), 2);
    const Reply purse = shop_get(shop, 200, "/api/credits");
    CHECK_INT(reply_int(&purse, "held"), 0);
}

TEST_FLOW(looks_that_cannot_be_made_together_are_told_by_field)
{
    const Studio studio = studio_open(place);
    const char *first = studio.looks[0], *second = studio.looks[1];
    const struct {
        const char *wish, *field;
    } rows[] = {
        {json_print(
             place, "{\"templateIds\":[\"%s\",\"%s\"],\"templateId\":\"%s\"}", first, second,
             first),
         "/templateId"},
        {json_print(place, "{\"templateIds\":[\"%s\",\"%s\",\"%s\"]}", first, second, first),
         "/templateIds/2"},
        {json_print(place, "{\"templateIds\":[\"%s\",\"nothing\"]}", first), "/templateIds/1"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const Reply reply = place_ask(
            place, &(Request){
                       .method = "POST",
                       .path = json_print(place, APP "/projects/%s/batch-process", studio.project),
                       .key = studio.shop.key,
                       .body = rows[i].wish,
                       .size = strlen(rows[i].wish),
                   });
        CHECK(reply.status == 400 || reply.status == 404);
        CHECK_TEXT(reply_text(&reply, "details>0>field"), rows[i].field);
    }
}

/* What is fetched from the address URL is a picture WIDTH_PX wide that browsers keep. */
static void picture_hold(const Place *place, const char *url, const char *type, int width_px)
{
    const Reply sent = place_ask(place, &(Request){.method = "GET", .path = url});
    ImageFacts facts;

    CHECK_INT(sent.status, 200);
    CHECK_TEXT(reply_header(place, &sent, "Content-Type"), type);
    CHECK_TEXT(reply_header(place, &sent, "Cache-Control"), "private, max-age=3600, immutable");
    CHECK_OK(image_probe(sent.body, sent.size, &image_limits_default, &facts));
    CHECK_INT(facts.width_px, width_px);
    const char *etag = reply_header(place, &sent, "ETag");
    const Reply again = place_ask(
        place, &(Request){
                   .method = "GET",
                   .path = url,
                   .headers = json_print(place, "If-None-Match: %s\r\n", etag),
               });
    CHECK_INT(again.status, 304);
}

TEST_FLOW(every_picture_has_a_small_one_that_goes_with_it)
{
    const Studio studio = studio_open(place);
    const Shop *shop = &studio.shop;
    const Reply made = looks_make(&studio, 1);
    const char *photo = studio.photos[0];

    CHECK_INT(reply_int(&made, "completed"), 2);
    picture_hold(place, reply_text(&made, "items>0>imageUrl"), "image/jpeg", 700);
    picture_hold(place, reply_text(&made, "items>0>thumbnailUrl"), "image/webp", 400);
    picture_hold(place, reply_text(&made, "items>1>thumbnailUrl"), "image/jpeg", 96);

    const Reply zip = shop_send(
        shop, 200, "POST",
        json_print(
            place, "{\"variationIds\":[\"%s\",\"%s\"]}", reply_text(&made, "items>0>variationId"),
            reply_text(&made, "items>1>variationId")),
        APP "/projects/%s/export-zip", studio.project);
    CHECK_INT(reply_int(&zip, "files"), 2);
    const char *large = reply_text(&made, "items>0>variationId");
    shop_send(shop, 200, "POST", NULL, APP "/items/%s/variations/%s/select", photo, large);
    const Reply item = shop_get(shop, 200, APP "/items/%s", photo);
    picture_hold(place, reply_text(&item, "processedThumbnailUrl"), "image/webp", 400);
    const Reply variations = shop_get(shop, 200, APP "/items/%s/variations", photo);
    CHECK_TEXT(reply_text(&variations, "variations>0>variationType"), "template");
    CHECK(reply_text(&variations, "variations>1>thumbnailUrl"));

    shop_send(shop, 200, "DELETE", NULL, APP "/items/%s/variations/%s", photo, large);
    const Reply gone = place_ask(
        place, &(Request){.method = "GET", .path = reply_text(&made, "items>0>thumbnailUrl")});
    CHECK_INT(gone.status, 404);
    const Reply rest = shop_get(shop, 200, APP "/items/%s", photo);
    picture_hold(place, reply_text(&rest, "processedThumbnailUrl"), "image/jpeg", 96);
}
