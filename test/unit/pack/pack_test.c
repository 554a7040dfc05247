/* Promises of packs: what was asked for is in the ZIP, in the shops' own sizes; one bad picture spoils none, and nobody pays for nothing. */
#include "base/clock.h"
#include "harness/mailbox.h"
#include "harness/unzip.h"
#include "mail/mail.h"
#include "pack/pack_priv.h"
#include "run/queues.h"
#include "unit/run/shop.h"

enum {
    ZIP_BYTES_MAX = 64 << 20,
    DAY_MS = 24 * 60 * 60 * 1000
};

static const char *const three[] = {"Sepatu.png", "sepatu.jpg", "con.png", NULL};

/* A project with a picture of each, and credits in the purse. */
static void
studio_open_with(Shop *shop, Db *db, const char *const *names, Project *ret, List *ret_runs)
{
    int64_t started;

    shop_open(shop, db, 10);
    shop_job(shop, names, ret, ret_runs);
    for (size_t i = 0; i < ret_runs->count; i++)
        shop_upload(shop, (const Run *)ret_runs->items + i);
    CHECK_OK(run_start(&shop->studio, shop->tenant.id, ret->id, shop->mem, ret, &started, NULL));
    shop_hire(shop);
    shop_wait(shop, ret->id, ret);
    job_crew_stop(shop->crew, 1000);
    shop->crew = NULL;
    CHECK_INT(ret->completed, ret_runs->count);
}

static void studio_open(Shop *shop, Db *db, Project *ret, List *ret_runs)
{
    studio_open_with(shop, db, three, ret, ret_runs);
}

typedef struct Adding {
    Shop *shop;
    const PackWish *wish;
    Pack *ret;
} Adding;

static Err *add_work(DbTx *tx, void *adding_any)
{
    Adding *adding = adding_any;

    return pack_add(
        tx, &adding->shop->studio, adding->shop->tenant.id, adding->wish, adding->shop->mem,
        adding->ret);
}

static Err *pack_begin(Shop *shop, const PackWish *wish, Pack *ret)
{
    return db_write(shop->db, add_work, &(Adding){shop, wish, ret});
}

static void crew_begin(Shop *shop)
{
    CHECK_OK(job_crew_start(
        &(JobCrewSetup){
            .db = shop->db,
            .kinds = pack_kinds,
            .context = &shop->studio,
            .light = 1,
            .heavy = 1,
        },
        &shop->crew));
}

/* Workers make PACK, and stop. */
static void pack_wait(Shop *shop, Pack *pack)
{
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;
    double progress = 0;

    crew_begin(shop);
    do {
        CHECK_OK(pack_find(&shop->studio, shop->tenant.id, pack->id, shop->mem, pack));
        CHECK(pack->progress >= progress);
        progress = pack->progress;
        cancel_wait(&(Cancel)CANCEL_INIT, 5);
    } while (pack->state < PACK_COMPLETED && clock_ticks_ms() < until_ms);
    job_crew_stop(shop->crew, 60000);
    shop->crew = NULL;
}

static void pack_read(Shop *shop, const Pack *pack, Buf *bytes, Unzip *ret)
{
    Link link;

    if (pack->state != PACK_COMPLETED)
        test_fail(__FILE__, __LINE__, "%s", pack->error_text ? pack->error_text : "not completed");
    CHECK_OK(pack_link(&shop->studio, shop->tenant.id, pack->id, shop->mem, &link));
    CHECK_OK(shop_get(shop, link.url, bytes));
    CHECK_INT(bytes->size, pack->bytes);
    unzip_read(bytes, ret);
}

static void facts_read(const Unzip *zip, const char *name, ImageFacts *ret)
{
    const UnzipFile *file = unzip_find(zip, name);

    CHECK_OK(image_probe(file->bytes, file->size, &image_limits_default, ret));
}

static void json_read(const Unzip *zip, Value **ret)
{
    const UnzipFile *file = unzip_find(zip, "metadata.json");

    CHECK_OK(value_parse((const char *)file->bytes, file->size, ret));
}

#define TEXTS(...) \
    { \
        (const char *[]){__VA_ARGS__}, \
            sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *) \
    }

