/* From options to a recipe, photos and names. */
#include "app/plan.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "recipe/describe.h"

enum {
    RECIPE_BYTES_MAX = 1 << 20,
    JOBS_MAX = 64,
    HOUSE_MB = 1000, /* the program and a loaded network */
    PHOTO_MB = 800,  /* one photo in work, with a network's run */
};

static const char default_template[] = "marketplace-white", scene_recipe[] = "scene";

const char *const plan_formats[] = {"auto", "png", "jpeg", "jpg", "webp", "avif", "tiff", NULL};

void plan_done(Plan *plan)
{
    recipe_free(plan->recipe);
    plan->recipe = NULL;
}

int plan_jobs(const JobsWish *wish)
{
    int64_t most = MIN((int64_t)wish->photos, JOBS_MAX);
    int64_t fits = MAX((wish->memory_mb - HOUSE_MB) / PHOTO_MB, (int64_t)1);
    int64_t jobs = wish->asked ? wish->asked : MIN((int64_t)wish->cores, fits);

    return (int)MAX(MIN(jobs, most), (int64_t)1);
}

/* ---- the recipe ---- */

static MUST Err *recipe_open_file(const char *path, Recipe **ret)
{
    AUTO(buf_done) Buf text = BUF(RECIPE_BYTES_MAX);
    AUTO(value_free) Value *json = NULL;

    if (!file_exists(path))
        return err_public(
            err_new(ERR_NOT_FOUND, "no recipe file '%s'", path),
            "There is no recipe file %s. Check the name, or take one of 'cyclorama recipes'.",
            path);
    TRY(file_read(path, &text));
    TRY(value_parse(buf_text(&text), text.size, &json));
    return recipe_read(json, ret);
}

/* Say which file, and where in it. */
static MUST Err *recipe_err_in(Err *err, const char *path)
{
    if (!err || err_code(err) == ERR_NOT_FOUND)
        return err;

    AUTO(arena_free) Arena *mem = arena_new();
    const char *text = arena_text(mem, err_text(err));
    const char *where = err_where(err);
    return err_public(err, "%s%s%s: %s", path, where ? ", at " : "", where ? where : "", text);
}

static MUST Err *recipe_open(const char *name, Recipe **ret)
{
    bool is_file = strchr(name, '/') || strcasecmp(path_ending(name), "json") == 0;

    return is_file ? recipe_err_in(recipe_open_file(name, ret), name) : recipe_find(name, ret);
}

static bool recipe_has(const Recipe *recipe, const char *step)
{
    for (size_t i = 0; i < recipe_step_count(recipe); i++)
        if (strcmp(recipe_step(recipe, i)->name, step) == 0)
            return true;
    return false;
}

/* A recipe that ends without a word on the file gets the plain encode step, so that --format has something to set. */
static MUST Err *recipe_complete(Recipe **recipe)
{
    Recipe *complete = NULL;

    if (recipe_has(*recipe, "encode"))
        return NULL;

    AUTO(value_free) Value *json = recipe_write(*recipe);
    Value *encode = value_object();
    value_set(encode, "step", value_of_text("encode"));
    value_add((Value *)(uintptr_t)value_get(json, "steps"), encode);
    TRY(recipe_read(json, &complete));
    recipe_free(*recipe);
    *recipe = complete;
    return NULL;
}

static MUST Err *option_set(
    Recipe *recipe, const char *flag, const char *step, const char *option, const char *words)
{
    bool found;

    TRY(recipe_set_option(recipe, step, option, words, &found));
    if (found)
        return NULL;
    return err_public(
        err_new(ERR_INPUT_INVALID, "%s needs a step '%s'", flag, step),
        "%s cannot be used here: this recipe has no step '%s'.", flag, step);
}

/* "1200x800", or "1200" for a square. */
static MUST Err *size_set(Recipe *recipe, const char *size)
{
    int width = 0, height = 0, read = 0;
    char text[16];

    if (sscanf(size, "%5dx%5d%n", &width, &height, &read) != 2) {
        read = 0;
        if (sscanf(size, "%5d%n", &width, &read) == 1)
            height = width;
    }
    if (width <= 0 || height <= 0 || size[read])
        return err_public(
            err_new(ERR_INPUT_INVALID, "'%s' is no size", size),
            "--size cannot be '%s'. Write width x height in pixels, such as 1200x800.", size);
    snprintf(text, sizeof(text), "%d", width);
    TRY(option_set(recipe, "--size", "place", "width_px", text));
    snprintf(text, sizeof(text), "%d", height);
    return option_set(recipe, "--size", "place", "height_px", text);
}

static const char *format_word(const char *word)
{
    return strcmp(word, "jpg") == 0 ? "jpeg" : word;
}

/* ---- a set in words ---- */

/* Words choose a set when nothing else was named; else they tune the one that the recipe has, or give it one. */
static MUST Err *scene_describe(const RenderOptions *options, Plan *plan, Arena *mem)
{
    return recipe_describe(
        plan->recipe,
        &(SetWish){
            .words = options->scene,
            .seed = (uint64_t)options->seed,
            .keeps_own = *options->template || *options->recipe,
        },
        mem, &plan->scene_words);
}

