/* What is written down about a request when it is over: a line in the log, and numbers. */
#include "base/clock.h"
#include "http/server_priv.h"
#include "watch/metric.h"

/* A refused body is drained before there is an endpoint, too. */
const char *call_endpoint_name(const Call *call)
{
    return call->endpoint ? call->endpoint->id : "none";
}

static void call_log(const Call *call, bool was_cut)
{
    WatchFact facts[CALL_LOG_FACTS_MAX + 12];
    size_t count = 0;

    if (!watch_is_on(WATCH_INFO))
        return;
    facts[count++] = (WatchFact)WATCH_TEXT("request_id", call->id);
    facts[count++] = (WatchFact)WATCH_TEXT("method", call->method ? call->method : "");
    facts[count++] = (WatchFact)WATCH_TEXT("path", call->endpoint ? call->endpoint->path : "");
    facts[count++] = (WatchFact)WATCH_TEXT("endpoint", call->endpoint ? call->endpoint->id : "");
    facts[count++] = (WatchFact)WATCH_INT("status", call->status);
    facts[count++] = (WatchFact)WATCH_INT("took_ms", clock_ticks_ms() - call->began_ms);
    facts[count++] = (WatchFact)WATCH_INT("bytes_in", atomic_load(&call->received));
    facts[count++] = (WatchFact)WATCH_INT("bytes_out", atomic_load(&call->sent));
    facts[count++] = (WatchFact)WATCH_TEXT("peer", call->peer ? call->peer : "");
    if (call->code != ERR_MAX_)
        facts[count++] = (WatchFact)WATCH_TEXT("error", err_name(call->code));
    if (was_cut)
        facts[count++] = (WatchFact)WATCH_TEXT("cut", "the connection broke");
    for (size_t i = 0; i < call->fact_count; i++)
        facts[count++] = call->facts[i];
    facts[count] = (WatchFact){0};
    watch_line(WATCH_INFO, "http.request", facts);
}

static void call_measure(const Call *call)
{
    const char *door = call->at ? call->at->door->name : "none";
    const char *endpoint = call_endpoint_name(call);
    char status[12];

    snprintf(status, sizeof(status), "%d", call->status);
    metric_add(METRIC_HTTP_REQUESTS_TOTAL, 1, door, endpoint, status);
    /* How long somebody listened to a stream says nothing of how fast we are. */
    if (!call->endpoint || call->endpoint->kind != ENDPOINT_EVENTS)
        metric_observe(
            METRIC_HTTP_REQUEST_SECONDS, clock_ticks_ms() - call->began_ms, door, endpoint);
    metric_add(METRIC_HTTP_RECEIVED_BYTES_TOTAL, atomic_load(&call->received), door);
    metric_add(METRIC_HTTP_SENT_BYTES_TOTAL, atomic_load(&call->sent), door);
    metric_add(METRIC_HTTP_IN_FLIGHT, -1, NULL);
}

void call_record(const Call *call, bool was_cut)
{
    call_log(call, was_cut);
    call_measure(call);
}
