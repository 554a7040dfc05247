/* Promises of statements and of the rows they give, on both databases. */
#include <math.h>

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

/* One statement, and what it gave. */
typedef struct Said {
    const char *sql;
    const DbArg *args;
    const Shape *shape;
    Arena *mem;
    void *row;
    List rows;
    int64_t number, changed;
} Said;

static Err *run_work(DbTx *tx, void *said_any)
{
    Said *said = said_any;

    return db_run(tx, said->sql, said->args, &said->changed);
}

static Err *one_work(DbTx *tx, void *said_any)
{
    Said *said = said_any;

    return db_one(tx, said->sql, said->args, said->shape, said->mem, said->row);
}

static Err *all_work(DbTx *tx, void *said_any)
{
    Said *said = said_any;

    return db_all(tx, said->sql, said->args, said->shape, said->mem, &said->rows);
}

static Err *number_work(DbTx *tx, void *said_any)
{
    Said *said = said_any;

    return db_number(tx, said->sql, said->args, &said->number);
}

static Err *say(Db *db, const char *sql, const DbArg *args)
{
    return db_write(db, run_work, &(Said){.sql = sql, .args = args});
}

static long long changed_by(Db *db, const char *sql, const DbArg *args)
{
    Said said = {.sql = sql, .args = args, .changed = -1};

    CHECK_OK(db_write(db, run_work, &said));
    return said.changed;
}

static long long number_of(Db *db, const char *sql, const DbArg *args)
{
    Said said = {.sql = sql, .args = args, .number = -1};

    CHECK_OK(db_read(db, number_work, &said));
    return said.number;
}

static Err *thing_get(Db *db, Arena *mem, const char *sql, Thing *ret)
{
    return db_read(
        db, one_work, &(Said){.sql = sql, .shape = &thing_shape, .mem = mem, .row = ret});
}

static const char insert_thing[] =
    "INSERT INTO things (id, amount, weight, is_good, mood, tags, extra) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

static void thing_add(Db *db, const char *id)
{
    CHECK_OK(
        say(db, insert_thing,
            DB_ARGS(
                DB_TEXT(id), DB_INT(9007199254740993), DB_NUMBER(0.1), DB_INT(1), DB_TEXT("glad"),
                DB_TEXT("[\"a\",\"\xc3\xa9\"]"), DB_TEXT("{\"x\":[1,2]}"))));
}

/* ---- rows ---- */

TEST_DB(a_row_comes_back_as_it_was_written)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Thing thing;

    things_make(db);
    thing_add(db, "one");
    CHECK_OK(thing_get(db, mem, "SELECT * FROM things", &thing));
    CHECK_TEXT(thing.id, "one");
    CHECK_INT(thing.amount, 9007199254740993);
    CHECK(thing.weight == 0.1);
    CHECK(thing.is_good);
    CHECK_TEXT(moods[thing.mood], "glad");
    CHECK_INT(thing.tags.count, 2);
    CHECK_TEXT(thing.tags.items[1], "\xc3\xa9");
    CHECK_INT(value_int(value_at(value_get(thing.extra, "x"), 1)), 2);
}

TEST_DB(nothing_is_zeros_and_empty)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Thing thing;

    things_make(db);
    CHECK_OK(
        say(db, insert_thing,
            DB_ARGS(
                DB_TEXT("bare"), DB_INT(FIELD_NONE), DB_NUMBER(NAN), DB_NULL, DB_TEXT(NULL),
                DB_NULL, DB_NULL)));
    CHECK_INT(
        number_of(
            db, "SELECT COUNT(*) FROM things WHERE amount IS NULL AND weight IS NULL", DB_NO_ARGS),
        1);
    CHECK_OK(thing_get(db, mem, "SELECT * FROM things", &thing));
    CHECK_INT(thing.amount, 0);
    CHECK(thing.weight == 0 && !thing.is_good && thing.mood == 0);
    CHECK_INT(thing.tags.count, 0);
    CHECK(!thing.extra);
}

