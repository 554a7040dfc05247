/* Six vendors in one server. */
#include "harness/stand_in.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/dice.h"
#include "base/hash.h"
#include "base/value.h"
#include "harness/outside.h"
#include "harness/peer.h"
#include "image/image.h"

enum {
    KEPT_MAX = 256, /* pictures, the oldest go first */
    DRAWN_MAX = 16,
    PICTURE_BYTES_MAX = 64 << 20,
    SIDE_MAX = 8192
};

typedef struct Kept {
    unsigned char *bytes;
    size_t size;
    char type[16]; /* "png" */
} Kept;

typedef struct Drawn {
    char key[64];
    Buf bytes;
} Drawn;

struct StandIn {
    Peer *peer;
    int latency_ms;
    pthread_mutex_t mutex;
    Kept kept[KEPT_MAX];
    int kept_count; /* ever */
    Drawn drawn[DRAWN_MAX];
    int drawn_count;
    Hash once[KEPT_MAX]; /* prompts that had their one fault */
    int once_count;
};

/* One request and what it says. */
typedef struct Talk {
    StandIn *house;
    const PeerAsked *asked;
    const char *path; /* below the vendor's name, without the query */
    const struct Dialect *dialect;
    Arena *mem;
    const Value *json;
    const char *prompt;
    const void *picture; /* the first that was sent; NULL */
    size_t picture_size;
    ImageFacts facts;
} Talk;

typedef struct Dialect {
    const char *name, *key_header;
    void (*error)(const Talk *talk, int status, const char *word, Buf *buf);
    int moderated, unpaid; /* statuses */
    bool (*answer)(const Talk *talk);
} Dialect;

static void must(Err *err)
{
    if (!err)
        return;
    fprintf(stderr, "stand-in: %s\n", err_message(err));
    abort();
}

/* ---- what was asked ---- */

/* The content of the form's field NAME. */
static const char *form_find(const Talk *talk, const char *name, size_t *ret_size)
{
    const PeerAsked *asked = talk->asked;
    const char *wanted = arena_print(talk->mem, "; name=\"%s\"", name);
    const char *end =
        arena_print(talk->mem, "\r\n%.*s", (int)strcspn(asked->body, "\r\n"), asked->body);
    const char *found = memmem(asked->body, asked->body_bytes, wanted, strlen(wanted));
    const char *from = found ? strstr(found, "\r\n\r\n") : NULL;
    if (!from)
        return NULL;

    from += 4;
    size_t left = asked->body_bytes - (size_t)(from - asked->body);
    const char *stop = memmem(from, left, end, strlen(end));
    *ret_size = stop ? (size_t)(stop - from) : left;
    return from;
}

static const Value *json_find(const Talk *talk, const char *name)
{
    const Value *input = value_get(talk->json, "input"); /* replicate's */
    const Value *own = value_get(input ? input : talk->json, name);

    return own ? own : value_get(talk->json, name);
}

static const char *text_of(const Talk *talk, const char *name)
{
    size_t size = 0;
    const Value *value = json_find(talk, name);

    if (talk->json)
        return value_kind(value) == VALUE_INT
                   ? arena_print(talk->mem, "%lld", (long long)value_int(value))
                   : value_text(value);
    const char *content = form_find(talk, name, &size);
    return content ? arena_text_n(talk->mem, content, size) : NULL;
}

static int number_of(const Talk *talk, const char *name, int otherwise)
{
    const char *text = text_of(talk, name);

    return text && *text ? (int)strtol(text, NULL, 10) : otherwise;
}

static void picture_decode(Talk *talk, const char *text)
{
    AUTO(buf_done) Buf bytes = BUF(PICTURE_BYTES_MAX);
    const char *comma = strncmp(text, "data:", 5) == 0 ? strchr(text, ',') : NULL;

    err_free(base64_read(comma ? comma + 1 : text, &bytes));
    talk->picture_size = bytes.size;
    talk->picture = bytes.bytes;
    arena_keep(talk->mem, free, TAKE(bytes.bytes));
}

