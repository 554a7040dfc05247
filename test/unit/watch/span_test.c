/* Promises of traces. */
#include "base/value.h"
#include "test.h"
#include "watch/span.h"
#include "watch/watch.h"

TEST(spans_stand_within_each_other_and_end_once)
{
    AUTO(arena_free) Arena *mem = arena_new();
    SpanDone done[8];

    spans_keep(true);
    Span *outer = span_open("outer", NULL);
    Span *inner = span_open("inner", NULL);
    AUTO(err_free) Err *err = err_new(ERR_NOT_FOUND, "secret message");

    span_text(inner, "step", "cutout");
    span_int(inner, "pixels", 12);
    span_failed(inner, err);
    span_close(inner);
    span_close(outer);

    CHECK_INT(spans_fetch(done, 8, 0, mem), 2);
    CHECK_TEXT(done[0].name, "inner");
    CHECK_TEXT(done[0].place.trace, done[1].place.trace);
    CHECK_TEXT(done[0].parent, done[1].place.span);
    CHECK_TEXT(done[1].parent, "");
    CHECK_TEXT(done[0].failure, "not_found");
    CHECK_INT(done[0].fact_count, 2);
    CHECK_TEXT(done[0].facts[0].text, "cutout");
    CHECK_INT(done[0].facts[1].number, 12);
    CHECK_INT(spans_fetch(done, 8, 0, mem), 0);
    spans_keep(false);
    CHECK(span_open("nobody listens", NULL) == NULL);
}

TEST(a_span_continues_the_trace_of_a_caller)
{
    AUTO(arena_free) Arena *mem = arena_new();
    SpanDone done;
    SpanPlace place;
    char text[SPAN_TEXT_SIZE];

    CHECK(span_place_read("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", &place));
    CHECK(!span_place_read("00-00000000000000000000000000000000-b7ad6b7169203331-01", &place));
    CHECK(!span_place_read("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", &place));
    CHECK(!span_place_read("", &place));
    span_place_text(&place, text);
    CHECK_TEXT(text, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

    spans_keep(true);
    span_close(span_open("work", &place));
    CHECK_INT(spans_fetch(&done, 1, 0, mem), 1);
    CHECK_TEXT(done.place.trace, "0af7651916cd43dd8448eb211c80319c");
    CHECK_TEXT(done.parent, "b7ad6b7169203331");
    spans_keep(false);
}

static void keep_line(void *buf, const char *line, size_t size)
{
    CHECK_OK(buf_add(buf, line, size));
}

TEST(a_line_says_which_request_tenant_run_and_trace_it_belongs_to)
{
    AUTO(buf_done) Buf text = BUF(1 << 16);
    AUTO(value_free) Value *line = NULL;
    const WatchContext context = {.request_id = "req_1", .run_id = "run_1"};

    spans_keep(true);
    watch_start((WatchSetup){.level = WATCH_INFO, .format = WATCH_FORMAT_JSON, .fd = 2});
    watch_divert(keep_line, &text);
    CHECK(watch_context_set(&context) == NULL);
    Span *span = span_open("work", NULL);
    SpanPlace here = span_here();
    watch(WATCH_INFO, "step.done", WATCH_TEXT("step", "cutout"));
    span_close(span);
    CHECK(watch_context_set(NULL) == &context);
    watch_divert(NULL, NULL);
    watch_start((WatchSetup){.level = WATCH_ERROR, .fd = 2});
    spans_keep(false);

    CHECK_OK(value_parse(buf_text(&text), text.size, &line));
    CHECK_TEXT(value_text(value_get(line, "request_id")), "req_1");
    CHECK_TEXT(value_text(value_get(line, "run_id")), "run_1");
    CHECK(value_get(line, "tenant_id") == NULL);
    CHECK_TEXT(value_text(value_get(line, "trace_id")), here.trace);
    CHECK_TEXT(value_text(value_get(line, "span_id")), here.span);
}
