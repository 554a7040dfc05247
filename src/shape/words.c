/* Fields as words: what is typed on a command line, and what is said about a field in help. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "shape/shape_priv.h"

static MUST Err *words_wrong(const Field *field, const char *words)
{
    AUTO(arena_free) Arena *mem = arena_new();

    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "field '%s': '%s' cannot be read", field->name, words),
            "%s cannot be '%s'. It must be %s.", field->name, words, shape_accepts(field, mem)),
        "/%s", field->name);
}

static bool number_parse(const char *words, const char **ret_end, double *ret)
{
    char *end;

    errno = 0;
    double number = strtod(words, &end);
    if (errno || end == words || !isfinite(number))
        return false;
    *ret = number;
    *ret_end = end;
    return true;
}

static MUST Err *number_words(const Field *field, const char *words, Value **ret)
{
    const char *end;
    double number;
    char *whole_end;

    errno = 0;
    long long whole = strtoll(words, &whole_end, 10);
    if (field->kind == FIELD_KIND_INT && !errno && whole_end != words && !*whole_end) {
        *ret = value_of_int(whole);
        return NULL;
    }
    if (!number_parse(words, &end, &number) || *end)
        return words_wrong(field, words);
    if (field->kind == FIELD_KIND_INT && number != floor(number))
        return words_wrong(field, words);
    if (number == floor(number) && fabs(number) < 0x1p53)
        *ret = value_of_int((int64_t)number);
    else
        *ret = value_of_number(number);
    return NULL;
}

static MUST Err *bool_words(const Field *field, const char *words, Value **ret)
{
    static const char *const yes[] = {"true", "yes", "on", "1"};
    static const char *const no[] = {"false", "no", "off", "0"};

    for (size_t i = 0; i < COUNT(yes); i++)
        if (strcmp(words, yes[i]) == 0 || strcmp(words, no[i]) == 0) {
            *ret = value_of_bool(strcmp(words, yes[i]) == 0);
            return NULL;
        }
    return words_wrong(field, words);
}

static MUST Err *vector_words(const Field *field, const char *words, Value **ret)
{
    AUTO(value_free) Value *list = value_list();
    const char *at = words;
    double number;

    while (number_parse(at, &at, &number)) {
        value_add(list, value_of_number(number));
        if (*at == ',' || *at == 'x')
            at++;
        else
            break;
    }
    if (*at || value_count(list) != (size_t)field->count)
        return words_wrong(field, words);
    *ret = TAKE(list);
    return NULL;
}

static void texts_words(const char *words, Value **ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Value *list = value_list();

    while (*words) {
        size_t length = strcspn(words, ",");

        value_add(list, value_of_text(arena_text_n(mem, words, length)));
        words += length + (words[length] == ',');
    }
    *ret = list;
}

/* A bare name, such as kitchen: people do not type the quotes of JSON. */
static bool is_bare_name(const char *words)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char joined[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    static const char *const taken[] = {"true", "false", "null"};

    for (size_t i = 0; i < COUNT(taken); i++)
        if (strcmp(words, taken[i]) == 0)
            return false;
    return strspn(words, letters) > 0 && words[strspn(words, joined)] == '\0';
}

Err *shape_parse_words(const Field *field, const char *words, Value **ret)
{
    switch (field->kind) {
    case FIELD_KIND_TEXT:
    case FIELD_KIND_NAME:
    case FIELD_KIND_COLOUR:
    case FIELD_KIND_TIME:
        *ret = value_of_text(words);
        return NULL;
    case FIELD_KIND_INT:
    case FIELD_KIND_NUMBER:
        return number_words(field, words, ret);
    case FIELD_KIND_BOOL:
        return bool_words(field, words, ret);
    case FIELD_KIND_VECTOR:
        return vector_words(field, words, ret);
    case FIELD_KIND_TEXTS:
        texts_words(words, ret);
        return NULL;
    case FIELD_KIND_VALUE:
        if (is_bare_name(words)) {
            *ret = value_of_text(words);
            return NULL;
        }
        return err_under(value_parse(words, strlen(words), ret), "/%s", field->name);
    case FIELD_KIND_PAIRS:
    case FIELD_KIND_OBJECT:
    case FIELD_KIND_MAYBE:
    case FIELD_KIND_MAP:
    case FIELD_KIND_LIST:
        return err_under(value_parse(words, strlen(words), ret), "/%s", field->name);
    }
    return err_new(ERR_BUG, "field '%s' has no kind", field->name);
}

static const char *names_listed(const Field *field, Arena *mem)
{
    const char *listed = field->names[0];

    for (int i = 1; field->names[i]; i++)
        listed = arena_print(
            mem, "%s%s%s", listed, field->names[i + 1] ? ", " : " or ", field->names[i]);
    return listed;
}

static const char *number_listed(const Field *field, Arena *mem)
{
    const char *what = field->kind == FIELD_KIND_INT ? "a whole number" : "a number";
    const char *unit = field->unit ? arena_print(mem, " %s", field->unit) : "";

    if (!field_has_limits(field))
        return field->unit ? arena_print(mem, "%s of%s", what, unit) : what;
    return arena_print(mem, "%.15g to %.15g%s", field->min, field->max, unit);
}

const char *shape_accepts(const Field *field, Arena *mem)
{
    switch (field->kind) {
    case FIELD_KIND_INT:
    case FIELD_KIND_NUMBER:
        return number_listed(field, mem);
    case FIELD_KIND_BOOL:
        return "true or false";
    case FIELD_KIND_NAME:
        return names_listed(field, mem);
    case FIELD_KIND_COLOUR:
        return "a colour (#rrggbb or a name)";
    case FIELD_KIND_VECTOR:
        return arena_print(mem, "%d numbers", field->count);
    case FIELD_KIND_PAIRS:
        return arena_print(mem, "a list of up to %d pairs of numbers", field->count);
    case FIELD_KIND_OBJECT:
    case FIELD_KIND_MAYBE:
        return arena_print(mem, "a %s object", field->shape->name);
    case FIELD_KIND_MAP:
        return "an object";
    case FIELD_KIND_TIME:
        return "a time such as 2026-11-21T04:05:06Z";
    case FIELD_KIND_LIST:
        return arena_print(mem, "a list of %s objects", field->shape->name);
    case FIELD_KIND_TEXTS:
        return "a list of texts";
    case FIELD_KIND_TEXT:
    case FIELD_KIND_VALUE:
        break;
    }
    return field->unit ? field->unit : field->kind == FIELD_KIND_TEXT ? "text" : "any JSON value";
}
