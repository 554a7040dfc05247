/* Promises of the ArtGen door over HTTP, on each database, with a vendor's stand-in. */
#include "base/base64.h"
#include "base/dice.h"
#include "image/image.h"
#include "shop.h"

static const char pro[] = "{\"name\":\"TCC\",\"email\":\"lisa@example.com\",\"plan\":\"pro\"}";
static const char free_plan[] =
    "{\"name\":\"Small\",\"email\":\"ann@example.com\",\"plan\":\"free\"}";
static const char boundary[] = "a-line-between-parts";

enum {
    FORM_BYTES_MAX = 32 << 20
};

/* ---- forms ---- */

typedef struct Form {
    Buf body;
} Form;

static Form form_new(void)
{
    return (Form){.body = BUF(FORM_BYTES_MAX)};
}

static void form_text(Form *form, const char *name, const char *text)
{
    CHECK_OK(buf_print(
        &form->body, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", boundary,
        name, text));
}

static void form_file(Form *form, const char *name, const void *bytes, size_t size)
{
    CHECK_OK(buf_print(
        &form->body,
        "--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"a.png\"\r\n"
        "Content-Type: image/png\r\n\r\n",
        boundary, name));
    CHECK_OK(buf_add(&form->body, bytes, size));
    CHECK_OK(buf_print(&form->body, "\r\n"));
}

/* Sends and ends FORM. */
static Reply form_send(const Shop *shop, const char *path, Form *form)
{
    CHECK_OK(buf_print(&form->body, "--%s--\r\n", boundary));
    Reply reply = place_ask(
        shop->place,
        &(Request){
            .method = "POST",
            .path = path,
            .key = shop->key,
            .type = json_print(shop->place, "multipart/form-data; boundary=%s", boundary),
            .body = form->body.bytes,
            .size = form->body.size,
        });
    buf_done(&form->body);
    return reply;
}

static void code_hold(const Reply *reply, const char *what, const char *code, int status)
{
    if (reply->status != status || strcmp(reply_text(reply, "error>code"), code) != 0)
        test_fail(
            __FILE__, __LINE__, "%s gave %d, expected %s: %s", what, reply->status, code,
            reply->body);
}

/* PROMPT at PATH with a picture where it takes one. */
static Reply ask(const Shop *shop, const char *path, const char *model, const char *prompt)
{
    if (strcmp(path, "/generate") == 0)
        return place_ask(
            shop->place,
            &(Request){
                .method = "POST",
                .path = path,
                .key = shop->key,
                .body =
                    json_print(shop->place, "{\"model\":\"%s\",\"prompt\":\"%s\"}", model, prompt),
            });

    Form form = form_new();
    Buf photo = photo_draw(shop->place, 1);
    form_text(&form, "model", model);
    form_text(&form, "prompt", prompt);
    form_file(&form, "image", photo.bytes, photo.size);
    buf_done(&photo);
    return form_send(shop, path, &form);
}

static const char *const paths[] = {"/generate", "/edit", "/variation"};

/* ---- making ---- */

TEST_FLOW(the_answer_is_that_of_the_specification)
{
    AUTO(buf_done) Buf bytes = BUF(1 << 24);
    const Shop shop = shop_open(place, pro);
    ImageFacts facts;
    const Reply made = shop_send(
        &shop, 200, "POST",
        "{\"model\":\"gpt-image-1\",\"prompt\":\"Castle on a cliff at dawn\",\"n\":1,"
        "\"size\":\"1024x1024\",\"quality\":\"medium\",\"format\":\"png\",\"background\":\"auto\"}",
        "/generate");

    CHECK(strncmp(reply_text(&made, "id"), "img_", 4) == 0);
    CHECK(reply_int(&made, "created") > 1700000000);
    CHECK_TEXT(reply_text(&made, "images>0>filetype"), "png");
    CHECK_TEXT(reply_text(&made, "images>0>size"), "1024x1024");
    CHECK_TEXT(reply_text(&made, "model"), "gpt-image-1");
    CHECK_INT(
        reply_int(&made, "usage>total_tokens"),
        reply_int(&made, "usage>prompt_tokens") + reply_int(&made, "usage>image_tokens"));
    CHECK_INT(reply_int(&made, "usage>image_tokens"), 1056);
    CHECK_OK(base64_read(reply_text(&made, "images>0>b64_json"), &bytes));
    CHECK_OK(image_probe(bytes.bytes, bytes.size, &image_limits_default, &facts));
    CHECK_INT(facts.width_px, 1024);
    CHECK_TEXT(reply_header(place, &made, "X-Model-Requested"), "gpt-image-1");
    CHECK_TEXT(reply_header(place, &made, "X-Model-Used"), "openai/gpt-image-2");
    CHECK_TEXT(reply_header(place, &made, "X-Quality-Used"), "medium");
    CHECK(reply_header(place, &made, "RateLimit-Remaining") != NULL);
}

