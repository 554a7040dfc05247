/* Promises of the renderer. Products are drawn here. */
#include <math.h>
#include <stdlib.h>

#include "base/embed.h"
#include "scene/grid.h"
#include "scene/scene.h"
#include "scene/stage_priv.h"
#include "scene/tone.h"
#include "test.h"

extern const Embedded embedded_scenes[];

static const char bare_floor[] =
    "{'camera': {'height': 0.6}, 'sky': {'top': '#ffffff', 'horizon': '#ffffff', 'bottom': "
    "'#ffffff', 'gain': 1},"
    "'paints': [{'name': 'p', 'colour': '#bcbcbc', 'rough': 1, 'specular': 0, 'variety': 0}],"
    "'solids': [{'kind': 'floor', 'paint': 'p'}],"
    "'tone': {'kind': 'plain', 'bloom': 0, 'vignette': 0, 'grain': 0}}";

static const char lit_wall[] =
    "{'sky': {'gain': 0.2}, 'paints': [{'name': 'p', 'colour': '#c0c0c0'}],"
    "'solids': [{'kind': 'floor', 'paint': 'p'},"
    "{'kind': 'box', 'paint': 'p', 'at': [0, 0, -1.5], 'size': [14, 4, 0.1]}],"
    "'lamps': [{'at': [-4, 3, 3], 'target': [0, 0.5, -1], 'size': [0.3, 0.3], 'power': 1%s}],"
    "'tone': {'bloom': 0, 'vignette': 0, 'grain': 0}}";

static const char mirror_floor[] =
    "{'sky': {'gain': 0.3}, 'paints': [{'name': 'p', 'colour': '#404040', 'rough': 0.05, "
    "'specular': 0.1}],"
    "'solids': [{'kind': 'floor', 'paint': 'p'}],"
    "'lamps': [{'at': [-3, 3, 2], 'power': 0.8}], 'tone': {'bloom': 0, 'grain': 0}}";

/* TEXT with its single quotes made double, as a scene in MEM. */
static Err *scene_from(const char *text, Arena *mem, const Scene **ret)
{
    char *json = arena_text(mem, text);
    AUTO(value_free) Value *value = NULL;

    for (char *c = json; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    TRY(value_parse(json, strlen(json), &value));
    return scene_read(value, mem, ret);
}

/* As the camera of the tests sees it. */
static const Stance upright = {.from = 0, .to = 1, .stands = true};

/* An upright red block, a little transparent at its border. */
static Image *product_drawn(int width, int height)
{
    Image *image = NULL;

    CHECK_OK(image_new(width, height, 4, DEPTH_8, &image));
    for (int y = 0; y < height; y++) {
        uint8_t *row = image_row_mut(image, y);
        for (int x = 0; x < width; x++) {
            bool is_border = x == 0 || y == 0 || x == width - 1 || y == height - 1;
            row[x * 4] = 200;
            row[x * 4 + 1] = row[x * 4 + 2] = 20;
            row[x * 4 + 3] = is_border ? 128 : 255;
        }
    }
    return image;
}

static SceneView view_of(int width, int height, const Image *product, const Scene *scene)
{
    SceneView view = {
        .width_px = width,
        .height_px = height,
        .seed = 3,
        .threads = 2,
        .quality = SCENE_DRAFT,
        .product = product,
    };

    if (product)
        view.product_box = scene_product_box(
            scene, width, height, (double)image_width(product) / image_height(product));
    return view;
}

/* Mean of CHANNEL over BOX, 0..255. */
static double mean_of(const Image *image, Box box, int channel)
{
    double sum = 0;
    int channels = image_channels(image);

    for (int y = box.top; y < box.top + box.height; y++) {
        const uint8_t *row = image_row(image, y);
        for (int x = box.left; x < box.left + box.width; x++)
            sum += row[x * channels + channel];
    }
    return sum / (box.width * (double)box.height);
}

static bool same_pixels(const Image *a, const Image *b)
{
    for (int y = 0; y < image_height(a); y++)
        if (memcmp(
                image_row(a, y), image_row(b, y),
                (size_t)image_width(a) * (size_t)image_channels(a)) != 0)
            return false;
    return true;
}

TEST(a_scene_renders_to_the_same_bytes_on_any_number_of_threads)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *product = product_drawn(40, 80);
    AUTO(scene_shot_done) SceneShot first = {0};
    const Scene *scene;
    static const int threads[] = {2, 5};

    CHECK_OK(scene_from(arena_print(mem, lit_wall, ", 'gobo': {'kind': 'palm'}"), mem, &scene));
    SceneView view = view_of(100, 75, product, scene);
    view.threads = 1;
    CHECK_OK(scene_render(scene, &view, &first));
    for (size_t i = 0; i < COUNT(threads); i++) {
        AUTO(scene_shot_done) SceneShot other = {0};
        view.threads = threads[i];
        CHECK_OK(scene_render(scene, &view, &other));
        CHECK(same_pixels(first.picture, other.picture));
        CHECK(same_pixels(first.shadow, other.shadow));
    }
}

