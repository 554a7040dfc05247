/* Promises of the ledger, on both databases. */
#include <inttypes.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/crew.h"
#include "base/dice.h"
#include "harness/db.h"
#include "ledger/ledger.h"

/* One thing done to a purse in a transaction of its own. */
typedef struct Deed {
    enum {
        OPEN,
        GRANT,
        TAKE,
        EXPIRE,
        HOLD,
        CAPTURE,
        RELEASE,
        LINE,
        PURSE,
        SPENT,
        ENTRIES,
        AUDIT
    } what;
    const char *tenant, *key, *hold, *before;
    int64_t credits, from_ms;

    Purse purse;
    Id id;
    bool is_moved;
    int64_t number;
    Arena *mem;
    List entries;
    Texts wrong;
} Deed;

static Err *deed_work(DbTx *tx, void *deed_any)
{
    Deed *deed = deed_any;
    const char *tenant = deed->tenant ? deed->tenant : "tenant_a";
    const LedgerMove move = {
        .tenant_id = tenant, .key = deed->key, .reason = "Test", .credits = deed->credits};

    switch (deed->what) {
    case OPEN:
        return ledger_open(tx, tenant, deed->credits);
    case GRANT:
        return ledger_grant(tx, &move, &deed->is_moved);
    case TAKE:
        return ledger_take(tx, &move, &deed->is_moved);
    case EXPIRE:
        return ledger_expire(tx, &move, deed->from_ms, &deed->number);
    case HOLD:
        return ledger_hold(tx, &move, &deed->id);
    case CAPTURE:
        return ledger_capture(tx, tenant, deed->hold);
    case RELEASE:
        return ledger_release(tx, tenant, deed->hold);
    case LINE:
        return ledger_line_set(tx, tenant, deed->credits);
    case PURSE:
        return ledger_purse(tx, tenant, &deed->purse);
    case SPENT:
        return ledger_spent(tx, tenant, deed->from_ms, INT64_MAX, &deed->number);
    case ENTRIES:
        return ledger_entries(tx, tenant, deed->before, deed->credits, deed->mem, &deed->entries);
    case AUDIT:
        break;
    }
    return ledger_audit(tx, deed->mem, &deed->wrong);
}

#define DO(db, ...) db_write((db), deed_work, &(Deed){__VA_ARGS__})

static Err *sql_work(DbTx *tx, void *sql)
{
    return db_run(tx, sql, DB_NO_ARGS, NULL);
}

static void check_refused(Db *db, const char *sql)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(err_free) Err *err = db_write(db, sql_work, arena_text(mem, sql));

    CHECK(err && err_code(err) == ERR_ROW_REFUSED);
}

static void check_purse(Db *db, int64_t balance, int64_t held, int64_t available)
{
    Deed deed = {PURSE};

    CHECK_OK(db_read(db, deed_work, &deed));
    CHECK_INT(deed.purse.balance, balance);
    CHECK_INT(deed.purse.held, held);
    CHECK_INT(deed.purse.available, available);
}

static void check_audit(Db *db)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Deed deed = {AUDIT, .mem = mem};

    CHECK_OK(db_read(db, deed_work, &deed));
    if (deed.wrong.count)
        test_fail(__FILE__, __LINE__, "the audit says: %s", deed.wrong.items[0]);
}

static Id hold_of(Db *db, const char *key, int64_t credits)
{
    Deed deed = {HOLD, .key = key, .credits = credits};

    CHECK_OK(db_write(db, deed_work, &deed));
    return deed.id;
}

static void begin(Db *db, int64_t credits)
{
    DbVersion version;

    CHECK_OK(db_migrate(db, &version));
    CHECK_OK(DO(db, OPEN));
    if (credits)
        CHECK_OK(DO(db, GRANT, .key = "begin", .credits = credits));
}

TEST_DB(credits_are_held_and_then_captured_or_released)
{
    begin(db, 10);
    Id first = hold_of(db, "run:1", 3), second = hold_of(db, "run:2", 4);

    check_purse(db, 10, 7, 3);
    CHECK_OK(DO(db, CAPTURE, .hold = first.text));
    check_purse(db, 7, 4, 3);
    CHECK_OK(DO(db, RELEASE, .hold = second.text));
    check_purse(db, 7, 0, 7);
    check_audit(db);
}

