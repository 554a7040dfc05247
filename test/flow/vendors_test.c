/* Promises of vendors over HTTP: who does the work, what it would cost, and that nothing is said of keys. */
#include <sys/stat.h>

#include "base/file.h"
#include "harness/stand_in.h"
#include "image/image.h"
#include "ledger/ledger.h"
#include "shop.h"

static const char pro[] = "{\"name\":\"Mugs\",\"email\":\"ann@example.com\",\"plan\":\"pro\"}";
static const char drawing_key[] = "sk-known-fake-key-of-the-flow-1234";
static const char cutting_key[] = "known-fake-key-of-the-cutter-5678";

TEST_FLOW(without_vendors_the_studio_does_all_work_and_says_so)
{
    const Shop shop = shop_open(place, pro), admin = shop_admin(place);
    const Reply vendors = shop_get(&shop, 200, "/v1/vendors");
    const Reply all = shop_get(&admin, 200, "/v1/vendors");

    CHECK_INT(value_count(reply_at(&vendors, "work")), 4);
    CHECK_TEXT(reply_text(&vendors, "work>0>work"), "images");
    CHECK_TEXT(reply_text(&vendors, "work>0>by>0"), "builtin");
    CHECK(value_kind(reply_at(&vendors, "vendors>0>asked")) == VALUE_NULL);
    CHECK(value_kind(reply_at(&all, "vendors>0>asked")) == VALUE_INT);
}

TEST_FLOW(a_quote_says_what_a_job_would_cost_and_changes_nothing)
{
    const Shop shop = shop_open(place, pro);
    const Reply quote = shop_send(
        &shop, 200, "POST", "{\"photos\":3,\"scene_types\":[\"kitchen\",\"office\"]}", "/v1/quote");
    const Reply quota = shop_get(&shop, 200, "/v1/quota");

    CHECK_INT(reply_int(&quote, "pictures"), 6);
    CHECK_INT(reply_int(&quote, "credits"), 18);
    CHECK_INT(value_count(reply_at(&quote, "looks")), 2);
    CHECK_TEXT(reply_text(&quote, "looks>1>scene_type"), "office");
    CHECK_TEXT(reply_text(&quote, "looks>0>steps>0>step"), "cutout");
    CHECK_TEXT(reply_text(&quote, "looks>0>steps>0>provider"), "builtin");
    CHECK_INT(reply_int(&quota, "used"), 0);

    shop_send(&shop, 200, "POST", "{\"recipe\":\"marketplace-white\"}", "/v1/quote");
    shop_send(&shop, 200, "POST", "{\"recipe\":{\"steps\":[{\"step\":\"cutout\"}]}}", "/v1/quote");
    shop_send(&shop, 422, "POST", "{\"photos\":0}", "/v1/quote");
    shop_send(&shop, 422, "POST", "{\"scene_types\":[\"kichen\"]}", "/v1/quote");
    shop_send(&shop, 422, "POST", "{\"recipe\":{\"steps\":[{\"step\":\"cut\"}]}}", "/v1/quote");
    shop_send(&shop, 404, "POST", "{\"recipe\":\"nothing-so-called\"}", "/v1/quote");
}

/* ---- a studio with vendors ---- */

static const char *const *rows_for(const Place *place, int port, const char *secrets)
{
    const char **rows = ARENA_ARRAY(place->mem, const char *, 7);

    rows[0] = arena_print(place->mem, "OPENAI_API_KEY=%s", drawing_key);
    rows[1] = arena_print(place->mem, "CYCLORAMA_SECRETS=%s", secrets);
    rows[2] = arena_print(place->mem, "REMOVEBG_BASE_URL=http://127.0.0.1:%d/removebg/v1.0", port);
    rows[3] = "IMAGE_GEN_PROVIDER=openai";
    rows[4] = "BACKGROUND_REMOVAL_PROVIDER=remove.bg";
    rows[5] = "CYCLORAMA_LOG_LEVEL=debug";
    return rows;
}

/* A photo with a plain ground, so that there is something to cut out. */
static void photo_plain(Buf *ret)
{
    AUTO(image_free) Image *image = NULL;

    CHECK_OK(image_new(200, 200, 3, DEPTH_8, &image));
    for (int y = 0; y < 200; y++) {
        uint8_t *pixel = image_row_mut(image, y);

        for (int x = 0; x < 200; x++, pixel += 3) {
            bool is_product = x > 60 && x < 140 && y > 50 && y < 150;

            pixel[0] = is_product ? 190 : 225;
            pixel[1] = is_product ? 60 : 225;
            pixel[2] = is_product ? 50 : 225;
        }
    }
    CHECK_OK(image_encode(image, &(ImageEncoding){.format = IMAGE_PNG}, ret));
}

/* A job whose set is described by WORDS, until it has ended. */
static Reply job_made(const Shop *shop, const char *words)
{
    AUTO(buf_done) Buf photo = BUF(1 << 20);
    const Reply job = shop_send(
        shop, 201, "POST",
        json_print(
            shop->place, "{\"items\":[{\"filename\":\"mug.png\",\"scene_prompt\":\"%s\"}]}", words),
        "/v1/jobs");
    const char *path = arena_print(shop->place->mem, "/v1/jobs/%s", reply_text(&job, "job_id"));

    photo_plain(&photo);
    shop_upload(shop, &job, &photo);
    shop_send(shop, 202, "POST", NULL, "%s/process", path);
    return shop_wait(shop, path);
}

typedef struct Spent {
    int64_t drawing, cutting, cost_micro_usd;
} Spent;