TEST(light_on_the_product_is_the_same_on_any_number_of_threads_and_comes_from_the_lamp)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *product = product_drawn(40, 80);
    AUTO(scene_shot_done) SceneShot shot = {0};
    AUTO(scene_shot_done) SceneShot again = {0};
    const Scene *scene;

    CHECK_OK(scene_from(arena_print(mem, lit_wall, ", 'gobo': {'kind': 'blinds'}"), mem, &scene));
    SceneView view = view_of(100, 75, product, scene);
    CHECK_OK(scene_render(scene, &view, &shot));
    view.threads = 5;
    CHECK_OK(scene_render(scene, &view, &again));
    int width = image_width(shot.light), height = image_height(shot.light);
    CHECK_INT(image_channels(shot.light), 4);
    const uint16_t *row = image_row(shot.light, height / 2);
    CHECK(row[width / 5 * 4] > row[width * 4 / 5 * 4]);
    CHECK(row[width / 2 * 4 + 3] < 65535);
    for (int y = 0; y < height; y++)
        CHECK(memcmp(image_row(shot.light, y), image_row(again.light, y), (size_t)width * 8) == 0);
}

TEST(every_instruction_set_traces_the_same_bits)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *product = product_drawn(40, 80);
    AUTO(stage_done) Stage stage = {0};
    AUTO(grid_done) Grid plain = {0};
    AUTO(grid_done) Grid best = {0};
    const Scene *scene;

    if (engine_best() == &engine_plain)
        test_skip("this processor has one instruction set only");
    CHECK_OK(scene_from(arena_print(mem, lit_wall, ", 'gobo': {'kind': 'leaves'}"), mem, &scene));
    SceneView view = view_of(90, 90, product, scene);
    CHECK_OK(stage_set(scene, &view, &upright, &stage));
    CHECK_OK(grid_new(stage.grid_width, stage.grid_height, &plain));
    CHECK_OK(grid_new(stage.grid_width, stage.grid_height, &best));
    for (int y = 0; y < plain.height; y++) {
        engine_plain.trace_row(&stage, &plain, y);
        engine_best()->trace_row(&stage, &best, y);
    }
    for (int p = 0; p < GRID_PLANES; p++)
        CHECK(
            memcmp(
                plain.planes[p], best.planes[p],
                sizeof(float) * (size_t)plain.stride * (size_t)plain.rows) == 0);
}

TEST(a_floor_under_an_even_sky_returns_its_own_colour)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_shot_done) SceneShot shot = {0};
    const Scene *scene;

    CHECK_OK(scene_from(bare_floor, mem, &scene));
    SceneView view = view_of(96, 96, NULL, scene);
    CHECK_OK(scene_render(scene, &view, &shot));
    double got = mean_of(shot.picture, (Box){10, 70, 76, 20}, 1);
    double light = pow((got / 255 + 0.055) / 1.055, 2.4);
    double want = (double)colour_linear(0xbc);
    CHECK(fabs(light / want - 1) < 0.01);
}

TEST(tone_mapping_can_be_undone)
{
    for (int r = 0; r <= 10; r++) {
        for (int g = 0; g <= 10; g++) {
            float colour[3] = {(float)r * 0.3f, (float)g * 0.2f, 0.3f}, back[3];
            memcpy(back, colour, sizeof back);
            tone_to_display(back);
            for (int k = 0; k < 3; k++)
                CHECK(back[k] >= 0 && back[k] < 1);
            tone_from_display(back);
            for (int k = 0; k < 3; k++)
                CHECK(fabsf(back[k] - colour[k]) < 0.002f + 0.002f * colour[k]);
        }
    }
}

