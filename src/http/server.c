/* The server's life: start, and an end that lets people finish. */
#include "http/server.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crew.h"
#include "base/file.h"
#include "http/listen_priv.h"
#include "http/server_priv.h"

enum {
    LOOPS = 2,
    CONNECTION_BYTES = 32 * 1024,
    WORKERS_LEAST = 8,
    OTHER_FILES = 1024,
    STOP_STEP_MS = 10,
    PATIENT_STACK_BYTES = 1024 * 1024, /* of addresses; what is touched of it counts */
    PATIENT_IDLE_MS = 10 * 1000,
    ACCEPTED_MS = 50 /* for requests whose connection was accepted just before */
};

static void limits_fill(HttpLimits *limits, bool has_proxies)
{
    const HttpLimits presets = {
        .connections = 4096,
        .per_address = has_proxies ? -1 : 256,
        .streams = 2048,
        .patient = 256,
        .per_owner = 64,
        .queued = 1024,
        .head_ms = 20 * 1000,
        .idle_ms = 60 * 1000,
        .grace_ms = 10 * 1000,
        .body_per_s = 1024,
    };

    limits->connections = limits->connections ? limits->connections : presets.connections;
    limits->per_address = limits->per_address ? limits->per_address : presets.per_address;
    limits->streams = limits->streams ? limits->streams : presets.streams;
    limits->patient = limits->patient ? limits->patient : presets.patient;
    limits->per_owner = limits->per_owner ? limits->per_owner : presets.per_owner;
    limits->queued = limits->queued ? limits->queued : presets.queued;
    limits->head_ms = limits->head_ms ? limits->head_ms : presets.head_ms;
    limits->idle_ms = limits->idle_ms ? limits->idle_ms : presets.idle_ms;
    limits->grace_ms = limits->grace_ms ? limits->grace_ms : presets.grace_ms;
    limits->body_per_s = limits->body_per_s ? limits->body_per_s : presets.body_per_s;
}

/* A shell lets a program have 1,024 files; each connection is one. More than the system allows is no reason not to start. */
static void files_allow(int connections)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = MAX(files.rlim_cur, MIN(files.rlim_max, (rlim_t)connections + OTHER_FILES));
    setrlimit(RLIMIT_NOFILE, &files);
}

static MUST Err *rows_check(const HttpDoor *rows)
{
    const FrontDoor *doors[16] = {0};
    size_t count = 0;

    for (; rows->door; rows++) {
        if (count + 1 == COUNT(doors))
            return err_new(ERR_BUG, "more than %zu doors", COUNT(doors) - 1);
        doors[count++] = rows->door;
    }
    if (!count)
        return err_new(ERR_BUG, "a server without a door");
    return door_check(doors);
}

static MUST Err *pem_read(const char *path, char **ret)
{
    AUTO(buf_done) Buf text = BUF(256 * 1024);

    TRY(file_read(path, &text));
    *ret = strdup(buf_text(&text));
    return *ret ? NULL : err_new(ERR_MEMORY_SPENT, "unable to keep '%s'", path);
}

static size_t unescape_nothing(void *server, struct MHD_Connection *wire, char *text)
{
    (void)server;
    (void)wire;
    return strlen(text);
}

/* libmicrohttpd's own words are about lines that broke. */
static void mhd_log(void *server, const char *format, va_list args) PRINTF(2, 0);
static void mhd_log(void *server, const char *format, va_list args)
{
    char text[256];

    (void)server;
    if (!watch_is_on(WATCH_DEBUG))
        return;
    vsnprintf(text, sizeof(text), format, args);
    text[strcspn(text, "\n")] = '\0';
    watch(WATCH_DEBUG, "http.line", WATCH_TEXT("said", text));
}

static MUST Err *daemon_start(HttpServer *server)
{
    const HttpLimits *limits = &server->limits;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE |
                     MHD_USE_ITC | MHD_USE_ERROR_LOG | (server->has_tls ? MHD_USE_TLS : 0);
    struct MHD_OptionItem more[8] = {{0}};
    size_t count = 0;

    if (server->has_tls) {
        more[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, server->certificate};
        more[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, server->key};
        more[count++] = (struct MHD_OptionItem){
            MHD_OPTION_HTTPS_PRIORITIES, 0, "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"};
    }
    if (limits->per_address > 0)
        more[count++] =
            (struct MHD_OptionItem){MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits->per_address, NULL};
    more[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};

    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, serve_go_on, server, MHD_OPTION_EXTERNAL_LOGGER, mhd_log, server,
        MHD_OPTION_LISTEN_SOCKET, server->socket, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)LOOPS,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)limits->connections, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)((limits->idle_ms + 999) / 1000), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK,
        unescape_nothing, server, MHD_OPTION_URI_LOG_CALLBACK, serve_begin, server,
        MHD_OPTION_NOTIFY_COMPLETED, serve_end, server, MHD_OPTION_NOTIFY_CONNECTION, links_watch,
        server, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
    if (!server->daemon)
        return err_new(
            server->has_tls ? ERR_FILE_UNREADABLE : ERR_SERVER_BUSY,
            "unable to start the HTTP loops%s",
            server->has_tls ? "; check certificate and key" : "");
    return NULL;
}