static Err *spent_read(DbTx *tx, void *spent_any)
{
    Spent *spent = spent_any;

    TRY(db_number(
        tx, "SELECT COUNT(*) FROM usage_events WHERE kind = 'openai_api_call'", NULL,
        &spent->drawing));
    TRY(db_number(
        tx, "SELECT COUNT(*) FROM usage_events WHERE kind = 'remove_bg_api_call'", NULL,
        &spent->cutting));
    return db_number(
        tx, "SELECT CAST(SUM(cost_micro_usd) AS BIGINT) FROM usage_days", NULL,
        &spent->cost_micro_usd);
}

static void keys_check(const Place *place, const char *name)
{
    const char *text = desk_text(&place->desk, name);

    CHECK(text != NULL);
    CHECK(strstr(text, drawing_key) == NULL);
    CHECK(strstr(text, cutting_key) == NULL);
}

TEST_FLOW(a_job_is_made_by_the_vendors_that_were_chosen_and_no_key_is_told)
{
    const char *folder = test_folder();
    const char *secrets = path_join(place->mem, folder, "keys");
    const char *line = arena_print(place->mem, "REMOVEBG_API_KEY=%s\n", cutting_key);
    AUTO(stand_in_stop) StandIn *stand_in = stand_in_start(0, 0);
    AUTO(place_close) Place own = {0};
    AUTO(db_close) Db *db = NULL;
    Spent spent = {0};

    CHECK_OK(file_write(secrets, line, strlen(line)));
    CHECK_INT(chmod(secrets, 0600), 0);
    place_open_set(
        place->kind, place->mem, rows_for(place, stand_in_port(stand_in), secrets), &own);
    const Shop shop = shop_open(&own, pro);
    const Reply vendors = shop_get(&shop, 200, "/v1/vendors");
    CHECK_TEXT(reply_text(&vendors, "work>0>by>0"), "openai");
    CHECK_TEXT(reply_text(&vendors, "work>1>by>0"), "remove.bg");
    CHECK_TEXT(reply_text(&vendors, "work>1>by>1"), "builtin");
    const Reply quote =
        shop_send(&shop, 200, "POST", "{\"scene_prompt\":\"sunny kitchen\"}", "/v1/quote");
    CHECK_TEXT(reply_text(&quote, "looks>0>steps>2>provider"), "openai");
    CHECK_INT(reply_int(&quote, "credits"), 3);

    const Reply job = job_made(&shop, "sunny kitchen");
    CHECK_TEXT(reply_text(&job, "status"), "completed");
    const Reply refused = job_made(&shop, "sunny kitchen fault-moderated");
    CHECK_TEXT(reply_text(&refused, "status"), "completed");
    keys_check(&own, "stderr.txt");
    keys_check(&own, "stdout.txt");
    CHECK(strstr(vendors.body, drawing_key) == NULL);

    place_kill(&own);
    CHECK_OK(db_open(&(DbSetup){.url = own.database_url}, &db));
    CHECK_OK(db_read(db, spent_read, &spent));
    CHECK_INT(spent.drawing, 1);
    CHECK_INT(spent.cutting, 1); /* the second photo is the same: what was cut out is kept */
    CHECK_INT(spent.cost_micro_usd, 2 * 30000);
    test_folder_remove(folder);
}

TEST(keys_that_others_can_read_stop_the_program_and_are_not_told)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *rows[] = {
        arena_print(desk.mem, "CYCLORAMA_SECRETS=%s", desk_path(&desk, "keys")), NULL};

    desk_put(&desk, "keys", "FAL_KEY=known-fake-key-of-the-flow\n");
    CHECK_INT(chmod(desk_path(&desk, "keys"), 0644), 0);
    Ran ran = desk_run_with(&desk, "doctor", rows);
    CHECK_INT(ran.status, 2);
    CHECK(strstr(ran.err, "chmod 600") != NULL);
    CHECK_INT(chmod(desk_path(&desk, "keys"), 0600), 0);
    ran = desk_run_with(&desk, "doctor", rows);
    CHECK(strstr(ran.out, "FAL_KEY set") != NULL);
    CHECK(strstr(ran.out, "known-fake-key") == NULL);
    CHECK(strstr(ran.err, "known-fake-key") == NULL);
}

TEST(a_provider_that_cannot_be_asked_is_named_with_what_to_do)
{
    AUTO(desk_clear) Desk desk = desk_new();
    static const struct {
        const char *row, *says;
    } wrong[] = {
        {"IMAGE_GEN_PROVIDER=nobody", "IMAGE_GEN_PROVIDER cannot be 'nobody'"},
        {"UPSCALE_PROVIDER=remove.bg", "which cannot do this"},
        {"IMAGE_GEN_PROVIDER=builtin,fal", "put the studio last"},
    };

    desk_draw(&desk, "mug.png", 1);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        const char *rows[] = {wrong[i].row, NULL};
        Ran ran = desk_run_with(&desk, "render mug.png --quote", rows);

        CHECK_INT(ran.status, 2);
        CHECK(strstr(ran.err, wrong[i].says) != NULL);
    }
    /* One without a key is left out, and that is said, too. */
    const char *keyless[] = {"IMAGE_GEN_PROVIDER=fal", NULL};
    Ran ran = desk_run_with(&desk, "render mug.png --quote", keyless);
    CHECK_INT(ran.status, 0);
    CHECK(strstr(ran.err, "Set FAL_KEY") != NULL);
    CHECK(strstr(ran.out, "Nothing was made") != NULL);
    const char *alone[] = {"IMAGE_GEN_PROVIDER=fal", "PROVIDER_FALLBACK=none", NULL};
    CHECK_INT(desk_run_with(&desk, "render mug.png --quote", alone).status, 2);
}
