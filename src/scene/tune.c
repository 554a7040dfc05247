/* Tuning: from a scene's JSON to the JSON of the same set in other colours and another light. */
#include "scene/tune.h"

#include <math.h>
#include <string.h>

#include "scene/palette.h"
#include "scene/plan.h"
#include "scene/stage.h"

static const Field SceneTune_fields[] = {
    {FIELD_TEXTS(SceneTune, palette),
     .help = "Colours of the set: all of it in the first, accents in the second, the surface in "
             "the third",
     .preset = "", .max = 3},
    {FIELD_TEXT(SceneTune, wall), .help = "Colour of the wall", .preset = "", .max = 40},
    {FIELD_TEXT(SceneTune, surface), .help = "Colour of what the product stands on", .preset = "",
     .max = 40},
    {FIELD_TEXT(SceneTune, accent), .help = "Colour of the props", .preset = "", .max = 40},
    {FIELD_VALUE(SceneTune, material), .help = "What the surface is made of: fields of a paint",
     .optional = true},
    {FIELD_NUMBER(SceneTune, warmth), .help = "Warmer light, or cooler below 0", .preset = "0",
     .min = -150, .max = 250, .unit = "mired"},
    {FIELD_NUMBER(SceneTune, key), .help = "Brighter main light", .preset = "0", .min = -90,
     .max = 200, .unit = "%"},
    {FIELD_NUMBER(SceneTune, fill), .help = "Brighter light from all around", .preset = "0",
     .min = -90, .max = 200, .unit = "%"},
    {FIELD_NUMBER(SceneTune, lift), .help = "Main light higher", .preset = "0", .min = -45,
     .max = 45, .unit = "degrees"},
    {FIELD_NUMBER(SceneTune, softness), .help = "Larger main lamp", .preset = "0", .min = -80,
     .max = 200, .unit = "%"},
    {FIELD_NUMBER(SceneTune, ev), .help = "Exposure", .preset = "0", .min = -2, .max = 2,
     .unit = "stops"},
    {FIELD_NUMBER(SceneTune, vignette), .help = "Darker corners", .preset = "0", .min = -1,
     .max = 1},
    {FIELD_END},
};
const Shape scene_tune_shape = SHAPE(SceneTune);

void scene_tune_add(SceneTune *tune, const SceneTune *more)
{
    for (const Field *field = SceneTune_fields; field->name; field++) {
        void *to = (char *)tune + field->at;
        const void *from = (const char *)more + field->at;

        if (field->kind == FIELD_KIND_NUMBER)
            *(double *)to = CLAMP(*(double *)to + *(const double *)from, field->min, field->max);
        else if (field->kind == FIELD_KIND_TEXTS && ((const Texts *)from)->count)
            *(Texts *)to = *(const Texts *)from;
        else if (
            field->kind == FIELD_KIND_TEXT && *(const char *const *)from &&
            **(const char *const *)from)
            *(const char **)to = *(const char *const *)from;
        else if (field->kind == FIELD_KIND_VALUE && *(const Value *const *)from)
            *(const Value **)to = *(const Value *const *)from;
    }
}

/* ---- what part a paint is ---- */

static PaintRole role_of_name(const char *name)
{
    static const struct {
        const char *part;
        PaintRole role;
    } rows[] = {
        {"wall", ROLE_WALL},     {"paper", ROLE_WALL},      {"backdrop", ROLE_WALL},
        {"floor", ROLE_SURFACE}, {"table", ROLE_SURFACE},   {"ground", ROLE_SURFACE},
        {"desk", ROLE_SURFACE},  {"counter", ROLE_SURFACE}, {"worktop", ROLE_SURFACE},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcmp(name, rows[i].part) == 0)
            return rows[i].role;
    return ROLE_NONE;
}

/* A body as wide as the set is its wall when it is tall and its table when it is not. */
static PaintRole role_of_solid(const SolidPlan *solid)
{
    const double set_width = 5, wall_height = 1.5;

    if (solid->kind == SOLID_SWEEP)
        return ROLE_WALL;
    if (solid->kind == SOLID_FLOOR)
        return ROLE_SURFACE;
    if (solid->kind == SOLID_BOX && solid->size[0] >= set_width)
        return solid->size[1] >= wall_height ? ROLE_WALL : ROLE_SURFACE;
    return ROLE_NONE;
}

PaintRole plan_role(const Scene *scene, size_t index)
{
    const PaintPlan *paint = (const PaintPlan *)scene->paints.items + index;
    const SolidPlan *solids = scene->solids.items;
    PaintRole role = (PaintRole)paint->role;

    if (role == ROLE_NONE && (paint->metal > 0.5 || paint->glow > 0.5))
        return ROLE_FIXED;
    if (role == ROLE_NONE)
        role = role_of_name(paint->name);
    for (size_t i = 0; i < scene->solids.count && role == ROLE_NONE; i++)
        if (strcmp(solids[i].paint, paint->name) == 0)
            role = role_of_solid(&solids[i]);
    return role == ROLE_NONE ? ROLE_ACCENT : role;
}

/* ---- paint ---- */

