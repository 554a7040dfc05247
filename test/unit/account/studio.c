/* A migrated database with its accounts, for tests of the room. */
#include "unit/account/studio.h"

Accounts *studio_open(Db *db)
{
    Accounts *accounts = NULL;
    DbVersion version;

    CHECK_OK(db_migrate(db, &version));
    CHECK_OK(accounts_open(&(AccountsSetup){.db = db}, &accounts));
    return accounts;
}

Tenant studio_tenant(Db *db, Plan plan, Arena *mem, const char **ret_key)
{
    const TenantWish wish = {.name = "Ann's Mugs", .email = "Ann@Example.com", .plan = plan};
    const char *key;
    Tenant tenant;

    CHECK_OK(tenant_create(db, &wish, mem, &tenant, &key));
    if (ret_key)
        *ret_key = key;
    return tenant;
}

typedef struct Look {
    const char *id;
    Arena *mem;
    Tenant tenant;
    Purse purse;
    Texts wrong;
} Look;

static Err *tenant_work(DbTx *tx, void *look_any)
{
    Look *look = look_any;

    return tenant_find(tx, look->id, look->mem, &look->tenant);
}

Tenant studio_tenant_find(Db *db, const char *id, Arena *mem)
{
    Look look = {.id = id, .mem = mem};

    CHECK_OK(db_read(db, tenant_work, &look));
    return look.tenant;
}

static Err *purse_work(DbTx *tx, void *look_any)
{
    Look *look = look_any;

    return ledger_purse(tx, look->id, &look->purse);
}

Purse studio_purse(Db *db, const char *tenant_id)
{
    Look look = {.id = tenant_id};

    CHECK_OK(db_read(db, purse_work, &look));
    return look.purse;
}

static Err *audit_work(DbTx *tx, void *look_any)
{
    Look *look = look_any;

    return ledger_audit(tx, look->mem, &look->wrong);
}

void studio_audit(Db *db)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Look look = {.mem = mem};

    CHECK_OK(db_read(db, audit_work, &look));
    if (look.wrong.count)
        test_fail(__FILE__, __LINE__, "the audit says: %s", look.wrong.items[0]);
}
