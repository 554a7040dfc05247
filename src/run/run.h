/* run.h - a recipe applied to a photo for a tenant: from a wish to a picture that is paid for once.
 *
 * A project is begun with wishes, one a photo; each becomes as many runs as it has scenes. When a photo has arrived, its runs are ready; when
 * they are started they are counted, their money is set aside and they are queued, all in one transaction, or none of it. A worker makes
 * the picture, and one transaction keeps it, takes the money and ends the run. What fails for good, or is cancelled, costs nothing.
 * So a run that was accepted ends exactly once, whatever dies in between.
 *
 *     created ── photo arrives ──▶ uploaded ── start ──▶ queued ── worker ──▶ processing ──▶ completed
 *                                                          └──────────────┴──▶ failed, cancelled
 *
 * A run whose photo we fetch ourselves is ready from the beginning. Everything belongs to a tenant and is found only by it (NOT_FOUND).
 * One Studio is shared by all threads; texts of results live in the arena that was given.
 */
#pragma once

#include "account/account.h"
#include "asset/catalogue.h"
#include "job/job.h"
#include "mail/mail.h"
#include "recipe/recipe.h"

/* What this room works with; all of it outlives it. A process that only accepts work needs neither net nor models. */
typedef struct Studio {
    Shelf shelf;
    NetClient *net;
    Models *models;
    Vendors *vendors;          /* whom steps may ask; NULL: the house does everything itself */
    bool is_vendor_only;       /* what they fail at fails */
    StepCache *cache;          /* NULL keeps nothing */
    int threads;               /* for one picture */
    const char *program;       /* "Cyclorama 1.0", noted in files; NULL for none */
    bool is_upscaled;          /* UPSCALE_ENABLED */
    bool has_tier_keys;        /* CYCLORAMA_TIER_KEYS: API keys belong to plans that have them */
    int64_t compute_micro_usd; /* what a second of a core costs us; 0 for nothing */
    Mailer *mailer;            /* NULL: nobody is written to */
    const JobKind *const
        *kinds; /* of all rooms, NULL-ended: what operators look after (queues.h) */
} Studio;

enum {
    RUN_CREDITS = CREDITS_AN_IMAGE,
    RUN_MICRO_USD = 30000,
    RUN_PROJECT_MOST = 5000, /* runs of one project: they are started in one transaction */
    RUN_SCENES_MOST = 20,    /* runs of one photo */
};

/* ---- beginning ---- */

/* One photo, and what is to be made of it. */
typedef struct PhotoWish {
    const char *filename;   /* NULL for the source's last part */
    const char *source_url; /* we fetch it; NULL: the customer sends it */
    const char *product_id; /* the customer's own; NULL for none */
    const char
        *scene_prompt;   /* up to 400 bytes; NULL for the brand's, the scene's or the house's */
    int64_t scene_count; /* pictures of it; 0 for one, or one for each of scene_types */
    Texts
        scene_types; /* names of built-in scenes; "living_room", "bedroom", "kitchen", "patio", "office" when none are named but several wished */
} PhotoWish;

extern const Shape photo_wish_shape; /* of one member of items[] */

typedef struct ProjectWish {
    const char *tenant_id, *door, *name, *brand_id; /* name and brand may be NULL */
    int kind;
    const PhotoWish *photos;
    size_t photo_count;
    const char *recipe; /* built-in recipe to use; NULL for "opal" */
    bool is_started;    /* start at once what is ready: for photos that we fetch */
    Once
        once; /* the customer's own name for this request: again gives what it made the first time */
} ProjectWish;

/* The project and its runs (a List of Run), in the order of the wishes. INPUT_INVALID, INPUT_MISSING with the field ("/items/3/scene_types/0"),
 * NOT_FOUND for the brand; with IS_STARTED all that run_start fails with, and then there is no project. *RET_QUOTA (may be NULL) says how
 * it stands when QUOTA_EXCEEDED. */
MUST Err *project_begin(
    const Studio *studio, const ProjectWish *wish, Arena *mem, Project *ret, List *ret_runs,
    Quota *ret_quota);

/* The wishes of a CSV file: a line of column names (source_url or url, filename, scene_prompt, scene_type, product_id; any order, any letters), then one line a
 * photo. INPUT_INVALID names line and column in its sentence. *RET is a List of PhotoWish. */
MUST Err *wishes_read_csv(const void *bytes, size_t size, Arena *mem, List *ret);

