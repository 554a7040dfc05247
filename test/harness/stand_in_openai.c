/* The stand-in as OpenAI. */
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "harness/stand_in_priv.h"

void openai_error(const Talk *talk, int status, const char *word, Buf *buf)
{
    (void)talk;
    stand_in_must(buf_print(
        buf,
        "{\"error\":{\"message\":\"The stand-in says %d.\",\"type\":\"stand_in\",\"param\":null,"
        "\"code\":\"%s\"}}",
        status,
        word ? strcmp(word, "moderated") == 0 ? "moderation_blocked" : "insufficient_quota"
        : status == 429 ? "rate_limit_exceeded"
        : status == 404 ? "model_not_found"
                        : "stand_in"));
}

/* Tokens of COUNT pictures of a square megapixel, as OpenAI counts them: fewer for a lower quality. */
static Value *usage_made(const Talk *talk, int count)
{
    const char *quality = talk_text(talk, "quality");
    int64_t each = quality && strcmp(quality, "low") == 0    ? 272
                   : quality && strcmp(quality, "high") == 0 ? 4160
                                                             : 1056;
    AUTO(value_free) Value *usage = NULL;
    static const char text[] =
        "{\"input_tokens\":62,\"input_tokens_details\":{\"text_tokens\":12,\"image_tokens\":50}}";

    stand_in_must(value_parse(text, strlen(text), &usage));
    value_set(usage, "output_tokens", value_of_int(each * count));
    value_set(usage, "total_tokens", value_of_int(62 + each * count));
    return TAKE(usage);
}

static const char *wish_base64(const Talk *talk, const Wish *wish, int number)
{
    AUTO(buf_done) Buf picture = BUF(PICTURE_BYTES_MAX);

    wish_add(talk, wish, number, &picture);
    return base64_text(picture.bytes, picture.size, talk->mem);
}

static void event_say(const Talk *talk, const char *type, const char *base64, int index)
{
    AUTO(value_free) Value *event = value_object();
    AUTO(buf_done) Buf text = BUF(PICTURE_BYTES_MAX * 2);

    value_set(event, "type", value_of_text(type));
    value_set(event, "b64_json", value_of_text(base64));
    value_set(event, "created_at", value_of_int(clock_now_ms() / 1000));
    if (index >= 0)
        value_set(event, "partial_image_index", value_of_int(index));
    else
        value_set(event, "usage", usage_made(talk, 1));
    stand_in_must(buf_print(&text, "event: %s\ndata: ", type));
    stand_in_must(value_write(event, VALUE_COMPACT, &text));
    stand_in_must(buf_add_text(&text, "\n\n"));
    peer_say(talk->asked, "%zx\r\n", text.size);
    peer_say_bytes(talk->asked, text.bytes, text.size);
    peer_say(talk->asked, "\r\n");
}

static bool openai_stream(const Talk *talk, const Wish *wish)
{
    int partials = talk_number(talk, "partial_images", 0);
    const char *kind = strstr(talk->path, "edits") ? "image_edit" : "image_generation";

    peer_say(
        talk->asked,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n\r\n");
    for (int i = 0; i < partials; i++)
        event_say(
            talk, arena_print(talk->mem, "%s.partial_image", kind), wish_base64(talk, wish, i + 1),
            i);
    if (strstr(talk->prompt, "fault-cut"))
        return false;
    event_say(talk, arena_print(talk->mem, "%s.completed", kind), wish_base64(talk, wish, 0), -1);
    peer_say(talk->asked, "0\r\n\r\n");
    return true;
}

static bool openai_models(const Talk *talk)
{
    static const char text[] = "{\"object\":\"list\",\"data\":["
                               "{\"id\":\"gpt-image-2\",\"object\":\"model\",\"created\":1,\"owned_"
                               "by\":\"openai\",\"shutdown_date\":null},"
                               "{\"id\":\"gpt-image-1.5\",\"object\":\"model\",\"created\":1,"
                               "\"owned_by\":\"openai\",\"shutdown_date\":\"2026-12-01\"}]}";
    Value *value = NULL;

    stand_in_must(value_parse(text, strlen(text), &value));
    return talk_say_json(talk, 200, value);
}

bool openai_answer(const Talk *talk)
{
    const char *format = talk_text(talk, "output_format"), *stream = talk_text(talk, "stream");
    Wish wish = {.format = format ? format : "png"};
    int count = CLAMP(talk_number(talk, "n", 1), 1, 10);
    bool streams = value_bool(talk_json(talk, "stream")) || (stream && strcmp(stream, "true") == 0);

    if (strstr(talk->path, "/models"))
        return openai_models(talk);
    wish_size_read(talk, talk_text(talk, "size"), &wish);
    talk_wait(talk);
    if (streams)
        return openai_stream(talk, &wish);

    Value *answer = value_object(), *data = value_list();
    for (int i = 0; i < count; i++) {
        Value *item = value_object();

        value_set(item, "b64_json", value_of_text(wish_base64(talk, &wish, i)));
        value_add(data, item);
    }
    value_set(answer, "created", value_of_int(clock_now_ms() / 1000));
    value_set(answer, "data", data);
    value_set(answer, "usage", usage_made(talk, count));
    return talk_say_json(talk, 200, answer);
}