TEST_DB(a_hold_ends_once)
{
    begin(db, 10);
    Id hold = hold_of(db, "run:1", 3);

    CHECK_OK(DO(db, CAPTURE, .hold = hold.text));
    CHECK_OK(DO(db, CAPTURE, .hold = hold.text));
    CHECK_OK(DO(db, RELEASE, .hold = hold.text));
    check_purse(db, 7, 0, 7);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM ledger_entries"), 3);
    check_audit(db);
}

TEST_DB(a_key_moves_credits_once)
{
    Deed again = {GRANT, .key = "begin", .credits = 10};

    begin(db, 10);
    CHECK_OK(db_write(db, deed_work, &again));
    CHECK(!again.is_moved);
    check_purse(db, 10, 0, 10);

    Id first = hold_of(db, "run:1", 8), second = hold_of(db, "run:1", 8);
    CHECK_TEXT(second.text, first.text); /* though 8 are not there a second time */
    check_purse(db, 10, 8, 2);
    CHECK_OK(DO(db, CAPTURE, .hold = first.text));
    CHECK_TEXT(hold_of(db, "run:1", 8).text, first.text);
    check_purse(db, 2, 0, 2);
    check_audit(db);
}

TEST_DB(a_key_that_stands_for_something_else_is_a_conflict)
{
    begin(db, 10);
    hold_of(db, "run:1", 2);
    CHECK_ERR(
        DO(db, HOLD, .key = "run:1", .credits = 3), ERR_CONFLICT,
        "the key 'run:1' stands for a hold of 2 credits");
    CHECK_ERR(
        DO(db, HOLD, .key = "begin", .credits = 1), ERR_CONFLICT,
        "the key 'begin' stands for a grant of 10 credits");
    check_purse(db, 10, 2, 8);
    check_audit(db);
}

TEST_DB(the_same_key_of_two_tenants_is_two)
{
    begin(db, 5);
    CHECK_OK(DO(db, OPEN, .tenant = "tenant_b"));
    CHECK_OK(DO(db, GRANT, .tenant = "tenant_b", .key = "begin", .credits = 7));
    Deed other = {PURSE, .tenant = "tenant_b"};
    CHECK_OK(db_read(db, deed_work, &other));
    CHECK_INT(other.purse.balance, 7);
    check_audit(db);
}

TEST_DB(what_is_missing_is_said_and_nothing_moves)
{
    begin(db, 5);
    hold_of(db, "run:1", 3);
    AUTO(err_free) Err *err = DO(db, HOLD, .key = "run:2", .credits = 6);

    CHECK(err && err_code(err) == ERR_CREDITS_SPENT);
    CHECK_TEXT(
        err_text(err), "This takes 6 credits and 2 are available: 4 are missing. Add credits and "
                       "try again.");
    check_purse(db, 5, 3, 2);
    check_audit(db);
}

/* ---- many holds at once ---- */

enum {
    HOLDS = 3
};

typedef struct Holds {
    const char *keys[HOLDS];
    int64_t credits;
    Id ids[HOLDS];
} Holds;

static Err *holds_work(DbTx *tx, void *holds_any)
{
    Holds *holds = holds_any;
    LedgerMove moves[HOLDS];

    for (int i = 0; i < HOLDS; i++)
        moves[i] = (LedgerMove){
            .tenant_id = "tenant_a",
            .key = holds->keys[i],
            .reason = "Test",
            .subject = i ? "run" : NULL,
            .credits = holds->credits};
    return ledger_hold_all(tx, moves, HOLDS, holds->ids);
}

TEST_DB(many_holds_at_once_are_what_they_would_be_one_by_one)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Holds holds = {{"run:1", "run:2", "run:3"}, 2};
    Deed deed = {ENTRIES, .credits = 10, .mem = mem};

    begin(db, 10);
    CHECK_OK(db_write(db, holds_work, &holds));
    check_purse(db, 10, 6, 4);
    check_audit(db);
    CHECK_OK(db_read(db, deed_work, &deed));
    const LedgerEntry *entries = deed.entries.items; /* newest first */
    CHECK_INT(deed.entries.count, 4);
    CHECK_TEXT(entries[2].key, "run:1");
    CHECK_TEXT(entries[2].subject, NULL);
    CHECK_INT(entries[2].held, 2);
    CHECK_TEXT(entries[0].key, "run:3");
    CHECK_TEXT(entries[0].subject, "run");
    CHECK_TEXT(entries[0].hold_id, holds.ids[2].text);
    CHECK_INT(entries[0].held, 6);
    CHECK_INT(entries[0].credits, 2);

    CHECK_OK(DO(db, CAPTURE, .hold = holds.ids[0].text));
    CHECK_OK(DO(db, RELEASE, .hold = holds.ids[1].text));
    check_purse(db, 8, 2, 6);
    check_audit(db);
}