TEST_FLOW(up_to_ten_pictures_come_at_once_and_as_addresses_when_wished)
{
    const Shop shop = shop_open(place, pro);
    const Reply made = shop_send(
        &shop, 200, "POST",
        "{\"model\":\"dall-e-2\",\"prompt\":\"a mango\",\"n\":10,\"size\":\"256x256\","
        "\"format\":\"webp\",\"response_format\":\"url\"}",
        "/generate");

    CHECK_INT(value_count(reply_at(&made, "images")), 10);
    CHECK_TEXT(reply_text(&made, "images>9>size"), "256x256");
    CHECK(!reply_at(&made, "images>0>b64_json"));
    const Reply picture =
        place_ask(place, &(Request){.method = "GET", .path = reply_text(&made, "images>9>url")});
    CHECK_INT(picture.status, 200);
    CHECK_TEXT(reply_header(place, &picture, "Content-Type"), "image/webp");
    shop_send(
        &shop, 422, "POST", "{\"model\":\"dall-e-2\",\"prompt\":\"a mango\",\"n\":11}",
        "/generate");
}

TEST_FLOW(a_background_that_was_to_be_transparent_is_so_or_is_said_not_to_be)
{
    const Shop shop = shop_open(place, pro);
    const Reply made = shop_send(
        &shop, 200, "POST",
        "{\"model\":\"gpt-image-1\",\"prompt\":\"a vase\",\"background\":\"transparent\"}",
        "/generate");
    AUTO(buf_done) Buf bytes = BUF(1 << 24);
    ImageFacts facts;

    CHECK_OK(base64_read(reply_text(&made, "images>0>b64_json"), &bytes));
    CHECK_OK(image_probe(bytes.bytes, bytes.size, &image_limits_default, &facts));
    CHECK(strstr(
        reply_text(&made, "note"), facts.has_alpha ? "cut the subject out" : "not transparent"));
}

TEST_FLOW(what_a_program_leaves_out_may_be_null)
{
    const Shop shop = shop_open(place, pro);
    const Reply made = shop_send(
        &shop, 200, "POST",
        "{\"model\":null,\"prompt\":\"a vase\",\"n\":null,\"size\":null,\"quality\":null,"
        "\"format\":null,\"background\":null,\"moderation\":null,\"compression\":null,"
        "\"response_format\":null}",
        "/generate");

    CHECK_INT(value_count(reply_at(&made, "images")), 1);
    CHECK_TEXT(reply_text(&made, "images>0>filetype"), "png");
}

TEST_FLOW(pictures_are_changed_and_varied)
{
    const Shop shop = shop_open(place, pro);
    AUTO(buf_done) Buf photo = photo_draw(place, 2);
    Form form = form_new();

    form_text(&form, "model", "gpt-image-1");
    form_text(&form, "prompt", "a beach");
    form_file(&form, "image", photo.bytes, photo.size);
    form_file(&form, "mask", photo.bytes, photo.size);
    Reply made = form_send(&shop, "/edit", &form);
    CHECK_INT(made.status, 200);
    CHECK_TEXT(reply_text(&made, "images>0>filetype"), "png");

    made = ask(&shop, "/variation", "dall-e-2", "");
    CHECK_INT(made.status, 200);
    CHECK_TEXT(reply_text(&made, "images>0>size"), "1024x1024");
}

