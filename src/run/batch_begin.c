/* Batches begin: looked at, paid for and sent in one transaction, or not at all; and what failed is tried again in the same way. */
#include <string.h>

#include "job/monitor.h"
#include "run/batch_priv.h"

enum {
    JSON_BYTES_MAX = 1 << 20
};

typedef struct Beginning {
    const BatchOrder *order;
    Arena *mem;
    const char *id;
    BatchRun *runs; /* as many as items */
    Project project;
} Beginning;

/* As text in MEM; NULL stays NULL. */
static MUST Err *json_keep(const Value *json, Arena *mem, const char **ret)
{
    AUTO(buf_done) Buf text = BUF(JSON_BYTES_MAX);

    *ret = NULL;
    if (!json)
        return NULL;
    TRY(value_write(json, VALUE_COMPACT, &text));
    *ret = arena_text(mem, buf_text(&text));
    return NULL;
}

/* ---- what is ordered can be ---- */

static const Value *recipe_of(const BatchOrder *order, size_t index)
{
    return order->items[index].recipe ? order->items[index].recipe : order->recipe;
}

static MUST Err *recipe_check(const Value *json, Arena *mem, const char **ret_name)
{
    AUTO(recipe_free) Recipe *recipe = NULL;

    TRY(recipe_read(json, &recipe));
    const char *name = recipe_facts(recipe)->name;
    *ret_name = name ? arena_text(mem, name) : "";
    return NULL;
}

static bool queue_is_known(const char *queue)
{
    for (size_t i = 0; run_picture_kinds[i]; i++)
        if (strcmp(run_picture_kinds[i]->queue, queue) == 0)
            return true;
    return false;
}

static MUST Err *order_check(const BatchOrder *order)
{
    if (order->queue && !queue_is_known(order->queue))
        return err_new(ERR_BUG, "no pictures are made in queue '%s'", order->queue);
    if (order->count >= 1 && order->count <= BATCH_RUNS_MOST)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "a batch of %zu", order->count),
            "A batch can have 1 to %d pictures.", BATCH_RUNS_MOST),
        "/items");
}

static MUST Err *photo_is_not_there(const Photo *photo)
{
    return err_public(
        err_new(ERR_CONFLICT, "photo '%s' is %s", photo->id, photo_state_names[photo->state]),
        photo->state == PHOTO_GONE ? "The photo %s is no longer kept. Upload it again."
                                   : "The photo %s has not been uploaded yet.",
        photo->filename);
}

/* What item INDEX is made of: a photo that is there, or a picture. */
static MUST Err *
order_item_find(DbTx *tx, Beginning *beginning, size_t index, const char **ret_photo_id)
{
    const BatchOrder *order = beginning->order;
    const BatchItem *item = &order->items[index];
    Photo photo;
    Run run;

    if (!item->source_run_id) {
        TRY(photo_get(tx, order->tenant_id, item->photo_id, beginning->mem, &photo));
        if (strcmp(photo.project_id, order->project_id) != 0)
            return err_new(ERR_NOT_FOUND, "photo '%s' is of another project", photo.id);
        *ret_photo_id = item->photo_id;
        return photo.state == PHOTO_UPLOADED ? NULL : photo_is_not_there(&photo);
    }
    TRY(run_get(tx, order->tenant_id, item->source_run_id, beginning->mem, &run));
    if (strcmp(run.project_id, order->project_id) != 0 ||
        (item->photo_id && strcmp(run.photo_id, item->photo_id) != 0))
        return err_new(ERR_NOT_FOUND, "run '%s' is of another photo", run.id);
    *ret_photo_id = run.photo_id;
    if (run.state == RUN_COMPLETED && run.asset_id)
        return NULL;
    return err_public(
        err_new(ERR_CONFLICT, "run '%s' has no picture", run.id),
        "The picture this is to be made of is not there: it is %s.",
        run.asset_id || run.state != RUN_COMPLETED ? run_state_names[run.state] : "no longer kept");
}

/* ---- its runs ---- */

