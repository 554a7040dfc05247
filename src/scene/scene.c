/* Scenes as JSON: what may stand in one, within which limits. */
#include "scene/scene.h"

#include <math.h>
#include <string.h>

#include "scene/outline.h"
#include "scene/plan.h"
#include "scene/stage.h"

static const char *const grain_names[] = {
    [GRAIN_PLAIN] = "plain",
    [GRAIN_PLASTER] = "plaster",
    [GRAIN_CONCRETE] = "concrete",
    [GRAIN_WOOD] = "wood",
    [GRAIN_MARBLE] = "marble",
    [GRAIN_TERRAZZO] = "terrazzo",
    [GRAIN_LINEN] = "linen",
    [GRAIN_TILE] = "tile",
    [GRAIN_TRAVERTINE] = "travertine",
    [GRAIN_FADE] = "fade",
    [GRAIN_SAND] = "sand",
    [GRAIN_BRICK] = "brick",
    [GRAIN_SLATE] = "slate",
    [GRAIN_ASPHALT] = "asphalt",
    [GRAIN_WET] = "wet",
    [GRAIN_PLEATS] = "pleats",
    [GRAIN_BATIK] = "batik",
    [GRAIN_RATTAN] = "rattan",
    [GRAIN_GRASS] = "grass",
    [GRAIN_PAPER] = "paper",
    [GRAIN_BRUSHED] = "brushed",
    [GRAIN_ZELLIGE] = "zellige",
    [GRAIN_HERRINGBONE] = "herringbone",
    [GRAIN_KINDS] = NULL};

static const char *const solid_names[] = {
    [SOLID_FLOOR] = "floor",       [SOLID_SWEEP] = "sweep",     [SOLID_BOX] = "box",
    [SOLID_CYLINDER] = "cylinder", [SOLID_SPHERE] = "sphere",   [SOLID_ARCH] = "arch",
    [SOLID_RING] = "ring",         [SOLID_TURNED] = "turned",   [SOLID_CUT] = "cut",
    [SOLID_CUSHION] = "cushion",   [SOLID_CAPSULE] = "capsule", [SOLID_TORUS] = "torus",
    [SOLID_KINDS] = NULL};

static const char *const gobo_names[] = {
    [GOBO_NONE] = "none",     [GOBO_WINDOW] = "window",     [GOBO_PALM] = "palm",
    [GOBO_LEAVES] = "leaves", [GOBO_BLINDS] = "blinds",     [GOBO_ARCH] = "arch",
    [GOBO_DAPPLE] = "dapple", [GOBO_LATTICE] = "lattice",   [GOBO_SLOT] = "slot",
    [GOBO_FERN] = "fern",     [GOBO_MONSTERA] = "monstera", [GOBO_SHEER] = "sheer",
    [GOBO_SPOT] = "spot",     [GOBO_KINDS] = NULL};

static const char *const backdrop_names[] = {
    [BACKDROP_NONE] = "none", [BACKDROP_BOKEH] = "bokeh",   [BACKDROP_GREENERY] = "greenery",
    [BACKDROP_SEA] = "sea",   [BACKDROP_CLOUDS] = "clouds", [BACKDROP_DUSK] = "dusk",
    [BACKDROP_CITY] = "city", [BACKDROP_NIGHT] = "night",   [BACKDROP_ROOM] = "room",
    [BACKDROP_KINDS] = NULL};

static const char *const role_names[] = {
    [ROLE_NONE] = "auto",     [ROLE_WALL] = "wall",   [ROLE_SURFACE] = "surface",
    [ROLE_ACCENT] = "accent", [ROLE_FIXED] = "fixed", NULL};

static const char *const tone_names[] = {[TONE_NEUTRAL] = "neutral", [TONE_PLAIN] = "plain", NULL};

