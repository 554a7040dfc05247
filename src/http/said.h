/* said.h - a sentence to people on the wire: what clients need to tell it in another language. */
#pragma once

#include "base/arena.h"
#include "shape/shape.h"

/* The sentence, with {1}, {2}... where its values stand, and these. */
typedef struct Said {
    const char *sentence;
    Texts values;
} Said;

extern const Shape said_shape;

/* What the marked TEXT (base/said.h) says; NULL when it is NULL. Lives in MEM. */
Said *said_of(const char *text, Arena *mem);
