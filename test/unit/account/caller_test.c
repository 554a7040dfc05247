/* Promises of keys, callers, rights and who did what, on both databases. */
#include <unistd.h>

#include "account/account_priv.h"
#include "base/clock.h"
#include "unit/account/studio.h"

typedef struct Making {
    KeyWish wish;
    Arena *mem;
    Key key;
    const char *secret;
} Making;

static Err *make_work(DbTx *tx, void *making_any)
{
    Making *making = making_any;

    return key_create(tx, &making->wish, making->mem, &making->key, &making->secret);
}

typedef struct Ending {
    const char *tenant_id, *key_id;
} Ending;

static Err *revoke_work(DbTx *tx, void *ending_any)
{
    const Ending *ending = ending_any;

    return key_revoke(tx, ending->tenant_id, ending->key_id);
}

static Err *suspend_work(DbTx *tx, void *ending_any)
{
    return tenant_suspend(tx, ((Ending *)ending_any)->tenant_id, true);
}

/* ---- the form of keys ---- */

TEST(a_key_tells_when_it_was_mistyped)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *secret = secret_new(SECRET_KEY, mem);
    char *typed = arena_text(mem, secret);

    CHECK_INT(strlen(secret), 44);
    CHECK(strncmp(secret, "cyc_", 4) == 0);
    CHECK(!secret_is_mistyped(secret));
    for (size_t i = 4; i < 44; i++) {
        typed[i] = secret[i] == '7' ? '8' : '7';
        CHECK(secret_is_mistyped(typed));
        typed[i] = secret[i];
    }
    CHECK(secret_is_mistyped(arena_text_n(mem, secret, 43)));
    CHECK(!secret_is_mistyped("a key that an operator brought"));
}

TEST(two_keys_are_never_the_same)
{
    AUTO(arena_free) Arena *mem = arena_new();

    CHECK(strcmp(secret_new(SECRET_KEY, mem), secret_new(SECRET_KEY, mem)) != 0);
}

/* ---- rights ---- */

TEST(a_role_has_its_rights_and_those_below)
{
    const Caller viewer = {.role = ROLE_VIEWER}, owner = {.role = ROLE_OWNER},
                 admin = {.role = ROLE_ADMIN};

    CHECK(caller_may(&viewer, "jobs:read"));
    CHECK(!caller_may(&viewer, "jobs:write"));
    CHECK(caller_may(&owner, "jobs:write"));
    CHECK(caller_may(&owner, "keys:write"));
    CHECK(!caller_may(&owner, "tenants:admin"));
    CHECK(caller_may(&admin, "tenants:admin"));
    CHECK(!caller_may(&admin, "no:such"));
}

TEST(scopes_narrow_a_role_and_never_widen_it)
{
    const char *some[] = {"jobs:*", "brands:read", "tenants:admin"}, *all[] = {"*"};
    const Caller narrow = {.role = ROLE_OWNER, .scopes = {some, 3}};
    const Caller wide = {.role = ROLE_OWNER, .scopes = {all, 1}};

    CHECK(caller_may(&narrow, "jobs:write"));
    CHECK(caller_may(&narrow, "brands:read"));
    CHECK(!caller_may(&narrow, "brands:write"));
    CHECK(!caller_may(&narrow, "keys:read"));
    CHECK(!caller_may(&narrow, "tenants:admin"));
    CHECK(caller_may(&wide, "keys:read"));
    CHECK(!caller_may(&wide, "tenants:admin"));
}

TEST(nobody_gives_more_than_it_has)
{
    const char *some[] = {"keys:write", "jobs:read"}, *less[] = {"jobs:read"},
               *other[] = {"jobs:*"};
    const Caller narrow = {.role = ROLE_OWNER, .scopes = {some, 2}}, owner = {.role = ROLE_OWNER};
    const Texts none = {0};

    CHECK(caller_may_grant(&owner, ROLE_EDITOR, &none));
    CHECK(!caller_may_grant(&owner, ROLE_ADMIN, &none));
    CHECK(!caller_may_grant(&narrow, ROLE_OWNER, &none));
    CHECK(caller_may_grant(&narrow, ROLE_OWNER, &(Texts){less, 1}));
    CHECK(!caller_may_grant(&narrow, ROLE_OWNER, &(Texts){other, 1}));
    CHECK(caller_may_grant(&narrow, ROLE_VIEWER, &(Texts){less, 1}));
}

