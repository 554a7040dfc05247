/* What our own signed URLs promise. */
#include "base/clock.h"
#include "harness/stores.h"

static const int64_t now_ms = 1795600000000; /* 2026-11-25 */

/* A ticket's claim as the server sees it: path below /store/ and query, parted. */
static BlobClaim claim_of(Given *given, const BlobTicket *ticket)
{
    static const char base[] = "https://shop.example/store/";
    CHECK(strncmp(ticket->url, base, strlen(base)) == 0);

    char *key = arena_text(given->mem, ticket->url + strlen(base));
    char *mark = strchr(key, '?');
    *mark = 0;
    return (BlobClaim){
        .method = ticket->method, .key = key, .query = mark + 1, .now_ms = clock_now_ms()};
}

static BlobClaim granted(Given *given, BlobGrant grant)
{
    BlobTicket ticket;

    if (!grant.key)
        grant.key = "raw/t1/shoe.jpg";
    if (!grant.until_ms)
        grant.until_ms = now_ms + 600 * 1000;
    clock_hold(now_ms);
    CHECK_OK(blob_grant(given->blob, &grant, given->mem, &ticket));
    BlobClaim claim = claim_of(given, &ticket);
    clock_hold(0);
    return claim;
}

static bool is_refused(Given *given, const BlobClaim *claim)
{
    BlobGrant grant;
    AUTO(err_free) Err *err = blob_grant_verify(given->blob, claim, given->mem, &grant);

    return err && err_code(err) == ERR_GRANT_REFUSED;
}

TEST_BLOB_ON(STORE_FS, a_signed_url_says_what_was_granted_and_no_more)
{
    BlobGrant grant;
    BlobClaim claim = granted(
        given,
        (BlobGrant){
            .is_put = true, .most_bytes = 20000000, .type = "image/jpeg; charset=\"a b\"&=%"});

    CHECK_OK(blob_grant_verify(given->blob, &claim, given->mem, &grant));
    CHECK_TEXT(grant.key, "raw/t1/shoe.jpg");
    CHECK(grant.is_put);
    CHECK_INT(grant.until_ms, now_ms + 600 * 1000);
    CHECK_INT(grant.most_bytes, 20000000);
    CHECK_TEXT(grant.type, "image/jpeg; charset=\"a b\"&=%");
    CHECK_TEXT(grant.save_as, NULL);

    claim = granted(given, (BlobGrant){.save_as = "Schuh \xc3\xbc & mehr.jpg"});
    CHECK_OK(blob_grant_verify(given->blob, &claim, given->mem, &grant));
    CHECK(!grant.is_put);
    CHECK_TEXT(grant.save_as, "Schuh \xc3\xbc & mehr.jpg");
    claim.method = "HEAD";
    CHECK_OK(blob_grant_verify(given->blob, &claim, given->mem, &grant));
}

TEST_BLOB_ON(STORE_FS, a_put_ticket_names_the_headers_to_send)
{
    BlobTicket ticket;
    BlobGrant grant = {
        .key = "raw/a", .is_put = true, .type = "image/png", .until_ms = clock_now_ms() + 60000};

    CHECK_OK(blob_grant(given->blob, &grant, given->mem, &ticket));
    CHECK_TEXT(ticket.method, "PUT");
    CHECK_TEXT(ticket.headers[0].name, "x-ms-blob-type");
    CHECK_TEXT(ticket.headers[0].value, "BlockBlob");
    CHECK_TEXT(ticket.headers[1].name, "Content-Type");
    CHECK_TEXT(ticket.headers[1].value, "image/png");
}

TEST_BLOB_ON(STORE_FS, no_letter_of_a_signed_url_may_be_changed)
{
    BlobClaim claim =
        granted(given, (BlobGrant){.is_put = true, .most_bytes = 20000000, .type = "image/jpeg"});

    for (size_t i = 0; i < strlen(claim.query); i++) {
        char *changed = arena_text(given->mem, claim.query);
        BlobClaim other = claim;

        changed[i] = changed[i] == '1' ? '2' : '1';
        other.query = changed;
        if (!is_refused(given, &other))
            test_fail(__FILE__, __LINE__, "'%s' was accepted", changed);
    }
    for (size_t i = 0; i < strlen(claim.key); i++) {
        char *changed = arena_text(given->mem, claim.key);
        BlobClaim other = claim;

        changed[i] = changed[i] == 'x' ? 'y' : 'x';
        other.key = changed;
        CHECK(is_refused(given, &other));
    }
}