typedef struct Tuning {
    const Scene *scene;
    const SceneTune *tune;
    Value *root; /* the copy that is changed */
} Tuning;

static Value *paint_json(const Tuning *tuning, size_t index)
{
    return (Value *)(uintptr_t)value_at(value_get(tuning->root, "paints"), index);
}

static void colour_set(Value *object, const char *name, Colour colour)
{
    char text[COLOUR_TEXT_SIZE];

    colour_text(colour, text);
    value_set(object, name, value_of_text(text));
}

static void paint_move(const Tuning *tuning, size_t index, Colour anchor, Colour wanted)
{
    const PaintPlan *paint = (const PaintPlan *)tuning->scene->paints.items + index;
    Value *json = paint_json(tuning, index);

    colour_set(json, "colour", palette_move(paint->colour, anchor, wanted));
    if (value_get(json, "colour2"))
        colour_set(json, "colour2", palette_move(paint->colour2, anchor, wanted));
    if (value_get(json, "colour3"))
        colour_set(json, "colour3", palette_move(paint->colour3, anchor, wanted));
    if (value_get(json, "colour4"))
        colour_set(json, "colour4", palette_move(paint->colour4, anchor, wanted));
}

/* Which paint leads the ROLE: the first that can take a colour, and of materials the first only when OF_ANY. */
static bool anchor_find(const Tuning *tuning, PaintRole role, bool of_any, Colour *ret)
{
    const PaintPlan *paints = tuning->scene->paints.items;

    for (size_t i = 0; i < tuning->scene->paints.count; i++)
        if (plan_role(tuning->scene, i) == role && (of_any || palette_takes(paints[i].grain))) {
            *ret = paints[i].colour;
            return true;
        }
    return false;
}

/* All paints of ROLE, moved as ANCHOR moves to the colour WORDS. A named part takes its colour whatever it is made of. */
static MUST Err *role_move(const Tuning *tuning, PaintRole role, const char *words, bool of_any)
{
    const PaintPlan *paints = tuning->scene->paints.items;
    Colour anchor, wanted;

    TRY(colour_parse(words, &wanted));
    if (!anchor_find(tuning, role, of_any, &anchor))
        return NULL;
    for (size_t i = 0; i < tuning->scene->paints.count; i++)
        if (plan_role(tuning->scene, i) == role && (of_any || palette_takes(paints[i].grain)))
            paint_move(tuning, i, anchor, wanted);
    return NULL;
}

/* The set in shades of one colour: every paint keeps its distance to the one that leads the set. */
static MUST Err *set_move(const Tuning *tuning, const char *words)
{
    const PaintPlan *paints = tuning->scene->paints.items;
    Colour anchor, wanted;

    TRY(colour_parse(words, &wanted));
    if (!anchor_find(tuning, ROLE_WALL, false, &anchor) &&
        !anchor_find(tuning, ROLE_SURFACE, false, &anchor) &&
        !anchor_find(tuning, ROLE_ACCENT, false, &anchor))
        return NULL;
    for (size_t i = 0; i < tuning->scene->paints.count; i++)
        if (plan_role(tuning->scene, i) != ROLE_FIXED && palette_takes(paints[i].grain))
            paint_move(tuning, i, anchor, wanted);
    return NULL;
}

static MUST Err *colours_tune(const Tuning *tuning)
{
    const SceneTune *tune = tuning->tune;
    const Texts *palette = &tune->palette;
    static const PaintRole later[] = {ROLE_ACCENT, ROLE_SURFACE};

    if (palette->count)
        TRY(err_under(set_move(tuning, palette->items[0]), "/palette/0"));
    for (size_t i = 1; i < MIN(palette->count, COUNT(later) + 1); i++)
        TRY(err_under(
            role_move(tuning, later[i - 1], palette->items[i], false), "/palette/%zu", i));
    if (*tune->wall)
        TRY(err_under(role_move(tuning, ROLE_WALL, tune->wall, true), "/wall"));
    if (*tune->surface)
        TRY(err_under(role_move(tuning, ROLE_SURFACE, tune->surface, true), "/surface"));
    if (*tune->accent)
        TRY(err_under(role_move(tuning, ROLE_ACCENT, tune->accent, true), "/accent"));
    return NULL;
}

/* The paint of the body that carries the product, or -1 when that is the ground itself. */
static int stand_paint(const Scene *scene)
{
    const double low = 0.02, apart = 0.03;
    const SolidPlan *solids = scene->solids.items;
    const double *at = scene->stand.at;

    for (size_t i = 0; i < scene->solids.count && at[1] > low; i++) {
        const SolidPlan *solid = &solids[i];
        bool is_round = solid->kind == SOLID_CYLINDER;
        double height = is_round ? solid->height : solid->size[1];
        double reach = is_round ? solid->radius : solid->size[0] / 2;

        if ((is_round || solid->kind == SOLID_BOX || solid->kind == SOLID_CUSHION) &&
            fabs(solid->at[1] + height - at[1]) < apart && fabs(solid->at[0] - at[0]) < reach)
            return plan_paint(scene, solid->paint);
    }
    return -1;
}

