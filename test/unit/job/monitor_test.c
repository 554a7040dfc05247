/* Promises of what operators are told of queues, on both databases. */
#include <string.h>

#include "job/monitor.h"
#include "unit/job/jobs.h"

static const JobKind plain = {.queue = "jobs", .attempts_most = 1};

typedef struct Looking {
    Arena *mem;
    QueueState state;
    List reasons;
} Looking;

static Err *look_work(DbTx *tx, void *looking_any)
{
    Looking *looking = looking_any;

    TRY(queue_state(tx, "jobs", looking->mem, &looking->state));
    return queue_reasons(tx, NULL, looking->mem, &looking->reasons);
}

static Looking look(Db *db, Arena *mem)
{
    Looking looking = {.mem = mem};

    CHECK_OK(db_read(db, look_work, &looking));
    return looking;
}

/* So many jobs ended just now. */
static void ended(Db *db, int64_t completed, int64_t failed)
{
    Sums *sums = sums_new();

    sums_add(
        sums, &(SumRow){
                  .queue = "jobs",
                  .started = completed + failed,
                  .completed = completed,
                  .failed = failed,
                  .work_ms = completed * 40});
    CHECK_OK(sums_flush(sums, db));
    CHECK_OK(sums_flush(sums, db));
    sums_free(sums);
}

TEST_DB(what_is_done_is_counted_for_an_hour_and_a_day)
{
    AUTO(arena_free) Arena *mem = arena_new();

    jobs_begin(db);
    clock_hold(1000000000);
    ended(db, 5, 1);
    ended(db, 5, 0);
    QueueState state = look(db, mem).state;
    CHECK_INT(state.completed_hour, 10);
    CHECK_INT(state.completed_day, 10);
    CHECK_INT(state.failed_hour, 1);
    CHECK_INT(state.mean_ms, 40);
    CHECK(state.failure_rate > 0.09 && state.failure_rate < 0.1 && !state.is_failing);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM job_sums"), 1);

    clock_hold(1000000000 + 2 * 3600000);
    ended(db, 1, 0);
    state = look(db, mem).state;
    CHECK_INT(state.completed_hour, 1);
    CHECK_INT(state.completed_day, 11);
    clock_hold(1000000000 + 50 * 3600000);
    ended(db, 1, 0);
    CHECK_INT(look(db, mem).state.completed_day, 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM job_sums"), 2); /* two days are kept */
    clock_hold(0);
}

/* Alerts as a service that collects bugs is told them. */
typedef struct Told {
    int backed_up, failing;
} Told;

static void alert_hear(void *told_any, const char *event, const Err *err)
{
    Told *told = told_any;

    CHECK_INT(err_code(err), ERR_SERVER_BUSY);
    told->backed_up += strcmp(event, "queue.backed_up") == 0;
    told->failing += strcmp(event, "queue.failing") == 0;
}

TEST_DB(an_alert_is_told_once_and_again_after_it_was_over)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Told told = {0};

    jobs_begin(db);
    watch_bugs_tell(alert_hear, &told);
    jobs_put(db, &(JobOrder){.queue = "jobs"}, 100);
    CHECK_OK(sums_look(db));
    CHECK(!look(db, mem).state.is_backed_up);
    jobs_put(db, &(JobOrder){.queue = "jobs"}, 1);
    CHECK_OK(sums_look(db));
    CHECK_OK(sums_look(db));
    CHECK(look(db, mem).state.is_backed_up);
    CHECK_INT(told.backed_up, 1);
    TEST_DB_RUN(db, "DELETE FROM jobs");
    CHECK_OK(sums_look(db));
    jobs_put(db, &(JobOrder){.queue = "jobs"}, 101);
    CHECK_OK(sums_look(db));
    CHECK_INT(told.backed_up, 2);

    ended(db, 7, 2);
    CHECK_OK(sums_look(db));
    CHECK_INT(told.failing, 0); /* of nine nobody can say */
    ended(db, 1, 0);
    CHECK_OK(sums_look(db));
    CHECK_OK(sums_look(db));
    CHECK_INT(told.failing, 1);
    watch_bugs_tell(NULL, NULL);
}

TEST_DB(the_dead_are_counted_by_what_they_died_of)
{
    AUTO(arena_free) Arena *mem = arena_new();

    jobs_begin(db);
    jobs_put(db, &(JobOrder){.queue = "jobs"}, 3);
    for (int i = 0; i < 3; i++) {
        List taken = jobs_take(db, &plain, "lease", 1, mem);
        AUTO(lease_free) JobLease *lease = lease_new(taken.items, &plain, "lease", 0);

        lease->sums = NULL;
        ending_write(
            db, NULL, lease,
            err_new(i < 2 ? ERR_PRODUCT_NOT_FOUND : ERR_IMAGE_UNREADABLE, "photo %d", i));
    }
    Looking looking = look(db, mem);
    const QueueReason *reasons = looking.reasons.items;

    CHECK_INT(looking.reasons.count, 2);
    CHECK_INT(looking.state.failed, 3);
    CHECK_INT(reasons[0].count + reasons[1].count, 3);
    CHECK(
        strcmp(reasons[0].reason, "product_not_found") == 0 ||
        strcmp(reasons[1].reason, "product_not_found") == 0);
    CHECK(strstr(reasons[0].example, "photo "));
}
