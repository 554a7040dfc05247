/* PostgreSQL: transactions, tried again when it is no fault of theirs that they failed. */
#include <string.h>
#include <time.h>

#include "base/chance.h"
#include "base/clock.h"
#include "db/postgres_priv.h"
#include "watch/watch.h"

static const char begin_write[] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
static const char begin_read[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/* ---- transactions ---- */

/* A connection lost here leaves open whether the transaction is in the database: it is not tried again. */
static MUST Err *commit(PostgresTx *tx)
{
    Err *err = postgres_end(tx, "COMMIT");

    if (err && tx->link->is_lost) {
        tx->may_repeat = false;
        return err_because(
            err_new(ERR_DATABASE_FAILED, "it is not known whether a transaction was committed"),
            err);
    }
    return err;
}

static void rollback(PostgresTx *tx)
{
    bool may_repeat = tx->may_repeat;

    if (!tx->link->is_lost)
        err_free(postgres_end(tx, "ROLLBACK"));
    tx->may_repeat = may_repeat;
}

static MUST Err *link_perform(PostgresTx *tx, DbWork *work, void *context)
{
    Err *err = db_tx_perform(&tx->tx, work, context);

    if (tx->tx.is_read)
        postgres_leave(tx);
    else if (err)
        rollback(tx);
    else
        err = commit(tx);
    if (!err)
        hub_ring_each(tx->tx.db, &tx->tx.topics);
    return err;
}

/* 0 to 1, 2, 4 ... 64 ms, by chance, so that those who met once do not meet again. */
static void pause_briefly(int tries)
{
    uint16_t bits;

    chance_bytes(&bits, sizeof(bits));
    struct timespec pause = {0, (long)bits * 1000000 / 65536 * (1 << MIN(tries, 6))};
    nanosleep(&pause, NULL);
}

typedef struct Attempt {
    PostgresDb *db;
    DbWork *work;
    void *context;
    bool is_read, may_repeat;
    int64_t end_ms;
} Attempt;

static MUST Err *attempt_make(Attempt *attempt)
{
    PostgresLink *link = NULL;

    Err *err = postgres_pool_take(attempt->db, attempt->end_ms, &link);
    if (err) { /* the server may be starting again; one that is full will not be less so */
        attempt->may_repeat = err_code(err) == ERR_DATABASE_FAILED;
        return err;
    }

    PostgresTx tx = {
        .tx = DB_TX(&attempt->db->db, attempt->is_read),
        .link = link,
        .begin = attempt->is_read ? begin_read : begin_write,
    };
    err = link_perform(&tx, attempt->work, attempt->context);
    attempt->may_repeat = tx.may_repeat;
    db_tx_done(&tx.tx);
    postgres_pool_give(attempt->db, link);
    return err;
}

static Err *postgres_perform(Attempt attempt)
{
    attempt.end_ms = clock_ticks_ms() + attempt.db->db.patience_ms;
    for (int tries = 0;; tries++) {
        attempt.may_repeat = false;
        Err *err = attempt_make(&attempt);

        if (!err || !attempt.may_repeat || clock_ticks_ms() >= attempt.end_ms)
            return err;
        err_free(err);
        pause_briefly(tries);
    }
}

static Err *postgres_write(Db *db, DbWork *work, void *context)
{
    return postgres_perform((Attempt){(PostgresDb *)db, work, context, .is_read = false});
}

static Err *postgres_read(Db *db, DbWork *work, void *context)
{
    return postgres_perform((Attempt){(PostgresDb *)db, work, context, .is_read = true});
}

/* ---- locks and signals ---- */

static Err *postgres_lock(DbTx *tx, const char *name)
{
    return postgres_ask(
        tx, &(DbAsk){
                .sql = "SELECT pg_advisory_xact_lock(hashtextextended(?1, 0))",
                .args = DB_ARGS(DB_TEXT(name)),
            });
}

static Err *postgres_announce(DbTx *tx, const char *topic)
{
    char payload[TAG_SIZE + TOPIC_MAX + 1];

    snprintf(payload, sizeof(payload), "%s %s", ((PostgresDb *)tx->db)->tag, topic);
    return postgres_ask(
        tx, &(DbAsk){
                .sql = "SELECT pg_notify('cyclorama', ?1)",
                .args = DB_ARGS(DB_TEXT(payload)),
            });
}

static void postgres_hear(Db *db_any)
{
    PostgresDb *db = (PostgresDb *)db_any;
    Err *err = NULL;

    pthread_mutex_lock(&db->mutex);
    if (!db->listener)
        err = postgres_listener_start(db, &db->listener);
    pthread_mutex_unlock(&db->mutex);
    if (err)
        watch_err("db.deaf", err, NULL);
    err_free(err);
}

/* ---- opening ---- */

static void postgres_close(Db *db_any)
{
    PostgresDb *db = (PostgresDb *)db_any;

    postgres_listener_stop(db->listener);
    postgres_pool_close(db);
    db_done(&db->db);
    pthread_cond_destroy(&db->given);
    pthread_mutex_destroy(&db->mutex);
    free(db->url);
    free(db);
}

static void tag_make(char tag[TAG_SIZE])
{
    unsigned char bytes[TAG_SIZE / 2];

    chance_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(tag + 2 * i, 3, "%02x", bytes[i]);
}

static Err *postgres_open(const DbSetup *setup, Db **ret)
{
    PostgresDb *db = calloc(1, sizeof(*db));
    PostgresLink *link = NULL;

    if (!db)
        abort();
    db_init(&db->db, &postgres_driver, setup);
    pthread_mutex_init(&db->mutex, NULL);
    clock_cond_init(&db->given);
    db->url = strdup(setup->url);
    tag_make(db->tag);

    Err *err = postgres_pool_take(db, clock_ticks_ms(), &link);
    if (err) {
        postgres_close(&db->db);
        return err;
    }
    postgres_pool_give(db, link);
    *ret = &db->db;
    return NULL;
}

const DbDriver postgres_driver = {
    .kind = DB_POSTGRES,
    .open = postgres_open,
    .close = postgres_close,
    .write = postgres_write,
    .read = postgres_read,
    .ask = postgres_ask,
    .script = postgres_script,
    .lock = postgres_lock,
    .announce = postgres_announce,
    .hear = postgres_hear,
};
