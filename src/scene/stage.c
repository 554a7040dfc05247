/* From a scene as planned to a stage as lit: numbers in the tracer's own form, and a camera that puts the stand where the
 * product lies in the frame. */
#include "scene/stage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dice.h"
#include "scene/backdrop.h"
#include "scene/body.h"
#include "scene/plan.h"
#include "scene/proxy.h"
#include "scene/stage_priv.h"
#include "scene/tree.h"

static void colour_to_floats(Colour colour, double gain, float ret[3])
{
    ret[0] = colour_linear(colour.r) * (float)gain;
    ret[1] = colour_linear(colour.g) * (float)gain;
    ret[2] = colour_linear(colour.b) * (float)gain;
}

/* How much of each of its colours a grain shows from afar. */
static const float grain_means[GRAIN_KINDS][4] = {
    [GRAIN_PLAIN] = {1, 0, 0},
    [GRAIN_PLASTER] = {1, 0, 0},
    [GRAIN_CONCRETE] = {0.97f, 0, 0},
    [GRAIN_WOOD] = {0.49f, 0.50f, 0},
    [GRAIN_MARBLE] = {0.8f, 0.14f, 0.06f},
    [GRAIN_TERRAZZO] = {0.41f, 0.22f, 0.19f, 0.17f},
    [GRAIN_LINEN] = {0.95f, 0, 0},
    [GRAIN_TILE] = {0.46f, 0.47f, 0.07f},
    [GRAIN_TRAVERTINE] = {0.49f, 0.51f, 0},
    [GRAIN_FADE] = {0.5f, 0.5f, 0},
    [GRAIN_SAND] = {0.92f, 0.08f},
    [GRAIN_BRICK] = {0.66f, 0.17f, 0.14f},
    [GRAIN_SLATE] = {0.94f, 0.06f},
    [GRAIN_ASPHALT] = {0.91f},
    [GRAIN_WET] = {0.74f},
    [GRAIN_PLEATS] = {0.79f},
    [GRAIN_BATIK] = {0.37f, 0.40f, 0.23f},
    [GRAIN_RATTAN] = {0.45f, 0.19f, 0.15f},
    [GRAIN_GRASS] = {0.56f, 0.42f},
    [GRAIN_PAPER] = {1, 0, 0},
    [GRAIN_BRUSHED] = {0.97f},
    [GRAIN_ZELLIGE] = {0.49f, 0.42f, 0.07f},
    [GRAIN_HERRINGBONE] = {0.49f, 0.50f, 0},
};

static void paint_mix(const PaintPlan *plan, Paint *paint)
{
    colour_to_floats(plan->colour, 1, paint->colours[0]);
    colour_to_floats(plan->colour2, 1, paint->colours[1]);
    colour_to_floats(plan->colour3, 1, paint->colours[2]);
    colour_to_floats(plan->colour4, 1, paint->colours[3]);
    paint->grain = (Grain)plan->grain;
    paint->scale = (float)plan->scale;
    paint->rough = (float)plan->rough;
    paint->specular = (float)plan->specular;
    paint->metal = (float)plan->metal;
    paint->bump = (float)plan->bump;
    paint->variety = (float)plan->variety;
    paint->glow = (float)plan->glow;
    paint->from = (float)plan->from;
    paint->to = (float)(plan->to == plan->from ? plan->to + 1e-3 : plan->to);
    paint->cos_turn = (float)cos(plan->turn * M_PI / 180);
    paint->sin_turn = plan->turn == 0 ? 0 : (float)sin(plan->turn * M_PI / 180);
    paint->seed = (uint32_t)(plan->seed * 131 + 7);
    for (int k = 0; k < 3; k++)
        for (int c = 0; c < 4; c++)
            paint->mean[k] += paint->colours[c][k] * grain_means[paint->grain][c];
}

static MUST Err *lamp_put(const LampPlan *plan, Lamp *lamp)
{
    float colour[3], gel[3];

    lamp_kelvin(plan->kelvin, colour);
    colour_to_floats(plan->colour, 1, gel);
    for (int k = 0; k < 3; k++)
        colour[k] *= gel[k];
    lamp_aim(lamp, plan->at, plan->target, plan->size, plan->power, colour);
    lamp->is_seen = plan->seen;
    if (plan->gobo.kind == GOBO_NONE)
        return NULL;
    lamp->gobo.distance = (float)plan->gobo.distance;
    lamp->gobo.scale = (float)plan->gobo.scale;
    lamp->gobo.cos_turn = (float)cos(plan->gobo.turn * M_PI / 180);
    lamp->gobo.sin_turn = (float)sin(plan->gobo.turn * M_PI / 180);
    return gobo_cut(&lamp->gobo, (GoboKind)plan->gobo.kind, (uint64_t)plan->gobo.seed);
}

