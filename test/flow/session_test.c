/* Promises of signing in with a browser: the first account, cookies, and pages of others that would act in somebody's name. */
#include <string.h>

#include "shop.h"

static const char ours[] = "X-Requested-With: cyclorama\r\n";
static const char ann[] =
    "{\"email\":\"ann@example.com\",\"password\":\"correct horse\",\"name\":\"Ann\"}";

/* A browser: what it sends besides, and the cookie it keeps. */
typedef struct Browser {
    const Place *place;
    const char *headers, *cookie;
} Browser;

static Reply browse(const Browser *browser, const char *method, const char *path, const char *json)
{
    const char *headers = arena_print(
        browser->place->mem, "%s%s%s%s", browser->headers, browser->cookie ? "Cookie: " : "",
        browser->cookie ? browser->cookie : "", browser->cookie ? "\r\n" : "");

    return place_ask(
        browser->place,
        &(Request){.method = method, .path = path, .headers = headers, .body = json});
}

/* The cookie that REPLY sets: "cyclorama=cys_..."; that it is kept from scripts and from other sites' pages. */
static const char *cookie_of(const Place *place, const Reply *reply)
{
    const char *set = reply_header(place, reply, "Set-Cookie");

    CHECK(set && strstr(set, "; HttpOnly") && strstr(set, "; SameSite=Lax"));
    CHECK(strstr(set, "; Path=/;"));
    return arena_text_n(place->mem, set, strcspn(set, ";"));
}

static void refused(const Browser *browser, const char *method, const char *path, const char *json)
{
    const Reply reply = browse(browser, method, path, json);

    CHECK_INT(reply.status, 403);
    CHECK_TEXT(reply_text(&reply, "code"), "forbidden");
}

static bool is_signed_in(const Browser *browser)
{
    const Reply reply = browse(browser, "GET", "/v1/session", NULL);

    CHECK_INT(reply.status, 200);
    return value_bool(reply_at(&reply, "signed_in"));
}

static Browser first_run(const Place *place)
{
    Browser browser = {place, ours, NULL};
    const Reply made = browse(&browser, "POST", "/v1/first-run", ann);

    CHECK_INT(made.status, 201);
    browser.cookie = cookie_of(place, &made);
    return browser;
}

static void place_fresh(const Place *place, const char *row, Place *ret)
{
    const char *const rows[] = {row, NULL};

    place_open_set(place->kind, place->mem, rows, ret);
}

TEST_FLOW(the_first_account_is_made_once_at_the_machine_and_speaks_for_the_studio)
{
    AUTO(place_close) Place own = {0};

    place_fresh(place, NULL, &own);
    Browser stranger = {&own, "", NULL}, nobody = {&own, ours, NULL};
    Reply reply = browse(&nobody, "GET", "/v1/session", NULL);
    CHECK(value_bool(reply_at(&reply, "needs_first_run")));
    CHECK(value_bool(reply_at(&reply, "first_run_here")));

    refused(&stranger, "POST", "/v1/first-run", ann);
    stranger.headers = "X-Requested-With: a\r\nOrigin: https://evil.example\r\n";
    refused(&stranger, "POST", "/v1/first-run", ann);
    stranger.headers = "X-Requested-With: a\r\nSec-Fetch-Site: cross-site\r\n";
    refused(&stranger, "POST", "/v1/first-run", ann);
    stranger.headers = "X-Requested-With: a\r\nX-Forwarded-For: 203.0.113.9\r\n";
    refused(&stranger, "POST", "/v1/first-run", ann);
    reply =
        browse(&nobody, "POST", "/v1/first-run", "{\"email\":\"ann\",\"password\":\"12345678\"}");
    CHECK_INT(reply.status, 422);

    const Browser browser = first_run(&own);
    reply = browse(&browser, "GET", "/v1/session", NULL);
    CHECK_TEXT(reply_text(&reply, "user>email"), "ann@example.com");
    CHECK_TEXT(reply_text(&reply, "user>role"), "admin");
    CHECK_TEXT(reply_text(&reply, "tenant>id"), "tenant_studio");
    CHECK(reply_int(&reply, "tenant>credits") > 0);
    CHECK(!value_bool(reply_at(&reply, "needs_first_run")));
    CHECK_INT(browse(&browser, "GET", "/v1/quota", NULL).status, 200);
    reply = browse(&browser, "GET", "/v1/usage?days=7", NULL);
    CHECK_INT(value_count(reply_at(&reply, "days")), 7);
    CHECK_INT(reply_int(&reply, "days>6>images"), 0);

    reply = browse(&nobody, "POST", "/v1/first-run", ann);
    CHECK_INT(reply.status, 409);
    CHECK_TEXT(reply_text(&reply, "code"), "conflict");
}