static void picture_find(Talk *talk)
{
    static const char *const names[] = {"image",     "image[]",        "image_file",
                                        "image_url", "image_file_b64", "input_image"};

    for (size_t i = 0; i < COUNT(names) && !talk->picture_size; i++) {
        const char *text = value_text(json_find(talk, names[i]));

        if (!talk->json)
            talk->picture = form_find(talk, names[i], &talk->picture_size);
        else if (text && strncmp(text, "http", 4) != 0)
            picture_decode(talk, text);
    }
    if (!talk->picture_size)
        return;
    Err *err = image_probe(talk->picture, talk->picture_size, &image_limits_default, &talk->facts);
    if (err)
        talk->picture_size = 0;
    err_free(err);
}

static void talk_read(Talk *talk)
{
    Value *json = NULL;

    if (strstr(peer_header(talk->asked, "Content-Type"), "json")) {
        err_free(value_parse(talk->asked->body, talk->asked->body_bytes, &json));
        if (json)
            arena_keep(talk->mem, (void (*)(void *))value_free, json);
        talk->json = json;
    }
    const char *prompt = text_of(talk, "prompt");
    talk->prompt = prompt ? prompt : "";
    picture_find(talk);
}

/* ---- pictures ---- */

/* The same words give the same picture; it is drawn once. */
static void
drawing_add(const Talk *talk, const char *format, int width, int height, int number, Buf *buf)
{
    StandIn *house = talk->house;
    Hash words = hash_bytes(talk->prompt, strlen(talk->prompt));
    char key[64];

    snprintf(
        key, sizeof(key), "%s %dx%d %d %02x%02x", format, width, height, number, words.bytes[0],
        words.bytes[1]);
    pthread_mutex_lock(&house->mutex);
    Drawn *drawn = NULL;
    for (int i = 0; i < MIN(house->drawn_count, (int)DRAWN_MAX); i++)
        if (strcmp(house->drawn[i].key, key) == 0)
            drawn = &house->drawn[i];
    if (!drawn) {
        drawn = &house->drawn[house->drawn_count++ % DRAWN_MAX];
        buf_done(&drawn->bytes);
        *drawn = (Drawn){.bytes = BUF(PICTURE_BYTES_MAX)};
        snprintf(drawn->key, sizeof(drawn->key), "%s", key);
        outside_draw(
            &(OutsidePicture){
                format, width, height,
                dice_hash(words.bytes[0] | words.bytes[1] << 8, (uint64_t)number), 0},
            &drawn->bytes);
    }
    must(buf_add(buf, drawn->bytes.bytes, drawn->bytes.size));
    pthread_mutex_unlock(&house->mutex);
}

/* The picture that was sent with nothing around its middle. */
static void cutout_add(const Talk *talk, Buf *buf)
{
    AUTO(image_decoded_done) ImageDecoded decoded = {.image = NULL};
    AUTO(image_free) Image *rgb = NULL, *alpha = NULL, *cut = NULL;
    int width = talk->facts.width_px, height = talk->facts.height_px;

    must(image_decode(talk->picture, talk->picture_size, &image_limits_default, NULL, &decoded));
    must(image_take_rgb(decoded.image, &rgb));
    must(image_new(width, height, 1, DEPTH_8, &alpha));
    for (int y = height / 10; y < height - height / 10; y++)
        memset((char *)image_row_mut(alpha, y) + width / 10, 255, (size_t)(width - width / 10 * 2));
    must(image_join_alpha(rgb, alpha, &cut));
    must(image_encode(cut, &(ImageEncoding){.format = IMAGE_PNG}, buf));
}

