/* How far a render is, in one line. */
#include "app/progress.h"

#include <stdio.h>
#include <string.h>

enum {
    BAR_MOST = 30,
    BAR_LEAST = 8,
    COLUMNS_FOR_BAR = 40, /* on a narrower terminal words matter more */
    TELL_AFTER_MS = 1000
};

void progress_duration(int64_t ms, char text[PROGRESS_DURATION_SIZE])
{
    int64_t seconds = (ms + 500) / 1000, minutes = seconds / 60;

    if (ms < 9950)
        snprintf(text, PROGRESS_DURATION_SIZE, "%.1f s", (double)ms / 1000);
    else if (minutes == 0)
        snprintf(text, PROGRESS_DURATION_SIZE, "%d s", (int)seconds);
    else if (minutes < 60)
        snprintf(text, PROGRESS_DURATION_SIZE, "%d min %d s", (int)minutes, (int)(seconds % 60));
    else
        snprintf(
            text, PROGRESS_DURATION_SIZE, "%lld h %d min", (long long)(minutes / 60),
            (int)(minutes % 60));
}

int64_t progress_left_ms(const Progress *progress)
{
    double worked = (double)(progress->done - progress->skipped) + progress->under_way;
    double rest = (double)(progress->total - progress->done) - progress->under_way;

    if (worked <= 0 || rest < 0 || progress->elapsed_ms < TELL_AFTER_MS)
        return -1;
    return (int64_t)((double)progress->elapsed_ms * rest / worked);
}

/* Nobody believes seconds of a guess: "about 2 min", "less than 10 s". */
static void left_words(const Progress *progress, char text[PROGRESS_DURATION_SIZE])
{
    int64_t left = progress_left_ms(progress), seconds = (left + 999) / 1000;

    if (left < 0)
        *text = 0;
    else if (seconds < 10)
        snprintf(text, PROGRESS_DURATION_SIZE, "seconds left");
    else if (seconds < 90)
        snprintf(text, PROGRESS_DURATION_SIZE, "about %d s left", (int)((seconds + 9) / 10 * 10));
    else if (seconds < 5400)
        snprintf(text, PROGRESS_DURATION_SIZE, "about %d min left", (int)((seconds + 30) / 60));
    else
        snprintf(text, PROGRESS_DURATION_SIZE, "about %d h left", (int)((seconds + 1800) / 3600));
}

static MUST Err *bar_add(const Progress *progress, int cells, Buf *line)
{
    double part = progress->total
                      ? ((double)progress->done + progress->under_way) / (double)progress->total
                      : 1;
    int full = CLAMP((int)(part * cells), 0, cells);
    const char *on =
        progress->is_utf8 ? "\xe2\x94\x81" : "#"; /* heavy and light horizontal lines */
    const char *off = progress->is_utf8 ? "\xe2\x94\x80" : "-";

    TRY(buf_add_text(line, progress->is_colour ? "\x1b[36m" : progress->is_utf8 ? "" : "["));
    for (int i = 0; i < full; i++)
        TRY(buf_add_text(line, on));
    TRY(buf_add_text(line, progress->is_colour ? "\x1b[2m" : ""));
    for (int i = full; i < cells; i++)
        TRY(buf_add_text(line, off));
    return buf_add_text(line, progress->is_colour ? "\x1b[0m  " : progress->is_utf8 ? "  " : "]  ");
}

typedef struct Part {
    const char *text, *colour;
} Part;

Err *progress_line(const Progress *progress, Buf *line)
{
    char count[48], left[PROGRESS_DURATION_SIZE], failed[32] = "";
    int columns = progress->columns - 1; /* the last one makes some terminals wrap */

    snprintf(count, sizeof(count), "%zu/%zu", progress->done, progress->total);
    left_words(progress, left);
    if (progress->failed)
        snprintf(failed, sizeof(failed), "%zu failed", progress->failed);

    /* In the order they are given up, last first, when the terminal is narrow. */
    const Part parts[] = {
        {count, ""}, {failed, "\x1b[31m"}, {left, ""}, {progress->doing, "\x1b[2m"}};
    bool shown[COUNT(parts)] = {false};
    int words = 0;
    for (size_t i = 0; i < COUNT(parts); i++) {
        int length = (int)strlen(parts[i].text) + (words ? 2 : 0);

        shown[i] = *parts[i].text && words + length <= columns;
        words += shown[i] ? length : 0;
    }

    int cells = MIN(columns - words - 4, BAR_MOST);
    if (columns >= COLUMNS_FOR_BAR && cells >= BAR_LEAST)
        TRY(bar_add(progress, cells, line));

    static const size_t order[] = {0, 3, 2, 1};
    bool is_first = true;
    for (size_t i = 0; i < COUNT(order); i++) {
        const Part *part = &parts[order[i]];
        bool is_coloured = progress->is_colour && *part->colour;

        if (!shown[order[i]])
            continue;
        TRY(buf_print(
            line, "%s%s%s%s", is_first ? "" : "  ", is_coloured ? part->colour : "", part->text,
            is_coloured ? "\x1b[0m" : ""));
        is_first = false;
    }
    return NULL;
}
