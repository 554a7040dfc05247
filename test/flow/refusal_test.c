/* Promises of what a server refuses, and how it says so. */
#include <ctype.h>

#include "ledger/ledger.h"
#include "shop.h"

enum {
    OVER_20_MIB = (20 << 20) + 1 /* a photo larger than is taken */
};

static const char pro[] = "{\"name\":\"Mugs\",\"plan\":\"pro\"}";
static const char one[] = "{\"items\":[{\"filename\":\"a.png\"}]}";

static Request get(const char *path)
{
    return (Request){.method = "GET", .path = path};
}

static Request send(const char *method, const char *path, const char *json)
{
    return (Request){.method = method, .path = path, .body = json};
}

static void refuse(const Shop *shop, int status, const char *code, Request request)
{
    CHECK_INT(shop_refused(shop, code, &request).status, status);
}

TEST_FLOW(who_has_no_good_key_is_not_let_in)
{
    static const char *const lines[] = {
        "", "X-API-Key: cyc_k5z95jbknkr555mp16rycwm042kk89szp0eqv0zk\r\n", "X-API-Key: x\r\n",
        "Authorization: Bearer nothing\r\n", "Authorization: Basic YTpi\r\n"};
    static const char *const paths[] = {"/v1/quota", "/v1/jobs", "/v1/tenants"};

    for (size_t i = 0; i < COUNT(lines); i++)
        for (size_t j = 0; j < COUNT(paths); j++) {
            const Reply reply = place_ask(
                place, &(Request){.method = "GET", .path = paths[j], .headers = lines[i]});

            CHECK_INT(reply.status, 401);
            CHECK_TEXT(reply_text(&reply, "code"), "unauthenticated");
        }

    const Shop shop = shop_open(place, pro);
    const Reply bearer = place_ask(
        place, &(Request){
                   .method = "GET",
                   .path = "/v1/quota",
                   .headers = arena_print(place->mem, "Authorization: Bearer %s\r\n", shop.key)});
    CHECK_INT(bearer.status, 200);
}

TEST_FLOW(tenants_are_the_administrators_business)
{
    const Shop admin = shop_admin(place), shop = shop_open(place, pro),
               more = shop_open(place, pro);
    const char *path = arena_print(place->mem, "/v1/tenants/%s", shop.tenant_id);
    const char *quota = arena_print(place->mem, "%s/quota", path);

    refuse(&shop, 403, "forbidden", get("/v1/tenants"));
    refuse(&shop, 403, "forbidden", get(path));
    refuse(&shop, 403, "forbidden", send("POST", "/v1/tenants", pro));
    refuse(&shop, 403, "forbidden", send("PUT", quota, "{\"monthly_quota\":1000}"));
    refuse(&admin, 404, "not_found", get("/v1/tenants/nobody"));
    refuse(&admin, 404, "not_found", get("/v1/quota?tenant_id=nobody"));
    refuse(
        &admin, 404, "not_found", send("PUT", "/v1/tenants/nobody/quota", "{\"monthly_quota\":1}"));
    refuse(
        &admin, 422, "input_invalid",
        send("POST", "/v1/tenants", "{\"name\":\"A\",\"email\":\"nobody\"}"));

    CHECK(strcmp(more.key, shop.key) != 0);
    const Reply seen = shop_get(&admin, 200, "%s", path);
    CHECK_INT(reply_int(&seen, "monthly_quota"), 500);
    CHECK(!reply_at(&seen, "api_key"));
    shop_send(&admin, 200, "PUT", "{\"monthly_quota\":7}", "%s", quota);
    const Reply left = shop_get(&shop, 200, "/v1/quota");
    CHECK_INT(reply_int(&left, "quota"), 7);
    shop_send(&admin, 200, "PUT", "{\"monthly_quota\":-1}", "%s", quota);
    const Reply endless = shop_get(&admin, 200, "/v1/quota?tenant_id=%s", shop.tenant_id);
    CHECK(value_kind(reply_at(&endless, "quota")) == VALUE_NULL);

    const Reply page = shop_get(&admin, 200, "/v1/tenants?limit=1");
    CHECK_INT(value_count(page.json), 1);
    CHECK(reply_header(place, &page, "Link"));
}