enum {
    WIDE = 640,
    HIGH = 480
};

static bool may_be_drawn(int x, int y)
{
    return x > 200 && x < 440 && y > 100 && y < 380;
}

/* A photo no two pixels of which are alike, and its mask; as files. */
static Image *noise_photo(Buf *photo, Buf *mask)
{
    static const ImageEncoding png = {.format = IMAGE_PNG, .effort = 1};
    AUTO(image_free) Image *image = NULL;
    AUTO(image_free) Image *hole = NULL;
    Dice dice = dice_seeded(4);

    CHECK_OK(image_new(WIDE, HIGH, 3, DEPTH_8, &image));
    CHECK_OK(image_new(WIDE, HIGH, 4, DEPTH_8, &hole));
    for (int y = 0; y < HIGH; y++)
        for (int x = 0; x < WIDE; x++) {
            for (int c = 0; c < 3; c++)
                ((uint8_t *)image_row_mut(image, y))[3 * x + c] = (uint8_t)dice_bits(&dice);
            ((uint8_t *)image_row_mut(hole, y))[4 * x + 3] = may_be_drawn(x, y) ? 0 : 255;
        }
    CHECK_OK(image_encode(image, &png, photo));
    CHECK_OK(image_encode(hole, &png, mask));
    return TAKE(image);
}

/* The stand-in repaints everything, mask or not. */
TEST_FLOW(what_a_mask_protects_comes_back_bit_for_bit)
{
    const Shop shop = shop_open(place, pro);
    AUTO(buf_done) Buf photo = BUF(1 << 22);
    AUTO(buf_done) Buf mask = BUF(1 << 22);
    AUTO(buf_done) Buf bytes = BUF(1 << 24);
    AUTO(image_free) Image *original = noise_photo(&photo, &mask);
    AUTO(image_decoded_done) ImageDecoded made = {0};
    int64_t lost = 0, kept = 0;
    Form form = form_new();

    form_text(&form, "model", "gpt-image-1");
    form_text(&form, "prompt", "a beach");
    form_text(&form, "format", "png");
    form_file(&form, "image", photo.bytes, photo.size);
    form_file(&form, "mask", mask.bytes, mask.size);
    const Reply reply = form_send(&shop, "/edit", &form);
    CHECK_INT(reply.status, 200);
    CHECK_OK(base64_read(reply_text(&reply, "images>0>b64_json"), &bytes));
    CHECK_OK(image_decode(bytes.bytes, bytes.size, &image_limits_default, NULL, &made));
    CHECK(image_width(made.image) == WIDE && image_height(made.image) == HIGH);
    for (int y = 0; y < HIGH; y++)
        for (int x = 0; x < WIDE; x++) {
            const uint8_t *was = (const uint8_t *)image_row(original, y) + 3 * x;
            const uint8_t *is =
                (const uint8_t *)image_row(made.image, y) + x * image_channels(made.image);
            bool is_same = memcmp(was, is, 3) == 0;

            lost += !may_be_drawn(x, y) && !is_same;
            kept += may_be_drawn(x, y) && is_same;
        }
    CHECK_INT(lost, 0);
    CHECK(kept < 2000);
    CHECK(strstr(reply_text(&reply, "note"), "of what the mask protects; it was put back."));
}

TEST_FLOW(without_a_vendor_the_studio_draws_and_says_so)
{
    const Shop shop = shop_open(place, pro);
    const Reply made = shop_send(
        &shop, 200, "POST",
        "{\"model\":\"builtin\",\"prompt\":\"a sunny kitchen\",\"size\":\"64x64\","
        "\"quality\":\"low\"}",
        "/generate");

    CHECK_TEXT(reply_header(place, &made, "X-Model-Used"), "builtin");
    CHECK(strstr(reply_text(&made, "note"), "built-in studio"));
}

/* ---- refusing ---- */

TEST_FLOW(without_a_key_the_answer_is_401_in_the_schema_of_errors)
{
    for (size_t i = 0; i < COUNT(paths); i++) {
        const Reply reply = ask(&(Shop){.place = place}, paths[i], "gpt-image-1", "a castle");

        code_hold(&reply, paths[i], "unauthenticated", 401);
        CHECK_TEXT(reply_text(&reply, "error>type"), "authentication_error");
        CHECK(*reply_text(&reply, "error>message"));
    }
}

