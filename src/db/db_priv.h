/* db_priv.h - what the two databases share: the driver's contract, transactions, kept statements. Not for other folders. */
#pragma once

#include <pthread.h>

#include "base/buf.h"
#include "base/embed.h"
#include "db/db.h"

enum {
    COLUMNS_MAX = 64,
    ARGS_MAX = 64,
    TOPIC_MAX = 160,
    CONNECTIONS_PRESET = 8,
    PATIENCE_PRESET_MS = 5000
};

/* Who takes what a statement answers. HEAD comes first, also when no row follows; cells are borrowed for the call. */
typedef struct DbSink {
    Err *(*head)(void *context, int columns, const char *const *names);
    Err *(*row)(void *context, const DbArg *cells);
    void *context;
} DbSink;

typedef struct DbAsk {
    const char *sql;
    const DbArg *args;
    const DbSink *sink; /* NULL: rows are of no interest, and still fetched to the end */
    int64_t *changed;   /* or NULL */
} DbAsk;

/* One kind of database. All but open and close may be called by any thread. */
typedef struct DbDriver {
    DbKind kind;
    Err *(*open)(const DbSetup *setup, Db **ret);
    void (*close)(Db *db); /* frees DB too */
    Err *(*write)(Db *db, DbWork *work, void *context);
    Err *(*read)(Db *db, DbWork *work, void *context);
    Err *(*ask)(DbTx *tx, const DbAsk *ask);
    Err *(*script)(DbTx *tx, const char *sql);     /* several statements, no arguments, no rows */
    Err *(*lock)(DbTx *tx, const char *name);      /* optional */
    Err *(*announce)(DbTx *tx, const char *topic); /* optional: tell other processes at commit */
    void (*hear)(Db *db); /* optional: somebody listens, so begin to hear other processes */
} DbDriver;

extern const DbDriver sqlite_driver, postgres_driver;

typedef struct Hub Hub;

/* Every driver's own struct begins with this. */
struct Db {
    const DbDriver *driver;
    Hub *hub;
    int connections, patience_ms;
};

void db_init(Db *db, const DbDriver *driver, const DbSetup *setup);
void db_done(Db *db);

struct DbTx {
    Db *db;
    const DbTx *outer; /* what this thread was in the midst of */
    bool is_read, has_failed;
    ErrCode failure; /* of the first statement that failed */
    Buf topics;      /* to be woken after the commit, each ended by a NUL */
};

#define DB_TX(db_, is_read_) \
    { \
        .db = (db_), .is_read = (is_read_), .topics = BUF(64 * 1024) \
    }

/* Carry out WORK in TX, which the driver has begun. Fails also when a statement failed and WORK says it did not. */
MUST Err *db_tx_perform(DbTx *tx, DbWork *work, void *context);
void db_tx_done(DbTx *tx);
DEFINE_AUTO_DONE(DbTx, db_tx_done);

/* A thread of the house: no signal is delivered to it. */
MUST Err *db_thread_start(pthread_t *thread, void *(*run)(void *), void *context);

/* ---- ear.c ---- */

Hub *hub_new(void);
void hub_free(Hub *hub);
void hub_ring(Db *db, const char *topic);
void hub_ring_each(Db *db, const Buf *topics); /* of a transaction that was committed */
void hub_ring_all(Db *db);                     /* signals may have been missed */

/* While heard() runs, this thread may not use the database. */
void db_thread_enter(DbTx *mark, Db *db);
void db_thread_leave(DbTx *mark);

/* ---- row.c ---- */

typedef struct RowReader {
    const Shape *shape;
    Arena *mem;
    const Field *fields[COLUMNS_MAX]; /* by column */
    int columns;
} RowReader;

MUST Err *db_row_head(RowReader *reader, int columns, const char *const *names);
MUST Err *db_row_read(const RowReader *reader, const DbArg *cells, void *ret);

/* ---- kept.c: statements that a connection has prepared ---- */

typedef struct KeptRow KeptRow;

/* The least recently used goes when there are too many. Of one connection, so of one thread at a time. */
typedef struct Kept {
    KeptRow *buckets[64];
    size_t count;
    uint64_t turn;
    void (*end)(void *statement, void *context);
    void *context;
} Kept;

uint64_t kept_hash(const char *words);

/* TYPES tells statements of the same words apart. NULL when there is none. */
void *kept_find(Kept *kept, const char *sql, const char *types);
void kept_add(Kept *kept, const char *sql, const char *types, void *statement);
void kept_clear(Kept *kept);

/* ---- migrate.c ---- */

extern const Embedded embedded_sql[];

/* db_version and db_migrate with other migrations than those inside the program. */
MUST Err *migrate_look(Db *db, const Embedded *files, DbVersion *ret);
MUST Err *migrate_run(Db *db, const Embedded *files, DbVersion *ret);