TEST_FLOW(nothing_of_another_tenant_is_found)
{
    const Shop owner = shop_open(place, pro), other = shop_open(place, pro);
    const Reply job = shop_send(&owner, 201, "POST", one, "/v1/jobs");
    const Reply brand = shop_send(&owner, 201, "POST", "{\"name\":\"A\"}", "/v1/brand-profiles");
    const char *id = reply_text(&job, "job_id");
    const char *item = reply_text(&job, "items>0>item_id");
    const char *brand_id = reply_text(&brand, "brand_profile_id");
    const char *names = json_print(place, "{\"job_id\":\"%s\",\"item_id\":\"%s\"}", id, item);
    Arena *mem = place->mem;
    const Request asked[] = {
        get(arena_print(mem, "/v1/jobs/%s", id)),
        get(arena_print(mem, "/v1/jobs/%s/events", id)),
        get(arena_print(mem, "/v1/jobs/%s/items/%s", id, item)),
        get(arena_print(mem, "/v1/jobs/%s/items/%s/download-sas", id, item)),
        send("POST", arena_print(mem, "/v1/jobs/%s/process", id), NULL),
        send("POST", arena_print(mem, "/v1/jobs/%s/exports", id), NULL),
        send("DELETE", arena_print(mem, "/v1/jobs/%s", id), NULL),
        send("POST", "/v1/uploads/sas", names),
        send("POST", "/v1/uploads/complete", names),
        get(arena_print(mem, "/v1/brand-profiles/%s", brand_id)),
        send("DELETE", arena_print(mem, "/v1/brand-profiles/%s", brand_id), NULL),
        send(
            "POST", "/v1/jobs",
            json_print(
                place, "{\"brand_profile_id\":\"%s\",\"items\":[{\"filename\":\"a\"}]}", brand_id)),
        get("/v1/exports/export_none"),
    };

    for (size_t i = 0; i < COUNT(asked); i++)
        refuse(&other, 404, "not_found", asked[i]);
    const Reply list = shop_get(&other, 200, "/v1/jobs");
    CHECK_INT(value_count(reply_at(&list, "jobs")), 0);

    /* To name the other is forbidden, whether it is there or not. */
    refuse(
        &other, 403, "forbidden",
        get(arena_print(mem, "/v1/jobs/%s?tenant_id=%s", id, owner.tenant_id)));
    refuse(
        &other, 403, "forbidden",
        (Request){
            .method = "GET",
            .path = "/v1/jobs",
            .headers = arena_print(mem, "X-Tenant-ID: %s\r\n", owner.tenant_id)});
    refuse(
        &other, 403, "forbidden",
        send(
            "POST", "/v1/jobs",
            json_print(
                place, "{\"tenant_id\":\"%s\",\"items\":[{\"filename\":\"a\"}]}",
                owner.tenant_id)));
    const Shop admin = shop_admin(place);
    shop_get(&admin, 200, "/v1/jobs/%s?tenant_id=%s", id, owner.tenant_id);
    refuse(&admin, 422, "input_missing", get("/v1/jobs"));
}

TEST_FLOW(what_cannot_be_understood_is_named)
{
    static const struct {
        const char *json, *code, *field;
    } cases[] = {
        {"{\"items\":[", "request_invalid", NULL},
        {"[]", "input_invalid", NULL},
        {"{}", "input_missing", "items"},
        {"{\"items\":[]}", "input_invalid", "items"},
        {"{\"items\":[{\"filename\":\"a\"}],\"itmes\":1}", "input_invalid", "itmes"},
        {"{\"items\":[{\"filename\":\"a\",\"scene_count\":21}]}", "input_invalid", "scene_count"},
        {"{\"items\":[{\"filename\":\"a\",\"scene_types\":[\"livin_room\"]}]}", "input_invalid",
         "scene_types"},
        {"{\"items\":[{\"source_url\":\"https://a.example/a.png\"}]}", "input_invalid",
         "source_url"},
        {"{\"items\":[{}]}", "input_missing", "filename"},
    };
    const Shop shop = shop_open(place, pro);

    for (size_t i = 0; i < COUNT(cases); i++) {
        const Request request = send("POST", "/v1/jobs", cases[i].json);
        const Reply reply = shop_refused(&shop, cases[i].code, &request);

        if (cases[i].field && !strstr(reply.body, cases[i].field))
            test_fail(
                __FILE__, __LINE__, "%s does not name %s: %s", cases[i].json, cases[i].field,
                reply.body);
        CHECK_TEXT(reply_header(place, &reply, "Content-Type"), "application/problem+json");
        CHECK(strncmp(reply_text(&reply, "request_id"), "req_", 4) == 0);
    }
    refuse(
        &shop, 415, "type_unsupported",
        (Request){.method = "POST", .path = "/v1/jobs", .type = "text/plain", .body = "x"});
    refuse(&shop, 405, "method_wrong", send("DELETE", "/v1/quota", NULL));
    refuse(&shop, 404, "not_found", get("/v1/nothing"));
}

