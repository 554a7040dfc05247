/* flags.h - the words after a command, read by the shapes of its options.
 *
 *     --flag value   --flag=value   -f value   -fvalue   --yes-or-no   --no-yes-or-no   -- only-words-from-here
 *
 * Dashes and underscores in names are the same. A FIELD_TEXTS flag may come again and adds a text each time; any other that comes
 * again replaces what it said before.
 */
#pragma once

#include "shape/shape.h"

typedef struct Flags {
    Value *own;   /* by field name, ready for shape_read */
    Value *house; /* settings: words as typed, by field name */
    Texts words;  /* what is no flag */
    bool wants_help;
} Flags;

void flags_done(Flags *flags);
DEFINE_AUTO_DONE(Flags, flags_done);

/* Read ARGV, which is ended by NULL. OWN are the command's options, HOUSE the settings. INPUT_INVALID with what to type instead. */
MUST Err *
flags_read(const Shape *own, const Shape *house, char *const *argv, Arena *mem, Flags *ret);

/* Fill OUT, a struct of OWN; an error speaks of "--flag". Texts live in MEM. */
MUST Err *flags_fill(const Shape *own, const Flags *flags, Arena *mem, void *out);
