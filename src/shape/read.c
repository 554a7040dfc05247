/* From JSON to a C struct. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "shape/shape_priv.h"

typedef struct Reading {
    const Field *field;
    const Value *value;
    Arena *mem;
    void *member;
} Reading;

static MUST Err *kind_wrong(const Field *field, const char *want, const Value *value)
{
    return err_public(
        err_new(
            ERR_INPUT_INVALID, "field '%s' must be %s, not %s", field->name, want,
            value_kind_name(value_kind(value))),
        "%s must be %s.", field->name, want);
}

static MUST Err *limits_check(const Field *field, double number)
{
    if (!field_has_limits(field) || (number >= field->min && number <= field->max))
        return NULL;

    const char *unit = field->unit ? field->unit : "";
    return err_public(
        err_new(
            ERR_INPUT_INVALID, "field '%s': %.15g is outside %.15g to %.15g", field->name, number,
            field->min, field->max),
        "%s must be from %.15g to %.15g%s%s.", field->name, field->min, field->max,
        *unit ? " " : "", unit);
}

static size_t characters_count(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* Is LETTER in SET, which is written as in a pattern: "A-Za-z0-9_-"? */
static bool letter_is_in(char letter, const char *set)
{
    for (; *set; set++) {
        if (set[1] == '-' && set[2]) {
            if (letter >= set[0] && letter <= set[2])
                return true;
            set += 2;
        } else if (letter == *set)
            return true;
    }
    return false;
}

static MUST Err *letters_check(const Field *field, const char *text)
{
    for (const char *at = text; field->letters && *at; at++)
        if (!letter_is_in(*at, field->letters))
            return err_public(
                err_new(
                    ERR_INPUT_INVALID, "field '%s' has a letter outside '%s'", field->name,
                    field->letters),
                "%s may be made of %s only.", field->name, field->letters);
    return NULL;
}

static MUST Err *length_check(const Field *field, const char *text)
{
    size_t least = field->min > 0 ? (size_t)field->min : 0;
    size_t most = field->max > 0 ? (size_t)field->max : 64 * 1024;
    size_t count = characters_count(text);

    if (count > most)
        return err_public(
            err_new(
                ERR_INPUT_INVALID, "field '%s' has %zu characters, the limit is %zu", field->name,
                count, most),
            "%s may have %zu characters at most.", field->name, most);
    if (count >= least)
        return NULL;
    return err_public(
        err_new(
            ERR_INPUT_INVALID, "field '%s' has %zu characters, %zu is the least", field->name,
            count, least),
        least == 1 ? "%s may not be empty." : "%s must have %zu characters at least.", field->name,
        least);
}

static MUST Err *text_read(const Reading *reading)
{
    const char *text = value_text(reading->value);

    if (!text)
        return kind_wrong(reading->field, "text", reading->value);
    if (strlen(text) != value_text_size(reading->value))
        return err_public(
            err_new(ERR_INPUT_INVALID, "field '%s' holds a NUL", reading->field->name),
            "%s may not hold a NUL character.", reading->field->name);
    TRY(length_check(reading->field, text));
    TRY(letters_check(reading->field, text));
    *(const char **)reading->member = arena_text(reading->mem, text);
    return NULL;
}

static MUST Err *time_read(const Reading *reading)
{
    const char *text = value_text(reading->value);
    bool is_day = reading->field->format && strcmp(reading->field->format, "date") == 0;
    int64_t time_ms;

    if (!text || !clock_parse(text, &time_ms) || (is_day && strlen(text) != 10))
        return kind_wrong(
            reading->field,
            is_day ? "a day such as 2026-11-21" : "a time such as 2026-11-21T04:05:06Z",
            reading->value);
    *(int64_t *)reading->member = time_ms;
    return NULL;
}

static MUST Err *int_read(const Reading *reading)
{
    double number = value_number(reading->value);

    if (value_kind(reading->value) == VALUE_NUMBER && number == floor(number)) {
        TRY(limits_check(reading->field, number));
        if (fabs(number) < 0x1p53) {
            *(int64_t *)reading->member = (int64_t)number;
            return NULL;
        }
    }
    if (value_kind(reading->value) != VALUE_INT)
        return kind_wrong(reading->field, "a whole number", reading->value);
    TRY(limits_check(reading->field, number));
    *(int64_t *)reading->member = value_int(reading->value);
    return NULL;
}

