/* Promises of single sign-on: which tokens are believed, and who comes in by them. */
#include <string.h>
#include <unistd.h>

#include "account/account_priv.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "issuer.h"
#include "unit/account/studio.h"

#define NOW_MS INT64_C(1795000000000)
#define RS256 "{\"alg\":\"RS256\",\"kid\":\"one\",\"typ\":\"JWT\"}"
#define CLAIMS \
    "\"iss\":\"" ISSUER_NAME "\",\"aud\":\"" ISSUER_AUDIENCE "\",\"sub\":\"auth0|ann\"," \
    "\"exp\":1795000300"

/* A setup whose documents come from ISSUER. */
static SsoSetup setup_of(Issuer *issuer)
{
    return (SsoSetup){
        .issuer = ISSUER_NAME,
        .audience = ISSUER_AUDIENCE,
        .keys_url = "https://sign.example/keys",
        .tenant_claim = "https://studio.example/tenant",
        .role_claim = "https://studio.example/roles",
        .is_open = true,
        .fetch = issuer_fetch,
        .fetch_context = issuer,
    };
}

/* ---- signatures ---- */

typedef struct Row {
    const char *token;
    const char *why; /* a part of the public text; NULL: the token is good */
} Row;

static void rows_check(Jwks *jwks, const Row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        AUTO(arena_free) Arena *mem = arena_new();
        AUTO(buf_done) Buf body = BUF(8192);
        AUTO(err_free) Err *err = jwks_verify(jwks, rows[i].token, mem, &body);

        if (!rows[i].why) {
            CHECK_OK(TAKE(err));
            CHECK(strstr(buf_text(&body), "auth0|ann"));
        } else if (
            !err || err_code(err) != ERR_UNAUTHENTICATED || !strstr(err_text(err), rows[i].why))
            test_fail(
                __FILE__, __LINE__, "row %zu: '%s', expected '%s'", i,
                err ? err_text(err) : "believed", rows[i].why);
    }
}

static const char *tampered(const char *token, Arena *mem)
{
    char *copy = arena_text(mem, token);
    char *at = strrchr(copy, '.') - 3;

    *at = *at == 'A' ? 'B' : 'A';
    return copy;
}

static const char *without_signature(const char *head, const char *body, Arena *mem)
{
    return arena_print(
        mem, "%s.%s.", base64_url_text(head, strlen(head), mem),
        base64_url_text(body, strlen(body), mem));
}

TEST(a_token_is_believed_when_a_key_of_the_issuer_signed_it_as_that_key_may)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Issuer issuer = {
        .set = issuer_set(
            mem, issuer_key(ISSUER_RSA, "one", "RS256", mem),
            issuer_key(ISSUER_EC, "two", NULL, mem), issuer_key(ISSUER_RSA_OTHER, "any", NULL, mem),
            issuer_key(ISSUER_RSA_WEAK, "weak", NULL, mem),
            "{\"kty\":\"oct\",\"kid\":\"shared\",\"k\":\"c2VjcmV0\"}", "{\"kty\":\"new\"}", NULL)};
    const SsoSetup setup = setup_of(&issuer);
    Jwks *jwks = jwks_new(&setup);
    const char *body = "{" CLAIMS "}";
    const char *good = issuer_sign(ISSUER_RSA, "RS256", RS256, body, mem);
    const char *none = "{\"alg\":\"none\",\"kid\":\"one\"}";
    const char *hs256 = "{\"alg\":\"HS256\",\"kid\":\"one\"}";
    const char *shared = "{\"alg\":\"HS256\",\"kid\":\"shared\"}";
    const Row rows[] = {
        {good, NULL},
        {issuer_sign(ISSUER_EC, "ES256", "{\"alg\":\"ES256\",\"kid\":\"two\"}", body, mem), NULL},
        {issuer_sign(ISSUER_RSA_OTHER, "PS256", "{\"alg\":\"PS256\",\"kid\":\"any\"}", body, mem),
         NULL},
        {tampered(good, mem), "signature is wrong"},
        {issuer_sign(ISSUER_RSA_OTHER, "RS256", RS256, body, mem), "signature is wrong"},
        {issuer_sign(ISSUER_RSA, "RS256", "{\"alg\":\"RS256\",\"kid\":\"two\"}", body, mem),
         "nobody here knows the key"},
        {issuer_sign(ISSUER_RSA, "RS256", "{\"alg\":\"RS256\",\"kid\":\"new\"}", body, mem),
         "nobody here knows the key"},
        {issuer_sign(ISSUER_RSA, "PS256", "{\"alg\":\"PS256\",\"kid\":\"one\"}", body, mem),
         "nobody here knows the key"},
        {issuer_sign(ISSUER_RSA_WEAK, "RS256", "{\"alg\":\"RS256\",\"kid\":\"weak\"}", body, mem),
         "nobody here knows the key"},
        {without_signature(none, body, mem), "damaged"},
        {arena_print(mem, "%sAA", without_signature(none, body, mem)), "not accepted"},
        {issuer_mac(issuer_pem(ISSUER_RSA, mem), hs256, body, mem), "not accepted"},
        {issuer_mac("secret", shared, body, mem), "not accepted"},
        {issuer_sign(
             ISSUER_RSA, "RS256", "{\"alg\":\"RS256\",\"kid\":\"one\",\"crit\":[\"b64\"]}", body,
             mem),
         "do not know"},
        {issuer_sign(
             ISSUER_RSA, "RS256", "{\"alg\":\"RS256\",\"kid\":\"one\",\"typ\":\"logout+jwt\"}",
             body, mem),
         "something else"},
        {issuer_sign(
             ISSUER_RSA, "RS256", "{\"alg\":\"RS256\",\"kid\":\"one\",\"kid\":\"two\"}", body, mem),
         "damaged"},
        {arena_print(mem, "%s.x", good), "damaged"},
        {arena_print(mem, "%s=", good), "damaged"},
        {arena_print(mem, "%s\n", good), "damaged"},
        {"ey.ey.", "damaged"},
        {"..", "damaged"},
    };

    clock_hold(NOW_MS);
    rows_check(jwks, rows, COUNT(rows));
    CHECK_INT(issuer.asked, 1); /* a key that is unknown does not send us to the issuer at once */
    jwks_free(jwks);
    clock_hold(0);
}

