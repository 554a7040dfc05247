/* postgres_priv.h - connections to PostgreSQL and what is said over them. Not for other folders. */
#pragma once

#include <libpq-fe.h>

#include "db/db_priv.h"

/* One connection, of one thread at a time. It is always in pipeline mode: what belongs together is sent together. */
typedef struct PostgresLink {
    PGconn *handle;
    Kept kept;
    unsigned prepared; /* how many names were given */
    int64_t age;       /* of the pool when it was opened */
    bool is_lost;      /* the server has gone */
    bool is_spent;     /* not to be used again */
    bool has_debt;     /* its last answer was not read yet */
    struct PostgresLink *next;
} PostgresLink;

typedef struct PostgresListener PostgresListener;

enum {
    TAG_SIZE = 17
};

typedef struct PostgresDb {
    Db db;
    char *url;
    char tag[TAG_SIZE]; /* tells our own notifications from others' */

    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t given;
    PostgresLink *idle;
    int open;
    int64_t
        age; /* raised when a connection is lost: those opened before are not trusted any more */
    PostgresListener *listener;
} PostgresDb;

typedef struct PostgresTx {
    DbTx tx;
    PostgresLink *link;
    const char *begin; /* still to be sent, with the first statement */
    bool may_repeat;   /* what failed is no fault of the work */
} PostgresTx;

/* ---- postgres_pool.c ---- */

/* CONNECT is PQconnectdbParams or PQconnectStartParams. */
PGconn *postgres_connect(
    const PostgresDb *db, PGconn *(*connect)(const char *const *, const char *const *, int));

/* Why HANDLE could not connect, without the address. */
MUST Err *postgres_connect_err(PGconn *handle);

MUST Err *postgres_link_open(const PostgresDb *db, PostgresLink **ret);
void postgres_link_close(PostgresLink *link);

/* An idle connection or a new one; DATABASE_BUSY when there is none until END_MS of the monotonic clock. */
MUST Err *postgres_pool_take(PostgresDb *db, int64_t end_ms, PostgresLink **ret);
void postgres_pool_give(PostgresDb *db, PostgresLink *link);
void postgres_pool_close(PostgresDb *db);

/* ---- postgres_statement.c ---- */

void postgres_statements_init(PostgresLink *link);
Err *postgres_ask(DbTx *tx, const DbAsk *ask);
Err *postgres_script(DbTx *tx, const char *sql);

/* "COMMIT" or "ROLLBACK". */
MUST Err *postgres_end(PostgresTx *tx, const char *sql);

/* Roll back what only read, without waiting for the answer: whoever uses the connection next reads it. */
void postgres_leave(PostgresTx *tx);

/* SQL with ?1 as PostgreSQL wants it, $1, outside of texts, names and comments; *RET_COUNT is the highest. The caller frees it. */
char *postgres_translate(const char *sql, int *ret_count);

/* ---- postgres_listen.c ---- */

MUST Err *postgres_listener_start(PostgresDb *db, PostgresListener **ret);
void postgres_listener_stop(PostgresListener *listener); /* NULL is fine */
