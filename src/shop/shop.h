/* shop.h - the product photo studio as a business: what its tiers may do, what it charges, and what was sold.
 *
 * Whoever sells (doors, whatever their words) hands over recipes, photos and templates; here the tenant's tier is asked, the price made
 * (price/price.h), and the work begun with its money held, in one transaction. Nothing is charged for what is refused, fails or is
 * cancelled. What was sold is written down as a deed (for statistics and history), with the feature it is counted under.
 *
 * Errors besides those of the rooms below: FORBIDDEN for what the tier has not, with a sentence that names the plan that has it; CREDITS_SPENT.
 */
#pragma once

#include "gallery/gallery.h"
#include "pack/pack.h"
#include "price/price.h"
#include "price/tier.h"
#include "run/batch.h"

/* Who buys. */
typedef struct Buyer {
    const char *tenant_id;
    const char *user_id; /* or key: for deeds */
    int tier; /* TierId: the tenant's own, or what its plan stands for (free: free, pro: professional, enterprise: premium) */
    int64_t used; /* credits captured this month: for the volume discount */
} Buyer;

/* Who asks. */
typedef struct BuyerWish {
    const char *tenant_id, *user_id; /* user, or key; NULL: the house */
    bool has_key;                    /* comes by an API key, not by a session */
} BuyerWish;

/* FORBIDDEN for a key whose tier has no API access, where the operator asks for that (Studio.has_tier_keys). */
MUST Err *shop_buyer(const Studio *studio, const BuyerWish *wish, Arena *mem, Buyer *ret);

/* ---- work on photos ---- */

typedef enum ShopComplexity {
    SHOP_SIMPLE,
    SHOP_COMPLEX
} ShopComplexity;

typedef struct ShopWish {
    const char *project_id;
    Texts photo_ids;        /* one: a single photo; several: a batch */
    const BatchItem *items; /* in place of PHOTO_IDS, COUNT of them: slides of a carousel, with
                                  recipes and titles of their own; NULL for none */
    size_t count;
    const char *source_run_id; /* one photo: made of that run's picture */
    const char *paid_run_id;   /* one photo: a variation of it that is gone on with, from the photo
                                  itself: steps of RECIPE that made it too, just so, and with the
                                  same seed, are not paid for again; NULL for none */
    const Value *recipe;       /* NULL when a template is applied whole */
    const char *template;      /* name or id of the gallery; NULL. With RECIPE: the template whose
                                  set stands in it, which the tier must have too */
    Texts templates;   /* in place of RECIPE and TEMPLATE: several, each applied whole to each
                                  photo, 2 to BATCH_LOOKS_MOST */
    int complexity;    /* of a set from words */
    bool is_preview;   /* free, small, marked */
    const Value *wish; /* the door's own words, kept with the batch */
    int kind; /* BatchKind, for work of sibling apps; BATCH_PROCESS: as follows from the rest */
    const char *platform; /* shop or network that the file is made for; NULL for none */
    const char *partner;  /* sibling app that it was handed over to by one click; NULL for none */
    int64_t seed;
    Once once; /* again gives what it made the first time */
} ShopWish;

/* What it would cost; nothing is begun. The tier is asked, the purse is not. */
MUST Err *shop_quote(
    const Studio *studio, const Buyer *buyer, const ShopWish *wish, Arena *mem, PriceBill *ret);

/* Begin it. */
MUST Err *
shop_work(const Studio *studio, const Buyer *buyer, const ShopWish *wish, Arena *mem, Batch *ret);

/* The paid steps of RECIPE: backdrop by solid, gradient, a named scene (template) or words (AI by COMPLEXITY); lighting auto, preset, by hand;
 * shadows; upscale. At most PRICE_LINES_MOST. */
MUST Err *shop_steps(const Recipe *recipe, int complexity, Price *ret_steps, int *ret_count);

/* The recipe as a preview shows it: the fast cut-out, 512 px, no upscaling, PREVIEW written across. */
MUST Err *shop_preview_recipe(const Value *recipe, Arena *mem, const Value **ret);

/* A template of the customer's own (gallery.h): template_create for BUYER. */
MUST Err *shop_template_create(
    const Studio *studio, const Buyer *buyer, const TemplateWish *wish, Arena *mem, Template *ret);

