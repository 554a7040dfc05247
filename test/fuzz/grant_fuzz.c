/* Any bytes as a request for a signed URL: refused, unless what was granted says the same when it is signed again. And any bytes as
 * what is granted: refused, or the URL says just that. */
#include <string.h>

#include "base/clock.h"
#include "blob/blob.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const int64_t now_ms = 1795600000000;
static const char served[] = "https://shop.example/store/";

static Blob *store(void)
{
    static Blob *blob;
    char folder[] = "/tmp/cyclorama-fuzz-XXXXXX";

    if (blob)
        return blob;
    AUTO(err_free) Err *err = blob_open(
        &(BlobSetup){
            .store = mkdtemp(folder),
            .served = served,
            .secret = "0123456789abcdef0123456789abcdef",
            .secret_bytes = 32,
        },
        &blob);
    if (err)
        abort();
    clock_hold(now_ms);
    return blob;
}

static bool texts_equal(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool grants_equal(const BlobGrant *a, const BlobGrant *b)
{
    return texts_equal(a->key, b->key) && a->is_put == b->is_put && a->until_ms == b->until_ms &&
           a->most_bytes == b->most_bytes && texts_equal(a->type, b->type) &&
           texts_equal(a->save_as, b->save_as);
}

/* GRANT signed and verified again; false when it cannot be granted. */
static bool granted_again(const BlobGrant *grant, Arena *mem, BlobGrant *ret)
{
    BlobTicket ticket;
    AUTO(err_free) Err *err = blob_grant(store(), grant, mem, &ticket);
    if (err)
        return false;

    char *key = arena_text(mem, ticket.url + strlen(served)), *mark = strchr(key, '?');
    *mark = 0;
    AUTO(err_free) Err *refused =
        blob_grant_verify(store(), &(BlobClaim){ticket.method, key, mark + 1, now_ms}, mem, ret);
    if (refused)
        abort();
    return true;
}

/* "METHOD\nKEY\nQUERY" */
static void claim_try(char *text, Arena *mem)
{
    char *key = strchr(text, '\n'), *query = key ? strchr(key + 1, '\n') : NULL;
    BlobGrant grant, again;
    if (!query)
        return;

    *key = *query = 0;
    AUTO(err_free) Err *err =
        blob_grant_verify(store(), &(BlobClaim){text, key + 1, query + 1, now_ms}, mem, &grant);
    if (!err && (!granted_again(&grant, mem, &again) || !grants_equal(&grant, &again)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    AUTO(arena_free) Arena *mem = arena_new();
    char *text = arena_text_n(mem, (const char *)bytes, size);
    BlobGrant again;

    claim_try(arena_text(mem, text), mem);
    const BlobGrant upload = {.key = "raw/a", .is_put = true, .until_ms = now_ms + 1, .type = text};
    const BlobGrant download = {.key = "raw/a", .until_ms = now_ms + 1, .save_as = text};
    if (granted_again(&upload, mem, &again) && !grants_equal(&upload, &again))
        abort();
    if (*text && granted_again(&download, mem, &again) && !grants_equal(&download, &again))
        abort();
    return 0;
}
