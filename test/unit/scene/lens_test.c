/* Promises of the lens and of what lies beyond the set. */
#include <math.h>

#include "scene/backdrop.h"
#include "scene/lens.h"
#include "scene/stage_priv.h"
#include "test.h"

enum {
    SIDE = 96
};

static void lens_empty(Lens *lens)
{
    Stage stage = {.grid_width = SIDE, .grid_height = SIDE};

    CHECK_OK(lens_new(&stage, lens));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            for (int p = 0; p < LENS_PLANES; p++)
                lens->levels[0].planes[p][lens_at(&lens->levels[0], x, y)] = 0;
}

static float *lens_point(Lens *lens, int plane, int x, int y)
{
    return &lens->levels[0].planes[plane][lens_at(&lens->levels[0], x, y)];
}

TEST(a_lens_keeps_all_light)
{
    static const float radii[] = {-4, 0.6f, 2, 3.7f, 4.8f};

    for (size_t r = 0; r < COUNT(radii); r++) {
        AUTO(lens_done) Lens lens = {0};
        double before = 0, after = 0;
        lens_empty(&lens);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                bool is_inside = x > 20 && y > 20 && x < SIDE - 20 && y < SIDE - 20;
                *lens_point(&lens, LENS_BLUR, x, y) = radii[r];
                *lens_point(&lens, LENS_SEEN, x, y) =
                    is_inside ? (float)((x * 7 + y * 13) % 11) : 0;
                before += (double)*lens_point(&lens, LENS_SEEN, x, y);
            }
        }
        CHECK_OK(lens_focus(&lens, 2));
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                after += (double)*lens_point(&lens, LENS_OUT, x, y);
        CHECK(fabs(after / before - 1) < 0.01);
    }
}

/* The left half sharp and dark, the right half bright and blurred by BLUR. */
static void lens_halves(Lens *lens, float blur)
{
    lens_empty(lens);
    for (int y = 0; y < SIDE; y++) {
        for (int x = SIDE / 2; x < SIDE; x++) {
            *lens_point(lens, LENS_BLUR, x, y) = blur;
            *lens_point(lens, LENS_SEEN, x, y) = 1;
        }
    }
    CHECK_OK(lens_focus(lens, 1));
}

TEST(what_is_sharp_keeps_a_clean_edge_before_what_melts)
{
    AUTO(lens_done) Lens lens = {0};

    lens_halves(&lens, 4);
    for (int x = 0; x < SIDE / 2; x++) {
        CHECK(*lens_point(&lens, LENS_OUT, x, SIDE / 2) < 0.02f);
        CHECK(*lens_point(&lens, LENS_COVER, x, SIDE / 2) < 0.02f);
    }
}

TEST(what_is_near_and_blurred_lies_over_what_is_sharp)
{
    AUTO(lens_done) Lens lens = {0};

    lens_halves(&lens, -4);
    CHECK(*lens_point(&lens, LENS_COVER, SIDE / 2 - 1, SIDE / 2) > 0.2f);
    CHECK(*lens_point(&lens, LENS_COVER, SIDE / 2 - 8, SIDE / 2) == 0);
}

static const char set[] =
    "{'camera': {'aperture': %s}, 'sky': {'backdrop': {'kind': '%s', 'seed': %d}},"
    "'paints': [{'name': 'p', 'grain': '%s', 'bump': 0.5, 'scale': 0.4}, {'name': 'q', 'grain': "
    "'zellige', 'turn': 20}],"
    "'solids': [{'kind': 'box', 'paint': 'p', 'at': [0, -0.1, 1], 'size': [9, 0.1, 4]},"
    "{'kind': 'cylinder', 'paint': 'q', 'at': [0.6, 0, -0.6], 'radius': 0.3, 'height': 0.9}],"
    "'lamps': [{'at': [-3, 3, 3], 'gobo': {'kind': '%s'}}]}";