TEST(a_gobo_stripes_the_wall)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_shot_done) SceneShot open = {0};
    AUTO(scene_shot_done) SceneShot striped = {0};
    const Scene *scene;
    double least = 255, most = 0;

    CHECK_OK(scene_from(arena_print(mem, lit_wall, ""), mem, &scene));
    SceneView view = view_of(96, 96, NULL, scene);
    CHECK_OK(scene_render(scene, &view, &open));
    CHECK_OK(scene_from(
        arena_print(mem, lit_wall, ", 'gobo': {'kind': 'blinds', 'distance': 3.5, 'scale': 3}"),
        mem, &scene));
    CHECK_OK(scene_render(scene, &view, &striped));
    Box wall = {20, 5, 50, 45};
    CHECK(mean_of(striped.picture, wall, 1) < mean_of(open.picture, wall, 1) - 15);
    for (int y = wall.top; y < wall.top + wall.height; y++) {
        double row = mean_of(striped.picture, (Box){40, y, 12, 1}, 1);
        least = fmin(least, row);
        most = fmax(most, row);
    }
    CHECK(most - least > 25);
}

TEST(the_product_throws_its_shadow_away_from_the_lamp)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *product = product_drawn(40, 80);
    AUTO(scene_shot_done) SceneShot shot = {0};
    const Scene *scene;

    CHECK_OK(scene_from(arena_print(mem, lit_wall, ""), mem, &scene));
    SceneView view = view_of(120, 120, product, scene);
    CHECK_OK(scene_render(scene, &view, &shot));
    Box box = view.product_box;
    int foot = box.top + box.height - 8;
    double left = mean_of(shot.shadow, (Box){box.left - 22, foot, 20, 8}, 0);
    double right = mean_of(shot.shadow, (Box){box.left + box.width + 2, foot, 20, 8}, 0);
    CHECK(right > left + 20);
    CHECK(shot.facts.light_degrees > 90 && shot.facts.light_degrees < 180);
}

TEST(a_polished_floor_mirrors_the_product)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *product = product_drawn(40, 80);
    AUTO(scene_shot_done) SceneShot with = {0};
    AUTO(scene_shot_done) SceneShot without = {0};
    const Scene *scene;

    CHECK_OK(scene_from(mirror_floor, mem, &scene));
    SceneView view = view_of(120, 120, product, scene);
    CHECK_OK(scene_render(scene, &view, &with));
    view.product = NULL;
    CHECK_OK(scene_render(scene, &view, &without));
    Box box = view.product_box;
    Box below = {box.left + 6, box.top + box.height + 2, box.width - 12, 8};
    double red = mean_of(with.picture, below, 0) - mean_of(with.picture, below, 2);
    double red_without = mean_of(without.picture, below, 0) - mean_of(without.picture, below, 2);
    CHECK(red > red_without + 6);
}

TEST(a_product_stands_where_its_box_says_in_frames_of_every_shape)
{
    static const int frames[][2] = {{96, 96}, {80, 100}, {128, 72}, {72, 128}, {97, 61}};
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *product = product_drawn(40, 60);
    const Scene *scene;

    CHECK_OK(scene_from(arena_print(mem, lit_wall, ""), mem, &scene));
    for (size_t i = 0; i < COUNT(frames); i++) {
        AUTO(scene_shot_done) SceneShot shot = {0};
        SceneView view = view_of(frames[i][0], frames[i][1], product, scene);
        Box box = view.product_box;
        CHECK(box.left >= 0 && box.left + box.width <= view.width_px);
        CHECK(box.top >= 0 && box.top + box.height <= view.height_px);
        CHECK_OK(scene_render(scene, &view, &shot));
        CHECK_INT(image_width(shot.picture), frames[i][0]);
        CHECK_INT(image_height(shot.picture), frames[i][1]);
        CHECK(fabs(shot.facts.ground_px - (box.top + box.height)) < 0.01);
    }
}

