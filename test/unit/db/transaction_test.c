/* Promises of transactions, alone and beside each other, on both databases. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/crew.h"
#include "harness/db.h"
#include "harness/postgres.h"

static void table_make(Db *db)
{
    TEST_DB_RUN(
        db, "CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0)",
        "INSERT INTO t VALUES (1, 0), (2, 0)");
}

static long long sum_of(Db *db)
{
    return test_db_number(db, "SELECT SUM(n) FROM t");
}

static Err *add_work(DbTx *tx, void *none)
{
    (void)none;
    return db_run(tx, "UPDATE t SET n = n + 1 WHERE a = 1", DB_NO_ARGS, NULL);
}

static Err *taken_work(DbTx *tx, void *none)
{
    (void)none;
    return db_run(tx, "INSERT INTO t (a) VALUES (1)", DB_NO_ARGS, NULL);
}

static Err *add_and_fail_work(DbTx *tx, void *none)
{
    TRY(add_work(tx, none));
    return err_new(ERR_CONFLICT, "changed my mind");
}

TEST_DB(a_work_that_fails_leaves_nothing_behind)
{
    table_make(db);
    CHECK_ERR(db_write(db, add_and_fail_work, NULL), ERR_CONFLICT, "changed my mind");
    CHECK_INT(sum_of(db), 0);
    CHECK_OK(db_write(db, add_work, NULL));
    CHECK_INT(sum_of(db), 1);
}

/* Goes on after a statement that failed, as if nothing had been. */
static Err *shrug_work(DbTx *tx, void *second_code)
{
    TRY(add_work(tx, NULL));
    err_free(taken_work(tx, NULL));

    Err *err = add_work(tx, NULL);
    *(ErrCode *)second_code = err_code(err);
    err_free(err);
    return NULL;
}

TEST_DB(a_statement_that_failed_undoes_the_transaction_whatever_its_work_says)
{
    ErrCode second = ERR_BUG;

    table_make(db);
    CHECK_ERR(
        db_write(db, shrug_work, &second), ERR_ROW_TAKEN,
        "a statement failed, so its transaction was undone");
    CHECK_INT(second, ERR_ROW_TAKEN);
    CHECK_INT(sum_of(db), 0);
}

static Err *nested_work(DbTx *tx, void *db)
{
    (void)tx;
    return db_write(db, add_work, NULL);
}

static Err *nested_read_work(DbTx *tx, void *db)
{
    (void)tx;
    return db_read(db, add_work, NULL);
}

TEST_DB(a_transaction_inside_another_is_a_bug)
{
    const char *message = "a transaction was begun inside another of the same database";

    table_make(db);
    CHECK_ERR(db_write(db, nested_work, db), ERR_BUG, message);
    CHECK_ERR(db_read(db, nested_work, db), ERR_BUG, message);
    CHECK_ERR(db_write(db, nested_read_work, db), ERR_BUG, message);
    CHECK_OK(db_write(db, add_work, NULL));
}

TEST_DB(who_only_reads_cannot_write)
{
    table_make(db);
    AUTO(err_free) Err *err = db_read(db, add_work, NULL);
    CHECK(err && err_code(err) == ERR_BUG);
    CHECK_INT(sum_of(db), 0);
}

/* Reads, lets a writer in, and reads again. */
static Err *twice_work(DbTx *tx, void *other)
{
    int64_t before = 0, after = 0;

    TRY(db_number(tx, "SELECT SUM(n) FROM t", DB_NO_ARGS, &before));
    TRY(db_write(other, add_work, NULL));
    TRY(db_number(tx, "SELECT SUM(n) FROM t", DB_NO_ARGS, &after));
    return before == after ? NULL : err_new(ERR_CONFLICT, "the sight changed");
}

TEST_DB(a_reader_keeps_one_sight_beside_a_writer)
{
    AUTO(db_close) Db *other = NULL;

    table_make(db);
    CHECK_OK(db_open(&(DbSetup){.url = test_db_url()}, &other));
    CHECK_OK(db_read(db, twice_work, other));
    CHECK_INT(sum_of(db), 1);
}

TEST_DB(what_was_written_is_there_when_opened_again)
{
    AUTO(db_close) Db *other = NULL;

    table_make(db);
    CHECK_OK(db_write(db, add_work, NULL));
    CHECK_OK(db_open(&(DbSetup){.url = test_db_url()}, &other));
    CHECK_INT(sum_of(other), 1);
}

/* ---- many at once ---- */

typedef struct Crowd {
    Db *db;
    DbWork *work;
    atomic_int done, failed;
} Crowd;

