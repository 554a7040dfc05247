/* id.h - names for things that are kept: a prefix that says what it is, and 26 letters that nobody can guess and that sort by birth.
 *
 * "job_01jd5x8w9zq3k0m4t7v2n6b1ca": 48 bits of milliseconds since 1970 and 80 random bits, in Crockford's base 32, small letters
 * (the layout of a ULID). Two made in one millisecond on one machine sort in the order they were made.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    ID_PREFIX_MAX = 8,
    ID_SIZE = ID_PREFIX_MAX + 1 + 26 + 1
};

typedef struct Id {
    char text[ID_SIZE];
} Id;

/* PREFIX is at most 8 small letters: "job", "run". Any thread. */
Id id_new(const char *prefix);

/* Has TEXT the form of an id with PREFIX? Looks at no database. */
bool id_is(const char *text, const char *prefix);

/* When it was made, milliseconds since 1970; -1 when TEXT is no id. */
int64_t id_born_ms(const char *text);
