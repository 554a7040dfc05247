/* Promises of workers: each job ends once, failures are tried again, leases are kept, and an end is graceful. */
#include <stdatomic.h>
#include <time.h>

#include "unit/job/jobs.h"

typedef struct Hall {
    Db *db;
    atomic_int begun, at_once, most_at_once;
    Err *(*work)(struct Hall *hall, JobLease *lease, const Job *job);
} Hall;

static void rest(int64_t wait_ms)
{
    nanosleep(&(struct timespec){wait_ms / 1000, wait_ms % 1000 * 1000000}, NULL);
}

static Err *hall_work(void *hall_any, JobLease *lease, const Job *job)
{
    Hall *hall = hall_any;
    int at_once = atomic_fetch_add(&hall->at_once, 1) + 1;

    atomic_fetch_add(&hall->begun, 1);
    for (int most = hall->most_at_once; at_once > most;)
        if (atomic_compare_exchange_weak(&hall->most_at_once, &most, at_once))
            break;
    Err *err = hall->work(hall, lease, job);
    atomic_fetch_sub(&hall->at_once, 1);
    return err;
}

static Err *hall_note(DbTx *tx, const Job *job, const char *word)
{
    return db_run(
        tx, "INSERT INTO results (job, attempt, word) VALUES (?1, ?2, ?3)",
        DB_ARGS(DB_TEXT(job->id), DB_INT(job->attempt), DB_TEXT(word)), NULL);
}

static Err *hall_give_up(void *hall_any, DbTx *tx, const Job *job, const Err *why)
{
    (void)hall_any;
    return hall_note(tx, job, err_name(err_code(why)));
}

static const JobKind quick = {
    .queue = "quick",
    .work = hall_work,
    .give_up = hall_give_up,
    .retry_first_ms = 1,
    .attempts_most = 3};
static const JobKind brief = {
    .queue = "quick", .work = hall_work, .give_up = hall_give_up, .lease_ms = 150};
static const JobKind steady = {
    .queue = "quick", .work = hall_work, .give_up = hall_give_up, .lease_ms = 700};
static const JobKind heavy = {.queue = "heavy", .work = hall_work, .is_heavy = true};

static JobCrew *crew_of(Hall *hall, const JobKind *kind, int places)
{
    JobCrew *crew;

    CHECK_OK(job_crew_start(
        &(JobCrewSetup){
            .db = hall->db,
            .kinds = (const JobKind *const[]){kind, NULL},
            .context = hall,
            .light = places,
            .heavy = places},
        &crew));
    return crew;
}

static Hall hall_open(Db *db, Err *(*work)(Hall *hall, JobLease *lease, const Job *job))
{
    jobs_begin(db);
    TEST_DB_RUN(
        db, "CREATE TABLE results (job TEXT NOT NULL PRIMARY KEY, attempt BIGINT, word TEXT)");
    return (Hall){.db = db, .work = work};
}

static long long results_of(Db *db, const char *word)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM results WHERE word = '%s'", word);
    return test_db_number(db, sql);
}

/* ---- ends ---- */

typedef struct Done {
    JobLease *lease;
    const Job *job;
} Done;

static Err *done_write(DbTx *tx, void *done_any)
{
    Done *done = done_any;

    TRY(hall_note(tx, done->job, "done"));
    return job_done(tx, done->lease);
}

static Err *work_well(Hall *hall, JobLease *lease, const Job *job)
{
    return db_write(hall->db, done_write, &(Done){lease, job});
}

TEST_DB(eight_workers_end_two_thousand_jobs_once_each)
{
    Hall hall = hall_open(db, work_well);

    jobs_put(db, &(JobOrder){.queue = "quick", .tenant_id = "a"}, 1000);
    JobCrew *one = crew_of(&hall, &quick, 4), *other = crew_of(&hall, &quick, 4);
    jobs_put(db, &(JobOrder){.queue = "quick", .tenant_id = "b"}, 1000);
    jobs_await(db, "SELECT COUNT(*) FROM jobs", 0);
    job_crew_stop(one, 10000);
    job_crew_stop(other, 10000);
    CHECK_INT(results_of(db, "done"), 2000);
    CHECK_INT(hall.begun, 2000);
}

