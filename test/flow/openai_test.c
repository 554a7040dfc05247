/* Promises of the OpenAI door over HTTP: what its clients get, and every way to be refused. */
#include <string.h>

#include "shop.h"

#define GENERATIONS "/v1/images/generations"
#define EDITS "/v1/images/edits"
#define VARIATIONS "/v1/images/variations"

static const char rich[] = "{\"name\":\"Mugs\",\"plan\":\"enterprise\"}";
static const char poor[] = "{\"name\":\"Cups\",\"plan\":\"free\"}";

typedef struct FormRow {
    const char *name, *value;
    const Buf *file; /* in place of VALUE */
} FormRow;

static void body_end(void *body)
{
    buf_done(body);
}

static Request form(const Shop *shop, const char *path, const FormRow *rows, const char *headers)
{
    Buf *body = ARENA_ARRAY(shop->place->mem, Buf, 1);

    body->limit = 1 << 24;
    arena_keep(shop->place->mem, body_end, body);
    for (; rows->name; rows++) {
        CHECK_OK(buf_print(
            body, "--edge\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n", rows->name,
            rows->file ? "; filename=\"a.png\"\r\nContent-Type: image/png" : ""));
        if (rows->file)
            CHECK_OK(buf_add(body, rows->file->bytes, rows->file->size));
        else
            CHECK_OK(buf_add_text(body, rows->value));
        CHECK_OK(buf_add_text(body, "\r\n"));
    }
    CHECK_OK(buf_add_text(body, "--edge--\r\n"));
    return (Request){
        .method = "POST",
        .path = path,
        .key = shop->key,
        .headers = headers,
        .type = "multipart/form-data; boundary=edge",
        .body = body->bytes,
        .size = body->size,
    };
}

static Reply ask(const Shop *shop, const Request *request, int status, const char *code)
{
    Reply reply = place_ask(shop->place, request);

    if (reply.status != status)
        test_fail(
            __FILE__, __LINE__, "%s: %d, expected %d: %s", request->path, reply.status, status,
            reply.body);
    if (code)
        CHECK_TEXT(reply_text(&reply, "error>code"), code);
    return reply;
}

static Reply generate(const Shop *shop, const char *json, int status, const char *code)
{
    const Request request = {.method = "POST", .path = GENERATIONS, .key = shop->key, .body = json};

    return ask(shop, &request, status, code);
}

static Reply
send_form(const Shop *shop, const char *path, const FormRow *rows, int status, const char *code)
{
    const Request request = form(shop, path, rows, NULL);

    return ask(shop, &request, status, code);
}

static Reply
repeated(const Shop *shop, const char *path, const FormRow *rows, int status, const char *code)
{
    const Request request = form(shop, path, rows, "Idempotency-Key: a-picture\r\n");

    return ask(shop, &request, status, code);
}

/* OpenAI's stand-in draws, and nobody in its place. */
static const char *const drawn_by_openai[] = {
    "IMAGE_GEN_PROVIDER=openai", "CYCLORAMA_PROVIDER_FALLBACK=none", "OPENAI_API_KEY=a-key", NULL};
static const char *const refused_by_openai[] = {
    "IMAGE_GEN_PROVIDER=openai", "CYCLORAMA_PROVIDER_FALLBACK=none", "OPENAI_API_KEY=refused-key",
    NULL};

/* ---- what is made ---- */

