/* Buckets in Redis, so that all processes count together. */
#include <hiredis/hiredis.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "account/account_priv.h"
#include "base/clock.h"
#include "watch/watch.h"

enum {
    LINES = 4,
    PATIENCE_MS = 250,
    AWAY_MS = 2000, /* then it is tried again */
    PORT = 6379
};

/* As rate_bucket_take, by the server's clock. KEYS: the bucket. ARGV: how many a minute, burst, and the unit. */
static const char script[] =
    "local a_minute, full, unit = tonumber(ARGV[1]), ARGV[2] * ARGV[3], tonumber(ARGV[3])\n"
    "local time = redis.call('TIME')\n"
    "local now = time[1] * 1000 + math.floor(time[2] / 1000)\n"
    "local kept = redis.call('HMGET', KEYS[1], 'level', 'at')\n"
    "local level, at = full, now\n"
    "if kept[1] then\n"
    "  at = math.max(now, tonumber(kept[2]))\n"
    "  level = math.min(full, kept[1] + math.max(0, now - kept[2]) * a_minute)\n"
    "end\n"
    "local taken = 0\n"
    "if level >= unit then taken = 1; level = level - unit end\n"
    "redis.call('HSET', KEYS[1], 'level', string.format('%d', level), 'at', string.format('%d', "
    "at))\n"
    "redis.call('PEXPIRE', KEYS[1], math.ceil((full - level) / a_minute) + 1)\n"
    "return {taken, level}\n";

typedef struct Line {
    pthread_mutex_t mutex;
    redisContext *redis; /* NULL when not connected */
    char script[41];     /* what the server calls the script */
} Line;

struct RateRedis {
    Arena *mem;
    const char *host, *user, *password;
    int port, database;
    Line lines[LINES];
    atomic_uint turn;
    atomic_llong away_until_ms; /* of clock_ticks_ms; 0 when it was there last */
};

/* ---- redis://[[user]:password@]host[:port][/database] ---- */

static int hex_digit(char letter)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = letter ? strchr(digits, letter | 0x20) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* The LENGTH letters at TEXT with %41 as A; NULL for none. */
static const char *part_read(const char *text, size_t length, Arena *mem)
{
    char *part = arena_text_n(mem, text, length), *to = part;

    for (const char *from = part; *from; from++) {
        int high = *from == '%' ? hex_digit(from[1]) : -1;
        int low = high >= 0 ? hex_digit(from[2]) : -1;

        *to++ = low >= 0 ? (char)(high << 4 | low) : *from;
        from += low >= 0 ? 2 : 0;
    }
    *to = '\0';
    return *part ? part : NULL;
}

static MUST Err *number_read(const char *text, const char *end, long most, int *ret)
{
    char *stop;
    long number = strtol(text, &stop, 10);

    if (stop != end || number < 0 || number > most)
        return err_public(
            err_new(ERR_INPUT_INVALID, "a number in the address of Redis is wrong"),
            "The address of Redis must look like redis://:password@host:6379/0.");
    *ret = (int)number;
    return NULL;
}

static MUST Err *url_read(const char *url, RateRedis *redis)
{
    static const char scheme[] = "redis://";

    if (strncmp(url, scheme, strlen(scheme)) != 0)
        return err_public(
            err_new(ERR_INPUT_INVALID, "the address of Redis has no known scheme"),
            "The address of Redis must begin with redis://. Put a tunnel in front of one with "
            "TLS.");

    const char *rest = url + strlen(scheme), *end = rest + strcspn(rest, "/?");
    const char *at = memrchr(rest, '@', (size_t)(end - rest));
    if (at) {
        const char *colon = memchr(rest, ':', (size_t)(at - rest));

        redis->user = part_read(rest, (size_t)((colon ? colon : at) - rest), redis->mem);
        if (colon)
            redis->password = part_read(colon + 1, (size_t)(at - colon - 1), redis->mem);
        rest = at + 1;
    }
    const char *colon = memchr(rest, ':', (size_t)(end - rest));
    const char *host = part_read(rest, (size_t)((colon ? colon : end) - rest), redis->mem);
    redis->host = host ? host : "localhost";
    redis->port = PORT;
    if (colon)
        TRY(number_read(colon + 1, end, 65535, &redis->port));
    if (*end == '/' && end[1])
        TRY(number_read(end + 1, end + strlen(end), 1000000, &redis->database));
    return NULL;
}

Err *rate_redis_new(const char *url, RateRedis **ret)
{
    RateRedis *redis = calloc(1, sizeof(*redis));

    if (!redis)
        abort();
    redis->mem = arena_new();
    for (int i = 0; i < LINES; i++)
        pthread_mutex_init(&redis->lines[i].mutex, NULL);

    Err *err = url_read(url, redis);
    if (err) {
        rate_redis_free(redis);
        return err;
    }
    *ret = redis;
    return NULL;
}

