/* The one thread that writes to a SQLite file: it commits together whatever has queued up, so that many share one wait for the disk. */
#include "base/clock.h"
#include "db/sqlite_priv.h"

enum {
    BATCH_MOST = 256,
    BATCH_MS = 20 /* the first of a batch waits no longer for those behind it to be carried out */
};

/* A caller's work, on the caller's stack. */
typedef struct Wish {
    struct Wish *next;
    DbWork *work;
    void *context;
    Err *err;
    Buf topics;
    bool is_done;
    pthread_cond_t done;
} Wish;

struct SqliteWriter {
    Db *db;
    SqliteLink *link;
    SqliteLog *log;
    pthread_t thread;

    pthread_mutex_t mutex; /* of what follows, and of is_done in wishes */
    pthread_cond_t wished;
    Wish *first, **last;
    bool is_closing;
};

/* What one commit is for. */
typedef struct Batch {
    Wish *first, **last;
    size_t count;
    int64_t end_ms;
    bool is_lost; /* SQLite has undone the transaction by itself */
} Batch;

/* ---- the queue ---- */

static Wish *wish_take(SqliteWriter *writer, bool may_wait)
{
    pthread_mutex_lock(&writer->mutex);
    while (may_wait && !writer->first && !writer->is_closing)
        pthread_cond_wait(&writer->wished, &writer->mutex);
    Wish *wish = writer->first;
    if (wish) {
        writer->first = wish->next;
        if (!writer->first)
            writer->last = &writer->first;
        wish->next = NULL;
    }
    pthread_mutex_unlock(&writer->mutex);
    return wish;
}

static void batch_add(Batch *batch, Wish *wish)
{
    *batch->last = wish;
    batch->last = &wish->next;
    batch->count++;
}

/* The next to share this commit; NULL when it is time to commit. */
static Wish *batch_next(SqliteWriter *writer, Batch *batch)
{
    if (batch->is_lost || batch->count >= BATCH_MOST || clock_ticks_ms() > batch->end_ms)
        return NULL;
    return wish_take(writer, false);
}

/* Wake the callers; their wishes are gone after it. */
static void batch_answer(SqliteWriter *writer, Batch *batch)
{
    pthread_mutex_lock(&writer->mutex);
    for (Wish *wish = batch->first, *next; wish; wish = next) {
        next = wish->next;
        wish->is_done = true;
        pthread_cond_signal(&wish->done);
    }
    pthread_mutex_unlock(&writer->mutex);
}

/* ---- carrying out ---- */

static void wish_fail(Wish *wish, const Err *err)
{
    if (!wish->err)
        wish->err = err_new(err_code(err), "%s", err_message(err));
}

static void wish_forget(Wish *wish)
{
    err_free(wish->err);
    wish->err = NULL;
    buf_done(&wish->topics);
    wish->topics = (Buf)BUF(0);
}

static bool is_in_transaction(const SqliteWriter *writer)
{
    return !sqlite3_get_autocommit(writer->link->handle);
}

/* In a savepoint, so that a wish that fails takes nothing of its neighbours along. */
static MUST Err *wish_perform(SqliteWriter *writer, Wish *wish)
{
    SqliteTx tx = {.tx = DB_TX(writer->db, false), .link = writer->link};

    TRY(sqlite_link_do(writer->link, "SAVEPOINT wish"));
    Err *err = db_tx_perform(&tx.tx, wish->work, wish->context);
    wish->topics = tx.tx.topics; /* moved */

    if (err && is_in_transaction(writer)) {
        Err *late = sqlite_link_do(writer->link, "ROLLBACK TO wish");

        if (late) {
            err_free(err);
            return late;
        }
    }
    if (is_in_transaction(writer)) {
        Err *late = sqlite_link_do(writer->link, "RELEASE wish");

        if (late) {
            err_free(err);
            return late;
        }
    }
    return err;
}

static void batch_undo(SqliteWriter *writer)
{
    if (is_in_transaction(writer))
        err_free(sqlite_link_do(writer->link, "ROLLBACK"));
}

static void batch_ring(SqliteWriter *writer, const Batch *batch)
{
    for (const Wish *wish = batch->first; wish; wish = wish->next)
        if (!wish->err)
            hub_ring_each(writer->db, &wish->topics);
}

static void batch_fail(Batch *batch, const Err *err)
{
    for (Wish *wish = batch->first; wish; wish = wish->next)
        wish_fail(wish, err);
}

static void batch_run(SqliteWriter *writer, Wish *first, bool may_share);

