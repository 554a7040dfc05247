/* Promises of users, passwords and sessions, on both databases. */
#include "account/account_priv.h"
#include "unit/account/studio.h"

static User user_make(Accounts *accounts, const char *tenant_id, Arena *mem)
{
    const UserWish wish = {
        .tenant_id = tenant_id,
        .email = "Ann@Example.com",
        .name = "Ann",
        .password = "correct horse",
        .role = ROLE_OWNER,
    };
    User user;

    CHECK_OK(user_create(accounts, &wish, mem, &user));
    return user;
}

TEST_DB(a_user_signs_in_with_the_password_and_out_again)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    User user = user_make(accounts, tenant.id, mem), seen;
    const char *token;
    Caller caller;

    CHECK_TEXT(user.email, "ann@example.com");
    CHECK_OK(session_open(accounts, "ANN@example.com", "correct horse", mem, &seen, &token));
    CHECK_TEXT(seen.id, user.id);
    CHECK(strncmp(token, "cys_", 4) == 0);
    CHECK_OK(caller_find(accounts, token, mem, &caller));
    CHECK_TEXT(caller.user_id, user.id);
    CHECK_TEXT(caller.tenant_id, tenant.id);
    CHECK(caller.session_id && !caller.key_id);
    CHECK_OK(session_close(accounts, token));
    CHECK_CODE(caller_find(accounts, token, mem, &caller), ERR_UNAUTHENTICATED);
    CHECK_INT(
        test_db_number(db, "SELECT COUNT(*) FROM users WHERE password LIKE '$argon2id$%'"), 1);
}

TEST_DB(a_wrong_password_and_an_unknown_address_are_told_alike)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    const char *token;
    User user = user_make(accounts, tenant.id, mem);
    AUTO(err_free) Err *wrong =
        session_open(accounts, user.email, "wrong horse", mem, &user, &token);
    AUTO(err_free) Err *unknown =
        session_open(accounts, "ben@example.com", "correct horse", mem, &user, &token);

    CHECK(wrong && unknown);
    CHECK_INT(err_code(wrong), ERR_UNAUTHENTICATED);
    CHECK_TEXT(err_text(wrong), err_text(unknown));
    CHECK_CODE(
        session_open(accounts, "no address", "correct horse", mem, &user, &token),
        ERR_UNAUTHENTICATED);
}

TEST_DB(an_address_is_one_users)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    const UserWish admin = {.email = "ann@EXAMPLE.com", .role = ROLE_ADMIN};
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    User user = user_make(accounts, tenant.id, mem);

    CHECK_CODE(user_create(accounts, &admin, mem, &user), ERR_ROW_TAKEN);
}

TEST_DB(a_user_that_cannot_be_is_refused)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    const UserWish wishes[] = {
        {.tenant_id = tenant.id, .email = "a@b", .password = "short"},
        {.tenant_id = tenant.id, .email = "a b@c"},
        {.tenant_id = tenant.id, .email = "a@b", .role = ROLE_ADMIN},
        {.email = "a@b", .role = ROLE_OWNER},
        {.tenant_id = tenant.id, .email = "a@b", .imported = "md5"},
    };
    User user;

    for (size_t i = 0; i < COUNT(wishes); i++)
        CHECK_CODE(user_create(accounts, &wishes[i], mem, &user), ERR_INPUT_INVALID);
    CHECK_CODE(
        user_create(accounts, &(UserWish){.tenant_id = "tenant_none", .email = "a@b"}, mem, &user),
        ERR_NOT_FOUND);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM users"), 0);
}

/* Made by other programs, of "U*U" (from the test vectors of bcrypt's author). */
static const char imported[] = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

TEST_DB(an_imported_password_is_checked_and_made_anew)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    const UserWish wish = {.email = "a@b", .role = ROLE_ADMIN, .imported = imported};
    const char *token;
    User user;

    CHECK_OK(user_create(accounts, &wish, mem, &user));
    CHECK_CODE(session_open(accounts, "a@b", "U*V", mem, &user, &token), ERR_UNAUTHENTICATED);
    CHECK_OK(session_open(accounts, "a@b", "U*U", mem, &user, &token));
    CHECK_INT(
        test_db_number(db, "SELECT COUNT(*) FROM users WHERE password LIKE '$argon2id$%'"), 1);
    CHECK_OK(session_open(accounts, "a@b", "U*U", mem, &user, &token));
    CHECK_CODE(session_open(accounts, "a@b", "U*V", mem, &user, &token), ERR_UNAUTHENTICATED);
}

typedef struct Disabling {
    const char *tenant_id, *id;
    bool is_disabled;
} Disabling;

static Err *disable_work(DbTx *tx, void *disabling_any)
{
    const Disabling *disabling = disabling_any;

    return user_disable(tx, disabling->tenant_id, disabling->id, disabling->is_disabled);
}

