/* SQLite: statements, and readers beside the one writer. */
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/sqlite_priv.h"

typedef struct SqliteDb {
    Db db;
    char *path;
    SqliteWriter *writer;

    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t given;
    SqliteLink *idle;
    int open;
} SqliteDb;

/* ---- errors ---- */

/* By what the library says failed, never by its words; those name tables and columns, no values. */
static ErrCode code_of(int extended)
{
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return ERR_ROW_TAKEN;
    default:
        break;
    }
    switch (extended & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
        return ERR_ROW_REFUSED;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_DATABASE_BUSY;
    case SQLITE_FULL:
        return ERR_DISK_FULL;
    case SQLITE_NOMEM:
        return ERR_MEMORY_SPENT;
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_MISUSE:
    case SQLITE_READONLY:
        return ERR_BUG;
    default:
        return ERR_DATABASE_FAILED;
    }
}

static MUST Err *link_err(SqliteLink *link, const char *what)
{
    int code = sqlite3_extended_errcode(link->handle);

    return err_new(code_of(code), "unable to %s: %s", what, sqlite3_errmsg(link->handle));
}

/* ---- connections ---- */

static void statement_end(void *statement, void *context)
{
    (void)context;
    sqlite3_finalize(statement);
}

/* Several processes may open a new file at once, and SQLite does not wait while another turns it to WAL. */
static MUST Err *pragma_do(SqliteLink *link, const char *pragma, int patience_ms)
{
    const struct timespec pause = {0, 10 * 1000000};
    int64_t end_ms = clock_ticks_ms() + patience_ms;
    int code;

    while ((code = sqlite3_exec(link->handle, pragma, NULL, NULL, NULL)) == SQLITE_BUSY &&
           clock_ticks_ms() < end_ms)
        nanosleep(&pause, NULL);
    return code == SQLITE_OK ? NULL : link_err(link, "set up the database");
}

