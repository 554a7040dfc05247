/* Migrations: files of SQL that travel inside the program, carried out in the order of their numbers. */
#include <string.h>

#include "base/clock.h"
#include "db/db_priv.h"

enum {
    MIGRATE_PATIENCE_MS = 10 * 60 * 1000 /* for another process that migrates */
};

typedef struct Migration {
    const Embedded *files;
    DbVersion version;
} Migration;

static int64_t number_of(const Embedded *file)
{
    return strtoll(file->name, NULL, 10);
}

/* Names end in ".sqlite" or ".postgres" where the dialects differ. */
static bool file_is_of(const Embedded *file, DbKind kind)
{
    const char *ending = strrchr(file->name, '.');

    return !ending || strcmp(ending, kind == DB_SQLITE ? ".sqlite" : ".postgres") == 0;
}

/* The file with the lowest number above AT; NULL when there is none. */
static const Embedded *file_after(const Embedded *files, DbKind kind, int64_t at)
{
    const Embedded *next = NULL;

    for (const Embedded *file = files; file->name; file++)
        if (file_is_of(file, kind) && number_of(file) > at &&
            (!next || number_of(file) < number_of(next)))
            next = file;
    return next;
}

static int64_t newest_of(const Embedded *files, DbKind kind)
{
    int64_t newest = 0;

    for (const Embedded *file = files; file->name; file++)
        if (file_is_of(file, kind))
            newest = MAX(newest, number_of(file));
    return newest;
}

static MUST Err *version_read(DbTx *tx, int64_t *ret_at)
{
    int64_t tables = 0;
    const char *there = db_tx_kind(tx) == DB_SQLITE
                            ? "SELECT COUNT(*) FROM sqlite_master WHERE name = 'schema_migrations'"
                            : "SELECT COUNT(to_regclass('schema_migrations'))";

    TRY(db_number(tx, there, DB_NO_ARGS, &tables));
    if (!tables) {
        *ret_at = 0;
        return NULL;
    }
    return db_number(tx, "SELECT MAX(number) FROM schema_migrations", DB_NO_ARGS, ret_at);
}

static MUST Err *version_check(DbVersion version)
{
    if (version.at <= version.newest)
        return NULL;
    return err_new(
        ERR_DATABASE_FAILED,
        "the database is at version %lld and this program knows no more than %lld; hint: run the "
        "newer program, or restore a copy made before it migrated",
        (long long)version.at, (long long)version.newest);
}

static Err *look_work(DbTx *tx, void *migration_any)
{
    Migration *migration = migration_any;

    migration->version.newest = newest_of(migration->files, db_tx_kind(tx));
    TRY(version_read(tx, &migration->version.at));
    return version_check(migration->version);
}

Err *migrate_look(Db *db, const Embedded *files, DbVersion *ret)
{
    Migration migration = {.files = files};

    TRY(db_read(db, look_work, &migration));
    *ret = migration.version;
    return NULL;
}

static MUST Err *file_carry_out(DbTx *tx, const Embedded *file)
{
    Err *err = tx->db->driver->script(tx, (const char *)file->bytes);

    if (err)
        return err_because(err_new(err_code(err), "migration '%s' failed", file->name), err);
    return db_run(
        tx, "INSERT INTO schema_migrations (number, name, done_ms) VALUES (?1, ?2, ?3)",
        DB_ARGS(DB_INT(number_of(file)), DB_TEXT(file->name), DB_INT(clock_now_ms())), NULL);
}

/* All that are missing, in one transaction: a database is never seen between two of them, and a new one costs one commit. Looked up
 * under the lock, since another process may have been faster. */
static Err *run_work(DbTx *tx, void *migration_any)
{
    Migration *migration = migration_any;
    const Embedded *file;

    TRY(db_lock(tx, "schema_migrations"));
    TRY(look_work(tx, migration));
    if (migration->version.at == migration->version.newest)
        return NULL;

    TRY(db_run(
        tx,
        "CREATE TABLE IF NOT EXISTS schema_migrations ("
        "number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, done_ms BIGINT NOT NULL)",
        DB_NO_ARGS, NULL));
    while ((file = file_after(migration->files, db_tx_kind(tx), migration->version.at))) {
        TRY(file_carry_out(tx, file));
        migration->version.at = number_of(file);
    }
    return NULL;
}

Err *migrate_run(Db *db, const Embedded *files, DbVersion *ret)
{
    Migration migration = {.files = files};
    int64_t end_ms = clock_ticks_ms() + MIGRATE_PATIENCE_MS;
    bool is_busy = true;

    while (is_busy) {
        Err *err = db_write(db, run_work, &migration);

        if (clock_ticks_ms() > end_ms)
            is_busy = false;
        else
            err = err_expect(err, ERR_DATABASE_BUSY, &is_busy);
        TRY(err);
    }
    *ret = migration.version;
    return NULL;
}