TEST_DB(a_pack_holds_each_picture_in_each_kind_of_file_and_is_paid_for_once)
{
    AUTO(buf_done) Buf bytes = BUF(ZIP_BYTES_MAX);
    AUTO(value_free) Value *json = NULL;
    PackWish wish = {
        .formats = TEXTS("png", "jpg"), .has_metadata = true, .credits = 10, .mark = 1};
    ImageFacts facts;
    Project project;
    Unzip zip;
    List runs;
    Shop shop;
    Pack pack;

    studio_open(&shop, db, &project, &runs);
    int64_t before = shop_purse(&shop).available;
    wish.project_id = project.id;
    wish.once = (Once){shop.tenant.id, "again"};
    CHECK_OK(pack_begin(&shop, &wish, &pack));
    CHECK_INT(pack.pictures, 6);
    CHECK_INT(shop_purse(&shop).held, 10);

    Pack same;
    CHECK_OK(pack_begin(&shop, &wish, &same));
    CHECK_TEXT(same.id, pack.id);
    CHECK_INT(shop_purse(&shop).held, 10);

    pack_wait(&shop, &pack);
    pack_read(&shop, &pack, &bytes, &zip);
    CHECK_INT(zip.count, 7);
    unzip_find(&zip, "png/Sepatu.png");
    unzip_find(&zip, "png/sepatu-2.png");
    unzip_find(&zip, "png/_con.png");
    facts_read(&zip, "jpg/Sepatu.jpg", &facts);
    CHECK_INT(facts.format, IMAGE_JPEG);
    CHECK_INT(facts.width_px, 48);
    CHECK_INT((int)facts.dpi, 300);
    CHECK_INT(shop_purse(&shop).available, before - 10);
    CHECK_INT(shop_purse(&shop).held, 0);
    shop_audit(&shop);

    json_read(&zip, &json);
    CHECK_INT(value_int(value_get(json, "files")), 6);
    const Value *first = value_at(value_get(json, "pictures"), 0);
    CHECK_TEXT(value_text(value_get(first, "photo")), "Sepatu.png");
    CHECK(value_count(value_get(value_get(first, "recipe"), "steps")) > 0);
    const Value *file = value_at(value_get(first, "files"), 1);
    char sha256[HASH_TEXT_SIZE];
    const UnzipFile *jpeg = unzip_find(&zip, value_text(value_get(file, "path")));
    hash_text(hash_bytes(jpeg->bytes, jpeg->size), sha256);
    CHECK_TEXT(value_text(value_get(file, "sha256")), sha256);
    CHECK_INT(value_int(value_get(file, "bytes")), jpeg->size);
    shop_close(&shop);
}

TEST_DB(platforms_get_their_own_sizes_and_kinds_whatever_was_asked)
{
    static const struct {
        const char *path;
        int width, height;
    } rows[] = {
        {"shopee_1200x1200/Sepatu.jpg", 1200, 1200},
        {"tokopedia_1200x1200/Sepatu.jpg", 1200, 1200},
        {"instagram_1080x1080/Sepatu.jpg", 1080, 1080},
        {"instagram_1080x1350/Sepatu.jpg", 1080, 1350},
        {"tiktok_shop_1080x1920/Sepatu.jpg", 1080, 1920},
        {"lazada_1200x1200/Sepatu.jpg", 1200, 1200},
    };
    AUTO(buf_done) Buf bytes = BUF(ZIP_BYTES_MAX);
    AUTO(value_free) Value *json = NULL;
    ImageFacts facts;
    Project project;
    Unzip zip;
    List runs;
    Shop shop;
    Pack pack;

    studio_open(&shop, db, &project, &runs);
    PackWish wish = {
        .project_id = project.id,
        .platforms = TEXTS(
            "shopee", "tokopedia", "instagram", "instagram:4x5", "tiktok_shop:9x16", "lazada"),
        .photo_ids = TEXTS(((const Run *)runs.items)->photo_id),
        .formats = TEXTS("webp"),
        .folders = PACK_BY_PLATFORM,
        .has_metadata = true,
        .mark = 1,
    };
    CHECK_OK(pack_begin(&shop, &wish, &pack));
    /* No shop takes WebP, so it is there as the picture is. */
    CHECK_INT(pack.pictures, 7);
    pack_wait(&shop, &pack);
    pack_read(&shop, &pack, &bytes, &zip);
    for (size_t i = 0; i < COUNT(rows); i++) {
        facts_read(&zip, rows[i].path, &facts);
        CHECK_INT(facts.width_px, rows[i].width);
        CHECK_INT(facts.height_px, rows[i].height);
        CHECK_INT(facts.format, IMAGE_JPEG);
    }
    json_read(&zip, &json);
    const Value *files = value_get(value_at(value_get(json, "pictures"), 0), "files");
    for (size_t i = 0; i < value_count(files); i++) {
        const char *says = value_text(value_get(value_at(files, i), "platform_says"));

        if (value_text(value_get(value_at(files, i), "platform")) &&
            (!says || strcmp(says, "fail") == 0))
            test_fail(
                __FILE__, __LINE__, "%s", value_text(value_get(value_at(files, i), "platform")));
    }
    shop_close(&shop);
}