TEST(a_token_that_names_no_key_is_of_the_only_one_that_could_be_meant)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Issuer issuer = {
        .set = issuer_set(
            mem, issuer_key(ISSUER_RSA, "one", NULL, mem), issuer_key(ISSUER_EC, "two", NULL, mem),
            issuer_key(ISSUER_EC_OTHER, "three", NULL, mem), NULL)};
    const SsoSetup setup = setup_of(&issuer);
    Jwks *jwks = jwks_new(&setup);
    const Row rows[] = {
        {issuer_sign(ISSUER_RSA, "RS256", "{\"alg\":\"RS256\"}", "{" CLAIMS "}", mem), NULL},
        {issuer_sign(ISSUER_EC, "ES256", "{\"alg\":\"ES256\"}", "{" CLAIMS "}", mem),
         "nobody here knows the key"},
    };

    rows_check(jwks, rows, COUNT(rows));
    jwks_free(jwks);
}

/* ---- keys that change ---- */

TEST(new_keys_are_looked_for_once_a_minute_and_old_ones_serve_while_the_issuer_is_down)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *body = "{" CLAIMS "}";
    const char *old = issuer_sign(ISSUER_RSA, "RS256", RS256, body, mem);
    const char *new =
        issuer_sign(ISSUER_EC, "ES256", "{\"alg\":\"ES256\",\"kid\":\"two\"}", body, mem);
    const char *first = issuer_set(mem, issuer_key(ISSUER_RSA, "one", NULL, mem), NULL);
    const char *second = issuer_set(mem, issuer_key(ISSUER_EC, "two", NULL, mem), NULL);
    Issuer issuer = {0};
    const SsoSetup setup = setup_of(&issuer);
    Jwks *jwks = jwks_new(&setup);
    AUTO(buf_done) Buf claims = BUF(8192);

    clock_hold(NOW_MS);
    CHECK_CODE(jwks_verify(jwks, old, mem, &claims), ERR_SERVER_BUSY);
    issuer.set = first;
    CHECK_CODE(jwks_verify(jwks, old, mem, &claims), ERR_SERVER_BUSY); /* asked just before */
    CHECK_INT(issuer.asked, 1);
    clock_pass(6000);
    rows_check(jwks, &(Row){old, NULL}, 1);
    CHECK_INT(issuer.asked, 2);

    issuer.set = second;
    rows_check(jwks, &(Row){new, "nobody here knows"}, 1);
    CHECK_INT(issuer.asked, 2);
    clock_pass(60 * 1000);
    rows_check(jwks, (Row[]){{new, NULL}, {old, "nobody here knows"}, {new, NULL}}, 3);
    CHECK_INT(issuer.asked, 3);

    issuer.set = NULL;
    clock_pass(2 * 60 * 60 * 1000);
    rows_check(jwks, (Row[]){{new, NULL}, {new, NULL}, {old, "nobody here knows"}}, 3);
    CHECK_INT(issuer.asked, 4);
    issuer.set = "{\"keys\":[]}"; /* a mistake is no reason to forget */
    clock_pass(61 * 1000);
    rows_check(jwks, &(Row){new, NULL}, 1);
    CHECK_INT(issuer.asked, 5);
    issuer.set = first;
    clock_pass(61 * 1000);
    rows_check(jwks, (Row[]){{old, NULL}, {new, "nobody here knows"}}, 2);
    jwks_free(jwks);
    clock_hold(0);
}

