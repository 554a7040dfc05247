/* Promises of a server that dies after the work was accepted and before its answer was kept: whoever asks again is answered the same, and
 * nothing is made or paid for twice. */
#include "seller.h"

enum {
    FORM_BYTES_MAX = 4 << 20
};

static const char boundary[] = "a-line-between-parts";

/* The moment between the commit of the work and the answer that is kept, held still: no answer is kept. */
static const char *const dying[][3] = {
    [DB_SQLITE] =
        {
            "CREATE TRIGGER answers_are_lost BEFORE UPDATE OF status ON replays WHEN NEW.status <> "
            "0 BEGIN SELECT RAISE(ABORT, 'the server has died'); END",
            NULL,
        },
    [DB_POSTGRES] =
        {
            "CREATE FUNCTION answer_lost() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RAISE EXCEPTION ''the server has died''; END'",
            "CREATE TRIGGER answers_are_lost BEFORE UPDATE OF status ON replays FOR EACH ROW WHEN "
            "(NEW.status <> 0) EXECUTE FUNCTION answer_lost()",
            NULL,
        },
};
static const char *const alive[][2] = {
    [DB_SQLITE] = {"DROP TRIGGER answers_are_lost", NULL},
    [DB_POSTGRES] = {"DROP TRIGGER answers_are_lost ON replays", NULL},
};

static Err *statements_work(DbTx *tx, void *statements_any)
{
    const char *const *statement = statements_any;

    for (; *statement; statement++)
        TRY(db_run(tx, *statement, DB_NO_ARGS, NULL));
    return NULL;
}

static void statements_run(const Place *place, const char *const *statements)
{
    AUTO(db_close) Db *db = NULL;

    CHECK_OK(db_open(&(DbSetup){.url = place->database_url}, &db));
    CHECK_OK(db_write(db, statements_work, (void *)(uintptr_t)statements));
}

/* ---- what there is ---- */

static const char *const counts[] = {
    "SELECT COUNT(*) FROM ledger_holds",
    "SELECT COUNT(*) FROM ledger_entries WHERE kind IN ('grant', 'hold')",
    "SELECT COUNT(*) FROM projects",
    "SELECT COUNT(*) FROM photos",
    "SELECT COUNT(*) FROM runs",
    "SELECT COUNT(*) FROM batches",
    "SELECT COUNT(*) FROM deeds",
    "SELECT COUNT(*) FROM brands",
    "SELECT COUNT(*) FROM templates",
    "SELECT COUNT(*) FROM arts",
    "SELECT COUNT(*) FROM audit WHERE action = 'credits.grant'",
};

typedef struct Stock {
    int64_t counts[COUNT(counts)];
} Stock;

static Err *stock_work(DbTx *tx, void *stock_any)
{
    Stock *stock = stock_any;

    for (size_t i = 0; i < COUNT(counts); i++)
        TRY(db_number(tx, counts[i], DB_NO_ARGS, &stock->counts[i]));
    return NULL;
}

static Stock stock_take(const Place *place)
{
    AUTO(db_close) Db *db = NULL;
    Stock stock;

    CHECK_OK(db_open(&(DbSetup){.url = place->database_url}, &db));
    CHECK_OK(db_read(db, stock_work, &stock));
    return stock;
}

/* ---- what is asked ---- */

typedef struct Wish {
    const Shop *shop;
    const char *path, *json; /* json NULL: BODY, of TYPE */
    const char *type;
    const Buf *body;
    const char *made; /* where the answer names what was made */
    int status;
    const char *other; /* body of another wish by the same key; NULL: none is asked */
} Wish;

