/* asset.h - what a customer keeps: brands, projects, photos, and bytes in the store with their facts.
 *
 * A project is a group of photos that one customer sent together; a photo is one picture of a product, and its bytes are an
 * asset once they have arrived. Every asset lasts until its moment (the tenant's retention_days after it was made) and goes then, unless
 * something that still lives needs it; what its project remembers of it stays.
 *
 * Everything here belongs to a tenant and is found only by it: another tenant's id is NOT_FOUND, as if there were none. Functions
 * that take a Shelf do one whole thing and wait for database and store; those that take a DbTx are part of the caller's transaction.
 * Texts of results live in the arena that was given. Lists come in the order of their ids, from after (or before) an id on, so a page costs the same
 * however many rows there are; ask for one more than is shown to know whether there are more.
 */
#pragma once

#include "base/id.h"
#include "base/turns.h"
#include "blob/blob.h"
#include "db/db.h"
#include "image/image.h"
#include "once/once.h"

/* What this room works with. All of it outlives it; one is shared by all threads. */
typedef struct Shelf {
    Db *db;
    Blob *blob;
    Turns *looks; /* so many photos that come are looked at at once; NULL: any number */
} Shelf;

/* Can bytes be kept and read right now? For readiness. */
MUST Err *shelf_check(const Shelf *shelf, const Cancel *cancel);

/* ---- brands: how a shop's pictures look when nothing else is said ---- */

typedef struct Brand {
    const char *id, *tenant_id, *name;
    const char *scene_prompt;            /* "" for none */
    Texts style_keywords, color_palette; /* colours as they were written */
    const char *mood;                    /* "" for none */
    int64_t created_ms, changed_ms;
} Brand;

extern const Shape brand_shape;

/* What is NULL stays as it is (brand_change) or is left empty (brand_create, which needs a name). */
typedef struct BrandWish {
    const char *name;                            /* 1 to 200 characters */
    const char *scene_prompt;                    /* up to 400 bytes */
    const Texts *style_keywords, *color_palette; /* up to 20 of up to 60 bytes; up to 10 colours */
    const char *mood;                            /* up to 60 bytes */
    Once once; /* brand_create: again gives what was made the first time */
} BrandWish;

/* INPUT_INVALID, INPUT_MISSING with the field ("/color_palette/1"). */
MUST Err *brand_create(
    const Shelf *shelf, const char *tenant_id, const BrandWish *wish, Arena *mem, Brand *ret);
MUST Err *
brand_find(const Shelf *shelf, const char *tenant_id, const char *id, Arena *mem, Brand *ret);
MUST Err *brand_change(
    const Shelf *shelf, const char *tenant_id, const char *id, const BrandWish *wish, Arena *mem,
    Brand *ret);

/* Its projects stay, and what was started keeps the look it began with. */
MUST Err *brand_delete(const Shelf *shelf, const char *tenant_id, const char *id);
MUST Err *brand_list(
    const Shelf *shelf, const char *tenant_id, const char *after, int64_t limit, Arena *mem,
    List *ret);

MUST Err *brand_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Brand *ret);

/* ---- projects ---- */

typedef enum ProjectState {
    PROJECT_CREATED,    /* nothing was started yet */
    PROJECT_PROCESSING, /* something is under way */
    PROJECT_COMPLETED,  /* all that was started has ended, and there are pictures */
    PROJECT_FAILED,     /* ... and there is none */
    PROJECT_CANCELLED,  /* the customer stopped it */
} ProjectState;

extern const char *const project_state_names[]; /* "created", ... NULL */

typedef enum ProjectKind {
    PROJECT_JOB,  /* the customer sends the photos */
    PROJECT_BATCH /* we fetch them */
} ProjectKind;

extern const char *const project_kind_names[]; /* "job", "batch", NULL */

typedef struct Project {
    const char *id, *tenant_id;
    const char *door;            /* that it came in by: "opal" */
    const char *name, *brand_id; /* "" and NULL for none */
    int kind, state;
    int64_t total, underway, completed, failed, cancelled; /* pictures to be made; how they stand */
    int64_t news;                                          /* number of the last event */
    int64_t created_ms, started_ms, ended_ms;              /* 0 for not yet */
} Project;

extern const Shape project_shape;

MUST Err *
project_find(const Shelf *shelf, const char *tenant_id, const char *id, Arena *mem, Project *ret);

