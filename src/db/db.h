/* db.h - what must not be lost: statements, transactions and migrations, over SQLite or PostgreSQL.
 *
 * One Db is shared by all threads. Everything happens in a transaction, which is a function:
 *
 *     static Err *tenant_rename(DbTx *tx, void *context) { ... TRY(db_run(tx, "UPDATE tenants SET name = ?1 WHERE id = ?2", ...)); ... }
 *     TRY(db_write(db, tenant_rename, &wish));
 *
 * The function may be carried out more than once (after a deadlock, or when a neighbour's failure undid a shared commit): it changes
 * nothing but the database and what its context points to. db_write returns when the commit is safe on disk. On SQLite one writer thread
 * owns the writing connection and commits whatever has queued up together, so the function runs on that thread while the caller
 * waits; on PostgreSQL it runs on the caller's thread with a connection of the pool. A transaction function never waits for
 * anything but the database.
 *
 * On SQLite a commit is safe in the log (the -wal file beside the file). A thread of its own carries it over into the file while the writer
 * goes on, and the log begins anew when all of it is carried over and nobody reads in it. From 64 MiB on the writer carries it over itself
 * before it goes on, so no load makes the log grow further; what does is one transaction that is larger, and a db_read that
 * goes on while others write: keep those short. db_close carries over all of it, and after a crash the next db_open does.
 *
 * On SQLite writers come one after the other; on PostgreSQL they run beside each other and see what others have committed between two
 * statements (READ COMMITTED). So decide inside a statement ("UPDATE ... SET left = left - ?2 WHERE id = ?1 AND left >= ?2", and
 * look at *ret_changed), by a unique key, or under db_lock; never by a SELECT whose answer a later statement trusts.
 *
 * A statement that fails (a key that is taken, a check) undoes the whole transaction on both databases: what the function does after it is
 * refused with the same code, and db_write fails even when the function returns NULL. Whoever wants to go on when a row is there
 * already writes ON CONFLICT DO NOTHING and looks at *ret_changed. NOT_FOUND of db_one is no failure of a statement.
 *
 * SQL stands only in files called *_store.c. It is written once for both databases: placeholders ?1 ?2 ..., each used at least once, in
 * any order; TEXT, BIGINT, DOUBLE PRECISION; times are milliseconds since 1970, booleans 0 or 1, JSON is TEXT; UPDATE ... RETURNING and ON CONFLICT
 * are in both. Where the dialects differ, db_kind tells. What bites:
 *
 *   NULLs             come first in SQLite's order and last in PostgreSQL's: write NULLS FIRST or LAST. A UNIQUE takes many NULLs on both. A
 *                     PRIMARY KEY of SQLite may be NULL: write NOT NULL. `IS ?1` is SQLite's alone: IS NOT DISTINCT FROM ?1
 *   types             INTEGER has 32 bits on PostgreSQL: BIGINT. It never takes a text for a number nor a number for a text or a condition
 *                     (`WHERE is_good = 1`, not `WHERE is_good`). "Double quotes" are names, 'single ones' texts
 *   placeholders      have the type of their DbArg: DB_INT is BIGINT, DB_TEXT is TEXT (also DB_TEXT(NULL)). DB_NULL has none, and must stand
 *                     where the type is plain (a column's value): else use DB_TEXT(NULL), or CAST(?1 AS BIGINT)
 *   LIKE              ignores case of ASCII on SQLite alone, and has no escape there: lower(x) LIKE ?1 ESCAPE '\\'
 *   order of texts    is by bytes on SQLite, by the database's locale on PostgreSQL; within one database it is one order
 *   GROUP BY          must name every plain column. A SELECT's own names (AS) may be used in ORDER BY, not in WHERE or HAVING
 *   INSERT ... SELECT ... ON CONFLICT   needs a WHERE (WHERE 1 = 1), or SQLite takes ON for a join's
 *   greatest, least   are max(a, b) and min(a, b) on SQLite: write CASE. round(), ->> and date functions differ: do it in C
 *   lists of values   SQLite: IN (SELECT value FROM json_each(?1)); PostgreSQL: IN (SELECT json_array_elements_text(?1::json))
 *   FOR UPDATE, SKIP LOCKED, ::casts   are PostgreSQL's alone; LIMIT in UPDATE and DELETE is nobody's: WHERE id IN (SELECT ... LIMIT ?1)
 *   references        are checked on both; only DEFERRABLE INITIALLY DEFERRED waits for the commit. The referring column needs its own index
 *   ALTER TABLE       on SQLite adds, renames and drops columns, no constraints
 *
 * Outside errors become ours: ROW_TAKEN (a unique key), ROW_REFUSED (a check, a reference, a value out of range), DATABASE_BUSY (retry later),
 * DISK_FULL, MEMORY_SPENT, DATABASE_FAILED (the message says what; never a value, never the address), BUG (SQL that is wrong).
 */