static void run_prepare(Beginning *beginning, size_t index)
{
    const BatchOrder *order = beginning->order;
    Id id = id_new("run");

    beginning->runs[index].id = arena_text(beginning->mem, id.text);
    beginning->runs[index].source_run_id = order->items[index].source_run_id;
    beginning->runs[index].title = order->items[index].title;
    beginning->runs[index].seed = order->seed;
    beginning->runs[index].credits =
        order->items[index].credits ? order->items[index].credits : order->run_credits;
}

/* One look serves all that have no recipe of their own. */
static MUST Err *looks_freeze(Beginning *beginning)
{
    const BatchOrder *order = beginning->order;
    const char *look = NULL, *name = "";
    Arena *mem = beginning->mem;

    if (order->recipe) {
        TRY(err_under(recipe_check(order->recipe, mem, &name), "/recipe"));
        TRY(look_write_given(order->recipe, order->seed, mem, &look));
    }
    for (size_t i = 0; i < order->count; i++) {
        BatchRun *run = &beginning->runs[i];

        run->look = look;
        run->recipe_name = name;
        if (order->items[i].recipe) {
            TRY(err_under(
                recipe_check(order->items[i].recipe, mem, &run->recipe_name), "/items/%zu/recipe",
                i));
            TRY(look_write_given(order->items[i].recipe, order->seed, mem, &run->look));
        }
        if (!run->look)
            return err_new(ERR_BUG, "a batch without a recipe");
    }
    return NULL;
}

/* ---- its money ---- */

static const char *reason_of(const BatchOrder *order)
{
    return order->reason ? order->reason : "Picture";
}

/* All at once, so that whoever has not enough is told how much is missing in all. */
static MUST Err *order_pay(DbTx *tx, Beginning *beginning, const char **ret_base_hold)
{
    const BatchOrder *order = beginning->order;
    Arena *mem = beginning->mem;
    LedgerMove *moves = ARENA_ARRAY(mem, LedgerMove, order->count + 1);
    Id *holds = ARENA_ARRAY(mem, Id, order->count + 1);
    BatchRun **paid = ARENA_ARRAY(mem, BatchRun *, order->count + 1);
    size_t count = 0, base = order->base_credits > 0;

    *ret_base_hold = NULL;
    if (base)
        moves[count++] = (LedgerMove){
            .tenant_id = order->tenant_id,
            .key = arena_print(mem, "batch:%s", beginning->id),
            .reason = reason_of(order),
            .subject = beginning->id,
            .credits = order->base_credits,
        };
    for (size_t i = 0; i < order->count; i++) {
        BatchRun *run = &beginning->runs[i];

        if (run->credits <= 0)
            continue;
        paid[count] = run;
        moves[count++] = (LedgerMove){
            .tenant_id = order->tenant_id,
            .key = arena_print(mem, "run:%s", run->id),
            .reason = reason_of(order),
            .subject = run->id,
            .credits = run->credits,
        };
    }
    if (!count)
        return NULL;
    TRY(ledger_hold_all(tx, moves, count, holds));
    if (base)
        *ret_base_hold = holds[0].text;
    for (size_t i = base; i < count; i++)
        paid[i]->hold_id = holds[i].text;
    return NULL;
}

/* ---- all of it ---- */

static MUST Err *rows_add(DbTx *tx, Beginning *beginning, const char *base_hold_id)
{
    const BatchOrder *order = beginning->order;
    BatchNew batch = {
        .id = beginning->id,
        .base_hold_id = base_hold_id,
        .credits = order->base_credits,
        .order = order,
    };
    Project *project = &beginning->project;

    TRY(json_keep(recipe_of(order, 0), beginning->mem, &batch.recipe));
    TRY(json_keep(order->wish, beginning->mem, &batch.wish));
    TRY(json_keep(order->bill, beginning->mem, &batch.bill));
    for (size_t i = 0; i < order->count; i++) {
        batch.credits += beginning->runs[i].credits;
        beginning->runs[i].position = project->total + (int64_t)i;
        beginning->runs[i].news = project->news + 1 + (int64_t)i;
    }
    TRY(batch_row_add(tx, &batch));
    return batch_runs_add(
        tx, &(BatchRunsNew){
                .batch_id = beginning->id,
                .tenant_id = order->tenant_id,
                .project_id = order->project_id,
                .is_preview = order->kind == BATCH_PREVIEW,
                .runs = {beginning->runs, order->count},
            });
}