static const Field CameraPlan_fields[] = {
    {FIELD_NUMBER(CameraPlan, height), .help = "Height of the lens above the floor",
     .preset = "0.62", .min = 0.05, .max = 4},
    {FIELD_NUMBER(CameraPlan, height_max),
     .help = "How far it may rise for products photographed from above; below height it stays",
     .preset = "2.3", .max = 8},
    {FIELD_NUMBER(CameraPlan, distance), .help = "Distance from the middle of the set",
     .preset = "4.8", .min = 1.5, .max = 20},
    {FIELD_NUMBER(CameraPlan, aperture),
     .help = "Width of the lens: 0 all sharp, 0.1 a soft wall, 0.3 a room melts; the product's "
             "place is always sharp",
     .preset = "0", .max = 1},
    {FIELD_END},
};
static const Shape camera_shape = SHAPE(CameraPlan);

static const Field BackdropPlan_fields[] = {
    {FIELD_NAME(BackdropPlan, kind, backdrop_names),
     .help = "What lies far behind the set, out of focus", .preset = "none"},
    {FIELD_COLOUR(BackdropPlan, colour),
     .help = "Its top: sky, crown of trees, wall. Without it, the kind's own", .optional = true},
    {FIELD_COLOUR(BackdropPlan, colour2),
     .help = "Its lower part: horizon, shade, far end of the room", .optional = true},
    {FIELD_COLOUR(BackdropPlan, colour3),
     .help = "Its lights: discs, leaves in the sun, the sun, windows, the water", .optional = true},
    {FIELD_COLOUR(BackdropPlan, colour4),
     .help = "Other lights: a third of them; near water; furniture", .optional = true},
    {FIELD_INT(BackdropPlan, count), .help = "How many lights or leaves; 0 as the kind likes",
     .preset = "0", .max = 2000},
    {FIELD_NUMBER(BackdropPlan, size), .help = "How large they are", .preset = "1", .min = 0.1,
     .max = 5},
    {FIELD_NUMBER(BackdropPlan, soft), .help = "How far out of focus it is", .preset = "1",
     .max = 4},
    {FIELD_NUMBER(BackdropPlan, gain), .help = "How bright it is", .preset = "1", .max = 8},
    {FIELD_INT(BackdropPlan, seed), .help = "Another one of the same kind", .preset = "1",
     .max = 1000000},
    {FIELD_END},
};
static const Shape backdrop_shape = SHAPE(BackdropPlan);

static const Field SkyPlan_fields[] = {
    {FIELD_COLOUR(SkyPlan, top), .help = "Light from above", .preset = "#f0f0f0"},
    {FIELD_COLOUR(SkyPlan, horizon), .help = "Light from around", .preset = "#e6e6e6"},
    {FIELD_COLOUR(SkyPlan, bottom), .help = "Light from below", .preset = "#bcbcbc"},
    {FIELD_NUMBER(SkyPlan, gain), .help = "How strong all of it is", .preset = "0.5", .max = 4},
    {FIELD_NUMBER(SkyPlan, shine), .help = "How much brighter mirrors see it", .preset = "2",
     .max = 8},
    {FIELD_OBJECT(SkyPlan, backdrop, BackdropPlan, &backdrop_shape),
     .help = "A picture at infinity, seen by camera and mirrors", .preset = "{}"},
    {FIELD_END},
};
static const Shape sky_shape = SHAPE(SkyPlan);