TEST_FLOW(openais_requests_are_answered_as_openai_does)
{
    AUTO(place_close) Place drawn = {0};
    place_open_set(place->kind, place->mem, drawn_by_openai, &drawn);
    const Shop shop = shop_open(&drawn, rich);
    AUTO(buf_done) Buf photo = photo_draw(&drawn, 1);

    const Reply made = generate(
        &shop,
        "{\"model\":\"gpt-image-1\",\"prompt\":\"a cup\",\"n\":2,\"quality\":\"low\",\"size\":null,"
        "\"stream\":null,\"user\":\"u\"}",
        200, NULL);
    CHECK_INT(value_count(reply_at(&made, "data")), 2);
    CHECK(strncmp(reply_text(&made, "data>1>b64_json"), "iVBORw0KGgo", 11) == 0);
    CHECK_TEXT(reply_text(&made, "output_format"), "png");
    CHECK_TEXT(reply_text(&made, "background"), "opaque");
    CHECK(reply_int(&made, "usage>output_tokens_details>image_tokens") > 0);
    CHECK(reply_header(&drawn, &made, "x-ratelimit-remaining-requests"));
    CHECK(reply_header(&drawn, &made, "openai-processing-ms"));

    const Reply linked = generate(
        &shop, "{\"model\":\"dall-e-3\",\"prompt\":\"a cup\",\"style\":\"vivid\"}", 200, NULL);
    const Request link = {.method = "GET", .path = reply_text(&linked, "data>0>url")};
    CHECK_INT(place_ask(&drawn, &link).status, 200);

    send_form(
        &shop, EDITS,
        (FormRow[]){
            {"prompt", "a window"}, {"image[]", .file = &photo}, {"image[]", .file = &photo}, {0}},
        200, NULL);
    const Reply varied =
        send_form(&shop, VARIATIONS, (FormRow[]){{"image", .file = &photo}, {0}}, 200, NULL);
    CHECK(reply_text(&varied, "data>0>url"));

    const Reply models = shop_get(&shop, 200, "/v1/models");
    CHECK_TEXT(reply_text(&models, "object"), "list");
    CHECK_TEXT(reply_text(&models, "data>0>object"), "model");
    const Reply model = shop_get(&shop, 200, "/v1/models/dall-e-2");
    CHECK_TEXT(reply_text(&model, "id"), "dall-e-2");
    shop_get(&shop, 404, "/v1/models/gpt-7");
}

TEST_FLOW(a_stream_of_openais_has_its_events)
{
    AUTO(place_close) Place drawn = {0};
    place_open_set(place->kind, place->mem, drawn_by_openai, &drawn);
    const Shop shop = shop_open(&drawn, rich);
    static const char json[] =
        "{\"model\":\"gpt-image-1\",\"prompt\":\"a cup\",\"stream\":true,\"partial_images\":1}";
    AUTO(wire_close) Wire wire = wire_open_port(drawn.port);

    wire_send(
        &wire, json_print(
                   &drawn,
                   "POST " GENERATIONS " HTTP/1.1\r\nHost: a\r\nX-API-Key: %s\r\nContent-Type: "
                   "application/json\r\nContent-Length: %zu\r\n\r\n%s",
                   shop.key, strlen(json), json));
    const Answer answer = wire_answer(&wire, false);
    CHECK_INT(answer.status, 200);
    CHECK_TEXT(answer_header(&answer, "Content-Type", drawn.mem), "text/event-stream");
    CHECK(answer_header(&answer, "openai-processing-ms", drawn.mem));
    const char *first = strstr(
        answer.body, "event: image_generation.partial_image\ndata: "
                     "{\"type\":\"image_generation.partial_image\",\"b64_json\":\"");
    const char *last = strstr(answer.body, "event: image_generation.completed\ndata: {");
    CHECK(first && last && first < last);
    CHECK(strstr(first, "\"partial_image_index\":0") < last);
    CHECK(strstr(last, "\"usage\":{\"total_tokens\":"));
}

/* ---- what is refused ---- */

