/* What these services can refuse with, by their own documents, and what becomes of it here. */
#include <string.h>

#include "test.h"
#include "told.h"

#define JSON "Content-Type: application/json\r\n"
#define STABLE(name, words) "{\"id\": \"x\", \"name\": \"" name "\", \"errors\": [\"" words "\"]}"
#define REMOVE(code, title) "{\"errors\": [{\"code\": \"" code "\", \"title\": \"" title "\"}]}"
#define SEG(words) "{\"error\": \"" words "\"}"

static const struct Refusal {
    const char *vendor;
    const char *key; /* asks segmind by its queue */
    Told told[2];
    ErrCode code;
    const char *text; /* part of what the customer is told; NULL is the code's own */
    int asked;        /* requests: more than one is a repetition */
} refusals[] = {
    {"stability",
     NULL,
     {{"400 Bad Request", JSON, STABLE("bad_request", "prompt: is too long")}},
     ERR_INPUT_INVALID,
     "prompt: is too long",
     1},
    {"stability",
     NULL,
     {{"401 Unauthorized", JSON, STABLE("unauthorized", "missing key")}},
     ERR_VENDOR_KEY_REFUSED,
     NULL,
     1},
    {"stability",
     NULL,
     {{"402 Payment Required", JSON, STABLE("payment_required", "no credits")}},
     ERR_VENDOR_UNPAID,
     NULL,
     1},
    {"stability",
     NULL,
     {{"403 Forbidden", JSON, STABLE("content_moderation", "Your request was flagged")}},
     ERR_PROMPT_REFUSED,
     "Your request was flagged",
     1},
    {"stability",
     NULL,
     {{"413 Payload Too Large", JSON, STABLE("payload_too_large", "10 MiB at most")}},
     ERR_FILE_TOO_LARGE,
     "10 MiB at most",
     1},
    {"stability",
     NULL,
     {{"422 Unprocessable Entity", JSON, STABLE("unprocessable_entity", "no such style")}},
     ERR_INPUT_INVALID,
     "no such style",
     1},
    {"stability",
     NULL,
     {{"429 Too Many Requests", JSON, STABLE("rate_limit_exceeded", "150 in 10 s")}},
     ERR_VENDOR_BUSY,
     "60 seconds",
     3},
    {"stability",
     NULL,
     {{"500 Internal Server Error", JSON, STABLE("internal_error", "oops")}},
     ERR_UPSTREAM_FAILED,
     NULL,
     1},
    {"stability",
     NULL,
     {{"200 OK", "Content-Type: image/png\r\n", "no picture at all"}},
     ERR_UPSTREAM_FAILED,
     NULL,
     1},
    {"stability", NULL, {{"200 OK", JSON, "{\"image\": 3}"}}, ERR_UPSTREAM_FAILED, NULL, 1},

    {"remove.bg",
     NULL,
     {{"400 Bad Request", JSON,
       REMOVE("unknown_foreground", "Could not identify foreground in image.")}},
     ERR_INPUT_INVALID,
     "Could not identify foreground",
     1},
    {"remove.bg",
     NULL,
     {{"400 Bad Request", JSON, REMOVE("file_too_large", "File too large")}},
     ERR_FILE_TOO_LARGE,
     "File too large",
     1},
    {"remove.bg",
     NULL,
     {{"400 Bad Request", JSON, REMOVE("resolution_too_high", "Image resolution too high")}},
     ERR_FILE_TOO_LARGE,
     "resolution too high",
     1},
    {"remove.bg",
     NULL,
     {{"400 Bad Request", JSON,
       REMOVE("failed_to_read_image", "There was an error reading the image.")}},
     ERR_INPUT_INVALID,
     "error reading the image",
     1},
    {"remove.bg",
     NULL,
     {{"400 Bad Request", JSON, REMOVE("invalid_file_type", "Invalid file type")}},
     ERR_INPUT_INVALID,
     "Invalid file type",
     1},
    {"remove.bg",
     NULL,
     {{"400 Bad Request", JSON, REMOVE("missing_source", "No image given")}},
     ERR_INPUT_INVALID,
     "No image given",
     1},
    {"remove.bg",
     NULL,
     {{"402 Payment Required", JSON, "{\"errors\": [{\"title\": \"Insufficient credits\"}]}"}},
     ERR_VENDOR_UNPAID,
     NULL,
     1},
    {"remove.bg",
     NULL,
     {{"403 Forbidden", JSON, REMOVE("auth_failed", "API Key invalid")}},
     ERR_VENDOR_KEY_REFUSED,
     NULL,
     1},
    {"remove.bg",
     NULL,
     {{"429 Too Many Requests", JSON "Retry-After: 30\r\n",
       REMOVE("rate_limit_exceeded", "Rate limit exceeded")}},
     ERR_VENDOR_BUSY,
     "30 seconds",
     2},
    {"remove.bg",
     NULL,
     {{"429 Too Many Requests", JSON "Retry-After: 300\r\n",
       REMOVE("rate_limit_exceeded", "Rate limit exceeded")}},
     ERR_VENDOR_BUSY,
     "5 minutes",
     1},
    {"remove.bg",
     NULL,
     {{"502 Bad Gateway", "Content-Type: text/html\r\n", "<html>"}},
     ERR_UPSTREAM_FAILED,
     NULL,
     1},
    {"remove.bg", NULL, {{"504 Gateway Timeout", "", ""}}, ERR_VENDOR_UNSURE, NULL, 1},

    {"segmind",
     NULL,
     {{"400 Bad Request", JSON, SEG("image is required")}},
     ERR_INPUT_INVALID,
     "image is required",
     1},
    {"segmind",
     NULL,
     {{"401 Unauthorized", JSON, SEG("Missing x-api-key in header")}},
     ERR_VENDOR_KEY_REFUSED,
     NULL,
     1},
    {"segmind",
     NULL,
     {{"403 Forbidden", JSON, SEG("model not allowed")}},
     ERR_MODEL_UNKNOWN,
     NULL,
     2},
    {"segmind",
     NULL,
     {{"404 Not Found", JSON, SEG("Model not found")}},
     ERR_MODEL_UNKNOWN,
     NULL,
     2},
    {"segmind",
     NULL,
     {{"405 Method Not Allowed", "Content-Type: text/html\r\n", "<html>405</html>"}},
     ERR_UPSTREAM_FAILED,
     NULL,
     1},
    {"segmind",
     NULL,
     {{"406 Not Acceptable", JSON, SEG("Invalid content type")}},
     ERR_INPUT_INVALID,
     "Invalid content type",
     1},
    {"segmind",
     NULL,
     {{"406 Not Acceptable", JSON, SEG("Insufficient credits")}},
     ERR_VENDOR_UNPAID,
     NULL,
     1},
    {"segmind",
     NULL,
     {{"406 Not Acceptable", JSON, SEG("Team spend limit reached")}},
     ERR_VENDOR_UNPAID,
     NULL,
     1},
    {"segmind", NULL, {{"410 Gone", JSON, SEG("retired")}}, ERR_MODEL_RETIRED, NULL, 1},
    {"segmind",
     NULL,
     {{"429 Too Many Requests", JSON "x-rate-limit-reset-at-utc: 2027-01-15T08:00:20Z\r\n",
       SEG("slow down")}},
     ERR_VENDOR_BUSY,
     NULL,
     4},
    {"segmind",
     NULL,
     {{"500 Internal Server Error", JSON, SEG("model error")}},
     ERR_UPSTREAM_FAILED,
     NULL,
     1},
    {"segmind",
     "run-1",
     {{"422 Unprocessable Entity", JSON, "{\"status\": \"FAILED\", \"error\": \"no face found\"}"}},
     ERR_INPUT_INVALID,
     "no face found",
     1},
    {"segmind",
     "run-1",
     {{"200 OK", JSON, "{\"status\": \"QUEUED\"}"}},
     ERR_VENDOR_UNSURE,
     NULL,
     1},
    {"segmind",
     "run-1",
     {{"200 OK", JSON, "{\"request_id\": \"../../../v1/get-user-credits\"}"}},
     ERR_VENDOR_UNSURE,
     NULL,
     1},
};

