/* cyclorama migrate: the database as this version of the program wants it. */
#include <inttypes.h>

#include "app/command.h"
#include "app/records.h"

typedef struct MigrateOptions {
    bool check, json;
} MigrateOptions;

static const Field MigrateOptions_fields[] = {
    {FIELD_BOOL(MigrateOptions, check),
     .help = "Change nothing; end with 1 when there is something to do", .preset = "false"},
    {FIELD_BOOL(MigrateOptions, json), .help = "Write JSON", .preset = "false"},
    {FIELD_END},
};

static MUST Err *version_print(App *app, int64_t was, DbVersion version, bool as_json)
{
    if (!as_json) {
        fprintf(
            app->out,
            was == version.at ? "The database is at version %" PRId64 " of %" PRId64 ".\n"
                              : "The database is now at version %" PRId64 " of %" PRId64 ".\n",
            version.at, version.newest);
        return NULL;
    }
    AUTO(value_free) Value *value = value_object();

    value_set(value, "was", value_of_int(was));
    value_set(value, "at", value_of_int(version.at));
    value_set(value, "newest", value_of_int(version.newest));
    return print_json(app->out, value);
}

static Err *migrate_run(App *app, const void *options_any, const Texts *words, Exit *exit)
{
    const MigrateOptions *options = options_any;
    AUTO(db_close) Db *db = NULL;
    DbVersion version;

    (void)words;
    TRY(records_connect(app, &db));
    TRY(db_version(db, &version));
    int64_t was = version.at;
    if (!options->check)
        TRY(db_migrate(db, &version));
    else if (version.at < version.newest)
        *exit = EXIT_PART;
    return version_print(app, was, version, options->json);
}

static const char *const migrate_about[] = {
    "Carries out what is missing, one step a transaction; several at once are safe. A database in "
    "a file is also migrated by itself when the program opens it.",
    "Before a new version of the program starts on PostgreSQL: make a copy, run this, start.",
    NULL,
};

static const Example migrate_examples[] = {
    {"cyclorama migrate --database-url postgresql://studio@db/studio", "Prepare or update it"},
    {"cyclorama migrate --check", "Is there anything to do?"},
    {NULL, NULL},
};

const Command command_migrate = {
    .name = "migrate",
    .summary = "Prepare or update the database of the server",
    .usage = "",
    .about = migrate_about,
    .examples = migrate_examples,
    .options = SHAPE(MigrateOptions),
    .is_server = true,
    .run = migrate_run,
};
