/* Tenants' own keys at vendors: what they cost is on the tenant's own account there. */
#include <string.h>

#include "base/clock.h"
#include "errand/errand_priv.h"

enum {
    SECRET_LEAST = 8,
    SECRET_MOST = 500,
    HINT_LETTERS = 4,
    HOUR_MS = 60 * 60 * 1000
};

typedef struct KeyWork {
    const Clerk *clerk;
    TenantKeyName name;
    const char *sealed;
    TenantKey key;
    Arena *mem;
    TenantKeyRow row;
    bool is_missing;
    List *rows;
} KeyWork;

static const char *owner_of(TenantKeyName name, Arena *mem)
{
    return arena_print(mem, "%s/%s", name.tenant_id, name.vendor);
}

/* The audit knows which key was set and when, never a letter of it. */
static MUST Err *noted(DbTx *tx, const KeyWork *work, const char *action)
{
    return audit_add(
        tx, &(Audit){
                .tenant_id = work->name.tenant_id,
                .caller = work->clerk->caller,
                .action = action,
                .subject = work->name.vendor,
                .address = work->clerk->address,
            });
}

/* ---- setting ---- */

static MUST Err *secret_check(const char *secret)
{
    size_t length = strlen(secret);
    bool is_visible = true;

    for (size_t i = 0; i < length; i++)
        is_visible = is_visible && secret[i] > ' ' && secret[i] < 0x7f;
    if (is_visible && length >= SECRET_LEAST && length <= SECRET_MOST)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "a vendor's key of %zu characters", length),
            "The key must have %d to %d visible characters, as the service shows it.", SECRET_LEAST,
            SECRET_MOST),
        "/secret");
}

static MUST Err *vendor_check(const char *vendor)
{
    for (Ability ability = 0; ability < ABILITY_MAX_; ability++)
        if (vendor_can(vendor, ability))
            return NULL;
    return err_field(
        err_public(
            err_new(ERR_NOT_FOUND, "no vendor '%s'", vendor),
            "There is no service called '%s' here.", vendor),
        "/vendor");
}

static MUST Err *seal_check(const Errands *errands)
{
    if (errands->seal)
        return NULL;
    return err_public(
        err_new(ERR_CONFLICT, "no master key, so no key of a tenant can be kept"),
        "This studio cannot keep keys. Whoever runs it sets CYCLORAMA_MASTER_KEY first.");
}

static Err *set_work(DbTx *tx, void *work_any)
{
    const KeyWork *work = work_any;
    Tenant tenant;

    TRY(tenant_find(tx, work->name.tenant_id, work->mem, &tenant));
    TRY(tenant_key_row_put(tx, work->name, work->sealed, &work->key));
    return noted(tx, work, "vendor-key.set");
}

Err *tenant_key_set(
    Errands *errands, const Clerk *clerk, const TenantKeyWish *wish, Arena *mem, TenantKey *ret)
{
    KeyWork work = {.clerk = clerk, .name = {wish->tenant_id, wish->vendor}, .mem = mem};

    TRY(vendor_check(wish->vendor));
    TRY(secret_check(wish->secret));
    TRY(seal_check(errands));
    work.sealed = seal_close(errands->seal, owner_of(work.name, mem), wish->secret, mem);
    work.key = (TenantKey){
        .vendor = arena_text(mem, wish->vendor),
        .hint = arena_text(mem, wish->secret + strlen(wish->secret) - HINT_LETTERS),
        .created_ms = clock_now_ms(),
    };
    TRY(db_write(errands->db, set_work, &work));
    *ret = work.key;
    return NULL;
}

/* ---- looking and forgetting ---- */

static Err *drop_work(DbTx *tx, void *work_any)
{
    const KeyWork *work = work_any;
    bool was;

    TRY(tenant_key_row_drop(tx, work->name, &was));
    if (!was)
        return err_public(
            err_new(ERR_NOT_FOUND, "no key of '%s'", work->name.vendor),
            "There is no key for '%s'.", work->name.vendor);
    return noted(tx, work, "vendor-key.drop");
}

Err *tenant_key_drop(
    Errands *errands, const Clerk *clerk, const char *tenant_id, const char *vendor)
{
    return db_write(
        errands->db, drop_work, &(KeyWork){.clerk = clerk, .name = {tenant_id, vendor}});
}

static Err *list_work(DbTx *tx, void *work_any)
{
    const KeyWork *work = work_any;
    Tenant tenant;

    TRY(tenant_find(tx, work->name.tenant_id, work->mem, &tenant));
    return tenant_key_rows(tx, work->name.tenant_id, work->mem, work->rows);
}

Err *tenant_key_list(Errands *errands, const char *tenant_id, Arena *mem, List *ret)
{
    return db_read(
        errands->db, list_work, &(KeyWork){.name = {tenant_id, NULL}, .mem = mem, .rows = ret});
}

/* ---- using ---- */

static Err *open_work(DbTx *tx, void *work_any)
{
    KeyWork *work = work_any;

    return err_expect(
        tenant_key_row_find(tx, work->name, work->mem, &work->row), ERR_NOT_FOUND,
        &work->is_missing);
}

static Err *used_work(DbTx *tx, void *work_any)
{
    const KeyWork *work = work_any;

    return tenant_key_row_used(tx, work->name, clock_now_ms());
}

/* A key that is there and cannot be opened is an error: the house must not pay where the tenant wanted to. */
Err *tenant_key_open(
    void *errands_any, const char *tenant_id, const char *vendor, Arena *mem,
    const char **ret_secret)
{
    const Errands *errands = errands_any;
    KeyWork work = {.name = {tenant_id, vendor}, .mem = mem};

    *ret_secret = NULL;
    TRY(db_read(errands->db, open_work, &work));
    if (work.is_missing)
        return NULL;
    TRY(seal_check(errands));
    TRY(seal_open(errands->seal, owner_of(work.name, mem), work.row.sealed, mem, ret_secret));
    return clock_now_ms() - work.row.used_ms > HOUR_MS ? db_write(errands->db, used_work, &work)
                                                       : NULL;
}
