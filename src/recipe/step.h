/* step.h - one link of a recipe.
 *
 * A Step is a constant: what it is called, what it can be told (a Shape: the same table that reads recipes, explains itself in
 * `cyclorama steps` and becomes the web form), and the one function that does it. One file a step, in step/, its constant at the
 * foot; the list in step/steps.c is the order in which `cyclorama steps` shows them.
 *
 * A step knows pictures, models, scenes and vendors. It knows no account, no request, no file.
 *
 * Some steps can also be done by a vendor, where the operator chose one. Who did it is noted under the step's name ("provider", which is
 * "builtin" for the house), and what it cost stands in the shot's bills, also when its work was not good enough to be taken.
 */
#pragma once

#include "recipe/origin.h"
#include "recipe/shot.h"
#include "shape/shape.h"
#include "vendor/vendor.h"

typedef struct Models Models;

/* What a step works with, besides its options and the shot. */
typedef struct StepRun {
    Models *models;
    int threads;   /* it may keep busy; the result must not depend on it */
    uint64_t seed; /* its own: two steps of one recipe get different ones */
    bool
        is_varied; /* another look is wished for: the seed asked for is not 0, which is the look as designed */
    Vendors *vendors;      /* whom to ask; NULL: the house does everything itself */
    const char *tenant_id; /* for whom; NULL for nobody */
    const char *name;      /* of the step */
    const char *
        key; /* names what is asked of vendors here, the same when it is done again after a crash; NULL for none */
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

/* How others do a step: what they are asked, and how their work is taken in. */
typedef struct StepVendor {
    Ability ability;
    int version; /* as Step.version, of their way */
    Work work;   /* what it makes of a photograph */

    /* Are OPTIONS a thing to ask others for? NULL: always. */
    bool (*is_wished)(const void *options);

    /* All of the ask that its price depends on; the picture it is about has this size. */
    void (*describe)(const void *options, int width_px, int height_px, VendorAsk *ret);

    /* Do it. On failure SHOT is as it was, and the house can do the step instead. */
    Err *(*run)(const StepRun *run, const void *options, Shot *shot);
} StepVendor;

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

    const StepVendor *vendor; /* NULL when the house alone does it */
} Step;

/* Does STEP with OPTIONS go to a vendor, by those who serve? */
bool step_is_hired(const Step *step, const void *options, const Vendors *vendors);

extern const Step *const recipe_steps[]; /* NULL-ended */

const Step *step_find(const char *name);

/* The step that ends every recipe, and the format its options ask for. */
extern const Step step_encode;
ImageFormat step_encode_format(const void *options);
