/* The queue's speed, as one line of JSON: bench_queue speed URL COUNT | pages URL
 *
 *   speed  jobs a second: queued by one and by eight callers, each waiting for its commit; begun and ended by eight workers that have
 *          nothing to do; and how long it takes from queueing into an idle queue to the beginning of the work
 *   pages  how long a page of a list, a claim and a queueing take with a thousand rows and with a million
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "job/job_priv.h"

enum {
    CALLERS = 8,
    PICKUPS = 300,
    PAGES = 300,
    CLAIMS = 50, /* of eight: fewer than the few */
    FEW = 1000,
    MANY = 1000000,
    READY_FROM = 10000000 /* numbers of the ready jobs */
};

static double now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void rest(int64_t wait_ms)
{
    nanosleep(&(struct timespec){wait_ms / 1000, wait_ms % 1000 * 1000000}, NULL);
}

static _Noreturn void leave(const Err *err)
{
    fprintf(stderr, "bench_queue: %s\n", err_message(err));
    exit(1);
}

#define NEED(expr) \
    do { \
        Err *need_err_ = (expr); \
        if (need_err_) \
            leave(need_err_); \
    } while (0)

static int us_compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return left < right ? -1 : left > right;
}

static double part_of(double *us, int count, double part)
{
    qsort(us, (size_t)count, sizeof(*us), us_compare);
    return us[(int)((double)(count - 1) * part)];
}

/* ---- speed ---- */

typedef struct Hall {
    Db *db;
    Value *payload;
    atomic_int to_queue, worked;
    _Atomic double began_us;
} Hall;

typedef struct Sender {
    Hall *hall;
    char tenant_id[16];
} Sender;

static Err *send_work(DbTx *tx, void *sender_any)
{
    Sender *sender = sender_any;

    return job_enqueue(
        tx,
        &(JobOrder){
            .queue = "bench", .tenant_id = sender->tenant_id, .payload = sender->hall->payload},
        NULL);
}

static void *caller_work(void *hall_any)
{
    Hall *hall = hall_any;
    Sender sender = {.hall = hall};
    int number;

    while ((number = atomic_fetch_sub(&hall->to_queue, 1)) > 0) {
        snprintf(sender.tenant_id, sizeof(sender.tenant_id), "tenant_%d", number % 10);
        NEED(db_write(hall->db, send_work, &sender));
    }
    return NULL;
}

static double queueing_measure(Hall *hall, int callers, int count)
{
    pthread_t threads[CALLERS];
    double began_us = now_us();

    atomic_store(&hall->to_queue, count);
    for (int i = 0; i < callers; i++)
        pthread_create(&threads[i], NULL, caller_work, hall);
    for (int i = 0; i < callers; i++)
        pthread_join(threads[i], NULL);
    return count / ((now_us() - began_us) / 1e6);
}

static Err *hundred_work(DbTx *tx, void *sender)
{
    for (int i = 0; i < 100; i++)
        TRY(send_work(tx, sender));
    return NULL;
}

static double hundreds_measure(Hall *hall, int count)
{
    Sender sender = {.hall = hall, .tenant_id = "tenant_1"};
    double began_us = now_us();

    for (int i = 0; i < count; i += 100)
        NEED(db_write(hall->db, hundred_work, &sender));
    return count / ((now_us() - began_us) / 1e6);
}

static Err *bench_work(void *hall_any, JobLease *lease, const Job *job)
{
    Hall *hall = hall_any;

    (void)lease;
    (void)job;
    atomic_store(&hall->began_us, now_us());
    atomic_fetch_add(&hall->worked, 1);
    return NULL;
}

static const JobKind bench_kind = {.queue = "bench", .summary = "Nothing", .work = bench_work};

static JobCrew *crew_begin(Hall *hall)
{
    JobCrew *crew;

    NEED(job_crew_start(
        &(JobCrewSetup){
            .db = hall->db,
            .kinds = (const JobKind *const[]){&bench_kind, NULL},
            .context = hall,
            .light = CALLERS},
        &crew));
    return crew;
}

static double working_measure(Hall *hall, int count)
{
    double began_us = now_us();

    atomic_store(&hall->worked, 0);
    JobCrew *crew = crew_begin(hall);
    while (atomic_load(&hall->worked) < count)
        rest(1);
    job_crew_stop(crew, 10000); /* all ends are written */
    return count / ((now_us() - began_us) / 1e6);
}

static void pickup_measure(Hall *hall, double *ret_us)
{
    JobCrew *crew = crew_begin(hall);

    rest(300);
    for (int i = 0; i < PICKUPS; i++) {
        Sender sender = {.hall = hall, .tenant_id = "tenant_1"};
        double sent_us;

        atomic_store(&hall->worked, 0);
        rest(5);
        sent_us = now_us();
        NEED(db_write(hall->db, send_work, &sender));
        while (atomic_load(&hall->worked) == 0)
            nanosleep(&(struct timespec){0, 20000}, NULL);
        ret_us[i] = hall->began_us - sent_us;
    }
    job_crew_stop(crew, 10000);
}