TEST_DB(a_picture_that_is_lost_is_named_and_the_others_are_packed)
{
    AUTO(buf_done) Buf bytes = BUF(ZIP_BYTES_MAX);
    AUTO(value_free) Value *json = NULL;
    Project project;
    Unzip zip;
    List runs;
    Shop shop;
    Pack pack;

    studio_open(&shop, db, &project, &runs);
    CHECK_OK(
        run_list(&shop.studio, &(RunQuery){shop.tenant.id, project.id, -1, 10}, shop.mem, &runs));
    PackWish wish = {
        .project_id = project.id,
        .folders = PACK_FLAT,
        .has_metadata = true,
        .credits = 5,
        .mark = 1};
    CHECK_OK(pack_begin(&shop, &wish, &pack));
    CHECK_OK(blob_delete(shop.blob, ((const Run *)runs.items)[1].output_key, NULL));
    /* As a worker leaves it that died with half of it done. */
    TEST_DB_RUN(db, "UPDATE packs SET state = 'processing', done = 1");
    pack_wait(&shop, &pack);
    CHECK_INT(pack.failed, 1);
    pack_read(&shop, &pack, &bytes, &zip);
    CHECK_INT(zip.count, 3);
    unzip_find(&zip, "Sepatu.png");
    unzip_find(&zip, "_con.png");
    CHECK(!unzip_has(&zip, "sepatu-2.png"));
    json_read(&zip, &json);
    const Value *lost = value_at(value_get(json, "pictures"), 1);
    CHECK_TEXT(value_text(value_get(value_at(value_get(lost, "failed"), 0), "error")), "not_found");
    CHECK_INT(
        test_db_number(
            db, "SELECT COUNT(*) FROM ledger_entries WHERE kind = 'capture' AND "
                "credits = 5"),
        1);
    shop_audit(&shop);
    shop_close(&shop);
}

TEST_DB(a_pack_without_any_picture_fails_and_gives_the_money_back)
{
    Project project;
    List runs;
    Shop shop;
    Pack pack;
    Link link;

    studio_open(&shop, db, &project, &runs);
    CHECK_OK(
        run_list(&shop.studio, &(RunQuery){shop.tenant.id, project.id, -1, 10}, shop.mem, &runs));
    int64_t before = shop_purse(&shop).available;
    PackWish wish = {.project_id = project.id, .formats = TEXTS("webp"), .credits = 5, .mark = 1};
    CHECK_OK(pack_begin(&shop, &wish, &pack));
    for (size_t i = 0; i < runs.count; i++)
        CHECK_OK(blob_delete(shop.blob, ((const Run *)runs.items)[i].output_key, NULL));
    pack_wait(&shop, &pack);
    CHECK_INT(pack.state, PACK_FAILED);
    CHECK(pack.error_text && strstr(pack.error_text, "Nothing was charged"));
    CHECK_INT(shop_purse(&shop).available, before);
    CHECK_ERR(
        pack_link(&shop.studio, shop.tenant.id, pack.id, shop.mem, &link), ERR_CONFLICT,
        arena_print(shop.mem, "pack '%s' is failed", pack.id));
    shop_audit(&shop);
    shop_close(&shop);
}

/* ---- what died is begun anew by an operator ---- */

