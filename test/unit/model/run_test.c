/* Promises of running networks, on tiny ones that the test writes itself. They need the runtime, so they are skipped where it is
 * not in the model folder (CYCLORAMA_MODELS, or .models beside the build). */
#include <float.h>
#include <math.h>
#include <pthread.h>

#include "base/crew.h"
#include "base/file.h"
#include "model/model.h"
#include "network.h"
#include "test.h"

static const char *runtime_path(Arena *mem)
{
    const char *named = getenv("CYCLORAMA_MODELS");
    const char *const folders[] = {named ? named : ".models", ".models", "../.models"};

    for (size_t i = 0; i < COUNT(folders); i++) {
        const char *path = path_join(mem, folders[i], "runtime/libonnxruntime.so.1");

        if (file_exists(path))
            return path;
    }
    test_skip("no model runtime in CYCLORAMA_MODELS or .models; run 'cyclorama models fetch'");
}

/* A folder with one network of an operator, opened. */
typedef struct Studio {
    Arena *mem;
    const char *folder;
    Models *models;
    Model *model;
} Studio;

static Studio studio_open(const Network *network, const char *descriptor, int threads)
{
    AUTO(buf_done) Buf file = BUF(1 << 22);
    Studio studio = {.mem = arena_new()};
    const char *runtime = runtime_path(studio.mem);
    const char *text = arena_print(
        studio.mem,
        "{\"title\": \"T\", \"licence\": {\"kind\": \"permissive\", \"name\": \"MIT\"}, %s}",
        descriptor);

    studio.folder = test_folder();
    network_write(network, &file);
    CHECK_OK(file_write(path_join(studio.mem, studio.folder, "tiny.onnx"), file.bytes, file.size));
    CHECK_OK(file_write(path_join(studio.mem, studio.folder, "tiny.json"), text, strlen(text)));
    CHECK_OK(models_open(
        &(ModelsOptions){.folder = studio.folder, .runtime = runtime, .threads = threads},
        &studio.models));
    CHECK_OK(models_load(studio.models, "tiny", &studio.model));
    return studio;
}

static void studio_close(Studio *studio)
{
    models_close(studio->models);
    test_folder_remove(studio->folder);
    arena_free(studio->mem);
}

/* ---- networks ---- */

/* y = x[.., CHANNEL of AXIS, ..] */
static Studio channel_studio(int64_t channel, int64_t axis, const char *descriptor)
{
    const int64_t first[] = {channel}, end[] = {channel + 1}, axes[] = {axis};
    const Node nodes[] = {{"Slice", {"x", "first", "end", "axes"}, "y"}};
    const Constant constants[] = {
        {"first", {1}, 1, .whole = first},
        {"end", {1}, 1, .whole = end},
        {"axes", {1}, 1, .whole = axes}};
    Network network = {nodes, 1, constants, 3, {0}, {0}};

    return studio_open(&network, descriptor, 1);
}

#define UPSCALE_TILED(tile, overlap) \
    "\"task\": \"upscale\", \"upscale\": {\"factor\": 2, \"tile_px\": " tile \
    ", \"overlap_px\": " overlap "}"

/* Two 3x3 convolutions a channel, so a reach of 2, then every pixel doubled. */
static Studio blur_studio(const char *descriptor, int threads)
{
    static const float weights[27] = {.05f, .1f, .15f, .1f, .2f, .1f, .1f, .1f, .1f,
                                      .2f,  .1f, .1f,  0,   .2f, .1f, .1f, .1f, .1f,
                                      .1f,  .1f, .1f,  .1f, .2f, .1f, .1f, .1f, .1f};
    static const float scales[] = {1, 1, 2, 2};
    const Node nodes[] = {
        {"Conv", {"x", "w"}, "a", {{"group", NULL, {3}}, {"pads", NULL, {1, 1, 1, 1}, 4}}},
        {"Conv", {"a", "w"}, "b", {{"group", NULL, {3}}, {"pads", NULL, {1, 1, 1, 1}, 4}}},
        {"Resize",
         {"b", "", "scales"},
         "y",
         {{"mode", "nearest"},
          {"nearest_mode", "floor"},
          {"coordinate_transformation_mode", "asymmetric"}}},
    };
    const Constant constants[] = {
        {"w", {3, 1, 3, 3}, 4, .floats = weights}, {"scales", {4}, 1, .floats = scales}};
    Network network = {nodes, 3, constants, 2, {1, 3, 0, 0}, {1, 3, 0, 0}};

    return studio_open(&network, descriptor, threads);
}

