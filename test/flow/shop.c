/* Shops at a real server. */
#include "shop.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "contract/contract.h"
#include "door/artgen/artgen.h"
#include "door/hook/hook.h"
#include "door/house/house.h"
#include "door/lumiku/lumiku.h"
#include "door/opal/opal.h"
#include "door/openai/openai.h"
#include "door/store/store.h"
#include "door/studio/studio.h"
#include "harness/postgres.h"
#include "harness/stand_in.h"

enum {
    LOOK_MS = 150, /* a shop may ask ten times a second */
    PHOTO_BYTES_MAX = 1 << 24
};

const char place_admin_key[] = "flow-administrator-0123456789";
const char place_metrics_key[] = "flow-metrics-0123456789";

static Place places[2]; /* those that all tests share */
static Contract *contract;
static StandIn *vendors; /* of all places */
static size_t breaches_told;
static atomic_size_t *tests_run; /* of all processes that share the tests */

/* Before processes part, so that the last of them knows what all have seen. */
__attribute__((constructor)) static void witness_make(void)
{
    static const FrontDoor *const doors[] = {&opal_door,   &lumiku_door, &artgen_door,
                                             &openai_door, &store_door,  &house_door,
                                             &studio_door, &hook_door,   NULL};

    contract = contract_new(doors);
    tests_run =
        mmap(NULL, sizeof(*tests_run), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (tests_run == MAP_FAILED)
        abort();
}

PRINTF(2, 0) static const char *print(Arena *mem, const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = ARENA_ARRAY(mem, char, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, args);
    return text;
}

/* ---- the process ---- */

static void pause_ms(int ms)
{
    const struct timespec pause = {ms / 1000, (long)(ms % 1000) * 1000000};

    nanosleep(&pause, NULL);
}

void flow_pause(void)
{
    pause_ms(LOOK_MS);
}

static bool place_sets(const Place *place, const char *beginning)
{
    for (size_t i = 0; i < PLACE_ROWS_MOST && place->rows[i]; i++)
        if (strncmp(place->rows[i], beginning, strlen(beginning)) == 0)
            return true;
    return false;
}

static const char *const *rows_of(const Place *place)
{
    Arena *mem = place->desk.mem;
    const char **rows = ARENA_ARRAY(mem, const char *, 10 + PLACE_ROWS_MOST);
    size_t count = 0;

    rows[count++] = arena_print(mem, "DATABASE_URL=%s", place->database_url);
    rows[count++] = arena_print(mem, "CYCLORAMA_ADMIN_KEY=%s", place_admin_key);
    rows[count++] = arena_print(mem, "CYCLORAMA_METRICS_KEY=%s", place_metrics_key);
    rows[count++] = arena_print(mem, "CYCLORAMA_ALLOWED_HOSTS=%s", place->hosts);
    if (!place_sets(place, "OPENAI_API_KEY="))
        rows[count++] = "OPENAI_API_KEY=a-key";
    rows[count++] =
        arena_print(mem, "OPENAI_BASE_URL=http://127.0.0.1:%d/openai/v1", stand_in_port(vendors));
    rows[count++] = "CYCLORAMA_LISTEN=127.0.0.1:0";
    rows[count++] = "UPSCALE_ENABLED=false";
    for (size_t i = 0; i < PLACE_ROWS_MOST && place->rows[i]; i++)
        rows[count++] = place->rows[i];
    rows[count] = NULL;
    return rows;
}

/* Not posix_spawn: the server must not outlive the tests, however those end. */
static int process_start(const Place *place)
{
    char *const *rows = desk_rows(&place->desk, rows_of(place));
    const char *out = desk_path(&place->desk, "stdout.txt");
    const char *err = desk_path(&place->desk, "stderr.txt");
    char *const words[] = {(char *)(uintptr_t)CYCLORAMA_BINARY, (char *)(uintptr_t) "serve", NULL};
    pid_t parent = getpid(), pid = fork();

    CHECK(pid >= 0);
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || dup2(open("/dev/null", O_RDONLY), 0) < 0 ||
        dup2(open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644), 1) < 0 ||
        dup2(open(err, O_WRONLY | O_CREAT | O_APPEND, 0644), 2) < 0 ||
        chdir(place->desk.folder) != 0)
        _exit(127);
    execve(CYCLORAMA_BINARY, words, rows);
    _exit(127);
}

