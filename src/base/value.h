/* value.h - a JSON value. Jansson lives behind this header and nowhere else.
 *
 * Values are reference-counted; one that is being changed belongs to one thread, after that it may be read by many.
 * Makers never return NULL. Adding to a list or object takes the part over.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

typedef struct Value Value;

/* The JSON library and its version: "jansson 2.14". */
const char *value_library(void);

typedef enum ValueKind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_NUMBER,
    VALUE_TEXT,
    VALUE_LIST,
    VALUE_OBJECT
} ValueKind;

Value *value_ref(const Value *value);
void value_free(Value *value); /* drops one reference; NULL is fine */
DEFINE_AUTO(Value, value_free);

/* Read one JSON document. Duplicate keys, trailing text and bad UTF-8 are INPUT_INVALID, with line and column. */
MUST Err *value_parse(const char *text, size_t size, Value **ret);

typedef enum ValueStyle {
    VALUE_COMPACT,   /* one line, members in the order they were set */
    VALUE_PRETTY,    /* indented by two */
    VALUE_CANONICAL, /* one line, members sorted: equal values give equal bytes */
} ValueStyle;

MUST Err *value_write(const Value *value, ValueStyle style, Buf *buf);

ValueKind value_kind(const Value *value);
const char *value_kind_name(ValueKind kind); /* "a list", for messages */

/* What a value holds. A value of another kind gives NULL, 0 or false; value_number also reads whole numbers. */
const char *value_text(const Value *value);
size_t value_text_size(const Value *value); /* bytes; a text may hold NULs */
int64_t value_int(const Value *value);
double value_number(const Value *value);
bool value_bool(const Value *value);

size_t value_count(const Value *value);                 /* items of a list, members of an object */
const Value *value_at(const Value *list, size_t index); /* borrowed; NULL past the end */
const Value *value_get(const Value *object, const char *name); /* borrowed; NULL when absent */

/* for (ValueMember m = value_first(object); m.name; m = value_next(object, m)) ... */
typedef struct ValueMember {
    const char *name;
    const Value *value;
    void *at_;
} ValueMember;

ValueMember value_first(const Value *object);
ValueMember value_next(const Value *object, ValueMember member);

Value *value_of_null(void);
Value *value_of_bool(bool yes);
Value *value_of_int(int64_t number);
Value *value_of_number(double number);  /* finite */
Value *value_of_text(const char *text); /* bytes that are not UTF-8 become '?'; NULL is null */
Value *value_of_texts(const char *const *texts, size_t count);
Value *value_list(void);
Value *value_object(void);

void value_add(Value *list, Value *item);
void value_set(Value *object, const char *name, Value *member);
void value_put(Value *list, size_t index, Value *item); /* in place of the one there */

/* Set MEMBER at "a.b.c" below OBJECT, making objects on the way. INPUT_INVALID when a part is there and is no object. */
MUST Err *value_set_path(Value *object, const char *path, Value *member);

/* A deep copy that may be changed. */
Value *value_copy(const Value *value);
