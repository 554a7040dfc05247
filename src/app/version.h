/* version.h - which program this is, and what it runs on. */
#pragma once

#include "app/command.h"

extern const char version_program[]; /* "0.1.0" */
extern const char version_maker[];   /* "Cyclorama 0.1.0", as pictures name it */

void version_print(App *app);