TEST_DB(of_many_holds_those_that_are_there_are_not_made_again)
{
    Holds holds = {{"run:1", "run:2", "run:3"}, 2};

    begin(db, 6);
    Id second = hold_of(db, "run:2", 2);
    CHECK_OK(db_write(db, holds_work, &holds));
    CHECK_TEXT(holds.ids[1].text, second.text);
    check_purse(db, 6, 6, 0);

    Holds again = {{"run:3", "run:1", "run:2"}, 2};
    CHECK_OK(db_write(db, holds_work, &again));
    CHECK_TEXT(again.ids[0].text, holds.ids[2].text);
    CHECK_TEXT(again.ids[2].text, second.text);
    check_purse(db, 6, 6, 0);
    check_audit(db);
}

TEST_DB(of_many_holds_all_are_made_or_none)
{
    Holds holds = {{"run:1", "run:2", "run:3"}, 2};

    begin(db, 5);
    CHECK_ERR(db_write(db, holds_work, &holds), ERR_CREDITS_SPENT, "6 credits wanted, 5 available");
    CHECK_TEXT(holds.ids[0].text, "");
    check_purse(db, 5, 0, 5);
    hold_of(db, "run:3", 1);
    CHECK_ERR(
        db_write(db, holds_work, &holds), ERR_CONFLICT,
        "the key 'run:3' stands for a hold of 1 credits");
    check_purse(db, 5, 1, 4);
    check_audit(db);
}

TEST_DB(another_tenants_hold_cannot_be_ended)
{
    begin(db, 5);
    CHECK_OK(DO(db, OPEN, .tenant = "tenant_b"));
    Id hold = hold_of(db, "run:1", 3);
    AUTO(err_free) Err *err = DO(db, RELEASE, .tenant = "tenant_b", .hold = hold.text);

    CHECK(err && err_code(err) == ERR_NOT_FOUND);
    check_purse(db, 5, 3, 2);
}

TEST_DB(a_line_lets_the_balance_go_below_zero_and_no_further)
{
    begin(db, 0);
    CHECK_OK(DO(db, LINE, .credits = 10));
    Id hold = hold_of(db, "run:1", 8);
    CHECK_OK(DO(db, CAPTURE, .hold = hold.text));
    check_purse(db, -8, 0, 2);
    AUTO(err_free) Err *err = DO(db, HOLD, .key = "run:2", .credits = 3);
    CHECK(err && err_code(err) == ERR_CREDITS_SPENT);

    CHECK_OK(DO(db, LINE, .credits = 0)); /* what is in use stays */
    check_purse(db, -8, 0, 0);
    CHECK_OK(DO(db, GRANT, .key = "bought", .credits = 20));
    CHECK_OK(DO(db, LINE, .credits = 0));
    check_purse(db, 12, 0, 12);
    check_audit(db);
}

TEST_DB(a_hold_of_nothing_is_a_hold)
{
    begin(db, 0);
    Id hold = hold_of(db, "run:free", 0);
    CHECK_OK(DO(db, CAPTURE, .hold = hold.text));
    check_purse(db, 0, 0, 0);
    check_audit(db);
}

TEST_DB(a_number_that_is_no_number_of_credits_is_refused)
{
    begin(db, 0);
    AUTO(err_free) Err *below = DO(db, GRANT, .key = "a", .credits = -1);
    AUTO(err_free) Err *above = DO(db, GRANT, .key = "b", .credits = LEDGER_MOST + 1);

    CHECK(below && err_code(below) == ERR_INPUT_INVALID);
    CHECK(above && err_code(above) == ERR_INPUT_INVALID);
}

/* ---- allowances ---- */

