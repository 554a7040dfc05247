/* cyclorama serve: the server, and workers inside it. */
#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/providers.h"
#include "app/tend.h"
#include "app/version.h"
#include "base/clock.h"
#include "door/artgen/artgen.h"
#include "door/desk.h"
#include "door/hook/hook.h"
#include "door/house/house.h"
#include "door/lumiku/lumiku.h"
#include "door/opal/opal.h"
#include "door/openai/openai.h"
#include "door/store/store.h"
#include "door/studio/studio.h"
#include "door/web/web.h"
#include "http/server.h"
#include "job/monitor.h"
#include "watch/metric.h"
#include "watch/watch.h"

enum {
    FAREWELL_SECONDS = 5
};

/* "a, b" as a NULL-ended list; NULL for nothing. In MEM. */
static const char *const *list_read(const char *text, Arena *mem)
{
    const char **list = ARENA_ARRAY(mem, const char *, strlen(text) / 2 + 2); /* "a,b,c" */
    size_t count = 0;

    while (*text) {
        size_t length;

        text += strspn(text, ", ");
        length = strcspn(text, ", ");
        if (length)
            list[count++] = arena_text_n(mem, text, length);
        text += length;
    }
    return count ? list : NULL;
}

/* Signed addresses must name the port before anybody listens on it: for port 0 a free one is looked for here. */
static MUST Err *port_choose(const char *listen, Arena *mem, const char **ret)
{
    const char *colon = strrchr(listen, ':');
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);

    *ret = listen;
    if (!colon || strcmp(colon, ":0") != 0)
        return NULL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_found = fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 &&
                    getsockname(fd, (struct sockaddr *)&address, &size) == 0;
    if (fd >= 0)
        close(fd);
    if (!is_found)
        return err_new_errno(ERR_ADDRESS_TAKEN, "unable to find a free port");
    *ret = arena_print(mem, "%.*s:%d", (int)(colon - listen), listen, ntohs(address.sin_port));
    return NULL;
}

static const char *public_url(const Settings *settings, const char *listen, Arena *mem)
{
    if (*settings->public_url)
        return settings->public_url;
    return arena_print(
        mem, "http%s://%s%s", *settings->tls_certificate ? "s" : "",
        *listen == ':' ? "127.0.0.1" : "", listen);
}

