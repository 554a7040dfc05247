/* How a recipe is carried out: step after step, each looked for in the cache first. */
#include <string.h>

#include "base/clock.h"
#include "base/dice.h"
#include "recipe/recipe.h"
#include "watch/metric.h"

typedef struct Watching {
    const RecipeContext *context;
    const Step *step;
    double before, share; /* of the whole recipe: done before this step, and the step's own part */
} Watching;

static void step_watch(void *watching_any, double done)
{
    const Watching *watching = watching_any;

    watching->context->progress(
        watching->context->watcher, watching->step, watching->before + watching->share * done);
}

/* What a step's result is known by: the shot so far, the step, its version, its options in full, its seed. */
static Hash state_after(const Recipe *recipe, size_t index, const StepRun *run, Hash before)
{
    const Step *step = recipe_step(recipe, index);
    const void *options = recipe_options(recipe, index);
    AUTO(hasher_free) Hasher *hasher = hasher_new();
    AUTO(value_free) Value *json = shape_write(&step->options, options);
    /* A recipe's own text is bounded, but short numbers in it may be written longer. */
    AUTO(buf_done) Buf text = BUF(64 << 20);
    AUTO(err_free) Err *err = value_write(json, VALUE_CANONICAL, &text);

    if (err)
        abort();
    hasher_add(hasher, before.bytes, sizeof(before.bytes));
    hasher_add_text(hasher, step->name);
    hasher_add_number(hasher, step->version);
    hasher_add_text(hasher, buf_text(&text));
    if (step->is_random)
        hasher_add_number(hasher, (int64_t)run->seed);
    if (step->identify)
        step->identify(run, options, hasher);
    return hasher_done(hasher);
}

/* A step keeps its seed when others are put before it. */
static uint64_t step_seed(uint64_t seed, const Step *step)
{
    Hash name = hash_bytes(step->name, strlen(step->name));
    uint64_t number;

    memcpy(&number, name.bytes, sizeof(number));
    return dice_hash(seed, number);
}

/* A step that may work on anything can have composed the picture early; nothing can be put behind the product after that. */
static MUST Err *order_check(const Step *step, const Shot *shot)
{
    if (!shot->finished || step->phase == PHASE_ANY || step->phase >= PHASE_PICTURE)
        return NULL;
    return err_public(
        err_new(ERR_INPUT_INVALID, "step '%s' comes after the picture was composed", step->name),
        "The step '%s' comes too late: a step before it has worked on the whole picture already.",
        step->name);
}

static Work step_work(const Step *step, const void *options)
{
    if (step->work)
        return step->work(options);
    return step->phase == PHASE_FILE ? WORK_NONE : WORK_EDITED;
}

static MUST Err *
step_perform(const Recipe *recipe, size_t index, const RecipeContext *context, Shot *shot)
{
    const Step *step = recipe_step(recipe, index);
    double share = 1.0 / (double)recipe_step_count(recipe);
    Watching watching = {context, step, share * (double)index, share};
    StepRun run = {
        .models = context->models,
        .threads = context->threads,
        .seed = step_seed(context->seed, step),
        .is_varied = context->seed != 0,
        .cancel = context->cancel,
        .progress = context->progress ? step_watch : NULL,
        .watcher = &watching,
    };

    TRY(cancel_check(context->cancel));
    TRY(order_check(step, shot));
    if (context->progress)
        step_watch(&watching, 0);

    shot->work = MAX(shot->work, step_work(step, recipe_options(recipe, index)));
    Hash before = shot->state;
    shot->state = state_after(recipe, index, &run, before);
    if (step->is_cached && context->cache && step_cache_find(context->cache, shot))
        return NULL;

    int64_t began_ms = clock_ticks_ms();
    TRY(step->run(&run, recipe_options(recipe, index), shot));
    metric_observe(METRIC_STEP_SECONDS, clock_ticks_ms() - began_ms, step->name);
    if (step->is_cached && context->cache)
        step_cache_keep(context->cache, shot);
    return NULL;
}

/* A recipe that does not say how to encode gets the encode step as it is when told nothing. */
static MUST Err *encode_plain(const RecipeContext *context, Shot *shot)
{
    AUTO(arena_free) Arena *mem = arena_new();
    void *options = arena_take(mem, step_encode.options.size);
    StepRun run = {.threads = context->threads, .cancel = context->cancel};

    TRY(shape_read(&step_encode.options, NULL, mem, options));
    return step_encode.run(&run, options, shot);
}

Err *recipe_perform(const Recipe *recipe, const RecipeContext *context, Shot *shot)
{
    shot->program = context->program;
    shot->recipe = recipe_facts(recipe)->name;
    for (size_t i = 0; i < recipe_step_count(recipe); i++)
        TRY(step_perform(recipe, i, context, shot));
    return shot->encoded.size ? NULL : encode_plain(context, shot);
}

Hash recipe_key(const Recipe *recipe, const RecipeContext *context, Hash photo)
{
    Hash key = photo;

    for (size_t i = 0; i < recipe_step_count(recipe); i++) {
        StepRun run = {
            .models = context->models,
            .seed = step_seed(context->seed, recipe_step(recipe, i)),
            .is_varied = context->seed != 0,
        };

        key = state_after(recipe, i, &run, key);
    }
    return key;
}

ImageFormat recipe_format(const Recipe *recipe)
{
    ImageFormat format = IMAGE_PNG;

    for (size_t i = 0; i < recipe_step_count(recipe); i++)
        if (recipe_step(recipe, i) == &step_encode)
            format = step_encode_format(recipe_options(recipe, i));
    return format;
}