static bool value_is_number(const Value *value)
{
    return value_kind(value) == VALUE_INT || value_kind(value) == VALUE_NUMBER;
}

static MUST Err *number_read(const Reading *reading)
{
    if (!value_is_number(reading->value))
        return kind_wrong(reading->field, "a number", reading->value);
    TRY(limits_check(reading->field, value_number(reading->value)));
    *(double *)reading->member = value_number(reading->value);
    return NULL;
}

static MUST Err *bool_read(const Reading *reading)
{
    if (value_kind(reading->value) != VALUE_BOOL)
        return kind_wrong(reading->field, "true or false", reading->value);
    *(bool *)reading->member = value_bool(reading->value);
    return NULL;
}

static MUST Err *name_read(const Reading *reading)
{
    const char *word = value_text(reading->value);

    if (!word)
        return kind_wrong(reading->field, "a word", reading->value);
    for (int i = 0; reading->field->names[i]; i++)
        if (strcmp(reading->field->names[i], word) == 0) {
            *(int *)reading->member = i;
            return NULL;
        }
    return err_public(
        err_new(
            ERR_INPUT_INVALID, "field '%s': '%s' is not one of the allowed words",
            reading->field->name, word),
        "%s cannot be '%s'. It must be %s.", reading->field->name, word,
        shape_accepts(reading->field, reading->mem));
}

static MUST Err *colour_read(const Reading *reading)
{
    if (!value_text(reading->value))
        return kind_wrong(reading->field, "a colour, such as \"#ffffff\"", reading->value);
    return colour_parse(value_text(reading->value), reading->member);
}

static MUST Err *vector_read(const Reading *reading)
{
    size_t count = (size_t)reading->field->count;
    double *numbers = reading->member;

    if (value_kind(reading->value) != VALUE_LIST || value_count(reading->value) != count)
        return kind_wrong(
            reading->field, arena_print(reading->mem, "a list of %zu numbers", count),
            reading->value);
    for (size_t i = 0; i < count; i++) {
        const Value *item = value_at(reading->value, i);

        if (!value_is_number(item))
            return err_field(kind_wrong(reading->field, "numbers only", item), "/%zu", i);
        TRY(err_under(limits_check(reading->field, value_number(item)), "/%zu", i));
        numbers[i] = value_number(item);
    }
    return NULL;
}

static MUST Err *pair_read(const Reading *reading, const Value *pair, double ret[2])
{
    if (value_kind(pair) != VALUE_LIST || value_count(pair) != 2)
        return kind_wrong(reading->field, "a list of pairs of numbers", pair);
    for (size_t i = 0; i < 2; i++) {
        const Value *item = value_at(pair, i);

        if (!value_is_number(item))
            return err_field(kind_wrong(reading->field, "pairs of numbers", item), "/%zu", i);
        TRY(err_under(limits_check(reading->field, value_number(item)), "/%zu", i));
        ret[i] = value_number(item);
    }
    return NULL;
}

static MUST Err *pairs_read(const Reading *reading)
{
    Pairs *pairs = reading->member;
    size_t most = (size_t)reading->field->count;

    if (value_kind(reading->value) != VALUE_LIST)
        return kind_wrong(reading->field, "a list of pairs of numbers", reading->value);
    if (value_count(reading->value) > most)
        return err_public(
            err_new(
                ERR_INPUT_INVALID, "field '%s' has %zu pairs, the limit is %zu",
                reading->field->name, value_count(reading->value), most),
            "%s may have %zu pairs at most.", reading->field->name, most);
    pairs->count = value_count(reading->value);
    pairs->items = arena_take(reading->mem, sizeof *pairs->items * pairs->count);
    for (size_t i = 0; i < pairs->count; i++)
        TRY(err_under(pair_read(reading, value_at(reading->value, i), pairs->items[i]), "/%zu", i));
    return NULL;
}

