/* URLs as curl reads them, so that what is judged is what is connected to. */
#include <ctype.h>
#include <string.h>

#include "net/net_priv.h"

DEFINE_AUTO(CURLU, curl_url_cleanup);

/* A part of URL in MEM, or NULL when it has none. */
static char *part(CURLU *url, CURLUPart which, unsigned flags, Arena *mem)
{
    char *text;

    if (curl_url_get(url, which, &text, flags) != CURLUE_OK)
        return NULL;
    char *kept = arena_text(mem, text);
    curl_free(text);
    return kept;
}

static char *lowered(char *text)
{
    for (char *at = text; at && *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return text;
}

Err *net_url_bad(const char *why)
{
    return err_public(
        err_new(ERR_INPUT_INVALID, "a url cannot be used: %s", why),
        "This address cannot be used. Give one that begins with http:// or https://.");
}

Err *net_url_read(const char *text, const NetUrl *base, Arena *mem, NetUrl *ret)
{
    AUTO(curl_url_cleanup) CURLU *url = curl_url();
    if (!url)
        abort();
    if (base && curl_url_set(url, CURLUPART_URL, base->whole, 0) != CURLUE_OK)
        return net_url_bad("its base does not parse");
    if (strlen(text) > 8192)
        return net_url_bad("it is longer than 8192 letters");
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7f || *at == '\\')
            return net_url_bad("it has a letter it cannot have");
    if (strncmp(text + strcspn(text, ":/?#"), ":///", 4) == 0) /* curl would look behind it */
        return net_url_bad("it has no host");
    if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK)
        return net_url_bad("it does not parse");

    const char *port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, mem);
    char *host = lowered(part(url, CURLUPART_HOST, 0, mem));
    NetUrl read = {
        .scheme = lowered(part(url, CURLUPART_SCHEME, 0, mem)),
        .whole = part(url, CURLUPART_URL, 0, mem),
        .port = port ? (int)strtol(port, NULL, 10) : 0,
    };
    if (!read.scheme || (strcmp(read.scheme, "http") != 0 && strcmp(read.scheme, "https") != 0))
        return net_url_bad("it is neither http nor https");
    if (!host || !*host || !read.whole || read.port <= 0)
        return net_url_bad("it has no host");
    if (part(url, CURLUPART_USER, 0, mem) || part(url, CURLUPART_PASSWORD, 0, mem))
        return net_url_bad("it carries a user name");

    read.origin = arena_print(mem, "%s://%s:%d", read.scheme, host, read.port);
    size_t length = strlen(host);
    if (host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = 0;
        host++;
    } else if (length > 1 && host[length - 1] == '.') {
        host[length - 1] = 0;
    }
    read.host = host;
    *ret = read;
    return NULL;
}

const char *net_url_shown(const char *url, Arena *mem)
{
    NetUrl read;
    AUTO(err_free) Err *err = net_url_read(url, NULL, mem, &read);

    return err ? "(not a URL)" : read.origin;
}
