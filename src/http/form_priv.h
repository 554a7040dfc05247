/* form_priv.h - forms with files (multipart/form-data, RFC 7578), read as they arrive in a few kilobytes of memory.
 *
 * Texts are kept, up to a limit; what a file holds goes to its Sink. A broken form is REQUEST_INVALID.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "http/upload.h"

typedef struct Form Form;

/* What a part says of itself before its bytes. Texts live in the form's arena. */
typedef struct FormHead {
    const char *name, *filename, *type; /* filename NULL for a text */
} FormHead;

typedef struct FormSetup {
    const char *content_type; /* "multipart/form-data; boundary=..." */
    Arena *mem;

    /* A file begins; NUMBER counts those of its name, from 0. On the thread that calls form_feed. */
    Err *(*open)(void *context, const Part *part, int number, int64_t *ret_max_bytes, Sink *ret);
    void *context;
    int parts_max;
    bool is_hashed; /* form_hash will be asked for */
} FormSetup;

MUST Err *form_new(const FormSetup *setup, Form **ret);
void form_free(Form *form); /* frees the sinks */
DEFINE_AUTO(Form, form_free);

MUST Err *form_feed(Form *form, const void *bytes, size_t size);
MUST Err *form_end(Form *form); /* the body has ended; did the form? */

/* What the form says, after its end: the same for the same names and bytes, whatever boundary stands between them. */
Hash form_hash(Form *form);

/* The texts by name, and the files; borrowed. NULL is a form without any. */
typedef struct FormText {
    const char *name, *value;
} FormText;
const FormText *form_texts(const Form *form, size_t *ret_count);
const Part *form_parts(const Form *form, size_t *ret_count);