static MUST Err *beginning_carry_out(DbTx *tx, Beginning *beginning)
{
    const BatchOrder *order = beginning->order;
    Project *project = &beginning->project;
    int64_t count = (int64_t)order->count, news = project->news;
    const char *base_hold_id;

    for (size_t i = 0; i < order->count; i++) {
        run_prepare(beginning, i);
        TRY(err_under(
            order_item_find(tx, beginning, i, &beginning->runs[i].photo_id), "/items/%zu", i));
    }
    TRY(looks_freeze(beginning));
    TRY(order_pay(tx, beginning, &base_hold_id));
    TRY(rows_add(tx, beginning, base_hold_id));
    TRY(project_step(
        tx,
        &(ProjectStep){.project_id = project->id, .total = count, .underway = count, .news = count},
        beginning->mem, project));
    TRY(news_add_queued(tx, project->id, news));
    TRY(batch_turn(tx, &(BatchTurn){.batch_id = beginning->id}, beginning->mem, project));
    return news_signal(tx, project->id);
}

Err *batch_add(DbTx *tx, const Studio *studio, const BatchOrder *order, Arena *mem, Batch *ret)
{
    Id id = id_new("batch");
    Beginning beginning = {
        .order = order,
        .mem = mem,
        .id = arena_text(mem, id.text),
        .runs = ARENA_ARRAY(mem, BatchRun, order->count + 1),
    };
    const char *made;

    (void)studio;
    TRY(order_check(order));
    TRY(once_claim(tx, &order->once, mem, &made));
    if (made)
        return batch_get(tx, order->tenant_id, made, mem, ret);
    TRY(db_lock(tx, order->project_id));
    TRY(project_get(tx, order->tenant_id, order->project_id, mem, &beginning.project));
    TRY(beginning_carry_out(tx, &beginning));
    TRY(once_keep(tx, &order->once, beginning.id));
    return batch_get(tx, order->tenant_id, beginning.id, mem, ret);
}

typedef struct BeginWork {
    const Studio *studio;
    const BatchOrder *order;
    Arena *mem;
    Batch *ret;
} BeginWork;

static Err *begin_work(DbTx *tx, void *work_any)
{
    BeginWork *work = work_any;

    return batch_add(tx, work->studio, work->order, work->mem, work->ret);
}

Err *batch_begin(const Studio *studio, const BatchOrder *order, Arena *mem, Batch *ret)
{
    BeginWork work = {.studio = studio, .order = order, .mem = mem, .ret = ret};

    return db_write(studio->shelf.db, begin_work, &work);
}

/* ---- what failed is tried again ---- */

typedef struct RetryWork {
    const BatchRetry *wish;
    Arena *mem;
    Batch *ret;
} RetryWork;

static bool texts_have(const Texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->items[i], text) == 0)
            return true;
    return false;
}

/* Those of the batch's failed runs that are meant. */
static MUST Err *failed_find(DbTx *tx, const RetryWork *work, List *ret)
{
    const BatchRetry *wish = work->wish;
    size_t kept = 0;

    TRY(batch_runs_failed(tx, wish->id, wish->reason, work->mem, ret));
    FailedRun *runs = ret->items;
    for (size_t i = 0; i < ret->count; i++)
        if (!wish->run_ids.count || texts_have(&wish->run_ids, runs[i].id))
            runs[kept++] = runs[i];
    ret->count = kept;
    if (kept)
        return NULL;
    return err_public(
        err_new(ERR_CONFLICT, "no run of batch '%s' has failed so", wish->id),
        "There is nothing to try again: none of these pictures has failed.");
}

