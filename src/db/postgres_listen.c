/* Hearing what other processes signal: one connection of its own, and a thread that waits on it. */
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/postgres_priv.h"
#include "watch/watch.h"

enum {
    PAUSE_MS = 100, /* before connecting again, doubled each time */
    PAUSE_MOST_MS = 5000,
    LOOK_MS = 30000 /* look after the connection at least so often */
};

struct PostgresListener {
    PostgresDb *db;
    pthread_t thread;
    int stop; /* an eventfd: readable when it is time to go */
};

/* Wait for the socket, MS at most. False when the listener is to stop. */
static bool socket_wait(const PostgresListener *listener, int socket, short events, int64_t ms)
{
    struct pollfd waits[2] = {
        {.fd = listener->stop, .events = POLLIN}, {.fd = socket, .events = events}};

    poll(waits, 2, (int)ms);
    return !(waits[0].revents & POLLIN);
}

static bool is_connected(const PostgresListener *listener, PGconn *handle)
{
    int64_t end_ms = clock_ticks_ms() + listener->db->db.patience_ms;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;

    while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
        int64_t left_ms = end_ms - clock_ticks_ms();
        short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;

        if (left_ms <= 0 || PQstatus(handle) == CONNECTION_BAD ||
            !socket_wait(listener, PQsocket(handle), events, left_ms))
            return false;
        state = PQconnectPoll(handle);
    }
    return state == PGRES_POLLING_OK;
}

static bool is_listening(PGconn *handle)
{
    PGresult *result = PQexec(handle, "LISTEN cyclorama");
    bool is_done = PQresultStatus(result) == PGRES_COMMAND_OK;

    PQclear(result);
    return is_done;
}

/* "TAG TOPIC"; our own were rung at the commit. */
static void notification_take(PostgresDb *db, const char *payload)
{
    size_t tag = strlen(db->tag);

    if (strncmp(payload, db->tag, tag) == 0)
        return;
    if (strlen(payload) > tag && payload[tag] == ' ')
        hub_ring(&db->db, payload + tag + 1);
}

/* A notification that came with the answer to LISTEN lies in libpq's list, and the socket stays silent: look first, then wait. */
static bool connection_hear(const PostgresListener *listener, PGconn *handle)
{
    bool is_to_go_on = true;

    while (is_to_go_on && PQconsumeInput(handle)) {
        PGnotify *said;

        while ((said = PQnotifies(handle))) {
            notification_take(listener->db, said->extra);
            PQfreemem(said);
        }
        is_to_go_on = socket_wait(listener, PQsocket(handle), POLLIN, LOOK_MS);
    }
    return is_to_go_on;
}

static void *listener_run(void *listener_any)
{
    PostgresListener *listener = listener_any;
    int64_t pause_ms = PAUSE_MS;
    bool is_to_go_on = true;

    while (is_to_go_on) {
        PGconn *handle = postgres_connect(listener->db, PQconnectStartParams);

        if (is_connected(listener, handle) && is_listening(handle)) {
            pause_ms = PAUSE_MS;
            hub_ring_all(&listener->db->db); /* signals may have come while nobody heard */
            is_to_go_on = connection_hear(listener, handle);
        }
        PQfinish(handle);
        if (is_to_go_on)
            is_to_go_on = socket_wait(listener, -1, 0, pause_ms);
        if (is_to_go_on)
            watch(
                WATCH_WARN, "db.deaf",
                WATCH_TEXT("why", "the connection that hears other processes was lost"));
        pause_ms = MIN(pause_ms * 2, PAUSE_MOST_MS);
    }
    return NULL;
}

Err *postgres_listener_start(PostgresDb *db, PostgresListener **ret)
{
    PostgresListener *listener = calloc(1, sizeof(*listener));

    if (!listener)
        abort();
    listener->db = db;
    listener->stop = eventfd(0, EFD_CLOEXEC);

    Err *err = listener->stop < 0 ? err_new_errno(ERR_DATABASE_FAILED, "unable to begin to listen")
                                  : db_thread_start(&listener->thread, listener_run, listener);
    if (err) {
        close(listener->stop);
        free(listener);
        return err;
    }
    *ret = listener;
    return NULL;
}

void postgres_listener_stop(PostgresListener *listener)
{
    if (!listener)
        return;

    eventfd_write(listener->stop, 1);
    pthread_join(listener->thread, NULL);
    close(listener->stop);
    free(listener);
}
