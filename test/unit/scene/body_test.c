/* Promises of the bodies of a scene: seen where they stand, facing right, throwing shadows, within their bounds. */
#include <math.h>

#include "scene/grid.h"
#include "scene/lathe.h"
#include "scene/outline.h"
#include "scene/scene.h"
#include "scene/stage_priv.h"
#include "test.h"

/* One body each, about half a unit wide, standing at the middle of an even floor. */
static const char *const bodies[] = {
    "{'kind': 'box', 'size': [0.5, 0.5, 0.3], 'turn': [10, 20, 30]}",
    "{'kind': 'cylinder', 'radius': 0.2, 'height': 0.5, 'turn': [0, 0, 20]}",
    "{'kind': 'sphere', 'radius': 0.25}",
    "{'kind': 'arch', 'size': [0.5, 0.6, 0.2], 'yaw': 30}",
    "{'kind': 'ring', 'radius': 0.2, 'height': 0.12, 'size': [1, 1, 0.1]}",
    "{'kind': 'torus', 'radius': 0.2, 'height': 0.12, 'turn': [0, 40, 0]}",
    "{'kind': 'cushion', 'size': [0.5, 0.5, 0.3], 'round': 0.1}",
    "{'kind': 'cushion', 'size': [0.5, 0.5, 0.2], 'round': 0.08, 'puff': 0.1, 'turn': [-20, 0, "
    "10]}",
    "{'kind': 'capsule', 'radius': 0.12, 'height': 0.6}",
    "{'kind': 'capsule', 'radius': 0.1, 'at': [-0.2, 0.2, 0], 'to': [0.4, 0.3, 0.1]}",
    "{'kind': 'turned', 'profile': [[0.2, 0], [0.25, 0.2], [0.1, 0.4], [0.15, 0.5]]}",
    "{'kind': 'turned', 'profile': [[0.2, 0], [0.2, 0.5], [0.18, 0.5], [0.18, 0], [0.2, 0]]}",
    "{'kind': 'cut', 'outline': 'star', 'size': [0.5, 0.5, 0.1]}",
    "{'kind': 'cut', 'outline': 'lattice', 'size': [0.5, 0.5, 0.1], 'turn': [0, 30, 0]}",
    "{'kind': 'cut', 'points': [[-0.2, 0], [0.3, 0], [0.2, 0.5], [-0.3, 0.4]], 'size': [1, 1, "
    "0.2]}",
    "{'kind': 'cut', 'outline': 'arch', 'hole': true, 'size': [0.2, 0.3, 0.2], 'border': [0.15, "
    "0.1, 0]}",
};

