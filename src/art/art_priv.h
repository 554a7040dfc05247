/* art_priv.h - what the files of this room share. */
#pragma once

#include "art/art.h"

enum {
    ART_TOTAL_MS = 8 * 60 * 1000,  /* the longest that a request may take */
    ART_LEASE_MS = 10 * 60 * 1000, /* ... and when whoever makes it must be dead */
    ART_KEPT_DAYS = 30,
    ART_TEXT_MAX = 32000, /* characters of a prompt, whatever the model */
};

/* ---- plan.c: a wish held against what its model can ---- */

typedef struct ArtPlan {
    const ModelAlias *alias;
    const char *user_id; /* who is counted */
    const char *prompt;  /* "" for none */
    int64_t count;
    int width_px, height_px;             /* of the pictures; 0 as the model gives them */
    int drawn_width_px, drawn_height_px; /* ... as the model is asked: never below what it can */
    const char *quality;                 /* in the serving model's words; NULL leaves it to it */
    const char *background;              /* NULL */
    ImageFormat format;
    int compression;     /* -1 */
    const char *request; /* hash of all that was asked */
} ArtPlan;

MUST Err *art_plan_make(const ArtRoom *room, const ArtWish *wish, Arena *mem, ArtPlan *ret);

/* QUALITY, or medium when it is above that or is the model's own choice. */
const char *art_quality_calm(const char *quality);

/* "1024x1024" -> 1024, 1024; false for anything else. */
bool art_size_read(const char *text, int *ret_width_px, int *ret_height_px);

/* ---- price.c: who will draw it, and for how much ---- */

typedef struct ArtPrice {
    const char *quality;
    bool is_builtin;
    bool is_asked_for; /* by its alias: VENDOR and SERVED are asked and no other */
    const char *vendor, *served;
    int64_t credits, tokens;
} ArtPrice;

/* Of PLAN at QUALITY. */
MUST Err *art_price_find(
    const ArtRoom *room, const ArtWish *wish, const ArtPlan *plan, const char *quality, Arena *mem,
    ArtPrice *ret);

/* What a model counts for the words and the pictures of PLAN at QUALITY, where it does not say so itself. */
VendorUsage art_price_usage(const ArtPlan *plan, const ArtWish *wish, const char *quality);

/* PLAN as a vendor is asked. */
VendorAsk art_price_ask(const ArtWish *wish, const ArtPlan *plan, const ArtPrice *price);

/* ---- what has been drawn ---- */

/* IMAGES where the house drew, else ENCODED. */
typedef struct Drawn {
    Image *images[VENDOR_PICTURES_MOST];
    VendorPicture encoded[VENDOR_PICTURES_MOST];
    size_t count;
    const char *vendor, *served, *words;
    const char *note;   /* NULL */
    const char *origin; /* IPTC's word for how they came about */
    VendorUsage usage;
    int64_t cost_micro_usd;
    int64_t vendor_limit, vendor_remaining; /* -1 */
    int cleared,
        painted; /* of those whose ground was to be see-through: cut out by the house, or painted still */
} Drawn;

void art_drawn_done(Drawn *drawn);
DEFINE_AUTO_DONE(Drawn, art_drawn_done);

typedef struct Drawing {
    const ArtRoom *room;
    const ArtWish *wish;
    const ArtPlan *plan;
    const ArtPrice *price;
    const char *id;     /* of the Art */
    Image *original;    /* images[0] of EDIT and VARIATION, decoded; NULL */
    Image *free;        /* where it may be drawn over; NULL: everywhere */
    const char *before; /* the words by which images[0] was made here; NULL */
    int64_t until_ms;   /* of the ticks: when it must be done */
    Cancel *cancel;
} Drawing;

/* studio.c: the house draws. */
MUST Err *art_studio_draw(const Drawing *drawing, Arena *mem, Drawn *ret);

/* vendor.c: a vendor draws. */
MUST Err *art_vendor_draw(const Drawing *drawing, Arena *mem, Drawn *ret);

/* finish.c: as the customer gets them: what is protected put back, in the size and format that was asked for. Bytes live in MEM. */
MUST Err *art_drawn_finish(const Drawing *drawing, Drawn *drawn, Arena *mem, Art *art);

/* clear.c: PICTURE cut out by the house; *RET stays NULL where that cannot be. */
MUST Err *art_ground_clear(const Drawing *drawing, const VendorPicture *picture, Image **ret);
bool art_is_see_through(const Image *image);

/* studio.c: the built-in recipe NAME without its file: the picture is encoded as the customer wishes. */
MUST Err *art_recipe_open(const char *name, Recipe **ret);

/* Bytes that live as long as MEM. */
Buf *art_buf(Arena *mem, size_t most);

/* ---- art_store.c ---- */

typedef struct ArtRecord {
    const char *id, *tenant_id, *user_id, *door, *kind, *model, *vendor, *served, *prompt, *size,
        *quality, *hold_id, *request_key, *request;
    bool is_downgraded;
    int64_t credits, month_ms, reserved_tokens, created_ms, until_ms, expires_ms;
} ArtRecord;

/* *RET is false when the tenant has one by that request_key. */
MUST Err *art_row_add(DbTx *tx, const ArtRecord *record, bool *ret);