typedef struct ProjectQuery {
    const char *tenant_id, *door;
    int kind;
    const char *before; /* the newest come first; NULL for those */
    int64_t limit;
} ProjectQuery;

MUST Err *project_list(const Shelf *shelf, const ProjectQuery *query, Arena *mem, List *ret);

MUST Err *project_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Project *ret);

/* PROJECT's id, tenant, door, name, brand, kind and total are written; its time is now. */
MUST Err *project_add(DbTx *tx, const Project *project);

/* So many more pictures stand so; the state follows from the counts. */
typedef struct ProjectStep {
    const char *project_id;
    bool is_cancelled; /* the customer stops it */
    int64_t total;     /* so many more are to be made */
    int64_t underway;  /* more, or less */
    int64_t completed, failed, cancelled;
    int64_t news; /* so many events are told of it: *RET->news is the number of the last */
} ProjectStep;

/* From here to the end of TX nobody else steps in this project, so numbers of events follow the order of commits. */
MUST Err *project_step(DbTx *tx, const ProjectStep *step, Arena *mem, Project *ret);

/* ---- photos ---- */

typedef enum PhotoState {
    PHOTO_CREATED,  /* nothing has arrived */
    PHOTO_FETCHING, /* we are to fetch it */
    PHOTO_UPLOADED, /* there, and a picture that we accept */
    PHOTO_FAILED,   /* could not be fetched, or is none we accept */
    PHOTO_GONE      /* its time is over */
} PhotoState;

extern const char *const photo_state_names[];

typedef struct Photo {
    const char *id, *tenant_id, *project_id;
    const char *filename;   /* as the customer calls it, for people */
    const char *source_url; /* NULL when the customer sends it */
    const char *product_id; /* the customer's own; NULL for none */
    const char *key; /* where its bytes are; before they have arrived, where they are to be sent */
    int state;
    int64_t bytes, width_px, height_px; /* upright; 0 until it is there */
    const char *sha256, *format;        /* NULL until then; "jpeg" */
    int64_t created_ms, uploaded_ms;
} Photo;

extern const Shape photo_shape;

MUST Err *photo_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Photo *ret);

/* Their id, tenant, project, filename, source, product and key are written. */
MUST Err *photos_add(DbTx *tx, const List *photos);
MUST Err *photo_state_set(DbTx *tx, const char *id, PhotoState state);

/* All of the project's that we are to fetch, and have not begun with. */
MUST Err *photos_fetching_set(DbTx *tx, const char *project_id);

/* Where the customer is to send PHOTO's bytes: "raw/TENANT/PROJECT/PHOTO/shoe.jpg", and another place once some were counted in. What is
 * kept lies elsewhere, so that nobody can change it who has the address it was sent to. In MEM. */
const char *photo_sent_key(const Photo *photo, Arena *mem);

/* BYTES are PHOTO's: their head is held against the limits, and they are kept under a key made of their hash. PHOTO's key, facts and
 * format are set. The errors of image_probe. */
MUST Err *
photo_keep(const Shelf *shelf, Photo *photo, const Buf *bytes, Cancel *cancel, Arena *mem);

/* The same with what was sent. NOT_FOUND when there is nothing, FILE_TOO_LARGE; with a sentence for the customer. */
MUST Err *photo_receive(const Shelf *shelf, Photo *photo, Cancel *cancel, Arena *mem);

/* Write down what photo_keep found: the photo is UPLOADED, its bytes are an asset, and those before them are none any more. */
MUST Err *photo_arrived(DbTx *tx, const Photo *photo, int64_t expires_ms);

/* ---- bytes ---- */

typedef enum Purpose {
    PURPOSE_RAW,
    PURPOSE_OUTPUT,
    PURPOSE_THUMB,
    PURPOSE_EXPORT
} Purpose;

extern const char *const purpose_names[]; /* "raw", "output", "thumb", "export", NULL */

typedef struct Asset {
    const char *id, *tenant_id, *project_id;
    const char *owner; /* id of the photo, run or project that it is of */
    const char *key, *sha256;
    const char *format; /* "jpeg", "zip" */
    int purpose;
    int64_t bytes, width_px, height_px;
    int64_t created_ms, expires_ms;
} Asset;

extern const Shape asset_shape;

MUST Err *asset_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Asset *ret);

/* ASSET's id is made and its time is now. One under the same key is replaced and keeps its id. *RET_ID may be NULL; it lives in MEM. */
MUST Err *asset_add(DbTx *tx, const Asset *asset, Arena *mem, const char **ret_id);