TEST(a_caller_acts_for_its_own_tenant_and_an_admin_for_any)
{
    const Caller owner = {.role = ROLE_OWNER, .tenant_id = "tenant_a"},
                 admin = {.role = ROLE_ADMIN};
    const Caller nobody = {.role = ROLE_VIEWER};
    const char *tenant;

    CHECK_OK(caller_tenant(&owner, NULL, &tenant));
    CHECK_TEXT(tenant, "tenant_a");
    CHECK_OK(caller_tenant(&owner, "tenant_a", &tenant));
    CHECK_CODE(caller_tenant(&owner, "tenant_b", &tenant), ERR_FORBIDDEN);
    CHECK_OK(caller_tenant(&admin, "tenant_b", &tenant));
    CHECK_TEXT(tenant, "tenant_b");
    CHECK_CODE(caller_tenant(&admin, NULL, &tenant), ERR_INPUT_MISSING);
    CHECK_CODE(caller_tenant(&nobody, NULL, &tenant), ERR_FORBIDDEN);
}

/* ---- keys ---- */

TEST_DB(a_key_is_shown_once_and_kept_as_a_hash)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    const char *scopes[] = {"jobs:read", "brands:*"};
    Making making = {
        {.tenant_id = tenant.id, .name = "Shop", .role = ROLE_EDITOR, .scopes = {scopes, 2}}, mem};
    Caller caller;

    CHECK_OK(db_write(db, make_work, &making));
    CHECK_INT(
        test_db_number(
            db, arena_print(
                    mem, "SELECT COUNT(*) FROM api_keys WHERE hash = '%s' AND hint = '%.10s'",
                    secret_hash(making.secret, mem), making.secret)),
        1);
    CHECK_OK(caller_find(accounts, making.secret, mem, &caller));
    CHECK_TEXT(caller.key_id, making.key.id);
    CHECK_INT(caller.role, ROLE_EDITOR);
    CHECK_INT(caller.scopes.count, 2);
    CHECK_TEXT(caller.scopes.items[1], "brands:*");
    CHECK_OK(caller_find(accounts, making.secret, mem, &caller)); /* remembered */
    CHECK_INT(caller.scopes.count, 2);
    CHECK(test_db_number(db, "SELECT used_ms FROM api_keys WHERE name = 'Shop'") > 0);
}

TEST_DB(a_key_that_is_unknown_mistyped_expired_or_revoked_opens_nothing)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    Making making = {{.tenant_id = tenant.id, .name = "Old", .role = ROLE_EDITOR}, mem};
    Caller caller;

    CHECK_CODE(caller_find(accounts, secret_new("cyc_", mem), mem, &caller), ERR_UNAUTHENTICATED);
    CHECK_CODE(caller_find(accounts, "cyc_short", mem, &caller), ERR_UNAUTHENTICATED);
    CHECK_CODE(caller_find(accounts, "", mem, &caller), ERR_UNAUTHENTICATED);

    making.wish.expires_ms = clock_now_ms() - 1;
    CHECK_OK(db_write(db, make_work, &making));
    CHECK_CODE(caller_find(accounts, making.secret, mem, &caller), ERR_UNAUTHENTICATED);

    making.wish.expires_ms = clock_now_ms() + 600000;
    CHECK_OK(db_write(db, make_work, &making));
    CHECK_OK(caller_find(accounts, making.secret, mem, &caller));
    CHECK_CODE(db_write(db, revoke_work, &(Ending){"tenant_other", making.key.id}), ERR_NOT_FOUND);
    CHECK_CODE(db_write(db, revoke_work, &(Ending){NULL, making.key.id}), ERR_NOT_FOUND);
    CHECK_OK(db_write(db, revoke_work, &(Ending){tenant.id, making.key.id}));
    CHECK_CODE(caller_find(accounts, making.secret, mem, &caller), ERR_UNAUTHENTICATED);
    CHECK_OK(db_write(db, revoke_work, &(Ending){tenant.id, making.key.id}));
}

