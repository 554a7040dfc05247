/* pack_priv.h - what the files of this room share. */
#pragma once

#include "market/frame.h"
#include "market/market.h"
#include "pack/pack.h"
#include "price/tier.h"

/* ---- forms: what becomes of each picture ---- */

typedef struct PackForm {
    bool is_as_it_is;         /* its own kind of file */
    ImageFormat format;       /* otherwise */
    const Platform *platform; /* NULL for none */
    const Form *form;         /* of the platform */
    int width_px, height_px;  /* 0 for the picture's own */
    int quality;              /* 0 for the usual */
    const char *label;        /* "shopee_1200x1200", "1080x1080", "original" */
} PackForm;

/* In MEM. INPUT_INVALID with the field. *RET is a List of PackForm. */
MUST Err *pack_forms(const PackWish *wish, Arena *mem, List *ret);

extern const Shape pack_wish_shape; /* as it is kept */

/* ---- pixels ---- */

/* TEXT in the bottom right corner, so that it can be read on light and dark. *PICTURE is replaced. */
MUST Err *pack_stamp(const char *text, Image **picture);

/* ---- one picture ---- */

typedef struct PackPicture {
    const char *run_id, *photo_id, *filename;
    const char *scene_type, *product_id, *title; /* of the variation; NULL for none */
    const char *product_name, *product_sku, *product_price;
    const Value *product_tags;
    const char *key, *format, *sha256; /* of the picture */
    int64_t bytes, width_px, height_px, ended_ms;
    const Value *recipe, *notes, *batch_wish;
    const char *template;
} PackPicture;

extern const Shape pack_picture_shape;

/* How it is to be changed, and what came of it. */
typedef struct PackMaking {
    const PackForm *form;
    const PackPicture *picture;
    int mark;
    const char *mark_text;
    int threads;
} PackMaking;

typedef struct PackMade {
    ImageFormat format;
    int64_t width_px, height_px, quality; /* quality 0 where there is none */
    bool lacks_white; /* its platform asks for a white background, and would not find one */
    Value *facts;     /* how it was framed, what the platform says; freed by the caller */
} PackMade;

/* May its bytes be taken as they are? */
bool pack_is_untouched(const PackMaking *making);

/* Read the picture of PICTURE. */
MUST Err *pack_picture_read(
    const Studio *studio, const PackPicture *picture, Cancel *cancel, ImageDecoded *ret);

/* Into BUF, which is emptied first. */
MUST Err *pack_picture_make(
    const PackMaking *making, const ImageDecoded *decoded, Arena *mem, Buf *buf, PackMade *ret);

/* ---- names ---- */

typedef struct PackNames {
    Arena *mem;
    const char **used;
    size_t count, room;
} PackNames;

/* What PICTURE is called in a pack: nothing in it that Windows refuses, and no two alike. In NAMES->mem. */
const char *pack_name(PackNames *names, const PackPicture *picture);

/* "shopee_1200x1200/red-shoe.jpg" */
const char *pack_path(
    int folders, const PackForm *form, const PackPicture *picture, const char *name,
    const char *ending, bool has_forms, Arena *mem);

/* ---- rows ---- */

typedef struct PackRow {
    const char *id, *tenant_id, *project_id, *wish, *hold_id, *email;
    int64_t pictures, credits;
} PackRow;

MUST Err *pack_row_add(DbTx *tx, const PackRow *row);
MUST Err *pack_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Pack *ret);

typedef struct PackPage {
    const char *tenant_id, *project_id, *before;
    int64_t limit;
} PackPage;
MUST Err *pack_rows(DbTx *tx, const PackPage *page, Arena *mem, List *ret);

/* NOT_FOUND when it has ended. */
MUST Err *pack_row_begun(DbTx *tx, const char *id, Arena *mem, Pack *ret);
MUST Err *pack_row_progress(DbTx *tx, const char *id, int64_t done, int64_t failed);
MUST Err *pack_row_completed(DbTx *tx, const Pack *pack);
/* What failed is to be made again, with another hold. */
MUST Err *pack_row_again(DbTx *tx, const char *id, const char *hold_id);
MUST Err *pack_row_failed(DbTx *tx, const Pack *pack);

/* Up to LIMIT packs that are there and whose moment is over. */
MUST Err *pack_rows_over(DbTx *tx, int64_t now_ms, int64_t limit, Arena *mem, List *ret);
MUST Err *pack_row_expired(DbTx *tx, const char *id);

/* The pictures of WISH that are there: those of the runs that it names, whether they stand for their photo or not, else what stands for the photos
 * that it names, else for all of the project's. In the order of their places; one more than PACK_PICTURES_MOST at the most. *RET is a List of
 * PackPick. */
typedef struct PackPick {
    const char *run_id, *photo_id;
} PackPick;
MUST Err *pack_picks(DbTx *tx, const char *tenant_id, const PackWish *wish, Arena *mem, List *ret);

/* NOT_FOUND when its picture is not there (any more). */
MUST Err *
pack_picture_get(DbTx *tx, const char *tenant_id, const char *run_id, Arena *mem, PackPicture *ret);

/* ---- letters ---- */

/* In TX: tell PACK->email that it is there. */
MUST Err *pack_tell(DbTx *tx, const Pack *pack);

extern const JobKind pack_export_work, pack_mail_work, pack_cleanup_work;