static Err *work_and_say_nothing(Hall *hall, JobLease *lease, const Job *job)
{
    (void)hall;
    (void)lease;
    (void)job;
    return NULL;
}

TEST_DB(work_that_returns_without_an_error_has_ended_well)
{
    Hall hall = hall_open(db, work_and_say_nothing);
    JobCrew *crew = crew_of(&hall, &quick, 2);

    jobs_put(db, &(JobOrder){.queue = "quick"}, 5);
    jobs_await(db, "SELECT COUNT(*) FROM jobs", 0);
    job_crew_stop(crew, 10000);
    CHECK_INT(hall.begun, 5);
}

static Err *work_in_vain(Hall *hall, JobLease *lease, const Job *job)
{
    (void)hall;
    (void)lease;
    if (job->attempt < 3 && strcmp(job->subject, "slow") == 0)
        return err_new(ERR_TIMED_OUT, "nobody answers");
    if (strcmp(job->subject, "broken") == 0)
        return err_new(ERR_IMAGE_UNREADABLE, "the photo is damaged");
    return strcmp(job->subject, "hopeless") == 0 ? err_new(ERR_TIMED_OUT, "nobody answers") : NULL;
}

/* ---- what one process has and another lacks ---- */

static atomic_bool is_installed;

static bool hall_is_lacking(void *hall_any, ErrCode why)
{
    (void)hall_any;
    return why == ERR_MODEL_MISSING && !is_installed;
}

static Err *work_by_a_model(Hall *hall, JobLease *lease, const Job *job)
{
    if (!is_installed)
        return err_new(ERR_MODEL_MISSING, "no model");
    return work_well(hall, lease, job);
}

static const JobKind equipped = {
    .queue = "equipped", .work = hall_work, .give_up = hall_give_up, .is_lacking = hall_is_lacking};

TEST_DB(jobs_that_a_process_lacks_something_for_wait_and_lose_no_try)
{
    Hall hall = hall_open(db, work_by_a_model);

    is_installed = false;
    watch_divert(jobs_hush, NULL);
    JobCrew *crew = crew_of(&hall, &equipped, 2);
    jobs_put(db, &(JobOrder){.queue = "equipped"}, 20);
    while (!hall.begun)
        rest(1);
    jobs_await(db, "SELECT COUNT(*) FROM jobs WHERE state = 'ready' AND attempt = 0", 20);
    for (int i = 0; i < 5; i++) /* each calls the crew, which leaves it to others */
        jobs_put(db, &(JobOrder){.queue = "equipped"}, 1);
    rest(200);
    CHECK(hall.begun <= 4);
    CHECK_INT(jobs_in(db, "ready"), 25);
    CHECK_INT(results_of(db, "model_missing"), 0);

    is_installed = true; /* and it goes on by itself */
    jobs_await(db, "SELECT COUNT(*) FROM jobs", 0);
    CHECK_INT(results_of(db, "done"), 25);
    job_crew_stop(crew, 10000);
}

TEST_DB(what_one_process_lacks_another_does)
{
    Hall poor = hall_open(db, work_by_a_model), rich = {.db = db, .work = work_well};

    is_installed = false;
    watch_divert(jobs_hush, NULL);
    JobCrew *one = crew_of(&poor, &equipped, 2), *other = crew_of(&rich, &equipped, 2);
    jobs_put(db, &(JobOrder){.queue = "equipped"}, 50);
    jobs_await(db, "SELECT COUNT(*) FROM jobs", 0);
    CHECK_INT(results_of(db, "done"), 50);
    CHECK(poor.begun <= 4);
    job_crew_stop(one, 10000);
    job_crew_stop(other, 10000);
}

