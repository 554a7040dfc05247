/* Which addresses are of the public internet, and which exceptions the operator makes. */
#include "net/guard.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "net/net_priv.h"

/* Of 0.0.0.0/0, what is no public address: IANA's special-purpose registry, and metadata services that stand outside it. */
static const struct {
    unsigned char bytes[4];
    int bits;
} closed_4[] = {
    {{0, 0, 0, 0}, 8},        /* this network; 0.0.0.0 reaches the machine itself */
    {{10, 0, 0, 0}, 8},       /* private */
    {{100, 64, 0, 0}, 10},    /* carrier-grade NAT; 100.100.100.200 is Alibaba's metadata */
    {{127, 0, 0, 0}, 8},      /* loopback */
    {{168, 63, 129, 16}, 32}, /* Azure's wire server */
    {{169, 254, 0, 0}, 16},   /* link-local; 169.254.169.254 is metadata nearly everywhere */
    {{172, 16, 0, 0}, 12},    /* private */
    {{192, 0, 0, 0}, 24},     /* protocol assignments; 192.0.0.192 is Oracle's metadata */
    {{192, 0, 2, 0}, 24},     /* documentation */
    {{192, 88, 99, 0}, 24},   /* 6to4 relays */
    {{192, 168, 0, 0}, 16},   /* private */
    {{198, 18, 0, 0}, 15},    /* benchmarks */
    {{198, 51, 100, 0}, 24},  /* documentation */
    {{203, 0, 113, 0}, 24},   /* documentation */
    {{224, 0, 0, 0}, 4},      /* multicast */
    {{240, 0, 0, 0}, 4},      /* reserved, and broadcast */
};

/* Public IPv6 addresses are those of 2000::/3 without these. Outside it lie loopback, unspecified, mapped and compatible IPv4, unique
 * local (fd00:ec2::254 is Amazon's metadata), link-local, site-local and multicast. */
static const struct {
    unsigned char bytes[6];
    int bits;
} closed_6[] = {
    {{0x20, 0x01, 0x00}, 23},       /* protocol assignments: Teredo, benchmarks, ORCHID */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02}, 16},             /* 6to4: an IPv4 address inside */
    {{0x3f, 0xff, 0x00}, 20},       /* documentation */
};

static const unsigned char nat64[12] = {0x00, 0x64, 0xff, 0x9b};

static const int open_ports[] = {80, 443, 8080, 8443};

static bool bits_agree(const unsigned char *a, const unsigned char *b, int bits)
{
    int whole = bits / 8, rest = bits % 8;

    return memcmp(a, b, (size_t)whole) == 0 &&
           (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

static bool is_public_4(const unsigned char bytes[4])
{
    for (size_t i = 0; i < COUNT(closed_4); i++)
        if (bits_agree(bytes, closed_4[i].bytes, closed_4[i].bits))
            return false;
    return true;
}

static bool is_public_6(const unsigned char bytes[16])
{
    if (memcmp(bytes, nat64, sizeof(nat64)) == 0)
        return is_public_4(bytes + sizeof(nat64));
    if (bytes[0] >> 5 != 1)
        return false;
    for (size_t i = 0; i < COUNT(closed_6); i++)
        if (bits_agree(bytes, closed_6[i].bytes, closed_6[i].bits))
            return false;
    return true;
}

/* An address of either family as its bytes; false for other families. */
static bool address_read(const struct sockaddr *address, GuardRange *ret, int *ret_port)
{
    *ret = (GuardRange){.family = address->sa_family};
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, address, sizeof(in));
        memcpy(ret->bytes, &in.sin_addr, 4);
        *ret_port = ntohs(in.sin_port);
        return true;
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;

        memcpy(&in, address, sizeof(in));
        memcpy(ret->bytes, &in.sin6_addr, 16);
        *ret_port = ntohs(in.sin6_port);
        return true;
    }
    return false;
}

static bool is_public(const GuardRange *address)
{
    return address->family == AF_INET ? is_public_4(address->bytes) : is_public_6(address->bytes);
}