/* Forget asset ID before its time: its bytes are nobody's then, and are removed when they are a day old, unless whoever forgets them does. No
 * error when it is not there. */
MUST Err *asset_forget(DbTx *tx, const char *id);

/* What lies under KEY is no asset any more; the caller removes the bytes. Fine when there is none. */
MUST Err *asset_forget_key(DbTx *tx, const char *key);

/* A picture that was put into the store, to be shown among many. */
typedef struct ThumbWish {
    const char *key; /* where it lies */
    const void *bytes;
    size_t size;
    Cancel *cancel;
} ThumbWish;

/* A WebP of THUMB_SIDE_PX on its longer side is put beside it; *RET is what asset_add takes, but for whose it is and its end. Its key is NULL for a
 * picture of at most 512 px, which is small by itself, and when none could be made: that is logged, and costs nobody the picture. CANCELLED. */
enum {
    THUMB_SIDE_PX = 400
};
MUST Err *thumb_keep(const Shelf *shelf, const ThumbWish *wish, Arena *mem, Asset *ret);

/* When an asset of TENANT that is made now is to go. */
MUST Err *asset_expiry(DbTx *tx, const char *tenant_id, int64_t *ret_ms);

/* ---- addresses that customers may use without a key ---- */

typedef struct Link {
    const char *url, *method;
    const NetHeader *headers; /* to be sent with it; ended by a nameless one */
    int64_t until_ms;
} Link;

typedef struct LinkWish {
    const char *key;
    bool is_put;
    int64_t until_ms;    /* at most 7 days from now; 0 for an hour, or some minutes more */
    int64_t most_bytes;  /* PUT */
    const char *save_as; /* GET: the name it is saved under; NULL shows it */
} LinkWish;

/* Does not look whether anything is there. An address to read from that lasts an hour ends at the turn of a quarter of an hour, so that whoever asks again
 * soon gets the same, and finds what it has fetched already. */
MUST Err *link_make(const Shelf *shelf, const LinkWish *wish, Arena *mem, Link *ret);

/* ---- such addresses of our own, answered by our own server (door/store) ---- */

typedef struct LinkClaim {
    const char *method, *key, *query; /* KEY is the path below the store's, as it came */
    const char *type;                 /* PUT: Content-Type; NULL for none */
    Cancel *cancel;
} LinkClaim;

/* Bytes on their way in. Without its end nothing is kept. Belongs to one thread at a time. */
typedef struct LinkPut LinkPut;

/* GRANT_REFUSED for anything but exactly what was granted; CONFLICT when a photo that came by this link was counted in. */
MUST Err *link_put_open(const Shelf *shelf, const LinkClaim *claim, LinkPut **ret);
MUST Err *link_put_add(LinkPut *put, const void *bytes, size_t size);    /* FILE_TOO_LARGE */
MUST Err *link_put_end(LinkPut *put, Arena *mem, const char **ret_etag); /* without quotes */
void link_put_free(LinkPut *put);
DEFINE_AUTO(LinkPut, link_put_free);

typedef struct LinkGet {
    int fd; /* open for reading, from its start; the caller closes it */
    int64_t bytes, changed_ms;
    const char *type, *etag; /* etag without quotes */
    const char *save_as;     /* NULL to show it */
} LinkGet;

/* GRANT_REFUSED, NOT_FOUND. For HEAD too. */
MUST Err *link_get_open(const Shelf *shelf, const LinkClaim *claim, Arena *mem, LinkGet *ret);

/* ---- the end of what is kept ---- */

typedef struct TidySum {
    int64_t expired, orphans,
        bytes; /* assets whose time had come; blobs that no row names; what both took */
} TidySum;

typedef struct Tidying {
    /* In the transaction that forgets ASSET: say that something living needs it, or forget what you know of it. NULL: nothing does. */
    Err *(*leave)(void *context, DbTx *tx, const Asset *asset, bool *ret_needed);
    void *context;
    Cancel *cancel;
} Tidying;

/* Remove assets whose moment has passed and that nothing needs (a needed one is asked for again after a day), then blobs older than a
 * day that no row names. Any number of processes may tidy at once; stopped at any moment, the next goes on. */
MUST Err *asset_tidy(const Shelf *shelf, const Tidying *tidying, TidySum *ret);
