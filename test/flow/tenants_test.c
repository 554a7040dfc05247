/* Promises to administrators: accounts are changed, kept out and taken up again, given and taken credits, and all of it is written down. */
#include <string.h>

#include "shop.h"

static Shop mugs_open(const Place *place)
{
    return shop_open(place, "{\"name\":\"Mugs\",\"email\":\"ann@mugs.example\",\"plan\":\"pro\"}");
}

/* The newest entry of the audit of SHOP. */
static const char *last_deed(const Shop *admin, const Shop *shop)
{
    const Reply audit = shop_get(admin, 200, "/v1/audit?tenant_id=%s&limit=1", shop->tenant_id);

    return reply_text(&audit, "entries>0>action");
}

TEST_FLOW(a_tenant_is_changed_in_part)
{
    const Shop shop = mugs_open(place), admin = shop_admin(place);
    const char *id = shop.tenant_id;

    shop_send(&shop, 403, "PATCH", "{\"plan\":\"enterprise\"}", "/v1/tenants/%s", id);
    const Reply before = shop_get(&admin, 200, "/v1/tenants/%s", id);
    CHECK(value_kind(reply_at(&before, "requests_per_minute")) == VALUE_NULL);
    const Reply named = shop_send(
        &admin, 200, "PATCH", "{\"name\":\"Mugs of Java\",\"email\":\"\"}", "/v1/tenants/%s", id);
    CHECK_TEXT(reply_text(&named, "name"), "Mugs of Java");
    CHECK(value_kind(reply_at(&named, "email")) == VALUE_NULL);
    CHECK_INT(reply_int(&named, "monthly_quota"), 500);

    const Reply booked = shop_send(
        &admin, 200, "PATCH",
        "{\"plan\":\"free\",\"monthly_quota\":42,\"tier\":\"premium\",\"requests_per_minute\":7,"
        "\"retention_days\":5}",
        "/v1/tenants/%s", id);
    CHECK_TEXT(reply_text(&booked, "name"), "Mugs of Java");
    CHECK_TEXT(reply_text(&booked, "plan"), "free");
    CHECK_TEXT(reply_text(&booked, "tier"), "premium");
    CHECK_INT(reply_int(&booked, "monthly_quota"), 42);
    CHECK_INT(reply_int(&booked, "requests_per_minute"), 7);
    CHECK_INT(reply_int(&booked, "retention_days"), 5);

    /* Its own rate counts at once: seven a minute are as bursty as the plan's sixty, so three are. */
    int status = 200;
    for (int i = 0; i < 10 && status == 200; i++) {
        const Reply quota =
            place_ask(place, &(Request){.method = "GET", .path = "/v1/quota", .key = shop.key});
        status = quota.status;
    }
    CHECK_INT(status, 429);

    const Reply plain = shop_send(
        &admin, 200, "PATCH", "{\"tier\":\"plan\",\"requests_per_minute\":0}", "/v1/tenants/%s",
        id);
    CHECK_TEXT(reply_text(&plain, "tier"), "free");
    CHECK(value_bool(reply_at(&plain, "tier_of_plan")));
    CHECK_TEXT(last_deed(&admin, &shop), "tenant.change");

    shop_send(&admin, 422, "PATCH", "{\"retention_days\":0}", "/v1/tenants/%s", id);
    shop_send(&admin, 422, "PATCH", "{\"email\":\"nobody\"}", "/v1/tenants/%s", id);
    shop_send(&admin, 404, "PATCH", "{\"name\":\"X\"}", "/v1/tenants/tenant_none");
}