static Image *noise_picture(int width, int height)
{
    Image *image = NULL;
    unsigned state = 1;

    CHECK_OK(image_new(width, height, 3, DEPTH_8, &image));
    for (int y = 0; y < height; y++) {
        uint8_t *row = image_row_mut(image, y);

        for (int x = 0; x < width * 3; x++)
            row[x] = (uint8_t)((state = state * 1664525u + 1013904223u) >> 24);
    }
    return image;
}

static int widest_difference(const Image *a, const Image *b)
{
    int widest = 0;

    CHECK_INT(image_width(a), image_width(b));
    CHECK_INT(image_height(a), image_height(b));
    for (int y = 0; y < image_height(a); y++) {
        const uint8_t *row_a = image_row(a, y), *row_b = image_row(b, y);

        for (int x = 0; x < image_width(a) * 3; x++)
            widest = MAX(widest, abs(row_a[x] - row_b[x]));
    }
    return widest;
}

/* ---- promises ---- */

TEST(the_runtime_is_tried_and_tells_its_version)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *runtime = runtime_path(mem), *version = NULL;
    AUTO(models_close) Models *models = NULL;

    CHECK_OK(models_open(&(ModelsOptions){.folder = "/nonexistent", .runtime = runtime}, &models));
    CHECK_OK(models_runtime(models, &version));
    CHECK(strncmp(version, "1.", 2) == 0);
}

/* What the network called in slice CHANNEL gets for a pixel of (200, 100, 50) comes back through range 0..1 as a mask. */
static void check_tensor_value(const char *input, int64_t channel, int64_t axis, double expected)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *photo = NULL;
    AUTO(image_free) Image *mask = NULL;
    Studio studio = channel_studio(
        channel, axis, arena_print(mem, "\"task\": \"matte\", \"input\": {%s}", input));

    CHECK_OK(image_flat(8, 6, (Colour){200, 100, 50, 255}, &photo));
    CHECK_OK(model_matte(studio.model, photo, NULL, &mask));
    CHECK_INT(image_channels(mask), 1);
    CHECK_INT(image_depth(mask), DEPTH_FLOAT);
    for (int y = 0; y < image_height(mask); y++)
        for (int x = 0; x < image_width(mask); x++)
            CHECK(fabs(((const float *)image_row(mask, y))[x] - expected) < 1e-6);
    studio_close(&studio);
}

TEST(every_layout_order_mean_and_scale_reaches_the_tensor_exactly)
{
    const char *size = "\"width\": 8, \"height\": 6, ";
    AUTO(arena_free) Arena *mem = arena_new();

    check_tensor_value("\"width\": 8, \"height\": 6", 0, 1, 200 / 255.0);
    check_tensor_value(
        arena_print(
            mem, "%s\"channels\": \"bgr\", \"mean\": [10, 20, 30], \"scale\": [100, 200, 400]",
            size),
        0, 1, 0.4);
    check_tensor_value(
        arena_print(
            mem, "%s\"channels\": \"bgr\", \"mean\": [10, 20, 30], \"scale\": [100, 200, 400]",
            size),
        2, 1, 170 / 400.0);
    check_tensor_value(
        arena_print(
            mem, "%s\"layout\": \"nhwc\", \"mean\": [0, 50, 0], \"scale\": [1, 100, 1]", size),
        1, 3, 0.5);
    check_tensor_value(
        arena_print(mem, "%s\"channels\": \"grey\"", size), 0, 1,
        (0.299 * 200 + 0.587 * 100 + 0.114 * 50) / 255);
}

