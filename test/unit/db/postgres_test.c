/* Promises about what goes wrong between us and PostgreSQL. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/crew.h"
#include "db/postgres_priv.h"
#include "harness/db.h"
#include "harness/postgres.h"

static const char end_everybody[] =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()";

static Db *database_open(int connections, int patience_ms)
{
    static char url[512];
    Db *db = NULL;

    postgres_database_make(url, sizeof(url));
    CHECK_OK(db_open(
        &(DbSetup){.url = url, .connections = connections, .patience_ms = patience_ms}, &db));
    TEST_DB_RUN(
        db, "CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)",
        "INSERT INTO t VALUES (1, 0), (2, 0)");
    return db;
}

static const char *url_of(const Db *db)
{
    return ((const PostgresDb *)db)->url;
}

static void database_close(Db *db)
{
    char url[512];

    snprintf(url, sizeof(url), "%s", url_of(db));
    db_close(db);
    postgres_database_drop(url);
}

static long long sum_of(Db *db)
{
    return test_db_number(db, "SELECT SUM(n) FROM t");
}

static Err *add_work(DbTx *tx, void *a)
{
    return db_run(
        tx, "UPDATE t SET n = n + 1 WHERE a = ?1", DB_ARGS(DB_INT(*(const int64_t *)a)), NULL);
}

static Err *add_one(Db *db)
{
    int64_t a = 1;

    return db_write(db, add_work, &a);
}

TEST(connections_that_a_server_has_ended_are_opened_again)
{
    Db *db = database_open(4, 5000);

    for (int turn = 0; turn < 3; turn++) {
        postgres_operator_run(url_of(db), end_everybody);
        CHECK_OK(add_one(db));
    }
    CHECK_INT(sum_of(db), 3);
    database_close(db);
}

static Err *meet_work(DbTx *tx, void *both)
{
    int64_t n;

    TRY(db_number(tx, "SELECT 1", DB_NO_ARGS, &n));
    pthread_barrier_wait(both);
    return NULL;
}

typedef struct Meeting {
    Db *db;
    pthread_barrier_t all;
    atomic_int failed;
} Meeting;

static void meet(void *meeting_any, size_t item)
{
    Meeting *meeting = meeting_any;
    Err *err = db_read(meeting->db, meet_work, &meeting->all);

    (void)item;
    atomic_fetch_add(&meeting->failed, err != NULL);
    err_free(err);
}

TEST(all_idle_connections_are_given_up_when_one_of_them_is_found_lost)
{
    Meeting meeting = {.db = database_open(4, 5000)};

    pthread_barrier_init(&meeting.all, NULL, 4);
    for (int turn = 0; turn < 2; turn++) { /* four are open after the first */
        crew_run(4, 4, meet, &meeting);
        postgres_operator_run(url_of(meeting.db), end_everybody);
        CHECK_OK(add_one(meeting.db));
    }
    pthread_barrier_destroy(&meeting.all);
    CHECK_INT(meeting.failed, 0);
    CHECK_INT(sum_of(meeting.db), 2);
    database_close(meeting.db);
}

typedef struct Fate {
    const char *url;
    int tries;
} Fate;

static Err *struck_work(DbTx *tx, void *fate_any)
{
    Fate *fate = fate_any;
    int64_t a = 1;

    TRY(add_work(tx, &a));
    if (fate->tries++ == 0)
        postgres_operator_run(fate->url, end_everybody);
    return add_work(tx, &a);
}

TEST(a_transaction_whose_connection_is_lost_is_carried_out_again)
{
    Db *db = database_open(4, 5000);
    Fate fate = {.url = url_of(db)};

    CHECK_OK(db_write(db, struck_work, &fate));
    CHECK_INT(fate.tries, 2);
    CHECK_INT(sum_of(db), 2);
    database_close(db);
}

static Err *struck_at_the_end_work(DbTx *tx, void *fate_any)
{
    Fate *fate = fate_any;
    int64_t a = 1;

    fate->tries++;
    TRY(add_work(tx, &a));
    postgres_operator_run(fate->url, end_everybody);
    return NULL;
}

TEST(a_transaction_that_may_have_been_committed_is_not_carried_out_again)
{
    Db *db = database_open(4, 5000);
    Fate fate = {.url = url_of(db)};

    AUTO(err_free) Err *err = db_write(db, struck_at_the_end_work, &fate);
    CHECK(err && err_code(err) == ERR_DATABASE_FAILED);
    CHECK(strstr(err_message(err), "it is not known whether a transaction was committed"));
    CHECK_INT(fate.tries, 1);
    database_close(db);
}

/* Two who lock two rows in opposite order, and wait for each other the first time. */
typedef struct Duel {
    Db *db;
    pthread_barrier_t both;
    atomic_int tries, failed;
} Duel;

typedef struct Duellist {
    Duel *duel;
    int64_t first, second;
    int tries;
} Duellist;