/* Workers are at it until COUNT jobs of QUEUE are dead; what waits for its next try does not wait for long. */
static void dead_wait(Shop *shop, const char *queue, long long count)
{
    const char *dead = arena_print(
        shop->mem, "SELECT COUNT(*) FROM jobs WHERE queue = '%s' AND state = 'dead'", queue);
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;

    crew_begin(shop);
    while (test_db_number(shop->db, dead) < count) {
        CHECK(clock_ticks_ms() < until_ms);
        TEST_DB_RUN(shop->db, "UPDATE jobs SET start_ms = 0 WHERE state = 'waiting'");
        cancel_wait(&(Cancel)CANCEL_INIT, 20);
    }
    job_crew_stop(shop->crew, 60000);
    shop->crew = NULL;
}

static QueueRetry retry(Shop *shop, const char *queue)
{
    const Clerk clerk = {0};
    QueueRetry sum;

    shop->studio.kinds = pack_kinds;
    CHECK_OK(queues_retry(&shop->studio, &clerk, &(QueueRetryWish){queue, NULL}, shop->mem, &sum));
    return sum;
}

/* The pictures of RUNS are taken out of the store into SAVED, or put back. */
static void pictures_take(Shop *shop, const List *runs, Buf *saved)
{
    for (size_t i = 0; i < runs->count; i++) {
        const char *key = ((const Run *)runs->items)[i].output_key;

        saved[i] = (Buf)BUF(1 << 22);
        CHECK_OK(blob_get(shop->blob, &(BlobGet){.key = key}, &saved[i]));
        CHECK_OK(blob_delete(shop->blob, key, NULL));
    }
}

static void pictures_put(Shop *shop, const List *runs, Buf *saved)
{
    for (size_t i = 0; i < runs->count; i++) {
        const char *key = ((const Run *)runs->items)[i].output_key;
        BlobWritten written;

        CHECK_OK(blob_put(
            shop->blob, &(BlobPut){.key = key, .type = "image/png"}, saved[i].bytes, saved[i].size,
            &written));
        buf_done(&saved[i]);
    }
}