#pragma once

#include "base/cancel.h"
#include "shape/shape.h"

typedef struct Db Db;
typedef struct DbTx DbTx;

typedef enum DbKind {
    DB_SQLITE,
    DB_POSTGRES
} DbKind;

typedef struct DbSetup {
    const char
        *url; /* "sqlite:///folder/cyclorama.db" (three slashes: from the root; two: from here), or
                 "postgresql://user:password@host/name" with libpq's options */
    int connections; /* PostgreSQL: most of the pool; SQLite: most readers; 0 for 8 */
    int patience_ms; /* wait this long for a connection or a lock; 0 for 5,000 */
} DbSetup;

/* Connects; does not migrate. A file of SQLite that is missing is made, for this user alone; its folder must be there. DATABASE_FAILED
 * when there is no database to be had, INPUT_INVALID for an address of another kind. */
MUST Err *db_open(const DbSetup *setup, Db **ret);
void db_close(Db *db); /* after all transactions have ended */
DEFINE_AUTO(Db, db_close);

DbKind db_kind(const Db *db);

/* ---- transactions ---- */

typedef Err *DbWork(DbTx *tx, void *context);

/* Read and write. An Err of WORK undoes what it did and is returned. One transaction inside another of the same database is a BUG. */
MUST Err *db_write(Db *db, DbWork *work, void *context);

/* Read alone: one consistent sight of the database, beside any writer. */
MUST Err *db_read(Db *db, DbWork *work, void *context);

DbKind db_tx_kind(const DbTx *tx);

/* ---- statements ---- */

typedef struct DbArg {
    enum {
        DB_ARG_END,
        DB_ARG_NULL,
        DB_ARG_TEXT,
        DB_ARG_INT,
        DB_ARG_NUMBER,
        DB_ARG_BYTES
    } kind;
    const char *text; /* NULL is SQL's NULL */
    int64_t whole;
    double number;
    const void *bytes;
    size_t size;
} DbArg;

#define DB_TEXT(text_) \
    { \
        .kind = DB_ARG_TEXT, .text = (text_) \
    }
#define DB_INT(whole_) \
    { \
        .kind = DB_ARG_INT, .whole = (whole_) \
    }
#define DB_NUMBER(number_) \
    { \
        .kind = DB_ARG_NUMBER, .number = (number_) \
    }
#define DB_BYTES(bytes_, size_) \
    { \
        .kind = DB_ARG_BYTES, .bytes = (bytes_), .size = (size_) \
    }
#define DB_NULL \
    { \
        .kind = DB_ARG_NULL \
    }

/* ?1, ?2, ... in order: DB_ARGS(DB_TEXT(id), DB_INT(now_ms)). DB_INT(FIELD_NONE) and DB_NUMBER(NAN) are NULL, as in shapes. */
#define DB_ARGS(...) \
    (const DbArg[]) \
    { \
        __VA_ARGS__, \
        { \
            .kind = DB_ARG_END \
        } \
    }
#define DB_NO_ARGS NULL

/* Carry out SQL, a constant (it is prepared once a connection and kept). *RET_CHANGED, unless NULL, is the number of rows changed. */
MUST Err *db_run(DbTx *tx, const char *sql, const DbArg *args, int64_t *ret_changed);

/* Carry out SQL for many ROWS of SHAPE, five hundred with one statement: as many round trips as one row alone would take. They are what
 * SQL selects from, as the table DB_EACH gives it: each.number counts from 1 in every statement, and each.value ->> 'field' is a TEXT; whole
 * numbers need CAST(... AS BIGINT). They take ?1, so ARGS begin with ?2. Which row failed is not said.
 *
 *     #define SQL_ADD(each) "INSERT INTO photos (id, bytes, owner) SELECT each.value ->> 'id', CAST(each.value ->> 'bytes' AS BIGINT), ?2 FROM " each
 *     TRY(db_run_each(tx, DB_EACH(tx, SQL_ADD), DB_ARGS(DB_TEXT(owner)), &photo_shape, &photos, NULL));
 */
