/* A render: set the stage, trace the light, clean it, develop the picture. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "scene/grid.h"
#include "scene/lens.h"
#include "scene/plan.h"
#include "scene/plane.h"
#include "scene/relight.h"
#include "scene/stage_priv.h"

typedef struct Work {
    const Engine *engine;
    const Stage *stage;
    Grid *grid;
    const Darkroom *darkroom;
    const Cancel *cancel;
} Work;

static void trace_row(void *work_any, size_t y)
{
    const Work *work = work_any;

    if (!cancel_is_asked(work->cancel))
        work->engine->trace_row(work->stage, work->grid, (int)y);
}

static void develop_row(void *work_any, size_t y)
{
    const Work *work = work_any;

    if (!cancel_is_asked(work->cancel))
        work->engine->develop_row(work->darkroom, (int)y);
}

/* ---- blur by depth ---- */

typedef struct Sketching {
    const Engine *engine;
    const Darkroom *darkroom;
    Lens *lens;
    const Cancel *cancel;
} Sketching;

static void sketch_row(void *sketching_any, size_t y)
{
    const Sketching *sketching = sketching_any;

    if (!cancel_is_asked(sketching->cancel))
        sketching->engine->sketch_row(sketching->darkroom, sketching->lens, (int)y);
}

static MUST Err *lens_look(const Stage *stage, const Grid *grid, const SceneView *view, Lens *ret)
{
    AUTO(lens_done) Lens lens = {0};
    Darkroom darkroom = {.stage = stage, .grid = grid};

    TRY(lens_new(stage, &lens));
    Sketching sketching = {engine_best(), &darkroom, &lens, view->cancel};
    crew_run(view->threads, (size_t)grid->height, sketch_row, &sketching);
    TRY(cancel_check(view->cancel));
    TRY(lens_focus(&lens, view->threads));
    *ret = lens;
    memset(&lens, 0, sizeof lens);
    return NULL;
}

/* ---- glow ---- */

static void planes_blur(float *rgb, float *spare, int width, int height, int reach)
{
    for (int pass = 0; pass < 3; pass++) {
        for (int y = 0; y < height; y++)
            for (int k = 0; k < 3; k++)
                line_blur(rgb + (size_t)y * (size_t)width * 3 + k, spare, width, 3, reach);
        for (int x = 0; x < width * 3; x++)
            line_blur(rgb + x, spare, height, (size_t)width * 3, reach);
    }
}

/* What lies behind the set at a grid point: the backdrop's nearest texel, or the sky. */
static const float *sky_behind(const Stage *stage, int x, int y)
{
    const Backdrop *backdrop = &stage->backdrop;
    const Camera *camera = &stage->camera;
    float per_point = camera->pixel * (float)stage->step;

    if (!backdrop->texels)
        return stage->sky_horizon;
    float sx = camera->left + ((float)x + 0.5f) * per_point;
    float sy = camera->top - ((float)y + 0.5f) * per_point;
    int column = CLAMP((int)((sx - backdrop->left) * backdrop->per_screen), 0, backdrop->width - 1);
    int row = CLAMP((int)((backdrop->top - sy) * backdrop->per_screen), 0, backdrop->height - 1);
    return backdrop->texels + ((size_t)row * (size_t)backdrop->width + (size_t)column) * 3;
}

/* The set's light at grid points, blurred narrow and wide: what a lens scatters. Surface colours are the mean ones. */
static MUST Err *glow_new(const Stage *stage, const Grid *grid, float **ret)
{
    const float brightest = 12;
    size_t count = (size_t)grid->width * (size_t)grid->height * 3;
    AUTO(free) float *near = calloc(count, sizeof(float));
    AUTO(free) float *far = calloc(count, sizeof(float));
    AUTO(free) float *spare = calloc((size_t)MAX(grid->width, grid->height), sizeof(float));

    if (!near || !far || !spare)
        return err_new(ERR_MEMORY_SPENT, "no memory for the glow");
    for (int y = 0; y < grid->height; y++) {
        for (int x = 0; x < grid->width; x++) {
            size_t at = grid_at(grid, x, y);
            int id = (int)grid->planes[GRID_ID][at];
            const Paint *paint = id >= 0 ? &stage->paints[stage->solids[id].paint] : NULL;
            const float *sky = sky_behind(stage, x, y);
            float *to = near + ((size_t)y * (size_t)grid->width + (size_t)x) * 3;
            for (int k = 0; k < 3; k++) {
                float light =
                    grid->planes[GRID_DIRECT + k][at] + grid->planes[GRID_BOUNCED + k][at];
                float seen = paint ? paint->mean[k] * ((1 - paint->metal) * light + paint->glow) +
                                         grid->planes[GRID_MIRROR + k][at]
                                   : sky[k];
                to[k] = fminf(seen, brightest);
            }
        }
    }
    memcpy(far, near, count * sizeof(float));
    planes_blur(near, spare, grid->width, grid->height, MAX(grid->width / 100, 1));
    planes_blur(far, spare, grid->width, grid->height, MAX(grid->width / 22, 1));
    for (size_t i = 0; i < count; i++)
        near[i] = 0.5f * (near[i] + far[i]);
    *ret = TAKE(near);
    return NULL;
}