static void enlarged_add(const Talk *talk, int factor, Buf *buf)
{
    AUTO(image_decoded_done) ImageDecoded decoded = {.image = NULL};
    AUTO(image_free) Image *large = NULL;

    must(image_decode(talk->picture, talk->picture_size, &image_limits_default, NULL, &decoded));
    must(image_resize(
        decoded.image, MIN(talk->facts.width_px * factor, (int)SIDE_MAX),
        MIN(talk->facts.height_px * factor, (int)SIDE_MAX), IMAGE_LINEAR, &large));
    must(image_encode(large, &(ImageEncoding){.format = IMAGE_PNG}, buf));
}

typedef struct Wish {
    enum {
        WISH_DRAWING,
        WISH_CUTOUT,
        WISH_LARGER
    } kind;
    const char *format;
    int width_px, height_px, factor;
} Wish;

static void wish_add(const Talk *talk, const Wish *wish, int number, Buf *buf)
{
    if (wish->kind == WISH_CUTOUT && talk->picture_size)
        cutout_add(talk, buf);
    else if (wish->kind == WISH_LARGER && talk->picture_size)
        enlarged_add(talk, wish->factor, buf);
    else
        drawing_add(
            talk, wish->format, CLAMP(wish->width_px, 1, (int)SIDE_MAX),
            CLAMP(wish->height_px, 1, (int)SIDE_MAX), number, buf);
}

/* "1024x1536", else as large as what was sent, else 1024 each way. */
static void size_read(const Talk *talk, const char *size, Wish *wish)
{
    const char *times = size ? strchr(size, 'x') : NULL;

    wish->width_px = talk->picture_size ? talk->facts.width_px : 1024;
    wish->height_px = talk->picture_size ? talk->facts.height_px : 1024;
    if (!times)
        return;
    wish->width_px = (int)strtol(size, NULL, 10);
    wish->height_px = (int)strtol(times + 1, NULL, 10);
}

/* Keep PICTURE under an address. */
static const char *picture_keep(const Talk *talk, const Buf *picture, const char *format)
{
    StandIn *house = talk->house;
    unsigned char *bytes = malloc(picture->size);
    if (!bytes)
        abort();
    memcpy(bytes, picture->bytes, picture->size);

    pthread_mutex_lock(&house->mutex);
    int number = house->kept_count++;
    Kept *kept = &house->kept[number % KEPT_MAX];
    free(kept->bytes);
    *kept = (Kept){bytes, picture->size, ""};
    snprintf(kept->type, sizeof(kept->type), "%s", format);
    pthread_mutex_unlock(&house->mutex);
    if (strstr(talk->prompt, "fault-expired"))
        number += 1000000;
    return arena_print(
        talk->mem, "http://127.0.0.1:%d/files/%d.%s", peer_port(house->peer), number, format);
}

static bool say_bytes(const Talk *talk, const char *type, const char *headers, const Buf *body)
{
    peer_say(
        talk->asked, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nContent-Type: %s\r\n%s\r\n",
        body->size, type, headers);
    if (strstr(talk->prompt, "fault-cut")) {
        peer_say_bytes(talk->asked, body->bytes, body->size / 2);
        return false;
    }
    for (size_t i = 0; strstr(talk->prompt, "fault-drip") && i < body->size; i++) {
        peer_say_bytes(talk->asked, body->bytes + i, 1);
        sleep(1);
    }
    if (!strstr(talk->prompt, "fault-drip"))
        peer_say_bytes(talk->asked, body->bytes, body->size);
    return true;
}

static bool say_json(const Talk *talk, int status, Value *value)
{
    AUTO(value_free) Value *own = value;
    AUTO(buf_done) Buf body = BUF(PICTURE_BYTES_MAX * 2);

    must(value_write(own, VALUE_COMPACT, &body));
    if (status == 200)
        return say_bytes(talk, "application/json", "", &body);
    peer_say(
        talk->asked,
        "HTTP/1.1 %d Said\r\nContent-Length: %zu\r\nContent-Type: application/json\r\n\r\n", status,
        body.size);
    peer_say_bytes(talk->asked, body.bytes, body.size);
    return true;
}