static const Field PaintPlan_fields[] = {
    {FIELD_TEXT(PaintPlan, name), .help = "What solids call it", .max = 40},
    {FIELD_NAME(PaintPlan, grain, grain_names), .help = "What it is", .preset = "plain"},
    {FIELD_NAME(PaintPlan, role, role_names),
     .help = "What part of the set it is, for words and brand colours; fixed stays as it is",
     .preset = "auto"},
    {FIELD_COLOUR(PaintPlan, colour), .help = "Its colour", .preset = "#d8d8d8"},
    {FIELD_COLOUR(PaintPlan, colour2),
     .help = "Second colour: light wood, other chips, fade's end, motif, joint of bricks",
     .preset = "#bbbbbb"},
    {FIELD_COLOUR(PaintPlan, colour3), .help = "Third colour: veins, grout", .preset = "#888888"},
    {FIELD_COLOUR(PaintPlan, colour4), .help = "Fourth colour: chips", .preset = "#555555"},
    {FIELD_NUMBER(PaintPlan, scale), .help = "Size of its pattern", .preset = "1", .min = 0.02,
     .max = 20},
    {FIELD_NUMBER(PaintPlan, rough), .help = "0 a mirror, 1 chalk", .preset = "0.6", .min = 0.03,
     .max = 1},
    {FIELD_NUMBER(PaintPlan, specular), .help = "How much it mirrors straight on", .preset = "0.04",
     .max = 0.2},
    {FIELD_NUMBER(PaintPlan, metal), .help = "1 for metal", .preset = "0", .max = 1},
    {FIELD_NUMBER(PaintPlan, bump), .help = "How deep its grain is", .preset = "0", .max = 2},
    {FIELD_NUMBER(PaintPlan, variety), .help = "How uneven its colour is", .preset = "1", .max = 3},
    {FIELD_NUMBER(PaintPlan, glow),
     .help = "How bright it shines by itself, times its colour: 1 is white paper in full light; "
             "lamps do the lighting",
     .preset = "0", .max = 20},
    {FIELD_NUMBER(PaintPlan, from), .help = "Height where a fade begins", .preset = "0", .min = -10,
     .max = 10},
    {FIELD_NUMBER(PaintPlan, to), .help = "Height where a fade ends", .preset = "2", .min = -10,
     .max = 10},
    {FIELD_NUMBER(PaintPlan, turn),
     .help = "Its pattern turned on its face: boards run across, at 90 away", .preset = "0",
     .min = -180, .max = 180, .unit = "degrees"},
    {FIELD_INT(PaintPlan, seed), .help = "Another cut of the same material", .preset = "1",
     .max = 1000000},
    {FIELD_END},
};
static const Shape paint_shape = SHAPE(PaintPlan);

static const Field RepeatPlan_fields[] = {
    {FIELD_INT(RepeatPlan, count), .help = "How many there are", .preset = "1", .min = 1,
     .max = STAGE_SOLIDS_MAX},
    {FIELD_VECTOR(RepeatPlan, step, 3), .help = "From each to the next, as the one before sees it",
     .preset = "0,0,0", .min = -30, .max = 30},
    {FIELD_VECTOR(RepeatPlan, turn, 3),
     .help = "How much each is turned after the one before: pitch, yaw, roll. With a step this "
             "makes rings, bows and winding stairs",
     .preset = "0,0,0", .min = -180, .max = 180, .unit = "degrees"},
    {FIELD_END},
};
static const Shape repeat_shape = SHAPE(RepeatPlan);