TEST_FLOW(a_suspended_tenant_is_refused_until_it_is_taken_up_again)
{
    const Shop shop = mugs_open(place), admin = shop_admin(place);
    const char *user = json_print(
        place,
        "{\"tenant_id\":\"%s\",\"email\":\"%s@mugs.example\",\"password\":\"a long enough one\","
        "\"role\":\"owner\"}",
        shop.tenant_id, shop.tenant_id);
    const char *sign_in = json_print(
        place, "{\"email\":\"%s@mugs.example\",\"password\":\"a long enough one\"}",
        shop.tenant_id);
    const Request session = {
        .method = "POST",
        .path = "/v1/session",
        .headers = "X-Requested-With: cyclorama\r\n",
        .body = sign_in,
        .size = strlen(sign_in),
    };

    shop_send(&admin, 201, "POST", user, "/v1/users");
    const Reply job =
        shop_send(&shop, 201, "POST", "{\"items\":[{\"filename\":\"a.png\"}]}", "/v1/jobs");
    const Reply kept =
        shop_send(&admin, 200, "POST", NULL, "/v1/tenants/%s/suspend", shop.tenant_id);
    CHECK(value_bool(reply_at(&kept, "suspended")));
    CHECK_TEXT(last_deed(&admin, &shop), "tenant.suspend");

    const Reply refused = shop_get(&shop, 403, "/v1/quota");
    CHECK(strstr(refused.body, "This account is suspended."));
    const Reply stranger = place_ask(place, &session);
    CHECK_INT(stranger.status, 403);
    CHECK(strstr(stranger.body, "This account is suspended."));

    shop_send(&admin, 200, "POST", NULL, "/v1/tenants/%s/suspend", shop.tenant_id);
    const Reply back =
        shop_send(&admin, 200, "POST", NULL, "/v1/tenants/%s/resume", shop.tenant_id);
    CHECK(!value_bool(reply_at(&back, "suspended")));
    CHECK_TEXT(last_deed(&admin, &shop), "tenant.resume");
    shop_get(&shop, 200, "/v1/jobs/%s", reply_text(&job, "job_id"));
    CHECK_INT(place_ask(place, &session).status, 200);

    shop_send(&admin, 404, "POST", NULL, "/v1/tenants/tenant_none/suspend");
    shop_send(&admin, 404, "POST", NULL, "/v1/tenants/tenant_none/resume");
    shop_send(&admin, 409, "POST", NULL, "/v1/tenants/tenant_studio/suspend");
}

TEST_FLOW(credits_are_given_and_taken_with_a_reason)
{
    const Shop shop = mugs_open(place), admin = shop_admin(place);
    const char *path = json_print(place, "/v1/tenants/%s/credits", shop.tenant_id);

    const Reply before = shop_get(&admin, 200, "%s", path);
    CHECK_INT(reply_int(&before, "available"), 1500);
    const Reply given = shop_send(
        &admin, 200, "POST", "{\"credits\":250,\"reason\":\"Sorry for the wait\"}", "%s", path);
    CHECK_INT(reply_int(&given, "available"), 1750);
    CHECK_TEXT(reply_text(&given, "entries>0>kind"), "grant");
    CHECK_TEXT(reply_text(&given, "entries>0>reason"), "Sorry for the wait");
    CHECK_TEXT(last_deed(&admin, &shop), "credits.grant");

    const Reply taken =
        shop_send(&admin, 200, "POST", "{\"credits\":-1750,\"reason\":\"Paid twice\"}", "%s", path);
    CHECK_INT(reply_int(&taken, "available"), 0);
    CHECK_TEXT(last_deed(&admin, &shop), "credits.take");
    shop_send(&admin, 409, "POST", "{\"credits\":-1,\"reason\":\"More\"}", "%s", path);
    shop_send(&admin, 422, "POST", "{\"credits\":0,\"reason\":\"Nothing\"}", "%s", path);
    shop_send(&admin, 422, "POST", "{\"credits\":5}", "%s", path);

    const Reply page = shop_get(&admin, 200, "%s?limit=1", path);
    CHECK(strstr(reply_header(place, &page, "Link"), "before="));
    shop_get(&admin, 404, "/v1/tenants/tenant_none/credits");
    shop_send(
        &admin, 404, "POST", "{\"credits\":5,\"reason\":\"Gift\"}",
        "/v1/tenants/tenant_none/credits");
    shop_send(&shop, 403, "POST", "{\"credits\":5,\"reason\":\"Gift\"}", "%s", path);

    const Ran checked = place_run(place, "admin ledger check --json");
    CHECK(strstr(checked.out, "\"is_well\": true") || strstr(checked.out, "\"is_well\":true"));
}

