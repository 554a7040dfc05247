/* The same promise on both databases. */
#include "harness/db.h"

#include "harness/postgres.h"

static struct {
    Db *db;
    const char *folder; /* of SQLite's file */
    char url[512];
} given;

const char *test_db_url(void)
{
    return given.url;
}

static void given_end(void)
{
    db_close(given.db);
    if (given.folder)
        test_folder_remove(given.folder);
    else if (given.db)
        postgres_database_drop(given.url);
    given.db = NULL;
    given.folder = NULL;
}

void test_on_db(DbKind kind, DbTest *test)
{
    given_end(); /* what a test that failed has left */

    if (kind == DB_SQLITE) {
        given.folder = test_folder();
        snprintf(given.url, sizeof(given.url), "sqlite://%s/test.db", given.folder);
    } else {
        postgres_database_make(given.url, sizeof(given.url));
    }
    CHECK_OK(db_open(&(DbSetup){.url = given.url, .patience_ms = TEST_DB_PATIENCE_MS}, &given.db));
    test(given.db);
    given_end();
}

typedef struct Asked {
    const char *sql;
    int64_t number;
} Asked;

static Err *run_work(DbTx *tx, void *asked_any)
{
    return db_run(tx, ((Asked *)asked_any)->sql, DB_NO_ARGS, NULL);
}

void test_db_run(Db *db, const char *const *statements, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK_OK(db_write(db, run_work, &(Asked){.sql = statements[i]}));
}

static Err *number_work(DbTx *tx, void *asked_any)
{
    Asked *asked = asked_any;

    return db_number(tx, asked->sql, DB_NO_ARGS, &asked->number);
}

long long test_db_number(Db *db, const char *sql)
{
    Asked asked = {.sql = sql};

    CHECK_OK(db_read(db, number_work, &asked));
    return asked.number;
}