void place_start(Place *place)
{
    static const char said[] = "listens on http://127.0.0.1:";
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;

    unlink(desk_path(&place->desk, "stdout.txt"));
    place->pid = process_start(place);
    while (clock_ticks_ms() < until_ms) {
        const char *text = desk_text(&place->desk, "stdout.txt");
        const char *at = text ? strstr(text, said) : NULL;

        if (at && strchr(at, '(')) {
            place->port = (int)strtol(at + strlen(said), NULL, 10);
            return;
        }
        if (waitpid(place->pid, NULL, WNOHANG) != 0) {
            place->pid = 0;
            break;
        }
        pause_ms(10);
    }
    test_fail(
        __FILE__, __LINE__, "the server did not start: %s", desk_text(&place->desk, "stderr.txt"));
}

static void process_end(Place *place, int signal)
{
    if (place->pid > 0) {
        kill(place->pid, signal);
        waitpid(place->pid, NULL, 0);
    }
    place->pid = 0;
}

void place_kill(Place *place)
{
    process_end(place, SIGKILL);
}

static Err *leases_end(DbTx *tx, void *unused)
{
    (void)unused;
    return db_run(tx, "UPDATE jobs SET lease_ms = 1 WHERE state = 'running'", DB_NO_ARGS, NULL);
}

void place_minute_pass(const Place *place)
{
    Db *db;

    CHECK_OK(db_open(&(DbSetup){.url = place->database_url}, &db));
    CHECK_OK(db_write(db, leases_end, NULL));
    db_close(db);
}

static void place_make(Place *place)
{
    if (!vendors)
        vendors = stand_in_start(0, 0);
    if (place->kind == DB_SQLITE)
        snprintf(
            place->database_url, sizeof(place->database_url), "sqlite://%s/flow.db",
            place->desk.folder);
    else
        postgres_database_make(place->database_url, sizeof(place->database_url));
    place_start(place);
}

void place_open(DbKind kind, Arena *mem, const char *hosts, Place *ret)
{
    *ret = (Place){.kind = kind, .mem = mem, .desk = desk_new()};
    snprintf(ret->hosts, sizeof(ret->hosts), "%s", hosts);
    place_make(ret);
}

void place_open_set(DbKind kind, Arena *mem, const char *const *rows, Place *ret)
{
    *ret = (Place){.kind = kind, .mem = mem, .desk = desk_new(), .hosts = "127.0.0.1"};
    for (size_t i = 0; i < PLACE_ROWS_MOST && rows[i]; i++)
        ret->rows[i] = rows[i];
    place_make(ret);
}

void place_close(Place *place)
{
    if (!place->desk.folder)
        return;
    process_end(place, SIGTERM);
    if (place->kind == DB_POSTGRES)
        postgres_database_drop(place->database_url);
    desk_clear(&place->desk);
    *place = (Place){0};
}

static void places_end(void)
{
    stand_in_stop(vendors);
    for (size_t i = 0; i < COUNT(places); i++)
        if (places[i].desk.folder) {
            process_end(&places[i], SIGKILL);
            test_folder_remove(places[i].desk.folder);
        }
}

Ran place_run(const Place *place, const char *words)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *rows[] = {arena_print(place->mem, "DATABASE_URL=%s", place->database_url), NULL};
    Ran ran = desk_run_with(&desk, words, rows);

    ran.out = arena_text(place->mem, ran.out);
    ran.err = arena_text(place->mem, ran.err);
    return ran;
}

void test_on_place(DbKind kind, FlowTest *test)
{
    static Arena *mem; /* of the running test; of one that failed until the next */
    Place *place = &places[kind == DB_POSTGRES];

    arena_free(mem);
    mem = arena_new();
    atomic_fetch_add(tests_run, 1);
    if (!place->pid) {
        static bool is_asked;

        if (!is_asked)
            atexit(places_end);
        is_asked = true;
        place_open(kind, mem, "127.0.0.1", place);
    }
    place->mem = mem;
    test(place);
}