TEST(the_output_goes_through_activation_range_and_stretch)
{
    AUTO(image_free) Image *photo = NULL;
    AUTO(image_free) Image *mask = NULL;
    Studio studio = channel_studio(
        0, 1,
        "\"task\": \"matte\", \"input\": {\"width\": 4, \"height\": 4, \"mean\": [200, 0, 0]}, "
        "\"output\": {\"activation\": \"sigmoid\", \"range\": [0.25, 0.75]}");

    CHECK_OK(image_flat(4, 4, (Colour){200, 0, 0, 255}, &photo));
    CHECK_OK(model_matte(studio.model, photo, NULL, &mask));
    CHECK(fabs(((const float *)image_row(mask, 1))[1] - 0.5) < 1e-6);
    studio_close(&studio);

    studio = channel_studio(
        0, 1,
        "\"task\": \"depth\", \"input\": {\"longest_px\": 4}, \"output\": {\"stretch\": true}");
    AUTO(image_free) Image *steps = NULL;
    AUTO(image_free) Image *depth = NULL;

    CHECK_OK(image_new(4, 2, 3, DEPTH_8, &steps));
    for (int x = 0; x < 4; x++)
        ((uint8_t *)image_row_mut(steps, 0))[x * 3] = ((uint8_t *)image_row_mut(steps, 1))[x * 3] =
            (uint8_t)(100 + 10 * x);
    CHECK_OK(model_matte(studio.model, steps, NULL, &depth));
    CHECK_INT(image_width(depth), 4);
    CHECK_INT(image_height(depth), 2);
    for (int x = 0; x < 4; x++)
        CHECK(fabs(((const float *)image_row(depth, 0))[x] - x / 3.0) < 1e-5);
    studio_close(&studio);
}

TEST(a_letterboxed_photo_comes_back_without_its_borders)
{
    AUTO(image_free) Image *photo = NULL;
    AUTO(image_free) Image *mask = NULL;
    Studio studio = channel_studio(
        0, 1,
        "\"task\": \"matte\", \"input\": {\"width\": 16, \"height\": 16, \"fit\": \"letterbox\"}");

    CHECK_OK(image_flat(40, 20, (Colour){255, 0, 0, 255}, &photo));
    CHECK_OK(model_matte(studio.model, photo, NULL, &mask));
    CHECK_INT(image_width(mask), 16);
    CHECK_INT(image_height(mask), 8);
    for (int y = 0; y < 8; y++)
        CHECK(((const float *)image_row(mask, y))[0] == 1);
    studio_close(&studio);
}

TEST(a_network_that_gives_something_else_is_broken)
{
    AUTO(image_free) Image *photo = NULL;
    AUTO(image_free) Image *result = NULL;
    Studio studio =
        blur_studio("\"task\": \"upscale\", \"upscale\": {\"factor\": 3, \"overlap_px\": 2}", 1);

    CHECK_OK(image_flat(8, 8, (Colour){255, 0, 0, 255}, &photo));
    CHECK_ERR(
        model_upscale(studio.model, photo, NULL, &result), ERR_MODEL_BROKEN,
        "model 'tiny' does not enlarge 3 times");
    studio_close(&studio);

    studio = blur_studio("\"task\": \"matte\", \"input\": {\"width\": 8, \"height\": 8}", 1);
    CHECK_ERR(
        model_matte(studio.model, photo, NULL, &result), ERR_MODEL_BROKEN,
        "output of model 'tiny' is not one plane of values");
    studio_close(&studio);
}

static void part_note(void *parts_any, double part)
{
    double *parts = parts_any;

    CHECK(part > parts[0]);
    parts[0] = part;
    parts[1]++;
}

TEST(a_picture_enlarged_in_tiles_is_the_one_enlarged_whole)
{
    AUTO(image_free) Image *photo = noise_picture(101, 67);
    AUTO(image_free) Image *whole = NULL;
    AUTO(image_free) Image *tiled = NULL;
    Studio studio = blur_studio(UPSCALE_TILED("32", "2"), 2);
    double parts[2] = {0};

    CHECK_OK(model_upscale(studio.model, photo, &(ModelUpscaling){.tile_px = 4096}, &whole));
    CHECK_OK(model_upscale(
        studio.model, photo, &(ModelUpscaling){.progress = part_note, .context = parts}, &tiled));
    CHECK_INT(image_width(whole), 202);
    CHECK_INT(image_height(whole), 134);
    CHECK_INT(widest_difference(whole, tiled), 0);
    CHECK(parts[0] == 1 && parts[1] == 12);
    studio_close(&studio);
}