/* What the product stands on is made anew: of its old paint only the name stays, by which bodies know it. */
static void material_tune(const Tuning *tuning)
{
    int stand = stand_paint(tuning->scene);

    for (size_t i = 0; i < tuning->scene->paints.count; i++) {
        if (stand >= 0 ? (int)i != stand : plan_role(tuning->scene, i) != ROLE_SURFACE)
            continue;
        Value *json = value_copy(tuning->tune->material);
        value_set(json, "name", value_ref(value_get(paint_json(tuning, i), "name")));
        value_set(json, "role", value_of_text("surface"));
        value_put((Value *)(uintptr_t)value_get(tuning->root, "paints"), i, json);
    }
}

/* ---- light ---- */

static Value *member_object(Value *parent, const char *name)
{
    if (value_kind(value_get(parent, name)) != VALUE_OBJECT)
        value_set(parent, name, value_object());
    return (Value *)(uintptr_t)value_get(parent, name);
}

static void number_set(Value *object, const char *name, double number)
{
    value_set(object, name, value_of_number(round(number * 1e4) / 1e4));
}

static size_t key_lamp(const Scene *scene)
{
    const LampPlan *lamps = scene->lamps.items;
    size_t key = 0;

    for (size_t i = 1; i < scene->lamps.count; i++)
        if (lamps[i].power > lamps[key].power)
            key = i;
    return key;
}

/* Higher over its target on the same compass bearing and at the same distance; never below the ground or overhead. */
static void lamp_lift(const LampPlan *plan, double degrees, Value *lamp)
{
    const double lowest = 8, highest = 76;
    double gap[3], place[3];

    for (int k = 0; k < 3; k++)
        gap[k] = plan->at[k] - plan->target[k];
    double flat = hypot(gap[0], gap[2]), far = hypot(flat, gap[1]);
    double height = atan2(gap[1], flat) * 180 / M_PI;
    double wanted = CLAMP(height + degrees, fmin(lowest, height), fmax(highest, height));
    double shrink = flat > 1e-6 ? far * cos(wanted * M_PI / 180) / flat : 0;

    place[0] = plan->target[0] + gap[0] * shrink;
    place[1] = plan->target[1] + far * sin(wanted * M_PI / 180);
    place[2] = plan->target[2] + gap[2] * shrink;
    AUTO(value_free) Value *at = value_list();
    for (int k = 0; k < 3; k++)
        value_add(at, value_of_number(round(CLAMP(place[k], -30, 30) * 1e4) / 1e4));
    value_set(lamp, "at", TAKE(at));
}

static void lamp_tune(const SceneTune *tune, const LampPlan *plan, bool is_key, Value *lamp)
{
    double warmth = is_key ? tune->warmth : tune->warmth * 0.4;
    double more = is_key ? tune->key : tune->fill * 0.6;

    if (warmth != 0)
        number_set(lamp, "kelvin", CLAMP(1e6 / fmax(1e6 / plan->kelvin + warmth, 70), 1800, 12000));
    if (more != 0)
        number_set(lamp, "power", CLAMP(plan->power * (1 + more / 100), 0, 20));
    if (is_key && tune->lift != 0)
        lamp_lift(plan, tune->lift, lamp);
    if (is_key && tune->softness != 0) {
        Value *size = value_list();
        for (int k = 0; k < 2; k++)
            value_add(
                size, value_of_number(CLAMP(plan->size[k] * (1 + tune->softness / 100), 0.05, 4)));
        value_set(lamp, "size", size);
    }
}

static void light_tune(const Tuning *tuning)
{
    const SceneTune *tune = tuning->tune;
    const Scene *scene = tuning->scene;
    const LampPlan *lamps = scene->lamps.items;
    const Value *json = value_get(tuning->root, "lamps");
    size_t key = key_lamp(scene);

    for (size_t i = 0; i < scene->lamps.count; i++)
        lamp_tune(tune, &lamps[i], i == key, (Value *)(uintptr_t)value_at(json, i));
    if (tune->fill != 0)
        number_set(
            member_object(tuning->root, "sky"), "gain",
            CLAMP(scene->sky.gain * (1 + tune->fill / 100), 0, 4));
    if (tune->ev != 0)
        number_set(
            member_object(tuning->root, "tone"), "ev", CLAMP(scene->tone.ev + tune->ev, -4, 4));
    if (tune->vignette != 0)
        number_set(
            member_object(tuning->root, "tone"), "vignette",
            CLAMP(scene->tone.vignette + tune->vignette, 0, 0.6));
}

MUST Err *scene_tune(const Value *json, const SceneTune *tune, Value **ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *root = value_copy(json);
    const Scene *scene;

    TRY(scene_read(json, mem, &scene));
    Tuning tuning = {scene, tune, root};
    /* The new material before the colours: "green marble" is marble, then green. */
    if (tune->material) {
        material_tune(&tuning);
        TRY(scene_read(root, mem, &scene));
        tuning.scene = scene;
    }
    TRY(colours_tune(&tuning));
    light_tune(&tuning);
    *ret = TAKE(root);
    return NULL;
}
