/* office.h - what is done to tenants and keys from outside, each one whole thing: looked up or done, and written down in the audit, in
 * one transaction. For doors and for operators' commands; rights were asked before.
 */
#pragma once

#include "account/account.h"

/* Who does it, for the audit. */
typedef struct Clerk {
    Accounts *accounts;
    const Caller *caller; /* NULL for an operator at the machine */
    const char *address;  /* of the peer; NULL for none */
} Clerk;

MUST Err *office_tenant_create(
    const Clerk *clerk, const TenantWish *wish, Arena *mem, Tenant *ret, const char **ret_key);
MUST Err *office_tenant_find(const Clerk *clerk, const char *id, Arena *mem, Tenant *ret);

typedef struct OfficePage {
    const char *after; /* id of the last that was seen; NULL for the first page */
    int64_t limit;
} OfficePage;

MUST Err *office_tenant_list(const Clerk *clerk, OfficePage page, Arena *mem, List *ret);

/* What is NULL stays. */
typedef struct TenantChange {
    const int64_t *quota; /* images a month; -1 for no limit */
    const int64_t *retention_days;
    const int *plan; /* brings its own quota, unless QUOTA says otherwise */
    const bool *is_suspended;
} TenantChange;

MUST Err *office_tenant_change(
    const Clerk *clerk, const char *id, const TenantChange *change, Arena *mem, Tenant *ret);

MUST Err *office_quota_find(const Clerk *clerk, const char *tenant_id, Quota *ret);
