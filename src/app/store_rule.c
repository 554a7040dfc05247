/* Asking the store, as a browser would, whether pages of this studio may put and get there. */
#include "app/store_rule.h"

#include <string.h>
#include <strings.h>

#include "app/house.h"
#include "base/clock.h"

enum {
    GRANT_MS = 5 * 60 * 1000,
    PREFLIGHT_MS = 10 * 1000
};

typedef struct Asking {
    App *app;
    NetClient *net;
    Blob *blob;
    const char *origin; /* of the pages */
} Asking;

/* "https://studio.example/shop" -> "https://studio.example"; NULL when URL is none. */
static const char *origin_of(const char *url, Arena *mem)
{
    const char *host = strstr(url, "://");

    if (!host)
        return NULL;
    host += strlen("://");
    return arena_text_n(mem, url, (size_t)(host - url) + strcspn(host, "/?#"));
}

/* Names of HEADERS as a browser asks for them: small letters, by commas. */
static const char *names_of(const NetHeader *headers, Arena *mem)
{
    const char *names = "content-type";

    for (; headers && headers->name; headers++)
        if (strcasecmp(headers->name, "content-type") != 0)
            names = arena_print(mem, "%s,%s", names, headers->name);
    char *small = arena_text(mem, names);
    for (char *at = small; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at |= 0x20;
    return small;
}

/* Does LIST ("GET, PUT" or "*") hold all words of WANTED, both by commas, whatever the letters? */
static bool list_holds(const char *list, const char *wanted)
{
    if (!list)
        return false;
    if (strcmp(list, "*") == 0)
        return true;
    for (const char *word = wanted; *word; word += *word == ',') {
        size_t length = strcspn(word, ",");
        bool is_there = false;

        for (const char *at = list; *at && !is_there; at += strcspn(at, ",")) {
            at += strspn(at, ", ");
            is_there = strncasecmp(at, word, length) == 0 && strchr(", ", at[length]);
        }
        if (!is_there)
            return false;
        word += length;
    }
    return true;
}

/* *RET is what the store does not allow; NULL when it allows it. */
static MUST Err *preflight(const Asking *asking, bool is_put, const char **ret)
{
    Arena *mem = asking->app->mem;
    const char *method = is_put ? "PUT" : "GET";
    const BlobGrant grant = {
        .key = "raw/doctor/preflight",
        .is_put = is_put,
        .until_ms = clock_now_ms() + GRANT_MS,
    };
    BlobTicket ticket;
    NetReply reply;

    TRY(blob_grant(asking->blob, &grant, mem, &ticket));
    const char *names = is_put ? names_of(ticket.headers, mem) : "";
    const NetHeader headers[] = {
        {"Origin", asking->origin},
        {"Access-Control-Request-Method", method},
        {*names ? "Access-Control-Request-Headers" : NULL, names},
        {0},
    };
    TRY(net_send(
        asking->net,
        &(NetRequest){
            .method = "OPTIONS", .url = ticket.url, .headers = headers, .total_ms = PREFLIGHT_MS},
        mem, &reply));
    const char *origin = net_reply_header(&reply, "access-control-allow-origin");
    bool is_ours = origin && (strcmp(origin, "*") == 0 || strcasecmp(origin, asking->origin) == 0);

    *ret = NULL;
    if (reply.status / 100 != 2 || !is_ours ||
        !list_holds(net_reply_header(&reply, "access-control-allow-methods"), method))
        *ret = arena_print(mem, "%s from %s", method, asking->origin);
    else if (*names && !list_holds(net_reply_header(&reply, "access-control-allow-headers"), names))
        *ret = arena_print(mem, "%s with the headers %s", method, names);
    return NULL;
}

static const char *advice_of(const Asking *asking)
{
    const Settings *settings = &asking->app->settings;
    Arena *mem = asking->app->mem;

    if (strncmp(settings->store_url, "s3:", 3) != 0)
        return arena_print(
            mem,
            "Allow it: az storage cors add --services b --origins %s --methods GET HEAD PUT "
            "OPTIONS "
            "--allowed-headers content-type,x-ms-blob-type --exposed-headers etag --max-age 3600",
            asking->origin);
    return arena_print(
        mem,
        "Allow it: aws s3api put-bucket-cors --bucket BUCKET --cors-configuration "
        "'{\"CORSRules\":[{\"AllowedOrigins\":[\"%s\"],\"AllowedMethods\":[\"GET\",\"HEAD\","
        "\"PUT\"],\"AllowedHeaders\":[\"content-type\",\"x-ms-blob-type\"],\"ExposeHeaders\":["
        "\"ETag\"],\"MaxAgeSeconds\":3600}]}'",
        asking->origin);
}

static MUST Err *rule_ask(Asking *asking, StoreRule *ret)
{
    Arena *mem = asking->app->mem;
    const char *lacks;

    TRY(net_open(&(NetSetup){0}, &asking->net));
    TRY(house_store_open(
        &(HouseWish){asking->app, asking->origin}, asking->net,
        "no secret is needed here to look at", &asking->blob));
    TRY(blob_check(asking->blob, NULL));
    TRY(preflight(asking, true, &lacks));
    if (!lacks)
        TRY(preflight(asking, false, &lacks));
    *ret = (StoreRule){
        .is_bad = lacks != NULL,
        .found = lacks ? arena_print(mem, "its rule for browsers (CORS) refuses %s", lacks)
                       : arena_print(mem, "pages at %s may put and get", asking->origin),
        .advice = lacks ? advice_of(asking) : NULL,
    };
    return NULL;
}

StoreRule store_rule_look(App *app)
{
    const Settings *settings = &app->settings;
    bool is_outside = strncmp(settings->store_url, "s3:", 3) == 0 ||
                      strncmp(settings->store_url, "azure:", 6) == 0 ||
                      (!*settings->store_url && *settings->azure_storage_connection_string);
    Asking asking = {.app = app, .origin = origin_of(settings->public_url, app->mem)};
    StoreRule rule = {0};

    if (!is_outside)
        return (StoreRule){.found = "a folder, answered by this server: browsers need no rule"};
    if (!asking.origin)
        return (StoreRule){
            .is_note = true,
            .found = "not asked: no public address is set",
            .advice = "Set CYCLORAMA_PUBLIC_URL to where browsers find this studio, and run this "
                      "again: it looks whether the store lets its pages in (CORS).",
        };
    Err *err = rule_ask(&asking, &rule);
    if (err)
        rule = (StoreRule){
            .is_bad = true,
            .found = "cannot be asked",
            .advice = arena_text(app->mem, err_text(err)),
        };
    err_free(err);
    blob_close(asking.blob);
    net_close(asking.net);
    return rule;
}