/* A month's images are counted before anything is begun. */
TEST_FLOW(a_month_that_is_used_up_is_said_in_opals_words)
{
    const Shop shop = shop_open(place, "{\"name\":\"A\",\"monthly_quota\":1}");
    AUTO(buf_done) Buf photo = photo_draw(place, 4);
    const Reply job = shop_send(
        &shop, 201, "POST", "{\"items\":[{\"filename\":\"a.png\",\"scene_count\":2}]}", "/v1/jobs");
    const char *path = arena_print(place->mem, "/v1/jobs/%s", reply_text(&job, "job_id"));

    shop_upload(&shop, &job, &photo);
    const Reply full = shop_send(&shop, 429, "POST", NULL, "%s/process", path);
    CHECK_TEXT(reply_text(&full, "error"), "Monthly quota exceeded");
    CHECK_INT(reply_int(&full, "quota"), 1);
    CHECK_INT(reply_int(&full, "used"), 0);
    CHECK_INT(strlen(reply_text(&full, "reset_date")), 10);
    CHECK_INT(value_count(full.json), 6);
    CHECK(strtol(reply_header(place, &full, "Retry-After"), NULL, 10) > 0);

    const Shop admin = shop_admin(place);
    shop_send(&admin, 200, "PUT", "{\"monthly_quota\":0}", "/v1/tenants/%s/quota", shop.tenant_id);
    const Reply none = shop_send(&shop, 429, "POST", one, "/v1/jobs");
    CHECK_INT(reply_int(&none, "quota"), 0);
    const char *batch = "{\"items\":[{\"source_url\":\"http://127.0.0.1:1/a.png\"}]}";
    shop_send(&shop, 429, "POST", batch, "/v1/batch-jobs");
    refuse(
        &shop, 429, "quota_exceeded",
        (Request){
            .method = "POST",
            .path = "/v1/batch-jobs/csv",
            .type = "text/csv",
            .body = "source_url\nhttp://127.0.0.1:1/a.png\n"});
}

static Err *purse_empty(DbTx *tx, void *tenant_id)
{
    const LedgerMove move = {
        .tenant_id = tenant_id, .key = "elsewhere", .reason = "Elsewhere", .credits = 28};
    Id hold;

    return ledger_hold(tx, &move, &hold);
}

/* Credits that were spent elsewhere: this door alone spends no more than its quota. */
TEST_FLOW(what_cannot_be_paid_is_not_begun)
{
    const Shop shop = shop_open(place, "{\"name\":\"A\"}");
    AUTO(db_close) Db *db = NULL;
    CHECK_OK(db_open(&(DbSetup){.url = place->database_url}, &db));
    CHECK_OK(db_write(db, purse_empty, (void *)(uintptr_t)shop.tenant_id));
    AUTO(buf_done) Buf photo = photo_draw(place, 5);
    const Reply job = shop_send(&shop, 201, "POST", one, "/v1/jobs");
    const char *path = arena_print(place->mem, "/v1/jobs/%s", reply_text(&job, "job_id"));

    shop_upload(&shop, &job, &photo);
    refuse(
        &shop, 402, "credits_spent",
        send("POST", arena_print(place->mem, "%s/process", path), NULL));
    refuse(
        &shop, 402, "credits_spent",
        send(
            "POST", "/v1/batch-jobs",
            "{\"items\":[{\"source_url\":\"http://127.0.0.1:1/a.png\"}]}"));
    refuse(
        &shop, 402, "credits_spent",
        (Request){
            .method = "POST",
            .path = "/v1/batch-jobs/csv",
            .type = "text/csv",
            .body = "source_url\nhttp://127.0.0.1:1/a.png\n"});
    const Reply still = shop_get(&shop, 200, "%s", path);
    CHECK_TEXT(reply_text(&still, "items>0>status"), "uploaded");
}