/* Bounces ask a lamp as often as it lights the middle of the set. */
static void lamps_weigh(Stage *stage, const LampPlan *plans)
{
    float total = 0;

    for (int l = 0; l < stage->lamp_count; l++) {
        Lamp *lamp = &stage->lamps[l];
        lamp->chance = (float)plans[l].power * (lamp->gobo.mask ? 0.6f : 1);
        total += lamp->chance;
    }
    for (int l = 0; l < stage->lamp_count; l++)
        stage->lamps[l].chance /= fmaxf(total, 1e-6f);
}

/* ---- the camera ---- */

/* Pixels a unit that the scene would like: its tallest product fills so much of the frame, or of a square a little taller than
 * a narrow frame is wide. */
static double stand_square(int width_px, int height_px)
{
    return fmin(height_px, 1.2 * width_px);
}

static double stand_scale(const Scene *scene, int width_px, int height_px)
{
    return scene->stand.fill / 100 * stand_square(width_px, height_px) / scene->stand.height;
}

static double product_height(const Scene *scene, double aspect)
{
    return fmin(scene->stand.height, scene->stand.width / fmax(aspect, 0.01));
}

Box scene_product_box(const Scene *scene, int width_px, int height_px, double aspect)
{
    double square = stand_square(width_px, height_px);
    double base =
        height_px / 2.0 + (scene->stand.ground / 100 - 0.5) * square + 0.12 * (height_px - square);
    double height = product_height(scene, aspect) * stand_scale(scene, width_px, height_px);
    double width = height * aspect;

    return (Box){
        .left = (int)lround((width_px - width) / 2),
        .top = (int)lround(base - height),
        .width = MAX((int)lround(width), 1),
        .height = MAX((int)lround(height), 1),
    };
}

enum {
    RAISES =
        3, /* heights between the lowest and the highest: products of a catalogue shall share a few horizons, not have one each */
};

/* How high above the stand the camera is. Seen with verticals kept upright, ground rises by the tangent of what a tilted camera
 * shows by its sine. */
static double camera_height(const Scene *scene, const SceneView *view, const Stance *stance)
{
    double least = scene->camera.height, most = fmax(scene->camera.height_max, least);
    double distance = scene->camera.distance - scene->stand.at[2];
    double seen = stance ? distance * sin(stance->pitch_degrees * M_PI / 180) : 0;
    /* Rounded lower edges make a base look deeper than it is. */
    if (stance && stance->base == STANCE_ROUND)
        seen *= 0.8;
    double share = CLAMP((seen - least) / fmax(most - least, 1e-6), 0.0, 1.0);

    if (scene->stand.flat || view->angle == SCENE_ANGLE_FRONT ||
        (view->angle == SCENE_ANGLE_AUTO && stance && !stance->stands))
        return least;
    if (view->angle == SCENE_ANGLE_TOP)
        return most;
    if (view->angle == SCENE_ANGLE_RAISED)
        share = fmax(share, 0.5);
    return least + (most - least) * round(share * RAISES) / RAISES;
}

/* Zoom and shift the lens until the stand carries what lies in BOX. */
static void
camera_frame(const Scene *scene, const SceneView *view, Box box, double height, Camera *camera)
{
    double distance = scene->camera.distance - scene->stand.at[2];
    double pixel = 2.0 / view->height_px;
    double wanted = box.height / product_height(scene, (double)box.width / box.height);
    double liked = stand_scale(scene, view->width_px, view->height_px);
    double scale = CLAMP(wanted, liked * 0.5, liked * 2.2);
    double focal = scale * pixel * distance;

    camera->eye[0] = (float)scene->stand.at[0];
    camera->eye[1] = (float)(scene->stand.at[1] + height);
    camera->eye[2] = (float)scene->camera.distance;
    camera->focal = (float)focal;
    camera->pixel = (float)pixel;
    camera->focus = (float)distance;
    camera->aperture = (float)scene->camera.aperture;
    camera->left = (float)(-pixel * view->width_px / 2);
    camera->top = 1;
    camera->shift_x = (float)(camera->left + (box.left + box.width / 2.0) * pixel);
    camera->shift_y = (float)(1 - (box.top + box.height) * pixel + height * focal / distance);
}

