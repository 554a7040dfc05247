/* Promises of migrations, on both databases. */
#include <stdatomic.h>

#include "base/crew.h"
#include "db/db_priv.h"
#include "harness/db.h"

#define FILE_OF(name_, text_) \
    { \
        .name = (name_), .bytes = (const unsigned char *)(text_), .size = sizeof(text_) - 1 \
    }

static const Embedded three[] = {
    FILE_OF(
        "0001_start", "CREATE TABLE t (a BIGINT); -- a remark; with a semicolon\n"
                      "INSERT INTO t VALUES (1);"),
    FILE_OF("0002_more.postgres", "INSERT INTO t SELECT 2::bigint;"),
    FILE_OF("0002_more.sqlite", "INSERT OR IGNORE INTO t VALUES (2);"),
    FILE_OF("0010_last", "INSERT INTO t VALUES (10); INSERT INTO t VALUES (11);"),
    {0},
};

TEST_DB(migrations_are_carried_out_once_in_the_order_of_their_numbers)
{
    DbVersion version;

    CHECK_OK(migrate_look(db, three, &version));
    CHECK(version.at == 0 && version.newest == 10);
    for (int turn = 0; turn < 2; turn++) {
        CHECK_OK(migrate_run(db, three, &version));
        CHECK(version.at == 10 && version.newest == 10);
        CHECK_INT(test_db_number(db, "SELECT SUM(a) FROM t"), 24);
    }
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM schema_migrations WHERE done_ms > 0"), 3);
    CHECK_OK(migrate_look(db, three, &version));
    CHECK_INT(version.at, 10);
}

static const Embedded broken[] = {
    FILE_OF("0001_start", "CREATE TABLE t (a BIGINT)"),
    FILE_OF("0002_bad", "INSERT INTO t VALUES (1); INSERT INTO nowhere VALUES (1);"),
    FILE_OF("0003_good", "INSERT INTO t VALUES (3)"),
    {0},
};

TEST_DB(a_migration_that_fails_leaves_the_database_as_it_was)
{
    DbVersion version = {.at = -1};

    AUTO(err_free) Err *err = migrate_run(db, broken, &version);
    CHECK(err && strstr(err_message(err), "migration '0002_bad' failed"));
    CHECK_INT(version.at, -1);
    CHECK_OK(migrate_look(db, broken, &version));
    CHECK_INT(version.at, 0);
    CHECK_OK(migrate_run(db, three, &version));
    CHECK_INT(test_db_number(db, "SELECT SUM(a) FROM t"), 24);
}

TEST_DB(a_database_that_is_newer_than_the_program_is_left_alone)
{
    static const Embedded older[] = {FILE_OF("0001_start", "CREATE TABLE t (a BIGINT)"), {0}};
    const char *message =
        "the database is at version 10 and this program knows no more than 1; hint: run the newer "
        "program, or restore a copy made before it migrated";
    DbVersion version;

    CHECK_OK(migrate_run(db, three, &version));
    CHECK_ERR(migrate_run(db, older, &version), ERR_DATABASE_FAILED, message);
    CHECK_ERR(migrate_look(db, older, &version), ERR_DATABASE_FAILED, message);
}

static void migrate_beside(void *failed, size_t item)
{
    Db *db = NULL;
    DbVersion version;
    Err *err = db_open(&(DbSetup){.url = test_db_url()}, &db);

    (void)item;
    if (!err)
        err = migrate_run(db, three, &version);
    atomic_fetch_add((atomic_int *)failed, err != NULL);
    err_free(err);
    db_close(db);
}

TEST_DB(several_processes_may_migrate_at_once)
{
    atomic_int failed = 0;

    crew_run(4, 4, migrate_beside, &failed);
    CHECK_INT(failed, 0);
    CHECK_INT(test_db_number(db, "SELECT SUM(a) FROM t"), 24);
}

TEST_DB(the_migrations_inside_the_program_can_be_carried_out)
{
    DbVersion version;

    CHECK_OK(db_migrate(db, &version));
    CHECK_INT(version.at, version.newest);
    CHECK_OK(db_version(db, &version));
    CHECK_INT(version.at, version.newest);
}
