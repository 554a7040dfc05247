/* A vendor with a queue, on loopback. */
#include "unit/vendor/line_up.h"

#include <signal.h>
#include <strings.h>

#include "image/image.h"

/* ---- answers ---- */

static bool reply_json(const PeerAsked *asked, const char *status, const char *body)
{
    return peer_reply(asked, status, "Content-Type: application/json\r\n", body);
}

static bool file_reply(LineUp *line_up, const PeerAsked *asked)
{
    atomic_fetch_add(&line_up->files, 1);
    if (line_up->file_status)
        return peer_reply(asked, line_up->file_status, "", "gone");
    if (*peer_header(asked, "Authorization"))
        atomic_fetch_add(&line_up->leaks, 1);
    peer_say(
        asked, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %zu\r\n\r\n",
        line_up->picture.size);
    peer_say_bytes(asked, line_up->picture.bytes, line_up->picture.size);
    return true;
}

static void submission_keep(LineUp *line_up, const PeerAsked *asked)
{
    pthread_mutex_lock(&line_up->mutex);
    line_up->last.size = 0;
    err_free(buf_add(&line_up->last, asked->body, asked->body_bytes));
    snprintf(line_up->last_target, sizeof(line_up->last_target), "%s", asked->target);
    snprintf(
        line_up->last_prefer, sizeof(line_up->last_prefer), "%s", peer_header(asked, "Prefer"));
    snprintf(
        line_up->last_key, sizeof(line_up->last_key), "%s", peer_header(asked, "Authorization"));
    pthread_mutex_unlock(&line_up->mutex);
}

/* The number of the request that TARGET names: "/.../requests/request-3/status". */
static int number_of(const char *target)
{
    const char *at = strstr(target, "request-");

    return at ? (int)strtol(at + strlen("request-"), NULL, 10) : 0;
}

/* True while the work is to look unfinished. */
static bool is_unfinished(LineUp *line_up, const PeerAsked *asked)
{
    int looks = atomic_fetch_add(&line_up->seen_looks, 1);

    pthread_mutex_lock(&line_up->mutex);
    snprintf(line_up->last_look, sizeof(line_up->last_look), "%s", asked->target);
    pthread_mutex_unlock(&line_up->mutex);
    if (line_up->tired)
        cancel_ask(line_up->tired);
    if (line_up->victim > 0) {
        kill(line_up->victim, SIGKILL);
        line_up->victim = 0;
        return true;
    }
    return looks < line_up->looks;
}

/* ---- fal ---- */

static bool fal_status(LineUp *line_up, const PeerAsked *asked, int number)
{
    char body[600];

    snprintf(
        body, sizeof(body),
        "{\"status\":\"%s\",\"request_id\":\"request-%d\",\"response_url\":\"%s/x\","
        "\"status_url\":\"%s/x\",\"cancel_url\":\"%s/x\"%s}",
        is_unfinished(line_up, asked) ? "IN_PROGRESS" : "COMPLETED", number, line_up->url,
        line_up->url, line_up->url, ",\"metrics\":{\"inference_time\":1.5}");
    return reply_json(asked, "200 OK", body);
}

static bool fal_result(LineUp *line_up, const PeerAsked *asked)
{
    char body[600];

    atomic_fetch_add(&line_up->results, 1);
    if (line_up->result_status || line_up->result_body)
        return reply_json(
            asked, line_up->result_status ? line_up->result_status : "200 OK",
            line_up->result_body);
    snprintf(
        body, sizeof(body),
        "{\"images\":[{\"url\":\"%s/files/a.png\",\"width\":32,\"height\":32,\"content_type\":"
        "\"image/png\"}],\"seed\":77,\"has_nsfw_concepts\":[false],\"prompt\":\"a mug\"}",
        line_up->url);
    return reply_json(asked, "200 OK", body);
}

static bool fal_submit(LineUp *line_up, const PeerAsked *asked)
{
    char body[600];
    int number = atomic_fetch_add(&line_up->submits, 1) + 1;

    submission_keep(line_up, asked);
    if (line_up->submit_status)
        return peer_reply(
            asked, line_up->submit_status,
            line_up->submit_headers ? line_up->submit_headers
                                    : "Content-Type: application/json\r\n",
            line_up->submit_body ? line_up->submit_body : "");
    snprintf(
        body, sizeof(body),
        "{\"status\":\"IN_QUEUE\",\"request_id\":\"request-%d\",\"response_url\":\"%s/x\","
        "\"status_url\":\"%s/x\",\"cancel_url\":\"%s/x\",\"queue_position\":2}",
        number, line_up->url, line_up->url, line_up->url);
    return reply_json(asked, "200 OK", body);
}