TEST_BLOB_ON(STORE_FS, a_signed_url_is_for_one_method)
{
    BlobClaim put = granted(given, (BlobGrant){.is_put = true});
    BlobClaim get = granted(given, (BlobGrant){.is_put = false});
    static const char *const others[] = {"GET", "HEAD", "DELETE", "POST", "put", ""};

    for (size_t i = 0; i < COUNT(others); i++) {
        put.method = others[i];
        CHECK(is_refused(given, &put));
    }
    get.method = "PUT";
    CHECK(is_refused(given, &get));
    get.method = "DELETE";
    CHECK(is_refused(given, &get));
}

TEST_BLOB_ON(STORE_FS, a_signed_url_ends_at_its_moment)
{
    BlobClaim claim = granted(given, (BlobGrant){.until_ms = now_ms + 1000});

    claim.now_ms = now_ms + 999;
    CHECK(!is_refused(given, &claim));
    claim.now_ms = now_ms + 1000;
    CHECK(is_refused(given, &claim));
    claim.now_ms = now_ms + 1000LL * 3600 * 24 * 365;
    CHECK(is_refused(given, &claim));
}

TEST_BLOB_ON(STORE_FS, queries_with_more_less_or_double_are_refused)
{
    BlobClaim claim = granted(given, (BlobGrant){.is_put = true, .most_bytes = 1000});
    const char *query = claim.query;
    const char *const changed[] = {
        "",
        "sig",
        "sig=",
        "&",
        arena_print(given->mem, "%s&", "sv=2026-11-01&sr=b"),
        arena_print(given->mem, "%s&x=1", query),
        arena_print(given->mem, "%s&sp=r", query),
        arena_print(given->mem, "%s&mb=9000000", query),
        arena_print(given->mem, "mb=9000000&%s", query),
        arena_print(given->mem, "%s&ct=", query),
        arena_print(given->mem, "%s%%00", query),
        arena_print(given->mem, "%s%%", query),
        arena_print(given->mem, "%s%%4", query),
        arena_print(given->mem, "%s&%s", query, query),
        arena_print(given->mem, "%.*s", (int)strlen(query) - 1, query),
        arena_print(given->mem, "%.*s", (int)(strstr(query, "&sig=") - query), query),
    };

    for (size_t i = 0; i < COUNT(changed); i++) {
        claim.query = changed[i];
        if (!is_refused(given, &claim))
            test_fail(__FILE__, __LINE__, "'%s' was accepted", changed[i]);
    }
    /* A letter that was signed bare may be written with a percent sign: it says the same. */
    claim.query = arena_print(given->mem, "s%s", query + 1);
    CHECK(!is_refused(given, &claim));
}

TEST_BLOB_ON(STORE_FS, another_secret_signs_nothing_here)
{
    BlobClaim claim = granted(given, (BlobGrant){.is_put = true});
    BlobSetup setup = given->setup;
    AUTO(blob_close) Blob *other = NULL;
    BlobGrant grant;

    setup.secret = "0123456789abcdef0123456789abcdeX";
    CHECK_OK(blob_open(&setup, &other));
    AUTO(err_free) Err *err = blob_grant_verify(other, &claim, given->mem, &grant);
    CHECK(err && err_code(err) == ERR_GRANT_REFUSED);
}

TEST_BLOB_ON(STORE_FS, moments_past_or_beyond_a_week_are_not_granted)
{
    static const int64_t moments_ms[] = {-1000, 0, 7LL * 24 * 3600 * 1000 + 60000};
    BlobTicket ticket;

    for (size_t i = 0; i < COUNT(moments_ms); i++) {
        BlobGrant grant = {.key = "raw/a", .until_ms = clock_now_ms() + moments_ms[i]};
        AUTO(err_free) Err *err = blob_grant(given->blob, &grant, given->mem, &ticket);

        CHECK(err && err_code(err) == ERR_INPUT_INVALID);
    }
}

TEST_BLOB_ON(STORE_FS, without_a_secret_or_an_address_nothing_is_signed_or_believed)
{
    BlobClaim claim = granted(given, (BlobGrant){.is_put = true});
    BlobSetup setups[] = {given->setup, given->setup};

    setups[0].secret_bytes = 0;
    setups[1].served = NULL;
    for (size_t i = 0; i < COUNT(setups); i++) {
        AUTO(blob_close) Blob *blob = NULL;
        BlobGrant grant = {.key = "raw/a", .until_ms = clock_now_ms() + 60000}, back;
        BlobTicket ticket;

        CHECK_OK(blob_open(&setups[i], &blob));
        CHECK(!blob_is_served_here(blob));
        AUTO(err_free) Err *err = blob_grant(blob, &grant, given->mem, &ticket);
        CHECK(err && err_code(err) == ERR_INPUT_MISSING);
        AUTO(err_free) Err *no = blob_grant_verify(blob, &claim, given->mem, &back);
        CHECK(no && err_code(no) == ERR_GRANT_REFUSED);
    }
}
