/* Promises of transactions and statements, on both databases. */
#include "harness/db.h"

typedef struct Thing {
    const char *id;
    int64_t amount;
    double weight;
    bool is_good;
    int mood;
    Texts tags;
    const Value *extra;
} Thing;

static const char *const moods[] = {"calm", "glad", NULL};

static const Field Thing_fields[] = {
    {FIELD_TEXT(Thing, id), .help = "Name"},
    {FIELD_INT(Thing, amount), .help = "How many", .optional = true},
    {FIELD_NUMBER(Thing, weight), .help = "How heavy", .optional = true},
    {FIELD_BOOL(Thing, is_good), .help = "Is it good", .optional = true},
    {FIELD_NAME(Thing, mood, moods), .help = "How it feels", .optional = true},
    {FIELD_TEXTS(Thing, tags), .help = "Words", .optional = true},
    {FIELD_VALUE(Thing, extra), .help = "Anything", .optional = true},
    {FIELD_END},
};
static const Shape thing_shape = SHAPE(Thing);

static void things_make(Db *db)
{
    TEST_DB_RUN(
        db, "CREATE TABLE things (id TEXT NOT NULL PRIMARY KEY, amount BIGINT CHECK (amount >= 0), "
            "weight DOUBLE PRECISION, is_good BIGINT, mood TEXT, tags TEXT, extra TEXT)");
}

static Err *thing_put(DbTx *tx, void *id)
{
    return db_run(
        tx,
        "INSERT INTO things (id, amount, weight, is_good, mood, tags, extra) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        DB_ARGS(
            DB_TEXT(id), DB_INT(9007199254740993), DB_NUMBER(0.1), DB_INT(1), DB_TEXT("glad"),
            DB_TEXT("[\"a\",\"\xc3\xa9\"]"), DB_TEXT("{\"x\":[1,2]}")),
        NULL);
}

typedef struct Wanted {
    const char *id;
    Arena *mem;
    Thing thing;
    List things;
    int64_t changed;
} Wanted;

static Err *thing_get(DbTx *tx, void *wanted_any)
{
    Wanted *wanted = wanted_any;

    return db_one(
        tx, "SELECT * FROM things WHERE id = ?1", DB_ARGS(DB_TEXT(wanted->id)), &thing_shape,
        wanted->mem, &wanted->thing);
}

TEST_DB(a_row_comes_back_as_it_was_written)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Wanted wanted = {.id = "one", .mem = mem};

    things_make(db);
    CHECK_OK(db_write(db, thing_put, "one"));
    CHECK_OK(db_read(db, thing_get, &wanted));
    CHECK_TEXT(wanted.thing.id, "one");
    CHECK_INT(wanted.thing.amount, 9007199254740993);
    CHECK(wanted.thing.weight == 0.1);
    CHECK(wanted.thing.is_good);
    CHECK_TEXT(moods[wanted.thing.mood], "glad");
    CHECK_INT(wanted.thing.tags.count, 2);
    CHECK_TEXT(wanted.thing.tags.items[1], "\xc3\xa9");
    CHECK_INT(value_int(value_at(value_get(wanted.thing.extra, "x"), 1)), 2);
}

TEST_DB(no_row_is_not_found_and_leaves_the_output_alone)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Wanted wanted = {.id = "none", .mem = mem, .thing.amount = 7};

    things_make(db);
    CHECK_ERR(db_read(db, thing_get, &wanted), ERR_NOT_FOUND, "no row of 'Thing' is there");
    CHECK_INT(wanted.thing.amount, 7);
}

static Err *thing_put_and_fail(DbTx *tx, void *id)
{
    TRY(thing_put(tx, id));
    return err_new(ERR_CONFLICT, "changed my mind");
}

TEST_DB(a_work_that_fails_leaves_nothing_behind)
{
    things_make(db);
    CHECK_ERR(db_write(db, thing_put_and_fail, "one"), ERR_CONFLICT, "changed my mind");
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM things"), 0);
}

TEST_DB(a_key_that_is_there_is_taken)
{
    things_make(db);
    CHECK_OK(db_write(db, thing_put, "one"));
    AUTO(err_free) Err *err = db_write(db, thing_put, "one");
    CHECK(err && err_code(err) == ERR_ROW_TAKEN);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM things"), 1);
}
