/* tune.h - one set in other colours, another surface, another light: what words and brand colours ask for.
 *
 * A tune is applied to a scene's JSON before it is read. What it leaves at its preset stays as the set was designed. Colours keep
 * the set's own steps from light to dark, so that a set in a brand's hue still has depth; metals, and the grains that are
 * materials of their own (wood, stone, sand), keep their colour unless a surface is named.
 */
#pragma once

#include "base/value.h"
#include "shape/shape.h"

typedef struct SceneTune {
    Texts
        palette; /* the whole set in the first colour, accents in the second, the surface in the third */
    const char *wall, *surface, *accent; /* that part in that colour; "" leaves it */
    const Value *material; /* what the surface is made of: fields of a paint; or NULL */
    double warmth;         /* of the light, in mireds: 60 is an evening, -40 an overcast sky */
    double key, fill; /* brighter main light, and brighter light from all around: % more or less */
    double lift;      /* the main light stands so many degrees higher */
    double softness;  /* the main lamp is so many % larger */
    double ev, vignette; /* stops brighter; darker corners */
} SceneTune;

extern const Shape scene_tune_shape;

/* A copy of the scene JSON with TUNE applied. INPUT_INVALID for a colour that cannot be read, or as scene_read. */
MUST Err *scene_tune(const Value *json, const SceneTune *tune, Value **ret);

/* Add what MORE asks for to TUNE: numbers sum up, texts and lists replace what was there. */
void scene_tune_add(SceneTune *tune, const SceneTune *more);