static bool file_say(StandIn *house, const PeerAsked *asked)
{
    int number = (int)strtol(asked->target + strlen("/files/"), NULL, 10);

    pthread_mutex_lock(&house->mutex);
    bool is_there =
        number >= 0 && number < house->kept_count && number >= house->kept_count - KEPT_MAX;
    if (is_there) {
        const Kept *kept = &house->kept[number % KEPT_MAX];

        peer_say(
            asked, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nContent-Type: image/%s\r\n\r\n",
            kept->size, kept->type);
        peer_say_bytes(asked, kept->bytes, kept->size);
    }
    pthread_mutex_unlock(&house->mutex);
    return is_there ? true : peer_reply(asked, "404 Not Found", "", "gone");
}

static void latency_wait(const Talk *talk)
{
    usleep((useconds_t)talk->house->latency_ms * 1000);
}

/* ---- openai ---- */

static void openai_error(const Talk *talk, int status, const char *word, Buf *buf)
{
    (void)talk;
    must(buf_print(
        buf,
        "{\"error\":{\"message\":\"The stand-in says %d.\",\"type\":\"stand_in\",\"param\":null,"
        "\"code\":\"%s\"}}",
        status,
        word ? strcmp(word, "moderated") == 0 ? "moderation_blocked" : "insufficient_quota"
        : status == 429 ? "rate_limit_exceeded"
        : status == 404 ? "model_not_found"
                        : "stand_in"));
}

static Value *usage_made(void)
{
    AUTO(value_free) Value *usage = NULL;
    static const char text[] =
        "{\"input_tokens\":62,\"input_tokens_details\":{\"text_tokens\":12,\"image_tokens\":50},"
        "\"output_tokens\":1056,\"total_tokens\":1118}";

    must(value_parse(text, strlen(text), &usage));
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
        value_set(event, "usage", usage_made());
    must(buf_print(&text, "event: %s\ndata: ", type));
    must(value_write(event, VALUE_COMPACT, &text));
    must(buf_add_text(&text, "\n\n"));
    peer_say(talk->asked, "%zx\r\n", text.size);
    peer_say_bytes(talk->asked, text.bytes, text.size);
    peer_say(talk->asked, "\r\n");
}

static bool openai_stream(const Talk *talk, const Wish *wish)
{
    int partials = number_of(talk, "partial_images", 0);
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

    must(value_parse(text, strlen(text), &value));
    return say_json(talk, 200, value);
}

static bool openai_answer(const Talk *talk)
{
    const char *format = text_of(talk, "output_format"), *stream = text_of(talk, "stream");
    Wish wish = {.format = format ? format : "png"};
    int count = CLAMP(number_of(talk, "n", 1), 1, 10);
    bool streams = value_bool(json_find(talk, "stream")) || (stream && strcmp(stream, "true") == 0);

    if (strstr(talk->path, "/models"))
        return openai_models(talk);
    size_read(talk, text_of(talk, "size"), &wish);
    latency_wait(talk);
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
    value_set(answer, "usage", usage_made());
    return say_json(talk, 200, answer);
}

/* ---- queues: a request's id says when it is ready, and where its pictures are ---- */

static void detail_error(const Talk *talk, int status, const char *word, Buf *buf)
{
    (void)talk;
    if (word && strcmp(word, "moderated") == 0)
        must(buf_add_text(
            buf, "{\"detail\":[{\"loc\":[\"body\",\"prompt\"],\"msg\":\"The content could not be "
                 "processed because it "
                 "was flagged by a content checker.\",\"type\":\"content_policy_violation\"}]}"));
    else
        must(buf_print(buf, "{\"detail\":\"The stand-in says %d.\"}", status));
}