TEST(the_issuers_description_says_where_its_keys_lie_and_must_be_its_own)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Issuer issuer = {
        .set = issuer_set(mem, issuer_key(ISSUER_RSA, "one", NULL, mem), NULL),
        .description = "{\"issuer\":\"https://evil.example/\",\"jwks_uri\":\"https://x.example\"}"};
    SsoSetup setup = setup_of(&issuer);
    AUTO(buf_done) Buf claims = BUF(8192);
    const char *token = issuer_sign(ISSUER_RSA, "RS256", RS256, "{" CLAIMS "}", mem);

    setup.keys_url = NULL;
    Jwks *jwks = jwks_new(&setup);
    clock_hold(NOW_MS);
    CHECK_CODE(jwks_verify(jwks, token, mem, &claims), ERR_SERVER_BUSY);
    issuer.description =
        "{\"issuer\":\"" ISSUER_NAME "\",\"jwks_uri\":\"http://sign.example/keys\"}";
    clock_pass(6000);
    CHECK_CODE(jwks_verify(jwks, token, mem, &claims), ERR_SERVER_BUSY); /* not https */
    issuer.description = "{\"issuer\":\"" ISSUER_NAME "\",\"jwks_uri\":\"https://sign.example/k\"}";
    clock_pass(6000);
    rows_check(jwks, &(Row){token, NULL}, 1);
    jwks_free(jwks);
    clock_hold(0);
}

/* ---- who comes in ---- */

typedef struct Hall {
    Issuer issuer;
    Accounts *accounts;
    Tenant tenant;
    Arena *mem;
} Hall;

static void hall_open(Db *db, SsoSetup setup, Hall *hall)
{
    hall->issuer.set = issuer_set(hall->mem, issuer_key(ISSUER_RSA, "one", NULL, hall->mem), NULL);
    setup.fetch_context = &hall->issuer;
    CHECK_OK(accounts_open(&(AccountsSetup){.db = db, .sso = &setup}, &hall->accounts));
}

static Hall hall_of(Db *db)
{
    Hall hall = {.mem = arena_new()};
    DbVersion version;

    CHECK_OK(db_migrate(db, &version));
    hall.tenant = studio_tenant(db, PLAN_PRO, hall.mem, NULL);
    clock_hold(NOW_MS);
    return hall;
}

static void hall_close(Hall *hall)
{
    accounts_close(hall->accounts);
    arena_free(hall->mem);
    clock_hold(0);
}

static const char *token_of(Hall *hall, const char *more)
{
    const char *claims = arena_print(
        hall->mem, "{" CLAIMS ",\"https://studio.example/tenant\":\"%s\"%s}", hall->tenant.id,
        more);

    return issuer_sign(ISSUER_RSA, "RS256", RS256, claims, hall->mem);
}

