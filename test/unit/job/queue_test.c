/* Promises of the queue: order, turns, keys, limits, and what operators do. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "unit/job/jobs.h"

static const JobKind plain = {.queue = "jobs"};

static void order_check(Db *db, const JobKind *kind, const char *tenants)
{
    AUTO(arena_free) Arena *mem = arena_new();

    for (const char *want = tenants; *want; want++) {
        const char *got = jobs_do(db, kind, mem);

        if (!got || got[0] != *want)
            test_fail(
                __FILE__, __LINE__, "job %d of '%s' is of '%s'", (int)(want - tenants) + 1, tenants,
                got ? got : "nobody");
    }
}

TEST_DB(a_job_is_taken_with_all_that_was_said_of_it)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *payload = value_object();

    jobs_begin(db);
    value_set(payload, "photo", value_of_text("photo_1"));
    Id id = jobs_put(
        db,
        &(JobOrder){.queue = "jobs", .tenant_id = "t_1", .subject = "run_1", .payload = payload},
        1);
    List taken = jobs_take(db, &plain, "lease_1", 5, mem);

    CHECK_INT(taken.count, 1);
    Job job = job_of_row(taken.items, &plain);
    CHECK_TEXT(job.id, id.text);
    CHECK_TEXT(job.queue, "jobs");
    CHECK_TEXT(job.tenant_id, "t_1");
    CHECK_TEXT(job.subject, "run_1");
    CHECK_TEXT(value_text(value_get(job.payload, "photo")), "photo_1");
    CHECK_INT(job.attempt, 1);
    CHECK_INT(job.attempts_most, 5);
    CHECK(job.queued_ms > 0);
    CHECK_INT(jobs_take(db, &plain, "lease_2", 5, mem).count, 0);
}

static Err *put_and_fail(DbTx *tx, void *order)
{
    Id id;

    TRY(job_enqueue(tx, order, &id));
    return err_new(ERR_CONFLICT, "the caller thinks again");
}

TEST_DB(a_job_is_there_only_if_its_transaction_is_committed)
{
    jobs_begin(db);
    CHECK_ERR(
        db_write(db, put_and_fail, &(JobOrder){.queue = "jobs"}), ERR_CONFLICT,
        "the caller thinks again");
    CHECK_INT(jobs_in(db, "ready"), 0);
}

TEST_DB(urgent_jobs_come_first_and_equal_ones_in_the_order_they_came)
{
    jobs_begin(db);
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "low", .priority = -1}, 1);
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "a"}, 1);
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "high", .priority = 100}, 2);
    order_check(db, &plain, "hhal");
}

TEST_DB(ten_thousand_jobs_of_one_tenant_do_not_keep_another_waiting)
{
    jobs_begin(db);
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "a"}, 10000);
    order_check(db, &plain, "aaa");
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "b"}, 1);
    order_check(db, &plain, "aba");
}

TEST_DB(tenants_take_turns)
{
    jobs_begin(db);
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "a"}, 5);
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "b"}, 3);
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "c"}, 1);
    order_check(db, &plain, "abcababaa");
}

/* Who takes beside others: nobody commits before all have taken, where the database lets them. */
typedef struct Taker {
    Db *db;
    ClaimWish wish;
    Arena *mem;
    List taken;
    atomic_int *have_taken;
} Taker;

enum {
    TAKERS = 4
};

static Err *take_beside_others(DbTx *tx, void *taker_any)
{
    Taker *taker = taker_any;
    int64_t until_ms = clock_ticks_ms() + 10000;

    TRY(claim_take(tx, &taker->wish, taker->mem, &taker->taken));
    atomic_fetch_add(taker->have_taken, 1);
    while (db_tx_kind(tx) == DB_POSTGRES && atomic_load(taker->have_taken) < TAKERS &&
           clock_ticks_ms() < until_ms)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    return NULL;
}

static void *taker_work(void *taker_any)
{
    Taker *taker = taker_any;

    return db_write(taker->db, take_beside_others, taker);
}