static MUST Err *list_check(const Reading *reading)
{
    size_t most = reading->field->max > 0 ? (size_t)reading->field->max : 1000;

    if (value_kind(reading->value) != VALUE_LIST)
        return kind_wrong(reading->field, "a list", reading->value);
    if (value_count(reading->value) > most)
        return err_public(
            err_new(
                ERR_INPUT_INVALID, "field '%s' has %zu items, the limit is %zu",
                reading->field->name, value_count(reading->value), most),
            "%s may have %zu items at most.", reading->field->name, most);
    if (reading->field->min > 0 && value_count(reading->value) < (size_t)reading->field->min)
        return err_public(
            err_new(
                ERR_INPUT_INVALID, "field '%s' has %zu items, %g is the least",
                reading->field->name, value_count(reading->value), reading->field->min),
            "%s must have %g or more items.", reading->field->name, reading->field->min);
    return NULL;
}

static MUST Err *list_read(const Reading *reading)
{
    List *list = reading->member;
    const Shape *inner = reading->field->shape;

    TRY(list_check(reading));
    list->count = value_count(reading->value);
    list->items = arena_take(reading->mem, inner->size * list->count);
    for (size_t i = 0; i < list->count; i++)
        TRY(err_under(
            shape_read(
                inner, value_at(reading->value, i), reading->mem,
                (char *)list->items + i * inner->size),
            "/%zu", i));
    return NULL;
}

static MUST Err *texts_read(const Reading *reading)
{
    Texts *texts = reading->member;

    TRY(list_check(reading));
    texts->count = value_count(reading->value);
    texts->items = ARENA_ARRAY(reading->mem, const char *, texts->count + 1);
    for (size_t i = 0; i < texts->count; i++) {
        const char *text = value_text(value_at(reading->value, i));

        if (!text)
            return err_field(
                kind_wrong(reading->field, "a list of texts", value_at(reading->value, i)), "/%zu",
                i);
        texts->items[i] = arena_text(reading->mem, text);
    }
    return NULL;
}

static MUST Err *object_read(const Reading *reading)
{
    return shape_read(reading->field->shape, reading->value, reading->mem, reading->member);
}

static MUST Err *value_read(const Reading *reading)
{
    *(const Value **)reading->member = reading->value;
    return NULL;
}

static MUST Err *maybe_read(const Reading *reading)
{
    void *inner = arena_take(reading->mem, reading->field->shape->size);

    TRY(shape_read(reading->field->shape, reading->value, reading->mem, inner));
    *(void **)reading->member = inner;
    return NULL;
}

static MUST Err *map_read(const Reading *reading)
{
    if (value_kind(reading->value) != VALUE_OBJECT)
        return kind_wrong(reading->field, "an object", reading->value);
    return value_read(reading);
}

/* The member says that there is nothing; it was zeroed before. */
static void nothing_read(const Reading *reading)
{
    switch (reading->field->kind) {
    case FIELD_KIND_INT:
    case FIELD_KIND_TIME:
        *(int64_t *)reading->member = FIELD_NONE;
        break;
    case FIELD_KIND_NUMBER:
        *(double *)reading->member = NAN;
        break;
    case FIELD_KIND_NAME:
        *(int *)reading->member = -1;
        break;
    default:
        break;
    }
}

static MUST Err *preset_read(const Reading *absent);

/* As field_read, with pointers that begin inside the value. */
static MUST Err *kind_read(const Reading *reading)
{
    static Err *(*const readers[])(const Reading *) = {
        [FIELD_KIND_TEXT] = text_read,     [FIELD_KIND_INT] = int_read,
        [FIELD_KIND_NUMBER] = number_read, [FIELD_KIND_BOOL] = bool_read,
        [FIELD_KIND_NAME] = name_read,     [FIELD_KIND_COLOUR] = colour_read,
        [FIELD_KIND_VECTOR] = vector_read, [FIELD_KIND_OBJECT] = object_read,
        [FIELD_KIND_LIST] = list_read,     [FIELD_KIND_TEXTS] = texts_read,
        [FIELD_KIND_VALUE] = value_read,   [FIELD_KIND_PAIRS] = pairs_read,
        [FIELD_KIND_TIME] = time_read,     [FIELD_KIND_MAYBE] = maybe_read,
        [FIELD_KIND_MAP] = map_read,
    };

    if (reading->field->nullable && value_kind(reading->value) == VALUE_NULL) {
        if (reading->field->preset)
            return preset_read(reading);
        nothing_read(reading);
        return NULL;
    }
    return readers[reading->field->kind](reading);
}

