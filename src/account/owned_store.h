/* owned_store.h - pages of rows that belong to a tenant or to the house. Not for other folders. */
#pragma once

#include "account/account.h"

/* Two statements: an index is found by either, and by none that asks for both. */
typedef struct OwnedRows {
    const char *of_house, *of_tenant;
    const Shape *shape;
} OwnedRows;

#define OWNED_ROWS(columns_, table_, shape_) \
    { \
        "SELECT " columns_ " FROM " table_ \
        " WHERE tenant_id IS NULL AND id > ?1 ORDER BY id LIMIT ?2", \
            "SELECT " columns_ " FROM " table_ \
            " WHERE tenant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3", \
            (shape_) \
    }

typedef struct OwnedPage {
    const char *tenant_id; /* NULL: the house's */
    const char *after;     /* id; NULL for the first */
    int64_t limit;
} OwnedPage;

/* By id. */
MUST Err *owned_list(DbTx *tx, const OwnedRows *rows, const OwnedPage *page, Arena *mem, List *ret);