typedef struct Sparse {
    int64_t whole, born_ms;
    double number;
    int mood;
} Sparse;

static const Field Sparse_fields[] = {
    {FIELD_INT(Sparse, whole), .help = "A number", .nullable = true},
    {FIELD_TIME(Sparse, born_ms), .help = "A time", .nullable = true},
    {FIELD_NUMBER(Sparse, number), .help = "A number", .nullable = true},
    {FIELD_NAME(Sparse, mood, moods), .help = "A word", .nullable = true},
    {FIELD_END},
};
static const Shape sparse_shape = SHAPE(Sparse);

TEST_DB(nothing_is_what_shapes_say_where_a_field_may_be_null)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Sparse sparse;
    Said said = {.shape = &sparse_shape, .mem = mem, .row = &sparse};

    said.sql = "SELECT NULL AS whole, NULL AS born_ms, NULL AS number, NULL AS mood";
    CHECK_OK(db_read(db, one_work, &said));
    CHECK(sparse.whole == FIELD_NONE && sparse.born_ms == FIELD_NONE);
    CHECK(isnan(sparse.number) && sparse.mood == -1);
    said.sql = "SELECT 1 AS whole, CAST(1700000000000 AS BIGINT) AS born_ms, 1 AS number, "
               "'glad' AS mood";
    CHECK_OK(db_read(db, one_work, &said));
    CHECK_INT(sparse.born_ms, 1700000000000);
    CHECK(sparse.whole == 1 && sparse.number == 1 && sparse.mood == 1);
}

typedef struct Spot {
    int64_t x;
} Spot;

static const Field Spot_fields[] = {
    {FIELD_INT(Spot, x), .help = "Where"},
    {FIELD_END},
};
static const Shape spot_shape = SHAPE(Spot);

typedef struct Rich {
    Colour ground;
    Spot spot;
    Spot *maybe;
    List spots;
    double place[2];
    Pairs line;
    const Value *map;
    bool is_more;
} Rich;

static const Field Rich_fields[] = {
    {FIELD_COLOUR(Rich, ground), .help = "Colour"},
    {FIELD_OBJECT(Rich, spot, Spot, &spot_shape), .help = "Spot"},
    {FIELD_MAYBE(Rich, maybe, Spot, &spot_shape), .help = "Perhaps a spot"},
    {FIELD_LIST(Rich, spots, &spot_shape), .help = "Spots"},
    {FIELD_VECTOR(Rich, place, 2), .help = "Place"},
    {FIELD_PAIRS(Rich, line, 4), .help = "Line"},
    {FIELD_MAP(Rich, map), .help = "Map"},
    {FIELD_BOOL(Rich, is_more), .help = "A condition"},
    {FIELD_END},
};
static const Shape rich_shape = SHAPE(Rich);

TEST_DB(what_is_kept_as_json_comes_back_as_structs)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Rich rich;
    Said said = {.shape = &rich_shape, .mem = mem, .row = &rich};

    said.sql = "SELECT '#ff0000' AS ground, '{\"x\":1}' AS spot, '{\"x\":2}' AS maybe, "
               "'[{\"x\":3},{\"x\":4}]' AS spots, '[5,6]' AS place, '[[7,8]]' AS line, "
               "'{\"any\":9}' AS map, 2 > 1 AS is_more";
    CHECK_OK(db_read(db, one_work, &said));
    CHECK(rich.ground.r > rich.ground.g);
    CHECK_INT(rich.spot.x, 1);
    CHECK_INT(rich.maybe->x, 2);
    CHECK_INT(((Spot *)rich.spots.items)[1].x, 4);
    CHECK(rich.place[1] == 6 && rich.line.items[0][1] == 8);
    CHECK_INT(value_int(value_get(rich.map, "any")), 9);
    CHECK(rich.is_more);
    said.sql = "SELECT NULL AS ground, NULL AS spot, NULL AS maybe, NULL AS spots, NULL AS place, "
               "NULL AS line, NULL AS map, 2 < 1 AS is_more";
    CHECK_OK(db_read(db, one_work, &said));
    CHECK(!rich.maybe && rich.spots.count == 0 && rich.spot.x == 0 && !rich.is_more);
}

