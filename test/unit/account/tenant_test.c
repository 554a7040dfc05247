/* Promises of tenants, their quotas and months, on both databases. */
#include <stdatomic.h>

#include "base/clock.h"
#include "base/crew.h"
#include "unit/account/studio.h"

typedef struct Wish {
    enum {
        QUOTA_SET,
        PLAN_SET,
        TIER_SET,
        SUSPEND,
        RETENTION,
        TAKE,
        GIVE_BACK,
        FIND,
        HOLD
    } what;
    const char *id, *key;
    int64_t number, at_ms;
    Quota quota;
    Id hold;
} Wish;

static Err *wish_work(DbTx *tx, void *wish_any)
{
    Wish *wish = wish_any;

    switch (wish->what) {
    case QUOTA_SET:
        return tenant_quota_set(tx, wish->id, wish->number);
    case PLAN_SET:
        return tenant_plan_set(tx, wish->id, (Plan)wish->number);
    case TIER_SET:
        return tenant_tier_set(tx, wish->id, wish->key);
    case SUSPEND:
        return tenant_suspend(tx, wish->id, wish->number != 0);
    case RETENTION:
        return tenant_retention_set(tx, wish->id, wish->number);
    case TAKE:
        return quota_take(tx, wish->id, wish->number, &wish->quota);
    case GIVE_BACK:
        return quota_give_back(tx, wish->id, wish->number, wish->at_ms);
    case FIND:
        return quota_find(tx, wish->id, &wish->quota);
    case HOLD:
        break;
    }
    const LedgerMove move = {
        .tenant_id = wish->id, .key = wish->key, .reason = "Test", .credits = wish->number};
    TRY(ledger_hold(tx, &move, &wish->hold));
    return ledger_capture(tx, wish->id, wish->hold.text);
}

#define DO(db, ...) db_write((db), wish_work, &(Wish){__VA_ARGS__})

/* ---- making one ---- */

TEST_DB(a_tenant_begins_with_its_plan_its_allowance_and_a_key)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    const char *key;
    Tenant tenant = studio_tenant(db, PLAN_PRO, mem, &key);
    Caller caller;

    CHECK_TEXT(tenant.email, "ann@example.com");
    CHECK_INT(tenant.quota, 500);
    CHECK_INT(tenant.allowance, 1500);
    CHECK_INT(tenant.retention_days, 30);
    CHECK(tenant.reset_ms > clock_now_ms());
    CHECK_INT(studio_purse(db, tenant.id).available, 1500);
    CHECK_OK(caller_find(accounts, key, mem, &caller));
    CHECK_TEXT(caller.tenant_id, tenant.id);
    CHECK_INT(caller.role, ROLE_OWNER);
    studio_audit(db);
}

TEST_DB(a_wish_may_say_more_than_the_plan)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    const TenantWish wish = {
        .name = "Ben", .email = "b@x", .quota = 20, .credits = 7, .retention_days = 5};
    const char *key;
    Tenant tenant;

    CHECK_OK(tenant_create(db, &wish, mem, &tenant, &key));
    CHECK_INT(tenant.quota, 20);
    CHECK_INT(tenant.retention_days, 5);
    CHECK_INT(studio_purse(db, tenant.id).available, 20 * CREDITS_AN_IMAGE + 7);
}

TEST_DB(an_enterprise_has_a_line_and_no_limit)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_ENTERPRISE, mem, NULL);
    Wish take = {TAKE, .id = tenant.id, .number = 100000};

    CHECK_INT(studio_purse(db, tenant.id).balance, 0);
    CHECK_INT(studio_purse(db, tenant.id).available, plan_rows[PLAN_ENTERPRISE].line_credits);
    CHECK_OK(db_write(db, wish_work, &take));
    CHECK_INT(take.quota.quota, -1);
    CHECK_INT(take.quota.remaining, -1);
    CHECK_INT(take.quota.used, 100000);
}

TEST_DB(a_wish_that_cannot_be_is_refused_by_its_field)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    static const TenantWish wishes[] = {
        {.name = "", .email = "a@b"},
        {.name = "A", .email = "nobody"},
        {.name = "A", .email = "a@b", .tier = "gold"},
        {.name = "A", .email = "a@b", .quota = -2},
        {.name = "A", .email = "a@b", .retention_days = -1},
        {.name = "A", .email = "a@b", .credits = -1},
    };
    static const char *const fields[] = {"/name",  "/email",          "/tier",
                                         "/quota", "/retention_days", "/credits"};

    for (size_t i = 0; i < COUNT(wishes); i++) {
        const char *key;
        Tenant tenant;
        AUTO(err_free) Err *err = tenant_create(db, &wishes[i], mem, &tenant, &key);

        CHECK(err && err_code(err) == ERR_INPUT_INVALID);
        CHECK_TEXT(err_where(err), fields[i]);
    }
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM tenants"), 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM purses"), 0);
}

