/* Promises of waking those who wait, on both databases. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "harness/db.h"
#include "harness/postgres.h"

enum {
    LONG_MS = 20000, /* only a test that fails waits for it */
    SHORT_MS = 50
};

static Err *signal_work(DbTx *tx, void *topic)
{
    return db_signal(tx, topic);
}

static Err *signal_and_fail_work(DbTx *tx, void *topic)
{
    TRY(db_signal(tx, topic));
    return err_new(ERR_CONFLICT, "changed my mind");
}

/* On PostgreSQL the first ear is woken when other processes can be heard, since it may have missed something. */
static void settle(const Db *db, DbEar *ear)
{
    if (db_kind(db) == DB_POSTGRES)
        CHECK(db_wait(ear, LONG_MS, NULL));
}

TEST_DB(a_signal_wakes_once_who_waits_for_its_topic)
{
    AUTO(db_ear_free) DbEar *ear = db_listen(db, "jobs"), *second = db_listen(db, "jobs");
    AUTO(db_ear_free) DbEar *other = db_listen(db, "run:1");

    settle(db, ear);
    db_wait(second, 0, NULL);
    db_wait(other, 0, NULL);
    CHECK_OK(db_write(db, signal_work, "jobs"));
    CHECK(db_wait(ear, LONG_MS, NULL));
    CHECK(db_wait(second, 0, NULL));
    CHECK(!db_wait(other, SHORT_MS, NULL));
    CHECK(!db_wait(ear, SHORT_MS, NULL));
}

TEST_DB(a_signal_is_not_missed_between_listening_and_waiting)
{
    AUTO(db_ear_free) DbEar *ear = db_listen(db, "jobs");

    CHECK_OK(db_write(db, signal_work, "jobs"));
    CHECK_OK(db_write(db, signal_work, "jobs"));
    CHECK(db_wait(ear, 0, NULL));
}

TEST_DB(a_work_that_fails_wakes_nobody)
{
    AUTO(db_ear_free) DbEar *ear = db_listen(db, "jobs");

    settle(db, ear);
    err_free(db_write(db, signal_and_fail_work, "jobs"));
    CHECK(!db_wait(ear, SHORT_MS, NULL));
}

static Err *signal_and_look_work(DbTx *tx, void *ear)
{
    TRY(db_signal(tx, "jobs"));
    return db_wait(ear, SHORT_MS, NULL) ? err_new(ERR_CONFLICT, "it was heard too early") : NULL;
}

TEST_DB(a_signal_comes_after_the_commit)
{
    AUTO(db_ear_free) DbEar *ear = db_listen(db, "jobs");

    settle(db, ear);
    CHECK_OK(db_write(db, signal_and_look_work, ear));
    CHECK(db_wait(ear, LONG_MS, NULL));
}

TEST_DB(a_reader_cannot_signal)
{
    CHECK_ERR(
        db_read(db, signal_work, "jobs"), ERR_BUG,
        "a signal must be short, and of a transaction that writes");
}

static void *ask_soon(void *cancel)
{
    const struct timespec pause = {0, 20 * 1000000};

    nanosleep(&pause, NULL);
    cancel_ask(cancel);
    return NULL;
}

TEST_DB(who_is_cancelled_waits_no_longer)
{
    AUTO(db_ear_free) DbEar *ear = db_listen(db, "jobs");
    Cancel cancel = CANCEL_INIT, late = CANCEL_INIT;
    pthread_t asker;

    settle(db, ear);
    CHECK(pthread_create(&asker, NULL, ask_soon, &cancel) == 0);
    int64_t began_ms = clock_ticks_ms();
    bool is_heard = db_wait(ear, LONG_MS, &cancel);
    bool is_heard_again = db_wait(ear, LONG_MS, &cancel);
    late.deadline_ms = clock_ticks_ms() + SHORT_MS;
    bool is_heard_late = db_wait(ear, LONG_MS, &late);
    pthread_join(asker, NULL);
    CHECK(!is_heard && !is_heard_again && !is_heard_late);
    CHECK(clock_ticks_ms() - began_ms < LONG_MS);
}

/* ---- being told ---- */

typedef struct Told {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int times;
    Db *db;
    ErrCode code; /* of a transaction that was tried meanwhile */
} Told;

#define TOLD_INIT(db_) \
    { \
        .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .db = (db_) \
    }

static void told_count(void *told_any)
{
    Told *told = told_any;
    Err *err = db_write(told->db, signal_work, "jobs");

    pthread_mutex_lock(&told->mutex);
    told->times++;
    told->code = err ? err_code(err) : ERR_MAX_;
    pthread_cond_broadcast(&told->changed);
    pthread_mutex_unlock(&told->mutex);
    err_free(err);
}

