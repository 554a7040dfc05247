/* errand.h - what was asked of vendors, in the database: requests under way, so that nothing is paid for twice when a process dies;
 * news that vendors send; and tenants' own keys, sealed.
 */
#pragma once

#include "account/office.h"
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

/* A webhook that came in: told when its signature is right. UNAUTHENTICATED, NOT_FOUND as of vendors_hook. */
MUST Err *errand_hook(Errands *errands, Vendors *vendors, const VendorHook *hook, Arena *mem);

/* ---- tenants' own keys ----
 *
 * Sealed at rest, never shown again, and asked with before the house's own. One that cannot be opened any more (another master key) is an
 * error, so that the house does not pay in its place.
 */

typedef struct TenantKey {
    const char *vendor, *hint;   /* its last four letters */
    int64_t created_ms, used_ms; /* used_ms: to the hour; 0 for never */
} TenantKey;

extern const Shape tenant_key_shape;

typedef struct TenantKeyWish {
    const char *tenant_id, *vendor, *secret;
} TenantKeyWish;

/* In place of the one there was; written down in the audit. NOT_FOUND for an unknown vendor or tenant, INPUT_INVALID for what can be no key,
 * CONFLICT without a master key. */
MUST Err *tenant_key_set(
    Errands *errands, const Clerk *clerk, const TenantKeyWish *wish, Arena *mem, TenantKey *ret);
MUST Err *tenant_key_drop(
    Errands *errands, const Clerk *clerk, const char *tenant_id,
    const char *vendor); /* NOT_FOUND */
MUST Err *tenant_key_list(Errands *errands, const char *tenant_id, Arena *mem, List *ret);

/* House-keeping, every hour or so: forget errands and news that are days old. */
MUST Err *errands_sweep(Errands *errands);