static bool fal_answer(LineUp *line_up, const PeerAsked *asked)
{
    const char *target = asked->target;

    if (strcmp(asked->method, "PUT") == 0 && strstr(target, "/cancel")) {
        atomic_fetch_add(&line_up->cancels, 1);
        return reply_json(asked, "202 Accepted", "{\"status\":\"CANCELLATION_REQUESTED\"}");
    }
    if (strcmp(asked->method, "POST") == 0)
        return fal_submit(line_up, asked);
    if (strstr(target, "/status"))
        return fal_status(line_up, asked, number_of(target));
    return fal_result(line_up, asked);
}

/* ---- Replicate ---- */

static bool prediction_reply(
    LineUp *line_up, const PeerAsked *asked, const char *http_status, const char *state, int number)
{
    char body[1200], output[300] = "null";

    if (strcmp(state, "succeeded") == 0)
        snprintf(output, sizeof(output), "[\"%s/files/a.png\"]", line_up->url);
    snprintf(
        body, sizeof(body),
        "{\"id\":\"request-%d\",\"model\":\"stability-ai/sdxl\",\"version\":\"hidden\",\"input\":{}"
        ",\"output\":%s,\"data_removed\":false,\"error\":null,\"status\":\"%s\","
        "\"metrics\":{\"predict_time\":2.25},\"created_at\":\"2026-11-21T04:05:06Z\",\"urls\":{}}",
        number, output, state);
    return reply_json(asked, http_status, body);
}

static bool replicate_submit(LineUp *line_up, const PeerAsked *asked)
{
    int number = atomic_fetch_add(&line_up->submits, 1) + 1;
    bool waits = strncmp(peer_header(asked, "Prefer"), "wait", 4) == 0;

    submission_keep(line_up, asked);
    if (line_up->submit_status)
        return peer_reply(
            asked, line_up->submit_status,
            line_up->submit_headers ? line_up->submit_headers
                                    : "Content-Type: application/json\r\n",
            line_up->submit_body ? line_up->submit_body : "");
    return prediction_reply(
        line_up, asked, "201 Created", waits && !line_up->looks ? "succeeded" : "starting", number);
}

static bool replicate_answer(LineUp *line_up, const PeerAsked *asked)
{
    const char *target = asked->target;

    if (strstr(target, "/cancel")) {
        atomic_fetch_add(&line_up->cancels, 1);
        return prediction_reply(line_up, asked, "200 OK", "canceled", number_of(target));
    }
    if (strcmp(target, "/files") == 0) {
        char body[200];

        atomic_fetch_add(&line_up->uploads, 1);
        snprintf(
            body, sizeof(body), "{\"id\":\"f1\",\"urls\":{\"get\":\"%s/v1/files/f1\"}}",
            line_up->url);
        return reply_json(asked, "201 Created", body);
    }
    if (strcmp(asked->method, "POST") == 0)
        return replicate_submit(line_up, asked);
    if (line_up->result_status || line_up->result_body)
        return reply_json(
            asked, line_up->result_status ? line_up->result_status : "200 OK",
            line_up->result_body);
    return prediction_reply(
        line_up, asked, "200 OK", is_unfinished(line_up, asked) ? "processing" : "succeeded",
        number_of(target));
}

/* ---- both ---- */

static bool answer(void *context, const PeerAsked *asked)
{
    LineUp *line_up = context;

    if (strncmp(asked->target, "/files/", 7) == 0)
        return file_reply(line_up, asked);
    if (strcmp(asked->target, "/.well-known/jwks.json") == 0) {
        atomic_fetch_add(&line_up->keys, 1);
        return reply_json(
            asked, "200 OK",
            "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"x\",\"e\":\"AQAB\"},{\"kty\":\"OKP\",\"crv\":"
            "\"Ed25519\",\"x\":\"6kpsY-KcUgq-9VB7Ey7F-ZVHdq6-vnuSQh7qaRRG0iw\"}]}");
    }
    if (strcmp(asked->target, "/webhooks/default/secret") == 0) {
        atomic_fetch_add(&line_up->keys, 1);
        return reply_json(
            asked, "200 OK", "{\"key\":\"whsec_Y3ljbG9yYW1hLXN0YW5kYXJkLXdlYmhvb2tzIQ==\"}");
    }
    return strcmp(line_up->vendor, "fal") == 0 ? fal_answer(line_up, asked)
                                               : replicate_answer(line_up, asked);
}