/* The one that was made by REQUEST_KEY, as far as it is; *RET_ID stays NULL when there is none. */
typedef struct ArtFound {
    const char *id, *state, *request;
} ArtFound;
MUST Err *art_row_of_request(
    DbTx *tx, const char *tenant_id, const char *request_key, Arena *mem, ArtFound *ret,
    bool *ret_found);

/* *RET is false when it has ended already. */
MUST Err *art_row_completed(DbTx *tx, const Art *art, bool *ret);

/* What an art that failed had set aside; its request_key may be used again. NOT_FOUND when it has ended already. */
typedef struct ArtLost {
    const char *id, *tenant_id, *user_id, *model, *hold_id;
    int64_t credits, month_ms, reserved_tokens, created_ms;
} ArtLost;
MUST Err *art_row_failed(DbTx *tx, const char *id, const char *error, Arena *mem, ArtLost *ret);

/* make.c: its credits and what was set aside in budgets. The budgets are locked. */
MUST Err *art_lost_give_back(DbTx *tx, const ArtLost *lost);

/* Those under way whose maker is dead (a List of ArtLost). */
MUST Err *art_rows_dead(DbTx *tx, int64_t now_ms, int64_t limit, Arena *mem, List *ret);
MUST Err *art_rows_forget(DbTx *tx, int64_t now_ms, int64_t *ret);

/* The whole of it, without bytes. */
MUST Err *art_get(DbTx *tx, const char *id, Arena *mem, Art *ret);

typedef struct ArtPictureRow {
    const char *key, *sha256, *filetype;
    const char *thumb_key; /* NULL for none */
    int64_t number, width_px, height_px;
    double changed;
} ArtPictureRow;
MUST Err *art_picture_add(DbTx *tx, const char *art_id, const ArtPictureRow *row);
MUST Err *art_pictures(DbTx *tx, const char *art_id, Arena *mem, List *ret);

/* The words by which the tenant's picture of those bytes was made; NULL when there is none. */
MUST Err *
art_prompt_of(DbTx *tx, const char *tenant_id, const char *sha256, Arena *mem, const char **ret);

/* ---- usage_store.c ---- */

typedef struct ArtUse {
    const char *tenant_id, *user_id, *model;
    int64_t requests, failures, pictures, tokens, cost_micro_usd, credits, took_ms, at_ms;
} ArtUse;

MUST Err *art_use_add(DbTx *tx, const ArtUse *use);

/* ---- budget.c, budget_store.c: within a transaction that has locked the tenant's budgets (budgets_lock) ---- */

#define BUDGET_ALL "" /* the organisation's user_id in the database */

/* A budget and how it stands in a month. */
typedef struct BudgetState {
    const char *user_id; /* BUDGET_ALL */
    int64_t month_micro_usd, month_tokens, alert_percent, downgrade_percent;
    int64_t used_micro_usd, used_tokens, used_requests, reserved_micro_usd, reserved_tokens;
} BudgetState;

MUST Err *budgets_lock(DbTx *tx, const char *tenant_id);
MUST Err *budget_row(
    DbTx *tx, const char *tenant_id, const char *user_id, int64_t month_ms, Arena *mem,
    BudgetState *ret, bool *ret_found);
MUST Err *budget_row_set(DbTx *tx, const char *tenant_id, const BudgetState *state);

/* What changes in a month, for the organisation and a user alike. */
typedef struct BudgetStep {
    const char *tenant_id, *user_id;
    int64_t month_ms;
    int64_t used_micro_usd, used_tokens, used_requests, reserved_micro_usd, reserved_tokens;
} BudgetStep;
MUST Err *budget_month_step(DbTx *tx, const BudgetStep *step);

/* *RET is false when it was told this month already. */
MUST Err *budget_alert_add(
    DbTx *tx, const char *tenant_id, const BudgetAlert *alert, int64_t month_ms, bool *ret);

/* The budgets that were set, the most used first: the larger of their two shares, 0..1 and above. */
typedef struct BudgetShare {
    const char *tenant_id, *user_id;
    double share;
} BudgetShare;
MUST Err *budget_shares(DbTx *tx, int64_t month_ms, int64_t limit, Arena *mem, List *ret);

/* What a transaction has found out of budgets, to be told when it is committed. */
typedef struct BudgetNews {
    const char *tenant_id;
    BudgetAlert alerts[6];
    size_t count;
} BudgetNews;
void budget_news_tell(const BudgetNews *news);

typedef struct BudgetAsk {
    const ArtRoom *room;
    const char *tenant_id, *user_id;
    int64_t month_ms;
} BudgetAsk;

/* Must quality come down? */
MUST Err *budgets_calm(DbTx *tx, const BudgetAsk *ask, Arena *mem, BudgetNews *news, bool *ret);

/* Set MICRO_USD and TOKENS aside, or say in *RET_REFUSAL why not: ERR_MAX_ when it was done. */
MUST Err *budgets_reserve(
    DbTx *tx, const BudgetAsk *ask, int64_t micro_usd, int64_t tokens, Arena *mem, BudgetNews *news,
    ErrCode *ret_refusal);

/* What was set aside has been used (TOKENS of them), or not: alerts follow. */
MUST Err *budgets_settle(
    DbTx *tx, const BudgetAsk *ask, const BudgetStep *step, Arena *mem, BudgetNews *news);
