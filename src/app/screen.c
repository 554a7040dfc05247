/* The bar, or the lines, while a render goes on. */
#include "app/screen.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/progress.h"
#include "base/clock.h"
#include "watch/watch.h"

enum {
    WORKERS_MAX = 64,
    LINE_BYTES_MAX = 16 * 1024,
    COLUMNS_UNKNOWN = 80,
    PAINT_EVERY_MS = 50 /* a quick recipe changes steps faster than anybody reads */
};

typedef struct Hand {
    const char *step; /* NULL while idle */
    double done;
} Hand;

struct Screen {
    pthread_mutex_t mutex;
    ScreenSetup setup;
    bool has_bar, is_utf8, is_colour;
    int64_t started_ms, painted_ms;
    size_t done, failed, skipped;
    Hand hands[WORKERS_MAX];
};

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value ? value : "";
}

static bool terminal_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < COUNT(names); i++)
        if (*variable(names[i]))
            return strcasestr(variable(names[i]), "utf-8") ||
                   strcasestr(variable(names[i]), "utf8");
    return false;
}

static int terminal_columns(int fd)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_UNKNOWN;
    return size.ws_col;
}

/* Steps under way, each once: "cutout, place". */
static void doing_words(const Screen *screen, char *words, size_t size)
{
    size_t used = 0;

    *words = 0;
    for (size_t i = 0; i < WORKERS_MAX; i++) {
        const char *step = screen->hands[i].step;

        if (!step || strstr(words, step) || used + strlen(step) + 3 > size)
            continue;
        used += (size_t)snprintf(words + used, size - used, "%s%s", used ? ", " : "", step);
    }
}

static MUST Err *bar_add(Screen *screen, Buf *text)
{
    char doing[60];
    double under_way = 0;

    if (!screen->has_bar)
        return NULL;
    for (size_t i = 0; i < WORKERS_MAX; i++)
        under_way += screen->hands[i].step ? screen->hands[i].done : 0;
    doing_words(screen, doing, sizeof(doing));

    Progress progress = {
        .done = screen->done,
        .failed = screen->failed,
        .skipped = screen->skipped,
        .total = screen->setup.total,
        .under_way = under_way,
        .elapsed_ms = clock_ticks_ms() - screen->started_ms,
        .doing = doing,
        .columns = terminal_columns(screen->setup.fd),
        .is_utf8 = screen->is_utf8,
        .is_colour = screen->is_colour,
    };
    return progress_line(&progress, text);
}

/* LINE (NULL for none) and the bar below it, in one write so that nothing flickers. The caller holds the mutex. */
static void paint(Screen *screen, const char *line)
{
    AUTO(buf_done) Buf text = BUF(2 * LINE_BYTES_MAX);
    screen->painted_ms = clock_ticks_ms();
    const char *wipe = screen->has_bar ? "\r\x1b[K" : "";
    Err *err = buf_add_text(&text, wipe);

    if (!err && line)
        err = buf_print(&text, "%s\n", line);
    if (!err)
        err = bar_add(screen, &text);
    err_free(err);
    if (text.size)
        (void)!write(screen->setup.fd, text.bytes, text.size);
}

static void log_show(void *screen_any, const char *line, size_t size)
{
    Screen *screen = screen_any;
    AUTO(buf_done) Buf text = BUF(LINE_BYTES_MAX);
    AUTO(err_free) Err *err = buf_add(&text, line, size - 1);

    if (err)
        return;
    pthread_mutex_lock(&screen->mutex);
    paint(screen, buf_text(&text));
    pthread_mutex_unlock(&screen->mutex);
}

Screen *screen_open(const ScreenSetup *setup)
{
    Screen *screen = calloc(1, sizeof(*screen));
    if (!screen)
        abort();

    screen->setup = *setup;
    pthread_mutex_init(&screen->mutex, NULL);
    screen->started_ms = clock_ticks_ms();
    screen->is_utf8 = terminal_is_utf8();
    screen->is_colour = !*variable("NO_COLOR");
    screen->has_bar = !setup->is_quiet && isatty(setup->fd) && *variable("TERM") &&
                      strcmp(variable("TERM"), "dumb") != 0;
    if (screen->has_bar)
        watch_divert(log_show, screen);
    return screen;
}

void screen_close(Screen *screen)
{
    if (!screen)
        return;
    if (screen->has_bar) {
        watch_divert(NULL, NULL);
        (void)!write(screen->setup.fd, "\r\x1b[K", 4);
    }
    pthread_mutex_destroy(&screen->mutex);
    free(screen);
}

void screen_step(Screen *screen, int worker, const char *step, double done)
{
    pthread_mutex_lock(&screen->mutex);
    screen->hands[worker] = (Hand){step, done};
    if (screen->has_bar && clock_ticks_ms() - screen->painted_ms >= PAINT_EVERY_MS)
        paint(screen, NULL);
    pthread_mutex_unlock(&screen->mutex);
}

void screen_photo(Screen *screen, int worker, ScreenEnd end, const char *line)
{
    AUTO(buf_done) Buf text = BUF(LINE_BYTES_MAX);
    const ScreenSetup *setup = &screen->setup;
    bool is_told = end == SCREEN_FAILED || (!screen->has_bar && !setup->is_quiet);
    Err *err = NULL;

    pthread_mutex_lock(&screen->mutex);
    screen->hands[worker] = (Hand){0};
    screen->done += end != SCREEN_CANCELLED;
    screen->failed += end == SCREEN_FAILED;
    screen->skipped += end == SCREEN_SKIPPED;
    if (!screen->has_bar && !setup->is_quiet)
        err = buf_print(&text, "%zu/%zu ", screen->done, setup->total);
    if (!err)
        err = buf_add_text(&text, line);
    if (screen->has_bar || !setup->is_mute)
        paint(screen, is_told && !err ? buf_text(&text) : NULL);
    pthread_mutex_unlock(&screen->mutex);
    err_free(err);
}

void screen_say(Screen *screen, const char *line)
{
    if (screen->setup.is_quiet || screen->setup.is_mute)
        return;
    pthread_mutex_lock(&screen->mutex);
    paint(screen, line);
    pthread_mutex_unlock(&screen->mutex);
}

void screen_tick(void *screen_any)
{
    Screen *screen = screen_any;

    if (!screen->has_bar)
        return;
    pthread_mutex_lock(&screen->mutex);
    paint(screen, NULL);
    pthread_mutex_unlock(&screen->mutex);
}
