/* scene.h - the built-in photo studio: a set of simple bodies, soft lamps and a camera, path-traced on the processor.
 *
 * A Scene is read from JSON once and may then be rendered by any thread, any number of times. A view puts a cut-out product into
 * the set: inside the tracer it is a relief as thick as its outline suggests, so that it stands on the ground, casts and receives
 * shadow, tints what is near it and shows in glossy floors. The photo itself is not touched: the picture that comes back is the
 * set alone, with the product's shadow and reflection in it, for the photo to be laid over at exactly its box.
 *
 * The same scene, view and seed give the same bytes on any number of threads and on every processor.
 *
 * Memory: light is traced on a grid of at most about one million points and then spread over the frame, so a render needs
 * SCENE_GRID_BYTES a grid point, plus the picture, whatever the frame's size.
 */
#pragma once

#include "base/arena.h"
#include "base/cancel.h"
#include "base/value.h"
#include "image/image.h"
#include "shape/shape.h"

enum {
    SCENE_SIDE_MAX_PX = 4096,
    SCENE_GRID_MAX = 1200 * 1000, /* points of light */
    SCENE_LIGHT_WHITE = 8,        /* full light in SceneShot.light, in white cards */
    SCENE_GRID_BYTES = 230,       /* memory for each, at the peak */
    SCENE_VARY_MAX = 24,          /* rows of `vary` */
};

typedef struct Scene Scene;

extern const Shape scene_shape; /* of the JSON, for help and schema */

/* Read a scene. INPUT_INVALID or INPUT_MISSING with the field's pointer: unknown fields, numbers out of range, too many bodies or
 * lamps, a body that names a material that is not there. The scene lives in MEM. */
MUST Err *scene_read(const Value *json, Arena *mem, const Scene **ret);

/* Another look of the same set: a copy of the scene JSON with what its `vary` rows name changed as SEED says. Seed 0 is the set
 * as written; the same seed always gives the same look. A scene without rows is mirrored or not, its light stands a little
 * higher or lower, warmer or cooler, and its materials are cut from another piece. INPUT_INVALID with the row's pointer. */
MUST Err *scene_vary(const Value *json, uint64_t seed, Value **ret);

typedef enum SceneQuality {
    SCENE_DRAFT,  /* for previews: a quarter of the light samples */
    SCENE_NORMAL, /* for shops */
    SCENE_FINE,   /* for print: four times the light samples */
} SceneQuality;

/* From where the camera looks at a product. */
typedef enum SceneAngle {
    SCENE_ANGLE_AUTO,   /* as it was photographed, within the scene's camera.height .. height_max */
    SCENE_ANGLE_FRONT,  /* as the scene says, whatever the product */
    SCENE_ANGLE_RAISED, /* half-way up, or higher as it was photographed */
    SCENE_ANGLE_TOP,    /* as high as the scene allows */
} SceneAngle;

typedef struct SceneView {
    int width_px, height_px; /* 16 .. SCENE_SIDE_MAX_PX each */
    uint64_t seed;           /* moves grain and noise only */
    int threads;
    SceneQuality quality;
    SceneAngle angle;
    const Image *product; /* RGBA, 8 bits; NULL renders the empty set */
    Box product_box; /* where the product lies in the frame, of any size; also frames the set when there is no product,
                             unless its width is 0: then scene_product_box is taken for a product of 2:3 */
    Cancel *cancel;
} SceneView;

/* What a compositor may want to know about the view. */
typedef struct SceneFacts {
    double horizon_px;  /* height of the camera's eye line, from the top */
    double ground_px;   /* where the product's base stands, from the top */
    double px_per_unit; /* at the product's depth */
    double
        light_degrees; /* whence the main lamp comes: 0 from the right, 90 from above, 180 from the left */
    double light_softness;  /* 0 hard sun .. 1 a large softbox */
    double light_colour[3]; /* linear, luminance 1 */
    double grain;           /* of the film, 0..1 */
    double camera_degrees;  /* how far down the camera looked at the product's foot */
    double
        floats; /* how far ends of its base hang over the ground, of its width; 0 when all of it touches */
    bool
        is_mirrored; /* left and right of the set were changed, by the scene or for the product's own light */
    bool is_flat; /* the product lies, seen from straight above */
} SceneFacts;

typedef struct SceneShot {
    Image *picture; /* RGB, 8 bits, frame size */
    Image *
        shadow; /* 1 channel, 8 bits: how much of its light each place lost to the product; NULL without one */
    Image *
        light; /* 4 channels, 16 bits, small, stretched over the product's box: the light that falls on the product; r, g, b as
                     a white card there would show it without masks before the lamps, 65535 is SCENE_LIGHT_WHITE; last the share
                     of it that masks leave, 65535 is all; NULL without a product */
    SceneFacts facts;
} SceneShot;

void scene_shot_done(SceneShot *shot);
DEFINE_AUTO_DONE(SceneShot, scene_shot_done);

/* INPUT_INVALID for an impossible view, MEMORY_SPENT, CANCELLED, TIMED_OUT. */
MUST Err *scene_render(const Scene *scene, const SceneView *view, SceneShot *ret);

/* Where SCENE would like a product of width / height ASPECT to lie in a frame of that size. */
Box scene_product_box(const Scene *scene, int width_px, int height_px, double aspect);