TEST_DB(a_pack_that_died_is_made_when_it_is_begun_anew_and_paid_for_once)
{
    static const char taken[] =
        "SELECT COUNT(*) FROM ledger_entries WHERE kind = 'capture' AND credits = 5";
    AUTO(buf_done) Buf bytes = BUF(ZIP_BYTES_MAX);
    Buf saved[COUNT(three)];
    Project project;
    Unzip zip;
    List runs;
    Shop shop;
    Pack pack;

    studio_open(&shop, db, &project, &runs);
    CHECK_OK(
        run_list(&shop.studio, &(RunQuery){shop.tenant.id, project.id, -1, 10}, shop.mem, &runs));
    const Purse before = shop_purse(&shop);
    PackWish wish = {.project_id = project.id, .folders = PACK_FLAT, .credits = 5, .mark = 1};
    CHECK_OK(pack_begin(&shop, &wish, &pack));
    pictures_take(&shop, &runs, saved);
    dead_wait(&shop, "export_zip", 1);
    CHECK_INT(shop_purse(&shop).available, before.available);
    pictures_put(&shop, &runs, saved);

    /* Whose account is suspended, and who has not the credits, is told so, and nothing has changed. */
    TEST_DB_RUN(db, "UPDATE tenants SET is_suspended = 1");
    QueueRetry sum = retry(&shop, "export_zip");
    CHECK_INT(sum.left, 1);
    CHECK(strstr(sum.why, "is suspended"));
    TEST_DB_RUN(
        db, "UPDATE tenants SET is_suspended = 0", "UPDATE packs SET credits = credits + 1000000");
    sum = retry(&shop, "export_zip");
    CHECK_INT(sum.left, 1);
    CHECK(strstr(sum.why, "credits"));
    CHECK_INT(shop_purse(&shop).held, 0);
    CHECK_OK(pack_find(&shop.studio, shop.tenant.id, pack.id, shop.mem, &pack));
    CHECK_INT(pack.state, PACK_FAILED);
    TEST_DB_RUN(db, "UPDATE packs SET credits = credits - 1000000");

    sum = retry(&shop, "export_zip");
    CHECK_INT(sum.retried, 1);
    CHECK_INT(sum.left + sum.forgotten, 0);
    CHECK_INT(shop_purse(&shop).held, 5);
    CHECK_INT(retry(&shop, "export_zip").retried, 0);
    pack_wait(&shop, &pack);
    pack_read(&shop, &pack, &bytes, &zip);
    CHECK_INT(zip.count, 3);
    CHECK_INT(shop_purse(&shop).held, 0);
    CHECK_INT(shop_purse(&shop).available, before.available - 5);
    CHECK_INT(test_db_number(db, taken), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE queue = 'export_zip'"), 0);
    shop_audit(&shop);
    shop_close(&shop);
}

TEST_DB(a_dead_pack_that_is_gone_or_was_made_since_is_forgotten_and_costs_nothing)
{
    static const char *const since[] = {
        "UPDATE packs SET state = 'completed'", "DELETE FROM packs"};
    Buf saved[COUNT(three)];
    Project project;
    List runs;
    Shop shop;
    Pack pack;

    studio_open(&shop, db, &project, &runs);
    CHECK_OK(
        run_list(&shop.studio, &(RunQuery){shop.tenant.id, project.id, -1, 10}, shop.mem, &runs));
    const int64_t available = shop_purse(&shop).available;
    PackWish wish = {.project_id = project.id, .folders = PACK_FLAT, .credits = 5, .mark = 1};
    for (size_t i = 0; i < COUNT(since); i++) {
        CHECK_OK(pack_begin(&shop, &wish, &pack));
        pictures_take(&shop, &runs, saved);
        dead_wait(&shop, "export_zip", 1);
        pictures_put(&shop, &runs, saved);
        test_db_run(db, &since[i], 1);
        const QueueRetry sum = retry(&shop, "export_zip");
        CHECK_INT(sum.forgotten, 1);
        CHECK_INT(sum.retried + sum.left, 0);
        CHECK_INT(shop_purse(&shop).available, available);
        CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE queue = 'export_zip'"), 0);
    }
    shop_audit(&shop);
    shop_close(&shop);
}

TEST_DB(after_seven_days_a_pack_is_over_and_its_bytes_go)
{
    AUTO(buf_done) Buf bytes = BUF(ZIP_BYTES_MAX);
    Project project;
    List runs;
    Shop shop;
    Pack pack;
    Link link;

    studio_open(&shop, db, &project, &runs);
    CHECK_OK(pack_begin(
        &shop, &(PackWish){.project_id = project.id, .mark = 1, .has_metadata = true}, &pack));
    pack_wait(&shop, &pack);
    CHECK_INT(pack.state, PACK_COMPLETED);
    CHECK_OK(pack_link(&shop.studio, shop.tenant.id, pack.id, shop.mem, &link));
    CHECK(link.until_ms <= pack.expires_ms && link.until_ms > pack.expires_ms - DAY_MS);
    const char *key = pack.key;

    /* Its pictures go; it stays. */
    CHECK_OK(
        run_list(&shop.studio, &(RunQuery){shop.tenant.id, project.id, -1, 10}, shop.mem, &runs));
    for (size_t i = 0; i < runs.count; i++)
        CHECK_OK(blob_delete(shop.blob, ((const Run *)runs.items)[i].output_key, NULL));
    CHECK_OK(shop_get(&shop, link.url, &bytes));

    clock_hold(pack.expires_ms + 1000);
    CHECK_OK(pack_find(&shop.studio, shop.tenant.id, pack.id, shop.mem, &pack));
    CHECK_INT(pack.state, PACK_EXPIRED);
    CHECK_ERR(
        pack_link(&shop.studio, shop.tenant.id, pack.id, shop.mem, &link), ERR_NOT_FOUND,
        arena_print(shop.mem, "pack '%s' has expired", pack.id));
    CHECK_OK(pack_tend(&shop.studio));
    CHECK_OK(pack_tend(&shop.studio));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE queue = 'cleanup_temp'"), 1);
    clock_hold(pack.expires_ms + DAY_MS);
    crew_begin(&shop);
    for (int i = 0;
         i < 2000 && test_db_number(db, "SELECT COUNT(*) FROM packs WHERE state = 'expired'") == 0;
         i++)
        cancel_wait(&(Cancel)CANCEL_INIT, 5);
    job_crew_stop(shop.crew, 60000);
    shop.crew = NULL;
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM packs WHERE state = 'expired'"), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM assets WHERE format = 'zip'"), 0);
    BlobFacts facts;
    AUTO(err_free) Err *gone = blob_head(shop.blob, key, NULL, shop.mem, &facts);
    CHECK(gone && err_code(gone) == ERR_NOT_FOUND);
    shop_close(&shop);
}

