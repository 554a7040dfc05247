/* Tenants: plans, and how one begins. */
#include <inttypes.h>
#include <string.h>

#include "account/account_priv.h"
#include "base/clock.h"
#include "ledger/ledger.h"

enum {
    NAME_BYTES = 200,
    DAYS_PRESET = 30,
    DAYS_MOST = 3650,
    RATE_MOST = 1000000,   /* requests a minute */
    HOUSE_CREDITS = 100000 /* the studio pays itself: a thousand dollars to begin with */
};

/* The most images a month that are counted: credits for them still fit a move. */
#define QUOTA_MOST ((int64_t)100000000)

const PlanRow plan_rows[] = {
    [PLAN_FREE] = {10, 10 * CREDITS_AN_IMAGE, 0, 60, 30},
    [PLAN_PRO] = {500, 500 * CREDITS_AN_IMAGE, 0, 600, 200},
    [PLAN_ENTERPRISE] = {-1, 0, 100000, 6000, 2000},
};

/* ---- what is asked for ---- */

static MUST Err *quota_check(int64_t quota)
{
    if (quota >= -1 && quota <= QUOTA_MOST)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "a quota of %" PRId64, quota),
            "quota must be from 0 to %" PRId64 " images a month, or -1 for no limit.", QUOTA_MOST),
        "/quota");
}

static MUST Err *days_check(int64_t days)
{
    if (days >= 1 && days <= DAYS_MOST)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "retention of %" PRId64 " days", days),
            "retention_days must be from 1 to %d.", DAYS_MOST),
        "/retention_days");
}

static MUST Err *rate_check(int64_t requests)
{
    if (requests >= 0 && requests <= RATE_MOST)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "a rate of %" PRId64 " requests", requests),
            "requests_per_minute must be from 1 to %d, or 0 for what the plan allows.", RATE_MOST),
        "/requests_per_minute");
}

static MUST Err *name_check(const char *name)
{
    if (name && *name && strlen(name) <= NAME_BYTES)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "a name of %zu bytes", name ? strlen(name) : 0),
            "name must have from 1 to %d characters.", NAME_BYTES),
        "/name");
}

/* "" for none. */
static MUST Err *email_read(const char *words, Arena *mem, const char **ret)
{
    *ret = "";
    return words && *words ? user_email_read(words, mem, ret) : NULL;
}

static MUST Err *tier_check(const char *tier)
{
    if (!tier || tier_find(tier) < TIER_MAX_)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "no tier '%.40s'", tier),
            "tier must be free, standard, professional or premium."),
        "/tier");
}

static MUST Err *wish_read(const TenantWish *wish, int64_t now_ms, Arena *mem, Tenant *ret)
{
    Tenant tenant = {
        .name = wish->name,
        .plan = wish->plan,
        .tier = wish->tier,
        .quota = wish->quota ? wish->quota : plan_rows[wish->plan].images_a_month,
        .reset_ms = month_end_ms(now_ms),
        .retention_days = wish->retention_days ? wish->retention_days : DAYS_PRESET,
        .created_ms = now_ms,
    };

    TRY(name_check(wish->name));
    TRY(email_read(wish->email, mem, &tenant.email));
    TRY(tier_check(tenant.tier));
    TRY(quota_check(tenant.quota));
    TRY(days_check(tenant.retention_days));
    if (wish->credits < 0 || wish->credits > LEDGER_MOST)
        return err_field(
            err_new(ERR_INPUT_INVALID, "%" PRId64 " credits to begin with", wish->credits),
            "/credits");
    *ret = tenant;
    return NULL;
}

/* ---- its beginning ---- */

typedef struct Beginning {
    const TenantWish *wish;
    Arena *mem;
    Tenant tenant, made; /* as it was wished, and as it is now */
    const char *key;
} Beginning;

static MUST Err *purse_begin(DbTx *tx, const Beginning *beginning)
{
    const LedgerMove gift = {
        .tenant_id = beginning->tenant.id,
        .key = "welcome",
        .reason = "Credits to begin with",
        .credits = beginning->wish->credits,
    };
    bool is_moved;

    TRY(ledger_open(tx, beginning->tenant.id, 0));
    TRY(tenant_allowance_settle(tx, &beginning->tenant));
    return gift.credits ? ledger_grant(tx, &gift, &is_moved) : NULL;
}

static Err *tenant_begin(DbTx *tx, void *beginning_any)
{
    Beginning *beginning = beginning_any;
    const Id id = id_new("tenant");
    const char *tenant_id = arena_text(beginning->mem, id.text);
    const KeyWish wish = {.tenant_id = tenant_id, .name = "First key", .role = ROLE_OWNER};
    Key key;

    beginning->tenant.id = tenant_id;
    TRY(tenant_insert(tx, &beginning->tenant));
    TRY(purse_begin(tx, beginning));
    TRY(key_create(tx, &wish, beginning->mem, &key, &beginning->key));
    return tenant_select(tx, tenant_id, beginning->mem, &beginning->made);
}

