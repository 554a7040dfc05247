/* From typed words to the values of shapes. */
#include "app/flags.h"

#include <ctype.h>
#include <string.h>

#include "conf/conf.h"

typedef struct Reading {
    const Shape *own, *house;
    char *const *next; /* the word after the one being read */
    Arena *mem;
    Flags *flags;
} Reading;

/* A flag as typed, taken apart. */
typedef struct Typed {
    const Field *field;
    const char *value; /* what is joined to it, or NULL */
    bool is_house;
    bool is_no; /* --no-cache */
} Typed;

void flags_done(Flags *flags)
{
    value_free(flags->own);
    value_free(flags->house);
    *flags = (Flags){0};
}

static MUST Err *flag_unknown(const Reading *reading, const char *name)
{
    const char *names[128] = {"help"};
    size_t count = 1;

    for (const Field *field = reading->own->fields; field->name; field++)
        names[count++] = conf_flag(field, reading->mem) + 2;
    for (const Field *field = reading->house->fields; field->name; field++)
        names[count++] = conf_flag(field, reading->mem) + 2;

    const char *near = shape_nearest(name, names, count);
    return err_public(
        err_new(ERR_INPUT_INVALID, "unknown option '--%s'", name),
        "There is no option --%s here.%s%s%s", name, near ? " Did you mean --" : "",
        near ? near : "", near ? "?" : "");
}

static bool flag_find(const Reading *reading, const char *name, Typed *typed)
{
    typed->field = shape_find(reading->own, name);
    if (!typed->field) {
        typed->field = shape_find(reading->house, name);
        typed->is_house = typed->field != NULL;
    }
    return typed->field != NULL;
}

/* The value as the reader of the shape wants it. */
static MUST Err *value_take(const Typed *typed, const char *words, Flags *flags)
{
    const Field *field = typed->field;
    Value *value = NULL;

    if (typed->is_house) {
        value_set(flags->house, field->name, value_of_text(words));
        return NULL;
    }
    if (field->kind != FIELD_KIND_TEXTS) {
        TRY(shape_parse_words(field, words, &value));
        value_set(flags->own, field->name, value);
        return NULL;
    }
    if (!value_get(flags->own, field->name))
        value_set(flags->own, field->name, value_list());
    value_add((Value *)(uintptr_t)value_get(flags->own, field->name), value_of_text(words));
    return NULL;
}

/* "-3" is a value; "-o" and "--flag" are not, and a lonely "-" is a word. */
static bool word_is_flag(const char *word)
{
    return word[0] == '-' && word[1] && !isdigit((unsigned char)word[1]) && word[1] != '.';
}

static MUST Err *flag_take(Reading *reading, const Typed *typed, const char *called)
{
    const char *words = typed->value;

    if (typed->is_no)
        words = "false";
    else if (!words && typed->field->kind == FIELD_KIND_BOOL)
        words = "true";
    else if (!words) {
        if (!*reading->next || word_is_flag(*reading->next))
            return err_public(
                err_new(ERR_INPUT_MISSING, "option '%s' has no value", called),
                "%s needs a value: %s.", called, typed->field->help);
        words = *reading->next++;
    }
    return conf_err_called(value_take(typed, words, reading->flags), typed->field, called);
}

/* NAME[=VALUE], after the two dashes. */
static MUST Err *long_read(Reading *reading, const char *text)
{
    size_t length = strcspn(text, "=");
    const char *name = arena_text_n(reading->mem, text, length);
    Typed typed = {.value = text[length] ? text + length + 1 : NULL};

    if (strcmp(name, "help") == 0) {
        reading->flags->wants_help = true;
        return NULL;
    }
    if (!flag_find(reading, name, &typed)) {
        typed.is_no = strncmp(name, "no-", 3) == 0 && !typed.value &&
                      flag_find(reading, name + 3, &typed) && typed.field->kind == FIELD_KIND_BOOL;
        if (!typed.is_no)
            return flag_unknown(reading, name);
    }
    return flag_take(reading, &typed, conf_flag(typed.field, reading->mem));
}

static const Field *letter_find(const Shape *shape, char letter)
{
    for (const Field *field = shape->fields; field->name; field++)
        if (field->letter == letter)
            return field;
    return NULL;
}

/* Letters after one dash: yes-or-no ones may stand together, one with a value ends them. */
static MUST Err *letters_read(Reading *reading, const char *letters)
{
    for (; *letters; letters++) {
        if (*letters == 'h') {
            reading->flags->wants_help = true;
            continue;
        }

        Typed typed = {.field = letter_find(reading->own, *letters)};
        if (!typed.field)
            return err_public(
                err_new(ERR_INPUT_INVALID, "unknown option '-%c'", *letters),
                "There is no option -%c here.", *letters);

        const char *called = arena_print(reading->mem, "-%c", *letters);
        if (typed.field->kind == FIELD_KIND_BOOL) {
            TRY(flag_take(reading, &typed, called));
            continue;
        }
        typed.value = letters[1] ? letters + 1 + (letters[1] == '=') : NULL;
        return flag_take(reading, &typed, called);
    }
    return NULL;
}

Err *flags_read(const Shape *own, const Shape *house, char *const *argv, Arena *mem, Flags *ret)
{
    size_t count = 0, words = 0;
    bool only_words = false;

    while (argv[count])
        count++;
    AUTO(flags_done) Flags flags = {.own = value_object(), .house = value_object()};
    flags.words.items = ARENA_ARRAY(mem, const char *, count + 1);
    Reading reading = {own, house, argv, mem, &flags};

    while (*reading.next) {
        const char *word = *reading.next++;

        if (only_words || !word_is_flag(word))
            flags.words.items[words++] = word;
        else if (strcmp(word, "--") == 0)
            only_words = true;
        else if (word[1] == '-')
            TRY(long_read(&reading, word + 2));
        else
            TRY(letters_read(&reading, word + 1));
    }
    flags.words.count = words;
    *ret = flags;
    flags = (Flags){0};
    return NULL;
}

/* The field that an error points at: the first part of its pointer. */
static const Field *field_blamed(const Shape *shape, const Err *err)
{
    const char *where = err_where(err);

    for (const Field *field = shape->fields; where && field->name; field++) {
        size_t length = strlen(field->name);

        if (strncmp(where + 1, field->name, length) == 0 &&
            (!where[1 + length] || where[1 + length] == '/'))
            return field;
    }
    return NULL;
}

Err *flags_fill(const Shape *own, const Flags *flags, Arena *mem, void *out)
{
    Err *err = shape_read(own, flags->own, mem, out);
    const Field *field = err ? field_blamed(own, err) : NULL;

    return field ? conf_err_called(err, field, conf_flag(field, mem)) : err;
}
