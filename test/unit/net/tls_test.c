/* Whom the client believes: https against OpenSSL's own test server. */
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "harness/service.h"
#include "net/net.h"
#include "test.h"

static const char *text_of_port(Arena *mem, int port)
{
    return arena_print(mem, "127.0.0.1:%d", port);
}

/* A certificate for 127.0.0.1 that nobody vouches for, and a server that shows it. */
static void server_start(Service *server, Arena *mem, const char **ret_certificate)
{
    if (access("/usr/bin/openssl", X_OK) != 0)
        test_skip("the openssl command is not installed");
    server->port = service_port();
    server->folder = test_folder();

    const char *key = path_join(mem, server->folder, "key.pem");
    const char *certificate = path_join(mem, server->folder, "certificate.pem");
    const char *const make[] = {
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
        key,
        "-out",
        certificate,
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        NULL};
    Service maker = {0};
    service_start(&maker, make);
    CHECK(waitpid(maker.pid, NULL, 0) == maker.pid);
    maker.pid = 0;
    close(maker.out);
    service_end(&maker);

    const char *const serve[] = {"openssl", "s_server", "-accept", text_of_port(mem, server->port),
                                 "-key",    key,        "-cert",   certificate,
                                 "-www",    NULL};
    service_start(server, serve);
    CHECK(service_says(server, "ACCEPT", 30));
    *ret_certificate = certificate;
}

static ErrCode code_trusting(const char *ca_file, const char *url)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(net_close) NetClient *client = NULL;
    NetReply reply;

    CHECK_OK(net_open(&(NetSetup){.ca_file = ca_file}, &client));
    AUTO(err_free) Err *err = net_send(client, &(NetRequest){.url = url}, mem, &reply);
    return err ? err_code(err) : ERR_MAX_;
}

TEST(a_certificate_counts_only_when_somebody_trusted_vouches_for_it_and_for_this_host)
{
    static Service server;
    AUTO(arena_free) Arena *mem = arena_new();
    const char *certificate;

    server_start(&server, mem, &certificate);
    const char *url = arena_print(mem, "https://127.0.0.1:%d/", server.port);
    const char *other = arena_print(mem, "https://localhost:%d/", server.port);
    ErrCode by_nobody = code_trusting(NULL, url);
    ErrCode by_us = code_trusting(certificate, url);
    ErrCode for_another = code_trusting(certificate, other);

    service_end(&server);
    CHECK_INT(by_nobody, ERR_UPSTREAM_FAILED);
    CHECK_INT(by_us, ERR_MAX_);
    CHECK_INT(for_another, ERR_UPSTREAM_FAILED);
}
