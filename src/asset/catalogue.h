/* catalogue.h - projects as catalogues of products: photos that come many at once, what is known of their products, and how their pictures stand.
 *
 * A catalogue is a project that belongs to one door and is there until it is deleted; an item is one of its photos with all that a shop
 * wants to see beside it. A door finds its own catalogues and items alone: those of another are NOT_FOUND, as another tenant's are.
 */
#pragma once

#include "asset/asset.h"

enum {
    CATALOGUE_FILES_MOST = 100, /* of one intake */
    CATALOGUE_NAME_LETTERS = 200,
    CATALOGUE_ABOUT_LETTERS = 2000,
    ITEM_SIDE_LEAST_PX = 500,
    ITEM_SIDE_MOST_PX = 8000,
    PRODUCT_NAME_LETTERS = 200,
    PRODUCT_SKU_LETTERS = 100,
    PRODUCT_PRICE_LETTERS = 60,
    PRODUCT_TAGS_MOST = 30,
    PRODUCT_TAG_LETTERS = 50,
};

/* ---- catalogues ---- */

typedef struct Catalogue {
    const char *id, *tenant_id, *name, *description, *category;
    const char *template; /* that its photos are made with when nothing else is said; NULL */
    bool is_archived;
    int64_t photos, processed; /* items, and those with a picture */
    int64_t exported;          /* files in packs that were made of it */
    int64_t created_ms, changed_ms;
} Catalogue;

extern const Shape catalogue_shape;

/* What is NULL, or -1, stays as it is (catalogue_change). */
typedef struct CatalogueWish {
    const char *name, *description, *category;
    const char *template; /* "" for none */
    int64_t is_archived;
    Once once; /* catalogue_create: again gives what was made the first time */
} CatalogueWish;

/* Whose, and of which door. */
typedef struct CatalogueOf {
    const char *tenant_id, *door, *id;
} CatalogueOf;

/* OF's id is made. INPUT_INVALID, INPUT_MISSING with the field. */
MUST Err *catalogue_create(
    const Shelf *shelf, const CatalogueOf *of, const CatalogueWish *wish, Arena *mem,
    Catalogue *ret);
MUST Err *catalogue_change(
    const Shelf *shelf, const CatalogueOf *of, const CatalogueWish *wish, Arena *mem,
    Catalogue *ret);
MUST Err *catalogue_find(const Shelf *shelf, const CatalogueOf *of, Arena *mem, Catalogue *ret);
MUST Err *catalogue_get(DbTx *tx, const CatalogueOf *of, Arena *mem, Catalogue *ret);

typedef struct CatalogueQuery {
    const char *tenant_id, *door;
    const char *search;   /* in names and descriptions, whatever the case; NULL for any */
    const char *category; /* NULL for any */
    int64_t archived;     /* 1 only those, 0 none of those, -1 any */
    const char *before;   /* the newest come first; NULL for those */
    int64_t limit;
} CatalogueQuery;

/* *RET_TOTAL counts all that fit, on whatever page. */
MUST Err *catalogue_list(
    const Shelf *shelf, const CatalogueQuery *query, Arena *mem, List *ret, int64_t *ret_total);

/* What all of its photos, runs, exports and packs have in the store is to go when it is tidied next. Before their rows go. */
MUST Err *catalogue_bytes_end(DbTx *tx, const char *project_id);

/* Photos and project are forgotten; nothing refers to them any more. */
MUST Err *catalogue_rows_remove(DbTx *tx, const char *project_id);

/* ---- items ---- */

typedef enum ItemState {
    ITEM_UPLOADED,
    ITEM_PROCESSING, /* work on it is under way */
    ITEM_PROCESSED,  /* there is a picture */
    ITEM_FAILED      /* there is none, and what was tried last failed */
} ItemState;

extern const char *const item_state_names[]; /* "uploaded", ... NULL */

typedef struct Item {
    const char *id, *tenant_id, *project_id;
    const char *filename; /* as the customer calls it */
    const char *format, *sha256;
    const char *key, *thumb_key; /* in the store; NULL when they have gone */
    int64_t bytes, width_px, height_px;
    const char *product_name, *product_sku, *product_price; /* "" for none */
    Texts product_tags;
    bool is_favorite;
    int state;
    double progress;    /* of what is under way, 0..1 */
    const char *run_id; /* whose picture stands for it; NULL */
    const char *picture_key,
        *cutout_key;               /* that picture, and itself without its background; NULL */
    const char *picture_thumb_key; /* that picture, small; NULL: it has no other than itself */
    int64_t picture_width_px, picture_height_px;
    int64_t variations;   /* pictures there are of it */
    const Value *wish;    /* what was asked for last, in the words of the door; NULL */
    const char *template; /* ... and with which template; NULL */
    const char *error,
        *error_text; /* of what failed last, while it is FAILED, the text marked (base/said.h); NULL */
    int64_t created_ms, changed_ms;
} Item;

extern const Shape item_shape;

MUST Err *item_find(const Shelf *shelf, const CatalogueOf *of, Arena *mem, Item *ret);
MUST Err *item_row(DbTx *tx, const CatalogueOf *of, Arena *mem, Item *ret);