TEST_DB(a_column_of_another_kind_than_its_field_is_a_bug)
{
    static const char *const columns[] = {
        "1 AS id",
        "'a' AS id, 'b' AS amount",
        "'a' AS id, 1.5 AS amount",
        "'a' AS id, 'b' AS weight",
        "'a' AS id, 'b' AS is_good",
        "'a' AS id, 1 AS mood",
        "'a' AS id, 1 AS tags",
    };
    AUTO(arena_free) Arena *mem = arena_new();
    Thing thing;
    char sql[64];

    for (size_t i = 0; i < COUNT(columns); i++) {
        snprintf(sql, sizeof(sql), "SELECT %s", columns[i]);
        AUTO(err_free) Err *err = thing_get(db, mem, sql, &thing);
        CHECK(err && err_code(err) == ERR_BUG);
    }
    CHECK_OK(thing_get(db, mem, "SELECT 'a' AS id, 4.0 AS amount", &thing));
    CHECK_INT(thing.amount, 4);
}

TEST_DB(no_row_is_not_found_and_leaves_the_output_alone)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Thing thing = {.amount = 7};

    things_make(db);
    CHECK_ERR(
        thing_get(db, mem, "SELECT * FROM things", &thing), ERR_NOT_FOUND,
        "no row of 'Thing' is there");
    CHECK_INT(thing.amount, 7);
}

TEST_DB(a_column_without_a_field_and_a_field_without_a_column_are_bugs)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Thing thing;

    CHECK_ERR(
        thing_get(db, mem, "SELECT 'a' AS id, 1 AS colour WHERE 1 = 0", &thing), ERR_BUG,
        "column 'colour' has no field in 'Thing'");
    CHECK_ERR(
        thing_get(db, mem, "SELECT 1 AS amount", &thing), ERR_BUG,
        "field 'id' of 'Thing' has no column");
    CHECK_ERR(
        thing_get(db, mem, "SELECT 'a' AS id, 'b' AS amount", &thing), ERR_BUG,
        "column 'amount' is not of the kind of its field");
}

TEST_DB(what_a_field_cannot_read_is_said_without_the_value)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Thing thing;

    CHECK_ERR(
        thing_get(db, mem, "SELECT 'a' AS id, 'secret' AS mood", &thing), ERR_DATABASE_FAILED,
        "column 'mood' holds a word that this program does not know");
    CHECK_ERR(
        thing_get(db, mem, "SELECT 'a' AS id, '[\"secret' AS tags", &thing), ERR_DATABASE_FAILED,
        "column 'tags' holds what its field cannot read");
}

static const char count_up[] =
    "WITH RECURSIVE up(amount) AS (SELECT 1 UNION ALL SELECT amount + 1 FROM up WHERE amount < ?1) "
    "SELECT 'x' AS id, amount FROM up ORDER BY amount";

TEST_DB(all_rows_come_in_order_and_too_many_are_a_bug)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Said said = {.sql = count_up, .shape = &thing_shape, .mem = mem};

    said.args = DB_ARGS(DB_INT(10000));
    CHECK_OK(db_read(db, all_work, &said));
    CHECK_INT(said.rows.count, 10000);
    CHECK_INT(((Thing *)said.rows.items)[9999].amount, 10000);
    said.args = DB_ARGS(DB_INT(10001));
    CHECK_ERR(
        db_read(db, all_work, &said), ERR_BUG,
        "a statement gives more than 10000 rows of 'Thing': it lacks a LIMIT");
}

