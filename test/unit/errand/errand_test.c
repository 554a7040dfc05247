/* Promises of errands: what is remembered of vendors. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "errand/errand.h"
#include "unit/account/studio.h"
#include "unit/vendor/line_up.h"

static const char master[] = "0123456789abcdef0123456789abcdef";

static Errands *errands_of(Db *db)
{
    Errands *errands;

    CHECK_OK(errands_open(db, master, &errands));
    return errands;
}

/* On a database that nobody has used yet. */
static Errands *errands_new(Db *db)
{
    DbVersion version;

    CHECK_OK(db_migrate(db, &version));
    return errands_of(db);
}

/* ---- what is under way ---- */

static const char *found(const VendorJournal *journal, const char *key, Arena *mem)
{
    const char *request;

    CHECK_OK(journal->find(journal->context, key, "fal", mem, &request));
    return request;
}

TEST_DB(an_errand_is_found_by_its_key_until_it_is_dropped)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(errands_close) Errands *errands = errands_new(db);
    const VendorJournal journal = errands_journal(errands);

    CHECK_TEXT(found(&journal, "run_1", mem), NULL);
    CHECK_OK(journal.keep(journal.context, "run_1", "fal", "request-1"));
    CHECK_OK(journal.keep(journal.context, "run_1", "replicate", "other"));
    CHECK_TEXT(found(&journal, "run_1", mem), "request-1");
    CHECK_OK(journal.keep(journal.context, "run_1", "fal", "request-1 request-2"));
    CHECK_TEXT(found(&journal, "run_1", mem), "request-1 request-2");
    CHECK_TEXT(found(&journal, "run_2", mem), NULL);
    CHECK_OK(journal.drop(journal.context, "run_1", "fal"));
    CHECK_TEXT(found(&journal, "run_1", mem), NULL);
    CHECK_OK(journal.drop(journal.context, "run_1", "fal"));
}

TEST_DB(errands_and_news_of_days_ago_are_forgotten)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(errands_close) Errands *errands = errands_new(db);
    const VendorJournal journal = errands_journal(errands);
    int64_t now_ms = clock_now_ms();

    clock_hold(now_ms - (int64_t)4 * 24 * 60 * 60 * 1000);
    CHECK_OK(journal.keep(journal.context, "old", "fal", "request-1"));
    CHECK_OK(errand_told(errands, "fal", "request-1"));
    clock_hold(now_ms);
    CHECK_OK(journal.keep(journal.context, "new", "fal", "request-2"));
    CHECK_OK(errand_told(errands, "fal", "request-2"));
    CHECK_OK(errands_sweep(errands));
    clock_hold(0);
    CHECK_TEXT(found(&journal, "old", mem), NULL);
    CHECK_TEXT(found(&journal, "new", mem), "request-2");
    CHECK_INT(test_db_number(db, "SELECT count(*) FROM errand_news"), 1);
}

/* ---- news ---- */

TEST_DB(news_that_came_before_anybody_waited_are_heard_once)
{
    AUTO(errands_close) Errands *errands = errands_new(db);
    const VendorJournal journal = errands_journal(errands);
    int64_t began_ms;

    CHECK_OK(errand_told(errands, "fal", "request-1"));
    CHECK_OK(errand_told(errands, "fal", "request-1")); /* vendors send them again */
    CHECK_INT(test_db_number(db, "SELECT count(*) FROM errand_news"), 1);
    began_ms = clock_ticks_ms();
    CHECK_OK(journal.wait(journal.context, "fal", "request-1", 60000, NULL));
    CHECK(clock_ticks_ms() - began_ms < 30000);

    /* Whoever is told and finds the work unfinished waits as long as he wanted to. */
    began_ms = clock_ticks_ms();
    CHECK_OK(journal.wait(journal.context, "fal", "request-1", 200, NULL));
    CHECK(clock_ticks_ms() - began_ms >= 190);
    CHECK_CODE(errand_told(errands, "fal", ""), ERR_INPUT_INVALID);
}

typedef struct Waiting {
    const VendorJournal *journal;
    Cancel cancel;
    pthread_t thread;
    int64_t took_ms;
} Waiting;

static void *wait_for_it(void *waiting_any)
{
    Waiting *waiting = waiting_any;
    int64_t began_ms = clock_ticks_ms();

    err_free(waiting->journal->wait(
        waiting->journal->context, "fal", "request-9", 60000, &waiting->cancel));
    waiting->took_ms = clock_ticks_ms() - began_ms;
    return NULL;
}

