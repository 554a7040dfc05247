/* step.h - one link of a recipe.
 *
 * A Step is a constant: what it is called, what it can be told (a Shape: the same table that reads recipes, explains itself in
 * `cyclorama steps` and becomes the web form), and the one function that does it. One file a step, in step/, its constant at the
 * foot; the list in step/steps.c is the order in which `cyclorama steps` shows them.
 *
 * A step knows pictures, models and scenes. It knows no account, no request, no file.
 */
#pragma once

#include "recipe/origin.h"
#include "recipe/shot.h"
#include "shape/shape.h"

typedef struct Models Models;

/* What a step works with, besides its options and the shot. */
typedef struct StepRun {
    Models *models;
    int threads;   /* it may keep busy; the result must not depend on it */
    uint64_t seed; /* its own: two steps of one recipe get different ones */
    bool
        is_varied; /* another look is wished for: the seed asked for is not 0, which is the look as designed */
    Cancel *cancel;
    void (*progress)(
        void *watcher, double done); /* 0..1 within the step; NULL when nobody watches */
    void *watcher;
} StepRun;

/* The order in which a picture comes about. A step of an earlier phase cannot follow one of a later: its work would not be seen. */
typedef enum StepPhase {
    PHASE_ANY,     /* works on what there is by then: the product, or the picture */
    PHASE_PHOTO,   /* the product alone */
    PHASE_PLACE,   /* the frame */
    PHASE_SET,     /* what is behind and below the product */
    PHASE_PICTURE, /* all of it, composed */
    PHASE_FILE,
} StepPhase;

typedef struct Step {
    const char *name;    /* "cutout": the word in a recipe, in the log, in the metrics */
    const char *summary; /* one sentence, no full stop */
    int version; /* raised when the same options give other pixels, so that old cached results are not used */
    StepPhase phase;
    bool is_random; /* its result depends on the seed */
    bool is_cached; /* worth keeping on disk: costs more than a read */
    Shape options;

    /* What a Shape cannot say: options that contradict each other. Optional. */
    Err *(*check)(const void *options);

    /* What else the result depends on, besides options, seed and the shot so far: a model's hash, say. Optional. */
    void (*identify)(const StepRun *run, const void *options, Hasher *hasher);

    /* What its work makes of a photograph; without it WORK_EDITED, and WORK_NONE in PHASE_FILE. Optional. */
    Work (*work)(const void *options);

    /* Do it. On failure SHOT is only fit to be ended. */
    Err *(*run)(const StepRun *run, const void *options, Shot *shot);
} Step;

extern const Step *const recipe_steps[]; /* NULL-ended */

const Step *step_find(const char *name);

/* The step that ends every recipe, and the format its options ask for. */
extern const Step step_encode;
ImageFormat step_encode_format(const void *options);