typedef struct Page {
    Arena *mem;
    const char *after;
    List rows;
} Page;

static Err *page_work(DbTx *tx, void *page_any)
{
    Page *page = page_any;

    return tenant_list(tx, page->after, 2, page->mem, &page->rows);
}

TEST_DB(tenants_are_listed_by_age_in_pages)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Page page = {.mem = mem};
    Tenant made[3];

    for (int i = 0; i < 3; i++)
        made[i] = studio_tenant(db, PLAN_FREE, mem, NULL);
    CHECK_OK(db_read(db, page_work, &page));
    CHECK_INT(page.rows.count, 2);
    const Tenant *rows = page.rows.items;
    CHECK_TEXT(rows[0].id, made[0].id);
    page.after = rows[1].id;
    CHECK_OK(db_read(db, page_work, &page));
    CHECK_INT(page.rows.count, 1);
    CHECK_TEXT(((const Tenant *)page.rows.items)->id, made[2].id);
}

/* ---- quotas ---- */

TEST_DB(a_quota_is_taken_until_it_is_exceeded)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    Wish take = {TAKE, .id = tenant.id, .number = 8};

    CHECK_OK(db_write(db, wish_work, &take));
    CHECK_INT(take.quota.used, 8);
    CHECK_INT(take.quota.remaining, 2);

    take.number = 3;
    CHECK_CODE(db_write(db, wish_work, &take), ERR_QUOTA_EXCEEDED);
    CHECK_INT(take.quota.quota, 10);
    CHECK_INT(take.quota.used, 8);
    CHECK_INT(take.quota.reset_ms, tenant.reset_ms);

    take.number = 2;
    CHECK_OK(db_write(db, wish_work, &take));
    CHECK_INT(take.quota.remaining, 0);
    CHECK_CODE(DO(db, TAKE, .id = "tenant_none", .number = 1), ERR_NOT_FOUND);
}

TEST_DB(images_given_back_count_for_the_month_they_were_taken_in)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    int64_t now_ms = tenant.reset_ms - 1000;

    CHECK_OK(DO(db, TAKE, .id = tenant.id, .number = 5));
    CHECK_OK(DO(db, GIVE_BACK, .id = tenant.id, .number = 2, .at_ms = now_ms));
    CHECK_INT(studio_tenant_find(db, tenant.id, mem).used, 3);
    CHECK_OK(
        DO(db, GIVE_BACK, .id = tenant.id, .number = 2,
           .at_ms = now_ms - (int64_t)32 * 24 * 60 * 60 * 1000));
    CHECK_INT(studio_tenant_find(db, tenant.id, mem).used, 3);
    CHECK_OK(DO(db, GIVE_BACK, .id = tenant.id, .number = 9, .at_ms = now_ms));
    CHECK_INT(studio_tenant_find(db, tenant.id, mem).used, 0);
}

TEST_DB(a_larger_quota_brings_its_allowance_at_once_and_only_once)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);

    CHECK_OK(DO(db, QUOTA_SET, .id = tenant.id, .number = 100));
    CHECK_INT(studio_purse(db, tenant.id).available, 300);
    CHECK_OK(DO(db, QUOTA_SET, .id = tenant.id, .number = 10));
    CHECK_OK(DO(db, QUOTA_SET, .id = tenant.id, .number = 100));
    CHECK_INT(studio_purse(db, tenant.id).available, 300);
    CHECK_OK(DO(db, QUOTA_SET, .id = tenant.id, .number = 110));
    CHECK_INT(studio_purse(db, tenant.id).available, 330);
    CHECK_CODE(DO(db, QUOTA_SET, .id = "tenant_none", .number = 1), ERR_NOT_FOUND);
    CHECK_CODE(DO(db, QUOTA_SET, .id = tenant.id, .number = -2), ERR_INPUT_INVALID);
    studio_audit(db);
}