/* What the model's name asks for. */
static Wish wish_of_model(const Talk *talk)
{
    Wish wish = {
        .format = "png", .factor = number_of(talk, "scale", number_of(talk, "upscale_factor", 2))};
    const char *size = NULL;
    int width = number_of(talk, "width", 0), height = number_of(talk, "height", 0);
    const Value *image_size = json_find(talk, "image_size");

    if (value_kind(image_size) == VALUE_OBJECT) {
        width = (int)value_int(value_get(image_size, "width"));
        height = (int)value_int(value_get(image_size, "height"));
    }
    if (width && height)
        size = arena_print(talk->mem, "%dx%d", width, height);
    size_read(talk, size, &wish);
    if (strstr(talk->path, "rembg") || strstr(talk->path, "birefnet") ||
        strstr(talk->path, "remove") || strstr(talk->path, "bg-"))
        wish.kind = WISH_CUTOUT;
    else if (strstr(talk->path, "upscal") || strstr(talk->path, "esrgan"))
        wish.kind = WISH_LARGER;
    return wish;
}

/* "READY_MS-FIRST-COUNT": the pictures are made at once, and told of later. */
static const char *request_made(const Talk *talk)
{
    Wish wish = wish_of_model(talk);
    int count = CLAMP(number_of(talk, "num_images", number_of(talk, "num_outputs", 1)), 1, 10);
    const char *urls = "";

    for (int i = 0; i < count; i++) {
        AUTO(buf_done) Buf picture = BUF(PICTURE_BYTES_MAX);

        wish_add(talk, &wish, i, &picture);
        const char *url = picture_keep(talk, &picture, "png");
        urls = arena_print(talk->mem, "%s-%ld", urls, strtol(strrchr(url, '/') + 1, NULL, 10));
    }
    return arena_print(
        talk->mem, "%lld%s", (long long)(clock_now_ms() + talk->house->latency_ms), urls);
}

static bool request_is_ready(const char *id)
{
    return clock_now_ms() >= strtoll(id, NULL, 10);
}

/* Of each picture of request ID: its address; an object with it where it IS_OBJECT. */
static Value *request_files(const Talk *talk, const char *id, bool is_object)
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

/* The path's part after BEFORE, up to the next slash. */
static const char *part_after(const Talk *talk, const char *before)
{
    const char *found = strstr(talk->path, before);

    found = found ? found + strlen(before) : "";
    return arena_text_n(talk->mem, found, strcspn(found, "/"));
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

static bool fal_answer(const Talk *talk)
{
    const char *app = fal_app(talk), *id = part_after(talk, "/requests/");

    if (strcmp(talk->asked->method, "PUT") == 0) {
        Value *cancelled = value_object();
        bool is_ready = request_is_ready(id);

        value_set(
            cancelled, "status",
            value_of_text(is_ready ? "ALREADY_COMPLETED" : "CANCELLATION_REQUESTED"));
        return say_json(talk, is_ready ? 400 : 202, cancelled);
    }
    if (strcmp(talk->asked->method, "POST") == 0)
        return say_json(talk, 200, fal_state(talk, app, request_made(talk)));
    if (strstr(talk->path, "/status"))
        return say_json(talk, request_is_ready(id) ? 200 : 202, fal_state(talk, app, id));

    Value *result = value_object(), *files = request_files(talk, id, true);
    value_set(result, "image", value_ref(value_at(files, 0)));
    value_set(result, "images", files);
    value_set(result, "seed", value_of_int(7));
    return say_json(talk, 200, result);
}

static bool replicate_answer(const Talk *talk)
{
    bool is_new = !strstr(talk->path, "/predictions/");
    const char *id = is_new ? request_made(talk) : part_after(talk, "/predictions/");
    const char *base = arena_print(
        talk->mem, "http://127.0.0.1:%d/replicate/v1/predictions/%s", peer_port(talk->house->peer),
        id);
    Value *state = value_object(), *urls = value_object(), *metrics = value_object();
    bool is_cancelled = strstr(talk->path, "/cancel") != NULL;
    bool waits = is_new && *peer_header(talk->asked, "Prefer");

    if (waits)
        latency_wait(talk);
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
    return say_json(talk, is_new ? 201 : 200, state);
}

/* ---- those that answer with the picture itself ---- */

static void stability_error(const Talk *talk, int status, const char *word, Buf *buf)
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
    must(buf_print(
        buf, "{\"id\":\"1\",\"name\":\"%s\",\"errors\":[\"The stand-in says %d.\"]}", name,
        status));
}

