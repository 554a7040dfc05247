/* Promises of the log. */
#include <unistd.h>

#include "base/buf.h"
#include "base/crew.h"
#include "base/value.h"
#include "test.h"
#include "watch/watch.h"

typedef struct Kept {
    Buf text;
    int lines;
} Kept;

static void keep(void *kept_any, const char *line, size_t size)
{
    Kept *kept = kept_any;

    CHECK_OK(buf_add(&kept->text, line, size));
    kept->lines++;
}

static void tap_open(Kept *kept, WatchLevel level, WatchFormat format)
{
    watch_start((WatchSetup){.level = level, .format = format, .fd = STDERR_FILENO});
    watch_divert(keep, kept);
}

static void tap_close(Kept *kept)
{
    watch_divert(NULL, NULL);
    watch_start((WatchSetup){.level = WATCH_ERROR, .fd = STDERR_FILENO});
    buf_done(&kept->text);
}

TEST(a_log_line_is_one_json_object_with_time_level_event_and_facts)
{
    Kept kept = {.text = BUF(1 << 16)};
    AUTO(value_free) Value *line = NULL;

    tap_open(&kept, WATCH_INFO, WATCH_FORMAT_JSON);
    watch(WATCH_INFO, "photo.done", WATCH_TEXT("photo", "a \"b\"\n.jpg"), WATCH_INT("took_ms", 31));
    CHECK_OK(value_parse(buf_text(&kept.text), kept.text.size, &line));
    CHECK_INT(kept.text.bytes[kept.text.size - 1], '\n');
    CHECK_TEXT(value_text(value_get(line, "level")), "info");
    CHECK_TEXT(value_text(value_get(line, "event")), "photo.done");
    CHECK_TEXT(value_text(value_get(line, "photo")), "a \"b\"\n.jpg");
    CHECK_INT(value_int(value_get(line, "took_ms")), 31);
    CHECK_INT(strlen(value_text(value_get(line, "time"))), 24);
    tap_close(&kept);
}

TEST(lines_below_the_level_are_not_written)
{
    Kept kept = {.text = BUF(1 << 16)};

    tap_open(&kept, WATCH_WARN, WATCH_FORMAT_JSON);
    watch_line(WATCH_INFO, "quiet", NULL);
    CHECK_INT(kept.lines, 0);
    watch_line(WATCH_WARN, "loud", NULL);
    CHECK_INT(kept.lines, 1);
    tap_close(&kept);
}

TEST(a_secret_never_reaches_the_log)
{
    Kept kept = {.text = BUF(1 << 16)};

    tap_open(&kept, WATCH_INFO, WATCH_FORMAT_TEXT);
    watch(
        WATCH_INFO, "vendor.call", WATCH_TEXT("Access_Token", "s3cr3t"),
        WATCH_TEXT("host", "api.example"));
    CHECK(strstr(buf_text(&kept.text), "s3cr3t") == NULL);
    CHECK(strstr(buf_text(&kept.text), "Access_Token=*** host=api.example\n") != NULL);
    tap_close(&kept);
}

TEST(a_logged_error_says_code_message_field_and_source_line)
{
    Kept kept = {.text = BUF(1 << 16)};
    AUTO(err_free) Err *err = err_field(err_new(ERR_INPUT_INVALID, "no such thing"), "/fill");
    AUTO(value_free) Value *line = NULL;

    tap_open(&kept, WATCH_INFO, WATCH_FORMAT_JSON);
    watch_err("recipe.refused", err, "mine.json");
    CHECK_OK(value_parse(buf_text(&kept.text), kept.text.size, &line));
    CHECK_TEXT(value_text(value_get(line, "level")), "warn");
    CHECK_TEXT(value_text(value_get(line, "code")), "input_invalid");
    CHECK_TEXT(value_text(value_get(line, "message")), "no such thing");
    CHECK_TEXT(value_text(value_get(line, "subject")), "mine.json");
    CHECK_TEXT(value_text(value_get(line, "field")), "/fill");
    CHECK(strstr(value_text(value_get(line, "file")), "watch_test.c") != NULL);
    CHECK(value_int(value_get(line, "line")) > 0);
    tap_close(&kept);
}

static void write_line(void *context, size_t item)
{
    (void)context;
    watch(WATCH_INFO, "row", WATCH_INT("item", (int64_t)item));
}

TEST(lines_of_several_threads_do_not_mix)
{
    Kept kept = {.text = BUF(1 << 20)};
    bool seen[200] = {0};

    tap_open(&kept, WATCH_INFO, WATCH_FORMAT_JSON);
    crew_run(4, COUNT(seen), write_line, NULL);
    CHECK_INT(kept.lines, COUNT(seen));
    for (const char *at = buf_text(&kept.text); *at;) {
        AUTO(value_free) Value *line = NULL;
        size_t length = strcspn(at, "\n");

        CHECK_OK(value_parse(at, length, &line));
        seen[value_int(value_get(line, "item"))] = true;
        at += length + 1;
    }
    for (size_t i = 0; i < COUNT(seen); i++)
        CHECK(seen[i]);
    tap_close(&kept);
}
