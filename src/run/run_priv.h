/* run_priv.h - what the files of this room share. */
#pragma once

#include "ledger/ledger.h"
#include "run/news.h"
#include "run/run.h"
#include "run/zip.h"

/* ---- how a picture is to look: frozen when its run is started ---- */

typedef struct Look {
    const char *recipe; /* name of a built-in one */
    const char *scene;  /* name of a built-in one; "" for none */
    const char *words;  /* "" for none */
    Texts palette;
    bool is_free;     /* the words choose the set */
    bool is_upscaled; /* the recipe's upscale step is kept */
    int64_t seed;
    const Value *given; /* the whole recipe, used as it is instead of all this; NULL */
} Look;

extern const Shape look_shape;

enum {
    PROMPT_BYTES_MAX = 400,
    PALETTE_MOST = 3
};

/* What one run asks for. */
typedef struct LookWish {
    const char *recipe_name, *scene_type, *scene_prompt;
    const Brand *brand; /* NULL for none */
    int64_t seed;
    bool is_upscaled;
} LookWish;

/* The run's own words come before the brand's, a scene that was named before what words would choose. As JSON, in MEM. */
MUST Err *look_write(const LookWish *wish, Arena *mem, const char **ret);

/* The same for a whole recipe, which recipe_read has found good. */
MUST Err *look_write_given(const Value *recipe, int64_t seed, Arena *mem, const char **ret);

/* The recipe that LOOK (JSON) stands for. Free with recipe_free. */
MUST Err *look_compose(const Value *look, Recipe **ret);

/* INPUT_INVALID, with the field, for scenes that are too many or have no name. */
MUST Err *photo_wish_check(const PhotoWish *photo);

/* How many pictures it becomes. */
size_t photo_wish_count(const PhotoWish *photo);

/* The scenes that were named, then those of the house that were not; pictures beyond them begin with the first again, in another
 * look. */
void photo_wish_scenes(const PhotoWish *photo, Arena *mem, Texts *ret);

/* Which names of scenes were found good already. */
typedef struct LookNames {
    const char *recipe;
    const char *good[100];
    size_t count;
} LookNames;

/* INPUT_INVALID, with the nearest name, when there is no such scene; NOT_FOUND when there is no such recipe. SCENE may be NULL. */
MUST Err *look_check(LookNames *names, const char *scene);

/* The scenes of a photo that is wished in several, NULL-ended. */
extern const char *const look_scenes[];

/* ---- rows of runs ---- */

typedef struct RunRow {
    const char *id, *tenant_id, *project_id, *photo_id;
    int64_t position, scene_index, seed;
    const char *scene_type, *scene_prompt, *recipe_name;
} RunRow;

MUST Err *run_rows_add(DbTx *tx, const List *rows); /* of RunRow */
MUST Err *run_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Run *ret);
MUST Err *run_rows(DbTx *tx, const RunQuery *query, Arena *mem, List *ret);

/* Its photo's runs in STATE become TO. */
MUST Err *run_rows_of_photo_move(DbTx *tx, const char *photo_id, RunState state, RunState to);

/* Ids of runs, in the order of their positions. */
typedef struct RunId {
    const char *id;
} RunId;
MUST Err *run_ids_of_photo(DbTx *tx, const char *photo_id, RunState state, Arena *mem, List *ret);
MUST Err *run_photo_ids_fetching(DbTx *tx, const char *project_id, Arena *mem, List *ret);
MUST Err *run_ids_open(DbTx *tx, const char *project_id, Arena *mem, List *ret);

/* A run that may be started. */
typedef struct ReadyRun {
    const char *id, *photo_id, *scene_type, *scene_prompt, *recipe_name, *source_url;
    int photo_state;
    int64_t seed;
} ReadyRun;
MUST Err *run_rows_ready(DbTx *tx, const char *project_id, Arena *mem, List *ret);

typedef struct RunQueued {
    const char *id, *look, *hold_id;
    int64_t news;
} RunQueued;
MUST Err *run_rows_queued(DbTx *tx, const List *queued); /* for RUN_CREDITS each */

/* What a worker needs to know. */
typedef struct RunTask {
    const char *id, *tenant_id, *project_id, *filename, *scene_type;
    const char *photo_key,
        *photo_sha256; /* what it is made of: its photo, or the picture of another run */
    const char *hold_id, *batch_id; /* NULL: it is free; it is of none */
    const Value *look;
    int64_t began_ms, credits, sends;
    bool is_preview;
} RunTask;

