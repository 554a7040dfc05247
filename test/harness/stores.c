/* The same promise on every kind of store. */
#include "harness/stores.h"

#include <unistd.h>

#include "base/file.h"
#include "blob/s3_priv.h"
#include "harness/service.h"

static Given given;
static int given_count;

static void given_end(void)
{
    blob_close(given.blob);
    net_close(given.net);
    if (given.folder)
        test_folder_remove(given.folder);
    arena_free(given.mem);
    given = (Given){.kind = STORE_FS};
}

/* ---- a folder ---- */

static void fs_give(void)
{
    given.folder = test_folder();
    given.setup = (BlobSetup){
        .store = arena_print(given.mem, "file:%s/store", given.folder),
        .served = "https://shop.example/store/",
        .secret = "0123456789abcdef0123456789abcdef",
        .secret_bytes = 32,
    };
}

/* ---- outside servers ---- */

/* Started when first asked for; a test that asks while it does not run fails. */
static void service_need(
    Service *service, const char *what, const char *const *args, const char *says, int seconds)
{
    static const Service *asked[2];
    bool is_first = asked[0] != service && asked[1] != service;

    if (is_first) {
        asked[asked[0] ? 1 : 0] = service;
        service_start(service, args);
        if (!service_says(service, says, seconds))
            test_fail(__FILE__, __LINE__, "%s could not be started", what);
    }
    if (service->pid <= 0)
        test_fail(__FILE__, __LINE__, "%s does not run", what);
}

static bool program_exists(const char *name)
{
    static const char *const folders[] = {"/usr/bin", "/usr/sbin", "/usr/local/bin"};

    for (size_t i = 0; i < COUNT(folders); i++)
        if (access(arena_print(given.mem, "%s/%s", folders[i], name), X_OK) == 0)
            return true;
    return false;
}

static void s3_give(void)
{
    static const char *const programs[] = {"radosgw", "radosgw-admin", "ceph-mon", "ceph-osd",
                                           "ceph",    "monmaptool",    "bash"};
    static Service ceph;

    for (size_t i = 0; i < COUNT(programs); i++)
        if (!program_exists(programs[i]))
            test_skip("Ceph's %s is not installed", programs[i]);
    if (!ceph.port) {
        ceph.port = service_port();
        ceph.folder = test_folder();
    }
    service_need(
        &ceph, "Ceph",
        (const char *const[]){
            "bash", TEST_SOURCE "/harness/ceph.sh", ceph.folder,
            arena_print(given.mem, "%d", ceph.port), NULL},
        "ready", 180);
    given.setup = (BlobSetup){
        .store = arena_print(given.mem, "s3:test-%d", given_count),
        .net = given.net,
        .endpoint = arena_print(given.mem, "http://127.0.0.1:%d", ceph.port),
        .key_id = "TESTKEY",
        .key_secret = "testsecret",
    };

    AUTO(blob_close) Blob *blob = NULL;
    AUTO(buf_done) Buf body = BUF(4096);
    NetReply reply;
    CHECK_OK(blob_open(&given.setup, &blob));
    CHECK_OK(s3_ask(blob, &(S3Ask){.method = "PUT"}, given.mem, &body, &reply));
    CHECK_INT(reply.status, 200);
}

static void azure_give(void)
{
    static const char azurite[] = TEST_SOURCE "/store/node_modules/azurite/dist/src/blob/main.js";
    static Service service;

    if (!program_exists("node"))
        test_skip("Node.js is not installed");
    if (!file_exists(azurite))
        test_skip("Azurite is not installed: npm ci --prefix test/store --ignore-scripts");
    if (!service.port) {
        service.port = service_port();
        service.folder = test_folder();
    }
    service_need(
        &service, "Azurite",
        (const char *const[]){
            "node", azurite, "--skipApiVersionCheck", "--disableTelemetry", "--location",
            service.folder, "--blobHost", "127.0.0.1", "--blobPort",
            arena_print(given.mem, "%d", service.port), NULL},
        "successfully listens", 120);
    given.setup = (BlobSetup){
        .store = arena_print(given.mem, "azure://test%d", given_count),
        .net = given.net,
        /* the account and key that Azurite is born with, as its documentation prints them */
        .connection = arena_print(
            given.mem,
            "AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IF"
            "suFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint=http://127.0.0.1:%d/"
            "devstoreaccount1;",
            service.port),
    };
}

/* ---- */

void test_on_store(StoreKind kind, BlobTest *test)
{
    static void (*const gives[])(void) = {fs_give, s3_give, azure_give};

    given_end(); /* what a test that failed has left */
    given = (Given){.kind = kind, .mem = arena_new()};
    given_count++;
    CHECK_OK(net_open(&(NetSetup){.agent = "test"}, &given.net));
    gives[kind]();
    CHECK_OK(blob_open(&given.setup, &given.blob));
    test(&given);
    given_end();
}
