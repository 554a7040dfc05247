/* version.h - which program this is, and what it runs on. */
#pragma once

#include "app/command.h"

extern const char version_program[]; /* "0.1.0" */

void version_print(App *app);
