/* errand.h - what was asked of vendors, in the database: requests under way, so that nothing is paid for twice when a process dies;
 * news that vendors send; and tenants' own keys, sealed.
 */
#pragma once

#include "account/account.h"
#include "db/db.h"
#include "vendor/vendor.h"

/* Knows the database and the master key (CYCLORAMA_MASTER_KEY; "" keeps no tenants' keys). One is shared by all threads. */
typedef struct Errands Errands;

MUST Err *errands_open(
    Db *db, const char *master_key, Errands **ret); /* INPUT_INVALID for a key that is too short */
void errands_close(Errands *errands);
DEFINE_AUTO(Errands, errands_close);

/* For VendorsSetup. */
VendorJournal errands_journal(Errands *errands);

/* News of REQUEST have come from VENDOR, once or again: whoever waits for it in any process goes on. */
MUST Err *errand_told(Errands *errands, const char *vendor, const char *request);

/* ---- tenants' own keys ---- */

typedef struct TenantKey {
    const char *vendor, *hint; /* its last four letters */
    int64_t created_ms, used_ms;
} TenantKey;

extern const Shape tenant_key_shape;

MUST Err *tenant_key_set(
    Errands *errands, const char *tenant_id, const char *vendor,
    const char *secret); /* CONFLICT without a master key */
MUST Err *tenant_key_drop(Errands *errands, const char *tenant_id, const char *vendor);
MUST Err *tenant_key_list(Errands *errands, const char *tenant_id, Arena *mem, List *ret);

/* Forget errands that have ended long ago. */
MUST Err *errands_sweep(Errands *errands);
