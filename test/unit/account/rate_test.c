/* Promises of rates: in this process, and in Redis. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account/account_priv.h"
#include "base/clock.h"
#include "base/dice.h"
#include "harness/db.h"
#include "unit/account/studio.h"
#include "watch/watch.h"

/* ---- a bucket ---- */

static const RateLimit limit = {.a_minute = 60, .burst = 3};

TEST(a_bucket_lets_a_burst_through_and_then_as_many_as_flow_in)
{
    RateBucket bucket = {0};
    Rate rate;

    for (int i = 0; i < 3; i++) {
        CHECK(rate_bucket_take(&bucket, limit, 1000, &rate));
        CHECK_INT(rate.remaining, 2 - i);
        CHECK_INT(rate.retry_after_ms, 0);
    }
    CHECK(!rate_bucket_take(&bucket, limit, 1000, &rate));
    CHECK_INT(rate.limit, 3);
    CHECK_INT(rate.remaining, 0);
    CHECK_INT(rate.retry_after_ms, 1000);
    CHECK_INT(rate.reset_ms, 3000);
    CHECK(!rate_bucket_take(&bucket, limit, 1999, &rate));
    CHECK_INT(rate.retry_after_ms, 1);
    CHECK(rate_bucket_take(&bucket, limit, 2000, &rate));
    CHECK(!rate_bucket_take(&bucket, limit, 2000, &rate));
}

TEST(a_bucket_is_full_after_any_rest)
{
    RateBucket bucket = {0};
    Rate rate;

    CHECK(rate_bucket_take(&bucket, limit, 1, &rate));
    CHECK(rate_bucket_take(&bucket, limit, INT64_MAX / 2, &rate));
    CHECK_INT(rate.remaining, 2);
    CHECK(rate_bucket_take(&bucket, limit, 5, &rate)); /* a clock that goes back adds nothing */
    CHECK_INT(rate.remaining, 1);
}

TEST(no_bucket_lets_through_more_than_its_burst_and_what_has_flowed_in)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        Dice dice = dice_seeded(seed);
        const RateLimit any = {
            1 + (int64_t)(dice_bits(&dice) % 2000), 1 + (int64_t)(dice_bits(&dice) % 50)};
        RateBucket bucket = {0};
        int64_t now_ms = 1, taken = 0;

        for (int i = 0; i < 2000; i++) {
            Rate rate;

            now_ms += (int64_t)(dice_bits(&dice) % 40);
            bool is_taken = rate_bucket_take(&bucket, any, now_ms, &rate);
            taken += is_taken;
            CHECK(rate.remaining >= 0 && rate.remaining <= any.burst);
            if (!is_taken) { /* what it says is true to the millisecond */
                RateBucket copy = bucket;
                CHECK(rate.retry_after_ms > 0);
                CHECK(!rate_bucket_take(&copy, any, now_ms + rate.retry_after_ms - 1, &rate));
            }
        }
        CHECK(taken * RATE_UNIT <= any.burst * RATE_UNIT + (now_ms - 1) * any.a_minute);
    }
}

TEST_DB(a_tenants_callers_share_a_bucket_of_their_plan)
{
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    const Caller one = {.tenant_id = "tenant_a", .key_id = "key_1", .plan = PLAN_FREE};
    const Caller two = {.tenant_id = "tenant_a", .key_id = "key_2", .plan = PLAN_FREE};
    const Caller other = {.tenant_id = "tenant_b", .plan = PLAN_FREE};
    Rate rate;

    CHECK_OK(rate_take(accounts, &one, &rate));
    CHECK_INT(rate.limit, plan_rows[PLAN_FREE].burst);
    int64_t remaining = rate.remaining;
    CHECK_OK(rate_take(accounts, &two, &rate));
    CHECK(rate.remaining <= remaining);
    int taken = 0;
    Err *err = NULL;
    while (!err && taken++ < 1000)
        err = rate_take(accounts, &two, &rate);
    CHECK_CODE(err, ERR_RATE_LIMITED);
    CHECK(rate.retry_after_ms > 0);
    CHECK_OK(rate_take(accounts, &other, &rate));
}

TEST_DB(who_looks_at_pages_may_load_a_gallery_on_any_plan)
{
    AUTO(accounts_close) Accounts *accounts = studio_open(db);
    Caller page = {
        .tenant_id = "tenant_a", .user_id = "user_1", .session_id = "session_1", .plan = PLAN_FREE};
    const Caller program = {.tenant_id = "tenant_a", .key_id = "key_1", .plan = PLAN_FREE};
    Rate rate;

    for (int i = 0; i < PAGES_BURST; i++)
        CHECK_OK(rate_take(accounts, &page, &rate));
    CHECK_OK(rate_take(accounts, &program, &rate)); /* and leaves programs theirs */
    page.requests_a_minute = 60;                    /* said by an administrator */
    CHECK_OK(rate_take(accounts, &page, &rate));
    CHECK_INT(rate.limit, 30);
}

