/* How functions say that they failed. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/after.h"
#include "base/said.h"

struct Err {
    ErrCode code;
    const char *file;
    int line;
    int64_t after_ms;
    Err *cause;
    char message[512];
    char text[320];
    char said[352]; /* text, its values marked */
    char where[160];
};

static const struct {
    const char *name;
    int http;
    bool retry;
    const char *text;
} errors[] = {
#define ERROR(name, http, retry, text) [ERR_##name] = {#name, http, retry, text},
#include "tbl/errors.def"
#undef ERROR
};

static char names[ERR_MAX_][32];

__attribute__((constructor)) static void names_fill(void)
{
    for (size_t code = 0; code < COUNT(errors); code++) {
        const char *from = errors[code].name;

        for (size_t i = 0; from[i] && i + 1 < sizeof(names[code]); i++)
            names[code][i] = (char)tolower((unsigned char)from[i]);
    }
}

static Err *err_made(const char *file, int line, ErrCode code)
{
    Err *err = calloc(1, sizeof(*err));
    if (!err)
        abort();

    err->code = code;
    err->file = file;
    err->line = line;
    return err;
}

Err *err_new_at(const char *file, int line, ErrCode code, const char *format, ...)
{
    Err *err = err_made(file, line, code);
    va_list args;

    va_start(args, format);
    vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    return err;
}

static void message_add(Err *err, const char *text)
{
    size_t length = strlen(err->message);

    snprintf(err->message + length, sizeof(err->message) - length, ": %s", text);
}

Err *err_new_errno_at(const char *file, int line, ErrCode code, const char *format, ...)
{
    int number = errno;
    char reason[128];
    Err *err = err_made(file, line, code);
    va_list args;

    va_start(args, format);
    vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    message_add(err, strerror_r(number, reason, sizeof(reason)));
    return err;
}

void err_free(Err *err)
{
    while (err) {
        Err *cause = err->cause;

        free(err);
        err = cause;
    }
}

Err *err_field(Err *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(err->where, sizeof(err->where), format, args);
    va_end(args);
    return err;
}

Err *err_under(Err *err, const char *format, ...)
{
    char prefix[sizeof(err->where)];
    char whole[sizeof(prefix) + sizeof(err->where)];
    va_list args;

    if (!err)
        return NULL;

    va_start(args, format);
    vsnprintf(prefix, sizeof(prefix), format, args);
    va_end(args);
    snprintf(whole, sizeof(whole), "%s%s", prefix, err->where);
    return err_field(err, "%s", whole);
}

Err *err_public(Err *err, const char *format, ...)
{
    char plain[sizeof(err->said)];
    va_list args;

    va_start(args, format);
    said_write(err->said, sizeof(err->said), format, args);
    va_end(args);
    said_unmark(memcpy(plain, err->said, sizeof(plain)));
    snprintf(err->text, sizeof(err->text), "%s", plain);
    return err;
}

Err *err_after(Err *err, int64_t ms)
{
    err->after_ms = MAX(ms, (int64_t)0);
    return err;
}

int64_t err_after_ms(const Err *err)
{
    return err->after_ms;
}

Err *err_because(Err *err, Err *cause)
{
    if (cause)
        message_add(err, cause->message);
    err->cause = cause;
    return err;
}

Err *err_expect(Err *err, ErrCode code, bool *ret_was)
{
    *ret_was = err && err->code == code;
    if (!*ret_was)
        return err;
    err_free(err);
    return NULL;
}

ErrCode err_code(const Err *err)
{
    return err->code;
}

const char *err_message(const Err *err)
{
    return err->message;
}

const char *err_text(const Err *err)
{
    return err->text[0] ? err->text : errors[err->code].text;
}

const char *err_said(const Err *err)
{
    return err->said[0] ? err->said : NULL;
}

const char *err_where(const Err *err)
{
    return err->where[0] ? err->where : NULL;
}

const char *err_file(const Err *err)
{
    return err->file;
}

int err_line(const Err *err)
{
    return err->line;
}

const char *err_name(ErrCode code)
{
    return names[code];
}

int err_http(ErrCode code)
{
    return errors[code].http;
}

bool err_retry(ErrCode code)
{
    return errors[code].retry;
}

const char *err_default_text(ErrCode code)
{
    return errors[code].text;
}
