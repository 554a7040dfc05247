/* pack.h - pictures taken away together: a ZIP with them in the forms and sizes that shops ask for.
 *
 * A pack takes the picture that stands for each photo (run/batch.h: variation_of_photo), or given runs', and writes it once for each format and platform,
 * in folders, with metadata.json beside them. It is written into the store while it grows: memory is bounded whatever it holds. It lasts
 * seven days. Its money is held when it is begun and taken when it is there.
 */
#pragma once

#include "run/batch.h"

enum {
    PACK_DAYS = 7,
    PACK_PICTURES_MOST = 500,
    PACK_MAIL_LEAST =
        20 /* files from which on the customer is told by e-mail, when an address is known */
};

typedef enum PackState {
    PACK_PENDING,
    PACK_PROCESSING,
    PACK_COMPLETED,
    PACK_FAILED,
    PACK_EXPIRED
} PackState;
extern const char *const pack_state_names[];

typedef enum PackFolders {
    PACK_BY_FORMAT,
    PACK_BY_PLATFORM,
    PACK_BY_DATE,
    PACK_FLAT
} PackFolders;
extern const char *const pack_folder_names[]; /* "format", "platform", "date", "flat", NULL */

typedef struct PackWish {
    const char *project_id;
    Texts photo_ids; /* none: all that have a picture */
    Texts run_ids;   /* these pictures instead: variations */
    Texts formats;   /* "png", "jpeg", "webp" (and "avif"); none: as each picture is */
    Texts
        platforms; /* of share/platforms, with a variant after a colon ("instagram:4x5"); none: as each picture is */
    const char
        *size; /* "original" (NULL), "1080x1080", "1200x1200", "2400x2400", "WxH" up to 8000 */
    int64_t quality; /* 0: the format's or platform's */
    int folders;
    bool has_metadata;     /* metadata.json */
    int mark;              /* TierMark, set by whoever sells it */
    const char *mark_text; /* of MARK_OWN; NULL for none */
    const char *email;
    Once once;          /* again gives what it made the first time */
    int64_t credits;    /* set by whoever sells it */
    const char *reason; /* on the statement, may be marked (base/said.h); NULL for "ZIP export" */
} PackWish;

/* What can be asked for, as data: platforms and the sizes that they show pictures in. In MEM. *RET is a List of PackPreset. */
typedef struct PackPresetForm {
    const char *form, *use;
    int64_t width_px, height_px, quality;
    bool is_white; /* a background that is nearly white is made so */
} PackPresetForm;

typedef struct PackPreset {
    const char *name, *title, *about, *format;
    int64_t bytes_most; /* 0 when it does not say */
    List forms;         /* PackPresetForm; the first is taken when none is named */
} PackPreset;
MUST Err *pack_presets(Arena *mem, List *ret);

/* What WISH asks for is known: INPUT_INVALID with the field ("/platforms/1") and the nearest name. Says how many formats and platforms it
 * counts as, for whoever prices it. Either may be NULL. */
MUST Err *pack_check(const PackWish *wish, int *ret_formats, int *ret_platforms);

typedef struct Pack {
    const char *id, *tenant_id, *project_id;
    int state;
    const Value *wish; /* formats, platforms, size, ... */
    int64_t pictures, done, failed, bytes,
        credits; /* pictures: files it is to hold; done: failed ones too */
    double progress;
    const char *error, *error_text; /* the text marked (base/said.h) */
    Texts warnings; /* what a shop will miss in pictures that were packed all the same; marked */
    int64_t created_ms, ended_ms, expires_ms;
    const char *key, *hold_id,
        *email; /* not for strangers; key NULL until it is there, and when it has gone */
} Pack;

extern const Shape pack_shape;

/* In TX: INPUT_INVALID with the field; CONFLICT when there is no picture; CREDITS_SPENT. */
MUST Err *pack_add(
    DbTx *tx, const Studio *studio, const char *tenant_id, const PackWish *wish, Arena *mem,
    Pack *ret);
MUST Err *
pack_find(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Pack *ret);
MUST Err *pack_list(
    const Studio *studio, const char *tenant_id, const char *project_id, const char *before,
    int64_t limit, Arena *mem, List *ret);

/* Where it may be fetched from, up to its expiry (at most 7 days). CONFLICT until it is ready; GONE... NOT_FOUND when it has expired. */
MUST Err *
pack_link(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Link *ret);

/* The ZIP itself, wherever it lies; the errors of pack_link. Belongs to one thread at a time. */
typedef struct PackFile PackFile;
MUST Err *pack_file_open(
    const Studio *studio, const char *tenant_id, const char *id, Cancel *cancel, Pack *ret_pack,
    PackFile **ret);

/* Up to SIZE bytes from AT on, 0 at the end; in order it is cheapest. */
MUST Err *pack_file_read(PackFile *file, int64_t at, void *to, size_t size, size_t *ret);
void pack_file_free(PackFile *file);
DEFINE_AUTO(PackFile, pack_file_free);

/* One picture in another form, made while the caller waits: a single download. *RET is freed by buf_done. */
typedef struct PackOne {
    const char *tenant_id, *run_id;
    const char *format, *platform, *size; /* NULL: as it is */
    int64_t quality;
    int mark;
    const char *mark_text;
} PackOne;
MUST Err *pack_one(
    const Studio *studio, const PackOne *wish, Cancel *cancel, Arena *mem, Buf *ret,
    const char **ret_name, const char **ret_type);

/* In TX: the packs of a project that is deleted are forgotten, and what was set aside for them is given back. */
MUST Err *packs_forget(DbTx *tx, const char *tenant_id, const char *project_id);

/* See to it that what is over is swept: at the start of serve and work, and once an hour; cheap. */
MUST Err *pack_tend(const Studio *studio);

/* Rows for job_crew_start, NULL-ended: "export_zip", "mail", "cleanup_temp". */
extern const JobKind *const pack_kinds[];
