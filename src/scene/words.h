/* words.h - what people say about a picture, heard word by word.
 *
 * The vocabulary is a data file (share/words/scene.json): rows that say of English and Indonesian words what they mean. Plurals,
 * joined endings and small slips of spelling are heard through. What no row knows is kept too, so that it can be said.
 */
#pragma once

#include "base/arena.h"
#include "shape/shape.h"

enum {
    WORDS_BYTES_MAX = 400, /* of a text */
    WORDS_MAX = 80,        /* that are listened to */
};

typedef enum WordKind {
    WORD_ROOM,
    WORD_PLACE,
    WORD_SEASON,
    WORD_SURFACE,
    WORD_THING,
    WORD_TIME,
    WORD_MOOD,
    WORD_COLOUR,
    WORD_SHADE,  /* of a colour beside it */
    WORD_PART,   /* of a set: wall or surface */
    WORD_NOT,    /* denies what comes next */
    WORD_JOIN,   /* carries a denial on */
    WORD_BREAK,  /* a colour does not reach over it */
    WORD_FILLER, /* says nothing */
    WORD_KINDS
} WordKind;

/* One row of the vocabulary. */
typedef struct Word {
    int is;
    const char *value;  /* what it means, as scenes are tagged */
    Texts en, id;       /* how people say it, in English and Indonesian */
    Texts like;         /* values that are more general */
    const char *colour; /* of a colour */
    double weight;      /* of having it, times what its kind counts */
    double unasked;     /* of having it when nobody asked, times what its kind counts */
    const char *
        part; /* of a colour, where it goes when no part is named; of a thing, where a colour beside it goes; "set" is all */
    double lightness;   /* a shade's, 0 to keep the colour's own */
    double colourful;   /* a shade's, times */
    const Value *tune;  /* what it does to a set that is not so by itself: a SceneTune */
    const Value *paint; /* a surface's */
} Word;

/* The vocabulary, COUNT rows in MEM; raw values are borrowed from *RET_JSON, which is the caller's. */
MUST Err *words_read(Arena *mem, Value **ret_json, const Word **ret, size_t *ret_count);

const char *word_kind_name(WordKind kind);

/* The row that a scene's tag stands for: by its value, or by what people say for it in English ("daylight" for noon). NULL when
 * there is none. */
const Word *words_find(const Word *words, size_t count, const char *tag);

/* One thing that was heard. */
typedef struct Heard {
    const Word *word; /* NULL when no row knows it */
    const char *said; /* as written */
    int at, length;   /* first word and how many */
    int clause;       /* words between two commas or joins are one clause */
    bool is_indonesian, is_denied;
} Heard;

/* Listen to TEXT. Fillers, joins and denials are not in the list; a hexadecimal colour is heard as a colour. INPUT_INVALID when
 * the text is longer than WORDS_BYTES_MAX. All in MEM. */
MUST Err *words_hear(
    const char *text, const Word *words, size_t word_count, Arena *mem, const Heard **ret,
    size_t *ret_count);
