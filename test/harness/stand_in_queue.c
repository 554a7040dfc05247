/* The stand-in as those who take work and answer later: fal, replicate. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "harness/stand_in_priv.h"

void detail_error(const Talk *talk, int status, const char *word, Buf *buf)
{
    (void)talk;
    if (word && strcmp(word, "moderated") == 0)
        stand_in_must(buf_add_text(
            buf, "{\"detail\":[{\"loc\":[\"body\",\"prompt\"],\"msg\":\"The content could not be "
                 "processed because it "
                 "was flagged by a content checker.\",\"type\":\"content_policy_violation\"}]}"));
    else
        stand_in_must(buf_print(buf, "{\"detail\":\"The stand-in says %d.\"}", status));
}

/* Replicate's: RFC 7807. */
void problem_error(const Talk *talk, int status, const char *word, Buf *buf)
{
    bool is_moderated = word && strcmp(word, "moderated") == 0;

    (void)talk;
    stand_in_must(buf_print(
        buf, "{\"title\":\"Refused\",\"detail\":\"%s The stand-in says %d.\",\"status\":%d}",
        is_moderated ? "NSFW content was found in the prompt." : "", status, status));
}

/* "READY_MS-FIRST-COUNT": the pictures are made at once, and told of later. */
const char *request_made(const Talk *talk)
{
    Wish wish = talk_wish(talk);
    int count = CLAMP(talk_number(talk, "num_images", talk_number(talk, "num_outputs", 1)), 1, 10);
    const char *urls = "";

    for (int i = 0; i < count; i++) {
        AUTO(buf_done) Buf picture = BUF(PICTURE_BYTES_MAX);

        wish_add(talk, &wish, i, &picture);
        const char *url = talk_keep(talk, &picture, "png");
        urls = arena_print(talk->mem, "%s-%ld", urls, strtol(strrchr(url, '/') + 1, NULL, 10));
    }
    return arena_print(
        talk->mem, "%lld%s", (long long)(clock_now_ms() + talk->house->latency_ms), urls);
}

bool request_is_ready(const char *id)
{
    return clock_now_ms() >= strtoll(id, NULL, 10);
}

/* Of each picture of request ID: its address; an object with it where it IS_OBJECT. */
Value *request_files(const Talk *talk, const char *id, bool is_object)
{
    Value *list = value_list();

    for (const char *at = strchr(id, '-'); at; at = strchr(at + 1, '-')) {
        const char *url = arena_print(
            talk->mem, "http://127.0.0.1:%d/files/%ld.png", peer_port(talk->house->peer),
            strtol(at + 1, NULL, 10));
        Value *item = is_object ? value_object() : value_of_text(url);

        if (is_object) {
            value_set(item, "url", value_of_text(url));
            value_set(item, "content_type", value_of_text("image/png"));
        }
        value_add(list, item);
    }
    return list;
}

static Value *fal_state(const Talk *talk, const char *app, const char *id)
{
    Value *state = value_object();
    const char *base = arena_print(
        talk->mem, "http://127.0.0.1:%d/fal%s/requests/%s", peer_port(talk->house->peer), app, id);
    bool is_ready = request_is_ready(id);

    value_set(state, "status", value_of_text(is_ready ? "COMPLETED" : "IN_QUEUE"));
    value_set(state, "request_id", value_of_text(id));
    value_set(state, "response_url", value_of_text(base));
    value_set(state, "status_url", value_of_text(arena_print(talk->mem, "%s/status", base)));
    value_set(state, "cancel_url", value_of_text(arena_print(talk->mem, "%s/cancel", base)));
    if (!is_ready)
        value_set(state, "queue_position", value_of_int(0));
    return state;
}

/* "/owner/app" of "/owner/app/sub/requests/..." */
static const char *fal_app(const Talk *talk)
{
    const char *second = strchr(talk->path + 1, '/');
    size_t length = second ? (size_t)(second - talk->path) + 1 : 0;

    return arena_text_n(talk->mem, talk->path, length + strcspn(talk->path + length, "/"));
}

bool fal_answer(const Talk *talk)
{
    const char *app = fal_app(talk), *id = talk_part(talk, "/requests/");

    if (strcmp(talk->asked->method, "PUT") == 0) {
        Value *cancelled = value_object();
        bool is_ready = request_is_ready(id);

        value_set(
            cancelled, "status",
            value_of_text(is_ready ? "ALREADY_COMPLETED" : "CANCELLATION_REQUESTED"));
        return talk_say_json(talk, is_ready ? 400 : 202, cancelled);
    }
    if (strcmp(talk->asked->method, "POST") == 0)
        return talk_say_json(talk, 200, fal_state(talk, app, request_made(talk)));
    if (strstr(talk->path, "/status"))
        return talk_say_json(talk, request_is_ready(id) ? 200 : 202, fal_state(talk, app, id));

    Value *result = value_object(), *files = request_files(talk, id, true);
    value_set(result, "image", value_ref(value_at(files, 0)));
    value_set(result, "images", files);
    value_set(result, "seed", value_of_int(7));
    return talk_say_json(talk, 200, result);
}

bool replicate_answer(const Talk *talk)
{
    bool is_new = !strstr(talk->path, "/predictions/");
    const char *id = is_new ? request_made(talk) : talk_part(talk, "/predictions/");
    const char *base = arena_print(
        talk->mem, "http://127.0.0.1:%d/replicate/v1/predictions/%s", peer_port(talk->house->peer),
        id);
    Value *state = value_object(), *urls = value_object(), *metrics = value_object();
    bool is_cancelled = strstr(talk->path, "/cancel") != NULL;
    bool waits = is_new && *peer_header(talk->asked, "Prefer");

    if (waits)
        talk_wait(talk);
    bool is_ready = request_is_ready(id);
    value_set(state, "id", value_of_text(id));
    value_set(state, "model", value_of_text("stand-in/model"));
    value_set(state, "version", value_of_text("hidden"));
    value_set(
        state, "status",
        value_of_text(
            is_cancelled ? "canceled"
            : is_ready   ? "succeeded"
                         : "processing"));
    value_set(state, "output", is_ready ? request_files(talk, id, false) : value_of_null());
    value_set(state, "error", value_of_null());
    value_set(urls, "get", value_of_text(base));
    value_set(urls, "cancel", value_of_text(arena_print(talk->mem, "%s/cancel", base)));
    value_set(state, "urls", urls);
    value_set(metrics, "predict_time", value_of_number(1.5));
    value_set(state, "metrics", metrics);
    return talk_say_json(talk, is_new ? 201 : 200, state);
}