TEST_DB(a_number_is_0_without_a_row_and_for_null)
{
    CHECK_INT(number_of(db, "SELECT 5 WHERE 1 = 0", DB_NO_ARGS), 0);
    CHECK_INT(number_of(db, "SELECT NULL", DB_NO_ARGS), 0);
    CHECK_INT(number_of(db, "SELECT CAST(-3 AS BIGINT)", DB_NO_ARGS), -3);
}

TEST_DB(sums_of_whole_numbers_are_whole_numbers)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Thing thing;

    things_make(db);
    TEST_DB_RUN(
        db, "INSERT INTO things (id, amount) VALUES ('a', 4000000000000000001), "
            "('b', 4000000000000000002)");
    CHECK(test_db_number(db, "SELECT SUM(amount) FROM things") == 8000000000000000003);
    CHECK_OK(thing_get(
        db, mem, "SELECT 'a' AS id, SUM(amount) AS amount, AVG(1) AS weight FROM things", &thing));
    CHECK(thing.amount == 8000000000000000003 && thing.weight == 1);
}

/* ---- placeholders and values ---- */

TEST_DB(placeholders_come_in_any_order_and_more_than_once)
{
    CHECK_INT(
        number_of(
            db, "SELECT ?2 * 100 + ?1 * 10 + ?2 + ?10",
            DB_ARGS(
                DB_INT(1), DB_INT(2), DB_INT(0), DB_INT(0), DB_INT(0), DB_INT(0), DB_INT(0),
                DB_INT(0), DB_INT(0), DB_INT(3000))),
        3212);
}

TEST_DB(a_question_mark_in_a_text_a_name_or_a_comment_is_none)
{
    CHECK_INT(
        number_of(
            db,
            "SELECT ?1 + length('?2''?3') AS \"?4\" /* ?5 */ -- ?6\n"
            "WHERE '?' <> '?7'",
            DB_ARGS(DB_INT(1))),
        6);
}

TEST_DB(values_have_types_where_a_database_could_only_guess)
{
    things_make(db);
    thing_add(db, "a");
    thing_add(db, "b");
    CHECK_INT(
        number_of(
            db, "SELECT COUNT(*) FROM (SELECT id FROM things LIMIT ?1) AS few", DB_ARGS(DB_INT(1))),
        1);
    CHECK_INT(
        number_of(
            db, "SELECT CASE WHEN ?1 IS NULL THEN 1 ELSE 2 END + ?2",
            DB_ARGS(DB_TEXT(NULL), DB_INT(4000000000))),
        4000000001);
    CHECK_INT(
        number_of(
            db, "SELECT COUNT(*) FROM things WHERE ?1 IS NULL OR id = ?1", DB_ARGS(DB_TEXT(NULL))),
        2);
    CHECK_INT(
        number_of(
            db, "SELECT COUNT(*) FROM things WHERE ?1 IS NULL OR amount > ?1",
            DB_ARGS(DB_INT(FIELD_NONE))),
        2);
    CHECK_INT(
        number_of(db, "SELECT COUNT(*) FROM things WHERE weight < ?1", DB_ARGS(DB_INT(1))), 2);
    CHECK_INT(number_of(db, "SELECT length(?1)", DB_ARGS(DB_BYTES("a\0b\xff", 4))), 4);
    CHECK_INT(number_of(db, "SELECT length(?1)", DB_ARGS(DB_BYTES(NULL, 0))), 0);
}

TEST_DB(the_same_words_take_values_of_other_types_later)
{
    const char *sql = "SELECT CASE WHEN ?1 IS NULL THEN 0 ELSE 1 END";

    for (int turn = 0; turn < 2; turn++) {
        CHECK_INT(number_of(db, sql, DB_ARGS(DB_TEXT("a"))), 1);
        CHECK_INT(number_of(db, sql, DB_ARGS(DB_INT(1))), 1);
        CHECK_INT(number_of(db, sql, DB_ARGS(DB_NUMBER(1))), 1);
        CHECK_INT(number_of(db, sql, DB_ARGS(DB_TEXT(NULL))), 0);
    }
}