TEST(errors_in_a_scene_point_at_the_field)
{
    static const struct {
        const char *json, *where;
    } cases[] = {
        {"{'paints': [], 'solids': [{'kind': 'box', 'paint': 'no'}]}", "/solids/0/paint"},
        {"{'paints': [{'name': 'p', 'rough': 7}], 'solids': []}", "/paints/0/rough"},
        {"{'paints': [], 'solids': [{'kind': 'cube', 'paint': 'p'}]}", "/solids/0/kind"},
        {"{'paints': [], 'solids': [], 'lamps': [{'at': [0, 0.3, 0]}]}", "/lamps/0/target"},
        {"{'paints': [], 'solids': [], 'sky': {'gain': 'much'}}", "/sky/gain"},
        {"{'paints': [], 'solids': [], 'lamps': [{'at': [1,1,1]}, {'at': [1,1,1]}, {'at': [1,1,1]},"
         "{'at': [1,1,1]}, {'at': [1,1,1]}, {'at': [1,1,1]}, {'at': [1,1,1]}, {'at': [1,1,1]},"
         "{'at': [1,1,1]}, {'at': [1,1,1]}, {'at': [1,1,1]}, {'at': [1,1,1]}, {'at': [1,1,1]}]}",
         "/lamps"},
        {"{'paints': [{'name': 'p'}], 'solids': [{'kind': 'turned', 'paint': 'p'}]}",
         "/solids/0/profile"},
        {"{'paints': [{'name': 'p'}], 'solids': [{'kind': 'turned', 'paint': 'p', 'profile': "
         "[[0.1, 0], [-0.1, 1]]}]}",
         "/solids/0/profile"},
        {"{'paints': [{'name': 'p'}], 'solids': [{'kind': 'cut', 'paint': 'p', 'points': [[0, 0], "
         "[1, 1], [2, 2]]}]}",
         "/solids/0/points"},
        {"{'paints': [{'name': 'p'}], 'solids': [{'kind': 'cut', 'paint': 'p', 'outline': "
         "'moon'}]}",
         "/solids/0/outline"},
        {"{'paints': [{'name': 'p'}], 'solids': [{'kind': 'box', 'paint': 'p', 'repeat': {'count': "
         "65}}, {'kind': 'box', 'paint': 'p', 'repeat': {'count': 64}}]}",
         "/solids"},
        {"{'paints': [{'name': 'p'}], 'solids': [{'kind': 'cushion', 'paint': 'p', 'repeat': "
         "{'count': 84}}]}",
         "/solids"},
        {"{'paints': [{'name': 'p'}], 'solids': [{'kind': 'turned', 'paint': 'p', 'profile': "
         "[[0.1, 0], [0.2, 1]], 'repeat': {'count': 126}}]}",
         "/solids"},
        {"{'paints': [], 'solids': [], 'sky': {'backdrop': {'kind': 'bokeh', 'count': 1001, "
         "'size': 2}}}",
         "/sky/backdrop/count"},
        {"{'paints': [], 'solids': [], 'camera': {'distance': 3}, 'stand': {'at': [0, 0, 3]}}",
         "/stand/at"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(arena_free) Arena *mem = arena_new();
        const Scene *scene;
        AUTO(err_free) Err *err = scene_from(cases[i].json, mem, &scene);
        CHECK(err != NULL);
        CHECK_TEXT(err_where(err), cases[i].where);
    }
}

TEST(a_view_that_is_too_large_or_cancelled_is_refused)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(scene_shot_done) SceneShot shot = {0};
    Cancel cancel = CANCEL_INIT;
    const Scene *scene;

    CHECK_OK(scene_from(bare_floor, mem, &scene));
    SceneView view = view_of(SCENE_SIDE_MAX_PX + 1, 64, NULL, scene);
    CHECK_ERR(
        scene_render(scene, &view, &shot), ERR_INPUT_INVALID,
        "a view of 4097 x 64 px cannot be rendered");
    cancel_ask(&cancel);
    view.width_px = 64;
    view.cancel = &cancel;
    AUTO(err_free) Err *err = scene_render(scene, &view, &shot);
    CHECK(err != NULL);
    CHECK_INT(err_code(err), ERR_CANCELLED);
}

TEST(light_of_the_largest_frame_stays_within_its_memory)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(stage_done) Stage stage = {0};
    const Scene *scene;
    enum {
        GLOW_BYTES = 24 /* two planes of three floats a point */
    };

    CHECK((GRID_PLANES + GRID_VARYING_) * sizeof(float) + GLOW_BYTES <= SCENE_GRID_BYTES);
    CHECK_OK(scene_from(bare_floor, mem, &scene));
    SceneView view = view_of(SCENE_SIDE_MAX_PX, SCENE_SIDE_MAX_PX, NULL, scene);
    view.quality = SCENE_FINE;
    CHECK_OK(stage_set(scene, &view, &upright, &stage));
    CHECK(stage.grid_width * stage.grid_height <= SCENE_GRID_MAX);
}

TEST(every_scene_in_the_program_can_be_read_and_lit)
{
    for (const Embedded *row = embedded_scenes; row->name; row++) {
        AUTO(arena_free) Arena *mem = arena_new();
        AUTO(value_free) Value *json = NULL;
        AUTO(scene_shot_done) SceneShot shot = {0};
        const Scene *scene;
        CHECK_OK(value_parse((const char *)row->bytes, row->size, &json));
        CHECK_OK(scene_read(json, mem, &scene));
        SceneView view = view_of(40, 40, NULL, scene);
        CHECK_OK(scene_render(scene, &view, &shot));
        double mean = mean_of(shot.picture, (Box){0, 0, 40, 40}, 1);
        CHECK(mean > 15);
    }
}

