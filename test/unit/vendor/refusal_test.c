/* What these services can refuse with, by their own documents, and what becomes of it here. */
#include "begun.h"
#include "call.h"

#define STABLE(name, words) "{\"id\": \"x\", \"name\": \"" name "\", \"errors\": [\"" words "\"]}"
#define REMOVE(code, title) "{\"errors\": [{\"code\": \"" code "\", \"title\": \"" title "\"}]}"
#define SEG(words) "{\"error\": \"" words "\"}"

static const struct Refusal {
    const char *vendor;
    int status;
    const char *body;
    ErrCode code;
    const char *text; /* part of what the customer is told; NULL is the code's own */
    const char *headers, *type;
    const char *key; /* asks segmind by its queue */
    int asked;       /* requests, when it is not one: repetitions, or another name for a model */
} refusals[] = {
    {"stability", 400, STABLE("bad_request", "prompt: is too long"), ERR_INPUT_INVALID,
     "prompt: is too long"},
    {"stability", 401, STABLE("unauthorized", "missing key"), ERR_VENDOR_KEY_REFUSED},
    {"stability", 402, STABLE("payment_required", "no credits"), ERR_VENDOR_UNPAID},
    {"stability", 403, STABLE("content_moderation", "Your request was flagged"), ERR_PROMPT_REFUSED,
     "Your request was flagged"},
    {"stability", 413, STABLE("payload_too_large", "10 MiB at most"), ERR_FILE_TOO_LARGE,
     "10 MiB at most"},
    {"stability", 422, STABLE("unprocessable_entity", "no such style"), ERR_INPUT_INVALID,
     "no such style"},
    {"stability", 429, STABLE("rate_limit_exceeded", "150 in 10 s"), ERR_VENDOR_BUSY, "60 seconds",
     .asked = 3},
    {"stability", 500, STABLE("internal_error", "oops"), ERR_UPSTREAM_FAILED},
    {"stability", 200, "no picture at all", ERR_VENDOR_UNSURE, .type = "image/png"},
    {"stability", 200, "{\"image\": 3}", ERR_VENDOR_UNSURE},
    {"remove.bg", 400, REMOVE("unknown_foreground", "Could not identify foreground in image."),
     ERR_INPUT_INVALID, "Could not identify foreground"},
    {"remove.bg", 400, REMOVE("file_too_large", "File too large"), ERR_FILE_TOO_LARGE,
     "File too large"},
    {"remove.bg", 400, REMOVE("resolution_too_high", "Image resolution too high"),
     ERR_FILE_TOO_LARGE, "resolution too high"},
    {"remove.bg", 400, REMOVE("failed_to_read_image", "There was an error reading the image."),
     ERR_INPUT_INVALID, "error reading the image"},
    {"remove.bg", 400, REMOVE("invalid_file_type", "Invalid file type"), ERR_INPUT_INVALID,
     "Invalid file type"},
    {"remove.bg", 400, REMOVE("missing_source", "No image given"), ERR_INPUT_INVALID,
     "No image given"},
    {"remove.bg", 402, "{\"errors\": [{\"title\": \"Insufficient credits\"}]}", ERR_VENDOR_UNPAID},
    {"remove.bg", 403, REMOVE("auth_failed", "API Key invalid"), ERR_VENDOR_KEY_REFUSED},
    {"remove.bg", 429, REMOVE("rate_limit_exceeded", "Rate limit exceeded"), ERR_VENDOR_BUSY,
     "30 seconds", .headers = "Retry-After: 30\r\n", .asked = 2},
    {"remove.bg", 429, REMOVE("rate_limit_exceeded", "Rate limit exceeded"), ERR_VENDOR_BUSY,
     "5 minutes", .headers = "Retry-After: 300\r\n"},
    {"remove.bg", 502, "<html>", ERR_UPSTREAM_FAILED, .type = "text/html"},
    {"remove.bg", 504, "", ERR_VENDOR_UNSURE, .type = "text/plain"},
    {"segmind", 400, SEG("image is required"), ERR_INPUT_INVALID, "image is required"},
    {"segmind", 401, SEG("Missing x-api-key in header"), ERR_VENDOR_KEY_REFUSED},
    {"segmind", 403, SEG("model not allowed"), ERR_MODEL_UNKNOWN, .asked = 2},
    {"segmind", 404, SEG("Model not found"), ERR_MODEL_UNKNOWN, .asked = 2},
    {"segmind", 405, "<html>405</html>", ERR_UPSTREAM_FAILED, .type = "text/html"},
    {"segmind", 406, SEG("Invalid content type"), ERR_INPUT_INVALID, "Invalid content type"},
    {"segmind", 406, SEG("Insufficient credits"), ERR_VENDOR_UNPAID},
    {"segmind", 406, SEG("Team spend limit reached"), ERR_VENDOR_UNPAID},
    {"segmind", 410, SEG("retired"), ERR_MODEL_RETIRED},
    {"segmind", 429, SEG("slow down"), ERR_VENDOR_BUSY,
     .headers = "x-rate-limit-reset-at-utc: 2027-01-15T08:00:20Z\r\n", .asked = 4},
    {"segmind", 500, SEG("model error"), ERR_UPSTREAM_FAILED},
    {"segmind", 422, "{\"status\": \"FAILED\", \"error\": \"no face found\"}", ERR_INPUT_INVALID,
     "no face found", .key = "run-1"},
    {"segmind", 200, "{\"status\": \"QUEUED\"}", ERR_VENDOR_UNSURE, .key = "run-1"},
    {"segmind", 200, "{\"request_id\": \"../../../v1/get-user-credits\"}", ERR_VENDOR_UNSURE,
     .key = "run-1"},
};

