/* What a seed changes about a scene: a copy of its JSON with other numbers, colours and choices in it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dice.h"
#include "scene/plan.h"

enum {
    POINTERS_MAX = 16, /* of one row */
    SEGMENT_MAX = 64,
    DEPTH_MAX = 8,
};

/* ---- where ---- */

typedef struct Spot {
    Value *parent;          /* an object or a list that is there */
    char last[SEGMENT_MAX]; /* member of it */
    size_t index;           /* item of it */
} Spot;

static MUST Err *pointer_wrong(const char *pointer)
{
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "'%s' points to nothing in the scene", pointer),
            "'%s' points to nothing in this scene. Write it as /lamps/0/kelvin or "
            "/paints/wall/colour.",
            pointer),
        "/at");
}

/* In a list an item goes by its number or by its name. */
static bool item_find(const Value *list, const char *segment, size_t *ret)
{
    char *end;
    unsigned long number = strtoul(segment, &end, 10);

    if (*segment >= '0' && *segment <= '9' && !*end) {
        *ret = number;
        return number < value_count(list);
    }
    for (size_t i = 0; i < value_count(list); i++) {
        const char *name = value_text(value_get(value_at(list, i), "name"));
        if (name && strcmp(name, segment) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}

static const char *segment_take(const char *pointer, char segment[SEGMENT_MAX])
{
    size_t length = strcspn(pointer, "/");

    if (length == 0 || length >= SEGMENT_MAX)
        return NULL;
    memcpy(segment, pointer, length);
    segment[length] = 0;
    return pointer + length;
}

/* Objects that are not there are made on the way: a scene may leave out what has a preset. */
static MUST Err *spot_find(Value *root, const char *pointer, Spot *ret)
{
    const char *at = pointer;
    Spot spot = {.parent = root};

    for (int depth = 0;; depth++) {
        at = *at == '/' ? segment_take(at + 1, spot.last) : NULL;
        if (!at || depth == DEPTH_MAX)
            return pointer_wrong(pointer);
        ValueKind kind = value_kind(spot.parent);
        if (kind == VALUE_LIST ? !item_find(spot.parent, spot.last, &spot.index)
                               : kind != VALUE_OBJECT)
            return pointer_wrong(pointer);
        if (!*at)
            break;
        const Value *next = kind == VALUE_LIST ? value_at(spot.parent, spot.index)
                                               : value_get(spot.parent, spot.last);
        if (!next) {
            Value *made = value_object();
            value_set(spot.parent, spot.last, made);
            next = made;
        }
        spot.parent = (Value *)(uintptr_t)next;
    }
    *ret = spot;
    return NULL;
}

static MUST Err *spot_put(Value *root, const char *pointer, Value *taken)
{
    AUTO(value_free) Value *value = taken;
    Spot spot;

    TRY(spot_find(root, pointer, &spot));
    if (value_kind(spot.parent) == VALUE_LIST)
        value_put(spot.parent, spot.index, TAKE(value));
    else
        value_set(spot.parent, spot.last, TAKE(value));
    return NULL;
}

/* ---- one row ---- */

static MUST Err *row_wrong(const char *text)
{
    return err_public(err_new(ERR_INPUT_INVALID, "a row of vary cannot be read"), "%s", text);
}

static Value *number_drawn(const Value *row, Dice *dice)
{
    const Value *from = value_get(row, "from"), *to = value_get(row, "to");
    double least = value_number(from), most = value_number(to);

    /* Larger whole numbers are none that a scene takes, and may not fit. */
    if (value_kind(from) == VALUE_INT && value_kind(to) == VALUE_INT &&
        fmax(fabs(least), fabs(most)) < 0x1p53)
        return value_of_int((int64_t)floor(dice_between(dice, least, most + 1)));
    return value_of_number(round(dice_between(dice, least, most) * 1e4) / 1e4);
}

static MUST Err *row_apply(const Value *row, Dice *dice, Value *root)
{
    const Value *at = value_get(row, "at"), *of = value_get(row, "of");
    bool is_one = value_kind(at) == VALUE_TEXT;
    size_t count = is_one ? 1 : value_count(at);

    if ((!is_one && value_kind(at) != VALUE_LIST) || count < 1 || count > POINTERS_MAX)
        return row_wrong("'at' must be a pointer or a list of up to 16 pointers.");
    if (of && (value_kind(of) != VALUE_LIST || value_count(of) == 0))
        return row_wrong("'of' must be a list of values to choose from.");

    const Value *chosen = NULL;
    AUTO(value_free) Value *number = NULL;
    if (of)
        chosen = value_at(of, (size_t)(dice_unit(dice) * (double)value_count(of)));
    else
        chosen = number = number_drawn(row, dice);
    if (of && !is_one && (value_kind(chosen) != VALUE_LIST || value_count(chosen) != count))
        return row_wrong("Each choice of 'of' must be a list with one value for each pointer.");
    for (size_t i = 0; i < count; i++) {
        const char *pointer = value_text(is_one ? at : value_at(at, i));
        if (!pointer)
            return row_wrong("'at' must be a pointer or a list of up to 16 pointers.");
        TRY(spot_put(root, pointer, value_copy(of && !is_one ? value_at(chosen, i) : chosen)));
    }
    return NULL;
}

/* ---- a scene that does not say ---- */

static double member_number(const Value *object, const char *name, double preset)
{
    const Value *member = value_get(object, name);

    return member ? value_number(member) : preset;
}

static Value *changed(double number)
{
    return value_of_number(round(number * 1e4) / 1e4);
}

/* The lamp moves round its target's upright axis not at all: that is what mirroring is for. */
static void lamp_vary(Value *lamp, bool is_key, Dice *dice)
{
    double higher = dice_between(dice, 0.9, 1.14), warmer = dice_between(dice, -260, 260);
    double turned = dice_between(dice, -8, 8);
    int64_t grown = (int64_t)dice_between(dice, 1, 1000);
    Value *at = (Value *)(uintptr_t)value_get(lamp, "at");
    Value *gobo = (Value *)(uintptr_t)value_get(lamp, "gobo");

    if (is_key && value_kind(at) == VALUE_LIST && value_count(at) == 3) {
        value_put(at, 1, changed(value_number(value_at(at, 1)) * higher));
        value_set(lamp, "kelvin", changed(member_number(lamp, "kelvin", 5600) + warmer));
    }
    if (value_kind(gobo) == VALUE_OBJECT) {
        value_set(gobo, "turn", changed(member_number(gobo, "turn", 0) + turned));
        value_set(gobo, "seed", value_of_int(grown));
    }
}

static void plainly_vary(Value *root, Dice *dice)
{
    const Value *paints = value_get(root, "paints"), *lamps = value_get(root, "lamps");

    value_set(
        root, "mirror",
        value_of_bool(value_bool(value_get(root, "mirror")) ^ (dice_unit(dice) < 0.5)));
    for (size_t i = 0; i < value_count(paints); i++)
        if (value_kind(value_at(paints, i)) == VALUE_OBJECT)
            value_set(
                (Value *)(uintptr_t)value_at(paints, i), "seed",
                value_of_int((int64_t)dice_between(dice, 1, 1000)));
    for (size_t i = 0; i < value_count(lamps); i++)
        if (value_kind(value_at(lamps, i)) == VALUE_OBJECT)
            lamp_vary((Value *)(uintptr_t)value_at(lamps, i), i == 0, dice);
}

MUST Err *scene_vary(const Value *json, uint64_t seed, Value **ret)
{
    AUTO(value_free) Value *root = value_copy(json);
    const Value *rows = value_get(json, "vary");
    Dice dice = dice_seeded(dice_hash(seed, 0x76617279));

    if (seed != 0 && value_kind(root) == VALUE_OBJECT) {
        if (!rows)
            plainly_vary(root, &dice);
        for (size_t i = 0; i < MIN(value_count(rows), (size_t)SCENE_VARY_MAX); i++)
            TRY(err_under(row_apply(value_at(rows, i), &dice, root), "/vary/%zu", i));
    }
    *ret = TAKE(root);
    return NULL;
}
