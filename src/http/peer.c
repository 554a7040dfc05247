/* Addresses of the other end. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "http/peer_priv.h"

static void peer_of_v4(const void *bytes, Peer *ret)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

    memcpy(ret->bytes, mapped, sizeof(mapped));
    memcpy(ret->bytes + sizeof(mapped), bytes, 4);
}

static bool peer_is_v4(const Peer *peer)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

    return memcmp(peer->bytes, mapped, sizeof(mapped)) == 0;
}

bool peer_read(const char *text, Peer *ret)
{
    char bare[INET6_ADDRSTRLEN + 1];
    unsigned char bytes[16];
    const char *colon = strchr(text, ':');
    size_t length = *text == '['                       ? strcspn(++text, "]")
                    : colon && !strchr(colon + 1, ':') ? (size_t)(colon - text)
                                                       : strlen(text);

    if (length >= sizeof(bare))
        return false;
    memcpy(bare, text, length);
    bare[length] = '\0';
    if (inet_pton(AF_INET, bare, bytes) == 1)
        peer_of_v4(bytes, ret);
    else if (inet_pton(AF_INET6, bare, bytes) == 1)
        memcpy(ret->bytes, bytes, sizeof(bytes));
    else
        return false;
    return true;
}

bool peer_of_socket(const struct sockaddr *address, Peer *ret)
{
    if (address && address->sa_family == AF_INET)
        peer_of_v4(&((const struct sockaddr_in *)(const void *)address)->sin_addr, ret);
    else if (address && address->sa_family == AF_INET6)
        memcpy(
            ret->bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr,
            sizeof(ret->bytes));
    else
        return false;
    return true;
}

const char *peer_text(const Peer *peer, Arena *mem)
{
    char text[INET6_ADDRSTRLEN];
    bool is_v4 = peer_is_v4(peer);

    inet_ntop(
        is_v4 ? AF_INET : AF_INET6, is_v4 ? peer->bytes + 12 : peer->bytes, text, sizeof(text));
    return arena_text(mem, text);
}

static bool range_read(const char *text, PeerRange *ret)
{
    char bare[INET6_ADDRSTRLEN + 1];
    size_t length = strcspn(text, "/");

    if (length >= sizeof(bare))
        return false;
    memcpy(bare, text, length);
    bare[length] = '\0';
    if (!peer_read(bare, &ret->first))
        return false;
    ret->bits = 128;
    if (!text[length])
        return true;

    char *end;
    int most = peer_is_v4(&ret->first) ? 32 : 128;
    long bits = strtol(text + length + 1, &end, 10);
    if (end == text + length + 1 || *end || bits < 0 || bits > most)
        return false;
    ret->bits = 128 - most + (int)bits;
    return true;
}

Err *peers_read(const char *const *texts, Peers *ret)
{
    size_t count = 0;

    while (texts && texts[count])
        count++;
    *ret = (Peers){.ranges = calloc(count + 1, sizeof(*ret->ranges))};
    if (!ret->ranges)
        abort();
    for (; ret->count < count; ret->count++)
        if (!range_read(texts[ret->count], &ret->ranges[ret->count]))
            return err_new(
                ERR_INPUT_INVALID, "'%s' is neither an address nor a range such as 10.0.0.0/8",
                texts[ret->count]);
    return NULL;
}

void peers_done(Peers *peers)
{
    free(peers->ranges);
}

static bool range_has(const PeerRange *range, const Peer *peer)
{
    int whole = range->bits / 8, rest = range->bits % 8;

    if (memcmp(range->first.bytes, peer->bytes, (size_t)whole) != 0)
        return false;
    return !rest || (range->first.bytes[whole] ^ peer->bytes[whole]) >> (8 - rest) == 0;
}

bool peers_have(const Peers *peers, const Peer *peer)
{
    for (size_t i = 0; i < peers->count; i++)
        if (range_has(&peers->ranges[i], peer))
            return true;
    return false;
}