/* One of several has spoilt the commit, by a reference that is checked only then or by a failure that undoes everything. Each again,
 * alone: only the culprit meets it then. */
static void batch_part(SqliteWriter *writer, Batch *batch)
{
    for (Wish *wish = batch->first, *next; wish; wish = next) {
        next = wish->next;
        wish->next = NULL;
        wish_forget(wish);
        batch_run(writer, wish, false);
    }
}

static void batch_end(SqliteWriter *writer, Batch *batch)
{
    AUTO(err_free) Err *err = NULL;

    if (!batch->is_lost)
        err = sqlite_link_do(writer->link, "COMMIT");
    batch_undo(writer);

    bool is_spoilt = batch->is_lost || (err && err_code(err) == ERR_ROW_REFUSED);
    if (is_spoilt && batch->count > 1) {
        batch_part(writer, batch);
        return;
    }
    if (batch->is_lost && !err)
        err = err_new(ERR_DATABASE_FAILED, "the transaction was undone by the database");
    if (err)
        batch_fail(batch, err);
    batch_ring(writer, batch);
    batch_answer(writer, batch);
}

/* Those who wait behind would only wait as long again. */
static void batch_refuse(SqliteWriter *writer, Batch *batch, const Err *err)
{
    Wish *wish;

    while (batch->count < BATCH_MOST && (wish = wish_take(writer, false)))
        batch_add(batch, wish);
    batch_fail(batch, err);
    batch_answer(writer, batch);
}

static void batch_run(SqliteWriter *writer, Wish *first, bool may_share)
{
    Batch batch = {.end_ms = clock_ticks_ms() + BATCH_MS};

    batch.last = &batch.first;
    batch_add(&batch, first);

    AUTO(err_free) Err *err = sqlite_link_do(writer->link, "BEGIN IMMEDIATE");
    if (err) {
        batch_refuse(writer, &batch, err);
        return;
    }
    for (Wish *wish = first; wish;) {
        wish->err = wish_perform(writer, wish);
        batch.is_lost = !is_in_transaction(writer);
        wish = may_share ? batch_next(writer, &batch) : NULL;
        if (wish)
            batch_add(&batch, wish);
    }
    batch_end(writer, &batch);
}

static void *writer_run(void *writer_any)
{
    SqliteWriter *writer = writer_any;
    Wish *wish;

    while ((wish = wish_take(writer, true))) {
        batch_run(writer, wish, true);
        sqlite_log_tend(writer->log);
    }
    return NULL;
}

/* ---- from outside ---- */

static MUST Err *threads_start(SqliteWriter *writer, const char *path)
{
    TRY(sqlite_log_start(path, writer->db->patience_ms, writer->link, &writer->log));
    return db_thread_start(&writer->thread, writer_run, writer);
}

/* The log's connection goes first: the last to be closed carries over what is left, and tidies. */
static void writer_free(SqliteWriter *writer)
{
    sqlite_log_stop(writer->log);
    sqlite_link_tidy(writer->link);
    sqlite_link_close(writer->link);
    pthread_cond_destroy(&writer->wished);
    pthread_mutex_destroy(&writer->mutex);
    free(writer);
}

Err *sqlite_writer_start(Db *db, const char *path, SqliteLink *link, SqliteWriter **ret)
{
    SqliteWriter *writer = calloc(1, sizeof(*writer));

    if (!writer)
        abort();
    writer->db = db;
    writer->link = link;
    writer->last = &writer->first;
    pthread_mutex_init(&writer->mutex, NULL);
    pthread_cond_init(&writer->wished, NULL);

    Err *err = threads_start(writer, path);
    if (err)
        writer_free(writer);
    else
        *ret = writer;
    return err;
}

void sqlite_writer_stop(SqliteWriter *writer)
{
    if (!writer)
        return;

    pthread_mutex_lock(&writer->mutex);
    writer->is_closing = true;
    pthread_cond_signal(&writer->wished);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    writer_free(writer);
}

Err *sqlite_writer_write(SqliteWriter *writer, DbWork *work, void *context)
{
    Wish wish = {.work = work, .context = context};

    pthread_cond_init(&wish.done, NULL);
    pthread_mutex_lock(&writer->mutex);
    *writer->last = &wish;
    writer->last = &wish.next;
    pthread_cond_signal(&writer->wished);
    while (!wish.is_done)
        pthread_cond_wait(&wish.done, &writer->mutex);
    pthread_mutex_unlock(&writer->mutex);
    pthread_cond_destroy(&wish.done);
    buf_done(&wish.topics);
    return wish.err;
}