/* ---- uploads ---- */

static Reply link_of(const Shop *shop, const Reply *job, const char **ret_names)
{
    *ret_names = json_print(
        shop->place, "{\"job_id\":\"%s\",\"item_id\":\"%s\"}", reply_text(job, "job_id"),
        reply_text(job, "items>0>item_id"));
    return shop_send(shop, 200, "POST", *ret_names, "/v1/uploads/sas");
}

/* ADDRESS with the letter after FIND changed. */
static const char *address_spoilt(const Place *place, const char *address, const char *find)
{
    char *spoilt = arena_text(place->mem, address);
    char *at = strstr(spoilt, find);

    CHECK(at);
    at += strlen(find);
    *at = isdigit((unsigned char)*at) ? (*at == '1' ? '2' : '1') : (*at == 'A' ? 'B' : 'A');
    return spoilt;
}

TEST_FLOW(an_address_that_was_tampered_with_takes_and_gives_nothing)
{
    static const char *const parts[] = {"sig=", "se=", "mb=", "/raw/tenant_"};
    const Shop shop = shop_open(place, pro);
    const Reply job = shop_send(&shop, 201, "POST", one, "/v1/jobs");
    const char *names;
    const Reply link = link_of(&shop, &job, &names);
    const char *url = reply_text(&link, "upload_url");

    for (size_t i = 0; i < COUNT(parts); i++) {
        const Reply put = place_put(place, address_spoilt(place, url, parts[i]), "x", 1);

        CHECK_INT(put.status, 403);
        CHECK_TEXT(reply_text(&put, "code"), "grant_refused");
    }
    /* A link to write does not read, nor is there a store without one. */
    refuse(&shop, 403, "grant_refused", get(url));
    refuse(&shop, 403, "grant_refused", get(arena_text_n(place->mem, url, strcspn(url, "?"))));
    refuse(
        &shop, 413, "file_too_large",
        (Request){
            .method = "PUT",
            .path = url,
            .type = "image/png",
            .headers = "x-a: b\r\n",
            .body = arena_take(place->mem, OVER_20_MIB),
            .size = OVER_20_MIB});
    refuse(&shop, 409, "conflict", send("POST", "/v1/uploads/complete", names));
}

/* The head of a PNG of another size than it has. */
static Buf photo_claiming(const Place *place, uint8_t side_high)
{
    Buf photo = photo_draw(place, 6);
    uint8_t *bytes = photo.bytes;

    bytes[18] = bytes[22] = side_high; /* of width and height, 256 times */
    return photo;
}

TEST_FLOW(a_link_takes_nothing_more_once_its_photo_was_counted_in)
{
    const Shop shop = shop_open(place, pro);
    const Reply job = shop_send(&shop, 201, "POST", one, "/v1/jobs");
    AUTO(buf_done) Buf photo = photo_draw(place, 50);
    const char *names;
    const Reply link = link_of(&shop, &job, &names);

    shop_upload(&shop, &job, &photo);
    const Reply late = place_put(place, reply_text(&link, "upload_url"), "x", 1);
    CHECK_INT(late.status, 409);
    CHECK_TEXT(reply_text(&late, "code"), "conflict");
    shop_send(&shop, 202, "POST", NULL, "/v1/jobs/%s/process", reply_text(&job, "job_id"));
    const Reply after = place_put(place, reply_text(&link, "upload_url"), "x", 1);
    CHECK_INT(after.status, 409);
}

