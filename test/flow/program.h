/* program.h - driving the real program from a flow test: a desk to work on, photos drawn on it, and runs with all they said. */
#pragma once

#include <sys/types.h>

#include "base/arena.h"
#include "base/value.h"

/* A new folder to work in; the program runs there with a data folder of its own. */
typedef struct Desk {
    Arena *mem;
    const char *folder;
} Desk;

Desk desk_new(void);
void desk_clear(Desk *desk);
DEFINE_AUTO_DONE(Desk, desk_clear);

const char *desk_path(const Desk *desk, const char *name);
void desk_put(const Desk *desk, const char *name, const char *text);

/* Whole file NAME; NULL when it is not there. */
const char *desk_text(const Desk *desk, const char *name);

/* A file of SIZE bytes: its picture is a product on transparency, another for each NUMBER. */
void desk_draw(const Desk *desk, const char *name, int number);

/* Give the picture NAME a plain background: a photo that has to be cut out. */
void desk_flatten(const Desk *desk, const char *name);

/* COUNT of them, in FOLDER: p000.png, p001.png, ... */
void desk_draw_many(const Desk *desk, const char *folder, int count);

typedef struct Ran {
    int status;            /* as a shell says it: 137 for a kill */
    const char *out, *err; /* what it wrote */
    long peak_kb;
} Ran;

/* Run the program with WORDS, separated by single blanks. The file "stdin.txt", where there is one, is its standard input. */
Ran desk_run(const Desk *desk, const char *words);

/* The same in two parts, to do something in between. */
pid_t desk_start(const Desk *desk, const char *words);
pid_t desk_start_with(const Desk *desk, const char *words, const char *const *more);
Ran desk_wait(const Desk *desk, pid_t pid);

/* Run with more rows NAME=value in the environment; ended by NULL. */
Ran desk_run_with(const Desk *desk, const char *words, const char *const *rows);

/* The same on a terminal of COLUMNS; all that it showed, carriage returns before newlines dropped. */
const char *
desk_run_on_terminal(const Desk *desk, const char *words, const char *const *rows, int columns);

/* The environment that all these run in; in the desk's memory. */
char *const *desk_rows(const Desk *desk, const char *const *more);

/* Lines of TEXT as JSON values, in a list. */
Value *lines_of_json(const char *text);

/* How many lines of TEXT are whole. */
int lines_count(const char *text);

/* Folder of real models to test with, or NULL. */
const char *models_folder_found(void);