TEST_DB(a_plan_brings_its_quota_allowance_and_line)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);

    CHECK_OK(DO(db, PLAN_SET, .id = tenant.id, .number = PLAN_PRO));
    CHECK_INT(studio_tenant_find(db, tenant.id, mem).quota, 500);
    CHECK_INT(studio_purse(db, tenant.id).available, 1500);
    CHECK_OK(DO(db, PLAN_SET, .id = tenant.id, .number = PLAN_ENTERPRISE));
    CHECK_INT(studio_purse(db, tenant.id).line, 100000);
    CHECK_OK(DO(db, PLAN_SET, .id = tenant.id, .number = PLAN_FREE));
    CHECK_INT(studio_purse(db, tenant.id).line, 0);
    CHECK_INT(studio_purse(db, tenant.id).available, 1500);
    CHECK_OK(DO(db, RETENTION, .id = tenant.id, .number = 7));
    CHECK_INT(studio_tenant_find(db, tenant.id, mem).retention_days, 7);
    studio_audit(db);
}

TEST_DB(a_tier_that_is_set_brings_its_credits_in_place_of_the_plans)
{
    static const struct {
        const char *tier;
        Plan plan;
        int64_t credits;
    } table[] = {
        {"free", PLAN_FREE, 50},     {"standard", PLAN_PRO, 0}, {"professional", PLAN_FREE, 500},
        {"premium", PLAN_PRO, 2000}, {NULL, PLAN_FREE, 30},     {NULL, PLAN_PRO, 1500},
    };
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);

    for (size_t i = 0; i < COUNT(table); i++) {
        const TenantWish wish = {
            .name = "Ben", .email = "b@x", .plan = table[i].plan, .tier = table[i].tier};
        const char *key;
        Tenant tenant;

        CHECK_OK(tenant_create(db, &wish, mem, &tenant, &key));
        CHECK_INT(studio_purse(db, tenant.id).available, table[i].credits);
        CHECK_INT(tenant.quota, plan_rows[table[i].plan].images_a_month);
        if (table[i].tier)
            CHECK_TEXT(tier_names[tenant_tier(&tenant)], table[i].tier);
        else
            CHECK(!tenant.tier);
    }
    studio_audit(db);
}

TEST_DB(a_plan_stands_for_a_tier_until_one_is_set)
{
    static const TierId of_plans[] = {TIER_FREE, TIER_PROFESSIONAL, TIER_PREMIUM};
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);

    for (Plan plan = PLAN_FREE; plan <= PLAN_ENTERPRISE; plan++) {
        Tenant tenant = studio_tenant(db, plan, mem, NULL);

        CHECK_INT(tenant_tier(&tenant), of_plans[plan]);
        CHECK_OK(DO(db, TIER_SET, .id = tenant.id, .key = "standard"));
        tenant = studio_tenant_find(db, tenant.id, mem);
        CHECK_INT(tenant_tier(&tenant), TIER_STANDARD);
        CHECK_OK(DO(db, TIER_SET, .id = tenant.id, .key = NULL));
        tenant = studio_tenant_find(db, tenant.id, mem);
        CHECK_INT(tenant_tier(&tenant), of_plans[plan]);
    }
}

/* A lower one counts from the next month on. */
TEST_DB(a_higher_tier_brings_the_difference_at_once)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);

    CHECK_OK(DO(db, TIER_SET, .id = tenant.id, .key = "free"));
    CHECK_INT(studio_purse(db, tenant.id).available, 50);
    CHECK_OK(DO(db, TIER_SET, .id = tenant.id, .key = "premium"));
    CHECK_OK(DO(db, TIER_SET, .id = tenant.id, .key = "premium"));
    CHECK_INT(studio_purse(db, tenant.id).available, 2000);
    CHECK_OK(DO(db, TIER_SET, .id = tenant.id, .key = "standard"));
    CHECK_INT(studio_purse(db, tenant.id).available, 2000);
    studio_audit(db);
}

/* ---- months ---- */

/* As if nobody had come since September 2001, and all grants had been of then: the present month's is still to come. */
static void a_month_later(Db *db)
{
    TEST_DB_RUN(
        db, db_kind(db) == DB_SQLITE ? "DROP TRIGGER ledger_entries_stay"
                                     : "DROP TRIGGER ledger_entries_stay ON ledger_entries");
    TEST_DB_RUN(
        db, "UPDATE tenants SET reset_ms = 1001894400000",
        "UPDATE ledger_entries SET key = 'allowance:2001-09:' || number"
        " WHERE kind = 'grant' AND key <> 'welcome'");
}