static void crowd_write(void *crowd_any, size_t item)
{
    Crowd *crowd = crowd_any;
    DbWork *work = item % 3 == 2 ? add_and_fail_work : item % 3 == 1 ? taken_work : crowd->work;
    Err *err = db_write(crowd->db, work, NULL);

    atomic_fetch_add(err ? &crowd->failed : &crowd->done, 1);
    err_free(err);
}

TEST_DB(many_write_at_once_and_those_who_fail_spoil_nobody)
{
    Crowd crowd = {.db = db, .work = add_work};

    table_make(db);
    crew_run(8, 150, crowd_write, &crowd);
    CHECK_INT(crowd.done, 50);
    CHECK_INT(crowd.failed, 100);
    CHECK_INT(sum_of(db), 50);
}

/* Looks, and then writes what it saw: right only when nobody comes between. */
static Err *look_and_add_work(DbTx *tx, void *none)
{
    int64_t n = 0;

    (void)none;
    TRY(db_lock(tx, "n of 1"));
    TRY(db_number(tx, "SELECT n FROM t WHERE a = 1", DB_NO_ARGS, &n));
    return db_run(tx, "UPDATE t SET n = ?1 WHERE a = 1", DB_ARGS(DB_INT(n + 1)), NULL);
}

static void locked_write(void *crowd_any, size_t item)
{
    Crowd *crowd = crowd_any;
    Err *err = db_write(crowd->db, crowd->work, NULL);

    (void)item;
    atomic_fetch_add(err ? &crowd->failed : &crowd->done, 1);
    err_free(err);
}

TEST_DB(who_holds_a_lock_is_alone)
{
    Crowd crowd = {.db = db, .work = look_and_add_work};

    table_make(db);
    crew_run(8, 100, locked_write, &crowd);
    CHECK_INT(crowd.failed, 0);
    CHECK_INT(sum_of(db), 100);
}

static void mixed_do(void *crowd_any, size_t item)
{
    Crowd *crowd = crowd_any;
    Err *err =
        item % 2 ? db_read(crowd->db, twice_work, crowd->db) : db_write(crowd->db, add_work, NULL);

    atomic_fetch_add(err ? &crowd->failed : &crowd->done, 1);
    err_free(err);
}

TEST_DB(more_readers_than_connections_wait_for_their_turn)
{
    AUTO(db_close) Db *narrow = NULL;
    Crowd crowd = {.work = add_work};

    table_make(db);
    CHECK_OK(db_open(
        &(DbSetup){.url = test_db_url(), .connections = 2, .patience_ms = TEST_DB_PATIENCE_MS},
        &narrow));
    crowd.db = narrow;
    crew_run(8, 100, mixed_do, &crowd);
    CHECK_INT(crowd.failed, 50); /* those who began one inside another */
    CHECK_INT(crowd.done, 50);
    CHECK_INT(sum_of(db), 50);
}

/* ---- a reference that is checked at the commit ---- */

static Err *orphan_work(DbTx *tx, void *none)
{
    (void)none;
    return db_run(tx, "INSERT INTO late VALUES (99)", DB_NO_ARGS, NULL);
}

static void late_make(Db *db)
{
    table_make(db);
    TEST_DB_RUN(db, "CREATE TABLE late (a BIGINT REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED)");
}

TEST_DB(what_is_refused_at_the_commit_is_refused)
{
    late_make(db);
    AUTO(err_free) Err *err = db_write(db, orphan_work, NULL);
    CHECK(err && err_code(err) == ERR_ROW_REFUSED);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM late"), 0);
    CHECK_OK(db_write(db, add_work, NULL));
}

static void orphan_or_add(void *crowd_any, size_t item)
{
    Crowd *crowd = crowd_any;
    Err *err = db_write(crowd->db, item % 4 ? add_work : orphan_work, NULL);

    atomic_fetch_add(err ? &crowd->failed : &crowd->done, 1);
    err_free(err);
}

TEST_DB(who_is_refused_at_the_commit_takes_no_neighbour_along)
{
    Crowd crowd = {.db = db};

    late_make(db);
    crew_run(8, 80, orphan_or_add, &crowd);
    CHECK_INT(crowd.failed, 20);
    CHECK_INT(sum_of(db), 60);
}

/* SQLite undoes the whole transaction when it runs out of room, neighbours and all. */
static Err *swell_work(DbTx *tx, void *none)
{
    (void)none;
    return db_run(tx, "INSERT INTO big VALUES (zeroblob(1000000))", DB_NO_ARGS, NULL);
}

static Err *narrow_work(DbTx *tx, void *none)
{
    (void)none;
    return db_run(tx, "PRAGMA max_page_count = 100", DB_NO_ARGS, NULL);
}

