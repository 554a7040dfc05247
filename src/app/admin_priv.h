/* admin_priv.h - what the verbs of 'cyclorama admin' share. Not for other folders. */
#pragma once

#include "account/office.h"
#include "app/command.h"
#include "app/table.h"

/* Of all verbs; each says which it takes. What is not given is NULL, FIELD_NONE, -1, false or empty. */
typedef struct AdminOptions {
    const char *tenant, *name, *email, *reason, *key, *queue, *before, *after;
    int64_t quota, credits, retention_days, days, limit;
    int plan, tier, role;
    Texts scope;
    bool password_stdin, json;
} AdminOptions;

extern const Shape admin_options_shape;

/* The house as an operator at the machine finds it. */
typedef struct AdminHouse {
    Db *db;
    Accounts *accounts;
    Clerk clerk;
} AdminHouse;

MUST Err *admin_open(App *app, AdminHouse **ret);
void admin_close(AdminHouse *house);
DEFINE_AUTO(AdminHouse, admin_close);

OfficePage admin_page(const AdminOptions *options);      /* of a list from the first, and ... */
OfficePage admin_page_back(const AdminOptions *options); /* ... of one from the newest */

/* Write down in the audit that the house did ACTION to SUBJECT, in TX. */
MUST Err *admin_note(DbTx *tx, const char *action, const char *subject);

/* ---- the verbs ---- */

typedef Err *AdminRun(App *app, const AdminOptions *options, const Texts *words, Exit *exit);

AdminRun admin_tenant_create, admin_tenant_list, admin_tenant_show, admin_tenant_suspend,
    admin_tenant_resume, admin_tenant_plan, admin_tenant_tier, admin_tenant_quota,
    admin_tenant_retention, admin_tenant_rate, admin_tenant_name, admin_tenant_email;
AdminRun admin_user_create, admin_user_list, admin_user_disable, admin_user_enable,
    admin_user_password, admin_user_role, admin_user_name, admin_user_sign_out;
AdminRun admin_key_create, admin_key_list, admin_key_revoke, admin_key_first;
AdminRun admin_vendor_key_set, admin_vendor_key_list, admin_vendor_key_drop;
AdminRun admin_credits_take, admin_usage;
AdminRun admin_credits_grant, admin_credits_show, admin_credits_statement, admin_ledger_check;
AdminRun admin_queue_list, admin_queue_pause, admin_queue_resume;
AdminRun admin_dead_list, admin_dead_revive, admin_dead_retry, admin_dead_reasons, admin_dead_drop,
    admin_audit_list;
