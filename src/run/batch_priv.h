/* batch_priv.h - rows of batches, and the runs of each: what batch.c, batch_begin.c and variation.c stand on. */
#pragma once

#include "run/batch.h"
#include "run/run_priv.h"

/* ---- rows ---- */

/* What a batch is to its runs. */
typedef struct BatchRow {
    const char *id, *tenant_id, *project_id, *queue, *base_hold_id;
    int kind, state;
    int64_t priority, at_once, total, completed, failed, cancelled;
    int64_t charged, base_credits, rounds, began_ms, ended_ms;
} BatchRow;

MUST Err *batch_row(DbTx *tx, const char *id, Arena *mem, BatchRow *ret);

/* A new one with the id ID, nothing done and nothing sent. */
typedef struct BatchNew {
    const char *id, *base_hold_id;
    const char *recipe, *wish, *bill; /* JSON; wish and bill may be NULL */
    int64_t credits;
    const BatchOrder *order;
} BatchNew;
MUST Err *batch_row_add(DbTx *tx, const BatchNew *batch);

MUST Err *batch_get(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Batch *ret);
MUST Err *batch_rows(DbTx *tx, const BatchQuery *query, Arena *mem, List *ret);

/* State, counts, hold and moments are written. */
MUST Err *batch_row_set(DbTx *tx, const BatchRow *row);

/* Runs that are in the queue or at work. */
MUST Err *batch_sent(DbTx *tx, const char *id, int64_t *ret);

/* ---- what it says ---- */

bool batch_has_ended(int state);

/* How it stands, as its events say it. */
Value *batch_say(const Batch *batch);

/* An event of its own, called "batch." and WORD, is told in PROJECT, whose news goes on. */
MUST Err *batch_tell(DbTx *tx, const BatchRow *row, const char *word, Arena *mem, Project *project);

/* ---- runs of a batch ---- */

typedef struct BatchRun {
    const char *id, *photo_id, *look, *hold_id, *source_run_id, *title, *recipe_name;
    int64_t position, news, seed, credits;
} BatchRun;

typedef struct BatchRunsNew {
    const char *batch_id, *tenant_id, *project_id;
    bool is_preview;
    List runs; /* of BatchRun */
} BatchRunsNew;
MUST Err *batch_runs_add(DbTx *tx, const BatchRunsNew *new);

MUST Err *batch_run_rows(DbTx *tx, const char *id, Arena *mem, List *ret); /* of Run */

/* Of the tenant's RUN_IDS, those that are of a batch. */
typedef struct RunBatch {
    const char *id, *batch_id;
} RunBatch;
MUST Err *batch_run_batches(
    DbTx *tx, const char *tenant_id, const Texts *run_ids, Arena *mem, List *ret); /* of RunBatch */

MUST Err *batch_ids_open(DbTx *tx, const char *id, Arena *mem, List *ret); /* of RunId */
MUST Err *batch_ids_sent(DbTx *tx, const char *id, Arena *mem, List *ret);
MUST Err *batch_ids_unsent(DbTx *tx, const char *id, int64_t most, Arena *mem, List *ret);

MUST Err *run_rows_sent(DbTx *tx, const List *ids); /* of RunId */
MUST Err *run_row_unsent(DbTx *tx, const char *id); /* it waits, and has no job */

/* A run that failed and may be tried again. */
typedef struct FailedRun {
    const char *id, *hold_id; /* hold: to be filled in */
    int64_t credits, sends, news;
} FailedRun;

/* Those of a photo that are of no batch; only RUN_ID unless it is NULL. */
MUST Err *
run_rows_failed(DbTx *tx, const char *photo_id, const char *run_id, Arena *mem, List *ret);
MUST Err *batch_runs_failed(
    DbTx *tx, const char *id, const char *reason, Arena *mem, List *ret); /* REASON NULL: all */
MUST Err *run_rows_again(DbTx *tx, const List *failed);

/* batch_retry as part of TX. */
MUST Err *batch_retry_in(DbTx *tx, const BatchRetry *wish, Arena *mem, Batch *ret);

/* ---- variations ---- */

MUST Err *
variation_rows(DbTx *tx, const char *tenant_id, const char *photo_id, Arena *mem, List *ret);
MUST Err *photo_selected_set(DbTx *tx, const char *photo_id, const char *run_id);
MUST Err *photo_selected_clear(DbTx *tx, const char *photo_id, const char *run_id);
