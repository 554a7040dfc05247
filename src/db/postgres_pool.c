/* Connections to PostgreSQL: opened when needed, kept, and given up when the server has gone. */
#include <string.h>

#include "base/clock.h"
#include "db/postgres_priv.h"

/* ---- connecting ---- */

static void notice_ignore(void *context, const char *message)
{
    (void)context;
    (void)message;
}

PGconn *postgres_connect(
    const PostgresDb *db, PGconn *(*connect)(const char *const *, const char *const *, int))
{
    enum {
        SETTINGS = 8
    };
    char timeout_s[16];
    /* what the address says comes after what it may change */
    const char *const settings[SETTINGS][2] = {
        {"application_name", "cyclorama"},
        {"connect_timeout", timeout_s},
        {"keepalives_idle", "10"},
        {"keepalives_interval", "5"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "20000"},
        {"dbname", db->url},
        {"client_encoding", "UTF8"},
    };
    const char *words[SETTINGS + 1] = {0}, *values[SETTINGS + 1] = {0};

    snprintf(timeout_s, sizeof(timeout_s), "%d", MAX(db->db.patience_ms / 1000, 2));
    for (int i = 0; i < SETTINGS; i++) {
        words[i] = settings[i][0];
        values[i] = settings[i][1];
    }

    PGconn *handle = connect(words, values, 1);
    if (!handle)
        abort();
    PQsetNoticeProcessor(handle, notice_ignore, NULL);
    return handle;
}

/* The library's words begin with the address and end with the reason: 'connection to server at "h" (1.2.3.4), port 5432 failed:
 * Connection refused'. */
Err *postgres_connect_err(PGconn *handle)
{
    char line[256];
    const char *message = PQerrorMessage(handle), *reason = NULL;

    snprintf(line, sizeof(line), "%.*s", (int)strcspn(message, "\n"), message);
    for (const char *at = strstr(line, ": "); at; at = strstr(reason, ": "))
        reason = at + 2;
    return err_new(
        ERR_DATABASE_FAILED, "unable to connect to PostgreSQL: %s",
        reason ? reason : "the address is not understood");
}

static MUST Err *link_setup(const PostgresDb *db, PostgresLink *link)
{
    char sql[256];

    if (PQstatus(link->handle) != CONNECTION_OK)
        return postgres_connect_err(link->handle);

    /* A process that stands still inside a transaction would keep its locks from everybody. A statement that was planned while its table was
     * empty would read the whole table ever after: every statement of ours has its index. */
    snprintf(
        sql, sizeof(sql),
        "SET lock_timeout = %d; SET idle_in_transaction_session_timeout = 60000; "
        "SET client_min_messages = warning; SET enable_seqscan = off",
        db->db.patience_ms);
    PGresult *result = PQexec(link->handle, sql);
    bool is_done = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (!is_done || !PQenterPipelineMode(link->handle))
        return err_new(ERR_DATABASE_FAILED, "unable to set up a connection to PostgreSQL");
    return NULL;
}

Err *postgres_link_open(const PostgresDb *db, PostgresLink **ret)
{
    PostgresLink *link = calloc(1, sizeof(*link));

    if (!link)
        abort();
    link->handle = postgres_connect(db, PQconnectdbParams);
    postgres_statements_init(link);

    Err *err = link_setup(db, link);
    if (err)
        postgres_link_close(link);
    else
        *ret = link;
    return err;
}

void postgres_link_close(PostgresLink *link)
{
    link->is_spent = true; /* its statements end with it */
    kept_clear(&link->kept);
    PQfinish(link->handle);
    free(link);
}

/* ---- the pool ---- */

/* Leaves *RET_LINK NULL where a new one may be opened. */
static bool link_find(PostgresDb *db, int64_t end_ms, PostgresLink **ret_link)
{
    bool is_late = false;

    pthread_mutex_lock(&db->mutex);
    while (!db->idle && db->open == db->db.connections && !is_late) {
        clock_cond_wait(&db->given, &db->mutex, end_ms);
        is_late = clock_ticks_ms() >= end_ms;
    }
    PostgresLink *link = db->idle;
    bool may_open = !link && db->open < db->db.connections;
    if (link)
        db->idle = link->next;
    db->open += may_open;
    bool is_stale = link && link->age != db->age;
    pthread_mutex_unlock(&db->mutex);

    if (is_stale) { /* its place stays ours */
        postgres_link_close(link);
        link = NULL;
    }
    *ret_link = link;
    return link || may_open || is_stale;
}

static void place_give(PostgresDb *db)
{
    pthread_mutex_lock(&db->mutex);
    db->open--;
    pthread_cond_signal(&db->given);
    pthread_mutex_unlock(&db->mutex);
}

Err *postgres_pool_take(PostgresDb *db, int64_t end_ms, PostgresLink **ret)
{
    PostgresLink *link = NULL;

    if (!link_find(db, end_ms, &link))
        return err_new(
            ERR_DATABASE_BUSY, "all %d connections to PostgreSQL stayed busy", db->db.connections);
    if (!link) {
        pthread_mutex_lock(&db->mutex);
        int64_t age = db->age;
        pthread_mutex_unlock(&db->mutex);

        Err *err = postgres_link_open(db, &link);
        if (err) {
            place_give(db);
            return err;
        }
        link->age = age;
    }
    *ret = link;
    return NULL;
}

void postgres_pool_give(PostgresDb *db, PostgresLink *link)
{
    if (link->is_lost || link->is_spent) {
        pthread_mutex_lock(&db->mutex);
        if (link->is_lost && link->age == db->age)
            db->age++;
        pthread_mutex_unlock(&db->mutex);
        postgres_link_close(link);
        place_give(db);
        return;
    }
    pthread_mutex_lock(&db->mutex);
    link->next = db->idle;
    db->idle = link;
    pthread_cond_signal(&db->given);
    pthread_mutex_unlock(&db->mutex);
}

void postgres_pool_close(PostgresDb *db)
{
    while (db->idle) {
        PostgresLink *link = db->idle;

        db->idle = link->next;
        postgres_link_close(link);
    }
}
