/* studio.h - a migrated database with its accounts, for tests of the room. */
#pragma once

#include "account/account.h"
#include "harness/db.h"
#include "ledger/ledger.h"

Accounts *studio_open(Db *db);

/* A tenant with what PLAN brings; *RET_KEY unless NULL is its first key. */
Tenant studio_tenant(Db *db, Plan plan, Arena *mem, const char **ret_key);

Tenant studio_tenant_find(Db *db, const char *id, Arena *mem);
Purse studio_purse(Db *db, const char *tenant_id);
void studio_audit(Db *db); /* fails the test when the ledger's finds something */

/* CHECK that EXPR fails with CODE. */
#define CHECK_CODE(expr, code_) \
    do { \
        AUTO(err_free) Err *e_ = (expr); \
        if (!e_) \
            test_fail(__FILE__, __LINE__, "%s did not fail", #expr); \
        CHECK_TEXT(err_name(err_code(e_)), err_name(code_)); \
    } while (0)