TEST_DB(claims_are_held_against_what_was_set)
{
    const SsoSetup setup = setup_of(NULL);
    Hall hall = hall_of(db);
    const struct {
        const char *claims;
        const char *why;
    } rows[] = {
        {"\"iss\":\"https://evil.example/\",\"aud\":\"" ISSUER_AUDIENCE
         "\",\"sub\":\"a\",\"exp\":1795000300",
         "somebody else issued it"},
        {"\"aud\":\"" ISSUER_AUDIENCE "\",\"sub\":\"a\",\"exp\":1795000300",
         "somebody else issued it"},
        {"\"iss\":\"" ISSUER_NAME "\",\"aud\":\"other\",\"sub\":\"a\",\"exp\":1795000300",
         "for somebody else"},
        {"\"iss\":\"" ISSUER_NAME "\",\"aud\":[\"other\"],\"sub\":\"a\",\"exp\":1795000300",
         "for somebody else"},
        {"\"iss\":\"" ISSUER_NAME "\",\"sub\":\"a\",\"exp\":1795000300", "for somebody else"},
        {"\"iss\":\"" ISSUER_NAME "\",\"aud\":\"" ISSUER_AUDIENCE "\",\"exp\":1795000300",
         "who you are"},
        {"\"iss\":\"" ISSUER_NAME "\",\"aud\":\"" ISSUER_AUDIENCE "\",\"sub\":\"a\"",
         "when it ends"},
        {"\"iss\":\"" ISSUER_NAME "\",\"aud\":\"" ISSUER_AUDIENCE
         "\",\"sub\":\"a\",\"exp\":\"1795000300\"",
         "when it ends"},
        {"\"iss\":\"" ISSUER_NAME "\",\"aud\":\"" ISSUER_AUDIENCE
         "\",\"sub\":\"a\",\"exp\":1794999940",
         "expired"},
        {CLAIMS ",\"nbf\":1795000061", "not valid yet"},
        {CLAIMS ",\"nbf\":\"now\"", "no date"},
    };
    Caller nobody;

    hall_open(db, setup, &hall);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *claims = arena_print(
            hall.mem, "{%s,\"https://studio.example/tenant\":\"%s\"}", rows[i].claims,
            hall.tenant.id);
        Caller caller;
        AUTO(err_free)
        Err *err = caller_find(
            hall.accounts, issuer_sign(ISSUER_RSA, "RS256", RS256, claims, hall.mem), hall.mem,
            &caller);

        if (!err || err_code(err) != ERR_UNAUTHENTICATED || !strstr(err_text(err), rows[i].why))
            test_fail(
                __FILE__, __LINE__, "row %zu: '%s', expected '%s'", i,
                err ? err_text(err) : "believed", rows[i].why);
    }
    CHECK_CODE(
        caller_find(
            hall.accounts, issuer_sign(ISSUER_RSA, "RS256", RS256, "[]", hall.mem), hall.mem,
            &nobody),
        ERR_UNAUTHENTICATED);
    CHECK_INT(test_db_number(db, "SELECT count(*) FROM users"), 0);
    hall_close(&hall);
}

TEST_DB(who_comes_with_a_token_is_a_user_of_its_tenant_with_its_role_and_scopes)
{
    const SsoSetup setup = setup_of(NULL);
    Hall hall = hall_of(db);
    Caller caller, again, editor;

    hall_open(db, setup, &hall);
    CHECK_OK(caller_find(
        hall.accounts,
        token_of(
            &hall, ",\"https://studio.example/roles\":[\"viewer\",\"owner\",\"cook\"],"
                   "\"scope\":\"openid jobs:read\",\"permissions\":[\"brands:*\",\"*\",7]"),
        hall.mem, &caller));
    CHECK_TEXT(caller.tenant_id, hall.tenant.id);
    CHECK(id_is(caller.user_id, "user"));
    CHECK_INT(caller.role, ROLE_OWNER);
    CHECK_INT(caller.plan, PLAN_PRO);
    CHECK(caller_may(&caller, "jobs:read") && caller_may(&caller, "brands:write"));
    CHECK(!caller_may(&caller, "jobs:write") && !caller_may(&caller, "keys:write"));

    CHECK_OK(caller_find(
        hall.accounts, token_of(&hall, ",\"https://studio.example/roles\":\"admin\""), hall.mem,
        &again));
    CHECK_TEXT(again.user_id, caller.user_id);
    CHECK_INT(again.role, ROLE_OWNER); /* of its tenant; the studio's own people have keys */
    CHECK(!caller_may(&again, "tenants:admin"));

    CHECK_OK(
        caller_find(hall.accounts, token_of(&hall, ",\"scope\":\"openid\""), hall.mem, &editor));
    CHECK_INT(editor.role, ROLE_OWNER); /* as it was made */
    CHECK_INT(editor.scopes.count, 0);
    CHECK_INT(test_db_number(db, "SELECT count(*) FROM users"), 1);
    CHECK_INT(test_db_number(db, "SELECT count(*) FROM audit WHERE action = 'user.join'"), 1);
    hall_close(&hall);
}

static MUST Err *seen_as(Hall *hall, const char *more, Caller *ret)
{
    return caller_find(hall->accounts, token_of(hall, more), hall->mem, ret);
}

