/* Promises of the log beside a file of SQLite: it is carried over while writers go on, stays short, and whatever is copied is right. */
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "harness/db.h"

enum {
    MB = 1 << 20,
    PATIENCE_MS = 60000, /* nobody waits so long but where the promise is broken */
    PAUSE_NS = 2000000
};

typedef struct Place {
    const char *folder;
    char path[512], log[520], url[600];
} Place;

static Place place_make(void)
{
    Place place = {.folder = test_folder()};

    snprintf(place.path, sizeof(place.path), "%s/x.db", place.folder);
    snprintf(place.log, sizeof(place.log), "%s-wal", place.path);
    snprintf(place.url, sizeof(place.url), "sqlite://%s", place.path);
    return place;
}

static Db *place_open(const Place *place)
{
    Db *db = NULL;

    CHECK_OK(db_open(&(DbSetup){.url = place->url}, &db));
    TEST_DB_RUN(db, "CREATE TABLE IF NOT EXISTS big (bytes BLOB NOT NULL)");
    return db;
}

static long long size_of(const char *path)
{
    struct stat facts;

    return stat(path, &facts) ? 0 : (long long)facts.st_size;
}

static Err *mb_add(DbTx *tx, void *none)
{
    (void)none;
    return db_run(tx, "INSERT INTO big VALUES (zeroblob(1048576))", DB_NO_ARGS, NULL);
}

static Err *mbs_add(Db *db, int count)
{
    for (int i = 0; i < count; i++)
        TRY(db_write(db, mb_add, NULL));
    return NULL;
}

static bool is_waiting(int64_t end_ms)
{
    nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
    return clock_ticks_ms() < end_ms;
}

TEST(what_was_committed_is_carried_into_the_file_while_it_is_open)
{
    Place place = place_make();
    Db *db = place_open(&place);
    int64_t end_ms = clock_ticks_ms() + PATIENCE_MS;

    CHECK_OK(mbs_add(db, 8));
    while (size_of(place.path) < 4 * MB && is_waiting(end_ms))
        ;
    CHECK(size_of(place.path) >= 4 * MB);
    db_close(db);
    test_folder_remove(place.folder);
}

TEST(a_log_that_is_carried_over_begins_anew)
{
    Place place = place_make();
    Db *db = place_open(&place);
    int64_t end_ms = clock_ticks_ms() + PATIENCE_MS;
    long long size;

    do { /* the file of the log keeps its size: it does not grow by what is added once it has begun anew */
        size = size_of(place.log);
        CHECK_OK(mbs_add(db, 2));
    } while (size_of(place.log) > size && is_waiting(end_ms));
    CHECK(size_of(place.log) <= size);
    db_close(db);
    test_folder_remove(place.folder);
}

static Err *write_beside_reader(DbTx *tx, void *writer)
{
    int64_t count;

    TRY(db_number(tx, "SELECT COUNT(*) FROM big", DB_NO_ARGS, &count)); /* its sight begins here */
    return mbs_add(writer, 70);
}

TEST(a_log_grows_while_somebody_reads_in_it_and_is_short_again_afterwards)
{
    Place place = place_make();
    Db *db = place_open(&place), *reader = place_open(&place);

    CHECK_OK(db_read(reader, write_beside_reader, db));
    CHECK(size_of(place.log) > 70 * MB);
    CHECK_OK(mbs_add(db, 70));
    CHECK(size_of(place.log) <= 64 * MB + 2 * MB);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM big"), 140);
    db_close(reader);
    db_close(db);
    test_folder_remove(place.folder);
}

static void file_copy(const char *from, const char *to)
{
    AUTO(buf_done) Buf bytes = BUF(64 * MB);

    CHECK_OK(file_read(from, &bytes));
    CHECK_OK(file_write(to, bytes.bytes, bytes.size));
}

/* What a crash would leave: with no commit under way the log stays as it is, and the file is in whatever state the thread has got to. */
static void check_copy(const Place *from, int rows)
{
    Place place = place_make();

    file_copy(from->path, place.path);
    file_copy(from->log, place.log);
    Db *db = place_open(&place);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM big"), rows);
    CHECK_INT(
        test_db_number(
            db, "SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
        1);
    db_close(db);
    test_folder_remove(place.folder);
}

TEST(a_crash_while_the_log_is_carried_over_loses_nothing)
{
    Place place = place_make();
    Db *db = place_open(&place);

    for (int round = 1; round <= 6; round++) {
        CHECK_OK(mbs_add(db, 4));
        check_copy(&place, 4 * round);
    }
    db_close(db);
    CHECK_INT(size_of(place.log), 0);
    test_folder_remove(place.folder);
}

TEST(two_who_write_to_one_file_carry_over_beside_each_other)
{
    Place place = place_make();
    Db *one = place_open(&place), *two = place_open(&place);

    for (int i = 0; i < 24; i++)
        CHECK_OK(mbs_add(i % 2 ? one : two, 2));
    CHECK_INT(test_db_number(one, "SELECT COUNT(*) FROM big"), 48);
    db_close(one);
    CHECK_INT(test_db_number(two, "SELECT COUNT(*) FROM big"), 48);
    db_close(two);
    CHECK_INT(size_of(place.log), 0);
    CHECK(size_of(place.path) >= 48 * MB);
    test_folder_remove(place.folder);
}