/* ---- asking ---- */

static void json_end(void *json)
{
    value_free(json);
}

static void hold(const Place *place, const Request *request, const Reply *reply)
{
    contract_see_line(
        contract, request->method, request->path, reply->status, reply->json ? reply->body : NULL);

    const char *breaches = contract_breaches(contract, place->mem);
    size_t before = breaches_told;
    breaches_told = strlen(breaches);
    if (breaches_told > before)
        test_fail(
            __FILE__, __LINE__, "not as the document says: %s: %s", breaches + before, reply->body);
}

static void request_send(const Place *place, Wire *wire, const Request *request)
{
    Arena *mem = place->mem;
    size_t size = request->body && !request->size ? strlen(request->body) : request->size;
    const char *type = request->type ? request->type : "application/json";

    wire_send(
        wire,
        arena_print(
            mem, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s%s%s%s", request->method, request->path,
            place->port, request->key ? "X-API-Key: " : "", request->key ? request->key : "",
            request->key ? "\r\n" : "", request->headers ? request->headers : ""));
    if (request->body)
        wire_send(
            wire, arena_print(mem, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, size));
    wire_send(wire, "\r\n");
    if (request->body)
        wire_send_bytes(wire, request->body, size);
}

/* The path of an address at this server; others are taken as they are. */
static const char *path_of(const char *address)
{
    const char *host = strstr(address, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;

    return path ? path : address;
}

Reply place_ask(const Place *place, const Request *asked)
{
    AUTO(wire_close) Wire wire = wire_open_port(place->port);
    Request request = *asked;

    request.path = path_of(asked->path);
    request_send(place, &wire, &request);
    Answer answer = wire_answer(&wire, strcmp(request.method, "HEAD") == 0);
    if (!answer.status || answer.is_cut)
        test_fail(__FILE__, __LINE__, "%s %s: no whole reply", request.method, request.path);

    Reply reply = {
        .status = answer.status,
        .head = arena_text(place->mem, answer.head),
        .body = arena_text_n(place->mem, answer.body, answer.size),
        .size = answer.size,
    };
    const char *type = reply_header(place, &reply, "Content-Type");
    if (type && strstr(type, "json")) {
        Value *json = NULL;

        CHECK_OK(value_parse(reply.body, reply.size, &json));
        arena_keep(place->mem, json_end, json);
        reply.json = json;
    }
    hold(place, &request, &reply);
    return reply;
}

const char *reply_header(const Place *place, const Reply *reply, const char *name)
{
    return answer_header(&(Answer){.head = reply->head}, name, place->mem);
}

const Value *reply_at(const Reply *reply, const char *path)
{
    const Value *value = reply->json;
    char name[64];

    for (const char *part = path; value && *part; part += strspn(part, ">")) {
        size_t length = strcspn(part, ">");

        snprintf(name, sizeof(name), "%.*s", (int)length, part);
        value = value_kind(value) == VALUE_LIST ? value_at(value, (size_t)strtol(name, NULL, 10))
                                                : value_get(value, name);
        part += length;
    }
    return value;
}

const char *reply_text(const Reply *reply, const char *path)
{
    const char *text = value_text(reply_at(reply, path));

    if (!text)
        test_fail(__FILE__, __LINE__, "there is no text at %s: %s", path, reply->body);
    return text;
}

int64_t reply_int(const Reply *reply, const char *path)
{
    const Value *value = reply_at(reply, path);

    if (!value || value_kind(value) != VALUE_INT)
        test_fail(__FILE__, __LINE__, "there is no number at %s: %s", path, reply->body);
    return value_int(value);
}

/* ---- shops ---- */

Shop shop_admin(const Place *place)
{
    return (Shop){.place = place, .key = place_admin_key};
}

Shop shop_open(const Place *place, const char *wish)
{
    const Shop admin = shop_admin(place);
    const Reply tenant = shop_send(&admin, 201, "POST", wish, "/v1/tenants");

    return (Shop){place, reply_text(&tenant, "tenant_id"), reply_text(&tenant, "api_key")};
}

static Reply shop_ask(const Shop *shop, int status, const Request *request)
{
    Reply reply = place_ask(shop->place, request);

    if (reply.status != status)
        test_fail(
            __FILE__, __LINE__, "%s %s gave %d, expected %d: %s", request->method, request->path,
            reply.status, status, reply.body);
    return reply;
}

Reply shop_get(const Shop *shop, int status, const char *path, ...)
{
    va_list args;

    va_start(args, path);
    const char *whole = print(shop->place->mem, path, args);
    va_end(args);
    return shop_ask(shop, status, &(Request){.method = "GET", .path = whole, .key = shop->key});
}

Reply shop_send(
    const Shop *shop, int status, const char *method, const char *json, const char *path, ...)
{
    va_list args;

    va_start(args, path);
    const char *whole = print(shop->place->mem, path, args);
    va_end(args);
    return shop_ask(
        shop, status, &(Request){.method = method, .path = whole, .key = shop->key, .body = json});
}

Reply shop_refused(const Shop *shop, const char *code, const Request *request)
{
    Request asked = *request;

    if (!asked.key)
        asked.key = shop->key;
    Reply reply = place_ask(shop->place, &asked);
    if (reply.status < 400 || strcmp(reply_text(&reply, "code"), code) != 0)
        test_fail(
            __FILE__, __LINE__, "%s %s gave %d, expected %s: %s", request->method, request->path,
            reply.status, code, reply.body);
    return reply;
}

Buf photo_draw(const Place *place, int number)
{
    Buf photo = BUF(PHOTO_BYTES_MAX);

    desk_draw(&place->desk, "photo.png", number);
    CHECK_OK(file_read(desk_path(&place->desk, "photo.png"), &photo));
    return photo;
}

Reply place_put(const Place *place, const char *url, const void *bytes, size_t size)
{
    return place_ask(
        place, &(Request){
                   .method = "PUT",
                   .path = url,
                   .headers = "x-ms-blob-type: BlockBlob\r\n",
                   .type = "image/png",
                   .body = bytes,
                   .size = size,
               });
}

void shop_upload(const Shop *shop, const Reply *job, const Buf *photo)
{
    const char *names = json_print(
        shop->place, "{\"job_id\":\"%s\",\"item_id\":\"%s\"}", reply_text(job, "job_id"),
        reply_text(job, "items>0>item_id"));
    const Reply link = shop_send(shop, 200, "POST", names, "/v1/uploads/sas");

    CHECK_INT(
        place_put(shop->place, reply_text(&link, "upload_url"), photo->bytes, photo->size).status,
        201);
    shop_send(shop, 200, "POST", names, "/v1/uploads/complete");
}

Reply shop_wait(const Shop *shop, const char *path)
{
    static const char *const underway[] = {
        "created", "uploading", "pending", "processing", "queued"};
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;

    for (;;) {
        Reply reply = shop_get(shop, 200, "%s", path);
        const char *status = reply_text(&reply, "status");
        bool is_underway = false;

        for (size_t i = 0; i < COUNT(underway); i++)
            is_underway |= strcmp(status, underway[i]) == 0;
        if (!is_underway)
            return reply;
        if (clock_ticks_ms() > until_ms)
            test_fail(__FILE__, __LINE__, "%s takes too long: %s", path, reply.body);
        flow_pause();
    }
}

const char *shop_events(const Shop *shop, const char *path, const char *last)
{
    const Place *place = shop->place;
    const char *line = last ? arena_print(place->mem, "Last-Event-ID: %s\r\n", last) : NULL;
    Reply reply = shop_ask(
        shop, 200, &(Request){.method = "GET", .path = path, .key = shop->key, .headers = line});

    return reply.body;
}

const char *json_print(const Place *place, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *text = print(place->mem, format, args);
    va_end(args);
    return text;
}

const char *flow_unseen(Arena *mem)
{
    extern const Test __start_tests[], __stop_tests[];
    size_t count = 0;

    for (const Test *test = __start_tests; test < __stop_tests; test++)
        count += strstr(test->name, "/sqlite") || strstr(test->name, "/postgres");
    return atomic_load(tests_run) >= count ? contract_unseen(contract, mem) : NULL;
}