TEST_DB(too_few_and_too_many_values_are_bugs)
{
    CHECK_ERR(
        say(db, "SELECT ?1 + ?2", DB_ARGS(DB_INT(1))), ERR_BUG,
        "a statement takes 2 values and was given 1");
    CHECK_ERR(
        say(db, "SELECT 1", DB_ARGS(DB_INT(1))), ERR_BUG,
        "a statement takes 0 values and was given 1");
    CHECK_INT(number_of(db, "SELECT ?1", DB_ARGS(DB_INT(1))), 1);
}

TEST_DB(a_statement_that_failed_the_first_time_is_fine_the_next)
{
    const char *sql = "INSERT INTO things (id) VALUES (?1)";

    things_make(db);
    thing_add(db, "a");
    for (int turn = 0; turn < 3; turn++)
        err_free(say(db, sql, DB_ARGS(DB_TEXT("a"))));
    CHECK_INT(changed_by(db, sql, DB_ARGS(DB_TEXT("b"))), 1);
}

TEST_DB(statements_put_together_at_run_time_are_told_apart)
{
    char sql[64];

    for (int turn = 0; turn < 2; turn++)
        for (int i = 0; i < 300; i++) {
            snprintf(sql, sizeof(sql), "SELECT %d + ?1", i);
            CHECK_INT(number_of(db, sql, DB_ARGS(DB_INT(1))), i + 1);
        }
}

/* ---- changes ---- */

TEST_DB(changes_are_counted)
{
    CHECK_INT(changed_by(db, "CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY)", DB_NO_ARGS), 0);
    CHECK_INT(changed_by(db, "INSERT INTO t VALUES (1), (2), (3)", DB_NO_ARGS), 3);
    CHECK_INT(changed_by(db, "INSERT INTO t VALUES (3) ON CONFLICT DO NOTHING", DB_NO_ARGS), 0);
    CHECK_INT(changed_by(db, "UPDATE t SET a = a WHERE a > ?1", DB_ARGS(DB_INT(1))), 2);
    CHECK_INT(changed_by(db, "UPDATE t SET a = a WHERE a > 1 RETURNING a", DB_NO_ARGS), 2);
    CHECK_INT(changed_by(db, "SELECT a FROM t", DB_NO_ARGS), 0);
    CHECK_INT(changed_by(db, "CREATE INDEX by_a ON t (a)", DB_NO_ARGS), 0);
    CHECK_INT(changed_by(db, "DELETE FROM t", DB_NO_ARGS), 3);
}

#define SQL_THING_EACH(each) \
    "INSERT INTO things (id, amount, mood, extra) SELECT each.value ->> 'id'," \
    " CAST(each.value ->> 'amount' AS BIGINT), ?2, each.value ->> 'extra' FROM " each

static Err *each_work(DbTx *tx, void *said_any)
{
    Said *said = said_any;

    return db_run_each(
        tx, DB_EACH(tx, SQL_THING_EACH), DB_ARGS(DB_TEXT("glad")), said->shape, &said->rows,
        &said->changed);
}

typedef struct Ware {
    const char *id, *extra;
    int64_t amount;
} Ware;

static const Field Ware_fields[] = {
    {FIELD_TEXT(Ware, id), .help = "Name"},
    {FIELD_TEXT(Ware, extra), .help = "Anything"},
    {FIELD_INT(Ware, amount), .help = "How many"},
    {FIELD_END},
};
static const Shape ware_shape = SHAPE(Ware);