TEST_FLOW(a_studio_that_others_reach_wants_the_first_key)
{
    AUTO(place_close) Place own = {0};

    place_fresh(place, "CYCLORAMA_PUBLIC_URL=https://studio.example", &own);
    const Browser nobody = {&own, ours, NULL};
    Reply reply = browse(&nobody, "GET", "/v1/session", NULL);
    CHECK(value_bool(reply_at(&reply, "needs_first_run")));
    CHECK(!value_bool(reply_at(&reply, "first_run_here")));
    refused(&nobody, "POST", "/v1/first-run", ann);
    reply = place_ask(
        &own, &(Request){
                  .method = "POST",
                  .path = "/v1/first-run",
                  .key = place_admin_key,
                  .headers = ours,
                  .body = ann,
              });
    CHECK_INT(reply.status, 201);
    const char *set = reply_header(&own, &reply, "Set-Cookie");
    CHECK(strncmp(set, "__Host-cyclorama=cys_", strlen("__Host-cyclorama=cys_")) == 0);
    CHECK(strstr(set, "; Secure"));
}

TEST_FLOW(a_cookie_changes_nothing_unless_a_page_of_ours_asks)
{
    AUTO(place_close) Place own = {0};
    static const char wish[] = "{\"name\":\"Shop\"}";

    place_fresh(place, NULL, &own);
    Browser browser = first_run(&own);
    browser.headers = "";
    CHECK_INT(browse(&browser, "GET", "/v1/keys", NULL).status, 200);
    refused(&browser, "POST", "/v1/keys", wish);
    refused(&browser, "DELETE", "/v1/session", NULL);
    browser.headers = "X-Requested-With: a\r\nOrigin: https://evil.example\r\n";
    refused(&browser, "POST", "/v1/keys", wish);
    browser.headers = "X-Requested-With: a\r\nOrigin: null\r\n";
    refused(&browser, "POST", "/v1/keys", wish);
    browser.headers = "X-Requested-With: a\r\nSec-Fetch-Site: same-site\r\n";
    refused(&browser, "POST", "/v1/keys", wish);
    browser.headers = arena_print(
        own.mem,
        "X-Requested-With: a\r\nSec-Fetch-Site: same-origin\r\nOrigin: http://127.0.0.1:%d\r\n",
        own.port);
    CHECK_INT(browse(&browser, "POST", "/v1/keys", wish).status, 201);

    /* A key that is wrong is not made up for by a cookie that is right. */
    browser.headers = "Authorization: Bearer cyc_wrong\r\nX-Requested-With: a\r\n";
    CHECK_INT(browse(&browser, "GET", "/v1/keys", NULL).status, 401);
    browser.headers = "X-API-Key: \r\n";
    CHECK_INT(browse(&browser, "GET", "/v1/keys", NULL).status, 401);
}

