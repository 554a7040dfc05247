/* Which layer a step works on. */
#include "recipe/step/step_priv.h"

const char *const target_names[] = {"product", "picture", NULL};

int target_now(const Shot *shot, int target)
{
    if (shot->finished)
        return TARGET_PICTURE;
    if (!shot->is_placed && !shot->backdrop && !shot->shadow && !shot->reflection)
        return TARGET_PRODUCT;
    return target;
}

Err *target_get(const StepRun *run, int target, Shot *shot, const Image **ret)
{
    if (target == TARGET_PICTURE)
        TRY(shot_finish(shot, run->threads));
    *ret = target == TARGET_PICTURE ? shot->finished : shot->product;
    return NULL;
}

void target_put(int target, Shot *shot, Image *image)
{
    if (target == TARGET_PICTURE) {
        shot_put(&shot->finished, image);
        shot->width_px = image_width(image);
        shot->height_px = image_height(image);
        return;
    }
    shot_put(&shot->product, image);
    if (!shot->is_placed) {
        shot->width_px = image_width(image);
        shot->height_px = image_height(image);
        shot->box = (Box){0, 0, shot->width_px, shot->height_px};
    }
}