typedef struct ItemQuery {
    CatalogueOf catalogue;
    int64_t state;      /* ItemState; -1 for any */
    int64_t favorite;   /* 1 only those, 0 none of those, -1 any */
    const char *tag;    /* NULL for any; whatever the case of ASCII */
    const char *search; /* in names, SKUs and names of files; NULL for any */
    const char *after;  /* in the order of their arrival; NULL for the first */
    int64_t limit;
} ItemQuery;

MUST Err *
item_list(const Shelf *shelf, const ItemQuery *query, Arena *mem, List *ret, int64_t *ret_total);

/* What is known of a product. What is NULL, or -1, stays as it is. */
typedef struct ProductWish {
    const char *name, *sku, *price; /* "" for none */
    const Texts *tags;
    int64_t is_favorite;
} ProductWish;

/* "red; summer, new" as three: words between commas, semicolons or bars. In MEM. */
const Texts *product_tags_read(const char *text, Arena *mem);

/* INPUT_INVALID with the field ("/productName", "/productTags/3"). */
MUST Err *product_check(const ProductWish *wish);

MUST Err *item_change(
    const Shelf *shelf, const CatalogueOf *of, const ProductWish *wish, Arena *mem, Item *ret);

/* The same for the items IDS of CATALOGUE, or for all when there are none; *RET counts them. NOT_FOUND, naming it, for one that is not there: none is
 * changed then. */
MUST Err *items_change(
    const Shelf *shelf, const CatalogueOf *catalogue, const Texts *ids, const ProductWish *wish,
    int64_t *ret);

/* In TX; WISH was checked. */
MUST Err *item_product_set(DbTx *tx, const char *id, const ProductWish *wish);

/* What items are known by outside. */
typedef struct ItemName {
    const char *id, *filename, *sku;
} ItemName;

/* Of all items of a project, at most 10,000. */
MUST Err *item_names(DbTx *tx, const char *project_id, Arena *mem, List *ret);

/* Its bytes, and those of its runs, are to go; and then its row. */
MUST Err *item_bytes_end(DbTx *tx, const char *id);
MUST Err *item_row_remove(DbTx *tx, const char *id);

/* The assets of OWNER's small picture have gone. */
MUST Err *item_thumb_gone(DbTx *tx, const char *id);

/* ---- many photos at once ----
 *
 *     intake_open ── intake_begin, intake_add ... for each file ──▶ intake_look ──▶ intake_keep in a transaction
 *
 * Files are written into the store as they come, one after the other. Then each is looked at, two at a time: of a kind that we take, of a
 * size that we take, and whole; a small picture is made of it. One that is none is told with its reason, and spoils no other. Memory: 30 MB for a
 * file that is looked at, and what decoding a progressive or interlaced one takes by its nature; a Shelf says how many a process looks at at once.
 */

typedef struct Intake Intake;

/* Of one file. */
typedef struct Arrival {
    const char *filename;
    ErrCode error;          /* ERR_MAX_ when it was taken */
    const char *error_text; /* marked (base/said.h); NULL then */
    const char *id;         /* of its photo */
    const char *
        duplicate_of; /* a photo with the same bytes that was there before, or before it in this intake; NULL */
} Arrival;

typedef struct IntakeSetup {
    CatalogueOf catalogue;
    Cancel *cancel;
} IntakeSetup;

/* NOT_FOUND for the catalogue. SETUP's texts are copied, its Cancel outlives RET, which belongs to one thread at a time. */
MUST Err *intake_open(const Shelf *shelf, const IntakeSetup *setup, Intake **ret);

/* How many photos there are at least in a form of BODY_BYTES (0 or less: unknown). */
int64_t intake_least(int64_t body_bytes);

/* What was not kept is removed from the store. */
void intake_free(Intake *intake);
DEFINE_AUTO(Intake, intake_free);

/* A file begins; the one before it has ended. INPUT_INVALID past CATALOGUE_FILES_MOST. */
MUST Err *intake_begin(Intake *intake, const char *filename);

/* More of it. What is no picture that we take is not kept; errors are the store's. */
MUST Err *intake_add(Intake *intake, const void *bytes, size_t size);

/* All have come: look at them. *RET_TAKEN counts those that are good. Errors are the house's, not the pictures'. */
MUST Err *intake_look(Intake *intake, int64_t *ret_taken);

/* Those that are good become items of their catalogue, PRODUCT known of each (NULL for nothing). Once, after intake_look. */
MUST Err *intake_keep(DbTx *tx, Intake *intake, const ProductWish *product);

/* In place of it, when the same files were kept before and those that are good became the items IDS: arrivals say so, and what came now
 * is not kept. */
MUST Err *intake_kept_before(DbTx *tx, Intake *intake, const Texts *ids);

/* Arrivals, in the order they came; borrowed. */
List intake_arrivals(const Intake *intake);
const CatalogueOf *intake_catalogue(const Intake *intake);
const Shelf *intake_shelf(const Intake *intake);
