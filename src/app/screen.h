/* screen.h - what a person sees while a render goes on: a bar at the foot of a terminal, plain lines anywhere else.
 *
 * Any thread may call; what is said is written whole. Log lines appear above the bar too while a screen is open.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

typedef struct Screen Screen;

typedef struct ScreenSetup {
    int fd;
    size_t total;  /* photos */
    bool is_quiet; /* failures only */
    bool is_mute;  /* a program reads along: at most a bar */
} ScreenSetup;

Screen *screen_open(const ScreenSetup *setup);
void screen_close(Screen *screen); /* the bar is wiped away */
DEFINE_AUTO(Screen, screen_close);

/* Worker WORKER is at STEP of its photo, of which the part DONE of 0..1 is finished. */
void screen_step(Screen *screen, int worker, const char *step, double done);

typedef enum ScreenEnd {
    SCREEN_DONE,
    SCREEN_SKIPPED,
    SCREEN_FAILED,
    SCREEN_CANCELLED
} ScreenEnd;

/* Worker WORKER is through with its photo; LINE is what to say of it. */
void screen_photo(Screen *screen, int worker, ScreenEnd end, const char *line);

/* Say LINE, above the bar; not when quiet. */
void screen_say(Screen *screen, const char *line);

/* Paint the bar again: time has passed, or the terminal has another size. Fits signals_tick. */
void screen_tick(void *screen);
