/* catalogue_priv.h - what the files of catalogues and items share. */
#pragma once

#include "asset/catalogue.h"

/* Name, description, category, template and is_archived are written; it is changed now. */
MUST Err *catalogue_row_set(DbTx *tx, const Catalogue *catalogue);
MUST Err *catalogue_row_touch(DbTx *tx, const char *id); /* it is changed now */
MUST Err *
catalogue_rows(DbTx *tx, const CatalogueQuery *query, Arena *mem, List *ret, int64_t *ret_total);

/* What LIKE finds TEXT with anywhere, ESCAPE '\'; in MEM. */
const char *catalogue_pattern(const char *text, Arena *mem);

/* INPUT_INVALID for a TEXT (NULL is fine) of more than MOST letters, or that is no single line: of the field FIELD, called WORDS. */
MUST Err *product_line_check(const char *text, size_t most, const char *field, const char *words);

MUST Err *item_rows(DbTx *tx, const ItemQuery *query, Arena *mem, List *ret, int64_t *ret_total);

/* The oldest photo of the project with these bytes; *RET is NULL when there is none. */
MUST Err *
item_row_like(DbTx *tx, const char *project_id, const char *sha256, Arena *mem, const char **ret);

/* All items of the project. */
MUST Err *
item_rows_product_set(DbTx *tx, const char *project_id, const ProductWish *wish, int64_t *ret);
MUST Err *item_row_thumb_set(DbTx *tx, const char *id, const char *key);

/* A key for a photo's bytes below PLACE, a folder with its slash. */
const char *photo_key_in(const Photo *photo, const char *place, Arena *mem);