Err *tenant_of_house_make(DbTx *tx)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const TenantWish wish = {
        .name = "Studio", .plan = PLAN_ENTERPRISE, .credits = HOUSE_CREDITS, .retention_days = 365};
    Beginning beginning = {.wish = &wish, .mem = mem};
    bool is_missing;

    TRY(db_lock(tx, "studio tenant"));
    TRY(err_expect(tenant_check(tx, TENANT_OF_HOUSE), ERR_NOT_FOUND, &is_missing));
    if (!is_missing)
        return NULL;
    TRY(wish_read(&wish, clock_now_ms(), mem, &beginning.tenant));
    beginning.tenant.id = TENANT_OF_HOUSE;
    TRY(tenant_insert(tx, &beginning.tenant));
    TRY(purse_begin(tx, &beginning));
    return audit_add(
        tx, &(Audit){
                .tenant_id = TENANT_OF_HOUSE,
                .action = "tenant.create",
                .subject = TENANT_OF_HOUSE,
            });
}

Err *tenant_create(Db *db, const TenantWish *wish, Arena *mem, Tenant *ret, const char **ret_key)
{
    Beginning beginning = {.wish = wish, .mem = mem};

    TRY(wish_read(wish, clock_now_ms(), mem, &beginning.tenant));
    TRY(db_write(db, tenant_begin, &beginning));
    *ret = beginning.made;
    *ret_key = beginning.key;
    return NULL;
}

/* ---- what there is ---- */

static void tenant_present(Tenant *tenant, int64_t now_ms)
{
    if (tenant->reset_ms > now_ms)
        return;
    tenant->used = 0;
    tenant->reset_ms = month_end_ms(now_ms);
}

Err *tenant_find(DbTx *tx, const char *id, Arena *mem, Tenant *ret)
{
    TRY(tenant_select(tx, id, mem, ret));
    tenant_present(ret, clock_now_ms());
    return NULL;
}

Err *tenant_list(DbTx *tx, const char *after, int64_t limit, Arena *mem, List *ret)
{
    List rows;

    TRY(tenant_select_after(tx, after, limit, mem, &rows));
    for (size_t i = 0; i < rows.count; i++)
        tenant_present((Tenant *)rows.items + i, clock_now_ms());
    *ret = rows;
    return NULL;
}

TierId tenant_tier(const Tenant *tenant)
{
    static const TierId of_plans[] = {
        [PLAN_FREE] = TIER_FREE,
        [PLAN_PRO] = TIER_PROFESSIONAL,
        [PLAN_ENTERPRISE] = TIER_PREMIUM,
    };
    TierId tier = tenant->tier ? tier_find(tenant->tier) : TIER_MAX_;

    return tier < TIER_MAX_ ? tier : of_plans[tenant->plan];
}

/* ---- what changes ---- */

static MUST Err *allowance_renew(DbTx *tx, const char *id)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Tenant tenant;

    TRY(tenant_renew(tx, id));
    TRY(tenant_select(tx, id, mem, &tenant));
    return tenant_allowance_settle(tx, &tenant);
}

Err *tenant_quota_set(DbTx *tx, const char *id, int64_t quota)
{
    TRY(quota_check(quota));
    TRY(tenant_update(tx, id, TENANT_QUOTA, (DbArg)DB_INT(quota)));
    return allowance_renew(tx, id);
}

Err *tenant_plan_set(DbTx *tx, const char *id, Plan plan)
{
    TRY(tenant_update(tx, id, TENANT_PLAN, (DbArg)DB_TEXT(plan_names[plan])));
    TRY(tenant_update(tx, id, TENANT_QUOTA, (DbArg)DB_INT(plan_rows[plan].images_a_month)));
    TRY(allowance_renew(tx, id));
    return db_signal(tx, CALLERS_TOPIC);
}

Err *tenant_tier_set(DbTx *tx, const char *id, const char *tier)
{
    TRY(tier_check(tier));
    TRY(tenant_update(tx, id, TENANT_TIER, (DbArg)DB_TEXT(tier)));
    return allowance_renew(tx, id);
}

Err *tenant_retention_set(DbTx *tx, const char *id, int64_t days)
{
    TRY(days_check(days));
    return tenant_update(tx, id, TENANT_DAYS, (DbArg)DB_INT(days));
}

/* Callers are remembered with their rate. */
Err *tenant_rate_set(DbTx *tx, const char *id, int64_t requests_a_minute)
{
    TRY(rate_check(requests_a_minute));
    TRY(tenant_update(tx, id, TENANT_RATE, (DbArg)DB_INT(requests_a_minute)));
    return db_signal(tx, CALLERS_TOPIC);
}

Err *tenant_name_set(DbTx *tx, const char *id, const char *name)
{
    TRY(name_check(name));
    return tenant_update(tx, id, TENANT_NAME, (DbArg)DB_TEXT(name));
}

Err *tenant_email_set(DbTx *tx, const char *id, const char *email)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *read;

    TRY(email_read(email, mem, &read));
    return tenant_update(tx, id, TENANT_EMAIL, (DbArg)DB_TEXT(read));
}

Err *tenant_suspend(DbTx *tx, const char *id, bool is_suspended)
{
    if (is_suspended && strcmp(id, TENANT_OF_HOUSE) == 0)
        return err_public(
            err_new(ERR_CONFLICT, "the house would be suspended"),
            "The studio's own account cannot be suspended: its administrators stand on it.");
    TRY(tenant_update(tx, id, TENANT_SUSPENDED, (DbArg)DB_INT(is_suspended)));
    return db_signal(tx, CALLERS_TOPIC);
}