static MUST Err *link_configure(SqliteLink *link, int patience_ms)
{
    static const char *const pragmas[] = {
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL", /* affordable, since callers share a commit */
        "PRAGMA foreign_keys = ON",
        /* What undoes a statement goes to a file once it is large: in memory it is walked from its beginning after every statement, which
         * makes long transactions take the square of their length. */
        "PRAGMA temp_store = FILE",
        "PRAGMA journal_size_limit = 67108864",
        "PRAGMA wal_autocheckpoint = 0", /* sqlite_log.c does it, so that no commit waits for it */
        "PRAGMA trusted_schema = OFF",
    };

    sqlite3_extended_result_codes(link->handle, 1);
    sqlite3_busy_timeout(link->handle, patience_ms);
    sqlite3_db_config(link->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* "text" in double quotes is a name, as PostgreSQL has it */
    sqlite3_db_config(link->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(link->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    for (size_t i = 0; i < COUNT(pragmas); i++)
        TRY(pragma_do(link, pragmas[i], patience_ms));
    return NULL;
}

Err *sqlite_link_open(const char *path, int patience_ms, SqliteLink **ret)
{
    AUTO(sqlite_link_close) SqliteLink *link = calloc(1, sizeof(*link));
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

    if (!link)
        abort();
    link->kept.end = statement_end;
    if (sqlite3_open_v2(path, &link->handle, flags, NULL) != SQLITE_OK)
        return err_new(ERR_DATABASE_FAILED, "unable to open the database's file");

    Err *err = link_configure(link, patience_ms);
    if (err) /* a file that is no database is no bug of ours */
        return err_because(
            err_new(
                err_code(err) == ERR_DATABASE_BUSY ? ERR_DATABASE_BUSY : ERR_DATABASE_FAILED,
                "unable to use the database's file"),
            err);
    *ret = TAKE(link);
    return NULL;
}

void sqlite_link_close(SqliteLink *link)
{
    if (!link)
        return;

    kept_clear(&link->kept);
    sqlite3_close_v2(link->handle);
    free(link);
}

/* ---- statements ---- */

static MUST Err *statement_get(SqliteLink *link, const char *sql, sqlite3_stmt **ret)
{
    const char *rest = NULL;
    sqlite3_stmt *statement = kept_find(&link->kept, sql, "");

    if (!statement) {
        int code =
            sqlite3_prepare_v3(link->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, &rest);

        if (code != SQLITE_OK)
            return link_err(link, "prepare a statement");
        if (!statement || rest[strspn(rest, " \n\t;")]) {
            sqlite3_finalize(statement);
            return err_new(ERR_BUG, "a text of SQL holds no statement, or more than one");
        }
        kept_add(&link->kept, sql, "", statement);
    }
    *ret = statement;
    return NULL;
}

static int arg_bind(sqlite3_stmt *statement, int at, const DbArg *arg)
{
    switch (arg->kind) {
    case DB_ARG_TEXT:
        return sqlite3_bind_text(statement, at, arg->text, -1, SQLITE_STATIC);
    case DB_ARG_INT:
        return arg->whole == FIELD_NONE ? sqlite3_bind_null(statement, at)
                                        : sqlite3_bind_int64(statement, at, arg->whole);
    case DB_ARG_NUMBER:
        return sqlite3_bind_double(statement, at, arg->number);
    case DB_ARG_BYTES:
        return sqlite3_bind_blob64(
            statement, at, arg->size ? arg->bytes : "", arg->size, SQLITE_STATIC);
    default:
        return sqlite3_bind_null(statement, at);
    }
}

static MUST Err *args_bind(SqliteLink *link, sqlite3_stmt *statement, const DbArg *args)
{
    int takes = sqlite3_bind_parameter_count(statement), given = 0;

    while (args && args[given].kind != DB_ARG_END)
        given++;
    if (takes != given)
        return err_new(ERR_BUG, "a statement takes %d values and was given %d", takes, given);
    for (int i = 0; i < given; i++)
        if (arg_bind(statement, i + 1, &args[i]) != SQLITE_OK)
            return link_err(link, "bind the values of a statement");
    return NULL;
}

static DbArg cell_of(sqlite3_stmt *statement, int column)
{
    DbArg cell = {.kind = DB_ARG_NULL};

    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        cell.kind = DB_ARG_INT;
        cell.whole = sqlite3_column_int64(statement, column);
        break;
    case SQLITE_FLOAT:
        cell.kind = DB_ARG_NUMBER;
        cell.number = sqlite3_column_double(statement, column);
        break;
    case SQLITE_TEXT:
        cell.kind = DB_ARG_TEXT;
        cell.text = (const char *)sqlite3_column_text(statement, column);
        cell.size = (size_t)sqlite3_column_bytes(statement, column);
        break;
    case SQLITE_BLOB:
        cell.kind = DB_ARG_BYTES;
        cell.bytes = sqlite3_column_blob(statement, column);
        cell.size = (size_t)sqlite3_column_bytes(statement, column);
        break;
    default:
        break;
    }
    return cell;
}

static MUST Err *head_give(sqlite3_stmt *statement, const DbSink *sink)
{
    const char *names[COLUMNS_MAX];
    int columns = sqlite3_column_count(statement);

    if (columns > COLUMNS_MAX)
        return err_new(ERR_BUG, "a statement gives %d columns, too many", columns);
    for (int i = 0; i < columns; i++)
        names[i] = sqlite3_column_name(statement, i);
    return sink->head(sink->context, columns, names);
}

static MUST Err *row_give(sqlite3_stmt *statement, const DbSink *sink)
{
    DbArg cells[COLUMNS_MAX];
    int columns = sqlite3_column_count(statement);

    for (int i = 0; i < columns; i++)
        cells[i] = cell_of(statement, i);
    return sink->row(sink->context, cells);
}

/* To the end also when rows are of no interest: a RETURNING that is left half-way keeps its transaction open. */
static MUST Err *statement_step(SqliteLink *link, sqlite3_stmt *statement, const DbSink *sink)
{
    bool is_headed = false;
    int code;

    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (sink && !is_headed)
            TRY(head_give(statement, sink));
        is_headed = true;
        if (sink)
            TRY(row_give(statement, sink));
    }
    if (code != SQLITE_DONE)
        return link_err(link, "carry out a statement");
    return sink && !is_headed ? head_give(statement, sink) : NULL;
}

static MUST Err *link_ask(SqliteLink *link, const DbAsk *ask)
{
    sqlite3_stmt *statement = NULL;

    TRY(statement_get(link, ask->sql, &statement));
    sqlite3_int64 total = sqlite3_total_changes64(link->handle);
    Err *err = args_bind(link, statement, ask->args);
    if (!err)
        err = statement_step(link, statement, ask->sink);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (!err &&
        ask->changed) /* the library still remembers the last change after a statement that made none */
        *ask->changed =
            total == sqlite3_total_changes64(link->handle) ? 0 : sqlite3_changes64(link->handle);
    return err;
}

Err *sqlite_link_do(SqliteLink *link, const char *sql)
{
    return link_ask(link, &(DbAsk){.sql = sql});
}

void sqlite_link_tidy(SqliteLink *link)
{
    sqlite3_busy_timeout(link->handle, 0);
    sqlite3_exec(link->handle, "PRAGMA analysis_limit = 400; PRAGMA optimize", NULL, NULL, NULL);
}

static Err *sqlite_ask(DbTx *tx, const DbAsk *ask)
{
    return link_ask(((SqliteTx *)tx)->link, ask);
}

static Err *sqlite_script(DbTx *tx, const char *sql)
{
    SqliteLink *link = ((SqliteTx *)tx)->link;

    if (sqlite3_exec(link->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        return link_err(link, "carry out a script");
    return NULL;
}

/* ---- readers ---- */

static MUST Err *reader_open(const SqliteDb *db, SqliteLink **ret)
{
    AUTO(sqlite_link_close) SqliteLink *link = NULL;

    TRY(sqlite_link_open(db->path, db->db.patience_ms, &link));
    TRY(sqlite_link_do(link, "PRAGMA query_only = ON"));
    *ret = TAKE(link);
    return NULL;
}

/* An idle one, leave to open one (*RET_LINK is NULL), or DATABASE_BUSY. */
static MUST Err *reader_wait(SqliteDb *db, SqliteLink **ret_link)
{
    int64_t end_ms = clock_ticks_ms() + db->db.patience_ms;
    bool is_late = false;

    pthread_mutex_lock(&db->mutex);
    while (!db->idle && db->open == db->db.connections && !is_late) {
        clock_cond_wait(&db->given, &db->mutex, end_ms);
        is_late = clock_ticks_ms() >= end_ms;
    }
    bool is_found = db->idle, may_open = !is_found && db->open < db->db.connections;
    *ret_link = db->idle;
    if (is_found)
        db->idle = db->idle->next;
    db->open += may_open;
    pthread_mutex_unlock(&db->mutex);
    return is_found || may_open
               ? NULL
               : err_new(ERR_DATABASE_BUSY, "all %d readers stayed busy", db->db.connections);
}

/* LINK may be NULL: it could not be opened. */
static void reader_give(SqliteDb *db, SqliteLink *link)
{
    pthread_mutex_lock(&db->mutex);
    if (link) {
        link->next = db->idle;
        db->idle = link;
    } else {
        db->open--;
    }
    pthread_cond_signal(&db->given);
    pthread_mutex_unlock(&db->mutex);
}

static MUST Err *reader_take(SqliteDb *db, SqliteLink **ret)
{
    SqliteLink *link = NULL;

    TRY(reader_wait(db, &link));
    Err *err = link ? NULL : reader_open(db, &link);
    if (err)
        reader_give(db, NULL);
    else
        *ret = link;
    return err;
}

static MUST Err *link_read(Db *db, SqliteLink *link, DbWork *work, void *context)
{
    SqliteTx tx = {.tx = DB_TX(db, true), .link = link};

    TRY(sqlite_link_do(link, "BEGIN"));
    Err *err = db_tx_perform(&tx.tx, work, context);
    db_tx_done(&tx.tx);
    Err *late = sqlite3_get_autocommit(link->handle) ? NULL : sqlite_link_do(link, "ROLLBACK");
    if (!err)
        return late;
    err_free(late);
    return err;
}

static Err *sqlite_read(Db *db_any, DbWork *work, void *context)
{
    SqliteDb *db = (SqliteDb *)db_any;
    SqliteLink *link = NULL;

    TRY(reader_take(db, &link));
    Err *err = link_read(db_any, link, work, context);
    reader_give(db, link);
    return err;
}

static Err *sqlite_write(Db *db, DbWork *work, void *context)
{
    return sqlite_writer_write(((SqliteDb *)db)->writer, work, context);
}

/* ---- opening ---- */

/* SQLite would let everybody read it; what lies beside it takes over its rights. */
static MUST Err *file_make(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (file < 0)
        return err_new_errno(ERR_DATABASE_FAILED, "unable to open the database's file");
    close(file);
    return NULL;
}

static void sqlite_close(Db *db_any)
{
    SqliteDb *db = (SqliteDb *)db_any;

    while (db->idle) {
        SqliteLink *link = db->idle;

        db->idle = link->next;
        sqlite_link_close(link);
    }
    sqlite_writer_stop(db->writer);
    db_done(&db->db);
    pthread_cond_destroy(&db->given);
    pthread_mutex_destroy(&db->mutex);
    free(db->path);
    free(db);
}

static MUST Err *parts_open(SqliteDb *db)
{
    SqliteLink *link = NULL;

    TRY(file_make(db->path));
    TRY(sqlite_link_open(db->path, db->db.patience_ms, &link));
    return sqlite_writer_start(&db->db, db->path, link, &db->writer);
}

static Err *sqlite_open(const DbSetup *setup, Db **ret)
{
    SqliteDb *db = calloc(1, sizeof(*db));

    if (!db)
        abort();
    db_init(&db->db, &sqlite_driver, setup);
    pthread_mutex_init(&db->mutex, NULL);
    clock_cond_init(&db->given);
    db->path = strdup(setup->url + strlen("sqlite://"));

    Err *err = parts_open(db);
    if (err)
        sqlite_close(&db->db);
    else
        *ret = &db->db;
    return err;
}

const DbDriver sqlite_driver = {
    .kind = DB_SQLITE,
    .open = sqlite_open,
    .close = sqlite_close,
    .write = sqlite_write,
    .read = sqlite_read,
    .ask = sqlite_ask,
    .script = sqlite_script,
};