TEST_DB(an_allowance_expires_without_what_was_spent_held_or_bought)
{
    int64_t before_ms = clock_now_ms() - 1000;
    Deed rest = {EXPIRE, .key = "rest", .credits = 30, .from_ms = before_ms};

    begin(db, 30);
    CHECK_OK(DO(db, GRANT, .key = "bought", .credits = 100));
    CHECK_OK(DO(db, CAPTURE, .hold = hold_of(db, "run:1", 6).text));
    hold_of(db, "run:2", 4);
    CHECK_OK(db_write(db, deed_work, &rest));
    CHECK_INT(rest.number, 20);
    check_purse(db, 104, 4, 100);

    CHECK_OK(db_write(db, deed_work, &rest));
    CHECK_INT(rest.number, 0); /* the same key again */
    check_purse(db, 104, 4, 100);
    check_audit(db);
}

TEST_DB(an_allowance_that_is_spent_leaves_nothing_to_expire)
{
    Deed rest = {EXPIRE, .key = "rest", .credits = 5};

    begin(db, 5);
    CHECK_OK(DO(db, GRANT, .key = "bought", .credits = 10));
    CHECK_OK(DO(db, CAPTURE, .hold = hold_of(db, "run:1", 12).text));
    CHECK_OK(db_write(db, deed_work, &rest));
    CHECK_INT(rest.number, 0);
    check_purse(db, 3, 0, 3);
    check_audit(db);
}

TEST_DB(credits_are_taken_back_but_not_what_is_held_or_of_the_line)
{
    Deed take = {TAKE, .key = "take:1", .credits = 60};

    begin(db, 100);
    CHECK_OK(DO(db, LINE, .credits = 500));
    hold_of(db, "run:1", 40);
    CHECK_OK(db_write(db, deed_work, &take));
    CHECK(take.is_moved);
    check_purse(db, 40, 40, 500);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM ledger_entries WHERE kind = 'take'"), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM ledger_entries WHERE kind = 'expire'"), 0);
    AUTO(err_free) Err *err = DO(db, TAKE, .key = "take:2", .credits = 1);
    CHECK(err && err_code(err) == ERR_CONFLICT);
    Deed spent = {SPENT};
    CHECK_OK(db_write(db, deed_work, &spent));
    CHECK_INT(spent.number, 0);
    check_audit(db);
}

TEST_DB(what_was_spent_is_counted_from_a_moment_on)
{
    Deed all = {SPENT}, later = {SPENT, .from_ms = clock_now_ms() + 60000};

    begin(db, 10);
    CHECK_OK(DO(db, CAPTURE, .hold = hold_of(db, "run:1", 3).text));
    CHECK_OK(DO(db, CAPTURE, .hold = hold_of(db, "run:2", 2).text));
    CHECK_OK(db_read(db, deed_work, &all));
    CHECK_OK(db_read(db, deed_work, &later));
    CHECK_INT(all.number, 5);
    CHECK_INT(later.number, 0);
}

/* ---- the statement ---- */

TEST_DB(the_statement_is_paged_from_the_newest)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Deed first = {ENTRIES, .credits = 2, .mem = mem};

    begin(db, 10);
    Id hold = hold_of(db, "run:1", 3);
    CHECK_OK(DO(db, CAPTURE, .hold = hold.text));
    CHECK_OK(db_read(db, deed_work, &first));
    CHECK_INT(first.entries.count, 2);
    const LedgerEntry *entries = first.entries.items;
    CHECK_TEXT(entries[0].kind, "capture");
    CHECK_TEXT(entries[0].hold_id, hold.text);
    CHECK_TEXT(entries[0].reason, "Test");
    CHECK_INT(entries[0].balance, 7);
    CHECK_TEXT(entries[1].kind, "hold");

    Deed second = {ENTRIES, .credits = 2, .before = entries[1].id, .mem = mem};
    CHECK_OK(db_read(db, deed_work, &second));
    CHECK_INT(second.entries.count, 1);
    CHECK_TEXT(((const LedgerEntry *)second.entries.items)->kind, "grant");

    Deed nowhere = {ENTRIES, .credits = 2, .before = "entry_none", .mem = mem};
    AUTO(err_free) Err *err = db_read(db, deed_work, &nowhere);
    CHECK(err && err_code(err) == ERR_NOT_FOUND);
}

/* ---- the audit finds what is wrong ---- */