/* A block whose lower edge is the corner of a box seen from above. */
static Image *corner_drawn(int width, int height, int rise)
{
    Image *image = product_drawn(width, height);

    for (int x = 0; x < width; x++) {
        int lift = rise * abs(2 * x - width) / width;
        for (int y = height - lift; y < height; y++)
            ((uint8_t *)image_row_mut(image, y))[x * 4 + 3] = 0;
    }
    return image;
}

TEST(the_camera_rises_for_a_product_seen_from_above_until_nothing_floats)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *product = corner_drawn(80, 100, 16);
    static const SceneAngle angles[] = {SCENE_ANGLE_FRONT, SCENE_ANGLE_AUTO, SCENE_ANGLE_TOP};
    SceneFacts facts[3];
    const Scene *scene;

    CHECK_OK(scene_from(arena_print(mem, lit_wall, ""), mem, &scene));
    SceneView view = view_of(90, 90, product, scene);
    for (int i = 0; i < 3; i++) {
        AUTO(scene_shot_done) SceneShot shot = {0};
        view.angle = angles[i];
        CHECK_OK(scene_render(scene, &view, &shot));
        facts[i] = shot.facts;
    }
    CHECK(facts[0].camera_degrees < 8 && facts[0].floats > 0.03);
    CHECK(facts[1].camera_degrees > 15 && facts[1].camera_degrees <= facts[2].camera_degrees);
    CHECK(facts[1].floats < 0.01);
    CHECK(facts[1].horizon_px < facts[0].horizon_px);
    CHECK(fabs(facts[1].ground_px - facts[0].ground_px) < 0.5);
}

TEST(a_set_turns_to_the_side_that_the_product_was_lit_from)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *product = product_drawn(60, 80);
    AUTO(scene_shot_done) SceneShot shot = {0};
    AUTO(scene_shot_done) SceneShot held = {0};
    const Scene *scene;

    for (int y = 0; y < 80; y++)
        for (int x = 0; x < 60; x++)
            ((uint8_t *)image_row_mut(product, y))[x * 4] = (uint8_t)(40 + 3 * x);
    CHECK_OK(scene_from(arena_print(mem, lit_wall, ""), mem, &scene));
    SceneView view = view_of(90, 90, product, scene);
    CHECK_OK(scene_render(scene, &view, &shot));
    CHECK(shot.facts.is_mirrored && shot.facts.light_degrees < 90);
    int width = image_width(shot.light);
    const uint16_t *row = image_row(shot.light, image_height(shot.light) / 2);
    CHECK(row[width / 5 * 4] < row[width * 4 / 5 * 4]);

    CHECK_OK(scene_from(
        arena_print(mem, "{'turn': false, %s", arena_print(mem, lit_wall, "") + 1), mem, &scene));
    CHECK_OK(scene_render(scene, &view, &held));
    CHECK(!held.facts.is_mirrored && held.facts.light_degrees > 90);
}

TEST(in_a_set_seen_from_above_the_product_lies_and_its_shadow_falls_aside)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *product = product_drawn(50, 50);
    AUTO(scene_shot_done) SceneShot shot = {0};
    const Scene *scene;

    CHECK_OK(scene_from(
        arena_print(
            mem,
            "{'stand': {'flat': true, 'at': [0, 0, -1.4], 'height': 0.6, 'ground': 75, 'fill': "
            "50}, %s",
            arena_print(mem, lit_wall, "") + 1),
        mem, &scene));
    SceneView view = view_of(120, 120, product, scene);
    Box box = view.product_box;
    CHECK_OK(scene_render(scene, &view, &shot));
    CHECK(shot.facts.is_flat);
    double right = mean_of(shot.shadow, (Box){box.left + box.width, box.top + 20, 4, 30}, 0);
    double left = mean_of(shot.shadow, (Box){box.left - 4, box.top + 20, 4, 30}, 0);
    double below = mean_of(shot.shadow, (Box){box.left + 20, box.top + box.height, 30, 3}, 0);
    double above = mean_of(shot.shadow, (Box){box.left + 20, box.top - 4, 30, 3}, 0);
    CHECK(right > left + 15);
    CHECK(below > above + 8);
}