/* Four take two jobs each at the same time; COUNTS of tenants "a", "b" and "c" grow. False when nothing was left. */
static bool round_take(Db *db, int counts[3])
{
    atomic_int have_taken = 0;
    Taker takers[TAKERS];
    pthread_t threads[TAKERS];
    size_t taken = 0;

    for (int i = 0; i < TAKERS; i++) {
        takers[i] = (Taker){
            .db = db,
            .mem = arena_new(),
            .have_taken = &have_taken,
            .wish = {
                .kind = &plain,
                .lease = "lease",
                .worker = "w",
                .most = 2,
                .now_ms = clock_now_ms()}};
        CHECK_INT(pthread_create(&threads[i], NULL, taker_work, &takers[i]), 0);
    }
    for (int i = 0; i < TAKERS; i++) {
        void *result;

        pthread_join(threads[i], &result);
        CHECK_OK((Err *)result);
        for (size_t n = 0; n < takers[i].taken.count; n++, taken++)
            counts[((const JobRow *)takers[i].taken.items)[n].tenant_id[0] - 'a']++;
        arena_free(takers[i].mem);
    }
    return taken > 0;
}

TEST_DB(tenants_take_turns_also_among_several_who_take_at_once)
{
    static const int sizes[3] = {90, 9, 3};
    static const char *const names[3] = {"a", "b", "c"};
    int counts[3] = {0};

    jobs_begin(db);
    for (int i = 0; i < 3; i++)
        jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = names[i]}, sizes[i]);
    while (round_take(db, counts)) {
        int most = MAX(counts[0], counts[1]);

        for (int i = 0; i < 3; i++) /* "c" has the least, so it never has the most */
            CHECK(counts[i] == sizes[i] || counts[i] >= most - 1);
    }
    CHECK_INT(counts[0] + counts[1] + counts[2], 102);
}

TEST_DB(a_tenant_who_was_away_has_saved_up_nothing)
{
    jobs_begin(db);
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "a"}, 10);
    order_check(db, &plain, "aaaaa");
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "b"}, 5);
    order_check(db, &plain, "ababababab");
}

TEST_DB(a_key_names_one_job_as_long_as_it_lives)
{
    AUTO(arena_free) Arena *mem = arena_new();
    JobOrder order = {.queue = "jobs", .key = "monthly", .subject = "s"}, other = order;
    int64_t waiting;

    jobs_begin(db);
    other.queue = "others";
    Id first = jobs_put(db, &order, 3), elsewhere = jobs_put(db, &other, 1);
    CHECK_INT(jobs_in(db, "ready"), 2);
    CHECK(strcmp(first.text, elsewhere.text) != 0);

    CHECK(jobs_do(db, &plain, mem));
    Id second = jobs_put(db, &order, 1);
    CHECK(strcmp(first.text, second.text) != 0);

    /* one that is only waiting for its worker to stop lives no more */
    jobs_take(db, &plain, "lease_1", 1, mem);
    CHECK_TEXT(jobs_put(db, &order, 1).text, second.text);
    CHECK_OK(jobs_cancel(db, "s", &waiting));
    CHECK(strcmp(jobs_put(db, &order, 1).text, second.text) != 0);
}

TEST_DB(a_job_waits_for_its_time_and_takes_its_turn_then)
{
    AUTO(arena_free) Arena *mem = arena_new();
    JobOrder later = {.queue = "jobs", .tenant_id = "later"};

    jobs_begin(db);
    clock_hold(1000000);
    later.start_ms = 1000050;
    jobs_put(db, &later, 3);
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "a", .start_ms = 5}, 1);
    order_check(db, &plain, "a");
    jobs_wake(db, "jobs");
    CHECK(!jobs_do(db, &plain, mem));

    clock_hold(1000100);
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "b"}, 3);
    jobs_wake(db, "jobs");
    order_check(db, &plain, "lblblb");
    clock_hold(0);
}

typedef struct Crowd {
    const JobOrder *orders;
    size_t count;
} Crowd;

static Err *crowd_work(DbTx *tx, void *crowd_any)
{
    Crowd *crowd = crowd_any;

    return job_enqueue_all(tx, crowd->orders, crowd->count);
}