TEST_DB(what_is_not_known_is_refused_with_the_nearest_name_and_nothing_is_held)
{
    const struct {
        PackWish wish;
        const char *field, *says;
    } rows[] = {
        {{.formats = TEXTS("png", "jepg")}, "/formats/1", "Did you mean 'jpeg'?"},
        {{.platforms = TEXTS("shoppee")}, "/platforms/0", "Did you mean 'shopee'?"},
        {{.platforms = TEXTS("instagram:4x6")}, "/platforms/0", "4x5"},
        {{.size = "1080"}, "/size", "1080x1080"},
        {{.size = "9000x9000"}, "/size", "8000"},
        {{.quality = 101}, "/quality", "between 1 and 100"},
        {{.email = "ayu@"}, "/email", "ayu@toko.example"},
        {{.photo_ids = TEXTS("photo_none")}, "/photo_ids/0", "photo_none"},
    };
    Project project;
    List runs;
    Shop shop;
    Pack pack;

    studio_open(&shop, db, &project, &runs);
    for (size_t i = 0; i < COUNT(rows); i++) {
        PackWish wish = rows[i].wish;

        wish.project_id = project.id;
        wish.credits = 5;
        AUTO(err_free) Err *err = pack_begin(&shop, &wish, &pack);
        CHECK(err);
        CHECK_TEXT(err_where(err), rows[i].field);
        if (!strstr(err_text(err), rows[i].says))
            test_fail(__FILE__, __LINE__, "%s", err_text(err));
    }
    PackWish dear = {.project_id = project.id, .credits = 1000000};
    AUTO(err_free) Err *err = pack_begin(&shop, &dear, &pack);
    CHECK(err && err_code(err) == ERR_CREDITS_SPENT);
    CHECK_INT(shop_purse(&shop).held, 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM packs"), 0);
    shop_close(&shop);
}

TEST_DB(who_asked_for_a_large_pack_is_written_to_once)
{
    static const char *const seven[] = {"1.png", "2.png", "3.png", "4.png",
                                        "5.png", "6.png", "7.png", NULL};
    AUTO(mailbox_stop) Mailbox *mailbox =
        mailbox_start(&(MailboxSetup){.refuse = 1, .status = 451});
    Project project;
    List runs;
    Shop shop;
    Pack pack;

    studio_open_with(&shop, db, seven, &project, &runs);
    CHECK_OK(mail_open(
        &(MailSetup){
            .net = shop.net,
            .smtp_url = arena_print(shop.mem, "smtp://127.0.0.1:%d", mailbox_port(mailbox)),
            .from = "studio@shop.example"},
        &shop.studio.mailer));
    PackWish wish = {
        .project_id = project.id,
        .formats = TEXTS("png", "jpeg", "webp"),
        .email = "ayu@toko.example",
        .mark = 1,
    };
    CHECK_OK(pack_begin(&shop, &wish, &pack));
    pack_wait(&shop, &pack);
    CHECK_INT(pack.state, PACK_COMPLETED);
    CHECK_INT(pack.done, 21);
    /* The server takes the second try, which is not waited for half a minute. */
    crew_begin(&shop);
    for (int i = 0; i < TEST_PATIENCE_MS / 100 && !mailbox_count(mailbox); i++) {
        TEST_DB_RUN(db, "UPDATE jobs SET start_ms = 0 WHERE queue = 'mail' AND state = 'waiting'");
        cancel_wait(&(Cancel)CANCEL_INIT, 100);
    }
    job_crew_stop(shop.crew, 60000);
    shop.crew = NULL;
    CHECK_INT(mailbox_count(mailbox), 1);
    CHECK_TEXT(mailbox_people(mailbox, 0), "studio@shop.example ayu@toko.example");
    CHECK(strstr(mailbox_letter(mailbox, 0), pack.id));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE queue = 'mail'"), 0);
    mail_close(shop.studio.mailer);
    shop_close(&shop);
}

static Err *tell_work(DbTx *tx, void *pack)
{
    return pack_tell(tx, pack);
}

TEST_DB(a_letter_that_died_is_written_when_it_is_begun_anew_unless_there_is_nothing_to_write_of)
{
    /* Nobody is written to at first: the letters die at once, until somebody has seen to it. */
    AUTO(mailbox_stop) Mailbox *mailbox =
        mailbox_start(&(MailboxSetup){.refuse = 2, .status = 550});
    PackWish wish = {.folders = PACK_FLAT, .mark = 1};
    Project project;
    List runs;
    Shop shop;
    Pack packs[2];

    studio_open(&shop, db, &project, &runs);
    CHECK_OK(mail_open(
        &(MailSetup){
            .net = shop.net,
            .smtp_url = arena_print(shop.mem, "smtp://127.0.0.1:%d", mailbox_port(mailbox)),
            .from = "studio@shop.example"},
        &shop.studio.mailer));
    wish.project_id = project.id;
    for (size_t i = 0; i < COUNT(packs); i++) {
        CHECK_OK(pack_begin(&shop, &wish, &packs[i]));
        pack_wait(&shop, &packs[i]);
        CHECK_INT(packs[i].state, PACK_COMPLETED);
        packs[i].email = "ayu@toko.example";
        CHECK_OK(db_write(db, tell_work, &packs[i]));
    }
    dead_wait(&shop, "mail", COUNT(packs));
    CHECK_INT(mailbox_count(mailbox), 0);
    test_db_run(
        db,
        (const char *const[]){arena_print(
            shop.mem, "UPDATE packs SET state = 'expired' WHERE id = '%s'", packs[1].id)},
        1);

    const QueueRetry sum = retry(&shop, "mail");
    CHECK_INT(sum.retried, 1);
    CHECK_INT(sum.forgotten, 1);
    CHECK_INT(sum.left, 0);
    crew_begin(&shop);
    for (int i = 0; i < TEST_PATIENCE_MS / 20 && !mailbox_count(mailbox); i++)
        cancel_wait(&(Cancel)CANCEL_INIT, 20);
    job_crew_stop(shop.crew, 60000);
    shop.crew = NULL;
    CHECK_INT(mailbox_count(mailbox), 1);
    CHECK(strstr(mailbox_letter(mailbox, 0), packs[0].id));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM jobs WHERE queue = 'mail'"), 0);
    mail_close(shop.studio.mailer);
    shop_audit(&shop);
    shop_close(&shop);
}

TEST_DB(one_picture_is_had_in_another_form_while_its_caller_waits)
{
    AUTO(buf_done) Buf bytes = BUF(ZIP_BYTES_MAX);
    const char *name, *type;
    ImageFacts facts;
    Project project;
    List runs;
    Shop shop;

    studio_open(&shop, db, &project, &runs);
    PackOne wish = {
        .tenant_id = shop.tenant.id, .run_id = ((const Run *)runs.items)->id, .mark = 1};
    CHECK_OK(pack_one(&shop.studio, &wish, NULL, shop.mem, &bytes, &name, &type));
    CHECK_TEXT(name, "Sepatu.png");
    CHECK_TEXT(type, "image/png");
    wish.platform = "tiktok_shop:9x16";
    bytes.size = 0;
    CHECK_OK(pack_one(&shop.studio, &wish, NULL, shop.mem, &bytes, &name, &type));
    CHECK_TEXT(name, "Sepatu-tiktok_shop_1080x1920.jpg");
    CHECK_OK(image_probe(bytes.bytes, bytes.size, &image_limits_default, &facts));
    CHECK_INT(facts.height_px, 1920);
    wish = (PackOne){
        .tenant_id = shop.tenant.id, .run_id = wish.run_id, .format = "jpg", .size = "300x200"};
    bytes.size = 0;
    CHECK_OK(pack_one(&shop.studio, &wish, NULL, shop.mem, &bytes, &name, &type));
    CHECK_TEXT(type, "image/jpeg");
    wish.tenant_id = "tenant_other";
    AUTO(err_free) Err *err = pack_one(&shop.studio, &wish, NULL, shop.mem, &bytes, &name, &type);
    CHECK(err && err_code(err) == ERR_NOT_FOUND);
    shop_close(&shop);
}