/* SOLIDS in a bare set; single quotes stand for double ones. */
static Err *set_of(const char *solids, const char *lamps, Arena *mem, const Scene **ret)
{
    char *json = arena_print(
        mem,
        "{'camera': {'height': 0.6}, 'sky': {'gain': 0.4},"
        "'paints': [{'name': 'p', 'colour': '#b0b0b0', 'variety': 0},"
        "{'name': 'light', 'colour': '#ffffff', 'glow': 3}],"
        "'solids': [{'kind': 'floor', 'paint': 'p'}%s], 'lamps': [%s],"
        "'tone': {'bloom': 0, 'vignette': 0, 'grain': 0}}",
        solids, lamps);
    AUTO(value_free) Value *value = NULL;

    for (char *c = json; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    TRY(value_parse(json, strlen(json), &value));
    return scene_read(value, mem, ret);
}

/* BODY, painted. */
static const char *painted(const char *body, Arena *mem)
{
    return arena_print(mem, ", {'paint': 'p', %s", body + 1);
}

static const char one_lamp[] =
    "{'at': [-3, 4, 2], 'target': [0, 0, 0], 'size': [0.3, 0.3], 'power': 0.9}";

/* Red of pixel (X, Y). */
static int red_at(const SceneShot *shot, int x, int y)
{
    const uint8_t *row = image_row(shot->picture, y);
    return row[x * 3];
}

static SceneView view_of(int side, int threads)
{
    return (SceneView){
        .width_px = side,
        .height_px = side,
        .seed = 3,
        .threads = threads,
        .quality = SCENE_DRAFT,
    };
}

typedef struct Traced {
    Stage stage;
    Grid grid;
} Traced;

static void traced_done(Traced *traced)
{
    grid_done(&traced->grid);
    stage_done(&traced->stage);
}
DEFINE_AUTO_DONE(Traced, traced_done);

static void trace(const Scene *scene, int side, const Engine *engine, Traced *ret)
{
    SceneView view = view_of(side, 1);

    CHECK_OK(stage_set(scene, &view, NULL, &ret->stage));
    CHECK_OK(grid_new(ret->stage.grid_width, ret->stage.grid_height, &ret->grid));
    for (int y = 0; y < ret->grid.height; y++)
        engine->trace_row(&ret->stage, &ret->grid, y);
}

/* Where grid point (X, Y) looks, and what it met there. */
typedef struct Met {
    int id;
    double point[3], normal[3];
} Met;

static Met met_at(const Traced *traced, int x, int y)
{
    const Stage *stage = &traced->stage;
    const Camera *camera = &stage->camera;
    size_t at = grid_at(&traced->grid, x, y);
    double px = (x + 0.5) * stage->step, py = (y + 0.5) * stage->step;
    double way[3] = {
        px * (double)camera->pixel + (double)camera->left - (double)camera->shift_x,
        (double)camera->top - py * (double)camera->pixel - (double)camera->shift_y,
        -(double)camera->focal};
    double length = sqrt(way[0] * way[0] + way[1] * way[1] + way[2] * way[2]);
    Met met = {.id = (int)traced->grid.planes[GRID_ID][at]};

    for (int k = 0; k < 3; k++) {
        met.point[k] =
            (double)camera->eye[k] + way[k] / length * (double)traced->grid.planes[GRID_DEPTH][at];
        met.normal[k] = (double)traced->grid.planes[GRID_NORMAL + k][at];
    }
    return met;
}

TEST(every_body_is_seen_within_its_bounds_and_faces_the_camera)
{
    for (size_t i = 0; i < COUNT(bodies); i++) {
        AUTO(arena_free) Arena *mem = arena_new();
        AUTO(traced_done) Traced traced = {0};
        const Scene *scene;
        int seen = 0;

        CHECK_OK(set_of(painted(bodies[i], mem), one_lamp, mem, &scene));
        trace(scene, 150, engine_best(), &traced);
        const Solid *solid = &traced.stage.solids[1];
        for (int y = 0; y < traced.grid.height; y++) {
            for (int x = 0; x < traced.grid.width; x++) {
                Met met = met_at(&traced, x, y);
                double towards = 0, length = 0;
                if (met.id != 1)
                    continue;
                seen++;
                for (int k = 0; k < 3; k++) {
                    CHECK(met.point[k] >= (double)solid->low[k] - 1e-3);
                    CHECK(met.point[k] <= (double)solid->high[k] + 1e-3);
                    towards += met.normal[k] * ((double)traced.stage.camera.eye[k] - met.point[k]);
                    length += met.normal[k] * met.normal[k];
                }
                CHECK(fabs(length - 1) < 1e-3);
                CHECK(towards > 0);
            }
        }
        CHECK(seen > 20);
    }
}

TEST(every_body_throws_a_shadow)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_shot_done) SceneShot bare = {0};
    const Scene *empty;
    SceneView view = view_of(90, 2);

    CHECK_OK(set_of("", one_lamp, mem, &empty));
    CHECK_OK(scene_render(empty, &view, &bare));
    for (size_t i = 0; i < COUNT(bodies); i++) {
        AUTO(scene_shot_done) SceneShot shot = {0};
        const Scene *scene;
        int darker = 0;

        CHECK_OK(set_of(painted(bodies[i], mem), one_lamp, mem, &scene));
        CHECK_OK(scene_render(scene, &view, &shot));
        /* The lamp stands on the left: on the floor right of the body it is missed. */
        for (int y = 55; y < 80; y++)
            for (int x = 45; x < 90; x++)
                darker += red_at(&shot, x, y) + 25 < red_at(&bare, x, y);
        CHECK(darker > 25);
    }
}