TEST_DB(a_new_month_begins_with_its_own_allowance)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);

    CHECK_OK(DO(db, TAKE, .id = tenant.id, .number = 4));
    CHECK_OK(DO(db, HOLD, .id = tenant.id, .key = "run:1", .number = 12));
    a_month_later(db);
    CHECK_INT(studio_tenant_find(db, tenant.id, mem).used, 0); /* is shown as it will be */
    CHECK_INT(studio_tenant_find(db, tenant.id, mem).reset_ms, tenant.reset_ms);
    CHECK_INT(studio_purse(db, tenant.id).available, 18);
    CHECK_OK(DO(db, TAKE, .id = tenant.id, .number = 1));
    Tenant now = studio_tenant_find(db, tenant.id, mem);
    CHECK_INT(now.used, 1);
    CHECK_INT(now.reset_ms, tenant.reset_ms);
    CHECK_INT(studio_purse(db, tenant.id).available, 30);
    CHECK_INT(
        test_db_number(
            db, "SELECT credits FROM ledger_entries WHERE key = 'allowance:2001-09:rest'"),
        18);
    studio_audit(db);
}

TEST_DB(a_new_month_begins_with_the_credits_of_the_tier)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    const TenantWish wish = {.name = "Ben", .email = "b@x", .tier = "professional"};
    const char *key;
    Tenant tenant;

    CHECK_OK(tenant_create(db, &wish, mem, &tenant, &key));
    CHECK_OK(DO(db, HOLD, .id = tenant.id, .key = "run:1", .number = 40));
    a_month_later(db);
    CHECK_OK(accounts_sweep(db));
    CHECK_INT(studio_purse(db, tenant.id).available, 500);
    CHECK_INT(studio_tenant_find(db, tenant.id, mem).allowance, 500);
    studio_audit(db);
}

TEST_DB(bought_credits_outlive_the_month)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    const TenantWish wish = {.name = "Ben", .email = "b@x", .credits = 100};
    const char *key;
    Tenant tenant;

    CHECK_OK(tenant_create(db, &wish, mem, &tenant, &key));
    CHECK_OK(DO(db, HOLD, .id = tenant.id, .key = "run:1", .number = 40));
    a_month_later(db);
    CHECK_OK(accounts_sweep(db));
    CHECK_INT(studio_purse(db, tenant.id).available, 90 + 30);
    CHECK_OK(accounts_sweep(db));
    CHECK_INT(studio_purse(db, tenant.id).available, 90 + 30);
    studio_audit(db);
}

TEST_DB(whoever_comes_with_a_key_begins_the_month)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    const char *key;
    Caller caller;
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, &key);

    CHECK_OK(DO(db, TAKE, .id = tenant.id, .number = 4));
    a_month_later(db);
    CHECK_OK(caller_find(accounts, key, mem, &caller));
    CHECK_INT(test_db_number(db, "SELECT used FROM tenants"), 0);
    CHECK(test_db_number(db, "SELECT reset_ms FROM tenants") == tenant.reset_ms);
}

/* ---- many at once ---- */

typedef struct Crowd {
    Db *db;
    const char *id;
    atomic_int taken, exceeded, failed;
} Crowd;

static void crowd_work(void *crowd_any, size_t item)
{
    Crowd *crowd = crowd_any;

    for (int i = 0; i < 20; i++) {
        Wish take = {TAKE, .id = crowd->id, .number = 1 + (int64_t)item % 3};
        AUTO(err_free) Err *err = db_write(crowd->db, wish_work, &take);

        if (!err)
            atomic_fetch_add(&crowd->taken, (int)take.number);
        else
            atomic_fetch_add(
                err_code(err) == ERR_QUOTA_EXCEEDED ? &crowd->exceeded : &crowd->failed, 1);
    }
}

TEST_DB(many_at_once_take_no_more_than_the_quota_also_when_its_month_begins)
{
    AUTO(arena_free) Arena *mem = arena_new();
    MAYBE_UNUSED AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Tenant tenant = studio_tenant(db, PLAN_FREE, mem, NULL);
    Crowd crowd = {.db = db, .id = tenant.id};

    CHECK_OK(DO(db, QUOTA_SET, .id = tenant.id, .number = 100));
    a_month_later(db);
    crew_run(16, 16, crowd_work, &crowd);
    CHECK_INT(atomic_load(&crowd.failed), 0);
    CHECK(atomic_load(&crowd.exceeded) > 0);
    CHECK(atomic_load(&crowd.taken) <= 100 && atomic_load(&crowd.taken) >= 98);
    CHECK_INT(studio_tenant_find(db, tenant.id, mem).used, atomic_load(&crowd.taken));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM ledger_entries WHERE kind = 'expire'"), 1);
    CHECK_INT(studio_purse(db, tenant.id).available, 300);
    studio_audit(db);
}
