/* What these services can refuse with, by their own documents, and what becomes of it here. */
#include "begun.h"
#include "call.h"

#define STABLE(name, words) "{\"id\": \"x\", \"name\": \"" name "\", \"errors\": [\"" words "\"]}"
#define REMOVE(code, title) "{\"errors\": [{\"code\": \"" code "\", \"title\": \"" title "\"}]}"
#define SEG(words) "{\"error\": \"" words "\"}"

static const struct Refusal {
    const char *vendor;
    const char *key; /* asks segmind by its queue */
    OutsideRow answer;
    ErrCode code;
    const char *text; /* part of what the customer is told; NULL is the code's own */
    int asked;        /* requests: more than one is a repetition, or another name for a model */
} refusals[] = {
    {"stability",
     NULL,
     {"*", "*", .status = 400, .body = STABLE("bad_request", "prompt: is too long")},
     ERR_INPUT_INVALID,
     "prompt: is too long",
     1},
    {"stability",
     NULL,
     {"*", "*", .status = 401, .body = STABLE("unauthorized", "missing key")},
     ERR_VENDOR_KEY_REFUSED,
     NULL,
     1},
    {"stability",
     NULL,
     {"*", "*", .status = 402, .body = STABLE("payment_required", "no credits")},
     ERR_VENDOR_UNPAID,
     NULL,
     1},
    {"stability",
     NULL,
     {"*", "*", .status = 403, .body = STABLE("content_moderation", "Your request was flagged")},
     ERR_PROMPT_REFUSED,
     "Your request was flagged",
     1},
    {"stability",
     NULL,
     {"*", "*", .status = 413, .body = STABLE("payload_too_large", "10 MiB at most")},
     ERR_FILE_TOO_LARGE,
     "10 MiB at most",
     1},
    {"stability",
     NULL,
     {"*", "*", .status = 422, .body = STABLE("unprocessable_entity", "no such style")},
     ERR_INPUT_INVALID,
     "no such style",
     1},
    {"stability",
     NULL,
     {"*", "*", .status = 429, .body = STABLE("rate_limit_exceeded", "150 in 10 s")},
     ERR_VENDOR_BUSY,
     "60 seconds",
     3},
    {"stability",
     NULL,
     {"*", "*", .status = 500, .body = STABLE("internal_error", "oops")},
     ERR_UPSTREAM_FAILED,
     NULL,
     1},
    {"stability",
     NULL,
     {"*", "*", .status = 200, .type = "image/png", .body = "no picture at all"},
     ERR_UPSTREAM_FAILED,
     NULL,
     1},
    {"stability",
     NULL,
     {"*", "*", .status = 200, .body = "{\"image\": 3}"},
     ERR_UPSTREAM_FAILED,
     NULL,
     1},
    {"remove.bg",
     NULL,
     {"*", "*", .status = 400,
      .body = REMOVE("unknown_foreground", "Could not identify foreground in image.")},
     ERR_INPUT_INVALID,
     "Could not identify foreground",
     1},
    {"remove.bg",
     NULL,
     {"*", "*", .status = 400, .body = REMOVE("file_too_large", "File too large")},
     ERR_FILE_TOO_LARGE,
     "File too large",
     1},
    {"remove.bg",
     NULL,
     {"*", "*", .status = 400, .body = REMOVE("resolution_too_high", "Image resolution too high")},
     ERR_FILE_TOO_LARGE,
     "resolution too high",
     1},
    {"remove.bg",
     NULL,
     {"*", "*", .status = 400,
      .body = REMOVE("failed_to_read_image", "There was an error reading the image.")},
     ERR_INPUT_INVALID,
     "error reading the image",
     1},
    {"remove.bg",
     NULL,
     {"*", "*", .status = 400, .body = REMOVE("invalid_file_type", "Invalid file type")},
     ERR_INPUT_INVALID,
     "Invalid file type",
     1},
    {"remove.bg",
     NULL,
     {"*", "*", .status = 400, .body = REMOVE("missing_source", "No image given")},
     ERR_INPUT_INVALID,
     "No image given",
     1},
    {"remove.bg",
     NULL,
     {"*", "*", .status = 402, .body = "{\"errors\": [{\"title\": \"Insufficient credits\"}]}"},
     ERR_VENDOR_UNPAID,
     NULL,
     1},
    {"remove.bg",
     NULL,
     {"*", "*", .status = 403, .body = REMOVE("auth_failed", "API Key invalid")},
     ERR_VENDOR_KEY_REFUSED,
     NULL,
     1},
    {"remove.bg",
     NULL,
     {"*", "*", .status = 429, .headers = "Retry-After: 30\r\n",
      .body = REMOVE("rate_limit_exceeded", "Rate limit exceeded")},
     ERR_VENDOR_BUSY,
     "30 seconds",
     2},
    {"remove.bg",
     NULL,
     {"*", "*", .status = 429, .headers = "Retry-After: 300\r\n",
      .body = REMOVE("rate_limit_exceeded", "Rate limit exceeded")},
     ERR_VENDOR_BUSY,
     "5 minutes",
     1},
    {"remove.bg",
     NULL,
     {"*", "*", .status = 502, .type = "text/html", .body = "<html>"},
     ERR_UPSTREAM_FAILED,
     NULL,
     1},
    {"remove.bg",
     NULL,
     {"*", "*", .status = 504, .type = "text/plain", .body = ""},
     ERR_VENDOR_UNSURE,
     NULL,
     1},
    {"segmind",
     NULL,
     {"*", "*", .status = 400, .body = SEG("image is required")},
     ERR_INPUT_INVALID,
     "image is required",
     1},
    {"segmind",
     NULL,
     {"*", "*", .status = 401, .body = SEG("Missing x-api-key in header")},
     ERR_VENDOR_KEY_REFUSED,
     NULL,
     1},
    {"segmind",
     NULL,
     {"*", "*", .status = 403, .body = SEG("model not allowed")},
     ERR_MODEL_UNKNOWN,
     NULL,
     2},
    {"segmind",
     NULL,
     {"*", "*", .status = 404, .body = SEG("Model not found")},
     ERR_MODEL_UNKNOWN,
     NULL,
     2},
    {"segmind",
     NULL,
     {"*", "*", .status = 405, .type = "text/html", .body = "<html>405</html>"},
     ERR_UPSTREAM_FAILED,
     NULL,
     1},
    {"segmind",
     NULL,
     {"*", "*", .status = 406, .body = SEG("Invalid content type")},
     ERR_INPUT_INVALID,
     "Invalid content type",
     1},
    {"segmind",
     NULL,
     {"*", "*", .status = 406, .body = SEG("Insufficient credits")},
     ERR_VENDOR_UNPAID,
     NULL,
     1},
    {"segmind",
     NULL,
     {"*", "*", .status = 406, .body = SEG("Team spend limit reached")},
     ERR_VENDOR_UNPAID,
     NULL,
     1},
    {"segmind",
     NULL,
     {"*", "*", .status = 410, .body = SEG("retired")},
     ERR_MODEL_RETIRED,
     NULL,
     1},
    {"segmind",
     NULL,
     {"*", "*", .status = 429, .headers = "x-rate-limit-reset-at-utc: 2027-01-15T08:00:20Z\r\n",
      .body = SEG("slow down")},
     ERR_VENDOR_BUSY,
     NULL,
     4},
    {"segmind",
     NULL,
     {"*", "*", .status = 500, .body = SEG("model error")},
     ERR_UPSTREAM_FAILED,
     NULL,
     1},
    {"segmind",
     "run-1",
     {"*", "*", .status = 422, .body = "{\"status\": \"FAILED\", \"error\": \"no face found\"}"},
     ERR_INPUT_INVALID,
     "no face found",
     1},
    {"segmind",
     "run-1",
     {"*", "*", .status = 200, .body = "{\"status\": \"QUEUED\"}"},
     ERR_VENDOR_UNSURE,
     NULL,
     1},
    {"segmind",
     "run-1",
     {"*", "*", .status = 200, .body = "{\"request_id\": \"../../../v1/get-user-credits\"}"},
     ERR_VENDOR_UNSURE,
     NULL,
     1},
};

