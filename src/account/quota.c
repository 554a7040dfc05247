/* Images a month, and what a new month brings. */
#include <inttypes.h>

#include "account/account_priv.h"
#include "base/after.h"
#include "base/clock.h"
#include "base/said.h"
#include "ledger/ledger.h"

enum {
    RENEW_TRIES = 10
};

/* ---- the allowance ---- */

/* Who pays later has a line in place of an allowance. */
static bool pays_later(const Tenant *tenant)
{
    return tenant->plan == PLAN_ENTERPRISE || tenant->quota < 0;
}

static int64_t allowance_of(const Tenant *tenant)
{
    const PlanRow *plan = &plan_rows[tenant->plan];

    if (tenant->tier)
        return tiers[tenant_tier(tenant)].credits_a_month;
    if (pays_later(tenant))
        return 0;
    return tenant->quota == plan->images_a_month ? plan->allowance_credits
                                                 : tenant->quota * CREDITS_AN_IMAGE;
}

Err *tenant_allowance_settle(DbTx *tx, const Tenant *tenant)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *month = month_name(tenant->reset_ms - 1, mem);
    int64_t wanted = allowance_of(tenant), missing = wanted - tenant->allowance;
    bool is_moved;

    TRY(ledger_line_set(
        tx, tenant->id, pays_later(tenant) ? plan_rows[PLAN_ENTERPRISE].line_credits : 0));
    if (missing <= 0)
        return NULL;

    const LedgerMove grant = {
        .tenant_id = tenant->id,
        .key = tenant->allowance
                   ? arena_print(mem, "allowance:%s:%" PRId64, month, tenant->allowance)
                   : arena_print(mem, "allowance:%s", month),
        .reason = said_print(mem, "Allowance of %s", month),
        .credits = missing,
    };
    TRY(ledger_grant(tx, &grant, &is_moved));
    return tenant_update(tx, tenant->id, TENANT_ALLOWANCE, (DbArg)DB_INT(wanted));
}

/* ---- months ---- */

static MUST Err *allowance_expire(DbTx *tx, const Tenant *was, Arena *mem)
{
    const char *month = month_name(was->reset_ms - 1, mem);
    const LedgerMove move = {
        .tenant_id = was->id,
        .key = arena_print(mem, "allowance:%s:rest", month),
        .reason = said_print(mem, "Rest of the allowance of %s", month),
        .credits = was->allowance,
    };
    int64_t taken;

    return ledger_expire(tx, &move, month_start_ms(was->reset_ms - 1), &taken);
}

Err *tenant_renew(DbTx *tx, const char *id)
{
    AUTO(arena_free) Arena *mem = arena_new();
    int64_t now_ms = clock_now_ms();
    Tenant tenant;
    bool is_done;

    TRY(tenant_select(tx, id, mem, &tenant));
    if (tenant.reset_ms > now_ms)
        return NULL;
    TRY(tenant_month_update(tx, &tenant, month_end_ms(now_ms), &is_done));
    if (!is_done)
        return NULL;
    if (tenant.allowance)
        TRY(allowance_expire(tx, &tenant, mem));
    TRY(tenant_select(tx, id, mem, &tenant));
    return tenant_allowance_settle(tx, &tenant);
}

/* ---- the quota ---- */

Err *quota_find(DbTx *tx, const char *tenant_id, Quota *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Tenant tenant;

    TRY(tenant_find(tx, tenant_id, mem, &tenant));
    *ret = (Quota){
        .quota = tenant.quota,
        .used = tenant.used,
        .remaining = tenant.quota < 0 ? -1 : MAX(tenant.quota - tenant.used, (int64_t)0),
        .reset_ms = tenant.reset_ms,
    };
    return NULL;
}

static MUST Err *quota_exceeded(int64_t images, const Quota *quota)
{
    return err_after(
        err_new(
            ERR_QUOTA_EXCEEDED, "%" PRId64 " images wanted, %" PRId64 " of %" PRId64 " used",
            images, quota->used, quota->quota),
        quota->reset_ms - clock_now_ms());
}

Err *quota_take(DbTx *tx, const char *tenant_id, int64_t images, Quota *ret)
{
    *ret = (Quota){0};
    if (images < 0 || images > INT32_MAX)
        return err_new(ERR_BUG, "%" PRId64 " images wanted", images);

    for (int i = 0; i < RENEW_TRIES; i++) {
        int64_t now_ms = clock_now_ms();
        Quota quota;
        bool is_done;

        TRY(tenant_used_add(tx, tenant_id, images, now_ms, &quota, &is_done));
        if (is_done) {
            *ret = quota;
            return NULL;
        }
        AUTO(arena_free) Arena *mem = arena_new();
        Tenant tenant;
        TRY(tenant_select(tx, tenant_id, mem, &tenant));
        if (tenant.reset_ms > now_ms) {
            TRY(quota_find(tx, tenant_id, ret));
            return quota_exceeded(images, ret);
        }
        TRY(tenant_renew(tx, tenant_id));
    }
    return err_new(ERR_DATABASE_BUSY, "others renew the month of '%s' all the time", tenant_id);
}

Err *quota_give_back(DbTx *tx, const char *tenant_id, int64_t images, int64_t taken_ms)
{
    return tenant_used_take(tx, tenant_id, images, month_end_ms(taken_ms));
}