TEST_FLOW(a_photo_that_is_none_is_refused_with_the_reason_and_a_better_one_is_taken)
{
    const Shop shop = shop_open(place, pro);
    AUTO(buf_done) Buf photo = photo_draw(place, 6);
    AUTO(buf_done) Buf wide = photo_claiming(place, 0xff);
    const Reply job = shop_send(&shop, 201, "POST", one, "/v1/jobs");
    const char *names;
    const Reply link = link_of(&shop, &job, &names);
    static const char tiny[] = "P5 1 1 255 x";
    const struct {
        const void *bytes;
        size_t size;
        int status;
        const char *code;
    } cases[] = {
        {"", 0, 422, "image_unreadable"},
        {"hello, this is no picture", 25, 415, "image_unsupported"},
        {tiny, sizeof(tiny), 415, "image_unsupported"},
        {photo.bytes, 20, 422, "image_unreadable"},
        {wide.bytes, wide.size, 413, "image_too_large"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const Reply put =
            place_put(place, reply_text(&link, "upload_url"), cases[i].bytes, cases[i].size);

        CHECK_INT(put.status, 201);
        refuse(&shop, cases[i].status, cases[i].code, send("POST", "/v1/uploads/complete", names));
    }
    shop_upload(&shop, &job, &photo);
    const Reply item = shop_get(
        &shop, 200, "/v1/jobs/%s/items/%s", reply_text(&job, "job_id"),
        reply_text(&job, "items>0>item_id"));
    CHECK_TEXT(reply_text(&item, "status"), "uploaded");
    refuse(
        &shop, 409, "conflict",
        get(arena_print(
            place->mem, "/v1/jobs/%s/items/%s/download-sas", reply_text(&job, "job_id"),
            reply_text(&job, "items>0>item_id"))));
}

TEST_FLOW(what_is_not_ready_is_a_conflict)
{
    const Shop shop = shop_open(place, pro);
    AUTO(buf_done) Buf photo = photo_draw(place, 7);
    const Reply job = shop_send(&shop, 201, "POST", one, "/v1/jobs");
    const char *path = arena_print(place->mem, "/v1/jobs/%s", reply_text(&job, "job_id"));
    const char *names;

    refuse(&shop, 409, "conflict", send("POST", arena_print(place->mem, "%s/process", path), NULL));
    refuse(&shop, 409, "conflict", send("POST", arena_print(place->mem, "%s/exports", path), NULL));
    link_of(&shop, &job, &names);
    shop_upload(&shop, &job, &photo);
    shop_send(&shop, 202, "POST", NULL, "%s/process", path);
    refuse(&shop, 409, "conflict", send("POST", "/v1/uploads/sas", names));
    shop_send(&shop, 200, "DELETE", NULL, "%s", path);
}

TEST_FLOW(who_asks_too_fast_is_told_when_to_come_back)
{
    const Shop shop = shop_open(place, "{\"name\":\"A\",\"plan\":\"free\"}");
    Reply reply = {0};

    for (int i = 0; i < 200 && reply.status != 429; i++)
        reply = place_ask(place, &(Request){.method = "GET", .path = "/v1/quota", .key = shop.key});
    CHECK_INT(reply.status, 429);
    CHECK_TEXT(reply_text(&reply, "code"), "rate_limited");
    CHECK(strtol(reply_header(place, &reply, "Retry-After"), NULL, 10) > 0);
}

TEST_FLOW(the_house_says_how_it_is)
{
    const Shop nobody = {.place = place};
    const Reply health = shop_get(&nobody, 200, "/health");

    CHECK_TEXT(reply_text(&health, "status"), "degraded"); /* no networks, and workers inside */
    CHECK(strstr(reply_text(&health, "workers"), "models fetch"));
    CHECK_TEXT(reply_text(&health, "store"), "ok");
    shop_get(&nobody, 200, "/health/live");
    shop_get(&nobody, 200, "/health/ready");
    shop_get(&nobody, 200, "/docs");
    shop_get(&nobody, 200, "/docs/docs.css");
    const Reply document = shop_get(&nobody, 200, "/openapi.json?door=opal");
    CHECK_TEXT(reply_text(&document, "openapi"), "3.1.0");

    refuse(&nobody, 404, "not_found", get("/openapi.json?door=back"));
    refuse(&nobody, 401, "unauthenticated", get("/metrics"));
    refuse(
        &nobody, 403, "forbidden",
        (Request){.method = "GET", .path = "/metrics", .key = place_admin_key});
    const Reply metrics = place_ask(
        place,
        &(Request){
            .method = "GET",
            .path = "/metrics",
            .headers = arena_print(place->mem, "Authorization: Bearer %s\r\n", place_metrics_key)});
    CHECK_INT(metrics.status, 200);
    CHECK(strstr(metrics.body, "# TYPE "));
}