static void refusal_check(const struct Refusal *refusal)
{
    AUTO(teller_end) Teller teller;
    VendorAsk ask = {
        .ability = strcmp(refusal->vendor, "stability") == 0 ? ABILITY_GENERATE : ABILITY_CUTOUT,
        .vendor = refusal->vendor,
        .prompt = "a shoe",
        .key = refusal->key,
        .seed = -1,
        .compression = -1,
    };

    teller_start(&teller, refusal->vendor, refusal->told);
    ask.images[0] = teller_picture(&teller), ask.image_count = 1;

    AUTO(err_free) Err *err = teller_ask(&teller, ask);
    const char *text = refusal->text ? refusal->text : err_default_text(refusal->code);
    const char *what = arena_print(
        teller.mem, "%s, %s: %s", refusal->vendor, refusal->told->status, refusal->told->body);

    if (!err || err_code(err) != refusal->code)
        test_fail(
            __FILE__, __LINE__, "%s became %s (%s)", what,
            err ? err_name(err_code(err)) : "no error", err ? err_message(err) : "");
    if (refusal->text && !strstr(err_text(err), text))
        test_fail(__FILE__, __LINE__, "%s says '%s'", what, err_text(err));
    if (peer_asked(teller.peer) != refusal->asked)
        test_fail(__FILE__, __LINE__, "%s took %d requests", what, peer_asked(teller.peer));
    CHECK(!strstr(err_message(err), "secret-key") && !strstr(err_text(err), "secret-key"));
}

TEST(every_refusal_in_the_documents_becomes_what_ours_say)
{
    for (size_t i = 0; i < COUNT(refusals); i++)
        refusal_check(&refusals[i]);
}

TEST(an_expired_result_is_not_waited_for)
{
    static const Told told[] = {
        {"200 OK", JSON, "{\"id\": \"gen-1\"}"},
        {"404 Not Found", JSON, STABLE("not_found", "no such generation")},
        {0},
    };
    AUTO(teller_end) Teller teller;
    VendorAsk ask = {
        .ability = ABILITY_UPSCALE, .vendor = "stability", .model = "creative", .seed = -1};

    teller_start(&teller, "stability", told);
    ask.images[0] = teller_picture(&teller), ask.image_count = 1;
    CHECK_ERR(
        teller_ask(&teller, ask), ERR_UPSTREAM_FAILED, "'stability' answered 404 (not_found)");
    CHECK_INT(peer_asked(teller.peer), 2);
}