/* ---- Redis ---- */

typedef struct RedisServer {
    const char *folder;
    int port;
    pid_t pid;
} RedisServer;

static int port_free(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(bind(fd, (struct sockaddr *)&address, size) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

static bool redis_answers(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool is_there = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

    close(fd);
    return is_there;
}

static void redis_start(RedisServer *server)
{
    char port[16];
    pid_t parent = getpid();

    snprintf(port, sizeof(port), "%d", server->port);
    server->pid = fork();
    if (server->pid == 0) {
        int quiet = open("/dev/null", O_RDWR);

        dup2(quiet, 1);
        dup2(quiet, 2);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent)
            execlp(
                "redis-server", "redis-server", "--port", port, "--bind", "127.0.0.1", "--dir",
                server->folder, "--save", "", "--requirepass", "se:cret", NULL);
        _exit(127);
    }
    for (int i = 0; i < 1000 && !redis_answers(server->port); i++)
        usleep(10000);
}

static void redis_stop(RedisServer *server)
{
    if (server->pid)
        kill(server->pid, SIGKILL);
    if (server->pid)
        waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

static bool redis_is_installed(void)
{
    return system("command -v redis-server > /dev/null 2>&1") == 0;
}

/* What the log says of Redis. */
typedef struct Said {
    int away, back;
} Said;

static void said_count(void *said_any, const char *line, size_t size)
{
    Said *said = said_any;

    (void)size;
    said->away += strstr(line, "redis.away") != NULL;
    said->back += strstr(line, "redis.back") != NULL;
}

static void redis_check(RedisServer *server, Arena *mem, Said *said)
{
    const char *url = arena_print(mem, "redis://:se%%3Acret@127.0.0.1:%d/1", server->port);
    const RateLimit slow = {.a_minute = 1, .burst = 3};
    Rates *one = NULL, *two = NULL;
    Rate rate;

    CHECK_OK(rates_new(url, &one));
    CHECK_OK(rates_new(url, &two));
    for (int i = 0; i < 3; i++)
        CHECK_OK(rates_take(i % 2 ? one : two, "tenant_a", slow, &rate)); /* they share it */
    CHECK_INT(rate.remaining, 0);
    CHECK_CODE(rates_take(one, "tenant_a", slow, &rate), ERR_RATE_LIMITED);
    CHECK(rate.retry_after_ms > 50000 && rate.retry_after_ms <= 60000);
    CHECK_CODE(rates_take(two, "tenant_a", slow, &rate), ERR_RATE_LIMITED);
    CHECK_OK(rates_take(one, "tenant_b", slow, &rate));
    CHECK_INT(said->away, 0);

    redis_stop(server);
    for (int i = 0; i < 3; i++)
        CHECK_OK(rates_take(one, "tenant_a", slow, &rate)); /* counted here */
    CHECK_CODE(rates_take(one, "tenant_a", slow, &rate), ERR_RATE_LIMITED);
    CHECK_INT(said->away, 1);
    rates_free(two);

    redis_start(server);
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;
    while (!said->back && clock_ticks_ms() < until_ms) {
        MAYBE_UNUSED AUTO(err_free) Err *err =
            rates_take(one, "tenant_c", (RateLimit){6000, 1000}, &rate);
        usleep(50000);
    }
    CHECK_INT(said->back, 1);
    rates_free(one);
}

TEST(processes_count_together_in_redis_and_alone_when_it_is_away)
{
    static RedisServer server;
    static Said said;
    AUTO(arena_free) Arena *mem = arena_new();

    if (!redis_is_installed())
        test_skip("no redis-server");
    redis_stop(&server); /* what a run that failed has left */
    said = (Said){0};
    server = (RedisServer){.folder = test_folder(), .port = port_free()};
    redis_start(&server);
    watch_start((WatchSetup){.level = WATCH_WARN, .format = WATCH_FORMAT_JSON, .fd = 2});
    watch_divert(said_count, &said);
    redis_check(&server, mem, &said);
    watch_divert(NULL, NULL);
    watch_start((WatchSetup){.level = WATCH_ERROR, .fd = 2});
    redis_stop(&server);
    test_folder_remove(server.folder);
}

TEST(an_address_that_is_none_of_redis_is_refused)
{
    static const char *const urls[] = {
        "rediss://host", "http://host", "redis://host:port", "redis://host:6379/x", "host:6379"};

    for (size_t i = 0; i < COUNT(urls); i++) {
        RateRedis *redis = NULL;
        CHECK_CODE(rate_redis_new(urls[i], &redis), ERR_INPUT_INVALID);
    }
}