static void told_wait(Told *told, int times)
{
    pthread_mutex_lock(&told->mutex);
    while (told->times < times)
        pthread_cond_wait(&told->changed, &told->mutex);
    pthread_mutex_unlock(&told->mutex);
}

TEST_DB(who_wants_to_be_told_is_told_until_it_says_no_more)
{
    AUTO(db_ear_free) DbEar *ear = db_listen(db, "jobs");
    Told told = TOLD_INIT(db);

    settle(db, ear);
    db_ear_watch(ear, told_count, &told);
    CHECK_OK(db_write(db, signal_work, "jobs"));
    told_wait(&told, 1);
    CHECK_INT(told.code, ERR_BUG); /* whoever is told may not use the database */
    CHECK_OK(db_write(db, signal_work, "jobs"));
    told_wait(&told, 2);
    db_ear_watch(ear, NULL, NULL);
    CHECK_OK(db_write(db, signal_work, "jobs"));
    CHECK_INT(told.times, 2);
    CHECK(db_wait(ear, 0, NULL));
}

TEST_DB(who_wants_to_be_told_late_is_told_what_it_has_missed)
{
    AUTO(db_ear_free) DbEar *ear = db_listen(db, "jobs");
    Told told = TOLD_INIT(db);

    CHECK_OK(db_write(db, signal_work, "jobs"));
    db_ear_watch(ear, told_count, &told);
    told_wait(&told, 1);
    db_ear_watch(ear, NULL, NULL);
}

static void *signal_twice(void *db)
{
    for (int i = 0; i < 2; i++)
        err_free(db_write(db, signal_work, "jobs"));
    return NULL;
}

/* Is told for a while, and meanwhile signalled by somebody else. */
typedef struct Slow {
    Db *db;
    atomic_int begun, ended;
} Slow;

static void slow_tell(void *slow_any)
{
    const struct timespec pause = {0, 20 * 1000000};
    Slow *slow = slow_any;

    atomic_fetch_add(&slow->begun, 1);
    nanosleep(&pause, NULL);
    atomic_fetch_add(&slow->ended, 1);
}

TEST_DB(nobody_is_told_twice_at_once_nor_after_saying_no_more)
{
    AUTO(db_ear_free) DbEar *ear = db_listen(db, "jobs");
    Slow slow = {.db = db};
    pthread_t threads[3];

    settle(db, ear);
    db_ear_watch(ear, slow_tell, &slow);
    for (size_t i = 0; i < COUNT(threads); i++)
        CHECK(pthread_create(&threads[i], NULL, signal_twice, db) == 0);
    while (slow.begun == 0)
        sched_yield();
    db_ear_watch(ear, NULL, NULL);
    int begun = slow.begun, ended = slow.ended;
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(ended, begun);
    CHECK_INT(slow.begun, begun);
}

static Err *signal_several_work(DbTx *tx, void *none)
{
    (void)none;
    TRY(db_signal(tx, "jobs"));
    TRY(db_signal(tx, "run:1"));
    return db_signal(tx, "jobs");
}

TEST_DB(a_transaction_may_signal_several_topics)
{
    AUTO(db_ear_free) DbEar *ear = db_listen(db, "jobs"), *other = db_listen(db, "run:1");

    CHECK_OK(db_write(db, signal_several_work, NULL));
    CHECK(db_wait(ear, LONG_MS, NULL));
    CHECK(db_wait(other, LONG_MS, NULL));
}

/* ---- another process ---- */

TEST(another_process_on_the_same_postgres_is_heard)
{
    char url[512];
    Db *here = NULL, *there = NULL;

    postgres_database_make(url, sizeof(url));
    CHECK_OK(db_open(&(DbSetup){.url = url}, &here));
    CHECK_OK(db_open(&(DbSetup){.url = url}, &there));
    DbEar *ear = db_listen(here, "run:1"), *other = db_listen(here, "run:2");

    CHECK(db_wait(ear, LONG_MS, NULL)); /* it hears from now on, and may have missed something */
    db_wait(other, 0, NULL);
    for (int turn = 0; turn < 3; turn++) {
        CHECK_OK(db_write(there, signal_work, "run:1"));
        CHECK(db_wait(ear, LONG_MS, NULL));
        CHECK(!db_wait(other, 0, NULL));
    }

    postgres_operator_run(
        url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");
    CHECK(db_wait(ear, LONG_MS, NULL)); /* connected again */
    CHECK_OK(db_write(there, signal_work, "run:1"));
    CHECK(db_wait(ear, LONG_MS, NULL));
    db_ear_free(ear);
    db_ear_free(other);
    db_close(here);
    db_close(there);
    postgres_database_drop(url);
}