TEST_FLOW(every_way_in_which_a_vendor_fails_is_told_and_costs_nothing)
{
    static const struct {
        const char *prompt, *code;
        int status;
    } faults[] = {
        {"fault-moderated", "prompt_refused", 400}, {"fault-401", "vendor_key_refused", 502},
        {"fault-quota", "vendor_unpaid", 502},      {"fault-410", "model_retired", 410},
        {"fault-429", "vendor_busy", 503},          {"fault-500", "upstream_failed", 502},
        {"fault-504", "vendor_unsure", 504},
    };
    const Shop shop = shop_open(place, pro);

    for (size_t i = 0; i < COUNT(paths); i++)
        for (size_t j = 0; j < COUNT(faults); j++) {
            Reply reply = ask(&shop, paths[i], "gpt-image-1", faults[j].prompt);

            code_hold(&reply, faults[j].prompt, faults[j].code, faults[j].status);
            /* So that nobody thinks that the vendor is down. */
            reply = ask(&shop, "/generate", "dall-e-2", "a mango");
            CHECK_INT(reply.status, 200);
        }
    const Reply budget = shop_get(&shop, 200, "/budgets/organisation");
    CHECK_INT(reply_int(&budget, "used_requests"), COUNT(paths) * COUNT(faults));
    const Reply usage = shop_get(&shop, 200, "/usage");
    CHECK_TEXT(reply_text(&usage, "usage>0>model"), "dall-e-2");
    CHECK_INT(reply_int(&usage, "usage>1>failures"), COUNT(paths) * COUNT(faults));
    CHECK_INT(reply_int(&usage, "usage>1>credits"), 0);
}

TEST_FLOW(a_model_that_nobody_knows_is_told)
{
    const Shop shop = shop_open(place, pro);

    for (size_t i = 0; i < COUNT(paths); i++) {
        const Reply reply = ask(&shop, paths[i], "dall-e-9", "a castle");

        code_hold(&reply, paths[i], "model_unknown", 404);
        CHECK_TEXT(reply_text(&reply, "error>param"), "model");
        CHECK(strstr(reply_text(&reply, "error>message"), "dall-e-2"));
    }
}

TEST_FLOW(credits_and_budgets_end)
{
    const Shop small = shop_open(place, free_plan);
    const Shop shop = shop_open(place, pro);
    static const struct {
        const char *budget, *code;
        int status;
    } rows[] = {
        {"{\"month_usd\":0}", "budget_spent", 402},
        {"{\"month_tokens\":10}", "tokens_spent", 429},
    };

    /* 24 credits are left of 30: four for the picture that is made first. */
    shop_send(
        &small, 200, "POST",
        "{\"model\":\"dall-e-2\",\"prompt\":\"a mango\",\"n\":10,\"size\":\"256x256\"}",
        "/generate");
    for (size_t i = 0; i < COUNT(paths); i++) {
        Reply reply;

        do
            reply = ask(&small, paths[i], "gpt-image-1", "a castle");
        while (reply.status == 200);
        code_hold(&reply, paths[i], "credits_spent", 402);
        CHECK_TEXT(reply_text(&reply, "error>type"), "budget_error");
        for (size_t j = 0; j < COUNT(rows); j++) {
            shop_send(&shop, 200, "PUT", rows[j].budget, "/budgets/organisation");
            reply = ask(&shop, paths[i], "gpt-image-1", "a castle");
            code_hold(&reply, paths[i], rows[j].code, rows[j].status);
            /* The month's end, which is when it is worth trying again. */
            const char *after = reply_header(place, &reply, "Retry-After");
            CHECK((after != NULL) == (rows[j].status == 429));
            CHECK(!after || (strtol(after, NULL, 10) > 0 && strtol(after, NULL, 10) <= 31 * 86400));
        }
    }
    const Reply alerts = shop_get(&shop, 200, "/budgets/alerts");
    CHECK_TEXT(reply_text(&alerts, "alerts>0>kind"), "spent");
}