TEST_DB(a_suspended_tenants_keys_are_forbidden_at_once)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    const char *key;
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, &key);
    Caller caller;

    CHECK_OK(caller_find(accounts, key, mem, &caller));
    CHECK_OK(db_write(db, suspend_work, &(Ending){tenant.id, NULL}));
    CHECK_CODE(caller_find(accounts, key, mem, &caller), ERR_FORBIDDEN);
}

TEST_DB(a_key_that_is_revoked_elsewhere_is_forgotten_here)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *here = studio_open(db);
    AUTO(db_close) Db *other_db = NULL;
    AUTO(accounts_close) Accounts *there = NULL;
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    Making making = {{.tenant_id = tenant.id, .name = "Shop", .role = ROLE_EDITOR}, mem};
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;
    AUTO(err_free) Err *err = NULL;
    Caller caller;

    CHECK_OK(db_write(db, make_work, &making));
    CHECK_OK(db_open(&(DbSetup){.url = test_db_url()}, &other_db));
    CHECK_OK(accounts_open(&(AccountsSetup){.db = other_db}, &there));
    CHECK_OK(caller_find(there, making.secret, mem, &caller));
    CHECK_OK(caller_find(here, making.secret, mem, &caller));
    CHECK_OK(db_write(db, revoke_work, &(Ending){tenant.id, making.key.id}));
    CHECK_CODE(caller_find(here, making.secret, mem, &caller), ERR_UNAUTHENTICATED);
    if (db_kind(db) == DB_SQLITE)
        return; /* other processes are not heard: they remember for some seconds */
    while (!err && clock_ticks_ms() < until_ms) {
        usleep(5000);
        err = caller_find(there, making.secret, mem, &caller);
    }
    CHECK(err && err_code(err) == ERR_UNAUTHENTICATED);
}

TEST_DB(a_key_that_cannot_be_is_refused)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    const char *wrong[] = {"jobs:reed"};
    Making admins = {{.tenant_id = tenant.id, .name = "A", .role = ROLE_ADMIN}, mem};
    Making nobodys = {{.name = "A", .role = ROLE_OWNER}, mem};
    Making strange = {{.tenant_id = tenant.id, .name = "A", .scopes = {wrong, 1}}, mem};
    Making nowhere = {{.tenant_id = "tenant_none", .name = "A"}, mem};
    Making others = {{.tenant_id = tenant.id, .user_id = "user_none", .name = "A"}, mem};
    Making brought = {{.name = "A", .role = ROLE_ADMIN, .secret = "short"}, mem};

    CHECK_CODE(db_write(db, make_work, &admins), ERR_INPUT_INVALID);
    CHECK_CODE(db_write(db, make_work, &nobodys), ERR_INPUT_INVALID);
    AUTO(err_free) Err *err = db_write(db, make_work, &strange);
    CHECK(err && err_code(err) == ERR_INPUT_INVALID);
    CHECK_TEXT(err_where(err), "/scopes/0");
    CHECK_TEXT(err_text(err), "There is no scope 'jobs:reed'. Did you mean 'jobs:read'?");
    CHECK_CODE(db_write(db, make_work, &nowhere), ERR_NOT_FOUND);
    CHECK_CODE(db_write(db, make_work, &others), ERR_NOT_FOUND);
    CHECK_CODE(db_write(db, make_work, &brought), ERR_INPUT_INVALID);
}