static void check_audit_finds(Db *db, const char *damage, const char *words)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Deed deed = {AUDIT, .mem = mem};
    bool is_found = false;

    TEST_DB_RUN(db, damage);
    CHECK_OK(db_read(db, deed_work, &deed));
    for (size_t i = 0; i < deed.wrong.count; i++)
        is_found = is_found || strstr(deed.wrong.items[i], words);
    if (!is_found)
        test_fail(
            __FILE__, __LINE__, "the audit does not say '%s' but '%s'", words,
            deed.wrong.count ? deed.wrong.items[0] : "nothing");
}

TEST_DB(the_audit_finds_a_balance_that_is_off)
{
    begin(db, 10);
    check_audit_finds(
        db, "UPDATE purses SET balance = 11", "tenant_a: balance of the purse: 11 instead of 10");
}

TEST_DB(the_audit_finds_held_credits_that_no_hold_holds)
{
    begin(db, 10);
    check_audit_finds(
        db, "UPDATE purses SET held = 1",
        "tenant_a: held by open holds in the purse: 1 instead of 0");
}

TEST_DB(the_audit_finds_a_hold_whose_end_no_entry_tells)
{
    begin(db, 10);
    hold_of(db, "run:1", 2);
    check_audit_finds(db, "UPDATE ledger_holds SET state = 'captured'", ": 1 instead of 2");
}

/* ---- by chance, and many at once ---- */

enum {
    STEPS = 150,
    OPEN_MOST = 40
};

/* What the purse should be, and the holds that are open. */
typedef struct Model {
    int64_t balance, held, line;
    Id holds[OPEN_MOST];
    int64_t credits[OPEN_MOST];
    int open;
} Model;

static int64_t throw(Dice * dice, int64_t below)
{
    return (int64_t)(dice_bits(dice) % (uint64_t)below);
}

static void model_hold(Db *db, Model *model, Dice *dice, int step)
{
    char key[32];
    int64_t credits = throw(dice, 60);
    bool fits = model->balance + model->line - model->held >= credits;

    snprintf(key, sizeof(key), "hold:%d", step);
    Deed deed = {HOLD, .key = key, .credits = credits};
    AUTO(err_free) Err *err = db_write(db, deed_work, &deed);
    CHECK_INT(err == NULL, fits);
    if (err) {
        CHECK_INT(err_code(err), ERR_CREDITS_SPENT);
        return;
    }
    model->held += credits;
    model->holds[model->open] = deed.id;
    model->credits[model->open++] = credits;
}

static void model_end(Db *db, Model *model, Dice *dice, bool is_captured)
{
    if (!model->open)
        return;
    int64_t which = throw(dice, model->open);

    CHECK_OK(DO(db, .what = is_captured ? CAPTURE : RELEASE, .hold = model->holds[which].text));
    model->held -= model->credits[which];
    model->balance -= is_captured ? model->credits[which] : 0;
    model->holds[which] = model->holds[--model->open];
    model->credits[which] = model->credits[model->open];
}

static void model_step(Db *db, Model *model, Dice *dice, int step)
{
    char key[32];
    int64_t what = throw(dice, 10), credits = throw(dice, 100);

    snprintf(key, sizeof(key), "grant:%d", step);
    if (what < 2) {
        CHECK_OK(DO(db, GRANT, .key = key, .credits = credits));
        model->balance += credits;
    } else if (what < 6 && model->open < OPEN_MOST) {
        model_hold(db, model, dice, step);
    } else if (what < 9) {
        model_end(db, model, dice, what < 8);
    } else {
        CHECK_OK(DO(db, LINE, .credits = credits));
        model->line = MAX(credits, model->held - model->balance);
    }
}

TEST_DB(a_purse_is_what_was_done_to_it_for_any_row_of_deeds)
{
    Model model = {0};

    begin(db, 0);
    for (int seed = 1; seed <= 3; seed++) {
        Dice dice = dice_seeded((uint64_t)seed);

        for (int step = 0; step < STEPS; step++) {
            model_step(db, &model, &dice, seed * STEPS + step);
            check_purse(db, model.balance, model.held, model.balance + model.line - model.held);
        }
        check_audit(db);
    }
}

TEST_DB(what_was_written_down_stays)
{
    Deed grant = {GRANT, .key = "begin", .credits = 10};
    static const char *const tries[] = {
        "UPDATE ledger_entries SET credits = 11",
        "DELETE FROM ledger_entries",
    };

    begin(db, 10);
    for (size_t i = 0; i < COUNT(tries); i++)
        check_refused(db, tries[i]);
    CHECK_OK(db_write(db, deed_work, &grant));
    check_purse(db, 10, 0, 10);
}

