/* What must not be lost: hands transactions and statements to the database behind the address. */
#include <signal.h>
#include <string.h>
#include <time.h>

#include "db/db_priv.h"

/* The transactions that this thread is in the midst of, innermost first. */
static _Thread_local const DbTx *present;

Err *db_open(const DbSetup *setup, Db **ret)
{
    if (strncmp(setup->url, "sqlite://", 9) == 0)
        return sqlite_driver.open(setup, ret);
    if (strncmp(setup->url, "postgresql://", 13) == 0 ||
        strncmp(setup->url, "postgres://", 11) == 0)
        return postgres_driver.open(setup, ret);
    return err_public(
        err_new(ERR_INPUT_INVALID, "the database's address begins with no known word"),
        "The database's address must begin with sqlite:// or postgresql://.");
}

void db_close(Db *db)
{
    if (db)
        db->driver->close(db);
}

DbKind db_kind(const Db *db)
{
    return db->driver->kind;
}

void db_init(Db *db, const DbDriver *driver, const DbSetup *setup)
{
    db->driver = driver;
    db->hub = hub_new();
    db->connections = setup->connections > 0 ? setup->connections : CONNECTIONS_PRESET;
    db->patience_ms = setup->patience_ms > 0 ? setup->patience_ms : PATIENCE_PRESET_MS;
}

void db_done(Db *db)
{
    hub_free(db->hub);
}

/* ---- threads ---- */

Err *db_thread_start(pthread_t *thread, void *(*run)(void *), void *context)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(thread, NULL, run, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure ? err_new(ERR_MEMORY_SPENT, "unable to start a thread for the database") : NULL;
}

/* ---- transactions ---- */

static MUST Err *nesting_check(const Db *db)
{
    for (const DbTx *tx = present; tx; tx = tx->outer)
        if (tx->db == db)
            return err_new(ERR_BUG, "a transaction was begun inside another of the same database");
    return NULL;
}

Err *db_write(Db *db, DbWork *work, void *context)
{
    TRY(nesting_check(db));
    return db->driver->write(db, work, context);
}

Err *db_read(Db *db, DbWork *work, void *context)
{
    TRY(nesting_check(db));
    return db->driver->read(db, work, context);
}

DbKind db_tx_kind(const DbTx *tx)
{
    return tx->db->driver->kind;
}

void db_thread_enter(DbTx *mark, Db *db)
{
    *mark = (DbTx){.db = db, .outer = present};
    present = mark;
}

void db_thread_leave(DbTx *mark)
{
    present = mark->outer;
}

Err *db_tx_perform(DbTx *tx, DbWork *work, void *context)
{
    tx->outer = present;
    present = tx;
    Err *err = work(tx, context);
    present = tx->outer;

    if (!err && tx->has_failed)
        return err_new(tx->failure, "a statement failed, so its transaction was undone");
    return err;
}

void db_tx_done(DbTx *tx)
{
    buf_done(&tx->topics);
}

/* ---- statements ---- */

/* PostgreSQL refuses every statement after one that failed; so that nothing works on SQLite alone, we refuse it for both. */
static MUST Err *state_check(const DbTx *tx)
{
    if (tx->has_failed)
        return err_new(tx->failure, "a statement failed before, so this transaction can only end");
    return NULL;
}

static Err *outcome_note(DbTx *tx, Err *err)
{
    if (err && !tx->has_failed) {
        tx->has_failed = true;
        tx->failure = err_code(err);
    }
    return err;
}

static MUST Err *statement_ask(DbTx *tx, const DbAsk *ask)
{
    TRY(state_check(tx));
    return outcome_note(tx, tx->db->driver->ask(tx, ask));
}

Err *db_run(DbTx *tx, const char *sql, const DbArg *args, int64_t *ret_changed)
{
    int64_t changed = 0;

    TRY(statement_ask(tx, &(DbAsk){.sql = sql, .args = args, .changed = &changed}));
    if (ret_changed)
        *ret_changed = changed;
    return NULL;
}

typedef struct OneSink {
    RowReader reader;
    void *row;
    bool is_found;
} OneSink;

static Err *one_head(void *sink_any, int columns, const char *const *names)
{
    return db_row_head(&((OneSink *)sink_any)->reader, columns, names);
}

static Err *one_row(void *sink_any, const DbArg *cells)
{
    OneSink *sink = sink_any;

    if (sink->is_found)
        return NULL;
    sink->is_found = true;
    return db_row_read(&sink->reader, cells, sink->row);
}