TEST_DB(the_first_admin_key_is_made_once)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    FirstKey first, second;
    Caller caller;

    CHECK_OK(key_admin_first(db, NULL, mem, &first));
    CHECK(first.secret);
    CHECK_OK(caller_find(accounts, first.secret, mem, &caller));
    CHECK_INT(caller.role, ROLE_ADMIN);
    CHECK(!caller.tenant_id);
    CHECK_OK(key_admin_first(db, NULL, mem, &second));
    CHECK(!second.secret);
}

TEST_DB(an_operators_admin_key_takes_the_place_of_the_one_before)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    static const char old[] = "an-operators-own-key", new[] = "another-operators-key";
    FirstKey made;
    Caller caller;

    CHECK_OK(key_admin_first(db, old, mem, &made));
    CHECK(!made.secret && !made.ended);
    CHECK_OK(caller_find(accounts, old, mem, &caller));
    CHECK_OK(key_admin_first(db, old, mem, &made));
    CHECK_INT(made.ended, 0);
    CHECK_OK(key_admin_first(db, new, mem, &made));
    CHECK_INT(made.ended, 1); /* to be said: another server may have been started with it */
    CHECK_CODE(caller_find(accounts, old, mem, &caller), ERR_UNAUTHENTICATED);
    CHECK_OK(caller_find(accounts, new, mem, &caller));
    CHECK_OK(key_admin_first(db, old, mem, &made)); /* and back */
    CHECK_OK(caller_find(accounts, old, mem, &caller));
    CHECK_CODE(key_admin_first(db, "short", mem, &made), ERR_INPUT_INVALID);

    CHECK_OK(key_admin_first(db, NULL, mem, &made));
    CHECK(!made.secret && !made.ended);
    CHECK_OK(caller_find(accounts, old, mem, &caller));
    CHECK_OK(key_admin_first(db, "", mem, &made)); /* the setting is gone */
    CHECK(made.secret);
    CHECK_INT(made.ended, 1);
    CHECK_CODE(caller_find(accounts, old, mem, &caller), ERR_UNAUTHENTICATED);
}

typedef struct Keys {
    const char *tenant_id, *after;
    Arena *mem;
    List rows;
} Keys;

static Err *keys_work(DbTx *tx, void *keys_any)
{
    Keys *keys = keys_any;

    return key_list(tx, keys->tenant_id, keys->after, 10, keys->mem, &keys->rows);
}

TEST_DB(a_tenant_sees_its_own_keys_alone)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant a = studio_tenant(db, PLAN_FREE, mem, NULL), b = studio_tenant(db, PLAN_FREE, mem, NULL);
    Keys of_a = {.tenant_id = a.id, .mem = mem}, of_house = {.mem = mem};
    FirstKey first;

    (void)b;
    CHECK_OK(key_admin_first(db, NULL, mem, &first));
    CHECK_OK(db_read(db, keys_work, &of_a));
    CHECK_INT(of_a.rows.count, 1);
    CHECK_TEXT(((const Key *)of_a.rows.items)->tenant_id, a.id);
    CHECK_OK(db_read(db, keys_work, &of_house));
    CHECK_INT(of_house.rows.count, 1);
    CHECK_INT(((const Key *)of_house.rows.items)->role, ROLE_ADMIN);
    CHECK(strlen(((const Key *)of_house.rows.items)->hint) == 10);
}

/* ---- who did what ---- */

typedef struct Trail {
    const char *tenant_id, *before;
    Arena *mem;
    List rows;
} Trail;

static Err *trail_add(DbTx *tx, void *unused)
{
    const Caller caller = {.key_id = "key_1", .user_id = "user_1"};
    AUTO(value_free) Value *detail = value_object();

    (void)unused;
    value_set(detail, "plan", value_of_text("pro"));
    TRY(audit_add(tx, &(Audit){.tenant_id = "tenant_a", .action = "tenant.create"}));
    TRY(audit_add(
        tx, &(Audit){
                .tenant_id = "tenant_a",
                .caller = &caller,
                .action = "tenant.change",
                .subject = "tenant_a",
                .detail = detail,
                .address = "192.0.2.1",
            }));
    return audit_add(tx, &(Audit){.tenant_id = "tenant_b", .action = "tenant.create"});
}

