/* The client: its lanes, and what can be said of a reply. */
#include "net/net.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "net/net_priv.h"

enum {
    LANES_KEPT = 32 /* of a kind, while idle */
};

static void curl_start(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
}

/* Settings that nobody made are empty texts. */
static const char *given(Arena *mem, const char *text)
{
    return text && *text ? arena_text(mem, text) : NULL;
}

Err *net_open(const NetSetup *setup, NetClient **ret)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, curl_start);

    Arena *mem = arena_new();
    AUTO(net_close) NetClient *client = arena_take(mem, sizeof(*client));
    *client = (NetClient){
        .mem = mem,
        .agent = given(mem, setup->agent),
        .proxy = given(mem, setup->proxy),
        .ca_file = given(mem, setup->ca_file),
        .mutex = PTHREAD_MUTEX_INITIALIZER,
    };
    if (!client->agent)
        client->agent = "Cyclorama/" CYCLORAMA_VERSION;
    TRY(guard_read(setup->allowed, mem, &client->guard));
    *ret = TAKE(client);
    return NULL;
}

static void lane_free(Lane *lane)
{
    curl_easy_cleanup(lane->easy);
    curl_multi_cleanup(lane->multi);
    free(lane);
}

void net_close(NetClient *client)
{
    if (!client)
        return;
    for (size_t kind = 0; kind < COUNT(client->idle); kind++)
        while (client->idle[kind]) {
            Lane *lane = client->idle[kind];

            client->idle[kind] = lane->next;
            lane_free(lane);
        }
    pthread_mutex_destroy(&client->mutex);
    arena_free(client->mem);
}

Lane *net_lane_take(NetClient *client, bool is_guarded)
{
    pthread_mutex_lock(&client->mutex);
    Lane *lane = client->idle[is_guarded];
    if (lane) {
        client->idle[is_guarded] = lane->next;
        client->idle_count[is_guarded]--;
    }
    pthread_mutex_unlock(&client->mutex);
    if (lane)
        return lane;

    lane = calloc(1, sizeof(*lane));
    if (!lane || !(lane->easy = curl_easy_init()) || !(lane->multi = curl_multi_init()))
        abort();
    curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, 4L);
    return lane;
}

void net_lane_give(NetClient *client, bool is_guarded, Lane *lane)
{
    pthread_mutex_lock(&client->mutex);
    bool is_kept = client->idle_count[is_guarded] < LANES_KEPT;
    if (is_kept) {
        lane->next = client->idle[is_guarded];
        client->idle[is_guarded] = lane;
        client->idle_count[is_guarded]++;
    }
    pthread_mutex_unlock(&client->mutex);
    if (!is_kept)
        lane_free(lane);
}

/* ---- replies ---- */

const char *net_reply_header(const NetReply *reply, const char *name)
{
    for (const NetHeader *header = reply->headers; header && header->name; header++)
        if (strcasecmp(header->name, name) == 0)
            return header->value;
    return NULL;
}

Err *net_reply_check(const NetReply *reply, const char *what)
{
    int status = reply->status;

    if (status >= 200 && status < 300)
        return NULL;
    return err_new(
        status >= 500 || status == 408 || status == 429 ? ERR_UPSTREAM_FAILED
                                                        : ERR_UPSTREAM_REFUSED,
        "%s answered %d", what, status);
}

int64_t net_retry_after_ms(const char *value, int64_t now_ms)
{
    static const int64_t most_s = 366LL * 24 * 60 * 60;
    size_t digits = strspn(value, "0123456789");

    if (digits > 0 && value[digits] == 0)
        return digits > 9 ? most_s * 1000 : MIN(strtoll(value, NULL, 10), (long long)most_s) * 1000;

    /* curl reads "1994" or "10:00" as dates too; HTTP's all begin with the day's name. */
    int64_t then_s = isalpha((unsigned char)value[0]) ? curl_getdate(value, NULL) : -1;
    if (then_s < 0)
        return -1;
    return CLAMP(then_s * 1000 - now_ms, (int64_t)0, most_s * 1000);
}