TEST_DB(many_jobs_queued_at_once_are_what_they_would_be_one_by_one)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *payload = value_object();
    const JobOrder orders[] = {
        {.queue = "jobs", .tenant_id = "a", .subject = "run_1", .key = "one", .payload = payload},
        {.queue = "jobs", .tenant_id = "a", .subject = "run_2"},
        {.queue = "jobs", .tenant_id = "a", .subject = "run_3", .start_ms = INT64_MAX / 2},
        {.queue = "jobs", .tenant_id = "a", .subject = "run_4"},
        {.queue = "jobs", .tenant_id = "b"},
        {.queue = "others", .key = "one"},
    };

    jobs_begin(db);
    value_set(payload, "photo", value_of_text("it's \"new\""));
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "c", .priority = -1}, 1);
    CHECK_OK(db_write(db, crowd_work, &(Crowd){orders, COUNT(orders)}));
    CHECK_INT(jobs_in(db, "ready"), 6);
    CHECK_INT(jobs_in(db, "waiting"), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE tenant_id = ''"), 1);

    List taken = jobs_take(db, &plain, "lease_1", 1, mem);
    Job job = job_of_row(taken.items, &plain);
    CHECK_TEXT(job.subject, "run_1");
    CHECK_TEXT(value_text(value_get(job.payload, "photo")), "it's \"new\"");
    CHECK_INT(job.attempt, 1);
    order_check(db, &plain, "baac");
    CHECK_OK(db_write(db, crowd_work, &(Crowd){orders, 0}));
}

TEST_DB(a_thousand_queued_at_once_take_turns_with_others)
{
    enum {
        MANY = 1000
    };
    static JobOrder orders[MANY];

    jobs_begin(db);
    for (int i = 0; i < MANY; i++)
        orders[i] = (JobOrder){.queue = "jobs", .tenant_id = "a"};
    CHECK_OK(db_write(db, crowd_work, &(Crowd){orders, MANY}));
    CHECK_INT(test_db_number(db, "SELECT COUNT(DISTINCT turn) FROM jobs"), MANY);
    CHECK_INT(test_db_number(db, "SELECT MAX(turn) FROM jobs"), MANY - 1);
    order_check(db, &plain, "aa");
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "b"}, 2);
    order_check(db, &plain, "abab");
}

TEST_DB(of_many_queued_at_once_a_key_that_lives_is_no_job_again)
{
    const JobOrder orders[] = {
        {.queue = "jobs", .key = "one"}, {.queue = "jobs", .key = "two"}, {.queue = "jobs"}};

    jobs_begin(db);
    Id one = jobs_put(db, &orders[0], 1);
    CHECK_OK(db_write(db, crowd_work, &(Crowd){orders, COUNT(orders)}));
    CHECK_OK(db_write(db, crowd_work, &(Crowd){orders, 2}));
    CHECK_INT(jobs_in(db, "ready"), 3);
    CHECK_TEXT(jobs_put(db, &orders[0], 1).text, one.text);
}

static Err *pause_work(DbTx *tx, void *is_paused)
{
    return job_queue_pause(tx, "jobs", *(bool *)is_paused);
}

TEST_DB(a_paused_queue_takes_jobs_and_gives_none)
{
    AUTO(arena_free) Arena *mem = arena_new();
    JobKind limited = {.queue = "jobs", .tenant_running_most = 5};

    jobs_begin(db);
    CHECK_OK(db_write(db, pause_work, &(bool){true}));
    jobs_put(db, &(JobOrder){.queue = "jobs"}, 1);
    CHECK_INT(jobs_take(db, &plain, "lease_1", 5, mem).count, 0);
    CHECK_INT(jobs_take(db, &limited, "lease_1", 5, mem).count, 0);

    CHECK_OK(db_write(db, pause_work, &(bool){false}));
    CHECK_INT(jobs_take(db, &plain, "lease_1", 5, mem).count, 1);
}