TEST_DB(a_stranger_comes_in_only_where_the_operator_lets_strangers_in)
{
    SsoSetup setup = setup_of(NULL);
    setup.is_open = false;
    Hall hall = hall_of(db);
    User ann;
    Caller caller;

    hall_open(db, setup, &hall);
    CHECK_CODE(seen_as(&hall, "", &caller), ERR_FORBIDDEN);
    CHECK_OK(user_create(
        hall.accounts,
        &(UserWish){.tenant_id = hall.tenant.id, .email = "ann@mugs.example", .role = ROLE_VIEWER},
        hall.mem, &ann));
    /* Anybody may claim an address; the issuer must have looked. */
    CHECK_CODE(seen_as(&hall, ",\"email\":\"ann@mugs.example\"", &caller), ERR_FORBIDDEN);
    CHECK_CODE(
        seen_as(&hall, ",\"email\":\"ann@mugs.example\",\"email_verified\":\"true\"", &caller),
        ERR_FORBIDDEN);
    CHECK_OK(seen_as(&hall, ",\"email\":\"Ann@mugs.example\",\"email_verified\":true", &caller));
    CHECK_TEXT(caller.user_id, ann.id);
    CHECK_INT(caller.role, ROLE_VIEWER);
    CHECK_OK(seen_as(&hall, "", &caller)); /* known from now on */
    CHECK_TEXT(caller.user_id, ann.id);
    hall_close(&hall);
}

static Err *disable_work(DbTx *tx, void *caller_any)
{
    const Caller *caller = caller_any;

    return user_disable(tx, caller->tenant_id, caller->user_id, true);
}

TEST_DB(another_tenants_people_stay_where_they_are)
{
    const SsoSetup setup = setup_of(NULL);
    Hall hall = hall_of(db);
    Tenant mine = hall.tenant, other = studio_tenant(db, PLAN_FREE, hall.mem, NULL);
    User bob;
    Caller caller;

    hall_open(db, setup, &hall);
    CHECK_OK(user_create(
        hall.accounts,
        &(UserWish){.tenant_id = other.id, .email = "bob@mugs.example", .role = ROLE_OWNER},
        hall.mem, &bob));
    CHECK_CODE(
        seen_as(&hall, ",\"email\":\"bob@mugs.example\",\"email_verified\":true", &caller),
        ERR_FORBIDDEN);
    hall.tenant.id = "tenant_00000000000000000000000000";
    CHECK_CODE(seen_as(&hall, "", &caller), ERR_FORBIDDEN);

    hall.tenant = mine;
    CHECK_OK(seen_as(&hall, "", &caller));
    hall.tenant = other;
    CHECK_CODE(seen_as(&hall, "", &caller), ERR_FORBIDDEN);
    hall.tenant = mine;
    CHECK_OK(db_write(db, disable_work, &caller));
    CHECK_CODE(seen_as(&hall, ",\"a\":1", &caller), ERR_UNAUTHENTICATED);
    hall_close(&hall);
}

TEST_DB(a_token_that_names_no_tenant_is_of_the_one_that_was_set)
{
    SsoSetup setup = setup_of(NULL);
    Hall hall = hall_of(db);
    const char *token = issuer_sign(ISSUER_RSA, "RS256", RS256, "{" CLAIMS "}", hall.mem);
    Caller caller;

    hall_open(db, setup, &hall);
    CHECK_CODE(caller_find(hall.accounts, token, hall.mem, &caller), ERR_FORBIDDEN);
    accounts_close(hall.accounts);
    setup.tenant_id = hall.tenant.id;
    hall_open(db, setup, &hall);
    CHECK_OK(caller_find(hall.accounts, token, hall.mem, &caller));
    CHECK_TEXT(caller.tenant_id, hall.tenant.id);

    clock_pass(361 * 1000); /* past its end, though it is remembered */
    CHECK_CODE(caller_find(hall.accounts, token, hall.mem, &caller), ERR_UNAUTHENTICATED);
    hall_close(&hall);
}