static void speed_measure(Db *db, int count)
{
    AUTO(value_free) Value *payload = value_object();
    Hall hall = {.db = db, .payload = payload};
    char pad[441];
    double us[PICKUPS];

    memset(pad, 'x', sizeof(pad) - 1);
    pad[sizeof(pad) - 1] = '\0';
    value_set(payload, "kind", value_of_text("generate"));
    value_set(payload, "photo", value_of_text("b3f1c2a8d2e9"));
    value_set(payload, "pad", value_of_text(pad));

    double one = queueing_measure(&hall, 1, count / 2);
    double eight = queueing_measure(&hall, CALLERS, count);
    double bulk = hundreds_measure(&hall, count);
    double worked = working_measure(&hall, count / 2 + count * 2);
    pickup_measure(&hall, us);
    printf(
        "{\"enqueue_1\": %.0f, \"enqueue_8\": %.0f, \"enqueue_bulk\": %.0f, \"work_8\": %.0f, "
        "\"pickup_p50_ms\": %.3f, "
        "\"pickup_p99_ms\": %.3f}\n",
        one, eight, bulk, worked, part_of(us, PICKUPS, 0.5) / 1e3,
        part_of(us, PICKUPS, 0.99) / 1e3);
}

/* ---- pages ---- */

typedef struct Fill {
    const char *state;
    int64_t from, until;
} Fill;

static Err *fill_work(DbTx *tx, void *fill_any)
{
    static const char sqlite[] =
        "WITH RECURSIVE n(n) AS (SELECT ?2 UNION ALL SELECT n + 1 FROM n WHERE n < ?3)"
        " INSERT INTO jobs (id, queue, tenant_id, priority, state, turn, start_ms, queued_ms)"
        " SELECT printf('job_%026d', n), 'bench', printf('tenant_%d', n % 100), 0, ?1, n / 100, 1, "
        "1"
        " FROM n";
    static const char postgres[] =
        "INSERT INTO jobs (id, queue, tenant_id, priority, state, turn, start_ms, queued_ms)"
        " SELECT 'job_' || lpad(n::text, 26, '0'), 'bench', 'tenant_' || n % 100, 0, ?1, n / 100, "
        "1, 1"
        " FROM generate_series(?2, ?3) AS n";
    const Fill *fill = fill_any;

    return db_run(
        tx, db_tx_kind(tx) == DB_SQLITE ? sqlite : postgres,
        DB_ARGS(DB_TEXT(fill->state), DB_INT(fill->from), DB_INT(fill->until)), NULL);
}

static Err *page_work(DbTx *tx, void *after)
{
    AUTO(arena_free) Arena *mem = arena_new();
    List page;

    TRY(job_dead(tx, "bench", after, 50, mem, &page));
    return page.count == 50 ? NULL : err_new(ERR_BUG, "the page is not full");
}

/* Twice, since PostgreSQL tidies up what is read for the first time after it was written. */
static double page_measure(Db *db, int rows)
{
    double us[PAGES];

    for (int i = 0; i < PAGES * 2; i++) {
        char after[64];

        snprintf(
            after, sizeof(after), "job_%026d", (int)((int64_t)(i % PAGES) * (rows - 60) / PAGES));
        double began_us = now_us();
        NEED(db_read(db, page_work, after));
        us[i % PAGES] = now_us() - began_us;
    }
    return part_of(us, PAGES, 0.5);
}

static Err *claim_work(DbTx *tx, void *kind)
{
    AUTO(arena_free) Arena *mem = arena_new();
    List taken;

    TRY(claim_take(
        tx,
        &(ClaimWish){
            .kind = kind,
            .lease = "lease_bench",
            .worker = "bench",
            .most = 8,
            .now_ms = clock_now_ms()},
        mem, &taken));
    return taken.count == 8 ? NULL : err_new(ERR_BUG, "eight jobs were not taken");
}

static double claim_measure(Db *db, const JobKind *kind)
{
    double us[CLAIMS];

    for (int i = 0; i < CLAIMS; i++) {
        double began_us = now_us();

        NEED(db_write(db, claim_work, (void *)kind));
        us[i] = now_us() - began_us;
    }
    return part_of(us, CLAIMS, 0.5);
}

static double send_measure(Db *db)
{
    Hall hall = {.db = db};
    Sender sender = {.hall = &hall, .tenant_id = "tenant_1"};
    double us[PAGES];

    for (int i = 0; i < PAGES; i++) {
        double began_us = now_us();

        NEED(db_write(db, send_work, &sender));
        us[i] = now_us() - began_us;
    }
    return part_of(us, PAGES, 0.5);
}

static void pages_measure(Db *db)
{
    static const JobKind limited = {.queue = "bench", .tenant_running_most = 1000};
    double us[4][2];

    for (int i = 0; i < 2; i++) {
        int64_t from = i ? FEW + 1 : 1, until = i ? MANY : FEW;

        NEED(db_write(db, fill_work, &(Fill){"dead", from, until}));
        NEED(db_write(db, fill_work, &(Fill){"ready", READY_FROM + from, READY_FROM + until}));
        us[0][i] = page_measure(db, (int)until);
        us[1][i] = send_measure(db);
        us[2][i] = claim_measure(db, &bench_kind);
        us[3][i] = claim_measure(db, &limited);
    }
    printf(
        "{\"page_us\": [%.1f, %.1f], \"enqueue_us\": [%.1f, %.1f], \"claim_us\": [%.1f, %.1f], "
        "\"claim_limited_us\": [%.1f, %.1f]}\n",
        us[0][0], us[0][1], us[1][0], us[1][1], us[2][0], us[2][1], us[3][0], us[3][1]);
}

int main(int argc, char **argv)
{
    DbVersion version;
    Db *db = NULL;

    if (argc < 3) {
        fprintf(stderr, "bench_queue speed URL COUNT | pages URL\n");
        return 2;
    }
    NEED(db_open(&(DbSetup){.url = argv[2], .connections = 12}, &db));
    NEED(db_migrate(db, &version));
    if (strcmp(argv[1], "speed") == 0 && argc == 4)
        speed_measure(db, (int)strtol(argv[3], NULL, 10));
    else
        pages_measure(db);
    db_close(db);
    return 0;
}