static Err *trail_work(DbTx *tx, void *trail_any)
{
    Trail *trail = trail_any;

    return audit_list(tx, trail->tenant_id, trail->before, 10, trail->mem, &trail->rows);
}

TEST_DB(the_trail_tells_newest_first_who_did_what)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Trail of_a = {.tenant_id = "tenant_a", .mem = mem}, all = {.mem = mem};

    CHECK_OK(db_write(db, trail_add, NULL));
    CHECK_OK(db_read(db, trail_work, &of_a));
    CHECK_INT(of_a.rows.count, 2);
    const AuditRow *rows = of_a.rows.items;
    CHECK_TEXT(rows[0].action, "tenant.change");
    CHECK_TEXT(rows[0].actor, "key_1");
    CHECK_TEXT(rows[0].address, "192.0.2.1");
    CHECK_TEXT(value_text(value_get(rows[0].detail, "plan")), "pro");
    CHECK_TEXT(rows[1].actor, "house");
    of_a.before = rows[0].id;
    CHECK_OK(db_read(db, trail_work, &of_a));
    CHECK_INT(of_a.rows.count, 1);
    CHECK_OK(db_read(db, trail_work, &all));
    CHECK_INT(all.rows.count, 3);
}

/* ---- keys ---- */

/* The line on which PostgreSQL's signals come is there: until then nobody is remembered past the moment when it is. */
static void signals_await(Db *db, DbEar *ear)
{
    Cancel nobody = CANCEL_INIT;

    if (db_kind(db) == DB_POSTGRES)
        CHECK(db_wait(ear, TEST_PATIENCE_MS, &nobody));
}

static bool is_limited(Accounts *accounts, const char *address, const char *secret, Arena *mem)
{
    Caller caller;
    AUTO(err_free) Err *err = caller_admit(accounts, address, secret, mem, &caller);

    CHECK(!err || err_code(err) == ERR_RATE_LIMITED || err_code(err) == ERR_UNAUTHENTICATED);
    return err && err_code(err) == ERR_RATE_LIMITED;
}

/* One more is let in every other second, so a slow machine may need some more than it should. */
static void unknown_spend(Accounts *accounts, const char *address, Arena *mem)
{
    int tries = 0;

    while (!is_limited(accounts, address, secret_new("cyc_", mem), mem))
        CHECK(++tries < 1000);
}

TEST_DB(unknown_keys_are_counted_by_address_and_those_that_are_remembered_pass)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(db_ear_free) DbEar *ear = db_listen(db, "nothing");
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    static const char there[] = "203.0.113.9";
    const char *known, *fresh;
    Caller caller;
    int tries = 0;

    signals_await(db, ear);
    studio_tenant(db, PLAN_FREE, mem, &known);
    for (int i = 0; i < 29; i++)
        CHECK_CODE(
            caller_admit(accounts, there, secret_new("cyc_", mem), mem, &caller),
            ERR_UNAUTHENTICATED);
    CHECK_OK(caller_admit(accounts, there, known, mem, &caller));
    unknown_spend(accounts, there, mem);
    CHECK_OK(caller_admit(accounts, there, known, mem, &caller)); /* not long ago */
    do {
        studio_tenant(db, PLAN_FREE, mem, &fresh);
        unknown_spend(accounts, there, mem);
        CHECK(++tries < 50);
    } while (!is_limited(accounts, there, fresh, mem));
    CHECK_OK(caller_admit(accounts, "203.0.113.10", fresh, mem, &caller));
    for (int i = 0; i < 40; i++)
        CHECK_CODE(
            caller_admit(accounts, "127.0.0.1", secret_new("cyc_", mem), mem, &caller),
            ERR_UNAUTHENTICATED);
}