TEST_FLOW(people_of_a_tenant_are_given_a_role_and_signed_out)
{
    const Shop shop = mugs_open(place), admin = shop_admin(place);
    const char *query = json_print(place, "tenant_id=%s", shop.tenant_id);
    const char *email = json_print(place, "%s@b.example", shop.tenant_id);
    const Reply made = shop_send(
        &admin, 201, "POST",
        json_print(
            place,
            "{\"tenant_id\":\"%s\",\"email\":\"%s\",\"password\":\"a long enough one\","
            "\"role\":\"viewer\"}",
            shop.tenant_id, email),
        "/v1/users");
    const char *id = reply_text(&made, "id");

    const char *path = json_print(place, "/v1/users/%s", id);
    const char *raise = json_print(
        place, "{\"tenant_id\":\"%s\",\"disabled\":false,\"role\":\"owner\",\"name\":\"Budi\"}",
        shop.tenant_id);
    const char *lift = json_print(
        place, "{\"tenant_id\":\"%s\",\"disabled\":false,\"role\":\"admin\"}", shop.tenant_id);
    const Reply raised = shop_send(&admin, 200, "PUT", raise, "%s", path);
    CHECK_TEXT(reply_text(&raised, "role"), "owner");
    CHECK_TEXT(reply_text(&raised, "name"), "Budi");
    CHECK_TEXT(last_deed(&admin, &shop), "user.change");
    shop_send(&admin, 422, "PUT", lift, "%s", path);
    shop_send(&shop, 403, "PUT", lift, "%s", path);

    const char *sign_in =
        json_print(place, "{\"email\":\"%s\",\"password\":\"a long enough one\"}", email);
    const Reply session = place_ask(
        place, &(Request){
                   .method = "POST",
                   .path = "/v1/session",
                   .headers = "X-Requested-With: cyclorama\r\n",
                   .body = sign_in,
                   .size = strlen(sign_in)});
    const char *cookie = reply_header(place, &session, "Set-Cookie");
    const char *headers = json_print(
        place, "Cookie: %.*s\r\nX-Requested-With: cyclorama\r\n", (int)strcspn(cookie, ";"),
        cookie);
    const Request look = {.method = "GET", .path = "/v1/quota", .headers = headers};
    CHECK_INT(place_ask(place, &look).status, 200);
    shop_send(&admin, 204, "DELETE", NULL, "/v1/users/%s/sessions?%s", id, query);
    CHECK_INT(place_ask(place, &look).status, 401);
    CHECK_TEXT(last_deed(&admin, &shop), "user.sign_out");
    shop_send(&admin, 404, "DELETE", NULL, "/v1/users/user_none/sessions?%s", query);

    /* The keys of an account are seen and ended, and the studio's own, too. */
    const Reply keys = shop_get(&admin, 200, "/v1/keys?%s", query);
    CHECK_TEXT(reply_text(&keys, "keys>0>name"), "First key");
    shop_send(&admin, 204, "DELETE", NULL, "/v1/keys/%s?%s", reply_text(&keys, "keys>0>id"), query);
    CHECK_TEXT(last_deed(&admin, &shop), "key.revoke");
    shop_get(&shop, 401, "/v1/quota");
    const Reply own = shop_get(&admin, 200, "/v1/keys?tenant_id=studio");
    CHECK(value_count(reply_at(&own, "keys")) > 0);
}

TEST_FLOW(the_trail_of_deeds_says_who_and_whom)
{
    const Shop shop = mugs_open(place), other = mugs_open(place), admin = shop_admin(place);

    shop_send(&admin, 200, "PATCH", "{\"name\":\"Cups\"}", "/v1/tenants/%s", shop.tenant_id);
    const Reply own = shop_get(&shop, 200, "/v1/audit");
    CHECK_TEXT(reply_text(&own, "entries>0>action"), "tenant.change");
    CHECK_TEXT(reply_text(&own, "entries>0>tenant_name"), "Cups");
    CHECK_TEXT(reply_text(&own, "entries>0>subject_name"), "Cups");
    CHECK_TEXT(reply_text(&own, "entries>0>detail>name"), "Cups");
    CHECK(reply_text(&own, "entries>0>actor_name"));
    CHECK_TEXT(reply_text(&own, "entries>1>action"), "tenant.create");

    const Reply all = shop_get(&admin, 200, "/v1/audit?tenant_id=all&limit=1");
    CHECK(strstr(reply_header(place, &all, "Link"), "before="));
    shop_get(&shop, 403, "/v1/audit?tenant_id=%s", other.tenant_id);
    shop_get(&shop, 403, "/v1/audit?tenant_id=all");
    const Reply viewer =
        shop_send(&shop, 201, "POST", "{\"name\":\"See\",\"role\":\"viewer\"}", "/v1/keys");
    const Shop seer = {place, shop.tenant_id, reply_text(&viewer, "secret")};
    shop_get(&seer, 403, "/v1/audit");
}