void rate_redis_free(RateRedis *redis)
{
    if (!redis)
        return;
    for (int i = 0; i < LINES; i++) {
        if (redis->lines[i].redis)
            redisFree(redis->lines[i].redis);
        pthread_mutex_destroy(&redis->lines[i].mutex);
    }
    arena_free(redis->mem);
    free(redis);
}

/* ---- talking to it ---- */

static bool reply_is_well(const redisReply *reply)
{
    return reply && reply->type != REDIS_REPLY_ERROR;
}

static bool greet(const RateRedis *redis, redisContext *line)
{
    bool is_well = true;
    redisReply *reply;

    if (redis->password) {
        reply = redis->user ? redisCommand(line, "AUTH %s %s", redis->user, redis->password)
                            : redisCommand(line, "AUTH %s", redis->password);
        is_well = reply_is_well(reply);
        freeReplyObject(reply);
    }
    if (is_well && redis->database) {
        reply = redisCommand(line, "SELECT %d", redis->database);
        is_well = reply_is_well(reply);
        freeReplyObject(reply);
    }
    return is_well;
}

/* A server that has forgotten the script since answers with an error, and the next greeting brings it again. */
static bool script_load(redisContext *line, char ret[41])
{
    redisReply *reply = redisCommand(line, "SCRIPT LOAD %s", script);
    bool is_well = reply && reply->type == REDIS_REPLY_STRING && reply->len == 40;

    if (is_well)
        snprintf(ret, 41, "%s", reply->str);
    freeReplyObject(reply);
    return is_well;
}

static bool connect_line(const RateRedis *redis, Line *line)
{
    const struct timeval patience = {.tv_usec = PATIENCE_MS * 1000};

    if (line->redis)
        return true;
    redisContext *made = redisConnectWithTimeout(redis->host, redis->port, patience);
    if (made && !made->err && redisSetTimeout(made, patience) == REDIS_OK && greet(redis, made) &&
        script_load(made, line->script)) {
        line->redis = made;
        return true;
    }
    if (made)
        redisFree(made);
    return false;
}

static bool reply_read(const redisReply *reply, RateLimit limit, bool *ret_taken, Rate *ret)
{
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
        return false;
    *ret_taken = reply->element[0]->integer == 1;
    *ret = rate_of_level(reply->element[1]->integer, limit, *ret_taken);
    return true;
}

static redisReply *script_run(Line *line, const char *who, RateLimit limit)
{
    return redisCommand(
        line->redis, "EVALSHA %s 1 cyclorama:rate:%s %lld %lld %d", line->script, who,
        (long long)limit.a_minute, (long long)limit.burst, RATE_UNIT);
}

static bool ask_line(
    const RateRedis *redis, Line *line, const char *who, RateLimit limit, bool *ret_taken,
    Rate *ret)
{
    if (!connect_line(redis, line))
        return false;

    redisReply *reply = script_run(line, who, limit);
    bool is_well = reply_read(reply, limit, ret_taken, ret);
    freeReplyObject(reply);
    if (!is_well) {
        redisFree(line->redis);
        line->redis = NULL;
    }
    return is_well;
}

/* hiredis writes to sockets in a way that raises SIGPIPE when the server has gone; a process that does not expect it would end. */
static bool
ask_quietly(RateRedis *redis, const char *who, RateLimit limit, bool *ret_taken, Rate *ret)
{
    const struct timespec at_once = {0};
    Line *line = &redis->lines[atomic_fetch_add(&redis->turn, 1) % LINES];
    sigset_t pipe, before, pending;

    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe, &before);

    pthread_mutex_lock(&line->mutex);
    bool was_connected = line->redis != NULL;
    bool is_well = ask_line(redis, line, who, limit, ret_taken, ret);
    if (!is_well && was_connected) /* the server may have been started again meanwhile */
        is_well = ask_line(redis, line, who, limit, ret_taken, ret);
    pthread_mutex_unlock(&line->mutex);

    if (!sigismember(&pending, SIGPIPE))
        while (sigtimedwait(&pipe, NULL, &at_once) > 0)
            continue;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_well;
}

bool rate_redis_take(RateRedis *redis, const char *who, RateLimit limit, bool *ret_taken, Rate *ret)
{
    long long away_until_ms = atomic_load(&redis->away_until_ms);
    long long now_ms = clock_ticks_ms();

    if (away_until_ms > now_ms)
        return false;

    bool is_well = ask_quietly(redis, who, limit, ret_taken, ret);
    long long was = atomic_exchange(&redis->away_until_ms, is_well ? 0 : now_ms + AWAY_MS);
    if (is_well && was)
        watch(WATCH_WARN, "redis.back", WATCH_TEXT("host", redis->host));
    if (!is_well && !was)
        watch(
            WATCH_WARN, "redis.away", WATCH_TEXT("host", redis->host),
            WATCH_TEXT("meanwhile", "rates are counted in this process alone"));
    return is_well;
}
