/* The queue's speed, as one line of JSON: bench_queue speed URL COUNT | fill URL ROWS | pages URL ROWS URL ROWS
 *
 *   speed  jobs a second: queued by one and by eight callers, each waiting for its commit, and by the hundred, with one statement and
 *          with a hundred; begun and ended by eight workers that have nothing to do; and how long it takes from queueing into an idle
 *          queue to the beginning of the work
 *   fill   makes a queue of ROWS dead and ROWS ready jobs
 *   pages  how long a page of a list, a claim and a queueing take in two queues that were filled, in turn
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
    CLAIMS = 50,          /* of eight: fewer than the few */
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

static Err *hundred_work(DbTx *tx, void *sender_any)
{
    Sender *sender = sender_any;
    JobOrder orders[100];

    for (size_t i = 0; i < COUNT(orders); i++)
        orders[i] = (JobOrder){
            .queue = "bench", .tenant_id = sender->tenant_id, .payload = sender->hall->payload};
    return job_enqueue_all(tx, orders, COUNT(orders));
}

static Err *hundred_by_one_work(DbTx *tx, void *sender)
{
    for (int i = 0; i < 100; i++)
        TRY(send_work(tx, sender));
    return NULL;
}

static double hundreds_measure(Hall *hall, DbWork *work, int count)
{
    Sender sender = {.hall = hall, .tenant_id = "tenant_1"};
    double began_us = now_us();

    for (int i = 0; i < count; i += 100)
        NEED(db_write(hall->db, work, &sender));
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
    double by_one = hundreds_measure(&hall, hundred_by_one_work, count);
    double bulk = hundreds_measure(&hall, hundred_work, count);
    double worked = working_measure(&hall, count / 2 + count * 3);
    pickup_measure(&hall, us);
    printf(
        "{\"enqueue_1\": %.0f, \"enqueue_8\": %.0f, \"enqueue_bulk\": %.0f, "
        "\"enqueue_bulk_by_one\": %.0f, \"work_8\": %.0f, \"pickup_p50_ms\": %.3f, "
        "\"pickup_p99_ms\": %.3f}\n",
        one, eight, bulk, by_one, worked, part_of(us, PICKUPS, 0.5) / 1e3,
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

static void fill(Db *db, int64_t rows)
{
    NEED(db_write(db, fill_work, &(Fill){"dead", 1, rows}));
    NEED(db_write(db, fill_work, &(Fill){"ready", READY_FROM + 1, READY_FROM + rows}));
}

typedef struct Place {
    Db *db;
    int64_t rows;
    int number; /* of the request */
} Place;

static Err *page_work(DbTx *tx, void *place_any)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const Place *place = place_any;
    List page;
    char after[64];

    snprintf(
        after, sizeof(after), "job_%026lld",
        (long long)(place->number % PAGES * (place->rows - 60) / PAGES));
    TRY(job_dead(tx, "bench", after, 50, mem, &page));
    return page.count == 50 ? NULL : err_new(ERR_BUG, "the page is not full");
}

static Err *queue_work(DbTx *tx, void *place)
{
    (void)place;
    return job_enqueue(tx, &(JobOrder){.queue = "bench", .tenant_id = "tenant_1"}, NULL);
}

static MUST Err *claim_eight(DbTx *tx, const JobKind *kind)
{
    AUTO(arena_free) Arena *mem = arena_new();
    List taken;

    TRY(claim_hasten(tx));
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

static Err *claim_work(DbTx *tx, void *place)
{
    (void)place;
    return claim_eight(tx, &bench_kind);
}

static Err *limited_work(DbTx *tx, void *place)
{
    static const JobKind limited = {.queue = "bench", .tenant_running_most = 1000};

    (void)place;
    return claim_eight(tx, &limited);
}

static const struct Request {
    const char *name;
    DbWork *work;
    int times;
    bool is_reading;
} requests[] = {
    {"page_us", page_work, PAGES, true},
    {"enqueue_us", queue_work, PAGES, false},
    {"claim_us", claim_work, CLAIMS, false},
    {"claim_limited_us", limited_work, CLAIMS, false},
};

static double request_measure(const struct Request *request, Place *place)
{
    double began_us = now_us();

    NEED((request->is_reading ? db_read : db_write)(place->db, request->work, place));
    return now_us() - began_us;
}

/* One to the few, one to the many, and so on: load falls on both. What is read is read twice, and the second time counts: what is asked for
 * lies in memory. */
static void pages_measure(Place *few, Place *many)
{
    double few_us[PAGES], many_us[PAGES];

    for (size_t i = 0; i < COUNT(requests); i++) {
        const struct Request *request = &requests[i];
        double few_half, many_half;

        for (int n = request->is_reading ? -request->times : 0; n < request->times; n++) {
            int at = (n + request->times) % request->times;

            few->number = many->number = at;
            few_us[at] = request_measure(request, few);
            many_us[at] = request_measure(request, many);
        }
        few_half = part_of(few_us, request->times, 0.5);
        many_half = part_of(many_us, request->times, 0.5);
        printf(
            "%s\"%s\": [%.1f, %.1f]%s", i ? ", " : "{", request->name, few_half, many_half,
            i + 1 < COUNT(requests) ? "" : "}\n");
    }
}

static Db *base_open(const char *url)
{
    DbVersion version;
    Db *db;

    NEED(db_open(&(DbSetup){.url = url, .connections = 12}, &db));
    NEED(db_migrate(db, &version));
    return db;
}

static int64_t count_of(const char *words)
{
    return strtoll(words, NULL, 10);
}

int main(int argc, char **argv)
{
    bool is_pages = argc == 6 && strcmp(argv[1], "pages") == 0;
    Db *db, *other = NULL;

    if (argc != 4 && !is_pages) {
        fprintf(stderr, "bench_queue speed URL COUNT | fill URL ROWS | pages URL ROWS URL ROWS\n");
        return 2;
    }
    db = base_open(argv[2]);
    if (is_pages) {
        other = base_open(argv[4]);
        pages_measure(&(Place){db, count_of(argv[3]), 0}, &(Place){other, count_of(argv[5]), 0});
    } else if (strcmp(argv[1], "fill") == 0) {
        fill(db, count_of(argv[3]));
    } else {
        speed_measure(db, (int)count_of(argv[3]));
    }
    db_close(db);
    db_close(other);
    return 0;
}
