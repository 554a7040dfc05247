/* Promises of requests that may come twice, on both databases. */
#include <string.h>

#include "base/after.h"
#include "base/clock.h"
#include "base/crew.h"
#include "base/id.h"
#include "harness/db.h"
#include "once/once.h"

static const Once order = {"tenant_a", "order-17"};

enum {
    CROWD = 6
};

/* A request for one thing, as a door carries it out. */
typedef struct Wish {
    Db *db;
    Once once;
    bool fails; /* after it claimed and made it, so that nothing of it is there */
    const char *ret;
    Err *err;
    Arena *mem;
} Wish;

static Err *wish_work(DbTx *tx, void *wish_any)
{
    Wish *wish = wish_any;
    const Id id = id_new("thing");

    TRY(once_claim(tx, &wish->once, wish->mem, &wish->ret));
    if (wish->ret)
        return NULL;
    TRY(db_run(tx, "INSERT INTO things (id) VALUES (?1)", DB_ARGS(DB_TEXT(id.text)), NULL));
    TRY(once_keep(tx, &wish->once, id.text));
    wish->ret = arena_text(wish->mem, id.text);
    return wish->fails ? err_new(ERR_CONFLICT, "no such thing today") : NULL;
}

static const char *carried_out(Db *db, Once once, Arena *mem)
{
    Wish wish = {.once = once, .mem = mem};

    CHECK_OK(db_write(db, wish_work, &wish));
    return wish.ret;
}

static void things_open(Db *db)
{
    DbVersion version;

    CHECK_OK(db_migrate(db, &version));
    TEST_DB_RUN(db, "CREATE TABLE things (id TEXT NOT NULL PRIMARY KEY)");
}

static long long things(Db *db)
{
    return test_db_number(db, "SELECT COUNT(*) FROM things");
}

#define CHECK_CODE(err_, code_) \
    do { \
        AUTO(err_free) Err *refused_ = (err_); \
        CHECK(refused_ &&err_code(refused_) == (code_)); \
    } while (0)

TEST_DB(a_request_that_comes_again_is_told_its_answer)
{
    static const Once empty = {"tenant_a", ""}, house = {NULL, "order-17"};
    AUTO(arena_free) Arena *mem = arena_new();
    OnceAnswer answer;
    bool is_found;

    things_open(db);
    CHECK_OK(once_begin(db, &order, "hash", mem, &is_found, &answer));
    CHECK(!is_found);
    CHECK_OK(once_end(db, &order, &(OnceAnswer){201, "{\"id\":1}"}));
    CHECK_OK(once_begin(db, &order, "hash", mem, &is_found, &answer));
    CHECK(is_found);
    CHECK_INT(answer.status, 201);
    CHECK_TEXT(answer.body, "{\"id\":1}");
    CHECK_CODE(once_begin(db, &order, "other", mem, &is_found, &answer), ERR_CONFLICT);
    CHECK_OK(once_begin(db, &house, "other", mem, &is_found, &answer));
    CHECK(!is_found);
    CHECK_CODE(once_begin(db, &empty, "hash", mem, &is_found, &answer), ERR_INPUT_INVALID);
}

TEST_DB(a_request_that_is_being_carried_out_says_when_to_come_again)
{
    AUTO(arena_free) Arena *mem = arena_new();
    OnceAnswer answer;
    bool is_found, is_known;

    things_open(db);
    CHECK_OK(once_begin(db, &order, "hash", mem, &is_found, &answer));
    AUTO(err_free) Err *err = once_begin(db, &order, "hash", mem, &is_found, &answer);
    CHECK(err && err_code(err) == ERR_CONFLICT);
    CHECK(err_after_ms(err) > 0 && err_after_ms(err) <= 2 * 60 * 1000);
    CHECK_OK(once_is_known(db, &order, &is_known));
    CHECK(!is_known);

    /* whoever did so has died, and nothing came of it */
    TEST_DB_RUN(db, "UPDATE replays SET begun_ms = begun_ms - 180000");
    CHECK_OK(once_begin(db, &order, "hash", mem, &is_found, &answer));
    CHECK(!is_found);
}

TEST_DB(an_answer_that_was_our_failure_is_forgotten)
{
    AUTO(arena_free) Arena *mem = arena_new();
    OnceAnswer answer;
    bool is_found;

    things_open(db);
    CHECK_OK(once_begin(db, &order, "hash", mem, &is_found, &answer));
    CHECK_OK(once_end(db, &order, &(OnceAnswer){503, "{}"}));
    CHECK_OK(once_begin(db, &order, "hash", mem, &is_found, &answer));
    CHECK(!is_found);
}

