/* library.h - the scenes that travel inside the program. */
#pragma once

#include "base/arena.h"
#include "base/value.h"

/* The JSON of the built-in scene called NAME. INPUT_INVALID, with the nearest name. */
MUST Err *scene_find(const char *name, Value **ret);

/* Their names in alphabetical order, NULL-ended; in MEM. */
const char *const *scene_names(Arena *mem);
