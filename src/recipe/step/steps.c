/* The list of steps, in the order in which a photo usually meets them. */
#include "recipe/step/step_priv.h"

const Step *const recipe_steps[] = {
    &step_cutout,    &step_upscale,   &step_crop,   &step_light, &step_place, &step_backdrop,
    &step_shadow,    &step_harmonise, &step_adjust, &step_check, &step_frame, &step_caption,
    &step_watermark, &step_comply,    &step_encode, NULL, /* one a line */
};