TEST_DB(what_was_made_before_the_answer_was_kept_is_not_made_again)
{
    AUTO(arena_free) Arena *mem = arena_new();
    OnceAnswer answer;
    bool is_found, is_known;

    things_open(db);
    CHECK_OK(once_begin(db, &order, "hash", mem, &is_found, &answer));
    const char *made = carried_out(db, order, mem);

    /* here it dies; or it fails to say what there is, which is no reason to make more of it */
    CHECK_OK(once_end(db, &order, &(OnceAnswer){0}));
    CHECK_OK(once_is_known(db, &order, &is_known));
    CHECK(is_known);
    CHECK_CODE(once_begin(db, &order, "other", mem, &is_found, &answer), ERR_CONFLICT);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(once_begin(db, &order, "hash", mem, &is_found, &answer));
        CHECK(!is_found);
        CHECK_TEXT(carried_out(db, order, mem), made);
    }
    CHECK_INT(things(db), 1);
    CHECK_OK(once_end(db, &order, &(OnceAnswer){200, "{}"}));
    CHECK_OK(once_begin(db, &order, "hash", mem, &is_found, &answer));
    CHECK(is_found);
}

TEST_DB(what_was_refused_is_claimed_by_nobody)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Wish wish = {.once = order, .fails = true, .mem = mem};
    OnceAnswer answer;
    bool is_found;

    things_open(db);
    CHECK_OK(once_begin(db, &order, "hash", mem, &is_found, &answer));
    CHECK_CODE(db_write(db, wish_work, &wish), ERR_CONFLICT);
    CHECK_OK(once_end(db, &order, &(OnceAnswer){0}));
    CHECK_INT(things(db), 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM replays"), 0);
    carried_out(db, order, mem);
    CHECK_INT(things(db), 1);
}

static void crowd_do(void *wishes_any, size_t at)
{
    Wish *wish = (Wish *)wishes_any + at;

    wish->err = db_write(wish->db, wish_work, wish);
}

TEST_DB(a_crowd_with_one_request_makes_one_thing)
{
    Wish wishes[CROWD];

    things_open(db);
    for (size_t i = 0; i < CROWD; i++)
        wishes[i] = (Wish){.db = db, .once = order, .mem = arena_new()};
    crew_run(CROWD, CROWD, crowd_do, wishes);
    for (size_t i = 0; i < CROWD; i++) {
        CHECK_OK(wishes[i].err);
        CHECK_TEXT(wishes[i].ret, wishes[0].ret);
    }
    for (size_t i = 0; i < CROWD; i++)
        arena_free(wishes[i].mem);
    CHECK_INT(things(db), 1);
}

TEST_DB(a_request_without_a_name_is_another_each_time)
{
    static const Once nameless = {.tenant_id = "tenant_a"};
    AUTO(arena_free) Arena *mem = arena_new();
    bool is_known;

    things_open(db);
    carried_out(db, nameless, mem);
    carried_out(db, nameless, mem);
    CHECK_INT(things(db), 2);
    CHECK_OK(once_is_known(db, &nameless, &is_known));
    CHECK(!is_known);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM replays"), 0);
}

static Err *sweep_work(DbTx *tx, void *unused)
{
    (void)unused;
    return once_sweep(tx, clock_now_ms());
}

TEST_DB(answers_and_claims_are_kept_for_a_day)
{
    static const Once other = {"tenant_a", "order-18"};
    AUTO(arena_free) Arena *mem = arena_new();
    OnceAnswer answer;
    bool is_found;

    things_open(db);
    CHECK_OK(once_begin(db, &order, "hash", mem, &is_found, &answer));
    CHECK_OK(once_end(db, &order, &(OnceAnswer){200, "{}"}));
    CHECK_OK(once_begin(db, &other, "hash", mem, &is_found, &answer));
    carried_out(db, other, mem);
    TEST_DB_RUN(db, "UPDATE replays SET begun_ms = begun_ms - 80000000");
    CHECK_OK(db_write(db, sweep_work, NULL));
    CHECK_OK(once_begin(db, &order, "hash", mem, &is_found, &answer));
    CHECK(is_found);
    carried_out(db, other, mem);
    CHECK_INT(things(db), 1);

    TEST_DB_RUN(db, "UPDATE replays SET begun_ms = begun_ms - 10000000");
    CHECK_OK(once_begin(db, &order, "another", mem, &is_found, &answer));
    CHECK(!is_found);
    CHECK_OK(once_begin(db, &other, "another", mem, &is_found, &answer));
    carried_out(db, other, mem);
    CHECK_INT(things(db), 2);
    TEST_DB_RUN(db, "UPDATE replays SET begun_ms = begun_ms - 90000000");
    CHECK_OK(db_write(db, sweep_work, NULL));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM replays"), 0);
}