static const Field SolidPlan_fields[] = {
    {FIELD_NAME(SolidPlan, kind, solid_names), .help = "What body"},
    {FIELD_TEXT(SolidPlan, paint), .help = "Name of its paint", .max = 40},
    {FIELD_VECTOR(SolidPlan, at, 3),
     .help = "Middle of its underside: right, up, towards the camera", .preset = "0,0,0",
     .min = -30, .max = 30},
    {FIELD_VECTOR(SolidPlan, size, 3),
     .help = "Width, height, depth of a box, cushion, arch or cut", .preset = "1,1,1", .min = 0.005,
     .max = 60},
    {FIELD_NUMBER(SolidPlan, radius),
     .help = "Of a cylinder, sphere, ring, torus, capsule or a sweep's bend", .preset = "0.5",
     .min = 0.002, .max = 30},
    {FIELD_NUMBER(SolidPlan, height),
     .help = "Of a cylinder or upright capsule; how thick a ring or torus is", .preset = "0.3",
     .min = 0.005, .max = 30},
    {FIELD_NUMBER(SolidPlan, yaw), .help = "Turned about its upright axis", .preset = "0",
     .min = -180, .max = 180, .unit = "degrees"},
    {FIELD_VECTOR(SolidPlan, turn, 3),
     .help = "Turned about `at`: pitch (top towards the camera), yaw (front to the right), roll "
             "(counter-clockwise)",
     .preset = "0,0,0", .min = -180, .max = 180, .unit = "degrees"},
    {FIELD_NUMBER(SolidPlan, bevel), .help = "Softness of its edges", .preset = "0.008",
     .max = 0.2},
    {FIELD_NUMBER(SolidPlan, round), .help = "How round a cushion's edges are: a radius",
     .preset = "0.05", .max = 10},
    {FIELD_NUMBER(SolidPlan, puff), .help = "How far a cushion's faces bulge", .preset = "0",
     .max = 2},
    {FIELD_VECTOR(SolidPlan, to, 3),
     .help = "From a capsule's one end, `at`, to its other; 0,0,0 for one that stands upright",
     .preset = "0,0,0", .min = -30, .max = 30},
    {FIELD_PAIRS(SolidPlan, profile, PROFILE_MAX),
     .help = "A turned body's outside: pairs of radius and height above `at`, from the foot up. "
             "Gentle turns are made round, sharp ones stay edges. Ends are closed with discs, "
             "unless the last pair is the first: then it is a hollow wall",
     .min = -30, .max = 30, .optional = true},
    {FIELD_NAME(SolidPlan, outline, outline_names), .help = "What a cut is cut to",
     .preset = "disc"},
    {FIELD_PAIRS(SolidPlan, points, POINTS_MAX),
     .help = "A cut's own outline: corners across and up from `at`, instead of `outline` and the "
             "first two of `size`",
     .min = -30, .max = 30, .optional = true},
    {FIELD_BOOL(SolidPlan, hole), .help = "The cut is a hole in a wall as deep as `size` says",
     .preset = "false"},
    {FIELD_VECTOR(SolidPlan, border, 3),
     .help = "How far the wall around a hole goes on: sideways, above, below", .preset = "10,10,10",
     .max = 60},
    {FIELD_OBJECT(SolidPlan, repeat, RepeatPlan, &repeat_shape), .help = "The same several times",
     .preset = "{}"},
    {FIELD_END},
};
static const Shape solid_shape = SHAPE(SolidPlan);

static const Field GoboPlan_fields[] = {
    {FIELD_NAME(GoboPlan, kind, gobo_names), .help = "What throws the shadow", .preset = "none"},
    {FIELD_NUMBER(GoboPlan, distance), .help = "From the lamp", .preset = "5", .min = 0.1,
     .max = 30},
    {FIELD_NUMBER(GoboPlan, scale), .help = "Half its width", .preset = "1", .min = 0.05,
     .max = 20},
    {FIELD_NUMBER(GoboPlan, turn), .help = "Turned in its plane", .preset = "0", .min = -180,
     .max = 180, .unit = "degrees"},
    {FIELD_INT(GoboPlan, seed), .help = "Another growth of the same plant", .preset = "7",
     .max = 1000000},
    {FIELD_END},
};
static const Shape gobo_shape = SHAPE(GoboPlan);

static const Field LampPlan_fields[] = {
    {FIELD_VECTOR(LampPlan, at, 3), .help = "Where it stands", .min = -30, .max = 30},
    {FIELD_VECTOR(LampPlan, target, 3), .help = "Where it points", .preset = "0,0.3,0", .min = -30,
     .max = 30},
    {FIELD_VECTOR(LampPlan, size, 2), .help = "Width and height", .preset = "1,1", .min = 0.02,
     .max = 20},
    {FIELD_NUMBER(LampPlan, power), .help = "Brightness of a white card at its target",
     .preset = "0.8", .max = 20},
    {FIELD_NUMBER(LampPlan, kelvin), .help = "Its white: 3000 warm, 5600 neutral, 8000 cool",
     .preset = "5600", .min = 1500, .max = 15000, .unit = "K"},
    {FIELD_COLOUR(LampPlan, colour), .help = "A coloured gel before it", .preset = "white"},
    {FIELD_BOOL(LampPlan, seen), .help = "Whether mirrors show it", .preset = "true"},
    {FIELD_OBJECT(LampPlan, gobo, GoboPlan, &gobo_shape), .help = "A mask before it",
     .preset = "{}"},
    {FIELD_END},
};
static const Shape lamp_shape = SHAPE(LampPlan);

