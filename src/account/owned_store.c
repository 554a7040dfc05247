/* Pages of rows that belong to a tenant or to the house. */
#include "account/owned_store.h"

Err *owned_list(DbTx *tx, const OwnedRows *rows, const OwnedPage *page, Arena *mem, List *ret)
{
    const char *after = page->after ? page->after : "";

    if (!page->tenant_id)
        return db_all(
            tx, rows->of_house, DB_ARGS(DB_TEXT(after), DB_INT(page->limit)), rows->shape, mem,
            ret);
    return db_all(
        tx, rows->of_tenant, DB_ARGS(DB_TEXT(page->tenant_id), DB_TEXT(after), DB_INT(page->limit)),
        rows->shape, mem, ret);
}