static Err *set_read(
    Arena *mem, const char *aperture, const char *backdrop, int seed, const char *grain,
    const char *gobo, const Scene **ret)
{
    char *json = arena_text(mem, arena_print(mem, set, aperture, backdrop, seed, grain, gobo));
    AUTO(value_free) Value *value = NULL;

    for (char *c = json; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    TRY(value_parse(json, strlen(json), &value));
    return scene_read(value, mem, ret);
}

static bool same_pixels(const Image *a, const Image *b)
{
    for (int y = 0; y < image_height(a); y++)
        if (memcmp(image_row(a, y), image_row(b, y), (size_t)image_width(a) * 3) != 0)
            return false;
    return true;
}

TEST(a_backdrop_whose_render_was_cancelled_is_not_painted_to_its_end)
{
    const BackdropPlan plan = {
        .kind = BACKDROP_BOKEH, .count = 1000, .size = 2, .soft = 1, .gain = 1};
    const Stage stage = {.frame_width = 640, .frame_height = 640};
    AUTO(backdrop_done) Backdrop backdrop = {0};
    Cancel cancel = CANCEL_INIT;

    cancel_ask(&cancel);
    AUTO(err_free) Err *err = backdrop_paint(&plan, &stage, &cancel, &backdrop);
    CHECK(err != NULL);
    CHECK_INT(err_code(err), ERR_CANCELLED);
    CHECK(!backdrop.texels);
}

TEST(backdrops_are_the_same_again_and_another_with_another_seed)
{
    static const char *const kinds[] = {"bokeh", "greenery", "sea",   "clouds",
                                        "dusk",  "city",     "night", "room"};
    static const char *const gobos[] = {"lattice", "slot", "fern", "monstera", "sheer"};

    for (size_t k = 0; k < COUNT(kinds); k++) {
        AUTO(arena_free) Arena *mem = arena_new();
        AUTO(scene_shot_done) SceneShot one = {0};
        AUTO(scene_shot_done) SceneShot again = {0};
        AUTO(scene_shot_done) SceneShot other = {0};
        const Scene *scene, *another;
        SceneView view = {
            .width_px = 72, .height_px = 56, .seed = 0, .threads = 1, .quality = SCENE_DRAFT};
        const char *gobo = gobos[k % COUNT(gobos)];
        CHECK_OK(set_read(mem, "0.2", kinds[k], 1, "wood", gobo, &scene));
        CHECK_OK(set_read(mem, "0.2", kinds[k], 2, "wood", gobo, &another));
        CHECK_OK(scene_render(scene, &view, &one));
        view.threads = 3;
        CHECK_OK(scene_render(scene, &view, &again));
        CHECK_OK(scene_render(another, &view, &other));
        CHECK(same_pixels(one.picture, again.picture));
        CHECK(!same_pixels(one.picture, other.picture));
    }
}

static double mean_level(const Image *image)
{
    double sum = 0;

    for (int y = 0; y < image_height(image); y++)
        for (int i = 0; i < image_width(image) * 3; i++)
            sum += ((const uint8_t *)image_row(image, y))[i];
    return sum / image_width(image) / image_height(image) / 3;
}

TEST(a_wide_lens_melts_a_set_but_leaves_it_as_bright)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_shot_done) SceneShot sharp = {0};
    AUTO(scene_shot_done) SceneShot molten = {0};
    const Scene *narrow, *wide;
    SceneView view = {.width_px = 96, .height_px = 96, .threads = 1, .quality = SCENE_DRAFT};

    CHECK_OK(set_read(mem, "0", "none", 1, "plain", "none", &narrow));
    CHECK_OK(set_read(mem, "1", "none", 1, "plain", "none", &wide));
    CHECK_OK(scene_render(narrow, &view, &sharp));
    CHECK_OK(scene_render(wide, &view, &molten));
    CHECK(!same_pixels(sharp.picture, molten.picture));
    CHECK(fabs(mean_level(sharp.picture) - mean_level(molten.picture)) < 2);
}