TEST_FLOW(who_signs_in_is_known_until_signing_out)
{
    AUTO(place_close) Place own = {0};
    static const char wrong[] = "{\"email\":\"ann@example.com\",\"password\":\"wrong horse\"}";
    static const char right[] = "{\"email\":\"ANN@example.com\",\"password\":\"correct horse\"}";

    place_fresh(place, NULL, &own);
    first_run(&own);
    Browser browser = {&own, ours, NULL}, stranger = {&own, "", NULL};
    CHECK(!is_signed_in(&browser));
    refused(&stranger, "POST", "/v1/session", right);
    Reply reply = browse(&browser, "POST", "/v1/session", wrong);
    CHECK_INT(reply.status, 401);
    CHECK(!reply_header(&own, &reply, "Set-Cookie"));
    CHECK(!strstr(reply.body, "wrong horse"));

    reply = browse(&browser, "POST", "/v1/session", right);
    CHECK_INT(reply.status, 200);
    CHECK(!strstr(reply.body, "cys_"));
    browser.cookie = cookie_of(&own, &reply);
    CHECK(is_signed_in(&browser));
    browser.cookie = arena_print(own.mem, "other=1; %s; more=2", browser.cookie);
    CHECK(is_signed_in(&browser));

    reply = browse(&browser, "DELETE", "/v1/session", NULL);
    CHECK_INT(reply.status, 204);
    CHECK(strstr(reply_header(&own, &reply, "Set-Cookie"), "cyclorama=; Path=/; Max-Age=0;"));
    CHECK(!is_signed_in(&browser));
    CHECK_INT(browse(&browser, "GET", "/v1/keys", NULL).status, 401);
    browser.cookie = "cyclorama=cys_nonsense";
    CHECK(!is_signed_in(&browser));
}

TEST_FLOW(guessing_passwords_is_slow)
{
    AUTO(place_close) Place own = {0};
    int status = 401;

    place_fresh(place, NULL, &own);
    const Browser browser = {&own, ours, NULL};
    for (int i = 0; i < 60 && status == 401; i++) /* as tries come back by time */
        status =
            browse(&browser, "POST", "/v1/session", "{\"email\":\"ben@b\",\"password\":\"guess\"}")
                .status;
    CHECK_INT(status, 429);
}

TEST_FLOW(a_new_password_ends_all_other_sessions)
{
    AUTO(place_close) Place own = {0};
    static const char right[] = "{\"email\":\"ann@example.com\",\"password\":\"correct horse\"}";
    static const char change[] =
        "{\"old_password\":\"correct horse\",\"new_password\":\"battery staple\"}";
    static const char path[] = "/v1/session/password";

    place_fresh(place, NULL, &own);
    Browser here = first_run(&own), there = {&own, ours, NULL}, nobody = there;
    Reply reply = browse(&there, "POST", "/v1/session", right);
    there.cookie = cookie_of(&own, &reply);

    CHECK_INT(browse(&nobody, "PUT", path, change).status, 401);
    refused(&here, "PUT", path, "{\"old_password\":\"x\",\"new_password\":\"battery staple\"}");
    CHECK(is_signed_in(&here) && is_signed_in(&there));
    reply = browse(&here, "PUT", path, change);
    CHECK_INT(reply.status, 200);
    here.cookie = cookie_of(&own, &reply);
    CHECK(is_signed_in(&here) && !is_signed_in(&there));

    int status = 403;
    for (int i = 0; i < 12 && status == 403; i++)
        status = browse(&here, "PUT", path, change).status;
    CHECK_INT(status, 429);
}

TEST_FLOW(keys_are_made_shown_once_and_revoked)
{
    AUTO(place_close) Place own = {0};

    place_fresh(place, NULL, &own);
    const Browser browser = first_run(&own);
    Reply made = browse(
        &browser, "POST", "/v1/keys",
        "{\"name\":\"Shop sync\",\"role\":\"viewer\",\"expires_in_days\":30}");
    CHECK_INT(made.status, 201);
    const char *secret = reply_text(&made, "secret");
    const Shop shop = {&own, "tenant_studio", secret};
    shop_get(&shop, 200, "/v1/quota");

    Reply list = browse(&browser, "GET", "/v1/keys", NULL);
    CHECK_TEXT(reply_text(&list, "keys>0>name"), "Shop sync");
    CHECK(!strstr(list.body, secret));
    CHECK(!reply_at(&list, "keys>1"));

    /* Nobody gives more than they have: a viewer may not make keys, an owner no admin. */
    const Request more = {
        .method = "POST", .path = "/v1/keys", .body = "{\"name\":\"More\",\"role\":\"owner\"}"};
    shop_refused(&shop, "forbidden", &more);
    Reply owner = browse(&browser, "POST", "/v1/keys", "{\"name\":\"Owner\",\"role\":\"owner\"}");
    const Shop owned = {&own, "tenant_studio", reply_text(&owner, "secret")};
    const Request admin = {
        .method = "POST", .path = "/v1/keys", .body = "{\"name\":\"More\",\"role\":\"admin\"}"};
    shop_refused(&owned, "forbidden", &admin);

    const char *path = arena_print(own.mem, "/v1/keys/%s", reply_text(&made, "id"));
    CHECK_INT(browse(&browser, "DELETE", path, NULL).status, 204);
    CHECK_INT(browse(&browser, "DELETE", "/v1/keys/key_none", NULL).status, 404);
    shop_refused(&shop, "unauthenticated", &(Request){.method = "GET", .path = "/v1/quota"});
}

