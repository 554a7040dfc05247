/* What the room keeps in memory, and its house-keeping. */
#include "account/account_priv.h"
#include "base/clock.h"

enum {
    RENEWED_AT_ONCE = 100
};

Err *accounts_open(const AccountsSetup *setup, Accounts **ret)
{
    Accounts *accounts = calloc(1, sizeof(*accounts));

    if (!accounts)
        abort();
    accounts->db = setup->db;
    accounts->user_a_minute = setup->user_a_minute;
    accounts->tenant_a_minute = setup->tenant_a_minute;
    Err *err = rates_new(setup->redis_url, &accounts->rates);
    if (!err)
        err = password_places(setup->passwords_at_once, &accounts->passwords);
    if (!err && setup->sso)
        err = sso_new(setup->sso, &accounts->sso);
    if (err) {
        accounts_close(accounts);
        return err;
    }
    accounts->callers = callers_new(setup->db);
    *ret = accounts;
    return NULL;
}

void accounts_close(Accounts *accounts)
{
    if (!accounts)
        return;
    callers_free(accounts->callers);
    sso_free(accounts->sso);
    turns_free(accounts->passwords);
    rates_free(accounts->rates);
    free(accounts);
}

Db *accounts_db(const Accounts *accounts)
{
    return accounts->db;
}

/* ---- house-keeping ---- */

static Err *old_forget(DbTx *tx, void *unused)
{
    (void)unused;
    TRY(session_sweep(tx, clock_now_ms()));
    return once_sweep(tx, clock_now_ms());
}

typedef struct Due {
    Arena *mem;
    List tenants;
} Due;

static Err *due_find(DbTx *tx, void *due_any)
{
    Due *due = due_any;

    return tenant_due(tx, clock_now_ms(), RENEWED_AT_ONCE, due->mem, &due->tenants);
}

static Err *due_renew(DbTx *tx, void *tenant_any)
{
    const Tenant *tenant = tenant_any;

    return tenant_renew(tx, tenant->id);
}

Err *accounts_sweep(Db *db)
{
    Due due = {0};

    TRY(db_write(db, old_forget, NULL));
    do {
        AUTO(arena_free) Arena *mem = arena_new();

        due.mem = mem;
        TRY(db_read(db, due_find, &due));
        for (size_t i = 0; i < due.tenants.count; i++)
            TRY(db_write(db, due_renew, (Tenant *)due.tenants.items + i));
    } while (due.tenants.count == RENEWED_AT_ONCE);
    return NULL;
}