static void refusal_check(const struct Refusal *refusal)
{
    const OutsideRow rows[] = {refusal->answer, {NULL}};
    Begun begun = {{0}};
    VendorJournal journal = begun_journal(&begun);
    AUTO(call_end) Call call = call_begin_all(refusal->vendor, rows, &journal);
    VendorAsk ask = {
        .ability = strcmp(refusal->vendor, "stability") == 0 ? ABILITY_GENERATE : ABILITY_CUTOUT,
        .prompt = "a shoe",
        .key = refusal->key,
        .seed = -1,
        .compression = -1,
    };

    ask.images[0] = call_picture(&call, "png", 24, 16), ask.image_count = 1;
    AUTO(err_free) Err *err = call_ask(&call, ask);
    const char *text = refusal->text ? refusal->text : err_default_text(refusal->code);
    const char *what = arena_print(
        call.mem, "%s, %d: %s", refusal->vendor, refusal->answer.status, refusal->answer.body);

    if (!err || err_code(err) != refusal->code)
        test_fail(
            __FILE__, __LINE__, "%s became %s (%s)", what,
            err ? err_name(err_code(err)) : "no error", err ? err_message(err) : "");
    if (refusal->text && !strstr(err_text(err), text))
        test_fail(__FILE__, __LINE__, "%s says '%s'", what, err_text(err));
    if (outside_count(call.outside) != refusal->asked)
        test_fail(__FILE__, __LINE__, "%s took %d requests", what, outside_count(call.outside));
    CHECK(!strstr(err_message(err), "test-key") && !strstr(err_text(err), "test-key"));
}

TEST(every_refusal_in_the_documents_becomes_what_ours_say)
{
    for (size_t i = 0; i < COUNT(refusals); i++)
        refusal_check(&refusals[i]);
}

TEST(an_expired_result_is_not_waited_for)
{
    static const OutsideRow rows[] = {
        {"POST", "*", .body = "{\"id\": \"gen-1\"}"},
        {"GET", "*", .status = 404, .body = STABLE("not_found", "no such generation")},
        {NULL},
    };
    AUTO(call_end) Call call = call_begin("stability", "", rows);
    VendorAsk ask = {.ability = ABILITY_UPSCALE, .model = "creative", .seed = -1};

    ask.images[0] = call_picture(&call, "png", 24, 16), ask.image_count = 1;
    CHECK_ERR(call_ask(&call, ask), ERR_UPSTREAM_FAILED, "'stability' answered 404 (not_found)");
}
