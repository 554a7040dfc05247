/* The same promise on every kind of store. */
#include "harness/stores.h"

static Given given;

static void given_end(void)
{
    blob_close(given.blob);
    net_close(given.net);
    if (given.folder)
        test_folder_remove(given.folder);
    arena_free(given.mem);
    given = (Given){.kind = STORE_FS};
}

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

void test_on_store(StoreKind kind, BlobTest *test)
{
    given_end(); /* what a test that failed has left */

    given = (Given){.kind = kind, .mem = arena_new()};
    CHECK_OK(net_open(&(NetSetup){.agent = "test"}, &given.net));
    if (kind == STORE_FS)
        fs_give();
    else
        test_skip("not yet");
    given.setup.net = given.net;
    CHECK_OK(blob_open(&given.setup, &given.blob));
    test(&given);
    given_end();
}