TEST_DB(what_may_pass_is_tried_again_and_the_rest_is_dead_at_once)
{
    Hall hall = hall_open(db, work_in_vain);
    watch_divert(jobs_hush, NULL);
    JobCrew *crew = crew_of(&hall, &quick, 2);

    jobs_put(db, &(JobOrder){.queue = "quick", .subject = "slow"}, 1);
    jobs_put(db, &(JobOrder){.queue = "quick", .subject = "hopeless"}, 1);
    jobs_put(db, &(JobOrder){.queue = "quick", .subject = "broken"}, 1);
    jobs_await(db, "SELECT COUNT(*) FROM jobs WHERE state <> 'dead'", 0);
    job_crew_stop(crew, 10000);
    watch_divert(NULL, NULL);

    CHECK_INT(hall.begun, 3 + 3 + 1);
    CHECK_INT(jobs_in(db, "dead"), 2);
    CHECK_INT(results_of(db, "timed_out"), 1); /* given up once */
    CHECK_INT(results_of(db, "image_unreadable"), 1);
    CHECK_INT(
        test_db_number(
            db, "SELECT COUNT(*) FROM jobs WHERE subject = 'broken' AND attempt = 1 "
                "AND reason = 'image_unreadable: the photo is damaged'"),
        1);
}

static Err *work_until_asked(Hall *hall, JobLease *lease, const Job *job)
{
    (void)hall;
    (void)job;
    while (!cancel_is_asked(job_lease_cancel(lease)))
        rest(2);
    return cancel_check(job_lease_cancel(lease));
}

static void begun_await(const Hall *hall, int want)
{
    int64_t end_ms = clock_ticks_ms() + TEST_PATIENCE_MS;

    while (hall->begun < want && clock_ticks_ms() < end_ms)
        rest(2);
    CHECK_INT(hall->begun, want);
}

TEST_DB(a_running_job_that_is_cancelled_stops_and_is_given_up)
{
    Hall hall = hall_open(db, work_until_asked);
    JobCrew *crew = crew_of(&hall, &quick, 2);
    int64_t waiting;

    jobs_put(db, &(JobOrder){.queue = "quick", .subject = "run_1"}, 1);
    begun_await(&hall, 1);
    CHECK_OK(jobs_cancel(db, "run_1", &waiting));
    CHECK_INT(waiting, 0);
    jobs_await(db, "SELECT COUNT(*) FROM jobs", 0);
    job_crew_stop(crew, 10000);
    CHECK_INT(results_of(db, "cancelled"), 1);
    CHECK_INT(hall.begun, 1);
}

TEST_DB(a_crew_that_ends_gives_its_jobs_back_and_they_lose_no_attempt)
{
    Hall hall = hall_open(db, work_until_asked);
    JobCrew *crew = crew_of(&hall, &quick, 2);

    jobs_put(db, &(JobOrder){.queue = "quick"}, 5);
    begun_await(&hall, 2);
    job_crew_stop(crew, 10);
    CHECK_INT(
        test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE state = 'ready' AND attempt = 0"), 5);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM results"), 0);
}

/* ---- leases ---- */

static Err *work_long(Hall *hall, JobLease *lease, const Job *job)
{
    rest(2 * steady.lease_ms);
    TRY(cancel_check(job_lease_cancel(lease)));
    return work_well(hall, lease, job);
}

TEST_DB(heartbeats_keep_work_that_is_longer_than_its_lease)
{
    Hall hall = hall_open(db, work_long);
    JobCrew *one = crew_of(&hall, &steady, 1), *other = crew_of(&hall, &steady, 1);

    jobs_put(db, &(JobOrder){.queue = "quick"}, 1);
    jobs_await(db, "SELECT COUNT(*) FROM jobs", 0);
    job_crew_stop(one, 10000);
    job_crew_stop(other, 10000);
    CHECK_INT(hall.begun, 1);
    CHECK_INT(results_of(db, "done"), 1);
}

