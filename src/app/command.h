/* command.h - one word after `cyclorama`.
 *
 * A Command is a constant: its name, its help, the Shape of its options (flags, help, man page and completion come from the same
 * fields) and the function that does it. One file a command, its constant at the foot; the list stands in command.c.
 */
#pragma once

#include <stdio.h>

#include "base/cancel.h"
#include "conf/conf.h"

/* What the program ends with; documented in the man page. */
typedef enum Exit {
    EXIT_DONE = 0,
    EXIT_PART = 1, /* something failed; the rest was done */
    EXIT_USAGE = 2,
    EXIT_INTERRUPTED = 130
} Exit;

/* What every command is given. */
typedef struct App {
    Arena *mem; /* of the whole command */
    const char *program;
    Settings settings;
    Cancel *cancel; /* asked by ^C */
    FILE *out;
} App;

typedef struct Example {
    const char *line, *what;
} Example;

typedef struct Command {
    const char *name;
    const char *summary;      /* one sentence, no full stop */
    const char *usage;        /* what follows the name */
    const char *const *about; /* paragraphs, NULL-ended */
    const Example *examples;  /* ended by a lineless one */
    void (*verbs)(FILE *out); /* lines of what may follow the name, for help; NULL for none */
    Shape options;     /* a field's format says what it names: "file", "folder", "template" */
    const char *words; /* what the other words name, in the same way; NULL for nothing known */
    size_t least_words, most_words;
    bool asks_vendors; /* help tells their variables */
    bool is_server;    /* takes the server's settings as flags too */

    /* OPTIONS is the struct of the shape. *EXIT is EXIT_DONE unless changed; an Err makes it what the error deserves. */
    Err *(*run)(App *app, const void *options, const Texts *words, Exit *exit);
} Command;

extern const Command *const commands[]; /* NULL-ended */

/* The settings that COMMAND takes as flags. */
const Shape *command_settings(const Command *command);

/* INPUT_INVALID with the nearest name. */
MUST Err *command_find(const char *name, const Command **ret);

/* A shape without fields, for commands without options. */
typedef struct NoOptions {
    char none;
} NoOptions;
extern const Field NoOptions_fields[];

/* All words of the verbs of 'cyclorama admin', between blanks, for completion. */
const char *admin_words(Arena *mem);

/* ---- help, from the tables ---- */

void help_program(FILE *out);
void help_command(const Command *command, FILE *out);

/* The words for people about FIELD's value: "N", "FOLDER", "png|jpeg"; "" for yes or no. In MEM. */
const char *help_placeholder(const Field *field, Arena *mem);

/* What stands behind a field's help: limits and default, "" for none. In MEM. */
const char *help_limits(const Field *field, Arena *mem);

/* TEXT broken at blanks to WIDTH columns; lines after the first begin with INDENT blanks. Ends the last line. */
void help_wrap(FILE *out, int indent, int width, const char *text);

/* VALUE as indented JSON and a newline. */
MUST Err *print_json(FILE *out, const Value *value);

/* TEXT from outside with control characters replaced, so that a file name cannot steer the terminal. In MEM. */
const char *print_safe(const char *text, Arena *mem);