TEST_DB(many_rows_go_in_with_one_statement_as_they_are)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Ware wares[1201];
    Said said = {.shape = &ware_shape, .rows = {wares, COUNT(wares)}};

    things_make(db);
    for (size_t i = 0; i < COUNT(wares); i++)
        wares[i] = (Ware){arena_print(mem, "thing %zu", i), NULL, (int64_t)i};
    wares[7].extra = "'quoted', \"said\" \\ \n \xc3\xa4 \xf0\x9f\x8e\xa8";
    wares[8].amount = INT64_MAX;
    CHECK_OK(db_write(db, each_work, &said));
    CHECK_INT(said.changed, COUNT(wares));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM things WHERE mood = 'glad'"), 1201);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM things WHERE extra IS NULL"), 1200);
    CHECK_INT(test_db_number(db, "SELECT amount FROM things WHERE id = 'thing 1200'"), 1200);
    CHECK_INT(test_db_number(db, "SELECT MAX(amount) FROM things"), INT64_MAX);

    Ware kept;
    Said look = {
        .sql = "SELECT id, extra, amount FROM things WHERE amount = 7",
        .shape = &ware_shape,
        .mem = mem,
        .row = &kept};
    CHECK_OK(db_read(db, one_work, &look));
    CHECK_TEXT(kept.extra, wares[7].extra);

    said.rows.count = 0;
    CHECK_OK(db_write(db, each_work, &said));
    CHECK_INT(said.changed, 0);
}

TEST_DB(one_bad_row_of_many_undoes_all)
{
    Ware wares[] = {{"a", NULL, 1}, {"b", NULL, -1}};
    Said said = {.shape = &ware_shape, .rows = {wares, COUNT(wares)}};

    things_make(db);
    AUTO(err_free) Err *err = db_write(db, each_work, &said);
    CHECK(err && err_code(err) == ERR_ROW_REFUSED);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM things"), 0);
}

TEST_DB(returning_gives_rows_and_changes_all_of_them)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Thing thing;

    things_make(db);
    thing_add(db, "a");
    thing_add(db, "b");
    CHECK_OK(db_write(
        db, one_work,
        &(Said){
            .sql = "UPDATE things SET amount = 5 RETURNING id, amount",
            .shape = &thing_shape,
            .mem = mem,
            .row = &thing,
        }));
    CHECK_INT(thing.amount, 5);
    CHECK_INT(test_db_number(db, "SELECT SUM(amount) FROM things"), 10);
}

/* ---- what is refused ---- */

static void check_refusal(Db *db, const char *sql, ErrCode want)
{
    AUTO(err_free) Err *err = say(db, sql, DB_NO_ARGS);

    CHECK(err);
    CHECK_TEXT(err_name(err_code(err)), err_name(want));
    CHECK(!strstr(err_message(err), "secret"));
}

TEST_DB(what_the_database_refuses_has_a_code_and_shows_no_value)
{
    TEST_DB_RUN(
        db, "CREATE TABLE parents (id TEXT NOT NULL PRIMARY KEY)",
        "CREATE TABLE children (id TEXT NOT NULL PRIMARY KEY, "
        "parent TEXT NOT NULL REFERENCES parents (id), age BIGINT CHECK (age < 9), UNIQUE (age))",
        "INSERT INTO parents VALUES ('secret p')",
        "INSERT INTO children VALUES ('secret', 'secret p', 3)");
    check_refusal(db, "INSERT INTO parents VALUES ('secret p')", ERR_ROW_TAKEN);
    check_refusal(db, "INSERT INTO children VALUES ('b', 'secret p', 3)", ERR_ROW_TAKEN);
    check_refusal(db, "INSERT INTO children VALUES ('secret 2', 'secret', 4)", ERR_ROW_REFUSED);
    check_refusal(db, "INSERT INTO children VALUES ('secret 2', NULL, 4)", ERR_ROW_REFUSED);
    check_refusal(db, "INSERT INTO children VALUES ('secret 2', 'secret p', 9)", ERR_ROW_REFUSED);
    check_refusal(db, "DELETE FROM parents", ERR_ROW_REFUSED);
    check_refusal(db, "SELECT nonsense FROM parents", ERR_BUG);
    check_refusal(db, "SELEKT 1", ERR_BUG);
    check_refusal(db, "SELECT 1; SELECT 2", ERR_BUG);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM children"), 1);
}