TEST(every_body_is_the_same_on_any_number_of_threads_and_instruction_set)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *all = "";
    const Scene *scene;

    for (size_t i = 0; i < COUNT(bodies); i++)
        all = arena_print(
            mem,
            "%s, {'paint': 'p', 'repeat': {'count': 2, 'step': [%g, 0.1, %g], 'turn': [0, 40, 9]}, "
            "%s",
            all, (double)i * 0.11 - 0.9, (double)(i % 4) * -0.4, bodies[i] + 1);
    CHECK_OK(set_of(
        all,
        "{'at': [-3, 4, 2]}, {'at': [3, 4, 2], 'power': 0.2}, {'at': [0, 3, 3], 'power': 0.5, "
        "'gobo': {'kind': 'leaves'}}",
        mem, &scene));
    {
        AUTO(traced_done) Traced plain = {0};
        AUTO(traced_done) Traced best = {0};
        trace(scene, 96, &engine_plain, &plain);
        trace(scene, 96, engine_best(), &best);
        for (int p = 0; p < GRID_PLANES; p++)
            CHECK(
                memcmp(
                    plain.grid.planes[p], best.grid.planes[p],
                    sizeof(float) * (size_t)plain.grid.stride * (size_t)plain.grid.rows) == 0);
    }
    AUTO(scene_shot_done) SceneShot first = {0};
    SceneView view = view_of(96, 1);
    CHECK_OK(scene_render(scene, &view, &first));
    for (int threads = 2; threads <= 3; threads++) {
        AUTO(scene_shot_done) SceneShot other = {0};
        view.threads = threads;
        CHECK_OK(scene_render(scene, &view, &other));
        for (int y = 0; y < 96; y++)
            CHECK(memcmp(image_row(first.picture, y), image_row(other.picture, y), 96 * 3) == 0);
    }
}

TEST(a_turned_ball_is_a_sphere)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(traced_done) Traced turned = {0};
    AUTO(traced_done) Traced round = {0};
    const char *profile = "[0, 0]";
    const Scene *scene;
    int seen = 0;

    for (int i = 1; i <= 12; i++)
        profile = arena_print(
            mem, "%s, [%.5f, %.5f]", profile, 0.3 * fabs(sin(M_PI * i / 12)),
            0.3 - 0.3 * cos(M_PI * i / 12));
    CHECK_OK(set_of(
        arena_print(mem, ", {'kind': 'turned', 'paint': 'p', 'profile': [%s]}", profile), one_lamp,
        mem, &scene));
    trace(scene, 120, engine_best(), &turned);
    CHECK_OK(set_of(", {'kind': 'sphere', 'paint': 'p', 'radius': 0.3}", one_lamp, mem, &scene));
    trace(scene, 120, engine_best(), &round);
    for (int y = 0; y < round.grid.height; y++) {
        for (int x = 0; x < round.grid.width; x++) {
            Met a = met_at(&turned, x, y), b = met_at(&round, x, y);
            double alike = 0;
            if (a.id != 1 || b.id != 1)
                continue;
            for (int k = 0; k < 3; k++)
                alike += a.normal[k] * b.normal[k];
            CHECK(alike > 0.995);
            CHECK(fabs(a.point[2] - b.point[2]) < 0.02);
            seen++;
        }
    }
    CHECK(seen > 60);
}

TEST(a_profile_keeps_its_edges_and_stays_within_its_widest)
{
    double pairs[][2] = {{0.3, 0}, {0.3, 0.5}, {0.02, 0.5}, {0.02, 1.4}};
    Pairs profile = {pairs, COUNT(pairs)};
    Frustum frusta[LATHE_FRUSTA_MAX];
    int count = lathe_turn(&profile, 0, frusta);

    CHECK_INT(count, 5); /* a disc below, three sides, a disc on top */
    for (int f = 0; f < count; f++) {
        CHECK(frusta[f].outer <= 0.3f + 1e-6f);
        CHECK(frusta[f].low >= -0.7f - 1e-6f && frusta[f].high <= 0.7f + 1e-6f);
    }
    CHECK(frusta[0].facing[0][1] < -0.99f);        /* downwards */
    CHECK(frusta[1].facing[0][0] > 0.99f);         /* outwards */
    CHECK(frusta[count - 1].facing[0][1] > 0.99f); /* upwards */
}

TEST(every_outline_fills_its_size_and_measures_true_distances)
{
    for (int kind = 0; outline_names[kind]; kind++) {
        AUTO(free) Outline *outline = calloc(1, sizeof *outline);
        Cutting cutting = {0};
        int inside = 0, count;

        outline_draw(kind, 1.5, outline);
        CHECK(outline->corner_count < OUTLINE_CORNERS_MAX);
        CHECK(outline->loop_count < OUTLINE_LOOPS_MAX);
        CHECK_OK(outline_measure(outline, 0.8, &cutting));
        AUTO(free) float *cells = cutting.cells;
        count = cutting.width * cutting.height;
        for (int y = 0; y < cutting.height; y++) {
            for (int x = 0; x < cutting.width; x++) {
                float here = cells[y * cutting.width + x];
                inside += here < 0;
                if (x + 1 < cutting.width) /* it cannot change faster than the way goes */
                    CHECK(
                        fabsf(cells[y * cutting.width + x + 1] - here) <=
                        1.001f / cutting.per_unit);
            }
        }
        CHECK(inside > count / 20 && inside < count);
        for (int x = 0; x < cutting.width; x++)
            CHECK(cells[x] > 0 && cells[count - 1 - x] > 0);
    }
}