TEST_DB(a_disabled_user_is_kept_out)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    User user = user_make(accounts, tenant.id, mem), seen;
    const char *token;
    Caller caller;

    CHECK_OK(session_open(accounts, user.email, "correct horse", mem, &seen, &token));
    CHECK_OK(caller_find(accounts, token, mem, &caller));
    CHECK_CODE(
        db_write(db, disable_work, &(Disabling){"tenant_other", user.id, true}), ERR_NOT_FOUND);
    CHECK_OK(db_write(db, disable_work, &(Disabling){tenant.id, user.id, true}));
    CHECK_CODE(caller_find(accounts, token, mem, &caller), ERR_UNAUTHENTICATED);
    CHECK_CODE(
        session_open(accounts, user.email, "correct horse", mem, &seen, &token),
        ERR_UNAUTHENTICATED);
    CHECK_OK(db_write(db, disable_work, &(Disabling){tenant.id, user.id, false}));
    CHECK_OK(session_open(accounts, user.email, "correct horse", mem, &seen, &token));
}

TEST_DB(a_new_password_ends_all_sessions)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    User user = user_make(accounts, tenant.id, mem), seen;
    const char *token;
    Caller caller;

    CHECK_OK(session_open(accounts, user.email, "correct horse", mem, &seen, &token));
    CHECK_OK(user_password_set(accounts, user.id, "battery staple"));
    CHECK_CODE(caller_find(accounts, token, mem, &caller), ERR_UNAUTHENTICATED);
    CHECK_CODE(
        session_open(accounts, user.email, "correct horse", mem, &seen, &token),
        ERR_UNAUTHENTICATED);
    CHECK_OK(session_open(accounts, user.email, "battery staple", mem, &seen, &token));
    CHECK_CODE(user_password_set(accounts, "user_none", "battery staple"), ERR_NOT_FOUND);
}

TEST_DB(guessing_is_stopped_after_ten_tries)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    const char *token;
    User user;

    /* Counted before anything is hashed, so that it costs no time either. */
    for (int i = 0; i < 10; i++) {
        Rate rate;
        CHECK_OK(rates_take(
            accounts->rates, arena_print(mem, "sign-in:%s", secret_hash("ann@example.com", mem)),
            (RateLimit){10, 10}, &rate));
    }
    CHECK_CODE(
        session_open(accounts, "ann@example.com", "guess", mem, &user, &token), ERR_RATE_LIMITED);
}

TEST_DB(a_session_ends_when_it_was_not_used_for_long)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    User user = user_make(accounts, tenant.id, mem);
    const char *token;
    Caller caller;

    CHECK_OK(session_open(accounts, user.email, "correct horse", mem, &user, &token));
    TEST_DB_RUN(db, "UPDATE sessions SET expires_ms = 1000");
    CHECK_CODE(caller_find(accounts, token, mem, &caller), ERR_UNAUTHENTICATED);
    CHECK_OK(accounts_sweep(db));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM sessions"), 0);
}

TEST_DB(a_users_key_has_no_more_rights_than_the_user)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    const char *key;
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, &key);
    User user = user_make(accounts, tenant.id, mem);
    Caller caller;

    (void)user;
    TEST_DB_RUN(
        db, "UPDATE users SET role = 'viewer'",
        "UPDATE api_keys SET user_id = (SELECT id FROM users)");
    CHECK_OK(caller_find(accounts, key, mem, &caller));
    CHECK_INT(caller.role, ROLE_VIEWER);
}

TEST_DB(the_first_user_is_an_admin_and_there_is_one_first)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    const UserWish wish = {
        .tenant_id = tenant.id,
        .email = "Ann@example.com",
        .password = "correct horse",
        .role = ROLE_VIEWER,
    };
    const UserWish other = {.email = "ben@example.com", .password = "correct horse"};
    User user;

    CHECK_CODE(
        user_create_first(accounts, &(UserWish){.email = "a@b", .password = "short"}, mem, &user),
        ERR_INPUT_INVALID);
    CHECK_OK(user_create_first(accounts, &wish, mem, &user));
    CHECK_INT(user.role, ROLE_ADMIN);
    CHECK(!user.tenant_id);
    CHECK_CODE(user_create_first(accounts, &other, mem, &user), ERR_CONFLICT);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM users"), 1);
}

TEST_DB(an_admins_session_speaks_for_the_studios_own_tenant)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    const UserWish wish = {.email = "ann@example.com", .password = "correct horse"};
    const char *token, *tenant_id;
    User user;
    Caller caller;

    CHECK_OK(user_create_first(accounts, &wish, mem, &user));
    CHECK_OK(session_open(accounts, user.email, wish.password, mem, &user, &token));
    CHECK_OK(session_open(accounts, user.email, wish.password, mem, &user, &token));
    CHECK_OK(caller_find(accounts, token, mem, &caller));
    CHECK_TEXT(caller.tenant_id, TENANT_OF_HOUSE);
    CHECK_OK(caller_tenant(&caller, NULL, &tenant_id));
    CHECK_TEXT(tenant_id, TENANT_OF_HOUSE);
    CHECK_OK(caller_tenant(&caller, "tenant_b", &tenant_id));
    CHECK_TEXT(tenant_id, "tenant_b");

    CHECK_INT(studio_tenant_find(db, TENANT_OF_HOUSE, mem).quota, -1);
    CHECK(studio_purse(db, TENANT_OF_HOUSE).balance > 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM api_keys"), 0);
    studio_audit(db);
}
