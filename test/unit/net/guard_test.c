/* Promises of net/guard.h. */
#include "harness/peer.h"
#include "net/guard.h"
#include "test.h"

TEST(only_public_addresses_count_as_public)
{
    static const struct {
        const char *address;
        bool is_public;
    } rows[] = {
        {"8.8.8.8", true},
        {"93.184.216.34", true},
        {"1.1.1.1", true},
        {"100.63.255.255", true},
        {"100.128.0.1", true},
        {"172.15.0.1", true},
        {"172.32.0.1", true},
        {"223.255.255.255", true},
        {"0.0.0.0", false},
        {"0.1.2.3", false},
        {"10.0.0.1", false},
        {"100.64.0.1", false},
        {"100.100.100.200", false},
        {"100.127.255.255", false},
        {"127.0.0.1", false},
        {"127.255.255.254", false},
        {"168.63.129.16", false},
        {"169.254.169.254", false},
        {"172.16.0.1", false},
        {"172.31.255.255", false},
        {"192.0.0.192", false},
        {"192.0.2.1", false},
        {"192.88.99.1", false},
        {"192.168.1.1", false},
        {"198.18.0.1", false},
        {"198.19.255.255", false},
        {"198.51.100.1", false},
        {"203.0.113.1", false},
        {"224.0.0.1", false},
        {"239.255.255.255", false},
        {"240.0.0.1", false},
        {"255.255.255.255", false},
        {"2606:4700:4700::1111", true},
        {"2a00:1450:4001:82a::200e", true},
        {"64:ff9b::8.8.8.8", true}, /* how a network without IPv4 reaches the internet */
        {"64:ff9b::10.0.0.1", false},
        {"64:ff9b::7f00:1", false},
        {"64:ff9b:1::8.8.8.8", false},
        {"::", false},
        {"::1", false},
        {"::8.8.8.8", false},
        {"::127.0.0.1", false},
        {"::ffff:8.8.8.8", false},
        {"::ffff:127.0.0.1", false},
        {"::ffff:169.254.169.254", false},
        {"100::1", false},
        {"2001::1", false}, /* Teredo */
        {"2001:0:a9fe:a9fe::1", false},
        {"2001:2::1", false},
        {"2001:10::1", false},
        {"2001:db8::1", false},
        {"2002:7f00:1::", false},
        {"2002:808:808::", false},
        {"3fff::1", false},
        {"4000::1", false},
        {"fc00::1", false},
        {"fd00:ec2::254", false},
        {"fe80::1", false},
        {"febf::1", false},
        {"fec0::1", false},
        {"ff02::1", false},
        {"shop.example", false},
        {"127.1", false},
        {"", false},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        if (net_address_is_public(rows[i].address) != rows[i].is_public)
            test_fail(
                __FILE__, __LINE__, "'%s' should be %s", rows[i].address,
                rows[i].is_public ? "public" : "closed");
}

static NetClient *client_allowing(const char *allowed)
{
    NetClient *client;

    CHECK_OK(net_open(&(NetSetup){.allowed = allowed}, &client));
    return client;
}

TEST(hostile_urls_are_refused_however_they_are_spelt)
{
    static const char *const refused[] = {
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.0.0.1./",
        "http://0/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fd00:ec2::254]/latest/meta-data/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0xa9fea9fe/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://[2002:7f00:1::]/",
        "http://[64:ff9b::7f00:1]/",
        "http://shop.example:22/",
        "http://shop.example:6379/",
        "https://8.8.8.8:25/",
        "http://%31%32%37.0.0.1/",
        "http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1/", /* 127 in circled digits */
    };
    AUTO(net_close) NetClient *client = client_allowing(NULL);

    for (size_t i = 0; i < COUNT(refused); i++) {
        AUTO(arena_free) Arena *mem = arena_new();
        NetReply reply;
        AUTO(err_free) Err *err =
            net_send(client, &(NetRequest){.url = refused[i], .is_guarded = true}, mem, &reply);

        if (!err || (err_code(err) != ERR_ADDRESS_REFUSED && err_code(err) != ERR_INPUT_INVALID))
            test_fail(
                __FILE__, __LINE__, "'%s' gave '%s'", refused[i], err ? err_message(err) : "ok");
    }
}

TEST(public_urls_are_fine)
{
    static const char *const fine[] = {
        "https://shop.example/a.jpg?x=1#y",
        "http://shop.example:8080/",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]:8443/",
        "https://m\xc3\xbcller.example/",
    };
    AUTO(net_close) NetClient *client = client_allowing(NULL);

    for (size_t i = 0; i < COUNT(fine); i++)
        CHECK_OK(net_url_check(client, fine[i]));
}

