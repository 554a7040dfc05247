/* db.h - the same promise on both databases.
 *
 *     TEST_DB(a_tenant_is_found_by_its_name)
 *     {
 *         CHECK_OK(db_write(db, ...));
 *     }
 *
 * runs as a_tenant_is_found_by_its_name/sqlite and .../postgres, each with a new, empty, unmigrated database, which is closed and gone
 * afterwards, also when the test fails. Without PostgreSQL on the machine the second is skipped.
 */
#pragma once

#include "db/db.h"
#include "test.h"

enum {
    TEST_DB_PATIENCE_MS = 60000 /* a busy machine is no busy database */
};

typedef void DbTest(Db *db);

void test_on_db(DbKind kind, DbTest *test);

/* The address of the database that the running test was given, for a second connection. */
const char *test_db_url(void);

/* Carry out statements that give no rows, each in a transaction; fails the test when one fails. */
void test_db_run(Db *db, const char *const *statements, size_t count);
#define TEST_DB_RUN(db, ...) \
    test_db_run( \
        (db), (const char *const[]){__VA_ARGS__}, \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* The number that SQL gives. */
long long test_db_number(Db *db, const char *sql);

#define TEST_DB_ENTRY_(name_, ending_, kind_) \
    static void test_##name_##_##ending_(void) \
    { \
        test_on_db(kind_, test_##name_); \
    } \
    __attribute__(( \
        section("tests"), used, aligned(8))) static const Test entry_##name_##_##ending_ = { \
        #name_ "/" #ending_, __FILE__, test_##name_##_##ending_}

#define TEST_DB(name_) \
    static void test_##name_(Db *db); \
    TEST_DB_ENTRY_(name_, sqlite, DB_SQLITE); \
    TEST_DB_ENTRY_(name_, postgres, DB_POSTGRES); \
    static void test_##name_(Db *db)
