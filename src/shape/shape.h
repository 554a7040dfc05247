/* shape.h - a struct described field by field, once.
 *
 * From one Shape come the reader (JSON or words from a command line to a C struct, with defaults and limits), the errors that
 * point at the bad field, the writer, the JSON Schema and the lines of help; so they cannot drift apart. The FIELD_ macros refuse
 * to compile when the C member has the wrong type.
 *
 *     typedef struct TrimOptions { int64_t keep_px; Colour ground; } TrimOptions;
 *     static const Field TrimOptions_fields[] = {
 *         {FIELD_INT(TrimOptions, keep_px), .help = "Border to leave", .preset = "0", .max = 1024, .unit = "px"},
 *         {FIELD_COLOUR(TrimOptions, ground), .help = "What to fill with", .preset = "white"},
 *         {FIELD_END},
 *     };
 *     const Shape trim_shape = SHAPE(TrimOptions);
 *
 * A field that has another name on the wire than in C says so after its macro: {FIELD_TEXT(Delivery, kind), .name = "type", ...}.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/colour.h"
#include "base/value.h"

typedef enum FieldKind {
    FIELD_KIND_TEXT,
    FIELD_KIND_INT,
    FIELD_KIND_NUMBER,
    FIELD_KIND_BOOL,
    FIELD_KIND_NAME,
    FIELD_KIND_COLOUR,
    FIELD_KIND_VECTOR,
    FIELD_KIND_PAIRS,
    FIELD_KIND_OBJECT,
    FIELD_KIND_LIST,
    FIELD_KIND_TEXTS,
    FIELD_KIND_VALUE,
    FIELD_KIND_TIME,
    FIELD_KIND_MAYBE,
    FIELD_KIND_MAP
} FieldKind;

/* A whole number or time that is not there: null on the wire, where the field is nullable. */
#define FIELD_NONE INT64_MIN

typedef struct Shape Shape;

/* A FIELD_LIST member: COUNT structs of the field's shape, in the arena. */
typedef struct List {
    void *items;
    size_t count;
} List;

/* A FIELD_PAIRS member: COUNT pairs of numbers, in the arena. */
typedef struct Pairs {
    double (*items)[2];
    size_t count;
} Pairs;

/* A FIELD_TEXTS member. */
typedef struct Texts {
    const char **items;
    size_t count;
} Texts;

typedef struct Field {
    const char *name; /* as on the wire and, with dashes, on the command line */
    FieldKind kind;
    size_t at;          /* offset in the C struct */
    const char *help;   /* what it does; becomes the description */
    const char *preset; /* value when absent, as on a command line; NULL makes the field required */
    bool
        optional; /* may be absent without a preset: NULL, 0, false, empty, FIELD_NONE if nullable */

    /* null is read as, and written for, nothing: a NULL text, struct or value, FIELD_NONE in whole numbers, 0 or FIELD_NONE in times, NAN in
     * numbers, -1 in names. Where there is a preset, null is read as that: programs send it for what they leave out. */
    bool nullable;
    bool omit; /* nothing, also an empty list, is not written at all */
    const char
        *format; /* JSON Schema format, such as "uri"; "date" for a FIELD_TIME makes it a day */
    const char *unit; /* "px", "%", "degrees": for help */
    double min,
        max; /* numbers, inclusive; both 0 means unlimited. Texts and lists: least and most characters or items */
    const char
        *letters; /* texts: what they may be made of, as in a set of a pattern: "A-Za-z0-9_-" */
    const char *const
        *names;         /* FIELD_NAME: allowed words, NULL-ended; the member holds the index */
    const Shape *shape; /* FIELD_OBJECT, FIELD_MAYBE, FIELD_LIST: what is inside */
    int count;          /* FIELD_VECTOR: how many numbers. FIELD_PAIRS: most pairs */
    char letter;        /* one-letter flag, such as 'o'; 0 for none */
} Field;

struct Shape {
    const char *name;    /* schema name */
    size_t size;         /* sizeof the C struct */
    const Field *fields; /* ended by FIELD_END */
    bool bare; /* on the wire it is the value of its only field, not an object: "[1, 2]" */
    bool open; /* unknown members are not looked at: for what others send us */
};