static bool answer_ok(void *context, const PeerAsked *asked)
{
    char headers[256] = "";

    if (context && strcmp(asked->target, "/away") == 0) {
        snprintf(headers, sizeof(headers), "Location: %s\r\n", (const char *)context);
        return peer_reply(asked, "302 Found", headers, "");
    }
    return peer_reply(asked, "200 OK", "", "inside");
}

static ErrCode fetch_code(NetClient *client, const char *host, int port, const char *path)
{
    AUTO(arena_free) Arena *mem = arena_new();
    NetReply reply;
    AUTO(err_free) Err *err = net_send(
        client,
        &(NetRequest){
            .url = arena_print(mem, "http://%s:%d%s", host, port, path),
            .is_guarded = true,
            .redirects = 5,
            .retries = 2,
        },
        mem, &reply);

    return err ? err_code(err) : ERR_MAX_;
}

TEST(a_name_that_leads_inside_is_refused_by_the_socket)
{
    AUTO(peer_stop) Peer *peer = peer_start(answer_ok, NULL);
    /* Any port is good in the range that is listed, so that only the address can be what is refused. */
    AUTO(net_close) NetClient *client = client_allowing("10.0.0.0/8");

    CHECK_OK(net_url_check(client, "http://localhost:1234/"));
    CHECK_INT(fetch_code(client, "localhost", peer_port(peer), "/"), ERR_ADDRESS_REFUSED);
    CHECK_INT(peer_asked(peer), 0);
}

TEST(a_connection_that_is_open_already_lets_no_guarded_request_through)
{
    AUTO(peer_stop) Peer *peer = peer_start(answer_ok, NULL);
    AUTO(net_close) NetClient *client = client_allowing(NULL);
    AUTO(arena_free) Arena *mem = arena_new();
    NetRequest ours = {.url = arena_print(mem, "http://127.0.0.1:%d/", peer_port(peer))};
    NetReply reply;

    CHECK_OK(net_send(client, &ours, mem, &reply));
    CHECK_INT(fetch_code(client, "127.0.0.1", peer_port(peer), "/"), ERR_ADDRESS_REFUSED);
    CHECK_OK(net_send(client, &ours, mem, &reply));
    CHECK_INT(peer_asked(peer), 2);
}

TEST(what_the_operator_lists_is_reached_and_nothing_else)
{
    static const struct {
        const char *allowed, *host;
        bool is_reached;
    } rows[] = {
        {"127.0.0.1", "127.0.0.1", true},
        {"127.0.0.0/8", "localhost", true},
        {"10.0.0.0/8, 127.0.0.0/8", "127.0.0.1", true},
        {"localhost", "localhost", true},
        {"LOCALHOST", "localhost", true},
        {"localhost", "127.0.0.1", false},
        {"10.0.0.0/8", "127.0.0.1", false},
        {"127.0.0.2", "127.0.0.1", false},
        {"::1", "127.0.0.1", false},
    };
    AUTO(peer_stop) Peer *peer = peer_start(answer_ok, NULL);

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(net_close) NetClient *client = client_allowing(rows[i].allowed);

        CHECK_INT(
            fetch_code(client, rows[i].host, peer_port(peer), "/"),
            rows[i].is_reached ? ERR_MAX_ : ERR_ADDRESS_REFUSED);
    }
}

TEST(a_redirect_inside_is_refused)
{
    static const char *const inside[] = {
        "http://127.0.0.2/",
        "http://169.254.169.254/latest/",
        "http://[::1]/",
        "http://2130706434/",
    };

    for (size_t i = 0; i < COUNT(inside); i++) {
        AUTO(peer_stop) Peer *peer = peer_start(answer_ok, (void *)inside[i]);
        AUTO(net_close) NetClient *client = client_allowing("127.0.0.1");

        CHECK_INT(fetch_code(client, "127.0.0.1", peer_port(peer), "/"), ERR_MAX_);
        CHECK_INT(fetch_code(client, "127.0.0.1", peer_port(peer), "/away"), ERR_ADDRESS_REFUSED);
        CHECK_INT(peer_asked(peer), 2);
    }
}

TEST(exceptions_that_cannot_be_read_are_refused)
{
    static const char *const rows[] = {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x",
                                       "a b/8",       "http://x",  "::1/129"};

    for (size_t i = 0; i < COUNT(rows); i++) {
        NetClient *client = NULL;
        AUTO(err_free) Err *err = net_open(&(NetSetup){.allowed = rows[i]}, &client);

        CHECK(err && err_code(err) == ERR_INPUT_INVALID);
    }
}