TEST(a_hole_lets_the_view_through_and_its_wall_does_not)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(traced_done) Traced traced = {0};
    const Scene *scene;

    CHECK_OK(set_of(
        ", {'kind': 'cut', 'outline': 'disc', 'hole': true, 'paint': 'p', 'at': [0, 0.2, -1], "
        "'size': [0.8, 0.8, 0.1]}, {'kind': 'box', 'paint': 'p', 'at': [0, 0, -2], 'size': [9, 6, "
        "0.1]}",
        one_lamp, mem, &scene));
    trace(scene, 90, engine_best(), &traced);
    for (int y = 0; y < traced.grid.height; y++) {
        for (int x = 0; x < traced.grid.width; x++) {
            Met met = met_at(&traced, x, y);
            double away = hypot(met.point[0], met.point[1] - 0.6);
            if (met.id == 1)
                CHECK(away > 0.36);
            if (met.id == 2)
                CHECK(away < 0.6);
        }
    }
}

TEST(repeats_stand_a_step_apart_and_turn)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(stage_done) Stage stage = {0};
    const Scene *scene;
    SceneView view = view_of(64, 1);

    CHECK_OK(set_of(
        ", {'kind': 'box', 'paint': 'p', 'size': [0.1, 0.2, 0.1], 'repeat': {'count': 4, 'step': "
        "[0.5, 0, 0], 'turn': [0, 90, 0]}}",
        one_lamp, mem, &scene));
    CHECK_OK(stage_set(scene, &view, NULL, &stage));
    CHECK_INT(stage.solid_count, 5);
    /* right, away, left: three sides of a square */
    static const float places[4][2] = {{0, 0}, {0.5f, 0}, {0.5f, -0.5f}, {0, -0.5f}};
    for (int i = 0; i < 4; i++) {
        CHECK(fabsf(stage.solids[i + 1].centre[0] - places[i][0]) < 1e-5f);
        CHECK(fabsf(stage.solids[i + 1].centre[2] - places[i][1]) < 1e-5f);
        CHECK(fabsf(stage.solids[i + 1].centre[1] - 0.1f) < 1e-5f);
    }
}

TEST(a_glowing_paint_is_bright_without_a_lamp_and_lights_what_is_near)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_shot_done) SceneShot dark = {0};
    AUTO(scene_shot_done) SceneShot bright = {0};
    const Scene *scene;
    SceneView view = view_of(90, 2);

    CHECK_OK(set_of(", {'kind': 'sphere', 'radius': 0.3, 'paint': 'p'}", "", mem, &scene));
    CHECK_OK(scene_render(scene, &view, &dark));
    CHECK_OK(set_of(", {'kind': 'sphere', 'radius': 0.3, 'paint': 'light'}", "", mem, &scene));
    CHECK_OK(scene_render(scene, &view, &bright));
    Box box = scene_product_box(scene, 90, 90, 1);
    int middle = box.left + box.width / 2, foot = box.top + box.height;
    CHECK(red_at(&bright, middle, foot - 12) > 240);
    CHECK(red_at(&dark, middle, foot - 12) < 200);
    CHECK(red_at(&bright, middle, foot + 3) > red_at(&dark, middle, foot + 3) + 10);
}

TEST(a_set_takes_as_many_bodies_as_it_says)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_shot_done) SceneShot shot = {0};
    const Scene *scene;
    SceneView view = view_of(48, 2);

    CHECK_OK(set_of(
        ", {'kind': 'turned', 'paint': 'p', 'profile': [[0.05, 0], [0.1, 0.1], [0, 0.2]], 'at': "
        "[-1.5, 0, 0], 'repeat': {'count': 94, 'step': [0.04, 0, -0.01]}}, {'kind': 'sphere', "
        "'paint': 'p', 'radius': 0.1, 'repeat': {'count': 29, 'step': [0.04, 0, 0]}}",
        one_lamp, mem, &scene));
    CHECK_OK(scene_render(scene, &view, &shot));
    AUTO(err_free) Err *err = set_of(
        ", {'kind': 'sphere', 'paint': 'p', 'repeat': {'count': 128}}", one_lamp, mem, &scene);
    CHECK(err != NULL);
    CHECK_TEXT(
        err_text(err), "A scene may have at most 128 bodies (repeats counted); this one has 129.");
}
