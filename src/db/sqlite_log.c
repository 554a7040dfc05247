/* SQLite: the thread that carries what is safe in the log (the -wal file) over into the database's file, beside the writer.
 *
 * SQLite itself would do it inside a commit, and everybody who waits for that commit would wait for the disk three times more. */
#include "db/sqlite_priv.h"
#include "watch/watch.h"

enum {
    WORTH_PAGES = 1000, /* so much new in the log is worth a pass */
    MOST_PAGES = 16384, /* 64 MiB, as journal_size_limit: from here on the writer lends a hand */
    PASSES_IN_A_ROW =
        4, /* each is shorter than the one before, and the log begins anew only when nothing is left */
};

struct SqliteLog {
    const char *path;
    int patience_ms;
    SqliteLink *writer;
    pthread_t thread;

    int pages,
        seen_pages; /* of the log now, and when a pass was last asked for; the writer's thread alone */

    pthread_mutex_t carrying; /* held for one pass */
    pthread_mutex_t mutex;    /* of what follows */
    pthread_cond_t asked;
    bool is_asked, is_closing;
};

/* True when all of the log is carried over. What a reader still looks at stays, and nobody is waited for: neither reader nor writer, nor
 * another process that does the same. */
static bool log_carry(SqliteLog *log, SqliteLink *link)
{
    int pages = 0, carried = 0;

    pthread_mutex_lock(&log->carrying);
    int code =
        sqlite3_wal_checkpoint_v2(link->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &carried);
    pthread_mutex_unlock(&log->carrying);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY)
        watch(WATCH_WARN, "db.uncarried", WATCH_TEXT("why", sqlite3_errstr(code)));
    return code == SQLITE_OK && pages == carried;
}

/* ---- the thread ---- */

static bool log_wait(SqliteLog *log)
{
    pthread_mutex_lock(&log->mutex);
    while (!log->is_asked && !log->is_closing)
        pthread_cond_wait(&log->asked, &log->mutex);
    bool is_to_go_on = !log->is_closing;
    log->is_asked = false;
    pthread_mutex_unlock(&log->mutex);
    return is_to_go_on;
}

/* A file that little is written to never needs the second connection. */
static MUST Err *log_open(SqliteLog *log, SqliteLink **link)
{
    return *link ? NULL : sqlite_link_open(log->path, log->patience_ms, link);
}

static void *log_run(void *log_any)
{
    SqliteLog *log = log_any;
    AUTO(sqlite_link_close) SqliteLink *link = NULL;

    while (log_wait(log)) {
        AUTO(err_free) Err *err = log_open(log, &link);

        if (err)
            watch_err("db.uncarried", err, NULL);
        for (int i = 0; !err && i < PASSES_IN_A_ROW && !log_carry(log, link); i++)
            ;
    }
    return NULL;
}

/* ---- from outside ---- */

static int pages_note(void *log_any, sqlite3 *handle, const char *name, int pages)
{
    SqliteLog *log = log_any;

    (void)handle;
    (void)name;
    log->pages = pages;
    return SQLITE_OK;
}

Err *sqlite_log_start(const char *path, int patience_ms, SqliteLink *writer, SqliteLog **ret)
{
    SqliteLog *log = calloc(1, sizeof(*log));

    if (!log)
        abort();
    log->path = path;
    log->patience_ms = patience_ms;
    log->writer = writer;
    pthread_mutex_init(&log->carrying, NULL);
    pthread_mutex_init(&log->mutex, NULL);
    pthread_cond_init(&log->asked, NULL);

    Err *err = db_thread_start(&log->thread, log_run, log);
    if (err) {
        free(log);
        return err;
    }
    sqlite3_wal_hook(writer->handle, pages_note, log);
    *ret = log;
    return NULL;
}

void sqlite_log_tend(SqliteLog *log)
{
    if (log->pages < log->seen_pages) /* it began anew */
        log->seen_pages = 0;
    if (log->pages - log->seen_pages < WORTH_PAGES)
        return;

    log->seen_pages = log->pages;
    if (log->pages >= MOST_PAGES) {
        log_carry(log, log->writer);
        return;
    }
    pthread_mutex_lock(&log->mutex);
    log->is_asked = true;
    pthread_cond_signal(&log->asked);
    pthread_mutex_unlock(&log->mutex);
}

void sqlite_log_stop(SqliteLog *log)
{
    if (!log)
        return;

    pthread_mutex_lock(&log->mutex);
    log->is_closing = true;
    pthread_cond_signal(&log->asked);
    pthread_mutex_unlock(&log->mutex);
    pthread_join(log->thread, NULL);

    sqlite3_wal_hook(log->writer->handle, NULL, NULL);
    pthread_cond_destroy(&log->asked);
    pthread_mutex_destroy(&log->mutex);
    pthread_mutex_destroy(&log->carrying);
    free(log);
}
