/* said.h - what is said to people, so that it can be told in other languages too.
 *
 * A said text is a sentence whose values stand between marks: "The photo is larger than |20| MB." with U+001F where | stands. It is
 * made from a format as with printf, so what is a value and what is the sentence is known for as long as the text is kept. Inside
 * the house such a text keeps its marks; whoever shows it takes them out, and whoever tells it in another language looks for its
 * sentence, which has {1}, {2}... in place of the values. A text without marks is a sentence without values. Any thread.
 */
#pragma once

#include <stdarg.h>

#include "base/arena.h"

#define SAID_MARK "\x1f"
#define SAID_VALUES_MOST 16

/* FORMAT filled in, its values between marks, into RET of SIZE bytes; what is too long is cut off. A format that is "%s" alone passes a text
 * on as it is, with the marks it has. */
void said_write(char *ret, size_t size, const char *format, va_list args);

/* The same, as long as it gets. */
const char *said_print(Arena *mem, const char *format, ...) PRINTF(2, 3);

/* SAID without its marks; NULL stays NULL. */
const char *said_plain(const char *said, Arena *mem);

/* SAID with its marks taken out where it stands. */
void said_unmark(char *said);

/* SAID in two: the sentence, and its values in *RET_VALUES, an array of *RET_COUNT. One that was cut off has no values. */
const char *
said_split(const char *said, Arena *mem, const char *const **ret_values, size_t *ret_count);
