/* office.h - what is done to tenants, keys, users and credits from outside, each one whole thing: looked up or done, and written down in the audit, in
 * one transaction. For doors and for operators' commands; rights were asked before.
 */
#pragma once

#include "account/account.h"
#include "ledger/ledger.h"
#include "once/once.h"

/* Who does it, for the audit. */
typedef struct Clerk {
    Accounts *accounts;
    const Caller *caller; /* NULL for an operator at the machine */
    const char *address;  /* of the peer; NULL for none */
    Once once;            /* what the request is called, where it moves credits */
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
    const char *name, *email;
    const int64_t *quota; /* images a month; -1 for no limit */
    const int64_t *retention_days;
    const int64_t *requests_a_minute; /* 0 for the plan's */
    const int *plan;                  /* brings its own quota, unless QUOTA says otherwise */
    const char *tier;                 /* its name; "" for what the plan stands for */
    const bool *is_suspended;
} TenantChange;

MUST Err *office_tenant_change(
    const Clerk *clerk, const char *id, const TenantChange *change, Arena *mem, Tenant *ret);

MUST Err *office_quota_find(const Clerk *clerk, const char *tenant_id, Quota *ret);

/* ---- keys ---- */

MUST Err *office_key_create(
    const Clerk *clerk, const KeyWish *wish, Arena *mem, Key *ret, const char **ret_secret);
MUST Err *
office_key_list(const Clerk *clerk, const char *tenant_id, OfficePage page, Arena *mem, List *ret);

/* Of the tenant TENANT_ID; NULL for any, and the house's own. NOT_FOUND. */
MUST Err *office_key_revoke(const Clerk *clerk, const char *tenant_id, const char *id);

/* ---- users ---- */

MUST Err *office_user_create(const Clerk *clerk, const UserWish *wish, Arena *mem, User *ret);
/* user_create_first, and the session of whoever it is. */
MUST Err *office_user_first(
    const Clerk *clerk, const UserWish *wish, Arena *mem, User *ret, const char **ret_token);

/* Is there nobody who could sign in? */
MUST Err *office_is_empty(const Accounts *accounts, bool *ret);

MUST Err *
office_user_list(const Clerk *clerk, const char *tenant_id, OfficePage page, Arena *mem, List *ret);

/* Who is of the tenant TENANT_ID (NULL for any, and the house's own), by id or address. NOT_FOUND. */
typedef struct UserName {
    const char *tenant_id, *id;
} UserName;

MUST Err *office_user_find(const Clerk *clerk, UserName name, Arena *mem, User *ret);
MUST Err *office_user_disable(const Clerk *clerk, UserName name, bool is_disabled);
MUST Err *office_user_password(const Clerk *clerk, UserName name, const char *password);

/* Its name, role, or both: NULL and -1 stay. */
typedef struct UserFacts {
    const char *name;
    int role;
} UserFacts;

MUST Err *office_user_change(
    const Clerk *clerk, UserName name, const UserFacts *facts, Arena *mem, User *ret);
MUST Err *office_user_sign_out(const Clerk *clerk, UserName name);

/* A new password by who knows the old one; ends all the user's sessions but the new one that *RET_TOKEN names. UNAUTHENTICATED. */
typedef struct PasswordChange {
    const char *email, *old, *wished;
} PasswordChange;

MUST Err *office_password_change(
    const Clerk *clerk, const PasswordChange *change, Arena *mem, const char **ret_token);

/* ---- credits ---- */

/* *RET_MOVED is false when the tenant has an entry by that key, or CLERK's request moved them before. */
MUST Err *office_credits_grant(const Clerk *clerk, const LedgerMove *move, bool *ret_moved);
MUST Err *office_credits_take(const Clerk *clerk, const LedgerMove *move, bool *ret_moved);
MUST Err *office_purse_find(const Clerk *clerk, const char *tenant_id, Purse *ret);

/* Entries of the ledger, newest first, those before the one that PAGE says. */
MUST Err *
office_statement(const Clerk *clerk, const char *tenant_id, OfficePage page, Arena *mem, List *ret);
/* UsageDays of days that something was made on (ledger.h), from FROM_MS to UNTIL_MS. */
typedef struct OfficeSpan {
    int64_t from_ms, until_ms;
} OfficeSpan;

MUST Err *office_usage_days(
    const Clerk *clerk, const char *tenant_id, const OfficeSpan *span, Arena *mem, List *ret);
MUST Err *office_ledger_audit(const Clerk *clerk, Arena *mem, Texts *ret_wrong);

/* ---- the audit ---- */

/* Newest first, those before the one that PAGE says; of all tenants when TENANT_ID is NULL. */
MUST Err *office_audit_list(
    const Clerk *clerk, const char *tenant_id, OfficePage page, Arena *mem, List *ret);

/* Can the records be read right now? For readiness. */
MUST Err *office_check(const Accounts *accounts);
