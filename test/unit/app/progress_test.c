/* Promises of the progress line. */
#include "app/progress.h"
#include "test.h"

static void check_line(Progress progress, const char *want)
{
    AUTO(buf_done) Buf line = BUF(4096);

    CHECK_OK(progress_line(&progress, &line));
    CHECK_TEXT(buf_text(&line), want);
}

TEST(the_progress_line_shows_bar_count_steps_time_left_and_failures)
{
    check_line(
        (Progress){
            .done = 12,
            .failed = 1,
            .total = 24,
            .elapsed_ms = 120000,
            .doing = "cutout, place",
            .columns = 100,
        },
        "[###############---------------]  12/24  cutout, place  about 2 min left  1 failed");
}

TEST(the_progress_line_counts_photos_under_way)
{
    check_line(
        (Progress){
            .total = 4, .under_way = 2, .elapsed_ms = 30000, .doing = "cutout", .columns = 80},
        "[###############---------------]  0/4  cutout  about 30 s left");
}

TEST(the_progress_line_says_nothing_of_time_before_it_knows)
{
    check_line(
        (Progress){.total = 4, .elapsed_ms = 500, .doing = "", .columns = 80},
        "[------------------------------]  0/4");
}

TEST(skipped_photos_do_not_make_the_rest_look_quick)
{
    Progress progress = {.done = 92, .skipped = 90, .total = 100, .elapsed_ms = 10000};

    CHECK_INT(progress_left_ms(&progress), 40000);
}

TEST(the_progress_line_is_always_shorter_than_the_terminal)
{
    for (int columns = 1; columns < 120; columns++) {
        AUTO(buf_done) Buf line = BUF(4096);
        Progress progress = {
            .done = 123,
            .failed = 12,
            .total = 4567,
            .elapsed_ms = 99000,
            .doing = "cutout, backdrop, shadow",
            .columns = columns,
        };

        CHECK_OK(progress_line(&progress, &line));
        CHECK(line.size < (size_t)columns || columns == 1);
    }
}

TEST(a_narrow_terminal_keeps_the_count_longest)
{
    check_line(
        (Progress){
            .done = 1,
            .failed = 1,
            .total = 2,
            .elapsed_ms = 5000,
            .doing = "cutout",
            .columns = 8},
        "1/2");
}

TEST(colour_and_unicode_change_the_looks_only)
{
    check_line(
        (Progress){
            .done = 1, .total = 2, .doing = "", .columns = 60, .is_utf8 = true, .elapsed_ms = 10},
        "\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81"
        "\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81"
        "\xe2\x94\x81\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80"
        "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80"
        "\xe2\x94\x80\xe2\x94\x80  1/2");
}

static void check_duration(int64_t ms, const char *want)
{
    char text[PROGRESS_DURATION_SIZE];

    progress_duration(ms, text);
    CHECK_TEXT(text, want);
}

TEST(durations_are_said_as_people_say_them)
{
    check_duration(0, "0.0 s");
    check_duration(3140, "3.1 s");
    check_duration(9949, "9.9 s");
    check_duration(9950, "10 s");
    check_duration(59499, "59 s");
    check_duration(59500, "1 min 0 s");
    check_duration(312000, "5 min 12 s");
    check_duration(3840000, "1 h 4 min");
}
