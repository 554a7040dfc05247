/* The stand-in as those who answer with the picture itself: stability, segmind, remove.bg. */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "harness/stand_in_priv.h"

void stability_error(const Talk *talk, int status, const char *word, Buf *buf)
{
    static const struct {
        int status;
        const char *name;
    } names[] = {
        {400, "bad_request"},        {401, "unauthorized"},      {402, "payment_required"},
        {403, "content_moderation"}, {413, "payload_too_large"}, {429, "rate_limit_exceeded"},
        {500, "internal_error"},
    };
    const char *name = "stand_in";

    (void)talk;
    (void)word;
    for (size_t i = 0; i < COUNT(names); i++)
        if (names[i].status == status)
            name = names[i].name;
    stand_in_must(buf_print(
        buf, "{\"id\":\"1\",\"name\":\"%s\",\"errors\":[\"The stand-in says %d.\"]}", name,
        status));
}

static Wish stability_wish(const Talk *talk)
{
    Wish wish = talk_wish(talk);
    const char *format = talk_text(talk, "output_format"), *ratio = talk_text(talk, "aspect_ratio");
    const char *colon = ratio ? strchr(ratio, ':') : NULL;

    wish.factor = strstr(talk->path, "fast") ? 4 : 2;
    wish.format = format ? format : "png";
    if (colon && !talk->picture_size)
        wish.height_px =
            (int)(1024 * strtol(colon + 1, NULL, 10) / MAX(strtol(ratio, NULL, 10), 1L));
    return wish;
}

static bool stability_say(const Talk *talk, const Wish *wish)
{
    AUTO(buf_done) Buf picture = BUF(PICTURE_BYTES_MAX);
    bool is_json = strstr(peer_header(talk->asked, "Accept"), "json") != NULL;

    wish_add(talk, wish, 0, &picture);
    if (is_json) {
        Value *answer = value_object();

        value_set(
            answer, "image", value_of_text(base64_text(picture.bytes, picture.size, talk->mem)));
        value_set(answer, "finish_reason", value_of_text("SUCCESS"));
        value_set(answer, "seed", value_of_int(7));
        return talk_say_json(talk, 200, answer);
    }
    return talk_say_bytes(
        talk, arena_print(talk->mem, "image/%s", wish->kind == WISH_DRAWING ? wish->format : "png"),
        "finish-reason: SUCCESS\r\nseed: 7\r\n", &picture);
}

/* An account with plenty on it. */
static bool credits_say(const Talk *talk, const char *path)
{
    Value *answer = value_object();
    AUTO(err_free) Err *err = value_set_path(answer, path, value_of_int(1000));

    return !err && talk_say_json(talk, 200, answer);
}

bool stability_answer(const Talk *talk)
{
    if (strstr(talk->path, "/user/balance"))
        return credits_say(talk, "credits");
    if (strstr(talk->path, "/results/")) {
        const char *id = talk_part(talk, "/results/");
        Value *state = value_object();

        value_set(state, "id", value_of_text(id));
        value_set(state, "status", value_of_text("in-progress"));
        if (!request_is_ready(id))
            return talk_say_json(talk, 202, state);
        value_free(state);
        return stability_say(talk, &(Wish){.format = "png", .width_px = 1024, .height_px = 1024});
    }
    if (strstr(talk->path, "creative") || strstr(talk->path, "relight")) {
        Value *begun = value_object();

        value_set(
            begun, "id",
            value_of_text(arena_print(
                talk->mem, "%lld", (long long)(clock_now_ms() + talk->house->latency_ms))));
        return talk_say_json(talk, 200, begun);
    }
    Wish wish = stability_wish(talk);
    talk_wait(talk);
    return stability_say(talk, &wish);
}

void segmind_error(const Talk *talk, int status, const char *word, Buf *buf)
{
    (void)talk;
    (void)word;
    stand_in_must(buf_print(buf, "{\"error\":\"The stand-in says %d.\"}", status));
}

bool segmind_answer(const Talk *talk)
{
    AUTO(buf_done) Buf picture = BUF(PICTURE_BYTES_MAX);
    Wish wish = talk_wish(talk);

    if (strstr(talk->path, "/get-user-credits"))
        return credits_say(talk, "credits");
    if (strncmp(talk->path, "/v2/", 4) == 0) {
        Value *state = value_object();
        bool is_new = strcmp(talk->asked->method, "POST") == 0;
        const char *id = is_new ? request_made(talk) : talk_part(talk, "/requests/");
        bool is_ready = !is_new && request_is_ready(id);

        value_set(state, "request_id", value_of_text(id));
        value_set(
            state, "status",
            value_of_text(
                is_new     ? "QUEUED"
                : is_ready ? "COMPLETED"
                           : "PROCESSING"));
        if (is_ready) {
            AUTO(value_free) Value *files = request_files(talk, id, false);

            value_set(state, "output", value_ref(value_at(files, 0)));
            value_set(state, "cost", value_of_number(0.01));
        }
        return talk_say_json(talk, 200, state);
    }
    talk_wait(talk);
    wish_add(talk, &wish, 0, &picture);
    if (value_bool(talk_json(talk, "base64"))) {
        Value *answer = value_object();

        value_set(
            answer, "image", value_of_text(base64_text(picture.bytes, picture.size, talk->mem)));
        return talk_say_json(talk, 200, answer);
    }
    return talk_say_bytes(talk, "image/png", "x-remaining-credits: 99\r\n", &picture);
}

void removebg_error(const Talk *talk, int status, const char *word, Buf *buf)
{
    (void)talk;
    (void)word;
    stand_in_must(buf_print(
        buf, "{\"errors\":[{\"title\":\"The stand-in says %d.\",\"code\":\"stand_in\"}]}", status));
}

bool removebg_answer(const Talk *talk)
{
    AUTO(buf_done) Buf picture = BUF(PICTURE_BYTES_MAX);
    Wish wish = {.kind = WISH_CUTOUT, .format = "png"};

    if (strstr(talk->path, "/account"))
        return credits_say(talk, "data.attributes.credits.total");
    wish_size_read(talk, NULL, &wish);
    talk_wait(talk);
    wish_add(talk, &wish, 0, &picture);
    return talk_say_bytes(
        talk, "image/png", "X-Credits-Charged: 1\r\nX-Type: product\r\n", &picture);
}