static const Field TonePlan_fields[] = {
    {FIELD_NAME(TonePlan, kind, tone_names),
     .help = "neutral as a good camera, plain clips at white", .preset = "neutral"},
    {FIELD_NUMBER(TonePlan, ev), .help = "Exposure, in stops", .preset = "0", .min = -4, .max = 4},
    {FIELD_NUMBER(TonePlan, bloom), .help = "Glow about bright places", .preset = "0.03",
     .max = 0.5},
    {FIELD_NUMBER(TonePlan, vignette), .help = "Darker corners", .preset = "0.1", .max = 1},
    {FIELD_NUMBER(TonePlan, grain), .help = "Film grain", .preset = "0.008", .max = 0.1},
    {FIELD_NUMBER(TonePlan, split), .help = "Warm lights and cool shadows; below 0 the other way",
     .preset = "0", .min = -1, .max = 1},
    {FIELD_END},
};
static const Shape tone_shape = SHAPE(TonePlan);

static const Field StandPlan_fields[] = {
    {FIELD_VECTOR(StandPlan, at, 3), .help = "Where the product stands", .preset = "0,0,0",
     .min = -10, .max = 10},
    {FIELD_NUMBER(StandPlan, height), .help = "Its greatest height", .preset = "0.95", .min = 0.05,
     .max = 5},
    {FIELD_NUMBER(StandPlan, width), .help = "Its greatest width", .preset = "1.15", .min = 0.05,
     .max = 5},
    {FIELD_NUMBER(StandPlan, fill), .help = "How much of the frame's height that is",
     .preset = "58", .min = 5, .max = 95, .unit = "%"},
    {FIELD_NUMBER(StandPlan, ground), .help = "How far down its base stands", .preset = "80",
     .min = 30, .max = 98, .unit = "%"},
    {FIELD_BOOL(StandPlan, flat),
     .help = "The set is seen from straight above: the product lies on the surface that faces the "
             "camera",
     .preset = "false"},
    {FIELD_END},
};
static const Shape stand_shape = SHAPE(StandPlan);

static const Field VaryPlan_fields[] = {
    {FIELD_VALUE(VaryPlan, at),
     .help = "JSON pointer of what changes, such as /lamps/0/kelvin or /paints/wall/colour, or a "
             "list of them that change together"},
    {FIELD_NUMBER(VaryPlan, from), .help = "Least of a number", .preset = "0"},
    {FIELD_NUMBER(VaryPlan, to), .help = "Most of a number", .preset = "0"},
    {FIELD_VALUE(VaryPlan, of),
     .help = "Instead of a number: a list of values to choose from; for several pointers, of lists "
             "of values",
     .optional = true},
    {FIELD_END},
};
static const Shape vary_shape = SHAPE(VaryPlan);

