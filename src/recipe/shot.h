/* shot.h - one photo on its way to a picture: the layers that steps work on, as on a photographer's table.
 *
 * From the bottom: backdrop, reflection, shadow, product. Until a step places the product, the frame is the photo's own size.
 * After `place`, the product layer is exactly as large as its box in the frame. The finished picture is composed from the layers
 * when a step first needs it (shot_finish); steps after that work on it.
 *
 * A Shot belongs to one thread; the pictures in it are shared and never written to.
 */
#pragma once

#include "base/hash.h"
#include "base/value.h"
#include "image/image.h"
#include "recipe/origin.h"

typedef struct Shot {
    Hash state; /* stands for all that was done so far: photo, steps, options, seed */

    Image *source;      /* RGB or RGBA, upright, sRGB */
    ImageFacts facts;   /* of the photo as it came */
    ImageRights rights; /* that may stay with it */
    Buf profile;        /* its ICC profile; empty when it had none */

    int width_px, height_px; /* the frame */
    Image *product;          /* RGB or RGBA; the source itself until it is cut out */
    bool is_cut_out;
    bool is_placed; /* product layer = box */
    Box box;        /* where the product layer lies in the frame; may reach over its edges */

    Image *backdrop;   /* RGB, frame size; NULL is transparent */
    Image *reflection; /* RGBA, frame size, or NULL */
    Image *shadow;     /* RGBA, frame size, or NULL */
    Image *light;      /* SceneShot.light of the rendered backdrop, or NULL */
    double grain;      /* of the rendered backdrop's film */
    bool lies;         /* the rendered set is seen from straight above */
    bool is_rendered;  /* the backdrop came with the product's shadow */

    Image *finished; /* NULL until composed */

    Work work;                    /* the strongest that was done so far */
    const char *program, *recipe; /* what does it, for the file; borrowed, or NULL */

    Buf encoded; /* the file, once encoded */
    ImageFormat format;

    /* What vendors were paid for, whatever became of it: [{"step", "vendor", "model", "cost_micro_usd", "is_cost_known", "took_ms"}].
     * NULL until one was asked; not kept with a step's result, as it is paid once. */
    Value *bills;

    /* Who did which step this time, laid over the notes at the end: kept results have notes of other times. NULL until there is one. */
    Value *doers;

    Value *notes; /* what was done, for the report: {"cutout": {"confidence": 0.98, ...}, ...} */
} Shot;

/* Decode the photo BYTES into SHOT. Fails as image_decode does; SHOT is then still to be ended. */
MUST Err *
shot_open(Shot *shot, const void *bytes, size_t size, const ImageLimits *limits, Cancel *cancel);
void shot_done(Shot *shot);
DEFINE_AUTO_DONE(Shot, shot_done);

/* Put a layer in its place; the old one is dropped, the new one taken over. */
void shot_put(Image **layer, Image *image);

/* Compose the layers into shot->finished unless that was done already. THREADS share the rows. */
MUST Err *shot_finish(Shot *shot, int threads);

/* OVER laid on UNDER: two RGBA layers of frame size. */
MUST Err *shot_blend(const Image *under, const Image *over, int threads, Image **ret);

/* The picture as it stands: finished, or else the product layer. Borrowed. */
const Image *shot_picture(const Shot *shot);

/* Write a note under the step's name: shot_note(shot, "cutout", "confidence", value_of_number(0.98)). Takes VALUE over. */
void shot_note(Shot *shot, const char *step, const char *name, Value *value);