/* "10.1.2.3" or "fd00::1". */
static bool range_parse(const char *text, GuardRange *ret)
{
    *ret = (GuardRange){.family = strchr(text, ':') ? AF_INET6 : AF_INET};
    ret->bits = ret->family == AF_INET ? 32 : 128;
    return inet_pton(ret->family, text, ret->bytes) == 1;
}

bool net_address_is_public(const char *text)
{
    GuardRange address;

    return range_parse(text, &address) && is_public(&address);
}

static bool port_is_open(int port)
{
    for (size_t i = 0; i < COUNT(open_ports); i++)
        if (port == open_ports[i])
            return true;
    return false;
}

static bool host_is_listed(const Guard *guard, const char *host)
{
    for (size_t i = 0; i < guard->host_count; i++)
        if (strcasecmp(guard->hosts[i], host) == 0)
            return true;
    return false;
}

static bool address_is_listed(const Guard *guard, const GuardRange *address)
{
    for (size_t i = 0; i < guard->range_count; i++)
        if (guard->ranges[i].family == address->family &&
            bits_agree(guard->ranges[i].bytes, address->bytes, guard->ranges[i].bits))
            return true;
    return false;
}

bool guard_lets_pass(const Guard *guard, const char *host, const struct sockaddr *address)
{
    GuardRange bytes;
    int port;

    if (!address_read(address, &bytes, &port))
        return false;
    if (host_is_listed(guard, host) || address_is_listed(guard, &bytes))
        return true;
    return port_is_open(port) && is_public(&bytes);
}

Err *guard_check_url(const Guard *guard, const NetUrl *url)
{
    GuardRange address;
    bool is_address = range_parse(url->host, &address);

    if (host_is_listed(guard, url->host) || (is_address && address_is_listed(guard, &address)))
        return NULL;
    if (is_address && !is_public(&address))
        return err_new(ERR_ADDRESS_REFUSED, "the address of '%s' is not public", url->origin);
    /* The name may resolve into a range that is listed, on any port; only the socket knows. */
    if (!port_is_open(url->port) && (is_address || guard->range_count == 0))
        return err_public(
            err_new(ERR_ADDRESS_REFUSED, "the port of '%s' is not open to strangers", url->origin),
            "This address cannot be used. Only ports 80, 443, 8080 and 8443 are.");
    return NULL;
}

Err *net_url_check(const NetClient *client, const char *url)
{
    AUTO(arena_free) Arena *mem = arena_new();
    NetUrl read;

    TRY(net_url_read(url, NULL, mem, &read));
    return guard_check_url(&client->guard, &read);
}

/* ---- exceptions ---- */

static MUST Err *exception_add(Guard *guard, char *text)
{
    char *slash = strchr(text, '/');
    GuardRange range;

    if (slash)
        *slash = 0;
    if (range_parse(text, &range)) {
        if (slash) {
            char *end;
            long bits = strtol(slash + 1, &end, 10);

            if (end == slash + 1 || *end || bits < 0 || bits > range.bits)
                return err_new(ERR_INPUT_INVALID, "'%s/%s' is no range", text, slash + 1);
            range.bits = (int)bits;
        }
        guard->ranges[guard->range_count++] = range;
        return NULL;
    }
    for (const char *at = text; *at; at++)
        if (slash || (!isalnum((unsigned char)*at) && !strchr("-._", *at)))
            return err_new(ERR_INPUT_INVALID, "'%s' is no host or range of addresses", text);
    guard->hosts[guard->host_count++] = text;
    return NULL;
}

Err *guard_read(const char *allowed, Arena *mem, Guard *ret)
{
    char *text = arena_text(mem, allowed ? allowed : "");
    size_t most = strlen(text) / 2 + 1;

    *ret = (Guard){
        .ranges = ARENA_ARRAY(mem, GuardRange, most),
        .hosts = ARENA_ARRAY(mem, const char *, most),
    };
    for (char *at = text, *rest; *(at += strspn(at, ", \t")); at = rest) {
        size_t length = strcspn(at, ", \t");

        rest = at + length + (at[length] != 0);
        at[length] = 0;
        TRY(exception_add(ret, at));
    }
    return NULL;
}