static const Field Scene_fields[] = {
    {FIELD_TEXT(Scene, name), .help = "Its name, for people", .preset = "", .max = 80},
    {FIELD_TEXT(Scene, about), .help = "What it is good for", .preset = "", .max = 400},
    {FIELD_TEXT(Scene, prompt),
     .help = "What a vendor is told to draw, where the operator chose one for pictures; without it "
             "the set is drawn by others only when words are given",
     .preset = "", .max = 400},
    {FIELD_TEXTS(Scene, tags), .help = "What words find it by: room, surface, mood, time, season",
     .preset = "", .max = 24},
    {FIELD_BOOL(Scene, turn),
     .help = "Change left and right when the product was clearly lit from the other side",
     .preset = "true"},
    {FIELD_BOOL(Scene, mirror), .help = "Show the set with left and right changed",
     .preset = "false"},
    {FIELD_LIST(Scene, vary, &vary_shape),
     .help = "What another seed changes; when absent, a little of everything that never harms",
     .max = SCENE_VARY_MAX, .optional = true},
    {FIELD_OBJECT(Scene, camera, CameraPlan, &camera_shape), .help = "The camera", .preset = "{}"},
    {FIELD_OBJECT(Scene, sky, SkyPlan, &sky_shape), .help = "Light from all around",
     .preset = "{}"},
    {FIELD_LIST(Scene, paints, &paint_shape), .help = "Surfaces", .max = STAGE_PAINTS_MAX},
    {FIELD_LIST(Scene, solids, &solid_shape), .help = "Bodies", .max = STAGE_SOLIDS_MAX},
    {FIELD_LIST(Scene, lamps, &lamp_shape), .help = "Lamps", .max = STAGE_LAMPS_MAX,
     .optional = true},
    {FIELD_OBJECT(Scene, tone, TonePlan, &tone_shape), .help = "How it is developed",
     .preset = "{}"},
    {FIELD_OBJECT(Scene, stand, StandPlan, &stand_shape), .help = "Where the product stands",
     .preset = "{}"},
    {FIELD_END},
};
const Shape scene_shape = SHAPE(Scene);

int plan_paint(const Scene *scene, const char *name)
{
    const PaintPlan *paints = scene->paints.items;

    for (size_t i = 0; i < scene->paints.count; i++)
        if (strcmp(paints[i].name, name) == 0)
            return (int)i;
    return -1;
}

static MUST Err *solid_refuse(const char *why, const char *where)
{
    return err_field(err_public(err_new(ERR_INPUT_INVALID, "%s", why), "%s", why), "%s", where);
}

/* A radius below 0 or a profile without height turns no body. */
static MUST Err *profile_check(const Pairs *profile)
{
    double low = 1e9, high = -1e9, widest = 0;

    for (size_t i = 0; i < profile->count; i++) {
        if (profile->items[i][0] < 0)
            return solid_refuse("A radius cannot be below 0.", "/profile");
        low = fmin(low, profile->items[i][1]);
        high = fmax(high, profile->items[i][1]);
        widest = fmax(widest, profile->items[i][0]);
    }
    if (profile->count < 2 || high - low < 0.002 || widest < 0.002)
        return solid_refuse(
            "A turned body needs a profile of two pairs or more, [radius, height], that differ in "
            "height.",
            "/profile");
    return NULL;
}

static MUST Err *points_check(const Pairs *points)
{
    double area = 0;

    for (size_t i = 0; i < points->count; i++) {
        const double *a = points->items[i], *b = points->items[(i + 1) % points->count];
        area += (a[0] * b[1] - a[1] * b[0]) / 2;
    }
    if (points->count > 0 && (points->count < 3 || fabs(area) < 1e-5))
        return solid_refuse(
            "An outline needs three points or more that are not in line.", "/points");
    return NULL;
}

static MUST Err *solid_check(const Scene *scene, const SolidPlan *solid)
{
    if (plan_paint(scene, solid->paint) < 0)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "no paint is called '%s'", solid->paint),
                "There is no paint called '%s' in this scene.", solid->paint),
            "/paint");
    if (solid->kind == SOLID_TURNED)
        return profile_check(&solid->profile);
    if (solid->kind == SOLID_CUT)
        return points_check(&solid->points);
    return NULL;
}

/* What a ray spends on a body of each kind, in boxes; measured where all bodies lie within each other. */
static const int solid_efforts[SOLID_KINDS] = {
    [SOLID_FLOOR] = 1,  [SOLID_SWEEP] = 1,   [SOLID_BOX] = 1,     [SOLID_CYLINDER] = 1,
    [SOLID_SPHERE] = 1, [SOLID_ARCH] = 2,    [SOLID_RING] = 2,    [SOLID_TURNED] = 2,
    [SOLID_CUT] = 6,    [SOLID_CUSHION] = 6, [SOLID_CAPSULE] = 1, [SOLID_TORUS] = 5,
};