TEST_DB(news_wake_who_waits_for_them_and_a_cancel_does_too)
{
    AUTO(errands_close) Errands *errands = errands_new(db);
    const VendorJournal journal = errands_journal(errands);
    Waiting told = {.journal = &journal, .cancel = CANCEL_INIT};

    CHECK_INT(pthread_create(&told.thread, NULL, wait_for_it, &told), 0);
    usleep(100 * 1000);
    CHECK_OK(errand_told(errands, "fal", "request-8"));
    CHECK_OK(errand_told(errands, "fal", "request-9"));
    pthread_join(told.thread, NULL);
    CHECK(told.took_ms < 30000);

    Waiting cancelled = {.journal = &journal, .cancel = CANCEL_INIT};
    CHECK_INT(pthread_create(&cancelled.thread, NULL, wait_for_it, &cancelled), 0);
    usleep(100 * 1000);
    cancel_ask(&cancelled.cancel);
    pthread_join(cancelled.thread, NULL);
    CHECK(cancelled.took_ms < 30000);
}

/* The server that takes the webhook and the worker that waits are two processes: two Dbs here. */
static void test_news_are_heard_by_others_on_the_same_database(Db *db)
{
    AUTO(db_close) Db *other = NULL;
    AUTO(errands_close) Errands *here = errands_new(db), *there = NULL;
    const VendorJournal journal = errands_journal(here);
    Waiting waiting = {.journal = &journal, .cancel = CANCEL_INIT};

    CHECK_OK(db_open(&(DbSetup){.url = test_db_url()}, &other));
    CHECK_OK(errands_open(other, "", &there));
    CHECK_INT(pthread_create(&waiting.thread, NULL, wait_for_it, &waiting), 0);
    usleep(100 * 1000);
    CHECK_OK(errand_told(there, "fal", "request-9"));
    pthread_join(waiting.thread, NULL);
    CHECK(waiting.took_ms < 30000);
}
TEST_DB_ENTRY_(news_are_heard_by_others_on_the_same_database, postgres, DB_POSTGRES);

/* ---- tenants' own keys ---- */

static Clerk clerk_of(Accounts *accounts)
{
    return (Clerk){.accounts = accounts};
}

static TenantKey
key_set(Errands *errands, const Clerk *clerk, const Tenant *tenant, const char *secret, Arena *mem)
{
    TenantKey key;

    CHECK_OK(
        tenant_key_set(errands, clerk, &(TenantKeyWish){tenant->id, "fal", secret}, mem, &key));
    return key;
}

TEST_DB(a_tenants_key_is_sealed_shown_by_its_last_letters_and_opened_for_asks)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    AUTO(errands_close) Errands *errands = errands_of(db);
    const VendorJournal journal = errands_journal(errands);
    const Clerk clerk = clerk_of(accounts);
    const Tenant tenant = studio_tenant(db, PLAN_PRO, mem, NULL);
    const char *secret;
    List keys;

    CHECK_OK(journal.tenant_key(journal.context, tenant.id, "fal", mem, &secret));
    CHECK_TEXT(secret, NULL);
    const TenantKey key = key_set(errands, &clerk, &tenant, "0123-abcd:wxyz-7890", mem);
    CHECK_TEXT(key.hint, "7890");
    CHECK_OK(journal.tenant_key(journal.context, tenant.id, "fal", mem, &secret));
    CHECK_TEXT(secret, "0123-abcd:wxyz-7890");
    CHECK_OK(journal.tenant_key(journal.context, tenant.id, "openai", mem, &secret));
    CHECK_TEXT(secret, NULL);

    CHECK_OK(tenant_key_list(errands, tenant.id, mem, &keys));
    CHECK_INT(keys.count, 1);
    CHECK_TEXT(((const TenantKey *)keys.items)->hint, "7890");
    CHECK(((const TenantKey *)keys.items)->used_ms > 0);
    CHECK_INT(
        test_db_number(
            db, "SELECT count(*) FROM tenant_keys WHERE sealed LIKE '%7890%' OR sealed LIKE "
                "'%wxyz%'"),
        0);
    CHECK_INT(test_db_number(db, "SELECT count(*) FROM audit WHERE action = 'vendor-key.set'"), 1);

    key_set(errands, &clerk, &tenant, "another-secret", mem);
    CHECK_OK(journal.tenant_key(journal.context, tenant.id, "fal", mem, &secret));
    CHECK_TEXT(secret, "another-secret");
    CHECK_OK(tenant_key_drop(errands, &clerk, tenant.id, "fal"));
    CHECK_CODE(tenant_key_drop(errands, &clerk, tenant.id, "fal"), ERR_NOT_FOUND);
    CHECK_OK(journal.tenant_key(journal.context, tenant.id, "fal", mem, &secret));
    CHECK_TEXT(secret, NULL);
}

