/* What is done to tenants from outside, with its line in the audit. */
#include "account/office.h"

typedef struct Errand {
    const Clerk *clerk;
    const char *id;
    OfficePage page;
    const TenantChange *change;
    Arena *mem;
    Tenant *tenant;
    List *tenants;
    Quota *quota;
} Errand;

static MUST Err *noted(const Errand *errand, DbTx *tx, const char *action, Value *detail)
{
    AUTO(value_free) Value *owned = detail;

    return audit_add(
        tx, &(Audit){
                .tenant_id = errand->id,
                .caller = errand->clerk->caller,
                .action = action,
                .subject = errand->id,
                .detail = owned,
                .address = errand->clerk->address,
            });
}

static Err *tenant_created_note(DbTx *tx, void *context)
{
    const Errand *errand = context;
    Value *detail = value_object();

    value_set(detail, "plan", value_of_text(plan_names[errand->tenant->plan]));
    if (errand->tenant->tier)
        value_set(detail, "tier", value_of_text(errand->tenant->tier));
    return noted(errand, tx, "tenant.create", detail);
}

Err *office_tenant_create(
    const Clerk *clerk, const TenantWish *wish, Arena *mem, Tenant *ret, const char **ret_key)
{
    Db *db = accounts_db(clerk->accounts);

    TRY(tenant_create(db, wish, mem, ret, ret_key));
    return db_write(
        db, tenant_created_note, &(Errand){.clerk = clerk, .id = ret->id, .tenant = ret});
}

static Err *tenant_find_work(DbTx *tx, void *context)
{
    const Errand *errand = context;

    return tenant_find(tx, errand->id, errand->mem, errand->tenant);
}

Err *office_tenant_find(const Clerk *clerk, const char *id, Arena *mem, Tenant *ret)
{
    return db_write(
        accounts_db(clerk->accounts), tenant_find_work,
        &(Errand){.clerk = clerk, .id = id, .mem = mem, .tenant = ret});
}

static Err *tenant_list_work(DbTx *tx, void *context)
{
    const Errand *errand = context;

    return tenant_list(tx, errand->page.after, errand->page.limit, errand->mem, errand->tenants);
}

Err *office_tenant_list(const Clerk *clerk, OfficePage page, Arena *mem, List *ret)
{
    return db_read(
        accounts_db(clerk->accounts), tenant_list_work,
        &(Errand){.clerk = clerk, .page = page, .mem = mem, .tenants = ret});
}

/* What is done is written into DETAIL. */
static MUST Err *tenant_facts_change(DbTx *tx, const Errand *errand, Value *detail)
{
    const TenantChange *change = errand->change;

    if (change->name) {
        TRY(tenant_name_set(tx, errand->id, change->name));
        value_set(detail, "name", value_of_text(change->name));
    }
    if (change->email) {
        TRY(tenant_email_set(tx, errand->id, change->email));
        value_set(detail, "email", value_of_text(change->email));
    }
    if (change->retention_days) {
        TRY(tenant_retention_set(tx, errand->id, *change->retention_days));
        value_set(detail, "retention_days", value_of_int(*change->retention_days));
    }
    if (change->requests_a_minute) {
        TRY(tenant_rate_set(tx, errand->id, *change->requests_a_minute));
        value_set(detail, "requests_per_minute", value_of_int(*change->requests_a_minute));
    }
    return NULL;
}

/* A plan goes before the quota, as it brings its own. */
static MUST Err *tenant_booking_change(DbTx *tx, const Errand *errand, Value *detail)
{
    const TenantChange *change = errand->change;

    if (change->plan) {
        TRY(tenant_plan_set(tx, errand->id, (Plan)*change->plan));
        value_set(detail, "plan", value_of_text(plan_names[*change->plan]));
    }
    if (change->quota) {
        TRY(tenant_quota_set(tx, errand->id, *change->quota));
        value_set(detail, "quota", value_of_int(*change->quota));
    }
    if (change->tier) {
        TRY(tenant_tier_set(tx, errand->id, *change->tier ? change->tier : NULL));
        value_set(detail, "tier", value_of_text(*change->tier ? change->tier : NULL));
    }
    return NULL;
}

static Err *tenant_change_work(DbTx *tx, void *context)
{
    const Errand *errand = context;
    const bool *is_suspended = errand->change->is_suspended;
    AUTO(value_free) Value *detail = value_object();

    TRY(tenant_facts_change(tx, errand, detail));
    TRY(tenant_booking_change(tx, errand, detail));
    if (value_count(detail))
        TRY(noted(errand, tx, "tenant.change", value_ref(detail)));
    if (is_suspended) {
        TRY(tenant_suspend(tx, errand->id, *is_suspended));
        TRY(noted(errand, tx, *is_suspended ? "tenant.suspend" : "tenant.resume", NULL));
    }
    return tenant_find(tx, errand->id, errand->mem, errand->tenant);
}

Err *office_tenant_change(
    const Clerk *clerk, const char *id, const TenantChange *change, Arena *mem, Tenant *ret)
{
    return db_write(
        accounts_db(clerk->accounts), tenant_change_work,
        &(Errand){.clerk = clerk, .id = id, .change = change, .mem = mem, .tenant = ret});
}

static Err *quota_work(DbTx *tx, void *context)
{
    const Errand *errand = context;

    return quota_find(tx, errand->id, errand->quota);
}

Err *office_quota_find(const Clerk *clerk, const char *tenant_id, Quota *ret)
{
    return db_read(
        accounts_db(clerk->accounts), quota_work,
        &(Errand){.clerk = clerk, .id = tenant_id, .quota = ret});
}

Err *office_check(const Accounts *accounts)
{
    DbVersion version;

    return db_version(accounts_db(accounts), &version);
}
