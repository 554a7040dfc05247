/* plan.h - a scene as it stands in JSON, field by field; stage.h is what it becomes. */
#pragma once

#include "scene/scene.h"

typedef struct CameraPlan {
    double height, height_max, distance;
    double aperture;
} CameraPlan;

typedef struct BackdropPlan {
    int kind;
    Colour colour, colour2, colour3, colour4; /* alpha 0: the kind's own */
    int64_t count;                            /* 0: the kind's own */
    double size, soft, gain;
    int64_t seed;
} BackdropPlan;

typedef struct SkyPlan {
    Colour top, horizon, bottom;
    double gain, shine;
    BackdropPlan backdrop;
} SkyPlan;

typedef enum PaintRole {
    ROLE_NONE, /* as the set shows: plan_role works it out */
    ROLE_WALL,
    ROLE_SURFACE,
    ROLE_ACCENT,
    ROLE_FIXED,
} PaintRole;

typedef struct PaintPlan {
    const char *name;
    int grain, role;
    Colour colour, colour2, colour3, colour4;
    double scale, rough, specular, metal, bump, variety, glow;
    double from, to, turn;
    int64_t seed;
} PaintPlan;

typedef struct RepeatPlan {
    int64_t count;
    double step[3], turn[3];
} RepeatPlan;

typedef struct SolidPlan {
    int kind;
    const char *paint;
    double at[3], size[3];
    double radius, height, yaw, turn[3], bevel;
    double round, puff; /* cushion */
    double to[3];       /* capsule */
    Pairs profile;      /* turned */
    int outline;        /* cut */
    Pairs points;       /* cut: an outline of its own */
    bool hole;          /* cut: out of a wall */
    double border[3];   /* of that wall: sideways, above, below */
    RepeatPlan repeat;
} SolidPlan;

typedef struct GoboPlan {
    int kind;
    double distance, scale, turn;
    int64_t seed;
} GoboPlan;

typedef struct LampPlan {
    double at[3], target[3], size[2];
    double power, kelvin;
    Colour colour;
    bool seen;
    GoboPlan gobo;
} LampPlan;

typedef struct TonePlan {
    int kind;
    double ev, bloom, vignette, grain, split;
} TonePlan;

typedef struct StandPlan {
    double at[3];
    double height, width, fill, ground;
    bool flat;
} StandPlan;

typedef struct VaryPlan {
    const Value *at, *of;
    double from, to;
} VaryPlan;

struct Scene {
    const char *name, *about, *prompt;
    Texts tags;
    bool mirror, turn;
    List vary;
    CameraPlan camera;
    SkyPlan sky;
    List paints, solids, lamps;
    TonePlan tone;
    StandPlan stand;
};

/* What part of the set the paint at INDEX is: as it says itself, or else as its name and the bodies it covers tell. Metals and
 * things that shine are ROLE_FIXED. Never ROLE_NONE. */
PaintRole plan_role(const Scene *scene, size_t index);

/* Index of the paint called NAME in SCENE, or -1. */
int plan_paint(const Scene *scene, const char *name);