TEST_DB(a_queue_runs_no_more_at_once_than_it_may)
{
    AUTO(arena_free) Arena *mem = arena_new();
    JobKind three = {.queue = "jobs", .running_most = 3};

    jobs_begin(db);
    jobs_put(db, &(JobOrder){.queue = "jobs"}, 10);
    CHECK_INT(jobs_take(db, &three, "lease_1", 2, mem).count, 2);
    CHECK_INT(jobs_take(db, &three, "lease_2", 5, mem).count, 1);
    CHECK_INT(jobs_take(db, &three, "lease_3", 5, mem).count, 0);
}

TEST_DB(a_tenant_runs_no_more_at_once_than_it_may)
{
    AUTO(arena_free) Arena *mem = arena_new();
    JobKind two = {.queue = "jobs", .tenant_running_most = 2};

    jobs_begin(db);
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "a", .priority = 1}, 500);
    jobs_put(db, &(JobOrder){.queue = "jobs", .tenant_id = "b"}, 3);

    List taken = jobs_take(db, &two, "lease_1", 3, mem);
    const JobRow *rows = taken.items;
    CHECK_INT(taken.count, 3);
    CHECK_TEXT(rows[0].tenant_id, "a");
    CHECK_TEXT(rows[1].tenant_id, "a");
    CHECK_TEXT(rows[2].tenant_id, "b");
    CHECK_INT(jobs_take(db, &two, "lease_2", 5, mem).count, 1);
    CHECK_INT(jobs_take(db, &two, "lease_3", 5, mem).count, 0);
}

TEST_DB(cancelled_jobs_that_wait_are_forgotten_and_running_ones_cannot_end_well)
{
    AUTO(arena_free) Arena *mem = arena_new();
    int64_t waiting = 0, later_ms = clock_now_ms() + 100000;

    jobs_begin(db);
    jobs_put(db, &(JobOrder){.queue = "jobs", .subject = "run_1"}, 3);
    jobs_put(db, &(JobOrder){.queue = "jobs", .subject = "run_1", .start_ms = later_ms}, 1);
    jobs_put(db, &(JobOrder){.queue = "jobs", .subject = "run_2"}, 1);
    List taken = jobs_take(db, &plain, "lease_1", 1, mem);
    CHECK_OK(jobs_cancel(db, "run_1", &waiting));
    CHECK_INT(waiting, 3);
    CHECK_INT(jobs_in(db, "running"), 1);
    CHECK_INT(jobs_in(db, "ready"), 1);
    CHECK_INT(jobs_in(db, "waiting"), 0);

    AUTO(lease_free) JobLease *lease = lease_new(taken.items, &plain, "lease_1", 0);
    AUTO(err_free) Err *err = jobs_end(db, lease);
    CHECK(err && err_code(err) == ERR_LEASE_LOST);
}

/* ---- operators ---- */

typedef struct Asked {
    const char *queue, *after, *id;
    int64_t limit;
    Arena *mem;
    List found;
} Asked;

static Err *dead_work(DbTx *tx, void *asked_any)
{
    Asked *asked = asked_any;

    return job_dead(tx, asked->queue, asked->after, asked->limit, asked->mem, &asked->found);
}

static Err *queues_work(DbTx *tx, void *asked_any)
{
    Asked *asked = asked_any;

    return job_queues(tx, asked->mem, &asked->found);
}

static Err *revive_work(DbTx *tx, void *asked_any)
{
    return job_revive(tx, ((Asked *)asked_any)->id);
}

static Err *drop_work(DbTx *tx, void *asked_any)
{
    return job_drop(tx, ((Asked *)asked_any)->id);
}

static Err *bury_work(DbTx *tx, void *asked_any)
{
    Asked *asked = asked_any;
    const JobRow *rows = asked->found.items;

    for (size_t i = 0; i < asked->found.count; i++) {
        JobRow row;

        TRY(lease_find(tx, rows[i].id, "lease_1", asked->mem, &row));
        TRY(lease_bury(tx, &row, clock_now_ms(), "model_failed: no memory"));
    }
    return NULL;
}

static void dead_make(Db *db, const JobKind *kind, int count, Arena *mem)
{
    Asked asked = {.mem = mem};

    jobs_put(db, &(JobOrder){.queue = kind->queue, .tenant_id = "t_1", .key = NULL}, count);
    asked.found = jobs_take(db, kind, "lease_1", count, mem);
    CHECK_OK(db_write(db, bury_work, &asked));
}