static Reply wish_ask(const Wish *wish, size_t number)
{
    const Place *place = wish->shop->place;
    const Reply reply = place_ask(
        place, &(Request){
                   .method = "POST",
                   .path = wish->path,
                   .key = wish->shop->key,
                   .headers = json_print(place, "Idempotency-Key: wish-%zu\r\n", number),
                   .type = wish->type,
                   .body = wish->json ? (const void *)wish->json : wish->body->bytes,
                   .size = wish->json ? strlen(wish->json) : wish->body->size,
               });

    if (reply.status != wish->status)
        test_fail(
            __FILE__, __LINE__, "%s gave %d, expected %d: %s", wish->path, reply.status,
            wish->status, reply.body);
    return reply;
}

static void form_part(Buf *form, const char *head, const void *bytes, size_t size)
{
    CHECK_OK(buf_print(form, "--%s\r\nContent-Disposition: form-data; %s\r\n\r\n", boundary, head));
    CHECK_OK(buf_add(form, bytes, size));
    CHECK_OK(buf_print(form, "\r\n"));
}

static void form_end(Buf *form)
{
    CHECK_OK(buf_print(form, "--%s--\r\n", boundary));
}

/* Every kind of request that may come twice, once; then the server dies with all their answers. */
static void wishes_ask_around_a_death(Place *place, const Wish *wishes, size_t count)
{
    const char **made = ARENA_ARRAY(place->mem, const char *, count);

    statements_run(place, dying[place->kind]);
    for (size_t i = 0; i < count; i++) {
        const Reply reply = wish_ask(&wishes[i], i);

        made[i] = arena_text(place->mem, reply_text(&reply, wishes[i].made));
    }
    place_kill(place);
    statements_run(place, alive[place->kind]);
    place_start(place);

    const Stock before = stock_take(place);
    for (size_t i = 0; i < count; i++) {
        const Reply again = wish_ask(&wishes[i], i);

        CHECK_TEXT(reply_text(&again, wishes[i].made), made[i]);
        const Reply kept = wish_ask(&wishes[i], i);
        CHECK_TEXT(reply_text(&kept, wishes[i].made), made[i]);
        if (!wishes[i].other)
            continue;
        Wish other = wishes[i];
        other.json = wishes[i].other;
        other.status = 409;
        wish_ask(&other, i);
    }
    const Stock after = stock_take(place);
    for (size_t i = 0; i < COUNT(counts); i++)
        if (after.counts[i] != before.counts[i])
            test_fail(
                __FILE__, __LINE__, "%s: %jd, and %jd after the repeats", counts[i],
                (intmax_t)before.counts[i], (intmax_t)after.counts[i]);
}

