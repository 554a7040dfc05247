/* gallery.h - templates to choose from: those that travel in the program, the house's that an admin made at run time, and a tenant's own.
 *
 * A template is a recipe with a name, a category, a platform, a shape of picture, and pictures that show it. How often it was used and how it
 * is rated is counted here. A tenant sees the house's public ones and its own; another's own is NOT_FOUND.
 */
#pragma once

#include "recipe/recipe.h"
#include "run/run.h"

typedef struct Template {
    const char *id; /* name of a built-in one, or an id */
    const char *name, *description, *category, *platform,
        *aspect; /* platform NULL for none; aspect "1:1" */
    Texts tags;
    int64_t width_px, height_px; /* recommended; 0 when the photo decides */
    bool is_public, is_featured, is_premium, is_own, is_built_in;
    int64_t used, rated;
    double rating;    /* 1 to 5; 0 when nobody has */
    int64_t position; /* among the house's, in the order to show: tiers count by it */
    const Value *recipe;
    const char *preview_url, *thumb_url; /* paths on this server, for people's eyes; never NULL */
    int64_t created_ms;
} Template;

extern const Shape template_shape;

typedef struct TemplateQuery {
    const char *tenant_id;
    const char *category, *platform, *aspect, *tag,
        *search;                    /* NULL for any; search: words of name, description and tags */
    int64_t featured, premium, own; /* 1 only those, 0 none of those, -1 any */
    const char *sort;               /* "position" (NULL), "popular", "rating", "newest" */
    int64_t offset, limit;          /* limit 0 for all */
} TemplateQuery;

/* *RET is a List of Template; *RET_TOTAL counts what fits. */
MUST Err *template_query(
    const Studio *studio, const TemplateQuery *query, Arena *mem, List *ret, int64_t *ret_total);

/* By id, or a built-in one's name. */
MUST Err *template_get(
    const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Template *ret);

/* What is NULL or -1 stays as it is (template_change). */
typedef struct TemplateWish {
    const char *tenant_id; /* NULL: the house's, by an admin */
    const char *name, *description, *category, *platform, *aspect;
    const Texts *tags;
    const Value *recipe;
    int64_t is_public, is_featured, is_premium;
} TemplateWish;

/* INPUT_INVALID, INPUT_MISSING with the field; the recipe's with its own. Its preview is drawn by a worker soon after. */
MUST Err *
template_create(const Studio *studio, const TemplateWish *wish, Arena *mem, Template *ret);
MUST Err *template_change(
    const Studio *studio, const char *tenant_id, const char *id, const TemplateWish *wish,
    Arena *mem, Template *ret);
MUST Err *template_delete(const Studio *studio, const char *tenant_id, const char *id);
MUST Err *template_rate(
    const Studio *studio, const char *tenant_id, const char *user_id, const char *id, int64_t stars,
    Arena *mem, Template *ret);

/* In TX: COUNT more photos were made with it. */
MUST Err *template_used(DbTx *tx, const char *id, int64_t count);

/* Its picture (JPEG), drawn once with a product of our own (share/products) and kept in the store; THUMB is a small one. */
MUST Err *template_picture(
    const Studio *studio, const char *tenant_id, const char *id, bool is_thumb, Arena *mem,
    Link *ret);