TEST(a_tile_sees_the_mirrored_picture_beyond_its_edge_even_of_one_pixel)
{
    AUTO(image_free) Image *photo = NULL;
    AUTO(image_free) Image *large = NULL;
    Studio studio = blur_studio(UPSCALE_TILED("16", "4"), 1);

    CHECK_OK(image_flat(1, 3, (Colour){90, 120, 240, 255}, &photo));
    CHECK_OK(model_upscale(studio.model, photo, NULL, &large));
    CHECK_INT(image_width(large), 2);
    CHECK_INT(image_height(large), 6);
    const uint8_t *first = image_row(large, 0), *last = image_row(large, 5);
    CHECK(memcmp(first, last, 6) == 0);
    studio_close(&studio);
}

static void ask_at_the_first(void *cancel, double part)
{
    (void)part;
    cancel_ask(cancel);
}

TEST(enlarging_stops_between_tiles_when_asked)
{
    AUTO(image_free) Image *photo = noise_picture(64, 64);
    AUTO(image_free) Image *large = NULL;
    Studio studio = blur_studio(UPSCALE_TILED("32", "2"), 1);
    Cancel cancel = CANCEL_INIT;
    ModelUpscaling options = {.cancel = &cancel, .progress = ask_at_the_first, .context = &cancel};

    CHECK_ERR(
        model_upscale(studio.model, photo, &options, &large), ERR_CANCELLED, "work was cancelled");
    CHECK(!large);
    studio_close(&studio);
}

enum {
    LONG_NODES = 600,
    LONG_SIDE = 1024
};

/* So many passes over so large a plane that nobody waits for its end. */
static Studio long_studio(void)
{
    static char names[LONG_NODES + 1][8];
    static Node nodes[LONG_NODES];

    for (int i = 0; i < LONG_NODES; i++) {
        snprintf(names[i], sizeof(names[i]), "n%d", i);
        nodes[i] = (Node){"Erf", {i ? names[i - 1] : "x"}, i + 1 < LONG_NODES ? names[i] : "y"};
    }
    Network network = {nodes, LONG_NODES, NULL, 0, {1, 1, 0, 0}, {1, 1, 0, 0}};

    return studio_open(&network, "\"task\": \"depth\", \"input\": {\"channels\": \"grey\"}", 1);
}

static void *ask_soon(void *cancel)
{
    nanosleep(&(struct timespec){.tv_nsec = 30 * 1000 * 1000}, NULL);
    cancel_ask(cancel);
    return NULL;
}

TEST(a_run_stops_in_the_middle_when_asked_and_the_next_one_runs)
{
    Studio studio = long_studio();
    AUTO(free) float *values = calloc(LONG_SIDE * LONG_SIDE, sizeof(*values));
    ModelTensor input = {.values = values, .sides = {1, 1, LONG_SIDE, LONG_SIDE}, .rank = 4};
    ModelTensor output = {0};
    ModelRun run = {&input, 1, &output, 1};
    Cancel cancel = CANCEL_INIT;
    pthread_t asker;

    pthread_create(&asker, NULL, ask_soon, &cancel);
    AUTO(err_free) Err *err = model_run(studio.model, &run, &cancel);
    pthread_join(asker, NULL);
    CHECK(err);
    CHECK_TEXT(err_name(err_code(err)), err_name(ERR_CANCELLED));
    CHECK(!output.values && !output.hold_);

    input.sides[2] = input.sides[3] = 2;
    CHECK_OK(model_run(studio.model, &run, NULL));
    CHECK_INT(model_tensor_count(&output), 4);
    CHECK(output.values[3] == 0);
    model_tensor_done(&output);
    studio_close(&studio);
}