void line_up_init(LineUp *line_up, const char *vendor)
{
    *line_up = (LineUp){
        .mem = arena_new(),
        .vendor = vendor,
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .last = BUF(64 << 20),
    };
    line_up->picture = line_up_draw(line_up, (Drawn){.side_px = 32});
    line_up->peer = peer_start(answer, line_up);
    snprintf(line_up->url, sizeof(line_up->url), "http://127.0.0.1:%d", peer_port(line_up->peer));
    CHECK_OK(net_open(&(NetSetup){.agent = "test", .allowed = "127.0.0.1"}, &line_up->net));
}

void line_up_open(LineUp *line_up)
{
    const VendorKey keys[] = {
        {.vendor = line_up->vendor, .secret = "the-houses-key", .base_url = line_up->url},
        {0},
    };
    VendorsSetup setup = {
        .net = line_up->net,
        .keys = keys,
        .hook_url = line_up->hook_url,
        .journal = line_up->journal,
    };

    CHECK_OK(vendors_open(&setup, &line_up->vendors));
}

void line_up_done(LineUp *line_up)
{
    vendors_close(line_up->vendors);
    net_close(line_up->net);
    peer_stop(line_up->peer);
    buf_done(&line_up->last);
    arena_free(line_up->mem);
}

static void value_end(void *value)
{
    value_free(value);
}

const Value *line_up_said(LineUp *line_up)
{
    Value *value;

    CHECK_OK(value_parse(buf_text(&line_up->last), line_up->last.size, &value));
    arena_keep(line_up->mem, value_end, value);
    return value;
}

VendorPicture line_up_draw(LineUp *line_up, Drawn drawn)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(buf_done) Buf png = BUF(16 << 20);
    int side = drawn.side_px;
    uint32_t noise = 1;

    CHECK_OK(image_new(side, side, 4, DEPTH_8, &image));
    for (int y = 0; y < side; y++) {
        uint8_t *row = image_row_mut(image, y);

        for (int x = 0; x < side; x++) {
            noise = noise * 1664525u + 1013904223u;
            row[4 * x] = (uint8_t)(noise >> 24);
            row[4 * x + 1] = (uint8_t)(noise >> 16);
            row[4 * x + 2] = (uint8_t)(noise >> 8);
            row[4 * x + 3] = drawn.is_holed && x < side / 2 ? 0 : 255;
        }
    }
    CHECK_OK(image_encode(image, &(ImageEncoding){.format = IMAGE_PNG}, &png));
    arena_keep(line_up->mem, free, png.bytes);
    VendorPicture picture = {
        .bytes = png.bytes,
        .size = png.size,
        .type = "image/png",
        .width_px = side,
        .height_px = side,
    };
    png = (Buf)BUF(0);
    return picture;
}

Err *line_up_ask(LineUp *line_up, VendorAsk ask, VendorAnswer *ret)
{
    ask.vendor = line_up->vendor;
    return vendors_ask(line_up->vendors, &ask, line_up->mem, ret);
}

Hooked
hooked_of(const char *vendor, const char *const (*headers)[2], size_t count, const char *body)
{
    Hooked hooked = {.vendor = vendor, .body = body};

    for (size_t i = 0; i < count; i++) {
        hooked.headers[i][0] = headers[i][0];
        hooked.headers[i][1] = headers[i][1];
    }
    return hooked;
}

static const char *hooked_header(void *context, const char *name)
{
    const Hooked *hooked = context;

    for (size_t i = 0; i < COUNT(hooked->headers) && hooked->headers[i][0]; i++)
        if (strcasecmp(hooked->headers[i][0], name) == 0)
            return hooked->headers[i][1];
    return NULL;
}

Err *hooked_send(LineUp *line_up, const Hooked *hooked, const char **ret_request)
{
    Hooked copy = *hooked;
    const VendorHook hook = {
        .vendor = hooked->vendor,
        .header = hooked_header,
        .context = &copy,
        .body = hooked->body,
        .size = strlen(hooked->body),
    };

    return vendors_hook(line_up->vendors, &hook, line_up->mem, ret_request);
}
