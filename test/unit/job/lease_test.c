/* Promises of leases: who holds a job, who has lost it, and what a loss undoes. */
#include "unit/job/jobs.h"

static const JobKind plain = {.queue = "jobs", .lease_ms = 60000, .attempts_most = 3};

typedef struct Worked {
    JobLease *lease;
    const char *by;
} Worked;

static Err *result_write(DbTx *tx, void *worked_any)
{
    Worked *worked = worked_any;

    TRY(db_run(
        tx, "INSERT INTO results (job, worker) VALUES (?1, ?2)",
        DB_ARGS(DB_TEXT(worked->lease->job.id), DB_TEXT(worked->by)), NULL));
    return job_done(tx, worked->lease);
}

static void results_make(Db *db)
{
    jobs_begin(db);
    TEST_DB_RUN(db, "CREATE TABLE results (job TEXT NOT NULL, worker TEXT NOT NULL)");
}

static JobLease *lease_take(Db *db, const char *token)
{
    AUTO(arena_free) Arena *mem = arena_new();
    List taken = jobs_take(db, &plain, token, 1, mem);

    CHECK_INT(taken.count, 1);
    return lease_new(taken.items, &plain, token, 0);
}

TEST_DB(who_slept_past_the_lease_finds_all_undone)
{
    jobs_begin(db);
    results_make(db);
    clock_hold(1000000);
    jobs_put(db, &(JobOrder){.queue = "jobs"}, 1);
    AUTO(lease_free) JobLease *first = lease_take(db, "lease_1");

    clock_hold(1060000);
    CHECK_OK(ending_rescue(db, NULL, &plain, NULL));
    CHECK_INT(jobs_in(db, "running"), 1); /* not a moment too soon */
    clock_hold(1060001);
    CHECK_OK(ending_rescue(db, NULL, &plain, NULL));
    CHECK_INT(jobs_in(db, "waiting"), 1);
    clock_hold(1070000);
    jobs_wake(db, "jobs");
    AUTO(lease_free) JobLease *second = lease_take(db, "lease_2");
    CHECK_INT(second->job.attempt, 2);

    AUTO(err_free) Err *err = db_write(db, result_write, &(Worked){first, "first"});
    CHECK(err && err_code(err) == ERR_LEASE_LOST);
    CHECK_OK(db_write(db, result_write, &(Worked){second, "second"}));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM results"), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM results WHERE worker = 'second'"), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs"), 0);

    err_free(err);
    err = db_write(db, result_write, &(Worked){second, "second"});
    CHECK(err && err_code(err) == ERR_LEASE_LOST); /* a job ends once */
    clock_hold(0);
}

TEST_DB(a_lease_that_ended_and_was_not_taken_is_still_good)
{
    results_make(db);
    clock_hold(1000000);
    jobs_put(db, &(JobOrder){.queue = "jobs"}, 1);
    AUTO(lease_free) JobLease *lease = lease_take(db, "lease_1");

    clock_hold(9000000);
    CHECK_OK(db_write(db, result_write, &(Worked){lease, "first"}));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM results"), 1);
    clock_hold(0);
}

static Err *dead_note(void *context, DbTx *tx, const Job *job, const Err *why)
{
    (void)context;
    return db_run(
        tx, "INSERT INTO results (job, worker) VALUES (?1, ?2)",
        DB_ARGS(DB_TEXT(job->id), DB_TEXT(err_name(err_code(why)))), NULL);
}

TEST_DB(a_job_that_kills_whoever_works_on_it_ends_dead)
{
    JobKind poison = plain;

    poison.give_up = dead_note;
    results_make(db);
    watch_divert(jobs_hush, NULL);
    clock_hold(1000000);
    jobs_put(db, &(JobOrder){.queue = "jobs"}, 1);
    for (int attempt = 1; attempt <= 3; attempt++) {
        lease_free(lease_take(db, "lease_1"));
        clock_hold(1000000 + attempt * 1000000);
        CHECK_OK(ending_rescue(db, NULL, &poison, NULL));
        jobs_wake(db, "jobs");
        clock_hold(1000000 + attempt * 1000000 + 100000);
        jobs_wake(db, "jobs");
    }
    CHECK_INT(jobs_in(db, "dead"), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM results WHERE worker = 'lease_lost'"), 1);
    CHECK_INT(
        test_db_number(
            db, "SELECT COUNT(*) FROM jobs WHERE reason = 'lease_lost: worker ''tester'' has not "
                "been heard of since its lease ended'"),
        1);
    clock_hold(0);
    watch_divert(NULL, NULL);
}

TEST_DB(a_job_cancelled_in_the_hands_of_a_dead_worker_is_given_up)
{
    JobKind kind = plain;
    int64_t waiting;

    kind.give_up = dead_note;
    results_make(db);
    clock_hold(1000000);
    jobs_put(db, &(JobOrder){.queue = "jobs", .subject = "run_1"}, 1);
    lease_free(lease_take(db, "lease_1"));
    CHECK_OK(jobs_cancel(db, "run_1", &waiting));
    CHECK_INT(waiting, 0);

    clock_hold(2000000);
    CHECK_OK(ending_rescue(db, NULL, &kind, NULL));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs"), 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM results WHERE worker = 'cancelled'"), 1);
    clock_hold(0);
}
