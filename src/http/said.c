/* Sentences in two: what is said, and of what. */
#include "http/said.h"

#include "base/said.h"

static const Field Said_fields[] = {
    {FIELD_TEXT(Said, sentence),
     .help = "The sentence in English with {1}, {2}... in place of its values: what a "
             "translation is found by"},
    {FIELD_TEXTS(Said, values), .help = "Those values"},
    {FIELD_END},
};
const Shape said_shape = SHAPE(Said);

Said *said_of(const char *text, Arena *mem)
{
    const char *const *values;
    size_t count;

    if (!text)
        return NULL;
    Said *said = arena_take(mem, sizeof(*said));
    said->sentence = said_split(text, mem, &values, &count);
    said->values = (Texts){(const char **)values, count};
    return said;
}