/* ---- what others may want to know ---- */

static const LampPlan *key_lamp(const Scene *scene)
{
    const LampPlan *lamps = scene->lamps.items, *key = NULL;

    for (size_t i = 0; i < scene->lamps.count; i++)
        if (!key || lamps[i].power > key->power)
            key = &lamps[i];
    return key;
}

static void facts_tell(const Scene *scene, const Stage *stage, SceneFacts *facts)
{
    const Camera *camera = &stage->camera;
    const LampPlan *key = key_lamp(scene);
    double distance = camera->eye[2] - scene->stand.at[2];
    double ground =
        (scene->stand.at[1] - camera->eye[1]) * camera->focal / distance + camera->shift_y;

    *facts = (SceneFacts){
        .horizon_px = (1 - (double)camera->shift_y) / camera->pixel,
        .ground_px = (1 - ground) / camera->pixel,
        .px_per_unit = camera->focal / distance / camera->pixel,
        .light_degrees = 90,
        .light_softness = 1,
        .light_colour = {1, 1, 1},
        .grain = (double)stage->tone.grain,
        .camera_degrees = atan2((double)camera->eye[1] - scene->stand.at[1], distance) * 180 / M_PI,
        .floats = (double)stage->proxy.floats * camera->focal / distance / camera->pixel,
        .is_flat = scene->stand.flat,
    };
    if (!key)
        return;
    double right = key->at[0] - scene->stand.at[0], up = key->at[1] - scene->stand.at[1];
    double far = sqrt(right * right + up * up) + fabs(key->at[2]);
    float colour[3];
    lamp_kelvin(key->kelvin, colour);
    facts->light_degrees = atan2(up, right) * 180 / M_PI;
    facts->light_softness =
        CLAMP(sqrt(key->size[0] * key->size[1]) / fmax(far, 0.1) / 0.4, 0.0, 1.0);
    for (int k = 0; k < 3; k++)
        facts->light_colour[k] = (double)colour[k];
}

/* ---- light on the product ---- */

typedef struct Relighting {
    const Engine *engine;
    const Stage *stage;
    Relight *relight;
    const Cancel *cancel;
} Relighting;

static void relight_row(void *relighting_any, size_t y)
{
    const Relighting *relighting = relighting_any;

    if (!cancel_is_asked(relighting->cancel))
        relighting->engine->relight_row(relighting->stage, relighting->relight, (int)y);
}

static MUST Err *light_new(const SceneView *view, const Stage *stage, Image **ret)
{
    AUTO(relight_done) Relight relight = {0};

    TRY(relight_new(stage, view->product_box, &relight));
    Relighting relighting = {engine_best(), stage, &relight, view->cancel};
    crew_run(view->threads, (size_t)relight.height, relight_row, &relighting);
    TRY(cancel_check(view->cancel));
    return relight_picture(&relight, stage->tone.exposure, ret);
}

/* ---- all of it ---- */

static MUST Err *view_check(const SceneView *view)
{
    enum {
        SIDE_MIN = 16
    };
    int least = MIN(view->width_px, view->height_px), most = MAX(view->width_px, view->height_px);

    if (least < SIDE_MIN || most > SCENE_SIDE_MAX_PX)
        return err_public(
            err_new(
                ERR_INPUT_INVALID, "a view of %d x %d px cannot be rendered", view->width_px,
                view->height_px),
            "Scenes can be rendered from %d to %d pixels a side.", SIDE_MIN, SCENE_SIDE_MAX_PX);
    if (view->product &&
        (image_channels(view->product) != 4 || image_depth(view->product) != DEPTH_8))
        return err_new(ERR_INPUT_INVALID, "the product of a view must be RGBA of 8 bits");
    if (view->product && (view->product_box.width < 1 || view->product_box.height < 1))
        return err_new(ERR_INPUT_INVALID, "the product of a view has an empty box");
    return NULL;
}