enum {
    PRODUCT_LINES_MOST = 5000
};

/* What became of a line of a table of products. */
typedef struct ProductLine {
    int64_t number;         /* from 1, as editors count */
    Texts items;            /* ids of those it was written down for */
    const char *error_text; /* what is wrong with it; NULL */
} ProductLine;

/* What is known of products of a catalogue from a CSV file: a line of column names (any of itemId, filename, sku say which item; name, price, tags
 * between commas or semicolons, favorite), then one line an item, or a product with all items of its sku. Empty cells change nothing. Lines that cannot be
 * are told and spoil no other: *RET is a List of ProductLine. NOT_FOUND for the catalogue; INPUT_INVALID for a table that cannot be read. */
MUST Err *products_read_csv(
    const Studio *studio, const CatalogueOf *catalogue, const void *bytes, size_t size, Arena *mem,
    List *ret);

/* ---- runs ---- */

typedef enum RunState {
    RUN_CREATED,
    RUN_UPLOADED,
    RUN_QUEUED,
    RUN_PROCESSING,
    RUN_COMPLETED,
    RUN_FAILED,
    RUN_CANCELLED
} RunState;

extern const char *const run_state_names[]; /* "created", ... NULL */
bool run_has_ended(int state);

typedef struct Run {
    const char *id, *tenant_id, *project_id, *photo_id;
    const char *filename, *source_url, *product_id; /* of its photo */
    int64_t position, scene_index;         /* from 0: in the project, among its photo's runs */
    const char *scene_type, *scene_prompt; /* NULL for none */
    int state;
    double progress;  /* 0..1 */
    const char *step; /* that is at work; NULL when none is */
    const char *error,
        *error_text; /* "product_not_found", and a sentence for a shopkeeper, marked (base/said.h); NULL */
    const char *asset_id; /* the picture; NULL until there is one, and when it has gone */
    const char *output_key, *output_format; /* NULL until there is one */
    const char *thumb_key;                  /* the same, small; NULL: it has no other than itself */
    int64_t output_bytes, output_width_px, output_height_px;
    int64_t credits, cost_micro_usd;
    int64_t created_ms, queued_ms, began_ms, ended_ms; /* 0 for not yet */
    const char *batch_id;      /* that it was begun by; NULL: by its project */
    const char *source_run_id; /* made of that run's picture; NULL: of the photo */
    const char *title;         /* of the variation it is; NULL for none */
    bool is_preview;
    bool is_selected; /* stands for its photo */

    /* run_find only; NULL in lists */
    const char *recipe_name;
    const Value *look;   /* what it is made by, frozen at its start */
    const Value *recipe; /* with all options, once it was at work */
    const Value *notes;  /* what the steps did and found */
    const char *hold_id;
} Run;

extern const Shape run_shape;

MUST Err *
run_find(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Run *ret);

typedef struct RunQuery {
    const char *tenant_id, *project_id;
    int64_t after; /* position of the last that was seen; -1 for the first */
    int64_t limit; /* at most RUN_PROJECT_MOST */
} RunQuery;

/* NOT_FOUND for the project. */
MUST Err *run_list(const Studio *studio, const RunQuery *query, Arena *mem, List *ret);

/* ---- the photo arrives ---- */

/* Where the customer may PUT the photo of a run. CONFLICT once it was started or is fetched by us. */
MUST Err *run_upload_link(
    const Studio *studio, const char *tenant_id, const char *run_id, Arena *mem, Link *ret);

/* The customer says it has: all runs of this photo are ready then. CONFLICT when nothing is there; the errors of a photo that is
 * none (IMAGE_UNSUPPORTED, ...). Again is no error. */
MUST Err *run_upload_done(
    const Studio *studio, const char *tenant_id, const char *run_id, Cancel *cancel, Arena *mem,
    Run *ret);

/* ---- start, cancel ---- */

/* Start all runs of the project that are ready. QUOTA_EXCEEDED (*RET_QUOTA says how it stands; may be NULL) and CREDITS_SPENT start none; CONFLICT when none
 * is ready and none was ever started. Again starts what has become ready since, and is no error when nothing has.
 * *RET_STARTED counts them. */
MUST Err *run_start(
    const Studio *studio, const char *tenant_id, const char *project_id, Arena *mem, Project *ret,
    int64_t *ret_started, Quota *ret_quota);

/* Stop all that has not ended, and give its money back at once; what is at work is asked to stop, and what it may still bring is dropped. Again
 * is no error. */
