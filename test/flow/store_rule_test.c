/* Promises about a store elsewhere: pages may reach it and nothing else, and the doctor says when it does not let them in. */
#include <stdatomic.h>
#include <string.h>

#include "harness/peer.h"
#include "shop.h"

/* A store that speaks S3 as far as the doctor asks, with or without a rule for browsers. */
static bool store_answer(void *has_rule, const PeerAsked *asked)
{
    if (strcmp(asked->method, "OPTIONS") != 0)
        return peer_reply(asked, "200 OK", "Content-Type: application/xml\r\n", "<r/>");
    if (!atomic_load((atomic_bool *)has_rule))
        return peer_reply(asked, "403 Forbidden", "", "CORSResponse: CORS is not enabled");
    CHECK_TEXT(peer_header(asked, "Origin"), "https://studio.example");
    return peer_reply(
        asked, "200 OK",
        "Access-Control-Allow-Origin: https://studio.example\r\n"
        "Access-Control-Allow-Methods: GET, HEAD, PUT\r\n"
        "Access-Control-Allow-Headers: Content-Type, x-ms-blob-type\r\n",
        "");
}

static const char *const *store_rows(Arena *mem, const Peer *store, const char *public_url)
{
    const char **rows = ARENA_ARRAY(mem, const char *, 6);

    rows[0] = "CYCLORAMA_STORE_URL=s3://pictures";
    rows[1] = arena_print(mem, "CYCLORAMA_S3_ENDPOINT=http://127.0.0.1:%d", peer_port(store));
    rows[2] = "CYCLORAMA_S3_ACCESS_KEY=known-fake-key";
    rows[3] = "CYCLORAMA_S3_SECRET_KEY=known-fake-secret";
    rows[4] = public_url;
    return rows;
}

/* What the doctor says of the store, as one text. */
static const char *store_told(const Desk *desk, const char *const *rows)
{
    const Ran ran = desk_run_with(desk, "doctor --json", rows);
    AUTO(value_free) Value *report = NULL;

    CHECK_OK(value_parse(ran.out, strlen(ran.out), &report));
    const Value *checks = value_get(report, "checks");
    for (size_t i = 0; i < value_count(checks); i++) {
        const Value *check = value_at(checks, i);
        const char *advice = value_text(value_get(check, "advice"));

        if (strcmp(value_text(value_get(check, "name")), "store") == 0)
            return arena_print(
                desk->mem, "%s: %s. %s", value_text(value_get(check, "verdict")),
                value_text(value_get(check, "found")), advice ? advice : "");
    }
    test_fail(__FILE__, __LINE__, "nothing is said of the store");
    return "";
}

TEST(the_doctor_asks_the_store_whether_pages_may_come)
{
    AUTO(desk_clear) Desk desk = desk_new();
    atomic_bool has_rule = false;
    AUTO(peer_stop) Peer *store = peer_start(store_answer, &has_rule);
    const char *const *rows =
        store_rows(desk.mem, store, "CYCLORAMA_PUBLIC_URL=https://studio.example/shop");
    const char *const none[] = {NULL};

    const char *folder = store_told(&desk, none);
    CHECK(strncmp(folder, "ok: a folder", 12) == 0);
    const char *unset = store_told(&desk, store_rows(desk.mem, store, NULL));
    CHECK(strncmp(unset, "note:", 5) == 0 && strstr(unset, "CYCLORAMA_PUBLIC_URL"));

    const char *refused = store_told(&desk, rows);
    CHECK(strncmp(refused, "missing:", 8) == 0);
    CHECK(strstr(refused, "PUT from https://studio.example"));
    CHECK(strstr(refused, "put-bucket-cors") && strstr(refused, "\"https://studio.example\""));
    atomic_store(&has_rule, true);
    const char *allowed = store_told(&desk, rows);
    CHECK(strncmp(allowed, "ok:", 3) == 0 && strstr(allowed, "may put and get"));
    CHECK(!strstr(allowed, "known-fake") && !strstr(refused, "known-fake"));
}

TEST_FLOW(pages_may_reach_the_store_that_their_pictures_lie_in)
{
    AUTO(place_close) Place own = {0};
    atomic_bool has_rule = true;
    AUTO(peer_stop) Peer *store = peer_start(store_answer, &has_rule);
    const char *origin = arena_print(place->mem, "http://127.0.0.1:%d", peer_port(store));

    place_open_set(place->kind, place->mem, store_rows(place->mem, store, NULL), &own);
    const Reply page = place_ask(
        &own, &(Request){.method = "GET", .path = "/sign-in", .headers = "Accept: text/html\r\n"});
    const char *policy = reply_header(&own, &page, "Content-Security-Policy");
    CHECK(strstr(policy, arena_print(own.mem, "img-src 'self' blob: data: %s;", origin)));
    CHECK(strstr(policy, arena_print(own.mem, "connect-src 'self' %s;", origin)));
    CHECK(!strstr(policy, "script-src 'self' http"));
    const Reply session = place_ask(&own, &(Request){.method = "GET", .path = "/v1/session"});
    CHECK_TEXT(reply_text(&session, "store_origin"), origin);
}
