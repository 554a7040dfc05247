/* PostgreSQL: not yet. */
#include "db/db_priv.h"

static Err *postgres_open(const DbSetup *setup, Db **ret)
{
    (void)setup;
    (void)ret;
    return err_new(ERR_DATABASE_FAILED, "PostgreSQL is not spoken yet");
}

const DbDriver postgres_driver = {.kind = DB_POSTGRES, .open = postgres_open};