/* NOT_FOUND when it has ended, or was never started. */
MUST Err *run_row_begun(DbTx *tx, const char *id, Arena *mem, RunTask *ret);

/* It waits for a worker again. Of a batch it keeps what progress it had made. */
MUST Err *run_row_waits(DbTx *tx, const char *id);

typedef struct RunStep {
    const char *id, *project_id, *step;
    double progress;
    int64_t news;
} RunStep;
MUST Err *run_row_step(DbTx *tx, const RunStep *step);

typedef struct RunResult {
    const char *id, *asset_id, *key, *format, *recipe, *notes; /* recipe and notes: JSON */
    const char *thumb_key;                                     /* NULL for none */
    int64_t bytes, width_px, height_px, cost_micro_usd, now_ms;
} RunResult;

/* *RET is false when it is not at work (any more). */
MUST Err *run_row_completed(DbTx *tx, const RunResult *result, bool *ret);

/* How a run ended otherwise. QUEUED_MS is 0 when it was never started. */
typedef struct RunLost {
    const char *id, *tenant_id, *project_id, *hold_id, *batch_id;
    int64_t queued_ms;
} RunLost;

typedef struct RunEnd {
    RunState state; /* FAILED or CANCELLED */
    const char *error, *text;
} RunEnd;

extern const RunEnd run_cancelled; /* by its customer */

/* NOT_FOUND when it has ended already. */
MUST Err *run_row_ended(DbTx *tx, const char *id, const RunEnd *end, Arena *mem, RunLost *ret);
MUST Err *run_row_asset_gone(DbTx *tx, const char *id);
MUST Err *run_row_thumb_gone(DbTx *tx, const char *id); /* of a run, or nothing */

/* Is a run still to be made of this one's picture? */
MUST Err *run_row_is_source(DbTx *tx, const char *id, bool *ret);

/* What a run belongs to. */
typedef struct RunPlace {
    const char *run_id, *project_id, *batch_id; /* batch_id NULL for none */
} RunPlace;
MUST Err *run_place(DbTx *tx, const char *run_id, Arena *mem, RunPlace *ret);

/* End these runs of one project: what was set aside for them is given back, and it is told. Those that have ended already are left alone.
 * The caller has locked the project. */
typedef struct RunsEnding {
    const char *project_id;
    const List *ids; /* of RunId */
    RunEnd end;
    bool is_project_cancelled, is_batch_cancelled;
} RunsEnding;
MUST Err *runs_end(DbTx *tx, const RunsEnding *ending, Arena *mem, Project *ret);

/* Of these runs, work that waits is forgotten, and work that goes on is asked to stop. */
MUST Err *runs_jobs_cancel(DbTx *tx, const List *ids); /* of RunId */

/* What a shopkeeper is told of a failure: ours are put in other words than theirs. */
const char *run_failure_text(const Err *err);

/* Start what is ready in a project that the caller has locked, or has just made. */
typedef struct Starting {
    const char *tenant_id;
    Project project; /* as it is before; as it is after */
    int64_t started;
    Quota *quota;
    bool is_upscaled;
} Starting;
MUST Err *starting_carry_out(DbTx *tx, Starting *starting, Arena *mem);

/* Put photos' ids in the queue of those who fetch. */
MUST Err *photos_enqueue(DbTx *tx, const char *tenant_id, const List *ids); /* of RunId */

/* Runs that failed, of no batch, are begun anew as they were begun: counted, held for and queued in TX, whose caller has locked the project. Those of
 * PHOTO are meant, only RUN_ID unless it is NULL; *RET of them had failed. A photo that never came is fetched again. QUOTA_EXCEEDED, CREDITS_SPENT;
 * CONFLICT, with a sentence, when the project was cancelled or the photo is no longer kept. */
MUST Err *
runs_begin_anew(DbTx *tx, const Photo *photo, const char *run_id, Arena *mem, int64_t *ret);

/* Put runs in the queue of the workers. */
MUST Err *runs_enqueue(DbTx *tx, const char *tenant_id, const List *ids); /* of RunId */
/* ORDER's tenant, queue and priority for a job for each of IDS, about it and known by it. */
MUST Err *run_ids_enqueue(DbTx *tx, const JobOrder *order, const List *ids);