#define FIELD_AT_(Type, member, want) \
    (offsetof(Type, member) + \
     0 * sizeof(struct { \
         _Static_assert( \
             __builtin_types_compatible_p(__typeof__(((Type *)0)->member), want), \
             "field '" #member "' must be declared " #want); \
         int unused; \
     }))
#define FIELD_(Type, member, kind_, want) \
    .name = #member, .kind = (kind_), .at = FIELD_AT_(Type, member, want)

#define FIELD_TEXT(Type, member) FIELD_(Type, member, FIELD_KIND_TEXT, const char *)
#define FIELD_INT(Type, member) FIELD_(Type, member, FIELD_KIND_INT, int64_t)
#define FIELD_NUMBER(Type, member) FIELD_(Type, member, FIELD_KIND_NUMBER, double)
#define FIELD_BOOL(Type, member) FIELD_(Type, member, FIELD_KIND_BOOL, bool)
#define FIELD_NAME(Type, member, words) FIELD_(Type, member, FIELD_KIND_NAME, int), .names = (words)
#define FIELD_COLOUR(Type, member) FIELD_(Type, member, FIELD_KIND_COLOUR, Colour)
#define FIELD_VECTOR(Type, member, length) \
    FIELD_(Type, member, FIELD_KIND_VECTOR, double[length]), .count = (length)
#define FIELD_PAIRS(Type, member, most) \
    FIELD_(Type, member, FIELD_KIND_PAIRS, Pairs), .count = (most)
#define FIELD_OBJECT(Type, member, Inner, shape_) \
    FIELD_(Type, member, FIELD_KIND_OBJECT, Inner), .shape = (shape_)
#define FIELD_LIST(Type, member, shape_) \
    FIELD_(Type, member, FIELD_KIND_LIST, List), .shape = (shape_)
#define FIELD_TEXTS(Type, member) FIELD_(Type, member, FIELD_KIND_TEXTS, Texts)
#define FIELD_VALUE(Type, member) FIELD_(Type, member, FIELD_KIND_VALUE, const Value *)
/* The same of members of the struct INNER that is a member of Type. */
#define FIELD_IN_(Type, inner, member, kind_, want) \
    .name = #member, .kind = (kind_), .at = FIELD_AT_(Type, inner.member, want)
#define FIELD_NUMBER_IN(Type, inner, member) \
    FIELD_IN_(Type, inner, member, FIELD_KIND_NUMBER, double)
#define FIELD_NAME_IN(Type, inner, member, words) \
    FIELD_IN_(Type, inner, member, FIELD_KIND_NAME, int), .names = (words)
/* Milliseconds since 1970 in an int64_t; RFC 3339 on the wire. */
#define FIELD_TIME(Type, member) FIELD_(Type, member, FIELD_KIND_TIME, int64_t)
/* A struct that may not be there: `Inner *member`, in the arena. */
#define FIELD_MAYBE(Type, member, Inner, shape_) \
    FIELD_(Type, member, FIELD_KIND_MAYBE, Inner *), .shape = (shape_)
/* An object whose members have any names: `const Value *member`. */
#define FIELD_MAP(Type, member) FIELD_(Type, member, FIELD_KIND_MAP, const Value *)
#define FIELD_END .name = NULL

#define SHAPE(Type) \
    { \
        .name = #Type, .size = sizeof(Type), .fields = Type##_fields \
    }
#define SHAPE_BARE(Type) \
    { \
        .name = #Type, .size = sizeof(Type), .fields = Type##_fields, .bare = true \
    }
#define SHAPE_OPEN(Type) \
    { \
        .name = #Type, .size = sizeof(Type), .fields = Type##_fields, .open = true \
    }

/* Read the object VALUE (NULL reads as an empty one) into OUT, which is SHAPE->size bytes. Texts and lists live in MEM; raw
 * values are borrowed from VALUE. INPUT_INVALID or INPUT_MISSING with the field's pointer; an unknown field is an error that names the nearest known one.
 * An object that is absent is read as an empty one when it has a preset, else left zeroed when optional. */
MUST Err *shape_read(const Shape *shape, const Value *value, Arena *mem, void *out);

/* The JSON value that the words WORDS stand for in FIELD, as typed on a command line: "40", "true", "#fff", "1,2,3".
 * A field that holds an object, a list or a raw value takes JSON; for a raw value a bare name is a text. */
MUST Err *shape_parse_words(const Field *field, const char *words, Value **ret);

/* The field called NAME; dashes count as underscores. NULL when there is none. */
const Field *shape_find(const Shape *shape, const char *name);

/* How many letters must be changed, added, dropped or swapped to make B of A; capitals count as small. Words of more than 40
 * letters are 40 apart. */
int shape_words_apart(const char *a, const char *b);

/* The name in NAMES (COUNT of them) that is nearest to WORD, or NULL when none is near: for "did you mean". */
const char *shape_nearest(const char *word, const char *const *names, size_t count);

/* The struct IN as a JSON object, with every field, in the order of the shape. */
Value *shape_write(const Shape *shape, const void *in);

/* JSON Schema (2020-12) of SHAPE. */
Value *shape_schema(const Shape *shape);

/* Who says what stands for a shape inside another, such as {"$ref": "#/components/schemas/Item"}. */
typedef struct ShapeNamer {
    Value *(*schema)(void *context, const Shape *shape);
    void *context;
} ShapeNamer;

/* The same, with NAMER's words for the shapes inside; NULL writes them out. */
Value *shape_schema_named(const Shape *shape, const ShapeNamer *namer);
Value *shape_field_schema(const Field *field, const ShapeNamer *namer);

/* What FIELD accepts, in words: "0 to 100 %", "one of clear, white", "colour". In MEM. */
const char *shape_accepts(const Field *field, Arena *mem);
