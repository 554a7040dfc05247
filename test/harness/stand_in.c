/* Six vendors in one server: who is asked, and faults. */
#include "harness/stand_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/stand_in_priv.h"

void stand_in_must(Err *err)
{
    if (!err)
        return;
    fprintf(stderr, "stand-in: %s\n", err_message(err));
    abort();
}

static const Dialect dialects[] = {
    {"openai", "Authorization", openai_error, 400, 429, openai_answer},
    {"fal", "Authorization", detail_error, 422, 402, fal_answer},
    {"replicate", "Authorization", problem_error, 422, 402, replicate_answer},
    {"stability", "Authorization", stability_error, 403, 402, stability_answer},
    {"segmind", "x-api-key", segmind_error, 400, 406, segmind_answer},
    {"removebg", "X-Api-Key", removebg_error, 400, 402, removebg_answer},
};

/* ---- faults ---- */

static bool error_say(const Talk *talk, int status, const char *word)
{
    AUTO(buf_done) Buf body = BUF(1 << 16);

    talk->dialect->error(talk, status, word, &body);
    peer_say(
        talk->asked,
        "HTTP/1.1 %d Said\r\nContent-Length: %zu\r\nContent-Type: application/json\r\n%s\r\n%s",
        status, body.size, status == 429 && !word ? "Retry-After: 1\r\n" : "", buf_text(&body));
    return true;
}

static bool is_first_time(const Talk *talk)
{
    StandIn *house = talk->house;
    Hash words = hash_bytes(talk->prompt, strlen(talk->prompt));
    bool is_new = true;

    pthread_mutex_lock(&house->mutex);
    for (int i = 0; i < MIN(house->once_count, (int)KEPT_MAX); i++)
        is_new &= !hash_equal(house->once[i], words);
    if (is_new)
        house->once[house->once_count++ % KEPT_MAX] = words;
    pthread_mutex_unlock(&house->mutex);
    return is_new;
}

/* True when a fault was said; RET_GOES_ON is then what the answer returns. */
static bool fault_say(const Talk *talk, bool *ret_goes_on)
{
    static const char begins[] = "fault-";
    const char *fault = strstr(talk->prompt, begins);
    bool has_key = *peer_header(talk->asked, talk->dialect->key_header) != 0;
    int status =
        has_key && !strstr(peer_header(talk->asked, talk->dialect->key_header), "refused-key")
            ? 0
            : 401;
    const char *word = NULL;

    fault = fault ? fault + strlen(begins) : "";
    if (strncmp(fault, "once-", 5) == 0)
        fault = is_first_time(talk) ? fault + 5 : "";
    if (strncmp(fault, "garbage", 7) == 0) {
        *ret_goes_on = peer_reply(
            talk->asked, "200 OK", "Content-Type: text/html\r\n", "<html><h1>Welcome</h1></html>");
        return true;
    }
    if (strncmp(fault, "moderated", 9) == 0) {
        status = talk->dialect->moderated;
        word = "moderated";
    } else if (strncmp(fault, "quota", 5) == 0) {
        status = talk->dialect->unpaid;
        word = "quota";
    } else if (strtol(fault, NULL, 10) >= 400) {
        status = (int)strtol(fault, NULL, 10);
    }
    if (!status)
        return false;
    *ret_goes_on = error_say(talk, status, word);
    return true;
}

/* ---- the server ---- */

static bool stand_in_answer(void *house, const PeerAsked *asked)
{
    AUTO(arena_free) Arena *mem = arena_new();
    bool goes_on = true;

    if (strncmp(asked->target, "/files/", 7) == 0)
        return stand_in_say_file(house, asked);
    for (size_t i = 0; i < COUNT(dialects); i++) {
        size_t length = strlen(dialects[i].name);

        if (asked->target[0] != '/' || strncmp(asked->target + 1, dialects[i].name, length) != 0 ||
            asked->target[1 + length] != '/')
            continue;
        const char *path = asked->target + 1 + length;
        Talk talk = {
            .house = house,
            .asked = asked,
            .path = arena_text_n(mem, path, strcspn(path, "?")),
            .dialect = &dialects[i],
            .mem = mem,
        };
        talk_read(&talk);
        return fault_say(&talk, &goes_on) ? goes_on : dialects[i].answer(&talk);
    }
    return peer_reply(asked, "404 Not Found", "", "no such vendor");
}

StandIn *stand_in_start(int port, int latency_ms)
{
    StandIn *house = calloc(1, sizeof(*house));

    if (!house)
        abort();
    house->latency_ms = latency_ms;
    pthread_mutex_init(&house->mutex, NULL);
    house->peer = peer_start_at(port, stand_in_answer, house);
    return house;
}

void stand_in_stop(StandIn *house)
{
    if (!house)
        return;
    peer_stop(house->peer);
    for (int i = 0; i < KEPT_MAX; i++)
        free(house->kept[i].bytes);
    for (int i = 0; i < DRAWN_MAX; i++)
        buf_done(&house->drawn[i].bytes);
    pthread_mutex_destroy(&house->mutex);
    free(house);
}

int stand_in_port(const StandIn *house)
{
    return peer_port(house->peer);
}

int stand_in_asked(const StandIn *house)
{
    return peer_asked(house->peer);
}