/* What vendors were paid for it (shot.h), as events of usage: the price of a picture holds it, so no tenant's days do. */
MUST Err *bills_note(DbTx *tx, const RunTask *task, const Value *bills);

/* Rows that go for good (forget.c); of a project with its batches, exports and events. */
MUST Err *run_ids_open_of_photo(DbTx *tx, const char *photo_id, Arena *mem, List *ret);
MUST Err *run_rows_of_photo_remove(DbTx *tx, const char *photo_id);
MUST Err *run_rows_of_project_remove(DbTx *tx, const char *project_id);

/* ---- events ---- */

/* The same for the queued runs whose news is newer than AFTER. */
MUST Err *news_add_queued(DbTx *tx, const char *project_id, int64_t after);

/* Of all batches when BATCH_ID is NULL. */
MUST Err *news_rows(DbTx *tx, const EventQuery *query, const char *batch_id, Arena *mem, List *ret);

/* The last word on PROJECT, whose number its news is. */
MUST Err *news_add_project(DbTx *tx, const Project *project);

/* Runs at work whose progress is newer than AFTER. */
typedef struct AtWork {
    const char *id, *batch_id, *step;
    double progress;
    int64_t news;
} AtWork;
MUST Err *run_rows_at_work(DbTx *tx, const char *project_id, int64_t after, Arena *mem, List *ret);

/* ---- batches: how their runs follow one another (batch.c) ---- */

/* Runs of a batch have ended or are to be sent: its counts and its state follow, the next of its runs are queued, its base is taken or given
 * back, and its end is told. The caller has locked PROJECT, whose news goes on. */
typedef struct BatchTurn {
    const char *batch_id;
    bool is_cancelled;                    /* the customer stops it */
    int64_t completed, failed, cancelled; /* so many more of its runs */
    int64_t charged;                      /* credits that were taken for them */
} BatchTurn;
MUST Err *batch_turn(DbTx *tx, const BatchTurn *turn, Arena *mem, Project *project);

/* A worker is about to begin the run at PLACE, which is of a batch. *RET_IS_HELD_BACK: the batch is paused, and the run waits again without a job. The caller
 * has locked the project. */
MUST Err *batch_run_hold_back(DbTx *tx, const RunPlace *place, Arena *mem, bool *ret_is_held_back);

/* ... has begun it. */
MUST Err *batch_run_begun(DbTx *tx, const char *batch_id, Arena *mem, Project *project);

/* What the first picture of the batch takes for the batch itself; 0 for the others'. Asked before the picture is counted. */
MUST Err *batch_base_due(DbTx *tx, const char *batch_id, Arena *mem, int64_t *ret_credits);

/* ---- exports ---- */

MUST Err *export_row_add(DbTx *tx, const Export *export);
MUST Err *export_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Export *ret);

/* The newest that holds PICTURES, or will: one or none. */
MUST Err *
export_row_fitting(DbTx *tx, const char *project_id, int64_t pictures, Arena *mem, List *ret);
MUST Err *export_row_ready(DbTx *tx, const Export *done);
MUST Err *export_row_failed(DbTx *tx, const char *id, const char *text);
MUST Err *export_row_again(DbTx *tx, const char *id); /* one that failed is queued */
MUST Err *export_row_gone(DbTx *tx, const char *id);

/* Runs with a picture that is still kept, in the order of their positions. */
MUST Err *run_rows_with_picture(DbTx *tx, const char *project_id, Arena *mem, List *ret);

/* "shoe.png" in a kitchen becomes "shoe-kitchen.jpg"; in MEM. Only for a run with a picture. */
const char *run_picture_name(const Run *run, Arena *mem);

/* ---- tables ---- */

/* The letters of a table as UTF-8, without a mark. INPUT_INVALID names the line that cannot be read. */
MUST Err *csv_text(const void *bytes, size_t size, Buf *ret);

/* ---- work ---- */

/* For JobKind. */
Err *run_make(void *studio, JobLease *lease, const Job *job);
Err *run_give_up(void *studio, DbTx *tx, const Job *job, const Err *why);
Err *run_take_up(void *studio, DbTx *tx, const Job *job, JobAnew *ret);
bool run_is_lacking(void *studio, ErrCode why);

extern const JobKind run_work, fetch_work, export_work, retention_work;

/* Kinds that make pictures of batches, NULL-ended; the first is "jobs". */
extern const JobKind *const run_picture_kinds[];
