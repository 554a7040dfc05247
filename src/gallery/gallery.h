/* gallery.h - templates to choose from: those that travel in the program, the house's that an admin made at run time, and a tenant's own.
 *
 * A template is a recipe with a name, a category, a platform, a shape of picture, and pictures that show it. How often it was used and how it
 * is rated is counted here. A tenant sees the house's public ones and its own; another's own is NOT_FOUND. Where a tenant is asked for,
 * NULL is an admin, who sees all of the house's and nobody's own.
 */
#pragma once

#include "recipe/recipe.h"
#include "run/run.h"

enum {
    TEMPLATES_OWN_MOST = 200,   /* of one tenant */
    TEMPLATES_HOUSE_MOST = 500, /* that admins made */
};

extern const char
    *const template_categories[]; /* "studio", "lifestyle", "ecommerce", "seasonal", NULL */

typedef struct Template {
    const char *id; /* name of a built-in one, or an id */
    const char *name, *description, *category, *platform,
        *aspect; /* platform NULL for none; aspect "1:1" */
    Texts tags;
    int64_t width_px, height_px; /* recommended; 0 when the photo decides */
    bool is_public, is_featured, is_premium, is_own, is_built_in;
    int64_t used, rated;
    double rating; /* 1 to 5; 0 when nobody has */
    int64_t
        position; /* among the house's, in the order to show: tiers count by it. -1: one's own */
    const Value *recipe;
    const char *drawing;            /* stands for its pictures: another when they are others */
    int64_t created_ms, changed_ms; /* 0 for what is built in, and was not changed here */
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

/* *RET is a List of Template; *RET_TOTAL counts what fits. INPUT_INVALID for a category or an order that there is not. One's own come first;
 * by rating, few good marks count less than many. */
MUST Err *template_query(
    const Studio *studio, const TemplateQuery *query, Arena *mem, List *ret, int64_t *ret_total);

/* By id, or a built-in one's name. */
MUST Err *template_get(
    const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Template *ret);

/* What is NULL or -1 stays as it is (template_change), or is: no description, no platform, the shape that the recipe has, no tags; public for
 * the house's, neither featured nor premium (template_create). "" for no platform. */
typedef struct TemplateWish {
    const char *tenant_id; /* NULL: the house's, by an admin */
    const char *name, *description, *category, *platform, *aspect;
    const Texts *tags;
    const Value *recipe;
    int64_t is_public, is_featured, is_premium; /* a tenant's own: never */
    Once once; /* template_create: again gives what was made the first time */
} TemplateWish;

/* INPUT_INVALID, INPUT_MISSING with the field; the recipe's with its own below "/recipe". CONFLICT when there are too many. */
MUST Err *
template_create(const Studio *studio, const TemplateWish *wish, Arena *mem, Template *ret);

/* A tenant may change its own, an admin the house's; of built-in ones whether they are public, featured and premium. FORBIDDEN for
 * the rest. */
MUST Err *template_change(
    const Studio *studio, const char *tenant_id, const char *id, const TemplateWish *wish,
    Arena *mem, Template *ret);

/* FORBIDDEN as above; a built-in one cannot be deleted. What was made with it stays. */
MUST Err *template_delete(const Studio *studio, const char *tenant_id, const char *id);

/* USER_ID of TENANT_ID thinks so of it; again replaces what it thought. INPUT_INVALID unless 1 to 5. */
MUST Err *template_rate(
    const Studio *studio, const char *tenant_id, const char *user_id, const char *id, int64_t stars,
    Arena *mem, Template *ret);

/* In TX: COUNT more photos were made with it. One that has gone is no error. */
MUST Err *template_used(DbTx *tx, const char *id, int64_t count);

enum {
    TEMPLATE_PICTURE_PX = 800, /* longer side */
    TEMPLATE_THUMB_PX = 400,
    TEMPLATE_PICTURE_BYTES_MOST = 2 << 20
};

typedef struct TemplatePicture {
    Buf webp;
    const char *etag; /* without quotes */
    bool is_ready;    /* false: a plain ground in its shape; the picture is being drawn */
} TemplatePicture;

void template_picture_done(TemplatePicture *picture);
DEFINE_AUTO_DONE(TemplatePicture, template_picture_done);

/* Its picture (WebP), drawn once by a worker with a product of our own and kept in the store; THUMB is a small one, which for a template of
 * ours travels in the program. Asking for one that is not there yet has it drawn soon. *RET is zeroed, with a limit on its bytes set here;
 * free it with template_picture_done. */
MUST Err *template_picture(
    const Studio *studio, const char *tenant_id, const char *id, bool is_thumb, Arena *mem,
    TemplatePicture *ret);

/* Rows for job_crew_start, NULL-ended: "template_preview". */
extern const JobKind *const gallery_kinds[];