TEST_DB(a_key_that_cannot_be_opened_is_not_replaced_by_the_houses)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    AUTO(errands_close) Errands *errands = errands_of(db);
    AUTO(errands_close) Errands *without = NULL, *other = NULL;
    const Clerk clerk = clerk_of(accounts);
    const Tenant tenant = studio_tenant(db, PLAN_PRO, mem, NULL);
    const char *secret;
    TenantKey key;

    CHECK_OK(errands_open(db, "", &without));
    CHECK_OK(errands_open(db, "another-master-key-of-32-letters!", &other));
    key_set(errands, &clerk, &tenant, "0123-abcd:wxyz-7890", mem);

    VendorJournal journal = errands_journal(other);
    CHECK_CODE(journal.tenant_key(journal.context, tenant.id, "fal", mem, &secret), ERR_CONFLICT);
    journal = errands_journal(without);
    CHECK_CODE(journal.tenant_key(journal.context, tenant.id, "fal", mem, &secret), ERR_CONFLICT);
    CHECK_CODE(
        tenant_key_set(
            without, &clerk, &(TenantKeyWish){tenant.id, "fal", "0123456789"}, mem, &key),
        ERR_CONFLICT);
    CHECK_CODE(errands_open(db, "short", &other), ERR_INPUT_INVALID);
}

TEST_DB(what_can_be_no_key_is_refused)
{
    static const char *const secrets[] = {"", "short", "with a blank", "with\nline", "käse-käse"};
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    AUTO(errands_close) Errands *errands = errands_of(db);
    const Clerk clerk = clerk_of(accounts);
    const Tenant tenant = studio_tenant(db, PLAN_PRO, mem, NULL);
    TenantKey key;

    for (size_t i = 0; i < COUNT(secrets); i++)
        CHECK_CODE(
            tenant_key_set(
                errands, &clerk, &(TenantKeyWish){tenant.id, "fal", secrets[i]}, mem, &key),
            ERR_INPUT_INVALID);
    CHECK_CODE(
        tenant_key_set(
            errands, &clerk, &(TenantKeyWish){tenant.id, "nobody", "0123456789"}, mem, &key),
        ERR_NOT_FOUND);
    CHECK_CODE(
        tenant_key_set(
            errands, &clerk, &(TenantKeyWish){"tenant_none", "fal", "0123456789"}, mem, &key),
        ERR_NOT_FOUND);
}

/* ---- a worker that dies ---- */

/* In a process of its own, which the vendor kills while it waits. */
static void ask_and_die(LineUp *line_up, const char *url)
{
    AUTO(db_close) Db *db = NULL;
    AUTO(errands_close) Errands *errands = NULL;
    VendorAnswer answer;

    if (db_open(&(DbSetup){.url = url}, &db) || errands_open(db, master, &errands))
        _exit(3);
    line_up->journal = errands_journal(errands);
    line_up_open(line_up);
    err_free(line_up_ask(
        line_up,
        (VendorAsk){.ability = ABILITY_GENERATE, .key = "run_1", .prompt = "a mug", .count = 6},
        &answer));
    _exit(4);
}

static void resumed_check(Db *db, const char *vendor)
{
    AUTO(errands_close) Errands *errands = errands_new(db);
    AUTO(line_up_done) LineUp line_up;
    VendorAnswer answer;
    int status;

    line_up_init(&line_up, vendor);
    line_up.looks = 1000;
    int talk[2];
    CHECK_INT(pipe(talk), 0);
    pid_t child = fork();
    if (child == 0) {
        char go;

        if (read(talk[0], &go, 1) != 1)
            _exit(2);
        ask_and_die(&line_up, test_db_url());
    }
    line_up.victim = child;
    CHECK_INT(write(talk[1], "g", 1), 1);
    CHECK_INT(waitpid(child, &status, 0), child);
    close(talk[0]);
    close(talk[1]);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    CHECK_INT(line_up.submits, 2);
    CHECK_INT(line_up.cancels, 0);

    line_up.looks = 0;
    line_up.journal = errands_journal(errands);
    line_up_open(&line_up);
    CHECK_OK(line_up_ask(
        &line_up,
        (VendorAsk){.ability = ABILITY_GENERATE, .key = "run_1", .prompt = "a mug", .count = 6},
        &answer));
    CHECK_INT(line_up.submits, 2);
    CHECK_TEXT(answer.request_id, "request-1");
    CHECK_INT(answer.count, 2);
}

TEST_DB(what_a_dead_worker_asked_of_fal_is_not_paid_twice)
{
    resumed_check(db, "fal");
}

TEST_DB(what_a_dead_worker_asked_of_replicate_is_not_paid_twice)
{
    resumed_check(db, "replicate");
}