TEST_FLOW(a_budget_that_is_nearly_used_lowers_quality)
{
    const Shop shop = shop_open(place, pro);
    static const char high[] =
        "{\"model\":\"gpt-image-1\",\"prompt\":\"a castle\",\"quality\":\"high\"}";

    shop_send(&shop, 200, "POST", high, "/generate");
    shop_send(
        &shop, 200, "PUT", "{\"month_usd\":0.4,\"downgrade_percent\":50}", "/budgets/organisation");
    const Reply made = shop_send(&shop, 200, "POST", high, "/generate");
    CHECK_TEXT(reply_header(place, &made, "X-Quality-Used"), "medium");
    CHECK_TEXT(reply_header(place, &made, "X-Quality-Downgraded"), "budget");
    CHECK(strstr(reply_text(&made, "note"), "budget"));

    const Reply mine = shop_get(&shop, 200, "/budgets/somebody");
    CHECK(value_kind(reply_at(&mine, "month_usd")) == VALUE_NULL);
    const Reply alerts = shop_get(&shop, 200, "/budgets/alerts?limit=1");
    CHECK_INT(value_count(reply_at(&alerts, "alerts")), 1);
}

TEST_FLOW(the_same_request_twice_is_one)
{
    const Shop shop = shop_open(place, pro);

    for (size_t i = 0; i < COUNT(paths); i++) {
        Buf photo = photo_draw(place, 3);
        const char *ids[2] = {0};

        for (int j = 0; j < 3; j++) {
            const char *prompt = j == 2 ? "another castle" : "a castle";
            Form form = form_new();

            form_text(&form, "prompt", prompt);
            form_file(&form, "image", photo.bytes, photo.size);
            CHECK_OK(buf_print(&form.body, "--%s--\r\n", boundary));
            const bool is_form = i > 0;
            const Reply reply = place_ask(
                place,
                &(Request){
                    .method = "POST",
                    .path = paths[i],
                    .key = shop.key,
                    .headers = json_print(place, "Idempotency-Key: order-%zu\r\n", i),
                    .type = is_form
                                ? json_print(place, "multipart/form-data; boundary=%s", boundary)
                                : NULL,
                    .body = is_form ? (const void *)form.body.bytes
                                    : json_print(place, "{\"prompt\":\"%s\"}", prompt),
                    .size = is_form ? form.body.size : 0,
                });
            buf_done(&form.body);
            if (j == 2)
                code_hold(&reply, paths[i], "conflict", 409);
            else
                ids[j] = reply_text(&reply, "id");
        }
        CHECK_TEXT(ids[0], ids[1]);
        buf_done(&photo);
    }
}

TEST_FLOW(a_key_of_a_repeat_that_cannot_be_kept_is_refused_before_anything_is_paid)
{
    const Shop shop = shop_open(place, pro);
    const Reply reply = place_ask(
        place, &(Request){
                   .method = "POST",
                   .path = "/generate",
                   .key = shop.key,
                   .headers = "Idempotency-Key: order 17\r\n",
                   .body = "{\"prompt\":\"a castle\"}",
               });

    code_hold(&reply, "/generate", "input_invalid", 422);
    const Reply log = shop_get(&shop, 200, "/generations");
    CHECK_INT(value_count(reply_at(&log, "generations")), 0);
}

TEST_FLOW(what_failed_is_listed_without_a_price)
{
    const Shop shop = shop_open(place, pro);

    const Reply failed = ask(&shop, "/generate", "gpt-image-1", "fault-moderated");

    code_hold(&failed, "/generate", "prompt_refused", 400);
    const Reply log = shop_get(&shop, 200, "/generations");
    CHECK_TEXT(reply_text(&log, "generations>0>state"), "failed");
    CHECK_INT(reply_int(&log, "generations>0>credits"), 0);
}

