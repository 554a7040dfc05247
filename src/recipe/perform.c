/* How a recipe is carried out: step after step, each looked for in the cache first. */
#include <string.h>

#include "base/clock.h"
#include "base/dice.h"
#include "recipe/recipe.h"
#include "watch/metric.h"
#include "watch/watch.h"

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

bool step_is_hired(const Step *step, const void *options, const Vendors *vendors)
{
    const StepVendor *vendor = step->vendor;

    return vendor && vendors_serve(vendors, vendor->ability) &&
           (!vendor->is_wished || vendor->is_wished(options));
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
    if (step_is_hired(step, options, run->vendors)) {
        hasher_add_number(hasher, step->vendor->version);
        vendors_identify(run->vendors, step->vendor->ability, hasher);
    }
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

/* ---- who does it ---- */

static const char builtin[] = "builtin";

/* Does the house do itself what ERR kept a vendor from doing? */
static bool house_stands_in(const RecipeContext *context, const Err *err)
{
    switch (err_code(err)) {
    case ERR_CANCELLED:
    case ERR_TIMED_OUT:
    case ERR_MEMORY_SPENT:
    case ERR_BUG:
        return false;
    default:
        return !context->is_vendor_only;
    }
}

/* "fal, openai"; in MEM. */
static const char *route_words(const StepRun *run, const Step *step, Arena *mem)
{
    const Texts route = vendors_route(run->vendors, step->vendor->ability);
    const char *words = "";

    for (size_t i = 0; i < route.count; i++)
        words = arena_print(mem, "%s%s%s", words, i ? ", " : "", route.items[i]);
    return words;
}

static Value *doer(Shot *shot, const Step *step)
{
    if (!shot->doers)
        shot->doers = value_object();
    if (!value_get(shot->doers, step->name))
        value_set(shot->doers, step->name, value_object());
    return (Value *)(uintptr_t)value_get(shot->doers, step->name);
}

/* What the step cost this time: nothing when its result was kept from another. */
static void cost_note(Shot *shot, const Step *step)
{
    int64_t cost_micro_usd = 0, took_ms = 0;

    for (size_t i = 0; i < value_count(shot->bills); i++) {
        const Value *bill = value_at(shot->bills, i);

        if (strcmp(value_text(value_get(bill, "step")), step->name) != 0)
            continue;
        cost_micro_usd += value_int(value_get(bill, "cost_micro_usd"));
        took_ms += value_int(value_get(bill, "took_ms"));
    }
    value_set(doer(shot, step), "cost_micro_usd", value_of_int(cost_micro_usd));
    value_set(doer(shot, step), "took_ms", value_of_int(took_ms));
}

/* The house did it, in place of WHOM unless that is NULL. */
static void house_note(Shot *shot, const Step *step, const char *whom, const Err *why)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Value *note = doer(shot, step);

    value_set(note, "provider", value_of_text(builtin));
    if (!whom)
        return;
    value_set(note, "instead_of", value_of_text(whom));
    value_set(note, "because", value_of_text(err_text(why)));
    value_set(
        note, "note",
        value_of_text(arena_print(
            mem, "The built-in studio did this in place of %s. %s", whom, err_text(why))));
    cost_note(shot, step);
}

typedef struct Performing {
    const Recipe *recipe;
    size_t index;
    const RecipeContext *context;
    const Step *step;
    const void *options;
    StepRun run;
    Hash before;
} Performing;

/* Take the result from the cache, or make it by DO and keep it. */
static MUST Err *result_bring(
    const Performing *performing, Err *(*do_it)(const StepRun *, const void *, Shot *), Shot *shot)
{
    const Step *step = performing->step;
    StepCache *cache = step->is_cached ? performing->context->cache : NULL;

    shot->state =
        state_after(performing->recipe, performing->index, &performing->run, performing->before);
    if (cache && step_cache_find(cache, shot))
        return NULL;
    int64_t began_ms = clock_ticks_ms();
    TRY(do_it(&performing->run, performing->options, shot));
    metric_observe(METRIC_STEP_SECONDS, clock_ticks_ms() - began_ms, step->name);
    if (cache)
        step_cache_keep(cache, shot);
    return NULL;
}

/* What the house did in a vendor's place is known by the house's own name, so that nobody takes it for the vendor's later. */
static MUST Err *house_bring(Performing *performing, const char *whom, const Err *why, Shot *shot)
{
    const Step *step = performing->step;
    bool could_hire =
        step->vendor && (!step->vendor->is_wished || step->vendor->is_wished(performing->options));

    performing->run.vendors = NULL;
    shot->work = MAX(shot->work, step_work(step, performing->options));
    TRY(result_bring(performing, step->run, shot));
    if (could_hire)
        house_note(shot, step, whom, why);
    return NULL;
}

static MUST Err *vendor_bring(Performing *performing, Shot *shot)
{
    const Step *step = performing->step;
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *notes = value_copy(shot->notes);
    AUTO(err_free) Err *err = result_bring(performing, step->vendor->run, shot);

    if (!err) {
        shot->work = MAX(shot->work, step->vendor->work);
        cost_note(shot, step);
        return NULL;
    }
    if (!house_stands_in(performing->context, err))
        return TAKE(err);
    watch_err("step.not_by_vendor", err, step->name);
    value_free(shot->notes); /* what was noted of work that was not taken */
    shot->notes = TAKE(notes);
    return house_bring(performing, route_words(&performing->run, step, mem), err, shot);
}

/* ---- one step ---- */

static const char *ask_key(const RecipeContext *context, size_t index, const Step *step, Arena *mem)
{
    return context->key ? arena_print(mem, "%s/%zu-%s", context->key, index, step->name) : NULL;
}

static MUST Err *
step_perform(const Recipe *recipe, size_t index, const RecipeContext *context, Shot *shot)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const Step *step = recipe_step(recipe, index);
    double share = 1.0 / (double)recipe_step_count(recipe);
    Watching watching = {context, step, share * (double)index, share};
    Performing performing = {
        .recipe = recipe,
        .index = index,
        .context = context,
        .step = step,
        .options = recipe_options(recipe, index),
        .before = shot->state,
        .run =
            {
                .models = context->models,
                .threads = context->threads,
                .seed = step_seed(context->seed, step),
                .is_varied = context->seed != 0,
                .vendors = context->vendors,
                .tenant_id = context->tenant_id,
                .name = step->name,
                .key = ask_key(context, index, step, mem),
                .cancel = context->cancel,
                .progress = context->progress ? step_watch : NULL,
                .watcher = &watching,
            },
    };

    TRY(cancel_check(context->cancel));
    TRY(order_check(step, shot));
    if (context->progress)
        step_watch(&watching, 0);
    return step_is_hired(step, performing.options, context->vendors)
               ? vendor_bring(&performing, shot)
               : house_bring(&performing, NULL, NULL, shot);
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

static void doers_note(Shot *shot)
{
    for (ValueMember step = value_first(shot->doers); step.name;
         step = value_next(shot->doers, step))
        for (ValueMember m = value_first(step.value); m.name; m = value_next(step.value, m))
            shot_note(shot, step.name, m.name, value_ref(m.value));
}

Err *recipe_perform(const Recipe *recipe, const RecipeContext *context, Shot *shot)
{
    shot->program = context->program;
    shot->recipe = recipe_facts(recipe)->name;
    for (size_t i = 0; i < recipe_step_count(recipe); i++)
        TRY(step_perform(recipe, i, context, shot));
    doers_note(shot);
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
            .vendors = context->vendors,
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
