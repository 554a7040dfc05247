/* The database that the settings name. */
#include "app/records.h"

#include <inttypes.h>

#include "base/file.h"

Err *records_connect(App *app, Db **ret)
{
    const char *url = app->settings.database_url;

    if (!*url) {
        TRY(folder_make(app->settings.data));
        url = arena_print(
            app->mem, "sqlite://%s", path_join(app->mem, app->settings.data, "cyclorama.db"));
    }
    return db_open(&(DbSetup){.url = url}, ret);
}

Err *records_open(App *app, Db **ret)
{
    AUTO(db_close) Db *db = NULL;
    DbVersion version;

    TRY(records_connect(app, &db));
    TRY(db_version(db, &version));
    if (db_kind(db) == DB_SQLITE || version.at == 0)
        TRY(db_migrate(db, &version));
    else if (version.at < version.newest)
        return err_public(
            err_new(
                ERR_DATABASE_FAILED,
                "the database is at version %" PRId64 ", the program at %" PRId64, version.at,
                version.newest),
            "The database is older than this program. Run 'cyclorama migrate'.");
    *ret = TAKE(db);
    return NULL;
}