TEST(a_run_keeps_to_its_inputs_and_leaves_arithmetic_as_it_was)
{
    Studio studio =
        channel_studio(0, 1, "\"task\": \"matte\", \"input\": {\"width\": 2, \"height\": 1}");
    float values[6] = {FLT_MIN / 2, 1, 2, 3, 4, 5};
    ModelTensor input = {.values = values, .sides = {1, 3, 1, 2}, .rank = 4};
    ModelTensor output = {0};
    volatile float least = FLT_MIN;

    CHECK_OK(model_run(studio.model, &(ModelRun){&input, 1, &output, 1}, NULL));
    model_tensor_done(&output);
    CHECK(least / 2 != 0);
    input.name = "z";
    ModelTensor none = {0};
    AUTO(err_free) Err *err = model_run(studio.model, &(ModelRun){&input, 1, &none, 1}, NULL);
    CHECK_TEXT(err_name(err_code(err)), err_name(ERR_MODEL_FAILED));
    studio_close(&studio);
}

enum {
    CALLERS = 8
};

typedef struct Crowd {
    Studio *studio;
    const Image *photo;
    Model *models[CALLERS];
    Image *results[CALLERS];
    Err *errs[CALLERS];
} Crowd;

static void crowd_work(void *crowd_any, size_t caller)
{
    Crowd *crowd = crowd_any;

    crowd->errs[caller] = models_load(crowd->studio->models, "tiny", &crowd->models[caller]);
    if (!crowd->errs[caller])
        crowd->errs[caller] =
            model_upscale(crowd->models[caller], crowd->photo, NULL, &crowd->results[caller]);
}

TEST(eight_callers_share_one_load_and_get_equal_bytes)
{
    AUTO(image_free) Image *photo = noise_picture(70, 50);
    Studio studio = blur_studio(UPSCALE_TILED("32", "2"), 1);
    AUTO(models_close) Models *fresh = NULL;
    ModelsOptions options = {.folder = studio.folder, .runtime = runtime_path(studio.mem)};
    Crowd crowd = {.studio = &studio, .photo = photo};

    CHECK_OK(models_open(&options, &fresh)); /* nothing is loaded in this one yet */
    models_close(studio.models);
    studio.models = TAKE(fresh);
    crew_run(CALLERS, CALLERS, crowd_work, &crowd);
    for (int i = 0; i < CALLERS; i++) {
        CHECK_OK(crowd.errs[i]);
        CHECK(crowd.models[i] == crowd.models[0]);
        CHECK_INT(widest_difference(crowd.results[0], crowd.results[i]), 0);
    }
    for (int i = 0; i < CALLERS; i++)
        image_free(crowd.results[i]);
    studio_close(&studio);
}

TEST(any_number_of_threads_gives_the_same_bytes)
{
    AUTO(image_free) Image *photo = noise_picture(120, 90);
    AUTO(image_free) Image *by_one = NULL;
    AUTO(image_free) Image *by_three = NULL;
    Studio studio = blur_studio(UPSCALE_TILED("64", "2"), 1);

    CHECK_OK(model_upscale(studio.model, photo, NULL, &by_one));
    studio_close(&studio);
    studio = blur_studio(UPSCALE_TILED("64", "2"), 3);
    CHECK_OK(model_upscale(studio.model, photo, NULL, &by_three));
    CHECK_INT(widest_difference(by_one, by_three), 0);
    studio_close(&studio);
}

TEST(a_file_that_is_no_network_is_broken)
{
    Studio studio = channel_studio(0, 1, "\"task\": \"matte\"");
    AUTO(models_close) Models *models = NULL;
    ModelsOptions options = {.folder = studio.folder, .runtime = runtime_path(studio.mem)};
    Model *model = NULL;

    CHECK_OK(file_write(path_join(studio.mem, studio.folder, "tiny.onnx"), "no network", 10));
    CHECK_OK(models_open(&options, &models));
    AUTO(err_free) Err *err = models_load(models, "tiny", &model);
    CHECK(err);
    CHECK_TEXT(err_name(err_code(err)), err_name(ERR_MODEL_BROKEN));
    studio_close(&studio);
}