TEST_DB(requests_of_a_user_and_of_a_tenant_are_counted_apart)
{
    DbVersion version;
    Accounts *accounts = NULL;
    const Caller ann = {.tenant_id = "t", .user_id = "ann", .plan = PLAN_PRO};
    const Caller bob = {.tenant_id = "t", .user_id = "bob", .plan = PLAN_PRO};
    const Caller key = {.tenant_id = "t", .key_id = "k", .plan = PLAN_PRO};
    Rate rate;

    CHECK_OK(db_migrate(db, &version));
    CHECK_OK(accounts_open(
        &(AccountsSetup){.db = db, .user_a_minute = 6, .tenant_a_minute = 12}, &accounts));
    CHECK_OK(rate_take(accounts, &ann, &rate)); /* bursts are a third: 2, and 4 */
    CHECK_INT(rate.limit, 2);
    CHECK_OK(rate_take(accounts, &ann, &rate));
    CHECK_CODE(rate_take(accounts, &ann, &rate), ERR_RATE_LIMITED);
    CHECK(rate.retry_after_ms > 5000);
    CHECK_OK(rate_take(accounts, &bob, &rate));
    CHECK_OK(rate_take(accounts, &key, &rate));
    CHECK_INT(rate.limit, 4);
    CHECK_CODE(rate_take(accounts, &bob, &rate), ERR_RATE_LIMITED); /* his bucket has one left */
    CHECK_INT(rate.limit, 4);
    accounts_close(accounts);
}

TEST(a_sign_on_that_could_not_be_safe_is_refused_at_the_start)
{
    Issuer issuer = {0};
    SsoSetup setup = setup_of(&issuer);
    Sso *sso = NULL;

    setup.audience = NULL;
    CHECK_CODE(sso_new(&setup, &sso), ERR_INPUT_INVALID);
    setup = setup_of(&issuer);
    setup.keys_url = "http://sign.example/keys";
    CHECK_CODE(sso_new(&setup, &sso), ERR_INPUT_INVALID);
    setup.keys_url = "http://localhost.evil.example/keys";
    CHECK_CODE(sso_new(&setup, &sso), ERR_INPUT_INVALID);
    setup.keys_url = "http://127.0.0.1:8081/keys";
    CHECK_OK(sso_new(&setup, &sso));
    sso_free(sso);
}

/* ---- what others have thought of ---- */

typedef struct Tally {
    int right, shared, others;
} Tally;

/* Good ones that are refused: bodies without a claim, and keys whose own "alg" is not the token's (RFC 7520's examples, as they stand there). */
static bool is_for_others(const char *comment)
{
    return strcmp(comment, "emptyPayload") == 0 || strcmp(comment, "Figure20") == 0 ||
           strcmp(comment, "Figure27") == 0;
}

static void vector_try(Jwks *jwks, const Value *vector, bool is_shared, Tally *tally)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf body = BUF(8192);
    const char *token = value_text(value_get(vector, "jws"));
    bool is_valid = !is_shared && strcmp(value_text(value_get(vector, "result")), "valid") == 0;
    AUTO(err_free) Err *err = jwks_verify(jwks, token ? token : "", mem, &body);

    if (is_valid == !err)
        tally->right++;
    else if (is_valid && is_for_others(value_text(value_get(vector, "comment"))))
        tally->others++;
    else
        printf("# %s: %s\n", err ? err_text(err) : "believed", token);
    tally->shared += is_shared;
}

TEST(tokens_of_wycheproof_are_believed_and_refused_as_it_says)
{
    AUTO(buf_done) Buf text = BUF(8 * 1024 * 1024);
    AUTO(value_free) Value *document = NULL;
    AUTO(arena_free) Arena *mem = arena_new();
    static const char path[] = "../shared/specs/vectors/wycheproof-json-web-signature.json";
    Tally tally = {0};

    if (access(path, R_OK) != 0)
        test_skip("no ../shared");
    CHECK_OK(file_read(path, &text));
    CHECK_OK(value_parse(buf_text(&text), text.size, &document));
    const Value *groups = value_get(document, "testGroups");
    for (size_t i = 0; i < value_count(groups); i++) {
        const Value *group = value_at(groups, i), *tests = value_get(group, "tests");
        const Value *key = value_get(group, "public");
        AUTO(buf_done) Buf json = BUF(64 * 1024);

        CHECK_OK(value_write(key ? key : value_get(group, "private"), VALUE_COMPACT, &json));
        Issuer issuer = {.set = issuer_set(mem, buf_text(&json), NULL)};
        const SsoSetup setup = setup_of(&issuer);
        Jwks *jwks = jwks_new(&setup);
        for (size_t j = 0; j < value_count(tests); j++)
            vector_try(jwks, value_at(tests, j), !key, &tally);
        jwks_free(jwks);
    }
    printf(
        "# %d as it says, %d of them by shared secrets, which are never believed; %d good ones are "
        "no tokens of ours: empty, or their key says another algorithm\n",
        tally.right, tally.shared, tally.others);
    CHECK_INT(tally.right + tally.others, 401);
    CHECK_INT(tally.others, 10);
}
