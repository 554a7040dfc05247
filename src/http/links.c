/* Connections, and the thread that watches over slow ones, clients that left, and streams. */
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "http/server_priv.h"
#include "watch/metric.h"

enum {
    TICK_MS = 250
};

static void link_add(HttpServer *server, struct MHD_Connection *wire, void **ret)
{
    Link *link = calloc(1, sizeof(*link));
    const union MHD_ConnectionInfo *socket =
        MHD_get_connection_info(wire, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *address =
        MHD_get_connection_info(wire, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    Peer peer;

    if (!link)
        abort();
    *link = (Link){.server = server, .socket = socket->connect_fd};
    if (address && peer_of_socket(address->client_addr, &peer))
        link->is_trusted = peers_have(&server->trusted, &peer);
    atomic_store(&link->waits_since_ms, clock_ticks_ms());

    pthread_mutex_lock(&server->mutex);
    link->next = server->links;
    link->self = &server->links;
    if (link->next)
        link->next->self = &link->next;
    server->links = link;
    server->link_count++;
    pthread_mutex_unlock(&server->mutex);
    metric_add(METRIC_HTTP_CONNECTIONS, 1, NULL);
    *ret = link;
}

static void link_remove(HttpServer *server, Link *link)
{
    pthread_mutex_lock(&server->mutex);
    *link->self = link->next;
    if (link->next)
        link->next->self = link->self;
    server->link_count--;
    pthread_mutex_unlock(&server->mutex);
    metric_add(METRIC_HTTP_CONNECTIONS, -1, NULL);
    free(link);
}

void links_watch(
    void *server, struct MHD_Connection *wire, void **link,
    enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        link_add(server, wire, link);
    else if (*link)
        link_remove(server, *link);
}

/* The loop sees the end of it and cleans up. The socket is still open: links are removed before theirs is closed. */
static void link_close(Link *link)
{
    shutdown(link->socket, SHUT_RDWR);
}

static bool head_is_late(const Link *link, int64_t now_ms)
{
    const HttpLimits *limits = &link->server->limits;
    int64_t patience_ms = limits->head_ms;

    if (!link->call && atomic_load(&link->has_asked))
        patience_ms += limits->idle_ms;
    return now_ms - atomic_load(&link->waits_since_ms) > patience_ms;
}

static bool body_is_late(Call *call, int64_t now_ms)
{
    const HttpLimits *limits = &call->server->limits;
    int64_t took_ms = now_ms - atomic_load(&call->body_began_ms) - atomic_load(&call->held_ms);

    return took_ms > limits->grace_ms &&
           atomic_load(&call->received) < (took_ms - limits->grace_ms) * limits->body_per_s / 1000;
}

static bool client_has_left(const Link *link)
{
    struct pollfd line = {.fd = link->socket, .events = POLLRDHUP};

    return poll(&line, 1, 0) == 1 && line.revents & (POLLRDHUP | POLLERR | POLLHUP);
}

/* libmicrohttpd does not see the end of a line that came together with the last bytes. Those that a worker has yet to take are no sign:
 * only a line that was at its end one tick ago as well is given up. */
static bool body_has_broken_off(Link *link)
{
    int unread = 0;
    bool is_over = client_has_left(link) && ioctl(link->socket, FIONREAD, &unread) == 0 && !unread;
    bool was_over = link->is_over;

    link->is_over = is_over;
    return is_over && was_over;
}

static void link_tick(Link *link, int64_t now_ms)
{
    Call *call = link->call;
    CallStage stage = call ? atomic_load(&call->stage) : CALL_FRESH;
    bool is_late = false;

    switch (stage) {
    case CALL_FRESH:
        is_late = head_is_late(link, now_ms);
        break;
    case CALL_RECEIVING:
        is_late = body_is_late(call, now_ms) || body_has_broken_off(link);
        break;
    case CALL_ADMITTING:
    case CALL_FEEDING:
    case CALL_FINISHING:
        if (!cancel_is_asked(&call->cancel) && client_has_left(link))
            cancel_ask(&call->cancel);
        break;
    case CALL_ANSWERED:
        break;
    case CALL_SENDING:
        if (call->telling)
            telling_tick(call->telling, now_ms);
        if (call->telling && !cancel_is_asked(&call->cancel) && client_has_left(link))
            cancel_ask(&call->cancel);
        break;
    }
    if (is_late) {
        atomic_fetch_add(&link->server->refused, 1);
        link_close(link);
    }
}

static void *ticker(void *server_any)
{
    HttpServer *server = server_any;

    pthread_mutex_lock(&server->mutex);
    while (server->is_ticking) {
        clock_cond_wait(&server->tick, &server->mutex, clock_ticks_ms() + TICK_MS);

        int64_t now_ms = clock_ticks_ms();
        for (Link *link = server->links; link; link = link->next)
            link_tick(link, now_ms);
        pthread_mutex_unlock(&server->mutex);
        events_tick(server, now_ms);
        pthread_mutex_lock(&server->mutex);
    }
    pthread_mutex_unlock(&server->mutex);
    return NULL;
}

Err *links_tick_start(HttpServer *server)
{
    server->is_ticking = true;
    if (pthread_create(&server->ticker, NULL, ticker, server) != 0)
        return err_new(ERR_SERVER_BUSY, "unable to start the server's watching thread");
    server->has_ticker = true;
    return NULL;
}

void links_tick_stop(HttpServer *server)
{
    if (!server->has_ticker)
        return;
    pthread_mutex_lock(&server->mutex);
    server->is_ticking = false;
    pthread_cond_signal(&server->tick);
    pthread_mutex_unlock(&server->mutex);
    pthread_join(server->ticker, NULL);
    server->has_ticker = false;
}

void links_close_idle(HttpServer *server)
{
    pthread_mutex_lock(&server->mutex);
    for (Link *link = server->links; link; link = link->next)
        if (!link->call && atomic_load(&link->has_asked))
            link_close(link);
    pthread_mutex_unlock(&server->mutex);
}

void links_cancel(HttpServer *server)
{
    pthread_mutex_lock(&server->mutex);
    for (Link *link = server->links; link; link = link->next)
        if (link->call)
            cancel_ask(&link->call->cancel);
    pthread_mutex_unlock(&server->mutex);
}
