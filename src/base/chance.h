/* chance.h - random bytes that nobody can guess: for ids, keys and salts. For numbers that can be thrown again see dice.h. */
#pragma once

#include <stddef.h>

/* Any thread. A machine without a source of chance ends the program: there is nothing sensible to do. */
void chance_bytes(void *bytes, size_t size);
