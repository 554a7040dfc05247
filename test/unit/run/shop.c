/* A customer with a studio around it. */
#include "unit/run/shop.h"

#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "unit/recipe/drawn.h"
#include "watch/watch.h"

static const char served[] = "https://shop.example/store";

static void hush(void *context, const char *line, size_t size)
{
    (void)context;
    (void)line;
    (void)size;
}

void shop_open(Shop *shop, Db *db, int64_t quota)
{
    DbVersion version;
    const char *key;

    clock_hold(0);
    watch_divert(hush, NULL);
    CHECK_OK(db_migrate(db, &version));
    *shop = (Shop){.db = db, .mem = arena_new(), .folder = test_folder()};
    CHECK_OK(net_open(&(NetSetup){.allowed = "127.0.0.1"}, &shop->net));
    CHECK_OK(blob_open(
        &(BlobSetup){
            .store = shop->folder,
            .served = served,
            .secret = "a secret of thirty-two characters",
            .secret_bytes = 32,
        },
        &shop->blob));
    CHECK_OK(tenant_create(
        db,
        &(TenantWish){
            .name = "Shop", .email = "shop@shop.example", .plan = PLAN_PRO, .quota = quota},
        shop->mem, &shop->tenant, &key));
    shop->studio = (Studio){
        .shelf = {.db = db, .blob = shop->blob},
        .net = shop->net,
        .threads = 1,
        .program = "Test 1",
    };
}

void shop_close(Shop *shop)
{
    if (shop->crew)
        job_crew_stop(shop->crew, 1000);
    blob_close(shop->blob);
    net_close(shop->net);
    arena_free(shop->mem);
    test_folder_remove(shop->folder);
    watch_divert(NULL, NULL);
    clock_hold(0);
}

void shop_hire(Shop *shop)
{
    CHECK_OK(job_crew_start(
        &(JobCrewSetup){
            .db = shop->db,
            .kinds = run_kinds,
            .context = &shop->studio,
            .light = 2,
            .heavy = 2,
        },
        &shop->crew));
}

void shop_wait(Shop *shop, const char *project_id, Project *ret)
{
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;

    do {
        CHECK_OK(project_find(&shop->studio.shelf, shop->tenant.id, project_id, shop->mem, ret));
        if (ret->ended_ms && !ret->underway)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    } while (clock_ticks_ms() < until_ms);
    test_fail(__FILE__, __LINE__, "project '%s' does not end", project_id);
}

void shop_job(Shop *shop, const char *const *names, Project *ret, List *ret_runs)
{
    PhotoWish photos[8] = {{0}};
    size_t count = 0;

    for (; names[count]; count++)
        photos[count].filename = names[count];
    CHECK_OK(project_begin(
        &shop->studio,
        &(ProjectWish){
            .tenant_id = shop->tenant.id,
            .door = "test",
            .photos = photos,
            .photo_count = count,
            .recipe = "cutout",
        },
        shop->mem, ret, ret_runs, NULL));
}

/* The parts of an address below SERVED. */
static LinkClaim claim_of(const char *method, const char *url, Arena *mem)
{
    const char *key = url + sizeof(served), *query = strchr(key, '?');

    CHECK(strncmp(url, served, sizeof(served) - 1) == 0 && query);
    return (LinkClaim){
        .method = method,
        .key = arena_text_n(mem, key, (size_t)(query - key)),
        .query = query + 1,
    };
}

Err *shop_put(Shop *shop, const Link *link, const void *bytes, size_t size)
{
    LinkClaim claim = claim_of("PUT", link->url, shop->mem);
    AUTO(link_put_free) LinkPut *put = NULL;
    const char *etag;

    TRY(link_put_open(&shop->studio.shelf, &claim, &put));
    TRY(link_put_add(put, bytes, size));
    return link_put_end(put, shop->mem, &etag);
}

Err *shop_get(Shop *shop, const char *url, Buf *buf)
{
    LinkClaim claim = claim_of("GET", url, shop->mem);
    LinkGet get;

    TRY(link_get_open(&shop->studio.shelf, &claim, shop->mem, &get));
    TRY(buf_reserve(buf, (size_t)get.bytes));
    CHECK_INT(read(get.fd, buf->bytes, (size_t)get.bytes), get.bytes);
    buf->size = (size_t)get.bytes;
    buf->bytes[buf->size] = 0;
    close(get.fd);
    return NULL;
}

void shop_upload(Shop *shop, const Run *run)
{
    AUTO(buf_done) Buf png = BUF(1 << 20);
    Link link;
    Run now;

    drawn_disc_png(48, 40, 30, &png);
    CHECK_OK(run_upload_link(&shop->studio, shop->tenant.id, run->id, shop->mem, &link));
    CHECK_OK(shop_put(shop, &link, png.bytes, png.size));
    CHECK_OK(run_upload_done(&shop->studio, shop->tenant.id, run->id, NULL, shop->mem, &now));
    CHECK_INT(now.state, RUN_UPLOADED);
}

typedef struct Look {
    Shop *shop;
    Purse purse;
    Quota quota;
    Texts wrong;
} Look;

static Err *look_work(DbTx *tx, void *look_any)
{
    Look *look = look_any;

    TRY(ledger_purse(tx, look->shop->tenant.id, &look->purse));
    TRY(ledger_audit(tx, look->shop->mem, &look->wrong));
    return quota_find(tx, look->shop->tenant.id, &look->quota);
}

static Look shop_look(Shop *shop)
{
    Look look = {.shop = shop};

    CHECK_OK(db_read(shop->db, look_work, &look));
    return look;
}

Purse shop_purse(Shop *shop)
{
    return shop_look(shop).purse;
}

Quota shop_quota(Shop *shop)
{
    return shop_look(shop).quota;
}

void shop_audit(Shop *shop)
{
    Look look = shop_look(shop);

    if (look.wrong.count)
        test_fail(__FILE__, __LINE__, "%s", look.wrong.items[0]);
}