static void server_free(HttpServer *server)
{
    if (!server)
        return;
    links_tick_stop(server);
    pool_stop(server->patient);
    pool_stop(server->pool);
    sockets_stop(server->sockets);
    if (server->socket >= 0)
        close(server->socket);
    if (server->path[0])
        unlink(server->path);
    router_free(server->router);
    peers_done(&server->trusted);
    free(server->certificate);
    free(server->key);
    pthread_cond_destroy(&server->tick);
    pthread_mutex_destroy(&server->mutex);
    pthread_mutex_destroy(&server->seeing);
    free(server);
}
DEFINE_AUTO(HttpServer, server_free);

static HttpServer *server_new(const HttpSetup *setup)
{
    HttpServer *server = calloc(1, sizeof(*server));

    if (!server)
        abort();
    server->setup = *setup;
    server->limits = setup->limits;
    server->socket = -1;
    server->has_tls = setup->certificate && setup->key;
    server->workers = setup->workers ? setup->workers : MAX(4 * crew_cores(), WORKERS_LEAST);
    limits_fill(&server->limits, setup->trusted_proxies && setup->trusted_proxies[0]);
    pthread_mutex_init(&server->mutex, NULL);
    pthread_mutex_init(&server->seeing, NULL);
    clock_cond_init(&server->tick);
    return server;
}

static MUST Err *pools_start(HttpServer *server)
{
    TRY(pool_start(&(PoolSetup){.least = server->workers, .most = server->workers}, &server->pool));
    return pool_start(
        &(PoolSetup){
            .most = server->limits.patient,
            .stack_bytes = PATIENT_STACK_BYTES,
            .idle_ms = PATIENT_IDLE_MS,
        },
        &server->patient);
}

Err *http_server_start(const HttpSetup *setup, HttpServer **ret)
{
    AUTO(server_free) HttpServer *server = server_new(setup);
    Listening listening;

    TRY(rows_check(setup->doors));
    TRY(router_new(setup->doors, &server->router));
    TRY(peers_read(setup->trusted_proxies, &server->trusted));
    if (server->has_tls) {
        TRY(pem_read(setup->certificate, &server->certificate));
        TRY(pem_read(setup->key, &server->key));
    }
    TRY(listen_open(setup->listen, server->has_tls, &listening));
    server->socket = listening.socket;
    server->port = listening.port;
    memcpy(server->address, listening.address, sizeof(server->address));
    memcpy(server->path, listening.path, sizeof(server->path));
    files_allow(server->limits.connections);
    TRY(pools_start(server));
    TRY(links_tick_start(server));
    TRY(sockets_start(&server->sockets));
    TRY(daemon_start(server));
    *ret = TAKE(server);
    return NULL;
}

int http_server_port(const HttpServer *server)
{
    return server->port;
}

const char *http_server_address(const HttpServer *server)
{
    return server->address;
}

void http_server_state(HttpServer *server, HttpState *ret)
{
    pthread_mutex_lock(&server->mutex);
    *ret = (HttpState){.connections = server->link_count, .streams = server->stream_count};
    pthread_mutex_unlock(&server->mutex);
    ret->in_flight = atomic_load(&server->in_flight);
    ret->workers = server->workers;
    ret->workers_busy = pool_busy(server->pool);
    ret->patient = pool_busy(server->patient);
    ret->patient_threads = pool_threads(server->patient);
    ret->queued = pool_queued(server->pool);
    ret->refused = atomic_load(&server->refused);
}

static void nap(int64_t ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

bool server_hand_over(HttpServer *server)
{
    atomic_fetch_add(&server->handed, 1);
    if (!atomic_load(&server->is_closing))
        return true;
    atomic_fetch_sub(&server->handed, 1);
    return false;
}

void server_handed_back(HttpServer *server)
{
    atomic_fetch_sub(&server->handed, 1);
}

void http_server_stop(HttpServer *server, int64_t patience_ms)
{
    if (!server)
        return;

    int64_t began_ms = clock_ticks_ms(), end_ms = began_ms + patience_ms;
    atomic_store(&server->is_stopping, true);
    MHD_quiesce_daemon(server->daemon);
    /* Nobody is let in any more; closed it is when no loop can still ask for it: its number might be another's by then. */
    shutdown(server->socket, SHUT_RDWR);
    events_end(server);
    while (clock_ticks_ms() < end_ms &&
           (atomic_load(&server->in_flight) || clock_ticks_ms() < began_ms + ACCEPTED_MS)) {
        links_close_idle(server);
        nap(STOP_STEP_MS);
    }
    links_cancel(server);
    atomic_store(&server->is_closing, true);
    while (atomic_load(&server->handed))
        nap(STOP_STEP_MS);
    sockets_stop(TAKE(server->sockets));
    MHD_stop_daemon(server->daemon);
    server_free(server);
}