/* What was never taken for the batch itself is set aside anew. */
static MUST Err *again_pay(DbTx *tx, const RetryWork *work, BatchRow *row, const List *failed)
{
    Arena *mem = work->mem;
    LedgerMove *moves = ARENA_ARRAY(mem, LedgerMove, failed->count + 1);
    Id *holds = ARENA_ARRAY(mem, Id, failed->count + 1);
    FailedRun *runs = failed->items, **paid = ARENA_ARRAY(mem, FailedRun *, failed->count + 1);
    size_t count = 0;

    if (row->base_credits && !row->completed && !row->base_hold_id)
        moves[count++] = (LedgerMove){
            .tenant_id = row->tenant_id,
            .key = arena_print(mem, "batch:%s:%jd", row->id, (intmax_t)row->rounds),
            .reason = "Batch, tried again",
            .subject = row->id,
            .credits = row->base_credits,
        };
    size_t base = count;
    for (size_t i = 0; i < failed->count; i++) {
        runs[i].hold_id = NULL;
        if (!runs[i].credits)
            continue;
        paid[count] = &runs[i];
        moves[count++] = (LedgerMove){
            .tenant_id = row->tenant_id,
            .key = arena_print(mem, "run:%s:%jd", runs[i].id, (intmax_t)runs[i].sends),
            .reason = "Picture, tried again",
            .subject = runs[i].id,
            .credits = runs[i].credits,
        };
    }
    if (!count)
        return NULL;
    TRY(ledger_hold_all(tx, moves, count, holds));
    if (base)
        row->base_hold_id = holds[0].text;
    for (size_t i = base; i < count; i++)
        paid[i]->hold_id = holds[i].text;
    return NULL;
}

static MUST Err *again_send(DbTx *tx, const RetryWork *work, BatchRow *row, const List *failed)
{
    FailedRun *runs = failed->items;
    int64_t count = (int64_t)failed->count;
    Project project;

    TRY(project_step(
        tx,
        &(ProjectStep){
            .project_id = row->project_id, .underway = count, .failed = -count, .news = count},
        work->mem, &project));
    for (size_t i = 0; i < failed->count; i++)
        runs[i].news = project.news - count + 1 + (int64_t)i;
    TRY(run_rows_again(tx, failed));
    for (size_t i = 0; i < failed->count; i++)
        TRY(job_dead_forget(tx, runs[i].id));
    TRY(news_add_queued(tx, project.id, project.news - count));
    if (batch_has_ended(row->state))
        row->state = row->began_ms ? BATCH_PROCESSING : BATCH_PENDING;
    row->failed -= count;
    row->ended_ms = 0;
    TRY(batch_row_set(tx, row));
    TRY(batch_tell(tx, row, "retried", work->mem, &project));
    TRY(batch_turn(tx, &(BatchTurn){.batch_id = row->id}, work->mem, &project));
    return news_signal(tx, project.id);
}

static Err *retry_work(DbTx *tx, void *work_any)
{
    RetryWork *work = work_any;
    const BatchRetry *wish = work->wish;
    List failed = {0};
    BatchRow row;
    Batch batch;

    TRY(batch_get(tx, wish->tenant_id, wish->id, work->mem, &batch));
    TRY(db_lock(tx, batch.project_id));
    TRY(batch_row(tx, wish->id, work->mem, &row));
    TRY(failed_find(tx, work, &failed));
    row.rounds++;
    TRY(again_pay(tx, work, &row, &failed));
    TRY(again_send(tx, work, &row, &failed));
    return batch_get(tx, wish->tenant_id, wish->id, work->mem, work->ret);
}

Err *batch_retry_in(DbTx *tx, const BatchRetry *wish, Arena *mem, Batch *ret)
{
    return retry_work(tx, &(RetryWork){.wish = wish, .mem = mem, .ret = ret});
}

Err *batch_retry(const Studio *studio, const BatchRetry *wish, Arena *mem, Batch *ret)
{
    RetryWork work = {.wish = wish, .mem = mem, .ret = ret};

    return db_write(studio->shelf.db, retry_work, &work);
}
