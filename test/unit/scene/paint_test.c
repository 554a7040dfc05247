/* Promises of surfaces: bounds, means, and that far away they are their mean. */
#pragma GCC diagnostic ignored "-Wpsabi"
#define ENGINE plain

#include <math.h>

#include "scene/paint_wide.h"
#include "scene/stage_priv.h"
#include "test.h"

static const char *const grains[] = {
    "plain",      "plaster", "concrete", "wood",    "marble",  "terrazzo",   "linen",  "tile",
    "travertine", "sand",    "brick",    "slate",   "asphalt", "wet",        "pleats", "batik",
    "rattan",     "grass",   "paper",    "brushed", "zellige", "herringbone"};

/* A stage of one floor painted with GRAIN, whose colours are red, green and blue. */
static void stage_painted(const char *grain, Stage *stage)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *json = NULL;
    const Scene *scene;
    const char *text = arena_print(
        mem,
        "{\"paints\": [{\"name\": \"p\", \"grain\": \"%s\", \"colour\": \"#b40000\", \"colour2\": "
        "\"#00b400\", \"colour3\": \"#0000b4\", \"colour4\": \"#000000\", \"rough\": 0.5}], "
        "\"solids\": [{\"kind\": \"floor\", \"paint\": \"p\"}]}",
        grain);

    CHECK_OK(value_parse(text, strlen(text), &json));
    CHECK_OK(scene_read(json, mem, &scene));
    SceneView view = {.width_px = 16, .height_px = 16, .threads = 1, .quality = SCENE_DRAFT};
    CHECK_OK(stage_set(scene, &view, NULL, stage));
}

/* Mean colour over a wide field seen by pixels FOOT wide; every skin on the way must be one that could be. */
static void skin_mean(const Paint *paint, float foot, double ret[3])
{
    enum {
        SIDE = 96
    };
    int outside = 0;

    memset(ret, 0, 3 * sizeof *ret);
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x += WIDE) {
            Spot spot = {
                (f8_lanes() + (float)x) * 0.413f - 17.0f, f8((float)y * 0.387f - 15.0f), f8(foot),
                f8(foot)};
            F8 height = f8(0);
            Skin skin;
            skin_at_plain(paint, &spot, &height, &skin);
            for (int lane = 0; lane < WIDE; lane++) {
                const float c[3] = {skin.colour.x[lane], skin.colour.y[lane], skin.colour.z[lane]};
                for (int k = 0; k < 3; k++) {
                    outside += !(c[k] >= 0 && c[k] <= 1);
                    ret[k] += (double)c[k] / (SIDE * SIDE);
                }
                outside += !(skin.rough[lane] >= 0.03f && skin.rough[lane] <= 1);
                outside += !(fabsf(skin.height[lane]) < 0.5f);
            }
        }
    }
    CHECK_INT(outside, 0);
}

TEST(every_grain_keeps_its_bounds_and_has_the_mean_that_bounced_light_is_told)
{
    int wrong = 0;

    for (size_t g = 0; g < COUNT(grains); g++) {
        AUTO(stage_done) Stage stage = {0};
        double near[3], far[3], full = (double)colour_linear(180);
        stage_painted(grains[g], &stage);
        const Paint *paint = &stage.paints[0];
        skin_mean(paint, 0.002f, near);
        skin_mean(paint, 4.0f, far);
        for (int k = 0; k < 3; k++) {
            double told = (double)paint->mean[k];
            bool is_right = fabs(near[k] - told) / full < 0.03;
            bool is_kept = fabs(far[k] - near[k]) / full < 0.10;
            if (!is_right || !is_kept)
                printf(
                    "# %s: channel %d is %.3f near, %.3f far, told %.3f\n", grains[g], k,
                    near[k] / full, far[k] / full, told / full);
            wrong += !is_right || !is_kept;
        }
    }
    CHECK_INT(wrong, 0);
}