TEST_DB(work_whose_lease_was_lost_is_asked_to_stop_and_ends_nothing)
{
    Hall hall = hall_open(db, work_until_asked);
    JobCrew *crew = crew_of(&hall, &brief, 1);

    jobs_put(db, &(JobOrder){.queue = "quick"}, 1);
    begun_await(&hall, 1);
    TEST_DB_RUN(db, "UPDATE jobs SET lease = 'other', lease_ms = 9000000000000");
    job_crew_stop(crew, 5000);
    CHECK_INT(hall.begun, 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE lease = 'other'"), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM results"), 0);
}

TEST_DB(a_crew_takes_up_what_a_vanished_worker_held)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Hall hall = hall_open(db, work_well);

    jobs_put(db, &(JobOrder){.queue = "quick"}, 3);
    CHECK_INT(jobs_take(db, &brief, "lease_gone", 3, mem).count, 3);
    TEST_DB_RUN(db, "UPDATE jobs SET lease_ms = 1");
    JobCrew *crew = crew_of(&hall, &quick, 2);
    jobs_await(db, "SELECT COUNT(*) FROM jobs", 0);
    job_crew_stop(crew, 10000);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM results WHERE attempt = 2"), 3);
}

static void line_count(void *count, const char *line, size_t size)
{
    (void)line;
    (void)size;
    atomic_fetch_add((atomic_int *)count, 1);
}

TEST_DB(a_crew_outlasts_a_database_that_fails_and_does_not_shout)
{
    Hall hall = hall_open(db, work_well);
    atomic_int lines = 0;

    watch_divert(line_count, &lines);
    TEST_DB_RUN(db, "ALTER TABLE jobs RENAME TO gone");
    JobCrew *crew = crew_of(&hall, &quick, 2);
    rest(300);
    TEST_DB_RUN(db, "ALTER TABLE gone RENAME TO jobs");
    jobs_put(db, &(JobOrder){.queue = "quick"}, 3);
    jobs_await(db, "SELECT COUNT(*) FROM jobs", 0);
    job_crew_stop(crew, 10000);
    watch_divert(NULL, NULL);
    CHECK_INT(results_of(db, "done"), 3);
    CHECK(lines >= 1 && lines <= 10);
}

/* ---- places ---- */

static Err *work_a_while(Hall *hall, JobLease *lease, const Job *job)
{
    (void)hall;
    (void)lease;
    (void)job;
    rest(5);
    return NULL;
}

TEST_DB(heavy_jobs_share_few_places)
{
    Hall hall = hall_open(db, work_a_while);
    JobCrew *crew = crew_of(&hall, &heavy, 2);

    jobs_put(db, &(JobOrder){.queue = "heavy"}, 20);
    jobs_await(db, "SELECT COUNT(*) FROM jobs", 0);
    job_crew_stop(crew, 10000);
    CHECK_INT(hall.begun, 20);
    CHECK_INT(hall.most_at_once, 2);
}

TEST_DB(limits_hold_for_all_crews_together)
{
    Hall hall = hall_open(db, work_a_while);
    JobKind limited = quick;

    limited.running_most = 3;
    limited.tenant_running_most = 2;
    JobCrew *one = crew_of(&hall, &limited, 4), *other = crew_of(&hall, &limited, 4);
    jobs_put(db, &(JobOrder){.queue = "quick", .tenant_id = "a"}, 20);
    jobs_put(db, &(JobOrder){.queue = "quick", .tenant_id = "b"}, 20);
    jobs_await(db, "SELECT COUNT(*) FROM jobs", 0);
    job_crew_stop(one, 10000);
    job_crew_stop(other, 10000);
    CHECK_INT(hall.begun, 40);
    CHECK(hall.most_at_once <= 3);
}