MUST Err *db_run_each(
    DbTx *tx, const char *sql, const DbArg *args, const Shape *row, const List *rows,
    int64_t *ret_changed);

#define DB_EACH(tx, SQL_MACRO_) \
    (db_tx_kind(tx) == DB_SQLITE ? SQL_MACRO_(DB_EACH_SQLITE_) : SQL_MACRO_(DB_EACH_POSTGRES_))
#define DB_EACH_SQLITE_ "(SELECT key + 1 AS number, value FROM json_each(?1)) AS each"
#define DB_EACH_POSTGRES_ \
    "jsonb_array_elements(CAST(?1 AS jsonb)) WITH ORDINALITY AS each(value, number)"

/* The rows of a SELECT or a RETURNING: each column goes into the field of ROW of the same name (NULL: NULL, 0, false, nothing for
 * lists, and what shape.h says of null where the field is nullable); a column without a field, or a required field without a column, is a BUG. Fields may be TEXT, INT, TIME (BIGINT), NUMBER, BOOL, NAME and
 * COLOUR (kept as their words), TEXTS, LIST, PAIRS, VECTOR, OBJECT, MAYBE, MAP and VALUE (kept as JSON). Texts and values live in MEM. */
MUST Err *db_one(
    DbTx *tx, const char *sql, const DbArg *args, const Shape *row, Arena *mem,
    void *ret); /* NOT_FOUND for no row; the first of several */
MUST Err *db_all(
    DbTx *tx, const char *sql, const DbArg *args, const Shape *row, Arena *mem,
    List *ret); /* at most 10,000 rows; more are a BUG: page */

/* What a column keeps of TEXTS: their JSON, in MEM; NULL for NULL. */
MUST Err *db_texts(const Texts *texts, Arena *mem, const char **ret);

/* SQL about what is among texts, which are its ?1 as db_texts writes them: AMONG stands where the list in brackets would.
 *
 *     #define SQL_FIND(among) "SELECT id FROM runs WHERE tenant_id = ?2 AND id IN " among
 *     TRY(db_all(tx, DB_AMONG(tx, SQL_FIND), DB_ARGS(DB_TEXT(ids), DB_TEXT(tenant_id)), &id_shape, mem, &rows));
 */
#define DB_AMONG(tx, SQL_MACRO_) \
    (db_tx_kind(tx) == DB_SQLITE \
         ? SQL_MACRO_("(SELECT value FROM json_each(?1))") \
         : SQL_MACRO_("(SELECT jsonb_array_elements_text(CAST(?1 AS jsonb)))"))

/* The first column of the first row as a number; 0 when there is none or it is NULL. */
MUST Err *db_number(DbTx *tx, const char *sql, const DbArg *args, int64_t *ret);

/* Until the transaction ends, no other that locks NAME goes on. On SQLite there is one writer at a time anyway. */
MUST Err *db_lock(DbTx *tx, const char *name);

/* ---- waking those who wait ---- */

/* When TX is committed, wake who waits for TOPIC ("jobs", or "run:" and an id), in this process and in all others on the same database. */
MUST Err *db_signal(DbTx *tx, const char *topic);

/* A place in the row of those who wait for TOPIC; signals since it was taken are not missed. Any number, cheap. */
typedef struct DbEar DbEar;
DbEar *db_listen(Db *db, const char *topic);
void db_ear_free(DbEar *ear);
DEFINE_AUTO(DbEar, db_ear_free);

/* True when TOPIC was signalled since the last call; false when TIMEOUT_MS went by or CANCEL was asked. On SQLite other processes are
 * not heard: ask again after some seconds. */
bool db_wait(DbEar *ear, int64_t timeout_ms, Cancel *cancel);

/* Be told instead of waiting: HEARD(context) on a thread of the house, at once and short; it may neither use the database nor change its
 * ear. NULL ends it, after which it does not run. */
void db_ear_watch(DbEar *ear, void (*heard)(void *context), void *context);

/* ---- migrations (sql/NNNN_name.sql, or .sqlite.sql and .postgres.sql where the dialects differ) ---- */

typedef struct DbVersion {
    int64_t at, newest; /* numbers of the last migration carried out and of the last there is */
} DbVersion;

/* DATABASE_FAILED, with what to do, when the database is newer than the program. 0 before the first migration. */
MUST Err *db_version(Db *db, DbVersion *ret);

/* Carry out what is missing, all of it in one transaction, one process at a time: after a failure the database is as it was. */
MUST Err *db_migrate(Db *db, DbVersion *ret);