/* ---- uploads, exports ---- */

/* Before they come: CREDITS_SPENT when the purse does not hold the price of PHOTOS photos. Nothing is set aside. */
MUST Err *shop_upload_check(const Studio *studio, const Buyer *buyer, int64_t photos);

/* In TX: hold and capture for PHOTOS photos that are kept in the same transaction. SUBJECT is the project. */
MUST Err *shop_upload_pay(
    DbTx *tx, const Buyer *buyer, const char *project_id, int64_t photos, int64_t *ret_credits);

/* Files that have come (asset/catalogue.h), and what is known of the product on all of them. */
typedef struct ShopUpload {
    Intake *intake;
    const ProductWish *product; /* NULL for nothing */
    Once once;                  /* again takes nothing, and tells what was kept the first time */
} ShopUpload;

/* Look at them, and keep and charge those that are good in one transaction; intake_arrivals tells of each. *RET_ITEMS are Items, one for each arrival (one that
 * was refused has no id), none when none is good. CREDITS_SPENT keeps nothing. */
MUST Err *shop_photos_keep(
    const Studio *studio, const Buyer *buyer, const ShopUpload *upload, Arena *mem, List *ret_items,
    int64_t *ret_credits);

/* What is under way is stopped and its money given back; photos, pictures, batches and packs are forgotten, and their bytes go when the store is tidied
 * next. NOT_FOUND, of a photo with the field. */
MUST Err *shop_project_delete(const Studio *studio, const CatalogueOf *catalogue);
MUST Err *shop_photos_delete(const Studio *studio, const CatalogueOf *catalogue, const Texts *ids);

/* Tier, price and beginning of a pack (pack.h). */
MUST Err *shop_pack(
    const Studio *studio, const Buyer *buyer, const PackWish *wish, Arena *mem, Pack *ret,
    PriceBill *ret_bill);

/* One picture in another form while the caller waits: free, and with the mark of the tier. */
typedef struct ShopFile {
    Cancel *cancel;
    Arena *mem;
    Buf *bytes; /* freed by buf_done */
    const char **name, **type;
} ShopFile;

MUST Err *
shop_download(const Studio *studio, const Buyer *buyer, const PackOne *wish, const ShopFile *ret);

/* The mark on what BUYER downloads: ours, none, or its own. */
int shop_mark(const Buyer *buyer);

/* ---- what was sold ---- */

typedef struct Deed {
    const char *id, *user_id;
    const char *action;  /* "upload", "process", "template", "batch", "preview", "export", ... */
    const char *feature; /* Price's name: the dearest that was bought */
    const char *
        parts; /* "cutout:5 backdrop_solid:10": all, and what each is listed at; NULL: FEATURE alone */
    const char *subject, *template, *partner; /* NULL for none */
    int64_t pictures;                         /* or photos, or files */
    int64_t credits;                          /* listed: what was taken by now */
    int64_t at_ms;
} Deed;

extern const Shape deed_shape;

/* Its id, user and time are made. */
MUST Err *deed_add(DbTx *tx, const Buyer *buyer, const Deed *deed);

/* Newest first, those before the id BEFORE (NULL for the newest). */
MUST Err *deed_list(
    const Studio *studio, const char *tenant_id, const char *before, int64_t limit, Arena *mem,
    List *ret);

typedef struct ShopFeature {
    const char *feature;
    int64_t count, credits;
} ShopFeature;

typedef struct ShopTemplate {
    const char *id, *name; /* name: its id, when it is there no more */
    int64_t count;
} ShopTemplate;

typedef struct ShopStats {
    int64_t projects, photos;
    int64_t processed; /* photos with a picture */
    int64_t exported;  /* files taken away in packs */
    int64_t credits_used, credits_used_month;
    int64_t completed, failed; /* runs */
    double success_rate;       /* of 1 */
    double seconds_a_picture;
    List features;  /* ShopFeature, dearest first */
    List templates; /* ShopTemplate, most used first, 10 */
} ShopStats;

/* Projects, photos and runs are those of DOOR; credits are the tenant's. */
MUST Err *shop_stats(
    const Studio *studio, const char *tenant_id, const char *door, Arena *mem, ShopStats *ret);
