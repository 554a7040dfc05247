/* errand_priv.h - what the files of this room share. Not for other folders. */
#pragma once

#include "account/seal.h"
#include "errand/errand.h"

struct Errands {
    Db *db;
    Seal *seal; /* NULL without a master key */
};

enum {
    ERRAND_TEXT_MOST = 2000 /* bytes of a key or a request */
};

/* ---- errand_store.c ---- */

typedef struct ErrandName {
    const char *key, *vendor;
} ErrandName;

MUST Err *errand_row_find(DbTx *tx, ErrandName name, Arena *mem, const char **ret); /* or NULL */
MUST Err *errand_row_keep(DbTx *tx, ErrandName name, const char *request, int64_t now_ms);
MUST Err *errand_row_drop(DbTx *tx, ErrandName name);
MUST Err *errand_row_sweep(DbTx *tx, int64_t before_ms);

/* A request of a vendor, as its webhooks name it. */
typedef struct NewsName {
    const char *vendor, *request;
} NewsName;

MUST Err *news_row_add(DbTx *tx, NewsName name, int64_t now_ms, bool *ret_new);
MUST Err *news_row_look(DbTx *tx, NewsName name, bool *ret_waits); /* unheard */
MUST Err *news_row_hear(DbTx *tx, NewsName name);
MUST Err *news_row_sweep(DbTx *tx, int64_t before_ms);

/* ---- tenant_key_store.c ---- */

typedef struct TenantKeyName {
    const char *tenant_id, *vendor;
} TenantKeyName;

typedef struct TenantKeyRow {
    const char *sealed;
    int64_t used_ms;
} TenantKeyRow;

MUST Err *
tenant_key_row_put(DbTx *tx, TenantKeyName name, const char *sealed, const TenantKey *key);
MUST Err *
tenant_key_row_find(DbTx *tx, TenantKeyName name, Arena *mem, TenantKeyRow *ret); /* NOT_FOUND */
MUST Err *tenant_key_row_used(DbTx *tx, TenantKeyName name, int64_t now_ms);
MUST Err *tenant_key_row_drop(DbTx *tx, TenantKeyName name, bool *ret_was);
MUST Err *tenant_key_rows(DbTx *tx, const char *tenant_id, Arena *mem, List *ret);

/* ---- tenant_key.c ---- */

/* As VendorJournal says. */
MUST Err *tenant_key_open(
    void *errands, const char *tenant_id, const char *vendor, Arena *mem, const char **ret_secret);
