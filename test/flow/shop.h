/* shop.h - shops at a real server: 'cyclorama serve' in a process of its own, on each database, talked to over HTTP.
 *
 *     TEST_FLOW(a_brand_is_changed_in_part)
 *     {
 *         const Shop shop = shop_open(place, "{\"name\":\"Mugs\",\"plan\":\"pro\"}");
 *         const Reply brand = shop_send(&shop, 201, "POST", "/v1/brand-profiles", "{...}");
 *         CHECK_TEXT(reply_text(&brand, "name"), "Acme");
 *     }
 *
 * runs as a_brand_is_changed_in_part/sqlite and .../postgres. One server a database serves all tests that ask for it, each with tenants of its
 * own; it ends with the program, however that ends. OpenAI is a stand-in (harness/stand_in.h). Every reply is held to the OpenAPI document.
 */
#pragma once

#include "base/arena.h"
#include "base/value.h"
#include "db/db.h"
#include "harness/wire.h"
#include "program.h"
#include "test.h"

/* The administrator's key, and the one for /metrics. */
extern const char place_admin_key[], place_metrics_key[];

enum {
    PLACE_ROWS_MOST = 12
};

/* Where a server runs. */
typedef struct Place {
    DbKind kind;
    Arena *mem; /* of the running test */
    Desk desk;  /* its data folder; what it says lies there too */
    char database_url[512];
    char hosts[64]; /* hosts that sources may lie on although they are of this machine */
    const char *rows[PLACE_ROWS_MOST]; /* of its environment, besides; NULL-ended unless full */
    int pid, port;                     /* pid 0: it does not run */
} Place;

typedef void FlowTest(Place *place);
void test_on_place(DbKind kind, FlowTest *test);

/* Another server, of this test alone: its own data and database. HOSTS is its CYCLORAMA_ALLOWED_HOSTS. Close it by place_close. */
void place_open(DbKind kind, Arena *mem, const char *hosts, Place *ret);
/* The same with more ROWS "NAME=value" of the environment, NULL-ended; HOSTS is this machine. */
void place_open_set(DbKind kind, Arena *mem, const char *const *rows, Place *ret);
void place_close(Place *place);
DEFINE_AUTO_DONE(Place, place_close);

/* kill -9, and again on the same data. */
void place_kill(Place *place);
void place_start(Place *place);

/* As if the minute had passed after which a worker that says nothing is taken for dead. */
void place_minute_pass(const Place *place);

/* 'cyclorama WORDS' for this server's database, beside it. */
Ran place_run(const Place *place, const char *words);

typedef struct Reply {
    int status;
    const char *head, *body;
    size_t size;
    const Value *json; /* NULL when the body is none */
} Reply;

typedef struct Request {
    const char *method, *path; /* or a whole address at this server */
    const char *key;           /* NULL for none */
    const char *headers;       /* more lines, each ending in \r\n; NULL for none */
    const char *type;          /* of the body; NULL for JSON */
    const void *body;
    size_t size;
} Request;

/* Ask, and hold the reply to the document. */
Reply place_ask(const Place *place, const Request *request);

/* The value at "items>0>item_id" of a reply; the test fails when there is none of that kind. */
const char *reply_text(const Reply *reply, const char *path);
int64_t reply_int(const Reply *reply, const char *path);
const Value *reply_at(const Reply *reply, const char *path); /* NULL when there is none */
const char *reply_header(const Place *place, const Reply *reply, const char *name);

/* A tenant and its key. */
typedef struct Shop {
    const Place *place;
    const char *tenant_id, *key;
} Shop;

/* WISH is the body of POST /v1/tenants. */
Shop shop_open(const Place *place, const char *wish);

/* The administrator as a shop: no tenant. */
Shop shop_admin(const Place *place);

/* Ask with the shop's key; fails the test unless STATUS comes. PATH is printed with ..., JSON (NULL for no body) is sent as it is. */
Reply shop_get(const Shop *shop, int status, const char *path, ...) PRINTF(3, 4);
Reply shop_send(
    const Shop *shop, int status, const char *method, const char *json, const char *path, ...)
    PRINTF(5, 6);

/* The same with an error: that its code is CODE. */
Reply shop_refused(const Shop *shop, const char *code, const Request *request);

/* A photo that is cut out already, another for each NUMBER. */
Buf photo_draw(const Place *place, int number);

/* Send PHOTO for the first item of JOB (a reply of POST /v1/jobs), and say so. */
void shop_upload(const Shop *shop, const Reply *job, const Buf *photo);

/* PUT BYTES to a signed address, as Azure's clients do. */
Reply place_put(const Place *place, const char *url, const void *bytes, size_t size);

/* Ask PATH until its status is none of those of something underway; two minutes at most. */
Reply shop_wait(const Shop *shop, const char *path);

/* Between two looks at the same, so that no rate is spent. */
void flow_pause(void);

/* All events of PATH until the stream ends, after LAST (NULL from the beginning). */
const char *shop_events(const Shop *shop, const char *path, const char *last);

/* JSON of a format; in the test's memory. */
const char *json_print(const Place *place, const char *format, ...) PRINTF(2, 3);

/* What no test of the flow met; "" when all was. In MEM. Only when every one of them ran: NULL otherwise. */
const char *flow_unseen(Arena *mem);

#define TEST_FLOW_ENTRY_(name_, ending_, kind_) \
    static void test_##name_##_##ending_(void) \
    { \
        test_on_place(kind_, test_##name_); \
    } \
    __attribute__(( \
        section("tests"), used, aligned(8))) static const Test entry_##name_##_##ending_ = { \
        #name_ "/" #ending_, __FILE__, test_##name_##_##ending_}

#define TEST_FLOW(name_) \
    static void test_##name_(Place *place); \
    TEST_FLOW_ENTRY_(name_, sqlite, DB_SQLITE); \
    TEST_FLOW_ENTRY_(name_, postgres, DB_POSTGRES); \
    static void test_##name_(Place *place)