typedef struct Crowd {
    Db *db;
    atomic_llong captured, refused, failed;
} Crowd;

enum {
    THREADS = 16,
    DEEDS = 40,
    BEGIN_CREDITS = 500
};

/* Holds, and ends some at once, some twice; keys are shared by two threads. */
static void crowd_work(void *crowd_any, size_t item)
{
    Crowd *crowd = crowd_any;
    Dice dice = dice_seeded(item + 100);

    for (int i = 0; i < DEEDS; i++) {
        char key[32];
        int64_t credits = 1 + i % 5;

        snprintf(key, sizeof(key), "run:%zu:%d", item / 2, i);
        Deed deed = {HOLD, .key = key, .credits = credits};
        AUTO(err_free) Err *err = db_write(crowd->db, deed_work, &deed);
        if (err) {
            atomic_fetch_add(
                err_code(err) == ERR_CREDITS_SPENT ? &crowd->refused : &crowd->failed, 1);
            continue;
        }
        if (throw(&dice, 4) == 0)
            continue; /* the other ends it, or nobody */
        AUTO(err_free) Err *end =
            DO(crowd->db, .what = throw(&dice, 3) ? CAPTURE : RELEASE, .hold = deed.id.text);
        if (end)
            atomic_fetch_add(&crowd->failed, 1);
    }
}

TEST_DB(many_at_once_never_spend_what_is_not_there)
{
    Crowd crowd = {.db = db};

    begin(db, BEGIN_CREDITS);
    crew_run(THREADS, THREADS, crowd_work, &crowd);
    CHECK_INT(atomic_load(&crowd.failed), 0);
    CHECK(atomic_load(&crowd.refused) > 0);
    check_audit(db);

    long long captured = test_db_number(
        db, "SELECT CAST(SUM(credits) AS BIGINT) FROM ledger_entries WHERE kind = 'capture'");
    long long open = test_db_number(
        db, "SELECT CAST(SUM(credits) AS BIGINT) FROM ledger_holds WHERE state = 'open'");
    check_purse(db, BEGIN_CREDITS - captured, open, BEGIN_CREDITS - captured - open);
    CHECK_INT(
        test_db_number(
            db, "SELECT COUNT(*) FROM ledger_entries WHERE balance - held < 0 OR held < 0"),
        0);
    CHECK_INT(
        test_db_number(
            db, "SELECT COUNT(*) FROM (SELECT hold_id FROM ledger_entries WHERE kind IN "
                "('capture', 'release') GROUP BY hold_id HAVING COUNT(*) > 1) twice"),
        0);
}

/* ---- usage ---- */

typedef struct Used {
    Arena *mem;
    List days;
} Used;

static Err *use_work(DbTx *tx, void *unused)
{
    (void)unused;
    AUTO(value_free) Value *detail = value_object();

    value_set(detail, "seconds", value_of_int(42));
    TRY(usage_add(
        tx, &(UsageEvent){.tenant_id = "tenant_a", .kind = "compute_seconds", .detail = detail}));
    for (int i = 0; i < 3; i++)
        TRY(usage_add(
            tx, &(UsageEvent){
                    .tenant_id = "tenant_a",
                    .run_id = "run_1",
                    .kind = "job_completed",
                    .cost_micro_usd = 25000,
                }));
    return usage_add(tx, &(UsageEvent){.tenant_id = "tenant_b", .kind = "job_completed"});
}

static Err *days_work(DbTx *tx, void *used_any)
{
    Used *used = used_any;
    int64_t now_ms = clock_now_ms();

    return usage_days(
        tx, "tenant_a", now_ms - 24 * 60 * 60 * 1000, now_ms + 1, used->mem, &used->days);
}

TEST_DB(usage_is_summed_up_by_day)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Used used = {.mem = mem};
    char today[CLOCK_TEXT_SIZE];

    begin(db, 0);
    CHECK_OK(db_write(db, use_work, NULL));
    CHECK_OK(db_read(db, days_work, &used));
    CHECK_INT(used.days.count, 1);
    const UsageDay *day = used.days.items;
    CHECK_INT(day->images, 3);
    CHECK_INT(day->cost_micro_usd, 75000);
    clock_text(clock_now_ms(), today);
    CHECK(strncmp(day->date, today, 10) == 0 && strlen(day->date) == 10);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM usage_events"), 5);
}