TEST_FLOW(files_that_are_no_good_pictures_are_refused)
{
    const Shop shop = shop_open(place, pro);
    AUTO(buf_done) Buf photo = photo_draw(place, 4);
    /* A PNG that says that it is 60,000 pixels wide. */
    static const unsigned char wide[] = {
        0x89, 'P', 'N', 'G',  0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13,  'I', 'H', 'D', 'R', 0, 0, 0xea,
        0x60, 0,   0,   0xea, 0x60, 8,    2,    0,    0, 0, 0, 0,   0,   0,   0,   0,   0, 0, 'I',
        'D',  'A', 'T', 0,    0,    0,    0,    0,    0, 0, 0, 'I', 'E', 'N', 'D', 0,   0, 0, 0};
    const struct {
        const void *bytes;
        size_t size;
        const char *code;
        int status;
    } rows[] = {
        {photo.bytes, photo.size / 2, "image_unreadable", 422},
        {"GIF89a, of all things", 21, "image_unsupported", 415},
        {wide, sizeof(wide), "image_too_large", 413},
    };

    for (size_t i = 1; i < COUNT(paths); i++) {
        for (size_t j = 0; j < COUNT(rows); j++) {
            Form form = form_new();

            form_text(&form, "prompt", "a castle");
            form_file(&form, "image", rows[j].bytes, rows[j].size);
            const Reply reply = form_send(&shop, paths[i], &form);
            code_hold(&reply, paths[i], rows[j].code, rows[j].status);
        }
        const Reply large = ask(&shop, paths[i], "gpt-image-1", "fault-413");
        code_hold(&large, paths[i], "file_too_large", 413);
    }
}

/* ---- reports ---- */

TEST_FLOW(what_was_made_and_used_is_told_page_by_page)
{
    const Shop shop = shop_open(place, pro), other = shop_open(place, pro);

    for (int i = 0; i < 3; i++)
        CHECK_INT(ask(&shop, "/generate", "dall-e-2", "a mango").status, 200);
    const Reply log = shop_get(&shop, 200, "/generations?limit=2");
    CHECK_INT(value_count(reply_at(&log, "generations")), 2);
    CHECK_TEXT(reply_text(&log, "generations>0>prompt"), "a mango");
    CHECK(strstr(reply_header(place, &log, "Link"), "rel=\"next\""));
    const Reply rest = shop_get(
        &shop, 200, "/generations?limit=2&before=%s", reply_text(&log, "generations>1>id"));
    CHECK_INT(value_count(reply_at(&rest, "generations")), 1);

    const Reply usage = shop_get(&shop, 200, "/usage?from=2026-01-01");
    CHECK_INT(reply_int(&usage, "usage>0>requests"), 3);
    CHECK_INT(reply_int(&usage, "usage>0>tokens"), 3 * 334);

    const Reply none = shop_get(&other, 200, "/generations");
    CHECK_INT(value_count(reply_at(&none, "generations")), 0);
    const Reply models = shop_get(&shop, 200, "/models");
    CHECK_TEXT(reply_text(&models, "models>0>served_by"), "openai/gpt-image-2");
    CHECK(reply_int(&models, "models>0>credits") > 0);
}

TEST_FLOW(metrics_show_what_models_cost_whom)
{
    const Shop shop = shop_open(place, pro);

    CHECK_INT(ask(&shop, "/generate", "dall-e-2", "a mango").status, 200);
    CHECK_INT(ask(&shop, "/generate", "gpt-image-1", "a mango").status, 200);
    const Reply metrics =
        place_ask(place, &(Request){.method = "GET", .path = "/metrics", .key = place_metrics_key});
    CHECK_INT(metrics.status, 200);
    double cost[2] = {0};
    static const char *const models[] = {"dall-e-2", "gpt-image-1"};
    for (size_t i = 0; i < COUNT(models); i++) {
        const char *line = strstr(metrics.body, "cyclorama_art_cost_usd_total{");

        for (; line && *line != '#' && *line; line = strchr(line, '\n') + 1) {
            size_t length = strcspn(line, "\n");
            const char *text = arena_text_n(place->mem, line, length);

            if (strstr(text, shop.tenant_id) && strstr(text, models[i]))
                cost[i] = strtod(strrchr(text, ' '), NULL);
        }
    }
    CHECK(cost[0] > 0);
    CHECK(cost[0] <= cost[1] / 2);
}