TEST_DB(the_dead_are_kept_with_their_reason_until_they_are_revived_or_dropped)
{
    AUTO(arena_free) Arena *mem = arena_new();
    JobKind others = {.queue = "others"};
    Asked asked = {.mem = mem, .limit = 2};

    jobs_begin(db);
    dead_make(db, &plain, 3, mem);
    dead_make(db, &others, 1, mem);

    CHECK_OK(db_read(db, dead_work, &asked));
    const DeadJob *dead = asked.found.items;
    CHECK_INT(asked.found.count, 2);
    CHECK_TEXT(dead[0].queue, "jobs");
    CHECK_TEXT(dead[0].tenant_id, "t_1");
    CHECK_TEXT(dead[0].reason, "model_failed: no memory");
    CHECK_INT(dead[0].attempts, 1);
    asked.after = dead[1].id;
    asked.id = dead[0].id;
    CHECK_OK(db_read(db, dead_work, &asked));
    CHECK_INT(asked.found.count, 2);
    asked.queue = "others";
    CHECK_OK(db_read(db, dead_work, &asked));
    CHECK_INT(asked.found.count, 1);

    CHECK_OK(db_write(db, revive_work, &asked));
    List taken = jobs_take(db, &plain, "lease_2", 5, mem);
    const JobRow *revived = taken.items;
    CHECK_INT(taken.count, 1);
    CHECK_TEXT(revived->id, asked.id);
    CHECK_INT(revived->attempt, 1);
    CHECK_ERR(db_write(db, revive_work, &asked), ERR_NOT_FOUND, "no row of 'JobPlace' is there");

    asked.id = asked.after;
    CHECK_OK(db_write(db, drop_work, &asked));
    CHECK_INT(jobs_in(db, "dead"), 2);
    AUTO(err_free) Err *err = db_write(db, drop_work, &asked);
    CHECK(err && err_code(err) == ERR_NOT_FOUND);
}

TEST_DB(an_operator_sees_how_queues_stand)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Asked asked = {.mem = mem};

    jobs_begin(db);
    clock_hold(1000000);
    jobs_put(db, &(JobOrder){.queue = "jobs"}, 4);
    jobs_put(db, &(JobOrder){.queue = "jobs", .start_ms = 2000000}, 2);
    jobs_take(db, &plain, "lease_1", 1, mem);
    CHECK_OK(db_write(db, pause_work, &(bool){true}));
    jobs_put(db, &(JobOrder){.queue = "others"}, 1);

    clock_hold(1000700);
    CHECK_OK(db_read(db, queues_work, &asked));
    const JobQueueFacts *facts = asked.found.items;
    CHECK_INT(asked.found.count, 2);
    CHECK_TEXT(facts[0].queue, "jobs");
    CHECK(facts[0].is_paused);
    CHECK_INT(facts[0].ready, 3);
    CHECK_INT(facts[0].waiting, 2);
    CHECK_INT(facts[0].running, 1);
    CHECK_INT(facts[0].dead, 0);
    CHECK_INT(facts[0].oldest_ms, 700);
    CHECK_TEXT(facts[1].queue, "others");
    CHECK(!facts[1].is_paused);
    clock_hold(0);
}

TEST(waits_double_up_to_an_hour_with_a_quarter_of_chance)
{
    JobKind kind = {.queue = "jobs", .retry_first_ms = 1000};
    int64_t want_ms = 1000;

    for (int attempt = 1; attempt < 100; attempt++, want_ms = MIN(want_ms * 2, 3600000)) {
        int64_t wait_ms = backoff_ms(&kind, "job_1", attempt);

        CHECK(wait_ms >= want_ms * 3 / 4 && wait_ms <= want_ms * 5 / 4);
        CHECK_INT(wait_ms, backoff_ms(&kind, "job_1", attempt));
    }
    CHECK(backoff_ms(&kind, "job_1", 3) != backoff_ms(&kind, "job_2", 3));
}