static void swell_or_add(void *crowd_any, size_t item)
{
    Crowd *crowd = crowd_any;
    Err *err = db_write(crowd->db, item % 4 ? add_work : swell_work, NULL);

    if (err && err_code(err) == ERR_DISK_FULL)
        atomic_fetch_add(&crowd->failed, 1);
    err_free(err);
}

TEST(who_finds_no_room_in_a_file_of_sqlite_takes_no_neighbour_along)
{
    const char *folder = test_folder();
    char url[600];
    Crowd crowd = {0};

    snprintf(url, sizeof(url), "sqlite://%s/x.db", folder);
    CHECK_OK(db_open(&(DbSetup){.url = url}, &crowd.db));
    table_make(crowd.db);
    TEST_DB_RUN(crowd.db, "CREATE TABLE big (bytes BLOB)");
    CHECK_OK(db_write(crowd.db, narrow_work, NULL));
    crew_run(8, 80, swell_or_add, &crowd);
    CHECK_INT(crowd.failed, 20);
    CHECK_INT(sum_of(crowd.db), 60);
    db_close(crowd.db);
    test_folder_remove(folder);
}

/* ---- no database ---- */

static void check_no_db(const char *url, ErrCode code, const char *not_said)
{
    Db *db = NULL;
    AUTO(err_free) Err *err = db_open(&(DbSetup){.url = url, .patience_ms = 100}, &db);

    CHECK(err && !db);
    CHECK_TEXT(err_name(err_code(err)), err_name(code));
    CHECK(!strstr(err_message(err), not_said));
}

TEST(where_there_is_no_database_none_is_opened_and_the_address_is_not_told)
{
    check_no_db("mysql://secret", ERR_INPUT_INVALID, "secret");
    check_no_db("sqlite:///nowhere/secret/x.db", ERR_DATABASE_FAILED, "secret");
    check_no_db("postgresql://u:secret@127.0.0.1:1/x", ERR_DATABASE_FAILED, "127.0.0.1");
    check_no_db("postgresql://u:secret@127.0.0.1:1/x", ERR_DATABASE_FAILED, "secret");
    check_no_db("postgresql:///x?host=/secret", ERR_DATABASE_FAILED, "secret");
    check_no_db("postgresql://secret:x:y", ERR_DATABASE_FAILED, "secret");
}

TEST(a_file_that_is_no_database_is_refused)
{
    const char *folder = test_folder();
    char path[512], url[600];

    snprintf(path, sizeof(path), "%s/x.db", folder);
    snprintf(url, sizeof(url), "sqlite://%s", path);
    FILE *file = fopen(path, "w");
    CHECK(file);
    for (int i = 0; i < 1000; i++)
        fputs("this is no database. ", file);
    fclose(file);
    check_no_db(url, ERR_DATABASE_FAILED, folder);
    test_folder_remove(folder);
}

TEST(a_file_of_sqlite_is_for_its_owner_alone)
{
    const char *folder = test_folder();
    char path[512], url[600];
    struct stat facts;
    Db *db = NULL;

    snprintf(path, sizeof(path), "%s/x.db", folder);
    snprintf(url, sizeof(url), "sqlite://%s", path);
    CHECK_OK(db_open(&(DbSetup){.url = url}, &db));
    table_make(db);
    CHECK(stat(path, &facts) == 0);
    CHECK_INT(facts.st_mode & 0777, 0600);
    snprintf(path, sizeof(path), "%s/x.db-wal", folder);
    CHECK(stat(path, &facts) == 0);
    CHECK_INT(facts.st_mode & 0777, 0600);
    db_close(db);
    CHECK(stat(path, &facts) != 0); /* put back into the file */
    test_folder_remove(folder);
}

/* ---- SQLite: beside another process ---- */

static Err *slow_work(DbTx *tx, void *other)
{
    TRY(add_work(tx, NULL));
    Err *err = db_write(other, add_work, NULL); /* cannot get in */

    ErrCode code = err ? err_code(err) : ERR_BUG;
    err_free(err);
    return code == ERR_DATABASE_BUSY ? NULL : err_new(ERR_CONFLICT, "two wrote at once");
}

TEST(a_file_that_another_process_writes_to_is_busy_after_some_patience)
{
    const char *folder = test_folder();
    char url[600];
    Db *one = NULL, *two = NULL;

    snprintf(url, sizeof(url), "sqlite://%s/x.db", folder);
    CHECK_OK(db_open(&(DbSetup){.url = url}, &one));
    CHECK_OK(db_open(&(DbSetup){.url = url, .patience_ms = 50}, &two));
    table_make(one);
    CHECK_OK(db_write(one, slow_work, two));
    CHECK_OK(db_write(two, add_work, NULL));
    CHECK_INT(sum_of(one), 2);
    db_close(one);
    db_close(two);
    test_folder_remove(folder);
}