TEST_FLOW(what_was_accepted_by_a_server_that_died_before_it_answered_is_not_done_again)
{
    static const char template[] =
        "{\"name\":\"Mine\",\"category\":\"studio\",\"templateConfig\":{\"background\":{\"action\":"
        "\"solid\",\"color\":\"#F5F0E8\"}}}";
    static const char csv[] = "source_url\nhttps://photos.example/b.png\n";
    AUTO(place_close) Place other = {0};
    place_open(place->kind, place->mem, "", &other);

    /* Each has just as much as its work takes, so that a repeat that were asked for more would be refused. */
    const Shop seller = seller_open(&other, "premium", 0);
    const Shop sender =
        shop_open(&other, "{\"name\":\"Toko\",\"tier\":\"standard\",\"credits\":2}");
    const Shop catalogue =
        shop_open(&other, "{\"name\":\"A\",\"plan\":\"pro\",\"monthly_quota\":2}");
    const Shop artist = shop_open(&other, "{\"name\":\"B\",\"plan\":\"pro\",\"credits\":500}");
    const Shop admin = shop_admin(&other);
    const char *project = seller_project(&seller, "Shoes");
    const Reply photos = seller_upload(&seller, project, 2);
    const char *item = reply_text(&photos, "items>0>id");
    const char *form_type = json_print(place, "multipart/form-data; boundary=%s", boundary);
    AUTO(buf_done) Buf photo = seller_draw(SELLER_SIDE_PX, SELLER_SIDE_PX, 7);
    AUTO(buf_done) Buf upload = BUF(FORM_BYTES_MAX);
    AUTO(buf_done) Buf edit = BUF(FORM_BYTES_MAX);
    AUTO(buf_done) Buf table = BUF(FORM_BYTES_MAX);

    form_part(&upload, "name=\"files\"; filename=\"p.png\"", photo.bytes, photo.size);
    form_end(&upload);
    form_part(&edit, "name=\"prompt\"", "a castle", 8);
    form_part(&edit, "name=\"image\"; filename=\"p.png\"", photo.bytes, photo.size);
    form_end(&edit);
    CHECK_OK(buf_print(&table, "%s", csv));

    const Wish wishes[] = {
        {&seller, STUDIO "/projects", "{\"name\":\"Hats\"}", .made = "id", .status = 201,
         .other = "{\"name\":\"Caps\"}"},
        {&seller, STUDIO "/templates", template, .made = "id", .status = 201},
        {&seller, json_print(place, STUDIO "/items/%s/process", item),
         "{\"workflow\":{\"background\":{\"action\":\"remove\"}}}", .made = "generationId",
         .status = 200},
        {&seller, json_print(place, STUDIO "/projects/%s/batch-process", project),
         "{\"workflow\":{\"background\":{\"action\":\"remove\"}}}", .made = "generationId",
         .status = 200},
        {&seller, json_print(place, STUDIO "/items/%s/use-background-remover", item), "{}",
         .made = "jobId", .status = 200},
        {&sender,
         json_print(place, STUDIO "/projects/%s/items/upload", seller_project(&sender, "C")),
         .type = form_type, .body = &upload, .made = "items>0>id", .status = 200},
        {&catalogue, "/v1/brand-profiles", "{\"name\":\"Acme\"}", .made = "brand_profile_id",
         .status = 201, .other = "{\"name\":\"Other\"}"},
        {&catalogue, "/v1/jobs", "{\"items\":[{\"filename\":\"a.png\"}]}", .made = "job_id",
         .status = 201, .other = "{\"items\":[{\"filename\":\"b.png\"}]}"},
        {&catalogue, "/v1/batch-jobs",
         "{\"items\":[{\"source_url\":\"https://photos.example/a.png\"}]}", .made = "batch_job_id",
         .status = 202, .other = "{\"items\":[{\"source_url\":\"https://photos.example/c.png\"}]}"},
        {&catalogue, "/v1/batch-jobs/csv", .type = "text/csv", .body = &table,
         .made = "batch_job_id", .status = 202,
         .other = "source_url\nhttps://photos.example/d.png\n"},
        {&artist, "/generate", "{\"prompt\":\"a castle\"}", .made = "id", .status = 200},
        {&artist, "/edit", .type = form_type, .body = &edit, .made = "id", .status = 200},
        {&artist, "/v1/images/generations", "{\"prompt\":\"a cup\"}", .made = "data>0>b64_json",
         .status = 200},
        {&admin, json_print(place, "/v1/tenants/%s/credits", artist.tenant_id),
         "{\"credits\":50,\"reason\":\"Sorry\"}", .made = "entries>0>id", .status = 200,
         .other = "{\"credits\":60,\"reason\":\"Sorry\"}"},
    };
    wishes_ask_around_a_death(&other, wishes, COUNT(wishes));
    Wish rating = {
        &seller, STUDIO "/templates/studio-white/rate", "{\"rating\":5}", .made = "id",
        .status = 200};
    wish_ask(&rating, COUNT(wishes));
    rating.json = "{\"rating\":4}";
    rating.status = 409;
    wish_ask(&rating, COUNT(wishes));

    const Reply purse = shop_get(&sender, 200, "/api/credits");
    CHECK_INT(reply_int(&purse, "available"), 0);
    AUTO(value_free) Value *check = NULL;
    const Ran checked = place_run(&other, "admin ledger check --json");
    CHECK_OK(value_parse(checked.out, strlen(checked.out), &check));
    CHECK(value_bool(value_get(check, "is_well")));
}
