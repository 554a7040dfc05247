/* Sockets to listen on. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/listen_priv.h"

enum {
    BACKLOG = 1024
};

static MUST Err *words_wrong(const char *words)
{
    return err_public(
        err_new(ERR_INPUT_INVALID, "unable to listen on '%s'", words),
        "'%s' is no address to listen on. Use ADDRESS:PORT, such as 127.0.0.1:8080, or unix:PATH.",
        words);
}

typedef struct Place {
    struct sockaddr_storage address;
    socklen_t size;
    int family;
} Place;

static bool port_read(const char *words, in_port_t *ret)
{
    char *end;
    long port = strtol(words, &end, 10);

    if (end == words || *end || port < 0 || port > 65535)
        return false;
    *ret = htons((uint16_t)port);
    return true;
}

/* An empty host is all addresses, of both families. */
static bool place_read(const char *words, Place *ret)
{
    const char *colon = strrchr(words, ':');
    struct sockaddr_in *v4 = (void *)&ret->address;
    struct sockaddr_in6 *v6 = (void *)&ret->address;
    char host[INET6_ADDRSTRLEN + 1];
    bool is_v6 = *words == '[' || colon == words;
    size_t length = colon ? (size_t)(colon - words) : 0;

    *ret = (Place){.family = is_v6 ? AF_INET6 : AF_INET};
    if (!colon || length >= sizeof(host) || (*words == '[' && colon[-1] != ']'))
        return false;
    if (*words == '[')
        snprintf(host, sizeof(host), "%.*s", (int)length - 2, words + 1);
    else if (colon == words)
        snprintf(host, sizeof(host), "::");
    else
        snprintf(
            host, sizeof(host), "%.*s", (int)length, strcmp(words, "localhost") == 0 ? "" : words);
    if (strncmp(words, "localhost:", 10) == 0)
        snprintf(host, sizeof(host), "127.0.0.1");

    if (is_v6) {
        v6->sin6_family = AF_INET6;
        ret->size = sizeof(*v6);
        return inet_pton(AF_INET6, host, &v6->sin6_addr) == 1 &&
               port_read(colon + 1, &v6->sin6_port);
    }
    v4->sin_family = AF_INET;
    ret->size = sizeof(*v4);
    return inet_pton(AF_INET, host, &v4->sin_addr) == 1 && port_read(colon + 1, &v4->sin_port);
}

static bool unix_read(const char *words, Place *ret, Listening *listening)
{
    struct sockaddr_un *address = (void *)&ret->address;
    struct stat facts;

    if (strlen(words) >= sizeof(address->sun_path) || *words != '/')
        return false;
    *ret = (Place){.family = AF_UNIX, .size = sizeof(*address)};
    address->sun_family = AF_UNIX;
    snprintf(address->sun_path, sizeof(address->sun_path), "%s", words);
    snprintf(listening->path, sizeof(listening->path), "%s", words);
    /* What a killed server left. */
    if (stat(words, &facts) == 0 && S_ISSOCK(facts.st_mode))
        unlink(words);
    return true;
}

static void address_say(const Place *place, bool has_tls, Listening *listening)
{
    struct sockaddr_storage bound;
    socklen_t size = sizeof(bound);
    char host[INET6_ADDRSTRLEN] = "";
    bool is_v6 = place->family == AF_INET6;

    if (place->family == AF_UNIX) {
        snprintf(listening->address, sizeof(listening->address), "unix:%s", listening->path);
        return;
    }
    getsockname(listening->socket, (struct sockaddr *)&bound, &size);
    const struct sockaddr_in *v4 = (const void *)&bound;
    const struct sockaddr_in6 *v6 = (const void *)&bound;

    listening->port = ntohs(is_v6 ? v6->sin6_port : v4->sin_port);
    inet_ntop(
        place->family, is_v6 ? (const void *)&v6->sin6_addr : &v4->sin_addr, host, sizeof(host));
    snprintf(
        listening->address, sizeof(listening->address), "%s://%s%s%s:%d",
        has_tls ? "https" : "http", is_v6 ? "[" : "", host, is_v6 ? "]" : "", listening->port);
}

Err *listen_open(const char *words, bool has_tls, Listening *ret)
{
    Listening listening = {0};
    Place place;
    int on = 1, off = 0;
    bool is_unix = strncmp(words, "unix:", 5) == 0;

    if (is_unix ? !unix_read(words + 5, &place, &listening) : !place_read(words, &place))
        return words_wrong(words);
    listening.socket = socket(place.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listening.socket < 0)
        return err_new_errno(ERR_INPUT_INVALID, "unable to make a socket for '%s'", words);
    setsockopt(listening.socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (place.family == AF_INET6)
        setsockopt(
            listening.socket, IPPROTO_IPV6, IPV6_V6ONLY, *words == '[' ? &on : &off, sizeof(on));
    if (bind(listening.socket, (struct sockaddr *)&place.address, place.size) != 0 ||
        listen(listening.socket, BACKLOG) != 0) {
        Err *err = err_new_errno(
            errno == EADDRINUSE ? ERR_ADDRESS_TAKEN : ERR_INPUT_INVALID, "unable to listen on '%s'",
            words);

        close(listening.socket);
        return err;
    }
    address_say(&place, has_tls, &listening);
    *ret = listening;
    return NULL;
}