static bool is_this_machine(const char *listen)
{
    static const char *const starts[] = {"127.", "localhost:", "[::1]", "unix:"};

    for (size_t i = 0; i < COUNT(starts); i++)
        if (strncmp(listen, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

/* ---- numbers that are counted elsewhere ---- */

typedef struct Collecting {
    HttpServer *_Atomic server; /* NULL until it has started: it may be asked before */
    House *house;
} Collecting;

static Err *queues_tell(DbTx *tx, void *unused)
{
    AUTO(arena_free) Arena *mem = arena_new();
    List queues, states;

    (void)unused;
    TRY(queue_states(tx, mem, &states));
    TRY(job_queues(tx, mem, &queues));
    metric_forget(METRIC_QUEUE_ALERTS); /* a queue that is empty may be in neither list */
    metric_forget(METRIC_QUEUE_JOBS);
    metric_forget(METRIC_QUEUE_OLDEST_SECONDS);
    for (size_t i = 0; i < states.count; i++) {
        const QueueState *state = &((const QueueState *)states.items)[i];

        metric_set(METRIC_QUEUE_ALERTS, state->is_backed_up, state->queue, "backed_up");
        metric_set(METRIC_QUEUE_ALERTS, state->is_failing, state->queue, "failing");
    }
    for (size_t i = 0; i < queues.count; i++) {
        const JobQueueFacts *facts = &((const JobQueueFacts *)queues.items)[i];

        metric_set(METRIC_QUEUE_JOBS, (double)facts->ready, facts->queue, "ready");
        metric_set(METRIC_QUEUE_JOBS, (double)facts->waiting, facts->queue, "waiting");
        metric_set(METRIC_QUEUE_JOBS, (double)facts->running, facts->queue, "running");
        metric_set(METRIC_QUEUE_JOBS, (double)facts->dead, facts->queue, "dead");
        metric_set(METRIC_QUEUE_OLDEST_SECONDS, (double)facts->oldest_ms / 1000, facts->queue);
    }
    return NULL;
}

static void numbers_collect(void *context)
{
    Collecting *collecting = context;
    HttpServer *server = atomic_load(&collecting->server);
    HttpState state;

    if (!server)
        return;
    http_server_state(server, &state);
    metric_set(METRIC_HTTP_IN_FLIGHT, state.in_flight, NULL);
    metric_set(METRIC_HTTP_CONNECTIONS, state.connections, NULL);
    metric_set(METRIC_HTTP_STREAMS, state.streams, NULL);
    metric_set(METRIC_HTTP_PATIENT, state.patient, NULL);

    art_numbers_tell(&collecting->house->art);
    AUTO(err_free) Err *err = db_read(collecting->house->db, queues_tell, NULL);
    if (err)
        watch_err("metrics.part", err, "queues");
}

/* ---- the command ---- */

static MUST Err *first_key_tell(House *house, App *app)
{
    const Settings *settings = &app->settings;
    FirstKey first;

    TRY(key_admin_first(house->db, settings->admin_key, app->mem, &first));
    if (first.ended) {
        watch(WATCH_WARN, "admin_key.ended", WATCH_INT("keys", first.ended));
        fprintf(
            app->out,
            "The administrator's key that this database knew as CYCLORAMA_ADMIN_KEY is not valid "
            "any "
            "more%s\n"
            "  Servers that share a database need the same one: if another still runs, give both "
            "the "
            "same key and start them anew.\n",
            *settings->admin_key ? ": this server has another." : ": this server has none.");
    }
    if (first.secret)
        fprintf(
            app->out,
            "Administrator's key, shown this once: %s\n"
            "  Make a tenant with it: POST /v1/tenants\n",
            first.secret);
    return NULL;
}

static MUST Err *server_start(App *app, const char *listen, Desk *desk, HttpServer **ret)
{
    const Settings *settings = &app->settings;
    HttpDoor *doors = ARENA_ARRAY(app->mem, HttpDoor, 12);

    doors[0] = (HttpDoor){&opal_door, desk};
    doors[1] = (HttpDoor){&store_door, desk};
    doors[2] = (HttpDoor){&house_door, desk};
    doors[3] = (HttpDoor){&studio_door, desk};
    doors[4] = (HttpDoor){&artgen_door, desk};
    doors[5] = (HttpDoor){&hook_door, desk};
    doors[6] = (HttpDoor){&openai_door, desk};
    doors[7] = (HttpDoor){&lumiku_door, desk};
    doors[8] = (HttpDoor){&web_door, desk};
    return http_server_start(
        &(HttpSetup){
            .listen = listen,
            .doors = doors,
            .public_url = *settings->public_url ? settings->public_url : NULL,
            .trusted_proxies = list_read(settings->trusted_proxies, app->mem),
            .origins = list_read(settings->cors_origins, app->mem),
            .certificate = *settings->tls_certificate ? settings->tls_certificate : NULL,
            .key = *settings->tls_key ? settings->tls_key : NULL,
            .authorise = desk_authorise,
            .answer_find = desk_answer_find,
            .answered = desk_answered,
            .context = desk,
        },
        ret);
}

/* Answer on, not ready, until balancers have seen it and send no more. Nobody balances what only this machine reaches. */
static void farewell(const Settings *settings, const char *listen, atomic_bool *ready)
{
    Cancel never = CANCEL_INIT;
    int64_t seconds = settings->farewell_seconds;

    if (seconds < 0)
        seconds = is_this_machine(listen) ? 0 : FAREWELL_SECONDS;
    atomic_store(ready, false);
    cancel_wait(&never, seconds * 1000);
}

/* Order matters: requests end while workers still work, then the workers. */
static void all_stop(HttpServer *server, JobCrew *crew, int64_t patience_ms)
{
    int64_t until_ms = clock_ticks_ms() + patience_ms;

    http_server_stop(server, patience_ms / 2);
    if (crew)
        job_crew_stop(crew, MAX(until_ms - clock_ticks_ms(), (int64_t)0));
}

static Err *serve(App *app, const void *options, const Texts *words, Exit *exit)
{
    const Settings *settings = &app->settings;
    AUTO(house_close) House house = {0};
    AUTO(tend_stop) Tending *tending = NULL;
    atomic_bool ready = true;
    Wellness well = WELLNESS_INIT;
    HttpServer *server;
    JobCrew *crew = NULL;
    const char *listen;

    (void)options;
    (void)words;
    TRY(port_choose(settings->listen, app->mem, &listen));
    TRY(house_open(&(HouseWish){app, public_url(settings, listen, app->mem)}, &house));
    TRY(first_key_tell(&house, app));

    Collecting collecting = {.house = &house};
    Desk desk = {
        .studio = &house.studio,
        .art = &house.art,
        .accounts = house.accounts,
        .errands = house.errands,
        .has_workers = settings->workers >= 0,
        .started_ms = clock_ticks_ms(),
        .version = version_program,
        .metrics_key = settings->metrics_key,
        .is_private =
            is_this_machine(listen) && !*settings->public_url && !*settings->trusted_proxies,
        .well = &well,
        .ready = &ready,
        .collect = numbers_collect,
        .collect_context = &collecting,
    };
    TRY(house_store_origin(&house, app->mem, &desk.store_origin));
    desk.page_policy = web_policy(desk.store_origin, app->mem);
    if (blob_is_served_here(house.blob))
        desk.store_origin = NULL;
    TRY(server_start(app, listen, &desk, &server));
    atomic_store(&collecting.server, server);

    Err *err = house_crew_start(&house, settings, &crew);
    if (!err)
        err = tend_start(&house, &tending);
    if (err) {
        all_stop(server, crew, 0);
        return err;
    }
    const char *advice = providers_advice(settings, app->mem);
    if (advice)
        fprintf(app->out, "%s\n", advice);
    fprintf(
        app->out,
        "Cyclorama listens on %s (%s workers; open it in a browser; interactive description of its "
        "APIs at %s/docs)\n",
        http_server_address(server), crew ? "with" : "without", http_server_address(server));
    fflush(app->out);

    cancel_wait(app->cancel, -1);
    watch_line(WATCH_INFO, "server.stopping", NULL);
    farewell(settings, listen, &ready);
    all_stop(server, crew, settings->drain_seconds * 1000);
    *exit = EXIT_DONE;
    return NULL;
}

const Command command_serve = {
    .name = "serve",
    .summary = "Run the server: REST APIs, and workers inside",
    .usage = "[options]",
    .about =
        (const char *const[]){
            "Without any configuration it keeps its records in a file and its pictures in a folder "
            "below the data "
            "folder, listens on this machine alone, and does the work itself. The administrator's "
            "first key is printed "
            "once. With --database-url (DATABASE_URL) it keeps its records in PostgreSQL, and any "
            "number of servers and "
            "workers on any number of machines share them; pictures must then lie in a store that "
            "all of them reach.",
            "^C or SIGTERM stops it gracefully: /health/ready says no and requests are answered "
            "for "
            "--farewell-seconds more, then what is being done is finished or handed back. A second "
            "one ends it at once.",
            NULL},
    .examples =
        (const Example[]){
            {"cyclorama serve", "on this machine alone, at http://127.0.0.1:8080"},
            {"cyclorama serve --listen :8080 --public-url https://studio.example",
             "for others, behind a proxy that speaks HTTPS"},
            {"DATABASE_URL=postgresql://cyclorama@db/cyclorama cyclorama serve --workers -1",
             "the API alone; 'cyclorama work' runs elsewhere"},
            {0}},
    .options = SHAPE(NoOptions),
    .is_server = true,
    .asks_vendors = true,
    .run = serve,
};
