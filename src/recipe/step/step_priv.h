/* step_priv.h - what the files of this folder share. Not for other folders. */
#pragma once

#include "recipe/step.h"

extern const Step step_cutout, step_upscale, step_light, step_crop, step_place, step_backdrop,
    step_shadow, step_harmonise, step_adjust, step_watermark, step_comply, step_check;

/* The layer that a step with a `target` option works on. */
typedef enum Target {
    TARGET_PRODUCT,
    TARGET_PICTURE,
} Target;

extern const char *const target_names[];

/* What a step told to work on TARGET works on by now: before anything was placed or put behind the product there is only the product,
 * and once the picture is composed only the picture. */
int target_now(const Shot *shot, int target);

/* The picture TARGET names, borrowed; composes the finished one when it is asked for. */
MUST Err *target_get(const StepRun *run, int target, Shot *shot, const Image **ret);

/* Put IMAGE in its place; takes it over. A product that was not placed yet sets the frame anew. */
void target_put(int target, Shot *shot, Image *image);

/* Note, for a catalogue's review, where the product runs out of its photo; before it is placed. */
void survey_photo(Shot *shot);

/* Note how much of the frame it fills, its shape and its light; once it is placed. */
MUST Err *survey_placed(Shot *shot);