MUST Err *project_cancel(
    const Studio *studio, const char *tenant_id, const char *project_id, Arena *mem, Project *ret);
MUST Err *
run_cancel(const Studio *studio, const char *tenant_id, const char *run_id, Arena *mem, Run *ret);

/* In TX, with the project locked: what was made of a photo, or is under way, is forgotten, and its money given back. Of a project with its
 * batches, exports and events. Its bytes are ended before (asset/catalogue.h). */
MUST Err *runs_forget_of_photo(DbTx *tx, const char *project_id, const char *photo_id);
MUST Err *runs_forget_of_project(DbTx *tx, const char *project_id);

/* ---- taking away ---- */

/* The address of a run's picture; SAVES gives it a file name to be saved under. CONFLICT until there is one, NOT_FOUND when it
 * has gone by its retention. */
typedef struct RunLinkWish {
    const char *tenant_id, *run_id;
    bool saves;
    int64_t lasts_ms; /* 0 for an hour */
} RunLinkWish;

MUST Err *run_output_link(const Studio *studio, const RunLinkWish *wish, Arena *mem, Link *ret);

/* The same for a Run in hand, without asking the database; *RET is NULL when there is no picture. */
MUST Err *run_output_url(const Studio *studio, const Run *run, Arena *mem, const char **ret);

/* The same of its small picture; of the picture itself when that is small, or of a time when there were none. */
MUST Err *run_thumb_url(const Studio *studio, const Run *run, Arena *mem, const char **ret);

typedef enum ExportState {
    EXPORT_QUEUED,
    EXPORT_READY,
    EXPORT_FAILED
} ExportState;

extern const char *const export_state_names[]; /* "queued", "ready", "failed", NULL */

typedef struct Export {
    const char *id, *tenant_id, *project_id;
    int state;
    int64_t pictures, bytes;
    const char *key;        /* NULL until it is ready */
    const char *error_text; /* marked (base/said.h); NULL unless it failed */
    int64_t created_ms;
} Export;

extern const Shape export_shape;

/* A ZIP of all pictures that the project has now. One that holds just these already is given again. CONFLICT when there is no picture. */
MUST Err *export_begin(
    const Studio *studio, const char *tenant_id, const char *project_id, Arena *mem, Export *ret);
MUST Err *
export_find(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Export *ret);
MUST Err *export_link(
    const Studio *studio, const char *tenant_id, const char *id, Arena *mem,
    Link *ret); /* CONFLICT until it is ready */

/* ---- what happens, as it happens ---- */

typedef struct RunEvent {
    int64_t number; /* within the project, in the order of commits: what Last-Event-ID says */
    const char *
        kind; /* run.queued, run.progress, run.completed, run.failed, run.cancelled, project.completed */
    const char *run_id; /* NULL for the project's own */
    const Value *data;  /* {"item": ..., "state": ..., "progress": 0.4, "step": "backdrop", ...} */
    int64_t at_ms;
} RunEvent;

extern const Shape run_event_shape;

typedef struct EventQuery {
    const char *tenant_id, *project_id;
    int64_t after; /* number of the last that was seen; 0 from the beginning */
    int64_t limit;
} EventQuery;

/* Oldest first; of a run's progress the last only. *RET_ENDED is true when nothing is underway any more and these are the last. NOT_FOUND for the project. */
MUST Err *
run_events(const Studio *studio, const EventQuery *query, Arena *mem, List *ret, bool *ret_ended);

/* Be told when a project may have news: HEARD(context) on some thread of the house, at once and short, until the ear is freed. */
typedef struct RunEar RunEar;
MUST Err *run_listen(
    const Studio *studio, const char *project_id, void (*heard)(void *context), void *context,
    RunEar **ret);
void run_ear_free(RunEar *ear); /* HEARD does not run after it */
DEFINE_AUTO(RunEar, run_ear_free);

/* ---- the work itself ---- */

/* Rows for job_crew_start, NULL-ended; their context is a Studio. "jobs" is heavy, "batch-jobs", "exports" and "retention" are light. */
extern const JobKind *const run_kinds[];

/* What this process lacks to make pictures of photos with a background, which then wait for a worker that has it: a sentence for
 * operators; NULL for nothing. Looks at names and sizes of files only. */
const char *run_lack(const Studio *studio);

/* See to it that the house's own work is queued (retention). At the start of serve and work, and once an hour; cheap. */
MUST Err *run_tend(const Studio *studio);