/* All that a picture goes through after its light is known, by ENGINE. */
static void developed(const Engine *engine, const Stage *stage, const Grid *grid, Image **ret)
{
    AUTO(lens_done) Lens lens = {0};
    Darkroom darkroom = {.stage = stage, .grid = grid};

    CHECK_OK(lens_new(stage, &lens));
    for (int y = 0; y < grid->height; y++)
        engine->sketch_row(&darkroom, &lens, y);
    CHECK_OK(lens_focus(&lens, 1));
    for (int y = 0; y < grid->height; y++)
        engine->blur_row(&lens, 0, y);
    CHECK_OK(image_new(stage->frame_width, stage->frame_height, 3, DEPTH_8, ret));
    darkroom.lens = &lens;
    darkroom.picture = *ret;
    for (int y = 0; y < stage->frame_height; y++)
        engine->develop_row(&darkroom, y);
}

TEST(every_instruction_set_develops_the_same_bytes)
{
    static const char *const grains[] = {"wood", "linen", "brick", "sand", "grass", "travertine"};

    if (engine_best() == &engine_plain)
        test_skip("this processor has one instruction set only");
    for (size_t g = 0; g < COUNT(grains); g++) {
        AUTO(arena_free) Arena *mem = arena_new();
        AUTO(stage_done) Stage stage = {0};
        AUTO(grid_done) Grid grid = {0};
        AUTO(image_free) Image *plain = NULL;
        AUTO(image_free) Image *best = NULL;
        const Scene *scene;
        SceneView view = {.width_px = 64, .height_px = 64, .threads = 1, .quality = SCENE_DRAFT};
        CHECK_OK(set_read(mem, "0.3", "bokeh", 1, grains[g], "none", &scene));
        CHECK_OK(stage_set(scene, &view, NULL, &stage));
        CHECK_OK(grid_new(stage.grid_width, stage.grid_height, &grid));
        for (int y = 0; y < grid.height; y++)
            engine_plain.trace_row(&stage, &grid, y);
        grid_clean(&grid, 1, NULL);
        developed(&engine_plain, &stage, &grid, &plain);
        developed(engine_best(), &stage, &grid, &best);
        CHECK(same_pixels(plain, best));
    }
}

/* Rows of a slow fade: steps of a whole level would show as bands. */
TEST(a_slow_fade_shows_no_bands)
{
    static const char fade[] =
        "{\"sky\": {\"top\": \"#949494\", \"horizon\": \"#909090\", \"gain\": 0.6}, \"paints\": "
        "[{\"name\": "
        "\"p\"}], \"solids\": [{\"kind\": \"box\", \"paint\": \"p\", \"at\": [0, -9, 0], \"size\": "
        "[0.1, 0.1, 0.1]}], \"tone\": {\"bloom\": 0, \"vignette\": 0, \"grain\": 0}}";
    enum {
        WIDTH = 512,
        HEIGHT = 96
    };
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *json = NULL;
    AUTO(scene_shot_done) SceneShot shot = {0};
    const Scene *scene;
    double means[HEIGHT] = {0};
    int between = 0;

    CHECK_OK(value_parse(fade, strlen(fade), &json));
    CHECK_OK(scene_read(json, mem, &scene));
    SceneView view = {.width_px = WIDTH, .height_px = HEIGHT, .threads = 2, .quality = SCENE_DRAFT};
    CHECK_OK(scene_render(scene, &view, &shot));
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            means[y] += ((const uint8_t *)image_row(shot.picture, y))[x * 3 + 1] / (double)WIDTH;
    for (int y = 2; y < HEIGHT / 3; y++) {
        CHECK(fabs(means[y] - (means[y - 2] + means[y + 2]) / 2) < 0.2);
        between += fabs(means[y] - round(means[y])) > 0.1;
    }
    CHECK(between > HEIGHT / 8);
}