static Err *duel_work(DbTx *tx, void *duellist_any)
{
    Duellist *duellist = duellist_any;

    atomic_fetch_add(&duellist->duel->tries, 1);
    TRY(add_work(tx, &duellist->first));
    if (duellist->tries++ == 0)
        pthread_barrier_wait(&duellist->duel->both);
    return add_work(tx, &duellist->second);
}

static void duel_fight(void *duel_any, size_t item)
{
    Duel *duel = duel_any;
    Duellist duellist = {.duel = duel, .first = item ? 1 : 2, .second = item ? 2 : 1};
    Err *err = db_write(duel->db, duel_work, &duellist);

    atomic_fetch_add(&duel->failed, err != NULL);
    err_free(err);
}

TEST(a_deadlock_is_no_concern_of_those_who_met_in_it)
{
    Duel duel = {.db = database_open(4, 20000)};

    pthread_barrier_init(&duel.both, NULL, 2);
    crew_run(2, 2, duel_fight, &duel);
    pthread_barrier_destroy(&duel.both);
    CHECK_INT(duel.failed, 0);
    CHECK(duel.tries > 2);
    CHECK_INT(sum_of(duel.db), 4);
    database_close(duel.db);
}

static Err *hold_work(DbTx *tx, void *other)
{
    int64_t a = 1;

    TRY(add_work(tx, &a));
    Err *err = add_one(other);
    ErrCode code = err ? err_code(err) : ERR_BUG;
    err_free(err);
    return code == ERR_DATABASE_BUSY ? NULL : err_new(ERR_CONFLICT, "it was not busy");
}

TEST(a_row_that_somebody_holds_is_busy_after_some_patience)
{
    Db *db = database_open(2, 5000), *other = NULL;

    CHECK_OK(db_open(&(DbSetup){.url = url_of(db), .patience_ms = 50}, &other));
    CHECK_OK(db_write(db, hold_work, other));
    CHECK_OK(add_one(other));
    db_close(other);
    database_close(db);
}

typedef struct Crowd {
    Db *db;
    pthread_barrier_t both;
    atomic_int busy;
} Crowd;

static Err *linger_work(DbTx *tx, void *crowd_any)
{
    int64_t n;

    TRY(db_number(tx, "SELECT 1", DB_NO_ARGS, &n));
    pthread_barrier_wait(&((Crowd *)crowd_any)->both);
    pthread_barrier_wait(&((Crowd *)crowd_any)->both);
    return NULL;
}

static void crowd_read(void *crowd_any, size_t item)
{
    Crowd *crowd = crowd_any;
    Err *err;

    if (item == 0) {
        err = db_read(crowd->db, linger_work, crowd);
    } else {
        pthread_barrier_wait(&crowd->both);
        err = add_one(crowd->db);
        pthread_barrier_wait(&crowd->both);
    }
    atomic_fetch_add(&crowd->busy, err && err_code(err) == ERR_DATABASE_BUSY);
    err_free(err);
}

TEST(a_pool_that_is_used_up_is_busy_after_some_patience)
{
    Crowd crowd = {.db = database_open(1, 50)};

    pthread_barrier_init(&crowd.both, NULL, 2);
    crew_run(2, 2, crowd_read, &crowd);
    pthread_barrier_destroy(&crowd.both);
    CHECK_INT(crowd.busy, 1);
    CHECK_OK(add_one(crowd.db));
    database_close(crowd.db);
}

static Err *star_work(DbTx *tx, void *ret)
{
    return db_number(tx, "SELECT * FROM t WHERE a = 1", DB_NO_ARGS, ret);
}

TEST(a_table_that_was_changed_meanwhile_is_read_as_it_is_now)
{
    Db *db = database_open(1, 5000);
    int64_t a = 0;

    CHECK_OK(db_read(db, star_work, &a));
    postgres_operator_run(url_of(db), "ALTER TABLE t ADD COLUMN more BIGINT");
    CHECK_OK(db_read(db, star_work, &a));
    CHECK_INT(a, 1);
    database_close(db);
}

static void check_translation(const char *sql, const char *want, int want_count)
{
    int count = -1;
    AUTO(free) char *got = postgres_translate(sql, &count);

    CHECK_TEXT(got, want);
    CHECK_INT(count, want_count);
}

TEST(placeholders_are_translated_where_they_are_placeholders)
{
    check_translation("SELECT ?1, ?12", "SELECT $1, $12", 12);
    check_translation("SELECT '?1''?2', ?3", "SELECT '?1''?2', $3", 3);
    check_translation("SELECT \"?1\", ?1 -- ?2\n, ?3", "SELECT \"?1\", $1 -- ?2\n, $3", 3);
    check_translation("SELECT /* ?1 */ 1 ? 2", "SELECT /* ?1 */ 1 ? 2", 0);
    check_translation("SELECT 'open ?1", "SELECT 'open ?1", 0);
    check_translation("/", "/", 0);
    check_translation("", "", 0);
}