static void refusal_check(const struct Refusal *refusal)
{
    const OutsideRow rows[] = {
        {"*", "*", refusal->status, refusal->headers, refusal->body, refusal->type}, {NULL}};
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
    const char *what =
        arena_print(call.mem, "%s, %d: %s", refusal->vendor, refusal->status, refusal->body);

    if (!err || err_code(err) != refusal->code)
        test_fail(
            __FILE__, __LINE__, "%s became %s (%s)", what,
            err ? err_name(err_code(err)) : "no error", err ? err_message(err) : "");
    if (refusal->text && !strstr(err_text(err), text))
        test_fail(__FILE__, __LINE__, "%s says '%s'", what, err_text(err));
    if (outside_count(call.outside) != MAX(refusal->asked, 1))
        test_fail(__FILE__, __LINE__, "%s took %d requests", what, outside_count(call.outside));
    CHECK(!strstr(err_message(err), "test-key") && !strstr(err_text(err), "test-key"));
}

TEST(every_refusal_in_the_documents_becomes_what_ours_say)
{
    for (size_t i = 0; i < COUNT(refusals); i++)
        refusal_check(&refusals[i]);
}

/* The codes of its description that come with 400, whichever value they are about. */
TEST(whatever_removebg_says_of_a_value_is_passed_on)
{
    static const char *const codes[] = {
        "failed_bg_download",       "failed_image_download", "invalid_bg_color",
        "invalid_bg_image_url",     "invalid_channels",      "invalid_crop_margin",
        "invalid_dimensions",       "invalid_format",        "invalid_image_url",
        "invalid_position",         "invalid_roi",           "invalid_scale",
        "invalid_semitransparency", "invalid_size",          "multiple_bg_sources",
        "multiple_sources",         "roi_exceeds_bounds",    "roi_region_empty",
    };

    for (size_t i = 0; i < COUNT(codes); i++) {
        AUTO(arena_free) Arena *mem = arena_new();
        struct Refusal refusal = {
            "remove.bg", 400,
            arena_print(mem, REMOVE("%s", "Something is amiss with %s"), codes[i], codes[i]),
            ERR_INPUT_INVALID, codes[i]};

        refusal_check(&refusal);
    }
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
