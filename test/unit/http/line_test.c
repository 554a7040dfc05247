/* Promises of the lines that a server can be reached by: TLS, and sockets that are files. */
#include <curl/curl.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/wire.h"
#include "shop.h"
#include "test.h"

typedef struct Papers {
    char certificate[300], key[300];
} Papers;

static void alternative_name_add(X509 *certificate)
{
    X509_EXTENSION *name = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");

    CHECK(name && X509_add_ext(certificate, name, -1));
    X509_EXTENSION_free(name);
}

/* A certificate for 127.0.0.1 that is its own authority, in FOLDER. */
static Papers papers_make(const char *folder)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    Papers papers;

    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    alternative_name_add(certificate);
    CHECK(X509_sign(certificate, key, EVP_sha256()) > 0);

    snprintf(papers.certificate, sizeof(papers.certificate), "%s/certificate.pem", folder);
    snprintf(papers.key, sizeof(papers.key), "%s/key.pem", folder);
    FILE *file = fopen(papers.certificate, "w");
    CHECK(file && PEM_write_X509(file, certificate));
    fclose(file);
    file = fopen(papers.key, "w");
    CHECK(file && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL));
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return papers;
}

static size_t body_keep(char *bytes, size_t size, size_t count, void *body)
{
    CHECK_OK(buf_add(body, bytes, size * count));
    return size * count;
}

static size_t header_look(char *bytes, size_t size, size_t count, void *seen)
{
    if (count > 25 && strncasecmp(bytes, "Strict-Transport-Security", 25) == 0)
        *(bool *)seen = true;
    return size * count;
}

TEST(requests_come_over_TLS_when_there_is_a_certificate)
{
    const char *folder = test_folder();
    Papers papers = papers_make(folder);
    AUTO(buf_done) Buf body = BUF(4096);
    Shop shop = {0};
    HttpServer *server =
        shop_start(&shop, &(HttpSetup){.certificate = papers.certificate, .key = papers.key});
    char url[64];
    bool is_strict = false;
    long status = 0;

    snprintf(url, sizeof(url), "%s/v1/words?limit=1", http_server_address(server));
    CHECK(strncmp(url, "https://127.0.0.1:", 18) == 0);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CAINFO, papers.certificate);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_look);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &is_strict);
    CHECK_INT(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    CHECK_INT(status, 200);
    CHECK(is_strict);
    CHECK_TEXT(buf_text(&body), "[{\"word\":\"word 0\"}]");

    snprintf(url, sizeof(url), "%s/v1/files/file", http_server_address(server));
    body.size = 0;
    body.limit = 1024 * 1024;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    CHECK_INT(curl_easy_perform(curl), CURLE_OK);
    CHECK_INT(body.size, 300000);
    curl_easy_cleanup(curl);
    http_server_stop(server, 1000);
    test_folder_remove(folder);
}

/* What comes over CURL's line until TEXT is in it. */
static void line_await(CURL *curl, Buf *heard, const char *text)
{
    curl_socket_t socket;
    char piece[1024];
    size_t size;

    CHECK_INT(curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &socket), CURLE_OK);
    while (!heard->size || !memmem(heard->bytes, heard->size, text, strlen(text))) {
        CURLcode code = curl_easy_recv(curl, piece, sizeof(piece), &size);

        if (code == CURLE_AGAIN)
            CHECK(poll(&(struct pollfd){.fd = socket, .events = POLLIN}, 1, TEST_PATIENCE_MS) == 1);
        else
            CHECK_INT(code, CURLE_OK);
        if (code == CURLE_OK) {
            CHECK(size); /* the line was not closed */
            CHECK_OK(buf_add(heard, piece, size));
        }
    }
}

TEST(events_come_as_frames_over_TLS_too)
{
    static const char ask[] = "GET /v1/news HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
                              "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    const char *folder = test_folder();
    Papers papers = papers_make(folder);
    AUTO(buf_done) Buf heard = BUF(4096);
    Shop shop = {0};
    HttpServer *server =
        shop_start(&shop, &(HttpSetup){.certificate = papers.certificate, .key = papers.key});
    CURL *curl = curl_easy_init();
    size_t sent;

    atomic_store(&shop.next_event, 3);
    atomic_store(&shop.last_event, 3);
    curl_easy_setopt(curl, CURLOPT_URL, http_server_address(server));
    curl_easy_setopt(curl, CURLOPT_CAINFO, papers.certificate);
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    CHECK_INT(curl_easy_perform(curl), CURLE_OK);
    CHECK_INT(curl_easy_send(curl, ask, strlen(ask), &sent), CURLE_OK);
    CHECK_INT(sent, strlen(ask));
    line_await(curl, &heard, "\r\n\r\n");
    CHECK(strstr(buf_text(&heard), "HTTP/1.1 101 "));
    line_await(curl, &heard, "{\"id\":\"1\",\"event\":\"news\",\"data\":{\"a\":1}}");
    line_await(curl, &heard, "{\"id\":\"3\",\"event\":\"news\"");
    line_await(curl, &heard, "\x88\x02\x03\xe8");
    curl_easy_cleanup(curl);
    http_server_stop(server, 1000);
    CHECK_INT(atomic_load(&shop.streams_freed), 1);
    test_folder_remove(folder);
}

TEST(papers_that_are_none_are_refused_at_the_start)
{
    Shop shop = {0};
    HttpDoor doors[] = {{.door = &shop_door, .context = &shop}, {0}};
    HttpServer *server = NULL;
    AUTO(err_free)
    Err *err = http_server_start(
        &(HttpSetup){
            .listen = "127.0.0.1:0", .doors = doors, .certificate = __FILE__, .key = __FILE__},
        &server);

    CHECK(err && err_code(err) == ERR_FILE_UNREADABLE);
}

TEST(a_server_listens_on_a_socket_that_is_a_file)
{
    const char *folder = test_folder();
    Shop shop = {0};
    char listen[300];
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(listen, sizeof(listen), "unix:%s/s", folder);
    snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", listen + 5);
    HttpServer *server = shop_start(&shop, &(HttpSetup){.listen = listen});
    CHECK_INT(http_server_port(server), 0);

    AUTO(wire_close)
    Wire wire = {.socket = socket(AF_UNIX, SOCK_STREAM, 0), .mem = arena_new()};
    CHECK_INT(connect(wire.socket, (struct sockaddr *)&address, sizeof(address)), 0);
    wire_send(
        &wire, "POST /v1/shops/1/orders HTTP/1.1\r\nHost: a\r\nX-API-Key: good\r\n"
               "Content-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"name\":\"a\"}");
    Answer answer = wire_answer(&wire, false);
    CHECK_INT(answer.status, 201);
    CHECK(strstr(answer.body, "\"peer\":\"local\""));
    http_server_stop(server, 1000);
    CHECK(access(address.sun_path, F_OK) != 0);
    test_folder_remove(folder);
}
