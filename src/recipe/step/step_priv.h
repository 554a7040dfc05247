/* step_priv.h - what the files of this folder share. Not for other folders. */
#pragma once

#include "image/lock.h"
#include "recipe/step.h"

extern const Step step_cutout, step_upscale, step_light, step_crop, step_place, step_backdrop,
    step_shadow, step_harmonise, step_adjust, step_caption, step_frame, step_watermark, step_comply,
    step_check;

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

/* ---- vendors ---- */

/* One of our pictures, encoded for a vendor; PICTURE borrows BYTES. */
typedef struct Lent {
    Buf bytes;
    VendorPicture picture;
} Lent;

/* With no side longer than SIDE_MOST_PX. */
MUST Err *lent_make(const Image *image, int side_most_px, Lent *ret);
void lent_done(Lent *lent);
DEFINE_AUTO_DONE(Lent, lent_done);

/* Ask for one picture for this step, and write its cost on the shot's bills. Fails as vendors_ask, and as image_decode. */
MUST Err *ask_picture(const StepRun *run, const VendorAsk *ask, Shot *shot, Image **ret);

/* REJECTED: a vendor's picture is not good enough. WHAT is for people: "it shows another product". */
MUST Err *ask_refuse(const char *what);

/* REJECTED when GIVEN has not the shape of what was ASKED about. */
MUST Err *ask_shape_check(const Image *given, const Image *asked);

/* How DRAWN, of any size, differs from ORIGINAL where that is opaque. */
MUST Err *
ask_compare(const StepRun *run, const Image *original, const Image *drawn, LockReport *ret);

/* A set drawn from words, in which the product stands by its own shadow. */
typedef struct DrawnWish {
    const char *words; /* what is to be seen */
    Texts palette;
    bool is_flat; /* looked at from straight above, whatever the product */
} DrawnWish;

void drawn_describe(int width_px, int height_px, VendorAsk *ret);
MUST Err *drawn_run(const StepRun *run, const DrawnWish *wish, Shot *shot);