Err *db_one(DbTx *tx, const char *sql, const DbArg *args, const Shape *row, Arena *mem, void *ret)
{
    OneSink one = {.reader = {.shape = row, .mem = mem}, .row = arena_take(mem, row->size)};
    DbSink sink = {.head = one_head, .row = one_row, .context = &one};

    TRY(statement_ask(tx, &(DbAsk){.sql = sql, .args = args, .sink = &sink}));
    if (!one.is_found)
        return err_new(ERR_NOT_FOUND, "no row of '%s' is there", row->name);
    memcpy(ret, one.row, row->size);
    return NULL;
}

enum {
    ROWS_MOST = 10000
};

typedef struct AllSink {
    RowReader reader;
    char *rows;
    size_t count, room;
} AllSink;

static Err *all_head(void *sink_any, int columns, const char *const *names)
{
    return db_row_head(&((AllSink *)sink_any)->reader, columns, names);
}

static Err *all_row(void *sink_any, const DbArg *cells)
{
    AllSink *sink = sink_any;
    size_t size = sink->reader.shape->size;

    if (sink->count == ROWS_MOST)
        return err_new(
            ERR_BUG, "a statement gives more than %d rows of '%s': it lacks a LIMIT", ROWS_MOST,
            sink->reader.shape->name);
    if (sink->count == sink->room) {
        size_t room = sink->room ? sink->room * 2 : 16;
        char *rows = arena_take(sink->reader.mem, room * size);

        if (sink->count)
            memcpy(rows, sink->rows, sink->count * size);
        sink->rows = rows;
        sink->room = room;
    }
    return db_row_read(&sink->reader, cells, sink->rows + sink->count++ * size);
}

Err *db_all(DbTx *tx, const char *sql, const DbArg *args, const Shape *row, Arena *mem, List *ret)
{
    AllSink all = {.reader = {.shape = row, .mem = mem}};
    DbSink sink = {.head = all_head, .row = all_row, .context = &all};

    TRY(statement_ask(tx, &(DbAsk){.sql = sql, .args = args, .sink = &sink}));
    *ret = (List){all.rows, all.count};
    return NULL;
}

typedef struct NumberSink {
    int64_t number;
    bool is_found;
} NumberSink;

static Err *number_head(void *sink_any, int columns, const char *const *names)
{
    (void)sink_any;
    (void)names;
    return columns < 1 ? err_new(ERR_BUG, "a statement asked for its number gives no rows") : NULL;
}

static Err *number_row(void *sink_any, const DbArg *cells)
{
    NumberSink *sink = sink_any;

    if (sink->is_found)
        return NULL;
    sink->is_found = true;
    if (cells[0].kind == DB_ARG_INT)
        sink->number = cells[0].whole;
    else if (cells[0].kind == DB_ARG_NUMBER)
        sink->number = (int64_t)cells[0].number;
    else if (cells[0].kind != DB_ARG_NULL)
        return err_new(ERR_BUG, "a statement asked for its number gives no number");
    return NULL;
}

Err *db_number(DbTx *tx, const char *sql, const DbArg *args, int64_t *ret)
{
    NumberSink number = {0};
    DbSink sink = {.head = number_head, .row = number_row, .context = &number};

    TRY(statement_ask(tx, &(DbAsk){.sql = sql, .args = args, .sink = &sink}));
    *ret = number.number;
    return NULL;
}

/* ---- locks and signals ---- */

Err *db_lock(DbTx *tx, const char *name)
{
    TRY(state_check(tx));
    if (tx->is_read)
        return err_new(ERR_BUG, "a lock was asked for in a transaction that only reads");
    return tx->db->driver->lock ? outcome_note(tx, tx->db->driver->lock(tx, name)) : NULL;
}

static bool topic_is_noted(const Buf *topics, const char *topic)
{
    const char *at = (const char *)topics->bytes, *end = at + topics->size;

    while (at < end && strcmp(at, topic) != 0)
        at += strlen(at) + 1;
    return at < end;
}

Err *db_signal(DbTx *tx, const char *topic)
{
    TRY(state_check(tx));
    if (tx->is_read || strlen(topic) > TOPIC_MAX)
        return err_new(ERR_BUG, "a signal must be short, and of a transaction that writes");
    if (topic_is_noted(&tx->topics, topic))
        return NULL;
    TRY(buf_add(&tx->topics, topic, strlen(topic) + 1));
    return tx->db->driver->announce ? outcome_note(tx, tx->db->driver->announce(tx, topic)) : NULL;
}

/* ---- migrations ---- */

Err *db_version(Db *db, DbVersion *ret)
{
    return migrate_look(db, embedded_sql, ret);
}

Err *db_migrate(Db *db, DbVersion *ret)
{
    return migrate_run(db, embedded_sql, ret);
}