TEST_FLOW(what_openai_refuses_is_refused_in_its_words)
{
    AUTO(place_close) Place drawn = {0};
    place_open_set(place->kind, place->mem, drawn_by_openai, &drawn);
    const Shop shop = shop_open(&drawn, rich), empty = shop_open(&drawn, poor);
    const Shop stranger = {.place = &drawn, .key = "sk-nobody"};
    AUTO(buf_done) Buf photo = photo_draw(&drawn, 1);
    AUTO(buf_done) Buf noise = BUF(64);
    const FormRow image = {"image", .file = &photo}, prompt = {"prompt", "a cup"};
    const struct {
        const char *json;
        int status;
        const char *code, *param;
    } rows[] = {
        {"{}", 400, "missing_required_parameter", "prompt"},
        {"{\"prompt\":\"a\",\"colour\":1}", 400, "unknown_parameter", "colour"},
        {"{\"prompt\":\"a\",\"n\":11}", 400, "invalid_value", "n"},
        {"{\"prompt\":\"a\",\"n\":\"2\"}", 400, "invalid_value", "n"},
        {"{\"prompt\":\"a\",\"model\":\"dall-e-3\",\"n\":2}", 400, "invalid_value", "n"},
        {"{\"prompt\":\"a\",\"size\":\"7x7\"}", 400, "invalid_value", "size"},
        {"{\"prompt\":\"a\",\"quality\":\"best\"}", 400, "invalid_value", "quality"},
        {"{\"prompt\":\"a\",\"output_format\":\"gif\"}", 400, "invalid_value", "output_format"},
        {"{\"prompt\":\"a\",\"output_compression\":7}", 400, "invalid_value", "output_compression"},
        {"{\"prompt\":\"a\",\"partial_images\":1}", 400, "invalid_value", "partial_images"},
        {"{\"prompt\":\"a\",\"partial_images\":4,\"stream\":true}", 400, "invalid_value",
         "partial_images"},
        {"{\"prompt\":\"a\",\"style\":\"vivid\"}", 400, "invalid_value", "style"},
        {"{\"prompt\":\"a\",\"model\":\"dall-e-3\",\"style\":\"odd\"}", 400, "invalid_value",
         "style"},
        {"{\"prompt\":\"a\",\"response_format\":\"url\",\"stream\":true}", 400, "invalid_value",
         "response_format"},
        {"{\"prompt\":\"a\",\"moderation\":\"off\"}", 400, "invalid_value", "moderation"},
        {"{\"prompt\":", 400, "invalid_request", NULL},
        {"{\"prompt\":\"fault-moderated\"}", 400, "moderation_blocked", NULL},
        {"{\"prompt\":\"a\",\"model\":\"gpt-7\"}", 404, "model_not_found", "model"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const Reply reply = generate(&shop, rows[i].json, rows[i].status, rows[i].code);
        if (rows[i].param)
            CHECK_TEXT(reply_text(&reply, "error>param"), rows[i].param);
    }
    generate(&stranger, "{\"prompt\":\"a\"}", 401, "invalid_api_key");
    const Reply spent = generate(
        &empty, "{\"prompt\":\"a\",\"n\":10,\"quality\":\"high\"}", 429, "insufficient_quota");
    CHECK_TEXT(reply_header(&drawn, &spent, "x-should-retry"), "false");

    CHECK_OK(buf_add_text(&noise, "no picture"));
    for (int vary = 0; vary < 2; vary++) {
        const char *path = vary ? VARIATIONS : EDITS;
        const FormRow words = vary ? (FormRow){"user", "u"} : prompt;

        send_form(&shop, path, (FormRow[]){words, {0}}, 400, "missing_required_parameter");
        send_form(&shop, path, (FormRow[]){words, {"image", .file = &noise}, {0}}, 400, NULL);
        send_form(
            &shop, path, (FormRow[]){words, image, {"model", "gpt-7"}, {0}}, 404,
            "model_not_found");
        send_form(
            &empty, path, (FormRow[]){words, image, {"n", "10"}, {"model", "gpt-image-2"}, {0}},
            429, "insufficient_quota");
        repeated(&shop, path, (FormRow[]){words, image, {0}}, vary ? 409 : 200, NULL);
        repeated(&shop, path, (FormRow[]){words, image, {"n", "2"}, {0}}, 409, "conflict");
    }

    /* The key stands for an edit by now. */
    const Request again = {
        .method = "POST",
        .path = GENERATIONS,
        .key = shop.key,
        .headers = "Idempotency-Key: a-picture\r\n",
        .body = "{\"prompt\":\"a\"}",
    };
    ask(&shop, &again, 409, "conflict");
}

TEST_FLOW(what_a_vendor_does_wrong_is_no_fault_of_the_customer)
{
    AUTO(place_close) Place drawn = {0}, locked = {0};
    place_open_set(place->kind, place->mem, drawn_by_openai, &drawn);
    place_open_set(place->kind, place->mem, refused_by_openai, &locked);
    const Shop shop = shop_open(&drawn, rich), other = shop_open(&locked, rich);
    AUTO(buf_done) Buf photo = photo_draw(&drawn, 1);
    const FormRow image = {"image", .file = &photo};
    const FormRow *broken = (FormRow[]){{"prompt", "fault-500"}, image, {0}};

    generate(&shop, "{\"prompt\":\"fault-cut\"}", 504, "vendor_unsure");
    generate(&shop, "{\"prompt\":\"fault-500\"}", 502, NULL);
    send_form(&shop, EDITS, (FormRow[]){{"prompt", "fault-cut"}, image, {0}}, 504, "vendor_unsure");
    send_form(&shop, EDITS, broken, 502, NULL);
    send_form(&other, VARIATIONS, (FormRow[]){image, {0}}, 502, NULL);

    send_form(&shop, EDITS, broken, 502, NULL); /* the fifth: now it is left alone for a while */
    generate(&shop, "{\"prompt\":\"a\"}", 503, "server_overloaded");
    send_form(&shop, EDITS, (FormRow[]){{"prompt", "a"}, image, {0}}, 503, "server_overloaded");
    send_form(&shop, VARIATIONS, (FormRow[]){image, {0}}, 503, "server_overloaded");
}
