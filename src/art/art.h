/* art.h - pictures from words, for a tenant: made anew, changed under a mask, or varied; paid for, within budgets, logged for 30 days.
 *
 * An Art is one request and its pictures. Its credits are set aside before anybody is asked and captured with its success in one
 * transaction; a failure gives them back. What a process leaves under way when it dies is ended as failed by art_tend.
 *
 * Who is counted beside the organisation (tenant) is the user, or the key of who comes without one. A budget counts what was charged
 * (a credit is a US cent), so what is set aside for a request is what it will take; and tokens, by the house's own table where the model does not
 * say (art/price.c).
 *
 * Whatever a model returns, pixels that the mask protects are the customer's own again, to the bit. With no vendor the house draws:
 * model "builtin" renders a set from the words, and says so.
 */
#pragma once

#include "account/account.h"
#include "asset/asset.h"
#include "base/turns.h"
#include "ledger/ledger.h"
#include "recipe/recipe.h"
#include "vendor/vendor.h"

/* What users and organisations may use in a month that have no budget of their own: money in millionths of a dollar; -1 for no limit. */
typedef struct ArtPresets {
    int64_t user_micro_usd, user_tokens;
    int64_t organisation_micro_usd, organisation_tokens;
    int64_t alert_percent, downgrade_percent;
} ArtPresets;

/* What this room works with; all of it outlives it. */
typedef struct ArtRoom {
    Shelf shelf;
    Accounts *accounts;
    Vendors *vendors; /* NULL: the house draws */
    Models *models;
    List aliases;              /* of ModelAlias */
    const ArtPresets *presets; /* NULL: nobody has a limit that was not set */
    StepCache *cache;          /* NULL keeps nothing */
    Turns *
        easels; /* so many pictures are drawn here at once, each up to some hundred MB; NULL for as many as come */
    int threads;
    const char *program;
} ArtRoom;

typedef enum ArtKind {
    ART_GENERATE,
    ART_EDIT,
    ART_VARIATION
} ArtKind;

extern const char *const art_kind_names[];

typedef struct ArtWish {
    ArtKind kind;
    const char *door;
    const Caller *caller; /* whose user and organisation (tenant) pay and are counted */
    const char *tenant_id;
    const char *model; /* as the customer writes it; NULL for the first alias of the kind */
    const char *prompt;
    int64_t count;                                                 /* 1 to 10 */
    const char *size, *quality, *background, *format, *moderation; /* NULL leaves it to the model */
    int64_t compression;                                           /* -1 */
    const VendorPicture *images;
    size_t image_count;
    VendorPicture mask;
    bool is_linked; /* the customer wants addresses instead of bytes */
    const char *request_key;

    int64_t partials;
    Err *(*partial)(void *context, int index, const VendorPicture *picture);
    void *partial_context;
    const Cancel *cancel;
} ArtWish;

typedef struct ArtPicture {
    const void *bytes;
    size_t size;
    const char *filetype; /* "png" */
    int width_px, height_px;
    const char *url;       /* signed, for IS_LINKED; NULL */
    const char *thumb_url; /* ... of the same, small; of itself when it is small; NULL */
    double
        changed; /* EDIT: share of the protected pixels that the model had changed and that were put back, 0..1; -1 */
} ArtPicture;

typedef struct Art {
    const char *id; /* "img_..." */
    int64_t created_ms;
    ArtPicture pictures[VENDOR_PICTURES_MOST];
    size_t count;
    const char *model;           /* as asked */
    const char *vendor, *served; /* who drew, by which model of its own; "builtin" */
    const char *quality;         /* that was used */
    bool is_downgraded;          /* for the budget's sake */
    const char *words;           /* the prompt as rewritten; NULL */
    const char *note;            /* for people: who stood in for whom; NULL */
    VendorUsage usage;
    int64_t credits, cost_micro_usd, took_ms; /* cost: what the vendor takes of us */
    int64_t vendor_limit,
        vendor_remaining; /* requests that the vendor still takes; -1 when it says nothing */
} Art;