/* Each pair of a profile becomes some cones, together about as dear as one more box. */
static int64_t solid_effort(const SolidPlan *solid)
{
    int64_t pairs = solid->kind == SOLID_TURNED ? (int64_t)solid->profile.count : 0;

    return (solid_efforts[solid->kind] + pairs) * solid->repeat.count;
}

/* A scene has MANY of WHAT, of which MOST are allowed. */
static MUST Err *limit_check(const char *what, int64_t many, int64_t most, const char *where)
{
    if (many <= most)
        return NULL;
    return err_field(
        err_public(
            err_new(
                ERR_INPUT_INVALID, "a scene with %lld %s, the limit is %lld", (long long)many, what,
                (long long)most),
            "A scene may have at most %lld %s; this one has %lld.", (long long)most, what,
            (long long)many),
        "%s", where);
}

/* However a scene is written, its render must end in good time. */
static MUST Err *efforts_check(const Scene *scene)
{
    const SolidPlan *solids = scene->solids.items;
    const BackdropPlan *backdrop = &scene->sky.backdrop;
    int64_t count = 0, cuts = 0, effort = 0;

    for (size_t i = 0; i < scene->solids.count; i++) {
        count += solids[i].repeat.count;
        cuts += solids[i].kind == SOLID_CUT;
        effort += solid_effort(&solids[i]);
    }
    TRY(limit_check("cut bodies (repeats not counted)", cuts, STAGE_CUTS_MAX, "/solids"));
    TRY(limit_check("bodies (repeats counted)", count, STAGE_SOLIDS_MAX, "/solids"));
    if (effort > STAGE_EFFORT_MAX)
        return err_field(
            err_public(
                err_new(
                    ERR_INPUT_INVALID, "bodies of effort %lld, the limit is %d", (long long)effort,
                    STAGE_EFFORT_MAX),
                "This scene would take too long: its bodies count %lld, and %d is the most. An "
                "arch or ring counts 2, a torus 5, a cushion or cut 6, a turned body 2 and its "
                "pairs, any other 1; repeats count, too.",
                (long long)effort, STAGE_EFFORT_MAX),
            "/solids");
    return limit_check(
        "lights in its backdrop (each counted as its size squared)",
        (int64_t)ceil((double)backdrop->count * backdrop->size * backdrop->size), STAGE_LIGHTS_MAX,
        "/sky/backdrop/count");
}

/* A lamp that stands where it points has no direction. */
static MUST Err *lamp_check(const LampPlan *lamp)
{
    double square = 0;

    for (int k = 0; k < 3; k++)
        square += (lamp->target[k] - lamp->at[k]) * (lamp->target[k] - lamp->at[k]);
    if (square > 0.01)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "lamp stands at its target"),
            "A lamp must stand away from where it points."),
        "/target");
}

/* What stands at the lens or behind it is not seen. */
static MUST Err *stand_check(const Scene *scene)
{
    const double nearest = 0.5;

    if (scene->camera.distance - scene->stand.at[2] >= nearest)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "the stand is behind the camera"),
            "The product must stand before the camera: its third number must be at least %g less "
            "than the camera's distance.",
            nearest),
        "/stand/at");
}

MUST Err *scene_read(const Value *json, Arena *mem, const Scene **ret)
{
    Scene *scene = arena_take(mem, sizeof *scene);
    const SolidPlan *solids;
    const LampPlan *lamps;

    TRY(shape_read(&scene_shape, json, mem, scene));
    solids = scene->solids.items;
    lamps = scene->lamps.items;
    for (size_t i = 0; i < scene->solids.count; i++)
        TRY(err_under(solid_check(scene, &solids[i]), "/solids/%zu", i));
    TRY(efforts_check(scene));
    for (size_t i = 0; i < scene->lamps.count; i++)
        TRY(err_under(lamp_check(&lamps[i]), "/lamps/%zu", i));
    TRY(stand_check(scene));
    *ret = scene;
    return NULL;
}
