/* progress.h - how far a render is, as one line of text. Pure: the same state gives the same line. */
#pragma once

#include "base/buf.h"

typedef struct Progress {
    size_t done, failed, total; /* photos; DONE counts all that are dealt with, failed ones too */
    size_t skipped;             /* of DONE, those that took no work */
    double under_way;           /* the parts done of photos being worked on, in photos */
    int64_t elapsed_ms;
    const char *doing; /* steps going on: "cutout, place"; "" for none */
    int columns;       /* of the terminal; the line is shorter */
    bool is_utf8, is_colour;
} Progress;

/* "[#####-----]  12/100  cutout, place  about 2 min left  1 failed" */
MUST Err *progress_line(const Progress *progress, Buf *line);

enum {
    PROGRESS_DURATION_SIZE = 32
};

/* "0.4 s", "42 s", "5 min 12 s", "1 h 4 min" */
void progress_duration(int64_t ms, char text[PROGRESS_DURATION_SIZE]);

/* Milliseconds the rest will take, by what was done so far; -1 while nobody can tell. */
int64_t progress_left_ms(const Progress *progress);
