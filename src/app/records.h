/* records.h - the database that the settings name. */
#pragma once

#include "app/command.h"
#include "db/db.h"

/* Open it. Without a setting it is a file in the data folder, which is made. */
MUST Err *records_connect(App *app, Db **ret);

/* The same, at its newest version: SQLite and an empty database are migrated at once, PostgreSQL by 'cyclorama migrate', so that of several
 * programs none changes it behind the others' backs. */
MUST Err *records_open(App *app, Db **ret);
