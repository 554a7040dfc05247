/* asset_priv.h - what the files of this room share. */
#pragma once

#include "asset/asset.h"

/* Rows of brands. */
MUST Err *brand_row_add(DbTx *tx, const Brand *brand);
MUST Err *brand_row_set(DbTx *tx, const Brand *brand);
MUST Err *brand_row_remove(DbTx *tx, const char *tenant_id, const char *id);
MUST Err *brand_rows(
    DbTx *tx, const char *tenant_id, const char *after, int64_t limit, Arena *mem, List *ret);

/* Key, size, hash, format and UPLOADED. */
MUST Err *photo_facts_set(DbTx *tx, const Photo *photo);

MUST Err *project_rows(DbTx *tx, const ProjectQuery *query, Arena *mem, List *ret);

/* Up to LIMIT assets whose moment was before NOW_MS. */
MUST Err *asset_rows_ended(DbTx *tx, int64_t now_ms, int64_t limit, Arena *mem, List *ret);
MUST Err *asset_row_put_off(DbTx *tx, const char *id, int64_t expires_ms);

/* *RET is false when it was gone already. */
MUST Err *asset_row_remove(DbTx *tx, const char *id, bool *ret);

/* What OWNER has under other keys than KEY is no asset any more; the bytes go when nobody names them. */
MUST Err *asset_rows_supersede(DbTx *tx, const char *owner, const char *key);

/* Does an asset, or a photo begun after SINCE_MS, live under KEY? */
MUST Err *asset_key_is_named(DbTx *tx, const char *key, int64_t since_ms, bool *ret);

enum {
    DAY_MS = 24 * 60 * 60 * 1000,
    UNFINISHED_DAYS = 30 /* a photo that nobody said has arrived is waited for so long */
};