static MUST Err *field_read(const Reading *reading)
{
    return err_under(kind_read(reading), "/%s", reading->field->name);
}

static MUST Err *preset_read(const Reading *absent)
{
    const Field *field = absent->field;
    Reading reading = *absent;

    if (!field->preset && field->optional) {
        if (field->nullable)
            nothing_read(absent);
        return NULL;
    }
    if (!field->preset)
        return err_field(
            err_public(
                err_new(ERR_INPUT_MISSING, "field '%s' is required", field->name),
                "%s is missing: %s.", field->name, field->help),
            "/%s", field->name);
    if (field->kind == FIELD_KIND_VALUE || field->kind == FIELD_KIND_MAP)
        return NULL;

    AUTO(value_free) Value *preset = NULL;
    TRY(shape_parse_words(field, field->preset, &preset));
    reading.value = preset;
    return field_read(&reading);
}

static MUST Err *unknown_check(const Shape *shape, const Value *value, Arena *mem)
{
    for (ValueMember m = value_first(value); m.name; m = value_next(value, m)) {
        size_t count = 0;
        const char *names[64];

        if (shape_find(shape, m.name) && !strchr(m.name, '-'))
            continue;
        for (const Field *field = shape->fields; field->name && count < COUNT(names); field++)
            names[count++] = field->name;

        const char *near = shape_nearest(m.name, names, count);
        const char *hint = near ? arena_print(mem, " Did you mean '%s'?", near) : "";
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "unknown field '%s'", m.name),
                "There is no field '%s' here.%s", m.name, hint),
            "/%s", m.name);
    }
    return NULL;
}

Err *shape_read(const Shape *shape, const Value *value, Arena *mem, void *out)
{
    memset(out, 0, shape->size);

    if (shape->bare) {
        Reading reading = {shape->fields, value, mem, (char *)out + shape->fields->at};

        return value ? kind_read(&reading) : preset_read(&reading);
    }
    if (value && value_kind(value) != VALUE_OBJECT)
        return err_public(
            err_new(
                ERR_INPUT_INVALID, "'%s' must be an object, not %s", shape->name,
                value_kind_name(value_kind(value))),
            "An object in braces is expected here, not %s.", value_kind_name(value_kind(value)));
    if (value && !shape->open)
        TRY(unknown_check(shape, value, mem));

    for (const Field *field = shape->fields; field->name; field++) {
        const Value *given = value ? value_get(value, field->name) : NULL;
        Reading reading = {field, given, mem, (char *)out + field->at};

        TRY(given ? field_read(&reading) : preset_read(&reading));
    }
    return NULL;
}

const Field *shape_find(const Shape *shape, const char *name)
{
    for (const Field *field = shape->fields; field->name; field++) {
        size_t i = 0;

        while (name[i] && field->name[i] == (name[i] == '-' ? '_' : name[i]))
            i++;
        if (!name[i] && !field->name[i])
            return field;
    }
    return NULL;
}

/* Optimal string alignment. */
int shape_words_apart(const char *a, const char *b)
{
    enum {
        LONGEST = 40
    };
    int length_a = (int)strlen(a), length_b = (int)strlen(b);
    int rows[3][LONGEST + 1];

    if (length_a > LONGEST || length_b > LONGEST)
        return LONGEST;
    for (int j = 0; j <= length_b; j++)
        rows[0][j] = j;
    for (int i = 1; i <= length_a; i++) {
        int *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];

        row[0] = i;
        for (int j = 1; j <= length_b; j++) {
            int same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);

            int shorter = MIN(above[j], row[j - 1]);

            row[j] = MIN(shorter + 1, above[j - 1] + !same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = MIN(row[j], above2[j - 2] + 1);
        }
    }
    return rows[length_a % 3][length_b];
}

const char *shape_nearest(const char *word, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    int least = MAX(2, (int)strlen(word) / 3) + 1;

    for (size_t i = 0; i < count; i++) {
        int distance = shape_words_apart(word, names[i]);

        if (distance < least) {
            least = distance;
            nearest = names[i];
        }
    }
    return nearest;
}
