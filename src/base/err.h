/* err.h - how functions say that they failed.
 *
 * A function that can fail returns MUST Err *: NULL is success. An Err has two voices: the message is for the log and the
 * operator, the public text is for the caller of the program and never names a host, a query or a secret.
 *
 * Wording of messages: lower case, no full stop, what failed first, the subject in single quotes: "unable to open '%s'".
 * An Err belongs to whoever holds the pointer; it is moved, never shared. Any thread.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"

typedef struct Err Err;

typedef enum ErrCode {
#define ERROR(name, http, retry, text) ERR_##name,
#include "tbl/errors.def"
#undef ERROR
    ERR_MAX_
} ErrCode;

/* Leave with the error of EXPR if it failed. The only macro in this tree that returns. */
#define TRY(expr) \
    do { \
        Err *try_err_ = (expr); \
        if (try_err_) \
            return try_err_; \
    } while (0)

#define err_new(code, ...) err_new_at(__FILE__, __LINE__, (code), __VA_ARGS__)

/* As err_new, with the text of errno (taken first) at the end of the message. */
#define err_new_errno(code, ...) err_new_errno_at(__FILE__, __LINE__, (code), __VA_ARGS__)

MUST Err *err_new_at(const char *file, int line, ErrCode code, const char *format, ...)
    PRINTF(4, 5);
MUST Err *err_new_errno_at(const char *file, int line, ErrCode code, const char *format, ...)
    PRINTF(4, 5);
void err_free(Err *err);
DEFINE_AUTO(Err, err_free);

/* Say which input field is to blame (a JSON pointer such as "/margin_px"). Returns ERR for chaining. */
MUST Err *err_field(Err *err, const char *format, ...) PRINTF(2, 3);

/* Put PREFIX in front of the field pointer, as the error climbs out of a nested reader. NULL stays NULL. */
MUST Err *err_under(Err *err, const char *format, ...) PRINTF(2, 3);

/* Replace the public text. Only what the caller may know. Returns ERR for chaining. */
MUST Err *err_public(Err *err, const char *format, ...) PRINTF(2, 3);

/* Say what lower failure brought ERR about; takes CAUSE over. Returns ERR for chaining. */
MUST Err *err_because(Err *err, Err *cause);

/* An expected failure: when ERR is of CODE, free it, set *RET_WAS to true and return NULL. Anything else goes on, *RET_WAS false. */
MUST Err *err_expect(Err *err, ErrCode code, bool *ret_was);

ErrCode err_code(const Err *err);
const char *err_message(const Err *err); /* for the log; ends with the causes' messages */
const char *err_text(const Err *err);    /* for the caller: a sentence */
const char *
err_said(const Err
             *err); /* that sentence with its marks (base/said.h); NULL when it is the code's own */
const char *err_where(const Err *err); /* the field's JSON pointer, or NULL */
const char *err_file(const Err *err);  /* source file that made it, for the log */
int err_line(const Err *err);

const char *err_name(ErrCode code); /* "product_not_found" */
int err_http(ErrCode code);
bool err_retry(ErrCode code);
const char *err_default_text(ErrCode code);
