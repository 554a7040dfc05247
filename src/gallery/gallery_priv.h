/* gallery_priv.h - what the files of this room share. */
#pragma once

#include "gallery/gallery.h"

/* ---- built_in.c: those that travel in the program, read once ---- */

/* *RET_COUNT of them in their order, for as long as the program runs. */
MUST Err *built_in_all(const Template **ret, size_t *ret_count);
MUST Err *built_in_find(const char *name, const Template **ret); /* NULL when there is none */

/* What stands for the pictures of RECIPE; in MEM. */
const char *drawing_of(const Recipe *recipe, Arena *mem);

/* ---- template_store.c ---- */

/* As it stands in its row: a built-in one has no recipe, and is a row of counts unless an admin changed it. */
typedef struct TemplateRow {
    const char *id, *tenant_id, *recipe;
    const char *name, *description, *category, *platform, *aspect;
    Texts tags;
    const char *drawing;
    int64_t width_px, height_px;
    bool is_public, is_featured, is_premium;
    int64_t used, rated, stars;
    int64_t created_ms, changed_ms;
} TemplateRow;

/* TENANT_ID's own and the house's, oldest first; NULL: the house's alone. */
MUST Err *template_rows(DbTx *tx, const char *tenant_id, Arena *mem, List *ret);
MUST Err *template_row_find(
    DbTx *tx, const char *id, Arena *mem, TemplateRow *ret);  /* whoever's; NOT_FOUND */
MUST Err *template_row_add(DbTx *tx, const TemplateRow *row); /* no error when it is there */
MUST Err *template_row_set(DbTx *tx, const TemplateRow *row); /* all but the counts */
MUST Err *template_row_remove(DbTx *tx, const char *id);
MUST Err *template_rows_count(DbTx *tx, const char *tenant_id, int64_t *ret);
MUST Err *template_row_used(DbTx *tx, const char *id, int64_t count, bool *ret_found);

typedef struct TemplateRating {
    const char *template_id, *tenant_id, *user_id;
    int64_t stars;
} TemplateRating;

/* The template's row is there. */
MUST Err *template_row_rate(DbTx *tx, const TemplateRating *rating);

/* ---- template.c ---- */

/* ROW (NULL for none) laid over BUILT_IN (NULL for one that is not), as TENANT_ID sees it. */
MUST Err *template_of(
    const TemplateRow *row, const Template *built_in, const char *tenant_id, Arena *mem,
    Template *ret);

/* A row of counts for BUILT_IN. */
TemplateRow template_row_of(const Template *built_in);

/* ID as TENANT_ID sees it; NOT_FOUND. */
MUST Err *template_seen(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Template *ret);

/* "E-commerce" as "ecommerce"; INPUT_INVALID with the field. */
MUST Err *template_category_find(const char *word, const char **ret);

/* ---- picture.c ---- */

/* Forget the pictures of a template that has gone. */
MUST Err *picture_drop(const Studio *studio, const char *drawing);