/* ---- how finely ---- */

static const struct {
    int looks, shadow_rays, paths, glints;
} qualities[] = {
    [SCENE_DRAFT] = {4, 6, 2, 1},
    [SCENE_NORMAL] = {8, 16, 5, 3},
    [SCENE_FINE] = {12, 48, 16, 8},
};

static void grid_size(const SceneView *view, Stage *stage)
{
    int step = view->quality == SCENE_DRAFT ? 3 : 2;
    int64_t width, height;

    do {
        width = (view->width_px + step - 1) / step;
        height = (view->height_px + step - 1) / step;
        step++;
    } while (width * height > SCENE_GRID_MAX);
    stage->step = step - 1;
    stage->grid_width = (int)width;
    stage->grid_height = (int)height;
    stage->looks = qualities[view->quality].looks;
    stage->shadow_rays = qualities[view->quality].shadow_rays;
    stage->paths = qualities[view->quality].paths;
    stage->glints = qualities[view->quality].glints;
    stage->bounces = 3;
}

static MUST Err *
stage_product(const Scene *scene, const SceneView *view, const Stance *stance, Stage *stage)
{
    ProxyAsk ask = {
        .product = view->product,
        .stance = stance,
        .box = view->product_box,
        .is_flat = scene->stand.flat,
    };

    for (int k = 0; k < 3; k++)
        ask.stand[k] = (float)scene->stand.at[k];
    return proxy_build(stage, &ask, &stage->proxy);
}

MUST Err *stage_set(const Scene *scene, const SceneView *view, const Stance *stance, Stage *stage)
{
    const PaintPlan *paints = scene->paints.items;
    const LampPlan *lamps = scene->lamps.items;
    Box box = view->product_box;

    memset(stage, 0, sizeof *stage);
    stage->frame_width = view->width_px;
    stage->frame_height = view->height_px;
    stage->seed = (uint32_t)dice_hash(view->seed, 1);
    grid_size(view, stage);
    for (size_t i = 0; i < scene->paints.count; i++)
        paint_mix(&paints[i], &stage->paints[stage->paint_count++]);
    TRY(body_put_all(scene, stage));
    for (size_t i = 0; i < scene->lamps.count; i++)
        TRY(lamp_put(&lamps[i], &stage->lamps[stage->lamp_count++]));
    lamps_weigh(stage, lamps);
    colour_to_floats(scene->sky.top, scene->sky.gain, stage->sky_top);
    colour_to_floats(scene->sky.horizon, scene->sky.gain, stage->sky_horizon);
    colour_to_floats(scene->sky.bottom, scene->sky.gain, stage->sky_bottom);
    stage->sky_shine = (float)scene->sky.shine;
    for (int k = 0; k < 3; k++) {
        stage->ambient[k] = 0.175f * (stage->sky_horizon[k] + stage->sky_top[k]);
    }
    stage->tone = (Tone){
        .kind = (ToneKind)scene->tone.kind,
        .exposure = (float)exp2(scene->tone.ev),
        .bloom = (float)scene->tone.bloom,
        .vignette = (float)scene->tone.vignette,
        .grain = (float)scene->tone.grain,
        .split = (float)scene->tone.split,
    };
    if (box.width <= 0 || box.height <= 0)
        box = scene_product_box(scene, view->width_px, view->height_px, 2.0 / 3);
    camera_frame(scene, view, box, camera_height(scene, view, stance), &stage->camera);
    TRY(backdrop_paint(&scene->sky.backdrop, stage, view->cancel, &stage->backdrop));
    TRY(tree_grow(stage));
    if (view->product)
        TRY(stage_product(scene, view, stance, stage));
    return NULL;
}

void stage_done(Stage *stage)
{
    for (int l = 0; l < stage->lamp_count; l++)
        free(stage->lamps[l].gobo.mask);
    tree_done(stage);
    body_done_all(stage);
    backdrop_done(&stage->backdrop);
    proxy_done(&stage->proxy);
    memset(stage, 0, sizeof *stage);
}