void scene_shot_done(SceneShot *shot)
{
    image_free(shot->picture);
    image_free(shot->shadow);
    image_free(shot->light);
    memset(shot, 0, sizeof *shot);
}

static MUST Err *
render(const Scene *scene, const SceneView *view, const Stance *stance, SceneShot *ret)
{
    AUTO(stage_done) Stage stage = {0};
    AUTO(grid_done) Grid grid = {0};
    AUTO(scene_shot_done) SceneShot shot = {0};
    AUTO(lens_done) Lens lens = {0};
    AUTO(free) float *glow = NULL;

    TRY(stage_set(scene, view, stance, &stage));
    TRY(grid_new(stage.grid_width, stage.grid_height, &grid));
    TRY(image_new(view->width_px, view->height_px, 3, DEPTH_8, &shot.picture));
    if (view->product)
        TRY(image_new(view->width_px, view->height_px, 1, DEPTH_8, &shot.shadow));

    Work work = {engine_best(), &stage, &grid, NULL, view->cancel};
    crew_run(view->threads, (size_t)grid.height, trace_row, &work);
    TRY(cancel_check(view->cancel));
    grid_clean(&grid, view->threads, view->cancel);
    TRY(cancel_check(view->cancel));
    if (stage.tone.bloom > 0)
        TRY(glow_new(&stage, &grid, &glow));
    if (stage.camera.aperture > 0)
        TRY(lens_look(&stage, &grid, view, &lens));
    Darkroom darkroom = {&stage, &grid, glow, lens.count ? &lens : NULL, shot.picture, shot.shadow};
    work.darkroom = &darkroom;
    crew_run(view->threads, (size_t)view->height_px, develop_row, &work);
    TRY(cancel_check(view->cancel));
    if (view->product)
        TRY(light_new(view, &stage, &shot.light));
    facts_tell(scene, &stage, &shot.facts);
    shot.facts.floats /= MAX(view->product_box.width, 1);
    *ret = shot;
    memset(&shot, 0, sizeof shot);
    return NULL;
}

static MUST Err *layer_mirror(Image **layer)
{
    Image *mirrored = NULL;

    if (!*layer)
        return NULL;
    TRY(image_mirror(*layer, &mirrored));
    image_free(*layer);
    *layer = mirrored;
    return NULL;
}

/* A set with left and right changed shows the product as it is: so the product is what is mirrored on the way in, and all of the
 * picture on the way out. No body, lamp or gobo needs to know. */
static MUST Err *
render_mirrored(const Scene *scene, const SceneView *view, const Stance *stance, SceneShot *ret)
{
    AUTO(image_free) Image *product = NULL;
    AUTO(scene_shot_done) SceneShot shot = {0};
    SceneView other = *view;
    Stance turned = stance ? *stance : (Stance){0};

    if (view->product)
        TRY(image_mirror(view->product, &product));
    other.product = product;
    other.product_box.left = view->width_px - view->product_box.left - view->product_box.width;
    turned.from = 1 - (stance ? stance->to : 0);
    turned.to = 1 - (stance ? stance->from : 0);
    TRY(render(scene, &other, stance ? &turned : NULL, &shot));
    TRY(layer_mirror(&shot.picture));
    TRY(layer_mirror(&shot.shadow));
    TRY(layer_mirror(&shot.light));
    shot.facts.is_mirrored = true;
    shot.facts.light_degrees = 180 - shot.facts.light_degrees;
    *ret = shot;
    memset(&shot, 0, sizeof shot);
    return NULL;
}

/* Whether the set's main lamp stands on the other side than the light in the photo came from. */
static bool is_lit_against(const Scene *scene, const Stance *stance)
{
    const LampPlan *key = key_lamp(scene);
    double aside = key ? key->at[0] - scene->stand.at[0] : 0;

    return stance && fabs(aside) > 0.5 && stance->lit * aside * (scene->mirror ? -1 : 1) < 0;
}

MUST Err *scene_render(const Scene *scene, const SceneView *view, SceneShot *ret)
{
    Stance stance;
    const Stance *known = view->product ? &stance : NULL;

    TRY(view_check(view));
    if (known)
        TRY(stance_find(view->product, &stance));
    bool is_mirrored = scene->mirror != (scene->turn && is_lit_against(scene, known));
    return is_mirrored ? render_mirrored(scene, view, known, ret) : render(scene, view, known, ret);
}