static Wish stability_wish(const Talk *talk)
{
    Wish wish = wish_of_model(talk);
    const char *format = text_of(talk, "output_format"), *ratio = text_of(talk, "aspect_ratio");
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
        return say_json(talk, 200, answer);
    }
    return say_bytes(
        talk, arena_print(talk->mem, "image/%s", wish->kind == WISH_DRAWING ? wish->format : "png"),
        "finish-reason: SUCCESS\r\nseed: 7\r\n", &picture);
}

static bool stability_answer(const Talk *talk)
{
    if (strstr(talk->path, "/results/")) {
        const char *id = part_after(talk, "/results/");
        Value *state = value_object();

        value_set(state, "id", value_of_text(id));
        value_set(state, "status", value_of_text("in-progress"));
        if (!request_is_ready(id))
            return say_json(talk, 202, state);
        value_free(state);
        return stability_say(talk, &(Wish){.format = "png", .width_px = 1024, .height_px = 1024});
    }
    if (strstr(talk->path, "creative") || strstr(talk->path, "relight")) {
        Value *begun = value_object();

        value_set(
            begun, "id",
            value_of_text(arena_print(
                talk->mem, "%lld", (long long)(clock_now_ms() + talk->house->latency_ms))));
        return say_json(talk, 200, begun);
    }
    Wish wish = stability_wish(talk);
    latency_wait(talk);
    return stability_say(talk, &wish);
}

static void segmind_error(const Talk *talk, int status, const char *word, Buf *buf)
{
    (void)talk;
    (void)word;
    must(buf_print(buf, "{\"error\":\"The stand-in says %d.\"}", status));
}

static bool segmind_answer(const Talk *talk)
{
    AUTO(buf_done) Buf picture = BUF(PICTURE_BYTES_MAX);
    Wish wish = wish_of_model(talk);

    if (strncmp(talk->path, "/v2/", 4) == 0) {
        Value *state = value_object();
        bool is_new = strcmp(talk->asked->method, "POST") == 0;
        const char *id = is_new ? request_made(talk) : part_after(talk, "/requests/");
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
        return say_json(talk, 200, state);
    }
    latency_wait(talk);
    wish_add(talk, &wish, 0, &picture);
    if (value_bool(json_find(talk, "base64"))) {
        Value *answer = value_object();

        value_set(
            answer, "image", value_of_text(base64_text(picture.bytes, picture.size, talk->mem)));
        return say_json(talk, 200, answer);
    }
    return say_bytes(talk, "image/png", "x-remaining-credits: 99\r\n", &picture);
}

static void removebg_error(const Talk *talk, int status, const char *word, Buf *buf)
{
    (void)talk;
    (void)word;
    must(buf_print(
        buf, "{\"errors\":[{\"title\":\"The stand-in says %d.\",\"code\":\"stand_in\"}]}", status));
}

static bool removebg_answer(const Talk *talk)
{
    AUTO(buf_done) Buf picture = BUF(PICTURE_BYTES_MAX);
    Wish wish = {.kind = WISH_CUTOUT, .format = "png"};

    size_read(talk, NULL, &wish);
    latency_wait(talk);
    wish_add(talk, &wish, 0, &picture);
    return say_bytes(talk, "image/png", "X-Credits-Charged: 1\r\nX-Type: product\r\n", &picture);
}

static const Dialect dialects[] = {
    {"openai", "Authorization", openai_error, 400, 429, openai_answer},
    {"fal", "Authorization", detail_error, 422, 402, fal_answer},
    {"replicate", "Authorization", detail_error, 422, 402, replicate_answer},
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
        return file_say(house, asked);
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
