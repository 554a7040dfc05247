/* workflow.h - what is to be done with a photo in the words of this door, and the same as a recipe.
 *
 *     {"background": {"action": "ai", "prompt": "marble table", "complexity": "complex"},
 *      "lighting": {"mode": "preset", "preset": "dramatic", "warmth": 30},
 *      "shadow": {"type": "natural", "opacity": 50, "blur": 60},
 *      "export": {"format": "png", "size": "2400x2400"}, "upscale": {"factor": 4}}
 *
 * Each part may be left out. A recipe that these words cannot say is {"recipe": {...}, "complexity": "simple"}. Nothing here is decided:
 * what a part costs and who may have it is the shop's to know.
 */
#pragma once

#include "recipe/recipe.h"

typedef enum WorkflowAction {
    ACTION_NONE, /* the photo's own stays */
    ACTION_REMOVE,
    ACTION_SOLID,
    ACTION_GRADIENT,
    ACTION_TEMPLATE, /* the set of a template; not its light, shadow or file */
    ACTION_AI,
    ACTION_REPLACE, /* by what `type` says */
} WorkflowAction;

typedef struct WorkflowBackground {
    int action, type;           /* WorkflowAction; type -1 when it is not said */
    const char *color, *colour; /* two spellings of one */
    Texts colors;
    int gradient_type;
    double angle; /* NAN when it is not said, as all numbers here */
    const char *template_id, *prompt;
    int complexity; /* -1 when it is not said */
} WorkflowBackground;

typedef struct WorkflowLighting {
    int mode, preset; /* -1 when they are not said */
    double brightness, contrast, warmth;
} WorkflowLighting;

typedef struct WorkflowShadow {
    int type;
    double opacity, blur, angle, distance;
    const char *color;
} WorkflowShadow;

typedef struct WorkflowExport {
    int format;
    const char *size, *platform;
    int64_t width, height, quality; /* FIELD_NONE when they are not said */
} WorkflowExport;

typedef struct WorkflowUpscale {
    int64_t factor;
} WorkflowUpscale;

/* A part that is NULL was left out. */
typedef struct Workflow {
    WorkflowBackground *background;
    WorkflowLighting *lighting;
    WorkflowShadow *shadow;
    WorkflowExport *export, *output; /* two names of one */
    WorkflowUpscale *upscale;
    const Value *recipe;
    int complexity; /* of RECIPE */
} Workflow;

extern const Shape workflow_shape;

/* The template whose set is asked for; NULL for none. */
const char *workflow_template(const Workflow *workflow);

/* The shop or network that the file is for; NULL for none. */
const char *workflow_platform(const Workflow *workflow);

/* What of OLD is not said anew in WORKFLOW joins it. CONFLICT for one that is a whole recipe, whose parts nobody can tell. */
MUST Err *workflow_continue(Workflow *workflow, const Workflow *old);

typedef struct WorkflowMade {
    const Value *recipe;
    int complexity; /* 0 simple, 1 complex: of a set from words */
} WorkflowMade;

/* The recipe for WORKFLOW, in MEM; SET is the recipe of workflow_template, else NULL. INPUT_INVALID and INPUT_MISSING with pointers into
 * the workflow. */
MUST Err *workflow_make(const Workflow *workflow, const Value *set, Arena *mem, WorkflowMade *ret);

/* RECIPE in this door's words, in MEM; what cannot be said in them is {"recipe": ...}. TEMPLATE_ID is that of the template whose recipe
 * it is; NULL for none. Making it again gives the same recipe. */
MUST Err *
workflow_of_recipe(const Value *recipe, const char *template_id, Arena *mem, const Value **ret);

/* WORKFLOW as it is written, without what was not said; in MEM. */
const Value *workflow_json(const Workflow *workflow, Arena *mem);