TEST_FLOW(a_user_who_is_kept_out_is_out_at_once)
{
    AUTO(place_close) Place own = {0};
    static const char ben[] =
        "{\"email\":\"ben@example.com\",\"password\":\"correct horse\",\"role\":\"owner\"}";

    place_fresh(place, NULL, &own);
    const Browser browser = first_run(&own);
    Reply made = browse(&browser, "POST", "/v1/users", ben);
    CHECK_INT(made.status, 201);
    CHECK_TEXT(reply_text(&made, "tenant_id"), "tenant_studio");
    CHECK_INT(browse(&browser, "POST", "/v1/users", ben).status, 409);
    const char *path = arena_print(own.mem, "/v1/users/%s", reply_text(&made, "id"));

    Browser his = {&own, ours, NULL};
    Reply reply = browse(&his, "POST", "/v1/session", ben);
    CHECK_INT(reply.status, 422); /* a role is no part of signing in */
    reply = browse(
        &his, "POST", "/v1/session",
        "{\"email\":\"ben@example.com\",\"password\":\"correct horse\"}");
    his.cookie = cookie_of(&own, &reply);
    CHECK(is_signed_in(&his));

    /* An owner has no power over the studio's own people, and makes none. */
    reply = browse(&browser, "GET", "/v1/users?tenant_id=studio", NULL);
    const char *anns = arena_print(own.mem, "/v1/users/%s", reply_text(&reply, "users>0>id"));
    CHECK_INT(browse(&his, "PUT", anns, "{\"disabled\":true}").status, 404);
    CHECK_INT(browse(&his, "GET", "/v1/users?tenant_id=studio", NULL).status, 403);
    refused(
        &his, "POST", "/v1/users",
        "{\"email\":\"c@example.com\",\"password\":\"correct horse\",\"role\":\"admin\"}");
    CHECK_INT(browse(&his, "PUT", path, "{\"disabled\":true}").status, 409);

    CHECK_INT(browse(&browser, "PUT", path, "{\"disabled\":true}").status, 200);
    CHECK(!is_signed_in(&his));
    CHECK_INT(browse(&his, "GET", "/v1/keys", NULL).status, 401);
    CHECK_INT(
        browse(&browser, "PUT", path, "{\"disabled\":false,\"password\":\"battery staple\"}")
            .status,
        200);
    reply = browse(
        &his, "POST", "/v1/session",
        "{\"email\":\"ben@example.com\",\"password\":\"battery staple\"}");
    CHECK_INT(reply.status, 200);
}

TEST_FLOW(pages_are_shown_to_browsers_with_a_policy)
{
    const Browser browser = {place, "Accept: text/html\r\n", NULL};
    static const char *const paths[] = {"/", "/settings", "/generate", "/batches/batch_1"};

    for (size_t i = 0; i < COUNT(paths); i++) {
        const Reply page = browse(&browser, "GET", paths[i], NULL);
        const char *policy = reply_header(place, &page, "Content-Security-Policy");

        CHECK_INT(page.status, 200);
        CHECK_TEXT(reply_header(place, &page, "Content-Type"), "text/html; charset=utf-8");
        CHECK(strstr(policy, "script-src 'self';") && strstr(policy, "frame-ancestors 'none'"));
        CHECK(strstr(policy, "require-trusted-types-for 'script'"));
        CHECK_TEXT(reply_header(place, &page, "X-Content-Type-Options"), "nosniff");
        CHECK(!strstr(page.body, "<script>") && !strstr(page.body, "style=\""));
    }
    CHECK_INT(browse(&browser, "GET", "/no/such/page", NULL).status, 404);
    CHECK_INT(browse(&browser, "GET", "/assets/none.js", NULL).status, 404);
}