/* INPUT_INVALID, INPUT_MISSING with the field ("/model", "/prompt", "/n", "/size", "/quality", "/background", "/format", "/compression", "/image",
 * "/mask"); MODEL_UNKNOWN; CONFLICT for a request_key that stands for another request, or one still under way; BUDGET_SPENT, TOKENS_SPENT, CREDITS_SPENT; all that vendors_ask fails
 * with. Blocks until the pictures are there. */
MUST Err *art_make(const ArtRoom *room, const ArtWish *wish, Arena *mem, Art *ret);

/* The alias called NAME. MODEL_UNKNOWN, with the names there are. */
MUST Err *art_alias(const ArtRoom *room, const char *name, const ModelAlias **ret);

/* What a model is and costs here today, for TENANT_ID. */
typedef struct ArtOffer {
    const ModelAlias *alias;
    const char *served_by; /* "openai/gpt-image-2", "builtin" */
    int64_t credits;       /* of one square picture of its usual quality */
    bool is_stand_in;      /* by what its maker has switched off, or by what is set up here */
} ArtOffer;
MUST Err *art_offers(const ArtRoom *room, const char *tenant_id, Arena *mem, List *ret);

/* ---- budgets: how much a user or the whole organisation may use in a month (UTC) ---- */

typedef struct Budget {
    const char
        *user_id; /* a user, or the key of who comes without one; NULL: the whole organisation's */
    int64_t month_micro_usd;   /* -1 for no limit */
    int64_t month_tokens;      /* -1 */
    int64_t alert_percent;     /* an alert at this share; 0 for none */
    int64_t downgrade_percent; /* from this share on no quality above medium; 0 for never */
    int64_t used_micro_usd, used_tokens, used_requests; /* this month */
    int64_t reset_ms;
} Budget;

extern const Shape budget_shape;

/* USER_ID NULL is the organisation's; whose budget was never set has the presets. Texts are borrowed from what was given. */
MUST Err *budget_find(const ArtRoom *room, const char *tenant_id, const char *user_id, Budget *ret);

/* Of WISH, user_id and the first four numbers count. INPUT_INVALID, with the field. The audit says that CALLER did it. */
MUST Err *budget_set(
    const ArtRoom *room, const Caller *caller, const char *tenant_id, const Budget *wish,
    Budget *ret);

typedef struct BudgetAlert {
    const char *id, *user_id;
    const char *kind; /* "alert", "downgrade", "spent" */
    int64_t percent, at_ms;
} BudgetAlert;

extern const Shape budget_alert_shape;
MUST Err *budget_alerts(
    const ArtRoom *room, const char *tenant_id, const char *before, int64_t limit, Arena *mem,
    List *ret);

/* ---- what was used ---- */

typedef struct ArtUsage {
    const char *model, *user_id, *tenant_id;
    int64_t requests, failures, pictures, tokens, cost_micro_usd, credits, took_ms;
} ArtUsage;

extern const Shape art_usage_shape;

/* By model and user, dearest first, at most LIMIT rows; of all tenants when TENANT_ID is NULL. */
MUST Err *art_usage(
    const ArtRoom *room, const char *tenant_id, int64_t from_ms, int64_t until_ms, int64_t limit,
    Arena *mem, List *ret);

/* The same since the beginning, of all tenants: for metrics. Costs as much for a million users as for a few. */
MUST Err *art_totals(const ArtRoom *room, int64_t limit, Arena *mem, List *ret);

/* Bring the METRIC_ART_ rows by model, user and organisation up to date, and how much of their budgets is used. */
void art_numbers_tell(const ArtRoom *room);

/* ---- the log ---- */

typedef struct ArtRow {
    const char *id, *user_id, *kind, *state; /* "running", "completed", "failed" */
    const char *model, *vendor, *served, *prompt, *size, *quality, *error;
    int64_t pictures, tokens, cost_micro_usd, credits, took_ms, created_ms, expires_ms;
} ArtRow;

extern const Shape art_row_shape;

MUST Err *art_list(
    const ArtRoom *room, const char *tenant_id, const char *before, int64_t limit, Arena *mem,
    List *ret);

/* End what a process left when it died, and forget prompts and pictures older than 30 days. Cheap; every few minutes, by any process. */
MUST Err *art_tend(const ArtRoom *room);
