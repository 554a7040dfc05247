/* news.h - telling who listens to a project what has happened in it, as part of the transaction in which it did.
 *
 * A number comes from project_step (asset/asset.h), which also keeps others from telling at the same time.
 */
#pragma once

#include "db/db.h"

typedef struct News {
    const char *project_id, *run_id, *kind; /* run NULL: the project's own; kind "run.completed" */
    const char *batch_id;                   /* NULL: of none */
    int64_t number;
    Value *data; /* taken over */
} News;
MUST Err *news_add(DbTx *tx, const News *news);

/* Wake who waits for news of the project. */
MUST Err *news_signal(DbTx *tx, const char *project_id);
