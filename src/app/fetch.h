/* fetch.h - bringing models and their runtime here, by the Node tool that comes with the program. */
#pragma once

#include "app/command.h"

typedef struct FetchWish {
    const Texts *names; /* models, or "runtime" */
    bool all;
    bool as_json;
} FetchWish;

/* Run the tool and pass on what it says. NOT_FOUND when Node.js, npm or the tool is not there; *EXIT is EXIT_PART when something
 * could not be fetched. CANCELLED when it was stopped. */
MUST Err *fetch_run(App *app, const FetchWish *wish, Exit *exit);

/* The path of PROGRAM in one of the folders of $PATH, or NULL; in MEM. */
const char *fetch_find_program(const char *program, Arena *mem);