static MUST Err *options_set(const RenderOptions *options, Plan *plan, Arena *mem)
{
    Recipe *recipe = plan->recipe;
    char quality[8];

    if (options->format)
        TRY(option_set(
            recipe, "--format", "encode", "format", format_word(plan_formats[options->format])));
    if (options->quality) {
        snprintf(quality, sizeof(quality), "%d", (int)options->quality);
        TRY(option_set(recipe, "--quality", "encode", "quality", quality));
    }
    if (options->size && *options->size)
        TRY(size_set(recipe, options->size));
    if (*options->scene)
        TRY(scene_describe(options, plan, mem));
    if (options->preview)
        TRY(option_set(recipe, "--preview", "cutout", "mode", "preview"));
    for (size_t i = 0; i < options->set.count; i++)
        TRY(recipe_set(recipe, options->set.items[i]));
    return NULL;
}

static MUST Err *recipe_choose(const RenderOptions *options, Plan *plan)
{
    const char *template = options->template, *recipe = options->recipe;

    if (*template && *recipe)
        return err_public(
            err_new(ERR_INPUT_INVALID, "both a template and a recipe are named"),
            "Name a template or a recipe, not both.");
    if (*recipe)
        return recipe_open(recipe, &plan->recipe);
    if (!*template && *options->scene)
        return recipe_find(scene_recipe, &plan->recipe);
    if (!*template)
        template = plan->chosen_by_us = default_template;
    return recipe_find(template, &plan->recipe);
}

/* ---- where the pictures go ---- */

bool plan_format_of_ending(const char *name, ImageFormat *ret)
{
    static const struct {
        const char *ending;
        ImageFormat format;
    } rows[] = {
        {"png", IMAGE_PNG},   {"jpg", IMAGE_JPEG},  {"jpeg", IMAGE_JPEG},
        {"webp", IMAGE_WEBP}, {"avif", IMAGE_AVIF}, {"tif", IMAGE_TIFF},
        {"tiff", IMAGE_TIFF}, {"heic", IMAGE_HEIC}, {"heif", IMAGE_HEIC},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcasecmp(path_ending(name), rows[i].ending) == 0) {
            *ret = rows[i].format;
            return true;
        }
    return false;
}

static MUST Err *
file_output(const RenderOptions *options, ImageFormat format, Plan *plan, Arena *mem)
{
    const char *out = options->output;

    if (format == IMAGE_HEIC)
        return err_public(
            err_new(ERR_INPUT_INVALID, "HEIC cannot be written"),
            "HEIC pictures can be read but not written. End the name in .jpg, .png, .webp, .avif "
            "or .tiff.");
    if (!options->format)
        TRY(option_set(plan->recipe, "-o", "encode", "format", image_format_name(format)));
    if (recipe_format(plan->recipe) != format)
        return err_public(
            err_new(ERR_INPUT_INVALID, "'%s' would not be %s", out, image_format_name(format)),
            "The name ends in .%s, but the format asked for is %s. Change one of them.",
            path_ending(out), image_format_name(recipe_format(plan->recipe)));

    plan->is_one_file = true;
    plan->folder = path_folder(mem, out);
    plan->photos.items[0].output = path_name(out);
    return NULL;
}

static MUST Err *output_choose(const RenderOptions *options, Plan *plan, Arena *mem)
{
    const char *out = options->output;
    ImageFormat format;
    bool is_file =
        !folder_exists(out) && out[strlen(out) - 1] != '/' && plan_format_of_ending(out, &format);

    if (is_file && plan->photos.count > 1)
        return err_public(
            err_new(ERR_INPUT_INVALID, "'%s' is a file for %zu photos", out, plan->photos.count),
            "%zu pictures cannot all become %s. Name a folder with -o.", plan->photos.count, out);
    if (is_file)
        TRY(file_output(options, format, plan, mem));
    else {
        plan->folder = out;
        photos_name(&plan->photos, image_format_ending(recipe_format(plan->recipe)), mem);
    }
    TRY(folder_make(plan->folder));
    return photos_check_apart(&plan->photos, plan->folder, mem);
}

Err *plan_make(const RenderOptions *options, const Texts *words, Arena *mem, Plan *ret)
{
    AUTO(plan_done) Plan plan = {0};
    PhotoSearch search = {words, options->output, options->recursive};

    if (!*options->output && !options->quote)
        return err_public(
            err_new(ERR_INPUT_MISSING, "no output is named"),
            "Say where the pictures go: -o FOLDER, or -o FILE for a single photo.");
    TRY(recipe_choose(options, &plan));
    TRY(recipe_complete(&plan.recipe));
    TRY(options_set(options, &plan, mem));
    TRY(photos_find(&search, mem, &plan.photos));
    if (!options->quote)
        TRY(output_choose(options, &plan, mem));
    if (plan.is_one_file && options->resume)
        return err_public(
            err_new(ERR_INPUT_INVALID, "--resume with a single file"),
            "--resume needs a folder: it goes on with the pictures that are missing there.");
    *ret = plan;
    plan.recipe = NULL;
    return NULL;
}
