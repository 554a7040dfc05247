/* sqlite_priv.h - one connection to a file, and the thread that writes to it. Not for other folders. */
#pragma once

#include <sqlite3.h>

#include "db/db_priv.h"

/* Of one thread at a time. */
typedef struct SqliteLink {
    sqlite3 *handle;
    Kept kept;
    struct SqliteLink *next; /* in the pool of readers */
} SqliteLink;

typedef struct SqliteTx {
    DbTx tx;
    SqliteLink *link;
} SqliteTx;

typedef struct SqliteWriter SqliteWriter;

MUST Err *sqlite_link_open(const char *path, int patience_ms, SqliteLink **ret);
void sqlite_link_close(SqliteLink *link);
DEFINE_AUTO(SqliteLink, sqlite_link_close);

/* Carry out a statement of ours, such as "BEGIN". */
MUST Err *sqlite_link_do(SqliteLink *link, const char *sql);

/* Before the last connection is closed: let the file remember how its tables are filled, for the planner. Nobody is waited for. */
void sqlite_link_tidy(SqliteLink *link);

/* ---- sqlite_log.c: what was committed, carried from the log into the file ---- */

typedef struct SqliteLog SqliteLog;

/* PATH and WRITER, whose commits it counts, outlive it. */
MUST Err *sqlite_log_start(const char *path, int patience_ms, SqliteLink *writer, SqliteLog **ret);
void sqlite_log_stop(SqliteLog *log); /* before WRITER is closed; NULL is fine */

/* By the writer's thread between two transactions, once nobody waits for the first: has the log carried over when it has grown. */
void sqlite_log_tend(SqliteLog *log);

/* ---- sqlite_writer.c ---- */

/* PATH outlives it. Takes LINK over, also when it fails. */
MUST Err *sqlite_writer_start(Db *db, const char *path, SqliteLink *link, SqliteWriter **ret);
void sqlite_writer_stop(SqliteWriter *writer); /* NULL is fine */
MUST Err *sqlite_writer_write(SqliteWriter *writer, DbWork *work, void *context);
