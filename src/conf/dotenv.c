/* A strict reader of .env files: what it does not understand is an error with a line number, not a guess. */
#include <ctype.h>
#include <string.h>

#include "conf/conf.h"

enum {
    LINES_MAX = 1000
};

static MUST Err *line_wrong(int number, const char *why)
{
    return err_public(
        err_new(ERR_INPUT_INVALID, "unable to read line %d of the .env file: %s", number, why),
        "Line %d of the .env file cannot be read: %s.", number, why);
}

static bool char_is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static const char *blanks_skip(const char *at)
{
    return at + strspn(at, " \t\r");
}

static MUST Err *rest_check(const char *rest, int number)
{
    rest = blanks_skip(rest);
    if (*rest && *rest != '#')
        return line_wrong(number, "nothing but a comment may follow the closing quote");
    return NULL;
}

/* 'as it is' */
static MUST Err *literal_read(const char *at, int number, Arena *mem, const char **ret)
{
    const char *end = strchr(at + 1, '\'');

    if (!end)
        return line_wrong(number, "the closing quote is missing");
    *ret = arena_text_n(mem, at + 1, (size_t)(end - at - 1));
    return rest_check(end + 1, number);
}

/* "with \n, \t, \" and \\" */
static MUST Err *escaped_read(const char *at, int number, Arena *mem, const char **ret)
{
    char *text = arena_take(mem, strlen(at) + 1), *to = text;

    for (at++; *at != '"'; at++) {
        if (*at == '\\' && at[1]) {
            at++;
            *to++ = (char)(*at == 'n' ? '\n' : *at == 't' ? '\t' : *at);
        } else if (*at) {
            *to++ = *at;
        } else {
            return line_wrong(number, "the closing quote is missing");
        }
    }
    *ret = text;
    return rest_check(at + 1, number);
}

/* Up to a comment, which needs a blank before it. */
static const char *bare_read(const char *at, Arena *mem)
{
    size_t length = 0;

    while (at[length] &&
           !(at[length] == '#' && (length == 0 || isblank((unsigned char)at[length - 1]))))
        length++;
    while (length && isspace((unsigned char)at[length - 1]))
        length--;
    return arena_text_n(mem, at, length);
}

static MUST Err *line_read(const char *at, int number, Arena *mem, DotenvLine *ret)
{
    size_t length = 0;

    while (char_is_name(at[length]))
        length++;
    if (length == 0 || isdigit((unsigned char)*at) || at[length] != '=')
        return line_wrong(number, "it must be NAME=value, or begin with #");

    *ret = (DotenvLine){.name = arena_text_n(mem, at, length), .number = number};
    at = blanks_skip(at + length + 1);
    if (*at == '\'')
        return literal_read(at, number, mem, &ret->value);
    if (*at == '"')
        return escaped_read(at, number, mem, &ret->value);
    ret->value = bare_read(at, mem);
    return NULL;
}

Err *dotenv_read(const char *text, Arena *mem, const DotenvLine **ret)
{
    DotenvLine *lines = ARENA_ARRAY(mem, DotenvLine, LINES_MAX + 1);
    size_t count = 0;

    for (int number = 1; *text; number++) {
        size_t length = strcspn(text, "\n");
        const char *line = blanks_skip(arena_text_n(mem, text, length));

        if (*line && *line != '#') {
            if (count == LINES_MAX)
                return line_wrong(number, "there are too many lines");
            TRY(line_read(line, number, mem, &lines[count++]));
        }
        text += length + (text[length] == '\n');
    }
    *ret = lines;
    return NULL;
}
